//! Ids as types, so that the id of one thing cannot stand for another.
//! Their randomness is handed in by the program; version-7 ids are avoided because they tell the time.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $letter:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(u128);

        impl $name {
            /// Makes an id from 128 random bits that the caller hands in.
            pub const fn from_random(random: u128) -> Self {
                Self(random)
            }

            /// The sixteen bytes as they are stored.
            pub const fn to_bytes(self) -> [u8; 16] {
                self.0.to_be_bytes()
            }

            /// Reads the stored bytes back; `None` unless there are sixteen.
            pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
                Some(Self(u128::from_be_bytes(bytes.try_into().ok()?)))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($letter, "-{:032x}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let digits = text.strip_prefix(concat!($letter, "-")).ok_or(NotAnId)?;
                if digits.len() != 32 {
                    return Err(NotAnId);
                }
                u128::from_str_radix(digits, 16).map(Self).map_err(|_| NotAnId)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAnId;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }
    };
}

/// The text is not an id of that kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not an id of that kind")]
pub struct NotAnId;

id! {
    /// One interaction of one person with the line.
    ContactId, "c"
}
id! {
    /// Our file about a person's matter. Random: it says nothing of the number, and is never said to anyone.
    CaseId, "f"
}
id! {
    /// One obligation: a callback, a message to be heard, a reminder.
    TaskId, "t"
}

/// The name of a vetted article, as its file has it: `moved-court`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ArticleId(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_one_kind_is_not_read_as_another() {
        let contact = ContactId::from_random(7);
        assert_eq!(contact.to_string().parse::<ContactId>(), Ok(contact));
        assert_eq!(contact.to_string().parse::<CaseId>(), Err(NotAnId));
        assert_eq!(ContactId::from_bytes(&contact.to_bytes()), Some(contact));
        assert_eq!(ContactId::from_bytes(&[0; 15]), None);
    }
}
