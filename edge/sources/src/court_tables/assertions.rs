//! What the court's tables say of one number, as assertions for its case and as bytes for its digest.
//! Whether it adds up is left to the checks; keeping it, to the store.

use crate::court_tables::codes::{AdjournmentEffect, CalendarKind, DecisionKind};
use crate::court_tables::history::{
    Adjournment, CourtCase, CourtHistory, CustodyStatus, Hearing, HearingPlace, Medium, Proceeding, Track,
};
use crate::court_tables::next_hearing::{self, Found, next_hearing};
use caseline_model::{Date, Time};
use caseline_records::{
    Assertion, CustodyStatus as Custody, HearingKind, HearingTime, Medium as HeldBy, Obtained, Outcome, SourceKind,
    Value,
};

/// The assertions of one number from one feed, as of the feed's day. Cancelled rows are kept as such and never as the
/// next hearing. "No hearing" is said only where no row was set aside and none was garbled.
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
        next_hearing::Answer::None if next.set_aside.is_empty() && !next.is_incomplete => {
            out.push(assertion(Value::NoHearing, None));
        }
        next_hearing::Answer::None => {}
        next_hearing::Answer::One(found) => out.push(assertion(hearing_value(found), changed_on(found.hearing))),
        next_hearing::Answer::Disagree(all) => {
            out.extend(all.iter().map(|found| assertion(hearing_value(found), changed_on(found.hearing))));
        }
    }
    for case in &history.cases {
        for hearing in hearings(case).filter(|hearing| hearing.track == Track::Case) {
            if let Some(value) = adjourned_value(hearing) {
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
        at: HearingTime { date: found.on, time: hearing.starts_at.filter(|time| !time.is_midnight()) },
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

/// Rows that say that a day is off. A hearing that was begun and goes on another day is not one of them.
fn adjourned_value(hearing: &Hearing) -> Option<Value> {
    let on = hearing.on?;
    let was = HearingTime { date: on, time: hearing.starts_at.filter(|time| !time.is_midnight()) };
    match hearing.adjournment.as_ref()? {
        Adjournment::LawyerFirst => Some(Value::AdjournedLawyerFirst),
        Adjournment::Listed(reason) => match reason.effect {
            AdjournmentEffect::Advanced
            | AdjournmentEffect::Postponed
            | AdjournmentEffect::OffCalendar
            | AdjournmentEffect::CourtClosed
            | AdjournmentEffect::CompletedBefore => Some(Value::Adjourned { was, reason: Some(reason.code.clone()) }),
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
