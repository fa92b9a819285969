//! Checks on cards: families', representatives', their ends, and how many different cases one caller opens.
//! Codes and limits of one card are checked in `reaching`; accounts, in `staff`.

use super::staff::{StaffCheck, Whole, hand_over, joined, opens, two_people};
use super::values::{DAY, HOUR, NOON, at, card, case, code, contact, number, phone, trying, wrong_code};
use caseline_helpline::cards::{
    AUTHORITY_LASTS_MAX, AlarmKind, Authority, CardDeed, CardHandOver, CardId, REPRESENTATIVE_NEW_A_DAY_MAX,
    REPRESENTATIVE_OPENED_A_DAY_MAX, RepresentativeCard,
};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::limits::OPENED_BY_CALLER_MAX;
use caseline_helpline::policy::StaffRole;
use caseline_helpline::ports::{Checked, Trying};
use caseline_helpline::staff::{Actor, StaffHandle};
use caseline_model::{Channel, Time};
use std::time::Duration;

macro_rules! card_checks {
    ($($name:ident),+ $(,)?) => {
        /// All checks of cards.
        pub const CARD_CHECKS: &[StaffCheck] = &[$((stringify!($name), |store| Box::pin($name(store)))),+];
    };
}

card_checks! {
    a_family_s_card_opens_one_case_at_a_time_and_each_code_once,
    whoever_gets_a_card_of_their_own_is_off_the_family_s,
    a_lost_family_card_opens_nothing_for_any_of_them,
    an_ended_card_opens_nothing_and_what_was_counted_stays,
    a_representative_opens_a_client_s_case_until_the_authority_ends,
    a_client_takes_themselves_off_and_a_representative_cannot_act_for_good,
    a_representative_s_card_has_its_bounds,
    unusually_many_cases_in_a_day_ring_the_alarm_and_lead_to_a_person,
    a_representative_s_card_ends_with_its_account,
    only_whoever_may_represent_begins_a_representative_s_card,
    a_caller_opens_three_different_cases_a_week_and_those_again,
    a_page_opens_three_and_withheld_callers_are_not_locked_out_by_each_other,
    what_does_not_open_past_the_breadth_is_answered_alike,
}

fn handle(name: &str) -> StaffHandle {
    name.parse().expect("a handle")
}

fn deed(deed: CardDeed, starter: Actor, confirmer: Actor) -> CardHandOver {
    let cases_if_new = (0..deed.numbers().len()).map(|n| case(700 + n as u128)).collect();
    CardHandOver { deed, cases_if_new, ..hand_over(900, starter, confirmer) }
}

async fn done(store: &dyn Whole, now: Time, what: CardDeed, (starter, confirmer): (Actor, Actor), of_card: u64) {
    let hand_over = deed(what, starter, confirmer);
    store.hand_over_card(now, &hand_over, &card(of_card)).await.expect("done");
}

/// A lawyer and a colleague, a representative's card of the codes 90, and clients 1 to `clients` with own cards.
async fn representative(store: &dyn Whole, clients: u32) -> (Actor, Actor) {
    let lawyer = joined(store, 7, "desk-7", StaffRole::Attorney).await.actor();
    let colleague = joined(store, 8, "desk-8", StaffRole::Navigator).await.actor();
    done(store, NOON, CardDeed::Representative { handle: handle("lawyer-1") }, (lawyer, colleague), 90).await;
    let mut now = NOON;
    for n in 1..=clients {
        if n > 1 && (n - 1) % REPRESENTATIVE_NEW_A_DAY_MAX == 0 {
            now = now.plus(DAY);
        }
        store.enrol(now, case(u128::from(n)), &number(n), &card(u64::from(n))).await.expect("enrolled");
        done(store, now, client(n), (lawyer, colleague), 0).await;
    }
    (lawyer, colleague)
}

fn client(n: u32) -> CardDeed {
    let (handle, authority) = (handle("lawyer-1"), Authority::PersonThere);
    CardDeed::Client { handle, number: number(n), authority, lasts: AUTHORITY_LASTS_MAX }
}

/// One try in a contact of its own.
async fn tries(store: &dyn Whole, now: Time, who: &Trying, of: u32, row: u8, of_card: u64) -> Checked {
    store.begin_contact(now, who.contact, Channel::Phone).await.expect("it begins");
    store.check_card(now, who, &number(of), &code(row, of_card)).await.expect("compared")
}

async fn a_family_s_card_opens_one_case_at_a_time_and_each_code_once(store: &dyn Whole) {
    let both = two_people(store).await;
    done(store, NOON, CardDeed::Family { numbers: vec![number(1), number(2), number(3)] }, both, 50).await;
    let opened = [opens(store, 1, 1, 1, 50).await, opens(store, 2, 2, 2, 50).await, opens(store, 3, 3, 3, 50).await];
    assert_eq!(opened, [700, 701, 702].map(|n| Checked::Opened(case(n))), "each number its own case");
    assert_eq!(opens(store, 4, 2, 1, 50).await, Checked::Refused, "a code opens once, for whomever");
    assert_eq!(opens(store, 5, 4, 5, 50).await, Checked::Refused, "a number that is not on it");
    let read = store.read_case(at(1), contact(1), case(701), &[]).await;
    assert!(matches!(read, Err(StoreFault::NotAllowed { .. })), "another person of the family needs another code");
}

async fn whoever_gets_a_card_of_their_own_is_off_the_family_s(store: &dyn Whole) {
    let both = two_people(store).await;
    done(store, NOON, CardDeed::Family { numbers: vec![number(1), number(2)] }, both, 50).await;
    store.hand_over_card(NOON, &hand_over(1, both.0, both.1), &card(51)).await.expect("handed over");
    assert_eq!(
        opens(store, 1, 1, 1, 50).await,
        Checked::Refused,
        "whoever holds the family's card reaches them no more"
    );
    assert_eq!(opens(store, 2, 1, 1, 51).await, Checked::Opened(case(700)));
    assert_eq!(opens(store, 3, 2, 2, 50).await, Checked::Opened(case(701)), "the others go on");
}

async fn a_lost_family_card_opens_nothing_for_any_of_them(store: &dyn Whole) {
    let both = two_people(store).await;
    done(store, NOON, CardDeed::Family { numbers: vec![number(1), number(2), number(3)] }, both, 50).await;
    let again = deed(CardDeed::Family { numbers: vec![number(1), number(2)] }, both.0, both.1);
    let again = CardHandOver { card_if_new: CardId::from_random(77), ..again };
    store.hand_over_card(NOON, &again, &card(51)).await.expect("replaced");
    for n in 1..=3 {
        assert_eq!(opens(store, u128::from(n), n, 4, 50).await, Checked::Refused, "the lost card, number {n}");
    }
    assert_eq!(opens(store, 5, 2, 4, 51).await, Checked::Opened(case(701)), "the same cases");
    assert_eq!(opens(store, 6, 3, 5, 51).await, Checked::Refused, "whose paper was not shown is not on the new one");
}

async fn an_ended_card_opens_nothing_and_what_was_counted_stays(store: &dyn Whole) {
    let both = two_people(store).await;
    store.hand_over_card(NOON, &hand_over(4, both.0, both.1), &card(4)).await.expect("handed over");
    for n in 0..5_u32 {
        let id = 20 + u128::from(n);
        store.begin_contact(NOON, contact(id), Channel::Phone).await.expect("it begins");
        let wrong = store.check_card(NOON, &trying(id, Some(n)), &number(4), &wrong_code(1)).await;
        assert_eq!(wrong.expect("compared"), Checked::Refused);
    }
    done(store, NOON, CardDeed::EndCard { number: number(4) }, both, 0).await;
    assert_eq!(tries(store, NOON.plus(HOUR), &trying(40, Some(40)), 4, 1, 4).await, Checked::Refused, "it is over");
    done(store, NOON, CardDeed::Own { number: number(4) }, both, 5).await;
    let soon = NOON.plus(HOUR).plus(Duration::from_secs(1));
    assert_eq!(tries(store, soon, &trying(41, Some(41)), 4, 1, 5).await, Checked::Refused, "still closed (S7)");
    assert_eq!(tries(store, NOON.plus(HOUR * 3), &trying(42, Some(42)), 4, 1, 5).await, Checked::Opened(case(54)));
    let nobody = deed(CardDeed::EndCard { number: number(5) }, both.0, both.1);
    let refused = store.hand_over_card(NOON, &nobody, &[]).await;
    assert!(matches!(refused, Err(StoreFault::NotAllowed { .. })), "a number that nobody enrolled");
}

async fn a_representative_opens_a_client_s_case_until_the_authority_ends(store: &dyn Whole) {
    let both = representative(store, 1).await;
    assert_eq!(opens(store, 1, 1, 1, 90).await, Checked::Opened(case(1)), "the representative's code");
    assert_eq!(opens(store, 2, 1, 1, 1).await, Checked::Opened(case(1)), "the person's own goes on");
    let log = store.audit_of_contact(contact(1)).await.expect("read");
    assert!(log.iter().any(|entry| entry.event.words() == "case opened"));
    assert_eq!(opens(store, 3, 2, 2, 90).await, Checked::Refused, "nobody's client");
    let listed = store.representative_cards(NOON).await.expect("read");
    let (handle, answers) = (handle("lawyer-1"), handle("desk-7"));
    assert_eq!(listed, [RepresentativeCard { handle, answers, client_count: 1, is_halted: false }]);
    // The person keeps their case longer; the authority ends all the same.
    let near = NOON.plus(AUTHORITY_LASTS_MAX).minus(HOUR);
    assert_eq!(tries(store, near, &trying(4, Some(1)), 1, 2, 1).await, Checked::Opened(case(1)));
    assert_eq!(tries(store, near, &trying(5, Some(2)), 1, 3, 90).await, Checked::Opened(case(1)));
    let over = NOON.plus(AUTHORITY_LASTS_MAX);
    assert_eq!(tries(store, over, &trying(6, Some(3)), 1, 4, 90).await, Checked::Refused, "over");
    store.purge(over).await.expect("purged");
    assert_eq!(store.representative_cards(over).await.expect("read")[0].client_count, 0);
    done(store, over, client(1), both, 0).await;
    assert_eq!(tries(store, over, &trying(7, Some(4)), 1, 4, 90).await, Checked::Opened(case(1)), "given anew");
    done(store, over, CardDeed::EndAuthority { number: number(1) }, both, 0).await;
    assert_eq!(tries(store, over, &trying(8, Some(5)), 1, 5, 90).await, Checked::Refused, "ended at the desk");
}

async fn a_client_takes_themselves_off_and_a_representative_cannot_act_for_good(store: &dyn Whole) {
    representative(store, 1).await;
    assert_eq!(opens(store, 1, 1, 1, 90).await, Checked::Opened(case(1)));
    let forgotten = store.forget(at(1), contact(1), case(1)).await;
    assert!(matches!(forgotten, Err(StoreFault::NotAllowed { .. })), "only the person forgets");
    assert!(store.end_authorities(at(1), contact(1), case(1)).await.is_err());
    assert!(store.read_case(at(1), contact(1), case(1), &[]).await.is_ok(), "the representative reads");
    assert_eq!(opens(store, 2, 1, 1, 1).await, Checked::Opened(case(1)));
    assert_eq!(store.end_authorities(at(2), contact(2), case(1)).await.expect("ended"), 1);
    assert_eq!(store.end_authorities(at(2), contact(2), case(1)).await.expect("ended"), 0, "once");
    assert_eq!(opens(store, 3, 1, 2, 90).await, Checked::Refused);
    assert!(store.forget(at(3), contact(2), case(1)).await.is_ok(), "the person's own code forgets");
}

async fn a_representative_s_card_has_its_bounds(store: &dyn Whole) {
    let (lawyer, colleague) = representative(store, REPRESENTATIVE_NEW_A_DAY_MAX).await;
    let one_more = REPRESENTATIVE_NEW_A_DAY_MAX + 1;
    store.enrol(NOON, case(u128::from(one_more)), &number(one_more), &card(6)).await.expect("enrolled");
    let put = async |now, n| store.hand_over_card(now, &deed(client(n), lawyer, colleague), &[]).await;
    assert!(matches!(put(NOON, one_more).await, Err(StoreFault::NotAllowed { .. })), "the day's share");
    put(NOON, 1).await.expect("an authority that is given anew is no new client");
    put(NOON.plus(DAY), one_more).await.expect("the next day");
    assert!(put(NOON.plus(DAY), 500).await.is_err(), "a number that nobody enrolled");
    // A case has room for three representatives.
    for n in 2..=4 {
        let name = handle(&format!("lawyer-{n}"));
        let made = CardDeed::Representative { handle: name.clone() };
        let made = CardHandOver { card_if_new: CardId::from_random(100 + n), ..deed(made, lawyer, colleague) };
        store.hand_over_card(NOON, &made, &card(90)).await.expect("made");
        let on = CardDeed::Client {
            handle: name,
            number: number(1),
            authority: Authority::SignedForm,
            lasts: AUTHORITY_LASTS_MAX,
        };
        let put = store.hand_over_card(NOON, &deed(on, lawyer, colleague), &[]).await;
        assert_eq!(put.is_ok(), n < 4, "representative {n}");
    }
}

async fn unusually_many_cases_in_a_day_ring_the_alarm_and_lead_to_a_person(store: &dyn Whole) {
    let clients = REPRESENTATIVE_OPENED_A_DAY_MAX + 1;
    representative(store, clients).await;
    let now = NOON.plus(DAY * 10);
    // One caller: the bound of three does not hold for a representative's card, its own does.
    let mut row = 0;
    for n in 1..clients {
        row = row % 12 + 1;
        let who = trying(100 + u128::from(n), Some(5));
        assert_eq!(tries(store, now, &who, n, row, 90).await, Checked::Opened(case(u128::from(n))), "case {n}");
    }
    assert!(store.alarms(now).await.expect("asked").is_empty());
    assert_eq!(tries(store, now, &trying(130, Some(5)), clients, row + 1, 90).await, Checked::PersonNow);
    assert_eq!(store.alarms(now).await.expect("asked"), [AlarmKind::RepresentativeCard]);
    assert!(store.representative_cards(now).await.expect("read")[0].is_halted);
    assert_eq!(tries(store, now, &trying(131, Some(6)), 1, row + 1, 90).await, Checked::PersonNow, "for that day");
    assert_eq!(tries(store, now, &trying(132, Some(7)), 1, 1, 1).await, Checked::Opened(case(1)), "clients go on");
    let tomorrow = now.plus(DAY);
    assert!(store.alarms(tomorrow).await.expect("asked").is_empty());
    let opened = tries(store, tomorrow, &trying(133, Some(5)), 1, row + 1, 90).await;
    assert_eq!(opened, Checked::Opened(case(1)), "its code was not used up");
}

async fn a_representative_s_card_ends_with_its_account(store: &dyn Whole) {
    let (lawyer, colleague) = representative(store, 1).await;
    let other = joined(store, 9, "desk-9", StaffRole::Accredited).await.actor();
    let taken = deed(CardDeed::Representative { handle: handle("lawyer-1") }, other, colleague);
    assert!(store.hand_over_card(NOON, &taken, &card(91)).await.is_err(), "another account answers for it");
    done(store, NOON, CardDeed::Representative { handle: handle("lawyer-1") }, (lawyer, colleague), 92).await;
    assert_eq!(opens(store, 1, 1, 1, 90).await, Checked::Refused, "the lost card of a representative");
    assert_eq!(opens(store, 2, 1, 1, 92).await, Checked::Opened(case(1)), "its clients stayed");
    assert!(store.end_staff(NOON, &handle("desk-7")).await.expect("ended"));
    assert_eq!(opens(store, 3, 1, 2, 92).await, Checked::Refused, "with the account");
    assert!(store.representative_cards(NOON).await.expect("read").is_empty());
    assert_eq!(opens(store, 4, 1, 2, 1).await, Checked::Opened(case(1)), "the client's own card goes on");
}

async fn only_whoever_may_represent_begins_a_representative_s_card(store: &dyn Whole) {
    let (lawyer, colleague) = representative(store, 1).await;
    let made = || CardDeed::Representative { handle: handle("lawyer-5") };
    for what in [made(), client(1), CardDeed::EndRepresentative { handle: handle("lawyer-1") }] {
        let refused = store.hand_over_card(NOON, &deed(what, colleague, lawyer), &card(95)).await;
        assert!(matches!(refused, Err(StoreFault::NotAllowed { .. })), "a navigator began it");
    }
    let alone = store.hand_over_card(NOON, &deed(made(), lawyer, lawyer), &card(95)).await;
    assert!(matches!(alone, Err(StoreFault::NotAllowed { .. })), "nobody does it alone");
    done(store, NOON, CardDeed::EndRepresentative { handle: handle("lawyer-1") }, (lawyer, colleague), 0).await;
    assert_eq!(opens(store, 1, 1, 1, 90).await, Checked::Refused, "an ended card");
}

async fn a_caller_opens_three_different_cases_a_week_and_those_again(store: &dyn Whole) {
    for n in 1..=OPENED_BY_CALLER_MAX + 1 {
        store.enrol(NOON, case(u128::from(n)), &number(n), &card(u64::from(n))).await.expect("enrolled");
    }
    let opens = async |now, id: u128, caller, n: u32, row| {
        tries(store, now, &trying(id, Some(caller)), n, row, u64::from(n)).await
    };
    for n in 1..=OPENED_BY_CALLER_MAX {
        assert_eq!(opens(NOON, u128::from(n), 1, n, 1).await, Checked::Opened(case(u128::from(n))));
    }
    assert_eq!(opens(at(1), 10, 1, 4, 1).await, Checked::PersonNow, "a fourth");
    assert_eq!(opens(at(1), 11, 1, 2, 2).await, Checked::Opened(case(2)), "one of the three again");
    assert_eq!(opens(at(1), 12, 2, 4, 2).await, Checked::Opened(case(4)), "another caller");
    // Noon is a Wednesday; on Monday another key begins.
    assert_eq!(opens(NOON.plus(DAY * 5), 13, 1, 4, 3).await, Checked::Opened(case(4)), "the next week");
    // What needs no proof is not limited, and neither is one's own paper.
    store.open_file(at(2), contact(10), super::values::own_file(80, None)).await.expect("kept");
}

async fn a_page_opens_three_and_withheld_callers_are_not_locked_out_by_each_other(store: &dyn Whole) {
    for n in 1..=6 {
        store.enrol(NOON, case(u128::from(n)), &number(n), &card(u64::from(n))).await.expect("enrolled");
    }
    let page = |id| Trying { shared: true, ..trying(id, None) };
    store.begin_contact(NOON, contact(1), Channel::WebChat).await.expect("it begins");
    store.note_caller(NOON, &page(1)).await.expect("counted");
    for n in 1..=OPENED_BY_CALLER_MAX {
        let opened = tries(store, NOON, &page(1), n, 1, u64::from(n)).await;
        assert_eq!(opened, Checked::Opened(case(u128::from(n))));
    }
    assert_eq!(tries(store, NOON, &page(1), 4, 1, 4).await, Checked::PersonNow, "a fourth in one contact");
    // Three cases a contact: others who show no number open theirs.
    for n in 4..=6_u32 {
        let id = 20 + u128::from(n);
        store.begin_contact(at(1), contact(id), Channel::WebChat).await.expect("it begins");
        store.note_caller(at(1), &page(id)).await.expect("counted");
        let opened = tries(store, at(1), &page(id), n, 2, u64::from(n)).await;
        assert_eq!(opened, Checked::Opened(case(u128::from(n))), "contact {n}");
    }
}

async fn what_does_not_open_past_the_breadth_is_answered_alike(store: &dyn Whole) {
    representative(store, 1).await;
    for n in 2..=5 {
        store.enrol(NOON, case(u128::from(n)), &number(n), &card(u64::from(n))).await.expect("enrolled");
    }
    let who = |id| Trying { caller: Some(phone(3)), ..trying(id, None) };
    for n in 2..=4_u32 {
        assert!(matches!(tries(store, NOON, &who(u128::from(n)), n, 1, u64::from(n)).await, Checked::Opened(_)));
    }
    let existing = tries(store, NOON, &who(10), 5, 1, 5).await;
    let wrong = tries(store, NOON, &who(11), 5, 1, 6).await;
    let absent = tries(store, NOON, &who(12), 600, 1, 6).await;
    assert_eq!([existing, wrong, absent], [Checked::PersonNow; 3]);
    assert_eq!(tries(store, NOON, &who(13), 1, 1, 90).await, Checked::Opened(case(1)), "a representative's card");
}
