//! SIP from outside: tests speak raw text from a socket on 127.0.0.1 to a running server and read what comes back;
//! what is read as text is also tried made up, cut and mixed.
#![expect(clippy::unwrap_used, reason = "a failed step should fail the test")]

#[path = "sip_wire/peer.rs"]
mod peer;
#[path = "sip_wire/calls.rs"]
mod sip_calls;
#[path = "sip_wire/logs.rs"]
mod sip_logs;
#[path = "sip_wire/outgoing.rs"]
mod sip_outgoing;
#[path = "sip_wire/policy.rs"]
mod sip_policy;
#[path = "sip_wire/sipp.rs"]
mod sip_sipp;
#[path = "sip_wire/tcp.rs"]
mod sip_tcp;
#[path = "sip_wire/text.rs"]
mod sip_text;
#[path = "sip_wire/torture.rs"]
mod sip_torture;
#[path = "sip_wire/torture_ipv6.rs"]
mod sip_torture_ipv6;
#[path = "sip_wire/trunks.rs"]
mod sip_trunks;
