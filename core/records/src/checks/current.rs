//! What each source says now about the next hearing, after the rules of precedence.
//! Whether these agree is left to the checks.

use crate::assertion::{Assertion, HearingTime, Value};
use crate::source::SourceKind;
use caseline_model::{Date, Time, Zone};

/// The newest word of each source on the next hearing. A conflict holds between these observations, never between
/// overwritten fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CurrentHearings {
    /// Future hearings, the earliest first: (place in the list, source, when).
    pub future: Vec<(usize, SourceKind, HearingTime)>,
    /// Sources whose newest word is that there is none: (place in the list, source).
    pub none: Vec<(usize, SourceKind)>,
    /// Sources whose newest word is that the record is gone.
    pub vanished: Vec<(usize, SourceKind)>,
}

impl CurrentHearings {
    /// Reads them from all assertions.
    ///
    /// A person's own paper outranks an older look-up; a later official change outranks the paper: the court's own
    /// source says that this very hearing was called off or moved, on a day after the paper's.
    pub fn of(assertions: &[Assertion], now: Time, zone: &Zone) -> Self {
        let today = now.date_in(zone);
        let mut current = Self::default();
        for source in [SourceKind::Notice, SourceKind::CourtLine, SourceKind::CourtFeed] {
            let newest_at = assertions
                .iter()
                .filter(|a| a.source == source && is_about_next_hearing(&a.value))
                .map(|a| a.observed_at)
                .max();
            let newest = assertions.iter().enumerate().filter(|(_, a)| {
                a.source == source && Some(a.observed_at) == newest_at && is_about_next_hearing(&a.value)
            });
            for (place, assertion) in newest {
                match &assertion.value {
                    Value::Hearing { at, .. } if at.date >= today => current.future.push((place, source, *at)),
                    Value::NoHearing => current.none.push((place, source)),
                    Value::Vanished => current.vanished.push((place, source)),
                    _ => {}
                }
            }
        }
        let superseded: Vec<usize> = current
            .future
            .iter()
            .filter(|(place, source, at)| is_superseded(assertions, *place, *source, at, zone))
            .map(|(place, ..)| *place)
            .collect();
        current.future.retain(|(place, ..)| !superseded.contains(place));
        current
            .none
            .retain(|(place, source)| *source != SourceKind::CourtLine || !paper_is_newer(assertions, *place, zone));
        current.future.sort_by_key(|(place, source, at)| (*at, *source, *place));
        current
    }
}

const fn is_about_next_hearing(value: &Value) -> bool {
    matches!(value, Value::Hearing { .. } | Value::NoHearing | Value::Vanished)
}

fn is_superseded(assertions: &[Assertion], place: usize, source: SourceKind, at: &HearingTime, zone: &Zone) -> bool {
    let Some(own) = assertions.get(place) else { return false };
    let own_day = day_of(own, zone);
    match source {
        // The court says that this very hearing is off, on a later day than the paper's.
        SourceKind::Notice => assertions.iter().any(|other| {
            other.source == SourceKind::CourtFeed
                && matches!(&other.value, Value::Adjourned { was, .. } if was.date == at.date)
                && day_of(other, zone) > own_day
        }),
        // The person's own paper is newer than this look-up and says something.
        SourceKind::CourtLine => paper_is_newer(assertions, place, zone),
        SourceKind::CourtFeed | SourceKind::Uscis => false,
    }
}

/// The person's own paper is newer than this look-up, and names a hearing.
fn paper_is_newer(assertions: &[Assertion], place: usize, zone: &Zone) -> bool {
    let Some(own_day) = assertions.get(place).map(|own| day_of(own, zone)) else { return false };
    assertions.iter().any(|other| {
        other.source == SourceKind::Notice
            && matches!(&other.value, Value::Hearing { .. })
            && other.effective_on.is_some_and(|on| on > own_day)
    })
}

fn day_of(assertion: &Assertion, zone: &Zone) -> Date {
    assertion.effective_on.unwrap_or_else(|| assertion.observed_at.date_in(zone))
}
