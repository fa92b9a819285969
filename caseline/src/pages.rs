//! The public page and the chat, started and stopped with the line.
//! What they show is `web`'s.

use crate::exits::{Exit, with_causes};
use crate::settings::Settings;
use crate::world::{MachineChance, MachineClock};
use caseline_helpline::{Chance, Clock, Line, StaffStore};
use caseline_web::staff::{StaffDesk, staff_router};
use caseline_web::{ANSWER_TRIES_AFTER, Counts, MoreFigures, PageKey, Server, Transport, WebSettings, WebState};
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How often chats are looked at that nobody has written in for long.
const IDLE_LOOKED_AT_EVERY: Duration = Duration::from_secs(30);

/// How long the last answers may take to leave when the line stops.
const ANSWERS_LEAVE_WITHIN: Duration = Duration::from_secs(1);

/// The pages that run.
pub struct Pages {
    address: String,
    metrics: Option<SocketAddr>,
    state: WebState,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    idle: JoinHandle<()>,
}

impl Pages {
    /// Opens the port and serves.
    pub async fn start(
        settings: &Settings,
        line: Arc<Line>,
        staff: Arc<dyn StaffStore>,
        data: &Path,
        counts: Arc<Counts>,
        more: MoreFigures,
    ) -> Result<Self, Exit> {
        let scheme = if settings.web.tls_cert.is_some() { "https" } else { "http" };
        let web = web_settings(settings, page_key(data)?);
        let openid =
            settings.openid.as_ref().map(crate::settings::OpenidPart::to_web).transpose().map_err(Exit::Usage)?;
        let desk = StaffDesk::with_openid(Arc::clone(&line), staff, Arc::new(MachineClock), &web, openid)
            .map_err(|fault| Exit::Usage(with_causes(&fault)))?;
        let state = WebState::with_figures(line, Arc::new(MachineClock), web, counts, Some(more));
        let server = Server::open(state.clone()).await.map_err(|fault| Exit::Environment(with_causes(&fault)))?;
        let server = server.with_staff(staff_router(desk));
        let address = server.address().map_or_else(String::new, |address| format!("{scheme}://{address}/"));
        let metrics = server.metrics_address();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(server.run(async {
            // A dropped sender is a stop too.
            let _ = stopped.await;
        }));
        let looked_at = state.clone();
        let idle = tokio::spawn(async move {
            loop {
                tokio::time::sleep(IDLE_LOOKED_AT_EVERY).await;
                looked_at.close_idle(MachineClock.now()).await;
            }
        });
        Ok(Self { address, metrics, state, stop, serving, idle })
    }

    /// Where to open the public page.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Where figures are, for the person at the terminal.
    pub const fn metrics(&self) -> Option<SocketAddr> {
        self.metrics
    }

    /// From now on whoever chats is told that the line stops, and where to call.
    pub fn begin_to_stop(&self) {
        self.state.begin_to_stop();
    }

    /// Stops serving: when everybody who chats was told, and no later than `until`.
    pub async fn stop(self, until: Instant) {
        self.idle.abort();
        // Without scripts nobody is told but at the next page; who asks for none finds the chat again afterwards.
        let _ = tokio::time::timeout_at(until - ANSWERS_LEAVE_WITHIN, self.state.all_told_of_stop()).await;
        let _ = self.stop.send(());
        let _ = tokio::time::timeout(ANSWERS_LEAVE_WITHIN, self.serving).await;
    }
}

fn web_settings(settings: &Settings, page_key: PageKey) -> WebSettings {
    let web = &settings.web;
    let transport = match (&web.tls_cert, &web.tls_key) {
        (Some(cert), Some(key)) => Transport::Tls { cert: cert.clone(), key: key.clone() },
        _ if web.behind_proxy => Transport::BehindProxy,
        _ => Transport::Plain,
    };
    WebSettings {
        bind: web.bind,
        transport,
        metrics_bind: Some(web.metrics),
        line_name: settings.operator.name.clone(),
        number_to_call: web.number_to_call.clone(),
        exit_to: web.quick_exit.clone(),
        public_address: web.public_address.clone(),
        desk_address: web.desk_address.clone(),
        hosts_below_over_tls: web.hosts_below_over_tls,
        answer_tries_after: ANSWER_TRIES_AFTER,
        page_key,
    }
}

/// The key behind cookies, kept beside the vault's keys so that a restart keeps callers in their chat.
fn page_key(data: &Path) -> Result<PageKey, Exit> {
    let path = data.join("vault").join("page.key");
    let broke = |error: std::io::Error| Exit::Environment(format!("{} cannot be used: {error}", path.display()));
    if !path.exists() {
        // Where the vault is a process of its own, nothing has made this folder before.
        let folder = data.join("vault");
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(broke)?;
        let halves = [MachineChance.bits_128(), MachineChance.bits_128()];
        let bytes: Vec<u8> = halves.iter().flat_map(|half| half.to_be_bytes()).collect();
        let mut file =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(broke)?;
        file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(broke)?;
    }
    let bytes = std::fs::read(&path).map_err(broke)?;
    let bytes: [u8; 32] = bytes.try_into().map_err(|_| {
        Exit::Environment(format!("{} is not a key of 32 bytes; remove it and start again", path.display()))
    })?;
    Ok(PageKey::new(bytes))
}
