//! What a check noticed: rule, severity, the assertions it rests on. Data beside the result, never an error.
//! The words for it live in the catalogues.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How a finding is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// S1: speak it first and refuse a plain answer.
    SpeakFirst,
    /// S2: speak it with the answer.
    SpeakWith,
    /// S3: a note for staff.
    StaffNote,
}

/// Who may act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// The person can act on it.
    OnesOwn,
    /// A lawyer first: no form, agency address, office or number is named as the thing to do.
    LawyerFirst,
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $word:literal, $severity:ident, $route:ident);+ $(;)?) => {
        /// The checks that are built. A number keeps its meaning for good; gaps are checks that are not built.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Rule { $($(#[$doc])* $name),+ }

        impl Rule {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];
            /// `R01`.
            pub const fn id(self) -> &'static str { match self { $(Self::$name => $id),+ } }
            /// The word in scripts and words: `hearing-dates-disagree`.
            pub const fn word(self) -> &'static str { match self { $(Self::$name => $word),+ } }
            /// How it is spoken.
            pub const fn severity(self) -> Severity { match self { $(Self::$name => Severity::$severity),+ } }
            /// Who may act on it.
            pub const fn route(self) -> Route { match self { $(Self::$name => Route::$route),+ } }
        }
    };
}

rules! {
    /// Two current sources give different next hearings.
    HearingDatesDisagree = "R01", "hearing-dates-disagree", SpeakFirst, OnesOwn;
    /// In person by one source, by video by another.
    MediumDisagrees = "R03", "medium-disagrees", SpeakFirst, OnesOwn;
    /// Weekend, federal holiday, midnight, or a year outside this one and the next ten.
    ImpossibleHearingDate = "R04", "impossible-hearing-date", SpeakFirst, OnesOwn;
    /// The paper names a hearing that the court's own source does not show.
    NotOnCalendar = "R05", "not-on-calendar", SpeakFirst, OnesOwn;
    /// The notice was mailed after the hearing, or under ten days before it.
    NoticeTooLate = "R08", "notice-too-late", SpeakFirst, OnesOwn;
    /// The court moved the hearing to an earlier date.
    HearingMovedEarlier = "R13", "hearing-moved-earlier", SpeakFirst, OnesOwn;
    /// A future hearing was there and is gone without a reason.
    HearingVanished = "R14", "hearing-vanished", SpeakWith, OnesOwn;
    /// The observation is older than its source's limit.
    Stale = "R15", "stale", SpeakWith, OnesOwn;
    /// The whole record was in an earlier version and is not in the newest.
    RecordVanished = "R16", "record-vanished", SpeakFirst, LawyerFirst;
    /// Rows of two people may stand under one number: nothing is read out.
    TwoPeopleUnderOneNumber = "R17", "two-people", SpeakFirst, LawyerFirst;
    /// An order for missing a hearing.
    InAbsentia = "R19", "in-absentia", SpeakFirst, LawyerFirst;
    /// The court's code 54 stands in the record.
    LawyerFirstCode = "R21", "lawyer-first", SpeakFirst, LawyerFirst;
    /// Two duties on the same day: asked while a paper is read together, found by no feed, kept nowhere.
    DutiesClash = "R25", "duties-clash", SpeakFirst, OnesOwn;
    /// The court's language differs from the caller's.
    WrongLanguage = "R29", "wrong-language", SpeakWith, OnesOwn;
    /// A code that is in no table of ours.
    UnknownCode = "R34", "unknown-code", StaffNote, OnesOwn;
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What a check noticed, with the places of the assertions it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which check.
    pub rule: Rule,
    /// Places in the list of assertions that was checked.
    pub rests_on: Vec<usize>,
}
