//! One contact from arrival to disposition: runs the conversation, does what it asks for, writes down what was done.
//! Ringing people and recording a voice note are left to the channel, which hands the result back.

mod desk;
mod left_open;
mod passkey;
mod perform;
mod saved;

use crate::audit::AuditEvent;
use crate::chance::Chance;
use crate::hours::Hours;
use crate::people::People;
use crate::ports::{ReturnPlace, ShownPasskey, Store, Trying};
use caseline_conversation::effect::{Chain, Connected, Done, Effect};
use caseline_conversation::input::Arrival;
use caseline_conversation::{Conversation, Input, Output, Program, Question, Telling};
use caseline_model::{CaseId, Channel, ContactId, Disposition, Language, Phone, Private, Time};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub use saved::saved_contacts_never_panic;

pub use left_open::{LeftOpen, end_left_open, end_not_come_back};

/// A line: what all its contacts share.
pub struct Line {
    /// Flows, words, policy, the operator, articles.
    pub program: Arc<Program>,
    /// All that is kept.
    pub store: Arc<dyn Store>,
    /// Randomness for ids, receipts and codes.
    pub chance: Arc<dyn Chance>,
    /// When staff are there.
    pub hours: Hours,
    /// Numbers of the chains, interpreters, who hears messages.
    pub people: People,
    /// Numbers that are shared by many: shelters, gateways, as digits with the country's code.
    pub shared_callers: Vec<Phone>,
}

/// How a contact reaches the line.
#[derive(Clone, Debug)]
pub struct Reached {
    /// The channel.
    pub channel: Channel,
    /// The language of the number that was called or of the page.
    pub language: Option<Language>,
    /// The number that the network showed; none: withheld, or a page.
    pub caller: Option<Private<Phone>>,
    /// The call comes over a trunk or number marked `custody`, from this place.
    pub custody: Option<ReturnPlace>,
}

/// What the channel must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineOutput {
    /// Say or show this.
    Tell(Telling),
    /// Ask this, then hand an input in.
    Ask(Question),
    /// Ring a chain, then hand `Input::Done(Done::Connect { … })` in.
    Connect {
        /// Which.
        chain: Chain,
        /// What is told to the person who answers.
        need: String,
    },
    /// Record a voice note, then call `ContactRunner::voice_note`.
    RecordMessage,
    /// The contact is over.
    Ended(Disposition),
}

/// What came of one input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// In order.
    pub outputs: Vec<LineOutput>,
    /// When the channel may let them out.
    pub release: Release,
}

/// When a channel lets outputs out. Whatever a try came to, its answer leaves at the same moment (property S6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Release {
    /// At once.
    #[default]
    AtOnce,
    /// Not before the channel's fixed delay since the input has passed.
    AtDeadline,
}

/// One contact.
pub struct ContactRunner {
    line: Arc<Line>,
    id: ContactId,
    channel: Channel,
    conversation: Conversation,
    caller: Option<Private<Phone>>,
    place: Option<ReturnPlace>,
    open_case: Option<CaseId>,
    has_card: bool,
    shown: Option<Box<dyn ShownPasskey>>,
    began_at: Time,
    /// The store has its row. While the disk refuses it, each later step asks again: every contact has one end.
    begun: bool,
    language_noted: Option<Language>,
    message_need: String,
    promised: Vec<saved::Promised>,
    prepared: Option<saved::Prepared>,
    /// A person joined: whoever hangs up first now, the caller was connected.
    joined: AtomicBool,
}

impl ContactRunner {
    /// A contact begins. A caller from a detention telephone who was cut off minutes ago goes back to the same place.
    pub async fn arrive(line: Arc<Line>, now: Time, reached: Reached) -> (Self, Turn) {
        if let Some(place) = &reached.custody
            && let Ok(Some(contact)) = line.store.take_return_place(now, place).await
            && let Some((runner, turn)) = Self::take_over(Arc::clone(&line), now, contact).await
        {
            return (runner.still_reached(reached), turn);
        }
        let id = ContactId::from_random(line.chance.bits_128());
        let staffed = line.hours.are_open(now, &line.program.zone) && !line.people.staff.is_empty();
        let mut runner = Self {
            conversation: Conversation::new(Arc::clone(&line.program)),
            id,
            channel: reached.channel,
            caller: reached.caller,
            place: reached.custody,
            open_case: None,
            has_card: false,
            shown: None,
            began_at: now,
            begun: false,
            language_noted: None,
            message_need: String::new(),
            promised: Vec::new(),
            prepared: None,
            joined: AtomicBool::new(false),
            line,
        };
        runner.begin().await;
        let counted = runner.line.store.note_caller(now, &runner.trying()).await;
        runner.log_fault(counted);
        let arrival = Arrival {
            channel: reached.channel,
            language: reached.language,
            staffed,
            number_shown: runner.caller.is_some(),
            custody: runner.place.is_some(),
        };
        let turn = runner.handle(now, Input::Arrived(arrival)).await;
        (runner, turn)
    }

    /// Another process, or a later request, goes on with a contact: the last question is asked again.
    pub async fn take_over(line: Arc<Line>, now: Time, id: ContactId) -> Option<(Self, Turn)> {
        let mut runner = Self::load(line, now, id).await?;
        let turn = runner.handle(now, Input::Resumed).await;
        Some((runner, turn))
    }

    /// What the channel still knows of a contact that was taken over: the number and the place are in no saved state.
    #[must_use]
    pub fn still_reached(mut self, reached: Reached) -> Self {
        self.caller = reached.caller;
        self.place = reached.custody;
        self
    }

    /// Loads a contact without asking anything again: for channels whose page still shows the question.
    pub async fn load(line: Arc<Line>, now: Time, id: ContactId) -> Option<Self> {
        let bytes = match line.store.load_conversation(now, id).await {
            Ok(bytes) => bytes?,
            Err(fault) => {
                tracing::warn!(%fault, "a conversation could not be loaded");
                return None;
            }
        };
        let saved = saved::SavedContact::read(&bytes)?;
        let conversation = Conversation::load(Arc::clone(&line.program), saved.conversation.as_bytes())?;
        Some(Self {
            language_noted: conversation.language(),
            conversation,
            id,
            channel: saved.channel,
            caller: None,
            place: None,
            open_case: saved.open_case,
            has_card: saved.has_card,
            shown: None,
            began_at: saved.began_at,
            begun: true,
            message_need: saved.message_need,
            promised: saved.promised,
            prepared: saved.prepared,
            joined: AtomicBool::new(false),
            line,
        })
    }

    /// Its id: for logs, which hold nothing else of it.
    pub const fn id(&self) -> ContactId {
        self.id
    }

    /// The language in which the line speaks to this caller.
    pub fn language(&self) -> Language {
        self.conversation.speaks()
    }

    /// The language that the caller chose.
    pub const fn chosen_language(&self) -> Option<Language> {
        self.conversation.language()
    }

    /// The question that is open.
    pub fn question(&self) -> Option<Question> {
        self.conversation.question()
    }

    /// How it ended, once it has.
    pub const fn ended(&self) -> Option<Disposition> {
        self.conversation.ended()
    }

    /// The conversation, for stages.
    pub const fn conversation(&self) -> &Conversation {
        &self.conversation
    }

    /// When a conversation that types is over if nothing comes.
    pub fn next_deadline(&self) -> Option<Time> {
        (!self.channel.is_voice()).then(|| self.conversation.next_deadline()).flatten()
    }

    /// Takes one input; does what the conversation asks for; keeps its state before anything is let out.
    pub async fn handle(&mut self, now: Time, input: Input) -> Turn {
        match &input {
            Input::HungUp if self.park(now).await => return Turn::default(),
            // The channel noted that a person joined, and the caller hung up before they did.
            Input::HungUp if self.joined.swap(false, Ordering::Relaxed) => {
                self.conversation.handle(now, Input::Done(Done::Connect { connected: Connected::Answered }));
            }
            Input::Done(Done::Connect { .. }) => self.joined.store(false, Ordering::Relaxed),
            _ => {}
        }
        self.begin().await;
        self.conversation.handle(now, input);
        self.drain(now).await
    }

    /// A voice was heard on the call. What came of it, if it led on by itself; otherwise the question stays open.
    pub async fn voice_heard(&mut self, now: Time) -> Option<Turn> {
        let turn = self.handle(now, Input::VoiceHeard).await;
        (!turn.outputs.is_empty()).then_some(turn)
    }

    /// The voice note that `RecordMessage` asked for: G.711 µ-law at 8 kHz.
    pub async fn voice_note(&mut self, now: Time, recorded: Private<Vec<u8>>) -> Turn {
        let done = self.keep_voice_note(now, recorded).await;
        self.handle(now, Input::Done(done)).await
    }

    /// Writes down that a number of a chain was rung, missed, or that a person joined.
    pub async fn note(&self, now: Time, event: AuditEvent) {
        if matches!(event, AuditEvent::AgentJoined { .. }) {
            self.joined.store(true, Ordering::Relaxed);
        }
        let written = self.line.store.append_audit(self.entry(now, event)).await.map(|_| ());
        self.log_fault(written);
    }

    /// Begins the contact in the store, until that was done once.
    async fn begin(&mut self) {
        if !self.begun {
            let begun = self.line.store.begin_contact(self.began_at, self.id, self.channel).await;
            self.begun = begun.is_ok();
            self.log_fault(begun);
        }
    }

    async fn drain(&mut self, now: Time) -> Turn {
        let mut turn = Turn::default();
        while let Some(output) = self.conversation.poll() {
            match output {
                Output::Tell(telling) => turn.outputs.push(LineOutput::Tell(telling)),
                Output::Ask(question) => turn.outputs.push(LineOutput::Ask(question)),
                Output::Do(effect) => {
                    if is_try(&effect) {
                        turn.release = Release::AtDeadline;
                    }
                    if let Some(wanted) = self.wanted_of_channel(&effect) {
                        turn.outputs.push(wanted);
                    } else {
                        let done = self.perform(now, effect).await;
                        self.conversation.handle(now, Input::Done(done));
                    }
                }
                Output::Ended(disposition) => {
                    let ended = self.line.store.end_contact(now, self.id, disposition).await;
                    self.log_fault(ended);
                    turn.outputs.push(LineOutput::Ended(disposition));
                }
            }
        }
        if self.conversation.language() != self.language_noted
            && let Some(language) = self.conversation.language()
        {
            self.language_noted = Some(language);
            let noted = self.line.store.note_language(now, self.id, language).await;
            self.log_fault(noted);
        }
        if self.conversation.ended().is_none() {
            self.keep_state(now).await;
        }
        turn
    }

    /// What only the channel can do. A page rings nobody: the flow's own words say who will hear of it.
    fn wanted_of_channel(&mut self, effect: &Effect) -> Option<LineOutput> {
        match effect {
            Effect::Connect { chain, need } if self.channel.is_voice() => {
                Some(LineOutput::Connect { chain: *chain, need: need.clone() })
            }
            Effect::Message { need, words: None } if self.channel.is_voice() => {
                self.message_need.clone_from(need);
                Some(LineOutput::RecordMessage)
            }
            _ => None,
        }
    }

    async fn keep_state(&self, now: Time) {
        let Ok(conversation) = self.conversation.save() else { return };
        let Ok(conversation) = String::from_utf8(conversation) else { return };
        let saved = saved::SavedContact {
            conversation,
            channel: self.channel,
            open_case: self.open_case,
            has_card: self.has_card,
            began_at: self.began_at,
            message_need: self.message_need.clone(),
            promised: self.promised.clone(),
            prepared: self.prepared.clone(),
        };
        if let Some(bytes) = saved.write() {
            let kept = self.line.store.save_conversation(now, self.id, &bytes).await;
            self.log_fault(kept);
        }
    }

    /// A call from a detention telephone that is cut off keeps its place for some minutes.
    async fn park(&self, now: Time) -> bool {
        match &self.place {
            Some(place) if self.conversation.ended().is_none() && self.conversation.state().input_heard => {
                self.line.store.note_return_place(now, place, self.id).await.is_ok()
            }
            _ => false,
        }
    }

    fn trying(&self) -> Trying {
        let shared = self.caller.as_ref().is_none_or(|caller| self.line.shared_callers.contains(caller.reveal()));
        Trying { contact: self.id, caller: self.caller.clone(), shared }
    }

    /// Logged once, here. The contact goes on: help never waits for the disk.
    fn log_fault(&self, result: Result<(), crate::fault::StoreFault>) {
        if let Err(fault) = result {
            tracing::error!(contact = %self.id, %fault, "the store failed; the contact goes on");
        }
    }
}

/// Tries are answered at a fixed moment, whatever they came to.
const fn is_try(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::CheckCard { .. } | Effect::CheckFile { .. } | Effect::CheckPasskey | Effect::ReportOutcome { .. }
    )
}

/// On a page nobody can be rung.
const fn nobody_on_a_page(staffed: bool) -> Done {
    Done::Connect { connected: if staffed { Connected::Full } else { Connected::Closed } }
}
