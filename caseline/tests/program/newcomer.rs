//! What somebody meets who starts with the wrong words or on the wrong machine: one clear sentence and the right code.

use crate::{Folder, OPERATOR, caseline, run, text};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// Runs the program and wants this code, one sentence with this in it, and no trace of the program's insides.
fn told(folder: &Folder, arguments: &[&str], code: i32, part: &str) {
    let output = run(&folder.0, arguments);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    assert!(said.contains(part), "{arguments:?} should say `{part}`: {said}");
    assert!(!said.contains("panicked") && !said.contains("RUST_BACKTRACE"), "{said}");
    let sentences = said.lines().filter(|row| row.starts_with("caseline: ")).count();
    assert!(sentences <= 1, "{said}");
}

#[test]
fn wrong_words_are_answered_with_one_sentence_and_2() {
    let folder = Folder::new("words");
    for (arguments, part) in [
        (&["serve"][..], "caseline setup --small"),
        (&["doctor"], "caseline setup --small"),
        (&["import", "court-tables", "nowhere"], "caseline setup --small"),
        (&["verify-log"], "holds no log"),
        (&["verify-log", "nowhere"], "holds no log"),
        (&["play", "nowhere"], "nowhere is not there"),
        (&["play", "--on", "stage"], "is no stage"),
        (&["check", "nowhere"], "nowhere/flows cannot be read"),
        (&["call", "nobody"], "no address that can be dialled"),
        (&["call", "sip:127.0.0.1:9", "--codec", "opus"], "is no codec"),
        (&["call", "sip:127.0.0.1:9", "--script", "nowhere"], "nowhere cannot be read"),
        (&["setup"], "caseline setup --small"),
        (&["setup", "--small"], "nothing was written"),
        (&["demo", "--voice", "opera"], "is no voice"),
        (&["words", "status", "--language", "pl"], "no words in"),
        (&["sing"], "unrecognized subcommand"),
    ] {
        told(&folder, arguments, 2, part);
    }
    assert!(!folder.0.join("caseline.toml").exists());
    std::fs::write(folder.0.join("caseline.toml"), OPERATOR).unwrap();
    told(&folder, &["serve"], 2, "");
    assert!(run(&folder.0, &["init"]).status.success());
    told(&folder, &["init"], 2, "is ready already");
    told(&folder, &["import", "court-tables", "nowhere"], 1, "nowhere");
    told(&folder, &["call", "sip:127.0.0.1:9", "--seconds", "3"], 3, "nothing answers");
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = Folder::new("read-only");
    // Root may write everywhere; a file in the folder's place holds for everybody.
    std::fs::write(folder.0.join("data"), "a file").unwrap();
    told(&folder, &["init"], 3, "cannot be made");
    told(&folder, &["demo", "--once", "--voice", "tape"], 3, "cannot be made");
    std::fs::remove_file(folder.0.join("data")).unwrap();
    std::fs::write(folder.0.join("caseline.toml"), OPERATOR).unwrap();
    assert!(run(&folder.0, &["init"]).status.success());
    let root_key = folder.0.join("data/vault/root.key");
    std::fs::set_permissions(&root_key, std::fs::Permissions::from_mode(0o644)).unwrap();
    told(&folder, &["import", "court-tables", "nowhere"], 3, "chmod 600");
}

#[test]
fn without_espeak_the_demonstration_names_the_package() {
    let folder = Folder::new("no-espeak");
    let output = caseline(&folder.0, &["demo", "--once"]).env("PATH", &folder.0).output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("apt-get install espeak-ng"), "{said}");
}

#[test]
fn every_port_that_is_in_use_is_named() {
    let folder = Folder::new("ports");
    let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = tcp.local_addr().unwrap().port().to_string();
    told(&folder, &["demo", "--once", "--voice", "tape", "--sip-port", &port], 3, &port);
    told(&folder, &["demo", "--once", "--voice", "tape", "--web-port", &port], 3, &port);
}

#[test]
fn a_full_disk_is_one_clear_sentence() {
    let folder = Folder::new("full");
    // A file system of 300 kilobytes in a name space of its own; machines that allow none skip this.
    let script = format!(
        "mount -t tmpfs -o size=300k tmpfs '{0}' && cd '{0}' && exec '{1}' --data '{0}/data' demo --once --voice tape",
        folder.0.display(),
        env!("CARGO_BIN_EXE_caseline")
    );
    let allowed = Command::new("unshare").args(["-Urm", "true"]).status().is_ok_and(|status| status.success());
    if !allowed {
        return;
    }
    let output = Command::new("unshare").args(["-Urm", "sh", "-c", &script]).output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("disk is full") || said.contains("No space left"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn every_command_gives_one_object_when_asked_for_json() {
    let folder = Folder::new("json");
    assert!(run(&folder.0, &["init"]).status.success());
    for arguments in [
        &["held"][..],
        &["check"],
        &["words", "status"],
        &["bench", "sip", "--calls", "20", "--held", "20"],
        &["backup", "--to", "backups"],
        &["demo", "--once", "--voice", "tape"],
        &["verify-log"],
    ] {
        let output = run(&folder.0, &[&["--json"], arguments].concat());
        let read: Result<serde_json::Value, _> = serde_json::from_slice(&output.stdout);
        assert!(read.is_ok_and(|json| json.is_object()), "{arguments:?}: {}", text(&output.stdout));
    }
}
