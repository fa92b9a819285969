//! Connections to SQLite with settings that lose nothing, and a start that refuses weaker ones.
//! Tables are left to the files beside this one.

use crate::vault::VaultFault;
use caseline_helpline::fault::StoreFault;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection, SqlitePool};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

/// How long a writer waits for another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A setting, how it is read back, what it must be, and what it is for.
const REQUIRED: &[(&str, &str, i64, &str)] = &[
    ("synchronous", "PRAGMA synchronous", 2, "FULL: what was said to be saved survives a power cut"),
    ("foreign_keys", "PRAGMA foreign_keys", 1, "ON: nothing of a case stays behind it"),
    ("secure_delete", "PRAGMA secure_delete", 1, "ON: what is deleted is overwritten"),
    ("trusted_schema", "PRAGMA trusted_schema", 0, "OFF: a changed file runs nothing"),
    ("cell_size_check", "PRAGMA cell_size_check", 1, "ON: damage is noticed"),
    ("temp_store", "PRAGMA temp_store", 2, "MEMORY: nothing is written beside the database"),
    ("busy_timeout", "PRAGMA busy_timeout", 5_000, "5 s: a second process is waited for"),
];

fn options(database: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(database)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("secure_delete", "ON")
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .pragma("temp_store", "MEMORY")
        // Statements hold no values, but neither are they anybody's to read.
        .disable_statement_logging()
}

/// The one connection that writes.
pub(super) async fn open_writer(database: &Path) -> Result<SqliteConnection, StoreFault> {
    let doing = "opening the database";
    // The file is made first, for its owner alone; SQLite gives its write-ahead log the same mode.
    let made = std::fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(database);
    made.map_err(|source| match source.kind() {
        std::io::ErrorKind::StorageFull => StoreFault::DiskFull { doing, folder: None },
        _ => StoreFault::Database { doing, source: Box::new(source) },
    })?;
    checked(options(database)).await
}

/// A connection whose settings were read back: no other one is used.
async fn checked(options: SqliteConnectOptions) -> Result<SqliteConnection, StoreFault> {
    let mut conn = options.connect().await.map_err(database_fault("opening the database"))?;
    check(&mut conn).await?;
    Ok(conn)
}

/// Connections that cannot write.
pub(super) async fn open_readers(database: &Path, count: u32) -> Result<SqlitePool, StoreFault> {
    let doing = "opening the database to read";
    let options = options(database).create_if_missing(false).pragma("query_only", "ON");
    let pool = SqlitePoolOptions::new().max_connections(count).min_connections(1).idle_timeout(None);
    let pool = pool.max_lifetime(None).connect_with(options).await.map_err(database_fault(doing))?;
    check(&mut *pool.acquire().await.map_err(database_fault(doing))?).await?;
    Ok(pool)
}

/// A connection that only looks, for verifying a log offline.
pub(crate) async fn open_for_verifying(database: &Path) -> Result<SqliteConnection, sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(database).read_only(true).create_if_missing(false);
    options.busy_timeout(BUSY_TIMEOUT).disable_statement_logging().connect().await
}

/// Reads the settings back and refuses weaker ones: a default that changed, or a database that cannot have them.
pub(super) async fn check(conn: &mut SqliteConnection) -> Result<(), StoreFault> {
    let fault = database_fault("reading the database's settings");
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *conn).await.map_err(&fault)?;
    if journal != "wal" {
        return Err(StoreFault::Refused {
            what: format!(
                "SQLite's setting journal_mode is {journal} and must be wal; keep the data folder on a local disk"
            ),
        });
    }
    for (name, read_back, required, why) in REQUIRED {
        let value: i64 = sqlx::query_scalar(*read_back).fetch_one(&mut *conn).await.map_err(&fault)?;
        if value != *required {
            return Err(StoreFault::Refused {
                what: format!("SQLite's setting {name} is {value} and must be {required} ({why})"),
            });
        }
    }
    Ok(())
}

/// SQLite's result code for a full disk, and for a write that found none (`SQLITE_FULL`, `SQLITE_IOERR_WRITE`).
const FULL: &str = "13";

/// What broke in the database.
pub(crate) fn database_fault(doing: &'static str) -> impl Fn(sqlx::Error) -> StoreFault {
    move |source| match &source {
        sqlx::Error::Database(inner) if inner.code().as_deref() == Some(FULL) => {
            StoreFault::DiskFull { doing, folder: None }
        }
        sqlx::Error::Io(inner) if inner.kind() == std::io::ErrorKind::StorageFull => {
            StoreFault::DiskFull { doing, folder: None }
        }
        _ => StoreFault::Database { doing, source: Box::new(source) },
    }
}

/// What broke in the vault.
pub(crate) fn vault_fault(doing: &'static str) -> impl Fn(VaultFault) -> StoreFault {
    move |fault| match fault {
        VaultFault::Refused { what } => StoreFault::Refused { what },
        VaultFault::File { ref source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
            StoreFault::DiskFull { doing, folder: None }
        }
        VaultFault::File { .. }
        | VaultFault::Fork
        | VaultFault::ImportOver
        | VaultFault::Unreached { .. }
        | VaultFault::Form => StoreFault::Database { doing, source: Box::new(fault) },
        VaultFault::BudgetSpent => StoreFault::NotAllowed { doing, why: crate::WHY_BUDGET },
        VaultFault::MarksSpent => StoreFault::NotAllowed { doing, why: crate::WHY_MARKS },
        VaultFault::OtherTime => StoreFault::Refused { what: VaultFault::OtherTime.to_string() },
        VaultFault::Sealed => StoreFault::Sealed { doing },
        VaultFault::NotAudited => StoreFault::NotAllowed { doing, why: "its entry in the log is not durable yet" },
        VaultFault::NotGranted => StoreFault::NotAllowed { doing, why: "the grant does not open it" },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each setting with a value that is weaker, as an upgrade or a hand could leave it.
    const WEAKER: [(&str, &str); 8] = [
        ("journal_mode", "DELETE"),
        ("synchronous", "NORMAL"),
        ("foreign_keys", "OFF"),
        ("secure_delete", "FAST"),
        ("trusted_schema", "ON"),
        ("cell_size_check", "OFF"),
        ("temp_store", "FILE"),
        ("busy_timeout", "0"),
    ];

    #[tokio::test]
    async fn each_weaker_setting_of_the_database_is_refused_at_the_start_by_its_name() {
        let names: Vec<_> = REQUIRED.iter().map(|row| row.0).chain(["journal_mode"]).collect();
        assert!(names.iter().all(|name| WEAKER.iter().any(|weaker| weaker.0 == *name)), "a setting is not tried here");
        let folder = std::env::temp_dir().join(format!("caseline-weaker-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (name, value) in WEAKER {
            let database = folder.join(format!("{name}.db"));
            std::fs::File::create(&database).unwrap();
            assert!(checked(options(&database)).await.is_ok(), "the settings of the program are accepted");
            let refused = checked(options(&database).pragma(name, value)).await;
            let Err(StoreFault::Refused { what }) = refused else { panic!("{name} = {value} was accepted") };
            assert!(what.contains(&format!("setting {name} is ")), "{what}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
