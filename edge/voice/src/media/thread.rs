//! The thread that carries the voices: it alone owns the sockets, keeps time, and never waits for anyone.
//! What arrives is handled in `incoming`, what is sent in `outgoing`, what it is told in `obeying`.

use std::net::UdpSocket;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rtrb::{Consumer, Producer};

use super::bridge::Mixer;
use super::cold::ColdLeg;
use super::demux::Demux;
use super::figures::{Counts, ShownFigures};
use super::hot::HotLeg;
use super::lateness::{Histogram, Lateness};
use super::orders::{News, Order};
use super::wheel::Wheel;
use super::wire::{self, Inbox, Readiness, Wake};
use super::{BridgeId, LegEvent, LegId};

/// How often the sockets are read while no leg comes due: often enough that a key stops a prompt at once.
const READ_EVERY_US: u64 = 5_000;

/// As above while legs hear each other, since every wait adds to what they say.
const READ_EVERY_BRIDGED_US: u64 = 1_000;

/// Full reads of one socket in one go; the rest waits, so that a flood on one port can't hold up the clock.
const READS_IN_A_ROW: usize = 4;

/// Orders taken in one go.
const ORDERS_IN_A_ROW: usize = 64;

const SECOND_US: u64 = 1_000_000;

/// One media thread. The module files around this one each add their part to it.
pub(super) struct MediaThread {
    pub(super) thread: u8,
    pub(super) sockets: Vec<UdpSocket>,
    pub(super) readiness: Readiness,
    /// Lent out while its packets are handled.
    pub(super) inbox: Option<Box<Inbox>>,
    pub(super) wake: Arc<Wake>,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) orders: Consumer<Order>,
    pub(super) news: Producer<News>,
    pub(super) news_wake: Arc<Wake>,
    pub(super) has_news: bool,
    pub(super) hot: Vec<HotLeg>,
    pub(super) cold: Vec<Option<Box<ColdLeg>>>,
    pub(super) mixers: Vec<MixerSeats>,
    /// Bridges in force, of two or three.
    pub(super) bridges: usize,
    pub(super) demux: Demux,
    pub(super) wheel: Wheel,
    pub(super) counts: Counts,
    pub(super) shown: Arc<ShownFigures>,
    pub(super) start: Instant,
    last_second: Histogram,
    total: Histogram,
    second_ends_us: u64,
}

/// Whoever reads the news shall see that there will be no more, also when the thread ends in a panic.
struct Farewell(Arc<Wake>);

impl Drop for Farewell {
    fn drop(&mut self) {
        self.0.wake();
    }
}

/// A bridge of three and who sits where.
pub(super) struct MixerSeats {
    pub(super) bridge: BridgeId,
    pub(super) legs: [Option<u32>; 3],
    pub(super) mixer: Option<Box<Mixer>>,
}

/// What a thread is made from.
pub(super) struct Parts {
    pub(super) thread: u8,
    pub(super) sockets: Vec<UdpSocket>,
    pub(super) readiness: Readiness,
    pub(super) wake: Arc<Wake>,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) orders: Consumer<Order>,
    pub(super) news: Producer<News>,
    pub(super) news_wake: Arc<Wake>,
    pub(super) legs_max: usize,
    pub(super) shown: Arc<ShownFigures>,
    pub(super) start: Instant,
}

impl MediaThread {
    pub(super) fn new(parts: Parts) -> Self {
        let Parts { thread, sockets, readiness, wake, stop, orders, news, news_wake, legs_max, shown, start } = parts;
        Self {
            thread,
            demux: Demux::new(sockets.len(), legs_max),
            sockets,
            readiness,
            inbox: Some(Box::new(Inbox::new())),
            wake,
            stop,
            orders,
            news,
            news_wake,
            has_news: false,
            hot: (0..legs_max).map(|_| HotLeg::vacant()).collect(),
            cold: (0..legs_max).map(|_| None).collect(),
            mixers: Vec::with_capacity(legs_max / 3 + 1),
            bridges: 0,
            wheel: Wheel::new(legs_max),
            counts: Counts::default(),
            shown,
            start,
            last_second: Histogram::default(),
            total: Histogram::default(),
            second_ends_us: 0,
        }
    }

    /// Carries voices until told to stop.
    pub(super) fn run(mut self, pin_to: Option<usize>) {
        let _farewell = Farewell(Arc::clone(&self.news_wake));
        wire::wake_on_time();
        if let Some(processor) = pin_to
            && let Err(error) = wire::pin(processor)
        {
            tracing::warn!(processor, %error, "the media thread could not be tied to its processor");
        }
        while !self.stop.load(Ordering::Acquire) {
            self.read_sockets();
            self.obey_some();
            self.serve_due();
            self.show();
            if std::mem::take(&mut self.has_news) {
                self.news_wake.wake();
            }
            self.rest();
        }
    }

    pub(super) fn now_us(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// The time as the legs count it; it wraps after seven weeks, and only differences are used.
    pub(super) fn now_ms(&self) -> u32 {
        (self.now_us() / 1_000) as u32
    }

    pub(super) fn tell(&mut self, news: News) {
        self.has_news = true;
        if self.news.push(news).is_err() {
            self.counts.events_lost += 1;
        }
    }

    pub(super) fn tell_leg(&mut self, leg: u32, event: LegEvent) {
        let id = LegId { thread: self.thread, index: leg, generation: self.hot[leg as usize].generation };
        self.tell(News::Event(id, event));
    }

    fn read_sockets(&mut self) {
        let Some(mut inbox) = self.inbox.take() else { return };
        for nth in 0..self.readiness.look() {
            let port = self.readiness.socket(nth);
            for _ in 0..READS_IN_A_ROW {
                let Some(socket) = self.sockets.get(port) else { break };
                let count = inbox.receive(socket);
                // What was asked before these packets were sent is done before they are heard: a leg opened in answer
                // to an offer hears the first packet that the answer brings.
                self.obey_some();
                let now_ms = self.now_ms();
                for at in 0..count {
                    match inbox.datagram(at) {
                        Some((source, datagram)) => self.take(port as u16, source, datagram, now_ms),
                        None => self.counts.unusable += 1,
                    }
                }
                if count < wire::BATCH {
                    break;
                }
            }
        }
        self.inbox = Some(inbox);
    }

    fn obey_some(&mut self) {
        for _ in 0..ORDERS_IN_A_ROW {
            let Ok(order) = self.orders.pop() else { return };
            self.obey(order);
        }
    }

    fn serve_due(&mut self) {
        let now_us = self.now_us();
        while let Some(due) = self.wheel.due(now_us / 1_000) {
            self.counts.skipped += u64::from(due.rounds - 1);
            let mut place = 0;
            while let Some(leg) = self.wheel.leg(due.slot, place) {
                place += 1;
                let sent_us = self.now_us();
                let late_us = sent_us.saturating_sub(due.deadline_ms * 1_000);
                self.last_second.add(late_us);
                self.total.add(late_us);
                self.serve(leg, due.rounds, (sent_us / 1_000) as u32);
            }
        }
    }

    fn show(&mut self) {
        let now_us = self.now_us();
        self.shown.show_counts(&self.counts, now_us / 1_000);
        if now_us >= self.second_ends_us || self.wheel.is_empty() {
            self.shown.show_lateness(
                if self.wheel.is_empty() { Lateness::default() } else { self.last_second.summary() },
                self.total.summary(),
            );
            self.shown.show_processor(wire::thread_processor_time());
            self.last_second.clear();
            self.second_ends_us = now_us + SECOND_US;
            self.demux.sweep((now_us / 1_000) as u32);
        }
    }

    fn rest(&self) {
        if !self.orders.is_empty() {
            return;
        }
        let Some(deadline_ms) = self.wheel.next_deadline_ms() else {
            wire::wait([self.wake.as_raw_fd(), self.readiness.as_raw_fd()], None);
            self.wake.clear();
            return;
        };
        let now_us = self.now_us();
        let read_every_us = if self.bridges > 0 { READ_EVERY_BRIDGED_US } else { READ_EVERY_US };
        // Reading happens on whole steps of the wheel, so that it seldom costs a wake-up of its own.
        let read_us = (now_us / read_every_us + 1) * read_every_us;
        let until_us = (deadline_ms * 1_000).min(read_us);
        if until_us > now_us {
            wire::wait([self.wake.as_raw_fd()], Some(Duration::from_micros(until_us - now_us)));
            self.wake.clear();
        }
    }
}
