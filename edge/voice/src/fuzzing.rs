//! Gives any bytes to the readers of everything that comes over the telephone network, and of sound files.
//! Mutating bytes and keeping seeds is left to `fuzz/`.

use crate::media::{call_sounds_never_panic, packet_sounds_never_panic, rtp_never_panics};
use crate::phone::{phone_messages_never_panic, phone_scripts_never_panic};
use crate::prompts::{cached_prompts_never_panic, pack_sounds_never_panic, packs_never_panic};
use crate::sip::prefilter::fuzz_prefilter;
use crate::sip::sdp::fuzz_sdp;
use crate::sip::{answers_never_panic, messages_never_panic, networks_never_panic, streams_never_panic};

/// A name, and a reader that must not fall over.
type Target = (&'static str, fn(&[u8]));

/// The fuzz targets of this crate, by name.
pub const TARGETS: &[Target] = &[
    ("sip-doorkeeper", fuzz_prefilter),
    ("sip-messages", messages_never_panic),
    ("sip-streams", streams_never_panic),
    ("sip-answers", answers_never_panic),
    ("sdp", fuzz_sdp),
    ("networks", networks_never_panic),
    ("rtp", rtp_never_panics),
    ("call-sounds", call_sounds_never_panic),
    ("packet-sounds", packet_sounds_never_panic),
    ("pack-sounds", pack_sounds_never_panic),
    ("prompt-packs", packs_never_panic),
    ("cached-prompts", cached_prompts_never_panic),
    ("phone-messages", phone_messages_never_panic),
    ("phone-scripts", phone_scripts_never_panic),
];
