//! `caseline doctor`: looks whether this machine can run the line, one row a thing, with what to do.
//! It starts nothing that stays.

use super::{Place, init};
use crate::exits::{Exit, with_causes};
use crate::settings::{Settings, VoiceKind};
use crate::wiring;
use crate::world::MachineClock;
use caseline_helpline::{Clock, Store};
use caseline_model::Zone;
use caseline_voice::speech::digits_are_distinct;
use std::fmt::Write as _;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::time::Duration;

/// Looks at the machine.
#[derive(Debug, clap::Args)]
pub struct Doctor {
    /// Rings every number of the chains.
    #[arg(long)]
    ring: bool,
}

/// What was looked at, and what to do when it is not well.
struct Row {
    what: String,
    trouble: Option<String>,
}

impl Doctor {
    /// Prints one row a thing; fails when one is not well.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        let settings = place.settings()?;
        let mut rows = vec![Row { what: format!("settings {}", place.config.display()), trouble: None }];
        rows.extend(ports(&settings));
        rows.push(clock());
        rows.push(zone(&settings));
        rows.push(store(place).await);
        rows.extend(speech(&settings, place).await);
        rows.push(words(&settings));
        if settings.urgent.is_empty() {
            rows.push(Row {
                what: "24-hour chain".into(),
                trouble: Some("no [[urgent]] number: in danger nobody could be reached".into()),
            });
        }
        rows.extend(verified(&settings));
        if self.ring {
            rows.extend(ring(&settings, place).await?);
        }
        let mut text = String::new();
        for row in &rows {
            let _ = match &row.trouble {
                None => writeln!(text, "ok       {}", row.what),
                Some(trouble) => writeln!(text, "NOT OK   {}: {trouble}", row.what),
            };
        }
        let bad = rows.iter().filter(|row| row.trouble.is_some()).count();
        let json: Vec<_> =
            rows.iter().map(|row| serde_json::json!({ "what": row.what, "trouble": row.trouble })).collect();
        place.print(&serde_json::json!({ "rows": json }), &text);
        if bad == 0 { Ok(()) } else { Err(Exit::Failures(format!("{bad} of {} are not well", rows.len()))) }
    }
}

fn ports(settings: &Settings) -> Vec<Row> {
    let telephone = &settings.telephone;
    let sip = SocketAddr::new(telephone.bind, telephone.sip_port);
    let rtp = SocketAddr::new(telephone.bind, telephone.rtp_ports[0]);
    let taken = |error: std::io::Error| Some(format!("{error}; stop the program that holds it or choose another port"));
    vec![
        Row { what: format!("SIP over UDP on {sip}"), trouble: UdpSocket::bind(sip).err().and_then(taken) },
        Row { what: format!("SIP over TCP on {sip}"), trouble: TcpListener::bind(sip).err().and_then(taken) },
        Row { what: format!("voice from {rtp}"), trouble: UdpSocket::bind(rtp).err().and_then(taken) },
        Row {
            what: format!("pages on {}", settings.web.bind),
            trouble: TcpListener::bind(settings.web.bind).err().and_then(taken),
        },
    ]
}

/// A clock before this program was written is wrong: hearings would be told as coming that are past.
fn clock() -> Row {
    let today = MachineClock.now().date_in(&Zone::utc());
    let trouble =
        (today < jiff::civil::date(2026, 11, 1)).then(|| format!("it says {today}; set it, or use a time server"));
    Row { what: format!("clock ({today})"), trouble }
}

fn zone(settings: &Settings) -> Row {
    let trouble = Zone::named(&settings.line.zone).err().map(|fault| fault.to_string());
    Row { what: format!("time zone {}", settings.line.zone), trouble }
}

async fn store(place: &Place) -> Row {
    let what = format!("store in {}", place.data().display());
    let trouble = match init::open_store(&place.data()).await {
        Err(exit) => Some(exit.sentence().to_owned()),
        Ok(store) => store.probe().await.err().map(|fault| with_causes(&fault)),
    };
    Row { what, trouble }
}

async fn speech(settings: &Settings, place: &Place) -> Vec<Row> {
    let prompts = match wiring::prompts(settings, &place.data().join("prompts")) {
        Ok(prompts) => prompts,
        Err(exit) => return vec![Row { what: "speech".into(), trouble: Some(exit.sentence().to_owned()) }],
    };
    let mut rows = vec![Row { what: format!("speech by {}", prompts.adapter_name()), trouble: None }];
    if settings.speech.voice == VoiceKind::Espeak {
        let espeak = caseline_voice::speech::Espeak::new(caseline_voice::speech::EspeakSettings::default());
        for language in ["en", "es", "ht"] {
            let troubled = digits_are_distinct(&espeak, language).await.err();
            let trouble = troubled.map(|digits| {
                let digits: Vec<String> = digits.iter().map(ToString::to_string).collect();
                format!("{}; install espeak-ng, or record the digits", digits.join(", "))
            });
            rows.push(Row { what: format!("digits in {language}"), trouble });
        }
    }
    rows
}

fn words(settings: &Settings) -> Row {
    let trouble = wiring::program(settings, wiring::Purpose::Service).err().map(|exit| exit.sentence().to_owned());
    Row { what: "words and flows".into(), trouble }
}

/// A number of the 24-hour chain holds for seven days after a call to it (rule 15 of the checker).
const VERIFIED_FOR_DAYS: i32 = 7;

fn verified(settings: &Settings) -> Vec<Row> {
    let today = MachineClock.now().date_in(&Zone::utc());
    settings
        .urgent
        .iter()
        .map(|link| {
            let days = link.verified_on.until(today).map_or(i32::MAX, |span| span.get_days());
            let trouble = (days > VERIFIED_FOR_DAYS).then(|| {
                format!("last verified on {}; ring it (`caseline doctor --ring`) and set verified_on", link.verified_on)
            });
            Row { what: format!("24-hour number of {}", link.name), trouble }
        })
        .collect()
}

async fn ring(settings: &Settings, place: &Place) -> Result<Vec<Row>, Exit> {
    let program = wiring::program(settings, wiring::Purpose::Demonstration)?;
    let store = init::open_store(&place.data()).await?;
    let prompts = wiring::prompts(settings, &place.data().join("prompts"))?;
    let line = std::sync::Arc::new(wiring::line(settings, program, store));
    let links: Vec<(String, String)> = line
        .people
        .staff
        .iter()
        .chain(&line.people.urgent)
        .map(|link| (link.name.clone(), link.target.clone()))
        .collect();
    let (telephone, _incoming) = wiring::telephone(settings, line, prompts).await?;
    let mut rows = Vec::new();
    for (name, target) in links {
        let answered = telephone.ring_to_verify(&target, Duration::from_secs(30)).await;
        let trouble = (!answered).then(|| "nobody answered within 30 seconds".to_owned());
        rows.push(Row { what: format!("number of {name}"), trouble });
    }
    telephone.close(Duration::from_secs(2)).await;
    Ok(rows)
}
