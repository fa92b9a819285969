//! With which keys a token is signed, which strength of a sign-in is demanded, and how the desk shows itself to the
//! provider by a secret.
//! What else a token must say is left to `openid`.

use crate::browser::Browser;
use crate::line::made_up;
use crate::openid::{Desk, is_in};
use crate::provider::Key;
use axum::http::StatusCode;
use caseline_helpline::staff::StaffStore;
use caseline_model::Private;
use serde_json::{Value, json};
use std::sync::Arc;

async fn with_key(key: Key) -> Desk {
    let made_up = made_up();
    let staff = Arc::clone(&made_up.store) as Arc<dyn StaffStore>;
    Desk::of(made_up, key, staff, |_| {}).await
}

/// Signs in with a token as a test signs it.
async fn sign_in_with(desk: &Desk, token: impl FnOnce(&Value) -> String) -> (StatusCode, String) {
    let mut browser = Browser::new(desk.router.clone());
    let asked = desk.ask(&mut browser, "/staff/openid").await;
    desk.gives(&asked, "code", token(&desk.claims(&asked, "person-1")));
    desk.come_back(&mut browser, &asked["state"], "code").await
}

#[tokio::test]
async fn a_token_is_taken_with_each_of_the_three_algorithms_and_with_the_key_s_own_alone() {
    for key in [Key::new("one"), Key::rsa("one"), Key::ed25519("one")] {
        let algorithm = key.algorithm();
        let desk = with_key(key.clone()).await;
        desk.join(1, "person-1").await;
        assert!(is_in(&sign_in_with(&desk, |claims| key.token(claims)).await), "{algorithm}");
        for other in ["ES256", "ES384", "RS256", "RS512", "PS256", "EdDSA", "HS256", "none"] {
            if other != algorithm {
                let answer = sign_in_with(&desk, |claims| key.token_as(other, "one", claims)).await;
                assert_eq!(answer.0, StatusCode::FORBIDDEN, "{algorithm} that says it is {other}");
            }
        }
        // Another key of the same kind, and of the same name.
        let forger = match algorithm {
            "RS256" => Key::rsa("one"),
            "EdDSA" => Key::ed25519("one"),
            _ => Key::new("one"),
        };
        let answer = sign_in_with(&desk, |claims| forger.token(claims)).await;
        assert_eq!(answer.0, StatusCode::FORBIDDEN, "{algorithm} of a forger");
    }
}

#[tokio::test]
async fn a_key_that_is_not_for_signing_or_not_the_only_one_of_its_name_signs_nobody_in() {
    let key = Key::new("one");
    let for_sealing = {
        let mut shown = key.shown();
        shown["use"] = json!("enc");
        shown
    };
    for (what, keys) in [
        ("for sealing", vec![for_sealing]),
        ("two of one name", vec![key.shown(), Key::new("one").shown()]),
        ("none", Vec::new()),
    ] {
        let desk = with_key(key.clone()).await;
        desk.provider.shown.lock().unwrap().keys = keys;
        assert_eq!(desk.join(1, "person-1").await.0, StatusCode::FORBIDDEN, "{what}");
    }
}

#[tokio::test]
async fn a_method_of_signing_in_is_demanded_where_the_settings_name_one() {
    let desk = Desk::with(|openid| {
        openid.acr.clear();
        openid.amr = vec!["hwk".into(), "swk".into()];
    })
    .await;
    assert_eq!(desk.join(1, "person-1").await.0, StatusCode::FORBIDDEN, "the token names no method");
    let desk = Desk::with(|openid| openid.amr = vec!["hwk".into(), "swk".into()]).await;
    let secret = desk.invite(1).await;
    let mut browser = Browser::new(desk.router.clone());
    let asked = desk.ask(&mut browser, &format!("/staff/openid/join/{}", secret.in_link())).await;
    let mut claims = desk.claims(&asked, "person-1");
    claims["amr"] = json!(["user", "hwk"]);
    desk.gives(&asked, "join", desk.key.token(&claims));
    assert_eq!(desk.come_back(&mut browser, &asked["state"], "join").await.0, StatusCode::SEE_OTHER);
    assert!(is_in(&desk.sign_in(|claims| claims["amr"] = json!(["swk"])).await));
    for weak in [json!(["pwd", "otp"]), json!([]), Value::Null, json!("hwk")] {
        assert!(!is_in(&desk.sign_in(|claims| claims["amr"] = weak.clone()).await), "{weak}");
    }
    let other_class = |claims: &mut Value| {
        claims["amr"] = json!(["hwk"]);
        claims["acr"] = json!("password");
    };
    assert!(!is_in(&desk.sign_in(other_class).await), "class and method are both demanded");
}

#[tokio::test]
async fn a_shared_secret_is_shown_to_the_token_page_in_its_header_alone() {
    let desk = Desk::with(|openid| openid.client_secret = Some(Private::new("made up: 7/é".into()))).await;
    desk.join(1, "person-1").await;
    assert!(is_in(&desk.sign_in(|_| {}).await));
    let shown = desk.provider.shown.lock().unwrap();
    // RFC 6749, 2.3.1: both encoded as in a form, then as RFC 7617 writes it.
    assert_eq!(shown.authorized, ["Basic ZGVzazptYWRlJTIwdXAlM0ElMjA3JTJGJUMzJUE5"; 2], "once for each code");
    assert!(!shown.asked.iter().any(|(path, form)| format!("{path} {form}").contains("made")), "{:?}", shown.asked);
    let tokens: Vec<_> = shown.asked.iter().filter(|(path, _)| path == "/token").collect();
    assert_eq!(tokens.len(), 2);
    assert!(tokens.iter().all(|(_, form)| form.contains("code_verifier=") && !form.contains("client_id=")));
}
