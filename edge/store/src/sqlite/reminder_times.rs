//! When a reminder is due would say in a stolen database when a hearing is: ten o'clock on the day before it. So the week
//! alone stands in clear, and the exact times beside it, masked with a keyed hash (HMAC-SHA-256 as a one-time pad).
//! Taking obligations in their order is left to `tasks`.

use super::Done;
use super::connection::vault_fault;
use crate::keyed::keyed;
use crate::rules;
use crate::vault::{Marked, Vault};
use caseline_helpline::ports::TaskKind;
use caseline_model::Time;
use zeroize::Zeroizing;

const SALT_BYTES: usize = 16;
/// Two times of eight bytes.
const TIMES_BYTES: usize = 16;

/// The exact times of a reminder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exact {
    /// When the telephone rings.
    pub(super) due_at: Time,
    /// When it no longer does.
    pub(super) expires_at: Time,
}

/// What stands in the columns of an obligation.
pub(super) struct InColumns {
    pub(super) due_at: Time,
    pub(super) expires_at: Time,
    pub(super) clock: Option<Vec<u8>>,
}

/// Masks times and reads them back.
pub(super) struct ReminderTimes {
    key: Zeroizing<[u8; 32]>,
}

impl ReminderTimes {
    /// With a key of the vault, asked for once.
    pub(super) fn of(vault: &Vault) -> Done<Self> {
        let key = vault.index(&Marked::Obligation("times of reminders")).map_err(vault_fault("opening the store"))?;
        Ok(Self { key: Zeroizing::new(key) })
    }

    /// What is written for an obligation: of a reminder the week, of all others the times as they are.
    pub(super) fn in_columns(&self, kind: TaskKind, row: &[u8], salt: [u8; 32], exact: Exact) -> InColumns {
        if kind != TaskKind::Reminder {
            return InColumns { due_at: exact.due_at, expires_at: exact.expires_at, clock: None };
        }
        let (due_at, expires_at) = rules::week_of_reminder(exact.due_at, exact.expires_at);
        InColumns { due_at, expires_at, clock: Some(self.masked(row, salt, exact)) }
    }

    /// A reminder's exact times; of a row from before times were masked what stands in clear.
    pub(super) fn exact(&self, row: &[u8], in_clear: Exact, clock: Option<&[u8]>) -> Exact {
        let read = || {
            let (salt, masked) = clock?.split_first_chunk::<SALT_BYTES>()?;
            let masked: &[u8; TIMES_BYTES] = masked.try_into().ok()?;
            let [due_at, expires_at] = halves(xor(masked, &self.pad(row, salt)));
            Some(Exact { due_at: Time::from_micros(due_at), expires_at: Time::from_micros(expires_at) })
        };
        read().unwrap_or(in_clear)
    }

    fn masked(&self, row: &[u8], salt: [u8; 32], exact: Exact) -> Vec<u8> {
        let salt: [u8; SALT_BYTES] = salt.first_chunk().copied().unwrap_or_default();
        let mut times = [0; TIMES_BYTES];
        times[..8].copy_from_slice(&exact.due_at.micros().to_be_bytes());
        times[8..].copy_from_slice(&exact.expires_at.micros().to_be_bytes());
        [salt.as_slice(), &xor(&times, &self.pad(row, &salt))].concat()
    }

    fn pad(&self, row: &[u8], salt: &[u8; SALT_BYTES]) -> [u8; 32] {
        keyed(&self.key, "clock", &[row, salt])
    }
}

fn xor(bytes: &[u8; TIMES_BYTES], pad: &[u8; 32]) -> [u8; TIMES_BYTES] {
    std::array::from_fn(|at| bytes[at] ^ pad[at])
}

fn halves([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]: [u8; TIMES_BYTES]) -> [i64; 2] {
    [i64::from_be_bytes([a, b, c, d, e, f, g, h]), i64::from_be_bytes([i, j, k, l, m, n, o, p])]
}
