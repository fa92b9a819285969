//! Every reader of bytes from outside, with every seed of the repository and with mutations of them that are the same
//! each time: none falls over.
//! Looking for new bytes, guided by coverage, is left to `cargo xtask fuzz`.
#![expect(clippy::unwrap_used, reason = "a failed step should fail the test")]

#[path = "../../fuzz/targets.rs"]
mod targets;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Mutations of a target's seeds, as long as they are short.
const MUTATIONS: usize = 2_000;
/// And so many bytes of them at the most: a reader that is given long seeds gets fewer.
const MUTATED_BYTES_MAX: usize = 120_000;
/// Longer seeds are read as they are and not mutated.
const MUTATED_SEED_BYTES_MAX: usize = 8_192;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The seeds of a target: its own, and what stands in the repository for another reason.
fn seeds_of(name: &str) -> Vec<Vec<u8>> {
    let more = std::fs::read_to_string(root().join("fuzz/more-seeds.toml")).unwrap();
    let more: BTreeMap<String, Vec<String>> = toml::from_str(&more).unwrap();
    let own = format!("fuzz/seeds/{name}");
    let folders = std::iter::once(&own).chain(more.get(name).into_iter().flatten());
    let mut files = Vec::new();
    for folder in folders {
        let Ok(entries) = std::fs::read_dir(root().join(folder)) else { continue };
        files.extend(entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()));
    }
    files.sort();
    files.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// The same row of numbers each time (xorshift64*, Vigna 2016).
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end.max(1)
    }
}

fn mutated(seed: &[u8], other: &[u8], drawn: &mut Drawn) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=drawn.below(4) {
        let at = drawn.below(bytes.len() + 1);
        match drawn.below(7) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, drawn.below(256) as u8),
            2 if at < bytes.len() => drop(bytes.remove(at)),
            3 if at < bytes.len() => bytes[at] ^= 1 << drawn.below(8),
            4 => {
                let (from, length) = (drawn.below(other.len() + 1), drawn.below(64));
                let piece = other[from..].iter().take(length).copied().collect::<Vec<_>>();
                drop(bytes.splice(at..at, piece));
            }
            5 => {
                let odd = [
                    &b"\0"[..],
                    b"\xff\xff\xff\xff",
                    b"99999999999999999999",
                    b"-1",
                    b"\r\n",
                    b"\"",
                    "\u{2028}é".as_bytes(),
                ];
                drop(bytes.splice(at..at, odd[drawn.below(odd.len())].iter().copied()));
            }
            _ if at < bytes.len() => bytes[at] = drawn.below(256) as u8,
            _ => bytes.push(b' '),
        }
    }
    bytes
}

fn holds(name: &str, reads: fn(&[u8]), bytes: &[u8]) {
    let held = catch_unwind(AssertUnwindSafe(|| reads(bytes)));
    assert!(held.is_ok(), "{name} falls over {} bytes: {}", bytes.len(), bytes.escape_ascii());
}

#[test]
fn no_reader_falls_over_its_seeds_or_what_becomes_of_them() {
    for (name, reads) in targets::targets() {
        let seeds = seeds_of(name);
        assert!(!seeds.is_empty(), "{name} has no seeds under fuzz/seeds/");
        for seed in std::iter::once(&Vec::new()).chain(&seeds) {
            holds(name, reads, seed);
        }
        let short: Vec<_> = seeds.iter().filter(|seed| seed.len() <= MUTATED_SEED_BYTES_MAX).collect();
        let (mut drawn, mut bytes_left) = (Drawn(0x9e37_79b9_7f4a_7c15), MUTATED_BYTES_MAX);
        for _ in 0..MUTATIONS {
            let (seed, other) = (short[drawn.below(short.len())], short[drawn.below(short.len())]);
            let bytes = mutated(seed, other, &mut drawn);
            let Some(left) = bytes_left.checked_sub(bytes.len()) else { break };
            bytes_left = left;
            holds(name, reads, &bytes);
        }
    }
}

#[test]
fn every_folder_of_seeds_belongs_to_a_target_and_no_name_is_there_twice() {
    let names: Vec<_> = targets::targets().iter().map(|target| target.0.to_owned()).collect();
    let unique: BTreeSet<_> = names.iter().cloned().collect();
    assert_eq!(unique.len(), names.len(), "a target stands twice");
    for entry in std::fs::read_dir(root().join("fuzz/seeds")).unwrap() {
        let folder = entry.unwrap().file_name().into_string().unwrap();
        assert!(unique.contains(&folder), "fuzz/seeds/{folder} belongs to no target");
    }
    let more = std::fs::read_to_string(root().join("fuzz/more-seeds.toml")).unwrap();
    let more: BTreeMap<String, Vec<String>> = toml::from_str(&more).unwrap();
    for (name, folders) in more {
        assert!(unique.contains(&name), "{name} of fuzz/more-seeds.toml is no target");
        for folder in folders {
            assert!(root().join(&folder).is_dir(), "{folder} of fuzz/more-seeds.toml is no folder");
        }
    }
}

#[test]
fn a_reader_that_falls_over_is_named_with_the_bytes() {
    let falls: fn(&[u8]) = |bytes| assert!(bytes.len() < 3, "seeded");
    let said = catch_unwind(|| holds("seeded", falls, b"abc\0")).unwrap_err();
    let said = said.downcast_ref::<String>().unwrap();
    assert_eq!(said, "seeded falls over 4 bytes: abc\\x00");
}
