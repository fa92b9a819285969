//! Calls that we place: ringing, a challenge by the trunk, an answer, giving up.
//! What follows an answer is `sip::dialog`; which numbers may be called is decided elsewhere.

use super::asking::{Reply, Way, ask, way_to, way_to_uri};
use super::call::{
    Answered, CallControl, CallId, CallingIdentity, EVENTS_MAX, OutgoingCall, OutgoingEvent, OutgoingTarget,
};
use super::dialog::{Dialog, Making, contact_of, contact_of_ours, sdp_mark};
use super::digest;
use super::incoming::described;
use super::message::{Asking, branch, tag, via_of_ours};
use super::refresh;
use super::sdp::Sdp;
use super::settings::{SipFault, Trunk};
use super::stack::{Slot, Stack, locked};
use super::wire::{Address, Message, NameAddr};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::sync::mpsc;

/// INVITEs for one call: challenges of trunk and proxy, a longer refresh interval, one redirection.
const TRIES_MAX: u8 = 5;

/// A call that is being placed.
#[derive(Debug)]
pub(crate) struct Placing {
    stack: Arc<Stack>,
    state: Mutex<Going>,
}

#[derive(Debug, Default)]
struct Going {
    cancelled: bool,
    done: bool,
    /// A provisional answer came: only now may CANCEL be sent (RFC 3261 9.1).
    proceeding: bool,
    cancel_sent: bool,
    cancel: Option<(Vec<u8>, Way)>,
}

impl Placing {
    /// Gives up; the second time does nothing.
    pub fn cancel(self: &Arc<Self>) {
        locked(&self.state).cancelled = true;
        self.send_cancel();
    }

    fn is_cancelled(&self) -> bool {
        locked(&self.state).cancelled
    }

    fn send_cancel(self: &Arc<Self>) {
        let due = {
            let mut going = locked(&self.state);
            let due = going.cancelled && going.proceeding && !going.done && !going.cancel_sent;
            going.cancel_sent |= due;
            if due { going.cancel.clone() } else { None }
        };
        if let Some((bytes, way)) = due {
            let stack = self.stack.clone();
            self.stack.runtime.spawn(async move {
                // Whatever CANCEL is answered, the INVITE's own answer counts.
                let _ = ask(&stack, bytes, &way, |_, _| {}).await;
            });
        }
    }

    fn proceeds(self: &Arc<Self>) {
        locked(&self.state).proceeding = true;
        self.send_cancel();
    }
}

/// Places a call.
///
/// # Errors
/// `NoSuchTrunk`, `NoAddress`, `NoRoom`, `BadSetting` for a target or identity that cannot be written.
pub(crate) async fn place(
    stack: &Arc<Stack>,
    target: OutgoingTarget,
    identity: CallingIdentity,
    offer: String,
) -> Result<OutgoingCall, SipFault> {
    let slot = stack.slot().ok_or(SipFault::NoRoom)?;
    let plan = Plan::of(stack, &target, &identity).await?;
    let placing = Arc::new(Placing { stack: stack.clone(), state: Mutex::default() });
    let (events, received) = mpsc::channel(EVENTS_MAX);
    let id = stack.new_call_id();
    stack.runtime.spawn(run(stack.clone(), placing.clone(), plan, offer, events, slot, id));
    Ok(OutgoingCall { id, events: received, placing })
}

/// What a call's INVITEs have in common.
struct Plan {
    uri: String,
    from: String,
    to: String,
    way: Way,
    trunk: Option<usize>,
}

impl Plan {
    async fn of(stack: &Arc<Stack>, target: &OutgoingTarget, identity: &CallingIdentity) -> Result<Self, SipFault> {
        let display = match &identity.display {
            Some(name) => format!("\"{}\" ", quoted(name)),
            None => String::new(),
        };
        match target {
            OutgoingTarget::Uri(uri) => {
                let uri = uri.reveal().trim();
                let address = Address::parse(uri).filter(|address| !address.has_headers && is_plain(uri));
                let address = address.ok_or(SipFault::BadSetting { what: "the target is not a SIP address" })?;
                let way = way_to(stack, address.host, address.port, address.wants_tcp()).await?;
                let who = number_part(identity.number.as_deref().unwrap_or("line"))?;
                let from = format!("{display}<sip:{who}@{}>", way.flow.sent_by());
                Ok(Self { uri: uri.to_owned(), from, to: format!("<{uri}>"), way, trunk: None })
            }
            OutgoingTarget::Trunk { trunk: name, number } => {
                let (index, trunk) = stack
                    .settings
                    .trunks
                    .iter()
                    .enumerate()
                    .find(|(_, trunk)| trunk.name == *name)
                    .ok_or_else(|| SipFault::NoSuchTrunk { name: name.clone() })?;
                let number = number_part(number.reveal())?;
                let uri = format!("sip:{number}@{}", host_of(trunk));
                let who = number_part(identity.number.as_deref().unwrap_or(&trunk.account))?;
                let from = format!("{display}<sip:{who}@{}>", trunk.host);
                Ok(Self {
                    to: format!("<{uri}>"),
                    uri,
                    from,
                    way: way_to_trunk(stack, trunk).await?,
                    trunk: Some(index),
                })
            }
        }
    }
}

/// Host and port of a trunk as they stand in addresses.
pub(crate) fn host_of(trunk: &Trunk) -> String {
    if trunk.port == 5060 { trunk.host.clone() } else { format!("{}:{}", trunk.host, trunk.port) }
}

/// Where requests for a trunk go.
///
/// # Errors
/// `SipFault::NoAddress`.
pub(crate) async fn way_to_trunk(stack: &Arc<Stack>, trunk: &Trunk) -> Result<Way, SipFault> {
    let way = match &trunk.outbound_proxy {
        Some(proxy) => {
            let (host, port) = super::wire::host_port(proxy).ok_or(SipFault::NoAddress)?;
            way_to(stack, host, port, trunk.tcp).await
        }
        None => way_to(stack, &trunk.host, Some(trunk.port), trunk.tcp).await,
    }?;
    stack.trunk_found(trunk, way.to.ip());
    Ok(way)
}

/// Where a call to a target would go, so that its leg knows from whom to expect voice.
///
/// # Errors
/// `NoSuchTrunk`, `NoAddress`.
pub(crate) async fn address_of(stack: &Arc<Stack>, target: &OutgoingTarget) -> Result<SocketAddr, SipFault> {
    let way = match target {
        OutgoingTarget::Uri(uri) => way_to_uri(stack, uri.reveal().trim()).await,
        OutgoingTarget::Trunk { trunk: name, .. } => {
            let trunk = stack.settings.trunks.iter().find(|trunk| trunk.name == *name);
            way_to_trunk(stack, trunk.ok_or_else(|| SipFault::NoSuchTrunk { name: name.clone() })?).await
        }
    };
    way.map(|way| way.to)
}

async fn run(
    stack: Arc<Stack>,
    placing: Arc<Placing>,
    plan: Plan,
    offer: String,
    events: mpsc::Sender<OutgoingEvent>,
    slot: Slot,
    id: CallId,
) {
    let mut attempt = Attempt {
        call_id: tag(),
        local_tag: tag(),
        cseq: 0,
        uri: plan.uri.clone(),
        credentials: None,
        every_s: stack.settings.refresh_every.map(|every| u32::try_from(every.as_secs()).unwrap_or(1_800)),
        redirected: false,
    };
    let mut status = 408;
    for _ in 0..TRIES_MAX {
        if placing.is_cancelled() {
            status = 487;
            break;
        }
        let bytes = attempt.invite(&stack, &plan, &offer, &placing);
        let heard = |code: u16, body: &[u8]| {
            placing.proceeds();
            if code > 100 {
                let early = Message::read(body)
                    .and_then(|message| described(&message).ok().flatten().and_then(|sdp| Sdp::parse(sdp).ok()));
                // A missed "it rings" is not worth waiting for.
                let _ = events.try_send(OutgoingEvent::Ringing(early.map(Box::new)));
            }
        };
        let reply = ask(&stack, bytes, &plan.way, heard).await;
        status = reply.status;
        if reply.is_success() {
            locked(&placing.state).done = true;
            return answered(&stack, &placing, plan, attempt, &reply, offer, &events, slot, id).await;
        }
        if !attempt.learn(&stack, &plan, &reply) {
            break;
        }
    }
    locked(&placing.state).done = true;
    drop(slot);
    let _ = events.send(OutgoingEvent::Failed { status }).await;
}

/// What changes from one INVITE to the next.
struct Attempt {
    call_id: String,
    local_tag: String,
    cseq: u32,
    uri: String,
    credentials: Option<String>,
    every_s: Option<u32>,
    redirected: bool,
}

impl Attempt {
    fn invite(&mut self, stack: &Stack, plan: &Plan, offer: &str, placing: &Placing) -> Vec<u8> {
        self.cseq += 1;
        let branch = branch();
        let mut rows = vec![format!("Contact: {}", contact_of_ours(&plan.way.flow))];
        if let Some(every_s) = self.every_s {
            rows.extend(refresh::asking_rows(every_s, None));
        }
        rows.extend(self.credentials.clone());
        let mut asking = Asking {
            method: "INVITE",
            uri: &self.uri,
            via: via_of_ours(plan.way.flow.is_tcp(), plan.way.flow.sent_by(), &branch),
            from: format!("{};tag={}", plan.from, self.local_tag),
            to: plan.to.clone(),
            call_id: &self.call_id,
            cseq: self.cseq,
            routes: &[],
            rows,
            body: Some(offer),
        };
        let bytes = asking.write(&stack.settings.product);
        // CANCEL repeats the INVITE's addresses, branch and number (RFC 3261 9.1).
        asking.method = "CANCEL";
        asking.rows.clear();
        asking.body = None;
        let mut going = locked(&placing.state);
        going.proceeding = false;
        going.cancel = Some((asking.write(&stack.settings.product), plan.way.clone()));
        bytes
    }

    /// Learns from a refusal; whether another INVITE makes sense.
    fn learn(&mut self, stack: &Stack, plan: &Plan, reply: &Reply) -> bool {
        let Some(message) = reply.message() else { return false };
        match reply.status {
            401 | 407 => {
                let trunk = plan.trunk.and_then(|index| stack.settings.trunks.get(index));
                let answer = trunk.and_then(|trunk| {
                    digest::credentials(&message, reply.status, trunk, "INVITE", &self.uri, self.credentials.is_some())
                });
                let known = answer.is_some();
                self.credentials = answer;
                known
            }
            422 => match refresh::demanded_s(&message) {
                Some(demanded) if self.every_s.is_none_or(|every| every < demanded) => {
                    self.every_s = Some(demanded);
                    true
                }
                _ => false,
            },
            // Only to the same trunk and only once: a redirection elsewhere would let a peer choose whom we call.
            300..=399 if !self.redirected => {
                let trunk = plan.trunk.and_then(|index| stack.settings.trunks.get(index));
                let contact = contact_of(&message).filter(|contact| {
                    let address = Address::parse(contact);
                    trunk.is_some_and(|trunk| {
                        address.is_some_and(|address| address.host.eq_ignore_ascii_case(&trunk.host))
                    })
                });
                self.redirected = true;
                match contact {
                    Some(contact) if is_plain(&contact) => {
                        self.uri = contact;
                        true
                    }
                    _ => false,
                }
            }
            _ => false,
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "one use: it takes over everything the call being placed owned")]
async fn answered(
    stack: &Arc<Stack>,
    placing: &Placing,
    plan: Plan,
    attempt: Attempt,
    reply: &Reply,
    offer: String,
    events: &mpsc::Sender<OutgoingEvent>,
    slot: Slot,
    id: CallId,
) {
    let Some(message) = reply.message() else { return };
    let content = described(&message).ok().flatten();
    let (sender, received) = mpsc::channel(EVENTS_MAX);
    let Some(making) = making(stack, &plan, &attempt, &message, Owned { id, slot, events: sender, offer }) else {
        return;
    };
    let dialog = Dialog::new(making);
    dialog.acknowledge(attempt.cseq, reply, attempt.credentials.clone()).await;
    let call = CallControl::new(dialog, received);
    if placing.is_cancelled() {
        // The answer crossed our CANCEL: the call is up and dropping it hangs up.
        drop(call);
        let _ = events.send(OutgoingEvent::Failed { status: 487 }).await;
        return;
    }
    match content.map(Sdp::parse) {
        Some(Ok(sdp)) => {
            let _ = events.send(OutgoingEvent::Answered(Box::new(Answered { sdp, call }))).await;
        }
        _ => {
            // No description, no sound: nothing to talk with.
            call.hang_up(super::call::EndReason::NoAgreement);
            let _ = events.send(OutgoingEvent::Failed { status: 488 }).await;
        }
    }
}

/// What only the caller of `making` can give.
struct Owned {
    id: CallId,
    slot: Slot,
    events: mpsc::Sender<super::call::CallEvent>,
    offer: String,
}

fn making(stack: &Arc<Stack>, plan: &Plan, attempt: &Attempt, message: &Message<'_>, owned: Owned) -> Option<Making> {
    let remote = message.header("to")?.to_owned();
    let mut routes: Vec<String> = message.list("record-route").into_iter().map(str::to_owned).collect();
    // RFC 3261 12.1.2: for who called, the order is reversed.
    routes.reverse();
    Some(Making {
        id: owned.id,
        stack: stack.clone(),
        call_id: attempt.call_id.clone(),
        local_tag: attempt.local_tag.clone(),
        remote_tag: NameAddr::parse(&remote)?.tag().unwrap_or_default().to_owned(),
        local: format!("{};tag={}", plan.from, attempt.local_tag),
        remote,
        flow: plan.way.flow.clone(),
        peer: plan.way.to,
        trunk: plan.trunk,
        target: contact_of(message).unwrap_or_else(|| attempt.uri.clone()),
        routes,
        local_cseq: attempt.cseq,
        remote_cseq: None,
        local_sdp: owned.offer,
        remote_sdp_mark: described(message).ok().flatten().map(sdp_mark).unwrap_or_default(),
        unacknowledged: false,
        refresh: refresh::agreed_in_answer(message, Instant::now()),
        peer_does_update: message.lists("allow", "UPDATE"),
        events: owned.events,
        slot: owned.slot,
    })
}

/// A 2xx to an INVITE of ours that the library no longer knows: repeated because our ACK was lost, or from a second
/// telephone that answered too (RFC 3261 13.2.2.4). Whether it has been dealt with.
pub(crate) async fn is_repeated_answer(stack: &Arc<Stack>, message: &Message<'_>, bytes: &[u8], status: u16) -> bool {
    if !(200..300).contains(&status) {
        return false;
    }
    let Some((number, "INVITE")) = message.cseq() else { return false };
    let tag = |name| message.header(name).and_then(NameAddr::parse).and_then(|addr| addr.tag());
    let Some(dialog) = tag("from").and_then(|ours| stack.dialog(ours)) else { return false };
    if dialog.fits(message.header("call-id").unwrap_or_default(), tag("to").unwrap_or_default()) {
        return dialog.acknowledge_again(number).await;
    }
    if *dialog.call_id == *message.header("call-id").unwrap_or_default() {
        stack.runtime.spawn(turn_away(stack.clone(), bytes.to_vec(), number));
        return true;
    }
    false
}

/// Acknowledges and hangs up the second of two telephones that answered.
async fn turn_away(stack: Arc<Stack>, bytes: Vec<u8>, number: u32) {
    let Some(message) = Message::read(&bytes) else { return };
    let Some(target) = contact_of(&message) else { return };
    let Ok(way) = way_to_uri(&stack, &target).await else { return };
    let write = |method: &'static str, cseq: u32| {
        Asking {
            method,
            uri: &target,
            via: via_of_ours(way.flow.is_tcp(), way.flow.sent_by(), &branch()),
            from: message.header("from").unwrap_or_default().to_owned(),
            to: message.header("to").unwrap_or_default().to_owned(),
            call_id: message.header("call-id").unwrap_or_default(),
            cseq,
            routes: &[],
            rows: Vec::new(),
            body: None,
        }
        .write(&stack.settings.product)
    };
    way.flow.send(write("ACK", number), way.to).await;
    let _ = ask(&stack, write("BYE", number + 1), &way, |_, _| {}).await;
}

/// A user part from a number or name: visual separators go, anything that could end the user part is refused.
fn number_part(text: &str) -> Result<String, SipFault> {
    let who: String = text.chars().filter(|c| !matches!(c, ' ' | '(' | ')' | '-' | '.')).collect();
    let plain = !who.is_empty() && who.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '*' | '_' | '~'));
    if plain { Ok(who) } else { Err(SipFault::BadSetting { what: "the number cannot be called by SIP" }) }
}

fn quoted(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_control())
        .flat_map(|c| matches!(c, '"' | '\\').then_some('\\').into_iter().chain([c]))
        .collect()
}

/// Nothing in it can end a header row or an address in angle brackets.
fn is_plain(uri: &str) -> bool {
    !uri.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"'))
}
