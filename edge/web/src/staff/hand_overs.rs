//! What two people do with a card: one of them begins, another one confirms with a pairing code, says what it is and reads
//! the numbers from the papers once more. All of it is in memory, and gone after ten minutes.
//! Making the card is left to the store, the pages to `cards`.

use caseline_conversation::slot::CaseNumber;
use caseline_helpline::cards::CardDeed;
use caseline_helpline::staff::{AccountId, Actor, StaffHandle};
use caseline_model::{Language, Private, Time};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use subtle::ConstantTimeEq;

/// A hand-over is done within so long, or begun anew.
pub(super) const WITHIN: Duration = Duration::from_secs(10 * 60);

/// Hand-overs at one time.
const AT_ONCE_MAX: usize = 200;

/// Wrong pairing codes of one person within ten minutes.
const WRONG_MAX: u32 = 5;

/// Confirmations with another number, before the hand-over is dropped.
const OTHER_NUMBER_MAX: u32 = 3;

/// Hand-overs that are under way.
#[derive(Default)]
pub(super) struct HandOvers(Mutex<State>);

#[derive(Default)]
struct State {
    pending: HashMap<AccountId, Pending>,
    wrong: HashMap<AccountId, (Time, u32)>,
}

struct Pending {
    deed: CardDeed,
    language: Language,
    code: Private<String>,
    begun_at: Time,
    confirmer: Option<Actor>,
    other_numbers: u32,
}

/// A hand-over as the one who began it sees it.
pub(super) struct Seen {
    /// The pairing code.
    pub(super) code: Private<String>,
    /// Somebody else has confirmed it.
    pub(super) is_confirmed: bool,
    /// Codes are made and shown once.
    pub(super) makes_codes: bool,
    /// When it is over.
    pub(super) until: Time,
}

/// A hand-over that two people agreed on.
pub(super) struct Agreed {
    pub(super) deed: CardDeed,
    pub(super) language: Language,
    pub(super) confirmer: Actor,
}

/// What the second person read and keyed.
pub(super) struct Reading<'a> {
    /// The pairing code.
    pub(super) code: &'a str,
    /// What they confirm, by [`CardDeed::word`].
    pub(super) what: &'a str,
    /// The numbers on the papers.
    pub(super) numbers: &'a [CaseNumber],
    /// The name of a representative's card.
    pub(super) handle: Option<&'a StaffHandle>,
}

/// What became of a confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Confirmation {
    /// Whoever began it can make the card now.
    Confirmed,
    /// It is one's own.
    SamePerson,
    /// Code or number do not fit.
    Wrong,
    /// Too many were wrong.
    TooMany,
}

impl HandOvers {
    /// Begins one; an earlier one of the same person is given up. `false`: too many are under way.
    pub(super) fn begin(&self, now: Time, starter: Actor, deed: CardDeed, language: Language, chance: u64) -> bool {
        let mut state = self.state(now);
        state.pending.remove(&starter.account);
        if state.pending.len() >= AT_ONCE_MAX {
            return false;
        }
        let code = Private::new(format!("{:08}", chance % 100_000_000));
        let pending = Pending { deed, language, code, begun_at: now, confirmer: None, other_numbers: 0 };
        state.pending.insert(starter.account, pending);
        true
    }

    /// The one that a person began.
    pub(super) fn of(&self, now: Time, starter: AccountId) -> Option<Seen> {
        let state = self.state(now);
        let pending = state.pending.get(&starter)?;
        Some(Seen {
            code: pending.code.clone(),
            is_confirmed: pending.confirmer.is_some(),
            makes_codes: pending.deed.makes_codes(),
            until: pending.begun_at.plus(WITHIN),
        })
    }

    /// Another person keys the code, and the numbers as the papers have them.
    pub(super) fn confirm(&self, now: Time, confirmer: Actor, read: &Reading<'_>) -> Confirmation {
        let mut state = self.state(now);
        if state.wrong.get(&confirmer.account).is_some_and(|(_, count)| *count >= WRONG_MAX) {
            return Confirmation::TooMany;
        }
        let fits = |pending: &Pending| bool::from(pending.code.reveal().as_bytes().ct_eq(read.code.as_bytes()));
        let found = state.pending.iter().find(|(_, pending)| fits(pending)).map(|(starter, _)| *starter);
        let Some(starter) = found else { return state.count_wrong(now, confirmer.account) };
        if starter == confirmer.account {
            return Confirmation::SamePerson;
        }
        let Some(pending) = state.pending.get_mut(&starter) else { return Confirmation::Wrong };
        if pending.confirmer.is_some() {
            return state.count_wrong(now, confirmer.account);
        }
        if pending.deed.word() == read.what && pending.deed.is_same_reading(read.numbers, read.handle) {
            pending.confirmer = Some(confirmer);
            return Confirmation::Confirmed;
        }
        pending.other_numbers += 1;
        if pending.other_numbers >= OTHER_NUMBER_MAX {
            state.pending.remove(&starter);
        }
        state.count_wrong(now, confirmer.account)
    }

    /// Takes one that was confirmed, once.
    pub(super) fn take(&self, now: Time, starter: AccountId) -> Option<Agreed> {
        let mut state = self.state(now);
        let confirmer = state.pending.get(&starter)?.confirmer?;
        let Pending { deed, language, .. } = state.pending.remove(&starter)?;
        Some(Agreed { deed, language, confirmer })
    }

    /// Gives up what a person began.
    pub(super) fn give_up(&self, starter: AccountId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pending.remove(&starter);
    }

    /// What is under way now: what is too old is gone.
    fn state(&self, now: Time) -> MutexGuard<'_, State> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.pending.retain(|_, pending| now.since(pending.begun_at) < WITHIN);
        state.wrong.retain(|_, (since, _)| now.since(*since) < WITHIN);
        state
    }
}

impl State {
    fn count_wrong(&mut self, now: Time, account: AccountId) -> Confirmation {
        self.wrong.entry(account).or_insert((now, 0)).1 += 1;
        Confirmation::Wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use caseline_helpline::policy::StaffRole;
    use caseline_model::ANumber;

    fn actor(n: u128) -> Actor {
        Actor { account: AccountId::from_random(n), role: StaffRole::Navigator }
    }

    fn number(n: u32) -> CaseNumber {
        CaseNumber::A(ANumber::from_value(n).unwrap())
    }

    fn own(n: u32) -> CardDeed {
        CardDeed::Own { number: Private::new(number(n)) }
    }

    fn confirms(hand_overs: &HandOvers, now: Time, by: u128, code: &str, of: u32) -> Confirmation {
        let read = Reading { code, what: "own", numbers: &[number(of)], handle: None };
        hand_overs.confirm(now, actor(by), &read)
    }

    fn begun() -> HandOvers {
        let hand_overs = HandOvers::default();
        assert!(hand_overs.begin(at(0), actor(1), own(137), Language::SPANISH, 12_345_678));
        hand_overs
    }

    fn at(seconds: u64) -> Time {
        Time::from_micros(0).plus(Duration::from_secs(seconds))
    }

    #[test]
    fn another_person_confirms_with_code_and_number_and_it_is_taken_once() {
        let hand_overs = begun();
        let seen = hand_overs.of(at(1), actor(1).account).unwrap();
        assert_eq!((seen.code.reveal().as_str(), seen.is_confirmed), ("12345678", false));
        assert!(hand_overs.take(at(1), actor(1).account).is_none(), "nobody has confirmed it");
        assert_eq!(confirms(&hand_overs, at(2), 1, "12345678", 137), Confirmation::SamePerson);
        assert_eq!(confirms(&hand_overs, at(2), 2, "12345678", 137), Confirmation::Confirmed);
        assert_eq!(confirms(&hand_overs, at(3), 3, "12345678", 137), Confirmation::Wrong, "once");
        let agreed = hand_overs.take(at(4), actor(1).account).unwrap();
        assert_eq!(agreed.confirmer, actor(2));
        assert!(hand_overs.take(at(4), actor(1).account).is_none());
    }

    #[test]
    fn a_hand_over_is_gone_after_ten_minutes() {
        let hand_overs = begun();
        assert!(hand_overs.of(at(599), actor(1).account).is_some());
        assert_eq!(confirms(&hand_overs, at(600), 2, "12345678", 137), Confirmation::Wrong);
        assert!(hand_overs.of(at(600), actor(1).account).is_none());
    }

    #[test]
    fn guessed_codes_and_other_numbers_end_it() {
        let hand_overs = begun();
        for _ in 0..WRONG_MAX {
            assert_eq!(confirms(&hand_overs, at(1), 2, "00000000", 137), Confirmation::Wrong);
        }
        assert_eq!(confirms(&hand_overs, at(1), 2, "12345678", 137), Confirmation::TooMany);
        for other in 3..3 + u128::from(OTHER_NUMBER_MAX) {
            assert_eq!(confirms(&hand_overs, at(2), other, "12345678", 138), Confirmation::Wrong);
        }
        assert!(hand_overs.of(at(2), actor(1).account).is_none(), "two papers, no card");
    }

    #[test]
    fn hand_overs_are_bounded_and_one_person_has_one() {
        let hand_overs = HandOvers::default();
        let begin = |n| hand_overs.begin(at(0), actor(n), own(1), Language::ENGLISH, n as u64);
        for n in 0..AT_ONCE_MAX as u128 {
            assert!(begin(n) && begin(n));
        }
        assert!(!begin(9_999));
    }

    #[test]
    fn the_second_person_says_what_they_confirm_and_reads_every_number() {
        let hand_overs = HandOvers::default();
        let numbers = [1, 2].map(|n| Private::new(number(n)));
        let family = CardDeed::Family { numbers: numbers.to_vec() };
        assert!(hand_overs.begin(at(0), actor(1), family, Language::SPANISH, 12_345_678));
        let confirm = |by, what, numbers: &[CaseNumber]| {
            hand_overs.confirm(at(1), actor(by), &Reading { code: "12345678", what, numbers, handle: None })
        };
        assert_eq!(confirm(2, "own", &[number(1)]), Confirmation::Wrong);
        assert_eq!(confirm(3, "family", &[number(1)]), Confirmation::Wrong);
        assert_eq!(confirm(4, "family", &[number(2), number(1)]), Confirmation::Confirmed);
    }
}
