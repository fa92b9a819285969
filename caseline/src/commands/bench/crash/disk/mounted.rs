//! The process of a disk that forgets: mounts it, answers the kernel in one thread and takes orders in the other.
//! It never opens a file of the disk itself.

use super::image::Image;
use super::{Answered, DOOR, Order, answering};
use crate::exits::Exit;
use caseline_helpline::chance::SeededChance;
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use std::ffi::CString;
use std::fs::File;
use std::io::{BufRead, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Answers for a disk at a folder until nothing more is ordered.
///
/// # Errors
/// When the folder or standard input and output cannot be used.
pub fn serve(at: &Path) -> Result<(), Exit> {
    let broke = |error: std::io::Error| Exit::Environment(format!("{} is no disk: {error}", at.display()));
    let owner = std::fs::metadata(at).map(|about| (about.uid(), about.gid())).map_err(broke)?;
    let image = Arc::new(Mutex::new(Image::new(owner)));
    let mut mounted = Mounted { at: at.to_owned(), image, owner, is_off: None };
    let (orders, mut answers) = (std::io::stdin().lock(), std::io::stdout().lock());
    for row in orders.lines() {
        let row = row.map_err(broke)?;
        let Ok(order) = serde_json::from_str(&row) else { break };
        let answered = mounted.obey(order).unwrap_or_else(Answered::Failed);
        serde_json::to_writer(&mut answers, &answered).map_err(|error| broke(error.into()))?;
        answers.write_all(b"\n").and_then(|()| answers.flush()).map_err(broke)?;
    }
    Ok(())
}

struct Mounted {
    at: PathBuf,
    image: Arc<Mutex<Image>>,
    owner: (u32, u32),
    /// Of the mount that is there now.
    is_off: Option<Arc<AtomicBool>>,
}

impl Mounted {
    fn obey(&mut self, order: Order) -> Result<Answered, String> {
        match order {
            Order::Cut(takes, seed) => {
                let mut image = self.image();
                if let Some(is_off) = &self.is_off {
                    is_off.store(true, Ordering::Release);
                }
                Ok(Answered::Forgot(image.cut(takes, &SeededChance::new(seed))))
            }
            Order::PowerUp => {
                self.detach();
                self.attach()?;
                Ok(Answered::Done)
            }
            Order::Lie => {
                self.image().lie();
                Ok(Answered::Done)
            }
            Order::FailAt(change) => {
                self.image().fail_at(change.map(|(number, fails)| (number, fails.errno())));
                Ok(Answered::Done)
            }
            Order::Changes => {
                let (count, has_failed) = self.image().changes();
                Ok(Answered::Changes(count, has_failed))
            }
        }
    }

    fn attach(&mut self) -> Result<(), String> {
        let kernel = File::options().read(true).write(true).open(DOOR).map_err(|error| format!("{DOOR}: {error}"))?;
        let (account, group) = self.owner;
        let words = format!("fd={},rootmode=40000,user_id={account},group_id={group}", kernel.as_raw_fd());
        let words = CString::new(words).map_err(|error| error.to_string())?;
        mount("caseline-disk", &self.at, "fuse", MountFlags::NOSUID | MountFlags::NODEV, words.as_c_str())
            .map_err(|error| format!("the disk that forgets cannot be mounted: {error}"))?;
        let is_off = Arc::new(AtomicBool::new(false));
        self.is_off = Some(Arc::clone(&is_off));
        let image = Arc::clone(&self.image);
        std::thread::Builder::new()
            .name("disk".into())
            .spawn(move || answering::answer_all(kernel, &image, &is_off))
            .map_err(|error| format!("the disk has no thread: {error}"))?;
        Ok(())
    }

    /// At once, also while programs that are about to end have files open.
    fn detach(&mut self) {
        if let Some(is_off) = self.is_off.take() {
            is_off.store(true, Ordering::Release);
            if let Err(error) = unmount(&self.at, UnmountFlags::DETACH) {
                tracing::warn!(%error, "the disk that forgets could not be taken away");
            }
        }
    }

    fn image(&self) -> MutexGuard<'_, Image> {
        self.image.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        self.detach();
    }
}
