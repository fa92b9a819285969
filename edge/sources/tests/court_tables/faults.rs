//! Deliveries that are no court tables: one clear sentence each, and nothing handed over.

use crate::delivery::{CASE_HEADER, Delivery, SCHEDULE_HEADER, folder, import, today};
use caseline_model::ANumber;
use caseline_sources::court_tables::{CourtHistory, CourtTablesFault, ReadOptions, read_court_tables};
use std::io::Write;
use std::path::Path;
use zip::write::SimpleFileOptions;

fn fault(place: &Path) -> String {
    let said = import(place, &|_| true).expect_err("nothing should be read").to_string();
    assert!(said.ends_with('.') && !said.contains('\n'), "{said}");
    said.replace(&place.display().to_string(), "PLACE")
}

/// A whole delivery with one of its tables replaced.
fn with_schedule(name: &str, schedule: &[u8]) -> String {
    let mut delivery = Delivery::of_one_person();
    delivery.schedule = schedule.to_vec();
    let place = folder(name);
    delivery.write_to(&place);
    fault(&place)
}

#[test]
fn a_place_without_tables_is_told_by_what_is_missing() {
    let nowhere = folder("nowhere").join("gone");
    assert_eq!(
        fault(&nowhere),
        "There is nothing at `PLACE`; name the folder or the .zip that holds the court's tables."
    );
    let empty = folder("empty_folder");
    assert_eq!(
        fault(&empty),
        "There is no `A_TblCase.csv` in `PLACE`; unpack the whole delivery there, or ask its sender for that table."
    );
    let place = folder("single_file");
    Delivery::of_one_person().write_to(&place);
    assert_eq!(
        fault(&place.join("A_TblCase.csv")),
        "`PLACE` is a single file, not a folder or a .zip; name the folder that holds A_TblCase.csv, \
         B_TblProceeding.csv and tbl_schedule.csv."
    );
    std::fs::write(place.join("a_tblcase.CSV"), b"").unwrap();
    assert_eq!(fault(&place), "`PLACE` holds more than one `A_TblCase.csv`; leave only the newest delivery there.");
}

#[test]
fn a_file_that_is_something_else_is_told_by_what_it_looks_like() {
    for (bytes, said) in [
        (&b""[..], "`tbl_schedule.csv` is empty; fetch it again from its sender."),
        (
            b"PK\x03\x04\x14\0\0\0\x08\0",
            "`tbl_schedule.csv` is not a court table: it looks like a zip or a spreadsheet; export the table as text \
             parted by tabs.",
        ),
        (
            b"%PDF-1.7\n%abc\n",
            "`tbl_schedule.csv` is not a court table: it looks like a PDF; export the table as text parted by tabs.",
        ),
        (
            b"\xFF\xFEI\0D\0N\0\n\0",
            "`tbl_schedule.csv` is not a court table: it looks like text in UTF-16; save it as UTF-8 or windows-1252.",
        ),
        (
            b"<!DOCTYPE html>\n<html>\n",
            "`tbl_schedule.csv` is not a court table: it looks like a web page; fetch the file itself, not the page about it.",
        ),
        (
            b"\x01\x02\x03\x04\x05\n\x06",
            "`tbl_schedule.csv` is not a court table: it looks like a binary file; export the table as text parted by tabs.",
        ),
        (
            b"IDNSCHEDULE,IDNPROCEEDING,IDNCASE,ADJ_DATE\n1,2,3,2027-03-02\n",
            "`tbl_schedule.csv` is not a court table: it looks like a table parted by commas; export it parted by tabs, \
             as the court releases it.",
        ),
        (
            b"1\t501\t71\tSP\n",
            "`tbl_schedule.csv` does not begin with the row of column names (none of its first row is known); export it \
             again with the header.",
        ),
    ] {
        assert_eq!(with_schedule("something_else", bytes), said);
    }
}

#[test]
fn a_column_that_is_missing_or_stands_twice_is_named() {
    let without = SCHEDULE_HEADER.replace("\tADJ_RSN", "");
    assert_eq!(
        with_schedule("missing_column", format!("{without}\n").as_bytes()),
        "`tbl_schedule.csv` has no column `ADJ_RSN`; ask the sender for the whole table as the court releases it."
    );
    let twice = format!("{SCHEDULE_HEADER}\tadj_date\n");
    assert_eq!(
        with_schedule("column_twice", twice.as_bytes()),
        "`tbl_schedule.csv` has two columns for `ADJ_DATE`; remove the one that is out of date."
    );
    let mut delivery = Delivery::of_one_person();
    delivery.case = CASE_HEADER.replace("\tA_NUMBER", "\tALIEN").into_bytes();
    delivery.case.push(b'\n');
    let place = folder("no_number_column");
    delivery.write_to(&place);
    assert_eq!(
        fault(&place),
        "`A_TblCase.csv` has no column `A_NUMBER`; the operator's feed adds it to the court's table: name its column in \
         the import."
    );
}

#[test]
fn a_table_that_was_cut_short_is_not_read_as_a_shorter_one() {
    let mut delivery = Delivery::of_one_person();
    delivery.hearing(1, "2026-12-01", "0900", "9A");
    delivery.hearing(2, "2027-03-02", "0830", "");
    let whole = delivery.schedule.clone();
    let said = "`tbl_schedule.csv` breaks off in the middle of row 3; it was cut short on its way, fetch it again.";
    for missing in [5, 30, 60] {
        assert_eq!(with_schedule("cut", &whole[..whole.len() - missing]), said);
    }
    // Preallocated by a download that stopped: the rest is NUL bytes.
    let mut padded = whole[..whole.len() - 40].to_vec();
    padded.resize(padded.len() + 5_000, 0);
    assert_eq!(with_schedule("cut_padded", &padded), said);
    let mut padded = whole.clone();
    padded.resize(padded.len() + 5_000, 0);
    assert_eq!(with_schedule("cut_between", &padded), said.replace("row 3", "row 4"));
    // Only the last row's end is missing: everything is there.
    let mut delivery = Delivery::of_one_person();
    delivery.schedule = whole[..whole.len() - 1].to_vec();
    assert_eq!(delivery.import_one("no_last_row_end").0.cases[0].proceedings[0].hearings.len(), 2);
}

#[test]
fn a_table_with_fewer_rows_than_its_count_says_is_not_read_as_a_shorter_one() {
    let place = folder("count_note");
    let mut delivery = Delivery::of_one_person();
    delivery.hearing(1, "2026-12-01", "0900", "9A");
    delivery.hearing(2, "2027-03-02", "0830", "");
    delivery.write_to(&place);
    let note = |text: &str| std::fs::write(place.join("count.TXT"), text).unwrap();
    note("A_TblCase\t1\r\nB_TblProceeding\t1\r\ntbl_schedule\t2\r\n");
    assert_eq!(import(&place, &|_| true).unwrap().1.tables[2].rows_expected, Some(2));
    note("tbl_schedule\t3\n");
    assert!(import(&place, &|_| true).is_ok(), "the header may be counted");
    note("tbl_schedule\t46,600,000\n");
    assert_eq!(
        fault(&place),
        "`tbl_schedule.csv` has 2 rows, and the Count.txt beside it says 46600000; its end was lost on its way, fetch it \
         again (if Count.txt is of another delivery, take it away and import again)."
    );
    note("these are 97 tables of tbl_schedule and more\n");
    assert!(import(&place, &|_| true).is_err(), "one name and one number");
    note("nobody knows how this file is written");
    assert!(import(&place, &|_| true).is_ok());
}

#[test]
fn what_may_not_be_opened_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let place = folder("no_permission");
    Delivery::of_one_person().write_to(&place);
    let table = place.join("B_TblProceeding.csv");
    std::fs::set_permissions(&table, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::File::open(&table).is_ok() {
        println!("skipped: this test runs as root, whom no permission stops");
        return;
    }
    assert_eq!(fault(&place), "`B_TblProceeding.csv` could not be opened; see that Caseline may read it.");
}

#[test]
fn a_folder_under_a_table_s_name_is_no_table() {
    let place = folder("folder_as_table");
    Delivery::of_one_person().write_to(&place);
    std::fs::remove_file(place.join("tbl_schedule.csv")).unwrap();
    std::fs::create_dir(place.join("tbl_schedule.csv")).unwrap();
    let said = fault(&place);
    assert!(said.starts_with("`tbl_schedule.csv` could not be "), "{said}");
    // Files of other tables beside them are nobody's business.
    std::fs::remove_dir(place.join("tbl_schedule.csv")).unwrap();
    Delivery::of_one_person().write_to(&place);
    std::fs::write(place.join("tbl_Court_Motions.csv"), b"anything").unwrap();
    std::fs::write(place.join("notes.docx"), b"PK").unwrap();
    assert!(import(&place, &|_| true).is_ok());
}

#[test]
fn a_table_of_shifted_rows_is_not_trusted_at_all() {
    let mut delivery = Delivery::of_one_person();
    for id in 0..300 {
        delivery.hearing(id + 1, "2027-03-02", "0830", "");
        if id % 6 == 0 {
            delivery.schedule_row("1\t501\t71\tSP\tNYC\tNYC\tlost");
        }
    }
    let place = folder("mostly_garbled");
    delivery.write_to(&place);
    assert_eq!(
        fault(&place),
        "`tbl_schedule.csv` cannot be trusted: 50 of 350 rows have shifted or unreadable cells; export it again, parted \
         by tabs and without quoting."
    );
}

fn zipped(place: &Path, prefix: &str) -> Vec<u8> {
    let mut delivery = Delivery::of_one_person();
    for id in 0..2_000 {
        delivery.hearing(id + 1, "2026-12-01", "0900", "9A");
    }
    delivery.hearing(9_999, "2027-03-02", "0830", "");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(place).unwrap());
    for (name, bytes) in [
        ("A_TblCase.csv", &delivery.case),
        ("B_TblProceeding.csv", &delivery.proceeding),
        ("tbl_schedule.csv", &delivery.schedule),
    ] {
        zip.start_file(format!("{prefix}{name}"), SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
    std::fs::read(place).unwrap()
}

#[test]
fn a_zip_reads_as_its_folder_would() {
    let place = folder("zip").join("EOIR Case Data.zip");
    for prefix in ["", "EOIR Case Data/", "EOIR\\"] {
        zipped(&place, prefix);
        let (histories, report) = import(&place, &|_| true).unwrap();
        assert_eq!(histories[0].cases[0].proceedings[0].hearings.len(), 2_001);
        assert_eq!(report.tables[2].rows_kept, 2_001);
    }
}

#[test]
fn a_zip_that_was_cut_or_damaged_is_told_so() {
    let place = folder("zip_cut").join("data.zip");
    let whole = zipped(&place, "");
    for share in [0.2, 0.6, 0.99] {
        std::fs::write(&place, &whole[..(whole.len() as f64 * share) as usize]).unwrap();
        assert_eq!(
            fault(&place),
            "`PLACE` is not a whole .zip (its list of contents cannot be read); it was cut short on its way, fetch it again."
        );
    }
    std::fs::write(&place, b"").unwrap();
    assert_eq!(fault(&place), "`PLACE` is empty; fetch it again from its sender.");
    // A byte in the middle of the last member's content.
    let mut damaged = whole.clone();
    let at = whole.windows(16).rposition(|w| w == b"tbl_schedule.csv").unwrap();
    let first = whole.windows(16).position(|w| w == b"tbl_schedule.csv").unwrap();
    assert!(first < at, "the name stands before the content and in the list of contents");
    let middle = first + 16 + (at - first) / 2;
    damaged[middle] ^= 0x55;
    damaged[middle + 1] ^= 0xAA;
    std::fs::write(&place, &damaged).unwrap();
    let said = fault(&place);
    assert!(
        said.starts_with("`tbl_schedule.csv` could not be read to its end (after row ")
            || said.starts_with("`tbl_schedule.csv` cannot be trusted"),
        "{said}"
    );
}

#[test]
fn an_archive_that_would_unpack_to_far_more_than_it_is_is_not_unpacked() {
    let place = folder("bomb").join("data.zip");
    let delivery = Delivery::of_one_person();
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&place).unwrap());
    // A good header, and then spaces: as a small archive holds a disk full of them.
    let bomb = [delivery.schedule.as_slice(), &vec![b' '; 17 << 20]].concat();
    for (name, bytes) in
        [("A_TblCase.csv", &delivery.case), ("B_TblProceeding.csv", &delivery.proceeding), ("tbl_schedule.csv", &bomb)]
    {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
    let whole = std::fs::read(&place).unwrap();
    assert!(whole.len() < 100_000, "the archive itself is small: {}", whole.len());
    let said = fault(&place);
    let begin = "`tbl_schedule.csv` in `PLACE` would unpack from ";
    let end = " and no table of the court packs to less than a two-hundredth; do not unpack it, and fetch the delivery again \
               from its sender.";
    assert!(said.starts_with(begin) && said.ends_with(end), "{said}");
    // The same with a list of contents that says less: 24 bytes behind its mark (APPNOTE.TXT 4.3.12).
    let mut lying = whole.clone();
    let at = (0..lying.len() - 46).rfind(|at| lying[*at..].starts_with(b"PK\x01\x02")).unwrap();
    lying[at + 24..at + 28].copy_from_slice(&1_000_000_u32.to_le_bytes());
    std::fs::write(&place, &lying).unwrap();
    let said = fault(&place);
    assert!(said.starts_with("`tbl_schedule.csv` could not be read to its end"), "{said}");
}

#[test]
fn an_archive_of_more_files_than_any_delivery_has_is_not_looked_through() {
    let place = folder("crowded").join("data.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&place).unwrap());
    for n in 0..10_001 {
        zip.start_file(format!("{n}"), SimpleFileOptions::default()).unwrap();
    }
    zip.finish().unwrap();
    assert_eq!(
        fault(&place),
        "`PLACE` holds 10001 files, more than 10000; name an archive that holds the court's tables alone."
    );
}

#[test]
fn a_member_packed_with_deflate64_is_told_with_what_to_do() {
    let place = folder("deflate64").join("data.zip");
    let mut bytes = zipped(&place, "");
    // The method stands 8 bytes behind a local header's mark and 10 behind a central one's (APPNOTE.TXT 4.3.7, 4.3.12).
    for at in 0..bytes.len() - 12 {
        match &bytes[at..at + 4] {
            b"PK\x03\x04" => bytes[at + 8] = 9,
            b"PK\x01\x02" => bytes[at + 10] = 9,
            _ => {}
        }
    }
    std::fs::write(&place, &bytes).unwrap();
    assert_eq!(
        fault(&place),
        "`A_TblCase.csv` in `PLACE` is packed with Deflate64, which Caseline does not unpack; unpack the archive with \
         7-Zip (7z x) and name the folder."
    );
}

#[test]
fn a_disk_that_fills_while_facts_are_saved_is_told_and_importing_again_is_safe() {
    let place = folder("full_disk");
    let mut delivery = Delivery::of_one_person();
    delivery.case_row("72\tGT\tSP\tN\tRMV\t\t\t\t000000138");
    delivery.write_to(&place);
    let mut taken = 0;
    let refused = read_court_tables(
        &place,
        &ReadOptions::on(today()),
        &|_: &ANumber| true,
        &mut |_| {},
        &mut |_: CourtHistory| {
            taken += 1;
            if taken == 2 { Err(std::io::Error::from(std::io::ErrorKind::StorageFull).into()) } else { Ok(()) }
        },
    )
    .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "The facts could not be saved (after 1 of 2 numbers); what was saved stays, see the cause below and import \
         again: nothing is entered twice."
    );
    assert!(matches!(refused, CourtTablesFault::NotSaved { taken: 1, found: 2, .. }));
    assert!(std::error::Error::source(&refused).is_some());
}
