//! Draws a chat: what was told since the last answer, the open question with its buttons or fields, the ways that are
//! always open. It is drawn from the conversation's state alone, so that loading a page again shows the same.
//! The meaning is left to the conversation, the look to the templates.

use super::open::Over;
use super::passkey;
use crate::frame::{Frame, answer};
use crate::headers::MayUsePasskeys;
use crate::page_key::Purpose;
use crate::state::WebState;
use crate::texts::Text;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use caseline_conversation::output::{Expected, Question};
use caseline_conversation::page::{localized_question, written_question, written_telling};
use caseline_conversation::{Phrase, SlotType, Telling, Words};
use caseline_helpline::ContactRunner;
use caseline_model::Language;
use subtle::ConstantTimeEq;

/// Said by the line while somebody is rung. A page rings nobody and must not say so.
const SAID_WHILE_RINGING: &[&str] = &["person-wait", "urgent-wait", "interpreter-wait"];

/// Said to somebody who was silent. On a page a pressed button came before it.
const SAID_TO_THE_SILENT: &str = "still-there";

/// Before a key: the same for a page, where the words of the key itself speak of keys to press or of waiting.
const ON_A_PAGE: &str = "web-says-";

#[derive(Template)]
#[template(path = "chat.html")]
struct ChatPage {
    frame: Frame,
    again: bool,
    told: Vec<Told>,
    asked: Option<Asked>,
    form: String,
    step: String,
    /// What the device is asked, where a passkey may stand for a number and a code.
    passkey: Option<String>,
    /// A passkey may be made.
    is_offered: bool,
}

#[derive(Template)]
#[template(path = "over.html")]
struct OverPage {
    frame: Frame,
    told: Vec<Told>,
}

/// One thing that is told.
struct Told {
    subject: String,
    texts: Vec<Text>,
}

/// The open question.
struct Asked {
    subject: String,
    texts: Vec<Text>,
    answers: Answers,
    /// The label of the button for whoever has no answer.
    skip: Option<String>,
}

/// How it is answered.
enum Answers {
    /// A button for each option.
    Buttons(Vec<OptionButton>),
    /// A date in three fields.
    Date { months: Vec<Month>, hint: String },
    /// Some rows of words.
    Words { hint: String },
    /// One field.
    Field(Field),
}

struct OptionButton {
    id: String,
    label: Text,
}

struct Month {
    number: u8,
    name: String,
}

struct Field {
    kind: &'static str,
    mode: &'static str,
    length_max: u16,
    hint: String,
}

/// A chat that runs. `preferred` is the browser's language, for as long as the caller has chosen none.
pub(super) fn open_page(state: &WebState, preferred: Language, runner: &ContactRunner, again: bool) -> Response {
    let language = runner.chosen_language().unwrap_or(preferred);
    let frame = Frame::new(state, state.frame_language(language));
    let question =
        runner.question().map(|question| localized_question(&state.line().program, runner.language(), question));
    let page = ChatPage {
        told: told(state, &frame, runner.language(), &runner.conversation().state().said),
        asked: question.map(|question| asked(state, &frame, runner.language(), &question)),
        form: state.settings().page_key.seal(Purpose::ChatForm, &[&runner.id().to_bytes()]),
        step: step(state, runner),
        passkey: passkey::asked_of_device(state, runner),
        is_offered: passkey::is_offered(state, runner),
        again,
        frame,
    };
    let mut response = answer(StatusCode::OK, &page);
    if page.passkey.is_some() || page.is_offered {
        response.extensions_mut().insert(MayUsePasskeys);
    }
    response
}

/// A chat that is over, with its last words while they are held.
pub(super) fn over_page(state: &WebState, preferred: Language, over: &Over) -> Response {
    let language = over.language.unwrap_or(preferred);
    let frame = Frame::new(state, state.frame_language(language));
    let told = told(state, &frame, language, &over.said);
    answer(StatusCode::OK, &OverPage { frame, told })
}

/// A seal of the state that the page was drawn from: an answer to another state is not taken. The state changes with
/// every input, so nothing has to be kept to know that a form was sent twice.
pub(super) fn step(state: &WebState, runner: &ContactRunner) -> String {
    // A state that cannot be written down is of no step: its forms are drawn anew each time.
    let saved = runner.conversation().save().unwrap_or_default();
    state.settings().page_key.seal(Purpose::Step, &[&runner.id().to_bytes(), &saved])
}

/// Whether an answer is to the question that is open.
pub(super) fn is_step(state: &WebState, runner: &ContactRunner, answered: &str) -> bool {
    step(state, runner).as_bytes().ct_eq(answered.as_bytes()).into()
}

fn told(state: &WebState, frame: &Frame, language: Language, said: &[Telling]) -> Vec<Told> {
    let mut rows: Vec<Told> = Vec::new();
    for telling in said.iter().filter(|telling| telling.subject != SAID_TO_THE_SILENT) {
        let subject = telling.subject.clone();
        let texts = if SAID_WHILE_RINGING.contains(&subject.as_str()) {
            vec![frame.word_with_number("web-no-ringing")]
        } else {
            let mut telling = telling.clone();
            on_a_page(state.words(), language, &mut telling.phrases);
            let (written, missing) = written_telling(state.words(), language, &telling);
            for missing in missing {
                tracing::warn!(%missing, "a page lacks words");
            }
            let mut texts: Vec<Text> = written.iter().map(Text::told).collect();
            // Aloud a receipt is said twice; on a page it stands there.
            texts.dedup();
            texts
        };
        let told = Told { subject, texts };
        // The same words twice on one page: asked again without an answer, or a caller who is not rung twice.
        let is_there = rows.iter().any(|row| row.subject == told.subject && row.texts == told.texts);
        if !told.texts.is_empty() && !is_there {
            rows.push(told);
        }
    }
    rows
}

fn asked(state: &WebState, frame: &Frame, language: Language, question: &Question) -> Asked {
    let mut question = question.clone();
    on_a_page(state.words(), language, &mut question.phrases);
    let (written, buttons) = written_question(state.words(), language, &question);
    let mut texts: Vec<Text> = written.iter().map(Text::plain).collect();
    if texts.is_empty() {
        // A page of the language finder has no words of its own.
        let key = if question.subject == "language" { "web-find-language" } else { "web-answer-heading" };
        texts = frame.texts(&[Phrase::new(key)]);
    }
    let (answers, skip) = match &question.expected {
        Expected::Choice(_) => {
            let buttons =
                buttons.into_iter().map(|button| OptionButton { id: button.id, label: Text::plain(&button.label) });
            // Whoever waits at the choice of languages hears others; on a page they press for them.
            let skip = (question.subject == "language" && !question.phrases.is_empty())
                .then(|| frame.word("choose-more-languages"));
            (Answers::Buttons(buttons.collect()), skip)
        }
        Expected::Value(slot_type) => {
            let skip = if matches!(slot_type, SlotType::Words | SlotType::VoiceNote) {
                "web-skip-words"
            } else {
                "web-skip-value"
            };
            (field(frame, *slot_type), Some(frame.word(skip)))
        }
    };
    Asked { subject: question.subject, texts, answers, skip }
}

fn on_a_page(words: &Words, language: Language, phrases: &mut [Phrase]) {
    for phrase in phrases.iter_mut().filter(|phrase| phrase.args.is_empty()) {
        let instead = format!("{ON_A_PAGE}{}", phrase.key);
        if words.key(phrase.language.unwrap_or(language), &instead).is_some() {
            phrase.key = instead;
        }
    }
}

fn field(frame: &Frame, slot_type: SlotType) -> Answers {
    let (kind, mode, length_max, hint) = match slot_type {
        SlotType::Date => {
            let months =
                (1..=12).map(|number| Month { number, name: frame.word(&format!("month-{number}")) }).collect();
            return Answers::Date { months, hint: frame.word("web-hint-date") };
        }
        SlotType::Words | SlotType::VoiceNote => return Answers::Words { hint: frame.word("web-hint-words") },
        // Browsers show hour and minute as their owner is used to, and send 24 hours.
        SlotType::Time => ("time", "numeric", 8, "web-hint-time"),
        SlotType::Phone => ("tel", "tel", 20, "web-hint-phone"),
        SlotType::CardCode => ("text", "numeric", 20, "web-hint-code"),
        SlotType::FileReceipt | SlotType::ReportCode => ("text", "numeric", 30, "web-hint-receipt"),
        // A receipt of USCIS has letters, and some write the A of an A-number.
        SlotType::ReceiptOrNumber => ("text", "text", 30, "web-hint-receipt-or-number"),
        SlotType::CaseNumber => ("text", "text", 30, "web-hint-number"),
        SlotType::WordKey => ("text", "numeric", 4, "web-hint-word-key"),
        SlotType::DeskNumber => ("text", "numeric", 3, "web-hint-desk"),
        SlotType::Digits | SlotType::Language | SlotType::AnyLanguage | SlotType::Need => ("text", "text", 30, ""),
    };
    let hint = if hint.is_empty() { String::new() } else { frame.word(hint) };
    Answers::Field(Field { kind, mode, length_max, hint })
}
