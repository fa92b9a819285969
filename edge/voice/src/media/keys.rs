//! The keys of a telephone as packets of their own (RFC 4733): heard once each, however many of their packets arrive.
//! Keys that come as tones in the voice are left to `tones`, keys in SIP messages to SIP.

use super::MediaFault;
use super::rtp::RtpHeader;

/// The most keys in one order to send.
pub const KEYS_MAX: usize = 32;

/// Time stamps of keys heard lately; packets of them that come late are no new keys.
const REMEMBERED: usize = 8;

/// How long a key that we send sounds, in packets of 20 ms, and the pause behind it. ITU-T Q.24 asks for 40 ms each;
/// some receivers want more.
const TONE_PACKETS: u8 = 5;
const PAUSE_PACKETS: u8 = 4;

/// RFC 4733 §2.5.1.4: the last packet of a key is sent three times.
const END_PACKETS: u8 = 3;

/// -10 dBm0, the usual level.
const VOLUME: u8 = 10;

/// Hears the keys of one leg.
#[derive(Debug, Default)]
pub(super) struct KeyReceiver {
    heard: [Option<(u32, u32)>; REMEMBERED],
    next: usize,
    pressed: Option<Pressed>,
}

/// The key that was heard last.
#[derive(Debug, Clone, Copy)]
struct Pressed {
    event: u8,
    ssrc: u32,
    timestamp: u32,
    duration: u16,
    ended: bool,
}

impl KeyReceiver {
    /// A packet of the telephone-event payload type. The key, if it is a new one.
    ///
    /// A key is known by its RTP time stamp, which all its packets share: it counts at the first of them to arrive
    /// (so that it stops a prompt at once), whether or not that one has the marker bit or any end packet follows.
    pub(super) fn packet(&mut self, header: RtpHeader, payload: &[u8]) -> Option<char> {
        let &[event, flags, high, low, ..] = payload else { return None };
        let duration = u16::from_be_bytes([high, low]);
        let ended = flags & 0x80 != 0;
        let key = key_of(event)?;
        let RtpHeader { ssrc, timestamp, .. } = header;
        if self.heard.contains(&Some((ssrc, timestamp))) {
            if let Some(pressed) = self.pressed.as_mut().filter(|pressed| pressed.timestamp == timestamp) {
                pressed.duration = pressed.duration.max(duration);
                pressed.ended |= ended;
            }
            return None;
        }
        // RFC 4733 §2.5.1.3: a key held longer than a duration can say goes on in a further segment, which starts
        // exactly where the one before it stopped, and that one had no end.
        let goes_on = self.pressed.is_some_and(|pressed| {
            !pressed.ended
                && pressed.event == event
                && pressed.ssrc == ssrc
                && pressed.duration >= 0x8000
                && pressed.timestamp.wrapping_add(u32::from(pressed.duration)) == timestamp
        });
        self.heard[self.next] = Some((ssrc, timestamp));
        self.next = (self.next + 1) % REMEMBERED;
        self.pressed = Some(Pressed { event, ssrc, timestamp, duration, ended });
        (!goes_on).then_some(key)
    }
}

/// The part of the fuzz target of `rtp` that reads keys.
pub(super) fn keys_never_panic(header: RtpHeader, payload: &[u8]) {
    let mut receiver = KeyReceiver::default();
    let first = receiver.packet(header, payload);
    assert_eq!(receiver.packet(header, payload), None, "one time stamp is one key: {first:?}");
}

/// Keys to be sent, in order.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeyRow {
    events: [u8; KEYS_MAX],
    count: u8,
}

impl KeyRow {
    /// Reads keys as written: digits, `*`, `#`, `A` to `D`.
    pub(super) fn read(keys: &str) -> Result<Self, MediaFault> {
        let mut row = Self { events: [0; KEYS_MAX], count: 0 };
        for key in keys.chars() {
            let slot = row.events.get_mut(usize::from(row.count)).ok_or(MediaFault::BadKeys)?;
            *slot = event_of(key).ok_or(MediaFault::BadKeys)?;
            row.count += 1;
        }
        if row.count == 0 { Err(MediaFault::BadKeys) } else { Ok(row) }
    }
}

/// Sends the keys of one leg, a packet each 20 ms.
#[derive(Debug)]
pub(super) struct KeySender {
    row: KeyRow,
    at: u8,
    packet: u8,
}

/// What to send in this slot.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum KeyPacket {
    /// A payload; `starts` when it is the first of its key, whose time stamp all others share.
    Event { payload: [u8; 4], starts: bool },
    /// Nothing: a pause between keys.
    Pause,
    /// All keys are sent.
    Done,
}

impl KeySender {
    pub(super) fn new(row: KeyRow) -> Self {
        Self { row, at: 0, packet: 0 }
    }

    /// Adds keys behind those that wait, as far as there is room.
    pub(super) fn append(&mut self, row: KeyRow) {
        let sent = usize::from(self.at);
        self.row.events.copy_within(sent.., 0);
        self.row.count -= self.at;
        self.at = 0;
        for event in &row.events[..usize::from(row.count)] {
            if let Some(slot) = self.row.events.get_mut(usize::from(self.row.count)) {
                *slot = *event;
                self.row.count += 1;
            }
        }
    }

    /// The next 20 ms.
    pub(super) fn next(&mut self) -> KeyPacket {
        if self.at >= self.row.count {
            return KeyPacket::Done;
        }
        let packet = self.packet;
        self.packet += 1;
        let event = self.row.events[usize::from(self.at)];
        if packet < TONE_PACKETS - 1 + END_PACKETS {
            // The last of the tone's packets is the first of the end packets; they share its duration.
            let ended = packet >= TONE_PACKETS - 1;
            let duration = u16::from(packet + 1).min(u16::from(TONE_PACKETS)) * 160;
            let [high, low] = duration.to_be_bytes();
            return KeyPacket::Event {
                payload: [event, (u8::from(ended) << 7) | VOLUME, high, low],
                starts: packet == 0,
            };
        }
        if packet + 1 >= TONE_PACKETS - 1 + END_PACKETS + PAUSE_PACKETS {
            self.at += 1;
            self.packet = 0;
        }
        KeyPacket::Pause
    }
}

/// RFC 4733 §3.2 table 3.
const fn key_of(event: u8) -> Option<char> {
    match event {
        0..=9 => Some((b'0' + event) as char),
        10 => Some('*'),
        11 => Some('#'),
        12..=15 => Some((b'A' + event - 12) as char),
        _ => None,
    }
}

fn event_of(key: char) -> Option<u8> {
    (0..16).find(|&event| key_of(event) == Some(key.to_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(sequence: u16, timestamp: u32, marker: bool) -> RtpHeader {
        RtpHeader { marker, payload_type: 101, sequence, timestamp, ssrc: 9 }
    }

    fn event(key: u8, ended: bool, duration: u16) -> [u8; 4] {
        let [high, low] = duration.to_be_bytes();
        [key, u8::from(ended) << 7 | 10, high, low]
    }

    #[test]
    fn a_key_counts_once_at_its_first_packet_even_without_the_marker() {
        let mut keys = KeyReceiver::default();
        assert_eq!(keys.packet(header(1, 1000, false), &event(5, false, 160)), Some('5'));
        for packet in 2..8 {
            assert_eq!(keys.packet(header(packet, 1000, false), &event(5, packet > 4, 160 * packet)), None);
        }
    }

    #[test]
    fn the_same_key_twice_without_any_end_packet_is_two_keys() {
        let mut keys = KeyReceiver::default();
        assert_eq!(keys.packet(header(1, 1000, true), &event(1, false, 160)), Some('1'));
        assert_eq!(keys.packet(header(9, 2600, false), &event(1, false, 320)), Some('1'));
        assert_eq!(keys.packet(header(3, 1000, false), &event(1, true, 800)), None, "a late end packet of the first");
    }

    #[test]
    fn a_key_of_which_only_the_end_arrives_counts() {
        let mut keys = KeyReceiver::default();
        assert_eq!(keys.packet(header(7, 1000, false), &event(11, true, 800)), Some('#'));
        assert_eq!(keys.packet(header(8, 1000, false), &event(11, true, 800)), None);
    }

    #[test]
    fn a_key_held_for_ten_seconds_is_one_key() {
        let mut keys = KeyReceiver::default();
        assert_eq!(keys.packet(header(1, 0, true), &event(0, false, 160)), Some('0'));
        assert_eq!(keys.packet(header(2, 0, false), &event(0, false, 0xffff)), None);
        assert_eq!(keys.packet(header(3, 0xffff, false), &event(0, false, 160)), None);
        assert_eq!(keys.packet(header(4, 0xffff, false), &event(0, true, 900)), None);
        assert_eq!(keys.packet(header(5, 0xffff + 900, false), &event(0, false, 160)), Some('0'));
    }

    #[test]
    fn other_events_and_short_packets_are_no_keys() {
        let mut keys = KeyReceiver::default();
        assert_eq!(keys.packet(header(1, 0, true), &event(16, false, 160)), None, "a hook flash");
        assert_eq!(keys.packet(header(1, 0, true), &[5, 10, 0]), None);
        assert_eq!(keys.packet(header(1, 0, true), &event(5, false, 160)), Some('5'));
    }

    #[test]
    fn keys_that_we_send_are_heard_by_ourselves() {
        let mut sender = KeySender::new(KeyRow::read("12#").unwrap());
        sender.append(KeyRow::read("d").unwrap());
        let mut receiver = KeyReceiver::default();
        let mut heard = String::new();
        let mut started = 0;
        let mut ends = 0;
        for slot in 0..1_000u32 {
            match sender.next() {
                KeyPacket::Event { payload, starts } => {
                    if starts {
                        started = slot * 160;
                    }
                    ends += u32::from(payload[1] >> 7);
                    heard.extend(receiver.packet(header(slot as u16, started, starts), &payload));
                }
                KeyPacket::Pause => {}
                KeyPacket::Done => break,
            }
        }
        assert_eq!(heard, "12#D");
        assert_eq!(ends, 12);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for keys in ["", "1x", "123456789012345678901234567890123"] {
            assert!(KeyRow::read(keys).is_err(), "{keys}");
        }
    }
}
