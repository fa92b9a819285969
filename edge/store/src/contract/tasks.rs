//! Checks on obligations and reports.
//! Meeting an obligation is left to the channels.

use super::values::*;
use caseline_conversation::effect::ReportState;
use caseline_helpline::ports::{Added, Changed, LeaseState, ReportLooked, Settled, Store, TaskKind};
use caseline_model::{Channel, Language, TaskId};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const ALL: [TaskKind; 4] = [TaskKind::Callback, TaskKind::Message, TaskKind::Reminder, TaskKind::Report];

pub(super) async fn an_obligation_is_kept_once(store: &dyn Store) {
    let wanted = task(1, TaskKind::Message, at(0), at(0).plus(DAY), None);
    assert_eq!(store.add_task(at(0), None, wanted.clone()).await.expect("kept"), Added::New);
    assert_eq!(store.add_task(at(1), None, wanted.clone()).await.expect("kept"), Added::AlreadyThere);
    let same_obligation = caseline_helpline::ports::NewTask { id: TaskId::from_random(2), ..wanted.clone() };
    assert_eq!(store.add_task(at(2), None, same_obligation).await.expect("kept"), Added::AlreadyThere);
    assert_eq!(store.open_task_count(TaskKind::Message).await.expect("counted"), 1);
    let claimed = store.claim_task(at(3), &ALL, MINUTE).await.expect("looked").expect("it is due");
    assert_eq!((claimed.id, claimed.kind, claimed.attempt), (wanted.id, wanted.kind, 1));
    assert_eq!(claimed.content, wanted.content);
    assert_eq!(
        store.settle_task(at(4), claimed.id, claimed.fencing, Settled::Met).await.expect("ended"),
        LeaseState::Held
    );
    assert_eq!(store.open_task_count(TaskKind::Message).await.expect("counted"), 0);
    assert_eq!(store.add_task(at(5), None, wanted).await.expect("kept"), Added::AlreadyThere, "met is not kept anew");
}

pub(super) async fn another_number_for_a_promise_is_the_one_that_is_called(store: &dyn Store) {
    let first = task(1, TaskKind::Callback, at(10), at(0).plus(DAY), None);
    let other = caseline_helpline::ports::TaskContent { phone: Some(phone(2)), ..first.content.clone() };
    let change = async |now| store.change_task(at(now), &first.obligation, other.clone()).await.expect("changed");
    assert_eq!(change(0).await, Changed::Over, "nothing was promised yet");
    store.add_task(at(1), None, first.clone()).await.expect("kept");
    assert_eq!(change(2).await, Changed::Changed);
    assert_eq!(store.open_task_count(TaskKind::Callback).await.expect("counted"), 1);
    let claimed = store.claim_task(at(10), &ALL, MINUTE).await.expect("looked").expect("it kept its place");
    assert_eq!((claimed.id, claimed.content), (first.id, other.clone()));
    store.settle_task(at(11), claimed.id, claimed.fencing, Settled::Met).await.expect("ended");
    assert_eq!(change(12).await, Changed::Over, "they were called");
    assert!(store.claim_task(at(700), &ALL, MINUTE).await.expect("looked").is_none());
}

pub(super) async fn one_worker_has_the_lease_and_an_older_one_is_refused(store: &dyn Store) {
    let later = at(0).plus(DAY);
    store.add_task(at(0), None, task(1, TaskKind::Callback, at(10), later, None)).await.expect("kept");
    store.add_task(at(0), None, task(2, TaskKind::Callback, at(5), later, None)).await.expect("kept");
    assert!(store.claim_task(at(4), &ALL, MINUTE).await.expect("looked").is_none(), "none is due");
    assert!(store.claim_task(at(20), &[TaskKind::Message], MINUTE).await.expect("looked").is_none(), "another kind");
    assert!(store.claim_task(at(20), &[], MINUTE).await.expect("looked").is_none(), "no kind");
    let first = store.claim_task(at(20), &ALL, MINUTE).await.expect("looked").expect("due");
    assert_eq!(first.id, TaskId::from_random(2), "the longest due");
    let second = store.claim_task(at(20), &ALL, MINUTE).await.expect("looked").expect("due");
    assert_eq!(second.id, TaskId::from_random(1));
    assert!(store.claim_task(at(21), &ALL, MINUTE).await.expect("looked").is_none(), "both are leased");
    // The lease of the first runs out, somebody else takes it, and the first worker comes too late.
    let taken = store.claim_task(at(81), &ALL, MINUTE).await.expect("looked").expect("its lease ran out");
    assert_eq!((taken.id, taken.attempt), (first.id, 2));
    assert!(taken.fencing > first.fencing);
    let lost = store.settle_task(at(82), first.id, first.fencing, Settled::Met).await.expect("answered");
    assert_eq!(lost, LeaseState::Lost);
    assert_eq!(store.note_intent(at(82), first.id, first.fencing, 1).await.expect("answered"), LeaseState::Lost);
    assert_eq!(store.note_intent(at(82), taken.id, taken.fencing, 2).await.expect("answered"), LeaseState::Held);
    let again = Settled::Again(at(600));
    assert_eq!(store.settle_task(at(83), taken.id, taken.fencing, again).await.expect("answered"), LeaseState::Held);
    assert_eq!(store.settle_task(at(84), taken.id, taken.fencing, again).await.expect("answered"), LeaseState::Lost);
    // The second one's lease ran out too, but nobody took it: its worker may still say what happened.
    let late = store.settle_task(at(200), second.id, second.fencing, Settled::Met).await.expect("answered");
    assert_eq!(late, LeaseState::Held);
    assert!(store.claim_task(at(599), &ALL, MINUTE).await.expect("looked").is_none(), "set for later");
    assert_eq!(store.claim_task(at(600), &ALL, MINUTE).await.expect("looked").expect("due").attempt, 3);
}

pub(super) async fn an_attempt_of_unknown_end_is_not_repeated_at_once(store: &dyn Store) {
    store.add_task(at(0), None, task(1, TaskKind::Callback, at(0), at(0).plus(DAY), None)).await.expect("kept");
    let claimed = store.claim_task(at(0), &ALL, MINUTE).await.expect("looked").expect("due");
    assert_eq!(store.note_intent(at(1), claimed.id, claimed.fencing, 77).await.expect("noted"), LeaseState::Held);
    assert_eq!(store.note_intent(at(1), claimed.id, claimed.fencing, 77).await.expect("noted"), LeaseState::Held);
    // The process stops here. The telephone may have rung, so nobody rings again when the lease is over.
    assert!(store.claim_task(at(120), &ALL, MINUTE).await.expect("looked").is_none());
    assert!(store.claim_task(at(600), &ALL, MINUTE).await.expect("looked").is_none());
    let again = store.claim_task(at(601), &ALL, MINUTE).await.expect("looked").expect("it was quiet");
    assert_eq!(again.attempt, 2);
    // A lease that ended without an intent is taken again at once.
    assert_eq!(store.claim_task(at(661), &ALL, MINUTE).await.expect("looked").expect("due").attempt, 3);
}

pub(super) async fn an_obligation_whose_time_is_over_is_given_up(store: &dyn Store) {
    store.add_task(at(0), None, task(1, TaskKind::Callback, at(0), at(100), None)).await.expect("kept");
    // No callback is kept for longer than 72 hours, whatever was wanted.
    store.add_task(at(0), None, task(2, TaskKind::Callback, at(0), at(0).plus(DAY * 30), None)).await.expect("kept");
    let first = store.claim_task(at(50), &ALL, MINUTE).await.expect("looked").expect("due");
    assert_eq!(first.id, TaskId::from_random(1));
    assert!(store.claim_task(at(105), &[TaskKind::Message], MINUTE).await.expect("looked").is_none());
    assert_eq!(store.open_task_count(TaskKind::Callback).await.expect("counted"), 2, "one is over but leased");
    assert!(store.claim_task(at(111), &[TaskKind::Message], MINUTE).await.expect("looked").is_none());
    assert_eq!(store.open_task_count(TaskKind::Callback).await.expect("counted"), 1);
    let lost = store.settle_task(at(112), first.id, first.fencing, Settled::Met).await.expect("answered");
    assert_eq!(lost, LeaseState::Lost);
    assert!(store.claim_task(at(0).plus(DAY * 3), &ALL, MINUTE).await.expect("looked").is_none());
    assert_eq!(store.open_task_count(TaskKind::Callback).await.expect("counted"), 0);
    store.add_task(at(0), None, task(3, TaskKind::Callback, at(0), at(900), None)).await.expect("kept");
    let third = store.claim_task(at(1), &ALL, MINUTE).await.expect("looked").expect("due");
    let ended = store.settle_task(at(2), third.id, third.fencing, Settled::GivenUp).await.expect("ended");
    assert_eq!(ended, LeaseState::Held);
    assert_eq!(store.open_task_count(TaskKind::Callback).await.expect("counted"), 0);
}

pub(super) async fn a_report_is_followed_by_its_code_alone(store: &dyn Store) {
    store.begin_contact(at(0), contact(1), Channel::Phone).await.expect("it begins");
    store.take_report(at(0), contact(1), report(1, None)).await.expect("kept");
    store.take_report(at(1), contact(1), report(1, None)).await.expect("kept before");
    let look = async |now, n: u128, code| {
        store.begin_contact(now, contact(n), Channel::Phone).await.expect("it begins");
        store.report_state(now, &trying(n, Some(n as u32)), &report_code(code)).await.expect("compared")
    };
    let taken = ReportLooked::State { state: ReportState::Taken, taken_at: at(0), since: at(0) };
    assert_eq!(look(at(2), 2, 1).await, taken);
    assert_eq!(look(at(3), 3, 2).await, ReportLooked::Refused);
    assert!(store.move_report(at(4), &report_code(1), ReportState::Corrected).await.expect("moved"));
    assert!(!store.move_report(at(4), &report_code(2), ReportState::Corrected).await.expect("looked"));
    let corrected = ReportLooked::State { state: ReportState::Corrected, taken_at: at(0), since: at(4) };
    assert_eq!(look(at(5), 4, 1).await, corrected);
    assert_eq!(look(at(3).plus(DAY * 60), 5, 1).await, corrected);
    assert_eq!(look(at(4).plus(DAY * 60), 6, 1).await, ReportLooked::Refused, "sixty days after its outcome");
    // The limits are the same as for a card.
    store.begin_contact(at(6), contact(7), Channel::Phone).await.expect("it begins");
    let who = trying(7, Some(70));
    for wanted in [ReportLooked::Refused, ReportLooked::Refused, ReportLooked::PersonNow] {
        assert_eq!(store.report_state(at(6), &who, &report_code(99)).await.expect("compared"), wanted);
    }
}

pub(super) async fn a_report_is_somebody_s_obligation(store: &dyn Store) {
    store.begin_contact(at(0), contact(1), Channel::Phone).await.expect("it begins");
    store.note_language(at(0), contact(1), Language::HAITIAN_CREOLE).await.expect("noted");
    store.take_report(at(0), contact(1), report(1, None)).await.expect("kept");
    assert_eq!(store.open_task_count(TaskKind::Report).await.expect("counted"), 1);
    let claimed = store.claim_task(at(1), &[TaskKind::Report], MINUTE).await.expect("looked").expect("due");
    assert_eq!(claimed.id, report(1, None).task);
    assert_eq!((claimed.content.need.as_str(), claimed.content.language), ("wrong-date", Language::HAITIAN_CREOLE));
    assert_eq!(claimed.content.phone, None);
}

pub(super) async fn a_reminder_is_taken_at_its_minute_and_in_its_place_among_others(store: &dyn Store) {
    // Weeks ahead, so that the week that stands in clear has begun long before.
    let noon = at(0).plus(DAY * 20);
    let after = |minutes: u32| noon.plus(MINUTE * minutes);
    let end = noon.plus(DAY * 3);
    store.add_task(at(0), None, task(1, TaskKind::Reminder, after(30), end, None)).await.expect("kept");
    store.add_task(at(0), None, task(2, TaskKind::Callback, after(20), end, None)).await.expect("kept");
    store.add_task(at(0), None, task(3, TaskKind::Reminder, after(10), end, None)).await.expect("kept");
    store.add_task(at(0), None, task(4, TaskKind::Reminder, after(40), after(50), None)).await.expect("kept");
    let claim = async |now| store.claim_task(now, &ALL, MINUTE).await.expect("looked").map(|claimed| claimed.id);
    assert_eq!(claim(after(9)).await, None, "none is due");
    assert_eq!(claim(after(31)).await, Some(TaskId::from_random(3)), "the longest due");
    // The callback's own bound is 72 hours from its promise: it is long over.
    assert_eq!(claim(after(31)).await, Some(TaskId::from_random(1)));
    assert_eq!(claim(after(31)).await, None, "both are leased");
    assert_eq!(claim(after(51)).await, Some(TaskId::from_random(3)), "its lease ran out; the last one is over");
    assert_eq!(store.open_task_count(TaskKind::Reminder).await.expect("counted"), 2, "what is over was given up");
}
