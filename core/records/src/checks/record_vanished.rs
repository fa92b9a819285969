//! R16: the whole record was in an earlier version of a source and is not in the newest, without a closing event.
//! It is a problem to fix, never a deletion; a lawyer first.

use super::Looked;
use crate::assertion::Value;
use crate::finding::{Finding, Rule};

/// A source's newest word is that the record is gone, and no decision closed it. A decision after which a hearing was
/// set or called off closed nothing: the case had been opened again.
pub fn check(looked: &Looked<'_>) -> Option<Finding> {
    let (place, _) = looked.current.vanished.first()?;
    let is_reopened = |decided_on| {
        looked.assertions.iter().any(|a| {
            let is_hearing =
                matches!(a.value, Value::Hearing { .. } | Value::AlsoHearing { .. } | Value::Adjourned { .. });
            is_hearing && a.effective_on.is_some_and(|set_on| set_on > decided_on)
        })
    };
    let is_closed = looked.assertions.iter().any(|a| matches!(a.value, Value::Decision { on, .. } if !is_reopened(on)));
    (!is_closed).then(|| Finding { rule: Rule::RecordVanished, rests_on: vec![*place] })
}
