//! What happened in a call, with times, as the person at the telephone noticed it.
//! Who writes it down is `call` and `sound`; what should have happened is left to scripts and tests.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

use super::ear::Ear;
use crate::media::Codec;
use crate::speech::{TELEPHONE_RATE_HZ, TapeText, wav};

/// The most events of a call that are written down.
const EVENTS_MAX: usize = 50_000;

/// Who ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HungUpBy {
    /// This telephone.
    Us,
    /// The other side.
    Them,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhoneEvent {
    /// This telephone called.
    Dialled {
        /// Whom, as a SIP address.
        to: String,
    },
    /// This telephone was called.
    Arrived {
        /// By whom, as a SIP address.
        from: String,
    },
    /// The other side said that it rings, or is on its way (a 1xx status).
    Ringing {
        /// The status.
        status: u16,
    },
    /// The call was taken up.
    Answered {
        /// The codec agreed upon.
        codec: Codec,
        /// Whether keys may be sent as RFC 4733 events.
        telephone_event: bool,
    },
    /// The call was refused.
    Refused {
        /// The status, or 0 if nobody replied at all.
        status: u16,
        /// The reason as sent.
        reason: String,
    },
    /// A text was read from the tape voice.
    HeardText(TapeText),
    /// A prompt was recognised.
    HeardPrompt {
        /// Its names.
        ids: Arc<[String]>,
    },
    /// A recognised prompt is over.
    PromptEnded {
        /// Its names.
        ids: Arc<[String]>,
        /// How much of it was played.
        heard: Duration,
        /// How long it is.
        of: Duration,
    },
    /// Sound began after quiet.
    SoundBegan,
    /// The line has become quiet.
    SoundEnded,
    /// A key of the other side.
    HeardKey(char),
    /// A key of ours.
    Pressed(char),
    /// Sound of ours began.
    Said {
        /// How long it is.
        length: Duration,
    },
    /// All of it is on its way.
    SaidAll,
    /// Sound that is none of the prompts that are listened for: words out of a case, which are spoken afresh and kept
    /// nowhere, words that were first spoken after this telephone learned the prompts, a tone, a person.
    HeardOther {
        /// How long it sounded.
        length: Duration,
    },
    /// The other side put us on hold.
    HeldByThem,
    /// The other side changed its sound (back from hold, another port).
    ChangedByThem,
    /// The other side agreed to a change of ours: `hold`, `resume`, `another port`.
    ChangedByUs(&'static str),
    /// Packets that never came.
    Lost {
        /// How many.
        packets: usize,
    },
    /// The call is over.
    HungUp {
        /// Who ended it.
        by: HungUpBy,
    },
    /// Something that should not happen, in words.
    Trouble(String),
}

/// An event with its time since the call began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedEvent {
    /// Since dialling, or since the call arrived.
    pub at: Duration,
    /// What happened.
    pub event: PhoneEvent,
}

/// The events of a call so far. Prints as a row each: the time in seconds, then the event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript(pub Vec<TimedEvent>);

impl Transcript {
    /// The first names of the prompts that were heard, in order.
    #[must_use]
    pub fn prompts(&self) -> Vec<String> {
        self.0
            .iter()
            .filter_map(|row| match &row.event {
                PhoneEvent::HeardPrompt { ids } => ids.first().cloned(),
                _ => None,
            })
            .collect()
    }

    /// The texts that were read from the tape voice, in order.
    #[must_use]
    pub fn texts(&self) -> Vec<TapeText> {
        self.0
            .iter()
            .filter_map(|row| match &row.event {
                PhoneEvent::HeardText(text) => Some(text.clone()),
                _ => None,
            })
            .collect()
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = !self.prompts().is_empty() || !self.texts().is_empty();
        for row in &self.0 {
            // Bare sound is news only while nothing tells what it was.
            let bare = matches!(row.event, PhoneEvent::SoundBegan | PhoneEvent::SoundEnded);
            let complete = matches!(&row.event, PhoneEvent::PromptEnded { heard, of, .. } if heard >= of);
            if !(bare && named || complete) {
                writeln!(to, "{row}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for TimedEvent {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{:6.1}  {}", self.at.as_secs_f64(), self.event)
    }
}

impl fmt::Display for PhoneEvent {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dialled { to: whom } => write!(to, "dialled {whom}"),
            Self::Arrived { from } => write!(to, "called by {from}"),
            Self::Ringing { status } => write!(to, "ringing ({status})"),
            Self::Answered { codec, telephone_event } => {
                let keys = if *telephone_event { "" } else { ", keys as tones" };
                write!(to, "answered ({}{keys})", codec.sdp_name())
            }
            Self::Refused { status: 0, reason } => write!(to, "{reason}"),
            Self::Refused { status, reason } => write!(to, "refused: {status} {reason}"),
            Self::HeardText(TapeText { text, whole: true }) => write!(to, "heard \"{text}\""),
            Self::HeardText(TapeText { text, whole: false }) => write!(to, "heard in part \"{text}\""),
            Self::HeardPrompt { ids } => write!(to, "heard {}", ids.join(" or ")),
            Self::PromptEnded { ids, heard, of } => {
                let (heard, of) = (heard.as_secs_f64(), of.as_secs_f64());
                write!(to, "{} stopped after {heard:.1} of {of:.1} s", ids.join(" or "))
            }
            Self::SoundBegan => write!(to, "heard sound"),
            Self::SoundEnded => write!(to, "quiet"),
            Self::HeardKey(key) => write!(to, "heard key {key}"),
            Self::Pressed(key) => write!(to, "pressed {key}"),
            Self::Said { length } => write!(to, "spoke for {:.1} s", length.as_secs_f64()),
            Self::SaidAll => write!(to, "was done speaking"),
            Self::HeardOther { length } => {
                let seconds = length.as_secs_f64();
                write!(to, "heard {seconds:.1} s of something else: words not in the cache, a tone or a person")
            }
            Self::HeldByThem => write!(to, "put on hold"),
            Self::ChangedByThem => write!(to, "the other side changed its sound"),
            Self::ChangedByUs(what) => write!(to, "asked for {what}, agreed"),
            Self::Lost { packets } => write!(to, "{packets} packets lost"),
            Self::HungUp { by: HungUpBy::Us } => write!(to, "hung up"),
            Self::HungUp { by: HungUpBy::Them } => write!(to, "the other side hung up"),
            Self::Trouble(what) => write!(to, "trouble: {what}"),
        }
    }
}

/// The shared notebook of one call.
pub(super) struct Log {
    began: Instant,
    state: Mutex<LogState>,
    news: watch::Sender<usize>,
}

struct LogState {
    rows: Vec<TimedEvent>,
    ear: Option<Ear>,
    over: bool,
    /// When the line was last heard to speak, or we last pressed a key, or the call was answered.
    busy_at: Option<Instant>,
}

impl Log {
    pub(super) fn new() -> Arc<Self> {
        let state = LogState { rows: Vec::new(), ear: None, over: false, busy_at: None };
        Arc::new(Self { began: Instant::now(), state: Mutex::new(state), news: watch::Sender::new(0) })
    }

    pub(super) fn began(&self) -> Instant {
        self.began
    }

    pub(super) fn add(&self, event: PhoneEvent) {
        self.add_at(self.began.elapsed(), event);
    }

    pub(super) fn add_at(&self, at: Duration, event: PhoneEvent) {
        let mut state = self.state();
        if matches!(event, PhoneEvent::Answered { .. } | PhoneEvent::Pressed(_)) {
            state.busy_at = Some(Instant::now());
        }
        if matches!(event, PhoneEvent::HungUp { .. } | PhoneEvent::Refused { .. }) {
            state.over = true;
        }
        if state.rows.len() < EVENTS_MAX {
            state.rows.push(TimedEvent { at, event });
        }
        drop(state);
        self.news.send_modify(|count| *count += 1);
    }

    pub(super) fn spoke_now(&self) {
        self.state().busy_at = Some(Instant::now());
    }

    pub(super) fn busy_at(&self) -> Option<Instant> {
        self.state().busy_at
    }

    pub(super) fn is_over(&self) -> bool {
        self.state().over
    }

    pub(super) fn news(&self) -> watch::Receiver<usize> {
        self.news.subscribe()
    }

    pub(super) fn row(&self, at: usize) -> Option<TimedEvent> {
        self.state().rows.get(at).cloned()
    }

    /// In the order of time: a prompt is named some frames after it began.
    pub(super) fn transcript(&self) -> Transcript {
        let mut rows = self.state().rows.clone();
        rows.sort_by_key(|row| row.at);
        Transcript(rows)
    }

    /// Gives the ear to whoever asks; the sound is heard by one task, and read by the handles of the call.
    pub(super) fn with_ear<T>(&self, then: impl FnOnce(&mut Option<Ear>) -> T) -> T {
        then(&mut self.state().ear)
    }

    pub(super) fn write_wav(&self, path: &Path) -> std::io::Result<()> {
        let samples = self.with_ear(|ear| ear.as_ref().map(Ear::samples).unwrap_or_default());
        let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
        wav::write_pcm16(&mut file, TELEPHONE_RATE_HZ, &samples)?;
        std::io::Write::flush(&mut file)
    }

    fn state(&self) -> MutexGuard<'_, LogState> {
        // What was locked when a thread panicked is still a list of whole rows.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
