//! The twenty places of a 20 ms round, one a millisecond, among which the calls are spread so that they take turns.
//! It holds numbers only; the clock is read, and the packets are sent, by the media thread.

/// Slots of the wheel; each is served once in so many milliseconds.
pub(super) const SLOTS: usize = 20;

const ROUND_MS: u64 = SLOTS as u64;

/// Which leg is served when.
#[derive(Debug)]
pub(super) struct Wheel {
    slots: [Vec<u32>; SLOTS],
    /// The millisecond at which each slot was served last.
    served_ms: [u64; SLOTS],
    /// The next millisecond to look at.
    next_ms: u64,
    legs: usize,
}

/// A slot whose time has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) slot: usize,
    /// The deadline that was to be met, in milliseconds.
    pub(super) deadline_ms: u64,
    /// Rounds since the slot was last served: 1, or more when some were missed and are skipped.
    pub(super) rounds: u32,
}

impl Wheel {
    pub(super) fn new(legs_max: usize) -> Self {
        // Legs come and go, so slots fill unevenly; a slot that needs more room grows when a leg joins, never when it
        // is served.
        let room = (legs_max / SLOTS + 1) * 2;
        Self { slots: std::array::from_fn(|_| Vec::with_capacity(room)), served_ms: [0; SLOTS], next_ms: 0, legs: 0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.legs == 0
    }

    /// Puts a leg into the emptiest slot (the one that comes next, if several are).
    pub(super) fn join(&mut self, leg: u32, now_ms: u64) -> usize {
        if self.legs == 0 {
            self.next_ms = now_ms + 1;
        }
        // Milliseconds that were not looked at yet, but are over, are too late for a new leg.
        let first_ms = self.next_ms.max(now_ms + 1);
        let in_turn = (0..ROUND_MS).map(|ahead| ((first_ms + ahead) % ROUND_MS) as usize);
        let slot = in_turn.min_by_key(|&slot| self.slots[slot].len()).unwrap_or(0);
        if self.slots[slot].is_empty() {
            // An empty slot was not served for a while; it counts as served one round before it comes next.
            let ahead = (slot as u64 + ROUND_MS - first_ms % ROUND_MS) % ROUND_MS;
            self.served_ms[slot] = (first_ms + ahead).saturating_sub(ROUND_MS);
        }
        self.slots[slot].push(leg);
        self.legs += 1;
        slot
    }

    pub(super) fn leave(&mut self, leg: u32, slot: usize) {
        let legs = &mut self.slots[slot];
        if let Some(at) = legs.iter().position(|&other| other == leg) {
            legs.swap_remove(at);
            self.legs -= 1;
        }
    }

    /// The next slot whose time has come. Each is given once however late it is: what was missed is skipped, never
    /// sent in a burst.
    pub(super) fn due(&mut self, now_ms: u64) -> Option<Due> {
        self.next_ms = self.next_ms.max(now_ms.saturating_sub(ROUND_MS - 1));
        while self.next_ms <= now_ms {
            let at_ms = self.next_ms;
            self.next_ms += 1;
            let slot = (at_ms % ROUND_MS) as usize;
            if self.slots[slot].is_empty() || at_ms <= self.served_ms[slot] {
                continue;
            }
            let served_ms = std::mem::replace(&mut self.served_ms[slot], at_ms);
            // In the engine's first milliseconds there is no round before this one.
            let rounds = u32::try_from((at_ms - served_ms) / ROUND_MS).unwrap_or(u32::MAX).max(1);
            return Some(Due { slot, deadline_ms: at_ms.min(served_ms + ROUND_MS), rounds });
        }
        None
    }

    /// When the next slot with a leg comes.
    pub(super) fn next_deadline_ms(&self) -> Option<u64> {
        (self.next_ms..self.next_ms + ROUND_MS).find(|at_ms| !self.slots[(at_ms % ROUND_MS) as usize].is_empty())
    }

    /// The leg at a place of a slot.
    pub(super) fn leg(&self, slot: usize, place: usize) -> Option<u32> {
        self.slots[slot].get(place).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(wheel: &mut Wheel, now_ms: u64) -> Vec<(u64, u32)> {
        std::iter::from_fn(|| wheel.due(now_ms)).map(|due| (due.deadline_ms, due.rounds)).collect()
    }

    #[test]
    fn calls_are_spread_over_the_slots() {
        let mut wheel = Wheel::new(100);
        let slots: Vec<usize> = (0..40).map(|leg| wheel.join(leg, 0)).collect();
        for slot in 0..SLOTS {
            assert_eq!(slots.iter().filter(|&&other| other == slot).count(), 2);
        }
        wheel.leave(7, slots[7]);
        assert_eq!(wheel.join(99, 3), slots[7], "the emptiest");
    }

    #[test]
    fn every_call_is_served_each_twenty_milliseconds() {
        let mut wheel = Wheel::new(20);
        wheel.join(1, 1_000);
        assert_eq!(wheel.next_deadline_ms(), Some(1_001));
        assert_eq!(drain(&mut wheel, 1_000), []);
        assert_eq!(drain(&mut wheel, 1_001), [(1_001, 1)]);
        assert_eq!(wheel.next_deadline_ms(), Some(1_021));
        assert_eq!(drain(&mut wheel, 1_021), [(1_021, 1)]);
        assert_eq!(drain(&mut wheel, 1_050), [(1_041, 1)]);
    }

    #[test]
    fn calls_of_the_first_milliseconds_are_on_time() {
        let mut wheel = Wheel::new(20);
        for leg in 0..20 {
            wheel.join(leg, 0);
        }
        let due = drain(&mut wheel, 19);
        assert_eq!(due, (1..20).map(|at_ms| (at_ms, 1)).collect::<Vec<_>>());
    }

    #[test]
    fn a_missed_round_is_skipped_and_told_as_late() {
        let mut wheel = Wheel::new(20);
        wheel.join(1, 0);
        assert_eq!(drain(&mut wheel, 1), [(1, 1)]);
        // Half a second of standing still: one packet, 25 rounds on, late by all of it.
        assert_eq!(drain(&mut wheel, 505), [(21, 25)]);
        assert_eq!(drain(&mut wheel, 521), [(521, 1)]);
    }

    #[test]
    fn a_call_after_a_quiet_hour_is_not_late() {
        let mut wheel = Wheel::new(20);
        let slot = wheel.join(1, 0);
        drain(&mut wheel, 1);
        wheel.leave(1, slot);
        assert!(wheel.is_empty());
        assert_eq!(drain(&mut wheel, 3_600_000), []);
        wheel.join(2, 3_600_000);
        assert_eq!(drain(&mut wheel, 3_600_001), [(3_600_001, 1)]);
        // A second one gets its own slot, and is not late either.
        wheel.join(3, 3_600_005);
        let due = drain(&mut wheel, 3_600_021);
        assert!(due.iter().all(|(deadline_ms, rounds)| *rounds == 1 && *deadline_ms > 3_600_005), "{due:?}");
    }
}
