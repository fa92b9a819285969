//! What two telephones agree on for the length of a call: names, tags, numbers, the way to each other (RFC 3261 §12).
//! What is sent when is left to `call`.

use std::hash::{BuildHasher, Hasher};
use std::net::SocketAddr;

use super::message::{Message, parameter, uri_of};

const PORT: u16 = 5_060;
const ALLOW: &str = "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO";

/// Our view of one dialog.
#[derive(Clone, Debug)]
pub(super) struct Dialog {
    pub(super) call_id: String,
    /// Our From (or, if we were called, To) without its tag.
    pub(super) local: String,
    pub(super) local_tag: String,
    pub(super) remote: String,
    pub(super) remote_tag: Option<String>,
    /// The URI to which requests go.
    pub(super) target: String,
    pub(super) route: Vec<String>,
    pub(super) cseq: u32,
    /// Where the other side's first message came from, or ours went to.
    pub(super) peer: SocketAddr,
    /// Our own Contact, with angle brackets.
    pub(super) contact: String,
    /// `UDP` or `TCP`, and our address, for Via.
    pub(super) via: String,
    /// Go where the other side's Contact says, as RFC 3261 §12.2.1.1 wants it.
    pub(super) follow_contact: bool,
}

impl Dialog {
    /// A request inside the dialog, or the one that opens it.
    pub(super) fn request(&self, method: &str, cseq: u32, branch: &str) -> Message {
        let mut message = Message::request(method, &self.target)
            .with("Via", format!("{};branch={branch};rport", self.via))
            .with("Max-Forwards", "70");
        for route in &self.route {
            message = message.with("Route", route.clone());
        }
        let remote_tag = self.remote_tag.as_ref().map(|tag| format!(";tag={tag}")).unwrap_or_default();
        message = message
            .with("From", format!("{};tag={}", self.local, self.local_tag))
            .with("To", format!("{}{remote_tag}", self.remote))
            .with("Call-ID", self.call_id.clone())
            .with("CSeq", format!("{cseq} {method}"))
            .with("User-Agent", "Caseline test telephone");
        if matches!(method, "INVITE" | "OPTIONS") {
            message = message.with("Allow", ALLOW);
        }
        if method == "INVITE" { message.with("Contact", self.contact.clone()) } else { message }
    }

    /// A response to the other side.
    pub(super) fn response(&self, request: &Message, status: u16, reason: &str) -> Message {
        let mut message = response_to(request, status, reason, &self.local_tag);
        let method = request.method();
        if method == Some("INVITE") && status < 300 {
            for route in request.list("Record-Route") {
                message = message.with("Record-Route", route);
            }
            message = message.with("Contact", self.contact.clone());
        }
        if status == 405 || method == Some("OPTIONS") || (method == Some("INVITE") && status == 200) {
            message = message.with("Allow", ALLOW);
        }
        message
    }

    /// Takes the other side's tag, address and route from a 2xx.
    pub(super) fn complete(&mut self, response: &Message) {
        self.remote_tag = response.tag("To").map(str::to_owned);
        self.take_target(response);
        self.route = response.list("Record-Route").into_iter().rev().map(str::to_owned).collect();
    }

    /// A later Contact takes the place of an earlier one.
    pub(super) fn take_target(&mut self, message: &Message) {
        if let Some(contact) = message.contact() {
            self.target = contact.to_owned();
        }
    }

    /// Where a request inside the dialog is sent.
    pub(super) fn destination(&self) -> SocketAddr {
        let next = self.route.first().map_or(self.target.as_str(), |route| uri_of(route));
        let literal = SipAddress::parse(next).and_then(|address| address.literal());
        literal.filter(|_| self.follow_contact).unwrap_or(self.peer)
    }
}

/// A response with the headers that RFC 3261 §8.2.6.2 copies.
pub(super) fn response_to(request: &Message, status: u16, reason: &str, tag: &str) -> Message {
    let mut message = Message::response(status, reason);
    for via in request.list("Via") {
        message = message.with("Via", via);
    }
    for name in ["From", "Call-ID", "CSeq"] {
        message = message.with(name, request.header(name).unwrap_or_default());
    }
    let to = request.header("To").unwrap_or_default();
    let tagged = request.tag("To").is_some() || status == 100;
    message.with("To", if tagged { to.to_owned() } else { format!("{to};tag={tag}") })
}

/// A `sip:` address taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SipAddress {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tcp: bool,
}

impl SipAddress {
    pub(super) fn parse(uri: &str) -> Option<Self> {
        let rest = uri.strip_prefix("sip:")?;
        let address = rest.split([';', '?']).next()?;
        let address = address.rsplit_once('@').map_or(address, |(_, host)| host);
        let (host, port) = match address.strip_prefix('[') {
            Some(rest) => {
                let (host, after) = rest.split_once(']')?;
                (host, after.strip_prefix(':'))
            }
            None => match address.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (address, None),
            },
        };
        let port = port.map_or(Some(PORT), |port| port.parse().ok())?;
        let tcp = parameter(rest, "transport").is_some_and(|transport| transport.eq_ignore_ascii_case("tcp"));
        (!host.is_empty()).then(|| Self { host: host.to_owned(), port, tcp })
    }

    fn literal(&self) -> Option<SocketAddr> {
        Some(SocketAddr::new(self.host.parse().ok()?, self.port))
    }
}

/// A new name for a call, a tag or a branch: unlike any other.
pub(super) fn fresh_name() -> String {
    format!("{:016x}", fresh_number())
}

/// A number from the operating system's chance (the standard library seeds its hash tables with it).
pub(super) fn fresh_number() -> u64 {
    std::hash::RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let address = |uri| SipAddress::parse(uri).map(|a| (a.host, a.port, a.tcp));
        assert_eq!(address("sip:line@127.0.0.1"), Some(("127.0.0.1".to_owned(), 5060, false)));
        assert_eq!(address("sip:[::1]:5070;transport=TCP"), Some(("::1".to_owned(), 5070, true)));
        assert_eq!(address("sip:+12025550100@pbx.example:5080"), Some(("pbx.example".to_owned(), 5080, false)));
        assert_eq!(address("tel:+12025550100"), None);
        assert_eq!(address("sip:a@b:port"), None);
    }
}
