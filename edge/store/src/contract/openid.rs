//! Checks on accounts that an identity provider opens: by an invitation, by issuer and subject together, one account for
//! one person, and nothing after its end.
//! What a provider's token must say is checked by the pages.

use super::staff::{StaffCheck, Whole, invite, joined, passkey};
use super::values::{NOON, at};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::openid::OpenidSubject;
use caseline_helpline::policy::StaffRole;
use caseline_helpline::staff::{INVITE_LASTS, NewInvite, Secret};
use std::time::Duration;

macro_rules! openid_checks {
    ($($name:ident),+ $(,)?) => {
        /// All checks of accounts by a provider.
        pub const OPENID_CHECKS: &[StaffCheck] = &[$((stringify!($name), |store| Box::pin($name(store)))),+];
    };
}

openid_checks! {
    whom_a_provider_names_joins_by_an_invitation_once,
    the_same_subject_of_another_issuer_opens_nothing,
    one_person_of_a_provider_has_one_account,
    a_provider_proves_no_other_login_and_no_future,
}

const HOUR: Duration = Duration::from_secs(3_600);

fn of(issuer: &str, subject: &str) -> OpenidSubject {
    OpenidSubject { issuer: issuer.into(), subject: subject.into() }
}

fn person(subject: &str) -> OpenidSubject {
    of("https://id.example.org", subject)
}

async fn joined_by(store: &dyn Whole, n: u128, name: &str, subject: &OpenidSubject) -> NewInvite {
    let invite = invite(n, name, StaffRole::Navigator);
    store.invite_staff(NOON, &invite).await.expect("invited");
    store.join_staff_openid(NOON, &invite.secret, subject).await.expect("joins").expect("good");
    invite
}

async fn whom_a_provider_names_joins_by_an_invitation_once(store: &dyn Whole) {
    let (one, late) = (invite(1, "desk-1", StaffRole::Navigator), invite(2, "desk-2", StaffRole::Navigator));
    for invite in [&one, &late] {
        store.invite_staff(NOON, invite).await.expect("invited");
    }
    let nobody = store.join_staff_openid(NOON, &Secret::from_random(5), &person("1")).await.expect("read");
    assert!(nobody.is_none(), "nobody joins without an invitation");
    assert!(store.begin_login_openid(NOON, &person("1"), &Secret::from_random(6), None).await.expect("read").is_none());
    let account = store.join_staff_openid(at(1), &one.secret, &person("1")).await.expect("joins").expect("good");
    assert!(account.has_joined && account.id == one.account);
    assert!(store.join_staff_openid(at(2), &one.secret, &person("2")).await.expect("read").is_none(), "once");
    let over = store.join_staff_openid(NOON.plus(INVITE_LASTS), &late.secret, &person("2")).await.expect("read");
    assert!(over.is_none(), "within fifteen minutes");
    let secret = Secret::from_random(7);
    let login = store.begin_login_openid(at(3), &person("1"), &secret, Some(at(3))).await.expect("signs in");
    assert_eq!(login.expect("their own account").account.id, one.account);
    assert!(store.login(at(4), &secret).await.expect("read").is_some());
}

async fn the_same_subject_of_another_issuer_opens_nothing(store: &dyn Whole) {
    joined_by(store, 1, "desk-1", &of("https://id.example.org", "23")).await;
    let secret = Secret::from_random(7);
    for stranger in [
        of("https://elsewhere.example", "23"),
        of("https://id.example.org/", "23"),
        of("https://id.example.org2", "3"),
        of("https://id.example.org", "2"),
        of("https://id.example.org", "23 "),
        of("", "https://id.example.org23"),
    ] {
        let login = store.begin_login_openid(NOON, &stranger, &secret, Some(NOON)).await.expect("read");
        assert!(login.is_none() && store.login(NOON, &secret).await.expect("read").is_none());
    }
    // Two providers that number their people alike: two people, two accounts.
    let other = joined_by(store, 2, "desk-2", &of("https://elsewhere.example", "23")).await;
    let login =
        store.begin_login_openid(NOON, &of("https://elsewhere.example", "23"), &secret, None).await.expect("read");
    assert_eq!(login.expect("their own").account.id, other.account);
}

async fn one_person_of_a_provider_has_one_account(store: &dyn Whole) {
    let one = joined_by(store, 1, "desk-1", &person("1")).await;
    let two = invite(2, "desk-2", StaffRole::Navigator);
    store.invite_staff(NOON, &two).await.expect("invited");
    let refused = store.join_staff_openid(NOON, &two.secret, &person("1")).await;
    assert!(matches!(refused, Err(StoreFault::NotAllowed { .. })), "nobody confirms their own cards");
    // Whoever is named anew takes the place of whom it named before.
    let again = NewInvite { secret: Secret::from_random(0xface), ..one.clone() };
    store.invite_staff(NOON, &again).await.expect("invited again");
    store.join_staff_openid(NOON, &again.secret, &person("3")).await.expect("joins").expect("good");
    let secret = Secret::from_random(7);
    assert!(store.begin_login_openid(NOON, &person("1"), &secret, None).await.expect("read").is_none());
    assert!(store.begin_login_openid(NOON, &person("3"), &secret, None).await.expect("read").is_some());
    assert!(store.end_staff(NOON, &one.handle).await.expect("ended"));
    assert!(store.login(NOON, &secret).await.expect("read").is_none(), "at once");
    assert!(store.begin_login_openid(NOON, &person("3"), &secret, None).await.expect("read").is_none());
}

async fn a_provider_proves_no_other_login_and_no_future(store: &dyn Whole) {
    joined_by(store, 1, "desk-1", &person("1")).await;
    let other = joined(store, 2, "desk-2", StaffRole::Navigator).await;
    let (own, colleague, later) = (Secret::from_random(7), Secret::from_random(8), NOON.plus(Duration::from_secs(600)));
    let begun = store.begin_login_openid(NOON, &person("1"), &own, Some(NOON.minus(HOUR))).await.expect("signs in");
    assert!(!begun.expect("known").is_fresh(NOON), "who signed in there an hour ago has proved nothing now");
    store.begin_login(NOON, other.id, &colleague, &passkey(2)).await.expect("signs in");
    assert!(store.prove_login_openid(later, &colleague, &person("1")).await.expect("read").is_none(), "not theirs");
    assert!(store.prove_login_openid(later, &own, &person("2")).await.expect("read").is_none(), "another person");
    assert!(!store.login(later, &own).await.expect("read").expect("it runs").is_fresh(later));
    let proved = store.prove_login_openid(later, &own, &person("1")).await.expect("asked anew").expect("their own");
    assert!(proved.is_fresh(later) && proved.began_at == NOON, "a proof lengthens no shift");
    let ahead = Secret::from_random(9);
    let begun = store.begin_login_openid(later, &person("1"), &ahead, Some(later.plus(HOUR))).await.expect("signs in");
    assert_eq!(begun.expect("known").proved_at, later, "a provider's clock proves nothing in the future");
    let unsaid = store.begin_login_openid(later, &person("1"), &Secret::from_random(10), None).await.expect("signs in");
    assert!(!unsaid.expect("known").is_fresh(later));
}
