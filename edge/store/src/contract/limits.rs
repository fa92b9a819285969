//! Checks on the limits as an abuser meets them: whoever does not hold a card learns nothing and locks nobody out.
//! Timing is left to `caseline bench oracle`; attacks of a year to `caseline bench guessing`.

use super::reaching::{begin, one_try};
use super::values::*;
use caseline_helpline::ports::{Checked, Store, TaskKind, Trying};
use caseline_model::{Channel, Disposition, Time};

/// A try of somebody whose number is withheld, as on every page.
async fn withheld(store: &dyn Store, now: Time, n: u128, of: u32, right: Option<u8>) -> Checked {
    begin(store, now, n).await;
    let code = right.map_or_else(|| wrong_code(1), |row| code(row, u64::from(of)));
    store.check_card(now, &Trying { shared: true, ..trying(n, None) }, &number(of), &code).await.expect("compared")
}

pub(super) async fn existing_absent_used_closed_and_over_are_answered_alike(store: &dyn Store) {
    // Of the classes 1 existing, 2 absent, 3 existing with a used code, 4 closed, 5 over.
    store.enrol(NOON, case(5), &number(5), &card(5)).await.expect("enrolled");
    let start = NOON.plus(DAY * 91);
    for of in [1, 3, 4] {
        store.enrol(start, case(u128::from(of)), &number(of), &card(u64::from(of))).await.expect("enrolled");
    }
    assert_eq!(one_try(store, start, 1, 0, 3, Some(3)).await, Checked::Opened(case(3)));
    for n in 0..5 {
        assert_eq!(one_try(store, start, 10 + n, 10 + n as u32, 4, None).await, Checked::Refused);
    }
    let keyed = [None, None, Some(3), Some(1), Some(1)];
    let mut answers: [Vec<Checked>; 5] = Default::default();
    for (class, answers) in answers.iter_mut().enumerate() {
        let (of, contact) = (class as u32 + 1, 100 + class as u128);
        // Two calls of one caller: the second one goes on to a person.
        for (call, tries) in [(0, 1), (1, 2)] {
            let now = start.plus(std::time::Duration::from_secs(1 + call as u64));
            for _ in 0..tries {
                let caller = 20 + class as u32;
                answers.push(one_try(store, now, contact + 100 * call, caller, of, keyed[class]).await);
            }
        }
    }
    assert!(answers.iter().all(|told| *told == answers[0]), "{answers:?}");
    assert_eq!(answers[0], [Checked::Refused; 3]);
    for contact_of in 100..105 {
        let log = store.audit_of_contact(contact(contact_of)).await.expect("read");
        let words: Vec<_> = log.iter().map(|entry| (entry.case, entry.event.words())).collect();
        assert_eq!(words, [(None, "contact arrived".into()), (None, "try refused".into())], "{contact_of}");
    }
}

pub(super) async fn two_codes_in_a_row_open_a_closed_number(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    // An abuser who knows the number keys wrong codes until it is closed for a day.
    for n in 0..10_u32 {
        let now = at(u64::from(n) * 15 * 60);
        assert_eq!(one_try(store, now, 1 + u128::from(n), n, 7, None).await, Checked::Refused);
    }
    let now = at(11 * 15 * 60);
    assert_eq!(one_try(store, now, 50, 50, 7, Some(1)).await, Checked::Refused, "one code does not do");
    assert_eq!(one_try(store, now, 51, 51, 7, Some(2)).await, Checked::Refused, "another call begins anew");
    assert_eq!(one_try(store, now, 51, 51, 7, Some(2)).await, Checked::Refused, "the same code twice is one");
    assert_eq!(one_try(store, now, 52, 52, 7, Some(3)).await, Checked::Refused);
    assert_eq!(one_try(store, now, 52, 52, 7, Some(4)).await, Checked::Opened(case(7)), "two codes in a row");
    assert_eq!(one_try(store, now, 53, 53, 7, Some(3)).await, Checked::Refused);
    assert_eq!(one_try(store, now, 53, 53, 7, Some(5)).await, Checked::Refused, "the row before was used up");
}

pub(super) async fn whoever_tries_a_number_elsewhere_takes_nobody_s_first_code_away(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    for n in 0..5 {
        one_try(store, at(0), 1 + n, n as u32, 7, None).await;
    }
    assert_eq!(one_try(store, at(60), 50, 50, 7, Some(1)).await, Checked::Refused);
    assert_eq!(one_try(store, at(61), 60, 60, 7, None).await, Checked::Refused, "an abuser in between, closed");
    assert_eq!(one_try(store, at(16 * 60), 61, 61, 7, None).await, Checked::Refused, "and when it is open again");
    assert_eq!(one_try(store, at(16 * 60), 50, 50, 7, Some(2)).await, Checked::Opened(case(7)));
}

pub(super) async fn wrong_tries_of_withheld_callers_lock_nobody_out_who_has_a_card(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    begin(store, at(0), 90).await;
    store.open_file(at(0), contact(90), own_file(5, None)).await.expect("kept");
    for n in 0..5 {
        assert_eq!(withheld(store, at(n), 1 + u128::from(n), 100 + n as u32, None).await, Checked::Refused);
    }
    assert_eq!(withheld(store, at(9), 10, 7, Some(1)).await, Checked::Refused, "one code");
    assert_eq!(withheld(store, at(9), 10, 7, Some(2)).await, Checked::Opened(case(7)), "two codes in a row");
    assert_eq!(withheld(store, at(9), 11, 8, None).await, Checked::Refused);
    assert_eq!(withheld(store, at(9), 11, 8, None).await, Checked::PersonNow, "and whoever has none, to a person");
    begin(store, at(9), 12).await;
    let checked = store.check_file(at(9), &trying(12, None), &receipt(5), None).await.expect("compared");
    assert_eq!(checked, Checked::Opened(case(5)), "one's own file by its receipt");
}

pub(super) async fn wrong_tries_that_show_somebody_s_number_do_not_lock_them_out(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    // A spoofed caller number: all five of the day are gone.
    for n in 0..5 {
        assert_eq!(one_try(store, at(n), 1 + u128::from(n), 42, 100 + n as u32, None).await, Checked::Refused);
    }
    assert_eq!(one_try(store, at(9), 10, 42, 7, Some(1)).await, Checked::Refused);
    assert_eq!(one_try(store, at(9), 10, 42, 7, Some(2)).await, Checked::Opened(case(7)));
}

pub(super) async fn a_number_that_a_flood_tried_is_not_closed_by_it(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    // The caller's tries of the day go elsewhere; what they try then compares nothing and closes nothing.
    for n in 0..5 {
        one_try(store, at(n), 1 + u128::from(n), 1, 100 + n as u32, None).await;
    }
    for n in 0..6 {
        assert_eq!(one_try(store, at(10), 20 + n, 1, 7, None).await, Checked::Refused);
    }
    assert_eq!(one_try(store, at(11), 50, 2, 7, Some(1)).await, Checked::Opened(case(7)));
}

pub(super) async fn a_new_week_has_another_key_for_callers(store: &dyn Store) {
    // Noon is a Wednesday: Sunday night is four days and eleven hours later.
    let sunday = NOON.plus(DAY * 4 + HOUR * 11);
    for n in 0..5_u32 {
        assert_eq!(one_try(store, sunday, 1 + u128::from(n), 1, 100 + n, None).await, Checked::Refused);
    }
    let answers = [Checked::Refused, Checked::PersonNow];
    for answer in answers {
        assert_eq!(one_try(store, sunday, 10, 1, 200, None).await, answer, "past five");
    }
    // On Monday nobody can tell that it is the same caller, the limits included.
    let monday = sunday.plus(HOUR * 2);
    for _ in answers {
        assert_eq!(one_try(store, monday, 11, 1, 201, None).await, Checked::Refused);
    }
}

pub(super) async fn what_needs_no_proof_is_never_limited(store: &dyn Store) {
    for n in 0..7 {
        one_try(store, at(n), 1 + u128::from(n), 1, 100, None).await;
    }
    // The same caller, past every limit of theirs: a contact, a message, a callback, a report, an own file.
    store.begin_contact(at(9), contact(50), Channel::Phone).await.expect("it begins");
    store.note_caller(at(9), &trying(50, Some(1))).await.expect("counted");
    for (n, kind) in [(1, TaskKind::Message), (2, TaskKind::Callback)] {
        let task = task(n, kind, at(9), at(9).plus(HOUR), None);
        store.add_task(at(9), Some(contact(50)), task).await.expect("kept");
    }
    store.take_report(at(9), contact(50), report(3, None)).await.expect("kept");
    store.open_file(at(9), contact(50), own_file(5, None)).await.expect("kept");
    store.end_contact(at(10), contact(50), Disposition::Connected).await.expect("it ends");
    assert_eq!(store.open_task_count(TaskKind::Callback).await.expect("counted"), 1);
}
