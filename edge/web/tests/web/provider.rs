//! An identity provider on loopback, over TLS, with keys made for one test: it describes itself, shows its keys and gives
//! tokens for codes. What a token says is up to the test. Certified providers are tried by hand.

use crate::authenticator::base64url;
use crate::certificate::for_localhost;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
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
}

/// A key of the provider.
pub struct Key {
    pair: EcdsaKeyPair,
    pub name: &'static str,
}

impl Key {
    pub fn new(name: &'static str) -> Self {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        Self { pair: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).unwrap(), name }
    }

    pub fn shown(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.name,
            "x": base64url(&point[1..33]), "y": base64url(&point[33..65]),
        })
    }

    pub fn token(&self, claims: &Value) -> String {
        let header = json!({ "alg": "ES256", "kid": self.name, "typ": "JWT" });
        let signed = format!("{}.{}", part(&header), part(claims));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", base64url(signature.as_ref()))
    }
}

pub fn part(value: &Value) -> String {
    base64url(value.to_string().as_bytes())
}

impl Provider {
    /// Starts it; it ends with the test's runtime.
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
                    }
                    let mut body = vec![0; length];
                    stream.read_exact(&mut body).await.unwrap();
                    let path = first.split(' ').nth(1).unwrap().to_owned();
                    let (status, answer) = answer(&state, &at, &path, &String::from_utf8(body).unwrap());
                    let answer = format!(
                        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: \
                         close\r\n\r\n{answer}",
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

fn answer(state: &Mutex<Shown>, issuer: &str, path: &str, form: &str) -> (&'static str, String) {
    let mut shown = state.lock().unwrap();
    shown.asked.push((path.to_owned(), form.to_owned()));
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
                    ("200 OK", json!({ "token_type": "Bearer", "access_token": "x", "id_token": token }).to_string())
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
