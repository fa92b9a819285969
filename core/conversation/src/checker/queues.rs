//! Rule 12: a `queue` that is closed, full or unanswered leads on: to a callback, a message, another way.
//! That these outcomes are wired at all is left to rule 2.

use super::graph::Graph;
use super::report::Found;
use crate::flow::Kind;

const RULE: u8 = 12;

pub(super) fn check(graph: &Graph<'_>, found: &mut Found) {
    let closing = graph.closing();
    for node in &graph.nodes {
        if !matches!(node.step.kind, Kind::Queue { .. }) {
            continue;
        }
        for edge in node.edges.iter().filter(|edge| edge.outcome != "connected" && closing[edge.to]) {
            let what = format!(
                "`{}` of the queue `{}.{}` only ends: offer a callback, a message or another way first",
                edge.outcome, node.flow.name, node.step.name
            );
            found.add(RULE, &node.flow.file, edge.row, what);
        }
    }
}
