//! `caseline bench`: measures one part, per unit of work, and prints the peer or limit it is to be compared with.
//! The measuring itself lives beside the part.

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
}

impl Bench {
    /// Runs it and prints the figures.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        let (legs, seconds) = match *self {
            Self::Sip { calls, held } => return sip(place, calls, held).await,
            Self::Media { legs, seconds } => (legs, seconds),
        };
        let figures = tokio::task::spawn_blocking(move || caseline_voice::media::bench_legs(legs, seconds))
            .await
            .map_err(|error| Exit::Environment(error.to_string()))?
            .map_err(|fault| Exit::Environment(with_causes(&fault)))?;
        let text = format!(
            "{figures:#?}\nThe kernel's own floor for the same packets is about 190 µs a call-second (voice.md)."
        );
        place.print(
            &serde_json::json!({ "name": "media", "unit": "CPU µs a call-second", "figures": format!("{figures:?}") }),
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
        &serde_json::json!({ "name": "sip", "unit": "CPU µs a set-up", "figures": format!("{report:?}") }),
        &text,
    );
    Ok(())
}
