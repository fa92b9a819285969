//! Given a flow, a state and what was heard: what to say, ask or do next; and the checker that proves a flow safe.
//! Channels, sound, sockets and storage are left to the edges; who may do what, to `helpline`.

pub mod checker;
pub mod effect;
pub mod engine;
pub mod every_prompt;
pub mod flow;
pub mod fuzzing;
pub mod greeting;
pub mod input;
pub mod keypad;
pub mod material;
pub mod operator;
pub mod output;
pub mod page;
pub mod policy;
pub mod program;
pub mod slot;
pub mod state;
pub mod telling;
pub mod words;

pub use effect::{Chain, Connected, Done, Effect};
pub use engine::Conversation;
pub use flow::{Flow, FlowFault, Kind, Step};
pub use input::{Arrival, Input, Key};
pub use material::MaterialFault;
pub use output::{Choice, Expected, Output, Question};
pub use policy::Policy;
pub use program::Program;
pub use slot::{SlotType, Value};
pub use state::State;
pub use telling::{Arg, Phrase, Telling};
pub use words::Words;
