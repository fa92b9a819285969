//! Names the prompts in a stream of telephone sound by comparing it, byte for byte, with the prompts on the shelf.
//! Reading the stream from packets, and putting lost ones in their place as gaps, is left to the test telephone.
//!
//! Each prompt is cut into frames of 160 samples from its start; the loud ones stand in a table by their hash. A
//! rolling hash over the last 160 samples finds a frame wherever it begins, so that neither packet borders nor lost
//! packets matter. A prompt is named once its sound can be no other one: of two prompts that begin alike, at the first
//! frame in which they differ.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::cache::load_all;
use super::{CacheFault, Prompt};
use crate::media::Codec;

/// Samples of a frame.
const FRAME: usize = 160;
/// A frame in which every sample is smaller than this is a pause, and is in no table.
const LOUD_SAMPLE_MIN: u16 = 32;
/// The multiplier of the rolling hash: any odd number with well-spread bits.
const HASH_BASE: u64 = 0x9E37_79B9_7F4A_7C15;
/// Places that are kept for one hash: a sound that stands in more prompts names none of them.
const PLACES_MAX: usize = 64;
/// Prompts that are followed at once.
const CANDIDATES_MAX: usize = 64;
/// Frames that may be lost in a row before a prompt is given up (5 s).
const LOST_FRAMES_MAX: usize = 250;
/// Frames that must agree before a prompt is named.
const MATCHES_MIN: usize = 2;

/// News from a [`Listener`]. Positions are counted in samples from the start of its stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A prompt was recognised.
    Began {
        /// Its names; several if the same sound has several.
        ids: Arc<[String]>,
        /// Where it began.
        at_sample: usize,
    },
    /// A prompt that was recognised is over.
    Ended {
        /// Its names.
        ids: Arc<[String]>,
        /// Where it ended.
        until_sample: usize,
        /// How much of it was played, in samples: less than `of_samples` if it was interrupted.
        heard_samples: usize,
        /// How long it is, in samples.
        of_samples: usize,
    },
}

/// The prompts of a store in a form that can be listened for.
pub struct PromptIndex {
    entries: Vec<Entry>,
    ulaw: HashMap<u64, Vec<Place>>,
    alaw: HashMap<u64, Vec<Place>>,
}

/// One sound.
struct Entry {
    ids: Arc<[String]>,
    ulaw: Side,
    alaw: Side,
}

/// One sound while its names are gathered.
type NamedSound = (Arc<Prompt>, Vec<String>);

/// One sound in one codec.
struct Side {
    bytes: Arc<[u8]>,
    loud: Vec<bool>,
}

#[derive(Clone, Copy)]
struct Place {
    entry: usize,
    frame: usize,
}

impl PromptIndex {
    /// An index over these prompts; equal sounds are put together.
    #[must_use]
    pub fn new(mut prompts: Vec<Arc<Prompt>>) -> Self {
        prompts.sort_by(|a, b| a.id().cmp(b.id()));
        let mut by_sound: HashMap<Arc<[u8]>, NamedSound> = HashMap::new();
        for prompt in prompts {
            let (_, ids) =
                by_sound.entry(prompt.bytes(Codec::Pcmu).clone()).or_insert_with(|| (prompt.clone(), Vec::new()));
            if ids.last().is_none_or(|last| last != prompt.id()) {
                ids.push(prompt.id().to_owned());
            }
        }
        let mut entries: Vec<Entry> = by_sound
            .into_values()
            .map(|(prompt, ids)| Entry {
                ids: ids.into(),
                ulaw: Side::new(Codec::Pcmu, &prompt),
                alaw: Side::new(Codec::Pcma, &prompt),
            })
            .collect();
        entries.sort_by(|a, b| a.ids.cmp(&b.ids));
        let ulaw = table(entries.iter().map(|entry| &entry.ulaw));
        let alaw = table(entries.iter().map(|entry| &entry.alaw));
        Self { entries, ulaw, alaw }
    }

    /// An index over a store's cache folder, for a telephone that runs in another process than the line.
    ///
    /// # Errors
    /// The folder can't be read.
    pub fn load(cache_folder: &Path) -> Result<Self, CacheFault> {
        Ok(Self::new(load_all(cache_folder)?.into_iter().map(Arc::new).collect()))
    }

    /// How many different sounds it knows.
    #[must_use]
    pub fn sounds(&self) -> usize {
        self.entries.len()
    }

    /// Starts to listen to a stream.
    #[must_use]
    pub fn listener(self: &Arc<Self>, codec: Codec) -> Listener {
        let oldest_weight = (1..FRAME).fold(1u64, |weight, _| weight.wrapping_mul(HASH_BASE));
        Listener {
            index: self.clone(),
            codec,
            window: [0; FRAME],
            filled: 0,
            hash: 0,
            oldest_weight,
            position: 0,
            waited: 0,
            candidates: Vec::new(),
        }
    }

    fn side(&self, entry: usize, codec: Codec) -> &Side {
        match codec {
            Codec::Pcmu => &self.entries[entry].ulaw,
            Codec::Pcma => &self.entries[entry].alaw,
        }
    }

    fn places(&self, hash: u64, codec: Codec) -> &[Place] {
        let table = match codec {
            Codec::Pcmu => &self.ulaw,
            Codec::Pcma => &self.alaw,
        };
        table.get(&hash).map_or(&[], Vec::as_slice)
    }
}

impl std::fmt::Debug for PromptIndex {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "PromptIndex({} sounds)", self.entries.len())
    }
}

/// Follows one stream.
pub struct Listener {
    index: Arc<PromptIndex>,
    codec: Codec,
    /// The last samples, as a ring: the oldest stands at `position % FRAME`.
    window: [u8; FRAME],
    /// Samples without a gap up to now, at most [`FRAME`].
    filled: usize,
    hash: u64,
    oldest_weight: u64,
    /// Samples of sound so far, lost ones included; times in which the sender waited are left out.
    position: usize,
    /// Samples of time in which the sender waited.
    waited: usize,
    candidates: Vec<Candidate>,
}

/// A prompt that may be playing.
struct Candidate {
    entry: usize,
    /// Where its first sample stood, as [`Listener::position`] counts; negative if listening began in its middle.
    start: i64,
    /// How long the sender had waited when it was found.
    waited: usize,
    /// The frame that is expected next.
    next: usize,
    matched: usize,
    lost_in_a_row: usize,
    named: bool,
    fate: Fate,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Playing,
    /// All its frames have passed.
    Complete,
    /// Something else was heard where it should have been.
    Broken,
}

impl Listener {
    /// Takes payload bytes that follow on the ones before.
    pub fn feed(&mut self, payload: &[u8]) -> Vec<Heard> {
        let mut heard = Vec::new();
        for byte in payload {
            self.take(*byte, &mut heard);
        }
        heard
    }

    /// Takes note that so many samples were lost.
    pub fn gap(&mut self, samples: usize) -> Vec<Heard> {
        self.filled = 0;
        self.hash = 0;
        self.position += samples;
        let position = self.position as i64;
        for candidate in self.candidates.iter_mut().filter(|candidate| candidate.fate == Fate::Playing) {
            let frames = self.index.side(candidate.entry, self.codec).loud.len();
            while candidate.next < frames && candidate.next_ends() <= position {
                candidate.next += 1;
                candidate.lost_in_a_row += 1;
            }
            if candidate.lost_in_a_row > LOST_FRAMES_MAX {
                candidate.fate = Fate::Broken;
            } else if candidate.next == frames {
                candidate.fate = Fate::Complete;
            }
        }
        let mut heard = Vec::new();
        self.settle(&mut heard);
        heard
    }

    /// Takes note that the sender waited for so many samples and lost nothing: what comes next follows on what came
    /// before. A sender that is held up in the middle of a prompt goes on where it was.
    pub fn wait(&mut self, samples: usize) {
        self.waited += samples;
    }

    /// Nothing has come for a while. Of prompts that begin alike, a short one that was over is named now. A prompt in its
    /// middle may still go on, so it stays open.
    pub fn pause(&mut self) -> Vec<Heard> {
        let mut heard = Vec::new();
        let position = self.position as i64;
        let is_over = |candidate: &Candidate| {
            // Its own last packet is no sign that no more of a longer one follows.
            candidate.fate == Fate::Complete && candidate.next_ends() <= position
        };
        if self.candidates.iter().any(is_over) {
            for candidate in &mut self.candidates {
                if candidate.fate == Fate::Playing && !candidate.named {
                    candidate.fate = Fate::Broken;
                }
            }
            self.settle(&mut heard);
        }
        heard
    }

    /// Where the first of the prompts began that may be playing and have no name yet.
    #[must_use]
    pub fn unnamed_from(&self) -> Option<usize> {
        let open = self.candidates.iter().filter(|candidate| !candidate.named && candidate.fate != Fate::Broken);
        open.map(Candidate::began_at).min()
    }

    /// The stream is over: decides what is still open.
    pub fn finish(&mut self) -> Vec<Heard> {
        let mut heard = Vec::new();
        for candidate in &mut self.candidates {
            if candidate.fate == Fate::Playing {
                candidate.fate = Fate::Broken;
            }
        }
        self.settle(&mut heard);
        self.filled = 0;
        self.hash = 0;
        heard
    }

    fn take(&mut self, byte: u8, heard: &mut Vec<Heard>) {
        let at = self.position % FRAME;
        let oldest = if self.filled == FRAME { u64::from(self.window[at]) } else { 0 };
        self.hash = self
            .hash
            .wrapping_sub(oldest.wrapping_mul(self.oldest_weight))
            .wrapping_mul(HASH_BASE)
            .wrapping_add(u64::from(byte));
        self.window[at] = byte;
        self.filled = (self.filled + 1).min(FRAME);
        self.position += 1;
        if self.follow() {
            self.settle(heard);
        }
        if self.filled == FRAME && self.discover() {
            self.settle(heard);
        }
    }

    /// Judges every candidate of which a frame ends here; tells whether there was one.
    fn follow(&mut self) -> bool {
        let position = self.position as i64;
        let mut judged = false;
        for candidate in &mut self.candidates {
            if candidate.fate != Fate::Playing || candidate.next_ends() != position {
                continue;
            }
            judged = true;
            let side = self.index.side(candidate.entry, self.codec);
            if self.filled < FRAME {
                candidate.lost_in_a_row += 1;
            } else if side.loud[candidate.next] {
                if side.is_at(candidate.next, &self.window, self.position) {
                    candidate.matched += 1;
                    candidate.lost_in_a_row = 0;
                } else {
                    candidate.fate = Fate::Broken;
                    continue;
                }
            }
            candidate.next += 1;
            if candidate.next == side.loud.len() {
                candidate.fate = Fate::Complete;
            } else if candidate.lost_in_a_row > LOST_FRAMES_MAX {
                candidate.fate = Fate::Broken;
            }
        }
        judged
    }

    /// Looks up whether a frame of a prompt that isn't followed yet ends here.
    fn discover(&mut self) -> bool {
        let index = self.index.clone();
        let before = self.candidates.len();
        for place in index.places(self.hash, self.codec) {
            let known = self.candidates.iter().any(|candidate| candidate.entry == place.entry);
            let side = index.side(place.entry, self.codec);
            if known || self.candidates.len() >= CANDIDATES_MAX || !side.is_at(place.frame, &self.window, self.position)
            {
                continue;
            }
            let last = place.frame + 1 == side.loud.len();
            self.candidates.push(Candidate {
                entry: place.entry,
                start: self.position as i64 - ((place.frame + 1) * FRAME) as i64,
                waited: self.waited,
                next: place.frame + 1,
                matched: 1,
                lost_in_a_row: 0,
                named: false,
                fate: if last { Fate::Complete } else { Fate::Playing },
            });
        }
        self.candidates.len() > before
    }

    /// Names what can be named and lets go of what is over.
    fn settle(&mut self, heard: &mut Vec<Heard>) {
        let index = self.index.clone();
        // What was never named and turned out to be something else was never heard, unless nothing else fits.
        let alive = |candidate: &Candidate| candidate.fate != Fate::Broken;
        for at in 0..self.candidates.len() {
            let candidate = &self.candidates[at];
            if candidate.named || !self.is_certain(at) {
                continue;
            }
            heard.push(Heard::Began {
                ids: index.entries[candidate.entry].ids.clone(),
                at_sample: candidate.began_at(),
            });
            self.candidates[at].named = true;
            // The others were only alike.
            for other in 0..self.candidates.len() {
                if other != at && !self.candidates[other].named && alive(&self.candidates[other]) {
                    self.candidates[other].fate = Fate::Broken;
                }
            }
        }
        let playing = self.candidates.iter().any(|candidate| candidate.fate == Fate::Playing);
        let (codec, waited) = (self.codec, self.waited);
        self.candidates.retain(|candidate| match candidate.fate {
            Fate::Playing => true,
            // It may turn out to be what was heard once the longer ones have broken off.
            Fate::Complete if !candidate.named && playing => true,
            Fate::Complete | Fate::Broken => {
                if candidate.named {
                    let of_samples = index.side(candidate.entry, codec).bytes.len();
                    heard.push(Heard::Ended {
                        ids: index.entries[candidate.entry].ids.clone(),
                        until_sample: usize::try_from(candidate.start).unwrap_or(0) + candidate.next * FRAME + waited,
                        heard_samples: (candidate.next * FRAME).min(of_samples),
                        of_samples,
                    });
                }
                false
            }
        });
    }

    /// Whether the candidate has enough in its favour and no other is still possible.
    fn is_certain(&self, at: usize) -> bool {
        let candidate = &self.candidates[at];
        let loud = self.index.side(candidate.entry, self.codec).loud.iter().filter(|loud| **loud).count();
        let enough = candidate.matched >= MATCHES_MIN.min(loud);
        // A prompt that was named and still goes on explains this sound: another one that shares a syllable is not heard.
        let explained = self.candidates.iter().any(|other| other.named && other.fate == Fate::Playing);
        let rivals = self
            .candidates
            .iter()
            .enumerate()
            .filter(|(other, rival)| *other != at && !rival.named && rival.fate != Fate::Broken);
        let rivals: Vec<&Candidate> = rivals.map(|(_, rival)| rival).collect();
        enough
            && !explained
            && match candidate.fate {
                Fate::Broken => false,
                // A longer prompt that begins alike is still playing: wait for it.
                Fate::Complete => rivals.iter().all(|rival| {
                    rival.fate == Fate::Complete && rival.matched < candidate.matched
                        || rival.fate == Fate::Complete
                            && rival.matched == candidate.matched
                            && rival.entry > candidate.entry
                }),
                Fate::Playing => rivals.iter().all(|rival| {
                    // A shorter one that is over while this one goes on was only its beginning.
                    rival.fate == Fate::Complete && rival.matched < candidate.matched
                }),
            }
    }
}

impl Candidate {
    /// Where it began in the stream.
    fn began_at(&self) -> usize {
        usize::try_from(self.start).unwrap_or(0) + self.waited
    }

    fn next_ends(&self) -> i64 {
        self.start + ((self.next + 1) * FRAME) as i64
    }
}

impl Side {
    fn new(codec: Codec, prompt: &Prompt) -> Self {
        let bytes = prompt.bytes(codec).clone();
        let loud = bytes
            .chunks_exact(FRAME)
            .map(|frame| frame.iter().any(|byte| codec.decode_sample(*byte).unsigned_abs() >= LOUD_SAMPLE_MIN))
            .collect();
        Self { bytes, loud }
    }

    /// Whether the ring holds this frame, its oldest sample standing at `position % FRAME`.
    fn is_at(&self, frame: usize, window: &[u8; FRAME], position: usize) -> bool {
        let (newer, older) = window.split_at(position % FRAME);
        let bytes = &self.bytes[frame * FRAME..(frame + 1) * FRAME];
        bytes[..older.len()] == *older && bytes[older.len()..] == *newer
    }
}

fn table<'a>(sides: impl Iterator<Item = &'a Side>) -> HashMap<u64, Vec<Place>> {
    let mut table: HashMap<u64, Vec<Place>> = HashMap::new();
    for (entry, side) in sides.enumerate() {
        for (frame, bytes) in side.bytes.chunks_exact(FRAME).enumerate() {
            if side.loud[frame] {
                let hash =
                    bytes.iter().fold(0u64, |hash, byte| hash.wrapping_mul(HASH_BASE).wrapping_add(u64::from(*byte)));
                let places = table.entry(hash).or_default();
                if places.len() < PLACES_MAX {
                    places.push(Place { entry, frame });
                }
            }
        }
    }
    table
}
