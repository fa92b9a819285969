//! Proves a flow safe before it can go live: sixteen rules, an error each with file and row, and a report for a supervisor.
//! Reading the files is left to the program, running the flows to `engine`; nothing here is needed while a caller talks.
//!
//! The rules are those of docs/reference/flows.md, one module each. They look at a graph in which every `call` is
//! unfolded, once for each set of facts that hold for a whole contact (typed or not, staffed or not), so that "on every
//! path" means the paths that a caller can really take.

mod call_types;
mod cycles;
mod global_keys;
mod graph;
mod lawyer_first;
mod options;
mod others;
mod person_near;
mod queues;
mod reachable;
pub mod report;
pub mod sms;
mod speech_length;
mod taint;
mod urgent;
pub mod version;
mod wired;
mod words_complete;

use crate::program::Program;
use caseline_model::{Date, Language};
use graph::{Facts, Graph};
use report::{Found, Measured};
use speech_length::Lengths;
use std::collections::BTreeMap;

pub use report::{LanguageProof, Problem, Report, StepProof};
pub use version::FlowVersion;

/// The rendered length of a prompt in seconds, by language, prompt id and text, where it is known.
pub type Seconds<'a> = dyn Fn(Language, &str, &str) -> Option<f64> + 'a;

/// What every rule looks at.
struct Subject<'p> {
    program: &'p Program,
    today: Date,
    seconds: &'p Seconds<'p>,
    earlier: Option<&'p BTreeMap<String, FlowVersion>>,
}

/// Checks a whole program on a day.
///
/// `seconds` gives the rendered length of a prompt where it is known; `earlier` the versions of the flows that went live
/// last, by name, which a changed flow is compared with. A program with any problem must not go live.
pub fn check(
    program: &Program,
    today: Date,
    seconds: &Seconds<'_>,
    earlier: Option<&BTreeMap<String, FlowVersion>>,
) -> Report {
    let subject = Subject { program, today, seconds, earlier };
    let mut found = Found::default();
    // Rules on the files, and on what any contact can reach.
    let anything = Graph::of(program, &Facts::any());
    reachable::check(&subject, &anything, &mut found);
    wired::check(&subject, &mut found);
    global_keys::check_questions(&subject, &mut found);
    let languages = words_complete::check(&subject, &anything, &mut found);
    options::check(&subject, &mut found);
    sms::check(&subject, &mut found);
    call_types::check_flows(&subject, &anything, &mut found);
    others::check(&subject, &mut found);
    version::check(&subject, &mut found);
    // Rules on paths.
    let lengths = Lengths::of(&subject);
    let mut measured = Measured::default();
    for facts in Facts::all(program) {
        let graph = Graph::of(program, &facts);
        let inputs = person_near::check(&graph, &mut found);
        global_keys::check_silence(&graph, &mut found);
        cycles::check(&subject, &graph, &mut found);
        call_types::check_paths(&subject, &graph, &mut found);
        taint::check(&subject, &graph, &mut found);
        queues::check(&graph, &mut found);
        let seconds = speech_length::check(&graph, &lengths, &mut found);
        urgent::check(&subject, &graph, &mut found);
        lawyer_first::check_paths(&subject, &graph, &mut found);
        measured.add(&graph, &inputs, &seconds);
    }
    lawyer_first::check_words(&subject, &mut found);
    report::assemble(&subject, found, &measured, languages)
}
