//! Rule 16: on a path that is lawyer-first, no words name a form, an agency's address, its office or a number.
//! For some people asking an agency can start a case or an arrest; which findings are so is left to `records`.
//!
//! A path begins at a step of the policy's `lawyer-first`, with its own words, and goes on until a person, legal help or
//! the end. Where it leaves its flow, the next question is its last: there the caller chooses anew. Articles and
//! findings whose route is lawyer-first are held to the same. Duties that go on (keep the address current, go to court)
//! are still said, and 911 and 988 are no agency's numbers.

use super::Subject;
use super::graph::Graph;
use super::report::Found;
use super::sms::folded;
use super::words_complete::keys_of;
use crate::flow::Kind;
use crate::words::keys::ENGINE_KEYS;
use caseline_knowledge::ArticleState;
use caseline_records::finding::{Route, Rule};
use std::collections::{BTreeMap, BTreeSet};

const RULE: u8 = 16;

/// Words that say duties that go on: they may name what the address is kept with.
const DUTIES: &[&str] = &["paper-duties"];

/// What the engine says of a case in which an order of removal is known: the route is lawyer-first then.
const OF_AN_ORDER: &[&str] = &["decision-removal-order"];

/// How many digits in a row, parted as telephone numbers are, make a telephone number.
const PHONE_DIGITS_MIN: usize = 7;

/// How many words apart an office and its agency, or a number and its street, still belong together.
const NEAR: usize = 4;

const FORM_WORDS: &[&str] = &["form", "forms", "formulario", "formularios", "fom", "fomile"];
const OFFICE_WORDS: &[&str] = &["office", "offices", "oficina", "oficinas", "biwo"];
const AGENCY_WORDS: &[&str] = &[
    "ice",
    "uscis",
    "eoir",
    "dhs",
    "cbp",
    "ero",
    "isap",
    "immigration",
    "inmigracion",
    "migracion",
    "imigrasyon",
    "asylum",
    "asilo",
    "azil",
    "field",
    "local",
    "clerk",
];
const STREET_WORDS: &[&str] = &[
    "street",
    "st",
    "avenue",
    "ave",
    "road",
    "rd",
    "boulevard",
    "blvd",
    "drive",
    "dr",
    "lane",
    "suite",
    "floor",
    "calle",
    "avenida",
    "piso",
    "lari",
    "ri",
];

/// What is said on the paths from the steps of the policy.
pub(super) fn check_paths(subject: &Subject<'_>, graph: &Graph<'_>, found: &mut Found) {
    // Each key with why it is held to the rule: once is enough.
    let mut keys: BTreeMap<String, String> = BTreeMap::new();
    for place in &subject.program.policy.lawyer_first {
        let Some((flow, step)) = place.split_once('.') else { continue };
        for id in graph.places(flow, step) {
            for at in path(graph, id) {
                let node = &graph.nodes[at];
                for key in
                    keys_of(&node.step.kind, node.step.say.as_deref()).into_iter().chain(told(subject, &node.step.kind))
                {
                    keys.entry(key).or_insert_with(|| {
                        format!("on a path from `{place}`, at `{}.{}`", node.flow.name, node.step.name)
                    });
                }
            }
        }
    }
    check_keys(subject, &keys, found);
}

/// What is lawyer-first wherever it is said, and that the policy names steps that there are.
pub(super) fn check_words(subject: &Subject<'_>, found: &mut Found) {
    let program = subject.program;
    for place in &program.policy.lawyer_first {
        if place.split_once('.').and_then(|(flow, step)| program.step(flow, step)).is_none() {
            let row = program.policy.row(&format!("lawyer-first.{place}"));
            let what =
                format!("`lawyer-first` names `{place}`, which is no step: write a flow, a dot and one of its steps");
            found.add(RULE, program.policy.file(), row, what);
        }
    }
    let mut keys: BTreeMap<String, String> = BTreeMap::new();
    for article in program.library.articles().filter(|article| article.lawyer_first) {
        keys.entry(article.words_key()).or_insert_with(|| "by an article that is lawyer-first".to_owned());
    }
    for rule in Rule::ALL.iter().filter(|rule| rule.route() == Route::LawyerFirst) {
        keys.entry(format!("finding-{rule}")).or_insert_with(|| "by a finding that is lawyer-first".to_owned());
    }
    for key in OF_AN_ORDER {
        keys.insert((*key).to_owned(), "of a case with an order of removal".to_owned());
    }
    check_keys(subject, &keys, found);
}

fn check_keys(subject: &Subject<'_>, keys: &BTreeMap<String, String>, found: &mut Found) {
    let words = &subject.program.words;
    for (key, why) in keys.iter().filter(|(key, _)| !DUTIES.contains(&key.as_str()) && !key.starts_with("need-")) {
        for language in words.languages() {
            let Some(row) = words.key(language, key) else { continue };
            let text = row.source.split_once('=').map_or("", |(_, text)| text);
            for named in named(text) {
                let what = format!("`{key}` names {named} in {language}, and is said {why}: send to a lawyer instead");
                found.add(RULE, &row.file, row.row, what);
            }
        }
    }
}

/// The places of a lawyer-first path.
fn path(graph: &Graph<'_>, from: usize) -> BTreeSet<usize> {
    let home = graph.nodes[from].context;
    let mut reached = BTreeSet::new();
    let mut next = vec![from];
    while let Some(id) = next.pop() {
        if !reached.insert(id) {
            continue;
        }
        let node = &graph.nodes[id];
        let is_over = node.step.kind.is_person() || matches!(node.step.kind, Kind::Refer { .. });
        let is_left = node.step.kind.is_input() && !is_within(graph, node.context, home);
        if !is_over && !is_left {
            next.extend(node.edges.iter().map(|edge| edge.to));
        }
    }
    reached
}

/// Whether a context is another one or was called from it.
fn is_within(graph: &Graph<'_>, context: usize, home: usize) -> bool {
    let mut context = context;
    while context != home {
        match graph.caller(context) {
            Some(caller) => context = graph.nodes[caller].context,
            None => return false,
        }
    }
    true
}

/// The keys that a step can say by itself.
fn told(subject: &Subject<'_>, kind: &Kind) -> Vec<String> {
    let starting = |starts: &[&str]| {
        ENGINE_KEYS
            .iter()
            .filter(|(key, _)| starts.iter().any(|start| key.starts_with(start)))
            .map(|(key, _)| (*key).to_owned())
            .collect()
    };
    match kind {
        Kind::TellCase { .. } => starting(&[
            "case-",
            "hearing-",
            "source-",
            "safe-",
            "decision-",
            "custody-",
            "court-",
            "filing-",
            "finding-",
        ]),
        Kind::ReadPaper { .. } => starting(&["paper-"]),
        Kind::ReportOutcome { .. } | Kind::ReportWrongRecord { .. } => starting(&["report-"]),
        Kind::OpenFile { .. } => starting(&["file-"]),
        Kind::Answer { .. } => {
            let articles = subject.program.library.articles();
            articles
                .filter(|article| article.state(subject.today) != ArticleState::Silent)
                .map(|article| article.words_key())
                .chain(starting(&["article-"]))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// What a text names that a lawyer-first path must not.
fn named(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(number) = phone(text) {
        found.push(format!("the number {number}"));
    }
    let words: Vec<&str> =
        text.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric())).collect();
    let plain: Vec<String> = words.iter().map(|word| folded(word)).collect();
    for (place, word) in words.iter().enumerate() {
        let near = || plain.iter().skip(place.saturating_sub(NEAR)).take(2 * NEAR + 1);
        let after = || plain.iter().skip(place + 1).take(NEAR);
        let before = || plain.iter().skip(place.saturating_sub(2)).take(place.min(2));
        let plain_word = plain[place].as_str();
        if is_form(word) || is_spelled_form(&words, place) {
            found.push(format!("the form {word}"));
        } else if FORM_WORDS.contains(&plain_word) && words.get(place + 1).is_some_and(|next| has_digit(next)) {
            found.push(format!("the form {}", words[place + 1]));
        }
        if OFFICE_WORDS.contains(&plain_word) && near().any(|other| AGENCY_WORDS.contains(&other.as_str())) {
            found.push("an agency's office".to_owned());
        }
        let is_number = !word.is_empty() && word.chars().all(|c| c.is_ascii_digit());
        let has_street = after().chain(before()).any(|other| STREET_WORDS.contains(&other.as_str()));
        if is_number && (word.len() == 5 || has_street) {
            found.push(format!("an address ({word})"));
        }
    }
    found.dedup();
    found
}

/// `EOIR-33`, `AR-11`, `I-589`, `N-400`, `I-130A`.
fn is_form(word: &str) -> bool {
    let Some((letters, rest)) = word.split_once('-') else { return false };
    let digits = rest.trim_end_matches(|c: char| c.is_ascii_uppercase());
    (1..=5).contains(&letters.len())
        && letters.chars().all(|c| c.is_ascii_uppercase())
        && (1..=4).contains(&digits.len())
        && digits.chars().all(|c| c.is_ascii_digit())
}

/// `I 589`, `A R 11`, as a voice text spells them: single capitals, then a number of two digits or more.
fn is_spelled_form(words: &[&str], place: usize) -> bool {
    let is_letter = |word: &&str| word.len() == 1 && word.chars().all(|c| c.is_ascii_uppercase());
    let Some(number) = words.get(place) else { return false };
    let is_number = (2..=4).contains(&number.len()) && number.chars().all(|c| c.is_ascii_digit());
    is_number && place > 0 && words.get(place - 1).is_some_and(is_letter)
}

fn has_digit(word: &str) -> bool {
    word.chars().any(|c| c.is_ascii_digit())
}

/// The first run of digits that is long enough for a telephone number, parted by spaces, dots, hyphens or brackets.
fn phone(text: &str) -> Option<String> {
    let (mut run, mut digits) = (String::new(), 0);
    for letter in text.chars().chain(['x']) {
        if letter.is_ascii_digit() {
            run.push(letter);
            digits += 1;
        } else if digits > 0 && matches!(letter, ' ' | '.' | '-' | '(' | ')' | '/') {
            run.push(letter);
        } else {
            if digits >= PHONE_DIGITS_MIN {
                return Some(run.trim_end_matches([' ', '.', '-', '(', ')', '/']).to_owned());
            }
            run.clear();
            digits = 0;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_offices_addresses_and_numbers_are_found() {
        for text in [
            "File EOIR-33 now.",
            "Mande el AR-11.",
            "Form 7001 helps.",
            "say I 589",
            "the A R 11 form",
            "Call 1-800-898-7180.",
            "(240) 314 1500",
            "Go to 55 E. Monroe St., Suite 1500",
            "Chicago 60603",
            "the ICE field office",
            "la oficina de asilo",
            "biwo imigrasyon an",
        ] {
            assert!(!named(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn duties_people_and_emergencies_are_no_agency() {
        for text in [
            "Talk to a lawyer before you ask or sign anything. Keep your address current, and go to every court date.",
            "Call 911, or 988.",
            "The 30 days are short. It is 2026.",
            "A lawyer's office can help you.",
            "Within 5 days, in 10-12 weeks.",
            "Para una persona, oprima 0.",
        ] {
            assert_eq!(named(text), [""; 0], "{text}");
        }
    }
}
