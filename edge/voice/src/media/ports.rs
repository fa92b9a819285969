//! Which of the engine's few UDP ports a new leg gets, so that a first packet never has two legs to choose from.
//! The packets themselves are matched by `latch`.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::LegId;
use super::latch::Claim;

/// A leg that has heard nothing for this long may lose its right to be found by address alone (it keeps its
/// signalled address) when another leg needs the port. So a far end that never sends can't use the ports up.
const CLAIM_KEPT: Duration = Duration::from_secs(10);

/// The ports of one media thread, as the asking side knows them.
#[derive(Debug)]
pub(super) struct PortBook {
    ports: Vec<Port>,
    next: usize,
}

#[derive(Debug, Default)]
struct Port {
    /// Legs that have not latched.
    waiting: Vec<(LegId, Claim, Instant)>,
    /// Legs that have, with the source each locked to.
    latched: Vec<(LegId, SocketAddr)>,
}

/// Where a new leg goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Index of the port in its thread.
    pub(super) port: u16,
    /// Legs that give up their claim by address for it.
    pub(super) withdrawn: Vec<LegId>,
}

impl PortBook {
    pub(super) fn new(ports: usize) -> Self {
        Self { ports: (0..ports).map(|_| Port::default()).collect(), next: 0 }
    }

    /// Finds a port on which no leg waits that could be meant by the same packet; ports are taken in turn, so that
    /// what still flies towards an ended call seldom meets a new one. `None` if there is no such port.
    pub(super) fn place(&mut self, id: LegId, claim: &Claim, now: Instant) -> Option<Place> {
        let count = self.ports.len();
        let order = (0..count).map(|step| (self.next + step) % count);
        let meets_latched = |port: &Port| {
            claim.signalled().is_some_and(|remote| port.latched.iter().any(|(_, source)| *source == remote))
        };
        let free = order.clone().find(|&at| {
            !meets_latched(&self.ports[at]) && self.ports[at].waiting.iter().all(|(_, other, _)| !claim.meets(other))
        });
        let (at, withdrawn) = match free {
            Some(at) => (at, Vec::new()),
            None => order.filter(|&at| !meets_latched(&self.ports[at])).find_map(|at| {
                let mut withdrawn = Vec::new();
                for (other_id, other, since) in &self.ports[at].waiting {
                    if claim.meets(other) {
                        if now.duration_since(*since) < CLAIM_KEPT {
                            return None;
                        }
                        withdrawn.push(*other_id);
                    }
                }
                Some((at, withdrawn))
            })?,
        };
        let port = &mut self.ports[at];
        port.waiting.retain(|(other, _, _)| !withdrawn.contains(other));
        port.waiting.push((id, claim.clone(), now));
        self.next = (at + 1) % count;
        Some(Place { port: u16::try_from(at).ok()?, withdrawn })
    }

    /// The leg has locked to `source`.
    pub(super) fn latched(&mut self, id: LegId, port: u16, source: SocketAddr) {
        if let Some(port) = self.ports.get_mut(usize::from(port)) {
            port.waiting.retain(|(other, _, _)| *other != id);
            port.latched.retain(|(other, _)| *other != id);
            port.latched.push((id, source));
        }
    }

    /// The leg may latch again (a re-INVITE); it stays where it is.
    pub(super) fn waits_again(&mut self, id: LegId, port: u16, claim: Claim, now: Instant) {
        if let Some(port) = self.ports.get_mut(usize::from(port)) {
            port.waiting.retain(|(other, _, _)| *other != id);
            port.waiting.push((id, claim, now));
        }
    }

    /// The leg is gone.
    pub(super) fn closed(&mut self, id: LegId, port: u16) {
        if let Some(port) = self.ports.get_mut(usize::from(port)) {
            port.waiting.retain(|(other, _, _)| *other != id);
            port.latched.retain(|(other, _)| *other != id);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn leg(index: u32) -> LegId {
        LegId { thread: 0, index, generation: 0 }
    }

    fn claim(remote: &str, peer: &str, networks: &[&str]) -> Claim {
        let networks: Vec<_> = networks.iter().map(|network| network.parse().unwrap()).collect();
        Claim::new(Some(remote.parse().unwrap()), peer.parse().unwrap(), Arc::from(networks))
    }

    #[test]
    fn two_waiting_legs_of_one_address_are_never_on_one_port() {
        let now = Instant::now();
        let mut book = PortBook::new(2);
        let house = claim("192.168.1.5:4000", "203.0.113.9", &[]);
        let neighbour = claim("192.168.1.6:4000", "203.0.113.9", &[]);
        let first = book.place(leg(0), &house, now).unwrap();
        let second = book.place(leg(1), &neighbour, now).unwrap();
        assert_ne!(first.port, second.port);
        assert_eq!(book.place(leg(2), &house, now), None, "both ports have a waiting leg of that address");
        // Someone else may share a port.
        assert!(book.place(leg(3), &claim("198.51.100.1:4000", "198.51.100.1", &[]), now).is_some());
        // Once the first is latched, its port is free for the address again.
        book.latched(leg(0), first.port, "203.0.113.9:31000".parse().unwrap());
        assert_eq!(book.place(leg(2), &house, now).unwrap().port, first.port);
    }

    #[test]
    fn a_trunk_s_networks_count_as_its_addresses() {
        let now = Instant::now();
        let mut book = PortBook::new(1);
        let trunk = claim("203.0.113.20:4000", "198.51.100.1", &["203.0.113.0/24"]);
        book.place(leg(0), &trunk, now).unwrap();
        assert_eq!(book.place(leg(1), &claim("203.0.113.30:4000", "203.0.113.30", &[]), now), None);
    }

    #[test]
    fn far_ends_that_never_send_do_not_use_the_ports_up() {
        let now = Instant::now();
        let mut book = PortBook::new(1);
        let house = claim("203.0.113.9:4000", "203.0.113.9", &[]);
        book.place(leg(0), &house, now).unwrap();
        assert_eq!(book.place(leg(1), &house, now + Duration::from_secs(9)), None);
        let place = book.place(leg(1), &house, now + Duration::from_secs(11)).unwrap();
        assert_eq!(place.withdrawn, [leg(0)]);
    }

    #[test]
    fn a_new_call_from_the_port_of_an_old_one_gets_another_of_ours() {
        let now = Instant::now();
        let mut book = PortBook::new(2);
        let house = claim("203.0.113.9:4000", "203.0.113.9", &[]);
        let first = book.place(leg(0), &house, now).unwrap();
        book.latched(leg(0), first.port, "203.0.113.9:4000".parse().unwrap());
        for index in 1..4 {
            let next = book.place(leg(index), &house, now).unwrap();
            assert_ne!(next.port, first.port);
            book.closed(leg(index), next.port);
        }
    }
}
