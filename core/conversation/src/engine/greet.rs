//! The beginning: who answers, made from the operator's identity, and the languages of the first menu.
//! The menus themselves are asked in `ask`.

use super::Conversation;
use crate::greeting;
use crate::input::Arrival;
use crate::state::{Frame, Waiting};
use crate::telling::{Phrase, Telling};
use std::collections::BTreeMap;

impl Conversation {
    pub(super) fn arrive(&mut self, arrival: Arrival) {
        if self.state.arrival.is_some() {
            // The same message twice: the contact has begun.
            return self.ask_again();
        }
        self.state.language = arrival.language;
        if self.program.operator.kind.is_agency() {
            // "This line belongs to the government" comes before anything else: in the language of the number or page,
            // or else in each language of the first menu.
            let phrases = match arrival.language {
                Some(_) => vec![Phrase::new(greeting::AGENCY_FIRST)],
                None => self.said_in_menu_languages(greeting::AGENCY_FIRST),
            };
            self.tell(Telling::of(greeting::AGENCY_FIRST, Vec::new(), phrases));
        }
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
        let operator = &self.program.operator;
        let phrases = match &self.state.arrival {
            Some(arrival) if arrival.custody => greeting::greeting_from_inside(operator),
            Some(arrival) if arrival.channel.is_voice() => greeting::spoken_greeting(operator),
            _ => greeting::greeting(operator),
        };
        self.tell(Telling::of(greeting::KEY, Vec::new(), phrases));
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
