//! How keys are agreed over TLS: what browsers of today get, what older ones still get, and what the desk asks for.
//! That pages are served at all, and with which headers, is left to `serving`.

use crate::certificate::{MadeUpCertificate, for_localhost};
use crate::line::{MadeUp, made_up, settings};
use axum::Router;
use axum::routing::get;
use caseline_web::{Server, Transport};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::{CryptoProvider, SupportedKxGroup, aws_lc_rs};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, NamedGroup, RootCertStore, SupportedProtocolVersion, version};

const WITHIN: Duration = Duration::from_secs(20);

/// The pages over TLS, with a desk of one page.
struct OverTls {
    pages: SocketAddr,
    certificate: MadeUpCertificate,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    _line: MadeUp,
}

impl OverTls {
    async fn open(name: &str) -> Self {
        let made_up = made_up();
        let certificate = for_localhost();
        let folder = std::env::temp_dir().join(format!("caseline-web-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        std::fs::write(&cert, &certificate.certificate_pem).unwrap();
        std::fs::write(&key, &certificate.key_pem).unwrap();
        let mut settings = settings();
        settings.transport = Transport::Tls { cert, key };
        let server = Server::open(made_up.state(settings)).await.unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let desk = Router::new().route("/staff", get(async || "the desk"));
        let server = server.with_staff(desk);
        let pages = server.address().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(server.run(async {
            stopped.await.unwrap();
        }));
        Self { pages, certificate, stop, serving, _line: made_up }
    }

    async fn browser(
        &self,
        groups: Vec<&'static dyn SupportedKxGroup>,
        version: &'static SupportedProtocolVersion,
    ) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(self.certificate.der.clone())).unwrap();
        let provider = CryptoProvider { kx_groups: groups, ..aws_lc_rs::default_provider() };
        let config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(self.pages).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
    }

    async fn close(self) {
        self.stop.send(()).unwrap();
        tokio::time::timeout(WITHIN, self.serving).await.unwrap().unwrap();
    }
}

fn agreed(stream: &TlsStream<TcpStream>) -> NamedGroup {
    stream.get_ref().1.negotiated_key_exchange_group().unwrap().name()
}

async fn asked(mut stream: TlsStream<TcpStream>, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(WITHIN, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn whoever_has_it_agrees_on_keys_that_a_recording_does_not_give_away_later() {
    use aws_lc_rs::kx_group::{SECP256R1, X25519, X25519MLKEM768};
    let pages = OverTls::open("lasting").await;
    // As Chromium and Firefox offer it.
    let browser = pages.browser(vec![X25519MLKEM768, X25519, SECP256R1], &version::TLS13).await;
    assert_eq!(agreed(&browser), NamedGroup::X25519MLKEM768);
    let page = asked(browser, "/en").await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    pages.close().await;
}

#[tokio::test]
async fn an_older_browser_still_gets_in() {
    use aws_lc_rs::kx_group::{SECP256R1, X25519};
    let pages = OverTls::open("older").await;
    for (group, version, name) in [
        (X25519, &version::TLS13, NamedGroup::X25519),
        (SECP256R1, &version::TLS13, NamedGroup::secp256r1),
        (X25519, &version::TLS12, NamedGroup::X25519),
    ] {
        let browser = pages.browser(vec![group], version).await;
        assert_eq!(agreed(&browser), name);
        let page = asked(browser, "/en").await;
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    }
    pages.close().await;
}

#[tokio::test]
async fn the_desk_is_given_over_tls_1_3_only() {
    use aws_lc_rs::kx_group::X25519;
    let pages = OverTls::open("desk").await;
    let desk = asked(pages.browser(vec![X25519], &version::TLS13).await, "/staff").await;
    assert!(desk.starts_with("HTTP/1.1 200") && desk.contains("the desk"), "{desk}");
    let desk = asked(pages.browser(vec![X25519], &version::TLS12).await, "/staff").await;
    assert!(desk.starts_with("HTTP/1.1 404"), "{desk}");
    pages.close().await;
}
