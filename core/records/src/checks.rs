//! The checks that run over a case's assertions, one file a check. Each returns a finding or nothing.
//! What is spoken for a finding is left to `conversation`.

pub mod adjourned_lawyer_first;
pub mod current;
pub mod hearing_dates_disagree;
pub mod hearing_moved_earlier;
pub mod hearing_vanished;
pub mod impossible_hearing_date;
pub mod in_absentia;
pub mod medium_disagrees;
pub mod not_on_calendar;
pub mod record_vanished;
pub mod stale;
pub mod two_people;
pub mod wrong_language;

use crate::assertion::Assertion;
use crate::finding::{Finding, Severity};
use caseline_model::{Date, Language, Time, Zone};
use current::CurrentHearings;

/// What a check may look at. Nothing else reaches it.
#[derive(Clone, Copy, Debug)]
pub struct Looked<'a> {
    /// All assertions of the case, oldest first.
    pub assertions: &'a [Assertion],
    /// What each source says now about the next hearing.
    pub current: &'a CurrentHearings,
    /// Now.
    pub now: Time,
    /// Today at the line's place.
    pub today: Date,
    /// The line's zone.
    pub zone: &'a Zone,
    /// The language that the caller chose for this contact.
    pub language: Language,
}

/// Runs all checks; what must be spoken first comes first.
pub fn run(looked: &Looked<'_>) -> Vec<Finding> {
    let checks: [fn(&Looked<'_>) -> Option<Finding>; 12] = [
        two_people::check,
        adjourned_lawyer_first::check,
        in_absentia::check,
        hearing_dates_disagree::check,
        hearing_moved_earlier::check,
        impossible_hearing_date::check,
        not_on_calendar::check,
        medium_disagrees::check,
        record_vanished::check,
        hearing_vanished::check,
        stale::check,
        wrong_language::check,
    ];
    let mut findings: Vec<Finding> = checks.iter().filter_map(|check| check(looked)).collect();
    findings.sort_by_key(|finding| finding.rule.severity());
    findings
}

/// Whether a plain answer must be refused because something has to be spoken first.
pub fn speaks_first(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.rule.severity() == Severity::SpeakFirst)
}
