//! `caseline bench crash`: kills the running line at random instants while callers telephone and write and feeds are
//! read, starts it again, and looks for all that it had said was saved: nothing may be lost, nothing may be there twice.
//! The figures are printed; docs/reference/figures.md keeps those of long runs.

mod chat;
mod feeds;
mod ledger;
pub mod line;
mod looking;
mod telephone;

use crate::commands::Place;
use crate::exits::{Exit, with_causes};
use crate::progress;
use crate::wiring::{self, Purpose};
use crate::world::{MachineChance, MachineClock};
use caseline_conversation::Program;
use caseline_helpline::chance::SeededChance;
use caseline_helpline::ports::NewFile;
use caseline_helpline::{Chance, Clock, Store};
use caseline_model::file_receipt::ReceiptKind;
use caseline_model::{CaseId, Channel, ContactId, Date, Disposition, FileReceipt, Private, Time, TimeOfDay};
use caseline_records::{Assertion, HearingTime, Obtained, SourceKind, Value};
use feeds::Newest;
use jiff::ToSpan;
use ledger::{Kind, Ledger};
use line::{Folder, Killable, Reached};
use looking::Seen;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Own files whose receipts the callers hold.
const FILES: usize = 12;
/// Callers who write at one time.
const WRITERS: usize = 4;
/// Callers who telephone at one time.
const TELEPHONES: usize = 3;
/// Of a hundred lines so many are killed while they start.
const KILLED_AT_START_PERCENT: u64 = 10;
/// Within so long of its start such a line is killed.
const START_MS_MAX: u64 = 150;
/// Of a hundred lines so many live long enough for a message by telephone to be spoken and saved.
const LONG_PERCENT: u64 = 4;
/// The life of a long one, at the least and at the most.
const LONG_MS: (u64, u64) = (3_000, 10_000);
/// Of a hundred lines so many live long enough for a report code to be said.
const LONGEST_PERCENT: u64 = 1;
/// The life of one of these.
const LONGEST_MS: u64 = 17_000;
/// The life of any other, at the most.
const SHORT_MS_MAX: u64 = 400;
/// What is told of things that went wrong, at the most.
const WRONG_TOLD_MAX: usize = 20;

/// Where the line is reached; nowhere while it is down or being looked at.
pub type Gate = watch::Receiver<Option<Reached>>;

/// Kills the line under load and looks what became of what it had promised.
#[derive(Debug, clap::Args)]
pub struct Crash {
    /// How many times it is killed.
    #[arg(long, default_value_t = 100)]
    kills: u32,
    /// The seed of the instants.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A new folder, kept afterwards; without it one is made and removed.
    #[arg(long)]
    folder: Option<std::path::PathBuf>,
}

/// What all callers share.
pub struct Errands {
    /// What they were promised.
    pub ledger: Ledger,
    /// The words that they hear.
    pub program: Arc<Program>,
    /// Receipts of own files that they hold.
    pub receipts: Vec<String>,
    /// The newest feed.
    pub newest: Newest,
    /// When the reminders of the made-up hearing are due.
    pub reminders_at: Time,
}

impl Crash {
    /// Runs it and prints the figures.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        let at = self.folder.clone().unwrap_or_else(|| {
            std::env::temp_dir().join(format!("caseline-crash-{}-{}", std::process::id(), MachineClock.now().micros()))
        });
        let folder = Folder::make(at)?;
        let outcome = self.kill_and_look(&folder).await;
        let is_well = outcome.as_ref().is_ok_and(|outcome| outcome.wrong.is_empty());
        if self.folder.is_none() && is_well {
            std::fs::remove_dir_all(folder.path())
                .map_err(|error| Exit::Environment(format!("{} stays: {error}", folder.path().display())))?;
        }
        let outcome = outcome?;
        place.print(&outcome.json(), &outcome.text());
        if is_well {
            return Ok(());
        }
        Err(Exit::Failures(format!("what was promised does not add up; all is in {}", folder.path().display())))
    }

    async fn kill_and_look(&self, folder: &Folder) -> Result<Outcome, Exit> {
        let began = Instant::now();
        let settings = folder.settings()?;
        let program = wiring::program(&settings, Purpose::Demonstration)?;
        let today = MachineClock.now().date_in(&program.zone);
        let receipts = prepare(folder, today).await?;
        let day_before = crate::made_up::hearing_day(today).saturating_sub(1.day());
        let afternoon = TimeOfDay::new(14, 0).unwrap_or_else(|| MachineClock.now().time_of_day_in(&program.zone));
        let reminders_at = program.zone.instant(day_before, afternoon);
        let errands =
            Arc::new(Errands { ledger: Ledger::default(), program, receipts, newest: Newest::default(), reminders_at });
        let (open, gate) = watch::channel(None);
        let mut callers = tokio::task::JoinSet::new();
        for n in 0..WRITERS {
            callers.spawn(chat::write_for_ever(gate.clone(), Arc::clone(&errands), n));
        }
        for n in 0..TELEPHONES {
            callers.spawn(telephone::call_for_ever(gate.clone(), Arc::clone(&errands), n));
        }
        callers.spawn(feeds::read_for_ever(gate, Arc::clone(&errands), folder.clone(), today));
        let chance = SeededChance::new(self.seed);
        let draw = |below: u64| chance.bits_64() % below.max(1);
        let bar = progress::bar(u64::from(self.kills), "killing the line");
        let (mut seen, mut restarts) = (Seen::default(), Vec::new());
        for _ in 0..self.kills {
            let mut line = Killable::start(folder)?;
            if draw(100) < KILLED_AT_START_PERCENT {
                tokio::time::sleep(Duration::from_millis(draw(START_MS_MAX))).await;
            } else {
                let (reached, took) = line.up(folder).await?;
                restarts.push(took);
                seen.look(folder, &errands, false).await?;
                open.send_replace(Some(reached));
                let life = match draw(100) {
                    0..LONGEST_PERCENT => LONGEST_MS,
                    LONGEST_PERCENT..=LONG_PERCENT => LONG_MS.0 + draw(LONG_MS.1 - LONG_MS.0),
                    _ => draw(SHORT_MS_MAX),
                };
                tokio::time::sleep(Duration::from_millis(life)).await;
            }
            // The line first: nobody may know beforehand.
            line.kill().await?;
            open.send_replace(None);
            bar.inc(1);
        }
        let mut line = Killable::start(folder)?;
        restarts.push(line.up(folder).await?.1);
        callers.shutdown().await;
        seen.look(folder, &errands, true).await?;
        line.kill().await?;
        bar.finish_and_clear();
        restarts.sort_unstable();
        Ok(Outcome {
            kills: self.kills,
            seed: self.seed,
            took: began.elapsed(),
            restart_median: restarts.get(restarts.len() / 2).copied().unwrap_or_default(),
            restart_max: restarts.last().copied().unwrap_or_default(),
            figures: Kind::ALL.map(|kind| (kind, errands.ledger.figures(kind))),
            log_entries: seen.log_entries(),
            verified: seen.verified.0,
            wrong: errands.ledger.all_wrong(),
            strange: errands.ledger.all_strange(),
        })
    }
}

/// Made-up people with cards, and own files with a hearing in some weeks; the receipts of the files.
async fn prepare(folder: &Folder, today: Date) -> Result<Vec<String>, Exit> {
    let broke = |fault: caseline_helpline::StoreFault| Exit::Environment(with_causes(&fault));
    let store = super::super::init::open_store(&folder.data(), &[]).await?;
    let now = MachineClock.now();
    for person in crate::made_up::PEOPLE {
        if let Some(number) = person.case_number() {
            store.enrol(now, person.case(), &number, &person.card()).await.map_err(broke)?;
        }
    }
    let mut receipts = Vec::new();
    for _ in 0..FILES {
        let receipt = FileReceipt::from_random(ReceiptKind::File, MachineChance.bits_64());
        let hearing = Assertion {
            value: Value::Hearing {
                at: HearingTime { date: crate::made_up::hearing_day(today), time: TimeOfDay::new(8, 30) },
                kind: None,
                medium: None,
                court: None,
                detained_docket: false,
            },
            source: SourceKind::Notice,
            obtained: Obtained::ReadOutByCaller,
            observed_at: now,
            effective_on: None,
        };
        let contact = ContactId::from_random(MachineChance.bits_128());
        let file = NewFile {
            case: CaseId::from_random(MachineChance.bits_128()),
            receipt: Private::new(receipt),
            word_key: None,
            assertions: vec![hearing],
        };
        store.begin_contact(now, contact, Channel::Phone).await.map_err(broke)?;
        store.open_file(now, contact, file).await.map_err(broke)?;
        store.end_contact(now, contact, Disposition::Answered).await.map_err(broke)?;
        receipts.push(receipt.digits());
    }
    Ok(receipts)
}

struct Outcome {
    kills: u32,
    seed: u64,
    took: Duration,
    restart_median: Duration,
    restart_max: Duration,
    figures: [(Kind, ledger::Figures); Kind::ALL.len()],
    log_entries: u64,
    verified: u32,
    wrong: Vec<String>,
    strange: std::collections::BTreeMap<String, u64>,
}

impl Outcome {
    fn lost(&self) -> u64 {
        self.figures.iter().map(|(_, figures)| figures.lost).sum()
    }

    fn doubled(&self) -> u64 {
        self.figures.iter().map(|(_, figures)| figures.doubled).sum()
    }

    fn json(&self) -> serde_json::Value {
        let kinds: serde_json::Map<String, serde_json::Value> = self
            .figures
            .iter()
            .map(|(kind, figures)| {
                let row = serde_json::json!({
                    "tried": figures.tried, "acknowledged": figures.acknowledged,
                    "acknowledged_by_telephone": figures.by_telephone, "found": figures.found,
                    "lost": figures.lost, "doubled": figures.doubled,
                });
                (kind.word().to_owned(), row)
            })
            .collect();
        serde_json::json!({
            "kills": self.kills,
            "seed": self.seed,
            "seconds": self.took.as_secs_f64(),
            "lost": self.lost(),
            "doubled": self.doubled(),
            "kinds": kinds,
            "log_entries": self.log_entries,
            "log_verified_times": self.verified,
            "restart_ms_median": self.restart_median.as_millis() as u64,
            "restart_ms_max": self.restart_max.as_millis() as u64,
            "wrong": self.wrong,
            "strange": self.strange,
        })
    }

    fn text(&self) -> String {
        use std::fmt::Write as _;
        let mut text = format!(
            "{} kills in {:.0} s (seed {}): {} lost, {} twice.\n\n{:12}{:>10}{:>14}{:>15}{:>8}{:>6}{:>7}\n",
            self.kills,
            self.took.as_secs_f64(),
            self.seed,
            self.lost(),
            self.doubled(),
            "",
            "begun",
            "acknowledged",
            "(by telephone)",
            "found",
            "lost",
            "twice"
        );
        for (kind, figures) in &self.figures {
            let _ = writeln!(
                text,
                "{:12}{:>10}{:>14}{:>15}{:>8}{:>6}{:>7}",
                kind.word(),
                figures.tried,
                figures.acknowledged,
                figures.by_telephone,
                figures.found,
                figures.lost,
                figures.doubled
            );
        }
        let _ = writeln!(
            text,
            "\nThe log has {} entries, as many of each kind as there are promises; it was verified {} times, each time \
             as a continuation of the head before.\nA start after a kill took {} ms in the median and {} ms at the most.",
            self.log_entries,
            self.verified,
            self.restart_median.as_millis(),
            self.restart_max.as_millis()
        );
        for wrong in self.wrong.iter().take(WRONG_TOLD_MAX) {
            let _ = writeln!(text, "wrong: {wrong}");
        }
        for (what, times) in &self.strange {
            let _ = writeln!(text, "{times} times: {what}");
        }
        text
    }
}
