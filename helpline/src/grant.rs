//! What lets the vault open a record: one of three grants, each naming one record and already in the log.
//! Holding keys and opening blobs is left to the vault in `store`.

use crate::audit::AuditReceipt;
use caseline_model::{CaseId, ContactId, Date};
use caseline_records::Field;

/// Leave to open one record. There is none that names two, and none for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// A live contact that verified itself for this one case.
    Contact {
        /// The contact.
        contact: ContactId,
        /// The case.
        case: CaseId,
        /// The entry that says so, already durable.
        audited: AuditReceipt,
    },
    /// A ticket that the person left to a named agent and a deputy, until a date.
    Ticket {
        /// The case.
        case: CaseId,
        /// The last day.
        until: Date,
        /// The entry that says so, already durable.
        audited: AuditReceipt,
    },
    /// A standing wish of the person, for these fields.
    Enrolment {
        /// The case.
        case: CaseId,
        /// The fields.
        fields: Vec<Field>,
        /// The entry that says so, already durable.
        audited: AuditReceipt,
    },
}

impl Grant {
    /// The one case that it names.
    pub const fn case(&self) -> CaseId {
        match self {
            Self::Contact { case, .. } | Self::Ticket { case, .. } | Self::Enrolment { case, .. } => *case,
        }
    }

    /// The log entry that came before it.
    pub const fn audited(&self) -> AuditReceipt {
        match self {
            Self::Contact { audited, .. } | Self::Ticket { audited, .. } | Self::Enrolment { audited, .. } => *audited,
        }
    }
}
