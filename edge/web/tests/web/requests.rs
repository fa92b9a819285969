//! Requests that are written so that two readers of them could differ, and answers that could lead elsewhere.
//! Forms that are not ours are left to `forgery`.

use crate::browser::Browser;
use crate::line::{made_up, settings};
use axum::http::{Method, StatusCode};
use caseline_web::{Server, router};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

const WITHIN: Duration = Duration::from_secs(20);

/// The first rows of the answers to what is written, byte for byte, on a socket.
async fn answers(requests: &[&str]) -> Vec<String> {
    let made_up = made_up();
    let server = Server::open(made_up.state(settings())).await.unwrap();
    let pages = server.address().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.run(async {
        stopped.await.unwrap();
    }));
    let mut heard = Vec::new();
    for request in requests {
        let mut stream = TcpStream::connect(pages).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        tokio::time::timeout(WITHIN, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
        heard.push(String::from_utf8_lossy(&answer).into_owned());
    }
    stop.send(()).unwrap();
    tokio::time::timeout(WITHIN, serving).await.unwrap().unwrap();
    heard
}

#[tokio::test]
async fn a_request_with_two_lengths_or_both_ways_of_ending_is_refused() {
    let hidden = "GET /es HTTP/1.1\r\nhost: x\r\n\r\n";
    let two_lengths =
        format!("POST /chat HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\ncontent-length: 29\r\n\r\n{hidden}");
    let no_number = "POST /chat HTTP/1.1\r\nhost: x\r\ncontent-length: +0\r\n\r\n".to_owned();
    let odd_coding =
        format!("POST /chat HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n{hidden}");
    let all = [two_lengths.as_str(), &no_number, &odd_coding];
    for (request, answer) in all.iter().zip(answers(&all).await) {
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{request}\n{answer}");
        assert!(!answer.contains("<!doctype html>") || !answer.contains("Llámenos"), "what was hidden was answered");
    }
    // Both ways of ending: RFC 9112 section 6.1 lets the coding decide, and the connection must not go on with the rest.
    let both = format!(
        "POST /chat HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"
    );
    let answer = answers(&[both.as_str()]).await.remove(0);
    let refused = answer.starts_with("HTTP/1.1 400");
    assert!(refused || answer.matches("HTTP/1.1 200").count() == 0 || answer.contains("connection: close"), "{answer}");
}

#[tokio::test]
async fn a_method_that_no_page_has_is_refused() {
    let all = ["TRACE /en", "PUT /en", "DELETE /chat", "CONNECT /en", "FLY /en"]
        .map(|row| format!("{row} HTTP/1.1\r\nhost: x\r\nx-secret: told\r\nconnection: close\r\n\r\n"));
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    for (request, answer) in all.iter().zip(answers(&all).await) {
        assert!(answer.starts_with("HTTP/1.1 405") || answer.starts_with("HTTP/1.1 4"), "{request}\n{answer}");
        assert!(!answer.contains("x-secret"), "a request comes back: {answer}");
    }
}

#[tokio::test]
async fn a_field_that_comes_twice_is_refused() {
    let made_up = made_up();
    let mut browser = Browser::new(router(made_up.state(settings())));
    let page = browser.chat("en", &[]).await;
    let (action, mut fields) = page.form("choice", "my-case");
    fields.push(("choice".to_owned(), "paper".to_owned()));
    let answer = browser.submit(&action, &fields).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    assert_eq!(browser.open("/chat").await.asks(), "reason", "neither was taken");
}

#[tokio::test]
async fn no_answer_leads_to_another_host_but_the_way_out() {
    let made_up = made_up();
    let mut settings = settings();
    settings.exit_to = Some("https://weather.example.org/".to_owned());
    let router = router(made_up.state(settings));
    let mut browser = Browser::new(router.clone());
    for path in [
        "/",
        "/en",
        "/es",
        "/chat",
        "/chat/answer",
        "/health",
        "/leave",
        "//elsewhere.example",
        "/en?to=https://elsewhere.example",
        "/chat?next=//elsewhere.example",
        "/%2f%2felsewhere.example",
    ] {
        let (status, headers, _) =
            browser.send(Method::GET, path, &[("host", "elsewhere.example")], String::new()).await;
        let Some(to) = headers.get("location").map(|to| to.to_str().unwrap().to_owned()) else { continue };
        let is_ours = to.starts_with('/') && !to.starts_with("//");
        let is_the_way_out = path == "/leave" && to == "https://weather.example.org/";
        assert!(is_ours || is_the_way_out, "{path} leads to {to}");
        assert!(status.is_redirection() || status == StatusCode::SEE_OTHER);
    }
}

/// Of the desk's pages these are no pages to go on from: the frame itself, and a sheet that is printed.
const WITHOUT_FRAME: [&str; 2] = ["base.html", "sheet.html"];

#[test]
fn every_page_of_the_desk_lets_its_reader_sign_out() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/staff");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    assert!(read("base.html").contains("action=\"/staff/sign-out\""), "the frame has the form");
    let pages = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let pages: Vec<String> = pages.filter(|name| name.ends_with(".html")).collect();
    assert!(pages.len() > 8, "the pages were not found: {pages:?}");
    for page in pages.iter().filter(|page| !WITHOUT_FRAME.contains(&page.as_str())) {
        assert!(read(page).starts_with("{% extends \"staff/base.html\" %}"), "{page} has no way to sign out");
    }
}
