//! The line that is killed: this same program in a process of its own, on loopback, with the store in a folder.
//! What callers do and what is checked afterwards is left to the modules beside this one.

use crate::commands::{Place, init};
use crate::exits::Exit;
use crate::running::Running;
use crate::settings::Settings;
use crate::stopping::asked_to_stop;
use crate::wiring::{self, Purpose};
use caseline_store::SqliteStore;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A line that is not up within so long does not come up.
const UP_WITHIN: Duration = Duration::from_secs(120);

/// The settings of the line. Staff are never there, so that a callback waits until the check takes it; and the room for a
/// full disk is as small as a disk in memory wants it.
const SETTINGS: &str = r#"[operator]
kind = "legal-aid"
name = "Lake Street Legal Aid (made up)"
shares_with = ""
hears_calls = ""

[telephone]
sip_port = 0
rtp_ports = [0, 0]

[[telephone.number]]
called = "line"
language = "en"

[web]
bind = "127.0.0.1:0"
metrics = "127.0.0.1:0"
number_to_call = "+1 202 555 0100"

[speech]
voice = "tape"

[store]
ballast_mb = 1
"#;

/// Where a running line is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// By telephone.
    pub sip: SocketAddr,
    /// The pages.
    pub web: SocketAddr,
}

/// The command of the process that is killed: it runs the line until it is stopped, and prints where it is reached.
pub async fn run(place: &Place) -> Result<(), Exit> {
    let settings = place.settings()?;
    if !settings.telephone.bind.is_loopback() || !settings.web.bind.ip().is_loopback() || !settings.trunk.is_empty() {
        return Err(Exit::Usage("the line that is killed speaks drafts: it runs on loopback without a trunk".into()));
    }
    let program = wiring::program(&settings, Purpose::Demonstration)?;
    let prompts = wiring::prompts(&settings, &place.data().join("prompts"))?;
    let store = init::open_store_of(&place.data(), &settings).await?;
    let line = wiring::line(&settings, program, Arc::clone(&store) as _);
    let running = Running::start(&settings, line, prompts, Arc::clone(&store) as _, &place.data()).await?;
    let sip = running.telephone().sip().udp_addr().ok_or_else(|| Exit::Environment("SIP has no port".into()))?;
    let web = web_address(&running.where_to_look())?;
    let row = serde_json::to_string(&Reached { sip, web }).map_err(|error| Exit::Environment(error.to_string()))?;
    let mut out = std::io::stdout().lock();
    let said = writeln!(out, "{row}").and_then(|()| out.flush());
    drop(out);
    said.map_err(|error| Exit::Environment(format!("standard output is closed: {error}")))?;
    asked_to_stop().await;
    running.stop().await;
    init::write_out(&store).await
}

fn web_address(text: &str) -> Result<SocketAddr, Exit> {
    let address = text.split("open   http://").nth(1).and_then(|rest| rest.split('/').next());
    address.and_then(|address| address.parse().ok()).ok_or_else(|| Exit::Environment("the pages have no port".into()))
}

/// The folder of one run: settings, data, feeds.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes it, with its settings and keys; its data may be a disk of its own, mounted before.
    pub fn make(at: PathBuf) -> Result<Self, Exit> {
        let broke = |error: std::io::Error| Exit::Environment(format!("{} cannot be used: {error}", at.display()));
        std::fs::create_dir_all(&at).map_err(broke)?;
        std::fs::write(at.join("caseline.toml"), SETTINGS).map_err(broke)?;
        let folder = Self(at);
        init::make(&folder.data())?;
        Ok(folder)
    }

    /// One that was made before.
    pub const fn at(at: PathBuf) -> Self {
        Self(at)
    }

    /// Where all is kept.
    pub fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    /// Where the feed of a version lies.
    pub fn feed(&self, version: u32) -> PathBuf {
        self.0.join(format!("feed-{version}"))
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The settings, as the line reads them.
    pub fn settings(&self) -> Result<Settings, Exit> {
        Settings::read(&self.0.join("caseline.toml")).map_err(|fault| Exit::Usage(fault.to_string()))
    }

    /// The store, beside the line and with its settings.
    pub async fn open_store(&self) -> Result<Arc<SqliteStore>, Exit> {
        init::open_store_of(&self.data(), &self.settings()?).await
    }

    /// How much the programs in this folder have written about themselves.
    pub fn log_bytes(&self) -> usize {
        std::fs::metadata(self.log()).map_or(0, |about| about.len() as usize)
    }

    /// The last row that they wrote since then; empty: none.
    pub fn last_row_since(&self, bytes: usize) -> String {
        self.log_since(bytes).lines().last().unwrap_or_default().to_owned()
    }

    /// Whether one of them panicked since then.
    pub fn has_panicked_since(&self, bytes: usize) -> bool {
        self.log_since(bytes).contains("panicked at")
    }

    fn log_since(&self, bytes: usize) -> String {
        let whole = std::fs::read(self.log()).unwrap_or_default();
        String::from_utf8_lossy(whole.get(bytes..).unwrap_or_default()).into_owned()
    }

    fn log(&self) -> PathBuf {
        self.0.join("line.log")
    }

    /// This program with a command, in this folder. What it writes about itself goes to a file there.
    pub fn program(&self, arguments: &[&str]) -> Result<Command, Exit> {
        let broke = |error: std::io::Error| Exit::Environment(format!("this program cannot be started again: {error}"));
        let own = std::env::current_exe().map_err(broke)?;
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.log()).map_err(broke)?;
        let mut command = Command::new(own);
        command.arg("--config").arg(self.0.join("caseline.toml")).arg("--data").arg(self.data()).args(arguments);
        command.current_dir(&self.0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true);
        Ok(command)
    }
}

/// The line in its own process.
pub struct Killable {
    child: Child,
    began: Instant,
}

impl Killable {
    /// Starts it.
    pub fn start(folder: &Folder) -> Result<Self, Exit> {
        let began = Instant::now();
        let child = folder.program(&["bench", "crash-line"])?.spawn();
        let child = child.map_err(|error| Exit::Environment(format!("the line cannot be started: {error}")))?;
        Ok(Self { child, began })
    }

    /// Waits until it is up: where it is reached, and how long that took.
    pub async fn up(&mut self, folder: &Folder) -> Result<(Reached, Duration), Exit> {
        let out = self.child.stdout.take().ok_or_else(|| not_up(folder, "it is gone"))?;
        let mut rows = BufReader::new(out).lines();
        let row = tokio::time::timeout(UP_WITHIN, rows.next_line()).await;
        let row = row.map_err(|_| not_up(folder, "it says nothing"))?.ok().flatten();
        let row = row.ok_or_else(|| not_up(folder, "it ended"))?;
        let reached = serde_json::from_str(&row).map_err(|_| not_up(folder, "it said something else"))?;
        Ok((reached, self.began.elapsed()))
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }

    /// Kills it (SIGKILL, by its own id) and waits until it is gone.
    pub async fn kill(mut self) -> Result<(), Exit> {
        self.child.kill().await.map_err(|error| Exit::Environment(format!("the line cannot be killed: {error}")))
    }
}

fn not_up(folder: &Folder, why: &str) -> Exit {
    Exit::Failures(format!("the line did not come up: {why}; see {}", folder.log().display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_of_the_line_that_is_killed_are_settings() {
        let settings = Settings::parse("the line that is killed", SETTINGS).unwrap();
        assert!(settings.telephone.bind.is_loopback());
        assert_eq!(settings.telephone.sip_port, 0);
    }

    #[test]
    fn the_address_of_the_pages_is_read_out_of_what_the_line_prints() {
        let text = "The line is up.\n  dial   sip:line@127.0.0.1:5\n  open   http://127.0.0.1:4711/\n  stop   Ctrl-C";
        assert_eq!(web_address(text).unwrap(), "127.0.0.1:4711".parse().unwrap());
        assert!(web_address("nothing").is_err());
    }
}
