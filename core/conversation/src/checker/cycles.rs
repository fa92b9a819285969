//! Rule 8: no steps follow one another for ever without an input, and no flow calls itself. With it are held the engine's
//! own bounds: how many steps run between two inputs, and how deep flows call flows.
//! A caller who is asked can leave a loop; one who is not asked cannot.

use super::Subject;
use super::graph::{Graph, PLACE_COUNT_MAX, may_pass};
use super::report::Found;
use crate::engine::STEPS_BETWEEN_INPUTS_MAX;
use crate::state::CALL_DEPTH_MAX;

const RULE: u8 = 8;

pub(super) fn check(subject: &Subject<'_>, graph: &Graph<'_>, found: &mut Found) {
    for members in &graph.loops {
        let mut steps: Vec<_> = members
            .iter()
            .filter_map(|id| graph.nodes.get(*id))
            .map(|node| (&node.flow.name, node.step.row, node))
            .collect();
        steps.sort_by_key(|row| (row.0, row.1));
        steps.dedup_by_key(|row| (row.0, row.1));
        if let Some((_, _, first)) = steps.first() {
            let names: Vec<String> =
                steps.iter().map(|(flow, _, node)| format!("`{flow}.{}`", node.step.name)).collect();
            let what =
                format!("{} can go round for ever without a question: ask something on the way", names.join(", "));
            found.add(RULE, &first.flow.file, first.step.row, what);
        }
    }
    let mut call = |flow: &str, step: &str, why: String| {
        if let Some(flow) = subject.program.flows.get(flow)
            && let Some(step) = flow.steps.get(step)
        {
            found.add(RULE, &flow.file, step.row, format!("`{}.{}` {why}", flow.name, step.name));
        }
    };
    for (flow, step) in &graph.recursions {
        call(flow, step, "calls a flow that is running already: lead back with an end".to_owned());
    }
    for (flow, step) in &graph.too_deep {
        call(flow, step, format!("calls deeper than {CALL_DEPTH_MAX} flows: call it from further out"));
    }
    let steps = steps_to_input(graph);
    if let Some(node) = steps.iter().position(|steps| *steps > STEPS_BETWEEN_INPUTS_MAX).map(|id| &graph.nodes[id]) {
        let what = format!(
            "more than {STEPS_BETWEEN_INPUTS_MAX} steps can run from `{}.{}` without a question: ask something on the way",
            node.flow.name, node.step.name
        );
        found.add(RULE, &node.flow.file, node.step.row, what);
    }
    if graph.is_too_large
        && let Some(main) = subject.program.flows.get(&subject.program.policy.main)
    {
        let what = format!(
            "calls within calls grow to more than {PLACE_COUNT_MAX} steps: call fewer flows from more than one place"
        );
        found.add(RULE, &main.file, 1, what);
    }
}

/// How many steps can run from each place before a question, at the most; loops are reported apart.
fn steps_to_input(graph: &Graph<'_>) -> Vec<usize> {
    let mut steps = vec![0; graph.nodes.len()];
    let mut changed = true;
    while changed {
        changed = false;
        for (id, node) in graph.nodes.iter().enumerate().rev() {
            if !may_pass(node) || node.is_broken {
                continue;
            }
            let after = node.edges.iter().map(|edge| steps[edge.to]).max().unwrap_or(0);
            let value = (after + 1).min(STEPS_BETWEEN_INPUTS_MAX + 1);
            if value > steps[id] {
                steps[id] = value;
                changed = true;
            }
        }
    }
    steps
}
