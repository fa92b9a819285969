//! A vault that answers on a real socket while a test runs, on a thread of this process.
//! Real processes are started by `tests::vault_process`.

use super::ledger::OpeningBudget;
use super::server::{Server, ServerSettings};
use crate::testing::os_chance;
use caseline_helpline::clock::Clock;
use caseline_model::Time;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// It stops when it is dropped; connections end with their clients.
pub(crate) struct Served {
    pub(crate) socket: PathBuf,
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// A clock that stands still.
pub(crate) struct At(pub(crate) Time);

impl Clock for At {
    fn now(&self) -> Time {
        self.0
    }
}

/// How a test serves the vault of a folder: keys in `vault-apart`, the socket in `socket`.
pub(crate) fn settings_in(dir: &Path, budget: OpeningBudget) -> ServerSettings {
    ServerSettings {
        folder: dir.join("vault-apart"),
        socket: dir.join("socket/vault"),
        peer: rustix::process::geteuid().as_raw(),
        copies: vec![dir.join("set"), dir.join("copies")],
        budget,
    }
}

impl Served {
    pub(crate) fn start(settings: &ServerSettings, now: Time) -> Self {
        let server = Server::start(settings, &os_chance(), Arc::new(At(now))).unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let thread = Some(std::thread::spawn(move || server.run(&told)));
        Self { socket: settings.socket.clone(), stop, thread }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        // Whoever waits for a connection looks whether to stop when one comes.
        let was_told = UnixStream::connect(&self.socket).is_ok();
        if let Some(thread) = self.thread.take().filter(|_| was_told) {
            let _ = thread.join();
        }
    }
}
