//! Several files as one stream: POSIX ustar (IEEE 1003.1, pax, "ustar Interchange Format"), plain files only, so that what
//! `age` opens can be unpacked with `tar` where there is no Caseline.
//! Encrypting the stream is left to `sealed`. Anybody can encrypt to a public key: what is read here is not trusted.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

const BLOCK: usize = 512;
/// The longest name that a header holds without extensions.
const NAME_BYTES_MAX: usize = 100;
/// As many files are taken from a parcel: the tiles of a public log of many years.
const FILES_MAX: usize = 1 << 20;
/// As large may a parcel be: 1 TiB.
const PARCEL_BYTES_MAX: u64 = 1 << 40;
/// Larger sizes do not fit into eleven octal digits; they are written as GNU tar does, in base 256.
const OCTAL_MAX: u64 = 0o77_777_777_777;
const IN_BASE_256: u8 = 0x80;

const NAME: std::ops::Range<usize> = 0..100;
const SIZE: std::ops::Range<usize> = 124..136;
const CHECKSUM: std::ops::Range<usize> = 148..156;
const KIND: usize = 156;
const MAGIC: std::ops::Range<usize> = 257..265;
const USTAR: &[u8; 8] = b"ustar\x0000";

/// Writes files under their names, and the end.
pub(super) fn write(out: &mut dyn Write, files: &[(String, std::path::PathBuf)]) -> std::io::Result<()> {
    for (name, path) in files {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        out.write_all(&header(name, size)?)?;
        let copied = std::io::copy(&mut Read::take(&mut file, size), out)?;
        if copied != size {
            return Err(Error::other("a file grew shorter while it was read"));
        }
        out.write_all(&[0; BLOCK][..padding(size)])?;
    }
    out.write_all(&[0; 2 * BLOCK])
}

/// Unpacks a parcel below a folder: plain files alone, only where `is_wanted` says so, none twice, none over another. How
/// many files. What is cut off in the middle is an error, as is a name that leads elsewhere.
pub(super) fn read(from: &mut dyn Read, into: &Path, is_wanted: fn(&str) -> bool) -> std::io::Result<usize> {
    let (mut files, mut bytes) = (0, 0_u64);
    loop {
        let mut head = [0; BLOCK];
        from.read_exact(&mut head)?;
        if head == [0; BLOCK] {
            return Ok(files);
        }
        let (name, size) = parse(&head).ok_or_else(|| wrong("a header is damaged"))?;
        if !is_plain(name) || !is_wanted(name) {
            return Err(wrong("it holds a file that belongs into no backup"));
        }
        files += 1;
        bytes = bytes.saturating_add(size);
        if files > FILES_MAX || bytes > PARCEL_BYTES_MAX {
            return Err(wrong("it is larger than any backup"));
        }
        let path = into.join(name);
        let folder = path.parent().unwrap_or(into);
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(&path)?;
        let copied = std::io::copy(&mut Read::take(&mut *from, size), &mut file)?;
        if copied != size {
            return Err(Error::from(ErrorKind::UnexpectedEof));
        }
        file.sync_all()?;
        from.read_exact(&mut [0; BLOCK][..padding(size)])?;
    }
}

fn header(name: &str, size: u64) -> std::io::Result<[u8; BLOCK]> {
    if name.len() > NAME_BYTES_MAX || !is_plain(name) {
        return Err(wrong("a file has a name that a backup cannot hold"));
    }
    let mut head = [0; BLOCK];
    head[NAME][..name.len()].copy_from_slice(name.as_bytes());
    for (at, text) in [(100, "0000600\0"), (108, "0000000\0"), (116, "0000000\0"), (136, "00000000000\0")] {
        head[at..at + text.len()].copy_from_slice(text.as_bytes());
    }
    if size > OCTAL_MAX {
        head[SIZE.start] = IN_BASE_256;
        head[SIZE.end - 8..SIZE.end].copy_from_slice(&size.to_be_bytes());
    } else {
        head[SIZE].copy_from_slice(format!("{size:011o}\0").as_bytes());
    }
    head[KIND] = b'0';
    head[MAGIC].copy_from_slice(USTAR);
    let sum = checksum(&head);
    head[CHECKSUM].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Ok(head)
}

/// Name and size of a plain file.
fn parse(head: &[u8; BLOCK]) -> Option<(&str, u64)> {
    let kept = octal(&head[CHECKSUM])?;
    if kept != u64::from(checksum(head)) || head[KIND] != b'0' || head[MAGIC] != USTAR[..] {
        return None;
    }
    let name = &head[NAME];
    let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
    let size = if head[SIZE.start] == IN_BASE_256 {
        u64::from_be_bytes(*head[SIZE].last_chunk::<8>()?)
    } else {
        octal(&head[SIZE])?
    };
    Some((std::str::from_utf8(&name[..end]).ok()?, size))
}

/// The sum of all bytes, with spaces in the place of the sum itself.
fn checksum(head: &[u8; BLOCK]) -> u32 {
    let byte = |(at, byte): (usize, &u8)| if CHECKSUM.contains(&at) { 0x20 } else { u32::from(*byte) };
    head.iter().enumerate().map(byte).sum()
}

fn octal(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(field).ok()?;
    u64::from_str_radix(text.trim_matches(['\0', ' ']), 8).ok()
}

/// A name below the folder: letters, digits, `.`, `_`, `-` and `/`, and no part that leads up.
fn is_plain(name: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    name.split('/').all(is_part)
}

const fn padding(size: u64) -> usize {
    // Below BLOCK.
    (BLOCK - (size % BLOCK as u64) as usize) % BLOCK
}

fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

/// Reads bytes as a parcel of which no file is wanted. A fuzz target; nothing is written.
pub(crate) fn parcels_never_panic(mut bytes: &[u8]) {
    let _ = read(&mut bytes, Path::new("/nonexistent"), |_| false);
    for block in bytes.chunks_exact(BLOCK) {
        let _ = block.first_chunk::<BLOCK>().and_then(parse);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ScratchDir;
    use proptest::prelude::*;

    fn everything(_: &str) -> bool {
        true
    }

    fn packed(dir: &Path) -> Vec<u8> {
        std::fs::create_dir_all(dir.join("log")).unwrap();
        std::fs::write(dir.join("caseline.db"), vec![7; 1_500]).unwrap();
        std::fs::write(dir.join("log/key"), b"").unwrap();
        let mut bytes = Vec::new();
        let files = ["caseline.db", "log/key"].map(|name| (name.to_owned(), dir.join(name)));
        write(&mut bytes, &files).unwrap();
        bytes
    }

    #[test]
    fn what_was_packed_is_unpacked_by_us_and_by_tar() {
        let dir = ScratchDir::new();
        let bytes = packed(&dir.path().join("from"));
        assert_eq!(read(&mut &bytes[..], &dir.path().join("to"), everything).unwrap(), 2);
        assert_eq!(std::fs::read(dir.path().join("to/caseline.db")).unwrap(), vec![7; 1_500]);
        std::fs::write(dir.path().join("set.tar"), &bytes).unwrap();
        let listed =
            std::process::Command::new("tar").args(["-tf", "set.tar"]).current_dir(dir.path()).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&listed.stdout), "caseline.db\nlog/key\n");
    }

    #[test]
    fn a_name_that_leads_elsewhere_a_link_and_a_cut_are_refused() {
        let dir = ScratchDir::new();
        let bytes = packed(&dir.path().join("from"));
        for name in ["../up", "/etc/passwd", "a/../b", "", "log//key", "a\nb"] {
            assert!(header(name, 1).is_err(), "{name}");
        }
        let mut link: [u8; BLOCK] = header("link", 0).unwrap();
        link[KIND] = b'2';
        let sum = checksum(&link);
        link[CHECKSUM].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        assert!(read(&mut &link[..], &dir.path().join("linked"), everything).is_err());
        for end in [1, 511, 513, 1_000, bytes.len() - 2 * BLOCK] {
            assert!(read(&mut &bytes[..end], &dir.path().join(format!("cut-{end}")), everything).is_err(), "{end}");
        }
        let unwanted = read(&mut &bytes[..], &dir.path().join("unwanted"), |name| name == "log/key");
        assert_eq!(unwanted.unwrap_err().kind(), ErrorKind::InvalidData);
    }

    #[test]
    fn sizes_of_any_length_read_back() {
        for size in [0, 1, OCTAL_MAX, OCTAL_MAX + 1, u64::MAX] {
            assert_eq!(parse(&header("caseline.db", size).unwrap()), Some(("caseline.db", size)));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_bytes_never_panic_and_write_nothing_outside(
            bytes in proptest::collection::vec(any::<u8>(), 0..2_000),
            flips in proptest::collection::vec((0_usize..2_048, any::<u8>()), 0..4),
        ) {
            let dir = ScratchDir::new();
            let _ = read(&mut &bytes[..], &dir.path().join("in"), everything);
            let mut whole = packed(&dir.path().join("from"));
            for (at, byte) in flips {
                whole[at] = byte;
            }
            let _ = read(&mut &whole[..], &dir.path().join("in/again"), everything);
            let names: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            prop_assert!(names.iter().all(|name| name == "in" || name == "from"), "{names:?}");
        }
    }
}
