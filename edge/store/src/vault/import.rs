//! The enrolled numbers while a feed is read: marks under a key made for that reading alone, in the vault's memory and
//! nowhere else. It answers for one number, and for so many in all; it lists none.
//! Which rows of a feed are the same, changed, new or gone is left to `import_set` and the store.

use super::files::VaultFault;
use super::holder::fresh_key;
use crate::import_set::Marks;
use caseline_helpline::chance::Chance;
use caseline_model::CaseId;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Sets at one time; the oldest goes when another begins.
const SETS_MAX: usize = 4;
/// Numbers that are asked of one set: five times the largest feed. Whoever would try all A-numbers needs sixty sets.
const ASKED_MAX: u64 = 16_000_000;

struct Set {
    id: u64,
    marks: Marks,
    asked: u64,
}

/// The sets.
#[derive(Default)]
pub(super) struct Imports(Mutex<VecDeque<Set>>);

impl Imports {
    /// Begins a set under a key of its own; its id.
    pub(super) fn begin(&self, chance: &dyn Chance) -> u64 {
        let id = chance.bits_128() as u64;
        let mut sets = self.sets();
        while sets.len() >= SETS_MAX {
            sets.pop_front();
        }
        sets.push_back(Set { id, marks: Marks::new(fresh_key(chance)), asked: 0 });
        id
    }

    /// Adds an enrolled number, with the keys of its rows in an earlier feed.
    pub(super) fn add(&self, id: u64, number: &str, case: CaseId, rows: &[u64]) -> Result<(), VaultFault> {
        self.with(id, |set| {
            set.marks.add(number, case, rows);
            Ok(())
        })
    }

    /// Whose case a number is.
    pub(super) fn case_of(&self, id: u64, number: &str) -> Result<Option<CaseId>, VaultFault> {
        self.with(id, |set| {
            set.asked += 1;
            if set.asked > ASKED_MAX {
                return Err(VaultFault::BudgetSpent);
            }
            Ok(set.marks.case_of(number))
        })
    }

    /// Whose case a row of an earlier feed is.
    pub(super) fn case_of_row(&self, id: u64, row: u64) -> Result<Option<CaseId>, VaultFault> {
        self.with(id, |set| Ok(set.marks.case_of_row(row)))
    }

    /// Ends a set.
    pub(super) fn end(&self, id: u64) {
        self.sets().retain(|set| set.id != id);
    }

    fn with<T>(&self, id: u64, does: impl FnOnce(&mut Set) -> Result<T, VaultFault>) -> Result<T, VaultFault> {
        let mut sets = self.sets();
        does(sets.iter_mut().find(|set| set.id == id).ok_or(VaultFault::ImportOver)?)
    }

    fn sets(&self) -> MutexGuard<'_, VecDeque<Set>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
