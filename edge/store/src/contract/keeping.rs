//! Checks on how long things are kept, and on the log.
//! That bytes and keys are gone too is left to the tests of SQLite's store.

use super::values::*;
use caseline_helpline::audit::{AuditEntry, AuditEvent, Role};
use caseline_helpline::ports::{Checked, ReportLooked, ReturnPlace, Store, TaskKind};
use caseline_model::{Channel, Disposition, Language, Private, Time};
use caseline_records::{Field, SourceKind};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

async fn opens(store: &dyn Store, now: Time, n: u128, row: u8) -> bool {
    store.begin_contact(now, contact(n), Channel::Phone).await.expect("it begins");
    let checked = store.check_card(now, &trying(n, Some(n as u32)), &number(7), &code(row, 7)).await;
    checked.expect("compared") == Checked::Opened(case(7))
}

pub(super) async fn every_class_goes_when_its_time_is_over(store: &dyn Store) {
    assert_eq!(store.purge(at(0)).await.expect("looked"), 0);
    store.begin_contact(at(0), contact(1), Channel::Phone).await.expect("it begins");
    store.save_conversation(at(0), contact(1), b"state").await.expect("kept");
    let place = ReturnPlace(Private::new("sip:made-up-place".into()));
    store.note_return_place(at(0), &place, contact(1)).await.expect("kept");
    store.open_file(at(0), contact(1), own_file(5, None)).await.expect("kept");
    store.take_report(at(0), contact(1), report(1, None)).await.expect("kept");
    store.add_task(at(0), None, task(1, TaskKind::Message, at(0), at(0).plus(DAY * 30), None)).await.expect("kept");
    store.check_file(at(0), &trying(1, Some(1)), &receipt(9), None).await.expect("compared");
    let due = async |after: Duration| store.purge(at(0).plus(after)).await.expect("destroyed");

    assert_eq!(due(Duration::from_secs(599)).await, 0);
    assert_eq!(due(Duration::from_secs(600)).await, 1, "the place");
    assert_eq!(due(DAY - SECOND).await, 0);
    assert_eq!(due(DAY).await, 2, "the conversation, and the open case");
    // Noon is a Wednesday: the week's key goes on Monday at one.
    assert_eq!(due(Duration::from_secs((4 * 24 + 13) * 3_600) - SECOND).await, 0);
    assert_eq!(due(Duration::from_secs((4 * 24 + 13) * 3_600)).await, 1, "contacts of callers");
    assert_eq!(due(Duration::from_secs((6 * 24 + 12) * 3_600)).await, 1, "exact times, seven days from its day");
    assert_eq!(due(DAY * 7 - SECOND).await, 0);
    assert_eq!(due(DAY * 7).await, 3, "wrong tries on the receipt, the caller and the site");
    assert_eq!(due(Duration::from_secs((29 * 24 + 12) * 3_600)).await, 1, "the contact's row");
    assert_eq!(due(DAY * 30).await, 0, "the message is given up, which empties it");
    assert_eq!(due(DAY * 60).await, 1, "its row");
    assert_eq!(due(DAY * 90 - SECOND).await, 0);
    assert_eq!(due(DAY * 90).await, 1, "the file");
    assert_eq!(due(DAY * 180).await, 1, "a report that nobody ever settled");
    assert_eq!(due(DAY * 210).await, 1, "the row of its obligation");
    assert!(due(DAY * 731).await > 0, "what the log says, after two years");
    let looked = store.report_state(at(0), &trying(1, None), &report_code(1)).await;
    assert!(looked.is_err(), "the contact is gone");
}

pub(super) async fn a_call_keeps_a_case_for_ninety_days_more(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    assert!(opens(store, at(0).plus(DAY * 89), 1, 1).await);
    assert_eq!(store.disposition(contact(1)).await.expect("read"), None);
    store.purge(at(0).plus(DAY * 91)).await.expect("destroyed");
    assert!(opens(store, at(0).plus(DAY * 178), 2, 2).await, "ninety days from the call");
    assert!(!opens(store, at(0).plus(DAY * 268), 3, 3).await, "over, though nothing was purged yet");
    store.purge(at(0).plus(DAY * 269)).await.expect("destroyed");
    assert!(!opens(store, at(0).plus(DAY * 269), 4, 3).await);
}

pub(super) async fn a_case_stays_until_after_its_last_hearing(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    let far = [hearing(days_later(400), SourceKind::CourtFeed)];
    store.add_from_feed(at(0), &number(7), b"row", &far).await.expect("added");
    store.purge(at(0).plus(DAY * 399)).await.expect("destroyed");
    // The end is cut to its week, so that it does not tell the hearing's day.
    assert!(opens(store, at(0).plus(DAY * 399), 1, 1).await);
    let late = at(0).plus(DAY * 399 + DAY * 91);
    assert!(!opens(store, late, 2, 2).await);
}

pub(super) async fn entries_about_a_case_keep_the_day_only(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    assert!(opens(store, at(77), 1, 1).await);
    store.read_case(at(78), contact(1), case(7), &[Field::Hearing]).await.expect("read");
    let entries = store.audit_of_contact(contact(1)).await.expect("read");
    let day = Time::from_micros(i64::from(at(0).day()) * 86_400_000_000);
    for entry in &entries {
        assert_eq!(entry.at, if entry.case.is_some() { day } else { at(77) }, "{}", entry.event.words());
    }
    assert_eq!(entries.iter().filter(|entry| entry.case == Some(case(7))).count(), 2);
}

pub(super) async fn the_log_of_a_contact_reads_as_it_happened(store: &dyn Store) {
    let one = contact(1);
    store.begin_contact(at(0), one, Channel::Phone).await.expect("it begins");
    store.begin_contact(at(0), contact(2), Channel::Phone).await.expect("it begins");
    store.note_language(at(1), one, Language::SPANISH).await.expect("noted");
    store.open_file(at(2), one, own_file(5, None)).await.expect("kept");
    store.read_case(at(3), one, case(5), &[Field::Hearing, Field::Decision]).await.expect("read");
    store.take_report(at(4), one, report(1, Some(case(5)))).await.expect("kept");
    let later = at(0).plus(HOUR);
    for (n, kind) in [(1, TaskKind::Callback), (2, TaskKind::Message), (3, TaskKind::Reminder)] {
        let of_case = (kind == TaskKind::Reminder).then_some(case(5));
        store.add_task(at(5), Some(one), task(n, kind, at(6), later, of_case)).await.expect("kept");
        store.add_task(at(5), Some(one), task(n, kind, at(6), later, of_case)).await.expect("kept before");
    }
    let rung = AuditEvent::LinkRung { role: Role::LegalOnCall };
    let entry = AuditEntry { at: at(7), contact: Some(one), case: None, event: rung };
    let (first, second) = (store.append_audit(entry.clone()).await, store.append_audit(entry).await);
    assert_eq!(first.expect("written").index() + 1, second.expect("written").index());
    store
        .report_state(at(8), &trying(1, None), &report_code(1))
        .await
        .map(|looked| {
            assert!(matches!(looked, ReportLooked::State { .. }));
        })
        .expect("compared");
    store.forget(at(9), one, case(5)).await.expect("destroyed");
    store.end_contact(at(10), one, Disposition::Forgotten).await.expect("it ends");
    let entries = store.audit_of_contact(one).await.expect("read");
    let words: Vec<_> = entries.iter().map(|entry| entry.event.words()).collect();
    assert_eq!(
        words,
        [
            "contact arrived",
            "language chosen",
            "file opened",
            "case read: hearing decision",
            "report taken",
            "callback promised",
            "message left",
            "reminder set",
            "link rung",
            "link rung",
            "report told",
            "forgotten",
            "contact closed",
        ]
    );
}
