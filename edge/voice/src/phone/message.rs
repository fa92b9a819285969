//! SIP messages as a telephone needs them: written as text, read leniently (RFC 3261 §7 and §25).
//! What is said in which order is left to `dialog` and `call`. Nothing is shared with the line's own SIP stack:
//! a mistake there must not be repeated here.

use std::fmt::Write;

/// The longest message that is read.
pub(super) const MESSAGE_BYTES_MAX: usize = 65_536;

/// A request or a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) start: Start,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Start {
    Request { method: String, uri: String },
    Response { status: u16, reason: String },
}

impl Message {
    pub(super) fn request(method: &str, uri: &str) -> Self {
        let start = Start::Request { method: method.to_owned(), uri: uri.to_owned() };
        Self { start, headers: Vec::new(), body: Vec::new() }
    }

    pub(super) fn response(status: u16, reason: &str) -> Self {
        let start = Start::Response { status, reason: reason.to_owned() };
        Self { start, headers: Vec::new(), body: Vec::new() }
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(super) fn with_body(mut self, kind: &str, body: Vec<u8>) -> Self {
        self.body = body;
        self.with("Content-Type", kind)
    }

    /// Reads one message; the body goes as far as Content-Length says, or to the end of the datagram.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let (head_end, body_start) = head_of(bytes)?;
        let head = std::str::from_utf8(&bytes[..head_end]).ok()?;
        let mut rows = unfolded(head).into_iter();
        let start = read_start(&rows.next()?)?;
        let mut headers = Vec::new();
        for row in rows {
            let (name, value) = row.split_once(':')?;
            headers.push((long_name(name.trim()).to_owned(), value.trim().to_owned()));
        }
        let mut message = Self { start, headers, body: Vec::new() };
        let there = &bytes[body_start..];
        let length = message.header("Content-Length").and_then(|length| length.parse().ok());
        message.body = there[..length.unwrap_or(there.len()).min(there.len())].to_vec();
        Some(message)
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut text = match &self.start {
            Start::Request { method, uri } => format!("{method} {uri} SIP/2.0\r\n"),
            Start::Response { status, reason } => format!("SIP/2.0 {status} {reason}\r\n"),
        };
        for (name, value) in &self.headers {
            // Writing into a String can't fail.
            let _ = write!(text, "{name}: {value}\r\n");
        }
        let _ = write!(text, "Content-Length: {}\r\n\r\n", self.body.len());
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }

    pub(super) fn method(&self) -> Option<&str> {
        match &self.start {
            Start::Request { method, .. } => Some(method),
            Start::Response { .. } => None,
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// All values of a header that may be given as a list (Via, Record-Route), in order.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        self.headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .flat_map(|(_, value)| split_list(value))
            .collect()
    }

    /// Number and method of the CSeq header.
    pub(super) fn cseq(&self) -> Option<(u32, &str)> {
        let (number, method) = self.header("CSeq")?.split_once(char::is_whitespace)?;
        Some((number.parse().ok()?, method.trim()))
    }

    /// The branch of the topmost Via, which names the transaction.
    pub(super) fn branch(&self) -> Option<&str> {
        parameter(self.list("Via").first()?, "branch")
    }

    /// The tag of From or To.
    pub(super) fn tag(&self, header: &str) -> Option<&str> {
        let value = self.header(header)?;
        parameter(value.rsplit_once('>').map_or(value, |(_, after)| after), "tag")
    }

    /// The URI in Contact, without angle brackets.
    pub(super) fn contact(&self) -> Option<&str> {
        Some(uri_of(self.header("Contact")?))
    }
}

/// A whole message at the start of a stream of bytes (TCP), and how long it is; `None` while it is incomplete.
pub(super) fn framed(bytes: &[u8]) -> Option<(Message, usize)> {
    // RFC 5626 §3.5.1: empty rows between messages are keep-alives.
    let skipped = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let (_, body_start) = head_of(&bytes[skipped..])?;
    let message = Message::parse(&bytes[skipped..])?;
    let length = message.header("Content-Length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let end = skipped.checked_add(body_start)?.checked_add(length)?;
    (bytes.len() >= end).then_some((message, end))
}

/// The URI of a header value like `"Name" <sip:a@b;x>;tag=1`.
pub(super) fn uri_of(value: &str) -> &str {
    match value.split_once('<').and_then(|(_, after)| after.split_once('>')) {
        Some((uri, _)) => uri.trim(),
        None => value.split(';').next().unwrap_or(value).trim(),
    }
}

/// A parameter after a semicolon, `;name=value`.
pub(super) fn parameter<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    value.split(';').skip(1).find_map(|part| {
        let (known, value) = part.split_once('=')?;
        known.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// Where the head ends and the body begins.
fn head_of(bytes: &[u8]) -> Option<(usize, usize)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some((end, end + 4))
}

/// Rows of the head; a row that begins with a space continues the one before (RFC 3261 §7.3.1).
fn unfolded(head: &str) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for row in head.split("\r\n") {
        match rows.last_mut() {
            Some(before) if row.starts_with([' ', '\t']) => {
                before.push(' ');
                before.push_str(row.trim());
            }
            _ => rows.push(row.to_owned()),
        }
    }
    rows
}

fn read_start(row: &str) -> Option<Start> {
    let mut parts = row.splitn(3, ' ');
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next().unwrap_or_default());
    if first == "SIP/2.0" {
        return Some(Start::Response { status: second.parse().ok()?, reason: third.to_owned() });
    }
    (third == "SIP/2.0").then(|| Start::Request { method: first.to_owned(), uri: second.to_owned() })
}

/// The compact names of RFC 3261 §7.3.3 written out.
fn long_name(name: &str) -> &str {
    match name {
        "v" | "V" => "Via",
        "f" | "F" => "From",
        "t" | "T" => "To",
        "i" | "I" => "Call-ID",
        "m" | "M" => "Contact",
        "l" | "L" => "Content-Length",
        "c" | "C" => "Content-Type",
        _ => name,
    }
}

/// Splits at commas outside quotation marks and angle brackets.
fn split_list(value: &str) -> Vec<&str> {
    let (mut pieces, mut from) = (Vec::new(), 0);
    let (mut quoted, mut bracketed) = (false, false);
    for (at, character) in value.char_indices() {
        match character {
            '"' => quoted = !quoted,
            '<' if !quoted => bracketed = true,
            '>' if !quoted => bracketed = false,
            ',' if !quoted && !bracketed => {
                pieces.push(value[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(value[from..].trim());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const RINGING: &[u8] = b"SIP/2.0 180 Ringing\r\nv: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1, SIP/2.0/UDP x;branch=z\r\n\
        Record-Route: <sip:a;lr>,\r\n <sip:b;lr>\r\nTo: \"A, <B>\" <sip:line@127.0.0.1>;tag=77\r\nCSeq: 4 INVITE\r\nl: 3\r\n\r\nabcdef";

    #[test]
    fn a_response_is_read_with_compact_names_lists_and_folded_rows() {
        let message = Message::parse(RINGING).unwrap();
        assert_eq!(message.start, Start::Response { status: 180, reason: "Ringing".to_owned() });
        assert_eq!(message.branch(), Some("z9hG4bK1"));
        assert_eq!(message.list("record-route"), ["<sip:a;lr>", "<sip:b;lr>"]);
        assert_eq!(message.tag("To"), Some("77"));
        assert_eq!(message.cseq(), Some((4, "INVITE")));
        assert_eq!(message.body, b"abc");
    }

    #[test]
    fn two_messages_in_one_stream_are_told_apart() {
        let one = Message::request("OPTIONS", "sip:a@b").with("CSeq", "1 OPTIONS").to_bytes();
        let mut stream = b"\r\n\r\n".to_vec();
        stream.extend_from_slice(&one);
        assert!(framed(&stream[..stream.len() - 1]).is_none());
        stream.extend_from_slice(&one);
        let (message, end) = framed(&stream).unwrap();
        assert_eq!(message.method(), Some("OPTIONS"));
        assert_eq!(end, 4 + one.len());
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_without_a_panic(bytes: Vec<u8>, at in 0usize..300) {
            let _ = Message::parse(&bytes);
            let mut message = RINGING.to_vec();
            for (offset, byte) in bytes.iter().enumerate() {
                if let Some(place) = message.get_mut(at + offset) {
                    *place = *byte;
                }
            }
            let _ = framed(&message);
            if let Some(message) = Message::parse(&message) {
                let _ = (message.branch(), message.tag("To"), message.contact(), message.cseq());
            }
        }
    }
}
