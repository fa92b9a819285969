//! What the machine must give: free ports, a clock that is right, time zones, the program that encrypts backups.
//! Whether a line already runs here is asked elsewhere.

use super::Row;
use crate::settings::Settings;
use crate::world::MachineClock;
use caseline_helpline::Clock;
use caseline_model::Zone;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::process::{Command, Stdio};

/// The ports of the settings; those of a line that runs are its own.
pub(super) fn ports(settings: &Settings, runs: bool) -> Vec<Row> {
    let telephone = &settings.telephone;
    let sip = SocketAddr::new(telephone.bind, telephone.sip_port);
    let [first, last] = telephone.rtp_ports;
    let udp = |at: SocketAddr| UdpSocket::bind(at).err();
    let tcp = |at: SocketAddr| TcpListener::bind(at).err();
    let voice = (first..=last).find_map(|port| {
        let at = SocketAddr::new(telephone.bind, port);
        udp(at).map(|error| (at, error))
    });
    let rtp = format!("voice over UDP on {}, ports {first} to {last}", telephone.bind);
    let single = |what: String, at: SocketAddr, error: Option<std::io::Error>| (what, error.map(|error| (at, error)));
    [
        single(format!("SIP over UDP on {sip}"), sip, udp(sip)),
        single(format!("SIP over TCP on {sip}"), sip, tcp(sip)),
        (rtp, voice),
        single(format!("pages on {}", settings.web.bind), settings.web.bind, tcp(settings.web.bind)),
        single(format!("figures on {}", settings.web.metrics), settings.web.metrics, tcp(settings.web.metrics)),
    ]
    .into_iter()
    .map(|(what, trouble)| match trouble {
        Some((_, error)) if runs && error.kind() == ErrorKind::AddrInUse => {
            Row::well(format!("{what}: the line has it"))
        }
        Some((at, error)) => Row::missing(what, advice(at, &error)),
        None => Row::well(what),
    })
    .collect()
}

fn advice(at: SocketAddr, error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => format!("another program has {at}: stop it, or set another port"),
        ErrorKind::PermissionDenied => format!("{at} may not be opened: ports below 1024 need CAP_NET_BIND_SERVICE"),
        ErrorKind::AddrNotAvailable => format!("{} is no address of this machine", at.ip()),
        _ => format!("{at} cannot be opened: {error}"),
    }
}

/// The program `age`, where backups are to be encrypted: without it each backup fails, and the copies of the key ring do
/// not follow what is destroyed.
pub(super) fn encryption(settings: &Settings) -> Option<Row> {
    if settings.backup.recipients.is_empty() {
        return None;
    }
    let what = "backups encrypted by age";
    let ran = Command::new("age").arg("--version").stdin(Stdio::null()).output();
    Some(match ran {
        Ok(output) if output.status.success() => Row::well(what),
        _ => Row::to_do(what, "the program is not there, and no backup is written: apt-get install age"),
    })
}

/// A clock before this program was written is wrong: hearings would be told as coming that are past.
pub(super) fn clock() -> Row {
    let today = MachineClock.now().date_in(&Zone::utc());
    let what = format!("clock ({today})");
    if today < jiff::civil::date(2026, 11, 1) {
        return Row::missing(what, "it is before this program was written; set it, or use a time server");
    }
    Row::well(what)
}

/// The zone in which days and hours are said.
pub(super) fn zone(settings: &Settings) -> Row {
    let what = format!("time zone {}", settings.line.zone);
    match Zone::named(&settings.line.zone) {
        Ok(_) => Row::well(what),
        Err(fault) => Row::missing(what, fault.to_string()),
    }
}
