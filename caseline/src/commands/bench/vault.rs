//! `caseline bench vault`: what a question costs in the process of the line, and over the socket of a vault of its own.
//! The questions are the store's.

use crate::commands::Place;
use crate::exits::{Exit, with_causes};
use crate::world::{MachineChance, MachineClock};
use caseline_helpline::{Chance, Clock};
use caseline_store::vault::bench::{SEALED_BYTES, microseconds_a_question};
use caseline_store::vault::{Vault, VaultFault};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

/// Measures both.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct VaultBench {
    /// Questions of each kind.
    #[arg(long, default_value_t = 5_000)]
    rounds: u32,
}

impl VaultBench {
    /// Makes keys in a folder of its own, measures, and removes it.
    pub fn run(&self, place: &Place) -> Result<(), Exit> {
        let folder = std::env::temp_dir().join(format!("caseline-bench-vault-{}", std::process::id()));
        let measured = self.measure(&folder);
        let _ = std::fs::remove_dir_all(&folder);
        let (here, apart) = measured?;
        let mut text = format!("µs a question of {SEALED_BYTES} bytes     in the process   over the socket\n");
        for ((verb, here), (_, apart)) in here.iter().zip(&apart) {
            let _ = writeln!(text, "{verb:34} {here:14.1}   {apart:15.1}");
        }
        let rows: Vec<_> = here
            .iter()
            .zip(&apart)
            .map(|((verb, here), (_, apart))| serde_json::json!({ "verb": verb, "here_us": here, "apart_us": apart }))
            .collect();
        place.print(&serde_json::json!({ "rounds": self.rounds, "questions": rows }), &text);
        Ok(())
    }

    #[expect(clippy::type_complexity, reason = "two lists of figures for one caller")]
    fn measure(&self, folder: &Path) -> Result<(Vec<(&'static str, f64)>, Vec<(&'static str, f64)>), Exit> {
        let chance = || -> Arc<dyn Chance> { Arc::new(MachineChance) };
        let here = folder.join("here");
        Vault::init(&here, &chance()).map_err(environment)?;
        let vault = Vault::open(&here, chance()).map_err(environment)?;
        let here = microseconds_a_question(&vault, self.rounds, MachineClock.now()).map_err(environment)?;
        let socket = folder.join("socket/vault");
        let mut child = start(folder, &socket).map_err(|error| Exit::Environment(format!("no vault: {error}")))?;
        let apart = Vault::connect(&socket, chance())
            .and_then(|vault| microseconds_a_question(&vault, self.rounds, MachineClock.now()));
        let _ = child.kill();
        let _ = child.wait();
        Ok((here, apart.map_err(environment)?))
    }
}

fn environment(fault: VaultFault) -> Exit {
    Exit::Environment(with_causes(&fault))
}

/// This program as the vault; it says when it listens.
fn start(folder: &Path, socket: &Path) -> std::io::Result<Child> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["vault", "--memory-may-swap", "--folder"])
        .arg(folder.join("apart"))
        .arg("--socket")
        .arg(socket)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(said) = child.stderr.take() {
        BufReader::new(said).lines().map_while(Result::ok).find(|row| row.contains("listens at"));
    }
    Ok(child)
}
