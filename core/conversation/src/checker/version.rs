//! Rule 14: a flow that changed has a higher version, with a note that says what changed.
//! Keeping the versions that went live is left to the program.

use super::Subject;
use super::report::Found;
use crate::flow::Flow;
use crate::words::review::text_hash;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

const RULE: u8 = 14;

/// The version of a flow that went live, with a hash of what it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FlowVersion {
    /// Its version.
    pub version: u32,
    /// The hash of what it does: its steps and wiring, without its file, rows, version and note. It tells that a flow
    /// changed; it guards against nobody.
    pub hash: String,
}

impl FlowVersion {
    /// The version and hash of a flow.
    pub fn of(flow: &Flow) -> Self {
        let mut text = format!("{} {} {:?} {:?}", flow.name, flow.start, flow.inputs, flow.outputs);
        for step in flow.steps.values() {
            // Writing to a String cannot fail.
            let _ = write!(text, " [{} {:?} {:?}", step.name, step.kind, step.say);
            for (outcome, target) in &step.outcomes {
                let _ = write!(text, " {outcome}={}", target.step);
            }
            text.push(']');
        }
        Self { version: flow.version, hash: text_hash(&text) }
    }
}

pub(super) fn check(subject: &Subject<'_>, found: &mut Found) {
    for flow in subject.program.flows.values() {
        let row = |key: &str| flow.head_rows.get(key).copied().unwrap_or(1);
        if flow.version == 0 {
            found.add(RULE, &flow.file, row("version"), "versions count from 1".to_owned());
        }
        if flow.note.trim().is_empty() {
            found.add(RULE, &flow.file, row("note"), "the note is empty: say what this version changed".to_owned());
        }
        let Some(before) = subject.earlier.and_then(|earlier| earlier.get(&flow.name)) else { continue };
        if flow.version < before.version {
            let what = format!("version {} went live before: a version never goes back", before.version);
            found.add(RULE, &flow.file, row("version"), what);
        } else if flow.version == before.version && FlowVersion::of(flow).hash != before.hash {
            let what = format!(
                "`{}` changed since version {} went live: raise `version` and say in `note` what changed",
                flow.name, before.version
            );
            found.add(RULE, &flow.file, row("version"), what);
        }
    }
}
