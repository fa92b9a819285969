//! Checks on a person's own logins: which they see, which they may end, and what one too many does.
//! When a login ends by itself is checked by `staff`.

use super::staff::{StaffCheck, Whole, joined, passkey};
use super::values::{NOON, at};
use caseline_helpline::logins::{LOGINS_MAX, OwnLogin, SignInWay};
use caseline_helpline::openid::OpenidSubject;
use caseline_helpline::policy::StaffRole;
use caseline_helpline::staff::{AccountId, LOGIN_IDLE_MAX, NewInvite, Secret};
use caseline_model::Time;
use std::time::Duration;

macro_rules! login_checks {
    ($($name:ident),+ $(,)?) => {
        /// All checks of a person's own logins.
        pub const LOGIN_CHECKS: &[StaffCheck] = &[$((stringify!($name), |store| Box::pin($name(store)))),+];
    };
}

login_checks! {
    a_person_sees_their_own_logins_and_nobody_else_s,
    a_person_ends_one_of_their_logins_or_all_others,
    one_login_too_many_ends_the_one_that_began_first,
}

const MINUTE: Duration = Duration::from_secs(60);

fn cookie(n: u128) -> Secret {
    Secret::from_random(0xc00c_1e00 + n)
}

async fn begins(store: &dyn Whole, now: Time, account: AccountId, n: u128, of: u8) {
    store.begin_login(now, account, &cookie(n), &passkey(of)).await.expect("signs in");
}

/// When the logins began, in minutes after noon, and whether each is the one that asks.
async fn seen(store: &dyn Whole, now: Time, n: u128) -> Vec<(u64, bool)> {
    let found = store.own_logins(now, &cookie(n)).await.expect("read");
    found.iter().map(|login| (login.began_at.since(NOON).as_secs() / 60, login.is_this)).collect()
}

async fn a_person_sees_their_own_logins_and_nobody_else_s(store: &dyn Whole) {
    let one = joined(store, 1, "desk-1", StaffRole::Navigator).await;
    let two = joined(store, 2, "desk-2", StaffRole::Navigator).await;
    let again = NewInvite {
        account: AccountId::from_random(9),
        handle: one.handle.clone(),
        role: one.role,
        ends_at: None,
        secret: Secret::from_random(0xbeef),
    };
    let subject = OpenidSubject { issuer: "https://id.example.org".into(), subject: "1".into() };
    store.invite_staff(NOON, &again).await.expect("invited");
    store.join_staff_openid(NOON, &again.secret, &subject).await.expect("joins").expect("good");
    begins(store, NOON, one.id, 1, 1).await;
    begins(store, NOON, two.id, 2, 2).await;
    let later = NOON.plus(MINUTE * 5);
    store.begin_login_openid(later, &subject, &cookie(3), Some(later)).await.expect("signs in").expect("known");
    let used = NOON.plus(MINUTE * 8);
    store.login(used, &cookie(1)).await.expect("read").expect("it runs");
    let found = store.own_logins(used, &cookie(3)).await.expect("read");
    let expected = [
        OwnLogin { began_at: later, used_at: later, way: SignInWay::Provider, is_this: true },
        OwnLogin { began_at: NOON, used_at: used, way: SignInWay::Passkey, is_this: false },
    ];
    assert_eq!(found, expected, "their own two, the newest first");
    assert_eq!(store.own_logins(used, &cookie(99)).await.expect("read"), [], "nobody's cookie");
    // What has ended is not listed, and lists nothing.
    let idle = later.plus(LOGIN_IDLE_MAX);
    assert_eq!(store.own_logins(idle, &cookie(3)).await.expect("read"), []);
    assert_eq!(seen(store, idle, 1).await, [(0, true)]);
}

async fn a_person_ends_one_of_their_logins_or_all_others(store: &dyn Whole) {
    let one = joined(store, 1, "desk-1", StaffRole::Navigator).await;
    let two = joined(store, 2, "desk-2", StaffRole::Navigator).await;
    for n in 0..4 {
        begins(store, NOON.plus(MINUTE * (n as u32)), one.id, n, 1).await;
    }
    begins(store, NOON, two.id, 7, 2).await;
    let now = NOON.plus(MINUTE * 4);
    assert_eq!(seen(store, now, 3).await, [(3, true), (2, false), (1, false), (0, false)]);
    let ended = async |by: u128, began_at| store.end_own_logins(now, &cookie(by), began_at).await.expect("ended");
    assert_eq!(ended(3, Some(NOON.plus(MINUTE))).await, 1);
    assert_eq!(ended(3, Some(NOON.plus(MINUTE))).await, 0, "once");
    assert_eq!(store.login(now, &cookie(1)).await.expect("read"), None, "at once");
    assert_eq!(ended(3, Some(at(7))).await, 0, "there is none that began then");
    assert_eq!(ended(3, Some(NOON.plus(MINUTE * 3))).await, 0, "one's own ends by signing out");
    assert_eq!(ended(1, None).await, 0, "what has ended ends nothing");
    assert_eq!(ended(99, None).await, 0, "nobody's cookie ends nothing");
    assert_eq!(ended(3, None).await, 2);
    assert_eq!(seen(store, now, 3).await, [(3, true)]);
    assert_eq!(seen(store, now, 7).await, [(0, true)], "a colleague's login that began at the same moment stays");
}

async fn one_login_too_many_ends_the_one_that_began_first(store: &dyn Whole) {
    let one = joined(store, 1, "desk-1", StaffRole::Navigator).await;
    for n in 0..LOGINS_MAX + 2 {
        begins(store, NOON.plus(MINUTE * (n as u32)), one.id, n as u128, 1).await;
    }
    let now = NOON.plus(MINUTE * 8);
    let found = seen(store, now, LOGINS_MAX as u128 + 1).await;
    assert_eq!(found.iter().map(|(began, _)| *began).collect::<Vec<_>>(), [6, 5, 4, 3, 2]);
    for gone in [0, 1] {
        assert_eq!(store.login(now, &cookie(gone)).await.expect("read"), None);
    }
}
