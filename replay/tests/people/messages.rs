//! Messages: left after the tone, ended with the pound key at any moment, heard by staff with their own code.

use crate::house::{Up, WITHIN, spoken};
use caseline_helpline::people::{MessageListener, People};
use caseline_helpline::ports::TaskKind;
use caseline_model::Language;
use caseline_voice::phone::{KeyMethod, PhoneCall, PhoneEvent};
use std::time::Duration;

/// A line whose desk hears messages with the code 20250143, and nobody else is there.
async fn line_for_messages() -> Up {
    // SHA-256 of "salt" and the eight digits.
    let code_hash = sha256_of("salt20250143");
    let listeners =
        vec![MessageListener { name: "desk".into(), language: Language::ENGLISH, code_hash, code_salt: "salt".into() }];
    Up::with(People { listeners, ..People::default() }, |_| {}).await
}

/// A caller who chose to leave a message and hears what to do.
async fn asked_to_speak(up: &Up) -> PhoneCall {
    let mut caller = up.caller().await;
    // Nobody is there: a message is offered as the second choice.
    caller.press("0").await.unwrap();
    caller.heard_text("oprima dos", WITHIN).await.unwrap();
    caller.press("2").await.unwrap();
    caller.heard_text("Deje un mensaje", WITHIN).await.unwrap();
    caller
}

/// The same, when the tone has sounded.
async fn after_the_tone(up: &Up) -> PhoneCall {
    let mut caller = asked_to_speak(up).await;
    caller.heard_text("Hable después del tono", WITHIN).await.unwrap();
    // The tone itself: the next sound after the words.
    caller.wait_for("the tone", WITHIN, |event| *event == PhoneEvent::SoundEnded).await.unwrap();
    caller
}

/// Words said over and over for two seconds: what is shorter than one is taken for an empty message.
async fn a_message(words: &str) -> Vec<i16> {
    let once = spoken(words).await;
    once.repeat(16_000 / once.len() + 1)
}

/// Staff listen until the note was played: what the tape in it says.
async fn staff_hear(up: &Up, words: &str) {
    let mut staff = up.dial("messages").await;
    staff.heard_text("staff code", WITHIN).await.unwrap();
    staff.press("20250143").await.unwrap();
    staff.heard_text("Spanish", WITHIN).await.unwrap();
    staff.heard_text(words, WITHIN).await.unwrap();
    staff.heard_text("Is the message done", WITHIN).await.unwrap();
    staff.press("1").await.unwrap();
    staff.wait_hung_up(WITHIN).await.unwrap();
    assert_eq!(up.store.inner().open_task_count(TaskKind::Message).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_ends_with_hanging_up_is_heard_by_staff_with_their_own_code_and_then_gone() {
    let up = line_for_messages().await;
    let mut caller = after_the_tone(&up).await;
    caller.say(a_message("llamo por mi hermano").await).await.unwrap();
    caller.wait_for("the end of the words", WITHIN, |event| *event == PhoneEvent::SaidAll).await.unwrap();
    caller.hang_up().await;
    up.until_open(TaskKind::Message, 1).await;

    let mut wrong = up.dial("messages").await;
    wrong.heard_text("staff code", WITHIN).await.unwrap();
    wrong.press("11111111").await.unwrap();
    // Asked again, and told nothing.
    wrong.heard_text("staff code", WITHIN).await.unwrap();
    assert!(!wrong.transcript().to_string().contains("Spanish"), "a wrong code hears nothing");
    wrong.hang_up().await;

    staff_hear(&up, "llamo por mi hermano").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pound_key_ends_a_recording_and_the_caller_is_told_that_it_is_kept() {
    let up = line_for_messages().await;
    for keys in [KeyMethod::TelephoneEvent, KeyMethod::Info] {
        let mut caller = after_the_tone(&up).await;
        caller.say(a_message("mi audiencia es el martes").await).await.unwrap();
        caller.wait_for("the end of the words", WITHIN, |event| *event == PhoneEvent::SaidAll).await.unwrap();
        caller.press_by("#", keys).await.unwrap();
        caller.heard_text("Su mensaje está guardado", WITHIN).await.unwrap();
        staff_hear(&up, "mi audiencia es el martes").await;
        caller.hang_up().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pound_key_before_the_tone_leaves_no_message_at_once() {
    let up = line_for_messages().await;
    let mut caller = asked_to_speak(&up).await;
    caller.press("#").await.unwrap();
    // Long before the two minutes that a message may last.
    caller.heard_text("No había nada", WITHIN).await.unwrap();
    assert!(
        !caller.transcript().to_string().contains("heard \"Hable después del tono"),
        "the words were not cut short"
    );
    assert_eq!(up.store.inner().open_task_count(TaskKind::Message).await.unwrap(), 0);
    caller.hang_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_before_the_tone_starts_the_recording_at_once() {
    let up = line_for_messages().await;
    let mut caller = asked_to_speak(&up).await;
    caller.press("5").await.unwrap();
    caller.quiet_for(Duration::from_millis(200), WITHIN).await.unwrap();
    caller.say(a_message("tengo prisa").await).await.unwrap();
    caller.press("#").await.unwrap();
    caller.heard_text("Su mensaje está guardado", WITHIN).await.unwrap();
    staff_hear(&up, "tengo prisa").await;
    caller.hang_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_hangs_up_before_the_tone_leaves_no_message() {
    let up = line_for_messages().await;
    let caller = asked_to_speak(&up).await;
    caller.hang_up().await;
    up.until_no_contact().await;
    assert_eq!(up.store.inner().open_task_count(TaskKind::Message).await.unwrap(), 0);
}

fn sha256_of(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
