//! The running line is killed again and again, or its disk loses power, and what it had said was saved is looked for.
//! Ten thousand kills and a thousand power cuts are the same commands with other numbers (docs/reference/figures.md).

use std::process::Command;

const KILLS: u64 = 100;
const POWER_CUTS: u64 = 15;
const STEPS: u64 = 100_000;

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

#[test]
fn slow_after_power_cuts_that_forget_unsynced_writes_nothing_acknowledged_is_lost() {
    let (code, outcome) = bench(&["--power-cuts", &POWER_CUTS.to_string(), "--seed", "7"]);
    if code == Some(3) {
        eprintln!("SKIPPED: this machine mounts no FUSE file system for us; no power was cut\n{outcome}");
        return;
    }
    assert_eq!(code, Some(0), "{outcome}");
    let outcome: serde_json::Value = serde_json::from_str(&outcome).unwrap();
    assert_eq!((&outcome["kills"], &outcome["lost"], &outcome["doubled"]), (&POWER_CUTS.into(), &0.into(), &0.into()));
    assert!(outcome["writes_forgotten"].as_u64() > Some(POWER_CUTS), "the disk forgot too little: {outcome}");
    assert!(outcome["kinds"]["callbacks"]["acknowledged"].as_u64() > Some(0), "{outcome}");
}

#[test]
fn of_a_hundred_thousand_steps_with_crashes_at_any_of_them_none_loses_or_does_anything_twice() {
    let (code, outcome) = bench(&["--steps", &STEPS.to_string(), "--seed", "7"]);
    assert_eq!(code, Some(0), "{outcome}");
    let outcome: serde_json::Value = serde_json::from_str(&outcome).unwrap();
    assert_eq!((&outcome["steps"], &outcome["lost"], &outcome["done_twice"]), (&STEPS.into(), &0.into(), &0.into()));
    assert!(
        outcome["crashes"].as_u64() > Some(STEPS / 100) && outcome["met"].as_u64() > Some(STEPS / 100),
        "{outcome}"
    );
}

/// The exit code of `caseline bench crash`, and what it printed.
fn bench(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caseline"));
    let output = command.args(["--json", "bench", "crash"]).args(arguments).output().expect("the program starts");
    let printed = if output.stdout.is_empty() { &output.stderr } else { &output.stdout };
    (output.status.code(), text(printed))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
