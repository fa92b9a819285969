//! The pages on a socket: what is refused at the start, TLS, and stopping.

use crate::certificate::for_localhost;
use crate::line::{made_up, settings};
use caseline_conversation::policy::Drafts;
use caseline_web::{Server, Transport, WebFault};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, version};

const WITHIN: Duration = Duration::from_secs(20);

async fn asked(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(WITHIN, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn the_pages_and_the_figures_are_served_apart_and_stop_when_told() {
    let made_up = made_up();
    let server = Server::open(made_up.state(settings())).await.unwrap();
    let (pages, figures) = (server.address().unwrap(), server.metrics_address().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.run(async {
        stopped.await.unwrap();
    }));
    let page = asked(pages, "GET /es HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("Llámenos"), "{page}");
    let health = asked(pages, "GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(health.contains("{\"state\":\"ok\",\"store\":\"ok\"}"), "{health}");
    let metrics = asked(pages, "GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(metrics.starts_with("HTTP/1.1 404"), "{metrics}");
    let metrics = asked(figures, "GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(metrics.contains("caseline_store_works 1"), "{metrics}");
    for kind in ["site", "representative-card", "backup", "vault-budget"] {
        assert!(metrics.contains(&format!("caseline_alarm{{kind=\"{kind}\"}} 0\n")), "{metrics}");
    }
    let health = asked(figures, "GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(health.contains("\"open_contacts\":0,\"alarm\":\"quiet\""), "{health}");
    // Somebody who asks for nothing does not keep the program from stopping.
    let quiet = TcpStream::connect(pages).await.unwrap();
    stop.send(()).unwrap();
    tokio::time::timeout(WITHIN, serving).await.unwrap().unwrap();
    drop(quiet);
    assert!(TcpStream::connect(pages).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_head_that_is_too_long_or_has_too_many_rows_is_refused() {
    let made_up = made_up();
    let server = Server::open(made_up.state(settings())).await.unwrap();
    let pages = server.address().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.run(async {
        stopped.await.unwrap();
    }));
    let rows = "x: y\r\n".repeat(100);
    let answer = asked(pages, &format!("GET / HTTP/1.1\r\nhost: x\r\n{rows}\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    let long = "y".repeat(20_000);
    let answer = asked(pages, &format!("GET /{long} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    stop.send(()).unwrap();
    tokio::time::timeout(WITHIN, serving).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_port_that_is_in_use_is_one_clear_sentence() {
    let made_up = made_up();
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut settings = settings();
    settings.bind = taken.local_addr().unwrap();
    let fault = Server::open(made_up.state(settings)).await.err().unwrap();
    let port = taken.local_addr().unwrap().port();
    assert_eq!(
        fault.to_string(),
        format!("port {port} on 127.0.0.1 is in use: stop the program that has it, or set another port")
    );
}

#[tokio::test]
async fn plain_pages_drafts_and_figures_are_refused_where_others_read_along() {
    let made_up = made_up();
    let open = "0.0.0.0:0".parse().unwrap();
    let mut plain = settings();
    plain.bind = open;
    let fault = Server::open(made_up.state(plain)).await.err().unwrap();
    assert!(matches!(fault, WebFault::PlainInPublic { .. }) && fault.to_string().contains("behind_proxy"), "{fault}");

    assert_eq!(made_up.line.program.policy.drafts, Drafts::Spoken);
    let mut drafts = settings();
    drafts.bind = open;
    drafts.transport = Transport::BehindProxy;
    let fault = Server::open(made_up.state(drafts)).await.err().unwrap();
    assert!(matches!(fault, WebFault::DraftsInPublic { .. }), "{fault}");

    let mut figures = settings();
    figures.metrics_bind = Some(open);
    let fault = Server::open(made_up.state(figures)).await.err().unwrap();
    assert!(matches!(fault, WebFault::FiguresInPublic { .. }), "{fault}");
}

#[tokio::test]
async fn a_certificate_that_is_not_there_is_named() {
    let made_up = made_up();
    let mut settings = settings();
    settings.transport = Transport::Tls { cert: "no/such/cert.pem".into(), key: "no/such/key.pem".into() };
    let fault = Server::open(made_up.state(settings)).await.err().unwrap();
    assert!(fault.to_string().starts_with("the certificate file no/such/cert.pem cannot be used"), "{fault}");
}

#[tokio::test]
async fn pages_over_tls_are_served_with_1_2_and_1_3() {
    let made_up = made_up();
    let certificate = for_localhost();
    let folder = std::env::temp_dir().join(format!("caseline-web-tls-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    std::fs::write(&cert, &certificate.certificate_pem).unwrap();
    std::fs::write(&key, &certificate.key_pem).unwrap();
    let mut settings = settings();
    settings.transport = Transport::Tls { cert, key };
    let server = Server::open(made_up.state(settings)).await.unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let pages = server.address().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.run(async {
        stopped.await.unwrap();
    }));
    for version in [&version::TLS13, &version::TLS12] {
        let page = over_tls(pages, &certificate.der, version).await;
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        assert!(page.contains("strict-transport-security: max-age=31536000"), "{page}");
        assert!(page.contains("set-cookie: __Host-page="), "{page}");
    }
    let plain = asked(pages, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(!plain.contains("HTTP/1.1 200"), "{plain}");
    stop.send(()).unwrap();
    tokio::time::timeout(WITHIN, serving).await.unwrap().unwrap();
}

async fn over_tls(address: std::net::SocketAddr, root: &[u8], version: &'static SupportedProtocolVersion) -> String {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(root.to_vec())).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    stream.write_all(b"GET /en HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(WITHIN, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}
