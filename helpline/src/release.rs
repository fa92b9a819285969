//! When an answer may leave that must not tell how long it took to find: only at whole multiples of a fixed delay.
//! Which answers those are is left to `contact`; clocks and waiting, to the channels.

use std::time::Duration;

/// How long after the input an answer leaves that was ready after `ready_after`: after `delay`, or, if that is over, after
/// the next whole multiple of it. So an answer that a busy machine finds too late still leaves at a moment that others leave
/// at too (property S6). Without a delay it leaves when it is ready.
#[must_use]
pub fn release_after(delay: Duration, ready_after: Duration) -> Duration {
    if delay.is_zero() {
        return ready_after;
    }
    let multiples = ready_after.as_nanos().div_ceil(delay.as_nanos()).max(1);
    // More than a thousand years late is never.
    u32::try_from(multiples).ok().and_then(|multiples| delay.checked_mul(multiples)).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DELAY: Duration = Duration::from_secs(2);

    #[test]
    fn an_answer_in_time_leaves_after_the_delay_and_a_late_one_after_a_multiple_of_it() {
        for (ready_ms, leaves_ms) in
            [(0, 2_000), (1, 2_000), (2_000, 2_000), (2_001, 4_000), (3_999, 4_000), (4_000, 4_000), (9_000, 10_000)]
        {
            let after = release_after(DELAY, Duration::from_millis(ready_ms));
            assert_eq!(after, Duration::from_millis(leaves_ms), "ready after {ready_ms} ms");
        }
        assert_eq!(release_after(DELAY, DELAY + Duration::from_nanos(1)), 2 * DELAY);
        assert_eq!(release_after(Duration::ZERO, DELAY), DELAY);
    }

    proptest! {
        #[test]
        fn no_answer_leaves_before_it_is_ready_or_between_two_multiples(delay_us in 1u64..5_000_000, ready_us in 0u64..60_000_000) {
            let (delay, ready) = (Duration::from_micros(delay_us), Duration::from_micros(ready_us));
            let leaves = release_after(delay, ready);
            prop_assert!(leaves >= ready && leaves >= delay);
            prop_assert!(leaves - ready < delay || leaves == delay);
            prop_assert_eq!(leaves.as_nanos() % delay.as_nanos(), 0);
        }
    }
}
