//! Every prompt that the line can say in a language whatever its callers are: to be spoken ahead, or recorded.
//! Texts out of a case are left out: they are spoken when they are needed.

use crate::flow::Kind;
use crate::keypad::OPTION_KEYS;
use crate::program::Program;
use crate::slot::SlotType;
use crate::telling::{Arg, Phrase};
use crate::words::{Said, parts};
use caseline_model::{Language, Private, TimeOfDay};
use std::collections::BTreeMap;

/// All of them, each id once.
pub fn every_prompt(program: &Program, language: Language) -> Vec<Said> {
    let mut prompts: BTreeMap<String, Said> = BTreeMap::new();
    let mut add = |said: Vec<Said>| {
        for piece in said.into_iter().filter(|piece| !piece.personal && !piece.text.is_empty()) {
            prompts.entry(piece.id.clone()).or_insert(piece);
        }
    };
    for part in parts::all_keys() {
        if let Ok(said) = program.words.spoken(language, &Phrase::new(part.as_str())) {
            add(said
                .into_iter()
                .map(|piece| Said { id: format!("{}/part/{part}", language.tag()), ..piece })
                .collect());
        }
    }
    for (key, row) in program.words.keys(language) {
        if key.starts_with("web-")
            || key == "press-for"
            || key == "press-key"
            || parts::all_keys().iter().any(|part| part == key)
        {
            continue;
        }
        // None, one, and the numbers that languages count by differently (Unicode plural rules).
        for count in [0, 1, 2, 5, 21] {
            let args = row.placeholders.iter().map(|name| (name.clone(), sample(program, name, count)));
            let phrase = Phrase { key: key.to_owned(), args: args.collect(), language: None };
            add(program.words.spoken(language, &phrase).unwrap_or_default());
        }
    }
    for key in OPTION_KEYS {
        let phrase = Phrase::new("press-key").with("key", Arg::Word(format!("number-{key}")));
        add(program.words.spoken(language, &phrase).unwrap_or_default());
    }
    for (id, key) in options(program) {
        let phrase =
            Phrase::new("press-for").with("label", Arg::Word(id)).with("key", Arg::Word(format!("number-{key}")));
        add(program.words.spoken(language, &phrase).unwrap_or_default());
    }
    prompts.into_values().collect()
}

/// Every label with the key it stands on.
fn options(program: &Program) -> Vec<(String, char)> {
    let mut labels = Vec::new();
    for step in program.flows.values().flat_map(|flow| flow.steps.values()) {
        match &step.kind {
            Kind::Choose { options, into } => {
                for (place, id) in options.iter().enumerate() {
                    // Where an answer before it is not offered today, an option stands on an earlier key.
                    let first = if into.is_some() { 0 } else { place };
                    let keys = OPTION_KEYS.iter().skip(first).take(place + 1 - first);
                    labels.extend(keys.map(|key| (format!("choose-{id}"), *key)));
                }
            }
            Kind::Ask { slot_type: SlotType::Language | SlotType::AnyLanguage, .. } => {
                let menus = program.policy.first_menu.chunks(4).chain(program.policy.finder.chunks(4));
                for page in menus {
                    labels
                        .extend(page.iter().zip(OPTION_KEYS).map(|(of, key)| (format!("language-{}", of.tag()), key)));
                }
                labels.push(("choose-more-languages".into(), '5'));
            }
            _ => {}
        }
    }
    labels.extend([("choose-yes".into(), '1'), ("choose-no".into(), '2')]);
    // What staff press after a message.
    labels.extend([("choose-message-done".into(), '1'), ("choose-message-again".into(), '2')]);
    labels.sort();
    labels.dedup();
    labels
}

/// A value of the kind that a placeholder of this name takes.
fn sample(program: &Program, name: &str, count: u32) -> Arg {
    match name {
        "name" => Arg::Name(program.operator.name.clone()),
        "with" => Arg::Name(program.operator.shares_with.clone()),
        "who" => Arg::Name(program.operator.hears_calls.clone()),
        "days" | "count" => Arg::Number(count),
        "time" => Arg::Time(TimeOfDay::MIDNIGHT),
        "digits" | "phone" => Arg::Digits(Private::new("0123456789".into())),
        "language" => Arg::Language(Language::SPANISH),
        "need" => Arg::Word("choose-yes".into()),
        "court" | "status" => Arg::Text(String::new()),
        _ => Arg::Date(jiff::civil::date(2026, 4, 14)),
    }
}
