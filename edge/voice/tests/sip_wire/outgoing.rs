//! Calls that we place: answered, refused, given up, redirected, challenged by the trunk.

use crate::peer::{PATIENCE, Phone, answer_to, body, from_tag, header, local, offer, server, to_tag};
use caseline_voice::sip::{
    CallEvent, CallingIdentity, EndReason, EndedBy, OutgoingCall, OutgoingEvent, OutgoingTarget, SipFault, SipServer,
    Trunk,
};
use std::time::Duration;
use tokio::net::UdpSocket;

async fn event(call: &mut OutgoingCall) -> OutgoingEvent {
    tokio::time::timeout(PATIENCE, call.next_event()).await.expect("something happens").expect("the call goes on")
}

async fn ring(server: &SipServer, phone: &Phone) -> (OutgoingCall, String) {
    let target = OutgoingTarget::Uri(format!("sip:desk@{}", phone.addr).into());
    let identity =
        CallingIdentity { display: Some(String::from("The \"line\"")), number: Some(String::from("202 555-0100")) };
    let call = server.call(target, identity, caseline_voice::sip::agreement::offer(&local())).await.unwrap();
    (call, phone.request_of("INVITE").await)
}

#[tokio::test]
async fn somebody_answers_talks_and_hangs_up() {
    let (server, _calls) = server(|_| ()).await;
    let phone = Phone::near(&server, "desk").await;
    let (mut call, invite) = ring(&server, &phone).await;
    assert!(
        header(&invite, "From").unwrap().starts_with("\"The \\\"line\\\"\" <sip:2025550100@127.0.0.1:"),
        "{invite}"
    );
    assert!(body(&invite).contains("m=audio 40000 RTP/AVP 0 8 101"));
    assert_eq!(header(&invite, "Session-Expires").unwrap(), "1800");
    phone.reply(&invite, "180 Ringing", "desk", "", "").await;
    assert!(matches!(event(&mut call).await, OutgoingEvent::Ringing(None)));
    phone.reply(&invite, "183 Session Progress", "desk", "", &offer(31_000, "sendrecv")).await;
    assert!(matches!(event(&mut call).await, OutgoingEvent::Ringing(Some(_))));
    let route = format!("Record-Route: <sip:{};lr;a>\r\nRecord-Route: <sip:{};lr;b>\r\n", phone.addr, phone.addr);
    phone.reply(&invite, "200 OK", "desk", &route, &offer(31_000, "sendrecv")).await;
    let OutgoingEvent::Answered(answered) = event(&mut call).await else { panic!("not answered") };
    assert_eq!(answered.sdp.media[0].port, 31_000);
    let ack = phone.request_of("ACK").await;
    assert!(ack.starts_with(&format!("ACK sip:phone@{} ", phone.addr)));
    assert_eq!(header(&ack, "Route").unwrap(), format!("<sip:{};lr;b>", phone.addr), "the route is reversed");
    assert!(!header(&ack, "Via").unwrap().contains(header(&invite, "Via").unwrap().split("branch=").nth(1).unwrap()));
    // The answer comes again: so does the ACK.
    phone.reply(&invite, "200 OK", "desk", &route, &offer(31_000, "sendrecv")).await;
    assert_eq!(phone.request_of("ACK").await, ack);
    let mut control = answered.call;
    phone
        .send(
            &phone
                .in_call("BYE", 1, Some(&from_tag(&invite)), "", "")
                .replace("from-desk", "desk")
                .replace("desk@127.0.0.1", &header(&invite, "Call-ID").unwrap()),
        )
        .await;
    phone.expect(200).await;
    let ended = tokio::time::timeout(PATIENCE, control.next_event()).await.unwrap();
    assert!(matches!(ended, Some(CallEvent::Ended { by: EndedBy::Peer, reason: EndReason::HungUp })));
    assert!(call.next_event().await.is_none());
}

#[tokio::test]
async fn a_refusal_and_silence_both_end_the_try() {
    let (server, _calls) = server(|_| ()).await;
    let phone = Phone::near(&server, "busy").await;
    let (mut call, invite) = ring(&server, &phone).await;
    phone.reply(&invite, "486 Busy Here", "busy", "", "").await;
    assert!(matches!(event(&mut call).await, OutgoingEvent::Failed { status: 486 }));
    let ack = phone.request_of("ACK").await;
    assert_eq!(header(&ack, "Via").unwrap(), header(&invite, "Via").unwrap(), "same transaction, same Via");
    assert_eq!(to_tag(&ack), "busy");
    assert_eq!(server.calls_now(), 0);
    assert!(call.next_event().await.is_none());
    // A host without an address is told at once.
    let target = OutgoingTarget::Uri(String::from("sip:desk@no-such-host.invalid").into());
    let fault = server.call(target, CallingIdentity::default(), String::new()).await.unwrap_err();
    assert!(matches!(fault, SipFault::NoAddress));
    for bad in ["mailto:a@b", "sip:a b@127.0.0.1", "sip:a@127.0.0.1\r\nX: y", "sip:a@127.0.0.1?Route=x"] {
        let fault =
            server.call(OutgoingTarget::Uri(bad.to_owned().into()), CallingIdentity::default(), String::new()).await;
        assert!(matches!(fault, Err(SipFault::BadSetting { .. })), "{bad}");
    }
}

#[tokio::test]
async fn giving_up_sends_cancel_once_it_rings() {
    let (server, _calls) = server(|_| ()).await;
    let phone = Phone::near(&server, "given-up").await;
    let (mut call, invite) = ring(&server, &phone).await;
    call.cancel();
    // CANCEL may follow only after a provisional answer (RFC 3261 9.1).
    phone.reply(&invite, "180 Ringing", "t", "", "").await;
    let cancel = phone.request_of("CANCEL").await;
    for name in ["Via", "From", "To", "Call-ID"] {
        assert_eq!(header(&cancel, name), header(&invite, name));
    }
    assert_eq!(header(&cancel, "CSeq").unwrap(), "1 CANCEL");
    phone.reply(&cancel, "200 OK", "t", "", "").await;
    phone.reply(&invite, "487 Request Terminated", "t", "", "").await;
    loop {
        match event(&mut call).await {
            OutgoingEvent::Ringing(_) => {}
            OutgoingEvent::Failed { status } => break assert_eq!(status, 487),
            other => panic!("{other:?}"),
        }
    }
    phone.request_of("ACK").await;
}

#[tokio::test]
async fn an_answer_that_crosses_our_giving_up_is_hung_up() {
    let (server, _calls) = server(|_| ()).await;
    let phone = Phone::near(&server, "crossed").await;
    let (call, invite) = ring(&server, &phone).await;
    phone.reply(&invite, "180 Ringing", "t", "", "").await;
    drop(call);
    let cancel = phone.request_of("CANCEL").await;
    phone.reply(&invite, "200 OK", "t", "", &offer(31_000, "sendrecv")).await;
    phone.reply(&cancel, "200 OK", "t", "", "").await;
    phone.request_of("ACK").await;
    let bye = phone.request_of("BYE").await;
    phone.reply(&bye, "200 OK", "", "", "").await;
    assert_eq!(server.calls_now(), 0);
}

#[tokio::test]
async fn the_second_of_two_telephones_that_answer_is_hung_up() {
    let (server, _calls) = server(|_| ()).await;
    let phone = Phone::near(&server, "fork").await;
    let (mut call, invite) = ring(&server, &phone).await;
    phone.reply(&invite, "200 OK", "one", "", &offer(31_000, "sendrecv")).await;
    let OutgoingEvent::Answered(_first) = event(&mut call).await else { panic!("not answered") };
    assert_eq!(to_tag(&phone.request_of("ACK").await), "one");
    phone.reply(&invite, "200 OK", "two", "", &offer(31_002, "sendrecv")).await;
    assert_eq!(to_tag(&phone.request_of("ACK").await), "two");
    let bye = phone.request_of("BYE").await;
    assert_eq!(to_tag(&bye), "two");
    phone.reply(&bye, "200 OK", "", "", "").await;
    assert_eq!(server.calls_now(), 1);
}

/// A trunk at a socket of this test.
pub fn trunk(phone: &Phone) -> Trunk {
    Trunk { port: phone.addr.port(), register: false, ..Trunk::new("carrier", "127.0.0.1", "4711", "secret") }
}

#[tokio::test]
async fn a_trunk_s_challenge_is_answered_and_its_redirection_followed_once() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let addr = socket.local_addr().unwrap();
    let mut phone = Phone { socket, addr, server: addr, name: String::from("carrier") };
    let settings = trunk(&phone);
    let (server, _calls) = server(|all| all.trunks.push(settings)).await;
    phone.server = server.udp_addr().unwrap();
    let target =
        OutgoingTarget::Trunk { trunk: String::from("carrier"), number: String::from("+1 (202) 555-0123").into() };
    let sdp = caseline_voice::sip::agreement::offer(&local());
    let mut call = server.call(target, CallingIdentity::default(), sdp).await.unwrap();
    let first = phone.request_of("INVITE").await;
    assert!(first.starts_with(&format!("INVITE sip:+12025550123@{addr} SIP/2.0\r\n")), "{first}");
    assert!(header(&first, "From").unwrap().starts_with("<sip:4711@127.0.0.1>;tag="));
    let challenge = "Proxy-Authenticate: Digest realm=\"r, x\", nonce=\"n1\", qop=\"auth,auth-int\", algorithm=MD5, opaque=\"o\"\r\n";
    phone.reply(&first, "407 Proxy Authentication Required", "t", challenge, "").await;
    phone.request_of("ACK").await;
    let second = phone.request_of("INVITE").await;
    assert_eq!(header(&second, "CSeq").unwrap(), "2 INVITE");
    assert_eq!(header(&second, "Call-ID"), header(&first, "Call-ID"));
    let credentials = header(&second, "Proxy-Authorization").unwrap();
    for part in ["username=\"4711\"", "realm=\"r, x\"", "nonce=\"n1\"", "qop=auth", "nc=00000001", "opaque=\"o\""] {
        assert!(credentials.contains(part), "{credentials}");
    }
    assert!(credentials.contains(&format!("uri=\"sip:+12025550123@{addr}\"")), "{credentials}");
    let elsewhere = answer_to(&second, "302 Moved Temporarily", "t", &format!("Contact: <sip:other@{addr}>\r\n"), "");
    phone.send(&elsewhere).await;
    phone.request_of("ACK").await;
    let third = phone.request_of("INVITE").await;
    assert!(third.starts_with(&format!("INVITE sip:other@{addr} ")), "{third}");
    phone.send(&answer_to(&third, "302 Moved Temporarily", "t", "Contact: <sip:again@127.0.0.1>\r\n", "")).await;
    assert!(matches!(event(&mut call).await, OutgoingEvent::Failed { status: 302 }));
    let fault = server
        .call(
            OutgoingTarget::Trunk { trunk: String::from("none"), number: String::from("1").into() },
            CallingIdentity::default(),
            String::new(),
        )
        .await;
    assert!(matches!(fault, Err(SipFault::NoSuchTrunk { .. })));
}

#[tokio::test]
async fn an_unanswered_invite_is_repeated_and_in_call_challenges_are_answered() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let addr = socket.local_addr().unwrap();
    let mut phone = Phone { socket, addr, server: addr, name: String::from("carrier") };
    let settings = trunk(&phone);
    let (server, _calls) = server(|all| all.trunks.push(settings)).await;
    phone.server = server.udp_addr().unwrap();
    let target = OutgoingTarget::Trunk { trunk: String::from("carrier"), number: String::from("2025550123").into() };
    let mut call =
        server.call(target, CallingIdentity::default(), caseline_voice::sip::agreement::offer(&local())).await.unwrap();
    let first = phone.request_of("INVITE").await;
    assert_eq!(phone.request_of("INVITE").await, first, "no answer: the same INVITE again");
    phone.reply(&first, "200 OK", "t", "", &offer(31_000, "sendrecv")).await;
    let OutgoingEvent::Answered(answered) = event(&mut call).await else { panic!("not answered") };
    phone.request_of("ACK").await;
    answered.call.hang_up(EndReason::HungUp);
    let bye = phone.request_of("BYE").await;
    let challenge = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n2\", algorithm=SHA-256\r\n";
    phone.reply(&bye, "401 Unauthorized", "t", challenge, "").await;
    let bye = phone.request_of("BYE").await;
    assert!(header(&bye, "Authorization").unwrap().contains("algorithm=SHA-256"));
    phone.reply(&bye, "200 OK", "t", "", "").await;
    assert_eq!(phone.next_within(Duration::from_millis(700)).await, None);
}
