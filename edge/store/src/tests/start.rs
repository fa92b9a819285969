//! What a start refuses, with what to do, and what it goes on with.
//! The files of the vault alone are tested in `vault`.

use super::{open, scratch};
use crate::contract::values::*;
use crate::settings::StoreSettings;
use crate::sqlite::SqliteStore;
use crate::testing::{ScratchDir, os_chance};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::{Checked, Store, TaskKind};
use caseline_model::{Channel, Time};
use sqlx::{Connection, SqliteConnection};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

async fn refusal(dir: &ScratchDir) -> String {
    let opened = SqliteStore::open(StoreSettings::at(dir.path().join("data")), NOON, os_chance()).await;
    match opened.err() {
        Some(fault @ StoreFault::Refused { .. }) => fault.to_string(),
        Some(other) => panic!("another fault: {other}"),
        None => panic!("it started"),
    }
}

async fn raw(dir: &ScratchDir) -> SqliteConnection {
    let path: PathBuf = dir.path().join("data/caseline.db");
    SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap()
}

#[tokio::test]
async fn what_was_kept_is_there_after_a_restart() {
    let kept = scratch(NOON).await;
    let store = kept.store;
    store.enrol(at(0), case(7), &number(7), &card(7)).await.unwrap();
    store.begin_contact(at(0), contact(1), Channel::WebChat).await.unwrap();
    store.save_conversation(at(0), contact(1), b"state").await.unwrap();
    store.add_task(at(0), None, task(1, TaskKind::Callback, at(0), at(0).plus(DAY), None)).await.unwrap();
    for row in 1..3 {
        store.begin_contact(at(0), contact(9 + u128::from(row)), Channel::Phone).await.unwrap();
        let who = trying(9 + u128::from(row), Some(9));
        store.check_card(at(0), &who, &number(7), &wrong_code(row)).await.unwrap();
    }
    // Not closed in good order: dropped.
    drop(store);
    let store = open(&kept.dir, at(10)).await;
    assert_eq!(store.load_conversation(at(10), contact(1)).await.unwrap().as_deref(), Some(b"state".as_slice()));
    let opened = store.check_card(at(11), &trying(1, Some(1)), &number(7), &code(1, 7)).await.unwrap();
    assert_eq!(opened, Checked::Opened(case(7)));
    store.close().await.unwrap();
    let store = open(&kept.dir, at(20)).await;
    assert!(store.read_case(at(20), contact(1), case(7), &[]).await.unwrap().is_empty());
    let claimed = store.claim_task(at(20), &[TaskKind::Callback], HOUR).await.unwrap().unwrap();
    assert_eq!(claimed.content, task(1, TaskKind::Callback, at(0), at(0).plus(DAY), None).content);
    // Limits count on over a restart: two of five wrong tries were before it.
    for n in 0..3_u128 {
        store.begin_contact(at(21), contact(20 + n), Channel::Phone).await.unwrap();
        let checked = store.check_card(at(21), &trying(20 + n, Some(9)), &number(100), &wrong_code(1)).await.unwrap();
        assert_eq!(checked, Checked::Refused);
    }
    store.begin_contact(at(22), contact(30), Channel::Phone).await.unwrap();
    for answer in [Checked::Refused, Checked::PersonNow] {
        let checked = store.check_card(at(22), &trying(30, Some(9)), &number(100), &wrong_code(1)).await.unwrap();
        assert_eq!(checked, answer, "past five of a day the second try of a call leads to a person");
    }
}

#[tokio::test]
async fn files_of_two_stores_are_not_mixed() {
    let (one, two) = (scratch(NOON).await, scratch(NOON).await);
    one.store.begin_contact(at(0), contact(1), Channel::Phone).await.unwrap();
    two.store.begin_contact(at(0), contact(1), Channel::Phone).await.unwrap();
    one.store.close().await.unwrap();
    two.store.close().await.unwrap();
    std::fs::copy(one.dir.path().join("data/caseline.db"), two.dir.path().join("data/caseline.db")).unwrap();
    assert!(refusal(&two.dir).await.contains("belong to two stores"));
    std::fs::remove_dir_all(one.dir.path().join("data/vault")).unwrap();
    assert!(refusal(&one.dir).await.contains("put the vault of this store back"));
    std::fs::remove_file(two.dir.path().join("data/caseline.db")).unwrap();
    assert!(refusal(&two.dir).await.contains("restore the database"));
}

#[tokio::test]
async fn a_database_of_a_newer_caseline_is_refused() {
    let kept = scratch(NOON).await;
    kept.store.close().await.unwrap();
    let mut conn = raw(&kept.dir).await;
    sqlx::query("INSERT INTO migrations (number, applied_day) VALUES (99, 0)").execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    let said = refusal(&kept.dir).await;
    assert!(said.contains("newer Caseline (tables 99, this one knows "), "{said}");
}

#[tokio::test]
async fn a_key_ring_that_others_can_read_is_refused() {
    let kept = scratch(NOON).await;
    kept.store.close().await.unwrap();
    let keyring = kept.dir.path().join("data/vault/keyring");
    std::fs::set_permissions(&keyring, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(refusal(&kept.dir).await.contains("chmod 600 vault/keyring"));
}

#[tokio::test]
async fn only_the_owner_can_read_the_files() {
    let kept = scratch(NOON).await;
    kept.store.begin_contact(at(0), contact(1), Channel::Phone).await.unwrap();
    let data = kept.dir.path().join("data");
    for file in ["caseline.db", "caseline.db-wal", "vault/root.key", "vault/keyring"] {
        let mode = std::fs::metadata(data.join(file)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{file} has mode {mode:o}");
    }
}

#[tokio::test]
async fn a_log_that_is_shorter_than_its_signed_head_is_refused() {
    let kept = scratch(NOON).await;
    for n in 0..10 {
        kept.store.begin_contact(at(n), contact(u128::from(n)), Channel::Phone).await.unwrap();
    }
    kept.store.close().await.unwrap();
    let mut conn = raw(&kept.dir).await;
    sqlx::query("DELETE FROM log_links WHERE place >= 8").execute(&mut conn).await.unwrap();
    sqlx::query("DELETE FROM log_entries WHERE place >= 8").execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    assert!(refusal(&kept.dir).await.contains("the log has 8 entries and its signed head 10"));
}

#[tokio::test]
async fn a_store_of_many_entries_starts_as_fast_as_an_empty_one() {
    let kept = scratch(NOON).await;
    kept.store.close().await.unwrap();
    // Past three blocks of 256, so that kept nodes and single entries are both read.
    let store = open(&kept.dir, NOON).await;
    for n in 0..777_u64 {
        let entry = caseline_helpline::audit::AuditEntry {
            at: at(n),
            contact: None,
            case: None,
            event: caseline_helpline::audit::AuditEvent::CardMade,
        };
        assert_eq!(store.append_audit(entry).await.unwrap().index(), n);
    }
    store.close().await.unwrap();
    let store = open(&kept.dir, at(800)).await;
    store.begin_contact(at(800), contact(1), Channel::Phone).await.unwrap();
    store.close().await.unwrap();
    let verified = crate::verify_log(&kept.dir.path().join("data"), None).await.unwrap();
    assert_eq!(verified.head.size, 778);
}

#[tokio::test]
async fn two_processes_can_use_one_store() {
    let kept = scratch(NOON).await;
    let other = open(&kept.dir, NOON).await;
    for n in 0..20_u64 {
        let store = if n % 2 == 0 { &kept.store } else { &other };
        store.begin_contact(at(n), contact(u128::from(n)), Channel::Phone).await.unwrap();
        let now: Time = at(n).plus(DAY * u32::try_from(n).unwrap());
        store.add_task(now, None, task(u128::from(n), TaskKind::Callback, now, now.plus(DAY), None)).await.unwrap();
    }
    kept.store.close().await.unwrap();
    other.close().await.unwrap();
    let verified = crate::verify_log(&kept.dir.path().join("data"), None).await.unwrap();
    assert_eq!((verified.head.size, verified.after_head), (40, 0));
}

#[tokio::test]
async fn a_line_that_keeps_things_shorter_purges_them_sooner() {
    let mut retention = caseline_helpline::retention::KeptTimes::default();
    for (word, hours) in [("case-file", 24), ("conversation-state", 1), ("message-waiting", 48), ("report-open", 72)] {
        retention.shorten(word, hours).unwrap();
    }
    let dir = ScratchDir::new();
    let settings = StoreSettings { retention, ..StoreSettings::at(dir.path().join("data")) };
    let store = SqliteStore::open(settings, NOON, os_chance()).await.unwrap();
    store.enrol(at(0), case(7), &number(7), &card(7)).await.unwrap();
    store.begin_contact(at(0), contact(1), Channel::WebChat).await.unwrap();
    store.save_conversation(at(0), contact(1), b"state").await.unwrap();
    store.take_report(at(0), contact(1), report(1, None)).await.unwrap();
    store.add_task(at(0), None, task(5, TaskKind::Message, at(0), at(0).plus(DAY * 30), None)).await.unwrap();
    let open = async |hours: u32| {
        store.purge(at(0).plus(HOUR * hours)).await.unwrap();
        let now = at(0).plus(HOUR * hours);
        let state = store.load_conversation(now, contact(1)).await.unwrap().is_some();
        let card = store.begin_import(now).await.unwrap().wants(number(7).reveal());
        let waiting = store.open_task_count(TaskKind::Message).await.unwrap();
        let reports = store.open_task_count(TaskKind::Report).await.unwrap();
        (state, card, waiting, reports)
    };
    assert_eq!(open(0).await, (true, true, 1, 1));
    assert_eq!(open(2).await, (false, true, 1, 1));
    assert_eq!(open(25).await, (false, false, 1, 1));
    assert_eq!(open(49).await, (false, false, 0, 1));
    assert_eq!(open(73).await, (false, false, 0, 0));
}

/// The steps before cards were things of their own.
const BEFORE_CARDS: [&str; 4] = [
    include_str!("../../migrations/sqlite/0001_first.sql"),
    include_str!("../../migrations/sqlite/0002_feed_rows.sql"),
    include_str!("../../migrations/sqlite/0003_staff.sql"),
    include_str!("../../migrations/sqlite/0004_half_tries.sql"),
];

#[tokio::test]
async fn cards_of_a_database_of_before_open_their_cases_and_used_codes_stay_used() {
    let kept = scratch(NOON).await;
    kept.store.enrol(at(0), case(7), &number(7), &card(7)).await.unwrap();
    kept.store.enrol(at(0), case(8), &number(8), &card(8)).await.unwrap();
    kept.store.close().await.unwrap();
    // The same rows as that Caseline kept them: its own tables, and the codes of a card by their case.
    let mut conn = raw(&kept.dir).await;
    let old = kept.dir.path().join("old.db");
    let attach = format!("ATTACH DATABASE '{}' AS old", old.display());
    let mut made = SqliteConnection::connect(&format!("sqlite://{}?mode=rwc", old.display())).await.unwrap();
    for sql in BEFORE_CARDS {
        sqlx::raw_sql(sql).execute(&mut made).await.unwrap();
    }
    sqlx::raw_sql(
        "CREATE TABLE migrations (number INTEGER NOT NULL PRIMARY KEY, applied_day INTEGER NOT NULL) STRICT; \
         CREATE TABLE identity (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) STRICT; \
         INSERT INTO migrations VALUES (1, 1), (2, 1), (3, 1), (4, 1)",
    )
    .execute(&mut made)
    .await
    .unwrap();
    made.close().await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(attach)).execute(&mut conn).await.unwrap();
    for sql in [
        "INSERT INTO old.identity SELECT name, value FROM main.identity",
        "INSERT INTO old.log_entries SELECT * FROM main.log_entries",
        "INSERT INTO old.log_nodes SELECT * FROM main.log_nodes",
        "INSERT INTO old.cases (id, number_mark, number, case_key, keep_until) \
         SELECT id, number_mark, number, case_key, keep_until FROM main.cases",
        "INSERT INTO old.card_rows (case_id, number, salt, mark, is_used) \
         SELECT card, number, salt, mark, number = 5 FROM main.card_codes",
    ] {
        sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
    }
    conn.close().await.unwrap();
    let database = kept.dir.path().join("data/caseline.db");
    std::fs::rename(&old, &database).unwrap();
    for more in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{more}", database.display()));
    }

    let store = open(&kept.dir, at(1)).await;
    let opens = async |n, of: u32, row| {
        store.begin_contact(at(2), contact(n), Channel::Phone).await.unwrap();
        store.check_card(at(2), &trying(n, None), &number(of), &code(row, u64::from(of))).await.unwrap()
    };
    assert_eq!(opens(1, 7, 3).await, Checked::Opened(case(7)));
    assert_eq!(opens(2, 7, 5).await, Checked::Refused, "its code was used before");
    assert_eq!(opens(3, 8, 3).await, Checked::Opened(case(8)));
    assert_eq!(opens(4, 8, 4).await, Checked::Opened(case(8)));
    // The card of before is the person's own one: a new one ends it.
    store.enrol(at(3), case(7), &number(7), &card(9)).await.unwrap();
    assert_eq!(opens(5, 7, 6).await, Checked::Refused);
    let mut conn = store.readers().acquire().await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_master WHERE name = 'card_rows'")
        .fetch_one(&mut *conn)
        .await
        .unwrap();
    assert_eq!(left, 0);
}
