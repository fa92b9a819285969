//! What a person reads when something does not work: plain words and the way on.
//! Whether it did not work is decided elsewhere.

use crate::frame::{Frame, answer};
use crate::state::WebState;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use caseline_model::Language;

/// In so many seconds a line that stopped is most likely back.
const COME_BACK_AFTER_S: HeaderValue = HeaderValue::from_static("120");

/// What did not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// No such page.
    NotFound,
    /// A page that is not used in that way.
    Method,
    /// A form that is not ours, too old, or without its cookie.
    Refused,
    /// Longer than a form of ours can be.
    TooLarge,
    /// No form at all.
    Unreadable,
    /// More chats than there is room for.
    Busy,
    /// The line stops for a short time.
    Stopping,
}

impl Trouble {
    const fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Refused => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::Busy | Self::Stopping => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::NotFound => "web-error-not-found",
            Self::Method => "web-error-method",
            Self::Refused => "web-error-refused",
            Self::TooLarge => "web-error-too-large",
            Self::Unreadable => "web-error-unreadable",
            Self::Busy => "web-error-busy",
            // The words that callers on the telephone hear then.
            Self::Stopping => "line-closing",
        }
    }
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage {
    frame: Frame,
    about: String,
    has_chat: bool,
}

/// The page that says what did not work.
pub(crate) fn notice(state: &WebState, headers: &HeaderMap, language: Language, trouble: Trouble) -> Response {
    let frame = Frame::new(state, language);
    let about = frame.word(trouble.key());
    let has_chat = state.cookies().contact(headers).is_some();
    let mut answer = answer(trouble.status(), &NoticePage { frame, about, has_chat });
    if trouble == Trouble::Stopping {
        answer.headers_mut().insert(header::RETRY_AFTER, COME_BACK_AFTER_S);
    }
    answer
}

/// Whatever has no page.
pub(crate) async fn no_such_page(State(state): State<WebState>, headers: HeaderMap) -> Response {
    notice(&state, &headers, state.preferred_language(&headers), Trouble::NotFound)
}

/// A page that is not used in that way.
pub(crate) async fn no_such_method(State(state): State<WebState>, headers: HeaderMap) -> Response {
    notice(&state, &headers, state.preferred_language(&headers), Trouble::Method)
}
