//! The people of the desk: their accounts, the link that invites them, their passkeys, their logins, and the two of them
//! who hand a card over.
//! Checking a passkey is left to `web`, keeping all this to `store`, who may do what to `policy`.

use crate::fault::StoreFault;
use crate::policy::{Action, Refusal, StaffRole, may};
use async_trait::async_trait;
use caseline_conversation::slot::CaseNumber;
use caseline_model::{CardCode, CaseId, Private, Time};
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
pub trait StaffStore: Send + Sync {
    /// Makes an account with an invitation, or gives an account of this handle another invitation; earlier ones of it
    /// are void. An account that has ended is not opened again.
    async fn invite_staff(&self, now: Time, invite: &NewInvite) -> Done<()>;
    /// Whom an invitation is for. It is not used up.
    async fn invited_staff(&self, now: Time, secret: &Secret) -> Done<Option<StaffAccount>>;
    /// Uses an invitation up: the passkey is the account's from now on.
    async fn join_staff(&self, now: Time, secret: &Secret, passkey: &Passkey) -> Done<Option<StaffAccount>>;
    /// An account that has not ended, with its passkeys.
    async fn staff_passkeys(&self, now: Time, handle: &StaffHandle) -> Done<Option<(StaffAccount, Vec<Passkey>)>>;
    /// Begins a login by a passkey that was just shown; it is kept as it is after its use (its counter).
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
    /// Makes a card for a number that a person showed to two of the staff: its entry is durable before anything is
    /// written. A number that has a card gets these codes instead, and the old ones open nothing; which of both it was
    /// is not told.
    ///
    /// # Errors
    /// `NotAllowed` when both are one account, one has ended, the policy does not let one of them, or one has handed
    /// over as many as it may in a day.
    async fn hand_over_card(&self, now: Time, hand_over: &CardHandOver, codes: &[Private<CardCode>]) -> Done<()>;
}

/// The id of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountId(u128);

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
    /// Somebody has joined by it with a passkey.
    pub has_joined: bool,
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

/// A card that two of the staff hand to a person who is with them and showed this number.
#[derive(Clone, Debug)]
pub struct CardHandOver {
    /// The number, as the person's paper has it.
    pub number: Private<CaseNumber>,
    /// The id of the case, if the number has none.
    pub case_if_new: CaseId,
    /// Who began it.
    pub starter: Actor,
    /// Who confirmed it: another account.
    pub confirmer: Actor,
}

impl CardHandOver {
    /// What the rules say, whatever store it is. A store calls this before anything else.
    ///
    /// # Errors
    /// When both are one account, or the policy does not let one of them.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.starter.account == self.confirmer.account {
            return Err(Refusal::SecondPerson);
        }
        may(self.starter.role, Action::MakeCard)?;
        may(self.confirmer.role, Action::ConfirmCard)
    }
}

/// What somebody of the desk did, for the log. It holds no value of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StaffDeed {
    /// An invitation was made.
    Invited,
    /// Somebody joined with a passkey.
    Joined,
    /// A login began.
    SignedIn,
    /// The passkey was shown again.
    ProvedAgain,
    /// A login was ended.
    SignedOut,
    /// An account was ended.
    Ended,
    /// A hand-over of a card began.
    CardBegun,
    /// The second person confirmed it.
    CardConfirmed,
    /// A card was handed over; both people have such an entry.
    CardHandedOver,
    /// A message, callback or report was taken.
    TaskTaken,
    /// It was settled.
    TaskSettled,
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
            Self::Ended => "ended",
            Self::CardBegun => "began to hand a card over",
            Self::CardConfirmed => "confirmed a card",
            Self::CardHandedOver => "handed a card over",
            Self::TaskTaken => "took a task",
            Self::TaskSettled => "settled a task",
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

    #[test]
    fn nobody_hands_a_card_over_alone_and_no_administrator_does() {
        let actor = |id, role| Actor { account: AccountId::from_random(id), role };
        let number = caseline_model::ANumber::from_value(137).unwrap();
        let hand_over = |starter, confirmer| CardHandOver {
            number: Private::new(CaseNumber::A(number)),
            case_if_new: CaseId::from_random(1),
            starter,
            confirmer,
        };
        let (one, two) = (actor(1, StaffRole::Navigator), actor(2, StaffRole::Attorney));
        assert_eq!(hand_over(one, two).check(), Ok(()));
        assert_eq!(hand_over(one, one).check(), Err(Refusal::SecondPerson));
        let same = actor(1, StaffRole::Attorney);
        assert_eq!(hand_over(one, same).check(), Err(Refusal::SecondPerson));
        let no = actor(3, StaffRole::Administrator);
        assert!(hand_over(one, no).check().is_err() && hand_over(no, one).check().is_err());
    }
}
