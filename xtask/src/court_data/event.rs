//! The words of the true history: what happens to a case before, at and between hearings, with the court's own codes.
//! Which of it happens, and when, is for `court_life`.

use crate::court_data::towns::Town;
use caseline_model::Date;

/// One person's court case as it truly was.
pub(super) struct CourtLife {
    pub charged_on: Date,
    pub case_type: &'static str,
    pub custody: char,
    pub language: &'static str,
    pub proceedings: Vec<Proceeding>,
    /// A bond hearing to come: it stands beside the case's own and does not disagree with it.
    pub bond: Option<Sitting>,
}

/// At one court.
pub(super) struct Proceeding {
    pub town: &'static Town,
    pub opened_on: Date,
    pub came_from: Option<&'static Town>,
    pub hearings: Vec<Sitting>,
    pub end: Option<End>,
}

/// How a proceeding ended.
pub(super) struct End {
    pub on: Date,
    pub decision: Option<&'static str>,
    pub completion: Option<&'static str>,
    pub in_absentia: bool,
    pub went_to: Option<&'static Town>,
}

/// A hearing that was set, and what became of it.
#[derive(Clone)]
pub(super) struct Sitting {
    pub on: Date,
    pub at: &'static str,
    pub is_individual: bool,
    pub set_on: Date,
    /// What set it, when something moved it here.
    pub moved_by: Option<Move>,
    /// The day a reason was entered, and the reason.
    pub outcome: Option<(Date, &'static str)>,
}

/// What moves a hearing before its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    Postponed,
    Advanced,
    OffCalendar,
    VenueChanged,
    DecidedBefore,
}

pub(super) const MOVES: &[(i32, Move)] = &[
    (60, Move::Postponed),
    (14, Move::Advanced),
    (9, Move::OffCalendar),
    (13, Move::VenueChanged),
    (4, Move::DecidedBefore),
];

pub(super) const POSTPONED: &[&str] = &["9A", "34", "19", "41", "64", "14", "59", "74"];
pub(super) const ADVANCED: &[&str] = &["55", "5A", "9B"];
pub(super) const OFF_CALENDAR: &[&str] = &["9C", "9V", "TQ"];
/// At the hearing, and it goes on another day.
pub(super) const CONTINUED: &[(i32, &str)] = &[
    (200, "01"),
    (150, "02"),
    (120, "17"),
    (60, "05"),
    (60, "13"),
    (40, "12"),
    (30, "38"),
    (20, "45"),
    (15, "18"),
    (10, "10"),
    (10, "4C"),
    (8, "33"),
    (8, "4E"),
    (4, "1B"),
    (3, "54"),
];

impl CourtLife {
    /// The case's own hearing that was set last and still stands. Its day may have passed.
    pub fn next(&self) -> Option<(&Proceeding, &Sitting)> {
        let last = self.proceedings.last()?;
        let sitting = last.hearings.last()?;
        (last.end.is_none() && sitting.outcome.is_none()).then_some((last, sitting))
    }

    /// Whether any hearing was adjourned for this reason.
    pub fn had(&self, reason: &str) -> bool {
        self.proceedings.iter().flat_map(|p| &p.hearings).any(|h| h.outcome.is_some_and(|(_, code)| code == reason))
    }
}
