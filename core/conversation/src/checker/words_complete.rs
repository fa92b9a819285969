//! Rule 5: every word of a language's level is there, unexpired and unchanged since its review, in every form, with the
//! same placeholders. Text falls back between forms, never between languages, so a gap is silence for somebody.
//! Who reviews, and how, is left to the operator; whether drafts may be spoken, to the policy.
//!
//! A lifeline language is recorded, not translated: what is not recorded yet is listed in the report, and breaks the
//! rule only on a line that the public reaches (`drafts = "refused"`).

use super::Subject;
use super::graph::Graph;
use super::report::{Found, LanguageProof, level_word};
use super::sms::form_source;
use crate::flow::{Flow, Kind};
use crate::greeting;
use crate::policy::{Drafts, Level};
use crate::program::Program;
use crate::slot::SlotType;
use crate::telling::{Arg, Phrase};
use crate::words::keys::ENGINE_KEYS;
use crate::words::read::placeholders;
use crate::words::review::ReviewState;
use crate::words::{Form, KeyRow, parts};
use caseline_knowledge::ArticleState;
use caseline_model::{Date, Language, Private, TimeOfDay};
use std::collections::{BTreeMap, BTreeSet};

const RULE: u8 = 5;

/// Parts that are made of other parts, with what is filled in.
const MADE_OF_PARTS: &[(&str, &[&str])] = &[
    ("spoken-date", &["weekday", "day", "month", "year"]),
    ("written-date", &["weekday", "day", "month", "year"]),
    ("spoken-time", &["hour", "minute", "period"]),
    ("written-time", &["hour", "minute", "period"]),
];

/// Beginning of the keys of pages, which no flow names.
const OF_PAGES: &str = "web-";

/// Beginning of the keys that stand on a page instead of another one.
const INSTEAD_ON_A_PAGE: &str = "web-says-";

/// Counts that a text with a number is tried with: each form of the plural that our languages have.
const COUNTS: &[u32] = &[0, 1, 2, 20];

/// A key that a full language needs.
struct Needed {
    /// Where it is named, when a flow or an article names it.
    named_at: Option<(String, usize)>,
    /// What is filled in.
    filled_in: &'static [&'static str],
}

/// Checks the rule; gives the proof of each language.
pub(super) fn check(subject: &Subject<'_>, graph: &Graph<'_>, found: &mut Found) -> Vec<LanguageProof> {
    let program = subject.program;
    check_questions(program, found);
    check_lifeline_words(subject, graph, found);
    let needed = needed(program, subject.today);
    for (key, need) in &needed {
        check_filled_in(program, key, need, found);
    }
    check_unknown(program, &needed, found);
    let languages = program.policy.languages.iter();
    languages
        .map(|(language, level)| match level {
            Level::Full => full(subject, *language, &needed, found),
            Level::Lifeline => lifeline(subject, *language, &needed, found),
            Level::PersonOnly => LanguageProof {
                language: *language,
                level: level_word(*level),
                keys_needed: 0,
                keys_complete: 0,
                drafts: 0,
                missing_recordings: Vec::new(),
            },
        })
        .collect()
}

/// A phrase of a key with made-up values for its placeholders: one, or one for each form of the plural.
pub(super) fn samples(program: &Program, key: &str, names: &[String]) -> Vec<Phrase> {
    let sample = |count: u32| {
        names.iter().fold(Phrase::new(key), |phrase, name| {
            let value = sample(program, name, count);
            phrase.with(name, value)
        })
    };
    if names.iter().any(|name| is_count(name)) {
        COUNTS.iter().map(|count| sample(*count)).collect()
    } else {
        vec![sample(2)]
    }
}

fn is_count(name: &str) -> bool {
    matches!(name, "days" | "count")
}

fn sample(program: &Program, name: &str, count: u32) -> Arg {
    match name {
        "date" | "first" | "second" | "taken" | "since" => Arg::Date(sample_date()),
        "time" => TimeOfDay::new(8, 30).map_or_else(|| Arg::Name(name.to_owned()), Arg::Time),
        "digits" | "phone" => Arg::Digits(Private::new("2025550143".to_owned())),
        "label" => Arg::Word("choose-yes".to_owned()),
        "key" => Arg::Word("number-1".to_owned()),
        "language" => match program.policy.languages.keys().next() {
            Some(language) => Arg::Language(*language),
            None => Arg::Name(name.to_owned()),
        },
        name if is_count(name) => Arg::Number(count),
        name => Arg::Name(name.to_owned()),
    }
}

/// A day whose parts every language has.
const fn sample_date() -> Date {
    jiff::civil::date(2026, 4, 14)
}

/// Every key that a full language needs, with where it is named.
fn needed(program: &Program, today: Date) -> BTreeMap<String, Needed> {
    let mut needed: BTreeMap<String, Needed> = BTreeMap::new();
    for flow in program.flows.values() {
        for step in flow.steps.values() {
            for key in keys_of(&step.kind, step.say.as_deref()) {
                let here = (flow.file.clone(), step.row);
                needed.entry(key).or_insert(Needed { named_at: Some(here), filled_in: &[] });
            }
        }
    }
    for article in program.library.articles().filter(|article| article.state(today) != ArticleState::Silent) {
        // Typed words are answered with a choice of articles, so each has a label too.
        for key in [article.words_key(), format!("choose-{}", article.id.0)] {
            needed.entry(key).or_insert(Needed { named_at: None, filled_in: &[] });
        }
    }
    for language in program.policy.languages.keys() {
        let key = format!("language-{}", language.tag());
        let here = (program.policy.file().to_owned(), program.policy.row(&format!("languages.{}", language.tag())));
        needed.entry(key).or_insert(Needed { named_at: Some(here), filled_in: &[] });
    }
    for key in parts::all_keys() {
        let filled_in = MADE_OF_PARTS.iter().find(|row| row.0 == key).map_or(&[][..], |row| row.1);
        needed.insert(key, Needed { named_at: None, filled_in });
    }
    for (key, filled_in) in ENGINE_KEYS {
        needed.insert((*key).to_owned(), Needed { named_at: None, filled_in });
    }
    needed
}

/// The keys that a step says; the greeting is made by the engine.
pub(super) fn keys_of(kind: &Kind, say: Option<&str>) -> Vec<String> {
    let mut keys: Vec<String> = say.filter(|say| *say != greeting::KEY).map(str::to_owned).into_iter().collect();
    match kind {
        Kind::Choose { options, .. } => keys.extend(options.iter().map(|option| format!("choose-{option}"))),
        Kind::Urgent { need } | Kind::Queue { need } => keys.push(format!("need-{need}")),
        Kind::Callback { need, .. } | Kind::Message { need, .. } => {
            keys.extend(need.fixed().map(|need| format!("need-{need}")));
        }
        Kind::Call { with, .. } => keys.extend(with.values().map(|need| format!("need-{need}"))),
        _ => {}
    }
    keys
}

/// A key that nothing says is misspelt, or left over: where it is misspelt, somebody hears nothing.
fn check_unknown(program: &Program, needed: &BTreeMap<String, Needed>, found: &mut Found) {
    let of_articles: BTreeSet<String> = program
        .library
        .articles()
        .flat_map(|article| [article.words_key(), format!("choose-{}", article.id.0)])
        .collect();
    let is_said = |key: &str| {
        needed.contains_key(key)
            // Silent today, and back when somebody has looked at it.
            || of_articles.contains(key)
            // A language that this line does not offer has its name all the same.
            || key.strip_prefix("language-").is_some_and(|tag| tag.parse::<Language>().is_ok())
    };
    for language in program.words.languages() {
        for (key, row) in program.words.keys(language) {
            let is_known = match (key.strip_prefix(INSTEAD_ON_A_PAGE), key.starts_with(OF_PAGES)) {
                (Some(instead_of), _) => is_said(instead_of),
                // Pages name their own words; English has all of them.
                (None, true) => program.words.key(Language::ENGLISH, key).is_some(),
                (None, false) => is_said(key),
            };
            if !is_known {
                let what = format!("nothing says `{key}` of {language}: spell it as it is named, or take it away");
                found.add(RULE, &row.file, row.row, what);
            }
        }
    }
}

/// A step that says or asks something has words for it; the first menu has its own.
fn check_questions(program: &Program, found: &mut Found) {
    for flow in program.flows.values() {
        for step in flow.steps.values() {
            let is_menu = matches!(step.kind, Kind::Ask { slot_type: SlotType::Language | SlotType::AnyLanguage, .. });
            let speaks = matches!(step.kind, Kind::Say | Kind::Choose { .. } | Kind::Ask { .. }) && !is_menu;
            if speaks && step.say.is_none() {
                let what = format!(
                    "`{}.{}` ({}) says nothing: name its words in `say`",
                    flow.name,
                    step.name,
                    step.kind.word()
                );
                found.add(RULE, &flow.file, step.row, what);
            }
        }
    }
}

/// The placeholders of the English text are those that are filled in.
fn check_filled_in(program: &Program, key: &str, need: &Needed, found: &mut Found) {
    let Some(row) = program.words.key(Language::ENGLISH, key) else { return };
    let has: BTreeSet<&str> = row.placeholders.iter().map(String::as_str).collect();
    let filled: BTreeSet<&str> = need.filled_in.iter().copied().collect();
    if has != filled {
        let what = format!("`{key}` has the placeholders {}; filled in are {}", listed(&has), listed(&filled));
        found.add(RULE, &row.file, row.row, what);
    }
}

fn full(
    subject: &Subject<'_>,
    language: Language,
    needed: &BTreeMap<String, Needed>,
    found: &mut Found,
) -> LanguageProof {
    let program = subject.program;
    let mut proof = LanguageProof {
        language,
        level: level_word(Level::Full),
        keys_needed: needed.len(),
        keys_complete: 0,
        drafts: 0,
        missing_recordings: Vec::new(),
    };
    if program.words.keys(language).next().is_none() {
        let what = format!("`{language}` is full and has no words: add words/{language}, or give it another level");
        let row = program.policy.row(&format!("languages.{}", language.tag()));
        found.add(RULE, program.policy.file(), row, what);
        return proof;
    }
    for (key, need) in needed {
        let Some(row) = program.words.key(language, key) else {
            let (file, at) = place_of_missing(program, language, key, need);
            found.add(RULE, &file, at, format!("`{key}` has no text in {language}: add it to words/{language}"));
            continue;
        };
        let mut is_complete = true;
        for what in text_problems(program, language, key, row, needed) {
            is_complete = false;
            found.add(RULE, &row.file, row.row, what);
        }
        is_complete &= is_in_force(subject, language, key, row, &mut proof.drafts, found);
        proof.keys_complete += usize::from(is_complete);
    }
    proof
}

fn lifeline(
    subject: &Subject<'_>,
    language: Language,
    needed: &BTreeMap<String, Needed>,
    found: &mut Found,
) -> LanguageProof {
    let program = subject.program;
    let mut proof = LanguageProof {
        language,
        level: level_word(Level::Lifeline),
        keys_needed: program.policy.lifeline.len(),
        keys_complete: 0,
        drafts: 0,
        missing_recordings: Vec::new(),
    };
    for key in &program.policy.lifeline {
        let at = program.policy.row(&format!("lifeline.{key}"));
        if !needed.contains_key(key) {
            let what =
                format!("`{key}` is in `lifeline`, and no step says it: take it away, or spell it as the step does");
            found.add(RULE, program.policy.file(), at, what);
            continue;
        }
        let row = program.words.key(language, key);
        let mut is_complete = row.is_some();
        if let Some(row) = row {
            for what in text_problems(program, language, key, row, needed) {
                is_complete = false;
                found.add(RULE, &row.file, row.row, what);
            }
            is_complete &= is_in_force(subject, language, key, row, &mut proof.drafts, found);
        }
        let is_recorded = row.is_some_and(|row| is_recorded(subject, language, key, row));
        if !is_recorded {
            proof.missing_recordings.push(key.clone());
            if program.policy.drafts == Drafts::Refused {
                let what = format!("`{key}` is not recorded in {language}: record it, or make {language} person-only");
                found.add(RULE, program.policy.file(), at, what);
            }
        }
        proof.keys_complete += usize::from(is_complete && is_recorded);
    }
    proof
}

/// Whether each prompt of a key has a length: no synthetic voice speaks a lifeline language, so a length is a recording.
fn is_recorded(subject: &Subject<'_>, language: Language, key: &str, row: &KeyRow) -> bool {
    samples(subject.program, key, &row.placeholders).iter().all(|phrase| {
        subject.program.words.spoken(language, phrase).is_ok_and(|said| {
            !said.is_empty() && said.iter().all(|said| (subject.seconds)(said.language, &said.id, &said.text).is_some())
        })
    })
}

/// Reviewed and still in force, or a draft where drafts may be spoken.
fn is_in_force(
    subject: &Subject<'_>,
    language: Language,
    key: &str,
    row: &KeyRow,
    drafts: &mut usize,
    found: &mut Found,
) -> bool {
    let what = match subject.program.words.review_state(language, key, subject.today) {
        ReviewState::Reviewed => return true,
        ReviewState::Draft => {
            *drafts += 1;
            if subject.program.policy.drafts == Drafts::Spoken {
                return true;
            }
            format!("`{key}` is a draft in {language}: have a named person review it")
        }
        ReviewState::Expired => format!("the review of `{key}` in {language} has run out: have it reviewed again"),
        ReviewState::Stale => {
            format!("`{key}` changed in English or in {language} since its review: have it reviewed again")
        }
    };
    found.add(RULE, &row.file, row.row, what);
    false
}

/// What is wrong with a text: other placeholders than in English, nothing in it, or it cannot be filled in.
fn text_problems(
    program: &Program,
    language: Language,
    key: &str,
    row: &KeyRow,
    needed: &BTreeMap<String, Needed>,
) -> Vec<String> {
    let mut problems = Vec::new();
    let english = program.words.key(Language::ENGLISH, key);
    for (attribute, form) in [("", "on a page"), (".voice", "aloud")] {
        let Some(english) = english else { break };
        let (own, wanted) = (effective(row, attribute), effective(english, attribute));
        if own != wanted {
            let names = |set: &BTreeSet<String>| listed(&set.iter().map(String::as_str).collect());
            problems.push(format!(
                "`{key}` {form} has the placeholders {} in {language} and {} in English: use the same",
                names(&own),
                names(&wanted)
            ));
        }
    }
    if !problems.is_empty() {
        return problems;
    }
    let filled_in: Vec<String> =
        needed.get(key).map_or(&[][..], |need| need.filled_in).iter().map(|&n| n.to_owned()).collect();
    for phrase in samples(program, key, &filled_in) {
        for form in [Form::Screen, Form::Sms] {
            match program.words.text(language, &phrase, form) {
                Ok(text) if !text.chars().any(char::is_alphanumeric) => {
                    problems.push(format!("`{key}` is empty in {language}: write it"));
                }
                Ok(_) => {}
                // What a text is made of is reported by its own key.
                Err(missing) if missing.key != key && needed.contains_key(&missing.key) => {}
                Err(missing) => {
                    problems.push(format!("`{key}` cannot be filled in in {language}: see `{}`", missing.key))
                }
            }
        }
        if let Err(missing) = program.words.spoken(language, &phrase)
            && (missing.key == key || !needed.contains_key(&missing.key))
        {
            problems.push(format!("`{key}` cannot be said in {language}: see `{}`", missing.key));
        }
    }
    problems.dedup();
    problems
}

/// The placeholders of the form that is used: its own, or that of the page.
fn effective(row: &KeyRow, attribute: &str) -> BTreeSet<String> {
    let own = form_source(&row.source, attribute);
    let source = if own.is_empty() { form_source(&row.source, "") } else { own };
    placeholders(&source).into_iter().collect()
}

/// Where a translator looks for what is missing: the English text; else who names it; else the folder.
fn place_of_missing(program: &Program, language: Language, key: &str, need: &Needed) -> (String, usize) {
    if let Some(english) = program.words.key(Language::ENGLISH, key) {
        return (english.file.clone(), english.row);
    }
    need.named_at.clone().unwrap_or_else(|| (format!("words/{language}"), 1))
}

/// Whoever chose a lifeline language hears only lifeline words until a person comes.
fn check_lifeline_words(subject: &Subject<'_>, graph: &Graph<'_>, found: &mut Found) {
    let program = subject.program;
    if program.policy.at_level(Level::Lifeline).next().is_none() {
        return;
    }
    let recorded: BTreeSet<&str> = program.policy.lifeline.iter().map(String::as_str).collect();
    for id in after_lifeline(graph) {
        let node = &graph.nodes[id];
        let flow: &Flow = node.flow;
        for key in keys_of(&node.step.kind, node.step.say.as_deref()) {
            if !key.starts_with("need-") && !recorded.contains(key.as_str()) {
                let what = format!(
                    "`{}.{}` says `{key}` in a lifeline language, and `lifeline` in {} lacks it: add it",
                    flow.name,
                    node.step.name,
                    program.policy.file()
                );
                found.add(RULE, &flow.file, node.step.row, what);
            }
        }
    }
}

/// The places that follow the choice of a lifeline language, keys that always work apart.
fn after_lifeline(graph: &Graph<'_>) -> BTreeSet<usize> {
    let mut reached: BTreeSet<usize> = BTreeSet::new();
    let mut next: Vec<usize> = graph
        .nodes
        .iter()
        .filter(|node| matches!(node.step.kind, Kind::Ask { .. }))
        .flat_map(|node| node.edges.iter().filter(|edge| edge.outcome == "lifeline").map(|edge| edge.to))
        .collect();
    while let Some(id) = next.pop() {
        if reached.insert(id) {
            next.extend(graph.nodes[id].edges.iter().map(|edge| edge.to));
        }
    }
    reached
}

fn listed(names: &BTreeSet<&str>) -> String {
    if names.is_empty() { "none".to_owned() } else { names.iter().copied().collect::<Vec<_>>().join(", ") }
}
