//! What the vault opens and what it never opens again, in this process and behind a socket.

use super::served::{Served, settings_in};
use super::server::ServerSettings;
use super::*;
use crate::audit_tree::{commitment, leaf};
use crate::testing::{ScratchDir, os_chance};
use caseline_helpline::audit::{AuditEntry, AuditEvent, AuditReceipt, Role};
use caseline_helpline::grant::Grant;
use caseline_model::ContactId;
use std::os::unix::fs::PermissionsExt;

fn at(day: u32) -> Time {
    crate::rules::day_start(day)
}

/// A vault in this process and one behind a socket: what holds for one holds for the other.
struct Kept {
    vault: Vault,
    served: Option<Served>,
    dir: ScratchDir,
    settings: ServerSettings,
}

impl Kept {
    fn both() -> [Self; 2] {
        Self::both_with(OpeningBudget::default())
    }

    fn both_with(budget: OpeningBudget) -> [Self; 2] {
        [false, true].map(|is_apart| {
            let dir = ScratchDir::new();
            let settings = settings_in(dir.path(), budget);
            if is_apart {
                let served = Served::start(&settings, at(100));
                let vault = Vault::connect(&served.socket, os_chance()).unwrap();
                assert!(vault.is_apart());
                return Self { vault, dir, served: Some(served), settings };
            }
            Vault::init(&settings.folder, &os_chance()).unwrap();
            let vault = Vault::open_with(&settings.folder, budget, os_chance()).unwrap();
            Self { vault, dir, served: None, settings }
        })
    }

    /// Started again: nothing that was in memory is left.
    fn again(self) -> Self {
        let Self { vault, dir, served, settings } = self;
        drop(vault);
        match served {
            Some(served) => {
                drop(served);
                let served = Served::start(&settings, at(100));
                let vault = Vault::connect(&served.socket, os_chance()).unwrap();
                Self { vault, dir, served: Some(served), settings }
            }
            None => {
                let vault = Vault::open_with(&settings.folder, settings.budget, os_chance()).unwrap();
                Self { vault, dir, served: None, settings }
            }
        }
    }
}

fn vault(dir: &ScratchDir) -> Vault {
    let chance = os_chance();
    Vault::init(dir.path(), &chance).unwrap();
    Vault::open(dir.path(), chance).unwrap()
}

const CASE: CaseId = CaseId::from_random(7);
const CONTACT_ONE: ContactId = ContactId::from_random(1);

fn grant(case: CaseId, index: u64) -> Grant {
    Grant::Contact { contact: CONTACT_ONE, case, audited: AuditReceipt::durable_at(index) }
}

/// The leaf of an entry that a write keeps at a place, shown to the vault as a store does.
fn logged(vault: &Vault, place: u64, contact: Option<ContactId>, case: CaseId, event: AuditEvent) -> Hash {
    let entry = AuditEntry { at: at(99), contact, case: Some(case), event };
    let row = place.to_be_bytes();
    let of_log = Place { table: "log_entries", row: &row, column: "sealed" };
    let plain = serde_json::to_vec(&entry).unwrap();
    let sealed = vault.seal(DataClass::AuditContent, at(400), of_log, &plain).unwrap();
    let salt = vault.salt();
    vault.note_entry(place, salt, &sealed);
    leaf(&commitment(&salt, &sealed))
}

fn read_by(role: Role) -> AuditEvent {
    AuditEvent::CaseRead { fields: Vec::new(), role }
}

/// A value of a case, and where it is.
fn of_case(vault: &Vault) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let key = vault.new_case_key(at(100), CASE).unwrap();
    let row = [CASE.to_bytes().as_slice(), &1_i64.to_be_bytes()].concat();
    let sealed = vault.seal_in_case(CASE, &key, version(&row), b"made up").unwrap();
    (key, row, sealed)
}

const fn version(row: &[u8]) -> Place<'_> {
    Place { table: "case_versions", row, column: "sealed" }
}

#[test]
fn a_case_opens_on_its_own_grant_and_only_after_the_log_is_durable() {
    for Kept { vault, dir: _dir, served: _served, .. } in Kept::both() {
        let (key, row, sealed) = of_case(&vault);
        let open = |grant: &Grant| vault.open_in_case(at(99), &Opening::Case(grant), &key, version(&row), &sealed);
        let leaves = [
            logged(&vault, 0, Some(CONTACT_ONE), CASE, read_by(Role::Line)),
            logged(&vault, 1, Some(ContactId::from_random(2)), CASE, read_by(Role::Line)),
            logged(&vault, 2, Some(CONTACT_ONE), CaseId::from_random(8), read_by(Role::Line)),
            logged(&vault, 3, Some(CONTACT_ONE), CASE, AuditEvent::CardMade),
            logged(&vault, 4, None, CASE, read_by(Role::Staff)),
            logged(&vault, 5, None, CASE, read_by(Role::Staff)),
            logged(&vault, 6, Some(CONTACT_ONE), CASE, read_by(Role::Line)),
        ];
        assert!(matches!(open(&grant(CASE, 0)), Err(VaultFault::NotAudited)), "nothing is under the head yet");
        vault.witness(0, &leaves[..6]).unwrap();
        assert_eq!(*open(&grant(CASE, 0)).unwrap(), b"made up");
        assert!(matches!(open(&grant(CASE, 1)), Err(VaultFault::NotGranted)), "another contact's entry");
        assert!(matches!(open(&grant(CASE, 2)), Err(VaultFault::NotGranted)), "another case's entry");
        assert!(matches!(open(&grant(CASE, 3)), Err(VaultFault::NotGranted)), "an entry of something else");
        assert!(matches!(open(&grant(CASE, 6)), Err(VaultFault::NotAudited)), "an entry that is not on disk");
        assert!(matches!(open(&grant(CASE, 7)), Err(VaultFault::NotAudited)), "no entry at all");
        assert!(matches!(open(&grant(CaseId::from_random(8), 2)), Err(VaultFault::NotGranted)));
        let ticket = |until: Time, index| Grant::Ticket {
            case: CASE,
            until: until.date_in(&caseline_model::Zone::utc()),
            audited: AuditReceipt::durable_at(index),
        };
        assert!(matches!(open(&ticket(at(98), 4)), Err(VaultFault::NotGranted)), "its time is over");
        assert_eq!(*open(&ticket(at(101), 4)).unwrap(), b"made up");
        let enrolment = Grant::Enrolment { case: CASE, fields: vec![], audited: AuditReceipt::durable_at(5) };
        assert!(matches!(open(&enrolment), Err(VaultFault::NotGranted)), "staff is no enrolment");
    }
}

#[test]
fn what_the_log_does_not_hold_opens_nothing_even_when_the_entry_was_shown() {
    for Kept { vault, dir: _dir, served: _served, .. } in Kept::both() {
        let (key, row, sealed) = of_case(&vault);
        logged(&vault, 0, Some(CONTACT_ONE), CASE, read_by(Role::Line));
        // The log holds another entry at that place.
        vault.witness(0, &[[7; 32]]).unwrap();
        let opened = vault.open_in_case(at(99), &Opening::Case(&grant(CASE, 0)), &key, version(&row), &sealed);
        assert!(matches!(opened, Err(VaultFault::NotAudited)));
    }
}

#[test]
fn past_the_budget_the_vault_opens_no_case_and_says_so_also_after_a_restart() {
    for kept in Kept::both_with(OpeningBudget::default().shortened(Some(2), None)) {
        let (key, row, sealed) = of_case(&kept.vault);
        let leaves: Vec<Hash> =
            (0..4).map(|n| logged(&kept.vault, n, Some(CONTACT_ONE), CASE, read_by(Role::Line))).collect();
        kept.vault.witness(0, &leaves).unwrap();
        let open = |vault: &Vault, index| {
            vault.open_in_case(at(99), &Opening::Case(&grant(CASE, index)), &key, version(&row), &sealed)
        };
        open(&kept.vault, 0).unwrap();
        open(&kept.vault, 1).unwrap();
        open(&kept.vault, 1).unwrap();
        let refused = open(&kept.vault, 2).err().unwrap();
        assert_eq!(refused.code(), "vault.budget-spent");
        let kept = kept.again();
        let entry = logged(&kept.vault, 4, Some(CONTACT_ONE), CASE, read_by(Role::Line));
        kept.vault.witness(4, &[entry]).unwrap();
        assert!(matches!(open(&kept.vault, 4), Err(VaultFault::BudgetSpent)));
        let news = kept.vault.news().unwrap();
        // Its own clock, where it has one: day 100; else that of whoever asked.
        let hour = 24 * if kept.served.is_some() { 100 } else { 99 };
        assert_eq!((news.openings, news.marks), (Refused { count: 2, hour }, Refused::default()));
    }
}

#[test]
fn past_the_budget_of_marks_no_code_is_compared_with_what_a_thief_of_the_line_has() {
    let dir = ScratchDir::new();
    let marks = MarkBudget::default().shortened(Some(20), None);
    let settings = ServerSettings { marks, ..settings_in(dir.path(), OpeningBudget::default()) };
    let served = Served::start(&settings, at(100));
    let vault = Vault::connect(&served.socket, os_chance()).unwrap();
    let salt = vault.salt();
    let code = |n: u32| -> caseline_model::CardCode { format!("01{n:08}").parse().unwrap() };
    let of_code = |vault: &Vault, salt: &[u8], n| vault.index(&Marked::Code { salt, case: CASE, code: &code(n) });
    let of_word = |vault: &Vault, salt: &[u8]| vault.index(&Marked::Word { salt, case: CASE, word: "4711" });
    // Tries of numbers that nobody enrolled take nobody's room.
    assert!((0..100).all(|n| of_code(&vault, &[0; 32], n).is_ok()));
    let tried = (0..1_000).take_while(|n| of_code(&vault, &salt, *n).is_ok()).count();
    assert!((15..=20).contains(&tried), "whoever asks without calling: {tried}");
    assert_eq!(of_code(&vault, &salt, 1).unwrap_err().code(), "vault.marks-spent");
    assert!(matches!(of_word(&vault, &salt), Err(VaultFault::MarksSpent)));
    assert!(matches!(of_code(&vault, &[0; 32], 1), Err(VaultFault::MarksSpent)), "absent and enrolled alike");
    // What nobody can try out, receipts and reports, goes on.
    vault.index(&Marked::Obligation("made up")).unwrap();
    drop((vault, served));
    let served = Served::start(&settings, at(100));
    let vault = Vault::connect(&served.socket, os_chance()).unwrap();
    assert!(matches!(of_word(&vault, &salt), Err(VaultFault::MarksSpent)), "a restart gives nothing back");
    assert_eq!(vault.news().unwrap().marks, Refused { count: 5, hour: 24 * 100 });
    served.is_now(at(100).plus(Duration::from_secs(3_600)));
    of_word(&vault, &salt).unwrap();
}

#[test]
fn the_budget_of_marks_is_more_than_any_line_can_key_and_less_than_a_guesser_needs() {
    let (MarkBudget { an_hour, a_day }, cards) = (MarkBudget::default(), caseline_helpline::cards::CARDS_OF_CASE_MAX);
    let tries_an_hour = 52 * (3_600 / 20);
    let at_least = |limit: u32| limit - limit / 4;
    let with_every_card = tries_an_hour * u32::try_from(cards).unwrap();
    assert!(at_least(an_hour) > with_every_card, "52 lines, each case with every card it may have");
    assert!(at_least(a_day) > 24 * tries_an_hour, "a whole day of nothing but tries");
    assert!(100_000_000 / a_day > 2 * 90, "all codes of a row take twice as long as a card lives");
}

#[test]
fn a_line_whose_clock_is_wrong_or_lies_destroys_nothing_early() {
    let dir = ScratchDir::new();
    let settings = ServerSettings {
        clock_skew_max: super::server::CLOCK_SKEW_MAX,
        ..settings_in(dir.path(), OpeningBudget::default())
    };
    let served = Served::start(&settings, at(100));
    let vault = Vault::connect(&served.socket, os_chance()).unwrap();
    let row = CONTACT_ONE.to_bytes();
    let place = Place { table: "conversations", row: &row, column: "sealed" };
    let sealed_until = |day| vault.seal(DataClass::ConversationState, at(day), place, b"made up").unwrap();
    let (yesterday, today, later) = (sealed_until(99), sealed_until(100), sealed_until(400));
    let opens = |sealed: &[u8]| vault.open_value(&Opening::Contact(CONTACT_ONE), place, sealed).is_ok();
    let second = Duration::from_secs(1);
    for lie in [at(500), at(101).plus(second), at(99).minus(second), at(0)] {
        assert_eq!(vault.destroy(lie).unwrap_err().code(), "vault.other-time");
    }
    assert!(opens(&yesterday) && opens(&today) && opens(&later));
    // A clock that is a little ahead destroys by the vault's own.
    assert_eq!(vault.destroy(at(101)).unwrap(), 1);
    assert!(!opens(&yesterday) && opens(&today) && opens(&later));
    served.is_now(at(101));
    assert_eq!(vault.destroy(at(101)).unwrap(), 1);
    assert!(!opens(&today) && opens(&later));
}

#[test]
fn the_vault_signs_no_public_head_that_goes_back_or_another_of_the_same_size() {
    for kept in Kept::both() {
        kept.vault.sign_public(16, &[1; 32]).unwrap();
        let signature = kept.vault.sign_public(32, &[2; 32]).unwrap();
        assert_eq!(kept.vault.sign_public(32, &[2; 32]).unwrap(), signature, "the same one again");
        let kept = kept.again();
        for (size, root) in [(16, 1), (31, 2), (32, 3), (0, 0)] {
            assert!(matches!(kept.vault.sign_public(size, &[root; 32]), Err(VaultFault::Fork)), "{size}");
        }
        kept.vault.sign_public(48, &[4; 32]).unwrap();
    }
}

#[test]
fn a_value_that_was_moved_to_another_row_does_not_open() {
    Kept::both().iter().for_each(|kept| moved_values_do_not_open(&kept.vault));
}

fn moved_values_do_not_open(vault: &Vault) {
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
    Kept::both().into_iter().for_each(what_is_over_does_not_open);
}

fn what_is_over_does_not_open(kept: Kept) {
    let vault = &kept.vault;
    let contact = ContactId::from_random(1);
    let row = contact.to_bytes();
    let place = Place { table: "conversations", row: &row, column: "sealed" };
    let sealed = vault.seal(DataClass::ConversationState, at(3), place, b"made up").unwrap();
    assert_eq!(vault.destroy(at(3)).unwrap(), 0);
    assert!(vault.open_value(&Opening::Contact(contact), place, &sealed).is_ok());
    assert_eq!(vault.destroy(at(4)).unwrap(), 1);
    assert!(matches!(vault.open_value(&Opening::Contact(contact), place, &sealed), Err(VaultFault::Sealed)));
    assert!(matches!(vault.seal(DataClass::ConversationState, at(3), place, b"late"), Err(VaultFault::Sealed)));
    let again = kept.again();
    assert!(matches!(again.vault.open_value(&Opening::Contact(contact), place, &sealed), Err(VaultFault::Sealed)));
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
    drop(vault);
    Vault::rotate_root(dir.path(), os_chance()).unwrap();
    let vault = Vault::open(dir.path(), os_chance()).unwrap();
    assert_eq!(*vault.open_value(&Opening::Contact(contact), place, &sealed).unwrap(), b"made up");
    drop(vault);
    write_atomically(&dir.path().join("root.key"), &before).unwrap();
    assert!(matches!(Vault::open(dir.path(), os_chance()), Err(VaultFault::Refused { .. })));
}

#[test]
fn the_vault_signs_no_head_but_of_what_it_was_given_and_no_other_log() {
    for Kept { vault, dir: _dir, served: _served, .. } in Kept::both() {
        let leaves: Vec<Hash> = (0..5_000_u32).map(|n| leaf(&commitment(&n.to_be_bytes(), b""))).collect();
        assert!(matches!(vault.witness(1, &leaves[1..]), Ok(Witnessed::Behind(0))));
        let mut tree = crate::audit_tree::Tree::default();
        leaves.iter().for_each(|leaf| tree.append(*leaf));
        let Ok(Witnessed::Head { size, root, signature }) = vault.witness(0, &leaves) else { panic!("it has all") };
        assert_eq!((size, root), (5_000, tree.root()));
        let note = crate::audit_tree::checkpoint::body(&log_name(&vault.store_id()), size, &root);
        let signature = ed25519_dalek::Signature::from_bytes(&signature);
        vault.verifying_key().verify_strict(note.as_bytes(), &signature).unwrap();
        // Fewer entries than before get the head that there is, and another entry at a place none.
        assert!(matches!(vault.witness(4_990, &leaves[4_990..4_995]), Ok(Witnessed::Head { size: 5_000, .. })));
        assert!(matches!(vault.witness(4_999, &[[1; 32], [2; 32]]), Err(VaultFault::Fork)));
    }
}

#[test]
fn keys_of_cases_rotate_and_are_destroyed_for_good() {
    for kept in Kept::both() {
        let (key, row, sealed) = of_case(&kept.vault);
        let leaves: Vec<Hash> =
            (0..3).map(|n| logged(&kept.vault, n, Some(CONTACT_ONE), CASE, read_by(Role::Line))).collect();
        kept.vault.witness(0, &leaves).unwrap();
        let rotated = kept.vault.rotate_case_key(at(200), CASE, &key).unwrap();
        let open = |vault: &Vault, key: &[u8], index| {
            vault.open_in_case(at(99), &Opening::Case(&grant(CASE, index)), key, version(&row), &sealed)
        };
        // The old day's key goes; the rotated one opens on.
        if let Some(served) = &kept.served {
            served.is_now(at(150));
        }
        kept.vault.destroy(at(150)).unwrap();
        assert!(matches!(open(&kept.vault, &key, 0), Err(VaultFault::Sealed)));
        assert_eq!(*open(&kept.vault, &rotated, 1).unwrap(), b"made up");
        let slot = slot_of(&rotated).unwrap();
        assert_eq!(kept.vault.secret_states(&[slot]).unwrap(), [SecretState::Kept]);
        kept.vault.destroy_secrets(&[slot]).unwrap();
        assert!(matches!(open(&kept.vault, &rotated, 2), Err(VaultFault::Sealed)));
        let again = kept.again();
        assert_eq!(again.vault.secret_states(&[slot]).unwrap(), [SecretState::Destroyed]);
        assert!(again.vault.rotate_case_key(at(201), CASE, &rotated).is_err());
    }
}

#[test]
fn the_key_of_a_case_never_leaves_and_never_loses_its_secret() {
    for Kept { vault, dir: _dir, served: _served, .. } in Kept::both() {
        let (key, ..) = of_case(&vault);
        let row = CASE.to_bytes();
        let place = Place { table: "cases", row: &row, column: "case_key" };
        // Whatever is asked by hand: a key is no value, and no mark has another label than the listed ones.
        assert!(matches!(vault.at.ask(&Ask::Value { place, sealed: &key }), Err(VaultFault::NotGranted)));
        let parted = vault.without_secret(DataClass::CaseFile, at(200), place, &key);
        assert!(matches!(parted, Err(VaultFault::NotGranted)));
        let mark = Ask::Mark { kind: 99, week: 0, parts: vec![b"case secrets"] };
        assert!(matches!(vault.at.ask(&mark), Err(VaultFault::NotGranted)));
    }
}

#[test]
fn copies_of_the_ring_go_where_the_vault_was_told_at_its_start_and_nowhere_else() {
    let [_, Kept { vault, dir, served: _served, settings }] = Kept::both();
    std::fs::create_dir_all(&settings.copies[0]).unwrap();
    let copy = settings.copies[0].join("keyring");
    vault.copy_ring_to(&copy).unwrap();
    assert!(vault.is_same_ring(&copy) && vault.is_ring_of_this_store(&settings.copies[0]));
    let refused = vault.copy_ring_to(&dir.path().join("keyring")).unwrap_err();
    assert!(refused.to_string().contains("start it with --copy"), "{refused}");
}

#[tokio::test]
async fn equal_numbers_have_equal_marks_in_one_store_and_others_in_another() {
    let [Kept { vault: other, dir: _other_dir, .. }, Kept { vault, dir: _dir, served: _served, .. }] = Kept::both();
    let number = |text: &str| caseline_conversation::slot::CaseNumber::A(text.parse().unwrap());
    let one = vault.index_number(&number("000-000-137")).await.unwrap();
    assert!(one == vault.index_number(&number("A137".replace('A', "A000000").as_str())).await.unwrap());
    assert!(one != vault.index_number(&number("000-000-138")).await.unwrap());
    assert!(one != other.index_number(&number("000-000-137")).await.unwrap());
}
