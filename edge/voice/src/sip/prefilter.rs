//! The doorkeeper: looks at each message before the library sees it and passes, drops or answers it at once.
//! What a good request then means in a call is `sip::incoming`; nothing here remembers anything.

use super::message::Echo;
use super::wire::{self, Address, Message, NameAddr, Start, Via, WireFault};
use std::borrow::Cow;

/// The largest message read, UDP or TCP; a 64 KiB datagram cannot be larger, a real one has under 4 KiB.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// Via rows in a message; more than this many hops is no telephone call (RFC 3261 Max-Forwards is 70).
pub(crate) const VIAS_MAX: usize = 70;

/// Methods that we do.
pub(crate) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO";
/// Extensions that we do.
pub(crate) const SUPPORTED: &str = "timer";

/// What is to be done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is well formed and for us: on to the transactions.
    Pass,
    /// It is not answered: no message, an answer that is broken, an ACK that is broken.
    Drop,
    /// It is answered at once with this status and forgotten.
    Answer(u16),
}

/// How messages arrive, which decides what a missing or wrong body length means (RFC 3261 18.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// One message a datagram.
    Datagram,
    /// A stream already cut at `Content-Length`.
    Stream,
}

/// Judges one message. Plain function, also driven by fuzzing: no clock, no state, no allocation that input controls.
pub fn prefilter(bytes: &[u8], carrier: Carrier) -> Verdict {
    if bytes.len() > MESSAGE_BYTES_MAX {
        return Verdict::Drop;
    }
    examine(bytes, carrier).0
}

/// As `prefilter`, with what is needed to answer.
pub(crate) fn examine(bytes: &[u8], carrier: Carrier) -> (Verdict, Option<Echo>) {
    let Some((end, begin)) = wire::header_end(bytes) else {
        return (Verdict::Drop, None);
    };
    let (head, body) = (bytes.get(..end).unwrap_or_default(), bytes.get(begin..).unwrap_or_default());
    let text = String::from_utf8_lossy(head);
    let damaged_text = matches!(text, Cow::Owned(_)) || has_bare_control(&text);
    let (message, fault) = match Message::parse(&text, body) {
        Ok(parsed) => parsed,
        Err(WireFault::NoStart | WireFault::BadHeader | WireFault::BadRequestRow) => return (Verdict::Drop, None),
    };
    let Start::Request { method, uri, version_ok } = message.start else {
        let good = !damaged_text && fault.is_none() && is_good_answer(&message, carrier);
        return (if good { Verdict::Pass } else { Verdict::Drop }, None);
    };
    let verdict = match judge(&message, method, uri, version_ok, damaged_text || fault.is_some(), carrier) {
        None => Verdict::Pass,
        // RFC 3261 17.1.1.3: an ACK is never answered.
        Some(_) if method == "ACK" => Verdict::Drop,
        Some(status) => Verdict::Answer(status),
    };
    let echo = matches!(verdict, Verdict::Answer(_)).then(|| Echo::of(&message)).flatten();
    match (verdict, &echo) {
        (Verdict::Answer(_), None) => (Verdict::Drop, None),
        _ => (verdict, echo),
    }
}

/// The status a request is refused with at once, in the order of RFC 3261 8.2.
fn judge(
    message: &Message<'_>,
    method: &str,
    uri: &str,
    version_ok: bool,
    damaged: bool,
    carrier: Carrier,
) -> Option<u16> {
    if !version_ok {
        return Some(505);
    }
    // RFC 4475 3.1.1.2: a method nobody knows is 501, whatever else is odd in the message.
    if !KNOWN_METHODS.contains(&method) {
        return Some(501);
    }
    if damaged || !has_good_headers(message, method) || !has_good_length(message, carrier) {
        return Some(400);
    }
    if !wire::is_our_scheme(uri) {
        return Some(416);
    }
    match Address::parse(uri) {
        // RFC 3261 19.1.1: headers have no place in a Request-URI.
        Some(address) if !address.has_headers => {}
        _ => return Some(400),
    }
    // A transfer asked for inside a call is refused there with 603, which telephones understand as "the call goes on".
    let is_refer = method == "REFER" && has_to_tag(message);
    if !is_refer && !ALLOW.split(", ").any(|ours| ours == method) {
        return Some(405);
    }
    let required = message.list("require");
    if method != "ACK" && method != "CANCEL" && required.iter().any(|tag| !tag.eq_ignore_ascii_case(SUPPORTED)) {
        return Some(420);
    }
    None
}

/// Methods of the registry; others are 501.
const KNOWN_METHODS: [&str; 14] = [
    "INVITE",
    "ACK",
    "CANCEL",
    "BYE",
    "OPTIONS",
    "UPDATE",
    "INFO",
    "REGISTER",
    "SUBSCRIBE",
    "NOTIFY",
    "PUBLISH",
    "MESSAGE",
    "REFER",
    "PRACK",
];

/// Headers that may stand only once (RFC 3261 20, 7.3.1).
const SINGLE: [&str; 7] = ["from", "to", "call-id", "cseq", "max-forwards", "content-length", "content-type"];

fn has_good_headers(message: &Message<'_>, method: &str) -> bool {
    if SINGLE.iter().any(|name| message.all(name).nth(1).is_some()) {
        return false;
    }
    let names = ["from", "to"].iter().all(|name| message.header(name).and_then(NameAddr::parse).is_some());
    let call_id = message.header("call-id").is_some_and(wire::is_call_id);
    let cseq = message.cseq().is_some_and(|(_, of)| of == method);
    let via = message.header("via").is_some_and(|row| Via::parse(row).is_some());
    let tags = ["from", "to"].iter().all(|name| {
        let parsed = message.header(name).and_then(NameAddr::parse);
        // A tag that stands there must be a token; RFC 2543 telephones send none.
        parsed.is_some_and(|addr| addr.param("tag").is_none() || addr.tag().is_some_and(|tag| tag.len() <= 256))
    });
    let hops =
        message.header("max-forwards").is_none_or(|text| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit()));
    names && call_id && cseq && via && tags && hops && message.all("via").count() <= VIAS_MAX
}

fn has_good_length(message: &Message<'_>, carrier: Carrier) -> bool {
    match (message.content_length(), carrier) {
        (Ok(Some(length)), Carrier::Datagram) => length <= message.body.len(),
        (Ok(Some(length)), Carrier::Stream) => length == message.body.len(),
        (Ok(None), Carrier::Datagram) => true,
        (Ok(None), Carrier::Stream) => message.body.is_empty(),
        (Err(_), _) => false,
    }
}

fn has_to_tag(message: &Message<'_>) -> bool {
    message.header("to").and_then(NameAddr::parse).is_some_and(|to| to.tag().is_some())
}

/// An answer is ours only when its single Via is ours (RFC 3261 18.1.2); whether it fits a request comes later.
fn is_good_answer(message: &Message<'_>, carrier: Carrier) -> bool {
    let Some((_, method)) = message.cseq() else { return false };
    let method = method.to_owned();
    has_good_headers(message, &method)
        && has_good_length(message, carrier)
        && message.all("via").flat_map(wire::split_commas).count() == 1
}

/// Control characters have no place in headers, save after a backslash in a quoted text (RFC 3261 25.1 quoted-pair).
fn has_bare_control(text: &str) -> bool {
    let mut escaped = false;
    for c in text.chars() {
        if !escaped && c.is_control() && !matches!(c, '\r' | '\n' | '\t') {
            return true;
        }
        escaped = c == '\\' && !escaped;
    }
    // A lone CR or LF splits rows for some readers and not for others.
    text.replace("\r\n", "").contains(['\r', '\n'])
}

/// The plain function that fuzzing drives.
pub fn fuzz_prefilter(bytes: &[u8]) {
    for carrier in [Carrier::Datagram, Carrier::Stream] {
        if prefilter(bytes, carrier) == Verdict::Pass && carrier == Carrier::Datagram {
            assert!(Message::read(bytes).is_some(), "what passes can be read");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(row: &str, extra: &str) -> Vec<u8> {
        let method = row.split(' ').next().unwrap_or_default();
        format!(
            "{row}\r\nVia: SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bK1\r\nFrom: <sip:a@127.0.0.1>;tag=1\r\n\
             To: <sip:b@127.0.0.1>\r\nCall-ID: c1\r\nCSeq: 1 {method}\r\n{extra}Content-Length: 0\r\n\r\n"
        )
        .into_bytes()
    }

    #[test]
    fn a_plain_invite_passes() {
        assert_eq!(prefilter(&request("INVITE sip:b@127.0.0.1 SIP/2.0", ""), Carrier::Datagram), Verdict::Pass);
    }

    #[test]
    fn each_wrong_thing_has_its_own_status() {
        let status = |row, extra| prefilter(&request(row, extra), Carrier::Datagram);
        assert_eq!(status("OPTIONS sip:b@127.0.0.1 SIP/3.0", ""), Verdict::Answer(505));
        assert_eq!(status("FLY sip:b@127.0.0.1 SIP/2.0", ""), Verdict::Answer(501));
        assert_eq!(status("SUBSCRIBE sip:b@127.0.0.1 SIP/2.0", ""), Verdict::Answer(405));
        assert_eq!(status("INVITE http://127.0.0.1/ SIP/2.0", ""), Verdict::Answer(416));
        assert_eq!(status("INVITE sip:b@127.0.0.1 SIP/2.0", "Require: 100rel\r\n"), Verdict::Answer(420));
        assert_eq!(status("INVITE sip:b@127.0.0.1 SIP/2.0", "Require: timer\r\n"), Verdict::Pass);
        assert_eq!(status("INVITE sip:b@127.0.0.1 SIP/2.0", "CSeq: 2 INVITE\r\n"), Verdict::Answer(400));
        assert_eq!(status("ACK sip:b@127.0.0.1 SIP/3.0", ""), Verdict::Drop);
        assert_eq!(status("INVITE sip:b@127.0.0.1 SIP/2.0", "X: \0\r\n"), Verdict::Answer(400));
        assert_eq!(status("invite sip:b@127.0.0.1 SIP/2.0", ""), Verdict::Answer(501));
    }

    #[test]
    fn noise_is_dropped() {
        for noise in [&b"\r\n\r\n"[..], b"", b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\0", b"SIP/2.0 99 Low\r\n\r\n"] {
            assert_eq!(prefilter(noise, Carrier::Datagram), Verdict::Drop);
        }
        assert_eq!(prefilter(&vec![b'a'; MESSAGE_BYTES_MAX + 1], Carrier::Datagram), Verdict::Drop);
    }
}
