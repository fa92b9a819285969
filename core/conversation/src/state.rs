//! The state of a conversation: it can be saved and loaded between any two steps.
//! Sealing and keeping it are left to `helpline` and the store.

use crate::effect::Effect;
use crate::input::Arrival;
use crate::slot::Value;
use crate::telling::Telling;
use caseline_model::{ArticleId, Disposition, Language, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the saved form. A state of another version is not loaded: the caller starts anew.
pub const STATE_VERSION: u16 = 1;

/// How deep flows may call flows.
pub const CALL_DEPTH_MAX: usize = 8;

/// How many tellings "repeat" brings back.
pub const SAID_MAX: usize = 40;

/// Everything that outlives a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The version of this form.
    pub version: u16,
    /// How the contact began; none before it did.
    pub arrival: Option<Arrival>,
    /// The caller's language, once chosen.
    pub language: Option<Language>,
    /// The flows that are running, the innermost last.
    pub stack: Vec<Frame>,
    /// What is waited for.
    pub waiting: Waiting,
    /// How often the current question met silence.
    pub silences: u8,
    /// How often it met something unclear.
    pub unclears: u8,
    /// A voice was heard on the call.
    pub voice_heard: bool,
    /// A key, a choice or a value came.
    pub input_heard: bool,
    /// A case is open in this contact.
    pub case_open: bool,
    /// The best end so far.
    pub disposition: Disposition,
    /// How it ended.
    pub ended: Option<Disposition>,
    /// What was told since the caller's last answer: "repeat" says it again. Bounded by `SAID_MAX`.
    pub said: Vec<Telling>,
    /// When something last came from the caller.
    pub last_input_at: Option<Time>,
}

/// One running flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The flow.
    pub flow: String,
    /// The step it is at.
    pub step: String,
    /// Its slots.
    pub slots: BTreeMap<String, Value>,
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "for", content = "with", rename_all = "kebab-case")]
pub enum Waiting {
    /// Nothing: before the start, or after the end.
    Nothing,
    /// An answer to the question of the current step.
    Answer,
    /// A page of the language finder, from 0.
    LanguagePage(usize),
    /// Whether a value that was read back is right.
    ReadBack(Value),
    /// A choice among articles that may answer typed words.
    Articles(Vec<ArticleId>),
    /// Any sign that somebody is there, before a person is rung.
    AnyoneThere,
    /// The result of an effect.
    Effect(Effect),
}

impl State {
    /// Before anything happened.
    pub const fn new() -> Self {
        Self {
            version: STATE_VERSION,
            arrival: None,
            language: None,
            stack: Vec::new(),
            waiting: Waiting::Nothing,
            silences: 0,
            unclears: 0,
            voice_heard: false,
            input_heard: false,
            case_open: false,
            disposition: Disposition::Abandoned,
            ended: None,
            said: Vec::new(),
            last_input_at: None,
        }
    }
}

impl Default for State {
    fn default() -> Self {
        Self::new()
    }
}
