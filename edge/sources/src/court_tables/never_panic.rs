//! Feeds any bytes to the reader: whatever an operator hands over, it ends with facts or with a sentence.
//! A fuzzer calls it, and the tests replay a corpus through it.

use crate::court_tables::enrolled::ReadOptions;
use crate::court_tables::import::Import;
use crate::court_tables::layout::Table;
use crate::court_tables::next_hearing::next_hearing;
use caseline_model::ANumber;

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
