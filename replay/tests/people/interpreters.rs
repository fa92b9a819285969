//! Interpreters by number: booked before the person who needs one is rung, kept from link to link, let go at the end.

use crate::house::{Up, WITHIN, desk, hears, interprets, link, quiet, spoken, staffed, takes};
use caseline_helpline::Role;
use caseline_helpline::people::{Interpreter, People};
use caseline_model::Language;
use caseline_voice::phone::{AnswerRule, ListeningPhone};
use caseline_voice::speech::Tape;
use std::time::{Duration, Instant};

/// English-speaking links and one interpreter for Spanish.
fn people(links: &[(&str, &ListeningPhone)], interpreters: &[&ListeningPhone]) -> People {
    let spanish = |desk: &&ListeningPhone| Interpreter { target: desk.uri(), languages: vec![Language::SPANISH] };
    People {
        staff: links.iter().map(|(name, desk)| link(name, Role::Staff, desk, &[Language::ENGLISH])).collect(),
        interpreters: interpreters.iter().map(spanish).collect(),
        ..People::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interpreter_is_rung_before_the_person_waits_and_is_kept_for_the_next_link() {
    let (mut asleep, mut awake, mut interpreting) = (desk(AnswerRule::Never).await, staffed().await, staffed().await);
    let up = Up::with(people(&[("first", &asleep), ("second", &awake)], &[&interpreting]), |_| {}).await;
    let mut caller = up.caller().await;
    caller.press("0").await.unwrap();
    let (rung_first, (mut interpreter, interpreter_at)) = tokio::join!(
        async {
            asleep.next_call(WITHIN).await.unwrap();
            Instant::now()
        },
        async { (interpreting.next_call(WITHIN).await.unwrap(), Instant::now()) },
    );
    assert!(
        interpreter_at <= rung_first + Duration::from_millis(100),
        "the interpreter rang {:?} after the first link",
        interpreter_at - rung_first
    );
    // What they are wanted for, and that they should wait: while nobody has taken the contact yet.
    let asked = interpreter.heard_text("needs an interpreter", WITHIN).await.unwrap();
    assert!(asked.whole && asked.text.contains("Spanish"), "{asked:?}");
    interprets(&mut interpreter).await;
    let mut agent = awake.next_call(WITHIN).await.unwrap();
    takes(&mut agent).await;
    agent.heard_text("The interpreter is on the line", WITHIN).await.unwrap();
    quiet(&agent).await;
    hears(&caller, &mut interpreter, "uno dos tres").await;
    hears(&interpreter, &mut agent, "one two three").await;
    hears(&agent, &mut caller, "all three are here").await;
    assert!(interpreting.next_call(Duration::ZERO).await.is_err(), "the interpreter was rung a second time");
    caller.hang_up().await;
    agent.wait_hung_up(WITHIN).await.unwrap();
    interpreter.wait_hung_up(WITHIN).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interpreter_is_let_go_when_nobody_takes_the_contact() {
    let (asleep, mut interpreting) = (desk(AnswerRule::Never).await, staffed().await);
    let up = Up::with(people(&[("first", &asleep)], &[&interpreting]), |_| {}).await;
    let mut caller = up.caller().await;
    caller.press("0").await.unwrap();
    let mut interpreter = interpreting.next_call(WITHIN).await.unwrap();
    interpreter.heard_text("wait for our staff", WITHIN).await.unwrap();
    interpreter.press("1").await.unwrap();
    interpreter.wait_hung_up(WITHIN).await.unwrap();
    caller.heard_text("oprima uno", WITHIN).await.unwrap();
    caller.hang_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interpreter_is_let_go_when_the_caller_leaves() {
    let (asleep, mut interpreting) = (desk(AnswerRule::Never).await, staffed().await);
    let slow = |settings: &mut caseline_voice::line::TelephoneSettings| settings.link_rings = WITHIN;
    let up = Up::with(people(&[("first", &asleep)], &[&interpreting]), slow).await;
    let mut caller = up.caller().await;
    caller.press("0").await.unwrap();
    let mut interpreter = interpreting.next_call(WITHIN).await.unwrap();
    interprets(&mut interpreter).await;
    quiet(&interpreter).await;
    caller.hang_up().await;
    interpreter.wait_hung_up(WITHIN).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_told_that_no_interpreter_can_come_and_goes_on() {
    let (mut agents, away) = (staffed().await, desk(AnswerRule::Reject(486)).await);
    let up = Up::with(people(&[("desk", &agents)], &[&away]), |_| {}).await;
    let mut caller = up.caller().await;
    caller.press("0").await.unwrap();
    let mut agent = agents.next_call(WITHIN).await.unwrap();
    takes(&mut agent).await;
    agent.heard_text("No interpreter can come now", WITHIN).await.unwrap();
    quiet(&agent).await;
    hears(&caller, &mut agent, "hola").await;
    hears(&agent, &mut caller, "hello").await;
    agent.hang_up().await;
    caller.wait_hung_up(WITHIN).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interpreter_who_answers_late_joins_and_the_second_one_is_rung_when_the_first_is_busy() {
    let (mut agents, away) = (staffed().await, desk(AnswerRule::Reject(486)).await);
    let mut late = desk(AnswerRule::After(Duration::from_secs(3))).await;
    let patient = |settings: &mut caseline_voice::line::TelephoneSettings| settings.link_rings = WITHIN;
    let up = Up::with(people(&[("desk", &agents)], &[&away, &late]), patient).await;
    let mut caller = up.caller().await;
    caller.press("0").await.unwrap();
    let mut agent = agents.next_call(WITHIN).await.unwrap();
    takes(&mut agent).await;
    agent.heard_text("An interpreter is being called", WITHIN).await.unwrap();
    let mut interpreter = late.next_call(WITHIN).await.unwrap();
    interprets(&mut interpreter).await;
    agent.heard_text("The interpreter is on the line", WITHIN).await.unwrap();
    quiet(&agent).await;
    hears(&caller, &mut interpreter, "uno").await;
    hears(&interpreter, &mut agent, "one").await;
    // The interpreter leaves: the two others go on, and the agent knows.
    interpreter.hang_up().await;
    agent.heard_text("No interpreter can come now", WITHIN).await.unwrap();
    quiet(&agent).await;
    hears(&caller, &mut agent, "dos").await;
    agent.hang_up().await;
    caller.wait_hung_up(WITHIN).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interpreter_who_comes_while_the_agent_is_told_something_cuts_none_of_it_short() {
    let (mut agents, mut interpreting) = (staffed().await, staffed().await);
    let people = people(&[("desk", &agents)], &[&interpreting]);
    // "You are connected." lasts a third of a second.
    let slow = Tape { characters_a_second: Some(60), ..Tape::default() };
    let up = Up::speaking(slow, people, |_| {}, |_| {}).await;
    let mut caller = up.caller().await;
    caller.press("0").await.unwrap();
    let mut interpreter = interpreting.next_call(WITHIN).await.unwrap();
    interpreter.heard_text("needs an interpreter", WITHIN).await.unwrap();
    let mut agent = agents.next_call(WITHIN).await.unwrap();
    takes(&mut agent).await;
    interpreter.press("1").await.unwrap();
    agent.heard_text("An interpreter is being called", WITHIN).await.unwrap();
    agent.heard_text("The interpreter is on the line", WITHIN).await.unwrap();
    caller.hang_up().await;
    agent.wait_hung_up(WITHIN).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_speaks_the_caller_s_language_needs_no_interpreter() {
    let (mut agents, mut interpreting) = (staffed().await, staffed().await);
    let mut people = people(&[("desk", &agents)], &[&interpreting]);
    people.staff[0].speaks.push(Language::SPANISH);
    let up = Up::with(people, |_| {}).await;
    let mut caller = up.caller().await;
    caller.press("0").await.unwrap();
    let mut agent = agents.next_call(WITHIN).await.unwrap();
    takes(&mut agent).await;
    quiet(&agent).await;
    hears(&caller, &mut agent, "hola").await;
    assert!(interpreting.next_call(Duration::ZERO).await.is_err(), "nobody needed an interpreter");
    caller.hang_up().await;
    agent.wait_hung_up(WITHIN).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_answers_is_no_interpreter_and_the_next_one_is_rung() {
    let (mut agents, mut machine, mut interpreting) = (staffed().await, staffed().await, staffed().await);
    let impatient =
        |settings: &mut caseline_voice::line::TelephoneSettings| settings.accept_within = Duration::from_secs(4);
    let up = Up::with(people(&[("desk", &agents)], &[&machine, &interpreting]), impatient).await;
    let mut caller = up.caller().await;
    caller.press("0").await.unwrap();
    let mut voicemail = machine.next_call(WITHIN).await.unwrap();
    let mut agent = agents.next_call(WITHIN).await.unwrap();
    takes(&mut agent).await;
    // The machine talks, which is no key.
    voicemail.say(spoken("leave a message after the tone").await).await.unwrap();
    agent.heard_text("An interpreter is being called", WITHIN).await.unwrap();
    voicemail.wait_hung_up(WITHIN).await.unwrap();
    let mut interpreter = interpreting.next_call(WITHIN).await.unwrap();
    interprets(&mut interpreter).await;
    agent.heard_text("The interpreter is on the line", WITHIN).await.unwrap();
    quiet(&agent).await;
    hears(&caller, &mut interpreter, "hola").await;
    hears(&interpreter, &mut agent, "hello").await;
    let told = agent.transcript().to_string();
    assert!(!told.contains("leave a message"), "the machine was on the contact:\n{told}");
    caller.hang_up().await;
    agent.wait_hung_up(WITHIN).await.unwrap();
    interpreter.wait_hung_up(WITHIN).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interpreter_who_declines_with_another_key_is_let_go_at_once() {
    let (mut agents, mut declining, mut interpreting) = (staffed().await, staffed().await, staffed().await);
    // Waiting for the key would outlast the test.
    let patient = |settings: &mut caseline_voice::line::TelephoneSettings| {
        (settings.accept_within, settings.link_rings) = (2 * WITHIN, WITHIN);
    };
    let up = Up::with(people(&[("desk", &agents)], &[&declining, &interpreting]), patient).await;
    let mut caller = up.caller().await;
    caller.press("0").await.unwrap();
    let mut busy = declining.next_call(WITHIN).await.unwrap();
    busy.heard_text("Press one to take the call", WITHIN).await.unwrap();
    busy.press("2").await.unwrap();
    busy.wait_hung_up(WITHIN).await.unwrap();
    let mut interpreter = interpreting.next_call(WITHIN).await.unwrap();
    interprets(&mut interpreter).await;
    let mut agent = agents.next_call(WITHIN).await.unwrap();
    takes(&mut agent).await;
    agent.heard_text("The interpreter is on the line", WITHIN).await.unwrap();
    caller.hang_up().await;
    agent.wait_hung_up(WITHIN).await.unwrap();
}
