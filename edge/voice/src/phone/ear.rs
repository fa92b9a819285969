//! The ear of the test telephone: puts packets in order, keeps the sound, and names what it hears.
//! Getting packets from the network is left to `sound`, understanding them to the tape reader and the prompt index.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::other_sound::OtherSound;
use super::transcript::PhoneEvent;
use crate::media::Codec;
use crate::media::rtp::RtpHeader;
use crate::prompts::{Heard, Listener, PromptIndex};
use crate::speech::{TapeReader, samples_last};

/// Sound that is kept: one hour.
const SAMPLES_MAX: usize = 8_000 * 3_600;
/// Packets that wait for a missing one before it is given up, and how long.
const WAITING_MAX: usize = 4;
const WAITING_TIME_MAX: Duration = Duration::from_millis(80);
/// Samples of a packet of 20 ms.
const PACKET_SAMPLES: usize = 160;
/// A pause in the sender's clock longer than this (10 s) is kept as this.
const PAUSE_SAMPLES_MAX: usize = 80_000;
/// A jump of the sequence numbers further than this is a new stream.
const SEQUENCE_JUMP_MAX: i64 = 1_000;
/// A packet with a sample as loud as this is speech (comfort noise stays below).
const SPEECH_SAMPLE_MIN: u16 = 200;
/// After this long without speech the line is quiet.
const QUIET_AFTER: Duration = Duration::from_millis(300);
/// After this long without any packet what was begun is taken to be over.
const STOPPED_AFTER: Duration = Duration::from_millis(200);

/// What the telephone listens for.
#[derive(Clone, Debug, Default)]
pub struct Attention {
    /// Prompts to be named.
    pub prompts: Option<Arc<PromptIndex>>,
    /// Whether the line speaks with the tape voice.
    pub tape: bool,
}

pub(super) struct Ear {
    codec: Codec,
    tape: Option<TapeReader>,
    prompts: Option<Listener>,
    /// What was heard and is none of the prompts.
    other: OtherSound,
    bytes: Vec<u8>,
    /// At which time the packet that begins at this sample came.
    arrivals: Vec<(usize, Duration)>,
    stream: Option<Stream>,
    last_packet_at: Option<Duration>,
    last_speech_at: Option<Duration>,
    speaking: bool,
    stopped: bool,
}

struct Stream {
    ssrc: u32,
    /// The number of the packet that comes next, counted on beyond 65,535.
    next: i64,
    next_timestamp: u32,
    waiting: BTreeMap<i64, (u32, Vec<u8>, Duration)>,
}

impl Ear {
    pub(super) fn new(codec: Codec, attention: &Attention) -> Self {
        Self {
            codec,
            tape: attention.tape.then(|| TapeReader::new(codec)),
            prompts: attention.prompts.as_ref().map(|index| index.listener(codec)),
            other: OtherSound::default(),
            bytes: Vec::new(),
            arrivals: Vec::new(),
            stream: None,
            last_packet_at: None,
            last_speech_at: None,
            speaking: false,
            stopped: false,
        }
    }

    /// All that was heard, with silence where packets were lost.
    pub(super) fn samples(&self) -> Vec<i16> {
        self.codec.decode(&self.bytes)
    }

    /// The payload bytes that were heard, from the sample `from`.
    pub(super) fn payload(&self, from: usize) -> Vec<u8> {
        self.bytes.get(from..).map(<[u8]>::to_vec).unwrap_or_default()
    }

    /// A voice packet.
    pub(super) fn packet(&mut self, header: RtpHeader, payload: &[u8], at: Duration) -> Vec<(Duration, PhoneEvent)> {
        let mut events = Vec::new();
        self.last_packet_at = Some(at);
        self.stopped = false;
        let number = match &self.stream {
            Some(stream) if stream.ssrc == header.ssrc => {
                let step = i64::from(header.sequence.wrapping_sub(stream.next as u16).cast_signed());
                stream.next + step
            }
            _ => i64::MAX,
        };
        match &mut self.stream {
            Some(stream) if (number - stream.next).abs() <= SEQUENCE_JUMP_MAX => {
                if number >= stream.next {
                    stream.waiting.insert(number, (header.timestamp, payload.to_vec(), at));
                }
                // Else it came too late, or twice.
            }
            _ => {
                self.release(None, &mut events);
                let number = i64::from(header.sequence);
                let waiting = BTreeMap::from([(number, (header.timestamp, payload.to_vec(), at))]);
                self.stream =
                    Some(Stream { ssrc: header.ssrc, next: number, next_timestamp: header.timestamp, waiting });
            }
        }
        self.release(Some(at), &mut events);
        events
    }

    /// Time passes.
    pub(super) fn tick(&mut self, now: Duration) -> Vec<(Duration, PhoneEvent)> {
        let mut events = Vec::new();
        self.release(Some(now), &mut events);
        if !self.stopped && self.last_packet_at.is_some_and(|at| now >= at + STOPPED_AFTER) {
            self.stopped = true;
            self.pause(now, &mut events);
        }
        if self.speaking && self.last_speech_at.is_some_and(|at| now >= at + QUIET_AFTER) {
            self.speaking = false;
            events.push((now, PhoneEvent::SoundEnded));
        }
        events
    }

    /// The call is over: everything that waits is told.
    pub(super) fn finish(&mut self, now: Duration) -> Vec<(Duration, PhoneEvent)> {
        let mut events = Vec::new();
        self.release(None, &mut events);
        let texts = self.tape.as_mut().map(TapeReader::finish).unwrap_or_default();
        events.extend(texts.into_iter().map(|text| (now, PhoneEvent::HeardText(text))));
        let heard = self.prompts.as_mut().map(Listener::finish).unwrap_or_default();
        self.tell(heard, now, &mut events);
        self.tell_other(self.bytes.len(), &mut events);
        events
    }

    /// Nothing has come for a while: the line is quiet, or it is held up in the middle of its words.
    fn pause(&mut self, now: Duration, events: &mut Vec<(Duration, PhoneEvent)>) {
        let texts = self.tape.as_mut().map(TapeReader::pause).unwrap_or_default();
        events.extend(texts.into_iter().map(|text| (now, PhoneEvent::HeardText(text))));
        let heard = self.prompts.as_mut().map(Listener::pause).unwrap_or_default();
        self.tell(heard, now, events);
        // What has no name by now has none, unless it is the beginning of a prompt that may go on.
        let open = self.prompts.as_ref().and_then(Listener::unnamed_from);
        self.tell_other(open.unwrap_or(self.bytes.len()), events);
    }

    fn tell_other(&mut self, before: usize, events: &mut Vec<(Duration, PhoneEvent)>) {
        let other = self.other.settle(before);
        events.extend(other.into_iter().map(|(at, length)| (at, PhoneEvent::HeardOther { length })));
    }

    /// Hands on the packets whose turn it is; a missing one is given up when too many wait for it, or too long
    /// (`None`: at once).
    fn release(&mut self, now: Option<Duration>, events: &mut Vec<(Duration, PhoneEvent)>) {
        loop {
            let Some(stream) = &mut self.stream else { return };
            let Some((&number, (timestamp, _, came_at))) = stream.waiting.first_key_value() else { return };
            let missing = usize::try_from(number - stream.next).unwrap_or(0);
            let patient =
                now.is_some_and(|now| stream.waiting.len() < WAITING_MAX && now < *came_at + WAITING_TIME_MAX);
            if missing > 0 && patient {
                return;
            }
            // Positive: time that the sender counted and that we heard nothing of.
            let ahead = timestamp.wrapping_sub(stream.next_timestamp).cast_signed();
            let Some((_, (timestamp, payload, came_at))) = stream.waiting.pop_first() else { return };
            stream.next = number + 1;
            stream.next_timestamp = timestamp.wrapping_add(payload.len() as u32);
            let ahead = usize::try_from(ahead).unwrap_or(0).min(PAUSE_SAMPLES_MAX);
            // Numbers are missing where packets were lost. Where time is missing and no number, the sender sent nothing:
            // it was silent, or held up, and goes on where it was.
            let lost = (missing * PACKET_SAMPLES).min(if ahead > 0 { ahead } else { PAUSE_SAMPLES_MAX });
            if missing > 0 {
                events.push((came_at, PhoneEvent::Lost { packets: missing }));
                self.take_gap(lost, came_at, events);
            }
            if ahead > lost {
                self.keep(&vec![self.codec.silence(); ahead - lost], came_at);
                if let Some(prompts) = &mut self.prompts {
                    prompts.wait(ahead - lost);
                }
            }
            self.take(&payload, came_at, events);
        }
    }

    fn take_gap(&mut self, samples: usize, at: Duration, events: &mut Vec<(Duration, PhoneEvent)>) {
        self.keep(&vec![self.codec.silence(); samples], at);
        let texts = self.tape.as_mut().map(|tape| tape.gap(samples)).unwrap_or_default();
        events.extend(texts.into_iter().map(|text| (at, PhoneEvent::HeardText(text))));
        let heard = self.prompts.as_mut().map(|prompts| prompts.gap(samples)).unwrap_or_default();
        self.tell(heard, at, events);
    }

    fn take(&mut self, payload: &[u8], at: Duration, events: &mut Vec<(Duration, PhoneEvent)>) {
        self.keep(payload, at);
        let codec = self.codec;
        let loud = payload.iter().any(|byte| codec.decode_sample(*byte).unsigned_abs() >= SPEECH_SAMPLE_MIN);
        if loud {
            self.last_speech_at = Some(at);
            if !self.speaking {
                self.speaking = true;
                events.push((at, PhoneEvent::SoundBegan));
            }
        }
        if loud && self.prompts.is_some() {
            self.other.heard(self.bytes.len().saturating_sub(payload.len()), payload.len(), at);
        }
        let texts = self.tape.as_mut().map(|tape| tape.feed(payload)).unwrap_or_default();
        if !texts.is_empty() {
            // It was read: the tape's sound has its name.
            self.other.forget();
        }
        events.extend(texts.into_iter().map(|text| (at, PhoneEvent::HeardText(text))));
        let heard = self.prompts.as_mut().map(|prompts| prompts.feed(payload)).unwrap_or_default();
        self.tell(heard, at, events);
    }

    /// Whether the last packet brought speech.
    pub(super) fn hears_speech(&self) -> bool {
        self.last_speech_at.is_some() && self.last_speech_at == self.last_packet_at
    }

    fn keep(&mut self, payload: &[u8], at: Duration) {
        if self.bytes.len() + payload.len() <= SAMPLES_MAX {
            self.arrivals.push((self.bytes.len(), at));
            self.bytes.extend_from_slice(payload);
        }
    }

    fn tell(&mut self, heard: Vec<Heard>, now: Duration, events: &mut Vec<(Duration, PhoneEvent)>) {
        for heard in heard {
            match heard {
                Heard::Began { ids, at_sample } => {
                    let other = self.other.settle(at_sample);
                    events.extend(other.into_iter().map(|(at, length)| (at, PhoneEvent::HeardOther { length })));
                    self.other.began(&ids, at_sample);
                    events.push((self.time_of(at_sample, now), PhoneEvent::HeardPrompt { ids }));
                }
                Heard::Ended { ids, until_sample, heard_samples, of_samples } => {
                    self.other.ended(&ids, until_sample);
                    let (heard, of) = (samples_last(heard_samples), samples_last(of_samples));
                    events.push((now, PhoneEvent::PromptEnded { ids, heard, of }));
                }
            }
        }
    }

    fn time_of(&self, sample: usize, now: Duration) -> Duration {
        let after = self.arrivals.partition_point(|(from, _)| *from <= sample);
        after.checked_sub(1).and_then(|at| self.arrivals.get(at)).map_or(now, |(_, time)| *time)
    }
}
