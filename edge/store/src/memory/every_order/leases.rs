//! Obligations, leases and attempts (property S15): one obligation has at most one success, and in the end an end.

use super::super::{Intent, MemoryStore, Model, Task, TaskState};
use super::on;
use crate::contract::values::{NOON, task};
use crate::rules::UNKNOWN_QUIET;
use caseline_helpline::ports::{LeaseState, Settled, Store, TaskKind};
use caseline_model::{TaskId, Time};
use stateright::{Checker, Property};
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::time::Duration;

const LEASE: Duration = Duration::from_secs(90);
/// How time passes: within a lease, past it, past the quiet after an attempt of unknown end.
const STEPS: [Duration; 3] = [Duration::from_secs(45), LEASE, UNKNOWN_QUIET];
/// Obligations are given up after so long.
const EXPIRES_AFTER: Duration = Duration::from_secs(25 * 60);
/// When all of it is over.
const HORIZON: Duration = Duration::from_secs(40 * 60);
const KINDS: [TaskKind; 2] = [TaskKind::Callback, TaskKind::Message];

/// What a worker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Worker {
    Idle,
    Has(TaskId, u64),
    MayRing(TaskId, u64),
    Rang { task: TaskId, fencing: u64, answered: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Claims(usize),
    NotesIntent(usize),
    Rings(usize, bool),
    Settles(usize),
    GivesUp(usize),
    Crashes(usize),
    Passes(usize),
    /// At the horizon: the workers that are left are gone, and another process looks for what is due.
    Sweep,
}

/// An attempt that is out: nobody has written how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Out {
    task: TaskId,
    fencing: u64,
    noted_at: Time,
}

#[derive(Clone)]
struct State {
    tasks: BTreeMap<TaskId, Task>,
    intents: Vec<Intent>,
    now: Time,
    workers: Vec<Worker>,
    out: Vec<Out>,
    met: BTreeMap<TaskId, u8>,
    swept: bool,
    wrong: Option<&'static str>,
}

impl State {
    /// All that tells one state from another.
    fn parts(&self) -> impl Hash + PartialEq + std::fmt::Debug + '_ {
        let tasks: Vec<_> = self
            .tasks
            .iter()
            .map(|(id, task)| {
                let state = match task.state {
                    TaskState::Open => 0,
                    TaskState::Met => 1,
                    TaskState::GivenUp => 2,
                };
                // A lease that is over is over, whenever that was; whether there was one decides who may settle.
                let left = |until: Option<Time>| until.map(|until| until.since(self.now));
                (
                    id.to_bytes(),
                    state,
                    task.due_at.since(self.now),
                    left(task.lease_until),
                    left(task.quiet_until),
                    task.fencing,
                )
            })
            .collect();
        let out: Vec<_> = self.out.iter().map(|out| (out.task, out.fencing, self.now.since(out.noted_at))).collect();
        (tasks, self.now, self.workers.clone(), out, self.met.clone(), self.swept, self.wrong)
    }

    /// Runs verbs of the store on these obligations.
    fn run<T>(&mut self, verbs: impl AsyncFnOnce(&MemoryStore) -> T) -> T {
        let (tasks, intents) = (std::mem::take(&mut self.tasks), std::mem::take(&mut self.intents));
        let (model, done) = on(Model { tasks, intents, ..Model::default() }, verbs);
        (self.tasks, self.intents) = (model.tasks, model.intents);
        done
    }

    fn settle(&mut self, worker: usize, settled: Settled) {
        let Worker::Rang { task, fencing, .. } = self.workers[worker] else { return };
        let now = self.now;
        let held = self.run(async |store| store.settle_task(now, task, fencing, settled).await.expect("in memory"));
        if held == LeaseState::Held {
            if self.tasks.get(&task).is_some_and(|kept| kept.fencing != fencing) {
                self.wrong = Some("an older lease settled");
            }
            self.out.retain(|out| (out.task, out.fencing) != (task, fencing));
            *self.met.entry(task).or_default() += u8::from(settled == Settled::Met);
        }
        self.workers[worker] = Worker::Idle;
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.parts().fmt(f)
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

struct Leases {
    tasks: u8,
    workers: usize,
    fencing_max: u64,
    steps: &'static [Duration],
}

impl stateright::Model for Leases {
    type State = State;
    type Action = Event;

    fn init_states(&self) -> Vec<State> {
        let mut state = State {
            tasks: BTreeMap::new(),
            intents: Vec::new(),
            now: NOON,
            workers: vec![Worker::Idle; self.workers],
            out: Vec::new(),
            met: BTreeMap::new(),
            swept: false,
            wrong: None,
        };
        for n in 0..self.tasks {
            let kind = KINDS[usize::from(n) % KINDS.len()];
            let new = task(u128::from(n) + 1, kind, NOON, NOON.plus(EXPIRES_AFTER), None);
            // Twice: it is kept once.
            for _ in 0..2 {
                state.run(async |store| store.add_task(NOON, None, new.clone()).await.expect("in memory"));
            }
        }
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Event>) {
        if state.swept {
            return;
        }
        if state.now.since(NOON) >= HORIZON {
            actions.push(Event::Sweep);
            return;
        }
        for (worker, does) in state.workers.iter().enumerate() {
            match does {
                Worker::Idle => {
                    // Enough attempts of each are enough to see.
                    if state.tasks.values().all(|task| task.fencing < self.fencing_max) {
                        actions.push(Event::Claims(worker));
                    }
                    continue;
                }
                Worker::Has(..) => actions.push(Event::NotesIntent(worker)),
                Worker::MayRing(..) => actions.extend([Event::Rings(worker, true), Event::Rings(worker, false)]),
                Worker::Rang { answered, .. } => {
                    actions.push(Event::Settles(worker));
                    if !answered {
                        actions.push(Event::GivesUp(worker));
                    }
                }
            }
            actions.push(Event::Crashes(worker));
        }
        actions.extend((0..self.steps.len()).map(Event::Passes));
    }

    fn next_state(&self, state: &State, event: Event) -> Option<State> {
        let mut next = state.clone();
        let now = next.now;
        match event {
            Event::Claims(worker) => {
                let claimed = next.run(async |store| store.claim_task(now, &KINDS, LEASE).await.expect("in memory"));
                let claimed = claimed?;
                if next.out.iter().any(|out| out.task == claimed.id && now.since(out.noted_at) < UNKNOWN_QUIET) {
                    next.wrong = Some("a telephone may still ring, and another attempt begins");
                }
                next.workers[worker] = Worker::Has(claimed.id, claimed.fencing);
            }
            Event::NotesIntent(worker) => {
                let Worker::Has(task, fencing) = next.workers[worker] else { return None };
                let attempt = u128::from(fencing) << 64 | u128::from(task.to_bytes()[15]);
                let held =
                    next.run(async |store| store.note_intent(now, task, fencing, attempt).await.expect("in memory"));
                if held == LeaseState::Held {
                    if next.tasks.get(&task).is_some_and(|kept| kept.fencing != fencing) {
                        next.wrong = Some("an older lease noted an attempt");
                    }
                    next.out.push(Out { task, fencing, noted_at: now });
                    next.workers[worker] = Worker::MayRing(task, fencing);
                } else {
                    next.workers[worker] = Worker::Idle;
                }
            }
            Event::Rings(worker, answered) => {
                let Worker::MayRing(task, fencing) = next.workers[worker] else { return None };
                next.workers[worker] = Worker::Rang { task, fencing, answered };
            }
            Event::Settles(worker) => {
                let Worker::Rang { answered, .. } = next.workers[worker] else { return None };
                let again = Settled::Again(now.plus(Duration::from_secs(60)));
                next.settle(worker, if answered { Settled::Met } else { again });
            }
            Event::GivesUp(worker) => next.settle(worker, Settled::GivenUp),
            Event::Crashes(worker) => next.workers[worker] = Worker::Idle,
            Event::Passes(step) => next.now = now.plus(self.steps[step]),
            Event::Sweep => {
                next.workers.fill(Worker::Idle);
                let claimed = next.run(async |store| store.claim_task(now, &KINDS, LEASE).await.expect("in memory"));
                if claimed.is_some() {
                    next.wrong = Some("an obligation whose time is over is begun");
                }
                next.swept = true;
            }
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("one obligation, at most one success", |_, state: &State| {
                state.met.values().all(|count| *count <= 1)
            }),
            Property::always("an older lease writes nothing, and no second telephone rings", |_, state: &State| {
                state.wrong.is_none()
            }),
            Property::always("what was met is met and nothing else", |_, state: &State| {
                let is_met = |id: &TaskId| state.met.get(id).is_some_and(|count| *count > 0);
                state.tasks.iter().all(|(id, task)| (task.state == TaskState::Met) == is_met(id))
            }),
            Property::always("in the end every obligation has an end", |_, state: &State| {
                !state.swept || state.tasks.values().all(|task| task.state != TaskState::Open)
            }),
            Property::sometimes("one is met after another worker crashed", |_, state: &State| {
                state.tasks.values().any(|task| task.state == TaskState::Met && task.fencing > 1)
            }),
            Property::sometimes("one is given up", |_, state: &State| state.swept && state.met.is_empty()),
        ]
    }
}

fn check(leases: Leases) -> usize {
    use stateright::Model as _;
    let checked = leases.checker().threads(2).spawn_bfs().join();
    checked.assert_properties();
    checked.unique_state_count()
}

/// `CASELINE_MODELS=whole` looks at over a million states, in minutes.
#[test]
fn one_obligation_has_at_most_one_success_and_in_the_end_an_end() {
    let (states, at_least) = if std::env::var("CASELINE_MODELS").is_ok_and(|bound| bound == "whole") {
        let two_tasks = check(Leases { tasks: 2, workers: 2, fencing_max: 2, steps: &STEPS[1..] });
        (two_tasks + check(Leases { tasks: 1, workers: 3, fencing_max: 3, steps: &STEPS[1..] }), 1_000_000)
    } else {
        (check(Leases { tasks: 1, workers: 2, fencing_max: 2, steps: &STEPS[1..] }), 5_000)
    };
    eprintln!("{states} states");
    assert!(states > at_least, "{states} states");
}
