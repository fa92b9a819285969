//! Puts the parts together: words and flows, the store, the telephone, pages.
//! Each part's own rules live in that part.

use crate::exits::{Exit, with_causes};
use crate::material::Material;
use crate::settings::{LinkRole, LinkSettings, PurposeSettings, Settings, VoiceKind};
use crate::world::{MachineChance, MachineClock};
use caseline_conversation::checker;
use caseline_conversation::policy::{Drafts, Level};
use caseline_conversation::{Program, every_prompt::every_prompt};
use caseline_helpline::hours::Hours;
use caseline_helpline::people::{Interpreter, Link, MessageListener, People};
use caseline_helpline::{Clock, Line, Role, Store};
use caseline_model::{Language, Phone, Zone};
use caseline_voice::line::{LineNumber, NumberPurpose, Speaker, TelephoneLine, TelephoneSettings, TrunkNetworks};
use caseline_voice::media::{MediaEngine, MediaSettings, Ports};
use caseline_voice::prompts::{PromptPack, PromptRequest, PromptStore, PromptStoreSettings, RenderProgress};
use caseline_voice::sip::{IncomingCall, SipServer, SipSettings, Trunk};
use caseline_voice::speech::{Espeak, EspeakSettings, Silent, SpeechAdapter, Tape};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Who is served: made-up people on loopback, or the public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// `caseline demo`: drafts may be spoken.
    Demonstration,
    /// `caseline serve`: drafts stop start-up.
    Service,
}

/// Reads the words and flows and refuses what must not go live.
pub fn program(settings: &Settings, purpose: Purpose) -> Result<Arc<Program>, Exit> {
    let material = match &settings.material {
        Some(folder) => Material::from_folder(folder).map_err(|fault| Exit::Usage(fault.to_string()))?,
        None => Material::shipped(),
    };
    let zone = Zone::named(&settings.line.zone).map_err(|fault| Exit::Usage(fault.to_string()))?;
    let program = material.program(settings.operator.clone(), zone).map_err(|fault| Exit::Usage(fault.to_string()))?;
    if purpose == Purpose::Service && program.policy.drafts == Drafts::Spoken {
        return Err(Exit::Usage(
            "flows/policy.toml has drafts = \"spoken\": words that nobody reviewed are for `caseline demo` only; \
             review them and set drafts = \"refused\""
                .into(),
        ));
    }
    if purpose == Purpose::Service {
        let today = MachineClock.now().date_in(&program.zone);
        let recorded = recorded_seconds(settings)?;
        let report = checker::check(&program, today, &|_, id, _| recorded.get(id).copied(), None);
        if let Some(first) = report.problems.first() {
            return Err(Exit::Usage(format!(
                "the flows and words cannot go live: {} problems, the first one {first}; run `caseline check`",
                report.problems.len()
            )));
        }
    }
    Ok(Arc::new(program))
}

/// How long each recording of the operator's packs sounds, by the prompt's name: for the checker.
pub fn recorded_seconds(settings: &Settings) -> Result<BTreeMap<String, f64>, Exit> {
    let mut seconds = BTreeMap::new();
    for pack in packs(settings)? {
        seconds.extend(pack.recordings().iter().map(|it| (it.id().to_owned(), it.length().as_secs_f64())));
    }
    Ok(seconds)
}

fn packs(settings: &Settings) -> Result<Vec<PromptPack>, Exit> {
    let folders = settings.speech.prompt_packs.iter();
    folders.map(|folder| PromptPack::read(folder).map_err(|fault| Exit::Usage(with_causes(&fault)))).collect()
}

/// The line without its channels.
pub fn line(settings: &Settings, program: Arc<Program>, store: Arc<dyn Store>) -> Line {
    let mut hours = Hours { closed_on: settings.line.closed_on.clone(), ..Hours::default() };
    for (day, (_, text)) in hours.week.iter_mut().zip(settings.hours_rows()) {
        *day = text.and_then(|text| crate::settings::read_hours(text));
    }
    let people = People {
        staff: settings.staff.iter().map(link).collect(),
        urgent: settings.urgent.iter().map(link).collect(),
        interpreters: settings
            .interpreter
            .iter()
            .map(|i| Interpreter { target: dialled(&i.target), languages: i.languages.clone() })
            .collect(),
        listeners: settings
            .message_listener
            .iter()
            .map(|l| MessageListener {
                name: l.name.clone(),
                language: l.language,
                code_hash: l.code_hash.clone(),
                code_salt: l.code_salt.clone(),
            })
            .collect(),
    };
    let shared_callers = settings.line.shared_callers.iter().filter_map(|text| text.parse().ok()).collect();
    Line { program, store, chance: Arc::new(MachineChance), hours, people, shared_callers }
}

fn link(settings: &LinkSettings) -> Link {
    Link {
        name: settings.name.clone(),
        role: match settings.role {
            LinkRole::Staff => Role::Staff,
            LinkRole::LegalOnCall => Role::LegalOnCall,
            LinkRole::Partner => Role::Partner,
        },
        target: dialled(&settings.target),
        language: settings.language,
        speaks: settings.speaks.clone(),
    }
}

/// A telephone number in one form; a SIP address as it is.
fn dialled(target: &str) -> String {
    target.parse::<Phone>().map_or_else(|_| target.to_owned(), |phone| phone.e164())
}

/// The prompts with the voice that the settings name.
pub fn prompts(settings: &Settings, cache: &Path) -> Result<Arc<PromptStore>, Exit> {
    let adapter: Arc<dyn SpeechAdapter> = match settings.speech.voice {
        VoiceKind::Espeak => {
            let words_per_minute = settings.speech.words_per_minute;
            Arc::new(Espeak::new(EspeakSettings { words_per_minute, ..EspeakSettings::default() }))
        }
        VoiceKind::Tape => Arc::new(Tape::default()),
        VoiceKind::Silent => Arc::new(Silent),
    };
    let packs = packs(settings)?;
    let cache_folder = (settings.speech.voice == VoiceKind::Espeak).then(|| cache.to_owned());
    PromptStore::new(adapter, PromptStoreSettings { cache_folder, packs })
        .map(Arc::new)
        .map_err(|fault| Exit::Environment(with_causes(&fault)))
}

/// Everything that can be spoken ahead in a language.
pub fn requests_ahead(program: &Program, language: Language) -> Vec<PromptRequest> {
    every_prompt(program, language).iter().filter_map(Speaker::request).collect()
}

/// The full languages of a program.
pub fn full_languages(program: &Program) -> Vec<Language> {
    program.policy.at_level(Level::Full).collect()
}

/// Opens ports and threads for voice, and starts SIP.
pub async fn telephone(
    settings: &Settings,
    line: Arc<Line>,
    prompts: Arc<PromptStore>,
) -> Result<(TelephoneLine, mpsc::Receiver<IncomingCall>), Exit> {
    let [first, last] = settings.telephone.rtp_ports;
    let ports = if last == 0 { Ports::Ephemeral { count: 8 } } else { Ports::Range { first, last } };
    let media = MediaEngine::start(MediaSettings {
        bind: settings.telephone.bind,
        ports,
        threads: settings.telephone.media_threads,
        ..MediaSettings::default()
    })
    .map_err(|fault| Exit::Environment(with_causes(&fault)))?;
    let (sip, incoming) =
        SipServer::start(sip_settings(settings)?).await.map_err(|fault| Exit::Environment(with_causes(&fault)))?;
    let clock: Arc<dyn Clock> = Arc::new(MachineClock);
    let telephone = TelephoneLine::new(line, sip, media, prompts, clock, telephone_settings(settings));
    Ok((telephone, incoming))
}

fn sip_settings(settings: &Settings) -> Result<SipSettings, Exit> {
    let telephone = &settings.telephone;
    let mut sip = SipSettings::on(SocketAddr::new(telephone.bind, telephone.sip_port));
    sip.advertised = telephone.advertised;
    sip.calls_max = telephone.calls_max;
    for network in &telephone.allowed_peers {
        sip.allowed_peers.push(network.parse().map_err(|fault| Exit::Usage(with_causes(&fault)))?);
    }
    for trunk in &settings.trunk {
        let password = std::fs::read_to_string(&trunk.password_file).map_err(|error| {
            Exit::Usage(format!(
                "[[trunk]] {}: password_file {} cannot be read: {error}",
                trunk.name,
                trunk.password_file.display()
            ))
        })?;
        let mut read = Trunk::new(&trunk.name, &trunk.host, &trunk.account, password.trim());
        read.port = trunk.port;
        read.tcp = trunk.tcp;
        read.login.clone_from(&trunk.login);
        read.register = trunk.register;
        read.expires_s = trunk.expires_s;
        read.outbound_proxy.clone_from(&trunk.outbound_proxy);
        sip.trunks.push(read);
    }
    Ok(sip)
}

fn telephone_settings(settings: &Settings) -> TelephoneSettings {
    let telephone = &settings.telephone;
    let numbers = telephone
        .number
        .iter()
        .filter_map(|number| {
            let purpose = match (number.purpose, number.language) {
                (PurposeSettings::Messages, _) => NumberPurpose::Messages,
                (PurposeSettings::Custody, _) => NumberPurpose::Custody,
                (PurposeSettings::Line, Some(language)) => NumberPurpose::InLanguage(language),
                (PurposeSettings::Line, None) => return None,
            };
            Some(LineNumber { called: number.called.clone(), purpose })
        })
        .collect();
    TelephoneSettings {
        advertised: telephone.advertised,
        numbers,
        custody_peers: telephone.custody_peers.clone(),
        trunk: telephone.outgoing_trunk.clone().or_else(|| settings.trunk.first().map(|trunk| trunk.name.clone())),
        numbers_at: telephone.numbers_at.clone(),
        trunk_networks: settings
            .trunk
            .iter()
            .map(|trunk| TrunkNetworks {
                trunk: trunk.name.clone(),
                // The settings were checked when they were read.
                networks: trunk.media_networks.iter().filter_map(|network| network.parse().ok()).collect(),
            })
            .collect(),
        own_number: telephone.own_number.clone(),
        ..TelephoneSettings::default()
    }
}

/// Speaks prompts ahead with a progress bar on standard error.
pub async fn speak_ahead(prompts: &Arc<PromptStore>, requests: Vec<PromptRequest>, what: &str) -> Result<(), Exit> {
    let bar = crate::progress::bar(requests.len() as u64, what);
    let report =
        prompts.render_ahead(requests, |progress: RenderProgress| bar.set_position(progress.done as u64)).await;
    bar.finish_and_clear();
    match report.faults.first() {
        None => Ok(()),
        Some(fault) => Err(Exit::Environment(with_causes(fault))),
    }
}
