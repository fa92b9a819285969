//! R17: the rows of one number cannot all be of one person. Nothing of them is read out, not even what seems right.
//! It is noticed while a feed is parsed; only that it was noticed is kept.

use super::Looked;
use crate::assertion::Value;
use crate::finding::{Finding, Rule};

/// The newest word of a source is that its rows may be of two people.
pub fn check(looked: &Looked<'_>) -> Option<Finding> {
    let place = looked.assertions.iter().rposition(|a| a.value == Value::MaybeTwoPeople)?;
    let source = looked.assertions.get(place)?;
    let newer = looked.assertions.iter().any(|a| a.source == source.source && a.observed_at > source.observed_at);
    (!newer).then(|| Finding { rule: Rule::TwoPeopleUnderOneNumber, rests_on: vec![place] })
}
