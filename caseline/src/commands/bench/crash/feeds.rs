//! Feeds while the line is killed: `caseline import` runs beside it as an operator would run it, and is killed with it.
//! Reading a feed is `feed`; what must be there afterwards is looked at in `looking`.

use super::ledger::{Kind, Ledger};
use super::line::Folder;
use super::{Errands, Gate};
use crate::made_up::write_court_tables;
use caseline_model::Date;
use jiff::ToSpan;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The dates in the made-up tables are so many days apart at the most: each feed has others than the one before.
const VERSIONS: u32 = 20;

/// Between two feeds.
const PAUSE: Duration = Duration::from_millis(120);

/// Which feed was begun last, and which one was acknowledged last.
#[derive(Debug, Default)]
pub struct Newest {
    begun: AtomicU32,
    acknowledged: AtomicU32,
}

impl Newest {
    /// The version that was begun last; 0: none.
    pub fn begun(&self) -> u32 {
        self.begun.load(Ordering::Acquire)
    }

    /// Whether the one that was begun last was also acknowledged.
    pub fn is_acknowledged(&self) -> bool {
        self.begun() == self.acknowledged.load(Ordering::Acquire)
    }
}

/// Writes the feed of a version.
pub fn write(folder: &Folder, version: u32, today: Date) -> std::io::Result<()> {
    let made_on = today.saturating_sub(i64::from(version % VERSIONS).days());
    write_court_tables(&folder.feed(version), made_on)
}

/// One feed after the other, until the gate is taken away.
pub async fn read_for_ever(mut gate: Gate, errands: Arc<Errands>, folder: Folder, today: Date) {
    loop {
        let Ok(true) = gate.wait_for(Option::is_some).await.map(|reached| reached.is_some()) else { return };
        let version = errands.newest.begun() + 1;
        if let Err(error) = write(&folder, version, today) {
            errands.ledger.strange(format!("a feed cannot be written: {error}"));
            return;
        }
        errands.ledger.begin_import(version);
        errands.newest.begun.store(version, Ordering::Release);
        tokio::select! {
            () = read(&folder, version, &errands.ledger, &errands.newest) => {}
            _ = gate.changed() => {}
        }
        errands.ledger.over(Kind::Import, &version.to_string());
        tokio::time::sleep(PAUSE).await;
        if let Some(old) = version.checked_sub(2) {
            // The feed of two versions ago is asked for by nobody any more.
            let _ = std::fs::remove_dir_all(folder.feed(old));
        }
    }
}

/// Runs the command; dropped, the process is killed (SIGKILL).
async fn read(folder: &Folder, version: u32, ledger: &Ledger, newest: &Newest) {
    let from = folder.feed(version).display().to_string();
    let ended = match folder.program(&["import", "court-tables", &from]) {
        Ok(mut command) => command.output().await,
        Err(exit) => return ledger.strange(exit.sentence().to_owned()),
    };
    match ended {
        Ok(output) if output.status.success() => {
            newest.acknowledged.store(version, Ordering::Release);
            ledger.acknowledge(Kind::Import, &version.to_string());
        }
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            ledger.strange(format!("import: {}", said.lines().last().unwrap_or("it ended without a word")));
        }
        Err(error) => ledger.strange(format!("import cannot be started: {error}")),
    }
}
