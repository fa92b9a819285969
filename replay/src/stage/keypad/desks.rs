//! The telephones of the people behind the line: each rings, is taken up or not, and accepts with a key, as the page says.
//! When the line rings them is the line's.

use super::hearing::Ears;
use super::{LOOPBACK, PATIENCE};
use crate::world::{Behaviour, Cast};
use caseline_conversation::words::Said;
use caseline_conversation::{Arg, Phrase, Program};
use caseline_model::Language;
use caseline_voice::phone::{
    AnswerRule, ListenSettings, ListeningPhone, Phone, PhoneCall, PhoneEvent, PhoneSettings, WhenHeard,
};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Somebody who answers takes the telephone up after so long on this stage.
const TAKES_UP_AFTER: Duration = Duration::from_millis(50);

/// The name under which the interpreter rings.
const INTERPRETER: &str = "interpreter";

/// All telephones behind the line.
pub(super) struct Desks {
    phones: BTreeMap<String, ListeningPhone>,
    program: Arc<Program>,
    ears: Ears,
}

/// A telephone that is simply taken up.
///
/// # Errors
/// When it cannot be opened.
pub(super) async fn open_plain(ears: &Ears) -> Result<ListeningPhone, String> {
    open(ears, AnswerRule::After(TAKES_UP_AFTER), Vec::new()).await
}

async fn open(ears: &Ears, answer: AnswerRule, when_heard: Vec<WhenHeard>) -> Result<ListeningPhone, String> {
    let phone = PhoneSettings { bind: Some(LOOPBACK), attention: ears.attention(), ..PhoneSettings::default() };
    let settings = ListenSettings { address: SocketAddr::new(LOOPBACK, 0), phone, answer, when_heard };
    Phone::listen(settings).await.map_err(|fault| fault.to_string())
}

impl Desks {
    /// Opens a telephone for each member of the cast.
    ///
    /// # Errors
    /// When one cannot be opened.
    pub(super) async fn open(cast: &Cast, program: &Arc<Program>, ears: &Ears) -> Result<Self, String> {
        let mut desks = Self { phones: BTreeMap::new(), program: Arc::clone(program), ears: ears.clone() };
        let accept = desks.said(&[Phrase::new("agent-accept-ask")])?;
        let heard = accept.last().map(|said| ears.pattern(said)).ok_or("nothing asks a person to accept")?;
        for member in &cast.members {
            if desks.phones.contains_key(&member.name) {
                continue;
            }
            let press = |key: &str| vec![WhenHeard { heard: heard.clone(), press: key.to_owned() }];
            let phone = match member.behaviour {
                // Whoever is on a contact took it up too, for another caller.
                Behaviour::Answers(_) | Behaviour::OnContact => {
                    open(ears, AnswerRule::After(TAKES_UP_AFTER), press("1")).await?
                }
                Behaviour::Declines => open(ears, AnswerRule::After(TAKES_UP_AFTER), press("2")).await?,
                Behaviour::DoesNotAnswer => open(ears, AnswerRule::Never, Vec::new()).await?,
            };
            desks.phones.insert(member.name.clone(), phone);
        }
        if !cast.interpreted.is_empty() {
            let press = vec![WhenHeard { heard, press: "1".to_owned() }];
            desks.phones.insert(INTERPRETER.to_owned(), open(ears, AnswerRule::After(TAKES_UP_AFTER), press).await?);
        }
        Ok(desks)
    }

    /// Where somebody rings.
    pub(super) fn uri(&self, name: &str) -> String {
        self.phones.get(name).map(ListeningPhone::uri).unwrap_or_default()
    }

    /// Somebody takes the contact: they hear language and need, accept, and are told that they are connected.
    ///
    /// # Errors
    /// What they did not hear.
    pub(super) async fn joined(&mut self, name: &str, need: &str, language: Language) -> Result<PhoneCall, String> {
        let offer = self.said(&told_to_people(need, language))?;
        let phone = self.phones.get_mut(name).ok_or_else(|| format!("{name} has no telephone"))?;
        let mut call = loop {
            let call = phone.next_call(PATIENCE).await.map_err(|fault| format!("{name}: {fault}"))?;
            // Calls of earlier contacts that ended are history.
            if !call.is_over() {
                break call;
            }
        };
        for said in &offer {
            let heard = self.ears.heard_by(&mut call, said).await;
            heard.map_err(|fault| format!("{name}: {fault}\n{}", call.transcript()))?;
        }
        Ok(call)
    }

    /// Somebody takes the contact of another caller, whatever they are told of it.
    ///
    /// # Errors
    /// When they are not rung or not connected.
    pub(super) async fn taken(&mut self, name: &str) -> Result<PhoneCall, String> {
        let connected = self.said(&[Phrase::new("agent-connected")])?;
        let phone = self.phones.get_mut(name).ok_or_else(|| format!("{name} has no telephone"))?;
        let mut call = phone.next_call(PATIENCE).await.map_err(|fault| format!("{name}: {fault}"))?;
        for said in &connected {
            let heard = self.ears.heard_by(&mut call, said).await;
            heard.map_err(|fault| format!("{name}: {fault}\n{}", call.transcript()))?;
        }
        Ok(call)
    }

    /// The interpreter's telephone is rung and taken up, and the interpreter takes the contact.
    ///
    /// # Errors
    /// When nobody rings it.
    pub(super) async fn interpreter_joined(&mut self) -> Result<(), String> {
        let phone = self.phones.get_mut(INTERPRETER).ok_or("there is no interpreter")?;
        let mut call = phone.next_call(PATIENCE).await.map_err(|fault| format!("interpreter: {fault}"))?;
        let taken = call.wait_for("the key", PATIENCE, |event| *event == PhoneEvent::Pressed('1')).await;
        taken.map(|_| ()).map_err(|fault| format!("interpreter: {fault}"))
    }

    /// What a person of the line is told, in English: the language of every desk on this stage.
    fn said(&self, phrases: &[Phrase]) -> Result<Vec<Said>, String> {
        let mut all = Vec::new();
        for phrase in phrases {
            let said = self.program.words.spoken(Language::ENGLISH, phrase);
            all.extend(said.map_err(|missing| missing.to_string())?);
        }
        all.retain(|said| !said.text.is_empty());
        Ok(all)
    }
}

/// What somebody who takes a contact hears.
pub(super) fn told_to_people(need: &str, language: Language) -> [Phrase; 3] {
    [
        Phrase::new("agent-offer")
            .with("language", Arg::Word(format!("language-{}", language.tag())))
            .with("need", Arg::Word(format!("need-{need}"))),
        Phrase::new("agent-accept-ask"),
        Phrase::new("agent-connected"),
    ]
}
