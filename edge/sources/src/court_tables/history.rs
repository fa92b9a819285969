//! What the court's tables say about one enrolled number: court cases, their proceedings, their hearings.
//! Whether it adds up, and what to tell the person, is left to the checks.
//!
//! There is no place here for addresses, sex, nationality, entry, relatives, birth or a facility: those columns are
//! dropped while reading. A test holds the list of fields.

use crate::court_tables::codes::{
    AdjournmentEffect, AdjournmentReason, CalendarKind, CalendarType, CaseType, Coded, Court, CourtPlace, DecisionKind,
    DecisionMeaning, RawCode,
};
use caseline_model::{ANumber, Date, EoirLanguage, Private, TimeOfDay};
use std::fmt;

/// Everything the tables say about one enrolled number.
#[derive(Clone, PartialEq, Eq)]
pub struct CourtHistory {
    /// The number, from the operator's column.
    pub a_number: Private<ANumber>,
    /// One a charging document, by key. One person can have several.
    pub cases: Vec<CourtCase>,
    /// The rows of this number cannot all be of one person (check R17): say nothing of them. What gave that away is not
    /// kept.
    pub may_be_two_people: bool,
    /// Cases that another number claims as well; they are left out.
    pub contested_case_count: u32,
}

/// It belongs to a person: its debug form is its type's name.
impl fmt::Debug for CourtHistory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CourtHistory")
    }
}

/// One court case (IDNCASE): what one charging document began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CourtCase {
    /// IDNCASE.
    pub id: u64,
    /// Removal, asylum only, …
    pub case_type: Option<Coded<CaseType>>,
    /// The status, and nothing about where.
    pub custody: Option<CustodyStatus>,
    /// The language the court has for the person. Never ISO.
    pub language: Option<EoirLanguage>,
    /// By the day they were entered.
    pub proceedings: Vec<Proceeding>,
    /// Hearings whose proceeding is not in the delivery.
    pub unplaced_hearings: Vec<Hearing>,
    /// Rows with this case's key that were quarantined or did not fit: the picture is incomplete, and "no hearing" is
    /// not to be said for sure.
    pub garbled_row_count: u32,
}

/// One court's handling of a case (IDNPROCEEDING): a new one follows a change of venue or a remand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proceeding {
    /// IDNPROCEEDING.
    pub id: u64,
    /// The day on the charging document (OSC_DATE).
    pub charged_on: Option<Date>,
    /// The day this row was made; the proceeding may be older.
    pub input_on: Option<Date>,
    /// The court.
    pub court: Option<Coded<Court>>,
    /// Where the person goes.
    pub place: Option<HearingPlace>,
    /// The day the case came in from another court.
    pub transferred_in_on: Option<Date>,
    /// The decision on the merits (DEC_CODE).
    pub decision: Option<Decision>,
    /// How it ended otherwise (OTHER_COMP).
    pub completion: Option<Decision>,
    /// The day of either.
    pub completed_on: Option<Date>,
    /// The order was made in the person's absence.
    pub is_in_absentia: Option<bool>,
    /// The day a change of venue was granted.
    pub venue_change_on: Option<Date>,
    /// The court it went to.
    pub transferred_to: Option<Coded<Court>>,
    /// The day an appeal is due.
    pub appeal_due_on: Option<Date>,
    /// As of the completion.
    pub custody: Option<CustodyStatus>,
    /// Removal, asylum only, …
    pub case_type: Option<Coded<CaseType>>,
    /// The language of this proceeding.
    pub language: Option<EoirLanguage>,
    /// By day, time and key.
    pub hearings: Vec<Hearing>,
    /// Another row of the same key says something else, and neither is known to be the later.
    pub is_contested: bool,
}

/// One hearing that was ever set (IDNSCHEDULE). Cancelled ones stay in the court's data as rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hearing {
    /// IDNSCHEDULE.
    pub id: u64,
    /// The day it is or was set for. `None` when the cell held no date of any calendar.
    pub on: Option<Date>,
    /// In the hearing place's zone. Midnight is what stands there when no time was set.
    pub starts_at: Option<TimeOfDay>,
    /// Why it did not end the case or did not take place. `None`: nothing was entered, so it stands, or its day has
    /// passed and nobody wrote down what happened.
    pub adjournment: Option<Adjournment>,
    /// Master, individual, …
    pub calendar: Option<Coded<CalendarType>>,
    /// The finer kind.
    pub schedule_type: Option<Coded<CalendarType>>,
    /// The court.
    pub court: Option<Coded<Court>>,
    /// Where the person goes.
    pub place: Option<HearingPlace>,
    /// In person, by video, …; overwritten by the court since 2021, so a hint only.
    pub medium: Option<Medium>,
    /// The language booked for this hearing.
    pub language: Option<EoirLanguage>,
    /// Which file it belongs to.
    pub track: Track,
    /// The kind of notice printed (of 589); it is not known whether for this hearing or the next.
    pub notice: Option<RawCode>,
    /// When the row was made.
    pub input_on: Option<Date>,
    /// The time of that.
    pub input_at: Option<TimeOfDay>,
    /// When it was changed last.
    pub updated_on: Option<Date>,
    /// The time of that.
    pub updated_at: Option<TimeOfDay>,
    /// Another row of the same key says something else, and neither is known to be the later.
    pub is_contested: bool,
}

impl Hearing {
    /// Whether the row is a sitting the person is part of, not a judge's leave or office work.
    pub fn is_of_the_person(&self) -> bool {
        let is_none = |coded: &Option<Coded<CalendarType>>| {
            coded.as_ref().and_then(Coded::listed).is_some_and(|t| t.kind == CalendarKind::None)
        };
        !is_none(&self.calendar) && !is_none(&self.schedule_type)
    }

    /// Master, individual, custody or other, by the finer code first.
    pub fn calendar_kind(&self) -> Option<CalendarKind> {
        let kind = |coded: &Option<Coded<CalendarType>>| coded.as_ref().and_then(Coded::listed).map(|t| t.kind);
        kind(&self.calendar)
            .filter(|k| *k != CalendarKind::Other)
            .or_else(|| kind(&self.schedule_type))
            .or(kind(&self.calendar))
    }

    /// The IANA zone of the hearing's place, or of its court.
    pub fn zone(&self) -> Option<&'static str> {
        match (&self.place, &self.court) {
            (Some(HearingPlace::Court(place)), _) => Some(place.zone.as_str()),
            (_, Some(Coded::Listed(court))) => Some(court.zone.as_str()),
            _ => None,
        }
    }
}

/// What became of a hearing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Adjournment {
    /// A reason of the court's table.
    Listed(&'static AdjournmentReason),
    /// Adjourned, and a lawyer is to be asked first. Nothing more is kept.
    LawyerFirst,
    /// A code that is in no table here.
    Unlisted(RawCode),
}

impl Adjournment {
    /// What it did to the hearing, where that is known.
    pub fn effect(&self) -> Option<AdjournmentEffect> {
        match self {
            Self::Listed(reason) => Some(reason.effect),
            Self::LawyerFirst => Some(AdjournmentEffect::Continued),
            Self::Unlisted(_) => None,
        }
    }
}

/// Where a hearing takes place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HearingPlace {
    /// A court with a name.
    Court(&'static CourtPlace),
    /// The detained docket: the address is on the person's notice. Which facility is not kept.
    DetainedDocket,
    /// A port or an airport, or another place without a name here: the address is on the notice.
    OnTheNotice(RawCode),
    /// A code that is in no table here. Where the person is detained such a code is not kept either.
    Unlisted(RawCode),
}

/// Whether the person is held. Never where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CustodyStatus {
    /// D
    Detained,
    /// N
    NeverDetained,
    /// R
    Released,
}

/// How a person takes part (ADJ_MEDIUM).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Medium {
    /// P
    InPerson,
    /// V
    Video,
    /// T
    Telephone,
    /// A, W
    Internet,
    /// C
    InternetCourt,
    /// H: it did not take place.
    NotHeld,
    /// A code that is in no table here.
    Unlisted(RawCode),
}

/// Which file a hearing belongs to (REC_TYPE). A bond hearing and a merits hearing do not disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Track {
    /// The case itself (A, X, or not said).
    Case,
    /// Bond and custody (B).
    Bond,
    /// A motion (O).
    Motion,
}

/// A decision with its meaning for this case type, if the pair is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A known pair of code and case type.
    Listed(&'static DecisionMeaning),
    /// Any other: nothing is said of it.
    Unlisted(RawCode),
}

impl Decision {
    /// What it comes to, if that is known.
    pub fn kind(&self) -> Option<DecisionKind> {
        match self {
            Self::Listed(meaning) => Some(meaning.kind),
            Self::Unlisted(_) => None,
        }
    }
}
