//! What a page's `given` rows make: a line with its clock, people, files and feeds, and what the caller has in hand.
//! Only made-up people: values that identify somebody are refused outside the made-up ranges.

mod cast;
pub mod desks;
mod facts;
mod folder;
mod given;
pub mod own;
pub mod watched;

pub use cast::{Behaviour, Cast, Member};
pub use folder::{Folder, FolderFault, as_store};
pub use own::{Own, made_up};
pub use watched::WatchedStore;

use crate::material::Material;
use crate::script::{Entry, Script};
use caseline_conversation::operator::{Operator, OperatorKind};
use caseline_conversation::{Policy, Program};
use caseline_helpline::chance::SeededChance;
use caseline_helpline::hours::Hours;
use caseline_helpline::ports::Store;
use caseline_helpline::staff::StaffStore;
use caseline_helpline::{Clock, Line};
use caseline_model::{Language, Phone, Time, Zone};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

/// The keys that `given` knows.
pub const GIVEN_KEYS: &[&str] = &[
    "now",
    "stages",
    "line",
    "operator",
    "hours",
    "caller",
    "agents",
    "chain",
    "interpreters",
    "file",
    "enrolled",
    "feed",
    "second-number",
    "desks",
];

/// The number that a caller's telephone shows unless the page says otherwise.
pub const USUAL_CALLER: &str = "+1 202 555 0123";

/// Everything that a page is played on.
pub struct World {
    /// The line, as contacts see it.
    pub line: Arc<Line>,
    /// Its store, watched.
    pub store: Arc<WatchedStore>,
    /// The same store as the desk sees it, unwatched; none while no process runs.
    pub desk: Option<Arc<dyn StaffStore>>,
    /// Its clock.
    pub clock: Arc<StageClock>,
    /// Who is behind the line, and how each behaves.
    pub cast: Cast,
    /// What the caller has in hand.
    pub own: Own,
    /// The number that the network shows; none: withheld.
    pub caller: Option<Phone>,
    /// The language of the number that is called, if it has one.
    pub language: Option<Language>,
    seed: u64,
    processes: u64,
}

/// How a world differs from the page's own: shorter waits on stages that play in real time, numbers that really ring.
#[derive(Default)]
pub struct Staging<'a> {
    /// Changes the policy.
    pub policy: Option<&'a (dyn Fn(&mut Policy) + Sync)>,
    /// Where a member of the cast rings.
    pub target: Option<&'a (dyn Fn(&str) -> String + Sync)>,
    /// The page's own program, if it was made before.
    pub program: Option<Arc<Program>>,
    /// The clock runs with the machine's.
    pub runs: bool,
    /// Another store than the one in memory.
    pub store: Option<Arc<dyn Store>>,
    /// That other store, as the desk sees it: for pages with desks.
    pub desk: Option<Arc<dyn StaffStore>>,
    /// What the caller has in hand, if the store holds what the page says is kept already.
    pub prepared: Option<Own>,
}

/// Why a world cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {row}: {what}")]
pub struct GivenFault {
    /// The row of the page; 0 for the page as a whole.
    pub row: usize,
    /// What is wrong and what to do.
    pub what: String,
}

/// A clock that a stage turns; it may run along with the machine's.
#[derive(Debug)]
pub struct StageClock {
    at: AtomicI64,
    running_since: Option<Instant>,
}

impl StageClock {
    fn new(now: Time, runs: bool) -> Self {
        Self { at: AtomicI64::new(now.micros()), running_since: runs.then(Instant::now) }
    }

    /// Turns it on.
    pub fn advance(&self, by: Duration) {
        self.at.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::Relaxed);
    }
}

impl Clock for StageClock {
    fn now(&self) -> Time {
        let at = Time::from_micros(self.at.load(Ordering::Relaxed));
        self.running_since.map_or(at, |since| at.plus(since.elapsed()))
    }
}

impl World {
    /// Makes the world of a page.
    ///
    /// # Errors
    /// A `given` row that cannot be understood, or holds a value outside the made-up ranges.
    pub async fn of(script: &Script, material: &Material, staging: Staging<'_>) -> Result<Self, GivenFault> {
        for entry in &script.given {
            if !GIVEN_KEYS.contains(&entry.key.as_str()) {
                return Err(refuse(entry, format!("`given` knows {}; not `{}`", GIVEN_KEYS.join(", "), entry.key)));
            }
        }
        let (now, zone) = given::now(script)?;
        let program = match &staging.program {
            Some(program) => Arc::clone(program),
            None => Arc::new(Self::program(script, material, zone.clone(), &staging)?),
        };
        let cast = cast::read(script)?;
        let people = cast.people(&|name| match staging.target {
            Some(target) => target(name),
            None => format!("sip:{name}@127.0.0.1"),
        });
        // Whoever finds the store prepared is another process, and draws other ids than the one that prepared it.
        let processes = u64::from(staging.prepared.is_some());
        let seed = seed_of(&script.title);
        let (inner, desk) = match staging.store {
            Some(store) => (store, staging.desk),
            None => {
                let memory = Arc::new(caseline_store::MemoryStore::in_zone(zone.clone()));
                (Arc::clone(&memory) as Arc<dyn Store>, Some(memory as Arc<dyn StaffStore>))
            }
        };
        let store = Arc::new(WatchedStore::new(inner));
        let line = Arc::new(Line {
            program,
            store: Arc::clone(&store) as Arc<dyn Store>,
            chance: Arc::new(SeededChance::new(seed.wrapping_add(processes))),
            hours: given::hours(script)?,
            people,
            shared_callers: Vec::new(),
        });
        let own = match staging.prepared {
            Some(own) => own,
            None => own::prepare(script, &line, desk.as_deref(), now, &zone).await?,
        };
        store.forget_what_was_prepared();
        let clock = Arc::new(StageClock::new(now, staging.runs));
        let (caller, language) = (given::caller(script)?, given::line_language(script)?);
        Ok(Self { line, store, desk, clock, cast, own, caller, language, seed, processes })
    }

    /// The process has stopped and another one opened what was kept: of the line only its settings are the same. Whoever
    /// still holds a contact of the old one holds the old store.
    pub fn next_process(&mut self, inner: Arc<dyn Store>) {
        self.processes += 1;
        self.store = Arc::new(self.store.of_next_process(inner));
        self.line = Arc::new(Line {
            program: Arc::clone(&self.line.program),
            store: Arc::clone(&self.store) as Arc<dyn Store>,
            chance: Arc::new(SeededChance::new(self.seed.wrapping_add(self.processes))),
            hours: self.line.hours.clone(),
            people: self.line.people.clone(),
            shared_callers: self.line.shared_callers.clone(),
        });
    }

    fn program(script: &Script, material: &Material, zone: Zone, staging: &Staging<'_>) -> Result<Program, GivenFault> {
        let operator = given::operator(script)?.unwrap_or(Operator {
            kind: OperatorKind::LegalAid,
            name: "Open Door Legal Aid".into(),
            shares_with: String::new(),
            hears_calls: String::new(),
        });
        let mut program =
            material.program(operator, zone).map_err(|fault| GivenFault { row: 0, what: fault.to_string() })?;
        if let Some(change) = staging.policy {
            change(&mut program.policy);
        }
        given::line_speaks(script, &mut program.policy)?;
        Ok(program)
    }

    /// Now, on the page's clock.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// `desk 214 opens the case`, `desk 214 finds no ticket`: what somebody at a desk does. None: no such direction.
    ///
    /// # Errors
    /// When it was otherwise.
    pub async fn at_the_desk(&self, what: &str) -> Option<Result<(), String>> {
        let (number, does) = what.strip_prefix("desk ")?.split_once(' ')?;
        let wanted = match does {
            "opens the case" => true,
            "finds no ticket" => false,
            _ => return None,
        };
        let desk = self.own.desks.iter().find(|desk| desk.number.to_string() == number);
        let (Some(desk), Some(store)) = (desk, &self.desk) else {
            return Some(Err("the page has no such desk; write `given desks 214 accredited`".into()));
        };
        Some(desk.opens_case(&**store, self.now()).await.and_then(|opened| match (opened, wanted) {
            (true, false) => Err("the desk found a ticket, and opened the case".into()),
            (false, true) => Err("no ticket waits for that desk".into()),
            _ => Ok(()),
        }))
    }

    /// Whether staff are there now.
    pub fn is_open(&self) -> bool {
        self.line.hours.are_open(self.now(), &self.line.program.zone)
    }
}

/// When a page begins.
///
/// # Errors
/// When it does not say so.
pub fn now_of(script: &Script) -> Result<Time, GivenFault> {
    given::now(script).map(|(now, _)| now)
}

/// The zone of the line of a page.
///
/// # Errors
/// A `given now` row that cannot be understood.
pub fn zone_of(script: &Script) -> Result<Zone, GivenFault> {
    given::now(script).map(|(_, zone)| zone)
}

/// A page draws the same ids each time.
fn seed_of(title: &str) -> u64 {
    title
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

pub(crate) fn refuse(entry: &Entry, what: impl Into<String>) -> GivenFault {
    GivenFault { row: entry.row, what: what.into() }
}

/// Hours on every day of the week, or none.
pub(crate) fn every_day(hours: Option<(caseline_model::TimeOfDay, caseline_model::TimeOfDay)>) -> Hours {
    Hours { week: [hours; 7], closed_on: Vec::new() }
}
