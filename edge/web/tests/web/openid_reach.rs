//! How far a provider and what it gives reach: its people are not another provider's, it is known by its certificate, it
//! leads nowhere else, its tokens stay in the program, and a login here ends by our own times.
//! What a token must say is left to `openid`.

use crate::browser::Browser;
use crate::certificate::for_localhost;
use crate::line::made_up;
use crate::openid::{Desk, is_in};
use crate::provider::{ACCESS_TOKEN, Key, fields};
use axum::http::{Method, StatusCode};
use caseline_helpline::chance::SeededChance;
use caseline_helpline::staff::{LOGIN_IDLE_MAX, LOGIN_LASTS_MAX, StaffStore};
use caseline_helpline::{Clock, OpenidDesk};
use caseline_store::{SqliteStore, StoreSettings};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn a_person_of_one_provider_is_nobody_at_another_that_numbers_its_people_alike() {
    let desk = Desk::new().await;
    desk.join(1, "person-1").await;
    // The operator changes to another provider; the accounts are the same.
    let made_up = crate::line::MadeUp {
        clock: Arc::clone(&desk.made_up.clock),
        store: Arc::clone(&desk.made_up.store),
        line: Arc::clone(&desk.made_up.line),
    };
    let staff = Arc::clone(&desk.made_up.store) as Arc<dyn StaffStore>;
    let other = Desk::of(made_up, Key::new("one"), staff, |_| {}).await;
    assert_ne!(desk.provider.issuer, other.provider.issuer);
    assert!(!is_in(&other.sign_in(|_| {}).await), "person-1 of the other provider is somebody else");
    let claimed = desk.provider.issuer.clone();
    assert!(!is_in(&other.sign_in(|claims| claims["iss"] = json!(claimed)).await), "nor can it speak for the first");
    assert!(is_in(&desk.sign_in(|_| {}).await));
    // Two people with two accounts, each by their own provider.
    assert_eq!(other.join(2, "person-1").await.0, StatusCode::SEE_OTHER);
    let subject = |issuer: &str| caseline_helpline::openid::OpenidSubject {
        issuer: issuer.to_owned(),
        subject: "person-1".into(),
    };
    let (now, store) = (desk.made_up.clock.now(), &desk.made_up.store);
    let mut handles = Vec::new();
    for (n, issuer) in [&desk.provider.issuer, &other.provider.issuer].into_iter().enumerate() {
        let secret = caseline_helpline::staff::Secret::from_random(70 + n as u128);
        let login = store.begin_login_openid(now, &subject(issuer), &secret, None).await.unwrap().unwrap();
        handles.push(login.account.handle.to_string());
    }
    assert_eq!(handles, ["desk-1", "desk-2"]);
}

#[tokio::test]
async fn no_redirect_of_a_provider_is_followed() {
    for path in ["/.well-known/openid-configuration", "/keys"] {
        let desk = Desk::new().await;
        desk.provider.shown.lock().unwrap().moved = Some(path);
        let mut browser = Browser::new(desk.router.clone());
        let (status, ..) = browser.send(Method::GET, "/staff/openid", &[], String::new()).await;
        assert_eq!(status, StatusCode::BAD_GATEWAY, "{path}");
        nothing_elsewhere(&desk);
    }
    let desk = Desk::new().await;
    desk.join(1, "person-1").await;
    desk.provider.shown.lock().unwrap().moved = Some("/token");
    assert!(!is_in(&desk.sign_in(|_| {}).await));
    nothing_elsewhere(&desk);
    desk.provider.shown.lock().unwrap().moved = None;
    assert!(is_in(&desk.sign_in(|_| {}).await), "the same where nothing has moved");
}

fn nothing_elsewhere(desk: &Desk) {
    let asked = desk.provider.shown.lock().unwrap().asked.clone();
    assert!(!asked.is_empty() && asked.iter().all(|(path, _)| !path.starts_with("/elsewhere")), "{asked:?}");
}

#[tokio::test]
async fn a_provider_without_a_certificate_that_is_trusted_for_its_name_is_told_nothing() {
    let stranger = std::env::temp_dir().join(format!("caseline-stranger-{}.pem", std::process::id()));
    std::fs::write(&stranger, for_localhost().certificate_pem).unwrap();
    let untrusted = Desk::with(|openid| openid.ca_file.clone_from(&stranger)).await;
    // Its certificate is for `localhost`, and no other name of the same machine.
    let misnamed = Desk::with(|openid| {
        openid.issuer = openid.issuer.replace("localhost", "127.0.0.1");
    })
    .await;
    std::fs::remove_file(&stranger).unwrap();
    for (what, desk) in [("untrusted", untrusted), ("for another name", misnamed)] {
        let mut browser = Browser::new(desk.router.clone());
        let (status, _, html) = browser.send(Method::GET, "/staff/openid", &[], String::new()).await;
        assert_eq!(status, StatusCode::BAD_GATEWAY, "{what}");
        assert!(html.contains("does not answer now. Try again, or use a passkey."), "{html}");
        assert!(desk.provider.shown.lock().unwrap().asked.is_empty(), "{what}: nothing was sent");
    }
}

/// A folder that goes with its test.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// All bytes of all files below a folder.
fn files(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        bytes.extend(if path.is_dir() { files(&path) } else { std::fs::read(&path).unwrap() });
    }
    bytes
}

#[tokio::test]
async fn the_provider_s_tokens_stay_in_the_program_and_neither_browser_nor_disk_has_one() {
    let folder = Folder(std::env::temp_dir().join(format!("caseline-openid-{}", std::process::id())));
    std::fs::create_dir_all(&folder.0).unwrap();
    let made_up = made_up();
    let settings = StoreSettings::at(folder.0.join("data"));
    let store = SqliteStore::open(settings, made_up.clock.now(), Arc::new(SeededChance::new(9))).await.unwrap();
    let store = Arc::new(store);
    let desk = Desk::of(made_up, Key::new("one"), Arc::clone(&store) as Arc<dyn StaffStore>, |openid| {
        openid.client_secret = Some(caseline_model::Private::new("made-up-client-secret".into()));
    })
    .await;
    let invite = caseline_helpline::staff::NewInvite {
        account: caseline_helpline::staff::AccountId::from_random(1),
        handle: "desk-1".parse().unwrap(),
        role: caseline_helpline::policy::StaffRole::Navigator,
        ends_at: None,
        secret: caseline_helpline::staff::Secret::from_random(901),
    };
    store.invite_staff(desk.made_up.clock.now(), &invite).await.unwrap();
    let mut browser = Browser::new(desk.router.clone());
    let mut tokens = Vec::new();
    let mut told = String::new();
    let join = format!("/staff/openid/join/{}", invite.secret.in_link());
    for (path, code) in [(join.as_str(), "code-to-join"), ("/staff/openid", "code-to-sign-in")] {
        let asked = desk.ask(&mut browser, path).await;
        let token = desk.key.token(&desk.claims(&asked, "subject-of-one-person"));
        desk.gives(&asked, code, token.clone());
        tokens.push(token);
        let finish = format!("/staff/openid/finish?state={}&code={code}", asked["state"]);
        let (status, headers, html) = browser.send(Method::GET, &finish, &[], String::new()).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{html}");
        told.push_str(&format!("{headers:?}{html}"));
    }
    for path in ["/staff", "/staff/logins", "/staff/next", "/staff/sign-in"] {
        let (_, headers, html) = browser.send(Method::GET, path, &[], String::new()).await;
        told.push_str(&format!("{headers:?}{html}"));
    }
    assert!(told.contains("You are desk-1"), "{told}");
    let asked = desk.provider.shown.lock().unwrap().asked.clone();
    let mut secrets = vec![ACCESS_TOKEN.to_owned(), "made-up-client-secret".into(), "subject-of-one-person".into()];
    secrets.extend(tokens.iter().flat_map(|token| token.split('.').skip(1)).map(str::to_owned));
    secrets.extend(["code-to-join", "code-to-sign-in"].map(str::to_owned));
    for (_, form) in asked.iter().filter(|(path, _)| path == "/token") {
        secrets.push(fields(form)["code_verifier"].clone());
    }
    assert!(secrets.len() >= 11, "{secrets:?}");
    store.write_out().await.unwrap();
    let kept = files(&folder.0);
    assert!(kept.len() > 10_000, "the store's files were found");
    for secret in &secrets {
        assert!(!told.contains(secret.as_str()), "{secret} was told to the browser");
        assert!(!kept.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret} is on the disk");
    }
}

#[tokio::test]
async fn a_login_ends_by_our_own_times_and_a_sign_in_of_another_shift_begins_none() {
    let desk = Desk::new().await;
    desk.join(1, "person-1").await;
    let mut browser = Browser::new(desk.router.clone());
    let asked = desk.ask(&mut browser, "/staff/openid").await;
    assert_eq!(asked["max_age"], LOGIN_LASTS_MAX.as_secs().to_string(), "a shift");
    assert!(!asked.contains_key("prompt"));
    let claims = desk.claims(&asked, "person-1");
    desk.gives(&asked, "code", desk.key.token(&claims));
    assert!(is_in(&desk.come_back(&mut browser, &asked["state"], "code").await));
    // It is used all the time, and the provider would still know the person: the shift is over all the same.
    let (mut passed, step) = (Duration::ZERO, LOGIN_IDLE_MAX - Duration::from_secs(60));
    while passed + step < LOGIN_LASTS_MAX {
        let (status, ..) = browser.send(Method::GET, "/staff", &[], String::new()).await;
        assert_eq!(status, StatusCode::OK, "after {passed:?}");
        desk.made_up.clock.turn(step);
        passed += step;
    }
    desk.made_up.clock.turn(LOGIN_LASTS_MAX - passed);
    let (status, headers, _) = browser.send(Method::GET, "/staff", &[], String::new()).await;
    assert_eq!((status, headers["location"].to_str().unwrap()), (StatusCode::SEE_OTHER, "/staff/sign-in"));
    // Whoever signed in at the provider in the last shift, or whenever, signs in there again.
    let ago = |claims: &mut Value, seconds: u64| {
        claims["auth_time"] = json!(claims["iat"].as_i64().unwrap() - i64::try_from(seconds).unwrap());
    };
    let shift = LOGIN_LASTS_MAX.as_secs();
    assert!(!is_in(&desk.sign_in(|claims| ago(claims, shift + 120)).await), "of the last shift");
    let unsaid = |claims: &mut Value| drop(claims.as_object_mut().unwrap().remove("auth_time"));
    assert!(!is_in(&desk.sign_in(unsaid).await), "the provider does not say when");
    let tomorrow = |claims: &mut Value| claims["auth_time"] = json!(claims["iat"].as_i64().unwrap() + 86_400);
    assert!(!is_in(&desk.sign_in(tomorrow).await), "in the future");
    assert!(is_in(&desk.sign_in(|claims| ago(claims, shift - 120)).await), "of this shift");
    // Idle, as with a passkey.
    let mut idle = Browser::new(desk.router.clone());
    let asked = desk.ask(&mut idle, "/staff/openid").await;
    desk.gives(&asked, "code", desk.key.token(&desk.claims(&asked, "person-1")));
    assert!(is_in(&desk.come_back(&mut idle, &asked["state"], "code").await));
    desk.made_up.clock.turn(LOGIN_IDLE_MAX + Duration::from_secs(1));
    assert_eq!(idle.send(Method::GET, "/staff", &[], String::new()).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn signing_out_here_ends_the_login_here_and_asks_the_provider_nothing() {
    let desk = Desk::new().await;
    desk.join(1, "person-1").await;
    let mut browser = Browser::new(desk.router.clone());
    let asked = desk.ask(&mut browser, "/staff/openid").await;
    desk.gives(&asked, "code", desk.key.token(&desk.claims(&asked, "person-1")));
    assert!(is_in(&desk.come_back(&mut browser, &asked["state"], "code").await));
    let held = browser.cookies["staff"].clone();
    let (.., home) = browser.send(Method::GET, "/staff", &[], String::new()).await;
    let before = desk.provider.shown.lock().unwrap().asked.len();
    let form = home.split("name=\"form\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let ours = [("sec-fetch-site", "same-origin"), ("origin", "null")];
    let (status, ..) = browser.send(Method::POST, "/staff/sign-out", &ours, format!("form={form}")).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    browser.cookies.insert("staff".into(), held);
    assert_eq!(browser.send(Method::GET, "/staff", &[], String::new()).await.0, StatusCode::SEE_OTHER, "it has ended");
    assert_eq!(desk.provider.shown.lock().unwrap().asked.len(), before);
}
