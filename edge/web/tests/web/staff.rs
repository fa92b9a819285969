//! The desk, in process: every page against every role, forms that are not ours, two people with a card, and the next
//! task. Passkeys are shown in a real browser by the program's own tests; here logins are made in the store.

use crate::browser::{Browser, encoded};
use crate::line::{MadeUp, made_up, settings};
use crate::markup::{self, Element};
use axum::Router;
use axum::http::{HeaderMap, Method, StatusCode};
use caseline_conversation::slot::CaseNumber;
use caseline_helpline::policy::{Action, DataField, Proof, StaffRole, Surface, TABLE, Who, may, sees};
use caseline_helpline::ports::{Checked, NewTask, TaskContent, TaskKind, Trying};
use caseline_helpline::staff::{AccountId, NewInvite, PROOF_LASTS, Passkey, Secret, StaffStore};
use caseline_helpline::{Clock, Store};
use caseline_model::{ANumber, CardCode, Channel, ContactId, Language, Private, TaskId};
use caseline_web::staff::{StaffDesk, staff_router};
use caseline_web::{Transport, WebSettings, router};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const OURS: &[(&str, &str)] = &[("sec-fetch-site", "same-origin"), ("origin", "null")];

pub fn desk(made_up: &MadeUp, settings: &WebSettings) -> Router {
    let staff = Arc::clone(&made_up.store) as Arc<dyn StaffStore>;
    let clock = Arc::clone(&made_up.clock) as Arc<dyn Clock>;
    staff_router(StaffDesk::new(Arc::clone(&made_up.line), staff, clock, settings).unwrap())
}

/// Somebody of the desk in a browser.
pub struct Person {
    pub browser: Browser,
    form: String,
}

impl Person {
    /// A login that has just begun, as a passkey begins one.
    pub async fn signed_in(made_up: &MadeUp, router: &Router, n: u8, role: StaffRole) -> Self {
        let now = made_up.clock.now();
        let invite = NewInvite {
            account: AccountId::from_random(u128::from(n)),
            handle: format!("desk-{n}").parse().unwrap(),
            role,
            ends_at: None,
            secret: Secret::from_random(500 + u128::from(n)),
        };
        let passkey = Passkey { credential: vec![n; 32], public: "{}".into() };
        made_up.store.invite_staff(now, &invite).await.unwrap();
        made_up.store.join_staff(now, &invite.secret, &passkey).await.unwrap().unwrap();
        let secret = Secret::from_random((0xdead << 64) + u128::from(n));
        made_up.store.begin_login(now, invite.account, &secret, &passkey).await.unwrap();
        let mut browser = Browser::new(router.clone());
        browser.cookies.insert("staff".into(), secret.in_link());
        let mut person = Self { browser, form: String::new() };
        let home = person.get("/staff").await;
        person.form = form_of(&home.2);
        person
    }

    pub async fn get(&mut self, path: &str) -> (StatusCode, HeaderMap, String) {
        let answer = self.browser.send(Method::GET, path, &[], String::new()).await;
        if answer.0.is_success() && answer.1["content-type"].to_str().unwrap().starts_with("text/html") {
            check_page(&answer.2);
        }
        answer
    }

    /// Sends a form with our seal.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> (StatusCode, HeaderMap, String) {
        let own = [("form".to_owned(), self.form.clone())];
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let body = encoded(&own.into_iter().chain(fields).collect::<Vec<_>>());
        let answer = self.browser.send(Method::POST, path, OURS, body).await;
        if answer.0 != StatusCode::SEE_OTHER {
            check_page(&answer.2);
        }
        answer
    }
}

fn form_of(html: &str) -> String {
    html.split("name=\"form\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// What every page of the desk holds: as for callers, but one script of our own and no way out to another site.
fn check_page(html: &str) -> Element {
    let page = markup::read(html);
    assert_eq!(page.all("h1").len(), 1, "one h1: {html}");
    assert_eq!(page.all("main").len(), 1);
    assert!(!page.all("html")[0].attribute("lang").is_empty());
    assert!(page.with("style").is_empty() && page.all("style").is_empty(), "no style inside");
    for script in page.all("script") {
        let ours = ["/staff/passkey.js", "/staff/case.js"].contains(&script.attribute("src"));
        assert!(ours && script.text.is_empty(), "a script of our own, none inside");
    }
    let labelled: BTreeSet<&str> = page.all("label").iter().map(|label| label.attribute("for")).collect();
    for name in ["input", "select"] {
        for control in page.all(name).iter().filter(|control| control.attribute("type") != "hidden") {
            assert!(labelled.contains(control.attribute("id")), "a field without a label: {control:?}");
            assert_eq!(control.attribute("autocomplete"), "off", "browsers keep nothing");
        }
    }
    for form in page.all("form") {
        assert_eq!(form.attribute("method"), "post");
        assert!(form.all("input").iter().any(|input| input.attribute("name") == "form"), "every form has its seal");
    }
    page
}

/// Every page of the desk: method, path as a browser asks for it, its row.
fn pages() -> Vec<(Method, String, Action, Who, Proof)> {
    let mut found = Vec::new();
    for rule in TABLE {
        for surface in rule.surfaces {
            if let Surface::Route(method, path) = surface
                && path.starts_with("/staff")
            {
                let path = path.replace("{invite}", &"0".repeat(32));
                found.push((method.parse().unwrap(), path, rule.action, rule.who, rule.proof));
            }
        }
    }
    assert!(found.len() > 20, "the pages of the desk were found");
    found
}

#[test]
fn every_page_of_the_desk_has_a_row_with_its_method() {
    let mut there = BTreeSet::new();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/staff")).unwrap() {
        let path = entry.unwrap().path();
        // What stands one deeper serves a page that is here.
        let text = if path.is_dir() { String::new() } else { std::fs::read_to_string(path).unwrap() };
        for after in text.split(".route(\"").skip(1) {
            let path = after.split('"').next().unwrap();
            let row = after.split('\n').next().unwrap();
            for (method, called) in [("GET", "get("), ("POST", "post(")] {
                if row.contains(called) {
                    there.insert((method.to_owned(), path.replace("{invite}", &"0".repeat(32))));
                }
            }
        }
    }
    let listed: BTreeSet<_> = pages().into_iter().map(|(method, path, ..)| (method.to_string(), path)).collect();
    assert_eq!(there, listed, "pages in src/staff, and rows of the policy");
}

#[tokio::test]
async fn every_page_is_refused_to_every_role_that_the_policy_does_not_name() {
    let made_up = made_up();
    let router = desk(&made_up, &settings());
    let mut tried = (0, 0);
    for (n, role) in StaffRole::ALL.into_iter().enumerate() {
        for (at, (method, path, action, who, _)) in pages().into_iter().enumerate() {
            // Another account for each try: what one page changes says nothing of the next.
            let n = u8::try_from(1 + n * 50 + at).unwrap();
            let mut person = Person::signed_in(&made_up, &router, n, role).await;
            let (status, _, html) = match method {
                Method::GET => person.get(&path).await,
                _ => person.post(&path, &[]).await,
            };
            let refused = status == StatusCode::FORBIDDEN && html.contains("Your role does not do this");
            assert_eq!(refused, may(role, action).is_err(), "{method} {path} as {role:?}: {status}");
            assert!(!status.is_server_error(), "{method} {path} as {role:?}: {status}");
            tried = if refused { (tried.0 + 1, tried.1) } else { (tried.0, tried.1 + 1) };
            assert!(!refused || matches!(who, Who::Roles(_)));
        }
    }
    assert!(tried.0 > 15 && tried.1 > 80, "refused and let in: {tried:?}");
}

#[tokio::test]
async fn nobody_who_is_not_signed_in_gets_further_than_signing_in() {
    let made_up = made_up();
    let router = desk(&made_up, &settings());
    for (method, path, _, who, _) in pages() {
        let mut stranger = Browser::new(router.clone());
        let (_, _, html) = stranger.send(Method::GET, "/staff/sign-in", &[], String::new()).await;
        let body = format!("form={}", form_of(&html));
        let (status, headers, _) = stranger.send(method.clone(), &path, OURS, body).await;
        if matches!(who, Who::Roles(_)) {
            assert_eq!(status, StatusCode::SEE_OTHER, "{method} {path}");
            assert_eq!(headers["location"], "/staff/sign-in", "{method} {path}");
        } else {
            assert!(status.is_success() || status.is_client_error(), "{method} {path}: {status}");
        }
    }
    let mut stranger = Browser::new(router);
    stranger.cookies.insert("staff".into(), "f".repeat(32));
    let (status, ..) = stranger.send(Method::GET, "/staff/cards", &[], String::new()).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "a cookie of nobody");
}

#[tokio::test]
async fn a_form_that_is_not_from_this_browser_s_page_changes_nothing() {
    let made_up = made_up();
    let router = desk(&made_up, &settings());
    let mut person = Person::signed_in(&made_up, &router, 1, StaffRole::Navigator).await;
    let other = Person::signed_in(&made_up, &router, 2, StaffRole::Navigator).await;
    let good = format!("form={}&number=A000000137&language=en", person.form);
    let stolen = format!("form={}&number=A000000137&language=en", other.form);
    let cross = [("sec-fetch-site", "cross-site"), ("origin", "https://elsewhere.example")];
    for (headers, body) in [(OURS, stolen), (OURS, "number=A000000137".into()), (&cross[..], good.clone())] {
        let (status, ..) = person.browser.send(Method::POST, "/staff/cards/begin", headers, body).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
    }
    assert!(!person.get("/staff/cards").await.2.contains("data-pairing"), "nothing began");
    let (status, ..) = person.browser.send(Method::POST, "/staff/cards/begin", OURS, good).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (status, ..) = person.post("/staff/cards/begin", &[("number", &"1".repeat(60_000))]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn what_concerns_a_card_needs_a_passkey_that_was_shown_within_five_minutes() {
    let made_up = made_up();
    let router = desk(&made_up, &settings());
    let mut person = Person::signed_in(&made_up, &router, 1, StaffRole::Supervisor).await;
    made_up.clock.turn(PROOF_LASTS + Duration::from_secs(60));
    for (method, path, action, _, proof) in pages() {
        if !matches!(proof, Proof::FreshPasskey | Proof::TwoPeople) || may(StaffRole::Supervisor, action).is_err() {
            continue;
        }
        let (status, headers, _) = match method {
            Method::GET => person.get(&path).await,
            _ => person.post(&path, &[]).await,
        };
        assert_eq!(status, StatusCode::SEE_OTHER, "{method} {path}");
        assert!(headers["location"].to_str().unwrap().starts_with("/staff/prove?to="), "{method} {path}");
    }
    let passkey = Passkey { credential: vec![1; 32], public: "{}".into() };
    let secret = Secret::from_random((0xdead << 64) + 1);
    made_up.store.prove_login(made_up.clock.now(), &secret, &passkey).await.unwrap().unwrap();
    assert_eq!(person.get("/staff/cards").await.0, StatusCode::OK);
    made_up.clock.turn(Duration::from_secs(15 * 60));
    assert_eq!(person.get("/staff").await.0, StatusCode::SEE_OTHER, "idle for fifteen minutes");
}

fn number(n: u32) -> Private<CaseNumber> {
    Private::new(CaseNumber::A(ANumber::from_value(n).unwrap()))
}

async fn opens(made_up: &MadeUp, contact: u128, of_number: u32, code: &CardCode) -> Checked {
    let contact = ContactId::from_random(contact);
    let who = Trying { contact, caller: None, shared: false };
    made_up.store.begin_contact(made_up.clock.now(), contact, Channel::Phone).await.unwrap();
    let code = Private::new(code.clone());
    made_up.store.check_card(made_up.clock.now(), &who, &number(of_number), &code).await.unwrap()
}

/// One person begins, another one confirms, and the sheet is shown.
async fn card(one: &mut Person, two: &mut Person, language: &str) -> (String, Vec<CardCode>) {
    let begun = one.post("/staff/cards/begin", &[("number", "A000-000-137"), ("language", language)]).await;
    assert_eq!(begun.0, StatusCode::SEE_OTHER);
    let html = one.get("/staff/cards").await.2;
    let code = html.split("data-pairing=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(!html.contains("137"), "the number is not shown again");
    let not_yet = one.post("/staff/cards/make", &[]).await;
    assert_eq!(not_yet.0, StatusCode::CONFLICT, "nobody has confirmed it");
    let own = one.post("/staff/cards/confirm", &[("code", &code), ("number", "A000000137")]).await;
    assert!(own.0 == StatusCode::FORBIDDEN && own.2.contains("Another person must confirm"), "{}", own.2);
    let other_paper = two.post("/staff/cards/confirm", &[("code", &code), ("number", "A000000138")]).await;
    assert_eq!(other_paper.0, StatusCode::FORBIDDEN);
    let confirmed = two.post("/staff/cards/confirm", &[("code", &code), ("number", "000 000 137")]).await;
    assert!(confirmed.0 == StatusCode::OK && confirmed.2.contains("Confirmed"), "{}", confirmed.2);
    let sheet = one.post("/staff/cards/make", &[]).await;
    assert_eq!(sheet.0, StatusCode::OK);
    let page = check_page(&sheet.2);
    let cells = page.with("data-row");
    let keyed = cells.iter().map(|cell| format!("{}{}", cell.attribute("data-row"), cell.text));
    let codes = keyed.map(|keyed| keyed.parse::<CardCode>().expect("a code")).collect();
    (sheet.2, codes)
}

#[tokio::test]
async fn two_people_hand_a_card_over_its_codes_are_shown_once_and_open_the_case() {
    let made_up = made_up();
    let router = desk(&made_up, &settings());
    let mut one = Person::signed_in(&made_up, &router, 1, StaffRole::Navigator).await;
    let mut two = Person::signed_in(&made_up, &router, 2, StaffRole::Attorney).await;
    let (_, first) = card(&mut one, &mut two, "es").await;
    assert_eq!(first.iter().map(CardCode::row).collect::<Vec<_>>(), (1..=12).collect::<Vec<_>>());
    assert_eq!(one.post("/staff/cards/make", &[]).await.0, StatusCode::CONFLICT, "once");
    assert!(matches!(opens(&made_up, 1, 137, &first[4]).await, Checked::Opened(_)));
    assert_eq!(opens(&made_up, 2, 137, &first[4]).await, Checked::Refused, "a code opens once");

    let (_, second) = card(&mut one, &mut two, "en").await;
    assert_eq!(opens(&made_up, 3, 137, &first[5]).await, Checked::Refused, "the lost card is dead");
    assert!(matches!(opens(&made_up, 4, 137, &second[5]).await, Checked::Opened(_)));
}

/// A sheet without its codes, which differ by chance.
fn without_codes(html: &str) -> String {
    let mut rest = html;
    let mut plain = String::new();
    while let Some((before, after)) = rest.split_once("data-row=") {
        plain.push_str(before);
        rest = after.split_once("</td>").expect("the cell ends").1;
    }
    plain + rest
}

#[tokio::test]
async fn a_desk_does_not_learn_whether_the_number_had_a_card_before() {
    let made_up = made_up();
    let router = desk(&made_up, &settings());
    let mut one = Person::signed_in(&made_up, &router, 1, StaffRole::Navigator).await;
    let mut two = Person::signed_in(&made_up, &router, 2, StaffRole::Attorney).await;
    let (new, first) = card(&mut one, &mut two, "es").await;
    let (replaced, second) = card(&mut one, &mut two, "es").await;
    assert_ne!(first, second, "the codes are new ones");
    assert!(without_codes(&new).contains("</table>"));
    assert_eq!(without_codes(&new), without_codes(&replaced));
}

/// What one person begins and another one confirms; the page that comes when it is done.
async fn agreed(
    one: &mut Person,
    two: &mut Person,
    begun: (&str, &[(&str, &str)]),
    read: &[(&str, &str)],
) -> (StatusCode, String) {
    let begin = one.post(begun.0, begun.1).await;
    assert_eq!(begin.0, StatusCode::SEE_OTHER, "{}", begin.2);
    let html = one.get("/staff/cards").await.2;
    let code = html.split("data-pairing=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mut read = read.to_vec();
    read.push(("code", &code));
    let confirmed = two.post("/staff/cards/confirm", &read).await;
    assert_eq!(confirmed.0, StatusCode::OK, "{}", confirmed.2);
    let made = one.post("/staff/cards/make", &[]).await;
    (made.0, made.2)
}

fn codes_of(html: &str) -> Vec<CardCode> {
    let page = check_page(html);
    let cells = page.with("data-row");
    let keyed = cells.iter().map(|cell| format!("{}{}", cell.attribute("data-row"), cell.text));
    keyed.map(|keyed| keyed.parse::<CardCode>().expect("a code")).collect()
}

#[tokio::test]
async fn two_people_hand_a_family_s_card_over_and_each_number_opens_its_own_case() {
    let made_up = made_up();
    let router = desk(&made_up, &settings());
    let mut one = Person::signed_in(&made_up, &router, 1, StaffRole::Navigator).await;
    let mut two = Person::signed_in(&made_up, &router, 2, StaffRole::Supervisor).await;
    for number in ["A000000137", "A000000137\r\nA000000137", "A000000137\nno number"] {
        let family = [("what", "family"), ("number", number), ("language", "es")];
        assert_eq!(one.post("/staff/cards/begin", &family).await.0, StatusCode::BAD_REQUEST, "{number}");
    }
    let family = [("what", "family"), ("number", "A000000137\r\nA000000222\r\n"), ("language", "es")];
    let read = [("what", "family"), ("number", "A000000222\r\nA000000137")];
    let (status, html) = agreed(&mut one, &mut two, ("/staff/cards/begin", &family), &read).await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("Varios de ustedes"), "{html}");
    let codes = codes_of(&html);
    let first = opens(&made_up, 1, 137, &codes[0]).await;
    let second = opens(&made_up, 2, 222, &codes[1]).await;
    assert!(matches!((first, second), (Checked::Opened(one), Checked::Opened(two)) if one != two));
    assert_eq!(opens(&made_up, 3, 222, &codes[0]).await, Checked::Refused, "a row opens once");
    // Ended, by two people again: for both of them.
    let end = [("what", "end-card"), ("number", "A000000137")];
    let (status, html) = agreed(&mut one, &mut two, ("/staff/cards/begin", &end), &end).await;
    assert!(status == StatusCode::OK && html.contains("It is done."), "{html}");
    assert_eq!(opens(&made_up, 4, 222, &codes[4]).await, Checked::Refused, "a stolen card");
}

#[tokio::test]
async fn a_lawyer_puts_a_client_on_their_card_and_the_client_can_be_taken_off() {
    let made_up = made_up();
    let router = desk(&made_up, &settings());
    let mut lawyer = Person::signed_in(&made_up, &router, 1, StaffRole::Attorney).await;
    let mut colleague = Person::signed_in(&made_up, &router, 2, StaffRole::Navigator).await;
    let _ = card(&mut colleague, &mut lawyer, "en").await;
    let at = "/staff/cards/representatives/begin";
    let make = [("what", "representative"), ("handle", "lawyer-1"), ("language", "ht")];
    let (_, html) = agreed(&mut lawyer, &mut colleague, (at, &make), &make[..2]).await;
    let codes = codes_of(&html);
    assert_eq!(opens(&made_up, 1, 137, &codes[0]).await, Checked::Refused, "nobody is on it yet");
    let client = [
        ("what", "client"),
        ("handle", "lawyer-1"),
        ("number", "A000000137"),
        ("authority", "person-there"),
        ("days", "30"),
    ];
    for (field, wrong) in [("days", "400"), ("authority", "none"), ("handle", ""), ("number", "x")] {
        let changed: Vec<_> =
            client.iter().map(|(name, value)| (*name, if *name == field { wrong } else { *value })).collect();
        assert_eq!(lawyer.post(at, &changed).await.0, StatusCode::BAD_REQUEST, "{field}");
    }
    let (status, html) = agreed(&mut lawyer, &mut colleague, (at, &client), &client[..3]).await;
    assert!(status == StatusCode::OK && html.contains("It is done."), "{html}");
    let page = lawyer.get("/staff/cards/representatives").await.2;
    assert!(page.contains("lawyer-1</strong>: 1 client; desk-1 answers for it."), "{page}");
    assert!(!page.contains("137"), "no client is listed");
    assert!(matches!(opens(&made_up, 2, 137, &codes[1]).await, Checked::Opened(_)));
    let end = [("what", "end-authority"), ("number", "A000000137")];
    agreed(&mut colleague, &mut lawyer, ("/staff/cards/begin", &end), &end).await;
    assert_eq!(opens(&made_up, 3, 137, &codes[2]).await, Checked::Refused);
    let unknown = [("what", "end-representative"), ("handle", "lawyer-9")];
    let (status, html) = agreed(&mut lawyer, &mut colleague, (at, &unknown), &unknown).await;
    assert!(status == StatusCode::FORBIDDEN && html.contains("Nothing was done"), "{html}");
}

#[tokio::test]
async fn the_sheet_is_neutral_in_every_language_with_pages() {
    let made_up = made_up();
    let router = desk(&made_up, &settings());
    let mut one = Person::signed_in(&made_up, &router, 1, StaffRole::Attorney).await;
    let mut two = Person::signed_in(&made_up, &router, 2, StaffRole::Accredited).await;
    for (language, heading) in [("en", "Your card"), ("es", "Su tarjeta"), ("ht", "Kat ou")] {
        let (own, _) = card(&mut one, &mut two, language).await;
        let family = [("what", "family"), ("number", "A000000137\nA000000222"), ("language", language)];
        let (_, family) = agreed(&mut one, &mut two, ("/staff/cards/begin", &family), &family[..2]).await;
        let make = [("what", "representative"), ("handle", "lawyer-1"), ("language", language)];
        let at = "/staff/cards/representatives/begin";
        let (_, representative) = agreed(&mut one, &mut two, (at, &make), &make[..2]).await;
        for html in [own, family, representative] {
            assert_eq!(codes_of(&html).len(), 12);
            let page = markup::read(&html);
            assert_eq!(page.all("section")[0].attribute("lang"), language);
            assert_eq!(page.all("h1")[0].text, heading);
            let paper = page.all("section")[0].text.to_lowercase();
            let whole = html.to_lowercase();
            for word in NOT_ON_A_SHEET {
                assert!(!whole.contains(word), "{word} stands on the {language} sheet");
            }
            assert!(!paper.contains("137") && !paper.contains("lawyer"), "neither number nor handle is on the card");
            assert!(paper.split_whitespace().count() > 60, "it says how it is used");
        }
    }
}

/// Whoever finds a sheet learns nothing of who made it, whose it is or what it is for.
const NOT_ON_A_SHEET: [&str; 15] = [
    "made-up",
    "helpline",
    "legal aid",
    "immigra",
    "court",
    "inmigra",
    "corte",
    "imigra",
    "tribinal",
    "lawyer",
    "abogad",
    "avoka",
    "client",
    "representa",
    "family",
];

fn task(kind: TaskKind, n: u128, now: caseline_model::Time) -> NewTask {
    NewTask {
        id: TaskId::from_random(n),
        kind,
        obligation: format!("{}:{n}", kind.as_str()),
        due_at: now,
        expires_at: now.plus(Duration::from_secs(48 * 3_600)),
        case: None,
        content: TaskContent {
            language: Language::SPANISH,
            need: "callback".into(),
            phone: Some(Private::new("+12025550143".parse().unwrap())),
            words: Some(Private::new("<b>made-up words</b>".into())),
            voice_note: Some(Private::new(vec![0xff; 8_000])),
            asked_at: now,
        },
    }
}

#[tokio::test]
async fn the_next_task_is_one_at_a_time_and_shows_what_the_policy_lets_the_role_see() {
    let made_up = made_up();
    let router = desk(&made_up, &settings());
    let now = made_up.clock.now();
    for (n, kind) in [(1, TaskKind::Message), (2, TaskKind::Message), (3, TaskKind::Callback), (4, TaskKind::Report)] {
        made_up.store.add_task(now, None, task(kind, n, now)).await.unwrap();
    }
    made_up.clock.turn(Duration::from_secs(1));
    let mut one = Person::signed_in(&made_up, &router, 1, StaffRole::Attorney).await;
    let mut two = Person::signed_in(&made_up, &router, 2, StaffRole::Navigator).await;
    let fields = [
        (DataField::CallbackNumber, "+1 202 555 0143"),
        (DataField::Words, "&#60;b&#62;made-up words&#60;/b&#62;"),
        (DataField::VoiceNote, "/staff/next/sound"),
        (DataField::Language, "<dt>Language</dt>"),
        (DataField::AskedOn, "2026-03-02"),
    ];
    for (path, action) in [
        ("/staff/next/message", Action::TakeMessage),
        ("/staff/next/callback", Action::TakeCallback),
        ("/staff/next/report", Action::TakeReport),
    ] {
        assert_eq!(one.post(path, &[]).await.0, StatusCode::SEE_OTHER);
        let html = one.get("/staff/next").await.2;
        for (field, text) in fields {
            let shown = html.contains(text);
            assert_eq!(shown, sees(StaffRole::Attorney, action, field), "{field:?} at {path}: {html}");
        }
        let sound = one.get("/staff/next/sound").await;
        assert_eq!(sound.0 == StatusCode::OK, sees(StaffRole::Attorney, action, DataField::VoiceNote), "{path}");
        // Another one is not given as long as this one is open.
        one.post("/staff/next/message", &[]).await;
        assert_eq!(one.get("/staff/next").await.2, html);
        assert_eq!(one.post("/staff/next/settle", &[("settle", "done")]).await.0, StatusCode::SEE_OTHER);
        assert!(!one.get("/staff/next").await.2.contains("<dl>"));
    }
    // One message is left: who takes it has it alone, until it is given back or the lease runs out.
    assert_eq!(two.post("/staff/next/message", &[]).await.0, StatusCode::SEE_OTHER);
    assert!(one.post("/staff/next/message", &[]).await.2.contains("There is none of that kind now"));
    assert_eq!(two.post("/staff/next/settle", &[("settle", "back")]).await.0, StatusCode::SEE_OTHER);
    assert_eq!(one.post("/staff/next/message", &[]).await.0, StatusCode::SEE_OTHER);
    made_up.clock.turn(Duration::from_secs(8 * 60));
    two.get("/staff").await;
    one.get("/staff").await;
    made_up.clock.turn(Duration::from_secs(8 * 60));
    assert_eq!(two.post("/staff/next/message", &[]).await.0, StatusCode::SEE_OTHER, "the lease ran out");
    assert_eq!(one.post("/staff/next/settle", &[("settle", "done")]).await.0, StatusCode::CONFLICT);
    assert!(two.get("/staff/next").await.2.contains("<dl>"));
    assert_eq!(two.post("/staff/sign-out", &[]).await.0, StatusCode::SEE_OTHER);
    assert_eq!(one.post("/staff/next/message", &[]).await.0, StatusCode::SEE_OTHER, "signing out gives it back");
}

#[tokio::test]
async fn the_desk_has_the_headers_of_all_pages_and_alone_a_script_of_our_own() {
    let made_up = made_up();
    let behind = WebSettings {
        transport: Transport::BehindProxy,
        public_address: Some("https://help.example.org".into()),
        ..settings()
    };
    let whole = router(made_up.state(behind.clone())).merge(desk(&made_up, &behind));
    let mut browser = Browser::new(whole);
    let walk = pages().into_iter().map(|(method, path, ..)| (method, path)).chain([
        (Method::PUT, "/staff".to_owned()),
        (Method::DELETE, "/staff/cards".to_owned()),
        (Method::GET, "/staff/join/not-a-secret".to_owned()),
    ]);
    for (method, path) in walk {
        let (_, headers, _) = browser.send(method.clone(), &path, &[], String::new()).await;
        let csp = headers["content-security-policy"].to_str().unwrap();
        assert!(csp.starts_with("default-src 'none'; script-src 'self'; ") && !csp.contains("unsafe"), "{path}: {csp}");
        assert_eq!(headers["cache-control"], "no-store", "{path}");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(headers["strict-transport-security"], "max-age=31536000; includeSubDomains");
        let features = headers["permissions-policy"].to_str().unwrap();
        assert!(features.contains("publickey-credentials-get=(self)") && features.contains("camera=()"), "{features}");
        for set in headers.get_all("set-cookie") {
            let set = set.to_str().unwrap();
            assert!(set.starts_with("__Host-staff=") && set.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"));
        }
    }
    for path in ["/", "/en", "/es", "/ht", "/chat", "/leave", "/nothing", "/staffs"] {
        let (_, headers, html) = browser.send(Method::GET, path, &[], String::new()).await;
        let csp = headers["content-security-policy"].to_str().unwrap();
        assert!(!csp.contains("script-src") && !html.contains("<script"), "{path} has no script");
        assert!(headers["permissions-policy"].to_str().unwrap().contains("publickey-credentials-get=()"));
    }
}
