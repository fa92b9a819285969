//! Why the alarm rings: a flood, a representative's card, a backup folder that is behind, the vault's budget. And what the
//! vault did that the log is to say: what its budgets refused, sheets that were made beside it.
//! What each means is left to `helpline::limits` and `helpline::cards`.

use super::connection::vault_fault;
use super::write::Write;
use super::{Done, SqliteStore};
use crate::vault::VaultNews;
use caseline_helpline::audit::{AuditEvent, VaultBudget};
use caseline_helpline::cards::AlarmKind;
use caseline_model::Time;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// The alarm of the vault's budget goes on for so long after a refusal was seen.
const BUDGET_RINGS: Duration = Duration::from_secs(24 * 3_600);

/// Rows of `figures`, of day 0: what the log was last told.
const REFUSED_OPENINGS: &str = "vault-refused-openings";
/// See `REFUSED_OPENINGS`.
const REFUSED_MARKS: &str = "vault-refused-marks";
/// See `REFUSED_OPENINGS`.
const SHEETS: &str = "recovery-sheets";
/// Recovery sheets that are told at one time; nobody prints more.
const SHEETS_AT_ONCE_MAX: u64 = 16;
const HOUR_MICROS: i64 = 3_600_000_000;
const TOLD: &str = "SELECT counted FROM figures WHERE name = ?1 AND day = 0";
const TELL: &str = "INSERT INTO figures (name, day, counted) VALUES (?1, 0, ?2) \
     ON CONFLICT (name, day) DO UPDATE SET counted = excluded.counted";

/// Refusals of the vault as they were last seen, and when there were more of them. Refusals before this process looked for
/// the first time ring nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BudgetSeen {
    refused: Option<u64>,
    grew_at: Option<Time>,
}

impl BudgetSeen {
    /// Whether it rings, now that there are so many refusals.
    fn rings(&mut self, now: Time, refused: u64) -> bool {
        if self.refused.is_some_and(|before| refused > before) {
            tracing::warn!("the vault refused to open more cases than its budget lets");
            self.grew_at = Some(now);
        }
        self.refused = Some(refused);
        self.grew_at.is_some_and(|at| now.since(at) < BUDGET_RINGS)
    }
}

impl SqliteStore {
    /// Writes into the log what the vault did since the log was last told: of each budget one entry an hour at the most,
    /// at the beginning of that hour, and an entry for each recovery sheet. What was told is kept beside it, in the same
    /// write, so that no restart tells it twice.
    pub(super) async fn note_vault_news(&self, now: Time) -> Done<VaultNews> {
        let doing = "asking the vault what it refused";
        let vault = Arc::clone(&self.vault);
        let news = tokio::task::spawn_blocking(move || vault.news()).await;
        let news =
            news.map_err(|stopped| caseline_helpline::StoreFault::Database { doing, source: Box::new(stopped) })?;
        let news = news.map_err(vault_fault(doing))?;
        let told = *self.news_told.lock().unwrap_or_else(PoisonError::into_inner);
        if told == Some(news) {
            return Ok(news);
        }
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let mut is_new = false;
        for (name, what, refused) in
            [(REFUSED_OPENINGS, VaultBudget::Openings, news.openings), (REFUSED_MARKS, VaultBudget::Codes, news.marks)]
        {
            if refused.hour > write.told_of_vault(name).await? {
                let hour =
                    Time::from_micros(i64::try_from(refused.hour).unwrap_or_default().saturating_mul(HOUR_MICROS));
                write.log(&self.vault, hour, None, None, AuditEvent::VaultRefused { what }).await?;
                write.tell_of_vault(name, refused.hour).await?;
                is_new = true;
            }
        }
        let sheets = write.told_of_vault(SHEETS).await?;
        for _ in sheets..news.sheets.min(sheets + SHEETS_AT_ONCE_MAX) {
            write.log(&self.vault, now, None, None, AuditEvent::RecoverySheetMade).await?;
        }
        // Fewer than before: the vault's ledger began anew after a restore.
        if news.sheets != sheets {
            write.tell_of_vault(SHEETS, news.sheets).await?;
            is_new = true;
        }
        if is_new {
            self.commit(write, now).await?;
        } else {
            drop(write);
        }
        *self.news_told.lock().unwrap_or_else(PoisonError::into_inner) = Some(news);
        Ok(news)
    }

    pub(super) async fn ringing(&self, now: Time) -> Done<Vec<AlarmKind>> {
        let news = self.note_vault_news(now).await?;
        let refused = news.openings.count + news.marks.count;
        let is_spent = self.budget_seen.lock().unwrap_or_else(PoisonError::into_inner).rings(now, refused);
        let ringing = [
            (AlarmKind::Site, self.is_flooded(now).await?),
            (AlarmKind::RepresentativeCard, self.has_halted_cards(now).await?),
            (AlarmKind::Backup, self.backups_overdue() > 0),
            (AlarmKind::VaultBudget, is_spent),
        ];
        Ok(ringing.into_iter().filter(|(_, rings)| *rings).map(|(kind, _)| kind).collect())
    }
}

impl Write<'_> {
    /// What the log was last told of the vault: the hour of a refusal, the number of sheets.
    async fn told_of_vault(&mut self, name: &'static str) -> Done<u64> {
        let fault = self.fault();
        let told: Option<i64> =
            sqlx::query_scalar(TOLD).bind(name).fetch_optional(self.conn()).await.map_err(&fault)?;
        Ok(told.and_then(|told| u64::try_from(told).ok()).unwrap_or_default())
    }

    async fn tell_of_vault(&mut self, name: &'static str, told: u64) -> Done<()> {
        let fault = self.fault();
        let told = i64::try_from(told).unwrap_or(i64::MAX);
        sqlx::query(TELL).bind(name).bind(told).execute(self.conn()).await.map_err(&fault)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alarm_of_the_budget_rings_for_a_day_after_a_refusal() {
        let at = |hours: u64| Time::from_micros(0).plus(Duration::from_secs(hours * 3_600));
        let mut seen = BudgetSeen::default();
        assert!(!seen.rings(at(0), 7), "what was before this process");
        assert!(!seen.rings(at(1), 7));
        assert!(seen.rings(at(2), 8));
        assert!(seen.rings(at(25), 8));
        assert!(!seen.rings(at(26), 8));
        assert!(seen.rings(at(27), 9));
    }
}
