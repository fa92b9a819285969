//! The twelve bytes in front of every piece of voice on the wire: read carefully, written quickly.
//! What the payload means is left to `incoming`, `keys` and `g711`.

/// Bytes of a header without sources or extension, the only kind that we send (RFC 3550 §5.1).
pub const HEADER_BYTES: usize = 12;

/// The largest datagram that is read; a longer one is no voice of ours and is dropped.
pub const DATAGRAM_BYTES_MAX: usize = 1_500;

/// The fields of an RTP header that matter to a telephone call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RtpHeader {
    /// Set on the first packet after a pause, and on the first of a key.
    pub marker: bool,
    /// 0 to 127; what kind of payload it is.
    pub payload_type: u8,
    /// Counts packets, and wraps.
    pub sequence: u16,
    /// Counts samples at 8 kHz, and wraps.
    pub timestamp: u32,
    /// Names the stream.
    pub ssrc: u32,
}

/// A packet as read; the payload is a part of the datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RtpPacket<'a> {
    /// The header.
    pub header: RtpHeader,
    /// The payload, without padding.
    pub payload: &'a [u8],
}

/// Why a datagram is not RTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotRtp {
    /// It ends inside its header, its list of sources or its extension.
    #[error("the packet is shorter than it says")]
    Short,
    /// Its version is not 2 (STUN, keep-alives, noise).
    #[error("the packet is of another protocol")]
    Version,
    /// It is RTCP on the same port (RFC 5761 §4: payload types 64 to 95), which may be ignored.
    #[error("the packet is a control packet")]
    Control,
    /// Its padding is longer than its payload.
    #[error("the packet's padding is longer than its payload")]
    Padding,
}

/// Reads a datagram.
///
/// # Errors
/// [`NotRtp`] when it is something else, or broken.
pub fn parse(datagram: &[u8]) -> Result<RtpPacket<'_>, NotRtp> {
    let &[first, second, s0, s1, t0, t1, t2, t3, i0, i1, i2, i3, ref rest @ ..] = datagram else {
        return Err(match datagram.first() {
            Some(first) if first >> 6 != 2 => NotRtp::Version,
            _ if datagram.get(1).is_some_and(|second| is_control(*second)) => NotRtp::Control,
            _ => NotRtp::Short,
        });
    };
    if first >> 6 != 2 {
        return Err(NotRtp::Version);
    }
    if is_control(second) {
        return Err(NotRtp::Control);
    }
    let sources = usize::from(first & 0x0f) * 4;
    let mut payload = rest.get(sources..).ok_or(NotRtp::Short)?;
    if first & 0x10 != 0 {
        let &[_, _, high, low, ref rest @ ..] = payload else { return Err(NotRtp::Short) };
        let words = usize::from(u16::from_be_bytes([high, low]));
        payload = rest.get(words * 4..).ok_or(NotRtp::Short)?;
    }
    if first & 0x20 != 0 {
        let padding = usize::from(*payload.last().ok_or(NotRtp::Padding)?);
        let kept = payload.len().checked_sub(padding).filter(|_| padding > 0).ok_or(NotRtp::Padding)?;
        payload = &payload[..kept];
    }
    let header = RtpHeader {
        marker: second & 0x80 != 0,
        payload_type: second & 0x7f,
        sequence: u16::from_be_bytes([s0, s1]),
        timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
        ssrc: u32::from_be_bytes([i0, i1, i2, i3]),
    };
    Ok(RtpPacket { header, payload })
}

impl RtpHeader {
    /// The header as it goes out: version 2, no padding, extension or sources.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; HEADER_BYTES] {
        let [s0, s1] = self.sequence.to_be_bytes();
        let [t0, t1, t2, t3] = self.timestamp.to_be_bytes();
        let [i0, i1, i2, i3] = self.ssrc.to_be_bytes();
        let second = (u8::from(self.marker) << 7) | (self.payload_type & 0x7f);
        [0x80, second, s0, s1, t0, t1, t2, t3, i0, i1, i2, i3]
    }
}

/// A fuzz target: whatever the bytes, reading neither panics nor hands out more than was there, and what was read is
/// read again the same once it is written.
pub fn rtp_never_panics(bytes: &[u8]) {
    let Ok(packet) = parse(bytes) else { return };
    assert!(packet.payload.len() + HEADER_BYTES <= bytes.len());
    let mut again = packet.header.to_bytes().to_vec();
    again.extend_from_slice(packet.payload);
    assert_eq!(parse(&again), Ok(packet));
    super::keys::keys_never_panic(packet.header, packet.payload);
}

/// RFC 5761 §4: with the marker bit taken off, RTCP's packet types 192 to 223 look like payload types 64 to 95.
const fn is_control(second: u8) -> bool {
    matches!(second & 0x7f, 64..=95)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADER: RtpHeader =
        RtpHeader { marker: true, payload_type: 101, sequence: 0xfffe, timestamp: 0x8000_0001, ssrc: 7 };

    fn with(first: u8, rest: &[u8]) -> Vec<u8> {
        let mut bytes = HEADER.to_bytes().to_vec();
        bytes[0] = first;
        bytes.extend_from_slice(rest);
        bytes
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = with(0x80, b"voice");
        assert_eq!(parse(&bytes), Ok(RtpPacket { header: HEADER, payload: b"voice" }));
    }

    #[test]
    fn sources_extension_and_padding_are_left_out() {
        let bytes = with(0xb2, b"\0\0\0\x01\0\0\0\x02\xbe\xde\0\x01\x10\xff\0\0voice\0\0\x03");
        assert_eq!(parse(&bytes).map(|packet| packet.payload), Ok(&b"voice"[..]));
    }

    #[test]
    fn broken_packets_are_told_apart() {
        assert_eq!(parse(b""), Err(NotRtp::Short));
        assert_eq!(parse(&[0; 20]), Err(NotRtp::Version));
        assert_eq!(parse(&[0x80; 11]), Err(NotRtp::Short));
        assert_eq!(parse(&with(0x8f, b"too few")), Err(NotRtp::Short));
        assert_eq!(parse(&with(0x90, b"\xbe\xde")), Err(NotRtp::Short));
        assert_eq!(parse(&with(0x90, b"\xbe\xde\xff\xff1234")), Err(NotRtp::Short));
        assert_eq!(parse(&with(0xa0, b"")), Err(NotRtp::Padding));
        assert_eq!(parse(&with(0xa0, b"ab\0")), Err(NotRtp::Padding));
        assert_eq!(parse(&with(0xa0, b"ab\x04")), Err(NotRtp::Padding));
    }

    #[test]
    fn control_packets_are_known_by_their_type_even_when_short() {
        let mut report = with(0x80, &[0; 16]);
        for kind in 200..=207 {
            report[1] = kind;
            assert_eq!(parse(&report), Err(NotRtp::Control));
            assert_eq!(parse(&report[..8]), Err(NotRtp::Control));
        }
        for payload_type in [0, 8, 13, 96, 101, 127] {
            report[1] = payload_type;
            assert!(parse(&report).is_ok());
        }
    }

    /// Datagrams that have troubled other servers, and each branch above.
    const CORPUS: [&[u8]; 14] = [
        b"",
        b"\x80",
        b"\x80\xc8",
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\xbf\x00\0\0\0\0\0\0\0\0\0\0",
        b"\x90\x00\0\x01\0\0\0\x02\0\0\0\x03\xbe\xde\xff\xff",
        b"\x90\x00\0\x01\0\0\0\x02\0\0\0\x03\xbe\xde\0\0",
        b"\xa0\x00\0\x01\0\0\0\x02\0\0\0\x03\xff",
        b"\xa0\x00\0\x01\0\0\0\x02\0\0\0\x03\x01",
        b"\x80\xe5\0\x01\0\0\0\x02\0\0\0\x03\x05\x8a\x03",
        b"\x80\x65\0\x01\0\0\0\x02\0\0\0\x03\x05\x8a\x03\x20",
        b"\x80\x65\0\x01\0\0\0\x02\0\0\0\x03\xff\xff\xff\xff\x05\x8a\x03\x20",
        b"\x00\x01\x00\x00\x21\x12\xa4\x42\0\0\0\0\0\0\0\0\0\0\0\0",
        b"\r\n\r\n",
    ];

    #[test]
    fn a_stored_set_of_bad_datagrams_is_survived() {
        for datagram in CORPUS {
            rtp_never_panics(datagram);
            for cut in 0..datagram.len() {
                rtp_never_panics(&datagram[..cut]);
            }
        }
    }

    proptest! {
        #[test]
        fn any_datagram_is_survived(mut bytes in prop::collection::vec(any::<u8>(), 0..200), version_two in any::<bool>()) {
            if version_two && let Some(first) = bytes.first_mut() {
                *first = (*first & 0x3f) | 0x80;
            }
            rtp_never_panics(&bytes);
        }

        #[test]
        fn any_header_is_read_as_written(
            marker in any::<bool>(), payload_type in 0u8..64, sequence in any::<u16>(), timestamp in any::<u32>(), ssrc in any::<u32>(),
        ) {
            let header = RtpHeader { marker, payload_type, sequence, timestamp, ssrc };
            let bytes = header.to_bytes();
            prop_assert_eq!(parse(&bytes), Ok(RtpPacket { header, payload: &[] }));
        }
    }
}
