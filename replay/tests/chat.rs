//! Every page that is written for the chat, through the web pages in process.
//! What the words must be is the engine's.

use caseline_replay::material::Material;
use caseline_replay::overheard::Overheard;
use caseline_replay::play::{pages, stages};
use caseline_replay::stage::Stage;
use caseline_replay::stage::chat::on_chat;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[tokio::test]
async fn every_page_holds_in_a_chat() {
    let overheard = Overheard::default();
    let _listening = tracing::subscriber::set_default(overheard.subscriber());
    let material = Material::from_folder(&root()).unwrap_or_else(|fault| panic!("{fault}"));
    let pages = pages(&[root().join("conversations")]).unwrap_or_else(|faults| panic!("{}", faults.join("\n")));
    let mut failures = Vec::new();
    let mut played = 0;
    for page in pages.iter().filter(|page| stages(&page.script).expect("stages").contains(&Stage::Chat)) {
        played += 1;
        match on_chat(page, &material).await {
            Ok(played) => {
                assert_eq!(overheard.finds(&played.given), None, "{}: a given value is in the log", page.name)
            }
            Err(failure) => failures.push(format!("{}.call:{}: {}", page.name, failure.row, failure.what)),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(played >= 10, "{played} pages");
}
