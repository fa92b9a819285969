//! Accounts that an identity provider opens: by a mark of whom it names, on an invitation like a passkey.
//! What the provider says is checked by the pages.

use super::{BEGIN, DROP_INVITES, DROP_SUBJECTS, PROVED, goes_at, staff_mark};
use crate::sqlite::{Done, SqliteStore};
use async_trait::async_trait;
use caseline_helpline::logins::SignInWay;
use caseline_helpline::openid::{OpenidDesk, OpenidSubject};
use caseline_helpline::staff::{AccountId, LoginSession, Secret, StaffAccount, StaffDeed};
use caseline_model::Time;

const ACCOUNT_OF: &str = "SELECT account FROM staff_subjects WHERE mark = ?1";
const KEEP: &str = "INSERT INTO staff_subjects (mark, account) VALUES (?1, ?2)";

#[async_trait]
impl OpenidDesk for SqliteStore {
    async fn join_staff_openid(
        &self,
        now: Time,
        secret: &Secret,
        subject: &OpenidSubject,
    ) -> Done<Option<StaffAccount>> {
        let doing = "joining by a provider";
        let mark = staff_mark(&self.vault, "invite", secret.bytes(), doing)?;
        let of_subject = staff_mark(&self.vault, "openid", &subject.bytes(), doing)?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let Some(account) = write.staff().invited(now, &mark).await? else { return Ok(None) };
        if write.account_of_subject(&of_subject).await?.is_some_and(|other| other != account.id) {
            return write.not_allowed(crate::WHY_STAFF_MANY);
        }
        write.drop_of(DROP_INVITES, account.id).await?;
        write.drop_of(DROP_SUBJECTS, account.id).await?;
        let fault = write.fault();
        sqlx::query(KEEP)
            .bind(of_subject)
            .bind(account.id.to_bytes().to_vec())
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        write.log_staff(&self.vault, now, StaffDeed::Joined, Some(account.actor())).await?;
        self.commit(write, now).await?;
        Ok(Some(StaffAccount { has_joined: true, ..account }))
    }

    async fn begin_login_openid(
        &self,
        now: Time,
        subject: &OpenidSubject,
        secret: &Secret,
        proved_at: Option<Time>,
    ) -> Done<Option<LoginSession>> {
        let doing = "signing in by a provider";
        let mark = staff_mark(&self.vault, "login", secret.bytes(), doing)?;
        let of_subject = staff_mark(&self.vault, "openid", &subject.bytes(), doing)?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        write.delete_due_of_staff(now).await?;
        let Some(account) = write.account_of_subject(&of_subject).await? else { return Ok(None) };
        let Some(account) = write.staff().running(now, account).await? else { return Ok(None) };
        let proved_at = proved_at.map_or(Time::from_micros(0), |at| at.min(now));
        write.make_room_for_login(&self.vault, now, &account).await?;
        let login = LoginSession { account, began_at: now, proved_at };
        let fault = write.fault();
        sqlx::query(BEGIN)
            .bind(mark.clone())
            .bind(login.account.id.to_bytes().to_vec())
            .bind(now.micros())
            .bind(goes_at(&login, now).micros())
            .bind(SignInWay::Provider.as_str())
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        sqlx::query(PROVED).bind(mark).bind(proved_at.micros()).execute(write.conn()).await.map_err(&fault)?;
        write.log_staff(&self.vault, now, StaffDeed::SignedIn, Some(login.account.actor())).await?;
        self.commit(write, now).await?;
        Ok(Some(login))
    }

    async fn prove_login_openid(
        &self,
        now: Time,
        secret: &Secret,
        subject: &OpenidSubject,
    ) -> Done<Option<LoginSession>> {
        let doing = "showing oneself to a provider again";
        let mark = staff_mark(&self.vault, "login", secret.bytes(), doing)?;
        let of_subject = staff_mark(&self.vault, "openid", &subject.bytes(), doing)?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let Some((login, _)) = write.staff().login_of(now, &mark).await? else { return Ok(None) };
        if write.account_of_subject(&of_subject).await? != Some(login.account.id) {
            return Ok(None);
        }
        let fault = write.fault();
        sqlx::query(PROVED).bind(mark).bind(now.micros()).execute(write.conn()).await.map_err(&fault)?;
        write.log_staff(&self.vault, now, StaffDeed::ProvedAgain, Some(login.account.actor())).await?;
        self.commit(write, now).await?;
        Ok(Some(LoginSession { proved_at: now, ..login }))
    }
}

impl crate::sqlite::write::Write<'_> {
    async fn account_of_subject(&mut self, mark: &[u8]) -> Done<Option<AccountId>> {
        let fault = self.fault();
        let account: Option<Vec<u8>> =
            sqlx::query_scalar(ACCOUNT_OF).bind(mark.to_vec()).fetch_optional(self.conn()).await.map_err(&fault)?;
        Ok(account.and_then(|id| AccountId::from_bytes(&id)))
    }
}
