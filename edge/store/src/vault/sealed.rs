//! The verbs `seal`, `open` and `rotate`: AES-256-GCM-SIV (RFC 8452) under a key made for each value, bound to the place
//! where it is kept, with a commitment to the key.
//! Which grants exist is left to `helpline::grant`; where sealed bytes are kept, to `sqlite`.

use super::files::VaultFault;
use super::secrets::Slot;
use super::{Key, Vault, fresh_key};
use crate::keyed::{is_same, keyed};
use aes_gcm_siv::Aes256GcmSiv;
use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use caseline_helpline::audit::AuditReceipt;
use caseline_helpline::grant::Grant;
use caseline_helpline::retention::DataClass;
use caseline_model::{CaseId, ContactId, TaskId, Time, Zone};
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

/// Where a sealed value is kept. Moved to another place, it does not open.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The table.
    pub(crate) table: &'static str,
    /// The id of the row.
    pub(crate) row: &'a [u8],
    /// The column.
    pub(crate) column: &'static str,
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
}

impl Vault {
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
        let day = goes_at.day();
        let key = self.epoch_key_for(class, day)?;
        let code = class_code(class);
        let salt = self.chance.bits_128();
        match slot {
            None => seal_under(&key, &head(UNDER_DAY, code, day), salt, place, plain),
            Some(slot) => {
                let key = with_secret(&key, &self.secrets()?.secret(slot)?);
                let head = [head(UNDER_DAY_AND_CASE, code, day).as_slice(), &slot.to_bytes()].concat();
                seal_under(&key, &head, salt, place, plain)
            }
        }
    }

    /// Makes the secret and the key of a new case; the key is sealed under the secret and the day on which the case goes.
    pub(crate) fn new_case_key(&self, goes_at: Time, case: CaseId) -> Result<Vec<u8>, VaultFault> {
        let slot = self.add_secret()?;
        let key = fresh_key(&*self.chance);
        self.seal_with_secret(DataClass::CaseFile, goes_at, Some(slot), case_key_place(&case.to_bytes()), &key[..])
    }

    /// Seals a value of a case under the case's key.
    pub(crate) fn seal_in_case(
        &self,
        case: CaseId,
        case_key: &[u8],
        place: Place<'_>,
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultFault> {
        let key = self.case_key(case, case_key)?;
        let head = head(UNDER_CASE, class_code(DataClass::CaseFile), 0);
        seal_under(&key, &head, self.chance.bits_128(), place, plain)
    }

    /// Opens a value that stands on its own.
    pub(crate) fn open_value(
        &self,
        opening: &Opening<'_>,
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<Plain, VaultFault> {
        let names_it = match opening {
            Opening::Case(_) => false,
            Opening::Contact(contact) => place.table == "conversations" && place.row == contact.to_bytes(),
            Opening::Task(task) => place.table == "tasks" && place.row == task.to_bytes(),
            Opening::Report(mark) => place.table == "reports" && place.row == mark.as_slice(),
            Opening::Entry(entry) => place.table == "log_entries" && place.row == entry.index().to_be_bytes(),
        };
        if !names_it {
            return Err(VaultFault::NotGranted);
        }
        self.open_under_day(place, sealed)
    }

    /// Opens a value of a case on a grant. The entry in the log comes first: until it is durable nothing opens (S5).
    pub(crate) fn open_in_case(
        &self,
        now: Time,
        opening: &Opening<'_>,
        case_key: &[u8],
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<Plain, VaultFault> {
        let Opening::Case(grant) = opening else { return Err(VaultFault::NotGranted) };
        if grant.audited().index() >= self.witnessed() {
            return Err(VaultFault::NotAudited);
        }
        if let Grant::Ticket { until, .. } = grant
            && *until < now.date_in(&Zone::utc())
        {
            return Err(VaultFault::NotGranted);
        }
        if !place.row.starts_with(&grant.case().to_bytes()) {
            return Err(VaultFault::NotGranted);
        }
        self.open_of_case(grant.case(), case_key, place, sealed)
    }

    /// Seals a value anew for another class and day, without it leaving the vault. What belongs to a case goes on doing so.
    pub(crate) fn rotate(
        &self,
        class: DataClass,
        goes_at: Time,
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<Vec<u8>, VaultFault> {
        let plain = self.open_under_day(place, sealed)?;
        self.seal_with_secret(class, goes_at, slot_of(sealed), place, &plain)
    }

    /// Seals a value anew that outlives its case.
    pub(crate) fn without_secret(
        &self,
        class: DataClass,
        goes_at: Time,
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<Vec<u8>, VaultFault> {
        let plain = self.open_under_day(place, sealed)?;
        self.seal(class, goes_at, place, &plain)
    }

    /// Seals the key of a case anew for another day. A case of before there were secrets gets one.
    pub(crate) fn rotate_case_key(&self, goes_at: Time, case: CaseId, sealed: &[u8]) -> Result<Vec<u8>, VaultFault> {
        let (class, row) = (DataClass::CaseFile, case.to_bytes());
        let place = case_key_place(&row);
        if slot_of(sealed).is_some() {
            return self.rotate(class, goes_at, place, sealed);
        }
        let plain = self.open_under_day(place, sealed)?;
        self.seal_with_secret(class, goes_at, Some(self.add_secret()?), place, &plain)
    }

    pub(super) fn open_of_case(
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
pub(super) const fn class_code(class: DataClass) -> u8 {
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
