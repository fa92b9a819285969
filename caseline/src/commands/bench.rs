//! `caseline bench`: measures one part, per unit of work, and prints the peer or limit it is to be compared with.
//! The measuring itself lives beside the part.

pub mod crash;

mod chat_browser;
mod figure;
mod guessing;
mod oracle;
mod vault;

use super::Place;
use crate::exits::{Exit, with_causes};
use caseline_voice::sip::bench::{BenchPlan, bench_setup};

/// Which part.
#[derive(Debug, clap::Subcommand)]
pub enum Bench {
    /// Signalling: CPU µs a call set up and ended, bytes a held call.
    Sip {
        /// How many calls are set up and ended.
        #[arg(long, default_value_t = 2_000)]
        calls: u32,
        /// How many are held at once.
        #[arg(long, default_value_t = 1_000)]
        held: u32,
    },
    /// The media engine: CPU µs a call-second and bytes a leg.
    Media {
        /// How many legs at once.
        #[arg(long, default_value_t = 500)]
        legs: usize,
        /// For how long.
        #[arg(long, default_value_t = 10)]
        seconds: u64,
    },
    /// Guessing numbers and codes against the limits, in virtual time, and two ways to lock people out.
    Guessing(guessing::Guessing),
    /// Whether the moment of an answer in the chat tells which numbers exist: Welch's t over real tries.
    Oracle(oracle::Oracle),
    /// What a question to the vault costs, in the process of the line and over its socket.
    Vault(vault::VaultBench),
    /// Kills the running line under load and looks for all that it had said was saved.
    Crash(crash::Crash),
    /// How long a line takes from its start until callers are answered, with a store of many cases.
    Restart(crash::restart::Restart),
    /// The line that `crash` kills.
    #[command(hide = true)]
    CrashLine,
    /// The disk whose power `crash` cuts.
    #[command(hide = true)]
    CrashDisk {
        /// Where it is mounted.
        at: std::path::PathBuf,
    },
}

impl Bench {
    /// Runs it and prints the figures.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        let (legs, seconds) = match *self {
            Self::Sip { calls, held } => return sip(place, calls, held).await,
            Self::Media { legs, seconds } => (legs, seconds),
            Self::Guessing(guessing) => {
                guessing.run(place);
                return Ok(());
            }
            Self::Oracle(oracle) => return oracle.run(place).await,
            Self::Crash(ref crash) => return crash.run(place).await,
            Self::Restart(ref restart) => return restart.run(place).await,
            Self::Vault(ref vault) => return vault.run(place),
            Self::CrashLine => return crash::line::run(place).await,
            Self::CrashDisk { ref at } => return crash::serve_disk(at),
        };
        let figures = tokio::task::spawn_blocking(move || caseline_voice::media::bench_legs(legs, seconds))
            .await
            .map_err(|error| Exit::Environment(error.to_string()))?
            .map_err(|fault| Exit::Environment(with_causes(&fault)))?;
        let text = format!(
            "{figures:#?}\nThe kernel's own floor for the same packets is about 190 µs a call-second (voice.md)."
        );
        place.print(
            &result(
                "media",
                "CPU µs a call-second",
                figures.processor_us_per_call_second,
                "the kernel's floor for the same packets: 190",
                &format!("{figures:?}"),
            ),
            &text,
        );
        Ok(())
    }
}

async fn sip(place: &Place, calls: u32, held: u32) -> Result<(), Exit> {
    let report =
        bench_setup(BenchPlan { calls, held }).await.map_err(|fault| Exit::Environment(with_causes(&fault)))?;
    let text =
        format!("{report:#?}\nThe bar is 400 µs a set-up and 12 KiB a held call (docs/decisions/0001-sip-stack.md).");
    place.print(
        &result(
            "sip",
            "CPU µs a set-up",
            report.cpu_us_a_call,
            "the bar of docs/decisions/0001-sip-stack.md: 400",
            &format!("{report:?}"),
        ),
        &text,
    );
    Ok(())
}

/// One figure with what it is compared with and where it was measured.
fn result(name: &str, unit: &str, value: f64, peer: &str, figures: &str) -> serde_json::Value {
    let machine = machine();
    serde_json::json!({
        "name": name, "unit": unit, "value": value, "peer": peer, "machine": machine, "figures": figures,
    })
}

/// Where it was measured.
fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let processors = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let cpu_info = read("/proc/cpuinfo");
    let model = cpu_info.lines().find_map(|row| row.strip_prefix("model name")).unwrap_or_default();
    format!(
        "{processors} processors{model}, Linux {}, {} build",
        read("/proc/sys/kernel/osrelease").trim(),
        if cfg!(debug_assertions) { "dev" } else { "release" }
    )
}
