//! What goes when its time is over: rows, then the keys of days that are over, then what the write-ahead log still has.
//! The times are `helpline::retention`.

use super::connection::{database_fault, vault_fault};
use super::reminder_times::ReminderTimes;
use super::write::Write;
use super::{Done, SqliteStore};
use crate::backup::Targets;
use crate::vault::{CASE_SECRETS, SecretState, Vault, oldest_week, slot_of};
use caseline_helpline::audit::{AuditEntry, AuditEvent};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::retention::{DataClass, KeptTimes};
use caseline_model::{CaseId, Time};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// How long a copy of the key ring may take to be overwritten before the next one is looked at.
const COPY_WAIT_MAX: Duration = Duration::from_secs(5);

const KEYS: &str = "SELECT id, case_key FROM cases";
const CONVERSATIONS: &str = "DELETE FROM conversations WHERE goes_at <= ?1";
const PLACES: &str = "DELETE FROM return_places WHERE goes_at <= ?1";
const ACCESS: &str = "DELETE FROM access WHERE goes_at <= ?1";
const TIMES: &str = "UPDATE contacts SET began = NULL, ended = NULL WHERE began IS NOT NULL AND day <= ?1";
/// What hangs on contacts whose time is over; the contacts last.
const BEFORE_CONTACTS: &[&str] = &[
    "UPDATE log_links SET contact = NULL WHERE contact IN (SELECT id FROM contacts WHERE day <= ?1)",
    "DELETE FROM log_links WHERE contact IS NULL AND case_id IS NULL",
    "DELETE FROM access WHERE contact IN (SELECT id FROM contacts WHERE day <= ?1)",
    "DELETE FROM conversations WHERE contact IN (SELECT id FROM contacts WHERE day <= ?1)",
];
const CONTACTS: &str = "DELETE FROM contacts WHERE day <= ?1";
const CASES: &str = "SELECT id FROM cases WHERE keep_until <= ?1";
const REPORTS: &str = "DELETE FROM reports WHERE goes_at <= ?1";
const HEARD: &str = "UPDATE tasks SET content = NULL WHERE state = 'met' AND content IS NOT NULL \
     AND content_goes_at <= ?1";
const ATTEMPTS: &str = "DELETE FROM attempts WHERE task IN (SELECT id FROM tasks WHERE settled_at <= ?1)";
const TASKS: &str = "DELETE FROM tasks WHERE settled_at <= ?1";
const WRONGS: &str = "DELETE FROM wrongs WHERE last <= ?1";
const CALLER_CONTACTS: &str = "DELETE FROM caller_contacts WHERE week < ?1";
const KNOWN: &str = "DELETE FROM known_callers WHERE week < ?1";
const BREADTH: &str = "DELETE FROM breadth WHERE week < ?1";
const ENTRIES: &str = "UPDATE log_entries SET salt = NULL, sealed = NULL WHERE sealed IS NOT NULL AND day <= ?1";

impl SqliteStore {
    pub(super) async fn destroy_due(&self, now: Time) -> Done<u64> {
        let doing = "destroying what is due";
        if self.vault.is_half_forgotten() {
            self.end_forgetting(now).await?;
        }
        self.note_vault_news(now).await?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let gone = write.delete_due(&self.vault, now, &self.settings.retention, &self.reminder_times).await?;
        if gone > 0 {
            write.log(&self.vault, now, None, None, AuditEvent::Purged { rows: gone }).await?;
        }
        self.commit(write, now).await?;
        self.vault.set_half_forgotten(false);
        // Keys last: should the process stop in between, the rows are gone and the keys go at the next purge.
        let keys = self.vault.destroy(now).map_err(vault_fault(doing))?;
        writer.truncate().await?;
        drop(writer);
        // Secrets of cases go with the rows; a copy that has them still is told by its bytes.
        self.overwrite_ring_copies(now, keys > 0).await;
        self.ballast.is_made_again();
        Ok(gone)
    }

    /// Overwrites the copies of the key ring and of the cases' secrets that belong to backup sets: after a destruction all
    /// of them, else those that were not in reach at the last one. A folder that does not follow for a day raises the
    /// alarm: a row of the log, a warning, and a figure.
    pub(super) async fn overwrite_ring_copies(&self, now: Time, was_destroyed: bool) {
        let copies = &self.settings.keyring_copies;
        if copies.is_empty() {
            return;
        }
        for copy in copies {
            let (vault, data, to) = (Arc::clone(&self.vault), self.settings.data_dir.clone(), copy.clone());
            let recipients = self.settings.backup_recipients.clone();
            let copied = tokio::task::spawn_blocking(move || {
                let mut targets = Targets::of(&data)?;
                if targets.wants(&vault, &recipients, &to, was_destroyed) {
                    targets.write(&vault, &recipients, &to)?;
                }
                Ok::<_, StoreFault>(())
            });
            // A folder on another machine that does not answer keeps no caller waiting for long.
            let fault = match tokio::time::timeout(COPY_WAIT_MAX, copied).await {
                Ok(Ok(Ok(()))) => continue,
                Ok(Ok(Err(fault))) => fault.to_string(),
                Ok(Err(stopped)) => stopped.to_string(),
                Err(_) => "it does not answer".to_owned(),
            };
            tracing::error!(
                fault,
                "a backup set keeps keys that are destroyed here; overwrite its key ring and case secrets"
            );
            self.behind.lock().unwrap_or_else(PoisonError::into_inner).push(copy.clone());
        }
        if let Err(fault) = self.look_at_targets(now).await {
            tracing::error!(%fault, "it could not be noted which backup folders are behind");
        }
    }

    async fn look_at_targets(&self, now: Time) -> Done<()> {
        let behind = std::mem::take(&mut *self.behind.lock().unwrap_or_else(PoisonError::into_inner));
        let (data, copies) = (self.settings.data_dir.clone(), self.settings.keyring_copies.clone());
        let looked = tokio::task::spawn_blocking(move || {
            let mut targets = Targets::of(&data)?;
            for copy in &behind {
                targets.note_behind(copy, now)?;
            }
            targets.look(&copies, now)
        });
        let doing = "looking at the backup folders";
        let stopped = |source| StoreFault::Database { doing, source: Box::new(source) };
        let standing = match tokio::time::timeout(COPY_WAIT_MAX, looked).await {
            Ok(looked) => looked.map_err(stopped)??,
            Err(late) => return Err(StoreFault::Database { doing, source: Box::new(late) }),
        };
        self.backups_overdue.store(standing.overdue, Ordering::Release);
        if standing.overdue > 0 {
            tracing::warn!(
                folders = standing.overdue,
                "backup folders keep keys that were destroyed more than a day ago: bring them into reach, or delete their \
                 key ring and case secrets by hand and take them out of [backup] folders"
            );
        }
        if standing.is_new {
            let event = AuditEvent::BackupsBehind { folders: standing.overdue };
            self.append(AuditEntry { at: now, contact: None, case: None, event }).await?;
        }
        Ok(())
    }

    /// How many declared backup folders keep keys that were destroyed more than a day ago, as the last purge found.
    pub fn backups_overdue(&self) -> u64 {
        self.backups_overdue.load(Ordering::Acquire)
    }

    /// Destroys the rows of cases whose secret is destroyed already: a "forget me" that was cut off before its commit, or
    /// a database that was restored from before one. Refuses a file of secrets that is older than the database.
    pub(super) async fn end_forgetting(&self, now: Time) -> Done<()> {
        let doing = "looking for cases that were forgotten";
        let rows: Vec<(Vec<u8>, Vec<u8>)> =
            sqlx::query_as(KEYS).fetch_all(&self.readers).await.map_err(database_fault(doing))?;
        let kept = |(id, key): &(Vec<u8>, Vec<u8>)| Some((CaseId::from_bytes(id)?, slot_of(key)?));
        let (cases, slots): (Vec<CaseId>, Vec<_>) = rows.iter().filter_map(kept).unzip();
        drop(rows);
        let states = self.vault.secret_states(&slots).map_err(vault_fault(doing))?;
        let mut forgotten = Vec::new();
        for (case, state) in cases.into_iter().zip(states) {
            match state {
                SecretState::Kept => {}
                SecretState::Destroyed => forgotten.push(case),
                SecretState::Unknown => {
                    return Err(StoreFault::Refused {
                        what: format!(
                            "vault/{CASE_SECRETS} is older than the database; put the newest copy of it back"
                        ),
                    });
                }
            }
        }
        if !forgotten.is_empty() {
            let mut writer = self.writer.lock().await;
            let mut write = writer.begin(doing).await?;
            for case in &forgotten {
                write.destroy_case(&self.vault, *case).await?;
            }
            let rows = forgotten.len() as u64;
            write.log(&self.vault, now, None, None, AuditEvent::Purged { rows }).await?;
            self.commit(write, now).await?;
            writer.truncate().await?;
        }
        self.vault.set_half_forgotten(false);
        Ok(())
    }
}

impl Write<'_> {
    async fn delete_due(
        &mut self,
        vault: &Vault,
        now: Time,
        times: &KeptTimes,
        reminders: &ReminderTimes,
    ) -> Done<u64> {
        let at = now.micros();
        self.give_up_expired(now, reminders).await?;
        let mut gone = self.run(CONVERSATIONS, at).await?;
        gone += self.run(PLACES, at).await?;
        gone += self.run(ACCESS, at).await?;
        gone += self.delete_due_tickets(now).await?;
        gone += self.delete_due_of_staff(now).await?;
        let account_kept = times.kept(DataClass::StaffAccount);
        gone += self.delete_due_accounts(last_day(now, account_kept), now.minus(account_kept)).await?;
        gone += self.run(TIMES, last_day(now, times.kept(DataClass::ContactTimes))).await?;
        let day = last_day(now, times.kept(DataClass::ContactRow));
        for sql in BEFORE_CONTACTS {
            // Counted with their contact. The second one names no day.
            self.run(sql, day).await?;
        }
        gone += self.run(CONTACTS, day).await?;
        let fault = self.fault();
        let cases: Vec<Vec<u8>> = sqlx::query_scalar(CASES).bind(at).fetch_all(self.conn()).await.map_err(&fault)?;
        for case in cases.iter().filter_map(|id| CaseId::from_bytes(id)) {
            self.destroy_case(vault, case).await?;
            gone += 1;
        }
        gone += self.run(REPORTS, at).await?;
        gone += self.run(HEARD, at).await?;
        let settled = now.minus(times.kept(DataClass::ContactRow)).micros();
        self.run(ATTEMPTS, settled).await?;
        gone += self.run(TASKS, settled).await?;
        gone += self.run(WRONGS, now.minus(times.kept(DataClass::Limits)).micros()).await?;
        let week = i64::from(oldest_week(now));
        gone += self.run(CALLER_CONTACTS, week).await?;
        gone += self.run(KNOWN, week).await?;
        gone += self.run(BREADTH, week).await?;
        gone += self.end_due_authorities(now).await?;
        gone += self.run(ENTRIES, last_day(now, times.kept(DataClass::AuditContent))).await?;
        Ok(gone)
    }

    async fn run(&mut self, sql: &'static str, bound: i64) -> Done<u64> {
        let fault = self.fault();
        let query = if sql.contains("?1") { sqlx::query(sql).bind(bound) } else { sqlx::query(sql) };
        Ok(query.execute(self.conn()).await.map_err(&fault)?.rows_affected())
    }
}

/// The last day of which things that are kept so long go now.
fn last_day(now: Time, kept: Duration) -> i64 {
    now.micros().saturating_sub(i64::try_from(kept.as_micros()).unwrap_or(i64::MAX)).div_euclid(86_400_000_000)
}
