//! Starts and stops the SIP side: sockets, the library's transactions, trunks, the once-a-second look at long calls.
//! What happens in between is spread over the other modules of `sip`.

use super::call::{CallingIdentity, EndReason, IncomingCall, OutgoingCall, OutgoingTarget};
use super::incoming;
use super::outgoing;
use super::registration::{Registration, RegistrationState};
use super::settings::{REFRESH_S_MIN, SipFault, SipSettings};
use super::sockets::{UdpPort, accept_tcp, bind_tcp, bind_udp, read_udp};
use super::stack::{Parts, Stack};
use rsipstack::EndpointBuilder;
use rsipstack::platform::CancellationToken;
use rsipstack::transaction::endpoint::EndpointOption;
use rsipstack::transport::TransportLayer;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// New calls that wait to be looked at; the next caller is told busy.
const CALLS_WAITING_MAX: usize = 256;
/// Where any port will do, so many are tried until one is free for UDP and TCP.
const PORTS_TRIED_MAX: u32 = 16;
/// How often long calls and the library's clock are looked at.
const TICK: Duration = Duration::from_secs(1);
/// The library can miss a wake-up of its clock; this often it is nudged.
const NUDGE: Duration = Duration::from_millis(200);

/// The SIP side of the line. Clones share it.
#[derive(Clone, Debug)]
pub struct SipServer {
    pub(crate) stack: Arc<Stack>,
}

impl SipServer {
    /// Binds every address and begins to answer. Must be called inside a tokio runtime. Calls arrive in the receiver;
    /// when it is not read, callers are told busy.
    ///
    /// # Errors
    /// `InUse` or `Listen` with the address, `BadSetting`.
    pub async fn start(settings: SipSettings) -> Result<(Self, mpsc::Receiver<IncomingCall>), SipFault> {
        check(&settings)?;
        let closing = CancellationToken::new();
        let (udp, listeners) = bind_all(&settings).await?;
        let mut tcp = Vec::with_capacity(listeners.len());
        for (listener, addr) in listeners.iter().zip(&settings.tcp) {
            tcp.push(listener.local_addr().map_err(|source| SipFault::Listen {
                protocol: "TCP",
                addr: *addr,
                source,
            })?);
        }
        let mut builder = EndpointBuilder::new();
        builder
            .with_cancel_token(closing.clone())
            .with_transport_layer(TransportLayer::new(closing.clone()))
            .with_user_agent(&settings.product)
            .with_option(pace(settings.round_trip));
        let endpoint = builder.build();
        let arriving = endpoint
            .incoming_transactions()
            .map_err(|_| SipFault::BadSetting { what: "the SIP library did not start" })?;
        let (calls, received) = mpsc::channel(CALLS_WAITING_MAX);
        let parts = Parts { endpoint: endpoint.inner.clone(), udp, tcp: tcp.clone(), calls, closing };
        let stack = Stack::new(settings, parts);
        for port in &stack.udp {
            tokio::spawn(read_udp(stack.clone(), port.clone()));
        }
        for (listener, addr) in listeners.into_iter().zip(tcp) {
            let sent_by = SocketAddr::new(stack.settings.advertised.unwrap_or(addr.ip()), addr.port());
            tokio::spawn(accept_tcp(stack.clone(), listener, sent_by));
        }
        tokio::spawn(incoming::serve(stack.clone(), arriving));
        tokio::spawn(run_clock(stack.clone()));
        tokio::spawn(watch(stack.clone()));
        let registrations: Vec<Arc<Registration>> = stack
            .settings
            .trunks
            .iter()
            .enumerate()
            .map(|(index, trunk)| Arc::new(Registration::new(index, trunk)))
            .collect();
        for registration in &registrations {
            tokio::spawn(registration.clone().keep(stack.clone()));
        }
        let _ = stack.registrations.set(registrations);
        Ok((Self { stack }, received))
    }

    /// The first bound UDP address, with the port that was taken.
    pub fn udp_addr(&self) -> Option<SocketAddr> {
        self.stack.udp.first().map(|port| port.local)
    }

    /// The first bound TCP address, with the port that was taken.
    pub fn tcp_addr(&self) -> Option<SocketAddr> {
        self.stack.tcp.first().copied()
    }

    /// Places a call with our description as the offer.
    ///
    /// # Errors
    /// `NoSuchTrunk`, `NoAddress`, `NoRoom`, `BadSetting`. Whether anybody answers comes as events.
    pub async fn call(
        &self,
        target: OutgoingTarget,
        identity: CallingIdentity,
        offer: String,
    ) -> Result<OutgoingCall, SipFault> {
        outgoing::place(&self.stack, target, identity, offer).await
    }

    /// Where a call to a target would go now.
    ///
    /// # Errors
    /// `NoSuchTrunk`, `NoAddress`.
    pub async fn address_of(&self, target: &OutgoingTarget) -> Result<SocketAddr, SipFault> {
        outgoing::address_of(&self.stack, target).await
    }

    /// Calls now, both directions, ringing ones included.
    pub fn calls_now(&self) -> usize {
        self.stack.calls_now()
    }

    /// While set, new calls are answered 503 with `Retry-After`; calls in progress are unaffected.
    pub fn set_busy(&self, busy: bool) {
        self.stack.busy.store(busy, Ordering::Release);
    }

    /// How each trunk stands, in the order of the settings.
    pub fn registration_state(&self) -> Vec<(String, RegistrationState)> {
        self.registrations().iter().map(|one| (one.trunk.clone(), one.state())).collect()
    }

    /// The trunks' registrations, to wait for changes.
    pub fn registrations(&self) -> &[Arc<Registration>] {
        self.stack.registrations.get().map_or(&[], Vec::as_slice)
    }

    /// Stops: no new calls, ringing ones refused with 503, calls ended with BYE, trunks told, sockets closed. Returns
    /// when that is done or the time is over.
    pub async fn shutdown(&self, within: Duration) {
        let stack = &self.stack;
        stack.stopping.store(true, Ordering::Release);
        for pending in stack.invites_now() {
            pending.reject(503, Some(stack.settings.retry_after_s));
        }
        let mut goodbyes = tokio::task::JoinSet::new();
        for dialog in stack.dialogs_now() {
            dialog.hang_up(EndReason::ShuttingDown);
        }
        for registration in self.registrations() {
            let (registration, stack) = (registration.clone(), stack.clone());
            goodbyes.spawn(async move { registration.remove(&stack).await });
        }
        let all = async {
            while goodbyes.join_next().await.is_some() {}
            // Answers to our goodbyes end their transactions; what is remembered for repeats needs no waiting.
            while stack.endpoint.get_stats().running_transactions > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        if tokio::time::timeout(within, all).await.is_err() {
            tracing::debug!("not every peer answered our goodbye");
        }
        stack.closing.cancel();
    }
}

/// The library's times, all from T1 as RFC 3261 table 4 has them.
fn pace(round_trip: Duration) -> EndpointOption {
    EndpointOption {
        t1: round_trip,
        t2: round_trip * 8,
        t4: round_trip * 10,
        t1x64: round_trip * 64,
        // The ACK of a 2xx is ours to write (RFC 3261 13.2.2.4).
        auto_ack_2xx: false,
        ..EndpointOption::default()
    }
}

/// Binds every address. A free UDP port can be somebody else's TCP port: where any port will do, another one is tried.
async fn bind_all(settings: &SipSettings) -> Result<(Vec<Arc<UdpPort>>, Vec<TcpListener>), SipFault> {
    let takes_any = settings.udp.iter().chain(&settings.tcp).any(|addr| addr.port() == 0);
    for _ in 1..PORTS_TRIED_MAX {
        match bind_each(settings).await {
            Err(SipFault::InUse { protocol: "TCP", .. }) if takes_any => {}
            bound => return bound,
        }
    }
    bind_each(settings).await
}

async fn bind_each(settings: &SipSettings) -> Result<(Vec<Arc<UdpPort>>, Vec<TcpListener>), SipFault> {
    let mut udp: Vec<Arc<UdpPort>> = Vec::with_capacity(settings.udp.len());
    for addr in &settings.udp {
        udp.push(bind_udp(*addr, settings.advertised).await?);
    }
    let mut listeners = Vec::with_capacity(settings.tcp.len());
    for addr in &settings.tcp {
        // Port 0 means "any"; TCP then takes the number UDP got, so that one number reaches us either way.
        let same = udp.iter().find(|port| addr.port() == 0 && port.local.ip() == addr.ip());
        let addr = same.map_or(*addr, |port| port.local);
        listeners.push(bind_tcp(addr)?);
    }
    Ok((udp, listeners))
}

fn check(settings: &SipSettings) -> Result<(), SipFault> {
    if settings.udp.is_empty() && settings.tcp.is_empty() {
        return Err(SipFault::BadSetting { what: "no address to listen on" });
    }
    if settings.udp.len() > 8 || settings.tcp.len() > 8 {
        return Err(SipFault::BadSetting { what: "more than eight addresses to listen on" });
    }
    let wildcard = settings.udp.iter().chain(&settings.tcp).any(|addr| addr.ip().is_unspecified());
    if wildcard && settings.advertised.is_none() {
        return Err(SipFault::BadSetting {
            what: "listening on every address needs an advertised address that peers can reach",
        });
    }
    if !(Duration::from_millis(1)..=Duration::from_secs(4)).contains(&settings.round_trip) {
        return Err(SipFault::BadSetting { what: "the round trip must be between 1 ms and 4 s" });
    }
    if settings.refresh_every.is_some_and(|every| every < Duration::from_secs(u64::from(REFRESH_S_MIN))) {
        return Err(SipFault::BadSetting { what: "calls cannot be refreshed more often than every 90 s" });
    }
    let rows = std::iter::once(&settings.product)
        .chain(settings.trunks.iter().flat_map(|trunk| [&trunk.host, &trunk.account]));
    if rows.into_iter().any(|text| text.is_empty() || text.chars().any(char::is_control)) {
        return Err(SipFault::BadSetting {
            what: "the product, or a trunk's host or account, is empty or has control characters",
        });
    }
    Ok(())
}

/// The library's clock: time-outs and repeats.
async fn run_clock(stack: Arc<Stack>) {
    tokio::select! {
        () = stack.closing.cancelled() => {}
        () = stack.endpoint.process_timer() => {}
        () = nudge(&stack) => {}
    }
}

async fn nudge(stack: &Stack) {
    // Adding and taking back a far timer wakes a clock that slept over a nearer one (see the decision record).
    let key = rsipstack::sip::Request {
        method: rsipstack::sip::Method::Options,
        uri: rsipstack::sip::Uri::default(),
        version: rsipstack::sip::Version::V2,
        headers: vec![
            rsipstack::sip::Header::Via("SIP/2.0/UDP 127.0.0.1;branch=nudge".into()),
            rsipstack::sip::Header::From("<sip:n@127.0.0.1>;tag=n".into()),
            rsipstack::sip::Header::CallId("nudge".into()),
            rsipstack::sip::Header::CSeq("1 OPTIONS".into()),
        ]
        .into(),
        body: Vec::new(),
    };
    let role = rsipstack::transaction::key::TransactionRole::Server;
    let Ok(key) = rsipstack::transaction::key::TransactionKey::from_request(&key, role) else {
        return std::future::pending().await;
    };
    loop {
        tokio::time::sleep(NUDGE).await;
        if stack.endpoint.timers.len() > 0 {
            let far = Duration::from_secs(3_600);
            let timer =
                stack.endpoint.timers.timeout(far, rsipstack::transaction::TransactionTimer::TimerCleanup(key.clone()));
            stack.endpoint.timers.cancel(timer);
        }
    }
}

/// Looks at every call once a second: refreshes due, calls dead.
async fn watch(stack: Arc<Stack>) {
    loop {
        tokio::select! {
            () = stack.closing.cancelled() => return,
            () = tokio::time::sleep(TICK) => {}
        }
        let now = Instant::now();
        for dialog in stack.dialogs_now() {
            dialog.tick(now);
        }
    }
}
