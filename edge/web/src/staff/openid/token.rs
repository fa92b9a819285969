//! Whether an ID token holds: OpenID Connect Core 1.0, 3.1.3.7, and what this desk demands beyond it.
//! The signature is left to `jsonwebtoken`, which no other file names; getting tokens and keys, to `provider`.

use caseline_helpline::openid::OpenidSubject;
use caseline_model::Time;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use std::time::Duration;

/// What may sign a token. No `none`, and nothing by a secret that both sides hold.
const ALGORITHMS: [Algorithm; 3] = [Algorithm::ES256, Algorithm::RS256, Algorithm::EdDSA];

/// How far two clocks may differ.
const LEEWAY: Duration = Duration::from_secs(60);

/// A token is taken so long after it was made.
const TOKEN_AGE_MAX: Duration = Duration::from_secs(10 * 60);

/// The longest token that is read, in bytes.
const TOKEN_LENGTH_MAX: usize = 16 * 1_024;

/// The longest subject (OpenID Connect Core 1.0, 2).
const SUBJECT_LENGTH_MAX: usize = 255;

/// The keys of a provider that are looked at.
const KEYS_MAX: usize = 32;

/// What a token must say.
pub(super) struct Expected<'a> {
    /// The issuer.
    pub(super) issuer: &'a str,
    /// Us.
    pub(super) client_id: &'a str,
    /// What we asked with.
    pub(super) nonce: &'a str,
    /// One of these classes; empty: it is not asked for.
    pub(super) acr: &'a [String],
    /// One of these methods; empty: it is not asked for.
    pub(super) amr: &'a [String],
    /// The person must have shown themselves since then.
    pub(super) shown_since: Time,
}

/// Whom a token names.
#[derive(Debug)]
pub(super) struct Named {
    /// The provider's own id of the person.
    pub(super) subject: OpenidSubject,
    /// When they last showed themselves to the provider.
    pub(super) proved_at: Time,
}

/// Why a token does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TokenFault {
    /// It is no token.
    #[error("the token cannot be read")]
    Unreadable,
    /// It is signed in a way that is not taken, or not at all.
    #[error("the token is not signed with ES256, RS256 or EdDSA")]
    Algorithm,
    /// The provider's keys have none of this name: they may have been changed.
    #[error("the token names a key that the provider does not show")]
    UnknownKey,
    /// The signature is of somebody else.
    #[error("the signature of the token does not hold")]
    Signature,
    /// Another provider made it.
    #[error("the token is of another issuer")]
    Issuer,
    /// It is for somebody else, or for others too.
    #[error("the token is for another client, or for others too")]
    Audience,
    /// Its time is over, or has not come.
    #[error("the token is not of now")]
    Time,
    /// It answers another question.
    #[error("the token has another nonce")]
    Nonce,
    /// It names nobody.
    #[error("the token names no subject")]
    Subject,
    /// The person did not show what the settings demand.
    #[error("the token has none of the `acr` or `amr` that `[openid]` demands")]
    Strength,
    /// The person showed themselves too long ago, or the provider does not say when.
    #[error("the person showed themselves to the provider too long ago, or it does not say when")]
    Age,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: OneOrMany,
    azp: Option<String>,
    exp: f64,
    iat: f64,
    nonce: Option<String>,
    acr: Option<String>,
    amr: Option<Vec<String>>,
    auth_time: Option<f64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// The keys of a provider, as it shows them. One that cannot be read is passed over.
pub(super) fn keys(json: &[u8]) -> Option<Vec<Jwk>> {
    let all: serde_json::Value = serde_json::from_slice(json).ok()?;
    let keys = all.get("keys")?.as_array()?.iter().take(KEYS_MAX);
    Some(keys.filter_map(|key| serde_json::from_value(key.clone()).ok()).collect())
}

/// Checks a token against the provider's keys.
pub(super) fn check(now: Time, token: &str, keys: &[Jwk], expected: &Expected<'_>) -> Result<Named, TokenFault> {
    if token.len() > TOKEN_LENGTH_MAX {
        return Err(TokenFault::Unreadable);
    }
    // `none` and what this library does not know fail here, the rest right below.
    let header = decode_header(token).map_err(|_| TokenFault::Algorithm)?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(TokenFault::Algorithm);
    }
    let key = key_of(keys, header.kid.as_deref(), header.alg).ok_or(TokenFault::UnknownKey)?;
    let key = DecodingKey::from_jwk(key).map_err(|_| TokenFault::UnknownKey)?;
    // Times, issuer and audience are compared below, by the clock and the settings of this line.
    let mut validation = Validation::new(header.alg);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let claims = decode::<Claims>(token, &key, &validation).map_err(|error| match error.kind() {
        jsonwebtoken::errors::ErrorKind::InvalidSignature => TokenFault::Signature,
        _ => TokenFault::Unreadable,
    })?;
    holds(now, claims.claims, expected)
}

/// What a token whose signature holds says, judged; `json` is its payload. For a fuzz target, which can sign nothing.
pub(super) fn judged(now: Time, json: &[u8], expected: &Expected<'_>) -> Result<Named, TokenFault> {
    holds(now, serde_json::from_slice(json).map_err(|_| TokenFault::Unreadable)?, expected)
}

fn holds(now: Time, claims: Claims, expected: &Expected<'_>) -> Result<Named, TokenFault> {
    if claims.iss != expected.issuer {
        return Err(TokenFault::Issuer);
    }
    // Core 3.1.3.7, 3 to 5: for us, and for nobody else whom we would have to trust too.
    let is_for_us = match &claims.aud {
        OneOrMany::One(one) => one == expected.client_id,
        OneOrMany::Many(many) => !many.is_empty() && many.iter().all(|one| one == expected.client_id),
    };
    if !is_for_us || claims.azp.as_ref().is_some_and(|party| party != expected.client_id) {
        return Err(TokenFault::Audience);
    }
    let (ends_at, made_at) = (instant(claims.exp), instant(claims.iat));
    if now >= ends_at.plus(LEEWAY) || made_at > now.plus(LEEWAY) || now >= made_at.plus(TOKEN_AGE_MAX) {
        return Err(TokenFault::Time);
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(TokenFault::Nonce);
    }
    if claims.sub.is_empty() || claims.sub.len() > SUBJECT_LENGTH_MAX {
        return Err(TokenFault::Subject);
    }
    let has_class = expected.acr.is_empty() || claims.acr.as_ref().is_some_and(|acr| expected.acr.contains(acr));
    let has_method = expected.amr.is_empty() || claims.amr.iter().flatten().any(|method| expected.amr.contains(method));
    if !has_class || !has_method {
        return Err(TokenFault::Strength);
    }
    let proved_at = claims.auth_time.map(instant).ok_or(TokenFault::Age)?;
    if proved_at > now.plus(LEEWAY) || proved_at.plus(LEEWAY) < expected.shown_since {
        return Err(TokenFault::Age);
    }
    // A provider whose clock is a little ahead proves nothing in the future.
    let proved_at = proved_at.min(now);
    Ok(Named { subject: OpenidSubject { issuer: claims.iss, subject: claims.sub }, proved_at })
}

/// The key of that name; without a name, the only one that there is for the algorithm (Core 10.1).
fn key_of<'k>(keys: &'k [Jwk], name: Option<&str>, algorithm: Algorithm) -> Option<&'k Jwk> {
    let fits = |key: &&Jwk| {
        let may_sign = matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
        let own = key.common.key_algorithm.map(|own| own.to_string());
        may_sign && own.is_none_or(|own| own == format!("{algorithm:?}"))
    };
    let mut fitting = keys.iter().filter(fits).filter(|key| match name {
        Some(name) => key.common.key_id.as_deref() == Some(name),
        None => is_of(key, algorithm),
    });
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}

fn is_of(key: &Jwk, algorithm: Algorithm) -> bool {
    use jsonwebtoken::jwk::AlgorithmParameters::{EllipticCurve, OctetKeyPair, RSA};
    matches!(
        (&key.algorithm, algorithm),
        (EllipticCurve(_), Algorithm::ES256) | (RSA(_), Algorithm::RS256) | (OctetKeyPair(_), Algorithm::EdDSA)
    )
}

/// Seconds since 1970 (RFC 7519, 2: they may have a fraction).
fn instant(seconds: f64) -> Time {
    // A float that does not fit becomes the nearest number that does; such a token is not of now.
    Time::from_micros((seconds.clamp(0.0, 1e11) * 1e6) as i64)
}
