//! What a caller heard or read, drawn for a translator: the meaning, and below it the words of the channel.
//! The words themselves stand in the catalogues.

use super::matching::meaning;
use super::{Exchange, Happening, Heard};
use caseline_conversation::keypad::{OPTION_KEYS, spoken_question, spoken_telling};
use caseline_conversation::page::{written_question, written_telling};
use caseline_conversation::words::{Said, Words};
use caseline_conversation::{Phrase, Question, Telling};
use caseline_model::Language;
use std::fmt::Write as _;

/// Said by the line while somebody is rung.
const SAID_WHILE_RINGING: &[&str] = &["person-wait", "urgent-wait", "interpreter-wait"];

/// Before a key of the words: the same for a page, where the words of the key speak of keys or of waiting.
const ON_A_PAGE: &str = "web-says-";

/// A play as it was heard on the telephone.
pub fn on_keypad(words: &Words, exchanges: &[Exchange]) -> String {
    draw(exchanges, |heard| {
        let said = match &heard.what {
            Happening::Told(telling) => spoken_telling(words, heard.language, telling).0,
            Happening::Asked(question) => spoken_question(words, heard.language, question).0,
            _ => return Vec::new(),
        };
        rows(&said)
    })
}

/// A play as it was read in the chat.
pub fn on_page(words: &Words, exchanges: &[Exchange]) -> String {
    draw(exchanges, |heard| match &heard.what {
        Happening::Told(telling) => told_on_page(words, heard.language, telling),
        Happening::Asked(question) => {
            let (texts, buttons) = asked_on_page(words, heard.language, question);
            texts.into_iter().chain(buttons.into_iter().map(|(_, label)| format!("[{label}]"))).collect()
        }
        _ => Vec::new(),
    })
}

/// The texts of a telling on a page: where a page has words of its own for a phrase, these; nothing twice in a row. None
/// for what is said while somebody is rung, since a page rings nobody and says so in its own way.
pub fn told_on_page(words: &Words, language: Language, telling: &Telling) -> Vec<String> {
    if SAID_WHILE_RINGING.contains(&telling.subject.as_str()) {
        return Vec::new();
    }
    let mut telling = telling.clone();
    on_a_page(words, language, &mut telling.phrases);
    let mut texts: Vec<String> =
        written_telling(words, language, &telling).0.into_iter().map(|text| text.text).collect();
    texts.dedup();
    texts
}

/// The texts of a question on a page, and its buttons with their labels.
pub fn asked_on_page(words: &Words, language: Language, question: &Question) -> (Vec<String>, Vec<(String, String)>) {
    let mut question = question.clone();
    on_a_page(words, language, &mut question.phrases);
    let (texts, buttons) = written_question(words, language, &question);
    let buttons = buttons.into_iter().map(|button| (button.id, button.label.text));
    (texts.into_iter().map(|text| text.text).collect(), buttons.collect())
}

fn on_a_page(words: &Words, language: Language, phrases: &mut [Phrase]) {
    for phrase in phrases.iter_mut().filter(|phrase| phrase.args.is_empty()) {
        let instead = format!("{ON_A_PAGE}{}", phrase.key);
        if words.key(phrase.language.unwrap_or(language), &instead).is_some() {
            phrase.key = instead;
        }
    }
}

/// The key of an option at a question.
pub fn key_of(question: &Question, option: &str) -> Option<char> {
    let place = question.choices().iter().position(|choice| choice.id == option)?;
    OPTION_KEYS.get(place).copied()
}

fn draw(exchanges: &[Exchange], text: impl Fn(&Heard) -> Vec<String>) -> String {
    let mut page = String::new();
    for exchange in exchanges {
        if !exchange.caller.is_empty() {
            let _ = writeln!(page, "  caller  {}", exchange.caller);
        }
        for heard in &exchange.heard {
            let who =
                if matches!(heard.what, Happening::Rings(_) | Happening::Missed(_)) { "   chain" } else { "    line" };
            let _ = writeln!(page, "{who}  {}", meaning(heard));
            for row in text(heard) {
                let _ = writeln!(page, "            {row}");
            }
        }
    }
    page
}

/// Texts that follow on one another in one row, values from their parts; a row for each whole prompt.
fn rows(said: &[Said]) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    let mut goes_on = false;
    for piece in said {
        let is_part = piece.id.contains("/part/") || piece.text.is_empty();
        match rows.last_mut() {
            Some(row) if goes_on || is_part => {
                if !piece.text.is_empty() {
                    row.push(' ');
                    row.push_str(&piece.text);
                }
            }
            _ => rows.push(piece.text.clone()),
        }
        goes_on = is_part && rows.last().is_some_and(|row| !row.ends_with(['.', '!', '?']));
    }
    rows
}
