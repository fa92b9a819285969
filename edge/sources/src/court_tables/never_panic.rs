//! Feeds any bytes to the reader: whatever an operator hands over, it ends with facts or with a sentence.
//! A fuzzer calls it, and the tests replay a corpus through it.

use crate::court_tables::count_note::CountNote;
use crate::court_tables::enrolled::ReadOptions;
use crate::court_tables::import::Import;
use crate::court_tables::layout::Table;
use crate::court_tables::next_hearing::next_hearing;
use crate::court_tables::place::Place;
use caseline_model::ANumber;
use std::io::Read;

/// Reads `bytes` as each of the three tables, once as they are and once below a header that fits, with everybody
/// enrolled; then asks for each number's next hearing. It never panics and needs no more memory than a few rows.
pub fn court_tables_never_panic(bytes: &[u8]) {
    let options = ReadOptions::on(jiff::civil::date(2026, 7, 1));
    let everybody = |_: &ANumber| true;
    for is_below_header in [false, true] {
        let mut import = Import::new(&options, &everybody);
        for table in Table::ALL {
            let mut input = Vec::new();
            if is_below_header {
                let names: Vec<&str> = table.columns().iter().map(|column| column.name).collect();
                input.extend_from_slice(names.join("\t").as_bytes());
                input.push(b'\n');
            }
            input.extend_from_slice(bytes);
            // A fault is an answer.
            let _ = import.read_table(input.as_slice(), table, &mut |_| {});
        }
        let (histories, report) = import.finish();
        for history in &histories {
            let _ = next_hearing(history, options.today);
            for case in &history.cases {
                let _ = case.digest_inputs();
            }
        }
        let _ = report.to_text();
    }
}

/// More of a table is not unpacked for a fuzzer: a small archive can hold gigabytes of one letter, and reading them in
/// rows is `court_tables_never_panic`'s.
const UNPACKED_BYTES_MAX: u64 = 1 << 20;

/// Reads `bytes` as a delivery in a zip, as far as its tables and its note of counts.
pub fn archives_never_panic(bytes: &[u8]) {
    let who = format!("caseline-archive-{}-{:?}.zip", std::process::id(), std::thread::current().id());
    let path = std::env::temp_dir().join(who);
    // A machine without room for a file shows nothing about the reader.
    if std::fs::write(&path, bytes).is_err() {
        return;
    }
    if let Ok(mut place) = Place::find(&path) {
        let _ = place.count_note();
        let _ = place.bytes_total();
        for table in Table::ALL {
            if let Ok(opened) = place.open(table) {
                let _ = std::io::copy(&mut opened.take(UNPACKED_BYTES_MAX), &mut std::io::sink());
            }
        }
    }
    let _ = std::fs::remove_file(&path);
}

/// Reads `bytes` as the note of counts.
pub fn count_notes_never_panic(bytes: &[u8]) {
    let note = CountNote::read(bytes);
    for table in Table::ALL {
        let _ = note.rows_of(table);
    }
}
