//! What can break behind a port. A fault is logged once where it is handled; the person hears an apology.
//! Refusals and findings are no faults.

use std::path::{Path, PathBuf};

/// Something broke in the store. It never holds a value that a person gave.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// The disk is full: nothing was written.
    #[error("{}", disk_full(doing, folder.as_deref()))]
    DiskFull {
        /// What was being done.
        doing: &'static str,
        /// The folder on that disk, where it is known.
        folder: Option<PathBuf>,
    },
    /// The database failed.
    #[error("the store failed while {doing}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A sealed blob does not open: a destroyed key, or damage.
    #[error("a sealed value does not open while {doing}: its key is destroyed, or the value is damaged")]
    Sealed {
        /// What was being done.
        doing: &'static str,
    },
    /// A setting of the store is weak or the files do not belong together: start-up is refused.
    #[error("the store refuses to start: {what}")]
    Refused {
        /// What is weak and what to do.
        what: String,
    },
    /// The rules of the store say no: a contact that has ended, a case that is not open in it, a number that is
    /// enrolled already. Nothing was written and nothing was opened.
    #[error("the store does not do this while {doing}: {why}")]
    NotAllowed {
        /// What was being done.
        doing: &'static str,
        /// Which rule.
        why: &'static str,
    },
}

fn disk_full(doing: &str, folder: Option<&Path>) -> String {
    match folder {
        Some(folder) => format!(
            "the disk is full while {doing}: {} has no room; free space on its disk, the line then goes on by itself",
            folder.display()
        ),
        None => format!("the disk is full while {doing}; free space, then try again"),
    }
}
