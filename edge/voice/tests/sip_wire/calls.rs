//! Calls that come in: answered, repeated, cancelled, held, refreshed, ended from either side.

use crate::peer::{PATIENCE, Phone, body, header, incoming, local, offer, server, to_tag};
use caseline_voice::sip::agreement::answer;
use caseline_voice::sip::{CallControl, CallEvent, Direction, EndReason, EndedBy, LocalMedia};
use std::time::Duration;

async fn event(control: &mut CallControl) -> CallEvent {
    tokio::time::timeout(PATIENCE, control.next_event()).await.expect("something happens").expect("the call is up")
}

/// Answers every change from one local description, as the owner of a call does.
async fn follow_changes(control: &mut CallControl, local: &mut LocalMedia) -> Direction {
    match event(control).await {
        CallEvent::Reoffer(reoffer) => {
            local.origin_version += 1;
            let (sdp, agreed) = answer(&reoffer.offer, local).unwrap();
            reoffer.answer(sdp);
            agreed.direction
        }
        other => panic!("wanted a change, got {other:?}"),
    }
}

#[tokio::test]
async fn a_call_rings_is_answered_and_hung_up_by_the_caller() {
    let (server, mut calls) = server(|_| ()).await;
    let phone = Phone::near(&server, "plain").await;
    phone.send(&phone.request("INVITE", 1, "Record-Route: <sip:127.0.0.1:9;lr>\r\n", &offer(30_000, "sendrecv"))).await;
    assert!(phone.next().await.starts_with("SIP/2.0 100 "));
    let call = incoming(&mut calls).await;
    assert_eq!(call.called, "line");
    assert_eq!(call.peer, phone.addr);
    assert_eq!(call.caller_number.as_ref().unwrap().reveal(), "+12025550143");
    call.ringing();
    let ringing = phone.expect(180).await;
    let (sdp, agreed) = answer(call.offer.as_ref().unwrap(), &local()).unwrap();
    assert_eq!((agreed.remote.port(), agreed.key_events), (30_000, Some(101)));
    let mut control = call.answer(sdp).unwrap();
    let ok = phone.expect(200).await;
    assert_eq!(to_tag(&ringing), to_tag(&ok));
    assert_eq!(header(&ok, "Record-Route").unwrap(), "<sip:127.0.0.1:9;lr>");
    assert!(header(&ok, "Allow").is_some() && header(&ok, "Supported").is_some());
    assert_eq!(header(&ok, "From").unwrap(), format!("\"A, <B>\" <sip:+12025550143@{}>;tag=from-plain", phone.addr));
    assert!(body(&ok).contains("m=audio 40000 RTP/AVP 0 101\r\n"), "{ok}");
    phone.send(&phone.in_call("ACK", 1, Some(&to_tag(&ok)), "", "")).await;
    phone.send(&phone.in_call("BYE", 2, Some(&to_tag(&ok)), "", "")).await;
    let bye_ok = phone.expect(200).await;
    assert!(matches!(event(&mut control).await, CallEvent::Ended { by: EndedBy::Peer, reason: EndReason::HungUp }));
    assert!(control.next_event().await.is_none());
    // The same BYE again is the same transaction: the same answer.
    phone.send(&phone.in_call("BYE", 2, Some(&to_tag(&ok)), "", "")).await;
    assert_eq!(phone.expect(200).await, bye_ok);
    drop(control);
    assert_eq!(server.calls_now(), 0);
}

#[tokio::test]
async fn we_hang_up_along_the_route_to_the_caller_s_contact() {
    let (server, mut calls) = server(|_| ()).await;
    let phone = Phone::near(&server, "ours").await;
    let route = format!("Record-Route: <sip:{};lr>\r\n", phone.addr);
    let (control, ok) = phone.dial(&mut calls, &route).await;
    control.hang_up(EndReason::HungUp);
    let bye = phone.request_of("BYE").await;
    assert!(bye.starts_with(&format!("BYE sip:phone@{} SIP/2.0\r\n", phone.addr)), "{bye}");
    assert_eq!(header(&bye, "Route").unwrap(), format!("<sip:{};lr>", phone.addr));
    assert_eq!(header(&bye, "To").unwrap(), format!("\"A, <B>\" <sip:+12025550143@{}>;tag=from-ours", phone.addr));
    assert!(header(&bye, "From").unwrap().ends_with(&to_tag(&ok)));
    // Without an answer it is repeated, with one it is not.
    assert_eq!(phone.request_of("BYE").await, bye);
    phone.reply(&bye, "200 OK", "", "", "").await;
    phone.send(&phone.in_call("OPTIONS", 2, Some(&to_tag(&ok)), "", "")).await;
    phone.expect(481).await;
}

#[tokio::test]
async fn goodbye_waits_for_the_acknowledgement_of_our_answer() {
    let (server, mut calls) = server(|_| ()).await;
    let phone = Phone::near(&server, "early-bye").await;
    phone.send(&phone.request("INVITE", 1, "", &offer(30_000, "sendrecv"))).await;
    let call = incoming(&mut calls).await;
    let (sdp, _) = answer(call.offer.as_ref().unwrap(), &local()).unwrap();
    let control = call.answer(sdp).unwrap();
    control.hang_up(EndReason::HungUp);
    let ok = phone.expect(200).await;
    // The next thing is a repeat of the answer, not BYE (RFC 3261 15).
    assert_eq!(phone.expect(200).await, ok);
    phone.send(&phone.in_call("ACK", 1, Some(&to_tag(&ok)), "", "")).await;
    let bye = phone.request_of("BYE").await;
    phone.reply(&bye, "200 OK", "", "", "").await;
}

#[tokio::test]
async fn an_invite_and_its_answer_are_repeated_until_acknowledged() {
    let (server, mut calls) = server(|_| ()).await;
    let phone = Phone::near(&server, "repeats").await;
    let invite = phone.request("INVITE", 1, "", &offer(30_000, "sendrecv"));
    phone.send(&invite).await;
    let call = incoming(&mut calls).await;
    call.ringing();
    let ringing = phone.expect(180).await;
    phone.send(&invite).await;
    assert_eq!(phone.expect(180).await, ringing, "a repeated INVITE gets the latest answer again");
    let (sdp, _) = answer(call.offer.as_ref().unwrap(), &local()).unwrap();
    let _control = call.answer(sdp).unwrap();
    let ok = phone.expect(200).await;
    phone.send(&invite).await;
    assert_eq!(phone.expect(200).await, ok);
    assert_eq!(phone.expect(200).await, ok, "without ACK the answer is repeated by itself");
    phone.send(&phone.in_call("ACK", 1, Some(&to_tag(&ok)), "", "")).await;
    phone.send(&phone.in_call("OPTIONS", 2, Some(&to_tag(&ok)), "", "")).await;
    assert_eq!(header(&phone.expect(200).await, "CSeq").unwrap(), "2 OPTIONS");
    assert_eq!(phone.next_within(Duration::from_millis(1_200)).await, None, "after ACK nothing is repeated");
    assert_eq!(server.calls_now(), 1);
    assert!(calls.try_recv().is_err(), "one INVITE, one call");
}

#[tokio::test]
async fn a_caller_who_gives_up_is_told_so_and_so_are_we() {
    let (server, mut calls) = server(|_| ()).await;
    let phone = Phone::near(&server, "cancel").await;
    phone.send(&phone.request("INVITE", 1, "", &offer(30_000, "sendrecv"))).await;
    let call = incoming(&mut calls).await;
    call.ringing();
    phone.expect(180).await;
    phone.send(&phone.request("CANCEL", 1, "", "")).await;
    let (mut cancel_ok, mut terminated) = (None, None);
    for _ in 0..2 {
        let text = phone.answer().await;
        match header(&text, "CSeq").unwrap().as_str() {
            "1 CANCEL" => cancel_ok = Some(text),
            _ => terminated = Some(text),
        }
    }
    assert!(cancel_ok.unwrap().starts_with("SIP/2.0 200 "));
    let terminated = terminated.unwrap();
    assert!(terminated.starts_with("SIP/2.0 487 "), "{terminated}");
    phone.send(&phone.in_call("ACK", 1, Some(&to_tag(&terminated)), "", "").replace("-ACK-", "-INVITE-")).await;
    tokio::time::timeout(PATIENCE, call.cancelled()).await.expect("we hear of it");
    assert!(call.answer(String::new()).is_err());
    assert_eq!(server.calls_now(), 0);
}

#[tokio::test]
async fn giving_up_after_the_answer_changes_nothing() {
    let (server, mut calls) = server(|_| ()).await;
    let phone = Phone::near(&server, "late-cancel").await;
    phone.send(&phone.request("INVITE", 1, "", &offer(30_000, "sendrecv"))).await;
    let call = incoming(&mut calls).await;
    let (sdp, _) = answer(call.offer.as_ref().unwrap(), &local()).unwrap();
    let _control = call.answer(sdp).unwrap();
    let ok = phone.expect(200).await;
    phone.send(&phone.request("CANCEL", 1, "", "")).await;
    loop {
        let text = phone.expect(200).await;
        if header(&text, "CSeq").unwrap() == "1 CANCEL" {
            break;
        }
        assert_eq!(text, ok, "only repeats of our answer may come between");
    }
    phone.send(&phone.in_call("ACK", 1, Some(&to_tag(&ok)), "", "")).await;
    phone.send(&phone.in_call("OPTIONS", 2, Some(&to_tag(&ok)), "", "")).await;
    loop {
        let text = phone.expect(200).await;
        if header(&text, "CSeq").unwrap() == "2 OPTIONS" {
            break;
        }
    }
    assert_eq!(server.calls_now(), 1);
}

#[tokio::test]
async fn hold_and_resume_are_answered_as_they_must_be() {
    let (server, mut calls) = server(|_| ()).await;
    let phone = Phone::near(&server, "hold").await;
    let (mut control, ok) = phone.dial(&mut calls, "").await;
    let tag = to_tag(&ok);
    let mut local = local();
    let asked = [
        ("sendonly", Direction::RecvOnly),
        ("inactive", Direction::Inactive),
        ("recvonly", Direction::SendOnly),
        ("sendrecv", Direction::SendRecv),
    ];
    for (index, (theirs, ours)) in asked.into_iter().enumerate() {
        let cseq = u32::try_from(index).unwrap() + 2;
        phone
            .send(&phone.in_call(
                "INVITE",
                cseq,
                Some(&tag),
                "",
                &offer(31_000 + u16::try_from(index).unwrap(), theirs),
            ))
            .await;
        assert_eq!(follow_changes(&mut control, &mut local).await, ours);
        let held = phone.expect(200).await;
        assert!(body(&held).contains(&format!("a={}\r\n", ours.attribute())), "{held}");
        assert!(header(&held, "Contact").is_some());
        phone.send(&phone.in_call("ACK", cseq, Some(&tag), "", "")).await;
    }
    // The same description again is a refresh: answered without asking anybody.
    phone.send(&phone.in_call("INVITE", 6, Some(&tag), "", &offer(31_003, "sendrecv"))).await;
    let again = phone.expect(200).await;
    assert!(body(&again).contains("a=sendrecv"));
    phone.send(&phone.in_call("ACK", 6, Some(&tag), "", "")).await;
    // Nothing in common: refused, and the call goes on as before.
    phone
        .send(&phone.in_call(
            "INVITE",
            7,
            Some(&tag),
            "",
            &offer(31_009, "sendrecv").replace("RTP/AVP 0 8 101", "RTP/AVP 9"),
        ))
        .await;
    match event(&mut control).await {
        CallEvent::Reoffer(reoffer) => {
            assert!(answer(&reoffer.offer, &local).is_err());
            reoffer.refuse();
        }
        other => panic!("{other:?}"),
    }
    let refused = phone.expect(488).await;
    phone.send(&phone.in_call("ACK", 7, Some(&to_tag(&refused)), "", "").replace("-ACK-", "-INVITE-")).await;
    assert_eq!(server.calls_now(), 1);
}

#[tokio::test]
async fn an_update_holds_too_and_without_a_body_only_refreshes() {
    let (server, mut calls) = server(|_| ()).await;
    let phone = Phone::near(&server, "update").await;
    let (mut control, ok) = phone.dial(&mut calls, "").await;
    let tag = to_tag(&ok);
    phone.send(&phone.in_call("UPDATE", 2, Some(&tag), "", "")).await;
    let refreshed = phone.expect(200).await;
    assert!(body(&refreshed).is_empty() && header(&refreshed, "Contact").is_some());
    phone.send(&phone.in_call("UPDATE", 3, Some(&tag), "", &offer(31_000, "sendonly"))).await;
    follow_changes(&mut control, &mut local()).await;
    assert!(body(&phone.expect(200).await).contains("a=recvonly"));
}

#[tokio::test]
async fn requests_inside_a_call_each_have_their_answer() {
    let (server, mut calls) = server(|_| ()).await;
    let phone = Phone::near(&server, "inside").await;
    let (mut control, ok) = phone.dial(&mut calls, "").await;
    let tag = to_tag(&ok);
    let relay = "Content-Type: application/dtmf-relay\r\n";
    phone.send(&phone.in_call("INFO", 2, Some(&tag), relay, "Signal=7\r\nDuration=160\r\n")).await;
    phone.expect(200).await;
    phone.send(&phone.in_call("INFO", 3, Some(&tag), "Content-Type: application/dtmf\r\n", "#")).await;
    phone.expect(200).await;
    assert!(matches!(event(&mut control).await, CallEvent::Digit('7')));
    assert!(matches!(event(&mut control).await, CallEvent::Digit('#')));
    phone.send(&phone.in_call("INFO", 4, Some(&tag), "Content-Type: text/plain\r\n", "hello")).await;
    assert!(header(&phone.expect(415).await, "Accept").unwrap().contains("application/dtmf-relay"));
    phone.send(&phone.in_call("INFO", 5, Some(&tag), "Info-Package: x\r\n", "")).await;
    phone.expect(469).await;
    phone.send(&phone.in_call("OPTIONS", 6, Some(&tag), "", "")).await;
    phone.expect(200).await;
    phone.send(&phone.in_call("REFER", 7, Some(&tag), "Refer-To: <sip:other@127.0.0.1>\r\n", "")).await;
    phone.expect(603).await;
    phone.send(&phone.in_call("NOTIFY", 8, Some(&tag), "Event: x\r\n", "")).await;
    phone.expect(405).await;
    // An old number: 500, and the call goes on (RFC 3261 12.2.2).
    phone.send(&phone.in_call("BYE", 3, Some(&tag), "", "")).await;
    phone.expect(500).await;
    phone.send(&phone.in_call("OPTIONS", 9, Some(&tag), "", "")).await;
    phone.expect(200).await;
    // The right call with a wrong name of the caller's side is no call.
    phone.send(&phone.in_call("BYE", 10, Some(&tag), "", "").replace("from-inside", "from-elsewhere")).await;
    phone.expect(481).await;
    assert_eq!(server.calls_now(), 1);
}

#[tokio::test]
async fn who_calls_without_an_offer_gets_ours_and_answers_with_the_acknowledgement() {
    let (server, mut calls) = server(|_| ()).await;
    let phone = Phone::near(&server, "delayed").await;
    phone.send(&phone.request("INVITE", 1, "", "")).await;
    let call = incoming(&mut calls).await;
    assert!(call.offer.is_none());
    let mut control = call.answer(caseline_voice::sip::agreement::offer(&local())).unwrap();
    let ok = phone.expect(200).await;
    assert!(body(&ok).contains("m=audio 40000 RTP/AVP 0 8 101\r\n"), "{ok}");
    phone.send(&phone.in_call("ACK", 1, Some(&to_tag(&ok)), "", &offer(30_000, "sendrecv"))).await;
    match event(&mut control).await {
        CallEvent::Answer(sdp) => {
            let agreed = caseline_voice::sip::agreement::read_answer(&sdp, &local()).unwrap();
            assert_eq!(agreed.remote.port(), 30_000);
        }
        other => panic!("{other:?}"),
    }
    // A re-INVITE without an offer gets our current description.
    phone.send(&phone.in_call("INVITE", 2, Some(&to_tag(&ok)), "", "")).await;
    let again = phone.expect(200).await;
    assert_eq!(body(&again), body(&ok));
    phone.send(&phone.in_call("ACK", 2, Some(&to_tag(&ok)), "", &offer(30_002, "sendrecv"))).await;
    assert!(matches!(event(&mut control).await, CallEvent::Answer(_)));
    drop(server);
}

#[tokio::test]
async fn we_put_the_caller_on_hold() {
    let (server, mut calls) = server(|_| ()).await;
    let phone = Phone::near(&server, "our-hold").await;
    let (control, _ok) = phone.dial(&mut calls, "").await;
    let mut local = local();
    local.direction = Direction::SendOnly;
    local.origin_version += 1;
    let handle = control.handle();
    let text = caseline_voice::sip::agreement::offer(&local);
    let change = tokio::spawn(async move { handle.reinvite(text).await });
    let invite = phone.request_of("INVITE").await;
    assert!(body(&invite).contains("a=sendonly"));
    // Both sides at once: the second is told to wait (RFC 3261 14.2).
    let tag = crate::peer::from_tag(&invite);
    phone.send(&phone.in_call("INVITE", 2, Some(&tag), "", &offer(31_000, "sendonly"))).await;
    let glare = phone.expect(491).await;
    phone.send(&phone.in_call("ACK", 2, Some(&to_tag(&glare)), "", "").replace("-ACK-", "-INVITE-")).await;
    phone.reply(&invite, "200 OK", "", "", &offer(30_000, "recvonly")).await;
    let ack = phone.request_of("ACK").await;
    assert_eq!(header(&ack, "CSeq").unwrap(), header(&invite, "CSeq").unwrap().replace("INVITE", "ACK"));
    let sdp = change.await.unwrap().unwrap();
    assert_eq!(sdp.media[0].direction, Direction::RecvOnly);
    // Our acknowledgement was lost: it is sent again.
    phone.reply(&invite, "200 OK", "", "", &offer(30_000, "recvonly")).await;
    assert_eq!(phone.request_of("ACK").await, ack);
    // Refused: the status comes back, the call goes on.
    let handle = control.handle();
    let change = tokio::spawn(async move { handle.reinvite(String::from("v=0\r\n")).await });
    let invite = phone.request_of("INVITE").await;
    phone.reply(&invite, "488 Not Acceptable Here", "", "", "").await;
    assert!(phone.request_of("ACK").await.contains("ACK"));
    assert!(matches!(change.await.unwrap(), Err(caseline_voice::sip::SipFault::Refused { status: 488 })));
    assert_eq!(server.calls_now(), 1);
}

#[tokio::test]
async fn refreshing_is_agreed_as_the_caller_can() {
    let (server, mut calls) = server(|_| ()).await;
    let phone = Phone::near(&server, "short").await;
    phone
        .send(&phone.request("INVITE", 1, "Supported: timer\r\nSession-Expires: 30\r\n", &offer(30_000, "sendrecv")))
        .await;
    let refused = phone.expect(422).await;
    assert_eq!(header(&refused, "Min-SE").unwrap(), "90");
    phone.send(&phone.in_call("ACK", 1, Some(&to_tag(&refused)), "", "").replace("-ACK-", "-INVITE-")).await;
    for (name, asked, granted, required) in [
        ("timer-a", "Supported: timer\r\nSession-Expires: 90;refresher=uac\r\n", "90;refresher=uac", Some("timer")),
        ("timer-b", "k: timer\r\nx: 120;refresher=uas\r\n", "120;refresher=uas", None),
        ("timer-c", "", "1800;refresher=uas", None),
    ] {
        let phone = Phone::near(&server, name).await;
        let (control, ok) = phone.dial(&mut calls, asked).await;
        assert_eq!(header(&ok, "Session-Expires").unwrap(), granted);
        assert_eq!(header(&ok, "Require").as_deref(), required);
        phone.send(&phone.in_call("UPDATE", 2, Some(&to_tag(&ok)), asked, "")).await;
        assert_eq!(header(&phone.expect(200).await, "Session-Expires").unwrap(), granted);
        drop(control);
    }
}

#[tokio::test]
async fn a_withheld_number_stays_withheld_and_an_asserted_one_counts() {
    let (server, mut calls) = server(|_| ()).await;
    let cases = [
        ("asserted", "P-Asserted-Identity: <sip:+12025550177@carrier.example>\r\n", Some("+12025550177")),
        ("private", "P-Asserted-Identity: <sip:+12025550177@carrier.example>\r\nPrivacy: id\r\n", None),
        ("tel", "P-Asserted-Identity: <tel:+12025550178>\r\n", Some("+12025550178")),
    ];
    for (name, extra, number) in cases {
        let phone = Phone::near(&server, name).await;
        phone.send(&phone.request("INVITE", 1, extra, "")).await;
        let call = incoming(&mut calls).await;
        assert_eq!(call.caller_number.as_ref().map(|held| held.reveal().as_str()), number);
        assert!(!format!("{call:?}").contains("2025550"), "a call never prints who calls");
    }
    let phone = Phone::near(&server, "anonymous").await;
    let text = phone
        .request("INVITE", 1, "", "")
        .replace(&format!("<sip:+12025550143@{}>", phone.addr), "<sip:anonymous@anonymous.invalid>");
    phone.send(&text).await;
    assert!(incoming(&mut calls).await.caller_number.is_none());
    drop(server);
}

#[tokio::test]
async fn a_carrier_s_multipart_call_is_understood() {
    let (server, mut calls) = server(|_| ()).await;
    let phone = Phone::near(&server, "multipart").await;
    let sdp = offer(30_000, "sendrecv");
    let whole = format!(
        "--edge\r\nContent-Type: application/isup;version=x\r\n\r\nxx\r\n--edge\r\nContent-Type: application/sdp\r\n\r\n{sdp}\r\n--edge--\r\n"
    );
    phone.send(&phone.request("INVITE", 1, "Content-Type: multipart/mixed;boundary=edge\r\n", &whole)).await;
    assert_eq!(incoming(&mut calls).await.offer.clone().unwrap().media[0].port, 30_000);
    drop(server);
}

#[tokio::test]
async fn stopping_says_goodbye_to_everybody() {
    let (server, mut calls) = server(|_| ()).await;
    let up = Phone::near(&server, "up").await;
    let (mut control, _ok) = up.dial(&mut calls, "").await;
    let ringing = Phone::near(&server, "ringing").await;
    ringing.send(&ringing.request("INVITE", 1, "", &offer(30_002, "sendrecv"))).await;
    let _call = incoming(&mut calls).await;
    let stopping = {
        let server = server.clone();
        tokio::spawn(async move { server.shutdown(Duration::from_secs(10)).await })
    };
    let bye = up.request_of("BYE").await;
    up.reply(&bye, "200 OK", "", "", "").await;
    let refused = ringing.expect(503).await;
    ringing.send(&ringing.in_call("ACK", 1, Some(&to_tag(&refused)), "", "").replace("-ACK-", "-INVITE-")).await;
    assert!(matches!(event(&mut control).await, CallEvent::Ended { by: EndedBy::Us, reason: EndReason::ShuttingDown }));
    tokio::time::timeout(Duration::from_secs(11), stopping).await.expect("within the time").unwrap();
}

#[tokio::test]
async fn after_stopping_the_same_port_can_be_taken_again() {
    let (server, mut calls) = server(|_| ()).await;
    let addr = server.udp_addr().unwrap();
    let phone = Phone::near(&server, "restart").await;
    let (control, _ok) = phone.dial(&mut calls, "").await;
    drop(control);
    let bye = phone.request_of("BYE").await;
    phone.reply(&bye, "200 OK", "", "", "").await;
    server.shutdown(Duration::from_secs(5)).await;
    drop((server, calls));
    let again = async {
        loop {
            // The old sockets close when their tasks have seen the end.
            match caseline_voice::sip::SipServer::start(caseline_voice::sip::SipSettings::on(addr)).await {
                Ok(started) => return started,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    let (_server, _calls) = tokio::time::timeout(PATIENCE, again).await.expect("the port becomes free");
    phone.send(&phone.request("OPTIONS", 1, "", "")).await;
    phone.expect(200).await;
}

#[tokio::test]
async fn one_request_that_comes_by_two_ways_is_a_loop() {
    let (server, mut calls) = server(|_| ()).await;
    let phone = Phone::near(&server, "merged").await;
    let invite = phone.request("INVITE", 1, "", &offer(30_000, "sendrecv"));
    phone.send(&invite).await;
    let _call = incoming(&mut calls).await;
    phone.send(&invite.replace("branch=z9hG4bK-", "branch=z9hG4bK-other-")).await;
    phone.expect(482).await;
    assert_eq!(server.calls_now(), 1);
}

#[tokio::test]
async fn a_call_over_ipv6_works_the_same() {
    let (server, mut calls) = server(|settings| {
        settings.udp = vec!["[::1]:0".parse().unwrap()];
        settings.tcp.clear();
    })
    .await;
    let phone = Phone::at("[::1]:0", server.udp_addr().unwrap(), "six").await;
    let (control, ok) = phone.dial(&mut calls, "").await;
    assert!(header(&ok, "Contact").unwrap().starts_with("<sip:line@[::1]:"), "{ok}");
    drop(control);
    let bye = phone.request_of("BYE").await;
    assert!(bye.starts_with(&format!("BYE sip:phone@{} SIP/2.0\r\n", phone.addr)), "{bye}");
    phone.reply(&bye, "200 OK", "", "", "").await;
}
