//! Rule 1: every step is reachable, from the start of the outermost flow, the person key or the urgent key.
//! A step that nobody can reach is mostly a slip in the wiring: what it should say is said to nobody.

use super::Subject;
use super::graph::Graph;
use super::report::Found;

const RULE: u8 = 1;

pub(super) fn check(subject: &Subject<'_>, graph: &Graph<'_>, found: &mut Found) {
    let program = subject.program;
    // Without a start nothing is reachable, and past the bound nothing is known: rules 2 and 8 say so.
    if graph.start.is_none() || graph.is_too_large {
        return;
    }
    for flow in program.flows.values() {
        if flow.steps.keys().all(|step| graph.places(&flow.name, step).next().is_none()) {
            let row = flow.head_rows.get("flow").copied().unwrap_or(1);
            let what = format!("no call reaches the flow `{}`: call it, or take the file away", flow.name);
            found.add(RULE, &flow.file, row, what);
            continue;
        }
        for step in flow.steps.values() {
            if graph.places(&flow.name, &step.name).next().is_none() {
                let what =
                    format!("no path reaches `{}.{}`: wire an outcome to it, or take it away", flow.name, step.name);
                found.add(RULE, &flow.file, step.row, what);
            }
        }
    }
}
