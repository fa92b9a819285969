//! Our own sockets for SIP: every message goes through the doorkeeper before the library sees it, every message of ours
//! leaves without its envelope. Transactions are the library's; what messages mean is `sip::incoming`.

use super::envelope;
use super::framing::{Framer, Piece};
use super::message::Answer;
use super::prefilter::{Carrier, MESSAGE_BYTES_MAX, Verdict, examine};
use super::settings::SipFault;
use super::stack::Stack;
use super::wire::{Message, Start};
use rsipstack::sip::SipMessage;
use rsipstack::transport::channel::ChannelConnection;
use rsipstack::transport::udp::UdpConnection;
use rsipstack::transport::{SipAddr, SipConnection, TransportEvent};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::mpsc;

/// TCP connections held at one time; more are closed at once.
pub(crate) const LINKS_MAX: usize = 1_024;
/// Answers that wait for a slow TCP peer before the connection is given up.
const LINK_WAITING_MAX: usize = 256;
/// A TCP connection on which nothing came for so long is closed.
const LINK_IDLE: Duration = Duration::from_secs(600);
/// A TCP peer that takes nothing for so long is given up.
const LINK_WRITE: Duration = Duration::from_secs(5);
/// How long a TCP connection may take to come up.
const LINK_CONNECT: Duration = Duration::from_secs(4);
/// Receive buffer of a UDP socket, for bursts of set-ups.
const UDP_BUFFER_BYTES: usize = 4 * 1024 * 1024;

/// One bound UDP address.
pub(crate) struct UdpPort {
    pub socket: Arc<UdpSocket>,
    pub local: SocketAddr,
    /// What we write into Via and Contact.
    pub sent_by: SocketAddr,
    pub connection: SipConnection,
}

impl std::fmt::Debug for UdpPort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UdpPort({})", self.local)
    }
}

/// One TCP connection, whoever opened it.
pub(crate) struct TcpLink {
    pub peer: SocketAddr,
    pub sent_by: SocketAddr,
    pub connection: SipConnection,
    raw: mpsc::Sender<Vec<u8>>,
    open: AtomicBool,
}

impl std::fmt::Debug for TcpLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TcpLink({})", self.peer)
    }
}

impl TcpLink {
    pub fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    pub fn close(&self) {
        self.open.store(false, Ordering::Release);
    }
}

/// The way a message came, or will go.
#[derive(Clone, Debug)]
pub(crate) enum Flow {
    Udp(Arc<UdpPort>),
    Tcp(Arc<TcpLink>),
}

impl Flow {
    pub fn connection(&self) -> SipConnection {
        match self {
            Self::Udp(port) => port.connection.clone(),
            Self::Tcp(link) => link.connection.clone(),
        }
    }

    pub fn sent_by(&self) -> SocketAddr {
        match self {
            Self::Udp(port) => port.sent_by,
            Self::Tcp(link) => link.sent_by,
        }
    }

    pub fn is_tcp(&self) -> bool {
        matches!(self, Self::Tcp(_))
    }

    pub fn is_open(&self) -> bool {
        match self {
            Self::Udp(_) => true,
            Self::Tcp(link) => link.is_open(),
        }
    }

    /// Sends octets outside of any transaction: an answer given at once, an ACK.
    pub async fn send(&self, bytes: Vec<u8>, to: SocketAddr) {
        match self {
            Self::Udp(port) => {
                if let Err(error) = port.socket.send_to(&bytes, to).await {
                    tracing::debug!(kind = ?error.kind(), "a datagram could not be sent");
                }
            }
            Self::Tcp(link) => {
                if link.raw.try_send(bytes).is_err() {
                    link.close();
                }
            }
        }
    }
}

/// What the library writes to: takes the envelope off. Reading is ours, so it never gets anything here.
struct Unwrapping {
    socket: Arc<UdpSocket>,
}

#[async_trait::async_trait]
impl rsipstack::platform::net::UdpSocket for Unwrapping {
    async fn recv_from(&self, _buf: &mut [u8]) -> rsipstack::Result<(usize, SocketAddr)> {
        std::future::pending().await
    }

    async fn send_to(&self, buf: &[u8], addr: SocketAddr) -> rsipstack::Result<usize> {
        self.socket.send_to(envelope::opened(buf), addr).await?;
        Ok(buf.len())
    }

    fn local_addr(&self) -> rsipstack::Result<SocketAddr> {
        Ok(self.socket.local_addr()?)
    }
}

/// Binds a UDP address.
///
/// # Errors
/// `SipFault::InUse` with the address, or `SipFault::Listen`.
pub(crate) async fn bind_udp(addr: SocketAddr, advertised: Option<std::net::IpAddr>) -> Result<Arc<UdpPort>, SipFault> {
    let fault = |source: std::io::Error| listen_fault("UDP", addr, source);
    let socket = socket2::Socket::new(socket2::Domain::for_address(addr), socket2::Type::DGRAM, None).map_err(fault)?;
    // A smaller buffer than asked for is still a buffer.
    let _ = socket.set_recv_buffer_size(UDP_BUFFER_BYTES);
    socket.set_nonblocking(true).map_err(fault)?;
    socket.bind(&addr.into()).map_err(fault)?;
    let socket = Arc::new(UdpSocket::from_std(socket.into()).map_err(fault)?);
    let local = socket.local_addr().map_err(fault)?;
    let sent_by = SocketAddr::new(advertised.unwrap_or(local.ip()), local.port());
    let unwrapping = Arc::new(Unwrapping { socket: socket.clone() });
    let connection = UdpConnection::from_socket(unwrapping, Some(sent_by), None)
        .await
        .map_err(|error| fault(std::io::Error::other(error.to_string())))?;
    Ok(Arc::new(UdpPort { socket, local, sent_by, connection: SipConnection::Udp(connection) }))
}

/// Binds a TCP address.
///
/// # Errors
/// `SipFault::InUse` with the address, or `SipFault::Listen`.
pub(crate) fn bind_tcp(addr: SocketAddr) -> Result<TcpListener, SipFault> {
    let fault = |source: std::io::Error| listen_fault("TCP", addr, source);
    let socket =
        socket2::Socket::new(socket2::Domain::for_address(addr), socket2::Type::STREAM, None).map_err(fault)?;
    socket.set_reuse_address(true).map_err(fault)?;
    socket.set_nonblocking(true).map_err(fault)?;
    socket.bind(&addr.into()).map_err(fault)?;
    socket.listen(128).map_err(fault)?;
    TcpListener::from_std(socket.into()).map_err(fault)
}

fn listen_fault(protocol: &'static str, addr: SocketAddr, source: std::io::Error) -> SipFault {
    match source.kind() {
        std::io::ErrorKind::AddrInUse => SipFault::InUse { protocol, addr },
        _ => SipFault::Listen { protocol, addr, source },
    }
}

/// Reads one UDP address until we stop.
pub(crate) async fn read_udp(stack: Arc<Stack>, port: Arc<UdpPort>) {
    let mut buffer = vec![0_u8; MESSAGE_BYTES_MAX + 1];
    loop {
        let received = tokio::select! {
            () = stack.closing.cancelled() => return,
            received = port.socket.recv_from(&mut buffer) => received,
        };
        // An ICMP error of an earlier send shows here; the socket stays good.
        let Ok((length, from)) = received else { continue };
        let bytes = buffer.get(..length).unwrap_or_default();
        if !stack.is_allowed(from.ip()) || bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        take(&stack, bytes, &Flow::Udp(port.clone()), from, Carrier::Datagram).await;
    }
}

/// Accepts TCP connections until we stop.
pub(crate) async fn accept_tcp(stack: Arc<Stack>, listener: TcpListener, sent_by: SocketAddr) {
    loop {
        let accepted = tokio::select! {
            () = stack.closing.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, peer)) = accepted else {
            // Out of descriptors, mostly: wait a moment instead of turning in a circle.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        if stack.is_allowed(peer.ip()) && stack.links_count() < LINKS_MAX {
            let _ = open_link(&stack, stream, peer, sent_by).await;
        }
    }
}

/// The open connection to a peer, or a new one.
///
/// # Errors
/// `SipFault::NoAddress` when it does not come up.
pub(crate) async fn link_to(stack: &Arc<Stack>, peer: SocketAddr) -> Result<Arc<TcpLink>, SipFault> {
    if let Some(link) = stack.link(peer) {
        return Ok(link);
    }
    let stream = tokio::time::timeout(LINK_CONNECT, TcpStream::connect(peer))
        .await
        .map_err(|_| SipFault::NoAddress)?
        .map_err(|_| SipFault::NoAddress)?;
    let local = stream.local_addr().map_err(|_| SipFault::NoAddress)?;
    let port = stack.tcp.first().map_or(local.port(), |addr| addr.port());
    let sent_by = SocketAddr::new(stack.settings.advertised.unwrap_or(local.ip()), port);
    open_link(stack, stream, peer, sent_by).await.ok_or(SipFault::NoAddress)
}

async fn open_link(
    stack: &Arc<Stack>,
    stream: TcpStream,
    peer: SocketAddr,
    sent_by: SocketAddr,
) -> Option<Arc<TcpLink>> {
    // Small messages should leave at once.
    let _ = stream.set_nodelay(true);
    let (_never, unread) = mpsc::unbounded_channel();
    let (outgoing, to_write) = mpsc::unbounded_channel();
    let (raw, raw_to_write) = mpsc::channel(LINK_WAITING_MAX);
    let addr = SipAddr { r#type: Some(rsipstack::sip::Transport::Tcp), addr: peer.into() };
    let connection = ChannelConnection::create_connection(unread, outgoing, addr, None).await.ok()?;
    let connection = SipConnection::Channel(connection);
    let link = Arc::new(TcpLink { peer, sent_by, connection, raw, open: AtomicBool::new(true) });
    stack.add_link(link.clone());
    let (reading, writing) = stream.into_split();
    tokio::spawn(write_link(stack.clone(), link.clone(), writing, to_write, raw_to_write));
    tokio::spawn(reader_of(stack.clone(), link.clone(), reading));
    Some(link)
}

async fn write_link(
    stack: Arc<Stack>,
    link: Arc<TcpLink>,
    mut writing: OwnedWriteHalf,
    mut wrapped: mpsc::UnboundedReceiver<TransportEvent>,
    mut raw: mpsc::Receiver<Vec<u8>>,
) {
    while link.is_open() {
        let bytes = tokio::select! {
            () = stack.closing.cancelled() => break,
            event = wrapped.recv() => match event {
                Some(TransportEvent::Incoming(message, _, _)) => envelope::opened(&message.to_bytes()).to_vec(),
                Some(_) => continue,
                None => break,
            },
            bytes = raw.recv() => match bytes {
                Some(bytes) => bytes,
                None => break,
            },
        };
        let written = tokio::time::timeout(LINK_WRITE, writing.write_all(&bytes)).await;
        if !matches!(written, Ok(Ok(()))) || wrapped.len() > LINK_WAITING_MAX {
            break;
        }
    }
    stack.close_link(&link);
}

/// Boxed, since reading can open another connection, which reads again: the compiler cannot size that circle.
fn reader_of(
    stack: Arc<Stack>,
    link: Arc<TcpLink>,
    reading: OwnedReadHalf,
) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(read_link(stack, link, reading))
}

async fn read_link(stack: Arc<Stack>, link: Arc<TcpLink>, mut reading: OwnedReadHalf) {
    let mut framer = Framer::default();
    let mut buffer = vec![0_u8; 16 * 1024];
    'stream: loop {
        let read = tokio::select! {
            () = stack.closing.cancelled() => break,
            read = tokio::time::timeout(LINK_IDLE, reading.read(&mut buffer)) => read,
        };
        let Ok(Ok(length @ 1..)) = read else { break };
        framer.push(buffer.get(..length).unwrap_or_default());
        while let Some(piece) = framer.next() {
            let flow = Flow::Tcp(link.clone());
            match piece {
                Piece::Message(bytes) => take(&stack, &bytes, &flow, link.peer, Carrier::Stream).await,
                Piece::Ping => flow.send(b"\r\n".to_vec(), link.peer).await,
                Piece::Broken(bytes) => {
                    // Answered with 400 if it can be, then the stream is of no more use.
                    take(&stack, &bytes, &flow, link.peer, Carrier::Stream).await;
                    break 'stream;
                }
            }
        }
        if !link.is_open() {
            break;
        }
    }
    stack.close_link(&link);
}

/// One message: judged, then answered, dropped or handed on.
async fn take(stack: &Arc<Stack>, bytes: &[u8], flow: &Flow, from: SocketAddr, carrier: Carrier) {
    let (verdict, echo) = examine(bytes, carrier);
    match verdict {
        Verdict::Drop => {}
        Verdict::Answer(status) => {
            let Some(echo) = echo else { return };
            let answer = Answer { to_tag: Some(stack.standing_tag()), ..Answer::new(status) };
            flow.send(echo.write(from, &answer, &stack.settings.product), echo.answer_to(from)).await;
        }
        Verdict::Pass => {
            let Some(message) = Message::read(bytes) else { return };
            match message.start {
                Start::Request { .. } => super::incoming::take_request(stack, &message, bytes, flow, from).await,
                Start::Status { code } => {
                    if super::outgoing::is_repeated_answer(stack, &message, bytes, code).await {
                        return;
                    }
                    if let Some(response) = envelope::response_in(&message, code, bytes) {
                        hand_over(stack, SipMessage::Response(response), flow, from).await;
                    }
                }
            }
        }
    }
}

/// Gives a wrapped message to the library's transactions.
pub(crate) async fn hand_over(stack: &Arc<Stack>, message: SipMessage, flow: &Flow, from: SocketAddr) {
    let addr = SipAddr { r#type: None, addr: from.into() };
    if stack.endpoint.on_received_message(message, flow.connection(), &addr).await.is_err() {
        tracing::debug!("a message did not fit its transaction");
    }
}
