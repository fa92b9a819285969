//! A store that is watched: what was written and read, an own count of what is open, and, when told, one write that fails.
//! What a store does is left to the one inside.

use async_trait::async_trait;
use caseline_conversation::effect::ReportState;
use caseline_conversation::slot::CaseNumber;
use caseline_helpline::audit::{AuditEntry, AuditEvent, AuditReceipt};
use caseline_helpline::cards::AlarmKind;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::{
    Added, Changed, Checked, ClaimedTask, EnrolledSet, FeedCounts, FeedRow, LeaseState, NewFile, NewReport, NewTask,
    PasskeyKept, ReportLooked, ReturnPlace, Settled, ShownPasskey, Store, TaskContent, TaskKind, Trying,
};
use caseline_helpline::staff::Passkey;
use caseline_helpline::tickets::{NewTicket, Opening, TicketLeft};
use caseline_model::{CardCode, CaseId, Channel, ContactId, Disposition, FileReceipt, Language, Private, TaskId, Time};
use caseline_records::{Assertion, Field};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// How many states of conversations are remembered.
const STATES_MAX: usize = 8;

type Done<T> = Result<T, StoreFault>;

/// How many texts of faults are remembered.
const FAULTS_MAX: usize = 64;

/// Reports stay open for longer than any page lasts.
const LONGER_THAN_A_PAGE: Duration = Duration::from_secs(400 * 86_400);

/// A watched store.
pub struct WatchedStore {
    inner: Arc<dyn Store>,
    seen: Arc<Mutex<Seen>>,
    /// Tells whoever waits that something was written.
    news: watch::Sender<u64>,
}

/// An obligation that is open, as far as was seen from outside: the recount that the store's own figure must equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenTask {
    /// Its kind.
    pub kind: TaskKind,
    /// When it is due.
    pub due_at: Time,
    /// When it is given up.
    pub expires_at: Time,
    /// The case that it goes with.
    pub case: Option<CaseId>,
}

/// What was seen.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// How many writes were asked for.
    pub writes: u64,
    /// The write that fails, counted from 1.
    pub failing_write: Option<u64>,
    /// Every write fails, as on a full disk.
    pub disk_is_full: bool,
    /// What the writes that failed were for.
    pub failed: Vec<&'static str>,
    /// Contacts that began, in order.
    pub contacts: Vec<ContactId>,
    /// Contacts whose very first write failed: the store knows nothing of them.
    pub not_begun: BTreeSet<ContactId>,
    /// Contacts that were ended, with the disposition that was asked for.
    pub ended: Vec<(ContactId, Disposition)>,
    /// Contacts whose place is kept for a caller who was cut off.
    pub parked: Vec<ContactId>,
    /// What is kept for a person, in order: `callback`, `message`, `reminder`, `report`, `file`, `forgotten`.
    pub kept: Vec<(ContactId, &'static str)>,
    /// What case reads brought, oldest first.
    pub reads: Vec<Vec<Assertion>>,
    /// The states of conversations that were kept, the last ones.
    pub states: Vec<(ContactId, Vec<u8>)>,
    /// Ids of files and reports that are kept: the same one twice is once.
    ids: BTreeSet<String>,
    /// Case reads that no entry of the log stood before.
    pub reads_without_entry: usize,
    /// Cases that each contact opened, in order.
    pub opened: BTreeMap<ContactId, Vec<CaseId>>,
    /// Cases that a contact could still read after it had opened another one (property S2).
    pub two_open: usize,
    /// Obligations that were kept and neither met, given up nor destroyed.
    pub open: BTreeMap<TaskId, OpenTask>,
    /// How often each obligation was written down as met.
    pub met: BTreeMap<TaskId, u32>,
    /// Texts of what the store inside answered when it failed, causes included: for the byte scan.
    pub faults: Vec<String>,
}

impl Seen {
    /// How many obligations of a kind are open by this count.
    pub fn open_count(&self, kind: TaskKind) -> u64 {
        self.open.values().filter(|task| task.kind == kind).count() as u64
    }

    fn give_up_expired(&mut self, now: Time) {
        self.open.retain(|_, task| task.expires_at > now);
    }
}

impl WatchedStore {
    /// Watches a store.
    pub fn new(inner: Arc<dyn Store>) -> Self {
        Self { inner, seen: Arc::default(), news: watch::Sender::new(0) }
    }

    /// Another process opened what was kept: the same eyes on its store.
    #[must_use]
    pub fn of_next_process(&self, inner: Arc<dyn Store>) -> Self {
        Self { inner, seen: Arc::clone(&self.seen), news: self.news.clone() }
    }

    /// The store inside.
    pub fn inner(&self) -> Arc<dyn Store> {
        Arc::clone(&self.inner)
    }

    /// Changes with every write.
    pub fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// What was seen so far.
    pub fn seen(&self) -> Seen {
        self.lock().clone()
    }

    /// The page's world is ready: what made it is not part of the page.
    pub fn forget_what_was_prepared(&self) {
        *self.lock() = Seen::default();
    }

    /// From now on the write of this number fails, once, counted from the page's first.
    pub fn fail_write(&self, number: u64) {
        self.lock().failing_write = Some(number);
    }

    /// The very next write fails.
    pub fn fail_next_write(&self) {
        let mut seen = self.lock();
        seen.failing_write = Some(seen.writes + 1);
    }

    /// From now on no write fails.
    pub fn heal(&self) {
        let mut seen = self.lock();
        (seen.failing_write, seen.disk_is_full) = (None, false);
    }

    /// Every write fails, or none does again.
    pub fn fill_disk(&self, is_full: bool) {
        self.lock().disk_is_full = is_full;
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self, doing: &'static str) -> Done<()> {
        let mut seen = self.lock();
        seen.writes += 1;
        if seen.disk_is_full || seen.failing_write == Some(seen.writes) {
            seen.failed.push(doing);
            return Err(StoreFault::DiskFull { doing, folder: None });
        }
        Ok(())
    }

    /// Something was written, or failed: whoever waits looks again; what a fault says is remembered.
    fn wrote<T>(&self, done: Done<T>) -> Done<T> {
        if let Err(fault) = &done {
            let mut seen = self.lock();
            if seen.faults.len() < FAULTS_MAX {
                seen.faults.push(chain_of(fault));
            }
        }
        self.news.send_modify(|count| *count += 1);
        done
    }

    fn keeps_once(&self, contact: ContactId, what: &'static str, id: String) {
        if self.lock().ids.insert(format!("{what}:{id}")) {
            self.keeps(contact, what);
        }
    }

    fn keeps(&self, contact: ContactId, what: &'static str) {
        self.lock().kept.push((contact, what));
    }
}

impl WatchedStore {
    async fn opened(&self, now: Time, who: &Trying, checked: Checked) -> Done<Checked> {
        if let Checked::Opened(case) = checked {
            self.opens_one(now, who.contact, case).await;
        }
        Ok(checked)
    }

    /// Whatever the contact opened before must be closed to it now: the store itself is asked.
    async fn opens_one(&self, now: Time, contact: ContactId, case: CaseId) {
        let before = {
            let mut seen = self.lock();
            let opened = seen.opened.entry(contact).or_default();
            opened.retain(|earlier| *earlier != case);
            let before = opened.clone();
            opened.push(case);
            before
        };
        for earlier in before {
            if self.inner.read_case(now, contact, earlier, &[]).await.is_ok() {
                self.lock().two_open += 1;
            }
        }
    }

    async fn reads_in_log(&self, contact: ContactId) -> Done<usize> {
        let log = self.inner.audit_of_contact(contact).await?;
        Ok(log.iter().filter(|entry| matches!(entry.event, AuditEvent::CaseRead { .. })).count())
    }
}

/// A fault with its causes, each as it prints and as it shows itself to a developer.
fn chain_of(fault: &StoreFault) -> String {
    let mut text = format!("{fault} {fault:?}");
    let mut cause = fault.source();
    while let Some(inner) = cause {
        text.push_str(&format!(" | {inner} {inner:?}"));
        cause = inner.source();
    }
    text
}

#[async_trait]
impl Store for WatchedStore {
    async fn begin_contact(&self, now: Time, contact: ContactId, channel: Channel) -> Done<()> {
        self.lock().not_begun.insert(contact);
        self.writing("beginning a contact")?;
        self.wrote(self.inner.begin_contact(now, contact, channel).await)?;
        let mut seen = self.lock();
        seen.not_begun.remove(&contact);
        if !seen.contacts.contains(&contact) {
            seen.contacts.push(contact);
        }
        Ok(())
    }

    async fn note_caller(&self, now: Time, who: &Trying) -> Done<()> {
        self.writing("counting a contact")?;
        self.wrote(self.inner.note_caller(now, who).await)
    }

    async fn note_language(&self, now: Time, contact: ContactId, language: Language) -> Done<()> {
        self.writing("noting a language")?;
        self.wrote(self.inner.note_language(now, contact, language).await)
    }

    async fn save_conversation(&self, now: Time, contact: ContactId, state: &[u8]) -> Done<()> {
        self.writing("keeping a conversation")?;
        self.wrote(self.inner.save_conversation(now, contact, state).await)?;
        let mut seen = self.lock();
        if seen.states.len() >= STATES_MAX {
            seen.states.remove(0);
        }
        seen.states.push((contact, state.to_vec()));
        Ok(())
    }

    async fn load_conversation(&self, now: Time, contact: ContactId) -> Done<Option<Vec<u8>>> {
        self.inner.load_conversation(now, contact).await
    }

    async fn note_return_place(&self, now: Time, place: &ReturnPlace, contact: ContactId) -> Done<()> {
        self.writing("keeping a place")?;
        self.wrote(self.inner.note_return_place(now, place, contact).await)?;
        self.lock().parked.push(contact);
        self.wrote(Ok(()))
    }

    async fn take_return_place(&self, now: Time, place: &ReturnPlace) -> Done<Option<ContactId>> {
        self.writing("taking a place")?;
        self.wrote(self.inner.take_return_place(now, place).await)
    }

    async fn end_contact(&self, now: Time, contact: ContactId, disposition: Disposition) -> Done<()> {
        self.writing("ending a contact")?;
        self.wrote(self.inner.end_contact(now, contact, disposition).await)?;
        self.lock().ended.push((contact, disposition));
        self.wrote(Ok(()))
    }

    async fn open_contacts(&self) -> Done<Vec<(ContactId, Channel)>> {
        self.inner.open_contacts().await
    }

    async fn not_come_back(&self, now: Time) -> Done<Vec<(ContactId, Channel)>> {
        self.inner.not_come_back(now).await
    }

    async fn disposition(&self, contact: ContactId) -> Done<Option<Disposition>> {
        self.inner.disposition(contact).await
    }

    async fn check_card(
        &self,
        now: Time,
        who: &Trying,
        number: &Private<CaseNumber>,
        code: &Private<CardCode>,
    ) -> Done<Checked> {
        self.writing("comparing a code")?;
        let checked = self.wrote(self.inner.check_card(now, who, number, code).await)?;
        self.opened(now, who, checked).await
    }

    async fn check_file(
        &self,
        now: Time,
        who: &Trying,
        receipt: &Private<FileReceipt>,
        word_key: Option<&Private<String>>,
    ) -> Done<Checked> {
        self.writing("comparing a file receipt")?;
        let checked = self.wrote(self.inner.check_file(now, who, receipt, word_key).await)?;
        self.opened(now, who, checked).await
    }

    async fn check_passkey(&self, now: Time, who: &Trying, shown: &dyn ShownPasskey) -> Done<Checked> {
        self.writing("comparing a passkey")?;
        let checked = self.wrote(self.inner.check_passkey(now, who, shown).await)?;
        self.opened(now, who, checked).await
    }

    async fn keep_passkey(
        &self,
        now: Time,
        who: &Trying,
        case: CaseId,
        code: &Private<CardCode>,
        passkey: &Passkey,
    ) -> Done<PasskeyKept> {
        self.writing("keeping a passkey")?;
        self.wrote(self.inner.keep_passkey(now, who, case, code, passkey).await)
    }

    async fn read_case(&self, now: Time, contact: ContactId, case: CaseId, fields: &[Field]) -> Done<Vec<Assertion>> {
        self.writing("reading a case")?;
        let before = self.reads_in_log(contact).await?;
        let read = self.wrote(self.inner.read_case(now, contact, case, fields).await)?;
        let after = self.reads_in_log(contact).await?;
        let mut seen = self.lock();
        seen.reads.push(read.clone());
        seen.kept.push((contact, "read"));
        if after != before + 1 {
            seen.reads_without_entry += 1;
        }
        drop(seen);
        Ok(read)
    }

    async fn end_access(&self, now: Time, contact: ContactId, case: CaseId) -> Done<()> {
        self.writing("closing a case")?;
        self.wrote(self.inner.end_access(now, contact, case).await)
    }

    async fn open_file(&self, now: Time, contact: ContactId, file: NewFile) -> Done<()> {
        self.writing("opening a file")?;
        let (id, case) = (file.case.to_string(), file.case);
        self.wrote(self.inner.open_file(now, contact, file).await)?;
        self.opens_one(now, contact, case).await;
        self.keeps_once(contact, "file", id);
        Ok(())
    }

    async fn forget(&self, now: Time, contact: ContactId, case: CaseId) -> Done<Vec<(String, u32)>> {
        self.writing("destroying a case")?;
        let destroyed = self.wrote(self.inner.forget(now, contact, case).await)?;
        self.keeps(contact, "forgotten");
        self.lock().open.retain(|_, task| task.case != Some(case));
        Ok(destroyed)
    }

    async fn end_authorities(&self, now: Time, contact: ContactId, case: CaseId) -> Done<u32> {
        self.writing("ending authorities")?;
        self.wrote(self.inner.end_authorities(now, contact, case).await)
    }

    async fn leave_ticket(&self, now: Time, contact: ContactId, ticket: NewTicket) -> Done<TicketLeft> {
        self.writing("keeping a ticket")?;
        let id = format!("{} {}", ticket.case, ticket.desk);
        let left = self.wrote(self.inner.leave_ticket(now, contact, ticket).await)?;
        if matches!(left, TicketLeft::Left { .. }) {
            self.keeps_once(contact, "ticket", id);
        }
        Ok(left)
    }

    async fn withdraw_tickets(&self, now: Time, contact: ContactId, case: CaseId) -> Done<u32> {
        self.writing("withdrawing tickets")?;
        self.wrote(self.inner.withdraw_tickets(now, contact, case).await)
    }

    async fn openings(&self, now: Time, contact: ContactId, case: CaseId) -> Done<Vec<Opening>> {
        self.inner.openings(now, contact, case).await
    }

    async fn take_report(&self, now: Time, contact: ContactId, report: NewReport) -> Done<()> {
        self.writing("keeping a report")?;
        let (id, task, case) = (report.task.to_string(), report.task, report.case);
        self.wrote(self.inner.take_report(now, contact, report).await)?;
        let expires_at = now.plus(LONGER_THAN_A_PAGE);
        self.lock().open.insert(task, OpenTask { kind: TaskKind::Report, due_at: now, expires_at, case });
        self.keeps_once(contact, "report", id);
        Ok(())
    }

    async fn report_state(&self, now: Time, who: &Trying, code: &Private<FileReceipt>) -> Done<ReportLooked> {
        self.writing("looking a report up")?;
        self.wrote(self.inner.report_state(now, who, code).await)
    }

    async fn move_report(&self, now: Time, code: &Private<FileReceipt>, state: ReportState) -> Done<bool> {
        self.writing("moving a report")?;
        self.wrote(self.inner.move_report(now, code, state).await)
    }

    async fn add_task(&self, now: Time, contact: Option<ContactId>, task: NewTask) -> Done<Added> {
        self.writing("keeping an obligation")?;
        let (id, kind) = (task.id, task.kind);
        let open = OpenTask { kind, due_at: task.due_at, expires_at: task.expires_at, case: task.case };
        let added = self.wrote(self.inner.add_task(now, contact, task).await)?;
        if added == Added::New {
            self.lock().open.insert(id, open);
            if let Some(contact) = contact {
                self.keeps(contact, kind.as_str());
            }
        }
        Ok(added)
    }

    async fn change_task(&self, now: Time, obligation: &str, content: TaskContent) -> Done<Changed> {
        self.writing("changing an obligation")?;
        self.wrote(self.inner.change_task(now, obligation, content).await)
    }

    async fn claim_task(&self, now: Time, kinds: &[TaskKind], lease: Duration) -> Done<Option<ClaimedTask>> {
        self.writing("taking an obligation")?;
        let claimed = self.wrote(self.inner.claim_task(now, kinds, lease).await)?;
        self.lock().give_up_expired(now);
        Ok(claimed)
    }

    async fn note_intent(&self, now: Time, task: TaskId, fencing: u64, attempt: u128) -> Done<LeaseState> {
        self.writing("noting an attempt")?;
        self.wrote(self.inner.note_intent(now, task, fencing, attempt).await)
    }

    async fn settle_task(&self, now: Time, task: TaskId, fencing: u64, settled: Settled) -> Done<LeaseState> {
        self.writing("settling an obligation")?;
        let held = self.wrote(self.inner.settle_task(now, task, fencing, settled).await)?;
        if held == LeaseState::Held {
            let mut seen = self.lock();
            match settled {
                Settled::Met => {
                    seen.open.remove(&task);
                    *seen.met.entry(task).or_default() += 1;
                }
                Settled::GivenUp => drop(seen.open.remove(&task)),
                Settled::Again(due_at) => {
                    if let Some(task) = seen.open.get_mut(&task) {
                        task.due_at = due_at;
                    }
                }
            }
        }
        Ok(held)
    }

    async fn open_task_count(&self, kind: TaskKind) -> Done<u64> {
        self.inner.open_task_count(kind).await
    }

    async fn enrol(
        &self,
        now: Time,
        case: CaseId,
        number: &Private<CaseNumber>,
        codes: &[Private<CardCode>],
    ) -> Done<()> {
        self.writing("enrolling a number")?;
        self.wrote(self.inner.enrol(now, case, number, codes).await)
    }

    async fn begin_import(&self, now: Time) -> Done<Box<dyn EnrolledSet>> {
        self.inner.begin_import(now).await
    }

    async fn add_from_feed(
        &self,
        now: Time,
        number: &Private<CaseNumber>,
        digest: &[u8],
        assertions: &[Assertion],
    ) -> Done<FeedRow> {
        self.writing("adding from a feed")?;
        self.wrote(self.inner.add_from_feed(now, number, digest, assertions).await)
    }

    async fn finish_import(&self, now: Time, seen: &dyn EnrolledSet, counts: FeedCounts) -> Done<u64> {
        self.writing("ending a feed")?;
        self.wrote(self.inner.finish_import(now, seen, counts).await)
    }

    async fn append_audit(&self, entry: AuditEntry) -> Done<AuditReceipt> {
        self.writing("writing the log")?;
        self.wrote(self.inner.append_audit(entry).await)
    }

    async fn audit_of_contact(&self, contact: ContactId) -> Done<Vec<AuditEntry>> {
        self.inner.audit_of_contact(contact).await
    }

    async fn purge(&self, now: Time) -> Done<u64> {
        self.writing("destroying what is due")?;
        self.wrote(self.inner.purge(now).await)
    }

    async fn alarms(&self, now: Time) -> Done<Vec<AlarmKind>> {
        self.inner.alarms(now).await
    }

    async fn probe(&self) -> Done<()> {
        self.inner.probe().await
    }
}
