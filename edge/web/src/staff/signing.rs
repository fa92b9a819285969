//! Joining, signing in and out, and showing the passkey again.
//! What a passkey is worth is left to `passkeys`, what a login is, to the store.

use super::StaffDesk;
use super::gate::{Entered, note_refusal, set_cookie};
use super::pages::{PasskeyPage, broken, notice};
use super::refusals::Why;
use crate::frame::answer;
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use caseline_helpline::staff::{Secret, StaffHandle};
use serde::Deserialize;

const SHEET: &str = include_str!("../../templates/staff/staff.css");

/// One answer for everybody who cannot sign in, whatever the reason.
pub(super) const NOT_SIGNED_IN: &str = "You are not signed in. Check your handle, use the passkey that you joined with, and try \
     again. If it still does not work, ask whoever runs the line for a new invitation.";

pub(super) const INVITE_IS_OVER: &str =
    "This invitation does not work. It is good for fifteen minutes and once. Ask whoever runs the line for a new one.";

pub(super) fn routes() -> Router<StaffDesk> {
    Router::new()
        .route("/staff/join/{invite}", get(see_invite).post(join))
        .route("/staff/sign-in", get(see_sign_in).post(ask_passkey))
        .route("/staff/sign-in/passkey", post(sign_in))
        .route("/staff/sign-out", post(sign_out))
        .route("/staff/prove", get(see_prove).post(prove))
        .route("/staff/passkey.js", get(script))
        .route("/staff/staff.css", get(sheet))
}

#[derive(Template)]
#[template(path = "staff/sign_in.html")]
struct SignInPage<'a> {
    frame: &'a super::pages::Frame<'a>,
    has_joined: bool,
    provider: Option<&'a str>,
}

#[derive(Deserialize)]
pub(super) struct HandleFields {
    #[serde(default)]
    handle: String,
}

#[derive(Deserialize)]
pub(super) struct CredentialFields {
    #[serde(default)]
    credential: String,
    #[serde(default)]
    to: String,
}

#[derive(Deserialize)]
pub(super) struct To {
    #[serde(default)]
    to: String,
}

#[derive(Deserialize)]
pub(super) struct Joined {
    joined: Option<String>,
}

async fn see_invite(
    State(desk): State<StaffDesk>,
    Extension(entered): Extension<Entered>,
    Path(invite): Path<String>,
) -> Response {
    let frame = entered.frame(&desk);
    let over = || notice(&frame, StatusCode::NOT_FOUND, INVITE_IS_OVER);
    let Some(secret) = Secret::from_link(&invite) else { return over() };
    let account = match desk.0.staff.invited_staff(entered.now, &secret).await {
        Ok(Some(account)) => account,
        Ok(None) => {
            note_refusal(&desk, &entered, Why::Invitation).await;
            return over();
        }
        Err(fault) => return broken(&frame, &fault),
    };
    let Some(options) = desk.0.passkeys.ask_new(entered.now, entered.held.bytes(), &account) else { return over() };
    let about = format!(
        "You are invited as {} ({}). Make a passkey on this device, or on a key that you plug in. The device asks for \
         your finger, your face or its PIN; nothing of that is sent to us.",
        account.handle,
        account.role.as_str()
    );
    let action = format!("/staff/join/{}", secret.in_link());
    let page = PasskeyPage {
        frame: &frame,
        heading: "Join the desk",
        about: &about,
        action: &action,
        kind: "create",
        options: &options,
        button: "Make my passkey",
        to: "",
        provider: desk.provider().map(|host| (host, format!("/staff/openid/join/{}", secret.in_link()))),
    };
    answer(StatusCode::OK, &page)
}

async fn join(
    State(desk): State<StaffDesk>,
    Extension(entered): Extension<Entered>,
    Path(invite): Path<String>,
    Form(fields): Form<CredentialFields>,
) -> Response {
    let frame = entered.frame(&desk);
    let over = || notice(&frame, StatusCode::NOT_FOUND, INVITE_IS_OVER);
    let Some(secret) = Secret::from_link(&invite) else { return over() };
    let Some(passkey) = desk.0.passkeys.made(entered.now, entered.held.bytes(), &fields.credential) else {
        note_refusal(&desk, &entered, Why::Passkey).await;
        let text = "No passkey was made. Open the invitation again while its fifteen minutes last.";
        return notice(&frame, StatusCode::FORBIDDEN, text);
    };
    match desk.0.staff.join_staff(entered.now, &secret, &passkey).await {
        Ok(Some(_)) => Redirect::to("/staff/sign-in?joined=yes").into_response(),
        Ok(None) => {
            note_refusal(&desk, &entered, Why::Invitation).await;
            over()
        }
        Err(fault) => broken(&frame, &fault),
    }
}

async fn see_sign_in(
    State(desk): State<StaffDesk>,
    Extension(entered): Extension<Entered>,
    Query(query): Query<Joined>,
) -> Response {
    if entered.login.is_some() {
        return Redirect::to("/staff").into_response();
    }
    answer(
        StatusCode::OK,
        &SignInPage { frame: &entered.frame(&desk), has_joined: query.joined.is_some(), provider: desk.provider() },
    )
}

async fn ask_passkey(
    State(desk): State<StaffDesk>,
    Extension(entered): Extension<Entered>,
    Form(fields): Form<HandleFields>,
) -> Response {
    let frame = entered.frame(&desk);
    let Ok(handle) = fields.handle.trim().to_lowercase().parse::<StaffHandle>() else {
        return notice(&frame, StatusCode::FORBIDDEN, NOT_SIGNED_IN);
    };
    let found = match desk.0.staff.staff_passkeys(entered.now, &handle).await {
        Ok(found) => found,
        Err(fault) => return broken(&frame, &fault),
    };
    let Some(options) = desk.0.passkeys.ask(entered.now, entered.held.bytes(), &handle, found) else {
        return notice(&frame, StatusCode::FORBIDDEN, NOT_SIGNED_IN);
    };
    let page = PasskeyPage {
        frame: &frame,
        heading: "Show your passkey",
        about: "Your device asks for your finger, your face or its PIN.",
        action: "/staff/sign-in/passkey",
        kind: "get",
        options: &options,
        button: "Use my passkey",
        to: "",
        provider: None,
    };
    answer(StatusCode::OK, &page)
}

async fn sign_in(
    State(desk): State<StaffDesk>,
    Extension(entered): Extension<Entered>,
    Form(fields): Form<CredentialFields>,
) -> Response {
    let frame = entered.frame(&desk);
    let Some((account, passkey)) = desk.0.passkeys.shown(entered.now, entered.held.bytes(), &fields.credential) else {
        note_refusal(&desk, &entered, Why::Passkey).await;
        return notice(&frame, StatusCode::FORBIDDEN, NOT_SIGNED_IN);
    };
    // What the browser held before it signed in is worth nothing afterwards.
    let secret = Secret::from_random(desk.0.line.chance.bits_128());
    match desk.0.staff.begin_login(entered.now, account, &secret, &passkey).await {
        Ok(_) => {
            let mut response = Redirect::to("/staff").into_response();
            set_cookie(&desk, &mut response, &secret);
            response
        }
        Err(caseline_helpline::StoreFault::NotAllowed { .. }) => {
            note_refusal(&desk, &entered, Why::Passkey).await;
            notice(&frame, StatusCode::FORBIDDEN, NOT_SIGNED_IN)
        }
        Err(fault) => broken(&frame, &fault),
    }
}

async fn sign_out(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    let_go(&desk, &entered).await;
    if let Err(fault) = desk.0.staff.end_login(entered.now, &entered.held).await {
        return broken(&entered.frame(&desk), &fault);
    }
    let mut response = Redirect::to("/staff/sign-in").into_response();
    set_cookie(&desk, &mut response, &Secret::from_random(desk.0.line.chance.bits_128()));
    response
}

/// What somebody had begun at the desk is given up, and what they had taken goes back.
pub(super) async fn let_go(desk: &StaffDesk, entered: &Entered) {
    let Some(actor) = entered.actor() else { return };
    desk.0.hand_overs.give_up(actor.account);
    super::next::give_back(desk, entered.now, actor).await;
}

async fn see_prove(
    State(desk): State<StaffDesk>,
    Extension(entered): Extension<Entered>,
    Query(query): Query<To>,
) -> Response {
    let frame = entered.frame(&desk);
    let Some(login) = &entered.login else { return Redirect::to("/staff/sign-in").into_response() };
    let found = match desk.0.staff.staff_passkeys(entered.now, &login.account.handle).await {
        Ok(found) => found,
        Err(fault) => return broken(&frame, &fault),
    };
    let Some(options) = desk.0.passkeys.ask(entered.now, entered.held.bytes(), &login.account.handle, found) else {
        return notice(&frame, StatusCode::FORBIDDEN, NOT_SIGNED_IN);
    };
    let page = PasskeyPage {
        frame: &frame,
        heading: "Show your passkey again",
        about: about_proof(known_place(&query.to).0),
        action: "/staff/prove",
        kind: "get",
        options: &options,
        button: "Use my passkey",
        to: known_place(&query.to).0,
        provider: desk.provider().map(|host| (host, format!("/staff/openid/prove?to={}", known_place(&query.to).0))),
    };
    answer(StatusCode::OK, &page)
}

async fn prove(
    State(desk): State<StaffDesk>,
    Extension(entered): Extension<Entered>,
    Form(fields): Form<CredentialFields>,
) -> Response {
    let frame = entered.frame(&desk);
    let shown = desk.0.passkeys.shown(entered.now, entered.held.bytes(), &fields.credential);
    let is_own = |account| entered.actor().is_some_and(|actor| actor.account == account);
    let Some((_, passkey)) = shown.filter(|(account, _)| is_own(*account)) else {
        note_refusal(&desk, &entered, Why::Passkey).await;
        return notice(&frame, StatusCode::FORBIDDEN, "This passkey was not taken. Open the page again.");
    };
    match desk.0.staff.prove_login(entered.now, &entered.held, &passkey).await {
        Ok(Some(_)) => Redirect::to(known_place(&fields.to).1).into_response(),
        Ok(None) => Redirect::to("/staff/sign-in").into_response(),
        Err(fault) => broken(&frame, &fault),
    }
}

const fn about_proof(to: &str) -> &'static str {
    match to.as_bytes() {
        b"next" => {
            "A case is opened by somebody who is at the desk now. Show your passkey; it counts for five minutes. Then \
             press “Open the case” once more."
        }
        b"logins" => {
            "A login is ended by you alone. Show your passkey; it counts for five minutes. Then press “End” once more."
        }
        _ => "A card is handed over by somebody who is at the desk now. Show your passkey; it counts for five minutes.",
    }
}

/// Where a proof leads: never anywhere that an address can name.
pub(super) fn known_place(to: &str) -> (&'static str, &'static str) {
    match to {
        "cards" => ("cards", "/staff/cards"),
        "confirm" => ("confirm", "/staff/cards/confirm"),
        "next" => ("next", "/staff/next"),
        "logins" => ("logins", "/staff/logins"),
        _ => ("", "/staff"),
    }
}

async fn script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], crate::passkeys::SCRIPT)
}

async fn sheet() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], SHEET)
}
