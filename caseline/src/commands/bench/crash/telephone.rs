//! Callers by telephone: the test telephone dials over SIP, presses keys and hears the tape voice; a kill ends the call.
//! What is promised to whom is written down in `ledger`.

use super::ledger::Kind;
use super::{Errands, Gate};
use caseline_conversation::keypad::OPTION_KEYS;
use caseline_conversation::{Kind as StepKind, Phrase, Program};
use caseline_model::Language;
use caseline_voice::media::Codec;
use caseline_voice::phone::{Attention, Phone, PhoneCall, PhoneEvent, PhoneFault, PhoneSettings};
use caseline_voice::speech::{SpeechAdapter, Tape};
use std::sync::Arc;
use std::time::Duration;

/// How long a caller waits for each thing that they should hear.
const PATIENCE: Duration = Duration::from_secs(20);
/// A spoken message lasts at least so long, in samples: a shorter one is empty.
const SAID_SAMPLES_MIN: usize = 12_000;
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
        let mut caller = Caller { errands: &errands, kind, marker: marker.clone(), turn };
        let target = format!("sip:line@{}", reached.sip);
        tokio::select! {
            ended = caller.call(&target) => {
                // A call that the kill ended is nothing strange; one that ended while the line was up is.
                if let Err(fault) = ended && !gate.has_changed().unwrap_or(true) {
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

struct Caller<'e> {
    errands: &'e Errands,
    kind: Kind,
    marker: String,
    turn: usize,
}

impl Caller<'_> {
    async fn call(&mut self, target: &str) -> Result<(), PhoneFault> {
        let number = match self.kind {
            Kind::Callback | Kind::Reminder => self.marker.clone(),
            Kind::Message | Kind::Report | Kind::Import => "+12025550123".to_owned(),
        };
        let attention = Attention { prompts: None, tape: true };
        let settings = PhoneSettings { number, attention, ..PhoneSettings::default() };
        let mut call = Phone::call(target, settings).await?;
        call.wait_answered(PATIENCE).await?;
        // A key may interrupt the greeting: it answers the question at its end.
        hear_something(&mut call).await?;
        match self.kind {
            Kind::Callback | Kind::Message | Kind::Import => {
                self.choose(&mut call, "main", "reason", "more-choices").await?;
                self.hear(&mut call, "more-ask").await?;
                self.ask_for_it(&mut call).await?;
            }
            Kind::Reminder | Kind::Report => {
                self.choose(&mut call, "main", "reason", "my-case").await?;
                self.hear(&mut call, "receipt-or-number-ask").await?;
                let receipts = &self.errands.receipts;
                let receipt = receipts.get(self.turn % receipts.len().max(1)).cloned().unwrap_or_default();
                call.press(&format!("{receipt}#")).await?;
                hear_something(&mut call).await?;
                self.ask_by_case(&mut call).await?;
            }
        }
        call.hang_up().await;
        Ok(())
    }

    async fn ask_for_it(&mut self, call: &mut PhoneCall) -> Result<(), PhoneFault> {
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

    async fn ask_by_case(&mut self, call: &mut PhoneCall) -> Result<(), PhoneFault> {
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
    async fn hear_code(&self, call: &mut PhoneCall) -> Result<String, PhoneFault> {
        let digits: Vec<String> = (0..=9).map(|digit| self.text(&format!("digit-{digit}"))).collect();
        let mut code = String::new();
        while code.len() < CODE_DIGITS {
            let said = call.wait_for(
                "a digit",
                PATIENCE,
                |event| matches!(event, PhoneEvent::HeardText(text) if digits.contains(&text.text)),
            );
            if let PhoneEvent::HeardText(text) = said.await?.event
                && let Some(digit) = digits.iter().position(|digit| *digit == text.text)
            {
                code.push_str(&digit.to_string());
            }
        }
        Ok(code)
    }

    async fn hear_saved(&self, call: &mut PhoneCall, key: &str) -> Result<(), PhoneFault> {
        self.hear(call, key).await?;
        self.errands.ledger.acknowledge_by_telephone(self.kind, &self.marker);
        Ok(())
    }

    async fn hear(&self, call: &mut PhoneCall, key: &str) -> Result<(), PhoneFault> {
        call.heard_text(&self.text(key), PATIENCE).await.map(|_| ())
    }

    /// The first words of a key, as they are said.
    fn text(&self, key: &str) -> String {
        let said = self.errands.program.words.spoken(Language::ENGLISH, &Phrase::new(key));
        said.ok().and_then(|said| said.into_iter().next()).map_or_else(|| key.to_owned(), |said| said.text)
    }

    async fn choose(&self, call: &mut PhoneCall, flow: &str, step: &str, id: &str) -> Result<(), PhoneFault> {
        call.press(&key(option(&self.errands.program, flow, step, id))).await
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
