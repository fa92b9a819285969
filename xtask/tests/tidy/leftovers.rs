//! What belongs to a desk and not to the repository: stand-ins, switched-off tests and lints, one machine's paths.
//! Words of the glossary are held by `names`.

use crate::files::text_files;
use crate::rust_text::without_comments_and_texts;
use crate::{none_of, rows};

/// Words that mark something as unfinished, written in two halves so that this file has none.
const UNFINISHED: &[&str] = &[
    concat!("to", "do!("),
    concat!("unimpl", "emented!("),
    concat!("FIX", "ME"),
    concat!("TO", "DO"),
    concat!("XX", "X"),
];

/// Paths of one machine and hosts that hand out packages; written in two halves for the same reason.
const ONE_MACHINE: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/fa", "rm/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/tmp/ba", "sh"),
    concat!("index.", "crates"),
    concat!("static.", "crates"),
    concat!("pypi", ".org"),
    concat!("registry.", "npmjs"),
    concat!("deb.", "debian"),
    concat!("proxy.", "golang"),
];

#[test]
fn nothing_is_left_for_later() {
    let mut found = Vec::new();
    for file in text_files().iter().filter(|file| file.path != "Cargo.lock") {
        for (row, text) in rows(file) {
            let hits = UNFINISHED.iter().filter(|word| stands_alone(text, word));
            found.extend(hits.map(|word| format!("{}:{row}: {word}", file.path)));
        }
    }
    none_of(&found, "words that often mark a stand-in: finish it, or say in the documents what is not there");
}

#[test]
fn no_path_of_one_machine_and_no_package_host_is_named() {
    let mut found = Vec::new();
    for file in text_files().iter().filter(|file| file.path != "Cargo.lock") {
        for (row, text) in rows(file) {
            let hits = ONE_MACHINE.iter().filter(|path| text.contains(**path));
            found.extend(hits.map(|path| format!("{}:{row}: {path}", file.path)));
        }
    }
    none_of(&found, "these stand on one machine only");
}

#[test]
fn no_test_is_switched_off_and_no_lint_is_switched_off_silently() {
    let mut found = Vec::new();
    for file in text_files().iter().filter(|file| file.is_rust()) {
        let code = without_comments_and_texts(&file.text);
        for (at, text) in code.lines().enumerate() {
            let text: String = text.split_whitespace().collect();
            if text.contains("#[ignore") {
                found.push(format!("{}:{}: a test that does not run", file.path, at + 1));
            }
            if text.contains("#[allow(") || text.contains("#![allow(") {
                found.push(format!(
                    "{}:{}: `expect` with a reason tells when it is no longer needed",
                    file.path,
                    at + 1
                ));
            }
        }
    }
    none_of(&found, "STYLE.md rule 10");
}

/// Whether a word stands in a row with no letter or digit directly before or after it.
fn stands_alone(row: &str, word: &str) -> bool {
    row.match_indices(word).any(|(at, _)| {
        let before = row[..at].chars().next_back();
        let after = row[at + word.len()..].chars().next();
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !letter(before) && (word.ends_with('(') || !letter(after))
    })
}
