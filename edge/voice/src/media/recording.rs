//! A message left by a caller, caught as it arrives and put in order by its time stamps.
//! Memory is bought before the recording starts; what becomes of the message is left to the helpline.

use std::fmt;

use super::g711::{Codec, SAMPLES_PER_SECOND};

/// The longest recording, in seconds.
pub const RECORDING_SECONDS_MAX: u32 = 600;

/// A step of the time stamp beyond this many samples (2 s) is a new stream's start, not a pause.
const GAP_SAMPLES_MAX: u32 = 2 * SAMPLES_PER_SECOND;

/// What a caller said, as payload bytes of the leg's codec. It prints its length only.
#[derive(Clone, PartialEq, Eq)]
pub struct Recording {
    /// The codec of the bytes.
    pub codec: Codec,
    /// One byte a sample at 8 kHz; what was lost on the way is silence.
    pub payload: Vec<u8>,
}

impl Recording {
    /// How long it is, in milliseconds.
    #[must_use]
    pub fn length_ms(&self) -> u64 {
        self.payload.len() as u64 / 8
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recording({:?}, {} ms)", self.codec, self.length_ms())
    }
}

/// The memory of a recording under way.
pub(super) struct RecordingBuffer {
    codec: Codec,
    bytes: Vec<u8>,
    end: usize,
    base: Option<(u32, u32)>,
    pub(super) full_told: bool,
}

impl RecordingBuffer {
    pub(super) fn new(codec: Codec, seconds_max: u32) -> Self {
        let bytes = seconds_max.min(RECORDING_SECONDS_MAX) as usize * SAMPLES_PER_SECOND as usize;
        Self { codec, bytes: vec![codec.silence(); bytes], end: 0, base: None, full_told: false }
    }

    /// Takes a packet of voice. True when there is no more room.
    pub(super) fn take(&mut self, ssrc: u32, timestamp: u32, codec: Codec, payload: &[u8]) -> bool {
        let at = self.place_of(ssrc, timestamp);
        let Some(at) = at else { return self.is_full() };
        let room = self.bytes.len().saturating_sub(at);
        let kept = &payload[..payload.len().min(room)];
        let Some(target) = self.bytes.get_mut(at..at + kept.len()) else { return self.take_nothing_more() };
        match codec.transcode_table(self.codec) {
            None => target.copy_from_slice(kept),
            Some(table) => {
                for (target, byte) in target.iter_mut().zip(kept) {
                    *target = table[usize::from(*byte)];
                }
            }
        }
        self.end = self.end.max(at + kept.len());
        self.is_full() || kept.len() < payload.len()
    }

    /// What was caught.
    pub(super) fn finish(mut self) -> Recording {
        self.bytes.truncate(self.end);
        Recording { codec: self.codec, payload: self.bytes }
    }

    /// A packet behind the end of the room, after a pause: the room up to it is silence.
    fn take_nothing_more(&mut self) -> bool {
        self.end = self.bytes.len();
        true
    }

    /// The offset of a packet; `None` if it belongs before the start.
    fn place_of(&mut self, ssrc: u32, timestamp: u32) -> Option<usize> {
        let end = u32::try_from(self.end).unwrap_or(u32::MAX);
        let restart = |this: &mut Self| {
            this.base = Some((ssrc, timestamp.wrapping_sub(end)));
            Some(this.end)
        };
        match self.base {
            Some((known, base)) if known == ssrc => {
                let offset = timestamp.wrapping_sub(base);
                if offset.cast_signed() < 0 && end.wrapping_sub(offset) <= GAP_SAMPLES_MAX {
                    None
                } else if offset.wrapping_sub(end).cast_signed().unsigned_abs() > GAP_SAMPLES_MAX {
                    restart(self)
                } else {
                    Some(offset as usize)
                }
            }
            _ => restart(self),
        }
    }

    fn is_full(&self) -> bool {
        self.end >= self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_and_lost_packets_leave_the_message_in_order() {
        let mut buffer = RecordingBuffer::new(Codec::Pcmu, 1);
        assert!(!buffer.take(1, 5_000, Codec::Pcmu, b"aaaa"));
        assert!(!buffer.take(1, 5_012, Codec::Pcmu, b"dddd"));
        assert!(!buffer.take(1, 5_004, Codec::Pcmu, b"bbbb"));
        assert!(!buffer.take(1, 5_004, Codec::Pcmu, b"bbbb"));
        assert!(!buffer.take(1, 4_996, Codec::Pcmu, b"zzzz"), "before the start");
        assert_eq!(buffer.finish().payload, b"aaaabbbb\xff\xff\xff\xffdddd");
    }

    #[test]
    fn a_new_stream_goes_on_behind_the_old_one() {
        let mut buffer = RecordingBuffer::new(Codec::Pcmu, 1);
        buffer.take(1, u32::MAX - 1, Codec::Pcmu, b"aa");
        buffer.take(1, 0, Codec::Pcmu, b"bb");
        buffer.take(2, 77, Codec::Pcmu, b"cc");
        buffer.take(2, 1_000_000, Codec::Pcmu, b"dd");
        assert_eq!(buffer.finish().payload, b"aabbccdd");
    }

    #[test]
    fn a_full_recording_says_so_and_takes_no_more() {
        let mut buffer = RecordingBuffer::new(Codec::Pcma, 1);
        for packet in 0..49 {
            assert!(!buffer.take(1, packet * 160, Codec::Pcma, &[7; 160]));
        }
        assert!(buffer.take(1, 49 * 160, Codec::Pcma, &[7; 200]));
        assert!(buffer.take(1, 51 * 160, Codec::Pcma, &[7; 160]));
        assert!(buffer.take(1, 500 * 160, Codec::Pcma, &[7; 160]));
        let recording = buffer.finish();
        assert_eq!(recording.length_ms(), 1_000);
        assert_eq!(format!("{recording:?}"), "Recording(Pcma, 1000 ms)");
    }

    #[test]
    fn the_other_law_is_rewritten() {
        let mut buffer = RecordingBuffer::new(Codec::Pcma, 1);
        buffer.take(1, 0, Codec::Pcmu, &[0xff; 4]);
        assert_eq!(buffer.finish().payload, [0xd5; 4]);
    }
}
