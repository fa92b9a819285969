//! What the checker found, as a page that a supervisor can read: problems, and the proof for each step and language.
//! Where it is printed, and whether a line may start with it, is left to the program.

use super::Subject;
use super::graph::Graph;
use super::speech_length::Slowest;
use crate::flow::Kind;
use crate::policy::{Drafts, Level};
use caseline_knowledge::ArticleState;
use caseline_model::Language;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What breaks a rule, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, thiserror::Error)]
#[error("{file}:{row}: rule {rule}: {what}")]
pub struct Problem {
    /// The file.
    pub file: String,
    /// The row, from 1.
    pub row: usize,
    /// The rule, 1 to 16.
    pub rule: u8,
    /// What is wrong and what to do.
    pub what: String,
}

/// The proof for one step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepProof {
    /// Its flow.
    pub flow: String,
    /// Its id.
    pub step: String,
    /// What it does.
    pub kind: &'static str,
    /// How many inputs a caller needs from here to a person, in the worst case; none where the contact ends by the
    /// caller's own choice or after a person, or where no contact comes.
    pub inputs_to_person: Option<u32>,
    /// Seconds of speech from here to the first choice; none where a person or the end comes first.
    pub seconds_to_first_choice: Option<f64>,
    /// The language in which that takes longest.
    pub slowest_language: Option<Language>,
}

/// The proof for one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LanguageProof {
    /// The language.
    pub language: Language,
    /// Its level: `full`, `lifeline`, `person-only`.
    pub level: &'static str,
    /// How many keys its level needs.
    pub keys_needed: usize,
    /// How many of them are there and can be said.
    pub keys_complete: usize,
    /// How many of them nobody has reviewed.
    pub drafts: usize,
    /// Keys of a lifeline language that have no recording yet.
    pub missing_recordings: Vec<String>,
}

/// All that the checker found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// What breaks a rule, by file and row.
    pub problems: Vec<Problem>,
    /// Every step.
    pub proofs: Vec<StepProof>,
    /// Every language of the policy.
    pub languages: Vec<LanguageProof>,
    /// Vetted answers that are not given on this day, each with why: no menu offers them.
    pub silent_answers: Vec<SilentAnswer>,
    /// Whether words are spoken that no named person has reviewed.
    pub not_for_the_public: bool,
}

/// A vetted answer that is not given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SilentAnswer {
    /// The article.
    pub article: String,
    /// Why, and what to do.
    pub why: String,
}

impl Report {
    /// Whether the program may go live.
    pub const fn is_safe(&self) -> bool {
        self.problems.is_empty()
    }
}

/// What the rules find, each once.
#[derive(Debug, Default)]
pub(super) struct Found(BTreeSet<Problem>);

impl Found {
    pub(super) fn add(&mut self, rule: u8, file: &str, row: usize, what: String) {
        self.0.insert(Problem { file: file.to_owned(), row, rule, what });
    }
}

/// What was measured at each step: the worst of all contacts.
#[derive(Debug, Default)]
pub(super) struct Measured(BTreeMap<(String, String), (Option<u32>, Option<Slowest>)>);

impl Measured {
    pub(super) fn add(&mut self, graph: &Graph<'_>, inputs_to_person: &[Option<u32>], seconds: &[Option<Slowest>]) {
        for ((node, inputs), slowest) in graph.nodes.iter().zip(inputs_to_person).zip(seconds) {
            let known = self.0.entry((node.flow.name.clone(), node.step.name.clone())).or_default();
            known.0 = known.0.max(*inputs);
            if let Some(slowest) = slowest
                && known.1.is_none_or(|known| slowest.seconds > known.seconds)
            {
                known.1 = Some(*slowest);
            }
        }
    }
}

pub(super) fn assemble(
    subject: &Subject<'_>,
    found: Found,
    measured: &Measured,
    languages: Vec<LanguageProof>,
) -> Report {
    let mut proofs = Vec::new();
    for flow in subject.program.flows.values() {
        for step in flow.steps.values() {
            let place = (flow.name.clone(), step.name.clone());
            let (inputs_to_person, slowest) = measured.0.get(&place).copied().unwrap_or_default();
            proofs.push(StepProof {
                flow: place.0,
                step: place.1,
                kind: step.kind.word(),
                inputs_to_person,
                seconds_to_first_choice: slowest.map(|slowest| slowest.seconds),
                slowest_language: slowest.map(|slowest| slowest.language),
            });
        }
    }
    Report {
        problems: found.0.into_iter().collect(),
        proofs,
        languages,
        silent_answers: silent_answers(subject),
        not_for_the_public: subject.program.policy.drafts == Drafts::Spoken,
    }
}

fn silent_answers(subject: &Subject<'_>) -> Vec<SilentAnswer> {
    let articles = subject.program.library.articles();
    articles
        .filter(|article| article.state(subject.today) == ArticleState::Silent)
        .map(|article| SilentAnswer {
            article: article.id.0.clone(),
            why: if article.needs_review() {
                "weak, or to be checked again before it is said: have a named person review it".to_owned()
            } else {
                format!("it was to be checked again by {}: check it", article.expires_on)
            },
        })
        .collect()
}

/// The word of a level in policy files.
pub(super) const fn level_word(level: Level) -> &'static str {
    match level {
        Level::Full => "full",
        Level::Lifeline => "lifeline",
        Level::PersonOnly => "person-only",
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.problems.is_empty() {
            writeln!(f, "No problems: all 16 rules hold.")?;
        } else {
            writeln!(f, "{} problems. This cannot go live:", self.problems.len())?;
            for problem in &self.problems {
                writeln!(f, "  {problem}")?;
            }
        }
        writeln!(f)?;
        write_steps(f, &self.proofs)?;
        writeln!(f)?;
        write_languages(f, &self.languages)?;
        for answer in &self.silent_answers {
            writeln!(f, "not given now: {} ({})", answer.article, answer.why)?;
        }
        if self.not_for_the_public {
            let drafts: usize = self.languages.iter().map(|row| row.drafts).sum();
            writeln!(f)?;
            writeln!(f, "NOT FOR THE PUBLIC: {drafts} texts that no named person has reviewed are spoken.")?;
        }
        Ok(())
    }
}

fn write_steps(f: &mut fmt::Formatter<'_>, proofs: &[StepProof]) -> fmt::Result {
    let rows: Vec<[String; 4]> = proofs
        .iter()
        .map(|proof| {
            let is_end = proof.kind == Kind::End { outcome: None, disposition: None }.word();
            let inputs = match proof.inputs_to_person {
                Some(count) => count.to_string(),
                None if is_end => "end".to_owned(),
                None => "ends".to_owned(),
            };
            let seconds = match (proof.seconds_to_first_choice, proof.slowest_language) {
                (Some(seconds), Some(language)) => format!("{seconds:.1} ({language})"),
                _ => "-".to_owned(),
            };
            [format!("{}.{}", proof.flow, proof.step), proof.kind.to_owned(), inputs, seconds]
        })
        .collect();
    write_table(f, ["step", "kind", "inputs to a person", "seconds to the first choice"], &rows)
}

fn write_languages(f: &mut fmt::Formatter<'_>, languages: &[LanguageProof]) -> fmt::Result {
    let rows: Vec<[String; 4]> = languages
        .iter()
        .map(|row| {
            [
                format!("{} ({})", row.language, row.language.english_name()),
                row.level.to_owned(),
                if row.keys_needed == 0 {
                    "-".to_owned()
                } else {
                    format!("{}/{}", row.keys_complete, row.keys_needed)
                },
                row.drafts.to_string(),
            ]
        })
        .collect();
    write_table(f, ["language", "level", "words complete", "drafts"], &rows)?;
    for row in languages.iter().filter(|row| !row.missing_recordings.is_empty()) {
        writeln!(f, "{} still to be recorded: {}", row.language, row.missing_recordings.join(", "))?;
    }
    Ok(())
}

fn write_table(f: &mut fmt::Formatter<'_>, head: [&str; 4], rows: &[[String; 4]]) -> fmt::Result {
    let width = |column: usize| {
        rows.iter().map(|row| row[column].chars().count()).chain([head[column].chars().count()]).max().unwrap_or(0)
    };
    let (a, b, c) = (width(0), width(1), width(2));
    writeln!(f, "{:<a$}  {:<b$}  {:<c$}  {}", head[0], head[1], head[2], head[3])?;
    for row in rows {
        writeln!(f, "{:<a$}  {:<b$}  {:<c$}  {}", row[0], row[1], row[2], row[3])?;
    }
    Ok(())
}
