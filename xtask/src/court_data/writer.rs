//! Writes the three tables, the truth and the list of enrolled numbers, case by case, with little memory.
//! What stands in a row is for `clerk`; how it is spelt, for `spoil`.

use crate::court_data::clerk;
use crate::court_data::clerk::{Keys, Person, Sheet};
use crate::court_data::court_life::{days_after, live, live_on};
use crate::court_data::later::{self, DAYS_BETWEEN, Lives};
use crate::court_data::noticed::{self, Written};
use crate::court_data::random::Chance;
use crate::court_data::spoil;
use crate::court_data::truth::{FeedReads, GarbledRow, Truth};
use caseline_model::{ANumber, Date};
use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// The made-up range ends at 000-999-999.
const CASES_MAX: u32 = 999_999;
/// Shares no factor with [`CASES_MAX`], so every case gets a number of its own.
const NUMBER_STRIDE: u64 = 617_411;
/// Cases in a thousand that are a second one of the person before.
const SECOND_CASES_PER_MILLE: i32 = 60;
/// Of these, in a thousand: two people under one number.
const TWO_PEOPLE_PER_MILLE: i32 = 80;

/// Streams of chance that are not a case's own.
const PERSON_STREAM: u64 = 1 << 40;
const FILE_STREAM: u64 = 2 << 40;
const PAIR_STREAM: u64 = 3 << 40;
const ENROLLED_STREAM: u64 = 4 << 40;
const LATER_STREAM: u64 = 5 << 40;

/// What to make.
#[derive(Clone, Debug)]
pub struct Order {
    /// How many court cases.
    pub case_count: u32,
    /// The same seed makes the same files.
    pub seed: u64,
    /// The day on which the tables were made.
    pub today: Date,
    /// How many numbers to write to enrolled.txt; none writes no such file.
    pub enrolled_count: u32,
    /// Which column names and order.
    pub release: Release,
}

/// Which release's column names and order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Release {
    /// As released in mid-2026.
    #[value(name = "mid-2026")]
    Mid2026,
    /// Older names (`GENDER`), another order, the A-number near the front.
    Older,
}

/// What was made.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Rows of A_TblCase, B_TblProceeding, tbl_schedule, without the header.
    pub row_counts: [u64; 3],
    /// Bytes of the three.
    pub byte_count: u64,
    /// Rows that no reader should use.
    pub garbled_count: u64,
    /// What enrolled.txt holds.
    pub enrolled: Vec<ANumber>,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [cases, proceedings, hearings] = self.row_counts;
        write!(
            f,
            "wrote {cases} cases, {proceedings} proceedings, {hearings} hearings ({} MB); {} garbled rows, {} enrolled numbers",
            self.byte_count / 1_000_000,
            self.garbled_count,
            self.enrolled.len()
        )
    }
}

/// File names, in the order of the tables.
pub(super) const FILES: [&str; 3] = ["A_TblCase.csv", "B_TblProceeding.csv", "tbl_schedule.csv"];

/// The columns of the mid-2026 release, in its order; the operator's A-number stands last.
pub(super) const COLUMNS: [&[&str]; 3] = [
    &[
        "IDNCASE",
        "ALIEN_CITY",
        "ALIEN_STATE",
        "ALIEN_ZIPCODE",
        "UPDATED_ZIPCODE",
        "UPDATED_CITY",
        "NAT",
        "LANG",
        "CUSTODY",
        "SITE_TYPE",
        "E_28_DATE",
        "ATTY_NBR",
        "CASE_TYPE",
        "UPDATE_SITE",
        "LATEST_HEARING",
        "LATEST_TIME",
        "LATEST_CAL_TYPE",
        "UP_BOND_DATE",
        "UP_BOND_RSN",
        "CORRECTIONAL_FAC",
        "RELEASE_MONTH",
        "RELEASE_YEAR",
        "INMATE_HOUSING",
        "DATE_OF_ENTRY",
        "C_ASY_TYPE",
        "C_BIRTHDATE",
        "C_RELEASE_DATE",
        "UPDATED_STATE",
        "ADDRESS_CHANGEDON",
        "ZBOND_MRG_FLAG",
        "Sex",
        "DATE_DETAINED",
        "DATE_RELEASED",
        "LPR",
        "DETENTION_DATE",
        "DETENTION_LOCATION",
        "DCO_LOCATION",
        "DETENTION_FACILITY_TYPE",
        "CASEPRIORITY_CODE",
        "A_NUMBER",
    ],
    &[
        "IDNPROCEEDING",
        "IDNCASE",
        "OSC_DATE",
        "INPUT_DATE",
        "BASE_CITY_CODE",
        "HEARING_LOC_CODE",
        "IJ_CODE",
        "TRANS_IN_DATE",
        "PREV_HEARING_LOC",
        "PREV_HEARING_BASE",
        "PREV_IJ_CODE",
        "TRANS_NBR",
        "HEARING_DATE",
        "HEARING_TIME",
        "DEC_TYPE",
        "DEC_CODE",
        "DEPORTED_1",
        "DEPORTED_2",
        "OTHER_COMP",
        "APPEAL_RSVD",
        "APPEAL_NOT_FILED",
        "COMP_DATE",
        "ABSENTIA",
        "VENUE_CHG_GRANTED",
        "TRANSFER_TO",
        "DATE_APPEAL_DUE_STATUS",
        "TRANSFER_STATUS",
        "CUSTODY",
        "CASE_TYPE",
        "NAT",
        "LANG",
        "SCHEDULED_HEAR_LOC",
        "CORRECTIONAL_FAC",
        "CRIM_IND",
        "IHP",
        "AGGRAVATE_FELON",
        "DATE_DETAINED",
        "DATE_RELEASED",
    ],
    &[
        "IDNSCHEDULE",
        "IDNPROCEEDING",
        "IDNCASE",
        "OSC_DATE",
        "GENERATION",
        "SUB_GENERATION",
        "REC_TYPE",
        "LANG",
        "HEARING_LOC_CODE",
        "BASE_CITY_CODE",
        "IJ_CODE",
        "INTERPRETER_CODE",
        "INPUT_DATE",
        "INPUT_TIME",
        "UPDATE_DATE",
        "UPDATE_TIME",
        "ASSIGNMENT_PATH",
        "CAL_TYPE",
        "ADJ_DATE",
        "ADJ_TIME_START",
        "ADJ_TIME_STOP",
        "ADJ_RSN",
        "ADJ_MEDIUM",
        "ADJ_MSG",
        "ADJ_ELAP_DAYS",
        "LNGSESSNID",
        "SCHEDULE_TYPE",
        "NOTICE_CODE",
        "BLNCLOCKOVERRIDE",
        "EOIRAttorneyID",
    ],
];

/// Columns from this one on are read by nobody: a row that ends before them is short and harmless. (The A-number stands
/// last and is read, so a case row is never cut.)
pub(super) const NEVER_CUT: [usize; 3] = [40, 31, 28];

/// Makes the files in `out`, which is created. `progress` is told how many cases are done.
///
/// # Errors
/// When more cases are asked for than there are made-up numbers, or the folder cannot be written to.
pub fn write(order: &Order, out: &Path, progress: &mut dyn FnMut(u32)) -> io::Result<Summary> {
    if order.case_count > CASES_MAX {
        return Err(io::Error::other(format!("there are made-up numbers for {CASES_MAX} cases only")));
    }
    std::fs::create_dir_all(out)?;
    let mut files = Files::create(order, out)?;
    let mut keys = Keys { proceeding: 3_000_000, schedule: 20_000_000 };
    let mut case_id = 10_000_000;
    for at in 0..order.case_count {
        let mut chance = Chance::of(order.seed, u64::from(at));
        let number = number_of(order.seed, at);
        case_id += u64::from(chance.between(1, 9).unsigned_abs());
        let life = live(&mut chance, order.today);
        let (person, is_of_two_people) = person_of(order.seed, at);
        let written = written_number(number, &mut chance);
        let mut sheet = clerk::write_down(&life, &person, written, case_id, &mut keys, order.today, &mut chance);
        if is_of_two_people {
            sheet.slips.push("two_people");
            sheet.expected_findings.push("R17");
        }
        files.append(sheet, number, case_id, &mut chance)?;
        if at % 256 == 0 {
            progress(at);
        }
    }
    progress(order.case_count);
    let enrolled = enrolled_numbers(order);
    if !enrolled.is_empty() {
        let rows: String = enrolled.iter().map(|number| number.digits() + "\n").collect();
        std::fs::write(out.join("enrolled.txt"), rows)?;
    }
    files.finish(enrolled)
}

/// Makes the second delivery of the same order in `out`: the same true histories [`DAYS_BETWEEN`] days later, with the
/// truth of both read together. `enrolled.txt` is the first one's.
///
/// # Errors
/// As for [`write`].
pub fn write_later(order: &Order, out: &Path, progress: &mut dyn FnMut(u32)) -> io::Result<Summary> {
    if order.case_count > CASES_MAX {
        return Err(io::Error::other(format!("there are made-up numbers for {CASES_MAX} cases only")));
    }
    std::fs::create_dir_all(out)?;
    let second_on = later_on(order.today);
    let mut files = Files::create(order, out)?;
    let mut keys = Keys { proceeding: 3_000_000, schedule: 20_000_000 };
    let mut later_keys = Keys { proceeding: 600_000_000, schedule: 700_000_000 };
    let mut case_id = 10_000_000;
    for at in 0..order.case_count {
        // The first delivery once more, since the clerk goes on from what stands there.
        let mut chance = Chance::of(order.seed, u64::from(at));
        let number = number_of(order.seed, at);
        case_id += u64::from(chance.between(1, 9).unsigned_abs());
        let stream = chance.clone();
        let first_life = live(&mut chance, order.today);
        let (person, is_of_two_people) = person_of(order.seed, at);
        let written = written_number(number, &mut chance);
        let first = clerk::write_down(&first_life, &person, written, case_id, &mut keys, order.today, &mut chance);

        let mut second_life = live_on(&mut stream.clone(), order.today, second_on);
        second_life.bond = first_life.bond.clone();
        let lives = Lives {
            first: &first_life,
            second: &second_life,
            first_on: order.today,
            second_on,
            case_id,
            is_of_pair: is_second(order.seed, at) || (at % 2 == 0 && is_second(order.seed, at + 1)),
        };
        let mut chance = Chance::of(order.seed, LATER_STREAM + u64::from(at));
        let (rows, deed) = later::rows_of(&lives, &first, &mut later_keys, &mut chance);
        let before = Written::of(&first.rows, &first_life, order.today);
        let now = Written::of(&rows, &second_life, second_on);
        let mut findings: Vec<&'static str> = noticed::must_come(&lives, &before, &now, deed).into_iter().collect();
        let mut slips = first.slips;
        slips.extend(deed.name());
        if is_of_two_people {
            slips.push("two_people");
            findings = vec!["R17"];
        }
        let feed_reads = match rows.first() {
            None => FeedReads::CaseGone,
            Some(row) if row.is_to_be_garbled => FeedReads::CaseGarbled,
            Some(_) => now.reads(),
        };
        let next = second_life.next().map(|(proceeding, sitting)| clerk::hearing(&second_life, proceeding, sitting));
        let sheet = Sheet {
            rows,
            next: next.filter(|hearing| hearing.on >= second_on),
            feed_reads,
            slips,
            expected_findings: findings,
        };
        files.append(sheet, number, case_id, &mut chance)?;
        if at % 256 == 0 {
            progress(at);
        }
    }
    progress(order.case_count);
    files.finish(Vec::new())
}

/// The day of the second delivery.
pub fn later_on(today: Date) -> Date {
    days_after(today, DAYS_BETWEEN)
}

/// The four files while they are written.
struct Files {
    tables: [BufWriter<File>; 3],
    truth: BufWriter<File>,
    orders: [Vec<usize>; 3],
    row_ends: [&'static [u8]; 3],
    /// Rows written, the header among them.
    row_numbers: [u64; 3],
    summary: Summary,
    buffer: Vec<u8>,
}

impl Files {
    fn create(order: &Order, out: &Path) -> io::Result<Self> {
        let open = |name: &str| File::create(out.join(name)).map(|file| BufWriter::with_capacity(1 << 18, file));
        let mut chance = Chance::of(order.seed, FILE_STREAM);
        let mut files = Self {
            tables: [open(FILES[0])?, open(FILES[1])?, open(FILES[2])?],
            truth: open("truth.jsonl")?,
            orders: std::array::from_fn(|table| column_order(order.release, table)),
            row_ends: std::array::from_fn(|_| if chance.per_mille(500) { &b"\r\n"[..] } else { b"\n" }),
            row_numbers: [1; 3],
            summary: Summary::default(),
            buffer: Vec::with_capacity(1 << 12),
        };
        for (table, columns) in COLUMNS.iter().enumerate() {
            let names: Vec<&str> = files.orders[table]
                .iter()
                .map(|at| match (columns[*at], order.release) {
                    ("Sex", Release::Older) => "GENDER",
                    ("ZBOND_MRG_FLAG", Release::Older) => "ZBOND_MRG_FLAG_Remove",
                    (name, _) => name,
                })
                .collect();
            let mut header = names.join("\t").into_bytes();
            header.extend_from_slice(files.row_ends[table]);
            files.summary.byte_count += header.len() as u64;
            files.tables[table].write_all(&header)?;
        }
        Ok(files)
    }

    fn append(&mut self, sheet: Sheet, number: ANumber, case_id: u64, chance: &mut Chance) -> io::Result<()> {
        let mut garbled = Vec::new();
        for row in &sheet.rows {
            let table = row.table;
            self.buffer.clear();
            let gained = spoil::append(&mut self.buffer, row, &self.orders[table], self.row_ends[table], chance);
            self.tables[table].write_all(&self.buffer)?;
            if row.is_to_be_garbled {
                garbled.extend(
                    (1..=gained)
                        .map(|nth| GarbledRow { file: FILES[table].to_owned(), row: self.row_numbers[table] + nth }),
                );
            }
            self.row_numbers[table] += gained;
            self.summary.row_counts[table] += gained;
            self.summary.byte_count += self.buffer.len() as u64;
        }
        self.summary.garbled_count += garbled.len() as u64;
        let mut expected_findings: Vec<String> = sheet.expected_findings.iter().map(|id| (*id).to_owned()).collect();
        expected_findings.sort();
        expected_findings.dedup();
        let truth = Truth {
            a_number: number,
            case_id,
            next: sheet.next,
            feed_reads: sheet.feed_reads,
            slips: sheet.slips.iter().map(|slip| (*slip).to_owned()).collect(),
            expected_findings,
            garbled,
        };
        serde_json::to_writer(&mut self.truth, &truth)?;
        self.truth.write_all(b"\n")
    }

    fn finish(mut self, enrolled: Vec<ANumber>) -> io::Result<Summary> {
        for table in &mut self.tables {
            table.flush()?;
        }
        self.truth.flush()?;
        self.summary.enrolled = enrolled;
        Ok(self.summary)
    }
}

fn column_order(release: Release, table: usize) -> Vec<usize> {
    let count = COLUMNS[table].len();
    let mut order: Vec<usize> = (0..count).collect();
    if release == Release::Older {
        // The key stays first; a column of another place moves up behind it.
        order.rotate_right(1);
        order.swap(0, 1);
        if table != clerk::CASE {
            order.swap(3, 4);
        }
    }
    order
}

/// A number of its own for every case, but the second of a pair shares its neighbour's.
fn number_of(seed: u64, at: u32) -> ANumber {
    let person = if is_second(seed, at) { at - 1 } else { at };
    let value = (u64::from(person) * NUMBER_STRIDE + seed % u64::from(CASES_MAX)) % u64::from(CASES_MAX) + 1;
    u32::try_from(value).ok().and_then(ANumber::from_value).expect("the made-up range is within nine digits and not 0")
}

fn is_second(seed: u64, at: u32) -> bool {
    at % 2 == 1 && Chance::of(seed, PAIR_STREAM + u64::from(at)).per_mille(SECOND_CASES_PER_MILLE)
}

/// Who the case is about, and whether another person is under the same number.
fn person_of(seed: u64, at: u32) -> (Person, bool) {
    let second = if at % 2 == 1 { at } else { at + 1 };
    let is_pair = is_second(seed, second);
    let is_of_two_people =
        is_pair && Chance::of(seed, PAIR_STREAM + (1 << 39) + u64::from(second)).per_mille(TWO_PEOPLE_PER_MILLE);
    let of_pair = if is_pair { second - 1 } else { at };
    let mut chance = Chance::of(seed, PERSON_STREAM + u64::from(of_pair));
    let mut year = chance.between(1960, 2010);
    let month = chance.between(1, 12);
    let sex = chance.one_of(&["M", "F"]);
    let nationality = chance.one_of(&["GT", "MX", "HT", "HO", "ES", "CU", "VE", "CH", "BR", "IN"]);
    if is_of_two_people && at == second {
        year += 11;
    }
    let birth = format!("{month}/{year}");
    (Person { birth, sex, nationality, is_written_down: is_of_two_people }, is_of_two_people)
}

/// Every way operators write it.
fn written_number(number: ANumber, chance: &mut Chance) -> String {
    let digits = number.digits();
    match chance.between(0, 9) {
        0 => format!("A{digits}"),
        1 => format!("A{}-{}-{}", &digits[..3], &digits[3..6], &digits[6..]),
        2 => digits[1..].to_owned(),
        3 => format!(" {digits} "),
        _ => digits,
    }
}

fn enrolled_numbers(order: &Order) -> Vec<ANumber> {
    let mut chance = Chance::of(order.seed, ENROLLED_STREAM);
    let mut numbers = std::collections::BTreeSet::new();
    let people = (0..order.case_count).filter(|at| !is_second(order.seed, *at)).count();
    let wanted = usize::try_from(order.enrolled_count).unwrap_or(usize::MAX).min(people);
    let last = i32::try_from(order.case_count).unwrap_or(i32::MAX) - 1;
    while numbers.len() < wanted {
        numbers.insert(number_of(order.seed, chance.between(0, last).unsigned_abs()));
    }
    numbers.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::court_data::truth::read_truth;
    use caseline_model::made_up::is_made_up_a_number;
    use std::path::PathBuf;

    fn made(name: &str, seed: u64, case_count: u32) -> (PathBuf, Summary) {
        let folder = std::env::temp_dir().join(format!("caseline-court-data-{}-{name}", std::process::id()));
        let order = Order {
            case_count,
            seed,
            today: jiff::civil::date(2026, 11, 20),
            enrolled_count: 20,
            release: Release::Mid2026,
        };
        let summary = write(&order, &folder, &mut |_| {}).unwrap();
        (folder, summary)
    }

    fn bytes(folder: &Path) -> Vec<Vec<u8>> {
        let names = FILES.iter().copied().chain(["truth.jsonl", "enrolled.txt"]);
        names.map(|name| std::fs::read(folder.join(name)).unwrap()).collect()
    }

    #[test]
    fn the_same_order_makes_the_same_bytes_and_another_seed_makes_others() {
        let (first, _) = made("first", 1, 300);
        let (second, _) = made("second", 1, 300);
        let (other, _) = made("other", 2, 300);
        assert!(bytes(&first) == bytes(&second));
        assert!(bytes(&first)[0] != bytes(&other)[0]);
        for folder in [first, second, other] {
            std::fs::remove_dir_all(folder).unwrap();
        }
    }

    #[test]
    fn every_number_is_made_up_and_only_second_cases_share_one() {
        let (folder, summary) = made("numbers", 3, 4_000);
        let truths = read_truth(&folder.join("truth.jsonl")).unwrap();
        assert_eq!(truths.len(), 4_000);
        assert!(truths.iter().all(|truth| is_made_up_a_number(&truth.a_number)));
        let mut numbers: Vec<ANumber> = truths.iter().map(|truth| truth.a_number).collect();
        numbers.sort();
        numbers.dedup();
        assert!((3_800..3_950).contains(&numbers.len()), "{}", numbers.len());
        assert_eq!(summary.enrolled.len(), 20);
        assert!(summary.enrolled.iter().all(|number| numbers.binary_search(number).is_ok()));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn the_files_hold_the_quirks_that_a_reader_must_survive() {
        let (folder, summary) = made("quirks", 3, 4_000);
        let all = bytes(&folder).concat();
        let holds = |needle: &[u8]| all.windows(needle.len()).any(|window| window == needle);
        for needle in [
            &b"SP "[..],
            b"\tN/A\t",
            b"\tb6\t",
            b"\t??\t",
            b"PE\xD1ITAS",
            b"\"LOS ANGELES",
            b"2925-",
            b"-09-31",
            b"\t0000\t",
        ] {
            assert!(holds(needle), "{}", String::from_utf8_lossy(needle));
        }
        assert!(all.contains(&0), "NUL bytes");
        assert!(summary.garbled_count > 50);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn more_cases_than_made_up_numbers_are_refused() {
        let order = Order {
            case_count: CASES_MAX + 1,
            seed: 1,
            today: jiff::civil::date(2026, 11, 20),
            enrolled_count: 0,
            release: Release::Mid2026,
        };
        assert!(write(&order, Path::new("/nonexistent"), &mut |_| {}).is_err());
    }
}
