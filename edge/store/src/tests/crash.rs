//! Kills and crowds: nothing that was acknowledged is lost, and no write fails because another one reads first.
//! Ten thousand kills are a command of the program; here are ten.

use super::{open, scratch};
use crate::contract::values::*;
use crate::testing::ScratchDir;
use caseline_helpline::ports::{Checked, Store, TaskKind, Trying};
use caseline_model::Channel;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// Names the folder in which a child process writes until it is killed.
const CHILD: &str = "CASELINE_STORE_CRASH_DIR";
const KILLS: u32 = 10;
/// Acknowledgements that are awaited before a kill, and how long it may take.
const ACKNOWLEDGED_BEFORE_KILL: u32 = 12;

#[tokio::test]
async fn the_child_that_writes_until_it_is_killed() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let settings = crate::settings::StoreSettings::at(std::path::PathBuf::from(dir).join("data"));
    let store = crate::sqlite::SqliteStore::open(settings, at(0), crate::testing::os_chance()).await.unwrap();
    let start = u128::from(std::process::id()) << 32;
    for n in 0..100_000_u128 {
        let id = start + n;
        let wanted = task(id, TaskKind::Message, at(0), at(0).plus(DAY), None);
        store.add_task(at(1), None, wanted).await.unwrap();
        // Said only after it was kept; the parent reads no half rows.
        println!("kept {id} ");
    }
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let dir = ScratchDir::new();
    drop(open(&dir, at(0)).await);
    let mut acknowledged = Vec::new();
    for kill in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tests::crash::the_child_that_writes_until_it_is_killed", "--nocapture"])
            .env(CHILD, dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut rows = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut seen = 0;
        // Each time at another place of its writing: after so many acknowledgements and a moment.
        while seen < ACKNOWLEDGED_BEFORE_KILL + kill {
            let Some(Ok(row)) = rows.next() else { break };
            if let Some(id) = kept(&row) {
                acknowledged.push(id);
                seen += 1;
            }
        }
        std::thread::sleep(Duration::from_micros(u64::from(kill) * 317));
        child.kill().unwrap();
        child.wait().unwrap();
        // What it said before it died was in the pipe.
        acknowledged.extend(rows.map_while(Result::ok).filter_map(|row| kept(&row)));
    }
    assert!(acknowledged.len() >= (KILLS * ACKNOWLEDGED_BEFORE_KILL) as usize);
    let store = open(&dir, at(2)).await;
    let mut found = std::collections::BTreeSet::new();
    while let Some(claimed) = store.claim_task(at(3), &[TaskKind::Message], HOUR).await.unwrap() {
        found.insert(u128::from_be_bytes(claimed.id.to_bytes()));
    }
    let lost = acknowledged.iter().filter(|id| !found.contains(id)).count();
    assert_eq!(lost, 0, "of {} acknowledged", acknowledged.len());
    // At most the one that was under way at each kill is there without having been acknowledged.
    assert!(found.len() <= acknowledged.len() + KILLS as usize);
    store.close().await.unwrap();
    let verified = crate::verify_log(&dir.path().join("data"), None).await.unwrap();
    assert_eq!(verified.head.size, found.len() as u64);
}

fn kept(row: &str) -> Option<u128> {
    let (_, rest) = row.split_once("kept ")?;
    rest.strip_suffix(' ')?.parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_three_hundred_and_twenty_writes_that_read_first_none_fails() {
    let kept = scratch(NOON).await;
    // Two handles, so that SQLite's own locks are met and not only the one writer of each.
    let stores = [Arc::new(kept.store), Arc::new(open(&kept.dir, NOON).await)];
    let mut writes = Vec::new();
    for n in 0..320_u64 {
        let store = Arc::clone(&stores[n as usize % 2]);
        writes.push(tokio::spawn(async move {
            let id = u128::from(n) + 1;
            store.begin_contact(at(n), contact(id), Channel::Phone).await?;
            let who = Trying { shared: true, ..trying(id, Some(n as u32)) };
            store.check_file(at(n), &who, &receipt(n), None).await
        }));
    }
    let (mut refused, mut to_a_person) = (0, 0);
    for write in writes {
        match write.await.unwrap().unwrap() {
            Checked::Refused => refused += 1,
            Checked::PersonNow => to_a_person += 1,
            Checked::Opened(_) => panic!("there is no file"),
        }
    }
    // The site's limit is exact however the writes fall: three hundred, then a person.
    assert_eq!((refused, to_a_person), (300, 20));
}

#[tokio::test]
async fn a_write_that_is_cut_off_leaves_the_log_whole() {
    let kept = scratch(NOON).await;
    for n in 0..60_u64 {
        // Dropped at another point of its way each time: before, in and after the transaction.
        let begun = kept.store.begin_contact(at(n), contact(u128::from(n)), Channel::Phone);
        let mut begun = Box::pin(begun);
        for _ in 0..n {
            if futures_poll_once(&mut begun).await {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(begun);
    }
    kept.store.begin_contact(at(99), contact(999), Channel::Phone).await.unwrap();
    let open = kept.store.open_contacts().await.unwrap().len() as u64;
    kept.store.close().await.unwrap();
    let verified = crate::verify_log(&kept.dir.path().join("data"), None).await.unwrap();
    assert_eq!(verified.head.size, open, "as many entries as contacts");
}

async fn futures_poll_once<F: Future + Unpin>(future: &mut F) -> bool {
    std::future::poll_fn(|context| std::task::Poll::Ready(std::pin::Pin::new(&mut *future).poll(context).is_ready()))
        .await
}
