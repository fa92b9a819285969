//! A line that runs: telephone, pages and housekeeping, started and stopped together.
//! What each of them does is theirs.

use crate::counted::CountedStore;
use crate::exits::{Exit, with_causes};
use crate::occupied::{self, Occupied};
use crate::settings::Settings;
use crate::wiring;
use crate::world::MachineClock;
use caseline_helpline::contact::LeftOpen;
use caseline_helpline::{Clock, Line, StaffStore};
use caseline_voice::line::TelephoneLine;
use caseline_voice::prompts::PromptStore;
use caseline_web::{Counts, MoreFigures};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Callers are told and their calls ended within so long of a stop.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// How often what is due to go is destroyed.
const PURGE_EVERY: Duration = Duration::from_secs(15 * 60);

/// Of the contacts that an earlier process left open so many are ended before others have their turn.
const ENDED_AT_ONCE: usize = 8;

/// When the store cannot write that they ended, they are tried again after so long.
const ENDED_AGAIN_AFTER: Duration = Duration::from_secs(10);

/// A running line.
pub struct Running {
    telephone: TelephoneLine,
    tasks: Vec<JoinHandle<()>>,
    web: crate::pages::Pages,
    _occupied: Occupied,
}

impl Running {
    /// Takes the data folder, opens ports and starts everything.
    pub async fn start(
        settings: &Settings,
        mut line: Line,
        prompts: Arc<PromptStore>,
        staff: Arc<dyn StaffStore>,
        data: &Path,
    ) -> Result<Self, Exit> {
        let occupied = occupied::occupy(data)?;
        let counts = Arc::new(Counts::default());
        line.store = CountedStore::over(line.store, Arc::clone(&counts))
            .await
            .map(Arc::new)
            .map_err(|fault| Exit::Environment(with_causes(&fault)))?;
        let line = Arc::new(line);
        crate::versions::note_start(settings, &line).await?;
        // Calls of a process that is gone have lost their callers: every contact has one end. Chats go on. They are
        // listed before a call of this process is among them, and ended while the line answers.
        let left_open = LeftOpen::list(&line, MachineClock.now()).await;
        let left_open = left_open.map_err(|fault| Exit::Environment(with_causes(&fault)))?.without_chats();
        let (telephone, incoming) = wiring::telephone(settings, Arc::clone(&line), prompts).await?;
        let figures = telephone_figures(telephone.clone());
        let web = crate::pages::Pages::start(settings, Arc::clone(&line), staff, data, counts, figures).await?;
        let taking = telephone.clone();
        let tasks = vec![
            tokio::spawn(async move { taking.take_calls(incoming).await }),
            tokio::spawn(end_in_steps(Arc::clone(&line), left_open)),
            tokio::spawn(purge_for_ever(line)),
        ];
        Ok(Self { telephone, tasks, web, _occupied: occupied })
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
        let figures = self.web.metrics().map_or_else(String::new, |at| format!("  watch  http://{at}/metrics\n"));
        format!("The line is up.\n{sip}  open   {}\n{figures}  stop   Ctrl-C", self.web.address())
    }

    /// Tells callers, ends calls, stops pages.
    pub async fn stop(self) {
        let until = tokio::time::Instant::now() + STOP_WITHIN;
        self.web.begin_to_stop();
        self.telephone.close(STOP_WITHIN).await;
        self.web.stop(until).await;
        for task in self.tasks {
            task.abort();
        }
    }
}

/// Calls now and how late voice is, as `/metrics` shows them.
fn telephone_figures(telephone: TelephoneLine) -> MoreFigures {
    Arc::new(move || {
        let media = telephone.media().figures();
        let late = media.lateness_last_second;
        let mut text = String::new();
        for (name, kind, value) in [
            ("calls_now", "gauge", telephone.calls_now() as u64),
            ("voice_legs_now", "gauge", media.legs),
            ("voice_late_p99_microseconds", "gauge", late.p99_us),
            ("voice_late_max_microseconds", "gauge", late.max_us),
            ("voice_packets_in_total", "counter", media.packets_in),
            ("voice_packets_out_total", "counter", media.packets_out),
            ("voice_packets_of_strangers_total", "counter", media.strangers),
            ("voice_packets_unusable_total", "counter", media.unusable),
            ("voice_send_faults_total", "counter", media.send_faults),
            ("voice_rounds_skipped_total", "counter", media.skipped),
        ] {
            // Writing to a text never fails.
            let _ = writeln!(text, "# TYPE caseline_{name} {kind}\ncaseline_{name} {value}");
        }
        text
    })
}

/// Ends what an earlier process left open, some at a time, so that callers of this one never wait for it.
async fn end_in_steps(line: Arc<Line>, mut left_open: LeftOpen) {
    while left_open.count() > 0 {
        let before = left_open.count();
        if let Err(fault) = left_open.end_some(&line, MachineClock.now(), ENDED_AT_ONCE).await {
            tracing::error!(%fault, "contacts that were left open could not be ended; they are tried again");
        }
        if left_open.count() < before {
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(ENDED_AGAIN_AFTER).await;
        }
    }
}

async fn purge_for_ever(line: Arc<Line>) {
    loop {
        // One instant for both: a purge forgets the places by which the first one finds its contacts.
        let now = MachineClock.now();
        if let Err(fault) = caseline_helpline::contact::end_not_come_back(&line, now).await {
            tracing::error!(%fault, "contacts whose callers did not come back could not be ended");
        }
        if let Err(fault) = line.store.purge(now).await {
            tracing::error!(%fault, "what is due to go could not be destroyed");
        }
        tokio::time::sleep(PURGE_EVERY).await;
    }
}
