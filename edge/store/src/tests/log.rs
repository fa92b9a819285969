//! Edits, drops, reorders and forks of the log, each found offline.
//! The tree's arithmetic is tested in `audit_tree`.

use super::scratch;
use crate::audit_tree::{Checkpoint, Tree, commitment, leaf};
use crate::contract::values::*;
use crate::testing::ScratchDir;
use crate::{LogFault, verify_log};
use caseline_helpline::audit::{AuditEntry, AuditEvent};
use caseline_helpline::ports::Store;
use caseline_model::Channel;
use proptest::prelude::*;
use sqlx::{Connection, SqliteConnection};
use std::path::PathBuf;

const ENTRIES: u64 = 600;

struct Log {
    dir: ScratchDir,
    early: Checkpoint,
}

impl Log {
    /// A log of six hundred entries, and the head that somebody kept after three hundred.
    async fn make() -> Self {
        let kept = scratch(NOON).await;
        let mut early = None;
        for n in 0..ENTRIES {
            if n == 300 {
                kept.store.write_head().unwrap();
                let text = std::fs::read_to_string(kept.dir.path().join("data/log/checkpoint")).unwrap();
                early = Some(Checkpoint::parse(&text).unwrap());
            }
            let entry = AuditEntry { at: at(n), contact: None, case: None, event: AuditEvent::CardMade };
            kept.store.append_audit(entry).await.unwrap();
        }
        kept.store.close().await.unwrap();
        Self { dir: kept.dir, early: early.unwrap() }
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    async fn run(&self, sql: &'static str) {
        let url = format!("sqlite://{}", self.data().join("caseline.db").display());
        let mut conn = SqliteConnection::connect(&url).await.unwrap();
        sqlx::raw_sql("PRAGMA foreign_keys = OFF").execute(&mut conn).await.unwrap();
        sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
        conn.close().await.unwrap();
    }

    async fn found(&self) -> LogFault {
        verify_log(&self.data(), None).await.unwrap_err()
    }
}

impl crate::sqlite::SqliteStore {
    fn write_head(&self) -> Result<(), crate::vault::VaultFault> {
        self.heads.write_file()
    }
}

#[tokio::test]
async fn a_whole_log_is_verified_against_its_head_and_an_earlier_one() {
    let log = Log::make().await;
    let verified = verify_log(&log.data(), Some(&log.early)).await.unwrap();
    assert_eq!(verified.head.size, ENTRIES);
    assert_eq!((verified.with_content, verified.without_content, verified.after_head), (ENTRIES, 0, 0));
    // Content that went when its time was over leaves the log whole.
    log.run("UPDATE log_entries SET salt = NULL, sealed = NULL WHERE place < 100").await;
    let verified = verify_log(&log.data(), Some(&log.early)).await.unwrap();
    assert_eq!((verified.with_content, verified.without_content), (ENTRIES - 100, 100));
}

#[tokio::test]
async fn an_edited_entry_is_named() {
    for (sql, wanted) in [
        ("UPDATE log_entries SET sealed = zeroblob(90) WHERE place = 77", 77),
        ("UPDATE log_entries SET salt = zeroblob(32) WHERE place = 599", 599),
        ("UPDATE log_entries SET commitment = zeroblob(32) WHERE place = 0", 0),
        ("UPDATE log_entries SET salt = NULL WHERE place = 5", 5),
        ("UPDATE log_entries SET commitment = x'01' WHERE place = 6", 6),
    ] {
        let log = Log::make().await;
        log.run(sql).await;
        let found = log.found().await;
        assert!(matches!(found, LogFault::Changed { index } if index == wanted), "{sql}: {found}");
    }
}

#[tokio::test]
async fn a_dropped_entry_is_named() {
    let log = Log::make().await;
    log.run("DELETE FROM log_entries WHERE place = 412").await;
    assert!(matches!(log.found().await, LogFault::Missing { index: 412 }));
    let log = Log::make().await;
    log.run("DELETE FROM log_entries WHERE place >= 590").await;
    assert!(matches!(log.found().await, LogFault::Missing { index: 590 }));
    let log = Log::make().await;
    log.run(
        "DELETE FROM log_entries WHERE place = 100; \
         UPDATE log_entries SET place = place - 1 WHERE place > 100 AND place < 200; \
         UPDATE log_entries SET place = 199 WHERE place = 200",
    )
    .await;
    assert!(matches!(log.found().await, LogFault::Missing { index: 200 }), "closing the gap opens another");
}

#[tokio::test]
async fn entries_in_another_order_are_found_in_their_block() {
    let log = Log::make().await;
    log.run(
        "UPDATE log_entries SET place = -1 WHERE place = 300; UPDATE log_entries SET place = 300 WHERE place = 301; \
         UPDATE log_entries SET place = 301 WHERE place = -1",
    )
    .await;
    assert!(matches!(log.found().await, LogFault::ChangedAmong { from: 256, until: 511 }));
}

#[tokio::test]
async fn an_entry_that_was_replaced_with_all_that_hangs_on_it_is_found() {
    for place in [10_u64, 598] {
        let log = Log::make().await;
        let url = format!("sqlite://{}", log.data().join("caseline.db").display());
        let mut conn = SqliteConnection::connect(&url).await.unwrap();
        let (salt, sealed) = (vec![7; 32], vec![8; 90]);
        sqlx::query("UPDATE log_entries SET salt = ?1, sealed = ?2, commitment = ?3 WHERE place = ?4")
            .bind(&salt)
            .bind(&sealed)
            .bind(commitment(&salt, &sealed).to_vec())
            .bind(i64::try_from(place).unwrap())
            .execute(&mut conn)
            .await
            .unwrap();
        // The attacker knows the tree: the kept nodes are computed anew.
        let rows: Vec<Vec<u8>> =
            sqlx::query_scalar("SELECT commitment FROM log_entries ORDER BY place").fetch_all(&mut conn).await.unwrap();
        let mut nodes = Vec::new();
        let mut tree = Tree::default();
        for committed in rows {
            tree.append_with(leaf(&committed.try_into().unwrap()), |node| nodes.push(node));
        }
        for node in nodes {
            sqlx::query("UPDATE log_nodes SET hash = ?1 WHERE level = ?2 AND place = ?3")
                .bind(node.hash.to_vec())
                .bind(i64::from(node.level))
                .bind(i64::try_from(node.index).unwrap())
                .execute(&mut conn)
                .await
                .unwrap();
        }
        conn.close().await.unwrap();
        assert!(matches!(log.found().await, LogFault::Rewritten { size: ENTRIES }));
    }
}

#[tokio::test]
async fn a_fork_is_found_by_whoever_kept_an_earlier_head() {
    // Another log under the same keys: the database is set back to before, and written anew.
    let kept = scratch(NOON).await;
    kept.store.begin_contact(at(0), contact(1), Channel::Phone).await.unwrap();
    kept.store.close().await.unwrap();
    let data = kept.dir.path().join("data");
    let before = std::fs::read(data.join("caseline.db")).unwrap();
    let grow = async |n: u128| {
        let store = super::open(&kept.dir, at(1)).await;
        for id in 0..5 {
            store.begin_contact(at(2), contact(n + id), Channel::Phone).await.unwrap();
        }
        store.close().await.unwrap();
        Checkpoint::parse(&std::fs::read_to_string(data.join("log/checkpoint")).unwrap()).unwrap()
    };
    let honest = grow(100).await;
    std::fs::write(data.join("caseline.db"), &before).unwrap();
    std::fs::remove_file(data.join("log/checkpoint")).unwrap();
    let settings = crate::settings::StoreSettings::at(&data);
    let refused =
        crate::SqliteStore::open(settings, at(1), crate::testing::os_chance()).await.err().unwrap().to_string();
    assert!(refused.contains("the vault signed a head of 6"), "the vault remembers: {refused}");
    std::fs::remove_file(data.join("vault/ledger")).unwrap();
    let forked = grow(200).await;
    assert_eq!(forked.size, honest.size);
    assert!(verify_log(&data, None).await.is_ok(), "by itself it is whole");
    let found = verify_log(&data, Some(&honest)).await.unwrap_err();
    assert!(matches!(found, LogFault::Forked { size } if size == honest.size), "{found}");
}

#[tokio::test]
async fn a_head_of_another_key_or_an_older_one_is_refused() {
    let (log, other) = (Log::make().await, Log::make().await);
    let head = std::fs::read_to_string(other.data().join("log/checkpoint")).unwrap();
    let own = std::fs::read_to_string(log.data().join("log/checkpoint")).unwrap();
    std::fs::write(log.data().join("log/checkpoint"), head).unwrap();
    assert!(matches!(log.found().await, LogFault::Note { .. }));
    std::fs::write(log.data().join("log/checkpoint"), log.early.to_text()).unwrap();
    let verified = verify_log(&log.data(), None).await.unwrap();
    assert_eq!((verified.head.size, verified.after_head), (300, 300));
    let newest = Checkpoint::parse(&own).unwrap();
    let found = verify_log(&log.data(), Some(&newest)).await.unwrap_err();
    assert!(matches!(found, LogFault::TakenBack { head: 300, since: 600 }), "{found}");
    // Database, head and key of another log, all together: only an earlier head tells.
    for file in ["caseline.db", "log/checkpoint", "log/key"] {
        std::fs::copy(other.data().join(file), log.data().join(file)).unwrap();
    }
    assert!(verify_log(&log.data(), None).await.is_ok());
    assert!(matches!(verify_log(&log.data(), Some(&newest)).await, Err(LogFault::Note { .. })));
}

/// One thing that somebody does to the file.
#[derive(Clone, Debug)]
enum Tampering {
    Flip { place: u64, column: u8, byte: u8, bit: u8 },
    Drop { place: u64, count: u64 },
    Swap { one: u64, other: u64 },
    Insert { after: u64 },
    Blank { place: u64 },
}

fn tampering() -> impl Strategy<Value = Tampering> {
    let place = || 0..ENTRIES;
    prop_oneof![
        (place(), 0_u8..3, 0_u8..32, 0_u8..8).prop_map(|(place, column, byte, bit)| Tampering::Flip {
            place,
            column,
            byte,
            bit
        }),
        (place(), 1..4_u64).prop_map(|(place, count)| Tampering::Drop { place, count }),
        (place(), place())
            .prop_filter("two of them", |(one, other)| one != other)
            .prop_map(|(one, other)| Tampering::Swap { one, other }),
        place().prop_map(|after| Tampering::Insert { after }),
        place().prop_map(|place| Tampering::Blank { place }),
    ]
}

type Row = (i64, i64, Vec<u8>, Vec<u8>, Vec<u8>);

/// The rows of a log, changed.
fn tampered(mut rows: Vec<Row>, how: &Tampering) -> Vec<Row> {
    let at = |place: u64| usize::try_from(place).unwrap();
    match *how {
        Tampering::Flip { place, column, byte, bit } => {
            let row = &mut rows[at(place)];
            let bytes = [&mut row.2, &mut row.3, &mut row.4].into_iter().nth(usize::from(column)).unwrap();
            bytes[usize::from(byte)] ^= 1 << bit;
        }
        Tampering::Drop { place, count } => {
            rows.drain(at(place)..at((place + count).min(ENTRIES)));
            renumber(&mut rows);
        }
        Tampering::Swap { one, other } => {
            rows.swap(at(one), at(other));
            renumber(&mut rows);
        }
        Tampering::Insert { after } => {
            let (salt, sealed) = (vec![1; 32], vec![2; 80]);
            let committed = commitment(&salt, &sealed).to_vec();
            rows.insert(at(after), (0, 0, salt, sealed, committed));
            renumber(&mut rows);
        }
        Tampering::Blank { place } => rows[at(place)].4 = vec![0; 32],
    }
    rows
}

fn renumber(rows: &mut [Row]) {
    for (place, row) in rows.iter_mut().enumerate() {
        row.0 = i64::try_from(place).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_to_the_rows_is_found(all in proptest::collection::vec(tampering(), 120)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let log = Log::make().await;
            let url = format!("sqlite://{}", log.data().join("caseline.db").display());
            let mut conn = SqliteConnection::connect(&url).await.unwrap();
            let rows: Vec<Row> =
                sqlx::query_as("SELECT place, day, salt, sealed, commitment FROM log_entries ORDER BY place")
                    .fetch_all(&mut conn)
                    .await
                    .unwrap();
            for how in &all {
                let mut tx = conn.begin().await.unwrap();
                sqlx::query("DELETE FROM log_entries").execute(&mut *tx).await.unwrap();
                for (place, day, salt, sealed, committed) in tampered(rows.clone(), how) {
                    sqlx::query("INSERT INTO log_entries (place, day, salt, sealed, commitment) VALUES (?, ?, ?, ?, ?)")
                        .bind(place)
                        .bind(day)
                        .bind(salt)
                        .bind(sealed)
                        .bind(committed)
                        .execute(&mut *tx)
                        .await
                        .unwrap();
                }
                tx.commit().await.unwrap();
                prop_assert!(verify_log(&log.data(), None).await.is_err(), "{:?}", how);
            }
            Ok(())
        })?;
    }
}
