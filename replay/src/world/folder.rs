//! A page's store in a real folder: SQLite with its vault and its log. A folder is made once, copied for each play, opened
//! again from its files when the process stops, and looked through when the play is over.
//! What a play does with the store is left to the stages; what SQLite does, to `store`.

use caseline_helpline::chance::SeededChance;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::Store;
use caseline_model::{Time, Zone};
use caseline_store::{SqliteStore, StoreSettings, Verified, verify_log};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Folders that this process has made: each has a name of its own.
static MADE: AtomicU64 = AtomicU64::new(0);

/// The files of hundreds of plays are looked at, never kept: in memory each sync costs nothing. That what was synced
/// outlives a kill or a full disk is tested by the store and by `caseline bench crash`, on a disk.
const IN_MEMORY: &str = "/dev/shm";

/// The folder of one store; it goes with this value.
pub struct Folder {
    dir: PathBuf,
    /// The zone of the line.
    zone: Zone,
    /// How often the store was opened: each process draws other salts and nonces.
    openings: AtomicU64,
    open: Mutex<Option<Arc<SqliteStore>>>,
}

/// What went wrong with a folder.
#[derive(Debug, thiserror::Error)]
pub enum FolderFault {
    /// The disk.
    #[error("a folder of a store cannot be made or read")]
    Disk(#[from] io::Error),
    /// The store.
    #[error("the store cannot be opened from its folder: {0}")]
    Store(#[from] StoreFault),
    /// The log.
    #[error("the log does not verify: {0}")]
    Log(#[from] caseline_store::LogFault),
    /// A process that has stopped still holds the store.
    #[error("a process that has stopped still holds the store")]
    Held,
}

impl Folder {
    /// An empty folder, in memory where the system offers that.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn empty() -> Result<Self, FolderFault> {
        let name = format!("caseline-replay-{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let dir = place().join(name);
        std::fs::create_dir_all(&dir)?;
        Ok(Self { dir, zone: Zone::utc(), openings: AtomicU64::new(0), open: Mutex::default() })
    }

    /// For a line in another zone than UTC.
    #[must_use]
    pub fn in_zone(mut self, zone: Zone) -> Self {
        self.zone = zone;
        self
    }

    /// A copy of a folder whose store is closed.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub fn copy_of(template: &Self) -> Result<Self, FolderFault> {
        let copy = Self::empty()?.in_zone(template.zone.clone());
        copy_into(&template.dir, &copy.dir)?;
        copy.openings.store(template.openings.load(Ordering::Relaxed), Ordering::Relaxed);
        Ok(copy)
    }

    /// Opens the store, as a process that starts does. The one that was open before has stopped: whatever it held is let go,
    /// and nothing is closed properly.
    ///
    /// # Errors
    /// When somebody still holds the store of the process that stopped, or it cannot be opened.
    pub async fn start(&self, now: Time) -> Result<Arc<SqliteStore>, FolderFault> {
        if let Some(stopped) = self.take() {
            drop(Arc::into_inner(stopped).ok_or(FolderFault::Held)?);
        }
        let opening = self.openings.fetch_add(1, Ordering::Relaxed);
        let chance = Arc::new(SeededChance::new(opening));
        let zone = self.zone.clone();
        let settings = StoreSettings { ballast_bytes: 0, zone, ..StoreSettings::at(self.data()) };
        let store = Arc::new(SqliteStore::open(settings, now, chance).await?);
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&store));
        Ok(store)
    }

    /// Closes the store as a program that ends does, so that the folder can be copied.
    ///
    /// # Errors
    /// When somebody still holds it, or the disk fails.
    pub async fn end(&self) -> Result<(), FolderFault> {
        if let Some(store) = self.take() {
            Arc::into_inner(store).ok_or(FolderFault::Held)?.close().await?;
        }
        Ok(())
    }

    /// Verifies the log offline, after the store has written its signed head.
    ///
    /// # Errors
    /// When an entry was changed, dropped or put elsewhere.
    pub async fn verify(&self) -> Result<Verified, FolderFault> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(store) = open {
            store.write_out().await?;
        }
        Ok(verify_log(&self.data(), None).await?)
    }

    /// The name of the first file that holds one of these texts in clear.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn holds(&self, signs: &[String]) -> io::Result<Option<String>> {
        let search = Search::of(signs);
        let mut folders = vec![self.dir.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if search.finds(&std::fs::read(&path)?) {
                    return Ok(path.file_name().map(|name| name.to_string_lossy().into_owned()));
                }
            }
        }
        Ok(None)
    }

    fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    fn take(&self) -> Option<Arc<SqliteStore>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is the system's to tidy.
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// A store as a world wants it.
pub fn as_store(store: &Arc<SqliteStore>) -> Arc<dyn Store> {
    Arc::clone(store) as Arc<dyn Store>
}

fn copy_into(from: &Path, to: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            std::fs::create_dir_all(&target)?;
            std::fs::set_permissions(&target, entry.metadata()?.permissions())?;
            copy_into(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Many short texts looked for in many bytes: only where two bytes begin one of them is anything compared.
struct Search<'a> {
    signs: &'a [String],
    begins: Vec<bool>,
}

impl<'a> Search<'a> {
    fn of(signs: &'a [String]) -> Self {
        let mut begins = vec![false; 1 << 16];
        for pair in signs.iter().filter_map(|sign| sign.as_bytes().first_chunk::<2>()) {
            begins[usize::from(u16::from_be_bytes(*pair))] = true;
        }
        Self { signs, begins }
    }

    fn finds(&self, bytes: &[u8]) -> bool {
        let begins = |at: usize| self.begins[usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]))];
        (0..bytes.len().saturating_sub(1))
            .filter(|at| begins(*at))
            .any(|at| self.signs.iter().any(|sign| bytes[at..].starts_with(sign.as_bytes())))
    }
}

fn place() -> PathBuf {
    let memory = PathBuf::from(IN_MEMORY);
    if memory.is_dir() { memory } else { std::env::temp_dir() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_a_file_is_found() {
        let folder = Folder::empty().unwrap();
        std::fs::create_dir(folder.dir.join("log")).unwrap();
        std::fs::write(folder.dir.join("log/head"), b"\0\xff202-555-0143\n").unwrap();
        let signs = |sign: &str| [sign.to_owned(), "another".to_owned()];
        assert_eq!(folder.holds(&signs("202-555-0143")).unwrap(), Some("head".to_owned()));
        assert_eq!(folder.holds(&signs("202-555-0144")).unwrap(), None);
    }
}
