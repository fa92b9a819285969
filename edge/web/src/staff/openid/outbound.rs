//! The one way out of this program over HTTP: to the identity provider of the staff, at the hosts that the settings name,
//! over TLS. No redirect is followed, nothing of a caller is ever sent.
//! What is asked there is left to `provider`.

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, version};

/// The longest answer that is read, in bytes.
const ANSWER_LENGTH_MAX: usize = 256 * 1_024;

/// How long one question with its answer may take.
const WITHIN: Duration = Duration::from_secs(10);

/// Why a provider gave no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum OutboundFault {
    /// Not an address that the settings allow.
    #[error("{0} is not at a host that `[openid]` names, or not https")]
    NotAllowed(String),
    /// The connection failed.
    #[error("the identity provider cannot be reached: {0}")]
    Connection(String),
    /// It answered something else than a page.
    #[error("the identity provider answered {0}")]
    Status(StatusCode),
    /// It took too long.
    #[error("the identity provider took longer than {} seconds", WITHIN.as_secs())]
    Slow,
}

/// The way out.
pub(super) struct Outbound {
    tls: TlsConnector,
    hosts: Vec<String>,
}

impl Outbound {
    /// A way to these hosts, trusting the authorities of a file of certificates (PEM).
    pub(super) fn new(hosts: Vec<String>, authorities: &Path) -> Result<Self, String> {
        let fault = |what: String| format!("{}: {what}", authorities.display());
        let mut roots = RootCertStore::empty();
        let found = CertificateDer::pem_file_iter(authorities)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| fault(error.to_string()))?;
        roots.add_parsable_certificates(found);
        if roots.is_empty() {
            return Err(fault("there is no certificate in it".into()));
        }
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])
            .map_err(|error| fault(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: TlsConnector::from(Arc::new(config)), hosts })
    }

    /// Whether an address is one of ours to go to.
    pub(super) fn is_allowed(&self, address: &str) -> bool {
        is_allowed(&self.hosts, address)
    }

    pub(super) async fn get(&self, address: &str) -> Result<Vec<u8>, OutboundFault> {
        self.ask(Method::GET, address, None, String::new()).await
    }

    /// Sends a form; `basic` is what stands in `Authorization` behind the word Basic.
    pub(super) async fn post(
        &self,
        address: &str,
        basic: Option<String>,
        form: String,
    ) -> Result<Vec<u8>, OutboundFault> {
        self.ask(Method::POST, address, basic, form).await
    }

    async fn ask(
        &self,
        method: Method,
        address: &str,
        basic: Option<String>,
        form: String,
    ) -> Result<Vec<u8>, OutboundFault> {
        let asked = self.ask_in_time(method, address, basic, form);
        tokio::time::timeout(WITHIN, asked).await.map_err(|_| OutboundFault::Slow)?
    }

    async fn ask_in_time(
        &self,
        method: Method,
        address: &str,
        basic: Option<String>,
        form: String,
    ) -> Result<Vec<u8>, OutboundFault> {
        let (host, port, path) = parts(&self.hosts, address)?;
        let broken = |error: &dyn std::fmt::Display| OutboundFault::Connection(error.to_string());
        let name = ServerName::try_from(host.clone()).map_err(|error| broken(&error))?;
        let stream = TcpStream::connect((host.as_str(), port)).await.map_err(|error| broken(&error))?;
        let stream = self.tls.connect(name, stream).await.map_err(|error| broken(&error))?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| broken(&error))?;
        // It ends with this question: the connection is closed once its answer was read or given up.
        let connection = tokio::spawn(connection);
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, if port == 443 { host } else { format!("{host}:{port}") })
            .header(header::ACCEPT, "application/json")
            .header(header::CONNECTION, "close");
        if !form.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        if let Some(basic) = basic {
            request = request.header(header::AUTHORIZATION, format!("Basic {basic}"));
        }
        let request = request.body(Body::from(form)).map_err(|error| broken(&error))?;
        let response = sender.send_request(request).await.map_err(|error| broken(&error))?;
        let status = response.status();
        let read = to_bytes(Body::new(response.into_body()), ANSWER_LENGTH_MAX).await;
        connection.abort();
        match status {
            StatusCode::OK => Ok(read.map_err(|error| broken(&error))?.to_vec()),
            other => Err(OutboundFault::Status(other)),
        }
    }
}

/// Whether an address is at one of these hosts, over TLS.
pub(super) fn is_allowed(hosts: &[String], address: &str) -> bool {
    parts(hosts, address).is_ok()
}

/// Host, port and path of an address that is allowed.
fn parts(hosts: &[String], address: &str) -> Result<(String, u16, String), OutboundFault> {
    let not_allowed = || OutboundFault::NotAllowed(address.to_owned());
    let uri: Uri = address.parse().map_err(|_| not_allowed())?;
    let host = uri.host().ok_or_else(not_allowed)?.trim_start_matches('[').trim_end_matches(']').to_owned();
    let has_account = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    if uri.scheme_str() != Some("https") || has_account || !hosts.contains(&host) {
        return Err(not_allowed());
    }
    let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    Ok((host, uri.port_u16().unwrap_or(443), path))
}
