//! The chat that works without scripts: begin, see where we are, answer. Each answer is a form; a form that is sent
//! twice is taken once, and loading a page again sends nothing.
//! What is said and asked is left to the conversation; drawing it, to `view`.

mod form;
pub(crate) mod open;
pub(crate) mod passkey;
mod sent;
mod view;

use crate::cookies::Sealed;
use crate::notices::{Trouble, notice};
use crate::origin;
use crate::page_key::Purpose;
use crate::state::WebState;
use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use caseline_helpline::contact::Release;
use caseline_helpline::release::release_after;
pub(crate) use form::forms_never_panic;
use form::{AnswerFields, BeginFields};
use open::Held;
use sent::{Sent, enter, refused, stopping, unreadable};
use tokio::time::Instant;

/// Where a chat is seen. The mark leads eyes and screen readers to what is new.
const HERE: &str = "/chat#now";

/// The same, after something came that was taken before.
const HERE_AGAIN: &str = "/chat?again#now";

/// The value of `begin` for a chat whose language is asked first.
pub(crate) const ASK_LANGUAGE: &str = "ask";

pub(crate) fn routes() -> Router<WebState> {
    Router::new()
        .route("/chat", get(see).post(begin))
        .route("/chat/answer", post(answer).get(to_chat))
        .merge(passkey::routes())
}

/// Somebody went back to the address that a form was sent to.
async fn to_chat() -> Redirect {
    Redirect::to("/chat")
}

/// Where we are: what was told since the last answer, and the open question. It changes nothing.
async fn see(State(state): State<WebState>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let Some(contact) = state.cookies().contact(&headers) else { return Redirect::to("/").into_response() };
    let preferred = state.preferred_language(&headers);
    let Some((_, mut held)) = enter(&state, contact).await else {
        return notice(&state, &headers, preferred, Trouble::Busy);
    };
    match &mut *held {
        Held::Open(_) if state.is_stopping() => stopping(&state, &headers, contact, &held),
        Held::Open(runner) => {
            let again = query.is_some_and(|query| query.starts_with("again"));
            view::open_page(&state, preferred, runner, again)
        }
        Held::Over(over) => view::over_page(&state, preferred, over),
        // The store does not answer.
        Held::Unknown => notice(&state, &headers, preferred, Trouble::Busy),
    }
}

/// A chat begins, in the language of the page or with the question of the language.
async fn begin(
    State(state): State<WebState>,
    headers: HeaderMap,
    fields: Result<Form<BeginFields>, FormRejection>,
) -> Response {
    let preferred = state.preferred_language(&headers);
    let Form(fields) = match fields {
        Ok(fields) => fields,
        Err(rejection) => return unreadable(&state, &headers, preferred, &rejection),
    };
    let language = fields.page_language(&state).unwrap_or(preferred);
    let visitor = match visitor_of(&state, &headers, &fields.form) {
        Ok(visitor) => visitor,
        Err(why) => return refused(&state, &headers, language, why),
    };
    if state.is_stopping() {
        return notice(&state, &headers, language, Trouble::Stopping);
    }
    let wanted = match fields.begin.as_str() {
        ASK_LANGUAGE => None,
        tag => match state.languages().iter().find(|language| language.tag() == tag) {
            Some(language) => Some(*language),
            None => return notice(&state, &headers, language, Trouble::Unreadable),
        },
    };
    let before = state.cookies().contact(&headers);
    let Some(contact) = state.chats().begin_once(&state, visitor, before, wanted).await else {
        return notice(&state, &headers, language, Trouble::Busy);
    };
    let mut response = Redirect::to(HERE).into_response();
    if let Some(cookie) = state.cookies().set_contact(contact) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// An answer to the question that is open.
async fn answer(State(state): State<WebState>, sent: Sent<AnswerFields>) -> Response {
    let Sent { fields, mut held, now, asked_at, .. } = sent;
    let Held::Open(runner) = &mut *held else { return see_other(HERE) };
    if !view::is_step(&state, runner, &fields.step) {
        return see_other(HERE_AGAIN);
    }
    let answered = form::read(&fields, runner.question(), state.line().program.policy.silences);
    let mut at_deadline = false;
    for input in answered.inputs() {
        let turn = runner.handle(now, input).await;
        at_deadline |= turn.release == Release::AtDeadline;
        if answered.is_enough(runner) {
            break;
        }
    }
    held.note_end(now);
    if at_deadline {
        wait_for_release(&state, asked_at).await;
    }
    see_other(HERE)
}

/// A try is answered at a fixed moment after the request, whatever it comes to (property S6). The chat stays locked until
/// then: another window of the same browser learns nothing sooner.
async fn wait_for_release(state: &WebState, asked_at: Instant) {
    let after = release_after(state.settings().answer_tries_after, asked_at.elapsed());
    tokio::time::sleep_until(asked_at + after).await;
}

/// After a form a page is fetched anew (RFC 9110 section 15.4.4), so that loading it again sends nothing.
fn see_other(to: &'static str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, HeaderValue::from_static(to))]).into_response()
}

fn visitor_of(state: &WebState, headers: &HeaderMap, form: &str) -> Result<Sealed, &'static str> {
    if !origin::is_ours(headers, state.settings().public_address.as_deref()) {
        return Err("origin");
    }
    let visitor = state.cookies().visitor(headers).ok_or("cookie")?;
    let is_ours = state.settings().page_key.is_seal(Purpose::BeginForm, &[&visitor.0], form);
    if is_ours { Ok(visitor) } else { Err("form") }
}
