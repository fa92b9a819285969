//! What may be built into the program, and the bill of materials that says what was.
//! The rules themselves are in `xtask/supply-chain.toml`.

use caseline_model::Date;
use std::collections::BTreeSet;
use xtask::packages::{Package, Packages, all, cargo, host, of_the_program};
use xtask::sbom::made;
use xtask::supply_chain::Rules;

const RULES: &str = r#"
[licences]
allowed = ["MIT"]
[sources]
allowed = ["registry+https://github.com/rust-lang/crates.io-index"]
[once]
names = ["sha2"]
[[banned]]
name = "fetcher"
reason = "the program fetches nothing"
"#;

fn today() -> Date {
    "2026-11-22".parse().expect("a date")
}

fn package(name: &str, version: &str, licence: &str) -> Package {
    Package {
        name: name.to_owned(),
        version: version.to_owned(),
        source: Some("registry+https://github.com/rust-lang/crates.io-index".to_owned()),
        checksum: Some("00".repeat(32)),
        licence: Some(licence.to_owned()),
        is_unpacked: true,
    }
}

fn packages(all: Vec<Package>) -> Packages {
    all.into_iter().map(|package| (package.key(), package)).collect()
}

fn found(rules: &str, all: Vec<Package>) -> Vec<String> {
    Rules::parse(rules).expect("good rules").findings(&packages(all), today())
}

#[test]
fn every_package_keeps_the_rules_about_licences_sources_and_what_is_banned() {
    let packages = all().expect("cargo runs");
    assert!(packages.values().filter(|package| package.is_unpacked).count() > 200, "the packages were not found");
    let found = Rules::read().expect("the rules are there").findings(&packages, jiff::Zoned::now().date());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn each_kind_of_violation_is_found() {
    let good = || package("good", "1.0.0", "MIT OR Apache-2.0");
    assert!(found(RULES, vec![good()]).is_empty());
    assert_eq!(
        found(RULES, vec![package("copyleft", "1.0.0", "GPL-3.0-only")]),
        ["copyleft 1.0.0 is under GPL-3.0-only"]
    );
    let unlicensed = Package { licence: None, ..good() };
    assert_eq!(found(RULES, vec![unlicensed]), ["good 1.0.0 is under no licence at all"]);
    assert_eq!(
        found(RULES, vec![package("fetcher", "2.0.0", "MIT")]),
        ["fetcher 2.0.0 is banned: the program fetches nothing"]
    );
    let elsewhere = Package { source: Some("git+https://example.org/good".to_owned()), ..good() };
    assert_eq!(found(RULES, vec![elsewhere]), ["good 1.0.0 comes from git+https://example.org/good"]);
    let twice = vec![package("sha2", "0.10.9", "MIT"), package("sha2", "0.11.0", "MIT")];
    assert_eq!(found(RULES, twice), ["sha2 is there in 2 versions: 0.10.9, 0.11.0"]);
}

#[test]
fn an_exception_lets_through_until_its_day_and_goes_when_it_is_not_needed() {
    let with = |until: &str, reason: &str| {
        let exception = format!(
            "[[exception]]\nname = \"fetcher\"\nrule = \"banned\"\nuntil = \"{until}\"\nreason = \"{reason}\"\n"
        );
        format!("{RULES}{exception}")
    };
    let fetcher = || vec![package("fetcher", "2.0.0", "MIT")];
    assert!(found(&with("2026-11-22", "tests only"), fetcher()).is_empty(), "the last day counts");
    let over = found(&with("2026-11-21", "tests only"), fetcher());
    assert!(over[0].ends_with("it was let through until 2026-11-21: look again"), "{over:?}");
    assert_eq!(found(&with("2027-01-01", " "), fetcher()), ["fetcher: the exception has no reason"]);
    let idle = found(&with("2027-01-01", "tests only"), Vec::new());
    assert_eq!(idle, ["fetcher: the exception is not needed any more, take it out"]);
}

#[test]
fn the_bill_of_materials_lists_exactly_what_the_program_is_built_from() {
    let text = made().expect("cargo runs");
    assert_eq!(text, made().expect("cargo runs"), "the same lock makes the same bytes");
    let bill: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    // What CycloneDX 1.6 wants (ECMA-424): its name and version, and of each part a type and a name.
    assert_eq!(bill["bomFormat"], "CycloneDX");
    assert_eq!(bill["specVersion"], "1.6");
    assert_eq!(bill["version"], 1);
    assert_eq!(bill["metadata"]["component"]["name"], "caseline");
    assert_eq!(bill["metadata"]["component"]["type"], "application");
    let components = bill["components"].as_array().expect("a list");
    let locked = all().expect("cargo runs");
    let mut references = BTreeSet::new();
    let mut listed = BTreeSet::new();
    for component in components.iter().chain([&bill["metadata"]["component"]]) {
        let text = |name: &str| component[name].as_str().unwrap_or_default().to_owned();
        assert!(matches!(text("type").as_str(), "library" | "application"), "{component}");
        assert!(matches!(text("scope").as_str(), "required" | "excluded"), "{component}");
        assert!(text("purl").starts_with(&format!("pkg:cargo/{}@", text("name"))), "{component}");
        assert!(references.insert(text("bom-ref")), "a reference stands twice: {component}");
        let package = &locked[&(text("name"), text("version"))];
        assert_eq!(component["hashes"][0]["content"].as_str(), package.checksum.as_deref(), "{component}");
        assert!(component["licenses"][0]["expression"].is_string(), "{component} has no licence");
        listed.insert((text("name"), text("version")));
    }
    for dependency in bill["dependencies"].as_array().expect("a list") {
        let named = dependency["dependsOn"].as_array().expect("a list").iter().chain([&dependency["ref"]]);
        for name in named {
            assert!(references.contains(name.as_str().unwrap_or_default()), "{name} is no part of the bill");
        }
    }
    // What cargo says of the same build in another way.
    let flat =
        ["tree", "--offline", "--locked", "-p", "caseline", "-e", "normal,build", "--prefix", "none", "--target"];
    let host = host().expect("rustc runs");
    let said = cargo(&[&flat[..], &[&host]].concat()).expect("cargo runs");
    let built: BTreeSet<_> = said
        .lines()
        .filter_map(|row| {
            let mut words = row.split_whitespace();
            Some((words.next()?.to_owned(), words.next()?.trim_start_matches('v').to_owned()))
        })
        .collect();
    assert_eq!(listed, built);
    let linked = of_the_program().expect("cargo runs").linked;
    assert!(linked.len() < built.len() && linked.keys().all(|key| built.contains(key)));
}
