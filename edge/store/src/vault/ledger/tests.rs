//! What the vault remembers of the log, over restarts and power cuts, and what its budgets let.
//! What an entry must say is tested with the holder.

use super::*;
use crate::testing::ScratchDir;
use crate::vault::Refused;
use zeroize::Zeroizing;

fn leaf(n: u64) -> Hash {
    crate::audit_tree::leaf(&crate::audit_tree::commitment(&n.to_be_bytes(), b"made up"))
}

fn leaves(range: std::ops::Range<u64>) -> Vec<Hash> {
    range.map(leaf).collect()
}

fn key() -> Key {
    Zeroizing::new([7; 32])
}

#[test]
fn where_a_budget_of_marks_ends_is_a_secret_of_its_key_and_in_its_last_quarter() {
    let ends: std::collections::BTreeSet<u32> = (0..200).map(|hour| hidden(52_000, &key(), "hour", hour)).collect();
    assert!(ends.len() > 190 && ends.iter().all(|end| (39_000..=52_000).contains(end)), "{ends:?}");
    let other = Zeroizing::new([8; 32]);
    assert!(hidden(52_000, &key(), "hour", 1) != hidden(52_000, &other, "hour", 1));
    assert_eq!(hidden(52_000, &key(), "hour", 1), hidden(52_000, &key(), "hour", 1), "a restart changes nothing");
    assert_eq!(hidden(3, &key(), "day", 1), 3);
}

fn at_minute(minute: i64) -> Time {
    Time::from_micros(minute * 60_000_000)
}

#[test]
fn an_entry_opens_for_a_minute_and_never_again_after_a_restart_neither() {
    let dir = ScratchDir::new();
    let ledger = Ledger::open(dir.path(), OpeningBudget::default()).unwrap();
    ledger.grow(0, &leaves(0..3)).unwrap();
    assert!(matches!(ledger.use_entry(at_minute(0), 3, &leaf(3)), Err(VaultFault::NotAudited)));
    assert!(matches!(ledger.use_entry(at_minute(0), 1, &leaf(2)), Err(VaultFault::NotAudited)));
    ledger.use_entry(at_minute(0), 1, &leaf(1)).unwrap();
    ledger.use_entry(at_minute(1), 1, &leaf(1)).unwrap();
    let again = Ledger::open(dir.path(), OpeningBudget::default()).unwrap();
    assert!(matches!(again.use_entry(at_minute(2), 1, &leaf(1)), Err(VaultFault::NotGranted)));
    assert_eq!(again.opened(), [(1, leaf(1))]);
    // An entry that a thousand others have left behind opens nothing any more.
    again.grow(3, &leaves(3..1_100)).unwrap();
    assert!(matches!(again.use_entry(at_minute(2), 2, &leaf(2)), Err(VaultFault::NotAudited)));
    again.use_entry(at_minute(2), 1_099, &leaf(1_099)).unwrap();
}

#[test]
fn past_the_budget_nothing_opens_until_the_hour_and_the_day_are_over_and_refusals_are_counted() {
    let dir = ScratchDir::new();
    let budget = OpeningBudget::default().shortened(Some(2), Some(3));
    assert_eq!(budget.shortened(Some(99), Some(99)), budget, "it is shortened only");
    let open = || Ledger::open(dir.path(), budget).unwrap();
    open().grow(0, &leaves(0..9)).unwrap();
    let opens = |minute, place| open().use_entry(at_minute(minute), place, &leaf(place));
    opens(0, 0).unwrap();
    opens(1, 1).unwrap();
    assert!(matches!(opens(59, 2), Err(VaultFault::BudgetSpent)));
    opens(60, 2).unwrap();
    assert!(matches!(opens(120, 3), Err(VaultFault::BudgetSpent)));
    opens(24 * 60, 3).unwrap();
    assert_eq!(open().news().unwrap().openings, Refused { count: 2, hour: 2 });
}

#[test]
fn past_the_budget_no_code_is_marked_until_the_hour_and_the_day_are_over() {
    let dir = ScratchDir::new();
    let budget = MarkBudget::default().shortened(Some(2), Some(3));
    assert_eq!(budget.shortened(Some(99), Some(99)), budget, "it is shortened only");
    // Opened anew each time: what was counted outlives the process.
    let marks = |minute, counts| {
        let ledger = Ledger::open_with(dir.path(), OpeningBudget::default(), budget).unwrap();
        ledger.use_mark(at_minute(minute), counts, &key()).is_ok()
    };
    // What belongs to no card is free while there is room.
    assert!((0..9).all(|_| marks(0, false)));
    assert!((0..2).all(|minute| marks(minute, true)));
    assert!(!marks(59, true) && !marks(59, false), "past it both are refused alike");
    assert!(marks(60, true) && !marks(61, true), "the third of the day");
    assert!(!marks(120, true) && marks(24 * 60, true));
    let ledger = Ledger::open(dir.path(), OpeningBudget::default()).unwrap();
    let news = ledger.news().unwrap();
    assert_eq!((news.marks, news.openings), (Refused { count: 4, hour: 2 }, Refused::default()));
    // Openings have a budget of their own.
    ledger.grow(0, &leaves(0..1)).unwrap();
    ledger.use_entry(at_minute(121), 0, &leaf(0)).unwrap();
}

#[test]
fn a_power_cut_gives_back_few_marks() {
    let dir = ScratchDir::new();
    let ledger = Ledger::open(dir.path(), OpeningBudget::default()).unwrap();
    for _ in 0..FORCED_AFTER_MARKS + 10 {
        ledger.use_mark(at_minute(0), true, &key()).unwrap();
    }
    let of = |forced| {
        let read = |at: u64| {
            let mut bytes = [0; HEAD_BYTES];
            ledger.locked(|file| file.read_exact_at(&mut bytes, at * HEAD_BYTES as u64).map_err(failed)).unwrap();
            Head::parse(&bytes).unwrap()
        };
        [0, 1].map(read).into_iter().find(|(_, is_forced)| *is_forced == forced).unwrap().0
    };
    assert_eq!((of(true).marks.in_hour, of(false).marks.in_hour), (FORCED_AFTER_MARKS, FORCED_AFTER_MARKS + 10));
}

#[test]
fn the_public_head_never_goes_back_nor_changes_also_after_a_restart() {
    let dir = ScratchDir::new();
    let put = |size, root| Ledger::open(dir.path(), OpeningBudget::default()).unwrap().put_public(size, &[root; 32]);
    put(16, 1).unwrap();
    put(48, 2).unwrap();
    put(48, 2).unwrap();
    assert!(matches!(put(32, 3), Err(VaultFault::Fork)), "fewer entries");
    assert!(matches!(put(48, 4), Err(VaultFault::Fork)), "as many, and others");
    assert!(matches!(put(0, 0), Err(VaultFault::Fork)), "none");
    put(64, 5).unwrap();
}

#[test]
fn a_ledger_of_before_there_was_a_budget_of_marks_is_read_on() {
    let dir = ScratchDir::new();
    let ledger = Ledger::open(dir.path(), OpeningBudget::default()).unwrap();
    ledger.grow(0, &leaves(0..5)).unwrap();
    let mut head = ledger.locked(Head::read).unwrap();
    head.openings = Spent { hour: 7, in_hour: 3, day: 0, in_day: 3, refused: 9, refused_hour: 0 };
    // Such a head ended with its peaks: only zeros followed.
    let bytes = head.to_bytes(true);
    let end = MAGIC.len() + 1 + 8 + 32 + 1 + head.tree.peaks().len() * 33;
    assert!(bytes[end..HEAD_BYTES - 32].iter().all(|byte| *byte == 0));
    let (again, _) = Head::parse(&bytes).unwrap();
    assert_eq!((again.openings.in_hour, again.openings.refused, again.tree.size()), (3, 9, 5));
    assert_eq!((again.marks.in_hour, again.sheets, again.public), (0, 0, (0, [0; 32])));
}

#[test]
fn the_head_grows_by_leaves_alone_and_another_log_is_refused() {
    let dir = ScratchDir::new();
    let ledger = Ledger::open(dir.path(), OpeningBudget::default()).unwrap();
    assert!(matches!(ledger.grow(1, &leaves(1..2)), Ok(Grown::Behind(0))));
    let mut tree = Tree::default();
    (0..700).for_each(|n| tree.append(leaf(n)));
    ledger.grow(0, &leaves(0..300)).unwrap();
    let Grown::Head(head) = ledger.grow(290, &leaves(290..700)).unwrap() else { panic!("it has the others") };
    assert_eq!(head, tree);
    let mut forked = leaves(698..701);
    forked[0] = leaf(9_999);
    assert!(matches!(ledger.grow(698, &forked), Err(VaultFault::Fork)));
    assert_eq!(Ledger::open(dir.path(), OpeningBudget::default()).unwrap().size().unwrap(), 700);
}

#[test]
fn a_power_cut_that_takes_every_unforced_write_leaves_the_newest_forced_head() {
    let dir = ScratchDir::new();
    let path = dir.path().join(LEDGER);
    let ledger = Ledger::open(dir.path(), OpeningBudget::default()).unwrap();
    ledger.grow(0, &leaves(0..5)).unwrap();
    ledger.use_entry(at_minute(0), 4, &leaf(4)).unwrap();
    let on_disk = std::fs::read(&path).unwrap();
    // Two heads that were not forced: whatever halves of them reach the disk, the forced one is there.
    ledger.grow(5, &leaves(5..8)).unwrap();
    ledger.grow(8, &leaves(8..9)).unwrap();
    let written = std::fs::read(&path).unwrap();
    for kept in 0..2 {
        let mut torn = on_disk.clone();
        for sector in (kept..2 * HEAD_BYTES / 512).step_by(2) {
            let part = sector * 512..(sector + 1) * 512;
            torn[part.clone()].copy_from_slice(&written[part]);
        }
        std::fs::write(&path, &torn).unwrap();
        let again = Ledger::open(dir.path(), OpeningBudget::default()).unwrap();
        assert!(again.size().unwrap() >= 5);
        assert!(matches!(again.use_entry(at_minute(9), 4, &leaf(4)), Err(VaultFault::NotGranted)), "used before");
        let Grown::Head(head) = again.grow(5, &leaves(5..9)).unwrap() else { panic!("it grows again") };
        assert_eq!(head.size(), 9);
    }
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    file.write_all_at(&[7; 100], HEAD_BYTES as u64).unwrap();
    file.write_all_at(&[7; 100], 0).unwrap();
    let refused = Ledger::open(dir.path(), OpeningBudget::default()).err().unwrap().to_string();
    assert!(refused.contains("vault/ledger is damaged"), "{refused}");
}

#[test]
fn a_long_log_in_which_nothing_was_opened_is_forced_now_and_then() {
    let dir = ScratchDir::new();
    let ledger = Ledger::open(dir.path(), OpeningBudget::default()).unwrap();
    for n in 0..FORCED_AFTER + 10 {
        ledger.grow(n, &leaves(n..n + 1)).unwrap();
    }
    let forced = ledger.locked(|file| Ok(Head::read(file)?.forced.1)).unwrap();
    assert_eq!(forced, FORCED_AFTER);
}
