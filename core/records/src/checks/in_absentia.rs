//! R19: the record holds an order made because the person was not there. There may be grounds to ask to reopen.
//! A lawyer first, and time limits are short.

use super::Looked;
use crate::assertion::Value;
use crate::finding::{Finding, Rule};

/// Any in-absentia order on the record is spoken first. Whether it was excused is for a lawyer: this check asks for
/// less than R19's full rule so as never to miss one.
pub fn check(looked: &Looked<'_>) -> Option<Finding> {
    looked.assertions.iter().enumerate().find_map(|(place, assertion)| {
        matches!(assertion.value, Value::Decision { in_absentia: true, .. })
            .then(|| Finding { rule: Rule::InAbsentia, rests_on: vec![place] })
    })
}
