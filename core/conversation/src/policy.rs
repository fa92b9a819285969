//! The policy of a line: languages and their level, retries, time-outs, keys, whether drafts may be spoken.
//! Hours and the numbers of the chain are the operator's settings, in the program.

use caseline_model::Language;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::de::DeTable;

/// How well a language is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Every word in every form.
    Full,
    /// About 30 phrases that open a person with an interpreter, or a callback.
    Lifeline,
    /// A name in the list.
    PersonOnly,
}

/// Whether words that no named person has reviewed may be spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Drafts {
    /// No: a draft is an error.
    Refused,
    /// Yes, by `caseline demo` only: the report counts them and says "not for the public".
    Spoken,
}

/// The policy, as `flows/policy.toml` holds it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Policy {
    /// The outermost flow.
    pub main: String,
    /// Where the person key leads: `flow.step` of the outermost flow.
    pub person: String,
    /// Where the urgent key leads.
    pub urgent: String,
    /// The four languages of the first menu, in order; silence leads to the finder.
    pub first_menu: Vec<Language>,
    /// Every language that is offered, with its level.
    pub languages: BTreeMap<Language, Level>,
    /// In which language a lifeline language's missing recordings are said, until somebody records them: the operator's
    /// own choice, never a silent fallback.
    #[serde(default)]
    pub announced_in: BTreeMap<Language, Language>,
    /// The order of the finder.
    pub finder: Vec<Language>,
    /// Keys of the words that a lifeline language needs.
    pub lifeline: Vec<String>,
    /// How often a silent caller is asked before silence is taken as an answer.
    pub silences: u8,
    /// How many unclear answers lead to a person.
    pub attempts: u8,
    /// How long a question waits for the first key.
    pub silence_seconds: u16,
    /// How long digits wait for the next key.
    pub between_keys_seconds: u16,
    /// After so long without an input a conversation that types is over.
    pub idle_minutes: u16,
    /// Whether drafts may be spoken.
    pub drafts: Drafts,
    /// The privacy class of each slot, by its name: `case`, `caller`, `none`.
    pub privacy: BTreeMap<String, PrivacyClass>,
    /// Steps that are `lawyer-first`: `flow.step`. No path from them names a form, address, office or number.
    #[serde(default)]
    pub lawyer_first: Vec<String>,
    /// Where its keys stand, for messages.
    #[serde(skip)]
    places: Places,
}

/// The file of a policy with the row of each key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Places {
    file: String,
    rows: BTreeMap<String, usize>,
}

/// The privacy class of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrivacyClass {
    /// Belongs to a case: told only after the case was opened.
    Case,
    /// Given by the caller, about the caller.
    Caller,
    /// About nobody.
    None,
}

/// What the policy cannot be read for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {what}")]
pub struct PolicyFault {
    /// The file.
    pub file: String,
    /// What is wrong, with its row.
    pub what: String,
}

impl Policy {
    /// Reads the policy.
    ///
    /// # Errors
    /// What cannot be read, with its row; a language of the menus without a level.
    pub fn read(file: &str, text: &str) -> Result<Self, PolicyFault> {
        let fault = |what: String| PolicyFault { file: file.to_owned(), what };
        let mut policy: Self = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let row = text.as_bytes().iter().take(start).filter(|byte| **byte == b'\n').count() + 1;
            PolicyFault { file: format!("{file}:{row}"), what: error.message().trim_end().to_owned() }
        })?;
        policy.places = Places { file: file.to_owned(), rows: key_rows(text) };
        for language in policy.first_menu.iter().chain(&policy.finder) {
            if !policy.languages.contains_key(language) {
                return Err(fault(format!("`{language}` stands in a menu and has no level in [languages]")));
            }
        }
        if policy.first_menu.is_empty() || policy.first_menu.len() > 4 {
            return Err(fault("first-menu has one to four languages".into()));
        }
        Ok(policy)
    }

    /// The file it was read from, for messages.
    pub fn file(&self) -> &str {
        &self.places.file
    }

    /// The row of a key in its file, from 1: `person`, `languages.es`, `lifeline.goodbye`; 1 when it is not there.
    pub fn row(&self, key: &str) -> usize {
        self.places.rows.get(key).copied().unwrap_or(1)
    }

    /// The level of a language; person-only when it is not listed.
    pub fn level(&self, language: Language) -> Level {
        self.languages.get(&language).copied().unwrap_or(Level::PersonOnly)
    }

    /// Languages of a level.
    pub fn at_level(&self, level: Level) -> impl Iterator<Item = Language> + '_ {
        self.languages.iter().filter(move |row| *row.1 == level).map(|row| *row.0)
    }
}

/// The row of each key, of each key in a table, and of each text in a list.
fn key_rows(text: &str) -> BTreeMap<String, usize> {
    let row = |at: usize| text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
    let mut rows = BTreeMap::new();
    let Ok(table) = DeTable::parse(text) else { return rows };
    for (key, value) in table.get_ref() {
        rows.insert(key.get_ref().to_string(), row(key.span().start));
        if let Some(inner) = value.get_ref().as_table() {
            rows.extend(
                inner.keys().map(|name| (format!("{}.{}", key.get_ref(), name.get_ref()), row(name.span().start))),
            );
        }
        for item in value.get_ref().as_array().into_iter().flatten() {
            if let Some(name) = item.get_ref().as_str() {
                rows.insert(format!("{}.{name}", key.get_ref()), row(item.span().start));
            }
        }
    }
    rows
}
