//! Checks that a voice can be trusted with numbers: each digit is heard, and none sounds like another.
//! What happens to a language that fails is left to the caller: record the digits, or say no numbers.
//!
//! A case number that is read out with one digit missing sends a person to the wrong day in court. Measured with
//! espeak-ng 1.51: the K'iche' voice leaves zero out without a word, the Nepali voice reads digits in English.

use std::fmt;

use super::{SpeechAdapter, SpeechFault, active_level_dbfs};

/// A sound shorter than this (in samples: 60 ms) is no word.
const WORD_SAMPLES_MIN: usize = 480;
/// Two sounds that agree at least so well (1.0: the same) are one to the ear.
const SAME_SOUND: f32 = 0.97;
/// How far two sounds are shifted against each other when they are compared, in samples.
const SHIFT_SAMPLES: usize = 80;

/// A digit that a voice doesn't speak properly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digit {
    /// 0 to 9.
    pub value: u8,
    /// What is wrong with it.
    pub trouble: DigitTrouble,
}

/// What is wrong with a spoken digit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DigitTrouble {
    /// Nothing is heard.
    NoSound,
    /// It sounds like this other digit.
    SameAs(u8),
    /// It is spoken in this other language.
    OtherLanguage(String),
    /// It could not be spoken at all; in words.
    NotSpoken(String),
}

impl fmt::Display for Digit {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value;
        match &self.trouble {
            DigitTrouble::NoSound => write!(to, "{value} is not heard"),
            DigitTrouble::SameAs(other) => write!(to, "{value} sounds like {other}"),
            DigitTrouble::OtherLanguage(code) => write!(to, "{value} is spoken in another language ({code})"),
            DigitTrouble::NotSpoken(why) => write!(to, "{value} is not spoken: {why}"),
        }
    }
}

/// Whether the adapter speaks the figures `0` to `9` in this language, each with a sound of its own.
///
/// # Errors
/// The digits that can't be trusted.
pub async fn digits_are_distinct(adapter: &dyn SpeechAdapter, language: &str) -> Result<(), Vec<Digit>> {
    let figures: [String; 10] = std::array::from_fn(|value| value.to_string());
    digit_words_are_distinct(adapter, language, &figures).await
}

/// The same for the words of a catalogue (`cero`, `uno`, …), zero first.
///
/// # Errors
/// The digits that can't be trusted.
pub async fn digit_words_are_distinct(
    adapter: &dyn SpeechAdapter,
    language: &str,
    words: &[String; 10],
) -> Result<(), Vec<Digit>> {
    let mut troubles = Vec::new();
    let mut sounds: Vec<Option<Vec<i16>>> = Vec::new();
    for (value, word) in (0u8..).zip(words) {
        let spoken = speak_digit(adapter, language, word).await;
        match spoken {
            Ok((sound, None)) => sounds.push(Some(sound)),
            Ok((_, Some(code))) => {
                sounds.push(None);
                troubles.push(Digit { value, trouble: DigitTrouble::OtherLanguage(code) });
            }
            Err(fault) => {
                sounds.push(None);
                troubles.push(Digit { value, trouble: DigitTrouble::NotSpoken(fault.to_string()) });
            }
        }
    }
    troubles.extend(sounds_are_distinct(&sounds).err().unwrap_or_default());
    troubles.sort_by_key(|digit| digit.value);
    if troubles.is_empty() { Ok(()) } else { Err(troubles) }
}

/// Compares sounds that are there already, for example recordings; `None` is passed over.
///
/// # Errors
/// The digits (by place in the list) that are silent or that sound like an earlier one.
pub fn sounds_are_distinct(sounds: &[Option<Vec<i16>>]) -> Result<(), Vec<Digit>> {
    let mut troubles = Vec::new();
    let mut heard: Vec<(u8, &[i16])> = Vec::new();
    for (value, sound) in (0u8..).zip(sounds) {
        let Some(sound) = sound else { continue };
        if sound.len() < WORD_SAMPLES_MIN || active_level_dbfs(sound).is_none() {
            troubles.push(Digit { value, trouble: DigitTrouble::NoSound });
        } else if let Some((other, _)) = heard.iter().find(|(_, before)| likeness(before, sound) >= SAME_SOUND) {
            troubles.push(Digit { value, trouble: DigitTrouble::SameAs(*other) });
        } else {
            heard.push((value, sound));
        }
    }
    if troubles.is_empty() { Ok(()) } else { Err(troubles) }
}

async fn speak_digit(
    adapter: &dyn SpeechAdapter,
    language: &str,
    word: &str,
) -> Result<(Vec<i16>, Option<String>), SpeechFault> {
    let strayed = adapter.strays_into(language, word).await?;
    Ok((adapter.speak(language, word).await?.sound().0, strayed))
}

/// The best correlation of two sounds over small shifts; sounds of very different length are not alike.
fn likeness(a: &[i16], b: &[i16]) -> f32 {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if (long.len() - short.len()) * 10 > long.len() {
        return 0.0;
    }
    let mut best = 0.0f32;
    for shift in 0..=SHIFT_SAMPLES.min(short.len()) {
        best = best.max(correlation(&short[shift..], long)).max(correlation(short, &long[shift..]));
    }
    best
}

fn correlation(a: &[i16], b: &[i16]) -> f32 {
    let (mut ab, mut aa, mut bb) = (0.0f64, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (f64::from(*a), f64::from(*b));
        ab += a * b;
        aa += a * a;
        bb += b * b;
    }
    if aa == 0.0 || bb == 0.0 { 0.0 } else { (ab / (aa * bb).sqrt()) as f32 }
}
