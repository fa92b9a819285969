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
}

fn main() -> ExitCode {
    match Arguments::parse().chore {
        Chore::CourtData(command) => command.run(),
    }
}
