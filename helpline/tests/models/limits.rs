//! The limits with somebody who knows a case's number and its owner's telephone number, and shows whatever number they
//! like: whatever is keyed in whatever order, the guesser is held back and the owner is not.
//! How a year of guessing goes is left to `caseline bench guessing`.

use caseline_helpline::limits::{
    Answer, CLOSED_LONG, CLOSED_SHORT, Counters, Fit, Tried, TryEnd, Verdict, WRONG_BY_CALLER_MAX,
    WRONG_IN_CONTACT_MAX, WRONG_ON_CARD_TWO_CODES, WRONG_ON_CASE_LONG, WRONG_ON_CASE_SHORT, WRONG_ON_SITE_MIN, decide,
};
use caseline_model::Time;
use stateright::{Checker, Model, Property};
use std::time::Duration;

/// A Monday, so that a few days stay in one key week.
const START: Time = Time::from_micros((20_502 - 2) * 86_400_000_000);
/// How time passes: past the short closing, or past the long one.
const STEPS: [Duration; 2] = [CLOSED_SHORT, CLOSED_LONG];

const NEVER_LOCKED_OUT: &str = "the owner with two codes is never locked out";

/// Numbers that are keyed.
const OWNED: u8 = 1;
const ABSENT: u8 = 2;
const ELSEWHERE: u8 = 3;

/// Whose telephone number is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Shown {
    Nothing,
    OfOwner,
    Fresh,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Event {
    /// The guesser calls, shows a number, and keys so many wrong codes on the owner's number.
    Guesses(Shown, u8),
    /// The guesser spends tries that count on callers and the site, on numbers that nobody has.
    Floods(Shown),
    /// The owner calls with a right code, and if it is refused, with another one.
    OwnerCalls,
    /// The owner mistypes a code and hangs up.
    OwnerMistypes,
    /// Time passes.
    Passes(usize),
}

/// What was seen that must not be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Seen {
    owner_locked_out: bool,
    told_apart: bool,
    compared_too_often: bool,
    went_on_in_a_call: bool,
    missed_alarm: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    now: Time,
    counters: Counters<u8, Shown>,
    /// The same events on a number that nobody enrolled.
    mirrored: Counters<u8, Shown>,
    /// When codes were compared one at a time on the owner's number since the last opening, newest last.
    compared: Vec<Time>,
    site_failures: u32,
    rang: bool,
    owner_called: bool,
    seen: Seen,
    events: u8,
}

struct Limits {
    events_max: u8,
    /// Codes that the owner has at hand when they call.
    owner_codes: u8,
}

/// A call: what it shows, what went wrong in it, the row of its first code.
struct Call {
    shown: Shown,
    wrong: u32,
    first: Option<u8>,
}

impl State {
    fn fresh() -> Self {
        Self {
            now: START,
            counters: Counters::default(),
            mirrored: Counters::default(),
            compared: Vec::new(),
            site_failures: 0,
            rang: false,
            owner_called: false,
            seen: Seen::default(),
            events: 0,
        }
    }

    /// So many failures of the site were elsewhere before.
    fn after_failures(count: u32) -> Self {
        let mut state = Self::fresh();
        for _ in 0..count {
            state.key(&mut Call { shown: Shown::Fresh, wrong: 0, first: None }, ELSEWHERE, None);
            // Every caller of them was another one, and every number.
            for counters in [&mut state.counters, &mut state.mirrored] {
                counters.forget(&ELSEWHERE);
            }
        }
        state
    }

    /// One try, on the owner's number and on one that nobody has.
    fn key(&mut self, call: &mut Call, number: u8, row: Option<u8>) -> Answer {
        let tried_on = |counters: &mut Counters<u8, Shown>, number: u8, row: Option<u8>| {
            let tried = Tried {
                keyed: &number,
                by_receipt: false,
                caller: &call.shown,
                is_shared: call.shown == Shown::Nothing,
                in_contact: call.wrong,
                open_in_contact: 0,
                is_open_in_contact: false,
                site_contacts_yesterday: 0,
            };
            let mut facts = counters.facts(self.now, &tried);
            if call.shown == Shown::Fresh {
                // A number that nobody has shown before.
                facts.by_caller = Default::default();
            }
            let verdict = decide(&facts, self.now);
            let in_all = counters.wrong_row(&number).in_all;
            let fit = Fit::of_code(row.is_some(), call.first, row.unwrap_or(0));
            let end = TryEnd::of_code(verdict, fit, in_all);
            let rang = counters.count(self.now, &tried, &facts, end);
            if end == TryEnd::Opened {
                let is_withheld = call.shown != Shown::OfOwner;
                counters.count_opened(&number, &call.shown, is_withheld, false);
            }
            (verdict, end, end.answer(verdict, call.wrong), rang, in_all, facts)
        };
        let (verdict, end, answer, rang, in_all, facts) = tried_on(&mut self.counters, number, row);
        if row.is_none() {
            let mirror = if number == OWNED { ABSENT } else { number };
            let (_, _, mirrored, ..) = tried_on(&mut self.mirrored, mirror, None);
            // Once the owner has called, what they did is no guesser's doing: numbers are held against each other before.
            self.seen.told_apart |= mirrored != answer && !self.owner_called;
        }
        self.seen.went_on_in_a_call |= call.wrong >= WRONG_IN_CONTACT_MAX && answer != Answer::PersonNow;
        if end.counts_on_caller() && !facts.is_verified() {
            self.site_failures += 1;
            self.rang |= rang;
            self.seen.missed_alarm |= self.site_failures >= WRONG_ON_SITE_MIN && !self.rang;
        }
        if number == OWNED && verdict == Verdict::Compare && row.is_none() {
            self.note_compared(in_all);
        }
        call.first = if end == TryEnd::FirstOfTwo { row } else { None };
        call.wrong += u32::from(end.counts_on_caller());
        answer
    }

    /// No more than five in a quarter of an hour and ten in a day are compared, and past twenty none by one code alone.
    fn note_compared(&mut self, in_all: u32) {
        if in_all > WRONG_ON_CARD_TWO_CODES {
            return;
        }
        self.compared.push(self.now);
        let within = |by: Duration| self.compared.iter().filter(|at| self.now.since(**at) < by).count() as u32;
        self.seen.compared_too_often |= within(CLOSED_SHORT) > WRONG_ON_CASE_SHORT;
        self.seen.compared_too_often |= within(CLOSED_LONG) > WRONG_ON_CASE_LONG;
        self.seen.compared_too_often |= self.compared.len() as u32 > WRONG_ON_CARD_TWO_CODES + 1;
    }

    fn owner_calls(&mut self, codes: u8) {
        let mut call = Call { shown: Shown::OfOwner, wrong: 0, first: None };
        let mut answer = self.key(&mut call, OWNED, Some(1));
        if answer != Answer::Opened && codes > 1 {
            answer = self.key(&mut call, OWNED, Some(2));
        }
        self.seen.owner_locked_out |= answer != Answer::Opened;
        self.compared.clear();
        self.owner_called = true;
    }
}

impl Model for Limits {
    type State = State;
    type Action = Event;

    fn init_states(&self) -> Vec<State> {
        let mut past_twenty = State::fresh();
        for day in 0..3 {
            past_twenty.now = START.plus(CLOSED_LONG * day * 2);
            for quarter in 0..7 {
                past_twenty.now = past_twenty.now.plus(CLOSED_SHORT * quarter.min(1));
                past_twenty.key(&mut Call { shown: Shown::Fresh, wrong: 0, first: None }, OWNED, None);
            }
        }
        vec![State::fresh(), State::after_failures(WRONG_ON_SITE_MIN - 4), past_twenty]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Event>) {
        if state.events >= self.events_max {
            return;
        }
        for shown in [Shown::Nothing, Shown::OfOwner, Shown::Fresh] {
            actions.extend([Event::Guesses(shown, 1), Event::Guesses(shown, 2), Event::Guesses(shown, 3)]);
            actions.push(Event::Floods(shown));
        }
        actions.extend([Event::OwnerCalls, Event::OwnerMistypes]);
        actions.extend((0..STEPS.len()).map(Event::Passes));
    }

    fn next_state(&self, state: &State, event: Event) -> Option<State> {
        let mut next = state.clone();
        next.events += 1;
        match event {
            Event::Guesses(shown, tries) => {
                let mut call = Call { shown, wrong: 0, first: None };
                for _ in 0..tries {
                    next.key(&mut call, OWNED, None);
                }
            }
            Event::Floods(shown) => {
                for _ in 0..WRONG_BY_CALLER_MAX {
                    next.key(&mut Call { shown, wrong: 0, first: None }, ELSEWHERE, None);
                }
            }
            Event::OwnerCalls => next.owner_calls(self.owner_codes),
            Event::OwnerMistypes => {
                next.key(&mut Call { shown: Shown::OfOwner, wrong: 0, first: None }, OWNED, None);
            }
            Event::Passes(step) => {
                next.now = next.now.plus(STEPS[step]);
                if STEPS[step] == CLOSED_LONG {
                    next.site_failures = 0;
                    next.rang = false;
                }
            }
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(NEVER_LOCKED_OUT, |_, state: &State| !state.seen.owner_locked_out),
            Property::always("a number that exists is answered as one that does not", |_, state: &State| {
                !state.seen.told_apart
            }),
            Property::always("no more codes are compared than the limits let", |_, state: &State| {
                !state.seen.compared_too_often
            }),
            Property::always("a call goes on to a person after two wrong tries", |_, state: &State| {
                !state.seen.went_on_in_a_call
            }),
            Property::always("the alarm rings when the site's limit is reached", |_, state: &State| {
                !state.seen.missed_alarm
            }),
            Property::sometimes("the alarm rings", |_, state: &State| state.rang),
        ]
    }
}

fn check(events_max: u8) -> usize {
    let checked = Limits { events_max, owner_codes: 2 }.checker().threads(2).spawn_bfs().join();
    checked.assert_properties();
    checked.unique_state_count()
}

/// `CASELINE_MODELS=whole` looks at over a million states, in a minute.
#[test]
fn whatever_a_guesser_keys_the_owner_gets_in_and_the_guesser_does_not() {
    let whole = std::env::var("CASELINE_MODELS").is_ok_and(|bound| bound == "whole");
    let (events_max, at_least) = if whole { (7, 1_000_000) } else { (4, 3_000) };
    let states = check(events_max);
    eprintln!("{states} states");
    assert!(states > at_least, "{states} states");
}

#[test]
fn with_one_code_alone_the_owner_would_be_locked_out() {
    let checked = Limits { events_max: 4, owner_codes: 1 }.checker().spawn_bfs().join();
    checked.assert_any_discovery(NEVER_LOCKED_OUT);
}
