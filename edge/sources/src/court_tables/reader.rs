//! Takes a table apart into rows of raw bytes, with little memory however large the file is.
//! What the cells mean is left to `row` and `decode`.

use std::io::{self, BufRead};

/// The longest row that is taken whole. The release's longest are under 1 KiB; a longer one is no row.
pub(super) const ROW_BYTES_MAX: usize = 64 * 1024;

/// One row as it stands in the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RawRow<'a> {
    /// Counted from the header as row 1.
    pub number: u64,
    /// Without the row's end and without NUL bytes.
    pub bytes: &'a [u8],
    /// Longer than [`ROW_BYTES_MAX`]: only its beginning is here.
    pub is_too_long: bool,
    /// The file ends here without a row's end.
    pub is_unfinished: bool,
    /// How many NUL bytes were taken out.
    pub nul_count: usize,
}

/// Reads row after row. Rows end with `\n` or `\r\n`; there is no quoting, so nothing else hides an end.
pub(super) struct RowReader<R> {
    input: R,
    row: Vec<u8>,
    number: u64,
    bytes_done: u64,
}

impl<R: BufRead> RowReader<R> {
    pub fn new(input: R) -> Self {
        Self { input, row: Vec::with_capacity(1024), number: 0, bytes_done: 0 }
    }

    /// Bytes taken from the file so far.
    pub fn bytes_done(&self) -> u64 {
        self.bytes_done
    }

    /// The number of the row that was read last.
    pub fn row_number(&self) -> u64 {
        self.number
    }

    /// The next row, or `None` at the end of the file.
    pub fn next_row(&mut self) -> io::Result<Option<RawRow<'_>>> {
        self.row.clear();
        let mut taken = 0_u64;
        let mut is_too_long = false;
        let is_unfinished = loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            };
            if chunk.is_empty() {
                break true;
            }
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let upto = end.unwrap_or(chunk.len());
            let room = ROW_BYTES_MAX - self.row.len();
            self.row.extend_from_slice(&chunk[..upto.min(room)]);
            is_too_long |= upto > room;
            let used = end.map_or(chunk.len(), |at| at + 1);
            self.input.consume(used);
            taken += used as u64;
            if end.is_some() {
                break false;
            }
        };
        self.bytes_done += taken;
        if taken == 0 {
            return Ok(None);
        }
        self.number += 1;
        if self.row.last() == Some(&b'\r') {
            self.row.pop();
        }
        let before = self.row.len();
        if self.row.contains(&0) {
            self.row.retain(|byte| *byte != 0);
        }
        let nul_count = before - self.row.len();
        Ok(Some(RawRow { number: self.number, bytes: &self.row, is_too_long, is_unfinished, nul_count }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufReader, Cursor};

    fn rows(text: &[u8]) -> Vec<(u64, Vec<u8>, bool)> {
        let mut reader = RowReader::new(BufReader::with_capacity(3, Cursor::new(text.to_vec())));
        let mut out = Vec::new();
        while let Some(row) = reader.next_row().unwrap() {
            out.push((row.number, row.bytes.to_vec(), row.is_unfinished));
        }
        assert_eq!(reader.bytes_done(), text.len() as u64);
        out
    }

    #[test]
    fn either_row_end_ends_a_row_and_a_quote_is_data() {
        assert_eq!(
            rows(b"a\t\"b\r\nc\n\nd"),
            [
                (1, b"a\t\"b".to_vec(), false),
                (2, b"c".to_vec(), false),
                (3, Vec::new(), false),
                (4, b"d".to_vec(), true)
            ]
        );
    }

    #[test]
    fn nul_bytes_are_taken_out_and_counted() {
        let mut reader = RowReader::new(Cursor::new(b"S\0P\t\0\n".to_vec()));
        let row = reader.next_row().unwrap().unwrap();
        assert_eq!((row.bytes, row.nul_count), (&b"SP\t"[..], 2));
    }

    #[test]
    fn a_row_that_never_ends_stays_within_its_bound() {
        let mut reader = RowReader::new(Cursor::new([vec![b'x'; ROW_BYTES_MAX * 3], b"\nnext\n".to_vec()].concat()));
        let row = reader.next_row().unwrap().unwrap();
        assert!(row.is_too_long);
        assert_eq!(row.bytes.len(), ROW_BYTES_MAX);
        assert_eq!(reader.next_row().unwrap().unwrap().bytes, b"next");
    }
}
