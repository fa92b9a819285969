//! Tests of the stores, of the files they leave behind, and of what becomes of them under kills and full disks.
//! Tests of one module alone stand in that module.

mod contract;
mod crash;
mod demands;
mod files;
mod forgetting;
mod full_disk;
mod held_page;
mod limits;
mod log;
mod model;
mod public;
mod sealed_backups;
mod selectors;
mod staff;
mod start;
mod tickets;
mod tiles;
mod vault_news;
mod vault_process;

use crate::settings::StoreSettings;
use crate::sqlite::SqliteStore;
use crate::testing::{ScratchDir, os_chance};
use caseline_helpline::ports::Store;
use caseline_model::Time;

/// A store in a folder that goes with the test.
pub(crate) struct Scratch {
    pub(crate) store: SqliteStore,
    pub(crate) dir: ScratchDir,
}

impl AsRef<dyn Store> for Scratch {
    fn as_ref(&self) -> &(dyn Store + 'static) {
        &self.store
    }
}

pub(crate) async fn scratch(now: Time) -> Scratch {
    let dir = ScratchDir::new();
    Scratch { store: open(&dir, now).await, dir }
}

pub(crate) async fn open(dir: &ScratchDir, now: Time) -> SqliteStore {
    SqliteStore::open(StoreSettings::at(dir.path().join("data")), now, os_chance()).await.unwrap()
}
