//! Tickets: a person leaves leave to open their one case, once, to the desk that they name and its deputy, until a date;
//! and on which days and by which role their case was opened.
//! Keeping them is left to `store`, the words to the flows, who may open one to `policy`.

use crate::fault::StoreFault;
use crate::policy::StaffRole;
use crate::staff::{Actor, Secret, StaffHandle};
use async_trait::async_trait;
use caseline_conversation::effect::ReportState;
use caseline_model::{CaseId, Date, Language, TaskId, Time};
use caseline_records::{Assertion, Field};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::ports::LeaseState;

type Done<T> = Result<T, StoreFault>;

/// A ticket ends after so many days at the latest; a later date is cut.
pub const TICKET_DAYS_MAX: u32 = 14;
/// Tickets of one case that run at once.
pub const TICKETS_OF_CASE_MAX: u32 = 10;
/// A ticket that somebody of the desk took is theirs for so long, before it goes back.
pub const TICKET_HELD_MAX: Duration = Duration::from_secs(15 * 60);
/// A case that was opened by a ticket stays open for so long at the most (property S4).
pub const CASE_OPEN_MAX: Duration = Duration::from_secs(15 * 60);
/// Cases that one account opens in a day, which is one shift, at the most (property S8).
pub const OPENINGS_A_DAY_MAX: u32 = 60;
/// Openings that a person hears of, the newest of them.
pub const OPENINGS_TOLD_MAX: usize = 60;

/// The spoken address of an account at the desk: three digits, 100 to 999. No name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeskNumber(u16);

/// Why a text is no number of a desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the number of a desk has three digits, 100 to 999")]
pub struct DeskNumberError;

impl DeskNumber {
    /// How many there are.
    pub const COUNT: u16 = 900;

    /// The number; `None` unless it has three digits and does not begin with 0.
    pub const fn new(number: u16) -> Option<Self> {
        if number >= 100 && number <= 999 { Some(Self(number)) } else { None }
    }

    /// The number.
    pub const fn value(self) -> u16 {
        self.0
    }

    /// All numbers, in the order in which they are tried for a new account: from one that its random id picks, so that
    /// a digit that was keyed wrong rarely is another desk.
    pub fn all_from(random: u128) -> impl Iterator<Item = Self> {
        let first = (random % u128::from(Self::COUNT)) as u16;
        (0..Self::COUNT).map(move |more| Self(100 + (first + more) % Self::COUNT))
    }
}

impl FromStr for DeskNumber {
    type Err = DeskNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_digits = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| is_digits);
        number.and_then(Self::new).ok_or(DeskNumberError)
    }
}

impl fmt::Display for DeskNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A ticket to keep. To the same desk again, it takes the place of the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTicket {
    /// The case that is open in the contact.
    pub case: CaseId,
    /// The desk that the person named.
    pub desk: DeskNumber,
    /// The last day (UTC). A later one than `TICKET_DAYS_MAX` from now is cut, and one before today is today.
    pub until: Date,
    /// The language that the person speaks.
    pub language: Language,
}

/// What became of a ticket that was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketLeft {
    /// It is kept.
    Left {
        /// The deputy who may use it as well, if that desk has one now.
        deputy: Option<DeskNumber>,
        /// The last day, after cutting.
        until: Date,
    },
    /// Nobody who may open a case has that number.
    NoSuchDesk,
}

/// That a case was opened: one row a day and role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Opening {
    /// The day, of the line's zone.
    pub on: Date,
    /// By whom.
    pub by: OpenedBy,
}

/// In whose hands a case was open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OpenedBy {
    /// The person's own contact, by telephone or on the page.
    Line,
    /// A contact in which a representative's card opened it.
    Representative,
    /// Somebody of the desk, by a ticket.
    Staff(StaffRole),
}

/// The last day that a ticket gets, as the days since 1970 that stores count: never before today, never after
/// `TICKET_DAYS_MAX`.
pub fn last_day_of(today: u32, wanted: u32) -> u32 {
    wanted.clamp(today, today.saturating_add(TICKET_DAYS_MAX))
}

/// A ticket in somebody's hands; nothing of the case is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenTicket {
    /// The language of whoever left it.
    pub language: Language,
    /// The day (UTC) on which it was left.
    pub left_on: Date,
    /// Its last day (UTC).
    pub until: Date,
    /// It was left to this very desk, or to the one whose deputy this is.
    pub as_deputy: bool,
    /// Until when nobody else has it.
    pub held_until: Time,
}

/// A case that a ticket opened.
#[derive(Clone, Debug)]
pub struct OpenedCase {
    /// The language of whoever left the ticket.
    pub language: Language,
    /// When it closes, whatever is done.
    pub closes_at: Time,
    /// What is known, oldest first.
    pub assertions: Vec<Assertion>,
}

/// What came of opening the ticket that one has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketUsed {
    /// The case is open to this login, and the ticket is used up.
    Opened {
        /// When it closes, whatever is done.
        closes_at: Time,
    },
    /// Nothing was opened: no ticket is in these hands, or it is over, withdrawn, or its case gone. One answer for all.
    NoTicket,
    /// The passkey was not shown within five minutes.
    NeedsProof,
    /// This account has opened as many cases today as it may.
    DayIsFull,
}

/// The desk's side of tickets and reports. A verb that returns `Ok` is durable, and its entry is in the log with it.
#[async_trait]
pub trait TicketDesk: Send + Sync {
    /// Takes the ticket that waits longest for this account or, as a deputy, for another: nobody else has it for
    /// `TICKET_HELD_MAX`. The one that one has already is that one. Nothing of the case is opened.
    ///
    /// # Errors
    /// `NotAllowed` when the policy does not let the role, or the account has ended.
    async fn take_ticket(&self, now: Time, by: Actor) -> Done<Option<TakenTicket>>;
    /// The ticket that this account has, if it is not over.
    async fn taken_ticket(&self, now: Time, by: Actor) -> Done<Option<TakenTicket>>;
    /// Gives the ticket that one has back: it waits behind the others.
    async fn give_ticket_back(&self, now: Time, by: Actor) -> Done<()>;
    /// Opens the case of the ticket that this login's account has, and uses the ticket up: the entry is durable before
    /// anything can be read. A case that the account had open before is closed.
    async fn open_ticket(&self, now: Time, login: &Secret) -> Done<TicketUsed>;
    /// What is known of the case that is open to this login. Its entry in the log is durable before the vault opens
    /// anything (property S5). `None` when no case is open, or no longer.
    async fn read_opened(&self, now: Time, login: &Secret, fields: &[Field]) -> Done<Option<OpenedCase>>;
    /// When the case that is open to this login closes; `None` when it is closed. It reads nothing of the case.
    async fn is_case_open(&self, now: Time, login: &Secret) -> Done<Option<Time>>;
    /// Closes the case that is open to this login. Closing it twice is closing it once.
    async fn close_case(&self, now: Time, login: &Secret) -> Done<()>;
    /// Gives an account a deputy, or takes it away. Tickets that were left before keep the deputy of then.
    ///
    /// # Errors
    /// `NotAllowed` when one of them has ended or never was, both are one, or a role opens no cases.
    async fn set_deputy(&self, now: Time, of: &StaffHandle, deputy: Option<&StaffHandle>) -> Done<()>;
    /// Moves the report of a task whose lease this account has. `Lost` when the lease ran out, or the report is gone.
    ///
    /// # Errors
    /// `NotAllowed` when the policy does not let the role, or the account has ended.
    async fn move_report_of_task(
        &self,
        now: Time,
        by: Actor,
        task: TaskId,
        fencing: u64,
        state: ReportState,
    ) -> Done<LeaseState>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_desk_has_three_digits_and_no_leading_zero() {
        assert_eq!("345".parse::<DeskNumber>().unwrap().value(), 345);
        assert_eq!(DeskNumber::new(100).unwrap().to_string(), "100");
        for bad in ["", "99", "099", "1000", "+12", "34 ", "abc"] {
            assert_eq!(bad.parse::<DeskNumber>(), Err(DeskNumberError), "{bad}");
        }
    }

    #[test]
    fn every_number_is_tried_once_from_wherever_one_begins() {
        for random in [0, 7, u128::MAX] {
            let all: BTreeSet<_> = DeskNumber::all_from(random).collect();
            assert_eq!(all.len(), usize::from(DeskNumber::COUNT));
            assert_eq!(all.first().map(|number| number.value()), Some(100));
            assert_eq!(all.last().map(|number| number.value()), Some(999));
        }
    }

    #[test]
    fn a_ticket_lasts_from_today_to_a_fortnight() {
        assert_eq!([5, 100, 107, 200].map(|wanted| last_day_of(100, wanted)), [100, 100, 107, 114]);
    }
}
