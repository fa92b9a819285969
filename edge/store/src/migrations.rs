//! The tables, step by step: numbered, forward only, each in one transaction.
//! What stands in the tables is left to `sqlite`. Another database gets files of the same numbers beside these.

use crate::sqlite::{database_fault, vault_fault};
use crate::vault::{CASE_SECRETS, Vault};
use caseline_helpline::fault::StoreFault;
use caseline_model::Time;
use sqlx::{Connection, SqliteConnection};

/// Number, SQL. A released file never changes.
const STEPS: &[(i64, &str)] = &[
    (1, include_str!("../migrations/sqlite/0001_first.sql")),
    (2, include_str!("../migrations/sqlite/0002_feed_rows.sql")),
    (3, include_str!("../migrations/sqlite/0003_staff.sql")),
    (4, include_str!("../migrations/sqlite/0004_half_tries.sql")),
    (5, include_str!("../migrations/sqlite/0005_demands.sql")),
    (6, include_str!("../migrations/sqlite/0006_tickets.sql")),
    (7, include_str!("../migrations/sqlite/0007_passkeys.sql")),
    (8, include_str!("../migrations/sqlite/0008_cards.sql")),
    (9, include_str!("../migrations/sqlite/0009_reminder_times.sql")),
    (10, include_str!("../migrations/sqlite/0010_staff_subjects.sql")),
    (11, include_str!("../migrations/sqlite/0011_login_ways.sql")),
    (12, include_str!("../migrations/sqlite/0012_open_contacts.sql")),
];

const DOING: &str = "bringing the tables up to date";
const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS migrations (number INTEGER NOT NULL PRIMARY KEY, applied_day INTEGER NOT NULL) STRICT";
const IDENTITY: &str =
    "CREATE TABLE IF NOT EXISTS identity (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) STRICT";
const NEWEST: &str = "SELECT MAX(number) FROM migrations";
const APPLIED: &str = "INSERT INTO migrations (number, applied_day) VALUES (?1, ?2)";
const STORE_ID: &str = "SELECT value FROM identity WHERE name = 'store'";
const HAS_SECRETS: &str = "SELECT value FROM identity WHERE name = 'case-secrets'";
const NOTE_SECRETS: &str =
    "INSERT INTO identity (name, value) VALUES ('case-secrets', X'01') ON CONFLICT (name) DO NOTHING";
const NAME_STORE: &str = "INSERT INTO identity (name, value) VALUES ('store', ?1)";

/// Brings the tables up to date and checks that database and key ring belong together.
///
/// # Errors
/// When the database was written by a newer Caseline, or belongs to another key ring.
pub(crate) async fn migrate(conn: &mut SqliteConnection, now: Time, store: [u8; 16]) -> Result<(), StoreFault> {
    let fault = database_fault(DOING);
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await.map_err(&fault)?;
    sqlx::query(TABLE).execute(&mut *tx).await.map_err(&fault)?;
    sqlx::query(IDENTITY).execute(&mut *tx).await.map_err(&fault)?;
    let newest: Option<i64> = sqlx::query_scalar(NEWEST).fetch_one(&mut *tx).await.map_err(&fault)?;
    let newest = newest.unwrap_or(0);
    let known = STEPS.last().map_or(0, |step| step.0);
    if newest > known {
        return Err(StoreFault::Refused {
            what: format!(
                "the database was written by a newer Caseline (tables {newest}, this one knows {known}); \
                 start that version, or restore the backup that was made before it"
            ),
        });
    }
    let named: Option<Vec<u8>> = sqlx::query_scalar(STORE_ID).fetch_optional(&mut *tx).await.map_err(&fault)?;
    match named {
        Some(named) if named != store => {
            return Err(StoreFault::Refused {
                what: "the database and vault/keyring belong to two stores; put the key ring of this one back".into(),
            });
        }
        Some(_) => {}
        None => {
            sqlx::query(NAME_STORE).bind(store.to_vec()).execute(&mut *tx).await.map_err(&fault)?;
        }
    }
    for (number, sql) in STEPS.iter().filter(|step| step.0 > newest) {
        sqlx::raw_sql(*sql).execute(&mut *tx).await.map_err(&fault)?;
        sqlx::query(APPLIED).bind(number).bind(i64::from(now.day())).execute(&mut *tx).await.map_err(&fault)?;
    }
    tx.commit().await.map_err(&fault)
}

/// Makes the file of the cases' secrets where there never was one, and notes in the database that there is one now.
///
/// # Errors
/// When the database says that there is one and the vault has none: no case would open.
pub(crate) async fn note_secrets(conn: &mut SqliteConnection, vault: &Vault) -> Result<(), StoreFault> {
    let fault = database_fault(DOING);
    let noted: Option<Vec<u8>> = sqlx::query_scalar(HAS_SECRETS).fetch_optional(&mut *conn).await.map_err(&fault)?;
    match (noted, vault.has_secrets()) {
        (Some(_), true) => return Ok(()),
        (Some(_), false) => {
            return Err(StoreFault::Refused {
                what: format!(
                    "vault/{CASE_SECRETS} is missing; put the newest copy of it back, without it no case opens"
                ),
            });
        }
        (None, true) => {}
        (None, false) => vault.make_secrets().map_err(vault_fault(DOING))?,
    }
    sqlx::query(NOTE_SECRETS).execute(&mut *conn).await.map_err(&fault)?;
    Ok(())
}
