//! Connecting a caller to a person: a chain of numbers rung one after the other, an interpreter where one is needed.
//! The numbers, their order and their hours are the operator's; what is said when nobody comes, the flow's.

use super::{OpenCall, SharedLine};
use crate::media::{EncodedPrompt, LegEvent, PlayMode};
use crate::sip::{CallEvent, EndReason};
use caseline_conversation::effect::{Chain, Connected};
use caseline_conversation::{Arg, Phrase};
use caseline_helpline::people::{Interpreter, Link};
use caseline_helpline::{AuditEvent, ContactRunner};
use caseline_model::Language;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// How long the person who answered has to press the key that takes the contact.
const ACCEPT_WITHIN: Duration = Duration::from_secs(20);

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
        let free: Vec<&Link> = links.iter().filter(|link| !self.is_link_busy(&link.name)).collect();
        if free.is_empty() {
            return Some(if links.is_empty() { Connected::Closed } else { Connected::Full });
        }
        for link in free {
            self.wait_with_ringback(caller);
            runner.note(self.clock.now(), AuditEvent::LinkRung { role: link.role }).await;
            self.set_link_busy(&link.name, true);
            let rung = self.ring_link(caller, link, runner.language(), need).await;
            match rung {
                Rung::Accepted(agent) => {
                    runner.note(self.clock.now(), AuditEvent::AgentJoined { role: link.role }).await;
                    let interpreter = people.interpreter_for(link, runner.language());
                    let stayed = self.join(caller, *agent, link, interpreter).await;
                    self.set_link_busy(&link.name, false);
                    return stayed.then_some(Connected::Answered);
                }
                Rung::Missed => {
                    self.set_link_busy(&link.name, false);
                    runner.note(self.clock.now(), AuditEvent::LinkMissed { role: link.role }).await;
                }
                Rung::CallerLeft => {
                    self.set_link_busy(&link.name, false);
                    return None;
                }
            }
        }
        self.quiet(caller);
        Some(Connected::Nobody)
    }

    /// Rings one link while the caller waits; whoever answers hears language and need, and accepts with a key.
    async fn ring_link(&self, caller: &mut OpenCall, link: &Link, language: Language, need: &str) -> Rung {
        let ringing = self.ring(&link.target, Some(caller.leg.id()), self.settings.link_rings);
        tokio::pin!(ringing);
        let mut agent = loop {
            tokio::select! {
                answered = &mut ringing => match answered {
                    Some(agent) => break agent,
                    None => return Rung::Missed,
                },
                gone = caller_left(self, caller) => if gone { return Rung::CallerLeft },
            }
        };
        let took = {
            let accepted = self.offer(&mut agent, link, language, need);
            tokio::pin!(accepted);
            loop {
                tokio::select! {
                    took = &mut accepted => break Some(took),
                    gone = caller_left(self, caller) => if gone { break None },
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
        if let Err(fault) = agent.leg.play(prompts, PlayMode { repeat: true, ..PlayMode::UNTIL_KEY }) {
            tracing::error!(%fault, "the offer could not be spoken");
        }
        let deadline = Instant::now() + ACCEPT_WITHIN;
        loop {
            let key = tokio::select! {
                event = agent.events.next() => match event {
                    Some(LegEvent::Digit(key)) => Some(key),
                    Some(_) => None,
                    None => return false,
                },
                event = agent.control.next_event() => match event {
                    Some(CallEvent::Digit(key)) => Some(key),
                    Some(event) => {
                        if self.take_call_event(agent, event) {
                            return false;
                        }
                        None
                    }
                    None => return false,
                },
                () = sleep_until(deadline) => return false,
            };
            match key {
                Some(ACCEPT_KEY) => return true,
                Some(_) => return false,
                None => {}
            }
        }
    }

    /// Lets caller and agent hear each other, and an interpreter as soon as one answers. Whether the caller stayed
    /// until the agent hung up.
    pub(super) async fn join(
        &self,
        caller: &mut OpenCall,
        mut agent: OpenCall,
        link: &Link,
        interpreter: Option<&Interpreter>,
    ) -> bool {
        self.quiet(caller);
        let codec = agent.leg.codec();
        let prompts = self.speaker.phrases(codec, link.language, vec![Phrase::new("agent-connected")]).await;
        self.quiet(&agent);
        if let Err(fault) = self.media.bridge(&[caller.leg.id(), agent.leg.id()]) {
            tracing::error!(%fault, "two legs could not be bridged");
            return true;
        }
        // Played over the bridge to the agent alone.
        let _ = agent.leg.play(prompts, PlayMode::NOW);
        let mut third: Option<OpenCall> = None;
        let caller_leg = caller.leg.id();
        let joining = async {
            match interpreter {
                Some(interpreter) => self.ring(&interpreter.target, Some(caller_leg), self.settings.link_rings).await,
                None => None,
            }
        };
        tokio::pin!(joining);
        let mut joined = interpreter.is_none();
        let stayed = loop {
            tokio::select! {
                answered = &mut joining, if !joined => {
                    joined = true;
                    if let Some(interpreter) = answered {
                        if let Err(fault) = self.media.bridge(&[caller_leg, agent.leg.id(), interpreter.leg.id()]) {
                            tracing::error!(%fault, "an interpreter could not be joined");
                        }
                        third = Some(interpreter);
                    }
                }
                over = next_on(self, caller) => if over { break false },
                over = next_on(self, &mut agent) => if over { break true },
            }
        };
        agent.control.hang_up(EndReason::HungUp);
        if let Some(third) = third {
            third.control.hang_up(EndReason::HungUp);
        }
        stayed
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

/// Waits for one event of a caller who listens to ringback; whether they left.
async fn caller_left(line: &SharedLine, caller: &mut OpenCall) -> bool {
    next_on(line, caller).await
}

/// Takes one event of a call; whether it is over.
async fn next_on(line: &SharedLine, call: &mut OpenCall) -> bool {
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
