//! Reads one row of A_TblCase: whose case it is, of what type, in what language, held or not.
//! LATEST_HEARING and its fellows are derived and unreliable: they are not read.

use crate::court_tables::codes;
use crate::court_tables::codes::{CaseType, Coded};
use crate::court_tables::history::CustodyStatus;
use crate::court_tables::layout::case_column as column;
use crate::court_tables::one_person::Signs;
use crate::court_tables::row::{CheckedRow, Quarantine};
use caseline_model::{ANumber, EoirLanguage};

/// What is kept of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CaseRow {
    pub id: u64,
    pub case_type: Option<Coded<CaseType>>,
    pub custody: Option<CustodyStatus>,
    pub language: Option<EoirLanguage>,
}

impl CaseRow {
    pub fn read(row: &CheckedRow<'_>) -> Self {
        Self {
            id: row.key(column::ID),
            case_type: row.text(column::CASE_TYPE).map(|code| codes::case_type(&code)),
            custody: row.bytes(column::CUSTODY_STATUS).and_then(custody),
            language: row.text(column::LANGUAGE).map(|code| EoirLanguage::from_cell(&code)),
        }
    }

    /// Takes in a second row of the same case: where they differ, nothing is known.
    pub fn agree_with(&mut self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        if self.case_type != other.case_type {
            self.case_type = None;
        }
        if self.custody != other.custody {
            self.custody = None;
        }
        if self.language != other.language {
            self.language = None;
        }
        false
    }
}

/// The row's A-number: `Ok(None)` where the operator has none for it.
pub(super) fn a_number(row: &CheckedRow<'_>) -> Result<Option<ANumber>, Quarantine> {
    if row.odd_columns & (1 << column::A_NUMBER) != 0 {
        return Err(Quarantine::ANumberUnreadable);
    }
    match row.text(column::A_NUMBER) {
        // One cell looks wrong and the number is gone as well: together they are a shift, not a person without number.
        None if row.odd_columns != 0 => Err(Quarantine::Shifted),
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| Quarantine::ANumberUnreadable),
    }
}

/// What is compared between the rows of one number, and then dropped.
pub(super) fn signs(row: &CheckedRow<'_>) -> Signs {
    Signs::new(row.bytes(column::BIRTH), row.bytes(column::SEX), row.bytes(column::NATIONALITY))
}

/// D, N, R: the look-up table that circulates under this name holds case types, and is not used.
pub(super) fn custody(cell: &[u8]) -> Option<CustodyStatus> {
    match cell {
        b"D" | b"d" => Some(CustodyStatus::Detained),
        b"N" | b"n" => Some(CustodyStatus::NeverDetained),
        b"R" | b"r" => Some(CustodyStatus::Released),
        _ => None,
    }
}
