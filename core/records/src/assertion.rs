//! One claim about a case: field, value, source, when it was observed and how it was obtained. Append-only.
//! What several of them add up to is left to `checks` and `answer`.

use crate::source::{Obtained, SourceKind};
use caseline_model::{Date, Time, TimeOfDay};
use serde::{Deserialize, Serialize};

/// One claim. There is no column for location, address, sex, nationality, entry, relatives or citizenship: none exists
/// here, so none can be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assertion {
    /// What is claimed.
    pub value: Value,
    /// Who says so.
    pub source: SourceKind,
    /// How we came to it.
    pub obtained: Obtained,
    /// When it was seen: the look-up, the reading out, the feed's own date.
    pub observed_at: Time,
    /// The date of the document or of the row's last change, where it has one.
    pub effective_on: Option<Date>,
}

/// The fields that exist. Each is one that can be told to the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// The next hearing.
    Hearing,
    /// A hearing that was called off, moved or held.
    PastHearing,
    /// What the court decided.
    Decision,
    /// Whether the record says the person is detained.
    Custody,
    /// The language on the court's record.
    CourtLanguage,
    /// The status of a filing, in USCIS's own words.
    FilingStatus,
}

impl Field {
    /// The word in flows, scripts and words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hearing => "hearing",
            Self::PastHearing => "past-hearing",
            Self::Decision => "decision",
            Self::Custody => "custody",
            Self::CourtLanguage => "court-language",
            Self::FilingStatus => "filing-status",
        }
    }
}

impl std::str::FromStr for Field {
    type Err = NotAField;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Hearing, Self::PastHearing, Self::Decision, Self::Custody, Self::CourtLanguage, Self::FilingStatus]
            .into_iter()
            .find(|field| field.as_str() == text)
            .ok_or(NotAField)
    }
}

/// The word names no field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a field is hearing, past-hearing, decision, custody, court-language or filing-status")]
pub struct NotAField;

/// A date and, where the source has one, a time at the hearing's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct HearingTime {
    /// The day.
    pub date: Date,
    /// The time of day at the hearing's place; `None` when the source has none or midnight.
    pub time: Option<TimeOfDay>,
}

/// Scheduling hearing or merits hearing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HearingKind {
    /// A short scheduling hearing with many respondents.
    Master,
    /// The merits hearing of one person.
    Individual,
}

/// How a hearing is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Medium {
    /// Go to the court.
    InPerson,
    /// By video.
    Video,
    /// By telephone.
    Telephone,
}

/// What a decision comes to, by the court's code and case type together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// An order of removal, deportation or exclusion.
    RemovalOrder,
    /// Relief or a grant.
    Relief,
    /// Ended without an order: terminated, dismissed, closed.
    Closed,
    /// Voluntary departure.
    VoluntaryDeparture,
    /// Anything else, or a pair of code and case type that is in no table of ours: nothing is said of its meaning.
    Other,
}

impl Outcome {
    /// The word in words and scripts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RemovalOrder => "removal-order",
            Self::Relief => "relief",
            Self::Closed => "closed",
            Self::VoluntaryDeparture => "voluntary-departure",
            Self::Other => "other",
        }
    }
}

/// What a court's record says of custody: never a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CustodyStatus {
    /// Code D.
    Detained,
    /// Code N.
    NeverDetained,
    /// Code R.
    Released,
}

/// A claimed value, by field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "field", rename_all = "kebab-case")]
pub enum Value {
    /// The next hearing is then.
    Hearing {
        /// When.
        at: HearingTime,
        /// Master or individual, where the source says.
        kind: Option<HearingKind>,
        /// In person, video or telephone, where the source says.
        medium: Option<Medium>,
        /// The court's city in the court's own words; for a detention place, nothing.
        court: Option<String>,
        /// On a detained docket the address is "on your notice".
        detained_docket: bool,
    },
    /// The source has no next hearing for this case.
    NoHearing,
    /// A hearing was called off or moved, with the court's adjournment code; code 54 arrives as "lawyer-first" only.
    Adjourned {
        /// The day it had been set for.
        was: HearingTime,
        /// The court's two-character reason, where there is one.
        reason: Option<String>,
        /// The day on which the same court case now goes on, on the same track, where the source has such a row.
        #[serde(default)]
        now_on: Option<Date>,
    },
    /// A hearing that stands beside the next one: a bond hearing, or one of another court case of the same person. It
    /// does not disagree with the next one.
    AlsoHearing {
        /// When.
        at: HearingTime,
    },
    /// A decision, by the court's code and the case type, or an in-absentia order.
    Decision {
        /// The day.
        on: Date,
        /// What it comes to.
        outcome: Outcome,
        /// The record says that the person was not there.
        in_absentia: bool,
    },
    /// The custody status.
    Custody {
        /// What the record says.
        status: CustodyStatus,
    },
    /// The language the court books an interpreter for, as ISO 639-3, or nothing when the code is not mapped.
    CourtLanguage {
        /// ISO 639-3.
        language: Option<String>,
    },
    /// The row was "adjourned: lawyer-first" (the court's code 54): nothing more of it is kept.
    AdjournedLawyerFirst,
    /// USCIS's own words for the status of a filing.
    FilingStatus {
        /// The title, verbatim.
        text: String,
    },
    /// The source's rows of this number cannot all be of one person; what gave that away is not kept.
    MaybeTwoPeople,
    /// In an earlier version of the source and gone from the newest without a closing event.
    Vanished,
}

impl Value {
    /// The field it belongs to.
    pub const fn field(&self) -> Field {
        match self {
            Self::Hearing { .. }
            | Self::AlsoHearing { .. }
            | Self::NoHearing
            | Self::Vanished
            | Self::MaybeTwoPeople => Field::Hearing,
            Self::Adjourned { .. } | Self::AdjournedLawyerFirst => Field::PastHearing,
            Self::Decision { .. } => Field::Decision,
            Self::Custody { .. } => Field::Custody,
            Self::CourtLanguage { .. } => Field::CourtLanguage,
            Self::FilingStatus { .. } => Field::FilingStatus,
        }
    }
}
