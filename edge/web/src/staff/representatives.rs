//! Representatives' cards: make one or give it new codes, put a client on one, end one. Begun by those who may represent,
//! confirmed by a colleague like every card.
//! Confirming and doing is left to `cards`; what a card may, to the store.

use super::StaffDesk;
use super::cards::{begin_deed, languages_to_choose, read_handle, read_numbers};
use super::gate::Entered;
use super::pages::{Frame, broken, notice};
use crate::frame::answer;
use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use caseline_helpline::cards::{
    Authority, CardDeed, REPRESENTATIVE_CASES_MAX, REPRESENTATIVE_NEW_A_DAY_MAX, REPRESENTATIVE_OPENED_A_DAY_MAX,
};
use serde::Deserialize;
use std::time::Duration;

/// For how many days a client may give authority, on the form.
const DAYS: [u64; 3] = [90, 60, 30];
const DAY_SECONDS: u64 = 24 * 3_600;

pub(super) fn routes() -> Router<StaffDesk> {
    Router::new()
        .route("/staff/cards/representatives", get(see))
        .route("/staff/cards/representatives/begin", post(begin))
}

#[derive(Template)]
#[template(path = "staff/representatives.html")]
struct RepresentativesPage<'a> {
    frame: &'a Frame<'a>,
    languages: Vec<(String, String)>,
    cards: Vec<Row>,
    days: [u64; 3],
    clients_max: u32,
    new_max: u32,
    opened_max: u32,
}

struct Row {
    handle: String,
    answers: String,
    clients: u32,
    is_halted: bool,
}

#[derive(Deserialize)]
pub(super) struct Fields {
    #[serde(default)]
    what: String,
    #[serde(default)]
    handle: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    authority: String,
    #[serde(default)]
    days: String,
    #[serde(default)]
    language: String,
}

async fn see(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    let frame = entered.frame(&desk);
    let cards = match desk.0.staff.representative_cards(entered.now).await {
        Ok(cards) => cards,
        Err(fault) => return broken(&frame, &fault),
    };
    let cards = cards.into_iter().map(|card| Row {
        handle: card.handle.to_string(),
        answers: card.answers.to_string(),
        clients: card.client_count,
        is_halted: card.is_halted,
    });
    let page = RepresentativesPage {
        frame: &frame,
        languages: languages_to_choose(&desk),
        cards: cards.collect(),
        days: DAYS,
        clients_max: REPRESENTATIVE_CASES_MAX,
        new_max: REPRESENTATIVE_NEW_A_DAY_MAX,
        opened_max: REPRESENTATIVE_OPENED_A_DAY_MAX,
    };
    answer(StatusCode::OK, &page)
}

async fn begin(
    State(desk): State<StaffDesk>,
    Extension(entered): Extension<Entered>,
    Form(fields): Form<Fields>,
) -> Response {
    let frame = entered.frame(&desk);
    let Some(actor) = entered.actor() else { return Redirect::to("/staff/sign-in").into_response() };
    let deed = match deed_of(&fields) {
        Ok(deed) => deed,
        Err(text) => return notice(&frame, StatusCode::BAD_REQUEST, &text),
    };
    begin_deed(&desk, &entered, actor, deed, &fields.language).await
}

pub(super) fn deed_of(fields: &Fields) -> Result<CardDeed, String> {
    let Some(handle) = read_handle(&fields.handle)? else {
        return Err("Name the card, in small letters, digits and dashes: lawyer-3. It is no name of a person.".into());
    };
    match fields.what.as_str() {
        "representative" => Ok(CardDeed::Representative { handle }),
        "end-representative" => Ok(CardDeed::EndRepresentative { handle }),
        "client" => {
            let mut numbers = read_numbers(&fields.number).unwrap_or_default();
            let (Some(number), true) = (numbers.pop(), numbers.is_empty()) else {
                return Err("This is no case number. Copy it from the client's paper.".into());
            };
            let authority = Authority::from_word(&fields.authority).ok_or("Say how you know of the client's wish.")?;
            let days = fields.days.parse().ok().filter(|days| DAYS.contains(days)).ok_or("Choose for how long.")?;
            Ok(CardDeed::Client { handle, number, authority, lasts: Duration::from_secs(days * DAY_SECONDS) })
        }
        _ => Err("Choose what is to be done.".into()),
    }
}
