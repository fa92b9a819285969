//! Nothing about a caller reaches a log: every row at the most talkative level is gathered and searched.

use caseline_voice::sip::agreement::{LocalMedia, answer};
use caseline_voice::sip::{SipServer, SipSettings, is_silenced};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use tokio::net::UdpSocket;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Gathers every row; those of the silenced library apart.
#[derive(Clone, Default)]
struct Gatherer {
    ours: Arc<Mutex<String>>,
    library: Arc<Mutex<String>>,
}

struct Text<'a>(&'a mut String);

impl Visit for Text<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl Subscriber for Gatherer {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _span: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _span: &Id, _values: &Record<'_>) {}
    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let place = if is_silenced(event.metadata().target()) { &self.library } else { &self.ours };
        let mut place = place.lock().unwrap();
        place.push_str(event.metadata().target());
        event.record(&mut Text(&mut place));
        place.push('\n');
    }
    fn enter(&self, _span: &Id) {}
    fn exit(&self, _span: &Id) {}
}

#[tokio::test]
async fn no_log_row_of_ours_has_a_caller_s_number_and_the_library_s_rows_are_silenced() {
    let gatherer = Gatherer::default();
    let _guard = tracing::subscriber::set_default(gatherer.clone());
    let (server, mut calls) = SipServer::start(SipSettings::on("127.0.0.1:0".parse().unwrap())).await.unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let (addr, to) = (socket.local_addr().unwrap(), server.udp_addr().unwrap());
    let sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 30000 RTP/AVP 0\r\n";
    let request = |method: &str, cseq: u32, tag: &str, extra: &str, body: &str| {
        format!(
            "{method} sip:+12025550100@{to} SIP/2.0\r\nVia: SIP/2.0/UDP {addr};branch=z9hG4bK-{method}-{cseq};rport\r\n\
             From: <sip:+12025550143@{addr}>;tag=f\r\nTo: <sip:+12025550100@{to}>{tag}\r\nCall-ID: c-12025550143\r\n\
             CSeq: {cseq} {method}\r\nContact: <sip:+12025550143@{addr}>\r\n{extra}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let mut buffer = vec![0; 8_192];
    let mut answered = async |text: String| {
        socket.send_to(text.as_bytes(), to).await.unwrap();
        loop {
            let length = socket.recv(&mut buffer).await.unwrap();
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if !text.starts_with("SIP/2.0 1") {
                return text;
            }
        }
    };
    let talk = async {
        let invite = request("INVITE", 1, "", "Content-Type: application/sdp\r\n", sdp);
        let owner = async {
            let call = calls.recv().await.unwrap();
            let (sdp, _) = answer(call.offer.as_ref().unwrap(), &LocalMedia::at(addr, 1)).unwrap();
            call.answer(sdp).unwrap()
        };
        let (ok, control) = tokio::join!(answered(invite), owner);
        let tag = format!(
            ";tag={}",
            ok.split("To: ").nth(1).unwrap().split("\r\n").next().unwrap().split(";tag=").nth(1).unwrap()
        );
        answered(request("INFO", 2, &tag, "Content-Type: text/plain\r\n", "12025550143")).await;
        answered(request("BYE", 1, &tag, "", "")).await;
        answered(request("FLY", 3, &tag, "", "")).await;
        answered(request("INVITE", 4, "", "Content-Encoding: gzip\r\nContent-Type: application/sdp\r\n", sdp)).await;
        answered(request("BYE", 5, &tag, "", "")).await;
        drop(control);
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), talk).await.expect("the talk ends");
    let ours = gatherer.ours.lock().unwrap().clone();
    assert!(!ours.contains("2025550"), "{ours}");
    // The reason why it is silenced: the library writes whole messages.
    assert!(gatherer.library.lock().unwrap().contains("2025550143"));
    assert!(is_silenced("rsipstack") && is_silenced("rsipstack::transport::udp") && !is_silenced("rsipstackother"));
}
