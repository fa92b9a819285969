//! Reads one SIP message as text, strictly where safety needs it and kindly where telephones differ (RFC 3261 7, 25).
//! What a message is answered with is `sip::prefilter` and `sip::incoming`; the transaction rules are the library's.

use std::borrow::Cow;

/// Header rows that are read in one message; real ones have 10 to 40.
pub(crate) const HEADERS_MAX: usize = 256;

/// One message, borrowed from the octets that arrived.
#[derive(Debug)]
pub(crate) struct Message<'a> {
    pub start: Start<'a>,
    pub headers: Vec<Header<'a>>,
    pub body: &'a [u8],
}

/// The first row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start<'a> {
    Request { method: &'a str, uri: &'a str, version_ok: bool },
    Status { code: u16 },
}

/// One header: canonical lower-case name for those we use, the unfolded value.
#[derive(Debug)]
pub(crate) struct Header<'a> {
    pub name: Cow<'a, str>,
    pub value: Cow<'a, str>,
}

/// Why the text is no message at all, or only a damaged one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WireFault {
    /// No first row of either kind: nothing can be answered.
    NoStart,
    /// A request's first row that is damaged; the headers may still serve for a 400.
    BadRequestRow,
    /// A header row without a colon, or too many rows.
    BadHeader,
}

/// Where the headers end: index of the empty row's begin and of the body's begin.
pub(crate) fn header_end(bytes: &[u8]) -> Option<(usize, usize)> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| (at, at + 4))
}

impl<'a> Message<'a> {
    /// Reads the headers' text and keeps the body. A damaged first row is reported beside the message so that it can
    /// be answered.
    pub fn parse(head: &'a str, body: &'a [u8]) -> Result<(Self, Option<WireFault>), WireFault> {
        let mut rows = head.split("\r\n");
        let first = rows.next().ok_or(WireFault::NoStart)?;
        let (start, fault) = start_row(first)?;
        let mut headers: Vec<Header<'a>> = Vec::with_capacity(16);
        let mut fault = fault;
        for row in rows {
            if row.starts_with([' ', '\t']) {
                match headers.last_mut() {
                    Some(last) => {
                        let value = last.value.to_mut();
                        if !value.is_empty() {
                            value.push(' ');
                        }
                        value.push_str(row.trim());
                    }
                    None => fault = fault.or(Some(WireFault::BadHeader)),
                }
                continue;
            }
            if headers.len() >= HEADERS_MAX {
                return Err(WireFault::BadHeader);
            }
            match row.split_once(':') {
                Some((name, value)) if is_token(name.trim_end()) => {
                    headers.push(Header { name: canonical(name.trim_end()), value: Cow::Borrowed(value.trim()) });
                }
                _ => fault = fault.or(Some(WireFault::BadHeader)),
            }
        }
        Ok((Self { start, headers, body }, fault))
    }

    /// Reads whole octets whose headers are UTF-8; for messages that have passed the filter.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let (end, begin) = header_end(bytes)?;
        let head = std::str::from_utf8(bytes.get(..end)?).ok()?;
        let (message, fault) = Self::parse(head, bytes.get(begin..)?).ok()?;
        if fault.is_some() {
            return None;
        }
        let length = message.content_length().ok().flatten();
        let body = match length {
            Some(length) => message.body.get(..length)?,
            None => message.body,
        };
        Some(Self { body, ..message })
    }

    /// First value of a header, by its lower-case long name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.name == name).map(|header| header.value.as_ref())
    }

    /// All values of a header, in order, one a row.
    pub fn all<'b>(&'b self, name: &str) -> impl Iterator<Item = &'b str> {
        self.headers.iter().filter(move |header| header.name == name).map(|header| header.value.as_ref())
    }

    /// The comma-separated elements of all rows of a header.
    pub fn list<'b>(&'b self, name: &str) -> Vec<&'b str> {
        self.all(name).flat_map(split_commas).filter(|element| !element.is_empty()).collect()
    }

    /// The method of a request.
    pub fn method(&self) -> Option<&'a str> {
        match self.start {
            Start::Request { method, .. } => Some(method),
            Start::Status { .. } => None,
        }
    }

    /// The stated body length: absent, or exactly one number.
    pub fn content_length(&self) -> Result<Option<usize>, WireFault> {
        let mut rows = self.all("content-length");
        let Some(first) = rows.next() else { return Ok(None) };
        if rows.next().is_some() || first.is_empty() || !first.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(WireFault::BadHeader);
        }
        first.parse().map(Some).map_err(|_| WireFault::BadHeader)
    }

    /// Number and method of CSeq.
    pub fn cseq(&self) -> Option<(u32, &str)> {
        let (number, method) = self.header("cseq")?.split_once(|c: char| c.is_ascii_whitespace())?;
        // RFC 3261 8.1.1.5: less than 2^31.
        let number = number.parse().ok().filter(|number: &u32| *number < 1 << 31)?;
        Some((number, method.trim()))
    }

    /// Whether a comma-separated header names this token.
    pub fn lists(&self, name: &str, token: &str) -> bool {
        self.list(name).iter().any(|element| element.eq_ignore_ascii_case(token))
    }
}

fn start_row(row: &str) -> Result<(Start<'_>, Option<WireFault>), WireFault> {
    if let Some(rest) = row.strip_prefix("SIP/") {
        let mut words = rest.splitn(3, ' ');
        let version = words.next().unwrap_or_default();
        let code = words.next().unwrap_or_default();
        let code = code.parse().ok().filter(|code| (100..700).contains(code)).ok_or(WireFault::NoStart)?;
        if version != "2.0" {
            return Err(WireFault::NoStart);
        }
        return Ok((Start::Status { code }, None));
    }
    // Kind to one or two blanks at the end of the row (RFC 4475 3.1.2.7 allows either way), strict inside it.
    let row = row.trim_end_matches(' ');
    let (method, rest) = row.split_once(' ').ok_or(WireFault::NoStart)?;
    let (uri, version) = rest.rsplit_once(' ').ok_or(WireFault::NoStart)?;
    if !is_token(method) {
        return Err(WireFault::NoStart);
    }
    let Some(version) = version.strip_prefix("SIP/").or_else(|| version.strip_prefix("sip/")) else {
        return Err(WireFault::NoStart);
    };
    let bad = uri.is_empty() || uri.contains([' ', '\t', '<', '>', '"']) || uri.chars().any(char::is_control);
    Ok((Start::Request { method, uri, version_ok: version == "2.0" }, bad.then_some(WireFault::BadRequestRow)))
}

/// RFC 3261 25.1 `token`.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|c| c.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&c))
}

/// RFC 3261 25.1 `callid`: word ["@" word], without blanks.
pub(crate) fn is_call_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 512
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || b"-.!%*_+`'~()<>:\\\"/[]?{}@".contains(&c))
}

/// Long lower-case names of the headers we use, their compact forms included; others in lower case as they come.
fn canonical(name: &str) -> Cow<'_, str> {
    const KNOWN: [(&str, &str); 36] = [
        ("via", "v"),
        ("from", "f"),
        ("to", "t"),
        ("call-id", "i"),
        ("cseq", ""),
        ("contact", "m"),
        ("content-length", "l"),
        ("content-type", "c"),
        ("max-forwards", ""),
        ("supported", "k"),
        ("require", ""),
        ("allow", ""),
        ("route", ""),
        ("record-route", ""),
        ("session-expires", "x"),
        ("min-se", ""),
        ("user-agent", ""),
        ("accept", ""),
        ("content-encoding", "e"),
        ("content-disposition", ""),
        ("authorization", ""),
        ("proxy-authorization", ""),
        ("www-authenticate", ""),
        ("proxy-authenticate", ""),
        ("p-asserted-identity", ""),
        ("privacy", ""),
        ("expires", ""),
        ("min-expires", ""),
        ("retry-after", ""),
        ("info-package", ""),
        ("event", "o"),
        ("refer-to", "r"),
        ("replaces", ""),
        ("server", ""),
        ("proxy-require", ""),
        ("subject", "s"),
    ];
    for (long, compact) in KNOWN {
        if name.eq_ignore_ascii_case(long) || (!compact.is_empty() && name.eq_ignore_ascii_case(compact)) {
            return Cow::Borrowed(long);
        }
    }
    Cow::Owned(name.to_ascii_lowercase())
}

/// Splits at commas outside quotes and angle brackets.
pub(crate) fn split_commas(value: &str) -> impl Iterator<Item = &str> {
    split_outside(value, ',')
}

fn split_outside(value: &str, at: char) -> impl Iterator<Item = &str> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let text = rest?;
        let (mut quoted, mut escaped, mut angle) = (false, false, false);
        for (index, c) in text.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                '<' if !quoted => angle = true,
                '>' if !quoted => angle = false,
                _ if c == at && !quoted && !angle => {
                    rest = text.get(index + c.len_utf8()..);
                    return text.get(..index).map(str::trim);
                }
                _ => {}
            }
        }
        rest = None;
        Some(text.trim())
    })
}

/// `name-addr` or `addr-spec` with parameters (From, To, Contact, Route).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NameAddr<'a> {
    pub display: &'a str,
    pub uri: &'a str,
    params: &'a str,
}

impl<'a> NameAddr<'a> {
    /// Reads one element; `None` when quotes or brackets do not balance or the display name has forbidden characters.
    pub fn parse(value: &'a str) -> Option<Self> {
        let value = value.trim();
        if value.starts_with('"') {
            let end = closing_quote(value)?;
            let rest = value.get(end + 1..)?.trim_start();
            let inside = rest.strip_prefix('<')?;
            let (uri, params) = inside.split_once('>')?;
            return Self::checked(value.get(1..end)?, uri.trim(), params);
        }
        if let Some((display, inside)) = value.split_once('<') {
            let display = display.trim();
            if !display.split_ascii_whitespace().all(is_token) {
                return None;
            }
            let (uri, params) = inside.split_once('>')?;
            return Self::checked(display, uri.trim(), params);
        }
        // Without brackets every parameter belongs to the header (RFC 3261 20).
        let (uri, params) = match value.find(';') {
            Some(at) => value.split_at(at),
            None => (value, ""),
        };
        Self::checked("", uri.trim(), params)
    }

    fn checked(display: &'a str, uri: &'a str, params: &'a str) -> Option<Self> {
        let params = params.trim();
        let well_formed = params.is_empty() || params.starts_with(';');
        let blank = uri.is_empty() || uri.contains(|c: char| c.is_whitespace() || c.is_control());
        let scheme = uri.split_once(':').is_some_and(|(scheme, rest)| is_scheme(scheme) && !rest.is_empty());
        (well_formed && !blank && scheme).then_some(Self { display, uri, params })
    }

    /// A parameter's value; `Some("")` when it stands alone.
    pub fn param(&self, name: &str) -> Option<&'a str> {
        params(self.params).find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The tag, when it is a token.
    pub fn tag(&self) -> Option<&'a str> {
        self.param("tag").filter(|tag| is_token(tag))
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || b"+-.".contains(&c))
}

fn closing_quote(value: &str) -> Option<usize> {
    let mut escaped = false;
    for (index, c) in value.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(index),
            _ => {}
        }
    }
    None
}

/// `;name=value;name` pairs; a leading semicolon is allowed.
pub(crate) fn params(text: &str) -> impl Iterator<Item = (&str, &str)> {
    split_outside(text, ';').filter(|pair| !pair.is_empty()).map(|pair| match pair.split_once('=') {
        Some((name, value)) => (name.trim(), value.trim()),
        None => (pair, ""),
    })
}

/// The topmost Via.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Via<'a> {
    pub transport: &'a str,
    pub host: &'a str,
    pub port: Option<u16>,
    pub branch: Option<&'a str>,
    pub rport: bool,
    params: &'a str,
    /// What follows the first element in the same row, for echoing.
    pub rest: &'a str,
}

impl<'a> Via<'a> {
    /// Reads the first element of a Via row.
    pub fn parse(row: &'a str) -> Option<Self> {
        let first = split_commas(row).next()?;
        let rest = row.trim().get(first.len()..)?.trim_start().trim_start_matches(',').trim();
        let (protocol, after) = first.split_once('/')?;
        let (version, after) = after.split_once('/')?;
        if !protocol.trim().eq_ignore_ascii_case("SIP") || !is_token(version.trim()) {
            return None;
        }
        let after = after.trim_start();
        let (transport, after) = after.split_once(|c: char| c.is_whitespace())?;
        let (sent_by, params_text) = match after.find(';') {
            Some(at) => after.split_at(at),
            None => (after, ""),
        };
        let (host, port) = host_port(sent_by.trim())?;
        let body = params_text.strip_prefix(';').unwrap_or(params_text);
        if !params_text.is_empty() && !split_outside(body, ';').all(is_param) {
            return None;
        }
        let branch = params(params_text).find(|(name, _)| name.eq_ignore_ascii_case("branch")).map(|(_, value)| value);
        if !is_token(transport) || branch.is_some_and(|branch| !is_token(branch)) {
            return None;
        }
        let rport = params(params_text).any(|(name, _)| name.eq_ignore_ascii_case("rport"));
        Some(Self { transport, host, port, branch, rport, params: params_text, rest })
    }

    /// The element again with `received` and `rport` as RFC 3261 18.2.1 and RFC 3581 ask.
    pub fn stamped(&self, from: std::net::SocketAddr) -> String {
        let mut text = format!("SIP/2.0/{} {}", self.transport, self.host);
        if let Some(port) = self.port {
            text.push_str(&format!(":{port}"));
        }
        for (name, value) in params(self.params) {
            if name.eq_ignore_ascii_case("received") || name.eq_ignore_ascii_case("rport") {
                continue;
            }
            text.push(';');
            text.push_str(name);
            if !value.is_empty() {
                text.push('=');
                text.push_str(value);
            }
        }
        let ip = from.ip().to_canonical();
        if self.rport || self.host.trim_matches(['[', ']']).parse() != Ok(ip) {
            text.push_str(&format!(";received={ip}"));
        }
        if self.rport {
            text.push_str(&format!(";rport={}", from.port()));
        }
        text
    }

    /// Where answers to this Via go over UDP: the source address; its port only if `rport` asked (RFC 3581 4).
    pub fn answer_port(&self, from: std::net::SocketAddr) -> u16 {
        if self.rport { from.port() } else { self.port.unwrap_or(5060) }
    }
}

fn is_param(pair: &str) -> bool {
    let name = pair.split_once('=').map_or(pair, |(name, _)| name);
    is_token(name.trim())
}

/// `host[:port]`, with IPv6 in brackets.
pub(crate) fn host_port(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = if let Some(end) = text.find(']') {
        let (host, rest) = text.split_at(end + 1);
        host.strip_prefix('[')?.strip_suffix(']')?.parse::<std::net::Ipv6Addr>().ok()?;
        match rest.trim() {
            "" => (host, None),
            rest => (host, Some(rest.strip_prefix(':')?)),
        }
    } else {
        match text.split_once(':') {
            Some((host, port)) => (host.trim(), Some(port)),
            None => (text, None),
        }
    };
    let is_name = |host: &str| host.bytes().all(|c| c.is_ascii_alphanumeric() || b"-._".contains(&c));
    if host.is_empty() || !(host.starts_with('[') || is_name(host)) {
        return None;
    }
    let port = match port {
        Some(port) => Some(port.trim().parse().ok()?),
        None => None,
    };
    Some((host, port))
}

/// The parts of a `sip:`, `sips:` or `tel:` address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address<'a> {
    /// The user part: a number, a name; `None` for a host alone.
    pub who: Option<&'a str>,
    pub host: &'a str,
    pub port: Option<u16>,
    params: &'a str,
    pub has_headers: bool,
}

impl<'a> Address<'a> {
    /// `None` when the scheme is not ours or the text is not an address.
    pub fn parse(uri: &'a str) -> Option<Self> {
        let (scheme, rest) = uri.split_once(':')?;
        if scheme.eq_ignore_ascii_case("tel") {
            let (who, params) = rest.split_at(rest.find(';').unwrap_or(rest.len()));
            let dialled = !who.is_empty() && who.bytes().all(|c| c.is_ascii_hexdigit() || b"+-.()*#".contains(&c));
            return dialled.then_some(Self { who: Some(who), host: "", port: None, params, has_headers: false });
        }
        if !scheme.eq_ignore_ascii_case("sip") && !scheme.eq_ignore_ascii_case("sips") {
            return None;
        }
        // "@" can stand in a user part only escaped, so the first one ends it; headers may hold another.
        let (who, rest) = match rest.split_once('@') {
            Some((who, rest)) => (Some(who.split_once(':').map_or(who, |(who, _password)| who)), rest),
            None => (None, rest),
        };
        let (rest, has_headers) = rest.split_once('?').map_or((rest, false), |(rest, _)| (rest, true));
        let (sent, params) = rest.split_at(rest.find(';').unwrap_or(rest.len()));
        let (host, port) = host_port(sent)?;
        Some(Self { who, host, port, params, has_headers })
    }

    /// A URI parameter's value.
    pub fn param(&self, name: &str) -> Option<&'a str> {
        params(self.params).find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Whether `transport=tcp` is asked for.
    pub fn wants_tcp(&self) -> bool {
        self.param("transport").is_some_and(|transport| transport.eq_ignore_ascii_case("tcp"))
    }
}

/// Whether the scheme is one we can be called by.
pub(crate) fn is_our_scheme(uri: &str) -> bool {
    uri.split_once(':')
        .is_some_and(|(scheme, _)| ["sip", "sips", "tel"].iter().any(|ours| scheme.eq_ignore_ascii_case(ours)))
}

/// `%41` to `A`, once; what is not UTF-8 or a control character afterwards stays escaped.
pub(crate) fn unescaped(text: &str) -> String {
    let mut octets = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&c) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).and_then(|two| std::str::from_utf8(two).ok());
        match (c, hex.and_then(|two| u8::from_str_radix(two, 16).ok())) {
            (b'%', Some(octet)) if octet >= 0x20 && octet != 0x7f => {
                octets.push(octet);
                at += 3;
            }
            _ => {
                octets.push(c);
                at += 1;
            }
        }
    }
    String::from_utf8(octets).unwrap_or_else(|_| text.to_owned())
}
