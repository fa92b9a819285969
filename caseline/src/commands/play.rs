//! `caseline play`: plays golden conversations against the real parts and prints how many passed.
//! Stages and scripts are `replay`'s; no data folder is opened.

use super::Place;
use crate::exits::Exit;
use crate::progress;
use caseline_replay::material::Material;
use caseline_replay::play::{Outcome, Page, Played, Report, channels, on_engine, pages, root_of, stages};
use caseline_replay::stage::Failure;
use caseline_replay::stage::Stage;
use caseline_replay::stage::keypad::{Setting, on_keypad};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How many scripts are played at once.
const AT_ONCE: usize = 8;

/// Plays scripts.
#[derive(Debug, clap::Args)]
pub struct Play {
    /// Scripts, or folders of scripts.
    #[arg(default_value = "conversations")]
    paths: Vec<PathBuf>,
    /// On which stages: engine, keypad.
    #[arg(long, value_delimiter = ',', default_value = "engine")]
    on: Vec<String>,
}

impl Play {
    /// Plays every script on every stage that it is written for and prints the report.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        let wanted = self.stages()?;
        let scripts = pages(&self.paths).map_err(|faults| Exit::Usage(faults.join("\n")))?;
        let first = self.paths.first().and_then(|path| path.canonicalize().ok()).unwrap_or_default();
        let material = Material::from_folder(&root_of(&first)).map_err(|fault| Exit::Usage(fault.to_string()))?;
        let material = Arc::new(material);
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut plays = JoinSet::new();
        for page in scripts {
            let page = Arc::new(page);
            let written_for = stages(&page.script).map_err(|fault| Exit::Usage(fault.what))?;
            for stage in wanted.iter().copied().filter(|stage| written_for.contains(stage)) {
                let (page, material, places) = (Arc::clone(&page), Arc::clone(&material), Arc::clone(&places));
                plays.spawn(async move {
                    let _place = places.acquire().await;
                    let result = play(&page, &material, stage).await;
                    Outcome { name: page.name.clone(), stage, result }
                });
            }
        }
        let bar = progress::bar(plays.len() as u64, "playing conversations");
        let mut report = Report::default();
        while let Some(played) = plays.join_next().await {
            bar.inc(1);
            match played {
                Ok(outcome) => report.outcomes.push(outcome),
                Err(error) => report.unreadable.push(error.to_string()),
            }
        }
        bar.finish_and_clear();
        report.outcomes.sort_by(|a, b| (a.stage, &a.name).cmp(&(b.stage, &b.name)));
        let json = serde_json::json!({ "passed": report.passed(), "failed": report.failed() });
        place.print(&json, &report.to_string());
        if report.failed() == 0 { Ok(()) } else { Err(Exit::Failures(format!("{} failed", report.failed()))) }
    }

    fn stages(&self) -> Result<Vec<Stage>, Exit> {
        let mut wanted = Vec::new();
        for name in &self.on {
            match name.trim().parse() {
                Ok(stage @ (Stage::Engine | Stage::Keypad)) => wanted.push(stage),
                _ => {
                    return Err(Exit::Usage(format!(
                        "`{name}` cannot be played on here; write engine, keypad or both"
                    )));
                }
            }
        }
        Ok(wanted)
    }
}

async fn play(page: &Page, material: &Material, stage: Stage) -> Result<Played, Failure> {
    if stage == Stage::Keypad {
        return on_keypad(page, material, &Setting::tape()).await;
    }
    let mut last = None;
    for channel in channels(&page.script)? {
        last = Some(on_engine(page, material, channel).await?);
    }
    last.ok_or(Failure { row: 0, what: "the script is written for no channel".into() })
}
