//! Forms that are not ours, too long, or no forms: refused in plain words, and nothing happens.

use crate::browser::{Browser, Page, encoded};
use crate::line::{made_up, settings};
use axum::http::{Method, StatusCode};
use caseline_helpline::Store;
use caseline_web::router;

fn is_plain_refusal(page: &Page) -> bool {
    page.status == StatusCode::FORBIDDEN && page.says("did not take that") && page.html.contains("href=\"/en\"")
}

#[tokio::test]
async fn a_chat_begins_only_from_our_own_page() {
    let made_up = made_up();
    let router = router(made_up.state(settings()));
    let mut browser = Browser::new(router.clone());
    let public = browser.open("/en").await;
    let (action, fields) = public.form("begin", "en");
    for more in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://elsewhere.example")]
    {
        let (status, ..) = browser.send(Method::POST, &action, &[more], encoded(&fields)).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{more:?}");
    }
    let mut without_cookie = Browser::new(router.clone());
    assert!(is_plain_refusal(&without_cookie.submit(&action, &fields).await));
    let mut other_visitor = Browser::new(router);
    other_visitor.open("/en").await;
    assert!(is_plain_refusal(&other_visitor.submit(&action, &fields).await));
    let forged = vec![("form".to_owned(), "0".repeat(32)), ("begin".to_owned(), "en".to_owned())];
    assert!(is_plain_refusal(&browser.submit(&action, &forged).await));
    assert_eq!(made_up.store.open_contacts().await.unwrap(), []);
}

#[tokio::test]
async fn an_answer_is_taken_only_with_the_form_of_that_very_chat() {
    let made_up = made_up();
    let state = made_up.state(settings());
    let mut browser = Browser::new(router(state.clone()));
    let page = browser.chat("en", &[]).await;
    let mut other = Browser::new(router(state));
    let others = other.chat("en", &[]).await;
    let (action, fields) = others.form("choice", "my-case");
    assert!(is_plain_refusal(&browser.submit(&action, &fields).await));
    let without = vec![("choice".to_owned(), "my-case".to_owned())];
    assert!(is_plain_refusal(&browser.submit(&action, &without).await));
    let (_, fields) = page.form("choice", "my-case");
    let cross = [("sec-fetch-site", "cross-site")];
    let (status, ..) = browser.send(Method::POST, &action, &cross, encoded(&fields)).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(browser.open("/chat").await.asks(), "reason", "nothing was taken");
}

#[tokio::test]
async fn a_refusal_is_in_the_language_of_the_page() {
    let made_up = made_up();
    let mut browser = Browser::new(router(made_up.state(settings())));
    let page = browser.chat("ht", &[]).await;
    let (action, mut fields) = page.form("choice", "my-case");
    fields.iter_mut().filter(|field| field.0 == "form").for_each(|field| field.1 = "x".into());
    let refused = browser.submit(&action, &fields).await;
    assert_eq!((refused.status, refused.language().as_str()), (StatusCode::FORBIDDEN, "ht"));
    assert!(refused.says("Tounen nan chat mwen an"), "{}", refused.html);
}

#[tokio::test]
async fn a_cookie_that_we_did_not_make_opens_no_chat() {
    let made_up = made_up();
    let mut browser = Browser::new(router(made_up.state(settings())));
    browser.chat("en", &["my-case"]).await;
    let real = browser.cookies["line"].clone();
    let (id, seal) = real.split_once('.').unwrap();
    let mut bent = id.to_owned();
    bent.replace_range(0..1, if id.starts_with('0') { "1" } else { "0" });
    for forged in [format!("{bent}.{seal}"), id.to_owned(), format!("{id}."), format!("{id}.{}", "0".repeat(32))] {
        browser.cookies.insert("line".into(), forged);
        assert!(browser.open("/chat").await.says("Start the chat"));
    }
}

#[tokio::test]
async fn a_form_that_is_too_long_and_one_that_is_none_get_plain_words() {
    let made_up = made_up();
    let mut browser = Browser::new(router(made_up.state(settings())));
    let page = browser.chat("en", &["more-choices", "message"]).await;
    let page = browser.fill(&page, &[("value", &"x".repeat(9_000))]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(page.says("That was too long."));
    let json = [("sec-fetch-site", "same-origin"), ("content-type", "application/json")];
    for path in ["/chat", "/chat/answer"] {
        let (status, _, html) = browser.send(Method::POST, path, &json, "{}".into()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{html}");
    }
    let page = browser.submit("/chat/answer", &[("key".into(), "a".into()), ("key".into(), "b".into())]).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "a field twice");
    assert_eq!(browser.open("/chat").await.asks(), "message-words", "nothing was taken");
}

#[tokio::test]
async fn a_message_as_long_as_a_form_allows_is_taken_in_every_alphabet() {
    let made_up = made_up();
    let mut browser = Browser::new(router(made_up.state(settings())));
    let page = browser.chat("en", &["more-choices", "message"]).await;
    let page = browser.fill(&page, &[("value", &"é".repeat(1_000))]).await;
    assert_eq!(page.tells(), ["message-left"], "{}", page.html);
}
