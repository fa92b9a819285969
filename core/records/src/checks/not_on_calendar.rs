//! R05: the person's paper names a coming hearing and the court's own source shows none.
//! It can appear at the last minute: the safe action is to check every day and to go.

use super::Looked;
use crate::finding::{Finding, Rule};
use crate::source::SourceKind;

/// The paper has a future date and the newest word of a court source is that there is none.
pub fn check(looked: &Looked<'_>) -> Option<Finding> {
    let paper = looked.current.future.iter().find(|row| row.1 == SourceKind::Notice)?;
    let court = looked.current.none.first()?;
    let court_has_one = looked.current.future.iter().any(|row| row.1 != SourceKind::Notice);
    (!court_has_one).then(|| Finding { rule: Rule::NotOnCalendar, rests_on: vec![paper.0, court.0] })
}
