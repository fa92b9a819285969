//! Where a person of the desk is signed in: the list of their own logins, and an end for each of the others. No script is
//! needed, and nobody sees the logins of somebody else.
//! Signing out of the login at hand is left to `signing`, what a login is, to the store.

use super::StaffDesk;
use super::gate::Entered;
use super::pages::{Frame, broken, notice};
use super::signing::let_go;
use crate::frame::answer;
use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use caseline_helpline::logins::{LOGINS_MAX, OwnLogin, SignInWay};
use caseline_helpline::policy::{Action, DataField, sees};
use caseline_model::{Time, Zone};
use serde::Deserialize;

const GONE: &str = "That login had ended already. Nothing else was done.";

pub(super) fn routes() -> Router<StaffDesk> {
    Router::new()
        .route("/staff/logins", get(see))
        .route("/staff/logins/end", post(end_one))
        .route("/staff/logins/end-others", post(end_others))
}

#[derive(Template)]
#[template(path = "staff/logins.html")]
struct LoginsPage<'a> {
    frame: &'a Frame<'a>,
    logins: Vec<Shown>,
    has_others: bool,
    logins_max: usize,
}

/// A login as it stands on the page.
struct Shown {
    began: String,
    used: String,
    way: &'static str,
    is_this: bool,
    /// By what a form names it: microseconds of its beginning.
    name: i64,
}

#[derive(Deserialize)]
pub(super) struct EndFields {
    #[serde(default)]
    login: String,
}

async fn see(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    let frame = entered.frame(&desk);
    let role = entered.login.as_ref().map(|login| login.account.role);
    let found = match desk.0.staff.own_logins(entered.now, &entered.held).await {
        Ok(found) => found,
        Err(fault) => return broken(&frame, &fault),
    };
    let may_see = role.is_some_and(|role| sees(role, Action::SeeOwnLogins, DataField::OwnLogins));
    let zone = &desk.0.line.program.zone;
    let logins: Vec<Shown> = found.into_iter().filter(|_| may_see).map(|login| shown(login, zone)).collect();
    let has_others = logins.iter().any(|login| !login.is_this);
    answer(StatusCode::OK, &LoginsPage { frame: &frame, logins, has_others, logins_max: LOGINS_MAX })
}

async fn end_one(
    State(desk): State<StaffDesk>,
    Extension(entered): Extension<Entered>,
    Form(fields): Form<EndFields>,
) -> Response {
    match fields.login.parse().map(Time::from_micros) {
        Ok(began_at) => end(&desk, &entered, Some(began_at)).await,
        Err(_) => notice(&entered.frame(&desk), StatusCode::BAD_REQUEST, GONE),
    }
}

async fn end_others(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    end(&desk, &entered, None).await
}

async fn end(desk: &StaffDesk, entered: &Entered, began_at: Option<Time>) -> Response {
    let frame = entered.frame(desk);
    match desk.0.staff.end_own_logins(entered.now, &entered.held, began_at).await {
        Ok(0) => notice(&frame, StatusCode::CONFLICT, GONE),
        Ok(_) => {
            // Whatever somebody at the other device had begun is worth nothing any more.
            let_go(desk, entered).await;
            Redirect::to("/staff/logins").into_response()
        }
        Err(fault) => broken(&frame, &fault),
    }
}

fn shown(login: OwnLogin, zone: &Zone) -> Shown {
    let time = |at: Time| format!("{}, {}", at.date_in(zone), at.time_of_day_in(zone));
    Shown {
        began: time(login.began_at),
        used: time(login.used_at),
        way: match login.way {
            SignInWay::Passkey => "a passkey",
            SignInWay::Provider => "your identity provider",
        },
        is_this: login.is_this,
        name: login.began_at.micros(),
    }
}
