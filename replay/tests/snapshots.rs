//! What was actually said on each page, by telephone and in the chat, for a translator to read.
//! That it is said on the wire too is held by the tests of those stages.

use caseline_replay::material::Material;
use caseline_replay::play::{channels, on_engine, pages};
use caseline_replay::stage::drawn::{on_keypad, on_page};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[tokio::test]
async fn what_was_said_is_what_was_read_before() {
    let material = Material::from_folder(&root()).unwrap_or_else(|fault| panic!("{fault}"));
    let pages = pages(&[root().join("conversations")]).unwrap_or_else(|faults| panic!("{}", faults.join("\n")));
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../conversations/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for page in &pages {
        for channel in channels(&page.script).expect("the stages of a page") {
            let played = on_engine(page, &material, channel).await;
            let played = played.unwrap_or_else(|failure| panic!("{}.call:{failure}", page.name));
            let words = &played.program.words;
            let (stage, drawn) = if channel.is_voice() {
                ("keypad", on_keypad(words, &played.exchanges))
            } else {
                ("chat", on_page(words, &played.exchanges))
            };
            settings.set_description(page.script.title.clone());
            settings.bind(|| insta::assert_snapshot!(format!("{}.{stage}", page.name), drawn));
        }
    }
}
