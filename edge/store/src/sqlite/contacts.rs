//! Contacts, the kept state of their conversations, places to come back to, and which case is open in which contact.
//! What a contact may open is left to `reaching`.

use super::connection::{database_fault, vault_fault};
use super::write::Write;
use super::{Done, SqliteStore};
use crate::rules;
use crate::vault::{Marked, Opening, Place};
use caseline_helpline::audit::AuditEvent;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::ReturnPlace;
use caseline_helpline::retention::DataClass;
use caseline_model::{CaseId, Channel, ContactId, Disposition, Language, Time};
use sqlx::SqlitePool;

const INSERT: &str =
    "INSERT INTO contacts (id, channel, day, began) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO NOTHING";
const SET_LANGUAGE: &str = "UPDATE contacts SET language = ?2 WHERE id = ?1";
const LANGUAGE: &str = "SELECT language FROM contacts WHERE id = ?1";
const DAY: &str = "SELECT day FROM contacts WHERE id = ?1";
const LIVE: &str = "SELECT wrong_count, caller_counted FROM contacts WHERE id = ?1 AND disposition IS NULL";
const COUNT_WRONG: &str = "UPDATE contacts SET wrong_count = wrong_count + 1 WHERE id = ?1";
const TAKE_WRONG_BACK: &str = "UPDATE contacts SET wrong_count = wrong_count - 1 WHERE id = ?1 AND wrong_count > 0";
const CALLER_COUNTED: &str = "UPDATE contacts SET caller_counted = 1 WHERE id = ?1";
const END: &str = "UPDATE contacts SET disposition = ?2, ended = ?3 WHERE id = ?1 AND disposition IS NULL";
const OPEN: &str = "SELECT id, channel FROM contacts WHERE disposition IS NULL ORDER BY id";
const DISPOSITION: &str = "SELECT disposition FROM contacts WHERE id = ?1";
const ON_DAY: &str = "SELECT COUNT(*) FROM contacts WHERE day = ?1";

const SAVE: &str = "INSERT INTO conversations (contact, sealed, goes_at) VALUES (?1, ?2, ?3) \
     ON CONFLICT (contact) DO UPDATE SET sealed = excluded.sealed, goes_at = excluded.goes_at";
const LOAD: &str = "SELECT sealed FROM conversations WHERE contact = ?1 AND goes_at > ?2";
const DROP_STATE: &str = "DELETE FROM conversations WHERE contact = ?1";

const NOT_COME_BACK: &str = "SELECT id, channel FROM contacts WHERE disposition IS NULL AND id IN \
     (SELECT contact FROM return_places WHERE goes_at <= ?1) ORDER BY id";
const PLACE: &str = "INSERT INTO return_places (mark, contact, goes_at) VALUES (?1, ?2, ?3) \
     ON CONFLICT (mark) DO UPDATE SET contact = excluded.contact, goes_at = excluded.goes_at";
/// A place that is over stays until the purge, so that its contact is found and ended.
const TAKE_PLACE: &str = "DELETE FROM return_places WHERE mark = ?1 AND goes_at > ?2 RETURNING contact";
/// The next caller of a shared telephone was cut off at the same place: nobody comes back to the one before.
const GIVE_UP_PLACE: &str = "UPDATE return_places SET mark = ?2, goes_at = ?3 WHERE mark = ?1 AND contact <> ?4";

const GIVE_ACCESS: &str = "INSERT INTO access (contact, case_id, goes_at) VALUES (?1, ?2, ?3) \
     ON CONFLICT (contact, case_id) DO UPDATE SET goes_at = excluded.goes_at";
const HAS_ACCESS: &str = "SELECT COUNT(*) FROM access JOIN cases ON cases.id = access.case_id \
     WHERE contact = ?1 AND case_id = ?2 AND goes_at > ?3 AND keep_until > ?3";
const END_ACCESS: &str = "DELETE FROM access WHERE contact = ?1";
const END_ACCESS_TO: &str = "DELETE FROM access WHERE contact = ?1 AND case_id = ?2";

/// A contact that has not ended.
pub(super) struct Live {
    /// Its wrong tries.
    pub(super) wrong_count: u32,
    /// It is counted on its caller.
    pub(super) caller_counted: bool,
}

impl SqliteStore {
    pub(super) async fn begin(&self, now: Time, contact: ContactId, channel: Channel) -> Done<()> {
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("beginning a contact").await?;
        let fault = write.fault();
        let began = self.sealed_time(now, now.day(), contact, "began", write.doing)?;
        let inserted = sqlx::query(INSERT)
            .bind(contact.to_bytes().to_vec())
            .bind(channel.as_str())
            .bind(i64::from(now.day()))
            .bind(began)
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        if inserted.rows_affected() == 0 {
            return Ok(());
        }
        write.log(&self.vault, now, Some(contact), None, AuditEvent::ContactArrived { channel }).await?;
        self.commit(write, now).await
    }

    pub(super) async fn set_language(&self, now: Time, contact: ContactId, language: Language) -> Done<()> {
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("noting a language").await?;
        let fault = write.fault();
        let updated = sqlx::query(SET_LANGUAGE)
            .bind(contact.to_bytes().to_vec())
            .bind(String::from(language))
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        if updated.rows_affected() == 0 {
            return write.not_allowed(crate::WHY_NOT_LIVE);
        }
        write.log(&self.vault, now, Some(contact), None, AuditEvent::LanguageChosen { language }).await?;
        self.commit(write, now).await
    }

    pub(super) async fn end(&self, now: Time, contact: ContactId, disposition: Disposition) -> Done<()> {
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("ending a contact").await?;
        let fault = write.fault();
        let id = contact.to_bytes().to_vec();
        let day: Option<i64> = sqlx::query_scalar(DAY).bind(&id).fetch_optional(write.conn()).await.map_err(&fault)?;
        let Some(day) = day else { return write.not_allowed(crate::WHY_NOT_LIVE) };
        let day = u32::try_from(day).unwrap_or(0);
        let ended = self.sealed_time(now, day, contact, "ended", write.doing).ok();
        let updated = sqlx::query(END)
            .bind(&id)
            .bind(disposition.as_str())
            .bind(ended)
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        if updated.rows_affected() == 0 {
            return Ok(());
        }
        sqlx::query(END_ACCESS).bind(&id).execute(write.conn()).await.map_err(&fault)?;
        sqlx::query(DROP_STATE).bind(&id).execute(write.conn()).await.map_err(&fault)?;
        write.log(&self.vault, now, Some(contact), None, AuditEvent::ContactClosed { disposition }).await?;
        self.commit(write, now).await
    }

    pub(super) async fn keep_conversation(&self, now: Time, contact: ContactId, state: &[u8]) -> Done<()> {
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("keeping a conversation").await?;
        let fault = write.fault();
        write.live(contact).await?;
        if state.len() > rules::CONVERSATION_BYTES_MAX {
            return write.not_allowed(crate::WHY_TOO_LONG);
        }
        let goes_at = now.plus(self.settings.retention.kept(DataClass::ConversationState));
        let row = contact.to_bytes();
        let sealed = self
            .vault
            .seal(DataClass::ConversationState, goes_at, conversation_place(&row), state)
            .map_err(vault_fault(write.doing))?;
        sqlx::query(SAVE)
            .bind(row.to_vec())
            .bind(sealed)
            .bind(goes_at.micros())
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        self.commit(write, now).await
    }

    pub(super) async fn kept_conversation(&self, now: Time, contact: ContactId) -> Done<Option<Vec<u8>>> {
        let doing = "loading a conversation";
        let row = contact.to_bytes();
        let sealed: Option<Vec<u8>> = sqlx::query_scalar(LOAD)
            .bind(row.to_vec())
            .bind(now.micros())
            .fetch_optional(&self.readers)
            .await
            .map_err(database_fault(doing))?;
        let Some(sealed) = sealed else { return Ok(None) };
        let plain = self.vault.open_value(&Opening::Contact(contact), conversation_place(&row), &sealed);
        Ok(Some(plain.map_err(vault_fault(doing))?.to_vec()))
    }

    pub(super) async fn keep_place(&self, now: Time, place: &ReturnPlace, contact: ContactId) -> Done<()> {
        let doing = "keeping a place";
        let mark = self.place_mark(now.week(), place).map_err(vault_fault(doing))?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let fault = write.fault();
        write.live(contact).await?;
        sqlx::query(GIVE_UP_PLACE)
            .bind(mark.clone())
            .bind(self.vault.salt().to_vec())
            .bind(now.micros())
            .bind(contact.to_bytes().to_vec())
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        sqlx::query(PLACE)
            .bind(mark)
            .bind(contact.to_bytes().to_vec())
            .bind(now.plus(rules::RETURN_WITHIN).micros())
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        self.commit(write, now).await
    }

    pub(super) async fn take_place(&self, now: Time, place: &ReturnPlace) -> Done<Option<ContactId>> {
        let doing = "taking a place";
        // Cut off before midnight on Sunday, back after it: the key of the week before is still there.
        let weeks = [now.week(), now.minus(rules::RETURN_WITHIN).week()];
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let fault = write.fault();
        let mut found = None;
        for week in weeks {
            if found.is_some() {
                break;
            }
            let Ok(mark) = self.place_mark(week, place) else { continue };
            let query = sqlx::query_scalar(TAKE_PLACE).bind(mark).bind(now.micros());
            let taken: Option<Vec<u8>> = query.fetch_optional(write.conn()).await.map_err(&fault)?;
            found = taken.and_then(|contact| ContactId::from_bytes(&contact));
        }
        if let Some(contact) = found
            && write.is_live(contact).await?.is_none()
        {
            found = None;
        }
        self.commit(write, now).await?;
        Ok(found)
    }

    fn place_mark(&self, week: u32, place: &ReturnPlace) -> Result<Vec<u8>, crate::vault::VaultFault> {
        Ok(self.vault.index(&Marked::Place { week, place: place.0.reveal() })?.to_vec())
    }

    fn sealed_time(
        &self,
        at: Time,
        day: u32,
        contact: ContactId,
        column: &'static str,
        doing: &'static str,
    ) -> Done<Vec<u8>> {
        let goes_at = rules::day_start(day).plus(self.settings.retention.kept(DataClass::ContactTimes));
        let row = contact.to_bytes();
        let place = Place { table: "contacts", row: &row, column };
        self.vault.seal(DataClass::ContactTimes, goes_at, place, &at.micros().to_be_bytes()).map_err(vault_fault(doing))
    }
}

impl Write<'_> {
    /// The contact, if it has not ended.
    pub(super) async fn is_live(&mut self, contact: ContactId) -> Done<Option<Live>> {
        let fault = self.fault();
        let row: Option<(i64, i64)> =
            sqlx::query_as(LIVE).bind(contact.to_bytes().to_vec()).fetch_optional(self.conn()).await.map_err(&fault)?;
        Ok(row.map(|(wrong, counted)| Live {
            wrong_count: u32::try_from(wrong).unwrap_or(u32::MAX),
            caller_counted: counted != 0,
        }))
    }

    /// The contact, or a refusal when it has ended.
    pub(super) async fn live(&mut self, contact: ContactId) -> Done<Live> {
        match self.is_live(contact).await? {
            Some(live) => Ok(live),
            None => self.not_allowed(crate::WHY_NOT_LIVE),
        }
    }

    /// The language on a contact's row; `None` when there is no such row.
    pub(super) async fn language_of(&mut self, contact: ContactId) -> Done<Option<Option<Language>>> {
        let fault = self.fault();
        let row: Option<Option<String>> = sqlx::query_scalar(LANGUAGE)
            .bind(contact.to_bytes().to_vec())
            .fetch_optional(self.conn())
            .await
            .map_err(&fault)?;
        Ok(row.map(|language| language.and_then(|text| text.parse().ok())))
    }

    pub(super) async fn count_wrong_in(&mut self, contact: ContactId) -> Done<()> {
        self.run_on(COUNT_WRONG, contact).await
    }

    pub(super) async fn take_wrong_back_in(&mut self, contact: ContactId) -> Done<()> {
        self.run_on(TAKE_WRONG_BACK, contact).await
    }

    pub(super) async fn mark_caller_counted(&mut self, contact: ContactId) -> Done<()> {
        self.run_on(CALLER_COUNTED, contact).await
    }

    /// How many contacts began on a day.
    pub(super) async fn contacts_on(&mut self, day: u32) -> Done<u32> {
        let fault = self.fault();
        let count: i64 =
            sqlx::query_scalar(ON_DAY).bind(i64::from(day)).fetch_one(self.conn()).await.map_err(&fault)?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Opens a case in a contact.
    /// One case at a time: the one before it is closed.
    pub(super) async fn give_access(&mut self, now: Time, contact: ContactId, case: CaseId) -> Done<()> {
        self.run_on(END_ACCESS, contact).await?;
        let fault = self.fault();
        sqlx::query(GIVE_ACCESS)
            .bind(contact.to_bytes().to_vec())
            .bind(case.to_bytes().to_vec())
            .bind(now.plus(rules::ACCESS_MAX).micros())
            .execute(self.conn())
            .await
            .map_err(&fault)?;
        Ok(())
    }

    /// A refusal unless the contact is live and the case open in it.
    pub(super) async fn open_in(&mut self, now: Time, contact: ContactId, case: CaseId) -> Done<()> {
        self.live(contact).await?;
        let fault = self.fault();
        let count: i64 = sqlx::query_scalar(HAS_ACCESS)
            .bind(contact.to_bytes().to_vec())
            .bind(case.to_bytes().to_vec())
            .bind(now.micros())
            .fetch_one(self.conn())
            .await
            .map_err(&fault)?;
        if count == 1 { Ok(()) } else { self.not_allowed(crate::WHY_NOT_OPEN) }
    }

    pub(super) async fn end_access_to(&mut self, contact: ContactId, case: CaseId) -> Done<()> {
        let fault = self.fault();
        let query = sqlx::query(END_ACCESS_TO).bind(contact.to_bytes().to_vec()).bind(case.to_bytes().to_vec());
        query.execute(self.conn()).await.map_err(&fault)?;
        Ok(())
    }

    async fn run_on(&mut self, sql: &'static str, contact: ContactId) -> Done<()> {
        let fault = self.fault();
        sqlx::query(sql).bind(contact.to_bytes().to_vec()).execute(self.conn()).await.map_err(&fault)?;
        Ok(())
    }
}

/// Contacts that have not ended.
pub(super) async fn open(readers: &SqlitePool) -> Done<Vec<(ContactId, Channel)>> {
    let doing = "listing contacts that have not ended";
    let rows: Vec<(Vec<u8>, String)> = sqlx::query_as(OPEN).fetch_all(readers).await.map_err(database_fault(doing))?;
    with_channel(rows, doing)
}

/// Contacts that have not ended and whose caller's time to come back to their place is over.
pub(super) async fn not_come_back(readers: &SqlitePool, now: Time) -> Done<Vec<(ContactId, Channel)>> {
    let doing = "listing contacts whose callers did not come back";
    let rows = sqlx::query_as(NOT_COME_BACK).bind(now.micros()).fetch_all(readers).await;
    with_channel(rows.map_err(database_fault(doing))?, doing)
}

fn with_channel(rows: Vec<(Vec<u8>, String)>, doing: &'static str) -> Done<Vec<(ContactId, Channel)>> {
    let read = rows.into_iter().map(|(id, channel)| Some((ContactId::from_bytes(&id)?, channel_named(&channel)?)));
    read.collect::<Option<Vec<_>>>().ok_or(StoreFault::Sealed { doing })
}

/// How a contact ended.
pub(super) async fn disposition(readers: &SqlitePool, contact: ContactId) -> Done<Option<Disposition>> {
    let row: Option<Option<String>> = sqlx::query_scalar(DISPOSITION)
        .bind(contact.to_bytes().to_vec())
        .fetch_optional(readers)
        .await
        .map_err(database_fault("reading a disposition"))?;
    Ok(row.flatten().and_then(|text| text.parse().ok()))
}

fn channel_named(word: &str) -> Option<Channel> {
    [Channel::Phone, Channel::WebCall, Channel::WebChat, Channel::Sms].into_iter().find(|is| is.as_str() == word)
}

const fn conversation_place(row: &[u8]) -> Place<'_> {
    Place { table: "conversations", row, column: "sealed" }
}
