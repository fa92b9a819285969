//! The alarm of the limits and the site's count, over a restart of the real store.
//! What the limits say is checked in the contract, on both stores.

use super::{open, scratch};
use crate::contract::values::*;
use crate::sqlite::SqliteStore;
use caseline_helpline::ports::{Checked, Store, Trying};
use caseline_model::{Channel, Private};
use sqlx::Connection;
use std::path::Path;

/// Entries of the log that belong to no contact and no case: alarms, in a store that was never purged.
async fn alarms(dir: &Path) -> i64 {
    let database = crate::settings::StoreSettings::at(dir.join("data")).database();
    let mut conn = sqlx::SqliteConnection::connect(&format!("sqlite:{}", database.display())).await.unwrap();
    let unlinked = "SELECT COUNT(*) FROM log_entries WHERE place NOT IN (SELECT place FROM log_links)";
    let count = sqlx::query_scalar(unlinked).fetch_one(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    count
}

/// A wrong receipt, from one of many shared numbers.
async fn fails(store: &SqliteStore, n: u32) -> Checked {
    let id = u128::from(n) + 1;
    store.begin_contact(at(1), contact(id), Channel::Phone).await.unwrap();
    let who = Trying { shared: true, ..trying(id, Some(n % 90)) };
    store.check_file(at(1), &who, &receipt(u64::from(n)), None).await.unwrap()
}

#[tokio::test]
async fn the_site_s_count_outlives_a_restart_and_its_alarm_is_in_the_log() {
    let kept = scratch(NOON).await;
    for n in 0..299 {
        assert_eq!(fails(&kept.store, n).await, Checked::Refused);
    }
    assert_eq!(alarms(kept.dir.path()).await, 0);
    kept.store.close().await.unwrap();
    let store = open(&kept.dir, at(2)).await;
    assert_eq!(fails(&store, 299).await, Checked::Refused);
    assert_eq!(alarms(kept.dir.path()).await, 1, "the three hundredth failure of the day");
    assert_eq!(fails(&store, 300).await, Checked::Refused, "the word of the receipt may follow");
    let who = Trying { shared: true, ..trying(301, Some(300 % 90)) };
    let word = Private::new("1234".to_owned());
    let again = store.check_file(at(1), &who, &receipt(300), Some(&word)).await.unwrap();
    assert_eq!(again, Checked::PersonNow, "newcomers go to a person");
    assert_eq!(alarms(kept.dir.path()).await, 1);
}
