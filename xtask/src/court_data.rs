//! Makes up court tables: simulated people's true court histories, written down by a clerk who slips now and then, in
//! files with every quirk of the real ones; and the truth beside them, to measure a reader by.
//! Nothing here is about anybody: numbers run from 000-000-001 to 000-999-999.
//!
//! The same cases, seed and day make the same bytes, on every machine.

mod clerk;
mod court_life;
mod event;
mod later;
mod noticed;
mod random;
mod spoil;
mod towns;
mod truth;
mod writer;

pub use later::DAYS_BETWEEN;
pub use truth::{FeedReads, GarbledRow, Hearing, Truth, read_truth};
pub use writer::{Order, Release, Summary, later_on, write, write_later};

use caseline_model::Date;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::process::ExitCode;

/// `cargo xtask court-data`
#[derive(clap::Args, Debug)]
pub struct Command {
    /// How many court cases, up to 999999.
    #[arg(long)]
    cases: u32,
    /// The seed: the same one makes the same files.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder to write A_TblCase.csv, B_TblProceeding.csv, tbl_schedule.csv and truth.jsonl to.
    #[arg(long)]
    out: PathBuf,
    /// Also write so many of the A-numbers to enrolled.txt.
    #[arg(long, default_value_t = 0)]
    enrolled: u32,
    /// The day on which the tables were made: hearings after it are still to come.
    #[arg(long, default_value = "2026-11-20")]
    today: Date,
    /// Which delivery: 2 is what becomes of 1 a month later, with moved, cancelled, mended and vanished rows. Give it the
    /// same cases, seed and day as the first, and a folder of its own.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
    delivery: u8,
    /// Which release's column names and order.
    #[arg(long, value_enum, default_value_t = Release::Mid2026)]
    release: Release,
}

impl Command {
    /// Makes the files, with a progress bar on standard error.
    #[expect(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to the person at the terminal")]
    pub fn run(self) -> ExitCode {
        let bar = ProgressBar::new(u64::from(self.cases));
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos} of {len} cases, {eta} left") {
            bar.set_style(style);
        }
        let order = Order {
            case_count: self.cases,
            seed: self.seed,
            today: self.today,
            enrolled_count: self.enrolled,
            release: self.release,
        };
        let mut tell = |done| bar.set_position(u64::from(done));
        let made = match self.delivery {
            1 => write(&order, &self.out, &mut tell),
            _ => write_later(&order, &self.out, &mut tell),
        };
        bar.finish_and_clear();
        match made {
            Ok(summary) => {
                println!("{summary}");
                ExitCode::SUCCESS
            }
            Err(e) => {
                eprintln!("The court tables could not be written to {}: {e}.", self.out.display());
                ExitCode::FAILURE
            }
        }
    }
}
