//! `caseline bench restart`: how long a line takes from the start of its process until callers are answered, with a store of
//! many cases, after the line before was killed and left calls open. Beside it stands what reading the bytes of the
//! database takes, below which no start that looks at all of them can be.
//! The line is `line`; the caller who comes first is `chat`.

use super::ledger::Kind;
use super::line::{Folder, Killable, Reached};
use super::rounds::errands;
use super::{Errands, chat};
use crate::commands::{Place, init};
use crate::exits::{Exit, with_causes};
use crate::progress;
use crate::world::{MachineChance, MachineClock};
use caseline_helpline::ports::NewFile;
use caseline_helpline::{Chance, Clock, Store, StoreFault};
use caseline_model::file_receipt::ReceiptKind;
use caseline_model::{CaseId, Channel, ContactId, Disposition, FileReceipt, Private, TimeOfDay};
use caseline_records::{Assertion, HearingTime, Obtained, SourceKind, Value};
use caseline_store::SqliteStore;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Bytes that are read at once, for comparison.
const READ_BYTES: usize = 1 << 20;
/// The ends of the calls that were left open are waited for so long at the most.
const ENDED_WITHIN: Duration = Duration::from_secs(600);
/// How often it is asked how many are left.
const ASKED_EVERY: Duration = Duration::from_millis(10);

/// Measures it.
#[derive(Debug, clap::Args)]
pub struct Restart {
    /// Own files in the store, each opened in a contact of its own.
    #[arg(long, default_value_t = 10_000)]
    cases: u64,
    /// Calls that each killed line left open.
    #[arg(long, default_value_t = 100)]
    left_open: u64,
    /// How often the line is started.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    starts: u32,
    /// A folder that is kept. One that an earlier run filled is used as it is; without it one is made and removed.
    #[arg(long)]
    folder: Option<PathBuf>,
}

/// What one start took, from the start of its process.
struct Start {
    /// Until it said that it is open.
    open: Duration,
    /// Until a caller who writes had heard that a callback is promised.
    promised: Duration,
    /// Until the calls that were left open had their ends.
    ended: Duration,
}

impl Restart {
    /// Fills a store, starts and kills the line, and prints what it took.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        let at = self.folder.clone().unwrap_or_else(|| {
            std::env::temp_dir().join(format!(
                "caseline-restart-{}-{}",
                std::process::id(),
                MachineClock.now().micros()
            ))
        });
        let is_filled = init::is_made(&at.join("data"));
        let folder = if is_filled { Folder::at(at.clone()) } else { Folder::make(at.clone())? };
        let (errands, _) = errands(&folder).await?;
        let filling = Instant::now();
        if !is_filled {
            let store = folder.open_store().await?;
            fill(&store, self.cases, &errands).await?;
        }
        let filled = filling.elapsed();
        let mut starts = Vec::new();
        for _ in 0..self.starts {
            starts.push(self.start(&folder, &errands).await?);
        }
        let database = folder.data().join("caseline.db");
        let (bytes, read) = read_whole(&database)
            .map_err(|error| Exit::Environment(format!("{} cannot be read: {error}", database.display())))?;
        let entries = folder.open_store().await?.count_log(0).await.map_err(broke)?.until;
        let ms = |pick: fn(&Start) -> Duration| {
            let mut all: Vec<u64> = starts.iter().map(|start| pick(start).as_millis() as u64).collect();
            all.sort_unstable();
            (all.get(all.len() / 2).copied().unwrap_or(0), all.last().copied().unwrap_or(0))
        };
        let (open, promised, ended) = (ms(|start| start.open), ms(|start| start.promised), ms(|start| start.ended));
        let read_ms = read.as_secs_f64() * 1e3;
        let cases = if is_filled { None } else { Some(self.cases) };
        let json = serde_json::json!({
            "cases": cases, "log_entries": entries, "database_bytes": bytes, "read_ms": read_ms, "starts": self.starts,
            "open_ms_median": open.0, "open_ms_max": open.1, "promised_ms_median": promised.0,
            "promised_ms_max": promised.1, "left_open": self.left_open, "ended_ms_median": ended.0,
            "ended_ms_max": ended.1, "filled_s": filled.as_secs_f64(),
        });
        let text = format!(
            "{} own files, {entries} entries of the log, {} MiB of database; {} starts, each after a kill that left {} calls \
             open.\nFrom the start of the process, median and maximum:\n\
             open                          {:>8} ms {:>8} ms\n\
             a caller was promised a call  {:>8} ms {:>8} ms\n\
             calls left open have ends     {:>8} ms {:>8} ms\n\
             Reading the database's bytes  {read_ms:>8.0} ms (the least that looking at all of it could take)",
            cases.map_or_else(|| "The folder's".to_owned(), |cases| cases.to_string()),
            bytes >> 20,
            self.starts,
            self.left_open,
            open.0,
            open.1,
            promised.0,
            promised.1,
            ended.0,
            ended.1,
        );
        if self.folder.is_none() {
            std::fs::remove_dir_all(&at)
                .map_err(|error| Exit::Environment(format!("{} stays: {error}", at.display())))?;
        }
        place.print(&json, &text);
        Ok(())
    }

    async fn start(&self, folder: &Folder, errands: &Errands) -> Result<Start, Exit> {
        let store = folder.open_store().await?;
        let now = MachineClock.now();
        let mut left_open = Vec::new();
        for _ in 0..self.left_open {
            let contact = ContactId::from_random(MachineChance.bits_128());
            store.begin_contact(now, contact, Channel::Phone).await.map_err(broke)?;
            left_open.push(contact);
        }
        let began = Instant::now();
        let mut line = Killable::start(folder)?;
        let (reached, open) = line.up(folder).await?;
        let (promised, ended) = tokio::join!(promised(reached, errands, began), all_ended(&store, left_open, began));
        let start = Start { open, promised: promised?, ended: ended? };
        line.kill().await?;
        Ok(start)
    }
}

/// The first caller who writes, until they hear that somebody will call them back.
async fn promised(reached: Reached, errands: &Errands, began: Instant) -> Result<Duration, Exit> {
    let (_open, mut gate) = watch::channel(Some(reached));
    let heard = chat::write_once(&mut gate, errands, Kind::Callback, 0).await;
    match heard {
        super::heard::Heard::Saved => Ok(began.elapsed()),
        other => Err(Exit::Failures(format!("the first caller after a start heard {}", other.word()))),
    }
}

/// Until each call that the line before left open has an end.
async fn all_ended(store: &SqliteStore, mut left_open: Vec<ContactId>, began: Instant) -> Result<Duration, Exit> {
    while let Some(contact) = left_open.last() {
        if store.disposition(*contact).await.map_err(broke)?.is_some() {
            left_open.pop();
        } else if began.elapsed() > ENDED_WITHIN {
            return Err(Exit::Failures(format!("{} calls that were left open have no end", left_open.len())));
        } else {
            tokio::time::sleep(ASKED_EVERY).await;
        }
    }
    Ok(began.elapsed())
}

/// Own files, each as somebody opens it who reads a notice out.
async fn fill(store: &SqliteStore, cases: u64, errands: &Errands) -> Result<(), Exit> {
    let bar = progress::bar(cases, "opening files");
    let today = MachineClock.now().date_in(&errands.program.zone);
    for _ in 0..cases {
        let now = MachineClock.now();
        let contact = ContactId::from_random(MachineChance.bits_128());
        let hearing = HearingTime { date: crate::made_up::hearing_day(today), time: TimeOfDay::new(8, 30) };
        let file = NewFile {
            case: CaseId::from_random(MachineChance.bits_128()),
            receipt: Private::new(FileReceipt::from_random(ReceiptKind::File, MachineChance.bits_64())),
            word_key: None,
            assertions: vec![Assertion {
                value: Value::Hearing { at: hearing, kind: None, medium: None, court: None, detained_docket: false },
                source: SourceKind::Notice,
                obtained: Obtained::ReadOutByCaller,
                observed_at: now,
                effective_on: None,
            }],
        };
        store.begin_contact(now, contact, Channel::Phone).await.map_err(broke)?;
        store.open_file(now, contact, file).await.map_err(broke)?;
        store.end_contact(now, contact, Disposition::Answered).await.map_err(broke)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    store.write_out().await.map_err(broke)
}

/// Reads a file from its beginning to its end; its bytes, and how long that took.
fn read_whole(file: &Path) -> std::io::Result<(u64, Duration)> {
    let began = Instant::now();
    let mut file = std::fs::File::open(file)?;
    let (mut part, mut bytes) = (vec![0_u8; READ_BYTES], 0);
    loop {
        match file.read(&mut part)? {
            0 => return Ok((bytes, began.elapsed())),
            read => bytes += read as u64,
        }
    }
}

fn broke(fault: StoreFault) -> Exit {
    Exit::Environment(with_causes(&fault))
}
