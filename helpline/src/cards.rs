//! Cards: one person's, a family's, a representative's; who is on them, by which authority and until when; and what two
//! people at the desk do with them.
//! Comparing codes and keeping cards is left to `store`; accounts, to `staff`.

use crate::policy::{Action, Refusal, may};
use crate::staff::{Actor, StaffDeed, StaffHandle};
use caseline_conversation::slot::CaseNumber;
use caseline_model::{CaseId, Private};
use std::time::Duration;

/// Cards that can stand for one case: the person's own or their family's, and three of representatives. As many are
/// compared at every try, whatever was keyed.
pub const CARDS_OF_CASE_MAX: usize = 4;
/// Numbers on one family's card.
pub const FAMILY_MAX: usize = 6;
/// Clients on one representative's card.
pub const REPRESENTATIVE_CASES_MAX: u32 = 25;
/// Clients that may be put on one representative's card in a day.
pub const REPRESENTATIVE_NEW_A_DAY_MAX: u32 = 5;
/// Different cases that one representative's card opens in a day. At one more the alarm rings, and the card leads to a
/// person for the rest of that day (UTC).
pub const REPRESENTATIVE_OPENED_A_DAY_MAX: u32 = 10;
/// Representatives' cards that one account answers for.
pub const REPRESENTATIVE_CARDS_MAX: u32 = 5;
/// The longest authority that a client gives, which may be given anew.
pub const AUTHORITY_LASTS_MAX: Duration = Duration::from_secs(90 * 24 * 3_600);

/// The id of a card. The card of one person has the id of its case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardId(u128);

impl CardId {
    /// Makes an id from 128 random bits that the caller hands in.
    pub const fn from_random(random: u128) -> Self {
        Self(random)
    }

    /// The card of one person.
    pub const fn of_case(case: CaseId) -> Self {
        Self(u128::from_be_bytes(case.to_bytes()))
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

/// Whose a card is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CardKind {
    /// One person's.
    Own,
    /// A family's: several numbers, whose papers were shown together.
    Family,
    /// A lawyer's or an accredited representative's (8 CFR 1292.1).
    Representative,
}

impl CardKind {
    /// The word in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Family => "family",
            Self::Representative => "representative",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Own, Self::Family, Self::Representative].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// How the desk knows that a client wants a representative to reach their case. No document is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Authority {
    /// The client was at the desk and said so.
    PersonThere,
    /// The client's signed form is in the representative's own file (Form EOIR-28 or G-28 is one).
    SignedForm,
}

impl Authority {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::PersonThere, Self::SignedForm];

    /// The word in the store and in forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PersonThere => "person-there",
            Self::SignedForm => "signed-form",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|authority| authority.as_str() == word)
    }
}

/// What two people at the desk do with a card. The numbers are as the papers have them.
#[derive(Clone, Debug)]
pub enum CardDeed {
    /// A card for one person; an earlier one of theirs opens nothing from then on, and a family's card opens their case
    /// no more.
    Own {
        /// The person's number.
        number: Private<CaseNumber>,
    },
    /// One card for a family. Earlier cards of each of them open nothing from then on.
    Family {
        /// Two to six numbers, each from a paper that was shown.
        numbers: Vec<Private<CaseNumber>>,
    },
    /// A representative's card, or new codes for the one of that handle; its clients stay.
    Representative {
        /// What the desk calls the card; no name of a person.
        handle: StaffHandle,
    },
    /// Puts a client on a representative's card, or gives their authority anew.
    Client {
        /// Which card.
        handle: StaffHandle,
        /// The client's number.
        number: Private<CaseNumber>,
        /// How the desk knows of their wish.
        authority: Authority,
        /// For how long, at the most [`AUTHORITY_LASTS_MAX`].
        lasts: Duration,
    },
    /// Takes a person off all representatives' cards.
    EndAuthority {
        /// The person's number.
        number: Private<CaseNumber>,
    },
    /// Ends the card of a person, a whole family's card too: it was stolen, or nobody wants it.
    EndCard {
        /// The person's number.
        number: Private<CaseNumber>,
    },
    /// Ends a representative's card.
    EndRepresentative {
        /// Which card.
        handle: StaffHandle,
    },
}

impl CardDeed {
    /// What whoever begins it must be allowed to do. Representatives' cards are begun by those who may represent
    /// (8 CFR 1292.1), so by accounts whose standing the operator has verified.
    pub const fn starts(&self) -> Action {
        match self {
            Self::Own { .. } | Self::Family { .. } | Self::EndAuthority { .. } | Self::EndCard { .. } => {
                Action::StartCard
            }
            Self::Representative { .. } | Self::Client { .. } | Self::EndRepresentative { .. } => {
                Action::StartRepresentativeCard
            }
        }
    }

    /// The numbers that it is about.
    pub fn numbers(&self) -> &[Private<CaseNumber>] {
        match self {
            Self::Own { number }
            | Self::Client { number, .. }
            | Self::EndAuthority { number }
            | Self::EndCard { number } => std::slice::from_ref(number),
            Self::Family { numbers } => numbers,
            Self::Representative { .. } | Self::EndRepresentative { .. } => &[],
        }
    }

    /// The representative's card that it is about.
    pub const fn handle(&self) -> Option<&StaffHandle> {
        match self {
            Self::Representative { handle } | Self::Client { handle, .. } | Self::EndRepresentative { handle } => {
                Some(handle)
            }
            _ => None,
        }
    }

    /// The word in forms: the second person says which of them they confirm.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Own { .. } => "own",
            Self::Family { .. } => "family",
            Self::Representative { .. } => "representative",
            Self::Client { .. } => "client",
            Self::EndAuthority { .. } => "end-authority",
            Self::EndCard { .. } => "end-card",
            Self::EndRepresentative { .. } => "end-representative",
        }
    }

    /// Whether codes are made, and shown once.
    pub const fn makes_codes(&self) -> bool {
        matches!(self, Self::Own { .. } | Self::Family { .. } | Self::Representative { .. })
    }

    /// Whether a number that nobody enrolled is enrolled by it.
    pub const fn enrols(&self) -> bool {
        matches!(self, Self::Own { .. } | Self::Family { .. })
    }

    /// Whether another person read the same: the same numbers, in whatever order, and the same handle.
    pub fn is_same_reading(&self, numbers: &[CaseNumber], handle: Option<&StaffHandle>) -> bool {
        let own = self.numbers();
        own.len() == numbers.len()
            && own.iter().all(|number| numbers.contains(number.reveal()))
            && self.handle() == handle
    }

    /// The words in the log.
    pub const fn in_log(&self) -> StaffDeed {
        match self {
            Self::Own { .. } => StaffDeed::CardHandedOver,
            Self::Family { .. } => StaffDeed::FamilyCardHandedOver,
            Self::Representative { .. } => StaffDeed::RepresentativeCardHandedOver,
            Self::Client { .. } => StaffDeed::ClientPutOnCard,
            Self::EndAuthority { .. } => StaffDeed::AuthorityEnded,
            Self::EndCard { .. } | Self::EndRepresentative { .. } => StaffDeed::CardEnded,
        }
    }
}

/// A deed that two of the staff agreed on.
#[derive(Clone, Debug)]
pub struct CardHandOver {
    /// What they do.
    pub deed: CardDeed,
    /// Ids for the cases of numbers that have none, one a number.
    pub cases_if_new: Vec<CaseId>,
    /// The id of a family's or a representative's card that is made.
    pub card_if_new: CardId,
    /// Who began it.
    pub starter: Actor,
    /// Who confirmed it: another account.
    pub confirmer: Actor,
}

impl CardHandOver {
    /// What the rules say, whatever store it is. A store calls this before anything else.
    ///
    /// # Errors
    /// When both are one account, the policy does not let one of them, or the deed is past a bound.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.starter.account == self.confirmer.account {
            return Err(Refusal::SecondPerson);
        }
        may(self.starter.role, self.deed.starts())?;
        may(self.starter.role, Action::MakeCard)?;
        may(self.confirmer.role, Action::ConfirmCard)?;
        let is_in_bounds = match &self.deed {
            CardDeed::Family { numbers } => {
                let different = |(n, number): (usize, &Private<CaseNumber>)| {
                    numbers.iter().skip(n + 1).all(|other| other.reveal() != number.reveal())
                };
                (2..=FAMILY_MAX).contains(&numbers.len()) && numbers.iter().enumerate().all(different)
            }
            CardDeed::Client { lasts, .. } => !lasts.is_zero() && *lasts <= AUTHORITY_LASTS_MAX,
            _ => true,
        };
        let has_ids = !self.deed.enrols() || self.cases_if_new.len() == self.deed.numbers().len();
        if is_in_bounds && has_ids { Ok(()) } else { Err(Refusal::Bounds) }
    }
}

/// A representative's card as the desk sees it: no client, only how many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepresentativeCard {
    /// What the desk calls it.
    pub handle: StaffHandle,
    /// The account that answers for it.
    pub answers: StaffHandle,
    /// How many clients are on it.
    pub client_count: u32,
    /// The alarm stopped it today.
    pub is_halted: bool,
}

/// Why the alarm rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlarmKind {
    /// Unverified failures passed the site's limit.
    Site,
    /// A representative's card opened unusually many cases in a day.
    RepresentativeCard,
    /// A backup folder was not confirmed to have the newest keys for a day.
    Backup,
    /// The vault opened as much as its budget lets it.
    VaultBudget,
}

impl AlarmKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Site, Self::RepresentativeCard, Self::Backup, Self::VaultBudget];

    /// The word in figures.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::RepresentativeCard => "representative-card",
            Self::Backup => "backup",
            Self::VaultBudget => "vault-budget",
        }
    }

    /// What to do, for the operator.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Site => {
                "somebody guesses numbers or codes: newcomers need two codes until tomorrow; watch \
                 caseline_tries_not_opened_total, and tell those who answer that more people will come to them"
            }
            Self::RepresentativeCard => {
                "a representative's card opened unusually many cases and leads to a person until tomorrow (UTC): ask \
                 whoever answers for it, and end the card at the desk if they did not do it"
            }
            Self::Backup => {
                "a backup folder has not had the newest keys for a day: what is destroyed here may open there; reach \
                 the folder, or take it out of [backup]"
            }
            Self::VaultBudget => {
                "as many cases were opened, or codes compared, as the vault's budget lets: look who did so before you raise it"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::StaffRole;
    use crate::staff::AccountId;
    use caseline_model::ANumber;

    fn number(n: u32) -> Private<CaseNumber> {
        Private::new(CaseNumber::A(ANumber::from_value(n).unwrap()))
    }

    fn handle() -> StaffHandle {
        "lawyer-3".parse().unwrap()
    }

    fn hand_over(deed: CardDeed, starter: StaffRole, confirmer: StaffRole) -> CardHandOver {
        let actor = |id, role| Actor { account: AccountId::from_random(id), role };
        let cases_if_new = deed.numbers().iter().map(|_| CaseId::from_random(1)).collect();
        let (starter, confirmer) = (actor(1, starter), actor(2, confirmer));
        CardHandOver { deed, cases_if_new, card_if_new: CardId::from_random(1), starter, confirmer }
    }

    #[test]
    fn nobody_hands_a_card_over_alone_and_no_administrator_does() {
        let own = || CardDeed::Own { number: number(137) };
        let (navigator, attorney) = (StaffRole::Navigator, StaffRole::Attorney);
        let both = hand_over(own(), navigator, attorney);
        assert_eq!(both.check(), Ok(()));
        let alone = CardHandOver { confirmer: Actor { role: attorney, ..both.starter }, ..both };
        assert_eq!(alone.check(), Err(Refusal::SecondPerson));
        for (starter, confirmer) in [(navigator, StaffRole::Administrator), (StaffRole::Administrator, navigator)] {
            assert!(hand_over(own(), starter, confirmer).check().is_err());
        }
    }

    #[test]
    fn only_lawyers_and_accredited_representatives_begin_a_representative_s_card() {
        let lasts = AUTHORITY_LASTS_MAX;
        let deeds = [
            CardDeed::Representative { handle: handle() },
            CardDeed::Client { handle: handle(), number: number(1), authority: Authority::PersonThere, lasts },
            CardDeed::EndRepresentative { handle: handle() },
        ];
        for deed in deeds {
            for role in StaffRole::ALL {
                let may = matches!(role, StaffRole::Accredited | StaffRole::Attorney);
                let checked = hand_over(deed.clone(), role, StaffRole::Navigator).check();
                assert_eq!(checked.is_ok(), may, "{deed:?} {role:?}");
            }
        }
    }

    #[test]
    fn a_family_is_two_to_six_different_numbers_and_an_authority_ninety_days_at_the_most() {
        let check = |deed| hand_over(deed, StaffRole::Attorney, StaffRole::Navigator).check();
        for (count, is_ok) in [(0, false), (1, false), (2, true), (6, true), (7, false)] {
            let numbers = (1..=count).map(number).collect();
            assert_eq!(check(CardDeed::Family { numbers }).is_ok(), is_ok, "{count}");
        }
        assert_eq!(check(CardDeed::Family { numbers: vec![number(1), number(1)] }), Err(Refusal::Bounds), "twice");
        let client =
            |lasts| CardDeed::Client { handle: handle(), number: number(1), authority: Authority::SignedForm, lasts };
        assert!(check(client(AUTHORITY_LASTS_MAX)).is_ok());
        assert!(check(client(AUTHORITY_LASTS_MAX + Duration::from_secs(1))).is_err());
        assert!(check(client(Duration::ZERO)).is_err());
    }

    #[test]
    fn the_second_person_reads_the_same_numbers_in_whatever_order() {
        let family = CardDeed::Family { numbers: vec![number(1), number(2)] };
        let read = |n: u32| number(n).into_revealed();
        assert!(family.is_same_reading(&[read(2), read(1)], None));
        assert!(!family.is_same_reading(&[read(2)], None));
        assert!(!family.is_same_reading(&[read(2), read(3)], None));
        assert!(!family.is_same_reading(&[read(2), read(1)], Some(&handle())));
        let card = CardDeed::Representative { handle: handle() };
        assert!(card.is_same_reading(&[], Some(&handle())) && !card.is_same_reading(&[], None));
    }
}
