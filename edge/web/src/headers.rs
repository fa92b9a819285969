//! The headers of every answer: nothing is kept by browsers or proxies, nothing of others is loaded, nobody frames us.
//! What an answer says is left to its page.

use crate::state::WebState;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// Each header of every answer with its value. Nothing is cached, not even the style sheet: what a browser keeps shows
/// that it was here.
pub(crate) const EVERY_ANSWER: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), clipboard-read=(), display-capture=(), \
         encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), identity-credentials-get=(), \
         idle-detection=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), \
         picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), storage-access=(), \
         usb=(), xr-spatial-tracking=()",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
];

/// Sent where browsers reach us over TLS: a year, as RFC 6797 section 6.1 writes it.
pub(crate) const OVER_TLS: (&str, &str) = ("strict-transport-security", "max-age=31536000");

/// Puts them on every answer, whatever it is.
pub(crate) async fn on_every_answer(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    state.counts().answered(response.status());
    let headers = response.headers_mut();
    let over_tls = state.settings().is_secure().then_some(&OVER_TLS);
    for (name, value) in EVERY_ANSWER.iter().chain(over_tls) {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    // Whether it is one of ours or one of axum's own, an answer without a page has no type to guess.
    if !headers.contains_key(header::CONTENT_TYPE) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    }
    response
}
