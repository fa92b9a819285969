//! Pages for the public, and the chat that works without scripts.
//! What is said, asked and kept is left to `helpline` and `conversation`.

mod chat;
mod cookies;
mod counts;
mod frame;
pub mod fuzzing;
mod headers;
mod health;
mod hosts;
mod languages;
mod leave;
mod notices;
mod origin;
mod page_key;
mod passkeys;
mod public;
mod routes;
mod serve;
mod settings;
pub mod staff;
mod state;
mod style;
mod texts;
mod tls;

pub use counts::Counts;
pub use page_key::PageKey;
pub use routes::{metrics_router, router};
pub use serve::{Server, WebFault, serve};
pub use settings::{ANSWER_TRIES_AFTER, Transport, WebSettings};
pub use state::{MoreFigures, WebState};
