//! Feeds while the line is killed: `caseline import` runs beside it as an operator would run it, and dies with it: a machine
//! without power runs nothing.
//! Reading a feed is `feed`; what must be there afterwards is looked at in `looking`.

use super::ledger::Kind;
use super::line::Folder;
use super::{Errands, Gate};
use crate::made_up::write_court_tables;
use caseline_model::Date;
use jiff::ToSpan;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::sync::watch;

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

/// The machine on which feeds are read beside the line, as far as they are concerned.
#[derive(Debug, Default)]
pub struct Machine(watch::Sender<Power>);

#[derive(Clone, Copy, Debug, Default)]
struct Power {
    is_off: bool,
    /// A process that reads a feed is there.
    runs: bool,
}

impl Machine {
    /// Whatever runs dies now (SIGKILL) and nothing begins any more; returns when it is gone.
    pub async fn dies(&self) {
        self.0.send_modify(|power| power.is_off = true);
        // The sender lives in here: waiting ends.
        let _ = self.0.subscribe().wait_for(|power| !power.runs).await;
    }

    /// From now on programs may run.
    pub fn starts(&self) {
        self.0.send_modify(|power| power.is_off = false);
    }

    /// Runs a program to its end; `None`: it died with the machine, or never began.
    async fn run(&self, mut command: tokio::process::Command) -> Option<std::io::Result<Output>> {
        let begun = self.0.send_if_modified(|power| {
            power.runs = !power.is_off;
            power.runs
        });
        if !begun {
            return None;
        }
        let ended = self.run_begun(&mut command).await;
        self.0.send_modify(|power| power.runs = false);
        ended.transpose()
    }

    async fn run_begun(&self, command: &mut tokio::process::Command) -> std::io::Result<Option<Output>> {
        let mut child = command.stderr(std::process::Stdio::piped()).spawn()?;
        let (mut out, mut err) = (child.stdout.take(), child.stderr.take());
        let mut output = Output { status: Default::default(), stdout: Vec::new(), stderr: Vec::new() };
        let mut power = self.0.subscribe();
        let to_its_end = async {
            let (stdout, stderr) = (&mut output.stdout, &mut output.stderr);
            let said = async { if let Some(out) = &mut out { out.read_to_end(stdout).await } else { Ok(0) } };
            let told = async { if let Some(err) = &mut err { err.read_to_end(stderr).await } else { Ok(0) } };
            let (said, told, ended) = tokio::join!(said, told, child.wait());
            said.and(told).and(ended)
        };
        let ended = tokio::select! {
            // The power first: what a process says on a machine that is off is heard by nobody.
            biased;
            _ = power.wait_for(|power| power.is_off) => None,
            ended = to_its_end => Some(ended),
        };
        match ended {
            Some(status) => {
                output.status = status?;
                Ok(Some(output))
            }
            None => {
                child.kill().await?;
                Ok(None)
            }
        }
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
        if let Read::Failed(what) = read_once(&errands, &folder, today).await {
            errands.ledger.strange(format!("import: {what}"));
        }
        tokio::time::sleep(PAUSE).await;
        if let Some(old) = version.checked_sub(2) {
            // The feed of two versions ago is asked for by nobody any more.
            let _ = std::fs::remove_dir_all(folder.feed(old));
        }
    }
}

/// What came of reading a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// The command said that it was read.
    Whole,
    /// It died with the machine.
    Died,
    /// The command ended otherwise, with this last row.
    Failed(String),
}

/// Reads the next feed by the command.
pub async fn read_once(errands: &Errands, folder: &Folder, today: Date) -> Read {
    let version = errands.newest.begun() + 1;
    if let Err(error) = write(folder, version, today) {
        return Read::Failed(format!("a feed cannot be written: {error}"));
    }
    errands.ledger.begin_import(version);
    errands.newest.begun.store(version, Ordering::Release);
    let read = read(folder, version, &errands.machine).await;
    if read == Read::Whole {
        errands.newest.acknowledged.store(version, Ordering::Release);
        errands.ledger.acknowledge(Kind::Import, &version.to_string());
    }
    errands.ledger.over(Kind::Import, &version.to_string());
    read
}

async fn read(folder: &Folder, version: u32, machine: &Machine) -> Read {
    let from = folder.feed(version).display().to_string();
    let command = match folder.program(&["import", "court-tables", &from]) {
        Ok(command) => command,
        Err(exit) => return Read::Failed(exit.sentence().to_owned()),
    };
    match machine.run(command).await {
        None => Read::Died,
        Some(Ok(output)) if output.status.success() => Read::Whole,
        Some(Ok(output)) => {
            let said = String::from_utf8_lossy(&output.stderr);
            Read::Failed(said.lines().last().unwrap_or_default().to_owned())
        }
        Some(Err(error)) => Read::Failed(format!("it cannot be started: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::process::Command;

    fn sleeping() -> Command {
        let mut command = Command::new("sleep");
        command.arg("60").stdout(std::process::Stdio::piped());
        command
    }

    #[tokio::test]
    async fn on_a_machine_that_dies_a_program_is_gone_and_none_begins_until_it_starts_again() {
        let machine = Arc::new(Machine::default());
        let running = tokio::spawn({
            let machine = Arc::clone(&machine);
            async move { machine.run(sleeping()).await.is_none() }
        });
        machine.0.subscribe().wait_for(|power| power.runs).await.unwrap();
        machine.dies().await;
        assert!(running.await.unwrap(), "it died");
        assert!(machine.run(sleeping()).await.is_none(), "nothing begins without power");
        machine.starts();
        let mut echo = Command::new("echo");
        echo.arg("read").stdout(std::process::Stdio::piped());
        assert_eq!(machine.run(echo).await.unwrap().unwrap().stdout, b"read\n");
    }
}
