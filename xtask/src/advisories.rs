//! What is known against the packages that are built in: the advisories of RustSec, read from a copy of its database that
//! somebody has, and kept in a short list in this repository so that a test needs no network.
//! What a finding means, and until when one is let through, is left to `supply_chain`.

use crate::packages::{Packages, root};
use serde::Deserialize;
use std::io;
use std::path::Path;

/// The list of this repository, from its root.
pub const KEPT: &str = "xtask/advisories.txt";

const HEAD: &str = "# Advisories of RustSec (rustsec/advisory-db, facts under CC0-1.0): id | package | kind | patched in | unaffected.\n\
                    # `cargo xtask supply-chain --advisories FOLDER --keep` writes this anew from a copy of that database.\n";

/// Something that is known against some versions of a package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Advisory {
    /// Such as `RUSTSEC-2023-0071`.
    pub id: String,
    /// The package.
    pub package: String,
    /// `vulnerability`, or what else it is: `unsound`, `unmaintained`, `notice`.
    pub kind: String,
    /// Versions with the fix, as ranges.
    pub patched: Vec<String>,
    /// Versions that never had it, as ranges.
    pub unaffected: Vec<String>,
}

/// All that is known, and on which day it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advisories {
    /// The day of the newest advisory.
    pub newest_on: String,
    /// By id.
    pub all: Vec<Advisory>,
}

impl Advisories {
    /// The list of the repository.
    ///
    /// # Errors
    /// When it is not there or has another form.
    pub fn kept() -> io::Result<Self> {
        Self::parse(&std::fs::read_to_string(root().join(KEPT))?)
    }

    /// Reads the list.
    ///
    /// # Errors
    /// When it has another form.
    pub fn parse(text: &str) -> io::Result<Self> {
        let mut rows = text.lines().filter(|row| !row.starts_with('#') && !row.is_empty());
        let newest = rows.next().and_then(|row| row.strip_prefix("newest: "));
        let newest_on = newest.ok_or_else(|| wrong("the list does not say of which day it is"))?.to_owned();
        let all = rows.map(|row| Advisory::parse(row).ok_or_else(|| wrong(row))).collect::<io::Result<Vec<_>>>()?;
        Ok(Self { newest_on, all })
    }

    /// Reads a copy of the database: `crates/PACKAGE/ID.md`, each with its facts in a block of TOML at its head. What was
    /// withdrawn is left out.
    ///
    /// # Errors
    /// When the folder is no such copy, or an advisory has another form.
    pub fn of_database(folder: &Path) -> io::Result<Self> {
        let mut found = Self::default();
        for package in std::fs::read_dir(folder.join("crates"))? {
            for file in std::fs::read_dir(package?.path())? {
                let path = file?.path();
                let text = std::fs::read_to_string(&path)?;
                let Some(facts) = text.split("```toml").nth(1).and_then(|rest| rest.split("```").next()) else {
                    continue;
                };
                let read: Written =
                    toml::from_str(facts).map_err(|error| wrong(&format!("{}: {error}", path.display())))?;
                if read.advisory.withdrawn.is_none() {
                    found.newest_on = found.newest_on.max(read.advisory.date.clone());
                    found.all.push(read.into());
                }
            }
        }
        found.all.sort();
        if found.all.is_empty() { Err(wrong("no advisory was found below `crates`")) } else { Ok(found) }
    }

    /// The list as it is kept.
    pub fn to_text(&self) -> String {
        let mut text = format!("{HEAD}newest: {}\n", self.newest_on);
        for Advisory { id, package, kind, patched, unaffected } in &self.all {
            let row = format!("{id} | {package} | {kind} | {} | {}", patched.join("; "), unaffected.join("; "));
            text.push_str(row.trim_end());
            text.push('\n');
        }
        text
    }

    /// Those that concern packages as they are here, each with a sentence.
    pub fn against(&self, packages: &Packages) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for advisory in &self.all {
            // A package of that name from elsewhere is judged by where it comes from.
            for package in
                packages.values().filter(|package| package.name == advisory.package && package.source.is_some())
            {
                if advisory.concerns(&package.version) {
                    let fix = match advisory.patched.as_slice() {
                        [] => "no fixed version".to_owned(),
                        patched => format!("fixed in {}", patched.join(" or ")),
                    };
                    let (name, version, kind) = (&package.name, &package.version, &advisory.kind);
                    found.push((advisory.id.clone(), format!("{name} {version}: {} ({kind}), {fix}", advisory.id)));
                }
            }
        }
        found
    }
}

impl Advisory {
    fn parse(row: &str) -> Option<Self> {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [id, package, kind, patched, unaffected] = cells[..] else { return None };
        let ranges =
            |text: &str| text.split(';').map(str::trim).filter(|range| !range.is_empty()).map(str::to_owned).collect();
        let (patched, unaffected) = (ranges(patched), ranges(unaffected));
        let [id, package, kind] = [id, package, kind].map(str::to_owned);
        (!id.is_empty() && !package.is_empty()).then_some(Self { id, package, kind, patched, unaffected })
    }

    /// Whether a version has it. What cannot be read counts as having it.
    fn concerns(&self, version: &str) -> bool {
        let Some(version) = Version::parse(version) else { return true };
        !self.patched.iter().chain(&self.unaffected).any(|range| is_in(&version, range))
    }
}

/// A version (Semantic Versioning 2.0.0), without what was said about its build.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Version {
    numbers: [u64; 3],
    /// How many of the numbers were written.
    written: usize,
    /// What stands behind a dash; a version with it comes before the one without.
    before: Vec<String>,
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().split('+').next()?;
        let (plain, before) = text.split_once('-').unwrap_or((text, ""));
        let mut numbers = [0; 3];
        let mut written = 0;
        for part in plain.split('.') {
            *numbers.get_mut(written)? = part.trim().parse().ok()?;
            written += 1;
        }
        let before = before.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        Some(Self { numbers, written, before })
    }

    /// Semantic Versioning 2.0.0, 11.
    fn is_before(&self, other: &Self) -> bool {
        if self.numbers != other.numbers {
            return self.numbers < other.numbers;
        }
        match (self.before.is_empty(), other.before.is_empty()) {
            (false, true) => true,
            (true, _) => false,
            (false, false) => {
                let key =
                    |part: &String| (part.parse::<u64>().is_err(), part.parse::<u64>().unwrap_or(0), part.clone());
                self.before.iter().map(key).lt(other.before.iter().map(key))
            }
        }
    }

    /// The first version that a caret leaves out: the next one of the first number that is not nothing.
    fn next_breaking(&self) -> Self {
        let at = self.numbers[..self.written].iter().position(|number| *number > 0).unwrap_or(self.written - 1);
        self.next_at(at)
    }

    fn next_at(&self, at: usize) -> Self {
        let mut numbers = [0; 3];
        numbers[..=at].copy_from_slice(&self.numbers[..=at]);
        numbers[at] += 1;
        Self { numbers, written: 3, before: Vec::new() }
    }
}

/// Whether a version is in a range such as `>= 1.2.3, < 2.0.0`. A range that cannot be read has nothing in it.
fn is_in(version: &Version, range: &str) -> bool {
    range.split(',').map(str::trim).all(|part| {
        let digits = part.find(|c: char| c.is_ascii_digit()).unwrap_or(part.len());
        let (sign, bound) = part.split_at(digits);
        let Some(bound) = Version::parse(bound) else { return false };
        match sign.trim() {
            ">=" => !version.is_before(&bound),
            ">" => bound.is_before(version),
            "<" => version.is_before(&bound),
            "<=" => !bound.is_before(version),
            "=" => version.numbers == bound.numbers && version.before == bound.before,
            "^" | "" => !version.is_before(&bound) && version.is_before(&bound.next_breaking()),
            "~" => !version.is_before(&bound) && version.is_before(&bound.next_at(bound.written.min(2) - 1)),
            _ => false,
        }
    })
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("advisories: {what}"))
}

#[derive(Deserialize)]
struct Written {
    advisory: Facts,
    #[serde(default)]
    versions: Ranges,
}

#[derive(Deserialize)]
struct Facts {
    id: String,
    package: String,
    date: String,
    informational: Option<String>,
    withdrawn: Option<String>,
}

#[derive(Default, Deserialize)]
struct Ranges {
    #[serde(default)]
    patched: Vec<String>,
    #[serde(default)]
    unaffected: Vec<String>,
}

impl From<Written> for Advisory {
    fn from(Written { advisory, versions }: Written) -> Self {
        let kind = advisory.informational.unwrap_or_else(|| "vulnerability".to_owned());
        let Ranges { patched, unaffected } = versions;
        Self { id: advisory.id, package: advisory.package, kind, patched, unaffected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(version: &str, range: &str) -> bool {
        is_in(&Version::parse(version).unwrap(), range)
    }

    #[test]
    fn ranges_are_read_as_cargo_reads_them() {
        for (version, range) in [
            ("1.2.3", ">= 1.2.3"),
            ("0.10.0", ">=0.9.8"),
            ("1.3.0", ">= 1.2.3, < 2.0.0"),
            ("0.6.9", "^0.6.3"),
            ("1.9.0", "^1.2"),
            ("0.0.3", "^0.0.3"),
            ("0.3.5", "^ 0.3.1"),
            ("1.2.9", "~1.2.3"),
            ("0.2.0", "=0.2.0"),
            ("0.17.14", ">= 0.17"),
            ("0.103.12", ">= 0.103.12, < 0.104.0-alpha.1"),
            ("0.104.0-alpha.6", ">= 0.104.0-alpha.6"),
            ("1.0.0-rc.2", "< 1.0.0"),
            ("1.0.0-rc.10", "> 1.0.0-rc.9"),
            ("0.11.1+build", "<= 0.11.1"),
        ] {
            assert!(has(version, range), "{version} is in {range}");
        }
        for (version, range) in [
            ("1.2.2", ">= 1.2.3"),
            ("2.0.0", ">= 1.2.3, < 2.0.0"),
            ("0.7.0", "^0.6.3"),
            ("2.0.0", "^1.2"),
            ("0.0.4", "^0.0.3"),
            ("1.3.0", "~1.2.3"),
            ("0.104.0-alpha.5", ">= 0.104.0-alpha.6"),
            ("0.10.0-rc.19", ">= 0.10.0"),
            ("1.0.0", "anything"),
        ] {
            assert!(!has(version, range), "{version} is not in {range}");
        }
    }

    #[test]
    fn a_list_reads_back_as_it_was_written() {
        let list = Advisories {
            newest_on: "2026-08-20".into(),
            all: vec![
                Advisory {
                    id: "RUSTSEC-2020-0001".into(),
                    package: "made-up".into(),
                    kind: "vulnerability".into(),
                    patched: vec![">= 1.2.3, < 2".into(), ">= 2.1".into()],
                    unaffected: Vec::new(),
                },
                Advisory {
                    id: "RUSTSEC-2020-0002".into(),
                    package: "made-up".into(),
                    kind: "unmaintained".into(),
                    patched: Vec::new(),
                    unaffected: vec!["< 0.3".into()],
                },
            ],
        };
        assert_eq!(Advisories::parse(&list.to_text()).unwrap(), list);
        assert!(Advisories::parse("newest: 2026-08-20\nno row\n").is_err());
        assert!(Advisories::parse("").is_err());
    }
}
