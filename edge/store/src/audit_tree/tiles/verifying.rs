//! Verifies a log from its files alone, without database, vault or network: every entry against its tile, every tile
//! against the one above, the root against the signed head, and an earlier head against the same entries.
//! Printing the result is left to the program.

use super::{Hash, Level, TILE_WIDTH, Tile, TileFiles, entries_of, hash_of_tile, hashes_of};
use crate::audit_tree::checkpoint::NoteFault;
use crate::audit_tree::{Checkpoint, Tree, VerifierKey, leaf};
use std::io;

/// A log whose files are whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TilesVerified {
    /// How many entries the signed head has, all of them looked at.
    pub size: u64,
    /// How many files were read.
    pub files: u64,
}

/// Why the files of a log are not accepted.
#[derive(Debug, thiserror::Error)]
pub enum TilesFault {
    /// A file cannot be read.
    #[error("{path} cannot be read")]
    File {
        /// Its place.
        path: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A file is missing.
    #[error("{path} is missing")]
    Missing {
        /// Its place.
        path: String,
    },
    /// A file is not what it must be: entries and hashes do not fit each other.
    #[error("{path} was changed: it does not fit the entries below it")]
    Changed {
        /// Its place.
        path: String,
    },
    /// A signed head is not accepted.
    #[error("{what} is not accepted")]
    Note {
        /// Which.
        what: &'static str,
        /// The cause.
        #[source]
        source: NoteFault,
    },
    /// The entries do not add up to the signed head.
    #[error("the {size} entries do not add up to the signed head: the log was rewritten")]
    Rewritten {
        /// Entries of the head.
        size: u64,
    },
    /// The log does not go on from an earlier head.
    #[error("the first {size} entries are not those of the earlier head: this log is another one, or a fork")]
    Forked {
        /// Entries of the earlier head.
        size: u64,
    },
    /// The signed head is older than one that somebody kept.
    #[error("the signed head has {head} entries and the earlier one {since}: entries were taken back")]
    TakenBack {
        /// Entries of the head.
        head: u64,
        /// Entries of the earlier head.
        since: u64,
    },
}

/// Verifies the files of a log against its signed head, under its key, and if given against an earlier head that was
/// kept elsewhere.
///
/// # Errors
/// Says what is wrong, and in which file where that can be told.
pub fn verify_tiles(
    files: &dyn TileFiles,
    key: &VerifierKey,
    since: Option<&Checkpoint>,
) -> Result<TilesVerified, TilesFault> {
    let note = |what: &'static str| move |source: NoteFault| TilesFault::Note { what, source };
    let mut reading = Reading { files, count: 0 };
    let text = reading.file("checkpoint")?;
    let text = String::from_utf8(text).map_err(|_| note("the signed head")(NoteFault::Form))?;
    let head = Checkpoint::parse(&text).map_err(note("the signed head"))?;
    head.check(key).map_err(note("the signed head"))?;
    if let Some(since) = since {
        since.check(key).map_err(note("the earlier head"))?;
        if since.size > head.size {
            return Err(TilesFault::TakenBack { head: head.size, since: since.size });
        }
    }
    let mut tree = Tree::default();
    let mut root_at_since = None;
    // The hashes that the row above must have.
    let mut above = Vec::new();
    for (bundle, tile) in Tile::of_row(Level::Entries, head.size).zip(Tile::of_row(Level::Hashes(0), head.size)) {
        let bytes = reading.tile(&bundle)?;
        let entries = entries_of(&bytes).filter(|entries| entries.len() == bundle.width);
        let entries = entries.ok_or_else(|| TilesFault::Changed { path: bundle.path() })?;
        reading.earlier_widths(&bundle, &bytes)?;
        let hashes: Vec<Hash> = entries.iter().map(leaf).collect();
        reading.row(&tile, &hashes, &mut above)?;
        for hash in hashes {
            if since.is_some_and(|since| since.size == tree.size()) {
                root_at_since = Some(tree.root());
            }
            tree.append(hash);
        }
    }
    for level in 1..Tile::level_count(head.size) {
        let below = std::mem::take(&mut above);
        for (tile, hashes) in Tile::of_row(Level::Hashes(level), head.size).zip(below.chunks(TILE_WIDTH)) {
            reading.row(&tile, hashes, &mut above)?;
        }
    }
    if tree.root() != head.root {
        return Err(TilesFault::Rewritten { size: head.size });
    }
    if let Some(since) = since {
        let root = root_at_since.unwrap_or_else(|| tree.root());
        if root != since.root {
            return Err(TilesFault::Forked { size: since.size });
        }
    }
    Ok(TilesVerified { size: head.size, files: reading.count })
}

struct Reading<'f> {
    files: &'f dyn TileFiles,
    count: u64,
}

impl Reading<'_> {
    fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, TilesFault> {
        let read = self.files.read(path).map_err(|source| TilesFault::File { path: path.to_owned(), source })?;
        self.count += u64::from(read.is_some());
        Ok(read)
    }

    fn file(&mut self, path: &str) -> Result<Vec<u8>, TilesFault> {
        self.read(path)?.ok_or_else(|| TilesFault::Missing { path: path.to_owned() })
    }

    /// The file of a tile. One that is not full may be gone once the full one is there, whose beginning it was.
    fn tile(&mut self, tile: &Tile) -> Result<Vec<u8>, TilesFault> {
        if let Some(bytes) = self.read(&tile.path())? {
            return Ok(bytes);
        }
        let full = self.read(&tile.full_path())?.ok_or_else(|| TilesFault::Missing { path: tile.path() })?;
        let one = full.len() / TILE_WIDTH;
        full.get(..one * tile.width).map(<[u8]>::to_vec).ok_or_else(|| TilesFault::Changed { path: tile.full_path() })
    }

    /// A tile must have just these hashes; of a full one the hash goes to the row above.
    fn row(&mut self, tile: &Tile, wanted: &[Hash], above: &mut Vec<Hash>) -> Result<(), TilesFault> {
        let bytes = self.tile(tile)?;
        if hashes_of(&bytes).as_deref() != Some(wanted) {
            return Err(TilesFault::Changed { path: tile.path() });
        }
        self.earlier_widths(tile, &bytes)?;
        if tile.width == TILE_WIDTH {
            above.push(hash_of_tile(wanted));
        }
        Ok(())
    }

    /// What is still there of the same tile from earlier heads must be its beginning.
    fn earlier_widths(&mut self, tile: &Tile, bytes: &[u8]) -> Result<(), TilesFault> {
        let full_path = tile.full_path();
        let listed = self.files.partial_widths(&full_path);
        let widths = listed.map_err(|source| TilesFault::File { path: full_path, source })?;
        for width in widths.into_iter().filter(|width| *width < tile.width) {
            let path = Tile { width, ..*tile }.path();
            let earlier = self.read(&path)?;
            let one = bytes.len() / tile.width;
            if earlier.as_deref() != bytes.get(..one * width) {
                return Err(TilesFault::Changed { path });
            }
        }
        Ok(())
    }
}
