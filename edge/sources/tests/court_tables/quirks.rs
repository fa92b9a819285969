//! Every quirk of the release by itself (records.md, point 7).

use crate::delivery::{CASE_HEADER, Delivery, folder, import, today};
use caseline_model::ANumber;
use caseline_sources::court_tables::codes::Coded;
use caseline_sources::court_tables::history::{Adjournment, CustodyStatus, HearingPlace};
use caseline_sources::court_tables::report::QuarantineSample;
use caseline_sources::court_tables::{ReadOptions, read_court_tables};

const HEARING: &str = "1\t501\t71\tSP\tNYC\tNYC\t2026-02-01\t2026-02-01\tM\t2027-03-02\t0830\t\tP\tMR\tA\t0";

#[test]
fn padded_codes_nul_bytes_and_latin_1_blanks_are_the_codes_they_mean() {
    let mut delivery = Delivery::of_one_person();
    delivery.schedule.extend_from_slice(
        b"1\t501\t71\tSP \tN\0YC\tNYC\xA0\t2026-02-01\t2026-02-01\tM \t2027-03-02\t0830\t9A \tP\tMR \tA\t0\r\n",
    );
    let (history, report) = delivery.import_one("padded");
    let hearing = &history.cases[0].proceedings[0].hearings[0];
    assert_eq!(hearing.language.as_ref().unwrap().language().unwrap().tag(), "es");
    assert!(matches!(&hearing.place, Some(HearingPlace::Court(place)) if place.name == "New York City"));
    assert!(matches!(&hearing.court, Some(Coded::Listed(court)) if court.zone == "America/New_York"));
    assert!(matches!(&hearing.adjournment, Some(Adjournment::Listed(reason)) if reason.code == "9A"));
    assert_eq!(report.tables[2].rows_with_nul, 1);
}

#[test]
fn a_quote_is_data_and_hides_no_row_end() {
    let mut delivery = Delivery::empty();
    delivery.case_row("\t\"GT\tSP\tN\tRMV\t\t\t\t000000138");
    delivery.case_row("71\tGT\tSP\tN\tRMV\t\t\t\t000000137");
    let (histories, report) = delivery.import("quote");
    assert_eq!(histories.len(), 1);
    assert_eq!(report.tables[0].rows_read, 2);
}

#[test]
fn a_stray_tab_sets_the_row_aside_wherever_it_stands() {
    let cells: Vec<&str> = HEARING.split('\t').collect();
    // Behind the last cell that is read a tab too many moves nothing.
    for before in 0..14 {
        for keeps_length in [false, true] {
            let mut shifted = cells.clone();
            shifted.insert(before, "");
            if keeps_length {
                shifted.pop();
            }
            let mut delivery = Delivery::of_one_person();
            delivery.schedule_row(&shifted.join("\t"));
            let (history, report) = delivery.import_one("stray");
            let case = &history.cases[0];
            assert!(case.proceedings[0].hearings.is_empty(), "before cell {before}, {keeps_length}");
            assert_eq!(report.tables[2].quarantined_total(), 1);
            // Where the case's own key still stands in its place, the case is known to be incomplete.
            assert_eq!(case.garbled_row_count, u32::from(before > 2), "before cell {before}");
        }
    }
}

#[test]
fn a_row_broken_in_two_is_set_aside_twice_and_never_read_as_a_hearing_that_stands() {
    let mut delivery = Delivery::of_one_person();
    delivery.schedule_row("1\t501\t71\tSP\tNYC\tNYC\t2026-02-01\t2026-02-01\tM\t2027-03-02\t0830");
    delivery.schedule_row("\t9A\tP\tMR\tA\t0");
    let (history, report) = delivery.import_one("broken_row");
    assert!(history.cases[0].proceedings[0].hearings.is_empty());
    assert_eq!(report.tables[2].quarantined_total(), 2);
    assert_eq!(history.cases[0].garbled_row_count, 1);
}

#[test]
fn rows_longer_by_blanks_or_shorter_by_what_nobody_reads_are_taken() {
    let mut delivery = Delivery::of_one_person();
    delivery.schedule_row(&format!("{HEARING}\t\t  "));
    delivery.schedule_row(HEARING.strip_suffix("\t0").unwrap());
    let (history, report) = delivery.import_one("lengths");
    assert_eq!(history.cases[0].proceedings[0].hearings.len(), 1, "they are the same row");
    let table = &report.tables[2];
    assert_eq!((table.rows_with_blank_surplus, table.rows_cut_after_needed, table.quarantined_total()), (1, 1, 0));
}

#[test]
fn every_spelling_of_nothing_is_counted_as_what_it_is() {
    let mut delivery = Delivery::of_one_person();
    for (id, nothing) in ["", "  ", "N/A", "b6", "??", "00"].iter().enumerate() {
        delivery.hearing(u32::try_from(id).unwrap() + 1, "2027-03-02", "0830", nothing);
    }
    let (history, report) = delivery.import_one("nulls");
    assert!(history.cases[0].proceedings[0].hearings.iter().all(|h| h.adjournment.is_none()));
    let nulls = &report.tables[2].nulls["ADJ_RSN"];
    assert_eq!(nulls.len(), 6);
    assert!(nulls.values().all(|count| *count == 1));
}

#[test]
fn a_single_unreadable_cell_is_nothing_and_two_are_a_shift() {
    let mut delivery = Delivery::of_one_person();
    delivery.schedule_row(&HEARING.replace("\tNYC\tNYC\t", "\tNYC!!\tNYC\t"));
    let (history, report) = delivery.import_one("one_cell");
    assert_eq!(history.cases[0].proceedings[0].hearings[0].place, None);
    assert_eq!(report.tables[2].unreadable_cells["HEARING_LOC_CODE"], 1);
    let mut delivery = Delivery::of_one_person();
    delivery.schedule_row(&HEARING.replace("\tNYC\tNYC\t", "\tNYC!!\tNYC!!\t"));
    let (_, report) = delivery.import_one("two_cells");
    let [sample] = report.tables[2].quarantine_samples.as_slice() else { panic!("one row is set aside") };
    assert_eq!((sample.row, sample.odd_columns.as_slice()), (2, &["BASE_CITY_CODE", "HEARING_LOC_CODE"][..]));
}

#[test]
fn codes_that_no_table_covers_are_kept_raw_and_counted() {
    let mut delivery = Delivery::of_one_person();
    delivery.schedule_row(&HEARING.replace("\tNYC\tNYC\t", "\tQQ1\tQQ2\t"));
    let (history, report) = delivery.import_one("unlisted");
    let hearing = &history.cases[0].proceedings[0].hearings[0];
    assert!(matches!(&hearing.place, Some(HearingPlace::Unlisted(raw)) if raw.as_str() == "QQ1"));
    assert!(matches!(&hearing.court, Some(Coded::Unlisted(raw)) if raw.as_str() == "QQ2"));
    assert_eq!(hearing.zone(), None);
    assert_eq!(report.tables[2].unlisted_codes["BASE_CITY_CODE"]["QQ2"], 1);
}

#[test]
fn a_place_of_detention_becomes_the_detained_docket_and_so_does_an_unknown_place_of_a_detained_person() {
    let mut delivery = Delivery::empty();
    delivery.case_row("71\tGT\tSP\tD\tRMV\t\t\t\t000000137");
    delivery.proceeding_row("501\t71\t2024-01-10\t2024-02-01\tOTM\tCCA\t\t\t\t\tD\tRMV\tSP\tAAA\t");
    delivery.schedule_row(&HEARING.replace("\tNYC\tNYC\t", "\tQQ1\tOTM\t"));
    let (history, _) = delivery.import_one("detained");
    let proceeding = &history.cases[0].proceedings[0];
    assert_eq!(history.cases[0].custody, Some(CustodyStatus::Detained));
    assert_eq!(proceeding.place, Some(HearingPlace::DetainedDocket));
    assert_eq!(proceeding.hearings[0].place, Some(HearingPlace::DetainedDocket));
}

#[test]
fn the_citizenship_code_leaves_no_trace_but_lawyer_first() {
    let mut delivery = Delivery::of_one_person();
    delivery.hearing(1, "2026-01-05", "0830", "54");
    let (history, report) = delivery.import_one("lawyer_first");
    let case = &history.cases[0];
    assert_eq!(case.proceedings[0].hearings[0].adjournment, Some(Adjournment::LawyerFirst));
    assert!(!format!("{case:?}").contains("\"54\""));
    assert!(case.digest_inputs().iter().all(|d| !d.bytes.windows(2).any(|w| w == b"54")));
    assert!(report.tables[2].unlisted_codes.is_empty() && !report.to_json().unwrap().contains("\"54\""));
}

#[test]
fn a_case_that_two_numbers_claim_goes_to_neither() {
    for swapped in [false, true] {
        let mut delivery = Delivery::empty();
        let mut rows = [
            "71\tGT\tSP\tN\tRMV\t\t\t\t000000137",
            "71\tGT\tSP\tN\tRMV\t\t\t\t000000138",
            "72\tGT\tSP\tN\tRMV\t\t\t\t000000137",
        ];
        rows[..2].rotate_left(usize::from(swapped));
        rows.iter().for_each(|row| delivery.case_row(row));
        let (histories, report) = delivery.import("contested");
        assert_eq!(histories.len(), 2);
        assert_eq!(histories[0].cases.iter().map(|c| c.id).collect::<Vec<_>>(), [72]);
        assert!(histories[1].cases.is_empty());
        assert!(histories.iter().all(|h| h.contested_case_count == 1));
        assert_eq!(report.contested_case_count, 1);
    }
    // The other one is not enrolled, and comes later in the file.
    let mut delivery = Delivery::empty();
    delivery.case_row("71\tGT\tSP\tN\tRMV\t\t\t\t000000137");
    delivery.case_row("71\tGT\tSP\tN\tRMV\t\t\t\t000000138");
    let place = folder("contested_by_a_stranger");
    delivery.write_to(&place);
    let only: ANumber = "000000137".parse().unwrap();
    let (histories, _) = import(&place, &|number| *number == only).unwrap();
    assert!(histories[0].cases.is_empty() && histories[0].contested_case_count == 1);
}

#[test]
fn an_a_number_is_read_in_every_written_form_and_a_wrong_one_sets_the_row_aside() {
    let mut delivery = Delivery::empty();
    for (id, number) in
        ["A000-000-137", "A000\u{2013}000\u{2013}137", "000137", "B6", "2026-01-01", "", "00000137"].iter().enumerate()
    {
        delivery.case_row(&format!("{}\tGT\tSP\tN\tRMV\t\t\t\t{number}", id + 1));
    }
    delivery.case.extend_from_slice(b"9\tGT\tSP\tN\tRMV\t\t\t\tA000\x96000\x96137\n");
    let (histories, report) = delivery.import("numbers");
    assert_eq!(histories.len(), 1);
    assert_eq!(histories[0].cases.iter().map(|c| c.id).collect::<Vec<_>>(), [1, 2, 7, 9]);
    let table = &report.tables[0];
    assert_eq!((table.quarantined_total(), table.rows_without_number), (2, 2));
}

#[test]
fn the_operator_names_the_column_and_its_header_may_be_in_small_letters() {
    let mut delivery = Delivery::of_one_person();
    let text = String::from_utf8(delivery.case.clone()).unwrap();
    delivery.case = text.replace(CASE_HEADER, &CASE_HEADER.replace("A_NUMBER", "alien_no").to_lowercase()).into_bytes();
    let place = folder("column_name");
    delivery.write_to(&place);
    let mut options = ReadOptions::on(today());
    options.a_number_column = String::from("ALIEN_NO");
    let report = read_court_tables(
        &place,
        &options,
        &|_: &ANumber| true,
        &mut |_| {},
        &mut |_: caseline_sources::court_tables::CourtHistory| Ok(()),
    )
    .unwrap();
    assert_eq!(report.number_count, 1);
}

#[test]
fn the_report_names_rows_and_columns_and_no_cell() {
    let mut delivery = Delivery::of_one_person();
    delivery.case_row("72\tGT\tSP\tN\tRMV\tMARIA\t000000999\tSECRET\t2026-01-01");
    let (_, report) = delivery.import_one("report");
    assert_eq!(
        report.tables[0].quarantine_samples,
        [QuarantineSample {
            row: 3,
            why: report.tables[0].quarantine_samples[0].why,
            cell_count: 9,
            cell_count_expected: 9,
            odd_columns: vec!["A_NUMBER", "C_BIRTHDATE", "Sex", "DATE_OF_ENTRY"],
        }]
    );
    let text = report.to_text();
    assert!(text.starts_with("A_TblCase: 2 rows read, 1 kept, 0 of others, 1 set aside\n"), "{text}");
    assert!(
        text.contains("    row 3: cells under the wrong columns (9 cells, 9 expected; looks wrong in A_NUMBER,"),
        "{text}"
    );
    for shown in [text, report.to_json().unwrap(), format!("{report:?}")] {
        for cell in ["000000137", "000000999", "MARIA", "SECRET"] {
            assert!(!shown.contains(cell), "{cell}");
        }
    }
}

#[test]
fn what_grows_stays_within_its_bound() {
    let mut delivery = Delivery::of_one_person();
    for id in 0..6_000 {
        delivery.hearing(id + 1, "2027-03-02", "0830", "9A");
        if id % 50 == 0 {
            delivery.schedule_row("1\t501\t71\tSP\tNYC\tNYC\tlost");
        }
        if id % 20 == 0 {
            let code = format!("{:03}", id / 20 + 1);
            delivery.schedule_row(&HEARING.replace("\tNYC\tNYC\t", &format!("\tNYC\t{code}\t")));
        }
    }
    let (history, report) = delivery.import_one("bounds");
    let case = &history.cases[0];
    let rows: usize = case.proceedings.iter().map(|p| 1 + p.hearings.len()).sum();
    assert!(rows <= 5_000 && case.garbled_row_count > 1_000, "{rows} rows, and it is known that some did not fit");
    let table = &report.tables[2];
    assert_eq!((table.quarantined_total(), table.quarantine_samples.len()), (120, 50));
    let codes = &table.unlisted_codes["BASE_CITY_CODE"];
    assert_eq!((codes.len(), codes["(others)"]), (201, 100));
}
