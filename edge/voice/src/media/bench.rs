//! How many calls can this machine carry? Plays and hears so many at once over loopback, and measures what it costs.
//! The calls are real packets; SIP and the conversation are left out.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::g711::{Codec, FRAME_SAMPLES};
use super::rtp::{HEADER_BYTES, RtpHeader};
use super::settings::{LegSettings, MediaSettings, PORTS_PER_THREAD_MAX, PlayMode, Ports};
use super::wire::{Inbox, Readiness};
use super::{EncodedPrompt, Leg, MediaEngine, MediaFault, MediaFigures, PROMPT_SECONDS_MAX};

/// The most legs of one trial.
pub const BENCH_LEGS_MAX: usize = 16_384;

/// Our ports in a trial.
const PORTS: usize = 32;

/// Before anything is measured: all legs are open, latched and playing.
const WARM_UP: Duration = Duration::from_secs(2);

/// What a trial found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BenchFigures {
    /// Legs, each sending and receiving a packet every 20 ms.
    pub legs: usize,
    /// Seconds measured.
    pub seconds: f64,
    /// Processor time of the media thread for one leg and one second, in microseconds. Loopback charges the far
    /// end's receiving to our sending, so that a real network costs less.
    pub processor_us_per_call_second: f64,
    /// The median lateness, worst second.
    pub lateness_p50_us: u64,
    /// The 99th percentile of lateness, worst second.
    pub lateness_p99_us: u64,
    /// 99.9 of 100, worst second.
    pub lateness_p999_us: u64,
    /// Memory that the process grew by for each leg (engine, handles and far ends' sockets included).
    pub memory_bytes_per_leg: u64,
    /// Packets sent, of those due.
    pub sent_share: f64,
    /// Packets of the far ends that were heard, of those that they sent.
    pub heard_share: f64,
}

/// Why a trial could not be held.
#[derive(Debug, thiserror::Error)]
pub enum BenchFault {
    /// None, or more than [`BENCH_LEGS_MAX`].
    #[error("a trial has 1 to {BENCH_LEGS_MAX} legs and lasts 1 to {PROMPT_SECONDS_MAX} seconds")]
    Size,
    /// The far ends could not be set up.
    #[error("the trial's far ends could not be set up")]
    FarEnds(#[source] std::io::Error),
    /// The engine refused.
    #[error("the media engine refused the trial")]
    Engine(#[from] MediaFault),
}

/// Holds a trial; it takes a few seconds more than `seconds`. Not to be called from async code, since it waits.
///
/// # Errors
/// [`BenchFault`].
pub fn bench_legs(legs: usize, seconds: u64) -> Result<BenchFigures, BenchFault> {
    if legs == 0 || legs > BENCH_LEGS_MAX || seconds == 0 || seconds > PROMPT_SECONDS_MAX as u64 {
        return Err(BenchFault::Size);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(BenchFault::FarEnds)?;
    let _entered = runtime.enter();
    let prompt = Arc::new(EncodedPrompt::new(Codec::Pcmu, vec![0x7e; 8_000 * 10])?);
    let memory_before = resident_bytes();
    let engine = MediaEngine::start(MediaSettings {
        bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
        ports: Ports::Ephemeral { count: PORTS.min(PORTS_PER_THREAD_MAX) },
        legs_per_thread_max: legs,
        ..MediaSettings::default()
    })?;
    let mut far_ends = Vec::new();
    let mut open = Vec::with_capacity(legs);
    for number in 0..legs.div_ceil(PORTS) {
        // Each far end has an address of its own, as callers do, and a leg on each of our ports.
        let [_, _, high, low] = (number as u32 + 2).to_be_bytes();
        let address = IpAddr::V4(Ipv4Addr::new(127, 1, high, low));
        let socket = UdpSocket::bind((address, 0)).map_err(BenchFault::FarEnds)?;
        socket.set_nonblocking(true).map_err(BenchFault::FarEnds)?;
        let remote = socket.local_addr().map_err(BenchFault::FarEnds)?;
        for _ in 0..PORTS.min(legs - open.len()) {
            let settings = LegSettings { remote: Some(remote), ..LegSettings::new(Codec::Pcmu, address) };
            let (leg, events) = engine.open_leg(settings)?;
            leg.play(vec![Arc::clone(&prompt)], PlayMode::REPEAT)?;
            open.push((leg, events, number));
        }
        far_ends.push(socket);
    }
    let talk = FarEnds::start(far_ends, &open)?;
    thread::sleep(WARM_UP);
    let memory_after = resident_bytes();
    let (start, first) = at_next_second(&engine);
    let far_start = talk.sent.load(Ordering::Relaxed);
    let mut worst = first.lateness_last_second;
    let (mut end, mut last) = (start, first);
    while end.duration_since(start) < Duration::from_secs(seconds) {
        (end, last) = at_next_second(&engine);
        let second = last.lateness_last_second;
        worst.p50_us = worst.p50_us.max(second.p50_us);
        worst.p99_us = worst.p99_us.max(second.p99_us);
        worst.p999_us = worst.p999_us.max(second.p999_us);
    }
    let far_sent = talk.sent.load(Ordering::Relaxed) - far_start;
    let elapsed = end.duration_since(start).as_secs_f64();
    let due = legs as f64 * elapsed * 50.0;
    engine.stop();
    talk.stop();
    Ok(BenchFigures {
        legs,
        seconds: elapsed,
        processor_us_per_call_second: (last.processor_us - first.processor_us) as f64 / (legs as f64 * elapsed),
        lateness_p50_us: worst.p50_us,
        lateness_p99_us: worst.p99_us,
        lateness_p999_us: worst.p999_us,
        memory_bytes_per_leg: memory_after.saturating_sub(memory_before) / legs as u64,
        sent_share: (last.packets_out - first.packets_out) as f64 / due,
        heard_share: (last.packets_in - first.packets_in) as f64 / (far_sent as f64).max(1.0),
    })
}

/// The engine shows its processor time once a second; the figures at the moment when it does.
fn at_next_second(engine: &MediaEngine) -> (Instant, MediaFigures) {
    const LOOK_EVERY: Duration = Duration::from_millis(2);
    const GIVE_UP: Duration = Duration::from_secs(10);
    let before = engine.figures().processor_us;
    let asked_at = Instant::now();
    loop {
        let figures = engine.figures();
        if figures.processor_us != before || asked_at.elapsed() > GIVE_UP {
            return (Instant::now(), figures);
        }
        thread::sleep(LOOK_EVERY);
    }
}

/// The callers' telephones, all in one thread: each sends a packet every 20 ms and throws away what it gets.
struct FarEnds {
    stop: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
    thread: thread::JoinHandle<()>,
}

impl FarEnds {
    fn start(sockets: Vec<UdpSocket>, legs: &[(Leg, super::LegEvents, usize)]) -> Result<Self, BenchFault> {
        let targets: Vec<(usize, SocketAddr)> = legs.iter().map(|(leg, _, socket)| (*socket, leg.local())).collect();
        let mut readiness = Readiness::new(&sockets).map_err(BenchFault::FarEnds)?;
        let stop = Arc::new(AtomicBool::new(false));
        let sent = Arc::new(AtomicU64::new(0));
        let (stopped, count) = (Arc::clone(&stop), Arc::clone(&sent));
        let thread = thread::spawn(move || {
            let mut inbox = Inbox::new();
            let start = Instant::now();
            for tick in 0u32.. {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let due = Duration::from_millis(u64::from(tick));
                thread::sleep(due.saturating_sub(start.elapsed()));
                let round = tick / 20;
                for (number, (socket, local)) in targets.iter().enumerate().skip(tick as usize % 20).step_by(20) {
                    let header = RtpHeader {
                        marker: round == 0,
                        payload_type: 0,
                        sequence: round as u16,
                        timestamp: round * FRAME_SAMPLES as u32,
                        ssrc: number as u32 + 1,
                    };
                    let mut datagram = [Codec::Pcmu.silence(); HEADER_BYTES + FRAME_SAMPLES];
                    datagram[..HEADER_BYTES].copy_from_slice(&header.to_bytes());
                    if sockets[*socket].send_to(&datagram, local).is_ok() {
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                }
                for nth in 0..readiness.look() {
                    if let Some(socket) = sockets.get(readiness.socket(nth)) {
                        inbox.receive(socket);
                    }
                }
            }
        });
        Ok(Self { stop, sent, thread })
    }

    fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        if self.thread.join().is_err() {
            tracing::error!("the trial's far ends ended in a panic");
        }
    }
}

/// Memory of this process that is really there (the second figure of statm, in pages of 4 KiB).
fn resident_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4_096
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_trial_sends_and_hears_nearly_all() {
        let figures = bench_legs(40, 1).unwrap();
        assert_eq!(figures.legs, 40);
        assert!(figures.processor_us_per_call_second > 0.0);
        assert!(figures.sent_share > 0.5 && figures.heard_share > 0.5, "{figures:?}");
        assert!(matches!(bench_legs(0, 1), Err(BenchFault::Size)));
    }
}
