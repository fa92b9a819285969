//! A backup set: the database as of one moment, and one copy of the key ring, overwritten at each destruction.
//! Encrypting the set to somebody, and where it goes, is left to the operator. The root key is in no set.

use crate::sqlite::{Writer, database_fault};
use crate::vault::{Vault, copy_private};
use caseline_helpline::fault::StoreFault;
use std::path::Path;

const INTO: &str = "VACUUM INTO ?1";
/// The copy of the key ring in a set.
pub const KEYRING_COPY: &str = "keyring";

/// Writes a set into a folder: `caseline.db`, which must not be there yet, and `keyring`, which is overwritten.
pub(crate) async fn back_up(writer: &mut Writer, vault: &Vault, to: &Path) -> Result<(), StoreFault> {
    let doing = "making a backup";
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::StorageFull => StoreFault::DiskFull { doing },
        _ => StoreFault::Database { doing, source: Box::new(source) },
    };
    std::fs::create_dir_all(to).map_err(failed)?;
    let database = crate::settings::database_in(to);
    if database.exists() {
        return Err(StoreFault::Refused {
            what: "the backup folder holds a database already; name a folder of its own for each backup".into(),
        });
    }
    let path = database.to_string_lossy().into_owned();
    writer.run_alone(INTO, path).await.map_err(database_fault(doing))?;
    copy_private(&vault.keyring_path(), &to.join(KEYRING_COPY))
        .map_err(|fault| StoreFault::Database { doing, source: Box::new(fault) })
}
