//! Staff hear messages by telephone: their own code, then one message at a time, done or again.
//! Keeping messages until they are heard is the store's; who may hear them, the operator's settings.

use super::listener_tries::ListenerTries;
use super::{OpenCall, SharedLine};
use crate::media::{Codec, EncodedPrompt, LegEvent, PlayMode};
use crate::prompts::PromptRequest;
use crate::sip::{CallEvent, EndReason};
use caseline_conversation::{Arg, Phrase};
use caseline_helpline::Role;
use caseline_helpline::audit::{AuditEntry, AuditEvent};
use caseline_helpline::people::MessageListener;
use caseline_helpline::ports::{ClaimedTask, Settled, TaskKind};
use caseline_model::{Date, Language, Private};
use sha2::{Digest, Sha256};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// A code of a member of staff has so many digits.
const CODE_LENGTH: usize = 8;

/// Wrong codes before the call is ended.
const WRONG_CODES_MAX: u32 = 3;

/// How long a message is held for the person who is hearing it.
const LEASE: Duration = Duration::from_secs(15 * 60);

/// How long a key is waited for.
const KEY_WITHIN: Duration = Duration::from_secs(15);

impl SharedLine {
    /// Runs a call to the number for messages.
    pub(super) async fn play_messages(self: Arc<Self>, mut call: OpenCall) {
        if let Some(listener) = self.ask_code(&mut call).await {
            self.play_each(&mut call, &listener).await;
        }
        call.control.hang_up(EndReason::HungUp);
        call.leg.close();
    }

    async fn ask_code(&self, call: &mut OpenCall) -> Option<MessageListener> {
        for _ in 0..WRONG_CODES_MAX {
            self.say(call, Language::ENGLISH, vec![Phrase::new("agent-message-code-ask")]).await;
            let mut keyed = Private::new(String::new());
            while keyed.reveal().len() < CODE_LENGTH {
                let key = self.key(call, KEY_WITHIN).await?;
                if key.is_ascii_digit() {
                    keyed = Private::new(format!("{}{key}", keyed.reveal()));
                }
            }
            let open = self.tries().are_open(self.clock.now());
            let found = self.line.people.listeners.iter().filter(|_| open).find(|listener| {
                let hash = Sha256::digest(format!("{}{}", listener.code_salt, keyed.reveal()));
                hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>() == listener.code_hash
            });
            if let Some(listener) = found {
                return Some(listener.clone());
            }
            if self.tries().note_wrong(self.clock.now()) {
                tracing::warn!("too many wrong codes on the number for messages: it opens to nobody for an hour");
            }
        }
        None
    }

    fn tries(&self) -> MutexGuard<'_, ListenerTries> {
        self.listener_tries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn play_each(&self, call: &mut OpenCall, listener: &MessageListener) {
        loop {
            let now = self.clock.now();
            let claimed = match self.line.store.claim_task(now, &[TaskKind::Message], LEASE).await {
                Ok(Some(claimed)) => claimed,
                Ok(None) => {
                    let none = vec![Phrase::new("agent-message-none")];
                    let mut prompts = self.speaker.phrases(call.leg.codec(), listener.language, none).await;
                    let _ = self.play_out(call, &mut prompts).await;
                    return;
                }
                Err(fault) => {
                    tracing::error!(%fault, "messages cannot be read");
                    self.say(call, listener.language, vec![Phrase::new("apology")]).await;
                    return;
                }
            };
            let entry = AuditEntry {
                at: now,
                contact: None,
                case: None,
                event: AuditEvent::MessageHeard { role: Role::Staff },
            };
            if let Err(fault) = self.line.store.append_audit(entry).await {
                // Log before open (property S5): without its entry a message is not played.
                tracing::error!(%fault, "a message is not played, since that cannot be written down");
                return;
            }
            let heard = self.play_one(call, listener, &claimed).await;
            let settled = if heard { Settled::Met } else { Settled::Again(self.clock.now()) };
            let written = self.line.store.settle_task(self.clock.now(), claimed.id, claimed.fencing, settled).await;
            if let Err(fault) = written {
                tracing::error!(%fault, "a message could not be settled; it will be heard again");
                return;
            }
            if !heard {
                return;
            }
        }
    }

    /// Plays one message until it is marked as done; `false` when the listener hung up or said nothing.
    async fn play_one(&self, call: &mut OpenCall, listener: &MessageListener, task: &ClaimedTask) -> bool {
        let zone = &self.line.program.zone;
        let days = days_since(task.content.asked_at.date_in(zone), self.clock.now().date_in(zone));
        loop {
            let codec = call.leg.codec();
            let next = Phrase::new("agent-message-next").with("days", Arg::Number(days));
            let about = Phrase::new("agent-offer")
                .with("language", Arg::Word(format!("language-{}", task.content.language.tag())))
                .with("need", Arg::Word(format!("need-{}", task.content.need)));
            let mut prompts = self.speaker.phrases(codec, listener.language, vec![next, about]).await;
            prompts.extend(self.message_sound(codec, task).await);
            let option = |label: &str, key: &str| {
                Phrase::new("press-for").with("label", Arg::Word(label.into())).with("key", Arg::Word(key.into()))
            };
            let after = vec![
                Phrase::new("agent-message-after-ask"),
                option("choose-message-done", "number-1"),
                option("choose-message-again", "number-2"),
            ];
            prompts.extend(self.speaker.phrases(codec, listener.language, after).await);
            if call.leg.play(prompts, PlayMode::UNTIL_KEY).is_err() {
                return false;
            }
            // The longest message and a little time to think.
            match self.key(call, self.settings.voice_note_max + Duration::from_secs(60)).await {
                Some('1') => {
                    let gone = vec![Phrase::new("agent-message-gone")];
                    let mut prompts = self.speaker.phrases(call.leg.codec(), listener.language, gone).await;
                    let _ = self.play_out(call, &mut prompts).await;
                    return true;
                }
                Some('2' | '*') => {}
                _ => {
                    let kept = vec![Phrase::new("agent-message-kept")];
                    let mut prompts = self.speaker.phrases(call.leg.codec(), listener.language, kept).await;
                    let _ = self.play_out(call, &mut prompts).await;
                    return false;
                }
            }
        }
    }

    async fn message_sound(&self, codec: Codec, task: &ClaimedTask) -> Vec<Arc<EncodedPrompt>> {
        if let Some(note) = &task.content.voice_note {
            let samples = Codec::Pcmu.decode(note.reveal());
            return EncodedPrompt::from_samples(codec, &samples).ok().map(Arc::new).into_iter().collect();
        }
        let Some(words) = &task.content.words else { return Vec::new() };
        let language = task.content.language;
        let request = PromptRequest::personal(&format!("{}/message", language.tag()), language.tag(), words.reveal());
        match self.speaker.prompts().get(&request).await {
            Ok(prompt) => vec![Arc::new(prompt.encoded(codec).clone())],
            Err(fault) => {
                tracing::error!(%fault, "a typed message could not be spoken");
                Vec::new()
            }
        }
    }

    async fn say(&self, call: &OpenCall, language: Language, phrases: Vec<Phrase>) {
        let prompts = self.speaker.phrases(call.leg.codec(), language, phrases).await;
        if !prompts.is_empty()
            && let Err(fault) = call.leg.play(prompts, PlayMode::UNTIL_KEY)
        {
            tracing::error!(%fault, "a prompt could not be played");
        }
    }

    /// The next key; `None` when none came or the call is over.
    async fn key(&self, call: &mut OpenCall, within: Duration) -> Option<char> {
        let deadline = Instant::now() + within;
        loop {
            tokio::select! {
                event = call.events.next() => match event {
                    Some(LegEvent::Digit(key)) => return Some(key),
                    Some(_) => {}
                    None => return None,
                },
                event = call.control.next_event() => match event {
                    Some(CallEvent::Digit(key)) => return Some(key),
                    Some(event) => if self.take_call_event(call, event) { return None },
                    None => return None,
                },
                () = sleep_until(deadline) => return None,
            }
        }
    }
}

fn days_since(from: Date, to: Date) -> u32 {
    from.until(to).map_or(0, |span| span.get_days().unsigned_abs())
}
