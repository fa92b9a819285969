//! The log's rows, and the signed head beside them.
//! The tree's arithmetic is left to `audit_tree`, the signature to the vault.

use super::connection::{database_fault, vault_fault};
use super::write::{Committed, Write};
use super::{Done, SqliteStore};
use crate::audit_tree::tiles::Growing;
use crate::audit_tree::{Checkpoint, Hash, TILE_HEIGHT, Tree, VerifierKey, commitment, leaf};
use crate::rules;
use crate::settings::{CHECKPOINT, VERIFIER_KEY};
use crate::vault::{Opening, Place, Vault, VaultFault, Witnessed, log_name, write_atomically};
use caseline_helpline::audit::{AuditEntry, AuditEvent, AuditReceipt};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::retention::DataClass;
use caseline_model::{CaseId, ContactId, Time};
use sqlx::SqliteConnection;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The head is written to its file after so many entries, or after so long, whichever comes first.
const HEAD_EVERY_ENTRIES: u64 = 256;
/// See `HEAD_EVERY_ENTRIES`.
const HEAD_EVERY: Duration = Duration::from_secs(60);

const INSERT: &str = "INSERT INTO log_entries (place, day, salt, sealed, commitment) VALUES (?1, ?2, ?3, ?4, ?5)";
const INSERT_NODE: &str = "INSERT INTO log_nodes (level, place, hash) VALUES (?1, ?2, ?3)";
const INSERT_LINK: &str = "INSERT INTO log_links (place, contact, case_id) VALUES (?1, ?2, ?3)";
const SIZE: &str = "SELECT place FROM log_entries ORDER BY place DESC LIMIT 1";
const COMMITMENTS: &str = "SELECT commitment FROM log_entries WHERE place >= ?1 ORDER BY place";
const COMMITMENTS_AT_ONCE: &str =
    "SELECT commitment FROM log_entries WHERE place >= ?1 AND place < ?2 ORDER BY place LIMIT 4096";
const NODES: &str = "SELECT hash FROM log_nodes WHERE level = ?1 AND place >= ?2 AND place < ?3 ORDER BY place";
const OF_CONTACT: &str = "SELECT log_entries.place, sealed FROM log_links \
     JOIN log_entries ON log_entries.place = log_links.place \
     WHERE contact = ?1 AND sealed IS NOT NULL ORDER BY log_entries.place";
const PROBE: &str = "INSERT INTO figures (name, day, counted) VALUES ('probe', 0, 1) \
     ON CONFLICT (name, day) DO UPDATE SET counted = figures.counted + 1";
const PROBED: &str = "SELECT counted FROM figures WHERE name = 'probe' AND day = 0";

/// The signed head of the log, in memory and in its file.
pub(crate) struct Heads {
    pub(super) dir: PathBuf,
    key: VerifierKey,
    state: Mutex<HeadState>,
    /// The edge of the tiles, once they were written by this process.
    pub(super) tiles: tokio::sync::Mutex<Option<Growing>>,
    /// The day whose entries the public log has, once this process looked.
    pub(super) public_day: tokio::sync::Mutex<Option<u32>>,
}

#[derive(Default)]
struct HeadState {
    /// What the public log says of each day on which this line runs.
    notes: Vec<String>,
    newest: Option<Checkpoint>,
    written_size: u64,
    written_at: Option<Time>,
}

impl Heads {
    /// Puts the verifier key into its file and reads how far the last signed head went.
    pub(super) fn open(dir: &Path, vault: &Vault) -> Done<Self> {
        let doing = "opening the log";
        let failed = |source| vault_fault(doing)(VaultFault::File { doing, source });
        std::fs::create_dir_all(dir).map_err(failed)?;
        let key = VerifierKey::new(log_name(&vault.store_id()), vault.verifying_key());
        let file = dir.join(VERIFIER_KEY);
        match std::fs::read_to_string(&file) {
            Ok(text) if text == key.to_text() => {}
            Ok(_) => {
                return Err(StoreFault::Refused {
                    what: "log/key is the key of another log; put the folder log/ of this store back".into(),
                });
            }
            Err(_) => write_atomically(&file, key.to_text().as_bytes()).map_err(vault_fault(doing))?,
        }
        let written_size = on_disk(dir).map_or(0, |head| head.size);
        let state = HeadState { written_size, ..HeadState::default() };
        Ok(Self {
            dir: dir.to_owned(),
            key,
            state: Mutex::new(state),
            tiles: Default::default(),
            public_day: Default::default(),
        })
    }

    /// Keeps the head that the vault signed, if it is that of this tree; says whether its file is due.
    fn keep(&self, tree: &Tree, head: (u64, Hash, [u8; 64]), now: Time) -> Done<bool> {
        let (size, root, signature) = head;
        if size == tree.size() && root != tree.root() {
            return Err(vault_fault("signing the log's head")(VaultFault::Fork));
        }
        let mut state = self.state();
        // A larger head is that of another process of this store, which keeps it.
        if size == tree.size() && state.newest.as_ref().is_none_or(|newest| newest.size < size) {
            state.newest = Some(Checkpoint::signed(&self.key, size, root, signature));
        }
        let is_new = tree.size() > state.written_size;
        let many = tree.size().saturating_sub(state.written_size) >= HEAD_EVERY_ENTRIES;
        let is_old = state.written_at.is_none_or(|at| now.since(at) >= HEAD_EVERY || at > now);
        if is_new && (many || is_old) {
            state.written_at = Some(now);
            return Ok(true);
        }
        Ok(false)
    }

    /// The log's name.
    pub(super) fn name(&self) -> &str {
        &self.key.name
    }

    /// What the public log says of each day on which this line runs.
    pub(super) fn notes(&self) -> Vec<String> {
        self.state().notes.clone()
    }

    /// The newest signed head.
    pub(super) fn newest(&self) -> Option<Checkpoint> {
        self.state().newest.clone()
    }

    /// Writes the newest signed head to its file, unless another process of this store wrote a newer one.
    pub(crate) fn write_file(&self) -> Result<(), VaultFault> {
        let mut state = self.state();
        let Some(head) = state.newest.clone() else { return Ok(()) };
        if on_disk(&self.dir).is_none_or(|written| written.size < head.size) {
            write_atomically(&self.dir.join(CHECKPOINT), head.to_text().as_bytes())?;
        }
        state.written_size = head.size;
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, HeadState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SqliteStore {
    /// Takes what the database holds at start for durable: the vault is given what it has not seen yet, and signs. A log
    /// that is shorter than the vault's, or another one, is refused.
    pub(super) async fn witness_start(&self, now: Time) -> Done<()> {
        let tree = self.writer.lock().await.tree().clone();
        let signed = self.heads.state().written_size;
        if self.is_longer_than_log(signed, &tree).await? {
            return Err(StoreFault::Refused {
                what: format!(
                    "the log has {} entries and its signed head {signed}: entries were removed, or an older backup \
                     was restored; if it was, move log/checkpoint away and keep it with the backup",
                    tree.size()
                ),
            });
        }
        let head = self.witness(&tree, &[]).await?;
        if self.is_longer_than_log(head.0, &tree).await? {
            return Err(StoreFault::Refused {
                what: format!(
                    "the log has {} entries and the vault signed a head of {}: entries were removed, or an older backup \
                     was restored; if it was, move vault/ledger away and keep it with the backup",
                    tree.size(),
                    head.0
                ),
            });
        }
        if tree.size() > 0 {
            self.heads.keep(&tree, head, now)?;
        }
        Ok(())
    }

    /// Whether a head covers more than the log has. Another process of this store may have written both since our tree was
    /// read: what it signed is in the database before.
    async fn is_longer_than_log(&self, head: u64, tree: &Tree) -> Done<bool> {
        Ok(head > tree.size() && head > size(&mut *self.reader_of_log().await?, "reading the log").await?)
    }

    /// Puts a write on disk, and lets the vault sign the log's new head: from then on its entries let cases open.
    pub(super) async fn commit(&self, write: Write<'_>, now: Time) -> Done<()> {
        let Committed { tree, leaves } = write.commit().await?;
        if self.heads.newest().is_some_and(|newest| newest.size >= tree.size()) {
            return Ok(());
        }
        let signed = match self.witness(&tree, &leaves).await.and_then(|head| self.heads.keep(&tree, head, now)) {
            Ok(true) => self.publish(now).await,
            Ok(false) => Ok(()),
            Err(fault) => Err(fault),
        };
        // The write is durable whatever became of the head's file, so the verb is done; the next write tries again.
        if let Err(fault) = signed {
            tracing::warn!(%fault, "the log's signed head could not be written");
        }
        Ok(())
    }

    /// Shows the vault the last leaves of a tree that is on disk, and those before that it has not seen: of another
    /// process, of a write after which it did not answer, of before it was restored. Size, root and signature.
    async fn witness(&self, tree: &Tree, leaves: &[Hash]) -> Done<(u64, Hash, [u8; 64])> {
        let doing = "signing the log's head";
        let mut told = self.vault.witness(tree.size() - leaves.len() as u64, leaves).map_err(vault_fault(doing))?;
        loop {
            let next = match told {
                Witnessed::Head { size, root, signature } if size >= tree.size() => return Ok((size, root, signature)),
                Witnessed::Head { size, .. } | Witnessed::Behind(size) => size,
            };
            let rows: Vec<Vec<u8>> = sqlx::query_scalar(COMMITMENTS_AT_ONCE)
                .bind(next.cast_signed())
                .bind(tree.size().cast_signed())
                .fetch_all(&self.readers)
                .await
                .map_err(database_fault(doing))?;
            if rows.is_empty() {
                return Err(StoreFault::Refused {
                    what: "the log misses entries; run caseline verify-log to see which".into(),
                });
            }
            let leaves: Vec<Hash> =
                rows.iter().map(|row| as_hash(row, doing).map(|hash| leaf(&hash))).collect::<Done<_>>()?;
            told = self.vault.witness(next, &leaves).map_err(vault_fault(doing))?;
        }
    }

    async fn reader_of_log(&self) -> Done<sqlx::pool::PoolConnection<sqlx::Sqlite>> {
        self.readers.acquire().await.map_err(database_fault("reading the log"))
    }

    pub(super) async fn append(&self, entry: AuditEntry) -> Done<AuditReceipt> {
        let now = entry.at;
        let is_start = matches!(entry.event, AuditEvent::LineStarted { .. });
        if let AuditEvent::LineStarted { versions } = &entry.event {
            self.heads.state().notes = versions.rows();
        }
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("writing to the log").await?;
        let receipt = write.log(&self.vault, entry.at, entry.contact, entry.case, entry.event).await?;
        self.commit(write, now).await?;
        // What a line that was killed had not signed yet is signed now, and the public log has its day.
        if is_start && let Err(fault) = self.publish(now).await {
            tracing::warn!(%fault, "the log's signed head could not be written");
        }
        Ok(receipt)
    }

    async fn publish(&self, now: Time) -> Done<()> {
        self.write_head_files().await?;
        self.write_public_day(now).await
    }

    pub(super) async fn entries_of_contact(&self, contact: ContactId) -> Done<Vec<AuditEntry>> {
        let doing = "reading the log of a contact";
        let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(OF_CONTACT)
            .bind(contact.to_bytes().to_vec())
            .fetch_all(&self.readers)
            .await
            .map_err(database_fault(doing))?;
        rows.iter().map(|(place, sealed)| opened_entry(&self.vault, *place, sealed, doing)).collect()
    }

    pub(super) async fn write_and_read_back(&self) -> Done<()> {
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("probing the disk").await?;
        let fault = write.fault();
        sqlx::query(PROBE).execute(write.conn()).await.map_err(&fault)?;
        write.commit().await?;
        let _: i64 = sqlx::query_scalar(PROBED).fetch_one(&self.readers).await.map_err(&fault)?;
        Ok(())
    }
}

impl Write<'_> {
    /// Adds an entry to the log, in the transaction of what it is about. Its receipt counts once that is on disk.
    pub(super) async fn log(
        &mut self,
        vault: &Vault,
        at: Time,
        contact: Option<ContactId>,
        case: Option<CaseId>,
        event: AuditEvent,
    ) -> Done<AuditReceipt> {
        let fault = self.fault();
        let entry = rules::cut_to_day(AuditEntry { at, contact, case, event }, &self.zone);
        let receipt = AuditReceipt::durable_at(self.tree.size());
        let index = receipt.index().cast_signed();
        let plain = serde_json::to_vec(&entry).map_err(|_| StoreFault::Sealed { doing: self.doing })?;
        let row = receipt.index().to_be_bytes();
        let place = Place { table: "log_entries", row: &row, column: "sealed" };
        let goes_at = rules::day_start(at.day()).plus(self.audit_kept);
        let sealed = vault.seal(DataClass::AuditContent, goes_at, place, &plain).map_err(vault_fault(self.doing))?;
        let salt = vault.salt();
        let commitment = commitment(&salt, &sealed);
        vault.note_entry(receipt.index(), salt, &sealed);
        sqlx::query(INSERT)
            .bind(index)
            .bind(i64::from(at.day()))
            .bind(salt.to_vec())
            .bind(sealed)
            .bind(commitment.to_vec())
            .execute(self.conn())
            .await
            .map_err(&fault)?;
        let mut whole = Vec::new();
        self.tree.append_with(leaf(&commitment), |node| whole.push(node));
        self.leaves.push(leaf(&commitment));
        for node in whole {
            sqlx::query(INSERT_NODE)
                .bind(i64::from(node.level))
                .bind(node.index.cast_signed())
                .bind(node.hash.to_vec())
                .execute(self.conn())
                .await
                .map_err(&fault)?;
        }
        if contact.is_some() || case.is_some() {
            sqlx::query(INSERT_LINK)
                .bind(index)
                .bind(contact.map(|id| id.to_bytes().to_vec()))
                .bind(case.map(|id| id.to_bytes().to_vec()))
                .execute(self.conn())
                .await
                .map_err(&fault)?;
        }
        Ok(receipt)
    }
}

/// An entry of the log, from its place and its sealed bytes.
pub(super) fn opened_entry(vault: &Vault, place: i64, sealed: &[u8], doing: &'static str) -> Done<AuditEntry> {
    let receipt = AuditReceipt::durable_at(place.cast_unsigned());
    let row = receipt.index().to_be_bytes();
    let place = Place { table: "log_entries", row: &row, column: "sealed" };
    let plain = vault.open_value(&Opening::Entry(receipt), place, sealed).map_err(vault_fault(doing))?;
    serde_json::from_slice(&plain).map_err(|_| StoreFault::Sealed { doing })
}

/// How many entries the log has.
pub(super) async fn size(conn: &mut SqliteConnection, doing: &'static str) -> Done<u64> {
    let last: Option<i64> = sqlx::query_scalar(SIZE).fetch_optional(conn).await.map_err(database_fault(doing))?;
    Ok(last.map_or(0, |last| last.cast_unsigned() + 1))
}

/// The tree from the nodes that are kept and the last entries: some hundred rows, however long the log is.
pub(super) async fn load_tree(conn: &mut SqliteConnection, doing: &'static str) -> Done<Tree> {
    let size = size(&mut *conn, doing).await?;
    let mut tree = Tree::default();
    let mut level = (size.checked_ilog2().unwrap_or(0) / u32::from(TILE_HEIGHT)) as u8 * TILE_HEIGHT;
    while level > 0 {
        let (from, until) = (tree.size() >> level, size >> level);
        let nodes: Vec<Vec<u8>> = sqlx::query_scalar(NODES)
            .bind(i64::from(level))
            .bind(from.cast_signed())
            .bind(until.cast_signed())
            .fetch_all(&mut *conn)
            .await
            .map_err(database_fault(doing))?;
        for node in nodes {
            tree.append_node(level, as_hash(&node, doing)?);
        }
        level -= TILE_HEIGHT;
    }
    let rest: Vec<Vec<u8>> = sqlx::query_scalar(COMMITMENTS)
        .bind(tree.size().cast_signed())
        .fetch_all(conn)
        .await
        .map_err(database_fault(doing))?;
    for commitment in rest {
        tree.append(leaf(&as_hash(&commitment, doing)?));
    }
    if tree.size() == size {
        return Ok(tree);
    }
    Err(StoreFault::Refused { what: "the log misses entries; run caseline verify-log to see which".into() })
}

fn as_hash(bytes: &[u8], doing: &'static str) -> Done<[u8; 32]> {
    bytes.try_into().map_err(|_| StoreFault::Sealed { doing })
}

pub(super) fn on_disk(dir: &Path) -> Option<Checkpoint> {
    Checkpoint::parse(&std::fs::read_to_string(dir.join(CHECKPOINT)).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::StoreSettings;
    use crate::testing::{ScratchDir, os_chance};
    use caseline_helpline::ports::Store;
    use caseline_model::{Channel, ContactId};

    #[tokio::test]
    async fn a_head_that_another_process_wrote_while_this_one_started_is_no_missing_entry() {
        let dir = ScratchDir::new();
        let now = Time::from_micros(1_764_000_000_000_000);
        let open = || SqliteStore::open(StoreSettings::at(dir.path().join("data")), now, os_chance());
        let line = open().await.unwrap();
        let import = open().await.unwrap();
        for n in 0..3 {
            line.begin_contact(now, ContactId::from_random(n), Channel::Phone).await.unwrap();
        }
        line.close().await.unwrap();
        // The import had read the log before the line wrote, and reads its head after it.
        let head = on_disk(&import.heads.dir).unwrap().size;
        assert!(head > import.writer.lock().await.tree().size(), "the line wrote in between");
        import.heads.state().written_size = head;
        import.witness_start(now).await.unwrap();
        import.heads.state().written_size = head + 1;
        let missing = import.witness_start(now).await.unwrap_err().to_string();
        assert!(missing.contains("entries were removed"), "{missing}");
    }
}
