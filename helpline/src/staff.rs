//! The people of the desk: their accounts, the link that invites them, their passkeys, their logins, and the two of them
//! who hand a card over.
//! Checking a passkey is left to `web`, keeping all this to `store`, who may do what to `policy`, cards to `cards`.

use crate::cards::{CardHandOver, RepresentativeCard};
use crate::fault::StoreFault;
use crate::logins::LoginDesk;
use crate::openid::OpenidDesk;
use crate::policy::StaffRole;
use crate::tickets::{DeskNumber, TicketDesk};
use async_trait::async_trait;
use caseline_model::{CardCode, Private, Time};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

type Done<T> = Result<T, StoreFault>;

/// An invitation opens one account once, within so long.
pub const INVITE_LASTS: Duration = Duration::from_secs(15 * 60);
/// A login ends after so long without a request (ASVS 5.0 7.3.1).
pub const LOGIN_IDLE_MAX: Duration = Duration::from_secs(15 * 60);
/// A login ends after so long, whatever is done in it (ASVS 5.0 7.3.2): one shift.
pub const LOGIN_LASTS_MAX: Duration = Duration::from_secs(8 * 3_600);
/// What needs a fresh passkey needs one that was shown within so long.
pub const PROOF_LASTS: Duration = Duration::from_secs(5 * 60);
/// Passkeys of one account.
pub const PASSKEYS_MAX: usize = 5;
/// Accounts of one line.
pub const ACCOUNTS_MAX: usize = 500;
/// Cards that one account may hand over or confirm in a day: two people who work together for somebody who wants many
/// cases get no further.
pub const CARDS_A_DAY_MAX: u32 = 30;
/// The longest passkey that is kept, in bytes of its JSON.
pub const PASSKEY_LENGTH_MAX: usize = 8 * 1_024;

/// All that is kept of the people of the desk. A verb that returns `Ok` is durable, and its entry is in the log with it.
#[async_trait]
pub trait StaffStore: TicketDesk + OpenidDesk + LoginDesk + Send + Sync {
    /// Makes an account with an invitation, or gives an account of this handle another invitation; earlier ones of it
    /// are void. An account that has ended is not opened again.
    async fn invite_staff(&self, now: Time, invite: &NewInvite) -> Done<()>;
    /// Whom an invitation is for. It is not used up.
    async fn invited_staff(&self, now: Time, secret: &Secret) -> Done<Option<StaffAccount>>;
    /// Uses an invitation up: the passkey is the account's from now on.
    async fn join_staff(&self, now: Time, secret: &Secret, passkey: &Passkey) -> Done<Option<StaffAccount>>;
    /// An account that has not ended, with its passkeys.
    async fn staff_passkeys(&self, now: Time, handle: &StaffHandle) -> Done<Option<(StaffAccount, Vec<Passkey>)>>;
    /// Begins a login by a passkey that was just shown; it is kept as it is after its use (its counter). Where the account
    /// has as many logins as it may, the one that began first ends.
    async fn begin_login(&self, now: Time, account: AccountId, secret: &Secret, shown: &Passkey) -> Done<LoginSession>;
    /// The login of a secret, if it has not ended, was used lately and its account has not ended. Using it keeps it.
    async fn login(&self, now: Time, secret: &Secret) -> Done<Option<LoginSession>>;
    /// The passkey was shown again in this login.
    async fn prove_login(&self, now: Time, secret: &Secret, shown: &Passkey) -> Done<Option<LoginSession>>;
    /// Ends a login. Ending it twice is ending it once.
    async fn end_login(&self, now: Time, secret: &Secret) -> Done<()>;
    /// Ends an account: its logins, passkeys and invitations are gone at once. `false` when there is none that runs.
    async fn end_staff(&self, now: Time, handle: &StaffHandle) -> Done<bool>;
    /// All accounts that have not ended. There are never many, and none is a caller.
    async fn list_staff(&self, now: Time) -> Done<Vec<StaffAccount>>;
    /// Writes down what somebody of the desk does, before it is done.
    async fn note_staff(&self, now: Time, by: Actor, deed: StaffDeed) -> Done<()>;
    /// Does with a card what two of the staff agreed on: their entries are durable before anything is written. A number
    /// that has a card gets these codes instead, and the old ones open nothing; which of both it was is not told. What
    /// was counted on a number stays.
    ///
    /// # Errors
    /// `NotAllowed` when both are one account, one has ended, the policy does not let one of them, one has handed over
    /// as many as it may in a day, or a card is full.
    async fn hand_over_card(&self, now: Time, hand_over: &CardHandOver, codes: &[Private<CardCode>]) -> Done<()>;
    /// The representatives' cards of the line: how many clients are on each, and none of them.
    async fn representative_cards(&self, now: Time) -> Done<Vec<RepresentativeCard>>;
}

/// The id of an account. In the log it is 32 hexadecimal digits: a number of 128 bits does not read back from an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct AccountId(u128);

/// Why a text is no id of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the id of an account has 32 hexadecimal digits")]
pub struct NotAnAccountId;

impl From<AccountId> for String {
    fn from(id: AccountId) -> Self {
        format!("{:032x}", id.0)
    }
}

impl TryFrom<String> for AccountId {
    type Error = NotAnAccountId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_whole = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u128::from_str_radix(&text, 16).ok().filter(|_| is_whole);
        number.map(Self).ok_or(NotAnAccountId)
    }
}

impl AccountId {
    /// Makes an id from 128 random bits that the caller hands in.
    pub const fn from_random(random: u128) -> Self {
        Self(random)
    }

    /// The sixteen bytes as they are stored.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// Reads the stored bytes back; `None` unless there are sixteen.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(u128::from_be_bytes(bytes.try_into().ok()?)))
    }
}

/// What an operator calls an account: `desk-2`. It is no name of a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StaffHandle(String);

/// Why a text is no handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a handle is 2 to 32 small letters, digits and dashes, and starts with a letter: desk-2")]
pub struct StaffHandleError;

impl StaffHandle {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for StaffHandle {
    type Err = StaffHandleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (2..=32).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if fits { Ok(Self(text.to_owned())) } else { Err(StaffHandleError) }
    }
}

impl fmt::Display for StaffHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// 128 random bits that somebody holds: in a link, or in the cookie of a login. The store keeps a keyed hash of them.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 16]);

impl Secret {
    /// From 128 random bits that the caller hands in.
    pub const fn from_random(random: u128) -> Self {
        Self(random.to_be_bytes())
    }

    /// From the bytes of a cookie.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// For the store's hash, and for the one who is to hold it.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// As it stands in a link: 32 hexadecimal digits.
    pub fn in_link(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads what stands in a link.
    pub fn from_link(text: &str) -> Option<Self> {
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        u128::from_str_radix(text, 16).ok().map(Self::from_random)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffAccount {
    /// Its id.
    pub id: AccountId,
    /// What the operator calls it.
    pub handle: StaffHandle,
    /// Its role.
    pub role: StaffRole,
    /// From then on it opens nothing; none: until it is ended.
    pub ends_at: Option<Time>,
    /// Somebody has joined by it, with a passkey or by an identity provider.
    pub has_joined: bool,
    /// Its spoken address; none where all numbers are taken.
    pub desk: Option<DeskNumber>,
    /// Who may use tickets that are left to it as well.
    pub deputy: Option<AccountId>,
}

impl StaffAccount {
    /// Who it is, for the log and for the policy.
    pub const fn actor(&self) -> Actor {
        Actor { account: self.id, role: self.role }
    }

    /// Whether its end has come.
    pub fn is_over(&self, now: Time) -> bool {
        self.ends_at.is_some_and(|end| end <= now)
    }
}

/// An account in its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The account.
    pub account: AccountId,
    /// Its role.
    pub role: StaffRole,
}

/// An invitation to keep.
#[derive(Clone, Debug)]
pub struct NewInvite {
    /// The account's id, if there is none of this handle.
    pub account: AccountId,
    /// What the operator calls it.
    pub handle: StaffHandle,
    /// Its role.
    pub role: StaffRole,
    /// When it ends; none: when it is ended.
    pub ends_at: Option<Time>,
    /// What stands in the link.
    pub secret: Secret,
}

/// A passkey of an account: the id that its device gave it, and its public half as the checker of passkeys writes it.
/// There is nothing in it by which anybody could sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// Its id.
    pub credential: Vec<u8>,
    /// Its public half and its counter, as JSON.
    pub public: String,
}

/// A login that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginSession {
    /// Whose.
    pub account: StaffAccount,
    /// When it began.
    pub began_at: Time,
    /// When the passkey was last shown.
    pub proved_at: Time,
}

impl LoginSession {
    /// Whether the passkey was shown lately enough for what needs a fresh one.
    pub fn is_fresh(&self, now: Time) -> bool {
        now.since(self.proved_at) <= PROOF_LASTS
    }

    /// When it ends, whatever is done in it.
    pub fn over_at(&self) -> Time {
        self.began_at.plus(LOGIN_LASTS_MAX)
    }
}

/// What somebody of the desk did, for the log. It holds no value of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StaffDeed {
    /// An invitation was made.
    Invited,
    /// Somebody joined, with a passkey or by an identity provider.
    Joined,
    /// A login began.
    SignedIn,
    /// The passkey was shown again.
    ProvedAgain,
    /// A login was ended.
    SignedOut,
    /// Another login of their own was ended, by them or by one login too many.
    OtherLoginEnded,
    /// An account was ended.
    Ended,
    /// A hand-over of a card began.
    CardBegun,
    /// The second person confirmed it.
    CardConfirmed,
    /// A card was handed over; both people have such an entry.
    CardHandedOver,
    /// A family's card was handed over; both people have such an entry about each of them.
    FamilyCardHandedOver,
    /// A representative's card was made, or got new codes.
    RepresentativeCardHandedOver,
    /// A client was put on a representative's card.
    ClientPutOnCard,
    /// A person was taken off representatives' cards.
    AuthorityEnded,
    /// A card was ended.
    CardEnded,
    /// A message, callback or report was taken.
    TaskTaken,
    /// It was settled.
    TaskSettled,
    /// A ticket of a person was taken; nothing was opened.
    TicketTaken,
    /// A case was opened by a ticket.
    CaseOpened,
    /// It was closed by whoever had it open.
    CaseClosed,
    /// A report got a new state.
    ReportMoved,
    /// An account got another deputy, or none.
    DeputySet,
    /// The policy said no.
    Refused,
}

impl StaffDeed {
    /// The words in the log.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Joined => "joined",
            Self::SignedIn => "signed in",
            Self::ProvedAgain => "showed their passkey again",
            Self::SignedOut => "signed out",
            Self::OtherLoginEnded => "ended another login of their own",
            Self::Ended => "ended",
            Self::CardBegun => "began to hand a card over",
            Self::CardConfirmed => "confirmed a card",
            Self::CardHandedOver => "handed a card over",
            Self::FamilyCardHandedOver => "handed a family's card over",
            Self::RepresentativeCardHandedOver => "handed a representative's card over",
            Self::ClientPutOnCard => "put a client on a representative's card",
            Self::AuthorityEnded => "ended representatives' authority",
            Self::CardEnded => "ended a card",
            Self::TaskTaken => "took a task",
            Self::TaskSettled => "settled a task",
            Self::TicketTaken => "took a ticket",
            Self::CaseOpened => "opened a case by a ticket",
            Self::CaseClosed => "closed a case",
            Self::ReportMoved => "moved a report",
            Self::DeputySet => "got a deputy or lost one",
            Self::Refused => "was refused",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_no_name() {
        for good in ["desk-2", "ab", "night-shift"] {
            assert_eq!(good.parse::<StaffHandle>().unwrap().as_str(), good);
        }
        for bad in ["", "a", "Desk", "2desk", "desk 2", "désk", "desk@example", &"a".repeat(33)] {
            assert_eq!(bad.parse::<StaffHandle>(), Err(StaffHandleError), "{bad}");
        }
    }

    #[test]
    fn a_secret_reads_back_from_its_link_and_never_prints() {
        let secret = Secret::from_random(7 << 90);
        assert_eq!(Secret::from_link(&secret.in_link()), Some(secret.clone()));
        assert_eq!(format!("{secret:?}"), "Secret");
        assert_eq!(Secret::from_link("zz"), None);
        assert_eq!(Secret::from_link(&"+".repeat(32)), None);
    }
}
