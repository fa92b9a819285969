//! Every page that is written for the telephone, over SIP, RTP and keys on the loopback network.
//! What the words must be is the engine's.

use caseline_model::Private;
use caseline_replay::material::Material;
use caseline_replay::overheard::Overheard;
use caseline_replay::play::{AT_ONCE, Outcome, Page, pages, stages};
use caseline_replay::script::{Doing, LineDoes};
use caseline_replay::stage::Stage;
use caseline_replay::stage::keypad::{Setting, on_keypad};
use caseline_voice::phone::Loss;
use caseline_voice::speech::{Espeak, EspeakSettings, Silent};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn material() -> Arc<Material> {
    Arc::new(Material::from_folder(&root()).unwrap_or_else(|fault| panic!("{fault}")))
}

fn telephone_pages() -> Vec<Page> {
    let pages = pages(&[root().join("conversations")]).unwrap_or_else(|faults| panic!("{}", faults.join("\n")));
    pages.into_iter().filter(|page| stages(&page.script).expect("stages").contains(&Stage::Keypad)).collect()
}

fn named(names: &[&str]) -> Vec<Page> {
    let pages: Vec<Page> = telephone_pages().into_iter().filter(|page| names.contains(&page.name.as_str())).collect();
    assert_eq!(pages.len(), names.len(), "every name is a page for the telephone");
    pages
}

/// What came of several pages.
#[derive(Default)]
struct All {
    failures: Vec<String>,
    /// All that callers gave.
    given: Vec<Private<String>>,
    /// How many pages lost packets.
    with_loss: usize,
}

/// Plays pages, several at once.
async fn play_all(pages: Vec<Page>, setting: Setting) -> All {
    let material = material();
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut plays = JoinSet::new();
    for page in pages {
        let (material, setting, places) = (Arc::clone(&material), setting.clone(), Arc::clone(&places));
        plays.spawn(async move {
            let _place = places.acquire().await;
            let began = std::time::Instant::now();
            let played = on_keypad(&page, &material, &setting).await;
            eprintln!("{:5.1} s  {}", began.elapsed().as_secs_f64(), page.name);
            played
                .map_err(|failure| Outcome { name: page.name, stage: Stage::Keypad, result: Err(failure) }.to_string())
        });
    }
    let mut all = All::default();
    for played in plays.join_all().await {
        match played {
            Ok(played) => {
                all.given.extend(played.given);
                all.with_loss += usize::from(played.packets_lost > 0);
            }
            Err(failure) => all.failures.push(failure),
        }
    }
    all
}

fn hold(failures: &[String]) {
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_holds_by_telephone_and_nothing_of_it_is_in_the_log() {
    let overheard = Overheard::default();
    tracing::subscriber::set_global_default(overheard.subscriber()).expect("the only subscriber of this process");
    let pages = telephone_pages();
    assert!(pages.len() >= 30, "{} pages", pages.len());
    let All { failures, given, .. } = play_all(pages, Setting::tape()).await;
    hold(&failures);
    assert!(given.len() > 30, "{} values were given", given.len());
    eprintln!("{} bytes of log, {} values", overheard.text().len(), given.len());
    assert_eq!(overheard.finds(&given), None, "a value that a caller gave is in the log");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_one_page_of_each_kind_holds_with_five_of_a_hundred_packets_lost() {
    let pages = named(&[
        "hearing-from-the-court-by-card",
        "paper-read-together",
        "taken-this-morning",
        "report-and-its-outcome",
        "forget-me-proved",
        "message-at-night",
        "callback-kept",
        "reminder",
        "mam-speaker-finds-the-language",
        "legal-help",
        "question-answered",
        "wrong-keys-three-times",
        "detention-telephone-cut-off",
        "file-opened-and-used",
        "say-it-again",
        "silence-to-a-person",
        "past-the-limits",
        "everybody-is-busy",
        "disk-is-full",
    ]);
    let count = pages.len();
    let all = play_all(pages, Setting::lossy(5)).await;
    hold(&all.failures);
    assert_eq!(all.with_loss, count, "on each page packets were lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_three_pages_hold_with_the_synthetic_voice() {
    let espeak = || Espeak::new(EspeakSettings { words_per_minute: 450, ..EspeakSettings::default() });
    let pages = named(&["legal-help", "danger-now", "line-of-a-language"]);
    hold(&play_all(pages, Setting::spoken(Arc::new(espeak()))).await.failures);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_says_nothing_fails() {
    // Whether the telephone reads texts or knows prompts by their sound.
    for heard in [Setting::tape(), Setting::spoken(Arc::new(Silent))] {
        let setting = Setting { voice: Arc::new(Silent), patience: Duration::from_secs(5), ..heard };
        let failures = play_all(named(&["legal-help"]), setting).await.failures;
        assert_eq!(failures.len(), 1, "silence was taken for words");
        assert!(failures[0].contains("nothing was heard"), "{}", failures[0]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_whose_words_are_lost_on_the_way_fails() {
    let lost = Loss { percent: 100, seed: 7 };
    let setting = Setting { loss: Some(lost), patience: Duration::from_secs(5), ..Setting::tape() };
    let failures = play_all(named(&["legal-help"]), setting).await.failures;
    assert_eq!(failures.len(), 1);
    assert!(failures[0].contains("nothing was heard"), "{}", failures[0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_expects_other_words_fails_by_telephone_too() {
    let mut page = named(&["legal-help"]).remove(0);
    let ends = page.script.steps.len() - 1;
    page.script.steps[ends].doing = Doing::Line(LineDoes::Asks("reason".into()));
    let row = page.script.steps[ends].row;
    let failures = play_all(vec![page], Setting::tape()).await.failures;
    assert_eq!(failures.len(), 1);
    let told = &failures[0];
    assert!(told.contains(&format!("legal-help.call:{row}  line asks reason")), "{told}");
    assert!(told.contains("said before") && told.contains("the telephone"), "{told}");
}
