//! Every answer of every route carries every header; a route that this walk leaves out fails it.

use crate::browser::Browser;
use crate::line::{made_up, settings};
use axum::http::{HeaderMap, Method};
use caseline_web::{Transport, metrics_router, router};
use std::collections::BTreeSet;
use std::path::Path;

const WALK: &[(&str, &str)] = &[
    ("/", "/"),
    ("/{language}", "/es"),
    ("/favicon.ico", "/favicon.ico"),
    ("/chat", "/chat"),
    ("/chat/answer", "/chat/answer"),
    ("/chat/passkey", "/chat/passkey"),
    ("/chat/passkey.js", "/chat/passkey.js"),
    ("/chat/keep", "/chat/keep"),
    ("/leave", "/leave"),
    ("EMPTY_PAGE", "/blank"),
    ("/style.css", "/style.css"),
    ("/health", "/health"),
    ("/metrics", "/metrics"),
];

const SURPRISES: &[&str] = &["/zz", "/chat/elsewhere", "/etc/passwd", "/%00", "/es/", "//", "/chat?again"];

fn check(headers: &HeaderMap, at: &str) {
    let csp = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    for (name, value) in [
        ("content-security-policy", csp),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
        ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    ] {
        assert_eq!(headers.get(name).map(|found| found.to_str().unwrap()), Some(value), "{name} at {at}");
    }
    let policy = headers["permissions-policy"].to_str().unwrap();
    assert!(policy.split(", ").all(|row| row.ends_with("=()")), "{policy}");
    for feature in ["camera", "microphone", "geolocation"] {
        assert!(policy.contains(&format!("{feature}=()")), "{feature} at {at}");
    }
    assert!(headers.contains_key("content-type"), "a type at {at}");
    for set in headers.get_all("set-cookie") {
        let set = set.to_str().unwrap();
        assert!(set.starts_with("__Host-") && set.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"), "{set}");
    }
}

#[tokio::test]
async fn every_answer_of_every_route_carries_every_header() {
    let walked: BTreeSet<&str> = WALK.iter().map(|row| row.0).collect();
    assert_eq!(routes_in_sources(), walked.iter().map(|route| (*route).to_owned()).collect(), "walk every route");

    let made_up = made_up();
    let mut settings = settings();
    settings.transport = Transport::BehindProxy;
    let state = made_up.state(settings);
    for with_chat in [false, true] {
        let mut browser = Browser::new(router(state.clone()));
        if with_chat {
            browser.chat("en", &[]).await;
        }
        for path in WALK.iter().map(|row| row.1).chain(SURPRISES.iter().copied()) {
            for method in [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
                let (_, headers, _) = browser.send(method.clone(), path, &[], String::new()).await;
                check(&headers, &format!("{method} {path}"));
            }
        }
    }
    let mut operator = Browser::new(metrics_router(state));
    for path in ["/metrics", "/health", "/nothing"] {
        check(&operator.send(Method::GET, path, &[], String::new()).await.1, path);
    }
}

/// What stands in `.route(…)` anywhere in the sources.
fn routes_in_sources() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                // The desk has headers and a walk of its own.
                if !path.ends_with("staff") {
                    folders.push(path);
                }
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for after in text.split(".route(").skip(1) {
                found.insert(after.split(',').next().unwrap().trim().trim_matches('"').to_owned());
            }
        }
    }
    found
}

#[tokio::test]
async fn plain_pages_on_loopback_set_cookies_that_work_there() {
    let made_up = made_up();
    let mut browser = Browser::new(router(made_up.state(settings())));
    let (_, headers, _) = browser.send(Method::GET, "/", &[], String::new()).await;
    assert!(!headers.contains_key("strict-transport-security"));
    let set = headers["set-cookie"].to_str().unwrap();
    assert!(set.starts_with("page=") && set.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{set}");
}

#[tokio::test]
async fn nothing_of_a_caller_stands_in_an_address_or_in_the_figures() {
    let made_up = made_up();
    let state = made_up.state(settings());
    let mut browser = Browser::new(router(state.clone()));
    let page = browser.chat("en", &["my-case"]).await;
    let (action, mut fields) = page.form("silent", "yes");
    fields.retain(|field| field.0 != "silent");
    fields.push(("value".into(), "A000-000-137".into()));
    let body = crate::browser::encoded(&fields);
    let (_, headers, _) = browser.send(Method::POST, &action, &[], body).await;
    assert_eq!(headers["location"], "/chat#now");
    let mut operator = Browser::new(metrics_router(state));
    let (_, _, text) = operator.send(Method::GET, "/metrics", &[], String::new()).await;
    assert!(text.contains("caseline_tasks_open{kind=\"callback\"} 0"), "{text}");
    assert!(text.contains("caseline_open_chats 1"), "{text}");
    assert!(!text.contains("137") && !text.contains("c-"), "{text}");
    for row in text.lines().filter(|row| !row.starts_with('#')) {
        let (name, value) = row.rsplit_once(' ').unwrap();
        assert!(name.starts_with("caseline_") && value.parse::<u64>().is_ok(), "{row}");
    }
}
