//! The three tables' columns: by which names they went in which release, what a cell of each looks like, and which are
//! read at all.
//! Columns that are not read are checked for their shape only, since that is how a shifted row shows.

use serde::Serialize;
use std::fmt;

/// One of the three tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Table {
    /// One row a charging document.
    #[serde(rename = "A_TblCase")]
    Case,
    /// One row a court that had the case.
    #[serde(rename = "B_TblProceeding")]
    Proceeding,
    /// One row a hearing that was ever set.
    #[serde(rename = "tbl_schedule")]
    Schedule,
}

impl Table {
    /// All of them, in the order they are read.
    pub const ALL: [Self; 3] = [Self::Case, Self::Proceeding, Self::Schedule];

    /// The file's usual name. It is compared without regard to case.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Case => "A_TblCase.csv",
            Self::Proceeding => "B_TblProceeding.csv",
            Self::Schedule => "tbl_schedule.csv",
        }
    }

    pub(super) const fn columns(self) -> &'static [Column] {
        match self {
            Self::Case => case_column::COLUMNS,
            Self::Proceeding => proceeding_column::COLUMNS,
            Self::Schedule => schedule_column::COLUMNS,
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.file_name().trim_end_matches(".csv"))
    }
}

/// One column of a table.
#[derive(Debug)]
pub(super) struct Column {
    /// The name in the mid-2026 release.
    pub name: &'static str,
    /// Names in other releases and copies.
    pub aliases: &'static [&'static str],
    /// What a cell looks like when the row is not shifted.
    pub shape: Shape,
    /// What the column is for.
    pub purpose: Purpose,
    /// The code table that a cell is looked up in.
    pub codes: Option<CodeTable>,
    /// The release holds no null here (0.0 % by its dictionary): a null beside another oddity is a sign of a shift.
    pub is_always_filled: bool,
}

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Without it the table is useless, and a row without it is set aside.
    Key,
    /// Without it the table is useless; a single cell may be null.
    Needed,
    /// Read where it is there.
    Read,
    /// Compared between the rows of one number while reading, then dropped (check R17).
    Compared,
    /// Never read: only its shape is looked at, to see a shift.
    Witness,
}

/// What a cell looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// 1 to 12 digits.
    Number,
    /// A date, with or without a time.
    Date,
    /// HHMM.
    Time,
    /// Up to so many letters, digits or signs, without blanks.
    Code(usize),
    /// One of these, exactly.
    OneOf(&'static [&'static str]),
    /// Month and year.
    MonthYear,
    /// A flag in any spelling.
    Flag,
    /// An A-number.
    ANumber,
    /// Anything.
    Free,
}

/// Which code table a column speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CodeTable {
    Adjournment,
    Calendar,
    Schedule,
    CaseType,
    Court,
    HearingPlace,
    Language,
}

const fn column(name: &'static str, shape: Shape, purpose: Purpose) -> Column {
    Column { name, aliases: &[], shape, purpose, codes: None, is_always_filled: false }
}

const fn renamed(name: &'static str, aliases: &'static [&'static str], shape: Shape, purpose: Purpose) -> Column {
    Column { name, aliases, shape, purpose, codes: None, is_always_filled: false }
}

const fn coded(name: &'static str, longest: usize, purpose: Purpose, codes: CodeTable) -> Column {
    Column { name, aliases: &[], shape: Shape::Code(longest), purpose, codes: Some(codes), is_always_filled: false }
}

const fn filled(column: Column) -> Column {
    Column { is_always_filled: true, ..column }
}

const CUSTODY: Shape = Shape::OneOf(&["D", "N", "R"]);
const YES_NO: Shape = Shape::OneOf(&["Y", "N"]);

/// Positions in [`COLUMNS`](case_column::COLUMNS) of A_TblCase.
pub(super) mod case_column {
    use super::{CUSTODY, CodeTable, Column, Purpose, Shape, coded, column, filled, renamed};

    pub const ID: usize = 0;
    pub const A_NUMBER: usize = 1;
    pub const LANGUAGE: usize = 2;
    pub const CUSTODY_STATUS: usize = 3;
    pub const CASE_TYPE: usize = 4;
    pub const NATIONALITY: usize = 5;
    pub const BIRTH: usize = 6;
    pub const SEX: usize = 7;

    /// What is read first, what is compared, then what only bears witness.
    pub const COLUMNS: &[Column] = &[
        column("IDNCASE", Shape::Number, Purpose::Key),
        column("A_NUMBER", Shape::ANumber, Purpose::Needed),
        coded("LANG", 4, Purpose::Needed, CodeTable::Language),
        column("CUSTODY", CUSTODY, Purpose::Needed),
        filled(coded("CASE_TYPE", 3, Purpose::Needed, CodeTable::CaseType)),
        column("NAT", Shape::Code(3), Purpose::Compared),
        column("C_BIRTHDATE", Shape::MonthYear, Purpose::Compared),
        renamed("Sex", &["GENDER"], Shape::OneOf(&["M", "F", "X", "U"]), Purpose::Compared),
        column("ALIEN_CITY", Shape::Free, Purpose::Witness),
        column("ALIEN_STATE", Shape::Code(3), Purpose::Witness),
        column("SITE_TYPE", Shape::Code(1), Purpose::Witness),
        column("E_28_DATE", Shape::Date, Purpose::Witness),
        column("ATTY_NBR", Shape::Number, Purpose::Witness),
        column("UPDATE_SITE", Shape::Code(4), Purpose::Witness),
        column("LATEST_HEARING", Shape::Date, Purpose::Witness),
        column("LATEST_TIME", Shape::Time, Purpose::Witness),
        column("LATEST_CAL_TYPE", Shape::Code(1), Purpose::Witness),
        column("UP_BOND_DATE", Shape::Date, Purpose::Witness),
        column("UP_BOND_RSN", Shape::Code(2), Purpose::Witness),
        column("CORRECTIONAL_FAC", Shape::Code(1), Purpose::Witness),
        column("RELEASE_MONTH", Shape::Number, Purpose::Witness),
        column("RELEASE_YEAR", Shape::Number, Purpose::Witness),
        column("INMATE_HOUSING", Shape::Code(4), Purpose::Witness),
        column("DATE_OF_ENTRY", Shape::Date, Purpose::Witness),
        column("C_ASY_TYPE", Shape::Code(1), Purpose::Witness),
        column("C_RELEASE_DATE", Shape::Date, Purpose::Witness),
        column("UPDATED_STATE", Shape::Code(3), Purpose::Witness),
        column("ADDRESS_CHANGEDON", Shape::Date, Purpose::Witness),
        column("DATE_DETAINED", Shape::Date, Purpose::Witness),
        column("DATE_RELEASED", Shape::Date, Purpose::Witness),
        column("LPR", Shape::Flag, Purpose::Witness),
        column("DETENTION_DATE", Shape::Date, Purpose::Witness),
        column("CASEPRIORITY_CODE", Shape::Code(8), Purpose::Witness),
    ];
}

/// Positions in [`COLUMNS`](proceeding_column::COLUMNS) of B_TblProceeding.
pub(super) mod proceeding_column {
    use super::{CUSTODY, CodeTable, Column, Purpose, Shape, YES_NO, coded, column, filled};

    pub const ID: usize = 0;
    pub const CASE_ID: usize = 1;
    pub const CHARGED_ON: usize = 2;
    pub const INPUT_ON: usize = 3;
    pub const COURT: usize = 4;
    pub const PLACE: usize = 5;
    pub const TRANSFERRED_IN_ON: usize = 6;
    pub const DECISION: usize = 7;
    pub const COMPLETION: usize = 8;
    pub const COMPLETED_ON: usize = 9;
    pub const ABSENTIA: usize = 10;
    pub const VENUE_CHANGE_ON: usize = 11;
    pub const TRANSFER_TO: usize = 12;
    pub const APPEAL_DUE_ON: usize = 13;
    pub const CUSTODY_STATUS: usize = 14;
    pub const CASE_TYPE: usize = 15;
    pub const LANGUAGE: usize = 16;

    /// What is read first, then what only bears witness.
    pub const COLUMNS: &[Column] = &[
        column("IDNPROCEEDING", Shape::Number, Purpose::Key),
        column("IDNCASE", Shape::Number, Purpose::Key),
        column("OSC_DATE", Shape::Date, Purpose::Needed),
        column("INPUT_DATE", Shape::Date, Purpose::Needed),
        filled(coded("BASE_CITY_CODE", 4, Purpose::Needed, CodeTable::Court)),
        filled(coded("HEARING_LOC_CODE", 4, Purpose::Needed, CodeTable::HearingPlace)),
        column("TRANS_IN_DATE", Shape::Date, Purpose::Read),
        column("DEC_CODE", Shape::Code(2), Purpose::Needed),
        column("OTHER_COMP", Shape::Code(2), Purpose::Needed),
        column("COMP_DATE", Shape::Date, Purpose::Needed),
        column("ABSENTIA", YES_NO, Purpose::Needed),
        column("VENUE_CHG_GRANTED", Shape::Date, Purpose::Read),
        coded("TRANSFER_TO", 4, Purpose::Read, CodeTable::Court),
        column("DATE_APPEAL_DUE_STATUS", Shape::Date, Purpose::Read),
        filled(column("CUSTODY", CUSTODY, Purpose::Needed)),
        filled(coded("CASE_TYPE", 3, Purpose::Needed, CodeTable::CaseType)),
        coded("LANG", 4, Purpose::Needed, CodeTable::Language),
        column("IJ_CODE", Shape::Code(4), Purpose::Witness),
        column("PREV_HEARING_LOC", Shape::Code(4), Purpose::Witness),
        column("PREV_HEARING_BASE", Shape::Code(4), Purpose::Witness),
        column("PREV_IJ_CODE", Shape::Code(4), Purpose::Witness),
        column("TRANS_NBR", Shape::Number, Purpose::Witness),
        column("HEARING_DATE", Shape::Date, Purpose::Witness),
        column("HEARING_TIME", Shape::Time, Purpose::Witness),
        column("DEC_TYPE", Shape::Code(1), Purpose::Witness),
        column("DEPORTED_1", Shape::Code(3), Purpose::Witness),
        column("DEPORTED_2", Shape::Code(3), Purpose::Witness),
        column("APPEAL_RSVD", Shape::Code(1), Purpose::Witness),
        column("APPEAL_NOT_FILED", Shape::Code(1), Purpose::Witness),
        column("TRANSFER_STATUS", Shape::Code(1), Purpose::Witness),
        column("NAT", Shape::Code(3), Purpose::Witness),
        column("SCHEDULED_HEAR_LOC", Shape::Code(4), Purpose::Witness),
        column("CORRECTIONAL_FAC", Shape::Code(1), Purpose::Witness),
        column("CRIM_IND", YES_NO, Purpose::Witness),
        column("IHP", Shape::Code(1), Purpose::Witness),
        column("AGGRAVATE_FELON", Shape::Flag, Purpose::Witness),
        column("DATE_DETAINED", Shape::Date, Purpose::Witness),
        column("DATE_RELEASED", Shape::Date, Purpose::Witness),
    ];
}

/// Positions in [`COLUMNS`](schedule_column::COLUMNS) of tbl_schedule.
pub(super) mod schedule_column {
    use super::{CodeTable, Column, Purpose, Shape, coded, column, filled};

    pub const ID: usize = 0;
    pub const PROCEEDING_ID: usize = 1;
    pub const CASE_ID: usize = 2;
    pub const ON: usize = 3;
    pub const STARTS_AT: usize = 4;
    pub const REASON: usize = 5;
    pub const CALENDAR: usize = 6;
    pub const SCHEDULE: usize = 7;
    pub const COURT: usize = 8;
    pub const PLACE: usize = 9;
    pub const LANGUAGE: usize = 10;
    pub const MEDIUM: usize = 11;
    pub const KIND: usize = 12;
    pub const NOTICE: usize = 13;
    pub const INPUT_ON: usize = 14;
    pub const INPUT_AT: usize = 15;
    pub const UPDATED_ON: usize = 16;
    pub const UPDATED_AT: usize = 17;

    /// What is read first, then what only bears witness.
    pub const COLUMNS: &[Column] = &[
        column("IDNSCHEDULE", Shape::Number, Purpose::Key),
        column("IDNPROCEEDING", Shape::Number, Purpose::Key),
        column("IDNCASE", Shape::Number, Purpose::Key),
        filled(column("ADJ_DATE", Shape::Date, Purpose::Needed)),
        filled(column("ADJ_TIME_START", Shape::Time, Purpose::Needed)),
        coded("ADJ_RSN", 2, Purpose::Needed, CodeTable::Adjournment),
        filled(coded("CAL_TYPE", 1, Purpose::Needed, CodeTable::Calendar)),
        filled(coded("SCHEDULE_TYPE", 2, Purpose::Needed, CodeTable::Schedule)),
        filled(coded("BASE_CITY_CODE", 4, Purpose::Needed, CodeTable::Court)),
        filled(coded("HEARING_LOC_CODE", 4, Purpose::Needed, CodeTable::HearingPlace)),
        coded("LANG", 4, Purpose::Needed, CodeTable::Language),
        column("ADJ_MEDIUM", Shape::Code(1), Purpose::Read),
        filled(column("REC_TYPE", Shape::OneOf(&["A", "B", "O", "X"]), Purpose::Read)),
        column("NOTICE_CODE", Shape::Code(3), Purpose::Read),
        filled(column("INPUT_DATE", Shape::Date, Purpose::Needed)),
        column("INPUT_TIME", Shape::Time, Purpose::Read),
        filled(column("UPDATE_DATE", Shape::Date, Purpose::Needed)),
        column("UPDATE_TIME", Shape::Time, Purpose::Read),
        column("OSC_DATE", Shape::Date, Purpose::Witness),
        column("GENERATION", Shape::Number, Purpose::Witness),
        column("SUB_GENERATION", Shape::Number, Purpose::Witness),
        column("IJ_CODE", Shape::Code(4), Purpose::Witness),
        column("INTERPRETER_CODE", Shape::Code(4), Purpose::Witness),
        column("ASSIGNMENT_PATH", Shape::Code(1), Purpose::Witness),
        column("ADJ_TIME_STOP", Shape::Time, Purpose::Witness),
        column("ADJ_MSG", Shape::Code(3), Purpose::Witness),
        column("ADJ_ELAP_DAYS", Shape::Free, Purpose::Witness),
        column("LNGSESSNID", Shape::Number, Purpose::Witness),
        filled(column("BLNCLOCKOVERRIDE", Shape::Flag, Purpose::Witness)),
        column("EOIRAttorneyID", Shape::Free, Purpose::Witness),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_position_is_the_column_it_says() {
        let case = Table::Case.columns();
        for (at, name) in
            [(case_column::A_NUMBER, "A_NUMBER"), (case_column::CASE_TYPE, "CASE_TYPE"), (case_column::SEX, "Sex")]
        {
            assert_eq!(case[at].name, name);
        }
        let proceeding = Table::Proceeding.columns();
        for (at, name) in [
            (proceeding_column::PLACE, "HEARING_LOC_CODE"),
            (proceeding_column::COMPLETION, "OTHER_COMP"),
            (proceeding_column::APPEAL_DUE_ON, "DATE_APPEAL_DUE_STATUS"),
            (proceeding_column::LANGUAGE, "LANG"),
        ] {
            assert_eq!(proceeding[at].name, name);
        }
        let schedule = Table::Schedule.columns();
        for (at, name) in [
            (schedule_column::REASON, "ADJ_RSN"),
            (schedule_column::PLACE, "HEARING_LOC_CODE"),
            (schedule_column::NOTICE, "NOTICE_CODE"),
            (schedule_column::UPDATED_AT, "UPDATE_TIME"),
        ] {
            assert_eq!(schedule[at].name, name);
        }
    }

    #[test]
    fn no_name_stands_twice_in_a_table() {
        for table in Table::ALL {
            let mut names: Vec<String> = table
                .columns()
                .iter()
                .flat_map(|c| std::iter::once(c.name).chain(c.aliases.iter().copied()))
                .map(str::to_ascii_uppercase)
                .collect();
            names.sort();
            let before = names.len();
            names.dedup();
            assert_eq!(names.len(), before, "{table}");
        }
    }
}
