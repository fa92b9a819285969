//! The desk: pages for the people of the line, who sign in with passkeys, hand cards over by twos and take one task at a
//! time. Every page asks the policy before it does anything; these are the only pages with a script.
//! Who may do what is left to `helpline::policy`, accounts and cards to the store.

mod cards;
mod gate;
mod hand_overs;
mod home;
mod next;
mod pages;
mod passkeys;
mod signing;
mod sound;

use crate::page_key::PageKey;
use crate::settings::{Transport, WebSettings};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use caseline_helpline::{Clock, Line, StaffStore};
use caseline_model::Time;
use hand_overs::HandOvers;
use next::HeldTasks;
use passkeys::Passkeys;
use std::sync::Arc;

/// The longest form of the desk, in bytes: what a device says of a new passkey is some kilobytes.
const FORM_LENGTH_MAX: usize = 32 * 1_024;

/// Why the desk cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum StaffFault {
    /// The public address names no host.
    #[error("web.public_address `{address}` is no address such as https://help.example.org: {what}")]
    Address {
        /// The setting.
        address: String,
        /// What is wrong.
        what: String,
    },
}

/// What the pages of the desk share. Cloning it shares it.
#[derive(Clone)]
pub struct StaffDesk(Arc<Shared>);

struct Shared {
    line: Arc<Line>,
    staff: Arc<dyn StaffStore>,
    clock: Arc<dyn Clock>,
    page_key: PageKey,
    is_secure: bool,
    public_address: Option<String>,
    line_name: String,
    passkeys: Passkeys,
    hand_overs: HandOvers,
    held: HeldTasks,
}

impl StaffDesk {
    /// The desk of a line. Passkeys are bound to the host of the public address; without one, to `localhost`, and the
    /// desk then works in a browser on this machine alone.
    ///
    /// # Errors
    /// When the public address names no host.
    pub fn new(
        line: Arc<Line>,
        staff: Arc<dyn StaffStore>,
        clock: Arc<dyn Clock>,
        settings: &WebSettings,
    ) -> Result<Self, StaffFault> {
        let scheme = if matches!(settings.transport, Transport::Tls { .. }) { "https" } else { "http" };
        let local = format!("{scheme}://localhost:{}", settings.bind.port());
        let address = settings.public_address.clone().unwrap_or(local);
        let is_local = settings.public_address.is_none();
        let passkeys = Passkeys::new(&address, is_local, &settings.line_name, settings.page_key.clone())
            .map_err(|what| StaffFault::Address { address, what })?;
        Ok(Self(Arc::new(Shared {
            line,
            staff,
            clock,
            page_key: settings.page_key.clone(),
            is_secure: settings.is_secure(),
            public_address: settings.public_address.clone(),
            line_name: settings.line_name.clone(),
            passkeys,
            hand_overs: HandOvers::default(),
            held: HeldTasks::default(),
        })))
    }

    fn now(&self) -> Time {
        self.0.clock.now()
    }
}

/// The pages of the desk.
pub fn staff_router(desk: StaffDesk) -> Router {
    let is_secure = desk.0.is_secure;
    Router::new()
        .merge(home::routes())
        .merge(signing::routes())
        .merge(cards::routes())
        .merge(next::routes())
        .route_layer(from_fn_with_state(desk.clone(), gate::check))
        .layer(DefaultBodyLimit::max(FORM_LENGTH_MAX))
        .layer(from_fn(move |request, next| gate::headers_of_the_desk(is_secure, request, next)))
        .with_state(desk)
}
