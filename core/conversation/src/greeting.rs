//! Who answers, said first: made from the operator's identity, for whoever calls and for whoever reads the page.
//! When it is said is left to `engine` and to the pages; that the identity is set, to the program.

use crate::operator::Operator;
use crate::telling::{Arg, Phrase};

/// The key of the words that a flow says where this greeting stands.
pub const KEY: &str = "greeting";

/// Said before anything else, in each language of the first menu, where the line belongs to an agency.
pub const AGENCY_FIRST: &str = "agency-first";

/// Who we are, that it is free, that no name is needed, that nothing is recorded; who else hears or gets anything.
pub fn greeting(operator: &Operator) -> Vec<Phrase> {
    let mut phrases = vec![
        Phrase::new("greeting-name").with("name", Arg::Name(operator.name.clone())),
        Phrase::new(if operator.kind.is_government() { "greeting-government" } else { "greeting-not-government" }),
        Phrase::new("greeting-free"),
        Phrase::new("greeting-no-name"),
        Phrase::new("greeting-not-recorded"),
    ];
    if !operator.shares_with.is_empty() {
        phrases.push(Phrase::new("greeting-shares").with("with", Arg::Name(operator.shares_with.clone())));
    }
    if !operator.hears_calls.is_empty() {
        phrases.push(Phrase::new("greeting-hears").with("who", Arg::Name(operator.hears_calls.clone())));
    }
    phrases
}

/// The greeting of a call: what the telephone network itself can hear is said, not hidden, and so is the key for urgent
/// help, which is a button on a page. The key for a person is said with each menu that does not offer one.
pub fn spoken_greeting(operator: &Operator) -> Vec<Phrase> {
    let mut phrases = greeting_from_inside(operator);
    phrases.push(Phrase::new("urgent-hint"));
    phrases
}

/// The greeting of a call from inside, which needs no keys: a person comes by itself.
pub fn greeting_from_inside(operator: &Operator) -> Vec<Phrase> {
    let mut phrases = greeting(operator);
    phrases.push(Phrase::new("greeting-telephone-open"));
    phrases
}

/// The greeting of a page that is read before any contact begins. An agency says first that the line belongs to the
/// government.
pub fn written_greeting(operator: &Operator) -> Vec<Phrase> {
    let first = operator.kind.is_agency().then(|| Phrase::new(AGENCY_FIRST));
    first.into_iter().chain(greeting(operator)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::OperatorKind;

    fn keys(phrases: &[Phrase]) -> Vec<&str> {
        phrases.iter().map(|phrase| phrase.key.as_str()).collect()
    }

    #[test]
    fn everybody_hears_who_we_are_and_who_else_hears() {
        let alone = Operator {
            kind: OperatorKind::LegalAid,
            name: "Open Door".into(),
            shares_with: String::new(),
            hears_calls: String::new(),
        };
        let said = greeting(&alone);
        assert!(keys(&said).contains(&"greeting-not-government") && !keys(&said).contains(&"greeting-shares"));
        let with_others = Operator { shares_with: "nobody's office".into(), hears_calls: "a trainer".into(), ..alone };
        let said = spoken_greeting(&with_others);
        for key in ["greeting-shares", "greeting-hears", "greeting-telephone-open", "urgent-hint"] {
            assert!(keys(&said).contains(&key), "{key}");
        }
    }

    #[test]
    fn an_agency_s_page_says_so_before_anything_else() {
        let agency = Operator {
            kind: OperatorKind::Agency,
            name: "A Service".into(),
            shares_with: String::new(),
            hears_calls: String::new(),
        };
        let written = written_greeting(&agency);
        assert_eq!(keys(&written)[0], "agency-first");
        assert!(keys(&written).contains(&"greeting-government"));
        assert!(!keys(&written).contains(&"urgent-hint"), "on a page it is a button");
    }
}
