//! A vetted article: its question forms, sources, dates, and whether it may be spoken today.
//! The words of the answer live in the catalogues under `article-<id>`.

use caseline_model::{ArticleId, Date, Language};
use serde::Deserialize;
use std::collections::BTreeMap;

/// How well the fact is established: read in an official page, reputable secondary, weak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Grade {
    /// Read in an official page or in the data itself.
    A,
    /// A reputable secondary source or several independent ones.
    B,
    /// One weak source. Never spoken before an operator reviewed it.
    C,
}

/// How it ages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Deadlines, fees, forms, offices: silent at expiry.
    Dated,
    /// Says "last checked on DATE; a person can confirm" for 60 more days.
    Evergreen,
}

/// One article, from `knowledge/articles/<id>.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Article {
    /// Its id, the file's name.
    #[serde(skip)]
    pub id: ArticleId,
    /// How callers ask it, by language.
    pub questions: BTreeMap<Language, Vec<String>>,
    /// Where it holds: `US`, `US-IL`.
    pub jurisdiction: String,
    /// What it rests on, each with the day it was read.
    pub sources: Vec<ArticleSource>,
    /// How well it is established.
    pub grade: Grade,
    /// How it ages.
    pub risk: Risk,
    /// When it was last checked.
    pub checked_on: Date,
    /// When it must be checked again.
    pub expires_on: Date,
    /// A rule in dispute: the answer says so and offers a person.
    #[serde(default)]
    pub rule_in_dispute: bool,
    /// Marked "re-check" by the research: not spoken before an operator reviewed it.
    #[serde(default)]
    pub recheck: bool,
    /// A lawyer first: names no form, agency address, office or number.
    #[serde(default)]
    pub lawyer_first: bool,
    /// Who of the operator reviewed it; nobody in the repository.
    #[serde(default)]
    pub reviewer: Option<String>,
}

/// What an article rests on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ArticleSource {
    /// Its name: `8 CFR 1003.15(d)(2)`.
    pub name: String,
    /// The day it was read.
    pub read_on: Date,
}

/// Whether an article may be spoken on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArticleState {
    /// Yes.
    Current,
    /// Yes, with "last checked on DATE; a person can confirm".
    LastChecked,
    /// No: a person instead.
    Silent,
}

/// How long an evergreen article is still given after its expiry, in days.
pub const EVERGREEN_GRACE_DAYS: i64 = 60;

impl Article {
    /// Whether it may be spoken on a day. One that waits for a review is silent whatever its dates.
    pub fn state(&self, today: Date) -> ArticleState {
        if self.needs_review() {
            return ArticleState::Silent;
        }
        if today <= self.expires_on {
            return ArticleState::Current;
        }
        let grace = self.expires_on.saturating_add(jiff::Span::new().days(EVERGREEN_GRACE_DAYS));
        match self.risk {
            Risk::Evergreen if today <= grace => ArticleState::LastChecked,
            _ => ArticleState::Silent,
        }
    }

    /// Whether it waits for a named person of the operator: it is weak, or marked "re-check", and nobody reviewed it.
    pub fn needs_review(&self) -> bool {
        (self.grade == Grade::C || self.recheck) && self.reviewer.is_none()
    }

    /// The key of its words.
    pub fn words_key(&self) -> String {
        format!("article-{}", self.id.0)
    }
}
