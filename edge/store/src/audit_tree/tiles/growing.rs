//! The right edge of the tiles: takes one entry after the other and hands out files, full ones once, the others for the
//! size at which a head is signed.
//! Writing them to disk is left to `sqlite/log_tiles`.

use super::{Hash, Level, TILE_WIDTH, Tile, TileFiles, bundle, entries_of, hash_of_tile, hashes_of};
use crate::audit_tree::{TILE_HEIGHT, Tree, leaf};
use std::io;

/// A file to be written: its place below the folder of the log, and its bytes.
pub type File = (Tile, Vec<u8>);

/// The edge of a log that grows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Growing {
    size: u64,
    /// Entries of the bundle that is not full.
    entries: Vec<Hash>,
    /// Hashes of the tile of each level that is not full.
    levels: Vec<Vec<Hash>>,
}

impl Growing {
    /// How many entries it has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Takes an entry; hands out the files that became full.
    pub fn append(&mut self, commitment: &Hash, mut full: impl FnMut(File)) {
        self.entries.push(*commitment);
        if self.entries.len() == TILE_WIDTH {
            let tile = Tile { level: Level::Entries, index: self.size / TILE_WIDTH as u64, width: TILE_WIDTH };
            full((tile, bundle(&self.entries)));
            self.entries.clear();
        }
        let (mut level, mut hash) = (0_u8, leaf(commitment));
        loop {
            if self.levels.len() <= usize::from(level) {
                self.levels.push(Vec::new());
            }
            let hashes = &mut self.levels[usize::from(level)];
            hashes.push(hash);
            if hashes.len() < TILE_WIDTH {
                break;
            }
            let index = self.size >> (u32::from(level + 1) * u32::from(TILE_HEIGHT));
            full((Tile { level: Level::Hashes(level), index, width: TILE_WIDTH }, hashes.concat()));
            hash = hash_of_tile(hashes);
            hashes.clear();
            level += 1;
        }
        self.size += 1;
    }

    /// The files that are not full at this size.
    pub fn partial(&self) -> Vec<File> {
        let index = |level: usize| self.size >> ((level as u32 + 1) * u32::from(TILE_HEIGHT));
        let mut files = Vec::new();
        if !self.entries.is_empty() {
            let tile = Tile { level: Level::Entries, index: index(0), width: self.entries.len() };
            files.push((tile, bundle(&self.entries)));
        }
        for (level, hashes) in self.levels.iter().enumerate().filter(|(_, hashes)| !hashes.is_empty()) {
            let level_number = level as u8;
            let tile = Tile { level: Level::Hashes(level_number), index: index(level), width: hashes.len() };
            files.push((tile, hashes.concat()));
        }
        files
    }

    /// The root over all entries.
    pub fn root(&self) -> Hash {
        let mut tree = Tree::default();
        for (level, hashes) in self.levels.iter().enumerate().rev() {
            for hash in hashes {
                tree.append_node(level as u8 * TILE_HEIGHT, *hash);
            }
        }
        tree.root()
    }

    /// Takes up the edge of the files of a log that has so many entries; `None` when a file is missing or has another
    /// length, so that they must be written anew from the beginning.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn resume(files: &dyn TileFiles, size: u64) -> io::Result<Option<Self>> {
        let mut growing = Self { size, entries: Vec::new(), levels: Vec::new() };
        if let Some(tile) = last_partial(Level::Entries, size) {
            let entries = files.read(&tile.path())?.and_then(|bytes| entries_of(&bytes));
            match entries.filter(|entries| entries.len() == tile.width) {
                Some(entries) => growing.entries = entries,
                None => return Ok(None),
            }
        }
        for level in 0..Tile::level_count(size) {
            let mut hashes = Vec::new();
            if let Some(tile) = last_partial(Level::Hashes(level), size) {
                match files.read(&tile.path())?.and_then(|bytes| hashes_of(&bytes)) {
                    Some(read) if read.len() == tile.width => hashes = read,
                    _ => return Ok(None),
                }
            }
            growing.levels.push(hashes);
        }
        Ok(Some(growing))
    }
}

fn last_partial(level: Level, size: u64) -> Option<Tile> {
    Tile::of_row(level, size).last().filter(|tile| tile.width < TILE_WIDTH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit_tree::commitment;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn entry(n: u64) -> Hash {
        commitment(&n.to_be_bytes(), b"sealed")
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_tiles_have_the_root_of_the_tree_and_are_taken_up_from_their_files(
            first in 0_u64..1_500, more in 0_u64..800,
        ) {
            let (mut growing, mut tree, mut files) = (Growing::default(), Tree::default(), BTreeMap::new());
            for n in 0..first {
                growing.append(&entry(n), |(tile, bytes)| { files.insert(tile.path(), bytes); });
                tree.append(leaf(&entry(n)));
            }
            prop_assert_eq!(growing.root(), tree.root());
            files.extend(growing.partial().into_iter().map(|(tile, bytes)| (tile.path(), bytes)));
            let rows = (0..Tile::level_count(first)).map(Level::Hashes).chain([Level::Entries]);
            let wanted: Vec<String> = rows.flat_map(|level| Tile::of_row(level, first)).map(|tile| tile.path()).collect();
            prop_assert_eq!(files.len(), wanted.len());
            prop_assert!(wanted.iter().all(|path| files.contains_key(path)));
            let mut again = Growing::resume(&files, first).unwrap().unwrap();
            for n in first..first + more {
                growing.append(&entry(n), |_| {});
                again.append(&entry(n), |_| {});
                tree.append(leaf(&entry(n)));
            }
            prop_assert_eq!(again.root(), tree.root());
            prop_assert_eq!(again.partial(), growing.partial());
        }
    }

    #[test]
    fn a_tree_of_seventy_thousand_has_three_levels() {
        let (mut growing, mut full) = (Growing::default(), 0);
        for n in 0..70_000 {
            growing.append(&entry(n), |_| full += 1);
        }
        assert_eq!(full, 273 + 273 + 1);
        let widths: Vec<usize> = growing.partial().into_iter().map(|(tile, _)| tile.width).collect();
        assert_eq!(widths, [112, 112, 17, 1]);
    }

    #[test]
    fn files_that_are_missing_or_short_are_not_taken_up() {
        let mut growing = Growing::default();
        for n in 0..10 {
            growing.append(&entry(n), |_| {});
        }
        let files: BTreeMap<String, Vec<u8>> =
            growing.partial().into_iter().map(|(tile, bytes)| (tile.path(), bytes)).collect();
        for path in files.keys() {
            let mut missing = files.clone();
            missing.remove(path);
            assert_eq!(Growing::resume(&missing, 10).unwrap(), None, "{path}");
            let mut short = files.clone();
            short.get_mut(path).unwrap().pop();
            assert_eq!(Growing::resume(&short, 10).unwrap(), None, "{path}");
        }
    }
}
