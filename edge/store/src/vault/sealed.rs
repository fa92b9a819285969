//! The verbs `seal`, `open` and `rotate`: AES-256-GCM-SIV (RFC 8452) under a key made for each value, bound to the place
//! where it is kept, with a commitment to the key.
//! Which grants exist is left to `helpline::grant`; where sealed bytes are kept, to `sqlite`.

use super::Key;
use super::files::VaultFault;
use super::holder::{Holder, fresh_key};
use super::secrets::Slot;
use crate::keyed::{is_same, keyed};
use aes_gcm_siv::Aes256GcmSiv;
use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use caseline_helpline::audit::AuditReceipt;
use caseline_helpline::grant::Grant;
use caseline_helpline::retention::DataClass;
use caseline_model::{CaseId, ContactId, TaskId, Time};
use zeroize::Zeroizing;

/// What was sealed, wiped when dropped.
pub(crate) type Plain = Zeroizing<Vec<u8>>;

/// Under the key of a class and day.
const UNDER_DAY: u8 = 1;
/// Under the key of one case.
const UNDER_CASE: u8 = 2;
/// Under the key of a class and day and the secret of one case, whose slot follows in the head.
const UNDER_DAY_AND_CASE: u8 = 3;
/// AES-256-GCM-SIV. Another cipher gets another number.
const CIPHER: u8 = 1;
/// The version of what is sealed; not that of the tables, so that a migration need not seal anew.
const SCHEMA: u32 = 1;
/// Kind, cipher, class, day.
const HEAD_BYTES: usize = 7;
/// The slot of a case's secret.
const SLOT_BYTES: usize = 8;
const SALT_BYTES: usize = 16;
const COMMITMENT_BYTES: usize = 32;
/// The table of the log's entries.
pub(super) const LOG_ENTRIES: &str = "log_entries";
/// The table of cases' passkeys.
const PASSKEYS: &str = "passkeys";
/// Tables whose values open by naming the row. They hold no case.
const ON_THEIR_OWN: &[&str] = &["conversations", "tasks", "reports", LOG_ENTRIES];

/// Where a sealed value is kept. Moved to another place, it does not open.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place<'a> {
    /// The table.
    pub(crate) table: &'a str,
    /// The id of the row.
    pub(crate) row: &'a [u8],
    /// The column.
    pub(crate) column: &'a str,
}

/// What lets the vault open something: each names one row, and none names a case but a grant.
pub(crate) enum Opening<'a> {
    /// A case, by one of the three grants.
    Case(&'a Grant),
    /// The state of a conversation, for the contact that it is.
    Contact(ContactId),
    /// The content of an obligation, for the worker that holds its lease.
    Task(TaskId),
    /// The state of a report, for who keyed its code.
    Report(&'a [u8; 32]),
    /// An entry of the log.
    Entry(AuditReceipt),
    /// The public half of a passkey, for whoever shows its id. It opens nothing, and is needed before anything is granted.
    Passkey {
        /// The case.
        case: CaseId,
        /// The mark of its id.
        mark: &'a [u8; 32],
    },
}

impl Opening<'_> {
    /// Whether it names the row of a place.
    pub(super) fn names(&self, place: Place<'_>) -> bool {
        match self {
            Opening::Case(_) => false,
            Opening::Contact(contact) => place.table == "conversations" && place.row == contact.to_bytes(),
            Opening::Task(task) => place.table == "tasks" && place.row == task.to_bytes(),
            Opening::Report(mark) => place.table == "reports" && place.row == mark.as_slice(),
            Opening::Entry(entry) => place.table == LOG_ENTRIES && place.row == entry.index().to_be_bytes(),
            Opening::Passkey { mark, .. } => place.table == PASSKEYS && place.row == mark.as_slice(),
        }
    }
}

impl Holder {
    /// Seals a value that goes on a day: under a key made for it, from the key of its class and that day. With the slot of
    /// a case's secret it does not open without that secret, whatever the day.
    pub(super) fn seal_value(
        &self,
        class: u8,
        goes_at: Time,
        slot: Option<Slot>,
        place: Place<'_>,
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultFault> {
        let day = goes_at.day();
        let key = self.epoch_key_for(class, day)?;
        let salt = self.chance().bits_128();
        match slot {
            None => seal_under(&key, &head(UNDER_DAY, class, day), salt, place, plain),
            Some(slot) => {
                let key = with_secret(&key, &self.secrets()?.secret(slot)?);
                let head = [head(UNDER_DAY_AND_CASE, class, day).as_slice(), &slot.to_bytes()].concat();
                seal_under(&key, &head, salt, place, plain)
            }
        }
    }

    /// Makes the secret and the key of a new case; the key is sealed under the secret and the day on which the case goes.
    pub(super) fn seal_case_key(&self, goes_at: Time, case: CaseId) -> Result<Vec<u8>, VaultFault> {
        let slot = self.add_secret()?;
        let key = fresh_key(self.chance());
        let class = class_code(DataClass::CaseFile);
        self.seal_value(class, goes_at, Some(slot), case_key_place(&case.to_bytes()), &key[..])
    }

    /// Seals a value of a case under the case's key.
    pub(super) fn seal_in_case(
        &self,
        case: CaseId,
        case_key: &[u8],
        place: Place<'_>,
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultFault> {
        let key = self.case_key(case, case_key)?;
        let head = head(UNDER_CASE, class_code(DataClass::CaseFile), 0);
        seal_under(&key, &head, self.chance().bits_128(), place, plain)
    }

    /// Opens a value that stands on its own: the state of a conversation, an obligation, a report, an entry of the log.
    /// Keys of cases and what is under them are none of these.
    pub(super) fn open_value(&self, place: Place<'_>, sealed: &[u8]) -> Result<Plain, VaultFault> {
        if !ON_THEIR_OWN.contains(&place.table) {
            return Err(VaultFault::NotGranted);
        }
        self.open_under_day(place, sealed)
    }

    /// Opens the public half of a passkey of a case.
    pub(super) fn open_passkey(
        &self,
        case: CaseId,
        case_key: &[u8],
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<Plain, VaultFault> {
        if place.table != PASSKEYS {
            return Err(VaultFault::NotGranted);
        }
        self.open_of_case(case, case_key, place, sealed)
    }

    /// Seals a value anew for another class and day, without it leaving the vault. What belongs to a case goes on doing
    /// so, unless it outlives it.
    pub(crate) fn rotate_value(
        &self,
        class: u8,
        goes_at: Time,
        keeps_secret: bool,
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<Vec<u8>, VaultFault> {
        let plain = self.open_under_day(place, sealed)?;
        self.seal_value(class, goes_at, slot_of(sealed).filter(|_| keeps_secret), place, &plain)
    }

    /// Seals the key of a case anew for another day. A case of before there were secrets gets one.
    pub(super) fn rotate_case_key(&self, goes_at: Time, case: CaseId, sealed: &[u8]) -> Result<Vec<u8>, VaultFault> {
        let (class, row) = (class_code(DataClass::CaseFile), case.to_bytes());
        let place = case_key_place(&row);
        let plain = self.open_under_day(place, sealed)?;
        let slot = match slot_of(sealed) {
            Some(slot) => slot,
            None => self.add_secret()?,
        };
        self.seal_value(class, goes_at, Some(slot), place, &plain)
    }

    /// Opens a value of a case, whoever asks: `holder` asks for a grant first.
    pub(crate) fn open_of_case(
        &self,
        case: CaseId,
        case_key: &[u8],
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<Plain, VaultFault> {
        let key = self.case_key(case, case_key)?;
        open_under(&key, UNDER_CASE, place, sealed)
    }

    fn case_key(&self, case: CaseId, sealed: &[u8]) -> Result<Key, VaultFault> {
        let plain = self.open_under_day(case_key_place(&case.to_bytes()), sealed)?;
        let key: [u8; 32] = plain.as_slice().try_into().map_err(|_| VaultFault::Sealed)?;
        Ok(Zeroizing::new(key))
    }

    fn open_under_day(&self, place: Place<'_>, sealed: &[u8]) -> Result<Plain, VaultFault> {
        let [kind, CIPHER, class, day @ ..] = sealed.first_chunk::<HEAD_BYTES>().ok_or(VaultFault::Sealed)? else {
            return Err(VaultFault::Sealed);
        };
        let key = || self.epoch_key(*class, u32::from_be_bytes(*day));
        match (*kind, slot_of(sealed)) {
            (UNDER_DAY, _) => open_under(&key()?, UNDER_DAY, place, sealed),
            (UNDER_DAY_AND_CASE, Some(slot)) => {
                let key = with_secret(&key()?, &self.secrets()?.secret(slot)?);
                open_under(&key, UNDER_DAY_AND_CASE, place, sealed)
            }
            _ => Err(VaultFault::Sealed),
        }
    }
}

/// Where the secret is without which a sealed value does not open, if it belongs to a case.
pub(crate) fn slot_of(sealed: &[u8]) -> Option<Slot> {
    let (head, rest) = sealed.split_first_chunk::<HEAD_BYTES>()?;
    let slot = rest.first_chunk::<SLOT_BYTES>().filter(|_| head[0] == UNDER_DAY_AND_CASE)?;
    Some(Slot::from_bytes(*slot))
}

fn with_secret(key: &Key, secret: &Key) -> Key {
    Zeroizing::new(keyed(key, "case secret", &[&secret[..]]))
}

/// The stable number of a class in sealed values and in the ring.
pub(crate) const fn class_code(class: DataClass) -> u8 {
    match class {
        DataClass::ConversationState => 1,
        DataClass::ContactRow => 2,
        DataClass::ContactTimes => 3,
        DataClass::CallbackNumber => 4,
        DataClass::Message => 5,
        DataClass::MessageWaiting => 6,
        DataClass::CaseFile => 7,
        DataClass::Report => 8,
        DataClass::AuditContent => 9,
        DataClass::Limits => 10,
        DataClass::ReportOpen => 11,
        DataClass::StaffAccount => 12,
    }
}

const fn case_key_place(case: &[u8]) -> Place<'_> {
    Place { table: "cases", row: case, column: "case_key" }
}

fn head(kind: u8, class: u8, day: u32) -> [u8; HEAD_BYTES] {
    let [a, b, c, d] = day.to_be_bytes();
    [kind, CIPHER, class, a, b, c, d]
}

/// What the value is bound to: table, row, column, schema, and the head with its class and day.
fn bound_to(head: &[u8], place: Place<'_>) -> Vec<u8> {
    let mut bound = Vec::with_capacity(96);
    for part in [place.table.as_bytes(), place.row, place.column.as_bytes(), &SCHEMA.to_be_bytes(), head] {
        bound.extend_from_slice(&(part.len() as u32).to_be_bytes());
        bound.extend_from_slice(part);
    }
    bound
}

fn seal_under(key: &Key, head: &[u8], salt: u128, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, VaultFault> {
    let bound = bound_to(head, place);
    let salt: [u8; SALT_BYTES] = salt.to_be_bytes();
    let (cipher, nonce, commitment) = value_cipher(key, &salt);
    let sealed = cipher.encrypt(&nonce.into(), Payload { msg: plain, aad: &bound }).map_err(|_| VaultFault::Sealed)?;
    Ok([head, &salt, &commitment, &sealed].concat())
}

fn open_under(key: &Key, kind: u8, place: Place<'_>, sealed: &[u8]) -> Result<Plain, VaultFault> {
    let head_bytes = if kind == UNDER_DAY_AND_CASE { HEAD_BYTES + SLOT_BYTES } else { HEAD_BYTES };
    let (head, rest) = sealed.split_at_checked(head_bytes).ok_or(VaultFault::Sealed)?;
    let (salt, rest) = rest.split_first_chunk::<SALT_BYTES>().ok_or(VaultFault::Sealed)?;
    let (kept, rest) = rest.split_first_chunk::<COMMITMENT_BYTES>().ok_or(VaultFault::Sealed)?;
    let (cipher, nonce, commitment) = value_cipher(key, salt);
    if head[0] != kind || head[1] != CIPHER || !is_same(kept, &commitment) {
        return Err(VaultFault::Sealed);
    }
    let bound = bound_to(head, place);
    let plain = cipher.decrypt(&nonce.into(), Payload { msg: rest, aad: &bound });
    plain.map(Zeroizing::new).map_err(|_| VaultFault::Sealed)
}

/// A key for this value alone, so its nonce need only differ where a salt repeats, which 128 random bits do not; and a
/// commitment to it, since GCM-SIV by itself lets one ciphertext open under two keys.
fn value_cipher(key: &Key, salt: &[u8; SALT_BYTES]) -> (Aes256GcmSiv, [u8; 12], [u8; COMMITMENT_BYTES]) {
    let value_key = Zeroizing::new(keyed(key, "value", &[salt]));
    let nonce = salt.first_chunk::<12>().copied().unwrap_or_default();
    (Aes256GcmSiv::new(&(*value_key).into()), nonce, keyed(&value_key, "commit", &[]))
}

/// Opens bytes as values sealed under each kind of key: none of them opens. Then seals them, and they open again
/// unless a bit of the sealed value was turned. A fuzz target.
pub(crate) fn sealed_values_never_panic(bytes: &[u8]) {
    let key = Zeroizing::new([5; 32]);
    let place = Place { table: "tasks", row: b"one", column: "content" };
    let _ = slot_of(bytes);
    for kind in [UNDER_DAY, UNDER_CASE, UNDER_DAY_AND_CASE] {
        assert!(open_under(&key, kind, place, bytes).is_err(), "only what was sealed opens");
    }
    let head = head(UNDER_DAY, class_code(DataClass::Message), 20_000);
    let Ok(mut sealed) = seal_under(&key, &head, 1, place, bytes) else { return };
    assert!(open_under(&key, UNDER_DAY, place, &sealed).is_ok_and(|plain| plain.as_slice() == bytes));
    let at = usize::from(bytes.first().copied().unwrap_or(0)) % sealed.len();
    sealed[at] ^= 1;
    assert!(open_under(&key, UNDER_DAY, place, &sealed).is_err(), "a changed value does not open");
}
