//! The one style sheet: ours, small, at an address that changes with its content.
//! What the classes are for stands in `templates/style.css`.

use crate::state::WebState;
use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const SHEET: &str = include_str!("../templates/style.css");

static ADDRESS: LazyLock<String> = LazyLock::new(|| {
    let hash = crate::page_key::hexadecimal(&Sha256::digest(SHEET.as_bytes()));
    format!("/style.css?v={}", &hash[..12])
});

/// Where it is served, with the start of its hash.
pub(crate) fn address() -> &'static str {
    &ADDRESS
}

pub(crate) fn routes() -> Router<WebState> {
    Router::new().route("/style.css", get(sheet))
}

async fn sheet() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], SHEET)
}
