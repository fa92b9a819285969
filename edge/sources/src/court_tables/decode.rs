//! Turns one cell into a value: which spellings are nulls, how dates and times are written, what padding is.
//! Whether a row as a whole can be trusted is left to `row`.

use crate::court_tables::layout::Shape;
use caseline_model::{Date, TimeOfDay};
use serde::Serialize;
use std::borrow::Cow;

/// The ways in which the tables say "nothing here".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NullKind {
    /// No byte at all.
    Empty,
    /// Only blanks.
    Blanks,
    /// `N/A`.
    NotAvailable,
    /// `b6`, `A.2.a`: the mark of a redaction (5 U.S.C. 552(b)(6)).
    Redacted,
    /// Only question marks.
    QuestionMarks,
    /// Only zeros. (A time of `0000` is midnight and a flag of `0` says no, not this.)
    Zeros,
}

impl NullKind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Empty, Self::Blanks, Self::NotAvailable, Self::Redacted, Self::QuestionMarks, Self::Zeros];
}

/// A cell without its padding. The codes are padded with blanks to their column's width, in some rows with the
/// no-break blank of latin-1 or of UTF-8.
pub(super) fn trim(cell: &[u8]) -> &[u8] {
    let mut cell = cell.trim_ascii();
    loop {
        let shorter = cell
            .strip_prefix(b"\xC2\xA0")
            .or_else(|| cell.strip_prefix(b"\xA0"))
            .or_else(|| cell.strip_suffix(b"\xC2\xA0"))
            .or_else(|| cell.strip_suffix(b"\xA0"));
        match shorter {
            Some(rest) => cell = rest.trim_ascii(),
            None => return cell,
        }
    }
}

/// Which null a cell is, if it is one.
pub(super) fn null_kind(cell: &[u8], shape: Shape) -> Option<NullKind> {
    if cell.is_empty() {
        return Some(NullKind::Empty);
    }
    let inner = trim(cell);
    if inner.is_empty() {
        return Some(NullKind::Blanks);
    }
    match inner[0] {
        b'?' if inner.iter().all(|b| *b == b'?') => Some(NullKind::QuestionMarks),
        b'0' if inner.iter().all(|b| *b == b'0') && !is_a_zero_that_counts(inner, shape) => Some(NullKind::Zeros),
        b'N' | b'n' if inner.eq_ignore_ascii_case(b"N/A") => Some(NullKind::NotAvailable),
        b'b' | b'B' | b'(' if is_redaction(inner) => Some(NullKind::Redacted),
        b'A' if inner == b"A.2.a" => Some(NullKind::Redacted),
        _ => None,
    }
}

/// Midnight, and a flag that says no.
fn is_a_zero_that_counts(inner: &[u8], shape: Shape) -> bool {
    (shape == Shape::Time && inner.len() == 4) || shape == Shape::Flag
}

fn is_redaction(inner: &[u8]) -> bool {
    [&b"b6"[..], b"(b)(6)", b"b(6)", b"(b) (6)"].iter().any(|mark| inner.eq_ignore_ascii_case(mark))
}

/// Whether a cell that is no null looks as its column's cells look. It need not be a possible value: 31 September looks
/// like a date.
pub(super) fn has_shape(cell: &[u8], shape: Shape) -> bool {
    let inner = trim(cell);
    match shape {
        Shape::Free => true,
        Shape::Number => {
            let digits = inner.strip_prefix(b"-").unwrap_or(inner);
            !digits.is_empty() && digits.len() <= 12 && digits.iter().all(u8::is_ascii_digit)
        }
        Shape::Date => looks_like_a_date(inner),
        Shape::Time => {
            inner.len() <= 11
                && inner[0].is_ascii_digit()
                && inner.iter().all(|b| b.is_ascii_digit() || matches!(b, b':' | b' ' | b'A' | b'P' | b'M'))
        }
        Shape::Code(longest) => inner.len() <= longest && inner.iter().all(u8::is_ascii_graphic),
        Shape::OneOf(values) => values.iter().any(|value| inner.eq_ignore_ascii_case(value.as_bytes())),
        Shape::MonthYear => (6..=7).contains(&inner.len()) && inner.iter().all(|b| b.is_ascii_digit() || *b == b'/'),
        Shape::Flag => {
            matches!(inner, b"0" | b"1" | b"Y" | b"N")
                || inner.eq_ignore_ascii_case(b"true")
                || inner.eq_ignore_ascii_case(b"false")
        }
        Shape::ANumber => {
            let digits = inner.iter().filter(|b| b.is_ascii_digit()).count();
            (7..=9).contains(&digits)
                && !inner.iter().any(|b| b.is_ascii_alphabetic() && !b.eq_ignore_ascii_case(&b'a'))
                && !inner.contains(&b'/')
                && !inner.contains(&b':')
                && !is_year_month_day(inner)
        }
    }
}

fn looks_like_a_date(inner: &[u8]) -> bool {
    let is_plain = inner.len() == 8 && inner.iter().all(u8::is_ascii_digit);
    let separators = inner.iter().filter(|b| matches!(b, b'-' | b'/')).count();
    is_plain
        || ((8..=30).contains(&inner.len())
            && inner[0].is_ascii_digit()
            && separators == 2
            && inner.iter().all(|b| {
                b.is_ascii_digit() || matches!(b, b'-' | b'/' | b':' | b'.' | b' ' | b'T' | b'A' | b'P' | b'M')
            }))
}

/// `2026-01-01` has eight digits and dashes, and is no A-number.
fn is_year_month_day(inner: &[u8]) -> bool {
    let lengths: Vec<usize> = inner.split(|b| *b == b'-').map(<[u8]>::len).collect();
    matches!(lengths.as_slice(), [4, 1..=2, 1..=2])
}

/// A cell as text: UTF-8 where it is that, else windows-1252 (which holds latin-1's letters).
pub(super) fn text(cell: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(cell) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(cell).0,
    }
}

/// The number in a cell of 1 to 12 digits.
pub(super) fn number(cell: &[u8]) -> Option<u64> {
    let inner = trim(cell);
    if inner.is_empty() || inner.len() > 12 || !inner.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(inner.iter().fold(0_u64, |value, digit| value * 10 + u64::from(digit - b'0')))
}

/// The date in a cell: `2026-09-14`, `2026-09-14 00:00:00.000`, `9/14/2026`, `20260914`. `None` for 31 September.
pub(super) fn date(cell: &[u8]) -> Option<Date> {
    let inner = trim(cell);
    let day = inner.split(|b| matches!(b, b' ' | b'T')).next().unwrap_or(inner);
    let mut parts = day.split(|b| matches!(b, b'-' | b'/')).map(|part| (part.len(), number(part)));
    let (year, month, date) = match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some((4, year)), Some((1..=2, month)), Some((1..=2, date)), None) => (year?, month?, date?),
        (Some((1..=2, month)), Some((1..=2, date)), Some((4, year)), None) => (year?, month?, date?),
        (Some((8, whole)), None, ..) => (whole? / 10_000, whole? / 100 % 100, whole? % 100),
        _ => return None,
    };
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(date).ok()?).ok()
}

/// The time of day in a cell: `0830`, `830`, `08:30`. `None` for 2460.
pub(super) fn time(cell: &[u8]) -> Option<TimeOfDay> {
    let inner = trim(cell);
    let (hour, minute) = match inner.iter().position(|b| *b == b':') {
        Some(at) => (number(&inner[..at])?, number(inner.get(at + 1..at + 3)?)?),
        None if (3..=4).contains(&inner.len()) => (number(inner)? / 100, number(inner)? % 100),
        None => return None,
    };
    TimeOfDay::new(u8::try_from(hour).ok()?, u8::try_from(minute).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as day;

    #[test]
    fn every_spelling_of_nothing_is_nothing() {
        let code = Shape::Code(4);
        for (cell, kind) in [
            (&b""[..], NullKind::Empty),
            (b"   ", NullKind::Blanks),
            (b" \xA0 ", NullKind::Blanks),
            (b"N/A", NullKind::NotAvailable),
            (b"b6", NullKind::Redacted),
            (b"(b)(6)", NullKind::Redacted),
            (b"A.2.a", NullKind::Redacted),
            (b"????", NullKind::QuestionMarks),
            (b"000", NullKind::Zeros),
        ] {
            assert_eq!(null_kind(cell, code), Some(kind), "{cell:?}");
        }
        for cell in [&b"SP"[..], b"0A", b"?A", b"NA", b"B", b"10"] {
            assert_eq!(null_kind(cell, code), None, "{cell:?}");
        }
    }

    #[test]
    fn midnight_is_a_time_and_a_lone_zero_is_not() {
        assert_eq!(null_kind(b"0000", Shape::Time), None);
        assert_eq!(time(b"0000").unwrap().to_string(), "00:00");
        assert_eq!(null_kind(b"0", Shape::Time), Some(NullKind::Zeros));
        assert_eq!(null_kind(b"0000", Shape::Number), Some(NullKind::Zeros));
        assert_eq!(null_kind(b"0", Shape::Flag), None);
    }

    #[test]
    fn padding_of_every_kind_falls_off() {
        assert_eq!(trim(b"SP "), b"SP");
        assert_eq!(trim(b"\xC2\xA0 SP\xA0 "), b"SP");
    }

    #[test]
    fn dates_read_in_every_way_the_releases_wrote_them() {
        for cell in [
            "2026-09-14",
            "2026-09-14 00:00:00.000",
            "2026-09-14T00:00:00",
            "9/14/2026",
            "09/14/2026 12:00:00 AM",
            "20260914",
        ] {
            assert!(has_shape(cell.as_bytes(), Shape::Date), "{cell}");
            assert_eq!(date(cell.as_bytes()), Some(day(2026, 9, 14)), "{cell}");
        }
        assert_eq!(date(b"2925-03-02"), Some(day(2925, 3, 2)));
        assert_eq!(date(b"1900-01-01"), Some(day(1900, 1, 1)));
    }

    #[test]
    fn a_date_that_no_calendar_has_looks_like_one_and_is_none() {
        for cell in ["2026-09-31", "2025-02-29", "0000-00-00", "2026-13-01"] {
            assert!(has_shape(cell.as_bytes(), Shape::Date), "{cell}");
            assert_eq!(date(cell.as_bytes()), None, "{cell}");
        }
        for cell in ["SP", "0830", "N", "12345", "RMV"] {
            assert!(!has_shape(cell.as_bytes(), Shape::Date), "{cell}");
        }
    }

    #[test]
    fn times_keep_their_leading_zero_and_impossible_ones_are_none() {
        for (cell, want) in
            [("0830", "08:30"), ("830", "08:30"), ("08:30", "08:30"), ("1300", "13:00"), ("2359", "23:59")]
        {
            assert_eq!(time(cell.as_bytes()).map(|t| t.to_string()).as_deref(), Some(want), "{cell}");
        }
        for cell in ["2460", "1275", "99", "12345", "", "1:"] {
            assert_eq!(time(cell.as_bytes()), None, "{cell}");
        }
    }

    #[test]
    fn a_dash_of_windows_1252_is_read() {
        assert_eq!(text(b"A000\x96000\x96137"), "A000\u{2013}000\u{2013}137");
        assert!(has_shape(b"A000\x96000\x96137", Shape::ANumber));
        assert!(!has_shape(b"2026-09-14 00:00", Shape::ANumber));
    }
}
