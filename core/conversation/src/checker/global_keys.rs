//! Rule 4: the person key and the urgent key work at every input, and silence leads to a person.
//! That the engine listens for these keys everywhere is left to its own tests; here: that they lead somewhere, and that
//! no question takes them as an answer.

use super::Subject;
use super::graph::{FAR, Graph, entry};
use super::person_near::person_before;
use super::report::Found;
use crate::flow::Kind;
use crate::policy::Level;
use crate::telling::Phrase;
use crate::words::Form;

const RULE: u8 = 4;

/// How many options have a key: `1` to `8`. `9` is the urgent key, `0` the person key.
const OPTION_KEYS_MAX: usize = 8;

/// So many questions in silence before a person, at the most.
const SILENCES_MAX: u32 = 3;

/// Where the keys lead, and what every question takes as an answer.
pub(super) fn check_questions(subject: &Subject<'_>, found: &mut Found) {
    check_entries(subject, found);
    check_options(subject, found);
}

fn check_entries(subject: &Subject<'_>, found: &mut Found) {
    let policy = &subject.program.policy;
    for (key, place) in [("person", &policy.person), ("urgent", &policy.urgent)] {
        if subject.program.flows.contains_key(&policy.main) && entry(subject.program, place).is_none() {
            let what = format!(
                "the {key} key leads to `{place}`, which is no step of `{}`: write `{}.` and one of its steps",
                policy.main, policy.main
            );
            found.add(RULE, policy.file(), policy.row(key), what);
        }
    }
}

fn check_options(subject: &Subject<'_>, found: &mut Found) {
    let program = subject.program;
    for flow in program.flows.values() {
        for step in flow.steps.values() {
            let here = format!("`{}.{}`", flow.name, step.name);
            match &step.kind {
                Kind::Ask { slot_type, .. } if slot_type.digit_count().is_some_and(|(count, _)| count < 2) => {
                    let what = format!(
                        "{here} asks for one digit, so the person key and the urgent key would be answers: ask for two"
                    );
                    found.add(RULE, &flow.file, step.row, what);
                }
                Kind::Choose { options, .. } => {
                    if options.len() > OPTION_KEYS_MAX {
                        let what = format!(
                            "{here} has {} options, and keys 9 and 0 are the urgent key and the person key: at most {OPTION_KEYS_MAX}",
                            options.len()
                        );
                        found.add(RULE, &flow.file, step.row, what);
                    }
                    for language in program.policy.at_level(Level::Full) {
                        for option in options {
                            let label =
                                program.words.text(language, &Phrase::new(format!("choose-{option}")), Form::Screen);
                            if label.is_ok_and(|label| matches!(label.trim(), "0" | "9")) {
                                let what = format!(
                                    "{here} labels `{option}` with a key that always works, in {language}: label it otherwise"
                                );
                                found.add(RULE, &flow.file, step.row, what);
                            }
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

/// Silence is an answer, not an error: it leads to a person, and so does the third failure. Who was already led to a
/// person on every path, and says nothing to what is offered instead, may be let go.
pub(super) fn check_silence(graph: &Graph<'_>, found: &mut Found) {
    let silences = graph.settle(|node, values| {
        if node.is_broken || node.step.kind.is_person() {
            return 0;
        }
        if node.step.kind.is_input() {
            let silent = node.edges.iter().find(|edge| edge.outcome == "silent");
            return silent.map_or(FAR, |edge| values[edge.to]).saturating_add(1);
        }
        node.edges.iter().map(|edge| values[edge.to]).max().unwrap_or(FAR)
    });
    let tried = person_before(graph);
    for (id, node) in graph.nodes.iter().enumerate() {
        if tried[id] || !node.step.kind.is_input() {
            continue;
        }
        for edge in node.edges.iter().filter(|edge| matches!(edge.outcome, "silent" | "gave-up")) {
            let count = silences[edge.to].saturating_add(1);
            if count > SILENCES_MAX {
                let what = format!(
                    "`{}` of `{}.{}` does not lead to a person within {SILENCES_MAX} questions: wire it to one",
                    edge.outcome, node.flow.name, node.step.name
                );
                found.add(RULE, &node.flow.file, edge.row, what);
            }
        }
    }
}
