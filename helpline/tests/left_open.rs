//! Callers from a detention telephone who were cut off: whoever does not come back in time has an end, once.
//! How places are kept is left to the store's contract.

use caseline_conversation::operator::{Operator, OperatorKind};
use caseline_conversation::{Input, Program};
use caseline_helpline::chance::SeededChance;
use caseline_helpline::contact::{ContactRunner, Reached, end_not_come_back};
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
