//! Connecting a caller to a person: a chain of numbers rung one after the other, and who hears whom.
//! The interpreter is `interpreting`; numbers, order and hours are the operator's; what is said when nobody comes, the
//! flow's.

use super::interpreting::{Booking, Interpreted};
use super::{OpenCall, SharedLine};
use crate::media::{EncodedPrompt, LegEvent, MediaFault, PlayMode};
use crate::sip::{CallEvent, EndReason};
use caseline_conversation::effect::{Chain, Connected};
use caseline_conversation::{Arg, Phrase};
use caseline_helpline::people::Link;
use caseline_helpline::{AuditEvent, ContactRunner};
use caseline_model::Language;
use std::sync::Arc;
use tokio::time::{Instant, sleep_until};

/// The key that takes a contact.
const ACCEPT_KEY: char = '1';

/// North American ringback: 440 and 480 Hz, two seconds on, four off (Telcordia GR-506).
const RINGBACK: (f64, f64, usize, usize) = (440.0, 480.0, 2, 4);

/// What came of ringing one link.
enum Rung {
    Accepted(Box<OpenCall>),
    Missed,
    CallerLeft,
}

impl SharedLine {
    /// Rings the chain. `None` when the caller left meanwhile.
    pub(super) async fn connect(
        &self,
        caller: &mut OpenCall,
        runner: &ContactRunner,
        chain: Chain,
        need: &str,
    ) -> Option<Connected> {
        let people = &self.line.people;
        let links = match chain {
            Chain::Urgent => &people.urgent,
            Chain::Staff if !self.line.hours.are_open(self.clock.now(), &self.line.program.zone) => {
                return Some(Connected::Closed);
            }
            Chain::Staff => &people.staff,
        };
        if links.is_empty() {
            return Some(Connected::Closed);
        }
        let mut booking = Booking::new(self, runner.language(), Some(caller.leg.id()));
        let mut rang = false;
        for link in links {
            let Some(_occupied) = self.occupy(&link.name) else { continue };
            rang = true;
            self.wait_with_ringback(caller);
            booking.book_for(link).await;
            runner.note(self.clock.now(), AuditEvent::LinkRung { role: link.role }).await;
            match self.ring_link(caller, &mut booking, link, runner.language(), need).await {
                Rung::Accepted(agent) => {
                    runner.note(self.clock.now(), AuditEvent::AgentJoined { role: link.role }).await;
                    let stayed = self.join(caller, *agent, link, booking).await;
                    return stayed.then_some(Connected::Answered);
                }
                Rung::Missed => runner.note(self.clock.now(), AuditEvent::LinkMissed { role: link.role }).await,
                Rung::CallerLeft => return None,
            }
        }
        self.quiet(caller);
        Some(if rang { Connected::Nobody } else { Connected::Full })
    }

    /// Rings one link while the caller waits; whoever answers hears language and need, and accepts with a key.
    async fn ring_link(
        &self,
        caller: &mut OpenCall,
        booking: &mut Booking<'_>,
        link: &Link,
        language: Language,
        need: &str,
    ) -> Rung {
        let ringing = self.ring(&link.target, Some(caller.leg.id()), self.settings.link_rings);
        tokio::pin!(ringing);
        let mut agent = loop {
            tokio::select! {
                answered = &mut ringing => match answered {
                    Some(agent) => break agent,
                    None => return Rung::Missed,
                },
                gone = next_on(self, caller) => if gone { return Rung::CallerLeft },
                () = booking.changed() => {}
            }
        };
        let took = {
            let accepted = self.offer(&mut agent, link, language, need);
            tokio::pin!(accepted);
            loop {
                tokio::select! {
                    took = &mut accepted => break Some(took),
                    gone = next_on(self, caller) => if gone { break None },
                    () = booking.changed() => {}
                }
            }
        };
        match took {
            Some(true) => Rung::Accepted(Box::new(agent)),
            Some(false) => Rung::Missed,
            None => Rung::CallerLeft,
        }
    }

    /// Tells the person who answered who waits, and waits for the key.
    pub(super) async fn offer(&self, agent: &mut OpenCall, link: &Link, language: Language, need: &str) -> bool {
        let codec = agent.leg.codec();
        let phrases = vec![
            Phrase::new("agent-offer")
                .with("language", Arg::Word(format!("language-{}", language.tag())))
                .with("need", Arg::Word(format!("need-{need}"))),
            Phrase::new("agent-accept-ask"),
        ];
        let prompts = self.speaker.phrases(codec, link.language, phrases).await;
        self.accepts(agent, prompts).await
    }

    /// Says something to somebody who answered, over and over, until they press the key that takes it. A machine that
    /// answers does not: after a while, or with another key, it is a no.
    pub(super) async fn accepts(&self, call: &mut OpenCall, prompts: Vec<Arc<EncodedPrompt>>) -> bool {
        if let Err(fault) = call.leg.play(prompts, PlayMode { repeat: true, ..PlayMode::UNTIL_KEY }) {
            tracing::error!(%fault, "an offer could not be spoken");
        }
        let deadline = Instant::now() + self.settings.accept_within;
        loop {
            let key = tokio::select! {
                event = call.events.next() => match event {
                    Some(LegEvent::Digit(key)) => Some(key),
                    Some(_) => None,
                    None => return false,
                },
                event = call.control.next_event() => match event {
                    Some(CallEvent::Digit(key)) => Some(key),
                    Some(event) => {
                        if self.take_call_event(call, event) {
                            return false;
                        }
                        None
                    }
                    None => return false,
                },
                () = sleep_until(deadline) => return false,
            };
            if let Some(key) = key {
                return key == ACCEPT_KEY;
            }
        }
    }

    /// Lets caller and agent hear each other, and the interpreter who was booked as soon as one is there. Whether the
    /// caller stayed until the agent hung up.
    pub(super) async fn join(
        &self,
        caller: &mut OpenCall,
        mut agent: OpenCall,
        link: &Link,
        mut booking: Booking<'_>,
    ) -> bool {
        self.quiet(caller);
        let mut stands = booking.stands(link);
        self.quiet(&agent);
        if let Err(fault) = self.bridge(caller, &agent, link, &booking) {
            tracing::error!(%fault, "legs could not be bridged");
            return true;
        }
        // Played over the bridge to the agent alone.
        let mut told = vec![Phrase::new("agent-connected")];
        told.extend(told_of(stands).map(Phrase::new));
        self.tell(&agent, link.language, told).await;
        let stayed = loop {
            tokio::select! {
                () = booking.changed() => {
                    let now = booking.stands(link);
                    if now == stands {
                        continue;
                    }
                    stands = now;
                    if let Err(fault) = self.bridge(caller, &agent, link, &booking) {
                        tracing::error!(%fault, "an interpreter could not be joined");
                    }
                    self.tell(&agent, link.language, told_of(stands).map(Phrase::new).into_iter().collect()).await;
                }
                over = next_on(self, caller) => if over { break false },
                over = next_on(self, &mut agent) => if over { break true },
            }
        };
        agent.control.hang_up(EndReason::HungUp);
        stayed
    }

    /// Puts caller, agent and the interpreter, if one is needed and there, on one bridge.
    fn bridge(
        &self,
        caller: &OpenCall,
        agent: &OpenCall,
        link: &Link,
        booking: &Booking<'_>,
    ) -> Result<(), MediaFault> {
        let mut legs = vec![caller.leg.id(), agent.leg.id()];
        if let Some(interpreter) = booking.call().filter(|_| booking.stands(link) == Interpreted::Here) {
            self.quiet(interpreter);
            legs.push(interpreter.leg.id());
        }
        self.media.bridge(&legs).map(|_| ())
    }

    /// Says something to one party, also over a bridge, behind what is being said: an interpreter may come in the moment
    /// in which somebody is told that they are connected.
    async fn tell(&self, call: &OpenCall, language: Language, phrases: Vec<Phrase>) {
        if phrases.is_empty() {
            return;
        }
        let prompts = self.speaker.phrases(call.leg.codec(), language, phrases).await;
        if let Err(fault) = call.leg.play(prompts, PlayMode { after_others: true, ..PlayMode::NOW }) {
            tracing::warn!(%fault, "a person of the line could not be told something");
        }
    }

    fn wait_with_ringback(&self, caller: &OpenCall) {
        let (low, high, on, off) = RINGBACK;
        let samples: Vec<i16> = (0..(on + off) * 8_000)
            .map(|at| {
                let turn = |hertz: f64| (2.0 * std::f64::consts::PI * hertz * at as f64 / 8_000.0).sin();
                if at < on * 8_000 { ((turn(low) + turn(high)) * 2_500.0) as i16 } else { 0 }
            })
            .collect();
        if let Ok(prompt) = EncodedPrompt::from_samples(caller.leg.codec(), &samples) {
            let _ = caller.leg.play(vec![Arc::new(prompt)], PlayMode::REPEAT);
        }
    }

    fn quiet(&self, call: &OpenCall) {
        if let Err(fault) = call.leg.stop_playing() {
            tracing::warn!(%fault, "a prompt could not be stopped");
        }
    }
}

/// What the person who takes the contact is told about the interpreter.
fn told_of(stands: Interpreted) -> Option<&'static str> {
    match stands {
        Interpreted::NotNeeded => None,
        Interpreted::Coming => Some("agent-interpreter-coming"),
        Interpreted::Here => Some("agent-interpreter-here"),
        Interpreted::Nobody => Some("agent-interpreter-none"),
    }
}

/// Takes one event of a call; whether it is over.
pub(super) async fn next_on(line: &SharedLine, call: &mut OpenCall) -> bool {
    tokio::select! {
        event = call.events.next() => {
            if matches!(event, Some(LegEvent::VoiceHeard)) {
                call.voice_heard = true;
            }
            event.is_none()
        }
        event = call.control.next_event() => match event {
            Some(event) => line.take_call_event(call, event),
            None => true,
        },
    }
}
