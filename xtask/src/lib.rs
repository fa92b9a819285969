//! Repository chores as functions, so that tests can use what a chore makes.
//! Their commands are in `main.rs`.

pub mod court_data;
