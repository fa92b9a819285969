//! Ends all targets when somebody presses Ctrl-C: the first time each ends by itself and tells its figures, the second
//! time at once.
//! What a process does until then is left to `process`.

use rustix::process::{Pid, Signal, kill_process};
use std::io;
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::signal::unix::{SignalKind, signal};

/// The processes that run now.
#[derive(Clone, Default)]
pub(super) struct Running(Arc<Shared>);

#[derive(Default)]
struct Shared {
    is_stopped: AtomicBool,
    processes: Mutex<Vec<Pid>>,
}

impl Running {
    /// From now on Ctrl-C (and SIGTERM) ends the targets, and this program after them.
    pub(super) fn that_can_be_stopped() -> io::Result<Self> {
        let running = Self::default();
        let heeding = running.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        std::thread::spawn(move || runtime.block_on(heeding.heed()));
        Ok(running)
    }

    /// Whether somebody has stopped it.
    pub(super) fn is_stopped(&self) -> bool {
        self.0.is_stopped.load(Ordering::Acquire)
    }

    /// Holds a process among those that are ended; a stop that came before it ends it now.
    pub(super) fn add(&self, child: &Child) {
        let process = Pid::from_child(child);
        self.processes().push(process);
        if self.is_stopped() {
            let _ = kill_process(process, Signal::INT);
        }
    }

    /// Lets go of a process, before its number can become another's.
    pub(super) fn remove(&self, child: &Child) {
        let process = Pid::from_child(child);
        self.processes().retain(|one| *one != process);
    }

    async fn heed(&self) {
        let (Ok(mut interrupts), Ok(mut ends)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return;
        };
        let mut how = Signal::INT;
        loop {
            tokio::select! {
                _ = interrupts.recv() => {}
                _ = ends.recv() => {}
            }
            self.0.is_stopped.store(true, Ordering::Release);
            for process in self.processes().iter() {
                // It may have ended just now.
                let _ = kill_process(*process, how);
            }
            how = Signal::KILL;
        }
    }

    fn processes(&self) -> std::sync::MutexGuard<'_, Vec<Pid>> {
        self.0.processes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
