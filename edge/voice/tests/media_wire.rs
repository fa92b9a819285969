//! The media engine on the wire: real UDP packets on loopback, as telephones, trunks, NATs and strangers send them.
//! The parts that need no socket are tested beside their code.

#[path = "media_wire/far_end.rs"]
mod far_end;
#[path = "media_wire/bridging.rs"]
mod media_bridging;
#[path = "media_wire/latching.rs"]
mod media_latching;
#[path = "media_wire/playing.rs"]
mod media_playing;
