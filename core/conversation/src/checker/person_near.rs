//! Rule 3: from every step a person is at most three inputs away, and no contact ends before one was within reach.
//! That silence leads to a person too is left to rule 4.
//!
//! A person is a `queue`, `urgent`, `callback` or `message`; a referral to another office is not counted, which is
//! stricter than the rule. The world picks the outcome of a step that asks nothing, so the worst outcome counts; the
//! caller picks answers, so the best answer counts; the person key counts as one input. A contact may end without a
//! person in reach only by the caller's own choice of an option, or after a person, a promise or legal help was given.

use super::graph::{Edge, FAR, Graph, Node};
use super::report::Found;
use crate::flow::Kind;

const RULE: u8 = 3;

/// So many inputs at the most, the person key included.
pub(super) const INPUTS_MAX: u32 = 3;

/// Checks the rule; gives the inputs to a person at each place of the graph.
pub(super) fn check(graph: &Graph<'_>, found: &mut Found) -> Vec<Option<u32>> {
    let closing = graph.closing();
    let inputs = inputs_to_person(graph, &closing);
    for (id, node) in graph.nodes.iter().enumerate() {
        if node.is_broken || closing[id] || inputs[id] <= INPUTS_MAX {
            continue;
        }
        let here = format!("`{}.{}`", node.flow.name, node.step.name);
        let what = if inputs[id] == FAR {
            format!("from {here} no person can be reached: wire an outcome to a queue, a callback or a message")
        } else {
            format!("from {here} a person is {} inputs away; at most {INPUTS_MAX}: shorten the way", inputs[id])
        };
        found.add(RULE, &node.flow.file, node.step.row, what);
    }
    let tried = person_before(graph);
    for (id, node) in graph.nodes.iter().enumerate() {
        for edge in node.edges.iter().filter(|edge| closing[edge.to] && !closing[id]) {
            if !tried[id] && !may_end(node, edge) {
                let what = format!(
                    "`{}` of `{}.{}` ends the contact and no person was within reach: offer one first, as a choice",
                    edge.outcome, node.flow.name, node.step.name
                );
                found.add(RULE, &node.flow.file, edge.row, what);
            }
        }
    }
    inputs.into_iter().map(|count| (count != FAR).then_some(count)).collect()
}

/// Whether a person was tried on every path to each place.
pub(super) fn person_before(graph: &Graph<'_>) -> Vec<bool> {
    graph.always_before(|node, _| node.step.kind.is_person(), |_, _| false)
}

/// Whether an edge is an answer that the caller gave, not silence and not the third failure.
pub(super) fn is_answer(node: &Node<'_>, edge: &Edge<'_>) -> bool {
    node.step.kind.is_input() && !matches!(edge.outcome, "silent" | "gave-up")
}

fn inputs_to_person(graph: &Graph<'_>, closing: &[bool]) -> Vec<u32> {
    graph.settle(|node, values| {
        if node.is_broken || node.step.kind.is_person() {
            return 0;
        }
        if node.step.kind.is_input() {
            // Without an entry for the key rule 4 speaks.
            let by_key = graph.person.map_or(0, |person| values[person]);
            let by_answer = node.edges.iter().filter(|edge| is_answer(node, edge)).map(|edge| values[edge.to]);
            return by_answer.chain([by_key]).min().unwrap_or(FAR).saturating_add(1);
        }
        node.edges.iter().filter(|edge| !closing[edge.to]).map(|edge| values[edge.to]).max().unwrap_or(FAR)
    })
}

/// Silence is judged by rule 4, the outcomes of a queue by rule 12.
fn may_end(node: &Node<'_>, edge: &Edge<'_>) -> bool {
    match &node.step.kind {
        Kind::Choose { .. } => true,
        Kind::Ask { .. } => !is_answer(node, edge),
        Kind::Refer { .. } => edge.outcome == "told",
        kind => kind.is_person(),
    }
}
