//! Tickets at the desk, in process: one at a time and without content, the passkey before a case opens, what a role sees
//! of it, and how soon it is gone (property S4). A real browser looks at the same page in the program's own tests.

use crate::line::{MadeUp, made_up, settings};
use crate::staff::{Person, desk};
use axum::http::StatusCode;
use caseline_conversation::effect::ReportState;
use caseline_helpline::policy::StaffRole;
use caseline_helpline::ports::{NewFile, NewReport, ReportLooked, Trying};
use caseline_helpline::staff::{PROOF_LASTS, Passkey, Secret, StaffStore};
use caseline_helpline::tickets::{CASE_OPEN_MAX, NewTicket, OpenedBy, TicketLeft};
use caseline_helpline::{Clock, Store};
use caseline_model::{CaseId, Channel, ContactId, Date, FileReceipt, Language, Private, ReceiptKind, TaskId};
use caseline_records::{Assertion, HearingTime, Obtained, Outcome, SourceKind, Value};
use std::time::Duration;

const FIVE_SECONDS: Duration = Duration::from_secs(5);

fn day(month: i8, day: i8) -> Date {
    jiff::civil::date(2026, month, day)
}

/// A made-up person's contact, in which their own file is open; two sources differ about its hearing, and the record has
/// an order of removal.
async fn person(made_up: &MadeUp, n: u128) -> (ContactId, CaseId) {
    let (contact, case) = (ContactId::from_random(n), CaseId::from_random(n + 500));
    let now = made_up.clock.now();
    made_up.store.begin_contact(now, contact, Channel::Phone).await.unwrap();
    let seen =
        |value, source| Assertion { value, source, obtained: Obtained::Imported, observed_at: now, effective_on: None };
    let hearing = |date| Value::Hearing {
        at: HearingTime { date, time: None },
        kind: None,
        medium: None,
        court: Some("Chicago".into()),
        detained_docket: false,
    };
    let order = Value::Decision { on: day(1, 20), outcome: Outcome::RemovalOrder, in_absentia: true };
    let file = NewFile {
        case,
        receipt: Private::new(FileReceipt::from_random(ReceiptKind::File, n as u64)),
        word_key: None,
        assertions: vec![
            seen(hearing(day(4, 14)), SourceKind::Notice),
            seen(hearing(day(4, 21)), SourceKind::CourtFeed),
            seen(order, SourceKind::CourtFeed),
        ],
    };
    made_up.store.open_file(now, contact, file).await.unwrap();
    (contact, case)
}

/// The person leaves a ticket to the desk whose number its page shows.
async fn leaves(made_up: &MadeUp, desk: &mut Person, (contact, case): (ContactId, CaseId)) {
    let home = desk.get("/staff").await.2;
    let number = home.split("data-desk=\"").nth(1).unwrap().split('"').next().unwrap();
    let ticket =
        NewTicket { case, desk: number.parse().unwrap(), until: day(3, 4), language: Language::HAITIAN_CREOLE };
    let left = made_up.store.leave_ticket(made_up.clock.now(), contact, ticket).await.unwrap();
    assert!(matches!(left, TicketLeft::Left { .. }), "{left:?}");
}

async fn takes_and_opens(desk: &mut Person) -> String {
    assert_eq!(desk.post("/staff/next/ticket", &[]).await.0, StatusCode::SEE_OTHER);
    let opened = desk.post("/staff/case/open", &[]).await;
    assert_eq!((opened.0, opened.1["location"].to_str().unwrap()), (StatusCode::SEE_OTHER, "/staff/case"));
    let page = desk.get("/staff/case").await;
    assert_eq!(page.0, StatusCode::OK);
    assert_eq!(page.1["cache-control"], "no-store");
    page.2
}

#[tokio::test]
async fn a_ticket_is_shown_without_content_and_its_case_on_one_page_that_says_who_says_what() {
    let made_up = made_up();
    let router = desk(&made_up, &settings());
    let mut attorney = Person::signed_in(&made_up, &router, 1, StaffRole::Attorney).await;
    let who = person(&made_up, 7).await;
    assert!(attorney.post("/staff/next/ticket", &[]).await.2.contains("No ticket waits for you now"));
    leaves(&made_up, &mut attorney, who).await;
    assert_eq!(attorney.post("/staff/next/ticket", &[]).await.0, StatusCode::SEE_OTHER);
    let taken = attorney.get("/staff/next").await.2;
    for shown in ["Haitian Creole", "2026-03-02", "2026-03-04", "Open the case"] {
        assert!(taken.contains(shown), "{shown} is not in {taken}");
    }
    for hidden in ["Chicago", "April", "removal", "A000"] {
        assert!(!taken.contains(hidden), "{hidden}");
    }
    // One thing at a time.
    assert_eq!(attorney.post("/staff/next/message", &[]).await.0, StatusCode::SEE_OTHER);
    assert!(attorney.get("/staff/next").await.2.contains("Open the case"));
    assert!(attorney.get("/staff/case").await.0 == StatusCode::GONE, "taking opens nothing");

    let case = takes_and_opens(&mut attorney).await;
    for shown in [
        "Next hearing: records disagree",
        "Our sources do not agree.",
        "April 14, 2026",
        "April 21, 2026",
        "From your own notice",
        "From the court's data",
        "Keep both dates.",
        "order of removal",
        "missed a hearing",
    ] {
        assert!(case.replace("&#39;", "'").contains(shown), "{shown} is not in {case}");
    }
    assert!(!case.contains("Your next hearing"), "what is disputed is never the fact");
    assert!(attorney.get("/staff/next").await.2.contains("You have a case open"));
    let told = made_up.store.openings(made_up.clock.now(), who.0, who.1).await.unwrap();
    assert!(told.iter().any(|opening| opening.by == OpenedBy::Staff(StaffRole::Attorney)), "{told:?}");
}

#[tokio::test]
async fn a_navigator_sees_no_decision_and_nothing_that_needs_advice() {
    let made_up = made_up();
    let router = desk(&made_up, &settings());
    let mut navigator = Person::signed_in(&made_up, &router, 1, StaffRole::Navigator).await;
    let who = person(&made_up, 7).await;
    leaves(&made_up, &mut navigator, who).await;
    let case = takes_and_opens(&mut navigator).await;
    assert!(case.contains("April 14, 2026") && case.contains("records disagree"));
    for hidden in ["removal", "missed a hearing", "Decision<", "2026-01-20", "January"] {
        assert!(!case.contains(hidden), "{hidden} is in {case}");
    }
    assert!(case.contains("lawyers alone"), "that something is kept back is said in any case");
}

#[tokio::test]
async fn what_concerns_a_case_needs_a_passkey_that_was_shown_within_five_minutes() {
    let made_up = made_up();
    let router = desk(&made_up, &settings());
    let mut one = Person::signed_in(&made_up, &router, 1, StaffRole::Navigator).await;
    let who = person(&made_up, 7).await;
    leaves(&made_up, &mut one, who).await;
    made_up.clock.turn(PROOF_LASTS + Duration::from_secs(60));
    assert_eq!(one.post("/staff/next/ticket", &[]).await.0, StatusCode::SEE_OTHER);
    let asked = one.post("/staff/case/open", &[]).await;
    assert_eq!(asked.1["location"], "/staff/prove?to=next");
    assert_eq!(one.get("/staff/case").await.0, StatusCode::GONE);
    let passkey = Passkey { credential: vec![1; 32], public: "{}".into() };
    let secret = Secret::from_random((0xdead << 64) + 1);
    made_up.store.prove_login(made_up.clock.now(), &secret, &passkey).await.unwrap().unwrap();
    assert_eq!(one.post("/staff/case/open", &[]).await.1["location"], "/staff/case");
    assert_eq!(one.get("/staff/case").await.0, StatusCode::OK);
}

#[tokio::test]
async fn within_five_seconds_of_its_end_a_page_left_open_has_nothing_of_the_case() {
    let made_up = made_up();
    let router = desk(&made_up, &settings());
    for (n, end) in (1_u8..).zip(["done", "withdrawn", "forgotten", "signed out", "ended", "over"]) {
        let mut one = Person::signed_in(&made_up, &router, n, StaffRole::Attorney).await;
        let who = person(&made_up, 70 + u128::from(n)).await;
        leaves(&made_up, &mut one, who).await;
        let page = takes_and_opens(&mut one).await;
        assert!(page.contains("data-case=\"/staff/case/still\""), "the page asks");
        assert_eq!(one.get("/staff/case/still").await.0, StatusCode::NO_CONTENT);
        let now = made_up.clock.now();
        match end {
            "done" => assert_eq!(one.post("/staff/case/done", &[]).await.0, StatusCode::SEE_OTHER),
            "withdrawn" => {
                assert_eq!(made_up.store.withdraw_tickets(now, who.0, who.1).await.unwrap(), 1);
            }
            "forgotten" => {
                made_up.store.forget(now, who.0, who.1).await.unwrap();
            }
            "signed out" => {
                let secret = Secret::from_random((0xdead << 64) + u128::from(n));
                made_up.store.end_login(now, &secret).await.unwrap();
            }
            "ended" => {
                assert!(made_up.store.end_staff(now, &format!("desk-{n}").parse().unwrap()).await.unwrap());
            }
            _ => {
                // It is looked at all the time: that lengthens nothing.
                for _ in 0..CASE_OPEN_MAX.as_secs() / 60 {
                    made_up.clock.turn(Duration::from_secs(60));
                    one.get("/staff").await;
                }
            }
        }
        // The script asks every two seconds and takes two for an answer: the next request is refused, whenever it comes.
        let (status, _, body) = one.get("/staff/case/still").await;
        assert!(status == StatusCode::GONE || status == StatusCode::SEE_OTHER, "{end}: {status}");
        assert!(body.is_empty(), "{end}");
        made_up.clock.turn(FIVE_SECONDS);
        for path in ["/staff/case", "/staff/case/still"] {
            let (status, _, body) = one.get(path).await;
            assert!(!status.is_success(), "{end} {path}: {status}");
            assert!(!body.contains("April"), "{end} {path}");
        }
        assert_ne!(
            one.post("/staff/case/open", &[]).await.1.get("location").map(|to| to.as_bytes()),
            Some(&b"/staff/case"[..])
        );
    }
    let script = include_str!("../../templates/staff/case.js");
    let milliseconds = |name: &str| -> u64 {
        script.split(name).nth(1).unwrap().trim_start_matches(" = ").split(';').next().unwrap().parse().unwrap()
    };
    let longest = milliseconds("const ASK_EVERY_MS") + milliseconds("const ANSWER_WITHIN_MS");
    assert!(Duration::from_millis(longest) < FIVE_SECONDS, "{longest} ms");
}

#[tokio::test]
async fn whoever_has_a_report_moves_it_to_an_outcome_and_its_owner_hears_it() {
    let made_up = made_up();
    let router = desk(&made_up, &settings());
    let mut attorney = Person::signed_in(&made_up, &router, 1, StaffRole::Attorney).await;
    let mut other = Person::signed_in(&made_up, &router, 2, StaffRole::Accredited).await;
    let (contact, case) = person(&made_up, 7).await;
    let code = Private::new(FileReceipt::from_random(ReceiptKind::Report, 9));
    let report =
        NewReport { code: code.clone(), what: "wrong-date".into(), case: Some(case), task: TaskId::from_random(3) };
    made_up.store.take_report(made_up.clock.now(), contact, report).await.unwrap();
    let state = async || {
        let who = Trying { contact, caller: None, shared: false };
        match made_up.store.report_state(made_up.clock.now(), &who, &code).await.unwrap() {
            ReportLooked::State { state, .. } => state,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(other.post("/staff/next/outcome", &[("outcome", "closed")]).await.0, StatusCode::CONFLICT);
    assert_eq!(attorney.post("/staff/next/report", &[]).await.0, StatusCode::SEE_OTHER);
    let page = attorney.get("/staff/next").await.2;
    assert!(page.contains("What the person hears of their report") && !page.contains("value=\"taken\""));
    assert_eq!(attorney.post("/staff/next/outcome", &[("outcome", "taken")]).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(other.post("/staff/next/outcome", &[("outcome", "closed")]).await.0, StatusCode::CONFLICT, "not theirs");
    assert_eq!(state().await, ReportState::Taken);
    let moved = attorney.post("/staff/next/outcome", &[("outcome", "in-hand")]).await;
    assert!(moved.2.contains("The person now hears that somebody works on their report."), "{}", moved.2);
    assert_eq!(state().await, ReportState::InHand);
    let moved = attorney.post("/staff/next/outcome", &[("outcome", "corrected")]).await;
    assert!(moved.2.contains("The person now hears what became of their report."), "{}", moved.2);
    assert_eq!(state().await, ReportState::Corrected);
    assert!(attorney.post("/staff/next/report", &[]).await.2.contains("There is none of that kind now"), "it is met");
}
