//! The verb `index`: marks of what was keyed, by which a row is found or compared and from which nothing is read back.
//! Where marks are kept is left to `sqlite`.

use super::files::VaultFault;
use super::{Key, Vault};
use crate::keyed::keyed;
use argon2::{Algorithm, Argon2, Params, Version};
use caseline_conversation::slot::CaseNumber;
use caseline_model::{CardCode, CaseId, ContactId, FileReceipt, Phone};
use std::sync::Arc;
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
    /// What a member of the staff holds: an invitation, a login, a passkey's id.
    Staff { kind: &'static str, held: &'a [u8] },
}

impl Vault {
    /// The mark of something keyed.
    pub(crate) fn index(&self, what: &Marked<'_>) -> Result<[u8; 32], VaultFault> {
        let marks = self.reading().marks.clone();
        Ok(match what {
            Marked::File(receipt) => keyed(&marks, "file", &[receipt.digits().as_bytes()]),
            Marked::Report(code) => keyed(&marks, "report", &[code.digits().as_bytes()]),
            Marked::Code { salt, case, code } => {
                keyed(&marks, "code", &[salt, &case.to_bytes(), code.keyed().as_bytes()])
            }
            Marked::Word { salt, case, word } => keyed(&marks, "word", &[salt, &case.to_bytes(), word.as_bytes()]),
            Marked::Half { contact, wrong_count, file } => {
                keyed(&marks, "half", &[&contact.to_bytes(), &wrong_count.to_be_bytes(), file])
            }
            Marked::Caller { week, phone } => {
                let key = self.week_key(*week)?;
                match phone {
                    Some(phone) => keyed(&key, "caller", &[phone.digits().as_bytes()]),
                    None => keyed(&key, "caller withheld", &[]),
                }
            }
            Marked::Place { week, place } => keyed(&*self.week_key(*week)?, "place", &[place.as_bytes()]),
            Marked::Digest { case, digest } => keyed(&marks, "digest", &[&case.to_bytes(), digest]),
            Marked::Obligation(name) => keyed(&marks, "obligation", &[name.as_bytes()]),
            Marked::Staff { kind, held } => keyed(&marks, "staff", &[kind.as_bytes(), held]),
        })
    }

    /// The mark of a case number. It costs 19 MiB and about 32 ms on a thread of its own, whatever was keyed.
    pub(crate) async fn index_number(&self, number: &CaseNumber) -> Result<IndexedNumber, VaultFault> {
        let number_keys = self.reading().number.clone();
        let canonical = Zeroizing::new(number.canonical());
        // Few at once: a flood of tries may cost time, not memory.
        let turn = Arc::clone(&self.indexing).acquire_owned().await;
        let indexed = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            index_number(&number_keys, &canonical)
        });
        indexed.await.map_err(|stopped| VaultFault::File {
            doing: "indexing a number",
            source: std::io::Error::other(stopped),
        })?
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
