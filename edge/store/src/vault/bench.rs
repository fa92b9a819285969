//! What a question to the vault costs, in this process or over the socket: for `caseline bench vault`.
//! Which vault is asked is left to whoever measures.

use super::{Opening, Place, Vault, VaultFault, Witnessed};
use crate::audit_tree::{commitment, leaf};
use caseline_helpline::audit::{AuditEntry, AuditEvent, AuditReceipt, Role};
use caseline_helpline::grant::Grant;
use caseline_helpline::retention::DataClass;
use caseline_model::{CaseId, ContactId, Time};
use std::time::Instant;

/// Bytes of what is sealed and opened: a usual version of a case.
pub const SEALED_BYTES: usize = 400;

/// Microseconds a question, by verb, over so many rounds each.
///
/// # Errors
/// When the vault refuses or does not answer.
pub fn microseconds_a_question(vault: &Vault, rounds: u32, now: Time) -> Result<Vec<(&'static str, f64)>, VaultFault> {
    let (case, contact, plain) = (CaseId::from_random(7), ContactId::from_random(1), vec![1; SEALED_BYTES]);
    let goes_at = now.plus(std::time::Duration::from_secs(86_400));
    let row = [case.to_bytes().as_slice(), &1_i64.to_be_bytes()].concat();
    let version = Place { table: "case_versions", row: &row, column: "sealed" };
    let of_contact = contact.to_bytes();
    let state = Place { table: "conversations", row: &of_contact, column: "sealed" };
    let case_key = vault.new_case_key(goes_at, case)?;
    let (mut figures, mut place) = (Vec::new(), 0);
    let mut timed = |verb, ask: &mut dyn FnMut() -> Result<(), VaultFault>| {
        let start = Instant::now();
        for _ in 0..rounds {
            ask()?;
        }
        figures.push((verb, start.elapsed().as_secs_f64() * 1e6 / f64::from(rounds)));
        Ok::<_, VaultFault>(())
    };
    timed("index", &mut || vault.index(&super::Marked::Obligation("made up")).map(|_| ()))?;
    timed("seal", &mut || vault.seal(DataClass::ConversationState, goes_at, state, &plain).map(|_| ()))?;
    let sealed = vault.seal(DataClass::ConversationState, goes_at, state, &plain)?;
    timed("open", &mut || vault.open_value(&Opening::Contact(contact), state, &sealed).map(|_| ()))?;
    timed("rotate", &mut || vault.rotate(DataClass::ConversationState, goes_at, state, &sealed).map(|_| ()))?;
    timed("head", &mut || {
        let shown = vault.witness(place, &[[7; 32]])?;
        if let Witnessed::Head { size, .. } = shown {
            place = size;
        }
        Ok(())
    })?;
    let of_case = vault.seal_in_case(case, &case_key, version, &plain)?;
    // Each opening has an entry of its own, and its use is forced to the disk: fewer rounds.
    let opened = rounds.min(200);
    let entry = AuditEntry {
        at: now,
        contact: Some(contact),
        case: Some(case),
        event: AuditEvent::CaseRead { fields: Vec::new(), role: Role::Line },
    };
    let entry = serde_json::to_vec(&entry).map_err(|_| VaultFault::Form)?;
    let mut seconds = 0.0;
    for _ in 0..opened {
        let at = place.to_be_bytes();
        let of_log = Place { table: "log_entries", row: &at, column: "sealed" };
        let sealed = vault.seal(DataClass::AuditContent, goes_at, of_log, &entry)?;
        let salt = vault.salt();
        vault.note_entry(place, salt, &sealed);
        vault.witness(place, &[leaf(&commitment(&salt, &sealed))])?;
        let grant = Grant::Contact { contact, case, audited: AuditReceipt::durable_at(place) };
        let start = Instant::now();
        vault.open_in_case(now, &Opening::Case(&grant), &case_key, version, &of_case)?;
        seconds += start.elapsed().as_secs_f64();
        place += 1;
    }
    figures.push(("open a case", seconds * 1e6 / f64::from(opened)));
    Ok(figures)
}
