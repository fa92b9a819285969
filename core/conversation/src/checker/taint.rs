//! Rule 10: what belongs to a case is told, kept or destroyed only after the case was opened, on every path.
//! Who may open a case, and what opening it takes, is left to `helpline`.
//!
//! A case is open after `check_own_case` or `open_file` came out as `opened`, or on the `yes` of `when case-open`; after
//! `forget_me` or `close_case` was done it is not. The person key and the urgent key come from anywhere: where they lead,
//! nothing is open.

use super::Subject;
use super::call_types::reads;
use super::graph::{Edge, Graph, Node};
use super::report::Found;
use crate::flow::{ContactFact, Kind};
use crate::policy::PrivacyClass;

const RULE: u8 = 10;

pub(super) fn check(subject: &Subject<'_>, graph: &Graph<'_>, found: &mut Found) {
    let open = graph.always_before(opens, |node, edge| {
        matches!(node.step.kind, Kind::ForgetMe | Kind::CloseCase) && edge.outcome == "done"
    });
    let privacy = &subject.program.policy.privacy;
    let is_of_case = |slot: &str| privacy.get(slot) == Some(&PrivacyClass::Case);
    for (id, node) in graph.nodes.iter().enumerate() {
        if open[id] {
            continue;
        }
        let here = format!("`{}.{}`", node.flow.name, node.step.name);
        if needs_open_case(&node.step.kind) {
            let what = format!(
                "a path leads to {here} ({}) and no case was opened on it: put `check_own_case`, `open_file` or `when` with `case-open` before it",
                node.step.kind.word()
            );
            found.add(RULE, &node.flow.file, node.step.row, what);
        }
        // What opens a case takes its number or its notice before it is open.
        if matches!(node.step.kind, Kind::CheckOwnCase { .. } | Kind::OpenFile { .. }) {
            continue;
        }
        let given = match &node.step.kind {
            Kind::Call { give, .. } => {
                // Handing it on under the same class tells nobody; a lower class would let it be told.
                give.iter().filter(|(input, _)| !is_of_case(input)).map(|(_, ours)| ours.as_str()).collect()
            }
            kind => reads(kind).into_iter().map(|read| read.slot).collect::<Vec<_>>(),
        };
        for slot in given.into_iter().filter(|slot| is_of_case(slot)) {
            let what =
                format!("a path leads to {here}, which uses `{slot}` of class `case`, and no case was opened on it");
            found.add(RULE, &node.flow.file, node.step.row, what);
        }
    }
}

fn opens(node: &Node<'_>, edge: &Edge<'_>) -> bool {
    match node.step.kind {
        Kind::CheckOwnCase { .. } | Kind::OpenFile { .. } => edge.outcome == "opened",
        Kind::When { fact: ContactFact::CaseOpen } => edge.outcome == "yes",
        _ => false,
    }
}

/// A reminder, a report, a ticket and who opened the case are bound to the case of the contact.
const fn needs_open_case(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::TellCase { .. }
            | Kind::Remind { .. }
            | Kind::ReportWrongRecord { .. }
            | Kind::ForgetMe
            | Kind::TellOpenings
            | Kind::LeaveTicket { .. }
            | Kind::WithdrawTickets
            | Kind::EndAuthorities
            | Kind::CloseCase
    )
}
