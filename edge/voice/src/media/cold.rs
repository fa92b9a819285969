//! The part of a leg that is needed now and then: who it may be, what waits to be played, what is being caught.
//! It is made and dropped by the asking side; the media thread only fills it in.

use std::collections::VecDeque;

use super::bridge::Renumbering;
use super::keys::{KeyReceiver, KeySender};
use super::latch::{Claim, Latch};
use super::orders::PlayList;
use super::recording::RecordingBuffer;
use super::tones::ToneDetector;
use super::{BridgeId, LegSettings};

/// Rows of prompts that may wait for one leg; a further one ends at once.
pub(super) const PLAY_LISTS_MAX: usize = 16;

/// See the module.
pub(super) struct ColdLeg {
    pub(super) claim: Claim,
    /// Found by its signalled address only (see `ports`).
    pub(super) claim_withdrawn: bool,
    pub(super) behind_nat: bool,
    pub(super) latch: Latch,
    pub(super) keys: KeyReceiver,
    pub(super) tones: Option<Box<ToneDetector>>,
    pub(super) lists: VecDeque<Box<PlayList>>,
    /// The prompt of the first list that is playing.
    pub(super) prompt_at: usize,
    pub(super) key_sender: Option<KeySender>,
    pub(super) key_timestamp: u32,
    pub(super) recording: Option<Box<RecordingBuffer>>,
    pub(super) bridge: Option<BridgeId>,
    pub(super) renumbering: Option<Renumbering>,
}

impl ColdLeg {
    pub(super) fn new(settings: &LegSettings, claim: Claim) -> Self {
        Self {
            claim,
            claim_withdrawn: false,
            behind_nat: settings.behind_nat,
            latch: Latch::new(),
            keys: KeyReceiver::default(),
            tones: settings.telephone_event.is_none().then(|| Box::new(ToneDetector::new())),
            // Never grows: the media thread refuses more.
            lists: VecDeque::with_capacity(PLAY_LISTS_MAX),
            prompt_at: 0,
            key_sender: None,
            key_timestamp: 0,
            recording: None,
            bridge: None,
            renumbering: None,
        }
    }
}
