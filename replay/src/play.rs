//! Plays pages on stages and reports, a row for each page and stage, and at the end how many passed and failed.
//! How a stage plays is its own matter.

use crate::material::Material;
use crate::script::parse::parse;
use crate::script::{Entry, Script};
use crate::stage::chat::on_chat;
use crate::stage::engine::{CHAT, EngineStage};
use crate::stage::keypad::{Setting, on_keypad};
use crate::stage::{Exchange, Failure, Playing, Stage};
use crate::world::{Staging, World};
use caseline_conversation::Program;
use caseline_model::{Channel, Private};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How many pages are played at once.
pub const AT_ONCE: usize = 14;

/// A page with its file.
#[derive(Clone, Debug)]
pub struct Page {
    /// The file's name without its ending.
    pub name: String,
    /// What stands in it.
    pub script: Script,
}

/// What came of a page on a stage.
#[derive(Debug)]
pub struct Outcome {
    /// The page.
    pub name: String,
    /// The stage.
    pub stage: Stage,
    /// What happened, or why it fails.
    pub result: Result<Played, Failure>,
}

/// A page that was played.
pub struct Played {
    /// What happened, caller by caller.
    pub exchanges: Vec<Exchange>,
    /// The words it was played with.
    pub program: Arc<Program>,
    /// The channel of its contacts.
    pub channel: Channel,
    /// All that callers gave, for the byte scan.
    pub given: Vec<Private<String>>,
    /// Packets of the line's voice that never came to the caller's telephone; none on stages without packets.
    pub packets_lost: usize,
}

impl fmt::Debug for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Played({} exchanges)", self.exchanges.len())
    }
}

/// What came of pages on stages.
#[derive(Debug, Default)]
pub struct Report {
    /// A row for each page and stage.
    pub outcomes: Vec<Outcome>,
    /// Pages that cannot be read.
    pub unreadable: Vec<String>,
}

impl Report {
    /// How many passed.
    pub fn passed(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.result.is_ok()).count()
    }

    /// How many failed, pages that cannot be read included.
    pub fn failed(&self) -> usize {
        self.outcomes.len() - self.passed() + self.unreadable.len()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for outcome in &self.outcomes {
            writeln!(f, "{outcome}")?;
        }
        for what in &self.unreadable {
            writeln!(f, "FAIL  {what}")?;
        }
        writeln!(f, "{} passed, {} failed", self.passed(), self.failed())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.result {
            Ok(_) => write!(f, "ok    {:<7} {}", self.stage, self.name),
            Err(failure) => fails(f, self, failure),
        }
    }
}

/// Which page, stage and row; what was expected and came; what was said before.
fn fails(f: &mut fmt::Formatter<'_>, outcome: &Outcome, failure: &Failure) -> fmt::Result {
    write!(f, "FAIL  {:<7} {}.call", outcome.stage, outcome.name)?;
    match failure.row {
        0 => write!(f, ", the page as a whole")?,
        row => write!(f, ":{row}  {}", failure.written)?,
    }
    let mut rows = |head: &str, rows: &mut dyn Iterator<Item = &str>| {
        let mut first = Some(head);
        for row in rows {
            write!(f, "\n        {:<16}{row}", first.take().unwrap_or(""))?;
        }
        Ok::<(), fmt::Error>(())
    };
    rows("what is wrong", &mut failure.what.lines())?;
    rows("said before", &mut failure.said.iter().map(String::as_str))?;
    rows("the telephone", &mut failure.noticed.iter().map(String::as_str))
}

/// Pages of files and folders, in the order of their names.
///
/// # Errors
/// A text for each page or folder that cannot be read.
pub fn pages(paths: &[PathBuf]) -> Result<Vec<Page>, Vec<String>> {
    let mut pages = Vec::new();
    let mut faults = Vec::new();
    for file in files(paths, &mut faults) {
        let shown = file.display().to_string();
        match std::fs::read_to_string(&file) {
            Ok(text) => match parse(&shown, &text) {
                Ok(script) => {
                    let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
                    pages.push(Page { name, script });
                }
                Err(fault) => faults.push(fault.to_string()),
            },
            Err(error) => faults.push(format!("{shown} cannot be read: {error}")),
        }
    }
    if pages.is_empty() && faults.is_empty() {
        faults.push("there is no .call page at this place".into());
    }
    if faults.is_empty() { Ok(pages) } else { Err(faults) }
}

fn files(paths: &[PathBuf], faults: &mut Vec<String>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        match std::fs::read_dir(path) {
            Ok(entries) => {
                let found = entries.filter_map(|entry| Some(entry.ok()?.path()));
                files.extend(found.filter(|file| file.extension().is_some_and(|kind| kind == "call")));
            }
            Err(error) => faults.push(format!("{} cannot be read: {error}", path.display())),
        }
    }
    files.sort();
    files
}

/// The stages that a page is written for: `given stages engine, keypad, chat`; engine and keypad when it says nothing.
///
/// # Errors
/// A word that is no stage.
pub fn stages(script: &Script) -> Result<Vec<Stage>, Failure> {
    let Some(entry) = script.given("stages") else { return Ok(vec![Stage::Engine, Stage::Keypad]) };
    let read = |name: &str| name.trim().parse::<Stage>();
    let stages = Entry::text(entry).split(',').map(read).collect::<Result<Vec<_>, _>>();
    stages.map_err(|fault| Failure::at(entry.row, fault.to_string()))
}

/// Plays all pages of files and folders on the stages that they are written for, of those that are wanted. `progress` hears
/// of each play as soon as it is over; the report is in the order of the pages.
pub async fn play(
    paths: &[PathBuf],
    material: &Arc<Material>,
    wanted: &[Stage],
    progress: impl Fn(&Outcome) + Clone + Send + 'static,
) -> Report {
    let pages = match pages(paths) {
        Ok(pages) => pages,
        Err(unreadable) => return Report { outcomes: Vec::new(), unreadable },
    };
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut plays = JoinSet::new();
    for (at, page) in pages.into_iter().enumerate() {
        let written_for = match stages(&page.script) {
            Ok(written_for) => written_for,
            Err(failure) => {
                let outcome = Outcome { name: page.name, stage: Stage::Engine, result: Err(failure) };
                plays.spawn(async move { (at, outcome) });
                continue;
            }
        };
        for stage in wanted.iter().copied().filter(|stage| *stage == Stage::Engine || written_for.contains(stage)) {
            let (page, material, places) = (page.clone(), Arc::clone(material), Arc::clone(&places));
            let progress = progress.clone();
            plays.spawn(async move {
                let _place = places.acquire().await;
                let result = on_stage(&page, &material, stage).await;
                let outcome = Outcome { name: page.name, stage, result };
                progress(&outcome);
                (at, outcome)
            });
        }
    }
    let mut outcomes = plays.join_all().await;
    outcomes.sort_by_key(|(at, outcome)| (*at, outcome.stage));
    Report { outcomes: outcomes.into_iter().map(|(_, outcome)| outcome).collect(), unreadable: Vec::new() }
}

/// Plays a page on one stage; on the engine on each channel that it is written for.
///
/// # Errors
/// The first row that does not hold.
pub async fn on_stage(page: &Page, material: &Material, stage: Stage) -> Result<Played, Failure> {
    match stage {
        Stage::Keypad => on_keypad(page, material, &Setting::tape()).await,
        Stage::Chat => on_chat(page, material).await,
        Stage::Engine => {
            let mut played = Err(Failure::at(0, "the page is written for no channel"));
            for channel in channels(&page.script)? {
                played = Ok(on_engine(page, material, channel).await?);
            }
            played
        }
    }
}

/// Plays a page on the engine, as a call or as a chat.
///
/// # Errors
/// The first row that does not hold.
pub async fn on_engine(page: &Page, material: &Material, channel: Channel) -> Result<Played, Failure> {
    let mut stage = engine_stage(page, material, Stage::Engine, channel, Staging::default()).await?;
    let played = stage.play(&page.script).await;
    let program = Arc::clone(&stage.world.line.program);
    played.map_err(|failure| failure.told_with(&page.script, &program.words, channel, &stage.exchanges))?;
    Ok(Played { exchanges: stage.exchanges, program, channel, given: stage.given, packets_lost: 0 })
}

/// An engine ready to play a page under the names of a stage.
///
/// # Errors
/// When the page's world cannot be made.
pub async fn engine_stage(
    page: &Page,
    material: &Material,
    stage: Stage,
    channel: Channel,
    staging: Staging<'_>,
) -> Result<EngineStage, Failure> {
    let world = World::of(&page.script, material, staging).await;
    let world = world.map_err(|fault| Failure::at(fault.row, fault.what))?;
    let playing = Playing { stage, channel, number_is_shown: channel.is_voice() && world.caller.is_some() };
    Ok(EngineStage::new(world, playing))
}

/// The channels on which the engine plays a page: as a call, as a chat, or both.
///
/// # Errors
/// A word that is no stage.
pub fn channels(script: &Script) -> Result<Vec<Channel>, Failure> {
    let stages = stages(script)?;
    let mut channels = Vec::new();
    if stages.contains(&Stage::Keypad) || !stages.contains(&Stage::Chat) {
        channels.push(Channel::Phone);
    }
    if stages.contains(&Stage::Chat) {
        channels.push(CHAT);
    }
    Ok(channels)
}

/// The folder of a repository in which flows, words and knowledge stand, seen from a folder of pages.
pub fn root_of(pages: &Path) -> PathBuf {
    pages.ancestors().find(|folder| folder.join("flows/policy.toml").is_file()).unwrap_or(pages).to_owned()
}
