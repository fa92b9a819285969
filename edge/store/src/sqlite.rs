//! The store on SQLite: one writer, a few readers, every write one immediate transaction, everything a person said
//! sealed by the vault before it comes here.
//! Keys are left to `vault`, rules to `rules` and `helpline`; each table's SQL stands in one file below.

mod cases;
mod connection;
mod contacts;
mod feeds;
mod limits;
mod log;
mod purge;
mod reaching;
mod reports;
mod tasks;
mod write;

pub(crate) use connection::{database_fault, open_for_verifying};

use crate::import_set::ImportSet;
use crate::settings::{READERS, StoreSettings};
use crate::vault::Vault;
use async_trait::async_trait;
use caseline_conversation::effect::ReportState;
use caseline_conversation::slot::CaseNumber;
use caseline_helpline::audit::{AuditEntry, AuditReceipt};
use caseline_helpline::chance::Chance;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::{
    Added, Checked, ClaimedTask, EnrolledSet, FeedCounts, FeedRow, LeaseState, NewFile, NewReport, NewTask,
    ReportLooked, ReturnPlace, Settled, Store, TaskKind, Trying,
};
use caseline_model::{CardCode, CaseId, Channel, ContactId, Disposition, FileReceipt, Language, Private, TaskId, Time};
use caseline_records::{Assertion, Field};
use connection::vault_fault;
pub(crate) use log::Heads;
use sqlx::SqlitePool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
pub(crate) use write::Writer;

type Done<T> = Result<T, StoreFault>;

/// All that is kept, in one SQLite file beside its vault and its log.
pub struct SqliteStore {
    settings: StoreSettings,
    vault: Arc<Vault>,
    pub(crate) writer: tokio::sync::Mutex<Writer>,
    pub(crate) readers: SqlitePool,
    pub(crate) heads: Heads,
    import: Mutex<Option<Arc<ImportSet>>>,
}

impl SqliteStore {
    /// Opens a store; makes one where there is none. `chance` must be the operating system's: keys come from it.
    ///
    /// # Errors
    /// When a setting of the database reads back weaker than it must be, the files belong to two stores or to a newer
    /// Caseline, a key file can be read by others, or the disk fails.
    pub async fn open(settings: StoreSettings, now: Time, chance: Arc<dyn Chance>) -> Done<Self> {
        let doing = "opening the store";
        let has_database = settings.database().exists();
        if !Vault::is_in(&settings.vault()) {
            if has_database {
                return Err(StoreFault::Refused {
                    what: "the database is here and vault/root.key is not; put the vault of this store back".into(),
                });
            }
            Vault::init(&settings.vault(), &chance).map_err(vault_fault(doing))?;
        }
        let vault = Arc::new(Vault::open(&settings.vault(), chance).map_err(vault_fault(doing))?);
        if !has_database && !vault.is_unused() {
            return Err(StoreFault::Refused {
                what: "the vault is here and the database is not; restore the database, or move the vault away".into(),
            });
        }
        let mut conn = connection::open_writer(&settings.database()).await?;
        crate::migrations::migrate(&mut conn, now, vault.store_id()).await?;
        let writer = Writer::new(conn).await?;
        let readers = connection::open_readers(&settings.database(), READERS).await?;
        let heads = Heads::open(&settings.log(), &vault)?;
        let store =
            Self { settings, vault, writer: tokio::sync::Mutex::new(writer), readers, heads, import: Mutex::new(None) };
        // What is in the file is durable: entries of earlier runs count as witnessed.
        store.heads.witness_start(&store.vault, &*store.writer.lock().await, now)?;
        Ok(store)
    }

    /// Writes the log's head and moves all that is in the write-ahead log into the database, without closing: for a
    /// program that stops while others still hold the store.
    ///
    /// # Errors
    /// When the disk fails; what was acknowledged is on it all the same.
    pub async fn write_out(&self) -> Done<()> {
        let mut writer = self.writer.lock().await;
        let written = self.heads.write_file().map_err(vault_fault("writing the log's head"));
        writer.truncate().await?;
        written
    }

    /// Writes the log's head, moves all that is in the write-ahead log into the database, and closes it.
    ///
    /// # Errors
    /// When the disk fails; what was acknowledged is on it all the same.
    pub async fn close(self) -> Done<()> {
        let mut writer = self.writer.lock().await;
        let written = self.heads.write_file().map_err(vault_fault("writing the log's head"));
        writer.truncate().await?;
        drop(writer);
        self.readers.close().await;
        self.writer.into_inner().close().await?;
        written
    }

    /// How many obligations of a kind were given up, all days together.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn given_up(&self, kind: TaskKind) -> Done<u64> {
        tasks::given_up(&self.readers, kind).await
    }

    /// A backup set: the database as it is now, and one copy of the key ring, overwritten in later sets. Add the copy
    /// to `StoreSettings::keyring_copies`, so that it follows each destruction.
    ///
    /// # Errors
    /// When the file is there already, or the disk fails.
    pub async fn back_up(&self, to: &std::path::Path) -> Done<()> {
        crate::backup::back_up(&mut *self.writer.lock().await, &self.vault, to).await
    }

    fn import_set(&self) -> Option<Arc<ImportSet>> {
        self.import.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn begin_contact(&self, now: Time, contact: ContactId, channel: Channel) -> Done<()> {
        self.begin(now, contact, channel).await
    }
    async fn note_caller(&self, now: Time, who: &Trying) -> Done<()> {
        self.count_contact_of_caller(now, who).await
    }
    async fn note_language(&self, now: Time, contact: ContactId, language: Language) -> Done<()> {
        self.set_language(now, contact, language).await
    }
    async fn save_conversation(&self, now: Time, contact: ContactId, state: &[u8]) -> Done<()> {
        self.keep_conversation(now, contact, state).await
    }
    async fn load_conversation(&self, now: Time, contact: ContactId) -> Done<Option<Vec<u8>>> {
        self.kept_conversation(now, contact).await
    }
    async fn note_return_place(&self, now: Time, place: &ReturnPlace, contact: ContactId) -> Done<()> {
        self.keep_place(now, place, contact).await
    }
    async fn take_return_place(&self, now: Time, place: &ReturnPlace) -> Done<Option<ContactId>> {
        self.take_place(now, place).await
    }
    async fn end_contact(&self, now: Time, contact: ContactId, disposition: Disposition) -> Done<()> {
        self.end(now, contact, disposition).await
    }
    async fn open_contacts(&self) -> Done<Vec<(ContactId, Channel)>> {
        contacts::open(&self.readers).await
    }
    async fn disposition(&self, contact: ContactId) -> Done<Option<Disposition>> {
        contacts::disposition(&self.readers, contact).await
    }
    async fn check_card(
        &self,
        now: Time,
        who: &Trying,
        number: &Private<CaseNumber>,
        code: &Private<CardCode>,
    ) -> Done<Checked> {
        self.try_card(now, who, number.reveal(), code.reveal()).await
    }
    async fn check_file(
        &self,
        now: Time,
        who: &Trying,
        receipt: &Private<FileReceipt>,
        word_key: Option<&Private<String>>,
    ) -> Done<Checked> {
        self.try_file(now, who, receipt.reveal(), word_key.map(|word| word.reveal().as_str())).await
    }
    async fn read_case(&self, now: Time, contact: ContactId, case: CaseId, fields: &[Field]) -> Done<Vec<Assertion>> {
        self.read(now, contact, case, fields).await
    }
    async fn open_file(&self, now: Time, contact: ContactId, file: NewFile) -> Done<()> {
        self.new_file(now, contact, file).await
    }
    async fn forget(&self, now: Time, contact: ContactId, case: CaseId) -> Done<Vec<(String, u32)>> {
        self.destroy_case_of(now, contact, case).await
    }
    async fn take_report(&self, now: Time, contact: ContactId, report: NewReport) -> Done<()> {
        self.keep_report(now, contact, report).await
    }
    async fn report_state(&self, now: Time, who: &Trying, code: &Private<FileReceipt>) -> Done<ReportLooked> {
        self.try_report(now, who, code.reveal()).await
    }
    async fn move_report(&self, now: Time, code: &Private<FileReceipt>, state: ReportState) -> Done<bool> {
        self.set_report_state(now, code.reveal(), state).await
    }
    async fn add_task(&self, now: Time, contact: Option<ContactId>, task: NewTask) -> Done<Added> {
        self.keep_task(now, contact, task).await
    }
    async fn claim_task(&self, now: Time, kinds: &[TaskKind], lease: Duration) -> Done<Option<ClaimedTask>> {
        self.take_lease(now, kinds, lease).await
    }
    async fn note_intent(&self, now: Time, task: TaskId, fencing: u64, attempt: u128) -> Done<LeaseState> {
        self.keep_intent(now, task, fencing, attempt).await
    }
    async fn settle_task(&self, now: Time, task: TaskId, fencing: u64, settled: Settled) -> Done<LeaseState> {
        self.settle(now, task, fencing, settled).await
    }
    async fn open_task_count(&self, kind: TaskKind) -> Done<u64> {
        tasks::open_count(&self.readers, kind).await
    }
    async fn enrol(
        &self,
        now: Time,
        case: CaseId,
        number: &Private<CaseNumber>,
        codes: &[Private<CardCode>],
    ) -> Done<()> {
        self.enrol_number(now, case, number.reveal(), codes).await
    }
    async fn begin_import(&self, now: Time) -> Done<Box<dyn EnrolledSet>> {
        self.begin_feed(now).await
    }
    async fn add_from_feed(
        &self,
        now: Time,
        number: &Private<CaseNumber>,
        digest: &[u8],
        assertions: &[Assertion],
    ) -> Done<FeedRow> {
        self.add_feed_row(now, number.reveal(), digest, assertions).await
    }
    async fn finish_import(&self, now: Time, seen: &dyn EnrolledSet, counts: FeedCounts) -> Done<u64> {
        // Looked at before anything is awaited: the set is not `'static`.
        let unseen = feeds::unseen(seen)?;
        self.end_feed(now, unseen, counts).await
    }
    async fn append_audit(&self, entry: AuditEntry) -> Done<AuditReceipt> {
        self.append(entry).await
    }
    async fn audit_of_contact(&self, contact: ContactId) -> Done<Vec<AuditEntry>> {
        self.entries_of_contact(contact).await
    }
    async fn purge(&self, now: Time) -> Done<u64> {
        self.destroy_due(now).await
    }
    async fn probe(&self) -> Done<()> {
        self.write_and_read_back().await
    }
}
