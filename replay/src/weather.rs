//! Weather: a page is played again with one disturbance at each step, and whatever happens, some things hold.
//! The disturbances of the network are left to the stage `keypad`.

use crate::material::Material;
use crate::overheard::Overheard;
use crate::play::{Page, engine_stage};
use crate::script::{CallerDoes, Doing, Step};
use crate::stage::acting::Act;
use crate::stage::engine::EngineStage;
use crate::stage::{Failure, Happening, Stage};
use crate::world::Staging;
use caseline_conversation::effect::Done;
use caseline_conversation::{Input, Key, Program, Question};
use caseline_helpline::AuditEvent;
use caseline_helpline::ports::{Store, TaskKind};
use caseline_model::{Channel, ContactId};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A page is not played with more failing writes than this.
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
            Self::WriteFails(number) => write!(f, "write {number} fails"),
        }
    }
}

/// Plays a page in all weathers; how many times, or what did not hold.
///
/// # Errors
/// A text for each disturbance after which something did not hold.
pub async fn all_weathers(
    page: &Page,
    material: &Material,
    channel: Channel,
    overheard: &Overheard,
) -> Result<usize, Vec<String>> {
    let calm = stage(page, material, channel, None).await.map_err(|failure| vec![failure.to_string()])?;
    let program = Arc::clone(&calm.world.line.program);
    let points: Vec<usize> =
        (1..page.script.steps.len()).filter(|at| !matches!(page.script.steps[*at].doing, Doing::Line(_))).collect();
    let said: Vec<usize> = (0..page.script.steps.len())
        .filter(|at| matches!(&page.script.steps[*at].doing, Doing::Caller(does) if !matches!(does, CallerDoes::Arrives(_) | CallerDoes::Answers)))
        .collect();
    let mut plays: Vec<Disturbance> = Vec::new();
    for at in points {
        plays.extend([
            Disturbance::HangUp(at),
            Disturbance::TakeOver(at),
            Disturbance::Twice(at),
            Disturbance::ClockJumps(at),
            Disturbance::PersonKey(at),
            Disturbance::UrgentKey(at),
        ]);
    }
    for at in said {
        plays.extend([Disturbance::SaidTwice(at), Disturbance::Redone(at)]);
    }
    let mut failures = Vec::new();
    let mut count = plays.len();
    for disturbance in plays {
        if let Err(what) = disturbed(page, material, channel, &program, disturbance, overheard).await {
            failures.push(format!("{}.call ({channel}), {disturbance}: {what}", page.name));
        }
    }
    for number in 1..=WRITES_MAX {
        count += 1;
        let disturbance = Disturbance::WriteFails(number);
        match disturbed(page, material, channel, &program, disturbance, overheard).await {
            Ok(0) => break,
            Ok(_) => {}
            Err(what) => failures.push(format!("{}.call ({channel}), {disturbance}: {what}", page.name)),
        }
    }
    if failures.is_empty() { Ok(count) } else { Err(failures) }
}

async fn stage(
    page: &Page,
    material: &Material,
    channel: Channel,
    program: Option<Arc<Program>>,
) -> Result<EngineStage, Failure> {
    let staging = Staging { program, ..Staging::default() };
    engine_stage(page, material, Stage::Engine, channel, staging).await
}

/// Plays once; how many writes failed.
async fn disturbed(
    page: &Page,
    material: &Material,
    channel: Channel,
    program: &Arc<Program>,
    disturbance: Disturbance,
    overheard: &Overheard,
) -> Result<usize, String> {
    overheard.clear();
    let stage = stage(page, material, channel, Some(Arc::clone(program))).await;
    let mut stage = stage.map_err(|failure| failure.to_string())?;
    if let Disturbance::WriteFails(number) = disturbance {
        stage.world.store.fail_write(number);
    }
    let mut strict = true;
    for (at, step) in page.script.steps.iter().enumerate() {
        match disturbance {
            Disturbance::HangUp(point) if point == at => {
                stage.hang_up().await;
                break;
            }
            Disturbance::PersonKey(point) if point == at => {
                person_key(&mut stage).await?;
                break;
            }
            Disturbance::UrgentKey(point) if point == at => {
                urgent_key(&mut stage).await?;
                break;
            }
            Disturbance::TakeOver(point) if point == at => take_over(&mut stage).await?,
            Disturbance::Twice(point) if point == at => twice(&mut stage).await?,
            Disturbance::ClockJumps(point) if point == at => {
                strict = false;
                stage.world.clock.advance(Duration::from_secs(3_600));
            }
            Disturbance::SaidTwice(point) if point == at => {
                strict = false;
                said_twice(&mut stage, step).await;
                continue;
            }
            Disturbance::Redone(point) if point == at => {
                strict = false;
                redone(&mut stage, step).await;
                continue;
            }
            Disturbance::WriteFails(_) => strict = false,
            _ => {}
        }
        if let Err(failure) = stage.step(step).await {
            if strict && !said_not_saved(&stage) {
                return Err(failure.to_string());
            }
            if !matches!(step.doing, Doing::Line(_)) {
                break;
            }
        }
    }
    stage.finish().await;
    invariants(&mut stage, overheard).await?;
    Ok(stage.world.store.seen().failed.len())
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
    if !stage.take_over().await {
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
async fn redone(stage: &mut EngineStage, step: &Step) {
    let Some(contact) = stage.contact() else { return };
    let before: Vec<_> = states_of(stage, contact);
    let _ = stage.step(step).await;
    if stage.is_over() {
        return;
    }
    let after = states_of(stage, contact);
    let new: Vec<&Vec<u8>> = after.iter().filter(|state| !before.contains(state)).collect();
    let (kept, is_midway) = match (new.len().checked_sub(2).and_then(|place| new.get(place)), before.last()) {
        (Some(midway), _) => ((*midway).clone(), true),
        (None, Some(before)) => (before.clone(), false),
        (None, None) => return,
    };
    let saved = stage.world.store.save_conversation(stage.world.now(), contact, &kept).await;
    if saved.is_ok() && stage.take_over().await && !is_midway {
        let _ = stage.step(step).await;
    }
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

fn times_told(stage: &EngineStage, subject: &str) -> usize {
    let all = stage.exchanges.iter().flat_map(|exchange| &exchange.heard);
    all.filter(|heard| matches!(&heard.what, Happening::Told(telling) if telling.subject == subject)).count()
}

async fn invariants(stage: &mut EngineStage, overheard: &Overheard) -> Result<(), String> {
    one_disposition_each(stage).await?;
    promises_hold(stage).await?;
    let seen = stage.world.store.seen();
    if seen.reads_without_entry > 0 {
        return Err("a case was read without an entry in the log before it".into());
    }
    match overheard.finds(&stage.given) {
        None => Ok(()),
        Some(row) => Err(format!("a value that the caller gave is in the log: {row}")),
    }
}

/// Every contact that arrived has one disposition, at the latest when the next process started.
async fn one_disposition_each(stage: &EngineStage) -> Result<(), String> {
    let store = &stage.world.store;
    let broke = |fault: caseline_helpline::StoreFault| fault.to_string();
    store.fill_disk(false);
    // The next process starts; and once more, when a page that nobody came back to is over.
    for later in [Duration::ZERO, Duration::from_secs(3_600)] {
        let now = stage.world.now().plus(later);
        caseline_helpline::contact::end_left_open(&stage.world.line, now).await.map_err(broke)?;
    }
    for contact in store.seen().contacts {
        let disposition = store.disposition(contact).await.map_err(broke)?;
        let log = store.audit_of_contact(contact).await.map_err(broke)?;
        let closed = log.iter().filter(|entry| matches!(entry.event, AuditEvent::ContactClosed { .. })).count();
        if disposition.is_none() || closed != 1 {
            return Err(format!("a contact has {closed} ends in the log, and the disposition {disposition:?}"));
        }
    }
    Ok(())
}

/// What was said to be saved is saved, once; what could not be saved was not said to be.
async fn promises_hold(stage: &EngineStage) -> Result<(), String> {
    let seen = stage.world.store.seen();
    let kept = |what: &str| seen.kept.iter().filter(|row| row.1 == what).count();
    let of_contact =
        |contact: ContactId, what: &str| seen.kept.iter().filter(|row| **row == (contact, what_of(what))).count();
    for (what, words) in [
        ("callback", &["callback-promised"][..]),
        ("message", &["message-left", "urgent-message-left"]),
        ("reminder", &["remind-set"]),
        ("report", &["report-code", "report-taken"]),
        ("file", &["file-receipt"]),
        ("forgotten", &["forgotten"]),
    ] {
        let told = words.iter().any(|subject| times_told(stage, subject) > 0);
        if told && kept(what) == 0 {
            return Err(format!("a {what} was said to be saved, and is not"));
        }
        for contact in &seen.contacts {
            let limit = if what == "message" {
                times_told(stage, "message-left") + times_told(stage, "urgent-message-left")
            } else {
                1
            };
            if of_contact(*contact, what) > limit.max(1) {
                return Err(format!("{} of kind {what} were kept in one contact", of_contact(*contact, what)));
            }
        }
    }
    for kind in [TaskKind::Callback, TaskKind::Message, TaskKind::Reminder] {
        let open = stage.world.store.open_task_count(kind).await.map_err(|fault| fault.to_string())?;
        if open > kept(kind.as_str()) as u64 {
            return Err(format!("more of kind {} are open than were kept", kind.as_str()));
        }
    }
    Ok(())
}

fn what_of(what: &str) -> &'static str {
    ["callback", "message", "reminder", "report", "file", "forgotten"]
        .into_iter()
        .find(|known| *known == what)
        .unwrap_or("")
}
