//! Rule 15: the urgent key leads to the 24-hour chain in at most two inputs, at all hours, and a callback is never the
//! only thing that is left when nobody answers.
//! Who stands in the chain is the operator's setting; that it is not empty is held at start-up.

use super::Subject;
use super::graph::{FAR, Graph};
use super::person_near::is_answer;
use super::report::Found;
use crate::flow::{ContactFact, Kind};
use caseline_model::Language;
use std::collections::VecDeque;

const RULE: u8 = 15;

/// So many inputs after the urgent key, at the most.
const INPUTS_MAX: u32 = 2;

/// A number to which an urgent caller is sent was verified within so many days.
pub const VERIFIED_DAYS: i32 = 7;

pub(super) fn check(subject: &Subject<'_>, graph: &Graph<'_>, found: &mut Found) {
    check_way(graph, found);
    check_nobody(subject, graph, found);
}

/// Every place between the key and the chain: the inputs to it and on from it, by the caller's best answers and the
/// worst outcomes.
fn check_way(graph: &Graph<'_>, found: &mut Found) {
    let Some(entry) = graph.urgent else { return };
    let to_chain = graph.settle(|node, values| {
        if node.is_broken || matches!(node.step.kind, Kind::Urgent { .. }) {
            return 0;
        }
        if node.step.kind.is_input() {
            let answers = node.edges.iter().filter(|edge| is_answer(node, edge));
            return answers.map(|edge| values[edge.to]).min().unwrap_or(FAR).saturating_add(1);
        }
        // Whom the staff took is with a person.
        let open = node.edges.iter().filter(|edge| !is_taken(&node.step.kind, edge.outcome));
        open.map(|edge| values[edge.to]).max().unwrap_or(FAR)
    });
    let mut from_key = vec![FAR; graph.nodes.len()];
    from_key[entry] = 0;
    let mut next = VecDeque::from([entry]);
    while let Some(id) = next.pop_front() {
        let node = &graph.nodes[id];
        if matches!(node.step.kind, Kind::Urgent { .. }) {
            continue;
        }
        let steps = u32::from(node.step.kind.is_input());
        for edge in node.edges.iter().filter(|edge| !is_taken(&node.step.kind, edge.outcome)) {
            let inputs = from_key[id].saturating_add(steps);
            if inputs < from_key[edge.to] {
                from_key[edge.to] = inputs;
                next.push_back(edge.to);
            }
        }
    }
    for (id, node) in graph.nodes.iter().enumerate().filter(|(id, _)| from_key[*id] != FAR) {
        let here = format!("`{}.{}`", node.flow.name, node.step.name);
        if matches!(node.step.kind, Kind::When { fact: ContactFact::Staffed }) {
            let what =
                format!("{here} stands between the urgent key and the chain, which answers at all hours: take it away");
            found.add(RULE, &node.flow.file, node.step.row, what);
        }
        let leaves = node.edges.iter().find(|edge| to_chain[edge.to] == FAR && to_chain[id] != FAR);
        if let Some(edge) = leaves.filter(|_| !matches!(node.step.kind, Kind::Urgent { .. })) {
            let what = format!(
                "`{}` of {here} leads from the urgent key and not to the 24-hour chain: wire it to `urgent`",
                edge.outcome
            );
            found.add(RULE, &node.flow.file, edge.row, what);
        } else if to_chain[id] == FAR && id == entry {
            let what = format!("the urgent key leads to {here}, and not every path from there to `urgent`: wire it so");
            found.add(RULE, &node.flow.file, node.step.row, what);
        } else if to_chain[id] != FAR && from_key[id].saturating_add(to_chain[id]) > INPUTS_MAX {
            let what = format!(
                "by way of {here} the 24-hour chain is {} inputs from the urgent key; at most {INPUTS_MAX}: shorten the way",
                from_key[id] + to_chain[id]
            );
            found.add(RULE, &node.flow.file, node.step.row, what);
        }
    }
}

/// After `nobody`: on every path another person, a message, or a number that was verified within a week; and where the
/// caller chooses, at least one such option.
fn check_nobody(subject: &Subject<'_>, graph: &Graph<'_>, found: &mut Found) {
    let leads_on = graph.settle(|node, values| {
        let is_enough = match &node.step.kind {
            Kind::Urgent { .. } | Kind::Queue { .. } | Kind::Message { .. } => true,
            Kind::Refer { topic } => is_verified(subject, topic),
            _ => node.is_broken,
        };
        if is_enough {
            return 0;
        }
        if node.step.kind.is_input() {
            let answers = node.edges.iter().filter(|edge| is_answer(node, edge));
            return answers.map(|edge| values[edge.to]).min().unwrap_or(FAR);
        }
        node.edges.iter().map(|edge| values[edge.to]).max().unwrap_or(FAR)
    });
    for node in graph.nodes.iter().filter(|node| matches!(node.step.kind, Kind::Urgent { .. })) {
        for edge in node.edges.iter().filter(|edge| edge.outcome == "nobody" && leads_on[edge.to] == FAR) {
            let what = format!(
                "when nobody answers `{}.{}`, a callback or nothing is all that is left: offer a message, the chain again, or a number verified within {VERIFIED_DAYS} days",
                node.flow.name, node.step.name
            );
            found.add(RULE, &node.flow.file, edge.row, what);
        }
    }
}

fn is_taken(kind: &Kind, outcome: &str) -> bool {
    matches!(kind, Kind::Queue { .. }) && outcome == "connected"
}

/// Whether the directory has a number for a topic that someone assured within a week.
fn is_verified(subject: &Subject<'_>, topic: &str) -> bool {
    subject.program.library.providers(topic, Language::ENGLISH, subject.today).iter().any(|provider| {
        let age = provider.assured_on.until(subject.today).map(|span| span.get_days());
        age.is_ok_and(|days| days <= VERIFIED_DAYS)
    })
}
