//! What the vault opens and what it never opens again.

use super::*;
use crate::testing::{ScratchDir, os_chance};
use caseline_helpline::audit::AuditReceipt;
use caseline_helpline::grant::Grant;
use caseline_model::ContactId;
use std::os::unix::fs::PermissionsExt;

fn at(day: u32) -> Time {
    crate::rules::day_start(day)
}

fn vault(dir: &ScratchDir) -> Vault {
    let chance = os_chance();
    Vault::init(dir.path(), &chance).unwrap();
    Vault::open(dir.path(), chance).unwrap()
}

const CASE: CaseId = CaseId::from_random(7);

fn grant(case: CaseId, index: u64) -> Grant {
    Grant::Contact { contact: ContactId::from_random(1), case, audited: AuditReceipt::durable_at(index) }
}

#[test]
fn a_case_opens_on_its_own_grant_and_only_after_the_log_is_durable() {
    let dir = ScratchDir::new();
    let vault = vault(&dir);
    let key = vault.new_case_key(at(100), CASE).unwrap();
    let row = [CASE.to_bytes().as_slice(), &1_i64.to_be_bytes()].concat();
    let place = Place { table: "case_versions", row: &row, column: "sealed" };
    let sealed = vault.seal_in_case(CASE, &key, place, b"made up").unwrap();
    let open = |grant: &Grant| vault.open_in_case(at(99), &Opening::Case(grant), &key, place, &sealed);
    assert!(matches!(open(&grant(CASE, 0)), Err(VaultFault::NotAudited)));
    vault.witness(1, b"head").unwrap();
    assert_eq!(*open(&grant(CASE, 0)).unwrap(), b"made up");
    assert!(matches!(open(&grant(CASE, 1)), Err(VaultFault::NotAudited)));
    assert!(matches!(open(&grant(CaseId::from_random(8), 0)), Err(VaultFault::NotGranted)));
    let until = at(98).date_in(&caseline_model::Zone::utc());
    let ticket = Grant::Ticket { case: CASE, until, audited: AuditReceipt::durable_at(0) };
    assert!(matches!(open(&ticket), Err(VaultFault::NotGranted)));
}

#[test]
fn a_value_that_was_moved_to_another_row_does_not_open() {
    let dir = ScratchDir::new();
    let vault = vault(&dir);
    let (one, two) = (ContactId::from_random(1), ContactId::from_random(2));
    let (row_one, row_two) = (one.to_bytes(), two.to_bytes());
    let place = |row| Place { table: "conversations", row, column: "sealed" };
    let sealed = vault.seal(DataClass::ConversationState, at(3), place(&row_one), b"made up").unwrap();
    assert_eq!(*vault.open_value(&Opening::Contact(one), place(&row_one), &sealed).unwrap(), b"made up");
    assert!(matches!(vault.open_value(&Opening::Contact(two), place(&row_two), &sealed), Err(VaultFault::Sealed)));
    assert!(matches!(vault.open_value(&Opening::Contact(two), place(&row_one), &sealed), Err(VaultFault::NotGranted)));
    for place_of_damage in 0..sealed.len() {
        let mut damaged = sealed.clone();
        damaged[place_of_damage] ^= 1;
        assert!(vault.open_value(&Opening::Contact(one), place(&row_one), &damaged).is_err());
    }
}

#[test]
fn what_was_sealed_for_a_day_that_is_over_never_opens_again() {
    let dir = ScratchDir::new();
    let vault = vault(&dir);
    let contact = ContactId::from_random(1);
    let row = contact.to_bytes();
    let place = Place { table: "conversations", row: &row, column: "sealed" };
    let sealed = vault.seal(DataClass::ConversationState, at(3), place, b"made up").unwrap();
    assert_eq!(vault.destroy(at(3)).unwrap(), 0);
    assert!(vault.open_value(&Opening::Contact(contact), place, &sealed).is_ok());
    assert_eq!(vault.destroy(at(4)).unwrap(), 1);
    assert!(matches!(vault.open_value(&Opening::Contact(contact), place, &sealed), Err(VaultFault::Sealed)));
    assert!(matches!(vault.seal(DataClass::ConversationState, at(3), place, b"late"), Err(VaultFault::Sealed)));
    let again = Vault::open(dir.path(), os_chance()).unwrap();
    assert!(matches!(again.open_value(&Opening::Contact(contact), place, &sealed), Err(VaultFault::Sealed)));
}

#[test]
fn two_processes_of_one_store_do_not_lose_each_other_s_keys() {
    let dir = ScratchDir::new();
    let one = vault(&dir);
    let two = Vault::open(dir.path(), os_chance()).unwrap();
    let contact = ContactId::from_random(1);
    let row = contact.to_bytes();
    let place = Place { table: "conversations", row: &row, column: "sealed" };
    let by_one = one.seal(DataClass::ConversationState, at(3), place, b"one").unwrap();
    let by_two = two.seal(DataClass::ConversationState, at(4), place, b"two").unwrap();
    assert_eq!(*two.open_value(&Opening::Contact(contact), place, &by_one).unwrap(), b"one");
    assert_eq!(*one.open_value(&Opening::Contact(contact), place, &by_two).unwrap(), b"two");
}

#[test]
fn a_root_key_that_others_can_read_is_refused_with_what_to_do() {
    let dir = ScratchDir::new();
    drop(vault(&dir));
    std::fs::set_permissions(dir.path().join("root.key"), std::fs::Permissions::from_mode(0o640)).unwrap();
    let refused = Vault::open(dir.path(), os_chance()).err().unwrap();
    assert_eq!(refused.to_string(), "vault/root.key can be read by others (mode 640); run: chmod 600 vault/root.key");
}

#[test]
fn another_root_key_opens_nothing_and_a_rotated_one_opens_all() {
    let dir = ScratchDir::new();
    let vault = vault(&dir);
    let contact = ContactId::from_random(1);
    let row = contact.to_bytes();
    let place = Place { table: "conversations", row: &row, column: "sealed" };
    let sealed = vault.seal(DataClass::ConversationState, at(3), place, b"made up").unwrap();
    let before = std::fs::read(dir.path().join("root.key")).unwrap();
    let vault = vault.rotate_root().unwrap();
    assert_eq!(*vault.open_value(&Opening::Contact(contact), place, &sealed).unwrap(), b"made up");
    drop(vault);
    write_atomically(&dir.path().join("root.key"), &before).unwrap();
    assert!(matches!(Vault::open(dir.path(), os_chance()), Err(VaultFault::Refused { .. })));
}

#[test]
fn a_smaller_head_of_the_log_is_never_signed() {
    let dir = ScratchDir::new();
    let vault = vault(&dir);
    vault.witness(9, b"head").unwrap();
    assert!(matches!(vault.witness(8, b"another"), Err(VaultFault::SmallerHead)));
}

#[tokio::test]
async fn equal_numbers_have_equal_marks_in_one_store_and_others_in_another() {
    let (dir, other_dir) = (ScratchDir::new(), ScratchDir::new());
    let (vault, other) = (vault(&dir), vault(&other_dir));
    let number = |text: &str| caseline_conversation::slot::CaseNumber::A(text.parse().unwrap());
    let one = vault.index_number(&number("000-000-137")).await.unwrap();
    assert!(one == vault.index_number(&number("A137".replace('A', "A000000").as_str())).await.unwrap());
    assert!(one != vault.index_number(&number("000-000-138")).await.unwrap());
    assert!(one != other.index_number(&number("000-000-137")).await.unwrap());
}
