//! One answer whatever the number (property S6): numbers that exist, that do not, that are closed, that are over and
//! whose code was used hear and see the same, let out at the same moment. At the use case on a turned clock, in the chat
//! on the real store while time stands still, and by telephone.
//! Timing on a machine is left to `caseline bench oracle`.
#![expect(clippy::unwrap_used, reason = "a failed step should fail the test")]

#[path = "same_answer/chat.rs"]
mod chat;
#[path = "same_answer/contacts.rs"]
mod contacts;
#[path = "same_answer/numbers.rs"]
mod numbers;
#[path = "same_answer/telephone.rs"]
mod telephone;
