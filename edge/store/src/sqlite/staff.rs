//! The people of the desk in SQLite: accounts, invitations, passkeys and logins, each change with its entry in the log.
//! What they may do is left to `helpline::policy`; checking a passkey, to the pages.

mod logins;
mod openid;

use super::connection::{database_fault, vault_fault};
use super::write::Write;
use super::{Done, SqliteStore};
use crate::vault::{Marked, Vault};
use caseline_helpline::audit::{AuditEvent, AuditReceipt};
use caseline_helpline::cards::{CardHandOver, RepresentativeCard};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::logins::SignInWay;
use caseline_helpline::policy::StaffRole;
use caseline_helpline::staff::{
    ACCOUNTS_MAX, AccountId, Actor, CARDS_A_DAY_MAX, INVITE_LASTS, LOGIN_IDLE_MAX, LoginSession, NewInvite,
    PASSKEY_LENGTH_MAX, PASSKEYS_MAX, Passkey, Secret, StaffAccount, StaffDeed, StaffHandle,
};
use caseline_helpline::tickets::DeskNumber;
use caseline_model::{CardCode, Private, Time};
use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqliteConnection};

const BY_HANDLE: &str = "SELECT id, handle, role, ends_at, ended_day, desk_number, deputy, \
     (SELECT COUNT(*) FROM staff_passkeys WHERE account = staff_accounts.id) + \
     (SELECT COUNT(*) FROM staff_subjects WHERE account = staff_accounts.id) FROM staff_accounts WHERE handle = ?1";
const BY_ID: &str = "SELECT id, handle, role, ends_at, ended_day, desk_number, deputy, \
     (SELECT COUNT(*) FROM staff_passkeys WHERE account = staff_accounts.id) + \
     (SELECT COUNT(*) FROM staff_subjects WHERE account = staff_accounts.id) FROM staff_accounts WHERE id = ?1";
const RUNNING: &str = "SELECT id, handle, role, ends_at, ended_day, desk_number, deputy, \
     (SELECT COUNT(*) FROM staff_passkeys WHERE account = staff_accounts.id) + \
     (SELECT COUNT(*) FROM staff_subjects WHERE account = staff_accounts.id) FROM staff_accounts \
     WHERE ended_day IS NULL ORDER BY handle";
const NUMBERS: &str = "SELECT desk_number FROM staff_accounts WHERE desk_number IS NOT NULL";
const COUNT: &str = "SELECT COUNT(*) FROM staff_accounts WHERE ended_day IS NULL";
const INSERT: &str = "INSERT INTO staff_accounts (id, handle, role, ends_at, desk_number) VALUES (?1, ?2, ?3, ?4, ?5)";
const END: &str = "UPDATE staff_accounts SET ended_day = ?2 WHERE id = ?1";
const INVITE: &str = "INSERT INTO staff_invites (mark, account, goes_at) VALUES (?1, ?2, ?3)";
const INVITED: &str = "SELECT account FROM staff_invites WHERE mark = ?1 AND goes_at > ?2";
const DROP_INVITES: &str = "DELETE FROM staff_invites WHERE account = ?1";
const DROP_LOGINS: &str = "DELETE FROM staff_logins WHERE account = ?1";
const DROP_PASSKEYS: &str = "DELETE FROM staff_passkeys WHERE account = ?1";
const DROP_SUBJECTS: &str = "DELETE FROM staff_subjects WHERE account = ?1";
const DUE: &[&str] = &["DELETE FROM staff_invites WHERE goes_at <= ?1", "DELETE FROM staff_logins WHERE goes_at <= ?1"];
/// An account that was ended on a day, and one whose own end came; what hangs on it first.
const OVER: &str = "SELECT id FROM staff_accounts WHERE ended_day <= ?1 OR ends_at <= ?2";
const DROP_ACCOUNT: &str = "DELETE FROM staff_accounts WHERE id = ?1";
const PASSKEYS: &str = "SELECT credential, public FROM staff_passkeys WHERE account = ?1 ORDER BY mark";
const KEEP_PASSKEY: &str = "INSERT INTO staff_passkeys (mark, account, credential, public) VALUES (?1, ?2, ?3, ?4)";
const USED_PASSKEY: &str = "UPDATE staff_passkeys SET public = ?3 WHERE mark = ?1 AND account = ?2";
const BEGIN: &str = "INSERT INTO staff_logins (mark, account, began_at, proved_at, used_at, goes_at, way) \
     VALUES (?1, ?2, ?3, ?3, ?3, ?4, ?5)";
const LOGIN: &str = "SELECT account, began_at, proved_at, used_at FROM staff_logins WHERE mark = ?1 AND goes_at > ?2";
const USED: &str = "UPDATE staff_logins SET used_at = ?2, goes_at = ?3 WHERE mark = ?1";
const PROVED: &str = "UPDATE staff_logins SET proved_at = ?2 WHERE mark = ?1";
const DROP_LOGIN: &str = "DELETE FROM staff_logins WHERE mark = ?1";
const CARDS: &str = "SELECT cards_day, cards_count FROM staff_accounts WHERE id = ?1";
const COUNT_CARD: &str = "UPDATE staff_accounts SET cards_day = ?2, cards_count = ?3 WHERE id = ?1";

/// A login's last use is written at most so often, so that looking at pages does not write to the disk each time.
const USE_WRITTEN_EVERY_SECONDS: u64 = 30;

/// Id, handle, role, end, day on which it was ended, number of its desk, deputy, passkeys.
type Columns = (Vec<u8>, String, String, Option<i64>, Option<i64>, Option<i64>, Option<Vec<u8>>, i64);

/// An account as it is kept, whether it runs or not.
struct Kept {
    account: StaffAccount,
    was_ended: bool,
}

impl Kept {
    fn running(self, now: Time) -> Option<StaffAccount> {
        (!self.was_ended && !self.account.is_over(now)).then_some(self.account)
    }
}

/// Each verb once, as `staff_going_on` calls it.
impl SqliteStore {
    pub(super) async fn invite_staff_once(&self, now: Time, invite: &NewInvite) -> Done<()> {
        let doing = "inviting somebody";
        let mark = staff_mark(&self.vault, "invite", invite.secret.bytes(), doing)?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        write.delete_due_of_staff(now).await?;
        let account = match write.staff().by_handle(&invite.handle).await? {
            Some(kept) if kept.was_ended || kept.account.is_over(now) => {
                return write.not_allowed(crate::WHY_STAFF_OVER);
            }
            Some(kept) if kept.account.role != invite.role => return write.not_allowed(crate::WHY_STAFF_ROLE),
            Some(kept) => kept.account.id,
            None => {
                if write.staff_count().await? >= ACCOUNTS_MAX {
                    return write.not_allowed(crate::WHY_STAFF_MANY);
                }
                write.insert_staff(invite).await?;
                invite.account
            }
        };
        write.drop_of(DROP_INVITES, account).await?;
        let fault = write.fault();
        sqlx::query(INVITE)
            .bind(mark)
            .bind(account.to_bytes().to_vec())
            .bind(now.plus(INVITE_LASTS).micros())
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        write.log_staff(&self.vault, now, StaffDeed::Invited, None).await?;
        self.commit(write, now).await
    }

    pub(super) async fn invited_staff_once(&self, now: Time, secret: &Secret) -> Done<Option<StaffAccount>> {
        let doing = "reading an invitation";
        let mark = staff_mark(&self.vault, "invite", secret.bytes(), doing)?;
        let mut conn = self.reader(doing).await?;
        Reading { conn: &mut conn, doing }.invited(now, &mark).await
    }

    pub(super) async fn join_staff_once(
        &self,
        now: Time,
        secret: &Secret,
        passkey: &Passkey,
    ) -> Done<Option<StaffAccount>> {
        let doing = "joining";
        let mark = staff_mark(&self.vault, "invite", secret.bytes(), doing)?;
        let of_passkey = staff_mark(&self.vault, "passkey", &passkey.credential, doing)?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let Some(account) = write.staff().invited(now, &mark).await? else { return Ok(None) };
        if passkey.public.len() > PASSKEY_LENGTH_MAX {
            return write.not_allowed(crate::WHY_TOO_LONG);
        }
        if write.staff().passkeys_of(account.id).await?.len() >= PASSKEYS_MAX {
            return write.not_allowed(crate::WHY_STAFF_MANY);
        }
        write.drop_of(DROP_INVITES, account.id).await?;
        let fault = write.fault();
        sqlx::query(KEEP_PASSKEY)
            .bind(of_passkey)
            .bind(account.id.to_bytes().to_vec())
            .bind(passkey.credential.clone())
            .bind(passkey.public.clone())
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        write.log_staff(&self.vault, now, StaffDeed::Joined, Some(account.actor())).await?;
        self.commit(write, now).await?;
        Ok(Some(StaffAccount { has_joined: true, ..account }))
    }

    pub(super) async fn staff_passkeys_once(
        &self,
        now: Time,
        handle: &StaffHandle,
    ) -> Done<Option<(StaffAccount, Vec<Passkey>)>> {
        let doing = "reading passkeys";
        let mut conn = self.reader(doing).await?;
        let mut reading = Reading { conn: &mut conn, doing };
        let Some(account) = reading.by_handle(handle).await?.and_then(|kept| kept.running(now)) else {
            return Ok(None);
        };
        let passkeys = reading.passkeys_of(account.id).await?;
        Ok(Some((account, passkeys)))
    }

    pub(super) async fn begin_login_once(
        &self,
        now: Time,
        account: AccountId,
        secret: &Secret,
        shown: &Passkey,
    ) -> Done<LoginSession> {
        let doing = "signing in";
        let mark = staff_mark(&self.vault, "login", secret.bytes(), doing)?;
        let of_passkey = staff_mark(&self.vault, "passkey", &shown.credential, doing)?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        write.delete_due_of_staff(now).await?;
        let Some(account) = write.staff().by_id(account).await?.and_then(|kept| kept.running(now)) else {
            return write.not_allowed(crate::WHY_STAFF_OVER);
        };
        write.keep_use_of(&of_passkey, account.id, shown).await?;
        write.make_room_for_login(&self.vault, now, &account).await?;
        let login = LoginSession { account, began_at: now, proved_at: now };
        let fault = write.fault();
        sqlx::query(BEGIN)
            .bind(mark)
            .bind(login.account.id.to_bytes().to_vec())
            .bind(now.micros())
            .bind(goes_at(&login, now).micros())
            .bind(SignInWay::Passkey.as_str())
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        write.log_staff(&self.vault, now, StaffDeed::SignedIn, Some(login.account.actor())).await?;
        self.commit(write, now).await?;
        Ok(login)
    }

    pub(super) async fn login_once(&self, now: Time, secret: &Secret) -> Done<Option<LoginSession>> {
        let doing = "reading a login";
        let mark = staff_mark(&self.vault, "login", secret.bytes(), doing)?;
        // Looked at without the one connection that writes: requests with made-up cookies keep no caller waiting.
        let mut conn = self.reader(doing).await?;
        let found = Reading { conn: &mut conn, doing }.login_of(now, &mark).await?;
        drop(conn);
        let Some((login, used_at)) = found else { return Ok(None) };
        if now.since(used_at).as_secs() >= USE_WRITTEN_EVERY_SECONDS {
            let mut writer = self.writer.lock().await;
            let mut write = writer.begin(doing).await?;
            let fault = write.fault();
            sqlx::query(USED)
                .bind(mark)
                .bind(now.micros())
                .bind(goes_at(&login, now).micros())
                .execute(write.conn())
                .await
                .map_err(&fault)?;
            self.commit(write, now).await?;
        }
        Ok(Some(login))
    }

    pub(super) async fn prove_login_once(
        &self,
        now: Time,
        secret: &Secret,
        shown: &Passkey,
    ) -> Done<Option<LoginSession>> {
        let doing = "showing a passkey again";
        let mark = staff_mark(&self.vault, "login", secret.bytes(), doing)?;
        let of_passkey = staff_mark(&self.vault, "passkey", &shown.credential, doing)?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let Some((login, _)) = write.staff().login_of(now, &mark).await? else { return Ok(None) };
        write.keep_use_of(&of_passkey, login.account.id, shown).await?;
        let fault = write.fault();
        sqlx::query(PROVED).bind(mark).bind(now.micros()).execute(write.conn()).await.map_err(&fault)?;
        write.log_staff(&self.vault, now, StaffDeed::ProvedAgain, Some(login.account.actor())).await?;
        self.commit(write, now).await?;
        Ok(Some(LoginSession { proved_at: now, ..login }))
    }

    pub(super) async fn end_login_once(&self, now: Time, secret: &Secret) -> Done<()> {
        let doing = "signing out";
        let mark = staff_mark(&self.vault, "login", secret.bytes(), doing)?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let Some((login, _)) = write.staff().login_of(now, &mark).await? else { return Ok(()) };
        let fault = write.fault();
        sqlx::query(DROP_LOGIN).bind(mark).execute(write.conn()).await.map_err(&fault)?;
        write.close_case_of(login.account.id).await?;
        write.log_staff(&self.vault, now, StaffDeed::SignedOut, Some(login.account.actor())).await?;
        self.commit(write, now).await
    }

    pub(super) async fn end_staff_once(&self, now: Time, handle: &StaffHandle) -> Done<bool> {
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("ending an account").await?;
        let Some(kept) = write.staff().by_handle(handle).await?.filter(|kept| !kept.was_ended) else {
            return Ok(false);
        };
        let account = kept.account.id;
        for sql in [DROP_INVITES, DROP_LOGINS, DROP_PASSKEYS, DROP_SUBJECTS] {
            write.drop_of(sql, account).await?;
        }
        write.end_cards_of(account).await?;
        write.drop_tickets_of_account(account).await?;
        let fault = write.fault();
        sqlx::query(END)
            .bind(account.to_bytes().to_vec())
            .bind(i64::from(now.day()))
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        write.log_staff(&self.vault, now, StaffDeed::Ended, None).await?;
        self.commit(write, now).await?;
        Ok(true)
    }

    pub(super) async fn list_staff_once(&self, _: Time) -> Done<Vec<StaffAccount>> {
        let doing = "listing the staff";
        let mut conn = self.reader(doing).await?;
        let rows: Vec<Columns> = sqlx::query_as(RUNNING).fetch_all(&mut *conn).await.map_err(database_fault(doing))?;
        rows.into_iter().map(|row| kept(row, doing).map(|kept| kept.account)).collect()
    }

    pub(super) async fn note_staff_once(&self, now: Time, by: Actor, deed: StaffDeed) -> Done<()> {
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("writing to the log").await?;
        write.log_staff(&self.vault, now, deed, Some(by)).await?;
        self.commit(write, now).await
    }

    pub(super) async fn hand_over_card_once(
        &self,
        now: Time,
        hand_over: &CardHandOver,
        codes: &[Private<CardCode>],
    ) -> Done<()> {
        let doing = "handing a card over";
        if hand_over.check().is_err() {
            return Err(StoreFault::NotAllowed { doing, why: crate::WHY_POLICY });
        }
        let mut marks = Vec::new();
        for number in hand_over.deed.numbers() {
            marks.push(self.vault.index_number(number.reveal()).await.map_err(vault_fault(doing))?.0.to_vec());
        }
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        for actor in [hand_over.starter, hand_over.confirmer] {
            write.count_card_of(now, actor).await?;
        }
        let mut cases = Vec::new();
        for (n, mark) in marks.iter().enumerate() {
            let kept = match write.case_by_number(mark).await? {
                // Its time is over and its row not yet destroyed: nothing of it comes back.
                Some(row) if row.keep_until <= now => {
                    write.destroy_case(&self.vault, row.id).await?;
                    None
                }
                kept => kept,
            };
            let new = hand_over.cases_if_new.get(n).filter(|_| hand_over.deed.enrols());
            match kept.map(|row| row.id).or(new.copied()) {
                Some(case) => cases.push(case),
                None => return write.not_allowed(crate::WHY_NO_CARD),
            }
        }
        let mut audited = AuditReceipt::durable_at(0);
        for actor in [hand_over.starter, hand_over.confirmer] {
            let event = AuditEvent::Staff { deed: hand_over.deed.in_log(), by: Some(actor) };
            let of_nobody = cases.is_empty().then_some(None);
            for case in cases.iter().map(|case| Some(*case)).chain(of_nobody) {
                audited = write.log(&self.vault, now, None, case, event.clone()).await?;
            }
        }
        self.commit(write, now).await?;
        drop(writer);
        // All entries are on disk: from here on it may be done, for these cases.
        self.do_with_card(now, hand_over, (&marks, &cases, audited), codes).await
    }

    pub(super) async fn representative_cards_once(&self, now: Time) -> Done<Vec<RepresentativeCard>> {
        self.cards_of_representatives(now).await
    }
}

/// Looking at accounts: in a write, or on a connection that cannot write.
pub(super) struct Reading<'c> {
    pub(super) conn: &'c mut SqliteConnection,
    pub(super) doing: &'static str,
}

impl Reading<'_> {
    async fn by_handle(&mut self, handle: &StaffHandle) -> Done<Option<Kept>> {
        let (fault, doing) = (database_fault(self.doing), self.doing);
        let row: Option<Columns> = sqlx::query_as(BY_HANDLE)
            .bind(handle.as_str().to_owned())
            .fetch_optional(&mut *self.conn)
            .await
            .map_err(&fault)?;
        row.map(|row| kept(row, doing)).transpose()
    }

    async fn by_id(&mut self, account: AccountId) -> Done<Option<Kept>> {
        let (fault, doing) = (database_fault(self.doing), self.doing);
        let row: Option<Columns> = sqlx::query_as(BY_ID)
            .bind(account.to_bytes().to_vec())
            .fetch_optional(&mut *self.conn)
            .await
            .map_err(&fault)?;
        row.map(|row| kept(row, doing)).transpose()
    }

    /// An account that has not ended.
    pub(super) async fn running(&mut self, now: Time, account: AccountId) -> Done<Option<StaffAccount>> {
        Ok(self.by_id(account).await?.and_then(|kept| kept.running(now)))
    }

    async fn invited(&mut self, now: Time, mark: &[u8]) -> Done<Option<StaffAccount>> {
        let (fault, doing) = (database_fault(self.doing), self.doing);
        let account: Option<Vec<u8>> = sqlx::query_scalar(INVITED)
            .bind(mark.to_vec())
            .bind(now.micros())
            .fetch_optional(&mut *self.conn)
            .await
            .map_err(&fault)?;
        let Some(account) = account else { return Ok(None) };
        let account = AccountId::from_bytes(&account).ok_or(StoreFault::Sealed { doing })?;
        Ok(self.by_id(account).await?.and_then(|kept| kept.running(now)))
    }

    async fn passkeys_of(&mut self, account: AccountId) -> Done<Vec<Passkey>> {
        let fault = database_fault(self.doing);
        let rows: Vec<(Vec<u8>, String)> = sqlx::query_as(PASSKEYS)
            .bind(account.to_bytes().to_vec())
            .fetch_all(&mut *self.conn)
            .await
            .map_err(&fault)?;
        Ok(rows.into_iter().map(|(credential, public)| Passkey { credential, public }).collect())
    }

    pub(super) async fn login_of(&mut self, now: Time, mark: &[u8]) -> Done<Option<(LoginSession, Time)>> {
        let (fault, doing) = (database_fault(self.doing), self.doing);
        let row: Option<(Vec<u8>, i64, i64, i64)> = sqlx::query_as(LOGIN)
            .bind(mark.to_vec())
            .bind(now.micros())
            .fetch_optional(&mut *self.conn)
            .await
            .map_err(&fault)?;
        let Some((account, began_at, proved_at, used_at)) = row else { return Ok(None) };
        let account = AccountId::from_bytes(&account).ok_or(StoreFault::Sealed { doing })?;
        let Some(account) = self.by_id(account).await?.and_then(|kept| kept.running(now)) else {
            return Ok(None);
        };
        let (began_at, proved_at) = (Time::from_micros(began_at), Time::from_micros(proved_at));
        Ok(Some((LoginSession { account, began_at, proved_at }, Time::from_micros(used_at))))
    }
}

impl SqliteStore {
    pub(super) async fn reader(&self, doing: &'static str) -> Done<PoolConnection<Sqlite>> {
        self.readers.acquire().await.map_err(database_fault(doing))
    }
}

impl Write<'_> {
    pub(super) fn staff(&mut self) -> Reading<'_> {
        Reading { doing: self.doing, conn: self.conn() }
    }

    /// What a member of the staff holds and whose time is over.
    pub(super) async fn delete_due_of_staff(&mut self, now: Time) -> Done<u64> {
        let mut gone = 0;
        for sql in DUE {
            let fault = self.fault();
            let done = sqlx::query(*sql).bind(now.micros()).execute(self.conn()).await.map_err(&fault)?;
            gone += done.rows_affected();
        }
        Ok(gone)
    }

    /// Accounts whose time after their end is over: `day`, the last day of an ending that goes, and `at`, of an own end.
    pub(super) async fn delete_due_accounts(&mut self, day: i64, at: Time) -> Done<u64> {
        let fault = self.fault();
        let over: Vec<Vec<u8>> =
            sqlx::query_scalar(OVER).bind(day).bind(at.micros()).fetch_all(self.conn()).await.map_err(&fault)?;
        for account in over.iter().filter_map(|id| AccountId::from_bytes(id)) {
            self.end_cards_of(account).await?;
            self.drop_tickets_of_account(account).await?;
            for sql in [DROP_INVITES, DROP_LOGINS, DROP_PASSKEYS, DROP_SUBJECTS, DROP_ACCOUNT] {
                self.drop_of(sql, account).await?;
            }
        }
        Ok(over.len() as u64)
    }

    /// The login of a mark, if it runs.
    pub(super) async fn login(&mut self, now: Time, mark: &[u8]) -> Done<Option<LoginSession>> {
        Ok(self.staff().login_of(now, mark).await?.map(|(login, _)| login))
    }

    /// An account that has not ended.
    pub(super) async fn running_account(&mut self, now: Time, account: AccountId) -> Done<Option<StaffAccount>> {
        self.staff().running(now, account).await
    }

    pub(super) async fn log_staff(&mut self, vault: &Vault, now: Time, deed: StaffDeed, by: Option<Actor>) -> Done<()> {
        self.log(vault, now, None, None, AuditEvent::Staff { deed, by }).await.map(|_| ())
    }

    async fn staff_count(&mut self) -> Done<usize> {
        let fault = self.fault();
        let count: i64 = sqlx::query_scalar(COUNT).fetch_one(self.conn()).await.map_err(&fault)?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    async fn insert_staff(&mut self, invite: &NewInvite) -> Done<()> {
        let fault = self.fault();
        let taken: Vec<i64> = sqlx::query_scalar(NUMBERS).fetch_all(self.conn()).await.map_err(&fault)?;
        // A number stays with an account that has ended, as long as its row: whoever wrote it down reaches nobody else.
        let random = u128::from_be_bytes(invite.account.to_bytes());
        let desk = DeskNumber::all_from(random).find(|desk| !taken.contains(&i64::from(desk.value())));
        sqlx::query(INSERT)
            .bind(invite.account.to_bytes().to_vec())
            .bind(invite.handle.as_str().to_owned())
            .bind(invite.role.as_str())
            .bind(invite.ends_at.map(Time::micros))
            .bind(desk.map(|desk| i64::from(desk.value())))
            .execute(self.conn())
            .await
            .map_err(&fault)?;
        Ok(())
    }

    /// The passkey as it is after its use; a refusal when it is not the account's.
    async fn keep_use_of(&mut self, mark: &[u8], account: AccountId, shown: &Passkey) -> Done<()> {
        let fault = self.fault();
        let kept = sqlx::query(USED_PASSKEY)
            .bind(mark.to_vec())
            .bind(account.to_bytes().to_vec())
            .bind(shown.public.clone())
            .execute(self.conn())
            .await
            .map_err(&fault)?;
        if kept.rows_affected() == 1 { Ok(()) } else { self.not_allowed(crate::WHY_STAFF_OVER) }
    }

    async fn drop_of(&mut self, sql: &'static str, account: AccountId) -> Done<()> {
        let fault = self.fault();
        sqlx::query(sql).bind(account.to_bytes().to_vec()).execute(self.conn()).await.map_err(&fault)?;
        Ok(())
    }

    /// One more card of an account today; a refusal when it has ended or has had its share.
    async fn count_card_of(&mut self, now: Time, actor: Actor) -> Done<()> {
        match self.staff().by_id(actor.account).await?.and_then(|kept| kept.running(now)) {
            Some(account) if account.role == actor.role => {}
            _ => return self.not_allowed(crate::WHY_STAFF_OVER),
        }
        let fault = self.fault();
        let id = actor.account.to_bytes().to_vec();
        let (day, count): (i64, i64) =
            sqlx::query_as(CARDS).bind(id.clone()).fetch_one(self.conn()).await.map_err(&fault)?;
        let today = i64::from(now.day());
        let before = if day == today { count } else { 0 };
        if before >= i64::from(CARDS_A_DAY_MAX) {
            return self.not_allowed(crate::WHY_STAFF_MANY);
        }
        sqlx::query(COUNT_CARD).bind(id).bind(today).bind(before + 1).execute(self.conn()).await.map_err(&fault)?;
        Ok(())
    }
}

/// When a login that was used now goes.
fn goes_at(login: &LoginSession, now: Time) -> Time {
    login.over_at().min(now.plus(LOGIN_IDLE_MAX))
}

/// The account of a handle, whether it runs or not.
pub(super) async fn kept_account(write: &mut Write<'_>, handle: &StaffHandle) -> Done<Option<StaffAccount>> {
    Ok(write.staff().by_handle(handle).await?.map(|kept| kept.account))
}

/// The mark of what a member of the staff holds.
pub(super) fn staff_mark(vault: &Vault, kind: &'static str, held: &[u8], doing: &'static str) -> Done<Vec<u8>> {
    Ok(vault.index(&Marked::Staff { kind, held }).map_err(vault_fault(doing))?.to_vec())
}

fn kept(row: Columns, doing: &'static str) -> Done<Kept> {
    let (id, handle, role, ends_at, ended_day, desk, deputy, passkeys) = row;
    let read = || {
        let account = StaffAccount {
            id: AccountId::from_bytes(&id)?,
            handle: handle.parse().ok()?,
            role: role.parse::<StaffRole>().ok()?,
            ends_at: ends_at.map(Time::from_micros),
            has_joined: passkeys > 0,
            desk: desk.and_then(|desk| u16::try_from(desk).ok()).and_then(DeskNumber::new),
            deputy: deputy.and_then(|deputy| AccountId::from_bytes(&deputy)),
        };
        Some(Kept { account, was_ended: ended_day.is_some() })
    };
    read().ok_or(StoreFault::Sealed { doing })
}
