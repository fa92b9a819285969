//! The words: for each key a text for the screen, for messages and for the voice, in each language.
//! Text falls back between forms of a language, never from one language to another.

pub mod keys;
pub mod parts;
pub mod read;
pub mod review;

use crate::telling::{Arg, Phrase};
use caseline_model::{Date, Language};
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use review::{Review, ReviewState};
use std::collections::BTreeMap;
use std::fmt;

pub use read::WordsFault;

/// The form of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// On a page.
    Screen,
    /// In a text message.
    Sms,
    /// Aloud.
    Voice,
}

/// The words of every language.
#[derive(Debug, Default)]
pub struct Words {
    catalogues: BTreeMap<Language, Catalogue>,
}

/// The words of one language.
pub(crate) struct Catalogue {
    bundle: FluentBundle<FluentResource>,
    keys: BTreeMap<String, KeyRow>,
    reviews: BTreeMap<String, Review>,
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Catalogue({} keys)", self.keys.len())
    }
}

/// Where a key stands and what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    /// The file.
    pub file: String,
    /// The row, from 1.
    pub row: usize,
    /// Its source text, all forms, as it stands in the file: what reviews hash.
    pub source: String,
    /// Whether it has a voice form of its own.
    pub has_voice: bool,
    /// Whether it has an SMS form of its own.
    pub has_sms: bool,
    /// The names of its placeholders in any form, without `-count`.
    pub placeholders: Vec<String>,
}

/// Words that are missing in a language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the words `{key}` are missing or broken in {language}")]
pub struct MissingWords {
    /// The key.
    pub key: String,
    /// The language.
    pub language: Language,
}

/// One piece that is said: a prompt with an id and a text, so that a recording or a cached rendering can stand for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// `es/reason-ask`, `es/hearing-is.2` for the second piece around a value, `es/part/month-4` for a part.
    pub id: String,
    /// Its language.
    pub language: Language,
    /// The text that a voice reads.
    pub text: String,
    /// It holds words out of a case: it is spoken afresh and kept nowhere.
    pub personal: bool,
    /// Whose voice reads it where its own language has neither a recording nor a voice yet. Only the name of a language
    /// has one: the same word, read by the voice that announces the language, is better than a menu with a gap.
    pub or_voice_of: Option<Language>,
}

/// Marks around the number of a value's place in a formatted text; private-use characters that no text has.
const MARK: [char; 2] = ['\u{E000}', '\u{E001}'];

impl Words {
    /// The languages that have a catalogue.
    pub fn languages(&self) -> impl Iterator<Item = Language> + '_ {
        self.catalogues.keys().copied()
    }

    /// Where a key stands in a language.
    pub fn key(&self, language: Language, key: &str) -> Option<&KeyRow> {
        self.catalogues.get(&language)?.keys.get(key)
    }

    /// All keys of a language.
    pub fn keys(&self, language: Language) -> impl Iterator<Item = (&str, &KeyRow)> {
        self.catalogues.get(&language).into_iter().flat_map(|c| c.keys.iter().map(|(key, row)| (key.as_str(), row)))
    }

    /// Draft, reviewed, expired or stale, on a day.
    pub fn review_state(&self, language: Language, key: &str, today: Date) -> ReviewState {
        let Some(catalogue) = self.catalogues.get(&language) else { return ReviewState::Draft };
        let Some(review) = catalogue.reviews.get(key) else { return ReviewState::Draft };
        let source = self.key(Language::ENGLISH, key).map_or("", |row| row.source.as_str());
        let own = catalogue.keys.get(key).map_or("", |row| row.source.as_str());
        review.state(source, own, today)
    }

    /// The text for a page.
    ///
    /// # Errors
    /// When the language lacks the key or a part of it.
    pub fn written(&self, language: Language, phrase: &Phrase) -> Result<String, MissingWords> {
        self.text(language, phrase, Form::Screen)
    }

    /// The text of a form with its values written out.
    ///
    /// # Errors
    /// When the language lacks the key or a part of it.
    pub fn text(&self, language: Language, phrase: &Phrase, form: Form) -> Result<String, MissingWords> {
        let language = phrase.language.unwrap_or(language);
        let mut text = String::new();
        for piece in self.pieces(language, phrase, form)? {
            match piece {
                Piece::Text(words) => text.push_str(&words),
                Piece::Value(arg) => text.push_str(&self.written_value(language, arg, form)?),
            }
        }
        Ok(text.trim().to_owned())
    }

    /// What is said aloud, piece by piece: texts around values, and values from the language's own parts.
    ///
    /// # Errors
    /// When the language lacks the key or a part of it.
    pub fn spoken(&self, language: Language, phrase: &Phrase) -> Result<Vec<Said>, MissingWords> {
        let language = phrase.language.unwrap_or(language);
        let pieces = self.pieces(language, phrase, Form::Voice)?;
        let personal = phrase.args.iter().any(|(_, arg)| matches!(arg, Arg::Text(_)));
        let has_values = pieces.iter().any(|piece| matches!(piece, Piece::Value(_)));
        let mut said = Vec::new();
        let mut text_count = 0;
        for piece in pieces {
            match piece {
                Piece::Text(words) => {
                    let text = words.trim();
                    if !text.chars().any(char::is_alphanumeric) {
                        continue;
                    }
                    text_count += 1;
                    let id = self.prompt_id(language, phrase, has_values.then_some(text_count));
                    said.push(Said { id, language, text: text.to_owned(), personal, or_voice_of: None });
                }
                Piece::Value(arg) => said.extend(self.spoken_value(language, arg)?),
            }
        }
        Ok(said)
    }

    /// The name of a language in the language itself, never in another one: recorded by a speaker, or read by a voice of
    /// the language, or for want of both by the voice that announces it.
    pub fn own_name(language: Language, announced_in: Language) -> Said {
        Said {
            id: format!("{0}/language-{0}", language.tag()),
            language,
            text: language.own_name().to_owned(),
            personal: false,
            or_voice_of: Some(announced_in),
        }
    }

    /// The id of a prompt; words that stand for arguments (labels, keys to press) are part of it.
    fn prompt_id(&self, language: Language, phrase: &Phrase, piece: Option<usize>) -> String {
        let mut id = format!("{}/{}", language.tag(), phrase.key);
        for (_, arg) in &phrase.args {
            match arg {
                Arg::Word(word) => id.push_str(&format!("+{word}")),
                Arg::Language(of) => id.push_str(&format!("+{}", of.tag())),
                _ => {}
            }
        }
        if let Some(piece) = piece {
            id.push_str(&format!(".{piece}"));
        }
        id
    }

    fn pieces<'p>(&self, language: Language, phrase: &'p Phrase, form: Form) -> Result<Vec<Piece<'p>>, MissingWords> {
        let missing = || MissingWords { key: phrase.key.clone(), language };
        let catalogue = self.catalogues.get(&language).ok_or_else(missing)?;
        let mut args = FluentArgs::new();
        for (place, (name, arg)) in phrase.args.iter().enumerate() {
            match arg {
                Arg::Name(text) | Arg::Text(text) => args.set(name.clone(), FluentValue::from(text.clone())),
                Arg::Word(key) => {
                    let text = self.text(language, &Phrase::new(key.as_str()), form)?;
                    args.set(name.clone(), FluentValue::from(text));
                }
                Arg::Language(of) => {
                    let text = self.text(language, &Phrase::new(format!("language-{}", of.tag())), form)?;
                    args.set(name.clone(), FluentValue::from(text));
                }
                Arg::Number(count) => {
                    args.set(format!("{name}-count"), FluentValue::from(*count));
                    args.set(name.clone(), FluentValue::from(format!("{}{place}{}", MARK[0], MARK[1])));
                }
                Arg::Date(_) | Arg::Time(_) | Arg::Digits(_) => {
                    args.set(name.clone(), FluentValue::from(format!("{}{place}{}", MARK[0], MARK[1])));
                }
            }
        }
        let text = catalogue.format(&phrase.key, form, &args).ok_or_else(missing)?;
        Ok(split_at_marks(&text, phrase))
    }

    fn part(&self, language: Language, key: String) -> Result<Said, MissingWords> {
        let text = self.text(language, &Phrase::new(key.as_str()), Form::Voice)?;
        Ok(Said { id: format!("{}/part/{key}", language.tag()), language, text, personal: false, or_voice_of: None })
    }

    fn part_text(&self, language: Language, key: String, form: Form) -> Result<String, MissingWords> {
        self.text(language, &Phrase::new(key), form)
    }

    fn written_value(&self, language: Language, arg: &Arg, form: Form) -> Result<String, MissingWords> {
        match arg {
            Arg::Date(date) => {
                let phrase = Phrase::new("written-date")
                    .with("weekday", Arg::Text(self.part_text(language, parts::weekday(*date), form)?))
                    .with("month", Arg::Text(self.part_text(language, parts::month(*date), form)?))
                    .with("day", Arg::Text(date.day().to_string()))
                    .with("year", Arg::Text(date.year().to_string()));
                self.text(language, &phrase, form)
            }
            Arg::Time(time) => {
                let phrase = Phrase::new("written-time")
                    .with("hour", Arg::Text(parts::hour_of_twelve(*time).to_string()))
                    .with("minute", Arg::Text(format!("{:02}", time.minute())))
                    .with("period", Arg::Text(self.part_text(language, parts::period(*time), form)?));
                self.text(language, &phrase, form)
            }
            Arg::Number(count) => Ok(count.to_string()),
            Arg::Digits(digits) => Ok(parts::grouped(digits.reveal()).join("-")),
            Arg::Name(text) | Arg::Text(text) => Ok(text.clone()),
            Arg::Word(key) => self.part_text(language, key.clone(), form),
            Arg::Language(of) => self.part_text(language, format!("language-{}", of.tag()), form),
        }
    }

    fn spoken_value(&self, language: Language, arg: &Arg) -> Result<Vec<Said>, MissingWords> {
        match arg {
            Arg::Date(date) => self.spoken_in_order(language, "spoken-date", &parts::of_date(*date)),
            Arg::Time(time) => self.spoken_in_order(language, "spoken-time", &parts::of_time(*time)),
            Arg::Number(count) => match parts::of_count(*count) {
                Some(keys) => keys.into_iter().map(|key| self.part(language, key)).collect(),
                None => self.digits(language, &count.to_string()),
            },
            Arg::Digits(digits) => self.digits(language, digits.reveal()),
            Arg::Name(_) | Arg::Text(_) | Arg::Word(_) | Arg::Language(_) => Ok(Vec::new()),
        }
    }

    /// Digits one by one, with a pause between groups.
    fn digits(&self, language: Language, digits: &str) -> Result<Vec<Said>, MissingWords> {
        let mut said = Vec::new();
        for (place, group) in parts::grouped(digits).iter().enumerate() {
            if place > 0 {
                said.push(Said {
                    id: format!("{}/part/pause", language.tag()),
                    language,
                    text: String::new(),
                    personal: false,
                    or_voice_of: None,
                });
            }
            for digit in group.chars() {
                said.push(self.part(language, format!("digit-{digit}"))?);
            }
        }
        Ok(said)
    }

    /// The parts of a date or time in the order of the language, with the words that join them.
    fn spoken_in_order(
        &self,
        language: Language,
        key: &str,
        named: &[(&str, String)],
    ) -> Result<Vec<Said>, MissingWords> {
        let missing = || MissingWords { key: key.to_owned(), language };
        let catalogue = self.catalogues.get(&language).ok_or_else(missing)?;
        let mut args = FluentArgs::new();
        for (place, (name, _)) in named.iter().enumerate() {
            args.set((*name).to_owned(), FluentValue::from(format!("{}{place}{}", MARK[0], MARK[1])));
        }
        let text = catalogue.format(key, Form::Voice, &args).ok_or_else(missing)?;
        let mut said = Vec::new();
        let mut text_count = 0;
        for piece in marks(&text) {
            match piece {
                Mark::Text(words) if words.chars().any(char::is_alphanumeric) => {
                    text_count += 1;
                    let id = format!("{}/part/{key}.{text_count}", language.tag());
                    said.push(Said { id, language, text: words.trim().to_owned(), personal: false, or_voice_of: None });
                }
                Mark::Text(_) => {}
                Mark::Place(place) => {
                    let (_, part) = named.get(place).ok_or_else(missing)?;
                    said.push(self.part(language, part.clone())?);
                }
            }
        }
        Ok(said)
    }
}

impl Catalogue {
    fn format(&self, key: &str, form: Form, args: &FluentArgs<'_>) -> Option<String> {
        let message = self.bundle.get_message(key)?;
        let attribute = |name: &str| message.get_attribute(name).map(|attribute| attribute.value());
        let pattern = match form {
            Form::Screen => message.value(),
            Form::Sms => attribute("sms").or_else(|| message.value()),
            Form::Voice => attribute("voice").or_else(|| message.value()),
        }?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
        errors.is_empty().then_some(text)
    }
}

enum Piece<'p> {
    Text(String),
    Value(&'p Arg),
}

fn split_at_marks<'p>(text: &str, phrase: &'p Phrase) -> Vec<Piece<'p>> {
    marks(text)
        .into_iter()
        .filter_map(|mark| match mark {
            Mark::Text(words) => Some(Piece::Text(words)),
            Mark::Place(place) => phrase.args.get(place).map(|row| Piece::Value(&row.1)),
        })
        .collect()
}

enum Mark {
    Text(String),
    Place(usize),
}

fn marks(text: &str) -> Vec<Mark> {
    let mut found = Vec::new();
    for (place, piece) in text.split(MARK[0]).enumerate() {
        let rest = match (place, piece.split_once(MARK[1])) {
            (0, _) | (_, None) => piece,
            (_, Some((number, rest))) => {
                if let Ok(number) = number.parse() {
                    found.push(Mark::Place(number));
                }
                rest
            }
        };
        if !rest.is_empty() {
            found.push(Mark::Text(rest.to_owned()));
        }
    }
    found
}
