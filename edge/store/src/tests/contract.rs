//! The contract on both stores.
//! The checks stand in `crate::contract`.

use super::scratch;
use crate::contract::run_contract;
use crate::contract::values::{NOON, contact};
use crate::memory::MemoryStore;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::Store;
use caseline_model::Channel;

struct InMemory(MemoryStore);

impl AsRef<dyn Store> for InMemory {
    fn as_ref(&self) -> &(dyn Store + 'static) {
        &self.0
    }
}

#[tokio::test]
async fn the_model_keeps_the_contract() {
    run_contract(async || InMemory(MemoryStore::new())).await;
}

#[tokio::test]
async fn sqlite_keeps_the_contract() {
    run_contract(async || scratch(NOON).await).await;
}

#[tokio::test]
async fn a_full_disk_of_the_model_fails_writes_and_lets_reading_go_on() {
    let store = MemoryStore::new();
    store.begin_contact(NOON, contact(1), Channel::WebChat).await.unwrap();
    store.save_conversation(NOON, contact(1), b"state").await.unwrap();
    store.fill_disk_after(Some(1));
    store.save_conversation(NOON, contact(1), b"second").await.unwrap();
    let failed = store.save_conversation(NOON, contact(1), b"third").await;
    assert!(matches!(failed, Err(StoreFault::DiskFull { .. })));
    assert_eq!(store.load_conversation(NOON, contact(1)).await.unwrap().as_deref(), Some(b"second".as_slice()));
    store.fill_disk_after(None);
    store.save_conversation(NOON, contact(1), b"fourth").await.unwrap();
}
