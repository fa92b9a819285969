//! R29: the language on the court's record differs from the one that the caller chose on this line.
//! The court may book the wrong interpreter.

use super::Looked;
use crate::assertion::Value;
use crate::finding::{Finding, Rule};
use caseline_model::Language;

/// Only the newest language on record counts. English on the line is no sign: many call in English and speak another
/// language best.
pub fn check(looked: &Looked<'_>) -> Option<Finding> {
    if looked.language == Language::ENGLISH {
        return None;
    }
    let newest = looked
        .assertions
        .iter()
        .enumerate()
        .filter(|(_, a)| matches!(a.value, Value::CourtLanguage { language: Some(_) }))
        .max_by_key(|(_, a)| a.observed_at)?;
    match &newest.1.value {
        Value::CourtLanguage { language: Some(code) } if code != looked.language.iso_639_3() => {
            Some(Finding { rule: Rule::WrongLanguage, rests_on: vec![newest.0] })
        }
        _ => None,
    }
}
