//! The court's code tables, as far as a person's answer needs them: what a code means, and that many have no meaning
//! here.
//! The words a caller hears are left to the catalogues; a code that is in no table is kept as it stands.
//!
//! Where each table comes from stands in `codes/SOURCES.md`.

use crate::court_tables::layout::CodeTable;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// The longest code that is kept raw. The court's longest is four; a row with a longer one is quarantined.
pub const RAW_CODE_CHARS_MAX: usize = 8;

/// A code that is in no table here, as it stood in the cell without padding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RawCode(String);

impl RawCode {
    pub(super) fn new(text: &str) -> Self {
        Self(text.chars().take(RAW_CODE_CHARS_MAX).collect())
    }

    /// The code. It has no meaning: show it, never speak it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A code with its meaning where one is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coded<T: 'static> {
    /// In the table.
    Listed(&'static T),
    /// Not in the table: check R34.
    Unlisted(RawCode),
}

impl<T> Coded<T> {
    /// The meaning, if there is one.
    pub fn listed(&self) -> Option<&'static T> {
        match self {
            Self::Listed(meaning) => Some(meaning),
            Self::Unlisted(_) => None,
        }
    }
}

/// What became of a hearing, in the classes that checks and answers tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdjournmentEffect {
    /// It was begun or called, and goes on another day.
    Continued,
    /// The court moved it to an **earlier** day (55, 5A, 9B): check R13.
    Advanced,
    /// The court moved it to a later day.
    Postponed,
    /// The court took it off its calendar (9C, 9V, TQ): check R14.
    OffCalendar,
    /// The court was closed that day (59).
    CourtClosed,
    /// The case was decided before that day (8A).
    CompletedBefore,
    /// The case was decided on that day (8B).
    Completed,
    /// A clerk's slip, said to be one (99).
    EntryError,
    /// The notice went out or was served wrongly (10).
    NoticeWrong,
    /// The case moved between the detained and the non-detained docket (1A, 1B): check R23.
    DocketMoved,
    /// No interpreter, or the wrong one: check R29.
    Interpreter,
    /// The file was not there.
    FileMissing,
}

/// An adjournment reason of the court's table. Code 54 is not among them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AdjournmentReason {
    /// Two letters or digits.
    pub code: String,
    /// What it did to the hearing.
    pub effect: AdjournmentEffect,
    /// The agency's own wording, for staff.
    pub name: String,
}

/// What kind of sitting a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalendarKind {
    /// Scheduling hearing, many people at one hour.
    Master,
    /// Merits hearing.
    Individual,
    /// Bond or custody.
    Custody,
    /// Another sitting of the person's case.
    Other,
    /// No sitting of a person: the judge's leave, office work.
    None,
}

/// A calendar type (CAL_TYPE) or a schedule type (SCHEDULE_TYPE).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CalendarType {
    /// One sign, or two.
    pub code: String,
    /// What kind of sitting.
    pub kind: CalendarKind,
    /// The agency's own wording.
    pub name: String,
}

/// A case type: a decision means something only with it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CaseType {
    /// Three letters.
    pub code: String,
    /// The agency's own wording.
    pub name: String,
}

/// An immigration court (base city).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Court {
    /// Three letters.
    pub code: String,
    /// Its place, as people call it.
    pub name: String,
    /// Two letters.
    pub state: String,
    /// IANA time zone.
    pub zone: String,
    /// It sits at a place of detention.
    #[serde(default)]
    pub detained: bool,
}

/// A hearing place that is a court. Places of detention have no entry: their code is never kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CourtPlace {
    /// Three signs.
    pub code: String,
    /// Its place, as people call it.
    pub name: String,
    /// Two letters.
    pub state: String,
    /// IANA time zone: hearings there are at that zone's time, not the server's.
    pub zone: String,
}

/// What a decision code comes to, with its case type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionKind {
    /// Removed, deported, excluded.
    RemovalOrder,
    /// A removal order with withholding granted.
    RemovalWithProtection,
    /// Voluntary departure.
    VoluntaryDeparture,
    /// Relief, a grant, lawful admission.
    Relief,
    /// Denied.
    Denied,
    /// Taken as given up.
    Abandoned,
    /// Terminated or dismissed.
    Terminated,
    /// Withdrawn.
    Withdrawn,
    /// An asylum officer's finding was upheld.
    ReviewAffirmed,
    /// An asylum officer's finding was set aside.
    ReviewVacated,
    /// Closed without a decision.
    AdministrativelyClosed,
    /// Moved to another court on request.
    VenueChanged,
    /// Moved to another court.
    Transferred,
    /// Before the Board of Immigration Appeals.
    SentToBoard,
    /// Something else.
    Other,
}

impl DecisionKind {
    /// Whether the case goes on at another court: the old court's dates are then void.
    pub const fn moves_on(self) -> bool {
        matches!(self, Self::VenueChanged | Self::Transferred)
    }
}

/// One meaning of one decision code.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct DecisionMeaning {
    column: DecisionColumn,
    /// The code.
    pub code: String,
    case_types: Vec<String>,
    /// What it comes to.
    pub kind: DecisionKind,
    /// In a few words, for staff.
    pub name: String,
}

/// Which column a decision stood in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionColumn {
    /// DEC_CODE: a decision on the merits.
    Decision,
    /// OTHER_COMP: the proceeding ended otherwise.
    Completion,
}

/// What a hearing place's code says.
pub(super) enum PlaceMeaning {
    Court(&'static CourtPlace),
    Detained,
    Border,
    Unlisted,
}

struct Tables {
    adjournments: HashMap<&'static str, &'static AdjournmentReason>,
    calendar_types: HashMap<&'static str, &'static CalendarType>,
    schedule_types: HashMap<&'static str, &'static CalendarType>,
    case_types: HashMap<&'static str, &'static CaseType>,
    courts: HashMap<&'static str, &'static Court>,
    places: HashMap<&'static str, &'static CourtPlace>,
    border: HashSet<&'static str>,
    detained: HashSet<&'static str>,
    decisions: &'static [DecisionMeaning],
    languages: HashMap<&'static str, &'static str>,
}

/// The citizenship claim (GAO-21-487): known to exist, never given a meaning here.
const LAWYER_FIRST_CODE: &str = "54";

pub(super) fn adjournment(code: &str) -> Option<&'static AdjournmentReason> {
    TABLES.adjournments.get(code).copied()
}

pub(super) fn is_lawyer_first(code: &str) -> bool {
    code == LAWYER_FIRST_CODE
}

pub(super) fn calendar_type(code: &str) -> Coded<CalendarType> {
    look_up(&TABLES.calendar_types, code)
}

pub(super) fn schedule_type(code: &str) -> Coded<CalendarType> {
    look_up(&TABLES.schedule_types, code)
}

pub(super) fn case_type(code: &str) -> Coded<CaseType> {
    look_up(&TABLES.case_types, code)
}

/// The court of a base city code.
pub fn court(code: &str) -> Coded<Court> {
    look_up(&TABLES.courts, code)
}

pub(super) fn place(code: &str) -> PlaceMeaning {
    if let Some(court) = TABLES.places.get(code) {
        PlaceMeaning::Court(court)
    } else if TABLES.detained.contains(code) {
        PlaceMeaning::Detained
    } else if TABLES.border.contains(code) {
        PlaceMeaning::Border
    } else {
        PlaceMeaning::Unlisted
    }
}

/// What a decision means for a case of this type; `None` where the pair is in no table: then nothing is said of it.
pub fn decision(column: DecisionColumn, code: &str, case_type: Option<&str>) -> Option<&'static DecisionMeaning> {
    TABLES.decisions.iter().find(|meaning| {
        meaning.column == column
            && meaning.code == code
            && meaning.case_types.iter().any(|t| t == "*" || Some(t.as_str()) == case_type)
    })
}

/// The court's own name of one of its language codes, for staff. Its ISO code is `caseline-model`'s to say.
pub fn language_name(code: &str) -> Option<&'static str> {
    TABLES.languages.get(code).copied()
}

/// Whether a code is in its table. Bytes, since this is asked of every cell of the release.
pub(super) fn is_listed(table: CodeTable, code: &[u8]) -> bool {
    let Ok(code) = std::str::from_utf8(code) else { return false };
    match table {
        CodeTable::Adjournment => TABLES.adjournments.contains_key(code) || is_lawyer_first(code),
        CodeTable::Calendar => TABLES.calendar_types.contains_key(code),
        CodeTable::Schedule => TABLES.schedule_types.contains_key(code),
        CodeTable::CaseType => TABLES.case_types.contains_key(code),
        CodeTable::Court => TABLES.courts.contains_key(code),
        CodeTable::HearingPlace => !matches!(place(code), PlaceMeaning::Unlisted),
        CodeTable::Language => TABLES.languages.contains_key(code),
    }
}

fn look_up<T>(table: &HashMap<&'static str, &'static T>, code: &str) -> Coded<T> {
    table.get(code).copied().map_or_else(|| Coded::Unlisted(RawCode::new(code)), Coded::Listed)
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Adjournments {
        adjournments: Vec<AdjournmentReason>,
    }
    #[derive(Deserialize)]
    struct Calendars {
        calendar_types: Vec<CalendarType>,
    }
    #[derive(Deserialize)]
    struct Schedules {
        schedule_types: Vec<CalendarType>,
    }
    #[derive(Deserialize)]
    struct CaseTypes {
        case_types: Vec<CaseType>,
    }
    #[derive(Deserialize)]
    struct Courts {
        courts: Vec<Court>,
    }
    #[derive(Deserialize)]
    struct Places {
        courts: Vec<CourtPlace>,
        border: Vec<String>,
        detained: Vec<String>,
    }
    #[derive(Deserialize)]
    struct Decisions {
        decisions: Vec<DecisionMeaning>,
    }
    #[derive(Deserialize)]
    struct Name {
        code: String,
        name: String,
    }
    #[derive(Deserialize)]
    struct Languages {
        languages: Vec<Name>,
    }
    fn embedded<T: for<'a> Deserialize<'a>>(text: &str) -> T {
        serde_json::from_str(text).expect("the code tables are part of the program, and a test reads each of them")
    }
    fn by_code<T>(rows: Vec<T>, code: impl Fn(&'static T) -> &'static str) -> HashMap<&'static str, &'static T> {
        // Read once and kept for the program's life.
        rows.leak().iter().map(|row| (code(row), row)).collect()
    }
    fn texts(rows: Vec<String>) -> HashSet<&'static str> {
        rows.leak().iter().map(String::as_str).collect()
    }
    let places: Places = embedded(include_str!("../../codes/hearing_places.json"));
    let languages: Languages = embedded(include_str!("../../codes/languages.json"));
    Tables {
        adjournments: by_code(
            embedded::<Adjournments>(include_str!("../../codes/adjournments.json")).adjournments,
            |row| &row.code,
        ),
        calendar_types: by_code(
            embedded::<Calendars>(include_str!("../../codes/calendar_types.json")).calendar_types,
            |row| &row.code,
        ),
        schedule_types: by_code(
            embedded::<Schedules>(include_str!("../../codes/schedule_types.json")).schedule_types,
            |row| &row.code,
        ),
        case_types: by_code(embedded::<CaseTypes>(include_str!("../../codes/case_types.json")).case_types, |row| {
            &row.code
        }),
        courts: by_code(embedded::<Courts>(include_str!("../../codes/courts.json")).courts, |row| &row.code),
        places: by_code(places.courts, |row| &row.code),
        border: texts(places.border),
        detained: texts(places.detained),
        decisions: embedded::<Decisions>(include_str!("../../codes/decisions.json")).decisions.leak(),
        languages: languages.languages.leak().iter().map(|row| (row.code.as_str(), row.name.as_str())).collect(),
    }
});

#[cfg(test)]
mod tests {
    use super::*;
    use caseline_model::{EoirLanguage, Zone};

    #[test]
    fn every_table_reads_and_holds_no_code_twice() {
        let tables = &*TABLES;
        assert_eq!(tables.adjournments.len(), 113);
        assert_eq!(tables.case_types.len(), 13);
        assert!(tables.courts.len() > 60 && tables.places.len() > 180 && tables.detained.len() > 400);
        let distinct = tables.places.len() + tables.border.len() + tables.detained.len();
        let all: HashSet<_> = tables.places.keys().chain(&tables.border).chain(&tables.detained).collect();
        assert_eq!(all.len(), distinct, "a hearing place is of one kind only");
    }

    #[test]
    fn the_citizenship_code_has_no_meaning_here() {
        assert!(adjournment("54").is_none());
        assert!(is_lawyer_first("54"));
        let text = include_str!("../../codes/adjournments.json").to_lowercase();
        assert!(!text.contains("citizenship"));
    }

    #[test]
    fn every_court_is_in_a_zone_that_exists() {
        for court in TABLES.courts.values() {
            Zone::named(&court.zone).unwrap();
        }
        for place in TABLES.places.values() {
            Zone::named(&place.zone).unwrap();
        }
    }

    #[test]
    fn no_place_of_detention_has_a_name_in_the_program() {
        let text = include_str!("../../codes/hearing_places.json").to_uppercase();
        for word in ["PRISON", "JAIL", "PENITENTIARY", "CORRECTION", "PROCESSING", "SHELTER", "SOUTHWEST KEY"] {
            assert!(!text.contains(word), "{word}");
        }
        for code in ["CCA", "EAZ", "KRO", "YOR", "SWK", "CHD", "ADL", "TAC"] {
            assert!(matches!(place(code), PlaceMeaning::Detained), "{code}");
        }
        assert!(matches!(place("CHI"), PlaceMeaning::Court(_)));
        assert!(matches!(place("QQQ"), PlaceMeaning::Unlisted));
    }

    #[test]
    fn a_decision_means_nothing_without_its_case_type() {
        let kind = |code, case_type| decision(DecisionColumn::Decision, code, case_type).map(|m| m.kind);
        assert_eq!(kind("X", Some("RMV")), Some(DecisionKind::RemovalOrder));
        assert_eq!(kind("D", Some("DEP")), Some(DecisionKind::RemovalOrder));
        assert_eq!(kind("D", Some("AOC")), Some(DecisionKind::Denied));
        assert_eq!(kind("V", Some("RMV")), Some(DecisionKind::VoluntaryDeparture));
        assert_eq!(kind("V", Some("CFR")), Some(DecisionKind::ReviewVacated));
        assert_eq!(kind("X", None), None);
        assert_eq!(kind("D", Some("RMV")), None);
        assert_eq!(
            decision(DecisionColumn::Completion, "C", Some("RMV")).map(|m| m.kind),
            Some(DecisionKind::VenueChanged)
        );
    }

    #[test]
    fn the_codes_that_move_a_hearing_earlier_are_known_as_such() {
        for code in ["55", "5A", "9B"] {
            assert_eq!(adjournment(code).unwrap().effect, AdjournmentEffect::Advanced, "{code}");
        }
        assert_eq!(adjournment("99").unwrap().effect, AdjournmentEffect::EntryError);
        assert_eq!(adjournment("9C").unwrap().effect, AdjournmentEffect::OffCalendar);
    }

    #[test]
    fn the_traps_among_the_languages_are_the_courts_and_not_iso() {
        assert_eq!(language_name("CAC"), Some("CAKCHIQUEL"));
        assert_eq!(EoirLanguage::from_cell("CAC").language().unwrap().iso_639_3(), "cak");
        assert_eq!(language_name("CRE"), Some("CREOLE"));
    }
}
