//! Legal demands by the real program: nothing is handed over before the demand stands in the log (property S14).

use crate::{Folder, OPERATOR, run, text};

fn json(output: &std::process::Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)))
}

#[test]
fn a_legal_demand_is_in_the_log_before_the_page_that_answers_it() {
    let folder = Folder::new("demand");
    std::fs::write(folder.0.join("caseline.toml"), OPERATOR).unwrap();
    assert!(run(&folder.0, &["init"]).status.success());
    let early = run(&folder.0, &["demand", "answer", "1", "--with", "nothing-held"]);
    assert_eq!(early.status.code(), Some(1), "nothing is answered to what nobody wrote down");
    assert!(text(&early.stderr).contains("`caseline demand record` first"), "{}", text(&early.stderr));
    assert_eq!(text(&early.stdout), "", "and no page is printed");

    let recorded = json(&run(
        &folder.0,
        &[
            "--json",
            "demand",
            "record",
            "--kind",
            "administrative-subpoena",
            "--from",
            "federal",
            "--arrived",
            "2026-01-05",
        ],
    ));
    assert_eq!(recorded["demand"], 1);
    let verified = run(&folder.0, &["verify-log"]);
    assert!(verified.status.success(), "its entry is in the signed log: {}", text(&verified.stderr));
    let answered = json(&run(&folder.0, &["--json", "demand", "answer", "1", "--with", "nothing-held"]));
    assert!(recorded["log_entry"].as_u64().unwrap() < answered["log_entry"].as_u64().unwrap());
    let page = answered["page"].as_str().unwrap();
    for row in ["What is kept, and until when. Nothing else is.", "case-file", "callback-number"] {
        assert!(page.contains(row), "{page}");
    }
    let listed = text(&run(&folder.0, &["demand", "list"]).stdout);
    assert!(listed.starts_with(
        "demand 1 administrative-subpoena federal arrived 2026-01-05\ndemand 1 answered nothing-held on "
    ));
    let verified = run(&folder.0, &["verify-log"]);
    assert!(verified.status.success(), "{}", text(&verified.stderr));
}

#[test]
fn a_demand_has_no_place_for_whom_it_asks_for_and_a_wrong_word_names_the_right_ones() {
    let folder = Folder::new("demand-words");
    std::fs::write(folder.0.join("caseline.toml"), OPERATOR).unwrap();
    assert!(run(&folder.0, &["init"]).status.success());
    let named =
        run(&folder.0, &["demand", "record", "--kind", "subpoena", "--from", "state", "--number", "000-000-137"]);
    assert_eq!(named.status.code(), Some(2), "{}", text(&named.stdout));
    let wrong = run(&folder.0, &["demand", "record", "--kind", "letter", "--from", "state"]);
    let said = text(&wrong.stderr);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(said.contains("judicial-warrant, court-order, subpoena"), "{said}");
    let to_come =
        run(&folder.0, &["demand", "record", "--kind", "subpoena", "--from", "state", "--arrived", "2999-01-01"]);
    assert!(text(&to_come.stderr).contains("--arrived is a day to come"));
    assert!(text(&run(&folder.0, &["demand", "list"]).stdout).starts_with("No demand is recorded."));
}
