//! The machine's clock and its randomness, handed to everything else.
//! Nothing but the program touches them.

use caseline_helpline::{Chance, Clock};
use caseline_model::Time;
use std::time::{SystemTime, UNIX_EPOCH};

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> Time {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Time::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The operating system's random source.
#[derive(Clone, Copy, Debug, Default)]
pub struct MachineChance;

impl Chance for MachineChance {
    fn bits_128(&self) -> u128 {
        let mut bytes = [0; 16];
        // Without randomness nothing of this program is safe; a kernel that has none is not one to go on with.
        getrandom::fill(&mut bytes).expect("the operating system has a random source");
        u128::from_le_bytes(bytes)
    }
}
