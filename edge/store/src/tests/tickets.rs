//! Tickets on both stores: the contract, random days on which the desk never opens more than was left to it (property S8),
//! and a line that is killed while a case is open (S4).
//! Single rules are checked in the contract.

use super::{Scratch, open, scratch};
use crate::contract::staff::Whole;
use crate::contract::tickets::{leave, person, run_ticket_contract, signed_in};
use crate::contract::values::{DAY, NOON, at, case, contact, days_later, own_file};
use crate::memory::MemoryStore;
use crate::settings::StoreSettings;
use crate::sqlite::SqliteStore;
use crate::testing::{ScratchDir, os_chance};
use caseline_helpline::audit::AuditEvent;
use caseline_helpline::policy::StaffRole;
use caseline_helpline::ports::Store;
use caseline_helpline::staff::{AccountId, Passkey, Secret, StaffAccount, StaffDeed, StaffStore};
use caseline_helpline::tickets::{
    CASE_OPEN_MAX, OPENINGS_A_DAY_MAX, OpenedBy, Opening, TicketDesk, TicketLeft, TicketUsed,
};
use caseline_model::{Channel, Disposition, Time, TimeOfDay, Zone};
use caseline_records::Field;
use proptest::prelude::*;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::Duration;

struct InMemory(MemoryStore);

impl AsRef<dyn Whole> for InMemory {
    fn as_ref(&self) -> &(dyn Whole + 'static) {
        &self.0
    }
}

#[tokio::test]
async fn the_model_keeps_the_contract_of_tickets() {
    run_ticket_contract(async || InMemory(MemoryStore::new())).await;
}

#[tokio::test]
async fn sqlite_keeps_the_contract_of_tickets() {
    run_ticket_contract(async || scratch(NOON).await).await;
}

#[tokio::test]
async fn around_midnight_a_case_was_opened_on_the_day_of_the_line_s_zone() {
    for (name, is_ahead) in [("America/Chicago", false), ("Pacific/Guam", true)] {
        let zone = Zone::named(name).unwrap();
        let dir = ScratchDir::new();
        let settings = StoreSettings { zone: zone.clone(), ..StoreSettings::at(dir.path().join("data")) };
        let sqlite = SqliteStore::open(settings, NOON, os_chance()).await.unwrap();
        let stores: [&dyn Store; 2] = [&sqlite, &MemoryStore::in_zone(zone.clone())];
        let today = NOON.date_in(&zone).tomorrow().unwrap();
        let midnight = zone.instant(today, TimeOfDay::new(0, 0).unwrap());
        let second = Duration::from_secs(1);
        // In UTC both are one day, the later one of the two in America and the earlier one beyond the Pacific.
        assert_eq!(midnight.day(), midnight.minus(second).day());
        assert_eq!(midnight.date_in(&Zone::utc()) < today, is_ahead);
        for store in stores {
            for (n, now, on) in [(1, midnight.minus(second), today.yesterday().unwrap()), (2, midnight, today)] {
                let file = u64::try_from(n).unwrap();
                store.begin_contact(now, contact(n), Channel::Phone).await.unwrap();
                store.open_file(now, contact(n), own_file(file, None)).await.unwrap();
                let told = store.openings(now, contact(n), case(n)).await.unwrap();
                assert_eq!(told, [Opening { on, by: OpenedBy::Line }], "{name}");
            }
        }
    }
}

/// Something that is done at the desk or by a person. Numbers are small, so that things meet.
#[derive(Clone, Debug)]
enum Act {
    Come(u8),
    Leave(u8, u8, u8),
    Withdraw(u8),
    Forget(u8),
    Hang(u8),
    Take(u8),
    Back(u8),
    Open(u8),
    Read(u8),
    Close(u8),
    SignOut(u8),
    SignIn(u8),
    Deputy(u8, Option<u8>),
    Wait(u32),
    Purge,
}

const DESKS: u8 = 4;
const PEOPLE: u8 = 5;

fn act() -> impl Strategy<Value = Act> {
    let desk = || 1..=DESKS;
    let people = || 1..=PEOPLE;
    prop_oneof![
        3 => people().prop_map(Act::Come),
        6 => (people(), desk(), 0_u8..4).prop_map(|(a, b, c)| Act::Leave(a, b, c)),
        1 => people().prop_map(Act::Withdraw),
        1 => people().prop_map(Act::Forget),
        1 => people().prop_map(Act::Hang),
        6 => desk().prop_map(Act::Take),
        1 => desk().prop_map(Act::Back),
        6 => desk().prop_map(Act::Open),
        4 => desk().prop_map(Act::Read),
        2 => desk().prop_map(Act::Close),
        1 => desk().prop_map(Act::SignOut),
        3 => desk().prop_map(Act::SignIn),
        2 => (desk(), proptest::option::of(desk())).prop_map(|(a, b)| Act::Deputy(a, b)),
        2 => prop_oneof![Just(1), Just(200), Just(1_000), Just(90_000)].prop_map(Act::Wait),
        1 => Just(Act::Purge),
    ]
}

/// A store on which a day is played, and what is counted of it.
struct Day<'s> {
    store: &'s dyn Whole,
    desks: Vec<StaffAccount>,
    /// Verified contacts and tickets, by what the verbs answered.
    given: u32,
    opened: u32,
    contacts: u128,
    /// The contact in which each person is now.
    at_the_line: Vec<(u8, u128)>,
}

fn login(n: u8) -> Secret {
    Secret::from_random(0x1061_0000 + u128::from(n))
}

fn passkey(n: u8) -> Passkey {
    Passkey { credential: vec![n; 32], public: "{}".into() }
}

impl<'s> Day<'s> {
    async fn begun(store: &'s dyn Whole) -> Self {
        let roles = [StaffRole::Navigator, StaffRole::Accredited, StaffRole::Attorney, StaffRole::Supervisor];
        let mut desks = Vec::new();
        for (n, role) in (1..).zip(roles) {
            desks.push(signed_in(store, NOON, n, role).await);
        }
        Self { store, desks, given: 0, opened: 0, contacts: 0, at_the_line: Vec::new() }
    }

    /// Does it, and says what was answered, so that both stores can be compared.
    async fn act(&mut self, now: Time, act: &Act) -> String {
        let store = self.store;
        let desk = |n: u8| self.desks[usize::from(n - 1)].clone();
        let of = |n: u8| contact(u128::from(n));
        match act {
            Act::Come(n) => {
                if !self.at_the_line.iter().any(|(who, _)| who == n) {
                    self.contacts += 1;
                    self.given += 1;
                    self.at_the_line.push((*n, self.contacts));
                    person(store, now, u64::from(*n)).await;
                }
                String::new()
            }
            Act::Leave(n, to, days) => {
                let ticket = caseline_helpline::tickets::NewTicket {
                    case: case(u128::from(*n)),
                    desk: desk(*to).desk.unwrap(),
                    until: days_later(u64::from(*days)),
                    language: caseline_model::Language::SPANISH,
                };
                let left = store.leave_ticket(now, of(*n), ticket).await;
                self.given += u32::from(matches!(left, Ok(TicketLeft::Left { .. })));
                format!("{:?}", left.ok())
            }
            Act::Withdraw(n) => format!("{:?}", store.withdraw_tickets(now, of(*n), case(u128::from(*n))).await.ok()),
            Act::Forget(n) => format!("{:?}", store.forget(now, of(*n), case(u128::from(*n))).await.ok()),
            Act::Hang(n) => format!("{:?}", store.end_contact(now, of(*n), Disposition::Answered).await.ok()),
            Act::Take(n) => format!("{:?}", store.take_ticket(now, desk(*n).actor()).await.ok()),
            Act::Back(n) => format!("{:?}", store.give_ticket_back(now, desk(*n).actor()).await.ok()),
            Act::Open(n) => {
                let used = store.open_ticket(now, &login(*n)).await;
                self.opened += u32::from(matches!(used, Ok(TicketUsed::Opened { .. })));
                format!("{:?}", used.ok())
            }
            Act::Read(n) => {
                let read = store.read_opened(now, &login(*n), &[Field::Hearing]).await.unwrap();
                assert!(read.is_none() || self.opened > 0, "nothing is read that was not opened");
                format!("{:?}", read.map(|case| case.assertions))
            }
            Act::Close(n) => format!("{:?}", store.close_case(now, &login(*n)).await.ok()),
            Act::SignOut(n) => format!("{:?}", store.end_login(now, &login(*n)).await.ok()),
            Act::SignIn(n) => {
                store.end_login(now, &login(*n)).await.unwrap();
                let account = AccountId::from_random(u128::from(*n));
                // A login that was idle has its mark until the purge.
                store.purge(now).await.unwrap();
                format!("{:?}", store.begin_login(now, account, &login(*n), &passkey(*n)).await.is_ok())
            }
            Act::Deputy(n, deputy) => {
                let deputy = deputy.map(|n| desk(n).handle);
                format!("{:?}", store.set_deputy(now, &desk(*n).handle, deputy.as_ref()).await.ok())
            }
            Act::Wait(_) => String::new(),
            Act::Purge => format!("{:?}", store.purge(now).await.is_ok()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn on_no_day_does_the_desk_open_more_than_people_left_to_it(acts in prop::collection::vec(act(), 10..70)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let memory = InMemory(MemoryStore::new());
            let sqlite = scratch(NOON).await;
            let mut days = [Day::begun(memory.as_ref()).await, Day::begun(AsRef::<dyn Whole>::as_ref(&sqlite)).await];
            let mut now = NOON;
            for act in &acts {
                now = now.plus(Duration::from_secs(match act { Act::Wait(seconds) => u64::from(*seconds), _ => 1 }));
                let [memory, sqlite] = &mut days;
                prop_assert_eq!(memory.act(now, act).await, sqlite.act(now, act).await, "{:?}", act);
                for day in &days {
                    prop_assert!(day.opened <= day.given, "{} openings, {} given", day.opened, day.given);
                }
            }
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn however_many_tickets_wait_no_desk_opens_more_than_its_day() {
    let store = MemoryStore::new();
    let one = signed_in(&store, NOON, 1, StaffRole::Attorney).await;
    let mut opened = 0;
    for n in 0..3 * u64::from(OPENINGS_A_DAY_MAX) {
        person(&store, at(n), n + 10).await;
        leave(&store, at(n), n + 10, one.desk.unwrap(), days_later(3)).await;
        store.take_ticket(at(n), one.actor()).await.unwrap();
        store.prove_login(at(n), &login(1), &passkey(1)).await.unwrap();
        opened += u32::from(matches!(store.open_ticket(at(n), &login(1)).await, Ok(TicketUsed::Opened { .. })));
    }
    assert_eq!(opened, OPENINGS_A_DAY_MAX);
}

#[tokio::test]
async fn an_opening_stands_in_the_log_before_anything_of_the_case_is_read() {
    let Scratch { store, dir } = scratch(NOON).await;
    let one = signed_in(&store, NOON, 1, StaffRole::Attorney).await;
    person(&store, NOON, 4).await;
    leave(&store, NOON, 4, one.desk.unwrap(), days_later(1)).await;
    store.take_ticket(NOON, one.actor()).await.unwrap();
    store.open_ticket(NOON, &login(1)).await.unwrap();
    assert!(store.read_opened(NOON, &login(1), &[Field::Hearing]).await.unwrap().is_some());
    // Not closed, not written out: what another process finds is what was durable when the case was read.
    let copy = ScratchDir::new();
    copy_folder(&dir.path().join("data"), &copy.path().join("data"));
    let other = open(&copy, NOON).await;
    let told = other.openings(NOON, contact(4), case(4)).await.unwrap();
    assert_eq!(told.len(), 2, "the person's own contact and the desk: {told:?}");
    let deeds = [StaffDeed::TicketTaken, StaffDeed::CaseOpened].map(StaffDeed::words);
    assert_eq!(deeds, ["took a ticket", "opened a case by a ticket"]);
    assert_eq!(AuditEvent::TicketLeft.words(), "ticket left");
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, there) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &there);
            std::fs::set_permissions(&there, std::fs::metadata(&path).unwrap().permissions()).unwrap();
        } else if path.is_file() {
            std::fs::copy(&path, &there).unwrap();
        }
    }
}

/// Names the folder in which a child process opens a case and waits to be killed.
const CHILD: &str = "CASELINE_STORE_TICKET_DIR";

#[tokio::test]
async fn the_child_that_opens_a_case_and_waits() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let settings = crate::settings::StoreSettings::at(std::path::PathBuf::from(dir).join("data"));
    let store = crate::sqlite::SqliteStore::open(settings, NOON, crate::testing::os_chance()).await.unwrap();
    for n in [1, 2] {
        let desk = signed_in(&store, NOON, n, StaffRole::Attorney).await;
        let number = u64::from(n);
        person(&store, NOON, number).await;
        leave(&store, NOON, number, desk.desk.unwrap(), days_later(1)).await;
        store.take_ticket(NOON, desk.actor()).await.unwrap();
        let used = store.open_ticket(NOON, &login(n)).await.unwrap();
        assert!(matches!(used, TicketUsed::Opened { .. }));
        assert!(store.read_opened(NOON, &login(n), &[Field::Hearing]).await.unwrap().is_some());
    }
    // One of them is closed again, and that was said.
    store.close_case(NOON, &login(2)).await.unwrap();
    println!("opened ");
    // Ends by itself when the parent is gone.
    let _ = std::io::stdin().read(&mut [0]);
}

#[tokio::test]
async fn a_case_that_was_open_when_the_line_was_killed_closes_in_its_time_and_one_that_was_closed_stays_closed() {
    let dir = ScratchDir::new();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tests::tickets::the_child_that_opens_a_case_and_waits", "--nocapture"])
        .env(CHILD, dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut rows = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(rows.any(|row| row.unwrap().contains("opened ")), "the child opened a case");
    child.kill().unwrap();
    child.wait().unwrap();

    let store = open(&dir, at(1)).await;
    let is_open = async |now, n| store.is_case_open(now, &login(n)).await.unwrap().is_some();
    assert!(!is_open(at(2), 2).await, "what was closed is closed");
    assert!(store.read_opened(at(2), &login(2), &[Field::Hearing]).await.unwrap().is_none());
    // The other one is bounded as it was: no login of before reads it longer, and its ticket is used.
    assert!(is_open(at(2), 1).await);
    let end = NOON.plus(CASE_OPEN_MAX);
    assert!(is_open(end.minus(Duration::from_secs(1)), 1).await);
    assert!(!is_open(end, 1).await);
    assert!(store.read_opened(end, &login(1), &[Field::Hearing]).await.unwrap().is_none());
    // The person ends it from a contact of theirs, at once and for good.
    assert_eq!(store.withdraw_tickets(at(3), contact(1), case(1)).await.unwrap(), 1);
    assert!(!is_open(at(3), 1).await);
    let account = store.list_staff(at(4)).await.unwrap().remove(0);
    assert_eq!(store.take_ticket(at(4), account.actor()).await.unwrap(), None, "a ticket opens once");
    let told = store.openings(at(4), contact(1), case(1)).await.unwrap();
    assert_eq!(told.len(), 2, "they hear of it: {told:?}");
    store.purge(NOON.plus(DAY)).await.unwrap();
}
