//! Made-up numbers of five classes, ready to be tried, and the line they are tried on.

use caseline_conversation::Program;
use caseline_conversation::slot::CaseNumber;
use caseline_helpline::chance::SeededChance;
use caseline_helpline::ports::{Checked, Trying};
use caseline_helpline::{Line, Store};
use caseline_model::{ANumber, CardCode, CaseId, Channel, ContactId, Phone, Private, Time};
use caseline_replay::material::Material;
use caseline_replay::script::parse::parse;
use caseline_replay::world::{Staging, World};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Enrolled so long ago, a case is over.
const OVER_AFTER: Duration = Duration::from_secs(91 * 86_400);
/// The row of the card that every class is tried with.
pub const ROW: u8 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    Existing,
    Absent,
    Closed,
    Over,
    Used,
}

pub const CLASSES: [Class; 5] = [Class::Existing, Class::Absent, Class::Closed, Class::Over, Class::Used];

impl Class {
    /// A number of this class in a round; the made-up range has no zero.
    pub fn number(self, round: u32) -> u32 {
        1_000 + round * 10 + self as u32
    }

    fn case_number(self, round: u32) -> Private<CaseNumber> {
        Private::new(CaseNumber::A(ANumber::from_value(self.number(round)).unwrap()))
    }

    /// What is keyed: a right code where that must not open, else a wrong one.
    pub fn code(self) -> String {
        match self {
            Self::Existing | Self::Absent => wrong().reveal().keyed(),
            Self::Closed | Self::Over | Self::Used => right(ROW).reveal().keyed(),
        }
    }
}

fn right(row: u8) -> Private<CardCode> {
    Private::new(CardCode::from_random(row, 20_000_000 + u64::from(row)).unwrap())
}

fn wrong() -> Private<CardCode> {
    Private::new(CardCode::from_random(ROW, 99_999_999).unwrap())
}

/// A made-up telephone number.
pub fn caller(n: u32) -> Phone {
    format!("+1202555{:04}", 100 + n % 100).parse().unwrap()
}

/// Enrols, closes and uses the numbers of a round.
pub async fn prepare(store: &dyn Store, now: Time, round: u32) {
    let card: Vec<_> = (1..=12).map(right).collect();
    for class in [Class::Existing, Class::Closed, Class::Over, Class::Used] {
        let enrolled_at = if class == Class::Over { now.minus(OVER_AFTER) } else { now };
        let case = CaseId::from_random(u128::from(class.number(round)));
        store.enrol(enrolled_at, case, &class.case_number(round), &card).await.unwrap();
    }
    let tries = std::iter::once((Class::Used, right(ROW))).chain((0..5).map(|_| (Class::Closed, wrong())));
    for (n, (class, code)) in (0_u32..).zip(tries) {
        let contact = ContactId::from_random(0xffff_0000_0000 + u128::from(round) * 10 + u128::from(n));
        store.begin_contact(now, contact, Channel::Phone).await.unwrap();
        // Whoever opens one is withheld: a caller who shows a number opens three different cases a week.
        let shown = (class == Class::Closed).then(|| Private::new(caller(90 + n)));
        let who = Trying { contact, caller: shown, shared: false };
        store.note_caller(now, &who).await.unwrap();
        let checked = store.check_card(now, &who, &class.case_number(round), &code).await.unwrap();
        assert_eq!(matches!(checked, Checked::Opened(_)), class == Class::Used);
    }
}

/// The world of an empty page, on a store.
pub async fn world(store: Option<Arc<dyn Store>>, runs: bool) -> World {
    let material = Material::from_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap();
    let script = parse("none", "# One answer\n\ngiven  now  2026-11-24 10:00 Chicago\n").unwrap();
    World::of(&script, &material, Staging { store, runs, ..Staging::default() }).await.unwrap()
}

/// A line of its own on a program.
pub fn line(program: &Arc<Program>, store: Arc<dyn Store>, seed: u64) -> Arc<Line> {
    Arc::new(Line {
        program: Arc::clone(program),
        store,
        chance: Arc::new(SeededChance::new(seed)),
        hours: Default::default(),
        people: Default::default(),
        shared_callers: Vec::new(),
    })
}
