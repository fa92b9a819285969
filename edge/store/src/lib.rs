//! The ports on SQLite and in memory: migrations, vault, tasks and outbox, audit tree.
//! What may be done, for how long anything is kept and what the limits are is left to `helpline`.

pub mod audit_tree;
pub mod backup;
mod ballast;
mod content;
pub mod contract;
pub mod fuzzing;
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
/// Why a store refuses: the policy does not let the role.
pub(crate) const WHY_ROLE: &str = "the policy does not let this role do it";
/// Why a store refuses: a deputy opens cases like the account itself, so both must be able to.
pub(crate) const WHY_NO_OPENER: &str = "there is no such account that runs and may open a case";
/// Why a store refuses: nobody is their own deputy.
pub(crate) const WHY_OWN_DEPUTY: &str = "nobody is their own deputy";
/// Why a store refuses: see `vault::OpeningBudget` (code `vault.budget-spent`).
pub(crate) const WHY_BUDGET: &str = "the vault opened as many cases as it may in this hour or on this day";
/// Why a store refuses: see `vault::MarkBudget` (code `vault.marks-spent`).
pub(crate) const WHY_MARKS: &str = "the vault compared as many codes as it may in this hour or on this day";
/// Why a store refuses: as many as there may be.
pub(crate) const WHY_STAFF_MANY: &str = "there are as many as there may be";
/// Why a store refuses: no answer goes out to a demand that is not in the log.
pub(crate) const WHY_NO_DEMAND: &str = "no demand of this number is recorded";
/// Why a store refuses: see `DEMANDS_MAX`.
pub(crate) const WHY_DEMANDS_MANY: &str = "there are as many demands as there may be";
/// Why a store refuses: see `QUIET_DAYS_MAX`.
pub(crate) const WHY_DEMAND_QUIET: &str = "a demand is kept quiet for ten years at the most";
/// Why a store refuses: there is no such card, or no such number is enrolled.
pub(crate) const WHY_NO_CARD: &str = "there is no such card, or the number has none";
/// Why a store refuses: a card of that handle is another account's.
pub(crate) const WHY_OTHER_CARD: &str = "another account answers for the card of that handle";
/// Why a store refuses: a card or a case has as much as it may have.
pub(crate) const WHY_CARD_FULL: &str =
    "the card has as many clients, or as many new ones today, as it may have, or the client has three representatives";
/// Why a store refuses: a representative's card lets its holder read, not act for good.
pub(crate) const WHY_REPRESENTATIVE: &str = "a representative's card opened this case; only its person does that";

#[cfg(test)]
mod tests;
