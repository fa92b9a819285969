//! Finds the three tables in a folder or a zip and opens them.
//! What stands in them is left to `import`.

use crate::court_tables::count_note::{self, CountNote};
use crate::court_tables::fault::CourtTablesFault;
use crate::court_tables::layout::Table;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use zip::ZipArchive;

/// Bytes read at once.
const BUFFER_BYTES: usize = 256 * 1024;
/// Members of an archive. The court's has about a hundred.
const MEMBERS_MAX: usize = 10_000;
/// The longest table that is unpacked, in bytes. The court's whole delivery, with its 97 tables, has some 20 GB.
const UNPACKED_BYTES_MAX: u64 = 32 << 30;
/// A table that unpacks to more than so many times its packed bytes is none: text of the court packs to a tenth or so.
const UNPACKED_TIMES_MAX: u64 = 200;
/// Up to so many bytes it is not asked how well a member was packed.
const UNPACKED_BYTES_FREE: u64 = 16 << 20;

/// A delivery: where its three tables are.
pub(super) enum Place {
    Folder {
        files: [PathBuf; 3],
        lengths: [u64; 3],
        count_note: Option<PathBuf>,
    },
    Archive {
        archive: Box<ZipArchive<BufReader<File>>>,
        place: String,
        members: [usize; 3],
        lengths: [u64; 3],
        count_note: Option<usize>,
    },
}

impl Place {
    pub fn find(path: &Path) -> Result<Self, CourtTablesFault> {
        let place = path.display().to_string();
        let Ok(about) = std::fs::metadata(path) else { return Err(CourtTablesFault::NoSuchPlace { place }) };
        if about.is_dir() {
            return find_in_folder(path, &place);
        }
        let mut file =
            File::open(path).map_err(|source| CourtTablesFault::NotOpened { file: place.clone(), source })?;
        let mut first = [0_u8; 4];
        let is_named_zip = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("zip"));
        let begins_as_zip = file.read_exact(&mut first).is_ok() && first == *b"PK\x03\x04";
        if about.len() == 0 && is_named_zip {
            return Err(CourtTablesFault::Empty { file: place });
        }
        if is_named_zip || begins_as_zip {
            find_in_archive(path, place)
        } else {
            Err(CourtTablesFault::NeitherFolderNorZip { place })
        }
    }

    /// Unpacked bytes of all three.
    pub fn bytes_total(&self) -> u64 {
        match self {
            Self::Folder { lengths, .. } | Self::Archive { lengths, .. } => lengths.iter().sum(),
        }
    }

    /// What the delivery itself says of its tables' rows; nothing when it does not, or cannot be read.
    pub fn count_note(&mut self) -> CountNote {
        let mut bytes = Vec::new();
        let read = match self {
            Self::Folder { count_note: Some(file), .. } => {
                File::open(file).and_then(|file| file.take(count_note::BYTES_MAX).read_to_end(&mut bytes))
            }
            Self::Archive { archive, count_note: Some(at), .. } => match archive.by_index(*at) {
                Ok(member) => member.take(count_note::BYTES_MAX).read_to_end(&mut bytes),
                Err(_) => Ok(0),
            },
            _ => Ok(0),
        };
        if read.is_ok() { CountNote::read(&bytes) } else { CountNote::default() }
    }

    /// Opens a table from its beginning.
    pub fn open(&mut self, table: Table) -> Result<Box<dyn BufRead + '_>, CourtTablesFault> {
        let at = table as usize;
        match self {
            Self::Folder { files, .. } => {
                let file = File::open(&files[at])
                    .map_err(|source| CourtTablesFault::NotOpened { file: table.file_name().to_owned(), source })?;
                Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, file)))
            }
            Self::Archive { archive, place, members, .. } => {
                let member = archive.by_index(members[at]).map_err(|source| CourtTablesFault::ArchiveBroken {
                    place: place.clone(),
                    source: source.into(),
                })?;
                let left = member.size();
                Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, Bounded { member, left })))
            }
        }
    }
}

/// A member of an archive, read no further than the archive's list of contents says.
struct Bounded<R> {
    member: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.member.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "it unpacks to more than the archive's list of contents says")
        })?;
        Ok(count)
    }
}

/// Why a member is not unpacked, if it is not: seen before the first byte of it is.
fn too_much(unpacked: u64, packed: u64) -> Option<&'static str> {
    if unpacked > UNPACKED_BYTES_MAX {
        return Some("no table of the court has more than 32 GiB");
    }
    let is_bomb = unpacked > UNPACKED_BYTES_FREE && unpacked / UNPACKED_TIMES_MAX > packed;
    is_bomb.then_some("no table of the court packs to less than a two-hundredth")
}

fn find_in_folder(path: &Path, place: &str) -> Result<Place, CourtTablesFault> {
    let unopened = |source| CourtTablesFault::NotOpened { file: place.to_owned(), source };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path).map_err(unopened)? {
        names.push(entry.map_err(unopened)?.path());
    }
    let mut files: [PathBuf; 3] = Default::default();
    let mut lengths = [0; 3];
    for table in Table::ALL {
        let is_it = |p: &&PathBuf| p.file_name().is_some_and(|n| n.eq_ignore_ascii_case(table.file_name()));
        let mut found = names.iter().filter(is_it);
        let file = found.next().ok_or_else(|| missing(place, table))?;
        if found.next().is_some() {
            return Err(CourtTablesFault::TableTwice { place: place.to_owned(), file: table.file_name() });
        }
        let about = std::fs::metadata(file)
            .map_err(|source| CourtTablesFault::NotOpened { file: table.file_name().to_owned(), source })?;
        lengths[table as usize] = about.len();
        files[table as usize] = file.clone();
    }
    let is_note = |path: &&PathBuf| path.file_name().is_some_and(|n| n.eq_ignore_ascii_case(count_note::FILE_NAME));
    let count_note = names.iter().find(is_note).cloned();
    Ok(Place::Folder { files, lengths, count_note })
}

fn find_in_archive(path: &Path, place: String) -> Result<Place, CourtTablesFault> {
    let file = File::open(path).map_err(|source| CourtTablesFault::NotOpened { file: place.clone(), source })?;
    let mut archive = ZipArchive::new(BufReader::new(file))
        .map_err(|source| CourtTablesFault::ArchiveBroken { place: place.clone(), source: source.into() })?;
    if archive.len() > MEMBERS_MAX {
        return Err(CourtTablesFault::ArchiveCrowded { place, members: archive.len(), limit: MEMBERS_MAX });
    }
    let mut found: [Option<usize>; 3] = [None; 3];
    let mut lengths = [0; 3];
    let mut count_note = None;
    for at in 0..archive.len() {
        let member = archive
            .by_index_raw(at)
            .map_err(|source| CourtTablesFault::ArchiveBroken { place: place.clone(), source: source.into() })?;
        // The release's zip keeps its tables in a folder, on some machines with `\` between the names.
        // A name in no known encoding is none of the three.
        let Ok(path) = member.name() else { continue };
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        if name.eq_ignore_ascii_case(count_note::FILE_NAME) {
            count_note = Some(at);
        }
        let Some(table) = Table::ALL.into_iter().find(|t| name.eq_ignore_ascii_case(t.file_name())) else { continue };
        let method = member.compression();
        if !matches!(method, zip::CompressionMethod::Stored | zip::CompressionMethod::Deflated) {
            // The agency's own archives hold members packed with Deflate64 (method 9, APPNOTE.TXT 4.4.5).
            return Err(CourtTablesFault::ArchiveMethod { place, file: name, method: method.to_string() });
        }
        let (unpacked, packed) = (member.size(), member.compressed_size());
        if let Some(why) = too_much(unpacked, packed) {
            return Err(CourtTablesFault::ArchiveBomb { place, file: name, unpacked, packed, why });
        }
        lengths[table as usize] = unpacked;
        if found[table as usize].replace(at).is_some() {
            return Err(CourtTablesFault::TableTwice { place, file: table.file_name() });
        }
    }
    let mut members = [0; 3];
    for table in Table::ALL {
        members[table as usize] = found[table as usize].ok_or_else(|| missing(&place, table))?;
    }
    Ok(Place::Archive { archive: Box::new(archive), place, members, lengths, count_note })
}

fn missing(place: &str, table: Table) -> CourtTablesFault {
    CourtTablesFault::TableMissing { place: place.to_owned(), file: table.file_name() }
}

/// What the first bytes of a file say when it is no table, with what to do about it.
pub(super) fn something_else(first_row: &[u8], nul_count: usize) -> Option<(&'static str, &'static str)> {
    const UNPACK: &str = "unpack it first";
    const EXPORT: &str = "export the table as text parted by tabs";
    let signs: [(&[u8], &str, &str); 9] = [
        (b"PK\x03\x04", "a zip or a spreadsheet", EXPORT),
        (b"\x1F\x8B", "a gzip archive", UNPACK),
        (b"7z\xBC\xAF", "a 7-Zip archive", UNPACK),
        (b"%PDF", "a PDF", EXPORT),
        (b"SQLite format 3", "a database", EXPORT),
        (b"\xD0\xCF\x11\xE0", "an old spreadsheet or document", EXPORT),
        (b"\xFF\xFE", "text in UTF-16", "save it as UTF-8 or windows-1252"),
        (b"\xFE\xFF", "text in UTF-16", "save it as UTF-8 or windows-1252"),
        (b"PAR1", "a Parquet file", EXPORT),
    ];
    let begins = |sign: &[u8]| first_row.starts_with(sign);
    if let Some((_, looks_like, advice)) = signs.iter().find(|(sign, ..)| begins(sign)) {
        return Some((looks_like, advice));
    }
    let start = first_row.trim_ascii_start();
    if start.starts_with(b"<") {
        return Some(("a web page", "fetch the file itself, not the page about it"));
    }
    if start.starts_with(b"{") || start.starts_with(b"[") {
        return Some(("JSON", EXPORT));
    }
    if nul_count > first_row.len() / 4 && nul_count > 0 {
        return Some(("text in UTF-16 or a binary file", "save it as UTF-8 or windows-1252"));
    }
    let odd = first_row.iter().filter(|b| b.is_ascii_control() && !matches!(b, b'\t' | b'\r')).count();
    (odd > 0).then_some(("a binary file", EXPORT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_unpacked_up_to_its_bounds_and_not_beyond() {
        for (unpacked, packed, is_good) in [
            (0, 0, true),
            (UNPACKED_BYTES_FREE, 1, true),
            (UNPACKED_BYTES_FREE + 1, 1, false),
            (UNPACKED_BYTES_MAX, UNPACKED_BYTES_MAX / UNPACKED_TIMES_MAX, true),
            (UNPACKED_BYTES_MAX, UNPACKED_BYTES_MAX / UNPACKED_TIMES_MAX - 1, false),
            (UNPACKED_BYTES_MAX + 1, UNPACKED_BYTES_MAX, false),
            (u64::MAX, u64::MAX, false),
        ] {
            assert_eq!(too_much(unpacked, packed).is_none(), is_good, "{unpacked} from {packed}");
        }
    }

    #[test]
    fn a_member_that_unpacks_to_more_than_it_said_is_not_read_on() {
        let mut member = Bounded { member: &b"eight by"[..], left: 7 };
        let mut bytes = Vec::new();
        assert_eq!(member.read_to_end(&mut bytes).unwrap_err().kind(), io::ErrorKind::InvalidData);
        let mut whole = Bounded { member: &b"eight by"[..], left: 8 };
        assert_eq!(whole.read_to_end(&mut bytes).unwrap(), 8);
    }
}
