//! Leaving fast: the chat ends, the browser drops what it kept of us, and another page opens.
//! What a browser's history shows cannot be taken back without scripts; the public page says so.

use crate::state::WebState;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use caseline_conversation::Input;
use std::time::Duration;

/// Where it leads when the operator named no page: an empty one of ours that says nothing.
const EMPTY_PAGE: &str = "/blank";

/// How long the way out waits for the chat to end.
const END_WITHIN: Duration = Duration::from_millis(250);

/// What browsers drop (Clear Site Data, W3C). It is honoured over TLS and on loopback addresses.
const DROP_ALL: &str = "\"cache\", \"cookies\", \"storage\"";

pub(crate) fn routes() -> Router<WebState> {
    Router::new().route("/leave", get(leave)).route(EMPTY_PAGE, get(empty_page))
}

/// A link and no form: `form-action 'self'` would keep a form from leading to another site.
async fn leave(State(state): State<WebState>, headers: HeaderMap) -> Response {
    let to = state.settings().exit_to.as_deref().unwrap_or(EMPTY_PAGE);
    let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static(EMPTY_PAGE));
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response();
    if !is_meant(&headers) {
        return response;
    }
    if let Some(contact) = state.cookies().contact(&headers) {
        let state = state.clone();
        let ending = tokio::spawn(async move {
            let now = state.now();
            state.chats().end(&state, now, contact, Input::HungUp).await;
        });
        // A slow disk keeps nobody here: the contact ends behind the page then.
        let _ = tokio::time::timeout(END_WITHIN, ending).await;
    }
    let headers = response.headers_mut();
    headers.insert("clear-site-data", HeaderValue::from_static(DROP_ALL));
    for cookie in state.cookies().drop_both() {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}

/// Pressed on our page, and not fetched ahead by a browser or by another site.
fn is_meant(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let ahead = ["sec-purpose", "purpose", "x-moz"]
        .into_iter()
        .any(|name| text(name).is_some_and(|value| value.contains("prefetch") || value.contains("prerender")));
    !ahead && matches!(text("sec-fetch-site"), None | Some("same-origin" | "none"))
}

async fn empty_page() -> Html<&'static str> {
    Html(
        "<!doctype html>\n<html lang=\"en\" dir=\"ltr\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Blank</title>\n</head>\n\
         <body>\n</body>\n</html>\n",
    )
}
