//! A key as a person can type it from paper: Bech32 (BIP 173, which `age` uses for its own keys) in groups of four
//! characters, each with a fifth that checks it, so that a wrong character is found and its group is named.
//! Printing and asking are left to `recovery`.

use zeroize::Zeroizing;

/// Bech32's characters: no 1, b, i or o, which look like others.
const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
const CHECKSUM_LENGTH: usize = 6;
/// 32 bytes in parts of five bits, and the checksum.
const LENGTH: usize = 52 + CHECKSUM_LENGTH;
/// Characters of the key in a group.
const GROUP: usize = 4;
/// Groups of one key.
pub(super) const GROUPS: usize = LENGTH.div_ceil(GROUP);
/// x⁵ + x² + 1: multiplication in the field of 32 elements.
const FIELD: u8 = 0b10_0101;

/// Which key of the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// Opens the key ring.
    Root,
    /// Opens encrypted backups.
    Backup,
}

/// Why a group is not the one that was printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GroupFault {
    /// It has so many characters, and should have others.
    Length {
        /// How many it should have.
        wanted: usize,
    },
    /// A character that no key has.
    Character,
    /// One character is wrong, two changed places, or it is another group.
    Check,
}

impl Key {
    /// Both, as they stand on the sheet.
    pub(super) const ALL: [Self; 2] = [Self::Root, Self::Backup];

    /// As the sheet calls it.
    pub(super) const fn letter(self) -> char {
        match self {
            Self::Root => 'A',
            Self::Backup => 'B',
        }
    }

    /// What stands before the characters: that of `age` for its own keys.
    const fn head(self) -> &'static str {
        match self {
            Self::Root => "caseline-root-",
            Self::Backup => "age-secret-key-",
        }
    }

    const fn number(self) -> u8 {
        match self {
            Self::Root => 0,
            Self::Backup => 16,
        }
    }
}

/// The groups of a key, in capitals.
pub(super) fn groups_of(key: Key, bytes: &[u8; 32]) -> Vec<Zeroizing<String>> {
    let text = characters(key, bytes);
    let group = |(n, part): (usize, &[u8])| {
        let mut group: Zeroizing<String> = Zeroizing::new(part.iter().map(|value| letter(*value)).collect());
        group.push(letter(check(key, n, part)));
        group
    };
    text.chunks(GROUP).enumerate().map(group).collect()
}

/// The characters of one typed group, if it is the `n`th of the key, from 0.
pub(super) fn read_group(key: Key, n: usize, typed: &str) -> Result<Zeroizing<Vec<u8>>, GroupFault> {
    let wanted = (LENGTH - n * GROUP).min(GROUP) + 1;
    if typed.chars().count() != wanted {
        return Err(GroupFault::Length { wanted });
    }
    let values: Option<Vec<u8>> = typed.chars().map(value).collect();
    let mut values = Zeroizing::new(values.ok_or(GroupFault::Character)?);
    let last = values.pop();
    if last != Some(check(key, n, &values)) {
        return Err(GroupFault::Check);
    }
    Ok(values)
}

/// The key of all its groups' characters; `None` when they do not belong together.
pub(super) fn key_of(key: Key, values: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let (data, _) = values.split_at_checked(LENGTH - CHECKSUM_LENGTH)?;
    if values.len() != LENGTH || polymod(expanded(key).chain(values.iter().copied())) != 1 {
        return None;
    }
    let mut bytes = Zeroizing::new([0; 32]);
    let (mut kept, mut bits, mut at) = (0_u32, 0, 0);
    for value in data {
        kept = (kept << 5 | u32::from(*value)) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            *bytes.get_mut(at)? = (kept >> bits) as u8;
            at += 1;
        }
    }
    // Four bits are over, and none of them is set.
    (at == 32 && kept & ((1 << bits) - 1) == 0).then_some(bytes)
}

/// The private key of `age` as `age` writes it.
pub(super) fn identity_of(bytes: &[u8; 32]) -> Zeroizing<String> {
    let characters = characters(Key::Backup, bytes);
    let head = Key::Backup.head().to_ascii_uppercase();
    Zeroizing::new(head + "1" + &characters.iter().map(|value| letter(*value)).collect::<String>())
}

/// The bytes of a private key of `age`.
pub(super) fn bytes_of_identity(identity: &str) -> Option<Zeroizing<[u8; 32]>> {
    let head = Key::Backup.head().to_ascii_uppercase() + "1";
    let values: Option<Vec<u8>> = identity.trim().strip_prefix(&head)?.chars().map(value).collect();
    key_of(Key::Backup, &Zeroizing::new(values?))
}

fn characters(key: Key, bytes: &[u8; 32]) -> Zeroizing<Vec<u8>> {
    let mut values = Zeroizing::new(Vec::with_capacity(LENGTH));
    let (mut kept, mut bits) = (0_u32, 0);
    for byte in bytes {
        kept = (kept << 8 | u32::from(*byte)) & 0xfff;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            values.push((kept >> bits & 31) as u8);
        }
    }
    values.push((kept << (5 - bits) & 31) as u8);
    let sum = polymod(expanded(key).chain(values.iter().copied()).chain([0; CHECKSUM_LENGTH])) ^ 1;
    values.extend((0..CHECKSUM_LENGTH).map(|n| (sum >> (5 * (CHECKSUM_LENGTH - 1 - n)) & 31) as u8));
    values
}

fn expanded(key: Key) -> impl Iterator<Item = u8> {
    let head = key.head().bytes();
    head.clone().map(|byte| byte >> 5).chain([0]).chain(head.map(|byte| byte & 31))
}

fn polymod(values: impl Iterator<Item = u8>) -> u32 {
    values.fold(1, |sum: u32, value| {
        let top = sum >> 25;
        let shifted = (sum & 0x1ff_ffff) << 5 ^ u32::from(value);
        (0..5).filter(|n| top >> n & 1 == 1).fold(shifted, |sum, n| sum ^ GENERATOR[n])
    })
}

/// The checking character: each character weighs differently, so that a wrong one and two that changed places show; and so
/// do the key and the place of the group.
fn check(key: Key, n: usize, values: &[u8]) -> u8 {
    let place = key.number() ^ (n % GROUPS) as u8;
    let weigh = |(sum, weight): (u8, u8), value: &u8| (sum ^ times(weight, *value), times(weight, 2));
    values.iter().fold((place, 2), weigh).0
}

fn times(left: u8, right: u8) -> u8 {
    let doubled = |value: u8| if value & 16 == 0 { value << 1 } else { value << 1 ^ FIELD };
    let (mut sum, mut left) = (0, left);
    for bit in 0..5 {
        if right >> bit & 1 == 1 {
            sum ^= left;
        }
        left = doubled(left);
    }
    sum & 31
}

fn letter(value: u8) -> char {
    char::from(ALPHABET[usize::from(value & 31)].to_ascii_uppercase())
}

/// What was typed, with what is easily taken for another character.
fn value(typed: char) -> Option<u8> {
    let typed = match typed.to_ascii_lowercase() {
        'o' => '0',
        'i' | '1' => 'l',
        'b' => '8',
        other => other,
    };
    ALPHABET.iter().position(|letter| char::from(*letter) == typed).and_then(|at| u8::try_from(at).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made_up(seed: u8) -> [u8; 32] {
        std::array::from_fn(|n| (n as u8).wrapping_mul(37).wrapping_add(seed))
    }

    #[test]
    fn a_key_reads_back_from_its_groups_whatever_is_easily_mistaken() {
        for key in Key::ALL {
            for seed in [0, 1, 255] {
                let groups = groups_of(key, &made_up(seed));
                assert_eq!(groups.len(), GROUPS);
                let mut values = Vec::new();
                for (n, group) in groups.iter().enumerate() {
                    let typed = group.replace('0', "o").replace('L', "1").to_lowercase();
                    values.extend_from_slice(&read_group(key, n, &typed).unwrap());
                }
                assert_eq!(*key_of(key, &values).unwrap(), made_up(seed));
            }
        }
    }

    #[test]
    fn every_wrong_character_every_swap_and_every_group_in_another_place_is_found() {
        let groups = groups_of(Key::Root, &made_up(7));
        for (n, group) in groups.iter().enumerate() {
            let typed: Vec<char> = group.chars().collect();
            for at in 0..typed.len() {
                for other in ALPHABET.iter().map(|letter| char::from(letter.to_ascii_uppercase())) {
                    let mut wrong = typed.clone();
                    wrong[at] = other;
                    let read = read_group(Key::Root, n, &wrong.iter().collect::<String>());
                    assert_eq!(read.is_ok(), other == typed[at], "group {n}, place {at}");
                }
                if at > 0 && typed[at] != typed[at - 1] {
                    let mut swapped = typed.clone();
                    swapped.swap(at, at - 1);
                    let read = read_group(Key::Root, n, &swapped.iter().collect::<String>());
                    assert_eq!(read, Err(GroupFault::Check), "group {n}, place {at}");
                }
            }
            for elsewhere in (0..GROUPS).filter(|place| *place != n) {
                assert!(read_group(Key::Root, elsewhere, group).is_err(), "group {n} at {elsewhere}");
            }
            assert!(read_group(Key::Backup, n, group).is_err(), "group {n} of the other key");
        }
        assert_eq!(read_group(Key::Root, 0, "QQQQ"), Err(GroupFault::Length { wanted: 5 }));
        assert_eq!(read_group(Key::Root, 0, "QQ+QQ"), Err(GroupFault::Character));
    }

    #[test]
    fn the_backup_key_is_written_as_age_writes_it() {
        // Made with `age-keygen` for this test alone.
        let identity = "AGE-SECRET-KEY-1EXAMPLE";
        assert!(bytes_of_identity(identity).is_none());
        let bytes = made_up(3);
        let identity = identity_of(&bytes);
        assert_eq!(identity.len(), "AGE-SECRET-KEY-1".len() + LENGTH);
        assert_eq!(*bytes_of_identity(&identity).unwrap(), bytes);
        let recipient = caseline_store::backup::recipient_of(&identity).unwrap();
        assert!(caseline_store::backup::is_recipient(&recipient), "age itself takes it: {recipient}");
    }
}
