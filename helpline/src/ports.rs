//! The store as a port: domain verbs, none of which takes a telephone number, name or address as a selector, and none
//! of which returns more than one person's case.
//! SQL, sealing and files are left to `store`.

use crate::audit::{AuditEntry, AuditReceipt};
use crate::cards::AlarmKind;
use crate::fault::StoreFault;
use crate::staff::Passkey;
use crate::tickets::{NewTicket, Opening, TicketLeft};
use async_trait::async_trait;
use caseline_conversation::effect::ReportState;
use caseline_conversation::slot::CaseNumber;
use caseline_model::{
    CardCode, CaseId, Channel, ContactId, Date, Disposition, FileReceipt, Language, Phone, Private, TaskId, Time,
};
use caseline_records::{Assertion, Field};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a store does.
type Done<T> = Result<T, StoreFault>;

/// All that is kept, behind domain verbs. A verb that returns `Ok` is durable.
#[async_trait]
pub trait Store: Send + Sync {
    // ── Contacts ────────────────────────────────────────────────────────────────────────────────────────────────────
    /// A contact begins: its row and its audit entry. Beginning it twice is one contact.
    async fn begin_contact(&self, now: Time, contact: ContactId, channel: Channel) -> Done<()>;
    /// Counts the contact, once, for the limits of a number that many share: the number is hashed under the weekly key
    /// and not kept. Call it when a contact begins.
    async fn note_caller(&self, now: Time, who: &Trying) -> Done<()>;
    /// The language that the caller chose, on the row and in the log.
    async fn note_language(&self, now: Time, contact: ContactId, language: Language) -> Done<()>;
    /// Keeps the state of a conversation, sealed, for a day at the most.
    async fn save_conversation(&self, now: Time, contact: ContactId, state: &[u8]) -> Done<()>;
    /// The kept state of a conversation that has not ended.
    async fn load_conversation(&self, now: Time, contact: ContactId) -> Done<Option<Vec<u8>>>;
    /// Marks that a cut-off caller of this place may come back to it: a key of the place, never a number in clear.
    async fn note_return_place(&self, now: Time, place: &ReturnPlace, contact: ContactId) -> Done<()>;
    /// The contact that was cut off at this place within the last minutes, once.
    async fn take_return_place(&self, now: Time, place: &ReturnPlace) -> Done<Option<ContactId>>;
    /// A contact ends with one disposition; the first one stands. Access of the contact ends with it.
    async fn end_contact(&self, now: Time, contact: ContactId, disposition: Disposition) -> Done<()>;
    /// Contacts that have not ended, for a process that takes over.
    async fn open_contacts(&self) -> Done<Vec<(ContactId, Channel)>>;
    /// Contacts that were cut off, whose callers could have come back to their place and whose time to do so is over.
    /// To be asked before a purge of the same instant, which forgets the places.
    async fn not_come_back(&self, now: Time) -> Done<Vec<(ContactId, Channel)>>;
    /// How a contact ended.
    async fn disposition(&self, contact: ContactId) -> Done<Option<Disposition>>;

    // ── Reaching a case ─────────────────────────────────────────────────────────────────────────────────────────────
    /// Compares a code with the row of the card that was keyed, under the limits; a code that fits is used up.
    async fn check_card(
        &self,
        now: Time,
        who: &Trying,
        number: &Private<CaseNumber>,
        code: &Private<CardCode>,
    ) -> Done<Checked>;
    /// Compares a file receipt and its word key, under the same limits.
    async fn check_file(
        &self,
        now: Time,
        who: &Trying,
        receipt: &Private<FileReceipt>,
        word_key: Option<&Private<String>>,
    ) -> Done<Checked>;
    /// Compares a passkey that a browser showed, under the same limits. Unknown, over, of another page and not fitting
    /// are one answer.
    async fn check_passkey(&self, now: Time, who: &Trying, shown: &dyn ShownPasskey) -> Done<Checked>;
    /// Keeps a passkey for the case that is open in this contact, on one more code of its card, which is used up.
    async fn keep_passkey(
        &self,
        now: Time,
        who: &Trying,
        case: CaseId,
        code: &Private<CardCode>,
        passkey: &Passkey,
    ) -> Done<PasskeyKept>;
    /// Writes "case read" to the log, then opens the case: all assertions, oldest first.
    async fn read_case(&self, now: Time, contact: ContactId, case: CaseId, fields: &[Field]) -> Done<Vec<Assertion>>;
    /// The contact may read the case no longer; what it did stands. Twice is once. A contact has one case open at the
    /// most: whatever opens one closes the one before it (property S2).
    async fn end_access(&self, now: Time, contact: ContactId, case: CaseId) -> Done<()>;
    /// Opens a file from one's own notice in this contact.
    async fn open_file(&self, now: Time, contact: ContactId, file: NewFile) -> Done<()>;
    /// Destroys all that is kept of the case: rows, keys of its record, reports, reminders. How many, by kind.
    async fn forget(&self, now: Time, contact: ContactId, case: CaseId) -> Done<Vec<(String, u32)>>;

    // ── Tickets and openings ────────────────────────────────────────────────────────────────────────────────────────
    /// Leaves leave to open the case of the contact, once, to a desk and its deputy. The case must be open in the live
    /// contact.
    async fn leave_ticket(&self, now: Time, contact: ContactId, ticket: NewTicket) -> Done<TicketLeft>;
    /// Withdraws every ticket of the case, and closes it at the desk where one opened it. How many.
    async fn withdraw_tickets(&self, now: Time, contact: ContactId, case: CaseId) -> Done<u32>;
    /// On which days and by which role the case was opened, from the log: newest first, one row a day and role.
    async fn openings(&self, now: Time, contact: ContactId, case: CaseId) -> Done<Vec<Opening>>;

    /// Takes the person of the case that is open in this contact off all representatives' cards; how many.
    async fn end_authorities(&self, now: Time, contact: ContactId, case: CaseId) -> Done<u32>;

    // ── Reports ─────────────────────────────────────────────────────────────────────────────────────────────────────
    /// Keeps a report that a record is wrong, bound to the case of the contact where one is open.
    async fn take_report(&self, now: Time, contact: ContactId, report: NewReport) -> Done<()>;
    /// What became of a report, under the limits.
    async fn report_state(&self, now: Time, who: &Trying, code: &Private<FileReceipt>) -> Done<ReportLooked>;
    /// A person moved a report on.
    async fn move_report(&self, now: Time, code: &Private<FileReceipt>, state: ReportState) -> Done<bool>;

    // ── Obligations ─────────────────────────────────────────────────────────────────────────────────────────────────
    /// Keeps an obligation once: a second one with the same `obligation` is the first one.
    async fn add_task(&self, now: Time, contact: Option<ContactId>, task: NewTask) -> Done<Added>;
    /// Puts another content in an open obligation, which keeps its place and its time: the caller wants another number
    /// called. A worker who has it now still has the earlier content, and the next attempt the new one.
    async fn change_task(&self, now: Time, obligation: &str, content: TaskContent) -> Done<Changed>;
    /// Takes the lease of one due obligation of these kinds: nobody else has it until it runs out.
    async fn claim_task(&self, now: Time, kinds: &[TaskKind], lease: Duration) -> Done<Option<ClaimedTask>>;
    /// Writes that an attempt is about to leave the house, before it does.
    async fn note_intent(&self, now: Time, task: TaskId, fencing: u64, attempt: u128) -> Done<LeaseState>;
    /// Ends an obligation, or sets it anew for later, if the lease still holds.
    async fn settle_task(&self, now: Time, task: TaskId, fencing: u64, settled: Settled) -> Done<LeaseState>;
    /// How many obligations of a kind are open.
    async fn open_task_count(&self, kind: TaskKind) -> Done<u64>;

    // ── Enrolment and feeds ─────────────────────────────────────────────────────────────────────────────────────────
    /// Enrols a number with a card of twelve codes: after two people handed it over at the desk, and for made-up people.
    async fn enrol(
        &self,
        now: Time,
        case: CaseId,
        number: &Private<CaseNumber>,
        codes: &[Private<CardCode>],
    ) -> Done<()>;
    /// Begins to read a feed: the enrolled numbers as a keyed set in memory, under a key made for this reading alone.
    async fn begin_import(&self, now: Time) -> Done<Box<dyn EnrolledSet>>;
    /// Adds what the feed says of one enrolled number, if its digest is new.
    async fn add_from_feed(
        &self,
        now: Time,
        number: &Private<CaseNumber>,
        digest: &[u8],
        assertions: &[Assertion],
    ) -> Done<FeedRow>;
    /// Ends the reading: enrolled numbers that an earlier feed had and this one has not get a `Vanished` assertion.
    async fn finish_import(&self, now: Time, seen: &dyn EnrolledSet, counts: FeedCounts) -> Done<u64>;

    // ── The log and what goes ───────────────────────────────────────────────────────────────────────────────────────
    /// Appends one entry.
    async fn append_audit(&self, entry: AuditEntry) -> Done<AuditReceipt>;
    /// Words of the entries of a contact, oldest first: for scripts and for the person.
    async fn audit_of_contact(&self, contact: ContactId) -> Done<Vec<AuditEntry>>;
    /// Destroys what is due and the keys of weeks that are over; how many rows.
    async fn purge(&self, now: Time) -> Done<u64>;
    /// Why the alarm rings now; empty: it does not. It names nobody.
    async fn alarms(&self, now: Time) -> Done<Vec<AlarmKind>>;
    /// The bytes that the store keeps on disk can be written and read.
    async fn probe(&self) -> Done<()>;
}

/// Who tries to open something. The number stays wrapped and is hashed under the weekly key inside the store.
#[derive(Clone, Debug)]
pub struct Trying {
    /// The contact.
    pub contact: ContactId,
    /// The number that the network showed; none: withheld, or a page.
    pub caller: Option<Private<Phone>>,
    /// The number is shared by many (shelter, gateway), by the operator's settings.
    pub shared: bool,
}

/// The result of trying. Refused is one answer, whatever the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// The case is open in this contact.
    Opened(CaseId),
    /// It is not.
    Refused,
    /// Too many tries: a person.
    PersonNow,
}

/// A passkey that a browser showed, before anybody knows whose it is.
pub trait ShownPasskey: Send + Sync {
    /// The id that its device gave it.
    fn credential(&self) -> &[u8];
    /// Whether a kept public half fits what was shown; it as it is after this use (its counter). None: it does not.
    fn fits(&self, public: &str) -> Option<String>;
}

/// Passkeys of one case.
pub const CASE_PASSKEYS_MAX: usize = 3;

/// What became of keeping a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyKept {
    /// It opens the case from now on.
    Kept,
    /// The code did not fit. The same answer whatever the reason.
    Refused,
    /// Too many tries: a person.
    PersonNow,
    /// The case has as many as it may have; no code was compared.
    Full,
}

/// What became of looking a report up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportLooked {
    /// Its state.
    State {
        /// The state.
        state: ReportState,
        /// When it was taken.
        taken_at: Time,
        /// When it got that state.
        since: Time,
    },
    /// Nothing is told.
    Refused,
    /// Too many tries: a person.
    PersonNow,
}

/// A file from one's own notice.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// Its id.
    pub case: CaseId,
    /// Its receipt, which is said once.
    pub receipt: Private<FileReceipt>,
    /// Four digits that the caller chose.
    pub word_key: Option<Private<String>>,
    /// What the notice says.
    pub assertions: Vec<Assertion>,
}

/// A report of a wrong record.
#[derive(Clone, Debug)]
pub struct NewReport {
    /// Its code, which is said once.
    pub code: Private<FileReceipt>,
    /// What is wrong, by option id.
    pub what: String,
    /// The case that is open in the contact.
    pub case: Option<CaseId>,
    /// The task by which a person works on it.
    pub task: TaskId,
}

/// Kinds of obligations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskKind {
    /// Call somebody back.
    Callback,
    /// A message waits to be heard.
    Message,
    /// Remind somebody, revealing nothing.
    Reminder,
    /// A report waits for a person.
    Report,
}

impl TaskKind {
    /// The word in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Callback => "callback",
            Self::Message => "message",
            Self::Reminder => "reminder",
            Self::Report => "report",
        }
    }
}

/// An obligation to keep.
#[derive(Clone, Debug)]
pub struct NewTask {
    /// Its id.
    pub id: TaskId,
    /// Its kind.
    pub kind: TaskKind,
    /// Names the obligation: the same one is kept once, however often it is added.
    pub obligation: String,
    /// When it is due.
    pub due_at: Time,
    /// When it is given up, and counted as a failure.
    pub expires_at: Time,
    /// The case it belongs to; it goes with it.
    pub case: Option<CaseId>,
    /// Its content, sealed by the store: a `TaskContent` as JSON.
    pub content: TaskContent,
}

/// The content of an obligation; sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskContent {
    /// The caller's language.
    pub language: Language,
    /// What is told to the person who takes it, by option id.
    pub need: String,
    /// Where to call.
    pub phone: Option<Private<Phone>>,
    /// Typed words.
    pub words: Option<Private<String>>,
    /// A voice note: G.711 µ-law at 8 kHz.
    pub voice_note: Option<Private<Vec<u8>>>,
    /// When the caller first asked, for the place in line.
    pub asked_at: Time,
}

/// Whether an obligation was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is kept now.
    New,
    /// It was kept before.
    AlreadyThere,
}

/// Whether an obligation could still be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It has the new content.
    Changed,
    /// None is open under that name: it was met or given up. Nothing was written.
    Over,
}

/// An obligation whose lease one worker holds.
#[derive(Clone, Debug)]
pub struct ClaimedTask {
    /// Its id.
    pub id: TaskId,
    /// Its kind.
    pub kind: TaskKind,
    /// Every later write carries this; an older one is refused.
    pub fencing: u64,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// Its content.
    pub content: TaskContent,
}

/// Whether the lease still held when something was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseState {
    /// It was written.
    Held,
    /// Another worker has it; nothing was written.
    Lost,
}

/// What becomes of an obligation after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It was met.
    Met,
    /// It is tried again then.
    Again(Time),
    /// It was given up; counted as a failure.
    GivenUp,
}

/// The enrolled numbers as a keyed set in memory; it answers for one number and lists none.
pub trait EnrolledSet: Send + Sync {
    /// Whether a number is enrolled; remembers that it was seen in this feed.
    fn wants(&self, number: &CaseNumber) -> bool;
    /// The keys under which the source itself keeps a number in this feed (court case keys): kept with its facts, so
    /// that a later feed in which such a row cannot be read does not say that the number is gone.
    fn note_rows(&self, number: &CaseNumber, rows: &[u64]);
    /// A row of this key is in the feed and cannot be read: if an earlier feed had it under an enrolled number, that
    /// number was seen, and what this feed says of it is not whole. Whether one had it.
    fn note_unread(&self, row: u64) -> bool;
    /// Whether a row of this number could not be read: what an earlier feed said of it then stays.
    fn has_unread(&self, number: &CaseNumber) -> bool;
    /// Marks of the numbers that were seen, for the store alone.
    fn seen(&self) -> Vec<[u8; 32]>;
    /// For the store: itself as `Any`.
    fn as_any(&self) -> &dyn std::any::Any;
}

/// What a feed's row of one enrolled number turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedRow {
    /// The same as the newest version.
    Same,
    /// Different from it: kept as a new version.
    Changed,
    /// The first one.
    New,
    /// Nobody enrolled this number: nothing was kept.
    NotEnrolled,
}

/// Counts of a feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeedCounts {
    /// Rows of enrolled numbers.
    pub kept: u64,
    /// Rows of others.
    pub dropped: u64,
    /// Rows that could not be read.
    pub quarantined: u64,
    /// The date of the feed.
    pub feed_on: Option<Date>,
}

/// A place to come back to: the SIP address from which a detention telephone calls, hashed under the weekly key inside
/// the store. It is kept for minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnPlace(pub Private<String>);
