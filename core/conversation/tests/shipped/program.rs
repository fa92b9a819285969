//! The flows, words and articles of this repository as one program.
//! What holds of it is left to the tests.

use caseline_conversation::Program;
use caseline_conversation::operator::{Operator, OperatorKind};
use caseline_model::Zone;
use std::path::{Path, PathBuf};

/// The program that stands in this repository.
pub fn program(kind: OperatorKind) -> Program {
    let mut texts = files("flows", "toml");
    for folder in folders("words") {
        for extension in ["ftl", "toml"] {
            texts.extend(files(&format!("words/{folder}"), extension));
        }
    }
    texts.extend(files("knowledge/articles", "toml"));
    texts.extend(files("knowledge", "toml"));
    let operator = Operator {
        kind,
        name: "Open Door Legal Aid".to_owned(),
        shares_with: String::new(),
        hears_calls: String::new(),
    };
    let zone = Zone::named("America/Chicago").expect("a time zone");
    let texts = texts.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    Program::read(texts, operator, zone).unwrap_or_else(|fault| panic!("{fault}"))
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

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
