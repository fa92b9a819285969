//! The side of the socket that answers: `caseline vault`. It takes connections of one other account of the machine, each
//! on a thread of its own, and closes those that send anything else than questions.
//! What a question means is left to `holder`; what the process may still do, to `lockdown`.

use super::budget::{MarkBudget, OpeningBudget};
use super::client::{read_frame, write_frame};
use super::files::{self, VaultFault};
use super::holder::Holder;
use super::wire::{Ask, encode_answer};
use caseline_helpline::chance::Chance;
use caseline_helpline::clock::Clock;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Connections at the same time: the line and a few commands beside it.
const CONNECTIONS_MAX: usize = 64;
/// The stack of a connection's thread: what is large is on the heap.
const STACK_BYTES: usize = 512 * 1_024;
/// The line's clock may be so far from the vault's own, before or behind, when keys are to be destroyed: both are one
/// machine's, and a day is what a clock that was set wrong for a summer or a zone is off by.
pub const CLOCK_SKEW_MAX: Duration = Duration::from_secs(24 * 3_600);

/// How a vault is served.
pub struct ServerSettings {
    /// The folder of the keys.
    pub folder: PathBuf,
    /// Where it listens. The folder of the socket belongs to the vault's account.
    pub socket: PathBuf,
    /// The account that may ask: the line's.
    pub peer: u32,
    /// Folders in which copies of the key ring are overwritten at each destruction.
    pub copies: Vec<PathBuf>,
    /// How many cases are opened at the most.
    pub budget: OpeningBudget,
    /// How many codes and words are marked at the most.
    pub marks: MarkBudget,
    /// How far the line's clock may be from the vault's: `CLOCK_SKEW_MAX`. Checks that pass years in a second take more.
    pub clock_skew_max: Duration,
}

/// A vault that listens.
pub struct Server {
    listener: UnixListener,
    holder: Arc<Holder>,
    peer: u32,
}

impl Server {
    /// Opens the keys and listens. Where the folder has no keys yet, they are made.
    ///
    /// # Errors
    /// When the keys do not open, the folder of the socket belongs to somebody else or can be written by others, or it
    /// cannot be listened on.
    pub fn start(
        settings: &ServerSettings,
        chance: &Arc<dyn Chance>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, VaultFault> {
        let folder = &settings.folder;
        if !folder.join(files::ROOT_KEY).exists() && !folder.join(files::KEYRING).exists() {
            Holder::init(folder, chance)?;
        }
        let holder = Holder::open_with(folder, (settings.budget, settings.marks), Arc::clone(chance))?;
        let holder = holder.guarded(clock, settings.clock_skew_max, settings.copies.clone());
        let listener = listen(&settings.socket, settings.peer)?;
        Ok(Self { listener, holder: Arc::new(holder), peer: settings.peer })
    }

    /// Answers until it is told to stop; looked at with each new connection.
    pub fn run(&self, stop: &AtomicBool) {
        let open = Arc::new(AtomicUsize::new(0));
        for stream in self.listener.incoming() {
            if stop.load(Ordering::Acquire) {
                return;
            }
            let Ok(stream) = stream else { continue };
            let there = rustix::net::sockopt::socket_peercred(&stream).map(|there| there.uid.as_raw());
            if there.ok() != Some(self.peer) {
                tracing::warn!("somebody else than the line's account came to the vault's socket");
                continue;
            }
            if open.fetch_add(1, Ordering::AcqRel) >= CONNECTIONS_MAX {
                open.fetch_sub(1, Ordering::AcqRel);
                tracing::warn!("the vault has as many connections as it may have");
                continue;
            }
            let (holder, of) = (Arc::clone(&self.holder), Arc::clone(&open));
            let started = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
                serve(&holder, stream);
                of.fetch_sub(1, Ordering::AcqRel);
            });
            if let Err(error) = started {
                open.fetch_sub(1, Ordering::AcqRel);
                tracing::warn!(%error, "a connection to the vault got no thread");
            }
        }
    }
}

/// One connection, to its end.
fn serve(holder: &Holder, mut stream: UnixStream) {
    loop {
        let body = match read_frame(&mut stream) {
            Ok(Some(body)) => body,
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(%error, "a connection to the vault broke");
                return;
            }
        };
        let Some(ask) = Ask::decode(&body) else {
            tracing::warn!("somebody sent the vault something that is no question");
            return;
        };
        let answer = holder.answer(&ask);
        if let Err(fault) = &answer {
            tracing::warn!(code = fault.code(), "the vault refused");
        }
        if write_frame(&mut stream, &encode_answer(&answer)).is_err() {
            return;
        }
    }
}

/// The account of this process.
pub fn own_account() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Listens for an account: for the own one nobody else can enter the folder, for another one the folder must be the
/// vault's own and the group of the socket lets the line in.
fn listen(socket: &Path, peer: u32) -> Result<UnixListener, VaultFault> {
    let doing = "listening on the vault's socket";
    let failed = |source| VaultFault::File { doing, source };
    let folder = socket.parent().unwrap_or(Path::new("."));
    let own = own_account();
    if !folder.exists() {
        files::make_private_dir(folder)?;
    }
    let about = std::fs::metadata(folder).map_err(failed)?;
    if about.uid() != own || about.mode() & 0o022 != 0 {
        return Err(VaultFault::Refused {
            what: format!(
                "the folder {} must belong to the vault's account and be written by nobody else (mode {:03o})",
                folder.display(),
                about.mode() & 0o777
            ),
        });
    }
    if UnixStream::connect(socket).is_ok() {
        return Err(VaultFault::Refused { what: format!("a vault listens at {} already", socket.display()) });
    }
    match std::fs::remove_file(socket) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let listener = UnixListener::bind(socket).map_err(failed)?;
    let mode = if peer == own { 0o600 } else { 0o660 };
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(mode)).map_err(failed)?;
    Ok(listener)
}
