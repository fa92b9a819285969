//! Kills and crowds: nothing that was acknowledged is lost, and no write fails because another one reads first.
//! Ten thousand kills are a command of the program; here are 25.

use super::{open, scratch};
use crate::contract::values::*;
use crate::testing::{ScratchDir, os_chance};
use caseline_helpline::ports::{Checked, NewReport, ReportLooked, Store, TaskKind, Trying};
use caseline_model::{Channel, Disposition, FileReceipt, Private, ReceiptKind};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// Names the folder in which a child process writes until it is killed.
const CHILD: &str = "CASELINE_STORE_CRASH_DIR";
const KILLS: u32 = 25;
/// Acknowledgements that are awaited before a kill, and how long it may take.
const ACKNOWLEDGED_BEFORE_KILL: u32 = 12;

/// What a line promises in one contact, in its order: each is said only after it was kept.
const VERBS: [&str; 4] = ["callback", "message", "report", "noted"];

#[tokio::test]
async fn the_child_that_writes_until_it_is_killed() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let settings = crate::settings::StoreSettings::at(std::path::PathBuf::from(dir).join("data"));
    let store = crate::sqlite::SqliteStore::open(settings, at(0), crate::testing::os_chance()).await.unwrap();
    let start = u128::from(std::process::id()) << 32;
    for n in 0..100_000_u128 {
        let id = start + n;
        let said = |verb: &str| println!("kept {verb} {id} ");
        store.begin_contact(at(1), contact(id), Channel::Phone).await.unwrap();
        let callback = task(2 * id, TaskKind::Callback, at(0), at(0).plus(DAY), None);
        store.add_task(at(1), Some(contact(id)), callback).await.unwrap();
        said("callback");
        let message = task(2 * id + 1, TaskKind::Message, at(0), at(0).plus(DAY), None);
        store.add_task(at(1), Some(contact(id)), message).await.unwrap();
        said("message");
        store.take_report(at(1), contact(id), crashing_report(id)).await.unwrap();
        said("report");
        store.end_contact(at(1), contact(id), Disposition::MessageLeft).await.unwrap();
        said("noted");
    }
}

/// A report whose code and task follow from the contact alone, so that the parent can ask for it.
fn crashing_report(id: u128) -> NewReport {
    let drawn = crate::keyed::keyed(&[7; 32], "made up", &[&id.to_be_bytes()]);
    let code = FileReceipt::from_random(ReceiptKind::Report, u64::from_be_bytes(drawn[..8].try_into().unwrap()));
    NewReport {
        code: Private::new(code),
        what: "wrong-date".into(),
        case: None,
        task: caseline_model::TaskId::from_random(id | 1 << 127),
    }
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let dir = ScratchDir::new();
    drop(open(&dir, at(0)).await);
    let mut acknowledged: BTreeMap<&str, BTreeSet<u128>> = BTreeMap::new();
    let mut keep = |row: &str, seen: &mut u32| {
        if let Some((verb, id)) = kept(row) {
            acknowledged.entry(verb).or_default().insert(id);
            *seen += 1;
        }
    };
    for _ in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tests::crash::the_child_that_writes_until_it_is_killed", "--nocapture"])
            .env(CHILD, dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut rows = BufReader::new(child.stdout.take().unwrap()).lines();
        let chance = u64::from_be_bytes(os_chance().bits_128().to_be_bytes()[..8].try_into().unwrap());
        let mut seen = 0;
        // Each time at another place of its writing: after so many acknowledgements and a moment.
        while seen < ACKNOWLEDGED_BEFORE_KILL + (chance % 13) as u32 {
            let Some(Ok(row)) = rows.next() else { break };
            keep(&row, &mut seen);
        }
        // No event says when a write is half done: the moment itself is what is drawn.
        std::thread::sleep(Duration::from_micros(chance / 16 % 6_000));
        child.kill().unwrap();
        child.wait().unwrap();
        // What it said before it died was in the pipe.
        rows.map_while(Result::ok).for_each(|row| keep(&row, &mut seen));
    }
    let all: usize = acknowledged.values().map(BTreeSet::len).sum();
    assert!(all >= (KILLS * ACKNOWLEDGED_BEFORE_KILL) as usize, "{all}");

    let store = open(&dir, at(2)).await;
    let mut found = BTreeMap::from([(TaskKind::Callback, BTreeSet::new()), (TaskKind::Message, BTreeSet::new())]);
    for (kind, ids) in &mut found {
        while let Some(claimed) = store.claim_task(at(3), &[*kind], HOUR).await.unwrap() {
            assert!(ids.insert(u128::from_be_bytes(claimed.id.to_bytes()) / 2), "one obligation, one lease");
        }
    }
    let of = |verb: &str| acknowledged.get(verb).cloned().unwrap_or_default();
    assert_eq!(of("callback").difference(&found[&TaskKind::Callback]).count(), 0, "callbacks, of {all}");
    assert_eq!(of("message").difference(&found[&TaskKind::Message]).count(), 0, "messages, of {all}");
    let reports = of("report");
    assert!(store.open_task_count(TaskKind::Report).await.unwrap() >= reports.len() as u64);
    for (n, id) in reports.iter().enumerate() {
        let asking = (n as u128 + 1) << 100;
        store.begin_contact(at(4), contact(asking), Channel::Phone).await.unwrap();
        let looked = store.report_state(at(4), &trying(asking, None), &crashing_report(*id).code).await.unwrap();
        assert!(matches!(looked, ReportLooked::State { .. }), "a report, of {all}");
    }
    for id in of("noted") {
        assert_eq!(store.disposition(contact(id)).await.unwrap(), Some(Disposition::MessageLeft));
        let entries = store.audit_of_contact(contact(id)).await.unwrap().len();
        assert!(entries >= 5, "arrived, two promises, a report, closed: {entries}");
    }
    // At most the one that was under way at each kill is there without having been acknowledged.
    assert!(found[&TaskKind::Callback].len() <= of("callback").len() + KILLS as usize);
    store.close().await.unwrap();
    let verified = crate::verify_log(&dir.path().join("data"), None).await.unwrap();
    assert_eq!(verified.after_head, 0);
    assert!(verified.head.size as usize >= all, "an entry for each of {all}");
}

fn kept(row: &str) -> Option<(&'static str, u128)> {
    let (_, rest) = row.split_once("kept ")?;
    let (verb, id) = rest.strip_suffix(' ')?.split_once(' ')?;
    Some((VERBS.into_iter().find(|known| *known == verb)?, id.parse().ok()?))
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
    // Past the site's three hundred a receipt alone is not opened either: its word may follow, and nobody is sent away
    // at the first try.
    assert_eq!((refused, to_a_person), (320, 0));
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
