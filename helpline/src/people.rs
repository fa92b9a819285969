//! The people behind the line: numbers of the chain, their role, their languages, the code by which they hear messages.
//! Ringing them is left to `voice`.

use crate::audit::Role;
use caseline_model::Language;

/// One number of a chain, as the operator's settings name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// A name for logs and figures, never a person's: `desk`, `legal-on-call`.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// Where it rings: a telephone number over the trunk, or a SIP address.
    pub target: String,
    /// The language in which it is told who is on the line.
    pub language: Language,
    /// Languages in which it can talk with callers.
    pub speaks: Vec<Language>,
}

/// An interpreter's number for some languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpreter {
    /// Where it rings.
    pub target: String,
    /// Languages.
    pub languages: Vec<Language>,
}

/// Who hears messages by telephone, with a code of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageListener {
    /// A name for logs.
    pub name: String,
    /// Their language.
    pub language: Language,
    /// SHA-256 of the salt and the code, hexadecimal; codes have eight digits.
    pub code_hash: String,
    /// The salt.
    pub code_salt: String,
}

/// The people behind a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// In opening hours.
    pub staff: Vec<Link>,
    /// At all hours: own staff, then legal on call, then the partner.
    pub urgent: Vec<Link>,
    /// Interpreters by number.
    pub interpreters: Vec<Interpreter>,
    /// Who hears messages.
    pub listeners: Vec<MessageListener>,
}

/// How long a link rings before the next one is tried, in seconds.
pub const LINK_RINGS_SECONDS: u64 = 20;
