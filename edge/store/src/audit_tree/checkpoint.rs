//! A signed head of the log as a file: C2SP tlog-checkpoint in a signed note, with Ed25519 (RFC 8032).
//! When one is written is left to `sqlite/log`.

use super::{Hash, base64};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// The kind of Ed25519 keys in signed notes.
const ED25519: u8 = 1;
/// A checkpoint file is a few rows; witnesses may have added signatures of their own, of nearly 5 kB each (C2SP
/// signed-note).
pub const CHECKPOINT_BYTES_MAX: usize = 128 * 1_024;
/// Signatures of a note; the specification wants at least 16 to be accepted.
const SIGNATURES_MAX: usize = 16;

/// A signed head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many entries.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// The text that is signed.
    note: String,
    /// The rows below it: the name of a key, then its id and the signature.
    signatures: Vec<(String, Vec<u8>)>,
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
        let signature = [key.id().as_slice(), &signature].concat();
        let note = body(&key.name, size, &root);
        Self { origin: key.name.clone(), size, root, note, signatures: vec![(key.name.clone(), signature)] }
    }

    /// Reads a checkpoint file. No signature is looked at yet.
    ///
    /// # Errors
    /// When it has another form.
    pub fn parse(text: &str) -> Result<Self, NoteFault> {
        if text.len() > CHECKPOINT_BYTES_MAX || text.chars().any(|c| c < ' ' && c != '\n') {
            return Err(NoteFault::Form);
        }
        // The last empty row ends the text; the newline before it belongs to the text.
        let end = text.rfind("\n\n").ok_or(NoteFault::Form)?;
        let (note, below) = (&text[..=end], &text[end + 2..]);
        let mut rows = note[..end].split('\n');
        let (Some(origin), Some(size), Some(root)) = (rows.next(), rows.next(), rows.next()) else {
            return Err(NoteFault::Form);
        };
        let root = base64::decode(root).and_then(|root| root.try_into().ok()).ok_or(NoteFault::Form)?;
        let size: u64 = size.parse().map_err(|_| NoteFault::Form)?;
        // Further rows are opaque, and none is empty (C2SP tlog-checkpoint).
        if origin.is_empty() || rows.clone().any(str::is_empty) {
            return Err(NoteFault::Form);
        }
        let signatures: Vec<(String, Vec<u8>)> =
            below.split_terminator('\n').map(signature_row).collect::<Option<_>>().ok_or(NoteFault::Form)?;
        if signatures.is_empty() || signatures.len() > SIGNATURES_MAX {
            return Err(NoteFault::Form);
        }
        let parsed = Self { origin: origin.to_owned(), size, root, note: note.to_owned(), signatures };
        // One checkpoint has one text: no leading zeros, no second spelling.
        let is_canonical = note.starts_with(&body(origin, size, &root)) && parsed.to_text() == text;
        if is_canonical { Ok(parsed) } else { Err(NoteFault::Form) }
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n", self.note);
        for (name, signature) in &self.signatures {
            text.push_str(&format!("\u{2014} {name} {}\n", base64::encode(signature)));
        }
        text
    }

    /// Checks the signature of the log. Signatures of keys that are not known here are passed over.
    ///
    /// # Errors
    /// When the log's key did not sign it, or the text was changed.
    pub fn check(&self, key: &VerifierKey) -> Result<(), NoteFault> {
        let mut own = self
            .signatures
            .iter()
            .filter(|(name, signature)| *name == key.name && signature.starts_with(&key.id()))
            .peekable();
        let is_signed = own.peek().is_some();
        let fits = is_signed && self.origin == key.name && own.all(|(_, signature)| key.fits(&self.note, signature));
        if fits { Ok(()) } else { Err(NoteFault::Signature) }
    }
}

/// A head over a size and root, signed with a key from 32 bytes, and the key that verifies it: for fuzzing and tests.
pub(crate) fn checkpoint_over(secret: [u8; 32], size: u64, root: Hash) -> (VerifierKey, Checkpoint) {
    let signing = SigningKey::from_bytes(&secret);
    let key = VerifierKey::new("caseline.invalid/audit/made-up".to_owned(), signing.verifying_key());
    let signature = signing.sign(body(&key.name, size, &root).as_bytes()).to_bytes();
    let head = Checkpoint::signed(&key, size, root, signature);
    (key, head)
}

/// The name of the key, and id and signature.
fn signature_row(row: &str) -> Option<(String, Vec<u8>)> {
    let (name, signature) = row.strip_prefix("\u{2014} ")?.split_once(' ')?;
    let signature = base64::decode(signature).filter(|signature| signature.len() > 4)?;
    let is_name = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+');
    is_name.then(|| (name.to_owned(), signature))
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

    /// Whether id and signature are this key's over a text.
    fn fits(&self, text: &str, signature: &[u8]) -> bool {
        let signature = signature.get(4..).and_then(|signature| <[u8; 64]>::try_from(signature).ok());
        signature.is_some_and(|signature| {
            self.key.verify_strict(text.as_bytes(), &Signature::from_bytes(&signature)).is_ok()
        })
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
    fn the_example_of_the_signed_note_specification_verifies() {
        let key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
        let key = VerifierKey::parse(key).unwrap();
        assert_eq!(key.to_text().trim_end(), "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
        let row = "\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=";
        let (name, signature) = signature_row(row).unwrap();
        assert_eq!((name.as_str(), &signature[..4]), ("example.com/foo", &key.id()[..]));
        assert!(key.fits("This is an example message.\n", &signature));
        assert!(!key.fits("This is an example message", &signature));
    }

    #[test]
    fn the_example_of_the_checkpoint_specification_reads_back() {
        let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
            \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
        let read = Checkpoint::parse(text).unwrap();
        assert_eq!((read.origin.as_str(), read.size), ("example.com/behind-the-sofa", 20_852_163));
        assert_eq!(read.to_text(), text);
    }

    #[test]
    fn signatures_of_others_are_passed_over_and_extension_rows_are_signed() {
        let signing = SigningKey::from_bytes(&[3; 32]);
        let key = VerifierKey::new("caseline.invalid/audit/made-up".into(), signing.verifying_key());
        let note = format!("{}extension\n", body(&key.name, 5, &[9; 32]));
        let own = [key.id().as_slice(), &signing.sign(note.as_bytes()).to_bytes()].concat();
        let text = |note: &str, others: usize| {
            let mut text = format!("{note}\n\u{2014} {} {}\n", key.name, base64::encode(&own));
            for n in 0..others {
                text.push_str(&format!("\u{2014} witness.example/{n} {}\n", base64::encode(&vec![7; 2_500])));
            }
            text
        };
        assert_eq!(Checkpoint::parse(&text(&note, 15)).unwrap().check(&key), Ok(()));
        assert_eq!(Checkpoint::parse(&text(&note, 16)), Err(NoteFault::Form), "more than are read");
        let other = note.replace("extension", "extensive");
        assert_eq!(Checkpoint::parse(&text(&other, 0)).unwrap().check(&key), Err(NoteFault::Signature));
        let empty = note.replace("extension", "");
        assert_eq!(Checkpoint::parse(&text(&empty, 0)), Err(NoteFault::Form));
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
