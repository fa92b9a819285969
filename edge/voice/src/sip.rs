//! Signalling: calls that come in, calls that we place, calls that are up, by SIP over UDP and TCP.
//! Sound is the media engine's; what is said on the line is the conversation's. Built on `rsipstack` for transactions
//! (docs/decisions/0001-sip-stack.md); nothing of that library is visible outside of this module.

pub mod agreement;
pub mod bench;
pub mod call;
pub mod prefilter;
pub mod registration;
pub mod sdp;
pub mod server;
pub mod settings;

mod asking;
mod dialog;
#[cfg(test)]
mod dialog_tests;
mod digest;
mod envelope;
mod framing;
mod in_dialog;
mod incoming;
mod key_info;
mod message;
mod never_panic;
mod outgoing;
mod refresh;
mod sockets;
mod stack;
mod wire;

pub use agreement::{Agreed, Codec, LocalMedia, NoAgreement};
pub use call::{
    Answered, CallControl, CallEvent, CallHandle, CallId, CallingIdentity, EndReason, EndedBy, IncomingCall,
    OutgoingCall, OutgoingEvent, OutgoingTarget, Reoffer,
};
pub use never_panic::{answers_never_panic, messages_never_panic, networks_never_panic, streams_never_panic};
pub use registration::{Registration, RegistrationState};
pub use sdp::{Direction, Sdp, SdpAnswer, SdpFault, SdpMedia, SdpOffer};
pub use server::SipServer;
pub use settings::{Network, Secret, SipFault, SipSettings, Trunk};

/// Log target of the SIP library. It writes whole messages, numbers included, so a program that logs must switch it off:
/// let nothing through whose target this begins (`is_silenced`).
pub const SILENCED_TARGET: &str = "rsipstack";

/// Whether a log row of this target must not be written.
pub fn is_silenced(target: &str) -> bool {
    target.strip_prefix(SILENCED_TARGET).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}
