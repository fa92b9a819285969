//! Reads catalogues of words from Fluent files and says, by file and row, what cannot be read.
//! Which keys a language needs is left to the checker.

use super::review::Review;
use super::{Catalogue, KeyRow, Words};
use caseline_model::Language;
use fluent_bundle::{FluentResource, concurrent::FluentBundle};
use std::collections::BTreeMap;

/// What cannot be read, where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{row}: {what}")]
pub struct WordsFault {
    /// The file.
    pub file: String,
    /// The row, from 1.
    pub row: usize,
    /// What is wrong and what to do.
    pub what: String,
}

/// One file of words.
#[derive(Clone, Copy, Debug)]
pub struct WordsFile<'a> {
    /// Its language, from its folder.
    pub language: Language,
    /// Its name for messages.
    pub file: &'a str,
    /// Its text: Fluent, or the reviews when the name ends in `reviews.toml`.
    pub text: &'a str,
}

impl Words {
    /// Reads all files.
    ///
    /// # Errors
    /// Everything that cannot be read, each with its row.
    pub fn read(files: &[WordsFile<'_>]) -> Result<Self, Vec<WordsFault>> {
        let mut words = Self::default();
        let mut faults = Vec::new();
        for file in files {
            let catalogue = words.catalogues.entry(file.language).or_insert_with(|| Catalogue {
                bundle: new_bundle(file.language),
                keys: BTreeMap::new(),
                reviews: BTreeMap::new(),
            });
            if file.file.ends_with("reviews.toml") {
                match toml::from_str::<BTreeMap<String, Review>>(file.text) {
                    Ok(reviews) => catalogue.reviews.extend(reviews),
                    Err(error) => {
                        faults.push(fault_at(file, error.span().map_or(0, |span| span.start), error.message()))
                    }
                }
                continue;
            }
            read_fluent(catalogue, file, &mut faults);
        }
        if faults.is_empty() { Ok(words) } else { Err(faults) }
    }
}

fn new_bundle(language: Language) -> FluentBundle<FluentResource> {
    let tag = language.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Isolation marks force 16-bit messages and are read aloud by some voices; pages isolate with <bdi> instead.
    bundle.set_use_isolating(false);
    bundle
}

fn read_fluent(catalogue: &mut Catalogue, file: &WordsFile<'_>, faults: &mut Vec<WordsFault>) {
    let resource = match FluentResource::try_new(file.text.to_owned()) {
        Ok(resource) => resource,
        Err((_, errors)) => {
            faults.extend(errors.iter().map(|error| fault_at(file, error.pos.start, &error.kind.to_string())));
            return;
        }
    };
    for (key, row) in key_rows(file) {
        if catalogue.keys.insert(key.clone(), row.clone()).is_some() {
            faults.push(WordsFault {
                file: file.file.to_owned(),
                row: row.row,
                what: format!("`{key}` stands twice in {}; keep one", file.language),
            });
        }
    }
    // Keys that stand twice were reported above; the first one holds.
    if let Err(errors) = catalogue.bundle.add_resource(resource) {
        let reported = faults.iter().any(|fault| fault.what.contains("stands twice"));
        if !reported {
            faults.extend(errors.iter().map(|error| fault_at(file, 0, &error.to_string())));
        }
    }
}

fn fault_at(file: &WordsFile<'_>, at: usize, what: &str) -> WordsFault {
    let row = file.text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
    WordsFault { file: file.file.to_owned(), row, what: what.to_owned() }
}

/// Every message of a file: a row that starts with a key and ` =`, and the indented rows below it.
fn key_rows(file: &WordsFile<'_>) -> Vec<(String, KeyRow)> {
    let mut found: Vec<(String, KeyRow)> = Vec::new();
    for (place, text) in file.text.lines().enumerate() {
        let key = text.split_once('=').map(|(key, _)| key.trim_end()).filter(|key| is_key(key));
        if let Some(key) = key {
            found.push((
                key.to_owned(),
                KeyRow {
                    file: file.file.to_owned(),
                    row: place + 1,
                    source: text.to_owned(),
                    has_voice: false,
                    has_sms: false,
                    placeholders: placeholders(text),
                },
            ));
        } else if text.starts_with([' ', '\t', '}'])
            && let Some((_, row)) = found.last_mut()
        {
            row.source.push('\n');
            row.source.push_str(text);
            row.has_voice |= text.trim_start().starts_with(".voice");
            row.has_sms |= text.trim_start().starts_with(".sms");
            for name in placeholders(text) {
                if !row.placeholders.contains(&name) {
                    row.placeholders.push(name);
                }
            }
            row.placeholders.sort();
        }
    }
    found
}

fn is_key(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_lowercase())
        && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Names after `$`, without the `-count` that selects a plural.
pub(crate) fn placeholders(text: &str) -> Vec<String> {
    let mut names: Vec<String> = text
        .split('$')
        .skip(1)
        .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect::<String>())
        .map(|name| name.strip_suffix("-count").map_or(name.clone(), str::to_owned))
        .filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Reads any bytes as words and must never panic: the fuzz target, replayed on stable.
pub fn words_never_panic(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let file = WordsFile { language: Language::ENGLISH, file: "fuzz.ftl", text: &text };
    let _ = Words::read(&[file]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telling::{Arg, Phrase};
    use caseline_model::{Private, TimeOfDay};
    use proptest::prelude::*;

    const SPANISH: &str = "\
hearing-is = Su próxima audiencia: { $date }, { $time }.
    .voice = Su próxima audiencia es el { $date }, { $time }.
age = { $days-count ->
    [one] hace { $days } día
   *[other] hace { $days } días
}
press-for = Para { $label }, oprima { $key }.
choose-paper = leer su papel
number-1 = uno
number-20 = veinte
digit-1 = uno
digit-3 = tres
spoken-date = { $weekday } { $day } de { $month } de { $year }
spoken-time = a las { $hour } { $minute } { $period }
written-date = { $weekday } { $day } de { $month } de { $year }
written-time = { $hour }:{ $minute } { $period }
weekday-2 = martes
day-14 = catorce
month-4 = abril
year-2026 = dos mil veintiséis
hour-8 = ocho
minute-30 = y media
period-morning = de la mañana
code = Su número: { $digits }
";

    fn spanish() -> Words {
        Words::read(&[WordsFile { language: Language::SPANISH, file: "words/es/line.ftl", text: SPANISH }]).unwrap()
    }

    fn said(phrase: &Phrase) -> Vec<(String, String)> {
        spanish().spoken(Language::SPANISH, phrase).unwrap().into_iter().map(|said| (said.id, said.text)).collect()
    }

    #[test]
    fn a_date_is_said_from_the_languages_own_parts() {
        let phrase = Phrase::new("hearing-is")
            .with("date", Arg::Date(jiff::civil::date(2026, 4, 14)))
            .with("time", Arg::Time(TimeOfDay::new(8, 30).unwrap()));
        let texts: Vec<String> = said(&phrase).into_iter().map(|row| row.1).collect();
        assert_eq!(
            texts.join(" "),
            "Su próxima audiencia es el martes catorce de abril de dos mil veintiséis a las ocho y media de la mañana"
        );
        assert_eq!(said(&phrase)[1].0, "es/part/weekday-2");
        assert_eq!(
            spanish().written(Language::SPANISH, &phrase).unwrap(),
            "Su próxima audiencia: martes 14 de abril de 2026, 8:30 de la mañana."
        );
    }

    #[test]
    fn one_day_and_twenty_days_are_said_differently() {
        let texts = |days| {
            said(&Phrase::new("age").with("days", Arg::Number(days)))
                .into_iter()
                .map(|row| row.1)
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(texts(1), "hace uno día");
        assert_eq!(texts(20), "hace veinte días");
    }

    #[test]
    fn an_option_is_one_prompt_with_its_label_in_it() {
        let phrase = Phrase::new("press-for")
            .with("label", Arg::Word("choose-paper".into()))
            .with("key", Arg::Word("number-1".into()));
        assert_eq!(
            said(&phrase),
            [("es/press-for+choose-paper+number-1".into(), "Para leer su papel, oprima uno.".into())]
        );
    }

    #[test]
    fn digits_are_said_one_by_one() {
        let phrase = Phrase::new("code").with("digits", Arg::Digits(Private::new("1331".into())));
        assert_eq!(
            said(&phrase).into_iter().map(|row| row.1).collect::<Vec<_>>(),
            ["Su número:", "uno", "tres", "tres", "uno"]
        );
    }

    #[test]
    fn words_that_are_missing_are_named_and_never_taken_from_another_language() {
        let missing = spanish().written(Language::ENGLISH, &Phrase::new("hearing-is")).unwrap_err();
        assert_eq!(missing.to_string(), "the words `hearing-is` are missing or broken in en");
    }

    #[test]
    fn a_broken_file_is_named_with_its_row() {
        let file =
            WordsFile { language: Language::ENGLISH, file: "words/en/line.ftl", text: "a = b\nbad = { $x\nc = d\n" };
        let faults = Words::read(&[file]).unwrap_err();
        assert!(faults[0].to_string().starts_with("words/en/line.ftl:"), "{}", faults[0]);
        let twice = WordsFile { language: Language::ENGLISH, file: "words/en/line.ftl", text: "a = b\na = c\n" };
        assert_eq!(
            Words::read(&[twice]).unwrap_err()[0].to_string(),
            "words/en/line.ftl:2: `a` stands twice in en; keep one"
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            words_never_panic(&bytes);
        }

        #[test]
        fn no_slip_in_real_words_makes_it_panic(at in 0..SPANISH.len(), byte in any::<u8>()) {
            let mut bytes = SPANISH.as_bytes().to_vec();
            bytes[at] = byte;
            words_never_panic(&bytes);
        }
    }
}
