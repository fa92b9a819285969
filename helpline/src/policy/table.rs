//! The table itself, to be read from top to bottom by whoever reviews it; docs/reference/policy.md is made from it.
//! What its words mean is left to `policy`.

use super::{Action, DataField, Proof, Rule, StaffRole, Surface, Who};
use DataField::{AskedOn, CallbackNumber, CardCodes, Language, Need, OwnAccount, VoiceNote, Words};
use StaffRole::{Accredited, Attorney, Navigator, Supervisor};
use Surface::{Command, Route, Telephone};

const EVERYBODY: &[StaffRole] = &StaffRole::ALL;
/// Those who sit with people at the desk.
const AT_THE_DESK: &[StaffRole] = &[Navigator, Accredited, Attorney, Supervisor];
/// Those who talk with callers.
const WITH_CALLERS: &[StaffRole] = &[Navigator, Accredited, Attorney];
/// Those who may say what a record means.
const WITH_ADVICE: &[StaffRole] = &[Accredited, Attorney];

/// Every action with its row. What is not here is refused.
pub const TABLE: &[Rule] = &[
    Rule {
        action: Action::UsePublicPages,
        what: "See the public pages and use the chat",
        who: Who::Anyone,
        proof: Proof::None,
        shows: &[],
        surfaces: &[
            Route("GET", "/"),
            Route("GET", "/{language}"),
            Route("GET", "/favicon.ico"),
            Route("GET", "/chat"),
            Route("POST", "/chat"),
            Route("GET", "/chat/answer"),
            Route("POST", "/chat/answer"),
            Route("GET", "/leave"),
            Route("GET", "/blank"),
            Route("GET", "/style.css"),
            Route("GET", "/health"),
        ],
    },
    Rule {
        action: Action::SeeFigures,
        what: "See figures of the line, on a loopback address",
        who: Who::Operator,
        proof: Proof::Machine,
        shows: &[],
        surfaces: &[Route("GET", "/metrics")],
    },
    Rule {
        action: Action::Join,
        what: "Join by a single-use invitation of fifteen minutes",
        who: Who::Anyone,
        proof: Proof::Invitation,
        shows: &[],
        surfaces: &[Route("GET", "/staff/join/{invite}"), Route("POST", "/staff/join/{invite}")],
    },
    Rule {
        action: Action::SignIn,
        what: "Sign in with a passkey",
        who: Who::Anyone,
        proof: Proof::None,
        shows: &[],
        surfaces: &[
            Route("GET", "/staff/sign-in"),
            Route("POST", "/staff/sign-in"),
            Route("POST", "/staff/sign-in/passkey"),
            Route("GET", "/staff/passkey.js"),
            Route("GET", "/staff/staff.css"),
        ],
    },
    Rule {
        action: Action::SeeDesk,
        what: "See one's own desk",
        who: Who::Roles(EVERYBODY),
        proof: Proof::Login,
        shows: &[(OwnAccount, EVERYBODY)],
        surfaces: &[Route("GET", "/staff")],
    },
    Rule {
        action: Action::ProveAgain,
        what: "Show the passkey again",
        who: Who::Roles(EVERYBODY),
        proof: Proof::Login,
        shows: &[],
        surfaces: &[Route("GET", "/staff/prove"), Route("POST", "/staff/prove")],
    },
    Rule {
        action: Action::SignOut,
        what: "Sign out",
        who: Who::Roles(EVERYBODY),
        proof: Proof::Login,
        shows: &[],
        surfaces: &[Route("POST", "/staff/sign-out")],
    },
    Rule {
        action: Action::StartCard,
        what: "Begin to hand a card over to a person who is there and shows a number, or give it up",
        who: Who::Roles(AT_THE_DESK),
        proof: Proof::FreshPasskey,
        shows: &[],
        surfaces: &[
            Route("GET", "/staff/cards"),
            Route("POST", "/staff/cards/begin"),
            Route("POST", "/staff/cards/give-up"),
        ],
    },
    Rule {
        action: Action::ConfirmCard,
        what: "Confirm, as another person, a card that somebody else began",
        who: Who::Roles(AT_THE_DESK),
        proof: Proof::FreshPasskey,
        shows: &[],
        surfaces: &[Route("GET", "/staff/cards/confirm"), Route("POST", "/staff/cards/confirm")],
    },
    Rule {
        action: Action::MakeCard,
        what: "Make the card that another person confirmed, and see its codes once",
        who: Who::Roles(AT_THE_DESK),
        proof: Proof::TwoPeople,
        shows: &[(CardCodes, AT_THE_DESK)],
        surfaces: &[Route("POST", "/staff/cards/make")],
    },
    Rule {
        action: Action::TakeMessage,
        what: "Take the next message, one at a time",
        who: Who::Roles(WITH_CALLERS),
        proof: Proof::Login,
        shows: &[
            (Language, WITH_CALLERS),
            (Need, WITH_CALLERS),
            (AskedOn, WITH_CALLERS),
            (CallbackNumber, WITH_CALLERS),
            (Words, WITH_CALLERS),
            (VoiceNote, WITH_CALLERS),
        ],
        surfaces: &[Route("POST", "/staff/next/message")],
    },
    Rule {
        action: Action::TakeCallback,
        what: "Take the next callback, one at a time",
        who: Who::Roles(WITH_CALLERS),
        proof: Proof::Login,
        shows: &[
            (Language, WITH_CALLERS),
            (Need, WITH_CALLERS),
            (AskedOn, WITH_CALLERS),
            (CallbackNumber, WITH_CALLERS),
        ],
        surfaces: &[Route("POST", "/staff/next/callback")],
    },
    Rule {
        action: Action::TakeReport,
        what: "Take the next report of a wrong record, one at a time",
        who: Who::Roles(WITH_ADVICE),
        proof: Proof::Login,
        shows: &[(Language, WITH_ADVICE), (Need, WITH_ADVICE), (AskedOn, WITH_ADVICE)],
        surfaces: &[Route("POST", "/staff/next/report")],
    },
    Rule {
        action: Action::SettleTask,
        what: "See the one task that one has taken, hear it, settle it",
        who: Who::Roles(WITH_CALLERS),
        proof: Proof::Login,
        shows: &[],
        surfaces: &[
            Route("GET", "/staff/next"),
            Route("GET", "/staff/next/sound"),
            Route("POST", "/staff/next/settle"),
        ],
    },
    Rule {
        action: Action::AnswerCall,
        what: "Take a caller who waits, after hearing language and need",
        who: Who::Links(&["staff", "legal_on_call", "partner"]),
        proof: Proof::Telephone,
        shows: &[],
        surfaces: &[Telephone("agent-accept-ask")],
    },
    Rule {
        action: Action::HearMessages,
        what: "Hear messages by telephone, one at a time, done or once more",
        who: Who::Links(&["message_listener"]),
        proof: Proof::Telephone,
        shows: &[],
        surfaces: &[Telephone("agent-message-code-ask"), Telephone("agent-message-after-ask")],
    },
    Rule {
        action: Action::ManageStaff,
        what: "Invite somebody, look at the accounts, end one",
        who: Who::Operator,
        proof: Proof::Machine,
        shows: &[],
        surfaces: &[Command("staff")],
    },
    Rule {
        action: Action::RunLine,
        what: "Make, run and look after the line and its store; none of these commands prints anything of a caller",
        who: Who::Operator,
        proof: Proof::Machine,
        shows: &[],
        surfaces: &[
            Command("init"),
            Command("setup"),
            Command("serve"),
            Command("import"),
            Command("doctor"),
            Command("backup"),
            Command("restore"),
            Command("verify-log"),
            Command("held"),
        ],
    },
    Rule {
        action: Action::TryOut,
        what: "Try and review flows, words and telephones, with made-up people",
        who: Who::Operator,
        proof: Proof::Machine,
        shows: &[],
        surfaces: &[
            Command("demo"),
            Command("check"),
            Command("words"),
            Command("play"),
            Command("call"),
            Command("bench"),
        ],
    },
];
