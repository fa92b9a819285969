//! The truth beside the made-up tables: one JSON object a court case, in `truth.jsonl`.
//! It says what really comes next, what a careful reader can learn from the files, and where the files are garbled.

use caseline_model::{ANumber, Date, TimeOfDay};
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// What is true of one court case.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Truth {
    /// Made up: 000-000-001 to 000-999-999. Two cases can share one.
    pub a_number: ANumber,
    /// IDNCASE.
    pub case_id: u64,
    /// The hearing that really comes next, on the day the tables were made.
    pub next: Option<Hearing>,
    /// What a careful reader can learn from the files about it.
    pub feed_reads: FeedReads,
    /// What the clerk did wrong.
    pub slips: Vec<String>,
    /// Checks (records.md) that have something to say about this case, from the files or with a paper beside them. In
    /// the truth of a second delivery: those that must come when both deliveries were read, each on its own day, and
    /// no other of R01, R04, R13, R14, R16, R17, R19 and R21 may.
    pub expected_findings: Vec<String>,
    /// Rows that no reader should use.
    pub garbled: Vec<GarbledRow>,
}

/// A hearing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hearing {
    /// The day.
    pub on: Date,
    /// The hour, at its place.
    pub at: TimeOfDay,
    /// BASE_CITY_CODE
    pub court: String,
    /// HEARING_LOC_CODE, or `detained`.
    pub place: String,
}

/// What the files say about the next hearing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "answer", content = "hearings")]
pub enum FeedReads {
    /// The number is not in the case table, since its row is garbled.
    CaseGarbled,
    /// All rows of the case are gone from the second delivery.
    CaseGone,
    /// No hearing stands.
    None,
    /// One hearing stands.
    One(Hearing),
    /// Several stand that cannot all be right.
    Several(Vec<Hearing>),
}

/// A row of a file that is garbled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GarbledRow {
    /// The file's name.
    pub file: String,
    /// Counted from the header as row 1.
    pub row: u64,
}

/// Reads a `truth.jsonl`.
///
/// # Errors
/// When the file cannot be read or a row is no such object.
pub fn read_truth(path: &Path) -> io::Result<Vec<Truth>> {
    BufReader::new(std::fs::File::open(path)?)
        .lines()
        .map(|row| serde_json::from_str(&row?).map_err(io::Error::other))
        .collect()
}
