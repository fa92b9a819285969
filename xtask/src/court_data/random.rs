//! A small stream of chance that is the same on every machine: xoshiro256++ seeded by splitmix64.
//! It is for made-up data only, never for keys or codes.
//!
//! Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2018 (public domain code).

/// One stream.
#[derive(Clone)]
pub(super) struct Chance([u64; 4]);

impl Chance {
    /// The stream of one case of one seed.
    pub fn of(seed: u64, stream: u64) -> Self {
        let mut state = seed ^ stream.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        Self(std::array::from_fn(|_| {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut word = state;
            word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            word ^ (word >> 31)
        }))
    }

    fn word(&mut self) -> u64 {
        let state = &mut self.0;
        let result = state[0].wrapping_add(state[3]).rotate_left(23).wrapping_add(state[0]);
        let shifted = state[1] << 17;
        state[2] ^= state[0];
        state[3] ^= state[1];
        state[1] ^= state[2];
        state[0] ^= state[3];
        state[2] ^= shifted;
        state[3] = state[3].rotate_left(45);
        result
    }

    /// From `low` to `high`, both included.
    pub fn between(&mut self, low: i32, high: i32) -> i32 {
        let span = u64::from(high.abs_diff(low)) + 1;
        // The bias of the multiplication is below 2^-32: no matter for made-up data.
        let at = ((u128::from(self.word()) * u128::from(span)) >> 64) as u32;
        low.wrapping_add_unsigned(at)
    }

    /// Whether something of so many in a thousand happens.
    pub fn per_mille(&mut self, share: i32) -> bool {
        self.between(0, 999) < share
    }

    /// One of them.
    pub fn one_of<T: Copy>(&mut self, things: &[T]) -> T {
        let last = i32::try_from(things.len()).unwrap_or(i32::MAX) - 1;
        things[usize::try_from(self.between(0, last)).unwrap_or(0)]
    }

    /// One of them, by weight.
    pub fn weighted<T: Copy>(&mut self, things: &[(i32, T)]) -> T {
        let mut at = self.between(0, things.iter().map(|(weight, _)| weight).sum::<i32>() - 1);
        for (weight, thing) in things {
            at -= weight;
            if at < 0 {
                return *thing;
            }
        }
        things[things.len() - 1].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_tells_the_same_story() {
        let told = |seed, stream| {
            let mut chance = Chance::of(seed, stream);
            std::array::from_fn::<i32, 6, _>(|_| chance.between(0, 999))
        };
        assert_eq!(told(7, 1), told(7, 1));
        assert_ne!(told(7, 1), told(7, 2));
        assert_ne!(told(7, 1), told(8, 1));
        // Held still: files made by an older build must come out the same.
        assert_eq!(told(1, 0), [811, 747, 100, 746, 184, 590]);
    }

    #[test]
    fn both_ends_of_a_span_occur_and_nothing_beyond() {
        let mut chance = Chance::of(3, 3);
        let seen: Vec<i32> = (0..400).map(|_| chance.between(-2, 2)).collect();
        assert_eq!((seen.iter().min(), seen.iter().max()), (Some(&-2), Some(&2)));
    }
}
