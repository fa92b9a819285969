//! Long calls on the wire with the clock moved by hand: refreshes that are due, peers that stopped, lost ACKs.
//! The other wire tests are outside of the crate, in tests/sip_wire.rs.

use super::agreement::{LocalMedia, answer};
use super::call::{CallControl, CallEvent, EndReason, EndedBy, IncomingCall};
use super::server::SipServer;
use super::settings::SipSettings;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

const PATIENCE: Duration = Duration::from_secs(5);

struct Phone {
    socket: UdpSocket,
    server: SocketAddr,
}

impl Phone {
    fn request(&self, method: &str, cseq: u32, to_tag: &str, extra: &str, body: &str) -> String {
        let addr = self.socket.local_addr().unwrap();
        format!(
            "{method} sip:line@{} SIP/2.0\r\nVia: SIP/2.0/UDP {addr};branch=z9hG4bK-{method}-{cseq};rport\r\n\
             From: <sip:+12025550143@{addr}>;tag=f\r\nTo: <sip:line@127.0.0.1>{to_tag}\r\nCall-ID: long\r\nCSeq: {cseq} {method}\r\n\
             Contact: <sip:phone@{addr}>\r\n{extra}Content-Length: {}\r\n\r\n{body}",
            self.server,
            body.len()
        )
    }

    async fn send(&self, text: &str) {
        self.socket.send_to(text.as_bytes(), self.server).await.unwrap();
    }

    async fn wait_for(&self, start: &str) -> String {
        let mut buffer = vec![0; 8_192];
        loop {
            let length =
                tokio::time::timeout(PATIENCE, self.socket.recv(&mut buffer)).await.expect("it comes").unwrap();
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if text.starts_with(start) {
                return text;
            }
        }
    }

    async fn reply(&self, request: &str, status: &str, extra: &str) {
        let rows: Vec<&str> = request
            .lines()
            .filter(|row| ["Via:", "From:", "To:", "Call-ID:", "CSeq:"].iter().any(|name| row.starts_with(name)))
            .collect();
        self.send(&format!("SIP/2.0 {status}\r\n{}\r\n{extra}Content-Length: 0\r\n\r\n", rows.join("\r\n"))).await;
    }
}

async fn call_with(
    extra: &str,
    round_trip: Duration,
    acknowledge: bool,
) -> (SipServer, Phone, CallControl, String, mpsc::Receiver<IncomingCall>) {
    let mut settings = SipSettings::on(SocketAddr::from(([127, 0, 0, 1], 0)));
    settings.round_trip = round_trip;
    let (server, mut calls) = SipServer::start(settings).await.unwrap();
    let phone = Phone { socket: UdpSocket::bind("127.0.0.1:0").await.unwrap(), server: server.udp_addr().unwrap() };
    let offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 30000 RTP/AVP 0\r\n";
    phone.send(&phone.request("INVITE", 1, "", &format!("{extra}Content-Type: application/sdp\r\n"), offer)).await;
    let call = tokio::time::timeout(PATIENCE, calls.recv()).await.unwrap().unwrap();
    let local = LocalMedia::at(SocketAddr::from(([127, 0, 0, 1], 40_000)), 1);
    let (sdp, _) = answer(call.offer.as_ref().unwrap(), &local).unwrap();
    let control = call.answer(sdp).unwrap();
    let ok = phone.wait_for("SIP/2.0 200").await;
    let tag = ok.split("To: ").nth(1).unwrap().split("\r\n").next().unwrap().split(";tag=").nth(1).unwrap();
    let tag = format!(";tag={tag}");
    if acknowledge {
        phone.send(&phone.request("ACK", 1, &tag, "", "")).await;
        // OPTIONS behind it: once answered, the ACK has been seen.
        phone.send(&phone.request("OPTIONS", 2, &tag, "", "")).await;
        phone.wait_for("SIP/2.0 200").await;
    }
    (server, phone, control, tag, calls)
}

fn later(server: &SipServer, seconds: u64) {
    for dialog in server.stack.dialogs_now() {
        dialog.tick(Instant::now() + Duration::from_secs(seconds));
    }
}

async fn event(control: &mut CallControl) -> CallEvent {
    tokio::time::timeout(PATIENCE, control.next_event()).await.unwrap().unwrap()
}

const USUAL: Duration = Duration::from_millis(500);

#[tokio::test]
async fn we_refresh_at_half_time_with_update_and_the_call_goes_on() {
    let asked = "Supported: timer\r\nSession-Expires: 90;refresher=uas\r\nAllow: INVITE, UPDATE\r\n";
    let (server, phone, mut control, tag, _calls) = call_with(asked, USUAL, true).await;
    later(&server, 44);
    later(&server, 46);
    let update = phone.wait_for("UPDATE").await;
    assert!(update.contains("Session-Expires: 90;refresher=uac\r\n"), "{update}");
    phone.reply(&update, "200 OK", "Session-Expires: 120;refresher=uac\r\n").await;
    // The new interval holds: at 59 s nothing is dead.
    phone.send(&phone.request("OPTIONS", 3, &tag, "", "")).await;
    phone.wait_for("SIP/2.0 200").await;
    later(&server, 58);
    assert_eq!(server.calls_now(), 1);
    later(&server, 62);
    let update = phone.wait_for("UPDATE").await;
    phone.reply(&update, "481 Call/Transaction Does Not Exist", "").await;
    assert!(matches!(
        event(&mut control).await,
        CallEvent::Ended { by: EndedBy::Lost, reason: EndReason::NotRefreshed }
    ));
}

#[tokio::test]
async fn we_refresh_with_invite_when_the_peer_has_no_update() {
    let asked = "Supported: timer\r\nSession-Expires: 90;refresher=uas\r\nAllow: INVITE\r\n";
    let (server, phone, _control, _tag, _calls) = call_with(asked, USUAL, true).await;
    later(&server, 46);
    let invite = phone.wait_for("INVITE").await;
    assert!(invite.contains("m=audio 40000 ") && invite.contains(";refresher=uac"), "{invite}");
    phone.reply(&invite, "422 Session Interval Too Small", "Min-SE: 400\r\n").await;
    phone.wait_for("ACK").await;
    let invite = phone.wait_for("INVITE").await;
    assert!(invite.contains("Session-Expires: 400;refresher=uac\r\n"), "{invite}");
}

#[tokio::test]
async fn a_peer_that_stops_refreshing_is_hung_up() {
    let asked = "Supported: timer\r\nSession-Expires: 90;refresher=uac\r\n";
    let (server, phone, mut control, tag, _calls) = call_with(asked, USUAL, true).await;
    later(&server, 59);
    assert_eq!(server.calls_now(), 1);
    later(&server, 61);
    assert!(matches!(
        event(&mut control).await,
        CallEvent::Ended { by: EndedBy::Lost, reason: EndReason::NotRefreshed }
    ));
    let bye = phone.wait_for("BYE").await;
    assert!(bye.contains(&format!("From: <sip:line@127.0.0.1>{tag}\r\n")), "{bye}");
    phone.reply(&bye, "200 OK", "").await;
}

#[tokio::test]
async fn a_lost_acknowledgement_leaves_the_call_up() {
    let (server, phone, mut control, tag, _calls) = call_with("", Duration::from_millis(10), false).await;
    // 64 round trips without ACK: the owner is told, the call stays.
    assert!(matches!(event(&mut control).await, CallEvent::Unacknowledged));
    assert_eq!(server.calls_now(), 1);
    phone.send(&phone.request("OPTIONS", 2, &tag, "", "")).await;
    let ok = loop {
        let text = phone.wait_for("SIP/2.0 200").await;
        if text.contains("CSeq: 2 OPTIONS") {
            break text;
        }
    };
    assert!(ok.contains("Allow: "));
    control.hang_up(EndReason::NoMedia);
    let bye = phone.wait_for("BYE").await;
    phone.reply(&bye, "200 OK", "").await;
    assert!(matches!(event(&mut control).await, CallEvent::Ended { by: EndedBy::Us, reason: EndReason::NoMedia }));
}
