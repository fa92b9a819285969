//! Reads the three tables in the order of their keys: cases first, which decides whose rows are wanted, then the
//! proceedings and the hearings of those cases.
//! Each table is read once, row by row. Nothing is handed over before all three were read to their end.

use crate::court_tables::case;
use crate::court_tables::case::CaseRow;
use crate::court_tables::enrolled::{CourtFacts, Enrolled, Progress, ReadOptions};
use crate::court_tables::fault::CourtTablesFault;
use crate::court_tables::history::CourtHistory;
use crate::court_tables::kept::{CaseTaken, KEPT_ROWS_MAX, Kept};
use crate::court_tables::layout::{Purpose, Shape, Table, case_column, proceeding_column, schedule_column};
use crate::court_tables::next_hearing::YEARS_AHEAD_MAX;
use crate::court_tables::place::{Place, something_else};
use crate::court_tables::proceeding::ProceedingRow;
use crate::court_tables::reader::{RawRow, RowReader};
use crate::court_tables::report::{ReadReport, TableReport, UNREADABLE_CASES_MAX};
use crate::court_tables::row::{Cells, CheckedRow, Header, Quarantine, Rejected};
use crate::court_tables::schedule::{self, ScheduleRow};
use caseline_model::ANumber;
use jiff::civil::Weekday;
use std::io::BufRead;
use std::path::Path;

/// Progress is told once in so many bytes.
const PROGRESS_BYTES: u64 = 1 << 20;
/// A table of at least so many rows of which more than a tenth were set aside is not trusted at all.
const TRUST_ROWS_MIN: u64 = 200;
/// See [`TRUST_ROWS_MIN`].
const TRUST_SHARE_DIVISOR: u64 = 10;
/// Cells of a garbled case row in which its A-number is looked for.
const REJECTED_CELLS_MAX: usize = 200;
/// Hearings before this year are no hearings.
const ANCIENT_YEAR: i16 = 1950;

/// Reads a delivery (a folder, or a zip) and hands over the facts of every enrolled number that it holds.
///
/// The headers of all three tables are looked at before the first of them is read. Memory grows with the enrolled
/// numbers, not with the tables.
///
/// # Errors
/// [`CourtTablesFault`], one sentence each. Unless it is [`CourtTablesFault::NotSaved`], nothing was handed over.
pub fn read_court_tables(
    place: &Path,
    options: &ReadOptions,
    enrolled: &dyn Enrolled,
    progress: &mut dyn FnMut(Progress),
    facts: &mut dyn CourtFacts,
) -> Result<ReadReport, CourtTablesFault> {
    let mut place = Place::find(place)?;
    for table in Table::ALL {
        let mut reader = RowReader::new(place.open(table)?);
        read_header(&mut reader, table, options)?;
    }
    let count_note = place.count_note();
    let mut import = Import::new(options, enrolled);
    let bytes_total = place.bytes_total();
    let mut bytes_before = 0;
    for table in Table::ALL {
        let mut tell = |bytes| progress(Progress { table, bytes_done: bytes_before + bytes, bytes_total });
        bytes_before += import.read_table(place.open(table)?, table, &mut tell)?;
        import.compare(table, count_note.rows_of(table))?;
    }
    let (histories, report) = import.finish();
    let found = histories.len();
    for (taken, history) in histories.into_iter().enumerate() {
        facts.take(history).map_err(|source| CourtTablesFault::NotSaved { taken, found, source })?;
    }
    Ok(report)
}

/// One import under way.
pub(super) struct Import<'a> {
    options: &'a ReadOptions,
    enrolled: &'a dyn Enrolled,
    kept: Kept,
    report: ReadReport,
}

impl<'a> Import<'a> {
    pub fn new(options: &'a ReadOptions, enrolled: &'a dyn Enrolled) -> Self {
        Self { options, enrolled, kept: Kept::default(), report: ReadReport::new(options.today) }
    }

    /// Reads one table to its end and returns how many bytes it had.
    pub fn read_table(
        &mut self,
        input: impl BufRead,
        table: Table,
        tell: &mut dyn FnMut(u64),
    ) -> Result<u64, CourtTablesFault> {
        let mut reader = RowReader::new(input);
        let header = read_header(&mut reader, table, self.options)?;
        let mut pass = Pass { header, report: TableReport::new(table), cells: Cells::default(), nulls: [[0; 6]; 32] };
        let mut told = 0;
        loop {
            let row_number = reader.row_number();
            let row = reader.next_row().map_err(|source| CourtTablesFault::Unreadable {
                file: table.file_name().to_owned(),
                row: row_number,
                source,
            })?;
            let Some(row) = row else { break };
            self.read_row(&mut pass, &row)?;
            if self.kept.row_count() > KEPT_ROWS_MAX {
                return Err(CourtTablesFault::TooManyKept { limit: KEPT_ROWS_MAX });
            }
            if reader.bytes_done() - told >= PROGRESS_BYTES {
                told = reader.bytes_done();
                tell(told);
            }
        }
        tell(reader.bytes_done());
        let report = pass.into_report();
        let (quarantined, rows) = (report.quarantined_total(), report.rows_read);
        self.report.tables.push(report);
        if rows >= TRUST_ROWS_MIN && quarantined > rows / TRUST_SHARE_DIVISOR {
            return Err(CourtTablesFault::MostlyGarbled { file: table.file_name().to_owned(), quarantined, rows });
        }
        Ok(reader.bytes_done())
    }

    /// Compares the rows of the table that was read last with what the delivery says of it. Fewer rows than that are a
    /// table that lost its end: everybody in it would seem to have vanished. One row fewer is the header; more rows are
    /// those that a stray row end broke in two.
    fn compare(&mut self, table: Table, expected: Option<u64>) -> Result<(), CourtTablesFault> {
        let (Some(expected), Some(report)) = (expected, self.report.tables.last_mut()) else { return Ok(()) };
        report.rows_expected = Some(expected);
        let rows = report.rows_read + report.blank_rows;
        if rows + 1 < expected {
            return Err(CourtTablesFault::RowsMissing { file: table.file_name().to_owned(), rows, expected });
        }
        Ok(())
    }

    /// Puts the facts together.
    pub fn finish(self) -> (Vec<CourtHistory>, ReadReport) {
        let mut report = self.report;
        report.number_count = self.kept.number_count() as u64;
        report.case_count = self.kept.case_count() as u64;
        let (histories, repeats) = self.kept.into_histories();
        report.repeated_rows += repeats.identical;
        report.superseded_rows += repeats.superseded;
        report.contested_rows += repeats.contested;
        report.two_people_count = histories.iter().filter(|h| h.may_be_two_people).count() as u64;
        let cases = histories.iter().flat_map(|h| &h.cases);
        report.incomplete_case_count = cases.filter(|case| case.garbled_row_count > 0).count() as u64;
        (histories, report)
    }

    fn read_row(&mut self, pass: &mut Pass, row: &RawRow<'_>) -> Result<(), CourtTablesFault> {
        let table = pass.report.table;
        let cut_short = || CourtTablesFault::CutShort { file: table.file_name().to_owned(), row: row.number };
        if row.bytes.trim_ascii().is_empty() {
            // A download that stopped often ends in NUL bytes up to the length it should have had.
            if row.is_unfinished && row.nul_count > 0 {
                return Err(cut_short());
            }
            pass.report.blank_rows += 1;
            return Ok(());
        }
        pass.report.rows_read += 1;
        pass.report.rows_with_nul += u64::from(row.nul_count > 0);
        if row.is_too_long {
            let endless = Rejected { why: Quarantine::Endless, cell_count: 0, odd_columns: 0 };
            pass.report.quarantine(row.number, &endless, pass.header.cell_count());
            return if row.is_unfinished { Err(cut_short()) } else { Ok(()) };
        }
        let nulls = &mut pass.nulls;
        let checked = pass.header.check(row.bytes, &mut pass.cells, |column, kind| nulls[column][kind as usize] += 1);
        match checked {
            Ok(checked) => {
                if row.is_unfinished && (checked.is_short || checked.odd_columns != 0) {
                    return Err(cut_short());
                }
                pass.report.rows_with_blank_surplus += u64::from(checked.is_long);
                pass.report.rows_cut_after_needed += u64::from(checked.is_short);
                let taken = self.take(&mut pass.report, &checked);
                match taken {
                    Ok(()) => pass.note_oddities(&checked, self.options),
                    Err(why) => {
                        let rejected =
                            Rejected { why, cell_count: pass.header.cell_count(), odd_columns: checked.odd_columns };
                        self.set_aside(pass, row, &rejected);
                    }
                }
            }
            Err(rejected) => {
                if row.is_unfinished && rejected.cell_count < pass.header.cell_count() {
                    return Err(cut_short());
                }
                self.set_aside(pass, row, &rejected);
            }
        }
        Ok(())
    }

    fn set_aside(&mut self, pass: &mut Pass, row: &RawRow<'_>, rejected: &Rejected) {
        pass.report.quarantine(row.number, rejected, pass.header.cell_count());
        let case_id = match pass.report.table {
            Table::Case => case_column::ID,
            Table::Proceeding => proceeding_column::CASE_ID,
            Table::Schedule => schedule_column::CASE_ID,
        };
        if pass.report.table == Table::Case {
            // Whoever a garbled row is about has not vanished: the number may stand in a neighbouring cell.
            for cell in row.bytes.split(|byte| *byte == b'\t').take(REJECTED_CELLS_MAX) {
                if let Some(number) = std::str::from_utf8(cell).ok().and_then(|text| text.parse::<ANumber>().ok()) {
                    self.enrolled.wants(&number);
                }
            }
        }
        let Some(case_id) = pass.header.case_key_of_rejected(row.bytes, &pass.cells, case_id) else { return };
        self.kept.note_garbled(case_id);
        if pass.report.table == Table::Case && self.report.unreadable_cases.len() < UNREADABLE_CASES_MAX {
            self.report.unreadable_cases.insert(case_id);
        }
    }

    fn take(&mut self, report: &mut TableReport, row: &CheckedRow<'_>) -> Result<(), Quarantine> {
        let is_kept = match report.table {
            Table::Case => match case::a_number(row)? {
                None => {
                    report.rows_without_number += 1;
                    return Ok(());
                }
                Some(number) if self.enrolled.wants(&number) => {
                    let taken = self.kept.take_case(number, CaseRow::read(row), case::signs(row));
                    self.note_case(taken);
                    true
                }
                Some(_) => {
                    if self.kept.contest(row.key(case_column::ID)) {
                        self.report.contested_case_count += 1;
                    }
                    false
                }
            },
            Table::Proceeding => {
                let case_id = row.key(proceeding_column::CASE_ID);
                self.kept.custody(case_id).is_some() && {
                    let row = ProceedingRow::read(row);
                    self.kept.take_proceeding(row.case_id, row.proceeding)
                }
            }
            Table::Schedule => {
                let case_id = schedule::case_id(row);
                match self.kept.custody(case_id) {
                    None => false,
                    Some(custody) => {
                        let row = ScheduleRow::read(row, custody);
                        self.kept.take_hearing(case_id, row.proceeding_id, row.hearing);
                        true
                    }
                }
            }
        };
        report.rows_kept += u64::from(is_kept);
        report.rows_of_others += u64::from(!is_kept);
        Ok(())
    }

    fn note_case(&mut self, taken: CaseTaken) {
        match taken {
            CaseTaken::New => {}
            CaseTaken::Same => self.report.repeated_rows += 1,
            CaseTaken::Differing => self.report.contested_rows += 1,
            CaseTaken::Contested => self.report.contested_case_count += 1,
        }
    }
}

/// One table being read.
struct Pass {
    header: Header,
    report: TableReport,
    cells: Cells,
    /// By column and kind; turned into names at the end.
    nulls: [[u64; 6]; 32],
}

impl Pass {
    fn note_oddities(&mut self, row: &CheckedRow<'_>, options: &ReadOptions) {
        if row.odd_columns != 0 {
            self.report.note_unreadable(row.odd_columns);
        }
        let table = self.report.table;
        for (at, column) in table.columns().iter().enumerate() {
            if column.purpose == Purpose::Witness {
                break;
            }
            let Some(cell) = row.bytes(at) else { continue };
            if row.unlisted_codes & (1 << at) != 0 {
                self.report.note_unlisted(at, cell);
            }
            let is_impossible = match column.shape {
                Shape::Date => row.date(at).is_err(),
                Shape::Time => row.time(at).is_err(),
                _ => false,
            };
            if is_impossible {
                *self.report.impossible_values.entry(column.name).or_default() += 1;
            }
        }
        if table == Table::Schedule {
            self.note_doubtful_date(row, options);
        }
    }

    fn note_doubtful_date(&mut self, row: &CheckedRow<'_>, options: &ReadOptions) {
        let doubtful = &mut self.report.doubtful_dates;
        if let Ok(Some(on)) = row.date(schedule_column::ON) {
            doubtful.weekend += u64::from(matches!(on.weekday(), Weekday::Saturday | Weekday::Sunday));
            doubtful.far_future += u64::from(on.year() > options.today.year().saturating_add(YEARS_AHEAD_MAX));
            doubtful.ancient += u64::from(on.year() < ANCIENT_YEAR);
        }
        if let Ok(Some(at)) = row.time(schedule_column::STARTS_AT) {
            doubtful.midnight += u64::from(at.is_midnight());
        }
    }

    fn into_report(mut self) -> TableReport {
        use crate::court_tables::decode::NullKind;
        let columns = self.report.table.columns();
        for (at, counts) in self.nulls.iter().enumerate() {
            for kind in NullKind::ALL {
                let count = counts[kind as usize];
                if count > 0 {
                    self.report.nulls.entry(columns[at].name).or_default().insert(kind, count);
                }
            }
        }
        self.report
    }
}

fn read_header<R: BufRead>(
    reader: &mut RowReader<R>,
    table: Table,
    options: &ReadOptions,
) -> Result<Header, CourtTablesFault> {
    let file = table.file_name();
    let row = reader
        .next_row()
        .map_err(|source| CourtTablesFault::Unreadable { file: file.to_owned(), row: 0, source })?
        .ok_or_else(|| CourtTablesFault::Empty { file: file.to_owned() })?;
    if let Some((looks_like, advice)) = something_else(row.bytes, row.nul_count) {
        return Err(CourtTablesFault::NotATable { file: file.to_owned(), looks_like, advice });
    }
    Header::read(row.bytes, table, file, &options.a_number_column)
}
