//! R14: a coming hearing was in the court's source and is gone without a reason.
//! That does not mean that it is off.

use super::Looked;
use crate::assertion::Value;
use crate::finding::{Finding, Rule};

/// Codes by which the court takes a hearing off without a new one: 9C and 9V off calendar, 59 closure, TQ.
const OFF_CALENDAR: [&str; 4] = ["9C", "9V", "59", "TQ"];

/// The newest word of the source is "none"; and either it took a day that is still to come off its calendar, or an older
/// version of it named such a day and no reason explains where that went (an off-calendar code is as good as none).
pub fn check(looked: &Looked<'_>) -> Option<Finding> {
    let (none_place, source) = looked.current.none.first()?;
    let explained = |day| {
        looked.assertions.iter().any(|a| {
            matches!(&a.value, Value::Adjourned { was, reason, .. } if was.date == day
                && reason.as_deref().is_some_and(|code| !OFF_CALENDAR.contains(&code)))
        })
    };
    let place = looked.assertions.iter().position(|assertion| {
        assertion.source == *source
            && match &assertion.value {
                Value::Hearing { at, .. } | Value::AlsoHearing { at } => at.date >= looked.today && !explained(at.date),
                Value::Adjourned { was, reason, .. } => {
                    was.date >= looked.today
                        && reason.as_deref().is_some_and(|code| OFF_CALENDAR.contains(&code))
                        && !explained(was.date)
                }
                _ => false,
            }
    })?;
    Some(Finding { rule: Rule::HearingVanished, rests_on: vec![place, *none_place] })
}
