//! The program as an operator and a caller meet it: real processes, real SIP and RTP on loopback, Debian's own telephones.

#![expect(clippy::unwrap_used, reason = "a step that fails should fail the test")]

#[path = "program/backups.rs"]
mod backups;
#[path = "program/demand.rs"]
mod demand;
#[path = "program/desk.rs"]
mod desk;
#[path = "program/doctor.rs"]
mod doctor;
#[path = "program/newcomer.rs"]
mod newcomer;
#[path = "program/outbound.rs"]
mod outbound;
#[path = "program/page.rs"]
mod page;
#[path = "program/passkey.rs"]
mod passkey;
#[path = "program/reviewed.rs"]
mod reviewed;
#[path = "program/scan.rs"]
mod scan;
#[path = "program/stopping.rs"]
mod stopping;
#[path = "program/ticket.rs"]
mod ticket;
#[path = "program/usable.rs"]
mod usable;
#[path = "program/vault.rs"]
mod vault;
#[path = "program/webdriver.rs"]
#[expect(dead_code, reason = "the tests of the pages drive the browser in more ways")]
mod webdriver;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// The settings of a made-up operator.
const OPERATOR: &str = "[operator]\nkind = \"legal-aid\"\nname = \"Lake Street Legal Aid (made up)\"\nshares_with = \"\"\nhears_calls = \"\"\n";

/// A folder of its own for each test, gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("caseline-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn caseline(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caseline"));
    command.arg("--data").arg(folder.join("data")).args(arguments).current_dir(folder);
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    caseline(folder, arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A demonstration that runs until it is dropped, with the addresses that it printed.
struct Demonstration {
    child: Child,
    sip: String,
    page: String,
    figures: String,
    rows: Vec<String>,
}

impl Demonstration {
    fn start(folder: &Path, more: &[&str]) -> Self {
        let mut arguments = vec!["demo", "--sip-port", "0", "--web-port", "0"];
        arguments.extend_from_slice(more);
        Self::up(caseline(folder, &arguments), "Choose a language")
    }

    /// Starts a line and reads what it prints until a row that begins so.
    fn up(mut command: Command, last_row: &str) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut rows: Vec<String> = Vec::new();
        for row in BufReader::new(child.stderr.as_mut().unwrap()).lines() {
            rows.push(row.unwrap());
            if rows.last().unwrap().trim_start().starts_with(last_row) {
                break;
            }
        }
        let after = |word: &str| {
            let found = rows.iter().find_map(|row| row.trim().strip_prefix(word));
            found.unwrap_or_else(|| panic!("the line did not come up: {rows:?}")).trim().to_owned()
        };
        let (sip, page, figures) = (after("dial "), after("open "), after("watch "));
        Self { child, sip, page, figures, rows }
    }

    fn host_and_port(&self) -> (String, String) {
        let address = self.sip.rsplit('@').next().unwrap();
        let (host, port) = address.rsplit_once(':').unwrap();
        (host.to_owned(), port.to_owned())
    }

    fn terminate(&self) {
        let status = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Demonstration {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn slow_the_line_calls_itself_and_the_caller_hears_the_hearing_with_its_source_and_date() {
    let folder = Folder::new("once");
    let output = run(&folder.0, &["demo", "--once"]);
    let heard = text(&output.stdout);
    assert!(output.status.success(), "{heard}\n{}", text(&output.stderr));
    assert!(heard.contains("Su próxima audiencia es el"), "{heard}");
    assert!(heard.contains("De los datos de la corte"), "{heard}");
    let wav = std::fs::metadata(folder.0.join("data/self-call.wav")).unwrap();
    assert!(wav.len() > 100_000, "the call's sound is {} bytes", wav.len());
}

#[test]
fn a_silenced_line_fails_its_own_call() {
    let folder = Folder::new("silent");
    let output = run(&folder.0, &["demo", "--once", "--voice", "silent", "--patience", "6"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("the caller did not hear"), "{}", text(&output.stderr));
}

#[test]
fn a_port_in_use_is_one_clear_sentence() {
    let folder = Folder::new("port");
    let taken = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(&folder.0, &["demo", "--once", "--voice", "tape", "--sip-port", &port]);
    assert_eq!(output.status.code(), Some(3));
    let said = text(&output.stderr);
    assert!(said.contains(&format!("127.0.0.1:{port} is in use by another program")), "{said}");
}

#[test]
fn debians_sipp_completes_calls() {
    let folder = Folder::new("sipp");
    let line = Demonstration::start(&folder.0, &["--voice", "tape"]);
    let (host, port) = line.host_and_port();
    let output = Command::new("sipp")
        .args([
            "-sn",
            "uac",
            "-i",
            &host,
            "-m",
            "20",
            "-r",
            "10",
            "-d",
            "500",
            "-timeout",
            "60",
            "-timeout_error",
            "-nostdin",
        ])
        .arg(format!("{host}:{port}"))
        .current_dir(&folder.0)
        .output()
        .expect("sipp is installed by ./test (Debian's sip-tester)");
    assert!(output.status.success(), "{}", text(&output.stdout));
}

#[test]
fn debians_baresip_completes_a_call() {
    let folder = Folder::new("baresip");
    let line = Demonstration::start(&folder.0, &["--voice", "tape"]);
    let home = folder.0.join("baresip");
    std::fs::create_dir_all(&home).unwrap();
    let quiet = home.join("quiet.wav");
    std::fs::write(&quiet, ten_quiet_seconds()).unwrap();
    let config = format!(
        "sip_listen 127.0.0.1:0\nmodule_path /usr/lib/baresip/modules\nmodule stdio.so\nmodule g711.so\nmodule aufile.so\n\
         module_app account.so\nmodule_app menu.so\naudio_source aufile,{}\n\
         net_interface 127.0.0.1\n",
        quiet.display()
    );
    std::fs::write(home.join("config"), config).unwrap();
    std::fs::write(home.join("accounts"), "<sip:caller@127.0.0.1>;regint=0\n").unwrap();
    std::fs::write(home.join("contacts"), "").unwrap();
    let output = Command::new("baresip")
        .arg("-f")
        .arg(&home)
        .args(["-t", "6", "-v", "-e"])
        .arg(format!("d{}", line.sip))
        .stdin(Stdio::null())
        .output()
        .expect("baresip is installed by ./test (Debian's baresip-core)");
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(said.contains("Call established"), "{said}\n{:?}", line.rows);
    assert!(said.contains("incoming rtp"), "baresip heard nothing: {said}");
}

/// A WAV file of silence, 16 bits at 8 kHz, one channel.
fn ten_quiet_seconds() -> Vec<u8> {
    let samples: u32 = 80_000;
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + samples * 2).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    for half in [1_u16, 1] {
        wav.extend(half.to_le_bytes());
    }
    wav.extend(8_000_u32.to_le_bytes());
    wav.extend(16_000_u32.to_le_bytes());
    for half in [2_u16, 16] {
        wav.extend(half.to_le_bytes());
    }
    wav.extend(b"data");
    wav.extend((samples * 2).to_le_bytes());
    wav.resize(44 + samples as usize * 2, 0);
    wav
}

#[test]
fn the_proof_report_of_the_shipped_flows_has_no_problems() {
    let folder = Folder::new("check");
    let output = run(&folder.0, &["check"]);
    let report = text(&output.stdout);
    assert!(output.status.success(), "{report}");
    assert!(report.contains("No problems: all 16 rules hold."), "{report}");
    assert!(report.contains("NOT FOR THE PUBLIC"), "{report}");
}

#[test]
fn drafts_stop_a_line_that_would_serve_the_public() {
    let folder = Folder::new("drafts");
    std::fs::write(folder.0.join("caseline.toml"), OPERATOR).unwrap();
    assert!(run(&folder.0, &["init"]).status.success());
    let output = run(&folder.0, &["serve"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("drafts = \"spoken\""), "{}", text(&output.stderr));
}

#[test]
fn settings_that_are_missing_or_wrong_are_named_with_what_to_do() {
    let folder = Folder::new("settings");
    let missing = run(&folder.0, &["serve"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).contains("caseline setup --small"), "{}", text(&missing.stderr));
    std::fs::write(folder.0.join("caseline.toml"), "[operator]\nkind = \"bank\"\n").unwrap();
    let wrong = run(&folder.0, &["serve"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("caseline.toml:2:"), "{}", text(&wrong.stderr));
}

#[test]
fn files_that_are_no_court_tables_are_refused_in_one_sentence() {
    let folder = Folder::new("no-tables");
    std::fs::write(folder.0.join("caseline.toml"), OPERATOR).unwrap();
    assert!(run(&folder.0, &["init"]).status.success());
    let empty = folder.0.join("empty");
    std::fs::create_dir_all(&empty).unwrap();
    let output = run(&folder.0, &["import", "court-tables", "empty"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("A_TblCase"), "{}", text(&output.stderr));
}
