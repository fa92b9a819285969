//! Keys that a telephone sends by SIP INFO instead of in the sound (`application/dtmf-relay`, `application/dtmf`).
//! Keys as RFC 4733 events and as tones are the media engine's.

/// The key in an INFO body: `Ok(None)` for a body type we know without a key (flash), `Err` for another body type.
pub(crate) fn key_in(content_type: &str, body: &[u8]) -> Result<Option<char>, UnknownBody> {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    let text = String::from_utf8_lossy(body);
    if kind.eq_ignore_ascii_case("application/dtmf-relay") {
        let signal = text.lines().find_map(|row| {
            let (name, value) = row.split_once(['=', ':'])?;
            name.trim().eq_ignore_ascii_case("signal").then(|| value.trim().to_owned())
        });
        return Ok(signal.and_then(|signal| key(&signal)));
    }
    if kind.eq_ignore_ascii_case("application/dtmf") {
        return Ok(key(text.trim()));
    }
    Err(UnknownBody)
}

/// A body that INFO cannot carry here; answered 415.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnknownBody;

fn key(signal: &str) -> Option<char> {
    match signal {
        "10" => return Some('*'),
        "11" => return Some('#'),
        "12" => return Some('A'),
        "13" => return Some('B'),
        "14" => return Some('C'),
        "15" => return Some('D'),
        _ => {}
    }
    let mut letters = signal.chars();
    let letter = letters.next()?.to_ascii_uppercase();
    (letters.next().is_none() && matches!(letter, '0'..='9' | '*' | '#' | 'A'..='D')).then_some(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_body_types_carry_every_key() {
        for (signal, expected) in [("5", '5'), ("*", '*'), ("#", '#'), ("a", 'A'), ("11", '#'), ("15", 'D')] {
            let relay = format!("Signal={signal}\r\nDuration=160\r\n");
            assert_eq!(key_in("application/dtmf-relay", relay.as_bytes()), Ok(Some(expected)));
            assert_eq!(key_in("Application/DTMF; x=y", signal.as_bytes()), Ok(Some(expected)));
        }
        assert_eq!(key_in("application/dtmf-relay", b"Signal= 16\r\n"), Ok(None));
        assert_eq!(key_in("text/plain", b"5"), Err(UnknownBody));
    }
}
