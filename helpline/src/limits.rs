//! How often a number may be tried, by whom, and how many different cases one caller opens: durable limits on what was keyed, existing or not.
//! They never touch information, a person or the urgent path, and a wrong code never kills a card.
//! What a try comes to is left to `outcome`; counting in memory, to `counters`.

mod counters;
mod outcome;

pub use counters::{Counters, Tried, WrongRow};
pub use outcome::{Answer, Fit, Judged, TryEnd, judge_code, needs_two};

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
/// Different cases that one caller opens in a key week, and one page or one contact of a number that many share; a family
/// is seldom larger. Whoever wants more goes to a person. Representatives' cards have a bound of their own.
pub const OPENED_BY_CALLER_MAX: u32 = 3;
/// Different cases that a shared or withheld number opens in a key week, in percent of its contacts of that week, where
/// that is more: each of the people behind it may open three, so that nobody's openings are another's lock-out.
pub const OPENED_BY_SHARED_CALLER_PERCENT: u32 = 300;
/// Unverified failures on the site in a day before newcomers are sent to a person; at least this many.
pub const WRONG_ON_SITE_MIN: u32 = 300;
/// Share of yesterday's contacts that may fail, in percent, where that is more.
pub const WRONG_ON_SITE_PERCENT: u32 = 1;
/// The counting day of a caller and of the site.
pub const COUNTING_DAY: Duration = Duration::from_secs(24 * 3_600);

/// Wrong tries on one key, as the store keeps them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// Different cases that this caller opened in this key week, without those of representatives' cards.
    pub opened_by_caller: u32,
    /// What was keyed is one of them.
    pub was_opened_by_caller: bool,
    /// Contacts of this caller in this key week.
    pub caller_contacts_in_week: u32,
    /// Cases that are open in this contact.
    pub open_in_contact: u32,
    /// What was keyed is one of them.
    pub is_open_in_contact: bool,
    /// What was keyed is a receipt or a report code: fourteen random digits, and no second code to ask for.
    pub by_receipt: bool,
}

/// What the limits say before anything is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Compare the code.
    Compare,
    /// The number as keyed is closed: one code does not open it, two in a row do. Answer as for a wrong code.
    Closed,
    /// The caller or the site has failed too often: one code does not open anything, two in a row do; then a person.
    Guarded,
    /// A person, before anything is compared.
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

    /// One wrong try taken back, as if it had not been counted; `last_before` is the one before it, where that is known.
    #[must_use]
    pub fn without_one(self, last_before: Option<Time>) -> Self {
        match self.count.saturating_sub(1) {
            0 => Self::default(),
            count => Self { count, since: self.since, last: last_before.or(self.last) },
        }
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

impl TryFacts {
    /// How many wrong tries this caller has in a day.
    pub const fn caller_max(&self) -> u32 {
        let share = self.caller_contacts.saturating_mul(WRONG_BY_SHARED_CALLER_PERCENT) / 100;
        if self.caller_is_shared && share > WRONG_BY_CALLER_MAX { share } else { WRONG_BY_CALLER_MAX }
    }

    /// How many different cases this caller opens in a key week.
    pub const fn breadth_max(&self) -> u32 {
        let share = self.caller_contacts_in_week.saturating_mul(OPENED_BY_SHARED_CALLER_PERCENT) / 100;
        if self.caller_is_shared && share > OPENED_BY_CALLER_MAX { share } else { OPENED_BY_CALLER_MAX }
    }

    /// Whether one more case would be more than this caller, or this contact of a number that many share, may open. It
    /// is asked before anything is compared and knows only what this caller opened before, so it tells nothing of what
    /// was keyed.
    pub const fn is_past_breadth(&self) -> bool {
        let by_caller = !self.was_opened_by_caller && self.opened_by_caller >= self.breadth_max();
        let in_contact = !self.is_open_in_contact && self.open_in_contact >= OPENED_BY_CALLER_MAX;
        by_caller || (self.caller_is_shared && in_contact)
    }

    /// The facts without the bound of different cases: for a code that fits on a representative's card, which has a bound of
    /// its own, and for what opens no case.
    #[must_use]
    pub const fn without_breadth(&self) -> Self {
        Self { opened_by_caller: 0, open_in_contact: 0, ..*self }
    }

    /// How many unverified failures the site has in a day.
    pub const fn site_max(&self) -> u32 {
        let share = self.site_contacts_yesterday.saturating_mul(WRONG_ON_SITE_PERCENT) / 100;
        if share > WRONG_ON_SITE_MIN { share } else { WRONG_ON_SITE_MIN }
    }

    /// Whether this caller stands outside the site's limit: they opened a case this week. A number that many share
    /// never does: one guest who opened a case would let everybody in who shows that number.
    pub const fn is_verified(&self) -> bool {
        self.caller_is_known && !self.caller_is_shared
    }

    /// The facts as they were before the last wrong try of this contact, a receipt without the word key of its file: the
    /// word that follows it directly is judged by them. `last_before`: the wrong try on the receipt before that one.
    #[must_use]
    pub fn without_one(&self, last_before: Option<Time>) -> Self {
        let on_site = if self.is_verified() { self.on_site } else { self.on_site.without_one(None) };
        Self {
            in_contact: self.in_contact.saturating_sub(1),
            by_caller: self.by_caller.without_one(None),
            on_case: self.on_case.without_one(last_before),
            on_site,
            ..*self
        }
    }

    /// Whether the alarm rings if this try fails: at the failure that reaches the site's limit, and again at every
    /// further 300, so that a flood goes on ringing and a limit that fell overnight is not passed in silence.
    pub fn alarm_rings(&self, now: Time) -> bool {
        let count = self.on_site.and_one(now).count;
        count.checked_sub(self.site_max()).is_some_and(|past| past % WRONG_ON_SITE_MIN == 0)
    }
}

/// Decides on one try. Pure, so that an attack can be simulated against it.
pub fn decide(facts: &TryFacts, now: Time) -> Verdict {
    if facts.in_contact >= WRONG_IN_CONTACT_MAX || facts.is_past_breadth() {
        return Verdict::PersonNow;
    }
    // Withheld numbers and all pages count as one caller: anybody can use its tries up. A receipt has no second code
    // to fall back on, and its fourteen digits need no more than the site's limit.
    let counts_caller = !(facts.by_receipt && facts.caller_is_shared);
    let is_over_caller = counts_caller && facts.by_caller.on(now).count >= facts.caller_max();
    let is_over_site = !facts.is_verified() && facts.on_site.on(now).count >= facts.site_max();
    if is_over_caller || is_over_site {
        return Verdict::Guarded;
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
        assert_eq!(decide(&TryFacts { caller_is_shared: false, ..facts }, at(10)), Verdict::Guarded);
        assert_eq!(decide(&TryFacts { by_caller: wrongs(8), ..facts }, at(10)), Verdict::Guarded, "2 % of 400 are 8");
        assert_eq!(decide(&facts, at(10).plus(COUNTING_DAY)), Verdict::Compare);
    }

    #[test]
    fn wrong_tries_on_pages_keep_nobody_from_their_own_file() {
        let facts =
            TryFacts { by_caller: wrongs(200), caller_is_shared: true, by_receipt: true, ..TryFacts::default() };
        assert_eq!(decide(&facts, at(300)), Verdict::Compare);
        assert_eq!(decide(&TryFacts { on_site: wrongs(300), ..facts }, at(300)), Verdict::Guarded);
        assert_eq!(decide(&TryFacts { caller_is_shared: false, ..facts }, at(300)), Verdict::Guarded);
    }

    #[test]
    fn a_caller_opens_three_cases_a_week_and_those_again() {
        let facts =
            |opened, before| TryFacts { opened_by_caller: opened, was_opened_by_caller: before, ..TryFacts::default() };
        assert_eq!(decide(&facts(2, false), at(0)), Verdict::Compare);
        assert_eq!(decide(&facts(3, false), at(0)), Verdict::PersonNow);
        assert_eq!(decide(&facts(3, true), at(0)), Verdict::Compare);
        assert_eq!(decide(&facts(3, false).without_breadth(), at(0)), Verdict::Compare);
    }

    #[test]
    fn a_number_that_many_share_opens_three_cases_a_contact_and_a_page_three() {
        let facts = TryFacts {
            caller_is_shared: true,
            opened_by_caller: 40,
            caller_contacts_in_week: 14,
            ..TryFacts::default()
        };
        assert_eq!(decide(&facts, at(0)), Verdict::Compare);
        assert_eq!(decide(&TryFacts { opened_by_caller: 42, ..facts }, at(0)), Verdict::PersonNow);
        let page = |open_in_contact, is_open_in_contact| TryFacts { open_in_contact, is_open_in_contact, ..facts };
        assert_eq!(decide(&page(2, false), at(0)), Verdict::Compare);
        assert_eq!(decide(&page(3, false), at(0)), Verdict::PersonNow);
        assert_eq!(decide(&page(3, true), at(0)), Verdict::Compare);
    }

    #[test]
    fn a_flood_of_guesses_sends_newcomers_to_a_person_and_leaves_known_callers_alone() {
        let facts = TryFacts { on_site: wrongs(300), ..TryFacts::default() };
        assert_eq!(decide(&facts, at(400)), Verdict::Guarded);
        assert_eq!(decide(&TryFacts { caller_is_known: true, ..facts }, at(400)), Verdict::Compare);
        let shelter = TryFacts { caller_is_known: true, caller_is_shared: true, ..facts };
        assert_eq!(decide(&shelter, at(400)), Verdict::Guarded, "anybody can show a shelter's number");
        assert_eq!(decide(&TryFacts { site_contacts_yesterday: 40_000, ..facts }, at(400)), Verdict::Compare);
    }

    #[test]
    fn the_alarm_rings_at_the_failure_that_reaches_the_site_s_limit_and_goes_on_ringing() {
        let rings = |failures: u32, site_contacts_yesterday| {
            TryFacts { on_site: wrongs(failures), site_contacts_yesterday, ..TryFacts::default() }
                .alarm_rings(at(1_000))
        };
        assert_eq!([298, 299, 300, 598, 599].map(|failures| rings(failures, 0)), [false, true, false, false, true]);
        assert_eq!([299, 399].map(|failures| rings(failures, 40_000)), [false, true]);
        assert!((350..650).any(|failures| rings(failures, 0)), "yesterday's limit was 400, today's is 300");
    }
}
