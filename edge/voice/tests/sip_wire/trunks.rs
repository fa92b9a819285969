//! Registration with a trunk: asked who we are, kept alive, back after the trunk was away, taken back at the end.

use crate::peer::{PATIENCE, Phone, header, server};
use caseline_voice::sip::{RegistrationState, SipServer, Trunk};
use std::time::Duration;
use tokio::net::UdpSocket;

async fn registrar() -> Phone {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let addr = socket.local_addr().unwrap();
    Phone { socket, addr, server: addr, name: String::from("registrar") }
}

fn account(phone: &Phone) -> Trunk {
    Trunk { port: phone.addr.port(), expires_s: 120, ..Trunk::new("carrier", "127.0.0.1", "4711", "secret") }
}

async fn becomes(server: &SipServer, wanted: impl Fn(&RegistrationState) -> bool) {
    let registration = &server.registrations()[0];
    let waiting = async {
        loop {
            let changed = registration.changed();
            tokio::pin!(changed);
            if wanted(&registration.state()) {
                return;
            }
            // A change between the look and the wait is caught by looking again soon.
            let _ = tokio::time::timeout(Duration::from_millis(50), changed).await;
        }
    };
    if tokio::time::timeout(PATIENCE * 2, waiting).await.is_err() {
        panic!("it stayed {:?}", registration.state());
    }
}

#[tokio::test]
async fn we_register_with_our_password_keep_it_up_and_take_it_back() {
    let mut phone = registrar().await;
    let trunk = account(&phone);
    let (server, _calls) = server(|settings| settings.trunks.push(trunk)).await;
    phone.server = server.udp_addr().unwrap();
    let first = phone.request_of("REGISTER").await;
    assert_eq!(header(&first, "Expires").unwrap(), "120");
    assert_eq!(header(&first, "To").unwrap(), "<sip:4711@127.0.0.1>");
    phone
        .reply(&first, "401 Unauthorized", "r", "WWW-Authenticate: Digest realm=\"testrealm\", nonce=\"abc\"\r\n", "")
        .await;
    let second = phone.request_of("REGISTER").await;
    let credentials = header(&second, "Authorization").unwrap();
    // MD5(MD5("4711:testrealm:secret"):abc:MD5("REGISTER:sip:127.0.0.1:PORT")), RFC 2617 without qop.
    assert!(credentials.contains(&format!("uri=\"sip:127.0.0.1:{}\"", phone.addr.port())), "{credentials}");
    assert_eq!(header(&second, "Call-ID"), header(&first, "Call-ID"));
    let contact = header(&second, "Contact").unwrap();
    phone.send(&crate::peer::answer_to(&second, "200 OK", "r", &format!("Contact: {contact};expires=4\r\n"), "")).await;
    becomes(&server, |state| *state == RegistrationState::Registered { expires_s: 4 }).await;
    // Before the four seconds are over it registers again.
    let again = phone.request_of("REGISTER").await;
    phone.reply(&again, "200 OK", "r", "Expires: 300\r\n", "").await;
    becomes(&server, |state| *state == RegistrationState::Registered { expires_s: 300 }).await;
    let stopping = {
        let server = server.clone();
        tokio::spawn(async move { server.shutdown(Duration::from_secs(5)).await })
    };
    let last = phone.request_of("REGISTER").await;
    assert_eq!(header(&last, "Expires").unwrap(), "0");
    phone.reply(&last, "200 OK", "r", "", "").await;
    stopping.await.unwrap();
    assert_eq!(server.registration_state(), [(String::from("carrier"), RegistrationState::Removed)]);
}

#[tokio::test]
async fn a_registrar_that_was_away_gets_us_back() {
    let mut phone = registrar().await;
    let trunk = account(&phone);
    let (server, _calls) = server(|settings| settings.trunks.push(trunk)).await;
    phone.server = server.udp_addr().unwrap();
    let first = phone.request_of("REGISTER").await;
    phone.reply(&first, "503 Service Unavailable", "r", "", "").await;
    becomes(&server, |state| *state == RegistrationState::Failed { status: 503, failures: 1 }).await;
    let second = phone.request_of("REGISTER").await;
    assert_ne!(header(&second, "CSeq"), header(&first, "CSeq"));
    phone.reply(&second, "423 Interval Too Brief", "r", "Min-Expires: 600\r\n", "").await;
    let third = phone.request_of("REGISTER").await;
    assert_eq!(header(&third, "Expires").unwrap(), "600");
    phone.reply(&third, "200 OK", "r", "Expires: 600\r\n", "").await;
    becomes(&server, |state| *state == RegistrationState::Registered { expires_s: 600 }).await;
}

#[tokio::test]
async fn a_registrar_that_restarts_and_has_forgotten_us_gets_us_back() {
    let mut phone = registrar().await;
    let trunk = account(&phone);
    let at = phone.addr;
    // 64 round trips until a silent registrar is given up: 1.3 s instead of 32.
    let (server, _calls) = server(|settings| {
        settings.trunks.push(trunk);
        settings.round_trip = Duration::from_millis(20);
    })
    .await;
    phone.server = server.udp_addr().unwrap();
    let first = phone.request_of("REGISTER").await;
    phone.reply(&first, "200 OK", "r", "Expires: 1\r\n", "").await;
    becomes(&server, |state| *state == RegistrationState::Registered { expires_s: 1 }).await;
    // It goes away: the next refresh is answered by nobody.
    drop(phone);
    becomes(&server, |state| matches!(state, RegistrationState::Failed { failures: 1, .. })).await;
    // It is back at its address, knows nothing of us, and asks again who we are.
    let socket = UdpSocket::bind(at).await.unwrap();
    let phone = Phone { socket, addr: at, server: server.udp_addr().unwrap(), name: String::from("registrar") };
    let again = phone.request_of("REGISTER").await;
    assert!(!again.contains("Authorization"), "no credentials for a challenge that is gone");
    let challenge = "WWW-Authenticate: Digest realm=\"fresh\", nonce=\"new\"\r\n";
    phone.reply(&again, "401 Unauthorized", "r", challenge, "").await;
    // Repeats of the unanswered ones may still be under way.
    let known = loop {
        let request = phone.request_of("REGISTER").await;
        if request.contains("realm=\"fresh\"") {
            break request;
        }
    };
    phone.reply(&known, "200 OK", "r", "Expires: 300\r\n", "").await;
    becomes(&server, |state| *state == RegistrationState::Registered { expires_s: 300 }).await;
}

#[tokio::test]
async fn a_wrong_password_is_not_sent_again_and_again() {
    let mut phone = registrar().await;
    let trunk = account(&phone);
    let (server, _calls) = server(|settings| settings.trunks.push(trunk)).await;
    phone.server = server.udp_addr().unwrap();
    let challenge = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n";
    for _ in 0..2 {
        let request = phone.request_of("REGISTER").await;
        phone.reply(&request, "401 Unauthorized", "r", challenge, "").await;
    }
    becomes(&server, |state| *state == RegistrationState::Failed { status: 401, failures: 1 }).await;
}

#[tokio::test]
async fn a_trunk_without_registration_is_asked_whether_it_is_there() {
    let mut phone = registrar().await;
    let trunk = Trunk { register: false, ..account(&phone) };
    let (server, _calls) = server(|settings| {
        settings.trunks.push(trunk);
        settings.ping_every = Some(Duration::from_secs(1));
    })
    .await;
    phone.server = server.udp_addr().unwrap();
    let ping = phone.request_of("OPTIONS").await;
    phone.reply(&ping, "404 Not Found", "r", "", "").await;
    becomes(&server, |state| *state == RegistrationState::NotAskedFor { answers: Some(true) }).await;
    let ping = phone.request_of("OPTIONS").await;
    phone.reply(&ping, "200 OK", "r", "", "").await;
}
