//! Who says so: the sources of what is known about a case, and how fresh each must be.
//! Reading a source is left to the edges.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A kind of source. Each has fields it has authority for and a limit of freshness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// The person's own paper, read out or typed in: a first-class source.
    Notice,
    /// The court's automated line or page, as looked up by the person or their representative.
    CourtLine,
    /// An operator's feed in the court's own table layout.
    CourtFeed,
    /// USCIS's case status interface, asked live.
    Uscis,
}

impl SourceKind {
    /// The word in scripts and words: `notice`, `court-line`, `court-feed`, `uscis`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::CourtLine => "court-line",
            Self::CourtFeed => "court-feed",
            Self::Uscis => "uscis",
        }
    }

    /// How many days old an observation may be before it is said to be stale (check R15). A paper does not age: its
    /// date is said, and a newer official change outranks it. Others: one day in the last 14 days before a hearing,
    /// seven days otherwise.
    pub const fn fresh_for_days(self, days_to_hearing: Option<i32>) -> Option<i32> {
        match (self, days_to_hearing) {
            (Self::Notice, _) => None,
            (_, Some(days)) if days <= 14 => Some(1),
            _ => Some(7),
        }
    }
}

impl fmt::Display for SourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for SourceKind {
    type Err = NotASource;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "notice" => Ok(Self::Notice),
            "court-line" => Ok(Self::CourtLine),
            "court-feed" => Ok(Self::CourtFeed),
            "uscis" => Ok(Self::Uscis),
            _ => Err(NotASource),
        }
    }
}

/// The word names no source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a source is notice, court-line, court-feed or uscis")]
pub struct NotASource;

/// How an assertion was obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Obtained {
    /// Keyed or typed by the caller from their own paper.
    ReadOutByCaller,
    /// Looked up by the caller or their representative, who says so.
    AttestedByCaller,
    /// Read from a file that the operator received.
    Imported,
    /// Asked live with the person's consent.
    AskedLive,
}
