//! How many entries of each kind the log holds: for checks and figures. It tells of nobody.
//! Entries of one contact are left to `log`.

use super::connection::{database_fault, vault_fault};
use super::{Done, SqliteStore};
use crate::vault::{Opening, Place};
use caseline_helpline::audit::{AuditEntry, AuditReceipt};
use caseline_helpline::fault::StoreFault;
use std::collections::BTreeMap;

const ENTRIES: &str = "SELECT place, sealed FROM log_entries \
     WHERE place >= ?1 AND place < ?2 AND sealed IS NOT NULL ORDER BY place LIMIT ?3";
/// Rows that are read at a time.
const ROWS_AT_ONCE: i64 = 1_000;

/// Entries of a part of the log, counted by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogCounts {
    /// The place after the last one that was counted.
    pub until: u64,
    /// How many of each kind, by its words ([`caseline_helpline::AuditEvent::words`]); of those with details, by the
    /// words before the colon.
    pub entries: BTreeMap<String, u64>,
}

impl SqliteStore {
    /// Counts the entries from a place on that this store knows to be durable. Entries whose content has gone are not
    /// counted.
    ///
    /// # Errors
    /// When the database fails, or an entry does not open.
    pub async fn count_log(&self, from: u64) -> Done<LogCounts> {
        let doing = "counting the log";
        let until = self.vault.witnessed();
        let mut counts = LogCounts { until, entries: BTreeMap::new() };
        let mut next = from;
        loop {
            let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(ENTRIES)
                .bind(next.cast_signed())
                .bind(until.cast_signed())
                .bind(ROWS_AT_ONCE)
                .fetch_all(&self.readers)
                .await
                .map_err(database_fault(doing))?;
            let Some((last, _)) = rows.last() else { return Ok(counts) };
            next = last.cast_unsigned() + 1;
            for (place, sealed) in rows {
                let receipt = AuditReceipt::durable_at(place.cast_unsigned());
                let row = receipt.index().to_be_bytes();
                let place = Place { table: "log_entries", row: &row, column: "sealed" };
                let plain =
                    self.vault.open_value(&Opening::Entry(receipt), place, &sealed).map_err(vault_fault(doing))?;
                let entry: AuditEntry = serde_json::from_slice(&plain).map_err(|_| StoreFault::Sealed { doing })?;
                let words = entry.event.words();
                let kind = words.split(':').next().unwrap_or_default().to_owned();
                *counts.entries.entry(kind).or_default() += 1;
            }
        }
    }
}
