//! `caseline play`: plays golden conversations against the real parts and prints how many passed.
//! Stages and scripts are `replay`'s; no data folder is opened.

use super::Place;
use crate::exits::Exit;
use crate::progress;
use caseline_replay::material::Material;
use caseline_replay::play::{play, root_of};
use caseline_replay::stage::Stage;
use std::path::PathBuf;
use std::sync::Arc;

/// Plays scripts.
#[derive(Debug, clap::Args)]
pub struct Play {
    /// Scripts, or folders of scripts.
    #[arg(default_value = "conversations")]
    paths: Vec<PathBuf>,
    /// On which stages: engine, keypad, chat.
    #[arg(long, value_delimiter = ',', default_value = "engine")]
    on: Vec<String>,
}

impl Play {
    /// Plays every script on every stage that it is written for and prints the report.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        let mut stages: Vec<Stage> = Vec::new();
        for name in &self.on {
            let stage = name.trim().parse().map_err(|_| {
                Exit::Usage(format!("`{name}` is no stage; write engine, keypad, chat, or several with commas"))
            })?;
            stages.push(stage);
        }
        if let Some(missing) = self.paths.iter().find(|path| !path.exists()) {
            return Err(Exit::Usage(format!(
                "{} is not there; name a `.call` script or a folder of scripts, such as the repository's `conversations`",
                missing.display()
            )));
        }
        let first = self.paths.first().and_then(|path| path.canonicalize().ok()).unwrap_or_default();
        let material = Material::from_folder(&root_of(&first)).map_err(|fault| Exit::Usage(fault.to_string()))?;
        let bar = progress::bar(0, "playing conversations");
        let counted = bar.clone();
        let report = play(&self.paths, &Arc::new(material), &stages, move |_| counted.inc(1)).await;
        bar.finish_and_clear();
        let json = serde_json::json!({ "passed": report.passed(), "failed": report.failed() });
        place.print(&json, &report.to_string());
        if report.failed() == 0 { Ok(()) } else { Err(Exit::Failures(format!("{} failed", report.failed()))) }
    }
}
