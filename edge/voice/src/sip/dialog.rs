//! One call that is up, as SIP sees it: tags, numbers in sequence, where requests go, who refreshes.
//! What the peer's requests do is `sip::in_dialog`; what the owner of the call sees is `sip::call`.

use super::asking::{Reply, Way, ask, is_private, way_to_uri};
use super::call::{CallEvent, CallId, EndReason, EndedBy};
use super::digest;
use super::message::{Asking, branch, via_of_ours};
use super::refresh::{self, Due, Refresh};
use super::sdp::Sdp;
use super::settings::SipFault;
use super::sockets::Flow;
use super::stack::{Slot, Stack, locked};
use super::wire::{Address, Message, NameAddr};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How long our ACK is kept for repeats of the peer's 2xx: 64 × T1 (RFC 3261 13.2.2.4).
const ACK_KEPT: Duration = Duration::from_secs(32);
/// Pause before a refused refresh is tried again.
const REFRESH_AGAIN: Duration = Duration::from_secs(10);
/// Tries for one request: challenge, changed interval, glare.
const TRIES_MAX: u8 = 3;

/// A call that is up.
pub(crate) struct Dialog {
    pub id: CallId,
    pub stack: Arc<Stack>,
    pub call_id: Box<str>,
    pub local_tag: Box<str>,
    pub remote_tag: Box<str>,
    local: Box<str>,
    remote: Box<str>,
    flow: Flow,
    pub peer: SocketAddr,
    trunk: Option<usize>,
    state: Mutex<State>,
    events: Mutex<Option<mpsc::Sender<CallEvent>>>,
    /// Given back when the call ends, though goodbyes still go to and fro.
    slot: Mutex<Option<Slot>>,
}

/// What changes during the call.
#[derive(Debug)]
pub(crate) struct State {
    pub target: Box<str>,
    pub routes: Box<[String]>,
    pub local_cseq: u32,
    pub remote_cseq: Option<u32>,
    pub local_sdp: Box<str>,
    /// Digest of the peer's last description, to tell a refresh from a change.
    pub remote_sdp_mark: u64,
    pub end: Option<(EndedBy, EndReason)>,
    /// A re-INVITE of ours is under way.
    pub inviting: bool,
    /// A re-INVITE of the peer is under way.
    pub invited: bool,
    /// Our 2xx has not been acknowledged yet, so BYE must wait (RFC 3261 15).
    pub unacknowledged: bool,
    pub bye_due: bool,
    pub refresh: Option<Refresh>,
    pub peer_does_update: bool,
    ack: Option<(u32, Vec<u8>, Way, Instant)>,
}

/// What a dialog is made of.
pub(crate) struct Making {
    pub id: CallId,
    pub stack: Arc<Stack>,
    pub call_id: String,
    pub local_tag: String,
    pub remote_tag: String,
    /// Whole From or To values with their tags.
    pub local: String,
    pub remote: String,
    pub flow: Flow,
    pub peer: SocketAddr,
    pub trunk: Option<usize>,
    pub target: String,
    pub routes: Vec<String>,
    pub local_cseq: u32,
    pub remote_cseq: Option<u32>,
    pub local_sdp: String,
    pub remote_sdp_mark: u64,
    pub unacknowledged: bool,
    pub refresh: Option<Refresh>,
    pub peer_does_update: bool,
    pub events: mpsc::Sender<CallEvent>,
    pub slot: Slot,
}

impl std::fmt::Debug for Dialog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dialog({})", self.id)
    }
}

impl Dialog {
    pub fn new(making: Making) -> Arc<Self> {
        let dialog = Arc::new(Self {
            id: making.id,
            stack: making.stack,
            call_id: making.call_id.into(),
            local_tag: making.local_tag.into(),
            remote_tag: making.remote_tag.into(),
            local: making.local.into(),
            remote: making.remote.into(),
            flow: making.flow,
            peer: making.peer,
            trunk: making.trunk,
            state: Mutex::new(State {
                target: making.target.into(),
                routes: making.routes.into(),
                local_cseq: making.local_cseq,
                remote_cseq: making.remote_cseq,
                local_sdp: making.local_sdp.into(),
                remote_sdp_mark: making.remote_sdp_mark,
                end: None,
                inviting: false,
                invited: false,
                unacknowledged: making.unacknowledged,
                bye_due: false,
                refresh: making.refresh,
                peer_does_update: making.peer_does_update,
                ack: None,
            }),
            events: Mutex::new(Some(making.events)),
            slot: Mutex::new(Some(making.slot)),
        });
        dialog.stack.add_dialog(dialog.clone());
        dialog
    }

    /// Looks at, or changes, the state; short and never across an await.
    pub fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut locked(&self.state))
    }

    pub fn end_of_call(&self) -> Option<(EndedBy, EndReason)> {
        self.with(|state| state.end)
    }

    /// Whether a message's Call-ID and remote tag are this dialog's.
    pub fn fits(&self, call_id: &str, remote_tag: &str) -> bool {
        *self.call_id == *call_id && *self.remote_tag == *remote_tag
    }

    /// Tells the owner. Keys are lost when the owner has stopped listening; the end of the call never is.
    pub fn tell(&self, event: CallEvent) {
        if let Some(events) = &*locked(&self.events) {
            let _ = events.try_send(event);
        }
    }

    /// The call is over on our side: no request fits it any more, the owner is told once.
    pub fn end(&self, by: EndedBy, reason: EndReason) -> bool {
        let first = self.with(|state| {
            let first = state.end.is_none();
            state.end = state.end.or(Some((by, reason)));
            first
        });
        if first {
            self.stack.remove_dialog(&self.local_tag);
            drop(locked(&self.slot).take());
            if let Some(events) = locked(&self.events).take() {
                // When full, the closed channel tells it and `end_of_call` has the reason.
                let _ = events.try_send(CallEvent::Ended { by, reason });
            }
        }
        first
    }

    /// Ends the call with BYE; at once for the owner, in its own task on the wire.
    pub fn hang_up(self: &Arc<Self>, reason: EndReason) {
        self.hang_up_as(EndedBy::Us, reason);
    }

    fn hang_up_as(self: &Arc<Self>, by: EndedBy, reason: EndReason) {
        if !self.end(by, reason) {
            return;
        }
        let wait = self.with(|state| {
            state.bye_due = state.unacknowledged;
            state.unacknowledged
        });
        if !wait {
            self.send_bye();
        }
    }

    /// The ACK of our 2xx came, or will never come.
    pub fn acknowledged(self: &Arc<Self>) {
        let bye = self.with(|state| {
            state.unacknowledged = false;
            std::mem::take(&mut state.bye_due)
        });
        if bye {
            self.send_bye();
        }
    }

    fn send_bye(self: &Arc<Self>) {
        let dialog = self.clone();
        self.stack.runtime.spawn(async move {
            let _ = dialog.request("BYE", Vec::new(), None).await;
        });
    }

    /// Sends a request inside the call, answering one challenge of the trunk.
    pub async fn request(
        self: &Arc<Self>,
        method: &'static str,
        rows: Vec<String>,
        body: Option<String>,
    ) -> Result<Reply, SipFault> {
        let way = self.way().await?;
        let mut credentials: Option<String> = None;
        let mut tries = 0;
        loop {
            let mut rows = rows.clone();
            rows.extend(credentials.clone());
            let cseq = self.next_cseq();
            let bytes = self.written(method, cseq, rows, body.as_deref(), &way);
            let reply = ask(&self.stack, bytes, &way, |_, _| {}).await;
            tries += 1;
            if matches!(reply.status, 401 | 407)
                && tries < TRIES_MAX
                && let Some(index) = self.trunk
            {
                let target = self.with(|state| state.target.clone());
                let trunk = self.stack.settings.trunks.get(index).ok_or(SipFault::Over)?;
                let again = reply.message().and_then(|message| {
                    digest::credentials(&message, reply.status, trunk, method, &target, credentials.is_some())
                });
                if again.is_some() {
                    credentials = again;
                    continue;
                }
            }
            if reply.is_success() && method == "INVITE" {
                self.acknowledge(cseq, &reply, credentials).await;
            }
            return Ok(reply);
        }
    }

    /// Proposes another description to the peer.
    ///
    /// # Errors
    /// `SipFault::Refused` with the status, `Over` when the call has ended, `Unreadable` for an answer without SDP.
    pub async fn reinvite(self: Arc<Self>, local_sdp: String) -> Result<Sdp, SipFault> {
        // A task of its own: once sent, an INVITE must be followed to its end.
        let task = self.stack.runtime.clone().spawn(async move { self.reinvite_now(local_sdp).await });
        task.await.map_err(|_| SipFault::Over)?
    }

    async fn reinvite_now(self: Arc<Self>, local_sdp: String) -> Result<Sdp, SipFault> {
        for _ in 0..TRIES_MAX {
            let free = self.with(|state| {
                let free = state.end.is_none() && !state.inviting && !state.invited;
                state.inviting |= free;
                free
            });
            if !free {
                return Err(if self.end_of_call().is_some() {
                    SipFault::Over
                } else {
                    SipFault::Refused { status: 491 }
                });
            }
            let rows = self.refresh_rows();
            let reply = self.request("INVITE", rows, Some(local_sdp.clone())).await;
            self.with(|state| state.inviting = false);
            let reply = reply?;
            match reply.status {
                200..300 => {
                    self.refreshed(&reply);
                    let sdp = reply.message().map(|message| Sdp::parse(message.body)).ok_or(SipFault::Unreadable)?;
                    self.with(|state| state.local_sdp = local_sdp.into());
                    return sdp.map_err(|_| SipFault::Unreadable);
                }
                // RFC 3261 14.1: both asked at once; a moment later again. Who owns the Call-ID waits longer.
                491 => tokio::time::sleep(Duration::from_millis(300)).await,
                422 => self.lengthen(&reply),
                408 | 481 => {
                    self.end(EndedBy::Lost, EndReason::NotRefreshed);
                    return Err(SipFault::Refused { status: reply.status });
                }
                status => return Err(SipFault::Refused { status }),
            }
        }
        Err(SipFault::Refused { status: 491 })
    }

    /// Looks once a second whether this call needs a refresh or is dead.
    pub fn tick(self: &Arc<Self>, now: Instant) {
        let due = self.with(|state| {
            if state.ack.as_ref().is_some_and(|(_, _, _, at)| now.saturating_duration_since(*at) > ACK_KEPT) {
                state.ack = None;
            }
            let due = state.refresh.map_or(Due::Nothing, |refresh| refresh.due(now));
            if due == Due::Ask
                && let Some(refresh) = &mut state.refresh
            {
                refresh.not_before_at = now + REFRESH_AGAIN;
            }
            due
        });
        match due {
            Due::Nothing => {}
            Due::End => self.hang_up_as(EndedBy::Lost, EndReason::NotRefreshed),
            Due::Ask => {
                let dialog = self.clone();
                self.stack.runtime.spawn(async move { dialog.refresh_now().await });
            }
        }
    }

    async fn refresh_now(self: Arc<Self>) {
        let (update, sdp) = self.with(|state| (state.peer_does_update, state.local_sdp.clone()));
        if !update {
            let _ = self.reinvite(sdp.into()).await;
            return;
        }
        let Ok(reply) = self.request("UPDATE", self.refresh_rows(), None).await else { return };
        match reply.status {
            200..300 => self.refreshed(&reply),
            422 => self.lengthen(&reply),
            405 | 501 => self.with(|state| state.peer_does_update = false),
            408 | 481 => self.hang_up_as(EndedBy::Lost, EndReason::NotRefreshed),
            _ => {}
        }
    }

    fn refresh_rows(&self) -> Vec<String> {
        match self.with(|state| state.refresh) {
            Some(refresh) => refresh::asking_rows(refresh.every_s, Some(refresh)),
            None => Vec::new(),
        }
    }

    fn refreshed(&self, reply: &Reply) {
        if let Some(message) = reply.message() {
            let agreed = refresh::agreed_in_answer(&message, Instant::now());
            self.with(|state| {
                let had = state.refresh;
                // A peer that says nothing any more has still answered: it is alive.
                state.refresh = agreed.or(had.map(|had| Refresh::new(had.every_s, true, Instant::now())));
            });
        }
    }

    fn lengthen(&self, reply: &Reply) {
        let demanded = reply.message().and_then(|message| refresh::demanded_s(&message));
        self.with(|state| {
            if let (Some(refresh), Some(demanded)) = (&mut state.refresh, demanded) {
                refresh.every_s = refresh.every_s.max(demanded);
                refresh.not_before_at = Instant::now();
            }
        });
    }

    /// Takes what a 2xx or a request of the peer says about where to send from now on (RFC 3261 12.2).
    pub fn retarget(&self, message: &Message<'_>) {
        if let Some(contact) = contact_of(message) {
            self.with(|state| state.target = contact.into());
        }
    }

    /// Acknowledges a 2xx to our INVITE and keeps the ACK for repeats.
    pub async fn acknowledge(self: &Arc<Self>, cseq: u32, reply: &Reply, credentials: Option<String>) {
        if let Some(message) = reply.message() {
            self.retarget(&message);
            if let Some(ours) = message.header("allow") {
                let update = ours.split(',').any(|method| method.trim().eq_ignore_ascii_case("UPDATE"));
                self.with(|state| state.peer_does_update = update);
            }
        }
        let Ok(way) = self.way().await else { return };
        let bytes = self.written("ACK", cseq, credentials.into_iter().collect(), None, &way);
        way.flow.send(bytes.clone(), way.to).await;
        self.with(|state| state.ack = Some((cseq, bytes, way, Instant::now())));
    }

    /// The peer repeats its 2xx: our ACK was lost. Returns whether it was one we know.
    pub async fn acknowledge_again(&self, cseq: u32) -> bool {
        let kept = self.with(|state| state.ack.clone()).filter(|(of, ..)| *of == cseq);
        match kept {
            Some((_, bytes, way, _)) => {
                way.flow.send(bytes, way.to).await;
                true
            }
            None => false,
        }
    }

    fn next_cseq(&self) -> u32 {
        self.with(|state| {
            state.local_cseq = state.local_cseq.wrapping_add(1) & 0x7fff_ffff;
            state.local_cseq
        })
    }

    fn written(&self, method: &str, cseq: u32, mut rows: Vec<String>, body: Option<&str>, way: &Way) -> Vec<u8> {
        let (target, routes) = self.with(|state| (state.target.clone(), state.routes.clone()));
        if matches!(method, "INVITE" | "UPDATE") {
            rows.push(format!("Contact: {}", contact_of_ours(&way.flow)));
        }
        Asking {
            method,
            uri: &target,
            via: via_of_ours(way.flow.is_tcp(), way.flow.sent_by(), &branch()),
            from: self.local.to_string(),
            to: self.remote.to_string(),
            call_id: &self.call_id,
            cseq,
            routes: &routes,
            rows,
            body,
        }
        .write(&self.stack.settings.product)
    }

    /// Where requests go: the first route, else the peer's contact; its packets' source when that cannot be reached
    /// from here; the TCP connection of the call while it is open.
    async fn way(&self) -> Result<Way, SipFault> {
        if self.flow.is_tcp() && self.flow.is_open() {
            return Ok(Way { flow: self.flow.clone(), to: self.peer });
        }
        let (target, route) = self.with(|state| (state.target.clone(), state.routes.first().cloned()));
        if let Some(route) = route.as_deref().and_then(NameAddr::parse) {
            return way_to_uri(&self.stack, route.uri).await;
        }
        if !self.flow.is_tcp()
            && let Some(address) = Address::parse(&target)
        {
            let host = address.host.trim_matches(['[', ']']).parse();
            if host.is_ok_and(|host| host != self.peer.ip().to_canonical() && is_private(host)) {
                return Ok(Way { flow: self.flow.clone(), to: self.peer });
            }
        }
        way_to_uri(&self.stack, &target).await
    }
}

/// Our Contact on a flow.
pub(crate) fn contact_of_ours(flow: &Flow) -> String {
    let transport = if flow.is_tcp() { ";transport=tcp" } else { "" };
    format!("<sip:line@{}{transport}>", flow.sent_by())
}

/// The peer's Contact, when it is an address we can send to.
pub(crate) fn contact_of(message: &Message<'_>) -> Option<String> {
    let row = message.list("contact").into_iter().next()?.to_owned();
    let addr = NameAddr::parse(&row)?;
    Address::parse(addr.uri).filter(|address| !address.host.is_empty())?;
    Some(addr.uri.to_owned())
}

/// A mark of a description, to see whether it changed.
pub(crate) fn sdp_mark(body: &[u8]) -> u64 {
    use std::hash::{Hash, Hasher};
    let mut hasher = std::collections::hash_map::DefaultHasher::new();
    body.hash(&mut hasher);
    hasher.finish()
}
