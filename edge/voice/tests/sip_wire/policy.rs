//! What a trunk or telephone is told at once: who we are, what we do, and what we don't.

use crate::peer::{Phone, header, incoming, offer, server, to_tag};
use caseline_voice::sip::{SipFault, SipServer, SipSettings};
use std::time::Duration;

#[tokio::test]
async fn options_tells_what_we_do() {
    let (server, _calls) = server(|_| ()).await;
    let phone = Phone::near(&server, "options").await;
    phone.send(&phone.request("OPTIONS", 1, "", "")).await;
    let ok = phone.expect(200).await;
    assert_eq!(header(&ok, "Allow").unwrap(), "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO");
    assert_eq!(header(&ok, "Supported").unwrap(), "timer");
    assert_eq!(header(&ok, "Accept").unwrap(), "application/sdp");
    assert!(!to_tag(&ok).is_empty());
    // A repeat gets the very same answer.
    phone.send(&phone.request("OPTIONS", 1, "", "")).await;
    assert_eq!(phone.expect(200).await, ok);
}

#[tokio::test]
async fn each_request_that_we_do_not_do_has_its_own_answer() {
    let (server, _calls) = server(|_| ()).await;
    let phone = Phone::near(&server, "refusals").await;
    phone.send(&phone.request("SUBSCRIBE", 1, "Event: presence\r\n", "")).await;
    assert!(header(&phone.expect(405).await, "Allow").unwrap().contains("INVITE"));
    phone.send(&phone.request("FLY", 2, "", "")).await;
    assert!(header(&phone.expect(501).await, "Allow").unwrap().contains("INVITE"));
    phone.send(&phone.request("INVITE", 3, "Require: 100rel, timer, fax\r\n", "")).await;
    let refused = phone.expect(420).await;
    assert_eq!(header(&refused, "Unsupported").unwrap(), "100rel, fax");
    for (method, cseq) in [("BYE", 4), ("UPDATE", 5), ("INFO", 6), ("INVITE", 7)] {
        phone.send(&phone.in_call(method, cseq, Some("nobody"), "", "")).await;
        phone.expect(481).await;
        if method == "INVITE" {
            phone.send(&phone.in_call("ACK", cseq, Some("nobody"), "", "")).await;
        }
    }
    phone.send(&phone.request("OPTIONS", 8, "", "").replacen("SIP/2.0", "SIP/3.0", 1)).await;
    phone.expect(505).await;
    phone.send(&phone.request("REFER", 9, "Refer-To: <sip:x@127.0.0.1>\r\n", "")).await;
    phone.expect(405).await;
    phone.send(&phone.request("CANCEL", 10, "", "")).await;
    phone.expect(481).await;
}

#[tokio::test]
async fn a_full_line_says_when_to_try_again() {
    let (server, mut calls) = server(|settings| settings.calls_max = 1).await;
    let first = Phone::near(&server, "first").await;
    let (control, _) = first.dial(&mut calls, "").await;
    assert_eq!(server.calls_now(), 1);
    let second = Phone::near(&server, "second").await;
    second.send(&second.request("INVITE", 1, "", &offer(30_002, "sendrecv"))).await;
    let busy = second.expect(503).await;
    assert_eq!(header(&busy, "Retry-After").unwrap(), "10");
    second.send(&second.in_call("ACK", 1, Some(&to_tag(&busy)), "", "").replace("-ACK-1", "-INVITE-1")).await;
    drop(control);
    let bye = first.request_of("BYE").await;
    first.reply(&bye, "200 OK", "", "", "").await;
    second.send(&second.request("INVITE", 2, "", &offer(30_002, "sendrecv"))).await;
    drop(incoming(&mut calls).await);
    second.expect(480).await;
}

#[tokio::test]
async fn an_overloaded_line_says_busy_and_keeps_its_calls() {
    let (server, mut calls) = server(|_| ()).await;
    let first = Phone::near(&server, "kept").await;
    let (_control, ok) = first.dial(&mut calls, "").await;
    server.set_busy(true);
    let second = Phone::near(&server, "late").await;
    second.send(&second.request("INVITE", 1, "", &offer(30_002, "sendrecv"))).await;
    assert!(header(&second.expect(503).await, "Retry-After").is_some());
    first.send(&first.in_call("OPTIONS", 2, Some(&to_tag(&ok)), "", "")).await;
    first.expect(200).await;
    assert_eq!(server.calls_now(), 1);
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let (server, _calls) = server(|_| ()).await;
    let addr = server.udp_addr().unwrap();
    let fault = SipServer::start(SipSettings::on(addr)).await.unwrap_err();
    assert!(matches!(fault, SipFault::InUse { protocol: "UDP", .. }));
    assert!(fault.to_string().contains(&addr.to_string()), "{fault}");
    let mut tcp_only = SipSettings::on(addr);
    tcp_only.udp.clear();
    let fault = SipServer::start(tcp_only).await.unwrap_err();
    assert!(fault.to_string().starts_with(&format!("TCP {addr} is in use")), "{fault}");
}

#[tokio::test]
async fn answers_follow_rport_and_else_the_port_in_via() {
    let (server, _calls) = server(|_| ()).await;
    let sending = Phone::near(&server, "sending").await;
    let listening = Phone::near(&server, "listening").await;
    // Behind a router the Via names an address that nobody here has.
    let text = sending.request("OPTIONS", 1, "", "").replace(&format!("UDP {}", sending.addr), "UDP 10.1.2.3:5060");
    sending.send(&text).await;
    let via = header(&sending.expect(200).await, "Via").unwrap();
    assert!(via.contains(";received=127.0.0.1") && via.contains(&format!(";rport={}", sending.addr.port())), "{via}");
    // Without rport the answer goes to the port in Via (RFC 3261 18.2.2).
    let text = sending
        .request("OPTIONS", 2, "", "")
        .replace(";rport", "")
        .replace(&format!("UDP {}", sending.addr), &format!("UDP {}", listening.addr));
    sending.send(&text).await;
    let via = header(&listening.expect(200).await, "Via").unwrap();
    assert!(!via.contains("rport"), "{via}");
}

#[tokio::test]
async fn strangers_get_no_answer_when_peers_are_listed() {
    let (server, _calls) = server(|settings| settings.allowed_peers = vec!["127.0.0.2".parse().unwrap()]).await;
    let stranger = Phone::near(&server, "stranger").await;
    let known = Phone::at("127.0.0.2:0", server.udp_addr().unwrap(), "known").await;
    stranger.send(&stranger.request("OPTIONS", 1, "", "")).await;
    known.send(&known.request("OPTIONS", 1, "", "")).await;
    known.expect(200).await;
    assert_eq!(stranger.next_within(Duration::from_millis(100)).await, None);
}

#[tokio::test]
async fn the_advertised_address_is_what_peers_see() {
    let (server, mut calls) = server(|settings| settings.advertised = Some("192.0.2.77".parse().unwrap())).await;
    let phone = Phone::near(&server, "advertised").await;
    let (control, ok) = phone.dial(&mut calls, "").await;
    let port = server.udp_addr().unwrap().port();
    assert_eq!(header(&ok, "Contact").unwrap(), format!("<sip:line@192.0.2.77:{port}>"));
    control.hang_up(caseline_voice::sip::EndReason::HungUp);
    let bye = phone.request_of("BYE").await;
    assert!(header(&bye, "Via").unwrap().starts_with(&format!("SIP/2.0/UDP 192.0.2.77:{port};")), "{bye}");
    phone.reply(&bye, "200 OK", "", "", "").await;
}

#[tokio::test]
async fn a_call_with_a_strange_body_or_wish_is_refused_by_name() {
    let (server, _calls) = server(|_| ()).await;
    let phone = Phone::near(&server, "bodies").await;
    let cases = [
        ("Content-Type: text/plain\r\n", "hello", 415),
        ("Content-Type: application/sdp\r\nContent-Encoding: gzip\r\n", "v=0\r\n", 415),
        ("Accept: text/html\r\n", "", 406),
        ("Content-Type: application/sdp\r\n", "v=1\r\n", 400),
    ];
    for (cseq, (extra, body, status)) in cases.into_iter().enumerate() {
        let cseq = u32::try_from(cseq).unwrap() + 1;
        phone.send(&phone.request("INVITE", cseq, extra, body)).await;
        let refused = phone.expect(status).await;
        phone.send(&phone.in_call("ACK", cseq, Some(&to_tag(&refused)), "", "").replace("-ACK-", "-INVITE-")).await;
    }
    assert_eq!(server.calls_now(), 0, "a refused call takes no place");
}
