//! What goes when its time is over: rows, then the keys of days that are over, then what the write-ahead log still has.
//! The times are `helpline::retention`.

use super::connection::vault_fault;
use super::write::Write;
use super::{Done, SqliteStore};
use crate::vault::{copy_private, oldest_week};
use caseline_helpline::audit::AuditEvent;
use caseline_helpline::retention::DataClass;
use caseline_model::{CaseId, Time};

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
const ENTRIES: &str = "UPDATE log_entries SET salt = NULL, sealed = NULL WHERE sealed IS NOT NULL AND day <= ?1";

impl SqliteStore {
    pub(super) async fn destroy_due(&self, now: Time) -> Done<u64> {
        let doing = "destroying what is due";
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let gone = write.delete_due(now).await?;
        if gone > 0 {
            write.log(&self.vault, now, None, None, AuditEvent::Purged { rows: gone }).await?;
        }
        self.commit(write, now).await?;
        // Keys last: should the process stop in between, the rows are gone and the keys go at the next purge.
        let keys = self.vault.destroy(now).map_err(vault_fault(doing))?;
        writer.truncate().await?;
        drop(writer);
        for copy in self.settings.keyring_copies.iter().filter(|_| keys > 0) {
            if let Err(fault) = copy_private(&self.vault.keyring_path(), copy) {
                tracing::error!(%fault, "a backup set keeps keys that are destroyed here; overwrite its key ring");
            }
        }
        Ok(gone)
    }
}

impl Write<'_> {
    async fn delete_due(&mut self, now: Time) -> Done<u64> {
        let at = now.micros();
        self.give_up_expired(now).await?;
        let mut gone = self.run(CONVERSATIONS, at).await?;
        gone += self.run(PLACES, at).await?;
        gone += self.run(ACCESS, at).await?;
        gone += self.run(TIMES, last_day(now, DataClass::ContactTimes)).await?;
        let day = last_day(now, DataClass::ContactRow);
        for sql in BEFORE_CONTACTS {
            // Counted with their contact. The second one names no day.
            self.run(sql, day).await?;
        }
        gone += self.run(CONTACTS, day).await?;
        let fault = self.fault();
        let cases: Vec<Vec<u8>> = sqlx::query_scalar(CASES).bind(at).fetch_all(self.conn()).await.map_err(&fault)?;
        for case in cases.iter().filter_map(|id| CaseId::from_bytes(id)) {
            self.destroy_case(case).await?;
            gone += 1;
        }
        gone += self.run(REPORTS, at).await?;
        gone += self.run(HEARD, at).await?;
        let settled = now.minus(DataClass::ContactRow.kept()).micros();
        self.run(ATTEMPTS, settled).await?;
        gone += self.run(TASKS, settled).await?;
        gone += self.run(WRONGS, now.minus(DataClass::Limits.kept()).micros()).await?;
        let week = i64::from(oldest_week(now));
        gone += self.run(CALLER_CONTACTS, week).await?;
        gone += self.run(KNOWN, week).await?;
        gone += self.run(ENTRIES, last_day(now, DataClass::AuditContent)).await?;
        Ok(gone)
    }

    async fn run(&mut self, sql: &'static str, bound: i64) -> Done<u64> {
        let fault = self.fault();
        let query = if sql.contains("?1") { sqlx::query(sql).bind(bound) } else { sqlx::query(sql) };
        Ok(query.execute(self.conn()).await.map_err(&fault)?.rows_affected())
    }
}

/// The last day of which things of a class go now.
fn last_day(now: Time, class: DataClass) -> i64 {
    now.micros().saturating_sub(i64::try_from(class.kept().as_micros()).unwrap_or(i64::MAX)).div_euclid(86_400_000_000)
}
