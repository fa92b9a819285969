//! Which leg a packet belongs to, by the local port on which it came and the address from which it came.
//! A packet of an unknown source is judged by `latch`; this holds only who is known.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;

/// For this long after a call, or a change of its address, packets of its stream that are still under way are
/// nobody's (unless a new call signals just that source: then they come from the same telephone).
const GONE_KEPT_MS: u32 = 3_000;

/// Sources remembered as gone, at most.
const GONE_MAX: usize = 4_096;

/// A local port (by index) and a source.
type Way = (u16, SocketAddr);

/// Whose a known source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// A leg, by index.
    Leg(u32),
    /// A leg that is gone, or has another source now; `ssrc` was its stream.
    Gone { ssrc: u32 },
}

/// The known sources of one media thread.
#[derive(Debug)]
pub(super) struct Demux {
    ways: HashMap<Way, Owner>,
    gone: VecDeque<(u32, Way)>,
    ports: Vec<PortLegs>,
}

/// The legs on one local port.
#[derive(Debug, Default)]
pub(super) struct PortLegs {
    /// All of them.
    pub(super) all: Vec<u32>,
    /// Those that may take a new source, the newest last.
    pub(super) open: Vec<u32>,
}

impl Demux {
    pub(super) fn new(ports: usize, legs_max: usize) -> Self {
        Self {
            ways: HashMap::with_capacity(legs_max + GONE_MAX),
            gone: VecDeque::with_capacity(GONE_MAX),
            ports: (0..ports).map(|_| PortLegs::default()).collect(),
        }
    }

    pub(super) fn owner(&self, port: u16, source: SocketAddr) -> Option<Owner> {
        self.ways.get(&(port, source)).copied()
    }

    pub(super) fn port(&self, port: u16) -> Option<&PortLegs> {
        self.ports.get(usize::from(port))
    }

    pub(super) fn add_leg(&mut self, port: u16, leg: u32) {
        if let Some(legs) = self.ports.get_mut(usize::from(port)) {
            legs.all.push(leg);
            legs.open.push(leg);
        }
    }

    pub(super) fn reopen(&mut self, port: u16, leg: u32) {
        if let Some(legs) = self.ports.get_mut(usize::from(port))
            && !legs.open.contains(&leg)
        {
            legs.open.push(leg);
        }
    }

    /// The leg has locked: `source` is its own, `before` no longer is.
    pub(super) fn lock(
        &mut self,
        port: u16,
        leg: u32,
        source: SocketAddr,
        before: Option<SocketAddr>,
        ssrc: u32,
        now_ms: u32,
    ) {
        if let Some(legs) = self.ports.get_mut(usize::from(port)) {
            legs.open.retain(|&other| other != leg);
        }
        if let Some(before) = before.filter(|before| *before != source) {
            self.retire(port, before, leg, ssrc, now_ms);
        }
        self.ways.insert((port, source), Owner::Leg(leg));
    }

    pub(super) fn remove_leg(&mut self, port: u16, leg: u32, source: Option<SocketAddr>, ssrc: u32, now_ms: u32) {
        if let Some(legs) = self.ports.get_mut(usize::from(port)) {
            legs.all.retain(|&other| other != leg);
            legs.open.retain(|&other| other != leg);
        }
        if let Some(source) = source {
            self.retire(port, source, leg, ssrc, now_ms);
        }
    }

    /// Forgets the gone whose time is over.
    pub(super) fn sweep(&mut self, now_ms: u32) {
        while let Some(&(since_ms, way)) = self.gone.front()
            && (now_ms.wrapping_sub(since_ms) >= GONE_KEPT_MS || self.gone.len() >= GONE_MAX)
        {
            self.gone.pop_front();
            if matches!(self.ways.get(&way), Some(Owner::Gone { .. })) {
                self.ways.remove(&way);
            }
        }
    }

    fn retire(&mut self, port: u16, source: SocketAddr, leg: u32, ssrc: u32, now_ms: u32) {
        let way = (port, source);
        // Another leg may own the source by now.
        if self.ways.get(&way) == Some(&Owner::Leg(leg)) {
            self.sweep(now_ms);
            self.ways.insert(way, Owner::Gone { ssrc });
            self.gone.push_back((now_ms, way));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_after_a_call_are_nobody_s_for_a_while() {
        let source: SocketAddr = "203.0.113.9:4000".parse().unwrap();
        let mut demux = Demux::new(1, 10);
        demux.add_leg(0, 1);
        demux.lock(0, 1, source, None, 77, 0);
        assert_eq!(demux.owner(0, source), Some(Owner::Leg(1)));
        assert!(demux.port(0).unwrap().open.is_empty());
        demux.remove_leg(0, 1, Some(source), 77, 100);
        assert_eq!(demux.owner(0, source), Some(Owner::Gone { ssrc: 77 }));
        demux.sweep(3_000);
        assert_eq!(demux.owner(0, source), Some(Owner::Gone { ssrc: 77 }));
        demux.sweep(3_100);
        assert_eq!(demux.owner(0, source), None);
    }

    #[test]
    fn a_source_that_a_new_call_owns_is_not_swept_away() {
        let source: SocketAddr = "203.0.113.9:4000".parse().unwrap();
        let mut demux = Demux::new(1, 10);
        demux.add_leg(0, 1);
        demux.lock(0, 1, source, None, 77, 0);
        demux.remove_leg(0, 1, Some(source), 77, 100);
        demux.add_leg(0, 2);
        demux.lock(0, 2, source, None, 78, 200);
        demux.sweep(60_000);
        assert_eq!(demux.owner(0, source), Some(Owner::Leg(2)));
    }

    #[test]
    fn what_is_remembered_as_gone_is_bounded() {
        let mut demux = Demux::new(1, 10);
        for number in 0..GONE_MAX as u32 + 100 {
            let source = SocketAddr::from((number.to_be_bytes(), 4000));
            demux.add_leg(0, 1);
            demux.lock(0, 1, source, None, number, 0);
            demux.remove_leg(0, 1, Some(source), number, 0);
        }
        assert!(demux.gone.len() <= GONE_MAX && demux.ways.len() <= GONE_MAX);
    }
}
