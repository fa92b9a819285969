//! The kernel's messages to a file system in user space, as Linux has them in `include/uapi/linux/fuse.h` (protocol 7.31):
//! what is asked, and the bytes of answers.
//! What is answered is left to `answering`.

use super::image::About;

/// The version that is spoken.
pub const VERSION: (u32, u32) = (7, 31);
/// Bytes of one write, at the most.
pub const WRITE_BYTES_MAX: u32 = 128 << 10;
/// Room for one message: a write and its heads.
pub const MESSAGE_BYTES_MAX: usize = WRITE_BYTES_MAX as usize + 4_096;
/// How long the kernel may believe an answer: nobody else changes this disk.
const VALID_SECONDS: u64 = 3_600;
/// The page cache stays when a file is opened again.
const KEEP_CACHE: u32 = 1 << 1;
/// Writes of more than a page; a number of pages in one message.
const WANTED: u32 = 1 << 5 | 1 << 22;
/// Blocks that the disk says are free: fewer than a ballast file of the usual size wants.
const BLOCKS_FREE: u64 = 24_000;
/// Bytes of a block.
const BLOCK: u32 = 4_096;
const HEAD_BYTES: usize = 40;
/// `FATTR_MODE` and `FATTR_SIZE`.
const SETS_MODE: u32 = 1;
const SETS_LENGTH: u32 = 1 << 3;

/// What the kernel asks.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked<'m> {
    /// To begin.
    Init,
    /// What stands under a name.
    LookUp(&'m [u8]),
    /// Nothing: something is remembered no more. There is no answer.
    Forget,
    /// Kind, permissions, length.
    About,
    /// Other permissions, another length.
    Set { mode: Option<u32>, length: Option<u64> },
    /// A new file or folder.
    Make { name: &'m [u8], mode: u32 },
    /// A new file, opened.
    Create { name: &'m [u8], mode: u32 },
    /// A name less.
    Remove { name: &'m [u8], is_folder: bool },
    /// Another name.
    Rename { to: u64, from_name: &'m [u8], to_name: &'m [u8], only_new: bool },
    /// A file is opened, or a folder.
    Open,
    /// Bytes.
    Read { at: u64, count: usize },
    /// Other bytes.
    Write { at: u64, bytes: &'m [u8] },
    /// That all of it stays.
    Sync,
    /// Names in a folder.
    List { from: u64, count: usize },
    /// How much room there is.
    Room,
    /// It is closed; nothing is to do.
    Closed,
    /// Something that this disk does not do.
    Other,
}

/// One message.
#[derive(Debug)]
pub struct Message<'m> {
    /// To be said in the answer.
    pub unique: u64,
    /// Which file or folder.
    pub node: u64,
    /// Who asks.
    pub owner: (u32, u32),
    /// What.
    pub asked: Asked<'m>,
}

/// Reads one; `None`: it is shorter than it says.
pub fn read(bytes: &[u8]) -> Option<Message<'_>> {
    let body = bytes.get(HEAD_BYTES..)?;
    let names = |from: usize| body.get(from..).unwrap_or_default().split(|byte| *byte == 0);
    let name = |from: usize| names(from).next();
    let asked = match u32_at(bytes, 4)? {
        26 => Asked::Init,
        1 => Asked::LookUp(name(0)?),
        2 | 42 => Asked::Forget,
        3 => Asked::About,
        4 => {
            let sets = u32_at(body, 0)?;
            Asked::Set {
                mode: if sets & SETS_MODE > 0 { Some(u32_at(body, 68)?) } else { None },
                length: if sets & SETS_LENGTH > 0 { Some(u64_at(body, 16)?) } else { None },
            }
        }
        8 => Asked::Make { name: name(16)?, mode: u32_at(body, 0)? },
        9 => Asked::Make { name: name(8)?, mode: u32_at(body, 0)? | libc::S_IFDIR },
        35 => Asked::Create { name: name(16)?, mode: u32_at(body, 4)? | libc::S_IFREG },
        10 => Asked::Remove { name: name(0)?, is_folder: false },
        11 => Asked::Remove { name: name(0)?, is_folder: true },
        opcode @ (12 | 45) => {
            let (flags, from) = if opcode == 45 { (u32_at(body, 8)?, 16) } else { (0, 8) };
            let mut names = names(from);
            match flags {
                0 | 1 => Asked::Rename {
                    to: u64_at(body, 0)?,
                    from_name: names.next()?,
                    to_name: names.next()?,
                    only_new: flags == 1,
                },
                _ => Asked::Other,
            }
        }
        14 | 27 => Asked::Open,
        15 => Asked::Read { at: u64_at(body, 8)?, count: u32_at(body, 16)? as usize },
        16 => Asked::Write { at: u64_at(body, 8)?, bytes: body.get(40..40 + u32_at(body, 16)? as usize)? },
        20 | 30 => Asked::Sync,
        28 => Asked::List { from: u64_at(body, 8)?, count: u32_at(body, 16)? as usize },
        17 => Asked::Room,
        18 | 25 | 29 | 38 => Asked::Closed,
        _ => Asked::Other,
    };
    Some(Message {
        unique: u64_at(bytes, 8)?,
        node: u64_at(bytes, 16)?,
        owner: (u32_at(bytes, 24)?, u32_at(bytes, 28)?),
        asked,
    })
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_ne_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 8)?.try_into().ok().map(u64::from_ne_bytes)
}

/// The bytes of an answer, one value after the other.
#[derive(Debug, Default)]
pub struct Answer(pub Vec<u8>);

impl Answer {
    fn four(mut self, values: &[u32]) -> Self {
        self.0.extend(values.iter().flat_map(|value| value.to_ne_bytes()));
        self
    }

    fn eight(mut self, values: &[u64]) -> Self {
        self.0.extend(values.iter().flat_map(|value| value.to_ne_bytes()));
        self
    }

    /// To the first message.
    pub fn begun() -> Self {
        // Read-ahead, what is wanted; 12 requests in the background, crowded at 10; a write's bytes; times in nanoseconds;
        // pages in one message; nothing of what is newer.
        let background = 12 | 10 << 16;
        let first = Self::default().four(&[VERSION.0, VERSION.1, 128 << 10, WANTED, background, WRITE_BYTES_MAX, 1]);
        first.four(&[WRITE_BYTES_MAX / BLOCK]).four(&[0; 8])
    }

    /// What is known of a file.
    pub fn about(node: u64, about: About, length: u64) -> Self {
        Self::default().eight(&[VALID_SECONDS]).four(&[0, 0]).attributes(node, about, length)
    }

    /// What is known of what stands under a name.
    pub fn entry(node: u64, about: About, length: u64) -> Self {
        let head = Self::default().eight(&[node, 0, VALID_SECONDS, VALID_SECONDS]).four(&[0, 0]);
        head.attributes(node, about, length)
    }

    fn attributes(self, node: u64, about: About, length: u64) -> Self {
        let (owner, group) = about.owner;
        self.eight(&[node, length, length.div_ceil(512), 0, 0, 0])
            .four(&[0, 0, 0, about.mode, 1, owner, group, 0, BLOCK, 0])
    }

    /// It is open.
    pub fn opened(self) -> Self {
        self.eight(&[0]).four(&[KEEP_CACHE, 0])
    }

    /// So many bytes were written.
    pub fn written(count: usize) -> Self {
        Self::default().four(&[count as u32, 0])
    }

    /// Room, as `statvfs` has it.
    pub fn room() -> Self {
        let blocks = Self::default().eight(&[2 * BLOCKS_FREE, BLOCKS_FREE, BLOCKS_FREE, 100_000, 100_000]);
        blocks.four(&[BLOCK, 255, BLOCK, 0]).four(&[0; 6])
    }

    /// Names from this place on, as many as fit.
    pub fn names(names: &[(Vec<u8>, u64, u32)], from: u64, count: usize) -> Self {
        let mut answer = Self::default();
        for (place, (name, node, mode)) in (0_u64..).zip(names).skip(from as usize) {
            let mut row = Self::default().eight(&[*node, place + 1]).four(&[name.len() as u32, mode >> 12 & 0xf]);
            row.0.extend_from_slice(name);
            row.0.resize(row.0.len().next_multiple_of(8), 0);
            if answer.0.len() + row.0.len() > count {
                break;
            }
            answer.0.extend(row.0);
        }
        answer
    }

    /// The whole message to the kernel; an error has no bytes.
    pub fn message(unique: u64, answer: Result<Self, i32>) -> Vec<u8> {
        let (error, body) = match answer {
            Ok(answer) => (0, answer.0),
            Err(number) => (-number, Vec::new()),
        };
        let mut message = Vec::with_capacity(16 + body.len());
        message.extend(((16 + body.len()) as u32).to_ne_bytes());
        message.extend(error.to_ne_bytes());
        message.extend(unique.to_ne_bytes());
        message.extend(body);
        message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(opcode: u32, body: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend(((HEAD_BYTES + body.len()) as u32).to_ne_bytes());
        bytes.extend(opcode.to_ne_bytes());
        bytes.extend(77_u64.to_ne_bytes());
        bytes.extend(5_u64.to_ne_bytes());
        bytes.resize(HEAD_BYTES, 0);
        bytes.extend(body);
        bytes
    }

    #[test]
    fn a_message_that_is_cut_off_anywhere_is_read_without_harm() {
        let mut write = vec![0_u8; 40];
        write[8..16].copy_from_slice(&4_096_u64.to_ne_bytes());
        write[16..20].copy_from_slice(&3_u32.to_ne_bytes());
        write.extend(b"abc");
        let whole = message(16, &write);
        let read_whole = read(&whole).unwrap();
        assert_eq!((read_whole.unique, read_whole.node), (77, 5));
        assert_eq!(read_whole.asked, Asked::Write { at: 4_096, bytes: b"abc" });
        assert!((0..whole.len()).all(|end| read(&whole[..end]).is_none()));
    }

    #[test]
    fn both_names_of_a_renaming_are_read() {
        let mut body = 9_u64.to_ne_bytes().to_vec();
        body.extend(b"ring.new\0ring\0");
        let bytes = message(12, &body);
        let wanted = Asked::Rename { to: 9, from_name: b"ring.new", to_name: b"ring", only_new: false };
        assert_eq!(read(&bytes).unwrap().asked, wanted);
    }

    #[test]
    fn answers_are_as_long_as_the_kernel_wants_them() {
        let about = About { mode: libc::S_IFREG | 0o600, owner: (0, 0) };
        assert_eq!(Answer::begun().0.len(), 64);
        assert_eq!(Answer::about(1, about, 5).0.len(), 104);
        assert_eq!(Answer::entry(1, about, 5).0.len(), 128);
        assert_eq!(Answer::entry(1, about, 5).opened().0.len(), 144);
        assert_eq!(Answer::room().0.len(), 80);
        assert_eq!(Answer::message(1, Err(5)), [16, 0, 0, 0, 251, 255, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0]);
    }
}
