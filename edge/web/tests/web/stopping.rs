//! The line stops: who chats is told at the next page, in their language, and the chat waits.

use crate::browser::Browser;
use crate::line::{made_up, settings};
use axum::http::{Method, StatusCode};
use caseline_web::router;

#[tokio::test]
async fn whoever_chats_is_told_that_the_line_stops_and_the_chat_goes_on_in_the_next_process() {
    let made_up = made_up();
    let state = made_up.state(settings());
    let mut browser = Browser::new(router(state.clone()));
    let page = browser.chat("ht", &["my-case"]).await;
    assert_eq!(page.asks(), "receipt-or-number");
    state.begin_to_stop();
    assert!(futures_end_now(state.all_told_of_stop()).await.is_none(), "nobody was told yet");

    // An answer that comes now is not taken.
    let told = browser.fill(&page, &[("value", "A000-000-137")]).await;
    assert_eq!(told.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(told.language(), "ht");
    assert!(told.says("Liy sa a dwe kanpe") && told.says("+1 202 555 0100"), "{}", told.html);
    let (_, headers, _) = browser.send(Method::GET, "/chat", &[], String::new()).await;
    assert_eq!(headers["retry-after"], "120");
    assert!(futures_end_now(state.all_told_of_stop()).await.is_some(), "everybody was told");

    // Nobody begins a chat that could not go on; the public page stays.
    let mut another = Browser::new(router(state));
    let public = another.open("/en").await;
    assert_eq!(public.status, StatusCode::OK);
    assert_eq!(another.press(&public, "begin", "en").await.status, StatusCode::SERVICE_UNAVAILABLE);

    let mut later = Browser::new(router(made_up.state(settings())));
    later.cookies = browser.cookies.clone();
    let page = later.open("/chat").await;
    assert_eq!((page.status, page.asks().as_str()), (StatusCode::OK, "receipt-or-number"));
}

/// What a future gives at once, if it does.
async fn futures_end_now<T>(future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(std::time::Duration::ZERO, future).await.ok()
}
