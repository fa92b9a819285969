//! Rule 6: at most five options by voice, and labels that can be told apart in every language.
//! Pages of languages (four and "more") are the engine's.

use super::Subject;
use super::report::Found;
use crate::flow::Kind;
use crate::policy::Level;
use crate::telling::Phrase;
use crate::words::Form;
use std::collections::BTreeMap;

const RULE: u8 = 6;

/// So many options can be kept in mind while they are read out.
pub const OPTIONS_MAX: usize = 5;

pub(super) fn check(subject: &Subject<'_>, found: &mut Found) {
    let program = subject.program;
    for flow in program.flows.values() {
        for step in flow.steps.values() {
            let Kind::Choose { options, .. } = &step.kind else { continue };
            let here = format!("`{}.{}`", flow.name, step.name);
            if options.is_empty() {
                found.add(RULE, &flow.file, step.row, format!("{here} offers nothing: give it options"));
            }
            if options.len() > OPTIONS_MAX {
                let what = format!(
                    "{here} has {} options; at most {OPTIONS_MAX} by voice: put some behind another question",
                    options.len()
                );
                found.add(RULE, &flow.file, step.row, what);
            }
            for (first, second, in_language) in same_labels(subject, options.iter().map(|id| format!("choose-{id}"))) {
                let what = format!("{here}: `{first}` and `{second}` are labelled alike in {in_language}: reword one");
                found.add(RULE, &flow.file, step.row, what);
            }
        }
    }
    let policy = &program.policy;
    for (first, second, in_language) in
        same_labels(subject, policy.languages.keys().map(|language| format!("language-{}", language.tag())))
    {
        let what = format!("`{first}` and `{second}` are named alike in {in_language}: reword one");
        found.add(RULE, policy.file(), policy.row("languages"), what);
    }
}

/// Pairs of keys whose texts are the same in a full language, on a page or aloud.
fn same_labels(subject: &Subject<'_>, keys: impl Iterator<Item = String>) -> Vec<(String, String, String)> {
    let keys: Vec<String> = keys.collect();
    let mut pairs = Vec::new();
    for language in subject.program.policy.at_level(Level::Full) {
        for form in [Form::Screen, Form::Voice] {
            let mut seen: BTreeMap<String, &str> = BTreeMap::new();
            for key in &keys {
                let Ok(label) = subject.program.words.text(language, &Phrase::new(key.as_str()), form) else {
                    continue;
                };
                if let Some(first) = seen.insert(folded(&label), key) {
                    pairs.push((first.to_owned(), key.clone(), language.to_string()));
                }
            }
        }
    }
    pairs
}

/// Small letters and digits only: what the ear keeps.
fn folded(label: &str) -> String {
    label.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
