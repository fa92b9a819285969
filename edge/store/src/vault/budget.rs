//! How much the vault does in an hour and a day, at the most, whoever asks: cases that it opens, codes that it marks.
//! Where it is counted, so that it outlives the process, is left to `ledger`.

use super::Key;
use super::ledger::take;
use crate::keyed::keyed;
use caseline_model::Time;

const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 24 * HOUR_S;

/// How many cases the vault opens, at the most. Past it, it refuses until the hour or the day is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpeningBudget {
    /// In an hour of the clock.
    pub an_hour: u32,
    /// In a day (UTC).
    pub a_day: u32,
}

/// The most that any line may have: 52 lines with some 40 openings an hour each.
impl Default for OpeningBudget {
    fn default() -> Self {
        Self { an_hour: 2_000, a_day: 10_000 }
    }
}

impl OpeningBudget {
    /// The budget, shortened. What would make it longer is passed over.
    #[must_use]
    pub fn shortened(self, an_hour: Option<u32>, a_day: Option<u32>) -> Self {
        Self {
            an_hour: an_hour.map_or(self.an_hour, |count| count.min(self.an_hour)),
            a_day: a_day.map_or(self.a_day, |count| count.min(self.a_day)),
        }
    }
}

/// How many marks of codes and words the vault makes, at the most, in a process of its own. Whoever has the line's process
/// and its database could otherwise have code after code marked and compare, without a try that any limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkBudget {
    /// In an hour of the clock.
    pub an_hour: u32,
    /// In a day (UTC).
    pub a_day: u32,
}

/// What no line reaches, and little enough for whoever guesses.
///
/// A try takes about 20 s to key, so that 52 lines that do nothing else make 52 × 180 = 9,360 tries an hour. A try marks
/// one code for each card of the case, four at the most (`CARDS_OF_CASE_MAX`): 37,440 marks, and three quarters of 52,000
/// are 39,000. In a day of nothing but tries 52 × 180 × 24 = 224,640, nearly all with one card, and three quarters of
/// 400,000 are 300,000. Numbers that nobody enrolled, which are most of a flood, cost nothing (`Holder::let_mark`), so that
/// no flood closes the line to whoever has a card. A code is one of 10⁸: at 400,000 a day all codes of one row of one card
/// take 250 days, and a card lives 90; without the budget they take about an hour.
impl Default for MarkBudget {
    fn default() -> Self {
        Self { an_hour: 52_000, a_day: 400_000 }
    }
}

impl MarkBudget {
    /// The budget, shortened. What would make it longer is passed over.
    #[must_use]
    pub fn shortened(self, an_hour: Option<u32>, a_day: Option<u32>) -> Self {
        Self {
            an_hour: an_hour.map_or(self.an_hour, |count| count.min(self.an_hour)),
            a_day: a_day.map_or(self.a_day, |count| count.min(self.a_day)),
        }
    }
}

/// A limit of which nobody outside knows where it lies in its last quarter, another one each hour and day. Enrolled numbers
/// alone cost something: whoever knew that one mark is left would see from the next try whether its number is enrolled.
pub(super) fn hidden(limit: u32, key: &Key, period: &str, number: i64) -> u32 {
    let noise = keyed(key, "budget of marks", &[period.as_bytes(), &number.to_be_bytes()]);
    let noise = noise.first_chunk::<4>().map_or(0, |first| u32::from_be_bytes(*first));
    limit - noise % (limit / 4 + 1)
}

/// The hour and the day (UTC) of a time, counted since 1970.
pub(super) fn hour_and_day(now: Time) -> (i64, i64) {
    let seconds = now.micros().div_euclid(1_000_000);
    (seconds.div_euclid(HOUR_S), seconds.div_euclid(DAY_S))
}

/// What a budget refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// How often, ever.
    pub count: u64,
    /// The newest hour in which it did, counted since 1970; 0: never.
    pub hour: u64,
}

/// What the vault did that the log is to say and does not say by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VaultNews {
    /// Openings of cases that the budget refused.
    pub openings: Refused,
    /// Marks of codes and words that the budget refused.
    pub marks: Refused,
    /// Recovery sheets that were made where the keys are.
    pub sheets: u64,
}

/// What was spent of a budget, as the ledger keeps it.
#[derive(Clone, Copy, Default)]
pub(super) struct Spent {
    pub(super) hour: i64,
    pub(super) in_hour: u32,
    pub(super) day: i64,
    pub(super) in_day: u32,
    pub(super) refused: u64,
    pub(super) refused_hour: i64,
}

impl Spent {
    /// Whether there is room for one more; counts it where it counts, or its refusal.
    pub(super) fn spend(&mut self, now: Time, (an_hour, a_day): (u32, u32), counts: bool) -> bool {
        let (hour, day) = hour_and_day(now);
        if self.hour != hour {
            (self.hour, self.in_hour) = (hour, 0);
        }
        if self.day != day {
            (self.day, self.in_day) = (day, 0);
        }
        if self.in_hour >= an_hour || self.in_day >= a_day {
            self.refused += 1;
            self.refused_hour = hour;
            return false;
        }
        self.in_hour += u32::from(counts);
        self.in_day += u32::from(counts);
        true
    }

    /// As bytes, without the hour of the refusal, which stands further back.
    pub(super) fn put(&self, out: &mut Vec<u8>) {
        for number in [self.hour, self.day] {
            out.extend_from_slice(&number.to_be_bytes());
        }
        for count in [self.in_hour, self.in_day] {
            out.extend_from_slice(&count.to_be_bytes());
        }
        out.extend_from_slice(&self.refused.to_be_bytes());
    }

    /// Reads them back.
    pub(super) fn taken(rest: &mut &[u8]) -> Option<Self> {
        let (hour, day) = (i64::from_be_bytes(take(rest)?), i64::from_be_bytes(take(rest)?));
        let (in_hour, in_day) = (u32::from_be_bytes(take(rest)?), u32::from_be_bytes(take(rest)?));
        let refused = u64::from_be_bytes(take(rest)?);
        Some(Self { hour, in_hour, day, in_day, refused, refused_hour: 0 })
    }

    pub(super) fn refused(&self) -> Refused {
        Refused { count: self.refused, hour: u64::try_from(self.refused_hour).unwrap_or_default() }
    }
}
