//! Answers a trunk's question who we are: digest credentials (RFC 3261 22, RFC 7616 with MD5 and SHA-256).
//! Asking callers for credentials is not done here: who calls the line stays unasked.

use super::settings::Trunk;
use super::wire::{Message, split_commas};
use rsipstack::sip::headers::auth::{Algorithm, AuthQop};
use rsipstack::sip::{DigestGenerator, Method, Uri};

/// The header row that answers the challenge in a 401 or 407; `None` when we cannot (no challenge that we know, or the
/// trunk refuses what we already sent: a second challenge without `stale`).
pub(crate) fn credentials(
    challenge: &Message<'_>,
    status: u16,
    trunk: &Trunk,
    method: &str,
    uri: &str,
    tried_before: bool,
) -> Option<String> {
    let (asked_in, answered_in) = if status == 401 {
        ("www-authenticate", "Authorization")
    } else {
        ("proxy-authenticate", "Proxy-Authorization")
    };
    // The strongest challenge that we know (RFC 7616 3.7 lets servers send several).
    let known = challenge.all(asked_in).filter_map(Challenge::parse).max_by_key(|challenge| challenge.is_sha256)?;
    if tried_before && !known.stale {
        return None;
    }
    let login = trunk.login.as_deref().unwrap_or(&trunk.account);
    // The library prints the address in its own way; both the row and the hash must have the same text.
    let uri = Uri::try_from(uri).ok()?;
    let method: Method = method.parse().ok()?;
    let cnonce = rsipstack::transaction::random_text(16);
    let qop = known.qop_auth.then(|| AuthQop::Auth { cnonce: cnonce.clone(), nc: 1 });
    let response = DigestGenerator {
        username: login,
        password: trunk.password.text(),
        nonce: &known.nonce,
        uri: &uri,
        realm: &known.realm,
        method: &method,
        qop: qop.as_ref(),
        algorithm: if known.is_sha256 { Algorithm::Sha256 } else { Algorithm::Md5 },
    }
    .compute();
    let algorithm = if known.is_sha256 { "SHA-256" } else { "MD5" };
    let mut row = format!(
        "{answered_in}: Digest username=\"{login}\", realm=\"{}\", nonce=\"{}\", uri=\"{uri}\", response=\"{response}\", algorithm={algorithm}",
        known.realm, known.nonce
    );
    if let Some(opaque) = &known.opaque {
        row.push_str(&format!(", opaque=\"{opaque}\""));
    }
    if known.qop_auth {
        row.push_str(&format!(", qop=auth, nc=00000001, cnonce=\"{cnonce}\""));
    }
    Some(row)
}

#[derive(Debug)]
struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    qop_auth: bool,
    is_sha256: bool,
    stale: bool,
}

impl Challenge {
    fn parse(value: &str) -> Option<Self> {
        let (scheme, rest) = value.trim().split_once(char::is_whitespace)?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let (mut realm, mut nonce, mut opaque, mut qop, mut algorithm, mut stale) =
            (None, None, None, None, None, false);
        for pair in split_commas(rest) {
            let Some((name, value)) = pair.split_once('=') else { continue };
            let value = value.trim().trim_matches('"').to_owned();
            // We send it back: a line end in it would be a header of theirs in a message of ours.
            if value.contains(char::is_control) {
                return None;
            }
            match name.trim().to_ascii_lowercase().as_str() {
                "realm" => realm = Some(value),
                "nonce" => nonce = Some(value),
                "opaque" => opaque = Some(value),
                "qop" => qop = Some(value),
                "algorithm" => algorithm = Some(value),
                "stale" => stale = value.eq_ignore_ascii_case("true"),
                _ => {}
            }
        }
        let is_sha256 = match algorithm.as_deref() {
            None => false,
            Some(name) if name.eq_ignore_ascii_case("MD5") => false,
            Some(name) if name.eq_ignore_ascii_case("SHA-256") => true,
            Some(_) => return None,
        };
        let qop_auth = match &qop {
            None => false,
            Some(list) if list.split(',').any(|one| one.trim().eq_ignore_ascii_case("auth")) => true,
            Some(_) => return None,
        };
        Some(Self { realm: realm?, nonce: nonce?, opaque, qop_auth, is_sha256, stale })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(challenge: &str, tried_before: bool) -> Option<String> {
        let text = format!("SIP/2.0 401 Unauthorized\r\n{challenge}");
        let (message, _) = Message::parse(&text, &[]).unwrap();
        let trunk = Trunk::new("carrier", "127.0.0.1", "4711", "secret");
        credentials(&message, 401, &trunk, "REGISTER", "sip:127.0.0.1:5070", tried_before)
    }

    #[test]
    fn the_hashes_are_those_of_an_independent_reckoning() {
        // Reckoned with another program: H(H(login:realm:password):nonce:H(method:uri)), RFC 7616 3.4.1 without qop.
        let md5 = answer("WWW-Authenticate: Digest realm=\"test, realm\", nonce=\"abc\"", false).unwrap();
        assert!(md5.contains("response=\"8cd871d43f4a22c923eb7d1bd7ad193f\""), "{md5}");
        let both = "WWW-Authenticate: Digest realm=\"test, realm\", nonce=\"abc\", algorithm=MD5\r\n\
            WWW-Authenticate: Digest realm=\"test, realm\", nonce=\"abc\", algorithm=SHA-256";
        let sha256 = answer(both, false).unwrap();
        assert!(
            sha256.contains("response=\"4fd22e09a69451f7e5d6ab2db7647a06f56c43ba54a1cd533df1d3317d39adbb\""),
            "{sha256}"
        );
    }

    #[test]
    fn a_password_that_was_refused_is_sent_again_only_for_a_stale_nonce() {
        let challenge = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"";
        assert!(answer(challenge, false).is_some_and(|row| row.contains("qop=auth, nc=00000001, cnonce=")));
        assert!(answer(challenge, true).is_none());
        assert!(answer(&format!("{challenge}, stale=TRUE"), true).is_some());
        for other in ["realm=\"r\nX: y\", nonce=\"n\"", "realm=\"r\", nonce=\"n\", opaque=\"\r\""] {
            assert!(answer(&format!("WWW-Authenticate: Digest {other}"), false).is_none(), "{other:?}");
        }
        for other in ["Basic realm=\"r\"", "Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess", "Digest nonce=\"n\""]
        {
            assert!(answer(&format!("WWW-Authenticate: {other}"), false).is_none(), "{other}");
        }
    }
}
