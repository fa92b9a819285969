//! A feed of 100,000 cases with 50 enrolled: what is kept, what is not, and that reading it again changes nothing.

#![expect(clippy::unwrap_used, reason = "a step that fails should fail the test")]

use caseline_conversation::slot::CaseNumber;
use caseline_helpline::Store;
use caseline_helpline::chance::{Chance, SeededChance};
use caseline_model::{ANumber, CardCode, CaseId, Private, Time};
use caseline_store::{SqliteStore, StoreSettings};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use xtask::court_data::{Order, Release, Summary, write};

const CASES: u32 = 100_000;
const ENROLLED: u32 = 50;

#[test]
fn slow_of_100_000_cases_nothing_is_kept_of_those_that_nobody_enrolled() {
    let folder = std::env::temp_dir().join(format!("caseline-feed-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let (data, tables, temporary) = (folder.join("data"), folder.join("tables"), folder.join("tmp"));
    for made in [&data, &tables, &temporary] {
        std::fs::create_dir_all(made).unwrap();
    }
    let today = today();
    let order = Order { case_count: CASES, seed: 7, enrolled_count: ENROLLED, today, release: Release::Mid2026 };
    let summary = write(&order, &tables, &mut |_| {}).unwrap();
    enrol(&data, &summary);
    let settings = "[operator]\nkind = \"legal-aid\"\nname = \"Lake Street Legal Aid (made up)\"\nshares_with = \"\"\nhears_calls = \"\"\n";
    std::fs::write(folder.join("caseline.toml"), settings).unwrap();

    let first = import(&folder, &tables, &temporary);
    assert!(first.contains(&format!("Enrolled numbers: {} new", summary.enrolled.len())), "{first}");
    let again = import(&folder, &tables, &temporary);
    assert!(again.contains(&format!("0 new, 0 changed, {} the same", summary.enrolled.len())), "{again}");

    let all: BTreeSet<String> = all_numbers(&tables);
    assert!(all.len() > 90_000, "{}", all.len());
    let mut scanned = 0;
    for place in [&data, &temporary] {
        for file in files(place) {
            let bytes = std::fs::read(&file).unwrap();
            scanned += bytes.len();
            let found = runs_of_nine_digits(&bytes).into_iter().find(|run| all.contains(run));
            assert_eq!(found, None, "{} holds an A-number", file.display());
        }
    }
    assert!(scanned > 100_000, "only {scanned} bytes were looked at");
    for said in [first, again] {
        assert!(!runs_of_nine_digits(said.as_bytes()).iter().any(|run| all.contains(run)), "{said}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

fn today() -> caseline_model::Date {
    jiff::civil::date(2026, 11, 22)
}

fn enrol(data: &Path, summary: &Summary) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let chance: Arc<dyn Chance> = Arc::new(SeededChance::new(11));
        let now = Time::from_micros(1_790_000_000_000_000);
        let store = SqliteStore::open(StoreSettings::at(data), now, Arc::clone(&chance)).await.unwrap();
        for number in &summary.enrolled {
            let codes: Vec<Private<CardCode>> =
                (1..=12).map(|row| Private::new(CardCode::from_random(row, chance.bits_64()).unwrap())).collect();
            let case = CaseId::from_random(chance.bits_128());
            store.enrol(now, case, &Private::new(CaseNumber::A(*number)), &codes).await.unwrap();
        }
        store.close().await.unwrap();
    });
}

fn import(folder: &Path, tables: &Path, temporary: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_caseline"))
        .args(["import", "court-tables"])
        .arg(tables)
        .current_dir(folder)
        .env("TMPDIR", temporary)
        .env("CASELINE_LOG", "trace")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    said
}

/// Every number of the case table, as nine digits.
fn all_numbers(tables: &Path) -> BTreeSet<String> {
    let bytes = std::fs::read(tables.join("A_TblCase.csv")).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let column = text.lines().next().unwrap().split('\t').position(|name| name == "A_NUMBER").unwrap();
    text.lines()
        .skip(1)
        .filter_map(|row| row.split('\t').nth(column)?.parse::<ANumber>().ok())
        .map(|number| number.digits())
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if !path.ends_with("ballast") {
            found.push(path);
        }
    }
    found
}

/// Nine digits in a row, also where dashes or blanks stand between them.
fn runs_of_nine_digits(bytes: &[u8]) -> Vec<String> {
    let mut runs = Vec::new();
    let mut run = String::new();
    for byte in bytes.iter().chain(&[0]) {
        match byte {
            b'0'..=b'9' => run.push(char::from(*byte)),
            b'-' | b' ' if !run.is_empty() => {}
            _ => {
                if run.len() >= 9 {
                    runs.extend((0..=run.len() - 9).map(|at| run[at..at + 9].to_owned()));
                }
                run.clear();
            }
        }
    }
    runs
}
