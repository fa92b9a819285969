//! One course while the disk fails: it goes on again and again, each time with the next change failing, and each time the
//! power is cut and the line starts on what is left.
//! Which courses there are and what comes of all of them is left to `each_io`.

use super::{Course, Plan, folder_of};
use crate::commands::bench::crash::disk::{Disk, Fails, Forgotten, Takes};
use crate::commands::bench::crash::heard::Heard;
use crate::commands::bench::crash::line::{Folder, Killable};
use crate::commands::bench::crash::looking::Seen;
use crate::commands::bench::crash::rounds::errands;
use crate::commands::bench::crash::{Errands, chat, feeds, telephone};
use crate::exits::{Exit, with_causes};
use crate::world::{MachineChance, MachineClock};
use caseline_helpline::audit::AuditEvent;
use caseline_helpline::chance::SeededChance;
use caseline_helpline::{Chance, Clock, Store};
use caseline_model::{Channel, ContactId, Date};
use caseline_store::SqliteStore;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// No course changes the disk more often.
const CHANGES_MAX: u64 = 5_000;
/// A conversation that waits longer than this is given up by its caller.
const CALLER_WAITS: Duration = Duration::from_secs(60);
/// A line that started has ended what was left open after so long: twice what it waits before it tries again.
const ENDED_WITHIN: Duration = Duration::from_secs(20);
/// How often it is asked whether it has.
const ASKED_EVERY: Duration = Duration::from_millis(20);

/// One course after it went on with every change failing.
pub struct Walked {
    /// Its name.
    pub word: String,
    /// How many changes failed, one each time.
    pub failed: u64,
    /// How many changes the disk saw when none failed.
    pub changes: u64,
    /// What callers heard, and how often.
    pub heard: BTreeMap<String, u64>,
    /// What they were promised.
    pub errands: Arc<Errands>,
    /// What was found of it.
    pub seen: Seen,
    /// What the cuts took.
    pub forgotten: Forgotten,
    /// How long the starts after the cuts took.
    pub restarts: Vec<Duration>,
}

/// Walks one course.
pub async fn walk(course: Course, fails: Fails, plan: &Plan) -> Result<Walked, Exit> {
    let (word, at) = folder_of(&plan.at, course, fails);
    let disk = Disk::mount(&at.join("data"))?;
    let folder = Folder::make(at.clone())?;
    let (errands, today) = errands(&folder).await?;
    let chance = SeededChance::new(plan.seed);
    let walked = Walked {
        word,
        failed: 0,
        changes: 0,
        heard: BTreeMap::new(),
        errands,
        seen: Seen::default(),
        forgotten: Forgotten::default(),
        restarts: Vec::new(),
    };
    let mut walk = Walk { course, disk, folder, today, chance, walked, left_open: Vec::new() };
    let done = walk.all(fails, plan.every).await;
    let is_well = done.is_ok() && walk.walked.errands.ledger.all_wrong().is_empty();
    if !is_well {
        walk.disk.copy_to(&at.join("data-of-the-disk"))?;
    }
    done.map(|()| walk.walked)
}

struct Walk {
    course: Course,
    disk: Disk,
    folder: Folder,
    today: Date,
    chance: SeededChance,
    walked: Walked,
    /// Calls that a line that is gone left open, for the next one to end.
    left_open: Vec<ContactId>,
}

impl Walk {
    async fn all(&mut self, fails: Fails, every: u64) -> Result<(), Exit> {
        let mut number = 1 + self.chance.bits_64() % every;
        loop {
            if number > CHANGES_MAX {
                let word = &self.walked.word;
                return Err(Exit::Failures(format!("{word} changed the disk more than {CHANGES_MAX} times")));
            }
            if !self.once(number, fails).await? {
                break;
            }
            self.walked.failed += 1;
            number += every;
        }
        let mut line = Killable::start(&self.folder)?;
        line.up(&self.folder).await?;
        self.walked.seen.look(&self.folder, &self.walked.errands, true).await?;
        self.look_at_ends().await?;
        line.kill().await
    }

    /// Whether the change was there to fail.
    async fn once(&mut self, number: u64, fails: Fails) -> Result<bool, Exit> {
        let mut line = Killable::start(&self.folder)?;
        let (reached, took) = line.up(&self.folder).await?;
        self.walked.restarts.push(took);
        self.walked.seen.look(&self.folder, &self.walked.errands, false).await?;
        let errands = Arc::clone(&self.walked.errands);
        errands.machine.starts();
        let log_before = self.folder.log_bytes();
        let turn = number as usize;
        let heard = match self.course {
            Course::Written(kind) => {
                let (_open, mut gate) = watch::channel(Some(reached));
                self.disk.fail_at(Some((number, fails)))?;
                with_patience(chat::write_once(&mut gate, &errands, kind, turn)).await
            }
            Course::Telephoned(kind) => {
                self.disk.fail_at(Some((number, fails)))?;
                with_patience(telephone::call_once(reached.sip, &errands, kind, turn)).await
            }
            Course::Imported => {
                self.disk.fail_at(Some((number, fails)))?;
                with_patience(async {
                    match feeds::read_once(&errands, &self.folder, self.today).await {
                        feeds::Read::Whole => Heard::Saved,
                        feeds::Read::Failed(row) => Heard::of_command(row),
                        feeds::Read::Died => Heard::Nothing("it died".into()),
                    }
                })
                .await
            }
            Course::Started => {
                // Opened before: what is to fail is a change of the line's, not of whoever looks.
                let store = self.leave_a_call_open().await?;
                line.kill().await?;
                self.disk.fail_at(Some((number, fails)))?;
                line = Killable::start(&self.folder)?;
                self.starts(&mut line, &store).await?
            }
        };
        let (changes, has_failed) = self.disk.changes()?;
        let is_gone = line.has_ended();
        self.walked.forgotten.add(self.disk.cut(Takes::All, &self.chance)?);
        let (killed, ()) = tokio::join!(line.kill(), errands.machine.dies());
        killed?;
        self.disk.fail_at(None)?;
        self.disk.power_up()?;
        let place = format!("{}, change {number}", self.walked.word);
        if is_gone && self.course != Course::Started {
            errands.ledger.wrong(format!("{place}: the line ended: {}", self.folder.last_row_since(log_before)));
        }
        if self.folder.has_panicked_since(log_before) {
            errands.ledger.wrong(format!("{place}: something panicked; see line.log"));
        }
        if !heard.is_honest() {
            errands.ledger.wrong(format!("{place}: the caller heard {}", heard.word()));
        }
        if has_failed {
            *self.walked.heard.entry(heard.word()).or_default() += 1;
        } else {
            self.walked.changes = changes;
            if heard != Heard::Saved {
                errands.ledger.wrong(format!("{}: nothing failed, and they heard {}", self.walked.word, heard.word()));
            }
        }
        Ok(has_failed)
    }

    /// The line starts, or ends with a sentence; and what was left open is ended before the power goes.
    async fn starts(&self, line: &mut Killable, store: &SqliteStore) -> Result<Heard, Exit> {
        let log_before = self.folder.log_bytes();
        if line.up(&self.folder).await.is_err() {
            return Ok(Heard::of_command(self.folder.last_row_since(log_before)));
        }
        let until = tokio::time::Instant::now() + ENDED_WITHIN;
        if let Some(contact) = self.left_open.last() {
            while store.disposition(*contact).await.map_err(broke)?.is_none() {
                if tokio::time::Instant::now() > until {
                    return Ok(Heard::Nothing("the call that was left open has no end".into()));
                }
                tokio::time::sleep(ASKED_EVERY).await;
            }
        }
        Ok(Heard::Saved)
    }

    async fn leave_a_call_open(&mut self) -> Result<Arc<SqliteStore>, Exit> {
        let store = self.folder.open_store().await?;
        let contact = ContactId::from_random(MachineChance.bits_128());
        store.begin_contact(MachineClock.now(), contact, Channel::Phone).await.map_err(broke)?;
        self.left_open.push(contact);
        Ok(store)
    }

    /// Every call that was left open has one end, in the store and in the log.
    async fn look_at_ends(&self) -> Result<(), Exit> {
        let store = self.folder.open_store().await?;
        let until = tokio::time::Instant::now() + ENDED_WITHIN;
        for contact in &self.left_open {
            while store.disposition(*contact).await.map_err(broke)?.is_none() && tokio::time::Instant::now() < until {
                tokio::time::sleep(ASKED_EVERY).await;
            }
            let log = store.audit_of_contact(*contact).await.map_err(broke)?;
            let ends = log.iter().filter(|entry| matches!(entry.event, AuditEvent::ContactClosed { .. })).count();
            if ends != 1 || store.disposition(*contact).await.map_err(broke)?.is_none() {
                self.walked.errands.ledger.wrong(format!("a call that was left open has {ends} ends in the log"));
            }
        }
        Ok(())
    }
}

async fn with_patience(conversation: impl Future<Output = Heard>) -> Heard {
    let heard = tokio::time::timeout(CALLER_WAITS, conversation).await;
    heard.unwrap_or_else(|_| Heard::Nothing(format!("no word for {} s", CALLER_WAITS.as_secs())))
}

fn broke(fault: caseline_helpline::StoreFault) -> Exit {
    Exit::Environment(with_causes(&fault))
}
