//! Sources that differ, over random feeds: whatever they say, the line tells neither as the fact (property S10). It tells
//! each with its source and age, then what is safe, and asks for a person first.
//! What the current word of a source is, is computed here once more, from the claims alone.

#![expect(clippy::disallowed_methods, reason = "a test reads the shipped files")]

#[path = "shipped/program.rs"]
mod program;

use caseline_conversation::effect::{Done, Effect};
use caseline_conversation::input::Arrival;
use caseline_conversation::operator::OperatorKind;
use caseline_conversation::policy::Level;
use caseline_conversation::words::Form;
use caseline_conversation::{Arg, Conversation, Input, Output, Phrase, Program, Telling};
use caseline_model::{CardCode, Channel, Date, Language, Private, Time, TimeOfDay, Zone};
use caseline_records::{
    Answer, Assertion, CustodyStatus, Field, HearingKind, HearingTime, Medium, Obtained, Outcome, SourceKind, Value,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

static PROGRAM: LazyLock<Arc<Program>> = LazyLock::new(|| Arc::new(program::program(OperatorKind::LegalAid)));

const TODAY: Date = jiff::civil::date(2026, 11, 24);

/// One claim: who says it, how many days ago, and what.
type Claim = (SourceKind, i32, Value);

fn zone() -> Zone {
    Zone::named("America/Chicago").expect("a time zone")
}

fn noon(on: Date) -> Time {
    zone().instant(on, TimeOfDay::new(12, 0).expect("noon"))
}

fn in_days(days: i32) -> Date {
    TODAY.checked_add(jiff::Span::new().days(days)).expect("a day")
}

fn assertions(claims: &[Claim]) -> Vec<Assertion> {
    let mut all: Vec<Assertion> = claims
        .iter()
        .map(|(source, days_ago, value)| Assertion {
            value: value.clone(),
            source: *source,
            obtained: Obtained::Imported,
            observed_at: noon(in_days(-days_ago)),
            effective_on: None,
        })
        .collect();
    all.sort_by_key(|assertion| assertion.observed_at);
    all
}

/// All that the line tells of a case to a caller who speaks English, and whether a person is offered first then.
fn told(claims: &[Claim]) -> (Vec<Telling>, bool) {
    let mut conversation = Conversation::new(Arc::clone(&PROGRAM));
    let now = noon(TODAY);
    let arrival = Arrival {
        channel: Channel::Phone,
        language: Some(Language::ENGLISH),
        staffed: false,
        number_shown: true,
        custody: false,
    };
    let code = CardCode::from_random(1, 7).expect("a row of a card").keyed();
    conversation.handle(now, Input::Arrived(arrival));
    conversation.handle(now, Input::Chose("my-case".to_owned()));
    conversation.handle(now, Input::Gave(Private::new("A000-000-137".to_owned())));
    conversation.handle(now, Input::Gave(Private::new(code)));
    while conversation.poll().is_some() {}
    conversation.handle(now, Input::Done(Done::Opened));
    let Some(Output::Do(Effect::ReadCase { fields })) = conversation.poll() else { panic!("the case is read") };
    let answer = Answer::of(&assertions(claims), &fields, now, &zone(), Language::ENGLISH);
    conversation.handle(now, Input::Done(Done::Read { answer }));
    let mut tellings = Vec::new();
    while let Some(output) = conversation.poll() {
        match output {
            Output::Tell(telling) => tellings.push(telling),
            Output::Ask(question) => {
                return (tellings, question.choices().first().is_some_and(|choice| choice.id == "agent"));
            }
            other => panic!("{other:?}"),
        }
    }
    panic!("a question follows");
}

/// The newest claims of each source on a field.
fn current(claims: &[Claim], is_of_field: impl Fn(&Value) -> bool) -> Vec<Claim> {
    let of_field: Vec<&Claim> = claims.iter().filter(|claim| is_of_field(&claim.2)).collect();
    let newest = |source| of_field.iter().filter(|claim| claim.0 == source).map(|claim| claim.1).min();
    of_field.iter().filter(|claim| newest(claim.0) == Some(claim.1)).map(|claim| (*claim).clone()).collect()
}

fn keys(tellings: &[Telling]) -> BTreeSet<&str> {
    tellings.iter().flat_map(|telling| &telling.phrases).map(|phrase| phrase.key.as_str()).collect()
}

/// Whether a source, its day and its age are told.
fn names(tellings: &[Telling], claim: &Claim) -> bool {
    let (source, days_ago, _) = claim;
    let wanted = Phrase::new(format!("source-{source}"))
        .with("date", Arg::Date(in_days(-days_ago)))
        .with("days", Arg::Number(days_ago.unsigned_abs()));
    tellings.iter().any(|telling| telling.phrases.contains(&wanted))
}

/// No form of the text of a phrase that would be sent names a day.
fn sends_nothing(tellings: &[Telling]) -> bool {
    let phrases: Vec<&Phrase> = tellings.iter().flat_map(|telling| &telling.phrases).collect();
    PROGRAM.policy.at_level(Level::Full).all(|language| {
        phrases.iter().all(|phrase| {
            let text = PROGRAM.words.text(language, phrase, Form::Sms).expect("the words are there");
            !text.contains(|letter: char| letter.is_ascii_digit())
        })
    })
}

fn check_hearing(claims: &[Claim]) -> Result<bool, TestCaseError> {
    let current = current(claims, |value| value.field() == Field::Hearing);
    let future: Vec<(HearingTime, &Claim)> = current
        .iter()
        .filter_map(|claim| match &claim.2 {
            Value::Hearing { at, .. } if at.date >= TODAY => Some((*at, claim)),
            _ => None,
        })
        .collect();
    let none: Vec<&Claim> =
        current.iter().filter(|claim| matches!(claim.2, Value::NoHearing | Value::Vanished)).collect();
    let days: BTreeSet<Date> = future.iter().map(|row| row.0.date).collect();
    let times: BTreeSet<TimeOfDay> = future.iter().filter_map(|row| row.0.time).collect();
    let differs = days.len() > 1 || times.len() > 1 && days.len() == 1 || !future.is_empty() && !none.is_empty();
    let (tellings, asks_for_a_person) = told(claims);
    check_details(&tellings, &future)?;
    if !differs {
        return Ok(false);
    }
    let told_keys = keys(&tellings);
    for asserted in ["hearing-is", "hearing-is-day", "hearing-none", "case-agreed", "hearing-kind-master"] {
        let of_hearing: Vec<Telling> =
            tellings.iter().filter(|telling| telling.subject == "hearing").cloned().collect();
        prop_assert!(!keys(&of_hearing).contains(asserted), "{asserted} is told as the fact: {of_hearing:#?}");
    }
    prop_assert!(told_keys.contains("case-disputed"));
    let phrases = || tellings.iter().flat_map(|telling| &telling.phrases);
    let values: BTreeSet<HearingTime> = future.iter().map(|row| row.0).collect();
    for value in values {
        let base = Phrase::new(if value.time.is_some() { "hearing-one-says" } else { "hearing-one-says-day" });
        let phrase = base.with("date", Arg::Date(value.date));
        let phrase = value.time.map_or(phrase.clone(), |time| phrase.with("time", Arg::Time(time)));
        prop_assert!(phrases().any(|told| *told == phrase), "{value:?} is told: {tellings:#?}");
        let claimed = future.iter().filter(|row| row.0 == value);
        prop_assert!(claimed.map(|row| row.1).any(|claim| names(&tellings, claim)), "who says {value:?}, and when");
    }
    if !none.is_empty() {
        prop_assert!(told_keys.contains("hearing-one-says-none"));
        prop_assert!(none.iter().all(|claim| names(&tellings, claim)), "who says none, and when: {tellings:#?}");
    }
    // The day of a hearing is told by no other words.
    let allowed = ["hearing-one-says", "hearing-one-says-day", "safe-two-dates", "safe-one-date"];
    for phrase in phrases().filter(|phrase| !phrase.key.starts_with("source-") && !phrase.key.starts_with("decision-"))
    {
        let names_a_day = phrase.args.iter().any(|(_, arg)| matches!(arg, Arg::Date(day) if days.contains(day)));
        prop_assert!(!names_a_day || allowed.contains(&phrase.key.as_str()), "{} names a day", phrase.key);
    }
    prop_assert!(told_keys.contains("safe-two-dates") || told_keys.contains("safe-one-date"), "what is safe");
    prop_assert!(asks_for_a_person, "a person is offered first");
    prop_assert!(sends_nothing(&tellings));
    Ok(true)
}

/// How, why and where a hearing is held is nobody's word alone where the sources differ on it.
fn check_details(tellings: &[Telling], future: &[(HearingTime, &Claim)]) -> Result<(), TestCaseError> {
    let (mut kinds, mut media, mut courts) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (_, claim) in future {
        if let Value::Hearing { kind, medium, court, .. } = &claim.2 {
            kinds.extend(*kind);
            media.extend(*medium);
            courts.extend(court.clone());
        }
    }
    let told = keys(tellings);
    prop_assert!(kinds.len() < 2 || !told.iter().any(|key| key.starts_with("hearing-kind-")), "{tellings:#?}");
    let media_keys = ["hearing-in-person", "hearing-video", "hearing-telephone"];
    prop_assert!(media.len() < 2 || !media_keys.iter().any(|key| told.contains(key)), "{tellings:#?}");
    prop_assert!(courts.len() < 2 || !told.contains("hearing-court"), "{tellings:#?}");
    Ok(())
}

fn check_field(claims: &[Claim], field: Field) -> Result<(), TestCaseError> {
    let by_source: BTreeMap<SourceKind, Claim> =
        current(claims, |value| value.field() == field).into_iter().map(|claim| (claim.0, claim)).collect();
    let differs = by_source.values().any(|claim| by_source.values().any(|other| other.2 != claim.2));
    if !differs {
        return Ok(());
    }
    let (tellings, asks_for_a_person) = told(claims);
    let of_field: Vec<Telling> = tellings.iter().filter(|telling| telling.subject == field.as_str()).cloned().collect();
    let first = of_field.first().and_then(|telling| telling.phrases.first());
    prop_assert_eq!(first.map(|phrase| phrase.key.as_str()), Some("case-disputed"), "{:#?}", tellings);
    let values = of_field.iter().flat_map(|telling| &telling.phrases);
    let values = values.filter(|phrase| {
        ["custody-", "decision-", "court-language-"].iter().any(|start| phrase.key.starts_with(start))
    });
    let distinct: BTreeSet<String> = by_source.values().map(|claim| format!("{:?}", claim.2)).collect();
    prop_assert!(values.count() >= distinct.len(), "each is told: {:#?}", of_field);
    prop_assert!(by_source.values().all(|claim| names(&tellings, claim)), "with its source and age: {:#?}", tellings);
    prop_assert!(keys(&tellings).contains("safe-ask-first") && asks_for_a_person);
    Ok(())
}

fn hearing() -> impl Strategy<Value = Value> {
    let kind = prop_oneof![Just(None), Just(Some(HearingKind::Master)), Just(Some(HearingKind::Individual))];
    let medium = prop_oneof![Just(None), Just(Some(Medium::InPerson)), Just(Some(Medium::Video))];
    let court = prop_oneof![Just(None), Just(Some("Chicago".to_owned())), Just(Some("Memphis".to_owned()))];
    // Few days and times, so that sources often agree, too.
    (prop_oneof![-3..0, 6..9, 70..72], 0..3_u8, kind, medium, court).prop_map(|(days, hour, kind, medium, court)| {
        let time = if hour == 0 { None } else { TimeOfDay::new(8 + hour, 30) };
        Value::Hearing { at: HearingTime { date: in_days(days), time }, kind, medium, court, detained_docket: false }
    })
}

fn next_hearing() -> impl Strategy<Value = Claim> {
    let source = prop_oneof![Just(SourceKind::Notice), Just(SourceKind::CourtLine), Just(SourceKind::CourtFeed)];
    let value = prop_oneof![6 => hearing(), 1 => Just(Value::NoHearing), 1 => Just(Value::Vanished)];
    (source, 0..40, value)
}

fn other_fact() -> impl Strategy<Value = Claim> {
    let source = prop_oneof![Just(SourceKind::CourtLine), Just(SourceKind::CourtFeed), Just(SourceKind::Uscis)];
    let custody = prop_oneof![Just(CustodyStatus::Detained), Just(CustodyStatus::Released)];
    let outcome = prop_oneof![Just(Outcome::RemovalOrder), Just(Outcome::Relief), Just(Outcome::Closed)];
    let language = prop_oneof![Just("spa"), Just("hat")];
    let value = prop_oneof![
        custody.prop_map(|status| Value::Custody { status }),
        outcome.prop_map(|outcome| Value::Decision { on: in_days(-60), outcome, in_absentia: false }),
        language.prop_map(|code| Value::CourtLanguage { language: Some(code.to_owned()) }),
    ];
    (source, 0..40, value)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_sources_say_none_of_two_that_differ_is_told_as_the_fact(
        hearings in proptest::collection::vec(next_hearing(), 1..5),
        facts in proptest::collection::vec(other_fact(), 0..4),
    ) {
        let claims: Vec<Claim> = hearings.into_iter().chain(facts).collect();
        check_hearing(&claims)?;
        for field in [Field::Custody, Field::Decision, Field::CourtLanguage] {
            check_field(&claims, field)?;
        }
    }
}

#[test]
fn a_paper_with_a_day_and_a_court_that_shows_none_are_both_told() {
    let paper = Value::Hearing {
        at: HearingTime { date: in_days(7), time: None },
        kind: None,
        medium: None,
        court: None,
        detained_docket: false,
    };
    for shows_none in [Value::NoHearing, Value::Vanished] {
        let claims = [(SourceKind::Notice, 9, paper.clone()), (SourceKind::CourtFeed, 1, shows_none)];
        assert!(check_hearing(&claims).expect("both are told"), "the sources differ");
    }
}

#[test]
fn a_reminder_names_no_day_and_no_source() {
    for language in PROGRAM.words.languages() {
        for key in ["reminder-neutral", "callback-neutral"] {
            let row = PROGRAM.words.key(language, key);
            assert!(row.is_none_or(|row| row.placeholders.is_empty()), "{key} of {language} fills something in");
        }
    }
    // Whoever gives a reminder a day, a time or a source has to come by here.
    let Effect::Remind { phone: None } = (Effect::Remind { phone: None }) else {
        panic!("a reminder has a number alone")
    };
}
