//! Keeps our account at a trunk registered (RFC 3261 10): at start, before it expires, after the trunk was away.
//! Which trunks there are is `sip::settings`; calls through them are `sip::outgoing`.

use super::asking::{Reply, ask};
use super::digest;
use super::message::{Asking, branch, tag, via_of_ours};
use super::outgoing::{host_of, way_to_trunk};
use super::settings::{SipFault, Trunk};
use super::stack::{Stack, locked};
use super::wire::{Message, NameAddr, params};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// First pause after a failure; it doubles up to the longest.
const PAUSE_FIRST: Duration = Duration::from_secs(2);
/// Longest pause between tries.
const PAUSE_MAX: Duration = Duration::from_secs(120);
/// Tries with credentials in one round: a challenge, a stale nonce, a longer interval.
const TRIES_MAX: u8 = 4;

/// How a trunk stands, for `doctor` and the metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistrationState {
    /// Not asked for in the settings; with pings on, whether the last one was answered.
    NotAskedFor {
        /// `None` before the first ping or with pings off.
        answers: Option<bool>,
    },
    /// The first try is under way.
    Trying,
    /// Registered.
    Registered {
        /// Seconds the trunk granted.
        expires_s: u32,
    },
    /// Refused or unanswered; tried again after a pause.
    Failed {
        /// The status, 408 when nothing came, 0 when the host has no address.
        status: u16,
        /// Tries that failed in a row.
        failures: u32,
    },
    /// Taken back because we stopped.
    Removed,
}

/// One trunk's registration.
#[derive(Debug)]
pub struct Registration {
    /// The trunk's name.
    pub trunk: String,
    index: usize,
    state: Mutex<RegistrationState>,
    identity: (String, String),
    cseq: Mutex<u32>,
    changed: Notify,
}

impl Registration {
    pub(crate) fn new(index: usize, trunk: &Trunk) -> Self {
        let state =
            if trunk.register { RegistrationState::Trying } else { RegistrationState::NotAskedFor { answers: None } };
        Self {
            trunk: trunk.name.clone(),
            index,
            state: Mutex::new(state),
            // A new Call-ID at each start: a registrar that still knows the old one takes ours as a new binding.
            identity: (tag(), tag()),
            cseq: Mutex::new(0),
            changed: Notify::new(),
        }
    }

    /// How it stands now.
    pub fn state(&self) -> RegistrationState {
        locked(&self.state).clone()
    }

    /// Returns at the next change of `state`.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    fn set(&self, state: RegistrationState) {
        *locked(&self.state) = state;
        self.changed.notify_waiters();
    }

    /// Registers again and again until we stop.
    pub(crate) async fn keep(self: Arc<Self>, stack: Arc<Stack>) {
        let Some(trunk) = stack.settings.trunks.get(self.index) else { return };
        let mut failures = 0_u32;
        loop {
            let pause = if trunk.register {
                self.round(&stack, trunk, &mut failures).await
            } else {
                self.ping(&stack, trunk).await
            };
            let Some(pause) = pause else { return };
            tokio::select! {
                () = stack.closing.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            if stack.stopping.load(std::sync::atomic::Ordering::Acquire) {
                return;
            }
        }
    }

    async fn round(&self, stack: &Arc<Stack>, trunk: &Trunk, failures: &mut u32) -> Option<Duration> {
        match self.register(stack, trunk, trunk.expires_s).await {
            Ok(granted_s) => {
                *failures = 0;
                self.set(RegistrationState::Registered { expires_s: granted_s });
                // Well before it expires, also for registrars that grant a minute to keep routers open.
                Some(Duration::from_secs(u64::from(granted_s.saturating_sub(granted_s / 4).max(1))))
            }
            Err(status) => {
                *failures = failures.saturating_add(1);
                tracing::warn!(trunk = %self.trunk, status, failures = *failures, "the trunk does not register us");
                self.set(RegistrationState::Failed { status, failures: *failures });
                Some(pause_after(*failures))
            }
        }
    }

    /// Takes the registration back, for an orderly stop.
    pub(crate) async fn remove(&self, stack: &Arc<Stack>) {
        let Some(trunk) = stack.settings.trunks.get(self.index) else { return };
        if matches!(self.state(), RegistrationState::Registered { .. }) && self.register(stack, trunk, 0).await.is_ok()
        {
            self.set(RegistrationState::Removed);
        }
    }

    async fn ping(&self, stack: &Arc<Stack>, trunk: &Trunk) -> Option<Duration> {
        let every = stack.settings.ping_every?;
        let reply = self.send(stack, trunk, "OPTIONS", Vec::new()).await;
        // Any answer, even a refusal, shows that somebody is there.
        let answers = reply.is_ok_and(|reply| reply.message().is_some());
        self.set(RegistrationState::NotAskedFor { answers: Some(answers) });
        Some(every)
    }

    async fn register(&self, stack: &Arc<Stack>, trunk: &Trunk, expires_s: u32) -> Result<u32, u16> {
        let mut expires_s = expires_s;
        let mut credentials: Option<String> = None;
        for _ in 0..TRIES_MAX {
            let mut rows = vec![format!("Expires: {expires_s}")];
            rows.extend(credentials.clone());
            let reply = self.send(stack, trunk, "REGISTER", rows).await.map_err(|_| 0_u16)?;
            match reply.status {
                200..300 => return Ok(granted_s(&reply).unwrap_or(expires_s)),
                401 | 407 => {
                    let uri = format!("sip:{}", host_of(trunk));
                    let answer = reply.message().and_then(|message| {
                        digest::credentials(&message, reply.status, trunk, "REGISTER", &uri, credentials.is_some())
                    });
                    credentials = Some(answer.ok_or(reply.status)?);
                }
                423 => {
                    let least = reply.message().and_then(|message| message.header("min-expires")?.trim().parse().ok());
                    expires_s = least.filter(|least| *least > expires_s && expires_s > 0).ok_or(reply.status)?;
                }
                status => return Err(status),
            }
        }
        Err(401)
    }

    async fn send(
        &self,
        stack: &Arc<Stack>,
        trunk: &Trunk,
        method: &'static str,
        mut rows: Vec<String>,
    ) -> Result<Reply, SipFault> {
        let way = way_to_trunk(stack, trunk).await?;
        let cseq = {
            let mut cseq = locked(&self.cseq);
            *cseq = cseq.wrapping_add(1) & 0x7fff_ffff;
            *cseq
        };
        let account = &trunk.account;
        let transport = if way.flow.is_tcp() { ";transport=tcp" } else { "" };
        rows.insert(0, format!("Contact: <sip:{account}@{}{transport}>", way.flow.sent_by()));
        let own = format!("<sip:{account}@{}>", trunk.host);
        let bytes = Asking {
            method,
            uri: &format!("sip:{}", host_of(trunk)),
            via: via_of_ours(way.flow.is_tcp(), way.flow.sent_by(), &branch()),
            from: format!("{own};tag={}", self.identity.1),
            to: own,
            call_id: &self.identity.0,
            cseq,
            routes: &[],
            rows,
            body: None,
        }
        .write(&stack.settings.product);
        Ok(ask(stack, bytes, &way, |_, _| {}).await)
    }
}

/// The seconds granted: of the first Contact, else `Expires`.
fn granted_s(reply: &Reply) -> Option<u32> {
    granted_by(&reply.message()?)
}

/// The same, of a message.
pub(super) fn granted_by(message: &Message<'_>) -> Option<u32> {
    let of_contact = message.list("contact").into_iter().find_map(|contact| {
        let addr = NameAddr::parse(contact)?;
        addr.param("expires")?.parse().ok()
    });
    of_contact.or_else(|| {
        let value = message.header("expires")?;
        params(value).next().and_then(|(seconds, _)| seconds.parse().ok())
    })
}

fn pause_after(failures: u32) -> Duration {
    PAUSE_FIRST.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_and_stays_bounded() {
        let pauses: Vec<u64> = [1, 2, 3, 7, 8, u32::MAX].map(|failures| pause_after(failures).as_secs()).to_vec();
        assert_eq!(pauses, [2, 4, 8, 120, 120, 120]);
    }
}
