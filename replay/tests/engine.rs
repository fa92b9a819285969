//! Every page on the stage `engine`.
//! Other stages have files of their own.

use caseline_model::Channel;
use caseline_replay::material::Material;
use caseline_replay::play::{Outcome, Page, channels, on_engine, pages, play};
use caseline_replay::script::parse::parse;
use caseline_replay::stage::Stage;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[tokio::test]
async fn every_page_holds_on_values() {
    let material = Material::from_folder(&root()).unwrap_or_else(|fault| panic!("{fault}"));
    let pages = pages(&[root().join("conversations")]).unwrap_or_else(|faults| panic!("{}", faults.join("\n")));
    let mut failures = Vec::new();
    for page in &pages {
        for channel in channels(&page.script).expect("the stages of a page") {
            if let Err(failure) = on_engine(page, &material, channel).await {
                failures.push(format!("{}.call:{} ({channel}): {}", page.name, failure.row, failure.what));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A page with so many calls, one a day and each half an hour before midnight; in the last one the days are heard. No page of
/// `conversations/`: in all weathers it would take longer than all others.
fn of_days(days: usize, told: &str) -> String {
    let given = "given now 2026-11-17 23:30 Chicago\ngiven stages engine\ngiven enrolled number A000-000-137\n\
                 given feed hearing 2026-12-15 09:00, from court-feed, imported 2026-11-17\n";
    let call = |row| {
        format!(
            "  caller arrives\n  caller chooses en\n  caller chooses my-case\n  caller gives its number\n  \
             caller gives its code row {row}\n    line tells hearing: 2026-12-15 09:00\n"
        )
    };
    let calls: Vec<String> = (1..=days).map(call).collect();
    let calls = calls.join("  caller leaves\n          [1 day passes]\n");
    let asks = "  caller chooses more-choices\n  caller chooses who-opened\n";
    format!("# x\n\n{given}\n{calls}{asks}    line tells openings: {told}\n  caller leaves\n")
}

#[tokio::test]
async fn of_many_days_the_newest_five_are_told_and_how_many_came_before_by_the_line_s_own_days() {
    let material = Material::from_folder(&root()).unwrap_or_else(|fault| panic!("{fault}"));
    let newest = |days: u32| {
        let told: Vec<String> = (0..5).map(|ago| format!("2026-11-{} line", 16 + days - ago)).collect();
        told.join("; ")
    };
    for (days, earlier, key, words) in [
        (5, "", "unsaid", "openings-earlier"),
        (6, "; 1 earlier", "said", "openings-earlier"),
        (8, "; 3 earlier", "said", "openings-earlier; openings-not-you"),
    ] {
        let told = newest(days) + earlier;
        let text = of_days(days as usize, &told) + &format!("\nthen {key} {words}\n");
        let page = Page { name: "x".into(), script: parse("x.call", &text).expect("a page") };
        if let Err(failure) = on_engine(&page, &material, Channel::Phone).await {
            panic!("{days} days, row {}: {}", failure.row, failure.what);
        }
        // One more or one fewer is another page.
        let wrong = text.replace(earlier, "; 7 earlier");
        if !earlier.is_empty() {
            let page = Page { name: "x".into(), script: parse("x.call", &wrong).expect("a page") };
            assert!(on_engine(&page, &material, Channel::Phone).await.is_err(), "{days} days");
        }
    }
}

#[tokio::test]
async fn a_report_ends_with_how_many_passed_and_failed() {
    let material = Arc::new(Material::from_folder(&root()).unwrap_or_else(|fault| panic!("{fault}")));
    let heard = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&heard);
    let progress = move |_: &Outcome| {
        count.fetch_add(1, Ordering::Relaxed);
    };
    let report = play(&[root().join("conversations")], &material, &[Stage::Engine], progress).await;
    assert_eq!(report.failed(), 0, "{report}");
    assert_eq!(heard.load(Ordering::Relaxed), report.passed());
    assert!(report.to_string().ends_with(&format!("\n{} passed, 0 failed\n", report.passed())));
    let nothing = play(&[root().join("nowhere")], &material, &[Stage::Engine], |_: &Outcome| {}).await;
    assert_eq!((nothing.passed(), nothing.failed()), (0, 1), "{nothing}");
}

#[tokio::test]
async fn a_page_that_does_not_hold_is_told_with_its_row() {
    let material = Material::from_folder(&root()).unwrap_or_else(|fault| panic!("{fault}"));
    let text = "# x\n\ngiven now 2026-11-24 10:00 Chicago\n\n  caller arrives\n    line asks reason\n";
    let page = Page { name: "x".into(), script: parse("x.call", text).expect("a page") };
    let failure = on_engine(&page, &material, Channel::Phone).await.expect_err("the line asks language");
    assert_eq!((failure.row, failure.what.as_str()), (6, "expected the question reason; the line asks language"));
    let text = text.replace("line asks reason", concat!("caller gives A123-456", "-789"));
    let page = Page { name: "x".into(), script: parse("x.call", &text).expect("a page") };
    assert!(on_engine(&page, &material, Channel::Phone).await.is_err(), "a number that may be somebody's");
}
