//! `caseline init`: makes the folder for all that is kept, with its keys; and opens it for the other commands.
//! What a key is and how it is guarded is the vault's.

use super::Place;
use crate::exits::{Exit, with_causes};
use crate::settings::Settings;
use crate::world::{MachineChance, MachineClock};
use caseline_helpline::{Chance, Clock};
use caseline_model::Zone;
use caseline_store::backup::KEYRING_COPY;
use caseline_store::vault::Vault;
use caseline_store::{SqliteStore, StoreSettings};
use std::path::Path;
use std::sync::Arc;

/// Makes the keys; refuses to make them twice.
pub fn run(place: &Place) -> Result<(), Exit> {
    let data = place.data();
    if let Some(socket) = place.settings().ok().and_then(|settings| settings.vault.socket) {
        make_folder(&data)?;
        place.print(
            &serde_json::json!({ "data": data.display().to_string(), "vault": socket.display().to_string() }),
            &format!(
                "{} is ready. Its keys are not in it: `caseline vault` makes and holds them (docs/guides/vault.md).",
                data.display()
            ),
        );
        return Ok(());
    }
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
    make_folder(data)?;
    let chance: Arc<dyn Chance> = Arc::new(MachineChance);
    Vault::init(&StoreSettings::at(data).vault(), &chance).map_err(|fault| Exit::Environment(with_causes(&fault)))
}

/// Whether the vault of the settings answers, which is a process of its own.
pub fn reach_vault(place: &Place) -> Result<(), Exit> {
    let Some(socket) = place.settings()?.vault.socket else { return Ok(()) };
    Vault::connect(&socket, Arc::new(MachineChance)).map(|_| ()).map_err(|fault| Exit::Environment(with_causes(&fault)))
}

/// Makes the folder for all that is kept, without keys.
pub fn make_folder(data: &Path) -> Result<(), Exit> {
    std::fs::create_dir_all(data)
        .map_err(|error| Exit::Environment(format!("{} cannot be made: {error}", data.display())))
}

/// Whether `init` made this folder.
pub fn is_made(data: &Path) -> bool {
    Vault::is_in(&StoreSettings::at(data).vault())
}

/// Opens the store of a folder that `init` made, for a command that destroys nothing of a line.
pub async fn open_store(data: &Path) -> Result<Arc<SqliteStore>, Exit> {
    open(StoreSettings::at(data)).await
}

/// The same, where the settings of the line may say that the vault is a process of its own.
pub async fn open_store_in(place: &Place) -> Result<Arc<SqliteStore>, Exit> {
    let Ok(settings) = place.settings() else { return open(StoreSettings::at(place.data())).await };
    open(StoreSettings {
        vault_socket: settings.vault.socket.clone(),
        openings: settings.vault.openings(),
        zone: zone_of(&settings),
        ..StoreSettings::at(place.data())
    })
    .await
}

/// The same as the settings of its line say: how long everything is kept, the room for a full disk, and the copies of the
/// key ring in folders of backups, which follow each destruction of keys.
pub async fn open_store_of(data: &Path, settings: &Settings) -> Result<Arc<SqliteStore>, Exit> {
    open(StoreSettings {
        keyring_copies: settings.backup.folders.iter().map(|folder| folder.join(KEYRING_COPY)).collect(),
        backup_recipients: settings.backup.recipients.clone(),
        retention: settings.retention.times(),
        ballast_bytes: settings.store.ballast_mb << 20,
        vault_socket: settings.vault.socket.clone(),
        openings: settings.vault.openings(),
        zone: zone_of(settings),
        ..StoreSettings::at(data)
    })
    .await
}

/// The line's zone; the settings were read, so that it is one.
fn zone_of(settings: &Settings) -> Zone {
    Zone::named(&settings.line.zone).unwrap_or(Zone::utc())
}

async fn open(settings: StoreSettings) -> Result<Arc<SqliteStore>, Exit> {
    let data = &settings.data_dir;
    if settings.vault_socket.is_some() {
        make_folder(data)?;
    } else if !is_made(data) {
        return Err(Exit::Usage(format!("{} has no keys yet; run `caseline init --data {0}` once", data.display())));
    }
    SqliteStore::open(settings, MachineClock.now(), Arc::new(MachineChance))
        .await
        .map(Arc::new)
        .map_err(|fault| Exit::Environment(with_causes(&fault)))
}

/// Signs the log's head before the program ends.
pub async fn write_out(store: &SqliteStore) -> Result<(), Exit> {
    store.write_out().await.map_err(|fault| Exit::Environment(with_causes(&fault)))
}
