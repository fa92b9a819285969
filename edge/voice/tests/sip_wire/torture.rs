//! Every message of RFC 4475, octet for octet as its appendix has it, against a running server: the right answer, and
//! the server still answers afterwards.

use crate::peer::{header, local, server, to_tag};
use caseline_voice::sip::agreement::answer;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::UdpSocket;

/// What must come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reaction {
    /// An INVITE that becomes a call.
    Call,
    /// A final answer with this status.
    Status(u16),
    /// Nothing.
    Nothing,
}
use Reaction::{Call, Nothing, Status};

/// Message, answer, why. Where the RFC leaves a choice, the row says which one is ours.
const TABLE: [(&str, &[u8], Reaction, &str); 49] = [
    // 3.1.1 valid messages
    ("wsinv", include_bytes!("../rfc4475/wsinv.dat"), Status(481), "well formed, but To has a tag of no call here"),
    ("intmeth", include_bytes!("../rfc4475/intmeth.dat"), Status(501), "a method nobody knows; octets of every kind"),
    ("esc01", include_bytes!("../rfc4475/esc01.dat"), Call, "escapes in addresses"),
    ("escnull", include_bytes!("../rfc4475/escnull.dat"), Status(405), "REGISTER is not for us"),
    ("esc02", include_bytes!("../rfc4475/esc02.dat"), Status(501), "an escaped name is not the name"),
    ("lwsdisp", include_bytes!("../rfc4475/lwsdisp.dat"), Status(200), "no blank before the bracket"),
    ("longreq", include_bytes!("../rfc4475/longreq.dat"), Call, "long values"),
    (
        "dblreq",
        include_bytes!("../rfc4475/dblreq.dat"),
        Status(405),
        "REGISTER; the second request in the datagram is ignored",
    ),
    ("semiuri", include_bytes!("../rfc4475/semiuri.dat"), Status(200), "semicolons in the user part"),
    ("transports", include_bytes!("../rfc4475/transports.dat"), Status(200), "unknown transports on the way"),
    ("mpart01", include_bytes!("../rfc4475/mpart01.dat"), Status(405), "MESSAGE is not for us"),
    ("unreason", include_bytes!("../rfc4475/unreason.dat"), Nothing, "an answer that fits no request"),
    ("noreason", include_bytes!("../rfc4475/noreason.dat"), Nothing, "an answer that fits no request"),
    // 3.1.2 invalid messages
    ("badinv01", include_bytes!("../rfc4475/badinv01.dat"), Status(400), "empty parameters"),
    ("clerr", include_bytes!("../rfc4475/clerr.dat"), Status(400), "shorter than it says"),
    ("ncl", include_bytes!("../rfc4475/ncl.dat"), Status(400), "a negative length"),
    ("scalar02", include_bytes!("../rfc4475/scalar02.dat"), Status(400), "numbers beyond their range"),
    ("scalarlg", include_bytes!("../rfc4475/scalarlg.dat"), Nothing, "an answer with numbers beyond their range"),
    ("quotbal", include_bytes!("../rfc4475/quotbal.dat"), Status(400), "a quote that never ends"),
    ("ltgtruri", include_bytes!("../rfc4475/ltgtruri.dat"), Status(400), "brackets around the Request-URI"),
    ("lwsruri", include_bytes!("../rfc4475/lwsruri.dat"), Status(400), "a blank in the Request-URI"),
    ("lwsstart", include_bytes!("../rfc4475/lwsstart.dat"), Status(400), "two blanks in the first row: we are strict"),
    ("trws", include_bytes!("../rfc4475/trws.dat"), Status(200), "blanks after the first row: we are kind"),
    ("escruri", include_bytes!("../rfc4475/escruri.dat"), Status(400), "headers in the Request-URI"),
    ("baddate", include_bytes!("../rfc4475/baddate.dat"), Call, "a date in another zone: we read no dates"),
    ("regbadct", include_bytes!("../rfc4475/regbadct.dat"), Status(405), "REGISTER is not for us"),
    ("badaspec", include_bytes!("../rfc4475/badaspec.dat"), Status(200), "blanks within the brackets: we are kind"),
    ("baddn", include_bytes!("../rfc4475/baddn.dat"), Status(400), "a comma in a name without quotes"),
    ("badvers", include_bytes!("../rfc4475/badvers.dat"), Status(505), "SIP 7.0"),
    ("mismatch01", include_bytes!("../rfc4475/mismatch01.dat"), Status(400), "CSeq names another method"),
    ("mismatch02", include_bytes!("../rfc4475/mismatch02.dat"), Status(501), "an unknown method, CSeq names another"),
    ("bigcode", include_bytes!("../rfc4475/bigcode.dat"), Nothing, "an answer with a status beyond the range"),
    // 3.2 transaction layer
    ("badbranch", include_bytes!("../rfc4475/badbranch.dat"), Status(200), "a branch of the cookie alone"),
    // 3.3 application layer
    ("insuf", include_bytes!("../rfc4475/insuf.dat"), Status(400), "no From, To, Call-ID"),
    ("unkscm", include_bytes!("../rfc4475/unkscm.dat"), Status(416), "a scheme nobody knows"),
    ("novelsc", include_bytes!("../rfc4475/novelsc.dat"), Status(416), "a scheme that is not SIP's"),
    (
        "unksm2",
        include_bytes!("../rfc4475/unksm2.dat"),
        Status(405),
        "other schemes in From and To; REGISTER is not for us",
    ),
    ("bext01", include_bytes!("../rfc4475/bext01.dat"), Status(420), "an extension nobody knows is required"),
    ("invut", include_bytes!("../rfc4475/invut.dat"), Status(415), "an unknown body"),
    ("regaut01", include_bytes!("../rfc4475/regaut01.dat"), Status(405), "REGISTER is not for us"),
    ("multi01", include_bytes!("../rfc4475/multi01.dat"), Status(400), "single headers more than once"),
    ("mcl01", include_bytes!("../rfc4475/mcl01.dat"), Status(400), "two lengths"),
    ("bcast", include_bytes!("../rfc4475/bcast.dat"), Nothing, "an answer whose second Via is a broadcast address"),
    ("zeromf", include_bytes!("../rfc4475/zeromf.dat"), Status(200), "no hops left, and none needed"),
    ("cparam01", include_bytes!("../rfc4475/cparam01.dat"), Status(405), "REGISTER is not for us"),
    ("cparam02", include_bytes!("../rfc4475/cparam02.dat"), Status(405), "REGISTER is not for us"),
    ("regescrt", include_bytes!("../rfc4475/regescrt.dat"), Status(405), "REGISTER is not for us"),
    ("sdp01", include_bytes!("../rfc4475/sdp01.dat"), Status(406), "it takes no description"),
    // 3.4 backward compatibility
    (
        "inv2543",
        include_bytes!("../rfc4475/inv2543.dat"),
        Call,
        "a telephone of RFC 2543: no tag, no branch, no Contact",
    ),
];

/// The messages name their own answer ports; a telephone here listens on each of them.
async fn sockets() -> Vec<UdpSocket> {
    let mut sockets = Vec::new();
    for port in [5060, 5050, 5070] {
        sockets.push(
            UdpSocket::bind(SocketAddr::from(([127, 44, 75, 1], port))).await.expect("a loopback address of our own"),
        );
    }
    sockets
}

async fn next(sockets: &[UdpSocket], within: Duration) -> Option<String> {
    let mut buffers = [[0; 16_384]; 3];
    let [first, second, third] = &mut buffers;
    let received = tokio::time::timeout(within, async {
        tokio::select! {
            length = sockets[0].recv(first) => first[..length.unwrap()].to_vec(),
            length = sockets[1].recv(second) => second[..length.unwrap()].to_vec(),
            length = sockets[2].recv(third) => third[..length.unwrap()].to_vec(),
        }
    });
    received.await.ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

#[tokio::test]
async fn every_torture_message_of_rfc_4475_gets_its_right_answer() {
    let (server, mut calls) = server(|_| ()).await;
    let to = server.udp_addr().unwrap();
    let sockets = sockets().await;
    let still_there = "OPTIONS sip:line@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.44.75.1:5060;branch=z9hG4bK-{}\r\n\
        From: <sip:a@127.44.75.1>;tag=a\r\nTo: <sip:line@127.0.0.1>\r\nCall-ID: still-{}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
    let mut controls = Vec::new();
    for (name, bytes, wanted, why) in TABLE {
        sockets[0].send_to(bytes, to).await.unwrap();
        // Behind the message a question; what comes before its answer belongs to the message.
        let question = still_there.replace("{}", name);
        if wanted == Call {
            let call = crate::peer::incoming(&mut calls).await;
            let (sdp, _) = answer(call.offer.as_ref().unwrap(), &local()).unwrap();
            controls.push(call.answer(sdp).unwrap());
        }
        let mut finals: Vec<String> = Vec::new();
        let mut asked = wanted == Nothing;
        if asked {
            sockets[0].send_to(question.as_bytes(), to).await.unwrap();
        }
        loop {
            let text =
                next(&sockets, Duration::from_secs(5)).await.unwrap_or_else(|| panic!("{name}: nothing came ({why})"));
            let call_id = header(&text, "Call-ID").unwrap_or_default();
            if call_id == format!("still-{name}") {
                assert!(text.starts_with("SIP/2.0 200 "), "{name}: the server answers OPTIONS with\n{text}");
                break;
            }
            // Repeats of earlier calls' answers are not this message's.
            let ours = call_id.is_empty() || String::from_utf8_lossy(bytes).contains(&call_id);
            if ours && !text.starts_with("SIP/2.0 1") {
                finals.push(text);
                if !asked {
                    sockets[0].send_to(question.as_bytes(), to).await.unwrap();
                    asked = true;
                }
            }
        }
        match wanted {
            Nothing => assert!(finals.is_empty(), "{name} must get no answer ({why}), got\n{finals:?}"),
            Status(status) => {
                let text = &finals[0];
                assert!(
                    text.starts_with(&format!("SIP/2.0 {status} ")),
                    "{name}: wanted {status} ({why}), got\n{text}"
                );
                if status == 405 || status == 501 {
                    assert!(header(text, "Allow").unwrap().contains("INVITE"));
                }
            }
            Call => {
                let text = &finals[0];
                assert!(text.starts_with("SIP/2.0 200 "), "{name}: wanted a call ({why}), got\n{text}");
                assert!(!to_tag(text).is_empty());
                assert!(!text.contains("rfc2543"), "what the library is told stays inside");
                let from = String::from_utf8_lossy(bytes);
                assert!(
                    from.contains(";tag=") || !header(text, "From").unwrap().contains(";tag="),
                    "no tag is invented:\n{text}"
                );
            }
        }
    }
    assert_eq!(server.calls_now(), controls.len());
    assert_eq!(controls.len(), TABLE.iter().filter(|row| row.2 == Call).count());
}

#[test]
fn the_table_has_every_message_once() {
    let mut names: Vec<&str> = TABLE.iter().map(|row| row.0).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 49);
}
