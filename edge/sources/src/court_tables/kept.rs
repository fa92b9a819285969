//! Holds the rows of enrolled numbers while the tables are read, and puts them together at the end.
//! It is bounded by how many people are enrolled, not by how long the tables are.

use crate::court_tables::case::CaseRow;
use crate::court_tables::history::{CourtCase, CourtHistory, CustodyStatus, Hearing, Proceeding};
use crate::court_tables::one_person::Signs;
use caseline_model::{ANumber, Date, Private, TimeOfDay};
use std::collections::{BTreeMap, HashMap};

/// The most rows of enrolled numbers in one import.
pub(super) const KEPT_ROWS_MAX: usize = 5_000_000;
/// The most rows of one case. The longest in the release has some hundreds; more is a mistake of the feed.
pub(super) const CASE_ROWS_MAX: usize = 5_000;

#[derive(Default)]
pub(super) struct Kept {
    people: BTreeMap<ANumber, Signs>,
    cases: HashMap<u64, KeptCase>,
    row_count: usize,
    contested: BTreeMap<ANumber, u32>,
}

struct KeptCase {
    number: ANumber,
    row: CaseRow,
    proceedings: Vec<Proceeding>,
    hearings: Vec<(u64, Hearing)>,
    garbled_row_count: u32,
    is_contested: bool,
}

/// What became of a row of the case table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CaseTaken {
    New,
    Same,
    Differing,
    /// Another number has this case: neither gets it.
    Contested,
}

/// How repeats of a key were settled, for the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Repeats {
    pub identical: u64,
    pub superseded: u64,
    pub contested: u64,
}

impl Kept {
    pub fn row_count(&self) -> usize {
        self.row_count
    }

    pub fn number_count(&self) -> usize {
        self.people.len()
    }

    pub fn case_count(&self) -> usize {
        self.cases.len()
    }

    pub fn custody(&self, case_id: u64) -> Option<Option<CustodyStatus>> {
        self.cases.get(&case_id).map(|case| case.row.custody)
    }

    /// A wanted row of the case table.
    pub fn take_case(&mut self, number: ANumber, row: CaseRow, signs: Signs) -> CaseTaken {
        self.people.entry(number).or_default().compare(signs);
        self.row_count += 1;
        match self.cases.get_mut(&row.id) {
            None => {
                let id = row.id;
                let kept = KeptCase {
                    number,
                    row,
                    proceedings: Vec::new(),
                    hearings: Vec::new(),
                    garbled_row_count: 0,
                    is_contested: false,
                };
                self.cases.insert(id, kept);
                CaseTaken::New
            }
            Some(kept) if kept.number != number => {
                *self.contested.entry(number).or_default() += 1;
                kept.contest(&mut self.contested);
                CaseTaken::Contested
            }
            Some(kept) => {
                if kept.row.agree_with(&row) {
                    CaseTaken::Same
                } else {
                    CaseTaken::Differing
                }
            }
        }
    }

    /// A row of somebody else's number with the key of a kept case: the kept case is then nobody's.
    pub fn contest(&mut self, case_id: u64) -> bool {
        let Some(kept) = self.cases.get_mut(&case_id) else { return false };
        kept.contest(&mut self.contested);
        true
    }

    pub fn take_proceeding(&mut self, case_id: u64, proceeding: Proceeding) -> bool {
        let Some(kept) = self.cases.get_mut(&case_id) else { return false };
        if !kept.has_room() {
            return true;
        }
        kept.proceedings.push(proceeding);
        self.row_count += 1;
        true
    }

    pub fn take_hearing(&mut self, case_id: u64, proceeding_id: u64, hearing: Hearing) {
        let Some(kept) = self.cases.get_mut(&case_id) else { return };
        if kept.has_room() {
            kept.hearings.push((proceeding_id, hearing));
            self.row_count += 1;
        }
    }

    /// A row that was set aside carried a key: if the case is kept, its picture is incomplete.
    pub fn note_garbled(&mut self, case_id: u64) {
        if let Some(kept) = self.cases.get_mut(&case_id) {
            kept.garbled_row_count = kept.garbled_row_count.saturating_add(1);
        }
    }

    /// Puts everything together, one history a number, in the order of the numbers.
    pub fn into_histories(self) -> (Vec<CourtHistory>, Repeats) {
        let mut repeats = Repeats::default();
        let mut by_number: BTreeMap<ANumber, Vec<CourtCase>> = self.people.keys().map(|n| (*n, Vec::new())).collect();
        for case in self.cases.into_values().filter(|case| !case.is_contested) {
            let number = case.number;
            by_number.entry(number).or_default().push(case.into_case(&mut repeats));
        }
        let histories = by_number
            .into_iter()
            .map(|(number, mut cases)| {
                cases.sort_by_key(|case| case.id);
                CourtHistory {
                    a_number: Private::new(number),
                    cases,
                    may_be_two_people: self.people.get(&number).is_some_and(Signs::may_be_two_people),
                    contested_case_count: self.contested.get(&number).copied().unwrap_or(0),
                }
            })
            .collect();
        (histories, repeats)
    }
}

impl KeptCase {
    fn contest(&mut self, contested: &mut BTreeMap<ANumber, u32>) {
        if !self.is_contested {
            self.is_contested = true;
            *contested.entry(self.number).or_default() += 1;
        }
    }

    fn has_room(&mut self) -> bool {
        let has_room = self.proceedings.len() + self.hearings.len() < CASE_ROWS_MAX;
        if !has_room {
            self.garbled_row_count = self.garbled_row_count.saturating_add(1);
        }
        has_room
    }

    fn into_case(self, repeats: &mut Repeats) -> CourtCase {
        let mut proceedings = settle(self.proceedings, repeats);
        proceedings.sort_by_key(|p| (p.input_on, p.id));
        let mut unplaced_hearings = Vec::new();
        let mut by_proceeding: BTreeMap<u64, Vec<Hearing>> = BTreeMap::new();
        for (proceeding_id, hearing) in self.hearings {
            by_proceeding.entry(proceeding_id).or_default().push(hearing);
        }
        for (proceeding_id, hearings) in by_proceeding {
            let mut hearings = settle(hearings, repeats);
            hearings.sort_by_key(|h| (h.on, h.starts_at, h.id));
            match proceedings.iter_mut().find(|p| p.id == proceeding_id) {
                Some(proceeding) => proceeding.hearings = hearings,
                None => unplaced_hearings.extend(hearings),
            }
        }
        unplaced_hearings.sort_by_key(|h| (h.on, h.starts_at, h.id));
        CourtCase {
            id: self.row.id,
            case_type: self.row.case_type,
            custody: self.row.custody,
            language: self.row.language,
            proceedings,
            unplaced_hearings,
            garbled_row_count: self.garbled_row_count,
        }
    }
}

/// A row that can stand twice under one key.
trait Keyed: PartialEq {
    fn key(&self) -> u64;
    /// When the court last changed it, if it says so.
    fn changed_at(&self) -> Option<(Date, Option<TimeOfDay>)>;
    fn contest(&mut self);
    /// In an order that does not hang on the file's.
    fn in_order(&self) -> String;
}

impl Keyed for Proceeding {
    fn key(&self) -> u64 {
        self.id
    }
    fn changed_at(&self) -> Option<(Date, Option<TimeOfDay>)> {
        None
    }
    fn contest(&mut self) {
        self.is_contested = true;
    }
    fn in_order(&self) -> String {
        format!("{self:?}")
    }
}

impl Keyed for Hearing {
    fn key(&self) -> u64 {
        self.id
    }
    fn changed_at(&self) -> Option<(Date, Option<TimeOfDay>)> {
        self.updated_on.map(|on| (on, self.updated_at))
    }
    fn contest(&mut self) {
        self.is_contested = true;
    }
    fn in_order(&self) -> String {
        format!("{self:?}")
    }
}

/// One row a key: identical ones fall together, the one that the court changed last replaces the others, and where that
/// cannot be told all of them stay and are marked.
fn settle<T: Keyed>(rows: Vec<T>, repeats: &mut Repeats) -> Vec<T> {
    let mut by_key: BTreeMap<u64, Vec<T>> = BTreeMap::new();
    for row in rows {
        let same = by_key.entry(row.key()).or_default();
        if same.contains(&row) {
            repeats.identical += 1;
        } else {
            same.push(row);
        }
    }
    let mut settled = Vec::new();
    for mut rows in by_key.into_values() {
        if rows.len() > 1 {
            let latest = rows.iter().map(T::changed_at).max().flatten();
            let of_latest = rows.iter().filter(|row| row.changed_at() == latest).count();
            if latest.is_some() && of_latest == 1 {
                repeats.superseded += rows.len() as u64 - 1;
                rows.retain(|row| row.changed_at() == latest);
            } else {
                repeats.contested += rows.len() as u64;
                rows.sort_by_cached_key(T::in_order);
                rows.iter_mut().for_each(T::contest);
            }
        }
        settled.append(&mut rows);
    }
    settled
}
