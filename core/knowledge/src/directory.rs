//! The directory of legal help: who, in which languages, at what cost, and when that was last assured.
//! Importing a published directory (HSDS) is left to `sources` and comes later; this is the operator's own file.

use caseline_model::{Date, Language, Phone};
use serde::Deserialize;

/// What help costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cost {
    /// Nothing.
    Free,
    /// Little, by income.
    LowCost,
    /// A fee.
    Paid,
}

/// Whether new people are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Intake {
    /// Yes.
    Open,
    /// On a list.
    WaitingList,
    /// No.
    Closed,
}

/// One provider, from `knowledge/directory.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Provider {
    /// Its name as it is spoken.
    pub name: String,
    /// Its number.
    pub phone: Phone,
    /// What it does: `immigration`, `detained`, `crime-victims`.
    pub topics: Vec<String>,
    /// In which languages it works.
    pub languages: Vec<Language>,
    /// What it costs.
    pub cost: Cost,
    /// Whether it takes new people.
    pub intake: Intake,
    /// When someone last assured that this is so (HSDS `assured_date`).
    pub assured_on: Date,
}

/// An unconfirmed telephone number is not read out after so many days.
pub const ASSURED_FOR_DAYS: i32 = 180;

impl Provider {
    /// Whether its number may still be read out.
    pub fn is_fresh(&self, today: Date) -> bool {
        self.assured_on.until(today).is_ok_and(|span| span.get_days() <= ASSURED_FOR_DAYS)
    }
}
