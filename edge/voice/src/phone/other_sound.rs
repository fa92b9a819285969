//! What the test telephone hears and can't name: how long it sounded, and when it began.
//! Naming prompts is left to the prompt index; what the rest was, to whoever reads the transcript.

use std::sync::Arc;
use std::time::Duration;

use crate::speech::samples_last;

/// Loud packets that are remembered until something is named: ten minutes of speech.
const PACKETS_MAX: usize = 30_000;
/// Prompts whose place is remembered.
const PROMPTS_MAX: usize = 256;
/// Loud packets this close to each other (half a second) are one sound.
const APART_SAMPLES_MIN: usize = 4_000;
/// Less than this (a tenth of a second) is the edge of a prompt, or a click.
const SOUND_SAMPLES_MIN: usize = 800;

/// Loud packets that no prompt has explained so far.
#[derive(Debug, Default)]
pub(super) struct OtherSound {
    packets: Vec<Packet>,
    /// Where prompts were: from a sample to another, or still going on.
    prompts: Vec<Place>,
}

#[derive(Debug, Clone, Copy)]
struct Packet {
    from: usize,
    samples: usize,
    at: Duration,
}

#[derive(Debug)]
struct Place {
    ids: Arc<[String]>,
    from: usize,
    to: Option<usize>,
}

impl OtherSound {
    /// A loud packet that begins at this sample.
    pub(super) fn heard(&mut self, from: usize, samples: usize, at: Duration) {
        if self.packets.len() < PACKETS_MAX {
            self.packets.push(Packet { from, samples, at });
        }
    }

    /// A prompt was named that began at this sample.
    pub(super) fn began(&mut self, ids: &Arc<[String]>, from: usize) {
        if self.prompts.len() >= PROMPTS_MAX {
            self.prompts.remove(0);
        }
        self.prompts.push(Place { ids: Arc::clone(ids), from, to: None });
    }

    /// A prompt is over since this sample.
    pub(super) fn ended(&mut self, ids: &Arc<[String]>, until: usize) {
        if let Some(place) = self.prompts.iter_mut().rev().find(|place| place.ids == *ids && place.to.is_none()) {
            place.to = Some(until);
        }
    }

    /// All of it was understood in another way.
    pub(super) fn forget(&mut self) {
        self.packets.clear();
    }

    /// What before this sample was no prompt: when each sound began and how long it was.
    pub(super) fn settle(&mut self, before: usize) -> Vec<(Duration, Duration)> {
        let prompts = &self.prompts;
        let is_named = |packet: &Packet| {
            prompts
                .iter()
                .any(|place| packet.from + packet.samples > place.from && place.to.is_none_or(|to| packet.from < to))
        };
        let due = self.packets.extract_if(.., |packet| packet.from + packet.samples <= before);
        let mut sounds: Vec<(Packet, usize)> = Vec::new();
        for packet in due.filter(|packet| !is_named(packet)) {
            match sounds.last_mut() {
                Some((first, end)) if packet.from < *end + APART_SAMPLES_MIN => {
                    *end = packet.from + packet.samples;
                    first.samples = *end - first.from;
                }
                _ => sounds.push((packet, packet.from + packet.samples)),
            }
        }
        self.prompts.retain(|place| place.to.is_none_or(|to| to > before));
        sounds.retain(|(first, _)| first.samples >= SOUND_SAMPLES_MIN);
        sounds.into_iter().map(|(first, _)| (first.at, samples_last(first.samples))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(at: usize) -> Duration {
        Duration::from_secs(at as u64)
    }

    fn hears(other: &mut OtherSound, from: usize, packets: usize) {
        for packet in 0..packets {
            other.heard(from + packet * 160, 160, second(from / 8_000));
        }
    }

    #[test]
    fn what_lies_between_two_named_prompts_is_told_with_its_length() {
        let ids: Arc<[String]> = Arc::new(["es/source".to_owned()]);
        let mut other = OtherSound::default();
        hears(&mut other, 0, 50);
        assert!(other.settle(0).is_empty());
        other.began(&ids, 0);
        other.ended(&ids, 8_000);
        // A court's name, spoken afresh.
        hears(&mut other, 16_000, 100);
        hears(&mut other, 40_000, 50);
        assert_eq!(other.settle(40_000), [(second(2), second(2))]);
        other.began(&ids, 40_000);
        assert!(other.settle(48_000).is_empty(), "a prompt that goes on has its name");
    }

    #[test]
    fn a_click_and_a_text_that_was_read_are_nothing() {
        let mut other = OtherSound::default();
        hears(&mut other, 0, 3);
        assert!(other.settle(8_000).is_empty());
        hears(&mut other, 8_000, 50);
        other.forget();
        assert!(other.settle(80_000).is_empty());
    }
}
