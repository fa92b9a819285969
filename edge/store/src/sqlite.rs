//! The store on SQLite: one writer, a few readers, every write one immediate transaction, everything a person said
//! sealed by the vault before it comes here.
//! Keys are left to `vault`, rules to `rules` and `helpline`; each table's SQL stands in one file below.

mod cases;
mod connection;
mod contacts;
mod feeds;
mod limits;
mod log;
mod log_counts;
mod log_public;
mod log_tiles;
mod purge;
mod reaching;
mod reports;
mod staff;
mod tasks;
mod write;

pub(crate) use connection::{database_fault, open_for_verifying, vault_fault};

use crate::ballast::Ballast;
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
    Added, Changed, Checked, ClaimedTask, EnrolledSet, FeedCounts, FeedRow, LeaseState, NewFile, NewReport, NewTask,
    ReportLooked, ReturnPlace, Settled, Store, TaskContent, TaskKind, Trying,
};
use caseline_helpline::retention::DataClass;
use caseline_model::{CardCode, CaseId, Channel, ContactId, Disposition, FileReceipt, Language, Private, TaskId, Time};
use caseline_records::{Assertion, Field};
pub(crate) use log::Heads;
pub use log_counts::LogCounts;
use sqlx::SqlitePool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
pub(crate) use write::Writer;

type Done<T> = Result<T, StoreFault>;

/// All that is kept, in one SQLite file beside its vault and its log.
pub struct SqliteStore {
    settings: StoreSettings,
    pub(crate) vault: Arc<Vault>,
    ballast: Ballast,
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
        crate::migrations::note_secrets(&mut conn, &vault).await?;
        let audit_kept = settings.retention.kept(DataClass::AuditContent);
        let writer = Writer::new(conn, settings.database(), Arc::clone(&vault), audit_kept).await?;
        let readers = connection::open_readers(&settings.database(), READERS).await?;
        let heads = Heads::open(&settings.log(), &vault)?;
        let ballast = Ballast::open(&settings.data_dir, settings.ballast_bytes);
        let writer = tokio::sync::Mutex::new(writer);
        let store = Self { settings, vault, ballast, writer, readers, heads, import: Mutex::new(None) };
        // What is in the file is durable: entries of earlier runs count as witnessed.
        store.heads.witness_start(&store.vault, &*store.writer.lock().await, now)?;
        store.end_forgetting(now).await?;
        Ok(store)
    }

    /// Writes the log's head and moves all that is in the write-ahead log into the database, without closing: for a
    /// program that stops while others still hold the store.
    ///
    /// # Errors
    /// When the disk fails; what was acknowledged is on it all the same.
    pub async fn write_out(&self) -> Done<()> {
        let mut writer = self.writer.lock().await;
        let written = self.write_head_files().await;
        writer.truncate().await?;
        written
    }

    /// Writes the log's head, moves all that is in the write-ahead log into the database, and closes it.
    ///
    /// # Errors
    /// When the disk fails; what was acknowledged is on it all the same.
    pub async fn close(self) -> Done<()> {
        let mut writer = self.writer.lock().await;
        let written = self.write_head_files().await;
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
        self.back_up_with_ring(to, &to.join(crate::backup::KEYRING_COPY)).await
    }

    /// The same with the ring elsewhere: one copy for all sets of a folder.
    ///
    /// # Errors
    /// When the file is there already, the ring is another store's, or the disk fails.
    pub async fn back_up_with_ring(&self, to: &std::path::Path, ring: &std::path::Path) -> Done<()> {
        crate::backup::back_up(&mut *self.writer.lock().await, &self.vault, to, ring).await
    }

    fn full(&self, doing: &'static str) -> StoreFault {
        StoreFault::DiskFull { doing, folder: Some(self.settings.data_dir.clone()) }
    }

    /// A full disk says which.
    fn with_folder<T>(&self, done: Done<T>) -> Done<T> {
        done.map_err(|fault| match fault {
            StoreFault::DiskFull { doing, .. } => self.full(doing),
            other => other,
        })
    }

    fn import_set(&self) -> Option<Arc<ImportSet>> {
        self.import.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What a call in progress needs, and what makes room: on a full disk it is tried again with the ballast's room.
macro_rules! going_on {
    ($store:ident, $verb:expr) => {
        match $verb.await {
            Err(StoreFault::DiskFull { .. }) if $store.ballast.release() => $store.with_folder($verb.await),
            done => $store.with_folder(done),
        }
    };
}

/// What takes something new: on a full disk it is refused, and goes on being refused until there is room again.
macro_rules! growing {
    ($store:ident, $verb:expr) => {{
        if !$store.ballast.has_room() {
            return Err($store.full("taking something new"));
        }
        let done = $verb.await;
        if matches!(done, Err(StoreFault::DiskFull { .. })) {
            $store.ballast.release();
        }
        $store.with_folder(done)
    }};
}

#[async_trait]
impl Store for SqliteStore {
    async fn begin_contact(&self, now: Time, contact: ContactId, channel: Channel) -> Done<()> {
        going_on!(self, self.begin(now, contact, channel))
    }
    async fn note_caller(&self, now: Time, who: &Trying) -> Done<()> {
        going_on!(self, self.count_contact_of_caller(now, who))
    }
    async fn note_language(&self, now: Time, contact: ContactId, language: Language) -> Done<()> {
        going_on!(self, self.set_language(now, contact, language))
    }
    async fn save_conversation(&self, now: Time, contact: ContactId, state: &[u8]) -> Done<()> {
        going_on!(self, self.keep_conversation(now, contact, state))
    }
    async fn load_conversation(&self, now: Time, contact: ContactId) -> Done<Option<Vec<u8>>> {
        self.kept_conversation(now, contact).await
    }
    async fn note_return_place(&self, now: Time, place: &ReturnPlace, contact: ContactId) -> Done<()> {
        going_on!(self, self.keep_place(now, place, contact))
    }
    async fn take_return_place(&self, now: Time, place: &ReturnPlace) -> Done<Option<ContactId>> {
        going_on!(self, self.take_place(now, place))
    }
    async fn end_contact(&self, now: Time, contact: ContactId, disposition: Disposition) -> Done<()> {
        going_on!(self, self.end(now, contact, disposition))
    }
    async fn open_contacts(&self) -> Done<Vec<(ContactId, Channel)>> {
        contacts::open(&self.readers).await
    }
    async fn not_come_back(&self, now: Time) -> Done<Vec<(ContactId, Channel)>> {
        contacts::not_come_back(&self.readers, now).await
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
        going_on!(self, self.try_card(now, who, number.reveal(), code.reveal()))
    }
    async fn check_file(
        &self,
        now: Time,
        who: &Trying,
        receipt: &Private<FileReceipt>,
        word_key: Option<&Private<String>>,
    ) -> Done<Checked> {
        going_on!(self, self.try_file(now, who, receipt.reveal(), word_key.map(|word| word.reveal().as_str())))
    }
    async fn read_case(&self, now: Time, contact: ContactId, case: CaseId, fields: &[Field]) -> Done<Vec<Assertion>> {
        going_on!(self, self.read(now, contact, case, fields))
    }
    async fn open_file(&self, now: Time, contact: ContactId, file: NewFile) -> Done<()> {
        growing!(self, self.new_file(now, contact, file))
    }
    async fn forget(&self, now: Time, contact: ContactId, case: CaseId) -> Done<Vec<(String, u32)>> {
        going_on!(self, self.destroy_case_of(now, contact, case))
    }
    async fn take_report(&self, now: Time, contact: ContactId, report: NewReport) -> Done<()> {
        growing!(self, self.keep_report(now, contact, report))
    }
    async fn report_state(&self, now: Time, who: &Trying, code: &Private<FileReceipt>) -> Done<ReportLooked> {
        going_on!(self, self.try_report(now, who, code.reveal()))
    }
    async fn move_report(&self, now: Time, code: &Private<FileReceipt>, state: ReportState) -> Done<bool> {
        going_on!(self, self.set_report_state(now, code.reveal(), state))
    }
    async fn add_task(&self, now: Time, contact: Option<ContactId>, task: NewTask) -> Done<Added> {
        growing!(self, self.keep_task(now, contact, task))
    }
    async fn change_task(&self, now: Time, obligation: &str, content: TaskContent) -> Done<Changed> {
        growing!(self, self.replace_content(now, obligation, &content))
    }
    async fn claim_task(&self, now: Time, kinds: &[TaskKind], lease: Duration) -> Done<Option<ClaimedTask>> {
        going_on!(self, self.take_lease(now, kinds, lease))
    }
    async fn note_intent(&self, now: Time, task: TaskId, fencing: u64, attempt: u128) -> Done<LeaseState> {
        going_on!(self, self.keep_intent(now, task, fencing, attempt))
    }
    async fn settle_task(&self, now: Time, task: TaskId, fencing: u64, settled: Settled) -> Done<LeaseState> {
        going_on!(self, self.settle(now, task, fencing, settled))
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
        growing!(self, self.enrol_number(now, case, number.reveal(), codes))
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
        growing!(self, self.add_feed_row(now, number.reveal(), digest, assertions))
    }
    async fn finish_import(&self, now: Time, seen: &dyn EnrolledSet, counts: FeedCounts) -> Done<u64> {
        // Looked at before anything is awaited: the set is not `'static`.
        let unseen = feeds::unseen(seen)?;
        growing!(self, self.end_feed(now, unseen, counts))
    }
    async fn append_audit(&self, entry: AuditEntry) -> Done<AuditReceipt> {
        going_on!(self, self.append(entry.clone()))
    }
    async fn audit_of_contact(&self, contact: ContactId) -> Done<Vec<AuditEntry>> {
        self.entries_of_contact(contact).await
    }
    async fn purge(&self, now: Time) -> Done<u64> {
        going_on!(self, self.destroy_due(now))
    }
    async fn probe(&self) -> Done<()> {
        if !self.ballast.has_room() {
            return Err(self.full("writing and reading back"));
        }
        self.with_folder(self.write_and_read_back().await)
    }
}
