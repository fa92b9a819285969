//! Why the alarm rings: a flood, a representative's card, a backup folder that is behind, the vault's budget.
//! What each means is left to `helpline::limits` and `helpline::cards`.

use super::connection::vault_fault;
use super::{Done, SqliteStore};
use caseline_helpline::cards::AlarmKind;
use caseline_model::Time;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// The alarm of the vault's budget goes on for so long after a refusal was seen.
const BUDGET_RINGS: Duration = Duration::from_secs(24 * 3_600);

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
    pub(super) async fn ringing(&self, now: Time) -> Done<Vec<AlarmKind>> {
        let doing = "looking at the alarm";
        let vault = Arc::clone(&self.vault);
        let refused = tokio::task::spawn_blocking(move || vault.refused_openings()).await;
        let refused =
            refused.map_err(|stopped| caseline_helpline::StoreFault::Database { doing, source: Box::new(stopped) })?;
        let refused = refused.map_err(vault_fault(doing))?;
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
