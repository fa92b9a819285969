//! A signed head of the log as a file: C2SP tlog-checkpoint in a signed note, with Ed25519 (RFC 8032).
//! When one is written is left to `sqlite/log`.

use super::{Hash, base64};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

/// The kind of Ed25519 keys in signed notes.
const ED25519: u8 = 1;
/// A checkpoint file is a few rows.
pub const CHECKPOINT_BYTES_MAX: usize = 4_096;

/// A signed head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many entries.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// The signature row: key id and signature.
    signature: ([u8; 4], [u8; 64]),
}

/// The key that verifies checkpoints of one log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    /// The log's origin, which is the key's name.
    pub name: String,
    key: VerifyingKey,
}

/// The file is no checkpoint or key of this form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteFault {
    /// Not the rows that a checkpoint has.
    #[error("the file is no checkpoint: it has an origin, a size, a root and a signature, a row each")]
    Form,
    /// Not a verifier key.
    #[error("the file is no verifier key: name+id+key")]
    Key,
    /// Signed with another key, or changed.
    #[error("the signature of the checkpoint does not fit the log's key")]
    Signature,
}

/// The text that is signed.
pub(crate) fn body(origin: &str, size: u64, root: &Hash) -> String {
    format!("{origin}\n{size}\n{}\n", base64::encode(root))
}

impl Checkpoint {
    pub(crate) fn signed(key: &VerifierKey, size: u64, root: Hash, signature: [u8; 64]) -> Self {
        Self { origin: key.name.clone(), size, root, signature: (key.id(), signature) }
    }

    /// Reads a checkpoint file. The signature is not looked at yet.
    ///
    /// # Errors
    /// When it has another form.
    pub fn parse(text: &str) -> Result<Self, NoteFault> {
        let rows: Vec<&str> = text.split('\n').collect();
        let [origin, size, root, "", signature, ""] = rows.as_slice() else { return Err(NoteFault::Form) };
        let root = base64::decode(root).and_then(|root| root.try_into().ok()).ok_or(NoteFault::Form)?;
        let signature = signature
            .strip_prefix("\u{2014} ")
            .and_then(|row| row.strip_prefix(*origin))
            .and_then(|row| row.strip_prefix(' '))
            .and_then(base64::decode)
            .and_then(|bytes| {
                let (id, signature) = bytes.split_first_chunk::<4>()?;
                Some((*id, signature.try_into().ok()?))
            })
            .ok_or(NoteFault::Form)?;
        let parsed =
            Self { origin: (*origin).to_owned(), size: size.parse().map_err(|_| NoteFault::Form)?, root, signature };
        // One checkpoint has one text: no leading zeros, no second spelling.
        if parsed.to_text() == text { Ok(parsed) } else { Err(NoteFault::Form) }
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        let signature = [self.signature.0.as_slice(), &self.signature.1].concat();
        let body = body(&self.origin, self.size, &self.root);
        format!("{body}\n\u{2014} {} {}\n", self.origin, base64::encode(&signature))
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// When another key made it, or the text was changed.
    pub fn check(&self, key: &VerifierKey) -> Result<(), NoteFault> {
        let signed = body(&self.origin, self.size, &self.root);
        let signature = Signature::from_bytes(&self.signature.1);
        let fits = self.origin == key.name
            && self.signature.0 == key.id()
            && key.key.verify_strict(signed.as_bytes(), &signature).is_ok();
        if fits { Ok(()) } else { Err(NoteFault::Signature) }
    }
}

impl VerifierKey {
    pub(crate) const fn new(name: String, key: VerifyingKey) -> Self {
        Self { name, key }
    }

    /// Reads a key file: `name+id+key`.
    ///
    /// # Errors
    /// When it has another form, or the id does not fit.
    pub fn parse(text: &str) -> Result<Self, NoteFault> {
        // A name holds no plus sign; base64 may.
        let mut parts = text.trim_end_matches('\n').splitn(3, '+');
        let (name, key) = (parts.next(), parts.nth(1));
        let bytes = key.and_then(base64::decode).ok_or(NoteFault::Key)?;
        let key: &[u8; 32] = match bytes.as_slice() {
            [ED25519, key @ ..] => key.try_into().map_err(|_| NoteFault::Key)?,
            _ => return Err(NoteFault::Key),
        };
        let key = VerifyingKey::from_bytes(key).map_err(|_| NoteFault::Key)?;
        let parsed = Self { name: name.unwrap_or_default().to_owned(), key };
        if parsed.to_text().trim_end() == text.trim_end_matches('\n') { Ok(parsed) } else { Err(NoteFault::Key) }
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        let id: String = self.id().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}+{id}+{}\n", self.name, base64::encode(&self.typed()))
    }

    /// The first four bytes of `SHA-256(name ‖ 0x0A ‖ kind ‖ key)`.
    fn id(&self) -> [u8; 4] {
        let hash = Sha256::new().chain_update(&self.name).chain_update(b"\n").chain_update(self.typed()).finalize();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    fn typed(&self) -> [u8; 33] {
        let mut typed = [ED25519; 33];
        typed[1..].copy_from_slice(self.key.as_bytes());
        typed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer, SigningKey};
    use proptest::prelude::*;

    fn signed(seed: u8, size: u64) -> (VerifierKey, Checkpoint) {
        let signing = SigningKey::from_bytes(&[seed; 32]);
        let key = VerifierKey::new("caseline.invalid/audit/made-up".into(), signing.verifying_key());
        let root = [9; 32];
        let signature = signing.sign(body(&key.name, size, &root).as_bytes()).to_bytes();
        (key.clone(), Checkpoint::signed(&key, size, root, signature))
    }

    #[test]
    fn a_checkpoint_and_its_key_read_back() {
        let (key, checkpoint) = signed(1, 77);
        assert_eq!(VerifierKey::parse(&key.to_text()), Ok(key.clone()));
        let read = Checkpoint::parse(&checkpoint.to_text()).unwrap();
        assert_eq!(read, checkpoint);
        assert_eq!(read.check(&key), Ok(()));
        assert_eq!(read.check(&signed(2, 77).0), Err(NoteFault::Signature));
    }

    #[test]
    fn no_byte_of_a_checkpoint_can_be_changed() {
        let (key, checkpoint) = signed(1, 77);
        let text = checkpoint.to_text();
        for place in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[place] ^= 1;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            let accepted = Checkpoint::parse(&changed).is_ok_and(|read| read.check(&key).is_ok());
            assert!(!accepted, "byte {place}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = Checkpoint::parse(&text);
            let _ = VerifierKey::parse(&text);
        }
    }
}
