//! What is held of one person, for that person: kinds, counts, days, and when each goes. No value is opened, and none can
//! be: these statements read no sealed column.
//! Who may ask is decided by the contact that opened the case; what is kept at all stands in docs/reference/held.md.

use super::{Done, SqliteStore};
use caseline_helpline::audit::{AuditEvent, Role};
use caseline_helpline::retention::{DataClass, KeptTimes};
use caseline_model::{CaseId, ContactId, Date, Time, Zone};
use std::time::Duration;

/// One kind of thing that is held of the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldOfPerson {
    /// What, as `caseline held` says it.
    pub kind: &'static str,
    /// How many.
    pub count: u64,
    /// The first and the last day that stand with them.
    pub days: Option<(Date, Date)>,
    /// The day on which the last of them goes; none: with the case.
    pub goes_on: Option<Date>,
}

/// When things of a kind go.
enum Goes {
    /// With the case.
    WithCase,
    /// At the time that stands with them, microseconds.
    At,
    /// On the day that stands with them.
    OnDay,
    /// So long after the last of their days.
    After(DataClass),
}

/// Table, what it is called, count with the first and the last day or time, when it goes. Each names one case.
///
/// A test holds this list against the schema: every table with a column `case_id` stands here.
const KINDS: &[(&str, &str, &str, Goes)] = &[
    ("cases", "the case", "SELECT COUNT(*), MIN(keep_until), MAX(keep_until) FROM cases WHERE id = ?1", Goes::At),
    (
        "case_versions",
        "what a notice or a feed said, sealed",
        "SELECT COUNT(*), NULL, NULL FROM case_versions WHERE case_id = ?1",
        Goes::WithCase,
    ),
    (
        "card_cases",
        "cards that open it",
        "SELECT COUNT(*), NULL, NULL FROM card_cases WHERE case_id = ?1",
        Goes::WithCase,
    ),
    (
        "passkeys",
        "passkeys that open it",
        "SELECT COUNT(*), NULL, NULL FROM passkeys WHERE case_id = ?1",
        Goes::WithCase,
    ),
    (
        "reports",
        "reports that something is wrong, sealed",
        "SELECT COUNT(*), MIN(goes_at), MAX(goes_at) FROM reports WHERE case_id = ?1",
        Goes::At,
    ),
    (
        "tasks",
        "promises that are open: reminders, callbacks, messages, sealed",
        "SELECT COUNT(*), MIN(expires_at), MAX(expires_at) FROM tasks WHERE case_id = ?1 AND state = 'open'",
        Goes::At,
    ),
    (
        "tasks",
        "promises that have ended, without what they were",
        "SELECT COUNT(*), NULL, NULL FROM tasks WHERE case_id = ?1 AND state <> 'open'",
        Goes::WithCase,
    ),
    (
        "tickets",
        "leave to open it that was given to somebody of the desk",
        "SELECT COUNT(*), MIN(left_day), MAX(until_day) FROM tickets WHERE case_id = ?1",
        Goes::OnDay,
    ),
    (
        "ticket_openings",
        "that it is open at a desk now",
        "SELECT COUNT(*), MIN(goes_at), MAX(goes_at) FROM ticket_openings WHERE case_id = ?1",
        Goes::At,
    ),
    (
        "access",
        "that it is open in a contact now",
        "SELECT COUNT(*), MIN(goes_at), MAX(goes_at) FROM access WHERE case_id = ?1",
        Goes::At,
    ),
    (
        "log_links",
        "entries of the log about it, each with its day",
        "SELECT COUNT(*), MIN(day), MAX(day) FROM log_links JOIN log_entries ON log_entries.place = log_links.place \
         WHERE case_id = ?1",
        Goes::After(DataClass::AuditContent),
    ),
    (
        "contacts",
        "contacts in which it was opened: channel, language, how it ended",
        "SELECT COUNT(*), MIN(day), MAX(day) FROM contacts WHERE id IN \
         (SELECT contact FROM log_links WHERE case_id = ?1)",
        Goes::After(DataClass::ContactRow),
    ),
];

/// The tables that are told.
#[cfg(test)]
pub(crate) fn told_tables() -> Vec<&'static str> {
    KINDS.iter().map(|(table, ..)| *table).collect()
}

impl SqliteStore {
    /// What is held of the person whose case is open in this contact. It is written down like any look at a case, first.
    ///
    /// # Errors
    /// When the case is not open in the contact, or the database fails.
    pub async fn held_of(&self, now: Time, contact: ContactId, case: CaseId) -> Done<Vec<HeldOfPerson>> {
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("saying what is held").await?;
        write.open_in(now, contact, case).await?;
        let event = AuditEvent::CaseRead { fields: Vec::new(), role: Role::Operator };
        write.log(&self.vault, now, Some(contact), Some(case), event).await?;
        let fault = write.fault();
        let mut held = Vec::new();
        for (_, kind, sql, goes) in KINDS {
            let (count, first, last): (i64, Option<i64>, Option<i64>) =
                sqlx::query_as(*sql).bind(case.to_bytes().to_vec()).fetch_one(write.conn()).await.map_err(&fault)?;
            if count > 0 {
                let (days, goes_on) = goes.said(first, last, &self.settings.retention);
                held.push(HeldOfPerson { kind, count: count.cast_unsigned(), days, goes_on });
            }
        }
        self.commit(write, now).await?;
        Ok(held)
    }
}

impl Goes {
    fn said(&self, first: Option<i64>, last: Option<i64>, times: &KeptTimes) -> (Option<(Date, Date)>, Option<Date>) {
        let days = first.zip(last);
        match self {
            Self::WithCase => (None, None),
            // What stands there is when it goes, and says nothing of when it came.
            Self::At => (None, last.map(|at| date(Time::from_micros(at)))),
            Self::OnDay => (days.map(|(first, last)| (date_of(first), date_of(last))), last.map(date_of)),
            Self::After(class) => {
                let goes = last.map(|last| date(start_of(last).plus(times.kept(*class))));
                (days.map(|(first, last)| (date_of(first), date_of(last))), goes)
            }
        }
    }
}

fn date_of(day: i64) -> Date {
    date(start_of(day))
}

fn start_of(day: i64) -> Time {
    Time::from_micros(0).plus(Duration::from_secs(86_400 * day.max(0).cast_unsigned()))
}

fn date(at: Time) -> Date {
    at.date_in(&Zone::utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::values::*;
    use crate::tests::scratch;
    use caseline_helpline::fault::StoreFault;
    use caseline_helpline::ports::{Checked, Store, TaskKind};
    use caseline_model::Channel;
    use caseline_records::SourceKind;

    #[tokio::test]
    async fn a_person_is_told_what_is_held_of_them_and_of_nobody_else() {
        let kept = scratch(NOON).await;
        let store = &kept.store;
        for n in [7, 8] {
            store.enrol(at(0), case(n), &number(n as u32), &card(n as u64)).await.unwrap();
            store.begin_contact(at(1), contact(n), Channel::Phone).await.unwrap();
            let checked = store.check_card(at(1), &trying(n, None), &number(n as u32), &code(1, n as u64)).await;
            assert_eq!(checked.unwrap(), Checked::Opened(case(n)));
        }
        let row = [hearing(days_later(30), SourceKind::CourtFeed)];
        store.add_from_feed(at(1), &number(7), b"row", &row).await.unwrap();
        let reminder = task(1, TaskKind::Reminder, at(0).plus(DAY), at(0).plus(DAY * 4), Some(case(7)));
        store.add_task(at(2), Some(contact(7)), reminder).await.unwrap();
        let held = |all: &[HeldOfPerson]| all.iter().map(|held| (held.kind, held.count)).collect::<Vec<_>>();
        let mine = store.held_of(at(3), contact(7), case(7)).await.unwrap();
        let theirs = store.held_of(at(3), contact(8), case(8)).await.unwrap();
        let promises = "promises that are open: reminders, callbacks, messages, sealed";
        assert!(held(&mine).contains(&(promises, 1)), "{mine:?}");
        assert!(held(&mine).contains(&("what a notice or a feed said, sealed", 1)));
        assert!(!held(&theirs).iter().any(|(kind, _)| *kind == promises), "{theirs:?}");
        let the_case = mine.iter().find(|held| held.kind == "the case").unwrap();
        assert!(the_case.goes_on.is_some() && the_case.days.is_none());
        let entries = mine.iter().find(|held| held.kind.starts_with("entries of the log")).unwrap();
        assert_eq!(entries.days.unwrap().0, NOON.date_in(&Zone::utc()));
        assert!(mine.iter().any(|held| held.kind.starts_with("contacts in which")));
        // Nobody asks for a case that is not open in their contact.
        let refused = store.held_of(at(4), contact(7), case(8)).await;
        assert!(matches!(refused, Err(StoreFault::NotAllowed { .. })), "{refused:?}");
    }
}
