//! Asking and being answered: choices, values, languages, silence, and what is unclear.
//! Keys, buttons and words become choices and values in the channels.

use super::Conversation;
use crate::effect::Effect;
use crate::flow::Kind;
use crate::output::{Choice, Expected, LANGUAGE_SUBJECT, Output, Question};
use crate::policy::Level;
use crate::slot::{SlotType, Value};
use crate::state::Waiting;
use crate::telling::{Arg, Phrase, Telling};
use caseline_model::{ArticleId, Disposition, Language, Private, TimeOfDay};

/// How many languages stand on a page of the finder.
pub const LANGUAGES_A_PAGE: usize = 4;

/// The option that turns the page of the finder.
pub const MORE: &str = "more-languages";

/// The option that says that no offered article fits.
pub const NONE_OF_THESE: &str = "none-of-these";

impl Conversation {
    /// Puts the current question, whatever it is.
    pub(super) fn ask_again(&mut self) {
        if let Some(mut question) = self.question() {
            for phrase in &mut question.phrases {
                self.localize(phrase);
            }
            if let Expected::Choice(choices) = &mut question.expected {
                for choice in choices {
                    self.localize(&mut choice.label);
                }
            }
            self.outputs.push_back(Output::Ask(question));
        } else if let Waiting::Effect(effect) = &self.state.waiting {
            // Another process took over while something was being done: it is asked for again, and kept once. Whoever
            // waits for a person hears once more what they wait for.
            let effect = effect.clone();
            if matches!(effect, Effect::Connect { .. }) {
                self.retell();
            }
            self.outputs.push_back(Output::Do(effect));
        }
    }

    /// What is being asked now; none while nothing is.
    pub fn question(&self) -> Option<Question> {
        match &self.state.waiting {
            Waiting::Nothing | Waiting::Effect(_) => None,
            Waiting::AnyoneThere => Some(Question {
                subject: "anyone-there".into(),
                phrases: match self.state.language {
                    Some(_) => vec![Phrase::new("anyone-there")],
                    None => self.said_in_menu_languages("anyone-there"),
                },
                expected: Expected::Choice(vec![plain_choice("yes")]),
            }),
            Waiting::ReadBack(value) => {
                let mut phrases = match value {
                    Value::Desk(desk) => vec![self.desk_read_back(*desk)],
                    value => read_back(value),
                };
                phrases.push(Phrase::new("read-back-ask"));
                Some(Question {
                    subject: "read-back".into(),
                    phrases,
                    expected: Expected::Choice(vec![plain_choice("yes"), plain_choice("no")]),
                })
            }
            Waiting::Articles(articles) => {
                let mut choices: Vec<Choice> = articles.iter().map(|id| plain_choice(&id.0)).collect();
                choices.push(plain_choice(NONE_OF_THESE));
                Some(Question {
                    subject: "article-choose".into(),
                    phrases: vec![Phrase::new("article-choose-ask")],
                    expected: Expected::Choice(choices),
                })
            }
            Waiting::LanguagePage(page) => Some(self.language_page(*page)),
            Waiting::Answer => self.step_question(),
        }
    }

    fn step_question(&self) -> Option<Question> {
        let step = self.current_step()?;
        let say = step.say.clone().unwrap_or_default();
        let subject = say.strip_suffix("-ask").unwrap_or(&say).to_owned();
        let phrases = if say.is_empty() { Vec::new() } else { vec![Phrase::new(say)] };
        match &step.kind {
            Kind::Choose { options, into } => {
                // An answer that may not be given today is not offered either.
                let may_be_chosen = |id: &&String| into.is_none() || !self.is_silent_article(id);
                let choices = options.iter().filter(may_be_chosen).map(|id| plain_choice(id)).collect();
                Some(Question { subject, phrases, expected: Expected::Choice(choices) })
            }
            Kind::Ask { slot_type: SlotType::Language, .. } => Some(self.first_menu()),
            Kind::Ask { slot_type, .. } => Some(Question { subject, phrases, expected: Expected::Value(*slot_type) }),
            _ => None,
        }
    }

    /// Whether an option is a vetted answer that is not given today: expired, not reviewed yet, or without words in this
    /// language. It comes back by itself when somebody of the operator has looked at it.
    fn is_silent_article(&self, option: &str) -> bool {
        let id = ArticleId(option.to_owned());
        let library = &self.program.library;
        library.article(&id).is_some_and(|article| {
            library.speakable(&id, self.today()).is_none()
                || self.program.words.key(self.speaks(), &article.words_key()).is_none()
        })
    }

    /// Whether the current question has nothing left to choose from: all its answers are silent.
    pub(super) fn offers_nothing(&self) -> bool {
        self.step_question()
            .is_some_and(|question| matches!(question.expected, Expected::Choice(choices) if choices.is_empty()))
    }

    /// Up to four languages, each in its own words; whoever needs another one stays on the line.
    fn first_menu(&self) -> Question {
        let choices = self.program.policy.first_menu.iter().map(|language| self.language_choice(*language)).collect();
        Question {
            subject: LANGUAGE_SUBJECT.into(),
            phrases: self.said_in_menu_languages("language-ask"),
            expected: Expected::Choice(choices),
        }
    }

    fn language_page(&self, page: usize) -> Question {
        let finder = &self.program.policy.finder;
        let from = page * LANGUAGES_A_PAGE;
        let mut choices: Vec<Choice> =
            finder.iter().skip(from).take(LANGUAGES_A_PAGE).map(|language| self.language_choice(*language)).collect();
        if from + LANGUAGES_A_PAGE < finder.len() {
            choices.push(Choice { id: MORE.into(), label: Phrase::new("choose-more-languages"), language: None });
        }
        Question { subject: LANGUAGE_SUBJECT.into(), phrases: Vec::new(), expected: Expected::Choice(choices) }
    }

    /// A language by its own name; the key is said in its own words, or in the announcing language until it has them.
    fn language_choice(&self, language: Language) -> Choice {
        let key = format!("language-{}", language.tag());
        let has_words = |language: Language| {
            self.program.words.key(language, &key).is_some() && self.program.words.key(language, "press-for").is_some()
        };
        let spoken_in = if has_words(language) {
            language
        } else {
            self.program.policy.announced_in.get(&language).copied().unwrap_or_else(|| self.speaks())
        };
        Choice {
            id: language.tag().to_owned(),
            label: Phrase::new(key).in_language(spoken_in),
            language: Some(spoken_in),
        }
    }

    pub(super) fn chose(&mut self, id: &str) {
        self.state.input_heard = true;
        let Some(question) = self.question() else { return };
        match &question.expected {
            Expected::Choice(choices) if !choices.iter().any(|choice| choice.id == id) => return self.unclear(),
            // Typed where a value is asked: the value itself.
            Expected::Value(_) => return self.gave(&Private::new(id.to_owned())),
            Expected::Choice(_) => {}
        }
        self.answered();
        match self.state.waiting.clone() {
            Waiting::AnyoneThere => {
                self.state.waiting = Waiting::Nothing;
                self.run();
            }
            Waiting::ReadBack(value) if id == "yes" => self.keep_value(value),
            Waiting::ReadBack(_) => {
                self.state.waiting = Waiting::Answer;
                self.ask_again();
            }
            Waiting::Articles(_) if id == NONE_OF_THESE => self.outcome("none"),
            Waiting::Articles(_) => self.answer_article(&ArticleId(id.to_owned())),
            Waiting::LanguagePage(page) if id == MORE => {
                self.state.waiting = Waiting::LanguagePage(page + 1);
                self.ask_again();
            }
            Waiting::LanguagePage(_) => self.chose_language(id),
            Waiting::Answer => match self.current_step().map(|step| step.kind.clone()) {
                Some(Kind::Ask { .. }) => self.chose_language(id),
                Some(Kind::Choose { into, .. }) => {
                    if let Some(slot) = into {
                        self.set_slot(&slot, Value::Choice(id.to_owned()));
                    }
                    self.outcome(id);
                }
                _ => self.unclear(),
            },
            Waiting::Nothing | Waiting::Effect(_) => {}
        }
    }

    fn chose_language(&mut self, id: &str) {
        let Ok(language) = id.parse::<Language>() else { return self.unclear() };
        let Some(Kind::Ask { into, .. }) = self.current_step().map(|step| step.kind.clone()) else {
            return self.unclear();
        };
        self.state.language = Some(language);
        self.set_slot(&into, Value::Language(language));
        match self.program.policy.level(language) {
            Level::Full => self.outcome("then"),
            Level::Lifeline | Level::PersonOnly => self.outcome("lifeline"),
        }
    }

    pub(super) fn gave(&mut self, heard: &Private<String>) {
        self.state.input_heard = true;
        let Some(question) = self.question() else { return };
        let Expected::Value(slot_type) = question.expected else {
            // Typed where a choice is asked: the option of that name.
            let id = heard.reveal().trim().to_owned();
            return self.chose(&id);
        };
        let Some(value) = slot_type.read(heard.reveal()) else { return self.unclear() };
        let value = match value {
            Value::Time(time) => Value::Time(in_court_hours(time)),
            other => other,
        };
        match self.current_step().map(|step| step.kind.clone()) {
            Some(Kind::Ask { confirm: true, .. }) => {
                self.state.waiting = Waiting::ReadBack(value);
                self.ask_again();
            }
            _ => self.keep_value(value),
        }
    }

    /// A passkey stands for number and code, where a number may be given.
    pub(super) fn showed_passkey(&mut self) {
        self.state.input_heard = true;
        match self.question().map(|question| question.expected) {
            Some(Expected::Value(SlotType::ReceiptOrNumber)) => self.keep_value(Value::Passkey),
            _ => self.unclear(),
        }
    }

    fn keep_value(&mut self, value: Value) {
        let Some(Kind::Ask { slot_type, into, .. }) = self.current_step().map(|step| step.kind.clone()) else {
            return self.unclear();
        };
        self.answered();
        let outcome = match (slot_type, &value) {
            (SlotType::ReceiptOrNumber, Value::FileReceipt(_)) => "receipt",
            (SlotType::ReceiptOrNumber, Value::Passkey) => "passkey",
            (SlotType::ReceiptOrNumber, _) => "number",
            _ => "then",
        };
        self.set_slot(&into, value);
        self.outcome(outcome);
    }

    fn answered(&mut self) {
        self.state.silences = 0;
        self.state.unclears = 0;
    }

    /// A voice on the call that says nothing we understand: somebody is there.
    pub(super) fn hear_voice(&mut self) {
        self.state.voice_heard = true;
        if self.state.waiting == Waiting::AnyoneThere {
            self.answered();
            self.state.waiting = Waiting::Nothing;
            self.run();
        }
    }

    /// Silence is an answer: after it was asked often enough it leads where the flow says, to a person in the end.
    pub(super) fn silent(&mut self) {
        match self.state.waiting.clone() {
            Waiting::Nothing | Waiting::Effect(_) => {}
            // No voice and no key since the call began: a machine. The 24-hour chain is not rung for it.
            Waiting::AnyoneThere => self.end(Some(Disposition::NobodyThere)),
            Waiting::LanguagePage(page) if (page + 1) * LANGUAGES_A_PAGE < self.program.policy.finder.len() => {
                self.state.waiting = Waiting::LanguagePage(page + 1);
                self.ask_again();
            }
            Waiting::LanguagePage(_) => self.outcome("silent"),
            _ => {
                self.state.silences = self.state.silences.saturating_add(1);
                if self.state.silences >= self.program.policy.silences {
                    self.give_up_on_question("silent");
                } else {
                    if self.state.language.is_some() {
                        self.tell(Telling::plain("still-there"));
                    }
                    self.ask_again();
                }
            }
        }
    }

    pub(super) fn unclear(&mut self) {
        self.state.input_heard = true;
        match self.state.waiting {
            Waiting::Nothing | Waiting::Effect(_) => return,
            Waiting::AnyoneThere => {
                // Any key is a sign.
                self.answered();
                self.state.waiting = Waiting::Nothing;
                return self.run();
            }
            _ => {}
        }
        self.state.unclears = self.state.unclears.saturating_add(1);
        if self.state.unclears >= self.program.policy.attempts {
            self.give_up_on_question("gave-up");
        } else {
            if self.state.language.is_some() {
                self.tell(Telling::plain("not-understood"));
            }
            self.ask_again();
        }
    }

    /// A question inside a step (a read-back, a choice of articles) gives up as its step does.
    fn give_up_on_question(&mut self, outcome: &str) {
        self.answered();
        let outcome = if matches!(self.state.waiting, Waiting::Articles(_)) { "none" } else { outcome };
        self.outcome(outcome);
    }

    pub(super) fn repeat(&mut self) {
        self.state.input_heard = true;
        if self.state.waiting == Waiting::AnyoneThere {
            return self.unclear();
        }
        self.retell();
        self.ask_again();
    }
}

fn plain_choice(id: &str) -> Choice {
    Choice { id: id.to_owned(), label: Phrase::new(format!("choose-{id}")), language: None }
}

fn read_back(value: &Value) -> Vec<Phrase> {
    let digits =
        |digits: String| vec![Phrase::new("read-back-digits").with("digits", Arg::Digits(Private::new(digits)))];
    match value {
        Value::Date(date) => vec![Phrase::new("read-back-date").with("date", Arg::Date(*date))],
        Value::Time(time) => vec![Phrase::new("read-back-time").with("time", Arg::Time(*time))],
        Value::Digits(text) => digits(text.reveal().clone()),
        Value::CaseNumber(number) => digits(number.reveal().canonical().chars().filter(char::is_ascii_digit).collect()),
        Value::FileReceipt(receipt) => digits(receipt.reveal().digits()),
        Value::CardCode(code) => digits(code.reveal().keyed()),
        Value::Phone(phone) => digits(phone.reveal().spoken_digits().to_owned()),
        Value::Language(_) | Value::Desk(_) | Value::Choice(_) | Value::Words(_) | Value::Passkey => Vec::new(),
    }
}

/// A hearing's time keyed on twelve hours: courts sit from seven in the morning, so one to six is the afternoon. It is
/// read back in words before it is used.
fn in_court_hours(time: TimeOfDay) -> TimeOfDay {
    match time.hour() {
        1..=6 => TimeOfDay::new(time.hour() + 12, time.minute()).unwrap_or(time),
        _ => time,
    }
}
