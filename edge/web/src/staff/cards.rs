//! Handing a card over: begin, confirm, make, and the sheet that is shown once.
//! The rules of the two people are left to `hand_overs` and the store.

use super::StaffDesk;
use super::gate::Entered;
use super::hand_overs::Confirmation;
use super::pages::{Frame, broken, notice};
use crate::frame::answer;
use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use caseline_conversation::Phrase;
use caseline_conversation::slot::{CaseNumber, SlotType, Value};
use caseline_helpline::StoreFault;
use caseline_helpline::policy::{Action, DataField, sees};
use caseline_helpline::staff::{CardHandOver, StaffDeed};
use caseline_model::card_code::ROW_COUNT;
use caseline_model::{CardCode, CaseId, Language, Private};
use serde::Deserialize;

const NO_NUMBER: &str = "This is no case number. Copy it from the person's paper: an A-number has up to nine digits, a \
     receipt number three letters and ten digits.";

pub(super) fn routes() -> Router<StaffDesk> {
    Router::new()
        .route("/staff/cards", get(see))
        .route("/staff/cards/begin", post(begin))
        .route("/staff/cards/give-up", post(give_up))
        .route("/staff/cards/confirm", get(see_confirm).post(confirm))
        .route("/staff/cards/make", post(make))
}

#[derive(Template)]
#[template(path = "staff/cards.html")]
struct CardsPage<'a> {
    frame: &'a Frame<'a>,
    languages: Vec<(String, String)>,
    /// The pairing code, whether it is confirmed, until when.
    under_way: Option<(String, bool, String)>,
}

#[derive(Template)]
#[template(path = "staff/confirm.html")]
struct ConfirmPage<'a> {
    frame: &'a Frame<'a>,
    is_confirmed: bool,
}

#[derive(Template)]
#[template(path = "staff/sheet.html")]
struct SheetPage<'a> {
    style: &'static str,
    tag: &'a str,
    words: SheetWords,
    rows: Vec<(String, String)>,
}

struct SheetWords {
    heading: String,
    keep: String,
    how: String,
    lost: String,
    row: String,
    digits: String,
}

#[derive(Deserialize)]
struct BeginFields {
    #[serde(default)]
    number: String,
    #[serde(default)]
    language: String,
}

#[derive(Deserialize)]
struct ConfirmFields {
    #[serde(default)]
    number: String,
    #[serde(default)]
    code: String,
}

async fn see(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    let zone = &desk.0.line.program.zone;
    let seen = entered.actor().and_then(|actor| desk.0.hand_overs.of(entered.now, actor.account));
    let under_way = seen.map(|seen| {
        let code = spaced(seen.code.reveal());
        (code, seen.is_confirmed, seen.until.time_of_day_in(zone).to_string())
    });
    let languages = languages(&desk).into_iter().map(|language| (language.tag().to_owned(), name_of(&desk, language)));
    let page = CardsPage { frame: &entered.frame(&desk), languages: languages.collect(), under_way };
    answer(StatusCode::OK, &page)
}

async fn begin(
    State(desk): State<StaffDesk>,
    Extension(entered): Extension<Entered>,
    Form(fields): Form<BeginFields>,
) -> Response {
    let frame = entered.frame(&desk);
    let Some(actor) = entered.actor() else { return Redirect::to("/staff/sign-in").into_response() };
    let Some(number) = read_number(&fields.number) else { return notice(&frame, StatusCode::BAD_REQUEST, NO_NUMBER) };
    let Some(language) = languages(&desk).into_iter().find(|language| language.tag() == fields.language) else {
        return notice(&frame, StatusCode::BAD_REQUEST, "Choose the language of the card.");
    };
    // Written down before it is done.
    if let Err(fault) = desk.0.staff.note_staff(entered.now, actor, StaffDeed::CardBegun).await {
        return broken(&frame, &fault);
    }
    let chance = desk.0.line.chance.bits_64();
    if desk.0.hand_overs.begin(entered.now, actor, number, language, chance) {
        Redirect::to("/staff/cards").into_response()
    } else {
        notice(&frame, StatusCode::SERVICE_UNAVAILABLE, "Too many cards are being handed over. Try again soon.")
    }
}

async fn give_up(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    if let Some(actor) = entered.actor() {
        desk.0.hand_overs.give_up(actor.account);
    }
    Redirect::to("/staff/cards").into_response()
}

async fn see_confirm(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    answer(StatusCode::OK, &ConfirmPage { frame: &entered.frame(&desk), is_confirmed: false })
}

async fn confirm(
    State(desk): State<StaffDesk>,
    Extension(entered): Extension<Entered>,
    Form(fields): Form<ConfirmFields>,
) -> Response {
    let frame = entered.frame(&desk);
    let Some(actor) = entered.actor() else { return Redirect::to("/staff/sign-in").into_response() };
    let Some(number) = read_number(&fields.number) else { return notice(&frame, StatusCode::BAD_REQUEST, NO_NUMBER) };
    let code: String = fields.code.chars().filter(char::is_ascii_digit).collect();
    let confirmation = desk.0.hand_overs.confirm(entered.now, actor, &code, number.reveal());
    let deed = match confirmation {
        Confirmation::Confirmed => StaffDeed::CardConfirmed,
        _ => StaffDeed::Refused,
    };
    if let Err(fault) = desk.0.staff.note_staff(entered.now, actor, deed).await {
        return broken(&frame, &fault);
    }
    let text = match confirmation {
        Confirmation::Confirmed => {
            return answer(StatusCode::OK, &ConfirmPage { frame: &frame, is_confirmed: true });
        }
        Confirmation::SamePerson => "You began this card yourself. Another person must confirm it.",
        Confirmation::Wrong => {
            "Code and number do not fit together. Read both once more: the code from your colleague's screen, the \
             number from the person's paper."
        }
        Confirmation::TooMany => "Too many codes were wrong. Wait ten minutes.",
    };
    notice(&frame, StatusCode::FORBIDDEN, text)
}

async fn make(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    let frame = entered.frame(&desk);
    let Some(actor) = entered.actor() else { return Redirect::to("/staff/sign-in").into_response() };
    let Some(agreed) = desk.0.hand_overs.take(entered.now, actor.account) else {
        let text = "No card is ready to be made: nobody has confirmed it, it is older than ten minutes, or its codes \
                    were shown already. Begin again.";
        return notice(&frame, StatusCode::CONFLICT, text);
    };
    let chance = &desk.0.line.chance;
    let codes: Vec<Private<CardCode>> =
        (1..=ROW_COUNT).filter_map(|row| CardCode::from_random(row, chance.bits_64())).map(Private::new).collect();
    let hand_over = CardHandOver {
        number: agreed.number,
        case_if_new: CaseId::from_random(chance.bits_128()),
        starter: actor,
        confirmer: agreed.confirmer,
    };
    match desk.0.staff.hand_over_card(entered.now, &hand_over, &codes).await {
        Ok(()) => {}
        Err(StoreFault::NotAllowed { why, .. }) => {
            let text = format!("No card was made: {why}.");
            return notice(&frame, StatusCode::FORBIDDEN, &text);
        }
        Err(fault) => return broken(&frame, &fault),
    }
    if !sees(actor.role, Action::MakeCard, DataField::CardCodes) {
        return notice(&frame, StatusCode::OK, "The card was made.");
    }
    let word = |key: &str| {
        let written = desk.0.line.program.words.written(agreed.language, &Phrase::new(key));
        written.inspect_err(|missing| tracing::warn!(%missing, "the sheet lacks words")).unwrap_or_default()
    };
    let words = SheetWords {
        heading: word("web-card-heading"),
        keep: word("web-card-keep"),
        how: word("web-card-how"),
        lost: word("web-card-lost"),
        row: word("web-card-row"),
        digits: word("web-card-digits"),
    };
    let rows = codes.iter().map(|code| (format!("{:02}", code.reveal().row()), spaced(&code.reveal().digits())));
    let page = SheetPage { style: crate::style::address(), tag: agreed.language.tag(), words, rows: rows.collect() };
    answer(StatusCode::OK, &page)
}

/// The languages that have a sheet: those with pages.
fn languages(desk: &StaffDesk) -> Vec<Language> {
    let program = &desk.0.line.program;
    let mut found = crate::languages::page_languages(program);
    found.retain(|language| program.words.key(*language, "web-card-heading").is_some());
    found
}

fn name_of(desk: &StaffDesk, language: Language) -> String {
    let key = format!("language-{}", language.tag());
    let named = desk.0.line.program.words.written(Language::ENGLISH, &Phrase::new(&key));
    named.unwrap_or_else(|_| language.tag().to_owned())
}

fn read_number(text: &str) -> Option<Private<CaseNumber>> {
    match SlotType::CaseNumber.read(text) {
        Some(Value::CaseNumber(number)) => Some(number),
        _ => None,
    }
}

/// Eight digits in two groups, as they are read aloud.
fn spaced(digits: &str) -> String {
    match digits.split_at_checked(4) {
        Some((first, rest)) => format!("{first} {rest}"),
        None => digits.to_owned(),
    }
}
