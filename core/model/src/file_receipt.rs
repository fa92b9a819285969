//! The sixteen digits that open one's own file, or follow one's own report: shown or said once, stored as a keyed hash.
//! Hashing and looking up are left to the vault in `store`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What sixteen digits open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReceiptKind {
    /// Starts with 4: opens one's own file.
    File,
    /// Starts with 7: follows the report of a wrong record (the report code).
    Report,
}

impl ReceiptKind {
    const fn first_digit(self) -> u8 {
        match self {
            Self::File => 4,
            Self::Report => 7,
        }
    }
}

/// Sixteen digits: kind (4 or 7), fourteen random, and a Luhn check digit (ISO/IEC 7812-1 annex B), so that one wrong
/// key or one swap of neighbours is caught before anything is looked up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileReceipt(u64);

/// Why a text is no file receipt or report code. It never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SixteenDigitError {
    /// Not sixteen digits.
    #[error("this number has 16 digits, here are {digit_count}")]
    Length {
        /// How many digits were found.
        digit_count: usize,
    },
    /// Something other than digits, blanks and dashes.
    #[error("this number is written with digits, blanks and dashes")]
    Character,
    /// The first digit is neither 4 nor 7.
    #[error("this number starts with 4 or 7")]
    Kind,
    /// The check digit does not fit: a digit was mistyped.
    #[error("one of the digits is not right")]
    Check,
}

impl FileReceipt {
    /// Makes a receipt from 64 random bits that the caller hands in. The modulo bias over 10^14 is below 2^-17.
    pub fn from_random(kind: ReceiptKind, random: u64) -> Self {
        let body = u64::from(kind.first_digit()) * 10_u64.pow(14) + random % 10_u64.pow(14);
        Self(body * 10 + u64::from(luhn_digit(body)))
    }

    /// What it opens.
    pub fn kind(&self) -> ReceiptKind {
        if self.0 / 10_u64.pow(15) == 7 { ReceiptKind::Report } else { ReceiptKind::File }
    }

    /// The sixteen digits without separators.
    pub fn digits(&self) -> String {
        format!("{:016}", self.0)
    }

    /// Four groups of four, as it is written and said.
    pub fn grouped(&self) -> String {
        let digits = self.digits();
        format!("{}-{}-{}-{}", &digits[0..4], &digits[4..8], &digits[8..12], &digits[12..16])
    }
}

fn luhn_digit(body: u64) -> u8 {
    let mut rest = body;
    let mut sum = 0;
    let mut doubled = true;
    while rest > 0 {
        let digit = rest % 10;
        rest /= 10;
        sum += match (doubled, digit * 2) {
            (false, _) => digit,
            (true, twice) if twice > 9 => twice - 9,
            (true, twice) => twice,
        };
        doubled = !doubled;
    }
    u8::try_from((10 - sum % 10) % 10).unwrap_or(0)
}

impl FromStr for FileReceipt {
    type Err = SixteenDigitError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut value: u64 = 0;
        let mut digit_count = 0;
        for character in text.trim().chars() {
            match character {
                ' ' | '-' | '\u{2013}' => {}
                _ => {
                    let digit = character.to_digit(10).ok_or(SixteenDigitError::Character)?;
                    digit_count += 1;
                    if digit_count <= 16 {
                        value = value * 10 + u64::from(digit);
                    }
                }
            }
        }
        if digit_count != 16 {
            return Err(SixteenDigitError::Length { digit_count });
        }
        if !matches!(value / 10_u64.pow(15), 4 | 7) {
            return Err(SixteenDigitError::Kind);
        }
        if u64::from(luhn_digit(value / 10)) != value % 10 {
            return Err(SixteenDigitError::Check);
        }
        Ok(Self(value))
    }
}

/// A file receipt is a key, so its debug form is its type's name.
impl fmt::Debug for FileReceipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileReceipt")
    }
}

impl From<FileReceipt> for String {
    fn from(receipt: FileReceipt) -> Self {
        receipt.digits()
    }
}

impl TryFrom<String> for FileReceipt {
    type Error = SixteenDigitError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_receipt_reads_back_in_every_grouping(random in any::<u64>(), report in any::<bool>(), separator in "[ -]?") {
            let kind = if report { ReceiptKind::Report } else { ReceiptKind::File };
            let receipt = FileReceipt::from_random(kind, random);
            prop_assert_eq!(receipt.kind(), kind);
            let written = receipt.grouped().replace('-', &separator);
            prop_assert_eq!(written.parse::<FileReceipt>(), Ok(receipt));
        }

        #[test]
        fn one_wrong_key_is_caught(random in any::<u64>(), place in 1_usize..16, shift in 1_u8..10) {
            let receipt = FileReceipt::from_random(ReceiptKind::File, random);
            let mut digits = receipt.digits().into_bytes();
            digits[place] = b'0' + (digits[place] - b'0' + shift) % 10;
            prop_assert_eq!(String::from_utf8(digits).unwrap().parse::<FileReceipt>(), Err(SixteenDigitError::Check));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = text.parse::<FileReceipt>();
        }
    }

    #[test]
    fn a_telephone_number_is_not_taken_for_a_receipt() {
        assert_eq!("2025550143".parse::<FileReceipt>(), Err(SixteenDigitError::Length { digit_count: 10 }));
        assert_eq!("1111222233334444".parse::<FileReceipt>(), Err(SixteenDigitError::Kind));
        assert_eq!("4417-0092-5533-184x".parse::<FileReceipt>(), Err(SixteenDigitError::Character));
    }
}
