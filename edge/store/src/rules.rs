//! Rules that every store keeps in the same way: how long a case stays, what is cut from the log, which code was first.
//! Pure; the limits themselves stand in `helpline::limits`, and where anything is written is left to the stores.

use caseline_conversation::effect::ReportState;
use caseline_helpline::audit::{AuditEntry, AuditEvent};
use caseline_helpline::cards::CardId;
use caseline_helpline::ports::TaskKind;
use caseline_helpline::retention::{AFTER_LAST_DATE, DataClass, KeptTimes};
use caseline_helpline::staff::StaffDeed;
use caseline_helpline::tickets::{OPENINGS_TOLD_MAX, OpenedBy, Opening};
use caseline_model::{ContactId, Date, Time, TimeOfDay, Zone};
use caseline_records::{Assertion, Obtained, SourceKind, Value};
use std::collections::BTreeSet;
use std::time::Duration;

/// A caller who was cut off at a detention telephone finds their place again for so long.
pub const RETURN_WITHIN: Duration = Duration::from_secs(10 * 60);
/// A contact opens no case longer than this, even if nobody ever ends it.
pub const ACCESS_MAX: Duration = Duration::from_secs(24 * 3_600);
/// After an attempt of which nobody knows how it ended, nothing is tried again for so long: a telephone may have rung.
pub const UNKNOWN_QUIET: Duration = Duration::from_secs(10 * 60);
/// Dates further away than this are no dates (check R04), and keep nothing.
pub const LAST_DATE_HORIZON: Duration = Duration::from_secs(10 * 366 * DAY_SECONDS);
/// The bytes of one conversation's state, at the most.
pub const CONVERSATION_BYTES_MAX: usize = 256 * 1024;
/// The bytes of one obligation's content, at the most: eight minutes of a voice note.
pub const CONTENT_BYTES_MAX: usize = 4 * 1024 * 1024;

const DAY_SECONDS: u64 = 24 * 3_600;

/// The instant at which a day (UTC) starts.
pub(crate) const fn day_start(day: u32) -> Time {
    Time::from_micros(day as i64 * 86_400_000_000)
}

/// The days since 1970 (UTC) of a date.
pub(crate) fn day_of(date: Date) -> u32 {
    let midnight = TimeOfDay::new(0, 0).map(|time| Zone::utc().instant(date, time));
    midnight.map_or(0, Time::day)
}

/// The date of a day (UTC).
pub(crate) fn date_of_day(day: u32) -> Date {
    day_start(day).date_in(&Zone::utc())
}

/// On which days and by whom a case was opened, from its entries: newest first, one row a day and role.
pub(crate) fn openings(entries: impl Iterator<Item = AuditEntry>) -> Vec<Opening> {
    let told = entries.filter_map(|entry| {
        let by = match entry.event {
            AuditEvent::CaseOpened { by: caseline_helpline::audit::OpenedBy::RepresentativeCard } => {
                OpenedBy::Representative
            }
            AuditEvent::CaseOpened { .. } | AuditEvent::FileOpened => OpenedBy::Line,
            AuditEvent::Staff { deed: StaffDeed::CaseOpened, by: Some(actor) } => OpenedBy::Staff(actor.role),
            _ => return None,
        };
        Some(Opening { on: date_of_day(entry.at.day()), by })
    });
    let rows: BTreeSet<Opening> = told.collect();
    rows.into_iter().rev().take(OPENINGS_TOLD_MAX).collect()
}

/// Entries that are linked to a case keep the day only: that of the line's zone, by which people count their days. The
/// evening of an American day is the next one in UTC, and nobody would know it again.
pub(crate) fn cut_to_day(mut entry: AuditEntry, zone: &Zone) -> AuditEntry {
    if entry.case.is_some() {
        entry.at = day_start(day_of(entry.at.date_in(zone)));
    }
    entry
}

/// The last date that is known of a case: a hearing or a decision. Dates beyond the horizon count as none.
pub(crate) fn last_known_date(now: Time, assertions: &[Assertion]) -> Option<Date> {
    let horizon = now.plus(LAST_DATE_HORIZON).date_in(&Zone::utc());
    assertions.iter().filter_map(|assertion| date_of(&assertion.value)).filter(|date| *date <= horizon).max()
}

/// Until when a case is kept: 90 days from the last contact, or 30 days after the last known date if that is later.
pub(crate) fn keep_until(times: &KeptTimes, last_contact: Time, last_date: Option<Date>) -> Time {
    keep_for_date(last_contact.plus(times.kept(DataClass::CaseFile)), last_date)
}

/// A date that became known keeps a case until 30 days after it, and never shortens what was promised. The time stands
/// in clear in the database, so it is cut to the Monday before: a thief learns no hearing's day from it.
pub(crate) fn keep_for_date(kept_until: Time, last_date: Option<Date>) -> Time {
    let from_date = last_date.map(|date| week_start(end_of(date).plus(AFTER_LAST_DATE).week()));
    from_date.map_or(kept_until, |at| at.max(kept_until))
}

/// The instant at which a week starts: Monday, 00:00 UTC. 1970-01-01 was a Thursday.
const fn week_start(week: u32) -> Time {
    day_start((week * 7).saturating_sub(3))
}

/// What stands in clear of a reminder's times, due and end: the Monday before, and an end that tells no more than that.
/// Its content is sealed under the key of that end, at most eight days later than the exact one.
pub(crate) fn week_of_reminder(due_at: Time, expires_at: Time) -> (Time, Time) {
    let monday = week_start(due_at.week());
    let lasts = expires_at.since(due_at).as_secs().div_ceil(DAY_SECONDS);
    (monday, monday.plus(Duration::from_secs((7 + lasts) * DAY_SECONDS)))
}

/// When something happened to an obligation, as it is written down: of a reminder the week alone.
pub(crate) fn noted_at(kind: TaskKind, now: Time) -> Time {
    if kind == TaskKind::Reminder { week_start(now.week()) } else { now }
}

/// Until when a report is kept.
pub(crate) fn report_keep_until(times: &KeptTimes, now: Time, state: ReportState) -> Time {
    match state {
        ReportState::Taken | ReportState::InHand => now.plus(times.kept(DataClass::ReportOpen)),
        ReportState::Answered | ReportState::Corrected | ReportState::Closed => now.plus(times.kept(DataClass::Report)),
    }
}

/// An obligation expires no later than the retention table lets its content be kept.
pub(crate) fn task_expires_at(times: &KeptTimes, now: Time, kind: TaskKind, wanted: Time) -> Time {
    match kind {
        TaskKind::Callback => wanted.min(now.plus(times.kept(DataClass::CallbackNumber))),
        TaskKind::Message => wanted.min(now.plus(times.kept(DataClass::MessageWaiting))),
        TaskKind::Report => wanted.min(now.plus(times.kept(DataClass::ReportOpen))),
        // The number of a reminder is kept until it is done.
        TaskKind::Reminder => wanted.min(now.plus(LAST_DATE_HORIZON)),
    }
}

/// What the content of an obligation is kept as.
pub(crate) const fn task_class(kind: TaskKind) -> DataClass {
    match kind {
        TaskKind::Callback | TaskKind::Reminder => DataClass::CallbackNumber,
        TaskKind::Message => DataClass::MessageWaiting,
        TaskKind::Report => DataClass::ReportOpen,
    }
}

/// The obligation of a person to work on a report.
pub(crate) fn report_obligation(task: caseline_model::TaskId) -> String {
    format!("{}:{task}", TaskKind::Report.as_str())
}

/// What is kept when a number that an earlier feed had is gone from this one.
pub(crate) fn vanished(now: Time, feed_on: Option<Date>) -> Assertion {
    Assertion {
        value: Value::Vanished,
        source: SourceKind::CourtFeed,
        obtained: Obtained::Imported,
        observed_at: now,
        effective_on: feed_on,
    }
}

/// What the newest version of a feed says was seen again when the feed last had it: it is as old as that. (A record that
/// has vanished was not seen after it was said to be gone.)
pub(crate) fn see_again(assertions: &mut [Assertion], seen_at: Option<Time>) {
    let of_feed = |assertion: &&mut Assertion| assertion.source == SourceKind::CourtFeed;
    let newest = assertions.iter_mut().filter(of_feed).map(|assertion| assertion.observed_at).max();
    let (Some(newest), Some(seen_at)) = (newest, seen_at) else { return };
    if seen_at <= newest {
        return;
    }
    for assertion in assertions.iter_mut().filter(of_feed).filter(|assertion| assertion.observed_at == newest) {
        assertion.observed_at = seen_at;
    }
}

/// The first of two codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FirstCode {
    /// The contact that keyed it.
    pub(crate) contact: ContactId,
    /// Of which card it is.
    pub(crate) card: CardId,
    /// Its row.
    pub(crate) row: u8,
}

/// The first of two codes counts only in the contact that keyed it.
pub(crate) fn first_of_two(kept: Option<FirstCode>, contact: ContactId) -> Option<FirstCode> {
    kept.filter(|first| first.contact == contact)
}

/// The row of the first of two codes, for a second one of the same card.
pub(crate) fn first_row_of(first: Option<FirstCode>, card: Option<CardId>) -> Option<u8> {
    first.filter(|first| Some(first.card) == card).map(|first| first.row)
}

const fn date_of(value: &Value) -> Option<Date> {
    match value {
        Value::Hearing { at, .. } | Value::AlsoHearing { at } | Value::Adjourned { was: at, .. } => Some(at.date),
        Value::Decision { on, .. } => Some(*on),
        _ => None,
    }
}

fn end_of(date: Date) -> Time {
    let midnight = TimeOfDay::new(0, 0).map(|time| Zone::utc().instant(date, time));
    midnight.unwrap_or(Time::from_micros(0)).plus(Duration::from_secs(DAY_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_stays_until_thirty_days_after_its_last_date() {
        let now = day_start(20_000);
        assert_eq!(keep_until(&KeptTimes::default(), now, None), now.plus(Duration::from_secs(90 * DAY_SECONDS)));
        let soon = now.plus(Duration::from_secs(10 * DAY_SECONDS)).date_in(&Zone::utc());
        assert_eq!(keep_until(&KeptTimes::default(), now, Some(soon)), now.plus(Duration::from_secs(90 * DAY_SECONDS)));
        let later = now.plus(Duration::from_secs(300 * DAY_SECONDS)).date_in(&Zone::utc());
        let kept = keep_until(&KeptTimes::default(), now, Some(later));
        let whole = now.plus(Duration::from_secs(331 * DAY_SECONDS));
        assert!(kept <= whole && whole.since(kept) < Duration::from_secs(7 * DAY_SECONDS));
        assert_eq!(kept.week(), whole.week());
    }

    #[test]
    fn a_date_in_the_year_2925_keeps_nothing() {
        let now = day_start(20_000);
        let on = |year| {
            let date = jiff::civil::date(year, 1, 1);
            crate::contract::values::hearing(date, SourceKind::CourtFeed)
        };
        assert_eq!(last_known_date(now, &[on(2925)]), None);
        assert_eq!(last_known_date(now, &[on(2925), on(2026)]), Some(jiff::civil::date(2026, 1, 1)));
    }
}
