//! TLS 1.2 and 1.3 from an operator's certificate and key, with keys that a recording kept for later does not give away.
//! Getting and renewing certificates is left to the operator's tools.

use crate::serve::WebFault;
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, SupportedKxGroup, aws_lc_rs};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ProtocolVersion, ServerConfig, version};

/// How keys are agreed: X25519MLKEM768 (draft-ietf-tls-ecdhe-mlkem, with ML-KEM of FIPS 203) holds against whoever records
/// today and has a quantum computer later; the others are for older browsers. Of those that both sides have, rustls takes
/// the one that the browser names first, and browsers that have X25519MLKEM768 name it first.
static KEY_AGREEMENTS: &[&dyn SupportedKxGroup] = &[
    aws_lc_rs::kx_group::X25519MLKEM768,
    aws_lc_rs::kx_group::X25519,
    aws_lc_rs::kx_group::SECP256R1,
    aws_lc_rs::kx_group::SECP384R1,
];

/// Whether the pages of the desk are given on a connection: staff have a browser of these years, so TLS 1.3 alone, where
/// nothing of the handshake but the name of the site can be read (RFC 8446).
pub(crate) fn is_for_staff(version: Option<ProtocolVersion>) -> bool {
    version == Some(ProtocolVersion::TLSv1_3)
}

/// Reads certificate and key.
pub(crate) fn acceptor(cert: &Path, key: &Path) -> Result<TlsAcceptor, WebFault> {
    let fault = |file: &Path, what: String| WebFault::Certificate { file: file.display().to_string(), what };
    let chain = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| fault(cert, error.to_string()))?;
    if chain.is_empty() {
        return Err(fault(cert, "there is no certificate in it".to_owned()));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| fault(key, error.to_string()))?;
    let provider = CryptoProvider { kx_groups: KEY_AGREEMENTS.to_vec(), ..aws_lc_rs::default_provider() };
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, secret))
        .map_err(|error| fault(cert, error.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
