//! A device with a passkey, in process: it makes one and shows it as Web Authentication Level 3 writes it down, and can do
//! it wrongly where a test wants that. A real browser is in the program's own tests.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// User present, user verified (6.1).
const VERIFIED: u8 = 0b101;
/// With attested credential data.
const ATTESTED: u8 = 0b100_0000;

pub struct Device {
    pair: EcdsaKeyPair,
    pub id: Vec<u8>,
    /// The site at which it believes to be.
    pub origin: String,
    /// Whether it recognises its holder.
    pub verifies: bool,
    use_count: u32,
}

impl Device {
    pub fn new(id: u8) -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref()).unwrap();
        Self { pair, id: vec![id; 32], origin: "http://localhost:8080".into(), verifies: true, use_count: 0 }
    }

    /// A device with the same key, such as a copy of it.
    pub fn used(&mut self, use_count: u32) {
        self.use_count = use_count;
    }

    /// Makes its passkey.
    pub fn make(&mut self, options: &str) -> String {
        let asked: Value = serde_json::from_str(options).unwrap();
        let public = self.pair.public_key().as_ref();
        // COSE key of ES256 (RFC 9053, 7.1.1): {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
        let key = [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32], &public[1..33], &[0x22, 0x58, 32], &public[33..65]]
            .concat();
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let attested = [&[0; 16][..], &length, &self.id, &key].concat();
        let data = [self.data(asked["rp"]["id"].as_str().unwrap(), ATTESTED), attested].concat();
        // {"fmt": "none", "attStmt": {}, "authData": bytes}
        let size = u16::try_from(data.len()).unwrap().to_be_bytes();
        let object = [&b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59"[..], &size, &data].concat();
        let client = self.client_data("webauthn.create", &asked);
        self.answer(json!({ "clientDataJSON": base64url(client.as_bytes()), "attestationObject": base64url(&object) }))
    }

    /// Shows it.
    pub fn show(&mut self, options: &str) -> String {
        let asked: Value = serde_json::from_str(options).unwrap();
        self.use_count += 1;
        let data = self.data(asked["rpId"].as_str().unwrap(), 0);
        let client = self.client_data("webauthn.get", &asked);
        let signed = [data.as_slice(), &Sha256::digest(&client)].concat();
        let signature = self.pair.sign(&SystemRandom::new(), &signed).unwrap();
        self.answer(json!({
            "clientDataJSON": base64url(client.as_bytes()), "authenticatorData": base64url(&data),
            "signature": base64url(signature.as_ref()), "userHandle": base64url(&[7; 16]),
        }))
    }

    fn answer(&self, response: Value) -> String {
        let id = base64url(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "extensions": {}, "response": response }).to_string()
    }

    fn client_data(&self, kind: &str, asked: &Value) -> String {
        json!({ "type": kind, "challenge": asked["challenge"], "origin": self.origin, "crossOrigin": false })
            .to_string()
    }

    fn data(&self, party: &str, flags: u8) -> Vec<u8> {
        let flags = flags | if self.verifies { VERIFIED } else { 1 };
        [&Sha256::digest(party)[..], &[flags], &self.use_count.to_be_bytes()].concat()
    }
}

/// RFC 4648, 5, without padding.
pub fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..=three.len() {
            text.push(char::from(LETTERS[usize::try_from(bits >> (18 - 6 * place) & 63).unwrap()]));
        }
    }
    text
}
