//! A disk that forgets what was not synced: a file system in user space (FUSE) over an image in memory, so that the power
//! of the running line can be cut without a machine that is switched off. After a cut the same folder shows what would be
//! there: what was synced, and drawn parts of the rest. LazyFS does the same to LevelDB and etcd (VLDB 2024).
//!
//! It answers in a process of its own: a program that has a file of a disk mapped into memory and answers for the disk
//! itself can wait for itself for ever. The image stands in `image`, the kernel's messages in `wire`; when power is cut is
//! left to `rounds`.

mod answering;
mod image;
mod mounted;
mod wire;

pub use image::{Forgotten, Takes};
pub use mounted::serve;

use crate::exits::Exit;
use caseline_helpline::Chance;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// The kernel's door to such file systems.
const DOOR: &str = "/dev/fuse";

/// Whether there can be such a disk here.
///
/// # Errors
/// When there can be none, and why.
pub fn can_be_here() -> Result<(), Exit> {
    let not_here = |why: String| Exit::Environment(format!("there can be no disk that forgets here: {why}"));
    cannot_be_here().map_or(Ok(()), |why| Err(not_here(why)))
}

fn cannot_be_here() -> Option<String> {
    let opened = File::options().read(true).write(true).open(DOOR);
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|about| about.uid() == 0);
    match opened {
        Err(error) => Some(format!("{DOOR} cannot be opened: {error}")),
        Ok(_) if !is_root => Some("only root may mount a file system".into()),
        Ok(_) => None,
    }
}

/// How a change of the disk fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fails {
    /// It is broken: `EIO`.
    Broken,
    /// It is full: `ENOSPC`, which a sync may answer too (fsync(2)).
    Full,
}

impl Fails {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Broken, Self::Full];

    /// In reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Full => "full",
        }
    }

    const fn errno(self) -> i32 {
        match self {
            Self::Broken => libc::EIO,
            Self::Full => libc::ENOSPC,
        }
    }
}

/// What the process of a disk is asked, one row each.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Order {
    /// The power is cut; what is forgotten is drawn from the seed.
    Cut(Takes, u64),
    /// The power comes back.
    PowerUp,
    /// What is said to be synced is not, until the next cut.
    Lie,
    /// This change from now fails once, so.
    FailAt(Option<(u64, Fails)>),
    /// Changes since then, and whether one failed.
    Changes,
}

/// What it answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Answered {
    Done,
    Forgot(Forgotten),
    Changes(u64, bool),
    Failed(String),
}

/// A disk that is mounted and answered for by its own process; dropped, it is taken away.
pub struct Disk {
    at: PathBuf,
    talk: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    child: Child,
}

impl Disk {
    /// An empty disk at a folder, which is made.
    pub fn mount(at: &Path) -> Result<Self, Exit> {
        can_be_here()?;
        let broke = |error: std::io::Error| Exit::Environment(format!("{} is no disk: {error}", at.display()));
        std::fs::create_dir_all(at).map_err(broke)?;
        let at = at.canonicalize().map_err(broke)?;
        let own = std::env::current_exe().map_err(broke)?;
        let mut command = Command::new(own);
        command.args(["bench", "crash-disk"]).arg(&at);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(broke)?;
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Exit::Environment("the disk's process cannot be talked to".into()));
        };
        let disk = Self { at, talk: Mutex::new((to, BufReader::new(from))), child };
        disk.done(Order::PowerUp)?;
        Ok(disk)
    }

    /// The power is cut, in between any two messages of the kernel: programs get errors from now on, and what was not
    /// synced goes.
    pub fn cut(&self, takes: Takes, chance: &dyn Chance) -> Result<Forgotten, Exit> {
        match self.ask(Order::Cut(takes, chance.bits_64()))? {
            Answered::Forgot(forgotten) => Ok(forgotten),
            other => Err(strange(&other)),
        }
    }

    /// The power comes back: what is left of the disk is mounted anew, and nothing of it is in any cache.
    pub fn power_up(&self) -> Result<(), Exit> {
        self.done(Order::PowerUp)
    }

    /// From now until the next cut it says that it synced, and does not (see `Image::lie`).
    pub fn lie(&self) -> Result<(), Exit> {
        self.done(Order::Lie)
    }

    /// This change of the disk from now fails once, so (see `Image::fail_at`).
    pub fn fail_at(&self, change: Option<(u64, Fails)>) -> Result<(), Exit> {
        self.done(Order::FailAt(change))
    }

    /// Changes since then, and whether one of them failed.
    pub fn changes(&self) -> Result<(u64, bool), Exit> {
        match self.ask(Order::Changes)? {
            Answered::Changes(count, has_failed) => Ok((count, has_failed)),
            other => Err(strange(&other)),
        }
    }

    /// Keeps a copy of its files in an ordinary folder, to be looked at.
    pub fn copy_to(&self, folder: &Path) -> Result<(), Exit> {
        copy_files(&self.at, folder)
            .map_err(|error| Exit::Environment(format!("{} cannot be kept: {error}", self.at.display())))
    }

    fn done(&self, order: Order) -> Result<(), Exit> {
        match self.ask(order)? {
            Answered::Done => Ok(()),
            other => Err(strange(&other)),
        }
    }

    fn ask(&self, order: Order) -> Result<Answered, Exit> {
        let broke = |error: std::io::Error| Exit::Environment(format!("the disk's process is gone: {error}"));
        let mut talk = self.talk.lock().unwrap_or_else(PoisonError::into_inner);
        serde_json::to_writer(&mut talk.0, &order).map_err(|error| broke(error.into()))?;
        talk.0.write_all(b"\n").and_then(|()| talk.0.flush()).map_err(broke)?;
        let mut row = String::new();
        talk.1.read_line(&mut row).map_err(broke)?;
        serde_json::from_str(&row).map_err(|error| broke(error.into()))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Its process takes the mount away when nobody talks to it any more; killed, it could not.
        let talk = self.talk.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = talk.0.write_all(b"\n").and_then(|()| talk.0.flush());
        let _ = self.child.wait();
    }
}

fn strange(answered: &Answered) -> Exit {
    match answered {
        Answered::Failed(what) => Exit::Environment(what.clone()),
        other => Exit::Environment(format!("the disk's process answered {other:?}")),
    }
}

fn copy_files(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            copy_files(&entry.path(), &to.join(entry.file_name()))?;
        } else {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
