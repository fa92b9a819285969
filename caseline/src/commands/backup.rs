//! `caseline backup` and `caseline restore`: versioned databases beside one copy of the key ring, and the way back.
//! What a set holds and which ring is the newer one is the store's.

use super::{Place, init};
use crate::exits::{Exit, with_causes};
use crate::occupied;
use crate::world::MachineClock;
use caseline_helpline::Clock;
use caseline_store::backup::{KEYRING_COPY, copy_public_log, restore};
use caseline_store::settings::CHECKPOINT;
use caseline_store::{StoreSettings, verify_log};
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
}

impl Backup {
    /// Writes one set into each folder.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        let declared = if place.config.exists() { place.settings()?.backup.folders } else { Vec::new() };
        let folders = self.to.as_ref().map_or_else(|| declared.clone(), |to| vec![to.clone()]);
        if folders.is_empty() {
            return Err(Exit::Usage(
                "where to? Write --to DIR, or [backup] folders = [\"DIR\"] in the settings".into(),
            ));
        }
        let now = jiff::Timestamp::from_microsecond(MachineClock.now().micros()).unwrap_or_default();
        let name = now.strftime(SET_NAME).to_string();
        let mut rows = Vec::new();
        let mut text = String::new();
        for folder in &folders {
            let set = folder.join(&name);
            self.write(place, folder, &set).await?;
            text.push_str(&format!("{} is written; {} is overwritten.\n", set.display(), ring_of(folder).display()));
            if !declared.contains(folder) {
                text.push_str(&format!(
                    "Name {} in [backup] folders: its key ring is then overwritten too whenever keys are destroyed.\n",
                    folder.display()
                ));
            }
            rows.push(
                serde_json::json!({ "set": set, "keyring": ring_of(folder), "declared": declared.contains(folder) }),
            );
        }
        text.push_str("The root key is in no backup: keep vault/root.key apart, offline.");
        place.print(&serde_json::json!({ "backups": rows }), &text);
        Ok(())
    }

    async fn write(&self, place: &Place, folder: &Path, set: &Path) -> Result<(), Exit> {
        let broke = |error: std::io::Error| Exit::Environment(format!("{} cannot be written: {error}", set.display()));
        let data = place.data();
        let store = init::open_store(&data, &[]).await?;
        init::write_out(&store).await?;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(set).map_err(broke)?;
        // The head first: a database that is newer than its head verifies, an older one does not.
        let log = StoreSettings::at(set).log();
        std::fs::DirBuilder::new().mode(0o700).create(&log).map_err(broke)?;
        for entry in std::fs::read_dir(StoreSettings::at(&data).log()).map_err(broke)? {
            let entry = entry.map_err(broke)?;
            // The head, its key and small files; tiles can be made again, and the public log is copied below.
            if entry.path().is_file() {
                std::fs::copy(entry.path(), log.join(entry.file_name())).map_err(broke)?;
            }
        }
        copy_public_log(&StoreSettings::at(&data).log(), &log).map_err(broke)?;
        store.back_up_with_ring(set, &ring_of(folder)).await.map_err(|fault| {
            // Half a set is none, and would be the newest one.
            let _ = std::fs::remove_dir_all(set);
            Exit::Environment(with_causes(&fault))
        })?;
        let database = StoreSettings::at(set).database();
        std::fs::set_permissions(&database, std::fs::Permissions::from_mode(0o600)).map_err(broke)?;
        // A store in which nothing ever happened has no head yet.
        if log.join(CHECKPOINT).exists() {
            let verified = verify_log(set, None).await;
            verified.map_err(|fault| Exit::Failures(format!("{}: {}", set.display(), with_causes(&fault))))?;
        }
        if let Some(keep) = self.keep {
            for old in sets(folder)?.into_iter().rev().skip(keep.get()) {
                std::fs::remove_dir_all(folder.join(old)).map_err(broke)?;
            }
        }
        Ok(())
    }
}

impl Restore {
    /// Restores, then verifies the log.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        let data = place.data();
        let known = sets(&self.from)?;
        let name = match &self.set {
            Some(set) if known.contains(set) => set.clone(),
            Some(set) => {
                let has = known.join(", ");
                return Err(Exit::Usage(format!("{} has no set `{set}`; it has {has}", self.from.display())));
            }
            None => known.last().cloned().ok_or_else(|| {
                Exit::Usage(format!("{} holds no backup; `caseline backup --to` makes one", self.from.display()))
            })?,
        };
        if occupied::is_occupied(&data) {
            return Err(Exit::Environment(format!("a line runs on {}: stop it first", data.display())));
        }
        if !init::is_made(&data) {
            return Err(Exit::Usage(format!(
                "{} is missing: put the root key there from where you keep it, readable by the program alone",
                data.join("vault/root.key").display()
            )));
        }
        let set = self.from.join(&name);
        let _occupied = occupied::occupy(&data)?;
        let own_ring = restore(&set, &self.from, &StoreSettings::at(&data)).map_err(|fault| match fault {
            caseline_helpline::fault::StoreFault::Refused { what } => Exit::Usage(what),
            other => Exit::Environment(with_causes(&other)),
        })?;
        // Opening proves that database, ring and root key belong together.
        let store = init::open_store(&data, &[]).await?;
        init::write_out(&store).await?;
        let entries = if StoreSettings::at(&data).log().join(CHECKPOINT).exists() {
            verify_log(&data, None).await.map_err(|fault| Exit::Failures(with_causes(&fault)))?.head.size
        } else {
            0
        };
        let ring = if own_ring { "the data folder's own, which is the newer one" } else { "the backup's" };
        place.print(
            &serde_json::json!({
                "set": set, "ring": if own_ring { "own" } else { "backup" }, "signed_entries": entries,
            }),
            &format!(
                "{} is restored; the key ring is {ring}. {} signed entries of the log hold.\n\
                 Promises made after that moment are lost: call back whom you can. Next: `caseline doctor`.",
                set.display(),
                entries
            ),
        );
        Ok(())
    }
}

fn ring_of(folder: &Path) -> PathBuf {
    folder.join(KEYRING_COPY)
}

/// The sets of a folder, oldest first; other folders in it are left alone.
fn sets(folder: &Path) -> Result<Vec<String>, Exit> {
    let broke = |error: std::io::Error| Exit::Usage(format!("{} cannot be read: {error}", folder.display()));
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(broke)? {
        let name = entry.map_err(broke)?.file_name().to_string_lossy().into_owned();
        if jiff::civil::DateTime::strptime(SET_NAME, &name).is_ok() && folder.join(&name).is_dir() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
