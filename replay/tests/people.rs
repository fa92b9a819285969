//! People at the other end of the line, on real telephones on loopback: the chain, interpreters, messages, callbacks.
//! What is said and decided before a person is wanted is left to the golden conversations.

#![expect(clippy::unwrap_used, reason = "a step that fails should fail the test")]

#[path = "people/callbacks.rs"]
mod callbacks;
#[path = "people/chain.rs"]
mod chain;
#[path = "people/house.rs"]
mod house;
#[path = "people/interpreters.rs"]
mod interpreters;
#[path = "people/keys.rs"]
mod keys;
#[path = "people/messages.rs"]
mod messages;
#[path = "people/networks.rs"]
mod networks;
#[path = "people/refused.rs"]
mod refused;
