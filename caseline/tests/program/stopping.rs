//! A stop tells everybody: callers by voice, chats at their next page.

use crate::page::Browser;
use crate::{Demonstration, Folder, caseline, text};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Opens a page again and again until it is so; the line has no other way to tell a test from outside.
fn until(browser: &mut Browser, path: &str, is_so: impl Fn(&Browser) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so(browser.open(path)) {
        assert!(Instant::now() < deadline, "in vain: {} {}", browser.status, browser.html);
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_stop_tells_the_caller_and_the_chat_and_ends_within_ten_seconds() {
    let folder = Folder::new("stop");
    let mut line = Demonstration::start(&folder.0, &["--voice", "tape"]);
    let mut browser = Browser::at(&line.page);
    browser.open("/es").press("begin", "es");
    assert_eq!(browser.status, 200, "{}", browser.html);
    let call = caseline(&folder.0, &["call", &line.sip, "--seconds", "30"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut figures = Browser::at(&line.figures);
    until(&mut figures, "/metrics", |page| page.html.contains("\ncaseline_calls_now 1\n"));
    let asked = Instant::now();
    line.terminate();
    // The next page of the chat, whichever moment of the stop it comes at.
    until(&mut browser, "/chat", |page| page.status == 503);
    assert!(browser.html.contains("Esta línea tiene que parar un rato"), "{}", browser.html);
    assert!(browser.html.contains("tel:+12025550100"), "the number to call: {}", browser.html);
    let output = call.wait_with_output().unwrap();
    assert!(line.child.wait().unwrap().success());
    assert!(asked.elapsed() < Duration::from_secs(11), "{:?}", asked.elapsed());
    let heard = text(&output.stdout);
    assert!(heard.contains("This line has to stop for a short time"), "{heard}");

    // In the next process the chat goes on where it was.
    let arguments = ["demo", "--voice", "tape", "--sip-port", "0", "--web-port", port_of(&line.page)];
    let line = Demonstration::up(caseline(&folder.0, &arguments), "Choose a language");
    assert_eq!(Browser::at(&line.page).open("/").status, 200);
    let again = browser.open("/chat");
    assert_eq!(again.status, 200, "{}", again.html);
    assert!(again.html.contains("data-asks=\"reason\""), "{}", again.html);
}

fn port_of(page: &str) -> &str {
    page.trim_end_matches('/').rsplit(':').next().unwrap()
}

#[test]
fn telephone_contacts_are_in_the_figures_beside_those_of_the_page() {
    let folder = Folder::new("figures");
    let line = Demonstration::start(&folder.0, &["--voice", "tape"]);
    let called = caseline(&folder.0, &["call", &line.sip, "--keys", "2", "--seconds", "20"]).output().unwrap();
    assert!(called.status.success(), "{}", text(&called.stderr));
    Browser::at(&line.page).open("/en").press("begin", "en");
    let mut figures = Browser::at(&line.figures);
    // The demonstration's call to itself, and this one.
    until(&mut figures, "/metrics", |page| {
        let text = &page.html;
        let ended = text.lines().filter(|row| row.starts_with("caseline_contacts_ended_total{channel=\"phone\""));
        let ended: u64 = ended.map(|row| row.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum();
        text.contains("\ncaseline_calls_now 0\n") && ended == 2
    });
    let text = &figures.html;
    for row in [
        "caseline_contacts_began_total{channel=\"phone\"} 2",
        "caseline_contacts_began_total{channel=\"web-chat\"} 1",
        "caseline_tasks_open{kind=\"callback\"} 0",
        "caseline_voice_late_p99_microseconds ",
        "caseline_store_works 1",
    ] {
        assert!(text.lines().any(|found| found.starts_with(row)), "{row} is not in\n{text}");
    }
    // The hour is not over: no language is told apart, and nothing of a caller stands in any row.
    assert!(!text.contains("language=\"es\""), "{text}");
    assert!(!text.contains("137") && !text.contains("2025550"), "{text}");
}
