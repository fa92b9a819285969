//! Whether the line works, for whoever watches it, and its figures. Neither says anything of a person.
//! What is counted, and how small counts are hidden, stands in `counts`.

use crate::state::WebState;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use caseline_helpline::cards::AlarmKind;
use caseline_helpline::ports::TaskKind;
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

/// For so long the answer of the store is taken as the answer: whoever asks often does not wear out the disk.
const PROBE_HOLDS: Duration = Duration::from_secs(5);

/// What may wait for somebody: each kind is a figure of its own.
const TASK_KINDS: [TaskKind; 4] = [TaskKind::Callback, TaskKind::Message, TaskKind::Reminder, TaskKind::Report];

/// What the store answered last.
#[derive(Debug, Default)]
pub(crate) struct Probe {
    asked_at_micros: AtomicI64,
    works: AtomicBool,
}

impl Probe {
    async fn works(&self, state: &WebState) -> bool {
        let now = state.now().micros();
        let asked_at = self.asked_at_micros.load(Ordering::Acquire);
        let holds = i64::try_from(PROBE_HOLDS.as_micros()).unwrap_or(i64::MAX);
        if asked_at != 0 && (asked_at..asked_at.saturating_add(holds)).contains(&now) {
            return self.works.load(Ordering::Acquire);
        }
        let works = match state.line().store.probe().await {
            Ok(()) => true,
            Err(fault) => {
                tracing::error!(%fault, "the store does not answer its probe");
                false
            }
        };
        self.works.store(works, Ordering::Release);
        self.asked_at_micros.store(now, Ordering::Release);
        works
    }
}

pub(crate) fn routes() -> Router<WebState> {
    Router::new().route("/health", get(health))
}

pub(crate) fn figures() -> Router<WebState> {
    Router::new().route("/metrics", get(metrics)).route("/health", get(health_with_counts))
}

/// For everybody: it does not say how many chats are open, which would tell a watcher when somebody writes.
async fn health(State(state): State<WebState>) -> impl IntoResponse {
    told(&state, String::new()).await
}

/// On loopback: how many contacts are open, and whether the alarm rings. The public page says neither: whoever guesses
/// would learn when they are noticed.
async fn health_with_counts(State(state): State<WebState>) -> impl IntoResponse {
    let store = &state.line().store;
    let counts = store.open_contacts().await.map_or(String::new(), |open| format!(",\"open_contacts\":{}", open.len()));
    let alarm = match store.alarms(state.now()).await {
        Ok(ringing) if ringing.is_empty() => "quiet".to_owned(),
        Ok(ringing) => ringing.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(" "),
        Err(_) => "unknown".to_owned(),
    };
    told(&state, format!("{counts},\"alarm\":\"{alarm}\"")).await
}

async fn told(state: &WebState, more: String) -> Response {
    let (status, word) = if state.probe().works(state).await {
        (StatusCode::OK, "ok")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "failing")
    };
    let body = format!("{{\"state\":\"{word}\",\"store\":\"{word}\"{more}}}\n");
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

async fn metrics(State(state): State<WebState>) -> impl IntoResponse {
    let mut text = state.counts().prometheus(state.now());
    let works = u8::from(state.probe().works(&state).await);
    // Writing to a text never fails.
    let _ = writeln!(text, "# TYPE caseline_open_chats gauge\ncaseline_open_chats {}", state.open_chat_count());
    let _ = writeln!(text, "# TYPE caseline_store_works gauge\ncaseline_store_works {works}");
    text.push_str("# TYPE caseline_tasks_open gauge\n");
    for kind in TASK_KINDS {
        // A store that does not answer has no backlog to show: no row is better than a false one.
        if let Ok(count) = state.line().store.open_task_count(kind).await {
            let _ = writeln!(text, "caseline_tasks_open{{kind=\"{}\"}} {count}", kind.as_str());
        }
    }
    // A store that does not answer says nothing of the alarm; `caseline_store_works` then does.
    if let Ok(ringing) = state.line().store.alarms(state.now()).await {
        text.push_str("# TYPE caseline_alarm gauge\n");
        for kind in AlarmKind::ALL {
            let rings = u8::from(ringing.contains(&kind));
            let _ = writeln!(text, "caseline_alarm{{kind=\"{}\"}} {rings}", kind.as_str());
        }
    }
    if let Some(more) = state.more_figures() {
        text.push_str(&more());
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}
