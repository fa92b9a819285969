//! One single-use code from a person's card: its row 01 to 12 and its eight digits.
//! Comparing it is left to the vault, and only with the row that was keyed.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How many codes stand on a card (NIST SP 800-63B-4 look-up secrets: single use, six digits or more).
pub const ROW_COUNT: u8 = 12;

/// A code as keyed: two digits of the row, then its eight digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CardCode {
    row: u8,
    digits: u32,
}

/// Why a text is no card code. It never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CardCodeError {
    /// Not ten digits.
    #[error("a code is keyed as its row and its eight digits: 10 keys, here are {digit_count}")]
    Length {
        /// How many digits were found.
        digit_count: usize,
    },
    /// Something other than digits, blanks and dashes.
    #[error("a code is written with digits, blanks and dashes")]
    Character,
    /// The row is not 01 to 12.
    #[error("the card has rows 01 to 12")]
    Row,
}

impl CardCode {
    /// The code of a row from 32 random bits that the caller hands in; `None` when the row is not on a card.
    pub fn from_random(row: u8, random: u64) -> Option<Self> {
        let digits = u32::try_from(random % 100_000_000).unwrap_or(0);
        (1..=ROW_COUNT).contains(&row).then_some(Self { row, digits })
    }

    /// The row, 1 to 12.
    pub const fn row(&self) -> u8 {
        self.row
    }

    /// The eight digits, which belong to the person.
    pub fn digits(&self) -> String {
        format!("{:08}", self.digits)
    }

    /// As it is keyed: row and digits, ten keys.
    pub fn keyed(&self) -> String {
        format!("{:02}{:08}", self.row, self.digits)
    }
}

impl FromStr for CardCode {
    type Err = CardCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let kept: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '\u{2013}')).collect();
        if !kept.chars().all(|c| c.is_ascii_digit()) {
            return Err(CardCodeError::Character);
        }
        if kept.len() != 10 {
            return Err(CardCodeError::Length { digit_count: kept.len() });
        }
        let row = kept[..2].parse().map_err(|_| CardCodeError::Character)?;
        let digits = kept[2..].parse().map_err(|_| CardCodeError::Character)?;
        if !(1..=ROW_COUNT).contains(&row) {
            return Err(CardCodeError::Row);
        }
        Ok(Self { row, digits })
    }
}

/// A code is a key, so its debug form is its type's name.
impl fmt::Debug for CardCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardCode")
    }
}

impl From<CardCode> for String {
    fn from(code: CardCode) -> Self {
        code.keyed()
    }
}

impl TryFrom<String> for CardCode {
    type Error = CardCodeError;
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
        fn a_code_reads_back_as_it_is_keyed(row in 1_u8..=12, random in any::<u64>(), separator in "[ -]?") {
            let code = CardCode::from_random(row, random).unwrap();
            let written = format!("{:02}{separator}{}", code.row(), code.digits());
            prop_assert_eq!(written.parse::<CardCode>(), Ok(code));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = text.parse::<CardCode>();
        }
    }

    #[test]
    fn a_row_that_is_not_on_the_card_is_refused() {
        assert_eq!("1312345678".parse::<CardCode>(), Err(CardCodeError::Row));
        assert_eq!("0012345678".parse::<CardCode>(), Err(CardCodeError::Row));
    }
}
