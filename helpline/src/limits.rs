//! How often a number may be tried, and by whom: durable limits on what was keyed, existing or not.
//! They never touch information, a person or the urgent path, and a wrong code never kills a card.

use caseline_model::Time;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Wrong tries in one contact before the caller is sent to a person.
pub const WRONG_IN_CONTACT_MAX: u32 = 2;
/// Wrong tries of one caller (by the weekly key of their number) in a day.
pub const WRONG_BY_CALLER_MAX: u32 = 5;
/// Share of a shared or withheld number's contacts of the day that may go wrong, in percent, where that is more.
pub const WRONG_BY_SHARED_CALLER_PERCENT: u32 = 2;
/// Wrong tries on one number as keyed that close it for fifteen minutes.
pub const WRONG_ON_CASE_SHORT: u32 = 5;
/// How long it is closed then.
pub const CLOSED_SHORT: Duration = Duration::from_secs(15 * 60);
/// Wrong tries on one number as keyed that close it for a day.
pub const WRONG_ON_CASE_LONG: u32 = 10;
/// How long it is closed then.
pub const CLOSED_LONG: Duration = Duration::from_secs(24 * 3_600);
/// Wrong tries on one card after which it opens with two codes in a row, or at the desk; never not at all.
pub const WRONG_ON_CARD_TWO_CODES: u32 = 20;
/// Unverified failures on the site in a day before newcomers are sent to a person; at least this many.
pub const WRONG_ON_SITE_MIN: u32 = 300;
/// Share of yesterday's contacts that may fail, in percent, where that is more.
pub const WRONG_ON_SITE_PERCENT: u32 = 1;
/// The counting day of a caller and of the site.
pub const COUNTING_DAY: Duration = Duration::from_secs(24 * 3_600);

/// Wrong tries on one key, as the store keeps them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrongs {
    /// How many since `since`.
    pub count: u32,
    /// The first of them.
    pub since: Option<Time>,
    /// The last of them.
    pub last: Option<Time>,
}

/// What is known when a number and a code were keyed. Every one of these exists for numbers that exist and for those
/// that do not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TryFacts {
    /// Wrong tries in this contact.
    pub in_contact: u32,
    /// Wrong tries of this caller.
    pub by_caller: Wrongs,
    /// The caller's number is withheld or shared by many.
    pub caller_is_shared: bool,
    /// Contacts of that shared number in the counting day.
    pub caller_contacts: u32,
    /// Wrong tries on this number as keyed.
    pub on_case: Wrongs,
    /// Wrong tries on the site.
    pub on_site: Wrongs,
    /// Contacts of yesterday on the site.
    pub site_contacts_yesterday: u32,
    /// This caller opened a case in the same week.
    pub caller_is_known: bool,
}

/// What the limits say before anything is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Compare the code.
    Compare,
    /// Do not; answer as for a wrong code.
    Closed,
    /// A person.
    PersonNow,
}

impl Wrongs {
    /// Forgets a count whose day is over.
    #[must_use]
    pub fn on(self, now: Time) -> Self {
        match self.since {
            Some(since) if now.since(since) < COUNTING_DAY => self,
            _ => Self::default(),
        }
    }

    /// One more wrong try.
    #[must_use]
    pub fn and_one(self, now: Time) -> Self {
        let kept = self.on(now);
        Self { count: kept.count.saturating_add(1), since: kept.since.or(Some(now)), last: Some(now) }
    }

    /// Whether a number as keyed is closed now: five wrong tries close it for 15 minutes, ten for 24 hours, from the
    /// last of them. The counting day starts anew only when it has passed without being closed.
    pub fn is_closed(&self, now: Time) -> bool {
        let Some(last) = self.last else { return false };
        match self.count {
            0..WRONG_ON_CASE_SHORT => false,
            WRONG_ON_CASE_SHORT..WRONG_ON_CASE_LONG => now.since(last) < CLOSED_SHORT,
            _ => now.since(last) < CLOSED_LONG,
        }
    }
}

/// Decides on one try. Pure, so that an attack can be simulated against it.
pub fn decide(facts: &TryFacts, now: Time) -> Verdict {
    if facts.in_contact >= WRONG_IN_CONTACT_MAX {
        return Verdict::PersonNow;
    }
    let by_caller = facts.by_caller.on(now).count;
    let caller_max = if facts.caller_is_shared {
        WRONG_BY_CALLER_MAX.max(facts.caller_contacts.saturating_mul(WRONG_BY_SHARED_CALLER_PERCENT) / 100)
    } else {
        WRONG_BY_CALLER_MAX
    };
    if by_caller >= caller_max {
        return Verdict::PersonNow;
    }
    let site_max = WRONG_ON_SITE_MIN.max(facts.site_contacts_yesterday.saturating_mul(WRONG_ON_SITE_PERCENT) / 100);
    if facts.on_site.on(now).count >= site_max && !facts.caller_is_known {
        return Verdict::PersonNow;
    }
    if facts.on_case.is_closed(now) { Verdict::Closed } else { Verdict::Compare }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Time::from_micros(1_760_000_000_000_000).plus(Duration::from_secs(seconds))
    }

    fn wrongs(count: u32) -> Wrongs {
        (0..count).fold(Wrongs::default(), |wrongs, second| wrongs.and_one(at(u64::from(second))))
    }

    #[test]
    fn two_wrong_tries_in_a_call_lead_to_a_person() {
        assert_eq!(decide(&TryFacts { in_contact: 1, ..TryFacts::default() }, at(0)), Verdict::Compare);
        assert_eq!(decide(&TryFacts { in_contact: 2, ..TryFacts::default() }, at(0)), Verdict::PersonNow);
    }

    #[test]
    fn a_number_is_closed_for_a_quarter_of_an_hour_and_then_for_a_day() {
        let facts = |count| TryFacts { on_case: wrongs(count), ..TryFacts::default() };
        assert_eq!(decide(&facts(4), at(10)), Verdict::Compare);
        assert_eq!(decide(&facts(5), at(10)), Verdict::Closed);
        assert_eq!(decide(&facts(5), at(10 + 15 * 60)), Verdict::Compare);
        assert_eq!(decide(&facts(10), at(10 + 15 * 60)), Verdict::Closed);
        assert_eq!(decide(&facts(10), at(10 + 24 * 3_600)), Verdict::Compare);
    }

    #[test]
    fn a_shelter_s_telephone_is_not_locked_by_one_guest() {
        let facts =
            TryFacts { by_caller: wrongs(5), caller_is_shared: true, caller_contacts: 400, ..TryFacts::default() };
        assert_eq!(decide(&facts, at(10)), Verdict::Compare);
        assert_eq!(decide(&TryFacts { caller_is_shared: false, ..facts }, at(10)), Verdict::PersonNow);
        assert_eq!(decide(&facts, at(10).plus(COUNTING_DAY)), Verdict::Compare);
    }

    #[test]
    fn a_flood_of_guesses_sends_newcomers_to_a_person_and_leaves_known_callers_alone() {
        let facts = TryFacts { on_site: wrongs(300), ..TryFacts::default() };
        assert_eq!(decide(&facts, at(400)), Verdict::PersonNow);
        assert_eq!(decide(&TryFacts { caller_is_known: true, ..facts }, at(400)), Verdict::Compare);
        assert_eq!(decide(&TryFacts { site_contacts_yesterday: 40_000, ..facts }, at(400)), Verdict::Compare);
    }
}
