//! The next task: one message, callback, report or ticket at a time, by assignment. There is no list of them, and what is
//! shown of one is what the policy lets the role see.
//! Leases are the store's; what a ticket opens is left to `tickets`.

use super::StaffDesk;
use super::gate::Entered;
use super::pages::{Frame, broken, notice};
use super::sound::wav;
use super::tickets::{TicketShown, language_name, taken, ticket_shown};
use crate::frame::answer;
use askama::Template;
use axum::extract::{Form, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use caseline_conversation::Phrase;
use caseline_conversation::effect::ReportState;
use caseline_helpline::StoreFault;
use caseline_helpline::policy::{Action, DataField, StaffRole, may, sees};
use caseline_helpline::ports::{ClaimedTask, LeaseState, Settled, TaskKind};
use caseline_helpline::staff::{AccountId, Actor, StaffDeed};
use caseline_model::{Language, Time};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a task is one person's.
const LEASE: Duration = Duration::from_secs(15 * 60);

/// A callback that nobody answered is tried again after so long.
const AGAIN_AFTER: Duration = Duration::from_secs(60 * 60);

const NONE_LEFT: &str = "There is none of that kind now.";
const NOT_YOURS: &str = "This task is no longer yours: fifteen minutes were over, and it went back in line.";
const REPORT_IS_GONE: &str = "This report cannot be moved: fifteen minutes were over, or its owner had it forgotten.";

/// The states to which a person moves a report, and what its owner hears then, in short.
const OUTCOMES: &[(ReportState, &str)] = &[
    (ReportState::InHand, "In hand"),
    (ReportState::Answered, "Answered: they can hear what to do next"),
    (ReportState::Corrected, "The record was found corrected"),
    (ReportState::Closed, "Closed without a correction"),
];

/// Tasks that are open in browsers, one an account; their contents are here and nowhere else, as long as the lease.
#[derive(Default)]
pub(super) struct HeldTasks(Mutex<HashMap<AccountId, Arc<Held>>>);

struct Held {
    task: ClaimedTask,
    action: Action,
    until: Time,
}

impl HeldTasks {
    fn of(&self, now: Time, account: AccountId) -> Option<Arc<Held>> {
        self.all(now).get(&account).cloned()
    }

    fn hold(&self, now: Time, account: AccountId, held: Held) {
        self.all(now).insert(account, Arc::new(held));
    }

    fn take(&self, now: Time, account: AccountId) -> Option<Arc<Held>> {
        self.all(now).remove(&account)
    }

    /// Those whose lease has not run out.
    fn all(&self, now: Time) -> MutexGuard<'_, HashMap<AccountId, Arc<Held>>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, held| held.until > now);
        all
    }
}

pub(super) fn routes() -> Router<StaffDesk> {
    Router::new()
        .route("/staff/next", get(see))
        .route("/staff/next/sound", get(sound))
        .route("/staff/next/message", post(take_message))
        .route("/staff/next/callback", post(take_callback))
        .route("/staff/next/report", post(take_report))
        .route("/staff/next/settle", post(settle))
        .route("/staff/next/outcome", post(outcome))
}

#[derive(Template)]
#[template(path = "staff/next.html")]
struct NextPage<'a> {
    frame: &'a Frame<'a>,
    may_messages: bool,
    may_callbacks: bool,
    may_reports: bool,
    may_tickets: bool,
    held: Option<Shown>,
    ticket: Option<TicketShown>,
    /// When the case closes that is open, if one is.
    case_closes_at: Option<String>,
    /// What came of what was pressed last.
    said: Option<&'static str>,
}

/// What is shown of a task, field by field; a field that the role does not see is not there.
struct Shown {
    kind: &'static str,
    is_callback: bool,
    /// The states to which its holder may move a report, with their words; none for anything else.
    outcomes: Vec<(&'static str, &'static str)>,
    until: String,
    language: Option<String>,
    need: Option<String>,
    asked_on: Option<String>,
    number: Option<String>,
    words: Option<String>,
    has_sound: bool,
}

#[derive(Deserialize)]
pub(super) struct OutcomeFields {
    #[serde(default)]
    outcome: String,
}

#[derive(Deserialize)]
pub(super) struct SettleFields {
    #[serde(default)]
    settle: String,
}

async fn see(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    page(&desk, &entered, None).await
}

/// The page with the one task or ticket that somebody has, or with what they may take.
pub(super) async fn page(desk: &StaffDesk, entered: &Entered, said: Option<&'static str>) -> Response {
    let Some(actor) = entered.actor() else { return Redirect::to("/staff/sign-in").into_response() };
    let held = desk.0.held.of(entered.now, actor.account);
    let seen = match taken(desk, entered.now, actor).await {
        Ok(ticket) => desk.0.staff.is_case_open(entered.now, &entered.held).await.map(|open| (ticket, open)),
        Err(fault) => Err(fault),
    };
    let (ticket, case_closes_at) = match seen {
        Ok(seen) => seen,
        Err(fault) => return broken(&entered.frame(desk), &fault),
    };
    let may = |action| may(actor.role, action).is_ok();
    let page = NextPage {
        frame: &entered.frame(desk),
        may_messages: may(Action::TakeMessage),
        may_callbacks: may(Action::TakeCallback),
        may_reports: may(Action::TakeReport),
        may_tickets: may(Action::TakeTicket),
        held: held.map(|held| shown(desk, &held, actor.role)),
        ticket: ticket.map(|ticket| ticket_shown(desk, &ticket, actor.role)),
        case_closes_at: case_closes_at.map(|at| at.time_of_day_in(&desk.0.line.program.zone).to_string()),
        said,
    };
    answer(StatusCode::OK, &page)
}

fn shown(desk: &StaffDesk, held: &Held, role: StaffRole) -> Shown {
    let sees = |field| sees(role, held.action, field);
    let content = &held.task.content;
    let zone = &desk.0.line.program.zone;
    let word = |key: String| desk.0.line.program.words.written(Language::ENGLISH, &Phrase::new(&key)).ok();
    let need = || {
        let keys = [format!("need-{}", content.need), format!("choose-{}", content.need)];
        keys.into_iter().find_map(word).unwrap_or_else(|| content.need.clone())
    };
    Shown {
        kind: match held.task.kind {
            TaskKind::Callback => "Callback",
            TaskKind::Report => "Report of a wrong record",
            _ => "Message",
        },
        is_callback: held.task.kind == TaskKind::Callback,
        outcomes: outcomes(held, role),
        until: held.until.time_of_day_in(zone).to_string(),
        language: sees(DataField::Language).then(|| language_name(desk, content.language)),
        need: sees(DataField::Need).then(need),
        asked_on: sees(DataField::AskedOn).then(|| content.asked_at.date_in(zone).to_string()),
        number: content
            .phone
            .as_ref()
            .filter(|_| sees(DataField::CallbackNumber))
            .map(|phone| to_dial(&phone.reveal().e164())),
        words: content.words.as_ref().filter(|_| sees(DataField::Words)).map(|words| words.reveal().clone()),
        has_sound: content.voice_note.is_some() && sees(DataField::VoiceNote),
    }
}

/// A number of this country in the groups in which it is dialled; any other as it is.
fn to_dial(number: &str) -> String {
    match number.strip_prefix("+1").map(|digits| (digits.get(..3), digits.get(3..6), digits.get(6..10))) {
        Some((Some(area), Some(office), Some(rest))) => format!("+1 {area} {office} {rest}"),
        _ => number.to_owned(),
    }
}

async fn sound(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    let held = entered.actor().and_then(|actor| Some((actor, desk.0.held.of(entered.now, actor.account)?)));
    let note = held.as_ref().and_then(|(actor, held)| {
        let note = held.task.content.voice_note.as_ref()?;
        sees(actor.role, held.action, DataField::VoiceNote).then(|| wav(note.reveal()))
    });
    match note {
        Some(file) => ([(header::CONTENT_TYPE, "audio/wav")], file).into_response(),
        None => notice(&entered.frame(&desk), StatusCode::NOT_FOUND, "There is no voice note."),
    }
}

async fn take_message(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    take(&desk, &entered, TaskKind::Message, Action::TakeMessage).await
}

async fn take_callback(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    take(&desk, &entered, TaskKind::Callback, Action::TakeCallback).await
}

async fn take_report(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    take(&desk, &entered, TaskKind::Report, Action::TakeReport).await
}

async fn take(desk: &StaffDesk, entered: &Entered, kind: TaskKind, action: Action) -> Response {
    let frame = entered.frame(desk);
    let Some(actor) = entered.actor() else { return Redirect::to("/staff/sign-in").into_response() };
    match has_something(desk, entered, actor).await {
        Ok(false) => {}
        Ok(true) => return Redirect::to("/staff/next").into_response(),
        Err(fault) => return broken(&frame, &fault),
    }
    match assigned(desk, entered.now, actor, kind, action).await {
        Ok(true) => Redirect::to("/staff/next").into_response(),
        Ok(false) => page(desk, entered, Some(NONE_LEFT)).await,
        Err(fault) => broken(&frame, &fault),
    }
}

/// Whether somebody has a task or a ticket, or a case open: one thing at a time.
pub(super) async fn has_something(desk: &StaffDesk, entered: &Entered, actor: Actor) -> Result<bool, StoreFault> {
    Ok(desk.0.held.of(entered.now, actor.account).is_some()
        || taken(desk, entered.now, actor).await?.is_some()
        || desk.0.staff.is_case_open(entered.now, &entered.held).await?.is_some())
}

/// Takes the next one of a kind; it is shown only when that stands in the log.
async fn assigned(
    desk: &StaffDesk,
    now: Time,
    actor: Actor,
    kind: TaskKind,
    action: Action,
) -> Result<bool, StoreFault> {
    let store = &desk.0.line.store;
    let Some(task) = store.claim_task(now, &[kind], LEASE).await? else { return Ok(false) };
    desk.0.staff.note_staff(now, actor, StaffDeed::TaskTaken).await?;
    if kind == TaskKind::Callback {
        // A person dials now: after a crash the attempt is known to be unknown, not unmade.
        let attempt = desk.0.line.chance.bits_128();
        if store.note_intent(now, task.id, task.fencing, attempt).await? == LeaseState::Lost {
            return Ok(false);
        }
    }
    desk.0.held.hold(now, actor.account, Held { task, action, until: now.plus(LEASE) });
    Ok(true)
}

async fn settle(
    State(desk): State<StaffDesk>,
    Extension(entered): Extension<Entered>,
    Form(fields): Form<SettleFields>,
) -> Response {
    let frame = entered.frame(&desk);
    let Some(actor) = entered.actor() else { return Redirect::to("/staff/sign-in").into_response() };
    let settled = match fields.settle.as_str() {
        "done" => Settled::Met,
        "later" => Settled::Again(entered.now.plus(AGAIN_AFTER)),
        "back" => Settled::Again(entered.now),
        _ => return notice(&frame, StatusCode::BAD_REQUEST, "Choose what became of it."),
    };
    match settled_as(&desk, entered.now, actor, settled).await {
        Ok(Some(LeaseState::Held)) => Redirect::to("/staff/next").into_response(),
        Ok(_) => notice(&frame, StatusCode::CONFLICT, NOT_YOURS),
        Err(fault) => broken(&frame, &fault),
    }
}

/// Moves the report that somebody has to a state; its owner hears it by their code. An outcome ends the task.
async fn outcome(
    State(desk): State<StaffDesk>,
    Extension(entered): Extension<Entered>,
    Form(fields): Form<OutcomeFields>,
) -> Response {
    let frame = entered.frame(&desk);
    let Some(actor) = entered.actor() else { return Redirect::to("/staff/sign-in").into_response() };
    let Some((state, _)) = OUTCOMES.iter().find(|(state, _)| state.as_str() == fields.outcome) else {
        return notice(&frame, StatusCode::BAD_REQUEST, "Choose what became of the report.");
    };
    let held = desk.0.held.of(entered.now, actor.account).filter(|held| held.task.kind == TaskKind::Report);
    let Some(held) = held else { return notice(&frame, StatusCode::CONFLICT, NOT_YOURS) };
    let (task, fencing) = (held.task.id, held.task.fencing);
    match desk.0.staff.move_report_of_task(entered.now, actor, task, fencing, *state).await {
        Ok(LeaseState::Held) => {}
        Ok(LeaseState::Lost) => return notice(&frame, StatusCode::CONFLICT, REPORT_IS_GONE),
        Err(fault) => return broken(&frame, &fault),
    }
    if *state == ReportState::InHand {
        return page(&desk, &entered, Some("The person now hears that somebody works on their report.")).await;
    }
    match settled_as(&desk, entered.now, actor, Settled::Met).await {
        Ok(_) => page(&desk, &entered, Some("The person now hears what became of their report.")).await,
        Err(fault) => broken(&frame, &fault),
    }
}

fn outcomes(held: &Held, role: StaffRole) -> Vec<(&'static str, &'static str)> {
    if held.task.kind != TaskKind::Report || !sees(role, Action::MoveReport, DataField::ReportOutcome) {
        return Vec::new();
    }
    OUTCOMES.iter().map(|(state, words)| (state.as_str(), *words)).collect()
}

async fn settled_as(
    desk: &StaffDesk,
    now: Time,
    actor: Actor,
    settled: Settled,
) -> Result<Option<LeaseState>, StoreFault> {
    let Some(held) = desk.0.held.of(now, actor.account) else { return Ok(None) };
    let (task, fencing) = (held.task.id, held.task.fencing);
    let state = desk.0.line.store.settle_task(now, task, fencing, settled).await?;
    desk.0.held.take(now, actor.account);
    desk.0.staff.note_staff(now, actor, StaffDeed::TaskSettled).await?;
    Ok(Some(state))
}

/// Gives back what somebody has taken: they sign out.
pub(super) async fn give_back(desk: &StaffDesk, now: Time, actor: Actor) {
    if let Err(fault) = settled_as(desk, now, actor, Settled::Again(now)).await {
        tracing::error!(%fault, "a task could not be given back; its lease runs out by itself");
    }
    if let Err(fault) = desk.0.staff.give_ticket_back(now, actor).await {
        tracing::error!(%fault, "a ticket could not be given back; its fifteen minutes run out by themselves");
    }
}
