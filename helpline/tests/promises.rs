//! What a contact promises twice: the number that was given last is the one that is called, and messages add up.
//! Ringing anybody is left to the telephone; how the store keeps a promise, to its own contract.

use caseline_conversation::operator::{Operator, OperatorKind};
use caseline_conversation::{Input, Program};
use caseline_helpline::chance::SeededChance;
use caseline_helpline::contact::{ContactRunner, LineOutput, Reached, Turn};
use caseline_helpline::hours::Hours;
use caseline_helpline::people::People;
use caseline_helpline::ports::{ClaimedTask, Settled, TaskKind};
use caseline_helpline::{Line, Store};
use caseline_model::{Channel, Disposition, Language, Phone, Private, Time, TimeOfDay, Zone};
use caseline_store::MemoryStore;
use std::sync::Arc;
use std::time::Duration;

const FLOW: &str = r#"flow = "main"
version = 1
note = "new"
start = "menu"

[step.menu]
kind = "choose"
say = "menu-ask"
options = { here = "here", other = "phone", note = "words", file = "day", remind = "remind-phone", bye = "over" }
silent = "over"
gave-up = "over"

[step.here]
kind = "callback"
need = "callback"
promised = "menu"
unavailable = "refused"

[step.phone]
kind = "ask"
say = "phone-ask"
type = "phone"
into = "phone"
then = "there"
silent = "menu"
gave-up = "menu"

[step.there]
kind = "callback"
phone = "phone"
need = "callback"
promised = "menu"
unavailable = "refused"

[step.words]
kind = "ask"
say = "words-ask"
type = "words"
into = "words"
then = "keep"
silent = "menu"
gave-up = "menu"

[step.keep]
kind = "message"
need = "message"
words = "words"
left = "menu"
empty = "menu"
unavailable = "refused"

[step.day]
kind = "ask"
say = "day-ask"
type = "date"
into = "day"
then = "open"
silent = "menu"
gave-up = "menu"

[step.open]
kind = "open_file"
date = "day"
opened = "menu"
unavailable = "refused"
not-here = "refused"

[step.remind-phone]
kind = "ask"
say = "phone-ask"
type = "phone"
into = "phone"
then = "remind"
silent = "menu"
gave-up = "menu"

[step.remind]
kind = "remind"
phone = "phone"
set = "menu"
unavailable = "refused"

[step.refused]
kind = "say"
say = "not-saved"
then = "menu"

[step.over]
kind = "end"
"#;

const POLICY: &str = r#"main = "main"
person = "main.over"
urgent = "main.over"
first-menu = ["en"]
finder = ["en"]
lifeline = []
silences = 2
attempts = 3
silence-seconds = 8
between-keys-seconds = 4
idle-minutes = 30
drafts = "spoken"

[languages]
en = "full"

[privacy]
phone = "caller"
words = "caller"
day = "caller"
"#;

const ALL: [TaskKind; 4] = [TaskKind::Callback, TaskKind::Message, TaskKind::Reminder, TaskKind::Report];
const LEASE: Duration = Duration::from_secs(60);

struct Talk {
    line: Arc<Line>,
    store: Arc<MemoryStore>,
    runner: ContactRunner,
    now: Time,
}

fn phone(digits: &str) -> Private<Phone> {
    Private::new(digits.parse().expect("a made-up number"))
}

impl Talk {
    async fn begins(channel: Channel) -> Self {
        let operator = Operator {
            kind: OperatorKind::LegalAid,
            name: "Open Door Legal Aid".into(),
            shares_with: String::new(),
            hears_calls: String::new(),
        };
        let texts = [("flows/main.toml", FLOW), ("flows/policy.toml", POLICY)];
        let zone = Zone::named("America/Chicago").expect("a zone");
        let now = zone.instant(jiff::civil::date(2026, 11, 24), TimeOfDay::new(10, 0).expect("ten"));
        let store = Arc::new(MemoryStore::new());
        let line = Arc::new(Line {
            program: Arc::new(Program::read(texts, operator, zone).expect("a program")),
            store: Arc::clone(&store) as Arc<dyn Store>,
            chance: Arc::new(SeededChance::new(7)),
            hours: Hours::default(),
            people: People::default(),
            shared_callers: Vec::new(),
        });
        let reached =
            Reached { channel, language: Some(Language::ENGLISH), caller: Some(phone("+12025550101")), custody: None };
        let (runner, _) = ContactRunner::arrive(Arc::clone(&line), now, reached).await;
        Self { line, store, runner, now }
    }

    async fn chooses(&mut self, option: &str) -> Turn {
        self.runner.handle(self.now, Input::Chose(option.into())).await
    }

    async fn gives(&mut self, value: &str) -> Turn {
        self.runner.handle(self.now, Input::Gave(Private::new(value.into()))).await
    }

    /// What is due by a time, each taken and met.
    async fn meets(&self, by: Time) -> Vec<ClaimedTask> {
        let mut met = Vec::new();
        while let Some(task) = self.store.claim_task(by, &ALL, LEASE).await.expect("looked") {
            self.store.settle_task(by, task.id, task.fencing, Settled::Met).await.expect("settled");
            met.push(task);
        }
        met
    }

    fn in_days(&self, days: u32) -> Time {
        self.now.plus(Duration::from_secs(24 * 3_600) * days)
    }
}

fn numbers(tasks: &[ClaimedTask]) -> Vec<Option<Private<Phone>>> {
    tasks.iter().map(|task| task.content.phone.clone()).collect()
}

fn was_told(turn: &Turn, subject: &str) -> bool {
    turn.outputs.iter().any(|output| matches!(output, LineOutput::Tell(telling) if telling.subject == subject))
}

#[tokio::test]
async fn a_caller_who_gives_another_number_is_called_there_and_nowhere_else() {
    let mut talk = Talk::begins(Channel::Phone).await;
    talk.chooses("here").await;
    talk.chooses("other").await;
    let turn = talk.gives("2025550162").await;
    assert!(!was_told(&turn, "not-saved"), "{turn:?}");
    assert_eq!(talk.store.open_task_count(TaskKind::Callback).await.expect("counted"), 1);
    assert_eq!(numbers(&talk.meets(talk.now).await), [Some(phone("+12025550162"))]);
}

#[tokio::test]
async fn a_caller_who_asks_again_after_the_call_was_made_is_called_again() {
    let mut talk = Talk::begins(Channel::WebChat).await;
    talk.chooses("here").await;
    assert_eq!(talk.meets(talk.now).await.len(), 1);
    talk.chooses("other").await;
    talk.gives("2025550162").await;
    assert_eq!(numbers(&talk.meets(talk.now).await), [Some(phone("+12025550162"))]);
    assert_eq!(talk.meets(talk.now).await.len(), 0);
}

#[tokio::test]
async fn a_process_that_takes_over_knows_what_was_promised() {
    let mut talk = Talk::begins(Channel::WebChat).await;
    talk.chooses("here").await;
    let id = talk.runner.id();
    talk.runner = ContactRunner::load(Arc::clone(&talk.line), talk.now, id).await.expect("its state was kept");
    talk.chooses("other").await;
    talk.gives("2025550162").await;
    assert_eq!(numbers(&talk.meets(talk.now).await), [Some(phone("+12025550162"))]);
}

#[tokio::test]
async fn two_messages_are_two_messages() {
    let mut talk = Talk::begins(Channel::WebChat).await;
    for words in ["my date is tomorrow", "and I have no lawyer"] {
        talk.chooses("note").await;
        talk.gives(words).await;
    }
    let met = talk.meets(talk.now).await;
    let words: Vec<String> =
        met.iter().filter_map(|task| Some(task.content.words.as_ref()?.reveal().clone())).collect();
    assert_eq!(words.len(), 2);
    assert!(words.contains(&"my date is tomorrow".to_owned()) && words.contains(&"and I have no lawyer".to_owned()));
}

#[tokio::test]
async fn the_reminder_goes_to_the_number_that_was_given_last() {
    let mut talk = Talk::begins(Channel::Phone).await;
    talk.chooses("file").await;
    talk.gives("12152026").await;
    for number in ["2025550103", "2025550104"] {
        talk.chooses("remind").await;
        let turn = talk.gives(number).await;
        assert!(!was_told(&turn, "not-saved"), "{turn:?}");
    }
    assert_eq!(talk.meets(talk.now).await.len(), 0, "the day before is when it is due");
    assert_eq!(numbers(&talk.meets(talk.in_days(21)).await), [Some(phone("+12025550104"))]);
}

#[tokio::test]
async fn two_files_in_one_call_are_two_reminders() {
    let mut talk = Talk::begins(Channel::Phone).await;
    for day in ["12152026", "12162026"] {
        talk.chooses("file").await;
        talk.gives(day).await;
        talk.chooses("remind").await;
        talk.gives("2025550103").await;
    }
    assert_eq!(talk.meets(talk.in_days(22)).await.len(), 2);
}

#[tokio::test]
async fn whoever_leaves_more_than_a_contact_may_is_told_that_it_was_not_saved() {
    let mut talk = Talk::begins(Channel::WebChat).await;
    let mut refused = None;
    for count in 0..30 {
        talk.chooses("note").await;
        let turn = talk.gives(&format!("message {count}")).await;
        if was_told(&turn, "not-saved") {
            refused = Some(count);
            break;
        }
    }
    assert_eq!(refused, Some(20));
    assert_eq!(talk.store.open_task_count(TaskKind::Message).await.expect("counted"), 20);
    talk.chooses("bye").await;
    assert_eq!(talk.runner.ended(), Some(Disposition::MessageLeft));
}
