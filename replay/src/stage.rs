//! What stages have in common: what happens on them, what a caller's words mean there, and why a page fails.
//! Playing is left to each stage.

pub mod acting;
pub mod afterwards;
pub mod chat;
pub mod drawn;
pub mod engine;
pub mod keypad;
pub mod matching;

use crate::script::{Condition, Script, Step, print};
use caseline_conversation::words::Words;
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

/// How much of what was said before is told with a failure.
const SAID_BEFORE_MAX: usize = 5;

/// Why a page fails: the row, what was expected and came, and what was said before.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("row {row}: {what}")]
pub struct Failure {
    /// The row of the page; 0 for the page as a whole.
    pub row: usize,
    /// What was expected, what came.
    pub what: String,
    /// The row as it is written; empty for the page as a whole.
    pub written: String,
    /// The last things that caller and line did and said before, as a snapshot draws them.
    pub said: Vec<String>,
    /// What the caller's telephone noticed last, on a stage that has one.
    pub noticed: Vec<String>,
}

impl Failure {
    /// At a row; 0 for the page as a whole.
    pub fn at(row: usize, what: impl Into<String>) -> Self {
        Self { row, what: what.into(), ..Self::default() }
    }

    /// The same with the row as it is written and what was said before.
    #[must_use]
    pub(crate) fn told_with(mut self, script: &Script, words: &Words, channel: Channel, heard: &[Exchange]) -> Self {
        self.written = print::row_of(script, self.row).unwrap_or_default();
        let drawn = if channel.is_voice() { drawn::on_keypad(words, heard) } else { drawn::on_page(words, heard) };
        let rows: Vec<&str> = drawn.lines().collect();
        // What belongs to a thing that was said stands below it, further in.
        let begins = rows.iter().enumerate().filter(|(_, row)| !row.starts_with("            "));
        let from = begins.map(|(at, _)| at).rev().nth(SAID_BEFORE_MAX - 1).unwrap_or(0);
        self.said = rows[from..].iter().map(|row| (*row).to_owned()).collect();
        self
    }
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
                _ => Err(Failure::at(
                    step.row,
                    "write `(unless on chat)`, `(unless the number is shown)` or `(unless no number is shown)`",
                )),
            },
        }
    }

    fn is_called(&self, name: &str) -> bool {
        name == self.stage.as_str()
            || name == if self.channel.is_voice() { "phone" } else { "page" }
            || (name == "chat" && !self.channel.is_voice())
    }
}
