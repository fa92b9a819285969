//! Repository chores, one subcommand each: `cargo xtask --help`.
//! What a chore does is in the library beside this file.

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Chores of the Caseline repository.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Makes up court tables with every quirk of the real ones, and the truth beside them.
    CourtData(xtask::court_data::Command),
    /// Looks for bytes that make a reader fall over.
    Fuzz(xtask::fuzz::Command),
    /// Writes the bill of materials of a release.
    Sbom(xtask::sbom::Command),
    /// Holds all packages to the rules about licences, sources and what is banned.
    SupplyChain(xtask::supply_chain::Command),
}

fn main() -> ExitCode {
    match Arguments::parse().chore {
        Chore::CourtData(command) => command.run(),
        Chore::Fuzz(command) => command.run(),
        Chore::Sbom(command) => command.run(),
        Chore::SupplyChain(command) => command.run(),
    }
}
