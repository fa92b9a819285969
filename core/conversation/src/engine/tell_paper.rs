//! Reading a paper together: what day it is, what to do, what looks wrong. Nothing of it is kept.
//! The checks stand in `records::paper`.

use super::Conversation;
use crate::slot::Value;
use crate::telling::{Arg, Phrase, Telling};
use caseline_model::Disposition;
use caseline_records::paper::{DayOfPaper, Paper};

impl Conversation {
    /// Tells about the paper whose date, time and mailing day stand in these slots.
    pub(super) fn tell_paper(&mut self, date: &str, time: Option<&str>, mailed: Option<&str>) -> &'static str {
        let Some(frame) = self.state.stack.last() else { return "told" };
        let Some(Value::Date(hearing_on)) = frame.slots.get(date).cloned() else { return "told" };
        let hearing_time = time.and_then(|slot| frame.slots.get(slot)).and_then(|value| match value {
            Value::Time(time) => Some(*time),
            _ => None,
        });
        let mailed_on = mailed.and_then(|slot| frame.slots.get(slot)).and_then(|value| match value {
            Value::Date(date) => Some(*date),
            _ => None,
        });
        let paper = Paper { hearing_on, hearing_time, mailed_on };
        let today = self.today();
        let (outcome, detail, phrase) = match paper.day(today) {
            DayOfPaper::Past => {
                ("past", "past".to_owned(), Phrase::new("paper-past").with("date", Arg::Date(hearing_on)))
            }
            DayOfPaper::Today => ("soon", "today".into(), Phrase::new("paper-today")),
            DayOfPaper::InDays(1) => ("soon", "tomorrow".into(), Phrase::new("paper-tomorrow")),
            // Far away a date is kept better in mind than a number of days.
            DayOfPaper::InDays(days @ 100..) => {
                ("told", format!("in {days} days"), Phrase::new("paper-later").with("date", Arg::Date(hearing_on)))
            }
            DayOfPaper::InDays(days) => (
                "told",
                format!("in {days} days"),
                Phrase::new("paper-in-days")
                    .with("date", Arg::Date(hearing_on))
                    .with("days", Arg::Number(days.unsigned_abs())),
            ),
        };
        for rule in paper.findings(today) {
            self.tell_finding(rule);
        }
        self.tell(Telling::of("paper", vec![detail], vec![phrase]));
        self.tell(Telling::plain("paper-duties"));
        self.reached(Disposition::Answered);
        outcome
    }
}
