//! The enrolled numbers while a feed is read: marks under a key made for this reading alone, in memory, never on disk.
//! It answers for one number and lists none; who fills it is left to the vault.

use crate::keyed::keyed;
use caseline_conversation::slot::CaseNumber;
use caseline_helpline::ports::EnrolledSet;
use caseline_model::CaseId;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// Marks of the enrolled numbers, and which of them the feed had.
pub(crate) struct ImportSet {
    key: Zeroizing<[u8; 32]>,
    cases: HashMap<[u8; 32], CaseId>,
    seen: Mutex<HashSet<[u8; 32]>>,
}

impl ImportSet {
    /// An empty set under a key that nothing else uses.
    pub(crate) fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self { key, cases: HashMap::new(), seen: Mutex::default() }
    }

    /// Adds an enrolled number.
    pub(crate) fn add(&mut self, number: &str, case: CaseId) {
        let mark = self.mark(number);
        self.cases.insert(mark, case);
    }

    /// The case of a number, without an index that costs time: it is in the set or it is not enrolled.
    pub(crate) fn case_of(&self, number: &CaseNumber) -> Option<CaseId> {
        self.cases.get(&self.mark(&number.canonical())).copied()
    }

    /// Cases whose numbers the feed did not have.
    pub(crate) fn unseen(&self, seen: &[[u8; 32]]) -> Vec<CaseId> {
        let seen: HashSet<&[u8; 32]> = seen.iter().collect();
        let mut cases: Vec<_> =
            self.cases.iter().filter(|(mark, _)| !seen.contains(mark)).map(|(_, case)| *case).collect();
        // In an order of its own, so that two stores write the same log.
        cases.sort_unstable();
        cases
    }

    fn mark(&self, number: &str) -> [u8; 32] {
        keyed(&self.key, "import", &[number.as_bytes()])
    }
}

/// What the reader of a feed holds of the set.
pub(crate) struct ImportHandle(pub(crate) Arc<ImportSet>);

impl EnrolledSet for ImportHandle {
    fn wants(&self, number: &CaseNumber) -> bool {
        let mark = self.0.mark(&number.canonical());
        let wanted = self.0.cases.contains_key(&mark);
        if wanted {
            self.0.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(mark);
        }
        wanted
    }

    fn seen(&self) -> Vec<[u8; 32]> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}
