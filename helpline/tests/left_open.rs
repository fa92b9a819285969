//! Contacts that a killed process left open, each of which has one end however often the next processes are killed too; and
//! callers from a detention telephone who were cut off: whoever does not come back in time has an end, once.
//! How places are kept is left to the store's contract; real kills, to `caseline bench crash`.

use caseline_conversation::operator::{Operator, OperatorKind};
use caseline_conversation::{Input, Program};
use caseline_helpline::audit::AuditEvent;
use caseline_helpline::chance::SeededChance;
use caseline_helpline::contact::{ContactRunner, LeftOpen, Reached, end_left_open, end_not_come_back};
use caseline_helpline::hours::Hours;
use caseline_helpline::people::People;
use caseline_helpline::ports::ReturnPlace;
use caseline_helpline::{Line, Store};
use caseline_model::{Channel, ContactId, Disposition, Language, Private, Time, TimeOfDay, Zone};
use caseline_store::MemoryStore;
use std::sync::Arc;
use std::time::Duration;

const FLOW: &str = r#"flow = "main"
version = 1
note = "new"
start = "menu"

[step.menu]
kind = "choose"
say = "menu-ask"
options = { stay = "menu", bye = "over" }
silent = "over"
gave-up = "over"

[step.over]
kind = "end"
"#;

const POLICY: &str = r#"main = "main"
person = "main.over"
urgent = "main.over"
first-menu = ["en"]
finder = ["en"]
lifeline = []
silences = 2
attempts = 3
silence-seconds = 8
between-keys-seconds = 4
idle-minutes = 30
drafts = "spoken"

[languages]
en = "full"

[privacy]
"#;

fn line() -> (Arc<Line>, Arc<MemoryStore>, Time) {
    let operator = Operator {
        kind: OperatorKind::LegalAid,
        name: "Open Door Legal Aid".into(),
        shares_with: String::new(),
        hears_calls: String::new(),
    };
    let zone = Zone::named("America/Chicago").expect("a zone");
    let now = zone.instant(jiff::civil::date(2026, 11, 24), TimeOfDay::new(10, 0).expect("ten"));
    let store = Arc::new(MemoryStore::new());
    let texts = [("flows/main.toml", FLOW), ("flows/policy.toml", POLICY)];
    let line = Line {
        program: Arc::new(Program::read(texts, operator, zone).expect("a program")),
        store: Arc::clone(&store) as Arc<dyn Store>,
        chance: Arc::new(SeededChance::new(7)),
        hours: Hours::default(),
        people: People::default(),
        shared_callers: Vec::new(),
    };
    (Arc::new(line), store, now)
}

async fn calls(line: &Arc<Line>, now: Time, place: &str) -> ContactRunner {
    let reached = Reached {
        channel: Channel::Phone,
        language: Some(Language::ENGLISH),
        caller: None,
        custody: Some(ReturnPlace(Private::new(place.into()))),
    };
    ContactRunner::arrive(Arc::clone(line), now, reached).await.0
}

async fn is_cut_off(mut runner: ContactRunner, now: Time) -> ContactId {
    // Only whoever said or keyed anything has a place to come back to.
    runner.handle(now, Input::Chose("stay".into())).await;
    runner.handle(now, Input::HungUp).await;
    runner.id()
}

fn minutes(now: Time, count: u64) -> Time {
    now.plus(Duration::from_secs(60 * count))
}

#[tokio::test]
async fn whoever_does_not_come_back_has_one_end() {
    let (line, store, now) = line();
    let one = is_cut_off(calls(&line, now, "sip:one@made-up.invalid").await, now).await;
    let two = is_cut_off(calls(&line, now, "sip:two@made-up.invalid").await, now).await;
    assert_eq!(end_not_come_back(&line, minutes(now, 9)).await.expect("looked"), 0, "they may still come back");
    assert_eq!(store.open_contacts().await.expect("read").len(), 2);
    // One of them does, to the same contact.
    let back = calls(&line, minutes(now, 9), "sip:two@made-up.invalid").await;
    assert_eq!(back.id(), two);
    assert_eq!(end_not_come_back(&line, minutes(now, 11)).await.expect("looked"), 1);
    assert_eq!(store.disposition(one).await.expect("read"), Some(Disposition::Abandoned));
    assert_eq!(store.disposition(two).await.expect("read"), None, "whoever came back is on the line");
    assert_eq!(end_not_come_back(&line, minutes(now, 12)).await.expect("looked"), 0, "once");
}

#[tokio::test]
async fn a_cut_off_contact_of_which_no_state_is_left_ends_as_failed() {
    let (line, store, now) = line();
    let one = is_cut_off(calls(&line, now, "sip:one@made-up.invalid").await, now).await;
    let late = minutes(now, 25 * 60);
    assert_eq!(end_not_come_back(&line, late).await.expect("looked"), 1);
    assert_eq!(store.disposition(one).await.expect("read"), Some(Disposition::Failed));
}

/// A contact that its process left in the middle.
async fn left_in_the_middle(line: &Arc<Line>, now: Time, channel: Channel) -> ContactId {
    let reached = Reached { channel, language: Some(Language::ENGLISH), caller: None, custody: None };
    let mut runner = ContactRunner::arrive(Arc::clone(line), now, reached).await.0;
    runner.handle(now, Input::Chose("stay".into())).await;
    runner.id()
}

async fn calls_left_in_the_middle(line: &Arc<Line>, now: Time, count: usize) -> Vec<ContactId> {
    let mut left = Vec::new();
    for _ in 0..count {
        left.push(left_in_the_middle(line, now, Channel::Phone).await);
    }
    left
}

/// How many ends of a contact the log has.
async fn ends(store: &MemoryStore, contact: ContactId) -> usize {
    let log = store.audit_of_contact(contact).await.expect("the log");
    log.iter().filter(|entry| matches!(entry.event, AuditEvent::ContactClosed { .. })).count()
}

async fn each_has_one_end(store: &MemoryStore, contacts: &[ContactId]) {
    for contact in contacts {
        assert_eq!(ends(store, *contact).await, 1);
        assert_eq!(store.disposition(*contact).await.expect("read"), Some(Disposition::Abandoned));
    }
}

#[tokio::test]
async fn calls_left_open_at_a_kill_have_one_end_each_though_the_next_two_processes_are_killed_while_they_end_them() {
    let (line, store, now) = line();
    let left = calls_left_in_the_middle(&line, now, 5).await;
    for (listed, still_open) in [(5, 3), (3, 1), (1, 0)] {
        // A process starts, lists what is open, ends some of it and is killed: its list is gone with it.
        let mut left_open = LeftOpen::list(&line, now).await.expect("listed");
        assert_eq!(left_open.count(), listed);
        left_open.end_some(&line, now, 2).await.expect("ended");
        assert_eq!(store.open_contacts().await.expect("read").len(), still_open);
    }
    each_has_one_end(&store, &left).await;
    assert_eq!(end_left_open(&line, now).await.expect("looked"), 0, "and nothing is left for the process after these");
}

#[tokio::test]
async fn two_processes_that_listed_the_same_calls_end_each_of_them_once() {
    let (line, store, now) = line();
    let left = calls_left_in_the_middle(&line, now, 3).await;
    // The one before was not quite gone when the next one started.
    let mut before = LeftOpen::list(&line, now).await.expect("listed");
    let mut after = LeftOpen::list(&line, now).await.expect("listed");
    after.end_some(&line, now, 2).await.expect("ended");
    before.end_some(&line, now, 3).await.expect("ended");
    after.end_some(&line, now, 3).await.expect("ended");
    each_has_one_end(&store, &left).await;
}

#[tokio::test]
async fn a_call_that_comes_while_left_open_ones_are_ended_is_not_ended_with_them() {
    let (line, store, now) = line();
    let left = calls_left_in_the_middle(&line, now, 2).await;
    let mut left_open = LeftOpen::list(&line, now).await.expect("listed");
    left_open.end_some(&line, now, 1).await.expect("ended");
    let new = left_in_the_middle(&line, now, Channel::Phone).await;
    left_open.end_some(&line, now, 8).await.expect("ended");
    assert_eq!(left_open.count(), 0);
    each_has_one_end(&store, &left).await;
    let open: Vec<ContactId> = store.open_contacts().await.expect("read").into_iter().map(|row| row.0).collect();
    assert_eq!(open, [new], "whoever is on the line now stays there");
}

#[tokio::test]
async fn a_chat_left_open_goes_on_until_its_time_is_over() {
    let (line, store, now) = line();
    let chat = left_in_the_middle(&line, now, Channel::WebChat).await;
    assert_eq!(end_left_open(&line, minutes(now, 5)).await.expect("looked"), 0, "a person may write at any moment");
    assert_eq!(store.disposition(chat).await.expect("read"), None);
    assert_eq!(end_left_open(&line, minutes(now, 31)).await.expect("looked"), 1);
    assert_eq!(ends(&store, chat).await, 1);
    let left_open = LeftOpen::list(&line, minutes(now, 31)).await.expect("listed");
    assert_eq!(left_open.count(), 0);
}

#[tokio::test]
async fn whatever_write_a_full_disk_refuses_first_a_call_left_open_has_one_end_once_there_is_room() {
    for writes in 0..8 {
        let (line, store, now) = line();
        let left = calls_left_in_the_middle(&line, now, 3).await;
        let mut left_open = LeftOpen::list(&line, now).await.expect("listed");
        store.fill_disk_after(Some(writes));
        // A fault breaks the round off; those that were not looked at and those without an end wait.
        let _ = left_open.end_some(&line, now, 3).await;
        let open = store.open_contacts().await.expect("read").len();
        assert_eq!(left_open.count(), open, "after {writes} writes: those that have no end wait for another try");
        store.fill_disk_after(None);
        while left_open.count() > 0 {
            left_open.end_some(&line, now, 1).await.expect("there is room");
        }
        each_has_one_end(&store, &left).await;
    }
}
