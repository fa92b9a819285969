//! What two telephones agree to: which codec, where packets go, who is on hold (offer and answer, RFC 3264).
//! Sockets and packets belong to the media engine; the text form is `sip::sdp`.

use super::sdp::{Direction, PayloadMap, Sdp, SdpMedia};
use std::net::SocketAddr;

/// The sound formats we speak without transcoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// G.711 µ-law, payload type 0.
    Pcmu,
    /// G.711 A-law, payload type 8.
    Pcma,
}

impl Codec {
    /// The static payload type of RFC 3551.
    pub fn payload(self) -> u8 {
        match self {
            Self::Pcmu => 0,
            Self::Pcma => 8,
        }
    }

    /// The encoding's name in SDP.
    pub fn encoding(self) -> &'static str {
        match self {
            Self::Pcmu => "PCMU",
            Self::Pcma => "PCMA",
        }
    }
}

/// Our side of a leg's media, from which offers and answers are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalMedia {
    /// Where we receive packets, as the peer must see it.
    pub rtp: SocketAddr,
    /// What we speak, best first.
    pub codecs: Vec<Codec>,
    /// Whether keys as RFC 4733 events are understood (almost always).
    pub key_events: bool,
    /// Packet length we ask for, in milliseconds.
    pub ptime_ms: u16,
    /// Direction that we want: `SendOnly` puts the peer on hold.
    pub direction: Direction,
    /// `o=` identifier: the same during the call.
    pub origin_id: u64,
    /// `o=` version: one more at each change (RFC 3264 section 8).
    pub origin_version: u64,
}

impl NoAgreement {
    /// The SIP status that says so.
    pub fn status(self) -> u16 {
        488
    }
}

impl LocalMedia {
    /// Both G.711 kinds with key events at 20 ms, both ways.
    pub fn at(rtp: SocketAddr, origin_id: u64) -> Self {
        Self {
            rtp,
            codecs: vec![Codec::Pcmu, Codec::Pcma],
            key_events: true,
            ptime_ms: 20,
            direction: Direction::SendRecv,
            origin_id,
            origin_version: 1,
        }
    }
}

/// What was agreed for one leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// Where our packets go. An unspecified address means: do not send (old-style hold).
    pub remote: SocketAddr,
    /// The sound format.
    pub codec: Codec,
    /// Its payload type, as the peer numbered it.
    pub payload: u8,
    /// The payload type of key events, as the peer numbered it.
    pub key_events: Option<u8>,
    /// Direction as **we** see it now.
    pub direction: Direction,
    /// Packet length the peer asks for, in milliseconds.
    pub ptime_ms: u16,
}

/// Why no agreement was possible; the call is answered 488.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAgreement {
    /// No plain audio section with a port and an address.
    #[error("no audio was offered")]
    NoAudio,
    /// Audio, but neither µ-law nor A-law.
    #[error("no sound format in common")]
    NoCodec,
}

/// Answers an offer: the first of its formats that we speak, its numbering of key events, direction by RFC 3264
/// section 6.1; every other media section is refused with port 0. Returns the text and what was agreed.
///
/// # Errors
/// `NoAgreement` when nothing fits.
pub fn answer(offer: &Sdp, local: &LocalMedia) -> Result<(String, Agreed), NoAgreement> {
    let (chosen, agreed) = choose(offer, local)?;
    let media = offer
        .media
        .iter()
        .enumerate()
        .map(|(index, theirs)| if index == chosen { section(local, &agreed) } else { refused(theirs) })
        .collect();
    let sdp = Sdp { origin_id: local.origin_id, origin_version: local.origin_version, media };
    Ok((sdp.print(ORIGIN), agreed))
}

/// What `answer` would agree to, before there is a port to write into the answer.
///
/// # Errors
/// `NoAgreement` when nothing fits.
pub fn preview(offer: &Sdp, local: &LocalMedia) -> Result<Agreed, NoAgreement> {
    choose(offer, local).map(|(_, agreed)| agreed)
}

/// Writes an offer of our own.
pub fn offer(local: &LocalMedia) -> String {
    let mut formats: Vec<String> = local.codecs.iter().map(|codec| codec.payload().to_string()).collect();
    let mut maps: Vec<PayloadMap> = local.codecs.iter().map(|codec| map_of(*codec, codec.payload())).collect();
    let mut parameters = Vec::new();
    if local.key_events {
        formats.push(KEY_EVENTS_PAYLOAD.to_string());
        maps.push(PayloadMap {
            payload: KEY_EVENTS_PAYLOAD,
            encoding: String::from("telephone-event"),
            clock_hz: 8_000,
        });
        parameters.push((KEY_EVENTS_PAYLOAD, String::from(KEY_EVENTS)));
    }
    let media = SdpMedia {
        kind: String::from("audio"),
        port: local.rtp.port(),
        profile: String::from("RTP/AVP"),
        address: Some(local.rtp.ip()),
        formats,
        maps,
        parameters,
        ptime_ms: Some(local.ptime_ms),
        direction: local.direction,
    };
    Sdp { origin_id: local.origin_id, origin_version: local.origin_version, media: vec![media] }.print(ORIGIN)
}

/// Reads the peer's answer to our offer.
///
/// # Errors
/// `NoAgreement` when the peer refused the audio or chose what we did not offer.
pub fn read_answer(answer: &Sdp, local: &LocalMedia) -> Result<Agreed, NoAgreement> {
    let media = answer.media.first().filter(|media| media.is_usable_audio()).ok_or(NoAgreement::NoAudio)?;
    agree(media, local)
}

/// Drives `answer` for fuzzing with a fixed local side.
pub fn fuzz_answer(offer: &Sdp) -> Option<Agreed> {
    let local = LocalMedia::at(SocketAddr::from(([127, 0, 0, 1], 4000)), 1);
    let (text, agreed) = answer(offer, &local).ok()?;
    let again = Sdp::parse(text.as_bytes());
    assert!(again.is_ok_and(|again| again.media.len() == offer.media.len()), "an answer has the offer's sections");
    Some(agreed)
}

/// Name in `o=`: a dash, as RFC 8866 section 5.2 asks where there is no login.
const ORIGIN: &str = "-";
/// Keys 0 to 9, star, pound and A to D (RFC 4733 events 0 to 15) and flash (16), which phones commonly list.
const KEY_EVENTS: &str = "0-16";
/// The payload type that almost every telephone uses for key events.
const KEY_EVENTS_PAYLOAD: u8 = 101;

/// The section that is answered, and what is agreed for it.
fn choose(offer: &Sdp, local: &LocalMedia) -> Result<(usize, Agreed), NoAgreement> {
    let mut sections = offer.media.iter().enumerate();
    let (at, theirs) = sections.find(|(_, media)| media.is_usable_audio()).ok_or(NoAgreement::NoAudio)?;
    Ok((at, agree(theirs, local)?))
}

fn agree(theirs: &SdpMedia, local: &LocalMedia) -> Result<Agreed, NoAgreement> {
    let remote = theirs.target().ok_or(NoAgreement::NoAudio)?;
    let (payload, codec) = theirs
        .payloads()
        .find_map(|payload| {
            let (encoding, clock_hz) = theirs.encoding(payload)?;
            let codec = local.codecs.iter().find(|codec| codec.encoding().eq_ignore_ascii_case(encoding))?;
            (clock_hz == 8_000).then_some((payload, *codec))
        })
        .ok_or(NoAgreement::NoCodec)?;
    let key_events = theirs.payloads().find(|payload| {
        local.key_events
            && theirs
                .encoding(*payload)
                .is_some_and(|(name, hz)| name.eq_ignore_ascii_case("telephone-event") && hz == 8_000)
    });
    let theirs_now = if theirs.has_no_address() { held_by(theirs.direction) } else { theirs.direction };
    Ok(Agreed {
        remote,
        codec,
        payload,
        key_events,
        direction: mirrored(theirs_now, local.direction),
        ptime_ms: theirs.ptime_ms.unwrap_or(20),
    })
}

/// Address 0.0.0.0 says "do not send to me", whatever the attribute says.
fn held_by(direction: Direction) -> Direction {
    match direction {
        Direction::SendRecv | Direction::SendOnly => Direction::SendOnly,
        Direction::RecvOnly | Direction::Inactive => Direction::Inactive,
    }
}

/// RFC 3264 section 6.1: sendonly is answered recvonly or inactive, recvonly sendonly or inactive.
fn mirrored(theirs: Direction, ours: Direction) -> Direction {
    let may_send = matches!(theirs, Direction::SendRecv | Direction::RecvOnly)
        && matches!(ours, Direction::SendRecv | Direction::SendOnly);
    let may_receive = matches!(theirs, Direction::SendRecv | Direction::SendOnly)
        && matches!(ours, Direction::SendRecv | Direction::RecvOnly);
    match (may_send, may_receive) {
        (true, true) => Direction::SendRecv,
        (true, false) => Direction::SendOnly,
        (false, true) => Direction::RecvOnly,
        (false, false) => Direction::Inactive,
    }
}

fn map_of(codec: Codec, payload: u8) -> PayloadMap {
    PayloadMap { payload, encoding: codec.encoding().to_owned(), clock_hz: 8_000 }
}

fn section(local: &LocalMedia, agreed: &Agreed) -> SdpMedia {
    let mut formats = vec![agreed.payload.to_string()];
    let mut maps = vec![map_of(agreed.codec, agreed.payload)];
    let mut parameters = Vec::new();
    if let Some(events) = agreed.key_events {
        formats.push(events.to_string());
        maps.push(PayloadMap { payload: events, encoding: String::from("telephone-event"), clock_hz: 8_000 });
        parameters.push((events, String::from(KEY_EVENTS)));
    }
    SdpMedia {
        kind: String::from("audio"),
        port: local.rtp.port(),
        profile: String::from("RTP/AVP"),
        address: Some(local.rtp.ip()),
        formats,
        maps,
        parameters,
        ptime_ms: Some(local.ptime_ms),
        direction: agreed.direction,
    }
}

fn refused(theirs: &SdpMedia) -> SdpMedia {
    SdpMedia {
        kind: theirs.kind.clone(),
        port: 0,
        profile: theirs.profile.clone(),
        address: None,
        formats: theirs.formats.first().cloned().into_iter().collect(),
        maps: Vec::new(),
        parameters: Vec::new(),
        ptime_ms: None,
        direction: Direction::Inactive,
    }
}
