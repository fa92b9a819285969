//! Reads one row of tbl_schedule: a hearing that was ever set, with what became of it.
//! Whether it is the next one is for `next_hearing` to say, from all rows of the case.

use crate::court_tables::codes;
use crate::court_tables::codes::RawCode;
use crate::court_tables::history::{Adjournment, CustodyStatus, Hearing, Medium, Track};
use crate::court_tables::layout::schedule_column as column;
use crate::court_tables::proceeding::hearing_place;
use crate::court_tables::row::CheckedRow;
use caseline_model::{Date, EoirLanguage, TimeOfDay};

/// A row with the case and proceeding it belongs to.
pub(super) struct ScheduleRow {
    pub proceeding_id: u64,
    pub hearing: Hearing,
}

/// The case a row belongs to; asked of every row, so nothing else is read for it.
pub(super) fn case_id(row: &CheckedRow<'_>) -> u64 {
    row.key(column::CASE_ID)
}

impl ScheduleRow {
    /// `custody` is the case's, since a hearing row says nothing of it.
    pub fn read(row: &CheckedRow<'_>, custody: Option<CustodyStatus>) -> Self {
        // An impossible date is counted by the report; here it is no date.
        let date = |at| -> Option<Date> { row.date(at).unwrap_or(None) };
        let time = |at| -> Option<TimeOfDay> { row.time(at).unwrap_or(None) };
        Self {
            proceeding_id: row.key(column::PROCEEDING_ID),
            hearing: Hearing {
                id: row.key(column::ID),
                on: date(column::ON),
                starts_at: time(column::STARTS_AT),
                adjournment: row.text(column::REASON).map(|code| adjournment(&code)),
                calendar: row.text(column::CALENDAR).map(|code| codes::calendar_type(&code)),
                schedule_type: row.text(column::SCHEDULE).map(|code| codes::schedule_type(&code)),
                court: row.text(column::COURT).map(|code| codes::court(&code)),
                place: row.text(column::PLACE).map(|code| hearing_place(&code, custody)),
                medium: row.text(column::MEDIUM).map(|code| medium(&code)),
                language: row.text(column::LANGUAGE).map(|code| EoirLanguage::from_cell(&code)),
                track: match row.bytes(column::KIND) {
                    Some(b"B") => Track::Bond,
                    Some(b"O") => Track::Motion,
                    _ => Track::Case,
                },
                notice: row.text(column::NOTICE).map(|code| RawCode::new(&code)),
                input_on: date(column::INPUT_ON),
                input_at: time(column::INPUT_AT),
                updated_on: date(column::UPDATED_ON),
                updated_at: time(column::UPDATED_AT),
                is_contested: false,
            },
        }
    }
}

fn adjournment(code: &str) -> Adjournment {
    if codes::is_lawyer_first(code) {
        return Adjournment::LawyerFirst;
    }
    codes::adjournment(code).map_or_else(|| Adjournment::Unlisted(RawCode::new(code)), Adjournment::Listed)
}

fn medium(code: &str) -> Medium {
    match code {
        "P" => Medium::InPerson,
        "V" => Medium::Video,
        "T" => Medium::Telephone,
        "A" | "W" => Medium::Internet,
        "C" => Medium::InternetCourt,
        "H" => Medium::NotHeld,
        _ => Medium::Unlisted(RawCode::new(code)),
    }
}
