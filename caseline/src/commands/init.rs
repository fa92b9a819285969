//! `caseline init`: makes the folder for all that is kept, with its keys; and opens it for the other commands.
//! What a key is and how it is guarded is the vault's.

use super::Place;
use crate::exits::{Exit, with_causes};
use crate::world::{MachineChance, MachineClock};
use caseline_helpline::retention::KeptTimes;
use caseline_helpline::{Chance, Clock};
use caseline_store::backup::KEYRING_COPY;
use caseline_store::vault::Vault;
use caseline_store::{SqliteStore, StoreSettings};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Makes the keys; refuses to make them twice.
pub fn run(place: &Place) -> Result<(), Exit> {
    let data = place.data();
    if is_made(&data) {
        return Err(Exit::Usage(format!(
            "{} is ready already: its keys are made once and never again",
            data.display()
        )));
    }
    make(&data)?;
    place.print(
        &serde_json::json!({ "data": data.display().to_string() }),
        &format!(
            "{} is ready. Its keys are in {}: keep a copy of root.key apart, offline: without it nothing opens (docs/guides/upgrade-and-back-up.md).",
            data.display(),
            data.join("vault").display()
        ),
    );
    Ok(())
}

/// Makes the folder and its keys.
pub fn make(data: &Path) -> Result<(), Exit> {
    std::fs::create_dir_all(data)
        .map_err(|error| Exit::Environment(format!("{} cannot be made: {error}", data.display())))?;
    let chance: Arc<dyn Chance> = Arc::new(MachineChance);
    Vault::init(&StoreSettings::at(data).vault(), &chance).map_err(|fault| Exit::Environment(with_causes(&fault)))
}

/// Whether `init` made this folder.
pub fn is_made(data: &Path) -> bool {
    Vault::is_in(&StoreSettings::at(data).vault())
}

/// Opens the store of a folder that `init` made.
///
/// Copies of the key ring in these folders of backups follow each destruction of keys.
pub async fn open_store(data: &Path, backups: &[PathBuf]) -> Result<Arc<SqliteStore>, Exit> {
    open_store_of_line(data, backups, KeptTimes::default()).await
}

/// The same, for a command that writes what a line keeps: with the times of its settings.
pub async fn open_store_of_line(
    data: &Path,
    backups: &[PathBuf],
    retention: KeptTimes,
) -> Result<Arc<SqliteStore>, Exit> {
    if !is_made(data) {
        return Err(Exit::Usage(format!("{} has no keys yet; run `caseline init --data {0}` once", data.display())));
    }
    let keyring_copies = backups.iter().map(|folder| folder.join(KEYRING_COPY)).collect();
    let settings = StoreSettings { keyring_copies, retention, ..StoreSettings::at(data) };
    SqliteStore::open(settings, MachineClock.now(), Arc::new(MachineChance))
        .await
        .map(Arc::new)
        .map_err(|fault| Exit::Environment(with_causes(&fault)))
}

/// Signs the log's head before the program ends.
pub async fn write_out(store: &SqliteStore) -> Result<(), Exit> {
    store.write_out().await.map_err(|fault| Exit::Environment(with_causes(&fault)))
}
