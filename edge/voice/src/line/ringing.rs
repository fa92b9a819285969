//! Ringing somebody: an outgoing call on a leg beside the caller's, until it is answered or given up.
//! Whom to ring and what to say to them is `chain` and `duties`.

use super::{OpenCall, SharedLine, agree};
use crate::media::{Codec, LegId, LegSettings};
use crate::sip::agreement::{self, LocalMedia};
use crate::sip::{CallingIdentity, OutgoingEvent, OutgoingTarget};
use caseline_model::Private;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

impl SharedLine {
    /// Rings a target for so long. `None` when nobody answered; the call is given up then.
    pub(super) async fn ring(&self, target: &str, beside: Option<LegId>, rings: Duration) -> Option<OpenCall> {
        let deadline = Instant::now() + rings;
        let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let mut settings = LegSettings::new(Codec::Pcmu, host_of(target).unwrap_or(unknown));
        settings.beside = beside;
        let (leg, events) = match self.media.open_leg(settings) {
            Ok(opened) => opened,
            Err(fault) => {
                tracing::error!(%fault, "no leg to ring somebody");
                return None;
            }
        };
        let peer = host_of(target).unwrap_or(unknown);
        let local = LocalMedia::at(self.seen_from_outside(leg.local(), peer), u64::from(leg.local().port()));
        let identity = CallingIdentity { display: None, number: self.settings.own_number.clone() };
        let placed = self.sip.call(self.target(target), identity, agreement::offer(&local)).await;
        let mut placed = match placed {
            Ok(placed) => placed,
            Err(fault) => {
                tracing::warn!(%fault, "a number could not be rung");
                return None;
            }
        };
        loop {
            match timeout_at(deadline, placed.next_event()).await {
                Ok(Some(OutgoingEvent::Ringing(_))) => {}
                Ok(Some(OutgoingEvent::Answered(answered))) => {
                    let agreed = agreement::read_answer(&answered.sdp, &local).ok()?;
                    agree(&leg, &agreed);
                    return Some(OpenCall { control: answered.call, leg, events, local, voice_heard: false });
                }
                Ok(Some(OutgoingEvent::Failed { status })) => {
                    tracing::info!(status, "a number was rung in vain");
                    return None;
                }
                Ok(None) => return None,
                Err(_) => {
                    placed.cancel();
                    return None;
                }
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

/// The address in `sip:NAME@HOST:PORT`, when it is written as a number.
fn host_of(target: &str) -> Option<IpAddr> {
    let rest = target.strip_prefix("sip:")?;
    let host = rest.rsplit('@').next()?.split(';').next()?;
    host.parse().ok().or_else(|| host.rsplit_once(':').and_then(|(host, _)| host.trim_matches(['[', ']']).parse().ok()))
}
