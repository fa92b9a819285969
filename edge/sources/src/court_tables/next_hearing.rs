//! Says which hearing is next: every row is read with its reason and with the rows that came later.
//! The first future date is often wrong, since cancelled hearings stay in the court's data. Whether the answer may be
//! spoken, and how, is left to the checks.

use crate::court_tables::history::Decision;
use crate::court_tables::history::{
    Adjournment, CourtCase, CourtHistory, Hearing, HearingPlace, Medium, Proceeding, Track,
};
use caseline_model::Date;
use jiff::civil::Weekday;

/// A date further ahead is no hearing date (check R04 takes the same bound).
pub const YEARS_AHEAD_MAX: i16 = 10;

/// What the rows come to, as seen from a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextHearing<'a> {
    /// The next hearing.
    pub answer: Answer<'a>,
    /// Hearings of another track or another court case that stand beside it, earliest first.
    pub also: Vec<Found<'a>>,
    /// Rows with a day to come that do not count, and why.
    pub set_aside: Vec<SetAside<'a>>,
    /// Rows of this person were garbled or had no readable date: "no hearing" is not to be said for sure.
    pub is_incomplete: bool,
}

/// None, one, or several that disagree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// No row says that a hearing stands. It does not mean that there is none: see what was set aside.
    None,
    /// One hearing (or several rows that say the same).
    One(Found<'a>),
    /// Rows that cannot all be right, earliest first. The safe behaviour is to keep every date.
    Disagree(Vec<Found<'a>>),
}

/// A row that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// Its case.
    pub case: &'a CourtCase,
    /// Its proceeding, if that is in the delivery.
    pub proceeding: Option<&'a Proceeding>,
    /// The row.
    pub hearing: &'a Hearing,
    /// Its day.
    pub on: Date,
    /// What speaks against it.
    pub doubts: Vec<Doubt>,
}

/// What speaks against a row that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// More than [`YEARS_AHEAD_MAX`] years ahead.
    ImpossibleYear,
    /// Saturday or Sunday.
    Weekend,
    /// Midnight, or no time: none was set.
    NoTime,
    /// A reason was entered that is in no table here.
    UnknownReason,
    /// Its proceeding has ended.
    ProceedingEnded,
    /// Marked as not held.
    MarkedNotHeld,
    /// Two rows of one key differ.
    Contested,
}

impl Doubt {
    /// Whether a row with it gives way to a row without.
    const fn gives_way(self) -> bool {
        matches!(self, Self::ImpossibleYear | Self::UnknownReason | Self::MarkedNotHeld)
    }
}

/// A row with a day to come that does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside<'a> {
    /// Its case.
    pub case: &'a CourtCase,
    /// The row.
    pub hearing: &'a Hearing,
    /// Why.
    pub why: WhySetAside,
}

/// Why a row with a day to come does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WhySetAside {
    /// A reason was entered: it was cancelled, moved or already decided.
    Adjourned,
    /// The case went on at another court.
    MovedToAnotherCourt,
    /// No sitting of the person: the judge's leave, office work.
    NoHearing,
    /// Another row stands without this doubt.
    GaveWay(Doubt),
}

/// The next hearing of a person, over all of their court cases.
pub fn next_hearing(history: &CourtHistory, today: Date) -> NextHearing<'_> {
    let mut disagreeing = Vec::new();
    let mut found = Vec::new();
    let mut set_aside = Vec::new();
    let mut is_incomplete = history.contested_case_count > 0;
    for case in &history.cases {
        let of_case = next_hearing_in(case, today);
        match of_case.answer {
            Answer::None => {}
            Answer::One(one) => found.push(one),
            Answer::Disagree(rows) => disagreeing.extend(rows),
        }
        found.extend(of_case.also);
        set_aside.extend(of_case.set_aside);
        is_incomplete |= of_case.is_incomplete;
    }
    NextHearing::of(disagreeing, found, set_aside, is_incomplete)
}

/// The next hearing of one court case.
pub fn next_hearing_in(case: &CourtCase, today: Date) -> NextHearing<'_> {
    let mut is_incomplete = case.garbled_row_count > 0;
    let mut set_aside = Vec::new();
    let mut standing: Vec<Found<'_>> = Vec::new();
    let placed = case.proceedings.iter().flat_map(|p| p.hearings.iter().map(move |h| (Some(p), h)));
    for (proceeding, hearing) in placed.chain(case.unplaced_hearings.iter().map(|h| (None, h))) {
        let Some(on) = hearing.on else {
            is_incomplete |= hearing.adjournment.is_none() && hearing.is_of_the_person();
            continue;
        };
        if on < today {
            continue;
        }
        let why = if !hearing.is_of_the_person() {
            Some(WhySetAside::NoHearing)
        } else if matches!(hearing.adjournment, Some(Adjournment::Listed(_) | Adjournment::LawyerFirst)) {
            Some(WhySetAside::Adjourned)
        } else if proceeding.is_some_and(|p| went_on_elsewhere(case, p)) {
            Some(WhySetAside::MovedToAnotherCourt)
        } else {
            None
        };
        match why {
            Some(why) => set_aside.push(SetAside { case, hearing, why }),
            None => {
                let doubts = doubts(proceeding, hearing, on, today);
                standing.push(Found { case, proceeding, hearing, on, doubts });
            }
        }
    }
    let mut disagreeing = Vec::new();
    let mut found = Vec::new();
    for track in [Track::Case, Track::Bond, Track::Motion] {
        let of_track: Vec<Found<'_>> = standing.iter().filter(|f| f.hearing.track == track).cloned().collect();
        let mut rows = let_doubtful_ones_give_way(of_track, &mut set_aside);
        rows.sort_by_key(|f| (f.on, f.hearing.starts_at, f.hearing.id));
        // Of rows that say the same, the first one speaks for all.
        rows.dedup_by(|later, first| say_the_same(first.hearing, later.hearing));
        if rows.len() > 1 {
            disagreeing.extend(rows);
        } else {
            found.extend(rows);
        }
    }
    NextHearing::of(disagreeing, found, set_aside, is_incomplete)
}

impl<'a> NextHearing<'a> {
    fn of(
        mut disagreeing: Vec<Found<'a>>,
        mut found: Vec<Found<'a>>,
        set_aside: Vec<SetAside<'a>>,
        is_incomplete: bool,
    ) -> Self {
        let in_order = |f: &Found<'a>| (f.on, f.hearing.starts_at, f.hearing.id);
        disagreeing.sort_by_key(in_order);
        found.sort_by_key(in_order);
        let answer = if !disagreeing.is_empty() {
            Answer::Disagree(disagreeing)
        } else if found.is_empty() {
            Answer::None
        } else {
            Answer::One(found.remove(0))
        };
        Self { answer, also: found, set_aside, is_incomplete }
    }
}

/// A change of venue or a transfer ended the proceeding, and a later one of the same case exists.
fn went_on_elsewhere(case: &CourtCase, proceeding: &Proceeding) -> bool {
    let moved = proceeding.completion.as_ref().and_then(Decision::kind).is_some_and(|k| k.moves_on());
    moved && case.proceedings.iter().any(|p| (p.input_on, p.id) > (proceeding.input_on, proceeding.id))
}

fn doubts(proceeding: Option<&Proceeding>, hearing: &Hearing, on: Date, today: Date) -> Vec<Doubt> {
    let has_ended = |p: &Proceeding| p.completed_on.is_some() || p.decision.is_some() || p.completion.is_some();
    let is_contested = hearing.is_contested || proceeding.is_some_and(|p| p.is_contested);
    [
        (on.year() > today.year().saturating_add(YEARS_AHEAD_MAX), Doubt::ImpossibleYear),
        (matches!(on.weekday(), Weekday::Saturday | Weekday::Sunday), Doubt::Weekend),
        (hearing.starts_at.is_none_or(|t| t.is_midnight()), Doubt::NoTime),
        (matches!(hearing.adjournment, Some(Adjournment::Unlisted(_))), Doubt::UnknownReason),
        (proceeding.is_some_and(has_ended), Doubt::ProceedingEnded),
        (hearing.medium == Some(Medium::NotHeld), Doubt::MarkedNotHeld),
        (is_contested, Doubt::Contested),
    ]
    .into_iter()
    .filter_map(|(applies, doubt)| applies.then_some(doubt))
    .collect()
}

fn let_doubtful_ones_give_way<'a>(rows: Vec<Found<'a>>, set_aside: &mut Vec<SetAside<'a>>) -> Vec<Found<'a>> {
    let weakness = |f: &Found<'a>| f.doubts.iter().copied().find(|d| d.gives_way());
    if rows.iter().all(|f| weakness(f).is_some()) {
        return rows;
    }
    rows.into_iter()
        .filter(|f| match weakness(f) {
            None => true,
            Some(doubt) => {
                set_aside.push(SetAside { case: f.case, hearing: f.hearing, why: WhySetAside::GaveWay(doubt) });
                false
            }
        })
        .collect()
}

/// Same day, time and place. The medium is overwritten by the court, so it does not make two hearings of one.
fn say_the_same(a: &Hearing, b: &Hearing) -> bool {
    let place = |h: &Hearing| h.place.clone().filter(|p| !matches!(p, HearingPlace::Unlisted(_)));
    let differ = |a: Option<HearingPlace>, b: Option<HearingPlace>| a.zip(b).is_some_and(|(a, b)| a != b);
    a.on == b.on && a.starts_at == b.starts_at && a.court == b.court && !differ(place(a), place(b))
}
