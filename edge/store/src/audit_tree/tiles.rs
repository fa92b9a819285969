//! The log as files that anybody's verifier reads (C2SP tlog-tiles): hashes in tiles of 256, and the entries, of which
//! only the salted commitments are there. Whoever has these files, one signed head and the log's key checks all of it.
//! When they are written is left to `sqlite/log_tiles`; the signed head, to `checkpoint`.
//!
//! A tile of level *l* and number *n* stands at `tile/<l>/<n>`, entries at `tile/entries/<n>`; the last of a level, not
//! full yet, with `.p/<width>` behind it. A number is written in threes: 1234067 is `x001/x234/067`.

pub mod growing;
pub mod verifying;

pub use growing::Growing;
pub use verifying::{TilesFault, TilesVerified, verify_tiles};

use super::checkpoint::CHECKPOINT_BYTES_MAX;
use super::{Hash, TILE_HEIGHT, Tree, leaf};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

/// How many hashes a full tile has.
pub const TILE_WIDTH: usize = 1 << TILE_HEIGHT;
/// The length of every entry of this log: a salted commitment.
const ENTRY_BYTES: usize = 32;
/// Before each entry of a bundle stands its length, two bytes, big-endian.
const LENGTH_BYTES: usize = 2;
/// The longest file that is read of a log: a signed head with the signatures of others. A full bundle has 8,704 bytes.
const FILE_BYTES_MAX: u64 = CHECKPOINT_BYTES_MAX as u64;

/// Which row of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The entries themselves.
    Entries,
    /// Hashes: of entries at 0, of full tiles of the level below at 1 and above.
    Hashes(u8),
}

/// One file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tile {
    /// Its row.
    pub level: Level,
    /// Its number in the row.
    pub index: u64,
    /// How many hashes or entries it has, 1 to 256.
    pub width: usize,
}

impl Tile {
    /// Its place below the folder of the log.
    pub fn path(&self) -> String {
        let full = self.full_path();
        if self.width == TILE_WIDTH { full } else { format!("{full}.p/{}", self.width) }
    }

    /// The place of the full tile of the same number.
    pub fn full_path(&self) -> String {
        let level = match self.level {
            Level::Entries => "entries".to_owned(),
            Level::Hashes(level) => level.to_string(),
        };
        format!("tile/{level}/{}", in_threes(self.index))
    }

    /// The files of a row for a tree of so many entries, in order: full ones, then at most one that is not.
    pub fn of_row(level: Level, size: u64) -> impl Iterator<Item = Self> {
        let height = match level {
            Level::Entries => 0,
            Level::Hashes(level) => u32::from(level) * u32::from(TILE_HEIGHT),
        };
        let count = size.checked_shr(height).unwrap_or(0);
        let (full, rest) = (count / TILE_WIDTH as u64, (count % TILE_WIDTH as u64) as usize);
        let last = (rest > 0).then_some(Self { level, index: full, width: rest });
        (0..full).map(move |index| Self { level, index, width: TILE_WIDTH }).chain(last)
    }

    /// How many rows of hashes a tree of so many entries has.
    pub fn level_count(size: u64) -> u8 {
        size.checked_ilog2().map_or(0, |log| log as u8 / TILE_HEIGHT + 1)
    }
}

/// 1234067 is `x001/x234/067`.
fn in_threes(index: u64) -> String {
    let mut text = format!("{:03}", index % 1_000);
    let mut rest = index / 1_000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1_000);
        rest /= 1_000;
    }
    text
}

/// The bytes of a bundle.
fn bundle(entries: &[Hash]) -> Vec<u8> {
    entries.iter().flat_map(|entry| (ENTRY_BYTES as u16).to_be_bytes().into_iter().chain(*entry)).collect()
}

/// The entries of a bundle; `None` when they are not commitments one after the other.
fn entries_of(bytes: &[u8]) -> Option<Vec<Hash>> {
    let rows = bytes.chunks_exact(LENGTH_BYTES + ENTRY_BYTES);
    if !rows.remainder().is_empty() {
        return None;
    }
    rows.map(|row| {
        let (length, entry) = row.split_first_chunk::<LENGTH_BYTES>()?;
        (usize::from(u16::from_be_bytes(*length)) == ENTRY_BYTES).then(|| entry.try_into().ok()).flatten()
    })
    .collect()
}

/// The hashes of a tile; `None` when they are not whole.
fn hashes_of(bytes: &[u8]) -> Option<Vec<Hash>> {
    let hashes = bytes.chunks_exact(size_of::<Hash>());
    hashes.remainder().is_empty().then(|| hashes.filter_map(|hash| hash.try_into().ok()).collect())
}

/// The hash of a full tile, which stands in the row above.
fn hash_of_tile(hashes: &[Hash]) -> Hash {
    let mut tree = Tree::default();
    for hash in hashes {
        tree.append(*hash);
    }
    tree.root()
}

/// One entry of a log whose files were verified; `None`: it has no such entry.
pub(super) fn entry(files: &dyn TileFiles, size: u64, index: u64) -> Result<Option<Hash>, TilesFault> {
    let bundles = Tile::of_row(Level::Entries, size).skip((index / TILE_WIDTH as u64) as usize);
    let Some(bundle) = bundles.take(1).next() else { return Ok(None) };
    let path = bundle.path();
    let bytes = files.read(&path).map_err(|source| TilesFault::File { path, source })?;
    let entries = bytes.as_deref().and_then(entries_of).unwrap_or_default();
    Ok(entries.get((index % TILE_WIDTH as u64) as usize).copied())
}

/// The roots of a log at some sizes, by its entries; the files must have been verified.
///
/// # Errors
/// When a file cannot be read.
pub fn roots_at(files: &dyn TileFiles, size: u64, sizes: &BTreeSet<u64>) -> Result<BTreeMap<u64, Hash>, TilesFault> {
    let (mut tree, mut roots) = (Tree::default(), BTreeMap::new());
    for bundle in Tile::of_row(Level::Entries, size) {
        let path = bundle.path();
        let bytes = files.read(&path).map_err(|source| TilesFault::File { path: path.clone(), source })?;
        let entries = bytes.as_deref().and_then(entries_of).ok_or(TilesFault::Missing { path })?;
        for entry in entries {
            if sizes.contains(&tree.size()) {
                roots.insert(tree.size(), tree.root());
            }
            tree.append(leaf(&entry));
        }
    }
    if sizes.contains(&tree.size()) {
        roots.insert(tree.size(), tree.root());
    }
    Ok(roots)
}

/// Where the files of a log are.
pub trait TileFiles {
    /// The bytes of a file; `None`: there is none.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;

    /// The widths of the tiles of a number that were not full when they were written and are still there.
    ///
    /// # Errors
    /// When they cannot be listed.
    fn partial_widths(&self, full_path: &str) -> io::Result<Vec<usize>>;
}

/// A folder with `checkpoint` and `tile/`: what is published.
#[derive(Clone, Debug)]
pub struct TileFolder(pub PathBuf);

impl TileFiles for TileFolder {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        use std::io::Read;
        let file = match std::fs::File::open(self.0.join(path)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        // One byte more than the longest: a longer file is not what it should be, and is told so.
        file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    fn partial_widths(&self, full_path: &str) -> io::Result<Vec<usize>> {
        let rows = match std::fs::read_dir(self.0.join(format!("{full_path}.p"))) {
            Ok(rows) => rows,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut widths = Vec::new();
        for row in rows {
            widths.extend(row?.file_name().to_str().and_then(|name| name.parse::<usize>().ok()));
        }
        Ok(widths)
    }
}

/// Files in memory, by their paths.
impl TileFiles for BTreeMap<String, Vec<u8>> {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.get(path).cloned())
    }

    fn partial_widths(&self, full_path: &str) -> io::Result<Vec<usize>> {
        let folder = format!("{full_path}.p/");
        let below = self.range(folder.clone()..).map_while(|(path, _)| path.strip_prefix(&folder));
        Ok(below.filter_map(|name| name.parse().ok()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(size: u64) -> Vec<String> {
        let rows = (0..Tile::level_count(size)).flat_map(|level| Tile::of_row(Level::Hashes(level), size));
        rows.map(|tile| tile.path()).collect()
    }

    #[test]
    fn the_paths_are_those_of_the_specification() {
        assert_eq!(in_threes(1_234_067), "x001/x234/067");
        assert_eq!(in_threes(0), "000");
        assert_eq!(in_threes(999), "999");
        assert_eq!(in_threes(1_000), "x001/000");
        let tile = Tile { level: Level::Hashes(2), index: 5, width: 17 };
        assert_eq!((tile.path().as_str(), tile.full_path().as_str()), ("tile/2/005.p/17", "tile/2/005"));
        assert_eq!(Tile { level: Level::Entries, index: 1_000, width: 256 }.path(), "tile/entries/x001/000");
    }

    #[test]
    fn a_tree_of_seventy_thousand_has_the_tiles_that_the_specification_counts() {
        // "A tree of size 70,000 will be represented by 273 full level 0 tiles, one partial level 0 tile of width 112,
        // one full level 1 tile, one partial level 1 tile of width 17, and one partial level 2 tile of width 1."
        let all = paths(70_000);
        assert_eq!(all.iter().filter(|path| path.starts_with("tile/0/") && !path.contains(".p/")).count(), 273);
        let rest: Vec<&String> =
            all.iter().filter(|path| path.contains(".p/") || !path.starts_with("tile/0/")).collect();
        assert_eq!(rest, ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]);
        // "A tree of size 256 will be represented by a full level 0 tile and a partial level 1 tile of width 1."
        assert_eq!(paths(256), ["tile/0/000", "tile/1/000.p/1"]);
        assert_eq!(paths(0), [""; 0]);
        assert_eq!(paths(1), ["tile/0/000.p/1"]);
    }

    #[test]
    fn a_bundle_is_lengths_and_entries() {
        let entries = [[1; 32], [2; 32]];
        let bytes = bundle(&entries);
        assert_eq!(bytes.len(), 68);
        assert_eq!((&bytes[..2], &bytes[34..36]), (&[0, 32][..], &[0, 32][..]));
        assert_eq!(entries_of(&bytes).as_deref(), Some(&entries[..]));
        assert_eq!(entries_of(&bytes[..67]), None);
        let mut longer = bytes;
        longer[1] = 33;
        assert_eq!(entries_of(&longer), None);
    }
}
