//! The public log: every day adds as many entries as every other, whatever happened, also days on which no line ran.
//! What an entry commits to is tested in `audit_tree::public`.

use super::{Scratch, scratch};
use crate::audit_tree::public::{ENTRIES_A_DAY, Opening, PublicFault, verify_head, verify_public};
use crate::audit_tree::tiles::{TileFolder, roots_at};
use crate::audit_tree::{Checkpoint, VerifierKey};
use crate::contract::values::*;
use caseline_helpline::audit::{AuditEntry, AuditEvent, Versions};
use caseline_helpline::ports::Store;
use caseline_model::Time;
use std::path::{Path, PathBuf};

fn log(kept: &Scratch) -> PathBuf {
    kept.dir.path().join("data/log")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn openings(path: &Path) -> Vec<Opening> {
    read(path).lines().map(|row| Opening::parse(row).unwrap()).collect()
}

fn verify(kept: &Scratch, since: Option<&Checkpoint>, openings: &[Opening]) -> Result<u64, PublicFault> {
    let public = log(kept).join("public");
    let key = VerifierKey::parse(&read(&public.join("key"))).unwrap();
    verify_public(&TileFolder(public), &key, since, openings).map(|verified| verified.size)
}

async fn entries(kept: &Scratch, now: Time, count: u64) {
    for _ in 0..count {
        let entry = AuditEntry { at: now, contact: None, case: None, event: AuditEvent::CardMade };
        kept.store.append_audit(entry).await.unwrap();
    }
}

async fn started(kept: &Scratch, now: Time, flows: &str) {
    let versions = Versions { flows: flows.into(), ..Versions::default() };
    let entry = AuditEntry { at: now, contact: None, case: None, event: AuditEvent::LineStarted { versions } };
    kept.store.append_audit(entry).await.unwrap();
}

#[tokio::test]
async fn every_day_adds_as_many_entries_as_every_other() {
    let kept = scratch(NOON).await;
    started(&kept, at(0), "of the first day").await;
    let mut sizes = vec![verify(&kept, None, &[]).unwrap()];
    let first = Checkpoint::parse(&read(&log(&kept).join("public/checkpoint"))).unwrap();
    entries(&kept, at(0), 700).await;
    sizes.push(verify(&kept, Some(&first), &[]).unwrap());
    entries(&kept, at(0).plus(DAY), 1).await;
    sizes.push(verify(&kept, Some(&first), &[]).unwrap());
    // Nobody was there for two days.
    entries(&kept, at(0).plus(DAY * 4), 1).await;
    sizes.push(verify(&kept, Some(&first), &[]).unwrap());
    assert_eq!(sizes, [1, 1, 2, 5].map(|days| days * ENTRIES_A_DAY as u64));
    // A new process goes on, and the same day is written once.
    let Scratch { store, dir } = kept;
    store.close().await.unwrap();
    let store = super::open(&dir, at(0).plus(DAY * 4)).await;
    let kept = Scratch { store, dir };
    started(&kept, at(0).plus(DAY * 4), "of the fifth day").await;
    entries(&kept, at(0).plus(DAY * 4), 300).await;
    assert_eq!(verify(&kept, Some(&first), &[]).unwrap(), 80);
    entries(&kept, at(0).plus(DAY * 5), 1).await;
    assert_eq!(verify(&kept, Some(&first), &[]).unwrap(), 96);
}

#[tokio::test]
async fn what_is_said_of_a_day_is_what_was_committed_to_and_its_head_is_the_audit_log_s() {
    let kept = scratch(NOON).await;
    started(&kept, at(0), "aabb").await;
    entries(&kept, at(0), 10).await;
    entries(&kept, at(0).plus(DAY), 300).await;
    let public = log(&kept).join("public");
    let said = openings(&public.join("openings"));
    assert!(said.iter().any(|opening| opening.text == "flows aabb"), "{said:?}");
    verify(&kept, None, &said).unwrap();
    let mut other = said.clone();
    other[1].text = "flows ccdd".into();
    assert!(matches!(verify(&kept, None, &other), Err(PublicFault::Opening { .. })));
    let heads = openings(&log(&kept).join("heads"));
    assert_eq!(heads.len(), 2);
    verify(&kept, None, &heads).unwrap();
    let size = Checkpoint::parse(&read(&log(&kept).join("checkpoint"))).unwrap().size;
    let sizes = heads.iter().map(|head| head.text.split(' ').nth(1).unwrap().parse().unwrap()).collect();
    let roots = roots_at(&TileFolder(log(&kept)), size, &sizes).unwrap();
    for head in &heads {
        verify_head(head, |size| roots.get(&size).copied()).unwrap();
        verify_head(head, |_| Some([0; 32])).unwrap_err();
    }
    // What may be published holds neither how long the audit log is nor its root.
    for file in ["checkpoint", "openings", "day", "key"] {
        let text = read(&public.join(file));
        assert!(heads.iter().all(|head| !text.contains(head.text.rsplit(' ').next().unwrap())), "{file}");
    }
}

#[tokio::test]
async fn a_public_log_that_was_cut_off_between_its_day_and_its_head_goes_on() {
    let kept = scratch(NOON).await;
    started(&kept, at(0), "aabb").await;
    let public = log(&kept).join("public");
    let before = read(&public.join("checkpoint"));
    entries(&kept, at(0).plus(DAY), 1).await;
    let first = Checkpoint::parse(&before).unwrap();
    std::fs::write(public.join("checkpoint"), before).unwrap();
    for file in ["tile/0/000.p/16", "tile/entries/000.p/16"] {
        assert!(public.join(file).is_file(), "{file}");
    }
    let Scratch { store, dir } = kept;
    store.close().await.unwrap();
    let store = super::open(&dir, at(0).plus(DAY)).await;
    let kept = Scratch { store, dir };
    entries(&kept, at(0).plus(DAY), 300).await;
    assert_eq!(verify(&kept, Some(&first), &[]).unwrap(), 16, "a command beside the line writes no day");
    started(&kept, at(0).plus(DAY), "aabb").await;
    entries(&kept, at(0).plus(DAY), 300).await;
    assert_eq!(verify(&kept, Some(&first), &[]).unwrap(), 32);
    // One whose head is gone is not begun anew: that would be a fork.
    std::fs::remove_file(public.join("checkpoint")).unwrap();
    let Scratch { store, dir } = kept;
    store.close().await.unwrap();
    let store = super::open(&dir, at(0).plus(DAY * 2)).await;
    let kept = Scratch { store, dir };
    started(&kept, at(0).plus(DAY * 2), "aabb").await;
    entries(&kept, at(0).plus(DAY * 2), 300).await;
    assert!(!public.join("checkpoint").exists());
    std::fs::remove_dir_all(&public).unwrap();
    started(&kept, at(0).plus(DAY * 3), "aabb").await;
    assert!(!public.join("checkpoint").exists(), "nor one whose folder is gone");
}

#[tokio::test]
async fn a_backup_s_public_log_goes_on_where_it_was_and_never_overwrites_the_one_that_is_there() {
    let kept = scratch(NOON).await;
    started(&kept, at(0), "aabb").await;
    let first = Checkpoint::parse(&read(&log(&kept).join("public/checkpoint"))).unwrap();
    let set = kept.dir.path().join("set/log");
    std::fs::create_dir_all(&set).unwrap();
    crate::backup::copy_public_log(&log(&kept), &set).unwrap();
    let Scratch { store, dir } = kept;
    store.close().await.unwrap();
    std::fs::remove_dir_all(dir.path().join("data/log/public")).unwrap();
    std::fs::remove_file(dir.path().join("data/log/heads")).unwrap();
    crate::backup::copy_public_log(&set, &dir.path().join("data/log")).unwrap();
    let store = super::open(&dir, at(0).plus(DAY)).await;
    let kept = Scratch { store, dir };
    started(&kept, at(0).plus(DAY), "aabb").await;
    assert_eq!(verify(&kept, Some(&first), &[]).unwrap(), 32);
    crate::backup::copy_public_log(&set, &log(&kept)).unwrap();
    assert_eq!(verify(&kept, Some(&first), &[]).unwrap(), 32, "the newer one stays");
}
