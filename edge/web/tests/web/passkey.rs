//! Passkeys in the chat: made with one more code of the card, shown in place of number and code, refused like a wrong code.

use crate::authenticator::Device;
use crate::browser::{Browser, Page};
use crate::line::{MadeUp, made_up, settings};
use axum::http::{Method, StatusCode};
use caseline_conversation::slot::CaseNumber;
use caseline_helpline::{Clock, Store};
use caseline_model::{ANumber, CardCode, CaseId, Private};
use caseline_web::{WebState, router};
use std::time::{Duration, Instant};

/// The fixed delay of these tests.
const DELAY: Duration = Duration::from_millis(200);

fn code(row: u8) -> CardCode {
    CardCode::from_random(row, 31_000_000 + u64::from(row)).unwrap()
}

async fn line_with_a_card() -> (MadeUp, WebState) {
    let made_up = made_up();
    let codes: Vec<_> = (1..=12).map(|row| Private::new(code(row))).collect();
    let number = Private::new(CaseNumber::A(ANumber::from_value(137).unwrap()));
    made_up.store.enrol(made_up.clock.now(), CaseId::from_random(9), &number, &codes).await.unwrap();
    let state = made_up.state(settings());
    (made_up, state)
}

fn options(page: &Page) -> String {
    page.page.with("data-options").first().expect("the device is asked something").attribute("data-options").to_owned()
}

fn hidden(page: &Page, name: &str) -> String {
    let inputs = page.page.all("input");
    inputs.iter().find(|input| input.attribute("name") == name).unwrap().attribute("value").to_owned()
}

async fn send(browser: &mut Browser, page: &Page, to: &str, more: &[(&str, &str)]) -> Page {
    let mut fields = vec![("form".to_owned(), hidden(page, "form"))];
    if to == "/chat/passkey" {
        fields.push(("step".into(), hidden(page, "step")));
    }
    fields.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    browser.submit(to, &fields).await
}

/// Opens the case with a code, in a new chat.
async fn opened_by_code(state: &WebState, row: u8) -> (Browser, Page) {
    let mut browser = Browser::new(router(state.clone()));
    let page = browser.chat("en", &["my-case"]).await;
    let page = browser.fill(&page, &[("value", "A000-000-137")]).await;
    let page = browser.fill(&page, &[("value", &code(row).keyed())]).await;
    (browser, page)
}

/// Shows a passkey at the question for a number, in a new chat.
async fn show(state: &WebState, device: &mut Device) -> (Browser, Page, Duration) {
    let mut browser = Browser::new(router(state.clone()));
    let page = browser.chat("en", &["my-case"]).await;
    let answer = device.show(&options(&page));
    let asked_at = Instant::now();
    let page = send(&mut browser, &page, "/chat/passkey", &[("credential", &answer)]).await;
    (browser, page, asked_at.elapsed())
}

/// Makes a passkey of a device with two rows of the card.
async fn made(state: &WebState, device: &mut Device, rows: (u8, u8)) -> Browser {
    let (mut browser, page) = opened_by_code(state, rows.0).await;
    assert!(page.page.with("data-passkey-offer").len() == 1, "offered once the case is open: {}", page.html);
    let page = browser.open("/chat/keep").await;
    let answer = device.make(&options(&page));
    let page = send(&mut browser, &page, "/chat/keep", &[("credential", &answer)]).await;
    assert!(page.says("One more code from your card"), "{}", page.html);
    let page = send(&mut browser, &page, "/chat/keep", &[("code", &code(rows.1).keyed())]).await;
    assert!(page.says("Saved."), "{}", page.html);
    browser
}

#[tokio::test]
async fn a_passkey_opens_the_case_like_a_code_and_forget_me_destroys_it() {
    let (_, state) = line_with_a_card().await;
    let mut device = Device::new(1);
    made(&state, &mut device, (1, 2)).await;
    let (mut browser, page, took) = show(&state, &mut device).await;
    assert_eq!((page.tells(), page.asks()), (opened_by_code(&state, 3).await.1.tells(), "case-next".to_owned()));
    assert!(took >= DELAY, "{took:?}: a try is answered at its moment");
    let page = browser.press(&page, "choice", "agent").await;
    assert!(!page.html.is_empty());

    let mut browser = Browser::new(router(state.clone()));
    let page = browser.chat("en", &["more-choices", "forget-me"]).await;
    let answer = device.show(&options(&page));
    let page = send(&mut browser, &page, "/chat/passkey", &[("credential", &answer)]).await;
    let page = browser.press(&page, "choice", "yes").await;
    assert!(page.says("Destroyed: 1 key of a device."), "{}", page.html);
    let (_, page, _) = show(&state, &mut device).await;
    assert!(page.tells().contains(&"not-opened".to_owned()), "{}", page.html);
}

#[tokio::test]
async fn whatever_does_not_open_is_answered_like_a_wrong_code_at_the_same_moment() {
    let (made_up, state) = line_with_a_card().await;
    let mut browser = Browser::new(router(state.clone()));
    let page = browser.chat("en", &["my-case"]).await;
    let page = browser.fill(&page, &[("value", "A000-000-137")]).await;
    let asked_at = Instant::now();
    let wrong = browser.fill(&page, &[("value", "0199999999")]).await;
    let (wrong, wrong_took) = ((wrong.tells(), wrong.asks()), asked_at.elapsed());
    assert!(wrong_took >= DELAY);

    let mut own = Device::new(1);
    made(&state, &mut own, (1, 2)).await;
    let refused = |page: &Page, took: Duration, what: &str| {
        assert_eq!((page.tells(), page.asks()), wrong, "{what}: {}", page.html);
        assert!(took >= DELAY && took < DELAY * 4, "{what} after {took:?}");
    };
    let (_, page, took) = show(&state, &mut Device::new(2)).await;
    refused(&page, took, "an unknown passkey");
    own.origin = "https://elsewhere.example".into();
    let (_, page, took) = show(&state, &mut own).await;
    refused(&page, took, "a passkey that was shown to another site");
    own.origin = "http://localhost:8080".into();
    own.verifies = false;
    let (_, page, took) = show(&state, &mut own).await;
    refused(&page, took, "a device that did not recognise its holder");
    own.verifies = true;
    let (_, page, _) = show(&state, &mut own).await;
    assert_eq!(page.asks(), "case-next", "its own device opens it still");
    own.used(0);
    let (_, page, took) = show(&state, &mut own).await;
    refused(&page, took, "a copy of the device's key");
    made_up.clock.turn(Duration::from_secs(91 * 24 * 3_600));
    own.used(90);
    let (_, page, took) = show(&state, &mut own).await;
    refused(&page, took, "a case whose time is over");
}

#[tokio::test]
async fn an_answer_that_was_sent_before_or_was_asked_of_another_browser_tries_nothing() {
    let (_, state) = line_with_a_card().await;
    let mut device = Device::new(1);
    made(&state, &mut device, (1, 2)).await;
    let mut browser = Browser::new(router(state.clone()));
    let page = browser.chat("en", &["my-case"]).await;
    let answer = device.show(&options(&page));
    let opened = send(&mut browser, &page, "/chat/passkey", &[("credential", &answer)]).await;
    assert_eq!(opened.asks(), "case-next");
    // The same in another chat: its challenge is another one, so it does not fit, like a wrong code.
    let mut thief = Browser::new(router(state.clone()));
    let page = thief.chat("en", &["my-case"]).await;
    let page = send(&mut thief, &page, "/chat/passkey", &[("credential", &answer)]).await;
    assert!(page.tells().contains(&"not-opened".to_owned()), "{}", page.html);
    // Without a question of ours, or with words that are no answer, nothing is tried and nothing counts.
    for nonsense in ["", "{}", "not even JSON"] {
        let mut other = Browser::new(router(state.clone()));
        let page = other.chat("en", &["my-case"]).await;
        for _ in 0..3 {
            let page = send(&mut other, &page, "/chat/passkey", &[("credential", nonsense)]).await;
            assert_eq!((page.status, page.asks()), (StatusCode::OK, "receipt-or-number".to_owned()));
        }
    }
}

#[tokio::test]
async fn a_passkey_is_not_kept_without_one_more_right_code() {
    let (_, state) = line_with_a_card().await;
    let (mut browser, _) = opened_by_code(&state, 1).await;
    let mut device = Device::new(1);
    let page = browser.open("/chat/keep").await;
    let page = send(&mut browser, &page, "/chat/keep", &[("credential", &device.make(&options(&page)))]).await;
    let page = send(&mut browser, &page, "/chat/keep", &[("code", "12")]).await;
    assert!(page.says("We need 10 digits"), "{}", page.html);
    let asked_at = Instant::now();
    let page = send(&mut browser, &page, "/chat/keep", &[("code", &code(1).keyed())]).await;
    assert!(page.says("That did not fit") && asked_at.elapsed() >= DELAY, "{}", page.html);
    let page = send(&mut browser, &page, "/chat/keep", &[("code", "0299999999")]).await;
    assert!(page.says("That did not fit"), "{}", page.html);
    let page = send(&mut browser, &page, "/chat/keep", &[("code", &code(2).keyed())]).await;
    assert!(page.says("A person can help you."), "two wrong tries in a chat: {}", page.html);
    let (_, page, _) = show(&state, &mut device).await;
    assert!(page.tells().contains(&"not-opened".to_owned()), "nothing was kept");
    // Nobody without an open case gets as far.
    let mut stranger = Browser::new(router(state.clone()));
    let page = stranger.chat("en", &["my-case"]).await;
    let (status, headers, _) = stranger.send(Method::GET, "/chat/keep", &[], String::new()).await;
    assert_eq!((status, headers["location"].to_str().unwrap()), (StatusCode::SEE_OTHER, "/chat#now"));
    let page = send(&mut stranger, &page, "/chat/keep", &[("code", &code(3).keyed())]).await;
    assert_eq!(page.asks(), "receipt-or-number");
    let (_, page) = opened_by_code(&state, 3).await;
    assert_eq!(page.asks(), "case-next", "and no code was used up");
}

#[tokio::test]
async fn only_pages_that_may_ask_the_device_have_a_script_and_it_is_one_file_of_our_own() {
    let (_, state) = line_with_a_card().await;
    let mut browser = Browser::new(router(state.clone()));
    let page = browser.chat("en", &[]).await;
    assert!(page.page.all("script").is_empty(), "the first question has none");
    let page = browser.press(&page, "choice", "my-case").await;
    assert_eq!(page.page.all("script").len(), 1);
    let (_, headers, html) = browser.send(Method::GET, "/chat", &[], String::new()).await;
    let csp = headers["content-security-policy"].to_str().unwrap();
    assert!(csp.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; ") && !csp.contains("unsafe"));
    let features = headers["permissions-policy"].to_str().unwrap();
    assert!(features.contains("publickey-credentials-get=(self)") && features.contains("camera=()"), "{features}");
    // Without scripts the offer is not seen, and the chat is as it always was.
    let form = page.page.with("data-passkey");
    assert_eq!(form[0].attribute("hidden"), "hidden", "{html}");
    let page = browser.fill(&page, &[("value", "A000-000-137")]).await;
    assert_eq!(page.asks(), "code");
    assert!(page.page.all("script").is_empty());
    let (_, headers, _) = browser.send(Method::GET, "/chat", &[], String::new()).await;
    assert!(!headers["content-security-policy"].to_str().unwrap().contains("script-src"));
}
