//! What the tests of this crate share: a folder that goes with the test, and the operating system's randomness.

use caseline_helpline::chance::Chance;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A folder of its own, removed at the end.
pub(crate) struct ScratchDir(PathBuf);

static MADE: AtomicU64 = AtomicU64::new(0);

impl ScratchDir {
    pub(crate) fn new() -> Self {
        let name = format!("caseline-store-{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let dir = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for ScratchDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct OsChance;

impl Chance for OsChance {
    fn bits_128(&self) -> u128 {
        let mut bits = [0; 16];
        getrandom::fill(&mut bits).unwrap();
        u128::from_be_bytes(bits)
    }
}

/// The operating system's randomness.
pub(crate) fn os_chance() -> Arc<dyn Chance> {
    Arc::new(OsChance)
}
