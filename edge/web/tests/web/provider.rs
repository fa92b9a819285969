//! An identity provider on loopback, over TLS, with keys made for one test: it describes itself, shows its keys, has a page
//! where a person signs in, and gives tokens for codes. What a token says is up to the test. Certified providers are tried
//! by hand.

use crate::authenticator::base64url;
use crate::certificate::for_localhost;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use caseline_web::staff::OpenidSettings;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

pub struct Provider {
    pub issuer: String,
    pub ca_file: PathBuf,
    pub shown: Arc<Mutex<Shown>>,
}

/// What it answers.
#[derive(Default)]
pub struct Shown {
    /// Its keys, as it shows them.
    pub keys: Vec<Value>,
    /// Codes that are good: the challenge, the redirect address, the token.
    pub codes: BTreeMap<String, (String, String, String)>,
    /// What stands in its description instead.
    pub instead: Vec<(&'static str, Value)>,
    /// Paths that were asked for, with what came in forms.
    pub asked: Vec<(String, String)>,
    /// What stood in `Authorization`, where something did.
    pub authorized: Vec<String>,
    /// A path that leads to the same page somewhere else, on the same host.
    pub moved: Option<&'static str>,
    /// Who signs in at its own page: the token for what was asked.
    pub signs_in: Option<SignsIn>,
}

/// The access token that it gives beside the ID token; nobody here wants it.
pub const ACCESS_TOKEN: &str = "made-up-access-token";

pub type SignsIn = Box<dyn Fn(&BTreeMap<String, String>) -> String + Send>;

/// A key of the provider.
#[derive(Clone)]
pub struct Key {
    pair: Arc<Pair>,
    pub name: &'static str,
}

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Key {
    pub fn new(name: &'static str) -> Self {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).unwrap();
        Self { pair: Arc::new(Pair::Ecdsa(pair)), name }
    }

    pub fn rsa(name: &'static str) -> Self {
        Self { pair: Arc::new(Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())), name }
    }

    pub fn ed25519(name: &'static str) -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self { pair: Arc::new(Pair::Ed25519(Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap())), name }
    }

    /// What it signs with, as a token's header names it.
    pub fn algorithm(&self) -> &'static str {
        match &*self.pair {
            Pair::Ecdsa(_) => "ES256",
            Pair::Rsa(_) => "RS256",
            Pair::Ed25519(_) => "EdDSA",
        }
    }

    /// As the provider shows it (RFC 7517, RFC 8037).
    pub fn shown(&self) -> Value {
        let mut shown = match &*self.pair {
            Pair::Ecdsa(pair) => {
                let point = pair.public_key().as_ref();
                json!({ "kty": "EC", "crv": "P-256", "x": base64url(&point[1..33]), "y": base64url(&point[33..65]) })
            }
            Pair::Rsa(pair) => {
                // RFC 8017, A.1.1: a sequence of two numbers; 2,048 bits behind a zero, and 65,537.
                let numbers = pair.public_key().as_ref();
                assert_eq!(numbers.len(), 270);
                json!({ "kty": "RSA", "n": base64url(&numbers[9..265]), "e": base64url(&numbers[267..]) })
            }
            Pair::Ed25519(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url(pair.public_key().as_ref()) })
            }
        };
        for (name, value) in [("use", "sig"), ("alg", self.algorithm()), ("kid", self.name)] {
            shown[name] = json!(value);
        }
        shown
    }

    pub fn token(&self, claims: &Value) -> String {
        self.token_as(self.algorithm(), self.name, claims)
    }

    /// A token whose header names another algorithm or key than it was signed with.
    pub fn token_as(&self, algorithm: &str, name: &str, claims: &Value) -> String {
        let header = json!({ "alg": algorithm, "kid": name, "typ": "JWT" });
        let signed = format!("{}.{}", part(&header), part(claims));
        let signature = match &*self.pair {
            Pair::Ecdsa(pair) => pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap().as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
                signature
            }
            Pair::Ed25519(pair) => pair.sign(signed.as_bytes()).as_ref().to_vec(),
        };
        format!("{signed}.{}", base64url(&signature))
    }
}

pub fn part(value: &Value) -> String {
    base64url(value.to_string().as_bytes())
}

impl Provider {
    /// Starts it, on `localhost`; it ends with the test's runtime.
    pub async fn start(key: &Key) -> Self {
        let made = for_localhost();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let ca_file = std::env::temp_dir().join(format!("caseline-provider-{}-{port}.pem", std::process::id()));
        std::fs::write(&ca_file, &made.certificate_pem).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from(made.der)],
                PrivateKeyDer::from_pem_slice(made.key_pem.as_bytes()).unwrap(),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let issuer = format!("https://localhost:{port}");
        let shown = Arc::new(Mutex::new(Shown { keys: vec![key.shown()], ..Shown::default() }));
        let (state, at) = (Arc::clone(&shown), issuer.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, state, at) = (acceptor.clone(), Arc::clone(&state), at.clone());
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let mut stream = BufReader::new(stream);
                    let (mut first, mut length) = (String::new(), 0);
                    stream.read_line(&mut first).await.unwrap();
                    loop {
                        let mut row = String::new();
                        stream.read_line(&mut row).await.unwrap();
                        if row.trim().is_empty() {
                            break;
                        }
                        if let Some(value) = row.to_lowercase().strip_prefix("content-length:") {
                            length = value.trim().parse().unwrap();
                        }
                        if row.to_lowercase().starts_with("authorization:") {
                            state.lock().unwrap().authorized.push(row.trim()["authorization:".len()..].trim().into());
                        }
                    }
                    let mut body = vec![0; length];
                    stream.read_exact(&mut body).await.unwrap();
                    let path = first.split(' ').nth(1).unwrap().to_owned();
                    let (status, kind, answer) = answer(&state, &at, &path, &String::from_utf8(body).unwrap());
                    let answer = format!(
                        "HTTP/1.1 {status}\r\n{kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
                        answer.len()
                    );
                    stream.write_all(answer.as_bytes()).await.unwrap();
                    let _ = stream.shutdown().await;
                });
            }
        });
        Self { issuer, ca_file, shown }
    }

    pub fn settings(&self) -> OpenidSettings {
        OpenidSettings {
            issuer: self.issuer.clone(),
            client_id: "desk".into(),
            client_secret: None,
            hosts: Vec::new(),
            ca_file: self.ca_file.clone(),
            acr: vec!["phr".into()],
            amr: Vec::new(),
        }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.ca_file);
    }
}

const JSON: &str = "content-type: application/json";
const PAGE: &str = "content-type: text/html; charset=utf-8";
/// Where a page that has moved is.
const ELSEWHERE: &str = "/elsewhere";

/// Status, a header, and what stands in the answer.
fn answer(state: &Mutex<Shown>, issuer: &str, path: &str, form: &str) -> (&'static str, String, String) {
    let mut shown = state.lock().unwrap();
    shown.asked.push((path.to_owned(), form.to_owned()));
    if shown.moved == Some(path) {
        return ("302 Found", format!("location: {issuer}{ELSEWHERE}{path}"), String::new());
    }
    match path.split_once('?') {
        Some(("/authorize", asked)) => {
            let page = format!(
                "<!doctype html><html lang=\"en\"><title>Made-up provider</title><h1>Made-up provider</h1><form \
                 method=\"get\" action=\"/signed-in\"><input type=\"hidden\" name=\"asked\" value=\"{}\"><button>Sign \
                 in there</button></form></html>",
                asked.replace('&', "&amp;").replace('"', "&quot;")
            );
            return ("200 OK", PAGE.to_owned(), page);
        }
        Some(("/signed-in", sent)) => {
            let asked = fields(&fields(sent)["asked"]);
            let Some(token) = shown.signs_in.as_ref().map(|signs_in| signs_in(&asked)) else {
                return ("403 Forbidden", PAGE.to_owned(), String::new());
            };
            let (challenge, redirect) = (asked["code_challenge"].clone(), asked["redirect_uri"].clone());
            let to = format!("{redirect}?state={}&code=from-the-page", asked["state"]);
            shown.codes.insert("from-the-page".to_owned(), (challenge, redirect, token));
            return ("303 See Other", format!("location: {to}"), String::new());
        }
        _ => {}
    }
    let (status, text) = described(&mut shown, issuer, path.strip_prefix(ELSEWHERE).unwrap_or(path), form);
    (status, JSON.to_owned(), text)
}

/// What the program asks for.
fn described(shown: &mut Shown, issuer: &str, path: &str, form: &str) -> (&'static str, String) {
    match path {
        "/.well-known/openid-configuration" => {
            let mut description = json!({
                "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
                "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
            });
            for (name, value) in &shown.instead {
                description[*name] = value.clone();
            }
            ("200 OK", description.to_string())
        }
        "/keys" => ("200 OK", json!({ "keys": shown.keys }).to_string()),
        "/token" => {
            let fields = fields(form);
            let code = shown.codes.remove(fields.get("code").map_or("", String::as_str));
            let challenge = base64url(&Sha256::digest(fields.get("code_verifier").map_or("", String::as_str)));
            match code {
                Some((asked, redirect, token))
                    if asked == challenge && Some(&redirect) == fields.get("redirect_uri") =>
                {
                    (
                        "200 OK",
                        json!({ "token_type": "Bearer", "access_token": ACCESS_TOKEN, "id_token": token }).to_string(),
                    )
                }
                _ => ("400 Bad Request", json!({ "error": "invalid_grant" }).to_string()),
            }
        }
        _ => ("404 Not Found", String::new()),
    }
}

/// The fields of a form or of an address.
pub fn fields(text: &str) -> BTreeMap<String, String> {
    let plain = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let Some((first, after)) = rest.split_first() {
            rest = after;
            match first {
                b'%' => {
                    bytes.push(u8::from_str_radix(std::str::from_utf8(&after[..2]).unwrap(), 16).unwrap());
                    rest = &after[2..];
                }
                b'+' => bytes.push(b' '),
                other => bytes.push(*other),
            }
        }
        String::from_utf8(bytes).unwrap()
    };
    text.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (plain(name), plain(value))).collect()
}
