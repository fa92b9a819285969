//! The saved form of a contact: what another process needs to go on with it.
//! Sealing it is left to the store.

use crate::ports::TaskKind;
use caseline_model::{CaseId, Channel, FileReceipt, Private, TaskId, Time};
use serde::{Deserialize, Serialize};

/// A contact between two steps.
#[derive(Serialize, Deserialize)]
pub(super) struct SavedContact {
    /// The conversation's own saved form.
    pub conversation: String,
    /// The channel.
    pub channel: Channel,
    /// The case that is open.
    pub open_case: Option<CaseId>,
    /// A code of its card, or a passkey, opened it: so another code may make a passkey.
    #[serde(default)]
    pub has_card: bool,
    /// When the contact began.
    pub began_at: Time,
    /// What the message that is being recorded is about.
    pub message_need: String,
    /// What was promised in it, in order.
    #[serde(default)]
    pub promised: Vec<Promised>,
    /// The code and id of what is being kept now: a process that takes over keeps the same thing, not a second one.
    #[serde(default)]
    pub prepared: Option<Prepared>,
}

/// A message, a callback or a reminder that is on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Promised {
    /// Its kind.
    pub kind: TaskKind,
    /// The case of a reminder.
    pub case: Option<CaseId>,
}

/// A code that will be said once, and the id of what it opens, drawn before either is kept.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Prepared {
    /// The code.
    pub code: Private<FileReceipt>,
    /// The case of a file.
    pub case: CaseId,
    /// The task of a report.
    pub task: TaskId,
}

impl SavedContact {
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    pub(super) fn write(&self) -> Option<Vec<u8>> {
        serde_json::to_vec(self).ok()
    }
}

/// Reads bytes as a saved contact; what is read can be written and reads back. A fuzz target.
pub fn saved_contacts_never_panic(bytes: &[u8]) {
    let Some(contact) = SavedContact::read(bytes) else { return };
    let again = contact.write().and_then(|bytes| SavedContact::read(&bytes));
    assert!(again.is_some_and(|again| again.promised == contact.promised), "what was read reads back");
}
