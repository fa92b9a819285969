//! Who is refused by telephone: no link of the line, a wrong key, a wrong code. `helpline/tests/refused_by_telephone.rs`
//! holds that every question to staff has such a test.

use crate::house::{Up, WITHIN, link, staffed};
use caseline_helpline::Role;
use caseline_helpline::people::{MessageListener, People};
use caseline_model::Language;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_that_is_no_link_is_never_offered_a_contact() {
    let (mut stranger, mut desk) = (staffed().await, staffed().await);
    let staff = vec![link("desk", Role::Staff, &desk, &[Language::SPANISH])];
    let up = Up::with(People { staff, ..People::default() }, |_| {}).await;
    let mut caller = up.caller().await;
    caller.press("0").await.unwrap();
    let mut agent = desk.next_call(WITHIN).await.unwrap();
    agent.heard_text("Spanish", WITHIN).await.unwrap();
    agent.press("2").await.unwrap();
    caller.heard_text("oprima uno", WITHIN).await.unwrap();
    assert!(stranger.next_call(Duration::ZERO).await.is_err(), "a telephone that no setting names was rung");
    // Nor by ringing the line: whoever rings in is a caller, and is greeted as one.
    let mut ringing_in = up.caller().await;
    ringing_in.press("1").await.unwrap();
    ringing_in.quiet_for(Duration::from_millis(400), WITHIN).await.unwrap();
    assert!(!ringing_in.transcript().to_string().contains("waits"), "{}", ringing_in.transcript());
    ringing_in.hang_up().await;
    caller.hang_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_wrong_codes_end_the_call_and_no_message_is_asked_about() {
    use sha2::{Digest, Sha256};
    let code_hash = Sha256::digest("salt20250143").iter().map(|byte| format!("{byte:02x}")).collect();
    let listeners =
        vec![MessageListener { name: "desk".into(), language: Language::ENGLISH, code_hash, code_salt: "salt".into() }];
    let up = Up::with(People { listeners, ..People::default() }, |_| {}).await;
    let mut wrong = up.dial("messages").await;
    for code in ["11111111", "22222222", "20250144"] {
        wrong.heard_text("staff code", WITHIN).await.unwrap();
        wrong.press(code).await.unwrap();
    }
    wrong.wait_hung_up(WITHIN).await.unwrap();
    let heard = wrong.transcript().to_string();
    assert!(!heard.contains("message done") && !heard.contains("Spanish"), "{heard}");
}
