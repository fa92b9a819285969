//! The gate before every page of the desk: the row of the policy, the login, the fresh passkey, and where a form comes
//! from. A page without a row is refused.
//! What the rows say is left to `helpline::policy`; what a page shows, to the page.

use super::pages::{Frame, notice};
use super::refusals::Why;
use super::{FORM_LENGTH_MAX, StaffDesk};
use crate::headers::{EVERY_ANSWER, OVER_TLS};
use crate::origin;
use crate::page_key::Purpose;
use axum::body::{Body, to_bytes};
use axum::extract::{Form, FromRequest, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use caseline_helpline::policy::{self, Proof, Rule, Who};
use caseline_helpline::staff::{Actor, LoginSession, Secret, StaffDeed};
use caseline_model::Time;
use serde::Deserialize;

/// What the pages of the desk may load: their own scripts too, a voice note of the one task that is open, and whether
/// the case on a page is still open.
const POLICY_OF_THE_DESK: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     media-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Where the passkey is shown again, by the page that asked for it.
const PROVE: &str = "/staff/prove";

/// Whoever came through the gate.
#[derive(Clone)]
pub(super) struct Entered {
    /// What the browser holds.
    pub(super) held: Secret,
    /// The login, if it has one.
    pub(super) login: Option<LoginSession>,
    /// When the request came.
    pub(super) now: Time,
    /// What a form of this browser carries.
    pub(super) form: String,
    /// The page as its route has it: with no invitation in it.
    pub(super) route: String,
}

impl Entered {
    /// Who it is. Behind the gate a page for signed-in people always has somebody; another page has nobody.
    pub(super) fn actor(&self) -> Option<Actor> {
        self.login.as_ref().map(|login| login.account.actor())
    }

    pub(super) fn frame<'a>(&'a self, desk: &'a StaffDesk) -> Frame<'a> {
        Frame { line: &desk.0.line_name, form: &self.form, login: self.login.as_ref(), style: crate::style::address() }
    }
}

/// The mark of an answer after which the browser holds what it held before, though it did not show it.
#[derive(Clone, Copy)]
pub(super) struct KeepsCookie;

#[derive(Deserialize)]
pub(super) struct FormSeal {
    #[serde(default)]
    form: String,
}

/// Lets a request in, or says why not.
pub(super) async fn check(
    State(desk): State<StaffDesk>,
    path: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let now = desk.now();
    let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
    let rule = path.as_ref().and_then(|path| policy::rule_of_route(method.as_str(), path.as_str()));
    let cookie = cookie(request.headers(), desk.0.is_secure);
    let login = match &cookie {
        Some(secret) => match desk.0.staff.login(now, secret).await {
            Ok(login) => login,
            Err(fault) => {
                tracing::error!(%fault, "a login could not be read");
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
        },
        None => None,
    };
    let is_new = cookie.is_none();
    let held = cookie.unwrap_or_else(|| Secret::from_random(desk.0.line.chance.bits_128()));
    let form = desk.0.page_key.seal(Purpose::StaffForm, &[held.bytes()]);
    let route = path.as_ref().map_or("none", |path| path.as_str()).to_owned();
    let entered = Entered { held, login, now, form, route };
    let Some(rule) = rule else {
        note_refusal(&desk, &entered, Why::NoRow).await;
        return notice(&entered.frame(&desk), StatusCode::NOT_FOUND, "There is no such page.");
    };
    if let Some(refused) = refused(&desk, &entered, rule).await {
        return refused;
    }
    let mut request = match with_our_form(&desk, &entered, &method, is_new, request).await {
        Ok(request) => request,
        Err(refused) => return *refused,
    };
    request.extensions_mut().insert(entered.clone());
    let mut response = next.run(request).await;
    let keeps = response.extensions().get::<KeepsCookie>().is_some();
    if is_new && !keeps && !response.headers().contains_key(header::SET_COOKIE) {
        set_cookie(&desk, &mut response, &entered.held);
    }
    response
}

/// Why the policy does not let somebody in, as an answer.
async fn refused(desk: &StaffDesk, entered: &Entered, rule: &Rule) -> Option<Response> {
    match rule.who {
        Who::Anyone => return None,
        Who::Roles(_) => {}
        Who::Links(_) | Who::Operator => return Some(StatusCode::NOT_FOUND.into_response()),
    }
    let Some(login) = &entered.login else {
        note_refusal(desk, entered, Why::NotSignedIn).await;
        return Some(Redirect::to("/staff/sign-in").into_response());
    };
    if let Err(refusal) = policy::may(login.account.role, rule.action) {
        note_refusal(desk, entered, Why::Role).await;
        let text = format!("Your role does not do this ({refusal}).");
        return Some(notice(&entered.frame(desk), StatusCode::FORBIDDEN, &text));
    }
    let needs_fresh = matches!(rule.proof, Proof::FreshPasskey | Proof::TwoPeople);
    if needs_fresh && !login.is_fresh(entered.now) {
        note_refusal(desk, entered, Why::OldProof).await;
        let to = match entered.route.as_str() {
            "/staff/cards/confirm" => "confirm",
            "/staff/case/open" => "next",
            "/staff/logins/end" | "/staff/logins/end-others" => "logins",
            _ => "cards",
        };
        // A form that was sent is not kept: whoever shows the passkey sends it again.
        return Some(Redirect::to(&format!("{PROVE}?to={to}")).into_response());
    }
    None
}

/// A request that changes something must come from a form that this browser got from us.
async fn with_our_form(
    desk: &StaffDesk,
    entered: &Entered,
    method: &Method,
    is_new: bool,
    request: Request,
) -> Result<Request, Box<Response>> {
    if *method == Method::GET {
        return Ok(request);
    }
    let refuse = |status, text| Box::new(notice(&entered.frame(desk), status, text));
    const STRANGE: &str = "This form did not come from the desk, or is too old. Open the page again.";
    if is_new || !origin::is_ours(request.headers(), desk.0.public_address.as_deref()) {
        note_refusal(desk, entered, Why::StrangeForm).await;
        return Err(refuse(StatusCode::FORBIDDEN, STRANGE));
    }
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, FORM_LENGTH_MAX).await else {
        note_refusal(desk, entered, Why::TooLong).await;
        return Err(refuse(StatusCode::PAYLOAD_TOO_LARGE, "This form is too long."));
    };
    let looked_at = Request::from_parts(parts.clone(), Body::from(bytes.clone()));
    let seal = Form::<FormSeal>::from_request(looked_at, &()).await.map(|Form(fields)| fields.form);
    match seal {
        Ok(seal) if desk.0.page_key.is_seal(Purpose::StaffForm, &[entered.held.bytes()], &seal) => {
            Ok(Request::from_parts(parts, Body::from(bytes)))
        }
        _ => {
            note_refusal(desk, entered, Why::StrangeForm).await;
            Err(refuse(StatusCode::FORBIDDEN, STRANGE))
        }
    }
}

/// Writes down that something was refused: to the program's log, and what the policy refused to somebody's role to the
/// line's own.
pub(super) async fn note_refusal(desk: &StaffDesk, entered: &Entered, why: Why) {
    let actor = entered.actor();
    let is_entry = desk.0.refusals.note(entered.now, why, actor.map(|actor| actor.role), &entered.route);
    let Some(actor) = actor.filter(|_| is_entry && matches!(why, Why::Role | Why::NoRow)) else { return };
    if let Err(fault) = desk.0.staff.note_staff(entered.now, actor, StaffDeed::Refused).await {
        tracing::error!(%fault, "a refusal could not be written down");
    }
}

/// What the browser holds.
pub(super) fn cookie(headers: &HeaderMap, is_secure: bool) -> Option<Secret> {
    let name = cookie_name(is_secure);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|row| row.to_str().ok())
        .flat_map(|row| row.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .and_then(|(_, value)| Secret::from_link(value))
}

/// `__Host-` binds a cookie to this host, to `/` and to TLS (RFC 6265bis section 4.1.3.2).
const fn cookie_name(is_secure: bool) -> &'static str {
    if is_secure { "__Host-staff" } else { "staff" }
}

/// Gives the browser something else to hold: before a login and after it they are never the same.
pub(super) fn set_cookie(desk: &StaffDesk, response: &mut Response, held: &Secret) {
    let secure = if desk.0.is_secure { "; Secure" } else { "" };
    let row =
        format!("{}={}; Path=/; HttpOnly; SameSite=Strict{secure}", cookie_name(desk.0.is_secure), held.in_link());
    if let Ok(value) = HeaderValue::from_str(&row) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// The headers of every answer of the desk: those of all pages, with a script of our own and passkeys allowed.
pub(super) async fn headers_of_the_desk(over_tls: Option<&'static str>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let over_tls = over_tls.map(|value| (OVER_TLS, value));
    for (name, value) in EVERY_ANSWER.iter().copied().chain(over_tls) {
        let value = match name {
            "content-security-policy" => POLICY_OF_THE_DESK.to_owned(),
            "permissions-policy" => {
                let passkeys = "publickey-credentials-get=(self), publickey-credentials-create=(self)";
                value.replace("publickey-credentials-get=()", passkeys)
            }
            _ => value.to_owned(),
        };
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    if !headers.contains_key(header::CONTENT_TYPE) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    }
    response
}
