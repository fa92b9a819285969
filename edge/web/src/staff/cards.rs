//! Doing something with a card: begin, confirm, do. One person's card, a family's, and their ends; representatives' begin
//! in `representatives`.
//! The rules of the two people are left to `hand_overs` and the store; what is printed, to `sheet`.

use super::StaffDesk;
use super::gate::Entered;
use super::hand_overs::{Confirmation, Reading};
use super::pages::{Frame, broken, notice};
use super::sheet;
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
use caseline_helpline::cards::{CardDeed, CardHandOver, CardId, FAMILY_MAX};
use caseline_helpline::policy::{Action, DataField, may, sees};
use caseline_helpline::staff::{Actor, StaffDeed, StaffHandle};
use caseline_model::card_code::ROW_COUNT;
use caseline_model::{CardCode, CaseId, Language, Private};
use serde::Deserialize;

const NO_NUMBER: &str = "This is no case number. Copy it from the person's paper: an A-number has up to nine digits, a \
     receipt number three letters and ten digits.";
const NO_FAMILY: &str = "A family's card is for two to six different numbers, one in each row, each from a paper that you \
     see now.";

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
    under_way: Option<UnderWay>,
    may_representatives: bool,
}

/// What a person has begun.
pub(super) struct UnderWay {
    /// The pairing code.
    pub(super) code: String,
    pub(super) is_confirmed: bool,
    pub(super) makes_codes: bool,
    pub(super) until: String,
}

#[derive(Template)]
#[template(path = "staff/confirm.html")]
struct ConfirmPage<'a> {
    frame: &'a Frame<'a>,
    is_confirmed: bool,
}

#[derive(Deserialize)]
pub(super) struct BeginFields {
    #[serde(default)]
    what: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    language: String,
}

#[derive(Deserialize)]
pub(super) struct ConfirmFields {
    #[serde(default)]
    what: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    handle: String,
    #[serde(default)]
    code: String,
}

async fn see(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    let page = CardsPage {
        frame: &entered.frame(&desk),
        languages: languages_to_choose(&desk),
        under_way: under_way(&desk, &entered),
        may_representatives: entered
            .actor()
            .is_some_and(|actor| may(actor.role, Action::StartRepresentativeCard).is_ok()),
    };
    answer(StatusCode::OK, &page)
}

/// What this person has begun, if anything.
fn under_way(desk: &StaffDesk, entered: &Entered) -> Option<UnderWay> {
    let zone = &desk.0.line.program.zone;
    let seen = desk.0.hand_overs.of(entered.now, entered.actor()?.account)?;
    Some(UnderWay {
        code: spaced(seen.code.reveal()),
        is_confirmed: seen.is_confirmed,
        makes_codes: seen.makes_codes,
        until: seen.until.time_of_day_in(zone).to_string(),
    })
}

async fn begin(
    State(desk): State<StaffDesk>,
    Extension(entered): Extension<Entered>,
    Form(fields): Form<BeginFields>,
) -> Response {
    let frame = entered.frame(&desk);
    let Some(actor) = entered.actor() else { return Redirect::to("/staff/sign-in").into_response() };
    let Some(numbers) = read_numbers(&fields.number).filter(|numbers| !numbers.is_empty()) else {
        return notice(&frame, StatusCode::BAD_REQUEST, NO_NUMBER);
    };
    let one = || numbers.first().filter(|_| numbers.len() == 1).cloned();
    let deed = match (fields.what.as_str(), one()) {
        ("" | "own", Some(number)) => CardDeed::Own { number },
        ("end-card", Some(number)) => CardDeed::EndCard { number },
        ("end-authority", Some(number)) => CardDeed::EndAuthority { number },
        ("family", _) => CardDeed::Family { numbers },
        _ => return notice(&frame, StatusCode::BAD_REQUEST, NO_NUMBER),
    };
    if let CardDeed::Family { numbers } = &deed {
        let is_twice = numbers
            .iter()
            .enumerate()
            .any(|(n, number)| numbers.iter().skip(n + 1).any(|other| other.reveal() == number.reveal()));
        if is_twice || !(2..=FAMILY_MAX).contains(&numbers.len()) {
            return notice(&frame, StatusCode::BAD_REQUEST, NO_FAMILY);
        }
    }
    begin_deed(&desk, &entered, actor, deed, &fields.language).await
}

/// Begins what two people do; the first of them is this one.
pub(super) async fn begin_deed(
    desk: &StaffDesk,
    entered: &Entered,
    actor: Actor,
    deed: CardDeed,
    language: &str,
) -> Response {
    let frame = entered.frame(desk);
    let chosen = languages(desk).into_iter().find(|known| known.tag() == language);
    let language = match chosen {
        Some(language) => language,
        None if !deed.makes_codes() => Language::ENGLISH,
        None => return notice(&frame, StatusCode::BAD_REQUEST, "Choose the language of the card."),
    };
    // Written down before it is done.
    if let Err(fault) = desk.0.staff.note_staff(entered.now, actor, StaffDeed::CardBegun).await {
        return broken(&frame, &fault);
    }
    let chance = desk.0.line.chance.bits_64();
    if desk.0.hand_overs.begin(entered.now, actor, deed, language, chance) {
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
    let Some(numbers) = read_numbers(&fields.number) else {
        return notice(&frame, StatusCode::BAD_REQUEST, NO_NUMBER);
    };
    let handle = match read_handle(&fields.handle) {
        Ok(handle) => handle,
        Err(text) => return notice(&frame, StatusCode::BAD_REQUEST, &text),
    };
    let code: String = fields.code.chars().filter(char::is_ascii_digit).collect();
    let numbers: Vec<CaseNumber> = numbers.into_iter().map(Private::into_revealed).collect();
    let what = if fields.what.is_empty() { "own" } else { fields.what.as_str() };
    let read = Reading { code: &code, what, numbers: &numbers, handle: handle.as_ref() };
    let confirmation = desk.0.hand_overs.confirm(entered.now, actor, &read);
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
            "What you typed does not fit together. Read it once more: the code from your colleague's screen, what is \
             to be done, and each number from its paper."
        }
        Confirmation::TooMany => "Too many codes were wrong. Wait ten minutes.",
    };
    notice(&frame, StatusCode::FORBIDDEN, text)
}

async fn make(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    let frame = entered.frame(&desk);
    let Some(actor) = entered.actor() else { return Redirect::to("/staff/sign-in").into_response() };
    let Some(agreed) = desk.0.hand_overs.take(entered.now, actor.account) else {
        let text = "No card is ready: nobody has confirmed it, it is older than ten minutes, or its codes were shown \
                    already. Begin again.";
        return notice(&frame, StatusCode::CONFLICT, text);
    };
    let chance = &desk.0.line.chance;
    let rows = 1..=if agreed.deed.makes_codes() { ROW_COUNT } else { 0 };
    let codes: Vec<Private<CardCode>> =
        rows.filter_map(|row| CardCode::from_random(row, chance.bits_64())).map(Private::new).collect();
    let hand_over = CardHandOver {
        cases_if_new: agreed.deed.numbers().iter().map(|_| CaseId::from_random(chance.bits_128())).collect(),
        card_if_new: CardId::from_random(chance.bits_128()),
        deed: agreed.deed,
        starter: actor,
        confirmer: agreed.confirmer,
    };
    match desk.0.staff.hand_over_card(entered.now, &hand_over, &codes).await {
        Ok(()) => {}
        Err(StoreFault::NotAllowed { why, .. }) => {
            let text = format!("Nothing was done: {why}.");
            return notice(&frame, StatusCode::FORBIDDEN, &text);
        }
        Err(fault) => return broken(&frame, &fault),
    }
    if codes.is_empty() || !sees(actor.role, Action::MakeCard, DataField::CardCodes) {
        return notice(&frame, StatusCode::OK, "It is done.");
    }
    sheet::answer_with(&desk, &hand_over.deed, agreed.language, &codes)
}

/// The languages that have a sheet: those with pages.
fn languages(desk: &StaffDesk) -> Vec<Language> {
    let program = &desk.0.line.program;
    let mut found = crate::languages::page_languages(program);
    found.retain(|language| program.words.key(*language, "web-card-heading").is_some());
    found
}

/// Their tags and names, for a form.
pub(super) fn languages_to_choose(desk: &StaffDesk) -> Vec<(String, String)> {
    languages(desk).into_iter().map(|language| (language.tag().to_owned(), name_of(desk, language))).collect()
}

fn name_of(desk: &StaffDesk, language: Language) -> String {
    let key = format!("language-{}", language.tag());
    let named = desk.0.line.program.words.written(Language::ENGLISH, &Phrase::new(&key));
    named.unwrap_or_else(|_| language.tag().to_owned())
}

/// The numbers of papers, one in each row; nothing when a row is none, or there are too many.
pub(super) fn read_numbers(text: &str) -> Option<Vec<Private<CaseNumber>>> {
    let rows: Vec<&str> = text.lines().map(str::trim).filter(|row| !row.is_empty()).take(FAMILY_MAX + 1).collect();
    let read = rows.into_iter().map(|row| match SlotType::CaseNumber.read(row) {
        Some(Value::CaseNumber(number)) => Some(number),
        _ => None,
    });
    read.collect()
}

/// The name of a representative's card; nothing where none was typed.
pub(super) fn read_handle(text: &str) -> Result<Option<StaffHandle>, String> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|why: caseline_helpline::staff::StaffHandleError| format!("{why}.")),
    }
}

/// Eight digits in two groups, as they are read aloud.
pub(super) fn spaced(digits: &str) -> String {
    match digits.split_at_checked(4) {
        Some((first, rest)) => format!("{first} {rest}"),
        None => digits.to_owned(),
    }
}
