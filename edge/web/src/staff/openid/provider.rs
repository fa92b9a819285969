//! The identity provider of the staff: where it is found (OpenID Connect Discovery 1.0), what it is asked (authorization
//! code with PKCE, RFC 7636), and the tokens that it gives.
//! Whether a token holds is left to `token`, the way there to `outbound`.

use super::outbound::{Outbound, OutboundFault};
use super::token::{self, Expected, Named, TokenFault};
use caseline_helpline::staff::LOGIN_LASTS_MAX;
use caseline_model::{Private, Time};
use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use subtle::ConstantTimeEq;
use tokio::sync::Mutex;

/// What a provider says of itself is asked for again after so long.
const KNOWN_FOR: Duration = Duration::from_secs(3_600);

/// Keys that have changed are asked for no more often than this.
const KEYS_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// Settings of the provider.
#[derive(Clone, Debug)]
pub struct OpenidSettings {
    /// Its issuer, such as `https://id.example.org`.
    pub issuer: String,
    /// What it calls this desk.
    pub client_id: String,
    /// The secret that it shares with this desk; none: PKCE alone.
    pub client_secret: Option<Private<String>>,
    /// Hosts besides the issuer's at which its other addresses are.
    pub hosts: Vec<String>,
    /// Authorities that may certify these hosts, PEM.
    pub ca_file: PathBuf,
    /// Classes of authentication of which a token must have one.
    pub acr: Vec<String>,
    /// Methods of authentication of which a token must have one.
    pub amr: Vec<String>,
}

/// What was asked with, and must come back.
pub(super) struct Asked {
    /// Bound to the browser.
    pub(super) state: String,
    /// Bound to the token.
    pub(super) nonce: String,
    /// Bound to the code.
    pub(super) verifier: String,
    /// When the person must have shown themselves.
    pub(super) shown: Shown,
    /// The person must have shown themselves since then.
    pub(super) shown_since: Time,
}

/// When a person must have shown themselves to the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// Now: they are asked anew, whoever still sits in a login there.
    Now,
    /// Within the time that a login here lasts: no sign-in there carries somebody from one shift into the next.
    WithinAShift,
}

/// Why nobody was named.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProviderFault {
    /// No answer.
    #[error(transparent)]
    Outbound(#[from] OutboundFault),
    /// Its description of itself is not what it must be.
    #[error("the description of the identity provider has {0}")]
    Description(&'static str),
    /// It gave no token for the code.
    #[error("the identity provider gave no ID token")]
    NoToken,
    /// The token does not hold.
    #[error(transparent)]
    Token(#[from] TokenFault),
}

/// The provider.
pub(crate) struct Provider {
    settings: OpenidSettings,
    outbound: Outbound,
    back: String,
    known: Mutex<Option<Arc<Known>>>,
}

struct Known {
    description: Description,
    keys: Vec<Jwk>,
    at: Time,
}

/// What a provider says of itself.
#[derive(Deserialize)]
pub(super) struct Description {
    issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    pub(super) jwks_uri: String,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: Option<String>,
}

impl Provider {
    /// A provider that leads browsers back to one address.
    pub(crate) fn new(settings: OpenidSettings, back: String) -> Result<Self, String> {
        let host = host_of(&settings.issuer).ok_or("`issuer` is no address such as https://id.example.org")?;
        let hosts = std::iter::once(host.to_owned()).chain(settings.hosts.iter().cloned()).collect();
        let outbound = Outbound::new(hosts, &settings.ca_file)?;
        if !outbound.is_allowed(&settings.issuer) {
            return Err("`issuer` is no https address".into());
        }
        Ok(Self { settings, outbound, back, known: Mutex::new(None) })
    }

    /// Its host, as people know it.
    pub(crate) fn host(&self) -> &str {
        host_of(&self.settings.issuer).unwrap_or_default()
    }

    /// Where a browser goes to ask. `openid` is the only scope: no name, no e-mail.
    pub(super) async fn address_to_ask(&self, now: Time, asked: &Asked) -> Result<String, ProviderFault> {
        let known = self.known(now).await?;
        let challenge = base64url(&Sha256::digest(asked.verifier.as_bytes()));
        let acr = self.settings.acr.join(" ");
        let mut fields = vec![
            ("response_type", "code"),
            ("scope", "openid"),
            ("client_id", &self.settings.client_id),
            ("redirect_uri", &self.back),
            ("state", &asked.state),
            ("nonce", &asked.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        if !acr.is_empty() {
            fields.push(("acr_values", &acr));
        }
        // Core 3.1.2.1: with `max_age` the token has to say when the person showed themselves.
        let a_shift = LOGIN_LASTS_MAX.as_secs().to_string();
        match asked.shown {
            Shown::Now => fields.extend([("max_age", "0"), ("prompt", "login")]),
            Shown::WithinAShift => fields.push(("max_age", &a_shift)),
        }
        let endpoint = &known.description.authorization_endpoint;
        let joint = if endpoint.contains('?') { '&' } else { '?' };
        Ok(format!("{endpoint}{joint}{}", encoded(&fields)))
    }

    /// Whom a code names. `issuer` is what stood beside the code (RFC 9207).
    pub(super) async fn named_by(
        &self,
        now: Time,
        asked: &Asked,
        code: &str,
        issuer: Option<&str>,
    ) -> Result<Named, ProviderFault> {
        let known = self.known(now).await?;
        let is_ours = issuer.map_or(!known.description.authorization_response_iss_parameter_supported, |issuer| {
            issuer == self.settings.issuer
        });
        if !is_ours {
            return Err(TokenFault::Issuer.into());
        }
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.back),
            ("code_verifier", &asked.verifier),
        ];
        let basic = self.settings.client_secret.as_ref().map(|secret| {
            // RFC 6749, 2.3.1: each is encoded as in a form first.
            let pair = format!("{}:{}", percent(&self.settings.client_id), percent(secret.reveal()));
            base64(pair.as_bytes(), STANDARD, true)
        });
        if basic.is_none() {
            fields.push(("client_id", &self.settings.client_id));
        }
        let answer = self.outbound.post(&known.description.token_endpoint, basic, encoded(&fields)).await?;
        let token = id_token_in(&answer)?;
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce: &asked.nonce,
            acr: &self.settings.acr,
            amr: &self.settings.amr,
            shown_since: asked.shown_since,
        };
        match token::check(now, &token, &known.keys, &expected) {
            // It may have changed its keys since.
            Err(TokenFault::UnknownKey) if now.since(known.at) >= KEYS_AGAIN_AFTER => {
                *self.known.lock().await = None;
                let known = self.known(now).await?;
                Ok(token::check(now, &token, &known.keys, &expected)?)
            }
            checked => Ok(checked?),
        }
    }

    /// What it says of itself, asked for when it was not lately. Those who come at once wait for one answer.
    async fn known(&self, now: Time) -> Result<Arc<Known>, ProviderFault> {
        let mut held = self.known.lock().await;
        if let Some(known) = held.as_ref().filter(|known| now.since(known.at) < KNOWN_FOR) {
            return Ok(Arc::clone(known));
        }
        let issuer = self.settings.issuer.trim_end_matches('/');
        let found = self.outbound.get(&format!("{issuer}/.well-known/openid-configuration")).await?;
        let is_allowed = |address: &str| self.outbound.is_allowed(address);
        let description = Description::read(&found, &self.settings.issuer, &is_allowed)?;
        let keys = self.outbound.get(&description.jwks_uri).await?;
        let keys = token::keys(&keys).ok_or(ProviderFault::Description("no keys"))?;
        let known = Arc::new(Known { description, keys, at: now });
        *held = Some(Arc::clone(&known));
        Ok(known)
    }
}

impl Description {
    /// Reads what a provider says: it must name itself as it is called here, and addresses that are allowed.
    pub(super) fn read(json: &[u8], issuer: &str, is_allowed: &dyn Fn(&str) -> bool) -> Result<Self, ProviderFault> {
        let description: Self =
            serde_json::from_slice(json).map_err(|_| ProviderFault::Description("no issuer, endpoints or keys"))?;
        if description.issuer != issuer {
            return Err(ProviderFault::Description("another issuer than `[openid] issuer`"));
        }
        let addresses = [&description.authorization_endpoint, &description.token_endpoint, &description.jwks_uri];
        if !addresses.iter().all(|address| is_allowed(address)) {
            return Err(ProviderFault::Description("an address at a host that `[openid] hosts` does not name"));
        }
        Ok(description)
    }
}

/// The token in what a provider gives for a code.
pub(super) fn id_token_in(answer: &[u8]) -> Result<String, ProviderFault> {
    let tokens: Tokens = serde_json::from_slice(answer).map_err(|_| ProviderFault::NoToken)?;
    tokens.id_token.ok_or(ProviderFault::NoToken)
}

impl Asked {
    /// From random bits that the caller hands in: 128 for each of state and nonce, 256 for the verifier.
    pub(super) fn from_random(mut bits: impl FnMut() -> u128, now: Time, shown: Shown) -> Self {
        let mut text = || format!("{:032x}", bits());
        let shown_since = match shown {
            Shown::Now => now,
            Shown::WithinAShift => now.minus(LOGIN_LASTS_MAX),
        };
        Self { state: text(), nonce: text(), verifier: text() + &text(), shown, shown_since }
    }

    /// Whether what came back is what was asked with; compared in constant time.
    pub(super) fn is_state(&self, state: &str) -> bool {
        self.state.as_bytes().ct_eq(state.as_bytes()).into()
    }
}

pub(super) fn host_of(address: &str) -> Option<&str> {
    let rest = address.strip_prefix("https://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    (!host.is_empty()).then_some(host)
}

pub(super) fn encoded(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", percent(value))).collect();
    pairs.join("&")
}

/// All but the unreserved characters of RFC 3986, 2.3.
fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let each = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(each).collect()
}

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const FOR_ADDRESSES: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// RFC 4648, 5, without padding.
fn base64url(bytes: &[u8]) -> String {
    base64(bytes, FOR_ADDRESSES, false)
}

fn base64(bytes: &[u8], letters: &[u8; 64], padded: bool) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().enumerate().fold(0_u32, |bits, (n, byte)| bits | u32::from(*byte) << (16 - 8 * n));
        for n in 0..4 {
            match n <= group.len() {
                true => text.push(char::from(letters[(bits >> (18 - 6 * n)) as usize & 63])),
                false if padded => text.push('='),
                false => {}
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_written_as_rfc_7636_writes_it() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(base64url(&Sha256::digest(verifier)), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        // RFC 4648, 10.
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes(), STANDARD, true), coded);
        }
        assert_eq!(percent("a b&c=d/é~"), "a%20b%26c%3Dd%2F%C3%A9~");
    }

    #[test]
    fn an_issuer_names_its_host() {
        assert_eq!(host_of("https://id.example.org/realms/desk"), Some("id.example.org"));
        assert_eq!(host_of("https://localhost:9443"), Some("localhost"));
        assert_eq!(host_of("http://id.example.org"), None);
    }
}
