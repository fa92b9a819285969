//! The byte scan over the real program at trace level: nothing that a caller gave stands in the log, in the data folder
//! in the temporary folder, in the figures or in a backup set.

use crate::page::Browser;
use crate::{Demonstration, Folder, caseline, text};
use caseline_replay::overheard::{renderings, renderings_in_bytes};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// The number that the test telephone calls from, when nobody names another.
const CALLER: &str = "+12025550123";
/// The number that is left for a callback.
const CALL_BACK: &str = "+12025550177";
const CASE: &str = "A000000137";
const CODES: [&str; 2] = ["0220460102", "0320460103"];

#[test]
fn slow_nothing_that_callers_gave_is_in_the_log_or_on_disk() {
    let folder = Folder::new("scan");
    let temporary = folder.0.join("tmp");
    std::fs::create_dir_all(&temporary).unwrap();
    let mut command = caseline(&folder.0, &["demo", "--voice", "tape", "--sip-port", "0", "--web-port", "0"]);
    command.env("CASELINE_LOG", "trace").env("TMPDIR", &temporary);
    let mut line = Demonstration::up(command, "Choose a language");
    let mut errors = line.child.stderr.take().unwrap();
    let reading = std::thread::spawn(move || {
        let mut all = Vec::new();
        errors.read_to_end(&mut all).unwrap();
        all
    });

    // By telephone: one's own case, then a person and a number for a callback, then hanging up in the middle.
    let keys = format!("2 2 {}# {},,,, 0", &CASE[1..], CODES[0]);
    let called = caseline(&folder.0, &["call", &line.sip, "--keys", &keys, "--seconds", "60"]).output().unwrap();
    let heard = text(&called.stdout);
    assert!(heard.contains("Su próxima audiencia"), "the case was opened: {heard}\n{}", text(&called.stderr));
    // In a chat: the same case with the next code, and a callback to another number.
    let mut browser = Browser::at(&line.page);
    browser.open("/es").press("begin", "es").press("choice", "my-case").fill("value", CASE).fill("value", CODES[1]);
    assert!(browser.html.contains("audiencia"), "{}", browser.html);
    browser.press("key", "person");
    if browser.html.contains("value=\"callback\"") {
        browser.press("choice", "callback");
    }
    if browser.html.contains("type=\"tel\"") {
        browser.fill("value", &CALL_BACK.replace('+', "%2B"));
    }
    let asked_back = browser.html.clone();

    // A request that is cut off in the middle leaves a row at the lowest level: a log was kept.
    let address = line.page.trim_start_matches("http://").trim_end_matches('/');
    std::net::TcpStream::connect(address).unwrap().write_all(b"POST /chat HTTP/1.1\r\nhost").unwrap();

    // What lies open in the folder while the line runs, with the write-ahead log.
    let signs: Vec<String> = [CALLER, CALL_BACK, CODES[0], CODES[1]]
        .iter()
        .flat_map(|value| renderings(value))
        .chain(["000-000-137".to_owned(), "A000000137".to_owned(), "000000137".to_owned()])
        .collect();
    // A file may hold a number in other bytes than a text has: half a byte a digit, or as a number.
    let in_bytes: Vec<Vec<u8>> = [CALLER, CALL_BACK].iter().flat_map(|value| renderings_in_bytes(value)).collect();
    assert!(in_bytes.contains(&vec![0x21, 0x20, 0x55, 0x05, 0x21, 0xf3]), "{in_bytes:x?}");
    let all_signs = Signs::of(signs.iter().map(|sign| sign.clone().into_bytes()).chain(in_bytes));
    let look = |when: &str| {
        let mut looked_at = 0;
        for file in files(&folder.0) {
            // The made-up court tables are outside files; the sound of the call is what the caller recorded.
            if file.iter().any(|part| part == "court-tables") || file.extension().is_some_and(|kind| kind == "wav") {
                continue;
            }
            let Ok(bytes) = std::fs::read(&file) else { continue };
            looked_at += bytes.len();
            assert_eq!(all_signs.found_in(&bytes), None, "{when}, {} holds it", file.display());
        }
        assert!(looked_at > 50_000, "{when}, only {looked_at} bytes were looked at");
    };
    look("while the line runs");
    let figures = Browser::at(&line.figures).open("/metrics").html.clone();
    assert!(figures.contains("caseline_"), "the figures were read: {figures}");
    let found = signs.iter().find(|sign| figures.contains(sign.as_str()));
    assert_eq!(found, None, "the figures hold it");
    line.terminate();
    assert!(line.child.wait().unwrap().success());
    look("after the stop");
    // Backup sets, as a folder and encrypted; the latter also as it is when somebody opens it.
    let done = |arguments: &[&str]| {
        let output = caseline(&folder.0, arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    done(&["backup", "--to", "plain"]);
    let said = done(&["recovery", "sheet", "--to", "sheet.html"]);
    let recipient = said.split('"').find(|part| part.starts_with("age1")).unwrap().to_owned();
    done(&["backup", "--to", "sealed", "--recipient", &recipient]);
    let identity = folder.0.join("data/vault/backup-identity");
    for (n, sealed) in files(&folder.0.join("sealed")).into_iter().enumerate() {
        let opened =
            std::process::Command::new("age").args(["--decrypt", "--identity"]).arg(&identity).arg(&sealed).output();
        let opened = opened.unwrap();
        assert!(opened.status.success() && opened.stdout.len() > 1_000, "{}", text(&opened.stderr));
        std::fs::write(folder.0.join(format!("opened-{n}.tar")), opened.stdout).unwrap();
    }
    look("in backup sets");
    // It finds what is there.
    for leak in [&b"x 202.555.0123 x"[..], &[0, 0x12, 0x02, 0x55, 0x50, 0x12, 0x3f, 0]] {
        std::fs::write(folder.0.join("plain/leak"), leak).unwrap();
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| look("seeded"))).is_err());
    }
    let log = text(&reading.join().unwrap());
    assert!(log.contains("DEBUG"), "the level was not set: {log}");
    // The demonstration prints its made-up people for whoever tries it; everything else is the log.
    let printed = line.rows.iter().map(String::as_str).filter(|row| !row.contains("#  then "));
    for row in printed.chain(log.lines()) {
        let found = signs.iter().find(|sign| row.contains(sign.as_str()));
        assert_eq!(found, None, "{row}\n(the chat ended with {asked_back})");
    }
}

/// What is looked for, by its first byte: each file is gone through once.
struct Signs(Vec<Vec<Vec<u8>>>);

impl Signs {
    fn of(signs: impl Iterator<Item = Vec<u8>>) -> Self {
        let mut by_first = vec![Vec::new(); 256];
        for sign in signs {
            by_first[usize::from(sign[0])].push(sign);
        }
        Self(by_first)
    }

    fn found_in(&self, bytes: &[u8]) -> Option<&[u8]> {
        let found = |(at, first): (usize, &u8)| {
            self.0[usize::from(*first)].iter().find(|sign| bytes[at..].starts_with(sign)).map(Vec::as_slice)
        };
        bytes.iter().enumerate().find_map(found)
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if !path.ends_with("ballast") {
            found.push(path);
        }
    }
    found
}
