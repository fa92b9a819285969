//! The secrets of cases: 32 random bytes for each, in a file of slots beside the key ring. What is kept of a case opens
//! with its secret and the key of its day together, so "forget me" makes earlier copies of the database unreadable too.
//! What is sealed with them is left to `sealed`; which case has which slot stands in the head of its sealed key.

use super::Key;
use super::files::{self, VaultFault};
use super::holder::fresh_key;
use aes_gcm_siv::Aes256GcmSiv;
use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use caseline_helpline::chance::Chance;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// The file.
pub(crate) const CASE_SECRETS: &str = "case-secrets";
/// How many cases have a secret at the same time, at the most: 64 MiB.
const SLOTS_MAX: u32 = 1 << 20;
const HEAD: &[u8; 16] = b"caseline cases 1";
/// The head, and each slot: a slot never lies across two sectors of the disk.
const BYTES: usize = 64;
const BYTES_AT: u64 = BYTES as u64;
const NONCE_BYTES: usize = 12;

/// Where the secret of a case is. A slot is used again for another case; the count tells whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slot {
    number: u32,
    /// The how manyth case in this slot, from 1.
    used: u32,
}

/// What became of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretState {
    /// It is there.
    Kept,
    /// It was destroyed.
    Destroyed,
    /// The file never had it: it is an older copy than the database.
    Unknown,
}

/// The file, open.
pub(super) struct CaseSecrets {
    file: File,
    store: [u8; 16],
    key: Key,
    free: Mutex<Vec<u32>>,
}

impl Slot {
    pub(super) fn to_bytes(self) -> [u8; 8] {
        let ([a, b, c, d], [e, f, g, h]) = (self.number.to_be_bytes(), self.used.to_be_bytes());
        [a, b, c, d, e, f, g, h]
    }

    pub(super) const fn from_bytes([a, b, c, d, e, f, g, h]: [u8; 8]) -> Self {
        Self { number: u32::from_be_bytes([a, b, c, d]), used: u32::from_be_bytes([e, f, g, h]) }
    }

    fn at(number: u32) -> u64 {
        (u64::from(number) + 1) * BYTES_AT
    }
}

impl CaseSecrets {
    /// Makes the file. `key` seals the slots, so that a copy of the file alone says nothing.
    pub(super) fn make(dir: &Path, store: [u8; 16], key: Key) -> Result<Self, VaultFault> {
        let mut head = [0; BYTES];
        head[..16].copy_from_slice(HEAD);
        head[16..32].copy_from_slice(&store);
        files::write_atomically(&dir.join(CASE_SECRETS), &head)?;
        Self::open(dir, store, key)
    }

    /// Opens the file.
    pub(super) fn open(dir: &Path, store: [u8; 16], key: Key) -> Result<Self, VaultFault> {
        let path = dir.join(CASE_SECRETS);
        let file = OpenOptions::new().read(true).write(true).open(&path).map_err(failed)?;
        files::refuse_readable_by_others(&file, CASE_SECRETS)?;
        let all = read_all(&path, store)?;
        let free =
            all.chunks_exact(BYTES).zip(0_u32..).filter(|(slot, _)| is_destroyed(slot)).map(|(_, n)| n).collect();
        Ok(Self { file, store, key, free: Mutex::new(free) })
    }

    /// Makes the secret of one more case, on disk when this returns. To be called under the vault's lock.
    pub(super) fn add(&self, chance: &dyn Chance) -> Result<Slot, VaultFault> {
        let (number, used) = self.next_free()?;
        let slot = Slot { number, used: used + 1 };
        let secret = fresh_key(chance);
        let nonce: [u8; 16] = chance.bits_128().to_be_bytes();
        let nonce = nonce.first_chunk::<NONCE_BYTES>().copied().unwrap_or_default();
        let payload = Payload { msg: &secret[..], aad: &self.bound_to(slot) };
        let sealed = self.cipher().encrypt(&nonce.into(), payload).map_err(|_| VaultFault::Sealed)?;
        self.write(slot, &[nonce.as_slice(), &sealed].concat())?;
        self.file.sync_data().map_err(failed)?;
        Ok(slot)
    }

    /// The secret in a slot, if it is still the one that was put there.
    pub(super) fn secret(&self, slot: Slot) -> Result<Key, VaultFault> {
        let bytes = self.read(slot.number)?.ok_or(VaultFault::Sealed)?;
        let (used, rest) = bytes.split_first_chunk::<4>().ok_or(VaultFault::Sealed)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(VaultFault::Sealed)?;
        if u32::from_be_bytes(*used) != slot.used {
            return Err(VaultFault::Sealed);
        }
        let payload = Payload { msg: sealed, aad: &self.bound_to(slot) };
        let plain = self.cipher().decrypt(&(*nonce).into(), payload).map(Zeroizing::new);
        let secret: [u8; 32] =
            plain.map_err(|_| VaultFault::Sealed)?.as_slice().try_into().map_err(|_| VaultFault::Sealed)?;
        Ok(Zeroizing::new(secret))
    }

    /// What became of a secret.
    pub(super) fn state(&self, slot: Slot) -> Result<SecretState, VaultFault> {
        let Some(bytes) = self.read(slot.number)? else { return Ok(SecretState::Unknown) };
        Ok(match used(&bytes).cmp(&slot.used) {
            std::cmp::Ordering::Less => SecretState::Unknown,
            std::cmp::Ordering::Equal if !is_destroyed(&bytes) => SecretState::Kept,
            _ => SecretState::Destroyed,
        })
    }

    /// Overwrites secrets in place, on disk when this returns. It needs no room on the disk. (Flash, and file systems
    /// that write elsewhere, may keep the old bytes for a while, sealed: see `docs/concepts/safety.md`.) To be called
    /// under the vault's lock.
    pub(super) fn destroy(&self, slots: &[Slot]) -> Result<(), VaultFault> {
        for slot in slots {
            if self.state(*slot)? == SecretState::Kept {
                self.write(*slot, &[])?;
                self.free().push(slot.number);
            }
        }
        self.file.sync_data().map_err(failed)
    }

    /// A slot that is free, and how often it was used; a new one at the end when there is none.
    fn next_free(&self) -> Result<(u32, u32), VaultFault> {
        loop {
            let Some(number) = self.free().pop() else { break };
            // Another process of this store may have taken it.
            if let Some(bytes) = self.read(number)?.filter(|bytes| is_destroyed(bytes)) {
                return Ok((number, used(&bytes)));
            }
        }
        let length = self.file.metadata().map_err(failed)?.len();
        // A slot that was cut off in the middle counts as none.
        let number = u32::try_from((length / BYTES_AT).saturating_sub(1)).unwrap_or(SLOTS_MAX);
        if number >= SLOTS_MAX {
            return Err(VaultFault::Refused { what: format!("there are {SLOTS_MAX} cases, as many as there may be") });
        }
        Ok((number, 0))
    }

    fn write(&self, slot: Slot, sealed: &[u8]) -> Result<(), VaultFault> {
        let mut bytes = [0; BYTES];
        bytes[..4].copy_from_slice(&slot.used.to_be_bytes());
        bytes[4..4 + sealed.len()].copy_from_slice(sealed);
        self.file.write_all_at(&bytes, Slot::at(slot.number)).map_err(failed)
    }

    fn read(&self, number: u32) -> Result<Option<[u8; BYTES]>, VaultFault> {
        let mut bytes = [0; BYTES];
        match self.file.read_exact_at(&mut bytes, Slot::at(number)) {
            Ok(()) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    fn bound_to(&self, slot: Slot) -> [u8; 24] {
        let mut bound = [0; 24];
        bound[..16].copy_from_slice(&self.store);
        bound[16..].copy_from_slice(&slot.to_bytes());
        bound
    }

    fn cipher(&self) -> Aes256GcmSiv {
        Aes256GcmSiv::new(&(*self.key).into())
    }

    fn free(&self) -> MutexGuard<'_, Vec<u32>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A copy of the file of one folder over that of another path, replaced as a whole.
pub(super) fn copy(dir: &Path, to: &Path) -> Result<(), VaultFault> {
    let path = dir.join(CASE_SECRETS);
    // Over itself it would be wiped.
    let is_itself = matches!((path.canonicalize(), to.canonicalize()), (Ok(own), Ok(to)) if own == to);
    if path.exists() && !is_itself {
        files::write_atomically(to, &files::read_private_up_to(&path, (u64::from(SLOTS_MAX) + 1) * BYTES_AT)?)?;
    }
    Ok(())
}

/// For a restore: of each slot what is further on, in the own file or in the one that is offered. What was destroyed in
/// either stays destroyed.
pub(super) fn merge(own: &Path, offered: &Path, store: [u8; 16]) -> Result<(), VaultFault> {
    let (own_file, offered_file) = (own.join(CASE_SECRETS), offered.join(CASE_SECRETS));
    if !offered_file.exists() {
        return Ok(());
    }
    let offered = read_all(&offered_file, store)?;
    let kept = if own_file.exists() { read_all(&own_file, store)? } else { Zeroizing::new(Vec::new()) };
    let mut merged = Zeroizing::new(vec![0; BYTES]);
    merged[..16].copy_from_slice(HEAD);
    merged[16..32].copy_from_slice(&store);
    let (mut kept, mut offered) = (kept.chunks_exact(BYTES), offered.chunks_exact(BYTES));
    loop {
        let further = match (kept.next(), offered.next()) {
            (None, None) => break,
            (Some(one), None) | (None, Some(one)) => one,
            (Some(one), Some(other)) => std::cmp::max_by_key(one, other, |slot| (used(slot), is_destroyed(slot))),
        };
        merged.extend_from_slice(further);
    }
    files::write_atomically(&own_file, &merged)
}

/// All slots of a file of this store.
fn read_all(path: &Path, store: [u8; 16]) -> Result<Zeroizing<Vec<u8>>, VaultFault> {
    slots_of(files::read_private_up_to(path, (u64::from(SLOTS_MAX) + 1) * BYTES_AT)?, store)
}

/// The slots behind the head, when the head is that of this store.
fn slots_of(mut all: Zeroizing<Vec<u8>>, store: [u8; 16]) -> Result<Zeroizing<Vec<u8>>, VaultFault> {
    let is_own = all.starts_with(HEAD) && all.get(16..32) == Some(store.as_slice()) && all.len() >= BYTES;
    if !is_own {
        return Err(VaultFault::Refused {
            what: format!("vault/{CASE_SECRETS} is not the one of this store; put the newest copy of it back"),
        });
    }
    all.drain(..BYTES);
    Ok(all)
}

/// Reads bytes as the file of a store, and each slot of it. A fuzz target.
pub(crate) fn case_secrets_never_panic(bytes: &[u8]) {
    let store = bytes.get(16..32).and_then(|store| store.try_into().ok()).unwrap_or_default();
    let Ok(slots) = slots_of(Zeroizing::new(bytes.to_vec()), store) else { return };
    for slot in slots.chunks(BYTES) {
        let _ = (used(slot), is_destroyed(slot));
    }
}

fn used(slot: &[u8]) -> u32 {
    slot.first_chunk::<4>().map_or(0, |used| u32::from_be_bytes(*used))
}

fn is_destroyed(slot: &[u8]) -> bool {
    slot.iter().skip(4).all(|byte| *byte == 0)
}

fn failed(source: std::io::Error) -> VaultFault {
    VaultFault::File { doing: "using the file of the cases' secrets", source }
}

#[cfg(test)]
mod tests;
