//! The public page: who we are, the number to call, the chat, what to do when it is urgent, using the page safely.
//! Its words are in the catalogues; who we are is the greeting of the line.

use crate::cookies::Sealed;
use crate::frame::{Frame, answer};
use crate::notices::{Trouble, notice};
use crate::page_key::Purpose;
use crate::state::WebState;
use crate::texts::{Text, direction};
use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use caseline_conversation::page::who_we_are;
use caseline_model::Language;

/// What can be done here, by key of the words.
const WHAT: &[&str] = &[
    "web-what-case",
    "web-what-paper",
    "web-what-question",
    "web-what-legal-help",
    "web-what-wrong",
    "web-what-person",
];

/// What an agency's line does not take on (its own files, reports and legal intake): left out of its list.
const NOT_OF_AN_AGENCY: &[&str] = &["web-what-wrong", "web-what-legal-help"];

/// What to do when it is urgent: a label, and what is told without any contact.
const URGENT: &[(&str, &[&str])] = &[
    ("choose-danger-now", &["danger-now"]),
    ("choose-officers-here", &["rights"]),
    ("choose-someone-detained", &["someone-detained", "detained-steps"]),
    ("choose-hearing-soon", &["hearing-soon"]),
];

pub(crate) fn routes() -> Router<WebState> {
    Router::new()
        .route("/", get(in_preferred_language))
        .route("/{language}", get(in_language))
        .route("/favicon.ico", get(no_icon))
}

#[derive(Template)]
#[template(path = "public.html")]
struct PublicPage {
    frame: Frame,
    languages: Vec<OtherLanguage>,
    who: Vec<Text>,
    what: Vec<String>,
    urgent: Vec<Urgent>,
    form: String,
    has_chat: bool,
}

struct OtherLanguage {
    tag: String,
    direction: &'static str,
    name: String,
    is_this: bool,
}

struct Urgent {
    label: String,
    texts: Vec<Text>,
}

async fn in_preferred_language(State(state): State<WebState>, headers: HeaderMap) -> Response {
    let mut response = page(&state, &headers, state.preferred_language(&headers)).await;
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-language"));
    response
}

async fn in_language(State(state): State<WebState>, headers: HeaderMap, Path(tag): Path<String>) -> Response {
    match state.languages().iter().find(|language| language.tag() == tag) {
        Some(language) => page(&state, &headers, *language).await,
        None => notice(&state, &headers, state.preferred_language(&headers), Trouble::NotFound),
    }
}

/// Browsers ask for one by themselves; a page without a picture is easier to overlook in a list of tabs.
async fn no_icon() -> StatusCode {
    StatusCode::NO_CONTENT
}

async fn page(state: &WebState, headers: &HeaderMap, language: Language) -> Response {
    let known = state.cookies().visitor(headers);
    let visitor = known.unwrap_or_else(|| Sealed(state.line().chance.bits_128().to_be_bytes()));
    let frame = Frame::new(state, language);
    let operator = &state.line().program.operator;
    let languages = state
        .languages()
        .iter()
        .map(|other| OtherLanguage {
            tag: other.tag().to_owned(),
            direction: direction(*other),
            name: other.own_name().to_owned(),
            is_this: *other == language,
        })
        .collect();
    let page = PublicPage {
        languages,
        who: frame.texts(&who_we_are(operator)),
        what: WHAT
            .iter()
            .filter(|key| !(operator.kind.is_agency() && NOT_OF_AN_AGENCY.contains(key)))
            .map(|key| frame.word(key))
            .collect(),
        urgent: URGENT
            .iter()
            .map(|(label, keys)| Urgent {
                label: frame.word(label),
                texts: keys.iter().flat_map(|key| frame.told(key)).collect(),
            })
            .collect(),
        form: state.settings().page_key.seal(Purpose::BeginForm, &[&visitor.0]),
        has_chat: state.chats().is_open(state, headers).await,
        frame,
    };
    let mut response = answer(StatusCode::OK, &page).into_response();
    if known.is_none()
        && let Some(cookie) = state.cookies().set_visitor(visitor)
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
