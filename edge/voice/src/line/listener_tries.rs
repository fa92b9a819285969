//! Wrong codes on the number for messages, over all calls: past ten in an hour no code opens, until the hour has passed.
//! Asking for the code and playing what it opens are left to `messages`. While it is closed, staff hear messages at the
//! desk.

use caseline_model::Time;
use std::collections::VecDeque;
use std::time::Duration;

/// Wrong codes in an hour, from all calls together. A caller who keys day and night then meets one code of 10⁸ in more
/// than a thousand years for each listener.
const WRONG_AN_HOUR_MAX: usize = 10;

/// How long a wrong code counts.
const COUNTS_FOR: Duration = Duration::from_secs(3_600);

/// When wrong codes were keyed; in memory, since a restart takes longer than it gives tries.
#[derive(Debug, Default)]
pub(super) struct ListenerTries {
    wrong_at: VecDeque<Time>,
}

impl ListenerTries {
    /// Whether codes are compared now.
    pub(super) fn are_open(&mut self, now: Time) -> bool {
        let since = now.minus(COUNTS_FOR);
        while self.wrong_at.front().is_some_and(|at| *at <= since) {
            self.wrong_at.pop_front();
        }
        self.wrong_at.len() < WRONG_AN_HOUR_MAX
    }

    /// A wrong code was keyed. `true` when it is the one that closes the number.
    pub(super) fn note_wrong(&mut self, now: Time) -> bool {
        if !self.are_open(now) {
            return false;
        }
        self.wrong_at.push_back(now);
        self.wrong_at.len() == WRONG_AN_HOUR_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Time = Time::from_micros(1_772_467_200_000_000);

    fn minute(minute: u64) -> Time {
        START.plus(Duration::from_secs(minute * 60))
    }

    #[test]
    fn ten_wrong_codes_in_an_hour_close_the_number_for_messages_until_the_first_is_an_hour_old() {
        let mut tries = ListenerTries::default();
        for nth in 0..9 {
            assert!(tries.are_open(minute(nth)));
            assert!(!tries.note_wrong(minute(nth)));
        }
        assert!(tries.note_wrong(minute(9)), "the tenth closes it");
        assert!(!tries.are_open(minute(59)));
        assert!(tries.are_open(minute(60)));
    }

    #[test]
    fn whoever_keys_on_while_it_is_closed_does_not_keep_it_closed() {
        let mut tries = ListenerTries::default();
        for nth in 0..59 {
            tries.note_wrong(minute(nth));
        }
        assert_eq!(tries.wrong_at.len(), WRONG_AN_HOUR_MAX);
        assert!(tries.are_open(minute(60)));
    }
}
