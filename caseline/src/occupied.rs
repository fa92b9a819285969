//! One line a data folder: a running line holds a lock on it, by which others see that it runs.
//! The lock goes with the process, also after a crash; the file stays and means nothing.

use crate::exits::Exit;
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The file that a running line holds locked.
const LOCK: &str = "line.lock";

/// The folder is this line's until this is dropped.
#[derive(Debug)]
pub struct Occupied(#[expect(dead_code, reason = "the lock goes when the file is closed")] File);

/// Takes the folder for a line that runs.
///
/// # Errors
/// Another line runs on it, or the folder cannot be written.
pub fn occupy(data: &Path) -> Result<Occupied, Exit> {
    let path = data.join(LOCK);
    let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = opened.map_err(|error| Exit::Environment(format!("{} cannot be used: {error}", path.display())))?;
    match file.try_lock() {
        Ok(()) => Ok(Occupied(file)),
        Err(TryLockError::WouldBlock) => Err(Exit::Environment(format!(
            "another line runs on {}: stop it first, or name another folder with --data",
            data.display()
        ))),
        Err(TryLockError::Error(error)) => {
            Err(Exit::Environment(format!("{} cannot be locked: {error}; use a local disk", path.display())))
        }
    }
}

/// Whether a line runs on this folder now.
pub fn is_occupied(data: &Path) -> bool {
    let opened = OpenOptions::new().write(true).open(data.join(LOCK));
    opened.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_one_line_s_at_a_time() {
        let folder = std::env::temp_dir().join(format!("caseline-occupied-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        assert!(!is_occupied(&folder));
        let first = occupy(&folder).unwrap();
        assert!(is_occupied(&folder));
        assert!(occupy(&folder).unwrap_err().sentence().contains("another line runs"));
        drop(first);
        assert!(!is_occupied(&folder));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
