//! What can be wrong with a delivery as a whole, each in one sentence: what, where, what to do.
//! A single bad row is no fault; it is quarantined and counted by the report.

use std::error::Error;
use std::io;

/// Why nothing was taken from a delivery. No text here holds a cell of the tables.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CourtTablesFault {
    /// The path leads to nothing.
    #[error("There is nothing at `{place}`; name the folder or the .zip that holds the court's tables.")]
    NoSuchPlace {
        /// The path as it was given.
        place: String,
    },
    /// A file that is neither a folder nor a zip.
    #[error(
        "`{place}` is a single file, not a folder or a .zip; name the folder that holds A_TblCase.csv, \
         B_TblProceeding.csv and tbl_schedule.csv."
    )]
    NeitherFolderNorZip {
        /// The path as it was given.
        place: String,
    },
    /// A table is missing.
    #[error("There is no `{file}` in `{place}`; unpack the whole delivery there, or ask its sender for that table.")]
    TableMissing {
        /// Where it was looked for.
        place: String,
        /// The file's usual name.
        file: &'static str,
    },
    /// Two files claim to be the same table.
    #[error("`{place}` holds more than one `{file}`; leave only the newest delivery there.")]
    TableTwice {
        /// Where they are.
        place: String,
        /// The file's usual name.
        file: &'static str,
    },
    /// Nothing in the file.
    #[error("`{file}` is empty; fetch it again from its sender.")]
    Empty {
        /// Which file.
        file: String,
    },
    /// The file is something else.
    #[error("`{file}` is not a court table: it looks like {looks_like}; {advice}.")]
    NotATable {
        /// Which file.
        file: String,
        /// What its first bytes say.
        looks_like: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// The first row names no column that is known.
    #[error(
        "`{file}` does not begin with the row of column names (none of its first row is known); \
         export it again with the header."
    )]
    NoHeader {
        /// Which file.
        file: String,
    },
    /// A column that is needed is missing.
    #[error("`{file}` has no column `{column}`; {advice}.")]
    ColumnMissing {
        /// Which file.
        file: String,
        /// The column's usual name.
        column: String,
        /// What to do.
        advice: &'static str,
    },
    /// A column stands twice.
    #[error("`{file}` has two columns for `{column}`; remove the one that is out of date.")]
    ColumnTwice {
        /// Which file.
        file: String,
        /// The column's usual name.
        column: String,
    },
    /// The last row breaks off.
    #[error("`{file}` breaks off in the middle of row {row}; it was cut short on its way, fetch it again.")]
    CutShort {
        /// Which file.
        file: String,
        /// The row, counted from the header as row 1.
        row: u64,
    },
    /// Hardly any row of the table can be used.
    #[error(
        "`{file}` cannot be trusted: {quarantined} of {rows} rows have shifted or unreadable cells; \
         export it again, parted by tabs and without quoting."
    )]
    MostlyGarbled {
        /// Which file.
        file: String,
        /// How many rows were set aside.
        quarantined: u64,
        /// How many rows were read.
        rows: u64,
    },
    /// The delivery's own note names more rows.
    #[error(
        "`{file}` has {rows} rows, and the Count.txt beside it says {expected}; its end was lost on its way, fetch it \
         again (if Count.txt is of another delivery, take it away and import again)."
    )]
    RowsMissing {
        /// Which file.
        file: String,
        /// Rows that are there.
        rows: u64,
        /// Rows that should be.
        expected: u64,
    },
    /// The archive cannot be opened.
    #[error(
        "`{place}` is not a whole .zip (its list of contents cannot be read); it was cut short on its way, fetch it again."
    )]
    ArchiveBroken {
        /// The archive.
        place: String,
        /// What the archive reader said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A packing method that is not read here.
    #[error(
        "`{file}` in `{place}` is packed with {method}, which Caseline does not unpack; unpack the archive with 7-Zip \
         (7z x) and name the folder."
    )]
    ArchiveMethod {
        /// The archive.
        place: String,
        /// The member.
        file: String,
        /// The method's name.
        method: String,
    },
    /// More members than any delivery has.
    #[error("`{place}` holds {members} files, more than {limit}; name an archive that holds the court's tables alone.")]
    ArchiveCrowded {
        /// The archive.
        place: String,
        /// How many it holds.
        members: usize,
        /// The limit.
        limit: usize,
    },
    /// A table that would unpack to more than any table has.
    #[error(
        "`{file}` in `{place}` would unpack from {packed} bytes to {unpacked}, and {why}; do not unpack it, and fetch the \
         delivery again from its sender."
    )]
    ArchiveBomb {
        /// The archive.
        place: String,
        /// The member.
        file: String,
        /// Its bytes, unpacked, as the archive says.
        unpacked: u64,
        /// Its bytes in the archive.
        packed: u64,
        /// Which bound it is beyond.
        why: &'static str,
    },
    /// The bytes cannot be read, or an archive's member is damaged.
    #[error("`{file}` could not be read to its end (after row {row}); it is damaged or its disk is, fetch it again.")]
    Unreadable {
        /// Which file.
        file: String,
        /// The last row that was read.
        row: u64,
        /// What the system said.
        source: io::Error,
    },
    /// A folder or file that may not be opened.
    #[error("`{file}` could not be opened; see that Caseline may read it.")]
    NotOpened {
        /// Which file or folder.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// More rows of enrolled people than fit.
    #[error("The delivery holds more than {limit} rows of enrolled numbers; import it in parts.")]
    TooManyKept {
        /// The limit.
        limit: usize,
    },
    /// The taker of the facts failed.
    #[error(
        "The facts could not be saved (after {taken} of {found} numbers); what was saved stays, see the cause below and \
         import again: nothing is entered twice."
    )]
    NotSaved {
        /// Numbers taken before that.
        taken: usize,
        /// Numbers found.
        found: usize,
        /// What the taker said.
        source: Box<dyn Error + Send + Sync>,
    },
}
