//! Verifying a log offline: from the database file, its signed head and the log's key, without the vault and without
//! opening any entry.
//! Printing the result is left to the program.

use super::checkpoint::{CHECKPOINT_BYTES_MAX, NoteFault};
use super::{Checkpoint, Hash, TileNode, Tree, VerifierKey, commitment, leaf};
use crate::settings::{CHECKPOINT, VERIFIER_KEY, database_in, log_in};
use crate::sqlite::open_for_verifying;
use sqlx::SqliteConnection;
use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

const ROWS: &str = "SELECT place, salt, sealed, commitment FROM log_entries WHERE place >= ?1 ORDER BY place LIMIT ?2";
const NODES: &str = "SELECT level, place, hash FROM log_nodes";
/// Rows that are read at a time.
const ROWS_AT_ONCE: i64 = 1_000;

/// Place, salt, sealed, commitment.
type Row = (i64, Option<Vec<u8>>, Option<Vec<u8>>, Vec<u8>);

/// A log that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The signed head that it was held against.
    pub head: Checkpoint,
    /// Entries whose content is still there.
    pub with_content: u64,
    /// Entries whose content went when its time was over; their commitments are still in the tree.
    pub without_content: u64,
    /// Entries after the signed head: not signed yet.
    pub after_head: u64,
}

/// Why a log is not whole, or could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum LogFault {
    /// A file of the log is missing or cannot be read.
    #[error("{what} cannot be read")]
    File {
        /// Which.
        what: &'static str,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A file of the log has another form, or its signature does not fit.
    #[error("{what}")]
    Note {
        /// Which file and why.
        what: String,
        /// The cause.
        #[source]
        source: NoteFault,
    },
    /// The database cannot be read.
    #[error("the database cannot be read")]
    Database(#[source] sqlx::Error),
    /// An entry is missing: dropped, or moved elsewhere.
    #[error("entry {index} is missing")]
    Missing {
        /// Its place.
        index: u64,
    },
    /// An entry is not what was committed to.
    #[error("entry {index} was changed")]
    Changed {
        /// Its place.
        index: u64,
    },
    /// Entries were changed together with their commitments.
    #[error("among the entries {from} to {until} at least one was changed or put in another order")]
    ChangedAmong {
        /// The first.
        from: u64,
        /// The last.
        until: u64,
    },
    /// The log does not add up to its signed head: it was rewritten, or the head is another log's.
    #[error("the first {size} entries do not add up to the signed head: the log was rewritten")]
    Rewritten {
        /// How many entries the head signs.
        size: u64,
    },
    /// The log does not add up to an earlier head that somebody kept: a fork.
    #[error("the first {size} entries are not those of the earlier head: this log is another one, or a fork")]
    Forked {
        /// How many entries the earlier head signs.
        size: u64,
    },
    /// The signed head is older than the one that somebody kept.
    #[error("the signed head has {head} entries and the earlier one {since}: entries were taken back")]
    TakenBack {
        /// Entries of the head.
        head: u64,
        /// Entries of the earlier head.
        since: u64,
    },
}

/// Verifies the log of a data folder against its signed head and, if given, against an earlier one that was kept
/// elsewhere. Needs no key of the vault and changes nothing.
///
/// # Errors
/// Says what is wrong, and which entry where that can be told.
pub async fn verify_log(data_dir: &Path, since: Option<&Checkpoint>) -> Result<Verified, LogFault> {
    let log = log_in(data_dir);
    let key = read(&log.join(VERIFIER_KEY), "the log's key")?;
    let key = VerifierKey::parse(&key).map_err(note("log/key"))?;
    let head = read(&log.join(CHECKPOINT), "the log's signed head")?;
    let head = Checkpoint::parse(&head).map_err(note("log/checkpoint"))?;
    head.check(&key).map_err(note("log/checkpoint"))?;
    if let Some(since) = since {
        // Whoever replaced log, head and key together is caught here: the earlier head was signed with the old key.
        since.check(&key).map_err(note("the earlier head"))?;
        if since.size > head.size {
            return Err(LogFault::TakenBack { head: head.size, since: since.size });
        }
    }
    let mut conn = open_for_verifying(&database_in(data_dir)).await.map_err(LogFault::Database)?;
    verify_rows(&mut conn, head, since).await
}

async fn verify_rows(
    conn: &mut SqliteConnection,
    head: Checkpoint,
    since: Option<&Checkpoint>,
) -> Result<Verified, LogFault> {
    let kept = kept_nodes(conn).await?;
    let mut tree = Tree::default();
    let (mut with_content, mut without_content) = (0, 0);
    let mut root_at_head = (head.size == 0).then(|| tree.root());
    let mut root_at_since = since.filter(|since| since.size == 0).map(|_| tree.root());
    let mut changed_among = None;
    loop {
        let expected = tree.size();
        let rows: Vec<Row> = sqlx::query_as(ROWS)
            .bind(expected.cast_signed())
            .bind(ROWS_AT_ONCE)
            .fetch_all(&mut *conn)
            .await
            .map_err(LogFault::Database)?;
        if rows.is_empty() {
            break;
        }
        for (place, salt, sealed, committed) in rows {
            let index = tree.size();
            if place.cast_unsigned() != index {
                return Err(LogFault::Missing { index });
            }
            let committed: Hash = committed.try_into().map_err(|_| LogFault::Changed { index })?;
            match (salt, sealed) {
                (Some(salt), Some(sealed)) if commitment(&salt, &sealed) == committed => with_content += 1,
                (None, None) => without_content += 1,
                _ => return Err(LogFault::Changed { index }),
            }
            tree.append_with(leaf(&committed), |node| {
                if kept.get(&(node.level, node.index)) != Some(&node.hash) {
                    changed_among.get_or_insert(entries_below(&node));
                }
            });
            if let Some((from, until)) = changed_among {
                return Err(LogFault::ChangedAmong { from, until });
            }
            if tree.size() == head.size {
                root_at_head = Some(tree.root());
            }
            if since.is_some_and(|since| since.size == tree.size()) {
                root_at_since = Some(tree.root());
            }
        }
    }
    match root_at_head {
        None => return Err(LogFault::Missing { index: tree.size() }),
        Some(root) if root != head.root => {
            // The whole blocks add up to the nodes that are kept, so the change is after them, or is in those too.
            return Err(LogFault::Rewritten { size: head.size });
        }
        Some(_) => {}
    }
    if let Some(since) = since
        && root_at_since != Some(since.root)
    {
        return Err(LogFault::Forked { size: since.size });
    }
    let after_head = tree.size() - head.size;
    Ok(Verified { head, with_content, without_content, after_head })
}

async fn kept_nodes(conn: &mut SqliteConnection) -> Result<HashMap<(u8, u64), Hash>, LogFault> {
    let rows: Vec<(i64, i64, Vec<u8>)> = sqlx::query_as(NODES).fetch_all(conn).await.map_err(LogFault::Database)?;
    let nodes = rows.into_iter().filter_map(|(level, place, hash)| {
        Some(((u8::try_from(level).ok()?, place.cast_unsigned()), hash.try_into().ok()?))
    });
    Ok(nodes.collect())
}

const fn entries_below(node: &TileNode) -> (u64, u64) {
    (node.index << node.level, ((node.index + 1) << node.level) - 1)
}

fn read(path: &Path, what: &'static str) -> Result<String, LogFault> {
    let read = std::fs::File::open(path).and_then(|file| {
        let mut text = String::new();
        file.take(CHECKPOINT_BYTES_MAX as u64).read_to_string(&mut text).map(|_| text)
    });
    read.map_err(|source| LogFault::File { what, source })
}

fn note(file: &'static str) -> impl Fn(NoteFault) -> LogFault {
    move |source| LogFault::Note { what: format!("{file} is not accepted: {source}"), source }
}
