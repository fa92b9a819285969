//! `caseline init`: makes the folder for all that is kept, with its keys; and opens it for the other commands.
//! What a key is and how it is guarded is the vault's.

use super::Place;
use crate::exits::{Exit, with_causes};
use crate::world::{MachineChance, MachineClock};
use caseline_helpline::{Chance, Clock};
use caseline_store::vault::Vault;
use caseline_store::{SqliteStore, StoreSettings};
use std::path::Path;
use std::sync::Arc;

/// Makes the keys; refuses to make them twice.
pub fn run(place: &Place) -> Result<(), Exit> {
    let data = place.data();
    make(&data)?;
    place.print(
        &serde_json::json!({ "data": data.display().to_string() }),
        &format!(
            "{} is ready. Its keys are in {}: back them up apart from the database (docs/guides/upgrade-and-back-up.md).",
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
pub async fn open_store(data: &Path) -> Result<Arc<SqliteStore>, Exit> {
    if !is_made(data) {
        return Err(Exit::Usage(format!("{} has no keys yet; run `caseline init --data {0}` once", data.display())));
    }
    SqliteStore::open(StoreSettings::at(data), MachineClock.now(), Arc::new(MachineChance))
        .await
        .map(Arc::new)
        .map_err(|fault| Exit::Environment(with_causes(&fault)))
}

/// Signs the log's head before the program ends.
pub async fn write_out(store: &SqliteStore) -> Result<(), Exit> {
    store.write_out().await.map_err(|fault| Exit::Environment(with_causes(&fault)))
}
