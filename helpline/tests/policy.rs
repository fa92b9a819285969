//! The table of who may do what is the page that was reviewed, and no command, page or telephone question is left out.
#![expect(clippy::unwrap_used, reason = "a failed step should fail the test")]

use caseline_helpline::policy::{Surface, TABLE, page};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All Rust files below a folder.
fn sources(folder: &Path) -> String {
    let mut text = String::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                text.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    text
}

fn listed(pick: impl Fn(&Surface) -> Option<&'static str>) -> BTreeSet<String> {
    TABLE.iter().flat_map(|rule| rule.surfaces).filter_map(pick).map(str::to_owned).collect()
}

#[test]
fn the_reviewed_page_is_what_the_program_asks() {
    let file = root().join("docs/reference/policy.md");
    if std::env::var_os("CASELINE_WRITE_POLICY").is_some() {
        std::fs::write(&file, page()).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap();
    assert_eq!(
        kept,
        page(),
        "docs/reference/policy.md is not what the table says; the page tells how to write it anew"
    );
}

#[test]
fn every_question_that_staff_are_asked_by_telephone_has_a_row() {
    let voice = sources(&root().join("edge/voice/src"));
    let asked: BTreeSet<String> = voice
        .split('"')
        .filter(|text| text.starts_with("agent-") && text.ends_with("-ask"))
        .map(str::to_owned)
        .collect();
    assert!(!asked.is_empty(), "no question of the staff was found");
    let rows = listed(|surface| match surface {
        Surface::Telephone(key) => Some(key),
        _ => None,
    });
    assert_eq!(asked, rows, "questions in edge/voice/src, and telephone rows of the policy");
}

#[test]
fn every_command_has_a_row() {
    let page = std::fs::read_to_string(root().join("docs/reference/commands.md")).unwrap();
    // Another test holds the headings to the commands of the program.
    let commands: BTreeSet<String> = page
        .lines()
        .filter_map(|row| row.strip_prefix("## `caseline "))
        .filter_map(|rest| rest.split(['`', ' ']).next())
        .map(str::to_owned)
        .collect();
    let rows = listed(|surface| match surface {
        Surface::Command(name) => Some(name),
        _ => None,
    });
    assert_eq!(commands, rows, "headings of docs/reference/commands.md, and commands in the policy");
}

#[test]
fn every_path_of_the_pages_has_a_row() {
    let web = sources(&root().join("edge/web/src"));
    let paths: BTreeSet<String> = web
        .split(".route(")
        .skip(1)
        .filter_map(|after| after.trim_start().strip_prefix('"')?.split('"').next().map(str::to_owned))
        .collect();
    assert!(paths.contains("/staff/cards/make"), "the pages of the desk were not found: {paths:?}");
    let rows = listed(|surface| match surface {
        Surface::Route(_, path) => Some(path),
        _ => None,
    });
    let left: Vec<_> = paths.difference(&rows).collect();
    assert!(left.is_empty(), "these pages have no row in the policy: {left:?}");
    let gone: Vec<_> = rows.difference(&paths).filter(|path| *path != "/blank").collect();
    assert!(gone.is_empty(), "these rows of the policy are no pages: {gone:?}");
}
