//! The verb `index`: marks of what was keyed, by which a row is found or compared and from which nothing is read back.
//! Where marks are kept is left to `sqlite`.

use super::Key;
use super::files::VaultFault;
use super::holder::Holder;
use crate::keyed::keyed;
use argon2::{Algorithm, Argon2, Params, Version};
use caseline_model::{CardCode, CaseId, ContactId, FileReceipt, Phone};
use zeroize::Zeroizing;

/// OWASP's floor for Argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
const ARGON2_KIB: u32 = 19 * 1024;
const ARGON2_PASSES: u32 = 2;
const ARGON2_LANES: u32 = 1;

/// The mark of a case number: `HMAC(k2, Argon2id(HMAC(k1, number)))`, 128 bits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct IndexedNumber(pub(crate) [u8; 16]);

/// What a mark is made of.
pub(crate) enum Marked<'a> {
    /// The receipt of one's own file.
    File(&'a FileReceipt),
    /// A report code.
    Report(&'a FileReceipt),
    /// A code of a card, with the card's salt.
    Code { salt: &'a [u8], case: CaseId, code: &'a CardCode },
    /// The digits that a caller chose for their own file, with the file's salt.
    Word { salt: &'a [u8], case: CaseId, word: &'a str },
    /// A receipt that a contact keyed without its word, and how many wrong tries the contact had then.
    Half { contact: ContactId, wrong_count: u32, file: &'a [u8] },
    /// A caller in a week; withheld numbers share one mark.
    Caller { week: u32, phone: Option<&'a Phone> },
    /// A place to come back to, in a week.
    Place { week: u32, place: &'a str },
    /// The digest of a feed's row.
    Digest { case: CaseId, digest: &'a [u8] },
    /// The name of an obligation.
    Obligation(&'a str),
    /// The id that a device gave to a passkey of a case.
    Passkey(&'a [u8]),
    /// What a member of the staff holds: an invitation, a login, a passkey's id.
    Staff { kind: &'static str, held: &'a [u8] },
}

/// What is asked of the vault for a mark: its kind, the week for those whose key goes with it, and the parts.
pub(super) struct AskedMark {
    pub(super) kind: u8,
    pub(super) week: u32,
    pub(super) parts: Vec<Zeroizing<Vec<u8>>>,
}

/// The kinds: a number on the wire, the label of the keyed hash, and whether the key is that of a week. No other label
/// is ever hashed under these keys at somebody's wish.
const KINDS: &[(u8, &str, bool)] = &[
    (1, "file", false),
    (2, "report", false),
    (3, "code", false),
    (4, "word", false),
    (5, "half", false),
    (6, "caller", true),
    (7, "caller withheld", true),
    (8, "place", true),
    (9, "digest", false),
    (10, "obligation", false),
    (11, "staff", false),
    (12, "passkey of a case", false),
];

/// Kinds of which there are few enough to try them all: codes of eight digits, words of four.
const COUNTED: &[u8] = &[3, 4];

/// Whether marks of a kind count against the budget of marks.
pub(super) fn is_counted(kind: u8) -> bool {
    COUNTED.contains(&kind)
}

impl Marked<'_> {
    /// What is asked of the vault.
    pub(super) fn asked(&self) -> AskedMark {
        let of = |kind, week, parts: &[&[u8]]| AskedMark {
            kind,
            week,
            parts: parts.iter().map(|part| Zeroizing::new(part.to_vec())).collect(),
        };
        match self {
            Self::File(receipt) => of(1, 0, &[receipt.digits().as_bytes()]),
            Self::Report(code) => of(2, 0, &[code.digits().as_bytes()]),
            Self::Code { salt, case, code } => of(3, 0, &[salt, &case.to_bytes(), code.keyed().as_bytes()]),
            Self::Word { salt, case, word } => of(4, 0, &[salt, &case.to_bytes(), word.as_bytes()]),
            Self::Half { contact, wrong_count, file } => {
                of(5, 0, &[&contact.to_bytes(), &wrong_count.to_be_bytes(), file])
            }
            Self::Caller { week, phone: Some(phone) } => of(6, *week, &[phone.digits().as_bytes()]),
            Self::Caller { week, phone: None } => of(7, *week, &[]),
            Self::Place { week, place } => of(8, *week, &[place.as_bytes()]),
            Self::Digest { case, digest } => of(9, 0, &[&case.to_bytes(), digest]),
            Self::Obligation(name) => of(10, 0, &[name.as_bytes()]),
            Self::Staff { kind, held } => of(11, 0, &[kind.as_bytes(), held]),
            Self::Passkey(id) => of(12, 0, &[id]),
        }
    }
}

impl Holder {
    /// The mark of something keyed.
    pub(super) fn mark(&self, kind: u8, week: u32, parts: &[&[u8]]) -> Result<[u8; 32], VaultFault> {
        let Some((_, label, is_of_week)) = KINDS.iter().find(|row| row.0 == kind) else {
            return Err(VaultFault::NotGranted);
        };
        if *is_of_week {
            return Ok(keyed(&*self.week_key(week)?, label, parts));
        }
        let marks = self.reading().marks.clone();
        Ok(keyed(&marks, label, parts))
    }

    /// The mark of a case number. It costs 19 MiB and about 32 ms of the thread, whatever was keyed.
    pub(super) fn index_number(&self, canonical: &str) -> Result<[u8; 16], VaultFault> {
        let number_keys = self.reading().number.clone();
        index_number(&number_keys, canonical).map(|mark| mark.0)
    }
}

fn index_number(keys: &[Key; 2], canonical: &str) -> Result<IndexedNumber, VaultFault> {
    let inner = Zeroizing::new(keyed(&keys[0], "number", &[canonical.as_bytes()]));
    // One salt for all: equal numbers must give equal marks. It is secret, so no table can be made beforehand.
    let salt = Zeroizing::new(keyed(&keys[0], "salt", &[]));
    let params = Params::new(ARGON2_KIB, ARGON2_PASSES, ARGON2_LANES, Some(32)).map_err(|_| VaultFault::Sealed)?;
    let mut slow = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(&inner[..], &salt[..16], &mut slow[..])
        .map_err(|_| VaultFault::Sealed)?;
    let outer = keyed(&keys[1], "number", &[&slow[..]]);
    Ok(IndexedNumber(outer.first_chunk::<16>().copied().unwrap_or_default()))
}
