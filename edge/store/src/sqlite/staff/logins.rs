//! A person's own logins in SQLite: the list of them, their ends, and the end of the oldest where one too many begins.
//! Beginning a login is left to `staff` and `openid`.

use super::{DROP_LOGIN, staff_mark};
use crate::sqlite::write::Write;
use crate::sqlite::{Done, SqliteStore, database_fault, going_on};
use crate::vault::Vault;
use async_trait::async_trait;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::logins::{LOGINS_MAX, LoginDesk, OwnLogin, SignInWay};
use caseline_helpline::staff::{Secret, StaffAccount, StaffDeed};
use caseline_model::Time;
use sqlx::SqliteConnection;

const LOGINS: &str = "SELECT mark, began_at, used_at, way FROM staff_logins WHERE account = ?1 AND goes_at > ?2 \
     ORDER BY began_at DESC, mark";

/// A login with the mark of its cookie.
type Marked = (Vec<u8>, OwnLogin);

#[async_trait]
impl LoginDesk for SqliteStore {
    async fn own_logins(&self, now: Time, secret: &Secret) -> Done<Vec<OwnLogin>> {
        let doing = "reading one's own logins";
        let mark = staff_mark(&self.vault, "login", secret.bytes(), doing)?;
        let mut conn = self.reader(doing).await?;
        let reading = super::Reading { conn: &mut conn, doing }.login_of(now, &mark).await?;
        let Some((login, _)) = reading else { return Ok(Vec::new()) };
        let found = logins_of(&mut conn, now, &login.account, doing).await?;
        Ok(found.into_iter().map(|(of, login)| OwnLogin { is_this: of == mark, ..login }).collect())
    }

    async fn end_own_logins(&self, now: Time, secret: &Secret, began_at: Option<Time>) -> Done<usize> {
        going_on!(self, self.end_own_logins_once(now, secret, began_at))
    }
}

impl SqliteStore {
    async fn end_own_logins_once(&self, now: Time, secret: &Secret, began_at: Option<Time>) -> Done<usize> {
        let doing = "ending one's own logins";
        let mark = staff_mark(&self.vault, "login", secret.bytes(), doing)?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let Some(login) = write.login(now, &mark).await? else { return Ok(0) };
        let others = logins_of(write.conn(), now, &login.account, doing).await?;
        let is_meant = |(of, login): &Marked| *of != mark && began_at.is_none_or(|began| began == login.began_at);
        let ended: Vec<Marked> = others.into_iter().filter(is_meant).collect();
        if ended.is_empty() {
            return Ok(0);
        }
        write.close_case_of(login.account.id).await?;
        for (of, _) in &ended {
            write.end_other_login(&self.vault, now, &login.account, of).await?;
        }
        self.commit(write, now).await?;
        Ok(ended.len())
    }
}

impl Write<'_> {
    /// Before one more login of an account begins: what is too many ends, the oldest first.
    pub(super) async fn make_room_for_login(&mut self, vault: &Vault, now: Time, account: &StaffAccount) -> Done<()> {
        let doing = self.doing;
        let running = logins_of(self.conn(), now, account, doing).await?;
        for (of, _) in running.iter().skip(LOGINS_MAX - 1) {
            self.end_other_login(vault, now, account, of).await?;
        }
        Ok(())
    }

    async fn end_other_login(&mut self, vault: &Vault, now: Time, account: &StaffAccount, mark: &[u8]) -> Done<()> {
        let fault = self.fault();
        sqlx::query(DROP_LOGIN).bind(mark.to_vec()).execute(self.conn()).await.map_err(&fault)?;
        self.log_staff(vault, now, StaffDeed::OtherLoginEnded, Some(account.actor())).await
    }
}

async fn logins_of(
    conn: &mut SqliteConnection,
    now: Time,
    account: &StaffAccount,
    doing: &'static str,
) -> Done<Vec<Marked>> {
    let rows: Vec<(Vec<u8>, i64, i64, String)> = sqlx::query_as(LOGINS)
        .bind(account.id.to_bytes().to_vec())
        .bind(now.micros())
        .fetch_all(conn)
        .await
        .map_err(database_fault(doing))?;
    let read = |(mark, began_at, used_at, way): (Vec<u8>, i64, i64, String)| {
        let way: SignInWay = way.parse().map_err(|_| StoreFault::Sealed { doing })?;
        let (began_at, used_at) = (Time::from_micros(began_at), Time::from_micros(used_at));
        Ok((mark, OwnLogin { began_at, used_at, way, is_this: false }))
    };
    rows.into_iter().map(read).collect()
}
