//! Everything the line can say, as sound that is ready before the caller asks for it.
//! Which words belong to which step is left to the conversation; making new sound is left to `speech`.
//!
//! A prompt is looked for in this order: a recording of a person from a prompt pack; what was spoken earlier, in
//! memory or in the cache folder; the speech adapter. Every prompt is encoded once for both codecs and shared.
//! A personal text is spoken afresh and kept nowhere: what is often needed of it (digits, months, hours) should be
//! asked for as parts, which are fixed texts like any other.

mod cache;
mod index;
mod pack;
mod rendering;
mod store;

use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

use crate::media::{Codec, EncodedPrompt, MediaFault};
use crate::speech::{Digit, SpeechFault, Spoken};

pub use cache::{CacheFault, cached_prompts_never_panic};
pub use index::{Heard, Listener, PromptIndex};
pub use pack::{PackFault, PromptPack, Recording, pack_sounds_never_panic, packs_never_panic};
pub use rendering::{RenderProgress, RenderReport};
pub use store::{PromptStore, PromptStoreSettings};

/// Whether a text holds anything of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Personal {
    /// It does: spoken afresh, kept neither in memory nor on disk, not in the index.
    Yes,
    /// It is the same for everybody.
    No,
}

/// What is to be said.
#[derive(Clone, PartialEq, Eq)]
pub struct PromptRequest {
    /// The name by which the outside knows it, with its language: `es/reason-ask`, `es/part/digit-3`.
    pub id: String,
    /// The language tag, `es`.
    pub language: String,
    /// The text to be spoken if there is no recording.
    pub text: String,
    /// Whether the text holds anything of a caller.
    pub personal: Personal,
}

impl PromptRequest {
    /// A text that is the same for everybody.
    #[must_use]
    pub fn fixed(id: &str, language: &str, text: &str) -> Self {
        let (id, language, text) = (id.to_owned(), language.to_owned(), text.to_owned());
        Self { id, language, text, personal: Personal::No }
    }

    /// A text that holds something of a caller.
    #[must_use]
    pub fn personal(id: &str, language: &str, text: &str) -> Self {
        Self { personal: Personal::Yes, ..Self::fixed(id, language, text) }
    }
}

// The text may be personal.
impl std::fmt::Debug for PromptRequest {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "PromptRequest({}, {:?})", self.id, self.personal)
    }
}

/// Where a prompt's sound comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptSource {
    /// A person's recording from a prompt pack.
    Recording,
    /// The speech adapter, now or earlier.
    Speech,
}

/// One prompt, encoded for both codecs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    id: String,
    source: PromptSource,
    ulaw: EncodedPrompt,
    alaw: EncodedPrompt,
}

impl Prompt {
    /// Wraps payload bytes of both codecs.
    pub(crate) fn new(id: &str, source: PromptSource, ulaw: Vec<u8>, alaw: Vec<u8>) -> Result<Self, MediaFault> {
        let ulaw = EncodedPrompt::new(Codec::Pcmu, ulaw)?;
        let alaw = EncodedPrompt::new(Codec::Pcma, alaw)?;
        Ok(Self { id: id.to_owned(), source, ulaw, alaw })
    }

    pub(crate) fn of_speech(id: &str, spoken: &Spoken) -> Result<Self, MediaFault> {
        let (ulaw, alaw) = (spoken.encode(Codec::Pcmu), spoken.encode(Codec::Pcma));
        Self::new(id, PromptSource::Speech, ulaw, alaw)
    }

    /// The same sound under another name.
    pub(crate) fn named(&self, id: &str) -> Self {
        Self { id: id.to_owned(), ..self.clone() }
    }

    /// The name by which the outside knows it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where the sound comes from.
    #[must_use]
    pub fn source(&self) -> PromptSource {
        self.source
    }

    /// The prompt for the media engine; cloning it copies no sound.
    #[must_use]
    pub fn encoded(&self, codec: Codec) -> &EncodedPrompt {
        match codec {
            Codec::Pcmu => &self.ulaw,
            Codec::Pcma => &self.alaw,
        }
    }

    /// The payload bytes.
    #[must_use]
    pub fn bytes(&self, codec: Codec) -> &Arc<[u8]> {
        self.encoded(codec).bytes()
    }

    /// How long it sounds.
    #[must_use]
    pub fn length(&self) -> Duration {
        self.ulaw.length()
    }
}

/// Why a prompt can't be had.
#[derive(Debug, Error)]
pub enum PromptFault {
    /// It could not be spoken.
    #[error("prompt {id} can't be spoken")]
    Speech {
        /// The prompt.
        id: String,
        /// Why.
        #[source]
        source: SpeechFault,
    },
    /// The text holds figures and the voice of this language can't be trusted with them.
    #[error(
        "prompt {id} holds figures, and the voice for {language} does not speak them safely ({}): record the digits in a prompt pack",
        in_words(digits)
    )]
    DigitsNotSafe {
        /// The prompt.
        id: String,
        /// The language tag.
        language: String,
        /// What is wrong with which digit.
        digits: Vec<Digit>,
    },
    /// The sound is longer than the media engine takes.
    #[error("prompt {id} is too long")]
    TooLong {
        /// The prompt.
        id: String,
        /// The limit that was met.
        #[source]
        source: MediaFault,
    },
}

fn in_words(digits: &[Digit]) -> String {
    digits.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
