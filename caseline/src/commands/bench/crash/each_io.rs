//! Every write, sync, name and length of the disk fails once, one after the other, over whole conversations by chat with the
//! real program: in each the first fails, then the second, until a conversation goes by in which none was left to fail. After
//! each the power is cut with all that was not synced, and what the caller was told is looked for.
//! The disk is `disk`; what callers do is `chat`.

use super::chat;
use super::disk::{Disk, Takes};
use super::ledger::Kind;
use super::line::{Folder, Killable};
use super::looking::Seen;
use super::outcome::{Ending, Outcome};
use super::rounds::errands;
use crate::commands::Place;
use crate::exits::Exit;
use crate::progress;
use caseline_helpline::chance::SeededChance;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// What the callers of these conversations come for.
const CONVERSATIONS: [Kind; 4] = [Kind::Callback, Kind::Message, Kind::Reminder, Kind::Report];
/// No conversation changes the disk more often.
const CHANGES_MAX: u64 = 600;
/// A conversation that waits longer than this is given up by its caller.
const CALLER_WAITS: Duration = Duration::from_secs(30);

/// Runs it, prints the figures, and says whether all adds up.
pub async fn run(place: &Place, at: &Path) -> Result<bool, Exit> {
    let began = Instant::now();
    let disk = Disk::mount(&at.join("data"), false)?;
    let folder = Folder::make(at.to_owned())?;
    let (errands, _) = errands(&folder).await?;
    let chance = SeededChance::new(1);
    let (mut seen, mut outcome) = (Seen::default(), Outcome { by: Ending::PowerCut, ..Outcome::default() });
    let mut covered = Vec::new();
    let bar = progress::bar(CONVERSATIONS.len() as u64, "failing each change of the disk");
    for kind in CONVERSATIONS {
        let mut number = 0;
        loop {
            number += 1;
            if number > CHANGES_MAX {
                return Err(Exit::Failures(format!("{} changed the disk more than {CHANGES_MAX} times", kind.word())));
            }
            let mut line = Killable::start(&folder)?;
            let (reached, took) = line.up(&folder).await?;
            outcome.restarts.push(took);
            seen.look(&folder, &errands, false).await?;
            let (open, mut gate) = watch::channel(Some(reached));
            disk.fail_at(Some(number))?;
            let caller = chat::write_once(&mut gate, &errands, kind, number as usize);
            // A caller who is told that it is not possible now, or hears nothing more, gives up: nothing was promised.
            let _ = tokio::time::timeout(CALLER_WAITS, caller).await;
            let (_, has_failed) = disk.changes()?;
            outcome.forgotten.add(disk.cut(Takes::All, &chance)?);
            line.kill().await?;
            drop(open);
            disk.fail_at(None)?;
            disk.power_up()?;
            outcome.kills += 1;
            if !has_failed {
                break;
            }
        }
        covered.push(format!("{}: each of {} changes", kind.word(), number - 1));
        bar.inc(1);
    }
    let mut line = Killable::start(&folder)?;
    line.up(&folder).await?;
    seen.look(&folder, &errands, true).await?;
    line.kill().await?;
    bar.finish_and_clear();
    outcome.add_round(&errands.ledger, &seen);
    outcome.took = began.elapsed();
    let is_well = outcome.wrong.is_empty();
    if !is_well {
        disk.copy_to(&at.join("data-of-the-disk"))?;
    }
    let mut json = outcome.json();
    json["covered"] = serde_json::json!(covered);
    place.print(&json, &format!("Failed once, one after the other: {}.\n{}", covered.join("; "), outcome.text()));
    Ok(is_well)
}
