//! The enrolled numbers while a feed is read: marks under a key made for this reading alone, in memory, never on disk.
//! It answers for one number and lists none; filling it and keeping it is left to the vault.

use crate::keyed::keyed;
use crate::vault::{At, VaultFault};
use caseline_conversation::slot::CaseNumber;
use caseline_helpline::ports::EnrolledSet;
use caseline_model::CaseId;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// Marks of the enrolled numbers under a key made for one reading.
pub(crate) struct Marks {
    key: Zeroizing<[u8; 32]>,
    cases: HashMap<[u8; 32], CaseId>,
    /// By the mark of a row's key in an earlier feed.
    rows: HashMap<[u8; 32], CaseId>,
}

/// The enrolled numbers as the reader of a feed asks for them, and which of them the feed had.
pub(crate) struct ImportSet {
    numbers: Numbers,
    /// All cases of the set.
    cases: BTreeSet<CaseId>,
    seen: Mutex<HashSet<CaseId>>,
    unread: Mutex<HashSet<CaseId>>,
    rows: Mutex<HashMap<CaseId, Vec<u64>>>,
    /// The vault did not answer in between: what was not answered is neither seen nor unseen.
    is_broken: AtomicBool,
}

/// Where the marks are.
enum Numbers {
    /// In this memory: the model's.
    Here(Marks),
    /// With the keys.
    InVault(At, u64),
}

/// Row keys of one number that are kept; more is a mistake of the feed.
const ROWS_MAX: usize = 64;

impl Marks {
    /// Under a key that nothing else uses.
    pub(crate) fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self { key, cases: HashMap::new(), rows: HashMap::new() }
    }

    /// Adds an enrolled number, with the keys of its rows in an earlier feed.
    pub(crate) fn add(&mut self, number: &str, case: CaseId, rows: &[u64]) {
        let mark = self.mark(number);
        self.cases.insert(mark, case);
        for row in rows {
            let mark = self.row_mark(*row);
            self.rows.insert(mark, case);
        }
    }

    /// The case of a number, without an index that costs time: it is in the set or it is not enrolled.
    pub(crate) fn case_of(&self, number: &str) -> Option<CaseId> {
        self.cases.get(&self.mark(number)).copied()
    }

    /// The case that a row of an earlier feed was of.
    pub(crate) fn case_of_row(&self, row: u64) -> Option<CaseId> {
        self.rows.get(&self.row_mark(row)).copied()
    }

    fn mark(&self, number: &str) -> [u8; 32] {
        keyed(&self.key, "import", &[number.as_bytes()])
    }

    fn row_mark(&self, row: u64) -> [u8; 32] {
        keyed(&self.key, "import row", &[&row.to_be_bytes()])
    }
}

impl ImportSet {
    /// An empty set under a key that nothing else uses.
    pub(crate) fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self::of(Numbers::Here(Marks::new(key)), BTreeSet::new())
    }

    /// A set of these cases, whose numbers the vault has.
    pub(crate) fn in_vault(at: At, import: u64, cases: BTreeSet<CaseId>) -> Self {
        Self::of(Numbers::InVault(at, import), cases)
    }

    fn of(numbers: Numbers, cases: BTreeSet<CaseId>) -> Self {
        Self {
            numbers,
            cases,
            seen: Mutex::default(),
            unread: Mutex::default(),
            rows: Mutex::default(),
            is_broken: AtomicBool::new(false),
        }
    }

    /// Adds an enrolled number, with the keys of its rows in an earlier feed.
    pub(crate) fn add(&mut self, number: &str, case: CaseId, rows: &[u64]) {
        if let Numbers::Here(marks) = &mut self.numbers {
            marks.add(number, case, rows);
            self.cases.insert(case);
        }
    }

    /// The keys of a case's rows in this feed.
    pub(crate) fn rows_of(&self, case: CaseId) -> Vec<u64> {
        locked(&self.rows).get(&case).cloned().unwrap_or_default()
    }

    /// The case of a number; none also when the vault does not answer, which `broken` says.
    pub(crate) fn case_of(&self, number: &CaseNumber) -> Option<CaseId> {
        let number = Zeroizing::new(number.canonical());
        match &self.numbers {
            Numbers::Here(marks) => marks.case_of(&number),
            Numbers::InVault(at, import) => self.kept(at.import_case(*import, &number)),
        }
    }

    fn case_of_row(&self, row: u64) -> Option<CaseId> {
        match &self.numbers {
            Numbers::Here(marks) => marks.case_of_row(row),
            Numbers::InVault(at, import) => self.kept(at.import_row(*import, row)),
        }
    }

    /// A fault when the vault did not answer in between.
    pub(crate) fn broken(&self) -> Option<VaultFault> {
        self.is_broken.load(Ordering::Acquire).then_some(VaultFault::ImportOver)
    }

    /// Cases whose numbers the feed did not have, in an order of their own, so that two stores write the same log.
    pub(crate) fn unseen(&self, seen: &[[u8; 32]]) -> Vec<CaseId> {
        let seen: HashSet<&[u8; 32]> = seen.iter().collect();
        self.cases.iter().filter(|case| !seen.contains(&as_mark(**case))).copied().collect()
    }

    fn kept(&self, asked: Result<Option<CaseId>, VaultFault>) -> Option<CaseId> {
        asked.unwrap_or_else(|fault| {
            if !self.is_broken.swap(true, Ordering::AcqRel) {
                tracing::error!(code = fault.code(), "the vault did not answer while a feed was read");
            }
            None
        })
    }
}

impl Drop for ImportSet {
    fn drop(&mut self) {
        if let Numbers::InVault(at, import) = &self.numbers {
            at.end_import(*import);
        }
    }
}

/// A case as the port has it.
fn as_mark(case: CaseId) -> [u8; 32] {
    let mut mark = [0; 32];
    mark[..16].copy_from_slice(&case.to_bytes());
    mark
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
        let case = self.0.case_of(number);
        locked(&self.0.seen).extend(case);
        case.is_some()
    }

    fn note_rows(&self, number: &CaseNumber, rows: &[u64]) {
        if let Some(case) = self.0.case_of(number) {
            let rows = rows.iter().copied().take(ROWS_MAX).collect();
            locked(&self.0.rows).insert(case, rows);
        }
    }

    fn note_unread(&self, row: u64) -> bool {
        let case = self.0.case_of_row(row);
        locked(&self.0.seen).extend(case);
        locked(&self.0.unread).extend(case);
        case.is_some()
    }

    fn has_unread(&self, number: &CaseNumber) -> bool {
        self.0.case_of(number).is_some_and(|case| locked(&self.0.unread).contains(&case))
    }

    fn seen(&self) -> Vec<[u8; 32]> {
        locked(&self.0.seen).iter().map(|case| as_mark(*case)).collect()
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}
