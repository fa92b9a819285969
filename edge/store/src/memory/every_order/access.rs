//! Who reads which case when (properties S3, S4, S5): a case opens only in the contact that verified itself for it, until
//! that contact ends, and the log says so before.

use super::super::{Case, Contact, MemoryStore, Model, cards::Card};
use super::on;
use crate::contract::values::{NOON, card, case, code, contact, number, trying, wrong_code};
use crate::rules::ACCESS_MAX;
use caseline_helpline::audit::AuditEvent;
use caseline_helpline::cards::CardId;
use caseline_helpline::limits::Counters;
use caseline_helpline::ports::{Checked, Store};
use caseline_model::{CaseId, Channel, ContactId, Disposition, Time};
use caseline_records::Field;
use stateright::{Checker, Property};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::time::Duration;

const HALF_A_DAY: Duration = Duration::from_secs(12 * 3_600);
/// Codes of each card that are keyed.
const ROWS: u8 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Begins(u8),
    Keys {
        contact: u8,
        of: u8,
        row: Option<u8>,
    },
    Reads {
        contact: u8,
        of: u8,
    },
    Forgets {
        contact: u8,
        of: u8,
    },
    Ends(u8),
    /// The process stops in the middle of everything, and the next one ends what was left open.
    CrashesAndRestarts,
    Passes,
}

#[derive(Clone)]
struct State {
    contacts: BTreeMap<ContactId, Contact>,
    access: BTreeMap<(ContactId, CaseId), Time>,
    cases: BTreeMap<CaseId, Case>,
    cards: BTreeMap<CardId, Card>,
    counters: Counters<super::super::Keyed, (u32, Option<String>)>,
    now: Time,
    begun: BTreeSet<u8>,
    ended: BTreeSet<u8>,
    /// Contacts that keyed a right, unused code of a case, and when.
    verified: BTreeMap<(u8, u8), Time>,
    used: BTreeSet<(u8, u8)>,
    forgotten: BTreeSet<u8>,
    reads: u8,
    wrong: Option<&'static str>,
    events: u8,
}

impl State {
    fn parts(&self) -> impl Hash + PartialEq + '_ {
        let first: Vec<_> = self.cases.values().map(|case| (case.first_code, case.keep_until)).collect();
        let wrong: Vec<_> = self.contacts.values().map(|row| (row.wrong_count, row.disposition.is_some())).collect();
        let ghosts = (&self.begun, &self.ended, &self.verified, &self.used, &self.forgotten);
        (self.now, ghosts, (first, wrong, &self.access), &self.counters, (self.reads, self.wrong, self.events))
    }

    fn run<T>(&mut self, verbs: impl AsyncFnOnce(&MemoryStore) -> T) -> (Vec<(Option<CaseId>, AuditEvent)>, T) {
        let model = Model {
            contacts: std::mem::take(&mut self.contacts),
            access: std::mem::take(&mut self.access),
            cases: std::mem::take(&mut self.cases),
            cards: std::mem::take(&mut self.cards),
            counters: std::mem::take(&mut self.counters),
            ..Model::default()
        };
        let (model, done) = on(model, verbs);
        (self.contacts, self.access, self.cases, self.counters) =
            (model.contacts, model.access, model.cases, model.counters);
        self.cards = model.cards;
        let log = model.audit.into_iter().filter_map(|row| row.entry).map(|entry| (entry.case, entry.event));
        (log.collect(), done)
    }

    fn may_read(&self, by: u8, of: u8) -> bool {
        let is_live = self.begun.contains(&by) && !self.ended.contains(&by);
        let verified = self.verified.get(&(by, of)).is_some_and(|at| self.now.since(*at) < ACCESS_MAX);
        is_live && verified && !self.forgotten.contains(&of)
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "at {:?}, verified {:?}, ended {:?}, wrong {:?}", self.now, self.verified, self.ended, self.wrong)
    }
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Hash for State {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

struct Access {
    contacts: u8,
    cases: u8,
    events_max: u8,
}

const fn id(n: u8) -> ContactId {
    contact(n as u128 + 1)
}

impl stateright::Model for Access {
    type State = State;
    type Action = Event;

    fn init_states(&self) -> Vec<State> {
        let mut state = State {
            contacts: BTreeMap::new(),
            access: BTreeMap::new(),
            cases: BTreeMap::new(),
            cards: BTreeMap::new(),
            counters: Counters::default(),
            now: NOON,
            begun: BTreeSet::new(),
            ended: BTreeSet::new(),
            verified: BTreeMap::new(),
            used: BTreeSet::new(),
            forgotten: BTreeSet::new(),
            reads: 0,
            wrong: None,
            events: 0,
        };
        for of in 0..self.cases {
            let (_, enrolled) = state.run(async |store| {
                let cards = card(u64::from(of));
                store.enrol(NOON, case(u128::from(of)), &number(u32::from(of)), &cards).await
            });
            enrolled.expect("enrolled");
        }
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Event>) {
        if state.events >= self.events_max {
            return;
        }
        for by in 0..self.contacts {
            if !state.begun.contains(&by) {
                actions.push(Event::Begins(by));
                continue;
            }
            for of in 0..self.cases {
                actions.extend((1..=ROWS).map(|row| Event::Keys { contact: by, of, row: Some(row) }));
                actions.extend([
                    Event::Keys { contact: by, of, row: None },
                    Event::Reads { contact: by, of },
                    Event::Forgets { contact: by, of },
                ]);
            }
            actions.push(Event::Ends(by));
        }
        actions.extend([Event::CrashesAndRestarts, Event::Passes]);
    }

    fn next_state(&self, state: &State, event: Event) -> Option<State> {
        let mut next = state.clone();
        next.events += 1;
        let now = next.now;
        match event {
            Event::Begins(by) => {
                let (_, begun) = next.run(async |store| store.begin_contact(now, id(by), Channel::Phone).await);
                begun.expect("it begins");
                next.begun.insert(by);
            }
            Event::Keys { contact: by, of, row } => {
                let keyed = row.map_or_else(|| wrong_code(1), |row| code(row, u64::from(of)));
                let who = trying(u128::from(by) + 1, Some(u32::from(by)));
                let (_, checked) =
                    next.run(async |store| store.check_card(now, &who, &number(u32::from(of)), &keyed).await);
                let is_live = !next.ended.contains(&by);
                match checked {
                    Ok(Checked::Opened(opened)) => {
                        let is_right = row.is_some_and(|row| next.used.insert((of, row)));
                        if opened != case(u128::from(of)) || !is_right || !is_live || next.forgotten.contains(&of) {
                            next.wrong = Some("a case opened that must not");
                        }
                        // One case at a time: what opens another one closes the one before it (S2).
                        next.verified.retain(|(contact, _), _| *contact != by);
                        next.verified.insert((by, of), now);
                    }
                    Ok(_) if !is_live => next.wrong = Some("a contact that ended is answered"),
                    Err(_) if is_live => next.wrong = Some("a live contact is not answered"),
                    _ => {}
                }
            }
            Event::Reads { contact: by, of } => {
                let (log, read) =
                    next.run(async |store| store.read_case(now, id(by), case(u128::from(of)), &[Field::Hearing]).await);
                let is_said = log.iter().any(|(about, event)| {
                    *about == Some(case(u128::from(of))) && matches!(event, AuditEvent::CaseRead { .. })
                });
                if read.is_ok() != next.may_read(by, of) {
                    next.wrong = Some("reading goes by something else than the contact's own verification");
                }
                if read.is_ok() && !is_said {
                    next.wrong = Some("a case was read and the log does not say so");
                }
                next.reads = next.reads.saturating_add(u8::from(read.is_ok()));
            }
            Event::Forgets { contact: by, of } => {
                let may = next.may_read(by, of);
                let (_, gone) = next.run(async |store| store.forget(now, id(by), case(u128::from(of))).await);
                if gone.is_ok() != may {
                    next.wrong = Some("somebody else forgot a case");
                }
                if gone.is_ok() {
                    next.forgotten.insert(of);
                }
            }
            Event::Ends(by) => {
                let (_, ended) = next.run(async |store| store.end_contact(now, id(by), Disposition::Answered).await);
                ended.expect("it ends");
                next.ended.insert(by);
            }
            Event::CrashesAndRestarts => {
                let (_, ended) = next.run(async |store| {
                    for (open, _) in store.open_contacts().await? {
                        store.end_contact(now, open, Disposition::Abandoned).await?;
                    }
                    Ok::<(), caseline_helpline::StoreFault>(())
                });
                ended.expect("they end");
                next.ended.extend(next.begun.clone());
            }
            Event::Passes => next.now = now.plus(HALF_A_DAY),
        }
        if next.ended.iter().any(|by| next.access.keys().any(|(open, _)| *open == id(*by))) {
            next.wrong = Some("access is left of a contact that ended");
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(
                "a case opens to whoever verified, while they are there, and the log says so",
                |_, state| {
                    let state: &State = state;
                    state.wrong.is_none()
                },
            ),
            Property::sometimes("a case is read twice", |_, state: &State| state.reads > 1),
            Property::sometimes("a case is forgotten", |_, state: &State| !state.forgotten.is_empty()),
        ]
    }
}

fn check(access: Access) -> usize {
    use stateright::Model as _;
    let checked = access.checker().threads(2).spawn_bfs().join();
    checked.assert_properties();
    checked.unique_state_count()
}

/// `CASELINE_MODELS=whole` looks at over a million states, in minutes.
#[test]
fn a_case_is_read_only_in_the_live_contact_that_verified_itself_for_it() {
    let whole = std::env::var("CASELINE_MODELS").is_ok_and(|bound| bound == "whole");
    let (events_max, at_least) = if whole { (9, 1_000_000) } else { (5, 5_000) };
    let states = check(Access { contacts: 2, cases: 2, events_max });
    eprintln!("{states} states");
    assert!(states > at_least, "{states} states");
}
