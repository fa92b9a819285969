//! Obligations and the attempts to meet them: kept once, leased to one worker, fenced, ended once.
//! Ringing anybody is left to the channels; nothing here does more than write what is about to happen and what did.

use super::connection::{database_fault, vault_fault};
use super::reminder_times::{Exact, ReminderTimes};
use super::write::Write;
use super::{Done, SqliteStore};
use crate::memory::added_event;
use crate::rules;
use crate::vault::{Marked, Opening, Place, slot_of};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::{Added, Changed, ClaimedTask, LeaseState, NewTask, Settled, TaskContent, TaskKind};
use caseline_helpline::retention::DataClass;
use caseline_model::{ContactId, TaskId, Time};
use sqlx::SqlitePool;
use std::time::Duration;

const INSERT: &str = "INSERT INTO tasks (id, kind, obligation, case_id, due_at, expires_at, state, content, \
     content_goes_at, clock) SELECT ?1, ?2, ?3, ?4, ?5, ?6, 'open', ?7, ?6, ?8 \
     WHERE NOT EXISTS (SELECT 1 FROM tasks WHERE id = ?1 OR obligation = ?3)";
const NEXT: &str = "SELECT id, due_at FROM tasks WHERE state = 'open' AND kind IN (?2, ?3, ?4, ?5) \
     AND due_at <= ?1 AND expires_at > ?1 AND (lease_until IS NULL OR lease_until <= ?1) \
     AND (quiet_until IS NULL OR quiet_until <= ?1) ORDER BY due_at, id LIMIT 1";
/// Reminders whose week has begun: which of them are due, their masked times say. As many as a week has.
const WOKEN: &str = "SELECT id, due_at, expires_at, clock, lease_until, quiet_until FROM tasks \
     WHERE state = 'open' AND kind = 'reminder' AND due_at <= ?1";
const CLAIM: &str = "UPDATE tasks SET fencing = fencing + 1, attempt = attempt + 1, lease_until = ?2, \
     quiet_until = NULL WHERE id = ?1 RETURNING id, kind, fencing, attempt, content";
const LEASED: &str = "SELECT kind, content, content_goes_at FROM tasks WHERE id = ?1 AND state = 'open' \
     AND fencing = ?2 AND lease_until > ?3";
const OPEN_NAMED: &str =
    "SELECT id, kind, content_goes_at, content FROM tasks WHERE obligation = ?1 AND state = 'open'";
const REPLACE: &str = "UPDATE tasks SET content = ?2 WHERE id = ?1";
const INTEND: &str = "INSERT INTO attempts (id, task, fencing, noted_at) VALUES (?1, ?2, ?3, ?4) \
     ON CONFLICT (id) DO NOTHING";
const KEEP_QUIET: &str = "UPDATE tasks SET quiet_until = ?2 WHERE id = ?1";
const AGAIN: &str = "UPDATE tasks SET due_at = ?2, clock = ?3, lease_until = NULL, quiet_until = NULL WHERE id = ?1";
const CLOCK: &str = "SELECT due_at, expires_at, clock FROM tasks WHERE id = ?1";
/// A reminder whose time is over.
const GIVE_UP: &str = "UPDATE tasks SET state = 'given-up', settled_at = ?2, lease_until = NULL, quiet_until = NULL, \
     content = NULL WHERE id = ?1";
const END: &str = "UPDATE tasks SET state = ?2, settled_at = ?3, lease_until = NULL, quiet_until = NULL, \
     content = ?4, content_goes_at = ?5 WHERE id = ?1";
const OUTCOME: &str = "UPDATE attempts SET outcome = ?3 WHERE task = ?1 AND fencing = ?2";
/// Attempts of earlier leases of which nobody wrote how they ended.
const UNKNOWN: &str = "UPDATE attempts SET outcome = 'unknown' WHERE task = ?1 AND fencing < ?2 AND outcome IS NULL";
const EXPIRED: &str = "UPDATE tasks SET state = 'given-up', settled_at = ?1, lease_until = NULL, quiet_until = NULL, \
     content = NULL WHERE state = 'open' AND kind <> 'reminder' AND expires_at <= ?1 AND (lease_until IS NULL OR lease_until <= ?1) \
     RETURNING kind";
const COUNT: &str = "INSERT INTO figures (name, day, counted) VALUES (?1, ?2, 1) \
     ON CONFLICT (name, day) DO UPDATE SET counted = figures.counted + 1";
const COUNTED: &str = "SELECT COALESCE(SUM(counted), 0) FROM figures WHERE name = ?1";
const OPEN: &str = "SELECT COUNT(*) FROM tasks WHERE kind = ?1 AND state = 'open'";

/// Id, kind, fencing, attempt, content.
type Claimed = (Vec<u8>, String, i64, i64, Option<Vec<u8>>);

/// Id, due, end, masked times, lease, quiet.
type WokenRow = (Vec<u8>, i64, i64, Option<Vec<u8>>, Option<i64>, Option<i64>);

/// Id, kind, when the content goes, content.
type OpenNamed = (Vec<u8>, String, i64, Option<Vec<u8>>);

/// How many kinds one claim can name.
const KINDS: [TaskKind; 4] = [TaskKind::Callback, TaskKind::Message, TaskKind::Reminder, TaskKind::Report];

impl SqliteStore {
    pub(super) async fn keep_task(&self, now: Time, contact: Option<ContactId>, task: NewTask) -> Done<Added> {
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("keeping an obligation").await?;
        if let (Some(contact), Some(case)) = (contact, task.case) {
            write.open_in(now, contact, case).await?;
        }
        if !self.insert_task(&mut write, now, &task).await? {
            return Ok(Added::AlreadyThere);
        }
        if let Some(event) = added_event(task.kind) {
            write.log(&self.vault, now, contact, task.case, event).await?;
        }
        self.commit(write, now).await?;
        Ok(Added::New)
    }

    /// The new content is sealed until the time at which the earlier one would have gone.
    pub(super) async fn replace_content(&self, now: Time, obligation: &str, content: &TaskContent) -> Done<Changed> {
        let doing = "changing an obligation";
        let plain = crate::content::bytes_of(content).ok_or(StoreFault::Sealed { doing })?;
        let named = self.vault.index(&Marked::Obligation(obligation)).map_err(vault_fault(doing))?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let fault = write.fault();
        if plain.len() > rules::CONTENT_BYTES_MAX {
            return write.not_allowed(crate::WHY_TOO_LONG);
        }
        let row: Option<OpenNamed> =
            sqlx::query_as(OPEN_NAMED).bind(named.to_vec()).fetch_optional(write.conn()).await.map_err(&fault)?;
        let Some((id, kind, goes_at, before)) = row else { return Ok(Changed::Over) };
        let kind = kind_named(&kind).ok_or(StoreFault::Sealed { doing })?;
        let sealed = self
            .vault
            .seal_with_secret(
                rules::task_class(kind),
                Time::from_micros(goes_at),
                before.as_deref().and_then(slot_of),
                content_place(&id),
                &plain,
            )
            .map_err(vault_fault(doing))?;
        sqlx::query(REPLACE).bind(&id).bind(sealed).execute(write.conn()).await.map_err(&fault)?;
        self.commit(write, now).await?;
        Ok(Changed::Changed)
    }

    /// Whether it was new.
    pub(super) async fn insert_task(&self, write: &mut Write<'_>, now: Time, task: &NewTask) -> Done<bool> {
        let (fault, doing) = (write.fault(), write.doing);
        let Some(plain) = crate::content::bytes_of(&task.content) else {
            return Err(StoreFault::Sealed { doing });
        };
        if plain.len() > rules::CONTENT_BYTES_MAX {
            return write.not_allowed(crate::WHY_TOO_LONG);
        }
        let row = task.id.to_bytes();
        let expires_at = rules::task_expires_at(&self.settings.retention, now, task.kind, task.expires_at);
        let exact = Exact { due_at: task.due_at, expires_at };
        let times = self.reminder_times.in_columns(task.kind, &row, self.vault.salt(), exact);
        let obligation = self.vault.index(&Marked::Obligation(&task.obligation)).map_err(vault_fault(doing))?;
        let slot = match task.case {
            Some(case) => write.slot_of_case(&self.vault, case).await?,
            None => None,
        };
        let content = self
            .vault
            .seal_with_secret(rules::task_class(task.kind), times.expires_at, slot, content_place(&row), &plain)
            .map_err(vault_fault(doing))?;
        let inserted = sqlx::query(INSERT)
            .bind(row.to_vec())
            .bind(task.kind.as_str())
            .bind(obligation.to_vec())
            .bind(task.case.map(|case| case.to_bytes().to_vec()))
            .bind(times.due_at.micros())
            .bind(times.expires_at.micros())
            .bind(content)
            .bind(times.clock)
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        Ok(inserted.rows_affected() > 0)
    }

    pub(super) async fn take_lease(&self, now: Time, kinds: &[TaskKind], lease: Duration) -> Done<Option<ClaimedTask>> {
        let doing = "taking an obligation";
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let fault = write.fault();
        write.give_up_expired(now, &self.reminder_times).await?;
        let others = |kind: &&TaskKind| kinds.contains(kind) && **kind != TaskKind::Reminder;
        let word = |n: usize| KINDS.get(n).filter(others).map(|kind| kind.as_str());
        let next: Option<(Vec<u8>, i64)> = sqlx::query_as(NEXT)
            .bind(now.micros())
            .bind(word(0))
            .bind(word(1))
            .bind(word(2))
            .bind(word(3))
            .fetch_optional(write.conn())
            .await
            .map_err(&fault)?;
        let next = next.map(|(id, due_at)| (due_at, id));
        let reminder = match kinds.contains(&TaskKind::Reminder) {
            true => write.next_reminder(now, &self.reminder_times).await?,
            false => None,
        };
        let first = next.into_iter().chain(reminder).min();
        let row: Option<Claimed> = match first {
            Some((_, id)) => sqlx::query_as(CLAIM)
                .bind(id)
                .bind(now.plus(lease).micros())
                .fetch_optional(write.conn())
                .await
                .map_err(&fault)?,
            None => None,
        };
        let claimed = match row {
            Some((id, kind, fencing, attempt, content)) => {
                let id = TaskId::from_bytes(&id).ok_or(StoreFault::Sealed { doing })?;
                write.settle_unknown(id, fencing).await?;
                let sealed = content.ok_or(StoreFault::Sealed { doing })?;
                let row = id.to_bytes();
                let plain = self
                    .vault
                    .open_value(&Opening::Task(id), content_place(&row), &sealed)
                    .map_err(vault_fault(doing))?;
                Some(ClaimedTask {
                    id,
                    kind: kind_named(&kind).ok_or(StoreFault::Sealed { doing })?,
                    fencing: fencing.cast_unsigned(),
                    attempt: u32::try_from(attempt).unwrap_or(u32::MAX),
                    content: crate::content::content_of(&plain).ok_or(StoreFault::Sealed { doing })?,
                })
            }
            None => None,
        };
        self.commit(write, now).await?;
        Ok(claimed)
    }

    pub(super) async fn keep_intent(&self, now: Time, task: TaskId, fencing: u64, attempt: u128) -> Done<LeaseState> {
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("noting an attempt").await?;
        let fault = write.fault();
        let Some(leased) = write.still_leased(task, fencing, now).await? else { return Ok(LeaseState::Lost) };
        let id = task.to_bytes().to_vec();
        sqlx::query(INTEND)
            .bind(attempt.to_be_bytes().to_vec())
            .bind(&id)
            .bind(fencing.cast_signed())
            .bind(rules::noted_at(leased.kind, now).micros())
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        sqlx::query(KEEP_QUIET)
            .bind(&id)
            .bind(now.plus(rules::UNKNOWN_QUIET).micros())
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        self.commit(write, now).await?;
        Ok(LeaseState::Held)
    }

    pub(super) async fn settle(&self, now: Time, task: TaskId, fencing: u64, settled: Settled) -> Done<LeaseState> {
        let doing = "settling an obligation";
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let fault = write.fault();
        // A lease that ran out and that nobody took since still lets its worker say what happened.
        let Some(leased) = write.still_leased(task, fencing, Time::from_micros(i64::MIN)).await? else {
            return Ok(LeaseState::Lost);
        };
        let id = task.to_bytes().to_vec();
        let outcome = match settled {
            Settled::Again(at) => {
                let exact = Exact { due_at: at, ..write.exact_times(&id, &self.reminder_times).await? };
                let times = self.reminder_times.in_columns(leased.kind, &id, self.vault.salt(), exact);
                let again = sqlx::query(AGAIN).bind(&id).bind(times.due_at.micros()).bind(times.clock);
                again.execute(write.conn()).await.map_err(&fault)?;
                "again"
            }
            Settled::Met if leased.kind == TaskKind::Message => {
                // What was heard stays for a while under a shorter key; if its own is gone already, it goes now.
                let goes_at = leased.goes_at.min(now.plus(self.settings.retention.kept(DataClass::Message)));
                let row = task.to_bytes();
                let content = leased.content.and_then(|sealed| {
                    self.vault.rotate(DataClass::Message, goes_at, content_place(&row), &sealed).ok()
                });
                write.end_task(task, "met", now, content, goes_at).await?;
                "met"
            }
            Settled::Met => {
                write.end_task(task, "met", rules::noted_at(leased.kind, now), None, leased.goes_at).await?;
                "met"
            }
            Settled::GivenUp => {
                write.end_task(task, "given-up", rules::noted_at(leased.kind, now), None, leased.goes_at).await?;
                write.count_given_up(leased.kind, now).await?;
                "given-up"
            }
        };
        sqlx::query(OUTCOME)
            .bind(&id)
            .bind(fencing.cast_signed())
            .bind(outcome)
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        self.commit(write, now).await?;
        Ok(LeaseState::Held)
    }
}

/// What the holder of a lease may change.
struct Leased {
    kind: TaskKind,
    content: Option<Vec<u8>>,
    goes_at: Time,
}

/// A reminder whose week has begun.
struct Woken {
    id: Vec<u8>,
    exact: Exact,
    is_leased: bool,
    is_quiet: bool,
}

const fn exact_of(due_at: i64, expires_at: i64) -> Exact {
    Exact { due_at: Time::from_micros(due_at), expires_at: Time::from_micros(expires_at) }
}

impl Write<'_> {
    /// Obligations whose time is over are given up and counted, unless a worker still has one.
    pub(super) async fn give_up_expired(&mut self, now: Time, times: &ReminderTimes) -> Done<()> {
        let fault = self.fault();
        let kinds: Vec<String> =
            sqlx::query_scalar(EXPIRED).bind(now.micros()).fetch_all(self.conn()).await.map_err(&fault)?;
        for kind in kinds.iter().filter_map(|kind| kind_named(kind)) {
            self.count_given_up(kind, now).await?;
        }
        for woken in self.woken_reminders(now, times).await? {
            if woken.exact.expires_at <= now && !woken.is_leased {
                let settled_at = rules::noted_at(TaskKind::Reminder, now).micros();
                let query = sqlx::query(GIVE_UP).bind(woken.id).bind(settled_at);
                query.execute(self.conn()).await.map_err(&fault)?;
                self.count_given_up(TaskKind::Reminder, now).await?;
            }
        }
        Ok(())
    }

    /// The reminder that is due for the longest time and free, with its time.
    async fn next_reminder(&mut self, now: Time, times: &ReminderTimes) -> Done<Option<(i64, Vec<u8>)>> {
        let woken = self.woken_reminders(now, times).await?.into_iter();
        let due = woken.filter(|woken| woken.exact.due_at <= now && woken.exact.expires_at > now);
        Ok(due
            .filter(|woken| !woken.is_leased && !woken.is_quiet)
            .map(|woken| (woken.exact.due_at.micros(), woken.id))
            .min())
    }

    async fn woken_reminders(&mut self, now: Time, times: &ReminderTimes) -> Done<Vec<Woken>> {
        let fault = self.fault();
        let rows: Vec<WokenRow> =
            sqlx::query_as(WOKEN).bind(now.micros()).fetch_all(self.conn()).await.map_err(&fault)?;
        let is_ahead = |until: Option<i64>| until.is_some_and(|until| until > now.micros());
        let read = |(id, due_at, expires_at, clock, lease, quiet): WokenRow| {
            let in_clear = exact_of(due_at, expires_at);
            let exact = times.exact(&id, in_clear, clock.as_deref());
            Woken { id, exact, is_leased: is_ahead(lease), is_quiet: is_ahead(quiet) }
        };
        Ok(rows.into_iter().map(read).collect())
    }

    async fn exact_times(&mut self, id: &[u8], times: &ReminderTimes) -> Done<Exact> {
        let fault = self.fault();
        let query = sqlx::query_as(CLOCK).bind(id);
        let (due_at, expires_at, clock): (i64, i64, Option<Vec<u8>>) =
            query.fetch_one(self.conn()).await.map_err(&fault)?;
        Ok(times.exact(id, exact_of(due_at, expires_at), clock.as_deref()))
    }

    /// Whether the lease of an open obligation holds.
    pub(super) async fn is_leased(&mut self, task: TaskId, fencing: u64, now: Time) -> Done<bool> {
        Ok(self.still_leased(task, fencing, now).await?.is_some())
    }

    async fn still_leased(&mut self, task: TaskId, fencing: u64, now: Time) -> Done<Option<Leased>> {
        let fault = self.fault();
        let row: Option<(String, Option<Vec<u8>>, i64)> = sqlx::query_as(LEASED)
            .bind(task.to_bytes().to_vec())
            .bind(fencing.cast_signed())
            .bind(now.micros())
            .fetch_optional(self.conn())
            .await
            .map_err(&fault)?;
        Ok(row.and_then(|(kind, content, goes_at)| {
            Some(Leased { kind: kind_named(&kind)?, content, goes_at: Time::from_micros(goes_at) })
        }))
    }

    async fn end_task(
        &mut self,
        task: TaskId,
        state: &'static str,
        now: Time,
        content: Option<Vec<u8>>,
        goes_at: Time,
    ) -> Done<()> {
        let fault = self.fault();
        sqlx::query(END)
            .bind(task.to_bytes().to_vec())
            .bind(state)
            .bind(now.micros())
            .bind(content)
            .bind(goes_at.micros())
            .execute(self.conn())
            .await
            .map_err(&fault)?;
        Ok(())
    }

    async fn settle_unknown(&mut self, task: TaskId, fencing: i64) -> Done<()> {
        let fault = self.fault();
        let query = sqlx::query(UNKNOWN).bind(task.to_bytes().to_vec()).bind(fencing);
        query.execute(self.conn()).await.map_err(&fault)?;
        Ok(())
    }

    async fn count_given_up(&mut self, kind: TaskKind, now: Time) -> Done<()> {
        let fault = self.fault();
        sqlx::query(COUNT)
            .bind(given_up_name(kind))
            .bind(i64::from(now.day()))
            .execute(self.conn())
            .await
            .map_err(&fault)?;
        Ok(())
    }
}

/// How many obligations of a kind are open.
pub(super) async fn open_count(readers: &SqlitePool, kind: TaskKind) -> Done<u64> {
    let count: i64 = sqlx::query_scalar(OPEN)
        .bind(kind.as_str())
        .fetch_one(readers)
        .await
        .map_err(database_fault("counting obligations"))?;
    Ok(count.cast_unsigned())
}

/// How many obligations of a kind were given up.
pub(super) async fn given_up(readers: &SqlitePool, kind: TaskKind) -> Done<u64> {
    let count: i64 = sqlx::query_scalar(COUNTED)
        .bind(given_up_name(kind))
        .fetch_one(readers)
        .await
        .map_err(database_fault("counting obligations"))?;
    Ok(count.cast_unsigned())
}

const fn given_up_name(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::Callback => "given-up callback",
        TaskKind::Message => "given-up message",
        TaskKind::Reminder => "given-up reminder",
        TaskKind::Report => "given-up report",
    }
}

fn kind_named(word: &str) -> Option<TaskKind> {
    KINDS.into_iter().find(|kind| kind.as_str() == word)
}

const fn content_place(row: &[u8]) -> Place<'_> {
    Place { table: "tasks", row, column: "content" }
}
