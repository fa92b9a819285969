//! A model of a house that crashes at any step: callers who ask for a call back and report a wrong record, workers who meet
//! obligations, over the store's own verbs with drawn instants. A crash takes the memory of all of them, also in the middle
//! of a verb; what the store kept stays. Whatever was promised is there, once, and is met once.
//! The kinds of crashes of a real process are left to `rounds`; every order of a small world, to the models of the store.

use crate::commands::Place;
use crate::exits::{Exit, with_causes};
use crate::progress;
use crate::world::MachineChance;
use caseline_helpline::chance::SeededChance;
use caseline_helpline::ports::{LeaseState, NewReport, NewTask, ReportLooked, Settled, TaskContent, TaskKind, Trying};
use caseline_helpline::{AuditEvent, Chance, Store, StoreFault};
use caseline_model::file_receipt::ReceiptKind;
use caseline_model::{Channel, ContactId, Disposition, FileReceipt, Language, Phone, Private, TaskId, Time};
use caseline_store::settings::StoreSettings;
use caseline_store::{MemoryStore, SqliteStore};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// After so many steps all is counted and a new house begins.
const HOUSE: u64 = 2_000;
/// Callers at one time.
const CALLERS: usize = 6;
/// Workers at one time.
const WORKERS: usize = 3;
/// One step of so many is a crash.
const CRASH_ONE_IN: u64 = 25;
/// A verb that a crash cuts off had so long, at the most.
const CUT_OFF_US_MAX: u64 = 900;
/// A lease.
const LEASE: Duration = Duration::from_secs(90);
/// A step takes so long, at the most.
const STEP_S_MAX: u64 = 20;
/// Leases and quiet times are over.
const ALL_OVER: Duration = Duration::from_secs(3_600);
/// The instant at which each house begins: in November 2026.
const BEGINS: Time = Time::from_micros(1_795_000_000_000_000);
const KINDS: [TaskKind; 2] = [TaskKind::Callback, TaskKind::Report];

/// Runs so many steps and prints what came of them.
pub async fn run(place: &Place, count: u64, seed: u64, on_disk: bool) -> Result<(), Exit> {
    let began = Instant::now();
    let bar = progress::bar(count, "steps");
    let mut sum = Sum::default();
    while sum.steps < count {
        let chance = SeededChance::new(seed.wrapping_add(sum.houses));
        let folder = std::env::temp_dir().join(format!("caseline-steps-{}-{}", std::process::id(), sum.houses));
        let kept = if on_disk { Kept::Folder(folder.clone()) } else { Kept::Memory(Arc::new(MemoryStore::new())) };
        let house = House::new(kept, chance).await.map_err(broke)?;
        house.live(HOUSE.min(count - sum.steps), &mut sum).await.map_err(broke)?;
        if on_disk {
            let gone = std::fs::remove_dir_all(&folder);
            gone.map_err(|error| Exit::Environment(format!("{} stays: {error}", folder.display())))?;
        }
        sum.houses += 1;
        bar.set_position(sum.steps);
    }
    bar.finish_and_clear();
    let took = began.elapsed().as_secs_f64();
    let json = serde_json::json!({
        "steps": sum.steps, "crashes": sum.crashes, "promised": sum.promised, "met": sum.met, "seconds": took,
        "lost": sum.lost, "done_twice": sum.twice, "wrong": sum.wrong, "seed": seed, "on_disk": on_disk,
    });
    let text = format!(
        "{} steps in {took:.0} s (seed {seed}, {}), {} crashes: {} promises, {} obligations met, {} lost, {} done twice.\n{}",
        sum.steps,
        if on_disk { "SQLite" } else { "in memory" },
        sum.crashes,
        sum.promised,
        sum.met,
        sum.lost,
        sum.twice,
        sum.wrong.join("\n")
    );
    place.print(&json, &text);
    if sum.lost + sum.twice == 0 && sum.wrong.is_empty() {
        return Ok(());
    }
    Err(Exit::Failures("what was promised does not add up".into()))
}

fn broke(fault: StoreFault) -> Exit {
    Exit::Environment(with_causes(&fault))
}

/// What came of it.
#[derive(Debug, Default)]
struct Sum {
    houses: u64,
    steps: u64,
    crashes: u64,
    promised: u64,
    met: u64,
    lost: u64,
    twice: u64,
    wrong: Vec<String>,
}

enum Kept {
    Memory(Arc<MemoryStore>),
    Folder(PathBuf),
}

impl Kept {
    /// The store of the next process.
    async fn open(&self, now: Time) -> Result<Arc<dyn Store>, StoreFault> {
        Ok(match self {
            Self::Memory(store) => Arc::clone(store) as Arc<dyn Store>,
            Self::Folder(folder) => Arc::new(open_in(folder, now).await?),
        })
    }
}

async fn open_in(folder: &Path, now: Time) -> Result<SqliteStore, StoreFault> {
    let settings = StoreSettings { ballast_bytes: 0, ..StoreSettings::at(folder) };
    SqliteStore::open(settings, now, Arc::new(MachineChance)).await
}

/// What a caller's process knows; all but what is saved is gone with it.
#[derive(Clone, Copy, Debug)]
struct Caller {
    contact: ContactId,
    stage: u8,
}

#[derive(Clone, Copy, Debug)]
enum Worker {
    Idle,
    Has(TaskId, u64),
    May(TaskId, u64),
    Reached(TaskId, u64),
}

struct House {
    kept: Kept,
    store: Arc<dyn Store>,
    chance: SeededChance,
    now: Time,
    callers: Vec<Option<Caller>>,
    workers: Vec<Worker>,
    begun: BTreeSet<ContactId>,
    /// What callers were told is saved.
    told: BTreeSet<(ContactId, TaskKind)>,
    /// How often each obligation was met.
    met: BTreeMap<TaskId, u32>,
    /// Attempts of which nobody wrote how they ended, and when they were noted.
    out: BTreeMap<TaskId, Time>,
    wrong: Vec<String>,
}

/// What one verb came to, for whoever lives to see it.
enum Seen {
    Nothing,
    Caller(usize, Option<Caller>),
    Told(usize, TaskKind, Caller),
    Worker(usize, Worker),
    Noted(usize, TaskId, u64, LeaseState),
    Settled(usize, TaskId, bool, LeaseState),
}

impl House {
    async fn new(kept: Kept, chance: SeededChance) -> Result<Self, StoreFault> {
        if let Kept::Folder(folder) = &kept
            && let Err(error) = std::fs::create_dir_all(folder)
        {
            return Err(StoreFault::Database { doing: "making a folder", source: Box::new(error) });
        }
        let store = kept.open(BEGINS).await?;
        Ok(Self {
            kept,
            store,
            chance,
            now: BEGINS,
            callers: vec![None; CALLERS],
            workers: vec![Worker::Idle; WORKERS],
            begun: BTreeSet::new(),
            told: BTreeSet::new(),
            met: BTreeMap::new(),
            out: BTreeMap::new(),
            wrong: Vec::new(),
        })
    }

    async fn live(mut self, steps: u64, sum: &mut Sum) -> Result<(), StoreFault> {
        for _ in 0..steps {
            self.now = self.now.plus(Duration::from_secs(self.draw(STEP_S_MAX)));
            let who = self.draw((CALLERS + WORKERS) as u64) as usize;
            if self.draw(CRASH_ONE_IN) == 0 {
                sum.crashes += 1;
                self.crash(who).await?;
            } else {
                let seen = self.verb(who).await?;
                self.see(seen);
            }
        }
        sum.steps += steps;
        self.count(sum).await
    }

    fn draw(&self, below: u64) -> u64 {
        self.chance.bits_64() % below
    }

    /// One verb of the store by somebody. Nothing of the house changes here: a crash may take what came of it.
    async fn verb(&self, who: usize) -> Result<Seen, StoreFault> {
        let (store, now) = (&self.store, self.now);
        if let Some(n) = who.checked_sub(CALLERS) {
            return self.work(n).await;
        }
        let Some(caller) = self.callers.get(who).copied().flatten() else {
            return Ok(Seen::Caller(
                who,
                Some(Caller { contact: ContactId::from_random(self.chance.bits_128()), stage: 0 }),
            ));
        };
        let Caller { contact, stage } = caller;
        let next = Caller { contact, stage: stage + 1 };
        match stage {
            0 => store.begin_contact(now, contact, Channel::WebChat).await?,
            // The step that is under way is kept before it is done, so that the next process does the same one.
            1 | 3 => store.save_conversation(now, contact, &[stage + 1]).await?,
            2 => {
                store.add_task(now, Some(contact), callback(contact, now)).await?;
                return Ok(Seen::Told(who, TaskKind::Callback, next));
            }
            4 => {
                store.take_report(now, contact, report(contact)).await?;
                return Ok(Seen::Told(who, TaskKind::Report, next));
            }
            _ => {
                store.end_contact(now, contact, Disposition::Answered).await?;
                return Ok(Seen::Caller(who, None));
            }
        }
        Ok(Seen::Caller(who, Some(next)))
    }

    async fn work(&self, n: usize) -> Result<Seen, StoreFault> {
        let (store, now) = (&self.store, self.now);
        Ok(match self.workers.get(n).copied().unwrap_or(Worker::Idle) {
            Worker::Idle => match store.claim_task(now, &KINDS, LEASE).await? {
                Some(task) => Seen::Worker(n, Worker::Has(task.id, task.fencing)),
                None => Seen::Nothing,
            },
            Worker::Has(task, fencing) => {
                let held = store.note_intent(now, task, fencing, self.chance.bits_128()).await?;
                Seen::Noted(n, task, fencing, held)
            }
            Worker::May(task, fencing) => Seen::Worker(n, Worker::Reached(task, fencing)),
            Worker::Reached(task, fencing) => {
                let is_met = self.draw(3) > 0;
                let settled = if is_met { Settled::Met } else { Settled::Again(now.plus(Duration::from_secs(60))) };
                Seen::Settled(n, task, is_met, store.settle_task(now, task, fencing, settled).await?)
            }
        })
    }

    fn see(&mut self, seen: Seen) {
        match seen {
            Seen::Nothing => {}
            Seen::Caller(n, caller) => self.put_caller(n, caller),
            Seen::Told(n, kind, caller) => {
                self.told.insert((caller.contact, kind));
                self.put_caller(n, Some(caller));
            }
            Seen::Worker(n, worker) => self.put_worker(n, worker),
            Seen::Noted(n, task, fencing, held) => {
                self.put_worker(n, Worker::Idle);
                if held == LeaseState::Held {
                    // Whoever may ring now is the only one, until it is known or long over how the last attempt ended.
                    let before = self.out.insert(task, self.now);
                    if before.is_some_and(|noted| self.now.since(noted) < LEASE) {
                        self.wrong.push("a second attempt began while the first was out".into());
                    }
                    self.put_worker(n, Worker::May(task, fencing));
                }
            }
            Seen::Settled(n, task, is_met, held) => {
                self.put_worker(n, Worker::Idle);
                if held == LeaseState::Held {
                    self.out.remove(&task);
                    *self.met.entry(task).or_default() += u32::from(is_met);
                }
            }
        }
    }

    fn put_caller(&mut self, n: usize, caller: Option<Caller>) {
        self.begun.extend(caller.map(|caller| caller.contact));
        if let Some(place) = self.callers.get_mut(n) {
            *place = caller;
        }
    }

    fn put_worker(&mut self, n: usize, worker: Worker) {
        if let Some(place) = self.workers.get_mut(n) {
            *place = worker;
        }
    }

    /// The process ends in the middle of a verb that somebody is at; the next one goes on from what is kept.
    async fn crash(&mut self, who: usize) -> Result<(), StoreFault> {
        let within = Duration::from_micros(self.draw(CUT_OFF_US_MAX));
        // Nobody lives to see what the verb came to, but a telephone that was rung was rung.
        let cut_off = tokio::time::timeout(within, self.verb(who)).await;
        if let Ok(Ok(Seen::Settled(_, task, true, LeaseState::Held))) = cut_off {
            *self.met.entry(task).or_default() += 1;
        }
        self.workers.fill(Worker::Idle);
        self.callers.fill(None);
        self.store = self.kept.open(self.now).await?;
        let mut free = 0..CALLERS;
        for (contact, _) in self.store.open_contacts().await? {
            self.begun.insert(contact);
            let stage = self.store.load_conversation(self.now, contact).await?.and_then(|state| state.first().copied());
            // Some callers come back to where they were, others do not.
            match (stage, self.draw(3) > 0) {
                (Some(stage), true) if let Some(n) = free.next() => self.put_caller(n, Some(Caller { contact, stage })),
                _ => self.store.end_contact(self.now, contact, Disposition::Abandoned).await?,
            }
        }
        Ok(())
    }

    /// All is counted: nothing that was told is lost, nothing is there or was met twice, every contact has one end.
    async fn count(mut self, sum: &mut Sum) -> Result<(), StoreFault> {
        self.store = self.kept.open(self.now).await?;
        for (contact, _) in self.store.open_contacts().await? {
            self.store.end_contact(self.now, contact, Disposition::Abandoned).await?;
        }
        let at = self.now.plus(ALL_OVER);
        while let Some(task) = self.store.claim_task(at, &KINDS, LEASE).await? {
            if self.store.settle_task(at, task.id, task.fencing, Settled::Met).await? == LeaseState::Held {
                *self.met.entry(task.id).or_default() += 1;
            } else {
                sum.wrong.push("a lease was lost that nobody else had".into());
            }
        }
        let looking = ContactId::from_random(self.chance.bits_128());
        self.store.begin_contact(at, looking, Channel::WebChat).await?;
        for (contact, kind) in &self.told {
            let task = if *kind == TaskKind::Callback { callback_id(*contact) } else { report(*contact).task };
            let is_there = match kind {
                TaskKind::Report => {
                    let who = Trying { contact: looking, caller: None, shared: false };
                    let looked = self.store.report_state(at, &who, &report(*contact).code).await?;
                    matches!(looked, ReportLooked::State { .. })
                }
                _ => true,
            };
            sum.lost += u64::from(!is_there || !self.met.contains_key(&task));
        }
        for contact in &self.begun {
            let log = self.store.audit_of_contact(*contact).await?;
            let ends = log.iter().filter(|entry| matches!(entry.event, AuditEvent::ContactClosed { .. })).count();
            let began = log.iter().filter(|entry| matches!(entry.event, AuditEvent::ContactArrived { .. })).count();
            if ends != began || ends > 1 {
                sum.wrong.push(format!("a contact began {began} times and ended {ends} times"));
            }
        }
        sum.promised += self.told.len() as u64;
        sum.met += self.met.len() as u64;
        sum.twice += self.met.values().filter(|times| **times > 1).count() as u64;
        sum.wrong.append(&mut self.wrong);
        Ok(())
    }
}

fn callback_id(contact: ContactId) -> TaskId {
    TaskId::from_random(u128::from_be_bytes(contact.to_bytes()) ^ 1)
}

fn callback(contact: ContactId, now: Time) -> NewTask {
    let content = TaskContent {
        language: Language::ENGLISH,
        need: "hearing".into(),
        phone: "+12025550123".parse::<Phone>().ok().map(Private::new),
        words: None,
        voice_note: None,
        asked_at: now,
    };
    NewTask {
        id: callback_id(contact),
        kind: TaskKind::Callback,
        obligation: format!("{contact}/callback"),
        due_at: now,
        expires_at: now.plus(Duration::from_secs(30 * 24 * 3_600)),
        case: None,
        content,
    }
}

/// Code and obligation follow from the contact: a process that takes over keeps the same report, not a second one.
fn report(contact: ContactId) -> NewReport {
    let bits = u128::from_be_bytes(contact.to_bytes());
    NewReport {
        code: Private::new(FileReceipt::from_random(ReceiptKind::Report, bits as u64)),
        what: "wrong-date".into(),
        case: None,
        task: TaskId::from_random(bits ^ 2),
    }
}
