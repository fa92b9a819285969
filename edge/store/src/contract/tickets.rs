//! Checks on tickets: who opens a case by one, once, until when; what ends it; what the person hears of it; and reports
//! that the desk moves.
//! Accounts and logins are checked by `staff`.

use super::staff::Whole;
use super::values::{DAY, NOON, at, case, contact, days_later, own_file, receipt, report, report_code, trying};
use caseline_conversation::effect::ReportState;
use caseline_helpline::audit::AuditEvent;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::policy::{Action, StaffRole, may};
use caseline_helpline::ports::{Checked, LeaseState, ReportLooked, TaskKind};
use caseline_helpline::staff::{
    AccountId, Actor, LOGIN_IDLE_MAX, NewInvite, PROOF_LASTS, Passkey, Secret, StaffAccount, StaffHandle,
};
use caseline_helpline::tickets::{
    CASE_OPEN_MAX, DeskNumber, NewTicket, OPENINGS_A_DAY_MAX, OpenedBy, Opening, TICKET_DAYS_MAX, TICKET_HELD_MAX,
    TICKETS_OF_CASE_MAX, TicketLeft, TicketUsed,
};
use caseline_model::{CaseId, Channel, Date, Disposition, Language, Time, Zone};
use caseline_records::Field;
use std::collections::BTreeSet;
use std::pin::Pin;
use std::time::Duration;

/// A check of tickets: its sentence, and what it does to a fresh store.
pub type TicketCheck = (&'static str, for<'s> fn(&'s dyn Whole) -> Pin<Box<dyn Future<Output = ()> + Send + 's>>);

macro_rules! ticket_checks {
    ($($name:ident),+ $(,)?) => {
        /// All checks of tickets.
        pub const TICKET_CHECKS: &[TicketCheck] = &[$((stringify!($name), |store| Box::pin($name(store)))),+];
    };
}

ticket_checks! {
    every_desk_has_a_number_of_its_own,
    a_ticket_opens_its_case_once_at_the_desk_that_was_named,
    a_case_opens_to_no_role_and_in_no_state_but_by_an_unexpired_ticket_to_that_desk,
    a_ticket_needs_the_live_contact_that_opened_the_case,
    a_number_of_nobody_or_of_somebody_who_opens_no_cases_is_no_desk,
    a_ticket_lasts_a_fortnight_at_the_most_and_through_its_last_day,
    a_deputy_may_use_the_ticket_and_only_one_of_both_does,
    whatever_ends_it_the_case_is_closed_at_the_next_request,
    a_case_that_nobody_closes_is_closed_after_fifteen_minutes,
    opening_needs_a_passkey_that_was_shown_within_five_minutes,
    one_case_is_open_at_a_desk_and_one_ticket_in_its_hands,
    a_ticket_that_is_given_back_waits_behind_the_others,
    an_account_opens_sixty_cases_a_day_and_no_more,
    a_case_has_only_so_many_tickets_and_the_same_desk_has_one,
    the_person_hears_on_which_days_and_by_which_role_their_case_was_opened,
    a_report_is_moved_by_whoever_has_its_task_and_its_owner_hears_it,
}

/// Runs all checks of tickets, each on a store of its own.
///
/// # Panics
/// When a store does not do what a check says.
pub async fn run_ticket_contract<F, S>(make_store: F)
where
    F: AsyncFn() -> S,
    S: AsRef<dyn Whole>,
{
    for (name, check) in TICKET_CHECKS {
        let store = make_store().await;
        tracing::info!(name, "checking");
        check(store.as_ref()).await;
    }
}

const MINUTE: Duration = Duration::from_secs(60);
const ALL: &[Field] = &[Field::Hearing];

fn handle(n: u8) -> StaffHandle {
    format!("desk-{n}").parse().expect("a handle")
}

fn login(n: u8) -> Secret {
    Secret::from_random(0x1061_0000 + u128::from(n))
}

fn passkey(n: u8) -> Passkey {
    Passkey { credential: vec![n; 32], public: "{}".into() }
}

/// Somebody of the desk who signed in just now.
pub async fn signed_in(store: &dyn Whole, now: Time, n: u8, role: StaffRole) -> StaffAccount {
    let secret = Secret::from_random(0xabc0 + u128::from(n));
    let account = AccountId::from_random(u128::from(n));
    let invite = NewInvite { account, handle: handle(n), role, ends_at: None, secret: secret.clone() };
    store.invite_staff(now, &invite).await.expect("invited");
    store.join_staff(now, &secret, &passkey(n)).await.expect("joins").expect("the invitation is good");
    store.begin_login(now, account, &login(n), &passkey(n)).await.expect("signs in").account
}

/// A contact in which a made-up person has their own file open.
pub async fn person(store: &dyn Whole, now: Time, n: u64) -> CaseId {
    let id = contact(u128::from(n));
    store.begin_contact(now, id, Channel::Phone).await.expect("it begins");
    store.open_file(now, id, own_file(n, None)).await.expect("a file");
    case(u128::from(n))
}

/// The person of that number leaves a ticket to a desk.
pub async fn leave(store: &dyn Whole, now: Time, n: u64, desk: DeskNumber, until: Date) -> TicketLeft {
    let ticket = NewTicket { case: case(u128::from(n)), desk, until, language: Language::SPANISH };
    store.leave_ticket(now, contact(u128::from(n)), ticket).await.expect("left")
}

fn desk_of(account: &StaffAccount) -> DeskNumber {
    account.desk.expect("every desk has a number")
}

/// Takes the next ticket and opens it, as one does on two pages.
async fn opens(store: &dyn Whole, now: Time, account: &StaffAccount, n: u8) -> bool {
    let taken = store.take_ticket(now, account.actor()).await;
    let used = store.open_ticket(now, &login(n)).await;
    let is_open = matches!(used, Ok(TicketUsed::Opened { .. }));
    assert!(!is_open || store.is_case_open(now, &login(n)).await.expect("looked").is_some());
    assert!(!is_open || matches!(taken, Ok(Some(_))), "what was not taken does not open");
    is_open
}

async fn is_read(store: &dyn Whole, now: Time, n: u8) -> bool {
    store.read_opened(now, &login(n), ALL).await.expect("read").is_some()
}

async fn every_desk_has_a_number_of_its_own(store: &dyn Whole) {
    let mut seen = BTreeSet::new();
    for n in 1..30 {
        let invite = |id: u128| NewInvite {
            account: AccountId::from_random(id),
            handle: handle(n),
            role: StaffRole::Navigator,
            ends_at: None,
            secret: Secret::from_random(id),
        };
        // Ids that pick the same number to begin with.
        let id = u128::from(n) * u128::from(DeskNumber::COUNT);
        store.invite_staff(NOON, &invite(id)).await.expect("invited");
        if n % 3 == 0 {
            assert!(store.end_staff(NOON, &handle(n)).await.expect("ended"));
        }
        seen.extend(store.list_staff(NOON).await.expect("listed").iter().map(desk_of));
    }
    // Ended accounts keep theirs: whoever wrote a number down reaches nobody else.
    let running: Vec<_> = store.list_staff(NOON).await.expect("listed").iter().map(desk_of).collect();
    assert_eq!(running.iter().collect::<BTreeSet<_>>().len(), 20);
    assert_eq!(seen.len(), 20, "{seen:?}");
    assert_eq!(seen.last().map(|desk| desk.value()), Some(128));
}

async fn a_ticket_opens_its_case_once_at_the_desk_that_was_named(store: &dyn Whole) {
    let (one, two) = (signed_in(store, NOON, 1, StaffRole::Navigator).await, {
        signed_in(store, NOON, 2, StaffRole::Attorney).await
    });
    person(store, NOON, 4).await;
    let left = leave(store, NOON, 4, desk_of(&one), days_later(3)).await;
    assert_eq!(left, TicketLeft::Left { deputy: None, until: days_later(3) });
    assert_eq!(store.take_ticket(at(1), two.actor()).await.expect("looked"), None, "it is not theirs");
    let taken = store.take_ticket(at(1), one.actor()).await.expect("taken").expect("it waits");
    assert_eq!((taken.language, taken.until, taken.as_deputy), (Language::SPANISH, days_later(3), false));
    assert_eq!(taken.held_until, at(1).plus(TICKET_HELD_MAX));
    assert_eq!(store.taken_ticket(at(2), one.actor()).await.expect("looked"), Some(taken));
    assert!(!is_read(store, at(2), 1).await, "taking opens nothing");
    let used = store.open_ticket(at(3), &login(1)).await.expect("opened");
    assert_eq!(used, TicketUsed::Opened { closes_at: at(3).plus(CASE_OPEN_MAX) });
    let read = store.read_opened(at(4), &login(1), ALL).await.expect("read").expect("it is open");
    assert_eq!((read.assertions, read.language), (own_file(4, None).assertions, Language::SPANISH));
    assert!(!is_read(store, at(4), 2).await);
    store.close_case(at(5), &login(1)).await.expect("closed");
    store.close_case(at(5), &login(1)).await.expect("twice is once");
    assert!(!is_read(store, at(5), 1).await);
    assert!(!opens(store, at(6), &one, 1).await, "a ticket opens once");
}

/// What stood between the person and the desk when somebody there tried to open the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    NoTicket,
    Named,
    Deputy,
    ToSomebodyElse,
    Expired,
    Withdrawn,
    Forgotten,
    OtherEnded,
    NamedEnded,
    OwnEnded,
    SignedOut,
}

const STATES: [State; 11] = [
    State::NoTicket,
    State::Named,
    State::Deputy,
    State::ToSomebodyElse,
    State::Expired,
    State::Withdrawn,
    State::Forgotten,
    State::OtherEnded,
    State::NamedEnded,
    State::OwnEnded,
    State::SignedOut,
];

async fn a_case_opens_to_no_role_and_in_no_state_but_by_an_unexpired_ticket_to_that_desk(store: &dyn Whole) {
    let mut n = 0_u8;
    let mut opened = 0;
    for role in StaffRole::ALL {
        for state in STATES {
            n += 2;
            let tried = tried_in(store, n, role, state).await;
            // A role that opens no cases has no desk: a ticket to its number is left to nobody.
            let by_ticket = matches!(state, State::Named | State::Deputy | State::OtherEnded);
            assert_eq!(tried, by_ticket && may(role, Action::OpenTicket).is_ok(), "{role:?} {state:?}");
            opened += u32::from(tried);
        }
    }
    assert_eq!(opened, 9, "three roles in three states");
}

/// Whether somebody in this role opened the case in this state.
async fn tried_in(store: &dyn Whole, n: u8, role: StaffRole, state: State) -> bool {
    let mut now = NOON;
    let me = signed_in(store, now, n, role).await;
    let other = signed_in(store, now, n + 1, StaffRole::Attorney).await;
    let number = u64::from(n);
    let case = person(store, now, number).await;
    let of = contact(u128::from(number));
    let deputy_of_other = matches!(state, State::Deputy | State::NamedEnded);
    if deputy_of_other {
        let set = store.set_deputy(now, &other.handle, Some(&me.handle)).await;
        assert_eq!(set.is_ok(), may(role, Action::OpenTicket).is_ok(), "{role:?}");
    }
    let to = match state {
        State::Deputy | State::NamedEnded | State::ToSomebodyElse => &other,
        _ => &me,
    };
    if state != State::NoTicket {
        leave(store, now, number, desk_of(to), days_later(2)).await;
    }
    match state {
        State::Expired => now = now.plus(DAY * 3),
        State::Withdrawn => {
            store.withdraw_tickets(now, of, case).await.expect("withdrawn");
        }
        State::Forgotten => {
            store.forget(now, of, case).await.expect("forgotten");
        }
        State::OtherEnded | State::NamedEnded => {
            assert!(store.end_staff(now, &other.handle).await.expect("ended"));
        }
        State::OwnEnded => {
            assert!(store.end_staff(now, &me.handle).await.expect("ended"));
        }
        State::SignedOut => store.end_login(now, &login(n)).await.expect("signed out"),
        State::NoTicket | State::Named | State::Deputy | State::ToSomebodyElse => {}
    }
    if state == State::Expired {
        // Days later they sign in anew.
        store.begin_login(now, me.id, &login(n), &passkey(n)).await.expect("signs in");
    }
    opens(store, now, &me, n).await && is_read(store, now, n).await
}

async fn a_ticket_needs_the_live_contact_that_opened_the_case(store: &dyn Whole) {
    let one = signed_in(store, NOON, 1, StaffRole::Navigator).await;
    let theirs = person(store, NOON, 4).await;
    store.begin_contact(NOON, contact(5), Channel::WebChat).await.expect("it begins");
    let ticket = |case| NewTicket { case, desk: desk_of(&one), until: days_later(1), language: Language::ENGLISH };
    let refused = |done: Result<TicketLeft, StoreFault>| matches!(done, Err(StoreFault::NotAllowed { .. }));
    assert!(refused(store.leave_ticket(NOON, contact(5), ticket(theirs)).await), "another contact");
    assert!(refused(store.leave_ticket(NOON, contact(4), ticket(case(77))).await), "another case");
    store.end_contact(NOON, contact(4), Disposition::Answered).await.expect("it ends");
    assert!(refused(store.leave_ticket(NOON, contact(4), ticket(theirs)).await), "it is over");
    assert!(store.withdraw_tickets(NOON, contact(4), theirs).await.is_err());
    assert!(store.openings(NOON, contact(4), theirs).await.is_err());
    assert!(store.openings(NOON, contact(5), theirs).await.is_err());
    assert_eq!(store.take_ticket(NOON, one.actor()).await.expect("looked"), None);
}

async fn a_number_of_nobody_or_of_somebody_who_opens_no_cases_is_no_desk(store: &dyn Whole) {
    let one = signed_in(store, NOON, 1, StaffRole::Supervisor).await;
    let two = signed_in(store, NOON, 2, StaffRole::Administrator).await;
    let gone = signed_in(store, NOON, 3, StaffRole::Attorney).await;
    assert!(store.end_staff(NOON, &gone.handle).await.expect("ended"));
    person(store, NOON, 4).await;
    let nobody = DeskNumber::new(999).expect("three digits");
    for desk in [desk_of(&one), desk_of(&two), desk_of(&gone), nobody] {
        assert_eq!(leave(store, NOON, 4, desk, days_later(1)).await, TicketLeft::NoSuchDesk);
    }
    let log = store.audit_of_contact(contact(4)).await.expect("read");
    assert!(!log.iter().any(|entry| entry.event == AuditEvent::TicketLeft), "nothing was kept");
}

async fn a_ticket_lasts_a_fortnight_at_the_most_and_through_its_last_day(store: &dyn Whole) {
    let one = signed_in(store, NOON, 1, StaffRole::Navigator).await;
    person(store, NOON, 4).await;
    let until = |left| match left {
        TicketLeft::Left { until, .. } => until,
        TicketLeft::NoSuchDesk => panic!("it is a desk"),
    };
    let fortnight = days_later(u64::from(TICKET_DAYS_MAX));
    assert_eq!(until(leave(store, NOON, 4, desk_of(&one), days_later(90)).await), fortnight);
    let yesterday = NOON.minus(DAY).date_in(&Zone::utc());
    assert_eq!(until(leave(store, NOON, 4, desk_of(&one), yesterday).await), days_later(0));
    assert_eq!(until(leave(store, NOON, 4, desk_of(&one), days_later(2)).await), days_later(2));
    // Noon is twelve hours before the end of its day.
    let last = NOON.plus(DAY * 2 + Duration::from_secs(12 * 3_600)).minus(MINUTE);
    store.begin_login(last, one.id, &login(9), &passkey(1)).await.expect("signs in");
    assert!(store.take_ticket(last, one.actor()).await.expect("looked").is_some());
    let used = store.open_ticket(last, &login(9)).await.expect("opened");
    assert!(matches!(used, TicketUsed::Opened { .. }), "{used:?}");
    assert!(is_read(store, last, 9).await);
    assert!(!is_read(store, last.plus(MINUTE), 9).await, "the day is over, and the case closed");
}

async fn a_deputy_may_use_the_ticket_and_only_one_of_both_does(store: &dyn Whole) {
    let one = signed_in(store, NOON, 1, StaffRole::Navigator).await;
    let two = signed_in(store, NOON, 2, StaffRole::Attorney).await;
    let three = signed_in(store, NOON, 3, StaffRole::Attorney).await;
    let boss = signed_in(store, NOON, 5, StaffRole::Supervisor).await;
    assert!(store.set_deputy(NOON, &one.handle, Some(&one.handle)).await.is_err(), "nobody is their own");
    assert!(store.set_deputy(NOON, &one.handle, Some(&boss.handle)).await.is_err(), "a role that opens no cases");
    assert!(store.set_deputy(NOON, &one.handle, Some(&handle(9))).await.is_err(), "nobody");
    store.set_deputy(NOON, &one.handle, Some(&two.handle)).await.expect("set");
    let kept = store.list_staff(NOON).await.expect("listed");
    assert_eq!(kept.iter().find(|account| account.id == one.id).expect("listed").deputy, Some(two.id));
    person(store, NOON, 4).await;
    let left = leave(store, NOON, 4, desk_of(&one), days_later(1)).await;
    assert_eq!(left, TicketLeft::Left { deputy: two.desk, until: days_later(1) });
    // Another deputy is for tickets that come after; the person heard of this one.
    store.set_deputy(NOON, &one.handle, Some(&three.handle)).await.expect("set");
    assert_eq!(store.take_ticket(at(1), three.actor()).await.expect("looked"), None);
    let taken = store.take_ticket(at(1), two.actor()).await.expect("taken").expect("theirs too");
    assert!(taken.as_deputy);
    assert_eq!(store.take_ticket(at(2), one.actor()).await.expect("looked"), None, "it is in other hands");
    assert!(opens(store, at(3), &two, 2).await);
    assert!(!opens(store, at(4), &one, 1).await, "it was used");
    store.set_deputy(NOON, &one.handle, None).await.expect("taken away");
    person(store, NOON, 6).await;
    let left = leave(store, NOON, 6, desk_of(&one), days_later(1)).await;
    assert_eq!(left, TicketLeft::Left { deputy: None, until: days_later(1) });
}

async fn whatever_ends_it_the_case_is_closed_at_the_next_request(store: &dyn Whole) {
    for n in 1_u8..=6 {
        let one = signed_in(store, NOON, n, StaffRole::Attorney).await;
        let number = 40 + u64::from(n);
        let case = person(store, NOON, number).await;
        let of = contact(u128::from(number));
        leave(store, NOON, number, desk_of(&one), days_later(1)).await;
        assert!(opens(store, at(1), &one, n).await && is_read(store, at(1), n).await);
        let then = at(2);
        match n {
            1 => store.close_case(then, &login(n)).await.expect("closed"),
            2 => store.end_login(then, &login(n)).await.expect("signed out"),
            3 => assert!(store.end_staff(then, &one.handle).await.expect("ended")),
            4 => assert_eq!(store.withdraw_tickets(then, of, case).await.expect("withdrawn"), 1),
            5 => {
                store.forget(then, of, case).await.expect("forgotten");
            }
            _ => {
                // Another login of the same account is not the one that opened it.
                store.begin_login(then, one.id, &login(99), &passkey(n)).await.expect("signs in");
                assert!(!is_read(store, then, 99).await);
                continue;
            }
        }
        assert!(!is_read(store, then, n).await, "{n}");
        assert_eq!(store.is_case_open(then, &login(n)).await.expect("looked"), None, "{n}");
    }
}

async fn a_case_that_nobody_closes_is_closed_after_fifteen_minutes(store: &dyn Whole) {
    let one = signed_in(store, NOON, 1, StaffRole::Navigator).await;
    person(store, NOON, 4).await;
    leave(store, NOON, 4, desk_of(&one), days_later(1)).await;
    assert!(opens(store, NOON, &one, 1).await);
    let mut now = NOON;
    while now.since(NOON) + MINUTE < CASE_OPEN_MAX {
        now = now.plus(MINUTE);
        assert!(store.login(now, &login(1)).await.expect("read").is_some());
        assert!(is_read(store, now, 1).await, "looking does not lengthen it");
    }
    assert!(!is_read(store, NOON.plus(CASE_OPEN_MAX), 1).await);
    // A login that was not used for so long takes the case with it.
    person(store, NOON, 5).await;
    leave(store, NOON, 5, desk_of(&one), days_later(1)).await;
    let later = now.plus(LOGIN_IDLE_MAX);
    assert_eq!(store.login(later, &login(1)).await.expect("read"), None);
    assert!(!opens(store, later, &one, 1).await);
    store.purge(later).await.expect("purged");
}

async fn opening_needs_a_passkey_that_was_shown_within_five_minutes(store: &dyn Whole) {
    let one = signed_in(store, NOON, 1, StaffRole::Navigator).await;
    person(store, NOON, 4).await;
    leave(store, NOON, 4, desk_of(&one), days_later(1)).await;
    let late = NOON.plus(PROOF_LASTS + MINUTE);
    assert!(store.take_ticket(late, one.actor()).await.expect("taken").is_some());
    assert_eq!(store.open_ticket(late, &login(1)).await.expect("asked"), TicketUsed::NeedsProof);
    assert!(!is_read(store, late, 1).await);
    store.prove_login(late, &login(1), &passkey(1)).await.expect("shown").expect("it runs");
    let used = store.open_ticket(late, &login(1)).await.expect("opened");
    assert!(matches!(used, TicketUsed::Opened { .. }), "the ticket was still there: {used:?}");
    assert_eq!(store.open_ticket(late, &Secret::from_random(7)).await.expect("asked"), TicketUsed::NoTicket);
}

async fn one_case_is_open_at_a_desk_and_one_ticket_in_its_hands(store: &dyn Whole) {
    let one = signed_in(store, NOON, 1, StaffRole::Navigator).await;
    for n in [4, 5] {
        person(store, NOON, n).await;
        leave(store, NOON, n, desk_of(&one), days_later(u64::from(n == 5))).await;
    }
    let first = store.take_ticket(NOON, one.actor()).await.expect("taken");
    assert_eq!(store.take_ticket(at(1), one.actor()).await.expect("taken"), first, "the one that one has");
    assert!(opens(store, at(2), &one, 1).await);
    assert!(opens(store, at(3), &one, 1).await, "the second one");
    let read = store.read_opened(at(4), &login(1), ALL).await.expect("read").expect("it is open");
    assert_eq!(read.assertions, own_file(5, None).assertions);
    store.close_case(at(5), &login(1)).await.expect("closed");
    assert!(!is_read(store, at(5), 1).await, "the first one was closed when the second opened");
}

async fn a_ticket_that_is_given_back_waits_behind_the_others(store: &dyn Whole) {
    let one = signed_in(store, NOON, 1, StaffRole::Navigator).await;
    for n in [4, 5] {
        person(store, NOON, n).await;
        leave(store, NOON, n, desk_of(&one), days_later(n)).await;
    }
    let next = async |now| store.take_ticket(now, one.actor()).await.expect("taken").expect("one waits").until;
    assert_eq!(next(NOON).await, days_later(4), "the one that waits longest");
    store.give_ticket_back(at(1), one.actor()).await.expect("given back");
    assert_eq!(store.taken_ticket(at(1), one.actor()).await.expect("looked"), None);
    assert_eq!(next(at(2)).await, days_later(5));
    store.give_ticket_back(at(3), one.actor()).await.expect("given back");
    assert_eq!(next(at(4)).await, days_later(4));
    // Nobody gave it back: after fifteen minutes it waits again, where it was.
    let later = at(4).plus(TICKET_HELD_MAX);
    assert_eq!(store.taken_ticket(later, one.actor()).await.expect("looked"), None);
    assert!(!matches!(store.open_ticket(at(5), &login(2)).await, Ok(TicketUsed::Opened { .. })));
}

async fn an_account_opens_sixty_cases_a_day_and_no_more(store: &dyn Whole) {
    let one = signed_in(store, NOON, 1, StaffRole::Navigator).await;
    let mut now = NOON;
    for n in 0..u64::from(OPENINGS_A_DAY_MAX) + 1 {
        now = now.plus(Duration::from_secs(1));
        person(store, now, 100 + n).await;
        leave(store, now, 100 + n, desk_of(&one), days_later(3)).await;
        let is_open = opens(store, now, &one, 1).await;
        assert_eq!(is_open, n < u64::from(OPENINGS_A_DAY_MAX), "{n}");
    }
    assert_eq!(store.open_ticket(now, &login(1)).await.expect("asked"), TicketUsed::DayIsFull);
    let next_day = NOON.plus(DAY);
    store.begin_login(next_day, one.id, &login(3), &passkey(1)).await.expect("signs in");
    assert!(opens(store, next_day, &one, 3).await, "the ticket was not lost");
}

async fn a_case_has_only_so_many_tickets_and_the_same_desk_has_one(store: &dyn Whole) {
    let theirs = person(store, NOON, 4).await;
    let most = u8::try_from(TICKETS_OF_CASE_MAX).expect("few");
    for n in 1..=most {
        let one = signed_in(store, NOON, n, StaffRole::Navigator).await;
        for _ in 0..2 {
            leave(store, NOON, 4, desk_of(&one), days_later(1)).await;
        }
    }
    let more = signed_in(store, NOON, most + 1, StaffRole::Navigator).await;
    let ticket = NewTicket { case: theirs, desk: desk_of(&more), until: days_later(1), language: Language::ENGLISH };
    assert!(matches!(store.leave_ticket(NOON, contact(4), ticket).await, Err(StoreFault::NotAllowed { .. })));
    assert_eq!(store.withdraw_tickets(NOON, contact(4), theirs).await.expect("withdrawn"), TICKETS_OF_CASE_MAX);
    assert_eq!(store.withdraw_tickets(NOON, contact(4), theirs).await.expect("withdrawn"), 0);
    store.purge(NOON).await.expect("purged");
}

async fn the_person_hears_on_which_days_and_by_which_role_their_case_was_opened(store: &dyn Whole) {
    let navigator = signed_in(store, NOON, 1, StaffRole::Navigator).await;
    let attorney = signed_in(store, NOON, 2, StaffRole::Attorney).await;
    person(store, NOON, 4).await;
    person(store, NOON, 5).await;
    for (account, n) in [(&navigator, 1), (&attorney, 2), (&attorney, 2)] {
        leave(store, NOON, 4, desk_of(account), days_later(1)).await;
        assert!(opens(store, NOON, account, n).await);
        assert!(is_read(store, NOON, n).await && is_read(store, NOON, n).await);
        store.close_case(NOON, &login(n)).await.expect("closed");
    }
    let today = days_later(0);
    let told = store.openings(NOON, contact(4), case(4)).await.expect("told");
    let row = |on, by| Opening { on, by };
    let staff = |role| row(today, OpenedBy::Staff(role));
    assert_eq!(told, [staff(StaffRole::Attorney), staff(StaffRole::Navigator), row(today, OpenedBy::Line)]);
    // Later the person comes back; their own contact is a row too, and the newest comes first.
    let later = NOON.plus(DAY * 3);
    store.end_contact(NOON, contact(4), Disposition::Answered).await.expect("it ends");
    let back = trying(44, None);
    store.begin_contact(later, back.contact, Channel::WebChat).await.expect("it begins");
    let opened = store.check_file(later, &back, &receipt(4), None).await.expect("tried");
    assert_eq!(opened, Checked::Opened(case(4)));
    let told = store.openings(later, back.contact, case(4)).await.expect("told");
    assert_eq!(told.first(), Some(&row(days_later(3), OpenedBy::Line)));
    assert_eq!(told.len(), 4);
    let others = store.openings(NOON, contact(5), case(5)).await.expect("told");
    assert_eq!(others, [row(today, OpenedBy::Line)], "nobody hears of another case");
}

async fn a_report_is_moved_by_whoever_has_its_task_and_its_owner_hears_it(store: &dyn Whole) {
    let attorney = signed_in(store, NOON, 1, StaffRole::Attorney).await;
    let navigator = signed_in(store, NOON, 2, StaffRole::Navigator).await;
    let theirs = person(store, NOON, 4).await;
    store.take_report(NOON, contact(4), report(4, Some(theirs))).await.expect("kept");
    let lease = TICKET_HELD_MAX;
    let task = store.claim_task(at(1), &[TaskKind::Report], lease).await.expect("claimed").expect("it waits");
    let moved =
        async |now, by: Actor, fencing, state| store.move_report_of_task(now, by, task.id, fencing, state).await;
    let state = async |now| {
        let looked = store.report_state(now, &trying(4, None), &report_code(4)).await.expect("looked");
        match looked {
            ReportLooked::State { state, since, .. } => (state, since),
            other => panic!("{other:?}"),
        }
    };
    assert!(moved(at(2), navigator.actor(), task.fencing, ReportState::Answered).await.is_err(), "not this role");
    let other = moved(at(2), attorney.actor(), task.fencing + 1, ReportState::Answered).await.expect("asked");
    assert_eq!((other, state(at(2)).await.0), (LeaseState::Lost, ReportState::Taken));
    let held = moved(at(3), attorney.actor(), task.fencing, ReportState::InHand).await.expect("moved");
    assert_eq!((held, state(at(4)).await), (LeaseState::Held, (ReportState::InHand, at(3))));
    let late = moved(at(1).plus(lease), attorney.actor(), task.fencing, ReportState::Closed).await.expect("asked");
    assert_eq!(late, LeaseState::Lost, "the lease ran out");
    assert!(store.end_staff(at(5), &attorney.handle).await.expect("ended"));
    assert!(moved(at(6), attorney.actor(), task.fencing, ReportState::Corrected).await.is_err(), "ended");
    assert_eq!(state(at(7)).await.0, ReportState::InHand);
}
