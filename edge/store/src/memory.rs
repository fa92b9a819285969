//! The store in memory: the model that the real one is held against, and what scripts run on.
//! It keeps the same rules and the same limits with plain maps; sealing, hashing and durability are left to SQLite's.

mod cards;
mod demands;
#[cfg(test)]
mod every_order;
mod feeds;
mod logins;
mod openid;
mod passkeys;
mod purge;
mod reaching;
mod staff;
mod tasks;
mod tickets;

pub(crate) use tasks::added_event;

use crate::import_set::ImportSet;
use crate::rules;
use async_trait::async_trait;
use caseline_conversation::effect::ReportState;
use caseline_conversation::slot::CaseNumber;
use caseline_helpline::audit::{AuditEntry, AuditEvent, AuditReceipt, Role};
use caseline_helpline::cards::{AlarmKind, CardId};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::limits::Counters;
use caseline_helpline::ports::{
    Added, Changed, Checked, ClaimedTask, EnrolledSet, FeedCounts, FeedRow, LeaseState, NewFile, NewReport, NewTask,
    PasskeyKept, ReportLooked, ReturnPlace, Settled, ShownPasskey, Store, TaskContent, TaskKind, Trying,
};
use caseline_helpline::retention::{DataClass, KeptTimes};
use caseline_helpline::staff::Passkey;
use caseline_helpline::tickets::{NewTicket, Opening, TicketLeft};
use caseline_model::{
    CardCode, CaseId, Channel, ContactId, Disposition, FileReceipt, Language, Phone, Private, TaskId, Time, Zone,
};
use caseline_records::{Assertion, Field};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

type Done<T> = Result<T, StoreFault>;

/// All that is kept, in memory. Ends with the process.
#[derive(Default)]
pub struct MemoryStore {
    model: Mutex<Model>,
}

#[derive(Default)]
pub(crate) struct Model {
    contacts: BTreeMap<ContactId, Contact>,
    conversations: BTreeMap<ContactId, (Vec<u8>, Time)>,
    places: HashMap<(u32, String), (ContactId, Time)>,
    access: BTreeMap<(ContactId, CaseId), Time>,
    cases: BTreeMap<CaseId, Case>,
    cards: BTreeMap<CardId, cards::Card>,
    /// Cases that a representative's card opened.
    by_representative: BTreeSet<(ContactId, CaseId)>,
    /// What was opened in which contact, and in which week.
    opened_in: BTreeMap<(ContactId, Keyed), u32>,
    counters: Counters<Keyed, (u32, Option<String>)>,
    /// Receipts keyed without their word: by which contact, its wrong tries then, and the wrong try on it before.
    halves: BTreeMap<Keyed, (ContactId, u32, Option<Time>)>,
    reports: BTreeMap<String, Report>,
    tasks: BTreeMap<TaskId, Task>,
    intents: Vec<Intent>,
    audit: Vec<Entry>,
    /// Whose days entries about a case keep; none: UTC.
    zone: Option<Zone>,
    given_up: HashMap<TaskKind, u64>,
    import: Option<Arc<ImportSet>>,
    imports_begun: u64,
    writes_until_full: Option<u64>,
    passkeys: passkeys::Passkeys,
    desk: staff::Desk,
    tickets: tickets::Tickets,
    demands: Vec<caseline_helpline::demand::RecordedDemand>,
    /// Cases whose secret is destroyed: the model's notion of it, which no copy of the rows brings back.
    #[cfg(test)]
    destroyed: std::collections::BTreeSet<CaseId>,
}

#[derive(Clone)]
struct Contact {
    channel: Channel,
    language: Option<Language>,
    disposition: Option<Disposition>,
    day: u32,
    has_times: bool,
    wrong_count: u32,
    caller_counted: bool,
}

/// What a wrong try is counted on: what was keyed, existing or not.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Keyed {
    Number(String),
    File(String),
    Report(String),
    Passkey(Vec<u8>),
}

#[derive(Clone)]
pub(crate) struct Case {
    number: Option<String>,
    receipt: Option<String>,
    word_key: Option<String>,
    keep_until: Time,
    versions: Vec<Vec<Assertion>>,
    digest: Option<Vec<u8>>,
    feed_rows: Vec<u64>,
    feed_seen_at: Option<Time>,
    is_vanished: bool,
    on_cards: cards::OnCards,
    first_code: Option<rules::FirstCode>,
}

struct Report {
    case: Option<CaseId>,
    task: TaskId,
    state: ReportState,
    taken_at: Time,
    since: Time,
    keep_until: Time,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum TaskState {
    Open,
    Met,
    GivenUp,
}

#[derive(Clone)]
struct Task {
    kind: TaskKind,
    obligation: String,
    case: Option<CaseId>,
    due_at: Time,
    expires_at: Time,
    state: TaskState,
    lease_until: Option<Time>,
    quiet_until: Option<Time>,
    fencing: u64,
    attempt: u32,
    content: Option<TaskContent>,
    content_until: Time,
    settled_at: Option<Time>,
}

#[derive(Clone)]
struct Intent {
    id: u128,
    task: TaskId,
}

struct Entry {
    entry: Option<AuditEntry>,
    contact: Option<ContactId>,
    day: u32,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same for a line in a zone: entries about a case keep its days.
    pub fn in_zone(zone: Zone) -> Self {
        let store = Self::default();
        store.model().zone = Some(zone);
        store
    }

    /// From now on so many writing verbs succeed, then every one fails as on a full disk and writes nothing; reading
    /// goes on. `None`: there is room again. For the weather that scripts are played in.
    pub fn fill_disk_after(&self, writes: Option<u64>) {
        self.model().writes_until_full = writes;
    }

    /// How many obligations of a kind were given up.
    pub fn given_up(&self, kind: TaskKind) -> u64 {
        self.model().given_up.get(&kind).copied().unwrap_or(0)
    }

    /// A copy of the rows of cases, as a backup has them.
    #[cfg(test)]
    pub(crate) fn copy_of_cases(&self) -> BTreeMap<CaseId, Case> {
        self.model().cases.clone()
    }

    /// Puts such a copy back: a case whose secret is destroyed does not open, so it is not there.
    #[cfg(test)]
    pub(crate) fn restore_cases(&self, copy: BTreeMap<CaseId, Case>) {
        let mut model = self.model();
        let opens: BTreeMap<_, _> = copy.into_iter().filter(|(case, _)| !model.destroyed.contains(case)).collect();
        model.cases = opens;
    }

    fn model(&self) -> MutexGuard<'_, Model> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self, doing: &'static str) -> Done<MutexGuard<'_, Model>> {
        let mut model = self.model();
        match &mut model.writes_until_full {
            Some(0) => return Err(StoreFault::DiskFull { doing, folder: None }),
            Some(left) => *left -= 1,
            None => {}
        }
        Ok(model)
    }
}

impl Model {
    fn log(&mut self, at: Time, contact: Option<ContactId>, case: Option<CaseId>, event: AuditEvent) -> AuditReceipt {
        let utc = Zone::utc();
        let entry = rules::cut_to_day(AuditEntry { at, contact, case, event }, self.zone.as_ref().unwrap_or(&utc));
        self.audit.push(Entry { contact, day: at.day(), entry: Some(entry) });
        AuditReceipt::durable_at(self.audit.len() as u64 - 1)
    }

    fn live(&mut self, contact: ContactId, doing: &'static str) -> Done<&mut Contact> {
        self.contacts
            .get_mut(&contact)
            .filter(|row| row.disposition.is_none())
            .ok_or(StoreFault::NotAllowed { doing, why: crate::WHY_NOT_LIVE })
    }

    fn open_in(&mut self, now: Time, contact: ContactId, case: CaseId, doing: &'static str) -> Done<()> {
        self.live(contact, doing)?;
        let is_open = self.access.get(&(contact, case)).is_some_and(|until| *until > now);
        let is_kept = self.cases.get(&case).is_some_and(|case| case.keep_until > now);
        if is_open && is_kept { Ok(()) } else { Err(StoreFault::NotAllowed { doing, why: crate::WHY_NOT_OPEN }) }
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn begin_contact(&self, now: Time, contact: ContactId, channel: Channel) -> Done<()> {
        let mut model = self.writing("beginning a contact")?;
        if model.contacts.contains_key(&contact) {
            return Ok(());
        }
        let row = Contact {
            channel,
            language: None,
            disposition: None,
            day: now.day(),
            has_times: true,
            wrong_count: 0,
            caller_counted: false,
        };
        model.contacts.insert(contact, row);
        model.log(now, Some(contact), None, AuditEvent::ContactArrived { channel });
        Ok(())
    }

    async fn note_caller(&self, now: Time, who: &Trying) -> Done<()> {
        self.writing("counting a contact")?.count_caller(now, who)
    }

    async fn note_language(&self, now: Time, contact: ContactId, language: Language) -> Done<()> {
        let mut model = self.writing("noting a language")?;
        let Some(row) = model.contacts.get_mut(&contact) else {
            return Err(StoreFault::NotAllowed { doing: "noting a language", why: crate::WHY_NOT_LIVE });
        };
        row.language = Some(language);
        model.log(now, Some(contact), None, AuditEvent::LanguageChosen { language });
        Ok(())
    }

    async fn save_conversation(&self, now: Time, contact: ContactId, state: &[u8]) -> Done<()> {
        let doing = "keeping a conversation";
        let mut model = self.writing(doing)?;
        model.live(contact, doing)?;
        if state.len() > rules::CONVERSATION_BYTES_MAX {
            return Err(StoreFault::NotAllowed { doing, why: crate::WHY_TOO_LONG });
        }
        let until = now.plus(DataClass::ConversationState.kept());
        model.conversations.insert(contact, (state.to_vec(), until));
        Ok(())
    }

    async fn load_conversation(&self, now: Time, contact: ContactId) -> Done<Option<Vec<u8>>> {
        let model = self.model();
        let kept = model.conversations.get(&contact).filter(|(_, until)| *until > now);
        Ok(kept.map(|(state, _)| state.clone()))
    }

    async fn note_return_place(&self, now: Time, place: &ReturnPlace, contact: ContactId) -> Done<()> {
        let doing = "keeping a place";
        let mut model = self.writing(doing)?;
        model.live(contact, doing)?;
        let key = (now.week(), place.0.reveal().clone());
        if let Some((before, _)) = model.places.get(&key).copied().filter(|(before, _)| *before != contact) {
            // Nobody comes back to the contact before: it is kept where it is found and ended.
            let given_up = (now.week(), format!("given up {before}"));
            model.places.insert(given_up, (before, now));
        }
        model.places.insert(key, (contact, now.plus(rules::RETURN_WITHIN)));
        Ok(())
    }

    async fn take_return_place(&self, now: Time, place: &ReturnPlace) -> Done<Option<ContactId>> {
        let mut model = self.writing("taking a place")?;
        let mut found = None;
        for week in [now.week(), now.minus(rules::RETURN_WITHIN).week()] {
            let key = (week, place.0.reveal().clone());
            if found.is_none() && model.places.get(&key).is_some_and(|(_, until)| *until > now) {
                found = model.places.remove(&key).map(|(contact, _)| contact);
            }
        }
        Ok(found.filter(|contact| model.contacts.get(contact).is_some_and(|row| row.disposition.is_none())))
    }

    async fn end_contact(&self, now: Time, contact: ContactId, disposition: Disposition) -> Done<()> {
        let doing = "ending a contact";
        let mut model = self.writing(doing)?;
        let Some(row) = model.contacts.get_mut(&contact) else {
            return Err(StoreFault::NotAllowed { doing, why: crate::WHY_NOT_LIVE });
        };
        if row.disposition.is_some() {
            return Ok(());
        }
        row.disposition = Some(disposition);
        model.access.retain(|(by, _), _| *by != contact);
        model.conversations.remove(&contact);
        model.log(now, Some(contact), None, AuditEvent::ContactClosed { disposition });
        Ok(())
    }

    async fn open_contacts(&self) -> Done<Vec<(ContactId, Channel)>> {
        let model = self.model();
        let open = model.contacts.iter().filter(|(_, row)| row.disposition.is_none());
        Ok(open.map(|(id, row)| (*id, row.channel)).collect())
    }

    async fn not_come_back(&self, now: Time) -> Done<Vec<(ContactId, Channel)>> {
        let model = self.model();
        let over = model.places.values().filter(|(_, until)| *until <= now);
        let open = over.filter_map(|(contact, _)| Some((*contact, model.contacts.get(contact)?)));
        let mut found: Vec<_> =
            open.filter(|(_, row)| row.disposition.is_none()).map(|(id, row)| (id, row.channel)).collect();
        found.sort_unstable_by_key(|(id, _)| *id);
        found.dedup();
        Ok(found)
    }

    async fn disposition(&self, contact: ContactId) -> Done<Option<Disposition>> {
        Ok(self.model().contacts.get(&contact).and_then(|row| row.disposition))
    }

    async fn check_card(
        &self,
        now: Time,
        who: &Trying,
        number: &Private<CaseNumber>,
        code: &Private<CardCode>,
    ) -> Done<Checked> {
        self.writing("comparing a code")?.check_card(now, who, &number.reveal().canonical(), code.reveal())
    }

    async fn check_file(
        &self,
        now: Time,
        who: &Trying,
        receipt: &Private<FileReceipt>,
        word_key: Option<&Private<String>>,
    ) -> Done<Checked> {
        let word_key = word_key.map(|word| word.reveal().as_str());
        self.writing("comparing a file receipt")?.check_file(now, who, &receipt.reveal().digits(), word_key)
    }

    async fn check_passkey(&self, now: Time, who: &Trying, shown: &dyn ShownPasskey) -> Done<Checked> {
        self.writing("comparing a passkey")?.check_passkey(now, who, shown)
    }

    async fn keep_passkey(
        &self,
        now: Time,
        who: &Trying,
        case: CaseId,
        code: &Private<CardCode>,
        passkey: &Passkey,
    ) -> Done<PasskeyKept> {
        self.writing("keeping a passkey")?.keep_passkey(now, who, case, code.reveal(), passkey)
    }

    async fn read_case(&self, now: Time, contact: ContactId, case: CaseId, fields: &[Field]) -> Done<Vec<Assertion>> {
        let doing = "reading a case";
        let mut model = self.writing(doing)?;
        model.open_in(now, contact, case, doing)?;
        let event = AuditEvent::CaseRead { fields: fields.to_vec(), role: Role::Line };
        model.log(now, Some(contact), Some(case), event);
        let Some(case) = model.cases.get(&case) else { return Ok(Vec::new()) };
        let mut assertions = case.versions.concat();
        crate::rules::see_again(&mut assertions, case.feed_seen_at);
        Ok(assertions)
    }

    async fn end_access(&self, _: Time, contact: ContactId, case: CaseId) -> Done<()> {
        self.writing("closing a case")?.access.remove(&(contact, case));
        Ok(())
    }

    async fn open_file(&self, now: Time, contact: ContactId, file: NewFile) -> Done<()> {
        self.writing("opening a file")?.open_file(now, contact, file)
    }

    async fn forget(&self, now: Time, contact: ContactId, case: CaseId) -> Done<Vec<(String, u32)>> {
        self.writing("destroying a case")?.forget(now, contact, case)
    }

    async fn end_authorities(&self, now: Time, contact: ContactId, case: CaseId) -> Done<u32> {
        self.writing("ending authorities")?.end_authorities(now, contact, case)
    }

    async fn leave_ticket(&self, now: Time, contact: ContactId, ticket: NewTicket) -> Done<TicketLeft> {
        self.writing("leaving a ticket")?.leave_ticket(now, contact, &ticket)
    }

    async fn withdraw_tickets(&self, now: Time, contact: ContactId, case: CaseId) -> Done<u32> {
        self.writing("withdrawing tickets")?.withdraw_tickets(now, contact, case)
    }

    async fn openings(&self, now: Time, contact: ContactId, case: CaseId) -> Done<Vec<Opening>> {
        self.model().openings(now, contact, case)
    }

    async fn take_report(&self, now: Time, contact: ContactId, report: NewReport) -> Done<()> {
        self.writing("keeping a report")?.take_report(now, contact, &report)
    }

    async fn report_state(&self, now: Time, who: &Trying, code: &Private<FileReceipt>) -> Done<ReportLooked> {
        self.writing("looking a report up")?.report_state(now, who, &code.reveal().digits())
    }

    async fn move_report(&self, now: Time, code: &Private<FileReceipt>, state: ReportState) -> Done<bool> {
        let mut model = self.writing("moving a report")?;
        let Some(report) = model.reports.get_mut(&code.reveal().digits()).filter(|row| row.keep_until > now) else {
            return Ok(false);
        };
        report.state = state;
        report.since = now;
        report.keep_until = rules::report_keep_until(&KeptTimes::default(), now, state);
        let case = report.case;
        model.log(now, None, case, AuditEvent::ReportMoved);
        Ok(true)
    }

    async fn add_task(&self, now: Time, contact: Option<ContactId>, task: NewTask) -> Done<Added> {
        self.writing("keeping an obligation")?.add_task(now, contact, task)
    }

    async fn change_task(&self, _: Time, obligation: &str, content: TaskContent) -> Done<Changed> {
        self.writing("changing an obligation")?.change_task(obligation, content)
    }

    async fn claim_task(&self, now: Time, kinds: &[TaskKind], lease: Duration) -> Done<Option<ClaimedTask>> {
        Ok(self.writing("taking an obligation")?.claim_task(now, kinds, lease))
    }

    async fn note_intent(&self, now: Time, task: TaskId, fencing: u64, attempt: u128) -> Done<LeaseState> {
        Ok(self.writing("noting an attempt")?.note_intent(now, task, fencing, attempt))
    }

    async fn settle_task(&self, now: Time, task: TaskId, fencing: u64, settled: Settled) -> Done<LeaseState> {
        Ok(self.writing("settling an obligation")?.settle_task(now, task, fencing, settled))
    }

    async fn open_task_count(&self, kind: TaskKind) -> Done<u64> {
        let model = self.model();
        Ok(model.tasks.values().filter(|task| task.kind == kind && task.state == TaskState::Open).count() as u64)
    }

    async fn enrol(
        &self,
        now: Time,
        case: CaseId,
        number: &Private<CaseNumber>,
        codes: &[Private<CardCode>],
    ) -> Done<()> {
        self.writing("enrolling a number")?.enrol(now, case, number.reveal().canonical(), codes)
    }

    async fn begin_import(&self, now: Time) -> Done<Box<dyn EnrolledSet>> {
        Ok(self.model().begin_import(now))
    }

    async fn add_from_feed(
        &self,
        now: Time,
        number: &Private<CaseNumber>,
        digest: &[u8],
        assertions: &[Assertion],
    ) -> Done<FeedRow> {
        Ok(self.writing("adding from a feed")?.add_from_feed(now, number.reveal(), digest, assertions))
    }

    async fn finish_import(&self, now: Time, seen: &dyn EnrolledSet, counts: FeedCounts) -> Done<u64> {
        self.writing("ending a feed")?.finish_import(now, seen, counts)
    }

    async fn append_audit(&self, entry: AuditEntry) -> Done<AuditReceipt> {
        let mut model = self.writing("writing to the log")?;
        Ok(model.log(entry.at, entry.contact, entry.case, entry.event))
    }

    async fn audit_of_contact(&self, contact: ContactId) -> Done<Vec<AuditEntry>> {
        let model = self.model();
        let of_contact = model.audit.iter().filter(|row| row.contact == Some(contact));
        Ok(of_contact.filter_map(|row| row.entry.clone()).collect())
    }

    async fn purge(&self, now: Time) -> Done<u64> {
        Ok(self.writing("destroying what is due")?.purge(now))
    }

    async fn alarms(&self, now: Time) -> Done<Vec<AlarmKind>> {
        let model = self.model();
        let yesterday = now.day().saturating_sub(1);
        let contacts = model.contacts.values().filter(|row| row.day == yesterday).count();
        let is_flooded = model.counters.is_flooded(now, u32::try_from(contacts).unwrap_or(u32::MAX));
        let ringing = [(AlarmKind::Site, is_flooded), (AlarmKind::RepresentativeCard, model.has_halted_cards(now))];
        Ok(ringing.into_iter().filter(|(_, rings)| *rings).map(|(kind, _)| kind).collect())
    }

    async fn probe(&self) -> Done<()> {
        self.writing("probing the disk").map(|_| ())
    }
}

/// A caller as the limits know them: the week and, unless it was withheld, the number.
fn caller_key(now: Time, caller: Option<&Private<Phone>>) -> (u32, Option<String>) {
    (now.week(), caller.map(|phone| phone.reveal().e164()))
}
