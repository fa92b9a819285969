//! A small program that is safe, made of parts that a test changes one by one.
//! What breaks when is left to the tests.

use caseline_conversation::checker::{self, FlowVersion, Report};
use caseline_conversation::operator::{Operator, OperatorKind};
use caseline_conversation::words::keys::ENGINE_KEYS;
use caseline_conversation::words::parts;
use caseline_conversation::words::read::WordsFile;
use caseline_conversation::{Flow, Kind, Policy, Program, Words};
use caseline_knowledge::Library;
use caseline_model::{Date, Language, Zone};
use std::collections::BTreeMap;

const MAIN: &str = include_str!("main.toml");
const MY_CASE: &str = include_str!("my-case.toml");
const SUB: &str = include_str!("sub.toml");
/// The policy of the small program.
pub const POLICY: &str = include_str!("policy.toml");

/// The parts of a program before they are read. Words are made for every key that the flows and the engine name.
pub struct Parts {
    /// Flows by name.
    pub flows: BTreeMap<&'static str, String>,
    /// The policy.
    pub policy: String,
    /// Texts by language tag and key, instead of the made ones; none takes the key away.
    pub words: BTreeMap<(&'static str, String), Option<String>>,
    /// Reviews by language tag.
    pub reviews: BTreeMap<&'static str, String>,
    /// Articles by id.
    pub articles: BTreeMap<&'static str, String>,
    /// The directory of legal help.
    pub directory: String,
    /// Who answers.
    pub operator: Operator,
    /// What went live before.
    pub earlier: Option<BTreeMap<String, FlowVersion>>,
}

impl Parts {
    /// All of them, safe.
    pub fn good() -> Self {
        Self {
            flows: BTreeMap::from([("main", MAIN.to_owned()), ("my-case", MY_CASE.to_owned())]),
            policy: POLICY.to_owned(),
            words: BTreeMap::new(),
            reviews: BTreeMap::new(),
            articles: BTreeMap::new(),
            directory: String::new(),
            operator: Operator {
                kind: OperatorKind::LegalAid,
                name: "Open Door".to_owned(),
                shares_with: String::new(),
                hears_calls: String::new(),
            },
            earlier: None,
        }
    }

    /// Changes one place of a flow.
    pub fn change(mut self, flow: &'static str, from: &str, to: &str) -> Self {
        let text = self.flows.get_mut(flow).expect("a flow of that name");
        assert!(text.contains(from), "{flow} has no {from:?}");
        *text = text.replacen(from, to, 1);
        self
    }

    /// Adds steps to a flow, or a flow.
    pub fn add(mut self, flow: &'static str, text: &str) -> Self {
        self.flows.entry(flow).or_default().push_str(text);
        self
    }

    /// Changes one place of the policy.
    pub fn policy(mut self, from: &str, to: &str) -> Self {
        assert!(self.policy.contains(from), "the policy has no {from:?}");
        self.policy = self.policy.replacen(from, to, 1);
        self
    }

    /// Sets the text of a key.
    pub fn word(mut self, language: &'static str, key: &str, text: &str) -> Self {
        self.words.insert((language, key.to_owned()), Some(text.to_owned()));
        self
    }

    /// Takes a key away.
    pub fn without_word(mut self, language: &'static str, key: &str) -> Self {
        self.words.insert((language, key.to_owned()), None);
        self
    }

    /// The row in a flow at which a text begins, from 1.
    pub fn row(&self, flow: &str, text: &str) -> usize {
        row_of(&self.flows[flow], text)
    }

    /// The flows, read.
    pub fn flows(&self) -> BTreeMap<String, Flow> {
        let read = |(name, text): (&&str, &String)| {
            let flow = Flow::read(&format!("flows/{name}.toml"), text).unwrap_or_else(|fault| panic!("{fault}"));
            ((*name).to_owned(), flow)
        };
        self.flows.iter().map(read).collect()
    }

    /// The words of a language: one file.
    pub fn texts(&self, language: &'static str, flows: &BTreeMap<String, Flow>) -> String {
        let mut rows: BTreeMap<String, String> = BTreeMap::new();
        for (key, names) in ENGINE_KEYS {
            let filled: Vec<String> = names.iter().map(|name| format!("{{ ${name} }}")).collect();
            let aloud = format!("{} {}", key.replace('-', " "), filled.join(" "));
            // What is of a case, or names the court, is not sent in a message (rule 7).
            let is_sent = names.iter().all(|name| matches!(*name, "label" | "key" | "count"))
                && !["court", "uscis"].iter().any(|word| key.contains(word));
            let message = if is_sent { String::new() } else { "\n    .sms = a message".to_owned() };
            rows.insert((*key).to_owned(), format!("{aloud}{message}"));
        }
        for key in parts::all_keys() {
            let text = match key.as_str() {
                "spoken-date" | "written-date" => "{ $weekday } { $day } { $month } { $year }".to_owned(),
                "spoken-time" | "written-time" => "{ $hour } { $minute } { $period }".to_owned(),
                plain => plain.replace('-', " "),
            };
            rows.insert(key, text);
        }
        let steps = flows.values().flat_map(|flow| flow.steps.values());
        for step in steps {
            // The greeting is made by the engine.
            let mut keys: Vec<String> = step.say.clone().into_iter().filter(|say| say != "greeting").collect();
            match &step.kind {
                Kind::Choose { options, .. } => keys.extend(options.iter().map(|id| format!("choose-{id}"))),
                Kind::Urgent { need } | Kind::Queue { need } => keys.push(format!("need-{need}")),
                Kind::Callback { need, .. } | Kind::Message { need, .. } => {
                    keys.extend(need.fixed().map(|need| format!("need-{need}")));
                }
                Kind::Call { with, .. } => keys.extend(with.values().map(|need| format!("need-{need}"))),
                _ => {}
            }
            for key in keys {
                let text = key.replace('-', " ");
                rows.entry(key).or_insert(text);
            }
        }
        for tag in ["en", "es", "mam"] {
            rows.insert(format!("language-{tag}"), format!("language {tag}"));
        }
        for article in self.articles.keys() {
            rows.insert(format!("article-{article}"), format!("answer {article}"));
            rows.insert(format!("choose-{article}"), format!("about {article}"));
        }
        for ((of, key), text) in &self.words {
            match text {
                _ if *of != language => {}
                Some(text) => {
                    // A message that is made with the key stays beside another text.
                    let message =
                        rows.get(key).and_then(|row| row.split_once("\n    .sms")).map(|row| row.1.to_owned());
                    let message = message.filter(|_| !text.contains(".sms"));
                    let message = message.map_or_else(String::new, |message| format!("\n    .sms{message}"));
                    rows.insert(key.clone(), format!("{text}{message}"));
                }
                None => {
                    rows.remove(key);
                }
            }
        }
        rows.iter().map(|(key, text)| format!("{key} = {text}\n")).collect()
    }

    /// The program, read.
    pub fn program(&self) -> Program {
        let flows = self.flows();
        let policy = Policy::read("flows/policy.toml", &self.policy).unwrap_or_else(|fault| panic!("{fault}"));
        let mut texts: Vec<(Language, String, String)> = Vec::new();
        for language in ["en", "es"] {
            let tag: Language = language.parse().expect("a language");
            texts.push((tag, format!("words/{language}/line.ftl"), self.texts(language, &flows)));
            if let Some(reviews) = self.reviews.get(language) {
                texts.push((tag, format!("words/{language}/reviews.toml"), reviews.clone()));
            }
        }
        let files: Vec<WordsFile<'_>> =
            texts.iter().map(|(language, file, text)| WordsFile { language: *language, file, text }).collect();
        let words = Words::read(&files).unwrap_or_else(|faults| panic!("{faults:#?}"));
        let mut library = Library::default();
        for (id, text) in &self.articles {
            library.add_article(&format!("knowledge/articles/{id}.toml"), text).expect("an article");
        }
        library.add_directory("knowledge/directory.toml", &self.directory).expect("a directory");
        let zone = Zone::named("America/Chicago").expect("a time zone");
        Program { flows, words, policy, operator: self.operator.clone(), library, zone }
    }

    /// What the checker says.
    pub fn report(&self) -> Report {
        checker::check(&self.program(), today(), &|_, _, _| None, self.earlier.as_ref())
    }

    /// Breaks one rule and no other; the first place is this one.
    pub fn breaks(&self, rule: u8, file: &str, row: usize) -> Report {
        let report = self.report();
        assert!(!report.is_safe(), "nothing was found; rule {rule} is broken at {file}:{row}");
        assert!(report.problems.iter().all(|problem| problem.rule == rule), "only rule {rule} is broken:\n{report}");
        let first = &report.problems[0];
        assert_eq!((first.file.as_str(), first.row), (file, row), "{report}");
        report
    }

    /// Breaks one rule at a text of a flow.
    pub fn breaks_at(&self, rule: u8, flow: &str, text: &str) -> Report {
        self.breaks(rule, &format!("flows/{flow}.toml"), self.row(flow, text))
    }

    /// Breaks one rule at a key of the words.
    pub fn breaks_at_word(&self, rule: u8, language: &'static str, key: &str) -> Report {
        let row = row_of(&self.texts(language, &self.flows()), &format!("{key} ="));
        self.breaks(rule, &format!("words/{language}/line.ftl"), row)
    }
}

/// The row of the first row that begins with a text.
pub fn row_of(text: &str, start: &str) -> usize {
    let row = text.lines().position(|row| row.starts_with(start));
    row.unwrap_or_else(|| panic!("no row begins with {start:?} in\n{text}")) + 1
}

/// The row of a step at which a text begins: for what stands in many steps.
pub fn row_in_step(text: &str, step: &str, start: &str) -> usize {
    let head = row_of(text, &format!("[step.{step}]"));
    let below: Vec<&str> = text.lines().skip(head).collect();
    head + row_of(&below.join("\n"), start)
}

/// The day of the checks.
pub const fn today() -> Date {
    jiff::civil::date(2026, 3, 2)
}

/// The small program with one more flow, which takes a date and gives a telephone number.
pub fn with_sub() -> Parts {
    let call = "\n[step.day]\nkind = \"ask\"\nsay = \"day-ask\"\ntype = \"date\"\ninto = \"day\"\nthen = \"sub\"\nsilent = \"person\"\ngave-up = \"person\"\n\n[step.sub]\nkind = \"call\"\nflow = \"sub\"\ngive = { day = \"day\" }\ntake = { phone = \"phone\" }\ndone = \"callback\"\nnone = \"reason\"\n\n[step.callback]\nkind = \"callback\"\nphone = \"phone\"\nneed = \"callback\"\npromised = \"bye\"\nunavailable = \"person\"\n";
    let mut parts = Parts::good()
        .change("main", "goodbye = \"bye\" }", "goodbye = \"bye\", paper = \"day\" }")
        .policy("what = \"none\"", "what = \"none\"\nday = \"caller\"")
        .add("main", call);
    parts.flows.insert("sub", SUB.to_owned());
    parts
}
