//! What is on the disk that forgets: files and names as programs see them, and as they would be after a power cut.
//! It is stricter than most file systems: a sync of a file keeps its bytes and not its name, a sync of a folder keeps the
//! names in it. What was not synced goes in parts: whole writes, 512-byte sectors of them, the newest changes of names.
//! How the kernel asks for any of it is left to `answering`.

use caseline_helpline::Chance;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The root folder's number, as the kernel has it.
pub const ROOT: u64 = 1;
/// What a disk writes at once: a torn write has old and new ones of these.
const SECTOR: usize = 512;
/// A file is not longer than this.
const FILE_BYTES_MAX: usize = 256 << 20;
/// Files of one disk.
const NODES_MAX: usize = 100_000;

/// A kernel error number; the kernel's own names for them.
pub type Errno = i32;

/// How much of what was not synced a cut takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Takes {
    /// All of it.
    All,
    /// Of each file a drawn part, torn at sectors; of the changes of names the newest ones.
    Some,
    /// Nothing, as with a kill.
    Nothing,
}

impl Takes {
    /// Half of the cuts take parts; most others, all.
    pub fn drawn(chance: &dyn Chance) -> Self {
        match chance.bits_64() % 10 {
            0 => Self::Nothing,
            1..=4 => Self::All,
            _ => Self::Some,
        }
    }
}

/// What a cut took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    /// Writes, whole or in part.
    pub writes: u64,
    /// Of which some sectors were kept and some not.
    pub torn: u64,
    /// Changes of names.
    pub names: u64,
}

impl Forgotten {
    /// One cut more.
    pub fn add(&mut self, more: Self) {
        self.writes += more.writes;
        self.torn += more.torn;
        self.names += more.names;
    }
}

/// What is known of a file or folder beside its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// Kind and permissions, as `stat` has them.
    pub mode: u32,
    /// Its owner.
    pub owner: (u32, u32),
}

#[derive(Clone, Debug)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Length(usize),
}

#[derive(Clone, Debug)]
enum Content {
    File { now: Vec<u8>, synced: Vec<u8>, since: Vec<Change> },
    Folder { now: BTreeMap<Vec<u8>, u64>, synced: BTreeMap<Vec<u8>, u64> },
}

#[derive(Clone, Debug)]
struct Node {
    about: About,
    content: Content,
}

/// One name in one folder is another file from now on, or none.
#[derive(Clone, Debug)]
struct Naming {
    folder: u64,
    name: Vec<u8>,
    node: Option<u64>,
}

/// The disk.
#[derive(Debug)]
pub struct Image {
    nodes: BTreeMap<u64, Node>,
    next: u64,
    /// Changes of names since they were synced, in their order; what is in one row happens at once.
    namings: Vec<Vec<Naming>>,
    /// Everything is said to be synced, and nothing is.
    is_lying: bool,
    /// This change from now fails, with this error: 1 is the next one.
    fails_at: Option<(u64, Errno)>,
    /// Changes since the last time a failure was asked for.
    changes: u64,
    /// How many changes failed because they were asked to.
    failed: u64,
}

impl Image {
    /// An empty one.
    pub fn new(owner: (u32, u32)) -> Self {
        let root = Node {
            about: About { mode: libc::S_IFDIR | 0o700, owner },
            content: Content::Folder { now: BTreeMap::new(), synced: BTreeMap::new() },
        };
        let nodes = BTreeMap::from([(ROOT, root)]);
        Self { nodes, next: ROOT + 1, namings: Vec::new(), is_lying: false, fails_at: None, changes: 0, failed: 0 }
    }

    /// From now until the next cut it says that it synced what it is asked to sync, and does not. A cut that takes all then
    /// brings back the disk as it is now on the platter.
    pub const fn lie(&mut self) {
        self.is_lying = true;
    }

    /// This change of the disk from now fails once, with this error: a write, a sync, a name, a length. 1 is the next;
    /// `None`: none does.
    pub const fn fail_at(&mut self, change: Option<(u64, Errno)>) {
        (self.fails_at, self.changes, self.failed) = (change, 0, 0);
    }

    /// Changes since then, and whether one of them failed.
    pub const fn changes(&self) -> (u64, bool) {
        (self.changes, self.failed > 0)
    }

    /// Before every change.
    fn change(&mut self) -> Result<(), Errno> {
        self.changes += 1;
        match self.fails_at {
            Some((number, errno)) if number == self.changes => {
                self.failed += 1;
                Err(errno)
            }
            _ => Ok(()),
        }
    }

    fn node(&self, number: u64) -> Result<&Node, Errno> {
        self.nodes.get(&number).ok_or(libc::ENOENT)
    }

    fn node_mut(&mut self, number: u64) -> Result<&mut Node, Errno> {
        self.nodes.get_mut(&number).ok_or(libc::ENOENT)
    }

    fn names(&self, folder: u64) -> Result<&BTreeMap<Vec<u8>, u64>, Errno> {
        match &self.node(folder)?.content {
            Content::Folder { now, .. } => Ok(now),
            Content::File { .. } => Err(libc::ENOTDIR),
        }
    }

    /// What stands under a name.
    pub fn look_up(&self, folder: u64, name: &[u8]) -> Result<u64, Errno> {
        self.names(folder)?.get(name).copied().ok_or(libc::ENOENT)
    }

    /// Kind, permissions, owner and length.
    pub fn about(&self, number: u64) -> Result<(About, u64), Errno> {
        let node = self.node(number)?;
        let length = match &node.content {
            Content::File { now, .. } => now.len(),
            Content::Folder { .. } => 0,
        };
        Ok((node.about, length as u64))
    }

    /// Other permissions.
    pub fn set_mode(&mut self, number: u64, mode: u32) -> Result<(), Errno> {
        let node = self.node_mut(number)?;
        node.about.mode = node.about.mode & libc::S_IFMT | mode & !libc::S_IFMT;
        Ok(())
    }

    /// Names in a folder, with what they name.
    pub fn list(&self, folder: u64) -> Result<Vec<(Vec<u8>, u64, u32)>, Errno> {
        let names = self.names(folder)?.iter();
        names.map(|(name, number)| Ok((name.clone(), *number, self.node(*number)?.about.mode))).collect()
    }

    /// A new file or folder.
    pub fn make(&mut self, folder: u64, name: &[u8], about: About) -> Result<u64, Errno> {
        if self.names(folder)?.contains_key(name) {
            return Err(libc::EEXIST);
        }
        if self.nodes.len() >= NODES_MAX {
            return Err(libc::ENOSPC);
        }
        self.change()?;
        let content = if about.mode & libc::S_IFMT == libc::S_IFDIR {
            Content::Folder { now: BTreeMap::new(), synced: BTreeMap::new() }
        } else {
            Content::File { now: Vec::new(), synced: Vec::new(), since: Vec::new() }
        };
        let number = self.next;
        self.next += 1;
        self.nodes.insert(number, Node { about, content });
        self.rename_all(vec![Naming { folder, name: name.to_vec(), node: Some(number) }])?;
        Ok(number)
    }

    /// A name goes. Whoever has the file open keeps it.
    pub fn remove(&mut self, folder: u64, name: &[u8], is_folder: bool) -> Result<(), Errno> {
        let number = self.look_up(folder, name)?;
        match &self.node(number)?.content {
            Content::Folder { .. } if !is_folder => return Err(libc::EISDIR),
            Content::File { .. } if is_folder => return Err(libc::ENOTDIR),
            Content::Folder { now, .. } if !now.is_empty() => return Err(libc::ENOTEMPTY),
            _ => {}
        }
        self.change()?;
        self.rename_all(vec![Naming { folder, name: name.to_vec(), node: None }])
    }

    /// A name becomes another one, at once; what had that name has none. With `only_new` there must be none.
    pub fn rename(&mut self, from: (u64, &[u8]), to: (u64, &[u8]), only_new: bool) -> Result<(), Errno> {
        let number = self.look_up(from.0, from.1)?;
        if only_new && self.look_up(to.0, to.1).is_ok() {
            return Err(libc::EEXIST);
        }
        self.names(to.0)?;
        self.change()?;
        self.rename_all(vec![
            Naming { folder: from.0, name: from.1.to_vec(), node: None },
            Naming { folder: to.0, name: to.1.to_vec(), node: Some(number) },
        ])
    }

    fn rename_all(&mut self, at_once: Vec<Naming>) -> Result<(), Errno> {
        for naming in &at_once {
            if let Content::Folder { now, .. } = &mut self.node_mut(naming.folder)?.content {
                name(now, naming);
            }
        }
        self.namings.push(at_once);
        Ok(())
    }

    /// Bytes of a file.
    pub fn read(&self, number: u64, at: u64, count: usize) -> Result<&[u8], Errno> {
        let Content::File { now, .. } = &self.node(number)?.content else { return Err(libc::EISDIR) };
        let from = usize::try_from(at).unwrap_or(usize::MAX).min(now.len());
        Ok(now.get(from..from.saturating_add(count).min(now.len())).unwrap_or_default())
    }

    /// Writes into a file.
    pub fn write(&mut self, number: u64, at: u64, bytes: &[u8]) -> Result<(), Errno> {
        let at = usize::try_from(at).map_err(|_| libc::EFBIG)?;
        if at.saturating_add(bytes.len()) > FILE_BYTES_MAX {
            return Err(libc::EFBIG);
        }
        self.change()?;
        let Content::File { now, since, .. } = &mut self.node_mut(number)?.content else { return Err(libc::EISDIR) };
        let change = Change::Write { at, bytes: bytes.to_vec() };
        apply(now, &change);
        since.push(change);
        Ok(())
    }

    /// Cuts or lengthens a file.
    pub fn set_length(&mut self, number: u64, length: u64) -> Result<(), Errno> {
        let length = usize::try_from(length).ok().filter(|length| *length <= FILE_BYTES_MAX).ok_or(libc::EFBIG)?;
        self.change()?;
        let Content::File { now, since, .. } = &mut self.node_mut(number)?.content else { return Err(libc::EISDIR) };
        apply(now, &Change::Length(length));
        since.push(Change::Length(length));
        Ok(())
    }

    /// What was written into a file stays; or, for a folder, what was named in it. After a sync that failed programs still
    /// read what they wrote, and no later sync brings it to the disk: so do ext4 and XFS, which mark the pages clean
    /// (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020).
    pub fn sync(&mut self, number: u64) -> Result<(), Errno> {
        if let Err(errno) = self.change() {
            if let Content::File { since, .. } = &mut self.node_mut(number)?.content {
                since.clear();
            }
            return Err(errno);
        }
        if self.is_lying {
            return Ok(());
        }
        if let Content::File { synced, since, .. } = &mut self.node_mut(number)?.content {
            for change in std::mem::take(since) {
                apply(synced, &change);
            }
            return Ok(());
        }
        let (here, elsewhere) = std::mem::take(&mut self.namings)
            .into_iter()
            .partition(|at_once| at_once.iter().any(|naming| naming.folder == number));
        self.namings = elsewhere;
        self.keep_names(here);
        Ok(())
    }

    fn keep_names(&mut self, namings: Vec<Vec<Naming>>) {
        for naming in namings.into_iter().flatten() {
            if let Ok(Node { content: Content::Folder { synced, .. }, .. }) = self.node_mut(naming.folder) {
                name(synced, &naming);
            }
        }
    }

    /// The power is cut: what was not synced goes, all of it or in parts, and the rest is what programs see from now on.
    pub fn cut(&mut self, takes: Takes, chance: &dyn Chance) -> Forgotten {
        let mut forgotten = Forgotten::default();
        self.is_lying = false;
        let mut namings = std::mem::take(&mut self.namings);
        // Changes of names reach the disk in their order: what is newer goes.
        let kept = match takes {
            Takes::All => 0,
            Takes::Some => (chance.bits_64() % (namings.len() as u64 + 1)) as usize,
            Takes::Nothing => namings.len(),
        };
        forgotten.names = (namings.len() - kept) as u64;
        namings.truncate(kept);
        self.keep_names(namings);
        for node in self.nodes.values_mut() {
            match &mut node.content {
                Content::Folder { now, synced } => now.clone_from(synced),
                Content::File { now, synced, since } => {
                    for change in std::mem::take(since) {
                        survive(synced, &change, takes, chance, &mut forgotten);
                    }
                    now.clone_from(synced);
                }
            }
        }
        self.drop_unnamed();
        forgotten
    }

    /// Files that no name leads to are gone.
    fn drop_unnamed(&mut self) {
        let mut named = std::collections::BTreeSet::new();
        let mut open = vec![ROOT];
        while let Some(number) = open.pop() {
            if named.insert(number)
                && let Ok(names) = self.names(number)
            {
                open.extend(names.values());
            }
        }
        self.nodes.retain(|number, _| named.contains(number));
    }
}

fn name(names: &mut BTreeMap<Vec<u8>, u64>, naming: &Naming) {
    match naming.node {
        Some(number) => names.insert(naming.name.clone(), number),
        None => names.remove(&naming.name),
    };
}

fn apply(file: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Length(length) => file.resize(*length, 0),
        Change::Write { at, bytes } => {
            let end = at + bytes.len();
            if file.len() < end {
                file.resize(end, 0);
            }
            if let Some(place) = file.get_mut(*at..end) {
                place.copy_from_slice(bytes);
            }
        }
    }
}

/// What of a change that was not synced is on the disk all the same.
fn survive(file: &mut Vec<u8>, change: &Change, takes: Takes, chance: &dyn Chance, forgotten: &mut Forgotten) {
    let fate = match takes {
        Takes::All => 0,
        Takes::Nothing => 1,
        Takes::Some => chance.bits_64() % 3,
    };
    match (fate, change) {
        (0, _) => forgotten.writes += 1,
        (1, _) | (_, Change::Length(_)) => apply(file, change),
        (_, Change::Write { at, bytes }) => {
            let mut is_torn = false;
            let mut from = 0;
            while from < bytes.len() {
                // Sectors of the disk, not of the write.
                let until = (from + SECTOR - (at + from) % SECTOR).min(bytes.len());
                let part = bytes.get(from..until).unwrap_or_default().to_vec();
                if chance.bits_64().is_multiple_of(2) {
                    apply(file, &Change::Write { at: at + from, bytes: part });
                } else {
                    is_torn = true;
                }
                from = until;
            }
            forgotten.writes += u64::from(is_torn);
            forgotten.torn += u64::from(is_torn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use caseline_helpline::chance::SeededChance;

    const FILE: About = About { mode: libc::S_IFREG | 0o600, owner: (0, 0) };
    const FOLDER: About = About { mode: libc::S_IFDIR | 0o700, owner: (0, 0) };

    fn text(image: &Image, name: &[u8]) -> Option<Vec<u8>> {
        let number = image.look_up(ROOT, name).ok()?;
        image.read(number, 0, 1 << 20).ok().map(<[u8]>::to_vec)
    }

    #[test]
    fn only_what_was_synced_with_its_name_survives_a_cut_that_takes_all() {
        let mut image = Image::new((0, 0));
        let one = image.make(ROOT, b"one", FILE).unwrap();
        image.write(one, 0, b"kept").unwrap();
        image.sync(one).unwrap();
        image.sync(ROOT).unwrap();
        image.write(one, 4, b" and gone").unwrap();
        let two = image.make(ROOT, b"two", FILE).unwrap();
        image.write(two, 0, b"synced without its name").unwrap();
        image.sync(two).unwrap();
        assert_eq!(text(&image, b"one").unwrap(), b"kept and gone", "programs see it before the cut");
        let forgotten = image.cut(Takes::All, &SeededChance::new(1));
        assert_eq!(text(&image, b"one").unwrap(), b"kept");
        assert_eq!(text(&image, b"two"), None);
        assert_eq!((forgotten.writes, forgotten.names), (1, 1));
    }

    #[test]
    fn a_file_that_was_replaced_by_renaming_is_the_old_or_the_new_one_and_never_half() {
        for seed in 0..50 {
            let mut image = Image::new((0, 0));
            let old = image.make(ROOT, b"ring", FILE).unwrap();
            image.write(old, 0, &[1; 4_000]).unwrap();
            image.sync(old).unwrap();
            image.sync(ROOT).unwrap();
            let new = image.make(ROOT, b"ring.new", FILE).unwrap();
            image.write(new, 0, &[2; 4_000]).unwrap();
            image.sync(new).unwrap();
            image.rename((ROOT, b"ring.new"), (ROOT, b"ring"), false).unwrap();
            image.cut(Takes::Some, &SeededChance::new(seed));
            let ring = text(&image, b"ring").unwrap();
            assert!(ring == [1; 4_000] || ring == [2; 4_000], "seed {seed}");
        }
    }

    #[test]
    fn a_write_that_was_not_synced_is_torn_at_sectors() {
        let (mut torn, mut whole) = (0, 0);
        for seed in 0..100 {
            let mut image = Image::new((0, 0));
            let file = image.make(ROOT, b"wal", FILE).unwrap();
            image.write(file, 0, &[1; 2_048]).unwrap();
            image.sync(file).unwrap();
            image.sync(ROOT).unwrap();
            image.write(file, 100, &[2; 1_500]).unwrap();
            image.cut(Takes::Some, &SeededChance::new(seed));
            let read = text(&image, b"wal").unwrap();
            assert_eq!(read.len(), 2_048);
            for sector in [100..512, 512..1_024, 1_024..1_536, 1_536..1_600] {
                assert!(read[sector.clone()].windows(2).all(|pair| pair[0] == pair[1]), "a sector is old or new");
            }
            if read[100..1_600].windows(2).any(|pair| pair[0] != pair[1]) { torn += 1 } else { whole += 1 }
        }
        assert!(torn > 10 && whole > 10, "{torn} torn, {whole} whole");
    }

    #[test]
    fn a_disk_that_lies_forgets_all_that_it_said_was_synced_since_it_began_and_is_honest_after_the_cut() {
        let mut image = Image::new((0, 0));
        let wal = image.make(ROOT, b"wal", FILE).unwrap();
        image.write(wal, 0, b"before").unwrap();
        image.sync(wal).unwrap();
        image.sync(ROOT).unwrap();
        image.lie();
        image.write(wal, 0, b"after!").unwrap();
        image.sync(wal).unwrap();
        let other = image.make(ROOT, b"other", FILE).unwrap();
        image.sync(other).unwrap();
        image.sync(ROOT).unwrap();
        let forgotten = image.cut(Takes::All, &SeededChance::new(1));
        assert_eq!((text(&image, b"wal").unwrap(), text(&image, b"other")), (b"before".to_vec(), None));
        assert_eq!((forgotten.writes, forgotten.names), (1, 1));
        image.write(wal, 0, b"honest").unwrap();
        image.sync(wal).unwrap();
        image.cut(Takes::All, &SeededChance::new(2));
        assert_eq!(text(&image, b"wal").unwrap(), b"honest");
    }

    #[test]
    fn what_a_failed_sync_did_not_bring_to_the_disk_is_read_until_the_cut_and_no_later_sync_brings_it() {
        let mut image = Image::new((0, 0));
        let file = image.make(ROOT, b"one", FILE).unwrap();
        image.sync(ROOT).unwrap();
        image.write(file, 0, b"lost").unwrap();
        image.fail_at(Some((1, libc::ENOSPC)));
        assert_eq!(image.sync(file), Err(libc::ENOSPC));
        image.write(file, 4, b" kept").unwrap();
        assert_eq!(image.sync(file), Ok(()));
        assert_eq!(text(&image, b"one").unwrap(), b"lost kept", "programs see it before the cut");
        image.cut(Takes::Nothing, &SeededChance::new(1));
        assert_eq!(text(&image, b"one").unwrap(), b"\0\0\0\0 kept");
    }

    #[test]
    fn a_folder_s_sync_keeps_its_own_names_and_one_that_is_not_named_itself_is_gone_with_them() {
        let mut image = Image::new((0, 0));
        let folder = image.make(ROOT, b"log", FOLDER).unwrap();
        image.make(folder, b"head", FILE).unwrap();
        image.sync(folder).unwrap();
        image.cut(Takes::All, &SeededChance::new(1));
        assert_eq!(image.look_up(ROOT, b"log"), Err(libc::ENOENT));
    }

    #[test]
    fn the_change_that_is_to_fail_fails_once() {
        let mut image = Image::new((0, 0));
        let file = image.make(ROOT, b"one", FILE).unwrap();
        image.fail_at(Some((2, libc::EIO)));
        assert_eq!(image.write(file, 0, b"a"), Ok(()));
        assert_eq!(image.sync(file), Err(libc::EIO));
        assert_eq!(image.sync(file), Ok(()));
        assert_eq!(image.changes(), (3, true));
    }
}
