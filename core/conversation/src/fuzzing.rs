//! Gives any bytes to the readers of flows, words, policies, saved conversations and typed answers.
//! Mutating bytes and keeping seeds is left to `fuzz/`.

use crate::flow::read::flows_never_panic;
use crate::operator::{Operator, OperatorKind};
use crate::words::read::words_never_panic;
use crate::{Conversation, Input, Key, Policy, Program, SlotType};
use caseline_model::{Private, Time, Zone};
use std::sync::{Arc, OnceLock};

/// A name, and a reader that must not fall over.
type Target = (&'static str, fn(&[u8]));

/// The fuzz targets of this crate, by name.
pub const TARGETS: &[Target] = &[
    ("flows", flows_never_panic),
    ("words", words_never_panic),
    ("policies", policies_never_panic),
    ("saved-conversations", saved_conversations_never_panic),
    ("typed-answers", typed_answers_never_panic),
];

/// Every type that is read from what was keyed or typed.
const TYPED: &[SlotType] = &[
    SlotType::Digits,
    SlotType::Date,
    SlotType::Time,
    SlotType::CaseNumber,
    SlotType::FileReceipt,
    SlotType::ReportCode,
    SlotType::ReceiptOrNumber,
    SlotType::CardCode,
    SlotType::Phone,
    SlotType::WordKey,
    SlotType::Language,
    SlotType::AnyLanguage,
    SlotType::VoiceNote,
    SlotType::Words,
    SlotType::Need,
];

/// A line with a menu, a question and an end: enough for a saved conversation to stand at each kind of step.
const FLOW: &str = r#"flow = "main"
version = 1
note = "new"
start = "reason"
[step.reason]
kind = "choose"
say = "reason-ask"
options = { paper = "number", bye = "over" }
silent = "over"
gave-up = "over"
[step.number]
kind = "ask"
say = "number-ask"
type = "case-number"
into = "number"
then = "over"
silent = "over"
gave-up = "over"
[step.over]
kind = "end"
disposition = "answered by the line"
"#;

const POLICY: &str = r#"main = "main"
person = "main.over"
urgent = "main.over"
first-menu = ["en"]
finder = ["en"]
lifeline = []
silences = 2
attempts = 3
silence-seconds = 8
between-keys-seconds = 4
idle-minutes = 30
drafts = "spoken"
[languages]
en = "full"
[privacy]
"#;

/// Reads text as a policy.
pub fn policies_never_panic(bytes: &[u8]) {
    let _ = Policy::read("fuzz.toml", &String::from_utf8_lossy(bytes));
}

/// Reads a saved conversation and goes on with it: silence, a choice, a value, each key, hanging up.
pub fn saved_conversations_never_panic(bytes: &[u8]) {
    let Some(mut conversation) = Conversation::load(line(), bytes) else { return };
    let saved = conversation.save();
    assert!(saved.is_ok(), "what was loaded can be saved");
    let inputs = [
        Input::Resumed,
        Input::Gave(Private::new("000-000-137".to_owned())),
        Input::Chose("paper".to_owned()),
        Input::Silent,
        Input::Unclear,
        Input::Key(Key::Repeat),
        Input::Key(Key::Urgent),
        Input::Key(Key::Person),
        Input::Tick,
        Input::HungUp,
    ];
    for input in inputs {
        conversation.handle(Time::from_micros(1_000_000), input);
        while conversation.poll().is_some() {}
    }
}

/// Reads text as each type of answer.
pub fn typed_answers_never_panic(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for typed in TYPED {
        let _ = typed.read(&text);
    }
}

fn line() -> Arc<Program> {
    static LINE: OnceLock<Arc<Program>> = OnceLock::new();
    let make = || {
        let operator = Operator {
            kind: OperatorKind::LegalAid,
            name: "Made-Up Helpline".to_owned(),
            shares_with: String::new(),
            hears_calls: String::new(),
        };
        let texts = [("flows/main.toml", FLOW), ("flows/policy.toml", POLICY)];
        Arc::new(Program::read(texts, operator, Zone::utc()).expect("the line above is good"))
    };
    Arc::clone(LINE.get_or_init(make))
}
