//! What a try comes to once the limits and the comparison are known, what it counts on, and how it is answered.
//! Deciding whether anything is compared is left to `limits`.

use super::{TryFacts, Verdict, WRONG_ON_CARD_TWO_CODES, decide};
use caseline_model::Time;

/// What a try came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TryEnd {
    /// The case opens; the codes are used up.
    Opened,
    /// A right code where two are needed. Answered as a wrong one, and not used up.
    FirstOfTwo,
    /// It did not fit.
    Wrong,
    /// The number as keyed is closed for now. Answered as a wrong code, whatever was keyed: a right code is not used up
    /// and a wrong one does not lengthen the time, so the time teaches nothing and nobody can be locked out for longer.
    Closed,
    /// The caller or the site has failed too often, and this was no second right code.
    Guarded,
    /// The same for a receipt. It counts on the receipt too: its word has four digits, and a flood must not let anybody
    /// try them all.
    GuardedFile,
    /// A person, before anything was compared.
    PersonNow,
}

/// How what was keyed fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fit {
    /// It does not, or nobody enrolled such a number.
    No,
    /// A right code, or the right receipt with its word.
    One,
    /// The second of two right codes of different rows of one card, one after the other in the same contact: sixteen
    /// digits, which nobody guesses. Of a file: its receipt with the word that it has.
    /// Two codes open a card past twenty wrong tries, while its number is closed, and in a flood: so nobody who holds the
    /// card can be locked out by whoever does not. A receipt with its word opens in a flood, and not while it is closed.
    Two,
}

/// How a try is answered. There is no other answer, whatever the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It is open.
    Opened,
    /// It is not.
    Refused,
    /// A person.
    PersonNow,
}

/// A try of a code, judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What the limits say.
    pub verdict: Verdict,
    /// What it comes to.
    pub end: TryEnd,
}

/// Judges a try of a code. A code of a representative's card stands outside the bound of different cases that a caller
/// opens, for what it opens: whoever does not open is answered as if it had not fitted.
pub fn judge_code(facts: &TryFacts, now: Time, fit: Fit, by_representative: bool, wrong_in_all: u32) -> Judged {
    let judged = |facts: &TryFacts| {
        let verdict = decide(facts, now);
        Judged { verdict, end: TryEnd::of_code(verdict, fit, wrong_in_all) }
    };
    let exempt = judged(&facts.without_breadth());
    if by_representative && exempt.end == TryEnd::Opened { exempt } else { judged(facts) }
}

/// Past so many wrong tries since the last opening a card opens with two codes in a row.
pub const fn needs_two(wrong_in_all: u32) -> bool {
    wrong_in_all > WRONG_ON_CARD_TWO_CODES
}

impl Fit {
    /// How a code of a card fits: `first` is the row of a right code that this contact keyed just before.
    pub const fn of_code(fits: bool, first: Option<u8>, row: u8) -> Self {
        match (fits, first) {
            (false, _) => Self::No,
            (true, Some(first)) if first != row => Self::Two,
            (true, _) => Self::One,
        }
    }

    /// How a receipt fits, with its word where the file has one; or a report code, which has none.
    pub const fn of_receipt(fits: bool, has_word: bool) -> Self {
        match (fits, has_word) {
            (false, _) => Self::No,
            (true, false) => Self::One,
            (true, true) => Self::Two,
        }
    }
}

impl TryEnd {
    /// What a try of a code comes to. `wrong_in_all` counts wrong tries on the number since it last opened.
    pub const fn of_code(verdict: Verdict, fit: Fit, wrong_in_all: u32) -> Self {
        match (verdict, fit) {
            (Verdict::PersonNow, _) => Self::PersonNow,
            (_, Fit::Two) => Self::Opened,
            (Verdict::Compare, Fit::One) if !needs_two(wrong_in_all) => Self::Opened,
            (_, Fit::One) => Self::FirstOfTwo,
            (Verdict::Compare, Fit::No) => Self::Wrong,
            (Verdict::Closed, Fit::No) => Self::Closed,
            (Verdict::Guarded, Fit::No) => Self::Guarded,
        }
    }

    /// What a try of a receipt comes to. Its word is the second proof, where the file has one; `is_closed`: too many
    /// wrong tries on this receipt.
    pub const fn of_receipt(verdict: Verdict, fit: Fit, is_closed: bool) -> Self {
        match (verdict, fit) {
            (Verdict::PersonNow, _) => Self::PersonNow,
            (Verdict::Guarded, Fit::Two) if !is_closed => Self::Opened,
            (Verdict::Guarded, _) if !is_closed => Self::GuardedFile,
            (Verdict::Guarded, _) => Self::Guarded,
            (Verdict::Closed, _) => Self::Closed,
            (Verdict::Compare, Fit::No) => Self::Wrong,
            (Verdict::Compare, _) => Self::Opened,
        }
    }

    /// What a try of a report code comes to: it has no second proof.
    pub const fn of_report(verdict: Verdict, fit: Fit) -> Self {
        match (verdict, fit) {
            (Verdict::PersonNow | Verdict::Guarded, _) => Self::PersonNow,
            (Verdict::Closed, _) => Self::Closed,
            (Verdict::Compare, Fit::No) => Self::Wrong,
            (Verdict::Compare, _) => Self::Opened,
        }
    }

    /// Whether contact, caller and site count it.
    pub const fn counts_on_caller(self) -> bool {
        matches!(self, Self::FirstOfTwo | Self::Wrong | Self::Closed | Self::Guarded | Self::GuardedFile)
    }

    /// Whether what was keyed counts it: a number only where one code was compared, so that a flood closes none; a receipt
    /// always.
    pub const fn counts_on_number(self) -> bool {
        matches!(self, Self::Wrong | Self::GuardedFile)
    }

    /// How it is answered. Under a flood the second try of a contact leads to a person, unless it opened; the verdict
    /// and the count do not depend on whether the number exists, so neither does the answer.
    pub const fn answer(self, verdict: Verdict, in_contact: u32) -> Answer {
        match (self, verdict) {
            (Self::Opened, _) => Answer::Opened,
            (Self::PersonNow, _) => Answer::PersonNow,
            (_, Verdict::Guarded) if in_contact > 0 => Answer::PersonNow,
            _ => Answer::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERDICTS: [Verdict; 4] = [Verdict::Compare, Verdict::Closed, Verdict::Guarded, Verdict::PersonNow];

    #[test]
    fn past_twenty_wrong_codes_a_card_opens_with_two_different_rows_in_a_row() {
        let end = |wrong, first, row| TryEnd::of_code(Verdict::Compare, Fit::of_code(true, first, row), wrong);
        assert_eq!(end(20, None, 3), TryEnd::Opened);
        assert_eq!(end(21, None, 3), TryEnd::FirstOfTwo);
        assert_eq!(end(21, Some(3), 3), TryEnd::FirstOfTwo);
        assert_eq!(end(21, Some(3), 4), TryEnd::Opened);
    }

    #[test]
    fn two_codes_in_a_row_open_a_closed_number_and_one_does_not() {
        for verdict in [Verdict::Closed, Verdict::Guarded] {
            assert_eq!(TryEnd::of_code(verdict, Fit::One, 0), TryEnd::FirstOfTwo);
            assert_eq!(TryEnd::of_code(verdict, Fit::Two, 0), TryEnd::Opened);
            assert_ne!(TryEnd::of_receipt(verdict, Fit::One, false), TryEnd::Opened);
            assert_ne!(TryEnd::of_report(verdict, Fit::One), TryEnd::Opened);
        }
        assert_eq!(TryEnd::of_code(Verdict::PersonNow, Fit::Two, 0), TryEnd::PersonNow);
    }

    #[test]
    fn whoever_does_not_open_hears_the_same_whether_the_code_fits_or_not() {
        for verdict in VERDICTS {
            for in_contact in 0..3 {
                for wrong_in_all in [0, 20, 21] {
                    let answer = |fit| TryEnd::of_code(verdict, fit, wrong_in_all).answer(verdict, in_contact);
                    let answers = [Fit::No, Fit::One, Fit::Two].map(answer);
                    assert!(answers.iter().all(|told| *told == answers[0] || *told == Answer::Opened), "{answers:?}");
                    for is_closed in [false, true] {
                        let answer = |fit| TryEnd::of_receipt(verdict, fit, is_closed).answer(verdict, in_contact);
                        let answers = [Fit::No, Fit::One, Fit::Two].map(answer);
                        assert!(answers.iter().all(|told| *told == answers[0] || *told == Answer::Opened));
                    }
                    let answer = |fit| TryEnd::of_report(verdict, fit).answer(verdict, in_contact);
                    let answers = [Fit::No, Fit::One].map(answer);
                    assert!(answers[1] == answers[0] || answers[1] == Answer::Opened, "{answers:?}");
                }
            }
        }
    }

    #[test]
    fn in_a_flood_a_receipt_opens_with_its_word_and_its_word_cannot_be_tried_out() {
        assert_eq!(TryEnd::of_receipt(Verdict::Guarded, Fit::Two, false), TryEnd::Opened);
        assert_eq!(TryEnd::of_receipt(Verdict::Guarded, Fit::One, false), TryEnd::GuardedFile);
        assert!(TryEnd::of_receipt(Verdict::Guarded, Fit::No, false).counts_on_number());
        for verdict in [Verdict::Guarded, Verdict::Closed] {
            let closed = TryEnd::of_receipt(verdict, Fit::Two, true);
            assert!(closed != TryEnd::Opened && !closed.counts_on_number(), "and no try makes it longer");
        }
    }

    #[test]
    fn past_the_breadth_only_a_representative_s_code_opens_and_all_else_is_answered_alike() {
        let now = Time::from_micros(0);
        let facts = TryFacts { opened_by_caller: 3, ..TryFacts::default() };
        let judged = |fit, by_representative| judge_code(&facts, now, fit, by_representative, 0).end;
        assert_eq!(judged(Fit::One, true), TryEnd::Opened);
        for fit in [Fit::No, Fit::One, Fit::Two] {
            assert_eq!(judged(fit, false), TryEnd::PersonNow);
        }
        let past_twenty = judge_code(&facts, now, Fit::One, true, 21);
        assert_eq!(past_twenty.end, TryEnd::PersonNow, "what does not open is answered as a wrong code");
    }
}
