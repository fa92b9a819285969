//! The chats that are open: each contact's conversation behind a lock of its own, so that one step follows the other.
//! Keeping the state is left to the store; a chat that this process does not know yet is loaded from it.

use crate::cookies::Sealed;
use crate::state::WebState;
use axum::http::HeaderMap;
use caseline_conversation::{Input, Telling};
use caseline_helpline::ContactRunner;
use caseline_helpline::contact::Reached;
use caseline_model::{Channel, ContactId, Disposition, Language, Time};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, OnceCell};

/// How many chats may be open at once; whoever comes then is told so, with the number to call.
pub(crate) const CHATS_MAX: usize = 5_000;

/// For so long the last words of a chat can be looked at again. Only memory holds them.
pub(crate) const LAST_WORDS_KEPT: Duration = Duration::from_secs(5 * 60);

/// For so long a form that begins a chat, sent twice, begins one.
const BEGINS_KEPT: Duration = Duration::from_secs(60);

/// How many beginnings are remembered.
const BEGINS_MAX: usize = 5_000;

/// A chat, one step at a time.
pub(crate) type Chat = Arc<tokio::sync::Mutex<Held>>;

/// Which form began a chat: who looked at the page, and the contact that this browser had before.
type BeginKey = (Sealed, Option<ContactId>);

/// The contact that a form began; none when there was no room.
type Beginning = Arc<OnceCell<Option<ContactId>>>;

/// A chat as this process holds it.
pub(crate) enum Held {
    /// Not looked for in the store yet, or not found.
    Unknown,
    /// It runs.
    Open(Box<ContactRunner>),
    /// It is over.
    Over(Over),
}

/// The end of a chat.
pub(crate) struct Over {
    /// The language in which the line spoke; none when that is not known any more.
    pub language: Option<Language>,
    /// What was told last.
    pub said: Vec<Telling>,
    at: Time,
}

/// All open chats.
#[derive(Default)]
pub(crate) struct Chats {
    chats: Mutex<HashMap<ContactId, Chat>>,
    begins: Mutex<HashMap<BeginKey, (Time, Beginning)>>,
    without_state: Mutex<HashSet<ContactId>>,
    told_of_stop: Mutex<HashSet<ContactId>>,
    told: Notify,
}

impl Held {
    /// Loads a chat that this process does not know yet: after a restart.
    pub(crate) async fn load(&mut self, state: &WebState, now: Time, contact: ContactId) {
        if matches!(self, Self::Unknown) {
            match ContactRunner::load(Arc::clone(state.line()), now, contact).await {
                Some(mut runner) if runner.ended().is_none() => {
                    if runner.question().is_none() {
                        // It stopped in the middle of something: that is done now, and kept once.
                        runner.handle(now, Input::Resumed).await;
                    }
                    *self = Self::Open(Box::new(runner));
                    self.note_end(now);
                }
                // A store that does not answer now may answer later: nothing is known of the chat, least its end.
                _ if state.line().store.disposition(contact).await.is_err() => {}
                _ => *self = Self::Over(Over { language: None, said: Vec::new(), at: now }),
            }
        }
    }

    /// After a step: a chat that ended with it is over.
    pub(crate) fn note_end(&mut self, now: Time) {
        let Self::Open(runner) = self else { return };
        if runner.ended().is_none() {
            return;
        }
        let said = runner.conversation().state().said.clone();
        *self = Self::Over(Over { language: Some(runner.language()), said, at: now });
    }
}

impl Chats {
    /// The chat of a contact; none when there are too many.
    pub(crate) fn of(&self, contact: ContactId) -> Option<Chat> {
        let mut chats = locked(&self.chats);
        if let Some(chat) = chats.get(&contact) {
            return Some(Arc::clone(chat));
        }
        if chats.len() >= CHATS_MAX {
            return None;
        }
        let chat = Chat::new(tokio::sync::Mutex::new(Held::Unknown));
        chats.insert(contact, Arc::clone(&chat));
        Some(chat)
    }

    /// Whether this browser has a chat that runs.
    pub(crate) async fn is_open(&self, state: &WebState, headers: &HeaderMap) -> bool {
        let Some(contact) = state.cookies().contact(headers) else { return false };
        let Some(chat) = self.of(contact) else { return false };
        let mut held = chat.lock().await;
        held.load(state, state.now(), contact).await;
        matches!(&*held, Held::Open(_))
    }

    /// How many run.
    pub(crate) fn open_count(&self) -> usize {
        let is_open = |chat: &Chat| chat.try_lock().map_or(true, |held| matches!(&*held, Held::Open(_)));
        locked(&self.chats).values().filter(|chat| is_open(chat)).count()
    }

    /// A caller was told that the line stops.
    pub(crate) fn note_told_of_stop(&self, contact: ContactId) {
        locked(&self.told_of_stop).insert(contact);
        self.told.notify_waiters();
    }

    /// Until everybody whose chat runs in this process was told that the line stops.
    pub(crate) async fn all_told_of_stop(&self) {
        loop {
            let told = self.told.notified();
            tokio::pin!(told);
            // From here on no news is missed.
            told.as_mut().enable();
            let is_open = |chat: &Chat| chat.try_lock().map_or(true, |held| matches!(&*held, Held::Open(_)));
            let all = {
                let (chats, know) = (locked(&self.chats), locked(&self.told_of_stop));
                chats.iter().all(|(contact, chat)| know.contains(contact) || !is_open(chat))
            };
            if all {
                return;
            }
            told.await;
        }
    }

    /// Begins a chat; the same form sent twice begins one. The chat that this browser had before ends.
    pub(crate) async fn begin_once(
        &self,
        state: &WebState,
        visitor: Sealed,
        before: Option<ContactId>,
        language: Option<Language>,
    ) -> Option<ContactId> {
        let now = state.now();
        let cell = {
            let mut begins = locked(&self.begins);
            begins.retain(|_, (at, _)| now.since(*at) < BEGINS_KEPT);
            if begins.len() >= BEGINS_MAX {
                return None;
            }
            let (_, cell) = begins.entry((visitor, before)).or_insert_with(|| (now, Arc::default()));
            Arc::clone(cell)
        };
        let contact = *cell.get_or_init(|| self.begin(state, now, before, language)).await;
        if contact.is_none() {
            // There was no room; the next try may find some.
            locked(&self.begins).remove(&(visitor, before));
        }
        contact
    }

    async fn begin(
        &self,
        state: &WebState,
        now: Time,
        before: Option<ContactId>,
        language: Option<Language>,
    ) -> Option<ContactId> {
        if let Some(before) = before {
            self.end(state, now, before, Input::HungUp).await;
        }
        if locked(&self.chats).len() >= CHATS_MAX {
            return None;
        }
        let reached = Reached { channel: Channel::WebChat, language, caller: None, custody: None };
        let (runner, _) = ContactRunner::arrive(Arc::clone(state.line()), now, reached).await;
        let contact = runner.id();
        let mut held = Held::Open(Box::new(runner));
        held.note_end(now);
        locked(&self.chats).insert(contact, Chat::new(tokio::sync::Mutex::new(held)));
        Some(contact)
    }

    /// Ends a chat, if it runs; nothing of it stays in memory.
    pub(crate) async fn end(&self, state: &WebState, now: Time, contact: ContactId, input: Input) {
        let Some(chat) = self.of(contact) else { return };
        let mut held = chat.lock().await;
        held.load(state, now, contact).await;
        if let Held::Open(runner) = &mut *held {
            runner.handle(now, input).await;
            held.note_end(now);
        }
        if let Held::Over(over) = &mut *held {
            over.said.clear();
        }
    }

    /// Ends chats to which nothing came for too long, those of an earlier process too, and forgets last words.
    pub(crate) async fn close_idle(&self, state: &WebState, now: Time) {
        let mut contacts: HashSet<ContactId> = locked(&self.chats).keys().copied().collect();
        let kept = match state.line().store.open_contacts().await {
            Ok(open) => open.into_iter().filter(|row| row.1 == Channel::WebChat).map(|row| row.0).collect(),
            Err(fault) => {
                tracing::error!(%fault, "open chats cannot be listed; those in memory are looked at");
                HashSet::new()
            }
        };
        contacts.extend(kept.iter().copied());
        for contact in contacts {
            self.close_if_idle(state, now, contact, kept.contains(&contact)).await;
        }
        locked(&self.without_state).retain(|contact| kept.contains(contact));
        locked(&self.begins).retain(|_, (at, _)| now.since(*at) < BEGINS_KEPT);
    }

    async fn close_if_idle(&self, state: &WebState, now: Time, contact: ContactId, kept_as_open: bool) {
        let Some(chat) = self.of(contact) else { return };
        // Whoever holds it is in the middle of a step.
        let Ok(mut held) = chat.try_lock() else { return };
        if matches!(&*held, Held::Unknown) {
            held.load(state, now, contact).await;
            if !matches!(&*held, Held::Open(_)) {
                locked(&self.chats).remove(&contact);
                if kept_as_open && matches!(&*held, Held::Over(_)) {
                    self.end_without_state(state, now, contact).await;
                }
                return;
            }
        }
        match &mut *held {
            Held::Open(runner) => {
                if runner.next_deadline().is_some_and(|deadline| deadline <= now) {
                    runner.handle(now, Input::Tick).await;
                    held.note_end(now);
                }
            }
            Held::Over(over) if now.since(over.at) >= LAST_WORDS_KEPT => {
                locked(&self.chats).remove(&contact);
            }
            Held::Over(_) | Held::Unknown => {}
        }
    }

    /// A chat that began and has no state is just beginning, or its state is gone: at the second look it is gone.
    async fn end_without_state(&self, state: &WebState, now: Time, contact: ContactId) {
        if locked(&self.without_state).insert(contact) {
            return;
        }
        if let Err(fault) = state.line().store.end_contact(now, contact, Disposition::Abandoned).await {
            tracing::error!(%contact, %fault, "a chat without a state could not be ended");
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
