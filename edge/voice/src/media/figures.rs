//! What a media thread tells about itself: how late, how much, what it threw away.
//! Counts only; nothing here names a call, an address or a key.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::lateness::Lateness;

/// A media thread that serves calls and has not shown itself for so long is taken for stuck.
const SHOWN_WITHIN: Duration = Duration::from_secs(3);

/// Figures of the whole engine; see each thread's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MediaFigures {
    /// Legs open now.
    pub legs: u64,
    /// Lateness of packets over the last full second (the worst thread).
    pub lateness_last_second: Lateness,
    /// Lateness since start (the worst thread).
    pub lateness_total: Lateness,
    /// RTP packets of known legs received.
    pub packets_in: u64,
    /// RTP packets sent.
    pub packets_out: u64,
    /// Packets of nobody we know, dropped unheard.
    pub strangers: u64,
    /// Packets that are no RTP, or twice the same, or too late.
    pub unusable: u64,
    /// RTCP packets, ignored.
    pub control: u64,
    /// Packets that the system would not take.
    pub send_faults: u64,
    /// Rounds skipped because the thread came too late.
    pub skipped: u64,
    /// Events for which there was no room.
    pub events_lost: u64,
    /// Processor time of the media threads, in microseconds.
    pub processor_us: u64,
}

/// The counts that a thread keeps for itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) legs: u64,
    pub(super) packets_in: u64,
    pub(super) packets_out: u64,
    pub(super) strangers: u64,
    pub(super) unusable: u64,
    pub(super) control: u64,
    pub(super) send_faults: u64,
    pub(super) skipped: u64,
    pub(super) events_lost: u64,
}

/// Where a thread shows them; written by the thread alone.
#[derive(Debug)]
pub(super) struct ShownFigures {
    start: Instant,
    shown_ms: AtomicU64,
    counts: [AtomicU64; 9],
    last_second: [AtomicU64; 4],
    total: [AtomicU64; 4],
    processor_us: AtomicU64,
}

impl ShownFigures {
    pub(super) fn new(start: Instant) -> Self {
        Self {
            start,
            shown_ms: AtomicU64::new(0),
            counts: Default::default(),
            last_second: Default::default(),
            total: Default::default(),
            processor_us: AtomicU64::new(0),
        }
    }

    pub(super) fn show_counts(&self, counts: &Counts, now_ms: u64) {
        let values = [
            counts.legs,
            counts.packets_in,
            counts.packets_out,
            counts.strangers,
            counts.unusable,
            counts.control,
            counts.send_faults,
            counts.skipped,
            counts.events_lost,
        ];
        for (shown, value) in self.counts.iter().zip(values) {
            shown.store(value, Ordering::Relaxed);
        }
        self.shown_ms.store(now_ms, Ordering::Relaxed);
    }

    pub(super) fn show_lateness(&self, last_second: Lateness, total: Lateness) {
        store(&self.last_second, last_second);
        store(&self.total, total);
    }

    pub(super) fn show_processor(&self, used: Duration) {
        self.processor_us.store(u64::try_from(used.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Whether the thread is stuck, as far as can be told from outside.
    pub(super) fn is_stuck(&self) -> bool {
        let shown = Duration::from_millis(self.shown_ms.load(Ordering::Relaxed));
        self.counts[0].load(Ordering::Relaxed) > 0 && self.start.elapsed().saturating_sub(shown) > SHOWN_WITHIN
    }

    pub(super) fn legs(&self) -> u64 {
        self.counts[0].load(Ordering::Relaxed)
    }

    pub(super) fn lateness_last_second(&self) -> Lateness {
        load(&self.last_second)
    }

    /// Adds this thread's figures to those of others.
    pub(super) fn add_to(&self, figures: &mut MediaFigures) {
        let [legs, packets_in, packets_out, strangers, unusable, control, send_faults, skipped, events_lost] =
            self.counts.each_ref().map(|count| count.load(Ordering::Relaxed));
        figures.legs += legs;
        figures.packets_in += packets_in;
        figures.packets_out += packets_out;
        figures.strangers += strangers;
        figures.unusable += unusable;
        figures.control += control;
        figures.send_faults += send_faults;
        figures.skipped += skipped;
        figures.events_lost += events_lost;
        figures.processor_us += self.processor_us.load(Ordering::Relaxed);
        figures.lateness_last_second = worst(figures.lateness_last_second, load(&self.last_second));
        figures.lateness_total = worst(figures.lateness_total, load(&self.total));
    }
}

fn store(shown: &[AtomicU64; 4], lateness: Lateness) {
    let Lateness { p50_us, p99_us, p999_us, max_us } = lateness;
    for (shown, value) in shown.iter().zip([p50_us, p99_us, p999_us, max_us]) {
        shown.store(value, Ordering::Relaxed);
    }
}

fn load(shown: &[AtomicU64; 4]) -> Lateness {
    let [p50_us, p99_us, p999_us, max_us] = shown.each_ref().map(|value| value.load(Ordering::Relaxed));
    Lateness { p50_us, p99_us, p999_us, max_us }
}

fn worst(left: Lateness, right: Lateness) -> Lateness {
    Lateness {
        p50_us: left.p50_us.max(right.p50_us),
        p99_us: left.p99_us.max(right.p99_us),
        p999_us: left.p999_us.max(right.p999_us),
        max_us: left.max_us.max(right.max_us),
    }
}
