//! Writes the real text of every request and answer we send.
//! What is said when is decided in `sip::incoming`, `sip::dialog` and `sip::outgoing`.

use super::prefilter::{ALLOW, SUPPORTED, VIAS_MAX};
use super::wire::{Message, Via};
use std::fmt::Write as _;
use std::net::SocketAddr;

/// Body type of descriptions.
pub(crate) const SDP_TYPE: &str = "application/sdp";

/// What an answer repeats of its request (RFC 3261 8.2.6.2).
#[derive(Clone, Debug)]
pub(crate) struct Echo {
    top: String,
    vias: Vec<String>,
    from: String,
    to: String,
    call_id: String,
    cseq: String,
    required: Vec<String>,
}

/// An answer of ours before it is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub status: u16,
    /// Tag added to To when the request has none.
    pub to_tag: Option<String>,
    /// Whole header rows without their line end.
    pub rows: Vec<String>,
    pub body: Option<String>,
}

impl Answer {
    pub fn new(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub fn row(mut self, row: impl Into<String>) -> Self {
        self.rows.push(row.into());
        self
    }
}

impl Echo {
    /// `None` when there is no Via at all, so that nobody could be told.
    pub fn of(message: &Message<'_>) -> Option<Self> {
        let mut vias: Vec<String> = message.all("via").take(VIAS_MAX).map(str::to_owned).collect();
        if vias.is_empty() {
            return None;
        }
        let top = vias.remove(0);
        let required = message.list("require").into_iter().filter(|tag| !tag.eq_ignore_ascii_case(SUPPORTED));
        let text = |name| message.header(name).unwrap_or_default().to_owned();
        Some(Self {
            required: required.map(str::to_owned).collect(),
            top,
            vias,
            from: text("from"),
            to: text("to"),
            call_id: text("call-id"),
            cseq: text("cseq"),
        })
    }

    /// Where the answer goes when the request came as a datagram from this address (RFC 3261 18.2.2, RFC 3581 4).
    pub fn answer_to(&self, from: SocketAddr) -> SocketAddr {
        let port = Via::parse(&self.top).map_or(from.port(), |via| via.answer_port(from));
        SocketAddr::new(from.ip(), port)
    }

    /// The answer's octets.
    pub fn write(&self, from: SocketAddr, answer: &Answer, product: &str) -> Vec<u8> {
        let mut text = String::with_capacity(640);
        let _ = write!(text, "SIP/2.0 {} {}\r\n", answer.status, reason(answer.status));
        match Via::parse(&self.top) {
            Some(via) if via.rest.is_empty() => row(&mut text, "Via", &via.stamped(from)),
            Some(via) => row(&mut text, "Via", &format!("{}, {}", via.stamped(from), via.rest)),
            None => row(&mut text, "Via", &self.top),
        }
        for via in &self.vias {
            row(&mut text, "Via", via);
        }
        let has_tag = super::wire::NameAddr::parse(&self.to).is_some_and(|to| to.param("tag").is_some());
        let to = match &answer.to_tag {
            Some(tag) if !has_tag && !self.to.is_empty() => format!("{};tag={tag}", self.to),
            _ => self.to.clone(),
        };
        for (name, value) in [("From", &self.from), ("To", &to), ("Call-ID", &self.call_id), ("CSeq", &self.cseq)] {
            if !value.is_empty() {
                row(&mut text, name, value);
            }
        }
        if answer.status != 100 {
            row(&mut text, "Allow", ALLOW);
            row(&mut text, "Supported", SUPPORTED);
        }
        if answer.status == 420 {
            row(&mut text, "Unsupported", &self.required.join(", "));
        }
        row(&mut text, "Server", product);
        finish(text, &answer.rows, answer.body.as_deref())
    }
}

/// A request of ours before it is written.
#[derive(Clone, Debug)]
pub(crate) struct Asking<'a> {
    pub method: &'a str,
    pub uri: &'a str,
    pub via: String,
    pub from: String,
    pub to: String,
    pub call_id: &'a str,
    pub cseq: u32,
    pub routes: &'a [String],
    pub rows: Vec<String>,
    pub body: Option<&'a str>,
}

impl Asking<'_> {
    /// The request's octets.
    pub fn write(&self, product: &str) -> Vec<u8> {
        let mut text = String::with_capacity(768);
        let _ = write!(text, "{} {} SIP/2.0\r\n", self.method, self.uri);
        row(&mut text, "Via", &self.via);
        row(&mut text, "Max-Forwards", "70");
        for route in self.routes {
            row(&mut text, "Route", route);
        }
        row(&mut text, "From", &self.from);
        row(&mut text, "To", &self.to);
        row(&mut text, "Call-ID", self.call_id);
        let _ = write!(text, "CSeq: {} {}\r\n", self.cseq, self.method);
        if self.method != "ACK" && self.method != "CANCEL" {
            row(&mut text, "Allow", ALLOW);
            row(&mut text, "Supported", SUPPORTED);
        }
        row(&mut text, "User-Agent", product);
        finish(text, &self.rows, self.body)
    }
}

/// A Via of ours: `rport` asks that answers come back to where we send from (RFC 3581).
pub(crate) fn via_of_ours(tcp: bool, sent_by: SocketAddr, branch: &str) -> String {
    format!("SIP/2.0/{} {sent_by};branch={branch};rport", if tcp { "TCP" } else { "UDP" })
}

/// A fresh branch with RFC 3261's cookie.
pub(crate) fn branch() -> String {
    format!("z9hG4bK{}", rsipstack::transaction::random_text(16))
}

/// A fresh tag; 96 bits, so that it cannot be guessed.
pub(crate) fn tag() -> String {
    rsipstack::transaction::random_text(16)
}

/// The usual words beside a status; peers read only the number.
pub(crate) fn reason(status: u16) -> &'static str {
    match status {
        100 => "Trying",
        180 => "Ringing",
        183 => "Session Progress",
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        413 => "Request Entity Too Large",
        415 => "Unsupported Media Type",
        416 => "Unsupported URI Scheme",
        420 => "Bad Extension",
        422 => "Session Interval Too Small",
        469 => "Bad Info Package",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        491 => "Request Pending",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        505 => "Version Not Supported",
        603 => "Decline",
        _ => "Answer",
    }
}

fn row(text: &mut String, name: &str, value: &str) {
    text.push_str(name);
    text.push_str(": ");
    text.push_str(value);
    text.push_str("\r\n");
}

fn finish(mut text: String, rows: &[String], body: Option<&str>) -> Vec<u8> {
    for extra in rows {
        text.push_str(extra);
        text.push_str("\r\n");
    }
    let body = body.unwrap_or_default();
    if !body.is_empty() && !rows.iter().any(|row| row.starts_with("Content-Type:")) {
        row(&mut text, "Content-Type", SDP_TYPE);
    }
    let _ = write!(text, "Content-Length: {}\r\n\r\n", body.len());
    text.push_str(body);
    text.into_bytes()
}
