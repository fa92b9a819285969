//! Backup sets that are encrypted to somebody, with Debian's `age`: what opens them, what does not, and that what was
//! destroyed stays destroyed in them (properties S9, S12, S22). The commands are tested with the program.

use super::{Scratch, scratch};
use crate::backup::{Holding, OVERDUE_AFTER, new_identity, open_ring, open_set, recipient_of, restore, seal_set};
use crate::contract::values::*;
use crate::settings::StoreSettings;
use crate::sqlite::SqliteStore;
use crate::testing::os_chance;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::{Checked, Store, TaskKind};
use caseline_model::{Channel, Private, Time};
use caseline_records::{Field, SourceKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A store whose copies go to a folder, encrypted.
struct Sealed {
    kept: Scratch,
    store: SqliteStore,
    identity: PathBuf,
    recipients: Vec<String>,
    backups: PathBuf,
}

async fn sealed() -> Sealed {
    let kept = scratch(NOON).await;
    let identity = kept.dir.path().join("identity");
    let key = new_identity().expect("age is installed by ./test (deploy/packages.txt)");
    std::fs::write(&identity, key.as_bytes()).unwrap();
    let recipients = vec![recipient_of(&key).unwrap()];
    let backups = kept.dir.path().join("backups");
    std::fs::create_dir_all(&backups).unwrap();
    let settings = StoreSettings {
        keyring_copies: vec![backups.join("keyring")],
        backup_recipients: recipients.clone(),
        ..StoreSettings::at(kept.dir.path().join("data"))
    };
    let store = SqliteStore::open(settings, NOON, os_chance()).await.unwrap();
    Sealed { kept, store, identity, recipients, backups }
}

impl Sealed {
    fn data(&self) -> PathBuf {
        self.kept.dir.path().join("data")
    }

    async fn back_up(&self, name: &str) -> PathBuf {
        let holding = Holding::make(&self.data()).unwrap();
        let set = holding.path().join("set");
        self.store.write_out().await.unwrap();
        self.store.back_up_database(&set).await.unwrap();
        std::fs::create_dir_all(set.join("log")).unwrap();
        for name in ["checkpoint", "key"] {
            std::fs::copy(self.data().join("log").join(name), set.join("log").join(name)).unwrap();
        }
        self.store.back_up_ring_sealed(&self.backups, &self.recipients).await.unwrap();
        let to = self.backups.join(format!("{name}.age"));
        seal_set(&set, &to, &self.recipients).unwrap();
        to
    }

    /// A machine that has the sheet and the folder of backups, and nothing else.
    async fn restored(&self, now: Time, set: &Path, name: &str) -> SqliteStore {
        let data = self.kept.dir.path().join(name);
        let into = StoreSettings::at(&data);
        std::fs::create_dir_all(into.vault()).unwrap();
        std::fs::copy(self.data().join("vault/root.key"), into.vault().join("root.key")).unwrap();
        let holding = Holding::make(&data).unwrap();
        open_set(&self.identity, set, &holding.path().join("set")).unwrap();
        assert!(open_ring(&self.identity, &self.backups, &holding.path().join("ring")).unwrap());
        restore(&holding.path().join("set"), &holding.path().join("ring"), &into).unwrap();
        SqliteStore::open(into, now, os_chance()).await.unwrap()
    }
}

async fn opens(store: &SqliteStore, now: Time, n: u128, row: u8) -> Checked {
    let by = 900 + n;
    store.begin_contact(now, contact(by), Channel::Phone).await.unwrap();
    store.check_card(now, &trying(by, Some(n as u32)), &number(n as u32), &code(row, n as u64)).await.unwrap()
}

async fn two_people(store: &SqliteStore) {
    for n in [7_u128, 8] {
        store.enrol(at(0), case(n), &number(n as u32), &card(n as u64)).await.unwrap();
        let row = [hearing(days_later(30), SourceKind::CourtFeed)];
        store.add_from_feed(at(0), &number(n as u32), b"row", &row).await.unwrap();
    }
}

#[tokio::test]
async fn an_encrypted_set_from_before_forget_me_opens_for_everybody_but_the_forgotten() {
    let all = sealed().await;
    two_people(&all.store).await;
    let set = all.back_up("2026-11-22T030000Z").await;
    // While nothing is destroyed both come back.
    let before = all.restored(at(10), &set, "before").await;
    assert_eq!(
        (opens(&before, at(11), 7, 2).await, opens(&before, at(11), 8, 2).await),
        (Checked::Opened(case(7)), Checked::Opened(case(8)))
    );
    all.store.begin_contact(at(1), contact(1), Channel::Phone).await.unwrap();
    let who = trying(1, None);
    all.store.check_card(at(1), &who, &number(7), &code(1, 7)).await.unwrap();
    all.store.forget(at(2), contact(1), case(7)).await.unwrap();
    // The old set with the newest ring, which followed at once.
    let after = all.restored(at(10), &set, "after").await;
    assert_eq!(
        (opens(&after, at(11), 7, 2).await, opens(&after, at(11), 8, 2).await),
        (Checked::Refused, Checked::Opened(case(8)))
    );
    let told = after.read_case(at(12), contact(908), case(8), &[Field::Hearing]).await.unwrap();
    assert_eq!(told.len(), 1);
}

#[tokio::test]
async fn what_is_over_does_not_come_back_from_an_encrypted_set_and_the_keys_are_gone_from_its_ring() {
    let all = sealed().await;
    two_people(&all.store).await;
    let set = all.back_up("2026-11-22T030000Z").await;
    let ring = || {
        std::fs::read_dir(&all.backups)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| path.file_name().unwrap().to_string_lossy().starts_with("keyring-"))
    };
    let before = std::fs::read(ring().unwrap()).unwrap();
    // The second one stays: their contact was later.
    let late = at(0).plus(DAY * 80);
    all.store.begin_contact(late, contact(2), Channel::Phone).await.unwrap();
    all.store.check_card(late, &trying(2, None), &number(8), &code(1, 8)).await.unwrap();
    let newer = all.back_up("2027-02-10T030000Z").await;
    let later = at(0).plus(DAY * 91);
    all.store.purge(later).await.unwrap();
    assert_ne!(std::fs::read(ring().unwrap()).unwrap(), before, "the one copy was overwritten");
    assert!(!all.backups.join("keyring").exists() && !all.backups.join("case-secrets").exists(), "and none in clear");
    for (set, name, wanted) in [(&set, "old", Checked::Refused), (&newer, "new", Checked::Opened(case(8)))] {
        let restored = all.restored(later, set, name).await;
        assert_eq!(opens(&restored, later, 7, 3).await, Checked::Refused, "{name}");
        // In the older set the second one's key was of the day that is over too.
        assert_eq!(opens(&restored, later, 8, 3).await, wanted, "{name}");
    }
}

#[tokio::test]
async fn another_key_a_cut_and_any_flipped_byte_are_named_and_nothing_is_restored() {
    let all = sealed().await;
    two_people(&all.store).await;
    let set = all.back_up("2026-11-22T030000Z").await;
    let into = |name: &str| all.kept.dir.path().join(name);
    let said = |identity: &Path, set: &Path, name: &str| match open_set(identity, set, &into(name)) {
        Err(StoreFault::Refused { what }) => what,
        other => panic!("{other:?}"),
    };
    let other = into("other");
    std::fs::write(&other, new_identity().unwrap().as_bytes()).unwrap();
    assert!(said(&other, &set, "a").contains("is encrypted to another key"), "{}", said(&other, &set, "b"));
    std::fs::write(&other, "no key").unwrap();
    assert!(said(&other, &set, "c").contains("holds no private key of age"), "{}", said(&other, &set, "d"));
    assert!(said(&into("nowhere"), &set, "e").contains("recovery enter"));
    let whole = std::fs::read(&set).unwrap();
    let broken = into("broken.age");
    for (n, end) in [0, 20, 200, whole.len() / 2, whole.len() - 1].into_iter().enumerate() {
        std::fs::write(&broken, &whole[..end]).unwrap();
        let said = said(&all.identity, &broken, &format!("cut-{n}"));
        assert!(said.contains("nothing was restored"), "{end}: {said}");
    }
    for (n, at) in [3, 100, whole.len() / 3, whole.len() / 2, whole.len() - 3].into_iter().enumerate() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        std::fs::write(&broken, &bytes).unwrap();
        let said = said(&all.identity, &broken, &format!("flip-{n}"));
        assert!(said.contains("nothing was restored"), "{at}: {said}");
    }
    // What was not meant for it is no recipient, and leaves no file.
    let to = into("never.age");
    assert!(seal_set(&into("a"), &to, &["age1nobody".into()]).is_err());
    assert!(!to.exists());
}

#[tokio::test]
async fn nothing_that_a_person_said_stands_in_a_set_encrypted_or_opened() {
    let all = sealed().await;
    two_people(&all.store).await;
    let mut wanted = task(1, TaskKind::Callback, at(5), at(5).plus(DAY), None);
    wanted.content.phone = Some(phone(77));
    wanted.content.words = Some(Private::new("SEEDED-WORDS".into()));
    all.store.add_task(at(5), None, wanted).await.unwrap();
    let set = all.back_up("2026-11-22T030000Z").await;
    let opened = all.kept.dir.path().join("opened");
    open_set(&all.identity, &set, &opened).unwrap();
    open_ring(&all.identity, &all.backups, &opened.join("ring")).unwrap();
    let texts = super::files::six_renderings(phone(77).reveal()).into_iter().map(String::into_bytes);
    let mut markers: Vec<Vec<u8>> = texts.chain(super::files::as_bytes_anywhere(phone(77).reveal())).collect();
    markers.push(b"SEEDED".to_vec());
    markers.push(number(7).reveal().canonical().into_bytes());
    markers.extend(card(7).iter().map(|code| code.reveal().digits().into_bytes()));
    let scan = |markers: &[Vec<u8>]| {
        let mut files = super::files::all_files(&all.backups);
        files.extend(super::files::all_files(&opened));
        assert!(
            files.len() >= 6 && files.iter().any(|(name, bytes)| name.ends_with("caseline.db") && bytes.len() > 9_000)
        );
        markers.iter().filter(|marker| files.iter().any(|(_, bytes)| super::files::holds(bytes, marker))).count()
    };
    assert_eq!(scan(&markers), 0);
    // It finds what is there.
    std::fs::write(opened.join("leak"), [b"x", markers[1].as_slice()].concat()).unwrap();
    assert!(scan(&markers) > 0);
}

#[tokio::test]
async fn a_folder_that_does_not_follow_a_destruction_for_a_day_raises_the_alarm_and_following_ends_it() {
    let all = sealed().await;
    two_people(&all.store).await;
    all.back_up("2026-11-22T030000Z").await;
    all.store.begin_contact(at(1), contact(1), Channel::Phone).await.unwrap();
    all.store.check_card(at(1), &trying(1, None), &number(7), &code(1, 7)).await.unwrap();
    // The folder is away when somebody is forgotten.
    let away = all.kept.dir.path().join("away");
    std::fs::rename(&all.backups, &away).unwrap();
    all.store.forget(at(2), contact(1), case(7)).await.unwrap();
    let hour = Duration::from_secs(3_600);
    all.store.purge(at(2).plus(OVERDUE_AFTER - hour)).await.unwrap();
    assert_eq!(all.store.backups_overdue(), 0, "not a day yet");
    // What is known outlives a restart.
    all.store.purge(at(2).plus(OVERDUE_AFTER + hour)).await.unwrap();
    assert_eq!(all.store.backups_overdue(), 1);
    all.store.purge(at(2).plus(OVERDUE_AFTER + hour * 2)).await.unwrap();
    let told: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM log_entries").fetch_one(all.store.readers()).await.unwrap();
    std::fs::rename(&away, &all.backups).unwrap();
    all.store.purge(at(2).plus(OVERDUE_AFTER + hour * 3)).await.unwrap();
    assert_eq!(all.store.backups_overdue(), 0);
    let later: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM log_entries").fetch_one(all.store.readers()).await.unwrap();
    assert_eq!(told, later, "the alarm was told once");
    let restored = all.restored(at(2).plus(DAY * 2), &all.backups.join("2026-11-22T030000Z.age"), "after").await;
    assert_eq!(opens(&restored, at(2).plus(DAY * 2), 7, 2).await, Checked::Refused);
}

#[tokio::test]
async fn a_ring_that_is_changed_in_its_folder_is_written_again_and_another_store_s_is_left() {
    let all = sealed().await;
    two_people(&all.store).await;
    all.back_up("2026-11-22T030000Z").await;
    let rings = || {
        let entries = std::fs::read_dir(&all.backups).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("keyring-")).collect::<Vec<_>>()
    };
    let [ring] = &rings()[..] else { panic!("one ring") };
    std::fs::write(ring, b"damaged").unwrap();
    all.store.purge(at(3)).await.unwrap();
    assert!(open_ring(&all.identity, &all.backups, &all.kept.dir.path().join("ring")).unwrap());
    // A second store that names the same folder gets none.
    let other = super::scratch(NOON).await;
    let fault = other.store.back_up_ring_sealed(&all.backups, &all.recipients).await.unwrap_err();
    assert!(fault.to_string().contains("belongs to another store"), "{fault}");
    assert_eq!(rings().len(), 1);
}
