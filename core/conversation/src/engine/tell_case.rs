//! Telling one's own case: each fact with its source, its date and how it stands; what must be spoken first, first.
//! What the facts are was decided in `records`; the wording stands in the catalogues.

use super::Conversation;
use crate::telling::{Arg, Phrase, Telling};
use caseline_model::{Date, Disposition, Language};
use caseline_records::answer::hearing_time;
use caseline_records::finding::{Route, Severity};
use caseline_records::{
    Answer, CustodyStatus, Fact, Field, HearingKind, HearingTime, Medium, Outcome, Rule, SourceKind, Standing, Told,
    Value,
};

impl Conversation {
    /// Tells an answer and says where that leads.
    pub(super) fn tell_answer(&mut self, answer: &Answer) -> &'static str {
        self.tell_parts(answer);
        if answer.facts.is_empty() && answer.findings.is_empty() {
            return "nothing";
        }
        self.reached(Disposition::Answered);
        let is_disputed = answer.facts.iter().any(|fact| fact.standing == Standing::Disputed);
        match answer.findings.first() {
            Some(finding) if finding.rule.severity() == Severity::SpeakFirst => "speak-first",
            _ if is_disputed => "speak-first",
            _ => "told",
        }
    }

    fn tell_parts(&mut self, answer: &Answer) {
        if answer.facts.is_empty() && answer.findings.is_empty() {
            return self.tell(Telling::plain("case-nothing"));
        }
        for finding in &answer.findings {
            // A dispute is told with both dates; "stale" goes with the fact it is about.
            if finding.rule.severity() != Severity::SpeakFirst || finding.rule == Rule::HearingDatesDisagree {
                continue;
            }
            self.tell_finding(finding.rule);
        }
        // What several facts share, their source and its day, is said with the first of them.
        let mut said = None;
        for fact in &answer.facts {
            if self.is_worth_saying(fact) {
                self.tell_fact(fact, &mut said);
            }
        }
        for fact in answer.facts.iter().filter(|fact| fact.standing == Standing::Disputed) {
            match fact.field {
                Field::Hearing => self.tell_safe_action(fact),
                _ => self.tell(Telling::of(
                    "safe-action",
                    vec!["ask before you act".to_owned()],
                    vec![Phrase::new("safe-ask-first")],
                )),
            }
        }
        for finding in &answer.findings {
            if finding.rule.severity() == Severity::SpeakWith && finding.rule != Rule::Stale {
                self.tell_finding(finding.rule);
            }
        }
        // Where a lawyer comes first no office or number is named as the thing to do; the duties that go on are.
        if is_lawyer_first(answer) {
            self.tell(Telling::plain("paper-duties"));
        } else if answer.fact(Field::Hearing).is_some() {
            self.tell(Telling::plain("safe-check-court"));
        }
    }

    pub(super) fn tell_finding(&mut self, rule: Rule) {
        self.tell(Telling::of(
            "finding",
            vec![rule.word().to_owned()],
            vec![Phrase::new(format!("finding-{}", rule.word()))],
        ));
    }

    /// Short and most important first: that nobody was ever detained, or that the court has the language that the caller
    /// chose, is not said.
    fn is_worth_saying(&self, fact: &Fact) -> bool {
        !fact.told.iter().all(|told| match &told.value {
            Value::Custody { status } => *status == CustodyStatus::NeverDetained,
            Value::CourtLanguage { language } => {
                language.as_deref().is_none_or(|code| code == self.speaks().iso_639_3())
            }
            _ => false,
        })
    }

    fn tell_fact(&mut self, fact: &Fact, said: &mut Option<(SourceKind, Date)>) {
        let mut phrases = Vec::new();
        let mut details = vec![fact.standing.as_str().to_owned()];
        match fact.standing {
            Standing::Disputed => phrases.push(Phrase::new("case-disputed")),
            Standing::Agreed => phrases.push(Phrase::new("case-agreed")),
            Standing::SingleSource | Standing::Stale => {}
        }
        for told in &fact.told {
            phrases.extend(value_phrases(told, fact.standing));
            if *said != Some((told.source, told.observed_on)) {
                phrases.push(source_phrase(told));
                if fact.standing == Standing::SingleSource {
                    phrases.push(Phrase::new("case-single"));
                }
                *said = Some((told.source, told.observed_on));
            }
            details.push(format!("{} {}, {}", value_detail(&told.value), told.source, age(told.age_days)));
        }
        if fact.standing == Standing::Stale {
            // The date on one's paper helps with a hearing only.
            phrases.push(Phrase::new(if fact.field == Field::Hearing { "finding-stale" } else { "case-stale" }));
        }
        self.tell(Telling::of(fact.field.as_str(), details, phrases));
    }

    /// Keep both; go on the first; go on the second too unless the court says in writing that it is off. Where only one
    /// day is named, go on it, and early.
    fn tell_safe_action(&mut self, fact: &Fact) {
        let days: Vec<_> = fact.told.iter().filter_map(|told| hearing_time(&told.value)).map(|at| at.date).collect();
        let (Some(first), Some(second)) = (days.first(), days.last()) else { return };
        if first == second {
            let phrase = Phrase::new("safe-one-date").with("date", Arg::Date(*first));
            let details = vec![format!("go on {first} unless the court says in writing that it is off")];
            return self.tell(Telling::of("safe-action", details, vec![phrase]));
        }
        let phrase = Phrase::new("safe-two-dates").with("first", Arg::Date(*first)).with("second", Arg::Date(*second));
        let details = vec![
            "keep both".to_owned(),
            format!("go on {first}"),
            format!("go on {second} too unless the court says in writing that it is off"),
        ];
        self.tell(Telling::of("safe-action", details, vec![phrase]));
    }
}

/// By the route of a finding, and whenever a removal order is known.
fn is_lawyer_first(answer: &Answer) -> bool {
    let ordered = |told: &Told| matches!(told.value, Value::Decision { outcome: Outcome::RemovalOrder, .. });
    answer.findings.iter().any(|finding| finding.rule.route() == Route::LawyerFirst)
        || answer.facts.iter().any(|fact| fact.told.iter().any(ordered))
}

/// What is told of one value, by how its fact stands; nothing for values that have no words.
pub fn value_phrases(told: &Told, standing: Standing) -> Vec<Phrase> {
    match &told.value {
        Value::Hearing { at, kind, medium, court, detained_docket } => {
            let mut phrases = vec![hearing_phrase(*at, standing)];
            if standing == Standing::Disputed {
                return phrases;
            }
            phrases.extend(kind.map(|kind| {
                Phrase::new(match kind {
                    HearingKind::Master => "hearing-kind-master",
                    HearingKind::Individual => "hearing-kind-individual",
                })
            }));
            phrases.extend(medium.map(|medium| {
                Phrase::new(match medium {
                    Medium::InPerson => "hearing-in-person",
                    Medium::Video => "hearing-video",
                    Medium::Telephone => "hearing-telephone",
                })
            }));
            match (detained_docket, court) {
                (true, _) => phrases.push(Phrase::new("hearing-detained-docket")),
                (false, Some(court)) => {
                    phrases.push(Phrase::new("hearing-court").with("court", Arg::Text(court.clone())));
                }
                (false, None) => {}
            }
            phrases
        }
        Value::NoHearing | Value::Vanished if standing == Standing::Disputed => {
            vec![Phrase::new("hearing-one-says-none")]
        }
        Value::NoHearing | Value::Vanished => vec![Phrase::new("hearing-none")],
        Value::Decision { on, outcome, .. } => {
            vec![Phrase::new(format!("decision-{}", outcome.as_str())).with("date", Arg::Date(*on))]
        }
        Value::Custody { status } => vec![Phrase::new(match status {
            CustodyStatus::Detained => "custody-detained",
            CustodyStatus::Released => "custody-released",
            CustodyStatus::NeverDetained => "custody-never-detained",
        })],
        Value::CourtLanguage { language } => language
            .as_deref()
            .and_then(|code| code.parse::<Language>().ok())
            .map(|language| Phrase::new("court-language-is").with("language", Arg::Language(language)))
            .into_iter()
            .collect(),
        Value::FilingStatus { text } => vec![Phrase::new("filing-status-is").with("status", Arg::Text(text.clone()))],
        Value::Adjourned { .. } | Value::AlsoHearing { .. } | Value::AdjournedLawyerFirst | Value::MaybeTwoPeople => {
            Vec::new()
        }
    }
}

fn hearing_phrase(at: HearingTime, standing: Standing) -> Phrase {
    let base = if standing == Standing::Disputed { "hearing-one-says" } else { "hearing-is" };
    match at.time {
        Some(time) => Phrase::new(base).with("date", Arg::Date(at.date)).with("time", Arg::Time(time)),
        None => Phrase::new(format!("{base}-day")).with("date", Arg::Date(at.date)),
    }
}

/// Who says so, and since when.
pub fn source_phrase(told: &Told) -> Phrase {
    Phrase::new(format!("source-{}", told.source))
        .with("date", Arg::Date(told.observed_on))
        .with("days", Arg::Number(told.age_days.unsigned_abs()))
}

/// A value as a script writes it.
fn value_detail(value: &Value) -> String {
    match value {
        Value::Hearing { at, .. } => match at.time {
            Some(time) => format!("{} {time}", at.date),
            None => at.date.to_string(),
        },
        Value::NoHearing => "none".into(),
        Value::Vanished => "vanished".into(),
        Value::MaybeTwoPeople => "two-people".into(),
        Value::Adjourned { was, .. } => format!("adjourned {}", was.date),
        Value::AlsoHearing { at } => format!("also {}", at.date),
        Value::AdjournedLawyerFirst => "lawyer-first".into(),
        Value::Decision { on, outcome, .. } => format!("{on} {}", outcome.as_str()),
        Value::Custody { status } => format!("{status:?}").to_lowercase(),
        Value::CourtLanguage { language } => language.clone().unwrap_or_else(|| "unknown".into()),
        Value::FilingStatus { text } => text.clone(),
    }
}

fn age(days: i32) -> String {
    match days {
        0 => "today".into(),
        1 => "1 day old".into(),
        days => format!("{days} days old"),
    }
}
