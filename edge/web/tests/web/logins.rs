//! Where a person of the desk is signed in: they see their own logins alone, and end the others after showing themselves.

use crate::browser::Browser;
use crate::line::{MadeUp, made_up, settings};
use crate::markup;
use crate::staff::{Person, desk};
use axum::Router;
use axum::http::{Method, StatusCode};
use caseline_helpline::Clock;
use caseline_helpline::policy::StaffRole;
use caseline_helpline::staff::{AccountId, PROOF_LASTS, Passkey, Secret, StaffStore};
use std::time::Duration;

/// Another device of a person who has joined.
async fn another_device(made_up: &MadeUp, router: &Router, of: u8, n: u128) -> Browser {
    let passkey = Passkey { credential: vec![of; 32], public: "{}".into() };
    let (account, secret) = (AccountId::from_random(u128::from(of)), Secret::from_random(0xd0_0000 + n));
    made_up.store.begin_login(made_up.clock.now(), account, &secret, &passkey).await.unwrap();
    let mut browser = Browser::new(router.clone());
    browser.cookies.insert("staff".into(), secret.in_link());
    browser
}

async fn is_signed_in(browser: &mut Browser) -> bool {
    browser.send(Method::GET, "/staff", &[], String::new()).await.0 == StatusCode::OK
}

/// By what the forms of the page name the other logins, the newest first.
fn others(html: &str) -> Vec<String> {
    let page = markup::read(html);
    let named = page.all("input").into_iter().filter(|input| input.attribute("name") == "login");
    named.map(|input| input.attribute("value").to_owned()).collect()
}

#[tokio::test]
async fn a_person_sees_where_they_are_signed_in_and_ends_one_or_all_others() {
    let made_up = made_up();
    let router = desk(&made_up, &settings());
    let mut one = Person::signed_in(&made_up, &router, 1, StaffRole::Navigator).await;
    let mut colleague = Person::signed_in(&made_up, &router, 2, StaffRole::Navigator).await;
    let alone = one.get("/staff/logins").await.2;
    assert!(alone.contains("<h2>Here</h2>") && others(&alone).is_empty() && !alone.contains("End all"), "{alone}");
    made_up.clock.turn(Duration::from_secs(60));
    let mut first = another_device(&made_up, &router, 1, 1).await;
    made_up.clock.turn(Duration::from_secs(60));
    let mut second = another_device(&made_up, &router, 1, 2).await;
    let html = one.get("/staff/logins").await.2;
    let (mut all, at) = (others(&html), "2026-03-02, 10:0");
    assert_eq!(all.len(), 2, "their own and nobody else's: {html}");
    assert_eq!(html.matches("<dd>a passkey</dd>").count(), 3);
    assert!(html.matches(at).count() >= 6, "when each began and was last used: {html}");
    assert!(others(&colleague.get("/staff/logins").await.2).is_empty());
    assert!(!html.contains(&second.cookies["staff"]), "what a device holds is on no page");

    // A colleague's form ends nothing of theirs, and what is no login is refused.
    let names = [("login", all[0].as_str())];
    assert_eq!(colleague.post("/staff/logins/end", &names).await.0, StatusCode::CONFLICT);
    for wrong in ["", "x", "0", "9999999999999999999999"] {
        let (status, ..) = one.post("/staff/logins/end", &[("login", wrong)]).await;
        assert!(status == StatusCode::BAD_REQUEST || status == StatusCode::CONFLICT, "{wrong}: {status}");
    }
    assert!(is_signed_in(&mut second).await && is_signed_in(&mut first).await);
    assert_eq!(one.post("/staff/logins/end", &names).await.0, StatusCode::SEE_OTHER);
    assert!(!is_signed_in(&mut second).await, "the newest one");
    assert!(is_signed_in(&mut first).await);
    all.remove(0);
    assert_eq!(others(&one.get("/staff/logins").await.2), all);

    // Who only found the desk unlocked ends nothing: the passkey is asked for.
    made_up.clock.turn(PROOF_LASTS + Duration::from_secs(30));
    for path in ["/staff/logins/end", "/staff/logins/end-others"] {
        let (status, headers, _) = one.post(path, &[("login", &all[0])]).await;
        assert_eq!((status, headers["location"].to_str().unwrap()), (StatusCode::SEE_OTHER, "/staff/prove?to=logins"));
    }
    assert!(is_signed_in(&mut first).await);
    let held = Secret::from_link(&one.browser.cookies["staff"]).unwrap();
    let passkey = Passkey { credential: vec![1; 32], public: "{}".into() };
    made_up.store.prove_login(made_up.clock.now(), &held, &passkey).await.unwrap().unwrap();
    let mut third = another_device(&made_up, &router, 1, 3).await;
    assert_eq!(one.post("/staff/logins/end-others", &[]).await.0, StatusCode::SEE_OTHER);
    assert!(!is_signed_in(&mut first).await && !is_signed_in(&mut third).await);
    assert!(is_signed_in(&mut one.browser).await && is_signed_in(&mut colleague.browser).await);
    assert_eq!(one.post("/staff/logins/end-others", &[]).await.0, StatusCode::CONFLICT, "there is none left");
}
