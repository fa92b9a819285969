//! The ports on SQLite and in memory: migrations, vault, tasks and outbox, audit tree.
//! What may be done, for how long anything is kept and what the limits are is left to `helpline`.

pub mod audit_tree;
pub mod backup;
mod ballast;
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
/// Why a store refuses: the policy does not let one of the two, or both are one account.
pub(crate) const WHY_POLICY: &str = "the policy does not let these two people do it";
/// Why a store refuses: an account has ended, or never was.
pub(crate) const WHY_STAFF_OVER: &str = "the account has ended, or never was";
/// Why a store refuses: an account keeps its role; another role is another account.
pub(crate) const WHY_STAFF_ROLE: &str = "the account has another role; end it, and give the new one another handle";
/// Why a store refuses: as many as there may be.
pub(crate) const WHY_STAFF_MANY: &str = "there are as many as there may be";

#[cfg(test)]
mod tests;
