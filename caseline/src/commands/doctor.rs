//! `caseline doctor`: looks whether this machine can run the line, one row a thing, with what to do, and calls the line.
//! It starts nothing that stays. The call is `self_call`'s, ports and clock are `machine`'s.

mod machine;
mod self_call;

use super::{Place, init};
use crate::exits::{Exit, with_causes};
use crate::occupied;
use crate::settings::{Settings, VoiceKind};
use crate::wiring;
use crate::world::MachineClock;
use caseline_conversation::Program;
use caseline_conversation::policy::Level;
use caseline_helpline::cards::AlarmKind;
use caseline_helpline::{Clock, Store, StoreFault};
use caseline_model::{Language, Zone};
use caseline_voice::prompts::{PromptRequest, PromptStore};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

/// Looks at the machine.
#[derive(Debug, clap::Args)]
pub struct Doctor {
    /// Rings every number of the chains.
    #[arg(long)]
    ring: bool,
}

/// One thing that was looked at.
struct Row {
    what: String,
    standing: Standing,
}

/// How it stands.
enum Standing {
    /// Well.
    Well,
    /// To be done before anybody may call; the demonstration runs without it. What to do.
    ToDo(String),
    /// The machine lacks it: nothing runs without. What to do.
    Missing(String),
}

impl Row {
    fn well(what: impl Into<String>) -> Self {
        Self { what: what.into(), standing: Standing::Well }
    }

    fn to_do(what: impl Into<String>, todo: impl Into<String>) -> Self {
        Self { what: what.into(), standing: Standing::ToDo(todo.into()) }
    }

    fn missing(what: impl Into<String>, todo: impl Into<String>) -> Self {
        Self { what: what.into(), standing: Standing::Missing(todo.into()) }
    }

    const fn word(&self) -> &'static str {
        match self.standing {
            Standing::Well => "ok",
            Standing::ToDo(_) => "to do",
            Standing::Missing(_) => "missing",
        }
    }

    fn advice(&self) -> Option<&str> {
        match &self.standing {
            Standing::Well => None,
            Standing::ToDo(todo) | Standing::Missing(todo) => Some(todo),
        }
    }
}

impl Doctor {
    /// Prints one row a thing. 0: the line can be called; 1: something is to be done before; 3: the machine lacks something.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        let settings = place.settings()?;
        let runs = occupied::is_occupied(&place.data());
        if self.ring && runs {
            return Err(Exit::Environment(
                "the line runs and has the ports: stop it, then ring the numbers (`caseline doctor --ring`)".into(),
            ));
        }
        let mut rows = vec![Row::well(format!("settings {}", place.config.display()))];
        let ports = machine::ports(&settings, runs);
        let ports_are_free = ports.iter().all(|row| matches!(row.standing, Standing::Well));
        rows.extend(ports);
        rows.push(machine::clock());
        rows.push(machine::zone(&settings));
        rows.extend(store(place).await);
        rows.extend(machine::encryption(&settings));
        rows.push(words(&settings));
        rows.extend(chain(&settings));
        let program = wiring::program(&settings, wiring::Purpose::Demonstration)?;
        rows.extend(told_in_words(&settings, &program));
        match wiring::prompts(&settings, &place.data().join("prompts")) {
            Err(exit) => rows.push(Row::missing("speech", exit.sentence())),
            Ok(prompts) => {
                rows.extend(speech(&settings, &program, &prompts).await);
                rows.push(if runs || ports_are_free {
                    self_call::row(&settings, place, &program, &prompts, runs).await
                } else {
                    Row::missing("a call to itself", "not placed: its ports are in use (see above)")
                });
                if self.ring {
                    rows.extend(ring(&settings, program, prompts).await?);
                }
            }
        }
        report(place, &rows)
    }
}

fn report(place: &Place, rows: &[Row]) -> Result<(), Exit> {
    let mut text = String::new();
    for row in rows {
        let _ = match row.advice() {
            None => writeln!(text, "{:8} {}", row.word(), row.what),
            Some(advice) => writeln!(text, "{:8} {}: {advice}", row.word(), row.what),
        };
    }
    let missing = rows.iter().filter(|row| matches!(row.standing, Standing::Missing(_))).count();
    let to_do = rows.iter().filter(|row| matches!(row.standing, Standing::ToDo(_))).count();
    let verdict = match (missing, to_do) {
        (0, 0) => "Callers can be served: `caseline serve`.".to_owned(),
        (0, count) => format!(
            "This machine can run the line (`caseline demo` shows it). Before anybody may call: {count} to do, see above."
        ),
        (count, _) => format!("This machine cannot run the line yet: {count} missing, see above."),
    };
    let _ = write!(text, "\n{verdict}");
    let json: Vec<_> = rows
        .iter()
        .map(|row| serde_json::json!({ "what": row.what, "standing": row.word(), "advice": row.advice() }))
        .collect();
    place.print(&serde_json::json!({ "rows": json, "missing": missing, "to_do": to_do, "verdict": verdict }), &text);
    match (missing, to_do) {
        (0, 0) => Ok(()),
        (0, _) => Err(Exit::Failures(format!("{to_do} of {} are to be done", rows.len()))),
        _ => Err(Exit::Environment(format!("{missing} of {} are missing", rows.len()))),
    }
}

/// The store, and each reason for which the alarm rings.
async fn store(place: &Place) -> Vec<Row> {
    let what = format!("store in {}", place.data().display());
    match init::open_store_in(place).await {
        Err(Exit::Usage(todo)) => vec![Row::to_do(what, todo)],
        Err(exit) => vec![Row::missing(what, exit.sentence())],
        Ok(store) => {
            let probed = match store.probe().await {
                Ok(()) => Row::well(what),
                Err(fault) => Row::missing(what, with_causes(&fault)),
            };
            [probed, vault(place, &store)].into_iter().chain(alarm(&store.alarms(MachineClock.now()).await)).collect()
        }
    }
}

/// Where the keys are held, and whether the budget of openings refused any.
fn vault(place: &Place, store: &caseline_store::SqliteStore) -> Row {
    let socket = place.settings().ok().and_then(|settings| settings.vault.socket);
    let what = match &socket {
        Some(socket) => format!("vault: a process of its own at {}", socket.display()),
        None => "vault: in the process of the line".to_owned(),
    };
    match store.vault_news() {
        Ok(news) if news.openings.count + news.marks.count == 0 => Row::well(what),
        Ok(news) => Row::to_do(
            what,
            format!(
                "it refused {} openings of cases and {} codes past its budgets; look who asked for so many: the log has \
                 the hours, and the vault's own log each refusal",
                news.openings.count, news.marks.count
            ),
        ),
        Err(fault) => Row::missing(what, with_causes(&fault)),
    }
}

/// The alarm: a row for each reason, or one that it is quiet.
fn alarm(ringing: &Result<Vec<AlarmKind>, StoreFault>) -> Vec<Row> {
    match ringing {
        Ok(kinds) if kinds.is_empty() => vec![Row::well("alarm: quiet")],
        Ok(kinds) => kinds.iter().map(|kind| Row::to_do(format!("alarm: {}", kind.as_str()), kind.advice())).collect(),
        Err(fault) => vec![Row::missing("alarm", with_causes(fault))],
    }
}

/// Whether the words and flows may be spoken to the public.
fn words(settings: &Settings) -> Row {
    let what = "words and flows, for the public";
    match wiring::program(settings, wiring::Purpose::Service) {
        Ok(_) => Row::well(what),
        Err(exit) => Row::to_do(what, exit.sentence()),
    }
}

/// A number of the 24-hour chain holds for seven days after a call to it (rule 15 of the checker).
const VERIFIED_FOR_DAYS: i32 = 7;

fn chain(settings: &Settings) -> Vec<Row> {
    if settings.urgent.is_empty() {
        return vec![Row::to_do("24-hour chain", "no [[urgent]] number: in danger nobody could be reached")];
    }
    let today = MachineClock.now().date_in(&Zone::utc());
    let urgent = settings.urgent.iter();
    urgent
        .map(|link| {
            let what = format!("24-hour number of {}", link.name);
            let days = link.verified_on.until(today).map_or(i32::MAX, |span| span.get_days());
            if days > VERIFIED_FOR_DAYS {
                let todo = "`caseline doctor --ring` rings it; then set verified_on to that day";
                return Row::to_do(what, format!("last verified on {}; {todo}", link.verified_on));
            }
            Row::well(what)
        })
        .collect()
}

/// Languages of the settings in which something is said must have words.
fn told_in_words(settings: &Settings, program: &Program) -> Vec<Row> {
    let full: Vec<Language> = wiring::full_languages(program);
    let links = settings.staff.iter().chain(&settings.urgent).map(|link| (link.name.clone(), link.language));
    let listeners = settings.message_listener.iter().map(|listener| (listener.name.clone(), listener.language));
    let numbers = settings.telephone.number.iter();
    let numbers = numbers.filter_map(|number| Some((number.called.clone(), number.language?)));
    links
        .chain(listeners)
        .chain(numbers)
        .filter(|(_, language)| !full.contains(language))
        .map(|(name, language)| {
            let what = format!("language of {name}");
            Row::to_do(what, format!("{} has no words here; name a full language", language.english_name()))
        })
        .collect()
}

/// Each offered language, as callers would hear it: digits of full ones, recordings of lifeline ones.
async fn speech(settings: &Settings, program: &Program, prompts: &PromptStore) -> Vec<Row> {
    let mut rows = vec![Row::well(format!("speech by {}", prompts.adapter_name()))];
    for language in wiring::full_languages(program) {
        if settings.speech.voice == VoiceKind::Espeak || !settings.speech.prompt_packs.is_empty() {
            rows.push(digits(program, prompts, language).await);
        }
    }
    for language in program.policy.at_level(Level::Lifeline) {
        let keys = &program.policy.lifeline;
        // Phrases with something filled in are recorded in pieces, the first of which is numbered 1.
        let is_there = |key: &&String| {
            let id = format!("{}/{key}", language.tag());
            prompts.is_recorded(&id) || prompts.is_recorded(&format!("{id}.1"))
        };
        let there = keys.iter().filter(is_there).count();
        let what = format!("recordings in {}", language.english_name());
        rows.push(if there == keys.len() {
            Row::well(what)
        } else {
            let todo = "record them (docs/guides/record-prompts.md), or make the language person-only";
            Row::to_do(what, format!("{there} of {} phrases; {todo}", keys.len()))
        });
    }
    rows
}

async fn digits(program: &Program, prompts: &PromptStore, language: Language) -> Row {
    let what = format!("digits in {}", language.english_name());
    let spoken = wiring::requests_ahead(program, language);
    let request = |digit: usize| {
        let id = format!("{}/part/digit-{digit}", language.tag());
        spoken.iter().find(|request| request.id == id).cloned()
    };
    let digits: Option<Vec<PromptRequest>> = (0..10).map(request).collect();
    let Some(digits) = digits.and_then(|digits| <[PromptRequest; 10]>::try_from(digits).ok()) else {
        return Row::to_do(what, "the words of some digits are missing; `caseline check` says which");
    };
    match prompts.digit_prompts_are_distinct(&digits).await {
        Ok(()) => Row::well(what),
        Err(troubles) => {
            let troubles: Vec<String> = troubles.iter().map(ToString::to_string).collect();
            Row::missing(what, format!("{}; install espeak-ng, or record the digits", shortened(&troubles)))
        }
    }
}

/// The same trouble with ten digits is one trouble.
fn shortened(troubles: &[String]) -> String {
    match troubles {
        [first, .., _] if troubles.len() == 10 => format!("{first}, and so are the others"),
        some => some.join(", "),
    }
}

async fn ring(settings: &Settings, program: Arc<Program>, prompts: Arc<PromptStore>) -> Result<Vec<Row>, Exit> {
    let store = Arc::new(caseline_store::MemoryStore::new());
    let line = Arc::new(wiring::line(settings, program, store));
    let links: Vec<(String, String)> = line
        .people
        .staff
        .iter()
        .chain(&line.people.urgent)
        .map(|link| (link.name.clone(), link.target.clone()))
        .collect();
    let (telephone, _incoming) = wiring::telephone(settings, line, prompts).await?;
    let mut rows = Vec::new();
    for (name, target) in links {
        let what = format!("number of {name}");
        let answered = telephone.ring_to_verify(&target, Duration::from_secs(30)).await;
        rows.push(if answered {
            Row::well(what)
        } else {
            Row::to_do(what, "nobody answered within 30 seconds; try again, or name another number")
        });
    }
    telephone.close(Duration::from_secs(2)).await;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alarm_has_a_row_for_each_reason_with_what_to_do() {
        assert_eq!(alarm(&Ok(Vec::new())).iter().map(Row::word).collect::<Vec<_>>(), ["ok"]);
        let rows = alarm(&Ok(vec![AlarmKind::Site, AlarmKind::Backup]));
        assert_eq!(rows.iter().map(|row| row.what.as_str()).collect::<Vec<_>>(), ["alarm: site", "alarm: backup"]);
        assert!(rows.iter().all(|row| row.advice().is_some_and(|advice| advice.len() > 30)));
    }
}
