//! Rule 11: no step records anything about another person. A caller's own needs as family may be choices.
//! What staff write down is left to `helpline`.
//!
//! What a program can hold the line to: every slot of every flow has a privacy class in the policy, and there is no
//! class for another person's data; no slot is named for another person, a name, a birth date, an address or a
//! nationality, whatever its class; and what is kept (a message, a callback, a report, a reminder, a file) reads only
//! slots that are of class `caller` or `none`.

use super::Subject;
use super::call_types::reads;
use super::report::Found;
use crate::flow::Kind;
use crate::policy::PrivacyClass;
use std::collections::BTreeMap;

const RULE: u8 = 11;

/// Words that no slot has in its name: who, or what would say who.
const FORBIDDEN: &[&str] = &[
    "other",
    "third",
    "someone",
    "else",
    "name",
    "names",
    "surname",
    "alias",
    "spouse",
    "husband",
    "wife",
    "partner",
    "child",
    "children",
    "son",
    "daughter",
    "mother",
    "father",
    "parent",
    "brother",
    "sister",
    "sibling",
    "relative",
    "family",
    "friend",
    "neighbour",
    "neighbor",
    "employer",
    "landlord",
    "witness",
    "born",
    "birth",
    "birthday",
    "birthdate",
    "address",
    "nationality",
    "citizenship",
    "country",
    "passport",
];

pub(super) fn check(subject: &Subject<'_>, found: &mut Found) {
    let privacy = &subject.program.policy.privacy;
    for flow in subject.program.flows.values() {
        // Each slot once, at the first step that fills it.
        let mut slots: BTreeMap<&str, usize> = BTreeMap::new();
        let head = |key: &str| flow.head_rows.get(key).copied().unwrap_or(1);
        slots.extend(flow.inputs.keys().map(|name| (name.as_str(), head("inputs"))));
        slots.extend(flow.outputs.keys().map(|name| (name.as_str(), head("outputs"))));
        for step in flow.steps.values() {
            let mut add = |slot| {
                let row = slots.entry(slot).or_insert(step.row);
                *row = (*row).min(step.row);
            };
            match &step.kind {
                Kind::Choose { into: Some(into), .. } | Kind::Ask { into, .. } => add(into.as_str()),
                Kind::Call { take, .. } => take.keys().for_each(|name| add(name.as_str())),
                _ => {}
            }
        }
        for (slot, row) in slots {
            if !privacy.contains_key(slot) {
                let what =
                    format!("the slot `{slot}` has no class: add it to [privacy] in {}", subject.program.policy.file());
                found.add(RULE, &flow.file, row, what);
            }
            if let Some(word) = slot.split(['-', '_']).find(|word| FORBIDDEN.contains(word)) {
                let what = format!(
                    "the slot `{slot}` would record {word:?}, and a line records nothing about another person: ask for a choice of needs instead"
                );
                found.add(RULE, &flow.file, row, what);
            }
        }
        for step in flow.steps.values().filter(|step| keeps(&step.kind)) {
            for slot in reads(&step.kind).into_iter().map(|read| read.slot) {
                if privacy.get(slot) == Some(&PrivacyClass::Case) {
                    let what = format!(
                        "`{}.{}` ({}) would keep `{slot}` of class `case` outside the case: keep what the caller gave",
                        flow.name,
                        step.name,
                        step.kind.word()
                    );
                    found.add(RULE, &flow.file, step.row, what);
                }
            }
        }
    }
}

/// Whether a step keeps what it reads after the contact.
const fn keeps(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Message { .. }
            | Kind::Callback { .. }
            | Kind::ReportWrongRecord { .. }
            | Kind::Remind { .. }
            | Kind::OpenFile { .. }
            | Kind::LeaveTicket { .. }
    )
}
