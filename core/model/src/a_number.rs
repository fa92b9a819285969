//! The alien registration number as people write it and as everyone else keeps it: nine digits.
//! It identifies and proves nothing; what may be told for it is left to `helpline`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An alien registration number, kept as nine digits. Written with 7, 8 or 9 digits, an optional `A`, blanks, dashes
/// (INA 262; USCIS glossary "Alien Registration Number"). A person may lawfully hold two.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ANumber(u32);

/// Why a text is no A-number. It never repeats the text, since that belongs to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ANumberError {
    /// Fewer than 7 or more than 9 digits.
    #[error("an A-number has 7 to 9 digits, this has {digit_count}")]
    Length {
        /// How many digits were found.
        digit_count: usize,
    },
    /// Something other than digits, one leading `A`, blanks and dashes.
    #[error("an A-number is written with digits, an optional A, blanks and dashes")]
    Character,
    /// Only zeros: a null in the court's tables, not a number.
    #[error("an A-number is not all zeros")]
    AllZeros,
}

impl ANumber {
    /// Makes one from its value, `None` when it is zero or has more than nine digits.
    pub const fn from_value(value: u32) -> Option<Self> {
        if value == 0 || value > 999_999_999 { None } else { Some(Self(value)) }
    }

    /// The nine digits, padded with zeros: the form that is stored, indexed and spoken.
    pub fn digits(&self) -> String {
        format!("{:09}", self.0)
    }

    /// The value as a number; useful for made-up ranges only.
    pub const fn value(&self) -> u32 {
        self.0
    }
}

impl FromStr for ANumber {
    type Err = ANumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let text = text.strip_prefix(['A', 'a']).unwrap_or(text);
        let mut value: u64 = 0;
        let mut digit_count = 0;
        for character in text.chars() {
            match character {
                ' ' | '-' | '\u{2010}' | '\u{2011}' | '\u{2013}' | '#' | '.' => {}
                _ => match character.to_digit(10) {
                    Some(digit) if digit_count < 9 => {
                        value = value * 10 + u64::from(digit);
                        digit_count += 1;
                    }
                    Some(_) => digit_count += 1,
                    None => return Err(ANumberError::Character),
                },
            }
        }
        if !(7..=9).contains(&digit_count) {
            return Err(ANumberError::Length { digit_count });
        }
        u32::try_from(value).ok().and_then(Self::from_value).ok_or(ANumberError::AllZeros)
    }
}

/// An A-number belongs to a person, so its debug form is its type's name.
impl fmt::Debug for ANumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ANumber")
    }
}

impl From<ANumber> for String {
    fn from(number: ANumber) -> Self {
        number.digits()
    }
}

impl TryFrom<String> for ANumber {
    type Error = ANumberError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_written_forms_of_one_number_are_one_number() {
        for text in
            ["A000-000-137", "a 000 000 137", "000000137", "00000137", "0000137", "A# 000-000-137", " 000–000–137 "]
        {
            assert_eq!(text.parse::<ANumber>().unwrap().digits(), "000000137", "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused_without_repeating_it() {
        assert_eq!("123456".parse::<ANumber>(), Err(ANumberError::Length { digit_count: 6 }));
        assert_eq!("0001234567".parse::<ANumber>(), Err(ANumberError::Length { digit_count: 10 }));
        assert_eq!("A00000013X".parse::<ANumber>(), Err(ANumberError::Character));
        assert_eq!("000000000".parse::<ANumber>(), Err(ANumberError::AllZeros));
        assert_eq!(format!("{:?}", ANumber::from_value(137)), "Some(ANumber)");
    }

    proptest! {
        #[test]
        fn every_written_form_reads_back(value in 1_u32..1_000_000_000, letter in "A?|a", separator in "[ -]?", width in 7_usize..=9) {
            let digits = format!("{value:0width$}");
            prop_assume!(digits.len() <= 9);
            let grouped: Vec<String> = digits.chars().collect::<Vec<_>>().chunks(3).map(|c| c.iter().collect()).collect();
            let written = format!("{letter}{}", grouped.join(&separator));
            prop_assert_eq!(written.parse::<ANumber>().unwrap(), ANumber(value));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = text.parse::<ANumber>();
        }
    }
}
