//! Gives the line a voice: a text in a language goes in, telephone sound comes out.
//! Which text is said when, and keeping the sound for the next caller, is left to `prompts`.
//!
//! Each way of speaking is a [`SpeechAdapter`]. [`Espeak`] is the built-in synthetic voice, [`Tape`] writes the
//! text itself into the sound so that a test can read it back, [`Silent`] says nothing at all and exists so that
//! a test can show that a silent line is noticed.

mod digits;
mod espeak;
mod silent;
mod tape;
mod telephone_band;
mod voices;
pub mod wav;

use async_trait::async_trait;
use std::time::Duration;
use thiserror::Error;

use crate::media::Codec;

pub use digits::{Digit, DigitTrouble, digit_words_are_distinct, digits_are_distinct, sounds_are_distinct};
pub use espeak::{Espeak, EspeakSettings};
pub use silent::Silent;
pub use tape::{Tape, TapeReader, TapeText};
pub(crate) use telephone_band::to_telephone_rate;
pub use telephone_band::{active_level_dbfs, to_telephone_band};
pub use voices::espeak_voice;

/// Samples a second of every sound on the telephone (G.711).
pub const TELEPHONE_RATE_HZ: u32 = 8_000;

/// The longest text that is spoken in one piece, in bytes of UTF-8: about ten minutes of speech.
pub const TEXT_BYTES_MAX: usize = 8_000;

/// A way to turn a text into telephone sound.
#[async_trait]
pub trait SpeechAdapter: Send + Sync {
    /// What the adapter is called in settings and reports, for example `espeak-ng`.
    fn name(&self) -> &str;

    /// The voice that speaks `language` (a tag as in the folders of the words catalogue, `es`), with all settings
    /// that change the sound: two equal names promise the same sound for the same text.
    ///
    /// # Errors
    /// [`SpeechFault::NoVoice`] if the adapter doesn't speak the language.
    fn voice(&self, language: &str) -> Result<String, SpeechFault>;

    /// Speaks `text`, which may be personal: an adapter keeps and prints nothing of it.
    ///
    /// # Errors
    /// A [`SpeechFault`]; none of them holds the text.
    async fn speak(&self, language: &str, text: &str) -> Result<Spoken, SpeechFault>;

    /// Whether the voice has to prove that it can say digits before a text with figures is left to it.
    fn must_prove_digits(&self) -> bool {
        true
    }

    /// The other language that the voice would fall into over this text (a Nepali voice reads `2` in English),
    /// or nothing if it stays in its own, or if the adapter can't tell.
    ///
    /// # Errors
    /// As for [`SpeechAdapter::speak`].
    async fn strays_into(&self, _language: &str, _text: &str) -> Result<Option<String>, SpeechFault> {
        Ok(None)
    }
}

/// Sound on the telephone's scale: 8,000 samples a second, 16 bits, one channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pcm8k(pub Vec<i16>);

impl Pcm8k {
    /// How long the sound lasts.
    #[must_use]
    pub fn duration(&self) -> Duration {
        samples_last(self.0.len())
    }
}

/// What an adapter hands back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// Sound, to be encoded for each codec.
    Sound(Pcm8k),
    /// Bytes that differ by codec in more than the encoding: only [`Tape`] does so.
    Encoded {
        /// The bytes for G.711 µ-law.
        ulaw: Vec<u8>,
        /// The bytes for G.711 A-law.
        alaw: Vec<u8>,
    },
}

impl Spoken {
    /// The payload bytes for one codec.
    #[must_use]
    pub fn encode(&self, codec: Codec) -> Vec<u8> {
        match (self, codec) {
            (Self::Sound(sound), _) => codec.encode(&sound.0),
            (Self::Encoded { ulaw, .. }, Codec::Pcmu) => ulaw.clone(),
            (Self::Encoded { alaw, .. }, Codec::Pcma) => alaw.clone(),
        }
    }

    /// The sound as a µ-law telephone would hear it.
    #[must_use]
    pub fn sound(&self) -> Pcm8k {
        match self {
            Self::Sound(sound) => sound.clone(),
            Self::Encoded { ulaw, .. } => Pcm8k(Codec::Pcmu.decode(ulaw)),
        }
    }
}

/// Something went wrong while speaking. Holds no word of the text.
#[derive(Debug, Error)]
pub enum SpeechFault {
    /// The adapter has no voice for this language.
    #[error("no voice for {language}: record prompts")]
    NoVoice {
        /// The language tag that was asked for.
        language: String,
    },
    /// The program that speaks is not there.
    #[error("{program} is not installed: run `apt-get install espeak-ng`")]
    ProgramMissing {
        /// The program that was looked for.
        program: String,
    },
    /// The text is longer than [`TEXT_BYTES_MAX`].
    #[error("a text of {bytes} bytes is too long to be spoken in one piece (at most {TEXT_BYTES_MAX}): split it")]
    TextTooLong {
        /// How long it is, in bytes.
        bytes: usize,
    },
    /// The program took longer than it may.
    #[error("{program} said nothing within {seconds} s")]
    TimedOut {
        /// The program.
        program: String,
        /// The limit, in seconds.
        seconds: u64,
    },
    /// The program ended with a failure.
    #[error("{program} failed ({status})")]
    ProgramFailed {
        /// The program.
        program: String,
        /// Its exit status in words.
        status: String,
    },
    /// What came out is no sound that we can use.
    #[error("{program} made no usable sound")]
    NoSound {
        /// The program.
        program: String,
        /// What is wrong with it.
        #[source]
        source: wav::WavFault,
    },
    /// The program could not be talked to.
    #[error("{program} could not be talked to")]
    Pipe {
        /// The program.
        program: String,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
}

/// How long so many telephone samples last.
pub(crate) fn samples_last(samples: usize) -> Duration {
    Duration::from_micros(samples as u64 * 1_000_000 / u64::from(TELEPHONE_RATE_HZ))
}
