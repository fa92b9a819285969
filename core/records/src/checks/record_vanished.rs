//! R16: the whole record was in an earlier version of a source and is not in the newest, without a closing event.
//! It is a problem to fix, never a deletion; a lawyer first.

use super::Looked;
use crate::assertion::Value;
use crate::finding::{Finding, Rule};

/// A source's newest word is that the record is gone, and no decision closed it.
pub fn check(looked: &Looked<'_>) -> Option<Finding> {
    let (place, _) = looked.current.vanished.first()?;
    let closed = looked.assertions.iter().any(|a| matches!(a.value, Value::Decision { .. }));
    (!closed).then(|| Finding { rule: Rule::RecordVanished, rests_on: vec![*place] })
}
