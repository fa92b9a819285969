//! Serves the pages on a socket: plain on loopback or behind a proxy, TLS otherwise. Slow or endless requests are cut
//! off, and stopping lets answers that are on their way arrive.
//! The pages are left to `routes`.

use crate::hosts::with_the_desk_apart;
use crate::routes::{metrics_router, router};
use crate::settings::Transport;
use crate::state::WebState;
use crate::tls;
use axum::Router;
use caseline_conversation::policy::Drafts;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_rustls::TlsAcceptor;

/// How many connections may be open at once.
const CONNECTIONS_MAX: usize = 1_024;

/// How many headers a request may have.
const HEADERS_MAX: usize = 64;

/// How long the head of a request may be, in bytes.
const HEAD_LENGTH_MAX: usize = 16 * 1_024;

/// How long the head of a request, or a TLS handshake, may take.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

/// How long a connection may live; browsers open another one by themselves.
const CONNECTION_WITHIN: Duration = Duration::from_secs(120);

/// How long answers may take to leave once the program stops.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// How long to wait when the machine has no room for another connection.
const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// What keeps the pages from being served.
#[derive(Debug, thiserror::Error)]
pub enum WebFault {
    /// Plain HTTP where others could read along.
    #[error(
        "pages on {address} would travel unencrypted: set `[web] tls_cert` and `tls_key`, or `behind_proxy = true` if a \
         proxy in front speaks TLS, or bind to 127.0.0.1"
    )]
    PlainInPublic {
        /// The address.
        address: SocketAddr,
    },
    /// Words that nobody has checked, where the public reads them.
    #[error("the words are drafts: pages with drafts are served on loopback addresses only, not on {address}")]
    DraftsInPublic {
        /// The address.
        address: SocketAddr,
    },
    /// Figures for others than the operator.
    #[error("`[web] metrics` is {address}: figures are served on a loopback address only, such as 127.0.0.1:9090")]
    FiguresInPublic {
        /// The address.
        address: SocketAddr,
    },
    /// Another program has the port.
    #[error("port {port} on {address} is in use: stop the program that has it, or set another port", port = .address.port(), address = .address.ip())]
    PortInUse {
        /// The address.
        address: SocketAddr,
    },
    /// The address cannot be bound.
    #[error("{address} cannot be opened for pages")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// Certificate or key cannot be used.
    #[error("the certificate file {file} cannot be used: {what}")]
    Certificate {
        /// The file.
        file: String,
        /// Why.
        what: String,
    },
}

/// Opened sockets, not served yet.
pub struct Server {
    state: WebState,
    pages: TcpListener,
    figures: Option<TcpListener>,
    tls: Option<TlsAcceptor>,
    staff: Option<Router>,
}

impl Server {
    /// Checks the settings and opens the sockets.
    ///
    /// # Errors
    /// Everything that keeps the pages from being served, in one sentence.
    pub async fn open(state: WebState) -> Result<Self, WebFault> {
        let settings = state.settings().clone();
        let is_public = !settings.bind.ip().is_loopback();
        if is_public && settings.transport == Transport::Plain {
            return Err(WebFault::PlainInPublic { address: settings.bind });
        }
        if is_public && state.line().program.policy.drafts == Drafts::Spoken {
            return Err(WebFault::DraftsInPublic { address: settings.bind });
        }
        if let Some(address) = settings.metrics_bind.filter(|address| !address.ip().is_loopback()) {
            return Err(WebFault::FiguresInPublic { address });
        }
        let tls = match &settings.transport {
            Transport::Tls { cert, key } => Some(tls::acceptor(cert, key)?),
            Transport::Plain | Transport::BehindProxy => None,
        };
        let pages = listen(settings.bind).await?;
        let figures = match settings.metrics_bind {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        Ok(Self { state, pages, figures, tls, staff: None })
    }

    /// Serves the pages of the desk too, beside those for callers.
    #[must_use]
    pub fn with_staff(mut self, pages: Router) -> Self {
        self.staff = Some(pages);
        self
    }

    /// Where the pages are.
    pub fn address(&self) -> Option<SocketAddr> {
        self.pages.local_addr().ok()
    }

    /// Where the figures are.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.figures.as_ref()?.local_addr().ok()
    }

    /// Serves until `stop` is done, then lets the answers that are on their way leave.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let (stopping, stopped) = watch::channel(false);
        let of_callers = router(self.state.clone());
        let all = match self.staff {
            Some(of_staff) => of_callers.clone().merge(of_staff),
            None => of_callers.clone(),
        };
        let (all, of_callers) = match &self.state.settings().desk_address {
            Some(desk) => (with_the_desk_apart(all, desk), with_the_desk_apart(of_callers, desk)),
            None => (all, of_callers),
        };
        let pages = accept(self.pages, self.tls, Pages { all, of_callers }, stopped.clone());
        let figures = async {
            if let Some(listener) = self.figures {
                let figures = metrics_router(self.state.clone());
                let pages = Pages { all: figures.clone(), of_callers: figures };
                accept(listener, None, pages, stopped.clone()).await;
            }
        };
        let stop = async {
            stop.await;
            // Nobody listens any more only if both loops are gone, which is what is wanted.
            let _ = stopping.send(true);
        };
        tokio::join!(pages, figures, stop);
    }
}

/// Opens the sockets and serves until `stop` is done.
///
/// # Errors
/// Everything that keeps the pages from being served, in one sentence.
pub async fn serve(state: WebState, stop: impl Future<Output = ()>) -> Result<(), WebFault> {
    Server::open(state).await?.run(stop).await;
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<TcpListener, WebFault> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => WebFault::PortInUse { address },
        _ => WebFault::Bind { address, source },
    })
}

/// What is served on a socket.
#[derive(Clone)]
struct Pages {
    all: Router,
    /// Without the desk: for connections that are not good enough for it.
    of_callers: Router,
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, pages: Pages, mut stopped: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&room).acquire_owned() => permit,
            () = until(&mut stopped) => break,
        };
        // The semaphore is never closed.
        let Ok(permit) = permit else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = until(&mut stopped) => break,
        };
        match accepted {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, tls.clone(), pages.clone(), stopped.clone(), permit));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(ACCEPT_AGAIN_AFTER).await;
            }
        }
    }
    drop(listener);
    // All permits are back when all connections are gone.
    let all = u32::try_from(CONNECTIONS_MAX).unwrap_or(u32::MAX);
    if tokio::time::timeout(STOP_WITHIN, room.acquire_many(all)).await.is_err() {
        tracing::warn!("connections that did not end in time are dropped");
    }
}

async fn connection(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    pages: Pages,
    stopped: watch::Receiver<bool>,
    permit: OwnedSemaphorePermit,
) {
    // A page is a few packets; waiting for more only makes it later.
    let _ = stream.set_nodelay(true);
    match tls {
        None => http(stream, pages.all, stopped).await,
        Some(tls) => match tokio::time::timeout(HEAD_WITHIN, tls.accept(stream)).await {
            Ok(Ok(stream)) => {
                let is_for_staff = tls::is_for_staff(stream.get_ref().1.protocol_version());
                let pages = if is_for_staff { pages.all } else { pages.of_callers };
                http(stream, pages, stopped).await;
            }
            // Scanners and old clients; who it was is not written down.
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        },
    }
    drop(permit);
}

async fn http<S>(stream: S, router: Router, mut stopped: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_LENGTH_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => Some(ended),
        () = tokio::time::sleep(CONNECTION_WITHIN) => None,
        () = until(&mut stopped) => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            serving.as_mut().graceful_shutdown();
            match tokio::time::timeout(STOP_WITHIN, serving).await {
                Ok(ended) => ended,
                Err(_) => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Until stopping was asked for.
async fn until(stopped: &mut watch::Receiver<bool>) {
    // An error means that the one who stops us is gone: then it is time too.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}
