//! The ways in which a person reaches the line.
//! How a step is drawn on each of them is left to `conversation`.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// An ordinary telephone.
    Phone,
    /// A call from a browser.
    WebCall,
    /// The chat on the public page.
    WebChat,
    /// Text messages.
    Sms,
}

impl Channel {
    /// Whether the caller hears and keys, rather than reads and types.
    pub const fn is_voice(self) -> bool {
        matches!(self, Self::Phone | Self::WebCall)
    }

    /// The word that is stored and counted.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::WebCall => "web-call",
            Self::WebChat => "web-chat",
            Self::Sms => "sms",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
