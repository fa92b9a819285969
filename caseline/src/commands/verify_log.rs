//! `caseline verify-log`: checks the audit log offline against its signed head, and against an earlier one: the database
//! of a data folder and the files beside it, or those files alone (a folder with `checkpoint` and `tile/`).
//! The tree and the signature are the store's.

use super::Place;
use crate::exits::{Exit, with_causes};
use caseline_store::LogFault;
use caseline_store::audit_tree::public::{ENTRIES_A_DAY, Opening, verify_head, verify_public};
use caseline_store::audit_tree::tiles::{TileFolder, TilesVerified, roots_at, verify_tiles};
use caseline_store::audit_tree::{Checkpoint, VerifierKey};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Checks the log of a data folder, or of a copy of its folder `log`.
#[derive(Debug, clap::Args)]
pub struct VerifyLog {
    /// The data folder, or a folder with `checkpoint` and `tile/` alone.
    folder: Option<PathBuf>,
    /// A checkpoint that was saved earlier: the log must be a continuation of it.
    #[arg(long)]
    since: Option<PathBuf>,
    /// The log's key, kept elsewhere; without it the one in the folder is believed.
    #[arg(long)]
    key: Option<PathBuf>,
    /// Checks the public log instead: that each day added as many entries as every other, that what is said of entries
    /// is what they commit to, and, with the audit log beside it, that the published heads are that log's.
    #[arg(long)]
    public: bool,
}

impl VerifyLog {
    /// Prints what was verified.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        let folder = self.folder.clone().unwrap_or_else(|| place.data());
        let is_copy = folder.join("checkpoint").exists();
        if !is_copy && !caseline_store::StoreSettings::at(&folder).log().is_dir() {
            return Err(Exit::Usage(format!(
                "{} holds no log: name the data folder, as in `caseline verify-log DIR`",
                folder.display()
            )));
        }
        let since = match &self.since {
            None => None,
            Some(file) => {
                let text = read(file)?;
                Some(Checkpoint::parse(&text).map_err(|fault| Exit::Usage(with_causes(&fault)))?)
            }
        };
        if self.public {
            return self.check_public(place, &folder, is_copy, since.as_ref());
        }
        if is_copy {
            let verified = self.tiles(&folder, since.as_ref())?;
            place.print(
                &serde_json::json!({ "signed_entries": verified.size, "files": verified.files }),
                &format!("{} signed entries hold, by {} files alone.", verified.size, verified.files),
            );
            return Ok(());
        }
        let verified = caseline_store::verify_log(&folder, since.as_ref()).await.map_err(|fault| match fault {
            // A file that is not there or cannot be read says nothing of what stands in it.
            LogFault::File { .. } | LogFault::Database(_) => Exit::Environment(with_causes(&fault)),
            fault => Exit::Failures(with_causes(&fault)),
        })?;
        let files = self.tiles(&folder.join("log"), since.as_ref())?;
        place.print(
            &serde_json::json!({
                "signed_entries": verified.head.size,
                "with_content": verified.with_content,
                "without_content": verified.without_content,
                "not_signed_yet": verified.after_head,
                "files": files.files,
            }),
            &format!(
                "{} signed entries hold ({} with content, {} whose content has gone); {} came after the signed head.\n\
                 {} files beside the database say the same of {} entries.",
                verified.head.size,
                verified.with_content,
                verified.without_content,
                verified.after_head,
                files.files,
                files.size
            ),
        );
        Ok(())
    }

    fn check_public(
        &self,
        place: &Place,
        folder: &Path,
        is_copy: bool,
        since: Option<&Checkpoint>,
    ) -> Result<(), Exit> {
        let log = folder.join("log");
        let public = if is_copy { folder.to_owned() } else { log.join("public") };
        let key = self.key_of(&public)?;
        let openings = openings(&public.join("openings"))?;
        let verified = verify_public(&TileFolder(public.clone()), &key, since, &openings)
            .map_err(|fault| Exit::Failures(with_causes(&fault)))?;
        let mut heads = Vec::new();
        if !is_copy {
            // The audit log itself first: its roots mean nothing before.
            let own = read(&log.join("key"))
                .and_then(|text| VerifierKey::parse(&text).map_err(|fault| Exit::Usage(with_causes(&fault))))?;
            let files = TileFolder(log.clone());
            let whole = verify_tiles(&files, &own, None).map_err(|fault| Exit::Failures(with_causes(&fault)))?;
            heads = self::openings(&log.join("heads"))?;
            let sizes = heads.iter().filter_map(|head| head.text.split(' ').nth(1)?.parse().ok()).collect();
            let roots = roots_at(&files, whole.size, &sizes).map_err(|fault| Exit::Failures(with_causes(&fault)))?;
            verify_public(&TileFolder(public.clone()), &key, None, &heads)
                .map_err(|fault| Exit::Failures(with_causes(&fault)))?;
            for head in &heads {
                verify_head(head, |size| roots.get(&size).copied())
                    .map_err(|fault| Exit::Failures(with_causes(&fault)))?;
            }
        }
        let days = verified.size / ENTRIES_A_DAY as u64;
        place.print(
            &serde_json::json!({
                "days": days, "entries": verified.size, "openings": openings.len(), "heads": heads.len(),
            }),
            &format!(
                "{days} days of {ENTRIES_A_DAY} entries hold; {} of them say what everybody may know, {} are heads of \
                 the audit log beside them.",
                openings.len(),
                heads.len()
            ),
        );
        Ok(())
    }

    fn key_of(&self, log: &Path) -> Result<VerifierKey, Exit> {
        let own = log.join("key");
        let text = read(self.key.as_deref().unwrap_or(&own))?;
        VerifierKey::parse(&text).map_err(|fault| Exit::Usage(with_causes(&fault)))
    }

    /// The files alone.
    fn tiles(&self, log: &Path, since: Option<&Checkpoint>) -> Result<TilesVerified, Exit> {
        let key = self.key_of(log)?;
        verify_tiles(&TileFolder(log.to_owned()), &key, since).map_err(|fault| Exit::Failures(with_causes(&fault)))
    }
}

/// What entries commit to; of an entry that was written twice, since a line was cut off, the last row counts.
fn openings(file: &Path) -> Result<Vec<Opening>, Exit> {
    let wrong = || Exit::Failures(format!("{} holds a row that is none", file.display()));
    if !file.exists() {
        return Ok(Vec::new());
    }
    let rows = read(file)?.lines().map(Opening::parse).collect::<Option<Vec<_>>>().ok_or_else(wrong)?;
    let last: BTreeMap<u64, Opening> = rows.into_iter().map(|row| (row.index, row)).collect();
    Ok(last.into_values().collect())
}

fn read(file: &Path) -> Result<String, Exit> {
    std::fs::read_to_string(file).map_err(|error| Exit::Usage(format!("{} cannot be read: {error}", file.display())))
}
