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
    /// By the mark of a row's key in an earlier feed: the mark of its number.
    owners: HashMap<[u8; 32], [u8; 32]>,
    seen: Mutex<HashSet<[u8; 32]>>,
    unread: Mutex<HashSet<[u8; 32]>>,
    rows: Mutex<HashMap<CaseId, Vec<u64>>>,
}

/// Row keys of one number that are kept; more is a mistake of the feed.
const ROWS_MAX: usize = 64;

impl ImportSet {
    /// An empty set under a key that nothing else uses.
    pub(crate) fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self {
            key,
            cases: HashMap::new(),
            owners: HashMap::new(),
            seen: Mutex::default(),
            unread: Mutex::default(),
            rows: Mutex::default(),
        }
    }

    /// Adds an enrolled number, with the keys of its rows in an earlier feed.
    pub(crate) fn add(&mut self, number: &str, case: CaseId, rows: &[u64]) {
        let mark = self.mark(number);
        self.cases.insert(mark, case);
        for row in rows {
            let owner = self.row_mark(*row);
            self.owners.insert(owner, mark);
        }
    }

    /// The keys of a case's rows in this feed.
    pub(crate) fn rows_of(&self, case: CaseId) -> Vec<u64> {
        locked(&self.rows).get(&case).cloned().unwrap_or_default()
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

    fn row_mark(&self, row: u64) -> [u8; 32] {
        keyed(&self.key, "import row", &[&row.to_be_bytes()])
    }
}

/// Row keys as they are kept, sealed.
pub(crate) fn rows_to_bytes(rows: &[u64]) -> Vec<u8> {
    rows.iter().flat_map(|row| row.to_be_bytes()).collect()
}

/// Reads them back.
pub(crate) fn rows_from_bytes(bytes: &[u8]) -> Vec<u64> {
    bytes.chunks_exact(8).filter_map(|row| Some(u64::from_be_bytes(row.try_into().ok()?))).collect()
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the reader of a feed holds of the set.
pub(crate) struct ImportHandle(pub(crate) Arc<ImportSet>);

impl EnrolledSet for ImportHandle {
    fn wants(&self, number: &CaseNumber) -> bool {
        let mark = self.0.mark(&number.canonical());
        let wanted = self.0.cases.contains_key(&mark);
        if wanted {
            locked(&self.0.seen).insert(mark);
        }
        wanted
    }

    fn note_rows(&self, number: &CaseNumber, rows: &[u64]) {
        if let Some(case) = self.0.case_of(number) {
            let rows = rows.iter().copied().take(ROWS_MAX).collect();
            locked(&self.0.rows).insert(case, rows);
        }
    }

    fn note_unread(&self, row: u64) -> bool {
        let owner = self.0.owners.get(&self.0.row_mark(row));
        if let Some(mark) = owner {
            locked(&self.0.seen).insert(*mark);
            locked(&self.0.unread).insert(*mark);
        }
        owner.is_some()
    }

    fn has_unread(&self, number: &CaseNumber) -> bool {
        locked(&self.0.unread).contains(&self.0.mark(&number.canonical()))
    }

    fn seen(&self) -> Vec<[u8; 32]> {
        locked(&self.0.seen).iter().copied().collect()
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}
