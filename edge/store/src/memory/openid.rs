//! Accounts that an identity provider opens, in the model.
//! The same rules as `sqlite/staff/openid.rs`.

use super::{Done, MemoryStore};
use async_trait::async_trait;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::logins::SignInWay;
use caseline_helpline::openid::{OpenidDesk, OpenidSubject};
use caseline_helpline::staff::{LoginSession, Secret, StaffAccount, StaffDeed};
use caseline_model::Time;

#[async_trait]
impl OpenidDesk for MemoryStore {
    async fn join_staff_openid(
        &self,
        now: Time,
        secret: &Secret,
        subject: &OpenidSubject,
    ) -> Done<Option<StaffAccount>> {
        let doing = "joining by a provider";
        let mut model = self.writing(doing)?;
        let Some(account) = model.desk.invited(now, secret) else { return Ok(None) };
        if model.desk.subjects.get(subject).is_some_and(|other| *other != account.id) {
            return Err(StoreFault::NotAllowed { doing, why: crate::WHY_STAFF_MANY });
        }
        model.desk.drop_invites(account.id);
        model.desk.subjects.retain(|_, of| *of != account.id);
        model.desk.subjects.insert(subject.clone(), account.id);
        model.log_staff(now, StaffDeed::Joined, Some(account.actor()));
        Ok(Some(StaffAccount { has_joined: true, ..account }))
    }

    async fn begin_login_openid(
        &self,
        now: Time,
        subject: &OpenidSubject,
        secret: &Secret,
        proved_at: Option<Time>,
    ) -> Done<Option<LoginSession>> {
        let mut model = self.writing("signing in by a provider")?;
        model.desk.delete_due(now);
        let account = model.desk.subjects.get(subject).copied();
        let Some(account) = account.and_then(|id| model.desk.running(now, id)) else { return Ok(None) };
        let proved_at = proved_at.map_or(Time::from_micros(0), |at| at.min(now));
        model.make_room_for_login(now, account.actor());
        let login = LoginSession { account, began_at: now, proved_at };
        model.desk.keep_login(secret, &login, SignInWay::Provider);
        model.log_staff(now, StaffDeed::SignedIn, Some(login.account.actor()));
        Ok(Some(login))
    }

    async fn prove_login_openid(
        &self,
        now: Time,
        secret: &Secret,
        subject: &OpenidSubject,
    ) -> Done<Option<LoginSession>> {
        let mut model = self.writing("showing oneself to a provider again")?;
        let Some(login) = model.desk.login(now, secret) else { return Ok(None) };
        if model.desk.subjects.get(subject) != Some(&login.account.id) {
            return Ok(None);
        }
        model.desk.prove(now, secret);
        model.log_staff(now, StaffDeed::ProvedAgain, Some(login.account.actor()));
        Ok(Some(LoginSession { proved_at: now, ..login }))
    }
}
