//! What all calls of one SIP side share: settings, sockets, the library's transactions, the table of dialogs.
//! Starting and stopping is `sip::server`; each call's own rules are `sip::dialog`.

use super::call::{CallId, IncomingCall};
use super::dialog::Dialog;
use super::incoming::Pending;
use super::registration::Registration;
use super::settings::{SipSettings, Trunk};
use super::sockets::{Flow, TcpLink, UdpPort};
use rsipstack::platform::CancellationToken;
use rsipstack::transaction::endpoint::EndpointInnerRef;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::mpsc;

/// Transactions under way or remembered for repeats; beyond it new requests are answered 503 unread.
const TRANSACTIONS_MAX: usize = 65_536;

/// Addresses that are remembered for one trunk: carriers change them by DNS, a few at a time.
const TRUNK_ADDRESSES_MAX: usize = 16;

/// The shared state of one SIP side.
pub(crate) struct Stack {
    pub settings: SipSettings,
    pub endpoint: EndpointInnerRef,
    pub udp: Vec<Arc<UdpPort>>,
    pub tcp: Vec<SocketAddr>,
    pub runtime: tokio::runtime::Handle,
    /// Cancelled when everything stops: sockets are closed.
    pub closing: CancellationToken,
    /// Set while we shut down: no new calls.
    pub stopping: AtomicBool,
    /// Set from outside when the media engine is too busy for newcomers.
    pub busy: AtomicBool,
    pub calls: mpsc::Sender<IncomingCall>,
    pub registrations: OnceLock<Vec<Arc<Registration>>>,
    dialogs: Mutex<HashMap<Box<str>, Arc<Dialog>>>,
    invites: Mutex<HashMap<String, Arc<Pending>>>,
    links: Mutex<HashMap<SocketAddr, Arc<TcpLink>>>,
    /// Where each trunk was found last, the latest behind; in the order of the settings.
    trunk_addresses: Mutex<Vec<Vec<IpAddr>>>,
    slots: AtomicUsize,
    next_call: AtomicU64,
    standing_tag: String,
}

/// A place among `calls_max`, given back when dropped.
pub(crate) struct Slot(Arc<Stack>);

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.slots.fetch_sub(1, Ordering::AcqRel);
    }
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Slot")
    }
}

impl std::fmt::Debug for Stack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Stack({} calls)", self.calls_now())
    }
}

/// What `Stack::new` needs beside the settings.
pub(crate) struct Parts {
    pub endpoint: EndpointInnerRef,
    pub udp: Vec<Arc<UdpPort>>,
    pub tcp: Vec<SocketAddr>,
    pub calls: mpsc::Sender<IncomingCall>,
    pub closing: CancellationToken,
}

impl Stack {
    pub fn new(settings: SipSettings, parts: Parts) -> Arc<Self> {
        Arc::new(Self {
            settings,
            endpoint: parts.endpoint,
            udp: parts.udp,
            tcp: parts.tcp,
            runtime: tokio::runtime::Handle::current(),
            closing: parts.closing,
            stopping: AtomicBool::new(false),
            busy: AtomicBool::new(false),
            calls: parts.calls,
            registrations: OnceLock::new(),
            dialogs: Mutex::default(),
            invites: Mutex::default(),
            links: Mutex::default(),
            trunk_addresses: Mutex::default(),
            slots: AtomicUsize::new(0),
            next_call: AtomicU64::new(1),
            standing_tag: super::message::tag(),
        })
    }

    /// The tag of answers given without remembering the request (RFC 3261 8.2.7: the same for the same request).
    pub fn standing_tag(&self) -> String {
        self.standing_tag.clone()
    }

    pub fn new_call_id(&self) -> CallId {
        CallId(self.next_call.fetch_add(1, Ordering::Relaxed))
    }

    pub fn is_allowed(&self, ip: IpAddr) -> bool {
        let allowed = &self.settings.allowed_peers;
        allowed.is_empty() || allowed.iter().any(|network| network.contains(ip))
    }

    /// Takes a place for a new call; `None` when full, busy or stopping.
    pub fn slot(self: &Arc<Self>) -> Option<Slot> {
        if self.stopping.load(Ordering::Acquire) {
            return None;
        }
        let max = self.settings.calls_max;
        let taken = self.slots.fetch_update(Ordering::AcqRel, Ordering::Acquire, |now| (now < max).then_some(now + 1));
        taken.is_ok().then(|| Slot(self.clone()))
    }

    /// Whether a newcomer would be taken now.
    pub fn has_room(&self) -> bool {
        let open = !self.stopping.load(Ordering::Acquire) && !self.busy.load(Ordering::Acquire);
        open && self.calls_now() < self.settings.calls_max
    }

    pub fn calls_now(&self) -> usize {
        self.slots.load(Ordering::Acquire)
    }

    /// Whether the library holds so many transactions that new requests must wait outside.
    pub fn is_flooded(&self) -> bool {
        let stats = self.endpoint.get_stats();
        stats.running_transactions + stats.finished_transactions > TRANSACTIONS_MAX
    }

    pub fn dialog(&self, local_tag: &str) -> Option<Arc<Dialog>> {
        locked(&self.dialogs).get(local_tag).cloned()
    }

    pub fn add_dialog(&self, dialog: Arc<Dialog>) {
        locked(&self.dialogs).insert(dialog.local_tag.clone(), dialog);
    }

    pub fn remove_dialog(&self, local_tag: &str) {
        locked(&self.dialogs).remove(local_tag);
    }

    pub fn dialogs_now(&self) -> Vec<Arc<Dialog>> {
        locked(&self.dialogs).values().cloned().collect()
    }

    pub fn invite(&self, key: &str) -> Option<Arc<Pending>> {
        locked(&self.invites).get(key).cloned()
    }

    pub fn add_invite(&self, key: String, pending: Arc<Pending>) {
        locked(&self.invites).insert(key, pending);
    }

    pub fn remove_invite(&self, key: &str) {
        locked(&self.invites).remove(key);
    }

    pub fn invites_now(&self) -> Vec<Arc<Pending>> {
        locked(&self.invites).values().cloned().collect()
    }

    pub fn link(&self, peer: SocketAddr) -> Option<Arc<TcpLink>> {
        locked(&self.links).get(&peer).filter(|link| link.is_open()).cloned()
    }

    pub fn add_link(&self, link: Arc<TcpLink>) {
        locked(&self.links).insert(link.peer, link);
    }

    pub fn close_link(&self, link: &Arc<TcpLink>) {
        link.close();
        let mut links = locked(&self.links);
        if links.get(&link.peer).is_some_and(|held| Arc::ptr_eq(held, link)) {
            links.remove(&link.peer);
        }
    }

    /// A trunk was found at this address.
    pub fn trunk_found(&self, trunk: &Trunk, at: IpAddr) {
        let Some(index) = self.settings.trunks.iter().position(|known| known.name == trunk.name) else { return };
        let mut found = locked(&self.trunk_addresses);
        if found.len() <= index {
            found.resize(self.settings.trunks.len(), Vec::new());
        }
        let addresses = &mut found[index];
        addresses.retain(|known| *known != at.to_canonical());
        addresses.push(at.to_canonical());
        if addresses.len() > TRUNK_ADDRESSES_MAX {
            addresses.remove(0);
        }
    }

    /// The trunk whose host this address is, as it was written or as it was found last.
    pub fn trunk_at(&self, ip: IpAddr) -> Option<String> {
        let ip = ip.to_canonical();
        let found = locked(&self.trunk_addresses);
        let mut trunks = self.settings.trunks.iter().enumerate();
        let trunk = trunks.find(|(index, trunk)| {
            let written = trunk.host.trim_matches(['[', ']']).parse::<IpAddr>();
            written.is_ok_and(|written| written.to_canonical() == ip)
                || found.get(*index).is_some_and(|addresses| addresses.contains(&ip))
        });
        trunk.map(|(_, trunk)| trunk.name.clone())
    }

    pub fn links_count(&self) -> usize {
        locked(&self.links).len()
    }

    /// The UDP address to send from to a peer: the first of the same address family.
    pub fn udp_towards(&self, peer: SocketAddr) -> Option<Flow> {
        let same = self.udp.iter().find(|port| port.local.is_ipv4() == peer.is_ipv4());
        same.cloned().map(Flow::Udp)
    }
}

/// A lock that survives a panic elsewhere: the tables stay consistent because each change is one operation.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
