//! A made-up feed read against the truth that stands beside it.

use crate::delivery::{folder, import, today};
use caseline_model::ANumber;
use caseline_sources::court_tables::history::HearingPlace;
use caseline_sources::court_tables::next_hearing::{Answer, Found};
use caseline_sources::court_tables::{
    CourtCase, CourtHistory, Progress, ReadOptions, next_hearing_in, read_court_tables,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use xtask::court_data::{FeedReads, Hearing, Order, Release, Truth, read_truth, write};

fn make(name: &str, case_count: u32, seed: u64, release: Release) -> std::path::PathBuf {
    let folder = folder(name);
    let order = Order { case_count, seed, today: today(), enrolled_count: 50, release };
    write(&order, &folder, &mut |_| {}).unwrap();
    folder
}

fn everybody(folder: &Path) -> (Vec<CourtHistory>, caseline_sources::court_tables::ReadReport) {
    import(folder, &|_| true).unwrap()
}

fn seen(found: &Found<'_>) -> Hearing {
    Hearing {
        on: found.on,
        at: found.hearing.starts_at.unwrap(),
        court: found.hearing.court.as_ref().unwrap().listed().unwrap().code.clone(),
        place: match found.hearing.place.as_ref().unwrap() {
            HearingPlace::Court(court) => court.code.clone(),
            HearingPlace::DetainedDocket => String::from("detained"),
            other => panic!("a made-up place that no table knows: {other:?}"),
        },
    }
}

fn read(case: &CourtCase) -> FeedReads {
    match next_hearing_in(case, today()).answer {
        Answer::None => FeedReads::None,
        Answer::One(found) => FeedReads::One(seen(&found)),
        Answer::Disagree(rows) => FeedReads::Several(rows.iter().map(seen).collect()),
    }
}

fn compare(folder: &Path) -> (usize, Vec<Truth>) {
    let (histories, report) = everybody(folder);
    let truths = read_truth(&folder.join("truth.jsonl")).unwrap();
    let cases: BTreeMap<u64, (&CourtHistory, &CourtCase)> =
        histories.iter().flat_map(|h| h.cases.iter().map(move |c| (c.id, (h, c)))).collect();
    let (mut compared, mut garbled, mut flagged) = (0, 0, 0);
    for truth in &truths {
        let Some((history, case)) = cases.get(&truth.case_id) else {
            assert_eq!(truth.feed_reads, FeedReads::CaseGarbled, "case {} was not read", truth.case_id);
            assert!(report.unreadable_cases.contains(&truth.case_id), "and it is known that it is not gone");
            continue;
        };
        assert_eq!(*history.a_number.reveal(), truth.a_number);
        assert_eq!(read(case), truth.feed_reads, "case {} with slips {:?}", truth.case_id, truth.slips);
        if !truth.garbled.is_empty() {
            garbled += 1;
            flagged += usize::from(next_hearing_in(case, today()).is_incomplete);
        }
        compared += 1;
    }
    // The others lost the case's own key as well: nobody can tell whose the row was.
    assert!(flagged * 10 >= garbled * 7, "{flagged} of {garbled} cases with a garbled row are known to be incomplete");
    assert_eq!(cases.len(), compared, "no case is made up by the reader");
    let quarantined: u64 = report.tables.iter().map(|t| t.quarantined_total()).sum();
    assert_eq!(quarantined, truths.iter().map(|t| t.garbled.len() as u64).sum::<u64>());
    (compared, truths)
}

#[test]
fn every_case_s_next_hearing_is_read_as_the_truth_says() {
    let (compared, truths) = compare(&make("truth", 4_000, 11, Release::Mid2026));
    assert!(compared > 3_950, "{compared}");
    let slips: BTreeSet<&str> = truths.iter().flat_map(|t| t.slips.iter().map(String::as_str)).collect();
    let all = [
        "entered_twice",
        "garbled",
        "midnight",
        "no_such_day",
        "old_row_left_open",
        "old_state_kept",
        "row_twice",
        "two_people",
        "unlisted_code",
        "weekend",
        "wrong_day",
        "wrong_day_corrected",
        "wrong_language",
        "wrong_year",
    ];
    assert_eq!(slips.into_iter().collect::<Vec<_>>(), all, "the feed holds every slip there is");
}

#[test]
fn a_release_with_other_names_and_another_order_reads_the_same() {
    for seed in [3, 4] {
        compare(&make("older", 1_500, seed, Release::Older));
        compare(&make("mid", 1_500, seed, Release::Mid2026));
    }
}

#[test]
fn the_first_future_date_is_wrong_for_many_and_never_told() {
    let folder = make("first_future", 3_000, 21, Release::Mid2026);
    let (histories, _) = everybody(&folder);
    let mut wrong = 0;
    for case in histories.iter().flat_map(|h| &h.cases) {
        let rows = case.proceedings.iter().flat_map(|p| &p.hearings);
        let first = rows.filter_map(|h| h.on).filter(|on| *on >= today()).min();
        let told = match next_hearing_in(case, today()).answer {
            Answer::One(found) => Some(found.on),
            _ => continue,
        };
        wrong += usize::from(first != told);
    }
    assert!(wrong > 50, "cancelled rows come first in {wrong} cases; else this feed proves nothing");
}

#[test]
fn two_people_under_one_number_are_noticed_and_one_person_with_two_cases_is_not() {
    let folder = make("two_people", 6_000, 5, Release::Mid2026);
    let (histories, report) = everybody(&folder);
    let mut truly_two = BTreeSet::new();
    for truth in read_truth(&folder.join("truth.jsonl")).unwrap() {
        if truth.slips.iter().any(|slip| slip == "two_people") && truth.feed_reads != FeedReads::CaseGarbled {
            truly_two.insert(truth.a_number);
        }
    }
    let noticed: BTreeSet<ANumber> =
        histories.iter().filter(|h| h.may_be_two_people).map(|h| *h.a_number.reveal()).collect();
    assert!(noticed.len() > 5 && noticed.is_subset(&truly_two));
    let missed: Vec<_> = truly_two.difference(&noticed).collect();
    assert!(missed.len() <= 2, "only where the other row is garbled: {}", missed.len());
    assert_eq!(report.two_people_count, noticed.len() as u64);
    assert!(histories.iter().filter(|h| h.cases.len() == 2).count() > noticed.len());
}

#[test]
fn only_enrolled_numbers_are_handed_over_and_the_others_are_counted() {
    let folder = make("enrolled", 2_000, 8, Release::Mid2026);
    let enrolled: BTreeSet<ANumber> =
        std::fs::read_to_string(folder.join("enrolled.txt")).unwrap().lines().map(|row| row.parse().unwrap()).collect();
    assert_eq!(enrolled.len(), 50);
    let (histories, report) = import(&folder, &|number| enrolled.contains(number)).unwrap();
    assert!(histories.len() >= 48 && histories.iter().all(|h| enrolled.contains(h.a_number.reveal())));
    for table in &report.tables {
        let accounted = table.rows_kept + table.rows_of_others + table.rows_without_number + table.quarantined_total();
        assert_eq!(table.rows_read, accounted, "{}", table.table);
        assert!(table.rows_of_others > 10 * table.rows_kept);
    }
}

#[test]
fn reading_the_same_files_again_gives_the_same_facts_and_the_same_digests() {
    let folder = make("again", 800, 2, Release::Mid2026);
    let (first, report) = everybody(&folder);
    let (second, report_again) = everybody(&folder);
    assert!(first == second);
    assert_eq!(report.to_json().unwrap(), report_again.to_json().unwrap());
    // The rows in another order, as another release has them.
    for file in ["A_TblCase.csv", "B_TblProceeding.csv", "tbl_schedule.csv"] {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        let mut rows: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
        rows[1..].reverse();
        std::fs::write(folder.join(file), rows.concat()).unwrap();
    }
    let (third, _) = everybody(&folder);
    for (a, b) in first.iter().zip(&third) {
        let digests = |h: &CourtHistory| -> Vec<Vec<u8>> {
            h.cases.iter().flat_map(|c| c.digest_inputs()).map(|d| d.bytes).collect()
        };
        assert_eq!(digests(a), digests(b));
        assert!(a == b);
    }
}

#[test]
fn slow_a_feed_of_100_000_cases_is_read_as_the_truth_says() {
    let folder = make("hundred_thousand", 100_000, 7, Release::Mid2026);
    let began = std::time::Instant::now();
    let enrolled: BTreeSet<ANumber> =
        std::fs::read_to_string(folder.join("enrolled.txt")).unwrap().lines().map(|row| row.parse().unwrap()).collect();
    let (histories, report) = import(&folder, &|number| enrolled.contains(number)).unwrap();
    println!("50 enrolled of 100,000 cases: {:?}\n{}", began.elapsed(), report.to_text());
    assert!(histories.len() >= 48);
    let (compared, _) = compare(&folder);
    println!("{compared} cases compared");
}

#[test]
fn progress_goes_up_to_the_whole() {
    let folder = make("progress", 3_000, 1, Release::Mid2026);
    let mut told: Vec<Progress> = Vec::new();
    read_court_tables(
        &folder,
        &ReadOptions::on(today()),
        &|_: &ANumber| false,
        &mut |p| told.push(p),
        &mut |_: CourtHistory| Ok(()),
    )
    .unwrap();
    assert!(told.len() > 3 && told.is_sorted_by_key(|p| p.bytes_done));
    let last = told.last().unwrap();
    assert_eq!(last.bytes_done, last.bytes_total);
}
