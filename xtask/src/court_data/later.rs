//! The second delivery: the same lives a month later, written down by the same clerk, who went on slipping. Rows that
//! nothing happened to say what they said; some are gone, though nothing happened.
//! What a reader of both must notice is left to `noticed`.

use crate::court_data::clerk::{
    About, CASE, Entry, Keys, PROCEEDING, Row, SCHEDULE, Sheet, get, proceeding_row, schedule_row, set, set_date,
    set_owned,
};
use crate::court_data::court_life::{court_day, days_after};
use crate::court_data::event::{CourtLife, Sitting};
use crate::court_data::random::Chance;
use caseline_model::Date;

/// The release comes once a month.
pub const DAYS_BETWEEN: i32 = 31;
/// A day that a clerk types over an old one lies so far ahead at least.
const NOTICE_DAYS: i32 = 12;

/// What happened to the files between the deliveries, though nothing happened to the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    None,
    /// All rows of the case are gone.
    CaseGone,
    /// The row of the hearing that stands is gone.
    HearingGone,
    /// Its day was typed over with an earlier one.
    EarlierInItsRow,
    /// Its day was typed over with a later one.
    LaterInItsRow,
    /// A row is garbled.
    Garbled,
}

impl Deed {
    /// As the truth file names it.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::CaseGone => Some("case_gone"),
            Self::HearingGone => Some("hearing_gone"),
            Self::EarlierInItsRow => Some("earlier_in_its_row"),
            Self::LaterInItsRow => Some("later_in_its_row"),
            Self::Garbled => Some("garbled_later"),
        }
    }
}

const DEEDS: &[(i32, Deed)] = &[
    (900, Deed::None),
    (20, Deed::CaseGone),
    (30, Deed::HearingGone),
    (20, Deed::EarlierInItsRow),
    (10, Deed::LaterInItsRow),
    (20, Deed::Garbled),
];

/// A case in both deliveries.
pub(super) struct Lives<'a> {
    /// Until the first.
    pub first: &'a CourtLife,
    /// Until the second.
    pub second: &'a CourtLife,
    /// The day of the first.
    pub first_on: Date,
    /// The day of the second.
    pub second_on: Date,
    /// Its key.
    pub case_id: u64,
    /// Another case stands under the same number: then nothing happens to its files alone.
    pub is_of_pair: bool,
}

/// Writes the second delivery's rows of a case.
pub(super) fn rows_of(lives: &Lives<'_>, first: &Sheet, keys: &mut Keys, chance: &mut Chance) -> (Vec<Row>, Deed) {
    let standing = lives.second.next().filter(|(_, sitting)| sitting.on >= lives.second_on).map(|(_, sitting)| sitting);
    let deed = applicable(chance.weighted(DEEDS), lives, standing);
    if deed == Deed::CaseGone {
        return (Vec::new(), deed);
    }
    let mut rows: Vec<Row> = first.rows.iter().filter(|row| row.about == About::Case).cloned().collect();
    for (at, proceeding) in lives.second.proceedings.iter().enumerate() {
        let about = About::Proceeding(at);
        let kept = first.rows.iter().find(|row| row.about == about);
        let proceeding_id = match kept.and_then(|row| get(row, "IDNPROCEEDING")) {
            Some(id) => std::str::from_utf8(id).ok().and_then(|id| id.parse().ok()).unwrap_or(0),
            None => {
                keys.proceeding += 1;
                keys.proceeding
            }
        };
        let has_just_ended =
            lives.first.proceedings.get(at).is_none_or(|p| p.end.is_none()) && proceeding.end.is_some();
        rows.push(match kept {
            Some(row) if !has_just_ended => row.clone(),
            _ => {
                let mut row = proceeding_row(lives.second, proceeding, proceeding_id, lives.case_id, chance);
                row.about = about;
                row
            }
        });
        let of_proceeding = Keys { proceeding: proceeding_id, schedule: 0 };
        for (place, sitting) in proceeding.hearings.iter().enumerate() {
            let of_sitting = |row: &&Row| matches!(row.about, About::Sitting { proceeding, place: its, .. } if (proceeding, its) == (at, place));
            let before: Vec<Row> = first.rows.iter().filter(of_sitting).cloned().collect();
            if before.is_empty() {
                keys.schedule += 1;
                let keys = Keys { schedule: keys.schedule, ..of_proceeding };
                let about = About::Sitting { proceeding: at, place, is_own: true };
                let entry = Entry::plain(lives.second, about, sitting, proceeding, lives.case_id, lives.second_on);
                rows.push(schedule_row(&entry, &keys, sitting.on, sitting.at, sitting.outcome, sitting.set_on, chance));
                continue;
            }
            let was = lives.first.proceedings.get(at).and_then(|p| p.hearings.get(place));
            let has_happened = was.is_some_and(|was| was.outcome.is_none()) && sitting.outcome.is_some();
            let is_standing = standing.is_some_and(|standing| std::ptr::eq(standing, sitting));
            let is_mended = chance.per_mille(500);
            for mut row in before {
                let is_own = matches!(row.about, About::Sitting { is_own: true, .. });
                if is_own && (has_happened || (is_mended && (is_standing || sitting.outcome.is_some()))) {
                    write_anew(&mut row, sitting);
                }
                rows.push(row);
            }
        }
    }
    for row in first.rows.iter().filter(|row| row.about == About::Bond) {
        let mut row = row.clone();
        if lives.second.bond.as_ref().is_some_and(|bond| bond.on < lives.second_on) {
            set(&mut row, "ADJ_RSN", "8B");
        }
        rows.push(row);
    }
    rows.iter_mut().for_each(|row| row.is_to_be_garbled = false);
    if let Some(standing) = standing {
        happen(deed, &mut rows, standing, lives, chance);
    }
    (rows, deed)
}

fn applicable(deed: Deed, lives: &Lives<'_>, standing: Option<&Sitting>) -> Deed {
    let is_known = standing.is_some_and(|s| s.set_on <= lives.first_on);
    let has_room = standing.is_some_and(|s| s.on > days_after(lives.second_on, 2 * NOTICE_DAYS));
    match deed {
        _ if lives.is_of_pair => Deed::None,
        Deed::HearingGone | Deed::LaterInItsRow | Deed::Garbled if !is_known => Deed::None,
        Deed::EarlierInItsRow if !is_known || !has_room => Deed::None,
        other => other,
    }
}

fn happen(deed: Deed, rows: &mut Vec<Row>, standing: &Sitting, lives: &Lives<'_>, chance: &mut Chance) {
    let last = lives.second.proceedings.len() - 1;
    let place = lives.second.proceedings[last].hearings.len() - 1;
    let is_it = |row: &Row| {
        matches!(row.about, About::Sitting { proceeding, place: its, .. } if (proceeding, its) == (last, place))
            && get(row, "ADJ_RSN").is_some_and(<[u8]>::is_empty)
    };
    let typed_over = match deed {
        Deed::EarlierInItsRow => {
            let room = (standing.on - lives.second_on).get_days() - NOTICE_DAYS;
            Some(court_day(days_after(lives.second_on, NOTICE_DAYS - 2 + chance.between(0, room - 2))))
        }
        Deed::LaterInItsRow => Some(court_day(days_after(standing.on, chance.between(7, 90)))),
        _ => None,
    };
    match deed {
        Deed::HearingGone => rows.retain(|row| !is_it(row)),
        Deed::Garbled => {
            let table = chance.weighted(&[(6, SCHEDULE), (1, PROCEEDING), (3, CASE)]);
            let found = rows.iter().position(|row| row.table == table && (table != SCHEDULE || is_it(row)));
            rows[found.unwrap_or(0)].is_to_be_garbled = true;
        }
        _ => {}
    }
    if let Some(on) = typed_over {
        for row in rows.iter_mut().filter(|row| is_it(row)) {
            set_date(row, "ADJ_DATE", on);
            set_owned(row, "ADJ_TIME_START", standing.at.to_owned());
            set_date(row, "UPDATE_DATE", days_after(lives.second_on, -3));
        }
    }
}

/// The clerk takes the row in hand: what is true is written over what was there.
fn write_anew(row: &mut Row, sitting: &Sitting) {
    set_date(row, "ADJ_DATE", sitting.on);
    set_owned(row, "ADJ_TIME_START", sitting.at.to_owned());
    if let Some((on, reason)) = sitting.outcome {
        set(row, "ADJ_RSN", reason);
        set_date(row, "UPDATE_DATE", on);
    }
}
