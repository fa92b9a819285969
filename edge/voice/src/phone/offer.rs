//! What a telephone says about its sound in SDP, and what it reads of the other side's (RFC 4566, RFC 3264).
//! Sending and hearing the sound is left to `sound`.

use std::net::{IpAddr, SocketAddr};

use crate::media::Codec;

/// Which way sound flows, seen from the one who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Both,
    SendOnly,
    ReceiveOnly,
    Inactive,
}

impl Direction {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Both => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::ReceiveOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    /// The answer to it (RFC 3264 §6.1).
    pub(super) fn answer(self) -> Self {
        match self {
            Self::Both => Self::Both,
            Self::SendOnly => Self::ReceiveOnly,
            Self::ReceiveOnly => Self::SendOnly,
            Self::Inactive => Self::Inactive,
        }
    }
}

/// Our side.
#[derive(Clone, Debug)]
pub(super) struct OwnSound {
    pub(super) address: IpAddr,
    pub(super) port: u16,
    pub(super) codecs: Vec<Codec>,
    pub(super) telephone_event: Option<u8>,
    pub(super) direction: Direction,
    /// Counts up with each change (RFC 3264 §8).
    pub(super) version: u32,
}

impl OwnSound {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let family = if self.address.is_ipv4() { "IP4" } else { "IP6" };
        let Self { address, port, version, .. } = self;
        let mut formats: Vec<String> = self.codecs.iter().map(|codec| codec.payload_type().to_string()).collect();
        formats.extend(self.telephone_event.map(|number| number.to_string()));
        let mut text = format!(
            "v=0\r\no=phone 1 {version} IN {family} {address}\r\ns=-\r\nc=IN {family} {address}\r\nt=0 0\r\nm=audio {port} RTP/AVP {}\r\n",
            formats.join(" ")
        );
        for codec in &self.codecs {
            text += &format!("a=rtpmap:{} {}/8000\r\n", codec.payload_type(), codec.sdp_name());
        }
        if let Some(number) = self.telephone_event {
            text += &format!("a=rtpmap:{number} telephone-event/8000\r\na=fmtp:{number} 0-15\r\n");
        }
        text += &format!("a=ptime:20\r\na={}\r\n", self.direction.word());
        text.into_bytes()
    }
}

/// The other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FarSound {
    pub(super) address: SocketAddr,
    /// In the order of preference.
    pub(super) codecs: Vec<Codec>,
    pub(super) telephone_event: Option<u8>,
    pub(super) direction: Direction,
}

impl FarSound {
    /// Reads the first audio stream; `None` if there is none that we could speak with.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        let (mut address, mut audio) = (None, None);
        let mut telephone_event = None;
        let mut direction = Direction::Both;
        for row in text.lines().map(str::trim_end) {
            if row.starts_with("m=") {
                if audio.is_some() {
                    break;
                }
                audio = row.strip_prefix("m=audio ");
            } else if let Some(connection) = row.strip_prefix("c=IN ") {
                // One in the media part wins over the one above it.
                let written = connection.split_whitespace().nth(1)?.split('/').next()?;
                address = Some(written.parse::<IpAddr>().ok()?);
            } else if let Some((number, name)) = row.strip_prefix("a=rtpmap:").and_then(|map| map.split_once(' ')) {
                if name.to_ascii_lowercase().starts_with("telephone-event/8000") {
                    telephone_event = number.parse().ok();
                }
            } else if let Some(word) = row.strip_prefix("a=") {
                direction = match word {
                    "sendrecv" => Direction::Both,
                    "sendonly" => Direction::SendOnly,
                    "recvonly" => Direction::ReceiveOnly,
                    "inactive" => Direction::Inactive,
                    _ => direction,
                };
            }
        }
        let mut words = audio?.split_whitespace();
        let port: u16 = words.next()?.split('/').next()?.parse().ok()?;
        let codecs: Vec<Codec> =
            words.skip(1).filter_map(|number| Codec::from_payload_type(number.parse().ok()?)).collect();
        if port == 0 || codecs.is_empty() {
            return None;
        }
        Some(Self { address: SocketAddr::new(address?, port), codecs, telephone_event, direction })
    }

    /// RFC 3264 §8.4 and the older way of RFC 2543: on hold.
    pub(super) fn is_hold(&self) -> bool {
        matches!(self.direction, Direction::SendOnly | Direction::Inactive) || self.address.ip().is_unspecified()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(direction: Direction) -> OwnSound {
        OwnSound {
            address: "127.0.0.1".parse().unwrap(),
            port: 4_000,
            codecs: vec![Codec::Pcma, Codec::Pcmu],
            telephone_event: Some(101),
            direction,
            version: 1,
        }
    }

    #[test]
    fn what_one_telephone_says_the_other_understands() {
        let far = FarSound::read(&own(Direction::SendOnly).to_bytes()).unwrap();
        assert_eq!(far.address, "127.0.0.1:4000".parse().unwrap());
        assert_eq!(far.codecs, [Codec::Pcma, Codec::Pcmu]);
        assert_eq!(far.telephone_event, Some(101));
        assert!(far.is_hold());
    }

    #[test]
    fn a_refused_stream_or_one_without_our_codecs_is_no_sound() {
        let text = String::from_utf8(own(Direction::Both).to_bytes()).unwrap();
        assert!(FarSound::read(text.replace("audio 4000", "audio 0").as_bytes()).is_none());
        assert!(FarSound::read(text.replace("AVP 8 0 101", "AVP 9 111").as_bytes()).is_none());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "([vocmat]=[ -~]{0,30}\r\n){0,12}") {
            let _ = FarSound::read(text.as_bytes());
        }
    }
}
