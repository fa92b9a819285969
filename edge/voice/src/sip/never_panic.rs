//! Feeds any bytes to every reader of signalling: whatever arrives, it ends with a message, a status or nothing.
//! The list of all targets is in `fuzzing`.

use super::digest;
use super::framing::{Framer, Piece};
use super::incoming::callers_never_panic;
use super::key_info::key_in;
use super::message::{Answer, Echo};
use super::refresh;
use super::registration::granted_by;
use super::settings::{Network, Trunk};
use super::wire::{Address, Message, NameAddr, Via, host_port, is_call_id, is_our_scheme, params, unescaped};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Octets that a segment of a stream has here.
const SEGMENT_BYTES: usize = 37;

/// Reads one message and each header that has a reader of its own, answers it, and reads a key in its body.
pub fn messages_never_panic(bytes: &[u8]) {
    let Some(message) = Message::read(bytes) else { return };
    let from = SocketAddr::from(([192, 0, 2, 1], 5_060));
    let _ = (message.method(), message.cseq(), message.lists("require", "timer"), message.list("contact"));
    callers_never_panic(&message, from);
    let (asked, now) = (refresh::Asked::of(&message), Instant::now());
    let _ = (asked.is_too_short(), asked.agreed(None, now), asked.agreed(Some(Duration::from_secs(1_800)), now));
    let _ = (refresh::agreed_in_answer(&message, now), refresh::demanded_s(&message));
    for header in &message.headers {
        let value = header.value.as_ref();
        let _ = params(value).count();
        let _ = host_port(value);
        let _ = (is_call_id(value), unescaped(value));
        if let Some(via) = Via::parse(value) {
            let _ = (via.stamped(from), via.answer_port(from));
        }
        if let Some(addr) = NameAddr::parse(value) {
            let _ = (addr.tag(), is_our_scheme(addr.uri));
            if let Some(uri) = Address::parse(addr.uri) {
                let _ = (uri.param("transport"), uri.wants_tcp());
            }
        }
    }
    let _ = key_in(message.header("content-type").unwrap_or("application/dtmf-relay"), message.body);
    if let Some(echo) = Echo::of(&message) {
        let _ = echo.answer_to(from);
        let answer = echo.write(from, &Answer::new(420), "Caseline");
        assert!(Message::read(&answer).is_some(), "what we answer can be read");
    }
}

/// Cuts a stream into messages, in whole and in small segments: both ways find the same.
pub fn streams_never_panic(bytes: &[u8]) {
    let pieces = |segment: usize| {
        let (mut framer, mut found) = (Framer::default(), Vec::new());
        for part in bytes.chunks(segment.max(1)) {
            framer.push(part);
            while let Some(piece) = framer.next() {
                let is_broken = matches!(piece, Piece::Broken(_));
                found.push(piece);
                if is_broken {
                    return found;
                }
            }
        }
        found
    };
    let messages =
        |pieces: Vec<Piece>| pieces.into_iter().filter(|piece| matches!(piece, Piece::Message(_))).collect::<Vec<_>>();
    assert_eq!(messages(pieces(bytes.len())), messages(pieces(SEGMENT_BYTES)), "where segments end changes nothing");
}

/// Reads a registrar's or a trunk's answer: what it asks for, what it grants.
pub fn answers_never_panic(bytes: &[u8]) {
    let Some(message) = Message::read(bytes) else { return };
    let trunk = Trunk::new("trunk", "sip.example.net", "line", "made-up");
    for status in [401, 407] {
        let row = digest::credentials(&message, status, &trunk, "REGISTER", "sip:sip.example.net", false);
        assert!(row.is_none_or(|row| !row.contains(['\r', '\n']) && !row.contains("made-up")), "one row, no password");
    }
    let _ = granted_by(&message);
}

/// Reads text as a network of a trunk and as one of media.
pub fn networks_never_panic(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for address in [[192, 0, 2, 1], [0, 0, 0, 0], [255, 255, 255, 255]] {
        let _ = text.parse::<Network>().map(|network| network.contains(address.into()));
        let _ = text.parse::<crate::media::Network>();
    }
}
