//! The chain of numbers: who is rung, who takes the contact, what the caller is told when nobody does.

use crate::house::{Up, WITHIN, desk, hears, link, quiet, staffed, takes};
use caseline_helpline::Role;
use caseline_helpline::people::People;
use caseline_model::Language;
use caseline_voice::phone::AnswerRule;

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_is_connected_to_the_second_link_when_the_first_one_does_not_answer() {
    let (asleep, mut awake) = (desk(AnswerRule::Never).await, staffed().await);
    let staff = vec![
        link("first", Role::Staff, &asleep, &[Language::SPANISH]),
        link("second", Role::LegalOnCall, &awake, &[Language::SPANISH]),
    ];
    let up = Up::with(People { staff, ..People::default() }, |_| {}).await;
    let mut caller = up.caller().await;
    caller.press("0").await.unwrap();
    let mut agent = awake.next_call(WITHIN).await.unwrap();
    // Language and need are told before anything is taken.
    let offer = agent.heard_text("Spanish", WITHIN).await.unwrap();
    assert!(offer.whole, "{offer:?}");
    takes(&mut agent).await;
    quiet(&agent).await;
    hears(&caller, &mut agent, "me oye").await;
    hears(&agent, &mut caller, "I hear you").await;
    agent.hang_up().await;
    caller.wait_hung_up(WITHIN).await.unwrap();
    assert!(up.store.inner().open_contacts().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_does_not_take_the_contact_is_passed_over_and_the_caller_is_told() {
    let mut busy = staffed().await;
    let staff = vec![link("desk", Role::Staff, &busy, &[Language::SPANISH])];
    let up = Up::with(People { staff, ..People::default() }, |_| {}).await;
    let mut caller = up.caller().await;
    caller.press("0").await.unwrap();
    let mut agent = busy.next_call(WITHIN).await.unwrap();
    agent.heard_text("Spanish", WITHIN).await.unwrap();
    agent.press("2").await.unwrap();
    // Nobody came: what can be had instead is offered.
    caller.heard_text("oprima uno", WITHIN).await.unwrap();
    caller.hang_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_on_a_contact_is_not_rung_for_the_next_one() {
    let mut only = staffed().await;
    let staff = vec![link("desk", Role::Staff, &only, &[Language::SPANISH])];
    let up = Up::with(People { staff, ..People::default() }, |_| {}).await;
    let mut first = up.caller().await;
    first.press("0").await.unwrap();
    let mut agent = only.next_call(WITHIN).await.unwrap();
    takes(&mut agent).await;
    let mut second = up.caller().await;
    second.press("0").await.unwrap();
    // Told at once that all are busy, without a ring at the desk.
    second.heard_text("oprima uno", WITHIN).await.unwrap();
    assert!(only.next_call(std::time::Duration::ZERO).await.is_err(), "the desk rang during its contact");
    first.hang_up().await;
    agent.wait_hung_up(WITHIN).await.unwrap();
    second.hang_up().await;
}
