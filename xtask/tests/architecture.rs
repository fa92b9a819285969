//! The shape of the house: which crate may know which, where each outside library lives, what `core/` never does.
//! ARCHITECTURE.md says it in words, this holds it; single files are held by `tidy`.

#[path = "repository/files.rs"]
mod files;
#[path = "repository/rust_text.rs"]
mod rust_text;

use files::{root, text_files};
use rust_text::{tokens, without_comments_and_texts};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Libraries that any crate may use: they hold values and errors, and touch nothing of the world.
const ANYWHERE: &[&str] = &["async-trait", "jiff", "serde", "serde_json", "thiserror", "toml", "tracing", "zeroize"];

/// Every other outside library and the crates that are its home. The first home is where its types live; the others
/// drive it or hold its handles. Add a row only with one in docs/decisions/libraries.md.
const HOMES: &[(&str, &[&str])] = &[
    ("aes-gcm-siv", &["edge/store"]),
    ("argon2", &["edge/store"]),
    ("askama", &["edge/web"]),
    ("axum", &["edge/web", "replay"]),
    ("clap", &["caseline", "xtask"]),
    ("ed25519-dalek", &["edge/store"]),
    ("encoding_rs", &["edge/sources"]),
    ("fluent-bundle", &["core/conversation"]),
    ("getrandom", &["caseline"]),
    ("hmac", &["edge/store", "edge/web"]),
    ("hyper", &["edge/web"]),
    ("hyper-util", &["edge/web"]),
    ("indicatif", &["caseline", "xtask"]),
    ("libc", &["edge/voice", "edge/store", "caseline"]),
    ("rsipstack", &["edge/voice"]),
    ("rustix", &["edge/store", "caseline", "xtask"]),
    ("rtrb", &["edge/voice"]),
    ("seccompiler", &["edge/store"]),
    ("sha2", &["edge/store", "edge/voice", "edge/web", "helpline", "caseline"]),
    ("socket2", &["edge/voice"]),
    ("sqlx", &["edge/store"]),
    ("stateright", &["edge/store", "helpline"]),
    ("subtle", &["edge/store", "edge/web"]),
    ("tokio", &["edge/store", "edge/voice", "edge/web", "helpline", "caseline", "replay", "xtask"]),
    ("tokio-rustls", &["edge/web"]),
    ("tower", &["edge/web", "replay"]),
    ("tracing-subscriber", &["caseline", "replay"]),
    ("unic-langid", &["core/conversation"]),
    ("jsonwebtoken", &["edge/web"]),
    ("webauthn-rs", &["edge/web"]),
    ("zip", &["edge/sources"]),
];

/// What the crates of `core/` may use from outside: no clock, socket, storage or thread is among them.
const IN_CORE: &[&str] =
    &["fluent-bundle", "jiff", "serde", "serde_json", "thiserror", "toml", "unic-langid", "zeroize"];

/// The files that may hold `unsafe`, and why no safe way does it.
const UNSAFE_FILES: &[(&str, &str)] = &[
    ("edge/voice/src/media/wire.rs", "many packets a system call, and sleeping to the microsecond"),
    ("edge/voice/tests/media_memory.rs", "an allocator that counts what a packet takes"),
];

/// One crate of the workspace.
struct Member {
    folder: String,
    description: String,
    /// Folders of workspace crates that it uses when it is built for use.
    uses: BTreeSet<String>,
    /// Outside libraries that it uses when it is built for use.
    outside: BTreeSet<String>,
    /// Outside libraries that its tests or its build script use.
    beside: BTreeSet<String>,
}

#[test]
fn the_crates_use_each_other_as_the_table_says() {
    let rows = crate_table();
    let members = members();
    let listed: Vec<_> = rows.iter().map(|row| row.folder.clone()).collect();
    let there: BTreeSet<_> = members.keys().cloned().collect();
    assert_eq!(
        listed.iter().cloned().collect::<BTreeSet<_>>(),
        there,
        "crates in ARCHITECTURE.md and in the workspace"
    );
    assert_eq!(listed.len(), there.len(), "a crate stands twice in ARCHITECTURE.md");
    let mut wrong = Vec::new();
    for row in &rows {
        let member = &members[&row.folder];
        if row.may_use != member.uses {
            wrong.push(format!("{} uses {:?}; the table says {:?}", row.folder, member.uses, row.may_use));
        }
        if row.charter != member.description {
            wrong.push(format!(
                "{}: Cargo.toml says `{}`; the table says `{}`",
                row.folder, member.description, row.charter
            ));
        }
        if row.must_not_know.is_empty() {
            wrong.push(format!("{}: what must it not know?", row.folder));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn core_uses_core_helpline_names_no_adapter_and_edges_never_use_each_other() {
    for (folder, member) in members() {
        for used in &member.uses {
            let allowed = match folder.split('/').next().expect("a folder has a name") {
                "core" => used.starts_with("core/"),
                "helpline" => used.starts_with("core/"),
                "edge" => used.starts_with("core/") || used == "helpline",
                "replay" => !matches!(used.as_str(), "caseline" | "xtask"),
                "caseline" => used != "xtask",
                "xtask" => used.starts_with("core/"),
                _ => false,
            };
            assert!(allowed, "{folder} may not use {used}");
        }
        if folder.starts_with("core/") {
            let strange: Vec<_> = member.outside.iter().filter(|lib| !IN_CORE.contains(&lib.as_str())).collect();
            assert!(strange.is_empty(), "{folder} is pure and may not use {strange:?}");
        }
    }
}

#[test]
fn an_outside_library_has_one_home() {
    let homes: BTreeMap<&str, &[&str]> = HOMES.iter().copied().collect();
    let mut used = BTreeSet::new();
    let mut wrong = Vec::new();
    for (folder, member) in members() {
        used.extend(member.beside.iter().cloned());
        for library in &member.outside {
            used.insert(library.clone());
            match homes.get(library.as_str()) {
                _ if ANYWHERE.contains(&library.as_str()) => {}
                Some(home) if home.contains(&folder.as_str()) => {}
                Some(home) => wrong.push(format!("{folder} uses {library}, whose home is {home:?}")),
                None => wrong.push(format!("{folder} uses {library}, which has no home in this test's table")),
            }
        }
    }
    let idle = HOMES.iter().map(|row| row.0).chain(ANYWHERE.iter().copied()).filter(|library| !used.contains(*library));
    wrong.extend(idle.map(|library| format!("nobody uses {library}: take it out of the table and of Cargo.toml")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_adopted_library_has_its_row_in_the_decisions() {
    let page = std::fs::read_to_string(root().join("docs/decisions/libraries.md")).expect("the page is there");
    let root_manifest = manifest("Cargo.toml");
    let adopted = root_manifest["workspace"]["dependencies"].as_table().expect("a table of libraries");
    let missing: Vec<_> = adopted
        .iter()
        .filter(|(_, how)| how.get("path").is_none())
        .map(|(name, _)| name)
        .filter(|name| !page.lines().any(|row| row.starts_with(&format!("| `{name}` "))))
        .collect();
    assert!(missing.is_empty(), "docs/decisions/libraries.md has no row for {missing:?}");
}

#[test]
fn every_crate_takes_lints_versions_and_libraries_from_the_workspace() {
    let mut wrong = Vec::new();
    for folder in members().keys() {
        let path = format!("{folder}/Cargo.toml");
        let manifest = manifest(&path);
        if manifest.get("lints").and_then(|lints| lints.get("workspace")) != Some(&toml::Value::Boolean(true)) {
            wrong.push(format!("{path}: [lints] workspace = true is missing"));
        }
        for key in ["version", "edition", "rust-version", "license", "publish"] {
            if manifest["package"].get(key).and_then(|value| value.get("workspace")).is_none() {
                wrong.push(format!("{path}: {key}.workspace = true is missing"));
            }
        }
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let table = manifest.get(kind).and_then(toml::Value::as_table);
            for (name, how) in table.into_iter().flatten() {
                if how.get("workspace") != Some(&toml::Value::Boolean(true)) {
                    wrong.push(format!("{path}: {name} is no workspace dependency"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_in_core_waits_for_anything() {
    let mut found = Vec::new();
    for file in text_files().iter().filter(|file| file.is_rust() && file.path.starts_with("core/")) {
        let code = without_comments_and_texts(&file.text);
        let waits = tokens(&code).into_iter().filter(|token| matches!(token.text, "async" | "await"));
        found.extend(waits.map(|token| format!("{}:{}: `{}`", file.path, token.row, token.text)));
    }
    assert!(found.is_empty(), "core is driven, it never waits:\n{}", found.join("\n"));
}

#[test]
fn core_s_lints_ban_the_clock_sockets_storage_and_chance_and_name_what_to_use() {
    let lints = manifest("core/clippy.toml");
    let mut banned = BTreeSet::new();
    for list in ["disallowed-methods", "disallowed-types"] {
        for row in lints[list].as_array().expect("a list") {
            assert!(row["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{row}: name the replacement");
            banned.insert(row["path"].as_str().expect("a path").to_owned());
        }
    }
    let wanted = [
        "std::time::Instant::now",
        "std::time::SystemTime::now",
        "jiff::Timestamp::now",
        "jiff::Zoned::now",
        "jiff::tz::TimeZone::system",
        "std::thread::spawn",
        "std::thread::sleep",
        "std::env::var",
        "std::fs::File::open",
        "std::fs::read",
        "std::fs::write",
        "std::net::UdpSocket",
        "std::net::TcpStream",
        "std::net::TcpListener",
        "std::collections::HashMap",
        "std::collections::HashSet",
    ];
    let missing: Vec<_> = wanted.iter().filter(|path| !banned.contains(**path)).collect();
    assert!(missing.is_empty(), "core/clippy.toml lets {missing:?} through");
}

#[test]
fn unsafe_code_stands_in_listed_files_only() {
    let mut holding = BTreeSet::new();
    for file in text_files().iter().filter(|file| file.is_rust()) {
        let code = without_comments_and_texts(&file.text);
        if tokens(&code).iter().any(|token| token.text == "unsafe") {
            holding.insert(file.path.clone());
        }
    }
    let listed: BTreeSet<_> = UNSAFE_FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(holding, listed);
}

/// One row of the crate table.
struct CrateRow {
    folder: String,
    charter: String,
    must_not_know: String,
    may_use: BTreeSet<String>,
}

/// The rows between the markers of ARCHITECTURE.md.
fn crate_table() -> Vec<CrateRow> {
    let page = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md is there");
    let (_, after) = page.split_once("<!-- crates -->").expect("the first marker");
    let (table, _) = after.split_once("<!-- /crates -->").expect("the second marker");
    let rows = table.lines().filter(|row| row.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [folder, charter, must_not_know, may_use] = cells[..] else { panic!("a row has four cells: {row}") };
        let names = may_use.split(',').map(str::trim).filter(|name| *name != "nothing");
        CrateRow {
            folder: folder.trim_matches('`').to_owned(),
            charter: charter.to_owned(),
            must_not_know: must_not_know.to_owned(),
            may_use: names.map(|name| name.trim_matches('`').to_owned()).collect(),
        }
    })
    .collect()
}

/// Every crate of the workspace as cargo sees it, by folder.
fn members() -> BTreeMap<String, Member> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let out = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&out.stdout).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let folder_of = |manifest_path: &str| {
        let path = std::path::Path::new(manifest_path).parent().expect("a manifest has a folder").to_owned();
        path.strip_prefix(root()).expect("members stand below the root").to_string_lossy().replace('\\', "/")
    };
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut members = BTreeMap::new();
    for package in packages {
        let folder = folder_of(&text(&package["manifest_path"]));
        let mut member = Member {
            folder: folder.clone(),
            description: text(&package["description"]),
            uses: BTreeSet::new(),
            outside: BTreeSet::new(),
            beside: BTreeSet::new(),
        };
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            // `kind` is null for normal dependencies, "dev" or "build" for the others.
            match (dependency["kind"].is_null(), dependency["path"].as_str()) {
                (true, Some(path)) => member.uses.insert(folder_of(&format!("{path}/Cargo.toml"))),
                (true, None) => member.outside.insert(text(&dependency["name"])),
                (false, Some(_)) => false,
                (false, None) => member.beside.insert(text(&dependency["name"])),
            };
        }
        members.insert(member.folder.clone(), member);
    }
    members
}

fn manifest(path: &str) -> toml::Value {
    let text = std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}
