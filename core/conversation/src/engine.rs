//! The conversation as a machine: an input goes in, tellings, questions and effects come out.
//! It has no clock, socket or store; drawing and doing are left to the channels and to `helpline`.

mod ask;
mod effects;
mod greet;
mod step;
mod tell_case;
mod tell_desk;
mod tell_paper;

pub use tell_case::{source_phrase, value_phrases};

use crate::input::{Input, Key};
use crate::output::Output;
use crate::program::Program;
use crate::state::{Frame, SAID_MAX, STATE_VERSION, State, Waiting};
use crate::telling::{Phrase, Telling};
use caseline_model::{Date, Disposition, Language, Time};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// How many steps may run between two inputs. The checker proves that no flow needs more; a flow that slipped past it
/// leads to a person.
pub(crate) const STEPS_BETWEEN_INPUTS_MAX: usize = 200;

/// For how many days a desk can open a case that a person left to it.
const TICKET_DAYS: i64 = 7;

/// One conversation with one caller.
#[derive(Debug)]
pub struct Conversation {
    program: Arc<Program>,
    state: State,
    now: Time,
    outputs: VecDeque<Output>,
}

impl Conversation {
    /// A conversation that has not begun.
    pub fn new(program: Arc<Program>) -> Self {
        Self { program, state: State::new(), now: Time::from_micros(0), outputs: VecDeque::new() }
    }

    /// Goes on from a saved state. `None` when it is of another version: the caller starts anew.
    pub fn load(program: Arc<Program>, saved: &[u8]) -> Option<Self> {
        let state: State = serde_json::from_slice(saved).ok()?;
        // Until an input comes it is as late as the last one was: what is offered depends on the day.
        let now = state.last_input_at.unwrap_or_else(|| Time::from_micros(0));
        (state.version == STATE_VERSION).then(|| Self { program, state, now, outputs: VecDeque::new() })
    }

    /// The state as bytes. They hold what the caller gave: seal them.
    ///
    /// # Errors
    /// Never for states that this machine makes; the encoder's error otherwise.
    pub fn save(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&self.state)
    }

    /// The caller's language, once chosen.
    pub const fn language(&self) -> Option<Language> {
        self.state.language
    }

    /// The language in which the line speaks now: the caller's, or the first one of the menu.
    pub fn speaks(&self) -> Language {
        self.state.language.or_else(|| self.program.policy.first_menu.first().copied()).unwrap_or(Language::ENGLISH)
    }

    /// The state, for stages and tests.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// How it ended, once it has.
    pub const fn ended(&self) -> Option<Disposition> {
        self.state.ended
    }

    /// Takes one input. Never waits, never fails.
    pub fn handle(&mut self, now: Time, input: Input) {
        self.now = now;
        if self.state.ended.is_some() {
            return;
        }
        if !matches!(input, Input::Tick | Input::Done(_) | Input::Resumed | Input::Silent) {
            self.state.last_input_at = Some(now);
        }
        if matches!(
            input,
            Input::Chose(_) | Input::Gave(_) | Input::ShowedPasskey | Input::Key(Key::Person | Key::Urgent)
        ) {
            self.state.said.clear();
        }
        match input {
            Input::Arrived(arrival) => self.arrive(arrival),
            Input::HungUp => self.end(None),
            Input::VoiceHeard => self.hear_voice(),
            Input::Tick => {
                if self.next_deadline().is_some_and(|deadline| now >= deadline) {
                    self.end(None);
                }
            }
            Input::Resumed => self.ask_again(),
            Input::Key(Key::Repeat) => self.repeat(),
            Input::Key(Key::Person) => self.jump(self.program.policy.person.clone()),
            Input::Key(Key::Urgent) => self.jump(self.program.policy.urgent.clone()),
            Input::Chose(id) => self.chose(&id),
            Input::Gave(heard) => self.gave(&heard),
            Input::ShowedPasskey => self.showed_passkey(),
            Input::Silent => self.silent(),
            Input::Unclear => self.unclear(),
            Input::Done(done) => self.done(done),
        }
    }

    /// The next output; drain until none.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// A conversation that types is over after so long without an input.
    pub fn next_deadline(&self) -> Option<Time> {
        if self.state.ended.is_some() {
            return None;
        }
        let idle = Duration::from_secs(u64::from(self.program.policy.idle_minutes) * 60);
        self.state.last_input_at.map(|at| at.plus(idle))
    }

    fn today(&self) -> Date {
        self.now.date_in(&self.program.zone)
    }

    /// The last day of a ticket that is left today.
    fn ticket_until(&self) -> Date {
        let today = self.today();
        today.checked_add(jiff::Span::new().days(TICKET_DAYS)).unwrap_or(today)
    }

    /// Says something, in the caller's language or, where a lifeline language has no recording yet, in the one that the
    /// policy names for it.
    fn tell(&mut self, mut telling: Telling) {
        for phrase in &mut telling.phrases {
            self.localize(phrase);
        }
        if self.state.said.len() < SAID_MAX {
            self.state.said.push(telling.clone());
        }
        self.outputs.push_back(Output::Tell(telling));
    }

    /// Which key says it again: after what is long or said only once, and for the ear only. A page stays where it is.
    fn repeat_hint(&self) -> Option<Phrase> {
        let by_voice = self.state.arrival.as_ref().is_some_and(|arrival| arrival.channel.is_voice());
        by_voice.then(|| Phrase::new("repeat-hint"))
    }

    /// Says again what was told since the caller's last answer.
    fn retell(&mut self) {
        for telling in &self.state.said {
            self.outputs.push_back(Output::Tell(telling.clone()));
        }
    }

    fn localize(&self, phrase: &mut Phrase) {
        if phrase.language.is_some() {
            return;
        }
        let language = self.speaks();
        if self.program.words.key(language, &phrase.key).is_none()
            && let Some(instead) = self.program.policy.announced_in.get(&language)
        {
            phrase.language = Some(*instead);
        }
    }

    /// The person key and the urgent key leave whatever runs and go to a step of the outermost flow. A result that is
    /// waited for is waited for: a promise that is being saved is not abandoned half-way.
    fn jump(&mut self, target: String) {
        self.state.input_heard = true;
        if matches!(self.state.waiting, Waiting::Effect(_) | Waiting::Nothing) {
            return;
        }
        let Some((flow, step)) = target.split_once('.') else { return self.end(Some(Disposition::Failed)) };
        self.state.stack.truncate(1);
        match self.state.stack.first_mut() {
            Some(frame) if frame.flow == flow => frame.step = step.to_owned(),
            _ => {
                self.state.stack = vec![Frame {
                    flow: flow.to_owned(),
                    step: step.to_owned(),
                    slots: std::collections::BTreeMap::new(),
                }];
            }
        }
        self.run();
    }

    /// Keeps the better end of two: a person who took over outranks a promise, a promise a report, a report an answer.
    fn reached(&mut self, disposition: Disposition) {
        if rank(disposition) > rank(self.state.disposition) {
            self.state.disposition = disposition;
        }
    }

    fn end(&mut self, disposition: Option<Disposition>) {
        let disposition = disposition.unwrap_or(self.state.disposition);
        self.state.ended = Some(disposition);
        self.state.waiting = Waiting::Nothing;
        self.state.stack.clear();
        self.outputs.push_back(Output::Ended(disposition));
    }
}

const fn rank(disposition: Disposition) -> u8 {
    match disposition {
        Disposition::Abandoned | Disposition::NobodyThere | Disposition::Refused | Disposition::Failed => 0,
        Disposition::Answered => 1,
        Disposition::Referred => 2,
        Disposition::ReportTaken => 3,
        Disposition::Forgotten => 4,
        Disposition::MessageLeft => 5,
        Disposition::CallbackPromised => 6,
        Disposition::Connected => 7,
    }
}
