//! A flow as data: human-chosen ids, a closed set of step kinds, no free expressions, every outcome wired by name.
//! Whether it is safe is left to `checker`; how it runs, to `engine`.

pub mod read;

use crate::slot::SlotType;
use caseline_model::Disposition;
use caseline_records::Field;
use std::collections::BTreeMap;

pub use read::FlowFault;

/// How many steps a flow may have.
pub const STEP_COUNT_MAX: usize = 200;

/// One flow, from one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Its id: the file's name without `.toml`.
    pub name: String,
    /// The file it was read from, for messages.
    pub file: String,
    /// Goes up with every change.
    pub version: u32,
    /// What this version changed.
    pub note: String,
    /// The first step.
    pub start: String,
    /// What a `call` must hand in.
    pub inputs: BTreeMap<String, SlotType>,
    /// What a `call` gets back.
    pub outputs: BTreeMap<String, SlotType>,
    /// The steps by id.
    pub steps: BTreeMap<String, Step>,
    /// The row of each key of the head (`flow`, `version`, `note`, `start`), for messages.
    pub head_rows: BTreeMap<String, usize>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its id.
    pub name: String,
    /// Its row in the file, from 1.
    pub row: usize,
    /// What it does.
    pub kind: Kind,
    /// What is said when it is entered, by key of the words.
    pub say: Option<String>,
    /// Where each outcome goes, by the outcome's name.
    pub outcomes: BTreeMap<String, Target>,
}

/// Where an outcome goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// A step of the same flow.
    pub step: String,
    /// Its row in the file.
    pub row: usize,
}

/// What a step does: the closed set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Says something. Outcome `then`.
    Say,
    /// Asks to choose. One outcome an option, `silent`, `gave-up`.
    Choose {
        /// Ids of the options, in the order they are offered. The label's words are `choose-<id>`.
        options: Vec<String>,
        /// The slot that keeps the id of the option, where a later step needs it.
        into: Option<String>,
    },
    /// Asks for a value of a type. Outcomes `then` (for `receipt-or-number`: `receipt`, `number`, `passkey`; for the
    /// language types: `then`, `lifeline`), `silent`, `gave-up`.
    Ask {
        /// What is asked for.
        slot_type: SlotType,
        /// The slot that keeps it.
        into: String,
        /// Reads it back and asks whether it is right.
        confirm: bool,
    },
    /// Opens one's own case. Outcomes `opened`, `refused` (the same words whatever the reason), `person` (too many
    /// tries), `unavailable`.
    CheckOwnCase {
        /// The slot with the number or the file receipt, or that a passkey was shown.
        number: String,
        /// The slot with the card's code, or with the word key of a file.
        code: Option<String>,
    },
    /// Tells the case that this contact opened. Outcomes `told`, `speak-first` (something was told that asks for a
    /// person), `nothing`.
    TellCase {
        /// Which fields.
        fields: Vec<Field>,
    },
    /// Reads a paper together and keeps nothing. Outcomes `told`, `soon` (today or tomorrow), `past`.
    ReadPaper {
        /// The slot with the date of the hearing.
        date: String,
        /// The slot with its time.
        time: Option<String>,
        /// The slot with the day it was mailed.
        mailed: Option<String>,
    },
    /// Opens a file from one's own notice. Outcomes `opened`, `unavailable`, `not-here` (an agency's line opens none).
    OpenFile {
        /// The slot with the date of the hearing.
        date: String,
        /// The slot with its time.
        time: Option<String>,
        /// The slot with a word key of four digits that the caller chose.
        word_key: Option<String>,
    },
    /// Gives a vetted answer. Outcomes `told`, `none` (expired, not translated, or nothing fits: a person).
    Answer {
        /// The slot with the chosen article's id or the caller's words.
        question: String,
    },
    /// Takes a report that a record is wrong. Outcomes `taken`, `unavailable`.
    ReportWrongRecord {
        /// The slot with what is wrong (an option's id).
        what: String,
    },
    /// Tells what became of a report. Outcomes `told`, `refused`, `person`, `unavailable`.
    ReportOutcome {
        /// The slot with the report code.
        code: String,
    },
    /// Connects to the 24-hour chain. Outcomes `connected`, `nobody`.
    Urgent {
        /// What is told to the person who answers, by option id: `officers-here`.
        need: String,
    },
    /// Connects to staff. Outcomes `connected`, `closed`, `full`, `gave-up`.
    Queue {
        /// What is told to the person who answers.
        need: String,
    },
    /// Promises a callback that keeps the place. Outcomes `promised`, `unavailable`.
    Callback {
        /// The slot with the number; without it the number the caller calls from.
        phone: Option<String>,
        /// What is told to the person who calls back.
        need: Need,
    },
    /// Takes a message. Outcomes `left`, `empty`, `unavailable`.
    Message {
        /// What is told to the person who hears it.
        need: Need,
        /// The slot with typed words, on channels that type.
        words: Option<String>,
    },
    /// Sets a reminder that reveals nothing. Outcomes `set`, `unavailable`.
    Remind {
        /// The slot with the number; without it the number the caller calls from.
        phone: Option<String>,
    },
    /// Tells where free legal help is. Outcomes `told`, `none`.
    Refer {
        /// What kind of help.
        topic: String,
    },
    /// Forgets all that is kept of the case that this contact opened. Outcomes `done`, `unavailable`.
    ForgetMe,
    /// Tells on which days and by which role the open case was opened. Outcomes `told`, `unavailable`.
    TellOpenings,
    /// Lets a desk and its deputy open the case that is open, for a week. Outcomes `left`, `no-such-desk`, `unavailable`.
    LeaveTicket {
        /// The slot with the number of the desk.
        desk: String,
    },
    /// Takes back what was left to desks, and says that nobody there can open the case. Outcomes `done`, `unavailable`.
    WithdrawTickets,
    /// Takes the case that is open off all representatives' cards, and says so. Outcomes `done`, `unavailable`.
    EndAuthorities,
    /// Closes the case that is open, before another one is asked for. Outcomes `done`, `unavailable`.
    CloseCase,
    /// Runs another flow. One outcome for each `as` of its `end` steps.
    Call {
        /// The flow.
        flow: String,
        /// Its input slots from ours.
        give: BTreeMap<String, String>,
        /// Its inputs of type `need`, each with the need itself.
        with: BTreeMap<String, String>,
        /// Our slots from its outputs.
        take: BTreeMap<String, String>,
    },
    /// Asks whether a fact of the contact holds, silently. Outcomes `yes`, `no`.
    When {
        /// Which fact.
        fact: ContactFact,
    },
    /// Ends the flow; the outermost one ends the contact.
    End {
        /// The name by which the calling flow wires this end.
        outcome: Option<String>,
        /// How the contact ended, where this step knows better than the engine.
        disposition: Option<Disposition>,
    },
}

/// What is told to the person who takes a promise over: the same for every caller of the flow, or what the calling flow
/// handed in, so that one flow for messages serves whoever wants something and whoever has officers at the door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// This, by option id: `officers-here`.
    Is(String),
    /// What stands in this slot, of type `need`.
    In(String),
}

impl Need {
    /// The need, where it is the same for every caller of the flow.
    pub fn fixed(&self) -> Option<&str> {
        match self {
            Self::Is(need) => Some(need),
            Self::In(_) => None,
        }
    }

    /// The slot that holds it, where the calling flow hands it in.
    pub fn slot(&self) -> Option<&str> {
        match self {
            Self::Is(_) => None,
            Self::In(slot) => Some(slot),
        }
    }
}

/// Facts about a contact that a flow may branch on. None is about the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactFact {
    /// Staff are there now.
    Staffed,
    /// The telephone network showed a number that can be called back.
    NumberShown,
    /// The call comes over a trunk or number marked `custody`.
    Custody,
    /// The channel types rather than keys.
    Typed,
    /// A case is open in this contact.
    CaseOpen,
}

impl ContactFact {
    /// All of them with the words that flows use.
    pub const ALL: &[(&str, Self)] = &[
        ("staffed", Self::Staffed),
        ("number-shown", Self::NumberShown),
        ("custody", Self::Custody),
        ("typed", Self::Typed),
        ("case-open", Self::CaseOpen),
    ];
}

impl Kind {
    /// The word that flows use.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Say => "say",
            Self::Choose { .. } => "choose",
            Self::Ask { .. } => "ask",
            Self::CheckOwnCase { .. } => "check_own_case",
            Self::TellCase { .. } => "tell_case",
            Self::ReadPaper { .. } => "read_paper",
            Self::OpenFile { .. } => "open_file",
            Self::Answer { .. } => "answer",
            Self::ReportWrongRecord { .. } => "report_wrong_record",
            Self::ReportOutcome { .. } => "report_outcome",
            Self::Urgent { .. } => "urgent",
            Self::Queue { .. } => "queue",
            Self::Callback { .. } => "callback",
            Self::Message { .. } => "message",
            Self::Remind { .. } => "remind",
            Self::Refer { .. } => "refer",
            Self::ForgetMe => "forget_me",
            Self::TellOpenings => "tell_openings",
            Self::LeaveTicket { .. } => "leave_ticket",
            Self::WithdrawTickets => "withdraw_tickets",
            Self::EndAuthorities => "end_authorities",
            Self::CloseCase => "close_case",
            Self::Call { .. } => "call",
            Self::When { .. } => "when",
            Self::End { .. } => "end",
        }
    }

    /// Whether the caller gives something here.
    pub const fn is_input(&self) -> bool {
        matches!(self, Self::Choose { .. } | Self::Ask { .. })
    }

    /// Whether a person takes over here, or a promise of one is made.
    pub const fn is_person(&self) -> bool {
        matches!(self, Self::Urgent { .. } | Self::Queue { .. } | Self::Callback { .. } | Self::Message { .. })
    }

    /// The outcomes that must be wired; for `call` they are those of the called flow, which the checker knows.
    pub fn outcomes(&self) -> Vec<&str> {
        match self {
            Self::Say => vec!["then"],
            Self::Choose { options, .. } => options.iter().map(String::as_str).chain(["silent", "gave-up"]).collect(),
            Self::Ask { slot_type: SlotType::ReceiptOrNumber, .. } => {
                vec!["receipt", "number", "passkey", "silent", "gave-up"]
            }
            Self::Ask { slot_type: SlotType::Language | SlotType::AnyLanguage, .. } => {
                vec!["then", "lifeline", "silent", "gave-up"]
            }
            Self::Ask { .. } => vec!["then", "silent", "gave-up"],
            Self::CheckOwnCase { .. } => vec!["opened", "refused", "person", "unavailable"],
            Self::TellCase { .. } => vec!["told", "speak-first", "nothing"],
            Self::ReadPaper { .. } => vec!["told", "soon", "past"],
            Self::OpenFile { .. } => vec!["opened", "unavailable", "not-here"],
            Self::Answer { .. } => vec!["told", "none"],
            Self::ReportWrongRecord { .. } => vec!["taken", "unavailable"],
            Self::ReportOutcome { .. } => vec!["told", "refused", "person", "unavailable"],
            Self::Urgent { .. } => vec!["connected", "nobody"],
            Self::Queue { .. } => vec!["connected", "closed", "full", "gave-up"],
            Self::Callback { .. } => vec!["promised", "unavailable"],
            Self::Message { .. } => vec!["left", "empty", "unavailable"],
            Self::Remind { .. } => vec!["set", "unavailable"],
            Self::Refer { .. } => vec!["told", "none"],
            Self::ForgetMe | Self::WithdrawTickets | Self::EndAuthorities | Self::CloseCase => {
                vec!["done", "unavailable"]
            }
            Self::TellOpenings => vec!["told", "unavailable"],
            Self::LeaveTicket { .. } => vec!["left", "no-such-desk", "unavailable"],
            Self::When { .. } => vec!["yes", "no"],
            Self::Call { .. } | Self::End { .. } => Vec::new(),
        }
    }
}
