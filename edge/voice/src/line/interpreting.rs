//! The interpreter of a contact: rung before any person who needs one, kept from link to link, let go at the end.
//! Which interpreter speaks what is the operator's; letting three legs hear each other is left to `chain`.

use super::chain::next_on;
use super::ringing::Ringing;
use super::{Occupied, OpenCall, SharedLine};
use crate::media::{EncodedPrompt, LegId, PlayMode};
use crate::sip::EndReason;
use caseline_conversation::{Arg, Phrase};
use caseline_helpline::people::Link;
use caseline_model::Language;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// Interpreters that are rung for one contact, one after the other.
const RUNG_MAX: usize = 5;

/// While an interpreter waits: a soft tone of this many hertz, so long, then quiet for so long, in samples.
const WAITING_TONE: (f64, usize, usize) = (425.0, 1_600, 38_400);

/// How loud that tone is: about 20 dB below a voice.
const WAITING_TONE_HEIGHT: f64 = 700.0;

/// What is known of the interpreter of one contact.
pub(super) struct Booking<'l> {
    line: &'l SharedLine,
    language: Language,
    beside: Option<LegId>,
    state: State<'l>,
}

/// An interpreter who was found, kept for this contact.
type Found<'l> = (OpenCall, Occupied<'l>);

enum State<'l> {
    /// None was asked for.
    NotAsked,
    /// One after the other is rung, until one takes it with the key.
    Ringing(Pin<Box<dyn Future<Output = Option<Found<'l>>> + Send + 'l>>),
    /// One is on the telephone.
    Here(Box<Found<'l>>),
    /// None came, or the one who was here has left.
    Nobody,
}

/// How it stands with the interpreter, as a person of the staff is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interpreted {
    /// The person speaks the caller's language.
    NotNeeded,
    /// One is being rung.
    Coming,
    /// One is on the telephone.
    Here,
    /// No one can come.
    Nobody,
}

impl<'l> Booking<'l> {
    /// For a contact in a language; its leg and the interpreter's must be on one media thread.
    pub(super) fn new(line: &'l SharedLine, language: Language, beside: Option<LegId>) -> Self {
        Self { line, language, beside, state: State::NotAsked }
    }

    /// Sees to it that an interpreter is on the way before this link is rung, if the link needs one. One who was booked
    /// for an earlier link is kept.
    pub(super) async fn book_for(&mut self, link: &Link) {
        if link.speaks.contains(&self.language) || !matches!(self.state, State::NotAsked) {
            return;
        }
        let line = self.line;
        let free: Vec<(String, Occupied<'l>)> = line
            .line
            .people
            .interpreters
            .iter()
            .filter(|interpreter| interpreter.languages.contains(&self.language))
            .take(RUNG_MAX)
            .filter_map(|one| Some((one.target.clone(), line.occupy(&format!("interpreter {}", one.target))?)))
            .collect();
        let mut free = free.into_iter();
        let Some((first, occupied)) = free.next() else {
            self.state = State::Nobody;
            return;
        };
        // The first one's call is on its way before the link's is.
        let dialled = line.dial(&first, self.beside, line.settings.link_rings).await;
        let beside = self.beside.or(dialled.as_ref().map(Ringing::leg));
        self.beside = beside;
        let (language, told_in) = (self.language, link.language);
        self.state = State::Ringing(Box::pin(async move {
            let mut next = Some((dialled, occupied));
            while let Some((dialled, occupied)) = next {
                if let Some(ringing) = dialled
                    && let Some(mut call) = ringing.answered().await
                {
                    if line.interpreter_accepts(&mut call, language, told_in).await {
                        return Some((call, occupied));
                    }
                    call.control.hang_up(EndReason::HungUp);
                }
                drop(occupied);
                next = match free.next() {
                    Some((target, occupied)) => {
                        Some((line.dial(&target, beside, line.settings.link_rings).await, occupied))
                    }
                    None => None,
                };
            }
            None
        }));
    }

    /// A leg beside which those must be opened that shall be bridged with the interpreter.
    pub(super) fn beside(&self) -> Option<LegId> {
        self.beside
    }

    /// How it stands for this link.
    pub(super) fn stands(&self, link: &Link) -> Interpreted {
        match &self.state {
            _ if link.speaks.contains(&self.language) => Interpreted::NotNeeded,
            State::Ringing(_) => Interpreted::Coming,
            State::Here(_) => Interpreted::Here,
            State::NotAsked | State::Nobody => Interpreted::Nobody,
        }
    }

    /// The interpreter's call, while there is one.
    pub(super) fn call(&self) -> Option<&OpenCall> {
        match &self.state {
            State::Here(found) => Some(&found.0),
            _ => None,
        }
    }

    /// Waits until something changed: one took it, none came, the one who was here has left. Returns now and then
    /// without a change, and never while nothing can change. Safe in `select!`.
    pub(super) async fn changed(&mut self) {
        match &mut self.state {
            State::NotAsked | State::Nobody => std::future::pending().await,
            State::Ringing(ringing) => {
                let found = ringing.await;
                self.state = found.map_or(State::Nobody, |found| State::Here(Box::new(found)));
            }
            State::Here(found) => {
                if next_on(self.line, &mut found.0).await {
                    self.state = State::Nobody;
                }
            }
        }
    }
}

impl SharedLine {
    /// Tells an interpreter what they are wanted for. Whoever takes it with the key waits from then on, and a soft tone says
    /// now and then that the line is open.
    async fn interpreter_accepts(&self, call: &mut OpenCall, language: Language, told_in: Language) -> bool {
        let codec = call.leg.codec();
        let asked = vec![
            Phrase::new("interpreter-asked").with("language", Arg::Word(format!("language-{}", language.tag()))),
            Phrase::new("agent-accept-ask"),
        ];
        let prompts = self.speaker.phrases(codec, told_in, asked).await;
        if !self.accepts(call, prompts).await {
            return false;
        }
        let (hertz, on, off) = WAITING_TONE;
        // Quiet first: the tone is no answer to the key.
        let tone: Vec<i16> = std::iter::repeat_n(0, off)
            .chain((0..on).map(|at| {
                ((2.0 * std::f64::consts::PI * hertz * at as f64 / 8_000.0).sin() * WAITING_TONE_HEIGHT) as i16
            }))
            .collect();
        let waits = EncodedPrompt::from_samples(codec, &tone)
            .and_then(|tone| call.leg.play(vec![Arc::new(tone)], PlayMode::REPEAT).map(|_| ()));
        if let Err(fault) = waits {
            tracing::error!(%fault, "an interpreter hears no sign that the line is open");
        }
        true
    }
}
