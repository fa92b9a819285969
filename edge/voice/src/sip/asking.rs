//! Sends a request of ours and waits for its final answer, and finds out where a SIP address lives.
//! What the request says is written by the caller of this; repeats and time-outs are the library's.

use super::envelope;
use super::settings::SipFault;
use super::sockets::{Flow, link_to};
use super::stack::Stack;
use super::wire::{Address, Message};
use rsipstack::sip::SipMessage;
use rsipstack::transaction::Transaction;
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use rsipstack::transport::SipAddr;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// How long a name look-up may take.
const LOOK_UP: Duration = Duration::from_secs(3);

/// A final answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub status: u16,
    /// The real message; empty when nothing came and the status is the library's own (408, 503).
    pub bytes: Vec<u8>,
}

impl Reply {
    pub fn message(&self) -> Option<Message<'_>> {
        Message::read(&self.bytes)
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    fn nothing() -> Self {
        Self { status: 408, bytes: Vec::new() }
    }
}

/// Where a request goes.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub flow: Flow,
    pub to: SocketAddr,
}

/// Sends one request and returns its final answer. `provisional` hears 1xx answers. Runs to its end once begun: do not
/// drop the future (give it a task of its own).
pub(crate) async fn ask(
    stack: &Arc<Stack>,
    bytes: Vec<u8>,
    way: &Way,
    mut provisional: impl FnMut(u16, &[u8]) + Send,
) -> Reply {
    let Some(request) = Message::read(&bytes).and_then(|message| envelope::request_out(&message, &bytes)) else {
        return Reply::nothing();
    };
    let Ok(key) = TransactionKey::from_request(&request, TransactionRole::Client) else {
        return Reply::nothing();
    };
    let mut transaction = Transaction::new_client(key, request, stack.endpoint.clone(), Some(way.flow.connection()));
    let transport = if way.flow.is_tcp() { rsipstack::sip::Transport::Tcp } else { rsipstack::sip::Transport::Udp };
    transaction.destination = Some(SipAddr { r#type: Some(transport), addr: way.to.into() });
    if transaction.send().await.is_err() {
        return Reply::nothing();
    }
    let mut reply = None;
    while let Some(message) = transaction.receive().await {
        let SipMessage::Response(response) = message else { continue };
        let status = response.status_code.code();
        if status < 200 {
            provisional(status, &response.body);
        } else if reply.is_none() {
            reply = Some(Reply { status, bytes: response.body });
            // The library has acknowledged a refusal by now; a 2xx we acknowledge ourselves.
            break;
        }
    }
    reply.unwrap_or_else(Reply::nothing)
}

/// Finds the way to an address: an open TCP connection, a new one, or one of our UDP ports.
///
/// # Errors
/// `SipFault::NoAddress`.
pub(crate) async fn way_to(stack: &Arc<Stack>, host: &str, port: Option<u16>, tcp: bool) -> Result<Way, SipFault> {
    let port = port.unwrap_or(5060);
    let plain = host.trim_matches(['[', ']']);
    let to = match plain.parse::<IpAddr>() {
        Ok(ip) => SocketAddr::new(ip, port),
        Err(_) => {
            let found = tokio::time::timeout(LOOK_UP, tokio::net::lookup_host((plain, port))).await;
            let found: Vec<SocketAddr> =
                found.map_err(|_| SipFault::NoAddress)?.map_err(|_| SipFault::NoAddress)?.collect();
            let reachable = found.iter().find(|addr| tcp || stack.udp_towards(**addr).is_some());
            *reachable.ok_or(SipFault::NoAddress)?
        }
    };
    if tcp {
        return Ok(Way { flow: Flow::Tcp(link_to(stack, to).await?), to });
    }
    let flow = stack.udp_towards(to).ok_or(SipFault::NoAddress)?;
    Ok(Way { flow, to })
}

/// As `way_to`, from the text of an address.
///
/// # Errors
/// `SipFault::NoAddress`, also when the text is not a SIP address.
pub(crate) async fn way_to_uri(stack: &Arc<Stack>, uri: &str) -> Result<Way, SipFault> {
    let address = Address::parse(uri).filter(|address| !address.host.is_empty()).ok_or(SipFault::NoAddress)?;
    way_to(stack, address.host, address.port, address.wants_tcp()).await
}

/// Whether an address cannot be reached from elsewhere, so that the source of its packets is the better guess.
pub(crate) fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            // RFC 6598 shared space is what carriers use behind their own translation.
            ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified()
                || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unspecified() || (ip.segments()[0] & 0xfe00) == 0xfc00,
    }
}
