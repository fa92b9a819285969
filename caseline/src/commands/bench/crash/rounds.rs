//! Rounds of kills or power cuts: each in a new folder, several lines at a time, until their number is reached, the time
//! is over or somebody interrupts. In every round callers write, telephone and feeds are read, and after each end all that
//! was promised is looked for.
//! Callers, looking and the disk are left to the modules beside this one.

use super::disk::{Disk, Takes};
use super::feeds::{self, Machine, Newest};
use super::ledger::Ledger;
use super::line::{Folder, Killable};
use super::looking::Seen;
use super::outcome::{Ending, Outcome};
use super::prepared::prepare;
use super::{Errands, chat, telephone};
use crate::exits::Exit;
use crate::progress;
use crate::stopping::asked_to_stop;
use crate::wiring::{self, Purpose};
use crate::world::MachineClock;
use caseline_helpline::chance::SeededChance;
use caseline_helpline::{Chance, Clock};
use caseline_model::{Date, TimeOfDay};
use indicatif::ProgressBar;
use jiff::ToSpan;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// After so many ends a new folder is begun.
const ROUND: u64 = 400;
/// Callers who write at one time.
const WRITERS: usize = 4;
/// Callers who telephone at one time.
const TELEPHONES: usize = 3;
/// Of a hundred lines so many are ended while they start.
const AT_START_PERCENT: u64 = 10;
/// Within so long of its start such a line is ended.
const START_MS_MAX: u64 = 150;
/// Of a hundred lines so many live long enough for a message by telephone to be spoken and saved.
const LONG_PERCENT: u64 = 4;
/// The life of a long one, at the least and at the most.
const LONG_MS: (u64, u64) = (3_000, 10_000);
/// Of a hundred lines so many live long enough for a report code to be said.
const LONGEST_PERCENT: u64 = 1;
/// The life of one of these.
const LONGEST_MS: u64 = 17_000;
/// The life of any other, at the least and at the most.
const SHORT_MS: (u64, u64) = (20, 600);
/// Where nobody watches a bar, a row says so often how far it is.
const ROW_EVERY: Duration = Duration::from_secs(60);

/// All rounds of one run.
pub struct Rounds {
    at: PathBuf,
    ending: Ending,
    count: u64,
    seed: u64,
    lying: bool,
    /// How many ends nobody has taken on yet.
    left: AtomicU64,
    is_stopped: AtomicBool,
    outcome: Mutex<Outcome>,
    bar: ProgressBar,
}

impl Rounds {
    /// So many ends, in folders in this one.
    pub fn new(at: PathBuf, ending: Ending, count: u64, seed: u64, lying: bool) -> Arc<Self> {
        let outcome = Mutex::new(Outcome { by: ending, seed, ..Outcome::default() });
        let bar = progress::bar(count, ending.word());
        let left = AtomicU64::new(count);
        Arc::new(Self { at, ending, count, seed, lying, left, is_stopped: AtomicBool::new(false), outcome, bar })
    }

    /// Runs them; what came of all that were done.
    pub async fn run(self: &Arc<Self>, lines: u32, at_most: Option<Duration>) -> Outcome {
        let began = Instant::now();
        let mut working = JoinSet::new();
        for line in 0..lines {
            working.spawn(Arc::clone(self).one_after_the_other(line));
        }
        let until = tokio::time::Instant::now() + at_most.unwrap_or(Duration::MAX / 8);
        let mut rows = tokio::time::interval(ROW_EVERY);
        let mut stop = std::pin::pin!(asked_to_stop());
        let mut failed = None;
        loop {
            let is_stopped = self.is_stopped();
            tokio::select! {
                done = working.join_next() => match done {
                    Some(Ok(Ok(()))) => {}
                    Some(Ok(Err(exit))) => {
                        failed.get_or_insert(exit);
                        self.stop();
                    }
                    Some(Err(error)) => {
                        failed.get_or_insert(Exit::Failures(error.to_string()));
                        self.stop();
                    }
                    None => break,
                },
                _ = rows.tick() => self.say_how_far(began.elapsed()),
                () = tokio::time::sleep_until(until), if !is_stopped => self.stop(),
                () = &mut stop, if !is_stopped => self.stop(),
            }
        }
        self.bar.finish_and_clear();
        let mut outcome = std::mem::take(&mut *self.outcome());
        outcome.took = began.elapsed();
        // What was done until it broke off is told all the same.
        if let Some(exit) = failed {
            outcome.wrong.push(format!("the run broke off: {}", exit.sentence()));
        }
        outcome
    }

    async fn one_after_the_other(self: Arc<Self>, line: u32) -> Result<(), Exit> {
        for round in 0_u32.. {
            let taken = self.take();
            if taken == 0 || self.is_stopped() {
                break;
            }
            let at = self.at.join(format!("line-{line}-{round}"));
            let disk = match self.ending {
                Ending::Kill | Ending::EachIo => None,
                Ending::PowerCut => Some(Disk::mount(&at.join("data"))?),
            };
            let folder = Folder::make(at)?;
            let chance = SeededChance::new(self.seed ^ (u64::from(line) << 32 | u64::from(round) << 8));
            let well = self.round(&folder, disk.as_ref(), taken, &chance).await;
            if let Some(disk) = &disk
                && !matches!(well, Ok(true))
            {
                disk.copy_to(&folder.path().join("data-of-the-disk"))?;
            }
            drop(disk);
            if well? {
                let gone = std::fs::remove_dir_all(folder.path());
                gone.map_err(|error| Exit::Environment(format!("{} stays: {error}", folder.path().display())))?;
            }
        }
        Ok(())
    }

    /// Whether all adds up. What was promised and found counts also when the round breaks off.
    async fn round(
        &self,
        folder: &Folder,
        disk: Option<&Disk>,
        ends: u64,
        chance: &SeededChance,
    ) -> Result<bool, Exit> {
        let (errands, today) = errands(folder).await?;
        let mut seen = Seen::default();
        let done = self.ends(folder, disk, ends, chance, &errands, today, &mut seen).await;
        self.outcome().add_round(&errands.ledger, &seen);
        done.map(|()| errands.ledger.all_wrong().is_empty())
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one round, of which two outlive it")]
    async fn ends(
        &self,
        folder: &Folder,
        disk: Option<&Disk>,
        ends: u64,
        chance: &SeededChance,
        errands: &Arc<Errands>,
        today: Date,
        seen: &mut Seen,
    ) -> Result<(), Exit> {
        let (open, gate) = watch::channel(None);
        let mut callers = JoinSet::new();
        for n in 0..WRITERS {
            callers.spawn(chat::write_for_ever(gate.clone(), Arc::clone(errands), n));
        }
        for n in 0..TELEPHONES {
            callers.spawn(telephone::call_for_ever(gate.clone(), Arc::clone(errands), n));
        }
        callers.spawn(feeds::read_for_ever(gate, Arc::clone(errands), folder.clone(), today));
        let draw = |below: u64| chance.bits_64() % below.max(1);
        for _ in 0..ends {
            if self.is_stopped() {
                break;
            }
            let mut line = Killable::start(folder)?;
            if draw(100) < AT_START_PERCENT {
                tokio::time::sleep(Duration::from_millis(draw(START_MS_MAX))).await;
            } else {
                let (reached, took) = line.up(folder).await?;
                self.outcome().restarts.push(took);
                seen.look(folder, errands, false).await?;
                if let Some(disk) = disk.filter(|_| self.lying) {
                    disk.lie()?;
                }
                errands.machine.starts();
                open.send_replace(Some(reached));
                let life = match draw(100) {
                    0..LONGEST_PERCENT => LONGEST_MS,
                    LONGEST_PERCENT..=LONG_PERCENT => LONG_MS.0 + draw(LONG_MS.1 - LONG_MS.0),
                    _ => SHORT_MS.0 + draw(SHORT_MS.1 - SHORT_MS.0),
                };
                tokio::time::sleep(Duration::from_millis(life)).await;
            }
            // The power first, then the line and the feed's reader, then the callers: nobody may know beforehand.
            if let Some(disk) = disk {
                // What a disk that lies brings back whole is what it had when it began; in parts it is no store at all.
                let takes = if self.lying { Takes::All } else { Takes::drawn(chance) };
                let forgotten = disk.cut(takes, chance)?;
                self.outcome().forgotten.add(forgotten);
            }
            let (killed, ()) = tokio::join!(line.kill(), errands.machine.dies());
            killed?;
            open.send_replace(None);
            if let Some(disk) = disk {
                disk.power_up()?;
            }
            self.outcome().kills += 1;
            self.bar.inc(1);
        }
        let mut line = Killable::start(folder)?;
        let took = line.up(folder).await?.1;
        callers.shutdown().await;
        seen.look(folder, errands, true).await?;
        line.kill().await?;
        self.outcome().restarts.push(took);
        Ok(())
    }

    fn take(&self) -> u64 {
        let mut taken = 0;
        let _ = self.left.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| {
            taken = left.min(ROUND);
            Some(left - taken)
        });
        taken
    }

    fn say_how_far(&self, since: Duration) {
        if !std::io::stderr().is_terminal() {
            let outcome = self.outcome();
            let (done, wrong) = (outcome.kills, outcome.wrong.len());
            eprintln!(
                "{done} of {} {} after {} s; {wrong} things wrong in whole rounds",
                self.count,
                self.ending.word(),
                since.as_secs()
            );
        }
    }

    fn stop(&self) {
        self.is_stopped.store(true, Ordering::Release);
    }

    fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Acquire)
    }

    fn outcome(&self) -> MutexGuard<'_, Outcome> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the callers of a new folder share, and the day on which it was made.
pub async fn errands(folder: &Folder) -> Result<(Arc<Errands>, Date), Exit> {
    let settings = folder.settings()?;
    let program = wiring::program(&settings, Purpose::Demonstration)?;
    let today = MachineClock.now().date_in(&program.zone);
    let receipts = prepare(folder, today).await?;
    let day_before = crate::made_up::hearing_day(today).saturating_sub(1.day());
    let afternoon = TimeOfDay::new(14, 0).unwrap_or_else(|| MachineClock.now().time_of_day_in(&program.zone));
    let reminders_at = program.zone.instant(day_before, afternoon);
    let (ledger, newest, machine) = (Ledger::default(), Newest::default(), Machine::default());
    Ok((Arc::new(Errands { ledger, program, receipts, newest, machine, reminders_at }), today))
}
