//! Chats that nobody goes on with.

use crate::browser::Browser;
use crate::line::{made_up, settings};
use caseline_helpline::{Clock, Store};
use caseline_model::Disposition;
use caseline_web::router;
use std::time::Duration;

#[tokio::test]
async fn a_chat_to_which_nothing_comes_for_half_an_hour_is_closed_and_says_so() {
    let made_up = made_up();
    let state = made_up.state(settings());
    let mut browser = Browser::new(router(state.clone()));
    browser.chat("ht", &["my-case"]).await;
    let (contact, _) = made_up.store.open_contacts().await.unwrap()[0];
    made_up.clock.turn(Duration::from_secs(29 * 60));
    state.close_idle(made_up.clock.now()).await;
    assert_eq!((browser.open("/chat").await.asks(), state.open_chat_count()), ("receipt-or-number".into(), 1));
    made_up.clock.turn(Duration::from_secs(60));
    state.close_idle(made_up.clock.now()).await;
    assert_eq!(made_up.store.disposition(contact).await.unwrap(), Some(Disposition::Abandoned));
    assert_eq!(state.open_chat_count(), 0);
    let page = browser.open("/chat").await;
    assert!(page.says("Chat sa a fini") && page.says("Yon chat fèmen lè anyen pa vini"), "{}", page.html);
}

#[tokio::test]
async fn chats_of_an_earlier_process_are_closed_too() {
    let made_up = made_up();
    let mut browser = Browser::new(router(made_up.state(settings())));
    browser.chat("en", &[]).await;
    let state = made_up.state(settings());
    made_up.clock.turn(Duration::from_secs(31 * 60));
    state.close_idle(made_up.clock.now()).await;
    assert_eq!(made_up.store.open_contacts().await.unwrap(), []);
}

#[tokio::test]
async fn last_words_are_forgotten_after_some_minutes() {
    let made_up = made_up();
    let state = made_up.state(settings());
    let mut browser = Browser::new(router(state.clone()));
    let page = browser.chat("en", &["legal-help", "own-case"]).await;
    let page = if page.offers().is_empty() { page } else { browser.press(&page, "choice", "goodbye").await };
    assert!(page.says("Goodbye."), "{}", page.html);
    assert!(browser.open("/chat").await.says("Goodbye."), "loading it again shows it again");
    made_up.clock.turn(Duration::from_secs(5 * 60));
    state.close_idle(made_up.clock.now()).await;
    let page = browser.open("/chat").await;
    assert!(page.says("This chat is over") && !page.says("Goodbye."), "{}", page.html);
}
