//! The key ring: one key a data class and day on which things go, one a week for callers, and the fixed keys of marks
//! and of the log. One file, sealed under the root key, never in the database.
//! Writing files is left to `files`.

use super::Key;
use super::files::{KEYRING, VaultFault, read_private, write_atomically};
use super::holder::fresh_key;
use crate::keyed::keyed;
use aes_gcm_siv::Aes256GcmSiv;
use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use caseline_helpline::chance::Chance;
use std::collections::BTreeMap;
use std::path::Path;
use zeroize::Zeroizing;

const HEAD: &[u8] = b"caseline keyring 1\n";

/// All keys but the root key.
#[derive(Clone)]
pub(super) struct Keyring {
    /// Shared with the database, so that files of two stores are not mixed.
    pub(super) store: [u8; 16],
    /// Counts changes.
    pub(super) generation: u64,
    /// The inner and outer key of the case-number index.
    pub(super) number: [Key; 2],
    /// Marks of receipts, codes, words, digests, obligations.
    pub(super) marks: Key,
    /// Signs heads of the log.
    pub(super) signing: Key,
    /// Days before this one have no keys, and never get any again.
    pub(super) destroyed_before: u32,
    /// The same for weeks.
    pub(super) weeks_destroyed_before: u32,
    /// By data class and the day (UTC) on which what they seal goes.
    pub(super) epochs: BTreeMap<(u8, u32), Key>,
    /// By week: callers and places.
    pub(super) weeks: BTreeMap<u32, Key>,
}

impl Keyring {
    pub(super) fn fresh(chance: &dyn Chance) -> Self {
        Self {
            store: chance.bits_128().to_be_bytes(),
            generation: 1,
            number: [fresh_key(chance), fresh_key(chance)],
            marks: fresh_key(chance),
            signing: fresh_key(chance),
            destroyed_before: 0,
            weeks_destroyed_before: 0,
            epochs: BTreeMap::new(),
            weeks: BTreeMap::new(),
        }
    }

    pub(super) fn key_count(&self) -> usize {
        self.epochs.len() + self.weeks.len()
    }

    pub(super) fn has_expired(&self, day: u32, week: u32) -> bool {
        self.epochs.keys().any(|(_, of)| *of < day) || self.weeks.keys().any(|of| *of < week)
    }

    pub(super) fn destroy_before(&mut self, day: u32, week: u32) {
        self.epochs.retain(|(_, of), _| *of >= day);
        self.weeks.retain(|of, _| *of >= week);
        self.destroyed_before = self.destroyed_before.max(day);
        self.weeks_destroyed_before = self.weeks_destroyed_before.max(week);
    }

    pub(super) fn read(dir: &Path, root: &Key) -> Result<Self, VaultFault> {
        let file = read_private(&dir.join(KEYRING))?;
        let sealed = file.strip_prefix(HEAD).and_then(|rest| rest.split_first_chunk::<12>());
        let opened = sealed.and_then(|(nonce, sealed)| {
            let payload = Payload { msg: sealed, aad: HEAD };
            cipher(root).decrypt(&(*nonce).into(), payload).ok().map(Zeroizing::new)
        });
        let refused = || VaultFault::Refused {
            what: "vault/keyring does not open with vault/root.key; put the newest copy of both back".into(),
        };
        Self::parse(&opened.ok_or_else(refused)?).ok_or_else(refused)
    }

    pub(super) fn write(&self, dir: &Path, root: &Key, chance: &dyn Chance) -> Result<(), VaultFault> {
        let nonce: [u8; 16] = chance.bits_128().to_be_bytes();
        let nonce = nonce.first_chunk::<12>().copied().unwrap_or_default();
        let plain = self.bytes();
        let sealed = cipher(root).encrypt(&nonce.into(), Payload { msg: &plain, aad: HEAD });
        let sealed = sealed.map_err(|_| VaultFault::Sealed)?;
        write_atomically(&dir.join(KEYRING), &[HEAD, &nonce, &sealed].concat())
    }

    fn bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(256 + self.key_count() * 40));
        out.extend_from_slice(&self.store);
        out.extend_from_slice(&self.generation.to_be_bytes());
        for key in [&self.number[0], &self.number[1], &self.marks, &self.signing] {
            out.extend_from_slice(&key[..]);
        }
        out.extend_from_slice(&self.destroyed_before.to_be_bytes());
        out.extend_from_slice(&self.weeks_destroyed_before.to_be_bytes());
        out.extend_from_slice(&(self.epochs.len() as u32).to_be_bytes());
        for ((class, day), key) in &self.epochs {
            out.push(*class);
            out.extend_from_slice(&day.to_be_bytes());
            out.extend_from_slice(&key[..]);
        }
        out.extend_from_slice(&(self.weeks.len() as u32).to_be_bytes());
        for (week, key) in &self.weeks {
            out.extend_from_slice(&week.to_be_bytes());
            out.extend_from_slice(&key[..]);
        }
        out
    }

    fn parse(mut rest: &[u8]) -> Option<Self> {
        let rest = &mut rest;
        let store = take(rest)?;
        let generation = u64::from_be_bytes(take(rest)?);
        let number = [Zeroizing::new(take(rest)?), Zeroizing::new(take(rest)?)];
        let marks = Zeroizing::new(take(rest)?);
        let signing = Zeroizing::new(take(rest)?);
        let destroyed_before = u32::from_be_bytes(take(rest)?);
        let weeks_destroyed_before = u32::from_be_bytes(take(rest)?);
        let mut epochs = BTreeMap::new();
        for _ in 0..u32::from_be_bytes(take(rest)?) {
            let [class] = take(rest)?;
            let day = u32::from_be_bytes(take(rest)?);
            epochs.insert((class, day), Zeroizing::new(take(rest)?));
        }
        let mut weeks = BTreeMap::new();
        for _ in 0..u32::from_be_bytes(take(rest)?) {
            let week = u32::from_be_bytes(take(rest)?);
            weeks.insert(week, Zeroizing::new(take(rest)?));
        }
        rest.is_empty().then_some(Self {
            store,
            generation,
            number,
            marks,
            signing,
            destroyed_before,
            weeks_destroyed_before,
            epochs,
            weeks,
        })
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*taken)
}

fn cipher(root: &Key) -> Aes256GcmSiv {
    let key = Zeroizing::new(keyed(root, "keyring", &[]));
    Aes256GcmSiv::new(&(*key).into())
}

/// Reads bytes as an opened key ring; what is read has one text. A fuzz target.
pub(crate) fn keyrings_never_panic(bytes: &[u8]) {
    if let Some(ring) = Keyring::parse(bytes) {
        assert!(Keyring::parse(&ring.bytes()).is_some_and(|again| again.bytes() == ring.bytes()));
    }
}
