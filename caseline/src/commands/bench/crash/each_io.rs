//! Every write, sync, name and length of the disk fails once, one after the other, over whole conversations with the real
//! program, by chat and by telephone, over the reading of a feed and over the start of a line: in each the first change
//! fails, then the second, until one goes by in which none was left to fail; once as a broken disk does, once as a full one.
//! After each the power is cut with all that was not synced, and what the caller was told is looked for: nothing that was
//! saved is lost, nothing is there twice, the line still runs, and nobody was left without a word.
//! One course of this is `each_io/walk`; the disk is `disk`; what callers do is `chat` and `telephone`.

mod walk;

use super::disk::Fails;
use super::ledger::Kind;
use super::outcome::{Ending, Outcome};
use crate::commands::Place;
use crate::exits::Exit;
use crate::progress;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use walk::Walked;

/// What callers of these conversations come for.
const CONVERSATIONS: [Kind; 4] = [Kind::Callback, Kind::Message, Kind::Reminder, Kind::Report];

/// What goes on while the disk fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Over {
    /// Conversations by chat.
    Chat,
    /// Calls.
    Telephone,
    /// The reading of a feed beside the line.
    Import,
    /// The start of a line after a kill, which ends a call that was left open.
    Start,
}

/// One thing that goes on, again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// Somebody writes.
    Written(Kind),
    /// Somebody calls.
    Telephoned(Kind),
    /// A feed is read.
    Imported,
    /// The line starts.
    Started,
}

impl Course {
    /// In reports and folders.
    fn word(self) -> String {
        match self {
            Self::Written(kind) => format!("{}-by-chat", kind.word()),
            Self::Telephoned(kind) => format!("{}-by-telephone", kind.word()),
            Self::Imported => "a-feed".to_owned(),
            Self::Started => "a-start".to_owned(),
        }
    }
}

/// How far one run goes.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where the folders are made.
    pub at: PathBuf,
    /// Over what; empty: all of it.
    pub over: Vec<Over>,
    /// Only every nth change fails, from one on that is drawn; 1: each.
    pub every: u64,
    /// Of what is drawn.
    pub seed: u64,
    /// How many courses go on at one time.
    pub lines: u32,
}

impl Plan {
    fn courses(&self) -> Vec<Course> {
        let is_meant = |over: Over| self.over.is_empty() || self.over.contains(&over);
        let mut courses = Vec::new();
        // The longest first.
        if is_meant(Over::Telephone) {
            courses.extend(CONVERSATIONS.iter().rev().map(|kind| Course::Telephoned(*kind)));
        }
        if is_meant(Over::Chat) {
            courses.extend(CONVERSATIONS.iter().rev().map(|kind| Course::Written(*kind)));
        }
        courses.extend(is_meant(Over::Import).then_some(Course::Imported));
        courses.extend(is_meant(Over::Start).then_some(Course::Started));
        courses
    }
}

/// Runs it, prints the figures, and says whether all adds up.
pub async fn run(place: &Place, plan: Plan) -> Result<bool, Exit> {
    let began = Instant::now();
    let plan = Arc::new(plan);
    let mut outcome = Outcome { by: Ending::EachIo, seed: plan.seed, ..Outcome::default() };
    let at_one_time = Arc::new(Semaphore::new(plan.lines as usize));
    let mut going_on = JoinSet::new();
    for course in plan.courses() {
        for fails in Fails::ALL {
            let (plan, at_one_time) = (Arc::clone(&plan), Arc::clone(&at_one_time));
            going_on.spawn(async move {
                // The semaphore is never closed.
                let _turn = at_one_time.acquire_owned().await;
                walk::walk(course, fails, &plan).await
            });
        }
    }
    let bar = progress::bar(going_on.len() as u64, "failing each change of the disk");
    let mut walked = BTreeMap::new();
    while let Some(done) = going_on.join_next().await {
        match done.map_err(|error| Exit::Failures(error.to_string()))? {
            Ok(walk) => {
                bar.inc(1);
                say_of(&walk, began);
                walked.insert(walk.word.clone(), walk);
            }
            // What the others found is told all the same.
            Err(exit) => outcome.wrong.push(format!("a course broke off: {}", exit.sentence())),
        }
    }
    bar.finish_and_clear();
    for walk in walked.values() {
        outcome.add_round(&walk.errands.ledger, &walk.seen);
        outcome.forgotten.add(walk.forgotten);
        outcome.restarts.extend(&walk.restarts);
        outcome.kills += walk.failed + 1;
    }
    outcome.took = began.elapsed();
    place.print(&json(&plan, &walked, &outcome), &text(&plan, &walked, &outcome));
    Ok(outcome.wrong.is_empty())
}

/// Where nobody watches a bar, each course is told when it is over.
fn say_of(walk: &Walked, began: Instant) {
    if !std::io::IsTerminal::is_terminal(&std::io::stderr()) {
        eprintln!("{}: {} changes failed, after {} s", walk.word, walk.failed, began.elapsed().as_secs());
    }
}

fn json(plan: &Plan, walked: &BTreeMap<String, Walked>, outcome: &Outcome) -> serde_json::Value {
    let courses: serde_json::Map<String, serde_json::Value> = walked
        .iter()
        .map(|(word, walk)| {
            let row = serde_json::json!({ "changes": walk.changes, "failed": walk.failed, "heard": walk.heard });
            (word.clone(), row)
        })
        .collect();
    let mut json = outcome.json();
    json["every"] = plan.every.into();
    json["changes_failed"] = walked.values().map(|walk| walk.failed).sum::<u64>().into();
    json["courses"] = courses.into();
    json
}

fn text(plan: &Plan, walked: &BTreeMap<String, Walked>, outcome: &Outcome) -> String {
    use std::fmt::Write as _;
    let failed: u64 = walked.values().map(|walk| walk.failed).sum();
    let every = if plan.every == 1 { "each change".to_owned() } else { format!("every {}th change", plan.every) };
    let mut text = format!("{failed} changes of the disk failed once, {every} of a course one after the other:\n");
    for (word, walk) in walked {
        let heard: Vec<String> = walk.heard.iter().map(|(what, times)| format!("{what} {times}")).collect();
        let _ = writeln!(text, "{word:36}{:>5} of {:<5} {}", walk.failed, walk.changes, heard.join(", "));
    }
    let _ = write!(text, "\n{}", outcome.text());
    text
}

/// The folder of one course.
fn folder_of(at: &Path, course: Course, fails: Fails) -> (String, PathBuf) {
    let word = format!("{}-on-a-{}-disk", course.word(), fails.word());
    let folder = at.join(&word);
    (word, folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_it_goes_on_unless_some_is_named() {
        let plan = |over| Plan { at: PathBuf::new(), over, every: 1, seed: 1, lines: 1 };
        assert_eq!(plan(Vec::new()).courses().len(), 2 * CONVERSATIONS.len() + 2);
        assert_eq!(plan(vec![Over::Start, Over::Import]).courses(), [Course::Imported, Course::Started]);
    }
}
