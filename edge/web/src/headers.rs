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

/// The mark of an answer whose page may ask the device for a passkey: its own small script runs there, and there alone.
#[derive(Clone, Copy)]
pub(crate) struct MayUsePasskeys;

/// A header as it is on such an answer.
pub(crate) fn with_passkeys(name: &str, value: &str) -> String {
    match name {
        "content-security-policy" => value.replace("default-src 'none'; ", "default-src 'none'; script-src 'self'; "),
        "permissions-policy" => value.replace(
            "publickey-credentials-get=()",
            "publickey-credentials-get=(self), publickey-credentials-create=(self)",
        ),
        _ => value.to_owned(),
    }
}

/// Sent where browsers reach us over TLS, with one of the two values.
pub(crate) const OVER_TLS: &str = "strict-transport-security";

/// For a year, for this host and all hosts below its name, as RFC 6797 section 6.1 writes it.
pub(crate) const WITH_HOSTS_BELOW: &str = "max-age=31536000; includeSubDomains";

/// For a year, for this host alone.
pub(crate) const THIS_HOST: &str = "max-age=31536000";

/// Puts them on every answer, whatever it is.
pub(crate) async fn on_every_answer(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    state.counts().answered(response.status());
    let may_use_passkeys = response.extensions().get::<MayUsePasskeys>().is_some();
    let headers = response.headers_mut();
    let over_tls = state.settings().over_tls().map(|value| (OVER_TLS, value));
    for (name, value) in EVERY_ANSWER.iter().copied().chain(over_tls) {
        let value = match may_use_passkeys {
            false => HeaderValue::from_static(value),
            true => HeaderValue::try_from(with_passkeys(name, value)).unwrap_or(HeaderValue::from_static(value)),
        };
        headers.insert(HeaderName::from_static(name), value);
    }
    // Whether it is one of ours or one of axum's own, an answer without a page has no type to guess.
    if !headers.contains_key(header::CONTENT_TYPE) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    }
    response
}
