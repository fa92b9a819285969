//! Joining and signing in by an identity provider: each check of OpenID Connect Core 1.0, 3.1.3.7 is broken once, and
//! nobody comes in.

use crate::browser::Browser;
use crate::line::{MadeUp, made_up, settings};
use crate::provider::{Key, Provider, fields, part};
use axum::Router;
use axum::http::{Method, StatusCode};
use caseline_helpline::policy::StaffRole;
use caseline_helpline::staff::{AccountId, NewInvite, PROOF_LASTS, Secret, StaffStore};
use caseline_helpline::{Clock, OpenidDesk};
use caseline_web::WebSettings;
use caseline_web::staff::{OpenidSettings, StaffDesk, staff_router};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

pub struct Desk {
    pub made_up: MadeUp,
    pub provider: Provider,
    pub key: Key,
    pub router: Router,
}

impl Desk {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut OpenidSettings)) -> Self {
        let made_up = made_up();
        let staff = Arc::clone(&made_up.store) as Arc<dyn StaffStore>;
        Self::of(made_up, Key::new("one"), staff, change).await
    }

    /// A desk with a provider of its own, over a line that is there.
    pub async fn of(
        made_up: MadeUp,
        key: Key,
        staff: Arc<dyn StaffStore>,
        change: impl FnOnce(&mut OpenidSettings),
    ) -> Self {
        let provider = Provider::start(&key).await;
        let mut openid = provider.settings();
        change(&mut openid);
        let clock = Arc::clone(&made_up.clock) as Arc<dyn Clock>;
        let settings = WebSettings { public_address: Some("http://localhost:8080".into()), ..settings() };
        let desk = StaffDesk::with_openid(Arc::clone(&made_up.line), staff, clock, &settings, Some(openid)).unwrap();
        Self { made_up, provider, key, router: staff_router(desk) }
    }

    pub async fn invite(&self, n: u128) -> Secret {
        let invite = NewInvite {
            account: AccountId::from_random(n),
            handle: format!("desk-{n}").parse().unwrap(),
            role: StaffRole::Navigator,
            ends_at: None,
            secret: Secret::from_random(900 + n),
        };
        self.made_up.store.invite_staff(self.made_up.clock.now(), &invite).await.unwrap();
        invite.secret
    }

    /// Goes to the provider; what it is asked.
    pub async fn ask(&self, browser: &mut Browser, path: &str) -> BTreeMap<String, String> {
        let (status, headers, html) = browser.send(Method::GET, path, &[], String::new()).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{html}");
        let to = headers["location"].to_str().unwrap();
        let (endpoint, query) = to.split_once('?').unwrap();
        assert_eq!(endpoint, format!("{}/authorize", self.provider.issuer));
        fields(query)
    }

    /// What the provider says of a person.
    pub fn claims(&self, asked: &BTreeMap<String, String>, subject: &str) -> Value {
        let now = self.made_up.clock.now().micros() / 1_000_000;
        json!({
            "iss": self.provider.issuer, "sub": subject, "aud": "desk", "exp": now + 300, "iat": now,
            "nonce": asked["nonce"], "acr": "phr", "auth_time": now,
        })
    }

    pub fn gives(&self, asked: &BTreeMap<String, String>, code: &str, token: String) {
        let code_for = (asked["code_challenge"].clone(), asked["redirect_uri"].clone(), token);
        self.provider.shown.lock().unwrap().codes.insert(code.into(), code_for);
    }

    /// Comes back from the provider: first without a cookie, as from another site, then on from there.
    pub async fn come_back(&self, browser: &mut Browser, state: &str, code: &str) -> (StatusCode, String) {
        let held = std::mem::take(&mut browser.cookies);
        let back = format!("/staff/openid/back?state={state}&code={code}");
        let (status, headers, html) = browser.send(Method::GET, &back, &[], String::new()).await;
        assert_eq!((status, headers.contains_key("set-cookie")), (StatusCode::OK, false), "it changes nothing: {html}");
        browser.cookies = held;
        let to = html.split("content=\"0;url=").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
        let (status, headers, _) = browser.send(Method::GET, &to, &[], String::new()).await;
        let to = headers.get("location").map_or("", |to| to.to_str().unwrap());
        (status, to.to_owned())
    }

    pub async fn join(&self, n: u128, subject: &str) -> (StatusCode, String) {
        let secret = self.invite(n).await;
        let mut browser = Browser::new(self.router.clone());
        let asked = self.ask(&mut browser, &format!("/staff/openid/join/{}", secret.in_link())).await;
        assert_eq!((asked["max_age"].as_str(), asked["prompt"].as_str()), ("0", "login"));
        self.gives(&asked, "join", self.key.token(&self.claims(&asked, subject)));
        self.come_back(&mut browser, &asked["state"], "join").await
    }

    /// Signs in with a token that a test has changed.
    pub async fn sign_in(&self, change: impl FnOnce(&mut Value)) -> (StatusCode, String) {
        let mut browser = Browser::new(self.router.clone());
        let asked = self.ask(&mut browser, "/staff/openid").await;
        let mut claims = self.claims(&asked, "person-1");
        change(&mut claims);
        self.gives(&asked, "code", self.key.token(&claims));
        self.come_back(&mut browser, &asked["state"], "code").await
    }
}

pub fn is_in(answer: &(StatusCode, String)) -> bool {
    *answer == (StatusCode::SEE_OTHER, "/staff".to_owned())
}

#[tokio::test]
async fn whoever_was_invited_joins_and_signs_in_by_the_provider_and_proves_themselves_anew() {
    let desk = Desk::new().await;
    assert_eq!(desk.join(1, "person-1").await, (StatusCode::SEE_OTHER, "/staff/sign-in?joined=yes".into()));
    let mut browser = Browser::new(desk.router.clone());
    let (.., html) = browser.send(Method::GET, "/staff/sign-in", &[], String::new()).await;
    assert!(html.contains("Or sign in with your account at localhost"), "{html}");
    let asked = desk.ask(&mut browser, "/staff/openid").await;
    assert_eq!((asked["scope"].as_str(), asked["response_type"].as_str()), ("openid", "code"), "no name, no e-mail");
    assert_eq!((asked["code_challenge_method"].as_str(), asked["acr_values"].as_str()), ("S256", "phr"));
    assert_eq!(asked["redirect_uri"], "http://localhost:8080/staff/openid/back");
    let before = browser.cookies["staff"].clone();
    let mut claims = desk.claims(&asked, "person-1");
    // They signed in at the provider an hour ago.
    claims["auth_time"] = json!(claims["iat"].as_i64().unwrap() - 3_600);
    desk.gives(&asked, "code", desk.key.token(&claims));
    assert!(is_in(&desk.come_back(&mut browser, &asked["state"], "code").await));
    assert_ne!(browser.cookies["staff"], before, "what the browser held before is worth nothing");
    let home = browser.send(Method::GET, "/staff", &[], String::new()).await;
    assert!(home.2.contains("You are desk-1, navigator."), "{}", home.2);
    // A card needs them to show themselves now.
    let (_, headers, _) = browser.send(Method::GET, "/staff/cards", &[], String::new()).await;
    assert_eq!(headers["location"], "/staff/prove?to=cards");
    let asked = desk.ask(&mut browser, "/staff/openid/prove?to=cards").await;
    assert_eq!((asked["max_age"].as_str(), asked["prompt"].as_str()), ("0", "login"));
    let mut old = desk.claims(&asked, "person-1");
    old["auth_time"] = json!(old["iat"].as_i64().unwrap() - 3_600);
    desk.gives(&asked, "old", desk.key.token(&old));
    assert_eq!(desk.come_back(&mut browser, &asked["state"], "old").await.0, StatusCode::FORBIDDEN, "auth_time is old");
    let asked = desk.ask(&mut browser, "/staff/openid/prove?to=cards").await;
    desk.gives(&asked, "other", desk.key.token(&desk.claims(&asked, "person-2")));
    assert_eq!(desk.come_back(&mut browser, &asked["state"], "other").await.0, StatusCode::FORBIDDEN, "somebody else");
    let asked = desk.ask(&mut browser, "/staff/openid/prove?to=cards").await;
    desk.gives(&asked, "new", desk.key.token(&desk.claims(&asked, "person-1")));
    let proved = desk.come_back(&mut browser, &asked["state"], "new").await;
    assert_eq!(proved, (StatusCode::SEE_OTHER, "/staff/cards".into()));
    let (status, ..) = browser.send(Method::GET, "/staff/cards", &[], String::new()).await;
    assert_eq!(status, StatusCode::OK);
    desk.made_up.clock.turn(PROOF_LASTS + Duration::from_secs(60));
    let (status, ..) = browser.send(Method::GET, "/staff/cards", &[], String::new()).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "it counts for five minutes");
}

#[tokio::test]
async fn nobody_without_an_account_of_their_own_comes_in() {
    let desk = Desk::new().await;
    assert!(!is_in(&desk.sign_in(|_| {}).await), "a person of the provider who was never invited");
    desk.join(1, "person-1").await;
    assert!(is_in(&desk.sign_in(|_| {}).await));
    assert!(!is_in(&desk.sign_in(|claims| claims["sub"] = json!("person-2")).await));
    assert_eq!(desk.join(2, "person-1").await.0, StatusCode::FORBIDDEN, "two accounts would be two people");
    let handle = "desk-1".parse().unwrap();
    assert!(desk.made_up.store.end_staff(desk.made_up.clock.now(), &handle).await.unwrap());
    assert!(!is_in(&desk.sign_in(|_| {}).await), "the account has ended");
    let secret = Secret::from_random(1);
    let subject =
        caseline_helpline::openid::OpenidSubject { issuer: desk.provider.issuer.clone(), subject: "person-1".into() };
    let now = desk.made_up.clock.now();
    assert!(desk.made_up.store.join_staff_openid(now, &secret, &subject).await.unwrap().is_none(), "no invitation");
}

#[tokio::test]
async fn a_token_with_anything_wrong_lets_nobody_in() {
    let desk = Desk::new().await;
    desk.join(1, "person-1").await;
    type Change = fn(&mut Value);
    let changes: &[(&str, Change)] = &[
        ("another issuer", |claims| claims["iss"] = json!("https://elsewhere.example")),
        ("another client", |claims| claims["aud"] = json!("somebody")),
        ("for us and others", |claims| claims["aud"] = json!(["desk", "somebody"])),
        ("for nobody", |claims| claims["aud"] = json!([])),
        ("another party", |claims| claims["azp"] = json!("somebody")),
        ("over", |claims| claims["exp"] = json!(claims["iat"].as_i64().unwrap() - 61)),
        ("made long ago", |claims| claims["iat"] = json!(claims["iat"].as_i64().unwrap() - 601)),
        ("made tomorrow", |claims| claims["iat"] = json!(claims["iat"].as_i64().unwrap() + 86_400)),
        ("another nonce", |claims| claims["nonce"] = json!("0")),
        ("no nonce", |claims| claims["nonce"] = Value::Null),
        ("nobody", |claims| claims["sub"] = json!("")),
        ("another class", |claims| claims["acr"] = json!("password")),
        ("no class", |claims| claims["acr"] = Value::Null),
        ("no end", |claims| {
            claims.as_object_mut().unwrap().remove("exp");
        }),
    ];
    for (what, change) in changes {
        let answer = desk.sign_in(change).await;
        assert_eq!(answer.0, StatusCode::FORBIDDEN, "{what}: {}", answer.1);
    }
    assert!(is_in(&desk.sign_in(|claims| claims["aud"] = json!(["desk"])).await), "the same without a mistake");
}

#[tokio::test]
async fn a_token_that_is_signed_by_nobody_or_somebody_else_lets_nobody_in() {
    let desk = Desk::new().await;
    desk.join(1, "person-1").await;
    type Forge = fn(&Desk, &Value) -> String;
    let forge: &[(&str, Forge)] = &[
        ("none", |_, claims| format!("{}.{}.", part(&json!({ "alg": "none" })), part(claims))),
        ("a secret that both hold", |_, claims| {
            let signed = format!("{}.{}", part(&json!({ "alg": "HS256", "kid": "one" })), part(claims));
            format!("{signed}.{}", part(&json!("made up")))
        }),
        ("another key of the same name", |_, claims| Key::new("one").token(claims)),
        ("a key that the provider does not show", |_, claims| Key::new("two").token(claims)),
        ("claims that were changed", |desk, claims| {
            let mut other = claims.clone();
            other["sub"] = json!("person-2");
            let (good, forged) = (desk.key.token(&other), part(claims));
            let parts: Vec<&str> = good.split('.').collect();
            format!("{}.{forged}.{}", parts[0], parts[2])
        }),
        ("no token", |_, _| "x.y.z".into()),
    ];
    for (what, forge) in forge {
        let mut browser = Browser::new(desk.router.clone());
        let asked = desk.ask(&mut browser, "/staff/openid").await;
        desk.gives(&asked, "code", forge(&desk, &desk.claims(&asked, "person-1")));
        let answer = desk.come_back(&mut browser, &asked["state"], "code").await;
        assert_eq!(answer.0, StatusCode::FORBIDDEN, "{what}");
    }
    // The provider changes its key: it is asked for the new one, and what the old one signs is worth nothing.
    let next = Key::new("next");
    desk.provider.shown.lock().unwrap().keys = vec![next.shown()];
    desk.made_up.clock.turn(Duration::from_secs(60));
    let mut browser = Browser::new(desk.router.clone());
    let asked = desk.ask(&mut browser, "/staff/openid").await;
    desk.gives(&asked, "code", next.token(&desk.claims(&asked, "person-1")));
    assert!(is_in(&desk.come_back(&mut browser, &asked["state"], "code").await));
    assert!(!is_in(&desk.sign_in(|_| {}).await), "the old key");
}

#[tokio::test]
async fn a_state_or_a_code_is_good_once_and_for_the_browser_that_asked() {
    let desk = Desk::new().await;
    desk.join(1, "person-1").await;
    let mut browser = Browser::new(desk.router.clone());
    let asked = desk.ask(&mut browser, "/staff/openid").await;
    desk.gives(&asked, "code", desk.key.token(&desk.claims(&asked, "person-1")));
    // Whoever makes somebody follow a link with their own code signs nobody in.
    let mut victim = Browser::new(desk.router.clone());
    desk.ask(&mut victim, "/staff/openid").await;
    assert_eq!(desk.come_back(&mut victim, &asked["state"], "code").await.0, StatusCode::FORBIDDEN, "another browser");
    assert_eq!(
        desk.come_back(&mut Browser::new(desk.router.clone()), &asked["state"], "code").await.0,
        StatusCode::FORBIDDEN
    );
    assert!(is_in(&desk.come_back(&mut browser, &asked["state"], "code").await));
    browser.cookies.insert("staff".into(), "0".repeat(32));
    assert_eq!(desk.come_back(&mut browser, &asked["state"], "code").await.0, StatusCode::FORBIDDEN, "state replayed");
    let mut again = Browser::new(desk.router.clone());
    let asked = desk.ask(&mut again, "/staff/openid").await;
    assert_eq!(desk.come_back(&mut again, &asked["state"], "code").await.0, StatusCode::FORBIDDEN, "code reused");
    let asked = desk.ask(&mut again, "/staff/openid").await;
    desk.gives(&asked, "late", desk.key.token(&desk.claims(&asked, "person-1")));
    desk.made_up.clock.turn(Duration::from_secs(11 * 60));
    assert_eq!(desk.come_back(&mut again, &asked["state"], "late").await.0, StatusCode::FORBIDDEN, "too late");
}

#[tokio::test]
async fn a_provider_that_describes_itself_as_another_is_not_asked() {
    for (what, instead) in [
        ("issuer", ("issuer", json!("https://elsewhere.example"))),
        ("keys elsewhere", ("jwks_uri", json!("https://elsewhere.example/keys"))),
        ("tokens in clear", ("token_endpoint", json!("http://localhost/token"))),
        ("people elsewhere", ("authorization_endpoint", json!("https://elsewhere.example/authorize"))),
    ] {
        let desk = Desk::new().await;
        desk.provider.shown.lock().unwrap().instead.push(instead);
        let mut browser = Browser::new(desk.router.clone());
        let (status, ..) = browser.send(Method::GET, "/staff/openid", &[], String::new()).await;
        assert_eq!(status, StatusCode::BAD_GATEWAY, "{what}");
        let asked = desk.provider.shown.lock().unwrap().asked.clone();
        assert_eq!(asked.len(), 1, "nothing but its description was asked for: {asked:?}");
    }
    // RFC 9207: a provider that says who it is in each answer must do so.
    let desk = Desk::new().await;
    desk.provider.shown.lock().unwrap().instead.push(("authorization_response_iss_parameter_supported", json!(true)));
    desk.join(1, "person-1").await;
    assert!(!is_in(&desk.sign_in(|_| {}).await), "no iss came along");
}

#[tokio::test]
async fn without_a_provider_there_is_none_of_its_pages() {
    let made_up = made_up();
    let staff = Arc::clone(&made_up.store) as Arc<dyn StaffStore>;
    let clock = Arc::clone(&made_up.clock) as Arc<dyn Clock>;
    let router = staff_router(StaffDesk::new(Arc::clone(&made_up.line), staff, clock, &settings()).unwrap());
    let mut browser = Browser::new(router);
    let (.., html) = browser.send(Method::GET, "/staff/sign-in", &[], String::new()).await;
    assert!(html.contains("There is no password") && !html.contains("Or sign in with"), "{html}");
    assert_eq!(browser.send(Method::GET, "/staff/openid", &[], String::new()).await.0, StatusCode::NOT_FOUND);
    for path in ["/staff/openid/back?state=1&code=2", "/staff/openid/finish?state=1&code=2"] {
        assert_eq!(browser.send(Method::GET, path, &[], String::new()).await.0, StatusCode::FORBIDDEN, "{path}");
    }
}
