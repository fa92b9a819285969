//! Lives one court case through, from the charging document to the day the tables are made: hearings set, postponed,
//! moved earlier, taken off the calendar, moved to another court, decided, reopened.
//! What a clerk makes of it is left to `clerk`.

use crate::court_data::event::{
    ADVANCED, CONTINUED, CourtLife, End, MOVES, Move, OFF_CALENDAR, POSTPONED, Proceeding, Sitting,
};
use crate::court_data::random::Chance;
use crate::court_data::towns::{HOURS, LANGUAGES, TOWNS, Town};
use caseline_model::Date;
use jiff::ToSpan;
use jiff::civil::Weekday;

/// Hearings of one case.
const SITTINGS_MAX: usize = 40;

/// Lives one case through.
pub(super) fn live(chance: &mut Chance, today: Date) -> CourtLife {
    let mut life = live_on(chance, today, today);
    let opened_on = life.proceedings.first().map_or(today, |first| first.opened_on);
    if life.custody == 'D' && chance.per_mille(250) {
        let on = court_day(days_after(today, chance.between(3, 40)));
        let set_on = days_after(today, -chance.between(0, 6)).max(opened_on);
        // At an hour of its own, so that no two hearings of one person begin together.
        life.bond = Some(Sitting { on, at: "1100", is_individual: false, set_on, moved_by: None, outcome: None });
    }
    life
}

/// Lives the same case through to a later day than the one on which the first tables were made. From the same stream of
/// chance it is the same life up to that day. Its bond hearing is left to the caller.
pub(super) fn live_on(chance: &mut Chance, today: Date, until: Date) -> CourtLife {
    let charged_on = days_after(today, -chance.between(20, 3_600));
    let custody = chance.weighted(&[(82, 'N'), (10, 'R'), (8, 'D')]);
    let mut life = CourtLife {
        charged_on,
        case_type: chance.weighted(&[(93, "RMV"), (4, "AOC"), (3, "WHO")]),
        custody,
        language: chance.weighted(LANGUAGES),
        proceedings: Vec::new(),
        bond: None,
    };
    let opened_on = days_after(charged_on, chance.between(0, 60)).min(today);
    open(&mut life, chance.weighted(TOWNS), opened_on, None);
    let mut from = opened_on;
    let mut moved_by = None;
    for _ in 0..SITTINGS_MAX {
        match one_hearing(&mut life, chance, until, from, moved_by) {
            Some((later, by)) => (from, moved_by) = (later, by),
            None => break,
        }
    }
    life
}

/// Sets the next hearing and lives until it is over or moved. The day from which the one after it is set, or `None`
/// when the history has reached today or its end.
fn one_hearing(
    life: &mut CourtLife,
    chance: &mut Chance,
    today: Date,
    from: Date,
    moved_by: Option<Move>,
) -> Option<(Date, Option<Move>)> {
    let held = life.custody == 'D';
    if moved_by.is_none() && chance.per_mille(30) {
        // Not set yet.
        return None;
    }
    let ahead = match (moved_by, held) {
        (Some(Move::Advanced), _) => chance.between(9, 60),
        (_, true) => chance.between(7, 45),
        (_, false) => chance.between(40, 900),
    };
    let count = life.proceedings.iter().map(|p| p.hearings.len()).sum::<usize>();
    let sitting = Sitting {
        on: court_day(days_after(from, ahead)),
        at: chance.weighted(HOURS),
        is_individual: count > 1 && chance.per_mille(400),
        set_on: from,
        moved_by,
        outcome: None,
    };
    let on = sitting.on;
    last(life).hearings.push(sitting);

    if chance.per_mille(260) && on > days_after(from, 3) {
        let moved_on = days_after(from, chance.between(1, (on - from).get_days() - 1));
        if moved_on <= today {
            return moved(life, chance, today, moved_on, on);
        }
    }
    if on >= today {
        return None;
    }
    held_on(life, chance, today, on)
}

/// Something moves the hearing before its day.
fn moved(
    life: &mut CourtLife,
    chance: &mut Chance,
    today: Date,
    on: Date,
    was_for: Date,
) -> Option<(Date, Option<Move>)> {
    let by = chance.weighted(MOVES);
    // There must be room to move it to an earlier day.
    let by = if by == Move::Advanced && days_after(on, 75) > was_for { Move::Postponed } else { by };
    match by {
        Move::Postponed => {
            outcome(life, on, chance.one_of(POSTPONED));
            Some((on, Some(by)))
        }
        Move::Advanced => {
            outcome(life, on, chance.one_of(ADVANCED));
            Some((on, Some(by)))
        }
        Move::OffCalendar => {
            outcome(life, on, chance.one_of(OFF_CALENDAR));
            let set_again_on = days_after(on, chance.between(60, 500));
            (set_again_on <= today).then_some((set_again_on, None))
        }
        Move::VenueChanged => {
            outcome(life, on, "12");
            change_venue(life, chance, on);
            Some((on, Some(by)))
        }
        Move::DecidedBefore => {
            outcome(life, on, "8A");
            let (decision, completion) = chance.one_of(&[(Some("T"), None), (None, Some("Y")), (None, Some("A"))]);
            decide(life, on, decision, completion, false);
            reopened(life, chance, today, on)
        }
    }
}

/// The day comes.
fn held_on(life: &mut CourtLife, chance: &mut Chance, today: Date, on: Date) -> Option<(Date, Option<Move>)> {
    match chance.between(0, 99) {
        0..=69 => {
            outcome(life, on, chance.weighted(CONTINUED));
            Some((on, None))
        }
        70..=73 => {
            outcome(life, on, "12");
            change_venue(life, chance, on);
            Some((on, Some(Move::VenueChanged)))
        }
        74..=88 => {
            outcome(life, on, "8B");
            let decision = match life.case_type {
                "RMV" => chance.weighted(&[(50, "X"), (25, "R"), (15, "T"), (10, "V")]),
                _ => chance.one_of(&["G", "D", "W"]),
            };
            decide(life, on, Some(decision), None, false);
            reopened(life, chance, today, on)
        }
        89..=95 => {
            outcome(life, on, "8B");
            let decision = if life.case_type == "RMV" { "X" } else { "D" };
            decide(life, on, Some(decision), None, true);
            reopened(life, chance, today, on)
        }
        // Nobody wrote down what happened, and nothing is set yet.
        _ => None,
    }
}

fn reopened(life: &mut CourtLife, chance: &mut Chance, today: Date, ended_on: Date) -> Option<(Date, Option<Move>)> {
    if !chance.per_mille(120) {
        return None;
    }
    // Remand, or a motion to reopen that was granted.
    let opened_on = days_after(ended_on, chance.between(20, 400));
    if opened_on > today {
        return None;
    }
    let town = last(life).town;
    open(life, town, opened_on, None);
    Some((opened_on, None))
}

fn change_venue(life: &mut CourtLife, chance: &mut Chance, on: Date) {
    let old = last(life).town;
    let mut new = chance.weighted(TOWNS);
    while new.court == old.court {
        new = chance.weighted(TOWNS);
    }
    let last = last(life);
    last.end = Some(End { on, decision: None, completion: Some("C"), in_absentia: false, went_to: Some(new) });
    open(life, new, on, Some(old));
}

fn decide(
    life: &mut CourtLife,
    on: Date,
    decision: Option<&'static str>,
    completion: Option<&'static str>,
    in_absentia: bool,
) {
    last(life).end = Some(End { on, decision, completion, in_absentia, went_to: None });
}

fn outcome(life: &mut CourtLife, on: Date, reason: &'static str) {
    if let Some(sitting) = last(life).hearings.last_mut() {
        sitting.outcome = Some((on, reason));
    }
}

fn open(life: &mut CourtLife, town: &'static Town, opened_on: Date, came_from: Option<&'static Town>) {
    life.proceedings.push(Proceeding { town, opened_on, came_from, hearings: Vec::new(), end: None });
}

fn last(life: &mut CourtLife) -> &mut Proceeding {
    life.proceedings.last_mut().expect("a life begins with a proceeding")
}

/// Counts days. Dates stay within some decades of today, so the calendar does not end.
pub(super) fn days_after(date: Date, days: i32) -> Date {
    date.saturating_add(days.days())
}

/// That day, or the Monday after it.
pub(super) fn court_day(date: Date) -> Date {
    match date.weekday() {
        Weekday::Saturday => days_after(date, 2),
        Weekday::Sunday => days_after(date, 1),
        _ => date,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_hearing_that_stands_is_today_or_later_and_on_a_court_day() {
        let today = date(2026, 11, 20);
        let mut standing = 0;
        for stream in 0..3_000 {
            let life = live(&mut Chance::of(5, stream), today);
            let Some((_, sitting)) = life.next() else { continue };
            if sitting.on >= today {
                standing += 1;
                assert!(!matches!(sitting.on.weekday(), Weekday::Saturday | Weekday::Sunday));
            }
        }
        assert!((800..2_600).contains(&standing), "{standing}");
    }

    #[test]
    fn everything_that_can_happen_happens() {
        let today = date(2026, 11, 20);
        let lives: Vec<CourtLife> = (0..3_000).map(|stream| live(&mut Chance::of(9, stream), today)).collect();
        for reason in ["9A", "55", "9B", "9C", "TQ", "8A", "8B", "10", "54", "1B", "4C", "59"] {
            assert!(lives.iter().any(|life| life.had(reason)), "{reason}");
        }
        let ends = || lives.iter().flat_map(|l| &l.proceedings).filter_map(|p| p.end.as_ref());
        assert!(ends().any(|e| e.in_absentia) && ends().any(|e| e.went_to.is_some()));
        assert!(lives.iter().any(|l| l.proceedings.len() > 2));
    }
}
