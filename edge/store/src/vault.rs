//! The vault: the only holder of keys. It gives marks of what was keyed, seals, opens one thing on one grant, and
//! destroys; it has no list and no scan, and shares nothing with the database but what its verbs take and return. It is
//! in this process, or in one of its own behind a socket: the same questions, the same answers.
//! Where sealed bytes and marks are kept is left to `sqlite`; who gets a grant, to `helpline`.

pub mod bench;
mod budget;
mod client;
mod files;
mod holder;
mod import;
mod keyring;
mod ledger;
pub mod lockdown;
mod marks;
mod sealed;
mod secrets;
#[cfg(test)]
pub(crate) mod served;
pub mod server;
mod wire;

pub use budget::{MarkBudget, OpeningBudget, Refused, VaultNews};
pub use files::VaultFault;
pub(crate) use files::write_atomically;
pub(crate) use keyring::keyrings_never_panic;
pub(crate) use ledger::ledgers_never_panic;
pub(crate) use marks::Marked;
pub(crate) use sealed::sealed_values_never_panic;
pub(crate) use sealed::{Opening, Place, slot_of};
pub(crate) use secrets::case_secrets_never_panic;
pub(crate) use secrets::{CASE_SECRETS, SecretState, Slot};
pub(crate) use wire::vault_frames_never_panic;

use crate::audit_tree::Hash;
use crate::import_set::ImportSet;
use caseline_conversation::slot::CaseNumber;
use caseline_helpline::chance::Chance;
use caseline_helpline::grant::Grant;
use caseline_helpline::retention::DataClass;
use caseline_model::{CaseId, Time};
use client::Client;
use ed25519_dalek::VerifyingKey;
use holder::{CONTACT, ENROLMENT, Holder, TICKET, fresh_key};
use marks::IndexedNumber;
use sealed::Plain;
pub(crate) use sealed::class_code;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use wire::{Ask, AskedGrant, Greeting, SealedRow, Told};
use zeroize::Zeroizing;

/// A key: 32 bytes, wiped when dropped.
pub(crate) type Key = Zeroizing<[u8; 32]>;

/// How many case numbers are indexed at once, on threads of their own.
const INDEX_AT_ONCE_MAX: usize = 4;

/// After a week has ended its key stays for an hour, for those who were cut off at midnight.
const WEEK_KEY_STAYS: Duration = Duration::from_secs(3_600);

/// The newest entries of the log that are shown to the vault when a case is to be opened on one.
const ENTRIES_SHOWN: usize = 1_024;

/// Where the keys are held, and what this process knows of it.
pub struct Vault {
    at: At,
    greeting: Greeting,
    has_secrets: AtomicBool,
    /// A case's secret was destroyed, and its rows perhaps not.
    is_half_forgotten: AtomicBool,
    chance: Arc<dyn Chance>,
    indexing: Arc<Semaphore>,
    /// The size of the largest log head that was signed: entries below it are durable (property S5).
    witnessed: AtomicU64,
    /// By place in the log: salt and sealed bytes of the newest entries.
    entries: Mutex<BTreeMap<u64, SealedEntry>>,
}

/// Salt and sealed bytes of an entry of the log.
type SealedEntry = ([u8; 32], Vec<u8>);

/// In this process, or behind a socket.
#[derive(Clone)]
pub(crate) enum At {
    Here(Arc<Holder>),
    There(Arc<Client>),
}

impl At {
    fn ask(&self, ask: &Ask<'_>) -> Result<Told, VaultFault> {
        match self {
            Self::Here(holder) => holder.answer(ask),
            Self::There(client) => client.ask(ask),
        }
    }

    /// Form of `index`: whose case a number of a feed is.
    pub(crate) fn import_case(&self, import: u64, number: &str) -> Result<Option<CaseId>, VaultFault> {
        case_told(self.ask(&Ask::ImportNumber { import, number }))
    }

    /// Form of `index`: whose case a row of an earlier feed is.
    pub(crate) fn import_row(&self, import: u64, row: u64) -> Result<Option<CaseId>, VaultFault> {
        case_told(self.ask(&Ask::ImportRow { import, row }))
    }

    /// Lets a set go. A vault that does not answer has none any more, or lets it go when others begin.
    pub(crate) fn end_import(&self, import: u64) {
        let _ = self.ask(&Ask::ImportEnd { import });
    }
}

/// What the vault said of leaves of the log.
pub(crate) enum Witnessed {
    /// They are under this head, which is signed.
    Head { size: u64, root: Hash, signature: [u8; 64] },
    /// It misses those from this place on.
    Behind(u64),
}

impl Vault {
    /// Makes `root.key` and an empty key ring in a new folder. The chance must be the operating system's.
    ///
    /// # Errors
    /// When a vault is there already, or the files cannot be written.
    pub fn init(dir: &Path, chance: &Arc<dyn Chance>) -> Result<(), VaultFault> {
        Holder::init(dir, chance)
    }

    /// Whether a folder holds a vault.
    pub fn is_in(dir: &Path) -> bool {
        dir.join(files::ROOT_KEY).exists()
    }

    /// Opens the vault of a folder, in this process.
    ///
    /// # Errors
    /// When a file is missing, can be read by others, or does not open with the root key.
    pub fn open(dir: &Path, chance: Arc<dyn Chance>) -> Result<Self, VaultFault> {
        Self::open_with(dir, OpeningBudget::default(), chance)
    }

    /// The same, opening so many cases at the most.
    ///
    /// # Errors
    /// See `open`.
    pub fn open_with(dir: &Path, budget: OpeningBudget, chance: Arc<dyn Chance>) -> Result<Self, VaultFault> {
        Self::at(At::Here(Arc::new(Holder::open(dir, budget, Arc::clone(&chance))?)), chance)
    }

    /// A vault in a process of its own, behind its socket.
    ///
    /// # Errors
    /// When nobody answers there, or somebody who is not the owner of the socket's folder.
    pub fn connect(socket: &Path, chance: Arc<dyn Chance>) -> Result<Self, VaultFault> {
        Self::at(At::There(Arc::new(Client::new(socket))), chance)
    }

    fn at(at: At, chance: Arc<dyn Chance>) -> Result<Self, VaultFault> {
        let Told::Greeting(greeting) = at.ask(&Ask::Greet)? else { return Err(VaultFault::Form) };
        Ok(Self {
            at,
            greeting,
            has_secrets: AtomicBool::new(greeting.has_secrets),
            is_half_forgotten: AtomicBool::new(false),
            chance,
            indexing: Arc::new(Semaphore::new(INDEX_AT_ONCE_MAX)),
            witnessed: AtomicU64::new(0),
            entries: Mutex::default(),
        })
    }

    /// Whether it is in a process of its own.
    pub const fn is_apart(&self) -> bool {
        matches!(self.at, At::There(_))
    }

    /// What the vault did that the log is to say: openings and marks that it refused, sheets that were made beside it.
    ///
    /// # Errors
    /// When the vault does not answer.
    pub fn news(&self) -> Result<VaultNews, VaultFault> {
        match self.at.ask(&Ask::Greet)? {
            Told::Greeting(greeting) => Ok(greeting.news),
            _ => Err(VaultFault::Form),
        }
    }

    /// The id that the key ring and its database share.
    pub(crate) const fn store_id(&self) -> [u8; 16] {
        self.greeting.store
    }

    /// Whether nothing was ever sealed with this ring.
    pub(crate) const fn is_unused(&self) -> bool {
        self.greeting.is_unused
    }

    /// 32 random bytes that are no secret of the vault: salts.
    pub(crate) fn salt(&self) -> [u8; 32] {
        *fresh_key(&*self.chance)
    }

    /// Whether the file of the cases' secrets is there.
    pub(crate) fn has_secrets(&self) -> bool {
        self.has_secrets.load(Ordering::Acquire)
    }

    /// Makes the file of the cases' secrets, for a folder of before there was one.
    pub(crate) fn make_secrets(&self) -> Result<(), VaultFault> {
        self.done(&Ask::MakeSecrets)?;
        self.has_secrets.store(true, Ordering::Release);
        Ok(())
    }

    /// The mark of something keyed.
    pub(crate) fn index(&self, what: &Marked<'_>) -> Result<[u8; 32], VaultFault> {
        let asked = what.asked();
        let parts = asked.parts.iter().map(|part| part.as_slice()).collect();
        let mark = self.bytes(&Ask::Mark { kind: asked.kind, week: asked.week, parts })?;
        mark.as_slice().try_into().map_err(|_| VaultFault::Form)
    }

    /// The mark of a case number. It costs 19 MiB and about 32 ms on a thread of its own, whatever was keyed.
    pub(crate) async fn index_number(&self, number: &CaseNumber) -> Result<IndexedNumber, VaultFault> {
        let (at, canonical) = (self.at.clone(), Zeroizing::new(number.canonical()));
        // Few at once: a flood of tries may cost time, not memory.
        let turn = Arc::clone(&self.indexing).acquire_owned().await;
        let indexed = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            at.ask(&Ask::Number { number: &canonical })
        });
        let stopped = |stopped| VaultFault::File { doing: "indexing a number", source: std::io::Error::other(stopped) };
        match indexed.await.map_err(stopped)?? {
            Told::Bytes(mark) => mark.as_slice().try_into().map(IndexedNumber).map_err(|_| VaultFault::Form),
            _ => Err(VaultFault::Form),
        }
    }

    /// Form of `index`: the enrolled numbers of sealed rows as a set under a key made for this reading alone. The set
    /// stays where the keys are; what comes back only asks it.
    pub(crate) fn import_set(&self, rows: &[EnrolledRow]) -> Result<ImportSet, VaultFault> {
        let Told::Count(import) = self.at.ask(&Ask::ImportBegin)? else { return Err(VaultFault::Form) };
        // In chunks that fit in a frame whatever a row holds: most are some 300 bytes.
        for chunk in rows.chunks(wire::ROWS_MAX) {
            let rows = chunk.iter().map(|row| SealedRow {
                case: row.case,
                case_key: &row.case_key,
                number: &row.number,
                feed_rows: row.feed_rows.as_deref().unwrap_or_default(),
            });
            self.done(&Ask::ImportAdd { import, rows: rows.collect() })?;
        }
        Ok(ImportSet::in_vault(self.at.clone(), import, rows.iter().map(|row| row.case).collect()))
    }

    /// Seals a value that goes on a day: under a key made for it, from the key of its class and that day.
    pub(crate) fn seal(
        &self,
        class: DataClass,
        goes_at: Time,
        place: Place<'_>,
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultFault> {
        self.seal_with_secret(class, goes_at, None, place, plain)
    }

    /// The same for something that belongs to a case: without the case's secret it does not open, whatever the day.
    pub(crate) fn seal_with_secret(
        &self,
        class: DataClass,
        goes_at: Time,
        slot: Option<Slot>,
        place: Place<'_>,
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultFault> {
        self.sealed(&Ask::SealValue { class: class_code(class), goes_at: goes_at.micros(), slot, place, plain })
    }

    /// Makes the secret and the key of a new case; the key is sealed under the secret and the day on which the case goes.
    pub(crate) fn new_case_key(&self, goes_at: Time, case: CaseId) -> Result<Vec<u8>, VaultFault> {
        self.sealed(&Ask::SealCaseKey { goes_at: goes_at.micros(), case })
    }

    /// Seals a value of a case under the case's key.
    pub(crate) fn seal_in_case(
        &self,
        case: CaseId,
        case_key: &[u8],
        place: Place<'_>,
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultFault> {
        self.sealed(&Ask::SealInCase { case, case_key, place, plain })
    }

    /// Opens a value that stands on its own.
    pub(crate) fn open_value(
        &self,
        opening: &Opening<'_>,
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<Plain, VaultFault> {
        if matches!(opening, Opening::Passkey { .. }) || !opening.names(place) {
            return Err(VaultFault::NotGranted);
        }
        self.bytes(&Ask::Value { place, sealed })
    }

    /// Opens a value of a case on a grant. The entry in the log comes first: the vault is shown it, and until it is under
    /// the head that the vault signed nothing opens (S5).
    pub(crate) fn open_in_case(
        &self,
        now: Time,
        opening: &Opening<'_>,
        case_key: &[u8],
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<Plain, VaultFault> {
        let grant = match opening {
            Opening::Passkey { case, .. } if opening.names(place) => {
                return self.bytes(&Ask::Passkey { case: *case, case_key, place, sealed });
            }
            Opening::Case(grant) => grant,
            _ => return Err(VaultFault::NotGranted),
        };
        let at = grant.audited().index();
        let shown = self.entries.lock().unwrap_or_else(PoisonError::into_inner).get(&at).cloned();
        let (salt, entry) = shown.ok_or(VaultFault::NotAudited)?;
        let (mut contact, mut until) = (Vec::new(), String::new());
        let kind = match grant {
            Grant::Contact { contact: of, .. } => {
                contact = of.to_bytes().to_vec();
                CONTACT
            }
            Grant::Ticket { until: day, .. } => {
                until = day.to_string();
                TICKET
            }
            Grant::Enrolment { .. } => ENROLMENT,
        };
        let grant = AskedGrant {
            kind,
            case: grant.case(),
            contact: &contact,
            until: &until,
            place: at,
            salt: &salt,
            entry: &entry,
        };
        self.bytes(&Ask::Case { now: now.micros(), grant, case_key, place, sealed })
    }

    /// Seals a value anew for another class and day, without it leaving the vault. What belongs to a case goes on doing so.
    pub(crate) fn rotate(
        &self,
        class: DataClass,
        goes_at: Time,
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<Vec<u8>, VaultFault> {
        let (class, goes_at) = (class_code(class), goes_at.micros());
        self.sealed(&Ask::RotateValue { class, goes_at, keeps_secret: true, place, sealed })
    }

    /// Seals a value anew that outlives its case.
    pub(crate) fn without_secret(
        &self,
        class: DataClass,
        goes_at: Time,
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<Vec<u8>, VaultFault> {
        let (class, goes_at) = (class_code(class), goes_at.micros());
        self.sealed(&Ask::RotateValue { class, goes_at, keeps_secret: false, place, sealed })
    }

    /// Seals the key of a case anew for another day. A case of before there were secrets gets one.
    pub(crate) fn rotate_case_key(&self, goes_at: Time, case: CaseId, sealed: &[u8]) -> Result<Vec<u8>, VaultFault> {
        self.sealed(&Ask::RotateCaseKey { goes_at: goes_at.micros(), case, sealed })
    }

    /// What became of the secrets of cases, in their order. Thousands go in one question: a start asks for all cases, and
    /// behind a socket each question takes some 30 µs.
    pub(crate) fn secret_states(&self, slots: &[Slot]) -> Result<Vec<SecretState>, VaultFault> {
        let mut states = Vec::with_capacity(slots.len());
        for slots in slots.chunks(wire::SLOTS_MAX) {
            match self.at.ask(&Ask::SecretStates { slots: slots.to_vec() })? {
                Told::States(told) if told.len() == slots.len() => states.extend(told),
                _ => return Err(VaultFault::Form),
            }
        }
        Ok(states)
    }

    /// Destroys the secrets of cases, at once and for good: all that was sealed with them never opens again, with all
    /// keys in hand, from an earlier copy of the database neither.
    pub(crate) fn destroy_secrets(&self, slots: &[Slot]) -> Result<(), VaultFault> {
        if slots.is_empty() {
            return Ok(());
        }
        self.is_half_forgotten.store(true, Ordering::Release);
        slots.chunks(wire::SLOTS_MAX).try_for_each(|slots| self.done(&Ask::DestroySecrets { slots: slots.to_vec() }))
    }

    /// Notes whether a case's secret is destroyed and its rows may be there still.
    pub(crate) fn set_half_forgotten(&self, is: bool) {
        self.is_half_forgotten.store(is, Ordering::Release);
    }

    /// Whether a case's secret may be destroyed and its rows be there still.
    pub(crate) fn is_half_forgotten(&self) -> bool {
        self.is_half_forgotten.load(Ordering::Acquire)
    }

    /// Destroys the keys of days and weeks that are over. What was sealed under them never opens again, in a backup
    /// neither. How many keys.
    pub(crate) fn destroy(&self, now: Time) -> Result<usize, VaultFault> {
        match self.at.ask(&Ask::DestroyDue { now: now.micros() })? {
            Told::Count(count) => Ok(usize::try_from(count).unwrap_or(usize::MAX)),
            _ => Err(VaultFault::Form),
        }
    }

    /// Opens the vault of a folder for a recovery sheet, and notes on its disk that one is made: the log of the line says so
    /// when it next asks. The root key is the one of this vault then. The fingerprint of its store.
    ///
    /// # Errors
    /// See `open`.
    pub fn note_sheet(dir: &Path, chance: Arc<dyn Chance>) -> Result<String, VaultFault> {
        let verifying = Holder::open(dir, OpeningBudget::default(), chance)?.note_sheet()?;
        Ok(crate::backup::fingerprint(&verifying))
    }

    /// A new root key: the ring is sealed anew, and nothing else changes. Whoever holds the vault open opens it again.
    ///
    /// # Errors
    /// When the files cannot be written. The old root key then still opens the ring.
    pub fn rotate_root(dir: &Path, chance: Arc<dyn Chance>) -> Result<(), VaultFault> {
        Holder::open(dir, OpeningBudget::default(), chance)?.rotate_root()
    }

    /// Shows an entry of the log that a write is about to keep, for the case that may be opened on it.
    pub(crate) fn note_entry(&self, place: u64, salt: [u8; 32], sealed: &[u8]) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.insert(place, (salt, sealed.to_vec()));
        while entries.len() > ENTRIES_SHOWN {
            entries.pop_first();
        }
    }

    /// Hands the vault the leaves of the log from a place on; it takes them under its head and signs that. They count as
    /// durable then.
    pub(crate) fn witness(&self, from: u64, leaves: &[Hash]) -> Result<Witnessed, VaultFault> {
        let mut at = from;
        let mut chunks = leaves.chunks(wire::LEAVES_MAX).peekable();
        loop {
            let leaves = chunks.next().unwrap_or_default();
            let told = self.at.ask(&Ask::Witness { from: at, leaves: leaves.to_vec() })?;
            at += leaves.len() as u64;
            match told {
                Told::Head { size, root, signature } => {
                    self.witnessed.fetch_max(size, Ordering::AcqRel);
                    if chunks.peek().is_none() {
                        return Ok(Witnessed::Head { size, root, signature });
                    }
                }
                Told::Behind(place) => return Ok(Witnessed::Behind(place)),
                _ => return Err(VaultFault::Form),
            }
        }
    }

    /// Signs a head of the public log, which is another log under another name and says nothing of what is durable.
    pub(crate) fn sign_public(&self, size: u64, root: &Hash) -> Result<[u8; 64], VaultFault> {
        match self.at.ask(&Ask::SignPublic { size, root: *root })? {
            Told::Head { signature, .. } => Ok(signature),
            _ => Err(VaultFault::Form),
        }
    }

    /// How many entries are known to be durable.
    pub(crate) fn witnessed(&self) -> u64 {
        self.witnessed.load(Ordering::Acquire)
    }

    /// The key that verifies heads of the log.
    pub(crate) fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey::from_bytes(&self.greeting.verifying).unwrap_or_default()
    }

    /// Whether a copy of the ring and the cases' secrets beside it are as new as the vault's.
    pub(crate) fn is_same_ring(&self, copy: &Path) -> bool {
        matches!(self.at.ask(&Ask::IsSameCopy { copy }), Ok(Told::Is(true)))
    }

    /// Overwrites a copy of the ring, and of the cases' secrets beside it.
    pub(crate) fn copy_ring_to(&self, copy: &Path) -> Result<(), VaultFault> {
        self.done(&Ask::OverwriteCopy { copy })
    }

    /// Whether the ring in a folder is one of this store's, under this root key.
    pub(crate) fn is_ring_of_this_store(&self, folder: &Path) -> bool {
        matches!(self.at.ask(&Ask::IsCopyOfStore { folder }), Ok(Told::Is(true)))
    }

    /// For a restore: the newer one of two rings stays, the one in the vault's folder or the one in another folder; of the
    /// cases' secrets what is further on in either.
    /// Whether it was the vault's own: what was destroyed there stays destroyed.
    ///
    /// # Errors
    /// When the rings belong to two stores, or the disk fails.
    pub fn take_newer_ring(dir: &Path, other: &Path) -> Result<bool, VaultFault> {
        Holder::take_newer_ring(dir, other)
    }

    /// Opens a value of a case as somebody who has all keys in hand.
    #[cfg(test)]
    pub(crate) fn open_with_all_keys(
        &self,
        case: CaseId,
        case_key: &[u8],
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<Plain, VaultFault> {
        self.holder().open_of_case(case, case_key, place, sealed)
    }

    /// Drops all connections, as a vault that was killed does.
    #[cfg(test)]
    pub(crate) fn forget_connections(&self) {
        if let At::There(client) = &self.at {
            client.forget_connections();
        }
    }

    /// The holder of the keys in this process.
    #[cfg(test)]
    pub(crate) fn holder(&self) -> &Holder {
        match &self.at {
            At::Here(holder) => holder,
            At::There(_) => panic!("the keys are in another process"),
        }
    }

    fn done(&self, ask: &Ask<'_>) -> Result<(), VaultFault> {
        match self.at.ask(ask)? {
            Told::Done => Ok(()),
            _ => Err(VaultFault::Form),
        }
    }

    fn bytes(&self, ask: &Ask<'_>) -> Result<Plain, VaultFault> {
        match self.at.ask(ask)? {
            Told::Bytes(bytes) => Ok(bytes),
            _ => Err(VaultFault::Form),
        }
    }

    /// Sealed bytes are no secret.
    fn sealed(&self, ask: &Ask<'_>) -> Result<Vec<u8>, VaultFault> {
        self.bytes(ask).map(|mut bytes| std::mem::take(&mut *bytes))
    }
}

/// An enrolled row as the database keeps it.
pub(crate) struct EnrolledRow {
    /// The case.
    pub(crate) case: CaseId,
    /// Its key, sealed under the day on which it goes.
    pub(crate) case_key: Vec<u8>,
    /// Its number, sealed under the case key.
    pub(crate) number: Vec<u8>,
    /// The keys of its rows in an earlier feed, sealed under the case key.
    pub(crate) feed_rows: Option<Vec<u8>>,
}

fn case_told(told: Result<Told, VaultFault>) -> Result<Option<CaseId>, VaultFault> {
    match told? {
        Told::Case(case) => Ok(case),
        _ => Err(VaultFault::Form),
    }
}

/// The oldest week whose key is still used.
pub(crate) fn oldest_week(now: Time) -> u32 {
    now.minus(WEEK_KEY_STAYS).week()
}

/// The origin of the log of a store: a name and no address (C2SP tlog-checkpoint); .invalid is nobody's (RFC 2606).
pub(crate) fn log_name(store: &[u8; 16]) -> String {
    let store: String = store.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("caseline.invalid/log/{store}")
}

/// The origin of the public log beside a log.
pub(crate) fn public_log_name(log: &str) -> String {
    format!("{log}/public")
}

/// Places and leaves of the newest entries that opened their case, from the ledger of a vault that is not running.
#[cfg(test)]
pub(crate) fn opened_entries(folder: &Path) -> Vec<(u64, Hash)> {
    ledger::Ledger::open(folder, OpeningBudget::default()).unwrap().opened()
}

#[cfg(test)]
mod tests;
