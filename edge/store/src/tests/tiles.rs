//! The files of the log: what the store writes, and that nothing can be done to them that a verifier does not notice.
//! The arithmetic is tested in `audit_tree::tiles`.

use super::scratch;
use crate::audit_tree::checkpoint::body;
use crate::audit_tree::tiles::{Growing, Tile, TileFiles, TileFolder, TilesFault, verify_tiles};
use crate::audit_tree::{Checkpoint, Hash, VerifierKey, commitment};
use crate::contract::values::*;
use caseline_helpline::audit::{AuditEntry, AuditEvent};
use caseline_helpline::chance::{Chance, SeededChance};
use caseline_helpline::ports::Store;
use ed25519_dalek::{Signer, SigningKey};
use std::collections::BTreeMap;
use std::path::Path;

type Files = BTreeMap<String, Vec<u8>>;

fn key_in(log: &Path) -> VerifierKey {
    VerifierKey::parse(&std::fs::read_to_string(log.join("key")).unwrap()).unwrap()
}

fn entry(n: u64) -> AuditEntry {
    AuditEntry { at: at(n), contact: None, case: None, event: AuditEvent::CardMade }
}

#[tokio::test]
async fn whoever_has_the_folder_of_the_log_and_an_earlier_head_can_verify_it_without_the_database() {
    let mut kept = scratch(NOON).await;
    let log = kept.dir.path().join("data/log");
    let mut since = None;
    for round in 0..4_u64 {
        for n in 0..220 {
            kept.store.append_audit(entry(round * 220 + n)).await.unwrap();
        }
        // Another process takes up the tiles where the files of this one end.
        kept.store.close().await.unwrap();
        let verified = verify_tiles(&TileFolder(log.clone()), &key_in(&log), since.as_ref()).unwrap();
        assert_eq!(verified.size, (round + 1) * 220);
        since = Some(Checkpoint::parse(&std::fs::read_to_string(log.join("checkpoint")).unwrap()).unwrap());
        kept.store = super::open(&kept.dir, at(round)).await;
    }
    assert!(log.join("tile/0/002").is_file() && log.join("tile/entries/003.p/112").is_file());
    assert!(!log.join("tile/0/000.p").exists(), "what is full needs its beginnings no more");
    assert_eq!(std::fs::read(log.join("tile/1/000.p/3")).unwrap().len(), 96);
    kept.store.close().await.unwrap();
}

#[tokio::test]
async fn files_that_were_removed_are_written_anew_with_the_next_head() {
    let kept = scratch(NOON).await;
    let log = kept.dir.path().join("data/log");
    for n in 0..300 {
        kept.store.append_audit(entry(n)).await.unwrap();
    }
    kept.store.close().await.unwrap();
    std::fs::remove_dir_all(log.join("tile")).unwrap();
    let found = verify_tiles(&TileFolder(log.clone()), &key_in(&log), None).unwrap_err();
    assert!(matches!(found, TilesFault::Missing { .. }), "{found}");
    let store = super::open(&kept.dir, at(1)).await;
    store.append_audit(entry(301)).await.unwrap();
    store.close().await.unwrap();
    assert_eq!(verify_tiles(&TileFolder(log.clone()), &key_in(&log), None).unwrap().size, 301);
}

/// A log in memory, with the key that signs it.
struct Log {
    signing: SigningKey,
    key: VerifierKey,
    entries: Vec<Hash>,
}

impl Log {
    fn of(size: u64, chance: &SeededChance) -> Self {
        let signing = SigningKey::from_bytes(&[5; 32]);
        let key = VerifierKey::new("caseline.invalid/log/made-up".into(), signing.verifying_key());
        let entries = (0..size).map(|_| commitment(&chance.bits_128().to_be_bytes(), b"sealed")).collect();
        Self { signing, key, entries }
    }

    fn head(&self, entries: &[Hash]) -> Checkpoint {
        let (size, root) = (entries.len() as u64, grown(entries).0.root());
        let signature = self.signing.sign(body(&self.key.name, size, &root).as_bytes()).to_bytes();
        Checkpoint::signed(&self.key, size, root, signature)
    }

    /// The files of these entries with a head.
    fn files(entries: &[Hash], head: &Checkpoint) -> Files {
        let (growing, mut files) = grown(entries);
        files.extend(growing.partial().into_iter().map(|(tile, bytes)| (tile.path(), bytes)));
        files.insert("checkpoint".into(), head.to_text().into_bytes());
        files
    }
}

fn grown(entries: &[Hash]) -> (Growing, Files) {
    let (mut growing, mut files) = (Growing::default(), Files::new());
    for entry in entries {
        growing.append(entry, |(tile, bytes)| {
            files.insert(tile.path(), bytes);
        });
    }
    (growing, files)
}

/// What somebody does who holds the files, and where it says so the key too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tampering {
    /// A bit of any file.
    FlipBit,
    /// A file is gone.
    RemoveFile,
    /// A file is shorter.
    CutFile,
    /// A file is longer.
    LengthenFile,
    /// Two files change places.
    SwapFiles,
    /// Entries are left out, and all hashes computed anew.
    Drop,
    /// Two entries change places, and all hashes are computed anew.
    Reorder,
    /// An entry is another one, and all hashes are computed anew.
    Replace,
    /// There is one entry more, and all hashes are computed anew.
    Insert,
    /// Entries at the end are taken back, and the shorter log is signed with the true key.
    TakeBack,
    /// An entry before the earlier head is another one, and the log is signed with the true key.
    Fork,
    /// The same, and the log goes on further than the true one.
    ForkAndGoOn,
    /// The log is signed with another key.
    OtherKey,
}

const ALL: [Tampering; 13] = [
    Tampering::FlipBit,
    Tampering::RemoveFile,
    Tampering::CutFile,
    Tampering::LengthenFile,
    Tampering::SwapFiles,
    Tampering::Drop,
    Tampering::Reorder,
    Tampering::Replace,
    Tampering::Insert,
    Tampering::TakeBack,
    Tampering::Fork,
    Tampering::ForkAndGoOn,
    Tampering::OtherKey,
];

/// The files after it; `None`: it changed nothing (two equal files changed places).
fn tampered(log: &Log, whole: &Files, since: u64, how: Tampering, chance: &SeededChance) -> Option<Files> {
    let draw = |below: usize| (chance.bits_64() % below.max(1) as u64) as usize;
    let mut files = whole.clone();
    let name = |files: &Files| files.keys().nth(draw(files.len())).cloned().unwrap();
    let head = Checkpoint::parse(std::str::from_utf8(&whole["checkpoint"]).unwrap()).unwrap();
    let mut entries = log.entries.clone();
    match how {
        Tampering::FlipBit => {
            let bytes = files.get_mut(&name(whole)).unwrap();
            let place = draw(bytes.len());
            bytes[place] ^= 1 << draw(8);
        }
        Tampering::RemoveFile => {
            files.remove(&name(whole));
        }
        Tampering::CutFile => {
            let bytes = files.get_mut(&name(whole)).unwrap();
            bytes.truncate(draw(bytes.len()));
        }
        Tampering::LengthenFile => {
            let more = vec![draw(256) as u8; 1 + draw(70)];
            files.get_mut(&name(whole)).unwrap().extend(more);
        }
        Tampering::SwapFiles => {
            let (one, other) = (name(whole), name(whole));
            files.insert(one.clone(), whole[&other].clone());
            files.insert(other, whole[&one].clone());
        }
        Tampering::Drop => {
            let from = draw(entries.len());
            let until = (from + 1 + draw(3)).min(entries.len());
            entries.drain(from..until);
            files = Log::files(&entries, &head);
        }
        Tampering::Reorder => {
            let (one, other) = (draw(entries.len()), draw(entries.len()));
            entries.swap(one, other);
            files = Log::files(&entries, &head);
        }
        Tampering::Replace => {
            let place = draw(entries.len());
            entries[place] = commitment(&chance.bits_128().to_be_bytes(), b"other");
            files = Log::files(&entries, &head);
        }
        Tampering::Insert => {
            let place = draw(entries.len() + 1);
            entries.insert(place, commitment(&chance.bits_128().to_be_bytes(), b"other"));
            files = Log::files(&entries, &head);
        }
        Tampering::TakeBack => {
            entries.truncate(draw(since as usize));
            files = Log::files(&entries, &log.head(&entries));
        }
        Tampering::Fork | Tampering::ForkAndGoOn => {
            let place = draw(since as usize);
            entries[place] = commitment(&chance.bits_128().to_be_bytes(), b"other");
            if how == Tampering::ForkAndGoOn {
                entries.extend((0..1 + draw(40)).map(|_| commitment(&chance.bits_128().to_be_bytes(), b"more")));
            }
            files = Log::files(&entries, &log.head(&entries));
        }
        Tampering::OtherKey => {
            let other = Log { signing: SigningKey::from_bytes(&[6; 32]), key: log.key.clone(), entries };
            files = Log::files(&other.entries, &other.head(&other.entries));
        }
    }
    (files != *whole).then_some(files)
}

/// So many mutations, spread over logs of many sizes.
const MUTATIONS: u32 = 100_000;

#[test]
fn of_a_hundred_thousand_edits_drops_reorders_and_forks_none_is_accepted() {
    let chance = SeededChance::new(20_261_122);
    let mut done: BTreeMap<Tampering, u32> = BTreeMap::new();
    let mut total = 0;
    while total < MUTATIONS {
        // Most logs are short, so that there are many; all of them pass the width of a tile now and then.
        let size = match chance.bits_64() % 8 {
            0 => 200 + chance.bits_64() % 400,
            _ => 2 + chance.bits_64() % 60,
        };
        let log = Log::of(size, &chance);
        let head = log.head(&log.entries);
        let whole = Log::files(&log.entries, &head);
        let earlier = 1 + (chance.bits_64() % size) as usize;
        let since = log.head(&log.entries[..earlier]);
        verify_tiles(&whole, &log.key, Some(&since)).unwrap();
        for n in 0..200 {
            let how = ALL[n % ALL.len()];
            let Some(files) = tampered(&log, &whole, since.size, how, &chance) else { continue };
            let found = verify_tiles(&files, &log.key, Some(&since));
            assert!(found.is_err(), "{how:?} of {size} entries, since {earlier}: accepted");
            *done.entry(how).or_default() += 1;
            total += 1;
        }
    }
    assert!(ALL.iter().all(|how| done[how] > 5_000), "{done:?}");
}

#[test]
fn a_beginning_of_a_tile_that_is_still_there_must_be_one() {
    let chance = SeededChance::new(1);
    let log = Log::of(40, &chance);
    let mut files = Log::files(&log.entries, &log.head(&log.entries));
    let earlier = grown(&log.entries[..25]).0.partial();
    files.extend(earlier.iter().map(|(tile, bytes): &(Tile, Vec<u8>)| (tile.path(), bytes.clone())));
    verify_tiles(&files, &log.key, None).unwrap();
    files.get_mut("tile/0/000.p/25").unwrap()[7] ^= 1;
    let found = verify_tiles(&files, &log.key, None).unwrap_err();
    assert!(matches!(&found, TilesFault::Changed { path } if path == "tile/0/000.p/25"), "{found}");
    assert_eq!(files.partial_widths("tile/0/000").unwrap(), [25, 40]);
}

#[test]
fn a_full_tile_stands_for_its_beginning() {
    let chance = SeededChance::new(2);
    let log = Log::of(300, &chance);
    let head = log.head(&log.entries[..200]);
    let mut files = grown(&log.entries).1;
    files.insert("checkpoint".into(), head.to_text().into_bytes());
    // The head was fetched before the tile became full.
    verify_tiles(&files, &log.key, None).unwrap();
}
