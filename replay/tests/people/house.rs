//! A line that is up, telephones around it, and what the tests of people wait for. Nothing here sleeps.

use caseline_conversation::operator::{Operator, OperatorKind};
use caseline_helpline::chance::SeededChance;
use caseline_helpline::hours::Hours;
use caseline_helpline::people::{Link, People};
use caseline_helpline::ports::TaskKind;
use caseline_helpline::{Clock, Line, Role, Store};
use caseline_model::{Language, Time, TimeOfDay, Zone};
use caseline_replay::material::Material;
use caseline_replay::world::WatchedStore;
use caseline_store::MemoryStore;
use caseline_voice::line::{LineNumber, NumberPurpose, TelephoneLine, TelephoneSettings};
use caseline_voice::media::{Codec, MediaEngine, MediaSettings, Ports};
use caseline_voice::phone::{AnswerRule, Attention, ListenSettings, ListeningPhone, Phone, PhoneCall, PhoneSettings};
use caseline_voice::prompts::{PromptStore, PromptStoreSettings};
use caseline_voice::sip::{SipServer, SipSettings};
use caseline_voice::speech::{SpeechAdapter, Tape};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub const WITHIN: Duration = Duration::from_secs(20);
pub const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

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
pub struct Up {
    pub sip: SocketAddr,
    pub store: WatchedStore,
    pub telephone: TelephoneLine,
}

impl Up {
    pub async fn with(people: People, change: impl FnOnce(&mut TelephoneSettings)) -> Self {
        Self::on(people, |_| (), change).await
    }

    /// With other SIP settings too.
    pub async fn on(
        people: People,
        change_sip: impl FnOnce(&mut SipSettings),
        change: impl FnOnce(&mut TelephoneSettings),
    ) -> Self {
        Self::speaking(Tape::default(), people, change_sip, change).await
    }

    /// With a voice that takes its time, too.
    pub async fn speaking(
        voice: Tape,
        people: People,
        change_sip: impl FnOnce(&mut SipSettings),
        change: impl FnOnce(&mut TelephoneSettings),
    ) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let zone = Zone::named("America/Chicago").unwrap();
        let operator = Operator {
            kind: OperatorKind::LegalAid,
            name: "Lake Street Legal Aid (made up)".into(),
            shares_with: String::new(),
            hears_calls: String::new(),
        };
        let program = Arc::new(Material::from_folder(&root).unwrap().program(operator, zone.clone()).unwrap());
        let store = WatchedStore::new(Arc::new(MemoryStore::new()));
        let all_day = Some((TimeOfDay::MIDNIGHT, TimeOfDay::new(23, 59).unwrap()));
        let line = Arc::new(Line {
            program,
            store: Arc::new(store.of_next_process(store.inner())) as Arc<dyn Store>,
            chance: Arc::new(SeededChance::new(3)),
            hours: Hours { week: [all_day; 7], closed_on: Vec::new() },
            people,
            shared_callers: Vec::new(),
        });
        let prompts = PromptStore::new(Arc::new(voice), PromptStoreSettings::default()).unwrap();
        let media = MediaEngine::start(MediaSettings {
            bind: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            ports: Ports::Ephemeral { count: 8 },
            ..MediaSettings::default()
        })
        .unwrap();
        let mut sip_settings = SipSettings::on(SocketAddr::new(LOOPBACK, 0));
        change_sip(&mut sip_settings);
        let (sip, incoming) = SipServer::start(sip_settings).await.unwrap();
        let address = sip.udp_addr().unwrap();
        let from = zone.instant(jiff::civil::date(2026, 3, 2), TimeOfDay::new(10, 0).unwrap());
        let clock = Arc::new(RunningClock { from, began: Instant::now() });
        let mut settings = TelephoneSettings {
            advertised: Some(LOOPBACK),
            numbers: vec![
                LineNumber { called: "es".into(), purpose: NumberPurpose::InLanguage(Language::SPANISH) },
                LineNumber { called: "messages".into(), purpose: NumberPurpose::Messages },
            ],
            link_rings: Duration::from_secs(2),
            duties_every: Duration::from_millis(200),
            ..TelephoneSettings::default()
        };
        change(&mut settings);
        let telephone = TelephoneLine::new(line, sip, media, Arc::new(prompts), clock, settings);
        let taking = telephone.clone();
        tokio::spawn(async move { taking.take_calls(incoming).await });
        Self { sip: address, store, telephone }
    }

    pub async fn dial_with(&self, number: &str, phone: PhoneSettings) -> PhoneCall {
        let mut call = Phone::call(&format!("sip:{number}@{}", self.sip), phone).await.unwrap();
        call.wait_answered(WITHIN).await.unwrap();
        call
    }

    pub async fn dial(&self, number: &str) -> PhoneCall {
        self.dial_with(number, telephone()).await
    }

    /// A Spanish-speaking caller who has heard the first question.
    pub async fn caller(&self) -> PhoneCall {
        let mut call = self.dial("es").await;
        call.heard_text("¿Qué necesita?", WITHIN).await.unwrap();
        call
    }

    /// Waits until no contact is open.
    pub async fn until_no_contact(&self) {
        let mut news = self.store.news();
        let waiting = async {
            while !self.store.inner().open_contacts().await.unwrap().is_empty() {
                news.changed().await.unwrap();
            }
        };
        assert!(tokio::time::timeout(WITHIN, waiting).await.is_ok(), "a contact stays open");
    }

    /// Waits until so many obligations of a kind are open.
    pub async fn until_open(&self, kind: TaskKind, count: u64) {
        let mut news = self.store.news();
        let waiting = async {
            while self.store.inner().open_task_count(kind).await.unwrap() != count {
                news.changed().await.unwrap();
            }
        };
        let waited = tokio::time::timeout(WITHIN, waiting).await;
        assert!(waited.is_ok(), "{kind:?}: {} open", self.store.inner().open_task_count(kind).await.unwrap());
    }
}

pub fn telephone() -> PhoneSettings {
    PhoneSettings { attention: Attention { prompts: None, tape: true }, ..PhoneSettings::default() }
}

pub async fn desk(answer: AnswerRule) -> ListeningPhone {
    let address = SocketAddr::new(LOOPBACK, 0);
    Phone::listen(ListenSettings { address, phone: telephone(), answer, when_heard: Vec::new() }).await.unwrap()
}

/// A desk where somebody takes the telephone up at once.
pub async fn staffed() -> ListeningPhone {
    desk(AnswerRule::After(Duration::from_millis(100))).await
}

pub fn link(name: &str, role: Role, desk: &ListeningPhone, speaks: &[Language]) -> Link {
    Link { name: name.into(), role, target: desk.uri(), language: Language::ENGLISH, speaks: speaks.to_vec() }
}

/// Words as somebody says them who speaks like the tape.
pub async fn spoken(words: &str) -> Vec<i16> {
    let spoken = Tape::default().speak("en", words).await.unwrap();
    Codec::Pcmu.decode(&spoken.encode(Codec::Pcmu))
}

/// One speaks and the other hears the words: a voice crossed the bridge.
pub async fn hears(from: &PhoneCall, to: &mut PhoneCall, words: &str) {
    from.say(spoken(words).await).await.unwrap();
    let heard = to.heard_text(words, WITHIN).await;
    assert!(heard.is_ok(), "{words:?} did not come through:\n{}", to.transcript());
}

/// The agent at a desk takes the contact and has heard that they are connected.
pub async fn takes(agent: &mut PhoneCall) {
    agent.heard_text("Press one to take the call", WITHIN).await.unwrap();
    agent.press("1").await.unwrap();
    agent.heard_text("You are connected", WITHIN).await.unwrap();
}

/// An interpreter hears what they are wanted for, and takes it.
pub async fn interprets(interpreter: &mut PhoneCall) {
    interpreter.heard_text("needs an interpreter", WITHIN).await.unwrap();
    interpreter.heard_text("Press one to take the call", WITHIN).await.unwrap();
    interpreter.press("1").await.unwrap();
}

/// Nothing is said to them any more, so that the next thing they hear is a person.
pub async fn quiet(call: &PhoneCall) {
    call.quiet_for(Duration::from_millis(400), WITHIN).await.unwrap();
}
