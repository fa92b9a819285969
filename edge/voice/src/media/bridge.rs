//! Lets legs hear each other: the payload handed on for two, added up for three (caller, agent, interpreter).
//! Which people are connected, and when, is decided by the helpline.

use super::g711::{Codec, FRAME_SAMPLES};

/// The most legs of one bridge: caller, agent and interpreter.
pub const BRIDGE_LEGS_MAX: usize = 3;

/// Samples kept of each leg: a quarter of a second.
const RING_SAMPLES: usize = 2_048;

/// What is waited for before a voice is mixed in, to make up for uneven arrival: 40 ms.
const PRIME_SAMPLES: u32 = 320;

/// More waiting than this (120 ms) is a far end's clock running ahead, and is skipped.
const BACKLOG_SAMPLES_MAX: u32 = 960;

/// A step of the time stamp beyond this is a pause or a new stream, and is not filled with silence.
const GAP_SAMPLES_MAX: u32 = 800;

/// The place of three legs that hear each other.
#[derive(Debug)]
pub(super) struct Mixer {
    voices: [Voice; BRIDGE_LEGS_MAX],
    /// `readers[listener][speaker]`.
    readers: [[Reader; BRIDGE_LEGS_MAX]; BRIDGE_LEGS_MAX],
}

/// What one leg said lately, as linear samples in the order of their time stamps.
#[derive(Debug)]
struct Voice {
    samples: [i16; RING_SAMPLES],
    /// Index behind the last sample; it wraps, and never jumps.
    end: u32,
    /// The stream, and what is added to its time stamps to make an index.
    stream: Option<(u32, u32)>,
}

/// How far one leg has listened to another.
#[derive(Debug, Clone, Copy)]
struct Reader {
    at: u32,
    primed: bool,
}

impl Mixer {
    pub(super) fn new() -> Self {
        const NOTHING: Reader = Reader { at: 0, primed: false };
        Self {
            voices: std::array::from_fn(|_| Voice { samples: [0; RING_SAMPLES], end: 0, stream: None }),
            readers: [[NOTHING; BRIDGE_LEGS_MAX]; BRIDGE_LEGS_MAX],
        }
    }

    /// A packet of the voice of `seat`.
    pub(super) fn speak(&mut self, seat: usize, ssrc: u32, timestamp: u32, codec: Codec, payload: &[u8]) {
        if let Some(voice) = self.voices.get_mut(seat) {
            voice.write(ssrc, timestamp, codec, payload);
        }
    }

    /// The next 20 ms of what `seat` shall hear: everybody else, added up (N−1), kept within 16 bits, encoded.
    pub(super) fn listen(&mut self, seat: usize, codec: Codec) -> [u8; FRAME_SAMPLES] {
        let mut sum = [0i32; FRAME_SAMPLES];
        let Some(readers) = self.readers.get_mut(seat) else { return [codec.silence(); FRAME_SAMPLES] };
        for (speaker, (voice, reader)) in self.voices.iter().zip(readers).enumerate() {
            if speaker != seat {
                reader.add(voice, &mut sum);
            }
        }
        sum.map(|sample| {
            let clamped = sample.clamp(i32::from(i16::MIN), i32::from(i16::MAX));
            codec.encode_sample(clamped as i16)
        })
    }
}

impl Voice {
    fn write(&mut self, ssrc: u32, timestamp: u32, codec: Codec, payload: &[u8]) {
        let length = payload.len() as u32;
        if payload.len() >= RING_SAMPLES / 2 {
            return;
        }
        let shift = match self.stream {
            Some((known, shift)) if known == ssrc => {
                let ahead = timestamp.wrapping_add(shift).wrapping_sub(self.end).cast_signed();
                if ahead.unsigned_abs() <= GAP_SAMPLES_MAX { shift } else { self.end.wrapping_sub(timestamp) }
            }
            _ => self.end.wrapping_sub(timestamp),
        };
        self.stream = Some((ssrc, shift));
        let start = timestamp.wrapping_add(shift);
        while start.wrapping_sub(self.end).cast_signed() > 0 {
            self.samples[index(self.end)] = 0;
            self.end = self.end.wrapping_add(1);
        }
        let table = codec.mix_table();
        for (at, byte) in payload.iter().enumerate() {
            self.samples[index(start.wrapping_add(at as u32))] = table[usize::from(*byte)];
        }
        let behind = start.wrapping_add(length);
        if behind.wrapping_sub(self.end).cast_signed() > 0 {
            self.end = behind;
        }
    }
}

impl Reader {
    fn add(&mut self, voice: &Voice, sum: &mut [i32; FRAME_SAMPLES]) {
        let waiting = voice.end.wrapping_sub(self.at);
        if waiting > BACKLOG_SAMPLES_MAX {
            self.at = voice.end.wrapping_sub(PRIME_SAMPLES);
        } else if !self.primed && waiting < PRIME_SAMPLES {
            return;
        } else if waiting < FRAME_SAMPLES as u32 {
            // The next packet is late: silence now, and a little more patience.
            self.primed = false;
            return;
        }
        self.primed = true;
        for (offset, sum) in sum.iter_mut().enumerate() {
            *sum += i32::from(voice.samples[index(self.at.wrapping_add(offset as u32))]);
        }
        self.at = self.at.wrapping_add(FRAME_SAMPLES as u32);
    }
}

const fn index(at: u32) -> usize {
    at as usize % RING_SAMPLES
}

/// How the packets of one leg are renumbered for another, so that the other hears one unbroken stream of ours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Renumbering {
    pub(super) ssrc: u32,
    pub(super) sequence_shift: u16,
    pub(super) timestamp_shift: u32,
    pub(super) first_sequence: u16,
}

impl Renumbering {
    /// Starts at a packet of the other leg, which gets our next numbers.
    pub(super) fn start(ssrc: u32, sequence: u16, timestamp: u32, next_sequence: u16, next_timestamp: u32) -> Self {
        Self {
            ssrc,
            sequence_shift: next_sequence.wrapping_sub(sequence),
            timestamp_shift: next_timestamp.wrapping_sub(timestamp),
            first_sequence: sequence,
        }
    }

    /// Whether a packet was sent before the renumbering started; its numbers are used already.
    pub(super) fn is_before_start(&self, sequence: u16) -> bool {
        sequence.wrapping_sub(self.first_sequence).cast_signed() < 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speak_all(mixer: &mut Mixer, packet: u32, texts: [&[u8]; 3]) {
        for (seat, text) in texts.into_iter().enumerate() {
            let mut payload = [0xff; 160];
            payload[..text.len()].copy_from_slice(text);
            mixer.speak(seat, seat as u32, 1_000_000 * seat as u32 + packet * 160, Codec::Pcmu, &payload);
        }
    }

    #[test]
    fn each_hears_the_others_and_not_themselves() {
        let mut mixer = Mixer::new();
        speak_all(&mut mixer, 0, [b"caller", b"", b""]);
        speak_all(&mut mixer, 1, [b"", b"agent", b""]);
        speak_all(&mut mixer, 2, [b"", b"", b"interpreter"]);
        let mut frames: Vec<Vec<u8>> = vec![Vec::new(); 3];
        for packet in 3..8 {
            for (seat, frame) in frames.iter_mut().enumerate() {
                frame.extend(mixer.listen(seat, Codec::Pcmu));
            }
            speak_all(&mut mixer, packet, [b"", b"", b""]);
        }
        let text =
            |frame: &[u8]| String::from_utf8(frame.iter().copied().filter(|byte| *byte != 0xff).collect()).unwrap();
        assert_eq!(text(&frames[0]), "agentinterpreter");
        assert_eq!(text(&frames[1]), "callerinterpreter");
        assert_eq!(text(&frames[2]), "calleragent");
    }

    #[test]
    fn two_loud_voices_are_held_at_the_loudest_not_turned_over() {
        let mut mixer = Mixer::new();
        for packet in 0..3 {
            for seat in 0..2 {
                mixer.speak(seat, 1, packet * 160, Codec::Pcma, &[0xaa; 160]);
            }
        }
        assert_eq!(mixer.listen(2, Codec::Pcmu), [0x80; 160]);
        assert_eq!(mixer.listen(2, Codec::Pcma), [0xaa; 160]);
    }

    #[test]
    fn a_lost_and_a_late_packet_keep_the_order() {
        let mut mixer = Mixer::new();
        for (packet, byte) in [(0u32, b'a'), (2, b'c'), (1, b'b'), (4, b'e')] {
            mixer.speak(0, 1, packet * 160, Codec::Pcmu, &[byte; 160]);
        }
        let mut said = Vec::new();
        for _ in 0..5 {
            said.push(mixer.listen(1, Codec::Pcmu)[80]);
        }
        assert_eq!(said, [b'a', b'b', b'c', 0xff, b'e']);
        assert_eq!(mixer.listen(1, Codec::Pcmu), [0xff; 160], "nothing more has come");
    }

    #[test]
    fn a_far_clock_that_runs_ahead_does_not_build_up_delay() {
        let mut mixer = Mixer::new();
        for packet in 0..40u32 {
            mixer.speak(0, 1, packet * 160, Codec::Pcmu, &[packet as u8; 160]);
        }
        assert_eq!(mixer.listen(1, Codec::Pcmu)[0], 38, "40 ms behind the newest");
    }

    #[test]
    fn a_new_stream_or_a_long_pause_goes_on_without_a_gap() {
        let mut mixer = Mixer::new();
        for (ssrc, timestamp) in [(1, 0u32), (1, 160), (2, 999_999), (2, 5_000_000)] {
            mixer.speak(0, ssrc, timestamp, Codec::Pcmu, &[b'x'; 160]);
        }
        for _ in 0..4 {
            assert_eq!(mixer.listen(1, Codec::Pcmu), [b'x'; 160]);
        }
    }

    #[test]
    fn an_over_long_packet_is_left_out() {
        let mut mixer = Mixer::new();
        mixer.speak(0, 1, 0, Codec::Pcmu, &[b'x'; RING_SAMPLES]);
        mixer.speak(9, 1, 0, Codec::Pcmu, &[b'x'; 160]);
        assert_eq!(mixer.listen(1, Codec::Pcmu), [0xff; 160]);
        assert_eq!(mixer.listen(9, Codec::Pcmu), [0xff; 160]);
    }
}
