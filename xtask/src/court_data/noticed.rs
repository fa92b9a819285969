//! What a reader of both deliveries must notice about a case, and what it must not: worked out from the true lives and
//! from what the clerk wrote, by the wording of the checks in docs/concepts/records.md, not by their code.
//! How the rows came about is left to `later`.

use crate::court_data::clerk::{About, Row, SCHEDULE, get};
use crate::court_data::event::CourtLife;
use crate::court_data::later::{Deed, Lives};
use crate::court_data::truth::{FeedReads, Hearing};
use caseline_model::{Date, TimeOfDay};
use caseline_records::paper::is_impossible_hearing;
use std::collections::BTreeSet;

/// Reasons that explain where a day went.
const EXPLAINS: &[&str] = &["9A", "34", "19", "41", "64", "14", "74", "55", "5A", "9B", "8A"];
/// Reasons by which a day is off without a new one.
const OFF: &[&str] = &["9C", "9V", "TQ", "59"];
const ADVANCED: &[&str] = &["55", "5A", "9B"];

/// What stands in a delivery's rows of one case.
#[derive(Default)]
pub(super) struct Written {
    /// Its own hearings that stand, earliest first.
    pub own: Vec<Hearing>,
    /// Its bond hearing, if that stands.
    pub bond: Option<Hearing>,
    /// Days that are off, with the reason.
    off: Vec<(Date, String)>,
    /// A standing row without a readable day: nobody can say that there is none.
    is_incomplete: bool,
    has_code_54: bool,
}

impl Written {
    /// Reads rows as somebody would who knows the life behind them.
    pub fn of(rows: &[Row], life: &CourtLife, today: Date) -> Self {
        let mut written = Self::default();
        for row in rows.iter().filter(|row| row.table == SCHEDULE && !row.is_to_be_garbled) {
            let text = |column| get(row, column).map(|cell| String::from_utf8_lossy(cell).into_owned());
            let (day, reason) = (text("ADJ_DATE").unwrap_or_default(), text("ADJ_RSN").unwrap_or_default());
            let day: Option<Date> = day.get(..10).and_then(|day| day.parse().ok());
            written.has_code_54 |= reason == "54";
            let About::Sitting { proceeding, .. } = row.about else {
                if let Some(on) = day.filter(|on| *on >= today && reason.is_empty()) {
                    written.bond = Some(hearing(row, on));
                }
                continue;
            };
            let has_moved_on = life.proceedings.get(proceeding).and_then(|p| p.end.as_ref());
            let has_moved_on = has_moved_on.is_some_and(|end| end.went_to.is_some());
            match day {
                // An older state of a row stands beside the newer one under its key.
                _ if is_older_state(rows, row) => {}
                None => written.is_incomplete |= reason.is_empty(),
                Some(on) if reason.is_empty() => {
                    if on >= today && !has_moved_on {
                        written.own.push(hearing(row, on));
                    }
                }
                Some(_) if reason == "99" => {}
                Some(on) if on >= today || EXPLAINS.contains(&&*reason) || OFF.contains(&&*reason) => {
                    written.off.push((on, reason));
                }
                Some(_) => {}
            }
        }
        written.own.sort();
        written.own.dedup();
        // A year that no court sets gives way to a row without that doubt.
        let is_far = |hearing: &Hearing| hearing.on.year() > today.year() + 10;
        if written.own.iter().any(|hearing| !is_far(hearing)) {
            written.own.retain(|hearing| !is_far(hearing));
        }
        written
    }

    /// As the truth file says it.
    pub fn reads(&self) -> FeedReads {
        match self.own.len() {
            0 | 1 => self.first().cloned().map_or(FeedReads::None, FeedReads::One),
            _ => FeedReads::Several(self.own.clone()),
        }
    }

    /// The hearing that is told first.
    fn first(&self) -> Option<&Hearing> {
        match self.own.len() {
            0 => self.bond.as_ref(),
            1 => self.own.iter().chain(&self.bond).min(),
            _ => self.own.first(),
        }
    }
}

/// The checks that must speak once both deliveries were read, each on its day.
pub(super) fn must_come(lives: &Lives<'_>, first: &Written, second: &Written, deed: Deed) -> BTreeSet<&'static str> {
    let today = lives.second_on;
    let mut findings = BTreeSet::new();
    if first.has_code_54 || second.has_code_54 {
        findings.insert("R21");
    }
    let ordered_in_absence = |life: &CourtLife| {
        let decided = life.proceedings.iter().rev().filter_map(|p| p.end.as_ref()).find(|end| end.went_to.is_none());
        decided.is_some_and(|end| end.in_absentia)
    };
    if ordered_in_absence(lives.first) || (deed != Deed::CaseGone && ordered_in_absence(lives.second)) {
        findings.insert("R19");
    }
    if deed == Deed::CaseGone {
        let is_closed = lives.first.proceedings.last().is_some_and(|last| last.end.is_some());
        if !is_closed || !first.own.is_empty() || first.bond.is_some() {
            findings.insert("R16");
        }
        return findings;
    }
    let told_before: Vec<Date> = first.own.iter().chain(&first.bond).map(|hearing| hearing.on).collect();
    let Some(next) = second.first() else {
        let is_explained =
            |day: &Date| second.off.iter().any(|(on, reason)| on == day && !OFF.contains(&reason.as_str()));
        let was_told = told_before.iter().any(|day| *day >= today && !is_explained(day));
        let is_off = second.off.iter().any(|(on, _)| *on >= today && !is_explained(on));
        if !second.is_incomplete && (was_told || is_off) {
            findings.insert("R14");
        }
        return findings;
    };
    let same_track = second.own.first();
    let was_moved = second.off.iter().any(|(was, reason)| {
        (ADVANCED.contains(&reason.as_str()) || *was >= today)
            && *was > next.on
            && same_track.is_none_or(|now| now.on < *was)
    });
    let last_plausible_year = today.year() + 10;
    let still_stands = |day: Date| second.own.iter().chain(&second.bond).any(|hearing| hearing.on == day);
    // What a reader was told of first before, which stands no more, and whose row says nothing.
    let told_first: Vec<Date> = match first.own.len() {
        0 | 1 => first.first().map(|hearing| hearing.on).into_iter().collect(),
        _ => first.own.iter().map(|hearing| hearing.on).collect(),
    };
    let was_typed_over = told_first.iter().any(|day| {
        *day > next.on
            && day.year() <= last_plausible_year
            && !still_stands(*day)
            && !second.off.iter().any(|(on, _)| on == day)
    });
    if was_moved || was_typed_over {
        findings.insert("R13");
    }
    if second.own.iter().any(|other| (other.on, other.at) != (second.own[0].on, second.own[0].at)) {
        findings.insert("R01");
    }
    let told: Vec<&Hearing> = if second.own.len() > 1 { second.own.iter().collect() } else { vec![next] };
    if told.iter().any(|hearing| is_impossible_hearing(hearing.on, Some(hearing.at), today)) {
        findings.insert("R04");
    }
    findings
}

/// A second row of one key whose state is older: the reader takes the later one.
fn is_older_state(rows: &[Row], row: &Row) -> bool {
    let key = get(row, "IDNSCHEDULE");
    let changed = get(row, "UPDATE_DATE");
    rows.iter().any(|other| {
        other.table == SCHEDULE
            && !other.is_to_be_garbled
            && get(other, "IDNSCHEDULE") == key
            && get(other, "UPDATE_DATE") > changed
    })
}

fn hearing(row: &Row, on: Date) -> Hearing {
    let text = |column| get(row, column).map(|cell| String::from_utf8_lossy(cell).into_owned()).unwrap_or_default();
    let at: TimeOfDay = text("ADJ_TIME_START").parse().expect("the hours of this generator are hours");
    Hearing { on, at, court: text("BASE_CITY_CODE"), place: text("HEARING_LOC_CODE") }
}
