//! Counts of people are published nowhere (S17): there is no release with differential privacy yet, so no page, command or
//! figure gives such a count but the folded ones on a loopback address, which stand in the lists below.
//! How the folding works is left to `edge/web/src/counts.rs` and its tests.

#[path = "repository/files.rs"]
mod files;

use files::{TextFile, text_files};
use std::collections::BTreeSet;

/// Verbs that count people, or what people left.
const COUNTING: &[&str] = &[
    "open_task_count(",
    "open_contacts(",
    "contacts_by(",
    "log_counts::",
    ".counts().text",
    "open_count(",
    "open_chat_count(",
    "count(*)",
    "COUNT(*)",
];

/// A file of pages, commands or figures that uses one, and why nothing is published by it.
const MAY_COUNT: &[(&str, &str)] = &[
    ("caseline/src/commands/bench/crash/looking.rs", "a bench over made-up people"),
    ("caseline/src/commands/bench/crash/steps.rs", "a bench over made-up people"),
    ("caseline/src/counted.rs", "hands the verbs on to the store"),
    ("edge/web/src/chat/open.rs", "how many chats may be open at once"),
    ("edge/web/src/health.rs", "contacts that are open, on a loopback address; the public page says `ok`"),
    ("edge/web/src/state.rs", "how many chats may be open at once"),
];

/// Every figure of the line, which are served on a loopback address alone, and why it tells nothing of a person.
const FIGURES: &[(&str, &str)] = &[
    ("caseline_alarm", "whether the site's alarm rings"),
    ("caseline_contacts_began_total", "by channel, of all since the start"),
    ("caseline_contacts_by_language_total", "told after the hour, languages of a few folded into `other`"),
    ("caseline_contacts_ended_total", "by how they ended, of all since the start"),
    ("caseline_open_chats", "one number without language or need"),
    ("caseline_store_faults_total", "of the machine"),
    ("caseline_store_works", "of the machine"),
    ("caseline_tasks_open", "by kind alone"),
    ("caseline_tries_not_opened_total", "one number, which an operator watches for guessing"),
    ("caseline_web_answers_total", "of the machine"),
    ("caseline_web_refused_total", "of the machine"),
];

fn is_outside(file: &TextFile) -> bool {
    file.is_rust()
        && (file.path.starts_with("caseline/src/") || file.path.starts_with("edge/web/src/"))
        && !file.path.contains("tests")
}

fn code(file: &TextFile) -> String {
    let text = file.text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    text.lines().filter(|row| !row.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn counting(files: &[TextFile]) -> BTreeSet<String> {
    let outside = files.iter().filter(|file| is_outside(file));
    let holding = outside.filter(|file| COUNTING.iter().any(|verb| code(file).contains(verb)));
    holding.map(|file| file.path.clone()).collect()
}

/// Names of figures as they stand in the source.
fn figures(files: &[TextFile]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in files.iter().filter(|file| is_outside(file)) {
        let code = code(file);
        for piece in code.split("\"caseline_").skip(1).chain(code.split(" caseline_").skip(1)) {
            let name: String = piece.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            // Crates are named so too.
            if ![
                "",
                "model",
                "helpline",
                "conversation",
                "store",
                "voice",
                "web",
                "records",
                "knowledge",
                "sources",
                "replay",
            ]
            .contains(&name.as_str())
            {
                names.insert(format!("caseline_{name}"));
            }
        }
    }
    names
}

/// What counts and stands in no list, and what stands in a list and counts no more.
fn left_over(found: &BTreeSet<String>, listed: &[(&str, &str)]) -> Vec<String> {
    let listed: BTreeSet<String> = listed.iter().map(|row| row.0.to_owned()).collect();
    let new = found.difference(&listed).map(|what| format!("{what}: would it publish how many people there were?"));
    let gone = listed.difference(found).map(|what| format!("{what} stands in the list and is not there"));
    new.chain(gone).collect()
}

#[test]
fn no_page_command_or_figure_counts_people_but_those_in_the_lists() {
    let files = text_files();
    let mut found = left_over(&counting(&files), MAY_COUNT);
    found.extend(left_over(&figures(&files), FIGURES));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_page_a_command_and_a_figure_that_count_people_are_found() {
    let seeded = |path: &str, text: &str| TextFile { path: path.to_owned(), text: text.to_owned() };
    let page = seeded("edge/web/src/numbers.rs", "fn page() { store.open_task_count(TaskKind::Message) }\n");
    assert_eq!(left_over(&counting(&[page]), &[]).len(), 1);
    let command = seeded("caseline/src/commands/numbers.rs", "fn run() { store.open_contacts() }\n");
    assert_eq!(left_over(&counting(&[command]), &[]).len(), 1);
    let figure = seeded("edge/web/src/numbers.rs", "const A: &str = \"caseline_callers_total\";\n");
    assert_eq!(left_over(&figures(&[figure]), &[]).len(), 1);
    let test = seeded("edge/web/src/good.rs", "#[cfg(test)]\nmod tests { fn a() { store.open_contacts() } }\n");
    assert!(counting(&[test]).is_empty());
}
