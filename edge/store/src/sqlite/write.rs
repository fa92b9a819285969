//! One write: an immediate transaction with the log entries that belong to it, all or nothing.
//! What is written is left to the files of the tables.

use super::Done;
use super::connection::{database_fault, vault_fault};
use super::log;
use crate::audit_tree::{Hash, Tree};
use crate::vault::{Slot, Vault, slot_of};
use caseline_helpline::fault::StoreFault;
use caseline_model::Zone;
use sqlx::{Connection, Sqlite, SqliteConnection, Transaction};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The one connection that writes, and the log's tree as of its last commit.
pub(crate) struct Writer {
    pub(super) conn: SqliteConnection,
    tree: Tree,
    database: PathBuf,
    vault: Arc<Vault>,
    audit_kept: Duration,
    zone: Zone,
    /// The write before ended with its commit. Otherwise it was dropped, or failed in a way that may have left the
    /// connection in a transaction.
    is_settled: bool,
}

/// A write that is under way. Dropped, nothing of it was.
pub(super) struct Write<'w> {
    tx: Transaction<'w, Sqlite>,
    /// The tree with the entries of this write.
    pub(super) tree: Tree,
    /// The leaves of its entries.
    pub(super) leaves: Vec<Hash>,
    committed: &'w mut Tree,
    is_settled: &'w mut bool,
    /// Secrets of cases that were made for this write; they go again if it does not end with its commit.
    taken: TakenSecrets,
    /// Secrets of cases whose rows this write deletes.
    doomed: Vec<Slot>,
    /// How long the content of an entry of the log is kept.
    pub(super) audit_kept: Duration,
    /// Whose days entries about a case keep.
    pub(super) zone: Zone,
    /// What is being done, for faults.
    pub(super) doing: &'static str,
}

impl Writer {
    pub(super) async fn new(
        mut conn: SqliteConnection,
        database: PathBuf,
        vault: Arc<Vault>,
        (audit_kept, zone): (Duration, Zone),
    ) -> Done<Self> {
        let doing = "reading the log";
        // One picture of the log: another process of this store may write while it is read.
        let mut reading = conn.begin().await.map_err(database_fault(doing))?;
        let tree = log::load_tree(&mut reading, doing).await?;
        reading.commit().await.map_err(database_fault(doing))?;
        Ok(Self { conn, tree, database, vault, audit_kept, zone, is_settled: true })
    }

    #[cfg(test)]
    pub(crate) fn conn(&mut self) -> &mut SqliteConnection {
        &mut self.conn
    }

    pub(super) const fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Begins a write. `BEGIN IMMEDIATE`: a write that begins by reading would otherwise fail when another process
    /// wrote in between, and no waiting helps it.
    pub(super) async fn begin(&mut self, doing: &'static str) -> Done<Write<'_>> {
        if !self.is_settled {
            self.leave_transaction(doing).await?;
        }
        self.is_settled = false;
        let mut tx = self.conn.begin_with("BEGIN IMMEDIATE").await.map_err(database_fault(doing))?;
        // Another process of this store may have written, or a write of this one was cut off around its commit.
        if log::size(&mut tx, doing).await? != self.tree.size() {
            self.tree = log::load_tree(&mut tx, doing).await?;
        }
        let (audit_kept, zone) = (self.audit_kept, self.zone.clone());
        Ok(Write {
            tx,
            tree: self.tree.clone(),
            leaves: Vec::new(),
            committed: &mut self.tree,
            is_settled: &mut self.is_settled,
            taken: TakenSecrets { vault: Arc::clone(&self.vault), slots: Vec::new() },
            doomed: Vec::new(),
            audit_kept,
            zone,
            doing,
        })
    }

    /// On a full disk SQLite rolls a transaction back by itself (<https://www.sqlite.org/lang_transaction.html>, section
    /// 3), and the connection's own count of transactions stays at one for ever: nothing could be written again though
    /// space was freed. Such a connection is replaced.
    async fn leave_transaction(&mut self, doing: &'static str) -> Done<()> {
        // The rollback of a dropped write is under way in the connection's thread; what is asked now comes after it.
        self.conn.ping().await.map_err(database_fault(doing))?;
        if self.conn.is_in_transaction() {
            self.conn = super::connection::open_writer(&self.database).await?;
        }
        Ok(())
    }

    /// Moves all that is in the write-ahead log into the database and empties it, so that what was deleted is in
    /// neither file any more.
    pub(super) async fn truncate(&mut self) -> Done<()> {
        let doing = "emptying the write-ahead log";
        let (is_busy, _, _): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&mut self.conn)
            .await
            .map_err(database_fault(doing))?;
        if is_busy != 0 {
            // A reader held on for longer than the busy timeout. Keys are destroyed all the same; the next purge tries
            // again.
            tracing::warn!("the write-ahead log could not be emptied; a reader holds it");
        }
        Ok(())
    }

    /// A statement that stands outside of any transaction, with one text.
    pub(crate) async fn run_alone(&mut self, sql: &'static str, text: String) -> Result<(), sqlx::Error> {
        sqlx::query(sql).bind(text).execute(&mut self.conn).await.map(|_| ())
    }

    pub(super) async fn close(self) -> Done<()> {
        self.conn.close().await.map_err(database_fault("closing the database"))
    }
}

impl Write<'_> {
    /// The connection, for the statements of the tables.
    pub(super) fn conn(&mut self) -> &mut SqliteConnection {
        &mut self.tx
    }

    /// Puts the write on disk. The tree with its entries is the tree from then on.
    ///
    /// Secrets of cases that are deleted go before, and durably: whatever becomes of the rows, nothing of them opens.
    pub(super) async fn commit(mut self) -> Done<Committed> {
        let vault = Arc::clone(&self.taken.vault);
        vault.destroy_secrets(&self.doomed).map_err(vault_fault(self.doing))?;
        self.tx.commit().await.map_err(database_fault(self.doing))?;
        self.taken.slots.clear();
        *self.committed = self.tree.clone();
        *self.is_settled = true;
        Ok(Committed { tree: self.tree, leaves: self.leaves })
    }

    /// The secret of a case whose key was sealed in this write: kept with it, or gone with it.
    pub(super) fn take_secret(&mut self, case_key: &[u8]) {
        self.taken.slots.extend(slot_of(case_key));
    }

    /// The secret of a case that this write deletes: destroyed right before the commit.
    pub(super) fn doom_secret(&mut self, case_key: &[u8]) {
        self.doomed.extend(slot_of(case_key));
    }

    /// The fault of this write's statements.
    pub(super) fn fault(&self) -> impl Fn(sqlx::Error) -> StoreFault + use<> {
        database_fault(self.doing)
    }

    /// A rule says no.
    pub(super) const fn not_allowed<T>(&self, why: &'static str) -> Done<T> {
        Err(StoreFault::NotAllowed { doing: self.doing, why })
    }
}

/// The log as a write left it on disk.
pub(super) struct Committed {
    /// The tree.
    pub(super) tree: Tree,
    /// The leaves of the write's entries, the last ones of the tree.
    pub(super) leaves: Vec<Hash>,
}

/// Secrets of cases that no commit has made good yet.
struct TakenSecrets {
    vault: Arc<Vault>,
    slots: Vec<Slot>,
}

impl Drop for TakenSecrets {
    fn drop(&mut self) {
        let was_half = self.vault.is_half_forgotten();
        match self.vault.destroy_secrets(&self.slots) {
            // No row has them, unless a commit failed after all was on disk: the next start looks.
            Ok(()) => self.vault.set_half_forgotten(was_half),
            Err(fault) => tracing::warn!(%fault, "the secret of a case that was not kept stays in its file"),
        }
    }
}
