//! How a contact ended, from a fixed list: the list that figures are made of.
//! What led to it is left to `conversation`.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! dispositions {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// How a contact ended.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub enum Disposition {
            $($(#[$doc])* $name),+
        }

        impl Disposition {
            /// All of them, in the order of the reference page.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The words that are stored, counted and written in flows and scripts.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }

        impl std::str::FromStr for Disposition {
            type Err = NotADisposition;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($text => Ok(Self::$name),)+ _ => Err(NotADisposition) }
            }
        }
    };
}

dispositions! {
    /// The caller heard what they came for from the line and said goodbye or hung up afterwards.
    Answered = "answered by the line",
    /// A person of the chain took the contact.
    Connected = "connected to agent",
    /// A promise to call back stands.
    CallbackPromised = "callback promised",
    /// A message waits to be heard.
    MessageLeft = "message left",
    /// A report of a wrong record was taken.
    ReportTaken = "report taken",
    /// "Forget me" was done.
    Forgotten = "forgotten",
    /// The caller was sent to free legal help.
    Referred = "referred",
    /// The caller left before the line could answer.
    Abandoned = "abandoned",
    /// Nobody ever spoke or keyed: most likely a machine.
    NobodyThere = "nobody there",
    /// The line could not take the contact and said so.
    Refused = "refused",
    /// Something broke; the caller heard an apology.
    Failed = "failed",
}

/// The text is no disposition of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no disposition of the list in model/disposition.rs")]
pub struct NotADisposition;

impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<Disposition> for String {
    fn from(disposition: Disposition) -> Self {
        disposition.as_str().to_owned()
    }
}

impl TryFrom<String> for Disposition {
    type Error = NotADisposition;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_disposition_reads_back() {
        for disposition in Disposition::ALL {
            assert_eq!(disposition.as_str().parse(), Ok(*disposition));
        }
    }
}
