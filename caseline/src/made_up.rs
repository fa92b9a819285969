//! The made-up people of the demonstration: their numbers, cards and the court's tables that speak of them.
//! Nothing here is anybody's; a test holds every number to the made-up ranges.

use caseline_conversation::slot::CaseNumber;
use caseline_model::{ANumber, CardCode, CaseId, Date, Private};
use caseline_records::calendar::{is_federal_holiday, is_weekend};
use jiff::ToSpan;
use std::io::Write;
use std::path::Path;

/// One made-up person.
#[derive(Clone, Copy, Debug)]
pub struct MadeUpPerson {
    /// For whom it stands, in the demonstration's own words.
    pub what: &'static str,
    /// The A-number.
    pub number: u32,
    /// The eight digits of every row of the made-up card start with this; the row follows.
    pub code_start: u32,
}

/// The people of the demonstration.
pub const PEOPLE: [MadeUpPerson; 3] = [
    MadeUpPerson { what: "a hearing that everybody agrees on", number: 137, code_start: 204_601 },
    MadeUpPerson { what: "a hearing that the court moved to an earlier day", number: 2_204, code_start: 731_902 },
    MadeUpPerson { what: "no hearing in the court's tables", number: 31_415, code_start: 550_143 },
];

impl MadeUpPerson {
    /// The number as the line takes it.
    pub fn case_number(&self) -> Option<Private<CaseNumber>> {
        ANumber::from_value(self.number).map(|number| Private::new(CaseNumber::A(number)))
    }

    /// The code of a row of the made-up card.
    pub fn code(&self, row: u8) -> Option<Private<CardCode>> {
        let digits = u64::from(self.code_start) * 100 + u64::from(row);
        CardCode::from_random(row, digits).map(Private::new)
    }

    /// The card's twelve codes.
    pub fn card(&self) -> Vec<Private<CardCode>> {
        (1..=12).filter_map(|row| self.code(row)).collect()
    }

    /// The case's id: fixed, so that starting the demonstration twice enrols nobody twice.
    pub const fn case(&self) -> CaseId {
        CaseId::from_random(0xca5e_0000_0000_0000_0000_0000_0000_0000 + self.number as u128)
    }
}

/// A day on which a court sits, so many days from a date.
fn court_day(today: Date, days: i32) -> Date {
    let mut day = today.saturating_add(days.days());
    while is_weekend(day) || is_federal_holiday(day) {
        day = day.saturating_add(1.day());
    }
    day
}

/// When the first person's hearing is, as the tables below say.
pub fn hearing_day(today: Date) -> Date {
    court_day(today, 40)
}

/// Writes the court's three tables about these people and some others, in the layout of the court's own release with
/// the operator's column, quirks included: padded codes, a cancelled row, a blank code, a row cut short.
pub fn write_court_tables(folder: &Path, today: Date) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let stamp = |date: Date| format!("{date} 00:00:00.000");
    let changed = stamp(today.saturating_sub(3.days()));
    let entered = stamp(today.saturating_sub(90.days()));
    let mut cases = table(folder, "A_TblCase.csv", "IDNCASE\tA_NUMBER\tLANG\tCUSTODY\tCASE_TYPE\tLATEST_HEARING")?;
    let mut proceedings = table(
        folder,
        "B_TblProceeding.csv",
        "IDNPROCEEDING\tIDNCASE\tOSC_DATE\tINPUT_DATE\tBASE_CITY_CODE\tHEARING_LOC_CODE\tDEC_CODE\tOTHER_COMP\tCOMP_DATE\tABSENTIA\tCASE_TYPE\tLANG\tCUSTODY\tTRANSFER_TO\tTRANS_IN_DATE\tVENUE_CHG_GRANTED\tDATE_APPEAL_DUE_STATUS",
    )?;
    let mut schedule = table(
        folder,
        "tbl_schedule.csv",
        "IDNSCHEDULE\tIDNPROCEEDING\tIDNCASE\tINPUT_DATE\tINPUT_TIME\tUPDATE_DATE\tUPDATE_TIME\tCAL_TYPE\tSCHEDULE_TYPE\tADJ_DATE\tADJ_TIME_START\tADJ_RSN\tNOTICE_CODE\tLANG\tHEARING_LOC_CODE\tBASE_CITY_CODE\tREC_TYPE\tADJ_MEDIUM",
    )?;
    for (at, number) in [PEOPLE[0].number, PEOPLE[1].number, PEOPLE[2].number, 500_001, 500_002].into_iter().enumerate()
    {
        let key = 900_001 + at;
        writeln!(cases, "{key}\tA{number:09}\tSP \tN\tRMV\t{}", stamp(court_day(today, 300)))?;
        writeln!(proceedings, "{}\t{key}\t{entered}\t{entered}\tCHI\tCHI\t\t\t\tN\tRMV\tSP\tN\t\t\t\t", 700_001 + at)?;
    }
    let row = |schedule: &mut dyn Write, id: u32, at: u32, on: Date, time: &str, reason: &str| {
        writeln!(
            schedule,
            "{id}\t{}\t{}\t{entered}\t0900\t{changed}\t1015\tM \tMR\t{}\t{time}\t{reason}\tMA\tSP \tCHI\tCHI\tA\tP",
            700_001 + at,
            900_001 + at,
            stamp(on)
        )
    };
    // The first row was called off and stays in the data; the second one stands.
    row(&mut schedule, 1, 0, court_day(today, 25), "0900", "59")?;
    row(&mut schedule, 2, 0, hearing_day(today), "0830", "  ")?;
    row(&mut schedule, 3, 1, court_day(today, 120), "1300", "55")?;
    row(&mut schedule, 4, 1, court_day(today, 20), "1300", "")?;
    row(&mut schedule, 5, 3, court_day(today, 60), "1000", "")?;
    // Cut short by whoever made the file: set aside and counted.
    writeln!(schedule, "6\t700005\t900005\t{entered}")?;
    row(&mut schedule, 7, 4, court_day(today, 61), "1000", "")?;
    schedule.flush()?;
    cases.flush()?;
    proceedings.flush()
}

fn table(folder: &Path, name: &str, header: &str) -> std::io::Result<std::io::BufWriter<std::fs::File>> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(folder.join(name))?);
    writeln!(file, "{header}")?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use caseline_model::made_up::is_made_up_a_number;

    #[test]
    fn nobody_of_the_demonstration_is_anybody() {
        for person in PEOPLE {
            assert!(is_made_up_a_number(&ANumber::from_value(person.number).unwrap()));
            assert_eq!(person.card().len(), 12);
        }
    }

    #[test]
    fn the_made_up_tables_read_back_as_they_are_meant() {
        let folder = std::env::temp_dir().join(format!("caseline-made-up-{}", std::process::id()));
        let today = jiff::civil::date(2026, 11, 22);
        write_court_tables(&folder, today).unwrap();
        let mut seen = Vec::new();
        let options = caseline_sources::court_tables::ReadOptions::on(today);
        let wants = |number: &ANumber| number.value() < 100_000;
        let report = caseline_sources::court_tables::read_court_tables(
            &folder,
            &options,
            &wants,
            &mut |_| {},
            &mut |history: caseline_sources::court_tables::CourtHistory| {
                let next = caseline_sources::court_tables::next_hearing(&history, today);
                let on = match next.answer {
                    caseline_sources::court_tables::next_hearing::Answer::One(found) => Some(found.on),
                    _ => None,
                };
                seen.push((history.a_number.reveal().value(), on));
                Ok(())
            },
        )
        .unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let hearing = |days| Some(court_day(today, days));
        assert_eq!(seen, [(137, hearing(40)), (2_204, hearing(20)), (31_415, None)]);
        assert_eq!(report.tables.iter().map(|t| t.quarantined.values().sum::<u64>()).sum::<u64>(), 1);
    }
}
