//! A line that runs: telephone, pages and housekeeping, started and stopped together.
//! What each of them does is theirs.

use crate::exits::{Exit, with_causes};
use crate::settings::Settings;
use crate::wiring;
use crate::world::MachineClock;
use caseline_helpline::{Clock, Line};
use caseline_voice::line::TelephoneLine;
use caseline_voice::prompts::PromptStore;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Callers are told and their calls ended within so long of a stop.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// How often what is due to go is destroyed.
const PURGE_EVERY: Duration = Duration::from_secs(15 * 60);

/// A running line.
pub struct Running {
    telephone: TelephoneLine,
    tasks: Vec<JoinHandle<()>>,
    web: crate::pages::Pages,
}

impl Running {
    /// Opens ports and starts everything.
    pub async fn start(
        settings: &Settings,
        line: Arc<Line>,
        prompts: Arc<PromptStore>,
        data: &Path,
    ) -> Result<Self, Exit> {
        // Calls of a process that is gone have lost their callers: every contact has one end. Chats go on.
        caseline_helpline::contact::end_left_open(&line, MachineClock.now())
            .await
            .map_err(|fault| Exit::Environment(with_causes(&fault)))?;
        let (telephone, incoming) = wiring::telephone(settings, Arc::clone(&line), prompts).await?;
        let web = crate::pages::Pages::start(settings, Arc::clone(&line), data).await?;
        let taking = telephone.clone();
        let tasks =
            vec![tokio::spawn(async move { taking.take_calls(incoming).await }), tokio::spawn(purge_for_ever(line))];
        Ok(Self { telephone, tasks, web })
    }

    /// The telephone.
    pub const fn telephone(&self) -> &TelephoneLine {
        &self.telephone
    }

    /// Where the line is reached: for the person at the terminal.
    pub fn where_to_look(&self) -> String {
        let sip = self
            .telephone
            .sip()
            .udp_addr()
            .map_or_else(String::new, |address| format!("  dial   sip:line@{address}\n"));
        format!("The line is up.\n{sip}  open   {}\n  stop   Ctrl-C", self.web.address())
    }

    /// Tells callers, ends calls, stops pages.
    pub async fn stop(self) {
        self.telephone.close(STOP_WITHIN).await;
        self.web.stop().await;
        for task in self.tasks {
            task.abort();
        }
    }
}

async fn purge_for_ever(line: Arc<Line>) {
    loop {
        if let Err(fault) = line.store.purge(MachineClock.now()).await {
            tracing::error!(%fault, "what is due to go could not be destroyed");
        }
        tokio::time::sleep(PURGE_EVERY).await;
    }
}
