//! Where a store keeps its files, and what it is named there.
//! Which folder an operator chooses is left to the program.

use std::path::{Path, PathBuf};

/// Readers beside the one writer.
pub const READERS: u32 = 3;

/// Where a store is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreSettings {
    /// The folder: database, `vault/`, `log/`. On a local disk: SQLite's locks do not hold on network file systems.
    pub data_dir: PathBuf,
    /// Copies of the key ring that belong to backup sets: each is overwritten when keys are destroyed. A backup opens
    /// only with such a copy, so that what was destroyed is destroyed there too.
    pub keyring_copies: Vec<PathBuf>,
}

impl StoreSettings {
    /// A store in a folder, without backup sets.
    pub fn at(data_dir: impl Into<PathBuf>) -> Self {
        Self { data_dir: data_dir.into(), keyring_copies: Vec::new() }
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        database_in(&self.data_dir)
    }

    /// The vault's folder.
    pub fn vault(&self) -> PathBuf {
        self.data_dir.join("vault")
    }

    /// The folder of the log's signed head and its key.
    pub fn log(&self) -> PathBuf {
        log_in(&self.data_dir)
    }
}

/// The database file of a data folder.
pub(crate) fn database_in(data_dir: &Path) -> PathBuf {
    data_dir.join("caseline.db")
}

/// The log folder of a data folder.
pub(crate) fn log_in(data_dir: &Path) -> PathBuf {
    data_dir.join("log")
}

/// The signed head in a log folder.
pub(crate) const CHECKPOINT: &str = "checkpoint";
/// The key that verifies it.
pub(crate) const VERIFIER_KEY: &str = "key";
