//! Repository chores as functions, so that tests can use what a chore makes.
//! Their commands are in `main.rs`.

pub mod advisories;
pub mod court_data;
pub mod fuzz;
pub mod licences;
pub mod packages;
pub mod sbom;
pub mod supply_chain;
