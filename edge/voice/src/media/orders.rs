//! What the calls ask of a media thread, and what it tells them: values that cross two rings without a lock.
//! Whatever owns memory is made and dropped on the asking side; the thread only hands it back.

use std::net::SocketAddr;
use std::sync::Arc;

use super::bridge::Mixer;
use super::cold::ColdLeg;
use super::g711::Codec;
use super::hot::HotLeg;
use super::keys::KeyRow;
use super::recording::RecordingBuffer;
use super::settings::{Direction, PlayMode};
use super::{BridgeId, EncodedPrompt, LegEvent, LegId, PlayEnd, PlayId};

/// A row of prompts, boxed by the asking side.
pub(super) struct PlayList {
    pub(super) id: PlayId,
    pub(super) mode: PlayMode,
    pub(super) prompts: Vec<Arc<EncodedPrompt>>,
}

/// What goes to a media thread.
pub(super) enum Order {
    Open { id: LegId, hot: Box<HotLeg>, cold: Box<ColdLeg> },
    Close(LegId),
    Play(LegId, Box<PlayList>),
    StopPlaying(LegId),
    SetRemote(LegId, SocketAddr),
    Relatch(LegId),
    WithdrawClaim(LegId),
    SetDirection(LegId, Direction),
    SetFormat { id: LegId, codec: Codec, telephone_event: Option<u8>, parts: Box<FormatParts> },
    StartRecording(LegId, Box<RecordingBuffer>),
    StopRecording(LegId),
    SendKeys(LegId, KeyRow),
    Bridge { id: BridgeId, legs: [Option<LegId>; 3], mixer: Option<Box<Mixer>> },
    Unbridge(BridgeId),
}

/// What a change of format may need: a tone detector, made on the asking side.
pub(super) struct FormatParts {
    pub(super) tones: Option<Box<super::tones::ToneDetector>>,
}

/// What comes back.
pub(super) enum News {
    Event(LegId, LegEvent),
    PlayEnded {
        leg: LegId,
        list: Box<PlayList>,
        how: PlayEnd,
    },
    Recording(LegId, Option<Box<RecordingBuffer>>),
    Closed(LegId, Box<ColdLeg>),
    /// The box in which a leg's hot part came, now vacant.
    Opened(Box<HotLeg>),
    /// Memory that nobody asks for any more, to be dropped outside the media thread.
    Spent(Spent),
}

/// Kinds of spent memory; never read, only dropped.
#[expect(dead_code, reason = "the boxes are carried only to be dropped on the other side")]
pub(super) enum Spent {
    Mixer(Box<Mixer>),
    Format(Box<FormatParts>),
    Recording(Box<RecordingBuffer>),
    Leg(Box<HotLeg>, Box<ColdLeg>),
}
