//! The first page of the desk: who one is here, until when, and what one may do.
//! What a role may do is left to `helpline::policy`.

use super::StaffDesk;
use super::gate::Entered;
use super::pages::{Frame, broken};
use crate::frame::answer;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use caseline_helpline::policy::{Action, DataField, may, sees};
use std::time::Duration;

pub(super) fn routes() -> Router<StaffDesk> {
    Router::new().route("/staff", get(see))
}

#[derive(Template)]
#[template(path = "staff/home.html")]
struct HomePage<'a> {
    frame: &'a Frame<'a>,
    /// Handle, role, the last day.
    account: Option<(&'a str, &'static str, Option<String>)>,
    /// The number that callers key for this desk, where its role opens cases; and the deputy.
    desk_number: Option<String>,
    deputy: Option<String>,
    over_at: String,
    may_cards: bool,
    may_confirm: bool,
    may_tasks: bool,
}

async fn see(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    let frame = entered.frame(&desk);
    let zone = &desk.0.line.program.zone;
    let login = entered.login.as_ref();
    let may = |action| login.is_some_and(|login| may(login.account.role, action).is_ok());
    let own = login.filter(|login| sees(login.account.role, Action::SeeDesk, DataField::OwnAccount));
    let deputy = match own.and_then(|login| login.account.deputy) {
        Some(id) => match desk.0.staff.list_staff(entered.now).await {
            Ok(all) => all.into_iter().find(|account| account.id == id).map(|account| account.handle.to_string()),
            Err(fault) => return broken(&frame, &fault),
        },
        None => None,
    };
    let page = HomePage {
        frame: &frame,
        account: own.map(|login| {
            let last_day = login.account.ends_at.map(|end| end.minus(Duration::from_secs(1)).date_in(zone).to_string());
            (login.account.handle.as_str(), login.account.role.as_str(), last_day)
        }),
        desk_number: own
            .filter(|_| may(Action::OpenTicket))
            .and_then(|login| login.account.desk)
            .map(|desk| desk.to_string()),
        deputy,
        over_at: login.map_or_else(String::new, |login| login.over_at().time_of_day_in(zone).to_string()),
        may_cards: may(Action::StartCard),
        may_confirm: may(Action::ConfirmCard),
        may_tasks: may(Action::SettleTask),
    };
    answer(StatusCode::OK, &page)
}
