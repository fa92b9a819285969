//! Legal demands: kept by both stores, and told by the public log, at once or from the day on which they may be.
//! The public log's own rules are tested in `public`.

use super::{Scratch, scratch};
use crate::audit_tree::public::{ENTRIES_A_DAY, Opening, verify_public};
use crate::audit_tree::tiles::TileFolder;
use crate::audit_tree::{VerifierKey, verify};
use crate::contract::demands::{demand, each_demand_is_in_the_log_before_its_answer};
use crate::contract::values::*;
use crate::memory::MemoryStore;
use caseline_helpline::audit::{AuditEntry, AuditEvent, Versions};
use caseline_helpline::demand::{DemandAnswer, DemandStore};
use caseline_helpline::ports::Store;
use caseline_model::{Time, Zone};

#[tokio::test]
async fn each_store_has_a_demand_in_its_log_before_the_answer() {
    each_demand_is_in_the_log_before_its_answer(&MemoryStore::new()).await;
    each_demand_is_in_the_log_before_its_answer(&scratch(NOON).await.store).await;
}

async fn started(kept: &Scratch, now: Time) {
    let versions = Versions { flows: "some".into(), ..Versions::default() };
    let entry = AuditEntry { at: now, contact: None, case: None, event: AuditEvent::LineStarted { versions } };
    kept.store.append_audit(entry).await.unwrap();
}

/// What is published of demands, after the whole public log was verified with all that it says.
fn published(kept: &Scratch) -> (u64, Vec<String>) {
    let public = kept.dir.path().join("data/log/public");
    let key = VerifierKey::parse(&std::fs::read_to_string(public.join("key")).unwrap()).unwrap();
    let openings: Vec<Opening> = std::fs::read_to_string(public.join("openings"))
        .unwrap()
        .lines()
        .map(|row| Opening::parse(row).unwrap())
        .collect();
    let verified = verify_public(&TileFolder(public), &key, None, &openings).unwrap();
    let told = openings.into_iter().map(|opening| opening.text).filter(|text| text.starts_with("demand ")).collect();
    (verified.size, told)
}

#[tokio::test]
async fn the_public_log_tells_a_demand_on_the_next_day_and_a_quiet_one_when_it_may() {
    let kept = scratch(NOON).await;
    started(&kept, NOON).await;
    let quiet_until = NOON.plus(DAY * 4).date_in(&Zone::utc());
    let told = kept.store.record_demand(at(1), &demand(None)).await.unwrap();
    let quiet = kept.store.record_demand(at(2), &demand(Some(quiet_until))).await.unwrap();
    kept.store.answer_demand(at(3), &told, DemandAnswer::Refused).await.unwrap();
    assert!(published(&kept).1.is_empty(), "the day was written before they came");
    started(&kept, NOON.plus(DAY)).await;
    let after_a_day = published(&kept);
    assert_eq!(after_a_day.1, told_rows(&kept, 1).await);
    started(&kept, NOON.plus(DAY * 3)).await;
    assert_eq!(published(&kept).1, after_a_day.1, "one is not told twice, and the other not yet");
    let withheld = std::fs::read_to_string(kept.dir.path().join("data/log/withheld")).unwrap();
    assert!(withheld.contains(&quiet.public_rows()[0]), "what an entry of the second day says is kept: {withheld}");
    started(&kept, NOON.plus(DAY * 4)).await;
    let (size, all) = published(&kept);
    assert_eq!(size, 5 * ENTRIES_A_DAY as u64, "no day has more entries than another");
    assert_eq!(all, [after_a_day.1, told_rows(&kept, 2).await].concat());
    assert_eq!(std::fs::read_to_string(kept.dir.path().join("data/log/withheld")).unwrap(), "");
}

async fn told_rows(kept: &Scratch, number: u32) -> Vec<String> {
    let all = kept.store.demands().await.unwrap();
    all.iter().filter(|demand| demand.number.0 == number).flat_map(|demand| demand.public_rows()).collect()
}

#[tokio::test]
async fn more_demands_than_a_day_has_room_for_are_told_on_the_next_days() {
    let kept = scratch(NOON).await;
    started(&kept, NOON).await;
    for second in 0..20 {
        kept.store.record_demand(at(second), &demand(None)).await.unwrap();
    }
    let mut told = Vec::new();
    for day in 1..=3 {
        started(&kept, NOON.plus(DAY * day)).await;
        told.push(published(&kept).1.len());
    }
    assert_eq!(told, [9, 18, 20], "six entries of a day are the versions");
}

#[tokio::test]
async fn a_day_that_was_cut_off_before_its_head_is_told_anew_and_holds() {
    let kept = scratch(NOON).await;
    started(&kept, NOON).await;
    kept.store.record_demand(at(1), &demand(None)).await.unwrap();
    // Killed after what a day says was written, and before its head: rows of entries that are in no head.
    let file = kept.dir.path().join("data/log/public/openings");
    let rows = std::fs::read_to_string(&file).unwrap();
    let salt = "ab".repeat(32);
    std::fs::write(&file, format!("{rows}22 {salt} demand 1 of a day that was cut off\n23 {salt}")).unwrap();
    started(&kept, NOON.plus(DAY)).await;
    assert_eq!(published(&kept).1, told_rows(&kept, 1).await);
}

#[tokio::test]
async fn the_whole_log_verifies_with_demands_in_it() {
    let kept = scratch(NOON).await;
    let recorded = kept.store.record_demand(NOON, &demand(None)).await.unwrap();
    kept.store.answer_demand(at(1), &recorded, DemandAnswer::NothingHeld).await.unwrap();
    kept.store.write_out().await.unwrap();
    let verified = verify::verify_log(&kept.dir.path().join("data"), None).await.unwrap();
    assert_eq!(verified.head.size, 2);
}
