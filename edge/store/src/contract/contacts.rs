//! Checks on contacts and what is kept of them while they last.
//! Reaching a case is left to `reaching`.

use super::values::{DAY, HOUR, at, contact};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::{ReturnPlace, Store};
use caseline_model::{Channel, Disposition, Language, Private};

pub(super) async fn a_contact_ends_once_and_the_first_disposition_stands(store: &dyn Store) {
    let (one, two) = (contact(1), contact(2));
    store.begin_contact(at(0), one, Channel::Phone).await.expect("it begins");
    store.begin_contact(at(1), two, Channel::WebChat).await.expect("it begins");
    assert_eq!(store.open_contacts().await.expect("read"), [(one, Channel::Phone), (two, Channel::WebChat)]);
    assert_eq!(store.disposition(one).await.expect("read"), None);
    store.end_contact(at(2), one, Disposition::Answered).await.expect("it ends");
    store.end_contact(at(3), one, Disposition::Failed).await.expect("it has ended");
    assert_eq!(store.disposition(one).await.expect("read"), Some(Disposition::Answered));
    assert_eq!(store.open_contacts().await.expect("read"), [(two, Channel::WebChat)]);
    let unknown = store.end_contact(at(4), contact(9), Disposition::Answered).await;
    assert!(matches!(unknown, Err(StoreFault::NotAllowed { .. })));
}

pub(super) async fn a_contact_that_begins_twice_is_one_contact(store: &dyn Store) {
    let one = contact(1);
    for second in 0..3 {
        store.begin_contact(at(second), one, Channel::Phone).await.expect("it begins");
    }
    assert_eq!(store.open_contacts().await.expect("read").len(), 1);
    assert_eq!(store.audit_of_contact(one).await.expect("read").len(), 1);
    store.end_contact(at(4), one, Disposition::Answered).await.expect("it ends");
    store.begin_contact(at(5), one, Channel::Phone).await.expect("an old one");
    assert!(store.open_contacts().await.expect("read").is_empty());
    // The language can be known only after the last word was said.
    store.note_language(at(6), one, Language::SPANISH).await.expect("its row is there");
}

pub(super) async fn the_state_of_a_conversation_is_kept_for_a_day_and_goes_with_the_contact(store: &dyn Store) {
    let one = contact(1);
    assert!(store.save_conversation(at(0), one, b"early").await.is_err(), "it has not begun");
    store.begin_contact(at(0), one, Channel::WebChat).await.expect("it begins");
    assert_eq!(store.load_conversation(at(0), one).await.expect("read"), None);
    store.save_conversation(at(0), one, b"first").await.expect("kept");
    store.save_conversation(at(5), one, b"second").await.expect("kept");
    assert_eq!(store.load_conversation(at(6), one).await.expect("read").as_deref(), Some(b"second".as_slice()));
    assert_eq!(store.load_conversation(at(5).plus(DAY), one).await.expect("read"), None);
    store.end_contact(at(7), one, Disposition::Answered).await.expect("it ends");
    assert_eq!(store.load_conversation(at(8), one).await.expect("read"), None);
    assert!(store.save_conversation(at(9), one, b"late").await.is_err(), "it has ended");
}

pub(super) async fn a_caller_who_was_cut_off_finds_their_place_once_and_within_minutes(store: &dyn Store) {
    let (one, two) = (contact(1), contact(2));
    let place = ReturnPlace(Private::new("sip:made-up-place".into()));
    let other = ReturnPlace(Private::new("sip:another-place".into()));
    for id in [one, two] {
        store.begin_contact(at(0), id, Channel::Phone).await.expect("it begins");
    }
    store.note_return_place(at(0), &place, one).await.expect("kept");
    assert_eq!(store.take_return_place(at(60), &other).await.expect("read"), None);
    assert_eq!(store.take_return_place(at(60), &place).await.expect("read"), Some(one));
    assert_eq!(store.take_return_place(at(61), &place).await.expect("read"), None);
    store.note_return_place(at(70), &place, one).await.expect("kept");
    store.note_return_place(at(71), &place, two).await.expect("kept");
    assert_eq!(store.take_return_place(at(72), &place).await.expect("read"), Some(two), "the newer one");
    store.note_return_place(at(80), &place, one).await.expect("kept");
    assert_eq!(store.take_return_place(at(80).plus(HOUR), &place).await.expect("read"), None);
    store.note_return_place(at(90), &place, one).await.expect("kept");
    store.end_contact(at(91), one, Disposition::Answered).await.expect("it ends");
    assert_eq!(store.take_return_place(at(92), &place).await.expect("read"), None, "it has ended");
}

pub(super) async fn a_cut_off_contact_to_which_nobody_comes_back_is_found(store: &dyn Store) {
    let place = ReturnPlace(Private::new("sip:made-up-place".into()));
    let over = async |now| store.not_come_back(now).await.expect("listed");
    for n in 1..5 {
        store.begin_contact(at(0), contact(n), Channel::Phone).await.expect("it begins");
    }
    store.note_return_place(at(1), &place, contact(1)).await.expect("kept");
    assert_eq!(over(at(2)).await, [], "they may still come back");
    // The next one at the same telephone is cut off too: the place is theirs.
    store.note_return_place(at(3), &place, contact(2)).await.expect("kept");
    assert_eq!(over(at(4)).await, [(contact(1), Channel::Phone)]);
    let late = at(3).plus(HOUR);
    assert_eq!(store.take_return_place(late, &place).await.expect("read"), None);
    assert_eq!(over(late).await, [(contact(1), Channel::Phone), (contact(2), Channel::Phone)]);
    store.end_contact(late, contact(1), Disposition::Abandoned).await.expect("it ends");
    assert_eq!(over(late).await, [(contact(2), Channel::Phone)]);
    store.purge(late).await.expect("purged");
    assert_eq!(over(late).await, []);
    // Whoever came back is on the line.
    store.note_return_place(late, &place, contact(3)).await.expect("kept");
    assert_eq!(store.take_return_place(late, &place).await.expect("read"), Some(contact(3)));
    assert_eq!(over(late.plus(HOUR)).await, []);
}
