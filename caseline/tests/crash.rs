//! The running line is killed again and again, its disk loses power or fails, and what it had said was saved is looked for.
//! Ten thousand kills, a thousand power cuts and every change of the disk are the same commands with other numbers
//! (docs/reference/figures.md).

use std::process::Command;

const KILLS: u64 = 100;
const POWER_CUTS: u64 = 15;
const LYING_CUTS: u64 = 3;
/// Every nth change of the disk fails here; by command, each of them does.
const EVERY: u64 = 40;
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
    if is_skipped(code, &outcome) {
        return;
    }
    assert_eq!(code, Some(0), "{outcome}");
    let outcome: serde_json::Value = serde_json::from_str(&outcome).unwrap();
    assert_eq!((&outcome["kills"], &outcome["lost"], &outcome["doubled"]), (&POWER_CUTS.into(), &0.into(), &0.into()));
    assert!(outcome["writes_forgotten"].as_u64() > Some(POWER_CUTS), "the disk forgot too little: {outcome}");
    assert!(outcome["kinds"]["callbacks"]["acknowledged"].as_u64() > Some(0), "{outcome}");
}

#[test]
fn slow_on_a_disk_that_says_synced_and_does_not_what_was_acknowledged_is_found_lost() {
    let folder = std::env::temp_dir().join(format!("caseline-lying-disk-{}", std::process::id()));
    let (cuts, kept) = (LYING_CUTS.to_string(), folder.display().to_string());
    let (code, outcome) = bench(&["--power-cuts", &cuts, "--lying-disk", "--seed", "7", "--folder", &kept]);
    if is_skipped(code, &outcome) {
        return;
    }
    // The run must find it: whoever checks in vain for losses here would check in vain elsewhere.
    assert_eq!(code, Some(1), "{outcome}");
    let rows: serde_json::Value = serde_json::from_str(&outcome).unwrap();
    assert_eq!(rows["kills"], LYING_CUTS, "the line came up after each cut: {outcome}");
    assert!(rows["lost"].as_u64() > Some(0), "{outcome}");
    assert!(rows["wrong"].as_array().is_some_and(|all| {
        all.iter().any(|row| row.as_str().is_some_and(|row| row.ends_with("acknowledged and lost")))
    }));
    // A run that found something keeps its folder.
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn slow_when_any_change_of_the_disk_fails_nothing_acknowledged_is_lost_and_nobody_is_left_without_a_word() {
    let arguments = ["--each-io=chat,import,start", "--every", &EVERY.to_string(), "--seed", "7", "--lines", "5"];
    let (code, outcome) = bench(&arguments);
    if is_skipped(code, &outcome) {
        return;
    }
    assert_eq!(code, Some(0), "{outcome}");
    let rows: serde_json::Value = serde_json::from_str(&outcome).unwrap();
    assert_eq!((&rows["lost"], &rows["doubled"], &rows["wrong"]), (&0.into(), &0.into(), &serde_json::json!([])));
    let courses = rows["courses"].as_object().unwrap();
    assert_eq!(
        courses.len(),
        2 * (4 + 1 + 1),
        "four conversations, a feed and a start, on a broken and on a full disk"
    );
    for (course, row) in courses {
        assert!(row["failed"].as_u64() > Some(0), "{course}: {outcome}");
        assert!(row["failed"].as_u64() >= row["changes"].as_u64().map(|all| all / EVERY), "{course}: {outcome}");
    }
    assert!(rows["kinds"]["callbacks"]["acknowledged"].as_u64() > Some(0), "{outcome}");
}

#[test]
fn slow_a_restarted_line_promises_a_caller_something_before_it_has_ended_what_the_killed_one_left_open() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caseline"));
    let sizes = ["--cases", "20", "--left-open", "1500", "--starts", "1"];
    let output = command.args(["--json", "bench", "restart"]).args(sizes).output().expect("the program starts");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let ms = |name: &str| rows[name].as_u64().unwrap();
    assert!(ms("open_ms_max") < ms("promised_ms_max") && ms("promised_ms_max") < ms("ended_ms_max"), "{rows}");
    assert!(rows["log_entries"].as_u64() > Some(2 * 1_500), "each of them has a beginning and an end: {rows}");
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

/// Whether there is no disk whose power could be cut; said loudly.
fn is_skipped(code: Option<i32>, outcome: &str) -> bool {
    if code == Some(3) {
        eprintln!("SKIPPED: this machine mounts no FUSE file system for us; no power was cut\n{outcome}");
    }
    code == Some(3)
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
