//! The program: reads settings, wires the parts together, runs one command.
//! Rules of any kind live in the parts.

mod commands;
mod counted;
mod exits;
mod feed;
mod logging;
mod made_up;
mod material;
mod occupied;
mod pages;
mod progress;
mod running;
mod settings;
mod stopping;
mod versions;
mod wiring;
mod world;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// A self-hosted call centre for people with a US immigration case.
#[derive(Debug, Parser)]
#[command(name = "caseline", bin_name = "caseline", version)]
struct Arguments {
    /// The file of settings.
    #[arg(long, global = true, default_value = "caseline.toml")]
    config: PathBuf,
    /// The folder for all that is kept.
    #[arg(long, global = true)]
    data: Option<PathBuf>,
    /// One JSON object on standard output; progress and prose on standard error.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts the line with made-up people on loopback and places a call to itself.
    Demo(commands::demo::Demo),
    /// Runs the line.
    Serve,
    /// Makes the folder for all that is kept, with its keys.
    Init,
    /// Asks at most 20 questions and writes a safe file of settings.
    Setup(commands::setup::Setup),
    /// Checks flows and words and prints the proof report.
    Check(commands::check::Check),
    /// Which words are reviewed.
    #[command(subcommand)]
    Words(commands::words::Words),
    /// Plays golden conversations.
    Play(commands::play::Play),
    /// Places a test call and prints what was heard.
    Call(commands::call::Call),
    /// Gives somebody of the staff an account, lists the accounts, ends one.
    #[command(subcommand)]
    Staff(commands::staff::Staff),
    /// Writes a legal demand down, and its answer after it.
    #[command(subcommand)]
    Demand(commands::demand::Demand),
    /// Reads a feed.
    #[command(subcommand)]
    Import(commands::import::Import),
    /// Runs the vault in a process of its own.
    Vault(commands::vault::VaultCommand),
    /// Looks whether this machine can run the line.
    Doctor(commands::doctor::Doctor),
    /// Checks the audit log offline.
    VerifyLog(commands::verify_log::VerifyLog),
    /// Writes a backup set; the line may run meanwhile.
    Backup(commands::backup::Backup),
    /// Puts a backup set into a data folder that has no database.
    Restore(commands::backup::Restore),
    /// Writes the recovery sheet, or types it in on a new machine.
    #[command(subcommand)]
    Recovery(commands::recovery::Recovery),
    /// Prints what is kept, why, and until when; with somebody's code, what of them.
    Held(commands::held::Held),
    /// Measures one part, per unit of work.
    #[command(subcommand)]
    Bench(commands::bench::Bench),
}

fn main() -> ExitCode {
    logging::start();
    let arguments = Arguments::parse();
    // The vault wants no thread but its own: what it gives up, it gives up for all of them.
    if let Command::Vault(vault) = &arguments.command {
        let Arguments { config, data, json, .. } = &arguments;
        let place = commands::Place { config: config.clone(), data: data.clone(), json: *json };
        return ended_with(vault.run(&place));
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("caseline: the runtime cannot start: {error}");
            return ExitCode::from(3);
        }
    };
    let Arguments { config, data, json, command } = arguments;
    let place = commands::Place { config, data, json };
    let ended = runtime.block_on(async {
        match command {
            Command::Demo(demo) => demo.run(&place).await,
            Command::Serve => commands::serve::run(&place).await,
            Command::Init => commands::init::run(&place),
            Command::Setup(setup) => setup.run(&place),
            Command::Check(check) => check.run(&place),
            Command::Words(words) => words.run(&place),
            Command::Play(play) => play.run(&place).await,
            Command::Call(call) => call.run(&place).await,
            Command::Staff(staff) => staff.run(&place).await,
            Command::Demand(demand) => demand.run(&place).await,
            Command::Import(import) => import.run(&place).await,
            Command::Vault(vault) => vault.run(&place),
            Command::Doctor(doctor) => doctor.run(&place).await,
            Command::VerifyLog(verify) => verify.run(&place).await,
            Command::Backup(backup) => backup.run(&place).await,
            Command::Restore(restore) => restore.run(&place).await,
            Command::Recovery(recovery) => recovery.run(&place).await,
            Command::Held(held) => held.run(&place).await,
            Command::Bench(bench) => bench.run(&place).await,
        }
    });
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    ended_with(ended)
}

fn ended_with(ended: Result<(), exits::Exit>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(exit) => {
            eprintln!("caseline: {}", exit.sentence());
            exit.code()
        }
    }
}
