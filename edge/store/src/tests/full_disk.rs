//! A disk that really fills: a store in a small file system of its own, where the machine lets a test mount one.
//! The same by a limit on pages, which every machine can do, stands in `files`.

use crate::contract::values::*;
use crate::settings::StoreSettings;
use crate::sqlite::SqliteStore;
use crate::testing::{ScratchDir, os_chance};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::policy::StaffRole;
use caseline_helpline::ports::{Checked, ReportLooked, Store, TaskKind};
use caseline_helpline::staff::{AccountId, NewInvite, Passkey, Secret, StaffDeed, StaffStore};
use caseline_model::{Channel, Disposition, Private};
use caseline_records::{Field, SourceKind};
use std::process::Command;

/// Names the folder of the child process in which the small file system is mounted.
const CHILD: &str = "CASELINE_STORE_FULL_DISK_DIR";
const DISK: &str = "16m";
const BALLAST: u64 = 4 << 20;
/// As much as the write-ahead log can have grown to: what is in it is copied into the database before its room is used
/// again.
const IN_THE_WAY: usize = 5_000_000;

#[tokio::test]
async fn the_child_that_writes_until_its_disk_is_full() {
    let Some(dir) = std::env::var_os(CHILD).map(std::path::PathBuf::from) else { return };
    let data = dir.join("data");
    let settings = || StoreSettings { ballast_bytes: BALLAST, ..StoreSettings::at(&data) };
    let store = SqliteStore::open(settings(), NOON, os_chance()).await.unwrap();
    let ballast = data.join("ballast");
    assert_eq!(std::fs::metadata(&ballast).unwrap().len(), BALLAST);
    store.enrol(at(0), case(7), &number(7), &card(7)).await.unwrap();
    let row = [hearing(days_later(30), SourceKind::CourtFeed)];
    store.add_from_feed(at(0), &number(7), b"row", &row).await.unwrap();
    store.begin_contact(at(0), contact(1), Channel::Phone).await.unwrap();
    store.save_conversation(at(0), contact(1), b"state").await.unwrap();
    store.take_report(at(0), contact(1), report(1, None)).await.unwrap();
    store.invite_staff(at(0), &invite(1)).await.unwrap();
    let passkey = Passkey { credential: vec![1; 32], public: "{}".into() };
    let staff = store.join_staff(at(0), &Secret::from_random(1), &passkey).await.unwrap().unwrap();
    // Somebody else's file stands in the way, to be removed when the disk is full.
    std::fs::write(dir.join("other"), vec![1; IN_THE_WAY]).unwrap();
    let mut acknowledged = 0_u128;
    let fault = loop {
        let mut wanted = task(100 + acknowledged, TaskKind::Message, at(0), at(0).plus(DAY), None);
        wanted.content.voice_note = Some(Private::new(vec![0x55; 60_000]));
        match store.add_task(at(1), None, wanted).await {
            Ok(_) => acknowledged += 1,
            Err(fault) => break fault,
        }
        assert!(acknowledged < 1_000, "the disk is not full");
    };
    assert!(matches!(fault, StoreFault::DiskFull { .. }), "{fault:?}");
    let said = fault.to_string();
    assert!(said.contains("the disk is full") && said.contains("free space"), "{said}");
    assert!(said.contains(&data.display().to_string()), "it names the folder: {said}");
    assert!(acknowledged > 10, "{acknowledged}");
    // Nothing was acknowledged that is not there; what can be read is read.
    assert_eq!(store.open_task_count(TaskKind::Message).await.unwrap(), acknowledged as u64);
    assert_eq!(store.load_conversation(at(2), contact(1)).await.unwrap().as_deref(), Some(b"state".as_slice()));
    assert_eq!(store.open_contacts().await.unwrap().len(), 1);
    // Again and again, while it is full: each is refused or kept, and the count says which.
    for n in 0..20 {
        let mut wanted = task(5_000 + n, TaskKind::Message, at(0), at(0).plus(DAY), None);
        wanted.content.voice_note = Some(Private::new(vec![0x55; 200_000]));
        acknowledged += u128::from(store.add_task(at(3), None, wanted).await.is_ok());
    }
    assert_eq!(store.open_task_count(TaskKind::Message).await.unwrap(), acknowledged as u64);
    // Calls go on, in the room that was kept for them: somebody opens their case and hears it. Something new is refused.
    assert!(!ballast.exists());
    store.begin_contact(at(4), contact(3), Channel::Phone).await.unwrap();
    let checked = store.check_card(at(4), &trying(3, Some(3)), &number(7), &code(1, 7)).await.unwrap();
    assert_eq!(checked, Checked::Opened(case(7)));
    assert_eq!(store.read_case(at(4), contact(3), case(7), &[Field::Hearing]).await.unwrap(), row);
    let refused = store.add_task(at(4), None, task(9_000, TaskKind::Callback, at(4), at(4).plus(DAY), None)).await;
    assert!(matches!(refused, Err(StoreFault::DiskFull { .. })), "{refused:?}");
    assert!(matches!(store.probe().await, Err(StoreFault::DiskFull { .. })), "whoever watches the line is told");
    // Somebody of the desk signs in, is written down and signs out; a new account and a card are refused.
    let login = store.begin_login(at(4), staff.id, &Secret::from_random(2), &passkey).await.unwrap();
    store.note_staff(at(4), login.account.actor(), StaffDeed::TaskTaken).await.unwrap();
    store.end_login(at(5), &Secret::from_random(2)).await.unwrap();
    let refused = store.invite_staff(at(5), &invite(3)).await;
    assert!(
        matches!(&refused, Err(StoreFault::DiskFull { folder: Some(folder), .. }) if *folder == data),
        "{refused:?}"
    );
    // "Forget me" goes on, and so does the purge: what is over goes, on a disk that is full.
    store.forget(at(5), contact(3), case(7)).await.unwrap();
    store.end_contact(at(5), contact(3), Disposition::Forgotten).await.unwrap();
    assert!(store.purge(at(0).plus(DAY * 2)).await.unwrap() > 0);
    assert_eq!(store.load_conversation(at(6), contact(1)).await.unwrap(), None, "it was over");
    assert_eq!(store.open_task_count(TaskKind::Message).await.unwrap(), 0, "all of them were given up");
    assert!(!ballast.exists(), "the database gives nothing back to the disk");
    // Space is freed, and the line goes on without a restart.
    std::fs::remove_file(dir.join("other")).unwrap();
    store.probe().await.unwrap();
    assert_eq!(std::fs::metadata(&ballast).unwrap().len(), BALLAST, "for the next time");
    let late = at(0).plus(DAY * 2);
    let one = task(9_001, TaskKind::Callback, late, late.plus(DAY), None);
    store.add_task(late, None, one).await.unwrap();
    store.begin_contact(at(4), contact(2), Channel::Phone).await.unwrap();
    let looked = store.report_state(at(4), &trying(2, None), &report_code(1)).await.unwrap();
    assert!(matches!(looked, ReportLooked::State { .. }));
    drop(store);
    let again = SqliteStore::open(settings(), at(5), os_chance()).await.unwrap();
    assert_eq!(again.open_task_count(TaskKind::Callback).await.unwrap(), 1);
    again.close().await.unwrap();
    crate::verify_log(&dir.join("data"), None).await.unwrap();
    println!("full and whole, {acknowledged} kept");
}

fn invite(n: u128) -> NewInvite {
    NewInvite {
        account: AccountId::from_random(n),
        handle: format!("desk-{n}").parse().unwrap(),
        role: StaffRole::Navigator,
        ends_at: None,
        secret: Secret::from_random(n),
    }
}

#[test]
fn on_a_disk_that_really_fills_nothing_is_acknowledged_that_is_not_kept() {
    let dir = ScratchDir::new();
    // A user and mount namespace of its own: nothing outside sees the mount, and it goes with the process.
    let in_small_disk = |command: &str| {
        let mount = format!("mount -t tmpfs -o size={DISK} tmpfs \"${CHILD}\" && {command}");
        Command::new("unshare").args(["-Urm", "sh", "-c", &mount]).env(CHILD, dir.path()).output()
    };
    if !in_small_disk("true").is_ok_and(|done| done.status.success()) {
        eprintln!(
            "SKIPPED: this machine does not let a test mount a file system (unshare -Urm); no real disk was filled"
        );
        return;
    }
    let own = std::env::current_exe().unwrap();
    let child = "tests::full_disk::the_child_that_writes_until_its_disk_is_full";
    let done = in_small_disk(&format!("exec '{}' --exact {child} --nocapture", own.display())).unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && said.contains("full and whole"), "{said}");
}
