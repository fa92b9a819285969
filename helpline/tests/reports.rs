//! Reports of wrong records, whatever is opened and closed around them: each is bound to the case that its own contact had
//! open, and to no other person's (property S11).
//! What a report says is a choice from a list; that no step asks about anybody else is held by the checker of flows.

use caseline_conversation::effect::Effect;
use caseline_conversation::slot::CaseNumber;
use caseline_helpline::ports::{Checked, NewReport, Store, Trying};
use caseline_model::{CardCode, CaseId, Channel, ContactId, FileReceipt, Phone, Private, ReceiptKind, TaskId, Time};
use caseline_store::MemoryStore;
use proptest::prelude::*;

/// People with a number and a card.
const PEOPLE: u8 = 3;

/// Contacts that go on beside one another.
const CONTACTS: u8 = 3;

/// What happens in a contact.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// A number is keyed, with the next code of its card.
    Open(u8),
    /// The case that is open is closed, before another number.
    Close,
    /// A report about the case of this person; none: about whatever is open.
    Report(Option<u8>),
}

fn case(person: u8) -> CaseId {
    CaseId::from_random(100 + u128::from(person))
}

fn number(person: u8) -> Private<CaseNumber> {
    let digits = format!("A000-000-{:03}", 101 + u16::from(person));
    Private::new(CaseNumber::A(digits.parse().expect("an A-number")))
}

fn code(person: u8, row: u8) -> Private<CardCode> {
    Private::new(CardCode::from_random(row, u64::from(person) * 1_000 + u64::from(row)).expect("a row"))
}

fn trying(contact: ContactId, caller: u8) -> Trying {
    let phone: Phone = format!("+1 202 555 01{caller:02}").parse().expect("a number");
    Trying { contact, caller: Some(Private::new(phone)), shared: false }
}

fn report(n: u64, of: Option<CaseId>) -> NewReport {
    // Whoever gives a report a field that names somebody has to come by here: it has a code, a choice, the case of its
    // contact, and the task by which it is read.
    let NewReport { code: _, what: _, case: _, task: _ } = &NewReport {
        code: Private::new(FileReceipt::from_random(ReceiptKind::Report, n)),
        what: "wrong-date".to_owned(),
        case: of,
        task: TaskId::from_random(u128::from(n)),
    };
    NewReport {
        code: Private::new(FileReceipt::from_random(ReceiptKind::Report, n)),
        what: "wrong-date".to_owned(),
        case: of,
        task: TaskId::from_random(u128::from(n)),
    }
}

/// Plays the deeds; how many reports each person should have by then, and how many are destroyed with their case.
async fn play(deeds: &[(u8, Deed)]) -> [(u32, u32); PEOPLE as usize] {
    let store = MemoryStore::new();
    let mut now = Time::from_micros(1_790_000_000_000_000);
    let mut rows = [0; PEOPLE as usize];
    let mut due = [0; PEOPLE as usize];
    for person in 0..PEOPLE {
        let card: Vec<_> = (1..=12).map(|row| code(person, row)).collect();
        store.enrol(now, case(person), &number(person), &card).await.expect("enrolled");
    }
    let contact = |n: u8| ContactId::from_random(1 + u128::from(n));
    for n in 0..CONTACTS {
        store.begin_contact(now, contact(n), Channel::Phone).await.expect("it begins");
    }
    let mut open: [Option<u8>; CONTACTS as usize] = [None; CONTACTS as usize];
    for (n, (by, deed)) in deeds.iter().enumerate() {
        now = now.plus(std::time::Duration::from_secs(1));
        let (id, is_open) = (contact(*by), &mut open[usize::from(*by)]);
        match *deed {
            Deed::Open(person) => {
                let row = &mut rows[usize::from(person)];
                *row += 1;
                let keyed = code(person, (*row).min(12));
                let checked = store.check_card(now, &trying(id, *by), &number(person), &keyed).await.expect("compared");
                if checked == Checked::Opened(case(person)) {
                    *is_open = Some(person);
                }
            }
            Deed::Close => {
                if let Some(person) = is_open.take() {
                    store.end_access(now, id, case(person)).await.expect("closed");
                }
            }
            Deed::Report(of) => {
                let person = of.or(*is_open);
                let taken = store.take_report(now, id, report(n as u64 + 1, person.map(case))).await;
                assert_eq!(
                    taken.is_ok(),
                    person == *is_open,
                    "a report about {person:?} in a contact that has {is_open:?} open"
                );
                if let (Ok(()), Some(person)) = (taken, person) {
                    due[usize::from(person)] += 1;
                }
            }
        }
    }
    let mut found = [(0, 0); PEOPLE as usize];
    for person in 0..PEOPLE {
        let last = ContactId::from_random(50 + u128::from(person));
        store.begin_contact(now, last, Channel::Phone).await.expect("it begins");
        // A new card from the desk: the old one may be used up.
        let card: Vec<_> = (1..=12).map(|row| code(person + 10, row)).collect();
        store.enrol(now, case(person), &number(person), &card).await.expect("a new card");
        let who = trying(last, 50 + person);
        let mut opened = store.check_card(now, &who, &number(person), &code(person + 10, 1)).await.expect("compared");
        if opened == Checked::Refused {
            opened = store.check_card(now, &who, &number(person), &code(person + 10, 2)).await.expect("compared");
        }
        assert_eq!(opened, Checked::Opened(case(person)), "the owner gets in");
        let destroyed = store.forget(now, last, case(person)).await.expect("destroyed");
        let reports = destroyed.iter().find(|row| row.0 == "report").map_or(0, |row| row.1);
        found[usize::from(person)] = (due[usize::from(person)], reports);
    }
    found
}

proptest! {
    #[test]
    fn whatever_is_opened_and_closed_a_report_is_of_the_person_of_its_contact(
        deeds in proptest::collection::vec(
            (0..CONTACTS, prop_oneof![
                3 => (0..PEOPLE).prop_map(Deed::Open),
                1 => Just(Deed::Close),
                3 => proptest::option::of(0..PEOPLE).prop_map(Deed::Report),
            ]),
            1..24,
        ),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        for (person, (due, destroyed)) in runtime.block_on(play(&deeds)).into_iter().enumerate() {
            prop_assert_eq!(due, destroyed, "reports of person {}", person);
        }
    }
}

#[test]
fn a_conversation_names_nobody_when_it_reports() {
    // What is wrong is an option's id; whose record it is, the contact's open case says, and no caller.
    let Effect::Report { what } = (Effect::Report { what: "wrong-date".to_owned() }) else { panic!("a report") };
    assert_eq!(what, "wrong-date");
}
