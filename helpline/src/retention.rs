//! How long anything is kept, as data: the class, the column of the store, and the time after which it goes.
//! An operator may shorten a row, never lengthen it.

use std::time::Duration;

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// A class of what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DataClass {
    /// The state of a running conversation.
    ConversationState,
    /// A contact's row.
    ContactRow,
    /// A contact's exact times, sealed.
    ContactTimes,
    /// A caller's number for a callback or reminder.
    CallbackNumber,
    /// A voice note or typed message, after it was heard.
    Message,
    /// A message that nobody has heard yet.
    MessageWaiting,
    /// One's own file, a card, an enrolled record, from the last contact.
    CaseFile,
    /// A report, after its outcome.
    Report,
    /// Content of audit entries.
    AuditContent,
    /// Counters of the limits.
    Limits,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The class.
    pub class: DataClass,
    /// Its word in settings and on the "held" page.
    pub word: &'static str,
    /// How long at the most.
    pub kept: Duration,
    /// From when it counts.
    pub from: &'static str,
}

/// The table. Reading a paper together, urgent help and questions have no row: nothing of them is kept but counts.
pub const TABLE: &[Retention] = &[
    Retention {
        class: DataClass::ConversationState,
        word: "conversation-state",
        kept: Duration::from_secs(DAY),
        from: "its last step",
    },
    Retention {
        class: DataClass::ContactRow,
        word: "contact-row",
        kept: Duration::from_secs(30 * DAY),
        from: "its day",
    },
    Retention {
        class: DataClass::ContactTimes,
        word: "contact-times",
        kept: Duration::from_secs(7 * DAY),
        from: "its day",
    },
    Retention {
        class: DataClass::CallbackNumber,
        word: "callback-number",
        kept: Duration::from_secs(72 * HOUR),
        from: "the promise, or until done",
    },
    Retention {
        class: DataClass::Message,
        word: "message",
        kept: Duration::from_secs(72 * HOUR),
        from: "the moment it was heard",
    },
    Retention {
        class: DataClass::MessageWaiting,
        word: "message-waiting",
        kept: Duration::from_secs(30 * DAY),
        from: "the moment it was left",
    },
    Retention {
        class: DataClass::CaseFile,
        word: "case-file",
        kept: Duration::from_secs(90 * DAY),
        from: "the last contact, or 30 days after the last known date if later",
    },
    Retention { class: DataClass::Report, word: "report", kept: Duration::from_secs(60 * DAY), from: "its outcome" },
    Retention {
        class: DataClass::AuditContent,
        word: "audit-content",
        kept: Duration::from_secs(730 * DAY),
        from: "its day",
    },
    Retention {
        class: DataClass::Limits,
        word: "limits",
        kept: Duration::from_secs(7 * DAY),
        from: "the last wrong try",
    },
];

/// After the last known date of a case it is kept so long at least.
pub const AFTER_LAST_DATE: Duration = Duration::from_secs(30 * DAY);

impl DataClass {
    /// Its row.
    pub fn row(self) -> Retention {
        TABLE.iter().copied().find(|row| row.class == self).unwrap_or(Retention {
            class: self,
            word: "unlisted",
            kept: Duration::ZERO,
            from: "at once",
        })
    }

    /// How long it is kept at the most.
    pub fn kept(self) -> Duration {
        self.row().kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_one_row() {
        for row in TABLE {
            assert_eq!(TABLE.iter().filter(|other| other.class == row.class).count(), 1, "{}", row.word);
            assert_eq!(row.class.row(), *row);
        }
    }
}
