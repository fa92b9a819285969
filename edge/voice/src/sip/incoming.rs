//! Requests that arrive: a new call, a cancelled one, a question whether we are there.
//! Requests inside a call that is up are `sip::in_dialog`; the sounds agreed on are `sip::agreement`.

use super::call::{CallControl, CallEvent, CallId, EVENTS_MAX, IncomingCall};
use super::dialog::{Dialog, Making, contact_of, contact_of_ours, sdp_mark};
use super::envelope;
use super::message::{Answer, Echo, SDP_TYPE, tag};
use super::refresh::{Asked, Refresh};
use super::sdp::Sdp;
use super::settings::{REFRESH_S_MIN, SipFault};
use super::sockets::{Flow, hand_over};
use super::stack::{Slot, Stack, locked};
use super::wire::{Address, Message, NameAddr, Via, unescaped};
use caseline_model::Private;
use rsipstack::platform::CancellationToken;
use rsipstack::sip::{Header, Request, SipMessage};
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use rsipstack::transaction::transaction::{TransactionEvent, TransactionEventSender};
use rsipstack::transaction::{Transaction, TransactionReceiver};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::sync::mpsc;

/// Name of the envelope's row that says which way the request came; it never reaches the wire.
const CAME: &str = "came";

/// How a request came, and what its answers repeat.
#[derive(Clone, Debug)]
pub(crate) struct Came {
    pub echo: Echo,
    pub from: SocketAddr,
    pub flow: Flow,
}

impl Came {
    fn of(stack: &Stack, transaction: &Transaction, message: &Message<'_>) -> Option<Self> {
        let row = transaction.original.headers.iter().find_map(|header| match header {
            Header::Other(name, value) if name == CAME => Some(value),
            _ => None,
        })?;
        let (index, from) = row.split_once(' ')?;
        let from: SocketAddr = from.parse().ok()?;
        let flow = match index.parse::<usize>() {
            Ok(index) => Flow::Udp(stack.udp.get(index)?.clone()),
            Err(_) => Flow::Tcp(stack.link(from)?),
        };
        Some(Self { echo: Echo::of(message)?, from, flow })
    }

    /// The wrapped answer.
    pub fn wrapped(&self, stack: &Stack, request: &Request, answer: &Answer) -> rsipstack::sip::Response {
        let bytes = self.echo.write(self.from, answer, &stack.settings.product);
        envelope::response_out(request, answer.status, answer.to_tag.as_deref(), bytes)
    }
}

/// A request that passed the doorkeeper. What needs no memory is answered without any (RFC 3261 8.2.7), so that a flood
/// of questions cannot fill the library's tables.
pub(crate) async fn take_request(
    stack: &Arc<Stack>,
    message: &Message<'_>,
    bytes: &[u8],
    flow: &Flow,
    from: SocketAddr,
) {
    let Some(echo) = Echo::of(message) else { return };
    let Some(mut request) = envelope::request_in(message, bytes, echo.answer_to(from)) else { return };
    if let Some(mut answer) = answer_at_once(stack, message).filter(|_| !is_repeat(stack, &request)) {
        answer.to_tag = answer.to_tag.or_else(|| Some(stack.standing_tag()));
        let bytes = echo.write(from, &answer, &stack.settings.product);
        return flow.send(bytes, echo.answer_to(from)).await;
    }
    let way = match flow {
        Flow::Udp(port) => {
            stack.udp.iter().position(|ours| Arc::ptr_eq(ours, port)).map_or_else(String::new, |at| at.to_string())
        }
        Flow::Tcp(_) => String::from("tcp"),
    };
    request.headers.push(Header::Other(CAME.to_owned(), format!("{way} {from}")));
    hand_over(stack, SipMessage::Request(request), flow, from).await;
}

/// Whether the library already has an answer to this very request, for instance a BYE whose 200 was lost.
fn is_repeat(stack: &Stack, request: &Request) -> bool {
    if matches!(request.method, rsipstack::sip::Method::Cancel | rsipstack::sip::Method::Ack) {
        return false;
    }
    TransactionKey::from_request(request, TransactionRole::Server).is_ok_and(|key| {
        stack.endpoint.finished_transactions.with(|held| held.contains_key(&key))
            || stack.endpoint.transactions.with(|held| held.contains_key(&key))
    })
}

fn answer_at_once(stack: &Arc<Stack>, message: &Message<'_>) -> Option<Answer> {
    let method = message.method()?;
    match method {
        "CANCEL" => return Some(cancel(stack, message)),
        "ACK" => return None,
        _ => {}
    }
    if tag_of(message, "to").is_some() {
        return match dialog_of(stack, message) {
            Some(_) if stack.is_flooded() => Some(busy(stack)),
            Some(_) => None,
            None => Some(Answer::new(481)),
        };
    }
    match method {
        "INVITE" => match invite_key(message).and_then(|key| stack.invite(&key)) {
            // RFC 3261 8.2.2.2: the same request by two ways is a loop for whoever sees both.
            Some(held) if held.branch != branch_of(message) => Some(Answer::new(482)),
            Some(_) => None,
            None => (!stack.has_room() || stack.is_flooded()).then(|| busy(stack)),
        },
        "OPTIONS" => Some(capabilities()),
        // BYE, UPDATE, INFO live inside calls only.
        _ => Some(Answer::new(481)),
    }
}

fn busy(stack: &Stack) -> Answer {
    Answer::new(503).row(format!("Retry-After: {}", stack.settings.retry_after_s))
}

/// The call that a request belongs to.
fn dialog_of(stack: &Stack, message: &Message<'_>) -> Option<Arc<Dialog>> {
    let dialog = stack.dialog(tag_of(message, "to")?)?;
    dialog.fits(message.header("call-id")?, tag_of(message, "from").unwrap_or_default()).then_some(dialog)
}

/// Takes new transactions from the library until it stops.
pub(crate) async fn serve(stack: Arc<Stack>, mut arriving: TransactionReceiver) {
    loop {
        let next = tokio::select! {
            () = stack.closing.cancelled() => return,
            next = arriving.recv() => next,
        };
        let Some(transaction) = next else { return };
        serve_one(&stack, transaction).await;
    }
}

async fn serve_one(stack: &Arc<Stack>, transaction: Transaction) {
    let bytes = transaction.original.body.clone();
    let Some(message) = Message::read(&bytes) else { return };
    let Some(came) = Came::of(stack, &transaction, &message) else { return };
    if tag_of(&message, "to").is_some() {
        return match dialog_of(stack, &message) {
            Some(dialog) => super::in_dialog::serve(dialog, transaction, came, &message).await,
            // It ended between the door and here.
            None => reply(stack, transaction, &came, Answer::new(481)).await,
        };
    }
    new_call(stack, transaction, came, &message).await;
}

/// What OPTIONS is answered with: the same as an INVITE would get, without a call.
pub(crate) fn capabilities() -> Answer {
    Answer::new(200).row(format!("Accept: {SDP_TYPE}")).row("Accept-Language: en, es, ht")
}

/// Answers and lets the transaction go; an INVITE's refusal waits for its ACK in a task of its own.
pub(crate) async fn reply(stack: &Arc<Stack>, mut transaction: Transaction, came: &Came, mut answer: Answer) {
    answer.to_tag = answer.to_tag.or_else(|| Some(tag()));
    let response = came.wrapped(stack, &transaction.original, &answer);
    if transaction.respond(response).await.is_err() {
        tracing::debug!(status = answer.status, "an answer could not be sent");
        return;
    }
    if transaction.original.method == rsipstack::sip::Method::Invite {
        // The first thing it hears is the ACK; repeats of that are absorbed by what the library remembers.
        stack.runtime.spawn(async move { transaction.receive().await });
    }
}

async fn new_call(stack: &Arc<Stack>, transaction: Transaction, came: Came, message: &Message<'_>) {
    let content = match described(message) {
        Ok(content) => content,
        Err(answer) => return reply(stack, transaction, &came, *answer).await,
    };
    let asked = Asked::of(message);
    if asked.is_too_short() {
        return reply(stack, transaction, &came, Answer::new(422).row(format!("Min-SE: {REFRESH_S_MIN}"))).await;
    }
    let (slot, place) = (stack.slot(), stack.calls.clone().try_reserve_owned());
    let (Some(slot), Ok(place)) = (slot, place) else {
        return reply(stack, transaction, &came, busy(stack)).await;
    };
    let Some(key) = invite_key(message) else { return };
    let (refresh, refresh_rows) = asked.agreed(stack.settings.refresh_every, Instant::now());
    let local_tag = tag();
    let to = message.header("to").unwrap_or_default();
    let from_value = message.header("from").unwrap_or_default();
    // RFC 2543 telephones send no Contact: then From is the only address there is.
    let target =
        contact_of(message).or_else(|| NameAddr::parse(from_value).map(|from| from.uri.to_owned())).unwrap_or_default();
    let routes = message.list("record-route").into_iter().map(str::to_owned).collect();
    let pending = Arc::new(Pending {
        id: stack.new_call_id(),
        stack: stack.clone(),
        branch: branch_of(message),
        request: transaction.original.clone().into(),
        sender: transaction.tu_sender.clone(),
        call_id: message.header("call-id").unwrap_or_default().to_owned(),
        local: format!("{to};tag={local_tag}"),
        local_tag,
        remote: from_value.to_owned(),
        remote_tag: tag_of(message, "from").unwrap_or_default().to_owned(),
        target,
        routes,
        remote_cseq: message.cseq().map(|(number, _)| number),
        remote_sdp_mark: sdp_mark(content.unwrap_or_default()),
        peer_does_update: message.lists("allow", "UPDATE"),
        refresh,
        refresh_rows,
        came,
        gone: CancellationToken::new(),
        stage: Mutex::new(Stage::Waiting(slot)),
    });
    let offer = match content.map(Sdp::parse) {
        None => None,
        Some(Ok(sdp)) => Some(sdp),
        Some(Err(_)) => return reply(stack, transaction, &pending.came, Answer::new(400)).await,
    };
    let waits_for_answer = offer.is_none();
    stack.add_invite(key.clone(), pending.clone());
    place.send(IncomingCall {
        id: pending.id,
        caller_number: caller_of(message).map(Private::new),
        called: called_of(message),
        peer: pending.came.from,
        behind_nat: is_translated(message, pending.came.from),
        trunk: stack.trunk_at(pending.came.from.ip()),
        offer,
        pending: Some(pending.clone()),
    });
    stack.runtime.spawn(follow(pending, transaction, key, waits_for_answer));
}

/// Follows an INVITE's transaction to its end: Trying, our answers, the ACK.
async fn follow(pending: Arc<Pending>, mut transaction: Transaction, key: String, waits_for_answer: bool) {
    let stack = pending.stack.clone();
    let trying = pending.came.wrapped(&stack, &transaction.original, &Answer::new(100));
    // Without Trying the caller only repeats the INVITE; the call can still be had.
    let _ = transaction.respond(trying).await;
    let mut acknowledged = false;
    while let Some(message) = transaction.receive().await {
        let SipMessage::Request(request) = message else { continue };
        if request.method != rsipstack::sip::Method::Ack {
            continue;
        }
        acknowledged = true;
        if let Some(dialog) = pending.dialog() {
            dialog.acknowledged();
            if waits_for_answer {
                tell_answer(&dialog, &request.body);
            }
        }
        break;
    }
    stack.remove_invite(&key);
    if let Some(dialog) = pending.dialog().filter(|_| !acknowledged) {
        dialog.acknowledged();
        dialog.tell(CallEvent::Unacknowledged);
    }
}

/// The description in an ACK answers the offer in our 2xx.
pub(crate) fn tell_answer(dialog: &Arc<Dialog>, bytes: &[u8]) {
    let Some(message) = Message::read(bytes) else { return };
    match described(&message) {
        Ok(Some(content)) if let Ok(sdp) = Sdp::parse(content) => {
            dialog.with(|state| state.remote_sdp_mark = sdp_mark(content));
            dialog.tell(CallEvent::Answer(Box::new(sdp)));
        }
        // RFC 3264 5: no answer, no sound. The owner sees it as silence and ends the call.
        _ => tracing::debug!(call = %dialog.id, "the acknowledgement brought no description"),
    }
}

/// An INVITE that rings here.
pub(crate) struct Pending {
    id: CallId,
    stack: Arc<Stack>,
    pub branch: String,
    request: Box<Request>,
    sender: TransactionEventSender,
    call_id: String,
    local: String,
    local_tag: String,
    remote: String,
    remote_tag: String,
    target: String,
    routes: Vec<String>,
    remote_cseq: Option<u32>,
    remote_sdp_mark: u64,
    peer_does_update: bool,
    refresh: Option<Refresh>,
    refresh_rows: Vec<String>,
    came: Came,
    gone: CancellationToken,
    stage: Mutex<Stage>,
}

#[derive(Debug)]
enum Stage {
    Waiting(Slot),
    Answered(Arc<Dialog>),
    Over,
}

impl Pending {
    pub fn ringing(&self) {
        if matches!(*locked(&self.stage), Stage::Waiting(_)) {
            self.respond(Answer::new(180).row(format!("Contact: {}", contact_of_ours(&self.came.flow))));
        }
    }

    pub fn answer(&self, local_sdp: String) -> Result<CallControl, SipFault> {
        let mut stage = locked(&self.stage);
        let slot = match std::mem::replace(&mut *stage, Stage::Over) {
            Stage::Waiting(slot) => slot,
            other => {
                *stage = other;
                return Err(SipFault::Over);
            }
        };
        let (events, received) = mpsc::channel(EVENTS_MAX);
        let now = Instant::now();
        let dialog = Dialog::new(Making {
            id: self.id,
            stack: self.stack.clone(),
            call_id: self.call_id.clone(),
            local_tag: self.local_tag.clone(),
            remote_tag: self.remote_tag.clone(),
            local: self.local.clone(),
            remote: self.remote.clone(),
            flow: self.came.flow.clone(),
            peer: self.came.from,
            trunk: None,
            target: self.target.clone(),
            routes: self.routes.clone(),
            local_cseq: 0,
            remote_cseq: self.remote_cseq,
            local_sdp: local_sdp.clone(),
            remote_sdp_mark: self.remote_sdp_mark,
            unacknowledged: true,
            refresh: self.refresh.map(|refresh| Refresh::new(refresh.every_s, refresh.ours, now)),
            peer_does_update: self.peer_does_update,
            events,
            slot,
        });
        *stage = Stage::Answered(dialog.clone());
        let mut answer = Answer::new(200).row(format!("Contact: {}", contact_of_ours(&self.came.flow)));
        for route in &self.routes {
            answer = answer.row(format!("Record-Route: {route}"));
        }
        answer.rows.extend(self.refresh_rows.iter().cloned());
        answer.body = Some(local_sdp);
        self.respond(answer);
        Ok(CallControl::new(dialog, received))
    }

    pub fn reject(&self, status: u16, retry_after_s: Option<u32>) {
        // Only refusals: a wrong number here must not leave the caller without an answer.
        let status = if (300..700).contains(&status) { status } else { 480 };
        if self.leave() {
            let mut answer = Answer::new(status);
            if let Some(seconds) = retry_after_s {
                answer = answer.row(format!("Retry-After: {seconds}"));
            }
            self.respond(answer);
        }
    }

    pub async fn cancelled(&self) {
        self.gone.cancelled().await;
    }

    /// The caller gave up; 487 unless the call has been answered already.
    fn cancel(&self) {
        if self.leave() {
            self.gone.cancel();
            self.respond(Answer::new(487));
        }
    }

    fn leave(&self) -> bool {
        let mut stage = locked(&self.stage);
        let waiting = matches!(*stage, Stage::Waiting(_));
        if waiting {
            *stage = Stage::Over;
        }
        waiting
    }

    fn dialog(&self) -> Option<Arc<Dialog>> {
        match &*locked(&self.stage) {
            Stage::Answered(dialog) => Some(dialog.clone()),
            Stage::Waiting(_) | Stage::Over => None,
        }
    }

    fn respond(&self, mut answer: Answer) {
        answer.to_tag = Some(self.local_tag.clone());
        let response = self.came.wrapped(&self.stack, &self.request, &answer);
        // The transaction's task has ended only when the call is over.
        let _ = self.sender.send(TransactionEvent::Respond(response));
    }
}

/// CANCEL is answered on its own (RFC 3261 9.2); the INVITE then gets its 487.
fn cancel(stack: &Stack, message: &Message<'_>) -> Answer {
    let held = invite_key(message).and_then(|key| stack.invite(&key)).filter(|held| held.branch == branch_of(message));
    match held {
        Some(held) => {
            held.cancel();
            Answer { to_tag: Some(held.local_tag.clone()), ..Answer::new(200) }
        }
        None => Answer { to_tag: Some(stack.standing_tag()), ..Answer::new(481) },
    }
}

/// The description in a message, alone or in a multipart body; `Ok(None)` when there is no body.
pub(crate) fn described<'m>(message: &'m Message<'_>) -> Result<Option<&'m [u8]>, Box<Answer>> {
    if let Some(coding) = message.header("content-encoding").filter(|coding| !coding.eq_ignore_ascii_case("identity")) {
        tracing::debug!(length = coding.len(), "a body in a coding that we do not read");
        return Err(Box::new(Answer::new(415).row("Accept-Encoding: identity").row(format!("Accept: {SDP_TYPE}"))));
    }
    let accepted = message.list("accept");
    let takes_sdp = |kind: &str| {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        [SDP_TYPE, "application/*", "*/*"].iter().any(|ours| kind.eq_ignore_ascii_case(ours))
    };
    if !accepted.is_empty() && message.method() == Some("INVITE") && !accepted.iter().any(|kind| takes_sdp(kind)) {
        return Err(Box::new(Answer::new(406)));
    }
    if message.body.is_empty() {
        return Ok(None);
    }
    let unsupported = || Box::new(Answer::new(415).row(format!("Accept: {SDP_TYPE}")));
    let kind = message.header("content-type").unwrap_or(SDP_TYPE);
    let name = kind.split(';').next().unwrap_or_default().trim();
    if name.eq_ignore_ascii_case(SDP_TYPE) {
        return Ok(Some(message.body));
    }
    if name.to_ascii_lowercase().starts_with("multipart/") {
        return part(kind, message.body).map(Some).ok_or_else(unsupported);
    }
    Err(unsupported())
}

/// The SDP part of a multipart body (carriers add ISUP beside it).
fn part<'b>(kind: &str, body: &'b [u8]) -> Option<&'b [u8]> {
    let boundary =
        super::wire::params(kind.split_once(';')?.1).find(|(name, _)| name.eq_ignore_ascii_case("boundary"))?.1;
    let mark = format!("--{}", boundary.trim_matches('"'));
    let starts: Vec<usize> =
        body.windows(mark.len()).enumerate().filter(|(_, at)| *at == mark.as_bytes()).map(|(at, _)| at).collect();
    starts.windows(2).find_map(|pair| {
        let whole = body.get(pair.first()? + mark.len()..*pair.last()?)?;
        let (end, begin) = super::wire::header_end(whole)?;
        let head = std::str::from_utf8(whole.get(..end)?).ok()?;
        let is_sdp = head.lines().any(|row| {
            row.split_once(':').is_some_and(|(name, value)| {
                name.trim().eq_ignore_ascii_case("content-type")
                    && value.trim().to_ascii_lowercase().starts_with(SDP_TYPE)
            })
        });
        is_sdp.then(|| whole.get(begin..)).flatten()
    })
}

fn tag_of<'m>(message: &'m Message<'_>, name: &str) -> Option<&'m str> {
    NameAddr::parse(message.header(name)?)?.tag()
}

fn branch_of(message: &Message<'_>) -> String {
    message.header("via").and_then(Via::parse).and_then(|via| via.branch).unwrap_or_default().to_owned()
}

/// What INVITE, its repeats by other ways and its CANCEL have in common.
pub(crate) fn invite_key(message: &Message<'_>) -> Option<String> {
    let (number, _) = message.cseq()?;
    Some(format!("{number} {} {}", tag_of(message, "from").unwrap_or_default(), message.header("call-id")?))
}

/// Whether a router translates addresses between the sender and us: the address that it wrote into its Via is not the
/// one from which the packet came (RFC 3581 section 4). A name in Via tells nothing.
fn is_translated(message: &Message<'_>, from: SocketAddr) -> bool {
    let host = message.header("via").and_then(Via::parse).map(|via| via.host.trim_matches(['[', ']']).to_owned());
    let written: Option<std::net::IpAddr> = host.and_then(|host| host.parse().ok());
    written.is_some_and(|written| written.to_canonical() != from.ip().to_canonical())
}

/// The caller's number, unless withheld (RFC 3323, RFC 3325).
fn caller_of(message: &Message<'_>) -> Option<String> {
    let withheld = message
        .all("privacy")
        .flat_map(|value| value.split([';', ',']))
        .any(|wish| ["id", "user", "header", "full"].iter().any(|kind| wish.trim().eq_ignore_ascii_case(kind)));
    if withheld {
        return None;
    }
    let asserted = message.list("p-asserted-identity").into_iter().next();
    let addr = NameAddr::parse(asserted.or_else(|| message.header("from"))?)?;
    let address = Address::parse(addr.uri)?;
    // `%61nonymous` is the same word (RFC 3261 19.1.4).
    let who = address.who.map(unescaped);
    let hidden = address.host.eq_ignore_ascii_case("anonymous.invalid")
        || who.as_ref().is_none_or(|who| {
            ["anonymous", "restricted", "unavailable", "unknown"].iter().any(|word| who.eq_ignore_ascii_case(word))
        });
    if hidden { None } else { who }
}

/// Reads what a request says beside its own headers: who calls whom, behind what, and the description in its body. The
/// part of the fuzz target of messages that is about calls.
pub(super) fn callers_never_panic(message: &Message<'_>, from: SocketAddr) {
    let _ = (called_of(message), branch_of(message), invite_key(message), is_translated(message, from));
    if let Some(number) = caller_of(message) {
        assert!(!number.eq_ignore_ascii_case("anonymous"), "who is withheld has no number");
    }
    if let Ok(Some(described)) = described(message) {
        assert!(described.len() <= message.body.len());
    }
}

fn called_of(message: &Message<'_>) -> String {
    let uri = match message.start {
        super::wire::Start::Request { uri, .. } => uri,
        super::wire::Start::Status { .. } => "",
    };
    Address::parse(uri).and_then(|address| address.who).map(unescaped).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(rows: &str) -> Option<String> {
        let text = format!("INVITE sip:line@192.0.2.1 SIP/2.0\r\n{rows}\r\n\r\n");
        caller_of(&Message::read(text.as_bytes()).unwrap())
    }

    #[test]
    fn a_caller_who_withholds_the_number_has_none_however_the_word_is_written() {
        assert_eq!(caller("From: <sip:+12025550123@192.0.2.9>;tag=1").as_deref(), Some("+12025550123"));
        for rows in [
            "From: <sip:anonymous@192.0.2.9>;tag=1",
            "From: <sip:%61nonymous@192.0.2.9>;tag=1",
            "From: <sip:Unavailabl%65@192.0.2.9>;tag=1",
            "From: <sip:+12025550123@anonymous.invalid>;tag=1",
            "From: <sip:+12025550123@192.0.2.9>;tag=1\r\nPrivacy: id",
        ] {
            assert_eq!(caller(rows), None, "{rows}");
        }
    }
}
