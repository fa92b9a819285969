//! The log as a Merkle tree (RFC 6962 section 2.1): what is written cannot be changed, dropped or put in another order
//! without the signed head showing it.
//! Rows are left to `sqlite/log`; the signing key, to the vault.

pub(crate) mod base64;
pub mod checkpoint;
pub mod public;
pub mod tiles;
pub(crate) mod verify;

pub use checkpoint::{Checkpoint, VerifierKey};

use sha2::{Digest, Sha256};

/// A hash of the tree.
pub type Hash = [u8; 32];

/// Inner nodes are kept of every eighth level, as in C2SP tlog-tiles, so that a start reads few rows.
pub(crate) const TILE_HEIGHT: u8 = 8;

/// What stands in the tree for an entry: a commitment to its sealed bytes under a salt of its own. The sealed bytes can
/// go when their time is over; the commitment stays, and tells nothing of them.
pub fn commitment(salt: &[u8], sealed: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update(b"caseline audit entry 1\n");
    hash.update((salt.len() as u64).to_be_bytes());
    hash.update(salt);
    hash.update(sealed);
    hash.finalize().into()
}

/// The leaf of a commitment: `SHA-256(0x00 ‖ commitment)`.
pub fn leaf(commitment: &Hash) -> Hash {
    Sha256::new().chain_update([0]).chain_update(commitment).finalize().into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The right edge of the tree: the roots of its whole subtrees, largest first. Enough to append and to know the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    peaks: Vec<(u8, Hash)>,
}

/// An inner node that became whole, at a level that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TileNode {
    /// 8, 16, 24, …
    pub(crate) level: u8,
    /// Its place among the nodes of its level.
    pub(crate) index: u64,
    /// Its hash.
    pub(crate) hash: Hash,
}

impl Tree {
    /// How many entries it has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf.
    pub fn append(&mut self, leaf: Hash) {
        self.append_with(leaf, |_| {});
    }

    /// Appends a leaf and hands out the nodes that became whole and are kept.
    pub(crate) fn append_with(&mut self, leaf: Hash, mut keep: impl FnMut(TileNode)) {
        self.push(0, leaf, &mut keep);
    }

    /// Appends a whole subtree: for starts, from the nodes that are kept.
    pub(crate) fn append_node(&mut self, level: u8, hash: Hash) {
        self.push(level, hash, &mut |_| {});
    }

    /// The roots of its whole subtrees with their levels, largest first.
    pub(crate) fn peaks(&self) -> &[(u8, Hash)] {
        &self.peaks
    }

    /// The tree with one more subtree on its right edge, smaller than those before; none when it is not.
    pub(crate) fn with_peak(mut self, level: u8, hash: Hash) -> Option<Self> {
        let is_smaller = self.peaks.last().is_none_or(|(last, _)| level < *last);
        if level >= 64 || !is_smaller {
            return None;
        }
        self.size += 1_u64 << level;
        self.peaks.push((level, hash));
        Some(self)
    }

    fn push(&mut self, level: u8, hash: Hash, keep: &mut dyn FnMut(TileNode)) {
        self.size += 1 << level;
        let (mut level, mut hash) = (level, hash);
        while let Some((_, left)) = self.peaks.pop_if(|(peak, _)| *peak == level) {
            hash = node(&left, &hash);
            level += 1;
            if level.is_multiple_of(TILE_HEIGHT) {
                keep(TileNode { level, index: (self.size >> level) - 1, hash });
            }
        }
        self.peaks.push((level, hash));
    }

    /// The root (RFC 6962: of nothing, the hash of nothing).
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev().map(|(_, hash)| *hash);
        match peaks.next() {
            Some(last) => peaks.fold(last, |right, left| node(&left, &right)),
            None => Sha256::digest([]).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hex(hash: &Hash) -> String {
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// RFC 6962 section 2.1, word by word: the largest power of two smaller than n on the left.
    fn by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [only] => *only,
            _ => {
                let left = leaves.len().next_power_of_two() / 2;
                node(&by_definition(&leaves[..left]), &by_definition(&leaves[left..]))
            }
        }
    }

    #[test]
    fn the_tree_has_the_roots_of_certificate_transparency_s_own_test_vectors() {
        // The eight entries of the reference implementation (google/certificate-transparency, merkle_tree_test).
        let entries: [&[u8]; 8] = [
            b"",
            &[0x00],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
        ];
        let mut tree = Tree::default();
        assert_eq!(hex(&tree.root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        for entry in entries {
            tree.append(Sha256::new().chain_update([0]).chain_update(entry).finalize().into());
        }
        assert_eq!(hex(&tree.root()), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
    }

    proptest! {
        #[test]
        fn the_root_is_that_of_the_definition(count in 0_usize..700) {
            let leaves: Vec<Hash> = (0..count).map(|n| leaf(&commitment(&n.to_be_bytes(), b""))).collect();
            let mut tree = Tree::default();
            let mut kept = Vec::new();
            for leaf in &leaves {
                tree.append_with(*leaf, |node| kept.push(node));
            }
            prop_assert_eq!(tree.root(), by_definition(&leaves));
            prop_assert_eq!(kept.len(), count / 256);
            let mut again = Tree::default();
            for node in &kept {
                prop_assert_eq!(node.hash, by_definition(&leaves[(node.index as usize) * 256..][..256]));
                again.append_node(node.level, node.hash);
            }
            for leaf in &leaves[kept.len() * 256..] {
                again.append(*leaf);
            }
            prop_assert_eq!(again, tree);
        }
    }
}
