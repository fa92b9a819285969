//! The public log: a small log beside the audit log, to which every day adds the same number of entries, whatever
//! happened, so that its growth tells nothing. One of them commits to the audit log's head of that day, some to what
//! everybody may know (versions of flows, words and greeting), the others to nothing; from outside all look alike.
//! When a day is written is left to `sqlite/log_public`.

use super::tiles::{TileFiles, TilesFault, TilesVerified, verify_tiles};
use super::{Checkpoint, Hash, VerifierKey, commitment};

/// How many entries a day adds.
pub const ENTRIES_A_DAY: usize = 16;
/// What everybody may know of a day, at the most: one entry is the head's.
pub const NOTES_MAX: usize = ENTRIES_A_DAY - 1;

/// What an entry commits to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The entry's place in the public log.
    pub index: u64,
    /// The salt under which it was committed to.
    pub salt: [u8; 32],
    /// The text.
    pub text: String,
}

/// The entries of one day, and what some of them commit to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The commitments, in order.
    pub entries: Vec<Hash>,
    /// The audit log's head: for those who may see that log.
    pub head: Option<Opening>,
    /// For everybody.
    pub notes: Vec<Opening>,
}

impl Day {
    /// The entries of a day that begins at this place of the public log. On a day without a line there is neither head
    /// nor note, and nobody sees that. `draw` gives random bytes.
    pub fn new(first: u64, head: Option<&Checkpoint>, notes: &[String], mut draw: impl FnMut() -> [u8; 32]) -> Self {
        let head_text = head.map(head_text);
        let texts = head_text.iter().chain(notes.iter().take(NOTES_MAX));
        let openings: Vec<Opening> =
            (first..).zip(texts).map(|(index, text)| Opening { index, salt: draw(), text: text.clone() }).collect();
        let mut entries: Vec<Hash> = openings.iter().map(Opening::commitment).collect();
        // Random bytes look like a commitment and open to nothing.
        entries.resize_with(ENTRIES_A_DAY, draw);
        let mut openings = openings.into_iter();
        let head = head_text.and_then(|_| openings.next());
        Self { entries, head, notes: openings.collect() }
    }
}

/// The text of an entry that commits to a head of the audit log.
fn head_text(head: &Checkpoint) -> String {
    format!("head {} {}", head.size, hex(&head.root))
}

impl Opening {
    /// The entry.
    pub fn commitment(&self) -> Hash {
        commitment(&self.salt, self.text.as_bytes())
    }

    /// One row of a file: place, salt, text.
    pub fn to_row(&self) -> String {
        format!("{} {} {}\n", self.index, hex(&self.salt), self.text.replace('\n', " "))
    }

    /// Reads a row back.
    pub fn parse(row: &str) -> Option<Self> {
        let (index, rest) = row.split_once(' ')?;
        let (salt, text) = rest.split_once(' ')?;
        Some(Self { index: index.parse().ok()?, salt: from_hex(salt)?, text: text.to_owned() })
    }
}

/// Why a public log is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum PublicFault {
    /// The files are not.
    #[error("the public log is not whole")]
    Files(#[source] TilesFault),
    /// A day has more or fewer entries than every other.
    #[error("the public log has {size} entries, and every day adds {ENTRIES_A_DAY}")]
    Size {
        /// How many it has.
        size: u64,
    },
    /// A row of openings does not fit its entry.
    #[error("what is said of entry {index} of the public log is not what was committed to")]
    Opening {
        /// Which entry.
        index: u64,
    },
    /// A head that was published is not one of this audit log.
    #[error("the head of entry {index} is no head of this audit log: the log was rewritten since, or is another one")]
    Head {
        /// Which entry.
        index: u64,
    },
}

/// Verifies a public log: its files, its fixed growth, and what is said of its entries.
///
/// # Errors
/// Says what does not hold.
pub fn verify_public(
    files: &dyn TileFiles,
    key: &VerifierKey,
    since: Option<&Checkpoint>,
    openings: &[Opening],
) -> Result<TilesVerified, PublicFault> {
    let verified = verify_tiles(files, key, since).map_err(PublicFault::Files)?;
    if !verified.size.is_multiple_of(ENTRIES_A_DAY as u64) {
        return Err(PublicFault::Size { size: verified.size });
    }
    for opening in openings {
        let entry = super::tiles::entry(files, verified.size, opening.index).map_err(PublicFault::Files)?;
        if entry != Some(opening.commitment()) {
            return Err(PublicFault::Opening { index: opening.index });
        }
    }
    Ok(verified)
}

/// Whether a head that was published stands for the first entries of an audit log: `root_at` gives its root at a size.
///
/// # Errors
/// When it is no head, or another one.
pub fn verify_head(opening: &Opening, root_at: impl FnOnce(u64) -> Option<Hash>) -> Result<(), PublicFault> {
    let mut words = opening.text.split(' ');
    let (word, size, root) = (words.next(), words.next(), words.next());
    let size = size.filter(|_| word == Some("head")).and_then(|size| size.parse().ok());
    let root = root.and_then(from_hex);
    let holds = size.is_some_and(|size| root.is_some() && root_at(size) == root);
    if holds { Ok(()) } else { Err(PublicFault::Head { index: opening.index }) }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use caseline_helpline::chance::{Chance, SeededChance};

    fn draws() -> impl FnMut() -> [u8; 32] {
        let chance = SeededChance::new(3);
        move || {
            let mut bytes = [0; 32];
            bytes[..16].copy_from_slice(&chance.bits_128().to_be_bytes());
            bytes[16..].copy_from_slice(&chance.bits_128().to_be_bytes());
            bytes
        }
    }

    #[test]
    fn a_busy_day_a_quiet_day_and_a_day_without_a_line_look_alike() {
        let text = "caseline.invalid/log/x\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u{2014} x AAAAAAAA\n";
        let head = Checkpoint::parse(text).unwrap();
        let notes: Vec<String> = (0..40).map(|n| format!("note {n}")).collect();
        let mut draw = draws();
        let busy = Day::new(0, Some(&head), &notes, &mut draw);
        let quiet = Day::new(16, Some(&head), &[], &mut draw);
        let none = Day::new(32, None, &[], &mut draw);
        for day in [&busy, &quiet, &none] {
            assert_eq!(day.entries.len(), ENTRIES_A_DAY);
        }
        assert_eq!((busy.notes.len(), quiet.notes.len(), none.notes.len()), (NOTES_MAX, 0, 0));
        assert_eq!((busy.head.is_some(), quiet.head.is_some(), none.head.is_some()), (true, true, false));
        let mut all: Vec<Hash> = [busy.entries, quiet.entries, none.entries].concat();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 3 * ENTRIES_A_DAY, "the same head twice is two entries");
    }

    #[test]
    fn an_opening_reads_back_and_opens_only_its_own_entry() {
        let opening = Opening { index: 7, salt: [9; 32], text: "versions of today".into() };
        let read = Opening::parse(opening.to_row().trim_end()).unwrap();
        assert_eq!(read, opening);
        assert_ne!(Opening { text: "versions of yesterday".into(), ..read.clone() }.commitment(), opening.commitment());
        assert_ne!(Opening { salt: [8; 32], ..read }.commitment(), opening.commitment());
        assert_eq!(Opening::parse("7 xyz text"), None);
    }

    #[test]
    fn a_published_head_stands_for_one_log_alone() {
        let text = format!("head 12 {}", hex(&[4; 32]));
        let opening = Opening { index: 0, salt: [0; 32], text };
        assert!(verify_head(&opening, |size| (size == 12).then_some([4; 32])).is_ok());
        assert!(verify_head(&opening, |_| Some([5; 32])).is_err());
        assert!(verify_head(&opening, |_| None).is_err());
        assert!(verify_head(&Opening { text: "no head".into(), ..opening }, |_| Some([4; 32])).is_err());
    }
}
