//! Checks on the people of the desk: invitations, passkeys, logins, and cards that two of them hand over.
//! Reaching a case by such a card is checked by `reaching`'s own verb.

use super::values::{DAY, HOUR, NOON, at, card, case, code, number, trying};
use caseline_helpline::cards::{CardDeed, CardHandOver, CardId};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::policy::StaffRole;
use caseline_helpline::ports::{Checked, Store};
use caseline_helpline::staff::{
    AccountId, Actor, CARDS_A_DAY_MAX, INVITE_LASTS, LOGIN_IDLE_MAX, LOGIN_LASTS_MAX, NewInvite, PASSKEY_LENGTH_MAX,
    PROOF_LASTS, Passkey, Secret, StaffAccount, StaffHandle, StaffStore,
};
use caseline_model::{Channel, Time};
use std::pin::Pin;
use std::time::Duration;

/// A store that is both: callers and desk.
pub trait Whole: Store + StaffStore {}
impl<S: Store + StaffStore> Whole for S {}

/// A check of the desk: its sentence, and what it does to a fresh store.
pub type StaffCheck = (&'static str, for<'s> fn(&'s dyn Whole) -> Pin<Box<dyn Future<Output = ()> + Send + 's>>);

macro_rules! staff_checks {
    ($($name:ident),+ $(,)?) => {
        /// All checks of the desk.
        pub const STAFF_CHECKS: &[StaffCheck] = &[$((stringify!($name), |store| Box::pin($name(store)))),+];
    };
}

staff_checks! {
    an_invitation_is_used_once_and_within_fifteen_minutes,
    a_second_invitation_voids_the_first_and_keeps_the_role,
    an_account_s_end_and_its_ending_close_everything_it_holds,
    an_account_goes_two_years_after_its_end,
    a_login_ends_when_it_is_idle_and_after_a_shift,
    a_passkey_that_is_not_the_account_s_begins_no_login,
    a_proof_is_fresh_for_five_minutes,
    two_people_hand_over_a_card_and_it_opens_the_case,
    a_lost_card_is_replaced_and_the_old_codes_open_nothing,
    nobody_hands_a_card_over_alone_ended_or_without_the_role,
    two_people_hand_over_only_so_many_cards_a_day,
}

/// Runs all checks of the desk, each on a store of its own.
///
/// # Panics
/// When a store does not do what a check says.
pub async fn run_staff_contract<F, S>(make_store: F)
where
    F: AsyncFn() -> S,
    S: AsRef<dyn Whole>,
{
    let more = super::cards::CARD_CHECKS.iter().chain(super::logins::LOGIN_CHECKS).chain(super::openid::OPENID_CHECKS);
    for (name, check) in STAFF_CHECKS.iter().chain(more) {
        let store = make_store().await;
        tracing::info!(name, "checking");
        check(store.as_ref()).await;
    }
}

const MINUTE: Duration = Duration::from_secs(60);

fn handle(name: &str) -> StaffHandle {
    name.parse().expect("a handle")
}

pub(super) fn invite(n: u128, name: &str, role: StaffRole) -> NewInvite {
    NewInvite {
        account: AccountId::from_random(n),
        handle: handle(name),
        role,
        ends_at: None,
        secret: Secret::from_random(0xabc0 + n),
    }
}

pub(super) fn passkey(n: u8) -> Passkey {
    Passkey { credential: vec![n; 32], public: format!("{{\"counter\":0,\"of\":{n}}}") }
}

/// Somebody who has joined at noon, with the passkey of the same number.
pub(super) async fn joined(store: &dyn Whole, n: u8, name: &str, role: StaffRole) -> StaffAccount {
    let invite = invite(u128::from(n), name, role);
    store.invite_staff(NOON, &invite).await.expect("invited");
    store.join_staff(NOON, &invite.secret, &passkey(n)).await.expect("joins").expect("the invitation is good")
}

async fn an_invitation_is_used_once_and_within_fifteen_minutes(store: &dyn Whole) {
    let (one, two) = (invite(1, "desk-1", StaffRole::Navigator), invite(2, "desk-2", StaffRole::Attorney));
    for invite in [&one, &two] {
        store.invite_staff(NOON, invite).await.expect("invited");
    }
    let unknown = Secret::from_random(9);
    assert_eq!(store.invited_staff(NOON, &unknown).await.expect("read"), None);
    let seen = store.invited_staff(at(1), &one.secret).await.expect("read").expect("it is good");
    assert_eq!((seen.handle, seen.role, seen.has_joined), (handle("desk-1"), StaffRole::Navigator, false));
    let joined = store.join_staff(at(2), &one.secret, &passkey(1)).await.expect("joins").expect("once");
    assert!(joined.has_joined);
    assert_eq!(store.join_staff(at(3), &one.secret, &passkey(2)).await.expect("read"), None, "once only");
    assert_eq!(store.join_staff(NOON.plus(INVITE_LASTS), &two.secret, &passkey(3)).await.expect("read"), None);
    let late = store.staff_passkeys(NOON.plus(INVITE_LASTS), &handle("desk-2")).await.expect("read");
    assert!(late.is_some_and(|(_, passkeys)| passkeys.is_empty()));
    let kept = store.staff_passkeys(at(4), &handle("desk-1")).await.expect("read");
    assert_eq!(kept.expect("it runs").1, [passkey(1)]);
    let listed = store.list_staff(at(5)).await.expect("read");
    let listed: Vec<_> = listed.iter().map(|account| (account.handle.as_str(), account.has_joined)).collect();
    assert_eq!(listed, [("desk-1", true), ("desk-2", false)]);
}

async fn a_second_invitation_voids_the_first_and_keeps_the_role(store: &dyn Whole) {
    let first = invite(1, "desk-1", StaffRole::Navigator);
    let again = NewInvite { secret: Secret::from_random(77), account: AccountId::from_random(8), ..first.clone() };
    store.invite_staff(NOON, &first).await.expect("invited");
    store.invite_staff(at(1), &again).await.expect("invited again");
    assert_eq!(store.invited_staff(at(2), &first.secret).await.expect("read"), None);
    let account = store.invited_staff(at(2), &again.secret).await.expect("read").expect("the newer one");
    assert_eq!(account.id, first.account, "it is the same account");
    let other_role = NewInvite { role: StaffRole::Supervisor, secret: Secret::from_random(78), ..first };
    let refused = store.invite_staff(at(3), &other_role).await;
    assert!(matches!(refused, Err(StoreFault::NotAllowed { .. })), "no account changes its role");
    let long = Passkey { credential: vec![1], public: "x".repeat(PASSKEY_LENGTH_MAX + 1) };
    assert!(store.join_staff(at(4), &again.secret, &long).await.is_err());
}

async fn an_account_s_end_and_its_ending_close_everything_it_holds(store: &dyn Whole) {
    let until = NOON.plus(HOUR);
    let short = NewInvite { ends_at: Some(until), ..invite(1, "desk-1", StaffRole::Navigator) };
    store.invite_staff(NOON, &short).await.expect("invited");
    store.join_staff(NOON, &short.secret, &passkey(1)).await.expect("joins").expect("good");
    let other = joined(store, 2, "desk-2", StaffRole::Navigator).await;
    let (first, second) = (Secret::from_random(1), Secret::from_random(2));
    let near = until.minus(MINUTE);
    store.begin_login(near, short.account, &first, &passkey(1)).await.expect("signs in");
    store.begin_login(near, other.id, &second, &passkey(2)).await.expect("signs in");
    assert!(store.login(near, &first).await.expect("read").is_some());
    assert_eq!(store.login(until, &first).await.expect("read"), None, "its end has come");
    assert!(store.begin_login(until, short.account, &first, &passkey(1)).await.is_err());
    assert_eq!(store.staff_passkeys(until, &short.handle).await.expect("read"), None);

    assert!(store.login(until, &second).await.expect("read").is_some());
    assert!(store.end_staff(until, &other.handle).await.expect("ended"));
    assert!(!store.end_staff(until, &other.handle).await.expect("ended"), "once");
    assert!(!store.end_staff(until, &handle("nobody")).await.expect("there is none"));
    assert_eq!(store.login(until, &second).await.expect("read"), None, "at once");
    assert_eq!(store.staff_passkeys(until, &other.handle).await.expect("read"), None);
    let back = store.invite_staff(until, &invite(5, "desk-2", StaffRole::Navigator)).await;
    assert!(matches!(back, Err(StoreFault::NotAllowed { .. })), "an ended account is not opened again");
}

async fn an_account_goes_two_years_after_its_end(store: &dyn Whole) {
    let until = NOON.plus(DAY * 10);
    let short = NewInvite { ends_at: Some(until), ..invite(1, "desk-1", StaffRole::Navigator) };
    store.invite_staff(NOON, &short).await.expect("invited");
    store.join_staff(NOON, &short.secret, &passkey(1)).await.expect("joins").expect("good");
    let ended = joined(store, 2, "desk-2", StaffRole::Navigator).await;
    let stays = joined(store, 3, "desk-3", StaffRole::Navigator).await;
    assert!(store.end_staff(NOON, &ended.handle).await.expect("ended"));
    let back = async |now, n, name: &str| store.invite_staff(now, &invite(n, name, StaffRole::Navigator)).await.is_ok();
    // Noon's day began twelve hours before it.
    let two_years = NOON.plus(DAY * 730).minus(HOUR * 12);
    store.purge(two_years.minus(MINUTE)).await.expect("purged");
    assert!(!back(two_years.minus(MINUTE), 12, "desk-2").await, "its handle is kept with its day");
    store.purge(two_years).await.expect("purged");
    assert!(back(two_years, 13, "desk-2").await, "nothing of it is left");
    store.purge(until.plus(DAY * 730).minus(MINUTE)).await.expect("purged");
    assert!(!back(until.plus(DAY * 730).minus(MINUTE), 14, "desk-1").await);
    store.purge(until.plus(DAY * 730)).await.expect("purged");
    assert!(back(until.plus(DAY * 730), 15, "desk-1").await);
    let kept = store.staff_passkeys(until.plus(DAY * 900), &stays.handle).await.expect("read");
    assert!(kept.is_some(), "whoever has not left stays");
}

async fn a_login_ends_when_it_is_idle_and_after_a_shift(store: &dyn Whole) {
    let account = joined(store, 1, "desk-1", StaffRole::Supervisor).await;
    let secret = Secret::from_random(1);
    store.begin_login(NOON, account.id, &secret, &passkey(1)).await.expect("signs in");
    assert_eq!(store.login(NOON, &Secret::from_random(2)).await.expect("read"), None);
    let mut now = NOON;
    while now.since(NOON) + LOGIN_IDLE_MAX < LOGIN_LASTS_MAX {
        now = now.plus(LOGIN_IDLE_MAX - MINUTE);
        assert!(store.login(now, &secret).await.expect("read").is_some(), "it is used all the time");
    }
    assert_eq!(store.login(NOON.plus(LOGIN_LASTS_MAX), &secret).await.expect("read"), None, "a shift is over");
    let second = Secret::from_random(3);
    store.begin_login(now, account.id, &second, &passkey(1)).await.expect("signs in");
    assert_eq!(store.login(now.plus(LOGIN_IDLE_MAX), &second).await.expect("read"), None, "it was idle");
    let third = Secret::from_random(4);
    store.begin_login(now, account.id, &third, &passkey(1)).await.expect("signs in");
    store.end_login(now, &third).await.expect("signs out");
    store.end_login(now, &third).await.expect("twice is once");
    assert_eq!(store.login(now, &third).await.expect("read"), None);
}

async fn a_passkey_that_is_not_the_account_s_begins_no_login(store: &dyn Whole) {
    let one = joined(store, 1, "desk-1", StaffRole::Navigator).await;
    joined(store, 2, "desk-2", StaffRole::Navigator).await;
    let secret = Secret::from_random(1);
    let other = store.begin_login(NOON, one.id, &secret, &passkey(2)).await;
    assert!(matches!(other, Err(StoreFault::NotAllowed { .. })));
    assert_eq!(store.login(NOON, &secret).await.expect("read"), None);
    let used = Passkey { public: "{\"counter\":7}".into(), ..passkey(1) };
    store.begin_login(NOON, one.id, &secret, &used).await.expect("signs in");
    let kept = store.staff_passkeys(NOON, &one.handle).await.expect("read").expect("it runs").1;
    assert_eq!(kept, [used], "its counter is kept");
}

async fn a_proof_is_fresh_for_five_minutes(store: &dyn Whole) {
    let account = joined(store, 1, "desk-1", StaffRole::Attorney).await;
    let secret = Secret::from_random(1);
    let login = store.begin_login(NOON, account.id, &secret, &passkey(1)).await.expect("signs in");
    assert!(login.is_fresh(NOON.plus(PROOF_LASTS)));
    let later = NOON.plus(PROOF_LASTS + MINUTE);
    let login = store.login(later, &secret).await.expect("read").expect("it runs");
    assert!(!login.is_fresh(later));
    assert!(store.prove_login(later, &secret, &passkey(9)).await.is_err(), "not this account's passkey");
    let login = store.prove_login(later, &secret, &passkey(1)).await.expect("shown").expect("it runs");
    assert!(login.is_fresh(later.plus(MINUTE)));
    assert_eq!(login.began_at, NOON, "a proof lengthens no shift");
    assert_eq!(store.prove_login(later, &Secret::from_random(5), &passkey(1)).await.expect("read"), None);
}

pub(super) fn hand_over(n: u32, starter: Actor, confirmer: Actor) -> CardHandOver {
    let deed = CardDeed::Own { number: number(n) };
    let card_if_new = CardId::from_random(u128::from(n) + 900);
    CardHandOver { deed, cases_if_new: vec![case(u128::from(n) + 50)], card_if_new, starter, confirmer }
}

pub(super) async fn opens(store: &dyn Whole, n: u128, of_number: u32, row: u8, of_card: u64) -> Checked {
    store.begin_contact(NOON, trying(n, None).contact, Channel::Phone).await.expect("it begins");
    let checked = store.check_card(NOON, &trying(n, None), &number(of_number), &code(row, of_card)).await;
    checked.expect("compared")
}

pub(super) async fn two_people(store: &dyn Whole) -> (Actor, Actor) {
    let one = joined(store, 1, "desk-1", StaffRole::Navigator).await.actor();
    (one, joined(store, 2, "desk-2", StaffRole::Accredited).await.actor())
}

async fn two_people_hand_over_a_card_and_it_opens_the_case(store: &dyn Whole) {
    let (one, two) = two_people(store).await;
    store.hand_over_card(NOON, &hand_over(4, one, two), &card(4)).await.expect("handed over");
    assert_eq!(opens(store, 1, 4, 3, 4).await, Checked::Opened(case(54)));
    assert_eq!(opens(store, 2, 4, 3, 4).await, Checked::Refused, "a code opens once");
}

async fn a_lost_card_is_replaced_and_the_old_codes_open_nothing(store: &dyn Whole) {
    let (one, two) = two_people(store).await;
    store.hand_over_card(NOON, &hand_over(4, one, two), &card(4)).await.expect("handed over");
    let again = CardHandOver { cases_if_new: vec![case(99)], ..hand_over(4, two, one) };
    store.hand_over_card(NOON, &again, &card(5)).await.expect("handed over again");
    assert_eq!(opens(store, 1, 4, 3, 4).await, Checked::Refused, "the lost card is dead");
    assert_eq!(opens(store, 2, 4, 3, 5).await, Checked::Opened(case(54)), "the case is the same");
    // What was kept has gone in the meantime: the number starts anew.
    let later = NOON.plus(DAY * 200);
    store.hand_over_card(later, &again, &card(6)).await.expect("handed over after all was forgotten");
}

async fn nobody_hands_a_card_over_alone_ended_or_without_the_role(store: &dyn Whole) {
    let (one, two) = two_people(store).await;
    let no = joined(store, 3, "machine", StaffRole::Administrator).await.actor();
    let made_up = Actor { account: AccountId::from_random(900), role: StaffRole::Attorney };
    let dressed_up = Actor { role: StaffRole::Attorney, ..no };
    for (starter, confirmer) in [(one, one), (one, no), (no, one), (one, made_up), (one, dressed_up)] {
        let refused = store.hand_over_card(NOON, &hand_over(4, starter, confirmer), &card(4)).await;
        assert!(matches!(refused, Err(StoreFault::NotAllowed { .. })), "{starter:?} {confirmer:?}");
    }
    assert!(store.end_staff(NOON, &handle("desk-2")).await.expect("ended"));
    let refused = store.hand_over_card(NOON, &hand_over(4, one, two), &card(4)).await;
    assert!(matches!(refused, Err(StoreFault::NotAllowed { .. })), "an ended account confirms nothing");
    assert_eq!(opens(store, 1, 4, 3, 4).await, Checked::Refused, "no card was made");
}

async fn two_people_hand_over_only_so_many_cards_a_day(store: &dyn Whole) {
    let (one, two) = two_people(store).await;
    let three = joined(store, 3, "desk-3", StaffRole::Attorney).await.actor();
    let mut now: Time = NOON;
    for n in 0..CARDS_A_DAY_MAX {
        now = now.plus(Duration::from_secs(1));
        store.hand_over_card(now, &hand_over(n, one, two), &card(u64::from(n))).await.expect("handed over");
    }
    for (starter, confirmer) in [(one, two), (three, two), (one, three)] {
        let refused = store.hand_over_card(now, &hand_over(500, starter, confirmer), &card(1)).await;
        assert!(matches!(refused, Err(StoreFault::NotAllowed { .. })), "one of them has had the day's share");
    }
    store.hand_over_card(NOON.plus(DAY), &hand_over(500, one, two), &card(1)).await.expect("the next day");
}
