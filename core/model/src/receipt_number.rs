//! The receipt number of one USCIS filing: three letters and ten digits.
//! What its status says is left to `records`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Where a filing was first received, as far as the first three letters say. An unknown prefix is accepted and said
/// to be unknown: USCIS publishes no list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptPrefix {
    /// Seen in use: IOE EAC VSC WAC CSC LIN NSC SRC TSC MSC NBC YSC PSC.
    Known,
    /// Three letters that were not seen before: read on, and warn.
    Unknown,
}

const KNOWN_PREFIXES: [&str; 13] =
    ["IOE", "EAC", "VSC", "WAC", "CSC", "LIN", "NSC", "SRC", "TSC", "MSC", "NBC", "YSC", "PSC"];

/// A USCIS receipt number: three letters and ten digits, or three letters, `*` and nine digits (the form that the case
/// status interface takes too). Blanks and dashes are dropped.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReceiptNumber(String);

/// Why a text is no receipt number. It never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptNumberError {
    /// It does not start with three letters.
    #[error("a receipt number starts with three letters")]
    Letters,
    /// After the letters come other than ten digits, or `*` and nine digits.
    #[error("a receipt number has ten digits after its letters, this has {digit_count}")]
    Digits {
        /// How many digits were found.
        digit_count: usize,
    },
    /// Something other than letters, digits, one star, blanks and dashes.
    #[error("a receipt number is written with letters, digits, blanks and dashes")]
    Character,
}

impl ReceiptNumber {
    /// The thirteen characters without separators.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the prefix is one that was seen before.
    pub fn prefix(&self) -> ReceiptPrefix {
        if KNOWN_PREFIXES.iter().any(|known| self.0.starts_with(known)) {
            ReceiptPrefix::Known
        } else {
            ReceiptPrefix::Unknown
        }
    }
}

impl FromStr for ReceiptNumber {
    type Err = ReceiptNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let kept: Vec<char> = text.chars().filter(|c| !matches!(c, ' ' | '-' | '\t' | '\u{2013}')).collect();
        let (letters, rest) = kept.split_at_checked(3).ok_or(ReceiptNumberError::Letters)?;
        if !letters.iter().all(char::is_ascii_alphabetic) {
            return Err(ReceiptNumberError::Letters);
        }
        let digits = match rest {
            ['*', digits @ ..] => digits,
            digits => digits,
        };
        if !digits.iter().all(char::is_ascii_digit) {
            return Err(ReceiptNumberError::Character);
        }
        let wanted = if rest.first() == Some(&'*') { 9 } else { 10 };
        if digits.len() != wanted {
            return Err(ReceiptNumberError::Digits { digit_count: digits.len() });
        }
        Ok(Self(kept.iter().map(char::to_ascii_uppercase).collect()))
    }
}

/// A receipt number belongs to a person, so its debug form is its type's name.
impl fmt::Debug for ReceiptNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceiptNumber")
    }
}

impl From<ReceiptNumber> for String {
    fn from(number: ReceiptNumber) -> Self {
        number.0
    }
}

impl TryFrom<String> for ReceiptNumber {
    type Error = ReceiptNumberError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_unknown_prefix_is_read_and_said_to_be_unknown() {
        assert_eq!("ioe-00-000-00137".parse::<ReceiptNumber>().unwrap().prefix(), ReceiptPrefix::Known);
        assert_eq!("XYZ0000000137".parse::<ReceiptNumber>().unwrap().prefix(), ReceiptPrefix::Unknown);
    }

    #[test]
    fn what_is_no_receipt_number_is_refused() {
        assert_eq!("IO".parse::<ReceiptNumber>(), Err(ReceiptNumberError::Letters));
        assert_eq!("1OE0000000137".parse::<ReceiptNumber>(), Err(ReceiptNumberError::Letters));
        assert_eq!("IOE000000137".parse::<ReceiptNumber>(), Err(ReceiptNumberError::Digits { digit_count: 9 }));
        assert_eq!("IOE00000O0137".parse::<ReceiptNumber>(), Err(ReceiptNumberError::Character));
    }

    proptest! {
        #[test]
        fn every_written_form_reads_back(letters in "[A-Za-z]{3}", star in any::<bool>(), digits in "[0-9]{10}", separator in "[ -]?") {
            let digits = if star { format!("*{}", &digits[1..]) } else { digits };
            let written = format!("{letters}{separator}{digits}");
            let read = written.parse::<ReceiptNumber>().unwrap();
            prop_assert_eq!(read.as_str(), format!("{}{digits}", letters.to_uppercase()));
            prop_assert_eq!(read.as_str().parse::<ReceiptNumber>().unwrap(), read);
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = text.parse::<ReceiptNumber>();
        }
    }
}
