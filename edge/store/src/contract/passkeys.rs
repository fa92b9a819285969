//! Checks on passkeys of cases: made with one more code, shown instead of a number, gone with the case and with its card.
//! What a browser does is left to the pages; here a passkey fits when the store hands its own public half out.

use super::reaching::{begin, one_try};
use super::values::*;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::{CASE_PASSKEYS_MAX, Checked, PasskeyKept, ShownPasskey, Store};
use caseline_helpline::staff::Passkey;
use caseline_model::{Disposition, Time};

/// What a device shows: its id, and the use after which it fits.
struct Device {
    id: u8,
    use_count: u32,
}

impl Device {
    fn public(&self) -> String {
        format!("device {} used {}", self.id, self.use_count)
    }
}

impl ShownPasskey for Device {
    fn credential(&self) -> &[u8] {
        std::slice::from_ref(&self.id)
    }

    fn fits(&self, public: &str) -> Option<String> {
        let next = Self { id: self.id, use_count: self.use_count + 1 };
        (public == self.public()).then(|| next.public())
    }
}

fn passkey(id: u8) -> Passkey {
    Passkey { credential: vec![id], public: Device { id, use_count: 0 }.public() }
}

/// Opens the case by a row of its card in a contact, and keeps a passkey with another row.
async fn keep(store: &dyn Store, now: Time, n: u128, id: u8, rows: (u8, u8)) -> PasskeyKept {
    assert_eq!(one_try(store, now, n, n as u32, 7, Some(rows.0)).await, Checked::Opened(case(7)));
    let who = trying(n, Some(n as u32));
    store.keep_passkey(now, &who, case(7), &code(rows.1, 7), &passkey(id)).await.expect("compared")
}

async fn show(store: &dyn Store, now: Time, n: u128, id: u8, use_count: u32) -> Checked {
    begin(store, now, n).await;
    store.check_passkey(now, &trying(n, None), &Device { id, use_count }).await.expect("compared")
}

pub(super) async fn a_passkey_is_made_with_one_more_code_and_opens_its_case(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    assert_eq!(show(store, at(1), 1, 9, 0).await, Checked::Refused, "not made yet");
    assert_eq!(keep(store, at(2), 2, 9, (1, 2)).await, PasskeyKept::Kept);
    assert_eq!(one_try(store, at(3), 3, 3, 7, Some(2)).await, Checked::Refused, "its code is used up");
    assert_eq!(show(store, at(4), 4, 9, 0).await, Checked::Opened(case(7)));
    let words: Vec<_> =
        store.audit_of_contact(contact(4)).await.expect("read").iter().map(|entry| entry.event.words()).collect();
    assert_eq!(words, ["contact arrived", "case opened"], "as a code does");
    store.read_case(at(5), contact(4), case(7), &[]).await.expect("open in this contact");
    store.end_contact(at(6), contact(4), Disposition::Answered).await.expect("ended");
    assert!(store.read_case(at(7), contact(4), case(7), &[]).await.is_err(), "and not after it");
    // As it is after its use: what is older is a copy of the device's key, or a replay.
    assert_eq!(show(store, at(8), 5, 9, 0).await, Checked::Refused);
    assert_eq!(show(store, at(9), 6, 9, 1).await, Checked::Opened(case(7)));
}

pub(super) async fn an_unknown_passkey_and_one_that_does_not_fit_are_answered_alike(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    assert_eq!(keep(store, at(1), 1, 9, (1, 2)).await, PasskeyKept::Kept);
    let mut answers = [Vec::new(), Vec::new()];
    for (which, id) in [(0, 9), (1, 200)] {
        let who = trying(50 + which as u128, None);
        begin(store, at(60), 50 + which as u128).await;
        for second in 0..3 {
            let device = Device { id, use_count: 99 };
            answers[which].push(store.check_passkey(at(60 + second), &who, &device).await.expect("compared"));
        }
        let log = store.audit_of_contact(who.contact).await.expect("read");
        answers[which].push(if log.iter().all(|entry| entry.case.is_none()) {
            Checked::Refused
        } else {
            Checked::PersonNow
        });
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], [Checked::Refused, Checked::Refused, Checked::PersonNow, Checked::Refused]);
    // Over is unknown.
    assert_eq!(show(store, at(0).plus(DAY * 91), 70, 9, 0).await, Checked::Refused);
}

pub(super) async fn a_passkey_is_not_kept_without_a_right_code_of_the_open_case(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    begin(store, at(1), 1).await;
    let who = trying(1, Some(1));
    let not_open = store.keep_passkey(at(1), &who, case(7), &code(1, 7), &passkey(9)).await;
    assert!(matches!(not_open, Err(StoreFault::NotAllowed { .. })), "{not_open:?}");
    assert_eq!(one_try(store, at(2), 1, 1, 7, Some(1)).await, Checked::Opened(case(7)), "it was not even compared");
    let used = store.keep_passkey(at(3), &who, case(7), &code(1, 7), &passkey(9)).await;
    assert_eq!(used.expect("compared"), PasskeyKept::Refused, "the code that opened the case is no second one");
    let wrong = store.keep_passkey(at(4), &who, case(7), &wrong_code(2), &passkey(9)).await;
    assert_eq!(wrong.expect("compared"), PasskeyKept::Refused);
    let right = store.keep_passkey(at(5), &who, case(7), &code(2, 7), &passkey(9)).await;
    assert_eq!(right.expect("compared"), PasskeyKept::PersonNow, "two wrong tries in a contact");
    assert_eq!(show(store, at(6), 2, 9, 0).await, Checked::Refused, "nothing was kept");
    assert_eq!(one_try(store, at(7), 3, 3, 7, Some(2)).await, Checked::Opened(case(7)), "the code is still good");
    // One's own file has no card, and so no second code.
    begin(store, at(8), 4).await;
    store.open_file(at(8), contact(4), own_file(30, None)).await.expect("opened");
    let own = store.keep_passkey(at(9), &trying(4, None), case(30), &code(3, 7), &passkey(9)).await;
    assert!(matches!(own, Err(StoreFault::NotAllowed { .. })), "{own:?}");
}

pub(super) async fn a_case_has_three_passkeys_and_a_new_card_ends_them(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    for n in 0..CASE_PASSKEYS_MAX as u8 {
        let rows = (2 * n + 1, 2 * n + 2);
        assert_eq!(keep(store, at(u64::from(n)), u128::from(n) + 1, n, rows).await, PasskeyKept::Kept);
    }
    assert_eq!(keep(store, at(10), 10, 77, (9, 10)).await, PasskeyKept::Full);
    assert_eq!(one_try(store, at(11), 11, 11, 7, Some(10)).await, Checked::Opened(case(7)), "its code was not used up");
    // Whoever had the lost card may have made one.
    store.enrol(at(20), case(7), &number(7), &card(8)).await.expect("a new card");
    assert_eq!(show(store, at(21), 20, 0, 0).await, Checked::Refused);
}

pub(super) async fn forget_me_destroys_passkeys_and_says_how_many(store: &dyn Store) {
    store.enrol(at(0), case(7), &number(7), &card(7)).await.expect("enrolled");
    assert_eq!(keep(store, at(1), 1, 1, (1, 2)).await, PasskeyKept::Kept);
    assert_eq!(keep(store, at(2), 2, 2, (3, 4)).await, PasskeyKept::Kept);
    let destroyed = store.forget(at(3), contact(2), case(7)).await.expect("forgotten");
    assert!(destroyed.contains(&("passkey".to_owned(), 2)), "{destroyed:?}");
    assert_eq!(show(store, at(4), 3, 1, 0).await, Checked::Refused);
}
