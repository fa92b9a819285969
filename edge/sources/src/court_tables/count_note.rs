//! Reads the release's `Count.txt`: how many rows each table should have, so that a table that lost its end is not
//! taken for a shorter one.
//! Which tables are read, and what a difference means, is left to `import`.
//!
//! The agency does not describe the file's layout, and it is not in every delivery. So little is asked of it: a row of
//! text that names one table and holds one number. Every other row is left alone.

use crate::court_tables::layout::Table;

/// The file's name, compared without regard to case.
pub(super) const FILE_NAME: &str = "Count.txt";
/// More of the file is not read: the release's 97 tables need a few KiB.
pub(super) const BYTES_MAX: u64 = 64 * 1024;

/// Rows that each of the three tables should have, where the note says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CountNote {
    rows: [Option<u64>; 3],
}

impl CountNote {
    pub fn read(bytes: &[u8]) -> Self {
        let mut note = Self::default();
        // UTF-16 with a byte order mark is what some tools write; its Latin letters are every other byte.
        let latin = bytes.iter().filter(|byte| byte.is_ascii() && **byte != 0);
        let text: String = latin.map(|byte| char::from(*byte)).collect();
        for row in text.lines() {
            let words: Vec<&str> =
                row.split(|c: char| c.is_whitespace() || matches!(c, ':' | '=' | '|' | ';' | '"')).collect();
            let named: Vec<Table> = words.iter().filter_map(|word| table_named(word)).collect();
            let numbers: Vec<u64> = words.iter().filter_map(|word| number(word)).collect();
            if let ([table], [rows]) = (named.as_slice(), numbers.as_slice()) {
                note.rows[*table as usize] = Some(*rows);
            }
        }
        note
    }

    /// How many rows a table should have.
    pub const fn rows_of(&self, table: Table) -> Option<u64> {
        self.rows[table as usize]
    }
}

/// `A_TblCase`, `a_tblcase.csv`, `dbo.A_TblCase`; `A_TblCase,12612345`, where no blank parts name and number.
fn table_named(word: &str) -> Option<Table> {
    let word = name_of(word).to_ascii_lowercase();
    let word = word.strip_suffix(".csv").unwrap_or(&word);
    let word = word.rsplit(['.', '\\', '/']).next().unwrap_or(word);
    Table::ALL.into_iter().find(|table| table.file_name().to_ascii_lowercase().strip_suffix(".csv") == Some(word))
}

fn name_of(word: &str) -> &str {
    word.split(',').next().unwrap_or(word)
}

/// `12612345`, `12,612,345`; behind a name, what comes after its comma.
fn number(word: &str) -> Option<u64> {
    let word = if table_named(word).is_some() { &word[name_of(word).len()..] } else { word };
    let digits: String = word.chars().filter(|c| *c != ',').collect();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_and_a_number_in_one_row_of_text_are_understood_however_they_are_parted() {
        for text in [
            "A_TblCase\t12612345\r\nB_TblProceeding\t16470000\r\n",
            "Table name: row count\nA_TblCase.csv: 12,612,345\nB_TblProceeding.csv: 16,470,000",
            "dbo.A_TblCase = 12612345\ndbo.b_tblproceeding = 16470000\ntbl_Court_Motions = 1",
            "A_TblCase,12612345\nB_TblProceeding,16470000\n",
        ] {
            let note = CountNote::read(text.as_bytes());
            assert_eq!(note.rows, [Some(12_612_345), Some(16_470_000), None], "{text}");
        }
        let wide: Vec<u8> = "\u{feff}A_TblCase 7\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(CountNote::read(&wide).rows_of(Table::Case), Some(7));
    }

    #[test]
    fn what_is_not_understood_says_nothing() {
        for text in ["", "97 tables", "A_TblCase", "A_TblCase 12 of 13", "A_TblCase B_TblProceeding 12", "A_TblCase -3"]
        {
            assert_eq!(CountNote::read(text.as_bytes()), CountNote::default(), "{text}");
        }
    }
}
