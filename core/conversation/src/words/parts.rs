//! The parts that dates, times and numbers are said from: names of keys in each language's `parts.ftl`.
//! The reviewed words themselves live in the catalogues.

use caseline_model::{Date, TimeOfDay};

/// The years that have words.
pub const YEARS: std::ops::RangeInclusive<i16> = 2020..=2040;

/// The largest count that has words: days in twenty-seven years. A larger one is said digit by digit.
pub const COUNT_MAX: u32 = 9_999;

/// Every key that a full language needs for dates, times, digits and numbers.
pub fn all_keys() -> Vec<String> {
    let mut keys: Vec<String> = ["spoken-date", "spoken-time", "written-date", "written-time", "period-morning"]
        .into_iter()
        .chain(["period-afternoon", "period-evening"])
        .map(str::to_owned)
        .collect();
    keys.extend((0..=9).map(|n| format!("digit-{n}")));
    keys.extend((0..=99).map(|n| format!("number-{n}")));
    keys.push(ONE_LAST.to_owned());
    keys.extend((1..=9).map(|n| format!("hundred-{n}")));
    keys.extend((1..=9).map(|n| format!("hundred-{n}-and")));
    keys.extend((1..=9).map(|n| format!("thousand-{n}")));
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

/// The parts of a count, largest first; none for a count that has no words.
///
/// Hundreds have a part of their own where nothing follows, and a one where it stands last: Spanish says "cien días" and
/// "ciento un días".
pub fn of_count(count: u32) -> Option<Vec<String>> {
    if count > COUNT_MAX {
        return None;
    }
    let (thousands, hundreds, rest) = (count / 1_000, count / 100 % 10, count % 100);
    let mut keys = Vec::new();
    if thousands > 0 {
        keys.push(format!("thousand-{thousands}"));
    }
    match (hundreds, rest) {
        (0, _) => {}
        (_, 0) => keys.push(format!("hundred-{hundreds}")),
        _ => keys.push(format!("hundred-{hundreds}-and")),
    }
    match (rest, keys.is_empty()) {
        (0, false) => {}
        (1, false) => keys.push(ONE_LAST.to_owned()),
        _ => keys.push(format!("number-{rest}")),
    }
    Some(keys)
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

/// The one of a hundred and one.
const ONE_LAST: &str = "number-1-last";

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
    fn a_count_is_said_in_thousands_hundreds_and_the_rest() {
        let parts = |count| of_count(count).map(|keys| keys.join(" "));
        assert_eq!(parts(0).as_deref(), Some("number-0"));
        assert_eq!(parts(1).as_deref(), Some("number-1"));
        assert_eq!(parts(99).as_deref(), Some("number-99"));
        assert_eq!(parts(100).as_deref(), Some("hundred-1"));
        assert_eq!(parts(101).as_deref(), Some("hundred-1-and number-1-last"));
        assert_eq!(parts(1_000).as_deref(), Some("thousand-1"));
        assert_eq!(parts(2_500).as_deref(), Some("thousand-2 hundred-5"));
        assert_eq!(parts(9_999).as_deref(), Some("thousand-9 hundred-9-and number-99"));
        assert_eq!(parts(10_000), None);
    }

    #[test]
    fn half_past_noon_is_twelve_in_the_afternoon() {
        let time = TimeOfDay::new(12, 30).unwrap();
        assert_eq!((hour_of_twelve(time), period(time).as_str()), (12, "period-afternoon"));
        assert_eq!(hour_of_twelve(TimeOfDay::new(0, 5).unwrap()), 12);
    }
}
