//! Callers by telephone: the test telephone dials over SIP, presses keys and hears the tape voice; a kill ends the call.
//! What is promised to whom is written down in `ledger`.

use super::heard::{Heard, NOT_SAVED};
use super::ledger::Kind;
use super::{Errands, Gate};
use caseline_conversation::keypad::OPTION_KEYS;
use caseline_conversation::{Kind as StepKind, Phrase, Program};
use caseline_model::Language;
use caseline_voice::media::Codec;
use caseline_voice::phone::{Attention, Phone, PhoneCall, PhoneEvent, PhoneFault, PhoneSettings};
use caseline_voice::speech::{SpeechAdapter, Tape};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// How long a caller waits for each thing that they should hear.
const PATIENCE: Duration = Duration::from_secs(20);
/// A spoken message lasts at least so long, in samples: a shorter one is empty.
const SAID_SAMPLES_MIN: usize = 12_000;
/// So many of the last texts that a caller heard are told when they were left without a word.
const LAST_WORDS: usize = 4;
/// Digits of a report code.
const CODE_DIGITS: usize = 16;

/// One caller after the other, until the gate is taken away.
pub async fn call_for_ever(mut gate: Gate, errands: Arc<Errands>, first: usize) {
    const TURNS: [Kind; 6] =
        [Kind::Callback, Kind::Message, Kind::Callback, Kind::Reminder, Kind::Message, Kind::Report];
    for turn in first.. {
        let kind = TURNS[turn % TURNS.len()];
        let Ok(reached) = gate.wait_for(Option::is_some).await.map(|reached| *reached) else { return };
        let Some(reached) = reached else { return };
        let marker = match kind {
            Kind::Report => Some(String::new()),
            _ => errands.ledger.begin(kind),
        };
        let Some(marker) = marker else {
            if gate.changed().await.is_err() {
                return;
            }
            continue;
        };
        let mut caller = Caller::new(&errands, kind, &marker, turn);
        tokio::select! {
            ended = caller.call(reached.sip) => {
                // A call that the kill ended is nothing strange; one that ended while the line was up is.
                if let Err(Left::Fault(fault)) = ended && !gate.has_changed().unwrap_or(true) {
                    errands.ledger.strange(format!("telephone, {}: {fault}", kind.word()));
                }
            }
            _ = gate.changed() => {}
        }
        if kind != Kind::Report {
            errands.ledger.over(kind, &marker);
        }
    }
}

/// One caller who asks for one thing, and hangs up when they heard what became of it.
pub async fn call_once(at: SocketAddr, errands: &Errands, kind: Kind, turn: usize) -> Heard {
    let marker = if kind == Kind::Report { Some(String::new()) } else { errands.ledger.begin(kind) };
    let Some(marker) = marker else { return Heard::Nothing("all made-up numbers are in use".into()) };
    let mut caller = Caller { hears_all: true, ..Caller::new(errands, kind, &marker, turn) };
    let ended = caller.call(at).await;
    if kind != Kind::Report {
        errands.ledger.over(kind, &marker);
    }
    match ended {
        Ok(()) => Heard::Saved,
        Err(Left::NotSaved(key)) => Heard::NotSaved(key),
        Err(Left::Fault(fault)) => {
            let last = caller.heard.iter().rev().take(LAST_WORDS).rev().cloned().collect::<Vec<_>>().join(" / ");
            Heard::Nothing(format!("{fault}; last words: {last}"))
        }
    }
}

/// Why a caller hangs up without having heard that it is saved.
enum Left {
    /// They heard that it is not, in these words.
    NotSaved(&'static str),
    /// The call broke off, or nothing came.
    Fault(PhoneFault),
}

impl From<PhoneFault> for Left {
    fn from(fault: PhoneFault) -> Self {
        Self::Fault(fault)
    }
}

struct Caller<'e> {
    errands: &'e Errands,
    kind: Kind,
    marker: String,
    turn: usize,
    /// They hear what is said of their case to its end before they press a key.
    hears_all: bool,
    /// What they heard, when they hung up without having heard what became of it.
    heard: Vec<String>,
}

impl<'e> Caller<'e> {
    fn new(errands: &'e Errands, kind: Kind, marker: &str, turn: usize) -> Self {
        Self { errands, kind, marker: marker.to_owned(), turn, hears_all: false, heard: Vec::new() }
    }

    async fn call(&mut self, at: SocketAddr) -> Result<(), Left> {
        let number = match self.kind {
            Kind::Callback | Kind::Reminder => self.marker.clone(),
            // Another one each time: keys that a crowded machine lost are wrong tries, and the limits count them by number.
            Kind::Message | Kind::Report | Kind::Import => format!("+120255501{:02}", self.turn % 100),
        };
        let attention = Attention { prompts: None, tape: true };
        let settings = PhoneSettings { number, attention, ..PhoneSettings::default() };
        let mut call = Phone::call(&format!("sip:line@{at}"), settings).await?;
        let ended = self.talk(&mut call).await;
        if ended.is_err() {
            let said = call.transcript().0.into_iter().filter_map(|row| match row.event {
                PhoneEvent::HeardText(said) => Some(said.text),
                _ => None,
            });
            self.heard = said.collect();
        }
        call.hang_up().await;
        ended
    }

    async fn talk(&mut self, call: &mut PhoneCall) -> Result<(), Left> {
        call.wait_answered(PATIENCE).await?;
        // A key may interrupt the greeting: it answers the question at its end.
        hear_something(call).await?;
        match self.kind {
            Kind::Callback | Kind::Message | Kind::Import => {
                self.choose(call, "main", "reason", "more-choices").await?;
                self.hear(call, "more-ask").await?;
                self.ask_for_it(call).await
            }
            Kind::Reminder | Kind::Report => {
                self.choose(call, "main", "reason", "my-case").await?;
                self.hear(call, "receipt-or-number-ask").await?;
                let receipts = &self.errands.receipts;
                let receipt = receipts.get(self.turn % receipts.len().max(1)).cloned().unwrap_or_default();
                call.press(&format!("{receipt}#")).await?;
                if self.hears_all {
                    self.hear(call, "case-next-ask").await?;
                } else {
                    self.hear_what_follows(call, "receipt-or-number-ask").await?;
                }
                self.ask_by_case(call).await
            }
        }
    }

    async fn ask_for_it(&mut self, call: &mut PhoneCall) -> Result<(), Left> {
        if self.kind == Kind::Callback {
            self.choose(call, "main", "more", "callback").await?;
            self.hear(call, "callback-number-ask").await?;
            self.choose(call, "callback", "which-number", "this-number").await?;
            return self.hear_saved(call, "callback-promised").await;
        }
        self.choose(call, "main", "more", "message").await?;
        self.hear(call, "message-record").await?;
        // The tone comes after the words.
        call.quiet_for(Duration::from_millis(300), PATIENCE).await?;
        let spoken = Tape::default().speak("en", &self.marker).await;
        let once = spoken.map(|spoken| Codec::Pcmu.decode(&spoken.encode(Codec::Pcmu))).unwrap_or_default();
        call.say(once.repeat(SAID_SAMPLES_MIN / once.len().max(1) + 1)).await?;
        call.wait_for("own words", PATIENCE, |event| matches!(event, PhoneEvent::Said { .. })).await?;
        tokio::time::sleep(Duration::from_secs_f64(SAID_SAMPLES_MIN as f64 / 8_000.0)).await;
        call.press("#").await?;
        self.hear_saved(call, "message-left").await
    }

    async fn ask_by_case(&mut self, call: &mut PhoneCall) -> Result<(), Left> {
        if self.kind == Kind::Reminder {
            self.choose(call, "my-case", "next", "remind").await?;
            self.hear(call, "remind-ask").await?;
            self.choose(call, "remind", "remind", "this-number").await?;
            return self.hear_saved(call, "remind-set").await;
        }
        self.choose(call, "my-case", "next", "report-wrong-record").await?;
        self.hear(call, "what-is-wrong-ask").await?;
        self.errands.ledger.begin_report();
        self.choose(call, "report-wrong", "what-is-wrong", "wrong-language").await?;
        let code = self.hear_code(call).await?;
        self.errands.ledger.acknowledge_by_telephone(Kind::Report, &code);
        self.errands.ledger.over(Kind::Report, &code);
        Ok(())
    }

    /// Sixteen digits, each a prompt of its own.
    async fn hear_code(&self, call: &mut PhoneCall) -> Result<String, Left> {
        let digits: Vec<String> = (0..=9).map(|digit| self.text(&format!("digit-{digit}"))).collect();
        let mut code = String::new();
        while code.len() < CODE_DIGITS {
            let digit = self.hear_one_of(call, "a digit", &digits, |said, digit| said == digit).await?;
            code.push_str(&digit.to_string());
        }
        Ok(code)
    }

    async fn hear_saved(&self, call: &mut PhoneCall, key: &str) -> Result<(), Left> {
        self.hear(call, key).await?;
        self.errands.ledger.acknowledge_by_telephone(self.kind, &self.marker);
        Ok(())
    }

    async fn hear(&self, call: &mut PhoneCall, key: &str) -> Result<(), Left> {
        self.hear_one_of(call, key, &[self.text(key)], |said, text| said.contains(text)).await.map(|_| ())
    }

    /// The next whole words after those of a question that was answered; unless they say that it did not work.
    async fn hear_what_follows(&self, call: &mut PhoneCall, key: &str) -> Result<(), Left> {
        let asked = self.errands.program.words.spoken(Language::ENGLISH, &Phrase::new(key)).unwrap_or_default();
        let is_asked = |text: &str| asked.iter().any(|said| said.text == text);
        let said = call.wait_for(
            "words after a question",
            PATIENCE,
            |event| matches!(event, PhoneEvent::HeardText(said) if said.whole && !is_asked(&said.text)),
        );
        let PhoneEvent::HeardText(said) = said.await?.event else { return Ok(()) };
        self.refused(&said.text).map_or(Ok(()), |key| Err(Left::NotSaved(key)))
    }

    /// Which words that it did not work these are.
    fn refused(&self, said: &str) -> Option<&'static str> {
        NOT_SAVED.into_iter().find(|key| said.contains(self.text(key).as_str()))
    }

    /// Which of these was said; unless it was said that it did not work.
    async fn hear_one_of(
        &self,
        call: &mut PhoneCall,
        what: &str,
        texts: &[String],
        is_same: fn(&str, &str) -> bool,
    ) -> Result<usize, Left> {
        let meant = |said: &str| {
            let place = texts.iter().position(|text| is_same(said, text));
            place.map(Ok).or_else(|| self.refused(said).map(|key| Err(Left::NotSaved(key))))
        };
        let said = call.wait_for(
            what,
            PATIENCE,
            |event| matches!(event, PhoneEvent::HeardText(said) if meant(&said.text).is_some()),
        );
        let over = || Err(Left::Fault(PhoneFault::Over { what: what.to_owned() }));
        match said.await?.event {
            PhoneEvent::HeardText(said) => meant(&said.text).unwrap_or_else(over),
            _ => over(),
        }
    }

    /// The first words of a key, as they are said.
    fn text(&self, key: &str) -> String {
        let said = self.errands.program.words.spoken(Language::ENGLISH, &Phrase::new(key));
        said.ok().and_then(|said| said.into_iter().next()).map_or_else(|| key.to_owned(), |said| said.text)
    }

    async fn choose(&self, call: &mut PhoneCall, flow: &str, step: &str, id: &str) -> Result<(), Left> {
        call.press(&key(option(&self.errands.program, flow, step, id))).await.map_err(Left::Fault)
    }
}

async fn hear_something(call: &mut PhoneCall) -> Result<(), PhoneFault> {
    call.wait_for("any words", PATIENCE, |event| matches!(event, PhoneEvent::HeardText(_))).await.map(|_| ())
}

fn option(program: &Program, flow: &str, step: &str, id: &str) -> Option<usize> {
    match &program.step(flow, step)?.kind {
        StepKind::Choose { options, .. } => options.iter().position(|option| option == id),
        _ => None,
    }
}

fn key(place: Option<usize>) -> String {
    place.and_then(|place| OPTION_KEYS.get(place)).map_or_else(String::new, char::to_string)
}
