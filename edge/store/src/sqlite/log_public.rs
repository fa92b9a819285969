//! Writes the public log, once a day, beside the audit log: `public/` in the folder of the log is what may be published.
//! What a day adds is left to `audit_tree::public`.

use super::connection::vault_fault;
use super::log_tiles::write;
use super::{Done, SqliteStore};
use crate::audit_tree::public::{Day, ENTRIES_A_DAY, NOTES_MAX, Opening};
use crate::audit_tree::tiles::{Growing, TileFolder};
use crate::audit_tree::{Checkpoint, Hash, VerifierKey};
use crate::settings::{CHECKPOINT, HEADS, PUBLIC, VERIFIER_KEY, WITHHELD};
use crate::vault::{VaultFault, public_log_name, write_atomically};
use caseline_helpline::demand::DemandStore;
use caseline_helpline::fault::StoreFault;
use caseline_model::{Date, Time};
use std::io::Write;
use std::path::Path;

/// What is being done, for faults.
const DOING: &str = "writing the public log";
/// What entries for everybody say, in `PUBLIC`.
const OPENINGS: &str = "openings";
/// The day of the last entries, and how many there are then, in `PUBLIC`.
const DAY: &str = "day";
/// Days without a line that are filled in, at the most.
const DAYS_MISSED_MAX: u32 = 3_660;

/// What a day's entries say: what may be told at once, and what may be told from a day on.
#[derive(Default)]
struct Notes {
    told: Vec<String>,
    withheld: Vec<(Date, String)>,
}

impl SqliteStore {
    /// Writes the entries of today, if they are not there yet, and of the days on which no line ran. Only the process
    /// of a line does so, which knows what everybody may know of the day.
    pub(super) async fn write_public_day(&self, now: Time) -> Done<()> {
        let notes = self.heads.notes();
        let Some(head) = self.heads.newest().filter(|_| !notes.is_empty()) else { return Ok(()) };
        let mut last = self.heads.public_day.lock().await;
        let today = now.day();
        if last.is_some_and(|day| day >= today) {
            return Ok(());
        }
        let dir = self.heads.dir.join(PUBLIC);
        std::fs::create_dir_all(&dir).map_err(failed)?;
        let (key, mut before) = (self.public_key(), read_before(&dir)?);
        if self.end_cut_off(&dir, &key, before.as_ref().map_or(0, |(written, _)| written.size))? {
            before = read_before(&dir)?;
        }
        // A day that was cut off before its head is written anew, with other salts: what was said of it is not kept.
        drop_after(&self.heads.dir, before.as_ref().map_or(0, |(written, _)| written.size))?;
        let notes = self.notes_of_day(notes, super::demands::today(now)).await?;
        let Some(before) = before else {
            write_atomically(&dir.join(VERIFIER_KEY), key.to_text().as_bytes()).map_err(vault_fault(DOING))?;
            self.add_days(&dir, &key, Growing::default(), 0, today, (&head, &notes))?;
            *last = Some(today);
            return Ok(());
        };
        let (written, day) = before;
        if day < today {
            let growing = Growing::resume(&TileFolder(dir.clone()), written.size).map_err(failed)?;
            let growing = growing.filter(|growing| growing.root() == written.root).ok_or_else(|| {
                StoreFault::Refused { what: "the files of log/public do not fit its head; put them back".into() }
            })?;
            self.add_days(&dir, &key, growing, today - day - 1, today, (&head, &notes))?;
        }
        *last = Some(today.max(day));
        tell_withheld(&self.heads.dir, super::demands::today(now))
    }

    /// Ends a day that was cut off before its head: its files are whole, and perhaps the vault has signed their head, so
    /// that it signs no other one of that size. Whether there was one.
    fn end_cut_off(&self, dir: &Path, key: &VerifierKey, written: u64) -> Done<bool> {
        let day = std::fs::read_to_string(dir.join(DAY)).unwrap_or_default();
        let size = day.trim_end().split_once(' ').and_then(|(_, size)| size.parse::<u64>().ok()).unwrap_or_default();
        if size <= written {
            return Ok(false);
        }
        let Some(growing) = Growing::resume(&TileFolder(dir.to_owned()), size).map_err(failed)? else {
            return Ok(false);
        };
        self.sign(dir, key, size, growing.root())?;
        Ok(true)
    }

    fn sign(&self, dir: &Path, key: &VerifierKey, size: u64, root: Hash) -> Done<()> {
        let signature = self.vault.sign_public(size, &root).map_err(vault_fault(DOING))?;
        let signed = Checkpoint::signed(key, size, root, signature);
        write_atomically(&dir.join(CHECKPOINT), signed.to_text().as_bytes()).map_err(vault_fault(DOING))
    }

    /// What everybody may know of the day, and the legal demands of which no entry says anything yet: as many as the
    /// day has room for, the others on the next one.
    async fn notes_of_day(&self, told: Vec<String>, today: Date) -> Done<Notes> {
        let dir = &self.heads.dir;
        let said: Vec<String> = [read_openings(&dir.join(PUBLIC).join(OPENINGS))?, read_openings(&dir.join(WITHHELD))?]
            .concat()
            .into_iter()
            .map(|row| row.opening.text)
            .collect();
        let mut notes = Notes { told, withheld: Vec::new() };
        for demand in self.demands().await? {
            for text in demand.public_rows() {
                if notes.told.len() + notes.withheld.len() >= NOTES_MAX || said.contains(&text) {
                    continue;
                }
                match demand.demand.quiet_until {
                    Some(until) if !demand.may_be_told(today) => notes.withheld.push((until, text)),
                    _ => notes.told.push(text),
                }
            }
        }
        Ok(notes)
    }

    fn public_key(&self) -> VerifierKey {
        VerifierKey::new(public_log_name(self.heads.name()), self.vault.verifying_key())
    }

    fn add_days(
        &self,
        dir: &Path,
        key: &VerifierKey,
        mut growing: Growing,
        missed: u32,
        today: u32,
        (head, notes): (&Checkpoint, &Notes),
    ) -> Done<()> {
        let mut full = Vec::new();
        for place in 0..=missed.min(DAYS_MISSED_MAX) {
            let is_today = place == missed.min(DAYS_MISSED_MAX);
            let nothing = Notes::default();
            let (of_day, said) = if is_today { (Some(head), notes) } else { (None, &nothing) };
            let texts: Vec<String> =
                said.told.iter().chain(said.withheld.iter().map(|(_, text)| text)).cloned().collect();
            let day = Day::new(growing.size(), of_day, &texts, || self.vault.salt());
            let (told, withheld) = day.notes.split_at(said.told.len().min(day.notes.len()));
            // What entries commit to is kept before they are signed: a head that nobody can open would prove nothing.
            append(&dir.join(OPENINGS), told.iter().map(Opening::to_row))?;
            append(&self.heads.dir.join(HEADS), day.head.iter().map(Opening::to_row))?;
            let rows =
                said.withheld.iter().zip(withheld).map(|((until, _), opening)| format!("{until} {}", opening.to_row()));
            append(&self.heads.dir.join(WITHHELD), rows)?;
            for entry in &day.entries {
                growing.append(entry, |file| full.push(file));
            }
        }
        for file in full.into_iter().chain(growing.partial()) {
            write(dir, &file)?;
        }
        let (size, root) = (growing.size(), growing.root());
        // The day by which the next one is counted; it says no more than the head's own size. It goes first: a head
        // whose day nobody knows could not be gone on from.
        write_atomically(&dir.join(DAY), format!("{today} {size}\n").as_bytes()).map_err(vault_fault(DOING))?;
        self.sign(dir, key, size, root)
    }
}

/// The head that was written last and the day of it; `None`: the public log has not begun.
fn read_before(dir: &Path) -> Done<Option<(Checkpoint, u32)>> {
    let lost = || StoreFault::Refused {
        what: "log/public lacks its checkpoint or its day: put the folder back; without it no day is published".into(),
    };
    let read = |name: &str| std::fs::read_to_string(dir.join(name)).ok();
    let day = read(DAY).map(|day| {
        let (number, size) = day.trim_end().split_once(' ')?;
        Some((number.parse::<u32>().ok()?, size.parse::<u64>().ok()?))
    });
    match (read(CHECKPOINT), day) {
        // A second public log under the same name would be a fork: the folder was lost, or not restored.
        (None, None) if has_begun(dir) => Err(lost()),
        (None, None) => Ok(None),
        // Cut off before the very first head.
        (None, Some(Some((_, size)))) if size == ENTRIES_A_DAY as u64 => Ok(None),
        (Some(head), Some(Some((number, size)))) => {
            let head = Checkpoint::parse(&head).map_err(|_| lost())?;
            // Cut off between day and head: the days that the head has not are written again.
            let ahead = size.checked_sub(head.size).ok_or_else(lost)? / ENTRIES_A_DAY as u64;
            let number = u32::try_from(ahead).ok().and_then(|ahead| number.checked_sub(ahead)).ok_or_else(lost)?;
            Ok(Some((head, number)))
        }
        _ => Err(lost()),
    }
}

/// Whether more than one day was committed to, as the rows beside the public log say.
fn has_begun(dir: &Path) -> bool {
    let rows = dir.parent().and_then(|log| std::fs::read_to_string(log.join(HEADS)).ok()).unwrap_or_default();
    rows.lines().filter_map(Opening::parse).any(|opening| opening.index > 0)
}

/// A row of what an entry says; of one that may not be told yet, the day from which it may.
#[derive(Clone)]
struct OpeningRow {
    until: Option<Date>,
    opening: Opening,
}

impl OpeningRow {
    fn parse(row: &str) -> Option<Self> {
        // The place 20261122 is a day too (ISO 8601 without dashes): only what is no opening as it stands begins with one.
        if let Some(opening) = Opening::parse(row) {
            return Some(Self { until: None, opening });
        }
        let (day, rest) = row.split_once(' ')?;
        Some(Self { until: Some(day.parse().ok()?), opening: Opening::parse(rest)? })
    }

    fn to_row(&self) -> String {
        let day = self.until.map_or_else(String::new, |until| format!("{until} "));
        format!("{day}{}", self.opening.to_row())
    }
}

/// Reads a row of an opening, which may be told later; what is read has one row. The part of the fuzz target of heads
/// that reads what lies beside them.
pub(crate) fn openings_never_panic(row: &str) {
    if let Some(read) = OpeningRow::parse(row) {
        let again = OpeningRow::parse(read.to_row().trim_end_matches('\n'));
        assert!(again.is_some_and(|again| again.to_row() == read.to_row()), "what was read reads back");
    }
}

/// The rows of a file that say what entries commit to; none when there is no file.
fn read_openings(path: &Path) -> Done<Vec<OpeningRow>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    // A row that was cut off in the middle is of a day that has no head.
    Ok(text.lines().filter_map(OpeningRow::parse).collect())
}

fn rewrite(path: &Path, rows: &[OpeningRow]) -> Done<()> {
    let text: String = rows.iter().map(OpeningRow::to_row).collect();
    write_atomically(path, text.as_bytes()).map_err(vault_fault(DOING))
}

/// Forgets what was said of entries that no head has.
fn drop_after(log: &Path, size: u64) -> Done<()> {
    for path in [log.join(PUBLIC).join(OPENINGS), log.join(HEADS), log.join(WITHHELD)] {
        let rows = read_openings(&path)?;
        let kept: Vec<OpeningRow> = rows.iter().filter(|row| row.opening.index < size).cloned().collect();
        if kept.len() < rows.len() {
            rewrite(&path, &kept)?;
        }
    }
    Ok(())
}

/// Publishes what may be told from today on. Told first and taken from the withheld ones afterwards: a row that stands
/// in both is the same row.
fn tell_withheld(log: &Path, today: Date) -> Done<()> {
    let path = log.join(WITHHELD);
    let (due, kept): (Vec<OpeningRow>, Vec<OpeningRow>) =
        read_openings(&path)?.into_iter().partition(|row| row.until.is_some_and(|until| until <= today));
    if due.is_empty() {
        return Ok(());
    }
    append(&log.join(PUBLIC).join(OPENINGS), due.iter().map(|row| row.opening.to_row()))?;
    rewrite(&path, &kept)
}

fn append(path: &Path, rows: impl Iterator<Item = String>) -> Done<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let rows: String = rows.collect();
    if rows.is_empty() {
        return Ok(());
    }
    let appended = (|| {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
        file.write_all(rows.as_bytes())?;
        file.sync_all()
    })();
    appended.map_err(failed)
}

fn failed(source: std::io::Error) -> StoreFault {
    vault_fault(DOING)(VaultFault::File { doing: DOING, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_written_like_a_day_is_a_place() {
        let opening = |index| Opening { index, salt: [7; 32], text: "head 7 cd".into() };
        for index in [3, 20_261_122, 10_000_101, u64::MAX] {
            for until in [None, Some(Date::constant(2026, 11, 22))] {
                let row = OpeningRow { until, opening: opening(index) };
                let read = OpeningRow::parse(row.to_row().trim_end()).unwrap();
                assert_eq!((read.until, read.opening.index), (until, index), "{}", row.to_row());
            }
        }
    }
}
