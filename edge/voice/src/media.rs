//! Carries the voices of all calls: what the line says to a caller, what the caller says and keys, and people to each
//! other. Setting calls up and agreeing on addresses and codecs is left to SIP; what to say, to the conversation.
//!
//! One media thread (or a few) owns the UDP ports and keeps time; it runs no async code, and for a packet it takes no
//! lock and no memory. Everything here talks to it over two rings: orders in, news out.
//!
//! ```text
//!  Leg::play, ... ─ orders ─▶ media thread ─▶ sendto      every 20 ms, a slot of the wheel
//!  LegEvents::next ◀─ news ── media thread ◀─ recvmmsg    by (local port, source)
//! ```
//!
//! A leg hears, in this order: keys sent to it, prompts played to it (also on a bridge: they come first, and the
//! others' words of that time are not kept), the others on its bridge, silence.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

mod bench;
mod bridge;
mod cold;
mod demux;
mod engine;
mod figures;
pub mod g711;
#[cfg(test)]
pub(crate) mod held_up;
mod hot;
mod incoming;
mod keys;
mod latch;
mod lateness;
mod network;
mod never_panic;
mod obeying;
mod orders;
mod outgoing;
mod ports;
mod prompt;
mod recording;
pub mod rtp;
mod settings;
mod thread;
mod tones;
mod wheel;
mod wire;

pub use bench::{BenchFault, BenchFigures, bench_legs};
pub use bridge::BRIDGE_LEGS_MAX;
pub use figures::MediaFigures;
pub use g711::{Codec, FRAME_SAMPLES, SAMPLES_PER_SECOND};
pub use keys::KEYS_MAX;
pub use lateness::{Histogram, Lateness};
pub use network::Network;
pub use never_panic::call_sounds_never_panic;
pub use prompt::{EncodedPrompt, PROMPT_SECONDS_MAX};
pub use recording::{RECORDING_SECONDS_MAX, Recording};
pub use rtp::rtp_never_panics;
pub use settings::{Direction, KeepAlive, LegSettings, MediaSettings, PlayMode, Ports};
pub use tones::{packet_sounds_never_panic, tones_of};

use bridge::Mixer;
use cold::ColdLeg;
use engine::Shared;
use hot::HotLeg;
use keys::KeyRow;
use latch::Claim;
use orders::{FormatParts, Order, PlayList};
use recording::RecordingBuffer;

/// Events of one leg that may wait to be read; further ones are lost, and counted.
pub const EVENTS_WAITING_MAX: usize = 256;

/// Prompts in one row.
pub const PROMPTS_MAX: usize = 256;

/// What a refused caller's telephone is told to wait before it tries again.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Names a leg of this engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LegId {
    pub(super) thread: u8,
    pub(super) index: u32,
    pub(super) generation: u32,
}

/// Names one call of [`Leg::play`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlayId(u64);

/// Names one call of [`MediaEngine::bridge`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BridgeId(u64);

/// Why a row of prompts is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlayEnd {
    /// It was played to its end.
    Finished,
    /// [`Leg::stop_playing`], another row in its place, a new codec, or the end of the leg.
    Stopped,
    /// A key, in [`PlayMode::until_key`].
    Key,
}

/// What happened on a leg.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LegEvent {
    /// A key: `0` to `9`, `*`, `#`, `A` to `D`.
    Digit(char),
    /// A row of prompts is over.
    PlayEnded {
        /// Which.
        play: PlayId,
        /// Why.
        how: PlayEnd,
    },
    /// The leg has locked to where its voice comes from.
    Latched {
        /// The far end's address and port.
        source: SocketAddr,
    },
    /// No RTP for [`LegSettings::nothing_heard_after`]. Told once until something is heard again; it is never a
    /// reason by itself to end a call, since silent telephones and holds send nothing.
    NothingHeard,
    /// The inbound voice was louder than a quiet room for the first time: somebody (or something) speaks.
    VoiceHeard,
    /// The recording has no more room; [`Leg::stop_recording`] gets it.
    RecordingFull,
    /// All keys of [`Leg::send_digits`] are sent.
    DigitsSent,
}

/// Whether one more call can be taken without harm to those in progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Yes.
    Open,
    /// Packets leave too late, or every place is taken: answer 503.
    Busy {
        /// For the Retry-After header (RFC 3261 §20.33).
        retry_after: Duration,
    },
}

/// What can go wrong. None of it names a person's number or words.
#[derive(Debug, thiserror::Error)]
pub enum MediaFault {
    /// A UDP port could not be opened.
    #[error("UDP port {address} for voice could not be opened")]
    Bind {
        /// The address and port.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system refused something that the engine needs.
    #[error("the media engine could not be started")]
    Start(#[source] std::io::Error),
    /// The settings contradict each other.
    #[error("media settings: {0}")]
    Settings(&'static str),
    /// The engine was started outside a tokio runtime.
    #[error("the media engine needs a tokio runtime")]
    NoRuntime,
    /// Text that is no network.
    #[error("not a network (address/bits)")]
    BadNetwork,
    /// See [`PROMPT_SECONDS_MAX`] and [`PROMPTS_MAX`].
    #[error("the prompt is too long")]
    PromptTooLong,
    /// A prompt encoded for another codec than the leg's.
    #[error("the prompt is encoded for another codec")]
    WrongCodec,
    /// Every place for a leg is taken.
    #[error("no room for another leg")]
    TooManyLegs,
    /// On every port a leg waits for its first packet from the same address.
    #[error("no port on which the caller could be told apart")]
    PortsBusy,
    /// The media thread does not keep up with what it is told.
    #[error("the media thread does not keep up")]
    Overloaded,
    /// The leg is closed.
    #[error("the leg is closed")]
    Closed,
    /// Legs of different media threads can't be bridged; see [`LegSettings::beside`].
    #[error("the legs are on different media threads")]
    OtherThread,
    /// A bridge is of two or three different legs.
    #[error("a bridge needs two or three legs")]
    BridgeSize,
    /// Something that is no key, none, or more than [`KEYS_MAX`].
    #[error("not a row of keys")]
    BadKeys,
    /// There was no recording to stop.
    #[error("nothing is being recorded")]
    NotRecording,
    /// The engine has stopped.
    #[error("the media engine has stopped")]
    Stopped,
}

/// The media engine. Clones are the same engine; it stops when the last of them and the last leg are dropped.
#[derive(Clone)]
pub struct MediaEngine {
    shared: Arc<Shared>,
}

impl MediaEngine {
    /// Opens the ports and starts the media threads. Must be called within a tokio runtime, which then reads the news.
    ///
    /// # Errors
    /// [`MediaFault::Bind`], [`MediaFault::Start`], [`MediaFault::Settings`], [`MediaFault::NoRuntime`].
    pub fn start(settings: MediaSettings) -> Result<Self, MediaFault> {
        engine::start(settings).map(|shared| Self { shared })
    }

    /// Opens a leg: chooses its local port, and is ready to hear and speak at once.
    ///
    /// # Errors
    /// [`MediaFault::TooManyLegs`], [`MediaFault::PortsBusy`], [`MediaFault::Overloaded`] (answer 503 to each),
    /// [`MediaFault::OtherThread`] if `beside` names a leg of another engine.
    pub fn open_leg(&self, settings: LegSettings) -> Result<(Leg, LegEvents), MediaFault> {
        let claim = Claim::new(settings.remote, settings.signalling_peer, Arc::clone(&settings.trunk_networks));
        let (id, port, local) = self.shared.place(&claim, settings.beside)?;
        let (sender, receiver) = mpsc::channel(EVENTS_WAITING_MAX);
        self.shared.register(id, port, sender);
        let send_to = latch::destination(&claim, settings.behind_nat, None);
        let hot = Box::new(HotLeg::new(&settings, id.generation, port, send_to, engine::chance()));
        let cold = Box::new(ColdLeg::new(&settings, claim.clone()));
        let leg = Leg {
            id,
            local,
            port,
            shared: Arc::clone(&self.shared),
            claim: Mutex::new(claim),
            format: Mutex::new((settings.codec, settings.telephone_event)),
            closed: AtomicBool::new(false),
        };
        self.shared.order(id.thread, Order::Open { id, hot, cold }).inspect_err(|_| self.shared.forget(id))?;
        Ok((leg, LegEvents { receiver }))
    }

    /// Lets two or three legs hear each other. A leg that was on another bridge leaves it. Of two legs, the payload
    /// is handed on (rewritten from law to law if they differ); of three, each hears the sum of the others. Keys are
    /// never handed on as packets; tones within the voice are a part of it.
    ///
    /// # Errors
    /// [`MediaFault::BridgeSize`], [`MediaFault::OtherThread`], [`MediaFault::Overloaded`].
    pub fn bridge(&self, legs: &[LegId]) -> Result<BridgeId, MediaFault> {
        let (one, two, third) = match *legs {
            [one, two] => (one, two, None),
            [one, two, third] => (one, two, Some(third)),
            _ => return Err(MediaFault::BridgeSize),
        };
        if one == two || third.is_some_and(|third| third == one || third == two) {
            return Err(MediaFault::BridgeSize);
        }
        if one.thread != two.thread || third.is_some_and(|third| third.thread != one.thread) {
            return Err(MediaFault::OtherThread);
        }
        let id = BridgeId(self.shared.next_number());
        let mixer = third.map(|_| Box::new(Mixer::new()));
        self.shared.order(one.thread, Order::Bridge { id, legs: [Some(one), Some(two), third], mixer })?;
        Ok(id)
    }

    /// Ends a bridge; its legs stay open. One that has ended already is left alone.
    ///
    /// # Errors
    /// [`MediaFault::Overloaded`].
    pub fn unbridge(&self, bridge: BridgeId) -> Result<(), MediaFault> {
        (0..self.shared.threads()).try_for_each(|thread| self.shared.order(thread, Order::Unbridge(bridge)))
    }

    /// Whether one more call may be taken. Calls in progress, and the legs that they open, need not ask.
    #[must_use]
    pub fn admission(&self) -> Admission {
        if self.shared.is_busy() { Admission::Busy { retry_after: RETRY_AFTER } } else { Admission::Open }
    }

    /// What the engine did so far.
    #[must_use]
    pub fn figures(&self) -> MediaFigures {
        self.shared.figures()
    }

    /// The addresses of all ports, for a look at a firewall.
    #[must_use]
    pub fn ports(&self) -> Vec<SocketAddr> {
        self.shared.locals()
    }

    /// Stops the media threads, within a few milliseconds; every leg then hears and says nothing.
    pub fn stop(&self) {
        self.shared.stop();
    }
}

/// The asking side of one leg. Dropping it closes the leg.
pub struct Leg {
    id: LegId,
    local: SocketAddr,
    port: u16,
    shared: Arc<Shared>,
    claim: Mutex<Claim>,
    format: Mutex<(Codec, Option<u8>)>,
    closed: AtomicBool,
}

impl Leg {
    /// Its name, for [`MediaEngine::bridge`] and [`LegSettings::beside`].
    #[must_use]
    pub fn id(&self) -> LegId {
        self.id
    }

    /// Our address and port for the SDP (behind NAT, SIP writes the advertised address instead of this one).
    #[must_use]
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// The codec in use.
    #[must_use]
    pub fn codec(&self) -> Codec {
        lock(&self.format).0
    }

    /// Plays prompts one behind the other; [`LegEvent::PlayEnded`] tells the end. A row without prompts ends at once.
    ///
    /// # Errors
    /// [`MediaFault::WrongCodec`], [`MediaFault::PromptTooLong`], [`MediaFault::Closed`], [`MediaFault::Overloaded`].
    pub fn play(&self, mut prompts: Vec<Arc<EncodedPrompt>>, mode: PlayMode) -> Result<PlayId, MediaFault> {
        self.is_open()?;
        let codec = self.codec();
        if prompts.iter().any(|prompt| prompt.codec() != codec) {
            return Err(MediaFault::WrongCodec);
        }
        if prompts.len() > PROMPTS_MAX {
            return Err(MediaFault::PromptTooLong);
        }
        prompts.retain(|prompt| !prompt.bytes().is_empty());
        let id = PlayId(self.shared.next_number());
        if prompts.is_empty() {
            if !mode.after_others {
                self.order(Order::StopPlaying(self.id))?;
            }
            self.shared.deliver(self.id, LegEvent::PlayEnded { play: id, how: PlayEnd::Finished });
        } else {
            self.order(Order::Play(self.id, Box::new(PlayList { id, mode, prompts })))?;
        }
        Ok(id)
    }

    /// Stops what plays and what waits to be played.
    ///
    /// # Errors
    /// [`MediaFault::Closed`], [`MediaFault::Overloaded`].
    pub fn stop_playing(&self) -> Result<(), MediaFault> {
        self.order(Order::StopPlaying(self.id))
    }

    /// The far end's SDP names this address (first answer, or a re-INVITE; then call [`Self::relatch`] too).
    ///
    /// # Errors
    /// [`MediaFault::Closed`], [`MediaFault::Overloaded`].
    pub fn set_remote(&self, remote: SocketAddr) -> Result<(), MediaFault> {
        lock(&self.claim).set_signalled(remote);
        self.order(Order::SetRemote(self.id, remote))
    }

    /// A re-INVITE came: the far end's voice may now come from elsewhere. The old source stays heard until then.
    ///
    /// # Errors
    /// [`MediaFault::Closed`], [`MediaFault::Overloaded`].
    pub fn relatch(&self) -> Result<(), MediaFault> {
        self.is_open()?;
        self.shared.waits_again(self.id, self.port, lock(&self.claim).clone());
        self.order(Order::Relatch(self.id))
    }

    /// The answer chose a codec and a payload type for keys. A prompt that plays in another codec is stopped.
    ///
    /// # Errors
    /// [`MediaFault::Closed`], [`MediaFault::Overloaded`].
    pub fn set_format(&self, codec: Codec, telephone_event: Option<u8>) -> Result<(), MediaFault> {
        *lock(&self.format) = (codec, telephone_event);
        let tones = telephone_event.is_none().then(|| Box::new(tones::ToneDetector::new()));
        let parts = Box::new(FormatParts { tones });
        self.order(Order::SetFormat { id: self.id, codec, telephone_event, parts })
    }

    /// Which way voice may flow (hold). While we may not send, a prompt waits where it is.
    ///
    /// # Errors
    /// [`MediaFault::Closed`], [`MediaFault::Overloaded`].
    pub fn set_direction(&self, direction: Direction) -> Result<(), MediaFault> {
        self.order(Order::SetDirection(self.id, direction))
    }

    /// Starts to catch what the far end says, from its next packet on. A recording under way is thrown away.
    ///
    /// # Errors
    /// [`MediaFault::Closed`], [`MediaFault::Overloaded`].
    pub fn start_recording(&self, seconds_max: u32) -> Result<(), MediaFault> {
        let buffer = RecordingBuffer::new(self.codec(), seconds_max);
        self.order(Order::StartRecording(self.id, Box::new(buffer)))
    }

    /// Ends the recording and gets it. A caller who hangs up ends a message so: call this before [`Self::close`],
    /// which throws a recording away.
    ///
    /// # Errors
    /// [`MediaFault::NotRecording`], [`MediaFault::Closed`], [`MediaFault::Overloaded`], [`MediaFault::Stopped`].
    pub async fn stop_recording(&self) -> Result<Recording, MediaFault> {
        self.is_open()?;
        let (sender, receiver) = oneshot::channel();
        self.shared.expect_recording(self.id, sender)?;
        self.order(Order::StopRecording(self.id))?;
        receiver.await.map_err(|_| MediaFault::Stopped)?.ok_or(MediaFault::NotRecording)
    }

    /// Sends keys to the far end, behind those that are being sent: as packets of their own if that was agreed, else
    /// as tones. [`LegEvent::DigitsSent`] (with tones, [`LegEvent::PlayEnded`] of the play id returned) tells the end.
    ///
    /// # Errors
    /// [`MediaFault::BadKeys`], [`MediaFault::Closed`], [`MediaFault::Overloaded`].
    pub fn send_digits(&self, keys: &str) -> Result<Option<PlayId>, MediaFault> {
        let row = KeyRow::read(keys)?;
        let (codec, telephone_event) = *lock(&self.format);
        if telephone_event.is_some() {
            return self.order(Order::SendKeys(self.id, row)).map(|()| None);
        }
        let samples = tones_of(keys).ok_or(MediaFault::BadKeys)?;
        let prompt = EncodedPrompt::from_samples(codec, &samples)?;
        self.play(vec![Arc::new(prompt)], PlayMode { after_others: true, ..PlayMode::NOW }).map(Some)
    }

    /// Ends the leg; [`LegEvents::next`] then gives what is left, and `None`. A second time does nothing.
    pub fn close(&self) {
        if !self.closed.swap(true, Ordering::AcqRel) {
            self.shared.close(self.id, self.port);
        }
    }

    fn is_open(&self) -> Result<(), MediaFault> {
        if self.closed.load(Ordering::Acquire) { Err(MediaFault::Closed) } else { Ok(()) }
    }

    fn order(&self, order: Order) -> Result<(), MediaFault> {
        self.is_open()?;
        self.shared.order(self.id.thread, order)
    }
}

impl Drop for Leg {
    fn drop(&mut self) {
        self.close();
    }
}

/// What happens on one leg, in order.
pub struct LegEvents {
    receiver: mpsc::Receiver<LegEvent>,
}

impl LegEvents {
    /// Waits for the next event; `None` once the leg is closed. Safe to drop while it waits (`select!`).
    pub async fn next(&mut self) -> Option<LegEvent> {
        self.receiver.recv().await
    }

    /// The next event if there is one already.
    pub fn try_next(&mut self) -> Option<LegEvent> {
        self.receiver.try_recv().ok()
    }
}

/// A lock whose holder panicked still guards whole values: each change here is a single step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
