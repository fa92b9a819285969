//! The part of a leg that is touched for every packet, kept small so that thousands stay in the processor's cache.
//! What is needed only now and then is in `cold`.

use std::net::SocketAddr;
use std::sync::Arc;

use super::g711::Codec;
use super::settings::{Direction, KeepAlive, LegSettings};

/// The most that the hot part of a leg may take.
const HOT_LEG_BYTES_MAX: usize = 128;

const _: () = assert!(size_of::<HotLeg>() <= HOT_LEG_BYTES_MAX, "the hot part of a leg has grown");

/// Marks "no payload type" for keys.
const NO_PAYLOAD_TYPE: u8 = 0xff;

/// Packets of silence behind the last sound, before keep-alives turn sparse: so the far end does not stretch the last
/// syllable to hide a loss that was none.
pub(super) const SILENCE_BEHIND_SOUND: u8 = 5;

/// Whom a leg hears, apart from prompts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joined {
    Alone,
    /// One other leg, by index.
    Pair(u32),
    /// A seat at a mixer, by index.
    Mix {
        mixer: u32,
        seat: u8,
    },
}

/// A leg on the wire: two rows of the processor's cache, and never a part of a third.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct HotLeg {
    /// Where voice goes, once that is known.
    pub(super) send_to: Option<SocketAddr>,
    /// The prompt that is playing; its list is in `cold`.
    pub(super) prompt: Option<Arc<[u8]>>,
    /// Packets received among the 64 before `sequence_in`.
    pub(super) seen: u64,
    /// The next byte of the prompt.
    pub(super) position: u32,
    pub(super) joined: Joined,
    pub(super) ssrc: u32,
    /// Our own time line: samples since some random start, moved on by the wheel.
    pub(super) timeline: u32,
    /// The time stamp behind the last sample sent; what is sent next never lies before it.
    pub(super) next_timestamp: u32,
    pub(super) ssrc_in: u32,
    pub(super) last_in_ms: u32,
    pub(super) last_out_ms: u32,
    pub(super) nothing_heard_after_ms: u32,
    pub(super) generation: u32,
    pub(super) sequence: u16,
    pub(super) sequence_in: u16,
    pub(super) port: u16,
    pub(super) keep_alive_ms: u16,
    pub(super) codec: Codec,
    telephone_event: u8,
    pub(super) slot: u8,
    pub(super) loud_packets: u8,
    pub(super) silence_left: u8,
    /// Slots in which a prompt waited for an address to go to.
    pub(super) waited: u8,
    pub(super) direction: Direction,
    pub(super) in_use: bool,
    pub(super) started_in: bool,
    pub(super) may_relatch: bool,
    pub(super) nothing_heard_told: bool,
    pub(super) voice_heard: bool,
    pub(super) records: bool,
    pub(super) listens_for_tones: bool,
    pub(super) sends_keys: bool,
    /// The next packet is the first after a pause (marker bit, RFC 3551 §4.1).
    pub(super) after_pause: bool,
}

impl HotLeg {
    /// A place without a leg.
    pub(super) fn vacant() -> Self {
        Self {
            send_to: None,
            prompt: None,
            seen: 0,
            position: 0,
            joined: Joined::Alone,
            ssrc: 0,
            timeline: 0,
            next_timestamp: 0,
            ssrc_in: 0,
            last_in_ms: 0,
            last_out_ms: 0,
            nothing_heard_after_ms: 0,
            generation: 0,
            sequence: 0,
            sequence_in: 0,
            port: 0,
            keep_alive_ms: 0,
            codec: Codec::Pcmu,
            telephone_event: NO_PAYLOAD_TYPE,
            slot: 0,
            loud_packets: 0,
            silence_left: 0,
            waited: 0,
            direction: Direction::Inactive,
            in_use: false,
            started_in: false,
            may_relatch: false,
            nothing_heard_told: false,
            voice_heard: false,
            records: false,
            listens_for_tones: false,
            sends_keys: false,
            after_pause: true,
        }
    }

    /// A new leg; `chance` sets the start of its numbers, which RFC 3550 §5.1 wants unguessable.
    pub(super) fn new(
        settings: &LegSettings,
        generation: u32,
        port: u16,
        send_to: Option<SocketAddr>,
        chance: [u64; 2],
    ) -> Self {
        let timeline = chance[0] as u32;
        let mut leg = Self {
            send_to,
            ssrc: (chance[0] >> 32) as u32,
            timeline,
            next_timestamp: timeline,
            // In the lower half, as old receivers expect a start that does not wrap at once.
            sequence: chance[1] as u16 & 0x7fff,
            generation,
            port,
            keep_alive_ms: match settings.keep_alive {
                KeepAlive::Continuous => 0,
                KeepAlive::Sparse(pause) => u16::try_from(pause.as_millis()).unwrap_or(u16::MAX).max(20),
            },
            nothing_heard_after_ms: u32::try_from(settings.nothing_heard_after.as_millis()).unwrap_or(u32::MAX),
            direction: settings.direction,
            in_use: true,
            ..Self::vacant()
        };
        leg.set_format(settings.codec, settings.telephone_event);
        leg
    }

    pub(super) fn set_format(&mut self, codec: Codec, telephone_event: Option<u8>) {
        self.codec = codec;
        self.telephone_event = telephone_event.unwrap_or(NO_PAYLOAD_TYPE);
        self.listens_for_tones = telephone_event.is_none();
    }

    pub(super) fn telephone_event(&self) -> Option<u8> {
        (self.telephone_event != NO_PAYLOAD_TYPE).then_some(self.telephone_event)
    }

    /// The time stamp of a packet of ours: on the time line, but never before what was sent.
    pub(super) fn own_timestamp(&self) -> u32 {
        if self.next_timestamp.wrapping_sub(self.timeline).cast_signed() > 0 {
            self.next_timestamp
        } else {
            self.timeline
        }
    }

    /// Whether a packet with this number is new; it is then remembered. Twice the same, or older than the 64 before
    /// the newest, is not. A new SSRC starts afresh.
    pub(super) fn is_new(&mut self, ssrc: u32, sequence: u16) -> bool {
        let ahead = sequence.wrapping_sub(self.sequence_in).cast_signed();
        if !self.started_in || ssrc != self.ssrc_in || ahead.unsigned_abs() > 3_000 {
            // A far end that starts its numbers again without a new SSRC is heard too (RFC 3550 appendix A.1).
            (self.started_in, self.ssrc_in, self.sequence_in, self.seen) = (true, ssrc, sequence, 1);
            return true;
        }
        if ahead > 0 {
            self.seen = self.seen.checked_shl(u32::from(ahead.unsigned_abs())).unwrap_or(0) | 1;
            self.sequence_in = sequence;
            return true;
        }
        let bit = 1u64.checked_shl(u32::from(ahead.unsigned_abs())).unwrap_or(0);
        let new = bit != 0 && self.seen & bit == 0;
        self.seen |= bit;
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leg_s_hot_part_fits_two_cache_rows() {
        assert_eq!((size_of::<HotLeg>(), align_of::<HotLeg>()), (128, 64));
    }

    #[test]
    fn a_packet_counts_once_in_whatever_order_it_comes() {
        let mut leg = HotLeg::vacant();
        let order = [65_534u16, 65_535, 1, 0, 1, 65_534, 2, 2, 70];
        let new: Vec<bool> = order.iter().map(|&sequence| leg.is_new(5, sequence)).collect();
        assert_eq!(new, [true, true, true, true, false, false, true, false, true]);
        assert!(!leg.is_new(5, 3), "too old to tell");
        assert!(leg.is_new(5, 7), "late, and new");
        assert!(leg.is_new(6, 3), "another stream");
        assert!(leg.is_new(6, 30_000), "the numbers started again");
    }

    #[test]
    fn our_time_stamps_never_go_back() {
        let mut leg = HotLeg::vacant();
        leg.timeline = u32::MAX - 10;
        leg.next_timestamp = 50;
        assert_eq!(leg.own_timestamp(), 50);
        leg.timeline = 60;
        assert_eq!(leg.own_timestamp(), 60);
    }
}
