//! The same over TCP, where a message may come in pieces or several at once.

use crate::peer::{PATIENCE, body, header, incoming, local, offer, server, to_tag};
use caseline_voice::sip::agreement::answer;
use caseline_voice::sip::{CallingIdentity, EndReason, OutgoingEvent, OutgoingTarget, SipServer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

struct Stream {
    stream: TcpStream,
    held: String,
}

impl Stream {
    async fn to(server: &SipServer) -> Self {
        Self { stream: TcpStream::connect(server.tcp_addr().unwrap()).await.unwrap(), held: String::new() }
    }

    async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// The next whole message; "Trying" is passed over.
    async fn next(&mut self) -> String {
        loop {
            if let Some((head, rest)) = self.held.split_once("\r\n\r\n") {
                let length: usize = header(head, "Content-Length").unwrap().parse().unwrap();
                if rest.len() >= length {
                    let whole = self.held[..head.len() + 4 + length].to_owned();
                    self.held = self.held[head.len() + 4 + length..].to_owned();
                    if whole.starts_with("SIP/2.0 100 ") {
                        continue;
                    }
                    return whole;
                }
            }
            let mut buffer = [0; 4096];
            let length =
                tokio::time::timeout(PATIENCE, self.stream.read(&mut buffer)).await.expect("something comes").unwrap();
            assert!(length > 0, "the connection was closed");
            self.held.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
        }
    }

    fn request(&self, method: &str, cseq: u32, to_tag: &str, body: &str) -> String {
        let addr = self.stream.local_addr().unwrap();
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        format!(
            "{method} sip:line@127.0.0.1;transport=tcp SIP/2.0\r\nVia: SIP/2.0/TCP {addr};branch=z9hG4bK-{method}-{cseq}-{}\r\n\
             Max-Forwards: 70\r\nFrom: <sip:a@127.0.0.1>;tag=f\r\nTo: <sip:line@127.0.0.1>{to_tag}\r\nCall-ID: tcp-{}\r\n\
             CSeq: {cseq} {method}\r\nContact: <sip:a@{addr};transport=tcp>\r\n{kind}Content-Length: {}\r\n\r\n{body}",
            addr.port(),
            addr.port(),
            body.len()
        )
    }
}

#[tokio::test]
async fn several_messages_in_one_segment_and_one_in_many_are_all_answered() {
    let (server, _calls) = server(|_| ()).await;
    let mut stream = Stream::to(&server).await;
    let both = format!("\r\n\r\n{}{}", stream.request("OPTIONS", 1, "", ""), stream.request("OPTIONS", 2, "", ""));
    stream.send(&both).await;
    let first = stream.next().await;
    let first = first.trim_start().to_owned();
    assert!(first.starts_with("SIP/2.0 200 "), "{first}");
    assert_eq!(header(&stream.next().await, "CSeq").unwrap(), "2 OPTIONS");
    let third = stream.request("OPTIONS", 3, "", "");
    stream.stream.set_nodelay(true).unwrap();
    for piece in third.as_bytes().chunks(40) {
        stream.stream.write_all(piece).await.unwrap();
        stream.stream.flush().await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(header(&stream.next().await, "CSeq").unwrap(), "3 OPTIONS");
    // A length that cannot be: told, then closed.
    let broken = stream.request("OPTIONS", 4, "", "").replace("Content-Length: 0", "Content-Length: -1");
    stream.send(&broken).await;
    assert!(stream.next().await.starts_with("SIP/2.0 400 "));
    let mut rest = [0; 16];
    let closed = tokio::time::timeout(PATIENCE, stream.stream.read(&mut rest)).await.unwrap();
    assert!(matches!(closed, Ok(0) | Err(_)));
}

#[tokio::test]
async fn a_call_over_tcp_lives_on_its_connection() {
    let (server, mut calls) = server(|_| ()).await;
    let mut stream = Stream::to(&server).await;
    let invite = stream.request("INVITE", 1, "", &offer(30_000, "sendrecv"));
    stream.send(&invite).await;
    let call = incoming(&mut calls).await;
    let (sdp, _) = answer(call.offer.as_ref().unwrap(), &local()).unwrap();
    let control = call.answer(sdp).unwrap();
    let ok = stream.next().await;
    assert!(header(&ok, "Contact").unwrap().ends_with(";transport=tcp>"), "{ok}");
    assert!(body(&ok).contains("m=audio 40000"));
    let ack = stream.request("ACK", 1, &format!(";tag={}", to_tag(&ok)), "");
    stream.send(&ack).await;
    control.hang_up(EndReason::HungUp);
    let mut bye = stream.next().await;
    while !bye.starts_with("BYE ") {
        bye = stream.next().await;
    }
    assert!(header(&bye, "Via").unwrap().starts_with("SIP/2.0/TCP "), "{bye}");
    stream.send(&crate::peer::answer_to(&bye, "200 OK", "", "", "")).await;
}

#[tokio::test]
async fn we_call_over_tcp() {
    let (server, _calls) = server(|_| ()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let target = OutgoingTarget::Uri(format!("sip:desk@{addr};transport=tcp").into());
    let sdp = caseline_voice::sip::agreement::offer(&local());
    let (call, accepted) = tokio::join!(server.call(target, CallingIdentity::default(), sdp), listener.accept());
    let mut call = call.unwrap();
    let mut stream = Stream { stream: accepted.unwrap().0, held: String::new() };
    let invite = stream.next().await;
    assert!(invite.starts_with(&format!("INVITE sip:desk@{addr};transport=tcp SIP/2.0\r\n")), "{invite}");
    let contact = format!("Contact: <sip:desk@{addr};transport=tcp>\r\n");
    stream.send(&crate::peer::answer_to(&invite, "200 OK", "t", &contact, &offer(31_000, "sendrecv"))).await;
    let event = tokio::time::timeout(PATIENCE, call.next_event()).await.unwrap().unwrap();
    let OutgoingEvent::Answered(answered) = event else { panic!("{event:?}") };
    assert!(stream.next().await.starts_with("ACK "));
    drop(answered);
    let bye = stream.next().await;
    assert!(bye.starts_with("BYE "));
    stream.send(&crate::peer::answer_to(&bye, "200 OK", "", "", "")).await;
}
