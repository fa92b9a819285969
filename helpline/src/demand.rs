//! Legal demands: a subpoena, a warrant, an order. Each is written down before anything is answered (property S14), and
//! nothing of whom it asks for is: there is no field for it.
//! Keeping them is left to `store`; whether a demand binds, to the operator's lawyer.

use crate::audit::AuditReceipt;
use crate::fault::StoreFault;
use async_trait::async_trait;
use caseline_model::{Date, Time};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

type Done<T> = Result<T, StoreFault>;

/// Demands that one line keeps: far more than any has had, and a bound.
pub const DEMANDS_MAX: u32 = 10_000;
/// How many days a demand may be kept out of what is published. What was committed to on its day does not change.
pub const QUIET_DAYS_MAX: u32 = 3_660;

/// The record of demands. A verb that returns `Ok` is durable, and its entry is in the log with it.
#[async_trait]
pub trait DemandStore: Send + Sync {
    /// Writes a demand down. What comes back is the only thing an answer is given on.
    ///
    /// # Errors
    /// `NotAllowed` past [`DEMANDS_MAX`], or when the demand is to be kept quiet for longer than [`QUIET_DAYS_MAX`].
    async fn record_demand(&self, now: Time, demand: &NewDemand) -> Done<RecordedDemand>;
    /// The demand of a number.
    async fn recorded_demand(&self, number: DemandNumber) -> Done<Option<RecordedDemand>>;
    /// Writes down what was answered, before it is handed over.
    ///
    /// # Errors
    /// `NotAllowed` when no such demand is recorded.
    async fn answer_demand(&self, now: Time, demand: &RecordedDemand, answer: DemandAnswer) -> Done<AuditReceipt>;
    /// All demands, oldest first.
    async fn demands(&self) -> Done<Vec<RecordedDemand>>;
}

/// The number of a demand, from 1, in the order in which they were recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DemandNumber(pub u32);

impl fmt::Display for DemandNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for DemandNumber {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// Why a text is none of the words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is one of: {words}")]
pub struct DemandWordError {
    words: String,
}

/// Makes an enum of words that stand in commands, in the store and in both logs.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name {
            $($(#[$variant_doc])* $variant),+
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl FromStr for $name {
            type Err = DemandWordError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text).ok_or_else(|| DemandWordError {
                    words: Self::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(", "),
                })
            }
        }
    };
}

words! {
    /// What kind of paper it is. A judge signs a judicial warrant and a court order; an agency signs an administrative
    /// subpoena by itself (8 CFR 287.4), which a court has to enforce before it binds (8 USC 1225(d)(4)(B)).
    DemandKind {
        /// Signed by a judge.
        JudicialWarrant = "judicial-warrant",
        /// Signed by a judge.
        CourtOrder = "court-order",
        /// From a court or grand jury.
        Subpoena = "subpoena",
        /// Signed by an agency alone.
        AdministrativeSubpoena = "administrative-subpoena",
        /// Asks to keep what is there, and for nothing yet.
        Preservation = "preservation",
        /// A letter, a call, somebody at the door: no paper that binds.
        Informal = "informal",
    }
}

words! {
    /// Who asks.
    Asker {
        /// A federal agency or court.
        Federal = "federal",
        /// One of a state.
        State = "state",
        /// One of a city or county.
        City = "city",
        /// Another country's.
        Foreign = "foreign",
        /// A party to a civil suit, or anybody else.
        Private = "private",
    }
}

words! {
    /// What was answered.
    DemandAnswer {
        /// Nothing of the kind is kept: the page of what is held says so.
        NothingHeld = "nothing-held",
        /// Not obeyed: it does not bind.
        Refused = "refused",
        /// Before a court.
        Contested = "contested",
        /// What one demand named of one person was handed over.
        HandedOver = "handed-over",
        /// Taken back by whoever asked.
        Withdrawn = "withdrawn",
    }
}

/// A demand to write down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewDemand {
    /// What paper it is.
    pub kind: DemandKind,
    /// Who asks.
    pub asker: Asker,
    /// The day on which it arrived.
    pub arrived_on: Date,
    /// It may not be spoken of before this day, by its own terms: the public log commits to it on its day like to any
    /// other, and says what it committed to from this day on.
    pub quiet_until: Option<Date>,
}

/// A demand that stands in the log. Only a store makes one, after its commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedDemand {
    /// Its number.
    pub number: DemandNumber,
    /// What was written down.
    pub demand: NewDemand,
    /// When it was written down.
    pub recorded_on: Date,
    /// The newest answer and its day.
    pub answered: Option<(DemandAnswer, Date)>,
    /// Its entry in the log, already durable.
    audited: AuditReceipt,
}

impl RecordedDemand {
    /// For stores alone: this demand's entry is on disk.
    pub const fn durable(number: DemandNumber, demand: NewDemand, recorded_on: Date, audited: AuditReceipt) -> Self {
        Self { number, demand, recorded_on, answered: None, audited }
    }

    /// With its newest answer.
    #[must_use]
    pub const fn with_answer(self, answered: Option<(DemandAnswer, Date)>) -> Self {
        Self { answered, ..self }
    }

    /// Its entry in the log.
    pub const fn audited(&self) -> AuditReceipt {
        self.audited
    }

    /// What the public log says of it, a row each: that it came, and what was answered last.
    pub fn public_rows(&self) -> Vec<String> {
        let NewDemand { kind, asker, arrived_on, .. } = self.demand;
        let number = self.number;
        let came = format!("demand {number} {} {} arrived {arrived_on}", kind.as_str(), asker.as_str());
        let answered =
            self.answered.map(|(answer, on)| format!("demand {number} answered {} on {on}", answer.as_str()));
        std::iter::once(came).chain(answered).collect()
    }

    /// Whether what it says may be published on a day.
    pub fn may_be_told(&self, today: Date) -> bool {
        self.demand.quiet_until.is_none_or(|until| until <= today)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_and_another_one_names_the_right_ones() {
        for kind in DemandKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        for asker in Asker::ALL {
            assert_eq!(asker.as_str().parse(), Ok(*asker));
        }
        let wrong = "maybe".parse::<DemandAnswer>().unwrap_err().to_string();
        assert_eq!(wrong, "it is one of: nothing-held, refused, contested, handed-over, withdrawn");
    }

    #[test]
    fn the_public_rows_name_paper_asker_and_days_and_nobody() {
        let day: Date = "2026-11-20".parse().unwrap();
        let demand = NewDemand {
            kind: DemandKind::AdministrativeSubpoena,
            asker: Asker::Federal,
            arrived_on: day,
            quiet_until: Some("2026-12-01".parse().unwrap()),
        };
        let recorded = RecordedDemand::durable(DemandNumber(3), demand, day, AuditReceipt::durable_at(9))
            .with_answer(Some((DemandAnswer::Refused, day)));
        assert_eq!(
            recorded.public_rows(),
            ["demand 3 administrative-subpoena federal arrived 2026-11-20", "demand 3 answered refused on 2026-11-20"]
        );
        assert!(!recorded.may_be_told(day) && recorded.may_be_told("2026-12-01".parse().unwrap()));
    }
}
