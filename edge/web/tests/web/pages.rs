//! The public page and what is said when something does not work.

use crate::browser::Browser;
use crate::line::{made_up, made_up_of, operator, program, settings, with_program};
use axum::http::{Method, StatusCode};
use caseline_conversation::operator::OperatorKind;
use caseline_conversation::page::who_we_are;
use caseline_conversation::{Arrival, Conversation, Input, Output, Phrase};
use caseline_model::{Channel, Language, Time};
use caseline_web::router;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

#[tokio::test]
async fn the_public_page_stands_in_each_language_with_links_by_their_own_names() {
    let made_up = made_up();
    let mut browser = Browser::new(router(made_up.state(settings())));
    for (tag, who, start) in [
        ("en", "We are not the government.", "Start the chat"),
        ("es", "No somos el gobierno.", "Empezar el chat"),
        ("ht", "Nou pa gouvènman an.", "Kòmanse chat la"),
    ] {
        let page = browser.open(&format!("/{tag}")).await;
        assert_eq!((page.status, page.language().as_str()), (StatusCode::OK, tag));
        assert!(page.says(who) && page.says(start) && page.says("Made-Up Legal Aid"), "{}", page.html);
        assert!(page.html.contains("href=\"tel:+12025550100\"") && page.html.contains("href=\"tel:911\""));
        let names: Vec<(String, String)> = page
            .page
            .with("hreflang")
            .iter()
            .map(|link| (link.attribute("lang").to_owned(), link.text.clone()))
            .collect();
        assert_eq!(
            names,
            [("en", "English"), ("es", "Español"), ("ht", "Kreyòl ayisyen")].map(|(a, b)| (a.to_owned(), b.to_owned()))
        );
    }
}

#[tokio::test]
async fn what_the_browser_prefers_chooses_only_where_the_address_does_not() {
    let made_up = made_up();
    let mut browser = Browser::new(router(made_up.state(settings())));
    browser.accepts = "es-GT,es;q=0.9";
    assert_eq!(browser.open("/").await.language(), "es");
    assert_eq!(browser.open("/en").await.language(), "en");
    browser.accepts = "fi";
    assert_eq!(browser.open("/").await.language(), "en");
}

#[tokio::test]
async fn a_page_that_is_not_there_says_so_in_plain_words_with_the_way_on() {
    let made_up = made_up();
    let mut browser = Browser::new(router(made_up.state(settings())));
    browser.accepts = "es";
    for path in ["/nowhere", "/chat/nowhere", "/mam", "/.env"] {
        let page = browser.open(path).await;
        assert_eq!((page.status, page.language().as_str()), (StatusCode::NOT_FOUND, "es"), "{path}");
        assert!(page.says("Aquí no hay tal página.") && page.html.contains("href=\"/es\""), "{}", page.html);
    }
    let (status, headers, _) = browser.send(Method::DELETE, "/chat", &[], String::new()).await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(headers["allow"].to_str().unwrap().contains("POST"));
}

#[tokio::test]
async fn an_agency_says_first_whose_line_it_is_and_offers_no_reports() {
    let made_up = made_up_of(operator(OperatorKind::Agency));
    let mut browser = Browser::new(router(made_up.state(settings())));
    let page = browser.open("/en").await;
    let agency = page.page.text.find("This line belongs to the government.").unwrap();
    assert!(agency < page.page.text.find("We are Made-Up Legal Aid.").unwrap());
    assert!(!page.says("Tell us that a record about you is wrong."));
}

#[test]
fn the_page_says_who_we_are_as_the_greeting_does() {
    for kind in [OperatorKind::LegalAid, OperatorKind::City] {
        let mut operator = operator(kind);
        operator.shares_with = "the Made-Up Bar".into();
        operator.hears_calls = "A made-up trainer".into();
        let phrases = who_we_are(&operator);
        let mut conversation = Conversation::new(Arc::new(program(operator, &[])));
        let arrival = Arrival {
            channel: Channel::WebChat,
            language: Some(Language::ENGLISH),
            staffed: false,
            number_shown: false,
            custody: false,
        };
        conversation.handle(Time::from_micros(0), Input::Arrived(arrival));
        let greeting = std::iter::from_fn(|| conversation.poll())
            .find_map(|output| match output {
                Output::Tell(telling) if telling.subject == "greeting" => Some(telling.phrases),
                _ => None,
            })
            .unwrap();
        assert_eq!(phrases, greeting);
    }
}

#[test]
fn every_word_that_pages_name_stands_in_each_language_and_none_is_left_over() {
    let program = program(operator(OperatorKind::LegalAid), &[]);
    let mut named = BTreeSet::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["src", "src/chat", "src/staff", "templates"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            // The names of fuzz targets are no words.
            if path.is_file() && !path.ends_with("fuzzing.rs") {
                let text = std::fs::read_to_string(path).unwrap();
                named.extend(
                    text.split('"')
                        .filter(|word| word.starts_with("web-") && !word.contains([' ', '\\']) && *word != "web-says-")
                        .map(str::to_owned),
                );
            }
        }
    }
    for language in [Language::ENGLISH, Language::SPANISH, Language::HAITIAN_CREOLE] {
        let there: BTreeSet<String> =
            program.words.keys(language).map(|row| row.0.to_owned()).filter(|key| key.starts_with("web-")).collect();
        let (instead, there): (BTreeSet<String>, BTreeSet<String>) =
            there.into_iter().partition(|key| key.starts_with("web-says-"));
        for key in instead {
            let of = key.trim_start_matches("web-says-");
            assert!(program.words.key(language, of).is_some(), "{key} stands for no key in {language:?}");
        }
        assert_eq!(named, there, "{language:?}");
        let english = |key: &str| program.words.key(Language::ENGLISH, key).unwrap().placeholders.clone();
        for (key, row) in program.words.keys(language).filter(|row| row.0.starts_with("web-")) {
            assert_eq!(row.placeholders, english(key), "{key} in {language:?}");
            assert!(!row.has_sms && !row.has_voice, "{key} is for the screen only");
        }
    }
}

#[tokio::test]
async fn a_language_that_runs_from_right_to_left_does_so() {
    let arabic: Language = "ar".parse().unwrap();
    // The words are not Arabic; what is looked at is the way the page runs.
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../words/en");
    let all: String = std::fs::read_dir(repository)
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect::<Vec<_>>()
        .join("\n");
    let mut program = program(operator(OperatorKind::LegalAid), &[(arabic, &all)]);
    program.policy.languages.insert(arabic, caseline_conversation::policy::Level::Full);
    assert!(program.words.written(arabic, &Phrase::new("web-leave")).is_ok());
    let made_up = with_program(program);
    let mut browser = Browser::new(router(made_up.state(settings())));
    let public = browser.open("/ar").await;
    assert_eq!(public.page.all("html")[0].attribute("dir"), "rtl");
    assert_eq!(public.page.with("hreflang")[0].attribute("dir"), "ltr");
    let page = browser.press(&public, "begin", "ar").await;
    assert_eq!(page.page.all("html")[0].attribute("dir"), "rtl");
    assert!(page.html.contains("<span lang=\"ar\" dir=\"rtl\">"));
}
