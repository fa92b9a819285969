//! R13: the court moved the hearing to an earlier date than the person's paper or an earlier record says.
//! It is said twice.

use super::Looked;
use crate::assertion::Value;
use crate::finding::{Finding, Rule};

/// The court's codes for "advanced": 55 by the court, 5A on a motion, 9B in docket management.
const ADVANCED: [&str; 3] = ["55", "5A", "9B"];

/// The next hearing lies before a later one that was called off; or an adjournment of a still future day has a code
/// that says "advanced".
pub fn check(looked: &Looked<'_>) -> Option<Finding> {
    let (next_place, _, next) = looked.current.future.first()?;
    looked.assertions.iter().enumerate().find_map(|(place, assertion)| match &assertion.value {
        Value::Adjourned { was, reason } => {
            let advanced = reason.as_deref().is_some_and(|code| ADVANCED.contains(&code));
            (was.date > next.date && (advanced || was.date >= looked.today))
                .then(|| Finding { rule: Rule::HearingMovedEarlier, rests_on: vec![*next_place, place] })
        }
        _ => None,
    })
}
