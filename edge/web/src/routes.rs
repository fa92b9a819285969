//! All pages in one place.
//! What each of them does is left to its own module.

use crate::state::WebState;
use crate::{chat, headers, health, leave, notices, public, style};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;

/// The longest form that is taken, in bytes: the longest message that a caller may write fits in every alphabet.
pub(crate) const FORM_LENGTH_MAX: usize = 8 * 1_024;

/// The pages for callers. It is served by `serve`, and called in process by tests.
pub fn router(state: WebState) -> Router {
    Router::new()
        .merge(public::routes())
        .merge(chat::routes())
        .merge(leave::routes())
        .merge(style::routes())
        .merge(health::routes())
        .fallback(notices::no_such_page)
        .method_not_allowed_fallback(notices::no_such_method)
        .layer(DefaultBodyLimit::max(FORM_LENGTH_MAX))
        .layer(from_fn_with_state(state.clone(), headers::on_every_answer))
        .with_state(state)
}

/// Figures for the operator; on a loopback address only.
pub fn metrics_router(state: WebState) -> Router {
    Router::new()
        .merge(health::figures())
        .layer(from_fn_with_state(state.clone(), headers::on_every_answer))
        .with_state(state)
}
