//! What may be built into the program, and the bill of materials that says what was.
//! The rules themselves are in `xtask/supply-chain.toml`.

use caseline_model::Date;
use std::collections::BTreeSet;
use xtask::advisories::Advisories;
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
    found_with(rules, all, "newest: 2026-08-20\n")
}

fn found_with(rules: &str, all: Vec<Package>, advisories: &str) -> Vec<String> {
    let known = Advisories::parse(advisories).expect("a good list");
    Rules::parse(rules).expect("good rules").findings(&packages(all), &known, today())
}

#[test]
fn every_package_keeps_the_rules_about_licences_sources_and_what_is_banned() {
    let packages = all().expect("cargo runs");
    assert!(packages.values().filter(|package| package.is_unpacked).count() > 200, "the packages were not found");
    let known = Advisories::kept().expect("the list is there");
    assert!(known.all.len() > 1_000, "{} advisories, of {}", known.all.len(), known.newest_on);
    let found = Rules::read().expect("the rules are there").findings(&packages, &known, jiff::Zoned::now().date());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_package_with_a_known_hole_is_found_until_it_is_updated_or_let_through_for_a_time() {
    let known = "newest: 2026-08-20\nRUSTSEC-2026-9999 | good | vulnerability | >= 1.0.1, < 2; >= 2.0.4 | < 0.5\n";
    let of = |version: &str| found_with(RULES, vec![package("good", version, "MIT")], known);
    let said = "RUSTSEC-2026-9999 (vulnerability), fixed in >= 1.0.1, < 2 or >= 2.0.4";
    for version in ["0.5.0", "1.0.0", "2.0.3", "2.0.4-rc.1"] {
        assert_eq!(of(version), [format!("good {version}: {said}")]);
    }
    for version in ["0.4.9", "1.0.1", "2.0.4", "3.0.0"] {
        assert_eq!(of(version), Vec::<String>::new(), "{version}");
    }
    let with = |until: &str| {
        let exception = "name = \"RUSTSEC-2026-9999\"\nrule = \"advisory\"\nreason = \"not reached\"";
        let rules = format!("{RULES}[[exception]]\n{exception}\nuntil = \"{until}\"\n");
        found_with(&rules, vec![package("good", "1.0.0", "MIT")], known)
    };
    assert_eq!(with("2026-12-22"), Vec::<String>::new());
    assert!(with("2026-11-21")[0].ends_with("it was let through until 2026-11-21: look again"));
    let ours = Package { source: None, ..package("good", "1.0.0", "MIT") };
    assert_eq!(found_with(RULES, vec![ours], known), Vec::<String>::new(), "ours has the same name by chance");
}

/// Words in the name of a package that does mathematics with keys, or brings its forms and its chance.
const OF_CRYPTOGRAPHY: &[&str] = &[
    "aead",
    "aes",
    "argon",
    "aws",
    "bcrypt",
    "blake",
    "boring",
    "cbc",
    "chacha",
    "chacha20",
    "cipher",
    "crypto",
    "ctr",
    "curve25519",
    "dalek",
    "digest",
    "dilithium",
    "dsa",
    "ecdh",
    "ecdsa",
    "ed25519",
    "ed448",
    "elliptic",
    "gcm",
    "getrandom",
    "ghash",
    "hash",
    "hkdf",
    "hmac",
    "hpke",
    "jose",
    "jsonwebtoken",
    "kbkdf",
    "kem",
    "keccak",
    "kyber",
    "lms",
    "md",
    "md5",
    "mlkem",
    "native",
    "openssl",
    "p224",
    "p256",
    "p384",
    "p521",
    "password",
    "pbkdf",
    "pkcs",
    "poly1305",
    "polyval",
    "primefield",
    "rand",
    "rfc6979",
    "ring",
    "ripemd",
    "rsa",
    "rustls",
    "salsa",
    "scrypt",
    "sec1",
    "sha",
    "sha1",
    "sha2",
    "sha3",
    "signature",
    "slh",
    "sodium",
    "spki",
    "tls",
    "universal",
    "webauthn",
    "webpki",
    "x25519",
    "x448",
    "x509",
    "xchacha",
];
/// Names with such a word that are something else.
const NOT_OF_IT: &[&str] = &["rustc-hash"];

/// Whether a package does mathematics with keys, by its name. Digits behind a word count with it: `argon2`.
fn is_of_cryptography(name: &str) -> bool {
    let parts = name.split(['-', '_']);
    let is_word = |part: &str| {
        OF_CRYPTOGRAPHY.contains(&part)
            || OF_CRYPTOGRAPHY.contains(&part.trim_end_matches(|c: char| c.is_ascii_digit()))
    };
    !NOT_OF_IT.contains(&name) && parts.into_iter().any(is_word)
}

#[test]
fn every_library_of_cryptography_in_the_program_stands_in_the_inventory_and_no_other() {
    let linked: BTreeSet<String> =
        of_the_program().expect("cargo runs").linked.into_keys().map(|(name, _)| name).collect();
    let there: BTreeSet<&str> = linked.iter().map(String::as_str).filter(|name| is_of_cryptography(name)).collect();
    assert!(there.len() > 30 && there.contains("aws-lc-rs") && there.contains("md-5"), "{there:?}");
    let page =
        std::fs::read_to_string(xtask::packages::root().join("docs/reference/keys.md")).expect("the page is there");
    let (_, libraries) = page.split_once("## Libraries").expect("the page lists libraries");
    let named: BTreeSet<&str> = libraries
        .lines()
        .filter(|row| row.starts_with("| `"))
        .flat_map(|row| row.split('|').nth(1).unwrap_or_default().split('`').skip(1).step_by(2))
        .collect();
    let missing: Vec<_> = there.difference(&named).collect();
    assert!(missing.is_empty(), "docs/reference/keys.md does not say what these are for: {missing:?}");
    let gone: Vec<_> = named.iter().filter(|name| !linked.contains(**name)).collect();
    assert!(gone.is_empty(), "docs/reference/keys.md names what is not in the program: {gone:?}");
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
