//! A test telephone that really calls: it speaks SIP and RTP, presses keys, and tells what it heard and when.
//! What should have been heard is left to whoever holds it: `caseline call`, the line's call to itself, tests.
//!
//! Its SIP is its own, written by hand and small, so that a mistake in the line's stack shows. It needs a tokio
//! runtime. [`Phone::call`] dials; [`Phone::listen`] makes it a staff member's telephone that others can ring.

mod call;
mod dialog;
mod ear;
#[cfg(test)]
mod ear_tests;
mod handle;
mod listening;
mod message;
mod never_panic;
mod offer;
mod other_sound;
mod script;
mod sound;
mod transcript;
mod transport;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::net::{TcpStream, UdpSocket, lookup_host};
use tokio::sync::mpsc;

use crate::media::Codec;
use call::{CallSettings, Driver};
use dialog::{Dialog, SipAddress, fresh_name, fresh_number};
use offer::{Direction, OwnSound};
use sound::{SoundSettings, open_port};
use transcript::Log;
use transport::{Arrived, Outbox, Reader, read_tcp, read_udp};

pub use ear::Attention;
pub use handle::PhoneCall;
pub use listening::{ListenSettings, ListeningPhone, Pattern, WhenHeard};
pub use never_panic::{phone_messages_never_panic, phone_scripts_never_panic};
pub use script::{Script, ScriptFault, ScriptOutcome};
pub use sound::Loss;
pub use transcript::{HungUpBy, PhoneEvent, TimedEvent, Transcript};

/// Orders that wait to be carried out.
const ORDERS_MAX: usize = 64;

/// How keys are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyMethod {
    /// RFC 4733 events, 200 ms and a pause of 100 ms.
    #[default]
    TelephoneEvent,
    /// Tones in the voice (ITU-T Q.23).
    InBand,
    /// SIP INFO, `application/dtmf-relay`.
    Info,
}

/// What a ringing telephone does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerRule {
    /// It is taken up after so long.
    After(Duration),
    /// It rings until the caller gives up.
    Never,
    /// It refuses with this status, for example 486 (busy).
    Reject(u16),
}

/// A telephone and how its owner uses it.
#[derive(Clone, Debug)]
pub struct PhoneSettings {
    /// The number it calls from.
    pub number: String,
    /// The local address; `None`: the one from which the other side is reached.
    pub bind: Option<IpAddr>,
    /// Codecs in order of preference.
    pub codecs: Vec<Codec>,
    /// The payload type of RFC 4733 events; `None`: the telephone knows none.
    pub telephone_event: Option<u8>,
    /// How keys are sent unless said otherwise.
    pub keys: KeyMethod,
    /// What it listens for.
    pub attention: Attention,
    /// Packets lost on purpose.
    pub loss: Option<Loss>,
    /// Sound is sent from another port than the one signalled (some carriers do).
    pub from_other_port: bool,
    /// Sound is sent from another address than SIP (carriers' media gateways).
    pub sound_from: Option<IpAddr>,
    /// The address written into SDP, if not the true one (a private address behind NAT).
    pub signalled_address: Option<IpAddr>,
    /// The port written into SDP, if not the true one (a router that guesses).
    pub signalled_port: Option<u16>,
    /// The address written into Via and Contact, if not the true one (a private address behind NAT).
    pub via_address: Option<IpAddr>,
    /// Whether silence is sent while nothing is said. Some telephones send nothing before they speak.
    pub sends_silence: bool,
    /// Go where the other side's Contact says; `false`: always back to where we dialled.
    pub follow_contact: bool,
    /// How long it may ring.
    pub answer_within: Duration,
    /// So many ACKs are "lost" on purpose.
    pub acks_lost: u32,
}

impl Default for PhoneSettings {
    fn default() -> Self {
        Self {
            number: "+12025550123".to_owned(),
            bind: None,
            codecs: vec![Codec::Pcmu, Codec::Pcma],
            telephone_event: Some(101),
            keys: KeyMethod::default(),
            attention: Attention::default(),
            loss: None,
            from_other_port: false,
            sound_from: None,
            signalled_address: None,
            signalled_port: None,
            via_address: None,
            sends_silence: true,
            follow_contact: true,
            answer_within: Duration::from_secs(60),
            acks_lost: 0,
        }
    }
}

/// Something the telephone could not do, or waited for in vain.
#[derive(Debug, Error)]
pub enum PhoneFault {
    /// The address to be dialled can't be read.
    #[error("{0} is no address that can be dialled: write sip:HOST:PORT or sip:NAME@HOST:PORT;transport=tcp")]
    Address(String),
    /// The network refused.
    #[error("the network refused")]
    Network(#[from] std::io::Error),
    /// A key that no telephone has.
    #[error("no telephone has the key {0:?}: keys are 0 to 9, *, #, A to D")]
    Key(char),
    /// It didn't happen in time.
    #[error("waited {within:?} in vain: {what}")]
    NotHeard {
        /// What was waited for.
        what: String,
        /// How long.
        within: Duration,
    },
    /// The call ended before it happened.
    #[error("the call was over before: {what}")]
    Over {
        /// What was waited for.
        what: String,
    },
}

/// The telephone, as a place to start from.
#[derive(Clone, Copy, Debug)]
pub struct Phone;

impl Phone {
    /// Dials `sip:[NAME@]HOST[:PORT][;transport=tcp]`. The call is on its way when this returns, not yet answered.
    /// It is hung up when the last handle is dropped.
    ///
    /// # Errors
    /// The address can't be read, or the network refuses.
    pub async fn call(target: &str, settings: PhoneSettings) -> Result<PhoneCall, PhoneFault> {
        let address = SipAddress::parse(target).ok_or_else(|| PhoneFault::Address(target.to_owned()))?;
        let peer = lookup_host((address.host.as_str(), address.port))
            .await?
            .next()
            .ok_or_else(|| PhoneFault::Address(target.to_owned()))?;
        let bind = match settings.bind {
            Some(bind) => bind,
            None => local_address_towards(peer).await?,
        };
        let (outbox, incoming, reader, local) = connect(bind, peer, address.tcp).await?;
        let remote = format!("<{target}>");
        let dialog = new_dialog(&settings, &outbox, local, peer, format!("{}@{bind}", fresh_name()), remote, target);
        let (call, driver) = assemble(&settings, dialog, outbox, incoming, Some(reader), local.ip()).await?;
        tokio::spawn(driver.place());
        Ok(call)
    }

    /// Opens a telephone that can be rung, over UDP.
    ///
    /// # Errors
    /// The address is taken, or the network refuses.
    pub async fn listen(settings: ListenSettings) -> Result<ListeningPhone, PhoneFault> {
        ListeningPhone::open(settings).await
    }
}

async fn connect(
    bind: IpAddr,
    peer: SocketAddr,
    tcp: bool,
) -> Result<(Outbox, mpsc::Receiver<Arrived>, Reader, SocketAddr), PhoneFault> {
    if tcp {
        let stream = TcpStream::connect(peer).await?;
        let local = stream.local_addr()?;
        let (outbox, incoming, reader) = read_tcp(stream, peer);
        return Ok((outbox, incoming, reader, local));
    }
    let socket = Arc::new(UdpSocket::bind((bind, 0)).await?);
    let local = socket.local_addr()?;
    let (incoming, reader) = read_udp(socket.clone());
    Ok((Outbox::Udp(socket), incoming, reader, local))
}

fn new_dialog(
    settings: &PhoneSettings,
    outbox: &Outbox,
    local: SocketAddr,
    peer: SocketAddr,
    call_id: String,
    remote: String,
    target: &str,
) -> Dialog {
    let number = &settings.number;
    let transport = if outbox.repeats() { "" } else { ";transport=tcp" };
    let ip = host(local.ip());
    let told = host(settings.via_address.unwrap_or(local.ip()));
    Dialog {
        call_id,
        local: format!("<sip:{number}@{ip}>"),
        local_tag: fresh_name(),
        remote,
        remote_tag: None,
        target: target.to_owned(),
        route: Vec::new(),
        cseq: 0,
        peer,
        contact: format!("<sip:{number}@{told}:{}{transport}>", local.port()),
        via: format!("SIP/2.0/{} {told}:{}", outbox.name(), local.port()),
        follow_contact: settings.follow_contact && outbox.repeats(),
    }
}

/// An address as it stands in SIP.
fn host(ip: IpAddr) -> String {
    match ip {
        IpAddr::V6(ip) => format!("[{ip}]"),
        IpAddr::V4(ip) => ip.to_string(),
    }
}

/// Opens the sound ports and puts the parts of a call together.
async fn assemble(
    settings: &PhoneSettings,
    dialog: Dialog,
    outbox: Outbox,
    incoming: mpsc::Receiver<Arrived>,
    reader: Option<Reader>,
    media_address: IpAddr,
) -> Result<(PhoneCall, Driver), PhoneFault> {
    let log = Log::new();
    let socket = open_port(media_address).await?;
    let own = OwnSound {
        address: settings.signalled_address.unwrap_or(media_address),
        port: settings.signalled_port.unwrap_or(socket.local_addr()?.port()),
        codecs: settings.codecs.clone(),
        telephone_event: settings.telephone_event,
        direction: Direction::Both,
        version: 1,
    };
    let other_port = match settings.sound_from {
        Some(address) => Some(open_port(address).await?),
        None if settings.from_other_port => Some(open_port(media_address).await?),
        None => None,
    };
    let sound = SoundSettings {
        attention: settings.attention.clone(),
        loss: settings.loss,
        other_port,
        sends_silence: settings.sends_silence,
        ssrc: fresh_number() as u32,
    };
    let (sound_orders, orders_for_sound) = mpsc::channel(ORDERS_MAX);
    let task = tokio::spawn(sound::run(Arc::new(socket), sound, orders_for_sound, log.clone()));
    let (orders, for_driver) = mpsc::channel(ORDERS_MAX);
    let driver = Driver {
        log: log.clone(),
        outbox,
        incoming,
        _reader: reader,
        orders: for_driver,
        sound: Some((sound_orders, task)),
        settings: CallSettings { media_address, answer_within: settings.answer_within, acks_lost: settings.acks_lost },
        own,
        dialog,
    };
    Ok((PhoneCall::new(log, orders, settings.keys), driver))
}

/// The address that packets to `peer` would come from; nothing is sent.
async fn local_address_towards(peer: SocketAddr) -> Result<IpAddr, PhoneFault> {
    let any: IpAddr = if peer.is_ipv4() { [0; 4].into() } else { [0u16; 8].into() };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(peer).await?;
    Ok(socket.local_addr()?.ip())
}
