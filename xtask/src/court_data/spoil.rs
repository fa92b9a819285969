//! Spells rows the way the release does: padded codes, five ways of saying nothing, NUL bytes, blank cells too many;
//! and garbles a row when told to: a stray tab, a lost end, a row broken in two.
//! Which row is garbled, and what is true, is decided before.

use crate::court_data::clerk::Row;
use crate::court_data::random::Chance;
use crate::court_data::writer::{COLUMNS, NEVER_CUT};

/// Columns whose codes the release pads with blanks.
const PADDED: &[&str] =
    &["LANG", "NAT", "BASE_CITY_CODE", "HEARING_LOC_CODE", "CASE_TYPE", "ADJ_RSN", "CAL_TYPE", "SCHEDULE_TYPE"];
/// Columns that hold no code or date, where a spelling of nothing would be data.
const FREE: &[&str] = &["A_NUMBER", "ALIEN_CITY", "UPDATED_CITY", "EOIRAttorneyID", "ADJ_TIME_START", "ADJ_ELAP_DAYS"];

/// The last column of each table that is read and never blank, in every release's order.
const LAST_SURE: [&str; 3] = ["CASE_TYPE", "CASE_TYPE", "ADJ_TIME_START"];

/// Appends the row's bytes, in the file's column order, and returns how many rows the file gained: two when it broke.
pub(super) fn append(out: &mut Vec<u8>, row: &Row, order: &[usize], row_end: &[u8], chance: &mut Chance) -> u64 {
    let columns = COLUMNS[row.table];
    let start = out.len();
    // A stray tab stands before a cell that holds something and no later than the last cell that always does and is read:
    // behind that, it would move nothing that matters.
    let stray_before = row.is_to_be_garbled.then(|| {
        let last = order.iter().position(|at| columns[*at] == LAST_SURE[row.table]).unwrap_or(1);
        let filled: Vec<usize> = (1..=last).filter(|place| row.cells[order[*place]].len() > 1).collect();
        chance.one_of(&filled)
    });
    let kind = chance.between(0, 2);
    let last_read = order.iter().rposition(|at| *at < NEVER_CUT[row.table]).unwrap_or(order.len() - 1);
    let cut_at = if !row.is_to_be_garbled && chance.per_mille(4) { last_read + 1 } else { order.len() };
    let mut row_count = 1;
    for (place, at) in order.iter().enumerate().take(cut_at) {
        if place > 0 {
            out.push(b'\t');
        }
        if stray_before == Some(place) {
            match kind {
                // Broken in two by a row end inside a cell.
                0 => {
                    out.extend_from_slice(row_end);
                    row_count = 2;
                }
                _ => out.push(b'\t'),
            }
        }
        append_cell(out, columns[*at], &row.cells[*at], row.is_to_be_garbled, chance);
    }
    if row.is_to_be_garbled && kind == 1 {
        // And the last cell is lost, so that the row has as many cells as the header.
        while out.len() > start && out[out.len() - 1] != b'\t' {
            out.pop();
        }
        out.pop();
    }
    if !row.is_to_be_garbled && cut_at == order.len() && chance.per_mille(4) {
        out.extend_from_slice(b"\t \t");
    }
    out.extend_from_slice(row_end);
    row_count
}

fn append_cell(out: &mut Vec<u8>, column: &str, cell: &[u8], is_to_be_garbled: bool, chance: &mut Chance) {
    if is_to_be_garbled {
        out.extend_from_slice(cell);
        return;
    }
    if cell.is_empty() && !FREE.contains(&column) {
        match chance.between(0, 299) {
            0..=9 => out.extend_from_slice(b"  "),
            10..=12 => out.extend_from_slice(b"N/A"),
            13..=14 => out.extend_from_slice(b"b6"),
            15..=16 => out.extend_from_slice(b"??"),
            17..=18 => out.extend_from_slice(b"0"),
            _ => {}
        }
        return;
    }
    if chance.per_mille(1) && cell.len() > 2 {
        out.extend_from_slice(&cell[..1]);
        out.push(0);
        out.extend_from_slice(&cell[1..]);
    } else {
        out.extend_from_slice(cell);
    }
    if PADDED.contains(&column) && chance.per_mille(190) {
        out.push(b' ');
    }
}
