//! Rule 13: under 20 seconds of speech before the first choice, in the slowest language.
//! What depends on a case or an article is not counted: it is what the caller came for, and a key interrupts it.
//!
//! Counted is what steps say (`say`), from where somebody begins to listen to the end of the question: from the start of
//! a contact, from the choice of a language, and from where the person key and the urgent key lead. A rendered prompt
//! counts with its length, any other text with 13 characters a second.

use super::Subject;
use super::graph::Graph;
use super::report::Found;
use crate::flow::{Kind, Step};
use crate::greeting::{self, spoken_greeting};
use crate::policy::Level;
use crate::slot::SlotType;
use crate::telling::Phrase;
use caseline_model::Language;
use std::collections::{BTreeMap, BTreeSet};

const RULE: u8 = 13;

/// A caller waits so long for the first choice, at the most.
pub const SECONDS_MAX: f64 = 20.0;

/// The speed of speech that is taken where no rendering is known.
pub const CHARACTERS_PER_SECOND: f64 = 13.0;

/// How long it takes, in the language in which it takes longest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slowest {
    pub(super) seconds: f64,
    pub(super) language: Language,
}

/// How a caller comes to a language: by the first menu, or by a number or page that has one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Menu,
    Number,
}

/// Checks the rule; gives the seconds to the first choice at each place of the graph.
pub(super) fn check(graph: &Graph<'_>, lengths: &Lengths, found: &mut Found) -> Vec<Option<Slowest>> {
    let mut slowest: Vec<Option<Slowest>> = vec![None; graph.nodes.len()];
    for language in lengths.by_language.keys() {
        for reached in [By::Menu, By::Number] {
            for (id, (place, seconds)) in
                slowest.iter_mut().zip(to_choice(graph, lengths, *language, reached)).enumerate()
            {
                // An agency says so before anything else.
                let first = if Some(id) == graph.start { lengths.before_anything(*language, reached) } else { 0.0 };
                if let Some(seconds) = seconds.map(|seconds| seconds + first)
                    && place.is_none_or(|known| seconds > known.seconds)
                {
                    *place = Some(Slowest { seconds, language: *language });
                }
            }
        }
    }
    for id in listening(graph) {
        let node = &graph.nodes[id];
        if let Some(Slowest { seconds, language }) = slowest[id]
            && seconds >= SECONDS_MAX
        {
            let what = format!(
                "from `{}.{}` a caller hears {seconds:.1} s in {language} before the first choice; under {SECONDS_MAX} s: say less",
                node.flow.name, node.step.name
            );
            found.add(RULE, &node.flow.file, node.step.row, what);
        }
    }
    slowest
}

/// Where somebody begins to listen.
fn listening(graph: &Graph<'_>) -> BTreeSet<usize> {
    let mut places: BTreeSet<usize> = [graph.start, graph.person, graph.urgent].into_iter().flatten().collect();
    for node in &graph.nodes {
        if matches!(node.step.kind, Kind::Ask { slot_type: SlotType::Language | SlotType::AnyLanguage, .. }) {
            places.extend(node.edges.iter().filter(|edge| edge.outcome == "then").map(|edge| edge.to));
        }
    }
    places
}

/// The longest speech from each place to the end of the next question; none where a person or the end comes first.
fn to_choice(graph: &Graph<'_>, lengths: &Lengths, language: Language, reached: By) -> Vec<Option<f64>> {
    let own: Vec<f64> = graph.nodes.iter().map(|node| lengths.of_step(node.step, language)).collect();
    let mut seconds: Vec<Option<f64>> = vec![None; graph.nodes.len()];
    // Without loops the longest path is settled after as many rounds as it has steps; loops are broken, and end here.
    for _ in 0..=graph.nodes.len() {
        let mut changed = false;
        for (id, node) in graph.nodes.iter().enumerate().rev() {
            let value = if is_first_menu(node.step) && reached == By::Number {
                // The menu is skipped.
                node.edges
                    .iter()
                    .filter(|edge| edge.outcome == "then")
                    .filter_map(|edge| seconds[edge.to])
                    .reduce(f64::max)
            } else if node.step.kind.is_input() {
                Some(own[id])
            } else if node.step.kind.is_person() || node.is_broken {
                None
            } else {
                node.edges.iter().filter_map(|edge| seconds[edge.to]).reduce(f64::max).map(|rest| own[id] + rest)
            };
            if value != seconds[id] {
                seconds[id] = value;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    seconds
}

/// How long the words of steps take in each full language, in seconds by key.
pub(super) struct Lengths {
    by_language: BTreeMap<Language, BTreeMap<String, f64>>,
    in_menu_languages: BTreeMap<String, f64>,
    agency_first: BTreeMap<Language, f64>,
    agency_first_in_menu: f64,
}

impl Lengths {
    pub(super) fn of(subject: &Subject<'_>) -> Self {
        let policy = &subject.program.policy;
        let steps = || subject.program.flows.values().flat_map(|flow| flow.steps.values());
        let in_menu = |key: &str| -> f64 {
            policy.first_menu.iter().map(|language| of_phrase(subject, *language, &Phrase::new(key))).sum()
        };
        let mut by_language: BTreeMap<Language, BTreeMap<String, f64>> = BTreeMap::new();
        for language in policy.at_level(Level::Full) {
            let by_key = by_language.entry(language).or_default();
            for key in steps().filter_map(|step| step.say.as_ref()) {
                if !by_key.contains_key(key) {
                    let phrases = if key == greeting::KEY {
                        spoken_greeting(&subject.program.operator)
                    } else {
                        vec![Phrase::new(key.as_str())]
                    };
                    let seconds = phrases.iter().map(|phrase| of_phrase(subject, language, phrase)).sum();
                    by_key.insert(key.clone(), seconds);
                }
            }
        }
        let in_menu_languages = steps()
            .filter(|step| is_first_menu(step))
            .filter_map(|step| step.say.as_ref())
            .map(|key| (key.clone(), in_menu(key)))
            .collect();
        let is_agency = subject.program.operator.kind.is_agency();
        let agency_first = policy
            .at_level(Level::Full)
            .filter(|_| is_agency)
            .map(|language| (language, of_phrase(subject, language, &Phrase::new(greeting::AGENCY_FIRST))))
            .collect();
        let agency_first_in_menu = if is_agency { in_menu(greeting::AGENCY_FIRST) } else { 0.0 };
        Self { by_language, in_menu_languages, agency_first, agency_first_in_menu }
    }

    fn before_anything(&self, language: Language, reached: By) -> f64 {
        match reached {
            By::Menu => self.agency_first_in_menu,
            By::Number => self.agency_first.get(&language).copied().unwrap_or(0.0),
        }
    }

    fn of_step(&self, step: &Step, language: Language) -> f64 {
        let Some(key) = &step.say else { return 0.0 };
        // Before a language is chosen, words are said in each language of the first menu.
        let by_key = if is_first_menu(step) { Some(&self.in_menu_languages) } else { self.by_language.get(&language) };
        by_key.and_then(|by_key| by_key.get(key)).copied().unwrap_or(0.0)
    }
}

const fn is_first_menu(step: &Step) -> bool {
    matches!(step.kind, Kind::Ask { slot_type: SlotType::Language, .. })
}

/// Words that are missing take no time; rule 5 reports them.
fn of_phrase(subject: &Subject<'_>, language: Language, phrase: &Phrase) -> f64 {
    let said = subject.program.words.spoken(language, phrase).unwrap_or_default();
    said.iter()
        .map(|said| {
            (subject.seconds)(said.language, &said.id, &said.text)
                .unwrap_or_else(|| said.text.chars().count() as f64 / CHARACTERS_PER_SECOND)
        })
        .sum()
}
