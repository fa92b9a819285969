//! The beginning: who answers, made from the operator's identity, and the languages of the first menu.
//! The menus themselves are asked in `ask`.

use super::Conversation;
use crate::input::Arrival;
use crate::state::{Frame, Waiting};
use crate::telling::{Arg, Phrase, Telling};
use std::collections::BTreeMap;

impl Conversation {
    pub(super) fn arrive(&mut self, arrival: Arrival) {
        if self.state.arrival.is_some() {
            // The same message twice: the contact has begun.
            return self.ask_again();
        }
        if self.program.operator.kind.is_agency() {
            // "This line belongs to the government" comes before anything else, in each language of the first menu.
            let phrases = self.said_in_menu_languages("agency-first");
            self.tell(Telling::of("agency-first", Vec::new(), phrases));
        }
        self.state.language = arrival.language;
        self.state.input_heard = !arrival.channel.is_voice();
        self.state.arrival = Some(arrival);
        let main = self.program.policy.main.clone();
        let Some(flow) = self.program.flows.get(&main) else {
            return self.end(Some(caseline_model::Disposition::Failed));
        };
        let step = flow.start.clone();
        self.state.stack = vec![Frame { flow: main, step, slots: BTreeMap::new() }];
        self.state.waiting = Waiting::Nothing;
        self.run();
    }

    /// Who we are, that it is free, that no name is needed, that nothing is recorded; who else hears or gets anything.
    pub(super) fn greet(&mut self) {
        let operator = self.program.operator.clone();
        let government = if operator.kind.is_government() { "greeting-government" } else { "greeting-not-government" };
        let mut phrases = vec![
            Phrase::new("greeting-name").with("name", Arg::Name(operator.name)),
            Phrase::new(government),
            Phrase::new("greeting-free"),
            Phrase::new("greeting-no-name"),
            Phrase::new("greeting-not-recorded"),
        ];
        if self.state.arrival.as_ref().is_some_and(|arrival| arrival.channel.is_voice()) {
            // What the telephone network itself can hear is said, not hidden.
            phrases.push(Phrase::new("greeting-telephone-open"));
        }
        if !operator.shares_with.is_empty() {
            phrases.push(Phrase::new("greeting-shares").with("with", Arg::Name(operator.shares_with)));
        }
        if !operator.hears_calls.is_empty() {
            phrases.push(Phrase::new("greeting-hears").with("who", Arg::Name(operator.hears_calls)));
        }
        self.tell(Telling::of("greeting", Vec::new(), phrases));
    }

    /// A phrase in each language of the first menu that has it.
    pub(super) fn said_in_menu_languages(&self, key: &str) -> Vec<Phrase> {
        self.program
            .policy
            .first_menu
            .iter()
            .filter(|language| self.program.words.key(**language, key).is_some())
            .map(|language| Phrase::new(key).in_language(*language))
            .collect()
    }
}
