//! Rule 2: every outcome of every step is wired to a step that exists; a `call` wires every end of the called flow.
//! 41 % of the transitions in one helpline's live flows named no next step; whoever lands there is cut off.

use super::Subject;
use super::report::Found;
use crate::flow::{Flow, Kind, Step};
use crate::program::Program;
use std::collections::BTreeSet;

const RULE: u8 = 2;

pub(super) fn check(subject: &Subject<'_>, found: &mut Found) {
    let program = subject.program;
    let policy = &program.policy;
    if !program.flows.contains_key(&policy.main) {
        let what = format!("there is no flow `{}`: name the outermost flow in `main`", policy.main);
        found.add(RULE, policy.file(), policy.row("main"), what);
    }
    let called: BTreeSet<&str> = program
        .flows
        .values()
        .flat_map(|flow| flow.steps.values())
        .filter_map(|step| if let Kind::Call { flow, .. } = &step.kind { Some(flow.as_str()) } else { None })
        .collect();
    for (name, flow) in &program.flows {
        if *name != flow.name {
            let row = flow.head_rows.get("flow").copied().unwrap_or(1);
            found.add(
                RULE,
                &flow.file,
                row,
                format!("the flow is named `{}` and its file `{name}`: give both one name", flow.name),
            );
        }
        if !flow.steps.contains_key(&flow.start) {
            let row = flow.head_rows.get("start").copied().unwrap_or(1);
            found.add(RULE, &flow.file, row, format!("`start` names `{}`, which is no step of this flow", flow.start));
        }
        for step in flow.steps.values() {
            check_step(program, flow, step, called.contains(name.as_str()), found);
        }
    }
}

fn check_step(program: &Program, flow: &Flow, step: &Step, is_called: bool, found: &mut Found) {
    let here = format!("`{}.{}`", flow.name, step.name);
    for target in step.outcomes.values() {
        if !flow.steps.contains_key(&target.step) {
            let what = format!("{here} leads to `{}`, which is no step of this flow", target.step);
            found.add(RULE, &flow.file, target.row, what);
        }
    }
    let mut missing = |outcome: &str, why: &str| {
        let what = format!("{here} ({}) wires no `{outcome}`{why}: say where it leads", step.kind.word());
        found.add(RULE, &flow.file, step.row, what);
    };
    match &step.kind {
        Kind::Call { flow: called, .. } => {
            let Some(called) = program.flows.get(called) else {
                found.add(RULE, &flow.file, step.row, format!("{here} calls `{called}`, and there is no such flow"));
                return;
            };
            let ends = ends(called);
            for end in &ends {
                if !step.outcomes.contains_key(*end) {
                    missing(end, &format!(", an end of `{}`", called.name));
                }
            }
            for (outcome, target) in &step.outcomes {
                if !ends.contains(outcome.as_str()) {
                    let what = format!("{here} wires `{outcome}`, and `{}` has no end of that name", called.name);
                    found.add(RULE, &flow.file, target.row, what);
                }
            }
        }
        Kind::End { outcome: None, .. } if is_called => {
            let what = format!("{here} ends a flow that is called: name the end with `as`");
            found.add(RULE, &flow.file, step.row, what);
        }
        kind => {
            for outcome in kind.outcomes() {
                if !step.outcomes.contains_key(outcome) {
                    missing(outcome, "");
                }
            }
        }
    }
    if let Kind::Choose { options, .. } = &step.kind {
        for option in options.iter().filter(|option| matches!(option.as_str(), "silent" | "gave-up")) {
            let what =
                format!("{here} has an option `{option}`, which is the name of an outcome: call the option otherwise");
            found.add(RULE, &flow.file, step.row, what);
        }
    }
}

/// The names by which a flow ends.
fn ends(flow: &Flow) -> BTreeSet<&str> {
    flow.steps
        .values()
        .filter_map(|step| if let Kind::End { outcome, .. } = &step.kind { outcome.as_deref() } else { None })
        .collect()
}
