//! Which days a court sits: weekends and federal holidays.
//! Whether a date on a paper is therefore impossible is left to the checks.

use caseline_model::Date;
use jiff::civil::{Weekday, date};

/// Saturday or Sunday.
pub fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// A legal public holiday of 5 U.S.C. 6103(a), on the day it is observed: a holiday on a Saturday is kept on the Friday
/// before, on a Sunday the Monday after (5 U.S.C. 6103(b); Executive Order 11582 section 3). Checked on 2026-11-22.
pub fn is_federal_holiday(day: Date) -> bool {
    // New Year's Day of the next year may be observed on 31 December.
    [day.year(), day.year().saturating_add(1)].into_iter().any(|year| holidays(year).contains(&Some(day)))
}

fn holidays(year: i16) -> [Option<Date>; 11] {
    [
        observed(year, 1, 1),                // New Year's Day
        nth(year, 1, 3, Weekday::Monday),    // Birthday of Martin Luther King, Jr.
        nth(year, 2, 3, Weekday::Monday),    // Washington's Birthday
        nth(year, 5, -1, Weekday::Monday),   // Memorial Day
        observed(year, 6, 19),               // Juneteenth
        observed(year, 7, 4),                // Independence Day
        nth(year, 9, 1, Weekday::Monday),    // Labor Day
        nth(year, 10, 2, Weekday::Monday),   // Columbus Day
        observed(year, 11, 11),              // Veterans Day
        nth(year, 11, 4, Weekday::Thursday), // Thanksgiving Day
        observed(year, 12, 25),              // Christmas Day
    ]
}

fn observed(year: i16, month: i8, day: i8) -> Option<Date> {
    let on = Date::new(year, month, day).ok()?;
    match on.weekday() {
        Weekday::Saturday => on.yesterday().ok(),
        Weekday::Sunday => on.tomorrow().ok(),
        _ => Some(on),
    }
}

fn nth(year: i16, month: i8, which: i8, weekday: Weekday) -> Option<Date> {
    date(year, month, 1).nth_weekday_of_month(which, weekday).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holidays_of_2026_are_those_that_the_government_keeps() {
        let kept = [(1, 1), (1, 19), (2, 16), (5, 25), (6, 19), (7, 3), (9, 7), (10, 12), (11, 11), (11, 26), (12, 25)];
        let mut day = date(2026, 1, 1);
        let mut found = Vec::new();
        while day.year() == 2026 {
            if is_federal_holiday(day) {
                found.push((day.month(), day.day()));
            }
            day = day.tomorrow().unwrap();
        }
        assert_eq!(found, kept);
    }

    #[test]
    fn a_new_year_on_a_saturday_is_kept_on_the_last_day_of_december() {
        assert!(is_federal_holiday(date(2027, 12, 31)));
        assert!(is_federal_holiday(date(2022, 12, 26)));
    }
}
