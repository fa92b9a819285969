//! What a try comes to once the limits and the comparison are known, what it counts on, and how it is answered.
//! Deciding whether anything is compared is left to `limits`.

use super::{Verdict, WRONG_ON_CARD_TWO_CODES};

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
    /// The second of two right codes of different rows, one after the other in the same contact: sixteen digits, which
    /// nobody guesses. It opens a card past twenty wrong tries, while its number is closed, and in a flood: so nobody
    /// who holds the card can be locked out by whoever does not.
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

    /// How a receipt, or a report code, fits.
    pub const fn of_receipt(fits: bool) -> Self {
        if fits { Self::One } else { Self::No }
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

    /// What a try of a receipt or a report code comes to: it has no second code.
    pub const fn of_receipt(verdict: Verdict, fit: Fit) -> Self {
        match (verdict, fit) {
            (Verdict::PersonNow | Verdict::Guarded, _) => Self::PersonNow,
            (Verdict::Closed, _) => Self::Closed,
            (Verdict::Compare, Fit::No) => Self::Wrong,
            (Verdict::Compare, _) => Self::Opened,
        }
    }

    /// Whether contact, caller and site count it.
    pub const fn counts_on_caller(self) -> bool {
        matches!(self, Self::FirstOfTwo | Self::Wrong | Self::Closed | Self::Guarded)
    }

    /// Whether the number as keyed counts it: only where one code was compared, so that a flood closes nothing.
    pub const fn counts_on_number(self) -> bool {
        matches!(self, Self::Wrong)
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
            assert_ne!(TryEnd::of_receipt(verdict, Fit::One), TryEnd::Opened);
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
                    let answer = |fit| TryEnd::of_receipt(verdict, fit).answer(verdict, in_contact);
                    let answers = [Fit::No, Fit::One].map(answer);
                    assert!(answers[1] == answers[0] || answers[1] == Answer::Opened, "{answers:?}");
                }
            }
        }
    }
}
