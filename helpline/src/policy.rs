//! Who may do what: roles, actions and the fields that each of them shows, as one table that is read before anything is
//! done. What is not in the table is refused.
//! Who somebody is, is left to `staff` and to the pages; drawing the table for a reader, to `policy/page`.

mod page;
mod table;

pub use page::page;
pub use table::TABLE;

use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// The role of an account. Navigator, accredited representative and attorney are also its level: what advice its holder
/// may give (8 CFR 1292.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StaffRole {
    /// Gives information and finds help; gives no legal advice.
    Navigator,
    /// Accredited by the Department of Justice with a recognised organisation (8 CFR 1292.11, 1292.12).
    Accredited,
    /// A lawyer.
    Attorney,
    /// Looks after the desk; hears no message.
    Supervisor,
    /// Looks after the machine; sees nothing of callers.
    Administrator,
}

impl StaffRole {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Navigator, Self::Accredited, Self::Attorney, Self::Supervisor, Self::Administrator];

    /// The word in commands, in the store and in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Navigator => "navigator",
            Self::Accredited => "accredited",
            Self::Attorney => "attorney",
            Self::Supervisor => "supervisor",
            Self::Administrator => "administrator",
        }
    }
}

/// Why a text is no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a role is navigator, accredited, attorney, supervisor or administrator")]
pub struct StaffRoleError;

impl FromStr for StaffRole {
    type Err = StaffRoleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(StaffRoleError)
    }
}

/// Something that can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// See the public pages and use the chat.
    UsePublicPages,
    /// See figures of the line.
    SeeFigures,
    /// Join by an invitation.
    Join,
    /// Sign in with a passkey.
    SignIn,
    /// See one's own desk.
    SeeDesk,
    /// Show the passkey again.
    ProveAgain,
    /// Sign out.
    SignOut,
    /// See where one is signed in oneself.
    SeeOwnLogins,
    /// End other logins of one's own.
    EndOwnLogins,
    /// Begin to hand a card over, or give it up.
    StartCard,
    /// Begin a representative's card, put a client on one, or end one.
    StartRepresentativeCard,
    /// Confirm, as the second person, a card that another one began.
    ConfirmCard,
    /// Make the card and see its codes once.
    MakeCard,
    /// Take the next message.
    TakeMessage,
    /// Take the next callback.
    TakeCallback,
    /// Take the next report.
    TakeReport,
    /// See the one task that one has taken, and settle it.
    SettleTask,
    /// Move a report that one has taken to another state.
    MoveReport,
    /// Take the next ticket that was left to one's desk, or give it back.
    TakeTicket,
    /// Open the case of the ticket that one has.
    OpenTicket,
    /// See the case that one's ticket opened, and close it.
    ReadTicketCase,
    /// Take a caller who waits, by telephone.
    AnswerCall,
    /// Hear messages by telephone, with a code of one's own.
    HearMessages,
    /// Give somebody an account, look at the accounts, end one.
    ManageStaff,
    /// Write a legal demand down, and its answer after it.
    AnswerDemand,
    /// Make, run, look after and take away the line and its store.
    RunLine,
    /// Try flows, words and telephones; nothing of a caller is touched.
    TryOut,
}

/// A field that somebody may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DataField {
    /// One's own handle, role and end.
    OwnAccount,
    /// When one's own logins began, were last used, and by what they were begun.
    OwnLogins,
    /// The twelve codes of a card, once.
    CardCodes,
    /// The language of whoever left something.
    Language,
    /// What they need, by option.
    Need,
    /// The day on which they asked.
    AskedOn,
    /// The number to call back.
    CallbackNumber,
    /// Typed words.
    Words,
    /// A voice note.
    VoiceNote,
    /// The last day of a ticket.
    TicketUntil,
    /// The next hearing of a case, with what its sources disagree about.
    CaseHearing,
    /// Hearings that were called off, moved or held.
    CasePastHearing,
    /// Whether the record says that the person is detained; never where.
    CaseCustody,
    /// The language on the court's record.
    CaseCourtLanguage,
    /// The status of a filing.
    CaseFiling,
    /// What the court decided.
    CaseDecision,
    /// Findings that information can be given about.
    CaseFindings,
    /// Findings that need legal advice (R06 to R09, R19 to R21).
    CaseLegalFindings,
    /// The outcome of a report.
    ReportOutcome,
}

impl DataField {
    /// The words on the page.
    pub const fn words(self) -> &'static str {
        match self {
            Self::OwnAccount => "own account",
            Self::OwnLogins => "own logins: began, last used, by what",
            Self::CardCodes => "card codes, once",
            Self::Language => "language",
            Self::Need => "need",
            Self::AskedOn => "day",
            Self::CallbackNumber => "number to call",
            Self::Words => "typed words",
            Self::VoiceNote => "voice note",
            Self::TicketUntil => "a ticket's last day",
            Self::CaseHearing => "case: next hearing, its source and date",
            Self::CasePastHearing => "case: hearings called off, moved or held",
            Self::CaseCustody => "case: whether detained, never where",
            Self::CaseCourtLanguage => "case: the court's language",
            Self::CaseFiling => "case: status of a filing",
            Self::CaseDecision => "case: decisions",
            Self::CaseFindings => "case: findings that information can be given about",
            Self::CaseLegalFindings => "case: findings that need legal advice (R06 to R09, R19 to R21)",
            Self::ReportOutcome => "outcome of a report",
        }
    }
}

/// Who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody who comes: no account is needed.
    Anyone,
    /// Whoever is signed in with one of these roles.
    Roles(&'static [StaffRole]),
    /// Whoever answers at a number of the operator's settings, in these roles of the settings.
    Links(&'static [&'static str]),
    /// Whoever has the operator's own access to the machine.
    Operator,
}

/// What must come before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Nothing.
    None,
    /// A login that runs.
    Login,
    /// A login whose passkey was shown within five minutes.
    FreshPasskey,
    /// That, and another person's confirmation.
    TwoPeople,
    /// A single-use invitation.
    Invitation,
    /// Access to the machine's files.
    Machine,
    /// The number that rings, or a code of one's own.
    Telephone,
}

/// Where it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Surface {
    /// Method and path of a page.
    Route(&'static str, &'static str),
    /// A command, as it is typed after `caseline`.
    Command(&'static str),
    /// The question that a person of the staff is asked on the telephone, by the key of its words.
    Telephone(&'static str),
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// What.
    pub action: Action,
    /// The same for a reader.
    pub what: &'static str,
    /// Who may.
    pub who: Who,
    /// What must come before.
    pub proof: Proof,
    /// What is shown, and to which roles; empty: nothing of anybody.
    pub shows: &'static [(DataField, &'static [StaffRole])],
    /// Where.
    pub surfaces: &'static [Surface],
}

/// Why something is not done. It reaches the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The role may not.
    #[error("this role may not do that")]
    Role,
    /// There is no row for it.
    #[error("nobody may do that")]
    Unlisted,
    /// The passkey was shown too long ago.
    #[error("show your passkey again first")]
    Proof,
    /// Another person must confirm.
    #[error("another person must confirm it")]
    SecondPerson,
    /// It is more, or for longer, than there may be.
    #[error("that is more, or for longer, than there may be")]
    Bounds,
}

impl Refusal {
    /// Its stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Unlisted => "unlisted",
            Self::Proof => "proof",
            Self::SecondPerson => "second-person",
            Self::Bounds => "bounds",
        }
    }
}

/// Whether a signed-in role may do something. What has no row, and what is not for signed-in people, is refused.
///
/// # Errors
/// `Role` when its row does not name the role, `Unlisted` when there is no row.
pub fn may(role: StaffRole, action: Action) -> Result<(), Refusal> {
    match rule(action).map(|rule| rule.who) {
        Some(Who::Anyone) => Ok(()),
        Some(Who::Roles(roles)) if roles.contains(&role) => Ok(()),
        Some(_) => Err(Refusal::Role),
        None => Err(Refusal::Unlisted),
    }
}

/// Whether a role sees a field when it does something. A page draws a field only after asking.
pub fn sees(role: StaffRole, action: Action, field: DataField) -> bool {
    may(role, action).is_ok()
        && rule(action).is_some_and(|rule| rule.shows.iter().any(|(shown, to)| *shown == field && to.contains(&role)))
}

/// The row of an action.
pub fn rule(action: Action) -> Option<&'static Rule> {
    TABLE.iter().find(|rule| rule.action == action)
}

/// The row of a page, by its method and its path as the router writes it.
pub fn rule_of_route(method: &str, path: &str) -> Option<&'static Rule> {
    TABLE.iter().find(|rule| {
        rule.surfaces.iter().any(|surface| matches!(surface, Surface::Route(m, p) if *m == method && *p == path))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_action_has_one_row_and_every_place_one_action() {
        let mut places = BTreeSet::new();
        for rule in TABLE {
            assert_eq!(TABLE.iter().filter(|other| other.action == rule.action).count(), 1, "{:?}", rule.action);
            assert!(!rule.surfaces.is_empty(), "{:?} is done nowhere", rule.action);
            for surface in rule.surfaces {
                assert!(places.insert(*surface), "{surface:?} stands twice");
            }
        }
    }

    #[test]
    fn a_field_is_shown_only_to_those_who_may_do_what_shows_it() {
        for rule in TABLE {
            for (field, roles) in rule.shows {
                for role in *roles {
                    assert!(may(*role, rule.action).is_ok(), "{role:?} sees {field:?} of {:?}", rule.action);
                    assert!(sees(*role, rule.action, *field));
                }
            }
        }
    }

    #[test]
    fn no_role_does_what_is_the_operator_s_or_the_telephone_s() {
        for role in StaffRole::ALL {
            for action in [Action::RunLine, Action::ManageStaff, Action::AnswerCall, Action::HearMessages] {
                assert_eq!(may(role, action), Err(Refusal::Role), "{role:?} {action:?}");
            }
            assert_eq!(role.as_str().parse(), Ok(role));
        }
    }

    #[test]
    fn administrators_see_nothing_of_callers_and_nobody_but_their_maker_sees_a_card() {
        let of_callers = [
            DataField::CardCodes,
            DataField::Language,
            DataField::Need,
            DataField::CallbackNumber,
            DataField::Words,
            DataField::VoiceNote,
        ];
        for rule in TABLE {
            for field in of_callers {
                assert!(!sees(StaffRole::Administrator, rule.action, field));
                if field == DataField::CardCodes {
                    let shows = rule.shows.iter().any(|(shown, _)| *shown == field);
                    assert_eq!(shows, rule.action == Action::MakeCard);
                }
            }
        }
        assert_eq!(rule(Action::MakeCard).unwrap().proof, Proof::TwoPeople);
    }

    #[test]
    fn changing_pages_need_a_fresh_passkey_where_a_card_is_concerned() {
        for action in [Action::StartCard, Action::ConfirmCard] {
            assert_eq!(rule(action).unwrap().proof, Proof::FreshPasskey);
        }
        assert!(rule_of_route("POST", "/staff/cards/make").is_some());
        assert!(rule_of_route("GET", "/staff/cards/make").is_none());
    }
}
