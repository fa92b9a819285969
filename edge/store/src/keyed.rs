//! Keyed hashes: HMAC-SHA-256 (RFC 2104) over parts that cannot run into each other, and their comparison in constant
//! time. Which key is used for what is left to the vault.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The HMAC of a label and parts; each part is preceded by its length, so that no two lists of parts read the same.
pub(crate) fn keyed(key: &[u8; 32], label: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length (RFC 2104)");
    mac.update(&(label.len() as u64).to_be_bytes());
    mac.update(label.as_bytes());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Whether two hashes are the same, in a time that does not depend on where they differ.
pub(crate) fn is_same(kept: &[u8], computed: &[u8]) -> bool {
    bool::from(kept.ct_eq(computed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let key = [7; 32];
        assert_ne!(keyed(&key, "a", &[b"bc", b"d"]), keyed(&key, "a", &[b"b", b"cd"]));
        assert_ne!(keyed(&key, "a", &[b"b"]), keyed(&key, "ab", &[]));
        assert!(is_same(&keyed(&key, "a", &[]), &keyed(&key, "a", &[])));
        assert!(!is_same(&[1, 2], &[1, 2, 3]));
    }
}
