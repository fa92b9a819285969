//! The stage `keypad`: a telephone calls the line over the loopback network, presses keys and hears what is said.
//! The stage `engine` plays along as the judge: what crosses the wire must be, turn by turn, what it says.
//!
//! Waits are shorter than in life: silence 6 s (2 s on pages with silence in them), ringing 1.5 s, an answer to a try
//! 0.1 s. The clock runs from the page's `now`.

mod desks;
mod hearing;
mod keys;
mod others;

use super::acting::{Act, report_state};
use super::engine::{EngineStage, passing};
use super::{Failure, Stage};
use crate::material::Material;
use crate::play::{Page, Played, engine_stage};
use crate::script::{AgentDoes, CallerDoes, Doing, LineDoes, Step};
use crate::world::{Member, Staging, World};
use caseline_conversation::Policy;
use caseline_helpline::ports::{Store, TaskKind};
use caseline_helpline::{AuditEvent, Clock};
use caseline_model::{Channel, ContactId};
use caseline_voice::line::{LineNumber, NumberPurpose, TelephoneLine, TelephoneSettings};
use caseline_voice::media::{Codec, MediaEngine, MediaSettings, Ports};
use caseline_voice::phone::{ListeningPhone, Loss, Phone, PhoneCall, PhoneEvent, PhoneSettings};
use caseline_voice::prompts::PromptStore;
use caseline_voice::sip::{IncomingCall, SipServer, SipSettings};
use caseline_voice::speech::{SpeechAdapter, Tape, TapeReader};
use desks::Desks;
use hearing::{Ears, Expected};
use others::Others;
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// How long something that must happen is waited for on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// How long a telephone rings on this stage.
const LINK_RINGS: Duration = Duration::from_millis(1_500);

/// How long the line waits for a key on pages without silence in them, and with.
const SILENCE_SECONDS: (u16, u16) = (6, 2);

/// A spoken message lasts at least so long, in samples: shorter ones are empty.
const SAID_SAMPLES_MIN: usize = 12_000;

/// How many ports are tried for the line's signalling.
const PORTS_TRIED_MAX: usize = 8;

/// How much of what the caller's telephone noticed is told with a failure, in rows.
const NOTICED_MAX: usize = 8;

/// The line has stopped speaking when nothing was heard for so long.
const QUIET: Duration = Duration::from_millis(400);

/// With what voice and on what network pages are played.
#[derive(Clone)]
pub struct Setting {
    /// What the line speaks with.
    pub voice: Arc<dyn SpeechAdapter>,
    /// How it is heard: the tape voice is read; others are known by their prompts.
    pub hears: Hears,
    /// How long the caller's telephone waits for words.
    pub patience: Duration,
    /// Packets lost on the caller's telephone, both ways.
    pub loss: Option<Loss>,
}

/// How the caller's telephone understands the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hears {
    /// Texts out of the tape voice.
    Texts,
    /// Prompts, by comparing sounds with what the line has rendered.
    Prompts,
}

impl Setting {
    /// The tape voice on a good network.
    pub fn tape() -> Self {
        Self {
            voice: Arc::new(Tape { copies: 2, characters_a_second: None }),
            hears: Hears::Texts,
            patience: PATIENCE,
            loss: None,
        }
    }

    /// A real voice on a good network; what was said is known by its sound.
    pub fn spoken(voice: Arc<dyn SpeechAdapter>) -> Self {
        Self { voice, hears: Hears::Prompts, patience: PATIENCE, loss: None }
    }

    /// The tape voice, and so many of a hundred packets lost. Texts are written oftener.
    pub fn lossy(percent: u8) -> Self {
        let voice = Arc::new(Tape { copies: 7, characters_a_second: None });
        Self { voice, hears: Hears::Texts, patience: PATIENCE, loss: Some(Loss { percent, seed: 7 }) }
    }
}

/// Plays a page by telephone.
///
/// # Errors
/// The first row that does not hold, or what the wire said instead.
pub async fn on_keypad(page: &Page, material: &Material, setting: &Setting) -> Result<Played, Failure> {
    let mut stage = KeypadStage::open(page, material, setting).await?;
    let played = stage.play(page).await;
    stage.close().await;
    let program = Arc::clone(&stage.judge.world.line.program);
    played
        .map_err(|failure| failure.told_with(&page.script, &program.words, Channel::Phone, &stage.judge.exchanges))?;
    let (exchanges, given) = (stage.judge.exchanges, stage.judge.given);
    Ok(Played { exchanges, program, channel: Channel::Phone, given, packets_lost: stage.packets_lost })
}

struct KeypadStage {
    judge: EngineStage,
    real: World,
    line: TelephoneLine,
    taking: JoinHandle<()>,
    desks: Desks,
    others: Others,
    /// The telephone on which the caller is called back.
    at_caller: ListeningPhone,
    phone: PhoneSettings,
    call: Option<PhoneCall>,
    agent: Option<PhoneCall>,
    ears: Ears,
    pending: VecDeque<Expected>,
    /// How many of the things that the judge heard are expected on the wire already.
    expected: usize,
    said: Vec<String>,
    packets_lost: usize,
}

impl KeypadStage {
    async fn open(page: &Page, material: &Material, setting: &Setting) -> Result<Self, Failure> {
        let whole = |what: String| Failure::at(0, what);
        let is_silent =
            page.script.steps.iter().any(|step| matches!(step.doing, Doing::Caller(CallerDoes::IsSilent(_))));
        let silence = if is_silent { SILENCE_SECONDS.1 } else { SILENCE_SECONDS.0 };
        let policy = move |policy: &mut Policy| {
            policy.silence_seconds = silence;
            policy.between_keys_seconds = silence;
        };
        let staging = Staging { policy: Some(&policy), ..Staging::default() };
        let judge = engine_stage(page, material, Stage::Keypad, Channel::Phone, staging).await?;
        let program = Arc::clone(&judge.world.line.program);
        let prompts = Arc::new(
            PromptStore::new(Arc::clone(&setting.voice), Default::default())
                .map_err(|fault| whole(fault.to_string()))?,
        );
        let ears =
            Ears::open(setting.hears, setting.patience, &program, &prompts, page, material).await.map_err(whole)?;
        let phone = PhoneSettings {
            bind: Some(LOOPBACK),
            attention: ears.attention(),
            loss: setting.loss,
            ..PhoneSettings::default()
        };
        let desks = Desks::open(&judge.world.cast, &program, &ears).await.map_err(whole)?;
        let at_caller = desks::open_plain(&ears).await.map_err(whole)?;

        let target = |name: &str| desks.uri(name);
        let staging = Staging { target: Some(&target), program: Some(program), runs: true, ..Staging::default() };
        let real =
            World::of(&page.script, material, staging).await.map_err(|fault| Failure::at(fault.row, fault.what))?;
        let media = MediaEngine::start(MediaSettings {
            bind: LOOPBACK,
            ports: Ports::Ephemeral { count: 8 },
            // Stages share a machine with everything else: lateness is measured elsewhere.
            lateness_p99_max: Duration::from_secs(5),
            ..MediaSettings::default()
        })
        .map_err(|fault| whole(fault.to_string()))?;
        let (sip, incoming) = signalling().await.map_err(whole)?;
        let mut numbers = vec![LineNumber { called: "custody".into(), purpose: NumberPurpose::Custody }];
        numbers.extend(
            real.language
                .map(|language| LineNumber { called: "language".into(), purpose: NumberPurpose::InLanguage(language) }),
        );
        let settings = TelephoneSettings {
            numbers,
            numbers_at: Some(address_of(&at_caller.uri())),
            answer_tries_after: Duration::from_millis(100),
            link_rings: LINK_RINGS,
            duties_every: Duration::from_millis(100),
            ..TelephoneSettings::default()
        };
        let clock = Arc::clone(&real.clock) as Arc<dyn Clock>;
        let line = TelephoneLine::new(Arc::clone(&real.line), sip, media, prompts, clock, settings);
        let taking = tokio::spawn({
            let line = line.clone();
            async move { line.take_calls(incoming).await }
        });
        Ok(Self {
            judge,
            real,
            line,
            taking,
            desks,
            others: Others::default(),
            at_caller,
            phone,
            call: None,
            agent: None,
            ears,
            pending: VecDeque::new(),
            expected: 0,
            said: Vec::new(),
            packets_lost: 0,
        })
    }

    async fn play(&mut self, page: &Page) -> Result<(), Failure> {
        self.occupy_all().await.map_err(|what| self.told(0, what))?;
        for step in &page.script.steps {
            if self.judge.playing.plays(step)? {
                self.step(step).await.map_err(|what| self.told(step.row, what))?;
            }
        }
        self.hear_all().await.map_err(|what| self.told(0, what))?;
        self.judge.finish().await;
        if let Some(call) = &self.call {
            call.hang_up().await;
        }
        self.judge.afterwards(&page.script).await?;
        self.compare().await.map_err(|what| self.told(0, what))
    }

    /// A failure with what the caller's telephone noticed.
    fn told(&self, row: usize, what: String) -> Failure {
        let transcript = self.call.as_ref().map(|call| call.transcript().to_string()).unwrap_or_default();
        let rows: Vec<&str> = transcript.lines().collect();
        let last = &rows[rows.len().saturating_sub(NOTICED_MAX)..];
        Failure { noticed: last.iter().map(|row| (*row).to_owned()).collect(), ..Failure::at(row, what) }
    }

    /// A call of the caller's is over, or the page is: what was lost on it counts.
    fn count_lost(&mut self) {
        let rows = self.call.as_ref().map(|call| call.transcript().0).unwrap_or_default();
        self.packets_lost += rows
            .iter()
            .map(|row| if let PhoneEvent::Lost { packets } = row.event { packets } else { 0 })
            .sum::<usize>();
    }

    async fn close(&mut self) {
        self.count_lost();
        self.let_others_go().await;
        self.line.close(Duration::from_millis(1_100)).await;
        self.taking.abort();
    }

    async fn step(&mut self, step: &Step) -> Result<(), String> {
        match &step.doing {
            Doing::Caller(does) => {
                let times = if let CallerDoes::IsSilent(times) = does { *times } else { 1 };
                for _ in 0..times {
                    self.caller(does).await?;
                }
                Ok(())
            }
            Doing::Line(LineDoes::Calls(_)) => {
                self.judge.step(step).await.map_err(|failure| failure.what)?;
                let call = self.at_caller.next_call(PATIENCE).await.map_err(|fault| fault.to_string())?;
                self.count_lost();
                self.call = Some(call);
                Ok(())
            }
            Doing::Line(_) => self.judge.step(step).await.map_err(|failure| failure.what),
            Doing::Agent(_, AgentDoes::Closes) => {
                self.hear_all().await?;
                let agent = self.agent.take().ok_or("nobody is on the contact")?;
                self.judge.step(step).await.map_err(|failure| failure.what)?;
                agent.hang_up().await;
                self.expect_heard();
                Ok(())
            }
            Doing::Agent(..) => {
                self.hear_all().await?;
                self.judge.step(step).await.map_err(|failure| failure.what)
            }
            Doing::Direction(what) => self.direction(what).await,
        }
    }

    async fn direction(&mut self, what: &str) -> Result<(), String> {
        self.hear_all().await?;
        if what.starts_with("the process") || what.ends_with(" stops answering") {
            return Err(
                "a call does not outlive its process, and a telephone keeps its habits: write `(unless on keypad)` behind this direction"
                    .into(),
            );
        }
        match what {
            "the disk is full" => self.real.store.fill_disk(true),
            "the disk has room again" => self.real.store.fill_disk(false),
            _ => {
                if let Some(name) = what.strip_suffix(" is free again") {
                    self.free(name).await?;
                } else if let Some(name) = what.strip_suffix(" goes on a contact") {
                    self.occupy(name).await?;
                }
            }
        }
        self.judge.direction(what).await?;
        if let Some(time) = passing(what) {
            self.real.clock.advance(time);
        }
        if let Some(state) = what.strip_prefix("a person moves the report to ") {
            let moved = self.judge.report_moved().ok_or("no report code was heard")?;
            let done = self.real.store.move_report(self.real.now(), &moved, report_state(state)?).await;
            return match done {
                Ok(true) => Ok(()),
                _ => Err("the line does not know the code that was heard on the telephone".into()),
            };
        }
        self.real.at_the_desk(what).await.unwrap_or(Ok(()))
    }

    async fn caller(&mut self, does: &CallerDoes) -> Result<(), String> {
        let act = self.judge.meaning(does)?;
        let interrupts = matches!(act, Act::Choose(_, true) | Act::Key(_, true));
        if interrupts {
            self.hear_first().await?;
        } else {
            self.hear_all().await?;
        }
        let question = self.judge.question().cloned();
        self.judge.act(act.clone(), crate::script::print::caller(does)).await?;
        match &act {
            Act::Arrive(from) => self.arrive(from.number.as_ref(), from.custody).await?,
            Act::Leave => self.leave().await?,
            Act::Voice(_) => self.say(&voice(SAID_SAMPLES_MIN)).await?,
            Act::Message(words) => {
                self.quiet().await?;
                let spoken = Tape::default().speak("es", words.reveal()).await.map_err(|fault| fault.to_string())?;
                let once = Codec::Pcmu.decode(&spoken.encode(Codec::Pcmu));
                let times = SAID_SAMPLES_MIN / once.len().max(1) + 1;
                self.say(&once.repeat(times)).await?;
                if !self.real.store.seen().disk_is_full {
                    self.said.push(words.reveal().clone());
                }
                self.press("#").await?;
            }
            Act::NoMessage => {
                self.quiet().await?;
                self.press("#").await?;
            }
            Act::Silence | Act::Answer => {}
            act => {
                let question = question.ok_or("the line asks nothing")?;
                self.press(&keys::keys(act, &question)?).await?;
            }
        }
        self.expect_heard();
        Ok(())
    }

    async fn arrive(&mut self, number: Option<&caseline_model::Phone>, custody: bool) -> Result<(), String> {
        self.count_lost();
        if let Some(call) = self.call.take() {
            call.hang_up().await;
        }
        self.ears.begin();
        let address = self.line.sip().udp_addr().ok_or("the line has no address")?;
        let called = if custody {
            "custody"
        } else if self.real.language.is_some() {
            "language"
        } else {
            "line"
        };
        let number = number.map_or_else(|| "anonymous".to_owned(), caseline_model::Phone::e164);
        let settings = PhoneSettings { number, ..self.phone.clone() };
        let call = Phone::call(&format!("sip:{called}@{address}"), settings).await;
        let mut call = call.map_err(|fault| fault.to_string())?;
        call.wait_answered(PATIENCE).await.map_err(|fault| fault.to_string())?;
        self.call = Some(call);
        Ok(())
    }

    async fn press(&mut self, keys: &str) -> Result<(), String> {
        let call = self.call.as_mut().ok_or("nobody calls")?;
        call.press(keys).await.map_err(|fault| fault.to_string())
    }

    /// Waits until the line has stopped speaking.
    async fn quiet(&mut self) -> Result<(), String> {
        let call = self.call.as_mut().ok_or("nobody calls")?;
        call.quiet_for(QUIET, PATIENCE).await.map_err(|fault| fault.to_string())
    }

    /// The caller hangs up, after hearing the line out; and the line takes note of it.
    async fn leave(&mut self) -> Result<(), String> {
        // A line that hung up by itself meanwhile is quiet too.
        let _ = self.quiet().await;
        let call = self.call.as_mut().ok_or("nobody calls")?;
        call.hang_up().await;
        call.wait_hung_up(PATIENCE).await.map_err(|fault| fault.to_string())?;
        self.agent = None;
        let store = &self.real.store;
        let mut news = store.news();
        let noted = async {
            loop {
                news.mark_unchanged();
                let seen = store.seen();
                let is_noted =
                    |contact| seen.parked.contains(contact) || seen.ended.iter().any(|(of, _)| of == contact);
                if self.noted().last().is_none_or(is_noted) || news.changed().await.is_err() {
                    return;
                }
            }
        };
        timeout(PATIENCE, noted).await.map_err(|_| "the line did not note that the caller left".to_owned())
    }

    /// Something is said into the telephone. Returns when it has begun; keys that are pressed now follow its end.
    async fn say(&mut self, samples: &[i16]) -> Result<(), String> {
        let call = self.call.as_mut().ok_or("nobody calls")?;
        call.say(samples.to_vec()).await.map_err(|fault| fault.to_string())?;
        let said = call.wait_for("own words", PATIENCE, |event| matches!(event, PhoneEvent::Said { .. })).await;
        said.map(|_| ()).map_err(|fault| fault.to_string())
    }

    /// What the judge heard in this exchange must be heard on the telephone.
    fn expect_heard(&mut self) {
        let words = &self.judge.world.line.program.words;
        let all = self.judge.exchanges.iter().flat_map(|exchange| &exchange.heard);
        for heard in all.skip(self.expected) {
            self.expected += 1;
            self.pending.extend(self.ears.expected(words, heard));
        }
    }

    async fn hear_all(&mut self) -> Result<(), String> {
        while let Some(expected) = self.pending.pop_front() {
            self.hear(expected).await?;
        }
        Ok(())
    }

    /// Hears the first words of what is still to come; the rest may be interrupted.
    async fn hear_first(&mut self) -> Result<(), String> {
        while let Some(expected) = self.pending.pop_front() {
            let is_words = matches!(expected, Expected::Words { .. });
            self.hear(expected).await?;
            if is_words {
                break;
            }
        }
        let rest = std::mem::take(&mut self.pending);
        self.ears.may_miss(rest);
        Ok(())
    }

    async fn hear(&mut self, expected: Expected) -> Result<(), String> {
        match expected {
            Expected::Words { .. } => {
                let call = self.call.as_mut().ok_or("nobody calls")?;
                self.ears.hear(call, &expected).await
            }
            Expected::Joined { name, need, language } => {
                let cast = &self.judge.world.cast;
                let speaks = |member: &Member| member.name == name && member.speaks.contains(&language);
                let is_interpreted = cast.interpreted.contains(&language) && !cast.members.iter().any(speaks);
                self.agent = Some(self.desks.joined(&name, &need, language).await?);
                if is_interpreted {
                    self.desks.interpreter_joined().await?;
                }
                Ok(())
            }
            Expected::End => {
                let call = self.call.as_mut().ok_or("nobody calls")?;
                self.ears.end(call).await
            }
        }
    }

    /// The real line must have come to the same ends as the judge, and kept and written down the same.
    async fn compare(&mut self) -> Result<(), String> {
        let ends = ends_of(&self.judge.world, &self.judge.world.store.seen().contacts).await?;
        let deadline = Instant::now() + PATIENCE;
        let mut news = self.real.store.news();
        let real = loop {
            news.mark_unchanged();
            let real = ends_of(&self.real, &self.noted()).await?;
            // A call ends on the wire a little before it is written down.
            if real == ends || timeout_at(deadline, news.changed()).await.is_err() {
                break real;
            }
        };
        if real != ends {
            return Err(format!("by telephone it came to {real:?}, on values to {ends:?}"));
        }
        self.messages_are_kept().await
    }

    /// What was said after the tone is in the message that waits.
    async fn messages_are_kept(&self) -> Result<(), String> {
        let lease = Duration::from_secs(60);
        for words in &self.said {
            let task = self.real.store.claim_task(self.real.now(), &[TaskKind::Message], lease).await;
            let task = task.map_err(|fault| fault.to_string())?.ok_or("a message is missing")?;
            let note = task.content.voice_note.ok_or("a message without a voice note")?;
            let mut reader = TapeReader::new(Codec::Pcmu);
            let texts = reader.feed(note.reveal());
            let is_said = texts.iter().any(|text| text.whole && self.said.contains(&text.text));
            if !is_said && self.phone.loss.is_none() {
                return Err(format!("the message does not hold what was said ({} letters)", words.len()));
            }
        }
        Ok(())
    }
}

/// Opens the line's signalling on a free port. The system names one that is free for UDP; for TCP somebody else may have it
/// in the same moment, and then another is asked for.
async fn signalling() -> Result<(SipServer, mpsc::Receiver<IncomingCall>), String> {
    let mut last = String::new();
    for _ in 0..PORTS_TRIED_MAX {
        let settings = SipSettings { calls_max: 32, ..SipSettings::on(SocketAddr::new(LOOPBACK, 0)) };
        match SipServer::start(settings).await {
            Ok(started) => return Ok(started),
            Err(fault) => last = fault.to_string(),
        }
    }
    Err(last)
}

/// Dispositions, open obligations and the log's words of every contact.
type Ends = (Vec<(String, Vec<String>)>, Vec<u64>);

async fn ends_of(world: &World, of: &[ContactId]) -> Result<Ends, String> {
    let broke = |fault: caseline_helpline::StoreFault| fault.to_string();
    let mut contacts = Vec::new();
    for contact in of.iter().copied() {
        let disposition = world.store.disposition(contact).await.map_err(broke)?;
        contacts
            .push((disposition.map_or_else(|| "none".into(), |end| end.to_string()), log_of(world, contact).await?));
    }
    let mut open = Vec::new();
    for kind in [TaskKind::Callback, TaskKind::Message, TaskKind::Reminder, TaskKind::Report] {
        open.push(world.store.open_task_count(kind).await.map_err(broke)?);
    }
    Ok((contacts, open))
}

async fn log_of(world: &World, contact: ContactId) -> Result<Vec<String>, String> {
    let log = world.store.audit_of_contact(contact).await.map_err(|fault| fault.to_string())?;
    Ok(log.iter().map(|entry| AuditEvent::words(&entry.event)).collect())
}

/// A voice that says nothing in particular: a hum of 200 Hz.
fn voice(samples: usize) -> Vec<i16> {
    (0..samples).map(|at| ((at as f64 * 200.0 / 8_000.0 * std::f64::consts::TAU).sin() * 8_000.0) as i16).collect()
}

fn address_of(uri: &str) -> String {
    uri.rsplit('@').next().unwrap_or(uri).to_owned()
}
