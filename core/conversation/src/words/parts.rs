//! The parts that dates, times and numbers are said from: names of keys in each language's `parts.ftl`.
//! The reviewed words themselves live in the catalogues.

use caseline_model::{Date, TimeOfDay};

/// The years that have words.
pub const YEARS: std::ops::RangeInclusive<i16> = 2020..=2040;

/// Every key that a full language needs for dates, times, digits and numbers.
pub fn all_keys() -> Vec<String> {
    let mut keys: Vec<String> = ["spoken-date", "spoken-time", "written-date", "written-time", "period-morning"]
        .into_iter()
        .chain(["period-afternoon", "period-evening"])
        .map(str::to_owned)
        .collect();
    keys.extend((0..=9).map(|n| format!("digit-{n}")));
    keys.extend((0..=99).map(|n| format!("number-{n}")));
    keys.extend((1..=7).map(|n| format!("weekday-{n}")));
    keys.extend((1..=31).map(|n| format!("day-{n}")));
    keys.extend((1..=12).map(|n| format!("month-{n}")));
    keys.extend(YEARS.map(|n| format!("year-{n}")));
    keys.extend((1..=12).map(|n| format!("hour-{n}")));
    keys.extend((0..=59).map(|n| format!("minute-{n:02}")));
    keys
}

/// `weekday-1` is Monday (ISO 8601).
pub fn weekday(date: Date) -> String {
    format!("weekday-{}", date.weekday().to_monday_one_offset())
}

/// `month-4`.
pub fn month(date: Date) -> String {
    format!("month-{}", date.month())
}

/// The parts of a date for `spoken-date`.
pub fn of_date(date: Date) -> [(&'static str, String); 4] {
    [
        ("weekday", weekday(date)),
        ("day", format!("day-{}", date.day())),
        ("month", month(date)),
        ("year", format!("year-{}", date.year())),
    ]
}

/// The parts of a time for `spoken-time`.
pub fn of_time(time: TimeOfDay) -> [(&'static str, String); 3] {
    [
        ("hour", format!("hour-{}", hour_of_twelve(time))),
        ("minute", format!("minute-{:02}", time.minute())),
        ("period", period(time)),
    ]
}

/// 12, 1, 2 … 11.
pub const fn hour_of_twelve(time: TimeOfDay) -> u8 {
    match time.hour() % 12 {
        0 => 12,
        hour => hour,
    }
}

/// Morning before noon, afternoon before six, evening after.
pub fn period(time: TimeOfDay) -> String {
    match time.hour() {
        0..12 => "period-morning",
        12..18 => "period-afternoon",
        _ => "period-evening",
    }
    .to_owned()
}

/// Digits in groups as they are said: nine in threes, sixteen in fours, ten as 3-3-4, others in threes.
pub fn grouped(digits: &str) -> Vec<String> {
    let sizes: &[usize] = match digits.len() {
        16 => &[4, 4, 4, 4],
        10 => &[3, 3, 4],
        4 => &[4],
        _ => &[3; 16],
    };
    let mut rest = digits;
    let mut groups = Vec::new();
    for size in sizes {
        let Some((group, after)) = rest.split_at_checked((*size).min(rest.len())) else { break };
        if group.is_empty() {
            break;
        }
        groups.push(group.to_owned());
        rest = after;
    }
    if !rest.is_empty() {
        groups.push(rest.to_owned());
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_said_in_groups() {
        assert_eq!(grouped("000000137"), ["000", "000", "137"]);
        assert_eq!(grouped("4417009255331845"), ["4417", "0092", "5533", "1845"]);
        assert_eq!(grouped("2025550143"), ["202", "555", "0143"]);
        assert_eq!(grouped("1234"), ["1234"]);
        assert_eq!(grouped(""), [""; 0]);
    }

    #[test]
    fn half_past_noon_is_twelve_in_the_afternoon() {
        let time = TimeOfDay::new(12, 30).unwrap();
        assert_eq!((hour_of_twelve(time), period(time).as_str()), (12, "period-afternoon"));
        assert_eq!(hour_of_twelve(TimeOfDay::new(0, 5).unwrap()), 12);
    }
}
