//! What the vault refused and what was done beside it is in the log: by the hour, of nobody, and once.
//! What the budgets let is tested in `vault`.

use super::Scratch;
use crate::contract::values::*;
use crate::settings::StoreSettings;
use crate::sqlite::SqliteStore;
use crate::testing::{ScratchDir, os_chance};
use crate::vault::served::{Served, settings_in};
use crate::vault::server::ServerSettings;
use crate::vault::{MarkBudget, Opening, OpeningBudget, Place, Vault};
use caseline_helpline::audit::{AuditEntry, AuditEvent, AuditReceipt, VaultBudget};
use caseline_helpline::cards::AlarmKind;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::{Checked, Store};
use caseline_model::{Channel, Time};
use sqlx::{Connection, SqliteConnection};

/// All that the log holds about the vault.
async fn of_vault(store: &SqliteStore, dir: &ScratchDir) -> Vec<AuditEntry> {
    let url = format!("sqlite://{}", dir.path().join("data/caseline.db").display());
    let mut conn = SqliteConnection::connect(&url).await.unwrap();
    let rows: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT place, sealed FROM log_entries ORDER BY place").fetch_all(&mut conn).await.unwrap();
    let entries = rows.into_iter().map(|(place, sealed)| {
        let receipt = AuditReceipt::durable_at(place.cast_unsigned());
        let row = receipt.index().to_be_bytes();
        let of_log = Place { table: "log_entries", row: &row, column: "sealed" };
        let plain = store.vault.open_value(&Opening::Entry(receipt), of_log, &sealed).unwrap();
        serde_json::from_slice::<AuditEntry>(&plain).unwrap()
    });
    let is_of_vault =
        |event: &AuditEvent| matches!(event, AuditEvent::VaultRefused { .. } | AuditEvent::RecoverySheetMade);
    entries.filter(|entry| is_of_vault(&entry.event)).collect()
}

fn refused(what: VaultBudget, at: Time) -> AuditEntry {
    AuditEntry { at, contact: None, case: None, event: AuditEvent::VaultRefused { what } }
}

async fn with_budget(dir: &ScratchDir, now: Time) -> SqliteStore {
    let openings = OpeningBudget::default().shortened(Some(1), None);
    let settings = StoreSettings { openings, ..StoreSettings::at(dir.path().join("data")) };
    SqliteStore::open(settings, now, os_chance()).await.unwrap()
}

#[tokio::test]
async fn what_the_vault_refused_is_in_the_log_once_an_hour_without_a_case_or_a_caller() {
    let dir = ScratchDir::new();
    let Scratch { store, dir } = Scratch { store: with_budget(&dir, NOON).await, dir };
    store.begin_contact(at(1), contact(1), Channel::Phone).await.unwrap();
    store.open_file(at(1), contact(1), own_file(7, None)).await.unwrap();
    let reads = async |store: &SqliteStore, now| store.read_case(now, contact(1), case(7), &[]).await;
    reads(&store, at(2)).await.unwrap();
    assert!(of_vault(&store, &dir).await.is_empty());
    for second in 3..6 {
        assert!(matches!(reads(&store, at(second)).await, Err(StoreFault::NotAllowed { .. })));
    }
    // Whatever looks at the line writes it down, and no look writes it twice.
    store.alarms(at(10)).await.unwrap();
    store.alarms(at(11)).await.unwrap();
    let first = refused(VaultBudget::Openings, NOON);
    assert_eq!(of_vault(&store, &dir).await, std::slice::from_ref(&first));
    reads(&store, at(50)).await.unwrap_err();
    store.purge(at(60)).await.unwrap();
    store.close().await.unwrap();
    let store = with_budget(&dir, at(70)).await;
    reads(&store, at(71)).await.unwrap_err();
    store.alarms(at(80)).await.unwrap();
    assert_eq!(of_vault(&store, &dir).await, std::slice::from_ref(&first), "the hour has its entry");
    // The next hour has its own one, and the alarm rings for it.
    let later = NOON.plus(HOUR).plus(HOUR / 2);
    reads(&store, later).await.unwrap();
    reads(&store, later).await.unwrap_err();
    assert_eq!(store.alarms(later).await.unwrap(), [AlarmKind::VaultBudget]);
    assert_eq!(of_vault(&store, &dir).await, [first, refused(VaultBudget::Openings, NOON.plus(HOUR))]);
    store.close().await.unwrap();
    crate::verify_log(&dir.path().join("data"), None).await.unwrap();
}

#[tokio::test]
async fn past_the_budget_of_marks_no_card_opens_enrolled_or_not_and_the_log_says_so() {
    let dir = ScratchDir::new();
    let marks = MarkBudget::default().shortened(Some(40), None);
    let served = Served::start(&ServerSettings { marks, ..settings_in(dir.path(), OpeningBudget::default()) }, NOON);
    std::fs::create_dir_all(dir.path().join("data")).unwrap();
    let settings =
        StoreSettings { vault_socket: Some(served.socket.clone()), ..StoreSettings::at(dir.path().join("data")) };
    let store = SqliteStore::open(settings, NOON, os_chance()).await.unwrap();
    // Twelve codes of a card are marked when it is made.
    store.enrol(at(0), case(7), &number(7), &card(7)).await.unwrap();
    let tries = async |n: u128, of: u32| {
        store.begin_contact(at(1), contact(n), Channel::Phone).await.unwrap();
        store.check_card(at(2), &trying(n, Some(n as u32)), &number(of), &wrong_code(1)).await
    };
    for n in 1..9 {
        assert_eq!(tries(n, 100 + n as u32).await.unwrap(), Checked::Refused, "a number that nobody enrolled");
    }
    let mut n = 20;
    while tries(n, 7).await.is_ok() {
        n += 1;
    }
    // Where in its last quarter the budget ends nobody knows.
    assert!((20 + 17..20 + 29).contains(&n), "{n}");
    for (n, of) in [(100, 7), (101, 8)] {
        let spent = tries(n, of).await;
        let Err(StoreFault::NotAllowed { why, .. }) = spent else { panic!("{spent:?}") };
        assert_eq!(why, crate::WHY_MARKS, "enrolled and not enrolled alike");
    }
    store.alarms(at(3)).await.unwrap();
    assert_eq!(of_vault(&store, &dir).await, [refused(VaultBudget::Codes, NOON)]);
}

#[tokio::test]
async fn a_recovery_sheet_that_was_made_beside_the_vault_is_in_the_log_when_the_line_next_asks() {
    let dir = ScratchDir::new();
    let served = Served::start(&settings_in(dir.path(), OpeningBudget::default()), NOON);
    std::fs::create_dir_all(dir.path().join("data")).unwrap();
    let socket = served.socket.clone();
    let settings =
        || StoreSettings { vault_socket: Some(socket.clone()), ..StoreSettings::at(dir.path().join("data")) };
    let store = SqliteStore::open(settings(), NOON, os_chance()).await.unwrap();
    let sheet = || Vault::note_sheet(&dir.path().join("vault-apart"), os_chance()).unwrap();
    assert_eq!(sheet(), store.fingerprint(), "it is this store's");
    store.alarms(at(5)).await.unwrap();
    let made = |at| AuditEntry { at, contact: None, case: None, event: AuditEvent::RecoverySheetMade };
    assert_eq!(of_vault(&store, &dir).await, [made(at(5))]);
    store.alarms(at(6)).await.unwrap();
    sheet();
    sheet();
    store.close().await.unwrap();
    let store = SqliteStore::open(settings(), at(7), os_chance()).await.unwrap();
    assert_eq!(of_vault(&store, &dir).await, [made(at(5)), made(at(7)), made(at(7))]);
    // After a restore the vault's ledger begins anew, and its first sheet is as new as any.
    store.close().await.unwrap();
    std::fs::remove_file(dir.path().join("vault-apart/ledger")).unwrap();
    drop(served);
    let _served = Served::start(&settings_in(dir.path(), OpeningBudget::default()), NOON);
    let store = SqliteStore::open(settings(), at(8), os_chance()).await.unwrap();
    sheet();
    store.alarms(at(9)).await.unwrap();
    assert_eq!(of_vault(&store, &dir).await.len(), 4);
}
