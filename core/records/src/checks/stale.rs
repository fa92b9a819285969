//! R15: the newest observation is older than its source may be.
//! The date is said; so is that it could not be refreshed.

use super::Looked;
use crate::finding::{Finding, Rule};
use crate::paper::days_between;

/// Stale only when no current source is fresh: a fresh one carries the answer.
pub fn check(looked: &Looked<'_>) -> Option<Finding> {
    let mut stale = Vec::new();
    for (place, source, at) in &looked.current.future {
        let observed_on = looked.assertions.get(*place)?.observed_at.date_in(looked.zone);
        let limit = source.fresh_for_days(Some(days_between(looked.today, at.date)));
        match limit {
            Some(limit) if days_between(observed_on, looked.today) > limit => stale.push(*place),
            _ => return None,
        }
    }
    (!stale.is_empty()).then_some(Finding { rule: Rule::Stale, rests_on: stale })
}
