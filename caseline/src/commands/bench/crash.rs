//! `caseline bench crash`: kills the running line at random instants while callers telephone and write and feeds are
//! read, or cuts the power of its disk, starts it again, and looks for all that it had said was saved: nothing may be
//! lost, nothing may be there twice. `--each-io` fails one write after the other, `--steps` crashes a model.
//! The figures are printed; docs/reference/figures.md keeps those of long runs.

mod chat;
mod disk;
mod each_io;
mod feeds;
mod heard;
mod ledger;
pub mod line;
mod looking;
mod outcome;
mod prepared;
pub mod restart;
mod rounds;
mod steps;
mod telephone;

pub use disk::serve as serve_disk;

use crate::commands::Place;
use crate::exits::Exit;
use crate::world::MachineClock;
use caseline_conversation::Program;
use caseline_helpline::Clock;
use caseline_model::Time;
use feeds::{Machine, Newest};
use ledger::Ledger;
use line::Reached;
use outcome::Ending;
use rounds::Rounds;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Where the line is reached; nowhere while it is down or being looked at.
pub type Gate = watch::Receiver<Option<Reached>>;

/// Kills the line under load and looks what became of what it had promised.
#[derive(Debug, clap::Args)]
pub struct Crash {
    /// How many times it is killed.
    #[arg(long, default_value_t = 100)]
    kills: u64,
    /// Instead, how many times the power of its disk is cut: a FUSE file system that forgets what was not synced.
    #[arg(long, conflicts_with = "kills")]
    power_cuts: Option<u64>,
    /// From the first caller on the disk says that it synced, and does not: what is acknowledged must then be found lost.
    #[arg(long, requires = "power_cuts")]
    lying_disk: bool,
    /// Instead, fails one write or sync of the disk after the other, over whole conversations, feeds and starts; or over
    /// those that are named.
    #[arg(long, conflicts_with_all = ["kills", "power_cuts"], num_args = 0.., require_equals = true, value_delimiter = ',')]
    each_io: Option<Vec<each_io::Over>>,
    /// With `--each-io`: only every nth change fails, from one on that is drawn from the seed.
    #[arg(long, requires = "each_io", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    /// Instead, so many steps of a model of obligations, reports and contacts that crashes at any step.
    #[arg(long, conflicts_with_all = ["kills", "power_cuts", "each_io"])]
    steps: Option<u64>,
    /// With `--steps`: on SQLite, in a folder that is removed, instead of in memory.
    #[arg(long, requires = "steps")]
    on_disk: bool,
    /// The seed of the instants.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many lines run at one time, each in a folder of its own.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=16))]
    lines: u32,
    /// It stops after so long, whatever is left; so does an interrupt. What was done until then is printed.
    #[arg(long)]
    minutes: Option<u64>,
    /// A new folder, kept afterwards; without it one is made and removed.
    #[arg(long)]
    folder: Option<PathBuf>,
}

/// What all callers of one line share.
pub struct Errands {
    /// What they were promised.
    pub ledger: Ledger,
    /// The words that they hear.
    pub program: Arc<Program>,
    /// Receipts of own files that they hold.
    pub receipts: Vec<String>,
    /// The newest feed.
    pub newest: Newest,
    /// Where feeds are read.
    pub machine: Machine,
    /// When the reminders of the made-up hearing are due.
    pub reminders_at: Time,
}

impl Crash {
    /// Runs it and prints the figures.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        if let Some(count) = self.steps {
            return steps::run(place, count, self.seed, self.on_disk).await;
        }
        let at = self.folder.clone().unwrap_or_else(|| {
            std::env::temp_dir().join(format!("caseline-crash-{}-{}", std::process::id(), MachineClock.now().micros()))
        });
        if at.exists() {
            return Err(Exit::Usage(format!("{} is there already; name a folder that is not", at.display())));
        }
        if self.power_cuts.is_some() || self.each_io.is_some() {
            disk::can_be_here()?;
        }
        let well = match &self.each_io {
            Some(over) => {
                let (over, every, seed, lines) = (over.clone(), self.every, self.seed, self.lines);
                each_io::run(place, each_io::Plan { at: at.clone(), over, every, seed, lines }).await?
            }
            None => self.rounds(place, &at).await?,
        };
        if self.folder.is_none() && well {
            std::fs::remove_dir_all(&at)
                .map_err(|error| Exit::Environment(format!("{} stays: {error}", at.display())))?;
        }
        if well {
            return Ok(());
        }
        Err(Exit::Failures(format!("what was promised does not add up; all is in {}", at.display())))
    }

    async fn rounds(&self, place: &Place, at: &std::path::Path) -> Result<bool, Exit> {
        let (ending, count) = match self.power_cuts {
            Some(cuts) => (Ending::PowerCut, cuts),
            None => (Ending::Kill, self.kills),
        };
        let minutes = self.minutes.map(|minutes| Duration::from_secs(60 * minutes));
        let rounds = Rounds::new(at.to_owned(), ending, count, self.seed, self.lying_disk);
        let outcome = rounds.run(self.lines, minutes).await;
        place.print(&outcome.json(), &outcome.text());
        Ok(outcome.wrong.is_empty())
    }
}
