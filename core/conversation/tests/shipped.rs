//! The flows, words and articles of this repository, held to all sixteen rules of the checker.
//! Small flows that break one rule each are left to `checker.rs`.

#![expect(clippy::disallowed_methods, reason = "a test reads the shipped files")]

#[path = "shipped/program.rs"]
mod program;

use caseline_conversation::checker::{self, Report};
use caseline_conversation::input::Arrival;
use caseline_conversation::operator::OperatorKind;
use caseline_conversation::policy::Level;
use caseline_conversation::words::keys::ENGINE_KEYS;
use caseline_conversation::words::parts;
use caseline_conversation::{Arg, Connected, Conversation, Done, Effect, Input, Key, Kind, Output, Phrase, Program};
use caseline_model::{ArticleId, Channel, Date, Language, Time};
use program::{program, root};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

#[test]
fn the_shipped_flows_are_safe() {
    let report = check(OperatorKind::LegalAid);
    println!("{report}");
    assert!(report.is_safe(), "{} problems in the shipped flows and words:\n{report}", report.problems.len());
}

#[test]
fn the_shipped_flows_are_safe_for_every_kind_of_operator() {
    for kind in [OperatorKind::City, OperatorKind::Court, OperatorKind::Agency] {
        let report = check(kind);
        assert!(report.is_safe(), "{} problems for {kind:?}:\n{report}", report.problems.len());
    }
}

#[test]
fn the_shipped_words_are_drafts_and_the_report_says_so() {
    let report = check(OperatorKind::LegalAid);
    assert!(report.not_for_the_public);
    assert!(report.to_string().contains("NOT FOR THE PUBLIC"));
    for language in report.languages.iter().filter(|language| language.level == "full") {
        assert_eq!(language.keys_complete, language.keys_needed, "{}", language.language);
        assert_eq!(
            language.drafts, language.keys_needed,
            "no text of the repository is reviewed: {}",
            language.language
        );
    }
    for language in report.languages.iter().filter(|language| language.level == "lifeline") {
        assert!(!language.missing_recordings.is_empty(), "{} is not recorded yet", language.language);
    }
}

/// A call that pressed the urgent key and chose a branch, when nobody of the chain answered.
fn after_nobody(branch: Option<&str>) -> Conversation {
    let mut conversation = Conversation::new(Arc::new(program(OperatorKind::LegalAid)));
    let arrival = Arrival {
        channel: Channel::Phone,
        language: Some(Language::SPANISH),
        staffed: false,
        number_shown: true,
        custody: false,
    };
    hand(&mut conversation, Input::Arrived(arrival));
    hand(&mut conversation, Input::Key(Key::Urgent));
    let told = match branch {
        Some(branch) => hand(&mut conversation, Input::Chose(branch.to_owned())),
        None => {
            hand(&mut conversation, Input::Silent);
            hand(&mut conversation, Input::Silent)
        }
    };
    assert_eq!(told, Some(branch.unwrap_or("urgent").to_owned()), "the person who answers is told the branch");
    hand(&mut conversation, Input::Done(Done::Connect { connected: Connected::Nobody }));
    conversation
}

/// Hands an input in; the need of what is to be done then.
fn hand(conversation: &mut Conversation, input: Input) -> Option<String> {
    let noon = jiff::civil::date(2026, 11, 24).at(12, 0, 0, 0).in_tz("UTC").expect("an instant").timestamp();
    conversation.handle(Time::from_micros(noon.as_microsecond()), input);
    let mut need = None;
    while let Some(output) = conversation.poll() {
        if let Output::Do(
            Effect::Connect { need: told, .. }
            | Effect::Message { need: told, .. }
            | Effect::Callback { need: told, .. },
        ) = output
        {
            need = Some(told);
        }
    }
    need
}

#[test]
fn whoever_takes_an_urgent_promise_over_learns_which_kind_of_urgent_it_is() {
    let branches = ["danger-now", "officers-here", "someone-detained", "hearing-soon"];
    for branch in branches.into_iter().map(Some).chain([None]) {
        let need = branch.unwrap_or("urgent");
        let left = hand(&mut after_nobody(branch), Input::Chose("message".to_owned()));
        assert_eq!(left.as_deref(), Some(need), "the message after {branch:?}");
        let mut conversation = after_nobody(branch);
        hand(&mut conversation, Input::Chose("callback".to_owned()));
        let promised = hand(&mut conversation, Input::Chose("this-number".to_owned()));
        assert_eq!(promised, Some(format!("callback-{need}")), "the callback after {branch:?}");
    }
}

#[test]
fn no_menu_offers_an_answer_that_is_not_given_today() {
    let library = program(OperatorKind::LegalAid).library;
    let is_silent = |id: &str| library.speakable(&ArticleId(id.to_owned()), today()).is_none();
    assert!(is_silent("appeal") && !is_silent("moved-uscis"));
    let mut conversation = Conversation::new(Arc::new(program(OperatorKind::LegalAid)));
    let arrival = Arrival {
        channel: Channel::Phone,
        language: Some(Language::SPANISH),
        staffed: false,
        number_shown: true,
        custody: false,
    };
    hand(&mut conversation, Input::Arrived(arrival));
    hand(&mut conversation, Input::Chose("question".to_owned()));
    hand(&mut conversation, Input::Chose("more-questions".to_owned()));
    let question = conversation.question().expect("the second page");
    let ids: Vec<&str> = question.choices().iter().map(|choice| choice.id.as_str()).collect();
    assert_eq!(ids, ["moved-uscis", "asylum-year", "delay", "more-questions"]);
    let report = check(OperatorKind::LegalAid);
    assert!(report.silent_answers.iter().any(|answer| answer.article == "appeal"), "{report}");
    assert!(report.to_string().contains("not given now: appeal"), "{report}");
}

#[test]
fn every_count_has_its_words_and_no_two_sound_alike() {
    let program = program(OperatorKind::LegalAid);
    for language in program.policy.at_level(Level::Full) {
        let mut heard: BTreeMap<String, u32> = BTreeMap::new();
        for count in 0..=parts::COUNT_MAX {
            let keys = parts::of_count(count).expect("a count up to the largest has parts");
            let words: Vec<String> = keys
                .iter()
                .map(|key| program.words.spoken(language, &Phrase::new(key.as_str())).expect("the part has words"))
                .map(|said| said.into_iter().map(|piece| piece.text).collect())
                .collect();
            // Nobody hears a space, a hyphen or a capital.
            let sound: String =
                words.concat().chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
            if let Some(other) = heard.insert(sound.clone(), count) {
                panic!("{count} and {other} sound alike in {language}: {sound}");
            }
        }
        let all = parts::all_keys();
        let of_counts =
            all.iter().filter(|key| ["number-", "hundred-", "thousand-"].iter().any(|of| key.starts_with(of)));
        assert_eq!(of_counts.count(), 100 + 1 + 9 + 9 + 9);
    }
}

#[test]
fn a_record_of_a_hundred_and_one_days_is_told_as_a_speaker_says_it() {
    let program = program(OperatorKind::LegalAid);
    let said = |tag: &str, days| {
        let language: Language = tag.parse().expect("a language");
        let phrase = Phrase::new("source-court-feed")
            .with("date", Arg::Date(jiff::civil::date(2026, 4, 14)))
            .with("days", Arg::Number(days));
        let pieces = program.words.spoken(language, &phrase).expect("the words are there");
        pieces.into_iter().map(|piece| piece.text).collect::<Vec<_>>().join(" ")
    };
    assert!(said("en", 101).contains("one hundred one days ago"), "{}", said("en", 101));
    assert!(said("es", 100).contains("cien días"), "{}", said("es", 100));
    assert!(said("es", 101).contains("ciento un días"), "{}", said("es", 101));
    assert!(said("es", 1_721).contains("mil setecientos veintiún días"), "{}", said("es", 1_721));
    assert!(said("ht", 342).contains("twa san karannde jou"), "{}", said("ht", 342));
    let digits = said("en", 12_345).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(digits.contains("one two three four five days ago"), "past the words, digit by digit: {digits}");
}

#[test]
fn every_word_is_spoken_by_something() {
    let program = program(OperatorKind::LegalAid);
    let named = named_by_flows(&program);
    let sources: String = SPEAKERS.iter().flat_map(|folder| texts_below(&root().join(folder))).collect();
    let is_spoken = |key: &str| -> bool {
        if named.contains(key) || parts::all_keys().iter().any(|part| part == key) {
            return true;
        }
        let quoted = |text: &str| sources.contains(&format!("\"{text}\""));
        // On a page, instead of the key behind it.
        if let Some(instead_of) = key.strip_prefix("web-says-") {
            return program.words.key(Language::ENGLISH, instead_of).is_some();
        }
        match key.split_once('-') {
            // What is told of a caller's need is named by what makes the promise.
            Some(("need", need)) => quoted(need) || quoted(key),
            Some(("choose", option)) => quoted(option) || quoted(key),
            Some(("article", _)) => quoted(key),
            Some(("language", tag)) => tag == "ask" || tag.parse::<Language>().is_ok_and(|of| offered(&program, of)),
            // Written out, or made of its beginning and a word: `finding-{}`.
            _ => {
                let beginnings = key.match_indices('-').map(|(at, _)| &key[..=at]);
                // Or of another key and an ending: `{base}-day`.
                let endings = key.match_indices('-').map(|(at, _)| key.split_at(at));
                let mut of_another = endings.filter(|(base, _)| quoted(base));
                quoted(key)
                    || of_another.any(|(_, ending)| sources.contains(&format!("}}{ending}\"")))
                    || beginnings.into_iter().any(|beginning| sources.contains(&format!("\"{beginning}{{")))
            }
        }
    };
    let silent: Vec<&str> =
        program.words.keys(Language::ENGLISH).map(|(key, _)| key).filter(|key| !is_spoken(key)).collect();
    assert!(silent.is_empty(), "spoken by nothing; use them, or take them away in every language: {silent:?}");
    let unneeded: Vec<&str> =
        ENGINE_KEYS.iter().map(|row| row.0).filter(|key| program.words.key(Language::ENGLISH, key).is_none()).collect();
    assert!(unneeded.is_empty(), "{unneeded:?}");
    // A key that English lacks would never be looked for above.
    for language in program.policy.at_level(Level::Full) {
        for (key, _) in program.words.keys(language) {
            assert!(program.words.key(Language::ENGLISH, key).is_some(), "`{key}` of {language} is not in English");
        }
    }
}

/// Where words are said or written: everything that names keys, but the list that only asks translators for them.
const SPEAKERS: &[&str] =
    &["core/conversation/src", "helpline/src", "edge/voice/src", "edge/web/src", "edge/web/templates", "caseline/src"];

/// Keys that flows, vetted answers and the policy name.
fn named_by_flows(program: &Program) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for step in program.flows.values().flat_map(|flow| flow.steps.values()) {
        named.extend(step.say.clone());
        match &step.kind {
            Kind::Choose { options, .. } => named.extend(options.iter().map(|option| format!("choose-{option}"))),
            Kind::Urgent { need } | Kind::Queue { need } => {
                named.insert(format!("need-{need}"));
            }
            Kind::Callback { need, .. } | Kind::Message { need, .. } => {
                named.extend(need.fixed().map(|need| format!("need-{need}")));
            }
            Kind::Call { with, .. } => named.extend(with.values().map(|need| format!("need-{need}"))),
            _ => {}
        }
    }
    for article in program.library.articles() {
        named.extend([article.words_key(), format!("choose-{}", article.id.0)]);
    }
    named
}

/// Whether a language is in the policy, so that it is offered or told to whoever takes over.
fn offered(program: &Program, language: Language) -> bool {
    program.policy.languages.contains_key(&language)
}

/// The texts of all sources below a folder.
fn texts_below(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut texts = Vec::new();
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        if path.is_dir() {
            texts.extend(texts_below(&path));
        } else if !path.ends_with("words/keys.rs") {
            texts.push(std::fs::read_to_string(&path).unwrap_or_default());
        }
    }
    texts
}

fn check(kind: OperatorKind) -> Report {
    let program = program(kind);
    checker::check(&program, today(), &|_, _, _| None, None)
}

/// The day on which the shipped articles were researched.
const fn today() -> Date {
    jiff::civil::date(2026, 11, 22)
}
