//! What a conversation wants done, and what became of it. It never does anything itself.
//! Who may, what is written down and how it is done are left to `helpline`.

use crate::slot::CaseNumber;
use caseline_model::{CardCode, Date, FileReceipt, Phone, Private, TimeOfDay};
use caseline_records::{Answer, Field};
use serde::{Deserialize, Serialize};

/// Something to be done outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Effect {
    /// Open the case of a number with a code from its card. Done: `Checked`.
    CheckCard {
        /// The number as keyed.
        number: Private<CaseNumber>,
        /// The code as keyed.
        code: Private<CardCode>,
    },
    /// Open one's own file by its receipt, with its word key if it has one. Done: `Checked`.
    CheckFile {
        /// The receipt as keyed.
        receipt: Private<FileReceipt>,
        /// The word key as keyed.
        word_key: Option<Private<String>>,
    },
    /// Open the case of the passkey that was just shown. Done: `Checked`.
    CheckPasskey,
    /// Read the case that this contact opened. Done: `Read`.
    ReadCase {
        /// Which fields.
        fields: Vec<Field>,
    },
    /// Open a file from one's own notice. Done: `FileOpened`, `NotHere`, `Unavailable`.
    OpenFile {
        /// The date on the notice.
        date: Date,
        /// The time on it.
        time: Option<TimeOfDay>,
        /// Four digits that the caller chose.
        word_key: Option<Private<String>>,
    },
    /// Keep a report that a record is wrong. Done: `ReportTaken`, `Unavailable`.
    Report {
        /// What is wrong, by option id.
        what: String,
    },
    /// Look up what became of a report. Done: `ReportState`, `Refused`, `PersonNow`, `Unavailable`.
    ReportOutcome {
        /// The code as keyed.
        code: Private<FileReceipt>,
    },
    /// Connect to a person. Done: `Connect`.
    Connect {
        /// Which chain of numbers.
        chain: Chain,
        /// What is told to the person who answers.
        need: String,
    },
    /// Promise a callback. Done: `Saved`, `Unavailable`.
    Callback {
        /// The number that the caller gave; none: the one they call from.
        phone: Option<Private<Phone>>,
        /// What is told to the person who calls back.
        need: String,
    },
    /// Record a message (voice) or keep a typed one. Done: `Saved`, `Empty`, `Unavailable`.
    Message {
        /// What is told to the person who hears it.
        need: String,
        /// Typed words, on channels that type.
        words: Option<Private<String>>,
    },
    /// Set a reminder for the case that is open. Done: `Saved`, `Unavailable`.
    Remind {
        /// The number that the caller gave; none: the one they call from.
        phone: Option<Private<Phone>>,
    },
    /// Destroy all that is kept of the case that is open. Done: `Forgotten`, `Unavailable`.
    ForgetMe,
    /// Look up on which days and by which role the open case was opened; that itself opens nothing. Done: `Openings`,
    /// `Unavailable`.
    Openings,
    /// Let a desk and its deputy open the case that is open, until a day. Done: `TicketLeft`, `NoSuchDesk`, `Unavailable`.
    LeaveTicket {
        /// The desk that the caller named, 100 to 999.
        desk: u16,
        /// The last day.
        until: Date,
    },
    /// Take back all tickets of the case that is open. Done: `TicketsWithdrawn`, `Unavailable`.
    WithdrawTickets,
    /// Take the case that is open off all representatives' cards. Done: `AuthoritiesEnded`, `Unavailable`.
    EndAuthorities,
    /// Close the case that is open, so that another one may be opened in this contact. Done: `Closed`, `Unavailable`.
    CloseCase,
}

/// A chain of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Chain {
    /// Own staff, in their hours.
    Staff,
    /// Own staff, then legal on call, then the partner: at all hours.
    Urgent,
}

impl Chain {
    /// The word in settings and audit.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Urgent => "urgent",
        }
    }
}

/// What became of an effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "done", rename_all = "kebab-case")]
pub enum Done {
    /// The case is open in this contact.
    Opened,
    /// It is not; the same whatever the reason.
    Refused,
    /// Too many tries: a person.
    PersonNow,
    /// The answer of the open case.
    Read {
        /// Facts and findings.
        answer: Answer,
    },
    /// A file is open; its receipt is said once.
    FileOpened {
        /// The receipt.
        receipt: Private<FileReceipt>,
    },
    /// This line opens no files (an agency's).
    NotHere,
    /// The report is on disk; its code is said once.
    ReportTaken {
        /// The code.
        code: Private<FileReceipt>,
    },
    /// What became of a report.
    ReportState {
        /// Its state.
        state: ReportState,
        /// The day it was taken.
        taken_on: Date,
        /// The day it got that state.
        since: Date,
    },
    /// What became of connecting.
    Connect {
        /// The result.
        connected: Connected,
    },
    /// It is on disk.
    Saved,
    /// There was nothing in it.
    Empty,
    /// All is destroyed.
    Forgotten {
        /// How many things were destroyed, by kind: `file`, `case`, `card`, `passkey`, `ticket`, `reminder`, `report`.
        destroyed: Vec<(String, u32)>,
    },
    /// On which days the case was opened, the newest first.
    Openings {
        /// One for each day and role.
        openings: Vec<CaseOpening>,
    },
    /// The desk and its deputy may open the case.
    TicketLeft {
        /// The deputy's desk, if there is one now.
        deputy: Option<u16>,
        /// The last day.
        until: Date,
    },
    /// Nobody who may open a case has that number.
    NoSuchDesk,
    /// No desk can open the case any more.
    TicketsWithdrawn {
        /// How many tickets that ended.
        count: u32,
    },
    /// No representative's card opens the case any more.
    AuthoritiesEnded {
        /// How many cards it was taken off.
        count: u32,
    },
    /// The case is closed in this contact.
    Closed,
    /// Something broke; nothing was saved, and nothing is said to have been.
    Unavailable,
}

/// That a case was opened: the day, never the hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CaseOpening {
    /// The day.
    pub on: Date,
    /// In which role.
    pub by: OpenedBy,
}

/// In which role somebody opened a case, as a person hears it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OpenedBy {
    /// With a code or receipt, on this line.
    Line,
    /// With the card of a representative, on this line.
    Representative,
    /// A navigator at the desk.
    Navigator,
    /// An accredited representative at the desk.
    Accredited,
    /// A lawyer at the desk.
    Attorney,
    /// Somebody else of the desk.
    Staff,
}

impl OpenedBy {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Line, Self::Representative, Self::Navigator, Self::Accredited, Self::Attorney, Self::Staff];

    /// The word in words and scripts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Representative => "representative",
            Self::Navigator => "navigator",
            Self::Accredited => "accredited",
            Self::Attorney => "attorney",
            Self::Staff => "staff",
        }
    }
}

/// The states of a report of a wrong record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportState {
    /// Taken; nobody has read it yet.
    Taken,
    /// A person of the line works on it.
    InHand,
    /// The person was told how to get it corrected, or it is at a lawyer's.
    Answered,
    /// The record was found corrected.
    Corrected,
    /// It could not be corrected; the reason is given by a person.
    Closed,
}

impl ReportState {
    /// The word in words and scripts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::InHand => "in-hand",
            Self::Answered => "answered",
            Self::Corrected => "corrected",
            Self::Closed => "closed",
        }
    }
}

/// What became of connecting to a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Connected {
    /// A person took the contact, and it is over.
    Answered,
    /// Nobody is there at this hour.
    Closed,
    /// All are on contacts.
    Full,
    /// The chain rang through and nobody accepted.
    Nobody,
}
