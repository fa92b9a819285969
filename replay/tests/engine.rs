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
