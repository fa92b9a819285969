//! A certificate for `localhost`, made anew for each test: no key stands in the repository.
//! DER as in ITU-T X.690, the certificate as in RFC 5280 section 4.1, signed with ECDSA on P-256 (RFC 5480, RFC 5758).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

const SEQUENCE: u8 = 0x30;
const ECDSA_WITH_SHA256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const EC_PUBLIC_KEY: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const PRIME256V1: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const COMMON_NAME: &[u8] = &[0x06, 0x03, 0x55, 0x04, 0x03];
const SUBJECT_ALT_NAME: &[u8] = &[0x06, 0x03, 0x55, 0x1d, 0x11];

pub struct MadeUpCertificate {
    pub der: Vec<u8>,
    pub certificate_pem: String,
    pub key_pem: String,
}

pub fn for_localhost() -> MadeUpCertificate {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref()).unwrap();
    let algorithm = der(SEQUENCE, &[ECDSA_WITH_SHA256]);
    let name = der(SEQUENCE, &[&der(0x31, &[&der(SEQUENCE, &[COMMON_NAME, &der(0x0c, &[b"localhost"])])])]);
    let validity = der(SEQUENCE, &[&der(0x17, &[b"200101000000Z"]), &der(0x17, &[b"491231235959Z"])]);
    let key =
        der(SEQUENCE, &[&der(SEQUENCE, &[EC_PUBLIC_KEY, PRIME256V1]), &der(0x03, &[&[0], pair.public_key().as_ref()])]);
    let names = der(SEQUENCE, &[&der(0x82, &[b"localhost"])]);
    let extension = der(SEQUENCE, &[SUBJECT_ALT_NAME, &der(0x04, &[&names])]);
    let extensions = der(0xa3, &[&der(SEQUENCE, &[&extension])]);
    let version = der(0xa0, &[&der(0x02, &[&[2]])]);
    let serial = der(0x02, &[&[1]]);
    let body = der(SEQUENCE, &[&version, &serial, &algorithm, &name, &validity, &name, &key, &extensions]);
    let signature = pair.sign(&random, &body).unwrap();
    let whole = der(SEQUENCE, &[&body, &algorithm, &der(0x03, &[&[0], signature.as_ref()])]);
    MadeUpCertificate {
        certificate_pem: pem("CERTIFICATE", &whole),
        key_pem: pem(concat!("PRIVATE", " KEY"), document.as_ref()),
        der: whole,
    }
}

fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut out = vec![tag];
    match content.len() {
        short @ 0..128 => out.push(u8::try_from(short).unwrap()),
        middle @ 128..256 => out.extend([0x81, u8::try_from(middle).unwrap()]),
        long => {
            out.push(0x82);
            out.extend(u16::try_from(long).unwrap().to_be_bytes());
        }
    }
    out.extend(content);
    out
}

fn pem(label: &str, bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let sextet = usize::try_from(bits >> (18 - 6 * place) & 63).unwrap();
            text.push(if place <= three.len() { char::from(LETTERS[sextet]) } else { '=' });
        }
    }
    let rows: Vec<&str> = text.as_bytes().chunks(64).map(|row| std::str::from_utf8(row).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", rows.join("\n"))
}
