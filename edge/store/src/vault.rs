//! The vault: the only holder of keys. It gives marks of what was keyed, seals, opens one thing on one grant, and
//! destroys; it has no list and no scan, and shares nothing with the database but what its verbs take and return.
//! Where sealed bytes and marks are kept is left to `sqlite`; who gets a grant, to `helpline`.

mod files;
mod keyring;
mod marks;
mod sealed;
mod secrets;

pub use files::VaultFault;
pub(crate) use files::write_atomically;
pub(crate) use marks::Marked;
pub(crate) use sealed::{Opening, Place, slot_of};
pub(crate) use secrets::{CASE_SECRETS, SecretState, Slot};

use crate::import_set::{ImportSet, rows_from_bytes};
use crate::keyed::keyed;
use caseline_helpline::chance::Chance;
use caseline_helpline::retention::DataClass;
use caseline_model::{CaseId, Time};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use keyring::Keyring;
use secrets::CaseSecrets;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// A key: 32 bytes, wiped when dropped.
pub(crate) type Key = Zeroizing<[u8; 32]>;

/// How many case numbers are indexed at once: each takes 19 MiB for about 32 ms.
const INDEX_AT_ONCE_MAX: usize = 4;

/// After a week has ended its key stays for an hour, for those who were cut off at midnight.
const WEEK_KEY_STAYS: Duration = Duration::from_secs(3_600);

/// Holder of the keys.
pub struct Vault {
    dir: PathBuf,
    root: Key,
    ring: RwLock<Keyring>,
    secrets: OnceLock<CaseSecrets>,
    /// A case's secret was destroyed, and its rows perhaps not.
    is_half_forgotten: AtomicBool,
    chance: Arc<dyn Chance>,
    indexing: Arc<Semaphore>,
    /// The size of the largest log head that was signed: entries below it are durable (property S5).
    witnessed: AtomicU64,
}

impl Vault {
    /// Makes `root.key` and an empty key ring in a new folder. The chance must be the operating system's.
    ///
    /// # Errors
    /// When a vault is there already, or the files cannot be written.
    pub fn init(dir: &Path, chance: &Arc<dyn Chance>) -> Result<(), VaultFault> {
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

    /// Whether a folder holds a vault.
    pub fn is_in(dir: &Path) -> bool {
        dir.join(files::ROOT_KEY).exists()
    }

    /// Opens the vault of a folder.
    ///
    /// # Errors
    /// When a file is missing, can be read by others, or does not open with the root key.
    pub fn open(dir: &Path, chance: Arc<dyn Chance>) -> Result<Self, VaultFault> {
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
            dir: dir.to_owned(),
            root,
            ring: RwLock::new(ring),
            secrets,
            is_half_forgotten: AtomicBool::new(false),
            chance,
            indexing: Arc::new(Semaphore::new(INDEX_AT_ONCE_MAX)),
            witnessed: AtomicU64::new(0),
        })
    }

    /// The id that the key ring and its database share.
    pub(crate) fn store_id(&self) -> [u8; 16] {
        self.reading().store
    }

    /// Whether nothing was ever sealed with this ring.
    pub(crate) fn is_unused(&self) -> bool {
        self.reading().generation <= 1
    }

    /// 32 random bytes that are no secret of the vault: salts.
    pub(crate) fn salt(&self) -> [u8; 32] {
        *fresh_key(&*self.chance)
    }

    /// Whether the file of the cases' secrets is there.
    pub(crate) fn has_secrets(&self) -> bool {
        self.secrets.get().is_some()
    }

    /// Makes the file of the cases' secrets, for a folder of before there was one.
    pub(crate) fn make_secrets(&self) -> Result<(), VaultFault> {
        let _lock = files::lock(&self.dir)?;
        let (store, key) = (self.store_id(), secrets_key(&self.reading()));
        // Another process of this store may have made it since.
        let made = if self.dir.join(CASE_SECRETS).exists() {
            CaseSecrets::open(&self.dir, store, key)?
        } else {
            CaseSecrets::make(&self.dir, store, key)?
        };
        let _ = self.secrets.set(made);
        Ok(())
    }

    /// What became of the secret of a case.
    pub(crate) fn secret_state(&self, slot: Slot) -> Result<SecretState, VaultFault> {
        self.secrets()?.state(slot)
    }

    /// Destroys the secrets of cases, at once and for good: all that was sealed with them never opens again, with all
    /// keys in hand, from an earlier copy of the database neither.
    pub(crate) fn destroy_secrets(&self, slots: &[Slot]) -> Result<(), VaultFault> {
        if slots.is_empty() {
            return Ok(());
        }
        let _lock = files::lock(&self.dir)?;
        self.is_half_forgotten.store(true, Ordering::Release);
        self.secrets()?.destroy(slots)
    }

    /// Notes whether a case's secret is destroyed and its rows may be there still.
    pub(crate) fn set_half_forgotten(&self, is: bool) {
        self.is_half_forgotten.store(is, Ordering::Release);
    }

    /// Whether a case's secret may be destroyed and its rows be there still.
    pub(crate) fn is_half_forgotten(&self) -> bool {
        self.is_half_forgotten.load(Ordering::Acquire)
    }

    /// Form of `index`: the enrolled numbers of sealed rows as a set under a key made for this reading alone.
    pub(crate) fn import_set(&self, rows: &[EnrolledRow]) -> Result<ImportSet, VaultFault> {
        let mut set = ImportSet::new(fresh_key(&*self.chance));
        for row in rows {
            let place = Place { table: "cases", row: &row.case.to_bytes(), column: "number" };
            let number = self.open_of_case(row.case, &row.case_key, place, &row.number)?;
            let number = std::str::from_utf8(&number).map_err(|_| VaultFault::Sealed)?;
            let rows = match &row.feed_rows {
                Some(sealed) => {
                    let place = Place { table: "cases", row: &row.case.to_bytes(), column: "feed_rows" };
                    rows_from_bytes(&self.open_of_case(row.case, &row.case_key, place, sealed)?)
                }
                None => Vec::new(),
            };
            set.add(number, row.case, &rows);
        }
        Ok(set)
    }

    /// Destroys the keys of days and weeks that are over. What was sealed under them never opens again, in a backup
    /// neither. How many keys.
    pub(crate) fn destroy(&self, now: Time) -> Result<usize, VaultFault> {
        let (day, week) = (now.day(), oldest_week(now));
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
    pub fn rotate_root(self) -> Result<Self, VaultFault> {
        let lock = files::lock(&self.dir)?;
        let ring = Keyring::read(&self.dir, &self.root)?;
        let root = fresh_key(&*self.chance);
        // Both files cannot change at once: the new root is kept beside the old one until the ring is under it.
        let next = self.dir.join(files::NEXT_ROOT_KEY);
        files::write_atomically(&next, &root[..])?;
        ring.write(&self.dir, &root, &*self.chance)?;
        files::replace(&next, &self.dir.join(files::ROOT_KEY))?;
        drop(lock);
        Self::open(&self.dir, self.chance)
    }

    /// Signs a head of the log and takes its entries for durable. A smaller head than one before is refused: that
    /// would be a fork.
    pub(crate) fn witness(&self, size: u64, note: &[u8]) -> Result<[u8; 64], VaultFault> {
        let before = self.witnessed.fetch_max(size, Ordering::AcqRel);
        if before > size {
            return Err(VaultFault::SmallerHead);
        }
        Ok(self.signing_key().sign(note).to_bytes())
    }

    /// Signs a head of the public log, which is another log under another name and says nothing of what is durable.
    pub(crate) fn sign_public(&self, note: &[u8]) -> [u8; 64] {
        self.signing_key().sign(note).to_bytes()
    }

    /// How many entries are known to be durable.
    pub(crate) fn witnessed(&self) -> u64 {
        self.witnessed.load(Ordering::Acquire)
    }

    /// The key that verifies heads of the log.
    pub(crate) fn verifying_key(&self) -> VerifyingKey {
        self.signing_key().verifying_key()
    }

    /// Whether a copy of the ring and the cases' secrets beside it are as new as the vault's.
    pub(crate) fn is_same_ring(&self, copy: &Path) -> bool {
        let is_same =
            |own, copy| matches!((std::fs::read(own), std::fs::read(copy)), (Ok(own), Ok(copied)) if own == copied);
        is_same(self.keyring_path(), copy.to_owned())
            && is_same(self.dir.join(CASE_SECRETS), copy.with_file_name(CASE_SECRETS))
    }

    /// Overwrites a copy of the ring, and of the cases' secrets beside it.
    pub(crate) fn copy_ring_to(&self, copy: &Path) -> Result<(), VaultFault> {
        let _lock = files::lock(&self.dir)?;
        files::copy_private(&self.keyring_path(), copy)?;
        secrets::copy(&self.dir, &copy.with_file_name(CASE_SECRETS))
    }

    /// Whether the ring in a folder is one of this store's, under this root key.
    pub(crate) fn is_ring_of_this_store(&self, folder: &Path) -> bool {
        Keyring::read(folder, &self.root).is_ok_and(|ring| ring.store == self.store_id())
    }

    /// For a restore: the newer one of two rings stays, the one in the vault's folder or the one in another folder; of the
    /// cases' secrets what is further on in either.
    /// Whether it was the vault's own: what was destroyed there stays destroyed.
    pub(crate) fn take_newer_ring(dir: &Path, other: &Path) -> Result<bool, VaultFault> {
        let root = files::read_root(&dir.join(files::ROOT_KEY))?;
        let offered = Keyring::read(other, &root)?;
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

    /// The file that a backup takes along, once, overwritten at each destruction.
    pub(crate) fn keyring_path(&self) -> PathBuf {
        self.dir.join(files::KEYRING)
    }

    fn secrets(&self) -> Result<&CaseSecrets, VaultFault> {
        self.secrets.get().ok_or_else(|| VaultFault::Refused {
            what: format!("vault/{CASE_SECRETS} is missing; put the newest copy of it back, without it no case opens"),
        })
    }

    /// Makes the secret of one more case.
    fn add_secret(&self) -> Result<Slot, VaultFault> {
        let _lock = files::lock(&self.dir)?;
        self.secrets()?.add(&*self.chance)
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey::from_bytes(&self.reading().signing)
    }

    fn reading(&self) -> std::sync::RwLockReadGuard<'_, Keyring> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key of a class and day, made when it is not there and the day is not over.
    fn epoch_key_for(&self, class: DataClass, day: u32) -> Result<Key, VaultFault> {
        let class = sealed::class_code(class);
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
    fn epoch_key(&self, class: u8, day: u32) -> Result<Key, VaultFault> {
        if let Some(key) = self.reading().epochs.get(&(class, day)) {
            return Ok(key.clone());
        }
        // Another process of this store may have made it.
        self.reloaded()?.epochs.get(&(class, day)).cloned().ok_or(VaultFault::Sealed)
    }

    fn week_key(&self, week: u32) -> Result<Key, VaultFault> {
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
        ring.generation = generation + 1;
        ring.write(&self.dir, &self.root, &*self.chance)?;
        *held = ring;
        Ok(result)
    }

    fn reloaded(&self) -> Result<std::sync::RwLockReadGuard<'_, Keyring>, VaultFault> {
        {
            let mut held = self.ring.write().unwrap_or_else(PoisonError::into_inner);
            *held = Keyring::read(&self.dir, &self.root)?;
        }
        Ok(self.reading())
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

/// What seals the slots of the cases' secrets: it does not change with the root key.
fn secrets_key(ring: &Keyring) -> Key {
    Zeroizing::new(keyed(&ring.marks, "case secrets", &[&ring.store]))
}

/// The oldest week whose key is still used.
pub(crate) fn oldest_week(now: Time) -> u32 {
    now.minus(WEEK_KEY_STAYS).week()
}

fn fresh_key(chance: &dyn Chance) -> Key {
    let mut key = Zeroizing::new([0; 32]);
    key[..16].copy_from_slice(&chance.bits_128().to_be_bytes());
    key[16..].copy_from_slice(&chance.bits_128().to_be_bytes());
    key
}

#[cfg(test)]
mod tests;
