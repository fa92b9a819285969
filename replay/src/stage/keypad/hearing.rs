//! What must be heard on a telephone, in order, and whether it was: texts of the tape voice, or prompts by their sound.
//! What must be heard was decided by the engine.

use super::Hears;
use super::desks::told_to_people;
use crate::material::Material;
use crate::play::{Page, on_engine};
use crate::stage::{Happening, Heard};
use caseline_conversation::Program;
use caseline_conversation::keypad::{spoken_question, spoken_telling};
use caseline_conversation::words::{Said, Words};
use caseline_model::{Channel, Language};
use caseline_voice::line::Speaker;
use caseline_voice::phone::{Attention, Pattern, PhoneCall, PhoneEvent};
use caseline_voice::prompts::{PromptIndex, PromptRequest, PromptStore};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// One thing that must happen on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// These words, in one prompt.
    Words {
        /// The prompt.
        id: String,
        /// Its text.
        text: String,
    },
    /// Somebody takes the contact.
    Joined {
        /// Who.
        name: String,
        /// What they are told.
        need: String,
        /// The caller's language.
        language: Language,
    },
    /// The line hangs up.
    End,
}

/// How a telephone listens.
#[derive(Clone)]
pub(super) struct Ears {
    hears: Hears,
    patience: Duration,
    index: Option<Arc<PromptIndex>>,
    /// Words that an interruption may have cut.
    may_miss: VecDeque<Expected>,
}

impl Ears {
    /// Ears for a page; every prompt that it needs is rendered ahead, so that it can be known again.
    ///
    /// # Errors
    /// When a prompt cannot be spoken.
    pub(super) async fn open(
        hears: Hears,
        patience: Duration,
        program: &Arc<Program>,
        prompts: &Arc<PromptStore>,
        page: &Page,
        material: &Material,
    ) -> Result<Self, String> {
        let index = match hears {
            Hears::Texts => None,
            Hears::Prompts => {
                let played = on_engine(page, material, Channel::Phone).await.map_err(|failure| failure.to_string())?;
                for heard in played.exchanges.iter().flat_map(|exchange| &exchange.heard) {
                    for piece in pieces(&program.words, heard) {
                        let Some(request) = Speaker::request(&piece) else { continue };
                        let rendered = prompts.get(&request).await;
                        // As the line does: what has no voice of its own language is said with another's.
                        let rendered = match (rendered, piece.or_voice_of) {
                            (Err(_), Some(other)) => {
                                prompts.get(&PromptRequest::fixed(&piece.id, other.tag(), &piece.text)).await
                            }
                            (rendered, _) => rendered,
                        };
                        rendered.map_err(|fault| fault.to_string())?;
                    }
                }
                Some(Arc::new(prompts.index()))
            }
        };
        Ok(Self { hears, patience, index, may_miss: VecDeque::new() })
    }

    /// What the test telephone listens for.
    pub(super) fn attention(&self) -> Attention {
        Attention { prompts: self.index.clone(), tape: self.hears == Hears::Texts }
    }

    /// A call begins: nothing was missed on it yet.
    pub(super) fn begin(&mut self) {
        self.may_miss.clear();
    }

    /// These words may be missed, because the caller interrupted them.
    pub(super) fn may_miss(&mut self, words: VecDeque<Expected>) {
        self.may_miss = words;
    }

    /// How somebody knows that a prompt was said.
    pub(super) fn pattern(&self, said: &Said) -> Pattern {
        match self.hears {
            Hears::Texts => Pattern::Text(said.text.clone()),
            Hears::Prompts => Pattern::Prompt(said.id.clone()),
        }
    }

    /// What must be heard for something that happened.
    pub(super) fn expected(&self, words: &Words, heard: &Heard) -> Vec<Expected> {
        match &heard.what {
            Happening::Told(_) | Happening::Asked(_) => {
                let pieces = pieces(words, heard).into_iter();
                // A prompt with words out of a case is spoken afresh: no index knows it.
                let known =
                    pieces.filter(|said| !said.text.is_empty() && (self.hears == Hears::Texts || !said.personal));
                known.map(|said| Expected::Words { id: said.id, text: said.text }).collect()
            }
            Happening::Joined { name, need } => {
                vec![Expected::Joined { name: name.clone(), need: need.clone(), language: heard.language }]
            }
            Happening::Ended(_) => vec![Expected::End],
            Happening::Rings(_) | Happening::Missed(_) | Happening::Recording | Happening::Calls(_) => Vec::new(),
        }
    }

    /// The next words on the telephone must be these.
    ///
    /// # Errors
    /// What was heard instead.
    pub(super) async fn hear(&mut self, call: &mut PhoneCall, expected: &Expected) -> Result<(), String> {
        let Expected::Words { id, text } = expected else { return Ok(()) };
        loop {
            let event = timeout(self.patience, call.next_event()).await;
            let event =
                event.map_err(|_| format!("nothing was heard for {:?}; expected \"{text}\" ({id})", self.patience))?;
            let event = event.ok_or_else(|| format!("the call was over before \"{text}\" ({id})"))?;
            let is_it = match &event.event {
                PhoneEvent::HeardText(heard) if !heard.whole => continue,
                PhoneEvent::HeardText(heard) => &heard.text == text,
                PhoneEvent::HeardPrompt { ids } => ids.contains(id),
                _ => continue,
            };
            if is_it {
                return Ok(());
            }
            if !self.was_interrupted(&event.event) {
                return Err(format!("expected \"{text}\" ({id}); {}", event.event));
            }
        }
    }

    /// The line hangs up and says nothing more before.
    ///
    /// # Errors
    /// What it said, or that it did not hang up.
    pub(super) async fn end(&mut self, call: &mut PhoneCall) -> Result<(), String> {
        loop {
            let event =
                timeout(self.patience, call.next_event()).await.map_err(|_| "the line did not hang up".to_owned())?;
            match event.map(|event| event.event) {
                None | Some(PhoneEvent::HungUp { .. }) => return Ok(()),
                Some(event @ (PhoneEvent::HeardText(_) | PhoneEvent::HeardPrompt { .. })) => {
                    let is_part = matches!(&event, PhoneEvent::HeardText(text) if !text.whole);
                    if !is_part && !self.was_interrupted(&event) {
                        return Err(format!("expected the end; {event}"));
                    }
                }
                Some(_) => {}
            }
        }
    }

    /// Somebody behind the line hears this, whatever else is said before.
    ///
    /// # Errors
    /// When it is not heard.
    pub(super) async fn heard_by(&self, call: &mut PhoneCall, said: &Said) -> Result<(), String> {
        let heard = match self.hears {
            Hears::Texts => call.heard_text(&said.text, self.patience).await.map(|_| ()),
            Hears::Prompts => call.heard_prompt(&said.id, self.patience).await.map(|_| ()),
        };
        heard.map_err(|fault| fault.to_string())
    }

    /// Whether these words are some that were interrupted; those before them were missed.
    fn was_interrupted(&mut self, event: &PhoneEvent) -> bool {
        let place = self.may_miss.iter().position(|expected| match (expected, event) {
            (Expected::Words { text, .. }, PhoneEvent::HeardText(heard)) => &heard.text == text,
            (Expected::Words { id, .. }, PhoneEvent::HeardPrompt { ids }) => ids.contains(id),
            _ => false,
        });
        if let Some(place) = place {
            self.may_miss.drain(..=place);
        }
        place.is_some()
    }
}

/// The prompts of something that happened: what the caller hears, or what somebody who takes the contact hears.
fn pieces(words: &Words, heard: &Heard) -> Vec<Said> {
    match &heard.what {
        Happening::Told(telling) => spoken_telling(words, heard.language, telling).0,
        Happening::Asked(question) => spoken_question(words, heard.language, question).0,
        Happening::Joined { need, .. } => {
            let told = told_to_people(need, heard.language);
            told.iter().filter_map(|phrase| words.spoken(Language::ENGLISH, phrase).ok()).flatten().collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use caseline_voice::media::Codec;
    use caseline_voice::phone::{AnswerRule, ListenSettings, Phone, PhoneSettings};
    use caseline_voice::prompts::PromptStoreSettings;
    use caseline_voice::speech::{SpeechAdapter, SpeechFault, Spoken, Tape};
    use std::net::{Ipv4Addr, SocketAddr};

    const PATIENCE: Duration = Duration::from_secs(20);
    const WORDS: &str = "Gracias por llamar.";

    /// A voice of one second of noise, in bytes that decoding and encoding again leaves as they are.
    struct Hiss;

    #[async_trait::async_trait]
    impl SpeechAdapter for Hiss {
        fn name(&self) -> &str {
            "hiss"
        }

        fn voice(&self, _language: &str) -> Result<String, SpeechFault> {
            Ok("hiss".to_owned())
        }

        fn must_prove_digits(&self) -> bool {
            false
        }

        async fn speak(&self, _language: &str, _text: &str) -> Result<Spoken, SpeechFault> {
            let mut chance = 7u32;
            let bytes: Vec<u8> = (0..8_000)
                .map(|_| {
                    chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    0x80 | (chance >> 26) as u8
                })
                .collect();
            Ok(Spoken::Encoded { ulaw: bytes.clone(), alaw: bytes })
        }
    }

    /// A line that says goodbye so many times in a row and hangs up: what the ears make of it that wait for it once.
    async fn goodbye(times: usize, hears: Hears) -> Result<(), String> {
        let voice: Arc<dyn SpeechAdapter> = match hears {
            Hears::Texts => Arc::new(Tape { copies: 2, characters_a_second: None }),
            Hears::Prompts => Arc::new(Hiss),
        };
        let prompts = PromptStore::new(voice, PromptStoreSettings::default()).unwrap();
        let prompt = prompts.get(&PromptRequest::fixed("es/goodbye", "es", WORDS)).await.unwrap();
        let index = (hears == Hears::Prompts).then(|| Arc::new(prompts.index()));
        let mut ears = Ears { hears, patience: PATIENCE, index, may_miss: VecDeque::new() };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let answer = AnswerRule::After(Duration::ZERO);
        let settings = ListenSettings { address, phone: PhoneSettings::default(), answer, when_heard: Vec::new() };
        let mut line = Phone::listen(settings).await.unwrap();
        let caller = PhoneSettings { attention: ears.attention(), ..PhoneSettings::default() };
        let mut call = Phone::call(&line.uri(), caller).await.unwrap();
        call.wait_answered(PATIENCE).await.unwrap();
        let mut says = line.next_call(PATIENCE).await.unwrap();
        let sound = Codec::Pcmu.decode(prompt.bytes(Codec::Pcmu));
        // Silence behind it, as the line sends.
        says.say([sound.repeat(times), vec![0; 1_600]].concat()).await.unwrap();
        let expected = Expected::Words { id: "es/goodbye".into(), text: WORDS.into() };
        ears.hear(&mut call, &expected).await.unwrap();
        says.wait_for("the end", PATIENCE, |event| *event == PhoneEvent::SaidAll).await.unwrap();
        says.hang_up().await;
        ears.end(&mut call).await
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_line_that_repeats_itself_is_noticed() {
        for hears in [Hears::Texts, Hears::Prompts] {
            assert_eq!(goodbye(1, hears).await, Ok(()), "{hears:?}");
            let twice = goodbye(2, hears).await.expect_err("the second time was not heard");
            assert!(twice.starts_with("expected the end"), "{twice}");
        }
    }
}
