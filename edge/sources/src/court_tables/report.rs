//! What an import saw: rows read, kept, others', set aside and why. It can be printed and filed.
//! It holds counts, column names, row numbers and codes; no cell that could be a person's.

use crate::court_tables::decode::NullKind;
use crate::court_tables::layout::Table;
use crate::court_tables::row::{Quarantine, Rejected};
use caseline_model::Date;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Rows set aside that are named by their number, for each table.
pub const SAMPLES_MAX: usize = 50;
/// Different unlisted codes that are counted apart, for each column.
pub const UNLISTED_CODES_MAX: usize = 200;
/// Keys of case rows that were set aside, kept in memory while facts are taken.
pub const UNREADABLE_CASES_MAX: usize = 10_000;

/// What one import saw.
#[derive(Clone, Debug, Serialize)]
pub struct ReadReport {
    /// The day it is seen from.
    pub read_on: Date,
    /// A_TblCase, B_TblProceeding, tbl_schedule.
    pub tables: Vec<TableReport>,
    /// Enrolled numbers that the case table holds.
    pub number_count: u64,
    /// Their court cases.
    pub case_count: u64,
    /// Numbers whose rows cannot all be of one person (R17).
    pub two_people_count: u64,
    /// Cases that two numbers claim; neither got them.
    pub contested_case_count: u64,
    /// Cases of enrolled numbers with a row that was set aside.
    pub incomplete_case_count: u64,
    /// Rows that stood twice, word for word.
    pub repeated_rows: u64,
    /// Rows that a later change of the same key replaced.
    pub superseded_rows: u64,
    /// Rows of one key that differ, with none the later.
    pub contested_rows: u64,
    /// Keys (IDNCASE) of case rows that were set aside: a case among them is not gone. Never printed.
    #[serde(skip)]
    pub unreadable_cases: BTreeSet<u64>,
}

/// What one table held.
#[derive(Clone, Debug, Serialize)]
pub struct TableReport {
    /// Which table.
    pub table: Table,
    /// Rows after the header, without blank ones.
    pub rows_read: u64,
    /// Rows that the delivery's Count.txt names.
    pub rows_expected: Option<u64>,
    /// Rows of enrolled numbers.
    pub rows_kept: u64,
    /// Rows of everyone else, counted and forgotten.
    pub rows_of_others: u64,
    /// Case rows without an A-number.
    pub rows_without_number: u64,
    /// Rows set aside, by reason.
    pub quarantined: BTreeMap<Quarantine, u64>,
    /// Some of them.
    pub quarantine_samples: Vec<QuarantineSample>,
    /// Blank rows.
    pub blank_rows: u64,
    /// Rows with blank cells beyond the header's, taken.
    pub rows_with_blank_surplus: u64,
    /// Rows with fewer cells than the header but all that are needed, taken.
    pub rows_cut_after_needed: u64,
    /// Rows with NUL bytes, which were taken out.
    pub rows_with_nul: u64,
    /// By column and spelling: cells that say "nothing here".
    pub nulls: BTreeMap<&'static str, BTreeMap<NullKind, u64>>,
    /// By column: cells that look like a date or time and are none (31 September).
    pub impossible_values: BTreeMap<&'static str, u64>,
    /// By column: single cells that look like nothing of their column, taken as null.
    pub unreadable_cells: BTreeMap<&'static str, u64>,
    /// By column and code: codes that are in no table.
    pub unlisted_codes: BTreeMap<&'static str, BTreeMap<String, u64>>,
    /// Hearing dates that are dates and no hearing dates; kept, and marked when asked for.
    pub doubtful_dates: DoubtfulDates,
}

/// Hearing rows with a doubtful date or time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DoubtfulDates {
    /// On a Saturday or Sunday.
    pub weekend: u64,
    /// At midnight.
    pub midnight: u64,
    /// More than ten years ahead.
    pub far_future: u64,
    /// Before 1950: 1900-01-01 is what some systems write for nothing.
    pub ancient: u64,
}

/// One row that was set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuarantineSample {
    /// Counted from the header as row 1.
    pub row: u64,
    /// Why.
    pub why: Quarantine,
    /// How many cells it has.
    pub cell_count: usize,
    /// How many the header has.
    pub cell_count_expected: usize,
    /// Columns whose cells look wrong.
    pub odd_columns: Vec<&'static str>,
}

impl TableReport {
    pub(super) fn new(table: Table) -> Self {
        Self {
            table,
            rows_read: 0,
            rows_expected: None,
            rows_kept: 0,
            rows_of_others: 0,
            rows_without_number: 0,
            quarantined: BTreeMap::new(),
            quarantine_samples: Vec::new(),
            blank_rows: 0,
            rows_with_blank_surplus: 0,
            rows_cut_after_needed: 0,
            rows_with_nul: 0,
            nulls: BTreeMap::new(),
            impossible_values: BTreeMap::new(),
            unreadable_cells: BTreeMap::new(),
            unlisted_codes: BTreeMap::new(),
            doubtful_dates: DoubtfulDates::default(),
        }
    }

    /// Rows set aside, all reasons together.
    pub fn quarantined_total(&self) -> u64 {
        self.quarantined.values().sum()
    }

    pub(super) fn quarantine(&mut self, row: u64, rejected: &Rejected, cell_count_expected: usize) {
        *self.quarantined.entry(rejected.why).or_default() += 1;
        if self.quarantine_samples.len() < SAMPLES_MAX {
            self.quarantine_samples.push(QuarantineSample {
                row,
                why: rejected.why,
                cell_count: rejected.cell_count,
                cell_count_expected,
                odd_columns: column_names(self.table, rejected.odd_columns),
            });
        }
    }

    pub(super) fn note_unlisted(&mut self, column: usize, code: &[u8]) {
        let codes = self.unlisted_codes.entry(self.table.columns()[column].name).or_default();
        let code = String::from_utf8_lossy(code);
        if let Some(count) = codes.get_mut(code.as_ref()) {
            *count += 1;
        } else if codes.len() < UNLISTED_CODES_MAX {
            codes.insert(code.into_owned(), 1);
        } else {
            *codes.entry(String::from("(others)")).or_default() += 1;
        }
    }

    pub(super) fn note_unreadable(&mut self, odd_columns: u64) {
        for name in column_names(self.table, odd_columns) {
            *self.unreadable_cells.entry(name).or_default() += 1;
        }
    }
}

impl ReadReport {
    pub(super) fn new(read_on: Date) -> Self {
        Self {
            read_on,
            tables: Vec::new(),
            number_count: 0,
            case_count: 0,
            two_people_count: 0,
            contested_case_count: 0,
            incomplete_case_count: 0,
            repeated_rows: 0,
            superseded_rows: 0,
            contested_rows: 0,
            unreadable_cases: BTreeSet::new(),
        }
    }

    /// The report of one table; `None` before it was read.
    pub fn table(&self, table: Table) -> Option<&TableReport> {
        self.tables.iter().find(|report| report.table == table)
    }

    /// As JSON, for the file that an operator keeps.
    ///
    /// # Errors
    /// Never in practice: every key is text.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }

    /// As text, for the screen. Writing to a string cannot fail, so its results are not looked at.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        for table in &self.tables {
            table.write_text(&mut out);
        }
        let _ = writeln!(out, "enrolled numbers found {}, their court cases {}", self.number_count, self.case_count);
        for (count, what) in [
            (self.incomplete_case_count, "of these cases have a row that was set aside: their answer is incomplete"),
            (self.two_people_count, "numbers may be of two people (R17): nothing is said of them"),
            (self.contested_case_count, "cases are claimed by two numbers: left out"),
            (self.repeated_rows, "rows stood twice, word for word"),
            (self.superseded_rows, "rows were replaced by a later change"),
            (self.contested_rows, "rows differ under one key: kept and marked"),
        ] {
            if count > 0 {
                let _ = writeln!(out, "{count} {what}");
            }
        }
        out
    }
}

impl TableReport {
    fn write_text(&self, out: &mut String) {
        let _ = writeln!(
            out,
            "{}: {} rows read, {} kept, {} of others, {} set aside",
            self.table,
            self.rows_read,
            self.rows_kept,
            self.rows_of_others,
            self.quarantined_total()
        );
        if let Some(expected) = self.rows_expected {
            let _ = writeln!(out, "  its Count.txt says {expected} rows");
        }
        for (why, count) in &self.quarantined {
            let _ = writeln!(out, "  set aside: {count} with {}", why.meaning());
        }
        for sample in self.quarantine_samples.iter().take(5) {
            let odd = if sample.odd_columns.is_empty() {
                String::new()
            } else {
                format!("; looks wrong in {}", sample.odd_columns.join(", "))
            };
            let _ = writeln!(
                out,
                "    row {}: {} ({} cells, {} expected{odd})",
                sample.row,
                sample.why.meaning(),
                sample.cell_count,
                sample.cell_count_expected
            );
        }
        for (count, what) in [
            (self.rows_without_number, "rows without an A-number"),
            (self.blank_rows, "blank rows"),
            (self.rows_with_blank_surplus, "rows longer than the header by blank cells, taken"),
            (self.rows_cut_after_needed, "rows shorter than the header but whole as far as they are read, taken"),
            (self.rows_with_nul, "rows with NUL bytes, taken without them"),
            (self.doubtful_dates.weekend, "hearings on a Saturday or Sunday"),
            (self.doubtful_dates.midnight, "hearings at midnight"),
            (self.doubtful_dates.far_future, "hearings more than ten years ahead"),
            (self.doubtful_dates.ancient, "hearings before 1950"),
        ] {
            if count > 0 {
                let _ = writeln!(out, "  {count} {what}");
            }
        }
        for (column, count) in &self.impossible_values {
            let _ = writeln!(out, "  {count} impossible values in {column}, taken as nothing");
        }
        for (column, count) in &self.unreadable_cells {
            let _ = writeln!(out, "  {count} unreadable cells in {column}, taken as nothing");
        }
        for (column, codes) in &self.unlisted_codes {
            let shown: Vec<String> = codes.iter().take(8).map(|(code, count)| format!("{code} {count}")).collect();
            let _ = writeln!(out, "  codes of {column} that are in no table: {} ({})", codes.len(), shown.join(", "));
        }
    }
}

fn column_names(table: Table, bits: u64) -> Vec<&'static str> {
    let columns = table.columns();
    (0..columns.len()).filter(|at| bits & (1 << at) != 0).map(|at| columns[at].name).collect()
}
