//! The store on SQLite: one writer, a few readers, every write one immediate transaction, everything a person said
//! sealed by the vault before it comes here.
//! Keys are left to `vault`, rules to `rules` and `helpline`; each table's SQL stands in one file below.

mod alarms;
mod cards;
mod cases;
mod connection;
mod contacts;
mod demands;
mod feeds;
mod held;
mod limits;
mod log;
mod log_counts;
mod log_public;
mod log_tiles;
mod passkeys;
mod purge;
mod reaching;
mod reminder_times;
mod reports;
mod staff;
mod staff_going_on;
mod tasks;
mod tickets;
mod tickets_going_on;
mod write;

pub(crate) use connection::{database_fault, open_for_verifying, vault_fault};

use crate::backup::Holding;
use crate::ballast::Ballast;
use crate::import_set::ImportSet;
use crate::settings::{READERS, StoreSettings};
use crate::vault::{Vault, VaultFault};
use async_trait::async_trait;
use caseline_conversation::effect::ReportState;
use caseline_conversation::slot::CaseNumber;
use caseline_helpline::audit::{AuditEntry, AuditReceipt};
use caseline_helpline::cards::AlarmKind;
use caseline_helpline::chance::Chance;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::{
    Added, Changed, Checked, ClaimedTask, EnrolledSet, FeedCounts, FeedRow, LeaseState, NewFile, NewReport, NewTask,
    PasskeyKept, ReportLooked, ReturnPlace, Settled, ShownPasskey, Store, TaskContent, TaskKind, Trying,
};
use caseline_helpline::retention::DataClass;
use caseline_helpline::staff::Passkey;
use caseline_helpline::tickets::{NewTicket, Opening, TicketLeft};
use caseline_model::{CardCode, CaseId, Channel, ContactId, Disposition, FileReceipt, Language, Private, TaskId, Time};
use caseline_records::{Assertion, Field};
pub use held::HeldOfPerson;
#[cfg(test)]
pub(crate) use held::told_tables;
pub(crate) use log::Heads;
pub use log_counts::LogCounts;
pub(crate) use log_public::openings_never_panic;
use sqlx::SqlitePool;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
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
    /// Copies of the key ring that did not follow the destruction that is under way.
    behind: Mutex<Vec<PathBuf>>,
    backups_overdue: AtomicU64,
    budget_seen: Mutex<alarms::BudgetSeen>,
    /// What this process told the log of the vault.
    news_told: Mutex<Option<crate::vault::VaultNews>>,
    reminder_times: reminder_times::ReminderTimes,
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
        let vault = Arc::new(open_vault(&settings, has_database, chance).map_err(vault_fault(doing))?);
        if !has_database && !vault.is_unused() {
            return Err(StoreFault::Refused {
                what: "the vault is here and the database is not; restore the database, or move the vault away".into(),
            });
        }
        let mut conn = connection::open_writer(&settings.database()).await?;
        crate::migrations::migrate(&mut conn, now, vault.store_id()).await?;
        crate::migrations::note_secrets(&mut conn, &vault).await?;
        let of_log = (settings.retention.kept(DataClass::AuditContent), settings.zone.clone());
        let writer = Writer::new(conn, settings.database(), Arc::clone(&vault), of_log).await?;
        let readers = connection::open_readers(&settings.database(), READERS).await?;
        let heads = Heads::open(&settings.log(), &vault)?;
        let reminder_times = reminder_times::ReminderTimes::of(&vault)?;
        let ballast = Ballast::open(&settings.data_dir, settings.ballast_bytes);
        let writer = tokio::sync::Mutex::new(writer);
        let store = Self {
            settings,
            vault,
            ballast,
            writer,
            readers,
            heads,
            import: Mutex::new(None),
            behind: Mutex::default(),
            backups_overdue: AtomicU64::new(0),
            budget_seen: Mutex::default(),
            news_told: Mutex::default(),
            reminder_times,
        };
        // What is in the file is durable: entries of earlier runs count as witnessed.
        store.witness_start(now).await?;
        store.end_forgetting(now).await?;
        store.note_vault_news(now).await?;
        Holding::sweep(&store.settings.data_dir);
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
    pub async fn back_up(&self, to: &Path) -> Done<()> {
        self.back_up_with_ring(to, &to.join(crate::backup::KEYRING_COPY)).await
    }

    /// The same with the ring elsewhere: one copy for all sets of a folder.
    ///
    /// # Errors
    /// When the file is there already, the ring is another store's, or the disk fails.
    pub async fn back_up_with_ring(&self, to: &Path, ring: &Path) -> Done<()> {
        crate::backup::back_up_with_ring(&mut *self.writer.lock().await, &self.vault, to, ring).await
    }

    /// The database of this moment alone, into a folder of the data folder, to be encrypted from there.
    ///
    /// # Errors
    /// When the file is there already, or the disk fails.
    pub async fn back_up_database(&self, to: &Path) -> Done<()> {
        crate::backup::back_up_database(&mut *self.writer.lock().await, to).await
    }

    /// Overwrites the one copy of the key ring in a folder of encrypted sets. Where it is. A vault in a process of its own
    /// writes it itself, sealed under the root key alone.
    ///
    /// # Errors
    /// When the ring there is another store's, `age` is missing or fails, or the disk does.
    pub async fn back_up_ring_sealed(&self, folder: &Path, recipients: &[String]) -> Done<PathBuf> {
        let (vault, data) = (Arc::clone(&self.vault), self.settings.data_dir.clone());
        let (copy, recipients) = (folder.join(crate::backup::KEYRING_COPY), recipients.to_vec());
        let written = tokio::task::spawn_blocking(move || {
            let ring = crate::backup::ring_in(copy.parent().unwrap_or(Path::new(".")), &vault, &recipients)?;
            crate::backup::Targets::of(&data)?.write(&vault, &recipients, &copy)?;
            Ok(ring)
        });
        let doing = "encrypting a backup";
        written.await.map_err(|source| StoreFault::Database { doing, source: Box::new(source) })?
    }

    /// Eight hexadecimal digits that tell this store from others: of the key that verifies its log. No secret.
    pub fn fingerprint(&self) -> String {
        crate::backup::fingerprint(self.vault.verifying_key().as_bytes())
    }

    /// What the vault refused because a budget was spent, ever; and the recovery sheets that were made beside it.
    ///
    /// # Errors
    /// When the vault does not answer.
    pub fn vault_news(&self) -> Done<crate::vault::VaultNews> {
        self.vault.news().map_err(vault_fault("asking the vault"))
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

/// The vault of a store: behind its socket, or in this process; made where there is none.
fn open_vault(settings: &StoreSettings, has_database: bool, chance: Arc<dyn Chance>) -> Result<Vault, VaultFault> {
    let refused = |what: &str| Err(VaultFault::Refused { what: what.into() });
    if let Some(socket) = &settings.vault_socket {
        if Vault::is_in(&settings.vault()) {
            return refused(
                "vault/root.key lies in the data folder, and the vault is a process of its own: move root.key, keyring, \
                 case-secrets and ledger into the folder of `caseline vault`, for its account alone",
            );
        }
        return Vault::connect(socket, chance);
    }
    if !Vault::is_in(&settings.vault()) {
        if has_database {
            return refused("the database is here and vault/root.key is not; put the vault of this store back");
        }
        Vault::init(&settings.vault(), &chance)?;
    }
    Vault::open_with(&settings.vault(), settings.openings, chance)
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

pub(crate) use {going_on, growing};

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
    async fn check_passkey(&self, now: Time, who: &Trying, shown: &dyn ShownPasskey) -> Done<Checked> {
        going_on!(self, self.try_passkey(now, who, shown))
    }
    async fn keep_passkey(
        &self,
        now: Time,
        who: &Trying,
        case: CaseId,
        code: &Private<CardCode>,
        passkey: &Passkey,
    ) -> Done<PasskeyKept> {
        growing!(self, self.new_passkey(now, who, case, code.reveal(), passkey))
    }
    async fn read_case(&self, now: Time, contact: ContactId, case: CaseId, fields: &[Field]) -> Done<Vec<Assertion>> {
        going_on!(self, self.read(now, contact, case, fields))
    }
    async fn end_access(&self, now: Time, contact: ContactId, case: CaseId) -> Done<()> {
        going_on!(self, self.close_for(now, contact, case))
    }
    async fn open_file(&self, now: Time, contact: ContactId, file: NewFile) -> Done<()> {
        growing!(self, self.new_file(now, contact, file))
    }
    async fn forget(&self, now: Time, contact: ContactId, case: CaseId) -> Done<Vec<(String, u32)>> {
        going_on!(self, self.destroy_case_of(now, contact, case))
    }
    async fn end_authorities(&self, now: Time, contact: ContactId, case: CaseId) -> Done<u32> {
        going_on!(self, self.end_authorities_in(now, contact, case))
    }
    async fn leave_ticket(&self, now: Time, contact: ContactId, ticket: NewTicket) -> Done<TicketLeft> {
        growing!(self, self.keep_ticket(now, contact, &ticket))
    }
    async fn withdraw_tickets(&self, now: Time, contact: ContactId, case: CaseId) -> Done<u32> {
        going_on!(self, self.drop_tickets_of(now, contact, case))
    }
    async fn openings(&self, now: Time, contact: ContactId, case: CaseId) -> Done<Vec<Opening>> {
        going_on!(self, self.openings_of(now, contact, case))
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
    async fn alarms(&self, now: Time) -> Done<Vec<AlarmKind>> {
        self.ringing(now).await
    }
    async fn probe(&self) -> Done<()> {
        if !self.ballast.has_room() {
            return Err(self.full("writing and reading back"));
        }
        self.with_folder(self.write_and_read_back().await)
    }
}
