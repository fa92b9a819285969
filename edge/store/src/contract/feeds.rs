//! Checks on enrolling and on reading feeds.
//! Reading files is left to `sources`.

use super::values::*;
use caseline_conversation::slot::CaseNumber;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::{Checked, EnrolledSet, FeedCounts, FeedRow, Store};
use caseline_model::{Channel, Private, Time};
use caseline_records::{Assertion, Field, SourceKind, Value};

fn in_days(days: u64) -> Vec<Assertion> {
    vec![hearing(days_later(days), SourceKind::CourtFeed)]
}

async fn read_all(store: &dyn Store, now: Time, n: u128, of: u32, row: u8) -> Vec<Assertion> {
    store.begin_contact(now, contact(n), Channel::Phone).await.expect("it begins");
    let opened = store.check_card(now, &trying(n, None), &number(of), &code(row, u64::from(of))).await;
    let Checked::Opened(case) = opened.expect("compared") else { panic!("the code is right") };
    store.read_case(now, contact(n), case, &[Field::Hearing]).await.expect("it is open")
}

fn wants(set: &dyn EnrolledSet, number: &Private<CaseNumber>) -> bool {
    set.wants(number.reveal())
}

pub(super) async fn a_feed_adds_versions_and_overwrites_nothing(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    let feed = async |now, digest: &[u8], days| {
        let set = store.begin_import(now).await.expect("begun");
        assert!(wants(&*set, &number(7)));
        let row = store.add_from_feed(now, &number(7), digest, &in_days(days)).await.expect("added");
        let gone = store.finish_import(now, &*set, FeedCounts { kept: 1, ..FeedCounts::default() }).await;
        assert_eq!(gone.expect("ended"), 0);
        row
    };
    assert_eq!(feed(at(1), b"first", 30).await, FeedRow::New);
    assert_eq!(feed(at(2), b"first", 30).await, FeedRow::Same);
    assert_eq!(feed(at(3), b"second", 40).await, FeedRow::Changed);
    assert_eq!(feed(at(4), b"first", 30).await, FeedRow::Changed, "back to what it was is news too");
    let told = read_all(store, at(5), 1, 7, 1).await;
    assert_eq!(told, [in_days(30), in_days(40), in_days(30)].concat());
    // A row that comes alone finds its case as well.
    let alone = store.add_from_feed(at(6), &number(7), b"third", &in_days(50)).await;
    assert_eq!(alone.expect("added"), FeedRow::Changed);
}

pub(super) async fn a_number_that_nobody_enrolled_leaves_nothing(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    let set = store.begin_import(at(1)).await.expect("begun");
    assert!(!wants(&*set, &number(8)));
    assert!(set.seen().is_empty());
    let row = store.add_from_feed(at(1), &number(8), b"row", &in_days(30)).await;
    assert_eq!(row.expect("looked"), FeedRow::NotEnrolled);
    assert!(wants(&*set, &number(7)));
    assert_eq!(set.seen().len(), 1);
    let counts = FeedCounts { dropped: 1, ..FeedCounts::default() };
    assert_eq!(store.finish_import(at(2), &*set, counts).await.expect("ended"), 0, "no feed ever had it");
    let alone = store.add_from_feed(at(3), &number(8), b"row", &in_days(30)).await;
    assert_eq!(alone.expect("looked"), FeedRow::NotEnrolled);
}

pub(super) async fn a_number_that_a_feed_no_longer_has_is_said_to_have_vanished_once(store: &dyn Store) {
    for n in [7, 8] {
        store.enrol(at(0), case(u128::from(n)), &number(n), &card(u64::from(n))).await.expect("enrolled");
    }
    let set = store.begin_import(at(1)).await.expect("begun");
    for n in [7, 8] {
        assert!(wants(&*set, &number(n)));
        let added = store.add_from_feed(at(1), &number(n), b"row", &in_days(30)).await;
        assert_eq!(added.expect("added"), FeedRow::New);
    }
    store.finish_import(at(1), &*set, FeedCounts::default()).await.expect("ended");
    for (now, wanted) in [(2, 1), (3, 0)] {
        let set = store.begin_import(at(now)).await.expect("begun");
        assert!(wants(&*set, &number(7)));
        let added = store.add_from_feed(at(now), &number(7), b"row", &in_days(30)).await;
        assert_eq!(added.expect("added"), FeedRow::Same);
        let gone = store.finish_import(at(now), &*set, FeedCounts::default()).await;
        assert_eq!(gone.expect("ended"), wanted);
    }
    let told = read_all(store, at(4), 1, 8, 1).await;
    assert_eq!(told.len(), 2);
    assert_eq!(told.first(), in_days(30).first(), "what was there stays");
    assert_eq!(told.last().map(|assertion| &assertion.value), Some(&Value::Vanished));
    // It comes back as it was: that is a change.
    let back = store.add_from_feed(at(5), &number(8), b"row", &in_days(30)).await;
    assert_eq!(back.expect("added"), FeedRow::Changed);
}

pub(super) async fn what_a_feed_says_again_was_seen_again(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    let days = [(at(0), FeedRow::New), (at(0).plus(DAY * 20), FeedRow::Same), (at(0).plus(DAY * 40), FeedRow::Same)];
    for (now, expected) in days {
        let set = store.begin_import(now).await.expect("begun");
        assert!(wants(&*set, &number(7)));
        assert_eq!(store.add_from_feed(now, &number(7), b"row", &in_days(60)).await.expect("added"), expected);
        store.finish_import(now, &*set, FeedCounts::default()).await.expect("ended");
    }
    let told = read_all(store, at(0).plus(DAY * 41), 1, 7, 1).await;
    assert_eq!(told.len(), 1, "no version more");
    assert_eq!(told.first().map(|assertion| assertion.observed_at), Some(at(0).plus(DAY * 40)));
}

pub(super) async fn a_garbled_row_is_not_a_vanished_person(store: &dyn Store) {
    for n in [7, 8] {
        store.enrol(at(0), case(n), &number(n.try_into().expect("small")), &card(7)).await.expect("enrolled");
    }
    let set = store.begin_import(at(1)).await.expect("begun");
    for (n, row) in [(7, 70_u64), (8, 80)] {
        assert!(wants(&*set, &number(n)));
        set.note_rows(number(n).reveal(), &[row]);
        store.add_from_feed(at(1), &number(n), b"row", &in_days(30)).await.expect("added");
    }
    store.finish_import(at(1), &*set, FeedCounts::default()).await.expect("ended");
    // In the next feed the case row of one cannot be read, and the other one's is gone.
    let set = store.begin_import(at(2)).await.expect("begun");
    assert!(!set.note_unread(99), "nobody's");
    assert!(set.note_unread(70));
    assert!(set.has_unread(number(7).reveal()) && !set.has_unread(number(8).reveal()));
    assert_eq!(store.finish_import(at(2), &*set, FeedCounts::default()).await.expect("ended"), 1);
    assert_eq!(read_all(store, at(3), 1, 7, 1).await, in_days(30), "what was known stays");
}

pub(super) async fn a_number_stays_with_its_case(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    let refused = |result: Result<(), StoreFault>| matches!(result, Err(StoreFault::NotAllowed { .. }));
    assert!(refused(store.enrol(at(1), case(8), &number(7), &card(8)).await), "another case");
    assert!(refused(store.enrol(at(1), case(7), &number(8), &card(8)).await), "another number");
    assert!(read_all(store, at(2), 1, 7, 1).await.is_empty());
}
