//! The sheet with the twelve codes, which is shown once: large, neutral, in the language of whoever gets it.
//! Making the codes is left to `cards`, the words to the catalogues.

use super::StaffDesk;
use super::cards::spaced;
use crate::frame::answer;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use caseline_conversation::Phrase;
use caseline_helpline::cards::CardDeed;
use caseline_model::{CardCode, Language, Private};

#[derive(Template)]
#[template(path = "staff/sheet.html")]
struct SheetPage<'a> {
    style: &'static str,
    tag: &'a str,
    direction: &'static str,
    words: SheetWords,
    rows: Vec<(String, String)>,
}

struct SheetWords {
    heading: String,
    how: String,
    /// What holds for several people on one card.
    several: Option<String>,
    keep: String,
    lost: String,
    row: String,
    digits: String,
}

/// The sheet of a card that was just made.
pub(super) fn answer_with(
    desk: &StaffDesk,
    deed: &CardDeed,
    language: Language,
    codes: &[Private<CardCode>],
) -> Response {
    let word = |key: &str| {
        let written = desk.0.line.program.words.written(language, &Phrase::new(key));
        written.inspect_err(|missing| tracing::warn!(%missing, "the sheet lacks words")).unwrap_or_default()
    };
    let several = match deed {
        CardDeed::Family { .. } => Some(word("web-card-family")),
        CardDeed::Representative { .. } => Some(word("web-card-representative")),
        _ => None,
    };
    let words = SheetWords {
        heading: word("web-card-heading"),
        how: word("web-card-how"),
        several,
        keep: word("web-card-keep"),
        lost: word("web-card-lost"),
        row: word("web-card-row"),
        digits: word("web-card-digits"),
    };
    let rows = codes.iter().map(|code| (format!("{:02}", code.reveal().row()), spaced(&code.reveal().digits())));
    let page = SheetPage {
        style: crate::style::address(),
        tag: language.tag(),
        direction: crate::texts::direction(language),
        words,
        rows: rows.collect(),
    };
    answer(StatusCode::OK, &page)
}
