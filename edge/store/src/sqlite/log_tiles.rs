//! Writes the log's tiles beside its signed head, before the head: whoever has a head finds all the files it needs.
//! What stands in them is left to `audit_tree::tiles`; when a head is written, to `log`.

use super::connection::{database_fault, vault_fault};
use super::log::on_disk;
use super::{Done, SqliteStore};
use crate::audit_tree::tiles::growing::File;
use crate::audit_tree::tiles::{Growing, TILE_WIDTH, TileFolder};
use crate::vault::{VaultFault, write_atomically};
use caseline_helpline::fault::StoreFault;
use std::io::ErrorKind;
use std::path::Path;

const COMMITMENTS: &str = "SELECT commitment FROM log_entries WHERE place >= ?1 AND place < ?2 ORDER BY place LIMIT ?3";
/// Entries that are read at a time.
const ENTRIES_AT_ONCE: i64 = 4_096;
/// What is being done, for faults.
const DOING: &str = "writing the log's tiles";

impl SqliteStore {
    /// Writes the tiles of the newest signed head, then the head, unless another process of this store wrote a newer
    /// one.
    pub(super) async fn write_head_files(&self) -> Done<()> {
        self.write_tiles().await?;
        self.heads.write_file().map_err(vault_fault("writing the log's head"))
    }

    async fn write_tiles(&self) -> Done<()> {
        let Some(head) = self.heads.newest() else { return Ok(()) };
        let dir = self.heads.dir.as_path();
        let written = on_disk(dir);
        let mut held = self.heads.tiles.lock().await;
        let mut growing = match held.take().filter(|growing| growing.size() <= head.size) {
            Some(growing) => growing,
            None => resumed(dir, written.as_ref().map(|head| (head.size, head.root)))?,
        };
        if growing.size() == head.size && written.is_some_and(|written| written.size >= head.size) {
            *held = Some(growing);
            return Ok(());
        }
        while growing.size() < head.size {
            let rows: Vec<Vec<u8>> = sqlx::query_scalar(COMMITMENTS)
                .bind(growing.size().cast_signed())
                .bind(head.size.cast_signed())
                .bind(ENTRIES_AT_ONCE)
                .fetch_all(&self.readers)
                .await
                .map_err(database_fault(DOING))?;
            if rows.is_empty() {
                break;
            }
            let mut full = Vec::new();
            for row in rows {
                let commitment = row.try_into().map_err(|_| StoreFault::Sealed { doing: DOING })?;
                growing.append(&commitment, |file| full.push(file));
            }
            for file in &full {
                write(dir, file)?;
            }
        }
        if growing.root() != head.root {
            return Err(StoreFault::Refused {
                what: "the entries of the log do not add up to its head; run caseline verify-log to see which".into(),
            });
        }
        for file in growing.partial() {
            write(dir, &file)?;
        }
        *held = Some(growing);
        Ok(())
    }
}

/// The edge of the files that are there, or of none: then all of them are written anew.
fn resumed(dir: &Path, written: Option<(u64, [u8; 32])>) -> Done<Growing> {
    let Some((size, root)) = written else { return Ok(Growing::default()) };
    let resumed = Growing::resume(&TileFolder(dir.to_owned()), size).map_err(failed)?;
    Ok(resumed.filter(|growing| growing.root() == root).unwrap_or_default())
}

/// Writes one file. A file that is there never changes; with a full one those that were not full go.
pub(super) fn write(dir: &Path, (tile, bytes): &File) -> Done<()> {
    let path = dir.join(tile.path());
    let is_there = std::fs::read(&path).is_ok_and(|there| there == *bytes);
    if !is_there {
        let folder = path.parent().unwrap_or(dir);
        std::fs::create_dir_all(folder).map_err(failed)?;
        write_atomically(&path, bytes).map_err(vault_fault(DOING))?;
    }
    if tile.width == TILE_WIDTH {
        match std::fs::remove_dir_all(dir.join(format!("{}.p", tile.full_path()))) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    Ok(())
}

fn failed(source: std::io::Error) -> StoreFault {
    vault_fault(DOING)(VaultFault::File { doing: DOING, source })
}
