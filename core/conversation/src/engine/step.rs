//! Running steps: from one that was entered to the next that waits for something.
//! What is asked stands in `ask`, what comes back from effects in `effects`.

use super::{Conversation, STEPS_BETWEEN_INPUTS_MAX};
use crate::effect::{Chain, Effect};
use crate::flow::{ContactFact, Kind, Need, Step};
use crate::greeting;
use crate::output::Output;
use crate::slot::{SlotType, Value};
use crate::state::{CALL_DEPTH_MAX, Frame, Waiting};
use crate::telling::{Arg, Phrase, Telling};
use caseline_knowledge::{ArticleState, Cost, Intake};
use caseline_model::{ArticleId, Disposition, Phone, Private};
use caseline_records::Rule;
use std::collections::BTreeMap;

/// What is told to the person who takes over when a flow handed nothing in.
const NEED_UNKNOWN: &str = "person";

/// What a step led to.
enum Next {
    /// An outcome of it: go where that is wired.
    Outcome(&'static str),
    /// Another step was made current.
    Entered,
    /// Something is waited for, or the conversation ended.
    Waits,
}

impl Conversation {
    pub(super) fn current_step(&self) -> Option<&Step> {
        let frame = self.state.stack.last()?;
        self.program.step(&frame.flow, &frame.step)
    }

    pub(super) fn set_slot(&mut self, slot: &str, value: Value) {
        if let Some(frame) = self.state.stack.last_mut() {
            frame.slots.insert(slot.to_owned(), value);
        }
    }

    fn slot(&self, slot: &str) -> Option<&Value> {
        self.state.stack.last()?.slots.get(slot)
    }

    /// Goes where an outcome of the current step is wired, and runs on.
    pub(super) fn outcome(&mut self, outcome: &str) {
        self.state.waiting = Waiting::Nothing;
        self.state.silences = 0;
        self.state.unclears = 0;
        if self.follow(outcome) {
            self.run();
        } else {
            self.lost();
        }
    }

    fn follow(&mut self, outcome: &str) -> bool {
        let Some(target) = self.current_step().and_then(|step| step.outcomes.get(outcome)).map(|t| t.step.clone())
        else {
            return false;
        };
        match self.state.stack.last_mut() {
            Some(frame) => {
                frame.step = target;
                true
            }
            None => false,
        }
    }

    /// A way that leads nowhere, which the checker should have caught: a person, never a dead end.
    fn lost(&mut self) {
        let person = self.program.policy.person.clone();
        let there = self.state.stack.last().map(|frame| format!("{}.{}", frame.flow, frame.step));
        self.tell(Telling::plain("apology"));
        if there.as_deref() == Some(person.as_str()) || self.state.stack.is_empty() {
            return self.end(Some(Disposition::Failed));
        }
        self.state.waiting = Waiting::Answer;
        self.jump(person);
    }

    /// Runs steps until one waits.
    pub(super) fn run(&mut self) {
        for _ in 0..STEPS_BETWEEN_INPUTS_MAX {
            self.state.waiting = Waiting::Nothing;
            let Some(step) = self.current_step().cloned() else { return self.lost() };
            match self.enter(&step) {
                Next::Waits => return,
                Next::Entered => {}
                Next::Outcome(outcome) => {
                    if !self.follow(outcome) {
                        return self.lost();
                    }
                }
            }
        }
        self.tell(Telling::plain("apology"));
        self.end(Some(Disposition::Failed));
    }

    fn enter(&mut self, step: &Step) -> Next {
        if self.must_ask_for_a_sign(&step.kind) {
            self.state.waiting = Waiting::AnyoneThere;
            self.ask_again();
            return Next::Waits;
        }
        if let Some(say) = &step.say
            && !step.kind.is_input()
        {
            match finding_of(say) {
                _ if say == greeting::KEY => self.greet(),
                // Noticed from what the caller just said, and told like what a check found in a record.
                Some(rule) => self.tell_finding(rule),
                None => self.tell(Telling::plain(say)),
            }
        }
        match &step.kind {
            Kind::Say => Next::Outcome("then"),
            Kind::Choose { .. } if self.offers_nothing() => Next::Outcome("silent"),
            Kind::Choose { .. } => self.wait_for(Waiting::Answer),
            Kind::Ask { slot_type: SlotType::Language, .. } if self.state.language.is_some() => {
                // The number that was called, or the page, has a language: the menu is skipped.
                Next::Outcome("then")
            }
            Kind::Ask { slot_type: SlotType::AnyLanguage, .. } => self.wait_for(Waiting::LanguagePage(0)),
            Kind::Ask { .. } => self.wait_for(Waiting::Answer),
            Kind::CheckOwnCase { number, code } => self.check_own_case(number, code.as_deref()),
            Kind::TellCase { fields } => self.wants(Effect::ReadCase { fields: fields.clone() }),
            Kind::ReadPaper { date, time, mailed } => {
                Next::Outcome(self.tell_paper(date, time.as_deref(), mailed.as_deref()))
            }
            Kind::OpenFile { date, time, word_key } => self.open_file(date, time.as_deref(), word_key.as_deref()),
            Kind::Answer { question } => self.answer(question),
            Kind::ReportWrongRecord { what } => match self.slot(what).cloned() {
                Some(Value::Choice(what)) => self.wants(Effect::Report { what }),
                _ => Next::Outcome("unavailable"),
            },
            Kind::ReportOutcome { code } => match self.slot(code).cloned() {
                Some(Value::FileReceipt(code)) => self.wants(Effect::ReportOutcome { code }),
                _ => Next::Outcome("unavailable"),
            },
            Kind::Urgent { need } => self.wants(Effect::Connect { chain: Chain::Urgent, need: need.clone() }),
            Kind::Queue { need } => self.wants(Effect::Connect { chain: Chain::Staff, need: need.clone() }),
            Kind::Callback { phone, need } => {
                let phone = self.phone(phone.as_deref());
                let need = self.need(need);
                self.wants(Effect::Callback { phone, need })
            }
            Kind::Message { need, words } => {
                let words = words.as_deref().and_then(|slot| self.slot(slot)).and_then(|value| match value {
                    Value::Words(words) => Some(words.clone()),
                    _ => None,
                });
                let need = self.need(need);
                self.wants(Effect::Message { need, words })
            }
            Kind::Remind { phone } => {
                let phone = self.phone(phone.as_deref());
                self.wants(Effect::Remind { phone })
            }
            Kind::Refer { topic } => Next::Outcome(self.refer(topic)),
            Kind::ForgetMe => self.wants(Effect::ForgetMe),
            Kind::TellOpenings => self.wants(Effect::Openings),
            Kind::LeaveTicket { desk } => match self.slot(desk) {
                Some(Value::Desk(desk)) => {
                    let desk = *desk;
                    let until = self.ticket_until();
                    self.wants(Effect::LeaveTicket { desk, until })
                }
                _ => Next::Outcome("unavailable"),
            },
            Kind::WithdrawTickets => self.wants(Effect::WithdrawTickets),
            Kind::EndAuthorities => self.wants(Effect::EndAuthorities),
            Kind::CloseCase => self.wants(Effect::CloseCase),
            Kind::Call { flow, give, with, .. } => self.call(flow, give, with),
            Kind::When { fact } => Next::Outcome(if self.holds(*fact) { "yes" } else { "no" }),
            Kind::End { outcome, disposition } => self.leave(outcome.as_deref(), *disposition),
        }
    }

    /// A line on which no voice was heard and no key came is asked once more before anybody is rung: robocalls.
    fn must_ask_for_a_sign(&self, kind: &Kind) -> bool {
        matches!(kind, Kind::Urgent { .. } | Kind::Queue { .. } | Kind::Message { .. } | Kind::Callback { .. })
            && !self.state.voice_heard
            && !self.state.input_heard
    }

    fn wait_for(&mut self, waiting: Waiting) -> Next {
        self.state.waiting = waiting;
        self.ask_again();
        Next::Waits
    }

    fn wants(&mut self, effect: Effect) -> Next {
        self.state.waiting = Waiting::Effect(effect.clone());
        self.outputs.push_back(Output::Do(effect));
        Next::Waits
    }

    fn check_own_case(&mut self, number: &str, code: Option<&str>) -> Next {
        let code = code.and_then(|slot| self.slot(slot)).cloned();
        match (self.slot(number).cloned(), code) {
            (Some(Value::CaseNumber(number)), Some(Value::CardCode(code))) => {
                self.wants(Effect::CheckCard { number, code })
            }
            (Some(Value::FileReceipt(receipt)), code) => {
                let word_key = match code {
                    Some(Value::Digits(digits)) => Some(digits),
                    _ => None,
                };
                self.wants(Effect::CheckFile { receipt, word_key })
            }
            (Some(Value::Passkey), _) => self.wants(Effect::CheckPasskey),
            // A number without a code opens nothing and says nothing.
            _ => Next::Outcome("refused"),
        }
    }

    fn open_file(&mut self, date: &str, time: Option<&str>, word_key: Option<&str>) -> Next {
        if self.program.operator.kind.is_agency() {
            return Next::Outcome("not-here");
        }
        let Some(Value::Date(date)) = self.slot(date).cloned() else { return Next::Outcome("unavailable") };
        let time = time.and_then(|slot| self.slot(slot)).and_then(|value| match value {
            Value::Time(time) => Some(*time),
            _ => None,
        });
        let word_key = word_key.and_then(|slot| self.slot(slot)).and_then(|value| match value {
            Value::Digits(digits) => Some(digits.clone()),
            _ => None,
        });
        self.wants(Effect::OpenFile { date, time, word_key })
    }

    fn phone(&self, slot: Option<&str>) -> Option<Private<Phone>> {
        match slot.and_then(|slot| self.slot(slot)) {
            Some(Value::Phone(phone)) => Some(phone.clone()),
            _ => None,
        }
    }

    /// What the person who takes over is told. The checker proves that a slot for it is set; a flow that slipped past it
    /// says that a person is wanted.
    fn need(&self, need: &Need) -> String {
        match need {
            Need::Is(need) => need.clone(),
            Need::In(slot) => match self.slot(slot) {
                Some(Value::Choice(need)) => need.clone(),
                _ => NEED_UNKNOWN.to_owned(),
            },
        }
    }

    fn answer(&mut self, question: &str) -> Next {
        match self.slot(question).cloned() {
            Some(Value::Choice(id)) => Next::Outcome(self.tell_article(&ArticleId(id))),
            Some(Value::Words(words)) => {
                let today = self.today();
                let found: Vec<ArticleId> = self
                    .program
                    .library
                    .find(self.speaks(), words.reveal(), today)
                    .into_iter()
                    .map(|article| article.id.clone())
                    .collect();
                if found.is_empty() { Next::Outcome("none") } else { self.wait_for(Waiting::Articles(found)) }
            }
            _ => Next::Outcome("none"),
        }
    }

    pub(super) fn answer_article(&mut self, id: &ArticleId) {
        let outcome = self.tell_article(id);
        self.outcome(outcome);
    }

    /// An answer that has expired, or has no words in this language, is not given.
    fn tell_article(&mut self, id: &ArticleId) -> &'static str {
        let program = std::sync::Arc::clone(&self.program);
        let Some((article, state)) = program.library.speakable(id, self.today()) else { return "none" };
        let key = article.words_key();
        if program.words.key(self.speaks(), &key).is_none() {
            return "none";
        }
        let mut phrases = vec![Phrase::new(key)];
        if article.rule_in_dispute {
            phrases.push(Phrase::new("article-disputed"));
        }
        if state == ArticleState::LastChecked {
            phrases.push(Phrase::new("article-last-checked").with("date", Arg::Date(article.checked_on)));
        }
        phrases.extend(self.repeat_hint());
        self.reached(Disposition::Answered);
        self.tell(Telling::of("answer", vec![article.id.0.clone()], phrases));
        "told"
    }

    fn refer(&mut self, topic: &str) -> &'static str {
        let program = std::sync::Arc::clone(&self.program);
        let found = program.library.providers(topic, self.speaks(), self.today());
        if found.is_empty() {
            return "none";
        }
        // Two at a time: a caller cannot write down more.
        for provider in found.into_iter().take(2) {
            let digits = Private::new(provider.phone.spoken_digits().to_owned());
            let mut phrases = vec![
                Phrase::new("provider-is")
                    .with("name", Arg::Name(provider.name.clone()))
                    .with("phone", Arg::Digits(digits)),
            ];
            phrases.push(Phrase::new(match provider.cost {
                Cost::Free => "provider-free",
                Cost::LowCost | Cost::Paid => "provider-low-cost",
            }));
            if provider.intake == Intake::WaitingList {
                phrases.push(Phrase::new("provider-waiting-list"));
            }
            self.tell(Telling::of("provider", vec![provider.name.clone()], phrases));
        }
        self.reached(Disposition::Referred);
        "told"
    }

    fn call(&mut self, flow: &str, give: &BTreeMap<String, String>, with: &BTreeMap<String, String>) -> Next {
        let Some(called) = self.program.flows.get(flow) else {
            self.lost();
            return Next::Waits;
        };
        if self.state.stack.len() >= CALL_DEPTH_MAX {
            self.lost();
            return Next::Waits;
        }
        let slots = give
            .iter()
            .filter_map(|(input, slot)| self.slot(slot).map(|value| (input.clone(), value.clone())))
            .chain(with.iter().map(|(input, need)| (input.clone(), Value::Choice(need.clone()))))
            .collect();
        let frame = Frame { flow: flow.to_owned(), step: called.start.clone(), slots };
        self.state.stack.push(frame);
        Next::Entered
    }

    /// Ends a flow: the calling step goes on with the outcome; the outermost one ends the contact.
    fn leave(&mut self, outcome: Option<&str>, disposition: Option<Disposition>) -> Next {
        if let Some(disposition) = disposition {
            self.reached(disposition);
        }
        if self.state.stack.len() <= 1 {
            // Whoever came this far heard the line out.
            self.reached(Disposition::Answered);
            self.end(None);
            return Next::Waits;
        }
        let Some(ended) = self.state.stack.pop() else { return Next::Waits };
        if let Some(Kind::Call { take, .. }) = self.current_step().map(|step| step.kind.clone()) {
            for (slot, output) in take {
                if let Some(value) = ended.slots.get(&output) {
                    self.set_slot(&slot, value.clone());
                }
            }
        }
        if self.follow(outcome.unwrap_or("then")) {
            Next::Entered
        } else {
            self.lost();
            Next::Waits
        }
    }

    fn holds(&self, fact: ContactFact) -> bool {
        let arrival = self.state.arrival.as_ref();
        match fact {
            ContactFact::Staffed => arrival.is_some_and(|a| a.staffed),
            ContactFact::NumberShown => arrival.is_some_and(|a| a.number_shown),
            ContactFact::Custody => arrival.is_some_and(|a| a.custody),
            ContactFact::Typed => arrival.is_some_and(|a| !a.channel.is_voice()),
            ContactFact::CaseOpen => self.state.case_open,
        }
    }
}

/// The check whose words these are: `finding-duties-clash`.
fn finding_of(say: &str) -> Option<Rule> {
    let word = say.strip_prefix("finding-")?;
    Rule::ALL.iter().copied().find(|rule| rule.word() == word)
}
