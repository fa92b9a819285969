//! Court tables from the outside: made-up feeds with a known truth, every quirk by itself, files that are no tables.

#![expect(clippy::unwrap_used, reason = "a failed step should fail the test")]

#[path = "court_tables/delivery.rs"]
mod delivery;
#[path = "court_tables/faults.rs"]
mod faults;
#[path = "court_tables/hostile.rs"]
mod hostile;
#[path = "court_tables/next.rs"]
mod next;
#[path = "court_tables/privacy.rs"]
mod privacy;
#[path = "court_tables/quirks.rs"]
mod quirks;
#[path = "court_tables/truth.rs"]
mod truth;
