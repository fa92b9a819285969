//! Every page in all weathers, on values.
//! The byte scan runs over the log of every play, at trace level.

use caseline_replay::material::Material;
use caseline_replay::overheard::Overheard;
use caseline_replay::play::{channels, pages};
use caseline_replay::weather::all_weathers;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[tokio::test]
async fn whatever_happens_nothing_is_lost_done_twice_or_overheard() {
    let overheard = Overheard::default();
    let _listening = tracing::subscriber::set_default(overheard.subscriber());
    let material = Material::from_folder(&root()).unwrap_or_else(|fault| panic!("{fault}"));
    let pages = pages(&[root().join("conversations")]).unwrap_or_else(|faults| panic!("{}", faults.join("\n")));
    let mut failures = Vec::new();
    let mut plays = 0;
    for page in &pages {
        for channel in channels(&page.script).expect("the stages of a page") {
            match all_weathers(page, &material, channel, &overheard).await {
                Ok(count) => plays += count,
                Err(found) => failures.extend(found),
            }
        }
    }
    println!("{plays} plays of {} pages", pages.len());
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
    assert!(plays > 2_000, "only {plays} plays");
}
