//! What the court's tables say of one number, as assertions for its case and as bytes for its digest.
//! Whether it adds up is left to the checks; keeping it, to the store.

use crate::court_tables::codes::{AdjournmentEffect, CalendarKind, DecisionKind};
use crate::court_tables::history::{
    Adjournment, CourtCase, CourtHistory, CustodyStatus, Hearing, HearingPlace, Medium, Proceeding, Track,
};
use crate::court_tables::next_hearing::{self, Found, next_hearing, next_hearing_in};
use caseline_model::{Date, Time};
use caseline_records::{
    Assertion, CustodyStatus as Custody, HearingKind, HearingTime, Medium as HeldBy, Obtained, Outcome, SourceKind,
    Value,
};

/// The assertions of one number from one feed, as of the feed's day. Cancelled rows are kept as such and never as the
/// next hearing. "No hearing" is said only where no row was garbled: it is what a source says whose rows with a day to
/// come were all called off, and what stops an earlier version's hearing from being told on.
pub fn assertions_of(history: &CourtHistory, observed_at: Time, today: Date) -> Vec<Assertion> {
    let assertion = |value, effective_on| Assertion {
        value,
        source: SourceKind::CourtFeed,
        obtained: Obtained::Imported,
        observed_at,
        effective_on,
    };
    if history.may_be_two_people {
        return vec![assertion(Value::MaybeTwoPeople, None)];
    }
    let mut out = Vec::new();
    let next = next_hearing(history, today);
    match &next.answer {
        next_hearing::Answer::None if next.is_incomplete => {}
        next_hearing::Answer::None => out.push(assertion(Value::NoHearing, None)),
        next_hearing::Answer::One(found) => out.push(assertion(hearing_value(found), changed_on(found.hearing))),
        next_hearing::Answer::Disagree(all) => {
            out.extend(all.iter().map(|found| assertion(hearing_value(found), changed_on(found.hearing))));
        }
    }
    out.extend(next.also.iter().map(|found| {
        assertion(Value::AlsoHearing { at: time_of(found.on, found.hearing) }, changed_on(found.hearing))
    }));
    for case in &history.cases {
        let now_on = goes_on_on(case, today);
        for hearing in hearings(case).filter(|hearing| hearing.track == Track::Case) {
            if let Some(value) = adjourned_value(hearing, now_on, today) {
                out.push(assertion(value, changed_on(hearing)));
            }
        }
        if let Some((value, on)) = case.proceedings.iter().rev().find_map(decision_value) {
            out.push(assertion(value, Some(on)));
        }
    }
    if let Some(case) = history.cases.last() {
        out.extend(case.custody.map(|status| assertion(Value::Custody { status: custody(status) }, None)));
        if let Some(language) = &case.language {
            let language = language.language().ok().map(|language| language.iso_639_3().to_owned());
            out.push(assertion(Value::CourtLanguage { language }, None));
        }
    }
    out
}

/// The bytes from which the vault makes its keyed digest: the same for the same facts, whatever the rows' order.
pub fn digest_input_of(history: &CourtHistory) -> Vec<u8> {
    let mut bytes = vec![u8::from(history.may_be_two_people)];
    bytes.extend_from_slice(&history.contested_case_count.to_be_bytes());
    for case in &history.cases {
        bytes.extend_from_slice(&case.id.to_be_bytes());
        for input in case.digest_inputs() {
            bytes.extend_from_slice(&u32::try_from(input.bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
            bytes.extend_from_slice(&input.bytes);
        }
    }
    bytes
}

fn hearings(case: &CourtCase) -> impl Iterator<Item = &Hearing> {
    case.proceedings.iter().flat_map(|proceeding| &proceeding.hearings).chain(&case.unplaced_hearings)
}

fn changed_on(hearing: &Hearing) -> Option<Date> {
    hearing.updated_on.or(hearing.input_on)
}

fn hearing_value(found: &Found<'_>) -> Value {
    let hearing = found.hearing;
    let court = match (&hearing.place, &hearing.court) {
        (Some(HearingPlace::Court(place)), _) => Some(place.name.clone()),
        (Some(_), _) => None,
        (None, court) => court.as_ref().and_then(|court| court.listed()).map(|court| court.name.clone()),
    };
    Value::Hearing {
        at: time_of(found.on, hearing),
        kind: match hearing.calendar_kind() {
            Some(CalendarKind::Master) => Some(HearingKind::Master),
            Some(CalendarKind::Individual) => Some(HearingKind::Individual),
            _ => None,
        },
        medium: match hearing.medium {
            Some(Medium::InPerson) => Some(HeldBy::InPerson),
            Some(Medium::Video | Medium::Internet | Medium::InternetCourt) => Some(HeldBy::Video),
            Some(Medium::Telephone) => Some(HeldBy::Telephone),
            _ => None,
        },
        court,
        detained_docket: matches!(hearing.place, Some(HearingPlace::DetainedDocket)),
    }
}

fn time_of(on: Date, hearing: &Hearing) -> HearingTime {
    HearingTime { date: on, time: hearing.starts_at.filter(|time| !time.is_midnight()) }
}

/// The first day on which this case's own hearings stand.
fn goes_on_on(case: &CourtCase, today: Date) -> Option<Date> {
    let of_case = next_hearing_in(case, today);
    let standing = match of_case.answer {
        next_hearing::Answer::None => Vec::new(),
        next_hearing::Answer::One(found) => vec![found],
        next_hearing::Answer::Disagree(all) => all,
    };
    let own = standing.iter().chain(&of_case.also).filter(|found| found.hearing.track == Track::Case);
    own.map(|found| found.on).min()
}

/// Rows that say that a day is off. A hearing that was begun and goes on another day is not one of them.
fn adjourned_value(hearing: &Hearing, now_on: Option<Date>, today: Date) -> Option<Value> {
    let was = time_of(hearing.on?, hearing);
    match hearing.adjournment.as_ref()? {
        Adjournment::LawyerFirst => Some(Value::AdjournedLawyerFirst),
        Adjournment::Listed(reason) => match reason.effect {
            AdjournmentEffect::Advanced
            | AdjournmentEffect::Postponed
            | AdjournmentEffect::OffCalendar
            | AdjournmentEffect::CourtClosed
            | AdjournmentEffect::CompletedBefore => {
                Some(Value::Adjourned { was, reason: Some(reason.code.clone()), now_on })
            }
            // A clerk's slip that was crossed out was never a hearing.
            AdjournmentEffect::EntryError => None,
            // With any other reason a day that is still to come is off: nothing was begun yet.
            _ if was.date >= today => Some(Value::Adjourned { was, reason: Some(reason.code.clone()), now_on }),
            _ => None,
        },
        Adjournment::Unlisted(_) => None,
    }
}

fn decision_value(proceeding: &Proceeding) -> Option<(Value, Date)> {
    let on = proceeding.completed_on?;
    let decision = proceeding.decision.as_ref().or(proceeding.completion.as_ref())?;
    if decision.kind().is_some_and(DecisionKind::moves_on) {
        // The case goes on elsewhere: nothing was decided.
        return None;
    }
    let in_absentia = proceeding.is_in_absentia == Some(true);
    Some((Value::Decision { on, outcome: outcome(decision.kind()), in_absentia }, on))
}

const fn outcome(kind: Option<DecisionKind>) -> Outcome {
    match kind {
        Some(DecisionKind::RemovalOrder | DecisionKind::RemovalWithProtection) => Outcome::RemovalOrder,
        Some(DecisionKind::Relief) => Outcome::Relief,
        Some(DecisionKind::VoluntaryDeparture) => Outcome::VoluntaryDeparture,
        Some(DecisionKind::Terminated) => Outcome::Closed,
        _ => Outcome::Other,
    }
}

const fn custody(status: CustodyStatus) -> Custody {
    match status {
        CustodyStatus::Detained => Custody::Detained,
        CustodyStatus::NeverDetained => Custody::NeverDetained,
        CustodyStatus::Released => Custody::Released,
    }
}
