//! What the pages of the desk share: their frame, and notices in plain words.
//! What stands inside is left to each page.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use caseline_helpline::staff::LoginSession;

/// The frame of a page of the desk.
pub(super) struct Frame<'a> {
    /// The line's name.
    pub(super) line: &'a str,
    /// The seal of a form.
    pub(super) form: &'a str,
    /// Who is signed in.
    pub(super) login: Option<&'a LoginSession>,
    /// The style sheet of all pages.
    pub(super) style: &'static str,
}

/// A page that asks for a passkey.
#[derive(Template)]
#[template(path = "staff/passkey.html")]
pub(super) struct PasskeyPage<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) heading: &'a str,
    pub(super) about: &'a str,
    pub(super) action: &'a str,
    /// `create` or `get`.
    pub(super) kind: &'a str,
    /// What the browser is asked, as JSON.
    pub(super) options: &'a str,
    pub(super) button: &'a str,
    /// Where to go on after it; only for showing it again.
    pub(super) to: &'a str,
    /// The host of the identity provider and the way to it, where that does instead.
    pub(super) provider: Option<(&'a str, String)>,
}

#[derive(Template)]
#[template(path = "staff/notice.html")]
struct NoticePage<'a> {
    frame: &'a Frame<'a>,
    heading: &'static str,
    text: &'a str,
}

/// Something that did not work, or the end of something that did, in plain words.
pub(super) fn notice(frame: &Frame<'_>, status: StatusCode, text: &str) -> Response {
    let heading = match status {
        StatusCode::OK => "Done",
        StatusCode::NOT_FOUND => "Not here",
        _ => "This was not done",
    };
    crate::frame::answer(status, &NoticePage { frame, heading, text })
}

/// The store does not answer.
pub(super) fn broken(frame: &Frame<'_>, fault: &caseline_helpline::StoreFault) -> Response {
    tracing::error!(%fault, "the desk could not do what it was asked");
    notice(frame, StatusCode::SERVICE_UNAVAILABLE, "This did not work, and nothing was done. Try again in a minute.")
}
