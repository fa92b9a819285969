//! Figures: how many contacts began and how they ended, by channel; which languages, once an hour and never a few; tries
//! that were refused, faults of the store, answers of the pages. No label names a person, nor one of a few.
//! Who hands the contacts in is left to the program, which sees them all at the door of the store.

use axum::http::StatusCode;
use caseline_model::{Channel, Disposition, Language, Time};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A language with fewer contacts in an hour is counted as `other`.
pub const LANGUAGE_AN_HOUR_MIN: u64 = 20;

/// Seconds of an hour.
const HOUR_SECONDS: i64 = 3_600;

/// Figures of all channels since the program started.
#[derive(Debug, Default)]
pub struct Counts {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    began: BTreeMap<Channel, u64>,
    ended: BTreeMap<(Channel, Disposition), u64>,
    hour: i64,
    this_hour: BTreeMap<Option<Language>, u64>,
    by_language: BTreeMap<String, u64>,
    answers: BTreeMap<u16, u64>,
    refused: BTreeMap<&'static str, u64>,
    tries: BTreeMap<&'static str, u64>,
    faults: BTreeMap<&'static str, u64>,
}

impl Counts {
    /// A contact began.
    pub fn contact_began(&self, channel: Channel) {
        *self.kept().began.entry(channel).or_default() += 1;
    }

    /// A contact ended; the language is the one that the caller chose.
    pub fn contact_ended(&self, now: Time, channel: Channel, disposition: Disposition, language: Option<Language>) {
        let mut kept = self.kept();
        kept.turn_hour(now);
        *kept.ended.entry((channel, disposition)).or_default() += 1;
        *kept.this_hour.entry(language).or_default() += 1;
    }

    /// A number with a code, a receipt or a report code was answered with "not this": wrong, or closed by a limit. Which
    /// of them is not told, here neither.
    pub fn try_refused(&self) {
        *self.kept().tries.entry("refused").or_default() += 1;
    }

    /// A try came when so many had gone wrong that the caller was sent to a person.
    pub fn try_over_limit(&self) {
        *self.kept().tries.entry("person").or_default() += 1;
    }

    /// The store failed to do what it was asked.
    pub fn store_failed(&self, disk_full: bool) {
        *self.kept().faults.entry(if disk_full { "disk-full" } else { "other" }).or_default() += 1;
    }

    /// An answer left, by the hundreds of its status.
    pub(crate) fn answered(&self, status: StatusCode) {
        *self.kept().answers.entry(status.as_u16() / 100).or_default() += 1;
    }

    /// A form was refused, and why in one word.
    pub(crate) fn refused(&self, why: &'static str) {
        *self.kept().refused.entry(why).or_default() += 1;
    }

    /// The figures as Prometheus reads them (text format 0.0.4). Languages are of hours that are over.
    pub fn prometheus(&self, now: Time) -> String {
        let mut kept = self.kept();
        kept.turn_hour(now);
        let mut text = String::new();
        row(
            &mut text,
            "caseline_contacts_began_total",
            kept.began.iter().map(|(channel, count)| (format!("channel=\"{channel}\""), *count)),
        );
        row(
            &mut text,
            "caseline_contacts_ended_total",
            kept.ended.iter().map(|((channel, disposition), count)| {
                (format!("channel=\"{channel}\",disposition=\"{disposition}\""), *count)
            }),
        );
        row(
            &mut text,
            "caseline_contacts_by_language_total",
            kept.by_language.iter().map(|(language, count)| (format!("language=\"{language}\""), *count)),
        );
        row(
            &mut text,
            "caseline_web_answers_total",
            kept.answers.iter().map(|(hundreds, count)| (format!("status=\"{hundreds}xx\""), *count)),
        );
        row(
            &mut text,
            "caseline_web_refused_total",
            kept.refused.iter().map(|(why, count)| (format!("why=\"{why}\""), *count)),
        );
        row(
            &mut text,
            "caseline_tries_not_opened_total",
            kept.tries.iter().map(|(answer, count)| (format!("answer=\"{answer}\""), *count)),
        );
        row(
            &mut text,
            "caseline_store_faults_total",
            kept.faults.iter().map(|(why, count)| (format!("why=\"{why}\""), *count)),
        );
        text
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// An hour is over: its languages are added up, those of a few as `other`.
    fn turn_hour(&mut self, now: Time) {
        let hour = now.seconds().div_euclid(HOUR_SECONDS);
        if hour == self.hour {
            return;
        }
        self.hour = hour;
        for (language, count) in std::mem::take(&mut self.this_hour) {
            let label = match language {
                Some(language) if count >= LANGUAGE_AN_HOUR_MIN => language.tag().to_owned(),
                _ => "other".to_owned(),
            };
            *self.by_language.entry(label).or_default() += count;
        }
    }
}

fn row(text: &mut String, name: &str, rows: impl Iterator<Item = (String, u64)>) {
    // Writing to a text never fails.
    let _ = writeln!(text, "# TYPE {name} counter");
    for (labels, count) in rows {
        let _ = writeln!(text, "{name}{{{labels}}} {count}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn at(seconds: u64) -> Time {
        Time::from_micros(1_760_400_000_000_000).plus(Duration::from_secs(seconds))
    }

    fn languages(text: &str) -> Vec<&str> {
        text.lines().filter(|row| row.starts_with("caseline_contacts_by_language_total{")).collect()
    }

    #[test]
    fn a_language_of_a_few_is_never_told_apart_nor_told_before_the_hour_is_over() {
        let counts = Counts::default();
        for _ in 0..LANGUAGE_AN_HOUR_MIN {
            counts.contact_ended(at(0), Channel::Phone, Disposition::Answered, Some(Language::SPANISH));
        }
        counts.contact_ended(at(1), Channel::WebChat, Disposition::Answered, "mam".parse().ok());
        counts.contact_ended(at(1), Channel::WebChat, Disposition::Abandoned, None);
        assert_eq!(languages(&counts.prometheus(at(2))), [""; 0]);
        assert_eq!(
            languages(&counts.prometheus(at(3_600))),
            [
                "caseline_contacts_by_language_total{language=\"es\"} 20",
                "caseline_contacts_by_language_total{language=\"other\"} 2",
            ]
        );
    }

    #[test]
    fn contacts_are_counted_by_channel_and_by_how_they_ended() {
        let counts = Counts::default();
        counts.contact_began(Channel::WebChat);
        counts.contact_ended(at(0), Channel::WebChat, Disposition::MessageLeft, None);
        let text = counts.prometheus(at(0));
        assert!(text.contains("caseline_contacts_began_total{channel=\"web-chat\"} 1\n"), "{text}");
        assert!(
            text.contains("caseline_contacts_ended_total{channel=\"web-chat\",disposition=\"message left\"} 1\n"),
            "{text}"
        );
    }
}
