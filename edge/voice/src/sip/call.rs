//! A call as the rest of the helpline sees it: one that comes in, one that we place, one that is up.
//! The messages behind it are `sip::dialog`; sound is the media engine's.

use super::dialog::Dialog;
use super::incoming::Pending;
use super::outgoing::Placing;
use super::sdp::{Sdp, SdpAnswer, SdpOffer};
use super::settings::SipFault;
use caseline_model::Private;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Events that may wait for the owner of a call; more are keys, which are then lost like keys on a dead line.
pub const EVENTS_MAX: usize = 32;

/// Our own number of a call in this run of the program; it tells nothing about anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId(pub u64);

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "call-{}", self.0)
    }
}

/// Somebody is calling. Dropped without an answer, it is refused with 480.
pub struct IncomingCall {
    /// Our number of the call.
    pub id: CallId,
    /// The caller's number or address from P-Asserted-Identity, else From; `None` when withheld.
    pub caller_number: Option<Private<String>>,
    /// Which of our numbers was called: the user part of the Request-URI, unescaped.
    pub called: String,
    /// Where the request came from (the trunk or telephone, not the person).
    pub peer: SocketAddr,
    /// The top Via names another address than the packet came from: a router translates between us (RFC 3581).
    pub behind_nat: bool,
    /// The trunk at whose host the request came from, by its name in the settings.
    pub trunk: Option<String>,
    /// The peer's offer; `None` when it wants ours in the answer.
    pub offer: Option<SdpOffer>,
    pub(super) pending: Option<Arc<Pending>>,
}

impl IncomingCall {
    /// Tells the caller that it rings (180). May be called more than once.
    pub fn ringing(&self) {
        if let Some(pending) = &self.pending {
            pending.ringing();
        }
    }

    /// Answers with our description: the answer to `offer`, or an offer of ours when there was none (then the
    /// caller's answer arrives as `CallEvent::Answer`).
    ///
    /// # Errors
    /// `SipFault::Over` when the caller gave up meanwhile.
    pub fn answer(mut self, local_sdp: String) -> Result<CallControl, SipFault> {
        let pending = self.pending.take().ok_or(SipFault::Over)?;
        pending.answer(local_sdp)
    }

    /// Refuses, with the seconds after which trying again makes sense.
    pub fn reject(mut self, status: u16, retry_after_s: Option<u32>) {
        if let Some(pending) = self.pending.take() {
            pending.reject(status, retry_after_s);
        }
    }

    /// Returns when the caller gave up before an answer.
    pub async fn cancelled(&self) {
        match &self.pending {
            Some(pending) => pending.cancelled().await,
            None => std::future::pending().await,
        }
    }
}

impl Drop for IncomingCall {
    fn drop(&mut self) {
        if let Some(pending) = self.pending.take() {
            pending.reject(480, None);
        }
    }
}

impl fmt::Debug for IncomingCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingCall")
            .field("id", &self.id)
            .field("offer", &self.offer.is_some())
            .finish_non_exhaustive()
    }
}

/// Who ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// The other telephone, with BYE.
    Peer,
    /// We did.
    Us,
    /// Nobody did: the peer stopped refreshing or answers that it does not know the call.
    Lost,
}

/// Why a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// Hung up in the normal way.
    HungUp,
    /// The peer did not refresh within the agreed interval (RFC 4028), or answered ours with 408 or 481.
    NotRefreshed,
    /// We are stopping.
    ShuttingDown,
    /// The owner ended it because no sound came any more.
    NoMedia,
    /// Nothing could be agreed about sound.
    NoAgreement,
}

/// What happens in a call that is up.
#[derive(Debug)]
pub enum CallEvent {
    /// It is over; nothing follows.
    Ended {
        /// Who ended it.
        by: EndedBy,
        /// Why.
        reason: EndReason,
    },
    /// The peer wants to change something: hold, resume, another address. Answer it with `Reoffer::answer`.
    Reoffer(Box<Reoffer>),
    /// The peer's answer to an offer that we made in a 2xx (delayed offer).
    Answer(Box<SdpAnswer>),
    /// A key by SIP INFO: 0-9, `*`, `#`, A-D.
    Digit(char),
    /// The peer never acknowledged our answer within 32 s. The call stays up: whoever sees the media decides.
    Unacknowledged,
}

/// A change proposed by the peer. Dropped unanswered it is refused with 488 and everything stays as it was.
#[derive(Debug)]
pub struct Reoffer {
    /// What it proposes.
    pub offer: SdpOffer,
    pub(super) reply: oneshot::Sender<Option<String>>,
}

impl Reoffer {
    /// Accepts with our description.
    pub fn answer(self, local_sdp: String) {
        // The peer may have given up meanwhile; then there is nobody to tell.
        let _ = self.reply.send(Some(local_sdp));
    }

    /// Refuses the change (488); the call goes on unchanged.
    pub fn refuse(self) {
        let _ = self.reply.send(None);
    }
}

/// The owner's end of a call that is up. Dropping it hangs up.
#[derive(Debug)]
pub struct CallControl {
    handle: CallHandle,
    events: mpsc::Receiver<CallEvent>,
    over: bool,
}

impl CallControl {
    pub(super) fn new(dialog: Arc<Dialog>, events: mpsc::Receiver<CallEvent>) -> Self {
        Self { handle: CallHandle { dialog }, events, over: false }
    }

    /// Our number of the call.
    pub fn id(&self) -> CallId {
        self.handle.id()
    }

    /// Whether the call has ended, without waiting for the event.
    pub fn is_over(&self) -> bool {
        self.over || self.handle.dialog.end_of_call().is_some()
    }

    /// A handle that others may keep to hang up or change the call.
    pub fn handle(&self) -> CallHandle {
        self.handle.clone()
    }

    /// The next event; `None` after `Ended`. Safe to use in `select!`.
    pub async fn next_event(&mut self) -> Option<CallEvent> {
        if self.over {
            return None;
        }
        match self.events.recv().await {
            Some(event) => {
                self.over = matches!(event, CallEvent::Ended { .. });
                Some(event)
            }
            None => {
                // The channel was full when the call ended; the reason is kept in the dialog.
                self.over = true;
                let (by, reason) = self.handle.dialog.end_of_call().unwrap_or((EndedBy::Lost, EndReason::HungUp));
                Some(CallEvent::Ended { by, reason })
            }
        }
    }

    /// Hangs up with BYE; at once, without waiting for the peer.
    pub fn hang_up(&self, reason: EndReason) {
        self.handle.hang_up(reason);
    }

    /// Proposes a change (hold, another address) and returns the peer's answer.
    ///
    /// # Errors
    /// `SipFault::Refused` with the peer's status; the call is unchanged then.
    pub async fn reinvite(&self, local_sdp: String) -> Result<Sdp, SipFault> {
        self.handle.reinvite(local_sdp).await
    }
}

impl Drop for CallControl {
    fn drop(&mut self) {
        self.handle.hang_up(EndReason::HungUp);
    }
}

/// A shared handle to a call that is up; dropping it does nothing.
#[derive(Clone, Debug)]
pub struct CallHandle {
    dialog: Arc<Dialog>,
}

impl CallHandle {
    /// Our number of the call.
    pub fn id(&self) -> CallId {
        self.dialog.id
    }

    /// Hangs up with BYE; a second time does nothing.
    pub fn hang_up(&self, reason: EndReason) {
        self.dialog.hang_up(reason);
    }

    /// As `CallControl::reinvite`.
    ///
    /// # Errors
    /// See there.
    pub async fn reinvite(&self, local_sdp: String) -> Result<Sdp, SipFault> {
        self.dialog.clone().reinvite(local_sdp).await
    }
}

/// Whom to call.
#[derive(Clone, Debug)]
pub enum OutgoingTarget {
    /// A whole SIP address, for instance a telephone in the office network.
    Uri(Private<String>),
    /// A number through one of the trunks.
    Trunk {
        /// The trunk's name in the settings.
        trunk: String,
        /// The number as the trunk wants it.
        number: Private<String>,
    },
}

/// Who calls, as the called party sees it.
#[derive(Clone, Debug, Default)]
pub struct CallingIdentity {
    /// Display name, for instance the operator's name.
    pub display: Option<String>,
    /// User part of From: one of our numbers; through a trunk the account by default.
    pub number: Option<String>,
}

/// A call that we place. Dropping it before an answer cancels it.
#[derive(Debug)]
pub struct OutgoingCall {
    /// Our number of the call.
    pub id: CallId,
    pub(super) events: mpsc::Receiver<OutgoingEvent>,
    pub(super) placing: Arc<Placing>,
}

impl OutgoingCall {
    /// The next event; `None` after `Answered` or `Failed`.
    pub async fn next_event(&mut self) -> Option<OutgoingEvent> {
        self.events.recv().await
    }

    /// Gives up (CANCEL). `Failed` with 487 follows, or `Answered` never does: an answer that crosses is hung up.
    pub fn cancel(&self) {
        self.placing.cancel();
    }
}

impl Drop for OutgoingCall {
    fn drop(&mut self) {
        self.placing.cancel();
    }
}

/// What happens to a call that we place.
#[derive(Debug)]
pub enum OutgoingEvent {
    /// It rings there; with a description when the peer already sends sound (183).
    Ringing(Option<Box<Sdp>>),
    /// Somebody, or something, answered.
    Answered(Box<Answered>),
    /// It came to nothing.
    Failed {
        /// The final SIP status: the peer's, 408 without any answer, 487 when cancelled.
        status: u16,
    },
}

/// An answered outgoing call.
#[derive(Debug)]
pub struct Answered {
    /// The peer's description.
    pub sdp: SdpAnswer,
    /// The call.
    pub call: CallControl,
}
