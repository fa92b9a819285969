//! R21: the court's code 54 stands in the record; it arrives here as "adjourned: lawyer-first" and nothing more.
//! Nothing is asked, judged or stored about it.

use super::Looked;
use crate::assertion::Value;
use crate::finding::{Finding, Rule};

/// Any such row.
pub fn check(looked: &Looked<'_>) -> Option<Finding> {
    looked.assertions.iter().enumerate().find_map(|(place, assertion)| {
        matches!(assertion.value, Value::AdjournedLawyerFirst)
            .then(|| Finding { rule: Rule::LawyerFirstCode, rests_on: vec![place] })
    })
}
