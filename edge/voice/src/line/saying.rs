//! From words to sound: the prompts of tellings and questions, in the codec of a leg.
//! Recording, speaking and keeping prompts is left to `prompts`.

use crate::media::{Codec, EncodedPrompt};
use crate::prompts::{PromptRequest, PromptStore};
use caseline_conversation::keypad::{spoken_question, spoken_telling};
use caseline_conversation::words::{MissingWords, Said};
use caseline_conversation::{Phrase, Program, Question, Telling};
use caseline_model::Language;
use std::sync::Arc;
use std::time::Duration;

/// The pause between groups of digits.
const PAUSE: Duration = Duration::from_millis(350);

/// The pause between one telling and the next.
const BREATH: Duration = Duration::from_millis(250);

/// Speaks the words of a program.
#[derive(Clone)]
pub struct Speaker {
    program: Arc<Program>,
    prompts: Arc<PromptStore>,
}

impl Speaker {
    /// A speaker of these words with these prompts.
    pub fn new(program: Arc<Program>, prompts: Arc<PromptStore>) -> Self {
        Self { program, prompts }
    }

    /// The prompts, for reports and for the test telephone's index.
    pub fn prompts(&self) -> &Arc<PromptStore> {
        &self.prompts
    }

    /// The sound of a telling.
    pub async fn telling(&self, codec: Codec, language: Language, telling: &Telling) -> Vec<Arc<EncodedPrompt>> {
        let (said, missing) = spoken_telling(&self.program.words, language, telling);
        self.sound(codec, said, missing).await
    }

    /// The sound of a question with its options.
    pub async fn question(&self, codec: Codec, language: Language, question: &Question) -> Vec<Arc<EncodedPrompt>> {
        let (said, missing) = spoken_question(&self.program.words, language, question);
        self.sound(codec, said, missing).await
    }

    /// The sound of phrases.
    pub async fn phrases(&self, codec: Codec, language: Language, phrases: Vec<Phrase>) -> Vec<Arc<EncodedPrompt>> {
        self.telling(codec, language, &Telling::of("phrases", Vec::new(), phrases)).await
    }

    /// The requests behind a piece of speech; none for a pause.
    pub fn request(said: &Said) -> Option<PromptRequest> {
        if said.text.is_empty() {
            return None;
        }
        Some(if said.personal {
            PromptRequest::personal(&said.id, said.language.tag(), &said.text)
        } else {
            PromptRequest::fixed(&said.id, said.language.tag(), &said.text)
        })
    }

    async fn sound(&self, codec: Codec, said: Vec<Said>, missing: Vec<MissingWords>) -> Vec<Arc<EncodedPrompt>> {
        for words in missing {
            tracing::warn!(%words, "left out");
        }
        let mut prompts = Vec::with_capacity(said.len() + 1);
        for piece in said {
            let Some(request) = Self::request(&piece) else {
                prompts.extend(EncodedPrompt::pause(codec, PAUSE).ok().map(Arc::new));
                continue;
            };
            match self.prompts.get(&request).await {
                Ok(prompt) => prompts.push(Arc::new(prompt.encoded(codec).clone())),
                Err(fault) => tracing::error!(prompt = %piece.id, %fault, "a prompt cannot be spoken and is left out"),
            }
        }
        if !prompts.is_empty() {
            prompts.extend(EncodedPrompt::pause(codec, BREATH).ok().map(Arc::new));
        }
        prompts
    }
}
