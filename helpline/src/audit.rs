//! What is written down about what was done: kinds of entries, without content, for the append-only log.
//! The tree, its salts and its checkpoint are left to `store`.

use caseline_model::{CaseId, Channel, ContactId, Disposition, Language, Time};
use caseline_records::Field;
use serde::{Deserialize, Serialize};

/// In which role something was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The line itself, in a contact.
    Line,
    /// A person of the line's own staff.
    Staff,
    /// A lawyer on call.
    LegalOnCall,
    /// A partner's number.
    Partner,
    /// A standing wish of the person (reminder, refresh).
    Enrolment,
    /// Reading a feed.
    Import,
    /// The operator's own commands.
    Operator,
}

/// One entry. It holds no value that a person gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum AuditEvent {
    /// A contact began.
    ContactArrived {
        /// Its channel.
        channel: Channel,
    },
    /// A language was chosen.
    LanguageChosen {
        /// Which.
        language: Language,
    },
    /// A try to open a case did not succeed. The same entry whatever the reason.
    TryRefused,
    /// Limits sent the caller to a person.
    TryLimited,
    /// A case was opened in a contact.
    CaseOpened {
        /// By a code of a card, a file receipt or a passkey.
        by: OpenedBy,
    },
    /// Fields of an open case were read.
    CaseRead {
        /// Which fields.
        fields: Vec<Field>,
        /// In which role.
        role: Role,
    },
    /// A file was opened from one's own notice.
    FileOpened,
    /// A report of a wrong record was taken.
    ReportTaken,
    /// A report's outcome was told.
    ReportTold,
    /// A report got a new state.
    ReportMoved,
    /// A callback was promised.
    CallbackPromised,
    /// A message was left.
    MessageLeft,
    /// A message was heard.
    MessageHeard {
        /// In which role.
        role: Role,
    },
    /// A reminder was set.
    ReminderSet,
    /// All that was kept of a case was destroyed at the person's wish.
    Forgotten,
    /// A number of a chain was rung.
    LinkRung {
        /// Its role.
        role: Role,
    },
    /// A number of a chain was rung and did not accept.
    LinkMissed {
        /// Its role.
        role: Role,
    },
    /// A person joined the contact.
    AgentJoined {
        /// Their role.
        role: Role,
    },
    /// A contact ended.
    ContactClosed {
        /// How.
        disposition: Disposition,
    },
    /// The person left a ticket to a desk.
    TicketLeft,
    /// The person withdrew the tickets of their case.
    TicketWithdrawn,
    /// A feed was read; counts only.
    FeedRead {
        /// Rows of enrolled numbers.
        kept: u64,
        /// Rows of others, dropped.
        dropped: u64,
        /// Rows that could not be read.
        quarantined: u64,
    },
    /// A card was made.
    CardMade,
    /// A passkey was made for a case.
    PasskeyMade,
    /// What was due to go is gone.
    Purged {
        /// How many rows.
        rows: u64,
    },
    /// The alarm of the limits rang.
    LimitAlarm,
    /// Folders of backups keep keys that were destroyed more than a day ago.
    BackupsBehind {
        /// How many folders.
        folders: u64,
    },
    /// The vault refused past one of its budgets, in the hour at which the entry stands; one entry an hour for each.
    VaultRefused {
        /// Which budget.
        what: VaultBudget,
    },
    /// A recovery sheet was made: from now on paper opens what is kept.
    RecoverySheetMade,
    /// A representative's card opened unusually many cases: the alarm rang, and the card leads to a person for the day.
    CardAlarm,
    /// A person took themselves off representatives' cards, in their own contact.
    AuthorityEnded,
    /// The line started, with these versions of what callers hear.
    LineStarted {
        /// Which.
        versions: Versions,
    },
    /// A legal demand was written down, before anything was answered (property S14).
    DemandRecorded {
        /// Its number.
        number: crate::demand::DemandNumber,
        /// What paper it is.
        kind: crate::demand::DemandKind,
        /// Who asks.
        asker: crate::demand::Asker,
    },
    /// What was answered to a legal demand.
    DemandAnswered {
        /// Its number.
        number: crate::demand::DemandNumber,
        /// What.
        answer: crate::demand::DemandAnswer,
    },
    /// Somebody of the desk did something. The account is an id, never a name; whoever asks hears the role.
    Staff {
        /// What.
        deed: crate::staff::StaffDeed,
        /// In which role, by which account; none: the operator, at the machine.
        by: Option<crate::staff::Actor>,
    },
}

/// What callers hear and by which rules, as digests (SHA-256, hexadecimal): whoever has the texts can tell whether these
/// were the ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// The program's own version.
    pub release: String,
    /// The flows.
    pub flows: String,
    /// What the flows are held to: languages, waits, drafts.
    pub policy: String,
    /// The words in all languages.
    pub words: String,
    /// Articles and directory.
    pub knowledge: String,
    /// The greeting as it is said, with the operator's identity in it.
    pub greeting: String,
}

impl Versions {
    /// A row each, for the public log.
    pub fn rows(&self) -> Vec<String> {
        let named = [
            ("release", &self.release),
            ("flows", &self.flows),
            ("policy", &self.policy),
            ("words", &self.words),
            ("knowledge", &self.knowledge),
            ("greeting", &self.greeting),
        ];
        named.into_iter().map(|(name, version)| format!("{name} {version}")).collect()
    }
}

/// How a case was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OpenedBy {
    /// A code from the person's own card, or their family's.
    Card,
    /// A code from a representative's card, on which the person is.
    RepresentativeCard,
    /// The receipt of one's own file.
    FileReceipt,
    /// A passkey, shown in the chat.
    Passkey,
}

/// A budget of the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VaultBudget {
    /// Cases that are opened.
    Openings,
    /// Codes and words that are compared.
    Codes,
}

impl VaultBudget {
    /// The word in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Openings => "openings",
            Self::Codes => "codes",
        }
    }
}

impl AuditEvent {
    /// As a script writes it: `language chosen`, `case read: hearing`.
    pub fn words(&self) -> String {
        match self {
            Self::ContactArrived { .. } => "contact arrived".into(),
            Self::LanguageChosen { .. } => "language chosen".into(),
            Self::TryRefused => "try refused".into(),
            Self::TryLimited => "try limited".into(),
            Self::CaseOpened { .. } => "case opened".into(),
            Self::CaseRead { fields, .. } => {
                format!("case read: {}", fields.iter().map(|f| f.as_str()).collect::<Vec<_>>().join(" "))
            }
            Self::FileOpened => "file opened".into(),
            Self::ReportTaken => "report taken".into(),
            Self::ReportTold => "report told".into(),
            Self::ReportMoved => "report moved".into(),
            Self::CallbackPromised => "callback promised".into(),
            Self::MessageLeft => "message left".into(),
            Self::MessageHeard { .. } => "message heard".into(),
            Self::ReminderSet => "reminder set".into(),
            Self::Forgotten => "forgotten".into(),
            Self::LinkRung { .. } => "link rung".into(),
            Self::LinkMissed { .. } => "link missed".into(),
            Self::AgentJoined { .. } => "agent joined".into(),
            Self::ContactClosed { .. } => "contact closed".into(),
            Self::TicketLeft => "ticket left".into(),
            Self::TicketWithdrawn => "ticket withdrawn".into(),
            Self::FeedRead { .. } => "feed read".into(),
            Self::CardMade => "card made".into(),
            Self::PasskeyMade => "passkey made".into(),
            Self::Purged { .. } => "purged".into(),
            Self::LimitAlarm => "limit alarm".into(),
            Self::BackupsBehind { .. } => "backups behind".into(),
            Self::VaultRefused { what } => format!("vault refused: {}", what.as_str()),
            Self::RecoverySheetMade => "recovery sheet made".into(),
            Self::CardAlarm => "card alarm".into(),
            Self::AuthorityEnded => "authority ended".into(),
            Self::LineStarted { .. } => "line started".into(),
            Self::DemandRecorded { number, kind, asker } => {
                format!("demand recorded: {number} {} {}", kind.as_str(), asker.as_str())
            }
            Self::DemandAnswered { number, answer } => format!("demand answered: {number} {}", answer.as_str()),
            Self::Staff { deed, by } => {
                format!("{}: {}", by.map_or("operator", |actor| actor.role.as_str()), deed.words())
            }
        }
    }
}

/// An entry as it goes into the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When. Entries that are linked to a case keep the day only: the store cuts it.
    pub at: Time,
    /// In which contact.
    pub contact: Option<ContactId>,
    /// About which case.
    pub case: Option<CaseId>,
    /// What.
    pub event: AuditEvent,
}

/// Proof that an entry is durable. Only a store makes one, after its commit; without one no case opens (property S5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuditReceipt {
    index: u64,
}

impl AuditReceipt {
    /// For stores alone: the entry at this place of the log is on disk.
    pub const fn durable_at(index: u64) -> Self {
        Self { index }
    }

    /// The place in the log.
    pub const fn index(self) -> u64 {
        self.index
    }
}
