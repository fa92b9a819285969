//! The small part of SDP (RFC 8866) that a telephone call needs: reading an offer or an answer, and printing ours.
//! Which codec is chosen and what hold means is `sip::agreement`; nothing here knows about calls.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The longest description that is read; real ones have 300 to 2,000 octets.
pub const SDP_BYTES_MAX: usize = 16 * 1024;
/// Media sections that are read; the rest of an absurd description is refused.
pub const MEDIA_MAX: usize = 16;
/// Payload formats read in one media section.
pub const FORMATS_MAX: usize = 64;

/// A description received in an INVITE, a re-INVITE, an UPDATE or a delayed offer.
pub type SdpOffer = Sdp;
/// A description received in answer to ours.
pub type SdpAnswer = Sdp;

/// One description, as far as we use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sdp {
    /// Identifier of the origin (`o=`), to tell a re-offer that changes nothing from a new one.
    pub origin_id: u64,
    /// Version of the origin (`o=`).
    pub origin_version: u64,
    /// The media sections, in order; an answer must have the same number in the same order.
    pub media: Vec<SdpMedia>,
}

/// One `m=` section with what applies to it from the description's own level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SdpMedia {
    /// `audio`, `video`, `image`, …
    pub kind: String,
    /// The transport port; 0 refuses the section.
    pub port: u16,
    /// The transport profile, for instance `RTP/AVP`.
    pub profile: String,
    /// Where the media is to be sent: the section's `c=` or the description's. `None`: a name or none given.
    pub address: Option<IpAddr>,
    /// The format list as written; for RTP these are payload types.
    pub formats: Vec<String>,
    /// `a=rtpmap` rows.
    pub maps: Vec<PayloadMap>,
    /// `a=fmtp` rows: payload type and parameters.
    pub parameters: Vec<(u8, String)>,
    /// `a=ptime` in milliseconds.
    pub ptime_ms: Option<u16>,
    /// Direction as the writer of the description sees it.
    pub direction: Direction,
}

/// One `a=rtpmap` row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadMap {
    /// The payload type, 0 to 127.
    pub payload: u8,
    /// The encoding's name as written.
    pub encoding: String,
    /// Clock rate in hertz.
    pub clock_hz: u32,
}

/// RFC 3264 direction, seen by the writer of the description.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Both ways (the default when nothing is written).
    #[default]
    SendRecv,
    /// The writer only sends: it has put the other side on hold.
    SendOnly,
    /// The writer only listens.
    RecvOnly,
    /// Nothing flows.
    Inactive,
}

impl Direction {
    /// The attribute's name.
    pub fn attribute(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }
}

/// Why a description was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SdpFault {
    /// Longer than `SDP_BYTES_MAX`, or with more sections or formats than bounded.
    #[error("the description is too long")]
    TooLong,
    /// Not UTF-8, or does not begin with `v=0`.
    #[error("not an SDP description")]
    NotSdp,
    /// A row that we need cannot be read; its number counts from 1.
    #[error("row {row} of the description cannot be read")]
    BadRow {
        /// Row number from 1.
        row: u16,
    },
}

impl SdpMedia {
    /// Whether this is plain RTP audio with a port and an address.
    pub fn is_usable_audio(&self) -> bool {
        self.kind == "audio" && self.profile.eq_ignore_ascii_case("RTP/AVP") && self.port != 0 && self.address.is_some()
    }

    /// Where to send this section's packets.
    pub fn target(&self) -> Option<SocketAddr> {
        self.address.map(|addr| SocketAddr::new(addr, self.port))
    }

    /// Encoding name and clock of a payload type: from `a=rtpmap`, else the static table of RFC 3551.
    pub fn encoding(&self, payload: u8) -> Option<(&str, u32)> {
        if let Some(map) = self.maps.iter().find(|map| map.payload == payload) {
            return Some((&map.encoding, map.clock_hz));
        }
        match payload {
            0 => Some(("PCMU", 8_000)),
            3 => Some(("GSM", 8_000)),
            4 => Some(("G723", 8_000)),
            8 => Some(("PCMA", 8_000)),
            9 => Some(("G722", 8_000)),
            13 => Some(("CN", 8_000)),
            15 => Some(("G728", 8_000)),
            18 => Some(("G729", 8_000)),
            _ => None,
        }
    }

    /// Payload types of the format list, in the writer's order.
    pub fn payloads(&self) -> impl Iterator<Item = u8> + '_ {
        self.formats.iter().filter_map(|format| format.parse::<u8>().ok()).filter(|payload| *payload < 128)
    }

    /// Whether the old way of putting on hold is used: address 0.0.0.0 (RFC 3264 section 8.4).
    pub fn has_no_address(&self) -> bool {
        self.address == Some(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }
}

impl Sdp {
    /// Reads a description. Rows may end with CRLF or LF; rows that we do not use are skipped.
    ///
    /// # Errors
    /// `SdpFault` with the number of the row that cannot be read.
    pub fn parse(bytes: &[u8]) -> Result<Self, SdpFault> {
        if bytes.len() > SDP_BYTES_MAX {
            return Err(SdpFault::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| SdpFault::NotSdp)?;
        let mut read = Reading::default();
        for (index, row) in text.split('\n').enumerate() {
            let row = row.strip_suffix('\r').unwrap_or(row);
            let number = u16::try_from(index + 1).map_err(|_| SdpFault::TooLong)?;
            if row.is_empty() {
                continue;
            }
            if !read.begun {
                if row.trim_end() != "v=0" {
                    return Err(SdpFault::NotSdp);
                }
                read.begun = true;
                continue;
            }
            read.row(row).map_err(|fault| fault.unwrap_or(SdpFault::BadRow { row: number }))?;
        }
        if !read.begun {
            return Err(SdpFault::NotSdp);
        }
        Ok(read.finish())
    }

    /// Prints the description with CRLF rows; `name` goes into `o=` and must be without spaces.
    pub fn print(&self, name: &str) -> String {
        let addr = self.media.iter().find_map(|media| media.address).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let mut text = String::with_capacity(320);
        let _ = write!(
            text,
            "v=0\r\no={name} {} {} IN {}\r\ns=-\r\nc=IN {}\r\nt=0 0\r\n",
            self.origin_id,
            self.origin_version,
            addr_text(addr),
            addr_text(addr)
        );
        for media in &self.media {
            let _ = write!(text, "m={} {} {}", media.kind, media.port, media.profile);
            for format in &media.formats {
                let _ = write!(text, " {format}");
            }
            text.push_str("\r\n");
            if media.port == 0 {
                continue;
            }
            if let Some(own) = media.address.filter(|own| *own != addr) {
                let _ = write!(text, "c=IN {}\r\n", addr_text(own));
            }
            for map in &media.maps {
                let _ = write!(text, "a=rtpmap:{} {}/{}\r\n", map.payload, map.encoding, map.clock_hz);
            }
            for (payload, parameters) in &media.parameters {
                let _ = write!(text, "a=fmtp:{payload} {parameters}\r\n");
            }
            if let Some(ptime) = media.ptime_ms {
                let _ = write!(text, "a=ptime:{ptime}\r\n");
            }
            let _ = write!(text, "a={}\r\n", media.direction.attribute());
        }
        text
    }
}

/// The plain function that fuzzing drives: whatever is read must print and read again as the same thing.
pub fn fuzz_sdp(bytes: &[u8]) {
    if let Ok(sdp) = Sdp::parse(bytes) {
        let printed = sdp.print("-");
        let again = Sdp::parse(printed.as_bytes());
        assert!(again.is_ok(), "what we print, we can read");
        let _ = super::agreement::fuzz_answer(&sdp);
    }
}

fn addr_text(addr: IpAddr) -> String {
    match addr {
        IpAddr::V4(addr) => format!("IP4 {addr}"),
        IpAddr::V6(addr) => format!("IP6 {addr}"),
    }
}

#[derive(Default)]
struct Reading {
    begun: bool,
    origin: (u64, u64),
    address: Option<IpAddr>,
    direction: Direction,
    media: Vec<SdpMedia>,
}

impl Reading {
    /// One row; `Err(None)` means "this row is bad", `Err(Some(_))` is a fault of its own.
    fn row(&mut self, row: &str) -> Result<(), Option<SdpFault>> {
        let Some((kind, value)) = row.split_once('=') else {
            // Rows without "=" are noise that some senders append; nothing we use has that form.
            return Ok(());
        };
        match kind {
            "o" => {
                let mut words = value.split_ascii_whitespace();
                let _name = words.next().ok_or(None)?;
                // Senders write identifiers beyond 64 bits; only equality matters, so those count as 0.
                self.origin.0 = words.next().ok_or(None)?.parse().unwrap_or(0);
                self.origin.1 = words.next().ok_or(None)?.parse().unwrap_or(0);
            }
            "c" => {
                let addr = connection(value).ok_or(None)?;
                match self.media.last_mut() {
                    Some(media) => media.address = addr,
                    None => self.address = addr,
                }
            }
            "m" => self.media_row(value)?,
            "a" => self.attribute(value)?,
            _ => {}
        }
        Ok(())
    }

    fn media_row(&mut self, value: &str) -> Result<(), Option<SdpFault>> {
        if self.media.len() >= MEDIA_MAX {
            return Err(Some(SdpFault::TooLong));
        }
        let mut words = value.split_ascii_whitespace();
        let kind = words.next().ok_or(None)?;
        let port = words.next().ok_or(None)?;
        let port = port.split_once('/').map_or(port, |(port, _count)| port);
        let port: u16 = port.parse().map_err(|_| None)?;
        let profile = words.next().ok_or(None)?;
        let formats: Vec<String> = words.map(str::to_owned).collect();
        if formats.len() > FORMATS_MAX {
            return Err(Some(SdpFault::TooLong));
        }
        if formats.is_empty() {
            return Err(None);
        }
        self.media.push(SdpMedia {
            kind: kind.to_ascii_lowercase(),
            port,
            profile: profile.to_owned(),
            address: self.address,
            formats,
            maps: Vec::new(),
            parameters: Vec::new(),
            ptime_ms: None,
            direction: self.direction,
        });
        Ok(())
    }

    fn attribute(&mut self, value: &str) -> Result<(), Option<SdpFault>> {
        let (name, rest) = value.split_once(':').unwrap_or((value, ""));
        let direction = match name.trim() {
            "sendrecv" => Some(Direction::SendRecv),
            "sendonly" => Some(Direction::SendOnly),
            "recvonly" => Some(Direction::RecvOnly),
            "inactive" => Some(Direction::Inactive),
            _ => None,
        };
        let Some(media) = self.media.last_mut() else {
            if let Some(direction) = direction {
                self.direction = direction;
            }
            return Ok(());
        };
        if let Some(direction) = direction {
            media.direction = direction;
            return Ok(());
        }
        match name {
            "rtpmap" => {
                // A map that cannot be read belongs to a format that we then cannot choose; the call goes on without it.
                if let Some(map) = payload_map(rest) {
                    if media.maps.len() >= FORMATS_MAX {
                        return Err(Some(SdpFault::TooLong));
                    }
                    media.maps.push(map);
                }
            }
            "fmtp" => {
                if let Some((payload, parameters)) = rest.trim().split_once(' ')
                    && let Ok(payload) = payload.parse::<u8>()
                    && payload < 128
                {
                    if media.parameters.len() >= FORMATS_MAX {
                        return Err(Some(SdpFault::TooLong));
                    }
                    media.parameters.push((payload, parameters.trim().to_owned()));
                }
            }
            "ptime" => media.ptime_ms = rest.trim().parse().ok().filter(|ms| (1..=200).contains(ms)),
            _ => {}
        }
        Ok(())
    }

    fn finish(self) -> Sdp {
        Sdp { origin_id: self.origin.0, origin_version: self.origin.1, media: self.media }
    }
}

/// `Some(None)`: well formed, but a host name or a network type that we do not use.
fn connection(value: &str) -> Option<Option<IpAddr>> {
    let mut words = value.split_ascii_whitespace();
    let network = words.next()?;
    let kind = words.next()?;
    let addr = words.next()?;
    let addr = addr.split_once('/').map_or(addr, |(addr, _ttl)| addr);
    if !network.eq_ignore_ascii_case("IN") {
        return Some(None);
    }
    Some(match kind {
        "IP4" => addr.parse().ok().map(IpAddr::V4),
        "IP6" => addr.parse().ok().map(IpAddr::V6),
        _ => None,
    })
}

fn payload_map(rest: &str) -> Option<PayloadMap> {
    let (payload, encoding) = rest.trim().split_once(char::is_whitespace)?;
    let payload: u8 = payload.parse().ok().filter(|payload| *payload < 128)?;
    let mut parts = encoding.trim().split('/');
    let encoding = parts.next().filter(|name| !name.is_empty())?.to_owned();
    let clock_hz = parts.next()?.trim().parse().ok()?;
    Some(PayloadMap { payload, encoding, clock_hz })
}
