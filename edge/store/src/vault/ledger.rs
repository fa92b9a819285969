//! The vault's own memory of the log: the heads that it signed last, the newest entries under them, which of them opened
//! their case, and how many cases were opened and codes marked this hour and day. One file of fixed size beside the key
//! ring.
//! What an entry must say is left to `holder`; the tree's arithmetic, to `audit_tree`.

use super::Key;
use super::budget::{MarkBudget, OpeningBudget, Spent, VaultNews, hidden, hour_and_day};
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
/// And after so many marks of codes: a power cut gives back no more than these, and nobody waits for the disk at each.
const FORCED_AFTER_MARKS: u32 = 256;
/// A slot never lies across two sectors of the disk.
const SLOT_BYTES: usize = 64;
const SLOTS_AT: u64 = 2 * HEAD_BYTES as u64;
const FILE_BYTES: usize = 2 * HEAD_BYTES + ENTRIES as usize * SLOT_BYTES;

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
    marks: MarkBudget,
}

/// What the head holds.
#[derive(Clone, Default)]
struct Head {
    /// Where the newest forced head stands, 0 or 1, and how many entries it has.
    forced: (u64, u64),
    counter: u64,
    tree: Tree,
    openings: Spent,
    marks: Spent,
    sheets: u64,
    /// The head of the public log that was signed last: size and root.
    public: (u64, Hash),
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
    /// See `open_with`.
    #[cfg(test)]
    pub(super) fn open(dir: &Path, budget: OpeningBudget) -> Result<Self, VaultFault> {
        Self::open_with(dir, budget, MarkBudget::default())
    }

    /// Opens the file of a folder, which opens cases and marks codes so many times at the most; makes one where there is
    /// none.
    pub(super) fn open_with(dir: &Path, budget: OpeningBudget, marks: MarkBudget) -> Result<Self, VaultFault> {
        let path = dir.join(LEDGER);
        if !path.exists() {
            let mut bytes = vec![0; FILE_BYTES];
            bytes[..HEAD_BYTES].copy_from_slice(&Head { counter: 1, ..Head::default() }.to_bytes(true));
            files::write_atomically(&path, &bytes)?;
        }
        let file = OpenOptions::new().read(true).write(true).open(&path).map_err(failed)?;
        files::refuse_readable_by_others(&file, LEDGER)?;
        let ledger = Self { file: Mutex::new(file), budget, marks };
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
                    let spent = head.openings.spend(now, (self.budget.an_hour, self.budget.a_day), true);
                    let spent = spent.then_some(()).ok_or(VaultFault::BudgetSpent);
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

    /// Lets a code or a word be marked. One that belongs to no card does not count, and costs the disk the same; past the
    /// budget it is refused like every other, so that nobody tells one from the other.
    /// Where its limit lies is a secret of the key.
    pub(super) fn use_mark(&self, now: Time, counts: bool, key: &Key) -> Result<(), VaultFault> {
        let (hour, day) = hour_and_day(now);
        let limits = (hidden(self.marks.an_hour, key, "hour", hour), hidden(self.marks.a_day, key, "day", day));
        self.locked(|file| {
            let mut head = Head::read(file)?;
            let was = head.marks.refused_hour;
            let is_left = head.marks.spend(now, limits, counts);
            let is_first_refused = head.marks.refused_hour != was;
            if is_first_refused || (counts && head.marks.in_hour.is_multiple_of(FORCED_AFTER_MARKS)) {
                head.write_forced(file)?;
                file.sync_data().map_err(failed)?;
            } else {
                head.write(file)?;
            }
            is_left.then_some(()).ok_or(VaultFault::MarksSpent)
        })
    }

    /// Takes a head of the public log for signed. One that has fewer entries than the last, or as many and is another one,
    /// would be a fork. On disk when this returns.
    pub(super) fn put_public(&self, size: u64, root: &Hash) -> Result<(), VaultFault> {
        self.locked(|file| {
            let mut head = Head::read(file)?;
            if size < head.public.0 || (size == head.public.0 && size > 0 && *root != head.public.1) {
                return Err(VaultFault::Fork);
            }
            if head.public != (size, *root) {
                head.public = (size, *root);
                head.write_forced(file)?;
                file.sync_data().map_err(failed)?;
            }
            Ok(())
        })
    }

    /// Notes that a recovery sheet is about to be printed. On disk when this returns.
    pub(super) fn note_sheet(&self) -> Result<(), VaultFault> {
        self.locked(|file| {
            let mut head = Head::read(file)?;
            head.sheets += 1;
            head.write_forced(file)?;
            file.sync_data().map_err(failed)
        })
    }

    /// What the log is to say.
    pub(super) fn news(&self) -> Result<VaultNews, VaultFault> {
        self.locked(|file| {
            let head = Head::read(file)?;
            Ok(VaultNews { openings: head.openings.refused(), marks: head.marks.refused(), sheets: head.sheets })
        })
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
        self.openings.put(&mut out);
        // At most 64 peaks, one a bit of the size.
        out.push(self.tree.peaks().len() as u8);
        for (level, hash) in self.tree.peaks() {
            out.push(*level);
            out.extend_from_slice(hash);
        }
        // A ledger of before there was what follows has zeros here, which say the same.
        self.marks.put(&mut out);
        for number in [self.openings.refused_hour, self.marks.refused_hour] {
            out.extend_from_slice(&number.to_be_bytes());
        }
        out.extend_from_slice(&self.sheets.to_be_bytes());
        out.extend_from_slice(&self.public.0.to_be_bytes());
        out.extend_from_slice(&self.public.1);
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
        let mut openings = Spent::taken(rest)?;
        let [count] = take(rest)?;
        let mut tree = Tree::default();
        for _ in 0..count {
            let [level] = take(rest)?;
            tree = tree.with_peak(level, take(rest)?)?;
        }
        let mut marks = Spent::taken(rest)?;
        openings.refused_hour = i64::from_be_bytes(take(rest)?);
        marks.refused_hour = i64::from_be_bytes(take(rest)?);
        let sheets = u64::from_be_bytes(take(rest)?);
        let public = (u64::from_be_bytes(take(rest)?), take(rest)?);
        let forced = (0, 0);
        Some((Self { forced, counter, tree, openings, marks, sheets, public }, is_forced != 0))
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

pub(super) fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*taken)
}

fn failed(source: std::io::Error) -> VaultFault {
    VaultFault::File { doing: "using the vault's ledger of the log", source }
}

/// Reads bytes as a head of the ledger, once as they are and once with the sum that belongs to them; what is read has
/// one form. A fuzz target.
pub(crate) fn ledgers_never_panic(bytes: &[u8]) {
    let mut page = [0; HEAD_BYTES];
    let length = bytes.len().min(HEAD_BYTES);
    page[..length].copy_from_slice(&bytes[..length]);
    let _ = Head::parse(&page);
    let sum: [u8; 32] = Sha256::digest(&page[..HEAD_BYTES - 32]).into();
    page[HEAD_BYTES - 32..].copy_from_slice(&sum);
    if let Some((head, is_forced)) = Head::parse(&page) {
        let kept = head.to_bytes(is_forced);
        let again = Head::parse(&kept).map(|(again, is_forced)| again.to_bytes(is_forced));
        assert!(again == Some(kept), "what was read reads back");
    }
}

#[cfg(test)]
mod tests;
