//! `caseline backup` and `caseline restore`: versioned databases beside one copy of the key ring, and the way back.
//! Encrypted where the settings name recipients. What a set holds, how it is encrypted and which ring is the newer one is
//! the store's; where the backup key comes from, `recovery`'s.

use super::recovery::IDENTITY;
use super::{Place, init};
use crate::exits::{Exit, with_causes};
use crate::occupied;
use crate::settings::BackupSettings;
use crate::world::MachineClock;
use caseline_helpline::{Clock, StoreFault};
use caseline_store::backup::{
    Holding, KEYRING_COPY, SEALED_ENDING, copy_public_log, is_recipient, open_ring, open_set, restore,
    restore_database, seal_set,
};
use caseline_store::settings::CHECKPOINT;
use caseline_store::{SqliteStore, StoreSettings, verify_log};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// How a set's folder is named: the moment, UTC, so that names sort by age.
const SET_NAME: &str = "%Y-%m-%dT%H%M%SZ";

/// Writes a backup set; the line may run meanwhile.
#[derive(Debug, clap::Args)]
pub struct Backup {
    /// The folder of backups; without it those of `backup.folders` in the settings.
    #[arg(long)]
    to: Option<PathBuf>,
    /// A public key of `age` to which the set is encrypted; several may be named. Without it those of
    /// `backup.recipients` in the settings.
    #[arg(long)]
    recipient: Vec<String>,
    /// Deletes all but so many of the newest sets afterwards.
    #[arg(long)]
    keep: Option<std::num::NonZeroUsize>,
}

/// Puts a backup set into a data folder that has no database.
#[derive(Debug, clap::Args)]
pub struct Restore {
    /// The folder of backups.
    #[arg(long)]
    from: PathBuf,
    /// Which set, such as `2026-11-22T030000Z`; without it the newest.
    #[arg(long)]
    set: Option<String>,
    /// The file with the private key of an encrypted set; without it `vault/backup-identity` of the data folder.
    #[arg(long)]
    identity: Option<PathBuf>,
}

/// A set of a folder of backups.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Set {
    name: String,
    is_sealed: bool,
}

impl Backup {
    /// Writes one set into each folder.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        let settings = if place.config.exists() { Some(place.settings()?.backup) } else { None };
        let BackupSettings { folders: declared, recipients } = settings.unwrap_or_default();
        let recipients = if self.recipient.is_empty() { recipients } else { self.recipient.clone() };
        if let Some(wrong) = recipients.iter().find(|recipient| !is_recipient(recipient)) {
            return Err(Exit::Usage(format!("`{wrong}` is no public key of age: age1 and 58 letters and digits")));
        }
        let folders = self.to.as_ref().map_or_else(|| declared.clone(), |to| vec![to.clone()]);
        if folders.is_empty() {
            return Err(Exit::Usage(
                "where to? Write --to DIR, or [backup] folders = [\"DIR\"] in the settings".into(),
            ));
        }
        let now = jiff::Timestamp::from_microsecond(MachineClock.now().micros()).unwrap_or_default();
        let name = now.strftime(SET_NAME).to_string();
        let store = init::open_store_in(place).await?;
        let mut rows = Vec::new();
        let mut text = String::new();
        for folder in &folders {
            let (set, ring) = if recipients.is_empty() {
                let set = folder.join(&name);
                self.write(&store, &place.data(), &set, Some(&ring_of(folder))).await?;
                (set, ring_of(folder))
            } else {
                self.write_sealed(&store, &place.data(), folder, &name, &recipients).await?
            };
            self.delete_older(folder)?;
            text.push_str(&format!("{} is written; {} is overwritten.\n", set.display(), ring.display()));
            if !declared.contains(folder) {
                text.push_str(&format!(
                    "Name {} in [backup] folders: its key ring is then overwritten too whenever keys are destroyed.\n",
                    folder.display()
                ));
            }
            rows.push(serde_json::json!({
                "set": set, "keyring": ring, "declared": declared.contains(folder), "encrypted": !recipients.is_empty(),
            }));
        }
        text.push_str("The root key is in no backup: keep root.key apart, offline (caseline recovery sheet).");
        place.print(&serde_json::json!({ "backups": rows }), &text);
        Ok(())
    }

    /// A set as one encrypted file. Its plain parts stand in the data folder for that long, which holds the same.
    async fn write_sealed(
        &self,
        store: &SqliteStore,
        data: &Path,
        folder: &Path,
        name: &str,
        recipients: &[String],
    ) -> Result<(PathBuf, PathBuf), Exit> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| Exit::Environment(format!("{} cannot be written: {error}", folder.display())))?;
        let holding = Holding::make(data).map_err(environment)?;
        let set = holding.path().join("set");
        self.write(store, data, &set, None).await?;
        let to = folder.join(format!("{name}.{SEALED_ENDING}"));
        // The ring first: a set without its ring opens nothing, a ring without a set harms nobody.
        let ring = store.back_up_ring_sealed(folder, recipients).await.map_err(environment)?;
        seal_set(&set, &to, recipients).map_err(environment)?;
        Ok((to, ring))
    }

    /// Database and log of this moment in a folder, checked; with the ring where one is named.
    async fn write(&self, store: &SqliteStore, data: &Path, set: &Path, ring: Option<&Path>) -> Result<(), Exit> {
        let broke = |error: std::io::Error| Exit::Environment(format!("{} cannot be written: {error}", set.display()));
        init::write_out(store).await?;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(set).map_err(broke)?;
        // The head first: a database that is newer than its head verifies, an older one does not.
        let log = StoreSettings::at(set).log();
        std::fs::DirBuilder::new().mode(0o700).create(&log).map_err(broke)?;
        for entry in std::fs::read_dir(StoreSettings::at(data).log()).map_err(broke)? {
            let entry = entry.map_err(broke)?;
            // The head, its key and small files; tiles can be made again, and the public log is copied below.
            if entry.path().is_file() {
                std::fs::copy(entry.path(), log.join(entry.file_name())).map_err(broke)?;
            }
        }
        copy_public_log(&StoreSettings::at(data).log(), &log).map_err(broke)?;
        let written = match ring {
            Some(ring) => store.back_up_with_ring(set, ring).await,
            None => store.back_up_database(set).await,
        };
        written.map_err(|fault| {
            // Half a set is none, and would be the newest one.
            let _ = std::fs::remove_dir_all(set);
            environment(fault)
        })?;
        let database = StoreSettings::at(set).database();
        std::fs::set_permissions(&database, std::fs::Permissions::from_mode(0o600)).map_err(broke)?;
        // A store in which nothing ever happened has no head yet.
        if log.join(CHECKPOINT).exists() {
            let verified = verify_log(set, None).await;
            verified.map_err(|fault| Exit::Failures(format!("{}: {}", set.display(), with_causes(&fault))))?;
        }
        Ok(())
    }

    fn delete_older(&self, folder: &Path) -> Result<(), Exit> {
        let Some(keep) = self.keep else { return Ok(()) };
        for old in sets(folder)?.into_iter().rev().skip(keep.get()) {
            let path = old.path_in(folder);
            let removed = if old.is_sealed { std::fs::remove_file(&path) } else { std::fs::remove_dir_all(&path) };
            removed.map_err(|error| Exit::Environment(format!("{} cannot be deleted: {error}", path.display())))?;
        }
        Ok(())
    }
}

impl Restore {
    /// Restores, then verifies the log.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        let data = place.data();
        let known = sets(&self.from)?;
        let chosen = match &self.set {
            Some(wanted) => known.iter().rev().find(|set| set.name == *wanted).ok_or_else(|| {
                let has: Vec<_> = known.iter().map(|set| set.name.as_str()).collect();
                Exit::Usage(format!("{} has no set `{wanted}`; it has {}", self.from.display(), has.join(", ")))
            })?,
            None => known.last().ok_or_else(|| {
                Exit::Usage(format!("{} holds no backup; `caseline backup --to` makes one", self.from.display()))
            })?,
        };
        if occupied::is_occupied(&data) {
            return Err(Exit::Environment(format!("a line runs on {}: stop it first", data.display())));
        }
        let settings = if place.config.exists() { Some(place.settings()?) } else { None };
        let is_apart = settings.is_some_and(|settings| settings.vault.socket.is_some());
        if is_apart {
            // The keys come first, to the vault; a line that reaches none of its own restores nothing.
            init::reach_vault(place)?;
            init::make_folder(&data)?;
        } else if !init::is_made(&data) {
            return Err(Exit::Usage(format!(
                "{} is missing: put the root key there from where you keep it, readable by the program alone",
                data.join("vault/root.key").display()
            )));
        }
        let named = chosen.path_in(&self.from);
        let _occupied = occupied::occupy(&data)?;
        // Whatever is opened stands in the data folder until all of it is there; a failure leaves nothing.
        let holding = Holding::make(&data).map_err(refused)?;
        let identity = self.identity.clone().unwrap_or_else(|| data.join("vault").join(IDENTITY));
        let set = if chosen.is_sealed {
            let set = holding.path().join("set");
            open_set(&identity, &named, &set).map_err(refused)?;
            set
        } else {
            named.clone()
        };
        let ring = if is_apart {
            restore_database(&set, &StoreSettings::at(&data)).map_err(refused)?;
            Ring::OfVault
        } else {
            let ring = holding.path().join("ring");
            let rings =
                if open_ring(&identity, &self.from, &ring).map_err(refused)? { ring } else { self.from.clone() };
            let is_own = restore(&set, &rings, &StoreSettings::at(&data)).map_err(refused)?;
            if is_own { Ring::Own } else { Ring::OfBackup }
        };
        drop(holding);
        // Opening proves that database, ring and root key belong together.
        let store = init::open_store_in(place).await?;
        init::write_out(&store).await?;
        let entries = if StoreSettings::at(&data).log().join(CHECKPOINT).exists() {
            verify_log(&data, None).await.map_err(|fault| Exit::Failures(with_causes(&fault)))?.head.size
        } else {
            0
        };
        place.print(
            &serde_json::json!({
                "set": named, "fingerprint": store.fingerprint(), "ring": ring.word(), "signed_entries": entries,
            }),
            &format!(
                "{} is restored; the key ring is {}. {} signed entries of the log hold. The store is {}.\n\
                 Promises made after that moment are lost: call back whom you can. Next: `caseline doctor`.",
                named.display(),
                ring.said(),
                entries,
                store.fingerprint()
            ),
        );
        Ok(())
    }
}

/// Whose key ring a restored store has.
#[derive(Clone, Copy)]
enum Ring {
    Own,
    OfBackup,
    OfVault,
}

impl Ring {
    const fn word(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::OfBackup => "backup",
            Self::OfVault => "vault",
        }
    }

    const fn said(self) -> &'static str {
        match self {
            Self::Own => "the data folder's own, which is the newer one",
            Self::OfBackup => "the backup's",
            Self::OfVault => "with the vault, which is a process of its own",
        }
    }
}

impl Set {
    fn path_in(&self, folder: &Path) -> PathBuf {
        folder.join(if self.is_sealed { format!("{}.{SEALED_ENDING}", self.name) } else { self.name.clone() })
    }
}

fn ring_of(folder: &Path) -> PathBuf {
    folder.join(KEYRING_COPY)
}

fn environment(fault: StoreFault) -> Exit {
    Exit::Environment(with_causes(&fault))
}

fn refused(fault: StoreFault) -> Exit {
    match fault {
        StoreFault::Refused { what } => Exit::Usage(what),
        other => environment(other),
    }
}

/// The sets of a folder, oldest first; whatever else is in it is left alone.
fn sets(folder: &Path) -> Result<Vec<Set>, Exit> {
    let broke = |error: std::io::Error| Exit::Usage(format!("{} cannot be read: {error}", folder.display()));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(broke)? {
        let entry = entry.map_err(broke)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let sealed = name.strip_suffix(SEALED_ENDING).and_then(|name| name.strip_suffix('.'));
        let set = Set { name: sealed.unwrap_or(&name).to_owned(), is_sealed: sealed.is_some() };
        let is_set = jiff::civil::DateTime::strptime(SET_NAME, &set.name).is_ok();
        if is_set && entry.path().is_dir() != set.is_sealed {
            found.push(set);
        }
    }
    found.sort();
    Ok(found)
}
