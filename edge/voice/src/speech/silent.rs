//! A voice that says nothing, for as long as speech would have taken.
//! It is left to tests: a run that can't tell this line from a speaking one proves nothing.

use async_trait::async_trait;

use super::{Pcm8k, SpeechAdapter, SpeechFault, Spoken, TELEPHONE_RATE_HZ};

/// Characters a second that speech takes by telephone, the rule of thumb of the flow checker.
const CHARACTERS_A_SECOND: usize = 13;

/// Speaks every language in silence.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

#[async_trait]
impl SpeechAdapter for Silent {
    fn name(&self) -> &str {
        "silent"
    }

    fn voice(&self, _language: &str) -> Result<String, SpeechFault> {
        Ok("silent".to_owned())
    }

    fn must_prove_digits(&self) -> bool {
        false
    }

    async fn speak(&self, _language: &str, text: &str) -> Result<Spoken, SpeechFault> {
        let samples = text.chars().count() * TELEPHONE_RATE_HZ as usize / CHARACTERS_A_SECOND;
        Ok(Spoken::Sound(Pcm8k(vec![0; samples])))
    }
}
