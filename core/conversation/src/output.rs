//! What comes out of a conversation: something told, something asked, something to be done, the end.
//! Drawing it for keys, buttons or numbered rows is left to the channels.

use crate::effect::Effect;
use crate::slot::SlotType;
use crate::telling::{Phrase, Telling};
use caseline_model::{Disposition, Language};
use serde::{Deserialize, Serialize};

/// What comes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Say this.
    Tell(Telling),
    /// Ask this and wait for an input.
    Ask(Question),
    /// Do this and hand its result back with `Input::Done`.
    Do(Effect),
    /// The contact is over.
    Ended(Disposition),
}

/// The id of the option that leads to a person.
pub const PERSON: &str = "agent";

/// A question that waits for an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What is asked, in one hyphenated word: `language`, `reason`, `receipt-or-number`. The key of its words less `-ask`.
    pub subject: String,
    /// What is said to ask it.
    pub phrases: Vec<Phrase>,
    /// What is taken as an answer.
    pub expected: Expected,
}

/// What is taken as an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// One of these, by key 1 to 8, number, word or button.
    Choice(Vec<Choice>),
    /// A value of a type.
    Value(SlotType),
}

/// One option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Its id, which `Input::Chose` brings back.
    pub id: String,
    /// Its label.
    pub label: Phrase,
    /// The language in which "for LABEL, press N" is said; the contact's when none.
    pub language: Option<Language>,
}

/// The subject of the menus of languages: who waits there is led to a person.
pub const LANGUAGE_SUBJECT: &str = "language";

/// With fewer options than this it is a yes or a no on the way, not a menu.
const MENU_OPTIONS_MIN: usize = 3;

impl Question {
    /// Whether it is a menu of which no option is a person: then the key for one is said with it. Not so in the menus of
    /// languages, where who waits is led to one.
    pub fn hides_a_person(&self) -> bool {
        let choices = self.choices();
        choices.len() >= MENU_OPTIONS_MIN
            && self.subject != LANGUAGE_SUBJECT
            && !choices.iter().any(|choice| choice.id == PERSON)
    }

    /// The options, when it is a choice.
    pub fn choices(&self) -> &[Choice] {
        match &self.expected {
            Expected::Choice(choices) => choices,
            Expected::Value(_) => &[],
        }
    }
}
