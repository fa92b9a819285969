//! Every page in all weathers, on values: in memory, and on a real store in a folder of its own.
//! The byte scan runs over the log of every play, at trace level, and over the files of every store.

use caseline_replay::material::Material;
use caseline_replay::overheard::Overheard;
use caseline_replay::play::{Page, channels, pages};
use caseline_replay::weather::{Kept, all_weathers};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Plays some of the pages in all weathers; how many plays it took.
async fn play(kept: Kept, is_played: impl Fn(usize, &Page) -> bool) -> usize {
    let overheard = Overheard::default();
    let _listening = tracing::subscriber::set_default(overheard.subscriber());
    let material = Material::from_folder(&root()).unwrap_or_else(|fault| panic!("{fault}"));
    let pages = pages(&[root().join("conversations")]).unwrap_or_else(|faults| panic!("{}", faults.join("\n")));
    let mut failures = Vec::new();
    let mut plays = 0;
    for (at, page) in pages.iter().enumerate() {
        if !is_played(at, page) {
            continue;
        }
        let began = std::time::Instant::now();
        let before = plays;
        let channels = channels(&page.script).expect("the stages of a page");
        let played = if kept == Kept::InMemory { channels.len() } else { 1 };
        for channel in channels.into_iter().take(played) {
            match all_weathers(page, &material, channel, kept, &overheard).await {
                Ok(count) => plays += count,
                Err(found) => failures.extend(found),
            }
        }
        eprintln!("{:6.2} s  {:4} plays  {}", began.elapsed().as_secs_f64(), plays - before, page.name);
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
    plays
}

#[tokio::test]
async fn whatever_happens_nothing_is_lost_done_twice_or_overheard() {
    let plays = play(Kept::InMemory, |_, _| true).await;
    assert!(plays > 2_000, "only {plays} plays");
}

#[tokio::test]
async fn slow_on_a_disk_too_nothing_is_lost_done_twice_or_in_clear_and_the_log_verifies() {
    let plays = play(Kept::InFolder, |at, _| at % 2 == 0).await;
    assert!(plays > 600, "only {plays} plays");
}

#[tokio::test]
async fn slow_on_a_disk_too_the_other_half_of_the_pages_holds() {
    let plays = play(Kept::InFolder, |at, _| at % 2 == 1).await;
    assert!(plays > 600, "only {plays} plays");
}
