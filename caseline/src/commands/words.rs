//! `caseline words status`: which words are drafts, reviewed, expired or changed since, and the rows to complete.
//! Who reviews, and what a review means, is left to the operator and to `conversation`.

use super::Place;
use super::check;
use crate::exits::Exit;
use crate::world::MachineClock;
use caseline_conversation::Program;
use caseline_conversation::words::review::{ReviewState, text_hash};
use caseline_helpline::Clock;
use caseline_model::{Date, Language};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

/// What is asked about the words.
#[derive(Debug, clap::Subcommand)]
pub enum Words {
    /// How many words of each language are reviewed; with a language, the rows that are still to be completed.
    Status {
        /// A folder with `flows`, `words` and `knowledge`; without it those of the settings, or those that the program carries.
        folder: Option<PathBuf>,
        /// Prints rows for this language's `reviews.toml`: each word that is not reviewed, with its text and hashes.
        #[arg(long)]
        language: Option<Language>,
    },
}

impl Words {
    /// Prints the counts or the rows. Ends with 1 when some word may not be spoken to the public.
    pub fn run(&self, place: &Place) -> Result<(), Exit> {
        let Self::Status { folder, language } = self;
        let program = check::program_of(place, folder.as_ref())?;
        let today = MachineClock.now().date_in(&program.zone);
        match language {
            Some(language) => rows(place, &program, *language, today),
            None => counts(place, &program, today),
        }
    }
}

fn counts(place: &Place, program: &Program, today: Date) -> Result<(), Exit> {
    let mut text = String::from("language    words  reviewed  drafts  expired  changed\n");
    let mut json = Vec::new();
    let mut open = 0;
    for language in crate::wiring::full_languages(program) {
        let mut by_state: BTreeMap<ReviewState, usize> = BTreeMap::new();
        for (key, _) in program.words.keys(language) {
            *by_state.entry(program.words.review_state(language, key, today)).or_default() += 1;
        }
        let count = |state| by_state.get(&state).copied().unwrap_or(0);
        let all: usize = by_state.values().sum();
        let [reviewed, drafts, expired, stale] =
            [ReviewState::Reviewed, ReviewState::Draft, ReviewState::Expired, ReviewState::Stale].map(count);
        open += all - reviewed;
        let tag = language.tag();
        let _ = writeln!(text, "{tag:10} {all:6} {reviewed:9} {drafts:7} {expired:8} {stale:8}");
        json.push(serde_json::json!({
            "language": tag, "words": all, "reviewed": reviewed, "drafts": drafts, "expired": expired, "changed": stale,
        }));
    }
    place.print(&serde_json::json!({ "languages": json }), &text);
    if open == 0 {
        return Ok(());
    }
    Err(Exit::Failures(format!(
        "{open} words are not reviewed; `caseline words status --language es` prints the rows to complete"
    )))
}

fn rows(place: &Place, program: &Program, language: Language, today: Date) -> Result<(), Exit> {
    if program.words.keys(language).next().is_none() {
        return Err(Exit::Usage(format!("there are no words in {} ({})", language.english_name(), language.tag())));
    }
    let tag = language.tag();
    let mut text = format!(
        "# For words/{tag}/reviews.toml. Complete a row when a person of yours has read and heard the word, and only then.\n"
    );
    let mut json = Vec::new();
    for (key, row) in program.words.keys(language) {
        let state = program.words.review_state(language, key, today);
        if state == ReviewState::Reviewed {
            continue;
        }
        let source = program.words.key(Language::ENGLISH, key).map_or("", |row| row.source.as_str());
        let (source_hash, own_hash) = (text_hash(source), text_hash(&row.source));
        let _ = writeln!(text, "\n# {}:{}", row.file, row.row);
        if language != Language::ENGLISH {
            comment(&mut text, source);
        }
        comment(&mut text, &row.source);
        let _ = writeln!(
            text,
            "[{key}]\nreviewer = \"\"\nreviewed-on = \"\"\nexpires-on = \"\"\nsource-hash = \"{source_hash}\"\ntext-hash = \"{own_hash}\""
        );
        json.push(serde_json::json!({ "key": key, "source_hash": source_hash, "text_hash": own_hash }));
    }
    let count = json.len();
    place.print(&serde_json::json!({ "language": tag, "not_reviewed": json }), &text);
    if count == 0 { Ok(()) } else { Err(Exit::Failures(format!("{count} words in {tag} are not reviewed"))) }
}

fn comment(text: &mut String, source: &str) {
    for row in source.lines() {
        let _ = writeln!(text, "#   {row}");
    }
}
