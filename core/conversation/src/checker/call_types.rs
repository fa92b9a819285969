//! Rule 9: types match over `call`, and no step reads a slot that is not set, or of another type, on any path.
//! What is in a slot when it is read is left to the engine; here: that there is something, and of the right type.
//!
//! A slot belongs to the flow that fills it. A called flow sees what `give` hands in and returns what `take` names.
//! Slots that a step may do without (the time on a notice, a word key) may be unset, never of another type.

use super::Subject;
use super::graph::{Edge, Graph, Node};
use super::person_near::is_answer;
use super::report::Found;
use crate::flow::{Flow, Kind, Need, Step};
use crate::slot::SlotType;
use caseline_model::ArticleId;
use std::collections::{BTreeMap, BTreeSet};

const RULE: u8 = 9;

/// What a slot can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    Choice,
    Typed(SlotType),
}

/// A slot that a step reads.
pub(super) struct Read<'p> {
    pub(super) slot: &'p str,
    wanted: &'static [Shape],
    is_needed: bool,
}

const NUMBER: &[Shape] =
    &[Shape::Typed(SlotType::CaseNumber), Shape::Typed(SlotType::FileReceipt), Shape::Typed(SlotType::ReceiptOrNumber)];
const CODE: &[Shape] = &[Shape::Typed(SlotType::CardCode), Shape::Typed(SlotType::WordKey)];
const DATE: &[Shape] = &[Shape::Typed(SlotType::Date)];
const TIME: &[Shape] = &[Shape::Typed(SlotType::Time)];
const WORD_KEY: &[Shape] = &[Shape::Typed(SlotType::WordKey)];
const PHONE: &[Shape] = &[Shape::Typed(SlotType::Phone)];
const WORDS: &[Shape] = &[Shape::Typed(SlotType::Words), Shape::Typed(SlotType::VoiceNote)];
const QUESTION: &[Shape] = &[Shape::Choice, Shape::Typed(SlotType::Words), Shape::Typed(SlotType::VoiceNote)];
const CHOICE: &[Shape] = &[Shape::Choice];
const REPORT: &[Shape] = &[Shape::Typed(SlotType::ReportCode)];
const DESK: &[Shape] = &[Shape::Typed(SlotType::DeskNumber)];
const NEED: &[Shape] = &[Shape::Typed(SlotType::Need)];

/// The slots that a step reads; those of a `call` are checked against the called flow.
pub(super) fn reads(kind: &Kind) -> Vec<Read<'_>> {
    let found = match kind {
        Kind::CheckOwnCase { number, code } => vec![needed(number, NUMBER), if_named(code, CODE)],
        Kind::ReadPaper { date, time, mailed } => {
            vec![needed(date, DATE), if_named(time, TIME), if_named(mailed, DATE)]
        }
        Kind::OpenFile { date, time, word_key } => {
            vec![needed(date, DATE), if_named(time, TIME), if_named(word_key, WORD_KEY)]
        }
        Kind::Answer { question } => vec![needed(question, QUESTION)],
        Kind::ReportWrongRecord { what } => vec![needed(what, CHOICE)],
        Kind::ReportOutcome { code } => vec![needed(code, REPORT)],
        Kind::Callback { phone, need } => vec![if_named(phone, PHONE), handed_in(need)],
        Kind::Remind { phone } => vec![if_named(phone, PHONE)],
        Kind::LeaveTicket { desk } => vec![needed(desk, DESK)],
        Kind::Message { words, need } => vec![if_named(words, WORDS), handed_in(need)],
        _ => Vec::new(),
    };
    found.into_iter().flatten().collect()
}

fn needed<'p>(slot: &'p str, wanted: &'static [Shape]) -> Option<Read<'p>> {
    Some(Read { slot, wanted, is_needed: true })
}

fn if_named<'p>(slot: &'p Option<String>, wanted: &'static [Shape]) -> Option<Read<'p>> {
    slot.as_deref().map(|slot| Read { slot, wanted, is_needed: false })
}

fn handed_in(need: &Need) -> Option<Read<'_>> {
    need.slot().and_then(|slot| needed(slot, NEED))
}

/// What flows declare and calls name, on the graph of everything.
pub(super) fn check_flows(subject: &Subject<'_>, graph: &Graph<'_>, found: &mut Found) {
    let states = slots_before(graph);
    check_outermost(subject, found);
    for flow in subject.program.flows.values() {
        for step in flow.steps.values() {
            if let Kind::Call { flow: called, give, with, take } = &step.kind
                && let Some(called) = subject.program.flows.get(called)
            {
                check_call(flow, step, called, &Handed { give, with, take }, found);
            }
        }
        check_outputs(graph, flow, &states, found);
        check_answers(subject, flow, found);
    }
}

/// What is in the slots that steps read.
pub(super) fn check_paths(subject: &Subject<'_>, graph: &Graph<'_>, found: &mut Found) {
    let states = slots_before(graph);
    for (node, slots) in graph.nodes.iter().zip(&states) {
        let Some(slots) = slots else { continue };
        for read in reads(&node.step.kind) {
            check_read(node, &read, slots, found);
        }
        if let Kind::Call { flow: called, give, .. } = &node.step.kind
            && let Some(called) = subject.program.flows.get(called)
        {
            check_given(node, called, give, slots, found);
        }
    }
}

fn check_outermost(subject: &Subject<'_>, found: &mut Found) {
    if let Some(main) = subject.program.flows.get(&subject.program.policy.main)
        && !main.inputs.is_empty()
    {
        let row = main.head_rows.get("inputs").copied().unwrap_or(1);
        found.add(
            RULE,
            &main.file,
            row,
            "nobody calls the outermost flow, so it has no inputs: take them away".to_owned(),
        );
    }
}

/// What a call hands in and takes back.
struct Handed<'p> {
    give: &'p BTreeMap<String, String>,
    with: &'p BTreeMap<String, String>,
    take: &'p BTreeMap<String, String>,
}

fn check_call(flow: &Flow, step: &Step, called: &Flow, handed: &Handed<'_>, found: &mut Found) {
    let Handed { give, with, take } = handed;
    let here = format!("`{}.{}`", flow.name, step.name);
    for input in called.inputs.keys().filter(|input| !give.contains_key(*input) && !with.contains_key(*input)) {
        let what = format!(
            "{here} gives no `{input}`, an input of `{}`: name a slot in `give`, or a need in `with`",
            called.name
        );
        found.add(RULE, &flow.file, step.row, what);
    }
    for input in give.keys().chain(with.keys()).filter(|input| !called.inputs.contains_key(*input)) {
        let what = format!("{here} gives `{input}`, which is no input of `{}`", called.name);
        found.add(RULE, &flow.file, step.row, what);
    }
    for (input, wanted) in called.inputs.iter().filter(|(input, _)| with.contains_key(*input)) {
        if *wanted != SlotType::Need {
            let what = format!(
                "{here} hands a need in as `{input}`, which is {} in `{}`: name a slot in `give`",
                wanted.as_str(),
                called.name
            );
            found.add(RULE, &flow.file, step.row, what);
        } else if give.contains_key(input) {
            let what = format!("{here} hands `{input}` in twice, in `give` and in `with`: keep one");
            found.add(RULE, &flow.file, step.row, what);
        }
    }
    for output in take.values().filter(|output| !called.outputs.contains_key(*output)) {
        let what = format!("{here} takes `{output}`, which is no output of `{}`", called.name);
        found.add(RULE, &flow.file, step.row, what);
    }
}

/// An option that leads straight to an answer is the id of a vetted article. One that may not be given today is left out
/// of the menu by the engine, and stands in the report.
fn check_answers(subject: &Subject<'_>, flow: &Flow, found: &mut Found) {
    for step in flow.steps.values() {
        let Kind::Choose { options, into: Some(into) } = &step.kind else { continue };
        for option in options {
            let answers = step
                .outcomes
                .get(option)
                .and_then(|target| flow.steps.get(&target.step))
                .is_some_and(|target| matches!(&target.kind, Kind::Answer { question } if question == into));
            if answers && subject.program.library.article(&ArticleId(option.clone())).is_none() {
                let what = format!(
                    "`{}.{}` answers `{option}`, and there is no such article: write knowledge/articles/{option}.toml, or take the option away",
                    flow.name, step.name
                );
                found.add(RULE, &flow.file, step.row, what);
            }
        }
    }
}

/// An output is set, and of its type, at one end at least; that it is set where it is read is held at the reader.
fn check_outputs(graph: &Graph<'_>, flow: &Flow, states: &[Option<Slots>], found: &mut Found) {
    let row = flow.head_rows.get("outputs").copied().unwrap_or(1);
    for (output, wanted) in &flow.outputs {
        let at_ends: Vec<&Contents> = flow
            .steps
            .values()
            .filter(|step| matches!(step.kind, Kind::End { .. }))
            .flat_map(|step| graph.places(&flow.name, &step.name))
            .filter_map(|id| states.get(id)?.as_ref()?.get(output))
            .collect();
        if !at_ends.iter().any(|contents| contents.is_certain) {
            let what = format!(
                "no end of `{}` has its output `{output}` set on every path to it: set it, or take it away",
                flow.name
            );
            found.add(RULE, &flow.file, row, what);
        }
        if at_ends.iter().flat_map(|contents| &contents.shapes).any(|shape| !accepts(*wanted, *shape)) {
            let what =
                format!("the output `{output}` of `{}` is set with another type than {}", flow.name, wanted.as_str());
            found.add(RULE, &flow.file, row, what);
        }
    }
}

fn check_read(node: &Node<'_>, read: &Read<'_>, slots: &Slots, found: &mut Found) {
    let here = format!("`{}.{}`", node.flow.name, node.step.name);
    let slot = read.slot;
    let contents = slots.get(slot);
    let what = match contents {
        None if read.is_needed || !is_filled_somewhere(node.flow, slot) => {
            format!("{here} reads `{slot}`, which nothing sets on the way there: ask for it first")
        }
        Some(contents) if read.is_needed && !contents.is_certain => {
            format!("{here} reads `{slot}`, which is not set on every path to it: ask for it on each")
        }
        Some(contents) if contents.shapes.iter().any(|shape| !read.wanted.contains(shape)) => {
            format!("{here} reads `{slot}`, which holds {}; wanted is {}", names(&contents.shapes), names(read.wanted))
        }
        _ => return,
    };
    found.add(RULE, &node.flow.file, node.step.row, what);
}

fn check_given(node: &Node<'_>, called: &Flow, give: &BTreeMap<String, String>, slots: &Slots, found: &mut Found) {
    let here = format!("`{}.{}`", node.flow.name, node.step.name);
    for (input, ours) in give {
        let Some(wanted) = called.inputs.get(input) else { continue };
        let what = match slots.get(ours) {
            Some(contents) if !contents.is_certain => {
                format!("{here} gives `{ours}`, which is not set on every path to it")
            }
            Some(contents) if contents.shapes.iter().any(|shape| !accepts(*wanted, *shape)) => format!(
                "{here} gives `{ours}`, which holds {}; `{input}` of `{}` is {}",
                names(&contents.shapes),
                called.name,
                wanted.as_str()
            ),
            Some(_) => continue,
            None => format!("{here} gives `{ours}`, which nothing sets on the way there: ask for it first"),
        };
        found.add(RULE, &node.flow.file, node.step.row, what);
    }
}

/// Whether any step of a flow can fill a slot.
fn is_filled_somewhere(flow: &Flow, slot: &str) -> bool {
    flow.inputs.contains_key(slot)
        || flow.steps.values().any(|step| match &step.kind {
            Kind::Choose { into, .. } => into.as_deref() == Some(slot),
            Kind::Ask { into, .. } => into == slot,
            Kind::Call { take, .. } => take.contains_key(slot),
            _ => false,
        })
}

fn accepts(wanted: SlotType, got: Shape) -> bool {
    match (wanted, got) {
        (_, Shape::Choice) => false,
        (SlotType::ReceiptOrNumber, Shape::Typed(got)) => NUMBER.contains(&Shape::Typed(got)),
        (SlotType::AnyLanguage, Shape::Typed(SlotType::Language))
        | (SlotType::Language, Shape::Typed(SlotType::AnyLanguage)) => true,
        (wanted, Shape::Typed(got)) => wanted == got,
    }
}

fn names<'s>(shapes: impl IntoIterator<Item = &'s Shape>) -> String {
    let words: Vec<&str> = shapes
        .into_iter()
        .map(|shape| match shape {
            Shape::Choice => "a choice",
            Shape::Typed(slot_type) => slot_type.as_str(),
        })
        .collect();
    words.join(" or ")
}

/// What is known of a slot at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Contents {
    /// Set on every path.
    is_certain: bool,
    /// What it can hold.
    shapes: BTreeSet<Shape>,
}

type Slots = BTreeMap<String, Contents>;

/// The slots before each place; none where no path leads.
fn slots_before(graph: &Graph<'_>) -> Vec<Option<Slots>> {
    let mut states: Vec<Option<Slots>> = vec![None; graph.nodes.len()];
    for (entry, slots) in [
        // What the outermost flow wrongly declares as inputs is reported once and then taken as set.
        (graph.start, graph.start.map(|start| inputs_of(graph.nodes[start].flow)).unwrap_or_default()),
        // The keys that always work come from anywhere: nothing is set for certain.
        (graph.person, Slots::new()),
        (graph.urgent, Slots::new()),
    ] {
        if let Some(entry) = entry {
            join(&mut states[entry], slots);
        }
    }
    let mut changed = true;
    while changed {
        changed = false;
        for (id, node) in graph.nodes.iter().enumerate() {
            for edge in &node.edges {
                if let Some(after) = after(graph, &states, id, node, edge) {
                    changed |= join(&mut states[edge.to], after);
                }
            }
        }
    }
    states
}

fn inputs_of(flow: &Flow) -> Slots {
    flow.inputs.iter().map(|(name, slot_type)| (name.clone(), certain(Shape::Typed(*slot_type)))).collect()
}

fn certain(shape: Shape) -> Contents {
    Contents { is_certain: true, shapes: BTreeSet::from([shape]) }
}

fn after(graph: &Graph<'_>, states: &[Option<Slots>], id: usize, node: &Node<'_>, edge: &Edge<'_>) -> Option<Slots> {
    let before = states[id].as_ref()?;
    match &node.step.kind {
        Kind::Call { .. } => return Some(inputs_of(graph.nodes[edge.to].flow)),
        Kind::End { .. } => {
            let caller = graph.caller(node.context)?;
            let mut slots = states[caller].clone()?;
            if let Kind::Call { take, .. } = &graph.nodes[caller].step.kind {
                for (ours, output) in take {
                    if let Some(contents) = before.get(output) {
                        let was_certain = slots.get(ours).is_some_and(|ours| ours.is_certain);
                        let mut contents = contents.clone();
                        if !contents.is_certain
                            && let Some(ours) = slots.get(ours)
                        {
                            contents.shapes.extend(&ours.shapes);
                        }
                        contents.is_certain |= was_certain;
                        slots.insert(ours.clone(), contents);
                    }
                }
            }
            return Some(slots);
        }
        _ => {}
    }
    let mut slots = before.clone();
    match &node.step.kind {
        Kind::Choose { into: Some(into), .. } if is_answer(node, edge) => {
            slots.insert(into.clone(), certain(Shape::Choice));
        }
        Kind::Ask { slot_type, into, .. } if is_answer(node, edge) => {
            let slot_type = match edge.outcome {
                "receipt" => SlotType::FileReceipt,
                "number" => SlotType::CaseNumber,
                _ => *slot_type,
            };
            slots.insert(into.clone(), certain(Shape::Typed(slot_type)));
        }
        _ => {}
    }
    Some(slots)
}

/// Joins what is known on another path; says whether that changed anything.
fn join(state: &mut Option<Slots>, other: Slots) -> bool {
    let Some(slots) = state else {
        *state = Some(other);
        return true;
    };
    let mut changed = false;
    for (name, contents) in slots.iter_mut() {
        if contents.is_certain && !other.get(name).is_some_and(|other| other.is_certain) {
            contents.is_certain = false;
            changed = true;
        }
    }
    for (name, other) in other {
        match slots.get_mut(&name) {
            Some(contents) => {
                let before = contents.shapes.len();
                contents.shapes.extend(&other.shapes);
                changed |= contents.shapes.len() != before;
            }
            None => {
                slots.insert(name, Contents { is_certain: false, shapes: other.shapes });
                changed = true;
            }
        }
    }
    changed
}
