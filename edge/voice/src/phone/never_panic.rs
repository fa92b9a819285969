//! Feeds any bytes to the readers of the test telephone: what the line answers it, and its scripts.
//! The list of all targets is in `crate::fuzzing`.

use super::dialog::SipAddress;
use super::message::Message;
use super::offer::FarSound;
use super::script::Script;

/// Reads a message, its description and each of its headers as an address.
pub fn phone_messages_never_panic(bytes: &[u8]) {
    let _ = FarSound::read(bytes);
    let _ = SipAddress::parse(&String::from_utf8_lossy(bytes));
    let Some(message) = Message::parse(bytes) else { return };
    let _ = FarSound::read(&message.body);
    let _ = Message::parse(&message.to_bytes());
}

/// Reads text as a script, and as keys.
pub fn phone_scripts_never_panic(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = Script::parse("fuzz.script", &text);
    let _ = Script::from_keys(&text);
}
