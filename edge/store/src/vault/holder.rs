//! The holder of the keys: reads and writes the vault's files, and answers what the vault is asked, in this process or
//! over its socket. A case opens only on an entry of the log that is under the head which it keeps itself.
//! Marks are left to `marks`, sealing and opening to `sealed`, the head and the budget to `ledger`.

use super::budget::{MarkBudget, OpeningBudget};
use super::files::{self, VaultFault};
use super::import::Imports;
use super::keyring::Keyring;
use super::ledger::{Grown, LEDGER, LEDGER_BEFORE, Ledger};
use super::sealed::{LOG_ENTRIES, Place, Plain};
use super::secrets::{self, CASE_SECRETS, CaseSecrets, Slot};
use super::wire::{Ask, AskedGrant, Greeting, SealedRow, Told};
use super::{Key, log_name};
use crate::audit_tree::{checkpoint, commitment, leaf};
use crate::keyed::keyed;
use caseline_helpline::audit::{AuditEntry, AuditEvent, Role};
use caseline_helpline::chance::Chance;
use caseline_helpline::clock::Clock;
use caseline_model::{ContactId, Date, Time, Zone};
use ed25519_dalek::{Signer, SigningKey};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;
use zeroize::Zeroizing;

/// How many case numbers are indexed at once: each takes 19 MiB for about 32 ms. A flood of tries may cost time, not
/// memory.
const INDEX_AT_ONCE_MAX: usize = 4;
/// Keys in the ring: of every class a key a day over years, with much to spare.
const KEYS_MAX: usize = 200_000;

/// Holder of the keys.
pub(crate) struct Holder {
    dir: PathBuf,
    root: Key,
    ring: RwLock<Keyring>,
    secrets: OnceLock<CaseSecrets>,
    ledger: Ledger,
    imports: Imports,
    chance: Arc<dyn Chance>,
    /// The vault's own time; none: that of whoever asks.
    clock: Option<OwnTime>,
    /// The folders in which copies of the ring may be; none: all.
    copies: Option<Vec<PathBuf>>,
    indexing: Mutex<usize>,
    indexed: Condvar,
}

/// The time of a vault that does not believe that of whoever asks.
struct OwnTime {
    clock: Arc<dyn Clock>,
    /// So far may the other's be from it, before or behind.
    skew_max: Duration,
}

impl Holder {
    /// Makes `root.key` and an empty key ring in a new folder. The chance must be the operating system's.
    ///
    /// # Errors
    /// When a vault is there already, or the files cannot be written.
    pub(super) fn init(dir: &Path, chance: &Arc<dyn Chance>) -> Result<(), VaultFault> {
        files::make_private_dir(dir)?;
        let root = dir.join(files::ROOT_KEY);
        if root.exists() {
            return Err(VaultFault::Refused {
                what: "a root key is there already; move it away before another one is made".into(),
            });
        }
        if dir.join(files::KEYRING).exists() {
            return Err(VaultFault::Refused {
                what: "a key ring is there without its root key; put vault/root.key back, or move the ring away".into(),
            });
        }
        let root_key = fresh_key(&**chance);
        let ring = Keyring::fresh(&**chance);
        ring.write(dir, &root_key, &**chance)?;
        CaseSecrets::make(dir, ring.store, secrets_key(&ring))?;
        files::write_atomically(&root, &root_key[..])
    }

    /// Opens the vault of a folder.
    ///
    /// # Errors
    /// When a file is missing, can be read by others, or does not open with the root key.
    pub(super) fn open(dir: &Path, budget: OpeningBudget, chance: Arc<dyn Chance>) -> Result<Self, VaultFault> {
        Self::open_with(dir, (budget, MarkBudget::default()), chance)
    }

    /// The same with both budgets.
    pub(super) fn open_with(
        dir: &Path,
        (openings, marks): (OpeningBudget, MarkBudget),
        chance: Arc<dyn Chance>,
    ) -> Result<Self, VaultFault> {
        let root = files::read_root(&dir.join(files::ROOT_KEY))?;
        let next = dir.join(files::NEXT_ROOT_KEY);
        let (root, ring) = match Keyring::read(dir, &root) {
            Ok(ring) => (root, ring),
            // A rotation was cut off after the ring and before the root key: it is ended now.
            Err(_) if next.exists() => {
                let root = files::read_root(&next)?;
                let ring = Keyring::read(dir, &root)?;
                files::replace(&next, &dir.join(files::ROOT_KEY))?;
                (root, ring)
            }
            Err(fault) => return Err(fault),
        };
        let secrets = OnceLock::new();
        if dir.join(CASE_SECRETS).exists() {
            let _ = secrets.set(CaseSecrets::open(dir, ring.store, secrets_key(&ring))?);
        }
        Ok(Self {
            ledger: Ledger::open_with(dir, openings, marks)?,
            dir: dir.to_owned(),
            root,
            ring: RwLock::new(ring),
            secrets,
            imports: Imports::default(),
            chance,
            clock: None,
            copies: None,
            indexing: Mutex::new(0),
            indexed: Condvar::new(),
        })
    }

    /// With a clock of its own, and with these copies of the ring alone: for a process of its own, which believes whoever
    /// asks neither the time nor where to write, and marks no more codes than its budget has. In the line's own process
    /// whoever asks for marks has the key of the marks as well, and a budget would hold nobody.
    pub(super) fn guarded(mut self, clock: Arc<dyn Clock>, skew_max: Duration, copies: Vec<PathBuf>) -> Self {
        self.clock = Some(OwnTime { clock, skew_max });
        self.copies = Some(copies);
        self
    }

    pub(super) fn chance(&self) -> &dyn Chance {
        &*self.chance
    }

    /// Answers one question.
    pub(super) fn answer(&self, ask: &Ask<'_>) -> Result<Told, VaultFault> {
        let bytes = |bytes: Vec<u8>| Told::Bytes(Zeroizing::new(bytes));
        let time = Time::from_micros;
        Ok(match ask {
            Ask::Mark { kind, week, parts } => {
                self.let_mark(*kind, parts)?;
                bytes(self.mark(*kind, *week, parts)?.to_vec())
            }
            Ask::Number { number } => bytes(self.index_in_turn(number)?.to_vec()),
            Ask::ImportBegin => Told::Count(self.imports.begin(&*self.chance)),
            Ask::ImportAdd { import, rows } => {
                for row in rows {
                    let (number, feed_rows) = self.open_enrolled(row)?;
                    let number = std::str::from_utf8(&number).map_err(|_| VaultFault::Sealed)?;
                    self.imports.add(*import, number, row.case, &crate::import_set::rows_from_bytes(&feed_rows))?;
                }
                Told::Done
            }
            Ask::ImportNumber { import, number } => Told::Case(self.imports.case_of(*import, number)?),
            Ask::ImportRow { import, row } => Told::Case(self.imports.case_of_row(*import, *row)?),
            Ask::ImportEnd { import } => {
                self.imports.end(*import);
                Told::Done
            }
            Ask::Value { place, sealed } => Told::Bytes(self.open_value(*place, sealed)?),
            Ask::Passkey { case, case_key, place, sealed } => {
                Told::Bytes(self.open_passkey(*case, case_key, *place, sealed)?)
            }
            Ask::Case { now, grant, case_key, place, sealed } => {
                Told::Bytes(self.open_case(time(*now), grant, case_key, *place, sealed)?)
            }
            Ask::SealValue { class, goes_at, slot, place, plain } => {
                bytes(self.seal_value(*class, time(*goes_at), *slot, *place, plain)?)
            }
            Ask::SealCaseKey { goes_at, case } => bytes(self.seal_case_key(time(*goes_at), *case)?),
            Ask::SealInCase { case, case_key, place, plain } => {
                bytes(self.seal_in_case(*case, case_key, *place, plain)?)
            }
            // Only what stands on its own outlives its case; the key of a case never does.
            Ask::RotateValue { keeps_secret: false, place, .. } if place.table != "reports" => {
                return Err(VaultFault::NotGranted);
            }
            Ask::RotateValue { class, goes_at, keeps_secret, place, sealed } => {
                bytes(self.rotate_value(*class, time(*goes_at), *keeps_secret, *place, sealed)?)
            }
            Ask::RotateCaseKey { goes_at, case, sealed } => {
                bytes(self.rotate_case_key(time(*goes_at), *case, sealed)?)
            }
            Ask::DestroyDue { now } => Told::Count(self.destroy_due(time(*now))? as u64),
            Ask::DestroySecrets { slots } => {
                self.destroy_secrets(slots)?;
                Told::Done
            }
            Ask::SecretStates { slots } => {
                let secrets = self.secrets()?;
                Told::States(slots.iter().map(|slot| secrets.state(*slot)).collect::<Result<_, _>>()?)
            }
            Ask::OverwriteCopy { copy } => {
                self.declared(copy.parent().unwrap_or(copy))?;
                self.copy_ring_to(copy)?;
                Told::Done
            }
            Ask::IsSameCopy { copy } => {
                self.declared(copy.parent().unwrap_or(copy))?;
                Told::Is(self.is_same_ring(copy))
            }
            Ask::IsCopyOfStore { folder } => {
                self.declared(folder)?;
                Told::Is(self.is_ring_of_this_store(folder))
            }
            Ask::Greet => Told::Greeting(self.greeting()?),
            Ask::MakeSecrets => {
                self.make_secrets()?;
                Told::Done
            }
            Ask::Witness { from, leaves } => match self.ledger.grow(*from, leaves)? {
                Grown::Behind(place) => Told::Behind(place),
                Grown::Head(tree) => {
                    let (size, root) = (tree.size(), tree.root());
                    // The vault writes the note itself: it signs nothing that somebody hands in.
                    let signature = self.sign(&checkpoint::body(&log_name(&self.reading().store), size, &root));
                    Told::Head { size, root, signature }
                }
            },
            Ask::SignPublic { size, root } => {
                self.ledger.put_public(*size, root)?;
                let name = super::public_log_name(&log_name(&self.reading().store));
                let signature = self.sign(&checkpoint::body(&name, *size, root));
                Told::Head { size: *size, root: *root, signature }
            }
        })
    }

    fn greeting(&self) -> Result<Greeting, VaultFault> {
        let news = self.ledger.news()?;
        let ring = self.reading();
        Ok(Greeting {
            store: ring.store,
            verifying: SigningKey::from_bytes(&ring.signing).verifying_key().to_bytes(),
            is_unused: ring.generation <= 1,
            has_secrets: self.secrets.get().is_some(),
            news,
        })
    }

    /// Whether one more code or word may be marked: of these alone there are few enough to try them all, each with the salt
    /// that lies in the database. A salt of zeros is nobody's: it stands in for a card that is not there, so that every
    /// number is compared alike, and its marks tell nothing.
    fn let_mark(&self, kind: u8, parts: &[&[u8]]) -> Result<(), VaultFault> {
        let Some(own) = self.clock.as_ref().filter(|_| super::marks::is_counted(kind)) else { return Ok(()) };
        let is_somebody_s = parts.first().is_some_and(|salt| salt.iter().any(|byte| *byte != 0));
        let key = self.reading().marks.clone();
        let used = self.ledger.use_mark(own.clock.now(), is_somebody_s, &key);
        if matches!(used, Err(VaultFault::MarksSpent)) {
            tracing::error!(
                code = VaultFault::MarksSpent.code(),
                "the vault compared as many codes as it may; the next ones are refused until the hour or the day is over"
            );
        }
        used
    }

    /// The time up to which something is destroyed: that of whoever asks, never later than the vault's own. Refused where
    /// both are far apart: somebody's clock is wrong, or somebody wants keys destroyed before their day.
    fn time_of(&self, told: Time) -> Result<Time, VaultFault> {
        let Some(own) = &self.clock else { return Ok(told) };
        let now = own.clock.now();
        if told.since(now).max(now.since(told)) > own.skew_max {
            tracing::error!(
                code = VaultFault::OtherTime.code(),
                "whoever asks has another time than the vault; nothing is destroyed"
            );
            return Err(VaultFault::OtherTime);
        }
        Ok(told.min(now))
    }

    /// Notes that a recovery sheet is about to be printed; the key that verifies the log.
    pub(super) fn note_sheet(&self) -> Result<[u8; 32], VaultFault> {
        self.ledger.note_sheet()?;
        Ok(self.greeting()?.verifying)
    }

    /// Opens a value of a case. First the grant and the entry must name the case, and the entry be under the vault's own
    /// head; its use is on disk before anything is opened (property S5), and counts (property S8).
    fn open_case(
        &self,
        now: Time,
        grant: &AskedGrant<'_>,
        case_key: &[u8],
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<Plain, VaultFault> {
        let now = self.clock.as_ref().map_or(now, |own| own.clock.now());
        if !place.row.starts_with(&grant.case.to_bytes()) {
            return Err(VaultFault::NotGranted);
        }
        let row = grant.place.to_be_bytes();
        let of_log = Place { table: LOG_ENTRIES, row: &row, column: "sealed" };
        let entry = self.open_value(of_log, grant.entry).map_err(|_| VaultFault::NotAudited)?;
        let entry: AuditEntry = serde_json::from_slice(&entry).map_err(|_| VaultFault::NotAudited)?;
        if !lets_open(&entry, grant, now) {
            return Err(VaultFault::NotGranted);
        }
        let used = self.ledger.use_entry(now, grant.place, &leaf(&commitment(grant.salt, grant.entry)));
        if matches!(used, Err(VaultFault::BudgetSpent)) {
            tracing::error!(
                code = VaultFault::BudgetSpent.code(),
                "the vault opened as many cases as it may; the next ones are refused until the hour or the day is over"
            );
        }
        used?;
        self.open_of_case(grant.case, case_key, place, sealed)
    }

    fn open_enrolled(&self, row: &SealedRow<'_>) -> Result<(Plain, Plain), VaultFault> {
        let id = row.case.to_bytes();
        let open = |column, sealed| {
            self.open_of_case(row.case, row.case_key, Place { table: "cases", row: &id, column }, sealed)
        };
        let feed_rows = if row.feed_rows.is_empty() { Plain::default() } else { open("feed_rows", row.feed_rows)? };
        Ok((open("number", row.number)?, feed_rows))
    }

    fn index_in_turn(&self, number: &str) -> Result<[u8; 16], VaultFault> {
        let waiting = self.indexing.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |at_once: &mut usize| *at_once >= INDEX_AT_ONCE_MAX;
        *self.indexed.wait_while(waiting, full).unwrap_or_else(PoisonError::into_inner) += 1;
        let mark = self.index_number(number);
        *self.indexing.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.indexed.notify_one();
        mark
    }

    /// Refuses to write or read anywhere but in the copies that were named when the vault started.
    fn declared(&self, folder: &Path) -> Result<(), VaultFault> {
        match &self.copies {
            Some(copies) if !copies.iter().any(|declared| declared == folder) => Err(VaultFault::Refused {
                what: format!(
                    "the vault may not write its key ring into {}; start it with --copy {0}",
                    folder.display()
                ),
            }),
            _ => Ok(()),
        }
    }

    /// Makes the file of the cases' secrets, for a folder of before there was one.
    fn make_secrets(&self) -> Result<(), VaultFault> {
        let _lock = files::lock(&self.dir)?;
        let (store, key) = (self.reading().store, secrets_key(&self.reading()));
        // Another process of this store may have made it since.
        let made = if self.dir.join(CASE_SECRETS).exists() {
            CaseSecrets::open(&self.dir, store, key)?
        } else {
            CaseSecrets::make(&self.dir, store, key)?
        };
        let _ = self.secrets.set(made);
        Ok(())
    }

    fn destroy_secrets(&self, slots: &[Slot]) -> Result<(), VaultFault> {
        let _lock = files::lock(&self.dir)?;
        self.secrets()?.destroy(slots)
    }

    /// Destroys the keys of days and weeks that are over. What was sealed under them never opens again, in a backup
    /// neither. How many keys.
    fn destroy_due(&self, now: Time) -> Result<usize, VaultFault> {
        let now = self.time_of(now)?;
        let (day, week) = (now.day(), super::oldest_week(now));
        if !self.reloaded()?.has_expired(day, week) {
            return Ok(0);
        }
        self.change(|ring| {
            let before = ring.key_count();
            ring.destroy_before(day, week);
            Ok(before - ring.key_count())
        })
    }

    /// A new root key: the ring is sealed anew, and nothing else changes.
    ///
    /// # Errors
    /// When the files cannot be written. The old root key then still opens the ring.
    pub(super) fn rotate_root(&self) -> Result<(), VaultFault> {
        let _lock = files::lock(&self.dir)?;
        let ring = Keyring::read(&self.dir, &self.root)?;
        let root = fresh_key(&*self.chance);
        // Both files cannot change at once: the new root is kept beside the old one until the ring is under it.
        let next = self.dir.join(files::NEXT_ROOT_KEY);
        files::write_atomically(&next, &root[..])?;
        ring.write(&self.dir, &root, &*self.chance)?;
        files::replace(&next, &self.dir.join(files::ROOT_KEY))?;
        Ok(())
    }

    /// Whether a copy of the ring and the cases' secrets beside it are as new as the vault's.
    fn is_same_ring(&self, copy: &Path) -> bool {
        let is_same =
            |own, copy| matches!((std::fs::read(own), std::fs::read(copy)), (Ok(own), Ok(copied)) if own == copied);
        is_same(self.dir.join(files::KEYRING), copy.to_owned())
            && is_same(self.dir.join(CASE_SECRETS), copy.with_file_name(CASE_SECRETS))
    }

    /// Overwrites a copy of the ring, and of the cases' secrets beside it.
    fn copy_ring_to(&self, copy: &Path) -> Result<(), VaultFault> {
        let _lock = files::lock(&self.dir)?;
        files::copy_private(&self.dir.join(files::KEYRING), copy)?;
        secrets::copy(&self.dir, &copy.with_file_name(CASE_SECRETS))
    }

    /// Whether the ring in a folder is one of this store's, under this root key.
    fn is_ring_of_this_store(&self, folder: &Path) -> bool {
        Keyring::read(folder, &self.root).is_ok_and(|ring| ring.store == self.reading().store)
    }

    /// For a restore: the newer one of two rings stays, the one in the vault's folder or the one in another folder; of the
    /// cases' secrets what is further on in either.
    /// Whether it was the vault's own: what was destroyed there stays destroyed.
    pub(super) fn take_newer_ring(dir: &Path, other: &Path) -> Result<bool, VaultFault> {
        let root = files::read_root(&dir.join(files::ROOT_KEY))?;
        let offered = Keyring::read(other, &root)?;
        // The log that is restored may be shorter than the one whose head was kept: the vault begins anew with it.
        let ledger = dir.join(LEDGER);
        if ledger.exists() {
            files::replace(&ledger, &dir.join(LEDGER_BEFORE))?;
        }
        if dir.join(files::KEYRING).exists() {
            let own = Keyring::read(dir, &root)?;
            if own.store != offered.store {
                return Err(VaultFault::Refused {
                    what: "the key rings of the data folder and of the backup belong to two stores".into(),
                });
            }
            secrets::merge(dir, other, own.store)?;
            if own.generation >= offered.generation {
                return Ok(true);
            }
        } else {
            secrets::merge(dir, other, offered.store)?;
        }
        files::copy_private(&other.join(files::KEYRING), &dir.join(files::KEYRING))?;
        Ok(false)
    }

    pub(super) fn secrets(&self) -> Result<&CaseSecrets, VaultFault> {
        self.secrets.get().ok_or_else(|| VaultFault::Refused {
            what: format!("vault/{CASE_SECRETS} is missing; put the newest copy of it back, without it no case opens"),
        })
    }

    /// Makes the secret of one more case.
    pub(super) fn add_secret(&self) -> Result<Slot, VaultFault> {
        let _lock = files::lock(&self.dir)?;
        self.secrets()?.add(&*self.chance)
    }

    fn sign(&self, note: &str) -> [u8; 64] {
        SigningKey::from_bytes(&self.reading().signing).sign(note.as_bytes()).to_bytes()
    }

    pub(super) fn reading(&self) -> RwLockReadGuard<'_, Keyring> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key of a class and day, made when it is not there and the day is not over.
    pub(super) fn epoch_key_for(&self, class: u8, day: u32) -> Result<Key, VaultFault> {
        if let Some(key) = self.reading().epochs.get(&(class, day)) {
            return Ok(key.clone());
        }
        self.change(|ring| {
            if day < ring.destroyed_before {
                return Err(VaultFault::Sealed);
            }
            let key = ring.epochs.entry((class, day)).or_insert_with(|| fresh_key(&*self.chance));
            Ok(key.clone())
        })
    }

    /// The key of a class and day, if it is not destroyed.
    pub(super) fn epoch_key(&self, class: u8, day: u32) -> Result<Key, VaultFault> {
        if let Some(key) = self.reading().epochs.get(&(class, day)) {
            return Ok(key.clone());
        }
        // Another process of this store may have made it.
        self.reloaded()?.epochs.get(&(class, day)).cloned().ok_or(VaultFault::Sealed)
    }

    pub(super) fn week_key(&self, week: u32) -> Result<Key, VaultFault> {
        if let Some(key) = self.reading().weeks.get(&week) {
            return Ok(key.clone());
        }
        self.change(|ring| {
            if week < ring.weeks_destroyed_before {
                return Err(VaultFault::Sealed);
            }
            Ok(ring.weeks.entry(week).or_insert_with(|| fresh_key(&*self.chance)).clone())
        })
    }

    /// Changes the ring: what is on disk is read first, changed, and on disk again before it is used.
    fn change<T>(&self, change: impl FnOnce(&mut Keyring) -> Result<T, VaultFault>) -> Result<T, VaultFault> {
        let mut held = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        let _lock = files::lock(&self.dir)?;
        let mut ring = Keyring::read(&self.dir, &self.root)?;
        let generation = ring.generation;
        let result = change(&mut ring)?;
        if ring.key_count() > KEYS_MAX {
            return Err(VaultFault::Refused {
                what: format!("the key ring has {KEYS_MAX} keys, as many as there may be"),
            });
        }
        ring.generation = generation + 1;
        ring.write(&self.dir, &self.root, &*self.chance)?;
        *held = ring;
        Ok(result)
    }

    fn reloaded(&self) -> Result<RwLockReadGuard<'_, Keyring>, VaultFault> {
        {
            let mut held = self.ring.write().unwrap_or_else(PoisonError::into_inner);
            *held = Keyring::read(&self.dir, &self.root)?;
        }
        Ok(self.reading())
    }
}

/// Whether an entry of the log says that this grant opens this case now.
fn lets_open(entry: &AuditEntry, grant: &AskedGrant<'_>, now: Time) -> bool {
    if entry.case != Some(grant.case) {
        return false;
    }
    match (grant.kind, &entry.event) {
        (CONTACT, AuditEvent::CaseRead { role: Role::Line, .. }) => {
            ContactId::from_bytes(grant.contact).is_some_and(|contact| entry.contact == Some(contact))
        }
        (TICKET, AuditEvent::CaseRead { role: Role::Staff, .. }) => {
            grant.until.parse::<Date>().is_ok_and(|until| until >= now.date_in(&Zone::utc()))
        }
        (ENROLMENT, AuditEvent::CaseRead { role: Role::Enrolment, .. }) => true,
        _ => false,
    }
}

/// The kinds of grants, as they are asked.
pub(super) const CONTACT: u8 = 1;
/// See `CONTACT`.
pub(super) const TICKET: u8 = 2;
/// See `CONTACT`.
pub(super) const ENROLMENT: u8 = 3;

/// What seals the slots of the cases' secrets: it does not change with the root key.
fn secrets_key(ring: &Keyring) -> Key {
    Zeroizing::new(keyed(&ring.marks, "case secrets", &[&ring.store]))
}

/// A new key.
pub(super) fn fresh_key(chance: &dyn Chance) -> Key {
    let mut key = Zeroizing::new([0; 32]);
    key[..16].copy_from_slice(&chance.bits_128().to_be_bytes());
    key[16..].copy_from_slice(&chance.bits_128().to_be_bytes());
    key
}
