//! Slots: kept, destroyed, used again, merged, and refused when they are another store's.

use super::*;
use crate::testing::{ScratchDir, os_chance};

const STORE: [u8; 16] = [7; 16];

fn key() -> Key {
    Zeroizing::new([9; 32])
}

fn file(dir: &ScratchDir) -> CaseSecrets {
    CaseSecrets::make(dir.path(), STORE, key()).unwrap()
}

#[test]
fn a_destroyed_secret_is_gone_and_its_slot_serves_another_case() {
    let dir = ScratchDir::new();
    let secrets = file(&dir);
    let chance = os_chance();
    let (one, two) = (secrets.add(&*chance).unwrap(), secrets.add(&*chance).unwrap());
    let of_two = secrets.secret(two).unwrap();
    assert_ne!(*secrets.secret(one).unwrap(), *of_two);
    secrets.destroy(&[one]).unwrap();
    assert!(secrets.secret(one).is_err());
    assert_eq!(secrets.state(one).unwrap(), SecretState::Destroyed);
    let third = secrets.add(&*chance).unwrap();
    assert_eq!(third.number, one.number, "the file does not grow");
    assert!(secrets.secret(one).is_err(), "another case's secret is not its own");
    secrets.destroy(&[one]).unwrap();
    assert_eq!(secrets.state(third).unwrap(), SecretState::Kept, "destroyed once, it takes nobody else's along");
    let again = CaseSecrets::open(dir.path(), STORE, key()).unwrap();
    assert_eq!(*again.secret(two).unwrap(), *of_two);
    assert_eq!(again.state(Slot { number: 2, used: 1 }).unwrap(), SecretState::Unknown);
    assert_eq!(again.state(Slot { number: 0, used: 9 }).unwrap(), SecretState::Unknown);
}

#[test]
fn a_slot_that_was_changed_or_moved_opens_nothing() {
    let dir = ScratchDir::new();
    let secrets = file(&dir);
    let (one, two) = (secrets.add(&*os_chance()).unwrap(), secrets.add(&*os_chance()).unwrap());
    let bytes = secrets.read(one.number).unwrap().unwrap();
    secrets.file.write_all_at(&bytes, Slot::at(two.number)).unwrap();
    assert!(secrets.secret(two).is_err(), "moved");
    for place in 0..BYTES {
        let mut changed = bytes;
        changed[place] ^= 1;
        secrets.file.write_all_at(&changed, Slot::at(one.number)).unwrap();
        assert!(secrets.secret(one).is_err(), "byte {place}");
    }
}

#[test]
fn what_was_destroyed_in_either_of_two_copies_stays_destroyed() {
    let (dir, copy_dir, empty) = (ScratchDir::new(), ScratchDir::new(), ScratchDir::new());
    let secrets = file(&dir);
    let chance = os_chance();
    let slots: Vec<Slot> = (0..4).map(|_| secrets.add(&*chance).unwrap()).collect();
    copy(dir.path(), &copy_dir.path().join(CASE_SECRETS)).unwrap();
    // Here the first goes and its slot is used again; in the copy the second goes.
    secrets.destroy(&[slots[0]]).unwrap();
    let later = secrets.add(&*chance).unwrap();
    let fifth = secrets.add(&*chance).unwrap();
    CaseSecrets::open(copy_dir.path(), STORE, key()).unwrap().destroy(&[slots[1]]).unwrap();
    let states = |dir: &ScratchDir| {
        let merged = CaseSecrets::open(dir.path(), STORE, key()).unwrap();
        [slots[0], slots[1], slots[2], later, fifth].map(|slot| merged.state(slot).unwrap())
    };
    merge(dir.path(), copy_dir.path(), STORE).unwrap();
    let wanted =
        [SecretState::Destroyed, SecretState::Destroyed, SecretState::Kept, SecretState::Kept, SecretState::Kept];
    assert_eq!(states(&dir), wanted);
    merge(copy_dir.path(), dir.path(), STORE).unwrap();
    assert_eq!(states(&copy_dir), wanted);
    merge(empty.path(), dir.path(), STORE).unwrap();
    assert_eq!(states(&empty), wanted);
    assert!(merge(dir.path(), copy_dir.path(), [8; 16]).is_err(), "another store's");
}
