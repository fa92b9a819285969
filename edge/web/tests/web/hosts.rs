//! The desk at a host of its own, on a socket: neither host gives the pages of the other.

use crate::line::{made_up, settings};
use crate::staff::desk;
use caseline_web::{Server, Transport, WebSettings};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

const WITHIN: Duration = Duration::from_secs(20);
const OF_CALLERS: &str = "help.example.org";
const OF_THE_DESK: &str = "desk.example.org";

/// The first row of the answer to a request, and its headers.
async fn answered(pages: std::net::SocketAddr, host: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(pages).await.unwrap();
    let request = format!("{request} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(WITHIN, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn with_a_host_of_its_own_the_desk_is_there_alone_and_no_caller_s_page_is() {
    let made_up = made_up();
    let settings = WebSettings {
        transport: Transport::BehindProxy,
        public_address: Some(format!("https://{OF_CALLERS}")),
        desk_address: Some(format!("https://{OF_THE_DESK}")),
        ..settings()
    };
    let of_staff = desk(&made_up, &settings);
    let server = Server::open(made_up.state(settings)).await.unwrap().with_staff(of_staff);
    let pages = server.address().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));
    for (request, is_of_the_desk) in [
        ("GET /staff/sign-in", true),
        ("GET /staff/passkey.js", true),
        ("GET /staff/openid/back?state=1&code=2", true),
        ("POST /staff/sign-in", true),
        ("GET /en", false),
        ("GET /chat", false),
        ("POST /chat", false),
        ("GET /health", false),
        ("GET /leave", false),
    ] {
        for (host, is_desk_host) in [(OF_THE_DESK, true), ("DESK.example.org", true), (OF_CALLERS, false), ("x", false)]
        {
            let answer = answered(pages, host, request).await;
            let is_given = !answer.starts_with("HTTP/1.1 404");
            assert_eq!(is_given, is_desk_host == is_of_the_desk, "{request} at {host}: {answer}");
            assert!(answer.contains("content-security-policy: default-src 'none'"), "{answer}");
            let own: &[&str] = if is_desk_host { &["__Host-staff="] } else { &["__Host-page=", "__Host-line="] };
            for row in answer.lines().filter(|row| is_given && row.starts_with("set-cookie: ")) {
                assert!(own.iter().any(|own| row.contains(own)), "{request} at {host}: {row}");
            }
        }
    }
    for host in [OF_THE_DESK, OF_CALLERS] {
        assert!(answered(pages, host, "GET /style.css").await.starts_with("HTTP/1.1 200"), "one sheet for both");
    }
    let begin = answered(pages, OF_THE_DESK, "GET /").await;
    assert!(begin.starts_with("HTTP/1.1 303") && begin.contains("location: /staff/sign-in"), "{begin}");
    stop.send(()).unwrap();
    tokio::time::timeout(WITHIN, serving).await.unwrap().unwrap();
}
