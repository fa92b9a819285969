//! What every form of an open chat begins with: fields that can be read, the seal of a page of ours, the chat itself, for
//! one answer at a time, and a line that does not stop. Whoever lacks one of them is told so here.
//! What is in the form is left to `form`, what becomes of it to the page that takes it.

use super::open::Held;
use crate::notices::{Trouble, notice};
use crate::origin;
use crate::page_key::Purpose;
use crate::state::WebState;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest, Request};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use caseline_model::{ContactId, Language, Time};
use serde::de::DeserializeOwned;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

/// The fields that every form of an open chat has.
pub(super) trait ChatForm: DeserializeOwned + Send {
    /// The seal that shows that the form is ours.
    fn seal(&self) -> &str;

    /// The language of the page that it came from.
    fn page_language(&self, state: &WebState) -> Option<Language>;
}

/// A form that came from a page of ours to an open chat.
pub(super) struct Sent<F> {
    /// What was filled in.
    pub fields: F,
    /// Whose chat it is.
    pub contact: ContactId,
    /// The chat. Two answers at once are one after the other; the second finds another step.
    pub held: OwnedMutexGuard<Held>,
    /// When it came, by the clock of the line.
    pub now: Time,
    /// When it came, to answer a try at its fixed moment.
    pub asked_at: Instant,
}

impl<F: ChatForm> FromRequest<WebState> for Sent<F> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Response> {
        let asked_at = Instant::now();
        let headers = request.headers().clone();
        let preferred = state.preferred_language(&headers);
        let Form(fields) = match Form::<F>::from_request(request, state).await {
            Ok(fields) => fields,
            Err(rejection) => return Err(unreadable(state, &headers, preferred, &rejection)),
        };
        let language = fields.page_language(state).unwrap_or(preferred);
        let contact = match contact_of(state, &headers, fields.seal()) {
            Ok(contact) => contact,
            Err(why) => return Err(refused(state, &headers, language, why)),
        };
        let Some((now, held)) = enter(state, contact).await else {
            return Err(notice(state, &headers, language, Trouble::Busy));
        };
        if state.is_stopping() {
            return Err(stopping(state, &headers, contact, &held));
        }
        Ok(Self { fields, contact, held, now, asked_at })
    }
}

/// A chat as it is now, for one answer or one look at a time; nothing when there are more chats than there is room for.
pub(super) async fn enter(state: &WebState, contact: ContactId) -> Option<(Time, OwnedMutexGuard<Held>)> {
    let chat = state.chats().of(contact)?;
    let now = state.now();
    let mut held = chat.lock_owned().await;
    held.load(state, now, contact).await;
    Some((now, held))
}

/// The line stops: the chat waits in the store, nothing more is taken, and the caller is told where to call meanwhile.
pub(super) fn stopping(state: &WebState, headers: &HeaderMap, contact: ContactId, held: &Held) -> Response {
    state.chats().note_told_of_stop(contact);
    let language = match held {
        Held::Open(runner) => runner.chosen_language(),
        Held::Over(over) => over.language,
        Held::Unknown => None,
    };
    let language = language.map_or_else(|| state.preferred_language(headers), |chosen| state.frame_language(chosen));
    notice(state, headers, language, Trouble::Stopping)
}

/// The form is not ours, too old, or without its cookie.
pub(super) fn refused(state: &WebState, headers: &HeaderMap, language: Language, why: &'static str) -> Response {
    state.counts().refused(why);
    notice(state, headers, language, Trouble::Refused)
}

/// It is no form at all, or too long.
pub(super) fn unreadable(
    state: &WebState,
    headers: &HeaderMap,
    language: Language,
    rejection: &FormRejection,
) -> Response {
    let trouble = match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Trouble::TooLarge,
        _ => Trouble::Unreadable,
    };
    notice(state, headers, language, trouble)
}

fn contact_of(state: &WebState, headers: &HeaderMap, form: &str) -> Result<ContactId, &'static str> {
    if !origin::is_ours(headers, state.settings().public_address.as_deref()) {
        return Err("origin");
    }
    let contact = state.cookies().contact(headers).ok_or("cookie")?;
    let is_ours = state.settings().page_key.is_seal(Purpose::ChatForm, &[&contact.to_bytes()], form);
    if is_ours { Ok(contact) } else { Err("form") }
}
