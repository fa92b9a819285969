//! `caseline demo`: the whole line with made-up people on loopback, and a real call that it places to itself.
//! The call is heard by the test telephone, which knows nothing of the line's own stack.

use super::{Place, init};
use crate::exits::{Exit, with_causes};
use crate::feed::read_feed;
use crate::made_up::{self, PEOPLE};
use crate::running::Running;
use crate::settings::{Settings, VoiceKind};
use crate::stopping::asked_to_stop;
use crate::wiring::{self, Purpose};
use crate::world::MachineClock;
use caseline_conversation::Program;
use caseline_conversation::every_prompt::every_prompt;
use caseline_conversation::keypad::OPTION_KEYS;
use caseline_conversation::words::parts;
use caseline_helpline::{Clock, Store};
use caseline_model::{Date, Language};
use caseline_voice::phone::{
    AnswerRule, Attention, ListenSettings, Phone, PhoneCall, PhoneEvent, PhoneFault, PhoneSettings, Transcript,
};
use caseline_voice::prompts::PromptStore;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long the made-up staff wait for what they should hear.
const HEARD_WITHIN: Duration = Duration::from_secs(40);

/// The line with made-up people.
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// Ends after the call to itself: 0 only if the caller heard the hearing with its source and date.
    #[arg(long)]
    once: bool,
    /// The SIP port; 0 takes a free one. 5060, or with --once a free one.
    #[arg(long)]
    sip_port: Option<u16>,
    /// The port of the pages; 0 takes a free one. 8080, or with --once a free one.
    #[arg(long)]
    web_port: Option<u16>,
    /// The socket of a `caseline vault` that holds the keys, instead of the demonstration's own process.
    #[arg(long)]
    vault: Option<PathBuf>,
    /// The voice: `espeak`, or for tests `tape` or `silent`.
    #[arg(long, default_value = "espeak")]
    voice: String,
    /// Where the call's sound is written.
    #[arg(long)]
    wav: Option<PathBuf>,
    /// How long the test telephone waits for each thing that it should hear, in seconds.
    #[arg(long, default_value_t = 40)]
    patience: u64,
}

impl Demo {
    /// Runs the demonstration.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        let data = place.data.clone().unwrap_or_else(|| PathBuf::from("data/demo"));
        let staff = listen_as_staff().await?;
        let settings = self.settings(&staff)?;
        if settings.vault.socket.is_none() && !init::is_made(&data) {
            init::make(&data)?;
        }
        let program = wiring::program(&settings, Purpose::Demonstration)?;
        let prompts = wiring::prompts(&settings, &data.join("prompts"))?;
        let store = init::open_store_of(&data, &settings).await?;
        let today = MachineClock.now().date_in(&program.zone);
        enrol_and_read_tables(store.as_ref(), &program, &data, today).await?;
        let spoken = wiring::requests_ahead(&program, Language::SPANISH);
        wiring::speak_ahead(&prompts, spoken, "speaking Spanish ahead").await?;
        let line = wiring::line(&settings, Arc::clone(&program), Arc::clone(&store) as _);
        let running = Running::start(&settings, line, Arc::clone(&prompts), Arc::clone(&store) as _, &data).await?;
        let answered = tokio::spawn(staff.take_calls());
        let wav = self.wav.clone().unwrap_or_else(|| data.join("self-call.wav"));
        let patience = Duration::from_secs(self.patience);
        let heard = call_oneself(&running, &program, &prompts, today, &wav, patience).await;
        let outcome = match heard {
            Ok(call) => {
                place.print(&call.json(), &call.text(&wav));
                call.verdict()
            }
            Err(exit) => Err(exit),
        };
        if self.once || outcome.is_err() {
            running.stop().await;
            answered.abort();
            init::write_out(&store).await?;
            return outcome;
        }
        eprintln!("{}", explain(&running, &program));
        let ahead = tokio::spawn(speak_the_rest(Arc::clone(&prompts), Arc::clone(&program)));
        asked_to_stop().await;
        eprintln!("Stopping: callers are told, then their calls end.");
        ahead.abort();
        running.stop().await;
        answered.abort();
        init::write_out(&store).await
    }

    fn settings(&self, staff: &MadeUpStaff) -> Result<Settings, Exit> {
        let uri = staff.uri();
        let text = format!(
            r#"[operator]
kind = "legal-aid"
name = "Lake Street Legal Aid (made up)"
shares_with = ""
hears_calls = ""

[line]
zone = "America/Chicago"
hours = {{ mon = "00:00-24:00", tue = "00:00-24:00", wed = "00:00-24:00", thu = "00:00-24:00", fri = "00:00-24:00", sat = "00:00-24:00", sun = "00:00-24:00" }}

[[staff]]
name = "desk"
role = "staff"
target = "{uri}"
language = "en"
speaks = ["en", "es", "ht"]
verified_on = "2026-11-22"

[[urgent]]
name = "night-desk"
role = "staff"
target = "{uri}"
language = "en"
speaks = ["en", "es", "ht"]
verified_on = "2026-11-22"

[web]
number_to_call = "+1 202 555 0100"
metrics = "127.0.0.1:0"
"#
        );
        let mut settings =
            Settings::parse("the demonstration's settings", &text).map_err(|fault| Exit::Usage(fault.to_string()))?;
        let free = |port: Option<u16>, usual: u16| port.unwrap_or(if self.once { 0 } else { usual });
        settings.telephone.sip_port = free(self.sip_port, 5060);
        if self.once || self.sip_port == Some(0) {
            settings.telephone.rtp_ports = [0, 0];
        }
        settings.web.bind = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), free(self.web_port, 8080));
        settings.vault.socket = self.vault.clone();
        settings.speech.voice = match self.voice.as_str() {
            "espeak" => VoiceKind::Espeak,
            "tape" => VoiceKind::Tape,
            "silent" => VoiceKind::Silent,
            other => return Err(Exit::Usage(format!("`{other}` is no voice; write espeak, tape or silent"))),
        };
        Ok(settings)
    }
}

/// The made-up people's cards, and the court's tables that speak of them, read by the real reader.
async fn enrol_and_read_tables(store: &dyn Store, program: &Program, data: &Path, today: Date) -> Result<(), Exit> {
    let now = MachineClock.now();
    for person in PEOPLE {
        if let Some(number) = person.case_number() {
            let enrolled = store.enrol(now, person.case(), &number, &person.card()).await;
            enrolled.map_err(|fault| Exit::Environment(with_causes(&fault)))?;
        }
    }
    let tables = data.join("court-tables");
    made_up::write_court_tables(&tables, today)
        .map_err(|error| Exit::Environment(format!("{} cannot be written: {error}", tables.display())))?;
    let read = read_feed(store, &MachineClock, &program.zone, &tables, None, &mut |_| {}).await?;
    let rows: u64 = read.report.tables.iter().map(|table| table.rows_read).sum();
    eprintln!("Read {rows} rows of made-up court tables in {}.", tables.display());
    Ok(())
}

/// What the test telephone heard in the call that the line placed to itself.
struct SelfCall {
    transcript: Transcript,
    texts: BTreeMap<String, String>,
    missed: Option<PhoneFault>,
    date_heard: bool,
    source_heard: bool,
}

/// Dials the line, chooses Spanish, keys a made-up number and a code of its card, and listens.
async fn call_oneself(
    running: &Running,
    program: &Program,
    prompts: &Arc<PromptStore>,
    today: Date,
    wav: &Path,
    patience: Duration,
) -> Result<SelfCall, Exit> {
    let address = running.telephone().sip().udp_addr().ok_or_else(|| Exit::Environment("SIP has no port".into()))?;
    let attention = Attention { prompts: Some(Arc::new(prompts.index())), tape: true };
    let settings = PhoneSettings { attention, ..PhoneSettings::default() };
    let mut call = Phone::call(&format!("sip:line@{address}"), settings)
        .await
        .map_err(|fault| Exit::Environment(with_causes(&fault)))?;
    let missed = hold_the_conversation(&mut call, program, patience).await.err();
    call.hang_up().await;
    let transcript = call.transcript();
    call.write_wav(wav).map_err(|error| Exit::Environment(format!("{} cannot be written: {error}", wav.display())))?;
    let texts = every_prompt(program, Language::SPANISH).into_iter().map(|said| (said.id, said.text)).collect();
    let heard = Heard::of(&transcript);
    let day = made_up::hearing_day(today);
    let date_heard = parts::of_date(day).iter().all(|(_, part)| heard.has(&format!("es/part/{part}")));
    let source_heard = heard.has("es/source-court-feed.1");
    Ok(SelfCall { transcript, texts, missed, date_heard, source_heard })
}

async fn hold_the_conversation(call: &mut PhoneCall, program: &Program, patience: Duration) -> Result<(), PhoneFault> {
    call.wait_answered(patience).await?;
    // The menu is the first thing that sounds; a key may interrupt it.
    call.wait_for("the first menu", patience, |event| matches!(event, PhoneEvent::SoundBegan)).await?;
    let spanish = program.policy.first_menu.iter().position(|language| *language == Language::SPANISH);
    call.press(&key_of(spanish)).await?;
    call.heard_prompt("es/reason-ask", patience).await?;
    call.press(&key_of(option(program, "main", "reason", "my-case"))).await?;
    call.heard_prompt("es/receipt-or-number-ask", patience).await?;
    call.press(&format!("{:09}#", PEOPLE[0].number)).await?;
    call.heard_prompt("es/code-ask", patience).await?;
    let code = PEOPLE[0].code(1).map_or_else(String::new, |code| code.reveal().keyed());
    call.press(&code).await?;
    call.heard_prompt("es/source-court-feed.1", patience).await?;
    call.heard_prompt("es/case-next-ask", patience).await?;
    call.press(&key_of(option(program, "my-case", "next", "goodbye"))).await?;
    call.wait_hung_up(patience).await?;
    Ok(())
}

fn option(program: &Program, flow: &str, step: &str, id: &str) -> Option<usize> {
    match &program.step(flow, step)?.kind {
        caseline_conversation::Kind::Choose { options, .. } => options.iter().position(|option| option == id),
        _ => None,
    }
}

fn key_of(place: Option<usize>) -> String {
    place.and_then(|place| OPTION_KEYS.get(place)).map_or_else(String::new, char::to_string)
}

/// Prompts that were heard, by any of their names.
struct Heard(Vec<Arc<[String]>>);

impl Heard {
    fn of(transcript: &Transcript) -> Self {
        Self(
            transcript
                .0
                .iter()
                .filter_map(|row| match &row.event {
                    PhoneEvent::HeardPrompt { ids } => Some(Arc::clone(ids)),
                    _ => None,
                })
                .collect(),
        )
    }

    fn has(&self, id: &str) -> bool {
        self.0.iter().any(|ids| ids.iter().any(|name| name == id))
    }
}

impl SelfCall {
    /// 0 only if the caller heard the hearing with its source and date.
    fn verdict(&self) -> Result<(), Exit> {
        let what = match (&self.missed, self.date_heard, self.source_heard) {
            (None, true, true) => return Ok(()),
            (Some(fault), ..) => format!("the caller did not hear all of it: {}", with_causes(fault)),
            (None, false, _) => "the caller did not hear the hearing's date".into(),
            (None, true, false) => "the caller did not hear whose word the date is".into(),
        };
        Err(Exit::Failures(what))
    }

    fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "hearing_date_heard": self.date_heard,
            "source_heard": self.source_heard,
            "prompts": self.transcript.prompts(),
        })
    }

    /// The conversation as the caller heard it, with times.
    fn text(&self, wav: &Path) -> String {
        let mut text = String::from("The call, as the caller heard it:\n\n");
        let mut said: Vec<String> = Vec::new();
        let mut since = Duration::ZERO;
        let mut keys = String::new();
        for row in &self.transcript.0 {
            match &row.event {
                PhoneEvent::HeardPrompt { ids } => {
                    flush_keys(&mut text, &mut keys, row.at);
                    if said.is_empty() {
                        since = row.at;
                    }
                    said.extend(ids.first().and_then(|id| self.texts.get(id)).cloned());
                }
                // Words out of a case are spoken afresh and kept nowhere, so no ear can name them.
                PhoneEvent::HeardOther { length } if !said.is_empty() => {
                    said.push(format!("[{:.1} s of words for this caller alone]", length.as_secs_f64()));
                }
                PhoneEvent::Pressed(key) => {
                    flush_said(&mut text, &mut said, since);
                    keys.push(*key);
                }
                PhoneEvent::HungUp { .. } => {
                    flush_said(&mut text, &mut said, since);
                    flush_keys(&mut text, &mut keys, row.at);
                    let _ = writeln!(text, "{:6.1}  the call is over", row.at.as_secs_f64());
                }
                _ => {}
            }
        }
        let _ = write!(text, "\nIts sound is in {}.", wav.display());
        text
    }
}

fn flush_said(text: &mut String, said: &mut Vec<String>, since: Duration) {
    if !said.is_empty() {
        let _ = writeln!(text, "{:6.1}  line    {}", since.as_secs_f64(), said.join(" "));
        said.clear();
    }
}

fn flush_keys(text: &mut String, keys: &mut String, at: Duration) {
    if !keys.is_empty() {
        let _ = writeln!(text, "{:6.1}  caller  presses {keys}", at.as_secs_f64());
        keys.clear();
    }
}

/// What to dial, open and try.
fn explain(running: &Running, program: &Program) -> String {
    let mut text = running.where_to_look();
    text.push_str("\n\nMade-up people, with the codes of their cards:\n");
    let my_case = key_of(option(program, "main", "reason", "my-case"));
    for person in PEOPLE {
        let code = person.code(2).map_or_else(String::new, |code| code.reveal().keyed());
        let _ = writeln!(text, "  {:09}#  then {code}   {}", person.number, person.what);
    }
    let _ = write!(
        text,
        "Choose a language, press {my_case} for your own case. 0 is a person, 9 is urgent help, * repeats."
    );
    text
}

async fn speak_the_rest(prompts: Arc<PromptStore>, program: Arc<Program>) {
    for language in wiring::full_languages(&program) {
        prompts.render_ahead(wiring::requests_ahead(&program, language), |_| {}).await;
    }
}

/// A made-up member of staff: a telephone that takes the contact and stays on it.
struct MadeUpStaff {
    phone: caseline_voice::phone::ListeningPhone,
}

async fn listen_as_staff() -> Result<MadeUpStaff, Exit> {
    let settings = ListenSettings {
        address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
        phone: PhoneSettings::default(),
        answer: AnswerRule::After(Duration::from_secs(2)),
        when_heard: Vec::new(),
    };
    let phone = Phone::listen(settings).await.map_err(|fault| Exit::Environment(with_causes(&fault)))?;
    Ok(MadeUpStaff { phone })
}

impl MadeUpStaff {
    fn uri(&self) -> String {
        self.phone.uri()
    }

    async fn take_calls(mut self) {
        let for_ever = Duration::from_secs(365 * 86_400);
        while let Ok(mut call) = self.phone.next_call(for_ever).await {
            tokio::spawn(async move {
                if call.wait_answered(HEARD_WITHIN).await.is_ok()
                    && call
                        .wait_for("the offer", HEARD_WITHIN, |event| matches!(event, PhoneEvent::SoundBegan))
                        .await
                        .is_ok()
                    && call.press("1").await.is_ok()
                {
                    let _ = call.wait_hung_up(for_ever).await;
                }
            });
        }
    }
}
