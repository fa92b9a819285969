//! Whom the program sends to (S18): every place in it that opens a way out stands in the list below with the setting that
//! names the far end, and every program that it starts.
//! That a running line really sends to nobody else is left to `caseline/tests/program/outbound.rs`.

#[path = "repository/files.rs"]
mod files;

use files::{TextFile, text_files};
use std::collections::BTreeSet;

/// What opens a way out.
const WAYS_OUT: &[&str] = &[
    "TcpStream::connect",
    "UdpSocket::bind",
    "UnixStream::connect",
    "TcpSocket::",
    "Socket::new",
    "lookup_host",
    ".to_socket_addrs(",
    "UnixDatagram::",
];

/// A file that opens one, and who is at the other end.
const OUTBOUND: &[(&str, &str)] = &[
    ("caseline/src/commands/bench/chat_browser.rs", "a bench: the line that it started itself"),
    ("caseline/src/commands/bench/crash/chat.rs", "a bench: the line that it started itself"),
    ("caseline/src/commands/doctor/machine.rs", "binds ports to see whether they are free, and sends nothing"),
    ("edge/store/src/vault/client.rs", "the vault's socket, on this machine"),
    ("edge/store/src/vault/served.rs", "the vault's socket, on this machine"),
    ("edge/store/src/vault/server.rs", "the vault's socket, on this machine"),
    ("edge/voice/src/media/bench.rs", "a bench: far ends on loopback"),
    ("edge/voice/src/media/engine.rs", "RTP, to where a call's description and its packets say"),
    ("edge/voice/src/media/never_panic.rs", "a fuzz target: far ends on loopback that nobody reads"),
    ("edge/voice/src/media/held_up.rs", "a test of the engine, on loopback"),
    ("edge/voice/src/phone.rs", "the test telephone: the address that it is told to call"),
    ("edge/voice/src/phone/listening.rs", "the test telephone: whoever rings it"),
    ("edge/voice/src/phone/sound.rs", "the test telephone: its call's far end"),
    ("edge/voice/src/sip/asking.rs", "[[trunk]] host and the targets of [[staff]], [[urgent]] and [[interpreter]]"),
    ("edge/voice/src/sip/bench.rs", "a bench: the line that it started itself"),
    ("edge/voice/src/sip/sockets.rs", "SIP, to the addresses of `asking.rs`, and answers to whoever asked"),
    ("edge/web/src/staff/openid/outbound.rs", "[web.openid] issuer"),
];

/// A file that starts another program, and which.
const STARTS: &[(&str, &str)] = &[
    ("caseline/src/commands/bench/crash/disk.rs", "a bench: this program itself"),
    ("caseline/src/commands/bench/vault.rs", "a bench: this program itself"),
    ("caseline/src/commands/bench/crash/line.rs", "a bench: this program itself"),
    ("caseline/src/commands/doctor/machine.rs", "age, asked for its version"),
    ("edge/store/src/backup/sealed.rs", "age and age-keygen, with arguments one by one"),
    ("edge/voice/src/speech/espeak.rs", "espeak-ng, with arguments one by one and the text on standard input"),
];

fn is_production(file: &TextFile) -> bool {
    let inside = ["caseline/src/", "core/", "edge/", "helpline/src/", "replay/src/"];
    file.is_rust()
        && inside.iter().any(|folder| file.path.starts_with(folder))
        && file.path.contains("/src/")
        && !file.path.contains("tests")
}

/// The code without its tests: what stands before `#[cfg(test)]` of a module, without comments.
fn code(file: &TextFile) -> String {
    let text = file.text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    text.lines().filter(|row| !row.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn unlisted(files: &[TextFile], words: &[&str], listed: &[(&str, &str)]) -> Vec<String> {
    let holding: BTreeSet<&str> = files
        .iter()
        .filter(|file| is_production(file))
        .filter(|file| words.iter().any(|word| code(file).contains(word)))
        .map(|file| file.path.as_str())
        .collect();
    let listed: BTreeSet<&str> = listed.iter().map(|row| row.0).collect();
    let new = holding.difference(&listed).map(|path| format!("{path} is in no list: who is at the other end?"));
    let gone = listed.difference(&holding).map(|path| format!("{path} stands in the list and does it no more"));
    new.chain(gone).collect()
}

fn seeded(path: &str, text: &str) -> TextFile {
    TextFile { path: path.to_owned(), text: text.to_owned() }
}

#[test]
fn every_way_out_is_listed_with_the_setting_that_names_its_end() {
    let found = unlisted(&text_files(), WAYS_OUT, OUTBOUND);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_program_that_is_started_is_listed_and_none_by_a_shell() {
    let files = text_files();
    let found = unlisted(&files, &["Command::new("], STARTS);
    assert!(found.is_empty(), "{}", found.join("\n"));
    let by_shell = ["\"sh\"", "\"bash\"", "\"/bin/sh\"", "\"-c\""];
    let shells: Vec<_> = files
        .iter()
        .filter(|file| is_production(file) && code(file).contains("Command::new("))
        .filter(|file| by_shell.iter().any(|word| code(file).contains(word)))
        .map(|file| &file.path)
        .collect();
    assert!(shells.is_empty(), "a shell is started in {shells:?}");
}

#[test]
fn a_new_way_out_is_found_and_one_in_a_test_is_none() {
    let new =
        seeded("edge/web/src/telling.rs", "async fn tell() { TcpStream::connect(\"stats.example.org\").await }\n");
    assert_eq!(unlisted(&[new], WAYS_OUT, &[]), ["edge/web/src/telling.rs is in no list: who is at the other end?"]);
    let test =
        seeded("edge/web/src/good.rs", "fn good() {}\n#[cfg(test)]\nmod tests { fn a() { TcpStream::connect(1) } }\n");
    assert!(unlisted(&[test], WAYS_OUT, &[]).is_empty());
    let comment = seeded("edge/web/src/good.rs", "// TcpStream::connect is not used\n");
    assert!(unlisted(&[comment], WAYS_OUT, &[]).is_empty());
}
