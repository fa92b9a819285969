//! Writes a true court history down as a clerk does: row by row, with the slips that clerks make.
//! How the rows are spelt and garbled in the file is left to `spoil`.

use crate::court_data::court_life::days_after;
use crate::court_data::event::{CourtLife, Move, Proceeding, Sitting};
use crate::court_data::random::Chance;
use crate::court_data::towns::{CITIES, WRONG_LANGUAGES};
use crate::court_data::truth::{FeedReads, Hearing};
use caseline_model::{Date, TimeOfDay};
use std::borrow::Cow;

/// A cell's bytes.
pub(super) type Cell = Cow<'static, [u8]>;

/// One row, its cells in the order of [`crate::court_data::writer`]'s mid-2026 columns.
#[derive(Clone)]
pub(super) struct Row {
    pub table: usize,
    pub cells: Vec<Cell>,
    pub is_to_be_garbled: bool,
    pub about: About,
}

/// What a row was written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// The case.
    Case,
    /// A proceeding, by its place in the history.
    Proceeding(usize),
    /// A hearing, by the places of its proceeding and its own; and whether the row says what is true of it (others are
    /// slips and older states).
    Sitting { proceeding: usize, place: usize, is_own: bool },
    /// The bond hearing.
    Bond,
}

/// The tables, as indexes.
pub(super) const CASE: usize = 0;
/// See [`CASE`].
pub(super) const PROCEEDING: usize = 1;
/// See [`CASE`].
pub(super) const SCHEDULE: usize = 2;

/// A person, as far as the tables tell two apart.
pub(super) struct Person {
    pub birth: String,
    pub sex: &'static str,
    pub nationality: &'static str,
    /// Both are written down; otherwise most rows leave them out.
    pub is_written_down: bool,
}

/// Keys that go up from row to row.
pub(super) struct Keys {
    pub proceeding: u64,
    pub schedule: u64,
}

/// What the clerk made of one case.
pub(super) struct Sheet {
    pub rows: Vec<Row>,
    pub next: Option<Hearing>,
    pub feed_reads: FeedReads,
    pub slips: Vec<&'static str>,
    pub expected_findings: Vec<&'static str>,
}

/// One slip that changes what the files say; a case has at most one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slip {
    None,
    /// A wrong day typed, seen, crossed out as 99, typed again.
    WrongDayCorrected,
    /// A wrong day typed and still there.
    WrongDay,
    /// The year 2925.
    WrongYear,
    /// A Saturday.
    Weekend,
    /// 31 September.
    NoSuchDay,
    /// No time: midnight.
    Midnight,
    /// Moved, and the old row never crossed out.
    OldRowLeftOpen,
    /// An older state of a row beside the newer one, under one key.
    OldStateKept,
    /// A row that will be garbled.
    Garbled,
}

const SLIPS: &[(i32, Slip)] = &[
    (820, Slip::None),
    (35, Slip::WrongDayCorrected),
    (20, Slip::WrongDay),
    (8, Slip::WrongYear),
    (8, Slip::Weekend),
    (6, Slip::NoSuchDay),
    (8, Slip::Midnight),
    (45, Slip::OldRowLeftOpen),
    (30, Slip::OldStateKept),
    (20, Slip::Garbled),
];

/// Writes one case down.
pub(super) fn write_down(
    life: &CourtLife,
    person: &Person,
    number: String,
    case_id: u64,
    keys: &mut Keys,
    today: Date,
    chance: &mut Chance,
) -> Sheet {
    let mut sheet = Sheet {
        rows: vec![case_row(life, person, number, case_id, chance)],
        next: None,
        feed_reads: FeedReads::None,
        slips: Vec::new(),
        expected_findings: findings_of_the_truth(life),
    };
    let standing = life.next().filter(|(_, sitting)| sitting.on >= today);
    let own = standing.map(|(proceeding, sitting)| hearing(life, proceeding, sitting));
    let mut own_reads: Vec<Hearing> = own.clone().into_iter().collect();
    let slip = applicable(chance.weighted(SLIPS), life, today);
    let is_language_wrong = chance.per_mille(12);
    if is_language_wrong {
        sheet.slips.push("wrong_language");
        sheet.expected_findings.push("R29");
    }
    let language: &'static str = if is_language_wrong { other_than(life.language, chance) } else { life.language };
    for (at, proceeding) in life.proceedings.iter().enumerate() {
        keys.proceeding += u64::from(chance.between(1, 3).unsigned_abs());
        let is_last = at + 1 == life.proceedings.len();
        let mut row = proceeding_row(life, proceeding, keys.proceeding, case_id, chance);
        row.about = About::Proceeding(at);
        sheet.rows.push(row);
        for (place, sitting) in proceeding.hearings.iter().enumerate() {
            let is_standing = is_last && place + 1 == proceeding.hearings.len() && standing.is_some();
            let next_is_set = place + 1 < proceeding.hearings.len();
            write_sitting(
                &mut sheet,
                &mut own_reads,
                &Entry {
                    life,
                    proceeding,
                    sitting,
                    about: About::Sitting { proceeding: at, place, is_own: true },
                    case_id,
                    language,
                    today,
                    is_standing,
                    next_is_set,
                },
                slip,
                keys,
                chance,
            );
        }
        if is_last && let Some(bond) = &life.bond {
            keys.schedule += 1;
            let entry = Entry {
                life,
                proceeding,
                sitting: bond,
                about: About::Bond,
                case_id,
                language,
                today,
                is_standing: false,
                next_is_set: false,
            };
            let mut row = schedule_row(&entry, keys, bond.on, bond.at, None, bond.set_on, chance);
            set(&mut row, "REC_TYPE", "B");
            set(&mut row, "CAL_TYPE", "C");
            set(&mut row, "SCHEDULE_TYPE", "CY");
            sheet.rows.push(row);
        }
    }
    let bond = life.bond.as_ref().and_then(|b| life.proceedings.last().map(|p| hearing(life, p, b)));
    if slip == Slip::Garbled {
        garble_one(&mut sheet, &mut own_reads, standing.is_some(), chance);
    }
    if let Some(name) = slip_name(slip) {
        sheet.slips.push(name);
    }
    let is_bond_garbled = sheet.rows.iter().any(|row| row.is_to_be_garbled && get(row, "REC_TYPE") == Some(b"B"));
    let bond_reads = bond.clone().filter(|_| !is_bond_garbled);
    sheet.next = own.into_iter().chain(bond).min();
    let is_case_garbled = sheet.rows[0].is_to_be_garbled;
    sheet.feed_reads = if is_case_garbled {
        FeedReads::CaseGarbled
    } else if own_reads.len() > 1 {
        own_reads.sort();
        FeedReads::Several(own_reads)
    } else {
        own_reads.into_iter().chain(bond_reads).min().map_or(FeedReads::None, FeedReads::One)
    };
    sheet
}

/// What is needed to write one hearing down.
pub(super) struct Entry<'a> {
    pub life: &'a CourtLife,
    pub proceeding: &'a Proceeding,
    pub sitting: &'a Sitting,
    pub about: About,
    pub case_id: u64,
    pub language: &'static str,
    today: Date,
    is_standing: bool,
    /// Another hearing of this proceeding was set after it.
    next_is_set: bool,
}

impl<'a> Entry<'a> {
    /// A hearing that is written down as it truly is.
    pub fn plain(
        life: &'a CourtLife,
        about: About,
        sitting: &'a Sitting,
        proceeding: &'a Proceeding,
        case_id: u64,
        today: Date,
    ) -> Self {
        let language = life.language;
        Self { life, proceeding, sitting, about, case_id, language, today, is_standing: false, next_is_set: false }
    }
}

fn write_sitting(
    sheet: &mut Sheet,
    own_reads: &mut Vec<Hearing>,
    entry: &Entry<'_>,
    slip: Slip,
    keys: &mut Keys,
    chance: &mut Chance,
) {
    let sitting = entry.sitting;
    let (mut on, mut at) = (sitting.on.to_string(), sitting.at);
    let mut reason = sitting.outcome;
    if entry.is_standing {
        match slip {
            Slip::WrongDayCorrected => {
                let wrong = days_after(sitting.on, chance.one_of(&[-30, -9, 10, 31, 90]));
                keys.schedule += 1;
                let crossed_out = Some((days_after(sitting.set_on, 1), "99"));
                let row = schedule_row(entry, keys, wrong, sitting.at, crossed_out, sitting.set_on, chance);
                sheet.rows.push(row.beside());
            }
            Slip::WrongDay => {
                let wrong = days_after(sitting.on, chance.one_of(&[7, 14, 28]));
                on = wrong.to_string();
                own_reads.iter_mut().for_each(|read| read.on = wrong);
                sheet.expected_findings.push("R01");
            }
            Slip::WrongYear => {
                // 29 February has no fellow in 2925.
                let day = sitting.on.day().min(28);
                let wrong = Date::new(2925, sitting.on.month(), day).expect("every month has 28 days");
                on = wrong.to_string();
                own_reads.iter_mut().for_each(|read| read.on = wrong);
                sheet.expected_findings.push("R04");
            }
            Slip::Weekend => {
                let saturday = days_after(sitting.on, 6 - i32::from(sitting.on.weekday().to_monday_one_offset()));
                on = saturday.to_string();
                own_reads.iter_mut().for_each(|read| read.on = saturday);
                sheet.expected_findings.push("R04");
            }
            Slip::NoSuchDay => {
                on = format!("{}-09-31", sitting.on.year());
                own_reads.clear();
                sheet.expected_findings.push("R04");
            }
            Slip::Midnight => {
                at = "0000";
                own_reads.iter_mut().for_each(|read| read.at = time("0000"));
                sheet.expected_findings.push("R04");
            }
            _ => {}
        }
    }
    // Moved while its day was still to come. At a court that the case has left, the change of venue says enough.
    let has_left = entry.proceeding.end.as_ref().is_some_and(|end| end.went_to.is_some());
    let is_moved_away = (entry.next_is_set || has_left) && reason.is_some() && sitting.on >= entry.today;
    if slip == Slip::OldRowLeftOpen && is_moved_away {
        reason = None;
        let old = hearing(entry.life, entry.proceeding, sitting);
        if !has_left && !own_reads.contains(&old) {
            own_reads.push(old);
            sheet.expected_findings.push("R01");
        }
    }
    keys.schedule += u64::from(chance.between(1, 4).unsigned_abs());
    if slip == Slip::OldStateKept && reason.is_some() {
        let row = schedule_row(entry, keys, sitting.on, sitting.at, None, sitting.set_on, chance);
        sheet.rows.push(row.beside());
    }
    let mut row = schedule_row(entry, keys, sitting.on, at, reason, sitting.set_on, chance);
    set_owned(&mut row, "ADJ_DATE", format!("{on} 00:00:00.000"));
    let is_past = sitting.on < entry.today;
    if is_past && reason.is_some() && chance.per_mille(5) {
        set(&mut row, "ADJ_RSN", "6Z");
        sheet.slips.push("unlisted_code");
        sheet.expected_findings.push("R34");
    }
    if chance.per_mille(6) {
        sheet.rows.push(row.clone());
        sheet.slips.push("row_twice");
    }
    if entry.is_standing && chance.per_mille(8) {
        let mut again = row.clone();
        keys.schedule += 1;
        set_owned(&mut again, "IDNSCHEDULE", keys.schedule.to_string());
        sheet.rows.push(again);
        sheet.slips.push("entered_twice");
    }
    sheet.rows.push(row);
}

/// A slip only where the history gives occasion for it.
fn applicable(slip: Slip, life: &CourtLife, today: Date) -> Slip {
    let stands = life.next().is_some_and(|(_, s)| s.on >= today);
    let needs_standing = matches!(
        slip,
        Slip::WrongDayCorrected | Slip::WrongDay | Slip::WrongYear | Slip::Weekend | Slip::NoSuchDay | Slip::Midnight
    );
    let weekend_is_past = slip == Slip::Weekend
        && life
            .next()
            .is_some_and(|(_, s)| days_after(s.on, 6 - i32::from(s.on.weekday().to_monday_one_offset())) < today);
    let mut settings = life.proceedings.iter().flat_map(|p| &p.hearings);
    let moved_away = settings.any(|h| h.outcome.is_some() && h.on >= today);
    match slip {
        _ if needs_standing && (!stands || weekend_is_past) => Slip::None,
        Slip::OldRowLeftOpen if !(moved_away && stands) => Slip::None,
        other => other,
    }
}

fn garble_one(sheet: &mut Sheet, own_reads: &mut Vec<Hearing>, stands: bool, chance: &mut Chance) {
    sheet.expected_findings.push("R36");
    let wanted = chance.weighted(&[(75, SCHEDULE), (15, PROCEEDING), (10, CASE)]);
    let mut of_table: Vec<usize> = (0..sheet.rows.len()).filter(|at| sheet.rows[*at].table == wanted).collect();
    if of_table.is_empty() {
        of_table.push(0);
    }
    let at = chance.one_of(&of_table);
    sheet.rows[at].is_to_be_garbled = true;
    let key = get(&sheet.rows[at], "IDNSCHEDULE").map(<[u8]>::to_vec);
    // Rows of the standing hearing carry no reason and are of the case's own track; a second copy still says it.
    let still_told = |row: &Row| {
        row.table == SCHEDULE
            && !row.is_to_be_garbled
            && get(row, "ADJ_RSN").is_some_and(<[u8]>::is_empty)
            && get(row, "REC_TYPE") != Some(b"B")
    };
    if wanted == SCHEDULE && key.is_some() && stands {
        let own_row = sheet.rows.iter().any(|row| still_told(row) && is_last_sitting(row, own_reads));
        if !own_row {
            own_reads.clear();
        }
    }
}

fn is_last_sitting(row: &Row, own_reads: &[Hearing]) -> bool {
    let on = get(row, "ADJ_DATE").map(|cell| cell[..10].to_vec());
    own_reads.iter().any(|read| on.as_deref() == Some(read.on.to_string().as_bytes()))
}

fn slip_name(slip: Slip) -> Option<&'static str> {
    Some(match slip {
        Slip::None => return None,
        Slip::WrongDayCorrected => "wrong_day_corrected",
        Slip::WrongDay => "wrong_day",
        Slip::WrongYear => "wrong_year",
        Slip::Weekend => "weekend",
        Slip::NoSuchDay => "no_such_day",
        Slip::Midnight => "midnight",
        Slip::OldRowLeftOpen => "old_row_left_open",
        Slip::OldStateKept => "old_state_kept",
        Slip::Garbled => "garbled",
    })
}

/// What the checks should notice though no clerk slipped.
fn findings_of_the_truth(life: &CourtLife) -> Vec<&'static str> {
    let mut findings = Vec::new();
    let last = life.proceedings.last();
    let last_sitting = last.and_then(|p| p.hearings.last());
    if last_sitting.is_some_and(|s| s.outcome.is_none() && s.moved_by == Some(Move::Advanced)) {
        findings.push("R13");
    }
    if last_sitting.is_some_and(|s| s.outcome.is_some_and(|(_, r)| matches!(r, "9C" | "9V" | "TQ" | "59"))) {
        findings.push("R14");
    }
    if ["18", "33", "4C"].iter().any(|reason| life.had(reason)) {
        findings.push("R29");
    }
    if life.had("54") {
        findings.push("R21");
    }
    if life.had("1B") {
        findings.push("R23");
    }
    let ends = || life.proceedings.iter().filter_map(|p| p.end.as_ref());
    let moved_and_missed = ends().any(|absent| {
        absent.in_absentia
            && ends()
                .any(|moved| moved.went_to.is_some() && moved.on <= absent.on && days_after(moved.on, 365) > absent.on)
    });
    if moved_and_missed {
        findings.push("R19");
    }
    findings
}

pub(super) fn hearing(life: &CourtLife, proceeding: &Proceeding, sitting: &Sitting) -> Hearing {
    let place = if life.custody == 'D' { "detained" } else { proceeding.town.place };
    Hearing { on: sitting.on, at: time(sitting.at), court: proceeding.town.court.to_owned(), place: place.to_owned() }
}

pub(super) fn time(hhmm: &str) -> TimeOfDay {
    hhmm.parse().expect("the hours of this generator are hours")
}

fn other_than(language: &str, chance: &mut Chance) -> &'static str {
    loop {
        let other = chance.one_of(WRONG_LANGUAGES);
        if other != language {
            return other;
        }
    }
}

fn case_row(life: &CourtLife, person: &Person, number: String, case_id: u64, chance: &mut Chance) -> Row {
    let mut row = Row::blank(CASE);
    set_owned(&mut row, "IDNCASE", case_id.to_string());
    set_owned(&mut row, "A_NUMBER", number);
    row.put("ALIEN_CITY", Cow::Borrowed(chance.one_of(CITIES)));
    set(&mut row, "ALIEN_STATE", chance.one_of(&["FL", "NY", "CA", "TX", "IL"]));
    set(&mut row, "ALIEN_ZIPCODE", chance.one_of(&["33101", "`0210", "90012", "77002-1234"]));
    set(&mut row, "NAT", person.nationality);
    set(&mut row, "LANG", life.language);
    set(&mut row, "CUSTODY", one_letter(life.custody));
    set(&mut row, "SITE_TYPE", chance.one_of(&["M", "I", ""]));
    set(&mut row, "CASE_TYPE", life.case_type);
    if let Some(last) = life.proceedings.last() {
        set(&mut row, "UPDATE_SITE", last.town.court);
        // The derived column: the first row ever typed, which is seldom the next hearing.
        if let Some(first) = life.proceedings.first().and_then(|p| p.hearings.first()) {
            set_date(&mut row, "LATEST_HEARING", first.on);
            set(&mut row, "LATEST_TIME", first.at);
            set(&mut row, "LATEST_CAL_TYPE", "M");
        }
    }
    set_date(&mut row, "DATE_OF_ENTRY", days_after(life.charged_on, -chance.between(0, 900)));
    set(&mut row, "C_ASY_TYPE", chance.one_of(&["E", "I", ""]));
    if person.is_written_down || chance.per_mille(170) {
        set_owned(&mut row, "C_BIRTHDATE", person.birth.clone());
    }
    if person.is_written_down || chance.per_mille(550) {
        set(&mut row, "Sex", person.sex);
    }
    if life.custody != 'N' {
        set_date(&mut row, "DATE_DETAINED", life.charged_on);
    }
    if life.custody == 'R' {
        set_date(&mut row, "DATE_RELEASED", days_after(life.charged_on, 40));
    }
    set(&mut row, "LPR", chance.one_of(&["0", "", ""]));
    set(&mut row, "CASEPRIORITY_CODE", chance.one_of(&["N/A", "N/A", "AWC/ATD", "UC"]));
    row
}

pub(super) fn proceeding_row(
    life: &CourtLife,
    proceeding: &Proceeding,
    id: u64,
    case_id: u64,
    chance: &mut Chance,
) -> Row {
    let mut row = Row::blank(PROCEEDING);
    let place = place(life, proceeding);
    set_owned(&mut row, "IDNPROCEEDING", id.to_string());
    set_owned(&mut row, "IDNCASE", case_id.to_string());
    set_date(&mut row, "OSC_DATE", life.charged_on);
    set_date(&mut row, "INPUT_DATE", proceeding.opened_on);
    set(&mut row, "BASE_CITY_CODE", proceeding.town.court);
    set(&mut row, "HEARING_LOC_CODE", place);
    set(&mut row, "IJ_CODE", chance.one_of(&["AAA", "JD1", "QX"]));
    if let Some(from) = proceeding.came_from {
        set_date(&mut row, "TRANS_IN_DATE", proceeding.opened_on);
        set(&mut row, "PREV_HEARING_BASE", from.court);
        set(&mut row, "PREV_HEARING_LOC", from.place);
        set(&mut row, "PREV_IJ_CODE", "QX");
        set(&mut row, "TRANS_NBR", "01");
    }
    if let Some(first) = proceeding.hearings.first() {
        set_date(&mut row, "HEARING_DATE", first.on);
        set(&mut row, "HEARING_TIME", first.at);
    }
    set(&mut row, "CASE_TYPE", life.case_type);
    set(&mut row, "NAT", "MX");
    set(&mut row, "LANG", life.language);
    set(&mut row, "CUSTODY", one_letter(life.custody));
    set(&mut row, "CRIM_IND", "N");
    set(&mut row, "AGGRAVATE_FELON", chance.one_of(&["0", "1", ""]));
    if let Some(end) = &proceeding.end {
        set_date(&mut row, "COMP_DATE", end.on);
        set(&mut row, "DEC_CODE", end.decision.unwrap_or(""));
        set(&mut row, "OTHER_COMP", end.completion.unwrap_or(""));
        set(&mut row, "DEC_TYPE", if end.decision.is_some() { "O" } else { "" });
        set(&mut row, "ABSENTIA", if end.in_absentia { "Y" } else { "N" });
        if let Some(to) = end.went_to {
            set_date(&mut row, "VENUE_CHG_GRANTED", end.on);
            set(&mut row, "TRANSFER_TO", to.court);
            set(&mut row, "TRANSFER_STATUS", "V");
        }
        if end.decision.is_some() {
            set_date(&mut row, "DATE_APPEAL_DUE_STATUS", days_after(end.on, 30));
        }
    }
    row
}

pub(super) fn schedule_row(
    entry: &Entry<'_>,
    keys: &Keys,
    on: Date,
    at: &'static str,
    reason: Option<(Date, &'static str)>,
    set_on: Date,
    chance: &mut Chance,
) -> Row {
    let mut row = Row::blank(SCHEDULE);
    row.about = entry.about;
    let (life, proceeding) = (entry.life, entry.proceeding);
    set_owned(&mut row, "IDNSCHEDULE", keys.schedule.to_string());
    set_owned(&mut row, "IDNPROCEEDING", keys.proceeding.to_string());
    set_owned(&mut row, "IDNCASE", entry.case_id.to_string());
    set_date(&mut row, "OSC_DATE", life.charged_on);
    set(&mut row, "GENERATION", "01");
    set(&mut row, "REC_TYPE", "A");
    set(&mut row, "LANG", entry.language);
    set(&mut row, "HEARING_LOC_CODE", place(life, proceeding));
    set(&mut row, "BASE_CITY_CODE", proceeding.town.court);
    set(&mut row, "IJ_CODE", chance.one_of(&["AAA", "JD1", "QX"]));
    set_date(&mut row, "INPUT_DATE", set_on);
    set(&mut row, "INPUT_TIME", chance.one_of(&["0912", "1140", "1531"]));
    set_date(&mut row, "UPDATE_DATE", reason.map_or(set_on, |(updated_on, _)| updated_on));
    set(&mut row, "UPDATE_TIME", chance.one_of(&["0805", "1212", "1659"]));
    set(&mut row, "ASSIGNMENT_PATH", chance.one_of(&["W", "A", ""]));
    set(&mut row, "CAL_TYPE", if entry.sitting.is_individual { "I" } else { "M" });
    set_date(&mut row, "ADJ_DATE", on);
    set(&mut row, "ADJ_TIME_START", at);
    set(&mut row, "ADJ_RSN", reason.map_or("", |(_, code)| code));
    set(&mut row, "ADJ_MEDIUM", chance.one_of(&["P", "V", "W", ""]));
    set(&mut row, "ADJ_ELAP_DAYS", chance.one_of(&["0000", "0147", ""]));
    set(&mut row, "LNGSESSNID", "9530791");
    set(&mut row, "SCHEDULE_TYPE", if entry.sitting.is_individual { "II" } else { "MR" });
    set(&mut row, "NOTICE_CODE", chance.one_of(&["U7", "#Q", ""]));
    set(&mut row, "BLNCLOCKOVERRIDE", "0");
    set(&mut row, "EOIRAttorneyID", chance.one_of(&["", "96D575B3-0000-4000-8000-058A4E468125"]));
    row
}

fn place(life: &CourtLife, proceeding: &Proceeding) -> &'static str {
    if life.custody == 'D' { proceeding.town.detained_place } else { proceeding.town.place }
}

fn one_letter(custody: char) -> &'static str {
    match custody {
        'D' => "D",
        'R' => "R",
        _ => "N",
    }
}

impl Row {
    fn blank(table: usize) -> Self {
        let width = crate::court_data::writer::COLUMNS[table].len();
        Self { table, cells: vec![Cow::Borrowed(b""); width], is_to_be_garbled: false, about: About::Case }
    }

    /// A row that stands beside the one that says what is true.
    fn beside(mut self) -> Self {
        if let About::Sitting { is_own, .. } = &mut self.about {
            *is_own = false;
        }
        self
    }

    fn put(&mut self, column: &str, cell: Cell) {
        let at = crate::court_data::writer::COLUMNS[self.table].iter().position(|name| *name == column);
        self.cells[at.expect("the clerk writes into columns that exist")] = cell;
    }
}

pub(super) fn set(row: &mut Row, column: &str, text: &'static str) {
    row.put(column, Cow::Borrowed(text.as_bytes()));
}

pub(super) fn set_owned(row: &mut Row, column: &str, text: String) {
    row.put(column, Cow::Owned(text.into_bytes()));
}

pub(super) fn set_date(row: &mut Row, column: &str, date: Date) {
    set_owned(row, column, format!("{date} 00:00:00.000"));
}

pub(super) fn get<'r>(row: &'r Row, column: &str) -> Option<&'r [u8]> {
    let at = crate::court_data::writer::COLUMNS[row.table].iter().position(|name| *name == column)?;
    Some(&row.cells[at])
}
