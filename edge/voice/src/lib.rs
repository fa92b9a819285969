//! The telephone: SIP, the media engine, keys, prompts and speech.

pub mod fuzzing;
pub mod line;
pub mod media;
pub mod phone;
pub mod prompts;
pub mod sip;
pub mod speech;
