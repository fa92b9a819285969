//! A telephone number, kept only where a person asked to be called.
//! Dialling is left to `voice`; how long it is kept, to `helpline`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A telephone number in E.164 form without the plus sign: country code and at most 15 digits in all.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

/// Why a text is no telephone number. It never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Fewer than 8 or more than 15 digits, or ten digits that the North American plan has not.
    #[error("a telephone number has 10 digits, or a plus sign and the country's code")]
    Length,
    /// Something other than digits and the usual separators.
    #[error("a telephone number is written with digits, blanks, dashes, dots and brackets")]
    Character,
}

impl Phone {
    /// With its plus sign: `+12025550143`.
    pub fn e164(&self) -> String {
        format!("+{}", self.0)
    }

    /// Digits without the plus sign.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// The digits as they are read back to a caller: the ten of the North American plan without the country's 1.
    pub fn spoken_digits(&self) -> &str {
        match self.0.strip_prefix('1') {
            Some(national) if national.len() == 10 => national,
            _ => &self.0,
        }
    }

    /// Whether it lies in the range kept for fiction, 555-0100 to 555-0199 of any area (ATIS-0300115).
    pub fn is_made_up(&self) -> bool {
        self.0.len() == 11 && self.0.starts_with('1') && &self.0[4..9] == "55501"
    }
}

impl FromStr for Phone {
    type Err = PhoneError;

    /// Ten digits are read as the North American plan's, with or without the leading 1; others need their country's code
    /// after `+`, `011` or `00`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (international, rest) = match text.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut digits = String::with_capacity(15);
        for character in rest.chars() {
            match character {
                ' ' | '-' | '.' | '(' | ')' | '/' | '\u{2013}' => {}
                _ if character.is_ascii_digit() => digits.push(character),
                _ => return Err(PhoneError::Character),
            }
        }
        let (international, digits) = match digits.strip_prefix("011").or_else(|| digits.strip_prefix("00")) {
            Some(stripped) if !international => (true, stripped.to_owned()),
            _ => (international, digits),
        };
        let digits = match (international, digits.len()) {
            (false, 10) => format!("1{digits}"),
            (false, 11) if digits.starts_with('1') => digits,
            (true, 8..=15) => digits,
            _ => return Err(PhoneError::Length),
        };
        // Area and exchange codes of the North American plan start with 2 to 9.
        if digits.len() == 11 && digits.starts_with('1') {
            let bytes = digits.as_bytes();
            if bytes[1] < b'2' || bytes[4] < b'2' {
                return Err(PhoneError::Length);
            }
        }
        Ok(Self(digits))
    }
}

/// A telephone number belongs to a person, so its debug form is its type's name.
impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone")
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.e164()
    }
}

impl TryFrom<String> for Phone {
    type Error = PhoneError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_usual_renderings_of_one_number_are_one_number() {
        for text in
            ["+12025550143", "2025550143", "1 202 555 0143", "(202) 555-0143", "202.555.0143", "011 1 202 555 0143"]
        {
            let phone = text.parse::<Phone>().unwrap();
            assert_eq!(phone.e164(), "+12025550143", "{text}");
            assert!(phone.is_made_up());
        }
    }

    #[test]
    fn what_cannot_be_dialled_is_refused() {
        for text in ["", "911", "5550143", "1025550143", "2020550143", "20255501433", "202555014x"] {
            assert!(text.parse::<Phone>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_number_reads_back(tail in 0_u32..100) {
            let phone: Phone = format!("+1 202 555 01{tail:02}").parse().unwrap();
            prop_assert_eq!(String::from(phone.clone()).parse::<Phone>().unwrap(), phone);
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = text.parse::<Phone>();
        }
    }
}
