//! R04: the next hearing is on a weekend, a federal holiday, at midnight, or in a year that no court sets.
//! It is never said to be wrong, only that it may not be a real court date.

use super::Looked;
use crate::finding::{Finding, Rule};
use crate::paper::is_impossible_hearing;
use crate::source::SourceKind;

/// Looks at every current future date.
pub fn check(looked: &Looked<'_>) -> Option<Finding> {
    let rests_on: Vec<usize> = looked
        .current
        .future
        .iter()
        .filter(|(_, source, at)| {
            // The court's tables write midnight, or nothing, where no time was set.
            let has_no_time = *source == SourceKind::CourtFeed && at.time.is_none();
            has_no_time || is_impossible_hearing(at.date, at.time, looked.today)
        })
        .map(|row| row.0)
        .collect();
    (!rests_on.is_empty()).then_some(Finding { rule: Rule::ImpossibleHearingDate, rests_on })
}
