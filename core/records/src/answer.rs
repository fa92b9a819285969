//! What is told about a case: each fact with its source, its date, and how it stands.
//! The words for it are left to `conversation`.

use crate::assertion::{Assertion, Field, HearingTime, Value};
use crate::checks::{self, Looked, current::CurrentHearings};
use crate::finding::{Finding, Rule};
use crate::paper::days_between;
use crate::source::{Obtained, SourceKind};
use caseline_model::{Date, Language, Time, Zone};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How a fact stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Two or more sources say the same.
    Agreed,
    /// One source says so.
    SingleSource,
    /// The newest observation is older than its source may be.
    Stale,
    /// Sources differ: neither is the fact; all are told.
    Disputed,
}

impl Standing {
    /// The word in scripts and words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agreed => "agreed",
            Self::SingleSource => "single-source",
            Self::Stale => "stale",
            Self::Disputed => "disputed",
        }
    }
}

/// One value as it is told, with who says so and when that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The value.
    pub value: Value,
    /// Who says so.
    pub source: SourceKind,
    /// How we came to it.
    pub obtained: Obtained,
    /// The day it was seen.
    pub observed_on: Date,
    /// How many days ago that was.
    pub age_days: i32,
}

/// One fact, with all that is told for it; the safe one first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Which field.
    pub field: Field,
    /// How it stands.
    pub standing: Standing,
    /// What is told: one for agreed, single source and stale; all of them when disputed.
    pub told: Vec<Told>,
}

/// The answer about one case, to one person, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The facts that were asked for and are known.
    pub facts: Vec<Fact>,
    /// What the checks noticed, what must be spoken first at the head.
    pub findings: Vec<Finding>,
}

impl Answer {
    /// Makes the answer from all assertions of one case.
    pub fn of(assertions: &[Assertion], fields: &[Field], now: Time, zone: &Zone, language: Language) -> Self {
        let current = CurrentHearings::of(assertions, now, zone);
        let today = now.date_in(zone);
        let looked = Looked { assertions, current: &current, now, today, zone, language };
        let findings = checks::run(&looked);
        if findings.iter().any(|finding| finding.rule == Rule::TwoPeopleUnderOneNumber) {
            // Nothing of a record that may be another person's is read out.
            return Self { facts: Vec::new(), findings };
        }
        let facts = fields
            .iter()
            .filter_map(|field| match field {
                Field::Hearing => hearing(&looked, &findings),
                other => newest(&looked, *other),
            })
            .collect();
        Self { facts, findings }
    }

    /// Whether a finding of that rule stands.
    pub fn has(&self, rule: Rule) -> bool {
        self.findings.iter().any(|finding| finding.rule == rule)
    }

    /// The fact of a field, if it is known.
    pub fn fact(&self, field: Field) -> Option<&Fact> {
        self.facts.iter().find(|fact| fact.field == field)
    }
}

fn hearing(looked: &Looked<'_>, findings: &[Finding]) -> Option<Fact> {
    let has = |rule| findings.iter().any(|finding| finding.rule == rule);
    let future = &looked.current.future;
    if future.is_empty() {
        let (place, _) = looked.current.none.first()?;
        let told = vec![told(looked, *place)?];
        return Some(Fact { field: Field::Hearing, standing: Standing::SingleSource, told });
    }
    // Whose newest word is that there is none, or that the record is gone, does not agree either.
    let none: Vec<usize> = looked.current.none.iter().chain(&looked.current.vanished).map(|row| row.0).collect();
    let standing = if has(Rule::HearingDatesDisagree) || !none.is_empty() {
        Standing::Disputed
    } else if has(Rule::Stale) {
        Standing::Stale
    } else if future.len() > 1 {
        Standing::Agreed
    } else {
        Standing::SingleSource
    };
    let all: Vec<Told> = future.iter().filter_map(|(place, ..)| told(looked, *place)).collect();
    let told = match standing {
        Standing::Disputed => {
            one_for_each_time(all).into_iter().chain(none.iter().filter_map(|place| told(looked, *place))).collect()
        }
        _ => newest_without_what_differs(all).into_iter().collect(),
    };
    Some(Fact { field: Field::Hearing, standing, told })
}

/// Of several that agree on the day, the one seen last carries it; one with a time of day before one without. Where they
/// differ on how, why or where it is held, nobody's word is told (property S10).
fn newest_without_what_differs(all: Vec<Told>) -> Option<Told> {
    let (mut kinds, mut media, mut courts) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for told in &all {
        if let Value::Hearing { kind, medium, court, .. } = &told.value {
            kinds.extend(*kind);
            media.extend(*medium);
            courts.extend(court.clone());
        }
    }
    let mut newest = all
        .into_iter()
        .max_by_key(|told| (hearing_time(&told.value).is_some_and(|at| at.time.is_some()), told.observed_on))?;
    if let Value::Hearing { kind, medium, court, .. } = &mut newest.value {
        kind.take_if(|_| kinds.len() > 1);
        medium.take_if(|_| media.len() > 1);
        court.take_if(|_| courts.len() > 1);
    }
    Some(newest)
}

/// Of several sources that say the same day and time, the one that was seen last.
fn one_for_each_time(all: Vec<Told>) -> Vec<Told> {
    let mut kept: Vec<Told> = Vec::new();
    for told in all {
        match kept.iter_mut().find(|other| hearing_time(&other.value) == hearing_time(&told.value)) {
            Some(other) if other.observed_on < told.observed_on => *other = told,
            Some(_) => {}
            None => kept.push(told),
        }
    }
    kept
}

/// What each source says now; where two differ, all of it, the newest first.
fn newest(looked: &Looked<'_>, field: Field) -> Option<Fact> {
    let of_field = || looked.assertions.iter().enumerate().filter(|(_, a)| a.value.field() == field);
    let mut of_sources: BTreeMap<SourceKind, (Time, usize)> = BTreeMap::new();
    for (place, assertion) in of_field() {
        let newest = of_sources.entry(assertion.source).or_insert((assertion.observed_at, place));
        *newest = (*newest).max((assertion.observed_at, place));
    }
    let mut places: Vec<(Time, usize)> = of_sources.into_values().collect();
    places.sort_unstable_by(|one, other| other.cmp(one));
    let mut all = places.iter().filter_map(|(_, place)| told(looked, *place));
    let first = all.next()?;
    let others: Vec<Told> = all.collect();
    let differs = others.iter().any(|other| other.value != first.value);
    let standing = match (differs, others.is_empty()) {
        (true, _) => Standing::Disputed,
        (false, true) => Standing::SingleSource,
        (false, false) => Standing::Agreed,
    };
    let told = std::iter::once(first).chain(others.into_iter().filter(|_| differs)).collect();
    Some(Fact { field, standing, told })
}

fn told(looked: &Looked<'_>, place: usize) -> Option<Told> {
    let assertion = looked.assertions.get(place)?;
    let observed_on = assertion.observed_at.date_in(looked.zone);
    Some(Told {
        value: assertion.value.clone(),
        source: assertion.source,
        obtained: assertion.obtained,
        observed_on,
        age_days: days_between(observed_on, looked.today).max(0),
    })
}

/// The day and time of a hearing value.
pub const fn hearing_time(value: &Value) -> Option<HearingTime> {
    match value {
        Value::Hearing { at, .. } => Some(*at),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assertion::HearingTime;
    use caseline_model::TimeOfDay;
    use jiff::civil::date;

    fn chicago() -> Zone {
        Zone::named("America/Chicago").unwrap()
    }

    fn noon(on: Date) -> Time {
        chicago().instant(on, TimeOfDay::new(12, 0).unwrap())
    }

    fn hearing(on: Date, source: SourceKind, seen: Date) -> Assertion {
        Assertion {
            value: Value::Hearing {
                at: HearingTime { date: on, time: TimeOfDay::new(8, 30) },
                kind: None,
                medium: None,
                court: None,
                detained_docket: false,
            },
            source,
            obtained: Obtained::Imported,
            observed_at: noon(seen),
            effective_on: None,
        }
    }

    fn adjourned(was: Date, reason: &str, seen: Date) -> Assertion {
        Assertion {
            value: Value::Adjourned {
                was: HearingTime { date: was, time: None },
                reason: Some(reason.into()),
                now_on: None,
            },
            source: SourceKind::CourtFeed,
            obtained: Obtained::Imported,
            observed_at: noon(seen),
            effective_on: Some(seen),
        }
    }

    fn answer(assertions: &[Assertion]) -> Answer {
        Answer::of(assertions, &[Field::Hearing], noon(date(2026, 3, 2)), &chicago(), Language::SPANISH)
    }

    fn dates(answer: &Answer) -> Vec<Date> {
        answer.facts[0].told.iter().filter_map(|told| hearing_time(&told.value)).map(|at| at.date).collect()
    }

    #[test]
    fn two_sources_that_differ_are_both_told_and_the_earlier_first() {
        let told = answer(&[
            hearing(date(2026, 4, 21), SourceKind::CourtLine, date(2026, 3, 1)),
            hearing(date(2026, 4, 14), SourceKind::Notice, date(2026, 2, 10)),
        ]);
        assert_eq!(told.facts[0].standing, Standing::Disputed);
        assert_eq!(dates(&told), [date(2026, 4, 14), date(2026, 4, 21)]);
        assert_eq!(told.facts[0].told.iter().map(|t| t.age_days).collect::<Vec<_>>(), [20, 1]);
        assert!(told.has(Rule::HearingDatesDisagree));
    }

    #[test]
    fn two_sources_that_say_the_same_agree() {
        let told = answer(&[
            hearing(date(2026, 4, 14), SourceKind::Notice, date(2026, 2, 10)),
            hearing(date(2026, 4, 14), SourceKind::CourtFeed, date(2026, 3, 1)),
        ]);
        assert_eq!((told.facts[0].standing, dates(&told)), (Standing::Agreed, vec![date(2026, 4, 14)]));
        assert_eq!(told.findings, []);
    }

    #[test]
    fn an_old_look_up_is_told_as_stale() {
        let told = answer(&[hearing(date(2026, 4, 14), SourceKind::CourtFeed, date(2026, 2, 1))]);
        assert_eq!(told.facts[0].standing, Standing::Stale);
        let soon = answer(&[hearing(date(2026, 3, 10), SourceKind::CourtFeed, date(2026, 2, 28))]);
        assert_eq!(soon.facts[0].standing, Standing::Stale, "two days are too old in the last fortnight");
    }

    #[test]
    fn a_later_official_change_outranks_the_paper() {
        let told = answer(&[
            hearing(date(2026, 4, 14), SourceKind::Notice, date(2026, 2, 10)),
            adjourned(date(2026, 4, 14), "05", date(2026, 3, 1)),
            hearing(date(2026, 6, 9), SourceKind::CourtFeed, date(2026, 3, 1)),
        ]);
        assert_eq!((told.facts[0].standing, dates(&told)), (Standing::SingleSource, vec![date(2026, 6, 9)]));
    }

    #[test]
    fn a_hearing_that_was_moved_earlier_is_spoken_first() {
        let told = answer(&[
            adjourned(date(2026, 9, 1), "55", date(2026, 3, 1)),
            hearing(date(2026, 4, 14), SourceKind::CourtFeed, date(2026, 3, 1)),
        ]);
        assert_eq!(told.findings[0].rule, Rule::HearingMovedEarlier);
    }

    #[test]
    fn a_hearing_that_is_gone_is_not_told_as_cancelled() {
        let none =
            Assertion { value: Value::NoHearing, ..hearing(date(2026, 1, 1), SourceKind::CourtFeed, date(2026, 3, 1)) };
        let told = answer(&[hearing(date(2026, 4, 14), SourceKind::CourtFeed, date(2026, 2, 1)), none.clone()]);
        assert!(told.has(Rule::HearingVanished));
        let paper = answer(&[hearing(date(2026, 4, 14), SourceKind::Notice, date(2026, 2, 1)), none]);
        assert!(paper.has(Rule::NotOnCalendar));
        assert_eq!(dates(&paper), [date(2026, 4, 14)]);
    }

    #[test]
    fn nothing_is_told_of_a_record_that_may_be_another_person_s() {
        let two = Assertion {
            value: Value::MaybeTwoPeople,
            ..hearing(date(2026, 1, 1), SourceKind::CourtFeed, date(2026, 3, 1))
        };
        let told = answer(&[hearing(date(2026, 4, 14), SourceKind::CourtFeed, date(2026, 3, 1)), two.clone()]);
        assert_eq!(told.facts, []);
        assert!(told.has(Rule::TwoPeopleUnderOneNumber));
        let mended = answer(&[two, hearing(date(2026, 4, 14), SourceKind::CourtFeed, date(2026, 3, 2))]);
        assert!(!mended.has(Rule::TwoPeopleUnderOneNumber));
    }

    fn feed(value: Value, seen: Date, set_on: Option<Date>) -> Assertion {
        Assertion { value, effective_on: set_on, ..hearing(date(2026, 1, 1), SourceKind::CourtFeed, seen) }
    }

    #[test]
    fn an_earlier_day_that_was_typed_over_the_old_one_is_spoken_first() {
        let (before, now) = (date(2026, 2, 1), date(2026, 3, 1));
        let old = hearing(date(2026, 9, 1), SourceKind::CourtFeed, before);
        let new = hearing(date(2026, 4, 14), SourceKind::CourtFeed, now);
        assert!(answer(&[old.clone(), new.clone()]).has(Rule::HearingMovedEarlier));
        // A bond hearing that was set beside it moved nothing.
        let at = HearingTime { date: date(2026, 9, 1), time: TimeOfDay::new(8, 30) };
        let beside = feed(Value::AlsoHearing { at }, now, None);
        assert!(!answer(&[old.clone(), new.clone(), beside]).has(Rule::HearingMovedEarlier));
        // A year that no court sets was no hearing's.
        let far = hearing(date(2925, 9, 1), SourceKind::CourtFeed, before);
        assert!(!answer(&[far, new]).has(Rule::HearingMovedEarlier));
        // A later day is not an earlier one.
        let later = hearing(date(2026, 9, 2), SourceKind::CourtFeed, now);
        assert!(!answer(&[old, later]).has(Rule::HearingMovedEarlier));
    }

    #[test]
    fn a_day_that_another_case_lost_moves_this_one_s_hearing_nowhere() {
        let now = date(2026, 3, 1);
        let called_off = |now_on| {
            let was = HearingTime { date: date(2026, 9, 1), time: None };
            feed(Value::Adjourned { was, reason: Some("9C".into()), now_on }, now, Some(now))
        };
        let next = hearing(date(2026, 4, 14), SourceKind::CourtFeed, now);
        assert!(!answer(&[called_off(None), next.clone()]).has(Rule::HearingMovedEarlier));
        assert!(!answer(&[called_off(Some(date(2026, 10, 1))), next.clone()]).has(Rule::HearingMovedEarlier));
        assert!(answer(&[called_off(Some(date(2026, 4, 14))), next]).has(Rule::HearingMovedEarlier));
    }

    #[test]
    fn a_hearing_that_was_taken_off_the_calendar_is_not_told_on() {
        let (before, now) = (date(2026, 2, 25), date(2026, 3, 1));
        let old = hearing(date(2026, 4, 14), SourceKind::CourtFeed, before);
        let was = HearingTime { date: date(2026, 4, 14), time: None };
        for (reason, is_vanished) in [("9C", true), ("9V", true), ("59", true), ("34", false)] {
            let off = feed(Value::Adjourned { was, reason: Some(reason.into()), now_on: None }, now, Some(now));
            let told = answer(&[old.clone(), off, feed(Value::NoHearing, now, None)]);
            assert_eq!(told.facts[0].told[0].value, Value::NoHearing, "{reason}");
            assert_eq!(told.has(Rule::HearingVanished), is_vanished, "{reason}");
        }
    }

    #[test]
    fn a_record_that_vanished_after_it_was_opened_again_is_a_problem_and_a_closed_one_is_not() {
        let (before, now) = (date(2026, 2, 1), date(2026, 3, 1));
        let decided = feed(
            Value::Decision { on: date(2025, 6, 2), outcome: crate::assertion::Outcome::Closed, in_absentia: false },
            before,
            Some(date(2025, 6, 2)),
        );
        let gone = feed(Value::Vanished, now, None);
        assert!(!answer(&[decided.clone(), gone.clone()]).has(Rule::RecordVanished));
        let set_again = Assertion {
            effective_on: Some(date(2025, 12, 1)),
            ..hearing(date(2026, 9, 1), SourceKind::CourtFeed, before)
        };
        assert!(answer(&[decided, set_again, gone]).has(Rule::RecordVanished));
    }

    #[test]
    fn a_feed_s_hearing_without_a_time_may_be_no_real_date() {
        let mut timeless = hearing(date(2026, 4, 14), SourceKind::CourtFeed, date(2026, 3, 1));
        if let Value::Hearing { at, .. } = &mut timeless.value {
            at.time = None;
        }
        assert!(answer(&[timeless.clone()]).has(Rule::ImpossibleHearingDate));
        timeless.source = SourceKind::Notice;
        assert!(!answer(&[timeless]).has(Rule::ImpossibleHearingDate), "a paper is read out by its day alone");
    }

    #[test]
    fn a_past_hearing_is_never_told_as_the_next_one() {
        let told = answer(&[hearing(date(2026, 3, 1), SourceKind::CourtFeed, date(2026, 3, 1))]);
        assert_eq!(told.facts, []);
    }
}
