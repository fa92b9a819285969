//! Golden conversations, played against the real parts: the engine, a telephone on the network, the web pages.
//! What a conversation says is left to flows and words; what may be done, to `helpline`.

pub mod fuzzing;
pub mod material;
pub mod overheard;
pub mod play;
pub mod script;
pub mod stage;
pub mod weather;
pub mod world;
