//! Randomness as a port: ids, receipts, codes and salts come from here, so that a test can hand in its own.
//! Drawing it from the operating system is left to the program.

/// A source of random bits.
pub trait Chance: Send + Sync {
    /// 128 random bits.
    fn bits_128(&self) -> u128;

    /// 64 random bits.
    fn bits_64(&self) -> u64 {
        // The upper half of 128 random bits is as random as the whole.
        (self.bits_128() >> 64) as u64
    }
}

/// A seeded sequence for tests and scripts (SplitMix64, Steele and others 2014). Never for keys.
#[derive(Debug)]
pub struct SeededChance(std::sync::atomic::AtomicU64);

impl SeededChance {
    /// The sequence of a seed.
    pub const fn new(seed: u64) -> Self {
        Self(std::sync::atomic::AtomicU64::new(seed))
    }

    fn next(&self) -> u64 {
        let step = 0x9e37_79b9_7f4a_7c15_u64;
        let mut z = self.0.fetch_add(step, std::sync::atomic::Ordering::Relaxed).wrapping_add(step);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl Chance for SeededChance {
    fn bits_128(&self) -> u128 {
        (u128::from(self.next()) << 64) | u128::from(self.next())
    }
}
