//! Readers of outside files: the court's tables.
//! What the facts mean for a person is left to `caseline-records`; where they are kept, to the store.

pub mod court_tables;
pub mod fuzzing;
