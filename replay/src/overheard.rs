//! The byte scan: everything that any part writes to the log while pages are played, and whether a value that a caller
//! gave is in it, in any of the ways in which such values are written.
//! What is logged is left to the parts.

use caseline_model::{Phone, Private};
use caseline_voice::sip::is_silenced;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;

/// Values with fewer digits or letters than this are too short to be told from chance.
const SIGNS_MIN: usize = 6;

/// A log that is kept in memory, at trace level.
#[derive(Clone, Debug, Default)]
pub struct Overheard(Arc<Mutex<Vec<u8>>>);

impl Overheard {
    /// A subscriber that writes here, at trace level. As in the program, the SIP library's own rows are silenced: they are
    /// raw messages.
    pub fn subscriber(&self) -> impl tracing::Subscriber + Send + Sync + 'static {
        let rows = tracing_subscriber::fmt::layer()
            .with_writer(self.clone())
            .without_time()
            .with_ansi(false)
            .with_filter(filter_fn(|row| !is_silenced(row.target())));
        tracing_subscriber::registry().with(rows)
    }

    /// What was written so far.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// Forgets what was written.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The row of the log that holds one of these values, if any does.
    pub fn finds(&self, given: &[Private<String>]) -> Option<String> {
        let text = self.text();
        let signs: Vec<String> = given.iter().flat_map(|value| renderings(value.reveal())).collect();
        let row = text.lines().find(|row| signs.iter().any(|sign| row.contains(sign.as_str())));
        row.map(str::to_owned)
    }
}

/// The ways in which a value is usually written.
pub fn renderings(value: &str) -> Vec<String> {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let mut all = vec![value.to_owned()];
    if digits.len() >= SIGNS_MIN {
        all.push(digits.clone());
    }
    if let Ok(phone) = value.parse::<Phone>() {
        let national = phone.spoken_digits().to_owned();
        if let (Some(area), Some(office), Some(number)) = (national.get(..3), national.get(3..6), national.get(6..)) {
            all.extend([
                phone.e164(),
                format!("{area}-{office}-{number}"),
                format!("({area}) {office}-{number}"),
                format!("{area} {office} {number}"),
                format!("{area}.{office}.{number}"),
                national.clone(),
            ]);
        }
    }
    match digits.len() {
        9 => all.push(format!("{}-{}-{}", &digits[..3], &digits[3..6], &digits[6..])),
        16 => all.push(format!("{}-{}-{}-{}", &digits[..4], &digits[4..8], &digits[8..12], &digits[12..])),
        // A card's row and its eight digits: these alone are the secret.
        10 => all.push(digits[2..].to_owned()),
        _ => {}
    }
    if let Ok(date) = value.parse::<caseline_model::Date>() {
        all.push(format!("{:02}{:02}{:04}", date.month(), date.day(), date.year()));
        all.push(format!("{:02}/{:02}/{:04}", date.month(), date.day(), date.year()));
    }
    all.retain(|sign| sign.chars().filter(|sign| sign.is_alphanumeric()).count() >= SIGNS_MIN);
    all
}

/// The ways in which a telephone number is usually written that are no text of one byte a character: two bytes a character,
/// half a byte a digit as telephone networks write it (BCD, digits in either order, an odd one filled up), and as a number.
/// Nothing for any other value.
pub fn renderings_in_bytes(value: &str) -> Vec<Vec<u8>> {
    let Ok(phone) = value.parse::<Phone>() else { return Vec::new() };
    let (national, international) = (phone.spoken_digits().to_owned(), phone.e164().replace('+', ""));
    let mut all: Vec<Vec<u8>> = Vec::new();
    for text in renderings(value) {
        all.push(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
        all.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
    }
    for digits in [&national, &international] {
        let halves: Vec<u8> = digits.bytes().map(|digit| digit - b'0').collect();
        let pairs = || halves.chunks(2).map(|pair| (pair[0], pair.get(1).copied().unwrap_or(0xf)));
        all.push(pairs().map(|(first, second)| first << 4 | second).collect());
        all.push(pairs().map(|(first, second)| second << 4 | first).collect());
    }
    if let Ok(number) = international.parse::<u64>() {
        // As SQLite keeps one in six bytes, and as a processor does.
        all.push(number.to_be_bytes()[2..].to_vec());
        all.push(number.to_le_bytes().to_vec());
    }
    all
}

/// One row that is being written.
pub struct Pen(Overheard);

impl Write for Pen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Overheard {
    type Writer = Pen;

    fn make_writer(&'a self) -> Self::Writer {
        Pen(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telephone_number_in_half_bytes_or_as_a_number_is_known_too() {
        let all = renderings_in_bytes("+12025550143");
        for wanted in [
            &[0x20, 0x25, 0x55, 0x01, 0x43][..],
            &[0x02, 0x52, 0x55, 0x10, 0x34],
            &[0x12, 0x02, 0x55, 0x50, 0x14, 0x3f],
            &[0x21, 0x20, 0x55, 0x05, 0x41, 0xf3],
            &12_025_550_143_u64.to_be_bytes()[2..],
            &12_025_550_143_u64.to_le_bytes(),
        ] {
            assert!(all.iter().any(|bytes| bytes == wanted), "{wanted:x?}");
        }
        assert!(all.iter().all(|bytes| bytes.len() >= 5), "shorter ones would stand anywhere by chance");
        assert!(renderings_in_bytes("000-000-137").is_empty());
    }

    #[test]
    fn a_telephone_number_is_found_in_six_ways_of_writing_it() {
        let given = [Private::new("+1 202 555 0143".to_owned())];
        for written in ["+12025550143", "2025550143", "202-555-0143", "(202) 555-0143", "202 555 0143", "202.555.0143"]
        {
            let overheard = Overheard::default();
            tracing::subscriber::with_default(overheard.subscriber(), || tracing::trace!("a call from {written}"));
            assert!(overheard.finds(&given).is_some(), "{written}");
        }
        let overheard = Overheard::default();
        tracing::subscriber::with_default(overheard.subscriber(), || tracing::error!("a call from 202 555 0199"));
        assert_eq!(overheard.finds(&given), None);
    }
}
