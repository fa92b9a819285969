//! The vault's files: readable by their owner alone, replaced whole or not at all.
//! What stands in them is left to `keyring`.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use zeroize::Zeroizing;

/// The root key.
pub(super) const ROOT_KEY: &str = "root.key";
/// A root key that is about to become the root key.
pub(super) const NEXT_ROOT_KEY: &str = "root.key.next";
/// The ring of day and week keys, sealed under the root key.
pub(super) const KEYRING: &str = "keyring";
const LOCK: &str = "lock";

/// The largest key ring that is read: room for a key a class and day over many years.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// What broke in the vault. It never holds a key or a value.
#[derive(Debug, thiserror::Error)]
pub enum VaultFault {
    /// The files are weak, or do not belong together.
    #[error("{what}")]
    Refused {
        /// What is wrong and what to do.
        what: String,
    },
    /// A file could not be read or written.
    #[error("the vault failed while {doing}")]
    File {
        /// What was being done.
        doing: &'static str,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A sealed value does not open: its key is destroyed, it is damaged, or it belongs elsewhere.
    #[error("a sealed value does not open")]
    Sealed,
    /// The log entry that lets this open is not durable yet.
    #[error("the log entry of this opening is not durable")]
    NotAudited,
    /// The grant names another case, or its time is over.
    #[error("the grant does not open this")]
    NotGranted,
    /// What was handed in belongs to another log than the one whose head was signed.
    #[error("the log is another one than the vault signed; see caseline verify-log")]
    Fork,
    /// As many cases were opened as the budget of the hour or the day has.
    #[error("the vault opened as many cases as it may in this hour or on this day")]
    BudgetSpent,
    /// As many codes and words were marked as the budget of the hour or the day has.
    #[error("the vault compared as many codes as it may in this hour or on this day")]
    MarksSpent,
    /// Whoever asks has another time than the vault.
    #[error("the clock of the line and that of the vault are more than a day apart; nothing is destroyed")]
    OtherTime,
    /// The set of enrolled numbers is gone: the vault was started again, or others began since.
    #[error("the reading of the feed was cut off in the vault; read the feed again")]
    ImportOver,
    /// Nobody answers at the socket, or somebody else.
    #[error("the vault at {socket} does not answer; start `caseline vault`")]
    Unreached {
        /// Where.
        socket: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// Question or answer have another form.
    #[error("the vault speaks another form; run the same version of caseline on both sides")]
    Form,
}

impl VaultFault {
    /// A stable code, for logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "vault.refused",
            Self::File { .. } => "vault.file",
            Self::Sealed => "vault.sealed",
            Self::NotAudited => "vault.not-audited",
            Self::NotGranted => "vault.not-granted",
            Self::Fork => "vault.fork",
            Self::BudgetSpent => "vault.budget-spent",
            Self::MarksSpent => "vault.marks-spent",
            Self::OtherTime => "vault.other-time",
            Self::ImportOver => "vault.import-over",
            Self::Unreached { .. } => "vault.unreached",
            Self::Form => "vault.form",
        }
    }

    /// As it goes over the socket: a number, and what there is to say.
    pub(super) fn to_wire(&self) -> (u8, String) {
        match self {
            Self::Refused { what } => (1, what.clone()),
            Self::File { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => (2, String::new()),
            Self::File { doing, source } => (3, format!("{doing}: {source}")),
            Self::Sealed => (4, String::new()),
            Self::NotAudited => (5, String::new()),
            Self::NotGranted => (6, String::new()),
            Self::Fork => (7, String::new()),
            Self::BudgetSpent => (8, String::new()),
            Self::ImportOver => (9, String::new()),
            Self::Unreached { .. } | Self::Form => (10, String::new()),
            Self::MarksSpent => (11, String::new()),
            Self::OtherTime => (12, String::new()),
        }
    }

    /// Read back on the other side.
    pub(super) fn from_wire(number: u8, what: &str) -> Option<Self> {
        let doing = "answering in its own process";
        Some(match number {
            1 => Self::Refused { what: what.to_owned() },
            2 => Self::File { doing, source: std::io::ErrorKind::StorageFull.into() },
            3 => Self::File { doing, source: std::io::Error::other(what.to_owned()) },
            4 => Self::Sealed,
            5 => Self::NotAudited,
            6 => Self::NotGranted,
            7 => Self::Fork,
            8 => Self::BudgetSpent,
            9 => Self::ImportOver,
            10 => Self::Form,
            11 => Self::MarksSpent,
            12 => Self::OtherTime,
            _ => return None,
        })
    }
}

/// Makes a folder that its owner alone can enter.
pub(super) fn make_private_dir(dir: &Path) -> Result<(), VaultFault> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(file("making the folder of the vault"))
}

/// Reads a file that its owner alone can read; refuses one that others can.
pub(super) fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, VaultFault> {
    read_private_up_to(path, FILE_BYTES_MAX)
}

/// The same for a file that may be larger.
pub(super) fn read_private_up_to(path: &Path, bytes_max: u64) -> Result<Zeroizing<Vec<u8>>, VaultFault> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let opened = File::open(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => VaultFault::Refused {
            what: format!("vault/{name} is missing; put it back from the recovery copy, without it nothing opens"),
        },
        _ => VaultFault::File { doing: "opening a file of the vault", source },
    })?;
    let length = refuse_readable_by_others(&opened, &name)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(length.min(bytes_max)).unwrap_or(0)));
    opened.take(bytes_max).read_to_end(&mut bytes).map_err(file("reading a file of the vault"))?;
    Ok(bytes)
}

/// Refuses a file of the vault that others can read; how long it is.
pub(super) fn refuse_readable_by_others(opened: &File, name: &str) -> Result<u64, VaultFault> {
    let about = opened.metadata().map_err(file("looking at a file of the vault"))?;
    let mode = about.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(VaultFault::Refused {
            what: format!("vault/{name} can be read by others (mode {mode:03o}); run: chmod 600 vault/{name}"),
        });
    }
    Ok(about.len())
}

/// Reads a root key.
pub(super) fn read_root(path: &Path) -> Result<Zeroizing<[u8; 32]>, VaultFault> {
    let root: [u8; 32] = read_private(path)?.as_slice().try_into().map_err(|_| VaultFault::Refused {
        what: "the root key has not 32 bytes; put the right vault/root.key back".into(),
    })?;
    Ok(Zeroizing::new(root))
}

/// Replaces a file as a whole: written beside it, on disk, renamed, and the folder on disk. What was there before is
/// overwritten with zeros afterwards (flash may keep it: destroyed keys, not overwriting, are the guarantee).
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), VaultFault> {
    let doing = "writing a file of the vault";
    let before = OpenOptions::new().write(true).open(path).ok();
    let beside = path.with_extension("tmp");
    let written = (|| {
        let mut new = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        new.write_all(bytes)?;
        new.sync_all()
    })();
    if let Err(source) = written {
        // A half-written file is of no use; if it cannot be removed either, the next write overwrites it.
        let _ = std::fs::remove_file(&beside);
        return Err(VaultFault::File { doing, source });
    }
    replace(&beside, path)?;
    if let Some(mut before) = before {
        let wiped = (|| {
            let length = before.metadata()?.len();
            before.rewind()?;
            std::io::copy(&mut std::io::repeat(0).take(length), &mut before)?;
            before.sync_data()
        })();
        wiped.map_err(file("wiping a file of the vault"))?;
    }
    Ok(())
}

/// Renames a file over another one, and puts the folder on disk.
pub(super) fn replace(from: &Path, to: &Path) -> Result<(), VaultFault> {
    std::fs::rename(from, to).map_err(file("renaming a file of the vault"))?;
    let dir = to.parent().unwrap_or(Path::new("."));
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(file("putting a folder of the vault on disk"))
}

/// A copy of a private file, replaced as a whole.
pub(crate) fn copy_private(from: &Path, to: &Path) -> Result<(), VaultFault> {
    write_atomically(to, &read_private(from)?)
}

/// Held while the ring changes, so that two processes of one store cannot lose each other's keys.
pub(super) fn lock(dir: &Path) -> Result<File, VaultFault> {
    let path = dir.join(LOCK);
    let lock = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
    let lock = lock.map_err(file("opening the lock of the vault"))?;
    lock.lock().map_err(file("waiting for the lock of the vault"))?;
    Ok(lock)
}

fn file(doing: &'static str) -> impl Fn(std::io::Error) -> VaultFault {
    move |source| VaultFault::File { doing, source }
}
