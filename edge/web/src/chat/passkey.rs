//! Passkeys of callers: shown in place of a number and a code, and made, with one more code of the card, for the case that
//! is open. All of it is an offer beside the chat: without scripts nothing of it is seen, and nothing is missing.
//! Whether a passkey fits and whose it is, is left to `passkeys` and the store.

use super::form::page_language;
use super::open::Held;
use super::sent::{ChatForm, Sent, enter};
use super::view;
use super::{HERE, HERE_AGAIN, see_other, wait_for_release};
use crate::frame::{Frame, answer};
use crate::headers::MayUsePasskeys;
use crate::notices::{Trouble, notice};
use crate::page_key::Purpose;
use crate::passkeys::SCRIPT;
use crate::state::WebState;
use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use caseline_conversation::SlotType;
use caseline_conversation::output::Expected;
use caseline_helpline::ContactRunner;
use caseline_helpline::contact::Release;
use caseline_helpline::ports::PasskeyKept;
use caseline_helpline::staff::Passkey;
use caseline_model::{CardCode, ContactId, Language, Private, Time};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The longest form with what a device says, in bytes.
const FORM_LENGTH_MAX: usize = 32 * 1_024;

/// A passkey that a device made waits so long for the code that lets it be kept.
const CODE_WITHIN: Duration = Duration::from_secs(10 * 60);

/// How many of them wait; the oldest gives way.
const WAITING_MAX: usize = 1_000;

/// Where a passkey is made.
const KEEP: &str = "/chat/keep";

/// Passkeys that wait for a code, and what is said next. Only memory holds them: an address would stay in the history.
#[derive(Default)]
pub(crate) struct Making(Mutex<HashMap<ContactId, (Time, Waiting)>>);

#[derive(Clone, Default)]
struct Waiting {
    passkey: Option<Passkey>,
    said: Option<&'static str>,
}

pub(super) fn routes() -> Router<WebState> {
    let of_forms = Router::new()
        .route("/chat/passkey", post(open_by_passkey).get(super::to_chat))
        .route("/chat/keep", get(see_keep).post(keep))
        .layer(DefaultBodyLimit::max(FORM_LENGTH_MAX));
    Router::new().route("/chat/passkey.js", get(script)).merge(of_forms)
}

#[derive(Template)]
#[template(path = "keep.html")]
struct KeepPage {
    frame: Frame,
    form: String,
    host: String,
    said: Option<String>,
    asks: Asks,
}

enum Asks {
    /// The device, for a passkey.
    Passkey { options: String },
    /// The person, for a code.
    Code,
    /// Nothing more.
    Nothing,
}

#[derive(Deserialize)]
struct PasskeyFields {
    #[serde(default)]
    form: String,
    #[serde(default)]
    page: String,
    #[serde(default)]
    step: String,
    #[serde(default)]
    credential: Private<String>,
    #[serde(default)]
    code: Option<Private<String>>,
}

impl ChatForm for PasskeyFields {
    fn seal(&self) -> &str {
        &self.form
    }

    fn page_language(&self, state: &WebState) -> Option<Language> {
        page_language(&self.page, state)
    }
}

/// What the device is asked while a number may be given.
pub(super) fn asked_of_device(state: &WebState, runner: &ContactRunner) -> Option<String> {
    let is_number =
        runner.question().is_some_and(|question| question.expected == Expected::Value(SlotType::ReceiptOrNumber));
    let passkeys = state.passkeys().filter(|_| is_number)?;
    passkeys.ask_any(state.now(), &runner.id().to_bytes())
}

/// Whether a passkey may be made now.
pub(super) fn is_offered(state: &WebState, runner: &ContactRunner) -> bool {
    state.passkeys().is_some() && runner.may_keep_passkey()
}

/// A device showed its passkey instead of a number and a code.
async fn open_by_passkey(State(state): State<WebState>, sent: Sent<PasskeyFields>) -> Response {
    let Sent { fields, contact, mut held, now, asked_at } = sent;
    let Held::Open(runner) = &mut *held else { return see_other(HERE) };
    if !view::is_step(&state, runner, &fields.step) {
        return see_other(HERE_AGAIN);
    }
    let shown =
        state.passkeys().and_then(|passkeys| passkeys.any_shown(now, &contact.to_bytes(), fields.credential.reveal()));
    // Nothing was asked of this browser, or too long ago: nothing is tried or counted, and it is asked anew.
    let Some(shown) = shown else { return see_other(HERE) };
    let turn = runner.show_passkey(now, shown).await;
    held.note_end(now);
    if turn.release == Release::AtDeadline {
        wait_for_release(&state, asked_at).await;
    }
    see_other(HERE)
}

/// The page on which a passkey is made: first by the device, then with one more code.
async fn see_keep(State(state): State<WebState>, headers: HeaderMap) -> Response {
    let Some(contact) = state.cookies().contact(&headers) else { return Redirect::to("/").into_response() };
    let Some((now, held)) = enter(&state, contact).await else {
        return notice(&state, &headers, state.preferred_language(&headers), Trouble::Busy);
    };
    let (Held::Open(runner), false) = (&*held, state.is_stopping()) else { return see_other(HERE) };
    let Some(passkeys) = state.passkeys().filter(|_| runner.may_keep_passkey()) else { return see_other(HERE) };
    let language = runner.chosen_language().unwrap_or_else(|| state.preferred_language(&headers));
    let frame = Frame::new(&state, state.frame_language(language));
    let Waiting { passkey, said } = state.making().look(now, contact);
    let asks = match (passkey, said) {
        (Some(_), _) => Asks::Code,
        (None, Some(_)) => Asks::Nothing,
        (None, None) => match passkeys.ask_neutral(now, &contact.to_bytes(), state.line().chance.bits_128()) {
            Some(options) => Asks::Passkey { options },
            None => return see_other(HERE),
        },
    };
    let page = KeepPage {
        said: said.map(|key| frame.word(key)),
        form: state.settings().page_key.seal(Purpose::ChatForm, &[&contact.to_bytes()]),
        host: passkeys.host().unwrap_or_default().to_owned(),
        asks,
        frame,
    };
    let mut response = answer(StatusCode::OK, &page);
    response.extensions_mut().insert(MayUsePasskeys);
    response
}

/// What the device made, or the code that lets it be kept.
async fn keep(State(state): State<WebState>, sent: Sent<PasskeyFields>) -> Response {
    let Sent { fields, contact, mut held, now, asked_at } = sent;
    let Held::Open(runner) = &mut *held else { return see_other(HERE) };
    let Some(passkeys) = state.passkeys().filter(|_| runner.may_keep_passkey()) else { return see_other(HERE) };
    let Some(code) = fields.code else {
        let made = passkeys.made(now, &contact.to_bytes(), fields.credential.reveal());
        state.making().set(now, contact, made, None);
        return see_other(KEEP);
    };
    let Some(passkey) = state.making().look(now, contact).passkey else { return see_other(KEEP) };
    let Ok(code) = code.reveal().parse::<CardCode>() else {
        state.making().set(now, contact, Some(passkey), Some("web-passkey-unclear"));
        return see_other(KEEP);
    };
    let kept = runner.keep_passkey(now, &Private::new(code), &passkey).await;
    let (passkey, said) = match kept {
        Ok(PasskeyKept::Kept) => (None, "web-passkey-kept"),
        Ok(PasskeyKept::Refused) => (Some(passkey), "web-passkey-refused"),
        Ok(PasskeyKept::PersonNow) => (None, "web-passkey-person"),
        Ok(PasskeyKept::Full) => (None, "web-passkey-full"),
        Err(fault) => {
            tracing::error!(%contact, %fault, "a passkey could not be kept, and the caller is told so");
            (None, "web-passkey-person")
        }
    };
    state.making().set(now, contact, passkey, Some(said));
    // A code was tried: its answer leaves at the moment at which all tries are answered (property S6).
    wait_for_release(&state, asked_at).await;
    see_other(KEEP)
}

async fn script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT)
}

impl Making {
    /// What waits for a contact. What ended with it is said once; what waits goes on waiting.
    fn look(&self, now: Time, contact: ContactId) -> Waiting {
        let mut all = self.all();
        all.retain(|_, (at, _)| now.since(*at) < CODE_WITHIN);
        let found = all.get(&contact).map(|(_, waiting)| waiting.clone()).unwrap_or_default();
        if found.passkey.is_none() {
            all.remove(&contact);
        }
        found
    }

    fn set(&self, now: Time, contact: ContactId, passkey: Option<Passkey>, said: Option<&'static str>) {
        let mut all = self.all();
        if all.len() >= WAITING_MAX && !all.contains_key(&contact) {
            let oldest = all.iter().min_by_key(|(_, (at, _))| *at).map(|(contact, _)| *contact);
            oldest.and_then(|oldest| all.remove(&oldest));
        }
        let said = if passkey.is_none() { said.or(Some("web-passkey-trouble")) } else { said };
        all.insert(contact, (now, Waiting { passkey, said }));
    }

    fn all(&self) -> MutexGuard<'_, HashMap<ContactId, (Time, Waiting)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
