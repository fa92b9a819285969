//! Every page on the stage `engine`.
//! Other stages have files of their own.

use caseline_replay::material::Material;
use caseline_replay::play::{channels, on_engine, pages};
use std::path::{Path, PathBuf};

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
