//! Which hearing is next, in cases that a person could be sent to the wrong day by.

use crate::delivery::{Delivery, today};
use caseline_sources::court_tables::next_hearing::{Answer, Doubt, WhySetAside};
use caseline_sources::court_tables::{CourtHistory, NextHearing, next_hearing};

fn days(next: &NextHearing<'_>) -> Vec<String> {
    match &next.answer {
        Answer::None => Vec::new(),
        Answer::One(found) => vec![found.on.to_string()],
        Answer::Disagree(rows) => rows.iter().map(|f| f.on.to_string()).collect(),
    }
}

fn asides(next: &NextHearing<'_>) -> Vec<(u64, WhySetAside)> {
    next.set_aside.iter().map(|s| (s.hearing.id, s.why)).collect()
}

fn read(delivery: &Delivery, name: &str) -> CourtHistory {
    delivery.import_one(name).0
}

#[test]
fn a_cancelled_hearing_that_comes_first_is_not_the_next_one() {
    let mut delivery = Delivery::of_one_person();
    delivery.hearing(1, "2026-12-01", "0900", "9A");
    delivery.hearing(2, "2027-03-02", "0830", "");
    let history = read(&delivery, "cancelled");
    let next = next_hearing(&history, today());
    assert_eq!(days(&next), ["2027-03-02"]);
    assert_eq!(asides(&next), [(1, WhySetAside::Adjourned)]);
    assert!(!next.is_incomplete);
}

#[test]
fn two_days_that_both_stand_are_both_told_earliest_first() {
    let mut delivery = Delivery::of_one_person();
    delivery.hearing(2, "2027-03-02", "0830", "");
    delivery.hearing(1, "2026-12-01", "0900", "");
    let history = read(&delivery, "disagree");
    let next = next_hearing(&history, today());
    assert!(matches!(next.answer, Answer::Disagree(_)));
    assert_eq!(days(&next), ["2026-12-01", "2027-03-02"]);
}

#[test]
fn the_same_hearing_entered_twice_is_one_and_another_hour_is_a_disagreement() {
    let mut delivery = Delivery::of_one_person();
    delivery.hearing(1, "2027-03-02", "0830", "");
    delivery.hearing(2, "2027-03-02", "0830", "");
    assert!(matches!(next_hearing(&read(&delivery, "twice"), today()).answer, Answer::One(_)));
    delivery.hearing(3, "2027-03-02", "1300", "");
    let history = read(&delivery, "hour");
    let Answer::Disagree(rows) = next_hearing(&history, today()).answer else { panic!("two hours disagree") };
    assert_eq!(rows.iter().map(|f| f.hearing.id).collect::<Vec<_>>(), [1, 3], "and the one entered twice is told once");
}

#[test]
fn a_hearing_today_is_still_the_next_one_and_yesterday_s_is_not() {
    let mut delivery = Delivery::of_one_person();
    delivery.hearing(1, "2026-11-19", "0830", "");
    delivery.hearing(2, "2026-11-20", "0830", "");
    assert_eq!(days(&next_hearing(&read(&delivery, "today"), today())), ["2026-11-20"]);
}

#[test]
fn the_year_2925_gives_way_to_a_possible_day_and_stands_with_a_doubt_alone() {
    let mut delivery = Delivery::of_one_person();
    delivery.hearing(1, "2925-03-02", "0830", "");
    let history = read(&delivery, "far");
    let Answer::One(found) = next_hearing(&history, today()).answer else { panic!("it is told, with its doubt") };
    assert_eq!(found.doubts, [Doubt::ImpossibleYear]);
    delivery.hearing(2, "2027-03-02", "0830", "");
    let history = read(&delivery, "far_and_near");
    let next = next_hearing(&history, today());
    assert_eq!(days(&next), ["2027-03-02"]);
    assert_eq!(asides(&next), [(1, WhySetAside::GaveWay(Doubt::ImpossibleYear))]);
}

#[test]
fn a_saturday_at_midnight_is_kept_and_marked() {
    let mut delivery = Delivery::of_one_person();
    delivery.hearing(1, "2027-03-06", "0000", "");
    let history = read(&delivery, "saturday");
    let Answer::One(found) = next_hearing(&history, today()).answer else { panic!("it is told, with its doubts") };
    assert_eq!(found.doubts, [Doubt::Weekend, Doubt::NoTime]);
}

#[test]
fn after_a_change_of_venue_the_old_court_s_date_is_void() {
    let mut delivery = Delivery::empty();
    delivery.case_row("71\tGT\tSP\tN\tRMV\t2020-01-01\t\t\t000000137");
    delivery.proceeding_row("501\t71\t2024-01-10\t2024-02-01\tNYC\tNYC\t\tC\t2026-10-01\tN\tN\tRMV\tSP\tAAA\t");
    delivery.hearing(1, "2026-12-01", "0900", "");
    // Nothing at the new court yet: the old date is not simply dropped.
    let history = read(&delivery, "venue_alone");
    let Answer::One(found) = next_hearing(&history, today()).answer else { panic!("a date without another is told") };
    assert_eq!(found.doubts, [Doubt::ProceedingEnded]);
    delivery.proceeding_row("502\t71\t2024-01-10\t2026-10-01\tMIA\tMIA\t\t\t\t\tN\tRMV\tSP\tAAA\t");
    delivery.schedule_row("2\t502\t71\tSP\tMIA\tMIA\t2026-10-02\t2026-10-02\tM\t2027-05-04\t1300\t\tP\tMR\tA\t0");
    let history = read(&delivery, "venue");
    let next = next_hearing(&history, today());
    assert_eq!(days(&next), ["2027-05-04"]);
    assert_eq!(asides(&next), [(1, WhySetAside::MovedToAnotherCourt)]);
}

#[test]
fn a_bond_hearing_stands_beside_the_case_s_own() {
    let mut delivery = Delivery::of_one_person();
    delivery.hearing(1, "2027-03-02", "0830", "");
    delivery.schedule_row("2\t501\t71\tSP\tNYC\tNYC\t2026-11-01\t2026-11-01\tC\t2026-12-01\t1000\t\tP\tCY\tB\t0");
    let history = read(&delivery, "bond");
    let next = next_hearing(&history, today());
    assert_eq!(days(&next), ["2026-12-01"]);
    assert_eq!(next.also.iter().map(|f| f.hearing.id).collect::<Vec<_>>(), [1]);
}

#[test]
fn a_judge_s_leave_is_no_hearing() {
    let mut delivery = Delivery::of_one_person();
    delivery.schedule_row("1\t501\t71\t\tNYC\tNYC\t2026-11-01\t2026-11-01\t*\t2026-12-01\t0830\t\t\tAN\tA\t0");
    let history = read(&delivery, "leave");
    let next = next_hearing(&history, today());
    assert_eq!(days(&next), Vec::<String>::new());
    assert_eq!(asides(&next), [(1, WhySetAside::NoHearing)]);
}

#[test]
fn a_reason_that_nobody_knows_does_not_cancel_a_hearing() {
    let mut delivery = Delivery::of_one_person();
    delivery.hearing(1, "2027-03-02", "0830", "6Z");
    let history = read(&delivery, "unknown_reason");
    let Answer::One(found) = next_hearing(&history, today()).answer else { panic!("going there is the safe side") };
    assert_eq!(found.doubts, [Doubt::UnknownReason]);
}

#[test]
fn a_day_that_no_calendar_has_leaves_the_answer_open() {
    let mut delivery = Delivery::of_one_person();
    delivery.hearing(1, "2026-09-31", "0830", "");
    let (history, report) = delivery.import_one("no_such_day");
    let next = next_hearing(&history, today());
    assert!(matches!(next.answer, Answer::None) && next.is_incomplete);
    assert_eq!(report.tables[2].impossible_values["ADJ_DATE"], 1);
}

#[test]
fn of_two_states_of_one_row_the_later_one_counts() {
    let mut delivery = Delivery::of_one_person();
    let row = |updated: &str, reason: &str| {
        format!("9\t501\t71\tSP\tNYC\tNYC\t2026-02-01\t{updated}\tM\t2027-03-02\t0830\t{reason}\tP\tMR\tA\t0")
    };
    delivery.schedule_row(&row("2026-08-01", "9C"));
    delivery.schedule_row(&row("2026-02-01", ""));
    let (history, report) = delivery.import_one("states");
    assert!(matches!(next_hearing(&history, today()).answer, Answer::None));
    assert_eq!(report.superseded_rows, 1);
    // Where neither is the later, both stay and are marked.
    let mut delivery = Delivery::of_one_person();
    delivery.schedule_row(&row("2026-02-01", "9C"));
    delivery.schedule_row(&row("2026-02-01", ""));
    let (history, report) = delivery.import_one("states_undecided");
    let Answer::One(found) = next_hearing(&history, today()).answer else { panic!("the open row stands") };
    assert_eq!((found.doubts.as_slice(), report.contested_rows), (&[Doubt::Contested][..], 2));
}

#[test]
fn two_court_cases_of_one_person_do_not_disagree() {
    let mut delivery = Delivery::of_one_person();
    delivery.hearing(1, "2027-03-02", "0830", "");
    delivery.case_row("72\tGT\tSP\tN\tAOC\t\t\t\tA000-000-137");
    delivery.proceeding_row("601\t72\t2025-01-10\t2025-02-01\tNYC\tNYC\t\t\t\t\tN\tAOC\tSP\tAAA\t");
    delivery.schedule_row("2\t601\t72\tSP\tNYC\tNYC\t2026-11-01\t2026-11-01\tM\t2026-12-01\t1000\t\tP\tMR\tA\t0");
    let history = read(&delivery, "two_cases");
    let next = next_hearing(&history, today());
    assert_eq!(days(&next), ["2026-12-01"]);
    assert_eq!(next.also.len(), 1);
}
