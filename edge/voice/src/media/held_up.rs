//! A media thread in slow motion for tests: each turn is given by hand, so that it can be held up anywhere in a prompt.
//! What the far end makes of its packets is left to whoever asks.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use rtrb::{Consumer, RingBuffer};

use super::cold::ColdLeg;
use super::figures::ShownFigures;
use super::hot::HotLeg;
use super::latch::Claim;
use super::orders::{News, Order, PlayList};
use super::rtp::{RtpHeader, parse};
use super::thread::{MediaThread, Parts};
use super::wire::{Readiness, Wake};
use super::{Codec, EncodedPrompt, LegId, LegSettings, PlayId, PlayMode};

/// A packet as it came out.
pub(crate) type Packet = (RtpHeader, Vec<u8>);

const LEG: LegId = LegId { thread: 0, index: 0, generation: 1 };

/// One leg on a media thread that does not run by itself.
pub(crate) struct HeldUp {
    thread: MediaThread,
    far: UdpSocket,
    now_ms: u32,
    _news: Consumer<News>,
}

impl HeldUp {
    /// A leg that plays a row of prompts.
    pub(crate) fn playing(codec: Codec, prompts: Vec<Arc<EncodedPrompt>>) -> Self {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let far = UdpSocket::bind((loopback, 0)).unwrap();
        far.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let remote = far.local_addr().unwrap();
        let sockets = vec![UdpSocket::bind((loopback, 0)).unwrap()];
        let (_, orders) = RingBuffer::new(4);
        let (news, kept) = RingBuffer::new(64);
        let start = Instant::now();
        let mut thread = MediaThread::new(Parts {
            thread: 0,
            readiness: Readiness::new(&sockets).unwrap(),
            sockets,
            wake: Arc::new(Wake::new().unwrap()),
            stop: Arc::new(AtomicBool::new(false)),
            orders,
            news,
            news_wake: Arc::new(Wake::new().unwrap()),
            legs_max: 1,
            shown: Arc::new(ShownFigures::new(start)),
            start,
        });
        let settings = LegSettings { remote: Some(remote), ..LegSettings::new(codec, loopback) };
        let claim = Claim::new(Some(remote), loopback, Vec::new().into());
        let hot = Box::new(HotLeg::new(&settings, 1, 0, Some(remote), [u64::MAX - 7, 65_530]));
        let cold = Box::new(ColdLeg::new(&settings, claim));
        thread.obey(Order::Open { id: LEG, hot, cold });
        thread.obey(Order::Play(LEG, Box::new(PlayList { id: PlayId(1), mode: PlayMode::NOW, prompts })));
        Self { thread, far, now_ms: 0, _news: kept }
    }

    /// The leg's turn, so many rounds of 20 ms after its last: more than one when the thread was held up.
    pub(crate) fn turn(&mut self, rounds: u32) -> Option<Packet> {
        self.now_ms += 20 * rounds;
        let before = self.thread.counts.packets_out;
        self.thread.serve(LEG.index, rounds, self.now_ms);
        if self.thread.counts.packets_out == before {
            return None;
        }
        let mut datagram = [0; 2_000];
        let length = self.far.recv(&mut datagram).unwrap();
        let packet = parse(&datagram[..length]).unwrap();
        Some((packet.header, packet.payload.to_vec()))
    }

    /// So many turns, of which one is held up. Each packet with the milliseconds after which it left.
    pub(crate) fn turns(&mut self, count: usize, held_up_at: usize, rounds: u32) -> Vec<(Duration, Packet)> {
        let mut left = Vec::new();
        for number in 0..count {
            let packet = self.turn(if number == held_up_at { rounds } else { 1 });
            left.extend(packet.map(|packet| (Duration::from_millis(u64::from(self.now_ms)), packet)));
        }
        left
    }
}

#[test]
fn a_thread_that_was_held_up_goes_on_where_it_was_and_says_nothing_twice() {
    const FRAMES: usize = 12;
    for rounds in [2, 9, 13, 250] {
        for held_up_at in 0..FRAMES {
            let bytes: Vec<u8> = (0..FRAMES as u8).flat_map(|frame| [frame + 1; 160]).collect();
            let (first, second) = bytes.split_at(7 * 160);
            let prompts =
                [first, second].map(|bytes| Arc::new(EncodedPrompt::new(Codec::Pcmu, bytes.to_vec()).unwrap()));
            let left = HeldUp::playing(Codec::Pcmu, prompts.to_vec()).turns(FRAMES + 3, held_up_at, rounds);
            let said: Vec<u8> = left.iter().flat_map(|(_, (_, payload))| payload.clone()).collect();
            assert_eq!(said[..bytes.len()], bytes, "every frame once, in order");
            assert!(said[bytes.len()..].iter().all(|byte| *byte == Codec::Pcmu.silence()), "then silence");
            for (number, pair) in left.windows(2).enumerate() {
                let ((_, (before, _)), (_, (after, _))) = (&pair[0], &pair[1]);
                assert_eq!(before.ssrc, after.ssrc);
                assert_eq!(before.sequence.wrapping_add(1), after.sequence, "no number is left out");
                let passed = if number + 1 == held_up_at { rounds } else { 1 };
                assert_eq!(before.timestamp.wrapping_add(160 * passed), after.timestamp, "the clock ran on");
            }
        }
    }
}
