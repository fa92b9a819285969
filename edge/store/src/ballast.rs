//! Room for the day on which the disk is full: a file that takes some, and gives it back to calls in progress, to ends of
//! contacts, to the purge and to "forget me". New messages, reports and files are refused until there is room again.
//! Which verb may use the room is left to `sqlite`.

use crate::vault::VaultFault;
use rustix::fs::{FallocateFlags, fallocate, statvfs};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// The file, in the data folder.
pub(crate) const BALLAST: &str = "ballast";
/// It is made only where the disk has so many times its size free: it fills no disk itself.
const ROOM_TIMES_MIN: u64 = 2;
/// What is written at once where a file system cannot set room aside.
const PART_BYTES: u64 = 1 << 20;

/// The file, there or given back.
pub(crate) struct Ballast {
    dir: PathBuf,
    bytes: u64,
    /// A write met a full disk, and there was no room again since.
    is_low: AtomicBool,
}

impl Ballast {
    /// Makes the file where there is room for it. A size of 0: there is none.
    pub(crate) fn open(dir: &Path, bytes: u64) -> Self {
        let ballast = Self { dir: dir.to_owned(), bytes, is_low: AtomicBool::new(false) };
        if !ballast.is_made_again() {
            tracing::warn!(
                folder = %dir.display(),
                "there is no room for the ballast file: when the disk is full, calls will not go on"
            );
        }
        ballast
    }

    /// A write met a full disk: the room is given back. Whether there was any, so that a second try may do.
    pub(crate) fn release(&self) -> bool {
        if self.bytes == 0 {
            return false;
        }
        if !self.is_low.swap(true, Ordering::AcqRel) {
            tracing::error!(
                folder = %self.dir.display(),
                "the disk is full: nothing new is taken until there is room; free space on this disk"
            );
        }
        let was_there = std::fs::remove_file(self.path()).is_ok();
        if was_there {
            // Freed blocks of some file systems serve again only when the folder is on disk.
            let _ = File::open(&self.dir).and_then(|dir| dir.sync_all());
        }
        was_there
    }

    /// Whether something new may be taken: the disk was never full, or there is room again, and the file too.
    pub(crate) fn has_room(&self) -> bool {
        !self.is_low.load(Ordering::Acquire) || self.is_made_again()
    }

    /// Makes the file where it is missing and there is room. Whether it is there.
    pub(crate) fn is_made_again(&self) -> bool {
        let is_made = self.bytes == 0 || self.is_whole() || (self.disk_has_room() && self.make().is_ok());
        if is_made && self.is_low.swap(false, Ordering::AcqRel) {
            tracing::info!("there is room on the disk again");
        }
        is_made
    }

    fn is_whole(&self) -> bool {
        std::fs::metadata(self.path()).is_ok_and(|about| about.len() == self.bytes)
    }

    fn disk_has_room(&self) -> bool {
        let free = statvfs(&self.dir).map(|about| about.f_bavail.saturating_mul(about.f_frsize));
        free.is_ok_and(|free| free >= self.bytes.saturating_mul(ROOM_TIMES_MIN))
    }

    fn make(&self) -> Result<(), VaultFault> {
        let made = (|| {
            let options = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).clone();
            let mut file = options.open(self.path())?;
            if fallocate(&file, FallocateFlags::empty(), 0, self.bytes).is_err() {
                fill(&mut file, self.bytes)?;
            }
            file.sync_all()
        })();
        made.map_err(|source| {
            let _ = std::fs::remove_file(self.path());
            VaultFault::File { doing: "making the ballast file", source }
        })
    }

    fn path(&self) -> PathBuf {
        self.dir.join(BALLAST)
    }
}

/// Bytes that no file system leaves out.
fn fill(file: &mut File, bytes: u64) -> std::io::Result<()> {
    use std::io::Write;
    let part = vec![0x5a; PART_BYTES as usize];
    let mut left = bytes;
    while left > 0 {
        let now = left.min(PART_BYTES) as usize;
        file.write_all(&part[..now])?;
        left -= now as u64;
    }
    Ok(())
}
