//! Tickets in SQLite: left and withdrawn by a person in their contact, taken and used up by the desk.
//! Who may open a case is `helpline::policy`, how long it stays open `helpline::tickets`; accounts and logins are left to
//! `staff`.

use super::cases::{version_place, version_row};
use super::connection::{database_fault, vault_fault};
use super::log::opened_entry;
use super::staff::{Reading, kept_account, staff_mark};
use super::write::Write;
use super::{Done, SqliteStore};
use crate::rules;
use crate::vault::Opening as VaultOpening;
use caseline_helpline::audit::{AuditEvent, Role};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::grant::Grant;
use caseline_helpline::policy::{Action, may};
use caseline_helpline::staff::{AccountId, Actor, Secret, StaffAccount, StaffDeed, StaffHandle};
use caseline_helpline::tickets::{
    CASE_OPEN_MAX, NewTicket, OPENINGS_A_DAY_MAX, OpenedCase, Opening, TICKET_HELD_MAX, TICKETS_OF_CASE_MAX,
    TakenTicket, TicketLeft, TicketUsed, last_day_of,
};
use caseline_model::{CaseId, ContactId, Language, Time};
use caseline_records::{Assertion, Field};

/// Entries of a case that are looked through for openings, the newest of them.
const ENTRIES_LOOKED_AT_MAX: i64 = 2_000;

const BY_DESK: &str = "SELECT id FROM staff_accounts WHERE desk_number = ?1";
const OF_DESK: &str = "DELETE FROM tickets WHERE case_id = ?1 AND account = ?2";
const OF_CASE: &str = "SELECT COUNT(*) FROM tickets WHERE case_id = ?1";
const KEEP: &str = "INSERT INTO tickets (case_id, account, deputy, language, left_day, until_day) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const WITHDRAW: &str = "DELETE FROM tickets WHERE case_id = ?1";
const CLOSE_CASE: &str = "DELETE FROM ticket_openings WHERE case_id = ?1";
const ENTRIES: &str = "SELECT log_entries.place, sealed FROM log_links \
     JOIN log_entries ON log_entries.place = log_links.place \
     WHERE case_id = ?1 AND sealed IS NOT NULL ORDER BY log_entries.place DESC LIMIT ?2";
/// Over by their day, or with the account that they were left to.
const DUE: &str = "DELETE FROM tickets WHERE until_day < ?1 OR account IN \
     (SELECT id FROM staff_accounts WHERE ended_day IS NOT NULL OR ends_at <= ?2)";
const DUE_OPENINGS: &str = "DELETE FROM ticket_openings WHERE goes_at <= ?1 OR until_day < ?2";
const HELD: &str = "SELECT place, case_id, account, language, left_day, until_day, held_until FROM tickets \
     WHERE held_by = ?1 AND held_until > ?2 AND until_day >= ?3";
const OLDEST: &str = "SELECT place, case_id, account, language, left_day, until_day, ?2 FROM tickets \
     WHERE (account = ?1 OR deputy = ?1) AND until_day >= ?3 AND (held_until IS NULL OR held_until <= ?2) \
     ORDER BY place LIMIT 1";
const HOLD: &str = "UPDATE tickets SET held_by = ?2, held_until = ?3 WHERE place = ?1";
const LAST: &str = "SELECT MAX(place) FROM tickets";
const TO_THE_END: &str = "UPDATE tickets SET place = ?2, held_by = NULL, held_until = NULL WHERE place = ?1";
const USE_UP: &str = "DELETE FROM tickets WHERE place = ?1";
const OPEN: &str = "INSERT INTO ticket_openings (account, mark, case_id, language, until_day, goes_at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const OPENED: &str = "SELECT case_id, language, until_day, goes_at FROM ticket_openings \
     WHERE mark = ?1 AND account = ?2 AND goes_at > ?3 AND until_day >= ?4";
const CLOSE: &str = "DELETE FROM ticket_openings WHERE account = ?1";
const OPENINGS: &str = "SELECT opened_day, opened_count FROM staff_accounts WHERE id = ?1";
const COUNT_OPENING: &str = "UPDATE staff_accounts SET opened_day = ?2, opened_count = ?3 WHERE id = ?1";
const SET_DEPUTY: &str = "UPDATE staff_accounts SET deputy = ?2 WHERE id = ?1";
/// What an account that ends leaves behind: its tickets go, those of others lose it as their deputy.
const ENDED: &[&str] = &[
    "DELETE FROM ticket_openings WHERE account = ?1",
    "DELETE FROM tickets WHERE account = ?1",
    "UPDATE tickets SET held_by = NULL, held_until = NULL WHERE held_by = ?1",
    "UPDATE tickets SET deputy = NULL WHERE deputy = ?1",
    "UPDATE staff_accounts SET deputy = NULL WHERE deputy = ?1",
];

/// Place, case, account, language, day on which it was left, last day, until when it is held.
type Columns = (i64, Vec<u8>, Vec<u8>, String, i64, i64, i64);

/// A ticket as its row has it.
struct Ticket {
    place: i64,
    case: CaseId,
    account: AccountId,
    language: Language,
    left_day: u32,
    until_day: u32,
    held_until: Time,
}

/// A case that is open at a desk.
struct Opened {
    case: CaseId,
    language: Language,
    until_day: u32,
    closes_at: Time,
}

impl SqliteStore {
    pub(super) async fn keep_ticket(&self, now: Time, contact: ContactId, ticket: &NewTicket) -> Done<TicketLeft> {
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("leaving a ticket").await?;
        write.opened_by_person(now, contact, ticket.case).await?;
        write.delete_due_tickets(now).await?;
        let fault = write.fault();
        let named: Option<Vec<u8>> = sqlx::query_scalar(BY_DESK)
            .bind(i64::from(ticket.desk.value()))
            .fetch_optional(write.conn())
            .await
            .map_err(&fault)?;
        let Some(account) = write.opener(now, named.as_deref()).await? else { return Ok(TicketLeft::NoSuchDesk) };
        let deputy = write.opener(now, account.deputy.map(AccountId::to_bytes).as_ref().map(|id| &id[..])).await?;
        let (case, id) = (ticket.case.to_bytes().to_vec(), account.id.to_bytes().to_vec());
        sqlx::query(OF_DESK).bind(&case).bind(&id).execute(write.conn()).await.map_err(&fault)?;
        let count: i64 = sqlx::query_scalar(OF_CASE).bind(&case).fetch_one(write.conn()).await.map_err(&fault)?;
        if count >= i64::from(TICKETS_OF_CASE_MAX) {
            return write.not_allowed(crate::WHY_STAFF_MANY);
        }
        let until_day = last_day_of(now.day(), rules::day_of(ticket.until));
        sqlx::query(KEEP)
            .bind(case)
            .bind(id)
            .bind(deputy.as_ref().map(|deputy| deputy.id.to_bytes().to_vec()))
            .bind(String::from(ticket.language))
            .bind(i64::from(now.day()))
            .bind(i64::from(until_day))
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        write.log(&self.vault, now, Some(contact), Some(ticket.case), AuditEvent::TicketLeft).await?;
        self.commit(write, now).await?;
        let deputy = deputy.and_then(|deputy| deputy.desk);
        Ok(TicketLeft::Left { deputy, until: rules::date_of_day(until_day) })
    }

    pub(super) async fn drop_tickets_of(&self, now: Time, contact: ContactId, case: CaseId) -> Done<u32> {
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("withdrawing tickets").await?;
        write.open_in(now, contact, case).await?;
        write.delete_due_tickets(now).await?;
        let fault = write.fault();
        let mut gone = 0;
        for sql in [WITHDRAW, CLOSE_CASE] {
            let done = sqlx::query(sql).bind(case.to_bytes().to_vec()).execute(write.conn()).await.map_err(&fault)?;
            gone += done.rows_affected();
        }
        if gone > 0 {
            write.log(&self.vault, now, Some(contact), Some(case), AuditEvent::TicketWithdrawn).await?;
        }
        self.commit(write, now).await?;
        Ok(u32::try_from(gone).unwrap_or(u32::MAX))
    }

    pub(super) async fn openings_of(&self, now: Time, contact: ContactId, case: CaseId) -> Done<Vec<Opening>> {
        let doing = "reading who opened a case";
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        write.open_in(now, contact, case).await?;
        let fault = write.fault();
        let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(ENTRIES)
            .bind(case.to_bytes().to_vec())
            .bind(ENTRIES_LOOKED_AT_MAX)
            .fetch_all(write.conn())
            .await
            .map_err(&fault)?;
        // Nothing was changed.
        drop(write);
        drop(writer);
        let entries: Vec<_> =
            rows.iter().map(|(place, sealed)| opened_entry(&self.vault, *place, sealed, doing)).collect::<Done<_>>()?;
        Ok(rules::openings(entries.into_iter()))
    }

    pub(super) async fn read_opened_once(
        &self,
        now: Time,
        login: &Secret,
        fields: &[Field],
    ) -> Done<Option<OpenedCase>> {
        let doing = "reading a case at the desk";
        let mark = staff_mark(&self.vault, "login", login.bytes(), doing)?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let Some((_, opened)) = write.staff().open_at_desk(now, &mark).await? else { return Ok(None) };
        let case = opened.case;
        let Some(row) = write.case_by_id(case).await?.filter(|row| row.keep_until > now) else { return Ok(None) };
        let event = AuditEvent::CaseRead { fields: fields.to_vec(), role: Role::Staff };
        let audited = write.log(&self.vault, now, None, Some(case), event).await?;
        let sealed = write.versions(case).await?;
        let seen_at = write.feed_seen(case).await?;
        // The entry is on disk before anything opens (property S5); the vault checks that it is.
        self.commit(write, now).await?;
        drop(writer);
        let grant = Grant::Ticket { case, until: rules::date_of_day(opened.until_day), audited };
        let mut assertions = Vec::new();
        for (version, sealed) in sealed {
            let at = version_row(case, version);
            let plain = self
                .vault
                .open_in_case(now, &VaultOpening::Case(&grant), &row.case_key, version_place(&at), &sealed)
                .map_err(vault_fault(doing))?;
            let version: Vec<Assertion> = serde_json::from_slice(&plain).map_err(|_| StoreFault::Sealed { doing })?;
            assertions.extend(version);
        }
        rules::see_again(&mut assertions, seen_at);
        Ok(Some(OpenedCase { language: opened.language, closes_at: opened.closes_at, assertions }))
    }
}

/// Each verb once, as `tickets_going_on` calls it.
impl SqliteStore {
    pub(super) async fn take_ticket_once(&self, now: Time, by: Actor) -> Done<Option<TakenTicket>> {
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("taking a ticket").await?;
        write.acting(now, by, Action::TakeTicket).await?;
        write.delete_due_tickets(now).await?;
        if let Some(held) = write.staff().ticket(HELD, now, by.account).await? {
            return Ok(Some(held.taken(by.account)));
        }
        let Some(mut ticket) = write.staff().ticket(OLDEST, now, by.account).await? else { return Ok(None) };
        ticket.held_until = now.plus(TICKET_HELD_MAX);
        let fault = write.fault();
        sqlx::query(HOLD)
            .bind(ticket.place)
            .bind(by.account.to_bytes().to_vec())
            .bind(ticket.held_until.micros())
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        write.log_staff(&self.vault, now, StaffDeed::TicketTaken, Some(by)).await?;
        self.commit(write, now).await?;
        Ok(Some(ticket.taken(by.account)))
    }

    pub(super) async fn taken_ticket_once(&self, now: Time, by: Actor) -> Done<Option<TakenTicket>> {
        let doing = "looking at a ticket";
        let mut conn = self.reader(doing).await?;
        let mut reading = Reading { conn: &mut conn, doing };
        if reading.running(now, by.account).await?.is_none_or(|account| account.role != by.role) {
            return Err(StoreFault::NotAllowed { doing, why: crate::WHY_STAFF_OVER });
        }
        if may(by.role, Action::TakeTicket).is_err() {
            return Err(StoreFault::NotAllowed { doing, why: crate::WHY_ROLE });
        }
        let held = reading.ticket(HELD, now, by.account).await?;
        Ok(held.map(|held| held.taken(by.account)))
    }

    pub(super) async fn give_ticket_back_once(&self, now: Time, by: Actor) -> Done<()> {
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("giving a ticket back").await?;
        let Some(held) = write.staff().ticket(HELD, now, by.account).await? else { return Ok(()) };
        let fault = write.fault();
        let last: Option<i64> = sqlx::query_scalar(LAST).fetch_one(write.conn()).await.map_err(&fault)?;
        let place = last.unwrap_or(0).saturating_add(1);
        sqlx::query(TO_THE_END).bind(held.place).bind(place).execute(write.conn()).await.map_err(&fault)?;
        self.commit(write, now).await
    }

    pub(super) async fn open_ticket_once(&self, now: Time, login: &Secret) -> Done<TicketUsed> {
        let doing = "opening a case by a ticket";
        let mark = staff_mark(&self.vault, "login", login.bytes(), doing)?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let Some(login) = write.login(now, &mark).await? else { return Ok(TicketUsed::NoTicket) };
        let by = login.account.actor();
        write.acting(now, by, Action::OpenTicket).await?;
        if !login.is_fresh(now) {
            return Ok(TicketUsed::NeedsProof);
        }
        write.delete_due_tickets(now).await?;
        let Some(ticket) = write.staff().ticket(HELD, now, by.account).await? else { return Ok(TicketUsed::NoTicket) };
        if write.case_by_id(ticket.case).await?.is_none_or(|case| case.keep_until <= now) {
            return Ok(TicketUsed::NoTicket);
        }
        if !write.count_opening_of(now, by.account).await? {
            return Ok(TicketUsed::DayIsFull);
        }
        let closes_at = now.plus(CASE_OPEN_MAX).min(login.over_at());
        let (fault, id) = (write.fault(), by.account.to_bytes().to_vec());
        sqlx::query(USE_UP).bind(ticket.place).execute(write.conn()).await.map_err(&fault)?;
        sqlx::query(CLOSE).bind(&id).execute(write.conn()).await.map_err(&fault)?;
        sqlx::query(OPEN)
            .bind(id)
            .bind(mark)
            .bind(ticket.case.to_bytes().to_vec())
            .bind(String::from(ticket.language))
            .bind(i64::from(ticket.until_day))
            .bind(closes_at.micros())
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        let event = AuditEvent::Staff { deed: StaffDeed::CaseOpened, by: Some(by) };
        write.log(&self.vault, now, None, Some(ticket.case), event).await?;
        self.commit(write, now).await?;
        Ok(TicketUsed::Opened { closes_at })
    }

    pub(super) async fn is_case_open_once(&self, now: Time, login: &Secret) -> Done<Option<Time>> {
        let doing = "looking whether a case is open";
        let mark = staff_mark(&self.vault, "login", login.bytes(), doing)?;
        // Asked every two seconds by a page that is open: it keeps nobody who writes waiting.
        let mut conn = self.reader(doing).await?;
        let opened = Reading { conn: &mut conn, doing }.open_at_desk(now, &mark).await?;
        Ok(opened.map(|(_, opened)| opened.closes_at))
    }

    pub(super) async fn close_case_once(&self, now: Time, login: &Secret) -> Done<()> {
        let doing = "closing a case";
        let mark = staff_mark(&self.vault, "login", login.bytes(), doing)?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let Some((by, opened)) = write.staff().open_at_desk(now, &mark).await? else { return Ok(()) };
        let fault = write.fault();
        let id = by.account.to_bytes().to_vec();
        sqlx::query(CLOSE).bind(id).execute(write.conn()).await.map_err(&fault)?;
        let event = AuditEvent::Staff { deed: StaffDeed::CaseClosed, by: Some(by) };
        write.log(&self.vault, now, None, Some(opened.case), event).await?;
        self.commit(write, now).await
    }

    pub(super) async fn set_deputy_once(&self, now: Time, of: &StaffHandle, deputy: Option<&StaffHandle>) -> Done<()> {
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("naming a deputy").await?;
        let account = write.opener_named(now, of).await?;
        let deputy = match deputy {
            Some(handle) => Some(write.opener_named(now, handle).await?.id),
            None => None,
        };
        if deputy == Some(account.id) {
            return write.not_allowed(crate::WHY_OWN_DEPUTY);
        }
        let fault = write.fault();
        sqlx::query(SET_DEPUTY)
            .bind(account.id.to_bytes().to_vec())
            .bind(deputy.map(|id| id.to_bytes().to_vec()))
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        write.log_staff(&self.vault, now, StaffDeed::DeputySet, None).await?;
        self.commit(write, now).await
    }
}

impl Ticket {
    fn taken(&self, account: AccountId) -> TakenTicket {
        TakenTicket {
            language: self.language,
            left_on: rules::date_of_day(self.left_day),
            until: rules::date_of_day(self.until_day),
            as_deputy: self.account != account,
            held_until: self.held_until,
        }
    }
}

/// Looking at tickets: in a write, or on a connection that cannot write.
impl Reading<'_> {
    async fn ticket(&mut self, sql: &'static str, now: Time, account: AccountId) -> Done<Option<Ticket>> {
        let (fault, doing) = (database_fault(self.doing), self.doing);
        let row: Option<Columns> = sqlx::query_as(sql)
            .bind(account.to_bytes().to_vec())
            .bind(now.micros())
            .bind(i64::from(now.day()))
            .fetch_optional(&mut *self.conn)
            .await
            .map_err(&fault)?;
        let read = |(place, case, account, language, left_day, until_day, held_until): Columns| {
            Some(Ticket {
                place,
                case: CaseId::from_bytes(&case)?,
                account: AccountId::from_bytes(&account)?,
                language: language.parse().ok()?,
                left_day: u32::try_from(left_day).ok()?,
                until_day: u32::try_from(until_day).ok()?,
                held_until: Time::from_micros(held_until),
            })
        };
        row.map(|row| read(row).ok_or(StoreFault::Sealed { doing })).transpose()
    }

    /// The case that is open to a login that runs, and whose it is.
    async fn open_at_desk(&mut self, now: Time, mark: &[u8]) -> Done<Option<(Actor, Opened)>> {
        let Some((login, _)) = self.login_of(now, mark).await? else { return Ok(None) };
        let by = login.account.actor();
        if may(by.role, Action::ReadTicketCase).is_err() {
            return Ok(None);
        }
        let (fault, doing) = (database_fault(self.doing), self.doing);
        let row: Option<(Vec<u8>, String, i64, i64)> = sqlx::query_as(OPENED)
            .bind(mark.to_vec())
            .bind(by.account.to_bytes().to_vec())
            .bind(now.micros())
            .bind(i64::from(now.day()))
            .fetch_optional(&mut *self.conn)
            .await
            .map_err(&fault)?;
        let read = |(case, language, until_day, goes_at): (Vec<u8>, String, i64, i64)| {
            let case = CaseId::from_bytes(&case)?;
            let until_day = u32::try_from(until_day).ok()?;
            Some(Opened { case, language: language.parse().ok()?, until_day, closes_at: Time::from_micros(goes_at) })
        };
        row.map(|row| Ok((by, read(row).ok_or(StoreFault::Sealed { doing })?))).transpose()
    }
}

impl Write<'_> {
    /// Tickets and openings whose time is over. How many.
    pub(super) async fn delete_due_tickets(&mut self, now: Time) -> Done<u64> {
        let (fault, day) = (self.fault(), i64::from(now.day()));
        let tickets = sqlx::query(DUE).bind(day).bind(now.micros()).execute(self.conn()).await.map_err(&fault)?;
        let openings = sqlx::query(DUE_OPENINGS).bind(now.micros()).bind(day);
        let openings = openings.execute(self.conn()).await.map_err(&fault)?;
        Ok(tickets.rows_affected() + openings.rows_affected())
    }

    /// What hangs on an account that ends.
    pub(super) async fn drop_tickets_of_account(&mut self, account: AccountId) -> Done<()> {
        let fault = self.fault();
        for sql in ENDED {
            sqlx::query(*sql).bind(account.to_bytes().to_vec()).execute(self.conn()).await.map_err(&fault)?;
        }
        Ok(())
    }

    /// Closes the case that an account has open: its login ends.
    pub(super) async fn close_case_of(&mut self, account: AccountId) -> Done<()> {
        let fault = self.fault();
        sqlx::query(CLOSE).bind(account.to_bytes().to_vec()).execute(self.conn()).await.map_err(&fault)?;
        Ok(())
    }

    /// A refusal unless the account runs in its role and the policy lets it.
    pub(super) async fn acting(&mut self, now: Time, by: Actor, action: Action) -> Done<()> {
        match self.running_account(now, by.account).await? {
            Some(account) if account.role == by.role => {}
            _ => return self.not_allowed(crate::WHY_STAFF_OVER),
        }
        if may(by.role, action).is_ok() { Ok(()) } else { self.not_allowed(crate::WHY_ROLE) }
    }

    /// An account that runs and may open a case.
    async fn opener(&mut self, now: Time, id: Option<&[u8]>) -> Done<Option<StaffAccount>> {
        let Some(id) = id.and_then(AccountId::from_bytes) else { return Ok(None) };
        let account = self.running_account(now, id).await?;
        Ok(account.filter(|account| may(account.role, Action::OpenTicket).is_ok()))
    }

    async fn opener_named(&mut self, now: Time, handle: &StaffHandle) -> Done<StaffAccount> {
        let account = kept_account(self, handle).await?.map(|account| account.id.to_bytes());
        match self.opener(now, account.as_ref().map(|id| &id[..])).await? {
            Some(account) => Ok(account),
            None => self.not_allowed(crate::WHY_NO_OPENER),
        }
    }

    /// One more opening of an account today; `false` when it has had its share.
    async fn count_opening_of(&mut self, now: Time, account: AccountId) -> Done<bool> {
        let (fault, id) = (self.fault(), account.to_bytes().to_vec());
        let (day, count): (i64, i64) =
            sqlx::query_as(OPENINGS).bind(&id).fetch_one(self.conn()).await.map_err(&fault)?;
        let today = i64::from(now.day());
        let before = if day == today { count } else { 0 };
        if before >= i64::from(OPENINGS_A_DAY_MAX) {
            return Ok(false);
        }
        sqlx::query(COUNT_OPENING).bind(id).bind(today).bind(before + 1).execute(self.conn()).await.map_err(&fault)?;
        Ok(true)
    }
}
