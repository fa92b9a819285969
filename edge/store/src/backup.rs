//! A backup set: the database as of one moment, and one copy of the key ring and the cases' secrets, overwritten at each
//! destruction; and the way back, with the newest there are. A set is a folder, or one file encrypted to somebody.
//! Which folders there are and who holds the key is left to the operator. The root key is in no set.

mod parcel;
mod sealed;
mod targets;

pub(crate) use parcel::parcels_never_panic;

pub use sealed::{is_recipient, new_identity, recipient_of};
pub use targets::{Holding, OVERDUE_AFTER};
pub(crate) use targets::{Targets, fingerprint};
use targets::{is_plain, sealed_ring_of};

use crate::settings::{HEADS, PUBLIC, StoreSettings};
use crate::sqlite::{Writer, database_fault, vault_fault};
use crate::vault::{Vault, write_atomically};
use caseline_helpline::fault::StoreFault;
use std::path::{Path, PathBuf};

const INTO: &str = "VACUUM INTO ?1";
/// The copy of the key ring beside the sets.
pub const KEYRING_COPY: &str = "keyring";
/// The ending of an encrypted set.
pub const SEALED_ENDING: &str = sealed::ENDING;
/// What stood at the head of the log before a restore.
const CHECKPOINT_BEFORE: &str = "checkpoint.before-restore";

/// Writes a set into a folder: `caseline.db`, which must not be there yet, and the ring, which is overwritten.
pub(crate) async fn back_up_with_ring(
    writer: &mut Writer,
    vault: &Vault,
    to: &Path,
    ring: &Path,
) -> Result<(), StoreFault> {
    let doing = "making a backup";
    refuse_other_ring(vault, ring)?;
    back_up_database(writer, to).await?;
    vault.copy_ring_to(ring).map_err(vault_fault(doing))
}

/// Refuses to write over the ring of another store.
fn refuse_other_ring(vault: &Vault, ring: &Path) -> Result<(), StoreFault> {
    if ring.exists() && !ring.parent().is_some_and(|folder| vault.is_ring_of_this_store(folder)) {
        return Err(refused(
            "the key ring in the backup folder belongs to another store, or to an earlier root key; name another \
             folder, or move that ring away",
        ));
    }
    Ok(())
}

/// Writes the database of this moment into a folder, which has none.
pub(crate) async fn back_up_database(writer: &mut Writer, to: &Path) -> Result<(), StoreFault> {
    let doing = "making a backup";
    std::fs::create_dir_all(to).map_err(failed(doing))?;
    let database = crate::settings::database_in(to);
    if database.exists() {
        return Err(refused("the backup folder holds a database already; name a folder of its own for each backup"));
    }
    let path = database.to_string_lossy().into_owned();
    writer.run_alone(INTO, path).await.map_err(database_fault(doing))
}

/// Where the one copy of the key ring of a folder of encrypted sets stands.
///
/// # Errors
/// When one of another store stands there as it is.
pub(crate) fn ring_in(folder: &Path, vault: &Vault, recipients: &[String]) -> Result<PathBuf, StoreFault> {
    if !is_plain(vault, recipients) {
        return Ok(folder.join(sealed_ring_of(vault)));
    }
    let ring = folder.join(KEYRING_COPY);
    refuse_other_ring(vault, &ring).map(|()| ring)
}

/// Encrypts a set that stands in a folder of the data folder into one file.
///
/// # Errors
/// When a recipient is none, `age` is missing or fails, or the disk does.
pub fn seal_set(set: &Path, to: &Path, recipients: &[String]) -> Result<(), StoreFault> {
    let doing = "encrypting a backup";
    let mut files = Vec::new();
    names_below(set, "", &mut files).map_err(failed(doing))?;
    let files: Vec<_> = files.into_iter().map(|name| (name.clone(), set.join(name))).collect();
    sealed::seal(recipients, to, doing, |out| parcel::write(out, &files))
}

/// Opens an encrypted set with the key in `identity` into a folder that is not there yet.
///
/// # Errors
/// When the key is another one, the file is damaged or cut off, or the disk fails. What is in the folder counts only when
/// this returned well.
pub fn open_set(identity: &Path, from: &Path, into: &Path) -> Result<(), StoreFault> {
    let is_of_set = |name: &str| name == "caseline.db" || name.starts_with("log/");
    unpack(identity, from, into, is_of_set)
}

/// Opens the encrypted key ring of a folder of backups, if there is one, into a folder that is not there yet.
///
/// # Errors
/// As [`open_set`]; when there are the rings of two stores.
pub fn open_ring(identity: &Path, folder: &Path, into: &Path) -> Result<bool, StoreFault> {
    let is_of_ring = |name: &str| name == KEYRING_COPY || name == crate::vault::CASE_SECRETS;
    match &targets::sealed_rings(folder)[..] {
        [] => Ok(false),
        [ring] => unpack(identity, ring, into, is_of_ring).map(|()| true),
        _ => Err(refused("the folder holds the key rings of several stores; move the others away")),
    }
}

fn unpack(identity: &Path, from: &Path, into: &Path, is_wanted: fn(&str) -> bool) -> Result<(), StoreFault> {
    let doing = "opening an encrypted backup";
    std::fs::create_dir_all(into).map_err(failed(doing))?;
    sealed::open(identity, from, doing, |stream| match parcel::read(stream, into, is_wanted) {
        Ok(_) => Ok(()),
        Err(fault) if fault.kind() == std::io::ErrorKind::InvalidData => {
            Err(refused(&format!("{} is no backup: {fault}", from.display())))
        }
        Err(fault) => Err(failed(doing)(fault)),
    })
}

fn names_below(folder: &Path, head: &str, found: &mut Vec<String>) -> std::io::Result<()> {
    let mut entries = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(|entry| (entry.path().is_dir(), entry.file_name()));
    for entry in entries {
        let name = format!("{head}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            names_below(&entry.path(), &format!("{name}/"), found)?;
        } else {
            found.push(name);
        }
    }
    Ok(())
}

/// Puts a set back into a data folder that has `vault/root.key` and no database: database and log head of the set, and
/// the newer one of the two key rings, the folder's own and the one of the backup. Whether the folder's own was kept.
///
/// # Errors
/// When a database or the write-ahead log of one is there, the root key is missing, the ring belongs to another store,
/// or the disk fails. The database comes last: a restore that was cut off is done again.
pub fn restore(set: &Path, rings: &Path, into: &StoreSettings) -> Result<bool, StoreFault> {
    refuse_occupied(set, into)?;
    let kept = Vault::take_newer_ring(&into.vault(), rings).map_err(vault_fault("restoring a backup"))?;
    restore_database(set, into)?;
    Ok(kept)
}

/// Puts database and log head of a set back into a data folder that has no database, and whose keys are with a vault of its
/// own: that one has taken its ring already (`caseline vault --take-ring`).
///
/// # Errors
/// See [`restore`].
pub fn restore_database(set: &Path, into: &StoreSettings) -> Result<(), StoreFault> {
    let doing = "restoring a backup";
    refuse_occupied(set, into)?;
    let from = StoreSettings::at(set);
    std::fs::create_dir_all(into.log()).map_err(failed(doing))?;
    let head = into.log().join(crate::settings::CHECKPOINT);
    if head.exists() {
        std::fs::rename(&head, into.log().join(CHECKPOINT_BEFORE)).map_err(failed(doing))?;
    }
    for name in [crate::settings::VERIFIER_KEY, crate::settings::CHECKPOINT] {
        if !from.log().join(name).exists() {
            // Nothing had happened yet.
            continue;
        }
        let bytes = std::fs::read(from.log().join(name)).map_err(failed(doing))?;
        write_atomically(&into.log().join(name), &bytes).map_err(vault_fault(doing))?;
    }
    // The folder's own public log is never older than the set's, and others may hold its heads: it stays.
    copy_public_log(&from.log(), &into.log()).map_err(failed(doing))?;
    let bytes = std::fs::File::open(from.database()).map_err(failed(doing))?;
    put_database(bytes, &into.database()).map_err(failed(doing))
}

/// Refuses a set without a database, and a data folder with one or with the write-ahead log of one.
fn refuse_occupied(set: &Path, into: &StoreSettings) -> Result<(), StoreFault> {
    let database = into.database();
    let beside = ["-wal", "-shm"].map(|ending| database.with_extension(format!("db{ending}")));
    if let Some(there) = [database.clone()].iter().chain(&beside).find(|path| path.exists()) {
        let name = there.file_name().unwrap_or_default().to_string_lossy();
        return Err(refused(&format!("{name} is in the data folder; move it away, a restore overwrites nothing")));
    }
    if !StoreSettings::at(set).database().exists() {
        return Err(refused("the backup has no caseline.db"));
    }
    Ok(())
}

/// Copies the public log of a folder's log into another, which has none: heads before what they sign, so that a copy
/// made while a day is written is an older day, whole. A folder without a public log gives nothing.
///
/// # Errors
/// When the disk fails.
pub fn copy_public_log(from: &Path, to: &Path) -> std::io::Result<()> {
    if !from.join(PUBLIC).is_dir() || to.join(PUBLIC).exists() {
        return Ok(());
    }
    if from.join(HEADS).is_file() {
        std::fs::copy(from.join(HEADS), to.join(HEADS))?;
    }
    copy_folder(&from.join(PUBLIC), &to.join(PUBLIC))
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(to)?;
    let mut entries = std::fs::read_dir(from)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(|entry| (entry.path().is_dir(), entry.file_name()));
    for entry in entries {
        let there = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &there)?;
        } else {
            std::fs::copy(entry.path(), there)?;
        }
    }
    Ok(())
}

/// Copies a database for its owner alone, on disk before it has its name.
fn put_database(mut from: std::fs::File, to: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let beside = to.with_extension("restoring");
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    std::io::copy(&mut from, &mut file)?;
    file.sync_all()?;
    std::fs::rename(&beside, to)?;
    std::fs::File::open(to.parent().unwrap_or(Path::new(".")))?.sync_all()
}

fn refused(what: &str) -> StoreFault {
    StoreFault::Refused { what: what.into() }
}

fn failed(doing: &'static str) -> impl Fn(std::io::Error) -> StoreFault {
    move |source| match source.kind() {
        std::io::ErrorKind::StorageFull => StoreFault::DiskFull { doing, folder: None },
        _ => StoreFault::Database { doing, source: Box::new(source) },
    }
}
