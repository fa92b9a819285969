//! Lets any packets come to calls: of two that are joined or three that are mixed, of strangers, in any order and at any
//! time.
//! The list of all targets is in `crate::fuzzing`; what one packet is, is left to the target of `rtp`.

use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use rtrb::{Consumer, RingBuffer};

use super::bridge::Mixer;
use super::cold::ColdLeg;
use super::figures::ShownFigures;
use super::hot::HotLeg;
use super::latch::Claim;
use super::orders::{News, Order};
use super::recording::RecordingBuffer;
use super::thread::{MediaThread, Parts};
use super::wire::{Readiness, Wake};
use super::{BridgeId, Codec, LegEvent, LegId, LegSettings};

/// Packets of one input.
const PACKETS_MAX: usize = 200;

/// Legs: two of them are joined, or all three mixed.
const LEGS: u32 = 3;

/// What is told and not read yet; the rest is lost, as on a line.
const NEWS_MAX: usize = 64;

thread_local! {
    /// Our own port and those of the far ends, which nobody reads: what comes to them is dropped.
    static SOCKETS: RefCell<Option<[UdpSocket; 4]>> = const { RefCell::new(None) };
}

/// Reads bytes as packets, each behind two of its own: whose it is with the time that went by, and its length.
pub fn call_sounds_never_panic(bytes: &[u8]) {
    let Some((how, mut rest)) = bytes.split_first() else { return };
    let sockets = SOCKETS.with_borrow_mut(|kept| {
        if kept.is_none() {
            *kept = bound().ok();
        }
        kept.as_ref().and_then(|kept| {
            let far = [&kept[1], &kept[2], &kept[3]].map(|socket| socket.local_addr().ok());
            Some((kept[0].try_clone().ok()?, [far[0]?, far[1]?, far[2]?]))
        })
    });
    let Some((own, far)) = sockets else { return };
    let Some((mut thread, mut news)) = media_thread(own) else { return };
    open_legs(&mut thread, *how, far);
    // TEST-NET-1: no leg's address, nor in any network of a leg.
    let stranger = SocketAddr::from(([192, 0, 2, 66], 4_000));
    let mut now_ms = 0_u32;
    for _ in 0..PACKETS_MAX {
        let Some((&[whose, length], after)) = rest.split_first_chunk::<2>() else { break };
        let (datagram, after) = after.split_at(usize::from(length).min(after.len()));
        rest = after;
        let rounds = u32::from(whose >> 2);
        now_ms = now_ms.wrapping_add(20 * rounds);
        for leg in (0..LEGS).filter(|_| rounds > 0) {
            thread.serve(leg, rounds, now_ms);
        }
        let source = far.get(usize::from(whose & 3)).copied().unwrap_or(stranger);
        thread.take(0, source, datagram, now_ms);
        while let Ok(told) = news.pop() {
            let is_stranger = matches!(told, News::Event(_, LegEvent::Latched { source }) if source == stranger);
            assert!(!is_stranger, "no leg takes its voice from a stranger");
        }
    }
}

fn bound() -> std::io::Result<[UdpSocket; 4]> {
    let one = || UdpSocket::bind((Ipv4Addr::LOCALHOST, 0));
    Ok([one()?, one()?, one()?, one()?])
}

/// A thread that does not run by itself, with one port.
fn media_thread(own: UdpSocket) -> Option<(MediaThread, Consumer<News>)> {
    let sockets = vec![own];
    let (_, orders) = RingBuffer::new(1);
    let (news, told) = RingBuffer::new(NEWS_MAX);
    let start = Instant::now();
    let wake = Arc::new(Wake::new().ok()?);
    let parts = Parts {
        thread: 0,
        readiness: Readiness::new(&sockets).ok()?,
        sockets,
        wake: Arc::clone(&wake),
        stop: Arc::new(AtomicBool::new(false)),
        orders,
        news,
        news_wake: wake,
        legs_max: LEGS as usize,
        shown: Arc::new(ShownFigures::new(start)),
        start,
    };
    Some((MediaThread::new(parts), told))
}

/// The lowest bits of the first byte say how: whether keys are packets or tones, which law, two joined or three mixed.
fn open_legs(thread: &mut MediaThread, how: u8, far: [SocketAddr; 3]) {
    let codec = if how & 1 == 0 { Codec::Pcmu } else { Codec::Pcma };
    let ids = [0, 1, 2].map(|index| LegId { thread: 0, index, generation: 1 });
    for (id, remote) in ids.into_iter().zip(far) {
        let settings = LegSettings {
            remote: (how & 8 == 0).then_some(remote),
            telephone_event: (how & 2 == 0).then_some(101),
            behind_nat: how & 16 != 0,
            ..LegSettings::new(codec, remote.ip())
        };
        let claim = Claim::new(settings.remote, remote.ip(), Vec::new().into());
        let hot = Box::new(HotLeg::new(&settings, 1, 0, settings.remote, [u64::MAX - 7, 65_530]));
        thread.obey(Order::Open { id, hot, cold: Box::new(ColdLeg::new(&settings, claim)) });
    }
    thread.obey(Order::StartRecording(ids[0], Box::new(RecordingBuffer::new(codec, 2))));
    let third = (how & 4 != 0).then_some(ids[2]);
    let mixer = third.map(|_| Box::new(Mixer::new()));
    thread.obey(Order::Bridge { id: BridgeId(1), legs: [Some(ids[0]), Some(ids[1]), third], mixer });
}

#[cfg(test)]
mod tests {
    use super::super::latch::PACKETS_TO_LOCK;
    use super::*;

    #[test]
    fn a_leg_of_the_target_takes_its_own_voice_its_keys_and_no_stranger_s() {
        let far = bound().unwrap();
        let remotes = [0, 1, 2].map(|at: usize| far[at].local_addr().unwrap());
        let (mut thread, mut news) = media_thread(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()).unwrap();
        open_legs(&mut thread, 0, remotes);
        let seed = include_bytes!("../../../../fuzz/seeds/call-sounds/keys");
        let packet = &seed[3..3 + usize::from(seed[2])];
        thread.take(0, SocketAddr::from(([192, 0, 2, 66], 4_000)), packet, 0);
        assert_eq!(thread.counts.strangers, 1, "who is nobody's far end is not heard");
        for further in 0..PACKETS_TO_LOCK {
            let mut again = packet.to_vec();
            again[3] += further;
            thread.take(0, remotes[0], &again, 0);
        }
        let told: Vec<LegEvent> = std::iter::from_fn(|| news.pop().ok())
            .filter_map(|news| if let News::Event(_, event) = news { Some(event) } else { None })
            .collect();
        assert!(told.contains(&LegEvent::Digit('5')), "{told:?}");
        assert!(told.contains(&LegEvent::Latched { source: remotes[0] }), "{told:?}");
        call_sounds_never_panic(seed);
    }
}
