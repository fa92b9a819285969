//! A page with a wrong expectation fails, at the row of that expectation: each step and each `then` of every page is made
//! wrong once. What the right ones are stands in the pages.

use caseline_model::Channel;
use caseline_replay::material::Material;
use caseline_replay::play::{Page, channels, on_engine, pages};
use caseline_replay::script::parse::parse;
use caseline_replay::script::{AgentDoes, Doing, Entry, LineDoes, Script, Step};
use caseline_replay::stage::Stage;
use caseline_replay::stage::afterwards::THEN_KEYS;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A word that no flow, person or log has.
const NOWHERE: &str = "never-heard-of";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn material() -> Material {
    Material::from_folder(&root()).unwrap_or_else(|fault| panic!("{fault}"))
}

/// Whether a step is played on the engine on a channel, by the names that conditions know.
fn is_played(step: &Step, channel: Channel) -> bool {
    let playing =
        caseline_replay::stage::Playing { stage: Stage::Engine, channel, number_is_shown: channel.is_voice() };
    step.condition.is_none() || playing.plays(step).expect("a condition")
}

/// The same step, wrong; none for what cannot be wrong by itself.
fn wrong_step(step: &Step) -> Option<Doing> {
    Some(match &step.doing {
        Doing::Line(does) => Doing::Line(match does {
            LineDoes::Asks(_) => LineDoes::Asks(NOWHERE.into()),
            LineDoes::Tells(subject, details) if details.is_empty() => {
                LineDoes::Tells(subject.clone(), vec![NOWHERE.into()])
            }
            LineDoes::Tells(subject, details) => {
                let mut details = details.clone();
                *details.last_mut()? = NOWHERE.into();
                LineDoes::Tells(subject.clone(), details)
            }
            LineDoes::Confirms(_) => LineDoes::Confirms("1999-01-01".into()),
            LineDoes::Offers(options) => LineDoes::Offers(options.iter().skip(1).cloned().collect()),
            LineDoes::Connects(_) => LineDoes::Connects(NOWHERE.into()),
            LineDoes::Calls(_) => LineDoes::Calls("+1 202 555 0199".into()),
            LineDoes::Apologises => LineDoes::Ends,
            LineDoes::Ends => LineDoes::Apologises,
        }),
        Doing::Agent(name, AgentDoes::Sees(_)) => {
            Doing::Agent(name.clone(), AgentDoes::Sees(format!("need: {NOWHERE}")))
        }
        Doing::Agent(_, does) => Doing::Agent(NOWHERE.into(), does.clone()),
        Doing::Direction(_) => Doing::Direction(NOWHERE.into()),
        Doing::Caller(_) => return None,
    })
}

/// The same `then`, wrong.
fn wrong_entry(entry: &Entry) -> Entry {
    let mut wrong = entry.clone();
    match entry.key.as_str() {
        "said" => wrong.key = "unsaid".into(),
        "unsaid" => wrong.key = "said".into(),
        "alike" | "finding" => wrong.values = vec![NOWHERE.into()],
        "task" | "kept" if matches!(entry.text().as_str(), "none" | "nothing") => {
            wrong.values = vec!["callback".into()]
        }
        // One too many at the end.
        _ => wrong.values = vec![format!("{}; {NOWHERE}", entry.text())],
    }
    wrong
}

#[tokio::test]
async fn every_expectation_of_every_page_can_fail() {
    let material = material();
    let pages = pages(&[root().join("conversations")]).unwrap_or_else(|faults| panic!("{}", faults.join("\n")));
    let (mut blind, mut tried, mut keys) = (Vec::new(), 0, BTreeSet::new());
    for page in &pages {
        let channel = channels(&page.script).expect("stages")[0];
        let mut wrongs: Vec<(usize, Script)> = Vec::new();
        for (at, step) in page.script.steps.iter().enumerate().filter(|(_, step)| is_played(step, channel)) {
            let Some(doing) = wrong_step(step) else { continue };
            let mut script = page.script.clone();
            script.steps[at].doing = doing;
            wrongs.push((step.row, script));
        }
        for (at, entry) in page.script.then.iter().enumerate().filter(|(_, entry)| !entry.text().ends_with(')')) {
            keys.insert(entry.key.clone());
            let mut script = page.script.clone();
            script.then[at] = wrong_entry(entry);
            wrongs.push((entry.row, script));
        }
        for (row, script) in wrongs {
            tried += 1;
            let wrong = Page { name: page.name.clone(), script };
            match on_engine(&wrong, &material, channel).await {
                Err(failure) if failure.row == row && !failure.written.is_empty() => {}
                Err(failure) => blind.push(format!("{}.call:{row} fails elsewhere: {failure}", page.name)),
                Ok(_) => blind.push(format!("{}.call:{row} holds although it is wrong", page.name)),
            }
        }
    }
    assert!(blind.is_empty(), "{} of {tried}\n{}", blind.len(), blind.join("\n"));
    assert!(tried > 500, "only {tried} expectations");
    assert_eq!(keys, THEN_KEYS.iter().map(|key| (*key).to_owned()).collect(), "each key of `then` is in some page");
}

#[tokio::test]
async fn words_that_differ_are_not_alike() {
    let page = |then: &str| {
        let text = format!(
            "# x\n\ngiven now 2026-11-24 10:00 Chicago\n\n  caller arrives\n  caller chooses es\n  caller chooses legal-help\n    line asks legal-help\n  caller leaves\n  caller arrives\n  caller chooses en\n  caller chooses legal-help\n    line asks legal-help\n  caller leaves\n\nthen {then}\n"
        );
        Page { name: "x".into(), script: parse("x.call", &text).expect("a page") }
    };
    let material = material();
    let failure = on_engine(&page("alike legal-help"), &material, Channel::Phone).await.expect_err("two languages");
    assert!(failure.what.contains("in different words"), "{failure}");
    on_engine(&page("alike language"), &material, Channel::Phone).await.expect("both arrived alike");
}
