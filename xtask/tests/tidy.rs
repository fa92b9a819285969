//! Small rules that every file keeps: first rows, names, links, no stand-ins, made-up people only.
//! STYLE.md and GLOSSARY.md say why; the shape of the crates is held by `architecture`.

#[path = "tidy/documents.rs"]
mod documents;
#[path = "repository/files.rs"]
mod files;
#[path = "tidy/leftovers.rs"]
mod leftovers;
#[path = "tidy/made_up_people.rs"]
mod made_up_people;
#[path = "tidy/modules.rs"]
mod modules;
#[path = "tidy/names.rs"]
mod names;
#[path = "tidy/reference_pages.rs"]
mod reference_pages;
#[path = "repository/rust_text.rs"]
mod rust_text;

use files::TextFile;

/// The rows of a file, numbered from 1.
fn rows(file: &TextFile) -> impl Iterator<Item = (usize, &str)> {
    file.text.lines().enumerate().map(|(at, row)| (at + 1, row))
}

/// Fails with everything that was found, one a row.
#[track_caller]
fn none_of(found: &[String], why: &str) {
    assert!(found.is_empty(), "{why}\n{}", found.join("\n"));
}
