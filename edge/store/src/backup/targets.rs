//! The folders of backups: in each one copy of the key ring and of the cases' secrets, overwritten at each destruction, and
//! since when a folder has not followed. What was written where is kept in a file of the data folder, so that it outlives a
//! restart. Encrypting is left to `sealed`; when anything is destroyed, to `sqlite`.

use super::{KEYRING_COPY, failed, parcel, refused, sealed};
use crate::vault::{CASE_SECRETS, Vault, write_atomically};
use caseline_helpline::fault::StoreFault;
use caseline_model::Time;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A folder that could not be confirmed for so long after a destruction raises the alarm (safety.md, S12).
pub const OVERDUE_AFTER: Duration = Duration::from_secs(24 * 3_600);

/// What is known of the folders, in the data folder.
const STATE: &str = "backup-targets";
/// Held while a copy is made, so that the line and a command do not make one at the same time.
const LOCK: &str = "backup-targets.lock";
/// Where plain parts of a set stand for a moment: in the data folder, which holds the same.
const HOLDING: &str = "backup.tmp";
/// The state's bytes, at the most: a few hundred folders.
const STATE_BYTES_MAX: u64 = 1 << 20;
const DOING: &str = "overwriting a copy of the key ring";

/// What is known of one folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Target {
    folder: PathBuf,
    /// Digest of ring and secrets as they were written last, and of the encrypted file that they became.
    written: Option<(String, String)>,
    /// When a destruction could not be followed there, if it is not yet.
    behind_since: Option<i64>,
    /// The alarm was raised for it.
    is_told: bool,
}

/// All folders of one data folder.
pub(crate) struct Targets {
    data: PathBuf,
    known: Vec<Target>,
    _lock: File,
}

/// How a folder stands after it was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Folders that keep keys which were destroyed more than a day ago.
    pub(crate) overdue: u64,
    /// One of them was not told before.
    pub(crate) is_new: bool,
}

impl Targets {
    /// Reads what is known, and holds it until dropped.
    pub(crate) fn of(data: &Path) -> Result<Self, StoreFault> {
        let lock = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(data.join(LOCK));
        let lock = lock.map_err(failed(DOING))?;
        lock.lock().map_err(failed(DOING))?;
        // What cannot be read is written anew: each copy is then made once more.
        let known =
            read_up_to(&data.join(STATE), STATE_BYTES_MAX).and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok(Self { data: data.to_owned(), known: known.unwrap_or_default(), _lock: lock })
    }

    /// Whether the copies of a folder have to be written: keys were destroyed, an earlier time failed, or what lies there
    /// is not what belongs there.
    pub(crate) fn wants(&self, vault: &Vault, recipients: &[String], copy: &Path, was_destroyed: bool) -> bool {
        let folder = folder_of(copy);
        let known = self.known.iter().find(|target| target.folder == folder);
        if was_destroyed || known.is_some_and(|target| target.behind_since.is_some()) {
            return true;
        }
        if is_plain(vault, recipients) {
            return copy.exists() && !vault.is_same_ring(copy);
        }
        let sealed = folder.join(sealed_ring_of(vault));
        if !sealed.exists() {
            // A set of before there were recipients.
            return copy.exists();
        }
        let Some((ring, file)) = known.and_then(|target| target.written.as_ref()) else { return true };
        !matches!(digest_of(&sealed), Ok(now) if now == *file)
            || !matches!(self.digest_of_ring(vault), Ok(now) if now == *ring)
    }

    /// Overwrites the copies of a folder: encrypted to the recipients, or as they are where there are none, and where the
    /// vault writes them itself. A copy of the other kind, from before the settings were changed, goes: it would keep what
    /// is destroyed later.
    pub(crate) fn write(&mut self, vault: &Vault, recipients: &[String], copy: &Path) -> Result<(), StoreFault> {
        let folder = folder_of(copy);
        let sealed = folder.join(sealed_ring_of(vault));
        if is_plain(vault, recipients) {
            vault.copy_ring_to(copy).map_err(crate::sqlite::vault_fault(DOING))?;
            remove_wiped(&sealed)?;
        } else {
            refuse_other_ring(folder, &sealed)?;
            let (ring, file) = self.seal_ring(vault, recipients, &sealed)?;
            self.target(folder).written = Some((ring, file));
            for plain in [copy.to_owned(), copy.with_file_name(CASE_SECRETS)] {
                remove_wiped(&plain)?;
            }
        }
        let target = self.target(folder);
        (target.behind_since, target.is_told) = (None, false);
        self.keep()
    }

    /// Notes that a folder did not follow.
    pub(crate) fn note_behind(&mut self, copy: &Path, now: Time) -> Result<(), StoreFault> {
        let target = self.target(folder_of(copy));
        target.behind_since = target.behind_since.or(Some(now.micros()));
        self.keep()
    }

    /// How many of these folders are behind for longer than a day. Folders that the settings no longer name are forgotten.
    pub(crate) fn look(&mut self, copies: &[PathBuf], now: Time) -> Result<Standing, StoreFault> {
        self.known.retain(|target| copies.iter().any(|copy| folder_of(copy) == target.folder));
        let since = now.minus(OVERDUE_AFTER).micros();
        let mut standing = Standing { overdue: 0, is_new: false };
        for target in &mut self.known {
            if target.behind_since.is_some_and(|behind| behind <= since) {
                standing.overdue += 1;
                standing.is_new |= !std::mem::replace(&mut target.is_told, true);
            }
        }
        self.keep()?;
        Ok(standing)
    }

    fn seal_ring(&self, vault: &Vault, recipients: &[String], to: &Path) -> Result<(String, String), StoreFault> {
        let holding = Holding::make(&self.data)?;
        let copy = holding.path().join(KEYRING_COPY);
        vault.copy_ring_to(&copy).map_err(crate::sqlite::vault_fault(DOING))?;
        let ring = digest_of_both(&copy).map_err(failed(DOING))?;
        let files: Vec<_> = [KEYRING_COPY, CASE_SECRETS]
            .into_iter()
            .map(|name| (name.to_owned(), holding.path().join(name)))
            .filter(|(_, path)| path.exists())
            .collect();
        sealed::seal(recipients, to, DOING, |out| parcel::write(out, &files))?;
        Ok((ring, digest_of(to).map_err(failed(DOING))?))
    }

    fn digest_of_ring(&self, vault: &Vault) -> Result<String, StoreFault> {
        let holding = Holding::make(&self.data)?;
        let copy = holding.path().join(KEYRING_COPY);
        vault.copy_ring_to(&copy).map_err(crate::sqlite::vault_fault(DOING))?;
        digest_of_both(&copy).map_err(failed(DOING))
    }

    fn target(&mut self, folder: &Path) -> &mut Target {
        let at = self.known.iter().position(|target| target.folder == folder).unwrap_or_else(|| {
            self.known.push(Target { folder: folder.to_owned(), ..Target::default() });
            self.known.len() - 1
        });
        &mut self.known[at]
    }

    /// Written only when it changed, so that a look each quarter of an hour costs the disk nothing.
    fn keep(&self) -> Result<(), StoreFault> {
        let bytes = serde_json::to_vec(&self.known).map_err(|fault| failed(DOING)(fault.into()))?;
        let path = self.data.join(STATE);
        if read_up_to(&path, STATE_BYTES_MAX).is_some_and(|before| before == bytes) {
            return Ok(());
        }
        write_atomically(&path, &bytes).map_err(crate::sqlite::vault_fault(DOING))
    }
}

/// A folder for plain parts of a set, inside the data folder, gone when dropped.
pub struct Holding(PathBuf);

impl Holding {
    /// Makes it, empty.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn make(data: &Path) -> Result<Self, StoreFault> {
        // What an earlier one left that was cut off goes; the process's number keeps two of them apart.
        let path = data.join(format!("{HOLDING}-{}-{}", std::process::id(), unique()));
        std::fs::DirBuilder::new().mode(0o700).create(&path).map_err(failed("making a backup"))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Removes what earlier ones left that were cut off.
    pub(crate) fn sweep(data: &Path) {
        let Ok(entries) = std::fs::read_dir(data) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let number = name.strip_prefix(HOLDING).and_then(|rest| rest.split('-').nth(1));
            if number.is_some_and(|number| !Path::new("/proc").join(number).exists()) {
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// How the encrypted ring of a store is called: it names the store by its log's key, so that two stores that share a folder
/// never overwrite each other's.
pub(crate) fn sealed_ring_of(vault: &Vault) -> String {
    format!("{KEYRING_COPY}-{}.{}", fingerprint(vault.verifying_key().as_bytes()), sealed::ENDING)
}

/// Eight hexadecimal digits of a digest.
pub(crate) fn fingerprint(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes)[..4])
}

/// The encrypted rings of a folder.
pub(super) fn sealed_rings(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_one = |name: &str| name.starts_with("keyring-") && name.ends_with(".age");
    entries.filter(|entry| is_one(&entry.file_name().to_string_lossy())).map(|entry| entry.path()).collect()
}

/// Whether copies of the ring stand as they are, sealed under the root key alone. A vault in a process of its own hands its
/// ring to nobody and starts no program: it writes the copy itself, where the account of the line cannot read it.
pub(super) fn is_plain(vault: &Vault, recipients: &[String]) -> bool {
    recipients.is_empty() || vault.is_apart()
}

fn refuse_other_ring(folder: &Path, own: &Path) -> Result<(), StoreFault> {
    match sealed_rings(folder).into_iter().find(|ring| ring != own) {
        None => Ok(()),
        Some(_) => Err(refused("the key ring in the backup folder belongs to another store; name another folder")),
    }
}

fn folder_of(copy: &Path) -> &Path {
    copy.parent().unwrap_or(Path::new("."))
}

fn digest_of(path: &Path) -> std::io::Result<String> {
    let mut digest = Sha256::new();
    let mut file = File::open(path)?;
    let mut part = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut part)?;
        if read == 0 {
            return Ok(hexadecimal(&digest.finalize()));
        }
        digest.update(&part[..read]);
    }
}

fn digest_of_both(copy: &Path) -> std::io::Result<String> {
    let secrets = copy.with_file_name(CASE_SECRETS);
    let secrets = if secrets.exists() { digest_of(&secrets)? } else { String::new() };
    Ok(digest_of(copy)? + &secrets)
}

fn remove_wiped(path: &Path) -> Result<(), StoreFault> {
    let Ok(mut file) = OpenOptions::new().write(true).open(path) else { return Ok(()) };
    let wiped = (|| {
        let length = file.metadata()?.len();
        std::io::copy(&mut std::io::repeat(0).take(length), &mut file)?;
        file.flush()?;
        file.sync_data()?;
        std::fs::remove_file(path)
    })();
    wiped.map_err(failed(DOING))
}

fn read_up_to(path: &Path, bytes_max: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(bytes_max).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Keeps folders apart that one process makes.
fn unique() -> u64 {
    static MADE: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    MADE.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}
