//! The ports on SQLite and in memory: migrations, vault, tasks and outbox, audit tree.
//! What may be done, for how long anything is kept and what the limits are is left to `helpline`.

pub mod audit_tree;
pub mod backup;
mod content;
pub mod contract;
mod import_set;
mod keyed;
pub mod memory;
mod migrations;
mod rules;
pub mod settings;
pub mod sqlite;
#[cfg(test)]
mod testing;
pub mod vault;

pub use audit_tree::verify::{LogFault, Verified, verify_log};
pub use memory::MemoryStore;
pub use settings::StoreSettings;
pub use sqlite::SqliteStore;

/// Why a store refuses: the contact is over, or never was.
pub(crate) const WHY_NOT_LIVE: &str = "the contact has ended or never began";
/// Why a store refuses: no case is reached but the one that this contact opened.
pub(crate) const WHY_NOT_OPEN: &str = "this case is not open in this contact";
/// Why a store refuses: an enrolled number stays with its case.
pub(crate) const WHY_ENROLLED: &str = "the number is enrolled as another case, or the case has another number";
/// Why a store refuses: the set of numbers was made by another reading, or by another store.
pub(crate) const WHY_OTHER_SET: &str = "the set of enrolled numbers is not the one that this reading began with";
/// Why a store refuses: what is handed in is longer than the bound of its kind.
pub(crate) const WHY_TOO_LONG: &str = "it is longer than what is kept of its kind";

#[cfg(test)]
mod tests;
