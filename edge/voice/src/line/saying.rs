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

/// What is added between two sentences that are prompts of their own. Each prompt ends with 120 ms of quiet; together
/// that is the pause which a voice makes between two sentences of one text.
const SENTENCE: Duration = Duration::from_millis(260);

/// What is added between two values, such as a date and a time.
const COMMA: Duration = Duration::from_millis(140);

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
        let mut prompts = Vec::with_capacity(2 * said.len() + 1);
        let mut before: Option<Said> = None;
        for piece in said {
            if let Some(pause) = before.as_ref().and_then(|before| pause_between(before, &piece)) {
                prompts.extend(EncodedPrompt::pause(codec, pause).ok().map(Arc::new));
            }
            before = Some(piece.clone());
            let Some(request) = Self::request(&piece) else {
                prompts.extend(EncodedPrompt::pause(codec, PAUSE).ok().map(Arc::new));
                continue;
            };
            let mut found = self.prompts.get(&request).await;
            if let (Err(_), Some(other)) = (&found, piece.or_voice_of) {
                found = self.prompts.get(&PromptRequest::fixed(&piece.id, other.tag(), &piece.text)).await;
            }
            match found {
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

/// The pause that the ear needs between two pieces; none inside a sentence or a value. The words of a value have no
/// full stop: whether a sentence ended there is told by how the next piece begins.
fn pause_between(before: &Said, after: &Said) -> Option<Duration> {
    match (Value::of(before), Value::of(after)) {
        (Some(Value::Pause), _) | (_, Some(Value::Pause)) => None,
        (Some(one), Some(two)) => (one != two).then_some(COMMA),
        (None, Some(_)) => ends_sentence(&before.text).then_some(SENTENCE),
        (_, None) => (ends_sentence(&before.text) || begins_sentence(&after.text)).then_some(SENTENCE),
    }
}

fn ends_sentence(text: &str) -> bool {
    text.trim_end().ends_with(['.', '?', '!', ':'])
}

fn begins_sentence(text: &str) -> bool {
    text.starts_with(['.', '?', '!', '¿', '¡'])
        || text.chars().find(|c| c.is_alphanumeric()).is_some_and(char::is_uppercase)
}

/// The kind of value that a piece is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value {
    Date,
    Time,
    Digits,
    Number,
    Pause,
}

impl Value {
    fn of(said: &Said) -> Option<Self> {
        let (_, part) = said.id.split_once("/part/")?;
        match part.split(['-', '.']).next()? {
            "pause" => Some(Self::Pause),
            "weekday" | "day" | "month" | "year" => Some(Self::Date),
            "hour" | "minute" | "period" => Some(Self::Time),
            "digit" => Some(Self::Digits),
            "number" => Some(Self::Number),
            _ if part.starts_with("spoken-date") => Some(Self::Date),
            _ if part.starts_with("spoken-time") => Some(Self::Time),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(id: &str, text: &str) -> Said {
        Said {
            id: format!("es/{id}"),
            language: Language::SPANISH,
            text: text.into(),
            personal: false,
            or_voice_of: None,
        }
    }

    #[test]
    fn a_date_runs_on_a_time_follows_after_a_comma_and_a_sentence_ends_where_it_ends() {
        let said = [
            piece("hearing-is.1", "Su próxima audiencia es el"),
            piece("part/weekday-2", "martes"),
            piece("part/day-14", "catorce"),
            piece("part/spoken-date.1", "de"),
            piece("part/month-4", "abril"),
            piece("part/hour-8", "a las ocho"),
            piece("part/minute-30", "y media"),
            piece("part/period-morning", "de la mañana"),
            piece("hearing-master", "Es una audiencia corta."),
            piece("go-in-person", "Usted va en persona."),
        ];
        let pauses: Vec<_> = said.windows(2).map(|pair| pause_between(&pair[0], &pair[1])).collect();
        let (comma, sentence) = (Some(COMMA), Some(SENTENCE));
        assert_eq!(pauses, [None, None, None, None, comma, None, None, sentence, sentence]);
    }

    #[test]
    fn the_words_that_go_on_after_a_value_follow_at_once() {
        let days = [piece("in-days.1", "En"), piece("part/number-5", "cinco"), piece("in-days.2", "días.")];
        assert_eq!(pause_between(&days[0], &days[1]), None);
        assert_eq!(pause_between(&days[1], &days[2]), None);
        let groups = [piece("part/digit-3", "tres"), piece("part/pause", ""), piece("part/digit-4", "cuatro")];
        assert_eq!(pause_between(&groups[0], &groups[1]), None, "the group's own pause is enough");
        assert_eq!(pause_between(&groups[1], &groups[2]), None);
    }
}
