//! Speaks a list of prompts ahead of the first call, a few at a time, and says how far it is.
//! Drawing the progress is left to the program; each single prompt to `store`.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

use super::{Prompt, PromptFault, PromptRequest, PromptSource, PromptStore};

/// Prompts that are made at once; the speech adapter may allow fewer processes.
const AT_ONCE_MAX: usize = 8;

/// How far the rendering is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenderProgress {
    /// Prompts done, well or not.
    pub done: usize,
    /// Prompts in the list.
    pub total: usize,
}

/// What came of a list.
#[derive(Debug, Default)]
pub struct RenderReport {
    /// Prompts from recordings.
    pub recorded: usize,
    /// Prompts from the speech adapter, now or earlier.
    pub spoken: usize,
    /// How long all of them sound, end to end.
    pub length: Duration,
    /// Those that can't be had.
    pub faults: Vec<PromptFault>,
}

impl PromptStore {
    /// Makes every prompt of the list and keeps the fixed ones.
    pub async fn render_ahead(
        self: &Arc<Self>,
        list: Vec<PromptRequest>,
        mut progress: impl FnMut(RenderProgress),
    ) -> RenderReport {
        let total = list.len();
        let mut waiting: VecDeque<PromptRequest> = list.into();
        let mut running: JoinSet<Result<Arc<Prompt>, PromptFault>> = JoinSet::new();
        let mut report = RenderReport::default();
        let mut done = 0;
        progress(RenderProgress { done, total });
        loop {
            while running.len() < AT_ONCE_MAX
                && let Some(request) = waiting.pop_front()
            {
                let store = self.clone();
                running.spawn(async move { store.get(&request).await });
            }
            let Some(ended) = running.join_next().await else { return report };
            done += 1;
            // A task that was aborted ends with the runtime: nobody is left to read the report.
            if let Ok(result) = ended {
                report.add(result);
            }
            progress(RenderProgress { done, total });
        }
    }
}

impl RenderReport {
    fn add(&mut self, result: Result<Arc<Prompt>, PromptFault>) {
        match result {
            Ok(prompt) => {
                self.length += prompt.length();
                match prompt.source() {
                    PromptSource::Recording => self.recorded += 1,
                    PromptSource::Speech => self.spoken += 1,
                }
            }
            Err(fault) => self.faults.push(fault),
        }
    }
}
