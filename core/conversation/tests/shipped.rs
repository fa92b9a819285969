//! The flows, words and articles of this repository, held to all sixteen rules of the checker.
//! Small flows that break one rule each are left to `checker.rs`.

#![expect(clippy::disallowed_methods, reason = "a test reads the shipped files")]

use caseline_conversation::checker::{self, Report};
use caseline_conversation::operator::{Operator, OperatorKind};
use caseline_conversation::words::read::WordsFile;
use caseline_conversation::{Flow, Policy, Program, Words};
use caseline_knowledge::Library;
use caseline_model::{Date, Zone};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[test]
fn the_shipped_flows_are_safe() {
    let report = check(OperatorKind::LegalAid);
    println!("{report}");
    assert!(report.is_safe(), "{} problems in the shipped flows and words:\n{report}", report.problems.len());
}

#[test]
fn the_shipped_flows_are_safe_for_every_kind_of_operator() {
    for kind in [OperatorKind::City, OperatorKind::Court, OperatorKind::Agency] {
        let report = check(kind);
        assert!(report.is_safe(), "{} problems for {kind:?}:\n{report}", report.problems.len());
    }
}

#[test]
fn the_shipped_words_are_drafts_and_the_report_says_so() {
    let report = check(OperatorKind::LegalAid);
    assert!(report.not_for_the_public);
    assert!(report.to_string().contains("NOT FOR THE PUBLIC"));
    for language in report.languages.iter().filter(|language| language.level == "full") {
        assert_eq!(language.keys_complete, language.keys_needed, "{}", language.language);
        assert_eq!(
            language.drafts, language.keys_needed,
            "no text of the repository is reviewed: {}",
            language.language
        );
    }
    for language in report.languages.iter().filter(|language| language.level == "lifeline") {
        assert!(!language.missing_recordings.is_empty(), "{} is not recorded yet", language.language);
    }
}

fn check(kind: OperatorKind) -> Report {
    let program = program(kind);
    checker::check(&program, today(), &|_, _, _| None, None)
}

/// The day on which the shipped articles were researched.
const fn today() -> Date {
    jiff::civil::date(2026, 11, 22)
}

fn program(kind: OperatorKind) -> Program {
    let mut flows = BTreeMap::new();
    for (name, text) in files("flows", "toml") {
        if name != "flows/policy.toml" {
            let flow = Flow::read(&name, &text).unwrap_or_else(|fault| panic!("{fault}"));
            flows.insert(stem(&name), flow);
        }
    }
    let policy =
        Policy::read("flows/policy.toml", &read("flows/policy.toml")).unwrap_or_else(|fault| panic!("{fault}"));
    let mut texts = Vec::new();
    for folder in folders("words") {
        for extension in ["ftl", "toml"] {
            texts.extend(files(&format!("words/{folder}"), extension).into_iter().map(|file| (folder.clone(), file)));
        }
    }
    let words: Vec<WordsFile<'_>> = texts
        .iter()
        .map(|(folder, (name, text))| WordsFile {
            language: folder.parse().expect("a folder is a language"),
            file: name,
            text,
        })
        .collect();
    let words = Words::read(&words).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let mut library = Library::default();
    for (name, text) in files("knowledge/articles", "toml") {
        library.add_article(&name, &text).unwrap_or_else(|fault| panic!("{fault}"));
    }
    for (name, text) in files("knowledge", "toml") {
        library.add_directory(&name, &text).unwrap_or_else(|fault| panic!("{fault}"));
    }
    let operator = Operator {
        kind,
        name: "Open Door Legal Aid".to_owned(),
        shares_with: String::new(),
        hears_calls: String::new(),
    };
    let zone = Zone::named("America/Chicago").expect("a time zone");
    Program { flows, words, policy, operator, library, zone }
}

/// Files of a folder of the repository, by name, with their text.
fn files(folder: &str, extension: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = entries(folder)
        .into_iter()
        .filter(|path| path.is_file() && path.extension().is_some_and(|ending| ending == extension))
        .map(|path| format!("{folder}/{}", path.file_name().expect("a file has a name").to_string_lossy()))
        .map(|name| (name.clone(), read(&name)))
        .collect();
    found.sort();
    found
}

fn folders(folder: &str) -> Vec<String> {
    let mut found: Vec<String> = entries(folder)
        .into_iter()
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().expect("a folder has a name").to_string_lossy().into_owned())
        .collect();
    found.sort();
    found
}

fn entries(folder: &str) -> Vec<PathBuf> {
    let path = root().join(folder);
    let entries = std::fs::read_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn stem(name: &str) -> String {
    Path::new(name).file_stem().expect("a file has a name").to_string_lossy().into_owned()
}
