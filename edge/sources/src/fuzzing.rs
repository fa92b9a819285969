//! Gives any bytes to the readers of court tables, of archives and of the note of counts.
//! Mutating bytes and keeping seeds is left to `fuzz/`.

use crate::court_tables::never_panic::{archives_never_panic, count_notes_never_panic, court_tables_never_panic};

/// A name, and a reader that must not fall over.
type Target = (&'static str, fn(&[u8]));

/// The fuzz targets of this crate, by name.
pub const TARGETS: &[Target] = &[
    ("court-tables", court_tables_never_panic),
    ("court-archives", archives_never_panic),
    ("court-counts", count_notes_never_panic),
];
