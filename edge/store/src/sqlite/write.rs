//! One write: an immediate transaction with the log entries that belong to it, all or nothing.
//! What is written is left to the files of the tables.

use super::Done;
use super::connection::database_fault;
use super::log;
use crate::audit_tree::Tree;
use caseline_helpline::fault::StoreFault;
use sqlx::{Connection, Sqlite, SqliteConnection, Transaction};

/// The one connection that writes, and the log's tree as of its last commit.
pub(crate) struct Writer {
    pub(super) conn: SqliteConnection,
    tree: Tree,
}

/// A write that is under way. Dropped, nothing of it was.
pub(super) struct Write<'w> {
    tx: Transaction<'w, Sqlite>,
    /// The tree with the entries of this write.
    pub(super) tree: Tree,
    committed: &'w mut Tree,
    /// What is being done, for faults.
    pub(super) doing: &'static str,
}

impl Writer {
    pub(super) async fn new(mut conn: SqliteConnection) -> Done<Self> {
        let tree = log::load_tree(&mut conn, "reading the log").await?;
        Ok(Self { conn, tree })
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
        let mut tx = self.conn.begin_with("BEGIN IMMEDIATE").await.map_err(database_fault(doing))?;
        // Another process of this store may have written, or a write of this one was cut off around its commit.
        if log::size(&mut tx, doing).await? != self.tree.size() {
            self.tree = log::load_tree(&mut tx, doing).await?;
        }
        Ok(Write { tx, tree: self.tree.clone(), committed: &mut self.tree, doing })
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
    pub(super) async fn commit(self) -> Done<Tree> {
        self.tx.commit().await.map_err(database_fault(self.doing))?;
        *self.committed = self.tree.clone();
        Ok(self.tree)
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
