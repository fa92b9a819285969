//! Keeping promises: callbacks and reminders that are due, each taken under a lease, so that none is lost or done twice.
//! The obligations themselves live in the store; the line only dials.

use super::chain::next_on;
use super::interpreting::{Booking, Interpreted};
use super::{OpenCall, SharedLine};
use crate::sip::EndReason;
use caseline_conversation::Phrase;
use caseline_helpline::StoreFault;
use caseline_helpline::people::Link;
use caseline_helpline::ports::{ClaimedTask, LeaseState, Settled, TaskKind};
use caseline_model::{Language, Time};
use std::sync::Arc;
use std::time::Duration;

/// How long an attempt may take before another worker may try.
const LEASE: Duration = Duration::from_secs(30 * 60);

/// Tries of one promise, and the time between them.
const TRIES_MAX: u32 = 3;
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(10 * 60);

/// When the line has nobody to call back with, it looks again after so long.
const NOBODY_FREE_AFTER: Duration = Duration::from_secs(60);

impl SharedLine {
    /// Runs until the line ends.
    pub(super) async fn keep_promises(self: Arc<Self>) {
        let mut closing = self.closing.subscribe();
        loop {
            tokio::select! {
                () = tokio::time::sleep(self.settings.duties_every) => {}
                _ = closing.wait_for(|closing| *closing) => return,
            }
            while let Some(task) = self.due().await {
                if let Err(fault) = self.keep(task).await {
                    tracing::error!(%fault, "a promise could not be written down; it will be tried again");
                    break;
                }
            }
        }
    }

    async fn due(&self) -> Option<ClaimedTask> {
        let now = self.clock.now();
        // Nobody is called back by a line that has nobody to talk to them.
        let staffed = self.line.hours.are_open(now, &self.line.program.zone)
            && self.line.people.staff.iter().any(|link| !self.is_busy(&link.name));
        let kinds: &[TaskKind] =
            if staffed { &[TaskKind::Callback, TaskKind::Reminder] } else { &[TaskKind::Reminder] };
        match self.line.store.claim_task(now, kinds, LEASE).await {
            Ok(task) => task,
            Err(fault) => {
                tracing::error!(%fault, "promises cannot be read");
                None
            }
        }
    }

    async fn keep(&self, task: ClaimedTask) -> Result<(), StoreFault> {
        let now = self.clock.now();
        let attempt = self.line.chance.bits_128();
        // The intent is written before anything rings: after a crash the attempt is known to be unknown, not unmade.
        if self.line.store.note_intent(now, task.id, task.fencing, attempt).await? == LeaseState::Lost {
            return Ok(());
        }
        let kept = match task.kind {
            TaskKind::Callback => self.call_back(&task).await,
            TaskKind::Reminder => self.remind(&task).await,
            TaskKind::Message | TaskKind::Report => Kept::NobodyFree,
        };
        let now = self.clock.now();
        let settled = match kept {
            Kept::Met => Settled::Met,
            Kept::NobodyFree => Settled::Again(now.plus(NOBODY_FREE_AFTER)),
            Kept::NoAnswer => again_or_given_up(task.attempt, now),
        };
        self.line.store.settle_task(now, task.id, task.fencing, settled).await?;
        Ok(())
    }

    /// Agent and interpreter first, then the caller: nobody is called to wait.
    async fn call_back(&self, task: &ClaimedTask) -> Kept {
        let Some(phone) = &task.content.phone else { return Kept::NoAnswer };
        let language = task.content.language;
        let mut booking = Booking::new(self, language, None);
        for link in &self.line.people.staff {
            let Some(_occupied) = self.occupy(&link.name) else { continue };
            booking.book_for(link).await;
            let Some(agent) = self.ready_agent(&mut booking, link, language, &task.content.need).await else {
                continue;
            };
            let called =
                self.ring(&self.dialled(phone.reveal()), Some(agent.leg.id()), self.settings.link_rings * 2).await;
            let kept = match called {
                Some(mut caller) => {
                    let neutral = vec![Phrase::new("callback-neutral")];
                    let mut prompts = self.speaker.phrases(caller.leg.codec(), task.content.language, neutral).await;
                    let _ = self.play_out(&mut caller, &mut prompts).await;
                    self.join(&mut caller, agent, link, booking).await;
                    caller.control.hang_up(EndReason::HungUp);
                    Kept::Met
                }
                None => {
                    agent.control.hang_up(EndReason::HungUp);
                    Kept::NoAnswer
                }
            };
            return kept;
        }
        Kept::NobodyFree
    }

    /// A person of the staff who took the callback, with the interpreter on the telephone or known not to come.
    async fn ready_agent(
        &self,
        booking: &mut Booking<'_>,
        link: &Link,
        language: Language,
        need: &str,
    ) -> Option<OpenCall> {
        let beside = booking.beside();
        let ready = async {
            let mut agent = self.ring(&link.target, beside, self.settings.link_rings).await?;
            self.offer(&mut agent, link, language, need).await.then_some(agent)
        };
        tokio::pin!(ready);
        let mut agent = loop {
            tokio::select! {
                agent = &mut ready => break agent?,
                () = booking.changed() => {}
            }
        };
        // Ringing interpreters end by themselves: each rings for a time.
        while booking.stands(link) == Interpreted::Coming {
            tokio::select! {
                () = booking.changed() => {}
                over = next_on(self, &mut agent) => if over { return None },
            }
        }
        Some(agent)
    }

    /// Says a neutral sentence to whoever answers: it names neither the line nor what it is about.
    async fn remind(&self, task: &ClaimedTask) -> Kept {
        let Some(phone) = &task.content.phone else { return Kept::NoAnswer };
        let Some(mut call) = self.ring(&self.dialled(phone.reveal()), None, self.settings.link_rings * 2).await else {
            return Kept::NoAnswer;
        };
        let neutral = vec![Phrase::new("reminder-neutral")];
        let mut prompts = self.speaker.phrases(call.leg.codec(), task.content.language, neutral).await;
        let mut again = prompts.clone();
        let heard = self.play_out(&mut call, &mut prompts).await.is_some();
        if heard {
            // Said twice; whoever hangs up during the second time has heard it.
            let _ = self.play_out(&mut call, &mut again).await;
        }
        call.control.hang_up(EndReason::HungUp);
        if heard { Kept::Met } else { Kept::NoAnswer }
    }

    /// A number as it is dialled: over the trunk as it is, or where numbers are reached without one.
    fn dialled(&self, phone: &caseline_model::Phone) -> String {
        match (&self.settings.trunk, &self.settings.numbers_at) {
            (None, Some(host)) => format!("sip:{}@{host}", phone.e164()),
            _ => phone.e164(),
        }
    }
}

/// What came of an attempt.
enum Kept {
    Met,
    NoAnswer,
    NobodyFree,
}

fn again_or_given_up(attempt: u32, now: Time) -> Settled {
    if attempt >= TRIES_MAX { Settled::GivenUp } else { Settled::Again(now.plus(TRY_AGAIN_AFTER)) }
}
