//! The line by telephone: takes calls, speaks the conversation's words, hears keys, rings people, keeps its promises.
//! Signalling is `sip`, sound `media` and `prompts`; what is said and done was decided in `helpline`.

mod chain;
mod duties;
mod interpreting;
mod listener_tries;
mod messages;
mod ringing;
mod saying;
mod talk;

use crate::media::{Admission, LegSettings, MediaEngine, Network};
use crate::prompts::PromptStore;
use crate::sip::agreement::{self, Agreed, LocalMedia};
use crate::sip::{CallControl, IncomingCall, SipServer};
use caseline_helpline::ports::ReturnPlace;
use caseline_helpline::{Clock, Line};
use caseline_model::{Language, Phone, Private};
use listener_tries::ListenerTries;
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

pub use saying::Speaker;

/// What an operator decides about the line by telephone.
#[derive(Clone, Debug)]
pub struct TelephoneSettings {
    /// The address that far ends must send voice to, when a router translates addresses.
    pub advertised: Option<IpAddr>,
    /// Numbers with a language of their own, or of a special kind; any other number is the line's.
    pub numbers: Vec<LineNumber>,
    /// Peers whose calls come from detention telephones.
    pub custody_peers: Vec<IpAddr>,
    /// The trunk over which telephone numbers are rung; without one only SIP addresses can be.
    pub trunk: Option<String>,
    /// Where numbers are reached when there is no trunk: `HOST:PORT` of an exchange, or of the test telephones of a demonstration.
    pub numbers_at: Option<String>,
    /// From where trunks send voice beside their SIP addresses.
    pub trunk_networks: Vec<TrunkNetworks>,
    /// The number that called parties see.
    pub own_number: Option<String>,
    /// The answer to a try leaves so long after the last key, whatever it is.
    pub answer_tries_after: Duration,
    /// How long a link of a chain rings.
    pub link_rings: Duration,
    /// How long whoever answered (a link, an interpreter) has to press the key that takes it.
    pub accept_within: Duration,
    /// The longest voice note.
    pub voice_note_max: Duration,
    /// How often callbacks and reminders are looked for.
    pub duties_every: Duration,
}

impl Default for TelephoneSettings {
    fn default() -> Self {
        Self {
            advertised: None,
            numbers: Vec::new(),
            custody_peers: Vec::new(),
            trunk: None,
            numbers_at: None,
            trunk_networks: Vec::new(),
            own_number: None,
            answer_tries_after: Duration::from_secs(2),
            link_rings: Duration::from_secs(20),
            accept_within: Duration::from_secs(20),
            voice_note_max: Duration::from_secs(120),
            duties_every: Duration::from_secs(5),
        }
    }
}

/// From where a trunk sends voice (`media_networks`). Its calls are those that come from its host, or from one of these.
#[derive(Clone, Debug)]
pub struct TrunkNetworks {
    /// The trunk's name in the settings.
    pub trunk: String,
    /// Its networks.
    pub networks: Arc<[Network]>,
}

/// One of the line's numbers: the user part of the address that is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineNumber {
    /// As the trunk sends it.
    pub called: String,
    /// What it is for.
    pub purpose: NumberPurpose,
}

/// What a number is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberPurpose {
    /// The line, in a language: the menu is skipped.
    InLanguage(Language),
    /// The line, for detention telephones.
    Custody,
    /// Where staff hear messages.
    Messages,
}

/// The line by telephone.
#[derive(Clone)]
pub struct TelephoneLine {
    shared: Arc<SharedLine>,
}

pub(crate) struct SharedLine {
    line: Arc<Line>,
    sip: SipServer,
    media: MediaEngine,
    speaker: Speaker,
    clock: Arc<dyn Clock>,
    settings: TelephoneSettings,
    /// Links and interpreters that are on a contact: they are not rung for another.
    busy_links: Mutex<BTreeSet<String>>,
    /// Wrong codes on the number for messages.
    listener_tries: Mutex<ListenerTries>,
    closing: watch::Sender<bool>,
}

impl TelephoneLine {
    /// Puts the parts together.
    pub fn new(
        line: Arc<Line>,
        sip: SipServer,
        media: MediaEngine,
        prompts: Arc<PromptStore>,
        clock: Arc<dyn Clock>,
        settings: TelephoneSettings,
    ) -> Self {
        let speaker = Speaker::new(Arc::clone(&line.program), prompts);
        let (closing, _) = watch::channel(false);
        let busy_links = Mutex::new(BTreeSet::new());
        let listener_tries = Mutex::default();
        let shared = SharedLine { line, sip, media, speaker, clock, settings, busy_links, listener_tries, closing };
        Self { shared: Arc::new(shared) }
    }

    /// Takes calls until the receiver ends. Each call is a task of its own; its sound is the media threads'.
    pub async fn take_calls(&self, mut incoming: mpsc::Receiver<IncomingCall>) {
        let duties = tokio::spawn(Arc::clone(&self.shared).keep_promises());
        while let Some(call) = incoming.recv().await {
            if *self.shared.closing.borrow() {
                call.reject(503, Some(30));
                continue;
            }
            if let Admission::Busy { retry_after } = self.shared.media.admission() {
                call.reject(503, u32::try_from(retry_after.as_secs()).ok());
                continue;
            }
            tokio::spawn(Arc::clone(&self.shared).take_call(call));
        }
        duties.abort();
    }

    /// Tells callers that the line closes, ends their calls and stops. Returns when that is done, or the time is over.
    pub async fn close(&self, within: Duration) {
        self.shared.closing.send_replace(true);
        let deadline = tokio::time::Instant::now() + within.saturating_sub(Duration::from_secs(1));
        while self.shared.sip.calls_now() > 0 && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.shared.sip.shutdown(Duration::from_secs(1)).await;
        self.shared.media.stop();
    }

    /// Rings a number and hangs up as soon as it answers: whether it did.
    pub async fn ring_to_verify(&self, target: &str, within: Duration) -> bool {
        match self.shared.ring(target, None, within).await {
            Some(call) => {
                call.control.hang_up(crate::sip::EndReason::HungUp);
                true
            }
            None => false,
        }
    }

    /// The words as sound: for rendering ahead.
    pub fn speaker(&self) -> &Speaker {
        &self.shared.speaker
    }

    /// Calls now, both directions.
    pub fn calls_now(&self) -> usize {
        self.shared.sip.calls_now()
    }

    /// The SIP side: registrations, addresses.
    pub fn sip(&self) -> &SipServer {
        &self.shared.sip
    }

    /// The media engine's figures.
    pub fn media(&self) -> &MediaEngine {
        &self.shared.media
    }
}

/// A call that is up: signalling, one leg of sound, and what was agreed for it.
pub(crate) struct OpenCall {
    pub(crate) control: CallControl,
    pub(crate) leg: crate::media::Leg,
    pub(crate) events: crate::media::LegEvents,
    pub(crate) local: LocalMedia,
    /// A voice was heard while nothing waited for it; the conversation is told before the next question.
    pub(crate) voice_heard: bool,
}

impl SharedLine {
    async fn take_call(self: Arc<Self>, call: IncomingCall) {
        let purpose = self.settings.numbers.iter().find(|number| number.called == call.called).map(|n| n.purpose);
        let custody = purpose == Some(NumberPurpose::Custody) || self.settings.custody_peers.contains(&call.peer.ip());
        let caller =
            call.caller_number.as_ref().and_then(|number| number.reveal().parse::<Phone>().ok()).map(Private::new);
        // A detention telephone has a number of its own or at least an address: the place a cut-off caller comes back to.
        let place = custody.then(|| {
            let number = call.caller_number.as_ref().map_or_else(String::new, |number| number.reveal().clone());
            ReturnPlace(Private::new(format!("{}|{number}", call.peer.ip())))
        });
        let opened = match self.answer(call) {
            Ok(opened) => opened,
            Err(status) => {
                tracing::info!(status, "a call could not be taken");
                return;
            }
        };
        match purpose {
            Some(NumberPurpose::Messages) => self.play_messages(opened).await,
            Some(NumberPurpose::InLanguage(language)) => self.talk(opened, caller, Some(language), place).await,
            Some(NumberPurpose::Custody) | None => self.talk(opened, caller, None, place).await,
        }
    }

    /// Opens a leg and answers; the SIP status when that is not possible.
    fn answer(&self, call: IncomingCall) -> Result<OpenCall, u16> {
        let peer = call.peer.ip();
        // What is agreed comes first: the leg's port is chosen by where the far end says it is.
        let nowhere = LocalMedia::at(SocketAddr::new(peer, 0), call.id.0);
        let agreed = match call.offer.as_ref().map(|offer| agreement::preview(offer, &nowhere)).transpose() {
            Ok(agreed) => agreed,
            Err(fault) => {
                call.reject(fault.status(), None);
                return Err(fault.status());
            }
        };
        let mut settings = LegSettings::new(crate::media::Codec::Pcmu, peer);
        settings.behind_nat = call.behind_nat;
        settings.trunk_networks = self.networks_of(call.trunk.as_deref(), peer);
        settings.telephone_event = None;
        if let Some(agreed) = &agreed {
            settings.codec = media_codec(agreed.codec);
            settings.telephone_event = agreed.key_events;
            settings.remote = Some(agreed.remote).filter(|remote| !remote.ip().is_unspecified());
            settings.direction = media_direction(agreed.direction);
        }
        let (leg, events) = match self.media.open_leg(settings) {
            Ok(opened) => opened,
            Err(fault) => {
                tracing::warn!(%fault, "no leg for a call");
                call.reject(503, Some(5));
                return Err(503);
            }
        };
        let local = LocalMedia::at(self.seen_from_outside(leg.local(), peer), call.id.0);
        let text = match &call.offer {
            None => agreement::offer(&local),
            Some(offer) => match agreement::answer(offer, &local) {
                Ok((text, _)) => text,
                Err(fault) => {
                    call.reject(fault.status(), None);
                    return Err(fault.status());
                }
            },
        };
        let control = call.answer(text).map_err(|_| 487_u16)?;
        Ok(OpenCall { control, leg, events, local, voice_heard: false })
    }

    /// The address that far ends must send to: the advertised one, or the one we are reached at.
    fn seen_from_outside(&self, local: SocketAddr, peer: IpAddr) -> SocketAddr {
        let ip = match self.settings.advertised {
            Some(ip) => ip,
            None if local.ip().is_unspecified() && peer.is_loopback() => peer,
            None => local.ip(),
        };
        SocketAddr::new(ip, local.port())
    }

    /// The further networks of a call's trunk: the one whose host the call came from, or in whose networks its peer is.
    fn networks_of(&self, trunk: Option<&str>, peer: IpAddr) -> Arc<[Network]> {
        let known = self.settings.trunk_networks.iter().find(|known| match trunk {
            Some(trunk) => known.trunk == trunk,
            None => known.networks.iter().any(|network| network.contains(peer)),
        });
        known.map_or_else(|| Arc::from([]), |known| Arc::clone(&known.networks))
    }

    fn is_busy(&self, name: &str) -> bool {
        self.busy_links.lock().unwrap_or_else(PoisonError::into_inner).contains(name)
    }

    /// Keeps a link or interpreter for one contact until the value is dropped; `None` when another contact has it.
    fn occupy(&self, name: &str) -> Option<Occupied<'_>> {
        let mut links = self.busy_links.lock().unwrap_or_else(PoisonError::into_inner);
        links.insert(name.to_owned()).then(|| Occupied { line: self, name: name.to_owned() })
    }
}

/// A link or interpreter that is kept for one contact.
struct Occupied<'l> {
    line: &'l SharedLine,
    name: String,
}

impl Drop for Occupied<'_> {
    fn drop(&mut self) {
        self.line.busy_links.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

/// Tells the media engine what signalling agreed.
pub(crate) fn agree(leg: &crate::media::Leg, agreed: &Agreed) {
    let codec = media_codec(agreed.codec);
    let told = leg
        .set_format(codec, agreed.key_events)
        .and_then(|()| if agreed.remote.ip().is_unspecified() { Ok(()) } else { leg.set_remote(agreed.remote) })
        .and_then(|()| leg.set_direction(media_direction(agreed.direction)));
    if let Err(fault) = told {
        tracing::warn!(%fault, "the media engine did not take what was agreed");
    }
}

pub(crate) const fn media_codec(codec: agreement::Codec) -> crate::media::Codec {
    match codec {
        agreement::Codec::Pcmu => crate::media::Codec::Pcmu,
        agreement::Codec::Pcma => crate::media::Codec::Pcma,
    }
}

const fn media_direction(direction: crate::sip::Direction) -> crate::media::Direction {
    match direction {
        crate::sip::Direction::SendRecv => crate::media::Direction::SendReceive,
        crate::sip::Direction::SendOnly => crate::media::Direction::SendOnly,
        crate::sip::Direction::RecvOnly => crate::media::Direction::ReceiveOnly,
        crate::sip::Direction::Inactive => crate::media::Direction::Inactive,
    }
}

impl OpenCall {
    /// Answers a change that the far end proposes: hold, resume, another address (RFC 3264).
    pub(crate) fn take_reoffer(&mut self, reoffer: crate::sip::Reoffer) {
        self.local.origin_version += 1;
        match agreement::answer(&reoffer.offer, &self.local) {
            Ok((text, agreed)) => {
                if let Err(fault) = self.leg.relatch() {
                    tracing::warn!(%fault, "a leg could not be latched again");
                }
                agree(&self.leg, &agreed);
                reoffer.answer(text);
            }
            Err(_) => reoffer.refuse(),
        }
    }

    /// Takes the far end's answer to an offer that we made in a 2xx.
    pub(crate) fn take_answer(&self, answer: &crate::sip::SdpAnswer) {
        match agreement::read_answer(answer, &self.local) {
            Ok(agreed) => agree(&self.leg, &agreed),
            Err(_) => self.control.hang_up(crate::sip::EndReason::NoAgreement),
        }
    }
}
