//! Callbacks: the people are ready first, then the caller is rung.

use crate::house::{Up, WITHIN, hears, interprets, link, quiet, staffed};
use caseline_helpline::Role;
use caseline_helpline::people::{Interpreter, Link, People};
use caseline_helpline::ports::TaskKind;
use caseline_model::Language;
use caseline_voice::phone::{ListeningPhone, PhoneCall};
use std::time::Duration;

/// A caller whom nobody could take, and who asked to be called back at the number they call from.
async fn promised(up: &Up, agents: &mut ListeningPhone) {
    let mut caller: PhoneCall = up.caller().await;
    caller.press("0").await.unwrap();
    let mut refused = agents.next_call(WITHIN).await.unwrap();
    refused.heard_text("Spanish", WITHIN).await.unwrap();
    refused.press("2").await.unwrap();
    caller.heard_text("oprima uno", WITHIN).await.unwrap();
    caller.press("1").await.unwrap();
    caller.heard_text("oprima uno", WITHIN).await.unwrap();
    caller.press("1").await.unwrap();
    caller.wait_hung_up(WITHIN).await.unwrap();
}

async fn line(staff: Link, interpreters: Vec<Interpreter>, home: &ListeningPhone) -> Up {
    let numbers_at = home.address().to_string();
    let people = People { staff: vec![staff], interpreters, ..People::default() };
    Up::with(people, |settings| settings.numbers_at = Some(numbers_at)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_rings_staff_first_and_then_the_caller() {
    let (mut agents, mut home) = (staffed().await, staffed().await);
    let up = line(link("desk", Role::Staff, &agents, &[Language::SPANISH]), Vec::new(), &home).await;
    promised(&up, &mut agents).await;

    let mut agent = agents.next_call(WITHIN).await.unwrap();
    agent.heard_text("Spanish", WITHIN).await.unwrap();
    assert!(home.next_call(Duration::ZERO).await.is_err(), "the caller was rung before anybody was there");
    agent.press("1").await.unwrap();
    let mut called_back = home.next_call(WITHIN).await.unwrap();
    called_back.wait_answered(WITHIN).await.unwrap();
    agent.heard_text("You are connected", WITHIN).await.unwrap();
    quiet(&agent).await;
    hears(&agent, &mut called_back, "hello again").await;
    called_back.hang_up().await;
    up.until_open(TaskKind::Callback, 0).await;
    up.telephone.close(Duration::from_secs(2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_through_an_interpreter_has_both_ready_before_the_caller_is_rung() {
    let (mut agents, mut home, mut interpreting) = (staffed().await, staffed().await, staffed().await);
    let spanish = Interpreter { target: interpreting.uri(), languages: vec![Language::SPANISH] };
    let up = line(link("desk", Role::Staff, &agents, &[Language::ENGLISH]), vec![spanish], &home).await;
    promised(&up, &mut agents).await;
    // The interpreter of the first try, who was let go.
    interpreting.next_call(WITHIN).await.unwrap().wait_hung_up(WITHIN).await.unwrap();

    let mut interpreter = interpreting.next_call(WITHIN).await.unwrap();
    let mut agent = agents.next_call(WITHIN).await.unwrap();
    assert!(home.next_call(Duration::ZERO).await.is_err(), "the caller was rung before anybody was there");
    agent.heard_text("Press one to take the call", WITHIN).await.unwrap();
    agent.press("1").await.unwrap();
    // Answered, but not taken yet.
    interpreter.heard_text("needs an interpreter", WITHIN).await.unwrap();
    assert!(home.next_call(Duration::ZERO).await.is_err(), "the caller was rung before the interpreter took the key");
    interprets(&mut interpreter).await;
    let called_back = home.next_call(WITHIN).await.unwrap();
    agent.heard_text("The interpreter is on the line", WITHIN).await.unwrap();
    quiet(&agent).await;
    hears(&called_back, &mut interpreter, "diga").await;
    hears(&interpreter, &mut agent, "go ahead").await;
    called_back.hang_up().await;
    interpreter.wait_hung_up(WITHIN).await.unwrap();
    up.until_open(TaskKind::Callback, 0).await;
    agent.wait_hung_up(WITHIN).await.unwrap();
}
