//! The bill of materials that a release ships: every package that is built into the program, with version, licence and
//! hash, as CycloneDX 1.6 in JSON (ECMA-424). The same Cargo.lock makes the same bytes.
//! Which packages there are is left to `packages`.

use crate::licences::Licence;
use crate::packages::{Needs, Package, Packages, all, of_the_program};
use serde_json::{Value, json};
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

/// The program's name in the graph.
const PROGRAM: &str = "caseline";

/// `cargo xtask sbom`
#[derive(clap::Args, Debug)]
pub struct Command {
    /// The file to write; without it, it is printed.
    #[arg(long)]
    out: Option<PathBuf>,
}

impl Command {
    /// Writes or prints it.
    #[expect(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to the person at the terminal")]
    pub fn run(self) -> ExitCode {
        let text = match made() {
            Ok(text) => text,
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        };
        match &self.out {
            None => print!("{text}"),
            Some(path) => {
                if let Err(error) = std::fs::write(path, &text) {
                    eprintln!("{}: {error}", path.display());
                    return ExitCode::FAILURE;
                }
            }
        }
        ExitCode::SUCCESS
    }
}

/// The bill of materials of the repository as it stands, as text.
///
/// # Errors
/// When cargo does not run.
pub fn made() -> io::Result<String> {
    let bill = bill(&all()?, &of_the_program()?);
    Ok(format!("{}\n", serde_json::to_string_pretty(&bill)?))
}

/// The bill of materials of packages.
pub fn bill(packages: &Packages, needs: &Needs) -> Value {
    let parts = needs.built.keys().filter_map(|key| packages.get(key));
    let (program, parts): (Vec<_>, Vec<_>) = parts.partition(|package| package.name == PROGRAM);
    let components: Vec<Value> = parts.iter().map(|package| component(package, "library", needs)).collect();
    let dependencies: Vec<Value> = needs
        .built
        .iter()
        .map(|(user, used)| {
            let used: Vec<String> = used.iter().map(|key| purl(&key.0, &key.1)).collect();
            json!({ "ref": purl(&user.0, &user.1), "dependsOn": used })
        })
        .collect();
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{ "phase": "build" }],
            "component": program.first().map(|package| component(package, "application", needs)),
        },
        "components": components,
        "dependencies": dependencies,
    })
}

fn component(package: &Package, kind: &str, needs: &Needs) -> Value {
    let address = purl(&package.name, &package.version);
    let mut component = json!({
        "type": kind,
        "bom-ref": address,
        "name": package.name,
        "version": package.version,
        "purl": address,
        // What only runs while the program is built is not in it (CycloneDX: `excluded`).
        "scope": if needs.linked.contains_key(&package.key()) { "required" } else { "excluded" },
    });
    let licence = package.licence.as_deref().and_then(Licence::parse);
    if let Some(licence) = licence {
        component["licenses"] = json!([{ "expression": licence.to_text() }]);
    }
    if let Some(checksum) = &package.checksum {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    component
}

/// The package URL, which needs no escapes: crates.io's names and versions have letters, digits, `-`, `_`, `.` and `+`.
fn purl(name: &str, version: &str) -> String {
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}
