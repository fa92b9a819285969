//! Tickets at the desk: the next one that was left to this desk, and the case that it opens, on one page that closes by
//! itself.
//! What a role sees of a case is `helpline::case_page`; how long it is open, and who may open one, the store's.

use super::StaffDesk;
use super::gate::Entered;
use super::pages::{Frame, broken, notice};
use crate::frame::answer;
use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use caseline_conversation::engine::{source_phrase, value_phrases};
use caseline_conversation::{Arg, Phrase};
use caseline_helpline::StoreFault;
use caseline_helpline::case_page::{fields_for, keeps_back_from, shown_to};
use caseline_helpline::policy::{Action, DataField, StaffRole, sees};
use caseline_helpline::staff::Actor;
use caseline_helpline::tickets::{CASE_OPEN_MAX, OpenedCase, TakenTicket, TicketUsed};
use caseline_model::{Date, Language, Time};
use caseline_records::answer::hearing_time;
use caseline_records::{Answer, Fact, Field, Rule, Standing, Told, Value};

/// The script of the page: it asks whether the case is still open, and takes it off the screen when it is not.
const SCRIPT: &str = include_str!("../../templates/staff/case.js");

const NO_TICKET: &str = "There is no ticket in your hands: it was withdrawn, its day or your fifteen minutes are over, or \
     the case is gone. Nothing was opened.";
const DAY_IS_FULL: &str = "You have opened as many cases today as one account may. Nothing was opened; the ticket waits \
     for tomorrow, or for the deputy.";

pub(super) fn routes() -> Router<StaffDesk> {
    Router::new()
        .route("/staff/next/ticket", post(take))
        .route("/staff/next/ticket/back", post(put_back))
        .route("/staff/case/open", post(open))
        .route("/staff/case", get(see))
        .route("/staff/case/still", get(still))
        .route("/staff/case/done", post(done))
        .route("/staff/case.js", get(script))
}

/// A ticket in somebody's hands, field by field; a field that the role does not see is not there.
pub(super) struct TicketShown {
    pub(super) held_until: String,
    pub(super) as_deputy: bool,
    pub(super) language: Option<String>,
    pub(super) left_on: Option<String>,
    pub(super) until: Option<String>,
}

/// The ticket that somebody has, for the page of the next task.
pub(super) async fn taken(desk: &StaffDesk, now: Time, actor: Actor) -> Result<Option<TakenTicket>, StoreFault> {
    if caseline_helpline::policy::may(actor.role, Action::TakeTicket).is_err() {
        return Ok(None);
    }
    desk.0.staff.taken_ticket(now, actor).await
}

pub(super) fn ticket_shown(desk: &StaffDesk, ticket: &TakenTicket, role: StaffRole) -> TicketShown {
    let sees = |field| sees(role, Action::TakeTicket, field);
    TicketShown {
        held_until: ticket.held_until.time_of_day_in(&desk.0.line.program.zone).to_string(),
        as_deputy: ticket.as_deputy,
        language: sees(DataField::Language).then(|| language_name(desk, ticket.language)),
        left_on: sees(DataField::AskedOn).then(|| ticket.left_on.to_string()),
        until: sees(DataField::TicketUntil).then(|| ticket.until.to_string()),
    }
}

/// The English name of a language.
pub(super) fn language_name(desk: &StaffDesk, language: Language) -> String {
    let key = format!("language-{}", language.tag());
    let named = desk.0.line.program.words.written(Language::ENGLISH, &Phrase::new(&key));
    named.unwrap_or_else(|_| language.tag().to_owned())
}

#[derive(Template)]
#[template(path = "staff/case.html")]
struct CasePage<'a> {
    frame: &'a Frame<'a>,
    language: Option<String>,
    closes_at: String,
    minutes_max: u64,
    /// For the script.
    closes_in_ms: u64,
    findings: Vec<String>,
    facts: Vec<FactShown>,
    keeps_back: bool,
    is_two_people: bool,
}

/// A fact: its name, how it stands, and each value with its source.
struct FactShown {
    name: &'static str,
    is_disputed: bool,
    /// What is to be known before the values are read out: they differ, or are old.
    doubt: Option<String>,
    /// How they stand otherwise.
    standing: Option<String>,
    told: Vec<ToldShown>,
    safe: Option<String>,
}

struct ToldShown {
    texts: Vec<String>,
    source: String,
}

#[derive(Template)]
#[template(path = "staff/case_closed.html")]
struct ClosedPage<'a> {
    frame: &'a Frame<'a>,
}

async fn take(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    let Some(actor) = entered.actor() else { return Redirect::to("/staff/sign-in").into_response() };
    match super::next::has_something(&desk, &entered, actor).await {
        Ok(false) => {}
        Ok(true) => return Redirect::to("/staff/next").into_response(),
        Err(fault) => return broken(&entered.frame(&desk), &fault),
    }
    match desk.0.staff.take_ticket(entered.now, actor).await {
        Ok(Some(_)) => Redirect::to("/staff/next").into_response(),
        Ok(None) => super::next::page(&desk, &entered, Some("No ticket waits for you now.")).await,
        Err(fault) => broken(&entered.frame(&desk), &fault),
    }
}

async fn put_back(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    let Some(actor) = entered.actor() else { return Redirect::to("/staff/sign-in").into_response() };
    match desk.0.staff.give_ticket_back(entered.now, actor).await {
        Ok(()) => Redirect::to("/staff/next").into_response(),
        Err(fault) => broken(&entered.frame(&desk), &fault),
    }
}

async fn open(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    let frame = entered.frame(&desk);
    match desk.0.staff.open_ticket(entered.now, &entered.held).await {
        Ok(TicketUsed::Opened { .. }) => Redirect::to("/staff/case").into_response(),
        Ok(TicketUsed::NeedsProof) => Redirect::to("/staff/prove?to=next").into_response(),
        Ok(TicketUsed::NoTicket) => notice(&frame, StatusCode::CONFLICT, NO_TICKET),
        Ok(TicketUsed::DayIsFull) => notice(&frame, StatusCode::FORBIDDEN, DAY_IS_FULL),
        Err(fault) => broken(&frame, &fault),
    }
}

async fn see(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    let frame = entered.frame(&desk);
    let Some(actor) = entered.actor() else { return Redirect::to("/staff/sign-in").into_response() };
    match desk.0.staff.read_opened(entered.now, &entered.held, &fields_for(actor.role)).await {
        Ok(Some(case)) => answer(StatusCode::OK, &case_page(&desk, &frame, entered.now, actor.role, &case)),
        Ok(None) => answer(StatusCode::GONE, &ClosedPage { frame: &frame }),
        Err(fault) => broken(&frame, &fault),
    }
}

/// Whether the case on a page is still open: 204, or 410. Nothing of it is in the answer.
async fn still(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    match desk.0.staff.is_case_open(entered.now, &entered.held).await {
        Ok(Some(_)) => StatusCode::NO_CONTENT.into_response(),
        Ok(None) => StatusCode::GONE.into_response(),
        Err(fault) => {
            tracing::error!(%fault, "the desk could not tell whether a case is open");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

async fn done(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    match desk.0.staff.close_case(entered.now, &entered.held).await {
        Ok(()) => Redirect::to("/staff/next").into_response(),
        Err(fault) => broken(&entered.frame(&desk), &fault),
    }
}

async fn script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT)
}

fn case_page<'a>(
    desk: &StaffDesk,
    frame: &'a Frame<'a>,
    now: Time,
    role: StaffRole,
    case: &OpenedCase,
) -> CasePage<'a> {
    let zone = &desk.0.line.program.zone;
    let shown = shown_to(role, &case.assertions, now, zone, case.language);
    let language = sees(role, Action::ReadTicketCase, DataField::Language).then(|| language_name(desk, case.language));
    let left = case.closes_at.since(now);
    CasePage {
        frame,
        language,
        closes_at: case.closes_at.time_of_day_in(zone).to_string(),
        minutes_max: CASE_OPEN_MAX.as_secs() / 60,
        closes_in_ms: u64::try_from(left.as_millis()).unwrap_or(0),
        // A dispute is told with the dates that differ, a stale fact as one.
        findings: shown
            .findings
            .iter()
            .filter(|finding| !matches!(finding.rule, Rule::HearingDatesDisagree | Rule::Stale))
            .map(|finding| word(desk, &Phrase::new(format!("finding-{}", finding.rule.word()))))
            .collect(),
        is_two_people: shown.has(Rule::TwoPeopleUnderOneNumber),
        facts: facts(desk, &shown),
        keeps_back: keeps_back_from(role),
    }
}

fn facts(desk: &StaffDesk, shown: &Answer) -> Vec<FactShown> {
    shown.facts.iter().map(|fact| fact_shown(desk, fact)).collect()
}

fn fact_shown(desk: &StaffDesk, fact: &Fact) -> FactShown {
    let is_disputed = fact.standing == Standing::Disputed;
    let standing = match fact.standing {
        Standing::Disputed => "case-disputed",
        Standing::Agreed => "case-agreed",
        Standing::SingleSource => "case-single",
        Standing::Stale if fact.field == Field::Hearing => "finding-stale",
        Standing::Stale => "case-stale",
    };
    let said = Some(word(desk, &Phrase::new(standing)));
    let is_doubtful = matches!(fact.standing, Standing::Disputed | Standing::Stale);
    let (doubt, standing) = if is_doubtful { (said, None) } else { (None, said) };
    FactShown {
        name: name_of(fact.field),
        is_disputed,
        doubt,
        standing,
        told: fact.told.iter().map(|told| told_shown(desk, told, fact.standing)).collect(),
        safe: if is_disputed { safe_action(desk, fact) } else { None },
    }
}

/// Keep both; go on the first; go on the second too unless the court says in writing that it is off.
fn safe_action(desk: &StaffDesk, fact: &Fact) -> Option<String> {
    let days: Vec<_> = fact.told.iter().filter_map(|told| hearing_time(&told.value)).map(|at| at.date).collect();
    let (first, second) = (Arg::Date(*days.first()?), Arg::Date(*days.last()?));
    Some(word(desk, &Phrase::new("safe-two-dates").with("first", first).with("second", second)))
}

fn told_shown(desk: &StaffDesk, told: &Told, standing: Standing) -> ToldShown {
    let mut texts: Vec<String> = value_phrases(told, standing).iter().map(|phrase| word(desk, phrase)).collect();
    if texts.is_empty() {
        texts.push(unworded(&told.value));
    }
    ToldShown { texts, source: word(desk, &source_phrase(told)) }
}

/// What the line has no words for, because no caller is told it as it stands.
fn unworded(value: &Value) -> String {
    match value {
        Value::Adjourned { was, reason, now_on } => {
            let code = reason.as_ref().map_or_else(String::new, |code| format!(" (the court's code {code})"));
            let then = now_on.map_or_else(String::new, |day| format!(" The new day is {}.", in_words(day)));
            let was = in_words(was.date);
            format!("A hearing that was set for {was} was called off, moved or held{code}.{then}")
        }
        Value::AlsoHearing { at } => format!("Beside the next hearing there is one on {}.", in_words(at.date)),
        Value::AdjournedLawyerFirst => "The record has a code that is a lawyer's first (54).".into(),
        Value::CourtLanguage { .. } => "The court's record has no language that we know.".into(),
        _ => "The record says nothing that has words.".into(),
    }
}

/// A day as the line's own English words have it.
fn in_words(day: Date) -> String {
    day.strftime("%A, %B %-d, %Y").to_string()
}

/// The line's own English words: on the page stands what the line says.
fn word(desk: &StaffDesk, phrase: &Phrase) -> String {
    let written = desk.0.line.program.words.written(Language::ENGLISH, phrase);
    written.inspect_err(|missing| tracing::warn!(%missing, "the page of a case lacks words")).unwrap_or_default()
}

const fn name_of(field: Field) -> &'static str {
    match field {
        Field::Hearing => "Next hearing",
        Field::PastHearing => "Earlier hearing",
        Field::Decision => "Decision",
        Field::Custody => "Custody",
        Field::CourtLanguage => "Court’s language",
        Field::FilingStatus => "Filing",
    }
}
