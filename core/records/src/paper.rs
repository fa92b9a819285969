//! A paper that is read together: which paper, a date and a time, the day it was mailed. Nothing of it is kept.
//! What to say about it is left to `conversation`.

use crate::calendar::{is_federal_holiday, is_weekend};
use crate::finding::Rule;
use caseline_model::{Date, TimeOfDay};

/// What is on the paper in the caller's hand, as they keyed it. It lives for the contact and no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paper {
    /// The day of the hearing that the paper names.
    pub hearing_on: Date,
    /// The time of day, where the caller keyed one.
    pub hearing_time: Option<TimeOfDay>,
    /// The date on the letter or postmark, where the caller keyed one.
    pub mailed_on: Option<Date>,
}

/// Where the day of the paper lies from today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayOfPaper {
    /// Before today.
    Past,
    /// Today.
    Today,
    /// After today, in so many days.
    InDays(i32),
}

/// Fewer than so many days between mailing and hearing is late. Intent: M-R-A-, 24 I&N Dec. 665 (BIA 2008) on how weak
/// the presumption of delivery by ordinary mail is; the number is a setting of ours, not a rule of law.
pub const MAIL_DAYS_MIN: i32 = 10;

/// How far ahead a hearing may lie before its date is not believed (check R04), in years.
pub const YEARS_AHEAD_MAX: i16 = 10;

impl Paper {
    /// Past, today, or in so many days.
    pub fn day(&self, today: Date) -> DayOfPaper {
        match days_between(today, self.hearing_on) {
            days if days < 0 => DayOfPaper::Past,
            0 => DayOfPaper::Today,
            days => DayOfPaper::InDays(days),
        }
    }

    /// The checks that need no store: R04 and R08.
    pub fn findings(&self, today: Date) -> Vec<Rule> {
        let mut rules = Vec::new();
        if is_impossible_hearing(self.hearing_on, self.hearing_time, today) {
            rules.push(Rule::ImpossibleHearingDate);
        }
        if self.mailed_on.is_some_and(|mailed| days_between(mailed, self.hearing_on) < MAIL_DAYS_MIN) {
            rules.push(Rule::NoticeTooLate);
        }
        rules
    }
}

/// Whether a date is one that no court would set: weekend, federal holiday, midnight, or a year outside this one less
/// one and this one and ten (check R04). Dates that are no dates at all never come this far: the ask refuses them.
pub fn is_impossible_hearing(on: Date, time: Option<TimeOfDay>, today: Date) -> bool {
    is_weekend(on)
        || is_federal_holiday(on)
        || time.is_some_and(TimeOfDay::is_midnight)
        || on.year() < today.year() - 1
        || on.year() > today.year() + YEARS_AHEAD_MAX
}

/// Days from one date to another; negative when it lies before.
pub fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn paper(hearing_on: Date) -> Paper {
        Paper { hearing_on, hearing_time: TimeOfDay::new(8, 30), mailed_on: None }
    }

    #[test]
    fn a_hearing_on_a_saturday_a_holiday_or_at_midnight_may_not_be_real() {
        let today = date(2026, 3, 2);
        assert_eq!(paper(date(2026, 4, 18)).findings(today), [Rule::ImpossibleHearingDate]);
        assert_eq!(paper(date(2026, 5, 25)).findings(today), [Rule::ImpossibleHearingDate]);
        assert_eq!(paper(date(2037, 5, 26)).findings(today), [Rule::ImpossibleHearingDate]);
        let midnight = Paper { hearing_time: TimeOfDay::new(0, 0), ..paper(date(2026, 4, 14)) };
        assert_eq!(midnight.findings(today), [Rule::ImpossibleHearingDate]);
        assert_eq!(paper(date(2026, 4, 14)).findings(today), []);
    }

    #[test]
    fn a_letter_sent_nine_days_before_came_too_late() {
        let today = date(2026, 3, 2);
        let late = Paper { mailed_on: Some(date(2026, 4, 5)), ..paper(date(2026, 4, 14)) };
        assert_eq!(late.findings(today), [Rule::NoticeTooLate]);
        let in_time = Paper { mailed_on: Some(date(2026, 4, 4)), ..paper(date(2026, 4, 14)) };
        assert_eq!(in_time.findings(today), []);
    }

    #[test]
    fn the_day_of_the_paper_is_past_today_or_ahead() {
        let today = date(2026, 3, 2);
        assert_eq!(paper(date(2026, 3, 1)).day(today), DayOfPaper::Past);
        assert_eq!(paper(today).day(today), DayOfPaper::Today);
        assert_eq!(paper(date(2027, 3, 2)).day(today), DayOfPaper::InDays(365));
    }
}
