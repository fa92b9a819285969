//! How SIP messages leave and reach the test telephone: datagrams or one TCP connection.
//! What the messages mean is left to `call`.

use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

use super::message::{MESSAGE_BYTES_MAX, Message, framed};

/// Messages that wait to be read.
pub(super) const WAITING_MAX: usize = 256;

/// A message and where it came from.
pub(super) type Arrived = (Message, SocketAddr);

/// The way out.
#[derive(Clone)]
pub(super) enum Outbox {
    Udp(Arc<UdpSocket>),
    Tcp(Arc<Mutex<OwnedWriteHalf>>),
}

impl Outbox {
    /// Sends a message; what can't be sent is lost, as on any network, and shows as silence of the other side.
    pub(super) async fn send(&self, bytes: &[u8], to: SocketAddr) {
        match self {
            Self::Udp(socket) => {
                let _ = socket.send_to(bytes, to).await;
            }
            Self::Tcp(half) => {
                let _ = half.lock().await.write_all(bytes).await;
            }
        }
    }

    /// The name in Via.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Udp(_) => "UDP",
            Self::Tcp(_) => "TCP",
        }
    }

    /// Whether messages are sent again until there is an answer.
    pub(super) fn repeats(&self) -> bool {
        matches!(self, Self::Udp(_))
    }
}

/// Ends its task with itself.
pub(super) struct Reader(JoinHandle<()>);

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub(super) fn read_udp(socket: Arc<UdpSocket>) -> (mpsc::Receiver<Arrived>, Reader) {
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    let task = tokio::spawn(async move {
        let mut datagram = vec![0; MESSAGE_BYTES_MAX];
        loop {
            // An error here is the echo of a datagram that nobody took.
            let Ok((length, from)) = socket.recv_from(&mut datagram).await else { continue };
            if let Some(message) = Message::parse(&datagram[..length])
                && sender.send((message, from)).await.is_err()
            {
                return;
            }
        }
    });
    (receiver, Reader(task))
}

pub(super) fn read_tcp(stream: TcpStream, peer: SocketAddr) -> (Outbox, mpsc::Receiver<Arrived>, Reader) {
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    let (mut input, output) = stream.into_split();
    let task = tokio::spawn(async move {
        let mut bytes = Vec::new();
        while let Some(message) = next_message(&mut input, &mut bytes).await {
            if sender.send((message, peer)).await.is_err() {
                return;
            }
        }
    });
    (Outbox::Tcp(Arc::new(Mutex::new(output))), receiver, Reader(task))
}

async fn next_message(input: &mut OwnedReadHalf, bytes: &mut Vec<u8>) -> Option<Message> {
    loop {
        if let Some((message, end)) = framed(bytes) {
            bytes.drain(..end);
            return Some(message);
        }
        if bytes.len() > MESSAGE_BYTES_MAX || input.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    }
}
