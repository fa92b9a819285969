//! R01: two current sources give different dates or times for the next hearing.
//! Both are told, the earlier one first; none is averaged, none outvoted.

use super::Looked;
use crate::finding::{Finding, Rule};

/// A time that one source lacks is no disagreement; another day, or another time on the same day, is.
pub fn check(looked: &Looked<'_>) -> Option<Finding> {
    let future = &looked.current.future;
    let (_, _, first) = future.first()?;
    let differs = future
        .iter()
        .any(|(_, _, at)| at.date != first.date || at.time.zip(first.time).is_some_and(|(this, that)| this != that));
    differs.then(|| Finding { rule: Rule::HearingDatesDisagree, rests_on: future.iter().map(|row| row.0).collect() })
}
