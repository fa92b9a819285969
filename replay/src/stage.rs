//! What stages have in common: what happens on them, what a caller's words mean there, and why a page fails.
//! Playing is left to each stage.

pub mod acting;
pub mod afterwards;
pub mod chat;
pub mod drawn;
pub mod engine;
pub mod keypad;
pub mod matching;

use crate::script::{Condition, Step};
use caseline_conversation::{Question, Telling};
use caseline_model::{Channel, Disposition, Language, Phone, Private};
use std::fmt;
use std::str::FromStr;

/// Where pages are played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Values in process, on a clock that the stage turns.
    Engine,
    /// A telephone on the loopback network: SIP, RTP, keys.
    Keypad,
    /// The web pages, in process.
    Chat,
}

impl Stage {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Engine, Self::Keypad, Self::Chat];

    /// The word in pages and commands.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Keypad => "keypad",
            Self::Chat => "chat",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Stage {
    type Err = NotAStage;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|stage| stage.as_str() == text).ok_or(NotAStage)
    }
}

/// The word names no stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a stage is engine, keypad or chat")]
pub struct NotAStage;

/// Why a page fails: the row, and what was expected and came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {row}: {what}")]
pub struct Failure {
    /// The row of the page; 0 for the page as a whole.
    pub row: usize,
    /// What was expected, what came.
    pub what: String,
}

/// One thing that happened on a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// The line told this.
    Told(Telling),
    /// The line asked this and waits.
    Asked(Question),
    /// Somebody's telephone rings.
    Rings(String),
    /// They did not take the contact.
    Missed(String),
    /// They took it.
    Joined {
        /// Who.
        name: String,
        /// What they were told that the caller needs.
        need: String,
    },
    /// A message is being recorded.
    Recording,
    /// The line calls somebody.
    Calls(Private<Phone>),
    /// The contact is over.
    Ended(Disposition),
}

/// What happened, and the language in which the line spoke then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// What.
    pub what: Happening,
    /// The language of the contact.
    pub language: Language,
}

/// What a caller did and what came of it.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    /// As the page says it; empty for what came by itself.
    pub caller: String,
    /// What came of it, in order.
    pub heard: Vec<Heard>,
}

/// Under which names a stage plays: `(only on …)` and `(unless on …)` name these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Playing {
    /// The stage.
    pub stage: Stage,
    /// The channel of the contact.
    pub channel: Channel,
    /// The network shows the caller's number.
    pub number_is_shown: bool,
}

impl Playing {
    /// Whether a step is played here.
    ///
    /// # Errors
    /// A condition that no stage knows.
    pub fn plays(&self, step: &Step) -> Result<bool, Failure> {
        match &step.condition {
            None => Ok(true),
            Some(Condition::OnlyOn(names)) => Ok(names.iter().any(|name| self.is_called(name))),
            Some(Condition::Unless(what)) => match (what.as_str(), what.strip_prefix("on ")) {
                ("the number is shown", _) => Ok(!self.number_is_shown),
                ("no number is shown", _) => Ok(self.number_is_shown),
                (_, Some(name)) => Ok(!self.is_called(name)),
                _ => Err(Failure {
                    row: step.row,
                    what: "write `(unless on chat)`, `(unless the number is shown)` or `(unless no number is shown)`"
                        .into(),
                }),
            },
        }
    }

    fn is_called(&self, name: &str) -> bool {
        name == self.stage.as_str()
            || name == if self.channel.is_voice() { "phone" } else { "page" }
            || (name == "chat" && !self.channel.is_voice())
    }
}
