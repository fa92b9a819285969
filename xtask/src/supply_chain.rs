//! Holds the packages that are built into Caseline to `supply-chain.toml`: licences, sources, what is banned, what may be
//! there once only, what is known against them, and the dated exceptions.
//! Asking cargo which packages there are is left to `packages`, reading advisories to `advisories`.

use crate::advisories::{Advisories, KEPT};
use crate::licences::Licence;
use crate::packages::{Packages, all, root};
use caseline_model::Date;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

/// `cargo xtask supply-chain`
#[derive(clap::Args, Debug)]
pub struct Command {
    /// A copy of RustSec's advisory database; without it, the list that is kept in the repository is asked.
    #[arg(long, value_name = "FOLDER")]
    advisories: Option<PathBuf>,
    /// Keep what that copy says as the list of the repository.
    #[arg(long, requires = "advisories")]
    keep: bool,
}

impl Command {
    /// Prints what is not as it should be; fails if there is anything.
    #[expect(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to the person at the terminal")]
    pub fn run(self) -> ExitCode {
        let today = jiff::Zoned::now().date();
        match self.known().and_then(|known| Ok((all()?, Rules::read()?, known))) {
            Ok((packages, rules, known)) => {
                let found = rules.findings(&packages, &known, today);
                for finding in &found {
                    println!("{finding}");
                }
                let unpacked = packages.values().filter(|package| package.is_unpacked).count();
                println!("{} packages, {unpacked} with their licences; {} findings", packages.len(), found.len());
                println!("{} advisories, the newest of {}", known.all.len(), known.newest_on);
                if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
            }
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        }
    }
}

impl Command {
    fn known(&self) -> io::Result<Advisories> {
        let Some(folder) = &self.advisories else { return Advisories::kept() };
        let known = Advisories::of_database(folder)?;
        if self.keep {
            std::fs::write(root().join(KEPT), known.to_text())?;
        }
        Ok(known)
    }
}

/// The rules.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Licences that go with ours.
    pub licences: Allowed,
    /// Places that packages may come from.
    pub sources: Allowed,
    /// What may be there in one version only.
    pub once: Once,
    /// What may not be there.
    pub banned: Vec<Banned>,
    /// What is let through until a day.
    #[serde(default)]
    pub exception: Vec<Exception>,
}

/// A list of what is allowed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    /// The list.
    pub allowed: BTreeSet<String>,
}

/// Packages of which one version is enough.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Once {
    /// Their names.
    pub names: BTreeSet<String>,
}

/// A package that may not be there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Banned {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// A rule that a package breaks for the time being.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The package, or the advisory.
    pub name: String,
    /// Which rule.
    pub rule: Rule,
    /// The last day on which it is let through.
    pub until: Date,
    /// Why.
    pub reason: String,
}

/// A kind of rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Its licence does not go with ours.
    Licence,
    /// It comes from elsewhere.
    Source,
    /// It may not be there.
    Banned,
    /// It is there in several versions.
    Once,
    /// An advisory is known against it; the exception's name is the advisory's.
    Advisory,
}

impl Rules {
    /// Those of the repository.
    ///
    /// # Errors
    /// When the file is not there or has another form.
    pub fn read() -> io::Result<Self> {
        Self::parse(&std::fs::read_to_string(root().join("xtask/supply-chain.toml"))?)
    }

    /// Reads rules from text.
    ///
    /// # Errors
    /// When it has another form.
    pub fn parse(text: &str) -> io::Result<Self> {
        toml::from_str(text).map_err(io::Error::other)
    }

    /// What is not as it should be on a day, a sentence each.
    pub fn findings(&self, packages: &Packages, known: &Advisories, today: Date) -> Vec<String> {
        let mut broken: BTreeMap<(String, Rule), String> = BTreeMap::new();
        let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for package in packages.values() {
            versions.entry(&package.name).or_default().push(&package.version);
            let mut note = |rule, what: String| drop(broken.insert((package.name.clone(), rule), what));
            if let Some(source) = package.source.as_ref().filter(|source| !self.sources.allowed.contains(*source)) {
                note(Rule::Source, format!("{} {} comes from {source}", package.name, package.version));
            }
            if package.is_unpacked {
                let licence = package.licence.as_deref().unwrap_or("no licence at all");
                if !Licence::parse(licence).is_some_and(|read| read.is_allowed(&self.licences.allowed)) {
                    note(Rule::Licence, format!("{} {} is under {licence}", package.name, package.version));
                }
            }
            if let Some(banned) = self.banned.iter().find(|banned| banned.name == package.name) {
                note(Rule::Banned, format!("{} {} is banned: {}", package.name, package.version, banned.reason));
            }
        }
        for (name, versions) in versions {
            if versions.len() > 1 && self.once.names.contains(name) {
                let what = format!("{name} is there in {} versions: {}", versions.len(), versions.join(", "));
                broken.insert((name.to_owned(), Rule::Once), what);
            }
        }
        for (id, what) in known.against(packages) {
            broken.insert((id, Rule::Advisory), what);
        }
        let mut found = Vec::new();
        for exception in &self.exception {
            match broken.remove(&(exception.name.clone(), exception.rule)) {
                None => found.push(format!("{}: the exception is not needed any more, take it out", exception.name)),
                Some(what) if exception.until < today => {
                    found.push(format!("{what}; it was let through until {}: look again", exception.until));
                }
                Some(_) if exception.reason.trim().is_empty() => {
                    found.push(format!("{}: the exception has no reason", exception.name));
                }
                Some(_) => {}
            }
        }
        found.extend(broken.into_values());
        found
    }
}
