//! What the desk refuses is written down: who by their role, which page, and why; no value of anybody.

use crate::browser::Browser;
use crate::line::{made_up, settings};
use crate::staff::{Person, desk};
use axum::http::{Method, StatusCode};
use caseline_helpline::policy::StaffRole;
use caseline_helpline::staff::PROOF_LASTS;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Gathers the rows of the program's log that are written when nothing else is set.
#[derive(Clone, Default)]
struct Gatherer(Arc<Mutex<Vec<String>>>);

struct Text<'a>(&'a mut String);

impl Visit for Text<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, "{field}={value:?} ");
    }
}

impl Subscriber for Gatherer {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut row = String::new();
        event.record(&mut Text(&mut row));
        self.0.lock().unwrap().push(row);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

impl Gatherer {
    /// The rows that came since this was asked last.
    fn rows(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    fn one_row(&self, why: &str, role: &str, route: &str) {
        let rows = self.rows();
        let expected = format!("message=the desk refused why=\"{why}\" role=\"{role}\" route=\"{route}\" ");
        assert_eq!(rows, [expected]);
    }
}

#[tokio::test]
async fn what_the_desk_refuses_is_written_down_with_role_page_and_reason_and_no_value() {
    let gatherer = Gatherer::default();
    let _guard = tracing::subscriber::set_default(gatherer.clone());
    let made_up = made_up();
    let router = desk(&made_up, &settings());
    let mut person = Person::signed_in(&made_up, &router, 1, StaffRole::Administrator).await;
    let mut stranger = Browser::new(router.clone());
    assert_eq!(gatherer.rows(), Vec::<String>::new(), "who is let in is in the line's own log");

    stranger.send(Method::GET, "/staff/cards?number=A000000137", &[], String::new()).await;
    gatherer.one_row("not-signed-in", "none", "/staff/cards");
    assert_eq!(person.post("/staff/next/message", &[("number", "A000000137")]).await.0, StatusCode::FORBIDDEN);
    gatherer.one_row("role", "administrator", "/staff/next/message");
    let invite = "0123456789abcdef0123456789abcdef";
    stranger.send(Method::GET, &format!("/staff/join/{invite}"), &[], String::new()).await;
    gatherer.one_row("invitation", "none", "/staff/join/{invite}");
    let strange = "form=made-up&number=A000000137".to_owned();
    let ours = [("sec-fetch-site", "same-origin"), ("origin", "null")];
    person.browser.send(Method::POST, "/staff/sign-out", &ours, strange).await;
    gatherer.one_row("strange-form", "administrator", "/staff/sign-out");
    person.post("/staff/sign-out", &[("number", &"1".repeat(60_000))]).await;
    gatherer.one_row("too-long", "administrator", "/staff/sign-out");
    person.post("/staff/prove", &[("credential", "{\"id\":\"made-up\"}")]).await;
    gatherer.one_row("passkey", "administrator", "/staff/prove");
    made_up.clock.turn(PROOF_LASTS + Duration::from_secs(60));
    person.post("/staff/logins/end", &[("login", "7")]).await;
    gatherer.one_row("old-proof", "administrator", "/staff/logins/end");
}

#[tokio::test]
async fn a_flood_of_refused_pages_fills_no_log_and_is_told_as_a_count() {
    let gatherer = Gatherer::default();
    let _guard = tracing::subscriber::set_default(gatherer.clone());
    let made_up = made_up();
    let router = desk(&made_up, &settings());
    let mut person = Person::signed_in(&made_up, &router, 1, StaffRole::Administrator).await;
    let mut stranger = Browser::new(router.clone());
    for _ in 0..150 {
        stranger.send(Method::GET, "/staff/next", &[], String::new()).await;
    }
    assert_eq!(gatherer.rows().len(), 60);
    person.get("/staff/next").await;
    gatherer.one_row("role", "administrator", "/staff/next");
    made_up.clock.turn(Duration::from_secs(3_600));
    stranger.send(Method::GET, "/staff/next", &[], String::new()).await;
    let rows = gatherer.rows();
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(rows[0].contains("why=\"not-signed-in\" unwritten=90"), "{rows:?}");
}
