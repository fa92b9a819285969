//! Sources, assertions and provenance; checks that return findings; answers with source, date and standing.
//! Where sources are fetched and how a case is shown is left to the edges.

pub mod answer;
pub mod assertion;
pub mod calendar;
pub mod checks;
pub mod finding;
pub mod paper;
pub mod source;

pub use answer::{Answer, Fact, Standing, Told};
pub use assertion::{Assertion, CustodyStatus, Field, HearingKind, HearingTime, Medium, Outcome, Value};
pub use finding::{Finding, Route, Rule, Severity};
pub use source::{Obtained, SourceKind};
