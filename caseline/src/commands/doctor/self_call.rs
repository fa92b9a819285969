//! The call that the doctor places to the line, by real SIP and RTP: the one that runs, or one that is started for it
//! with these settings, without trunks and with nothing kept. It says what a caller heard.
//! The telephone is `voice::phone`, which knows nothing of the line's own stack.

use super::Row;
use crate::commands::Place;
use crate::exits::{Exit, with_causes};
use crate::settings::Settings;
use crate::wiring;
use caseline_conversation::Program;
use caseline_conversation::keypad::OPTION_KEYS;
use caseline_model::Language;
use caseline_store::MemoryStore;
use caseline_voice::phone::{Attention, Phone, PhoneCall, PhoneEvent, PhoneFault, PhoneSettings};
use caseline_voice::prompts::{PromptIndex, PromptStore};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// How long the telephone waits for each thing that it should hear: a greeting takes some fifteen seconds.
const HEARD_WITHIN: Duration = Duration::from_secs(40);

/// Peers from which the call comes.
const LOOPBACK: [&str; 2] = ["127.0.0.0/8", "::1/128"];

/// Calls the line and says what was heard.
pub(super) async fn row(
    settings: &Settings,
    place: &Place,
    program: &Arc<Program>,
    prompts: &Arc<PromptStore>,
    runs: bool,
) -> Row {
    let what = "a call to itself";
    let called = if runs {
        let index = PromptIndex::load(&place.data().join("prompts")).ok().map(Arc::new);
        let at = SocketAddr::new(near(settings.telephone.bind), settings.telephone.sip_port);
        if !settings.telephone.allowed_peers.is_empty() {
            return Row::well(format!("{what}: not placed, the line that runs takes calls from its peers alone"));
        }
        call(at, program, index).await.map_err(|fault| Exit::Failures(with_causes(&fault)))
    } else {
        call_started_line(settings, program, prompts).await
    };
    match called {
        Ok(heard) => Row::well(format!("{what}: {heard}")),
        Err(exit) => Row::missing(what, exit.sentence()),
    }
}

/// Starts the line for one call. Nobody else reaches it: no trunk is registered.
async fn call_started_line(
    settings: &Settings,
    program: &Arc<Program>,
    prompts: &Arc<PromptStore>,
) -> Result<String, Exit> {
    let mut settings = settings.clone();
    settings.trunk.clear();
    settings.telephone.outgoing_trunk = None;
    settings.telephone.bind = near(settings.telephone.bind);
    settings.telephone.advertised = None;
    settings.telephone.allowed_peers = LOOPBACK.map(str::to_owned).to_vec();
    if let Some(language) = language(program) {
        let wanted = ["greeting", "reason-ask"].map(|key| format!("{}/{key}", language.tag()));
        let mut ahead = wiring::requests_ahead(program, language);
        ahead.retain(|request| wanted.iter().any(|start| request.id.starts_with(start.as_str())));
        wiring::speak_ahead(prompts, ahead, "speaking the greeting").await?;
    }
    let line = wiring::line(&settings, Arc::clone(program), Arc::new(MemoryStore::new()));
    let (telephone, incoming) = wiring::telephone(&settings, Arc::new(line), Arc::clone(prompts)).await?;
    let taking = telephone.clone();
    let taking = tokio::spawn(async move { taking.take_calls(incoming).await });
    let heard = match telephone.sip().udp_addr() {
        Some(at) => call(at, program, Some(Arc::new(prompts.index()))).await,
        None => Err(PhoneFault::Over { what: "SIP has no port".into() }),
    };
    telephone.close(Duration::from_secs(2)).await;
    taking.abort();
    heard.map_err(|fault| Exit::Failures(with_causes(&fault)))
}

/// Dials, chooses a language, and hears who answers and what is asked first.
async fn call(at: SocketAddr, program: &Program, index: Option<Arc<PromptIndex>>) -> Result<String, PhoneFault> {
    let names_prompts = index.is_some();
    let attention = Attention { prompts: index, tape: true };
    let settings = PhoneSettings { attention, ..PhoneSettings::default() };
    let mut call = Phone::call(&format!("sip:line@{at}"), settings).await?;
    let heard = listen(&mut call, program, names_prompts).await;
    call.hang_up().await;
    heard
}

async fn listen(call: &mut PhoneCall, program: &Program, names_prompts: bool) -> Result<String, PhoneFault> {
    let answered = call.wait_answered(HEARD_WITHIN).await?;
    let began = |event: &PhoneEvent| matches!(event, PhoneEvent::SoundBegan);
    call.wait_for("the first menu", HEARD_WITHIN, began).await?;
    let after = format!("answered after {:.1} s", answered.at.as_secs_f64());
    let Some(language) = language(program).filter(|_| names_prompts) else {
        return Ok(format!("{after}, and the first menu sounds"));
    };
    let place = program.policy.first_menu.iter().position(|offered| *offered == language);
    let key = place.and_then(|place| OPTION_KEYS.get(place)).map_or_else(String::new, char::to_string);
    call.press(&key).await?;
    call.heard_prompt(&format!("{}/reason-ask", language.tag()), HEARD_WITHIN).await?;
    let heard = call.transcript().prompts().len();
    let name = language.english_name();
    Ok(format!("{after}, then heard who answers and the first question in {name} ({heard} prompts by name)"))
}

/// The first full language of the first menu.
fn language(program: &Program) -> Option<Language> {
    let full = wiring::full_languages(program);
    program.policy.first_menu.iter().copied().find(|language| full.contains(language))
}

/// From where the machine reaches itself.
const fn near(bind: IpAddr) -> IpAddr {
    match bind {
        IpAddr::V4(at) if at.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(at) if at.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        other => other,
    }
}
