//! Texts as a page shows them: in which language, which way they run, and which numbers in them can be called.
//! Wording is left to the catalogues of words.

use caseline_conversation::page::Written;
use caseline_model::Language;

/// A text with its language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    /// The tag for `lang`.
    pub tag: String,
    /// The word for `dir`.
    pub direction: &'static str,
    /// The text in pieces: words, and numbers that can be called.
    pub pieces: Vec<Piece>,
    /// It holds digits that the caller may want to write down.
    pub holds_digits: bool,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// What is shown.
    pub text: String,
    /// Where it leads: `tel:` and a number.
    pub link: Option<String>,
}

impl Text {
    /// A text whose telephone numbers are links: what the line tells.
    pub(crate) fn told(written: &Written) -> Self {
        Self { pieces: with_links(&written.text), ..Self::plain(written) }
    }

    /// A text as it is: a question, a label.
    pub(crate) fn plain(written: &Written) -> Self {
        Self {
            tag: written.language.tag().to_owned(),
            direction: direction(written.language),
            pieces: vec![Piece { text: written.text.clone(), link: None }],
            holds_digits: written.holds_digits,
        }
    }
}

/// The word for `dir`.
pub(crate) fn direction(language: Language) -> &'static str {
    if language.is_right_to_left() { "rtl" } else { "ltr" }
}

/// The link behind a number as it is shown. Ten digits are a number of the North American plan.
pub(crate) fn telephone_link(shown: &str) -> String {
    let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        10 => format!("tel:+1{digits}"),
        11 if digits.starts_with('1') => format!("tel:+{digits}"),
        _ if shown.trim_start().starts_with('+') => format!("tel:+{digits}"),
        _ => format!("tel:{digits}"),
    }
}

/// A text with one part of it as a link.
pub(crate) fn cut_out(text: &str, part: &str, link: &str) -> Vec<Piece> {
    let plain = |text: &str| Piece { text: text.to_owned(), link: None };
    match text.split_once(part) {
        Some((before, after)) if !part.is_empty() => {
            vec![plain(before), Piece { text: part.to_owned(), link: Some(link.to_owned()) }, plain(after)]
        }
        _ => vec![plain(text)],
    }
}

fn with_links(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        // A run of digits and dashes is looked at as a whole, so that no part of a receipt becomes a number to call.
        let run_length = rest.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(rest.len());
        if first.is_ascii_digit() && run_length > 0 {
            let (run, after) = rest.split_at(run_length);
            if is_telephone(run) && !plain.ends_with(|c: char| c.is_alphanumeric()) {
                if !plain.is_empty() {
                    pieces.push(Piece { text: std::mem::take(&mut plain), link: None });
                }
                pieces.push(Piece { text: run.to_owned(), link: Some(telephone_link(run)) });
            } else {
                plain.push_str(run);
            }
            rest = after;
        } else {
            plain.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    if !plain.is_empty() {
        pieces.push(Piece { text: plain, link: None });
    }
    pieces
}

/// 911, 988, `202-555-0143`, `1-800-799-7233`.
fn is_telephone(run: &str) -> bool {
    if matches!(run, "911" | "988") {
        return true;
    }
    let lengths: Vec<usize> = run.split('-').map(str::len).collect();
    lengths == [3, 3, 4] || (lengths == [1, 3, 3, 4] && run.starts_with('1'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn links(text: &str) -> Vec<String> {
        with_links(text).into_iter().filter_map(|piece| piece.link).collect()
    }

    #[test]
    fn numbers_to_call_are_links_on_a_phone() {
        assert_eq!(
            links("Call 911. If someone at home hurts you: 1-800-799-7233. If you cannot go on: 988."),
            ["tel:911", "tel:+18007997233", "tel:988"]
        );
        assert_eq!(links("Made-Up Legal Aid: 202-555-0143."), ["tel:+12025550143"]);
    }

    #[test]
    fn a_receipt_a_date_and_a_year_are_no_numbers_to_call() {
        assert_eq!(
            links("Your file receipt: 4417-0092-5533-1845. 2026-04-14, 8:30, EOIR-33, A000-000-137, 9115"),
            [""; 0]
        );
    }

    #[test]
    fn the_number_to_call_is_linked_as_a_telephone_dials_it() {
        assert_eq!(telephone_link("+1 202 555 0100"), "tel:+12025550100");
        assert_eq!(telephone_link("(202) 555-0100"), "tel:+12025550100");
        assert_eq!(telephone_link("911"), "tel:911");
    }

    proptest! {
        #[test]
        fn nothing_of_a_text_is_lost(text in ".{0,80}") {
            let whole: String = with_links(&text).into_iter().map(|piece| piece.text).collect();
            prop_assert_eq!(whole, text);
        }
    }
}
