//! Joining, signing in and showing oneself again by an identity provider that the staff have already (OpenID Connect). The
//! provider says who it is; which account that opens, and what it may do, is ours.
//! What a token is worth is left to `token`, what is asked of the provider to `provider`; accounts to the store.

mod never_panic;
mod outbound;
mod provider;
mod token;

pub(crate) use never_panic::{id_tokens_never_panic, provider_pages_never_panic};
pub use provider::OpenidSettings;
pub(crate) use provider::Provider;

use super::StaffDesk;
use super::gate::{Entered, KeepsCookie, note_refusal, set_cookie};
use super::pages::{broken, notice};
use super::refusals::Why;
use super::signing::{INVITE_IS_OVER, NOT_SIGNED_IN, known_place};
use crate::frame::answer;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Extension, Router};
use caseline_helpline::staff::Secret;
use caseline_model::Time;
use provider::{Asked, Shown};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use token::Named;

/// Where the provider leads browsers back to, below the public address.
pub(super) const BACK: &str = "/staff/openid/back";

/// How many people may be with the provider; the oldest gives way.
const AWAY_MAX: usize = 500;

/// How long somebody may be there.
const AWAY_WITHIN: Duration = Duration::from_secs(10 * 60);

/// The longest code that is taken along.
const CODE_LENGTH_MAX: usize = 2_048;

/// People who are with the provider, by what their browser holds.
#[derive(Default)]
pub(super) struct Away(Mutex<HashMap<[u8; 16], (Time, Asked, Wants)>>);

/// What somebody went there for.
enum Wants {
    Join(Secret),
    SignIn,
    Prove(&'static str),
}

pub(super) fn routes() -> Router<StaffDesk> {
    Router::new()
        .route("/staff/openid", get(sign_in))
        .route("/staff/openid/join/{invite}", get(join))
        .route("/staff/openid/prove", get(prove))
        .route("/staff/openid/back", get(back))
        .route("/staff/openid/finish", get(finish))
}

#[derive(Template)]
#[template(path = "staff/back.html")]
struct BackPage<'a> {
    frame: &'a super::pages::Frame<'a>,
    to: &'a str,
}

#[derive(Deserialize)]
struct To {
    #[serde(default)]
    to: String,
}

#[derive(Deserialize)]
struct Returned {
    #[serde(default)]
    state: String,
    code: Option<String>,
    iss: Option<String>,
}

async fn sign_in(State(desk): State<StaffDesk>, Extension(entered): Extension<Entered>) -> Response {
    if entered.login.is_some() {
        return Redirect::to("/staff").into_response();
    }
    ask(&desk, &entered, Shown::WithinAShift, Wants::SignIn).await
}

async fn join(
    State(desk): State<StaffDesk>,
    Extension(entered): Extension<Entered>,
    Path(invite): Path<String>,
) -> Response {
    let frame = entered.frame(&desk);
    let over = || notice(&frame, StatusCode::NOT_FOUND, INVITE_IS_OVER);
    let Some(secret) = Secret::from_link(&invite) else { return over() };
    match desk.0.staff.invited_staff(entered.now, &secret).await {
        // Whoever still sits in somebody else's login at the provider joins nothing: they show themselves anew.
        Ok(Some(_)) => ask(&desk, &entered, Shown::Now, Wants::Join(secret)).await,
        Ok(None) => over(),
        Err(fault) => broken(&frame, &fault),
    }
}

async fn prove(
    State(desk): State<StaffDesk>,
    Extension(entered): Extension<Entered>,
    Query(query): Query<To>,
) -> Response {
    ask(&desk, &entered, Shown::Now, Wants::Prove(known_place(&query.to).1)).await
}

async fn ask(desk: &StaffDesk, entered: &Entered, shown: Shown, wants: Wants) -> Response {
    let frame = entered.frame(desk);
    let Some(provider) = &desk.0.openid else {
        return notice(&frame, StatusCode::NOT_FOUND, "There is no such page.");
    };
    let asked = Asked::from_random(|| desk.0.line.chance.bits_128(), entered.now, shown);
    match provider.address_to_ask(entered.now, &asked).await {
        Ok(address) => {
            desk.0.away.remember(entered.now, *entered.held.bytes(), asked, wants);
            Redirect::to(&address).into_response()
        }
        Err(fault) => {
            tracing::error!(%fault, "nobody can sign in by the identity provider");
            notice(
                &frame,
                StatusCode::BAD_GATEWAY,
                "Your identity provider does not answer now. Try again, or use a passkey.",
            )
        }
    }
}

/// Where the provider leads back to. A browser that comes from another site sends no cookie of ours (`SameSite=Strict`), so
/// this page changes nothing and sends it on to the next one, which is reached from here.
async fn back(
    State(desk): State<StaffDesk>,
    Extension(entered): Extension<Entered>,
    Query(returned): Query<Returned>,
) -> Response {
    let frame = entered.frame(&desk);
    let Some(to) = address_to_finish(&returned).filter(|_| desk.0.openid.is_some()) else {
        return kept(notice(&frame, StatusCode::FORBIDDEN, NOT_SIGNED_IN));
    };
    kept(answer(StatusCode::OK, &BackPage { frame: &frame, to: &to }))
}

async fn finish(
    State(desk): State<StaffDesk>,
    Extension(entered): Extension<Entered>,
    Query(returned): Query<Returned>,
) -> Response {
    let frame = entered.frame(&desk);
    let no = || notice(&frame, StatusCode::FORBIDDEN, NOT_SIGNED_IN);
    let Some(provider) = &desk.0.openid else { return no() };
    // Taken whatever it comes to: a state is good once.
    let Some((asked, wants)) = desk.0.away.take(entered.now, entered.held.bytes()) else { return no() };
    let code = returned.code.as_deref().filter(|code| !code.is_empty() && code.len() <= CODE_LENGTH_MAX);
    let Some(code) = code.filter(|_| asked.is_state(&returned.state)) else { return no() };
    let named = match provider.named_by(desk.now(), &asked, code, returned.iss.as_deref()).await {
        Ok(named) => named,
        Err(fault) => {
            tracing::warn!(%fault, "somebody came back from the identity provider and is not let in");
            note_refusal(&desk, &entered, Why::Provider).await;
            return no();
        }
    };
    let done = match wants {
        Wants::Join(secret) => join_as(&desk, &entered, &secret, &named).await,
        Wants::SignIn => sign_in_as(&desk, &entered, &named).await,
        Wants::Prove(to) => prove_as(&desk, &entered, &named, to).await,
    };
    match done {
        Ok(Some(response)) => response,
        Ok(None) | Err(caseline_helpline::StoreFault::NotAllowed { .. }) => {
            note_refusal(&desk, &entered, Why::Provider).await;
            no()
        }
        Err(fault) => broken(&frame, &fault),
    }
}

type Done = Result<Option<Response>, caseline_helpline::StoreFault>;

async fn join_as(desk: &StaffDesk, entered: &Entered, secret: &Secret, named: &Named) -> Done {
    let joined = desk.0.staff.join_staff_openid(entered.now, secret, &named.subject).await?;
    Ok(joined.map(|_| Redirect::to("/staff/sign-in?joined=yes").into_response()))
}

async fn sign_in_as(desk: &StaffDesk, entered: &Entered, named: &Named) -> Done {
    // What the browser held before it signed in is worth nothing afterwards.
    let secret = Secret::from_random(desk.0.line.chance.bits_128());
    let begun = desk.0.staff.begin_login_openid(entered.now, &named.subject, &secret, Some(named.proved_at)).await?;
    Ok(begun.map(|_| {
        let mut response = Redirect::to("/staff").into_response();
        set_cookie(desk, &mut response, &secret);
        response
    }))
}

async fn prove_as(desk: &StaffDesk, entered: &Entered, named: &Named, to: &'static str) -> Done {
    let proved = desk.0.staff.prove_login_openid(entered.now, &entered.held, &named.subject).await?;
    Ok(proved.map(|_| Redirect::to(to).into_response()))
}

/// The same values on the next page, each written anew.
fn address_to_finish(returned: &Returned) -> Option<String> {
    let code = returned.code.as_deref().filter(|code| code.len() <= CODE_LENGTH_MAX)?;
    let mut fields = vec![("state", returned.state.as_str()), ("code", code)];
    fields.extend(returned.iss.as_deref().map(|issuer| ("iss", issuer)));
    Some(format!("/staff/openid/finish?{}", provider::encoded(&fields)))
}

/// What the browser holds stays as it is, though it did not come along.
fn kept(mut response: Response) -> Response {
    response.extensions_mut().insert(KeepsCookie);
    response
}

impl Away {
    fn remember(&self, now: Time, held: [u8; 16], asked: Asked, wants: Wants) {
        let mut away = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        away.retain(|_, (at, ..)| now.since(*at) < AWAY_WITHIN);
        if away.len() >= AWAY_MAX {
            let oldest = away.iter().min_by_key(|(_, (at, ..))| *at).map(|(held, _)| *held);
            oldest.and_then(|oldest| away.remove(&oldest));
        }
        away.insert(held, (now, asked, wants));
    }

    fn take(&self, now: Time, held: &[u8; 16]) -> Option<(Asked, Wants)> {
        let mut away = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, asked, wants) = away.remove(held)?;
        (now.since(at) < AWAY_WITHIN).then_some((asked, wants))
    }
}
