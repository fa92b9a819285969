//! Rule 7: a text message is at most three segments, and says nothing that someone else at the telephone must not read.
//! What is held to it is the text that would really be sent: the SMS form, or the screen form where there is none.
//! Sending is left to the edges.
//!
//! Alphabet and lengths: 3GPP TS 23.038 section 6.2.1 (the default alphabet and its extension table) and TS 23.040
//! section 9.2.3.24.1 (a segment of several loses seven septets, or three UCS-2 characters, to its header).

use super::Subject;
use super::report::Found;
use super::words_complete::samples;
use crate::words::read::placeholders;
use crate::words::{Form, parts};
use std::collections::BTreeSet;

const RULE: u8 = 7;

/// So many segments at the most.
pub const SEGMENTS_MAX: usize = 3;

/// What a message may fill in. Everything else could be a case field, a receipt, a code, or who answers.
const FILLED_IN: &[&str] = &["label", "key", "count"];

/// Beginnings of keys that no message to a caller has: frames of pages, and what the staff and interpreters are told by
/// telephone.
const NOT_SENT: &[&str] = &["web-", "agent-", "need-", "interpreter-asked"];

/// What is said to whoever answers a telephone, or left on its machine: held to the same words in every form.
const NEUTRAL_KEYS: &[&str] = &["callback-neutral", "reminder-neutral"];

/// Beginnings of words that a message never has, without accents: immigration and court, in the languages we ship.
const FORBIDDEN_STEMS: &[&str] =
    &["immigra", "inmigra", "imigra", "migracion", "migrasyon", "tribunal", "tribinal", "juzgado", "courtho"];

/// Whole words that a message never has.
const FORBIDDEN_WORDS: &[&str] = &["court", "courts", "corte", "cortes", "migra", "uscis", "eoir"];

pub(super) fn check(subject: &Subject<'_>, found: &mut Found) {
    let program = subject.program;
    let parts: BTreeSet<String> = parts::all_keys().into_iter().collect();
    for language in program.words.languages() {
        for (key, row) in program.words.keys(language) {
            let is_neutral = NEUTRAL_KEYS.contains(&key);
            if !is_neutral && (parts.contains(key) || NOT_SENT.iter().any(|start| key.starts_with(start))) {
                continue;
            }
            let mut problem =
                |what: String| found.add(RULE, &row.file, row.row, format!("`{key}` as a message: {what}"));
            let source = if is_neutral { row.source.clone() } else { sent_source(&row.source) };
            for name in placeholders(&source) {
                if !FILLED_IN.contains(&name.as_str()) {
                    problem(format!("fills in `{name}`, which can be of a case or of the operator: leave it out"));
                }
            }
            let forms: &[Form] = if is_neutral { &[Form::Sms, Form::Screen, Form::Voice] } else { &[Form::Sms] };
            for (phrase, form) in samples(program, key, &row.placeholders)
                .iter()
                .flat_map(|phrase| forms.iter().map(move |form| (phrase, *form)))
            {
                // What cannot be filled in is reported by rule 5.
                let Ok(text) = program.words.text(language, phrase, form) else { continue };
                let segments = segment_count(&text);
                if form == Form::Sms && segments > SEGMENTS_MAX {
                    problem(format!("{segments} segments; at most {SEGMENTS_MAX}: shorten it"));
                }
                if let Some(word) = forbidden_word(&text) {
                    problem(format!("says {word:?}, which nobody else at that telephone may learn: reword it"));
                }
                let operator = folded(&program.operator.name);
                if !operator.is_empty() && folded(&text).contains(&operator) {
                    problem("says the operator's name: leave it out".to_owned());
                }
            }
        }
    }
}

/// How many segments a text takes: 160 septets or 70 UCS-2 characters in one, 153 or 67 in each of several. Nothing is
/// split inside an escaped character or a surrogate pair.
pub fn segment_count(text: &str) -> usize {
    let septets: Option<Vec<usize>> = text.chars().map(septet_count).collect();
    match septets {
        Some(septets) => segments(&septets, 160, 153),
        None => segments(&text.chars().map(char::len_utf16).collect::<Vec<_>>(), 70, 67),
    }
}

fn segments(sizes: &[usize], alone: usize, each: usize) -> usize {
    if sizes.iter().sum::<usize>() <= alone {
        return 1;
    }
    let (mut count, mut filled) = (1, 0);
    for size in sizes {
        if filled + size > each {
            count += 1;
            filled = 0;
        }
        filled += size;
    }
    count
}

/// Septets of a character of the default alphabet: one, or two for the extension table; none when it is in neither.
fn septet_count(letter: char) -> Option<usize> {
    const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
        ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
    const EXTENSION: &str = "\u{c}^{}\\[~]|€";
    if BASIC.contains(letter) { Some(1) } else { EXTENSION.contains(letter).then_some(2) }
}

fn forbidden_word(text: &str) -> Option<String> {
    let folded = folded(text);
    folded
        .split_whitespace()
        .find(|word| FORBIDDEN_WORDS.contains(word) || FORBIDDEN_STEMS.iter().any(|stem| word.starts_with(stem)))
        .map(str::to_owned)
}

/// Small letters without accents, words parted by one space.
pub(super) fn folded(text: &str) -> String {
    let letters: String = text
        .chars()
        .flat_map(char::to_lowercase)
        .map(|letter| match letter {
            'á' | 'à' | 'â' | 'ä' => 'a',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'í' | 'ì' | 'î' | 'ï' => 'i',
            'ó' | 'ò' | 'ô' | 'ö' => 'o',
            'ú' | 'ù' | 'û' | 'ü' => 'u',
            'ñ' => 'n',
            other if other.is_alphanumeric() => other,
            _ => ' ',
        })
        .collect();
    letters.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The form that would be sent, as it stands in its file.
fn sent_source(source: &str) -> String {
    let own = form_source(source, ".sms");
    if own.is_empty() { form_source(source, "") } else { own }
}

/// The rows of one form of a text as it stands in its file: from its attribute to the next.
pub(super) fn form_source(source: &str, attribute: &str) -> String {
    let mut rows = Vec::new();
    let mut is_inside = attribute.is_empty();
    for row in source.lines() {
        let start = row.trim_start();
        if start.starts_with('.') {
            let name = start.split(|c: char| c == '=' || c.is_whitespace()).next().unwrap_or("");
            is_inside = name == attribute;
        }
        if is_inside {
            rows.push(row);
        }
    }
    rows.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_message_in_the_default_alphabet_has_160_characters_or_153_in_each_of_several() {
        assert_eq!(segment_count(""), 1);
        assert_eq!(segment_count(&"ñ".repeat(160)), 1);
        assert_eq!(segment_count(&"a".repeat(161)), 2);
        assert_eq!(segment_count(&"a".repeat(306)), 2);
        assert_eq!(segment_count(&"a".repeat(307)), 3);
        assert_eq!(segment_count(&"a".repeat(460)), 4);
    }

    #[test]
    fn one_letter_outside_the_alphabet_makes_it_70_or_67() {
        assert_eq!(segment_count(&"í".repeat(70)), 1);
        assert_eq!(segment_count(&"í".repeat(71)), 2);
        assert_eq!(segment_count(&format!("{}í", "a".repeat(134))), 3);
        assert_eq!(segment_count(&"😀".repeat(35)), 1);
        assert_eq!(segment_count(&"😀".repeat(36)), 2);
        // 33 pairs fill 66 of 67: the 34th is not split.
        assert_eq!(segment_count(&"😀".repeat(67)), 3);
    }

    #[test]
    fn brackets_and_the_euro_count_twice_and_are_not_split() {
        assert_eq!(segment_count(&"€".repeat(80)), 1);
        assert_eq!(segment_count(&"€".repeat(81)), 2);
        assert_eq!(segment_count(&format!("{}€{}", "a".repeat(152), "a".repeat(152))), 3);
    }

    #[test]
    fn words_that_say_what_the_line_is_about_are_found_in_each_language() {
        for text in ["Go to court.", "la Corte", "el tribunal", "Inmigración", "nan tribinal la", "imigrasyon"] {
            assert!(forbidden_word(text).is_some(), "{text}");
        }
        for text in ["You are courteous.", "cortesía", "Press 1", "Tu mensaje está aquí"] {
            assert_eq!(forbidden_word(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_longer_message_never_takes_fewer_segments(text in ".{0,400}", more in ".{0,10}") {
            let longer = format!("{text}{more}");
            prop_assert!(segment_count(&longer) >= segment_count(&text));
        }
    }
}
