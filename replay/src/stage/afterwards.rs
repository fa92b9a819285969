//! The `then` rows of a page: how contacts ended, what was noticed, written down, promised and kept.
//! What happened is the engine's; the log and what is kept are the store's.

use super::engine::EngineStage;
use super::{Exchange, Failure, Happening, Heard};
use crate::script::{Entry, Script};
use caseline_conversation::keypad::{spoken_question, spoken_telling};
use caseline_helpline::ports::{Store, TaskKind};
use caseline_records::{Answer, Field};

/// The keys that `then` knows.
pub const THEN_KEYS: &[&str] = &["disposition", "finding", "audit", "task", "kept", "said", "unsaid", "alike"];

impl EngineStage {
    /// Holds the `then` rows of a page.
    ///
    /// # Errors
    /// The first that does not hold.
    pub async fn afterwards(&self, script: &Script) -> Result<(), Failure> {
        for entry in &script.then {
            let (entry, is_played) = unconditional(entry, self);
            if !is_played {
                continue;
            }
            let held = match entry.key.as_str() {
                "disposition" => self.disposition(&entry).await,
                "finding" => self.finding(&entry),
                "audit" => self.audit(&entry).await,
                "task" => self.task(&entry).await,
                "kept" => self.kept(&entry),
                "said" => self.said(&entry, true),
                "unsaid" => self.said(&entry, false),
                "alike" => self.alike(&entry),
                other => Err(format!("`then` knows {}; not `{other}`", THEN_KEYS.join(", "))),
            };
            held.map_err(|what| Failure::at(entry.row, what))?;
        }
        Ok(())
    }

    /// `disposition connected to agent`, or one for each contact, with `;` between.
    async fn disposition(&self, entry: &Entry) -> Result<(), String> {
        let wanted = list(entry);
        let mut found = Vec::new();
        for contact in self.world.store.seen().contacts {
            let disposition = self.world.store.disposition(contact).await.map_err(|fault| fault.to_string())?;
            found.push(disposition.map_or_else(|| "none yet".to_owned(), |disposition| disposition.to_string()));
        }
        if found == wanted { Ok(()) } else { Err(format!("contacts ended: {}", found.join("; "))) }
    }

    /// `finding hearing-dates-disagree, open` over what was last read of a case; `finding none`.
    fn finding(&self, entry: &Entry) -> Result<(), String> {
        let seen = self.world.store.seen();
        let read = seen.reads.last().ok_or("no case was read")?;
        let language = self.exchanges.iter().flat_map(|exchange| &exchange.heard).last();
        let language = language.map_or(caseline_model::Language::ENGLISH, |heard| heard.language);
        let answer = Answer::of(read, &[Field::Hearing], self.world.now(), &self.world.line.program.zone, language);
        let found: Vec<&str> = answer.findings.iter().map(|finding| finding.rule.word()).collect();
        let text = entry.text();
        let wanted: Vec<&str> =
            text.split(';').map(|one| one.trim().trim_end_matches(", open")).filter(|one| *one != "none").collect();
        if found == wanted { Ok(()) } else { Err(format!("findings: {}", found.join("; "))) }
    }

    /// `audit language chosen; case read: hearing; contact closed`: in this order, others may stand between.
    async fn audit(&self, entry: &Entry) -> Result<(), String> {
        let mut found = Vec::new();
        for contact in self.world.store.seen().contacts {
            let log = self.world.store.audit_of_contact(contact).await.map_err(|fault| fault.to_string())?;
            found.extend(log.iter().map(|entry| entry.event.words()));
        }
        let mut rest = found.iter();
        for wanted in list(entry) {
            if !rest.any(|event| *event == wanted || event.starts_with(&format!("{wanted} "))) {
                return Err(format!("`{wanted}` is not in the log, or not at this place: {}", found.join("; ")));
            }
        }
        Ok(())
    }

    /// `task callback; message`: what is open, all of it; `task none`.
    async fn task(&self, entry: &Entry) -> Result<(), String> {
        let mut found = Vec::new();
        for kind in [TaskKind::Callback, TaskKind::Message, TaskKind::Reminder, TaskKind::Report] {
            let count = self.world.store.open_task_count(kind).await.map_err(|fault| fault.to_string())?;
            found.extend((0..count).map(|_| kind.as_str().to_owned()));
        }
        let mut wanted: Vec<String> = list(entry).into_iter().filter(|kind| kind != "none").collect();
        wanted.sort_unstable();
        found.sort_unstable();
        if found == wanted { Ok(()) } else { Err(format!("open tasks: {}", found.join("; "))) }
    }

    /// `kept nothing`, or all that was kept for the person, in order: `file; reminder`.
    fn kept(&self, entry: &Entry) -> Result<(), String> {
        let seen = self.world.store.seen();
        let found: Vec<&str> = seen.kept.iter().map(|row| row.1).filter(|what| *what != "read").collect();
        let wanted: Vec<String> = list(entry).into_iter().filter(|what| what != "nothing").collect();
        if found == wanted { Ok(()) } else { Err(format!("kept: {}", found.join("; "))) }
    }

    /// `said rights`, `unsaid "immigration"`: a subject or key of the words, or words in quotes as they are spoken.
    fn said(&self, entry: &Entry, wanted: bool) -> Result<(), String> {
        for item in list(entry) {
            let is_said = match item.strip_prefix('"').and_then(|item| item.strip_suffix('"')) {
                Some(words) => self.spoken().to_lowercase().contains(&words.to_lowercase()),
                None => self.exchanges.iter().flat_map(|exchange| &exchange.heard).any(|heard| match &heard.what {
                    Happening::Told(telling) => {
                        telling.subject == item || telling.phrases.iter().any(|phrase| phrase.key == item)
                    }
                    Happening::Asked(question) => {
                        question.subject == item || question.phrases.iter().any(|phrase| phrase.key == item)
                    }
                    _ => false,
                }),
            };
            if is_said != wanted {
                return Err(format!("{item} was {}said", if is_said { "" } else { "not " }));
            }
        }
        Ok(())
    }

    /// `alike not-opened`: wherever this was told or asked, everything that came with it was the same, word for word.
    fn alike(&self, entry: &Entry) -> Result<(), String> {
        for subject in list(entry) {
            let is_it = |heard: &Heard| match &heard.what {
                Happening::Told(telling) => telling.subject == subject,
                Happening::Asked(question) => question.subject == subject,
                _ => false,
            };
            let told = |exchange: &&Exchange| exchange.heard.iter().any(is_it);
            let all: Vec<&Exchange> = self.exchanges.iter().filter(told).collect();
            if all.len() < 2 {
                return Err(format!("{subject} was told {} times; two are needed to compare", all.len()));
            }
            if all.windows(2).any(|two| two[0].heard != two[1].heard) {
                return Err(format!("{subject} was told in different words, or with something else beside it"));
            }
        }
        Ok(())
    }

    /// All that was said, as a telephone would say it.
    fn spoken(&self) -> String {
        let words = &self.world.line.program.words;
        let mut text = String::new();
        for heard in self.exchanges.iter().flat_map(|exchange| &exchange.heard) {
            let said = match &heard.what {
                Happening::Told(telling) => spoken_telling(words, heard.language, telling).0,
                Happening::Asked(question) => spoken_question(words, heard.language, question).0,
                _ => continue,
            };
            said.iter().for_each(|piece| {
                text.push_str(&piece.text);
                text.push(' ');
            });
        }
        text
    }
}

fn list(entry: &Entry) -> Vec<String> {
    entry.text().split(';').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
}

/// A `then` may end in `(only on …)` or `(unless on …)` as a step may.
fn unconditional(entry: &Entry, stage: &EngineStage) -> (Entry, bool) {
    let text = entry.text();
    let Some((before, inside)) = text.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (")) else {
        return (entry.clone(), true);
    };
    let condition = if let Some(on) = inside.strip_prefix("only on ") {
        crate::script::Condition::OnlyOn(on.split(',').map(|name| name.trim().to_owned()).collect())
    } else if let Some(what) = inside.strip_prefix("unless ") {
        crate::script::Condition::Unless(what.to_owned())
    } else {
        return (entry.clone(), true);
    };
    let step = crate::script::Step {
        row: entry.row,
        doing: crate::script::Doing::Direction(String::new()),
        condition: Some(condition),
    };
    let plays = stage.playing.plays(&step).unwrap_or(true);
    (Entry { values: vec![before.to_owned()], ..entry.clone() }, plays)
}
