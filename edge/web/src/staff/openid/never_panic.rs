//! Gives any bytes to the readers of what an identity provider answers: what it says of itself, its keys, its tokens.
//! The list of all targets is in `crate::fuzzing`.

use super::outbound::is_allowed;
use super::provider::{Description, host_of, id_token_in};
use super::token::{Expected, check, judged, keys};
use super::{Returned, address_to_finish};
use axum::http::Uri;
use caseline_model::Time;

/// Made-up; what the seeds say is of the same provider.
const ISSUER: &str = "https://id.example.org";
const CLIENT: &str = "desk";
const NONCE: &str = "made-up";

/// The instant at which tokens are looked at: 2026-11-20T12:00:00Z, as the seeds have it.
const NOW_S: i64 = 1_795_176_000;

/// Reads the first row as a token, or as what a token says, and the rest as the keys of a provider.
pub(crate) fn id_tokens_never_panic(bytes: &[u8]) {
    let now = Time::from_micros(NOW_S * 1_000_000);
    let (first, rest) = bytes.iter().position(|byte| *byte == b'\n').map_or((bytes, &[][..]), |at| {
        let (first, rest) = bytes.split_at(at);
        (first, &rest[1..])
    });
    let strength = ["phr".to_owned()];
    let strict = Expected { acr: &strength, amr: &strength, shown_since: now, ..expected() };
    for expected in [expected(), strict] {
        if let Ok(named) = judged(now, first, &expected) {
            assert!(named.subject.issuer == ISSUER && !named.subject.subject.is_empty(), "a token of the provider");
            assert!(named.proved_at <= now, "nobody showed themselves in the future");
        }
    }
    let token = String::from_utf8_lossy(first);
    let Some(keys) = keys(rest) else { return };
    // Whoever can write the keys can sign; no fuzzer does, and no seed names this issuer in a signed token.
    assert!(check(now, &token, &keys, &expected()).is_err(), "no token that nobody signed");
}

/// Reads bytes as what a provider says of itself, as its answer to a code, and as where it leads a browser back to.
pub(crate) fn provider_pages_never_panic(bytes: &[u8]) {
    let hosts = ["id.example.org".to_owned(), "keys.example.org".to_owned()];
    if let Ok(description) = Description::read(bytes, ISSUER, &|address| is_allowed(&hosts, address)) {
        for address in [&description.authorization_endpoint, &description.token_endpoint, &description.jwks_uri] {
            let host = address.parse().ok().and_then(|address: Uri| address.host().map(str::to_owned));
            assert!(host.is_some_and(|host| hosts.contains(&host)), "an address at a known host: {address}");
        }
    }
    let _ = id_token_in(bytes);
    let text = String::from_utf8_lossy(bytes);
    let _ = (host_of(&text), is_allowed(&hosts, &text));
    let query = text.replace(|c: char| c.is_control() || c == ' ' || !c.is_ascii(), "+");
    let Ok(address) = format!("/staff/openid/back?{query}").parse::<Uri>() else { return };
    let Ok(returned) = axum::extract::Query::<Returned>::try_from_uri(&address) else { return };
    if let Some(to) = address_to_finish(&returned.0) {
        assert!(to.parse::<Uri>().is_ok(), "what goes into the next address is written anew: {to}");
    }
}

const fn expected() -> Expected<'static> {
    Expected { issuer: ISSUER, client_id: CLIENT, nonce: NONCE, acr: &[], amr: &[], shown_since: Time::from_micros(0) }
}

#[cfg(test)]
mod tests {
    use super::super::token::TokenFault;
    use super::*;

    fn now() -> Time {
        Time::from_micros(NOW_S * 1_000_000)
    }

    #[test]
    fn the_seeds_of_tokens_reach_the_end_of_what_is_judged() {
        let seeds: [&[u8]; 3] = [
            include_bytes!("../../../../../fuzz/seeds/id-tokens/claims"),
            include_bytes!("../../../../../fuzz/seeds/id-tokens/claims-of-a-list"),
            include_bytes!("../../../../../fuzz/seeds/id-tokens/claims-of-a-clock-ahead"),
        ];
        for seed in seeds {
            assert_eq!(judged(now(), seed, &expected()).unwrap().subject.subject, "staff-7");
            id_tokens_never_panic(seed);
        }
        let of_another =
            br#"{"iss":"https://id.example.net","sub":"staff-7","aud":"desk","exp":1795176300,"iat":1795175995}"#;
        assert_eq!(judged(now(), of_another, &expected()).unwrap_err(), TokenFault::Issuer);
    }

    #[test]
    fn the_signatures_of_the_rfcs_hold_and_what_they_sign_names_nobody() {
        // RFC 7515, A.3 and RFC 8037, A.4: real signatures over what is no ID token of ours.
        let seeds: [&[u8]; 2] = [
            include_bytes!("../../../../../fuzz/seeds/id-tokens/es256"),
            include_bytes!("../../../../../fuzz/seeds/id-tokens/eddsa"),
        ];
        for seed in seeds {
            let text = String::from_utf8_lossy(seed);
            let (token, shown) = text.split_once('\n').unwrap();
            let shown = keys(shown.as_bytes()).unwrap();
            assert_eq!(check(now(), token, &shown, &expected()).unwrap_err(), TokenFault::Unreadable);
            // The same payload with another character in its signature is nobody's.
            let (signed, last) = token.split_at(token.len() - 9);
            let other = if last.starts_with('A') { "B" } else { "A" };
            let forged = format!("{signed}{other}{}", &last[1..]);
            assert_eq!(check(now(), &forged, &shown, &expected()).unwrap_err(), TokenFault::Signature);
        }
    }

    #[test]
    fn the_seed_of_a_description_is_read_with_all_its_addresses() {
        let hosts = ["id.example.org".to_owned(), "keys.example.org".to_owned()];
        let seed = include_bytes!("../../../../../fuzz/seeds/provider-pages/description");
        let read = Description::read(seed, ISSUER, &|address| is_allowed(&hosts, address)).unwrap();
        assert_eq!(host_of(&read.jwks_uri), Some("keys.example.org"));
        assert!(Description::read(seed, ISSUER, &|address| is_allowed(&hosts[..1], address)).is_err());
    }
}
