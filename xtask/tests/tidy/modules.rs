//! How a module begins and what its file is called.
//! The names inside are held by `names`.

use crate::files::{TextFile, text_files};
use crate::none_of;

/// File names that say nothing about what is inside.
const DRAWERS: &[&str] = &["util", "utils", "helper", "helpers", "common", "misc", "shared", "stuff"];

#[test]
fn every_module_says_first_what_it_is_for_and_then_what_it_leaves_to_another() {
    let mut found = Vec::new();
    for file in text_files().iter().filter(|file| file.is_rust()) {
        let sentences = sentences(&opening(file));
        let wanted = if file.path.contains("/src/") && !file.path.ends_with("tests.rs") { 2 } else { 1 };
        if sentences < wanted {
            found.push(format!("{}: {sentences} of {wanted} sentences in its first `//!` rows", file.path));
        }
    }
    none_of(&found, "STYLE.md rule 1: first what it is for, second what it leaves to another module");
}

#[test]
fn no_module_is_a_drawer_and_none_is_called_mod() {
    let mut found = Vec::new();
    for file in text_files().iter().filter(|file| file.is_rust()) {
        let stem = file.path.rsplit('/').next().and_then(|name| name.strip_suffix(".rs")).unwrap_or_default();
        if stem == "mod" {
            found.push(format!("{}: name it after what it is for, beside its folder", file.path));
        }
        let drawer = file.path.trim_end_matches(".rs").split('/').find(|part| DRAWERS.contains(part));
        found.extend(drawer.map(|part| format!("{}: `{part}` says nothing about what is inside", file.path)));
    }
    none_of(&found, "STYLE.md rule 2");
}

/// The `//!` rows with which a file begins.
fn opening(file: &TextFile) -> String {
    let rows = file.text.lines().map_while(|row| row.strip_prefix("//!"));
    rows.map(str::trim).collect::<Vec<_>>().join("\n")
}

/// How many sentences a text has: signs that end one, before a blank or the end.
fn sentences(text: &str) -> usize {
    let bytes = text.as_bytes();
    let ends = |at: usize| bytes.get(at + 1).is_none_or(|next| next.is_ascii_whitespace() || *next == b')');
    bytes.iter().enumerate().filter(|(at, byte)| matches!(byte, b'.' | b':' | b';') && ends(*at)).count()
}
