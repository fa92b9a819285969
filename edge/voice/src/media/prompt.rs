//! What the line says, ready to be sent: encoded once, shared by every call that needs it, never changed.
//! How a text becomes sound is the speech adapter's matter.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::MediaFault;
use super::g711::{Codec, FRAME_SAMPLES, SAMPLES_PER_SECOND};

/// The longest prompt: ten minutes.
pub const PROMPT_SECONDS_MAX: usize = 600;

/// A prompt as it goes out: whole packets of 20 ms in one codec.
#[derive(Clone, PartialEq, Eq)]
pub struct EncodedPrompt {
    codec: Codec,
    bytes: Arc<[u8]>,
}

impl EncodedPrompt {
    /// Takes payload bytes at 8 kHz in `codec`; the last packet is filled up with silence, so that every prompt
    /// starts at a packet's start.
    ///
    /// # Errors
    /// [`MediaFault::PromptTooLong`] above [`PROMPT_SECONDS_MAX`].
    pub fn new(codec: Codec, mut payload: Vec<u8>) -> Result<Self, MediaFault> {
        if payload.len() > PROMPT_SECONDS_MAX * SAMPLES_PER_SECOND as usize {
            return Err(MediaFault::PromptTooLong);
        }
        let whole = payload.len().next_multiple_of(FRAME_SAMPLES);
        payload.resize(whole, codec.silence());
        Ok(Self { codec, bytes: payload.into() })
    }

    /// Encodes linear samples at 8 kHz.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn from_samples(codec: Codec, samples: &[i16]) -> Result<Self, MediaFault> {
        Self::new(codec, codec.encode(samples))
    }

    /// A pause.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn pause(codec: Codec, length: Duration) -> Result<Self, MediaFault> {
        let samples = length.as_millis().saturating_mul(8);
        let samples = usize::try_from(samples).map_err(|_| MediaFault::PromptTooLong)?;
        if samples > PROMPT_SECONDS_MAX * SAMPLES_PER_SECOND as usize {
            return Err(MediaFault::PromptTooLong);
        }
        Self::new(codec, vec![codec.silence(); samples])
    }

    /// The codec in which it is encoded.
    #[must_use]
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// The payload, a multiple of [`FRAME_SAMPLES`].
    #[must_use]
    pub fn bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }

    /// How long it sounds.
    #[must_use]
    pub fn length(&self) -> Duration {
        Duration::from_micros(self.bytes.len() as u64 * 125)
    }
}

// A prompt may speak of a person's case: its bytes stay out of every print.
impl fmt::Debug for EncodedPrompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncodedPrompt({:?}, {} ms)", self.codec, self.length().as_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_is_filled_up_to_whole_packets() {
        let prompt = EncodedPrompt::new(Codec::Pcma, vec![1; 161]).unwrap();
        assert_eq!(prompt.bytes().len(), 320);
        assert_eq!(prompt.bytes()[160], 1);
        assert!(prompt.bytes()[161..].iter().all(|&byte| byte == 0xd5));
        assert_eq!(prompt.length(), Duration::from_millis(40));
    }

    #[test]
    fn a_prompt_without_end_is_refused() {
        let bytes = PROMPT_SECONDS_MAX * 8_000 + 1;
        assert!(matches!(EncodedPrompt::new(Codec::Pcmu, vec![0; bytes]), Err(MediaFault::PromptTooLong)));
        assert!(matches!(EncodedPrompt::pause(Codec::Pcmu, Duration::from_secs(601)), Err(MediaFault::PromptTooLong)));
    }

    #[test]
    fn a_prompt_never_prints_its_words() {
        let prompt = EncodedPrompt::new(Codec::Pcmu, b"2026-04-14".to_vec()).unwrap();
        assert_eq!(format!("{prompt:?}"), "EncodedPrompt(Pcmu, 20 ms)");
    }
}
