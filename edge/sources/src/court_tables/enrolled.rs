//! What the reader asks and what it hands over: who is enrolled, how far it is, and the facts of one number at a time.
//! The answers come from the vault and the store; nothing here keeps a number.

use crate::court_tables::history::CourtHistory;
use crate::court_tables::layout::Table;
use caseline_model::{ANumber, Date};
use std::error::Error;

/// Decides whether anybody enrolled a number. The vault answers from a keyed set made for one import.
pub trait Enrolled {
    /// Whether rows of this number are wanted; a number that is asked for is in the delivery. Called once a row of the
    /// case table, in file order, and for whatever looks like a number in a case row that was set aside: its owner has
    /// not vanished.
    fn wants(&self, a_number: &ANumber) -> bool;
}

impl<F: Fn(&ANumber) -> bool> Enrolled for F {
    fn wants(&self, a_number: &ANumber) -> bool {
        self(a_number)
    }
}

/// Takes the facts of one enrolled number, after all three tables were read without a fault.
pub trait CourtFacts {
    /// Called once a number, in the order of the numbers. Reading the same files again hands over the same facts.
    ///
    /// # Errors
    /// Whatever the taker cannot do, such as write to a full disk. The reader then stops and says so.
    fn take(&mut self, history: CourtHistory) -> Result<(), Box<dyn Error + Send + Sync>>;
}

impl<F: FnMut(CourtHistory) -> Result<(), Box<dyn Error + Send + Sync>>> CourtFacts for F {
    fn take(&mut self, history: CourtHistory) -> Result<(), Box<dyn Error + Send + Sync>> {
        self(history)
    }
}

/// How to read one delivery.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// The operator's column of the case table that holds the A-number. Compared without regard to case.
    pub a_number_column: String,
    /// The day of the import: the report counts dates that are impossible as seen from it.
    pub today: Date,
}

impl ReadOptions {
    /// The usual column name, on this day.
    pub fn on(today: Date) -> Self {
        Self { a_number_column: String::from("A_NUMBER"), today }
    }
}

/// How far the reading is, for a progress bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The table being read.
    pub table: Table,
    /// Bytes read so far, over all three tables.
    pub bytes_done: u64,
    /// Bytes of all three tables, unpacked.
    pub bytes_total: u64,
}
