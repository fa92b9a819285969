//! Who else opened a case, and who may: the days on which it was opened, and the desk that the person lets look at it.
//! Keeping tickets, and the log that the days come from, are left to `helpline`.

use super::Conversation;
use crate::effect::{CaseOpening, OpenedBy};
use crate::telling::{Arg, Phrase, Telling};
use caseline_model::{Date, Private};
use std::collections::{BTreeMap, BTreeSet};

/// So many days are told one by one, the newest first; of earlier ones how many there were.
const OPENING_DAYS_MAX: usize = 5;

impl Conversation {
    /// Each day with the roles, the newest first, and what to do about a day that one does not know.
    pub(super) fn tell_openings(&mut self, openings: &[CaseOpening]) {
        let mut days: BTreeMap<Date, BTreeSet<OpenedBy>> = BTreeMap::new();
        for opening in openings {
            days.entry(opening.on).or_default().insert(opening.by);
        }
        if days.is_empty() {
            return self.tell(Telling::plain("openings-none"));
        }
        let mut details = Vec::new();
        let mut phrases = vec![Phrase::new("openings-intro")];
        for (on, by) in days.iter().rev().take(OPENING_DAYS_MAX) {
            let roles: Vec<&str> = by.iter().map(|by| by.as_str()).collect();
            details.push(format!("{on} {}", roles.join(" ")));
            phrases.push(Phrase::new("opened-on").with("date", Arg::Date(*on)));
            phrases.extend(roles.into_iter().map(|role| Phrase::new(format!("opened-by-{role}"))));
        }
        let earlier = days.len().saturating_sub(OPENING_DAYS_MAX);
        if earlier > 0 {
            let count = u32::try_from(earlier).unwrap_or(u32::MAX);
            details.push(format!("{count} earlier"));
            phrases.push(Phrase::new("openings-earlier").with("count", Arg::Number(count)));
        }
        phrases.push(Phrase::new("openings-not-you"));
        phrases.extend(self.repeat_hint());
        self.tell(Telling::of("openings", details, phrases));
    }

    /// The desk as it is read back before anything is kept.
    pub(super) fn desk_read_back(&self, desk: u16) -> Phrase {
        Phrase::new("read-back-desk").with("digits", digits(desk)).with("date", Arg::Date(self.ticket_until()))
    }

    pub(super) fn tell_ticket(&mut self, desk: u16, deputy: Option<u16>, until: Date) {
        let mut phrases = vec![Phrase::new("ticket-left").with("digits", digits(desk)).with("date", Arg::Date(until))];
        phrases.extend(deputy.map(|deputy| Phrase::new("ticket-deputy").with("digits", digits(deputy))));
        phrases.push(Phrase::new("ticket-take-back"));
        self.tell(Telling::of("ticket-left", vec![format!("until {until}")], phrases));
    }
}

/// Said one by one.
fn digits(desk: u16) -> Arg {
    Arg::Digits(Private::new(desk.to_string()))
}
