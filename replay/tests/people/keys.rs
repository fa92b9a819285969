//! Keys at the wrong moment: while the line is silent because an answer waits for its moment.
//! What keys mean is the conversation's, and how they arrive the telephone's.

use crate::house::{Up, WITHIN};
use caseline_helpline::people::People;
use caseline_voice::phone::KeyMethod;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_key_behind_the_last_digit_of_a_code_does_not_cut_the_answer_short() {
    let late = Duration::from_secs(2);
    let up = Up::with(People::default(), |settings| settings.answer_tries_after = late).await;
    for (key, method) in [("#", KeyMethod::TelephoneEvent), ("5", KeyMethod::TelephoneEvent), ("#", KeyMethod::Info)] {
        let mut caller = up.caller().await;
        caller.press("2").await.unwrap();
        caller.heard_text("Marque los dieciséis dígitos", WITHIN).await.unwrap();
        caller.press("000000137#").await.unwrap();
        caller.heard_text("Tome su tarjeta", WITHIN).await.unwrap();
        // All in one way: SIP INFO would overtake events that are still being sent.
        caller.press_by(&format!("0120460101{key}"), method).await.unwrap();
        let answer = caller.heard_text("no pudimos abrir un caso", WITHIN).await;
        assert!(answer.is_ok(), "{key} by {method:?}:\n{}", caller.transcript());
        caller.quiet_for(Duration::from_millis(400), WITHIN).await.unwrap();
        let heard = caller.transcript().to_string();
        assert!(!heard.contains("No entendimos"), "{key}:\n{heard}");
        caller.hang_up().await;
    }
}
