//! Counters of the limits: on what was keyed, on callers by the week's key, on the site; all durable.
//! What they mean is left to `helpline::limits`.

use super::connection::{database_fault, vault_fault};
use super::reaching::NOBODY;
use super::write::Write;
use super::{Done, SqliteStore};
use crate::vault::{Marked, Vault};
use caseline_helpline::audit::AuditEvent;
use caseline_helpline::limits::{TryEnd, TryFacts, Wrongs};
use caseline_helpline::ports::Trying;
use caseline_model::Time;

const WRONGS: &str = "SELECT wrong_count, since, last, in_all FROM wrongs WHERE kind = ?1 AND mark = ?2";
const SET_WRONGS: &str = "INSERT INTO wrongs (kind, mark, wrong_count, since, last, in_all, half_of, half_last) VALUES \
     (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (kind, mark) DO UPDATE SET wrong_count = excluded.wrong_count, \
     since = excluded.since, last = excluded.last, in_all = excluded.in_all, half_of = excluded.half_of, \
     half_last = excluded.half_last";
const DROP_WRONGS: &str = "DELETE FROM wrongs WHERE kind = ?1 AND mark = ?2";
/// A receipt that was keyed without its word: by which contact, as a mark, and the wrong try on it before.
const HALF: &str = "SELECT half_last FROM wrongs WHERE kind = ?1 AND mark = ?2 AND half_of = ?3";
const RESET_IN_ALL: &str = "UPDATE wrongs SET in_all = 0 WHERE kind = ?1 AND mark = ?2";
const COUNT_CALLER: &str = "INSERT INTO caller_contacts (mark, week, day, contact_count) VALUES (?1, ?2, ?3, 1) \
     ON CONFLICT (mark, day) DO UPDATE SET contact_count = caller_contacts.contact_count + 1";
const CALLER_CONTACTS: &str = "SELECT MAX(contact_count) FROM caller_contacts WHERE mark = ?1 AND day >= ?2";
const CALLER_CONTACTS_IN_WEEK: &str = "SELECT SUM(contact_count) FROM caller_contacts WHERE mark = ?1";
const BREADTH: &str = "SELECT COUNT(*), COUNT(CASE WHEN opened = ?2 THEN 1 END) FROM breadth WHERE mark = ?1";
const NOTE_OPENED: &str = "INSERT INTO breadth (mark, opened, week) VALUES (?1, ?2, ?3) \
     ON CONFLICT (mark, opened) DO NOTHING";
const IS_KNOWN: &str = "SELECT COUNT(*) FROM known_callers WHERE mark = ?1";
const ON_SITE: &str = "SELECT wrong_count, since FROM wrongs WHERE kind = 'site'";
const CONTACTS_ON: &str = "SELECT COUNT(*) FROM contacts WHERE day = ?1";
const MAKE_KNOWN: &str = "INSERT INTO known_callers (mark, week) VALUES (?1, ?2) ON CONFLICT (mark) DO NOTHING";

/// What a try is counted on: what was keyed, existing or not.
pub(super) struct Keyed {
    /// `number`, `file` or `report`.
    pub(super) kind: &'static str,
    /// Its mark.
    pub(super) mark: Vec<u8>,
}

/// A try with all that the limits ask.
pub(super) struct Try {
    pub(super) facts: TryFacts,
    pub(super) keyed: Keyed,
    /// Wrong tries on what was keyed since it last opened.
    pub(super) in_all: u32,
    /// This contact keyed the receipt without its word just before, which counted as wrong.
    half: Option<Half>,
    caller: Vec<u8>,
    is_withheld: bool,
    /// What is noted if it opens: by the caller, and in the contact.
    opened: [Opened; 2],
}

/// That somebody opened something: a keyed hash of both together, so that nobody reads from it what they opened.
struct Opened {
    by: Vec<u8>,
    what: Vec<u8>,
}

impl Opened {
    fn by(vault: &Vault, by: Vec<u8>, keyed: &Keyed, doing: &'static str) -> Done<Self> {
        let both = [by.as_slice(), keyed.kind.as_bytes(), &keyed.mark].concat();
        let what = vault.index(&Marked::Digest { case: NOBODY, digest: &both }).map_err(vault_fault(doing))?;
        Ok(Self { by, what: what.to_vec() })
    }
}

/// What was counted for a receipt without its word.
#[derive(Clone, Copy)]
struct Half {
    last_before: Option<Time>,
}

impl Try {
    /// The facts by which this try is judged: a word that follows its receipt directly is judged as if the receipt alone
    /// had not been counted. If the word is wrong too, both stay counted, so it is no free try.
    pub(super) fn judged(&self) -> TryFacts {
        self.half.map_or(self.facts, |half| self.facts.without_one(half.last_before))
    }
}

impl SqliteStore {
    /// Looks whether a word follows its receipt directly. The same statement for every receipt and word.
    pub(super) async fn note_half(&self, write: &mut Write<'_>, who: &Trying, tried: &mut Try) -> Done<()> {
        let half_of = self.half_mark(who, tried.facts.in_contact, &tried.keyed, write.doing)?;
        tried.half = write.half(&tried.keyed, half_of).await?;
        Ok(())
    }

    /// Marks that this try, just counted as wrong, was a receipt without its word.
    pub(super) async fn keep_half(&self, write: &mut Write<'_>, who: &Trying, tried: &Try) -> Done<()> {
        let half_of = self.half_mark(who, tried.facts.in_contact + 1, &tried.keyed, write.doing)?;
        let (wrongs, in_all) = write.wrongs(tried.keyed.kind, &tried.keyed.mark).await?;
        let half = Some((half_of, tried.facts.on_case.last));
        write.set_wrongs(tried.keyed.kind, &tried.keyed.mark, wrongs, in_all, half).await
    }

    fn half_mark(&self, who: &Trying, wrong_count: u32, keyed: &Keyed, doing: &'static str) -> Done<Vec<u8>> {
        let marked = Marked::Half { contact: who.contact, wrong_count, file: &keyed.mark };
        Ok(self.vault.index(&marked).map_err(vault_fault(doing))?.to_vec())
    }

    /// The mark of who calls, in this week.
    pub(super) fn caller_mark(&self, now: Time, who: &Trying, doing: &'static str) -> Done<Vec<u8>> {
        let phone = who.caller.as_ref().map(caseline_model::Private::reveal);
        let mark = self.vault.index(&Marked::Caller { week: now.week(), phone }).map_err(vault_fault(doing))?;
        Ok(mark.to_vec())
    }

    /// Whether the site's limit is reached now.
    pub(super) async fn is_flooded(&self, now: Time) -> Done<bool> {
        let doing = "looking at the limits";
        let on_site: Option<(i64, Option<i64>)> =
            sqlx::query_as(ON_SITE).fetch_optional(&self.readers).await.map_err(database_fault(doing))?;
        let Some((count, since)) = on_site else { return Ok(false) };
        let yesterday: i64 = sqlx::query_scalar(CONTACTS_ON)
            .bind(i64::from(now.day().saturating_sub(1)))
            .fetch_one(&self.readers)
            .await
            .map_err(database_fault(doing))?;
        let on_site =
            Wrongs { count: u32::try_from(count).unwrap_or(u32::MAX), since: since.map(Time::from_micros), last: None };
        let site_contacts_yesterday = u32::try_from(yesterday).unwrap_or(u32::MAX);
        let facts = TryFacts { on_site, site_contacts_yesterday, ..TryFacts::default() };
        Ok(facts.on_site.on(now).count >= facts.site_max())
    }

    pub(super) async fn count_contact_of_caller(&self, now: Time, who: &Trying) -> Done<()> {
        let doing = "counting a contact";
        let caller = self.caller_mark(now, who, doing)?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        write.count_caller(now, who, &caller).await?;
        self.commit(write, now).await
    }

    /// Counts what a try came to and writes it down. An opening is written by who opens.
    pub(super) async fn count_try(
        &self,
        write: &mut Write<'_>,
        now: Time,
        who: &Trying,
        tried: &Try,
        end: TryEnd,
    ) -> Done<()> {
        if end.counts_on_caller() {
            write.count_wrong_in(who.contact).await?;
            write.count_wrong(now, "caller", &tried.caller).await?;
            if !tried.facts.is_verified() {
                if tried.facts.alarm_rings(now) {
                    tracing::warn!("unverified failures passed the site's limit: newcomers need two codes");
                    write.log(&self.vault, now, None, None, AuditEvent::LimitAlarm).await?;
                }
                write.count_wrong(now, "site", b"").await?;
            }
        }
        if end.counts_on_number() {
            write.count_wrong(now, tried.keyed.kind, &tried.keyed.mark).await?;
        }
        let event = match end {
            TryEnd::Opened => return Ok(()),
            TryEnd::PersonNow => AuditEvent::TryLimited,
            TryEnd::FirstOfTwo | TryEnd::Wrong | TryEnd::Closed | TryEnd::Guarded | TryEnd::GuardedFile => {
                AuditEvent::TryRefused
            }
        };
        write.log(&self.vault, now, Some(who.contact), None, event).await?;
        Ok(())
    }
}

impl Write<'_> {
    /// All that the limits ask, and the contact counted on its caller.
    pub(super) async fn a_try(
        &mut self,
        vault: &Vault,
        now: Time,
        who: &Trying,
        caller: Vec<u8>,
        keyed: Keyed,
    ) -> Done<Try> {
        let live = self.count_caller(now, who, &caller).await?;
        let fault = self.fault();
        let contact = who.contact.to_bytes().to_vec();
        let opened =
            [Opened::by(vault, caller.clone(), &keyed, self.doing)?, Opened::by(vault, contact, &keyed, self.doing)?];
        let (opened_by_caller, was_opened_by_caller) = self.breadth(&opened[0]).await?;
        let (open_in_contact, is_open_in_contact) = self.breadth(&opened[1]).await?;
        let in_week: Option<i64> =
            sqlx::query_scalar(CALLER_CONTACTS_IN_WEEK).bind(&caller).fetch_one(self.conn()).await.map_err(&fault)?;
        let yesterday = now.day().saturating_sub(1);
        let caller_contacts: Option<i64> = sqlx::query_scalar(CALLER_CONTACTS)
            .bind(&caller)
            .bind(i64::from(yesterday))
            .fetch_one(self.conn())
            .await
            .map_err(&fault)?;
        let known: i64 = sqlx::query_scalar(IS_KNOWN).bind(&caller).fetch_one(self.conn()).await.map_err(&fault)?;
        let (on_case, in_all) = self.wrongs(keyed.kind, &keyed.mark).await?;
        let is_withheld = who.caller.is_none();
        let facts = TryFacts {
            in_contact: live.wrong_count,
            by_caller: self.wrongs("caller", &caller).await?.0,
            caller_is_shared: who.shared || is_withheld,
            caller_contacts: u32::try_from(caller_contacts.unwrap_or(0)).unwrap_or(u32::MAX),
            on_case,
            on_site: self.wrongs("site", b"").await?.0,
            site_contacts_yesterday: self.contacts_on(yesterday).await?,
            caller_is_known: known > 0,
            opened_by_caller,
            was_opened_by_caller,
            caller_contacts_in_week: u32::try_from(in_week.unwrap_or(0)).unwrap_or(u32::MAX),
            open_in_contact,
            is_open_in_contact,
            by_receipt: keyed.kind != "number",
        };
        Ok(Try { facts, keyed, in_all, half: None, caller, is_withheld, opened })
    }

    /// Counts the contact on its caller, once.
    async fn count_caller(&mut self, now: Time, who: &Trying, caller: &[u8]) -> Done<super::contacts::Live> {
        let live = self.live(who.contact).await?;
        if !live.caller_counted {
            let fault = self.fault();
            sqlx::query(COUNT_CALLER)
                .bind(caller.to_vec())
                .bind(i64::from(now.week()))
                .bind(i64::from(now.day()))
                .execute(self.conn())
                .await
                .map_err(&fault)?;
            self.mark_caller_counted(who.contact).await?;
        }
        Ok(live)
    }

    /// What was keyed opened: its wrong tries in all begin anew, and the caller is known for the rest of the week.
    /// An opening by a representative's card is none of the caller's own cases.
    pub(super) async fn count_opened(
        &mut self,
        now: Time,
        who: &Trying,
        tried: &Try,
        by_representative: bool,
    ) -> Done<()> {
        for Opened { by, what } in tried.opened.iter().filter(|_| !by_representative) {
            let fault = self.fault();
            sqlx::query(NOTE_OPENED)
                .bind(by.clone())
                .bind(what.clone())
                .bind(i64::from(now.week()))
                .execute(self.conn())
                .await
                .map_err(&fault)?;
        }
        if let Some(Half { last_before }) = tried.half {
            self.take_wrong_back_in(who.contact).await?;
            self.take_back("caller", &tried.caller, None).await?;
            if !tried.facts.is_verified() {
                self.take_back("site", b"", None).await?;
            }
            self.take_back(tried.keyed.kind, &tried.keyed.mark, last_before).await?;
        }
        let fault = self.fault();
        sqlx::query(RESET_IN_ALL)
            .bind(tried.keyed.kind)
            .bind(&tried.keyed.mark)
            .execute(self.conn())
            .await
            .map_err(&fault)?;
        // Withheld numbers share one mark: knowing one of them would let all of them in.
        if !tried.is_withheld {
            sqlx::query(MAKE_KNOWN)
                .bind(&tried.caller)
                .bind(i64::from(now.week()))
                .execute(self.conn())
                .await
                .map_err(&fault)?;
        }
        Ok(())
    }

    /// How many different things somebody opened in this week, and whether this is one of them.
    async fn breadth(&mut self, opened: &Opened) -> Done<(u32, bool)> {
        let fault = self.fault();
        let (count, is_one): (i64, i64) = sqlx::query_as(BREADTH)
            .bind(opened.by.clone())
            .bind(opened.what.clone())
            .fetch_one(self.conn())
            .await
            .map_err(&fault)?;
        Ok((u32::try_from(count).unwrap_or(u32::MAX), is_one > 0))
    }

    async fn wrongs(&mut self, kind: &'static str, mark: &[u8]) -> Done<(Wrongs, u32)> {
        let fault = self.fault();
        let row: Option<(i64, Option<i64>, Option<i64>, i64)> =
            sqlx::query_as(WRONGS).bind(kind).bind(mark.to_vec()).fetch_optional(self.conn()).await.map_err(&fault)?;
        let (count, since, last, in_all) = row.unwrap_or_default();
        let wrongs = Wrongs {
            count: u32::try_from(count).unwrap_or(u32::MAX),
            since: since.map(Time::from_micros),
            last: last.map(Time::from_micros),
        };
        Ok((wrongs, u32::try_from(in_all).unwrap_or(u32::MAX)))
    }

    async fn count_wrong(&mut self, now: Time, kind: &'static str, mark: &[u8]) -> Done<()> {
        let (wrongs, in_all) = self.wrongs(kind, mark).await?;
        self.set_wrongs(kind, mark, wrongs.and_one(now), in_all.saturating_add(1), None).await
    }

    async fn take_back(&mut self, kind: &'static str, mark: &[u8], last_before: Option<Time>) -> Done<()> {
        let (wrongs, in_all) = self.wrongs(kind, mark).await?;
        self.set_wrongs(kind, mark, wrongs.without_one(last_before), in_all.saturating_sub(1), None).await
    }

    async fn half(&mut self, keyed: &Keyed, half_of: Vec<u8>) -> Done<Option<Half>> {
        let fault = self.fault();
        let row: Option<Option<i64>> = sqlx::query_scalar(HALF)
            .bind(keyed.kind)
            .bind(keyed.mark.clone())
            .bind(half_of)
            .fetch_optional(self.conn())
            .await
            .map_err(&fault)?;
        Ok(row.map(|last| Half { last_before: last.map(Time::from_micros) }))
    }

    async fn set_wrongs(
        &mut self,
        kind: &'static str,
        mark: &[u8],
        wrongs: Wrongs,
        in_all: u32,
        half: Option<(Vec<u8>, Option<Time>)>,
    ) -> Done<()> {
        let fault = self.fault();
        if wrongs.count == 0 {
            let query = sqlx::query(DROP_WRONGS).bind(kind).bind(mark.to_vec());
            query.execute(self.conn()).await.map_err(&fault)?;
            return Ok(());
        }
        let (half_of, half_last) = half.unzip();
        sqlx::query(SET_WRONGS)
            .bind(kind)
            .bind(mark.to_vec())
            .bind(i64::from(wrongs.count))
            .bind(wrongs.since.map(Time::micros))
            .bind(wrongs.last.map(Time::micros))
            .bind(i64::from(in_all))
            .bind(half_of)
            .bind(half_last.flatten().map(Time::micros))
            .execute(self.conn())
            .await
            .map_err(&fault)?;
        Ok(())
    }
}
