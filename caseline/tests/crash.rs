//! The running line is killed again and again, and what it had said was saved is looked for.
//! Ten thousand kills are the same command with another number (docs/reference/figures.md).

use std::process::Command;

const KILLS: u64 = 100;

#[test]
fn slow_after_a_hundred_kills_nothing_acknowledged_is_lost_and_nothing_is_there_twice() {
    let folder = std::env::temp_dir().join(format!("caseline-hundred-kills-{}", std::process::id()));
    let output = Command::new(env!("CARGO_BIN_EXE_caseline"))
        .args(["--json", "bench", "crash", "--seed", "7", "--kills", &KILLS.to_string()])
        .arg("--folder")
        .arg(&folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{said}\nall of it is in {}", text(&output.stdout), folder.display());
    let outcome: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let count = |path: &str| outcome.pointer(path).and_then(serde_json::Value::as_u64).unwrap();
    assert_eq!((count("/kills"), count("/lost"), count("/doubled")), (KILLS, 0, 0), "{outcome}");
    for kind in ["callbacks", "messages", "reminders", "reports", "imports"] {
        let (acknowledged, found) =
            (count(&format!("/kinds/{kind}/acknowledged")), count(&format!("/kinds/{kind}/found")));
        assert!(acknowledged > 10, "only {acknowledged} {kind} were acknowledged: {outcome}");
        assert!(found >= acknowledged, "{outcome}");
    }
    let by_telephone: u64 = ["callbacks", "messages", "reminders", "reports"]
        .iter()
        .map(|kind| count(&format!("/kinds/{kind}/acknowledged_by_telephone")))
        .sum();
    assert!(by_telephone > 0, "no caller by telephone was told anything: {outcome}");
    assert!(count("/log_verified_times") > KILLS / 2, "{outcome}");
    std::fs::remove_dir_all(&folder).unwrap();
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
