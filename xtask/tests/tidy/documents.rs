//! Documents that tell the truth about the tree: paths that they name exist, links lead somewhere.
//! Whether settings and commands are described is held by `reference_pages`.

use crate::files::{TextFile, root, text_files};
use crate::{none_of, rows};
use std::collections::BTreeSet;

/// Folders at the root: a word in backticks that begins with one of them is a path.
const FOLDERS: &[&str] = &[
    ".cargo/",
    ".ci/",
    ".config/",
    "caseline/",
    "conversations/",
    "core/",
    "deploy/",
    "docs/",
    "edge/",
    "flows/",
    "helpline/",
    "knowledge/",
    "replay/",
    "words/",
    "xtask/",
];

#[test]
fn paths_named_in_documents_exist() {
    let mut found = Vec::new();
    for file in documents() {
        for (row, text) in rows(&file) {
            for word in in_backticks(text) {
                let word = word.trim_start_matches("./");
                if FOLDERS.iter().any(|folder| word.starts_with(folder)) && !is_there(word) {
                    found.push(format!("{}:{row}: {word}", file.path));
                }
            }
        }
    }
    none_of(&found, "documents name paths that are not there");
}

#[test]
fn pages_named_in_the_source_exist() {
    let mut found = Vec::new();
    for file in text_files().iter().filter(|file| !file.path.ends_with(".md") && file.path != "Cargo.lock") {
        for (row, text) in rows(file) {
            for (at, _) in text.match_indices("docs/") {
                let end = text[at..].find(|c: char| !(c.is_alphanumeric() || "-_./".contains(c)));
                let path = &text[at..end.map_or(text.len(), |end| at + end)];
                if path.ends_with(".md") && !root().join(path).exists() {
                    found.push(format!("{}:{row}: {path}", file.path));
                }
            }
        }
    }
    none_of(&found, "the source names pages that are not there");
}

#[test]
fn relative_links_lead_somewhere() {
    let mut found = Vec::new();
    for file in documents() {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (row, text) in outside_fences(&file) {
            for target in link_targets(text) {
                if target.contains("://") || target.starts_with("mailto:") {
                    continue;
                }
                let (path, heading) = target.split_once('#').unwrap_or((target, ""));
                let whole = if path.is_empty() { root().join(&file.path) } else { root().join(folder).join(path) };
                if !whole.exists() {
                    found.push(format!("{}:{row}: {target}", file.path));
                } else if !heading.is_empty() && !headings(&std::fs::read_to_string(&whole).unwrap()).contains(heading)
                {
                    found.push(format!("{}:{row}: {target} has no such heading", file.path));
                }
            }
        }
    }
    none_of(&found, "links that lead nowhere");
}

#[test]
fn every_document_is_reached_from_another_one() {
    let mut linked: BTreeSet<String> = BTreeSet::new();
    let all: Vec<_> = documents().collect();
    for file in &all {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (_, text) in outside_fences(file) {
            for target in link_targets(text) {
                let path = target.split('#').next().unwrap_or_default();
                linked
                    .extend(root().join(folder).join(path).canonicalize().ok().map(|path| path.display().to_string()));
            }
        }
    }
    let lost: Vec<_> = all
        .iter()
        .filter(|file| file.path.starts_with("docs/") || !file.path.contains('/'))
        .filter(|file| file.path != "README.md")
        .filter(|file| !linked.contains(&root().join(&file.path).canonicalize().unwrap().display().to_string()))
        .map(|file| file.path.clone())
        .collect();
    none_of(&lost, "pages that no other page links to");
}

fn documents() -> impl Iterator<Item = TextFile> {
    text_files().into_iter().filter(|file| file.path.ends_with(".md"))
}

/// What stands between single backticks in a row.
fn in_backticks(row: &str) -> impl Iterator<Item = &str> {
    row.split('`').skip(1).step_by(2)
}

/// A path with an optional place holder (`<name>`, `*`, `{a,b}`, `…`): then its folder has to be there.
fn is_there(word: &str) -> bool {
    let path = word.split([' ', ':', '#']).next().unwrap_or_default();
    match path.find(['<', '*', '{', '…']) {
        Some(at) => root().join(path[..at].rsplit_once('/').map_or("", |(folder, _)| folder)).exists(),
        None => root().join(path).exists(),
    }
}

/// Rows that stand outside of fenced blocks.
fn outside_fences(file: &TextFile) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    rows(file).filter(move |(_, text)| {
        let fence = text.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

/// The targets of `[text](target)` in a row.
fn link_targets(row: &str) -> impl Iterator<Item = &str> {
    row.match_indices("](").filter_map(|(at, _)| {
        let rest = &row[at + 2..];
        rest.find(')').map(|end| rest[..end].split(' ').next().unwrap_or_default())
    })
}

/// The anchors of a page's headings, as readers of Markdown make them.
fn headings(page: &str) -> BTreeSet<String> {
    let rows = page.lines().filter(|row| row.starts_with('#'));
    rows.map(|row| {
        let title = row.trim_start_matches('#').trim().to_lowercase();
        title
            .chars()
            .filter(|c| c.is_alphanumeric() || "-_ ".contains(*c))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect()
    })
    .collect()
}
