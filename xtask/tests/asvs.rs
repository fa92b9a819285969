//! The table of ASVS 5.0, levels 1 and 2: every requirement has a row, every test that it names is there, and what applies
//! and is not tested is a gap that is counted.
//! Whether a test shows what its row says, a reviewer has to judge.

#[path = "repository/files.rs"]
mod files;

use files::{root, text_files};
use std::collections::BTreeSet;

/// Requirements of level 1 and of level 2 in ASVS 5.0.0, by chapter: how many the table must have.
const REQUIREMENTS: [(&str, usize); 17] = [
    ("V1", 27),
    ("V2", 11),
    ("V3", 19),
    ("V4", 10),
    ("V5", 9),
    ("V6", 35),
    ("V7", 18),
    ("V8", 7),
    ("V9", 7),
    ("V10", 29),
    ("V11", 14),
    ("V12", 9),
    ("V13", 13),
    ("V14", 9),
    ("V15", 13),
    ("V16", 16),
    ("V17", 7),
];

/// Requirements of level 1 among them.
const LEVEL_1: usize = 70;

/// Requirements that apply and that nothing shows. Mend one, give it a test, and make this number smaller.
const GAPS: usize = 4;

/// One row.
#[derive(Debug)]
struct Requirement {
    id: String,
    level: String,
    holds: String,
    state: String,
}

fn requirements(page: &str) -> Vec<Requirement> {
    let rows = page.lines().filter(|row| row.starts_with("| V"));
    rows.map(|row| {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        let [id, level, _, holds, state] = &cells[..] else { panic!("a row has five cells: {row}") };
        Requirement { id: id.clone(), level: level.clone(), holds: holds.clone(), state: state.clone() }
    })
    .collect()
}

fn page() -> String {
    std::fs::read_to_string(root().join("docs/reference/asvs.md")).expect("the page is there")
}

/// The names of all tests of the repository, and of the checks of the store's contract.
fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in text_files().iter().filter(|file| file.is_rust()) {
        let is_contract = file.path.starts_with("edge/store/src/contract");
        let mut awaits_name = false;
        for row in file.text.lines().map(str::trim_start) {
            awaits_name |= row.starts_with("#[test]") || row.starts_with("#[tokio::test") || is_contract;
            if let Some((_, after)) = row.split_once("fn ").filter(|_| awaits_name) {
                names.extend(after.split(['(', '<']).next().map(str::to_owned));
                awaits_name = false;
            }
        }
    }
    names
}

/// What is wrong with a row, if anything.
fn wrong(row: &Requirement, tests: &BTreeSet<String>) -> Option<String> {
    let named: Vec<_> = row.holds.split('`').skip(1).step_by(2).collect();
    let is_good = match row.state.as_str() {
        "held" => !named.is_empty(),
        "written" => {
            let target = row.holds.split("](").nth(1).and_then(|rest| rest.split([')', '#']).next());
            target.is_some_and(|target| root().join("docs/reference").join(target).is_file())
        }
        "gap" | "does not apply" => !row.holds.is_empty(),
        _ => false,
    };
    if !is_good {
        return Some(format!("{}: `{}` with `{}`", row.id, row.state, row.holds));
    }
    let looks_like_a_test = |name: &&&str| name.matches('_').count() >= 2 && !name.contains(['/', '.']);
    let gone: Vec<_> = named.iter().filter(looks_like_a_test).filter(|name| !tests.contains(**name)).collect();
    let strange = row.state == "held" && named.iter().any(|name| !tests.contains(*name));
    (strange || !gone.is_empty()).then(|| format!("{}: there is no test {:?}", row.id, named))
}

#[test]
fn every_requirement_of_levels_1_and_2_has_one_row() {
    let rows = requirements(&page());
    let ids: BTreeSet<_> = rows.iter().map(|row| row.id.clone()).collect();
    assert_eq!(ids.len(), rows.len(), "a requirement stands twice");
    assert_eq!(rows.len(), 253);
    assert_eq!(rows.iter().filter(|row| row.level == "1").count(), LEVEL_1);
    assert!(rows.iter().all(|row| matches!(row.level.as_str(), "1" | "2")));
    for (chapter, count) in REQUIREMENTS {
        let of_it = ids.iter().filter(|id| id.split('.').next() == Some(chapter)).count();
        assert_eq!(of_it, count, "requirements of {chapter}");
    }
}

#[test]
fn every_requirement_that_applies_has_a_test_that_exists_or_is_a_counted_gap() {
    let (rows, tests) = (requirements(&page()), tests());
    assert!(tests.len() > 500, "the tests were not found");
    let wrong: Vec<_> = rows.iter().filter_map(|row| wrong(row, &tests)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let gaps = rows.iter().filter(|row| row.state == "gap").count();
    assert!(gaps <= GAPS, "{gaps} gaps, and there were {GAPS}: no new one is let in");
    assert!(gaps == GAPS, "{gaps} gaps are left of {GAPS}: make the number in this file smaller");
    let of_state = |state: &str| rows.iter().filter(|row| row.state == state).count();
    let said = format!(
        "{} rows are held, {} are written, {} are gaps, {} do not apply.",
        of_state("held"),
        of_state("written"),
        gaps,
        of_state("does not apply")
    );
    assert!(page().contains(&said), "the page should say: {said}");
}

#[test]
fn a_row_without_a_test_and_one_whose_test_is_gone_are_found() {
    let tests = BTreeSet::from(["a_door_is_closed".to_owned()]);
    let row = |state: &str, holds: &str| Requirement {
        id: "V0.0.0".to_owned(),
        level: "1".to_owned(),
        holds: holds.to_owned(),
        state: state.to_owned(),
    };
    assert!(wrong(&row("held", "`a_door_is_closed`"), &tests).is_none());
    assert!(wrong(&row("held", ""), &tests).is_some());
    assert!(wrong(&row("held", "`a_door_is_open`"), &tests).is_some());
    assert!(wrong(&row("written", "[a page](no-such-page.md)"), &tests).is_some());
    assert!(wrong(&row("gap", ""), &tests).is_some());
    assert!(wrong(&row("does not apply", "see `a_door_was_here`"), &tests).is_some());
    assert!(wrong(&row("", "`a_door_is_closed`"), &tests).is_some());
}
