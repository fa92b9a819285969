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
    /// A report that has no outcome yet, and a person's obligation to work on it.
    ReportOpen,
    /// Content of audit entries.
    AuditContent,
    /// Counters of the limits.
    Limits,
    /// An account of the desk, after its end: handle, role and day.
    StaffAccount,
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
        class: DataClass::ReportOpen,
        word: "report-open",
        kept: Duration::from_secs(180 * DAY),
        from: "its last move; then it is given up and counted as a failure of the line",
    },
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
    Retention {
        class: DataClass::StaffAccount,
        word: "staff-account",
        kept: Duration::from_secs(730 * DAY),
        from: "its end; while it runs it stays",
    },
];

/// After the last known date of a case it is kept so long at least.
pub const AFTER_LAST_DATE: Duration = Duration::from_secs(30 * DAY);

/// How long everything is kept on one line: the table, shortened where its operator wishes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptTimes {
    shortened: Vec<(DataClass, Duration)>,
}

/// Why a time is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeptTimeRefusal {
    /// The table has no such row.
    #[error("nothing is kept as `{word}`; the words are {}", words())]
    NoSuchClass {
        /// What was asked for.
        word: String,
    },
    /// Longer than the table allows.
    #[error(
        "`{word}` is kept for {hours_max} hours at the most, counted from {from}; a line may keep it shorter, never longer"
    )]
    TooLong {
        /// The class.
        word: &'static str,
        /// The table's time.
        hours_max: u64,
        /// From when it counts.
        from: &'static str,
    },
    /// Nothing is kept for no time at all: what is promised would be broken at once.
    #[error("`{word}` is kept for an hour at least; without it the line cannot keep what it promises")]
    TooShort {
        /// The class.
        word: &'static str,
    },
}

impl KeptTimes {
    /// Shortens one class, by its word in the table.
    ///
    /// # Errors
    /// When the table has no such row, or its time is shorter.
    pub fn shorten(&mut self, word: &str, hours: u64) -> Result<(), KeptTimeRefusal> {
        let Some(row) = TABLE.iter().find(|row| row.word == word) else {
            return Err(KeptTimeRefusal::NoSuchClass { word: word.to_owned() });
        };
        let hours_max = row.kept.as_secs() / HOUR;
        if hours > hours_max {
            return Err(KeptTimeRefusal::TooLong { word: row.word, hours_max, from: row.from });
        }
        if hours == 0 {
            return Err(KeptTimeRefusal::TooShort { word: row.word });
        }
        self.shortened.retain(|(class, _)| *class != row.class);
        self.shortened.push((row.class, Duration::from_secs(hours * HOUR)));
        Ok(())
    }

    /// How long a class is kept on this line.
    pub fn kept(&self, class: DataClass) -> Duration {
        let shortened = self.shortened.iter().find(|(of, _)| *of == class);
        shortened.map_or_else(|| class.kept(), |(_, kept)| *kept)
    }
}

fn words() -> String {
    TABLE.iter().map(|row| row.word).collect::<Vec<_>>().join(", ")
}

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
    fn a_line_may_keep_things_shorter_and_never_longer() {
        let mut times = KeptTimes::default();
        assert_eq!(times.kept(DataClass::Message), Duration::from_secs(72 * HOUR));
        assert_eq!(times.shorten("message", 24), Ok(()));
        assert_eq!(times.shorten("message", 12), Ok(()));
        assert_eq!(times.kept(DataClass::Message), Duration::from_secs(12 * HOUR));
        assert_eq!(times.kept(DataClass::MessageWaiting), DataClass::MessageWaiting.kept(), "no other row is touched");
        let longer = times.shorten("message", 73).unwrap_err().to_string();
        assert!(longer.contains("72 hours at the most"), "{longer}");
        assert!(times.shorten("message", 0).is_err());
        let unknown = times.shorten("names", 1).unwrap_err().to_string();
        assert!(unknown.contains("`names`") && unknown.contains("message-waiting"), "{unknown}");
        assert_eq!(times.kept(DataClass::Message), Duration::from_secs(12 * HOUR), "a refusal changes nothing");
    }

    #[test]
    fn every_class_has_one_row() {
        for row in TABLE {
            assert_eq!(TABLE.iter().filter(|other| other.class == row.class).count(), 1, "{}", row.word);
            assert_eq!(row.class.row(), *row);
        }
    }
}
