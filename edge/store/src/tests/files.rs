//! What stands in the files: nothing that a person said, in no rendering, and nothing that was destroyed.
//! What the verbs answer is left to the contract.

use super::{Scratch, open, scratch};
use crate::contract::values::*;
use crate::settings::StoreSettings;
use crate::sqlite::SqliteStore;
use crate::testing::os_chance;
use crate::vault::{Place, Vault, VaultFault};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::{Checked, FeedCounts, ReturnPlace, Settled, Store, TaskKind};
use caseline_model::{Channel, Private};
use caseline_records::{Assertion, Field, SourceKind};
use sqlx::{Connection, SqliteConnection};
use std::path::Path;
use std::time::Duration;

/// Every file under a folder.
pub(super) fn all_files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(all_files(&path));
        } else {
            files.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    files
}

pub(super) fn holds(bytes: &[u8], marker: &[u8]) -> bool {
    bytes.windows(marker.len()).any(|window| window == marker)
}

fn assert_nowhere(kept: &Scratch, markers: &[Vec<u8>]) {
    let files = all_files(&kept.dir.path().join("data"));
    assert!(files.iter().any(|(name, bytes)| name.ends_with("-wal") && !bytes.is_empty()));
    for (name, bytes) in &files {
        for marker in markers {
            assert!(!holds(bytes, marker), "{name} holds {}", String::from_utf8_lossy(marker));
        }
    }
}

/// A telephone number as people, programs and protocols write it: the six usual ways of writing it, and the country code
/// without its sign. As bytes: `as_bytes_anywhere`.
pub(super) fn six_renderings(phone: &caseline_model::Phone) -> Vec<String> {
    let national = phone.spoken_digits();
    let (area, rest) = national.split_at(3);
    let (exchange, tail) = rest.split_at(3);
    vec![
        phone.e164(),
        national.to_owned(),
        format!("{area}-{exchange}-{tail}"),
        format!("({area}) {exchange}-{tail}"),
        format!("{area}.{exchange}.{tail}"),
        format!("{area} {exchange} {tail}"),
        format!("1{national}"),
    ]
}

/// The same as bytes that no text has: in two bytes a character, in half a byte a digit as telephone networks write it
/// (BCD, ITU-T Q.763 3.9 and 3GPP TS 23.040 9.1.2.5, digits in either order, an odd one filled up), and as a number as
/// SQLite keeps one (in six bytes) and a processor does.
pub(super) fn as_bytes_anywhere(phone: &caseline_model::Phone) -> Vec<Vec<u8>> {
    let national = phone.spoken_digits().to_owned();
    let international = format!("1{national}");
    let mut all: Vec<Vec<u8>> = Vec::new();
    for text in six_renderings(phone) {
        all.push(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
        all.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
    }
    for digits in [&national, &international] {
        let halves: Vec<u8> = digits.bytes().map(|digit| digit - b'0').collect();
        let pairs = || halves.chunks(2).map(|pair| (pair[0], pair.get(1).copied().unwrap_or(0xf)));
        all.push(pairs().map(|(first, second)| first << 4 | second).collect());
        all.push(pairs().map(|(first, second)| second << 4 | first).collect());
    }
    let number: u64 = international.parse().unwrap();
    all.push(number.to_be_bytes()[2..].to_vec());
    all.push(number.to_le_bytes().to_vec());
    all
}

#[test]
fn a_number_is_looked_for_as_texts_as_half_bytes_and_as_a_number() {
    let phone = phone(77);
    let phone = phone.reveal();
    let texts = six_renderings(phone);
    for text in
        ["+12025550177", "2025550177", "202-555-0177", "(202) 555-0177", "202.555.0177", "202 555 0177", "12025550177"]
    {
        assert!(texts.iter().any(|rendering| rendering == text), "{text}");
    }
    let bytes = as_bytes_anywhere(phone);
    let in_halves: [&[u8]; 4] = [
        &[0x20, 0x25, 0x55, 0x01, 0x77],
        &[0x02, 0x52, 0x55, 0x10, 0x77],
        &[0x12, 0x02, 0x55, 0x50, 0x17, 0x7f],
        &[0x21, 0x20, 0x55, 0x05, 0x71, 0xf7],
    ];
    assert!(in_halves.iter().all(|halves| bytes.iter().any(|rendering| rendering == halves)));
    assert!(bytes.iter().any(|rendering| rendering[..] == 12_025_550_177_u64.to_be_bytes()[2..]));
    assert!(bytes.iter().all(|rendering| rendering.len() >= 5), "shorter ones would stand anywhere by chance");
}

#[tokio::test]
async fn nothing_that_a_person_said_stands_in_any_file() {
    let kept = scratch(NOON).await;
    let store = &kept.store;
    let caller = phone(77);
    let mut who = trying(1, None);
    who.caller = Some(caller.clone());
    store.enrol(at(0), case(7), &number(7), &card(7)).await.unwrap();
    store.begin_contact(at(1), contact(1), Channel::Phone).await.unwrap();
    store.note_caller(at(1), &who).await.unwrap();
    let place = ReturnPlace(Private::new(format!("sip:{}@made-up.invalid", caller.reveal().digits())));
    store.note_return_place(at(1), &place, contact(1)).await.unwrap();
    store.check_card(at(2), &who, &number(8), &wrong_code(1)).await.unwrap();
    store.check_file(at(2), &who, &receipt(9), Some(&Private::new("471147".into()))).await.unwrap();
    store.begin_contact(at(3), contact(2), Channel::Phone).await.unwrap();
    who.contact = contact(2);
    assert_eq!(store.check_card(at(3), &who, &number(7), &code(1, 7)).await.unwrap(), Checked::Opened(case(7)));
    store.save_conversation(at(3), contact(2), b"SEEDED-STATE 000-000-008 +12025550177").await.unwrap();
    store.begin_contact(at(4), contact(5), Channel::WebChat).await.unwrap();
    store.open_file(at(4), contact(5), own_file(5, Some("471147"))).await.unwrap();
    store.take_report(at(5), contact(2), report(1, Some(case(7)))).await.unwrap();
    let mut wanted = task(1, TaskKind::Callback, at(5), at(5).plus(DAY), None);
    wanted.content.phone = Some(caller.clone());
    wanted.content.words = Some(Private::new("SEEDED-WORDS".into()));
    wanted.content.voice_note = Some(Private::new(b"SEEDED-VOICE".to_vec()));
    wanted.obligation = format!("callback:{}", caller.reveal().e164());
    store.add_task(at(5), Some(contact(2)), wanted).await.unwrap();
    let set = store.begin_import(at(6)).await.unwrap();
    for n in 0..50 {
        let (wants, _) = (set.wants(number(n).reveal()), ());
        let row = [hearing(days_later(30), SourceKind::CourtFeed)];
        let digest = number(n).reveal().canonical();
        store.add_from_feed(at(6), &number(n), digest.as_bytes(), &row).await.unwrap();
        assert_eq!(wants, n == 7);
    }
    store.finish_import(at(7), &*set, FeedCounts::default()).await.unwrap();
    store.read_case(at(8), contact(2), case(7), &[Field::Hearing]).await.unwrap();

    let mut markers: Vec<String> = (0..50)
        .flat_map(|n| {
            let digits = number(n).reveal().canonical();
            let grouped = format!("{}-{}-{}", &digits[..3], &digits[3..6], &digits[6..]);
            [digits, grouped]
        })
        .collect();
    for person in [&caller, &phone(43)] {
        markers.extend(six_renderings(person.reveal()));
    }
    for receipt in [receipt(5), receipt(9), report_code(1)] {
        markers.extend([receipt.reveal().digits(), receipt.reveal().grouped()]);
    }
    for code in card(7) {
        markers.extend([code.reveal().digits(), code.reveal().keyed()]);
    }
    markers.extend(["SEEDED", "471147", "made-up.invalid", "Chicago", "wrong-date", "hearing"].map(String::from));
    markers.push(days_later(30).to_string());
    let mut markers: Vec<Vec<u8>> = markers.into_iter().map(String::into_bytes).collect();
    for person in [&caller, &phone(43)] {
        markers.extend(as_bytes_anywhere(person.reveal()));
    }
    assert_nowhere(&kept, &markers);
    // The same with all of it moved into the database file.
    store.purge(at(9)).await.unwrap();
    store.begin_contact(at(10), contact(3), Channel::Phone).await.unwrap();
    assert_nowhere(&kept, &markers);
}

#[tokio::test]
async fn after_forget_me_nothing_opens_with_all_keys_in_hand() {
    let kept = scratch(NOON).await;
    let store = &kept.store;
    store.enrol(at(0), case(7), &number(7), &card(7)).await.unwrap();
    store.begin_contact(at(1), contact(1), Channel::Phone).await.unwrap();
    store.check_card(at(1), &trying(1, None), &number(7), &code(1, 7)).await.unwrap();
    let row = [hearing(days_later(30), SourceKind::CourtFeed)];
    store.add_from_feed(at(1), &number(7), b"row", &row).await.unwrap();
    store.take_report(at(2), contact(1), report(1, Some(case(7)))).await.unwrap();
    let reminder = task(1, TaskKind::Reminder, at(2), at(0).plus(DAY), Some(case(7)));
    store.add_task(at(2), Some(contact(1)), reminder).await.unwrap();
    // Everything sealed for this case, as the files have it now: a part of each value is a marker of its bytes.
    let mut markers: Vec<Vec<u8>> = Vec::new();
    for sql in [
        "SELECT sealed FROM case_versions",
        "SELECT case_key FROM cases",
        "SELECT number FROM cases",
        "SELECT number_mark FROM cases",
        "SELECT mark FROM card_codes",
        "SELECT sealed FROM reports",
        "SELECT content FROM tasks",
    ] {
        let values: Vec<Vec<u8>> = sqlx::query_scalar(sql).fetch_all(store.readers()).await.unwrap();
        assert!(!values.is_empty(), "{sql}");
        markers.extend(values.into_iter().map(|value| value[value.len() - 16..].to_vec()));
    }
    let in_files = |markers: &[Vec<u8>]| {
        let files = all_files(&kept.dir.path().join("data"));
        markers.iter().filter(|marker| files.iter().any(|(_, bytes)| holds(bytes, marker))).count()
    };
    assert_eq!(in_files(&markers), markers.len(), "the scan finds what is there");
    store.forget(at(3), contact(1), case(7)).await.unwrap();
    // No sealed byte of it is left in database, write-ahead log or shared memory: there is nothing to open.
    assert_eq!(in_files(&markers), 0);
}

#[tokio::test]
async fn a_stolen_database_does_not_say_on_which_day_a_reminder_rings() {
    // Two reminders of one person each, due at another hour and day of the same week; NOON is a Sunday or another day, so
    // the week of the first one is looked for.
    let monday = (0..7).map(|n| at(0).plus(DAY * (14 + n))).find(|at| at.day() % 7 == 4).unwrap();
    let due = [monday.plus(Duration::from_secs(36_000)), monday.plus(DAY * 5).plus(Duration::from_secs(54_321))];
    let mut pictures = Vec::new();
    for due_at in due {
        let kept = scratch(NOON).await;
        let store = &kept.store;
        store.enrol(at(0), case(7), &number(7), &card(7)).await.unwrap();
        store.begin_contact(at(1), contact(1), Channel::Phone).await.unwrap();
        store.check_card(at(1), &trying(1, None), &number(7), &code(1, 7)).await.unwrap();
        let ends_at = due_at.plus(DAY * 3).plus(Duration::from_secs(1));
        let mut reminder = task(1, TaskKind::Reminder, due_at, ends_at, Some(case(7)));
        reminder.content.asked_at = at(1);
        store.add_task(at(2), Some(contact(1)), reminder).await.unwrap();
        // No byte of either time stands in any file; what stands in clear is the same for both.
        let markers: Vec<Vec<u8>> = [due_at, ends_at]
            .iter()
            .flat_map(|at| [at.micros().to_be_bytes()[2..].to_vec(), at.micros().to_string().into_bytes()])
            .collect();
        assert_nowhere(&kept, &markers);
        let head: (i64, i64, i64, Vec<u8>) =
            sqlx::query_as("SELECT due_at, expires_at, content_goes_at, substr(content, 1, 7) FROM tasks")
                .fetch_one(store.readers())
                .await
                .unwrap();
        pictures.push(head);
        // It rings at its minute all the same, and not before.
        let claim = async |at| store.claim_task(at, &[TaskKind::Reminder], Duration::from_secs(60)).await.unwrap();
        let before = claim(due_at.minus(Duration::from_secs(1))).await;
        assert!(before.is_none());
        let claimed = claim(due_at).await.unwrap();
        let again = due_at.plus(Duration::from_secs(900));
        store.settle_task(due_at, claimed.id, claimed.fencing, Settled::Again(again)).await.unwrap();
        assert!(claim(due_at.plus(Duration::from_secs(899))).await.is_none());
        let claimed = claim(again).await.unwrap();
        store.note_intent(again, claimed.id, claimed.fencing, 5).await.unwrap();
        store.settle_task(again, claimed.id, claimed.fencing, Settled::Met).await.unwrap();
        assert_nowhere(&kept, &[again.micros().to_be_bytes()[2..].to_vec()]);
    }
    assert_eq!(pictures[0], pictures[1], "the week alone stands in clear");
}

#[tokio::test]
async fn what_is_over_does_not_open_from_a_backup_either() {
    let kept = scratch(NOON).await;
    let set = kept.dir.path().join("set");
    let settings =
        StoreSettings { keyring_copies: vec![set.join("keyring")], ..StoreSettings::at(kept.dir.path().join("data")) };
    kept.store.close().await.unwrap();
    let store = SqliteStore::open(settings, NOON, os_chance()).await.unwrap();
    store.enrol(at(0), case(7), &number(7), &card(7)).await.unwrap();
    store.add_from_feed(at(0), &number(7), b"row", &[hearing(days_later(1), SourceKind::CourtFeed)]).await.unwrap();
    store.back_up(&set).await.unwrap();
    assert!(store.back_up(&set).await.is_err(), "no backup is overwritten");

    let data = kept.dir.path().join("data");
    // Somebody has the backup's database, the ring of the backup set as it is then, and the root key; no clock and no
    // limits hold them.
    let open_backup = async || {
        let vault_dir = kept.dir.path().join("their-vault");
        std::fs::create_dir_all(&vault_dir).unwrap();
        for file in ["keyring", "case-secrets"] {
            std::fs::copy(set.join(file), vault_dir.join(file)).unwrap();
        }
        std::fs::copy(data.join("vault/root.key"), vault_dir.join("root.key")).unwrap();
        let vault = Vault::open(&vault_dir, os_chance()).unwrap();
        let url = format!("sqlite://{}?mode=ro", set.join("caseline.db").display());
        let mut conn = SqliteConnection::connect(&url).await.unwrap();
        let (case_key, version, sealed): (Vec<u8>, i64, Vec<u8>) =
            sqlx::query_as("SELECT case_key, version, sealed FROM cases JOIN case_versions ON case_id = id")
                .fetch_one(&mut conn)
                .await
                .unwrap();
        let row = [case(7).to_bytes().as_slice(), &version.to_be_bytes()].concat();
        let place = Place { table: "case_versions", row: &row, column: "sealed" };
        vault.open_with_all_keys(case(7), &case_key, place, &sealed)
    };
    let told: Vec<Assertion> = serde_json::from_slice(&open_backup().await.unwrap()).unwrap();
    assert_eq!(told, [hearing(days_later(1), SourceKind::CourtFeed)], "while its time is not over it opens");

    // Ninety days are over on this day: rows, keys, and the keys of the backup set go within 24 hours.
    store.purge(at(0).plus(DAY * 91)).await.unwrap();
    assert!(matches!(open_backup().await, Err(VaultFault::Sealed)));
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_backup_set_is_restored_with_the_newest_key_ring() {
    let kept = scratch(NOON).await;
    let set = kept.dir.path().join("set");
    kept.store.enrol(at(0), case(7), &number(7), &card(7)).await.unwrap();
    kept.store.back_up(&set).await.unwrap();
    kept.store.enrol(at(1), case(8), &number(8), &card(8)).await.unwrap();
    kept.store.close().await.unwrap();
    let data = kept.dir.path().join("restored");
    std::fs::create_dir_all(data.join("vault")).unwrap();
    std::fs::copy(set.join("caseline.db"), data.join("caseline.db")).unwrap();
    for file in ["keyring", "case-secrets", "root.key"] {
        std::fs::copy(kept.dir.path().join("data/vault").join(file), data.join("vault").join(file)).unwrap();
    }
    let restored = SqliteStore::open(StoreSettings::at(&data), at(2), os_chance()).await.unwrap();
    restored.begin_contact(at(2), contact(1), Channel::Phone).await.unwrap();
    let checked = restored.check_card(at(2), &trying(1, None), &number(7), &code(1, 7)).await.unwrap();
    assert_eq!(checked, Checked::Opened(case(7)));
    let later = restored.check_card(at(2), &trying(1, None), &number(8), &code(1, 8)).await.unwrap();
    assert_eq!(later, Checked::Refused, "what came after the backup is not in it");
}

#[tokio::test]
async fn a_full_disk_acknowledges_nothing_and_reading_goes_on() {
    let kept = scratch(NOON).await;
    let store = &kept.store;
    store.begin_contact(at(0), contact(1), Channel::Phone).await.unwrap();
    store.save_conversation(at(0), contact(1), b"state").await.unwrap();
    store.limit_pages().await;
    let mut acknowledged = 0;
    let fault = loop {
        let mut wanted = task(acknowledged, TaskKind::Message, at(0), at(0).plus(DAY), None);
        wanted.content.voice_note = Some(Private::new(vec![0x55; 60_000]));
        match store.add_task(at(1), None, wanted).await {
            Ok(_) => acknowledged += 1,
            Err(fault) => break fault,
        }
        assert!(acknowledged < 1_000, "the disk is not full");
    };
    assert!(matches!(fault, StoreFault::DiskFull { doing: "keeping an obligation", .. }), "{fault:?}");
    assert!(acknowledged > 0);
    assert_eq!(store.open_task_count(TaskKind::Message).await.unwrap(), acknowledged as u64);
    assert_eq!(store.load_conversation(at(2), contact(1)).await.unwrap().as_deref(), Some(b"state".as_slice()));
    store.free_pages().await;
    store.probe().await.unwrap();
    store.begin_contact(at(3), contact(2), Channel::Phone).await.unwrap();
    store.close_and_verify(&kept.dir).await;
    let again = open(&kept.dir, at(4)).await;
    assert_eq!(again.open_task_count(TaskKind::Message).await.unwrap(), acknowledged as u64);
}

impl SqliteStore {
    pub(super) fn readers(&self) -> &sqlx::SqlitePool {
        &self.readers
    }

    /// The database gets no more than a few pages beyond what it has: the same error as on a full disk.
    async fn limit_pages(&self) {
        let mut writer = self.writer.lock().await;
        let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(writer.conn()).await.unwrap();
        let sql = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {}", pages + 100));
        let _: i64 = sqlx::query_scalar(sql).fetch_one(writer.conn()).await.unwrap();
    }

    async fn free_pages(&self) {
        let mut writer = self.writer.lock().await;
        let _: i64 = sqlx::query_scalar("PRAGMA max_page_count = 1000000").fetch_one(writer.conn()).await.unwrap();
    }

    async fn close_and_verify(&self, dir: &crate::testing::ScratchDir) {
        self.heads.write_file().unwrap();
        crate::verify_log(&dir.path().join("data"), None).await.unwrap();
    }
}
