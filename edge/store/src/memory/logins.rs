//! A person's own logins, in the model.
//! The same rules as `sqlite/staff/logins.rs`.

use super::{Done, MemoryStore, Model};
use async_trait::async_trait;
use caseline_helpline::logins::{LOGINS_MAX, LoginDesk, OwnLogin};
use caseline_helpline::staff::{AccountId, Actor, Secret, StaffDeed};
use caseline_model::Time;

#[async_trait]
impl LoginDesk for MemoryStore {
    async fn own_logins(&self, now: Time, secret: &Secret) -> Done<Vec<OwnLogin>> {
        let model = self.model();
        let Some(login) = model.desk.login(now, secret) else { return Ok(Vec::new()) };
        let found = model.logins_of(now, login.account.id).into_iter();
        Ok(found.map(|(of, login)| OwnLogin { is_this: of == *secret.bytes(), ..login }).collect())
    }

    async fn end_own_logins(&self, now: Time, secret: &Secret, began_at: Option<Time>) -> Done<usize> {
        let mut model = self.writing("ending one's own logins")?;
        let Some(login) = model.desk.login(now, secret) else { return Ok(0) };
        let mut ended = model.logins_of(now, login.account.id);
        ended.retain(|(of, login)| of != secret.bytes() && began_at.is_none_or(|began| began == login.began_at));
        if !ended.is_empty() {
            model.tickets.close_of(login.account.id);
        }
        for (of, _) in &ended {
            model.end_other_login(now, login.account.actor(), of);
        }
        Ok(ended.len())
    }
}

impl Model {
    /// Before one more login of an account begins: what is too many ends, the oldest first.
    pub(super) fn make_room_for_login(&mut self, now: Time, by: Actor) {
        for (of, _) in self.logins_of(now, by.account).into_iter().skip(LOGINS_MAX - 1) {
            self.end_other_login(now, by, &of);
        }
    }

    fn end_other_login(&mut self, now: Time, by: Actor, of: &[u8; 16]) {
        self.desk.logins.remove(of);
        self.log_staff(now, StaffDeed::OtherLoginEnded, Some(by));
    }

    /// The newest first.
    fn logins_of(&self, now: Time, account: AccountId) -> Vec<([u8; 16], OwnLogin)> {
        let of_account = self.desk.logins.iter().filter(|(_, login)| login.account == account && login.goes_at > now);
        let mut found: Vec<([u8; 16], OwnLogin)> = of_account
            .map(|(of, login)| {
                let (began_at, used_at, way) = (login.began_at, login.used_at, login.way);
                (*of, OwnLogin { began_at, used_at, way, is_this: false })
            })
            .collect();
        found.sort_by_key(|(_, login)| std::cmp::Reverse(login.began_at));
        found
    }
}
