//! A telephone for the tests: sends what it is told to, and writes down what it gets.
//! Words cross the media path as payload bytes, silence as 0xFF or 0xD5.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use caseline_voice::media::rtp::{self, HEADER_BYTES, RtpHeader};
use caseline_voice::media::{
    Codec, EncodedPrompt, FRAME_SAMPLES, Leg, LegEvent, LegEvents, LegSettings, MediaEngine, MediaSettings, Ports,
};
use tokio::net::UdpSocket;
use tokio::time::timeout;

/// No test waits longer for anything.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// An engine with a few ports of the system's choice.
pub fn engine(ports: usize) -> MediaEngine {
    MediaEngine::start(MediaSettings {
        bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
        ports: Ports::Ephemeral { count: ports },
        legs_per_thread_max: 64,
        ..MediaSettings::default()
    })
    .expect("loopback has free ports")
}

/// Settings of a leg whose SIP messages come from this loopback address.
pub fn leg_of(peer: &str) -> LegSettings {
    LegSettings::new(Codec::Pcmu, peer.parse().expect("an address"))
}

/// Words as a prompt.
pub fn words(text: &str) -> Vec<Arc<EncodedPrompt>> {
    words_in(Codec::Pcmu, text)
}

pub fn words_in(codec: Codec, text: &str) -> Vec<Arc<EncodedPrompt>> {
    vec![Arc::new(EncodedPrompt::new(codec, text.as_bytes().to_vec()).expect("short enough"))]
}

/// Words that fill whole packets, one letter each.
pub fn long_words(letters: &str) -> Vec<Arc<EncodedPrompt>> {
    let bytes = letters.bytes().flat_map(|letter| [letter; FRAME_SAMPLES]).collect();
    vec![Arc::new(EncodedPrompt::new(Codec::Pcmu, bytes).expect("short enough"))]
}

pub async fn next_event(events: &mut LegEvents) -> LegEvent {
    timeout(PATIENCE, events.next()).await.expect("an event in time").expect("the leg is open")
}

/// Reads events until one is as wanted; gives those before it too.
pub async fn until(events: &mut LegEvents, wanted: impl Fn(&LegEvent) -> bool) -> Vec<LegEvent> {
    let mut seen = Vec::new();
    loop {
        let event = next_event(events).await;
        let found = wanted(&event);
        seen.push(event);
        if found {
            return seen;
        }
    }
}

/// The keys among some events.
pub fn keys_of(events: &[LegEvent]) -> String {
    events.iter().filter_map(|event| if let LegEvent::Digit(key) = event { Some(*key) } else { None }).collect()
}

/// A packet as it arrived.
#[derive(Debug, Clone)]
pub struct Heard {
    pub header: RtpHeader,
    pub payload: Vec<u8>,
}

impl Heard {
    /// The words in it.
    pub fn text(&self) -> String {
        let bytes = self.payload.iter().copied().filter(|byte| ![0xff, 0xd5].contains(byte)).collect();
        String::from_utf8(bytes).expect("words are UTF-8")
    }
}

pub struct FarEnd {
    pub socket: UdpSocket,
    pub ssrc: u32,
    pub sequence: u16,
    pub timestamp: u32,
    pub codec: Codec,
}

impl FarEnd {
    /// A telephone at a loopback address.
    pub async fn at(address: &str) -> Self {
        let address: IpAddr = address.parse().expect("an address");
        let socket = UdpSocket::bind((address, 0)).await.expect("loopback has free ports");
        let port = socket.local_addr().expect("it is bound").port();
        Self { socket, ssrc: u32::from(port) << 8, sequence: 65_530, timestamp: u32::MAX - 400, codec: Codec::Pcmu }
    }

    pub fn address(&self) -> SocketAddr {
        self.socket.local_addr().expect("it is bound")
    }

    pub async fn send_raw(&self, to: SocketAddr, bytes: &[u8]) {
        self.socket.send_to(bytes, to).await.expect("loopback takes it");
    }

    pub async fn send(&self, to: SocketAddr, header: RtpHeader, payload: &[u8]) {
        let mut datagram = header.to_bytes().to_vec();
        datagram.extend_from_slice(payload);
        self.send_raw(to, &datagram).await;
    }

    /// The header of the next packet of 20 ms.
    pub fn step(&mut self) -> RtpHeader {
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(FRAME_SAMPLES as u32);
        RtpHeader {
            marker: false,
            payload_type: self.codec.payload_type(),
            sequence: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
        }
    }

    /// 20 ms of these words.
    pub fn frame(&self, text: &str) -> Vec<u8> {
        let mut frame = vec![self.codec.silence(); FRAME_SAMPLES];
        frame[..text.len()].copy_from_slice(text.as_bytes());
        frame
    }

    pub async fn say(&mut self, to: SocketAddr, text: &str) {
        let (header, frame) = (self.step(), self.frame(text));
        self.send(to, header, &frame).await;
    }

    /// Enough silence for a leg to lock.
    pub async fn greet(&mut self, to: SocketAddr) {
        for _ in 0..3 {
            self.say(to, "").await;
        }
    }

    /// A key with all its packets.
    pub async fn press(&mut self, to: SocketAddr, key: u8) {
        let start = RtpHeader { marker: true, payload_type: 101, ..self.step() };
        for packet in 0..7u16 {
            let [high, low] = (160 * (packet + 1).min(5)).to_be_bytes();
            let ended = if packet >= 4 { 0x80 } else { 0 };
            let header = RtpHeader { marker: packet == 0, sequence: start.sequence.wrapping_add(packet), ..start };
            self.send(to, header, &[key, ended | 10, high, low]).await;
        }
        self.sequence = start.sequence.wrapping_add(6);
        self.timestamp = start.timestamp.wrapping_add(1_120);
    }

    /// The next packet.
    pub async fn hear(&self) -> Heard {
        let mut datagram = [0; 2_000];
        let (bytes, _) =
            timeout(PATIENCE, self.socket.recv_from(&mut datagram)).await.expect("a packet in time").expect("read");
        assert!(bytes >= HEADER_BYTES);
        let packet = rtp::parse(&datagram[..bytes]).expect("the engine sends RTP");
        Heard { header: packet.header, payload: packet.payload.to_vec() }
    }

    /// Listens until these words have come, silence left out; gives all packets.
    pub async fn hear_words(&self, wanted: &str) -> Vec<Heard> {
        let (mut heard, mut text) = (Vec::new(), String::new());
        while !text.contains(wanted) {
            let packet = self.hear().await;
            text.push_str(&packet.text());
            heard.push(packet);
        }
        heard
    }

    /// What has arrived by now.
    pub fn hear_rest(&self) -> Vec<Heard> {
        let mut datagram = [0; 2_000];
        let mut heard = Vec::new();
        while let Ok((bytes, _)) = self.socket.try_recv_from(&mut datagram) {
            let packet = rtp::parse(&datagram[..bytes]).expect("the engine sends RTP");
            heard.push(Heard { header: packet.header, payload: packet.payload.to_vec() });
        }
        heard
    }
}

/// A leg whose far end is known and has greeted.
pub async fn connected(engine: &MediaEngine, settings: LegSettings, far: &mut FarEnd) -> (Leg, LegEvents) {
    let settings = LegSettings { remote: Some(far.address()), ..settings };
    let (leg, mut events) = engine.open_leg(settings).expect("room for a leg");
    far.greet(leg.local()).await;
    until(&mut events, |event| matches!(event, LegEvent::Latched { .. })).await;
    (leg, events)
}

/// One stream: one SSRC, each number one up, time stamps that never go back and stay in whole packets.
pub fn assert_one_stream(heard: &[Heard]) {
    for pair in heard.windows(2) {
        let (before, after) = (pair[0].header, pair[1].header);
        assert_eq!(before.ssrc, after.ssrc, "one SSRC");
        assert_eq!(before.sequence.wrapping_add(1), after.sequence, "no number left out or used twice");
        let step = after.timestamp.wrapping_sub(before.timestamp).cast_signed();
        assert!(step > 0 && step < 80_000, "the time stamp moves on, not back: {step}");
    }
}
