//! Forty tries by telephone over SIP and RTP on loopback, on the real store: the same words, none before their moment.

use crate::numbers::{Class, caller, prepare, world};
use caseline_conversation::Kind;
use caseline_conversation::keypad::OPTION_KEYS;
use caseline_helpline::Clock;
use caseline_model::Language;
use caseline_replay::world::{Folder, as_store};
use caseline_voice::line::{LineNumber, NumberPurpose, TelephoneLine, TelephoneSettings};
use caseline_voice::media::{MediaEngine, MediaSettings, Ports};
use caseline_voice::phone::{Attention, Phone, PhoneCall, PhoneEvent, PhoneSettings};
use caseline_voice::prompts::PromptStore;
use caseline_voice::sip::{SipServer, SipSettings};
use caseline_voice::speech::Tape;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PATIENCE: Duration = Duration::from_secs(30);
/// The line has stopped speaking when nothing was heard for so long.
const QUIET: Duration = Duration::from_millis(400);
const ANSWER_TRIES_AFTER: Duration = Duration::from_millis(300);
/// Rounds of four classes, two tries each.
const ROUNDS: u32 = 5;
const CLASSES: [Class; 4] = [Class::Existing, Class::Absent, Class::Closed, Class::Over];

/// What was heard after keys, and how long after the last of them.
#[derive(Debug)]
struct Heard {
    texts: Vec<String>,
    after: Duration,
}

/// Presses keys and hears the line out.
async fn press(call: &mut PhoneCall, keys: &str) -> Heard {
    let before = call.transcript().texts().len();
    call.press(keys).await.unwrap();
    while call.transcript().texts().len() == before {
        call.wait_for("an answer", PATIENCE, |event| matches!(event, PhoneEvent::HeardText(_))).await.unwrap();
    }
    call.quiet_for(QUIET, PATIENCE).await.unwrap();
    let transcript = call.transcript();
    let pressed_at = transcript.0.iter().rev().find(|row| matches!(row.event, PhoneEvent::Pressed(_))).unwrap().at;
    let is_text = |event: &PhoneEvent| matches!(event, PhoneEvent::HeardText(_));
    let answered_at = transcript.0.iter().filter(|row| is_text(&row.event)).nth(before).unwrap().at;
    let texts = transcript.texts().split_off(before);
    assert!(texts.iter().all(|text| text.whole), "{transcript}");
    Heard { texts: texts.into_iter().map(|text| text.text).collect(), after: answered_at.saturating_sub(pressed_at) }
}

/// Two tries of one caller in one call.
async fn call(address: SocketAddr, my_case: char, number: String, class: Class, round: u32) -> (Class, Vec<Heard>) {
    let attention = Attention { prompts: None, tape: true };
    let settings = PhoneSettings { number, bind: Some(LOOPBACK), attention, ..PhoneSettings::default() };
    let mut call = Phone::call(&format!("sip:english@{address}"), settings).await.unwrap();
    call.wait_answered(PATIENCE).await.unwrap();
    call.wait_for("the greeting", PATIENCE, |event| matches!(event, PhoneEvent::HeardText(_))).await.unwrap();
    call.quiet_for(QUIET, PATIENCE).await.unwrap();
    press(&mut call, &my_case.to_string()).await;
    let mut heard = Vec::new();
    for _ in 0..2 {
        press(&mut call, &format!("{:09}#", class.number(round))).await;
        heard.push(press(&mut call, &class.code()).await);
    }
    call.hang_up().await;
    (class, heard)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_tries_by_telephone_hear_the_same_words_and_none_before_their_moment() {
    let folder = Folder::empty().unwrap();
    let start = world(None, false).await.now();
    let store = folder.start(start).await.unwrap();
    let world = world(Some(as_store(&store)), true).await;
    let program = Arc::clone(&world.line.program);
    let media = MediaEngine::start(MediaSettings {
        bind: LOOPBACK,
        ports: Ports::Ephemeral { count: 48 },
        lateness_p99_max: Duration::from_secs(5),
        ..MediaSettings::default()
    })
    .unwrap();
    let (sip, incoming) = SipServer::start(SipSettings::on(SocketAddr::new(LOOPBACK, 0))).await.unwrap();
    let address = sip.udp_addr().unwrap();
    let prompts = Arc::new(PromptStore::new(Arc::new(Tape::default()), Default::default()).unwrap());
    let settings = TelephoneSettings {
        numbers: vec![LineNumber { called: "english".into(), purpose: NumberPurpose::InLanguage(Language::ENGLISH) }],
        answer_tries_after: ANSWER_TRIES_AFTER,
        ..TelephoneSettings::default()
    };
    let clock = Arc::clone(&world.clock) as Arc<dyn Clock>;
    let line = TelephoneLine::new(Arc::clone(&world.line), sip, media, prompts, clock, settings);
    let taking = tokio::spawn({
        let line = line.clone();
        async move { line.take_calls(incoming).await }
    });
    let Kind::Choose { options, .. } = &program.step("main", "reason").unwrap().kind else { panic!("no menu") };
    let my_case = OPTION_KEYS[options.iter().position(|option| option == "my-case").unwrap()];

    for round in 0..ROUNDS {
        prepare(&*world.line.store, world.now(), round).await;
    }
    let mut calls = JoinSet::new();
    for (n, (round, class)) in (0..).zip((0..ROUNDS).flat_map(|round| CLASSES.map(|class| (round, class)))) {
        calls.spawn(call(address, my_case, caller(n).e164(), class, round));
    }
    let heard = calls.join_all().await;
    let mut tries = 0;
    for (class, answers) in &heard {
        for (nth, answer) in answers.iter().enumerate() {
            let (first, other) = (heard[0].0, &heard[0].1[nth]);
            assert_eq!(answer.texts, other.texts, "try {nth}: {class:?} and {first:?}");
            assert!(answer.after >= ANSWER_TRIES_AFTER, "{class:?}: words left {:?} after the last key", answer.after);
            assert!(answer.texts[0].starts_with("We could not open"), "{answer:?}");
            tries += 1;
        }
    }
    assert_eq!(tries, 40);
    line.close(Duration::from_secs(2)).await;
    taking.abort();
}
