//! Conversations in the chat, from the first page to goodbye.

use crate::browser::Browser;
use crate::line::{made_up, settings};
use axum::http::StatusCode;
use caseline_helpline::Store;
use caseline_helpline::ports::TaskKind;
use caseline_model::{Channel, Disposition};
use caseline_web::router;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_caller_reads_their_notice_in_spanish_opens_a_file_and_hears_it_in_another_chat() {
    let made_up = made_up();
    let state = made_up.state(settings());
    let mut browser = Browser::new(router(state.clone()));

    let page = browser.chat("es", &[]).await;
    assert_eq!(page.language(), "es");
    assert_eq!((page.tells(), page.asks().as_str()), (vec!["greeting".to_owned()], "reason"));
    assert!(page.says("Somos Made-Up Legal Aid.") && page.says("¿Qué necesita?"), "{}", page.html);

    let page = browser.press(&page, "choice", "paper").await;
    let page = browser.press(&page, "choice", "hearing-notice").await;
    assert_eq!(page.asks(), "hearing-date");
    assert!(page.says("abril"), "months by name");
    let page = browser.fill(&page, &[("month", "4"), ("day", "14"), ("year", "2026")]).await;
    assert!(page.says("martes 14 de abril de 2026"), "{}", page.html);
    let page = browser.press(&page, "choice", "yes").await;
    assert_eq!(page.asks(), "hearing-time");
    let page = browser.fill(&page, &[("value", "8:30 am")]).await;
    assert!(page.says("8:30 de la mañana"), "{}", page.html);
    let page = browser.press(&page, "choice", "yes").await;
    let page = browser.press(&page, "choice", "no").await;
    assert_eq!(page.asks(), "other-appointment");
    let page = browser.press(&page, "choice", "no").await;
    assert!(page.offers().contains(&"open-file".to_owned()), "{:?}", page.offers());
    let page = browser.press(&page, "choice", "open-file").await;
    let page = browser.press(&page, "choice", "yes").await;
    let page = browser.press(&page, "choice", "no").await;
    let receipt = page.page.with("class").iter().find(|p| p.attribute("class") == "digits").unwrap().text.clone();
    let digits: String = receipt.chars().filter(char::is_ascii_digit).collect();
    assert_eq!(digits.len(), 16, "{receipt}");
    assert_eq!(page.html.matches(receipt.trim()).count(), 1, "on a page it stands once");

    let page = browser.press(&page, "choice", "goodbye").await;
    assert!(page.says("Este chat terminó") && page.says("Gracias por escribir"), "{}", page.html);

    let mut other = Browser::new(router(state));
    let page = other.chat("es", &["my-case"]).await;
    let asked_at = Instant::now();
    let page = other.fill(&page, &[("value", &digits)]).await;
    assert!(asked_at.elapsed() >= Duration::from_millis(200), "a try is answered at its moment");
    assert!(page.tells().contains(&"hearing".to_owned()), "{:?} {}", page.tells(), page.html);
    assert!(page.says("martes 14 de abril de 2026") && page.says("De su propio aviso"), "{}", page.html);
}

#[tokio::test]
async fn loading_a_page_again_shows_the_same_and_sends_nothing() {
    let made_up = made_up();
    let mut browser = Browser::new(router(made_up.state(settings())));
    let page = browser.chat("en", &["paper"]).await;
    let again = browser.open("/chat").await;
    let once_more = browser.open("/chat").await;
    assert_eq!(page.html, again.html);
    assert_eq!(again.html, once_more.html);
}

#[tokio::test]
async fn a_form_that_is_sent_twice_is_taken_once() {
    let made_up = made_up();
    let mut browser = Browser::new(router(made_up.state(settings())));
    let page = browser.chat("en", &["more-choices", "message"]).await;
    assert_eq!(page.asks(), "message-words");
    let (action, mut fields) = page.form("silent", "yes");
    fields.retain(|field| field.0 != "silent");
    fields.push(("value".into(), "Please tell me the opening hours.".into()));
    let first = browser.submit(&action, &fields).await;
    assert_eq!(first.tells(), ["message-left"]);
    let second = browser.submit(&action, &fields).await;
    assert!(second.says("We have that already."), "{}", second.html);
    assert_eq!((second.tells(), second.asks()), (first.tells(), first.asks()));
    assert_eq!(made_up.store.open_task_count(TaskKind::Message).await.unwrap(), 1);
}

#[tokio::test]
async fn two_answers_at_the_same_moment_are_one_after_the_other() {
    let made_up = made_up();
    let router = router(made_up.state(settings()));
    let mut browser = Browser::new(router.clone());
    let page = browser.chat("en", &[]).await;
    let (action, fields) = page.form("choice", "more-choices");
    let mut twin = Browser::new(router);
    twin.cookies = browser.cookies.clone();
    let (one, other) = tokio::join!(browser.submit(&action, &fields), twin.submit(&action, &fields));
    assert_eq!((one.asks(), other.asks()), ("more".into(), "more".into()));
    assert!(one.says("We have that already.") != other.says("We have that already."), "one of them was late");
}

#[tokio::test]
async fn a_chat_button_that_is_pressed_twice_begins_one_chat() {
    let made_up = made_up();
    let router = router(made_up.state(settings()));
    let mut browser = Browser::new(router.clone());
    let public = browser.open("/en").await;
    let (action, fields) = public.form("begin", "en");
    let mut twin = Browser::new(router);
    twin.cookies = browser.cookies.clone();
    tokio::join!(browser.submit(&action, &fields), twin.submit(&action, &fields));
    assert_eq!(browser.cookies["line"], twin.cookies["line"]);
    assert_eq!(made_up.store.open_contacts().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_chat_goes_on_after_the_program_was_started_again() {
    let made_up = made_up();
    let mut browser = Browser::new(router(made_up.state(settings())));
    let before = browser.chat("ht", &["paper", "hearing-notice"]).await;
    let mut after = Browser::new(router(made_up.state(settings())));
    after.cookies = browser.cookies.clone();
    let page = after.open("/chat").await;
    assert_eq!(page.html, before.html, "the same question with the same forms");
    let page = after.fill(&before, &[("month", "4"), ("day", "14"), ("year", "2026")]).await;
    assert_eq!(page.asks(), "read-back");
}

#[tokio::test]
async fn a_person_and_urgent_help_are_one_press_away_from_every_question() {
    let made_up = made_up();
    let mut browser = Browser::new(router(made_up.state(settings())));
    let page = browser.chat("es", &["my-case"]).await;
    let urgent = browser.press(&page, "key", "urgent").await;
    assert_eq!(urgent.asks(), "urgent");
    let danger = browser.press(&urgent, "choice", "danger-now").await;
    assert!(danger.html.contains("href=\"tel:911\""), "{}", danger.html);
    assert!(danger.says("Esta página no puede llamar a una persona por usted"), "{}", danger.html);
    let person = browser.press(&danger, "key", "person").await;
    assert!(person.says("+1 202 555 0100") && person.tells().contains(&"person-wait".to_owned()), "{}", person.html);
    assert!(!person.says("Estamos llamando a una persona"), "a page rings nobody and does not say so");
    assert!(person.offers().contains(&"callback".to_owned()), "{:?}", person.offers());
}

#[tokio::test]
async fn whoever_does_not_have_a_number_presses_once_and_is_not_asked_whether_they_are_there() {
    let made_up = made_up();
    let mut browser = Browser::new(router(made_up.state(settings())));
    let page = browser.chat("en", &["my-case"]).await;
    let page = browser.press(&page, "silent", "yes").await;
    assert_eq!(page.asks(), "no-number");
    assert!(!page.says("Are you still there?"));
}

#[tokio::test]
async fn what_cannot_be_read_is_asked_again_and_the_third_time_leads_to_a_person() {
    let made_up = made_up();
    let mut browser = Browser::new(router(made_up.state(settings())));
    let mut page = browser.chat("en", &["paper", "hearing-notice"]).await;
    for _ in 0..2 {
        page = browser.fill(&page, &[("month", "2"), ("day", "31"), ("year", "2026")]).await;
        assert_eq!((page.tells(), page.asks()), (vec!["not-understood".to_owned()], "hearing-date".to_owned()));
    }
    let page = browser.fill(&page, &[("month", ""), ("day", ""), ("year", "")]).await;
    assert!(page.tells().contains(&"person-wait".to_owned()), "{:?}", page.tells());
}

#[tokio::test]
async fn a_receipt_that_never_was_and_one_that_is_wrong_get_the_same_page() {
    let made_up = made_up();
    let state = made_up.state(settings());
    let mut pages = Vec::new();
    for receipt in ["4000 0000 0000 0002", "4417-0092-5533-1845"] {
        let mut browser = Browser::new(router(state.clone()));
        let page = browser.chat("en", &["my-case"]).await;
        let page = browser.fill(&page, &[("value", receipt)]).await;
        pages.push((page.tells(), page.asks(), page.page.text.clone()));
    }
    assert_eq!(pages[0], pages[1]);
}

#[tokio::test]
async fn a_mam_speaker_finds_their_language_by_its_own_name_behind_more_languages() {
    let made_up = made_up();
    let mut browser = Browser::new(router(made_up.state(settings())));
    let public = browser.open("/es").await;
    let menu = browser.press(&public, "begin", "ask").await;
    assert_eq!(
        (menu.asks().as_str(), menu.offers()),
        ("language", vec!["en".into(), "es".into(), "ht".into(), "mam".into()])
    );
    assert!(menu.says("Kreyòl ayisyen") && menu.says("Español"));
    let finder = browser.press(&menu, "silent", "yes").await;
    assert_eq!(finder.offers(), ["mam", "quc", "kjb", "kek", "more-languages"]);
    let next = browser.press(&finder, "choice", "more-languages").await;
    assert!(next.says("Português") && next.html.contains("lang=\"pt\""), "{}", next.html);
    let mam = browser.press(&finder, "choice", "mam").await;
    assert!(mam.says("We have that already."), "the page before is an old page");
    let mam = browser.press(&next, "key", "repeat").await;
    assert_eq!(mam.asks(), "language");
}

#[tokio::test]
async fn leaving_fast_ends_the_chat_and_drops_what_the_browser_kept() {
    let made_up = made_up();
    let state = made_up.state(settings());
    let mut browser = Browser::new(router(state.clone()));
    browser.chat("es", &["my-case"]).await;
    let kept = browser.cookies.clone();
    let (contact, channel) = made_up.store.open_contacts().await.unwrap()[0];
    assert_eq!(channel, Channel::WebChat);
    let ours = [("sec-fetch-site", "same-origin")];
    let (status, headers, _) = browser.send(axum::http::Method::GET, "/leave", &ours, String::new()).await;
    assert_eq!((status, headers["location"].to_str().unwrap()), (StatusCode::SEE_OTHER, "/blank"));
    assert_eq!(headers["clear-site-data"], "\"cache\", \"cookies\", \"storage\"");
    assert_eq!(browser.cookies.len(), 0);
    let blank = browser.open("/blank").await;
    assert_eq!(blank.page.all("body")[0].text.trim(), "");

    // Whoever brings the old cookie back finds nothing of the chat.
    let mut back = Browser::new(router(state));
    back.cookies = kept;
    let page = back.open("/chat").await;
    assert!(page.says("Este chat terminó") && page.tells().is_empty(), "{}", page.html);
    assert_eq!(made_up.store.disposition(contact).await.unwrap(), Some(Disposition::Abandoned));
}

#[tokio::test]
async fn another_site_or_a_prefetch_does_not_end_a_chat() {
    let made_up = made_up();
    let mut settings = settings();
    settings.exit_to = Some("https://weather.example/".into());
    let mut browser = Browser::new(router(made_up.state(settings)));
    browser.chat("en", &[]).await;
    for more in [("sec-fetch-site", "cross-site"), ("sec-purpose", "prefetch;prerender")] {
        let (status, headers, _) = browser.send(axum::http::Method::GET, "/leave", &[more], String::new()).await;
        assert_eq!(
            (status, headers["location"].to_str().unwrap()),
            (StatusCode::SEE_OTHER, "https://weather.example/")
        );
        assert!(!headers.contains_key("clear-site-data"));
    }
    assert_eq!(browser.open("/chat").await.asks(), "reason");
}

#[tokio::test]
async fn a_new_chat_ends_the_one_before() {
    let made_up = made_up();
    let mut browser = Browser::new(router(made_up.state(settings())));
    browser.chat("en", &["my-case"]).await;
    let public = browser.open("/es").await;
    assert!(public.says("Tiene un chat abierto."));
    let page = browser.press(&public, "begin", "es").await;
    assert_eq!(page.asks(), "reason");
    assert_eq!(made_up.store.open_contacts().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_full_disk_loses_no_chat_and_nothing_is_said_to_be_saved() {
    let made_up = made_up();
    let mut browser = Browser::new(router(made_up.state(settings())));
    let page = browser.chat("en", &["more-choices", "message"]).await;
    made_up.store.fill_disk_after(Some(0));
    let page = browser.fill(&page, &[("value", "Please call me.")]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.says("We could not save your message."), "{}", page.html);
}

#[tokio::test]
async fn what_a_caller_writes_is_never_markup() {
    let made_up = made_up();
    let mut browser = Browser::new(router(made_up.state(settings())));
    let page = browser.chat("en", &[]).await;
    let (action, mut fields) = page.form("choice", "paper");
    fields.last_mut().unwrap().1 = "<script>alert(1)</script>\"'".into();
    let page = browser.submit(&action, &fields).await;
    assert_eq!(page.tells(), ["not-understood"]);
    assert!(!page.html.contains("alert(1)"));
}
