//! "Forget me" against copies that were made before it (property S22): with all keys in hand, nothing of them opens.
//! That no byte stays in the files themselves stands in `files`.

use super::{Scratch, open, scratch};
use crate::contract::values::*;
use crate::settings::StoreSettings;
use crate::sqlite::SqliteStore;
use crate::testing::{ScratchDir, os_chance};
use crate::vault::{Opening, Place, Vault, VaultFault, slot_of};
use caseline_conversation::effect::ReportState;
use caseline_helpline::ports::{Checked, ReportLooked, Store, TaskKind};
use caseline_helpline::retention::DataClass;
use caseline_model::{CaseId, Channel, TaskId};
use caseline_records::{Field, SourceKind};
use sqlx::{Connection, SqliteConnection};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Two people with all that can be kept of a case; the second one stays.
async fn two_people(store: &SqliteStore) {
    for n in [7, 8] {
        store.enrol(at(0), case(n), &number(n as u32), &card(n as u64)).await.unwrap();
        store.begin_contact(at(1), contact(n), Channel::Phone).await.unwrap();
        let checked = store.check_card(at(1), &trying(n, None), &number(n as u32), &code(1, n as u64)).await.unwrap();
        assert_eq!(checked, Checked::Opened(case(n)));
        let row = [hearing(days_later(30), SourceKind::CourtFeed)];
        store.add_from_feed(at(1), &number(n as u32), b"row", &row).await.unwrap();
        store.take_report(at(2), contact(n), report(n as u64, Some(case(n)))).await.unwrap();
        let reminder = task(100 + n, TaskKind::Reminder, at(2), at(0).plus(DAY), Some(case(n)));
        store.add_task(at(2), Some(contact(n)), reminder).await.unwrap();
    }
}

/// Opens all that a database holds of a case, as somebody does who has its bytes and a vault: no clock, no limits.
async fn opened(database: &Path, vault_dir: &Path, of: CaseId) -> Vec<(&'static str, Result<Vec<u8>, VaultFault>)> {
    let vault = Vault::open(vault_dir, os_chance()).unwrap();
    let mut conn = SqliteConnection::connect(&format!("sqlite://{}?mode=ro", database.display())).await.unwrap();
    let id = of.to_bytes().to_vec();
    let mut all = Vec::new();
    let versions: Vec<(Vec<u8>, i64, Vec<u8>)> =
        sqlx::query_as("SELECT case_key, version, sealed FROM cases JOIN case_versions ON case_id = id WHERE id = ?1")
            .bind(&id)
            .fetch_all(&mut conn)
            .await
            .unwrap();
    for (key, version, sealed) in versions {
        let row = [of.to_bytes().as_slice(), &version.to_be_bytes()].concat();
        let place = Place { table: "case_versions", row: &row, column: "sealed" };
        let plain = vault.open_with_all_keys(of, &key, place, &sealed);
        all.push(("version", plain.map(|plain| plain.to_vec())));
    }
    let reports: Vec<(Vec<u8>, Vec<u8>)> = sqlx::query_as("SELECT mark, sealed FROM reports WHERE case_id = ?1")
        .bind(&id)
        .fetch_all(&mut conn)
        .await
        .unwrap();
    for (mark, sealed) in reports {
        let mark: [u8; 32] = mark.try_into().unwrap();
        let place = Place { table: "reports", row: &mark, column: "sealed" };
        let plain = vault.open_value(&Opening::Report(&mark), place, &sealed);
        all.push(("report", plain.map(|plain| plain.to_vec())));
    }
    let tasks: Vec<(Vec<u8>, Vec<u8>)> = sqlx::query_as("SELECT id, content FROM tasks WHERE case_id = ?1")
        .bind(&id)
        .fetch_all(&mut conn)
        .await
        .unwrap();
    for (row, sealed) in tasks {
        let task = TaskId::from_bytes(&row).unwrap();
        let place = Place { table: "tasks", row: &row, column: "content" };
        let plain = vault.open_value(&Opening::Task(task), place, &sealed);
        all.push(("task", plain.map(|plain| plain.to_vec())));
    }
    conn.close().await.unwrap();
    all
}

fn whole(opened: &[(&str, Result<Vec<u8>, VaultFault>)]) -> bool {
    let kinds: Vec<_> = opened.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, ["version", "report", "task", "task"], "a report is somebody's task too");
    let first = opened[0].1.is_ok();
    assert!(opened.iter().all(|(_, plain)| plain.is_ok() == first), "all of it or nothing");
    first
}

/// A vault's folder as somebody has it who took these keys and the root key.
fn their_vault(kept: &Scratch, keys: &Path, name: &str) -> PathBuf {
    let dir = kept.dir.path().join(name);
    std::fs::create_dir_all(&dir).unwrap();
    for file in ["keyring", "case-secrets"] {
        std::fs::copy(keys.join(file), dir.join(file)).unwrap();
    }
    std::fs::copy(kept.dir.path().join("data/vault/root.key"), dir.join("root.key")).unwrap();
    dir
}

async fn with_backups(kept: &Scratch) -> SqliteStore {
    let keyring_copies = vec![kept.dir.path().join("set/keyring")];
    let settings = StoreSettings { keyring_copies, ..StoreSettings::at(kept.dir.path().join("data")) };
    SqliteStore::open(settings, NOON, os_chance()).await.unwrap()
}

#[tokio::test]
async fn what_was_copied_before_forget_me_never_opens_after_it() {
    let kept = scratch(NOON).await;
    let store = with_backups(&kept).await;
    two_people(&store).await;
    let (data, set) = (kept.dir.path().join("data"), kept.dir.path().join("set"));
    store.back_up(&set).await.unwrap();
    store.write_out().await.unwrap();
    let copy = kept.dir.path().join("stolen.db");
    std::fs::copy(data.join("caseline.db"), &copy).unwrap();
    for database in [&copy, &set.join("caseline.db")] {
        for n in [7, 8] {
            assert!(whole(&opened(database, &data.join("vault"), case(n)).await), "before, it opens");
        }
    }
    store.forget(at(3), contact(7), case(7)).await.unwrap();
    // At once, with the newest keys of the line and with those of the backup, and the root key.
    for (n, keys) in [data.join("vault"), set.clone()].into_iter().enumerate() {
        let theirs = their_vault(&kept, &keys, &format!("theirs-{n}"));
        for database in [&copy, &set.join("caseline.db")] {
            let all = opened(database, &theirs, case(7)).await;
            assert!(!whole(&all));
            assert!(all.iter().all(|(_, plain)| matches!(plain, Err(VaultFault::Sealed))));
            assert!(whole(&opened(database, &theirs, case(8)).await), "nobody else is forgotten");
        }
    }
    // What is restored from that backup has nothing of it either.
    store.close().await.unwrap();
    let again = StoreSettings::at(kept.dir.path().join("again"));
    std::fs::create_dir_all(again.vault()).unwrap();
    std::fs::copy(data.join("vault/root.key"), again.vault().join("root.key")).unwrap();
    crate::backup::restore(&set, &set, &again).unwrap();
    let restored = SqliteStore::open(again, at(4), os_chance()).await.unwrap();
    assert_eq!(cases_in(&restored).await, [case(8)]);
    for (n, wanted) in [(7, Checked::Refused), (8, Checked::Opened(case(8)))] {
        restored.begin_contact(at(5), contact(20 + n), Channel::Phone).await.unwrap();
        let who = trying(20 + n, Some(n as u32));
        let checked = restored.check_card(at(5), &who, &number(n as u32), &code(2, n as u64)).await.unwrap();
        assert_eq!(checked, wanted);
    }
}

#[tokio::test]
async fn the_model_brings_nobody_back_from_a_copy_either() {
    let store = crate::memory::MemoryStore::new();
    for n in [7, 8] {
        store.begin_contact(at(0), contact(n), Channel::Phone).await.unwrap();
        store.open_file(at(0), contact(n), own_file(n as u64, None)).await.unwrap();
    }
    let copy = store.copy_of_cases();
    store.forget(at(1), contact(7), case(7)).await.unwrap();
    store.restore_cases(copy);
    for (n, wanted) in [(7, Checked::Refused), (8, Checked::Opened(case(8)))] {
        store.begin_contact(at(2), contact(20 + n), Channel::Phone).await.unwrap();
        let checked = store.check_file(at(2), &trying(20 + n, None), &receipt(n as u64), None).await.unwrap();
        assert_eq!(checked, wanted);
    }
}

async fn cases_in(store: &SqliteStore) -> Vec<CaseId> {
    let ids: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT id FROM cases ORDER BY id").fetch_all(&store.readers).await.unwrap();
    ids.iter().filter_map(|id| CaseId::from_bytes(id)).collect()
}

async fn key_of(store: &SqliteStore, case: CaseId) -> Vec<u8> {
    let query = sqlx::query_scalar("SELECT case_key FROM cases WHERE id = ?1").bind(case.to_bytes().to_vec());
    query.fetch_one(&store.readers).await.unwrap()
}

#[tokio::test]
async fn a_forget_me_that_was_cut_off_is_ended_by_the_next_start() {
    let kept = scratch(NOON).await;
    two_people(&kept.store).await;
    let slot = slot_of(&key_of(&kept.store, case(7)).await).unwrap();
    // The process stops after the secret is destroyed and before the rows are.
    kept.store.vault.destroy_secrets(&[slot]).unwrap();
    kept.store.close().await.unwrap();
    let store = open(&kept.dir, at(5)).await;
    assert_eq!(cases_in(&store).await, [case(8)]);
    store.begin_contact(at(6), contact(30), Channel::Phone).await.unwrap();
    let checked = store.check_card(at(6), &trying(30, None), &number(7), &code(2, 7)).await.unwrap();
    assert_eq!(checked, Checked::Refused);
    assert_eq!(store.read_case(at(6), contact(8), case(8), &[Field::Hearing]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_folder_of_before_there_were_secrets_still_opens_and_gets_them() {
    let kept = scratch(NOON).await;
    two_people(&kept.store).await;
    // As an earlier Caseline wrote it: keys sealed under their day alone, no file of secrets, no note of one.
    let row = case(7).to_bytes();
    let place = Place { table: "cases", row: &row, column: "case_key" };
    let key = key_of(&kept.store, case(7)).await;
    let until: i64 =
        sqlx::query_scalar("SELECT keep_until FROM cases LIMIT 1").fetch_one(&kept.store.readers).await.unwrap();
    let until = caseline_model::Time::from_micros(until);
    let class = crate::vault::class_code(DataClass::CaseFile);
    let old = kept.store.vault.holder().rotate_value(class, until, false, place, &key).unwrap();
    assert!(slot_of(&key).is_some() && slot_of(&old).is_none());
    {
        let mut writer = kept.store.writer.lock().await;
        for sql in [
            "DELETE FROM attempts",
            "DELETE FROM tasks",
            "DELETE FROM reports",
            "DELETE FROM access WHERE case_id <> ?1",
            "DELETE FROM card_cases WHERE case_id <> ?1",
            "DELETE FROM case_versions WHERE case_id <> ?1",
            "DELETE FROM cases WHERE id <> ?1",
            "DELETE FROM identity WHERE name = 'case-secrets'",
        ] {
            let query = if sql.contains("?1") { sqlx::query(sql).bind(row.to_vec()) } else { sqlx::query(sql) };
            query.execute(writer.conn()).await.unwrap();
        }
        let query = sqlx::query("UPDATE cases SET case_key = ?1").bind(old);
        query.execute(writer.conn()).await.unwrap();
    }
    kept.store.close().await.unwrap();
    std::fs::remove_file(kept.dir.path().join("data/vault/case-secrets")).unwrap();

    let store = open(&kept.dir, at(5)).await;
    assert_eq!(store.read_case(at(6), contact(7), case(7), &[Field::Hearing]).await.unwrap().len(), 1);
    store.begin_contact(at(6).plus(DAY), contact(31), Channel::Phone).await.unwrap();
    let checked = store.check_card(at(6).plus(DAY), &trying(31, None), &number(7), &code(2, 7)).await.unwrap();
    assert_eq!(checked, Checked::Opened(case(7)));
    assert!(slot_of(&key_of(&store, case(7)).await).is_some(), "the next opening gave it a secret");
    store.forget(at(7).plus(DAY), contact(31), case(7)).await.unwrap();
}

#[tokio::test]
async fn a_missing_or_older_file_of_secrets_is_refused_and_nothing_is_deleted() {
    let kept = scratch(NOON).await;
    let file = kept.dir.path().join("data/vault/case-secrets");
    let older = std::fs::read(&file).unwrap();
    two_people(&kept.store).await;
    kept.store.close().await.unwrap();
    let newest = std::fs::read(&file).unwrap();
    let refusal = async |dir: &ScratchDir| {
        let settings = StoreSettings::at(dir.path().join("data"));
        SqliteStore::open(settings, NOON, os_chance()).await.err().unwrap().to_string()
    };
    std::fs::write(&file, older).unwrap();
    let said = refusal(&kept.dir).await;
    assert!(said.contains("vault/case-secrets is older than the database; put the newest copy"), "{said}");
    std::fs::remove_file(&file).unwrap();
    let said = refusal(&kept.dir).await;
    assert!(said.contains("vault/case-secrets is missing; put the newest copy"), "{said}");
    crate::vault::write_atomically(&file, &newest).unwrap();
    assert_eq!(cases_in(&open(&kept.dir, at(5)).await).await, [case(7), case(8)]);
}

#[tokio::test]
async fn a_report_outlives_its_case_and_still_opens() {
    let kept = scratch(NOON).await;
    let store = &kept.store;
    two_people(store).await;
    let later = at(0).plus(DAY * 80);
    assert!(store.move_report(later, &report_code(7), ReportState::Answered).await.unwrap());
    store.purge(at(0).plus(DAY * 92)).await.unwrap();
    assert_eq!(cases_in(store).await, []);
    let now = at(0).plus(DAY * 93);
    store.begin_contact(now, contact(40), Channel::Phone).await.unwrap();
    let looked = store.report_state(now, &trying(40, None), &report_code(7)).await.unwrap();
    assert!(matches!(looked, ReportLooked::State { state: ReportState::Answered, .. }), "{looked:?}");
}

#[tokio::test]
async fn a_case_that_was_not_kept_leaves_no_secret() {
    let kept = scratch(NOON).await;
    let file = kept.dir.path().join("data/vault/case-secrets");
    let store = &kept.store;
    store.begin_contact(at(0), contact(1), Channel::Phone).await.unwrap();
    store.open_file(at(0), contact(1), own_file(5, None)).await.unwrap();
    let length = std::fs::metadata(&file).unwrap().len();
    for n in 0..5 {
        // The same receipt for another case: the row is refused after its key was made.
        let again = caseline_helpline::ports::NewFile { case: case(100 + n), ..own_file(5, None) };
        assert!(store.open_file(at(1), contact(1), again).await.is_err());
    }
    store.open_file(at(2), contact(1), own_file(6, None)).await.unwrap();
    let grown = std::fs::metadata(&file).unwrap().len() - length;
    assert_eq!(grown, 64, "one slot for six tries");
}

/// Its figures are in `docs/reference/held.md`: `cargo nextest run -p caseline-store --no-capture -E 'test(ten_thousand)'`.
#[test]
fn secrets_of_ten_thousand_cases_are_made_and_destroyed_one_by_one() {
    let dir = ScratchDir::new();
    let chance = os_chance();
    Vault::init(dir.path(), &chance).unwrap();
    let vault = Vault::open(dir.path(), chance).unwrap();
    let goes_at = at(0).plus(DAY * 90);
    let began = Instant::now();
    let keys: Vec<Vec<u8>> = (0..10_000).map(|n| vault.new_case_key(goes_at, case(n)).unwrap()).collect();
    let made = began.elapsed() / 10_000;
    let began = Instant::now();
    for (n, key) in keys.iter().enumerate() {
        let row = case(n as u128).to_bytes();
        let place = Place { table: "cases", row: &row, column: "number" };
        vault.seal_in_case(case(n as u128), key, place, b"made up").unwrap();
    }
    let opened = began.elapsed() / 10_000;
    let began = Instant::now();
    for key in keys.iter().take(100) {
        vault.destroy_secrets(&[slot_of(key).unwrap()]).unwrap();
    }
    let destroyed = began.elapsed() / 100;
    let began = Instant::now();
    let set = dir.path().join("set");
    std::fs::create_dir(&set).unwrap();
    vault.copy_ring_to(&set.join("keyring")).unwrap();
    let copied = began.elapsed();
    let bytes = std::fs::metadata(dir.path().join("case-secrets")).unwrap().len();
    assert_eq!(bytes, 64 * 10_001);
    vault.copy_ring_to(&dir.path().join("keyring")).unwrap();
    let gone = |n: usize| vault.rotate_case_key(goes_at, case(n as u128), &keys[n]).is_err();
    assert!((0..100).all(gone) && (100..10_000).step_by(99).all(|n| !gone(n)));
    let began = Instant::now();
    drop(Vault::open(dir.path(), os_chance()).unwrap());
    let again = began.elapsed();
    println!("make {made:?}, use {opened:?}, destroy {destroyed:?}, copy {copied:?}, open {again:?}, {bytes} bytes");
    // What one file for all would cost: the same bytes read, written whole and wiped.
    let all = vec![0x5a; 10_000 * 64];
    let began = Instant::now();
    for _ in 0..20 {
        crate::vault::write_atomically(&dir.path().join("whole"), &all).unwrap();
    }
    println!("rewriting the whole: {:?} without its sealing", began.elapsed() / 20);
}
