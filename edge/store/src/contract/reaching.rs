//! Checks on reaching a case: codes, limits, access, forgetting.
//! Timing is left to `caseline bench`.

use super::values::*;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::{Checked, Store, TaskKind, Trying};
use caseline_model::{Channel, Disposition, Private, Time};
use caseline_records::{Field, SourceKind};
use std::time::Duration;

pub(super) async fn begin(store: &dyn Store, now: Time, n: u128) {
    store.begin_contact(now, contact(n), Channel::Phone).await.expect("it begins");
}

/// One try in a contact, from a caller.
pub(super) async fn one_try(store: &dyn Store, now: Time, n: u128, caller: u32, of: u32, right: Option<u8>) -> Checked {
    begin(store, now, n).await;
    let code = right.map_or_else(|| wrong_code(1), |row| code(row, u64::from(of)));
    store.check_card(now, &trying(n, Some(caller)), &number(of), &code).await.expect("compared")
}

pub(super) async fn a_code_opens_its_case_once(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    assert_eq!(one_try(store, at(1), 1, 1, 7, Some(3)).await, Checked::Opened(case(7)));
    assert_eq!(one_try(store, at(2), 2, 2, 7, Some(3)).await, Checked::Refused, "it is used up");
    assert_eq!(one_try(store, at(3), 3, 3, 7, Some(4)).await, Checked::Opened(case(7)));
    // Only the row that was keyed is compared.
    begin(store, at(4), 4).await;
    let digits_of_five_as_six = format!("06{}", code(5, 7).reveal().digits()).parse().expect("ten digits");
    let checked = store.check_card(at(4), &trying(4, None), &number(7), &Private::new(digits_of_five_as_six)).await;
    assert_eq!(checked.expect("compared"), Checked::Refused);
}

pub(super) async fn an_unknown_number_and_a_wrong_code_are_answered_alike(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    let mut answers = [Vec::new(), Vec::new()];
    for n in 0..24 {
        let now = at(60 + 3_600 * u64::from(n));
        for (which, of) in [(0, 7), (1, 8)] {
            let id = u128::from(n) * 2 + which as u128 + 1;
            answers[which].push(one_try(store, now, id, n * 2 + which as u32, of, None).await);
        }
    }
    assert_eq!(answers[0], answers[1]);
    assert!(answers[0].iter().all(|answer| *answer == Checked::Refused));
    for n in [1, 2] {
        let words: Vec<_> =
            store.audit_of_contact(contact(n)).await.expect("read").iter().map(|entry| entry.event.words()).collect();
        assert_eq!(words, ["contact arrived", "try refused"]);
    }
}

pub(super) async fn two_wrong_tries_in_a_contact_lead_to_a_person(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    begin(store, at(0), 1).await;
    let who = trying(1, Some(1));
    for second in 1..3 {
        let checked = store.check_card(at(second), &who, &number(7), &wrong_code(1)).await;
        assert_eq!(checked.expect("compared"), Checked::Refused);
    }
    let right = store.check_card(at(3), &who, &number(7), &code(1, 7)).await;
    assert_eq!(right.expect("compared"), Checked::PersonNow);
    assert_eq!(one_try(store, at(4), 2, 2, 7, Some(1)).await, Checked::Opened(case(7)), "the code is still good");
}

pub(super) async fn a_right_code_while_the_number_is_closed_is_refused_and_not_used_up(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    for n in 0..5 {
        assert_eq!(one_try(store, at(n), 1 + u128::from(n), 10 + n as u32, 7, None).await, Checked::Refused);
    }
    assert_eq!(one_try(store, at(60), 20, 50, 7, Some(1)).await, Checked::Refused, "closed");
    // Tries while it is closed do not keep it closed for longer.
    assert_eq!(one_try(store, at(14 * 60), 21, 51, 7, None).await, Checked::Refused);
    assert_eq!(one_try(store, at(4 + 15 * 60), 22, 50, 7, Some(1)).await, Checked::Opened(case(7)));
}

pub(super) async fn a_new_card_does_not_reset_what_was_counted(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    for n in 0..5 {
        one_try(store, at(n), 1 + u128::from(n), 10 + n as u32, 7, None).await;
    }
    store.enrol(at(10), case(7), &number(7), &card(8)).await.expect("a new card");
    begin(store, at(11), 20).await;
    let who = trying(20, Some(60));
    let checked = store.check_card(at(11), &who, &number(7), &code(1, 8)).await;
    assert_eq!(checked.expect("compared"), Checked::Refused, "still closed");
    begin(store, at(1_000), 21).await;
    let old = store.check_card(at(1_000), &trying(21, Some(61)), &number(7), &code(2, 7)).await;
    assert_eq!(old.expect("compared"), Checked::Refused, "the old card is gone");
    begin(store, at(2_000), 22).await;
    let new = store.check_card(at(2_000), &trying(22, Some(62)), &number(7), &code(2, 8)).await;
    assert_eq!(new.expect("compared"), Checked::Opened(case(7)));
}

pub(super) async fn past_twenty_wrong_codes_two_codes_of_different_rows_open(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    let mut now = at(0);
    // Twenty-one wrong tries, each when the number is not closed.
    for n in 0..21 {
        now = now.plus(DAY);
        assert_eq!(one_try(store, now, 1 + n, n as u32, 7, None).await, Checked::Refused);
    }
    now = now.plus(DAY);
    begin(store, now, 100).await;
    let who = trying(100, Some(80));
    let keyed = |row| code(row, 7);
    assert_eq!(store.check_card(now, &who, &number(7), &keyed(1)).await.expect("compared"), Checked::Refused);
    assert_eq!(store.check_card(now, &who, &number(7), &keyed(2)).await.expect("compared"), Checked::Opened(case(7)));
    // Both are used up, and from now on one code does again.
    now = now.plus(HOUR);
    assert_eq!(one_try(store, now, 101, 81, 7, Some(1)).await, Checked::Refused);
    assert_eq!(one_try(store, now, 102, 82, 7, Some(2)).await, Checked::Refused);
    assert_eq!(one_try(store, now, 103, 83, 7, Some(3)).await, Checked::Opened(case(7)));
}

pub(super) async fn five_wrong_tries_of_a_caller_lead_to_a_person_for_the_day(store: &dyn Store) {
    for n in 0..5 {
        assert_eq!(one_try(store, at(n), 1 + u128::from(n), 1, 100 + n as u32, None).await, Checked::Refused);
    }
    assert_eq!(one_try(store, at(9), 10, 1, 200, None).await, Checked::Refused);
    assert_eq!(one_try(store, at(9), 10, 1, 200, None).await, Checked::PersonNow, "after one try, not after two");
    assert_eq!(one_try(store, at(9), 11, 2, 200, None).await, Checked::Refused, "another caller");
    assert_eq!(one_try(store, at(9), 11, 2, 201, None).await, Checked::Refused, "another caller");
    assert_eq!(one_try(store, at(9).plus(DAY), 12, 1, 200, None).await, Checked::Refused, "the day is over");
}

pub(super) async fn a_shelter_is_not_locked_by_one_guest(store: &dyn Store) {
    let shelter = |n| Trying { shared: true, ..trying(n, Some(1)) };
    for n in 0..400 {
        begin(store, at(0), 1_000 + n).await;
        store.note_caller(at(0), &shelter(1_000 + n)).await.expect("counted");
        store.note_caller(at(0), &shelter(1_000 + n)).await.expect("counted once");
    }
    // Two in a hundred of four hundred are eight.
    for n in 0..8 {
        let checked = store.check_card(at(n), &shelter(1_000 + u128::from(n)), &number(n as u32), &wrong_code(1)).await;
        assert_eq!(checked.expect("compared"), Checked::Refused, "{n}");
    }
    for answer in [Checked::Refused, Checked::PersonNow] {
        let checked = store.check_card(at(9), &shelter(1_009), &number(50), &wrong_code(1)).await;
        assert_eq!(checked.expect("compared"), answer);
    }
}

pub(super) async fn a_flood_of_guesses_leaves_known_callers_alone(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    assert_eq!(one_try(store, at(0), 1, 99, 7, Some(1)).await, Checked::Opened(case(7)));
    // Guesses come by the receipt of own files here, which is quick to compare and counts the same.
    for n in 0..300_u32 {
        let id = 10 + u128::from(n);
        begin(store, at(1), id).await;
        let who = Trying { shared: true, ..trying(id, Some(n % 90)) };
        let checked = store.check_file(at(1), &who, &receipt(u64::from(n)), None).await.expect("compared");
        assert_eq!(checked, Checked::Refused, "{n}");
    }
    assert_eq!(one_try(store, at(2), 2, 95, 7, Some(2)).await, Checked::Refused, "a newcomer with one code");
    assert_eq!(one_try(store, at(2), 2, 95, 7, None).await, Checked::PersonNow, "a newcomer with one code");
    assert_eq!(one_try(store, at(2), 3, 99, 7, Some(3)).await, Checked::Opened(case(7)), "known this week");
    assert_eq!(one_try(store, at(2), 4, 96, 7, Some(4)).await, Checked::Refused, "a newcomer with two codes");
    assert_eq!(one_try(store, at(2), 4, 96, 7, Some(5)).await, Checked::Opened(case(7)), "a newcomer with two codes");
    begin(store, at(2), 5).await;
    let who = trying(5, Some(97));
    for answer in [Checked::Refused, Checked::PersonNow] {
        let by_receipt = store.check_file(at(2), &who, &receipt(1), None).await.expect("compared");
        assert_eq!(by_receipt, answer, "a receipt alone");
    }
}

pub(super) async fn in_a_flood_an_own_file_opens_by_its_receipt_and_word_and_the_word_cannot_be_tried_out(
    store: &dyn Store,
) {
    begin(store, at(0), 1).await;
    store.open_file(at(0), contact(1), own_file(500, Some("4711"))).await.expect("kept");
    store.open_file(at(0), contact(1), own_file(501, None)).await.expect("kept");
    for n in 0..300_u32 {
        let id = 10 + u128::from(n);
        begin(store, at(1), id).await;
        let who = Trying { shared: true, ..trying(id, Some(n % 90)) };
        assert_eq!(keys(store, at(1), &who, u64::from(n), None).await, Checked::Refused, "{n}");
    }
    // As the flow asks: the receipt first, then its word. From a telephone and from a page.
    for (id, caller) in [(400, Some(91)), (401, None)] {
        begin(store, at(2), id).await;
        let who = trying(id, caller);
        assert_eq!(keys(store, at(2), &who, 500, None).await, Checked::Refused);
        assert_eq!(keys(store, at(2), &who, 500, Some("4711")).await, Checked::Opened(case(500)));
    }
    // Without a word there is no second proof; absent, wrong and without are answered alike.
    for (id, of) in [(402, 501), (403, 500), (404, 999)] {
        begin(store, at(2), id).await;
        for answer in [Checked::Refused, Checked::PersonNow] {
            assert_eq!(keys(store, at(2), &trying(id, Some(id as u32)), of, Some("1111")).await, answer, "{of}");
        }
    }
    // Whoever has the receipt and not the word tries it out: the file is closed as without a flood.
    for n in 0..5 {
        begin(store, at(3), 410 + n).await;
        keys(store, at(3), &trying(410 + n, Some(20 + n as u32)), 500, Some("0000")).await;
    }
    begin(store, at(4), 420).await;
    let who = trying(420, Some(40));
    assert_eq!(keys(store, at(4), &who, 500, Some("4711")).await, Checked::Refused, "closed for a quarter of an hour");
    begin(store, at(4 + 15 * 60), 421).await;
    let who = trying(421, Some(41));
    assert_eq!(keys(store, at(4 + 15 * 60), &who, 500, Some("4711")).await, Checked::Opened(case(500)));
}

pub(super) async fn a_case_opens_only_in_the_contact_that_opened_it_and_until_it_ends(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    begin(store, at(0), 1).await;
    begin(store, at(0), 2).await;
    let read = |now, n| store.read_case(now, contact(n), case(7), &[Field::Hearing]);
    let is_refused = |result: Result<_, StoreFault>| matches!(result, Err(StoreFault::NotAllowed { .. }));
    assert!(is_refused(read(at(1), 1).await.map(|_| ())), "not opened yet");
    let opened = store.check_card(at(1), &trying(1, None), &number(7), &code(1, 7)).await;
    assert_eq!(opened.expect("compared"), Checked::Opened(case(7)));
    assert!(read(at(2), 1).await.is_ok());
    assert!(is_refused(read(at(2), 2).await.map(|_| ())), "another contact");
    let foreign = store.forget(at(2), contact(2), case(7)).await;
    assert!(is_refused(foreign.map(|_| ())), "another contact");
    let foreign = store.take_report(at(2), contact(2), report(1, Some(case(7)))).await;
    assert!(is_refused(foreign), "another contact");
    let reminder = task(1, TaskKind::Reminder, at(9), at(99), Some(case(7)));
    assert!(is_refused(store.add_task(at(2), Some(contact(2)), reminder).await.map(|_| ())), "another contact");
    assert!(is_refused(read(at(1).plus(DAY), 1).await.map(|_| ())), "no contact lasts a day");
    store.end_contact(at(3), contact(1), Disposition::Answered).await.expect("it ends");
    assert!(is_refused(read(at(4), 1).await.map(|_| ())), "ended");
    let tried = store.check_card(at(5), &trying(1, None), &number(7), &code(2, 7)).await;
    assert!(is_refused(tried.map(|_| ())), "ended");
}

pub(super) async fn a_contact_has_one_case_open_and_what_opens_another_closes_it(store: &dyn Store) {
    for of in [7, 8] {
        store.enrol(at(0), case(u128::from(of)), &number(of), &card(u64::from(of))).await.expect("enrolled");
    }
    begin(store, at(0), 1).await;
    let read = |now, of| store.read_case(now, contact(1), case(of), &[Field::Hearing]);
    let check = |now, of: u32, row| {
        let (number, code) = (number(of), code(row, u64::from(of)));
        async move { store.check_card(now, &trying(1, None), &number, &code).await.expect("compared") }
    };
    assert_eq!(check(at(1), 7, 1).await, Checked::Opened(case(7)));
    // The second number of a family is another person: the first one's case is not open beside it (property S2).
    assert_eq!(check(at(2), 8, 1).await, Checked::Opened(case(8)));
    assert!(read(at(3), 7).await.is_err() && read(at(3), 8).await.is_ok());
    store.open_file(at(4), contact(1), own_file(5, None)).await.expect("kept");
    assert!(read(at(5), 8).await.is_err() && read(at(5), 5).await.is_ok());
    // The caller closed it before the next number was asked for; twice is once.
    for second in [6, 7] {
        store.end_access(at(second), contact(1), case(5)).await.expect("closed");
        assert!(read(at(second), 5).await.is_err());
    }
    assert_eq!(check(at(8), 7, 1).await, Checked::Refused, "only a fresh code opens it again");
    assert_eq!(check(at(9), 7, 2).await, Checked::Opened(case(7)));
    store.end_access(at(10), contact(2), case(7)).await.expect("another contact's");
    assert!(read(at(11), 7).await.is_ok(), "nobody closes another contact's case");
}

pub(super) async fn an_own_file_opens_by_its_receipt_and_its_word(store: &dyn Store) {
    begin(store, at(0), 1).await;
    store.open_file(at(0), contact(1), own_file(5, Some("4711"))).await.expect("kept");
    store.open_file(at(1), contact(1), own_file(5, Some("4711"))).await.expect("kept before");
    let told = store.read_case(at(1), contact(1), case(5), &[Field::Hearing]).await.expect("just opened");
    assert_eq!(told, [hearing(days_later(20), SourceKind::Notice)]);
    store.open_file(at(1), contact(1), own_file(6, None)).await.expect("kept");
    let word = |word: &str| Private::new(word.to_owned());
    let tries = [
        (5, Some(word("4711")), Checked::Opened(case(5))),
        (5, Some(word("4712")), Checked::Refused),
        (5, None, Checked::Refused),
        (6, None, Checked::Opened(case(6))),
        (6, Some(word("4711")), Checked::Opened(case(6))),
        (9, None, Checked::Refused),
    ];
    for (n, (of, word, wanted)) in tries.into_iter().enumerate() {
        let id = 10 + n as u128;
        begin(store, at(3), id).await;
        let checked = store.check_file(at(3), &trying(id, Some(id as u32)), &receipt(of), word.as_ref()).await;
        assert_eq!(checked.expect("compared"), wanted, "try {n}");
    }
}

/// Keys a file's receipt, with a word or without.
async fn keys(store: &dyn Store, now: Time, who: &Trying, of: u64, word: Option<&str>) -> Checked {
    let word = word.map(|word| Private::new(word.to_owned()));
    store.check_file(now, who, &receipt(of), word.as_ref()).await.expect("compared")
}

pub(super) async fn a_right_word_directly_after_its_receipt_counts_nothing(store: &dyn Store) {
    begin(store, at(0), 1).await;
    store.open_file(at(0), contact(1), own_file(5, Some("4711"))).await.expect("kept");
    // In one contact, past the two of a contact.
    begin(store, at(1), 2).await;
    for _ in 0..3 {
        assert_eq!(keys(store, at(1), &trying(2, Some(2)), 5, None).await, Checked::Refused);
        assert_eq!(keys(store, at(1), &trying(2, Some(2)), 5, Some("4711")).await, Checked::Opened(case(5)));
    }
    // Past the five of a caller, the ten of a file, and the three hundred of a site, of which no withheld number is free.
    for n in 0..302 {
        let who = Trying { caller: None, shared: true, ..trying(10 + n, None) };
        begin(store, at(2), 10 + n).await;
        assert_eq!(keys(store, at(2), &who, 5, None).await, Checked::Refused, "{n}");
        assert_eq!(keys(store, at(2), &who, 5, Some("4711")).await, Checked::Opened(case(5)), "{n}");
    }
    // On the very edge: four wrong tries, then the receipt alone as the fifth, which closes the file to everybody else.
    for n in 0..4 {
        begin(store, at(3), 400 + n).await;
        assert_eq!(keys(store, at(3), &trying(400 + n, Some(10 + n as u32)), 5, Some("0000")).await, Checked::Refused);
    }
    begin(store, at(4), 410).await;
    begin(store, at(4), 411).await;
    assert_eq!(keys(store, at(4), &trying(410, Some(20)), 5, None).await, Checked::Refused);
    assert_eq!(keys(store, at(4), &trying(411, Some(21)), 5, Some("4711")).await, Checked::Refused, "closed to others");
    assert_eq!(keys(store, at(4), &trying(410, Some(20)), 5, Some("4711")).await, Checked::Opened(case(5)));
    assert_eq!(
        keys(store, at(5), &trying(411, Some(21)), 5, Some("4711")).await,
        Checked::Opened(case(5)),
        "open again"
    );
}

pub(super) async fn a_receipt_without_its_word_is_no_free_try(store: &dyn Store) {
    begin(store, at(0), 1).await;
    store.open_file(at(0), contact(1), own_file(5, Some("4711"))).await.expect("kept");
    // A wrong word keeps both counted: two in the contact, and a person.
    begin(store, at(1), 2).await;
    for word in [None, Some("0001")] {
        assert_eq!(keys(store, at(1), &trying(2, Some(2)), 5, word).await, Checked::Refused);
    }
    assert_eq!(keys(store, at(1), &trying(2, Some(2)), 5, Some("4711")).await, Checked::PersonNow);
    // Not directly: another receipt in between.
    begin(store, at(1), 3).await;
    assert_eq!(keys(store, at(1), &trying(3, Some(3)), 5, None).await, Checked::Refused);
    assert_eq!(keys(store, at(1), &trying(3, Some(3)), 9, None).await, Checked::Refused);
    assert_eq!(keys(store, at(1), &trying(3, Some(3)), 5, Some("4711")).await, Checked::PersonNow);
    // Three wrong tries so far. One word a pair: the file is closed after as many as without this rule.
    begin(store, at(2), 4).await;
    for word in [None, Some("0002")] {
        assert_eq!(keys(store, at(2), &trying(4, Some(4)), 5, word).await, Checked::Refused);
    }
    begin(store, at(3), 5).await;
    for word in [None, Some("4711")] {
        assert_eq!(keys(store, at(3), &trying(5, Some(5)), 5, word).await, Checked::Refused, "closed");
    }
    // A receipt that nobody has is counted and answered in the same way.
    begin(store, at(4), 6).await;
    for word in [None, Some("4711")] {
        assert_eq!(keys(store, at(4), &trying(6, Some(6)), 77, word).await, Checked::Refused);
    }
    assert_eq!(keys(store, at(4), &trying(6, Some(6)), 77, None).await, Checked::PersonNow);
}

pub(super) async fn forget_me_destroys_all_and_says_what(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    assert_eq!(one_try(store, at(1), 1, 1, 7, Some(1)).await, Checked::Opened(case(7)));
    let one = Some(contact(1));
    store.take_report(at(2), contact(1), report(1, Some(case(7)))).await.expect("kept");
    let due = at(0).plus(DAY);
    for n in 1..3 {
        let reminder = task(n, TaskKind::Reminder, due, due.plus(HOUR), Some(case(7)));
        store.add_task(at(3), one, reminder).await.expect("kept");
    }
    let destroyed = store.forget(at(4), contact(1), case(7)).await.expect("destroyed");
    let said: Vec<_> = destroyed.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
    assert_eq!(said, [("case", 1), ("card", 1), ("reminder", 2), ("report", 1)]);
    assert!(store.read_case(at(5), contact(1), case(7), &[Field::Hearing]).await.is_err());
    assert_eq!(one_try(store, at(6), 2, 2, 7, Some(2)).await, Checked::Refused);
    let kinds = [TaskKind::Reminder, TaskKind::Report];
    assert!(store.claim_task(due.plus(Duration::from_secs(1)), &kinds, HOUR).await.expect("looked").is_none());
    begin(store, at(7), 3).await;
    let looked = store.report_state(at(7), &trying(3, None), &report_code(1)).await.expect("compared");
    assert_eq!(looked, caseline_helpline::ports::ReportLooked::Refused);
    // An own file alone.
    store.open_file(at(8), contact(3), own_file(5, None)).await.expect("kept");
    let destroyed = store.forget(at(9), contact(3), case(5)).await.expect("destroyed");
    assert_eq!(destroyed, [("file".to_owned(), 1)]);
    assert!(store.forget(at(10), contact(3), case(5)).await.is_err(), "it is gone");
}
