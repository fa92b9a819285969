//! Decides of each row whether it can be trusted: too long, too short, shifted by a stray tab.
//! A row that cannot is set aside whole and never mended: a guess could send a person to the wrong day.

use crate::court_tables::codes;
use crate::court_tables::decode;
use crate::court_tables::decode::NullKind;
use crate::court_tables::fault::CourtTablesFault;
use crate::court_tables::layout::{Purpose, Table, case_column};
use caseline_model::{Date, TimeOfDay};
use serde::Serialize;

/// Cells that do not look like their column before a row of the right length counts as shifted. One is a typing slip;
/// two come from a tab too many and one too few, and so does one beside a code that no table knows or beside a null
/// where the release has none, or these two beside each other.
const SHIFTED_CELLS_MIN: usize = 2;

/// The most columns a header may have. The widest release has 41.
const COLUMNS_MAX: usize = 512;

/// Why a row was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quarantine {
    /// More cells than the header, and not only blank ones.
    TooManyCells,
    /// So few cells that a column which is read is missing.
    TooFewCells,
    /// Cells stand under the wrong columns.
    Shifted,
    /// A key (IDNCASE, IDNPROCEEDING, IDNSCHEDULE) is no number.
    KeyUnreadable,
    /// The A-number's cell holds something else.
    ANumberUnreadable,
    /// No end of row for 64 KiB.
    Endless,
}

impl Quarantine {
    /// What it means, for the report.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::TooManyCells => "more cells than the header",
            Self::TooFewCells => "fewer cells than the header, a needed one among them",
            Self::Shifted => "cells under the wrong columns",
            Self::KeyUnreadable => "its key is no number",
            Self::ANumberUnreadable => "its A-number cannot be read",
            Self::Endless => "no end of row for 64 KiB",
        }
    }
}

/// Where each column of a layout stands in one file.
#[derive(Debug)]
pub(super) struct Header {
    table: Table,
    /// By position in the layout.
    positions: Vec<Option<usize>>,
    cell_count: usize,
    /// Cells up to here are needed of every row.
    needed_cells: usize,
}

impl Header {
    /// Finds the columns by name, in whatever order this release has them.
    pub fn read(row: &[u8], table: Table, file: &str, a_number_column: &str) -> Result<Self, CourtTablesFault> {
        let row = row.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(row);
        let names: Vec<String> = row
            .split(|b| *b == b'\t')
            .take(COLUMNS_MAX)
            .map(|cell| decode::text(decode::trim(cell)).to_uppercase())
            .collect();
        let columns = table.columns();
        let mut positions = vec![None; columns.len()];
        let mut missing = None;
        for (at, column) in columns.iter().enumerate() {
            let is_number = table == Table::Case && at == case_column::A_NUMBER;
            let name = if is_number { a_number_column } else { column.name };
            let is_it = |found: &String| {
                found.as_str() == name.to_uppercase() || column.aliases.iter().any(|a| *found == a.to_uppercase())
            };
            let mut places = names.iter().enumerate().filter(|(_, found)| is_it(found)).map(|(place, _)| place);
            positions[at] = places.next();
            if places.next().is_some() && column.purpose != Purpose::Witness {
                return Err(CourtTablesFault::ColumnTwice { file: file.to_owned(), column: name.to_owned() });
            }
            let is_required = matches!(column.purpose, Purpose::Key | Purpose::Needed);
            if is_required && positions[at].is_none() && missing.is_none() {
                missing = Some((name.to_owned(), is_number));
            }
        }
        if positions.iter().all(Option::is_none) {
            return Err(not_parted_by_tabs(row, file).unwrap_or(CourtTablesFault::NoHeader { file: file.to_owned() }));
        }
        if let Some((column, is_number)) = missing {
            let advice = if is_number {
                "the operator's feed adds it to the court's table: name its column in the import"
            } else {
                "ask the sender for the whole table as the court releases it"
            };
            return Err(CourtTablesFault::ColumnMissing { file: file.to_owned(), column, advice });
        }
        let needed_cells = columns
            .iter()
            .zip(&positions)
            .filter(|(column, _)| column.purpose != Purpose::Witness)
            .filter_map(|(_, position)| position.map(|at| at + 1))
            .max()
            .unwrap_or(0);
        Ok(Self { table, positions, cell_count: names.len(), needed_cells })
    }

    pub fn cell_count(&self) -> usize {
        self.cell_count
    }

    /// Looks at every cell whose column is known. Nulls are reported to `saw_null` for the columns that are read.
    pub fn check<'r>(
        &self,
        bytes: &'r [u8],
        cells: &mut Cells,
        mut saw_null: impl FnMut(usize, NullKind),
    ) -> Result<CheckedRow<'r>, Rejected> {
        cells.split(bytes);
        let count = cells.starts.len();
        let reject = |why, odd: u64| Err(Rejected { why, cell_count: count, odd_columns: odd });
        let has_surplus = count > self.cell_count;
        if has_surplus && (self.cell_count..count).any(|at| !decode::trim(cells.cell(bytes, at)).is_empty()) {
            return reject(Quarantine::TooManyCells, 0);
        }
        if count < self.needed_cells {
            return reject(Quarantine::TooFewCells, 0);
        }
        let mut values: [&'r [u8]; READ_MAX] = [b""; READ_MAX];
        let mut odd_columns = 0_u64;
        let mut odd_keys = false;
        let mut unlisted_codes = 0_u64;
        let mut has_odd_null = false;
        for (at, column) in self.table.columns().iter().enumerate() {
            let Some(cell) = self.positions[at].filter(|p| *p < count).map(|p| cells.cell(bytes, p)) else { continue };
            let null = decode::null_kind(cell, column.shape);
            let is_key = column.purpose == Purpose::Key;
            let is_odd = match null {
                Some(kind) => {
                    has_odd_null |= column.is_always_filled && kind != NullKind::Redacted;
                    if matches!(column.purpose, Purpose::Key | Purpose::Needed | Purpose::Read) {
                        saw_null(at, kind);
                    }
                    is_key
                }
                None if is_key => decode::number(cell).is_none(),
                None => !decode::has_shape(cell, column.shape),
            };
            odd_keys |= is_odd && is_key;
            odd_columns |= u64::from(is_odd) << at;
            if null.is_none() && !is_odd && at < READ_MAX {
                let value = decode::trim(cell);
                values[at] = value;
                let is_unlisted = column.codes.is_some_and(|table| !codes::is_listed(table, value));
                unlisted_codes |= u64::from(is_unlisted) << at;
            }
        }
        let odd = odd_columns.count_ones() as usize;
        let has_another_sign = count != self.cell_count || unlisted_codes != 0 || has_odd_null;
        let is_shifted =
            odd >= SHIFTED_CELLS_MIN || (odd > 0 && has_another_sign) || (unlisted_codes != 0 && has_odd_null);
        if is_shifted {
            return reject(Quarantine::Shifted, odd_columns);
        }
        if odd_keys {
            return reject(Quarantine::KeyUnreadable, odd_columns);
        }
        let is_short = count < self.cell_count;
        Ok(CheckedRow { table: self.table, values, odd_columns, unlisted_codes, is_short, is_long: has_surplus })
    }

    /// The case key of a row that was set aside, if that cell can still be read: the row then belongs to a case whose
    /// answer is incomplete.
    pub fn case_key_of_rejected(&self, bytes: &[u8], cells: &Cells, case_id: usize) -> Option<u64> {
        let at = self.positions[case_id]?;
        (at < cells.starts.len()).then(|| decode::number(cells.cell(bytes, at))).flatten()
    }
}

/// No layout reads more columns than this; witnesses come after them.
const READ_MAX: usize = 18;

/// Where a row's cells begin and end; kept from row to row, so that a row costs no memory.
#[derive(Debug, Default)]
pub(super) struct Cells {
    starts: Vec<(u32, u32)>,
}

impl Cells {
    fn split(&mut self, bytes: &[u8]) {
        self.starts.clear();
        let mut start = 0_u32;
        for (at, byte) in bytes.iter().enumerate() {
            if *byte == b'\t' {
                // A row has at most 64 KiB, so its positions fit.
                self.starts.push((start, at as u32));
                start = at as u32 + 1;
            }
        }
        self.starts.push((start, bytes.len() as u32));
    }

    fn cell<'r>(&self, bytes: &'r [u8], at: usize) -> &'r [u8] {
        let (start, end) = self.starts[at];
        &bytes[start as usize..end as usize]
    }
}

/// A row that was set aside.
#[derive(Debug)]
pub(super) struct Rejected {
    pub why: Quarantine,
    pub cell_count: usize,
    /// A bit for each column of the layout whose cell looks wrong.
    pub odd_columns: u64,
}

/// A row whose cells stand under their columns.
#[derive(Debug)]
pub(super) struct CheckedRow<'r> {
    table: Table,
    values: [&'r [u8]; READ_MAX],
    /// A bit for the one column whose cell looks wrong, if any. Its value is null.
    pub odd_columns: u64,
    /// A bit for each column whose code is in no table.
    pub unlisted_codes: u64,
    pub is_short: bool,
    pub is_long: bool,
}

/// A cell that looked like a value and is none: 31 September, 24:60.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Impossible;

impl<'r> CheckedRow<'r> {
    /// A cell without padding; `None` for a null.
    pub fn bytes(&self, column: usize) -> Option<&'r [u8]> {
        debug_assert!(column < READ_MAX, "only columns that are read have values");
        Some(self.values[column]).filter(|cell| !cell.is_empty())
    }

    /// A cell as text.
    pub fn text(&self, column: usize) -> Option<std::borrow::Cow<'r, str>> {
        self.bytes(column).map(decode::text)
    }

    /// A key; `check` has seen that it is a number.
    pub fn key(&self, column: usize) -> u64 {
        debug_assert_eq!(self.table.columns()[column].purpose, Purpose::Key);
        self.bytes(column).and_then(decode::number).unwrap_or(0)
    }

    pub fn date(&self, column: usize) -> Result<Option<Date>, Impossible> {
        self.bytes(column).map(|cell| decode::date(cell).ok_or(Impossible)).transpose()
    }

    pub fn time(&self, column: usize) -> Result<Option<TimeOfDay>, Impossible> {
        self.bytes(column).map(|cell| decode::time(cell).ok_or(Impossible)).transpose()
    }
}

fn not_parted_by_tabs(row: &[u8], file: &str) -> Option<CourtTablesFault> {
    let upper = row.to_ascii_uppercase();
    let names_a_key = upper.windows(7).any(|w| w == b"IDNCASE");
    let looks_like =
        [(b',', "a table parted by commas"), (b';', "a table parted by semicolons"), (b'|', "a table parted by bars")]
            .into_iter()
            .find(|(mark, _)| row.contains(mark))?
            .1;
    (names_a_key && !row.contains(&b'\t')).then(|| CourtTablesFault::NotATable {
        file: file.to_owned(),
        looks_like,
        advice: "export it parted by tabs, as the court releases it",
    })
}
