//! A small delivery written row by row for one test, and its import.

use caseline_model::{ANumber, Date};
use caseline_sources::court_tables::{CourtHistory, CourtTablesFault, ReadOptions, ReadReport, read_court_tables};
use std::path::{Path, PathBuf};

/// The day of all tests.
pub fn today() -> Date {
    jiff::civil::date(2026, 11, 20)
}

/// A folder of its own for one test, empty.
pub fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("court_tables").join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

pub const CASE_HEADER: &str = "IDNCASE\tNAT\tLANG\tCUSTODY\tCASE_TYPE\tDATE_OF_ENTRY\tC_BIRTHDATE\tSex\tA_NUMBER";
pub const PROCEEDING_HEADER: &str = "IDNPROCEEDING\tIDNCASE\tOSC_DATE\tINPUT_DATE\tBASE_CITY_CODE\tHEARING_LOC_CODE\tDEC_CODE\tOTHER_COMP\tCOMP_DATE\tABSENTIA\tCUSTODY\tCASE_TYPE\tLANG\tIJ_CODE\tDATE_RELEASED";
pub const SCHEDULE_HEADER: &str = "IDNSCHEDULE\tIDNPROCEEDING\tIDNCASE\tLANG\tHEARING_LOC_CODE\tBASE_CITY_CODE\tINPUT_DATE\tUPDATE_DATE\tCAL_TYPE\tADJ_DATE\tADJ_TIME_START\tADJ_RSN\tADJ_MEDIUM\tSCHEDULE_TYPE\tREC_TYPE\tBLNCLOCKOVERRIDE";

/// Three tables as bytes. It begins with one person, 000-000-137, whose case 71 at New York has no hearing yet.
pub struct Delivery {
    pub case: Vec<u8>,
    pub proceeding: Vec<u8>,
    pub schedule: Vec<u8>,
}

impl Delivery {
    pub fn of_one_person() -> Self {
        let mut new = Self::empty();
        new.case_row("71\tGT\tSP\tN\tRMV\t2020-01-01\t\t\t000000137");
        new.proceeding_row("501\t71\t2024-01-10\t2024-02-01\tNYC\tNYC\t\t\t\t\tN\tRMV\tSP\tAAA\t");
        new
    }

    pub fn empty() -> Self {
        let header = |text: &str| format!("{text}\n").into_bytes();
        Self { case: header(CASE_HEADER), proceeding: header(PROCEEDING_HEADER), schedule: header(SCHEDULE_HEADER) }
    }

    pub fn case_row(&mut self, row: &str) {
        self.case.extend_from_slice(format!("{row}\n").as_bytes());
    }

    pub fn proceeding_row(&mut self, row: &str) {
        self.proceeding.extend_from_slice(format!("{row}\n").as_bytes());
    }

    pub fn schedule_row(&mut self, row: &str) {
        self.schedule.extend_from_slice(format!("{row}\n").as_bytes());
    }

    /// A master hearing of proceeding 501 at New York, entered on 2026-02-01.
    pub fn hearing(&mut self, id: u32, on: &str, at: &str, reason: &str) {
        self.schedule_row(&format!(
            "{id}\t501\t71\tSP\tNYC\tNYC\t2026-02-01\t2026-02-01\tM\t{on}\t{at}\t{reason}\tP\tMR\tA\t0"
        ));
    }

    pub fn write_to(&self, folder: &Path) {
        std::fs::write(folder.join("A_TblCase.csv"), &self.case).unwrap();
        std::fs::write(folder.join("B_TblProceeding.csv"), &self.proceeding).unwrap();
        std::fs::write(folder.join("tbl_schedule.csv"), &self.schedule).unwrap();
    }

    /// Writes it to a folder of its own and imports it with everybody enrolled.
    pub fn import(&self, name: &str) -> (Vec<CourtHistory>, ReadReport) {
        let folder = folder(name);
        self.write_to(&folder);
        import(&folder, &|_| true).unwrap()
    }

    pub fn import_one(&self, name: &str) -> (CourtHistory, ReadReport) {
        let (mut histories, report) = self.import(name);
        assert_eq!(histories.len(), 1);
        (histories.remove(0), report)
    }
}

/// Imports a place; everything handed over, in order.
pub fn import(
    place: &Path,
    wants: &dyn Fn(&ANumber) -> bool,
) -> Result<(Vec<CourtHistory>, ReadReport), CourtTablesFault> {
    let mut histories = Vec::new();
    let report = read_court_tables(
        place,
        &ReadOptions::on(today()),
        &|number: &ANumber| wants(number),
        &mut |_| {},
        &mut |history: CourtHistory| {
            histories.push(history);
            Ok(())
        },
    )?;
    Ok((histories, report))
}
