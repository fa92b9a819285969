//! Looks after a kill: takes every waiting obligation as staff would, follows every report by its code, reads the newest
//! feed again, counts the log's entries by kind, and has the log verified offline.
//! What that means for promises is left to `ledger`.

use super::Errands;
use super::ledger::Kind;
use super::line::Folder;
use crate::exits::{Exit, with_causes};
use crate::feed::read_feed;
use crate::world::{MachineChance, MachineClock};
use caseline_helpline::ports::{ClaimedTask, LeaseState, ReportLooked, Settled, TaskKind, Trying};
use caseline_helpline::{Chance, Clock, Store};
use caseline_model::{Channel, ContactId, Disposition, FileReceipt, Private, Time};
use caseline_store::SqliteStore;
use caseline_store::audit_tree::tiles::{TileFolder, verify_tiles};
use caseline_store::audit_tree::{Checkpoint, VerifierKey};
use caseline_voice::media::Codec;
use caseline_voice::speech::TapeReader;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// The lease under which an obligation is taken.
const LEASE: Duration = Duration::from_secs(3_600);
/// Report codes that are followed again after each kill, beside the new ones; at the end all of them are.
const CODES_AGAIN: usize = 4;
/// Up to so many entries the log is verified after every kill; a longer one, after every `VERIFY_EVERY`th and the last.
const VERIFY_ENTRIES_MAX: u64 = 30_000;
/// See `VERIFY_ENTRIES_MAX`.
const VERIFY_EVERY: u32 = 20;

/// What was seen so far, over all looks.
#[derive(Default)]
pub struct Seen {
    log_until: u64,
    entries: BTreeMap<String, u64>,
    checkpoint: Option<Checkpoint>,
    reports_found: u64,
    /// Feeds that were read by the looks themselves.
    own_feeds: u64,
    /// Codes that were acknowledged and followed once.
    codes: Vec<String>,
    looks: u32,
    /// How often the log was verified, and its length then.
    pub verified: (u32, u64),
}

impl Seen {
    /// Looks through the store of a line that is up and does nothing.
    pub async fn look(&mut self, folder: &Folder, errands: &Errands, is_last: bool) -> Result<(), Exit> {
        self.looks += 1;
        let store = folder.open_store().await?;
        self.take_all(&store, errands).await?;
        self.follow_reports(&store, errands, is_last).await?;
        self.read_newest_feed(&store, folder, errands).await?;
        self.count_entries(&store, errands).await?;
        errands.ledger.close_check();
        drop(store);
        if is_last || self.log_until <= VERIFY_ENTRIES_MAX || self.looks.is_multiple_of(VERIFY_EVERY) {
            self.verify(folder, errands).await;
        }
        Ok(())
    }

    /// Takes what waits, once each; afterwards nothing may be open.
    async fn take_all(&mut self, store: &SqliteStore, errands: &Errands) -> Result<(), Exit> {
        let now = MachineClock.now();
        let due = [
            (TaskKind::Callback, now),
            (TaskKind::Message, now),
            (TaskKind::Report, now),
            (TaskKind::Reminder, errands.reminders_at),
        ];
        for (kind, at) in due {
            while let Some(task) = store.claim_task(at, &[kind], LEASE).await.map_err(broke)? {
                self.found(&task, errands);
                let settled = store.settle_task(at, task.id, task.fencing, Settled::Met).await.map_err(broke)?;
                if settled == LeaseState::Lost {
                    errands.ledger.wrong(format!("an obligation ({}) was taken by two", kind.as_str()));
                }
            }
            let open = store.open_task_count(kind).await.map_err(broke)?;
            if open > 0 {
                errands.ledger.wrong(format!("{open} obligations ({}) are open and cannot be taken", kind.as_str()));
            }
        }
        Ok(())
    }

    fn found(&mut self, task: &ClaimedTask, errands: &Errands) {
        let content = &task.content;
        let phone = || content.phone.as_ref().map(|phone| phone.reveal().e164());
        match task.kind {
            TaskKind::Callback => errands.ledger.found(Kind::Callback, &phone().unwrap_or_default()),
            TaskKind::Reminder => errands.ledger.found(Kind::Reminder, &phone().unwrap_or_default()),
            TaskKind::Report => self.reports_found += 1,
            TaskKind::Message => {
                let typed = content.words.as_ref().map(|words| words.reveal().clone());
                let spoken = || content.voice_note.as_ref().and_then(|note| spoken_text(note.reveal()));
                errands.ledger.found(Kind::Message, &typed.or_else(spoken).unwrap_or_default());
            }
        }
    }

    /// Each acknowledged code tells of its report; and there are no more reports than were begun.
    async fn follow_reports(&mut self, store: &SqliteStore, errands: &Errands, is_last: bool) -> Result<(), Exit> {
        let now = MachineClock.now();
        let contact = ContactId::from_random(MachineChance.bits_128());
        store.begin_contact(now, contact, Channel::WebChat).await.map_err(broke)?;
        for code in errands.ledger.unfound_reports() {
            if is_there(store, now, contact, &code).await? {
                errands.ledger.found(Kind::Report, &code);
                self.codes.push(code);
            }
        }
        let again = if is_last { self.codes.len() } else { CODES_AGAIN.min(self.codes.len()) };
        for n in 0..again {
            // Another handful each time.
            let place = (self.looks as usize * CODES_AGAIN + n) % self.codes.len().max(1);
            let Some(code) = self.codes.get(place) else { break };
            if !is_there(store, now, contact, code).await? {
                errands.ledger.lost_later(Kind::Report, code);
            }
        }
        store.end_contact(now, contact, Disposition::Answered).await.map_err(broke)?;
        let figures = errands.ledger.figures(Kind::Report);
        if self.reports_found > figures.tried || self.reports_found < figures.found {
            errands.ledger.wrong(format!(
                "{} obligations to read a report, of {} reports begun and {} acknowledged",
                self.reports_found, figures.tried, figures.found
            ));
        }
        Ok(())
    }

    /// An acknowledged feed is all there: reading it again changes nothing. One that was cut off is read to its end now,
    /// and then reading it again changes nothing either.
    async fn read_newest_feed(&mut self, store: &SqliteStore, folder: &Folder, errands: &Errands) -> Result<(), Exit> {
        let version = errands.newest.begun();
        if version == 0 {
            return Ok(());
        }
        let zone = &errands.program.zone;
        let mut was_whole = errands.newest.is_acknowledged();
        loop {
            let read = read_feed(store, &MachineClock, zone, &folder.feed(version), None, &mut |_| {}).await?;
            self.own_feeds += 1;
            let is_same = read.new == 0 && read.changed == 0 && read.vanished == 0 && read.same > 0;
            match (was_whole, is_same) {
                (true, true) => break,
                (true, false) => {
                    errands.ledger.wrong(format!(
                        "feed {version} was read to its end, and reading it again finds {} new and {} changed",
                        read.new, read.changed
                    ));
                    break;
                }
                (false, _) => was_whole = true,
            }
        }
        Ok(())
    }

    /// A change and its entry are one write: there are as many entries of a kind as there are promises.
    async fn count_entries(&mut self, store: &SqliteStore, errands: &Errands) -> Result<(), Exit> {
        let counted = store.count_log(self.log_until).await.map_err(broke)?;
        self.log_until = counted.until;
        for (kind, count) in counted.entries {
            *self.entries.entry(kind).or_default() += count;
        }
        let entries = |kind: &str| self.entries.get(kind).copied().unwrap_or(0);
        let found = |kind: Kind| errands.ledger.figures(kind).found;
        let rows = [
            ("callback promised", found(Kind::Callback)),
            ("message left", found(Kind::Message)),
            ("reminder set", found(Kind::Reminder)),
            ("report taken", self.reports_found),
        ];
        for (kind, promises) in rows {
            if entries(kind) != promises {
                errands.ledger.wrong(format!("{} entries \"{kind}\" in the log for {promises}", entries(kind)));
            }
        }
        let imports = errands.ledger.figures(Kind::Import);
        let others = entries("feed read").saturating_sub(self.own_feeds);
        if others < imports.acknowledged || others > imports.tried {
            errands.ledger.wrong(format!(
                "{others} entries \"feed read\" for {} feeds acknowledged of {}",
                imports.acknowledged, imports.tried
            ));
        } else {
            errands.ledger.found_imports();
        }
        Ok(())
    }

    async fn verify(&mut self, folder: &Folder, errands: &Errands) {
        let since = self.checkpoint.clone();
        match caseline_store::verify_log(&folder.data(), since.as_ref()).await {
            Ok(verified) => {
                self.verified = (self.verified.0 + 1, verified.head.size + verified.after_head);
                self.checkpoint = Some(verified.head);
            }
            // Before the first write of the first line there is no head to verify.
            Err(fault) if self.checkpoint.is_some() || self.log_until > 0 => {
                errands.ledger.wrong(format!("the log: {}", with_causes(&fault)));
            }
            Err(_) => return,
        }
        if let Err(what) = verify_files(&folder.data().join("log"), since.as_ref()) {
            errands.ledger.wrong(format!("the files of the log: {what}"));
        }
    }

    /// How many entries the log has, all of them counted.
    pub const fn log_entries(&self) -> u64 {
        self.log_until
    }
}

/// The files that are written beside the log, with the same head.
fn verify_files(log: &Path, since: Option<&Checkpoint>) -> Result<(), String> {
    let key = std::fs::read_to_string(log.join("key")).map_err(|error| error.to_string())?;
    let key = VerifierKey::parse(&key).map_err(|fault| with_causes(&fault))?;
    verify_tiles(&TileFolder(log.to_owned()), &key, since).map(|_| ()).map_err(|fault| with_causes(&fault))
}

async fn is_there(store: &SqliteStore, now: Time, contact: ContactId, code: &str) -> Result<bool, Exit> {
    let Ok(code) = code.parse::<FileReceipt>() else { return Ok(false) };
    let who = Trying { contact, caller: None, shared: false };
    let looked = store.report_state(now, &who, &Private::new(code)).await.map_err(broke)?;
    Ok(matches!(looked, ReportLooked::State { .. }))
}

/// The words of a voice note of the tape voice.
fn spoken_text(note: &[u8]) -> Option<String> {
    let mut reader = TapeReader::new(Codec::Pcmu);
    let mut texts = reader.feed(note);
    texts.extend(reader.finish());
    texts.into_iter().find(|text| text.whole).map(|text| text.text)
}

fn broke(fault: caseline_helpline::StoreFault) -> Exit {
    Exit::Environment(with_causes(&fault))
}
