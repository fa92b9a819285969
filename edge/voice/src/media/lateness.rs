//! How late the packets leave: a count by size, from which the engine tells whether it can take another call.
//! What is done about it (503 with Retry-After) is left to SIP.

/// Eight buckets for each doubling, up to some 16 seconds.
const BUCKETS: usize = 8 * 22;

/// Counts of lateness in microseconds; a figure read from it is at most an eighth too large.
#[derive(Debug, Clone)]
pub struct Histogram {
    buckets: [u64; BUCKETS],
    count: u64,
    max_us: u64,
}

/// A histogram in four figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lateness {
    /// Half of all packets left no later than this, in microseconds.
    pub p50_us: u64,
    /// 99 of 100 did.
    pub p99_us: u64,
    /// 999 of 1,000 did.
    pub p999_us: u64,
    /// The latest of all.
    pub max_us: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: [0; BUCKETS], count: 0, max_us: 0 }
    }
}

impl Histogram {
    /// Counts one packet.
    pub fn add(&mut self, late_us: u64) {
        self.buckets[bucket_of(late_us)] += 1;
        self.count += 1;
        self.max_us = self.max_us.max(late_us);
    }

    /// Packets counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The value below which `per_mille` of a thousand lie, in microseconds.
    #[must_use]
    pub fn percentile_us(&self, per_mille: u64) -> u64 {
        let wanted = (self.count * per_mille).div_ceil(1_000).max(1);
        let mut seen = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return upper_end_of(bucket).min(self.max_us);
            }
        }
        self.max_us
    }

    /// The usual figures.
    #[must_use]
    pub fn summary(&self) -> Lateness {
        Lateness {
            p50_us: self.percentile_us(500),
            p99_us: self.percentile_us(990),
            p999_us: self.percentile_us(999),
            max_us: self.max_us,
        }
    }
}

/// Values below 8 have a bucket each; then the three bits behind the leading one name the bucket.
const fn bucket_of(value: u64) -> usize {
    if value < 8 {
        return value as usize;
    }
    let exponent = 63 - value.leading_zeros() as usize;
    let bucket = (exponent - 2) * 8 + ((value >> (exponent - 3)) & 7) as usize;
    if bucket < BUCKETS { bucket } else { BUCKETS - 1 }
}

const fn upper_end_of(bucket: usize) -> u64 {
    if bucket < 8 {
        return bucket as u64;
    }
    let exponent = bucket / 8 + 2;
    (((bucket % 8) as u64 + 9) << (exponent - 3)) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_s_end_is_the_last_value_in_it() {
        for bucket in 0..BUCKETS - 1 {
            assert_eq!(bucket_of(upper_end_of(bucket)), bucket);
            assert_eq!(bucket_of(upper_end_of(bucket) + 1), bucket + 1);
        }
        assert_eq!(bucket_of(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn percentiles_are_near_the_truth() {
        let mut histogram = Histogram::default();
        (1..=10_000).for_each(|late_us| histogram.add(late_us));
        let Lateness { p50_us, p99_us, p999_us, max_us } = histogram.summary();
        for (found, true_us) in [(p50_us, 5_000), (p99_us, 9_900), (p999_us, 9_990)] {
            assert!(found >= true_us && found <= true_us * 9 / 8, "{found} for {true_us}");
        }
        assert_eq!(max_us, 10_000);
        histogram.clear();
        assert_eq!(histogram.summary(), Lateness::default());
        assert_eq!(histogram.count(), 0);
    }
}
