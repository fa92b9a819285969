//! A line of made-up people on the repository's own flows and words, for tests and for looking at the pages.

use caseline_conversation::operator::{Operator, OperatorKind};
use caseline_conversation::words::read::WordsFile;
use caseline_conversation::{Flow, Policy, Program, Words};
use caseline_helpline::chance::SeededChance;
use caseline_helpline::hours::Hours;
use caseline_helpline::people::People;
use caseline_helpline::{Clock, Line};
use caseline_knowledge::Library;
use caseline_model::{Language, Time, Zone};
use caseline_store::MemoryStore;
use caseline_web::{PageKey, Transport, WebSettings, WebState};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// A clock that is turned by hand.
pub struct TurnedClock(AtomicI64);

impl TurnedClock {
    pub fn turn(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::Relaxed);
    }
}

impl Clock for TurnedClock {
    /// Each look is a microsecond later, as on a real clock.
    fn now(&self) -> Time {
        Time::from_micros(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// A line with what a test turns and looks at.
pub struct MadeUp {
    pub clock: Arc<TurnedClock>,
    pub store: Arc<MemoryStore>,
    pub line: Arc<Line>,
}

pub fn made_up() -> MadeUp {
    made_up_of(operator(OperatorKind::LegalAid))
}

pub fn made_up_of(operator: Operator) -> MadeUp {
    with_program(program(operator, &[]))
}

pub fn with_program(program: Program) -> MadeUp {
    let store = Arc::new(MemoryStore::new());
    let start = program.zone.instant(jiff::civil::date(2026, 3, 2), "10:00".parse().unwrap());
    let line = Arc::new(Line {
        program: Arc::new(program),
        store: Arc::clone(&store) as Arc<dyn caseline_helpline::Store>,
        chance: Arc::new(SeededChance::new(7)),
        hours: Hours::default(),
        people: People::default(),
        shared_callers: Vec::new(),
    });
    MadeUp { clock: Arc::new(TurnedClock(AtomicI64::new(start.micros()))), store, line }
}

impl MadeUp {
    pub fn state(&self, settings: WebSettings) -> WebState {
        WebState::new(Arc::clone(&self.line), Arc::clone(&self.clock) as Arc<dyn Clock>, settings)
    }
}

pub fn operator(kind: OperatorKind) -> Operator {
    Operator { kind, name: "Made-Up Legal Aid".into(), shares_with: String::new(), hears_calls: String::new() }
}

pub fn settings() -> WebSettings {
    WebSettings {
        bind: "127.0.0.1:0".parse().unwrap(),
        transport: Transport::Plain,
        metrics_bind: Some("127.0.0.1:0".parse().unwrap()),
        line_name: "Made-Up Helpline".into(),
        number_to_call: "+1 202 555 0100".into(),
        exit_to: None,
        public_address: None,
        desk_address: None,
        hosts_below_over_tls: true,
        answer_tries_after: Duration::from_millis(200),
        page_key: PageKey::new([42; 32]),
    }
}

/// The repository's flows, words and articles, and some more words.
pub fn program(operator: Operator, more_words: &[(Language, &str)]) -> Program {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut flows = BTreeMap::new();
    let mut policy = None;
    for file in files(&root.join("flows"), "toml") {
        let text = std::fs::read_to_string(&file).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        if name == "policy.toml" {
            policy = Some(Policy::read(name, &text).unwrap());
        } else {
            let flow = Flow::read(name, &text).unwrap();
            flows.insert(flow.name.clone(), flow);
        }
    }
    let mut texts = Vec::new();
    for folder in std::fs::read_dir(root.join("words")).unwrap() {
        let folder = folder.unwrap().path();
        let language: Language = folder.file_name().unwrap().to_str().unwrap().parse().unwrap();
        for file in files(&folder, "ftl") {
            texts.push((language, file.display().to_string(), std::fs::read_to_string(&file).unwrap()));
        }
    }
    for (language, text) in more_words {
        texts.push((*language, "more.ftl".to_owned(), (*text).to_owned()));
    }
    let words: Vec<WordsFile<'_>> =
        texts.iter().map(|(language, file, text)| WordsFile { language: *language, file, text }).collect();
    let mut library = Library::default();
    for file in files(&root.join("knowledge/articles"), "toml") {
        library.add_article(&file.display().to_string(), &std::fs::read_to_string(&file).unwrap()).unwrap();
    }
    library
        .add_directory("directory.toml", &std::fs::read_to_string(root.join("knowledge/directory.toml")).unwrap())
        .unwrap();
    Program {
        flows,
        words: Words::read(&words).unwrap(),
        policy: policy.unwrap(),
        operator,
        library,
        zone: Zone::named("America/Chicago").unwrap(),
    }
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    found.sort();
    found
}
