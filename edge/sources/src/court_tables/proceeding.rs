//! Reads one row of B_TblProceeding: which court has the case, how it ended there, held or not.
//! HEARING_DATE is the first hearing and judged unreliable by researchers: hearings come from the schedule alone.

use crate::court_tables::case::custody;
use crate::court_tables::codes;
use crate::court_tables::codes::{Coded, DecisionColumn, PlaceMeaning, RawCode};
use crate::court_tables::history::{CustodyStatus, Decision, HearingPlace, Proceeding};
use crate::court_tables::layout::proceeding_column as column;
use crate::court_tables::row::CheckedRow;
use caseline_model::{Date, EoirLanguage};

/// A row with the case it belongs to.
pub(super) struct ProceedingRow {
    pub case_id: u64,
    pub proceeding: Proceeding,
}

impl ProceedingRow {
    pub fn read(row: &CheckedRow<'_>) -> Self {
        // An impossible date is counted by the report; here it is no date.
        let date = |at| -> Option<Date> { row.date(at).unwrap_or(None) };
        let case_type = row.text(column::CASE_TYPE).map(|code| codes::case_type(&code));
        let type_code = case_type.as_ref().and_then(Coded::listed).map(|t| t.code.as_str());
        let decision = |at, kind| {
            row.text(at).map(|code| {
                codes::decision(kind, &code, type_code)
                    .map_or_else(|| Decision::Unlisted(RawCode::new(&code)), Decision::Listed)
            })
        };
        let custody = row.bytes(column::CUSTODY_STATUS).and_then(custody);
        Self {
            case_id: row.key(column::CASE_ID),
            proceeding: Proceeding {
                id: row.key(column::ID),
                charged_on: date(column::CHARGED_ON),
                input_on: date(column::INPUT_ON),
                court: row.text(column::COURT).map(|code| codes::court(&code)),
                place: row.text(column::PLACE).map(|code| hearing_place(&code, custody)),
                transferred_in_on: date(column::TRANSFERRED_IN_ON),
                decision: decision(column::DECISION, DecisionColumn::Decision),
                completion: decision(column::COMPLETION, DecisionColumn::Completion),
                completed_on: date(column::COMPLETED_ON),
                is_in_absentia: row.bytes(column::ABSENTIA).map(|cell| cell.eq_ignore_ascii_case(b"Y")),
                venue_change_on: date(column::VENUE_CHANGE_ON),
                transferred_to: row.text(column::TRANSFER_TO).map(|code| codes::court(&code)),
                appeal_due_on: date(column::APPEAL_DUE_ON),
                custody,
                case_type,
                language: row.text(column::LANGUAGE).map(|code| EoirLanguage::from_cell(&code)),
                hearings: Vec::new(),
                is_contested: false,
            },
        }
    }
}

/// The place of a code. A place of detention becomes "detained docket" here, before anything is kept; so does, for a
/// detained person, a code that no table knows: it may be a facility.
pub(super) fn hearing_place(code: &str, custody: Option<CustodyStatus>) -> HearingPlace {
    match codes::place(code) {
        PlaceMeaning::Court(court) => HearingPlace::Court(court),
        PlaceMeaning::Detained => HearingPlace::DetainedDocket,
        PlaceMeaning::Border => HearingPlace::OnTheNotice(RawCode::new(code)),
        PlaceMeaning::Unlisted if custody == Some(CustodyStatus::Detained) => HearingPlace::DetainedDocket,
        PlaceMeaning::Unlisted => HearingPlace::Unlisted(RawCode::new(code)),
    }
}
