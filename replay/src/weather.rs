//! Weather: a page is played again with one disturbance at each step, in memory and on a real store in a folder, and
//! whatever happens, some things hold: they stand in `holds`. The disturbances of the network are left to `keypad`.

mod holds;

use crate::material::Material;
use crate::overheard::Overheard;
use crate::play::{Page, engine_stage};
use crate::script::{CallerDoes, Doing, Step};
use crate::stage::acting::Act;
use crate::stage::engine::EngineStage;
use crate::stage::{Happening, Stage};
use crate::world::{Folder, FolderFault, Own, Staging, as_store};
use caseline_conversation::effect::Done;
use caseline_conversation::{Input, Key, Program, Question};
use caseline_helpline::ports::Store;
use caseline_helpline::staff::StaffStore;
use caseline_model::{Channel, ContactId, Time};
use holds::{hold, times_told};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// No page makes more writes than this in one play. A page that does is a failure: each of its writes is to fail once.
const WRITES_MAX: u64 = 400;

/// One disturbance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disturbance {
    /// The caller hangs up before this step.
    HangUp(usize),
    /// The process stops before this step and another takes over from the store.
    TakeOver(usize),
    /// The message that opened the contact, and a result, come once more before this step.
    Twice(usize),
    /// What the caller did in this step arrives a second time.
    SaidTwice(usize),
    /// The process stops after it did what this step led to and before it kept its state; the next one does the step.
    Redone(usize),
    /// The caller asks for a person before this step, whatever is asked.
    PersonKey(usize),
    /// The caller presses the urgent key before this step.
    UrgentKey(usize),
    /// The clock jumps an hour before this step.
    ClockJumps(usize),
    /// The first write of this step fails.
    WriteFailsIn(usize),
    /// This write fails, counted from 1.
    WriteFails(u64),
}

impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HangUp(at) => write!(f, "hang-up before step {}", at + 1),
            Self::TakeOver(at) => write!(f, "another process takes over before step {}", at + 1),
            Self::Twice(at) => write!(f, "a message comes twice before step {}", at + 1),
            Self::SaidTwice(at) => write!(f, "step {} arrives twice", at + 1),
            Self::Redone(at) => write!(f, "the process stops in step {} before it kept its state", at + 1),
            Self::PersonKey(at) => write!(f, "the person key before step {}", at + 1),
            Self::UrgentKey(at) => write!(f, "the urgent key before step {}", at + 1),
            Self::ClockJumps(at) => write!(f, "the clock jumps an hour before step {}", at + 1),
            Self::WriteFailsIn(at) => write!(f, "the first write of step {} fails", at + 1),
            Self::WriteFails(number) => write!(f, "write {number} fails"),
        }
    }
}

/// Where the store of a play is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In memory. Every disturbance is played.
    InMemory,
    /// In a folder, by SQLite, on the first channel of a page. Played are what a disk adds: at every step the process stops
    /// before it, the process stops in it, and a write in it fails; and at one step in the middle of the page all others.
    InFolder,
}

impl Kept {
    fn plays(self, disturbance: Disturbance, middle: usize) -> bool {
        match (self, disturbance) {
            (Self::InMemory, Disturbance::WriteFailsIn(_)) => false,
            (Self::InMemory, _) => true,
            (Self::InFolder, Disturbance::TakeOver(_) | Disturbance::Redone(_) | Disturbance::WriteFailsIn(_)) => true,
            (
                Self::InFolder,
                Disturbance::HangUp(at)
                | Disturbance::Twice(at)
                | Disturbance::SaidTwice(at)
                | Disturbance::PersonKey(at)
                | Disturbance::UrgentKey(at)
                | Disturbance::ClockJumps(at),
            ) => at == middle,
            (Self::InFolder, Disturbance::WriteFails(_)) => false,
        }
    }
}

/// What all plays of a page in one channel share.
struct Plays<'a> {
    page: &'a Page,
    material: &'a Material,
    channel: Channel,
    overheard: &'a Overheard,
    program: Arc<Program>,
    /// The folder in which all that the page says is kept already, closed, and what the caller has in hand.
    template: Option<(Folder, Own)>,
}

/// Plays a page in all weathers; how many times, or what did not hold.
///
/// # Errors
/// A text for each disturbance after which something did not hold.
pub async fn all_weathers(
    page: &Page,
    material: &Material,
    channel: Channel,
    kept: Kept,
    overheard: &Overheard,
) -> Result<usize, Vec<String>> {
    let plays = Plays::of(page, material, channel, kept, overheard).await.map_err(|what| vec![what])?;
    let mut failures = Vec::new();
    let disturbances = disturbances(page, kept);
    let mut count = disturbances.len();
    for disturbance in disturbances {
        if let Err(what) = plays.disturbed(disturbance).await {
            failures.push(format!("{}.call ({channel}), {disturbance}: {what}", page.name));
        }
    }
    if kept == Kept::InMemory {
        let writes = plays.writes().await.map_err(|what| vec![what])?;
        if writes > WRITES_MAX {
            failures.push(format!("{}.call ({channel}) makes {writes} writes, more than {WRITES_MAX}", page.name));
        }
        for number in 1..=writes.min(WRITES_MAX) {
            count += 1;
            let disturbance = Disturbance::WriteFails(number);
            if let Err(what) = plays.disturbed(disturbance).await {
                failures.push(format!("{}.call ({channel}), {disturbance}: {what}", page.name));
            }
        }
    }
    if failures.is_empty() { Ok(count) } else { Err(failures) }
}

/// All disturbances of a page but failing writes one by one: how many there are is known after a play.
fn disturbances(page: &Page, kept: Kept) -> Vec<Disturbance> {
    let mut all: Vec<Disturbance> = Vec::new();
    for (at, step) in page.script.steps.iter().enumerate() {
        if at > 0 && !matches!(step.doing, Doing::Line(_)) {
            all.extend([
                Disturbance::HangUp(at),
                Disturbance::TakeOver(at),
                Disturbance::Twice(at),
                Disturbance::ClockJumps(at),
                Disturbance::PersonKey(at),
                Disturbance::UrgentKey(at),
                Disturbance::WriteFailsIn(at),
            ]);
        }
        if matches!(&step.doing, Doing::Caller(does) if !matches!(does, CallerDoes::Arrives(_) | CallerDoes::Answers)) {
            all.extend([Disturbance::SaidTwice(at), Disturbance::Redone(at)]);
        }
    }
    let acts = (1..page.script.steps.len()).filter(|at| matches!(page.script.steps[*at].doing, Doing::Caller(_)));
    let acts: Vec<usize> = acts.collect();
    let middle = acts.get(acts.len() / 2).copied().unwrap_or(0);
    all.retain(|disturbance| kept.plays(*disturbance, middle));
    all
}

impl<'a> Plays<'a> {
    async fn of(
        page: &'a Page,
        material: &'a Material,
        channel: Channel,
        kept: Kept,
        overheard: &'a Overheard,
    ) -> Result<Self, String> {
        let broke = |fault: FolderFault| fault.to_string();
        let folder = match kept {
            Kept::InMemory => None,
            Kept::InFolder => {
                let zone = crate::world::zone_of(&page.script).map_err(|fault| fault.to_string())?;
                Some(Folder::empty().map_err(broke)?.in_zone(zone))
            }
        };
        let sqlite = match &folder {
            Some(folder) => Some(folder.start(now_of(page)?).await.map_err(broke)?),
            None => None,
        };
        let store = sqlite.as_ref().map(as_store);
        let desk = sqlite.map(|store| store as Arc<dyn StaffStore>);
        let staging = Staging { store, desk, ..Staging::default() };
        let calm = engine_stage(page, material, Stage::Engine, channel, staging).await;
        let world = calm.map_err(|failure| failure.to_string())?.world;
        let (program, own) = (Arc::clone(&world.line.program), world.own.clone());
        drop(world);
        let template = match folder {
            Some(folder) => {
                folder.end().await.map_err(broke)?;
                Some((folder, own))
            }
            None => None,
        };
        Ok(Self { page, material, channel, overheard, program, template })
    }

    async fn stage(&self) -> Result<EngineStage, String> {
        let mut staging = Staging { program: Some(Arc::clone(&self.program)), ..Staging::default() };
        let mut folder = None;
        if let Some((template, own)) = &self.template {
            let broke = |fault: FolderFault| fault.to_string();
            let copy = Folder::copy_of(template).map_err(broke)?;
            let now = now_of(self.page)?;
            let store = copy.start(now).await.map_err(broke)?;
            staging.store = Some(as_store(&store));
            staging.desk = Some(store);
            staging.prepared = Some(own.clone());
            folder = Some(copy);
        }
        let stage = engine_stage(self.page, self.material, Stage::Engine, self.channel, staging).await;
        let mut stage = stage.map_err(|failure| failure.to_string())?;
        stage.folder = folder;
        Ok(stage)
    }

    /// How many writes an undisturbed play makes.
    async fn writes(&self) -> Result<u64, String> {
        let mut stage = self.stage().await?;
        stage.play(&self.page.script).await.map_err(|failure| failure.to_string())?;
        Ok(stage.world.store.seen().writes)
    }

    /// Plays once.
    async fn disturbed(&self, disturbance: Disturbance) -> Result<(), String> {
        self.overheard.clear();
        let mut stage = self.stage().await?;
        if let Disturbance::WriteFails(number) = disturbance {
            stage.world.store.fail_write(number);
        }
        self.play(&mut stage, disturbance).await?;
        stage.finish().await;
        hold(&mut stage, self.overheard).await
    }

    async fn play(&self, stage: &mut EngineStage, disturbance: Disturbance) -> Result<(), String> {
        let mut strict = true;
        for (at, step) in self.page.script.steps.iter().enumerate() {
            match disturbance {
                Disturbance::HangUp(point) if point == at => {
                    stage.hang_up().await;
                    return Ok(());
                }
                Disturbance::PersonKey(point) if point == at => return person_key(stage).await,
                Disturbance::UrgentKey(point) if point == at => return urgent_key(stage).await,
                Disturbance::TakeOver(point) if point == at => take_over(stage).await?,
                Disturbance::Twice(point) if point == at => twice(stage).await?,
                Disturbance::ClockJumps(point) if point == at => {
                    strict = false;
                    stage.world.clock.advance(Duration::from_secs(3_600));
                }
                Disturbance::SaidTwice(point) if point == at => {
                    strict = false;
                    said_twice(stage, step).await;
                    continue;
                }
                Disturbance::Redone(point) if point == at => {
                    strict = false;
                    redone(stage, step).await?;
                    continue;
                }
                Disturbance::WriteFailsIn(point) if point == at => {
                    strict = false;
                    stage.world.store.fail_next_write();
                }
                Disturbance::WriteFails(_) => strict = false,
                _ => {}
            }
            if let Err(failure) = stage.step(step).await {
                if strict && !said_not_saved(stage) {
                    return Err(failure.to_string());
                }
                if !matches!(step.doing, Doing::Line(_)) {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// Somebody is rung at once, or the caller hears honestly that nobody can come and how else they are heard.
async fn person_key(stage: &mut EngineStage) -> Result<(), String> {
    let Some(question) = stage.question().map(|question| question.subject.clone()) else { return Ok(()) };
    stage.act(Act::Key(Key::Person, false), "chooses agent".into()).await?;
    let nobody = ["person-closed", "person-busy", "person-nobody", "custody-nobody"];
    let is_heard = stage.heard().iter().any(|heard| match &heard.what {
        Happening::Rings(_) | Happening::Joined { .. } => true,
        Happening::Told(telling) => nobody.contains(&telling.subject.as_str()),
        _ => false,
    });
    if is_heard { Ok(()) } else { Err(format!("at the question {question} the person key led to nobody")) }
}

/// The four branches of urgent help, or from inside the chain at once.
async fn urgent_key(stage: &mut EngineStage) -> Result<(), String> {
    let Some(question) = stage.question().map(|question| question.subject.clone()) else { return Ok(()) };
    stage.act(Act::Key(Key::Urgent, false), "chooses help".into()).await?;
    let is_heard = stage.heard().iter().any(|heard| match &heard.what {
        Happening::Rings(_) | Happening::Joined { .. } => true,
        Happening::Asked(question) => question.subject == "urgent",
        Happening::Told(telling) => telling.subject == "custody-nobody",
        _ => false,
    });
    if is_heard { Ok(()) } else { Err(format!("at the question {question} the urgent key led to nobody")) }
}

/// After a restart the line repeats its last question, word for word.
async fn take_over(stage: &mut EngineStage) -> Result<(), String> {
    if stage.is_over() {
        return Ok(());
    }
    let question: Option<Question> = stage.question().cloned();
    let talked = stage.talking().map(str::to_owned);
    if !stage.take_over().await? {
        return Err("the store kept nothing of a contact that was not over".into());
    }
    let mut again = stage.heard().iter().filter_map(|heard| match &heard.what {
        Happening::Asked(question) => Some(question),
        _ => None,
    });
    match (question, again.next_back(), talked) {
        (Some(before), Some(after), _) if before == *after && stage.heard().len() == 1 => Ok(()),
        (Some(before), _, _) => Err(format!("the line did not just repeat the question {}", before.subject)),
        // Whoever was rung for the caller is rung again; what was being recorded is recorded anew.
        _ => Ok(()),
    }
}

/// The arrival and a result come once more: nothing new happens, and the open question stands.
async fn twice(stage: &mut EngineStage) -> Result<(), String> {
    if stage.is_over() || stage.talking().is_some() || stage.question().is_none() {
        return Ok(());
    }
    let before = stage.question().cloned();
    let heard = stage.heard().len();
    stage.again(Input::Done(Done::Saved)).await;
    if stage.heard().len() != heard {
        return Err("a result that came twice did something".into());
    }
    if let Some(arrival) = stage.arrival() {
        stage.again(arrival).await;
    }
    if stage.question().cloned() == before {
        Ok(())
    } else {
        Err("after a second arrival the line asks something else".into())
    }
}

/// The same message arrives twice at one process.
async fn said_twice(stage: &mut EngineStage, step: &Step) {
    let _ = stage.step(step).await;
    if !stage.is_over() {
        let _ = stage.step(step).await;
    }
}

/// A process does what a step leads to and stops before the last state is kept. The next one goes on from the state that
/// was kept before it: in the middle of the step, or before it, and then the step arrives again.
async fn redone(stage: &mut EngineStage, step: &Step) -> Result<(), String> {
    let Some(contact) = stage.contact() else { return Ok(()) };
    let before: Vec<_> = states_of(stage, contact);
    let _ = stage.step(step).await;
    if stage.is_over() {
        return Ok(());
    }
    let after = states_of(stage, contact);
    let new: Vec<&Vec<u8>> = after.iter().filter(|state| !before.contains(state)).collect();
    let (kept, is_midway) = match (new.len().checked_sub(2).and_then(|place| new.get(place)), before.last()) {
        (Some(midway), _) => ((*midway).clone(), true),
        (None, Some(before)) => (before.clone(), false),
        (None, None) => return Ok(()),
    };
    let saved = stage.world.store.save_conversation(stage.world.now(), contact, &kept).await;
    if saved.is_ok() && stage.take_over().await? && !is_midway {
        let _ = stage.step(step).await;
    }
    Ok(())
}

fn states_of(stage: &EngineStage, contact: ContactId) -> Vec<Vec<u8>> {
    let seen = stage.world.store.seen();
    seen.states.into_iter().filter(|(of, _)| *of == contact).map(|(_, state)| state).collect()
}

/// The honest words of a promise that could not be kept: another process does not know the number that was shown.
fn said_not_saved(stage: &EngineStage) -> bool {
    ["callback-not-saved", "remind-not-set", "message-not-saved", "not-possible-now"]
        .iter()
        .any(|subject| times_told(stage, subject) > 0)
}

fn now_of(page: &Page) -> Result<Time, String> {
    crate::world::now_of(&page.script).map_err(|fault| fault.to_string())
}
