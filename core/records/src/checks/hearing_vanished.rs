//! R14: a coming hearing was in the court's source and is gone without a reason.
//! That does not mean that it is off.

use super::Looked;
use crate::assertion::Value;
use crate::finding::{Finding, Rule};

/// Codes by which the court takes a hearing off without a new one: 9C off calendar, 59 closure, TQ.
const OFF_CALENDAR: [&str; 3] = ["9C", "59", "TQ"];

/// The newest word of the source is "none"; an older one named a day that is still to come, and no adjournment of that
/// day explains it (or one with an off-calendar code does, which is as good as no explanation).
pub fn check(looked: &Looked<'_>) -> Option<Finding> {
    let (none_place, source) = looked.current.none.first()?;
    let explained = |day| {
        looked.assertions.iter().any(|a| {
            matches!(&a.value, Value::Adjourned { was, reason } if was.date == day
                && reason.as_deref().is_some_and(|code| !OFF_CALENDAR.contains(&code)))
        })
    };
    looked.assertions.iter().enumerate().find_map(|(place, assertion)| match &assertion.value {
        Value::Hearing { at, .. } if assertion.source == *source && at.date >= looked.today && !explained(at.date) => {
            Some(Finding { rule: Rule::HearingVanished, rests_on: vec![place, *none_place] })
        }
        _ => None,
    })
}
