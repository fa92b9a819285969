//! Models that are checked in every order of events, on the very functions that the line decides with.
//! Leases and access are checked beside the store.

#[path = "models/limits.rs"]
mod limits;
