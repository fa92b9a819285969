//! The packages that are built into Caseline, as cargo knows them: names, versions, sources, licences, hashes, and what
//! needs what.
//! Judging them is left to `supply_chain`, listing them to `sbom`.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One package of Cargo.lock.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it comes from, as cargo writes it; none: from this repository.
    pub source: Option<String>,
    /// The SHA-256 of its archive in the registry.
    pub checksum: Option<String>,
    /// Its licence as its author wrote it; none where cargo has not unpacked it here (other operating systems) or it
    /// names a file only.
    pub licence: Option<String>,
    /// Whether this machine's build can have it: only then cargo has unpacked it here.
    pub is_unpacked: bool,
}

impl Package {
    /// Name and version.
    pub fn key(&self) -> (String, String) {
        (self.name.clone(), self.version.clone())
    }
}

/// Packages by name and version.
pub type Packages = BTreeMap<(String, String), Package>;

/// What a package needs, by name and version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// What is linked into the program.
    pub linked: BTreeMap<(String, String), BTreeSet<(String, String)>>,
    /// What runs while it is built, with all that is linked.
    pub built: BTreeMap<(String, String), BTreeSet<(String, String)>>,
}

/// The folder of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_owned)
}

/// All packages of Cargo.lock, with the licences of those that this machine's build can have. Offline.
///
/// # Errors
/// When cargo does not run, or Cargo.lock is not as cargo writes it.
pub fn all() -> io::Result<Packages> {
    let lock: Lock = toml::from_str(&std::fs::read_to_string(root().join("Cargo.lock"))?).map_err(io::Error::other)?;
    let metadata =
        cargo(&["metadata", "--offline", "--locked", "--format-version", "1", "--filter-platform", &host()?])?;
    let metadata: Metadata = serde_json::from_str(&metadata)?;
    let licences: BTreeMap<_, _> =
        metadata.packages.into_iter().map(|package| ((package.name, package.version), package.license)).collect();
    let packages = lock.package.into_iter().map(|locked| {
        let key = (locked.name.clone(), locked.version.clone());
        let package = Package {
            licence: licences.get(&key).cloned().flatten(),
            is_unpacked: licences.contains_key(&key),
            name: locked.name,
            version: locked.version,
            source: locked.source,
            checksum: locked.checksum,
        };
        (key, package)
    });
    Ok(packages.collect())
}

/// What the program `caseline` needs, with the features that it is built with. Offline.
///
/// # Errors
/// When cargo does not run.
pub fn of_the_program() -> io::Result<Needs> {
    Ok(Needs { linked: tree("normal")?, built: tree("normal,build")? })
}

/// Name and version of a package, and of those that it needs.
type NeededBy = BTreeMap<(String, String), BTreeSet<(String, String)>>;

/// `cargo metadata` lists what some features could need; `cargo tree` what those that are taken do.
fn tree(edges: &str) -> io::Result<NeededBy> {
    let host = host()?;
    let arguments =
        ["tree", "--offline", "--locked", "-p", "caseline", "-e", edges, "--target", &host, "--prefix", "depth"];
    let mut needs = NeededBy::new();
    let mut above: Vec<(String, String)> = Vec::new();
    for row in cargo(&arguments)?.lines() {
        let digits = row.bytes().take_while(u8::is_ascii_digit).count();
        let (depth, rest) = row.split_at(digits);
        let mut words = rest.split_whitespace();
        let (Ok(depth), Some(name), Some(version)) = (depth.parse::<usize>(), words.next(), words.next()) else {
            continue;
        };
        let key = (name.to_owned(), version.trim_start_matches('v').to_owned());
        above.truncate(depth);
        if let Some(needing) = above.last() {
            needs.entry(needing.clone()).or_default().insert(key.clone());
        }
        needs.entry(key.clone()).or_default();
        above.push(key);
    }
    Ok(needs)
}

/// Runs cargo at the root and gives what it prints.
///
/// # Errors
/// When it does not run or does not succeed; then with its own words.
pub fn cargo(arguments: &[&str]) -> io::Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let out = Command::new(cargo).args(arguments).current_dir(root()).output()?;
    if !out.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&out.stderr).into_owned()));
    }
    String::from_utf8(out.stdout).map_err(io::Error::other)
}

/// The machine that this is, as rustc names it.
///
/// # Errors
/// When rustc does not run.
pub fn host() -> io::Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let out = Command::new(rustc).arg("-vV").current_dir(root()).output()?;
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let host = said.lines().find_map(|row| row.strip_prefix("host: ")).map(str::to_owned);
    host.ok_or_else(|| io::Error::other("rustc does not say which machine this is"))
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Described>,
}

#[derive(Deserialize)]
struct Described {
    name: String,
    version: String,
    license: Option<String>,
}
