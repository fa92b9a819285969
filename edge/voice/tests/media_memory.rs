//! For a packet the media thread takes no memory and no lock: counted by this test's own allocator, on the media thread alone.
//! What the packets say is left to `media_wire`.
#![expect(unsafe_code, reason = "an allocator that counts can't be had otherwise")]
#![expect(clippy::unwrap_used, reason = "a failed step should fail the test")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::net::UdpSocket;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use caseline_voice::media::rtp::RtpHeader;
use caseline_voice::media::{
    Codec, EncodedPrompt, Leg, LegEvents, LegSettings, MediaEngine, MediaFigures, MediaSettings, PlayMode, Ports,
};

/// Legs that hear prompts, apart from those that are bridged.
const LISTENERS: usize = 20;
/// The engine's once-a-second work falls into this time too.
const MEASURED: Duration = Duration::from_millis(2_500);

static MEASURING: AtomicBool = AtomicBool::new(false);
/// Requests for memory, and its return, on media threads while it was measured.
static REQUESTS: AtomicU64 = AtomicU64::new(0);

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every request is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the rules of `GlobalAlloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

fn count() {
    if MEASURING.load(Ordering::Acquire) && is_named_as(b"media-") {
        REQUESTS.fetch_add(1, Ordering::AcqRel);
    }
}

/// Whether this thread's name begins so. Asked of the system, since the standard library may take memory for it.
fn is_named_as(beginning: &[u8]) -> bool {
    let mut name = [0u8; 16];
    // SAFETY: PR_GET_NAME writes at most 16 bytes.
    unsafe { libc::prctl(libc::PR_GET_NAME, name.as_mut_ptr()) };
    name.starts_with(beginning)
}

/// What was asked of the allocator by media threads while something ran.
fn requests_during(run: impl FnOnce()) -> u64 {
    REQUESTS.store(0, Ordering::Release);
    MEASURING.store(true, Ordering::Release);
    run();
    MEASURING.store(false, Ordering::Release);
    REQUESTS.load(Ordering::Acquire)
}

struct Far {
    socket: UdpSocket,
    leg: Leg,
    events: LegEvents,
    codec: Codec,
    number: u16,
}

impl Far {
    fn open(engine: &MediaEngine, number: u16, codec: Codec) -> Self {
        let address = format!("127.0.5.{number}");
        let socket = UdpSocket::bind((address.as_str(), 0)).unwrap();
        socket.set_nonblocking(true).unwrap();
        let remote = Some(socket.local_addr().unwrap());
        let settings = LegSettings { remote, ..LegSettings::new(codec, address.parse().unwrap()) };
        let (leg, events) = engine.open_leg(settings).unwrap();
        Self { socket, leg, events, codec, number }
    }

    /// Sends 20 ms of a loud voice, and throws away what came.
    fn speak(&mut self, round: u16) {
        let header = RtpHeader {
            marker: round == 0,
            payload_type: self.codec.payload_type(),
            sequence: round,
            timestamp: u32::from(round) * 160,
            ssrc: u32::from(self.number),
        };
        let mut datagram = header.to_bytes().to_vec();
        datagram.extend([0x12; 160]);
        self.socket.send_to(&datagram, self.leg.local()).unwrap();
        let mut came = [0; 2_000];
        while self.socket.recv_from(&mut came).is_ok() {}
        while self.events.try_next().is_some() {}
    }
}

/// Everybody speaks at the pace of speech for so long.
fn talk(all: &mut [Far], round: &mut u16, lasts: Duration) {
    let start = Instant::now();
    for tick in 0u32.. {
        let due = Duration::from_millis(20) * tick;
        if due >= lasts {
            return;
        }
        std::thread::sleep(due.saturating_sub(start.elapsed()));
        for far in all.iter_mut() {
            far.speak(*round);
        }
        *round = round.wrapping_add(1);
    }
}

fn packets(figures: MediaFigures) -> u64 {
    figures.packets_in + figures.packets_out
}

#[test]
fn a_packet_costs_no_memory_whether_prompts_are_played_or_people_talk() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let _entered = runtime.enter();
    let engine = MediaEngine::start(MediaSettings {
        bind: "127.0.0.1".parse().unwrap(),
        ports: Ports::Ephemeral { count: 4 },
        legs_per_thread_max: 64,
        ..MediaSettings::default()
    })
    .unwrap();
    let codec = |number: usize| if number.is_multiple_of(2) { Codec::Pcmu } else { Codec::Pcma };
    let mut all: Vec<Far> =
        (0..LISTENERS + 5).map(|number| Far::open(&engine, number as u16 + 1, codec(number))).collect();
    let (listeners, talkers) = all.split_at(LISTENERS);
    for far in listeners {
        // Of several packets, so that a prompt goes on to the next and the row begins again, many times over.
        let prompts = [3, 1, 40].map(|frames| EncodedPrompt::new(far.codec, vec![0x22; frames * 160]).map(Arc::new));
        far.leg.play(prompts.into_iter().map(Result::unwrap).collect(), PlayMode::REPEAT).unwrap();
    }
    listeners[0].leg.start_recording(60).unwrap();
    engine.bridge(&[talkers[0].leg.id(), talkers[1].leg.id()]).unwrap();
    engine.bridge(&[talkers[2].leg.id(), talkers[3].leg.id(), talkers[4].leg.id()]).unwrap();
    let mut round = 0;
    talk(&mut all, &mut round, Duration::from_millis(500));

    let before = engine.figures();
    let requests = requests_during(|| talk(&mut all, &mut round, MEASURED));
    let after = engine.figures();
    let carried = packets(after) - packets(before);
    assert!(
        after.packets_in - before.packets_in > 1_000 && after.packets_out - before.packets_out > 1_000,
        "{after:?}"
    );
    assert_eq!(requests, 0, "requests for memory during {carried} packets");

    // The counter counts: opening legs and playing takes memory on the asking side, and none on the media thread; a thread
    // of that name that takes some is seen.
    let seen = requests_during(|| {
        let thread = std::thread::Builder::new().name("media-test".into());
        thread.spawn(|| drop(std::hint::black_box(vec![1u8; 64]))).unwrap().join().unwrap();
    });
    assert!(seen >= 2, "the counter is blind");
}

#[test]
fn the_media_thread_s_own_modules_name_no_lock() {
    // `engine` is the asking side; the thread's side is all that is called for a packet.
    let thread_s_side = [
        "bridge",
        "cold",
        "demux",
        "figures",
        "g711",
        "hot",
        "incoming",
        "keys",
        "latch",
        "lateness",
        "obeying",
        "orders",
        "outgoing",
        "prompt",
        "recording",
        "rtp",
        "thread",
        "tones",
        "wheel",
        "wire",
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/media");
    for module in thread_s_side {
        let text = std::fs::read_to_string(folder.join(module).with_extension("rs")).unwrap();
        for lock in ["Mutex", "RwLock", "Condvar", ".lock()", "Once"] {
            let named = text.lines().find(|row| row.contains(lock) && !row.trim_start().starts_with("//"));
            assert_eq!(named, None, "{module} names {lock}");
        }
    }
}
