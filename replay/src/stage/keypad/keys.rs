//! Which keys a caller presses for an act at a question.
//! How keys travel is left to the telephone.

use crate::stage::acting::Act;
use crate::stage::drawn::key_of;
use caseline_conversation::output::Expected;
use caseline_conversation::slot::DigitsEnd;
use caseline_conversation::{Key, Question, SlotType};
use caseline_model::{Date, Phone};

/// The keys.
///
/// # Errors
/// When no keys say that.
pub(super) fn keys(act: &Act, question: &Question) -> Result<String, String> {
    let slot = match &question.expected {
        Expected::Value(slot) => Some(*slot),
        Expected::Choice(_) => None,
    };
    match act {
        Act::Choose(option, _) => {
            key_of(question, option).map(String::from).ok_or_else(|| format!("no key is for {option}"))
        }
        Act::Key(Key::Repeat, _) => Ok("*".into()),
        Act::Key(key, _) => {
            let digit = if *key == Key::Person { '0' } else { '9' };
            Ok(if slot.is_some() { format!("{digit}#") } else { digit.to_string() })
        }
        Act::Unclear if slot.is_some() => Ok("#".into()),
        Act::Unclear => Ok("8".into()),
        Act::Give(value) => value_keys(value.reveal(), slot.ok_or("a choice is no value")?),
        _ => Err("no keys say that".into()),
    }
}

fn value_keys(value: &str, slot: SlotType) -> Result<String, String> {
    let digits: String = match slot {
        SlotType::Date => match value.parse::<Date>() {
            Ok(date) => format!("{:02}{:02}{:04}", date.month(), date.day(), date.year()),
            Err(_) => only_digits(value),
        },
        SlotType::Phone => match value.parse::<Phone>() {
            Ok(phone) => phone.spoken_digits().to_owned(),
            Err(_) => only_digits(value),
        },
        SlotType::Words | SlotType::VoiceNote | SlotType::Language | SlotType::AnyLanguage => {
            return Err("this cannot be keyed".into());
        }
        _ => only_digits(value),
    };
    Ok(match slot.digit_count() {
        Some((_, DigitsEnd::AtCount)) => digits,
        _ => format!("{digits}#"),
    })
}

fn only_digits(value: &str) -> String {
    value.chars().filter(char::is_ascii_digit).collect()
}
