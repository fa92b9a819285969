//! The store with a counter at its door: contacts, their ends, tries that were refused and faults are counted for every
//! channel in one place, without a word about whom.
//! What is kept and refused is the store's; how figures are shown and small ones folded stands in `web`.

use async_trait::async_trait;
use caseline_conversation::effect::ReportState;
use caseline_conversation::slot::CaseNumber;
use caseline_helpline::Store;
use caseline_helpline::audit::{AuditEntry, AuditReceipt};
use caseline_helpline::cards::AlarmKind;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::{
    Added, Changed, Checked, ClaimedTask, EnrolledSet, FeedCounts, FeedRow, LeaseState, NewFile, NewReport, NewTask,
    PasskeyKept, ReportLooked, ReturnPlace, Settled, ShownPasskey, TaskContent, TaskKind, Trying,
};
use caseline_helpline::staff::Passkey;
use caseline_helpline::tickets::{NewTicket, Opening, TicketLeft};
use caseline_model::{CardCode, CaseId, Channel, ContactId, Disposition, FileReceipt, Language, Private, TaskId, Time};
use caseline_records::{Assertion, Field};
use caseline_web::Counts;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

type Done<T> = Result<T, StoreFault>;

/// How many open contacts are followed; one beyond them is counted when it begins and not when it ends.
const FOLLOWED_MAX: usize = 20_000;

/// A store whose contacts, refusals and faults are counted.
pub struct CountedStore {
    inner: Arc<dyn Store>,
    counts: Arc<Counts>,
    open: Mutex<HashMap<ContactId, (Channel, Option<Language>)>>,
}

impl CountedStore {
    /// Counts what goes through this store. Contacts that an earlier process left open are followed to their end.
    ///
    /// # Errors
    /// When the store cannot say which contacts are open.
    pub async fn over(inner: Arc<dyn Store>, counts: Arc<Counts>) -> Done<Self> {
        let left_open = inner.open_contacts().await?;
        let open = left_open.into_iter().take(FOLLOWED_MAX).map(|(contact, channel)| (contact, (channel, None)));
        Ok(Self { inner, counts, open: Mutex::new(open.collect()) })
    }

    fn open(&self) -> std::sync::MutexGuard<'_, HashMap<ContactId, (Channel, Option<Language>)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a fault; what the rules of the store refuse is none.
    fn seen<T>(&self, done: Done<T>) -> Done<T> {
        if let Err(fault) = &done
            && !matches!(fault, StoreFault::NotAllowed { .. })
        {
            self.counts.store_failed(matches!(fault, StoreFault::DiskFull { .. }));
        }
        done
    }

    fn tried(&self, checked: &Done<Checked>) {
        match checked {
            Ok(Checked::Refused) => self.counts.try_refused(),
            Ok(Checked::PersonNow) => self.counts.try_over_limit(),
            Ok(Checked::Opened(_)) | Err(_) => {}
        }
    }
}

#[async_trait]
impl Store for CountedStore {
    async fn begin_contact(&self, now: Time, contact: ContactId, channel: Channel) -> Done<()> {
        // A contact goes on when the store fails, so it is counted either way; beginning twice is one contact.
        let is_new = {
            let mut open = self.open();
            let is_new = !open.contains_key(&contact);
            if is_new && open.len() < FOLLOWED_MAX {
                open.insert(contact, (channel, None));
            }
            is_new
        };
        if is_new {
            self.counts.contact_began(channel);
        }
        self.seen(self.inner.begin_contact(now, contact, channel).await)
    }
    async fn note_caller(&self, now: Time, who: &Trying) -> Done<()> {
        self.seen(self.inner.note_caller(now, who).await)
    }
    async fn note_language(&self, now: Time, contact: ContactId, language: Language) -> Done<()> {
        if let Some(followed) = self.open().get_mut(&contact) {
            followed.1 = Some(language);
        }
        self.seen(self.inner.note_language(now, contact, language).await)
    }
    async fn save_conversation(&self, now: Time, contact: ContactId, state: &[u8]) -> Done<()> {
        self.seen(self.inner.save_conversation(now, contact, state).await)
    }
    async fn load_conversation(&self, now: Time, contact: ContactId) -> Done<Option<Vec<u8>>> {
        self.seen(self.inner.load_conversation(now, contact).await)
    }
    async fn note_return_place(&self, now: Time, place: &ReturnPlace, contact: ContactId) -> Done<()> {
        self.seen(self.inner.note_return_place(now, place, contact).await)
    }
    async fn take_return_place(&self, now: Time, place: &ReturnPlace) -> Done<Option<ContactId>> {
        self.seen(self.inner.take_return_place(now, place).await)
    }
    async fn end_contact(&self, now: Time, contact: ContactId, disposition: Disposition) -> Done<()> {
        // The first end stands, here too.
        let followed = self.open().remove(&contact);
        if let Some((channel, language)) = followed {
            self.counts.contact_ended(now, channel, disposition, language);
        }
        self.seen(self.inner.end_contact(now, contact, disposition).await)
    }
    async fn open_contacts(&self) -> Done<Vec<(ContactId, Channel)>> {
        self.seen(self.inner.open_contacts().await)
    }
    async fn not_come_back(&self, now: Time) -> Done<Vec<(ContactId, Channel)>> {
        self.seen(self.inner.not_come_back(now).await)
    }
    async fn disposition(&self, contact: ContactId) -> Done<Option<Disposition>> {
        self.seen(self.inner.disposition(contact).await)
    }
    async fn check_card(
        &self,
        now: Time,
        who: &Trying,
        number: &Private<CaseNumber>,
        code: &Private<CardCode>,
    ) -> Done<Checked> {
        let checked = self.inner.check_card(now, who, number, code).await;
        self.tried(&checked);
        self.seen(checked)
    }
    async fn check_file(
        &self,
        now: Time,
        who: &Trying,
        receipt: &Private<FileReceipt>,
        word_key: Option<&Private<String>>,
    ) -> Done<Checked> {
        let checked = self.inner.check_file(now, who, receipt, word_key).await;
        self.tried(&checked);
        self.seen(checked)
    }
    async fn check_passkey(&self, now: Time, who: &Trying, shown: &dyn ShownPasskey) -> Done<Checked> {
        let checked = self.inner.check_passkey(now, who, shown).await;
        self.tried(&checked);
        self.seen(checked)
    }
    async fn keep_passkey(
        &self,
        now: Time,
        who: &Trying,
        case: CaseId,
        code: &Private<CardCode>,
        passkey: &Passkey,
    ) -> Done<PasskeyKept> {
        self.seen(self.inner.keep_passkey(now, who, case, code, passkey).await)
    }
    async fn read_case(&self, now: Time, contact: ContactId, case: CaseId, fields: &[Field]) -> Done<Vec<Assertion>> {
        self.seen(self.inner.read_case(now, contact, case, fields).await)
    }
    async fn end_access(&self, now: Time, contact: ContactId, case: CaseId) -> Done<()> {
        self.seen(self.inner.end_access(now, contact, case).await)
    }
    async fn open_file(&self, now: Time, contact: ContactId, file: NewFile) -> Done<()> {
        self.seen(self.inner.open_file(now, contact, file).await)
    }
    async fn forget(&self, now: Time, contact: ContactId, case: CaseId) -> Done<Vec<(String, u32)>> {
        self.seen(self.inner.forget(now, contact, case).await)
    }
    async fn end_authorities(&self, now: Time, contact: ContactId, case: CaseId) -> Done<u32> {
        self.seen(self.inner.end_authorities(now, contact, case).await)
    }
    async fn leave_ticket(&self, now: Time, contact: ContactId, ticket: NewTicket) -> Done<TicketLeft> {
        self.seen(self.inner.leave_ticket(now, contact, ticket).await)
    }
    async fn withdraw_tickets(&self, now: Time, contact: ContactId, case: CaseId) -> Done<u32> {
        self.seen(self.inner.withdraw_tickets(now, contact, case).await)
    }
    async fn openings(&self, now: Time, contact: ContactId, case: CaseId) -> Done<Vec<Opening>> {
        self.seen(self.inner.openings(now, contact, case).await)
    }
    async fn take_report(&self, now: Time, contact: ContactId, report: NewReport) -> Done<()> {
        self.seen(self.inner.take_report(now, contact, report).await)
    }
    async fn report_state(&self, now: Time, who: &Trying, code: &Private<FileReceipt>) -> Done<ReportLooked> {
        let looked = self.inner.report_state(now, who, code).await;
        match &looked {
            Ok(ReportLooked::Refused) => self.counts.try_refused(),
            Ok(ReportLooked::PersonNow) => self.counts.try_over_limit(),
            Ok(ReportLooked::State { .. }) | Err(_) => {}
        }
        self.seen(looked)
    }
    async fn move_report(&self, now: Time, code: &Private<FileReceipt>, state: ReportState) -> Done<bool> {
        self.seen(self.inner.move_report(now, code, state).await)
    }
    async fn add_task(&self, now: Time, contact: Option<ContactId>, task: NewTask) -> Done<Added> {
        self.seen(self.inner.add_task(now, contact, task).await)
    }
    async fn change_task(&self, now: Time, obligation: &str, content: TaskContent) -> Done<Changed> {
        self.seen(self.inner.change_task(now, obligation, content).await)
    }
    async fn claim_task(&self, now: Time, kinds: &[TaskKind], lease: Duration) -> Done<Option<ClaimedTask>> {
        self.seen(self.inner.claim_task(now, kinds, lease).await)
    }
    async fn note_intent(&self, now: Time, task: TaskId, fencing: u64, attempt: u128) -> Done<LeaseState> {
        self.seen(self.inner.note_intent(now, task, fencing, attempt).await)
    }
    async fn settle_task(&self, now: Time, task: TaskId, fencing: u64, settled: Settled) -> Done<LeaseState> {
        self.seen(self.inner.settle_task(now, task, fencing, settled).await)
    }
    async fn open_task_count(&self, kind: TaskKind) -> Done<u64> {
        self.seen(self.inner.open_task_count(kind).await)
    }
    async fn enrol(
        &self,
        now: Time,
        case: CaseId,
        number: &Private<CaseNumber>,
        codes: &[Private<CardCode>],
    ) -> Done<()> {
        self.seen(self.inner.enrol(now, case, number, codes).await)
    }
    async fn begin_import(&self, now: Time) -> Done<Box<dyn EnrolledSet>> {
        self.seen(self.inner.begin_import(now).await)
    }
    async fn add_from_feed(
        &self,
        now: Time,
        number: &Private<CaseNumber>,
        digest: &[u8],
        assertions: &[Assertion],
    ) -> Done<FeedRow> {
        self.seen(self.inner.add_from_feed(now, number, digest, assertions).await)
    }
    async fn finish_import(&self, now: Time, seen: &dyn EnrolledSet, counts: FeedCounts) -> Done<u64> {
        self.seen(self.inner.finish_import(now, seen, counts).await)
    }
    async fn append_audit(&self, entry: AuditEntry) -> Done<AuditReceipt> {
        self.seen(self.inner.append_audit(entry).await)
    }
    async fn audit_of_contact(&self, contact: ContactId) -> Done<Vec<AuditEntry>> {
        self.seen(self.inner.audit_of_contact(contact).await)
    }
    async fn purge(&self, now: Time) -> Done<u64> {
        self.seen(self.inner.purge(now).await)
    }
    async fn alarms(&self, now: Time) -> Done<Vec<AlarmKind>> {
        self.seen(self.inner.alarms(now).await)
    }
    async fn probe(&self) -> Done<()> {
        self.seen(self.inner.probe().await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use caseline_store::MemoryStore;

    const NOON: Time = Time::from_micros(1_760_400_000_000_000);

    #[tokio::test]
    async fn a_call_and_a_chat_are_counted_alike_each_with_one_end() {
        let memory: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let left_open = ContactId::from_random(9);
        memory.begin_contact(NOON, left_open, Channel::WebChat).await.unwrap();
        let counts = Arc::new(Counts::default());
        let store = CountedStore::over(memory, Arc::clone(&counts)).await.unwrap();
        let call = ContactId::from_random(1);
        for _ in 0..2 {
            store.begin_contact(NOON, call, Channel::Phone).await.unwrap();
        }
        store.note_language(NOON, call, Language::SPANISH).await.unwrap();
        for _ in 0..2 {
            store.end_contact(NOON, call, Disposition::Answered).await.unwrap();
        }
        store.end_contact(NOON, left_open, Disposition::Abandoned).await.unwrap();
        let text = counts.prometheus(NOON.plus(Duration::from_secs(3_600)));
        for row in [
            "caseline_contacts_began_total{channel=\"phone\"} 1\n",
            "caseline_contacts_ended_total{channel=\"phone\",disposition=\"answered by the line\"} 1\n",
            "caseline_contacts_ended_total{channel=\"web-chat\",disposition=\"abandoned\"} 1\n",
            "caseline_contacts_by_language_total{language=\"other\"} 2\n",
        ] {
            assert!(text.contains(row), "{row} is not in\n{text}");
        }
    }

    #[tokio::test]
    async fn a_full_disk_is_counted_as_a_fault_and_the_contact_all_the_same() {
        let memory = Arc::new(MemoryStore::new());
        let counts = Arc::new(Counts::default());
        let store = CountedStore::over(Arc::clone(&memory) as Arc<dyn Store>, Arc::clone(&counts)).await.unwrap();
        memory.fill_disk_after(Some(0));
        assert!(store.begin_contact(NOON, ContactId::from_random(1), Channel::Phone).await.is_err());
        let text = counts.prometheus(NOON);
        assert!(text.contains("caseline_contacts_began_total{channel=\"phone\"} 1\n"), "{text}");
        assert!(text.contains("caseline_store_faults_total{why=\"disk-full\"} 1\n"), "{text}");
    }
}
