//! Reads the immigration court's tables as an operator hands them over: whose hearing is when, where, and what became
//! of it, for enrolled numbers only.
//! Who is enrolled is asked of the vault; how facts become assertions, and where they are kept, is left to others.
//!
//! The tables are A_TblCase, B_TblProceeding and tbl_schedule of the agency's own release (named `.csv`, parted by
//! tabs, without quoting), with one column more: the operator's A-number. Rows of numbers nobody enrolled are counted
//! and forgotten.

pub mod assertions;
pub mod canonical;
pub mod codes;
mod count_note;
mod decode;
pub mod enrolled;
pub mod fault;
pub mod history;
mod import;
mod kept;
mod layout;
pub mod never_panic;
pub mod next_hearing;
mod one_person;
mod place;
mod reader;
pub mod report;
mod row;

mod case;
mod proceeding;
mod schedule;

pub use canonical::{DigestInput, FieldGroup, RowKey};
pub use enrolled::{CourtFacts, Enrolled, Progress, ReadOptions};
pub use fault::CourtTablesFault;
pub use history::{CourtCase, CourtHistory, Hearing, Proceeding};
pub use import::read_court_tables;
pub use layout::Table;
pub use next_hearing::{NextHearing, next_hearing, next_hearing_in};
pub use report::ReadReport;
