//! Ringing somebody: an outgoing call on a leg beside the caller's, until it is answered or given up.
//! Whom to ring and what to say to them is `chain`, `interpreting` and `duties`.

use super::{OpenCall, SharedLine, agree};
use crate::media::{Codec, Leg, LegEvents, LegId, LegSettings};
use crate::sip::agreement::{self, LocalMedia};
use crate::sip::{CallingIdentity, OutgoingCall, OutgoingEvent, OutgoingTarget};
use caseline_model::Private;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// A telephone that rings. Dropping it gives the call up.
pub(super) struct Ringing {
    placed: OutgoingCall,
    leg: Leg,
    events: LegEvents,
    local: LocalMedia,
    deadline: Instant,
}

impl SharedLine {
    /// Rings a target for so long. `None` when nobody answered; the call is given up then.
    pub(super) async fn ring(&self, target: &str, beside: Option<LegId>, rings: Duration) -> Option<OpenCall> {
        self.dial(target, beside, rings).await?.answered().await
    }

    /// Sends the call on its way; it rings from now on for so long. `None` when it cannot be placed.
    pub(super) async fn dial(&self, target: &str, beside: Option<LegId>, rings: Duration) -> Option<Ringing> {
        let deadline = Instant::now() + rings;
        let target = self.target(target);
        let peer = match self.sip.address_of(&target).await {
            Ok(peer) => peer.ip(),
            Err(fault) => {
                tracing::warn!(%fault, "a number could not be rung");
                return None;
            }
        };
        let mut settings = LegSettings::new(Codec::Pcmu, peer);
        settings.beside = beside;
        let trunk = if let OutgoingTarget::Trunk { trunk, .. } = &target { Some(trunk.as_str()) } else { None };
        settings.trunk_networks = self.networks_of(trunk, peer);
        let (leg, events) = match self.media.open_leg(settings) {
            Ok(opened) => opened,
            Err(fault) => {
                tracing::error!(%fault, "no leg to ring somebody");
                return None;
            }
        };
        let local = LocalMedia::at(self.seen_from_outside(leg.local(), peer), u64::from(leg.local().port()));
        let identity = CallingIdentity { display: None, number: self.settings.own_number.clone() };
        match self.sip.call(target, identity, agreement::offer(&local)).await {
            Ok(placed) => Some(Ringing { placed, leg, events, local, deadline }),
            Err(fault) => {
                tracing::warn!(%fault, "a number could not be rung");
                None
            }
        }
    }

    /// A SIP address is rung as it is; a number goes over the trunk.
    fn target(&self, target: &str) -> OutgoingTarget {
        match &self.settings.trunk {
            Some(trunk) if !target.starts_with("sip:") => {
                OutgoingTarget::Trunk { trunk: trunk.clone(), number: Private::new(target.to_owned()) }
            }
            _ => OutgoingTarget::Uri(Private::new(target.to_owned())),
        }
    }
}

impl Ringing {
    /// Our leg of the call.
    pub(super) fn leg(&self) -> LegId {
        self.leg.id()
    }

    /// Waits for an answer; `None` when nobody answered in time.
    pub(super) async fn answered(mut self) -> Option<OpenCall> {
        loop {
            match timeout_at(self.deadline, self.placed.next_event()).await {
                Ok(Some(OutgoingEvent::Ringing(_))) => {}
                Ok(Some(OutgoingEvent::Answered(answered))) => {
                    let agreed = agreement::read_answer(&answered.sdp, &self.local).ok()?;
                    agree(&self.leg, &agreed);
                    let Self { leg, events, local, .. } = self;
                    return Some(OpenCall { control: answered.call, leg, events, local, voice_heard: false });
                }
                Ok(Some(OutgoingEvent::Failed { status })) => {
                    tracing::info!(status, "a number was rung in vain");
                    return None;
                }
                // Dropping the call gives it up.
                Ok(None) | Err(_) => return None,
            }
        }
    }
}
