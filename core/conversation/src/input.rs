//! What goes into a conversation: a choice, a value, silence, a key that always works, a result, hanging up.
//! Reading keys, words and buttons is left to the channels.

use crate::effect::Done;
use caseline_model::{Channel, Language, Private};
use serde::{Deserialize, Serialize};

/// What was heard or came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The contact begins.
    Arrived(Arrival),
    /// An option, by id.
    Chose(String),
    /// A value as it was keyed or typed.
    Gave(Private<String>),
    /// A passkey was shown where a number is asked for. Checking it is left to `helpline`, which holds what was shown.
    ShowedPasskey,
    /// Nothing came in the time that the policy gives.
    Silent,
    /// Something came that is no option.
    Unclear,
    /// A key that always works.
    Key(Key),
    /// A voice was heard on the call, whatever it said: somebody is there.
    VoiceHeard,
    /// What became of the effect that was asked for.
    Done(Done),
    /// Another process took over: the last question is asked again.
    Resumed,
    /// The caller left.
    HungUp,
    /// Time passed; nothing else.
    Tick,
}

/// A key that always works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// `0`, "agent", a button.
    Person,
    /// `9`, "help", a button.
    Urgent,
    /// `*`, "repeat".
    Repeat,
}

/// How a contact begins. Nothing of it says who calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// The channel.
    pub channel: Channel,
    /// The language of the number that was called or of the page; none: the first menu.
    pub language: Option<Language>,
    /// Staff are there now.
    pub staffed: bool,
    /// The network showed a number that can be called back.
    pub number_shown: bool,
    /// The call comes over a trunk or number marked `custody`.
    pub custody: bool,
}
