//! What may be chosen about the media engine and about each leg of a call.
//! The reading of `caseline.toml` and of SDP that fills these in is left to their own modules.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::LegId;
use super::g711::Codec;
use super::network::Network;

/// The most media threads of one engine.
pub const THREADS_MAX: usize = 64;

/// The most UDP ports of one media thread.
pub const PORTS_PER_THREAD_MAX: usize = 64;

/// Which UDP ports carry voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ports {
    /// Every even port from `first` to `last`. Odd ones stay free: RFC 3550 §11 lets a far end round an odd RTP port
    /// down to the even one below it, and its RTCP goes to the odd port above.
    Range {
        /// The lowest port.
        first: u16,
        /// The highest port, included.
        last: u16,
    },
    /// As many ports as wanted, chosen by the operating system (tests, test telephones).
    Ephemeral {
        /// How many in all.
        count: usize,
    },
}

/// The engine's own settings.
#[derive(Debug, Clone)]
pub struct MediaSettings {
    /// The address on which the ports are opened; the address told to the far end (NAT) is SIP's matter.
    pub bind: IpAddr,
    /// The ports, shared out evenly over the threads.
    pub ports: Ports,
    /// How many media threads; legs that shall hear each other must be on one (see [`LegSettings::beside`]).
    pub threads: usize,
    /// Ties thread `n` to processor `pin_from + n`, if set.
    pub pin_from: Option<usize>,
    /// The most legs of one thread; a further one is refused.
    pub legs_per_thread_max: usize,
    /// The engine calls itself busy when the 99th percentile of lateness over the last second is above this.
    pub lateness_p99_max: Duration,
}

impl Default for MediaSettings {
    fn default() -> Self {
        Self {
            bind: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            ports: Ports::Range { first: 20_000, last: 20_063 },
            threads: 1,
            pin_from: None,
            legs_per_thread_max: 4_096,
            lateness_p99_max: Duration::from_millis(5),
        }
    }
}

/// What is sent to a leg while nothing else is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepAlive {
    /// A tenth of a second of silence, then one packet of silence after each such pause. The default, with one second:
    /// waiting for keys then costs a fiftieth of talking, an RTP time stamp that runs on tells the far end that
    /// nothing was lost (RFC 3551 §4.1), and NAT bindings live far longer than a second (RFC 6263 §4).
    Sparse(Duration),
    /// Silence in every packet slot, for far ends that take a pause for a dead call.
    Continuous,
}

/// Which way voice may flow, seen from us (RFC 3264 §5.1; a far end's `sendonly` is our `ReceiveOnly`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Both ways.
    #[default]
    SendReceive,
    /// We send, and ignore what comes.
    SendOnly,
    /// We listen, and send nothing: a prompt waits where it is.
    ReceiveOnly,
    /// Neither.
    Inactive,
}

impl Direction {
    /// Whether we may send.
    #[must_use]
    pub const fn sends(self) -> bool {
        matches!(self, Self::SendReceive | Self::SendOnly)
    }

    /// Whether we listen.
    #[must_use]
    pub const fn receives(self) -> bool {
        matches!(self, Self::SendReceive | Self::ReceiveOnly)
    }
}

/// One leg as SIP knows it when the leg's port is chosen.
#[derive(Debug, Clone)]
pub struct LegSettings {
    /// The codec agreed, or the one offered first; see [`super::Leg::set_format`].
    pub codec: Codec,
    /// The RTP payload type agreed for keys (RFC 4733), if any. Without it keys are heard as tones in the voice.
    pub telephone_event: Option<u8>,
    /// Where the far end's SDP asks for voice, if known already.
    pub remote: Option<SocketAddr>,
    /// The address from which the SIP messages come (not what they say about themselves).
    pub signalling_peer: IpAddr,
    /// Further addresses from which this trunk sends voice (`media_networks`).
    pub trunk_networks: Arc<[Network]>,
    /// Whether signalling showed a NAT between us (the top Via names another address than the packet's source, RFC
    /// 3581). Voice then always goes where voice comes from.
    pub behind_nat: bool,
    /// Which way voice may flow.
    pub direction: Direction,
    /// What is sent while nothing else is.
    pub keep_alive: KeepAlive,
    /// [`super::LegEvent::NothingHeard`] comes after this long without any RTP.
    pub nothing_heard_after: Duration,
    /// A leg on whose media thread this one must be, because they shall be bridged.
    pub beside: Option<LegId>,
}

impl LegSettings {
    /// Settings with the usual choices: keys as payload type 101, both ways, sparse keep-alives, 10 s.
    #[must_use]
    pub fn new(codec: Codec, signalling_peer: IpAddr) -> Self {
        Self {
            codec,
            telephone_event: Some(101),
            remote: None,
            signalling_peer,
            trunk_networks: Arc::new([]),
            behind_nat: false,
            direction: Direction::SendReceive,
            keep_alive: KeepAlive::Sparse(Duration::from_secs(1)),
            nothing_heard_after: Duration::from_secs(10),
            beside: None,
        }
    }
}

/// How a row of prompts is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PlayMode {
    /// After what is playing, instead of in its place.
    pub after_others: bool,
    /// From the start again until stopped (music while waiting).
    pub repeat: bool,
    /// The first key stops it, and everything that waits behind it (barge-in).
    pub until_key: bool,
}

impl PlayMode {
    /// In place of what is playing; a key does not stop it.
    pub const NOW: Self = Self { after_others: false, repeat: false, until_key: false };
    /// In place of what is playing, until a key.
    pub const UNTIL_KEY: Self = Self { after_others: false, repeat: false, until_key: true };
    /// In place of what is playing, over and over.
    pub const REPEAT: Self = Self { after_others: false, repeat: true, until_key: false };
}
