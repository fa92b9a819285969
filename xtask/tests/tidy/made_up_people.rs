//! Nobody real stands in the repository: every case number, receipt and telephone number lies in the made-up ranges.
//! The ranges are `model::made_up`; that a demonstration uses them too is held by its own tests.

use crate::files::text_files;
use crate::{none_of, rows};
use caseline_model::made_up::{is_made_up_a_number, is_made_up_phone, is_made_up_receipt};
use caseline_model::{ANumber, Phone, ReceiptNumber};

/// Numbers that belong to nobody's case or telephone: lines that a government or charity publishes for everybody, and
/// numbers that the numbering plan keeps for stories. Digits, with what they are.
const PUBLIC_LINES: &[(&str, &str)] = &[
    ("8008987180", "the immigration court's automated line"),
    ("2403141500", "the immigration court's automated line, from abroad"),
    ("8007997233", "the national domestic violence hotline"),
    ("8883737888", "the national human trafficking hotline"),
    ("8003755283", "the USCIS contact center"),
    ("8005550143", "toll-free, kept for stories (800-555-01xx)"),
];

/// Numbers outside of the made-up ranges that have to stand in a file, by the start of its path. An empty number: any.
const NEEDED: &[(&str, &str, &str)] = &[
    ("edge/voice/tests/rfc4475/", "", "the messages of RFC 4475, byte for byte"),
    ("replay/src/world/own.rs", concat!("A123", "456789"), "must be refused in a script"),
    ("replay/src/world/own.rs", concat!("IOE9", "123456789"), "must be refused in a script"),
    ("replay/src/world/own.rs", concat!("3125", "550143"), "must be refused in a script"),
    ("core/model/src/receipt_number.rs", concat!("XYZ0", "000000137"), "a prefix that nobody issues"),
];

#[test]
fn every_case_number_is_made_up() {
    let found = everywhere(|text, at| {
        let number = a_number_at(text, at)?;
        let made_up = number.parse::<ANumber>().is_ok_and(|number| is_made_up_a_number(&number));
        (!made_up).then_some(number)
    });
    none_of(&found, "case numbers in the repository are 000-000-001 to 000-999-999");
}

#[test]
fn every_receipt_number_is_made_up() {
    let found = everywhere(|text, at| {
        let number = receipt_at(text, at)?;
        let made_up = number.parse::<ReceiptNumber>().is_ok_and(|number| is_made_up_receipt(&number));
        (!made_up).then_some(number)
    });
    none_of(&found, "receipt numbers in the repository begin with IOE000");
}

#[test]
fn every_telephone_number_is_made_up_or_a_public_line() {
    let found = everywhere(|text, at| {
        let digits = phone_at(text, at)?;
        let made_up = format!("+1{digits}").parse::<Phone>().is_ok_and(|phone| is_made_up_phone(&phone));
        let public = PUBLIC_LINES.iter().any(|line| line.0 == digits);
        (!made_up && !public).then_some(digits)
    });
    none_of(&found, "telephone numbers in the repository are +1 202 555 01xx");
}

/// Tries every place of every row at which a word or number can begin.
fn everywhere(odd_at: impl Fn(&[u8], usize) -> Option<String>) -> Vec<String> {
    let mut found = Vec::new();
    for file in text_files().iter().filter(|file| file.path != "Cargo.lock") {
        for (row, text) in rows(file) {
            let bytes = text.as_bytes();
            let begins = |at: &usize| *at == 0 || !is_part_of_a_number(bytes[at - 1]);
            let hits = (0..bytes.len()).filter(begins).filter_map(|at| odd_at(bytes, at));
            let hits = hits.filter(|number| !is_needed(&file.path, number));
            found.extend(hits.map(|number| format!("{}:{row}: {number}", file.path)));
        }
    }
    found
}

fn is_needed(path: &str, number: &str) -> bool {
    NEEDED.iter().any(|(start, needed, _)| path.starts_with(start) && (needed.is_empty() || *needed == number))
}

/// A letter, digit or sign that a longer number could go on with.
fn is_part_of_a_number(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'+' | b'(')
}

/// Three groups of three digits, or `A` and eight or nine digits with or without signs between.
fn a_number_at(text: &[u8], at: usize) -> Option<String> {
    let lettered = text[at] == b'A';
    let mut rest = &text[at + usize::from(lettered)..];
    if lettered && rest.first().is_some_and(|byte| matches!(byte, b'-' | b' ' | b'#')) {
        rest = &rest[1..];
    }
    let signs: &[u8] = if lettered { b"- " } else { b"-" };
    let (digits, groups) = groups_of_digits(rest, signs);
    let is_one = match (lettered, groups.as_slice()) {
        (_, [3, 3, 3]) | (true, [2, 3, 3]) => true,
        (true, [length]) => matches!(length, 8 | 9),
        _ => false,
    };
    is_one.then(|| format!("A{digits}"))
}

/// Three capital letters and ten digits.
fn receipt_at(text: &[u8], at: usize) -> Option<String> {
    let number = text.get(at..at + 13)?;
    let fits = number[..3].iter().all(u8::is_ascii_uppercase) && number[3..].iter().all(u8::is_ascii_digit);
    let ends = text.get(at + 13).is_none_or(|next| !next.is_ascii_alphanumeric());
    (fits && ends).then(|| String::from_utf8_lossy(number).into_owned())
}

/// The ten digits of a number of the North American plan, as people write it: with signs between, or after `+1`.
fn phone_at(text: &[u8], at: usize) -> Option<String> {
    let rest = &text[at..];
    if let Some(plus) = rest.strip_prefix(b"+") {
        let (digits, _) = groups_of_digits(plus, b" -.()");
        let national = digits.strip_prefix('1')?;
        return (national.len() == 10).then(|| national.to_owned());
    }
    let rest = rest.strip_prefix(b"(").unwrap_or(rest);
    let (digits, groups) = groups_of_digits(rest, b" -.()");
    let national = match groups.as_slice() {
        [3, 3, 4] => digits.as_str(),
        [1, 3, 3, 4] => digits.strip_prefix('1')?,
        _ => return None,
    };
    // Area codes and exchanges begin with 2 to 9; three groups of other digits are something else.
    let begins_well = |at: usize| national.as_bytes()[at] >= b'2';
    (begins_well(0) && begins_well(3)).then(|| national.to_owned())
}

/// Digits from the start of a text, and how many stand between the signs; at most two signs in a row (`) `).
fn groups_of_digits(text: &[u8], signs: &[u8]) -> (String, Vec<usize>) {
    let mut digits = String::new();
    let mut groups = vec![0];
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        if byte.is_ascii_digit() {
            digits.push(char::from(*byte));
            *groups.last_mut().expect("never empty") += 1;
            at += 1;
            continue;
        }
        let run = text[at..].iter().take_while(|byte| signs.contains(byte)).count();
        let goes_on = text.get(at + run).is_some_and(u8::is_ascii_digit);
        if run == 0 || run > 2 || !goes_on || digits.is_empty() {
            break;
        }
        groups.push(0);
        at += run;
    }
    // A number that a letter follows is part of something else.
    if text.get(at).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_') {
        return (String::new(), Vec::new());
    }
    (digits, groups)
}

#[test]
fn numbers_are_found_in_the_ways_people_write_them() {
    let a = |text: &str| a_number_at(text.as_bytes(), 0);
    // Numbers beyond the made-up range are put together here, so that this file holds none.
    let others = format!("{}-{}-{}", 123, 456, 789);
    assert_eq!(a(&others).as_deref(), Some(concat!("A123", "456789")));
    assert_eq!(a("A000000137").as_deref(), Some("A000000137"));
    assert_eq!(a("A 000 000 137.").as_deref(), Some("A000000137"));
    assert_eq!(a("2026-03-02"), None);
    let phone = |text: &str| phone_at(text.as_bytes(), 0);
    for written in
        ["+1 202 555 0143", "+12025550143", "(202) 555-0143", "202-555-0143", "1-202-555-0143", "202.555.0143"]
    {
        assert_eq!(phone(written).as_deref(), Some("2025550143"), "{written}");
    }
    assert_eq!(phone("127.0.0.1"), None);
    assert_eq!(phone("100 200 3000"), None);
    assert_eq!(receipt_at(b"IOE0001234567 ", 0).as_deref(), Some("IOE0001234567"));
    assert_eq!(receipt_at(b"IOE00012345678", 0), None);
}
