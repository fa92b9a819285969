//! The doctor by the real program: it calls the line, and says what to do.

use crate::{Folder, OPERATOR, caseline, run, text};

fn settings(more: &str) -> String {
    // Two ports of its own for each test, free for UDP and TCP. Below those that the kernel gives out by itself, so that
    // nobody gets one between now and the start of the program.
    let first = 20_000 + (std::process::id() % 1_000) as u16 * 10;
    let is_free = |port: &u16| {
        std::net::UdpSocket::bind(("127.0.0.1", *port)).is_ok()
            && std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok()
    };
    let mut free = (first..32_000).filter(is_free);
    let (sip, web) = (free.next().unwrap(), free.next().unwrap());
    format!(
        "{OPERATOR}\n[telephone]\nsip_port = {sip}\nrtp_ports = [0, 0]\n\n[web]\nbind = \"127.0.0.1:{web}\"\nmetrics = \"127.0.0.1:0\"\n{more}"
    )
}

#[test]
fn the_doctor_calls_the_line_hears_who_answers_and_says_what_is_left_to_do() {
    let folder = Folder::new("doctor");
    std::fs::write(folder.0.join("caseline.toml"), settings("")).unwrap();
    assert!(run(&folder.0, &["init"]).status.success());
    let output = run(&folder.0, &["doctor"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "words are drafts: {said}\n{}", text(&output.stderr));
    for row in [
        "ok       a call to itself: answered after",
        "then heard who answers and the first question in English",
        "ok       digits in Spanish",
        "ok       digits in Haitian",
        "to do    recordings in Mam: 0 of",
        "to do    24-hour chain: no [[urgent]] number",
        "to do    words and flows, for the public: flows/policy.toml has drafts = \"spoken\"",
        "This machine can run the line",
    ] {
        assert!(said.contains(row), "{row} is not in\n{said}");
    }
    let json: serde_json::Value = serde_json::from_slice(&run(&folder.0, &["--json", "doctor"]).stdout).unwrap();
    assert_eq!(json["missing"], 0, "{json}");
}

#[test]
fn without_a_voice_the_doctor_names_the_package_and_the_machine_lacks_it() {
    let folder = Folder::new("no-voice");
    std::fs::write(folder.0.join("caseline.toml"), settings("")).unwrap();
    assert!(run(&folder.0, &["init"]).status.success());
    let output = caseline(&folder.0, &["doctor"]).env("PATH", &folder.0).output().unwrap();
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("apt-get install espeak-ng"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn without_age_the_doctor_says_that_no_backup_is_written_where_backups_are_to_be_encrypted() {
    let folder = Folder::new("no-age");
    let recipient = format!("age1{}", "q".repeat(58));
    let encrypted = settings(&format!("\n[backup]\nrecipients = [\"{recipient}\"]\n"));
    std::fs::write(folder.0.join("caseline.toml"), encrypted).unwrap();
    assert!(run(&folder.0, &["init"]).status.success());
    let said = text(&caseline(&folder.0, &["doctor"]).env("PATH", &folder.0).output().unwrap().stdout);
    assert!(said.contains("to do    backups encrypted by age: the program is not there"), "{said}");
    assert!(said.contains("apt-get install age"), "{said}");
    // With a program of that name it is well, and without recipients nobody asks for one.
    let age = folder.0.join("age");
    std::fs::write(&age, "#!/bin/sh\necho v1.2.1\n").unwrap();
    std::fs::set_permissions(&age, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let said = text(&caseline(&folder.0, &["doctor"]).env("PATH", &folder.0).output().unwrap().stdout);
    assert!(said.contains("ok       backups encrypted by age"), "{said}");
    std::fs::write(folder.0.join("caseline.toml"), settings("")).unwrap();
    let said = text(&caseline(&folder.0, &["doctor"]).env("PATH", &folder.0).output().unwrap().stdout);
    assert!(!said.contains("encrypted by age"), "{said}");
}

#[test]
fn a_port_that_another_program_has_is_named_and_no_call_is_placed() {
    let folder = Folder::new("doctor-port");
    let text_of = settings("");
    std::fs::write(folder.0.join("caseline.toml"), &text_of).unwrap();
    assert!(run(&folder.0, &["init"]).status.success());
    let port = text_of.split("sip_port = ").nth(1).unwrap().lines().next().unwrap();
    let _taken = std::net::TcpListener::bind(format!("127.0.0.1:{port}")).unwrap();
    let output = run(&folder.0, &["doctor"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains(&format!("missing  SIP over TCP on 127.0.0.1:{port}: another program has")), "{said}");
    assert!(said.contains("a call to itself: not placed"), "{said}");
}
