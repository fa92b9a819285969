//! The key behind cookies, forms and steps: what it seals, nobody else can make.
//! Keeping the key over restarts is left to the program.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use subtle::ConstantTimeEq;

/// How many bytes of a seal stand in a cookie or form: 128 bits, as ASVS 5.0 V11.3.4 asks of a MAC at least.
const SEAL_LENGTH: usize = 16;

/// What a seal is for, so that one never stands for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The cookie of a browser that looks at the pages.
    Visitor,
    /// The cookie of a contact.
    Contact,
    /// A form of the public page.
    BeginForm,
    /// A form of the chat.
    ChatForm,
    /// A step of the chat: what is answered is the question that was asked.
    Step,
    /// A form of the desk.
    StaffForm,
    /// What stands for a passkey where there is no account.
    StaffNobody,
}

/// 32 random bytes that the program keeps beside the key ring. It prints nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct PageKey([u8; 32]);

impl PageKey {
    /// A key from 32 random bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A seal of parts, as hexadecimal digits.
    pub(crate) fn seal(&self, purpose: Purpose, parts: &[&[u8]]) -> String {
        hexadecimal(&self.mac(purpose, parts))
    }

    /// Whether a text is the seal of these parts; compared in constant time.
    pub(crate) fn is_seal(&self, purpose: Purpose, parts: &[&[u8]], text: &str) -> bool {
        self.seal(purpose, parts).as_bytes().ct_eq(text.as_bytes()).into()
    }

    fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; SEAL_LENGTH] {
        let mut short = [0; SEAL_LENGTH];
        // HMAC takes keys of every length (RFC 2104 section 3), so this never fails.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return short };
        mac.update(b"caseline page key 1");
        mac.update(&[purpose as u8]);
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        let whole = mac.finalize().into_bytes();
        short.iter_mut().zip(whole.iter()).for_each(|(to, from)| *to = *from);
        short
    }
}

impl fmt::Debug for PageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PageKey")
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_holds_for_its_parts_purpose_and_key_only() {
        let key = PageKey::new([7; 32]);
        let seal = key.seal(Purpose::Contact, &[b"ab", b"c"]);
        assert_eq!(seal.len(), 2 * SEAL_LENGTH);
        assert!(key.is_seal(Purpose::Contact, &[b"ab", b"c"], &seal));
        assert!(!key.is_seal(Purpose::Contact, &[b"a", b"bc"], &seal));
        assert!(!key.is_seal(Purpose::Visitor, &[b"ab", b"c"], &seal));
        assert!(!PageKey::new([8; 32]).is_seal(Purpose::Contact, &[b"ab", b"c"], &seal));
        assert!(!key.is_seal(Purpose::Contact, &[b"ab", b"c"], ""));
    }

    #[test]
    fn the_key_never_prints() {
        assert_eq!(format!("{:?}", PageKey::new([7; 32])), "PageKey");
    }
}
