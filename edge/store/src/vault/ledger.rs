//! The vault's own memory of the log: the head that it signed last, the newest entries under it, which of them opened
//! their case, and how many cases were opened this hour and day. One file of fixed size beside the key ring.
//! What an entry must say is left to `holder`; the tree's arithmetic, to `audit_tree`.

use super::files::{self, VaultFault};
use crate::audit_tree::{Hash, Tree};
use caseline_model::Time;
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The file.
pub(super) const LEDGER: &str = "ledger";
/// What it is called once an older backup was restored.
pub(super) const LEDGER_BEFORE: &str = "ledger.before-restore";

/// So many entries back a case may be opened on one: more than are written between a commit and its opening.
const ENTRIES: u64 = 1_024;
/// A case has several versions, each sealed by itself, and a connection that broke is tried once more: an entry opens
/// values of its one case for so long after the first.
const OPEN_FOR: Duration = Duration::from_secs(60);
/// See `OPEN_FOR`: so many values at the most.
const VALUES_MAX: u32 = 4_096;

const MAGIC: &[u8; 16] = b"caseline ledger1";
/// The head stands twice: the newest one that was forced to the disk is never written over, so that a power cut, whatever
/// it takes, leaves it.
const HEAD_BYTES: usize = 4_096;
/// A head is forced to the disk after so many leaves, even when nothing was opened.
const FORCED_AFTER: u64 = 1_024;
/// A slot never lies across two sectors of the disk.
const SLOT_BYTES: usize = 64;
const SLOTS_AT: u64 = 2 * HEAD_BYTES as u64;
const FILE_BYTES: usize = 2 * HEAD_BYTES + ENTRIES as usize * SLOT_BYTES;
const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 24 * HOUR_S;

/// How many cases the vault opens, at the most. Past it, it refuses until the hour or the day is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpeningBudget {
    /// In an hour of the clock.
    pub an_hour: u32,
    /// In a day (UTC).
    pub a_day: u32,
}

/// The most that any line may have: 52 lines with some 40 openings an hour each.
impl Default for OpeningBudget {
    fn default() -> Self {
        Self { an_hour: 2_000, a_day: 10_000 }
    }
}

impl OpeningBudget {
    /// The budget, shortened. What would make it longer is passed over.
    #[must_use]
    pub fn shortened(self, an_hour: Option<u32>, a_day: Option<u32>) -> Self {
        Self {
            an_hour: an_hour.map_or(self.an_hour, |count| count.min(self.an_hour)),
            a_day: a_day.map_or(self.a_day, |count| count.min(self.a_day)),
        }
    }
}

/// What became of leaves that were offered.
#[derive(Debug)]
pub(super) enum Grown {
    /// They are under this head.
    Head(Tree),
    /// Leaves from this place on are missing.
    Behind(u64),
}

/// The file, open.
pub(super) struct Ledger {
    file: Mutex<File>,
    budget: OpeningBudget,
}

/// What the head holds.
#[derive(Clone, Default)]
struct Head {
    /// Where the newest forced head stands, 0 or 1, and how many entries it has.
    forced: (u64, u64),
    counter: u64,
    tree: Tree,
    hour: i64,
    in_hour: u32,
    day: i64,
    in_day: u32,
    refused: u64,
}

/// One of the newest entries.
#[derive(Clone, Copy, Default)]
struct Slot {
    place: u64,
    leaf: Hash,
    opened_at: Option<Time>,
    values: u32,
}

impl Ledger {
    /// Opens the file of a folder; makes one where there is none.
    pub(super) fn open(dir: &Path, budget: OpeningBudget) -> Result<Self, VaultFault> {
        let path = dir.join(LEDGER);
        if !path.exists() {
            let mut bytes = vec![0; FILE_BYTES];
            bytes[..HEAD_BYTES].copy_from_slice(&Head { counter: 1, ..Head::default() }.to_bytes(true));
            files::write_atomically(&path, &bytes)?;
        }
        let file = OpenOptions::new().read(true).write(true).open(&path).map_err(failed)?;
        files::refuse_readable_by_others(&file, LEDGER)?;
        let ledger = Self { file: Mutex::new(file), budget };
        // A process that was killed between a forced head and its sync leaves one that is not on the disk yet.
        ledger.locked(|file| Head::read(file).and_then(|_| file.sync_data().map_err(failed)))?;
        Ok(ledger)
    }

    /// Takes the leaves from a place on under the head. Those that it has already must be the same: another one would be
    /// another log.
    pub(super) fn grow(&self, from: u64, leaves: &[Hash]) -> Result<Grown, VaultFault> {
        self.locked(|file| {
            let mut head = Head::read(file)?;
            let size = head.tree.size();
            if from > size {
                return Ok(Grown::Behind(size));
            }
            let known = usize::try_from(size - from).unwrap_or(usize::MAX).min(leaves.len());
            for (place, leaf) in (from..).zip(&leaves[..known]) {
                let slot = Slot::read(file, place)?;
                if slot.place == place && slot.leaf != *leaf && place + ENTRIES >= size {
                    return Err(VaultFault::Fork);
                }
            }
            let new = &leaves[known..];
            if !new.is_empty() {
                let last = size + new.len() as u64;
                for (place, leaf) in (size..).zip(new) {
                    head.tree.append(*leaf);
                    if place + ENTRIES >= last {
                        Slot { place, leaf: *leaf, ..Slot::default() }.write(file)?;
                    }
                }
                // Seldom forced to the disk: after a power cut an older head grows again, and an opening forces it.
                if last - head.forced.1 >= FORCED_AFTER {
                    head.write_forced(file)?;
                    file.sync_data().map_err(failed)?;
                } else {
                    head.write(file)?;
                }
            }
            Ok(Grown::Head(head.tree))
        })
    }

    /// How many entries are under the head.
    #[cfg(test)]
    pub(super) fn size(&self) -> Result<u64, VaultFault> {
        self.locked(|file| Ok(Head::read(file)?.tree.size()))
    }

    /// Uses an entry to open its case. The first use is on disk when this returns, with the head above it, and it counts
    /// against the budget.
    pub(super) fn use_entry(&self, now: Time, place: u64, leaf: &Hash) -> Result<(), VaultFault> {
        self.locked(|file| {
            let mut head = Head::read(file)?;
            if place >= head.tree.size() {
                return Err(VaultFault::NotAudited);
            }
            let mut slot = Slot::read(file, place)?;
            if slot.place != place || slot.leaf != *leaf {
                return Err(VaultFault::NotAudited);
            }
            match slot.opened_at {
                None => {
                    let spent = head.spend(now, self.budget);
                    head.write_forced(file)?;
                    if spent.is_ok() {
                        slot.opened_at = Some(now);
                        slot.values = 1;
                        slot.write(file)?;
                    }
                    file.sync_data().map_err(failed)?;
                    spent
                }
                Some(at) if now.since(at) <= OPEN_FOR && slot.values < VALUES_MAX => {
                    slot.values += 1;
                    slot.write(file)
                }
                Some(_) => Err(VaultFault::NotGranted),
            }
        })
    }

    /// Places and leaves of entries that opened their case, of the newest ones: for checks.
    #[cfg(test)]
    pub(super) fn opened(&self) -> Vec<(u64, Hash)> {
        let opened = self.locked(|file| {
            let slots = (0..ENTRIES).map(|place| Slot::read(file, place)).collect::<Result<Vec<_>, _>>()?;
            Ok(slots.into_iter().filter(|slot| slot.opened_at.is_some()).map(|slot| (slot.place, slot.leaf)).collect())
        });
        opened.unwrap()
    }

    /// How many openings the budget refused, ever.
    pub(super) fn refused(&self) -> Result<u64, VaultFault> {
        self.locked(|file| Ok(Head::read(file)?.refused))
    }

    /// Another process of this store may use the file too.
    fn locked<T>(&self, with: impl FnOnce(&File) -> Result<T, VaultFault>) -> Result<T, VaultFault> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.lock().map_err(failed)?;
        let done = with(&file);
        let _ = file.unlock();
        done
    }
}

impl Head {
    /// Whether one more case may be opened; counts it, or its refusal.
    fn spend(&mut self, now: Time, budget: OpeningBudget) -> Result<(), VaultFault> {
        let seconds = now.micros().div_euclid(1_000_000);
        let (hour, day) = (seconds.div_euclid(HOUR_S), seconds.div_euclid(DAY_S));
        if self.hour != hour {
            (self.hour, self.in_hour) = (hour, 0);
        }
        if self.day != day {
            (self.day, self.in_day) = (day, 0);
        }
        if self.in_hour >= budget.an_hour || self.in_day >= budget.a_day {
            self.refused += 1;
            return Err(VaultFault::BudgetSpent);
        }
        self.in_hour += 1;
        self.in_day += 1;
        Ok(())
    }

    /// The newer one of the two that is whole, and where the newest forced one stands.
    fn read(file: &File) -> Result<Self, VaultFault> {
        let mut whole: Vec<(u64, Self, bool)> = Vec::with_capacity(2);
        for at in 0..2 {
            let mut bytes = [0; HEAD_BYTES];
            file.read_exact_at(&mut bytes, at * HEAD_BYTES as u64).map_err(failed)?;
            whole.extend(Self::parse(&bytes).map(|(head, is_forced)| (at, head, is_forced)));
        }
        whole.sort_by_key(|(_, head, _)| head.counter);
        let forced = whole.iter().rfind(|(_, _, is_forced)| *is_forced);
        let forced = forced.map(|(at, head, _)| (*at, head.tree.size()));
        // Without a forced one, the only one that is whole must not be written over either.
        let newest = whole.pop().map(|(at, head, _)| Self { forced: forced.unwrap_or((at, head.tree.size())), ..head });
        newest.ok_or_else(|| VaultFault::Refused {
            what: format!("vault/{LEDGER} is damaged; move it away, and look at the log with caseline verify-log"),
        })
    }

    fn write(&mut self, file: &File) -> Result<(), VaultFault> {
        self.put(file, false).map(|_| ())
    }

    /// A head that the caller syncs now, before anything else is written.
    fn write_forced(&mut self, file: &File) -> Result<(), VaultFault> {
        let at = self.put(file, true)?;
        self.forced = (at, self.tree.size());
        Ok(())
    }

    fn put(&mut self, file: &File, is_forced: bool) -> Result<u64, VaultFault> {
        self.counter += 1;
        let at = 1 - self.forced.0;
        file.write_all_at(&self.to_bytes(is_forced), at * HEAD_BYTES as u64).map_err(failed)?;
        Ok(at)
    }

    fn to_bytes(&self, is_forced: bool) -> [u8; HEAD_BYTES] {
        let mut out = Vec::with_capacity(HEAD_BYTES);
        out.extend_from_slice(MAGIC);
        out.push(u8::from(is_forced));
        out.extend_from_slice(&self.counter.to_be_bytes());
        for number in [self.hour, self.day] {
            out.extend_from_slice(&number.to_be_bytes());
        }
        for count in [self.in_hour, self.in_day] {
            out.extend_from_slice(&count.to_be_bytes());
        }
        out.extend_from_slice(&self.refused.to_be_bytes());
        // At most 64 peaks, one a bit of the size.
        out.push(self.tree.peaks().len() as u8);
        for (level, hash) in self.tree.peaks() {
            out.push(*level);
            out.extend_from_slice(hash);
        }
        let mut bytes = [0; HEAD_BYTES];
        bytes[..out.len()].copy_from_slice(&out);
        let sum: [u8; 32] = Sha256::digest(&bytes[..HEAD_BYTES - 32]).into();
        bytes[HEAD_BYTES - 32..].copy_from_slice(&sum);
        bytes
    }

    fn parse(bytes: &[u8; HEAD_BYTES]) -> Option<(Self, bool)> {
        let (body, sum) = bytes.split_last_chunk::<32>()?;
        let is_whole = Sha256::digest(body).as_slice() == sum;
        let mut rest = body.strip_prefix(MAGIC).filter(|_| is_whole)?;
        let rest = &mut rest;
        let [is_forced] = take(rest)?;
        let counter = u64::from_be_bytes(take(rest)?);
        let (hour, day) = (i64::from_be_bytes(take(rest)?), i64::from_be_bytes(take(rest)?));
        let (in_hour, in_day) = (u32::from_be_bytes(take(rest)?), u32::from_be_bytes(take(rest)?));
        let refused = u64::from_be_bytes(take(rest)?);
        let [count] = take(rest)?;
        let mut tree = Tree::default();
        for _ in 0..count {
            let [level] = take(rest)?;
            tree = tree.with_peak(level, take(rest)?)?;
        }
        let forced = (0, 0);
        Some((Self { forced, counter, tree, hour, in_hour, day, in_day, refused }, is_forced != 0))
    }
}

impl Slot {
    fn at(place: u64) -> u64 {
        SLOTS_AT + (place % ENTRIES) * SLOT_BYTES as u64
    }

    fn read(file: &File, place: u64) -> Result<Self, VaultFault> {
        let mut bytes = [0; SLOT_BYTES];
        file.read_exact_at(&mut bytes, Self::at(place)).map_err(failed)?;
        let parse = || {
            let mut rest = &bytes[..];
            let rest = &mut rest;
            let (place, leaf) = (u64::from_be_bytes(take(rest)?), take(rest)?);
            let ([is_opened], at) = (take(rest)?, i64::from_be_bytes(take(rest)?));
            let values = u32::from_be_bytes(take(rest)?);
            Some(Self { place, leaf, opened_at: (is_opened != 0).then(|| Time::from_micros(at)), values })
        };
        parse().ok_or(VaultFault::Sealed)
    }

    fn write(&self, file: &File) -> Result<(), VaultFault> {
        let mut bytes = [0; SLOT_BYTES];
        bytes[..8].copy_from_slice(&self.place.to_be_bytes());
        bytes[8..40].copy_from_slice(&self.leaf);
        bytes[40] = u8::from(self.opened_at.is_some());
        bytes[41..49].copy_from_slice(&self.opened_at.map_or(0, Time::micros).to_be_bytes());
        bytes[49..53].copy_from_slice(&self.values.to_be_bytes());
        file.write_all_at(&bytes, Self::at(self.place)).map_err(failed)
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*taken)
}

fn failed(source: std::io::Error) -> VaultFault {
    VaultFault::File { doing: "using the vault's ledger of the log", source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ScratchDir;

    fn leaf(n: u64) -> Hash {
        crate::audit_tree::leaf(&crate::audit_tree::commitment(&n.to_be_bytes(), b"made up"))
    }

    fn leaves(range: std::ops::Range<u64>) -> Vec<Hash> {
        range.map(leaf).collect()
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
        assert_eq!(open().refused().unwrap(), 2);
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
}
