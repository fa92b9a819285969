//! Cuts a TCP stream into SIP messages at `Content-Length` (RFC 3261 18.3): several in one segment, one in many.
//! Judging the messages is `sip::prefilter`; reading the socket is `sip::sockets`.

use super::prefilter::MESSAGE_BYTES_MAX;
use super::wire::{Message, header_end};

/// One thing found in the stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A whole message.
    Message(Vec<u8>),
    /// A double line end between messages: the peer asks whether we are there (RFC 5626 3.5.1).
    Ping,
    /// The stream cannot be cut any more; what came so far, for a last 400, then the stream must be closed.
    Broken(Vec<u8>),
}

/// Collects octets until a message is whole.
#[derive(Debug, Default)]
pub(crate) struct Framer {
    held: Vec<u8>,
}

impl Framer {
    /// Adds what was read.
    pub fn push(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// The next whole piece, if there is one.
    pub fn next(&mut self) -> Option<Piece> {
        if self.held.starts_with(b"\r\n\r\n") {
            self.held.drain(..4);
            return Some(Piece::Ping);
        }
        if self.held.starts_with(b"\r\n") && self.held.len() > 2 && self.held.get(2) != Some(&b'\r') {
            self.held.drain(..2);
        }
        if self.held.starts_with(b"\r") && self.held.len() < 4 {
            return None;
        }
        let Some((end, begin)) = header_end(&self.held) else {
            return (self.held.len() > MESSAGE_BYTES_MAX).then(|| Piece::Broken(std::mem::take(&mut self.held)));
        };
        let head = self.held.get(..end).unwrap_or_default();
        let text = String::from_utf8_lossy(head);
        let length = match Message::parse(&text, &[]) {
            Ok((message, _)) => message.content_length().ok(),
            Err(_) => None,
        };
        let Some(length) = length else {
            return Some(Piece::Broken(std::mem::take(&mut self.held)));
        };
        let whole = begin.saturating_add(length.unwrap_or(0));
        if whole > MESSAGE_BYTES_MAX {
            return Some(Piece::Broken(std::mem::take(&mut self.held)));
        }
        if self.held.len() < whole {
            return None;
        }
        let rest = self.held.split_off(whole);
        Some(Piece::Message(std::mem::replace(&mut self.held, rest)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &[u8] = b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 3\r\n\r\nabc";

    #[test]
    fn one_message_in_many_segments_is_put_together() {
        let mut framer = Framer::default();
        for octet in &ONE[..ONE.len() - 1] {
            framer.push(&[*octet]);
            assert_eq!(framer.next(), None);
        }
        framer.push(b"c");
        assert_eq!(framer.next(), Some(Piece::Message(ONE.to_vec())));
        assert_eq!(framer.next(), None);
    }

    #[test]
    fn several_messages_in_one_segment_are_cut_apart() {
        let mut framer = Framer::default();
        let mut stream = b"\r\n\r\n".to_vec();
        stream.extend_from_slice(ONE);
        stream.extend_from_slice(b"\r\n");
        stream.extend_from_slice(ONE);
        framer.push(&stream);
        assert_eq!(framer.next(), Some(Piece::Ping));
        assert_eq!(framer.next(), Some(Piece::Message(ONE.to_vec())));
        assert_eq!(framer.next(), Some(Piece::Message(ONE.to_vec())));
        assert_eq!(framer.next(), None);
    }

    #[test]
    fn a_stream_that_never_ends_its_headers_is_given_up() {
        let mut framer = Framer::default();
        framer.push(&vec![b'x'; MESSAGE_BYTES_MAX + 1]);
        assert!(matches!(framer.next(), Some(Piece::Broken(_))));
        framer.push(b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: -1\r\n\r\n");
        assert!(matches!(framer.next(), Some(Piece::Broken(_))));
    }
}
