//! A vault that answers on a real socket while a test runs, on a thread of this process.
//! Real processes are started by `tests::vault_process`.

use super::budget::{MarkBudget, OpeningBudget};
use super::client::write_frame;
use super::server::{Server, ServerSettings};
use super::wire::Ask;
use crate::testing::os_chance;
use caseline_helpline::clock::Clock;
use caseline_model::Time;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// It stops when it is dropped; connections end with their clients.
pub(crate) struct Served {
    pub(crate) socket: PathBuf,
    clock: Arc<At>,
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// A clock that stands still until it is set.
pub(crate) struct At(Mutex<Time>);

impl At {
    pub(crate) fn the(now: Time) -> Arc<Self> {
        Arc::new(Self(Mutex::new(now)))
    }
}

impl Clock for At {
    fn now(&self) -> Time {
        *self.0.lock().unwrap()
    }
}

/// How a test serves the vault of a folder: keys in `vault-apart`, the socket in `socket`. The contract passes years while
/// the vault's clock stands still, so that the vault is told any time here; `CLOCK_SKEW_MAX` has tests of its own.
pub(crate) fn settings_in(dir: &Path, budget: OpeningBudget) -> ServerSettings {
    ServerSettings {
        folder: dir.join("vault-apart"),
        socket: dir.join("socket/vault"),
        peer: rustix::process::geteuid().as_raw(),
        copies: vec![dir.join("set"), dir.join("copies")],
        budget,
        marks: MarkBudget::default(),
        clock_skew_max: Duration::MAX,
    }
}

/// The first question of every connection, as it stands on the socket.
pub(crate) fn greeting() -> Vec<u8> {
    let mut bytes = Vec::new();
    write_frame(&mut bytes, &Ask::Greet.encode()).unwrap();
    bytes
}

impl Served {
    pub(crate) fn start(settings: &ServerSettings, now: Time) -> Self {
        let clock = At::the(now);
        let server = Server::start(settings, &os_chance(), Arc::clone(&clock) as _).unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let thread = Some(std::thread::spawn(move || server.run(&told)));
        Self { socket: settings.socket.clone(), clock, stop, thread }
    }

    /// Sets the vault's clock.
    pub(crate) fn is_now(&self, now: Time) {
        *self.clock.0.lock().unwrap() = now;
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
