//! `caseline verify-log`: checks the audit log offline against its signed head, and against an earlier one.
//! The tree and the signature are the store's.

use super::Place;
use crate::exits::{Exit, with_causes};
use caseline_store::audit_tree::Checkpoint;
use std::path::PathBuf;

/// Checks the log of a data folder.
#[derive(Debug, clap::Args)]
pub struct VerifyLog {
    /// The data folder.
    folder: Option<PathBuf>,
    /// A checkpoint that was saved earlier: the log must be a continuation of it.
    #[arg(long)]
    since: Option<PathBuf>,
}

impl VerifyLog {
    /// Prints what was verified.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        let folder = self.folder.clone().unwrap_or_else(|| place.data());
        let since = match &self.since {
            None => None,
            Some(file) => {
                let text = std::fs::read_to_string(file)
                    .map_err(|error| Exit::Usage(format!("{} cannot be read: {error}", file.display())))?;
                Some(Checkpoint::parse(&text).map_err(|fault| Exit::Usage(with_causes(&fault)))?)
            }
        };
        let verified = caseline_store::verify_log(&folder, since.as_ref())
            .await
            .map_err(|fault| Exit::Failures(with_causes(&fault)))?;
        place.print(
            &serde_json::json!({
                "signed_entries": verified.head.size,
                "with_content": verified.with_content,
                "without_content": verified.without_content,
                "not_signed_yet": verified.after_head,
            }),
            &format!(
                "{} signed entries hold ({} with content, {} whose content has gone); {} came after the signed head.",
                verified.head.size, verified.with_content, verified.without_content, verified.after_head
            ),
        );
        Ok(())
    }
}
