//! Whose voice is this? Decides which first packets may belong to a leg, and when the leg locks to their source, so
//! that a stranger is never heard. Choosing a local port for the leg is left to `ports`.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::network::{Network, is_private};

/// Packets of one source and one SSRC after which a leg locks to it.
pub(super) const PACKETS_TO_LOCK: u8 = 3;

/// After a re-INVITE the old source is believed again only when it goes on this long with nobody else about;
/// packets of before the change may still be under way.
const OLD_SOURCE_KEPT_MS: u32 = 2_000;

/// After this long without a packet a locked leg may follow the same SSRC to a new port of an address that is its own
/// (a NAT that gave the far end another port).
pub(super) const FOLLOW_AFTER_MS: u32 = 5_000;

/// The addresses from which a leg may be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    signalled: Option<SocketAddr>,
    peer: IpAddr,
    networks: Arc<[Network]>,
}

impl Claim {
    pub(super) fn new(signalled: Option<SocketAddr>, peer: IpAddr, networks: Arc<[Network]>) -> Self {
        Self { signalled: signalled.map(canonical), peer: peer.to_canonical(), networks }
    }

    /// Where the far end's SDP says it is.
    pub(super) fn signalled(&self) -> Option<SocketAddr> {
        self.signalled
    }

    pub(super) fn set_signalled(&mut self, remote: SocketAddr) {
        self.signalled = Some(canonical(remote));
    }

    /// Whether a packet from this address alone may be the leg's: it is the SIP peer's, or in the trunk's networks.
    pub(super) fn covers(&self, address: IpAddr) -> bool {
        self.peer == address || self.networks.iter().any(|network| network.contains(address))
    }

    /// Whether some packet could be meant for either of two claims.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let signalled_in = |one: &Self, two: &Self| one.signalled.is_some_and(|remote| two.covers(remote.ip()));
        (self.signalled.is_some() && self.signalled == other.signalled)
            || signalled_in(self, other)
            || signalled_in(other, self)
            || self.covers(other.peer)
            || other.covers(self.peer)
            || self.networks.iter().any(|mine| other.networks.iter().any(|theirs| mine.overlaps(theirs)))
    }
}

/// Where a leg's voice goes, once it is known where the far end's comes from (`source`).
///
/// A far end that signals one port and sends from another of the same address listens at the signalled one (RFC 3264
/// §5.1), unless a NAT stands between; so does a carrier that sends from elsewhere in its networks. Everyone else is
/// answered where the voice came from (symmetric RTP, RFC 4961).
#[must_use]
pub(super) fn destination(claim: &Claim, behind_nat: bool, source: Option<SocketAddr>) -> Option<SocketAddr> {
    let signalled = claim.signalled.filter(|remote| !remote.ip().is_unspecified() && remote.port() != 0);
    match (signalled, source) {
        (None, source) => source,
        // A private address named from outside is not reachable, and might be somebody in our own house.
        (Some(remote), None) => (!is_private(remote.ip()) || is_private(claim.peer)).then_some(remote),
        (Some(_), Some(source)) if behind_nat => Some(source),
        (Some(remote), Some(source)) if remote.ip() == source.ip() => Some(remote),
        (Some(remote), Some(source)) => {
            let carrier = source.ip() != claim.peer && !is_private(remote.ip());
            Some(if carrier { remote } else { source })
        }
    }
}

/// How far a leg has come in knowing its far end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Latch {
    state: State,
    /// The signalled address and any other are counted apart, so that neither starts the other's count again.
    exact: Option<Candidate>,
    by_address: Option<Candidate>,
}

#[derive(Debug, Clone, Copy)]
struct Candidate {
    source: SocketAddr,
    ssrc: u32,
    packets: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing locked yet.
    Open,
    /// Locked to a source.
    Locked(SocketAddr),
    /// Locked, and free to lock to another since a re-INVITE at that time.
    Reopened(SocketAddr, u32),
}

impl Latch {
    pub(super) fn new() -> Self {
        Self { state: State::Open, exact: None, by_address: None }
    }

    /// The source to which the leg is locked, also while it may lock to another.
    pub(super) fn source(&self) -> Option<SocketAddr> {
        match self.state {
            State::Open => None,
            State::Locked(source) | State::Reopened(source, _) => Some(source),
        }
    }

    /// A re-INVITE came: the present source stays heard, another may take its place.
    pub(super) fn reopen(&mut self, now_ms: u32) {
        if let State::Locked(source) | State::Reopened(source, _) = self.state {
            self.state = State::Reopened(source, now_ms);
        }
        (self.exact, self.by_address) = (None, None);
    }

    /// A packet of the present source while reopened. True when the leg is locked again by it.
    pub(super) fn present_source_goes_on(&mut self, claim: &Claim, now_ms: u32) -> bool {
        let State::Reopened(source, since) = self.state else { return false };
        if claim.signalled() == Some(source) || now_ms.wrapping_sub(since) >= OLD_SOURCE_KEPT_MS {
            self.lock(source);
            return true;
        }
        false
    }

    /// A packet of a source that may be the leg's; `exact` if it is the signalled one. True when the leg is locked by
    /// it.
    pub(super) fn candidate(&mut self, source: SocketAddr, ssrc: u32, exact: bool) -> bool {
        let place = if exact { &mut self.exact } else { &mut self.by_address };
        let packets = match place {
            Some(known) if known.source == source && known.ssrc == ssrc => known.packets + 1,
            _ => 1,
        };
        *place = Some(Candidate { source, ssrc, packets });
        if packets >= PACKETS_TO_LOCK {
            self.lock(source);
            return true;
        }
        false
    }

    fn lock(&mut self, source: SocketAddr) {
        *self = Self { state: State::Locked(source), exact: None, by_address: None };
    }
}

/// An address as it is compared: IPv4 written inside IPv6 is IPv4.
#[must_use]
pub(super) fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(remote: Option<&str>, peer: &str, networks: &[&str]) -> Claim {
        let networks: Vec<_> = networks.iter().map(|network| network.parse().unwrap()).collect();
        Claim::new(remote.map(|remote| remote.parse().unwrap()), peer.parse().unwrap(), Arc::from(networks))
    }

    impl Latch {
        fn is_open(&self) -> bool {
            !matches!(self.state, State::Locked(_))
        }
    }

    fn at(address: &str) -> SocketAddr {
        address.parse().unwrap()
    }

    #[test]
    fn voice_goes_where_the_far_end_listens() {
        let nat = claim(Some("192.168.1.5:4000"), "203.0.113.9", &[]);
        assert_eq!(destination(&nat, false, None), None, "a private address from outside is never tried");
        assert_eq!(destination(&nat, false, Some(at("203.0.113.9:31000"))), Some(at("203.0.113.9:31000")));

        let house = claim(Some("192.168.1.5:4000"), "192.168.1.5", &[]);
        assert_eq!(destination(&house, false, None), Some(at("192.168.1.5:4000")));

        let asymmetric = claim(Some("203.0.113.9:4000"), "203.0.113.9", &[]);
        assert_eq!(destination(&asymmetric, false, Some(at("203.0.113.9:4002"))), Some(at("203.0.113.9:4000")));
        assert_eq!(destination(&asymmetric, true, Some(at("203.0.113.9:4002"))), Some(at("203.0.113.9:4002")));

        let carrier = claim(Some("198.51.100.7:4000"), "203.0.113.9", &["198.51.100.0/24"]);
        assert_eq!(destination(&carrier, false, Some(at("198.51.100.8:4000"))), Some(at("198.51.100.7:4000")));
        assert_eq!(destination(&carrier, false, Some(at("203.0.113.9:4000"))), Some(at("203.0.113.9:4000")));

        let old_hold = claim(Some("0.0.0.0:4000"), "203.0.113.9", &[]);
        assert_eq!(destination(&old_hold, false, None), None);
    }

    #[test]
    fn a_leg_locks_after_a_few_packets_of_one_source_and_ssrc() {
        let mut latch = Latch::new();
        assert!(!latch.candidate(at("203.0.113.9:1000"), 1, false));
        assert!(!latch.candidate(at("203.0.113.9:1000"), 1, false));
        assert!(!latch.candidate(at("203.0.113.9:1000"), 2, false), "another SSRC starts the count again");
        assert!(!latch.candidate(at("203.0.113.9:1000"), 2, false));
        assert!(latch.candidate(at("203.0.113.9:1000"), 2, false));
        assert_eq!(latch.source(), Some(at("203.0.113.9:1000")));
        assert!(!latch.is_open());
    }

    #[test]
    fn after_a_re_invite_the_old_source_is_heard_but_not_believed_at_once() {
        let mut latch = Latch::new();
        for _ in 0..PACKETS_TO_LOCK {
            latch.candidate(at("203.0.113.9:1000"), 1, false);
        }
        let private = claim(Some("10.0.0.1:7"), "203.0.113.9", &[]);
        latch.reopen(100);
        assert!(latch.is_open());
        assert_eq!(latch.source(), Some(at("203.0.113.9:1000")));
        assert!(!latch.present_source_goes_on(&private, 200));
        assert!(latch.present_source_goes_on(&private, 2_100));
        assert!(!latch.is_open());

        latch.reopen(3_000);
        let unchanged = claim(Some("203.0.113.9:1000"), "203.0.113.9", &[]);
        assert!(latch.present_source_goes_on(&unchanged, 3_001), "the signalled address did not change");
    }

    #[test]
    fn claims_meet_when_one_packet_could_be_meant_for_both() {
        let one = claim(Some("192.168.1.5:4000"), "203.0.113.9", &[]);
        assert!(one.meets(&claim(Some("192.168.1.6:4000"), "203.0.113.9", &[])));
        assert!(one.meets(&claim(None, "198.51.100.1", &["203.0.113.0/24"])));
        assert!(one.meets(&claim(Some("203.0.113.9:9"), "198.51.100.1", &[])), "their signalled address is our peer");
        assert!(one.meets(&claim(Some("192.168.1.5:4000"), "198.51.100.1", &[])), "one signalled address");
        assert!(!one.meets(&claim(Some("192.168.1.5:4002"), "198.51.100.1", &[])));
    }
}
