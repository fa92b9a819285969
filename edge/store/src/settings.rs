//! Where a store keeps its files, and what it is named there.
//! Which folder an operator chooses is left to the program.

use crate::vault::OpeningBudget;
use caseline_helpline::retention::KeptTimes;
use caseline_model::Zone;
use std::path::{Path, PathBuf};

/// Readers beside the one writer.
pub const READERS: u32 = 3;

/// The ballast file: the write-ahead log of a purge of some 10,000 cases, with much to spare. Tests keep less.
pub const BALLAST_BYTES: u64 = if cfg!(test) { 64 << 10 } else { BALLAST_MB << 20 };
/// The same in mebibytes, where an operator names no other size.
pub const BALLAST_MB: u64 = 64;

/// Where a store is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreSettings {
    /// The folder: database, `vault/`, `log/`. On a local disk: SQLite's locks do not hold on network file systems.
    pub data_dir: PathBuf,
    /// Copies of the key ring that belong to backup sets: each is overwritten when keys are destroyed. A backup opens
    /// only with such a copy, so that what was destroyed is destroyed there too.
    pub keyring_copies: Vec<PathBuf>,
    /// To whom copies of the key ring are encrypted (`age1…`); nobody: they are sealed under the root key alone.
    pub backup_recipients: Vec<String>,
    /// How long everything is kept: the table, or shorter.
    pub retention: KeptTimes,
    /// Bytes of the ballast file, which a full disk gives back to calls in progress, the purge and "forget me". 0: none.
    pub ballast_bytes: u64,
    /// The socket of a vault in a process of its own; none: it is in this process, and its keys are in the folder.
    pub vault_socket: Option<PathBuf>,
    /// The zone of the line: entries of the log about a case keep its days.
    pub zone: Zone,
    /// How many cases a vault in this process opens at the most; one of its own has its own budget.
    pub openings: OpeningBudget,
}

impl StoreSettings {
    /// A store in a folder, without backup sets.
    pub fn at(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            keyring_copies: Vec::new(),
            backup_recipients: Vec::new(),
            retention: KeptTimes::default(),
            ballast_bytes: BALLAST_BYTES,
            vault_socket: None,
            zone: Zone::utc(),
            openings: OpeningBudget::default(),
        }
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
pub const CHECKPOINT: &str = "checkpoint";
/// The key that verifies it.
pub(crate) const VERIFIER_KEY: &str = "key";
/// What may be published, in the folder of the log.
pub(crate) const PUBLIC: &str = "public";
/// Which heads of the audit log the public log committed to, in the folder of the log: for those who may see that log.
pub(crate) const HEADS: &str = "heads";
/// What entries of the public log say that may not be published yet, each with its day, in the folder of the log.
pub(crate) const WITHHELD: &str = "withheld";
