//! Writes the public log, once a day, beside the audit log: `public/` in the folder of the log is what may be published.
//! What a day adds is left to `audit_tree::public`.

use super::connection::vault_fault;
use super::log_tiles::write;
use super::{Done, SqliteStore};
use crate::audit_tree::public::{Day, ENTRIES_A_DAY, Opening};
use crate::audit_tree::tiles::{Growing, TileFolder};
use crate::audit_tree::{Checkpoint, VerifierKey, checkpoint};
use crate::settings::{CHECKPOINT, HEADS, PUBLIC, VERIFIER_KEY};
use crate::vault::{VaultFault, write_atomically};
use caseline_helpline::fault::StoreFault;
use caseline_model::Time;
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
        let (key, before) = (self.public_key(), read_before(&dir)?);
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
        Ok(())
    }

    fn public_key(&self) -> VerifierKey {
        VerifierKey::new(format!("{}/public", self.heads.name()), self.vault.verifying_key())
    }

    fn add_days(
        &self,
        dir: &Path,
        key: &VerifierKey,
        mut growing: Growing,
        missed: u32,
        today: u32,
        (head, notes): (&Checkpoint, &[String]),
    ) -> Done<()> {
        let mut full = Vec::new();
        for place in 0..=missed.min(DAYS_MISSED_MAX) {
            let is_today = place == missed.min(DAYS_MISSED_MAX);
            let (of_day, said) = if is_today { (Some(head), notes) } else { (None, &[][..]) };
            let day = Day::new(growing.size(), of_day, said, || self.vault.salt());
            // What entries commit to is kept before they are signed: a head that nobody can open would prove nothing.
            append(&dir.join(OPENINGS), &day.notes)?;
            append(&self.heads.dir.join(HEADS), day.head.as_slice())?;
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
        let signature = self.vault.sign_public(checkpoint::body(&key.name, size, &root).as_bytes());
        let signed = Checkpoint::signed(key, size, root, signature);
        write_atomically(&dir.join(CHECKPOINT), signed.to_text().as_bytes()).map_err(vault_fault(DOING))
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

fn append(path: &Path, openings: &[Opening]) -> Done<()> {
    use std::os::unix::fs::OpenOptionsExt;
    if openings.is_empty() {
        return Ok(());
    }
    let rows: String = openings.iter().map(Opening::to_row).collect();
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
