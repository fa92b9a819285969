//! Gives any bytes to the readers of what lies on disk: heads, tiles and openings of the log, key ring, secrets of cases,
//! ledger, sealed values and what was sealed in them.
//! Mutating bytes and keeping seeds is left to `fuzz/`.

use crate::audit_tree::checkpoint::{Checkpoint, VerifierKey, checkpoint_over};
use crate::audit_tree::public::{Opening, verify_head, verify_public};
use crate::audit_tree::tiles::{Level, Tile, roots_at, verify_tiles};
use crate::backup::parcels_never_panic;
use crate::content::{bytes_of, content_of};
use crate::import_set::{rows_from_bytes, rows_to_bytes};
use crate::sqlite::openings_never_panic;
use crate::vault::{
    case_secrets_never_panic, keyrings_never_panic, ledgers_never_panic, sealed_values_never_panic,
    vault_frames_never_panic,
};
use caseline_helpline::audit::AuditEntry;
use std::collections::{BTreeMap, BTreeSet};

/// A name, and a reader that must not fall over.
type Target = (&'static str, fn(&[u8]));

/// The fuzz targets of this crate, by name.
pub const TARGETS: &[Target] = &[
    ("log-heads", log_heads_never_panic),
    ("log-tiles", log_tiles_never_panic),
    ("key-rings", keyrings_never_panic),
    ("case-secrets", case_secrets_never_panic),
    ("sealed-values", sealed_values_never_panic),
    ("sealed-contents", sealed_contents_never_panic),
    ("vault-frames", vault_frames_never_panic),
    ("vault-ledgers", ledgers_never_panic),
    ("backup-parcels", parcels_never_panic),
];

/// Entries of the log that a fuzzer makes up: two full tiles and a rest.
const ENTRIES_MAX: u64 = 600;

/// Reads text as a signed head, as a verifier's key and as an opening of the public log.
pub fn log_heads_never_panic(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let head = Checkpoint::parse(&text);
    if let Ok(head) = &head {
        assert_eq!(head.to_text(), text, "one head has one text");
    }
    if let (Ok(key), Ok(head)) = (VerifierKey::parse(&text), &head) {
        let _ = head.check(&key);
    }
    for row in text.lines() {
        openings_never_panic(row);
        if let Some(opening) = Opening::parse(row) {
            let _ = opening.commitment();
            let _ = verify_head(&opening, |_| None);
        }
    }
}

/// Verifies a log whose head is signed by the right key and whose files are the bytes, cut at the lengths they should
/// have: the first two bytes say how many entries, the next 32 are the root.
pub fn log_tiles_never_panic(bytes: &[u8]) {
    let Some((size, rest)) = bytes.split_first_chunk::<2>() else { return };
    let Some((root, mut rest)) = rest.split_first_chunk::<32>() else { return };
    let size = u64::from(u16::from_be_bytes(*size)) % ENTRIES_MAX;
    let (key, head) = checkpoint_over([7; 32], size, *root);
    let mut files = BTreeMap::from([("checkpoint".to_owned(), head.to_text().into_bytes())]);
    let levels = (0..Tile::level_count(size)).map(Level::Hashes);
    for level in std::iter::once(Level::Entries).chain(levels) {
        for tile in Tile::of_row(level, size) {
            let length = tile.width * if level == Level::Entries { 34 } else { 32 };
            let (file, after) = rest.split_at(length.min(rest.len()));
            files.insert(tile.path(), file.to_vec());
            rest = after;
        }
    }
    let _ = verify_tiles(&files, &key, Some(&head));
    let _ = roots_at(&files, size, &BTreeSet::from([0, size / 2, size]));
    let _ = verify_public(&files, &key, None, &[]);
}

/// Reads bytes as what is sealed for an obligation, as the rows of a case, and as an entry of the log, which the line also
/// shows to the vault.
pub fn sealed_contents_never_panic(bytes: &[u8]) {
    if let Some(content) = content_of(bytes) {
        let again = bytes_of(&content).and_then(|bytes| content_of(&bytes));
        assert!(again.is_some_and(|again| again.need == content.need), "what was read reads back");
    }
    if let Ok(entry) = serde_json::from_slice::<AuditEntry>(bytes) {
        let again = serde_json::to_vec(&entry).ok().and_then(|kept| serde_json::from_slice::<AuditEntry>(&kept).ok());
        assert!(again.is_some_and(|again| again == entry), "what was read reads back");
    }
    let rows = rows_from_bytes(bytes);
    assert_eq!(rows_from_bytes(&rows_to_bytes(&rows)), rows);
}
