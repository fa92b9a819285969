//! A telephone for the tests that speaks raw text from a socket: what is written in a test is what is on the wire.
//! It knows no rules; each test says what must come back.

use caseline_voice::sip::{IncomingCall, LocalMedia, SipServer, SipSettings};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

/// How long a test waits for what must come.
pub const PATIENCE: Duration = Duration::from_secs(6);

/// An offer as a usual softphone writes it.
pub fn offer(port: u16, direction: &str) -> String {
    format!(
        "v=0\r\no=- 7 {port} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 0 8 101\r\n\
         a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na={direction}\r\n"
    )
}

/// Our own side's media in tests.
pub fn local() -> LocalMedia {
    LocalMedia::at("127.0.0.1:40000".parse().unwrap(), 42)
}

/// A server on a free port of 127.0.0.1, UDP and TCP.
pub async fn server(change: impl FnOnce(&mut SipSettings)) -> (SipServer, mpsc::Receiver<IncomingCall>) {
    let mut settings = SipSettings::on("127.0.0.1:0".parse().unwrap());
    settings.ping_every = None;
    change(&mut settings);
    SipServer::start(settings).await.expect("the server starts on a free port")
}

/// A telephone at a UDP socket.
pub struct Phone {
    pub socket: UdpSocket,
    pub addr: SocketAddr,
    pub server: SocketAddr,
    /// Names the calls of this telephone apart from others'.
    pub name: String,
}

impl Phone {
    pub async fn near(server: &SipServer, name: &str) -> Self {
        Self::at("127.0.0.1:0", server.udp_addr().unwrap(), name).await
    }

    pub async fn at(addr: &str, server: SocketAddr, name: &str) -> Self {
        let socket = UdpSocket::bind(addr).await.unwrap();
        let addr = socket.local_addr().unwrap();
        Self { socket, addr, server, name: name.to_owned() }
    }

    pub async fn send(&self, text: &str) {
        self.socket.send_to(text.as_bytes(), self.server).await.unwrap();
    }

    /// The next message, whatever it is.
    pub async fn next(&self) -> String {
        self.next_within(PATIENCE).await.unwrap_or_else(|| panic!("nothing came to {}", self.name))
    }

    pub async fn next_within(&self, within: Duration) -> Option<String> {
        let mut buffer = vec![0; 65_536];
        let received = tokio::time::timeout(within, self.socket.recv_from(&mut buffer)).await.ok()?;
        let (length, from) = received.unwrap();
        assert_eq!(from, self.server, "answers come from where requests went");
        buffer.truncate(length);
        Some(String::from_utf8(buffer).unwrap())
    }

    /// The next message that is not a provisional "Trying".
    pub async fn answer(&self) -> String {
        loop {
            let text = self.next().await;
            if !text.starts_with("SIP/2.0 100") {
                return text;
            }
        }
    }

    /// The next message with this status; others before it fail the test, "Trying" and repeats of `past` aside.
    pub async fn expect(&self, status: u16) -> String {
        let text = self.answer().await;
        assert!(text.starts_with(&format!("SIP/2.0 {status} ")), "{} wanted {status}, got:\n{text}", self.name);
        text
    }

    /// The next request of this method, skipping repeats of anything else.
    pub async fn request_of(&self, method: &str) -> String {
        loop {
            let text = self.next().await;
            if text.starts_with(&format!("{method} ")) {
                return text;
            }
        }
    }

    /// A request outside of any call.
    pub fn request(&self, method: &str, cseq: u32, extra: &str, body: &str) -> String {
        self.in_call(method, cseq, None, extra, body)
    }

    /// A request, inside a call when `to_tag` is given. `extra` rows end with CRLF. ACKs and BYEs have fresh branches.
    pub fn in_call(&self, method: &str, cseq: u32, to_tag: Option<&str>, extra: &str, body: &str) -> String {
        let (name, addr, server) = (&self.name, self.addr, self.server);
        let tag = to_tag.map(|tag| format!(";tag={tag}")).unwrap_or_default();
        let branch_of = if method == "CANCEL" { "INVITE" } else { method };
        let kind =
            if body.is_empty() || extra.contains("Content-Type") { "" } else { "Content-Type: application/sdp\r\n" };
        format!(
            "{method} sip:line@{server} SIP/2.0\r\nVia: SIP/2.0/UDP {addr};branch=z9hG4bK-{name}-{branch_of}-{cseq};rport\r\n\
             Max-Forwards: 70\r\nFrom: \"A, <B>\" <sip:+12025550143@{addr}>;tag=from-{name}\r\nTo: <sip:line@{server}>{tag}\r\n\
             Call-ID: {name}@127.0.0.1\r\nCSeq: {cseq} {method}\r\nContact: <sip:phone@{addr}>\r\n{extra}{kind}\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    /// An answer to a request that came from the server.
    pub async fn reply(&self, request: &str, status: &str, to_tag: &str, extra: &str, body: &str) {
        self.send(&answer_to(request, status, to_tag, &format!("Contact: <sip:phone@{}>\r\n{extra}", self.addr), body))
            .await;
    }

    /// Sets a call up and returns the 2xx, acknowledged.
    pub async fn dial(
        &self,
        calls: &mut mpsc::Receiver<IncomingCall>,
        extra: &str,
    ) -> (caseline_voice::sip::CallControl, String) {
        self.send(&self.request("INVITE", 1, extra, &offer(30_000, "sendrecv"))).await;
        let call = incoming(calls).await;
        let (sdp, _) = caseline_voice::sip::agreement::answer(call.offer.as_ref().unwrap(), &local()).unwrap();
        let control = call.answer(sdp).unwrap();
        let ok = self.expect(200).await;
        self.send(&self.in_call("ACK", 1, Some(&to_tag(&ok)), "", "")).await;
        (control, ok)
    }
}

/// The answer's text for a request's text.
pub fn answer_to(request: &str, status: &str, to_tag: &str, extra: &str, body: &str) -> String {
    let mut rows = vec![format!("SIP/2.0 {status}")];
    for row in request.lines() {
        for name in ["Via:", "From:", "Call-ID:", "CSeq:", "Record-Route:"] {
            if row.starts_with(name) {
                rows.push(row.to_owned());
            }
        }
        if row.starts_with("To:") {
            let tag = if row.contains(";tag=") { String::new() } else { format!(";tag={to_tag}") };
            rows.push(format!("{row}{tag}"));
        }
    }
    let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    format!("{}\r\n{extra}{kind}Content-Length: {}\r\n\r\n{body}", rows.join("\r\n"), body.len())
}

/// The next call that comes in.
pub async fn incoming(calls: &mut mpsc::Receiver<IncomingCall>) -> IncomingCall {
    tokio::time::timeout(PATIENCE, calls.recv()).await.expect("a call comes in").expect("the server lives")
}

/// A header's value in a message's text.
pub fn header(text: &str, name: &str) -> Option<String> {
    let head = text.split("\r\n\r\n").next().unwrap();
    head.lines().find_map(|row| {
        let (key, value) = row.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

/// The tag in To.
pub fn to_tag(text: &str) -> String {
    header(text, "To").unwrap().split(";tag=").nth(1).expect("To has a tag").to_owned()
}

/// The tag in From.
pub fn from_tag(text: &str) -> String {
    header(text, "From").unwrap().split(";tag=").nth(1).expect("From has a tag").to_owned()
}

/// The body of a message's text.
pub fn body(text: &str) -> &str {
    text.split_once("\r\n\r\n").unwrap().1
}
