//! What an operator decides about the telephone line's signalling: addresses, trunks, who may call in, limits.
//! Reading them from `caseline.toml` is the program's work; media addresses belong to the media engine.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// The shortest refresh interval we accept in a call, RFC 4028 section 4: 90 s.
pub const REFRESH_S_MIN: u32 = 90;

/// Everything the SIP side must be told before it starts.
#[derive(Clone, Debug)]
pub struct SipSettings {
    /// Addresses listened on for UDP; port 0 takes a free one (see `SipServer::udp_addr`).
    pub udp: Vec<SocketAddr>,
    /// Addresses listened on for TCP; may be empty.
    pub tcp: Vec<SocketAddr>,
    /// The address that peers must use to reach us, when a router translates addresses. `None`: the bind address.
    pub advertised: Option<IpAddr>,
    /// Text of `User-Agent` and `Server`; it should name the product, never a person or machine.
    pub product: String,
    /// Carriers and exchanges that we register with or call through.
    pub trunks: Vec<Trunk>,
    /// Networks whose requests are read. Empty: everybody's.
    pub allowed_peers: Vec<Network>,
    /// Calls at one time, both directions; the next one is answered 503 with `Retry-After`.
    pub calls_max: usize,
    /// Seconds told in `Retry-After` when we are full.
    pub retry_after_s: u32,
    /// How often a call must be refreshed (`Session-Expires`, RFC 4028); not under 90 s. `None`: we never ask for it,
    /// but honour it when the peer does.
    pub refresh_every: Option<Duration>,
    /// How often each trunk without registration is asked with OPTIONS whether it is there. `None`: never.
    pub ping_every: Option<Duration>,
    /// RFC 3261's T1, the usual time to a peer and back: first repeat after it, giving up after 64 of it. 500 ms.
    pub round_trip: Duration,
}

impl SipSettings {
    /// The usual settings for one address, UDP and TCP, without trunks.
    pub fn on(addr: SocketAddr) -> Self {
        Self {
            udp: vec![addr],
            tcp: vec![addr],
            advertised: None,
            product: String::from("Caseline"),
            trunks: Vec::new(),
            allowed_peers: Vec::new(),
            calls_max: 4_000,
            retry_after_s: 10,
            refresh_every: Some(Duration::from_secs(1_800)),
            ping_every: Some(Duration::from_secs(60)),
            round_trip: Duration::from_millis(500),
        }
    }
}

/// One carrier connection.
#[derive(Clone)]
pub struct Trunk {
    /// The operator's name for it, used in `OutgoingTarget::Trunk` and in reports.
    pub name: String,
    /// The domain in the trunk's addresses, also the registrar.
    pub host: String,
    /// The trunk's port; 5060 by default.
    pub port: u16,
    /// Talk TCP to it rather than UDP.
    pub tcp: bool,
    /// Our account name there.
    pub account: String,
    /// Name in the digest, where it differs from the account.
    pub login: Option<String>,
    /// The digest password; never printed.
    pub password: Secret,
    /// Register with it (RFC 3261 section 10).
    pub register: bool,
    /// Seconds a registration is asked to last.
    pub expires_s: u32,
    /// Where requests to this trunk are sent instead of its host.
    pub outbound_proxy: Option<String>,
}

impl Trunk {
    /// A trunk at `host` with an account, registering, over UDP.
    pub fn new(name: &str, host: &str, account: &str, password: &str) -> Self {
        Self {
            name: name.to_owned(),
            host: host.to_owned(),
            port: 5060,
            tcp: false,
            account: account.to_owned(),
            login: None,
            password: Secret::new(password),
            register: true,
            expires_s: 300,
            outbound_proxy: None,
        }
    }
}

impl fmt::Debug for Trunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trunk")
            .field("name", &self.name)
            .field("host", &self.host)
            .field("register", &self.register)
            .finish()
    }
}

/// A password that never prints.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps it.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A network in prefix form, `192.0.2.0/24` or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    prefix_bits: u8,
}

impl Network {
    /// Whether the address is inside; an IPv4 address mapped into IPv6 counts as IPv4.
    pub fn contains(&self, addr: IpAddr) -> bool {
        match (self.base, addr.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(addr)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix_bits)).unwrap_or(0);
                u32::from(base) & mask == u32::from(addr) & mask
            }
            (IpAddr::V6(base), IpAddr::V6(addr)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix_bits)).unwrap_or(0);
                u128::from(base) & mask == u128::from(addr) & mask
            }
            _ => false,
        }
    }
}

impl std::str::FromStr for Network {
    type Err = SipFault;

    fn from_str(text: &str) -> Result<Self, SipFault> {
        let bad = || SipFault::BadNetwork { text: text.to_owned() };
        let (base, bits) = match text.split_once('/') {
            Some((base, bits)) => (base, Some(bits.parse::<u8>().map_err(|_| bad())?)),
            None => (text, None),
        };
        let base: IpAddr = base.parse().map_err(|_| bad())?;
        let bits_max = if base.is_ipv4() { 32 } else { 128 };
        let prefix_bits = bits.unwrap_or(bits_max);
        if prefix_bits > bits_max {
            return Err(bad());
        }
        Ok(Self { base, prefix_bits })
    }
}

/// Why the SIP side could not do what was asked. No text of a caller is ever inside.
#[derive(Debug, thiserror::Error)]
pub enum SipFault {
    /// Another program holds the address.
    #[error("{protocol} {addr} is in use by another program; stop it or choose another port")]
    InUse {
        /// `UDP` or `TCP`.
        protocol: &'static str,
        /// The address asked for.
        addr: SocketAddr,
    },
    /// The address cannot be listened on at all.
    #[error("cannot listen on {protocol} {addr}: {source}")]
    Listen {
        /// `UDP` or `TCP`.
        protocol: &'static str,
        /// The address asked for.
        addr: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// A network was not written as address/bits.
    #[error("{text:?} is not a network such as 192.0.2.0/24")]
    BadNetwork {
        /// What was written.
        text: String,
    },
    /// A setting that cannot work.
    #[error("{what}")]
    BadSetting {
        /// The reason, in a sentence.
        what: &'static str,
    },
    /// No trunk of that name.
    #[error("there is no trunk named {name:?}")]
    NoSuchTrunk {
        /// The name asked for.
        name: String,
    },
    /// The target's host has no address now.
    #[error("the host of the target has no address")]
    NoAddress,
    /// The call is already over, or was cancelled before the answer.
    #[error("the call is over")]
    Over,
    /// We are stopping or full.
    #[error("no room for another call")]
    NoRoom,
    /// The peer refused with this status.
    #[error("refused with {status}")]
    Refused {
        /// The SIP status code.
        status: u16,
    },
    /// The peer said something we cannot read.
    #[error("the peer's answer cannot be read")]
    Unreadable,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_own_addresses_and_no_others() {
        let network: Network = "192.0.2.0/24".parse().unwrap();
        assert!(network.contains("192.0.2.255".parse().unwrap()));
        assert!(network.contains("::ffff:192.0.2.7".parse().unwrap()));
        assert!(!network.contains("192.0.3.0".parse().unwrap()));
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains("198.51.100.1".parse().unwrap()));
        let six: Network = "2001:db8::/32".parse().unwrap();
        assert!(six.contains("2001:db8:1::1".parse().unwrap()));
        assert!("192.0.2.0/33".parse::<Network>().is_err());
        assert!("example".parse::<Network>().is_err());
    }

    #[test]
    fn a_trunk_never_prints_its_password() {
        let trunk = Trunk::new("carrier", "sip.example.net", "line", "very-secret");
        assert!(!format!("{trunk:?} {:?}", trunk.password).contains("very-secret"));
    }
}
