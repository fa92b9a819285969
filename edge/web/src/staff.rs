//! The desk: pages for the people of the line, who sign in with passkeys, hand cards over by twos and take one task at a
//! time. Every page asks the policy before it does anything; these are the only pages with a script.
//! Who may do what is left to `helpline::policy`, accounts and cards to the store.

mod cards;
mod gate;
mod hand_overs;
mod home;
mod logins;
mod never_panic;
mod next;
mod openid;
mod pages;
mod refusals;
mod representatives;
mod sheet;
mod signing;
mod sound;
mod tickets;

use crate::page_key::PageKey;
use crate::passkeys::Passkeys;
pub(crate) use crate::passkeys::passkeys_never_panic;
use crate::settings::WebSettings;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use caseline_helpline::{Clock, Line, StaffStore};
use caseline_model::Time;
use hand_overs::HandOvers;
pub(crate) use never_panic::desk_forms_never_panic;
use next::HeldTasks;
pub use openid::OpenidSettings;
use openid::{Away, BACK, Provider};
pub(crate) use openid::{id_tokens_never_panic, provider_pages_never_panic};
use refusals::Refusals;
use std::sync::Arc;

/// The longest form of the desk, in bytes: what a device says of a new passkey is some kilobytes.
const FORM_LENGTH_MAX: usize = 32 * 1_024;

/// Why the desk cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum StaffFault {
    /// The identity provider of the staff cannot be asked.
    #[error("[openid] {0}")]
    Openid(String),
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
    over_tls: Option<&'static str>,
    public_address: Option<String>,
    line_name: String,
    passkeys: Passkeys,
    hand_overs: HandOvers,
    held: HeldTasks,
    refusals: Refusals,
    openid: Option<Provider>,
    away: Away,
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
        Self::with_openid(line, staff, clock, settings, None)
    }

    /// The same, and staff may join and sign in by an identity provider too. It leads them back to
    /// `/staff/openid/back` below the address of the desk.
    ///
    /// # Errors
    /// When the public address names no host, or the provider cannot be asked as it is set.
    pub fn with_openid(
        line: Arc<Line>,
        staff: Arc<dyn StaffStore>,
        clock: Arc<dyn Clock>,
        settings: &WebSettings,
        openid: Option<OpenidSettings>,
    ) -> Result<Self, StaffFault> {
        let settings = &settings.of_the_desk();
        let address = settings.address();
        let is_local = settings.public_address.is_none();
        let passkeys = Passkeys::new(&address, is_local, &settings.line_name, settings.page_key.clone())
            .map_err(|what| StaffFault::Address { address: address.clone(), what })?;
        let back = format!("{}{BACK}", address.trim_end_matches('/'));
        let openid = openid.map(|openid| Provider::new(openid, back)).transpose().map_err(StaffFault::Openid)?;
        Ok(Self(Arc::new(Shared {
            line,
            staff,
            clock,
            page_key: settings.page_key.clone(),
            is_secure: settings.is_secure(),
            over_tls: settings.over_tls(),
            public_address: settings.public_address.clone(),
            line_name: settings.line_name.clone(),
            passkeys,
            hand_overs: HandOvers::default(),
            held: HeldTasks::default(),
            refusals: Refusals::default(),
            openid,
            away: Away::default(),
        })))
    }

    /// The host of the identity provider, as staff know it.
    fn provider(&self) -> Option<&str> {
        self.0.openid.as_ref().map(Provider::host)
    }

    fn now(&self) -> Time {
        self.0.clock.now()
    }
}

/// The pages of the desk.
pub fn staff_router(desk: StaffDesk) -> Router {
    let over_tls = desk.0.over_tls;
    Router::new()
        .merge(home::routes())
        .merge(signing::routes())
        .merge(logins::routes())
        .merge(openid::routes())
        .merge(cards::routes())
        .merge(representatives::routes())
        .merge(next::routes())
        .merge(tickets::routes())
        .route_layer(from_fn_with_state(desk.clone(), gate::check))
        .layer(DefaultBodyLimit::max(FORM_LENGTH_MAX))
        .layer(from_fn(move |request, next| gate::headers_of_the_desk(over_tls, request, next)))
        .with_state(desk)
}
