//! R13: the court moved the hearing to an earlier date than the person's paper or an earlier record says.
//! It is said twice.

use super::Looked;
use crate::assertion::{Assertion, Value};
use crate::finding::{Finding, Rule};
use crate::paper::YEARS_AHEAD_MAX;
use crate::source::SourceKind;
use caseline_model::Date;

/// The court's codes for "advanced": 55 by the court, 5A on a motion, 9B in docket management.
const ADVANCED: [&str; 3] = ["55", "5A", "9B"];

/// The next hearing lies before a later one that was called off; or before the one that an earlier version of the same
/// source named and that stands there no more: some clerks change the day in its row, without a reason.
pub fn check(looked: &Looked<'_>) -> Option<Finding> {
    let (next_place, source, next) = looked.current.future.first()?;
    let called_off = looked.assertions.iter().position(|assertion| match &assertion.value {
        Value::Adjourned { was, reason, now_on } => {
            let advanced = reason.as_deref().is_some_and(|code| ADVANCED.contains(&code));
            let before_it = was.date > next.date && (advanced || was.date >= looked.today);
            // The next hearing of another case moved nothing: where a feed gives a reason, it also says on which day
            // the same case goes on.
            let of_same_case = match now_on {
                Some(on) => *on < was.date,
                None => advanced || reason.is_none(),
            };
            before_it && of_same_case && is_newest_word(looked, assertion, was.date)
        }
        _ => false,
    });
    let place = called_off.or_else(|| changed_in_its_row(looked, *next_place, *source, next.date))?;
    Some(Finding { rule: Rule::HearingMovedEarlier, rests_on: vec![*next_place, place] })
}

/// Every version of a feed names all of a case's hearings that were called off: the newest word on one of them counts.
fn is_newest_word(looked: &Looked<'_>, assertion: &Assertion, was_on: Date) -> bool {
    !looked.assertions.iter().any(|later| {
        later.observed_at > assertion.observed_at
            && later.source == assertion.source
            && matches!(&later.value, Value::Adjourned { was, .. } if was.date == was_on)
    })
}

/// The place of what an earlier version named, if that day is later than the next hearing's, is no impossible
/// year, is named by nothing newer, and nothing says why it went.
fn changed_in_its_row(looked: &Looked<'_>, next_place: usize, source: SourceKind, next_on: Date) -> Option<usize> {
    let newest_at = looked.assertions.get(next_place)?.observed_at;
    let of_source = |assertion: &&Assertion| assertion.source == source;
    let version_before = looked.assertions.iter().filter(of_source).map(|a| a.observed_at).filter(|at| *at < newest_at);
    let before = version_before.max()?;
    let is_accounted_for = |day: Date| {
        looked.assertions.iter().filter(of_source).any(|a| match &a.value {
            Value::Hearing { at, .. } | Value::AlsoHearing { at } => a.observed_at == newest_at && at.date == day,
            Value::Adjourned { was, .. } => was.date == day,
            _ => false,
        })
    };
    // Read from a paper or looked up by the person, another day is another paper: R01 and the precedence of papers.
    if source != SourceKind::CourtFeed {
        return None;
    }
    looked.assertions.iter().position(|assertion| match &assertion.value {
        Value::Hearing { at, .. } => {
            assertion.source == source
                && assertion.observed_at == before
                && at.date > next_on
                && at.date.year() <= looked.today.year().saturating_add(YEARS_AHEAD_MAX)
                && !is_accounted_for(at.date)
        }
        _ => false,
    })
}
