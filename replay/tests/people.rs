//! People at the other end of the line, on real telephones on loopback: the chain, the interpreter, messages, callbacks.

#![expect(clippy::unwrap_used, reason = "a step that fails should fail the test")]

use caseline_conversation::operator::{Operator, OperatorKind};
use caseline_helpline::chance::SeededChance;
use caseline_helpline::hours::Hours;
use caseline_helpline::people::{Interpreter, Link, MessageListener, People};
use caseline_helpline::ports::TaskKind;
use caseline_helpline::{Clock, Line, Role, Store};
use caseline_model::{Language, Time, TimeOfDay, Zone};
use caseline_replay::material::Material;
use caseline_store::MemoryStore;
use caseline_voice::line::{LineNumber, NumberPurpose, TelephoneLine, TelephoneSettings};
use caseline_voice::media::{Codec, MediaEngine, MediaSettings, Ports, tones_of};
use caseline_voice::phone::{AnswerRule, Attention, ListenSettings, ListeningPhone, Phone, PhoneCall, PhoneSettings};
use caseline_voice::prompts::{PromptStore, PromptStoreSettings};
use caseline_voice::sip::{SipServer, SipSettings};
use caseline_voice::speech::Tape;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const WITHIN: Duration = Duration::from_secs(20);
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A clock that starts on a Monday morning in Chicago and runs on.
struct RunningClock {
    from: Time,
    began: Instant,
}

impl Clock for RunningClock {
    fn now(&self) -> Time {
        self.from.plus(self.began.elapsed())
    }
}

/// A line with its address and its store.
struct Up {
    sip: SocketAddr,
    store: Arc<MemoryStore>,
    clock: Arc<RunningClock>,
    telephone: TelephoneLine,
}

impl Up {
    async fn with(people: People, change: impl FnOnce(&mut TelephoneSettings)) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let zone = Zone::named("America/Chicago").unwrap();
        let operator = Operator {
            kind: OperatorKind::LegalAid,
            name: "Lake Street Legal Aid (made up)".into(),
            shares_with: String::new(),
            hears_calls: String::new(),
        };
        let program = Arc::new(Material::from_folder(&root).unwrap().program(operator, zone.clone()).unwrap());
        let store = Arc::new(MemoryStore::new());
        let all_day = Some((TimeOfDay::MIDNIGHT, TimeOfDay::new(23, 59).unwrap()));
        let line = Arc::new(Line {
            program,
            store: Arc::clone(&store) as Arc<dyn Store>,
            chance: Arc::new(SeededChance::new(3)),
            hours: Hours { week: [all_day; 7], closed_on: Vec::new() },
            people,
            shared_callers: Vec::new(),
        });
        let prompts = PromptStore::new(Arc::new(Tape::default()), PromptStoreSettings::default()).unwrap();
        let media = MediaEngine::start(MediaSettings {
            bind: LOOPBACK,
            ports: Ports::Ephemeral { count: 8 },
            ..MediaSettings::default()
        })
        .unwrap();
        let (sip, incoming) = SipServer::start(SipSettings::on(SocketAddr::new(LOOPBACK, 0))).await.unwrap();
        let address = sip.udp_addr().unwrap();
        let from = zone.instant(jiff::civil::date(2026, 3, 2), TimeOfDay::new(10, 0).unwrap());
        let clock = Arc::new(RunningClock { from, began: Instant::now() });
        let mut settings = TelephoneSettings {
            numbers: vec![
                LineNumber { called: "es".into(), purpose: NumberPurpose::InLanguage(Language::SPANISH) },
                LineNumber { called: "messages".into(), purpose: NumberPurpose::Messages },
            ],
            link_rings: Duration::from_secs(2),
            duties_every: Duration::from_millis(200),
            ..TelephoneSettings::default()
        };
        change(&mut settings);
        let telephone =
            TelephoneLine::new(line, sip, media, Arc::new(prompts), Arc::clone(&clock) as Arc<dyn Clock>, settings);
        let taking = telephone.clone();
        tokio::spawn(async move { taking.take_calls(incoming).await });
        Self { sip: address, store, clock, telephone }
    }

    async fn dial(&self, number: &str) -> PhoneCall {
        let mut call = Phone::call(&format!("sip:{number}@{}", self.sip), telephone()).await.unwrap();
        call.wait_answered(WITHIN).await.unwrap();
        call
    }

    /// A Spanish-speaking caller who has heard the first question.
    async fn caller(&self) -> PhoneCall {
        let mut call = self.dial("es").await;
        call.heard_text("¿Qué necesita?", WITHIN).await.unwrap();
        call
    }
}

fn telephone() -> PhoneSettings {
    PhoneSettings { attention: Attention { prompts: None, tape: true }, ..PhoneSettings::default() }
}

async fn desk(answer: AnswerRule) -> ListeningPhone {
    let address = SocketAddr::new(LOOPBACK, 0);
    Phone::listen(ListenSettings { address, phone: telephone(), answer, when_heard: Vec::new() }).await.unwrap()
}

fn link(name: &str, role: Role, desk: &ListeningPhone, speaks: &[Language]) -> Link {
    Link { name: name.into(), role, target: desk.uri(), language: Language::ENGLISH, speaks: speaks.to_vec() }
}

/// Waits until a far end hears a key's tone: a voice crossed the bridge.
async fn hears_a_tone(from: &PhoneCall, to: &PhoneCall) {
    let before = to.heard_samples().len();
    from.say(tones_of("555555").unwrap()).await.unwrap();
    let until = Instant::now() + WITHIN;
    loop {
        let heard = to.heard_samples();
        let loud = heard.iter().skip(before).filter(|sample| sample.unsigned_abs() > 3_000).count();
        if loud > 800 {
            return;
        }
        assert!(Instant::now() < until, "no tone came through: {loud} loud samples");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_is_connected_to_the_second_link_when_the_first_one_does_not_answer() {
    let (asleep, mut awake) =
        (desk(AnswerRule::Never).await, desk(AnswerRule::After(Duration::from_millis(200))).await);
    let staff = vec![
        link("first", Role::Staff, &asleep, &[Language::SPANISH]),
        link("second", Role::LegalOnCall, &awake, &[Language::SPANISH]),
    ];
    let up = Up::with(People { staff, ..People::default() }, |_| {}).await;
    let mut caller = up.caller().await;
    caller.press("0").await.unwrap();
    let mut agent = awake.next_call(WITHIN).await.unwrap();
    // Language and need are told before anything is taken.
    let offer = agent.heard_text("Spanish", WITHIN).await.unwrap();
    assert!(offer.whole, "{offer:?}");
    agent.press("1").await.unwrap();
    hears_a_tone(&caller, &agent).await;
    hears_a_tone(&agent, &caller).await;
    agent.hang_up().await;
    caller.wait_hung_up(WITHIN).await.unwrap();
    assert!(up.store.open_contacts().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_does_not_take_the_contact_is_passed_over_and_the_caller_is_told() {
    let mut busy = desk(AnswerRule::After(Duration::from_millis(100))).await;
    let staff = vec![link("desk", Role::Staff, &busy, &[Language::SPANISH])];
    let up = Up::with(People { staff, ..People::default() }, |_| {}).await;
    let mut caller = up.caller().await;
    caller.press("0").await.unwrap();
    let mut agent = busy.next_call(WITHIN).await.unwrap();
    agent.heard_text("Spanish", WITHIN).await.unwrap();
    agent.press("2").await.unwrap();
    // Nobody came: what can be had instead is offered.
    caller.heard_text("oprima uno", WITHIN).await.unwrap();
    caller.hang_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interpreter_joins_as_the_third_leg() {
    let mut agent_desk = desk(AnswerRule::After(Duration::from_millis(100))).await;
    let mut interpreter_desk = desk(AnswerRule::After(Duration::from_millis(100))).await;
    let people = People {
        staff: vec![link("desk", Role::Staff, &agent_desk, &[Language::ENGLISH])],
        interpreters: vec![Interpreter { target: interpreter_desk.uri(), languages: vec![Language::SPANISH] }],
        ..People::default()
    };
    let up = Up::with(people, |_| {}).await;
    let mut caller = up.caller().await;
    caller.press("0").await.unwrap();
    let mut agent = agent_desk.next_call(WITHIN).await.unwrap();
    agent.heard_text("Spanish", WITHIN).await.unwrap();
    agent.press("1").await.unwrap();
    let mut interpreter = interpreter_desk.next_call(WITHIN).await.unwrap();
    interpreter.wait_answered(WITHIN).await.unwrap();
    hears_a_tone(&caller, &interpreter).await;
    hears_a_tone(&interpreter, &agent).await;
    hears_a_tone(&agent, &caller).await;
    caller.hang_up().await;
    agent.wait_hung_up(WITHIN).await.unwrap();
    interpreter.wait_hung_up(WITHIN).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_heard_by_staff_with_their_own_code_and_then_gone() {
    // SHA-256 of "salt" and the eight digits 20250143.
    let code_hash = sha256_of("salt20250143");
    let listeners =
        vec![MessageListener { name: "desk".into(), language: Language::ENGLISH, code_hash, code_salt: "salt".into() }];
    let up = Up::with(People { listeners, ..People::default() }, |_| {}).await;
    let mut caller = up.caller().await;
    // Nobody is there: a message is offered as the second choice.
    caller.press("0").await.unwrap();
    caller.heard_text("oprima dos", WITHIN).await.unwrap();
    caller.press("2").await.unwrap();
    caller.quiet_for(Duration::from_millis(500), WITHIN).await.unwrap();
    caller.say(tones_of("123456789").unwrap()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    caller.hang_up().await;
    let until = Instant::now() + WITHIN;
    while up.store.open_task_count(TaskKind::Message).await.unwrap() == 0 {
        assert!(Instant::now() < until, "the message was not kept: {}", caller.transcript());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    let mut wrong = up.dial("messages").await;
    wrong.quiet_for(Duration::from_millis(300), WITHIN).await.unwrap();
    wrong.press("11111111").await.unwrap();
    wrong.quiet_for(Duration::from_millis(500), WITHIN).await.unwrap();
    assert!(!wrong.transcript().to_string().contains("Spanish"), "a wrong code hears nothing");
    wrong.hang_up().await;

    let mut staff = up.dial("messages").await;
    staff.quiet_for(Duration::from_millis(300), WITHIN).await.unwrap();
    staff.press("20250143").await.unwrap();
    staff.heard_text("Spanish", WITHIN).await.unwrap();
    staff.quiet_for(Duration::from_millis(1_500), WITHIN).await.unwrap();
    let loud = staff.heard_samples().iter().filter(|sample| sample.unsigned_abs() > 3_000).count();
    assert!(loud > 2_000, "the voice note was not played: {loud} loud samples");
    staff.press("1").await.unwrap();
    staff.wait_hung_up(WITHIN).await.unwrap();
    assert_eq!(up.store.open_task_count(TaskKind::Message).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_rings_staff_first_and_then_the_caller() {
    let mut agent_desk = desk(AnswerRule::After(Duration::from_millis(100))).await;
    let mut home = desk(AnswerRule::After(Duration::from_millis(100))).await;
    let numbers_at = home.address().to_string();
    let staff = vec![link("desk", Role::Staff, &agent_desk, &[Language::SPANISH])];
    let up = Up::with(People { staff, ..People::default() }, |settings| settings.numbers_at = Some(numbers_at)).await;
    let mut caller = up.caller().await;
    caller.press("0").await.unwrap();
    let mut refused = agent_desk.next_call(WITHIN).await.unwrap();
    refused.heard_text("Spanish", WITHIN).await.unwrap();
    refused.press("2").await.unwrap();
    // A callback, to the number the caller calls from.
    caller.heard_text("oprima uno", WITHIN).await.unwrap();
    caller.press("1").await.unwrap();
    caller.heard_text("oprima uno", WITHIN).await.unwrap();
    caller.press("1").await.unwrap();
    caller.wait_hung_up(WITHIN).await.unwrap();

    let mut agent = agent_desk.next_call(WITHIN).await.unwrap();
    agent.heard_text("Spanish", WITHIN).await.unwrap();
    agent.press("1").await.unwrap();
    let mut called_back = home.next_call(WITHIN).await.unwrap();
    called_back.wait_answered(WITHIN).await.unwrap();
    hears_a_tone(&agent, &called_back).await;
    called_back.hang_up().await;
    let until = Instant::now() + WITHIN;
    while up.store.open_task_count(TaskKind::Callback).await.unwrap() > 0 {
        assert!(Instant::now() < until, "the promise is still open");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(up.clock.now() > up.clock.from);
    up.telephone.close(Duration::from_secs(2)).await;
}

fn sha256_of(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_tones_of_these_tests_are_sound() {
    let tone = tones_of("5").unwrap();
    assert!(Codec::Pcmu.encode(&tone).len() > 400);
}
