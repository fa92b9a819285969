//! What is said, as meaning: a subject, details, and the phrases that say it by key of the words.
//! The text of a phrase in a language and on a channel is left to `words`.

use caseline_model::{Date, Language, TimeOfDay};
use serde::{Deserialize, Serialize};

/// One thing that is told. Scripts match subject and details; channels draw the phrases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    /// What it is about, in one hyphenated word: `hearing`, `safe-action`, `greeting`.
    pub subject: String,
    /// What is said of it, without wording.
    pub details: Vec<String>,
    /// The phrases, in order.
    pub phrases: Vec<Phrase>,
}

/// One phrase: a key of the words with its arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phrase {
    /// The key.
    pub key: String,
    /// Arguments by name.
    pub args: Vec<(String, Arg)>,
    /// In this language, whatever the contact's; for the languages of the first menu.
    pub language: Option<Language>,
}

/// An argument of a phrase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arg {
    /// A date: weekday, day, month, year in words of the language.
    Date(Date),
    /// A time of day.
    Time(TimeOfDay),
    /// A count, said in words up to 9,999 and digit by digit beyond.
    Number(u32),
    /// Digits said one by one in groups: a receipt, a telephone number. They belong to a person.
    Digits(caseline_model::Private<String>),
    /// A name that is the same for every caller: the operator's, a provider's.
    Name(String),
    /// A text out of a case, in a source's own words: a court, a status. It belongs to a person.
    Text(String),
    /// Another key of the words.
    Word(String),
    /// A language's own name in the contact's language.
    Language(Language),
}

impl Phrase {
    /// A phrase without arguments.
    pub fn new(key: impl Into<String>) -> Self {
        Self { key: key.into(), args: Vec::new(), language: None }
    }

    /// With one more argument.
    #[must_use]
    pub fn with(mut self, name: &str, arg: Arg) -> Self {
        self.args.push((name.to_owned(), arg));
        self
    }

    /// In a language of its own.
    #[must_use]
    pub const fn in_language(mut self, language: Language) -> Self {
        self.language = Some(language);
        self
    }
}

impl Telling {
    /// One phrase whose key is the subject.
    pub fn plain(key: &str) -> Self {
        Self { subject: key.to_owned(), details: Vec::new(), phrases: vec![Phrase::new(key)] }
    }

    /// A subject with its phrases.
    pub fn of(subject: &str, details: Vec<String>, phrases: Vec<Phrase>) -> Self {
        Self { subject: subject.to_owned(), details, phrases }
    }

    /// As a script writes it: `hearing: disputed; 2026-04-14 notice, 20 days old`.
    pub fn meaning(&self) -> String {
        if self.details.is_empty() {
            self.subject.clone()
        } else {
            format!("{}: {}", self.subject, self.details.join("; "))
        }
    }
}
