//! All articles and the directory, read from their files.
//! Which of them answers a question is left to `find`.

use crate::article::{Article, ArticleState};
use crate::directory::{Cost, Intake, Provider};
use caseline_model::{ArticleId, Date, Language};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Articles and the directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Library {
    articles: BTreeMap<ArticleId, Article>,
    providers: Vec<Provider>,
}

/// What cannot be read, where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {what}")]
pub struct LibraryFault {
    /// The file.
    pub file: String,
    /// What is wrong, with its row.
    pub what: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DirectoryFile {
    #[serde(default)]
    provider: Vec<Provider>,
}

impl Library {
    /// Adds an article from its file; its id is the file's name without `.toml`.
    ///
    /// # Errors
    /// What cannot be read, with its row.
    pub fn add_article(&mut self, file: &str, text: &str) -> Result<(), LibraryFault> {
        let fault = |what: String| LibraryFault { file: file.to_owned(), what };
        let mut article: Article = toml::from_str(text).map_err(|error| at_row(file, text, &error))?;
        if article.sources.is_empty() {
            return Err(fault("an article names at least one source with the day it was read".into()));
        }
        let name = file.rsplit('/').next().unwrap_or(file);
        article.id = ArticleId(name.trim_end_matches(".toml").to_owned());
        self.articles.insert(article.id.clone(), article);
        Ok(())
    }

    /// Adds the providers of a directory file.
    ///
    /// # Errors
    /// What cannot be read, with its row.
    pub fn add_directory(&mut self, file: &str, text: &str) -> Result<(), LibraryFault> {
        let read: DirectoryFile = toml::from_str(text).map_err(|error| at_row(file, text, &error))?;
        self.providers.extend(read.provider);
        Ok(())
    }

    /// An article by id.
    pub fn article(&self, id: &ArticleId) -> Option<&Article> {
        self.articles.get(id)
    }

    /// All articles, by id.
    pub fn articles(&self) -> impl Iterator<Item = &Article> {
        self.articles.values()
    }

    /// An article that may be spoken on a day, with how.
    pub fn speakable(&self, id: &ArticleId, today: Date) -> Option<(&Article, ArticleState)> {
        let article = self.articles.get(id)?;
        match article.state(today) {
            ArticleState::Silent => None,
            state => Some((article, state)),
        }
    }

    /// Whom to call about a topic, in a language if anyone works in it: open before waiting list, free before low cost;
    /// closed ones, paid ones and stale numbers are left out.
    pub fn providers(&self, topic: &str, language: Language, today: Date) -> Vec<&Provider> {
        let mut found: Vec<&Provider> = self
            .providers
            .iter()
            .filter(|p| p.topics.iter().any(|t| t == topic) && p.is_fresh(today))
            .filter(|p| p.intake != Intake::Closed && p.cost != Cost::Paid)
            .collect();
        found.sort_by_key(|p| (!p.languages.contains(&language), p.intake != Intake::Open, p.cost != Cost::Free));
        found
    }
}
/// What the grammar refuses, with its row, in one sentence.
fn at_row(file: &str, text: &str, error: &toml::de::Error) -> LibraryFault {
    let start = error.span().map_or(0, |span| span.start);
    let row = text.as_bytes().iter().take(start).filter(|byte| **byte == b'\n').count() + 1;
    LibraryFault { file: format!("{file}:{row}"), what: error.message().trim_end().to_owned() }
}
