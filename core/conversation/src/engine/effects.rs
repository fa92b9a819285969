//! What came back from an effect, and where that leads.
//! Doing it was left to `helpline` and the channels.

use super::Conversation;
use crate::effect::{Connected, Done, Effect};
use crate::state::Waiting;
use crate::telling::{Arg, Phrase, Telling};
use caseline_model::{Disposition, FileReceipt, Private};

impl Conversation {
    pub(super) fn done(&mut self, done: Done) {
        let Waiting::Effect(effect) = self.state.waiting.clone() else { return };
        let outcome = match (effect, done) {
            (Effect::CheckCard { .. } | Effect::CheckFile { .. } | Effect::CheckPasskey, Done::Opened) => {
                self.state.case_open = true;
                "opened"
            }
            (
                Effect::CheckCard { .. }
                | Effect::CheckFile { .. }
                | Effect::CheckPasskey
                | Effect::ReportOutcome { .. },
                Done::Refused,
            ) => "refused",
            (
                Effect::CheckCard { .. }
                | Effect::CheckFile { .. }
                | Effect::CheckPasskey
                | Effect::ReportOutcome { .. },
                Done::PersonNow,
            ) => "person",
            (Effect::ReadCase { .. }, Done::Read { answer }) => self.tell_answer(&answer),
            // The vault refused: nothing of the case is told.
            (Effect::ReadCase { .. }, _) => {
                self.tell(Telling::plain("apology"));
                "nothing"
            }
            (Effect::OpenFile { .. }, Done::FileOpened { receipt }) => {
                self.state.case_open = true;
                self.reached(Disposition::Answered);
                self.tell_code("file-receipt", "file-receipt-is", &receipt);
                "opened"
            }
            (Effect::OpenFile { .. }, Done::NotHere) => "not-here",
            (Effect::Report { .. }, Done::ReportTaken { code }) => {
                self.reached(Disposition::ReportTaken);
                self.tell_code("report-code", "report-code-is", &code);
                "taken"
            }
            (Effect::ReportOutcome { .. }, Done::ReportState { state, taken_on, since }) => {
                self.reached(Disposition::Answered);
                let phrase = Phrase::new(format!("report-state-{}", state.as_str()))
                    .with("taken", Arg::Date(taken_on))
                    .with("since", Arg::Date(since));
                self.tell(Telling::of("report-state", vec![state.as_str().into(), taken_on.to_string()], vec![phrase]));
                "told"
            }
            (Effect::Connect { .. }, Done::Connect { connected }) => match connected {
                Connected::Answered => {
                    self.reached(Disposition::Connected);
                    "connected"
                }
                Connected::Closed => self.one_of("closed", "nobody"),
                Connected::Full => self.one_of("full", "nobody"),
                Connected::Nobody => self.one_of("nobody", "gave-up"),
            },
            (Effect::Connect { .. }, _) => self.one_of("nobody", "gave-up"),
            (Effect::Callback { .. }, Done::Saved) => {
                self.reached(Disposition::CallbackPromised);
                "promised"
            }
            (Effect::Message { .. }, Done::Saved) => {
                self.reached(Disposition::MessageLeft);
                "left"
            }
            (Effect::Message { .. }, Done::Empty) => "empty",
            (Effect::Remind { .. }, Done::Saved) => {
                self.reached(Disposition::Answered);
                "set"
            }
            (Effect::ForgetMe, Done::Forgotten { destroyed }) => {
                self.state.case_open = false;
                self.forget_slots();
                self.reached(Disposition::Forgotten);
                self.tell_forgotten(&destroyed);
                "done"
            }
            (Effect::Openings, Done::Openings { openings }) => {
                self.reached(Disposition::Answered);
                self.tell_openings(&openings);
                "told"
            }
            (Effect::LeaveTicket { desk, .. }, Done::TicketLeft { deputy, until }) => {
                self.reached(Disposition::Answered);
                self.tell_ticket(desk, deputy, until);
                "left"
            }
            (Effect::LeaveTicket { .. }, Done::NoSuchDesk) => "no-such-desk",
            (Effect::WithdrawTickets, Done::TicketsWithdrawn { count }) => {
                self.reached(Disposition::Answered);
                self.tell(Telling::of(
                    "tickets-withdrawn",
                    vec![count.to_string()],
                    vec![Phrase::new("tickets-withdrawn")],
                ));
                "done"
            }
            (Effect::EndAuthorities, Done::AuthoritiesEnded { count }) => {
                self.reached(Disposition::Answered);
                self.tell(Telling::of(
                    "authorities-ended",
                    vec![count.to_string()],
                    vec![Phrase::new("authorities-ended")],
                ));
                "done"
            }
            (Effect::CloseCase, Done::Closed) => {
                // Nothing of the first person's stays behind when the second one's number is asked for (property S2).
                self.state.case_open = false;
                self.state.said.clear();
                self.forget_slots();
                "done"
            }
            // Nothing was saved, and nothing is said to have been: the flow's own honest words follow.
            _ => "unavailable",
        };
        self.outcome(outcome);
    }

    /// The outcome that the current step has wired.
    fn one_of(&self, first: &'static str, second: &'static str) -> &'static str {
        match self.current_step() {
            Some(step) if step.outcomes.contains_key(first) => first,
            _ => second,
        }
    }

    /// Sixteen digits are said twice and never again.
    fn tell_code(&mut self, subject: &str, key: &str, code: &Private<FileReceipt>) {
        let phrase = Phrase::new(key).with("digits", Arg::Digits(Private::new(code.reveal().digits())));
        let mut phrases = vec![phrase.clone(), phrase, Phrase::new("file-receipt-once")];
        phrases.extend(self.repeat_hint());
        self.tell(Telling::of(subject, Vec::new(), phrases));
    }

    fn tell_forgotten(&mut self, destroyed: &[(String, u32)]) {
        let mut phrases: Vec<Phrase> = destroyed
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(kind, count)| Phrase::new(format!("forgotten-{kind}")).with("count", Arg::Number(*count)))
            .collect();
        let details = destroyed.iter().filter(|row| row.1 > 0).map(|(kind, count)| format!("{count} {kind}")).collect();
        phrases.push(Phrase::new("forgotten-nothing-left"));
        self.tell(Telling::of("forgotten", details, phrases));
    }

    fn forget_slots(&mut self) {
        for frame in &mut self.state.stack {
            frame.slots.clear();
        }
    }
}
