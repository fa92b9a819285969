//! What holds after every play, whatever the weather was: one end for each contact, no promise lost or kept twice, every
//! reading of a case in the log before it, a log that verifies, figures that equal a recount, and nothing that a caller gave
//! in any log, fault or file. What happens in a play is left to `weather`.

use crate::overheard::{Overheard, renderings};
use crate::stage::Happening;
use crate::stage::engine::EngineStage;
use caseline_helpline::ports::{LeaseState, Settled, Store, TaskKind};
use caseline_helpline::{AuditEvent, StoreFault};
use caseline_model::{Private, TaskId, Time};
use std::collections::BTreeSet;
use std::time::Duration;

/// A lease that a stopped process held has run out by then, and so has the quiet after an attempt of which nobody knows how
/// it ended.
const LEASES_ARE_OVER: Duration = Duration::from_secs(2 * 3_600);

/// A lease of this check.
const LEASE: Duration = Duration::from_secs(60);

/// Kinds of obligations.
const KINDS: [TaskKind; 4] = [TaskKind::Callback, TaskKind::Message, TaskKind::Reminder, TaskKind::Report];

/// What is kept for a person, and the words by which it is said to be kept.
const PROMISES: &[(&str, &[&str])] = &[
    ("callback", &["callback-promised"]),
    ("message", &["message-left", "urgent-message-left"]),
    ("reminder", &["remind-set"]),
    ("report", &["report-code", "report-taken"]),
    ("file", &["file-receipt"]),
    ("ticket", &["ticket-left"]),
    ("forgotten", &["forgotten"]),
];

/// Holds all of it, after the process has stopped and another one has started.
///
/// # Errors
/// What does not hold.
pub(super) async fn hold(stage: &mut EngineStage, overheard: &Overheard) -> Result<(), String> {
    stage.world.store.heal();
    stage.next_process().await?;
    one_disposition_each(stage).await?;
    figures_equal_a_recount(stage).await?;
    promises_hold(stage).await?;
    open_promises_are_kept_once(stage).await?;
    if stage.world.store.seen().reads_without_entry > 0 {
        return Err("a case was read without an entry in the log before it".into());
    }
    if stage.world.store.seen().two_open > 0 {
        return Err("a contact had two cases open at once".into());
    }
    nothing_is_in_clear(stage, overheard)?;
    log_verifies(stage).await?;
    // Once more, now that all of it has been moved from the write-ahead log into the database.
    nothing_is_in_clear(stage, overheard)
}

/// How often the line told this subject.
pub(super) fn times_told(stage: &EngineStage, subject: &str) -> usize {
    let all = stage.exchanges.iter().flat_map(|exchange| &exchange.heard);
    all.filter(|heard| matches!(&heard.what, Happening::Told(telling) if telling.subject == subject)).count()
}

/// Every contact that arrived has one disposition, at the latest when the next process started.
async fn one_disposition_each(stage: &EngineStage) -> Result<(), String> {
    let store = &stage.world.store;
    // The next process starts; and once more, when a page that nobody came back to is over.
    for later in [Duration::ZERO, Duration::from_secs(3_600)] {
        let now = stage.world.now().plus(later);
        caseline_helpline::contact::end_left_open(&stage.world.line, now).await.map_err(broke)?;
    }
    // A disk that stays full to the end can note nobody; one failed write is asked for again.
    let seen = store.seen();
    let not_noted = if seen.disk_is_full { seen.not_begun } else { Default::default() };
    for contact in stage.arrived.iter().filter(|contact| !not_noted.contains(contact)) {
        let disposition = store.disposition(*contact).await.map_err(broke)?;
        let log = store.audit_of_contact(*contact).await.map_err(broke)?;
        let closed = log.iter().filter(|entry| matches!(entry.event, AuditEvent::ContactClosed { .. })).count();
        if disposition.is_none() || closed != 1 {
            return Err(format!("a contact has {closed} ends in the log, and the disposition {disposition:?}"));
        }
    }
    let known = store.seen().contacts;
    if let Some(contact) = known.iter().find(|contact| !stage.arrived.contains(contact)) {
        return Err(format!("the store noted a contact that nobody made: {contact}"));
    }
    let left_open = store.open_contacts().await.map_err(broke)?.len();
    if left_open == 0 { Ok(()) } else { Err(format!("{left_open} contacts are still open")) }
}

/// What the store counts as open is what was kept and neither met, given up nor destroyed.
async fn figures_equal_a_recount(stage: &EngineStage) -> Result<(), String> {
    for kind in KINDS {
        let figure = stage.world.store.open_task_count(kind).await.map_err(broke)?;
        let recount = stage.world.store.seen().open_count(kind);
        if figure != recount {
            return Err(format!("the store counts {figure} open of kind {}; a recount gives {recount}", kind.as_str()));
        }
    }
    Ok(())
}

/// What was said to be saved is saved, once; what could not be saved was not said to be.
async fn promises_hold(stage: &EngineStage) -> Result<(), String> {
    let seen = stage.world.store.seen();
    for (what, words) in PROMISES {
        let told: usize = words.iter().map(|subject| times_told(stage, subject)).sum();
        if told > 0 && !seen.kept.iter().any(|row| row.1 == *what) {
            return Err(format!("a {what} was said to be saved, and is not"));
        }
        for contact in &seen.contacts {
            let kept = seen.kept.iter().filter(|row| row.0 == *contact && row.1 == *what).count();
            let limit = if *what == "message" { told.max(1) } else { 1 };
            if kept > limit {
                return Err(format!("{kept} of kind {what} were kept in one contact"));
            }
        }
    }
    Ok(())
}

/// Every promise that is open can be taken up when it is due, by one worker, and once it is met nobody takes it up again.
async fn open_promises_are_kept_once(stage: &EngineStage) -> Result<(), String> {
    let store = &stage.world.store;
    let open = store.seen().open;
    for kind in KINDS {
        let wanted: BTreeSet<TaskId> = open.iter().filter(|row| row.1.kind == kind).map(|row| *row.0).collect();
        let Some(due_at) = open.values().filter(|task| task.kind == kind).map(|task| task.due_at).max() else {
            continue;
        };
        let at = due_at.max(stage.world.now()).plus(LEASES_ARE_OVER);
        let taken = take_up_all(stage, kind, at).await?;
        let again = take_up_all(stage, kind, at.plus(LEASES_ARE_OVER)).await?;
        if taken != wanted || !again.is_empty() {
            return Err(format!(
                "{} of kind {} are open; {} could be taken up, and {} once more after they were met",
                wanted.len(),
                kind.as_str(),
                taken.len(),
                again.len()
            ));
        }
    }
    match store.seen().met.values().find(|times| **times > 1) {
        Some(times) => Err(format!("one promise was met {times} times")),
        None => Ok(()),
    }
}

async fn take_up_all(stage: &EngineStage, kind: TaskKind, at: Time) -> Result<BTreeSet<TaskId>, String> {
    let store = &stage.world.store;
    let mut taken = BTreeSet::new();
    // All are taken before any is met: while one worker holds a promise no other gets it.
    let mut held = Vec::new();
    while let Some(task) = store.claim_task(at, &[kind], LEASE).await.map_err(broke)? {
        held.push(task);
    }
    for task in held {
        if store.settle_task(at, task.id, task.fencing, Settled::Met).await.map_err(broke)? != LeaseState::Held {
            return Err(format!("a lease on a promise of kind {} was lost", kind.as_str()));
        }
        if !taken.insert(task.id) {
            return Err(format!("two workers held one promise of kind {}", kind.as_str()));
        }
    }
    Ok(taken)
}

/// Nothing that a caller gave is in the log, in what a fault says, or in a file of the store.
fn nothing_is_in_clear(stage: &EngineStage, overheard: &Overheard) -> Result<(), String> {
    if let Some(row) = overheard.finds(&stage.given) {
        return Err(format!("a value that the caller gave is in the log: {row}"));
    }
    let signs = signs(&stage.given);
    let faults = stage.world.store.seen().faults;
    if let Some(fault) = faults.iter().find(|fault| signs.iter().any(|sign| fault.contains(sign.as_str()))) {
        return Err(format!("a value that the caller gave is in the text of a fault: {fault}"));
    }
    let Some(folder) = &stage.folder else { return Ok(()) };
    match folder.holds(&signs) {
        Ok(None) => Ok(()),
        Ok(Some(file)) => Err(format!("a value that the caller gave is in clear in the file {file}")),
        Err(error) => Err(format!("the store's files cannot be read: {error}")),
    }
}

/// The log of a store in a folder verifies offline, with nothing after its signed head.
async fn log_verifies(stage: &EngineStage) -> Result<(), String> {
    let Some(folder) = &stage.folder else { return Ok(()) };
    let verified = folder.verify().await.map_err(|fault| fault.to_string())?;
    let mut entries = 0;
    for contact in stage.world.store.seen().contacts {
        entries += stage.world.store.audit_of_contact(contact).await.map_err(broke)?.len() as u64;
    }
    if verified.after_head == 0 && verified.head.size >= entries {
        Ok(())
    } else {
        Err(format!("the log has {entries} entries of contacts; its signed head has {}", verified.head.size))
    }
}

fn signs(given: &[Private<String>]) -> Vec<String> {
    given.iter().flat_map(|value| renderings(value.reveal())).collect()
}

fn broke(fault: StoreFault) -> String {
    fault.to_string()
}
